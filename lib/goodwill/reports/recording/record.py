"""What a notebook calls to record results, tables, figures, sources and forecasts.

Every call shows something to the reader and stores the same as output of the MIME type `application/vnd.goodwill.result+json`, so that
the executed notebook carries all results and the runner only has to extract them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from goodwill.errors import ReportError
from goodwill.findings.finding import Absent
from goodwill.findings.numbers import describe, safe_markdown
from goodwill.findings.words import listed
from goodwill.reports.recording import output
from goodwill.reports.recording.output import RECORDED
from goodwill.reports.recording.secrets import visible
from goodwill.reports.recording.sentences import filled
from goodwill.reports.recording.values import GRADES, RESERVED, check_name, check_text, ends, graded, plain, tracked

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.findings.finding import Explorer
    from goodwill.inference.ledger import Forecast


def record(
    name: str,
    value: Any,
    *,
    interval: Sequence[Any] | None = None,
    unit: str | None = None,
    label: str | None = None,
    reason: str | None = None,
    level: float = 0.95,
    model_interval: Sequence[Any] | None = None,
    grade: str | None = None,
    weakest: str | None = None,
    track_record: Any = None,
) -> None:
    """Show a result and store it under `name`; running the cell again replaces it.

    Parameters
    ----------
    name : str
        Letters, digits and underscores; what `say` and results.json call it.
    value : number, bool, str, date or None
        None where the value does not exist, with `reason`. Not NaN. Or anything with estimate, lower and upper (an `Interval`, a row
        of a frame), which brings its interval along.
    interval : (low, high), optional
        Of the given `level`.
    unit : str, optional
        `share` for a fraction that is shown in per cent; a currency (`USD`) is shown with cents below 1,000.
    label : str, optional
        What the value is, for people; the name by default.
    reason : str, optional
        Why there is no value, or why a value claims no interval.
    model_interval : (low, high), optional
        The narrower interval that would hold if the model were right, of the same `level`.
    grade : str, optional
        measured, published or assumed: that of the weakest input that moves the value.
    weakest : str, optional
        The input that sets the grade.
    track_record : mapping or dataclass, or a list of them, optional
        How earlier statements of this kind have fared: any of `TRACK_RECORD`. `outcome` is what came of this very statement, where that
        is known.

    Raises
    ------
    ReportError
        For NaN or infinity, for None without a reason, an interval that is not two numbers in order, or another grade or track record.

    Examples
    --------
    >>> import goodwill as gw
    >>> gw.record("expected", 1653.4, interval=(1456, 1863), unit="purchases", label="Purchases of the next year")
    >>> gw.record("second", None, reason="Nobody has bought twice.")
    """
    if name in RESERVED:
        raise ReportError(f"record({name!r}): this name says in results.json what its fields mean; use another.")
    check_name(name)
    if interval is None and hasattr(value, "estimate"):
        value, interval = value.estimate, (value.lower, value.upper)
    checked = plain(value, name)
    if checked is None and not reason:
        raise ReportError(f"record({name!r}): the value is None; say why with reason=.")
    reach, narrower = ends(interval, name), ends(model_interval, name)
    result = {"kind": "record", "name": name, "value": checked, "interval": reach, "level": level if reach else None}
    result |= {"unit": unit, "label": label or name.replace("_", " "), "reason": reason if checked is None or reach is None else None}
    trust = {"model_interval": narrower, "grade": graded(grade, name), "weakest": weakest, "track_record": tracked(track_record, name)}
    result |= {key: given for key, given in trust.items() if given}
    RECORDED[name] = result
    output.put(result, markdown=f"**{safe_markdown(result['label'])}:** {safe_markdown(describe(result))}")


def record_table(
    name: str,
    frame: pd.DataFrame,
    *,
    caption: str,
    max_rows: int = 30,
    formats: Mapping[str, str | Callable[[Any], str]] | None = None,
) -> None:
    """Show a frame as a table and store it whole (up to 100,000 rows) as tables/NAME.csv.

    Parameters
    ----------
    name : str
        Letters, digits and underscores.
    frame : DataFrame
        An index that is not just 0, 1, 2… is shown and stored as the first column.
    caption : str
        What the table shows.
    max_rows : int
        Rows shown on the page; a note says how many there are.
    formats : mapping, optional
        A format string (`"{:.1%}"`) or a function per column.

    Examples
    --------
    >>> import pandas as pd
    >>> import goodwill as gw
    >>> shares = pd.DataFrame({"segment": ["loyal", "new"], "share": [0.25, 0.75]})
    >>> gw.record_table("shares", shares, caption="Who the customers are", formats={"share": "{:.0%}"})
    """
    from goodwill.reports.recording.tables import table_csv, table_html

    check_name(name)
    check_text(name, caption=caption)
    html = table_html(frame, caption, name=name, max_rows=max_rows, formats=formats)
    result = {"kind": "table", "name": name, "caption": caption, "rows": len(frame), "csv": table_csv(frame)}
    output.put(result, html=html, plain=f"{caption}\n{frame.head(max_rows).to_string()}")


def record_assumptions(*rows: tuple[str, str, str, str], name: str = "assumptions") -> None:
    """Show and store what a report assumes, as a table.

    Parameters
    ----------
    *rows : (assumption, value, source, grade)
        `{name}` in a value stands for a recorded value, as in `say`. The grade is measured, published or assumed.

    Raises
    ------
    ReportError
        For another grade, or a name that was not recorded.

    Examples
    --------
    >>> import goodwill as gw
    >>> gw.record_assumptions(("margin", "30%", "typical of the trade", "assumed"))
    """
    import pandas as pd

    for assumption, _, _, grade in rows:
        if grade not in GRADES:
            raise ReportError(f"the assumption {assumption!r} has the grade {grade!r}; use one of {', '.join(GRADES)}.")
    frame = pd.DataFrame(rows, columns=["assumption", "value", "source", "grade"])
    frame["value"] = [filled(value, str) for value in frame["value"]]
    record_table(name, frame, caption="Assumptions, where they come from, and their grade", max_rows=len(frame))


def record_figure(name: str, figure: Any, *, caption: str, alt: str) -> None:
    """Show a matplotlib figure (or the figure of an Axes) as SVG and store it as figures/NAME.svg; the figure is closed.

    Parameters
    ----------
    name : str
        Letters, digits and underscores.
    figure : Figure or Axes
        Artists with more than 1,500 marks are stored as pixels inside the SVG. A drawing for narrow screens is stored beside it.
    caption : str
        The sentence below the figure; where no font has some characters of its labels, a second one says so.
    alt : str
        What a reader who cannot see the figure needs to know.

    Examples
    --------
    >>> import goodwill as gw
    >>> from matplotlib.figure import Figure
    >>> figure = Figure(layout="constrained")
    >>> line = figure.subplots().plot([1, 2, 4])
    >>> gw.record_figure("growth", figure, caption="Customers by year", alt="A line that doubles every year, from 1 to 4")
    """
    from goodwill.reports.recording.pictures import close, figure_html, figure_svg, said_undrawn, undrawn
    from goodwill.reports.recording.small_pictures import narrow_svg

    check_name(name)
    check_text(name, caption=caption, alt=alt)
    figure = getattr(figure, "figure", figure)
    with undrawn() as missing:
        svg = figure_svg(figure, caption, alt)
        narrow = narrow_svg(figure, caption, alt)
    caption = " ".join(filter(None, [caption, said_undrawn(missing)]))
    close(figure)
    result = {"kind": "figure", "name": name, "caption": caption, "alt": alt, **({"narrow": narrow} if narrow else {})}
    output.put(result, svg=svg, html=figure_html(svg, caption, alt), plain=f"[figure {name}: {alt}]")


def record_explorer(name: str, explorer: Explorer) -> None:
    """Store numbers to be moved, and show what they are at the report's own settings; the page of the report makes them movable.

    Parameters
    ----------
    name : str
        Letters, digits and underscores.
    explorer : Explorer
        As `goodwill.findings.explorer` makes it.
    """
    check_name(name)
    check_text(name, caption=explorer.caption)
    dials = [{"label": dial.label, "shown": list(dial.shown), "start": dial.start} for dial in explorer.dials]
    own = [f"{dial.label} {dial.shown[dial.start]}" for dial in explorer.dials]
    start = explorer.at(*(dial.start for dial in explorer.dials))
    said = [f"- {safe_markdown(label)}: **{safe_markdown(answer)}**" for label, answer in start.items()]
    text = "\n".join([f"{safe_markdown(explorer.caption)} ({safe_markdown(', '.join(own))})", "", *said])
    cells = [list(cell) for cell in explorer.cells]
    shared = {"caption": explorer.caption, "dials": dials, "answers": list(explorer.answers), "cells": cells}
    output.put({"kind": "explorer", "name": name, **shared}, markdown=text)


def record_data(data: Any, name: str = "data") -> None:
    """Show and store where data come from: source, fingerprint, first and last date of a checked table.

    Parameters
    ----------
    data : Transactions or another checked table
        Anything with `.source`; `.fingerprint`, `.first`, `.last` where they exist.
    name : str
        Tells several sources of one notebook apart.

    Examples
    --------
    >>> import goodwill as gw
    >>> gw.record_data(gw.read_transactions("cdnow_sample"))
    """
    check_name(name)
    parts = {key: getattr(data, key, None) for key in ("source", "fingerprint", "first", "last")}
    facts = {key: None if value is None else visible(str(value)) for key, value in parts.items()}
    text = f"**Data:** {safe_markdown(facts['source'])}"
    if facts["first"]:
        text += f", {safe_markdown(facts['first'])} to {safe_markdown(facts['last'])}"
    if facts["fingerprint"]:
        text += f" (SHA-256 {safe_markdown(facts['fingerprint'][:12])}…)"
    output.put({"kind": "data", "name": name, **facts}, markdown=text)


def record_forecasts(forecasts: Sequence[Forecast] | Absent) -> None:
    """Show and store what this report foretells; later runs on longer data hold it against what came (`goodwill ledger`).

    Parameters
    ----------
    forecasts : sequence of Forecast, or Absent
        As `goodwill.lifetime_value.forecasts` makes them; each name, `which` and window once. What `goodwill.attempt` returned in their
        place says why nothing is foretold.

    Raises
    ------
    ReportError
        When one window of one name is foretold twice.

    Examples
    --------
    >>> import goodwill as gw
    >>> gw.record_forecasts([])
    """
    from goodwill.inference.ledger import as_plain

    if isinstance(forecasts, Absent):
        nothing = {"kind": "forecasts", "name": "forecasts", "forecasts": []}
        output.put(nothing, markdown=safe_markdown(f"Nothing is foretold: {forecasts.why}"))
        return
    if len({one.key for one in forecasts}) < len(forecasts):
        raise ReportError("record_forecasts: one window of one name is foretold twice; a forecast is said once.")
    words = ["Foretold, to be held against what comes:"]
    wholes = [one for one in forecasts if not one.which]
    for one in wholes or forecasts:
        interval = {"value": one.estimate, "interval": [one.lower, one.upper], "level": one.level, "unit": one.unit}
        words.append(f"- {safe_markdown(one.label or one.name)}, {one.window}: {safe_markdown(describe(interval))}")
    named = list(dict.fromkeys(one.which for one in forecasts if one.which and wholes))
    words += [f"- and apart for each of: {safe_markdown(listed(named))}"] if named else []
    written = [{key: plain(value, one.name) for key, value in as_plain(one).items()} for one in forecasts]
    output.put({"kind": "forecasts", "name": "forecasts", "forecasts": written}, markdown="\n".join(words))
