"""A finding as lines of text, so that a test can state all that it shows."""

from __future__ import annotations

from goodwill.findings.finding import Drawing, Finding, Table, Value


def seen(finding: Finding) -> list[str]:
    """One line a part, with everything that a reader gets to see of it; then the text."""
    lines = [_part(name, part) for name, part in finding.parts.items()]
    return lines + ([finding.text] if finding.text else [])


def _part(name: str, part: Value | Table | Drawing) -> str:
    if isinstance(part, Value):
        given = [part.label, part.unit, part.reason, part.grade, part.weakest]
        more = " | ".join(str(each) for each in given if each is not None)
        return f"{name} = {_number(part.value)} | {more}" + (f" | level {part.level}" if part.level != 0.95 else "")
    if isinstance(part, Table):
        frame = part.frame
        shown = [", ".join(_number(each) for each in row) for row in frame.itertuples(index=False)]
        return f"{name}: {part.caption} | {dict(part.formats or {})} | {', '.join(map(str, frame.columns))} | {' / '.join(shown)}"
    assert isinstance(part, Drawing)
    part.figure.draw_without_rendering()
    title = " ".join(part.figure.get_suptitle().split())
    return f"{name}: {title} | {part.caption} | {part.words}"


def _number(value: object) -> str:
    if isinstance(value, str | int) or value is None:
        return str(value)
    if hasattr(value, "estimate"):
        return f"{value.estimate:.4g} ({value.lower:.4g} to {value.upper:.4g})"
    return f"{value:.4g}"
