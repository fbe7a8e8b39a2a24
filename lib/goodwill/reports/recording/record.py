"""What a notebook calls: start, record results, tables and figures, and say sentences with the recorded numbers.

Every call shows something to the reader and stores the same as output of the MIME type `application/vnd.goodwill.result+json`, so that
the executed notebook carries all results and the runner only has to extract them.
"""

from __future__ import annotations

import ast
import datetime
import difflib
import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from decimal import Decimal
from string import Formatter
from typing import TYPE_CHECKING, Any

from goodwill.errors import ReportError, UsageError
from goodwill.findings.numbers import describe, safe_markdown
from goodwill.reports.recording.parameters import Parameter, check_values, read_parameters, unknown_name
from goodwill.reports.recording.secrets import visible
from goodwill.reports.recording.versions import library_hash, versions

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.findings.finding import Explorer
    from goodwill.inference.ledger import Forecast

MIME = "application/vnd.goodwill.result+json"
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
FORMS = ("", "value", "interval", "number")
GRADES = ("measured", "published", "assumed")
RESERVED = ("schema",)
# What an entry of a track record may say; `outcome` is what came of this very statement.
_COUNTS = ("statements", "disjoint", "held", "held_model", "level")
TRACK_RECORD = (*_COUNTS, "bias", "mean_absolute_miss", "scale", "horizon", "source", "study", "outcome")

_results: dict[str, dict[str, Any]] = {}  # the recorded values of this kernel, for `say`


def start(namespace: dict[str, Any]) -> None:
    """Begin a notebook: check the parameters, put their coerced values back, set the look of figures and print the header.

    With the header the versions of the software are stored, so that a report made of the notebook later still knows them.

    Parameters
    ----------
    namespace : dict
        `globals()` of the notebook. The parameters are read from the cell that declares them, among those already run; a cell that
        papermill or jupyter-scheduler has added is looked through for names that do not exist.

    Raises
    ------
    UsageError
        For a parameter that does not exist or a value that does not fit.

    Examples
    --------
    The second cell of a notebook; outside one nothing is shown.

    >>> import goodwill as gw
    >>> gw.start(globals())
    """
    from goodwill.figures import theme

    _results.clear()
    cells = [text for text in namespace.get("In", ()) if isinstance(text, str)]
    position, known = _declared(cells)
    names = [p.name for p in known]
    for name in _injected(cells[position + 1 :], names):
        if name not in names:
            raise UsageError(unknown_name(name, names, "parameter", "this notebook"))
    values = check_values(known, {p.name: namespace.get(p.name, p.default) for p in known})
    namespace.update(values)
    theme.use()
    changed = [f"{p.name} = {safe_markdown(visible(values[p.name]))}" for p in known if values[p.name] != p.default]
    text = "Parameters changed from their defaults: " + "; ".join(changed) + "." if changed else "All parameters have their defaults."
    shown = {p.name: visible(values[p.name]) for p in known}
    _show({"kind": "start", "parameters": shown, "versions": versions(), "library": library_hash()}, markdown=text)


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
    _check_name(name)
    if interval is None and hasattr(value, "estimate"):
        value, interval = value.estimate, (value.lower, value.upper)
    plain = _plain(value, name)
    if plain is None and not reason:
        raise ReportError(f"record({name!r}): the value is None; say why with reason=.")
    ends, narrower = _ends(interval, name), _ends(model_interval, name)
    result = {"kind": "record", "name": name, "value": plain, "interval": ends, "level": level if ends else None}
    result |= {"unit": unit, "label": label or name.replace("_", " "), "reason": reason if plain is None or ends is None else None}
    trust = {"model_interval": narrower, "grade": _graded(grade, name), "weakest": weakest, "track_record": _tracked(track_record, name)}
    result |= {key: given for key, given in trust.items() if given}
    _results[name] = result
    _show(result, markdown=f"**{safe_markdown(result['label'])}:** {safe_markdown(describe(result))}")


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

    _check_name(name)
    _check_text(name, caption=caption)
    html = table_html(frame, caption, name=name, max_rows=max_rows, formats=formats)
    result = {"kind": "table", "name": name, "caption": caption, "rows": len(frame), "csv": table_csv(frame)}
    _show(result, html=html, plain=f"{caption}\n{frame.head(max_rows).to_string()}")


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
    frame["value"] = [_filled(value, str) for value in frame["value"]]
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
        The sentence below the figure.
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
    from goodwill.reports.recording.pictures import close, figure_html, figure_svg
    from goodwill.reports.recording.small_pictures import narrow_svg

    _check_name(name)
    _check_text(name, caption=caption, alt=alt)
    figure = getattr(figure, "figure", figure)
    svg = figure_svg(figure, caption, alt)
    narrow = narrow_svg(figure, caption, alt)
    close(figure)
    result = {"kind": "figure", "name": name, "caption": caption, "alt": alt, **({"narrow": narrow} if narrow else {})}
    _show(result, svg=svg, html=figure_html(svg, caption, alt), plain=f"[figure {name}: {alt}]")


