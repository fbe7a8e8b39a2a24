"""A finding as lines of text, so that a test can state all of it."""

from __future__ import annotations

from goodwill.findings.finding import Drawing, Finding, Table, Value


def told(*findings: Finding) -> list[str]:
    """One line a part, in order, then the text: name, label or caption, value with interval and unit or reason; title, words, formats."""
    return [line for finding in findings for line in _lines(finding)]


def _lines(finding: Finding) -> list[str]:
    lines = [_line(name, part) for name, part in finding.parts.items()]
    if finding.absent is not None:
        lines.append(f"absent: {finding.absent.why}")
    elif finding.text:
        lines.append(finding.text)
    return lines


def _line(name: str, part: Value | Table | Drawing) -> str:
    if isinstance(part, Drawing):
        return f"{name} | {part.figure._suptitle.get_text()} | {part.caption} | {part.words}".replace("\n", " ")
    if isinstance(part, Table):
        formats = f" | {part.formats}" if part.formats else ""
        return f"{name} | {part.caption} | {', '.join(part.frame.columns)}{formats}"
    value, interval = part.value, part.interval
    if hasattr(value, "estimate"):
        value, interval = value.estimate, (value.lower, value.upper)
    if value is None:
        return f"{name} | {part.label} | none{_unit(part)}: {part.reason}"
    ends = f" [{interval[0]:.4g}, {interval[1]:.4g}]" if interval else ""
    extra = "".join(f" | {field} {getattr(part, field)}" for field in ("grade", "weakest", "track_record") if getattr(part, field))
    return f"{name} | {part.label} | {value if isinstance(value, str) else format(value, '.4g')}{ends}{_unit(part)}{extra}"


def _unit(part: Value) -> str:
    return f" {part.unit}" if part.unit else ""
