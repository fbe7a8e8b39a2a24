"""Show findings: what a cell of a notebook ends with."""

from __future__ import annotations

from goodwill.findings.finding import Absent, Drawing, Explorer, Finding, Part, Table, Value
from goodwill.reports.recording.record import record, record_explorer, record_figure, record_table
from goodwill.reports.recording.sentences import say, say_absent


def show(*findings: Finding | Absent) -> None:
    """Record and show every part of each finding, in its order, and then say its text; of what is absent, say why.

    Parameters
    ----------
    *findings : Finding or Absent
        As the functions of `goodwill.findings` make them; of `attempt`, whichever it returned.

    Raises
    ------
    ReportError
        As `record`, `record_table`, `record_figure` and `say` do.
    TypeError
        For anything else.

    Examples
    --------
    >>> import goodwill as gw
    >>> from goodwill.findings import Value
    >>> returning = Value(0.41, "Customers who return", "share", interval=(0.39, 0.43))
    >>> gw.show(gw.Finding({"returning": returning}, "Of all customers {returning} return."))
    """
    for finding in findings:
        if isinstance(finding, Absent):
            say_absent(finding.why)
        elif isinstance(finding, Finding):
            _show(finding)
        else:
            raise TypeError(f"show is given a {type(finding).__name__}; it shows findings, or what is absent.")


def _show(finding: Finding) -> None:
    for name, part in finding.parts.items():
        _show_part(name, part)
    if finding.absent is not None:
        say_absent(finding.absent.why, [*finding.parts, *finding.without])
        return
    if finding.text:
        say(finding.text)
    for why in dict.fromkeys(finding.without.values()):
        say_absent(why, [name for name, given in finding.without.items() if given == why])


def _show_part(name: str, part: Part) -> None:
    if isinstance(part, Value):
        value, label, *_ = part
        record(name, value, label=label, **{key: getattr(part, key) for key in part._fields[2:]})
    elif isinstance(part, Table):
        record_table(name, part.frame, caption=part.caption, formats=part.formats, max_rows=part.max_rows)
    elif isinstance(part, Drawing):
        record_figure(name, part.figure, caption=part.caption, alt=part.words)
    elif isinstance(part, Explorer):
        record_explorer(name, part)
    else:
        raise TypeError(f"the part {name!r} of a finding is a {type(part).__name__}; use Value, Table, Drawing or Explorer.")