def record_explorer(name: str, explorer: Explorer) -> None:
    """Store numbers to be moved, and show what they are at the report's own settings; the page of the report makes them movable.

    Parameters
    ----------
    name : str
        Letters, digits and underscores.
    explorer : Explorer
        As `goodwill.findings.explorer` makes it.
    """
    _check_name(name)
    _check_text(name, caption=explorer.caption)
    dials = [{"label": dial.label, "shown": list(dial.shown), "start": dial.start} for dial in explorer.dials]
    own = [f"{dial.label} {dial.shown[dial.start]}" for dial in explorer.dials]
    start = explorer.at(*(dial.start for dial in explorer.dials))
    said = [f"- {safe_markdown(label)}: **{safe_markdown(answer)}**" for label, answer in start.items()]
    text = "\n".join([f"{safe_markdown(explorer.caption)} ({safe_markdown(', '.join(own))})", "", *said])
    cells = [list(cell) for cell in explorer.cells]
    shared = {"caption": explorer.caption, "dials": dials, "answers": list(explorer.answers), "cells": cells}
    _show({"kind": "explorer", "name": name, **shared}, markdown=text)


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
    _check_name(name)
    parts = {key: getattr(data, key, None) for key in ("source", "fingerprint", "first", "last")}
    facts = {key: None if value is None else visible(str(value)) for key, value in parts.items()}
    text = f"**Data:** {safe_markdown(facts['source'])}"
    if facts["first"]:
        text += f", {safe_markdown(facts['first'])} to {safe_markdown(facts['last'])}"
    if facts["fingerprint"]:
        text += f" (SHA-256 {safe_markdown(facts['fingerprint'][:12])}…)"
    _show({"kind": "data", "name": name, **facts}, markdown=text)


