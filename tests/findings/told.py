"""A finding as lines of text, so that a test can state all of it: `told` with intervals and formats, `seen` with the cells of tables."""

from __future__ import annotations

from collections.abc import Callable

from tests.drawn import title

from goodwill.findings.finding import Drawing, Explorer, Finding, Part, Table


def told(*findings: Finding) -> list[str]:
    """One line a part, in order, then the text: name, label or caption, value with interval and unit or reason; title, words, formats."""
    return _lines(findings, _told)


def seen(*findings: Finding) -> list[str]:
    """One line a part, in order, then the text, with everything that a reader gets to see: what a value is graded, what a table holds."""
    return _lines(findings, _seen)


def _lines(findings: tuple[Finding, ...], of_part: Callable[[Part], str]) -> list[str]:
    lines = []
    for finding in findings:
        lines += [f"{name}{of_part(part)}" for name, part in finding.parts.items()]
        if finding.absent is not None:
            lines.append(f"absent: {finding.absent.why}")
        elif finding.text:
            lines.append(finding.text)
    return lines


def _drawn(part: Drawing) -> str:
    return f"{title(part.figure)} | {part.caption} | {part.words}"


def _explored(part: Explorer) -> str:
    dials = "; ".join(f"{dial.label} {dial.shown[dial.start]} of {dial.shown[0]} to {dial.shown[-1]}" for dial in part.dials)
    first = part.at(*(dial.start for dial in part.dials))
    return f"{part.caption} | {dials} | {'; '.join(f'{label}: {answer}' for label, answer in first.items())}"


def _told(part: Part) -> str:
    if isinstance(part, Explorer):
        return f" | {_explored(part)}"
    if isinstance(part, Drawing):
        return f" | {_drawn(part)}"
    if isinstance(part, Table):
        formats = f" | {part.formats}" if part.formats else ""
        return f" | {part.caption} | {', '.join(part.frame.columns)}{formats}"
    value, interval, unit = part.value, part.interval, f" {part.unit}" if part.unit else ""
    if hasattr(value, "estimate"):
        value, interval = value.estimate, (value.lower, value.upper)
    if value is None:
        return f" | {part.label} | none{unit}: {part.reason}"
    ends = f" [{interval[0]:.4g}, {interval[1]:.4g}]" if interval else ""
    extra = "".join(f" | {field} {getattr(part, field)}" for field in ("grade", "weakest", "track_record") if getattr(part, field))
    return f" | {part.label} | {value if isinstance(value, str) else format(value, '.4g')}{ends}{unit}{extra}"


def _seen(part: Part) -> str:
    if isinstance(part, Explorer):
        return f": {_explored(part)}"
    if isinstance(part, Drawing):
        return f": {_drawn(part)}"
    if isinstance(part, Table):
        shown = [", ".join(_number(each) for each in row) for row in part.frame.itertuples(index=False)]
        return f": {part.caption} | {dict(part.formats or {})} | {', '.join(map(str, part.frame.columns))} | {' / '.join(shown)}"
    given = [part.label, part.unit, part.reason, part.grade, part.weakest]
    more = " | ".join(str(each) for each in given if each is not None)
    return f" = {_number(part.value)} | {more}" + (f" | level {part.level}" if part.level != 0.95 else "")


def _number(value: object) -> str:
    if isinstance(value, str | int) or value is None:
        return str(value)
    if hasattr(value, "estimate"):
        return f"{value.estimate:.4g} ({value.lower:.4g} to {value.upper:.4g})"
    return f"{value:.4g}"