def record_forecasts(forecasts: Sequence[Forecast]) -> None:
    """Show and store what this report foretells; later runs on longer data hold it against what came (`goodwill ledger`).

    Parameters
    ----------
    forecasts : sequence of Forecast
        As `goodwill.lifetime_value.forecasts` makes them; each name and window once.

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

    if len({one.key for one in forecasts}) < len(forecasts):
        raise ReportError("record_forecasts: one window of one name is foretold twice; a forecast is said once.")
    words = ["Foretold, to be held against what comes:"]
    for one in forecasts:
        interval = {"value": one.estimate, "interval": [one.lower, one.upper], "level": one.level, "unit": one.unit}
        words.append(f"- {safe_markdown(one.label or one.name)}, {one.made} to {one.due}: {safe_markdown(describe(interval))}")
    plain = [{key: _plain(value, one.name) for key, value in as_plain(one).items()} for one in forecasts]
    _show({"kind": "forecasts", "name": "forecasts", "forecasts": plain}, markdown="\n".join(words))


def say(text: str) -> None:
    """Write a sentence (Markdown) with recorded values in it, so that no number is typed in prose.

    Parameters
    ----------
    text : str
        `{name}` is the value with unit and interval; `{name:value}` without the interval; `{name:interval}` its two ends;
        `{name:number}` the bare number; `{name:.4f}` the bare number with so many digits.

    Raises
    ------
    ReportError
        For a name that was not recorded, or a form that does not exist.

    Examples
    --------
    >>> import goodwill as gw
    >>> gw.record("expected", 1653.4, interval=(1456, 1863), unit="purchases")
    >>> gw.say("We expect {expected:value}, and between {expected:interval} in 95 of 100 such years.")
    """
    names = sorted({field for _, field, _, _ in Formatter().parse(text) if field})
    _show({"kind": "said", "names": names}, markdown=_filled(text, safe_markdown))


def say_absent(why: str, names: Sequence[str] = ()) -> None:
    """Say why there is nothing to show, also under these recorded names; a page whose *In short* does so is thin."""
    _show({"kind": "absent", "why": why, "names": list(names)}, markdown=safe_markdown(why))


def _filled(text: str, safe: Callable[[str], str]) -> str:
    """The text with recorded values in place of the names in braces."""
    words = []
    for literal, field, form, _ in Formatter().parse(text):
        words.append(literal)
        if field is not None:
            words.append(safe(_said(field, form or "")))
    return "".join(words)


def _said(name: str, form: str) -> str:
    if name not in _results:
        raise ReportError(unknown_name(name, _results, "recorded value", "this notebook"))
    try:
        return describe(_results[name], form)
    except ValueError:
        forms = ", ".join(form for form in FORMS if form)
        raise ReportError(f"say: {{{name}:{form}}} cannot be written; after the colon stand {forms} or a format such as .2f.") from None


def _declared(cells: list[str]) -> tuple[int, tuple[Parameter, ...]]:
    """The place and content of the latest run cell that declares parameters; nothing when there is none."""
    for position in range(len(cells) - 1, -1, -1):
        try:
            body = ast.parse(cells[position]).body
        except SyntaxError:
            continue
        if body and all(isinstance(node, ast.AnnAssign) for node in body):
            return position, read_parameters(cells[position], "this notebook")
    return len(cells), ()


def _injected(cells: list[str], known: list[str]) -> list[str]:
    """The names assigned by cells that a runner has added behind the declared parameters.

    papermill begins its cell with `# Parameters`. jupyter-scheduler's is bare lines of `name = value`, which a reader could have written
    too: of these only a name that is nearly one of a parameter counts.
    """
    marked = [text for text in cells if text.lstrip().startswith("# Parameters")]
    names = [name for text in marked for name in _assigned(ast.parse(text).body)]
    bare = _assigned(_literals(cells[0])) if cells and cells[0] not in marked else []
    return names + [name for name in bare if name not in known and difflib.get_close_matches(name, known, n=1, cutoff=0.75)]


def _assigned(nodes: list[ast.stmt]) -> list[str]:
    return [target.id for node in nodes if isinstance(node, ast.Assign) for target in node.targets if isinstance(target, ast.Name)]


def _literals(text: str) -> list[ast.stmt]:
    """The lines of a cell that holds nothing but `name = literal`; none for any other cell."""
    try:
        nodes = ast.parse(text).body
        for node in nodes:
            ast.literal_eval(node.value if isinstance(node, ast.Assign) else "not plain")
    except (SyntaxError, ValueError, TypeError):
        return []
    return nodes


def _check_name(name: str) -> None:
    if not NAME.fullmatch(name):
        raise ReportError(f"{name!r} cannot be the name of a result: use letters, digits and underscores, a letter first.")


def _check_text(name: str, **texts: str) -> None:
    for what, text in texts.items():
        if not text.strip():
            raise ReportError(f"{name!r}: the {what} says nothing; a reader needs it.")


def _plain(value: Any, name: str) -> Any:
    """A plain Python value, or ReportError: JSON knows no NaN, and neither does a reader."""
    if hasattr(value, "item") and getattr(value, "ndim", 0) == 0:
        value = value.item()
    if isinstance(value, Decimal):
        value = int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if value is not None and not isinstance(value, str | int | float):
        raise ReportError(f"record({name!r}): a {type(value).__name__} is not a single value; record a number, a text or a date.")
    if isinstance(value, float) and not math.isfinite(value):
        raise ReportError(f"record({name!r}): the value is {value}; where no value exists record None with reason=.")
    return value


def _ends(interval: Sequence[Any] | None, name: str) -> list[Any] | None:
    """The two ends of an interval as plain numbers."""
    if interval is None:
        return None
    ends = [_plain(end, name) for end in interval]
    if len(ends) != 2 or not all(isinstance(end, int | float) for end in ends) or ends[0] > ends[1]:
        raise ReportError(f"record({name!r}): the interval {ends} is not a low and a high end.")
    return ends


def _graded(grade: str | None, name: str) -> str | None:
    if grade is not None and grade not in GRADES:
        raise ReportError(f"record({name!r}): the grade is {grade!r}; use one of {', '.join(GRADES)}.")
    return grade


def _tracked(given: Any, name: str) -> list[dict[str, Any]]:
    """Track records as plain mappings, without what they do not say."""
    entries = [] if given is None else list(given) if isinstance(given, list | tuple) else [given]
    tracked = []
    for entry in entries:
        parts = asdict(entry) if is_dataclass(entry) and not isinstance(entry, type) else dict(entry)
        for key in parts:
            if key not in TRACK_RECORD:
                raise ReportError(unknown_name(key, TRACK_RECORD, "part of a track record", f"record({name!r})"))
        tracked.append({key: _plain(value, name) for key, value in parts.items() if value is not None})
    return tracked


def _show(result: dict[str, Any], *, markdown: str = "", html: str = "", svg: str = "", plain: str = "") -> None:
    """Put one output into the cell; nothing where no notebook runs."""
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.display import display

    if not InteractiveShell.initialized():
        return
    shown = {"text/markdown": markdown, "text/html": html, "image/svg+xml": svg, "text/plain": plain or markdown}
    metadata = {"image/svg+xml": {"alt": result["alt"]}} if svg else {}
    bundle: dict[str, Any] = {kind: text for kind, text in shown.items() if text}
    display(bundle | {MIME: json.loads(json.dumps(result, allow_nan=False))}, metadata=metadata, raw=True)
