"""A number to be moved: results worked out beforehand on a small grid of inputs, for a page without a server and for JupyterLab.

Every number that a reader meets was computed by the function that computes the report's own; nothing is worked out between the points.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product
from typing import TYPE_CHECKING, Any

from goodwill.errors import UsageError
from goodwill.findings.finding import Absent, Dial, Explorer, Finding

if TYPE_CHECKING:
    import pandas as pd

Written = str | Callable[[Any], str]
MOST = 2_000  # cells: a page carries them all


def explorer(
    grid: pd.DataFrame, caption: str, dials: Mapping[str, tuple[str, Written, Any]], answers: Mapping[str, tuple[str, Written]]
) -> Explorer:
    """An explorer of a frame with one row for every setting of the inputs.

    Parameters
    ----------
    grid : DataFrame
        Columns for the inputs and the results.
    caption : str
        The question, and what the answers rest on.
    dials : mapping
        By column of an input: its label, how a value is written (a format or a function), and the value that the report uses.
    answers : mapping
        By column of a result: its label and how it is written; a function is given the row, so that an interval can be written along.

    Raises
    ------
    UsageError
        A setting is missing or there twice, the report's own is not among them, or there are more than 2,000.

    Examples
    --------
    >>> import pandas as pd
    >>> grid = pd.DataFrame({"margin": [0.1, 0.2], "value": [5.0, 10.0]})
    >>> found = explorer(grid, "What if?", {"margin": ("Margin", "{:.0%}", 0.2)}, {"value": ("Value", "{:.0f} USD")})
    >>> found.dials[0].shown, found.dials[0].start, found.at(0)
    (('10%', '20%'), 1, {'Value': '5 USD'})
    """
    values = {name: sorted(set(grid[name])) for name in dials}
    rows: dict[tuple[Any, ...], Mapping[str, Any]] = {}
    for row in grid.to_dict("records"):
        rows[tuple(row[name] for name in dials)] = {str(name): value for name, value in row.items()}
    settings = list(product(*values.values()))
    if len(rows) != len(grid) or any(setting not in rows for setting in settings):
        raise UsageError(f"an explorer needs one row for every setting of {', '.join(dials)}; some are missing, or there twice.")
    if len(settings) > MOST:
        raise UsageError(f"an explorer of {len(settings):,} settings is too large for a page; take at most {MOST:,}.")
    made = []
    for name, (label, how, own) in dials.items():
        if own not in values[name]:
            raise UsageError(f"{own!r}, which the report uses, is not among the values of {name}.")
        made.append(Dial(label, tuple(_written(how, value) for value in values[name]), values[name].index(own)))
    cells = tuple(tuple(_answer(how, rows[setting], name) for name, (_, how) in answers.items()) for setting in settings)
    return Explorer(caption, tuple(made), tuple(label for label, _ in answers.values()), cells)


def explore(found: Explorer | Finding | Absent) -> Any:
    """Sliders for JupyterLab (needs ipywidgets), of an explorer or of the first one in a finding.

    Raises
    ------
    UsageError
        ipywidgets is not installed, or the finding has nothing to explore.
    TooLittle
        The finding is absent.

    Examples
    --------
    >>> from goodwill.findings import Finding
    >>> explore(Finding({}))
    Traceback (most recent call last):
    goodwill.errors.UsageError: this finding has no number to be moved.
    """
    if isinstance(found, Finding):
        parts = [part for part in found.parts.values() if isinstance(part, Explorer)]
        if not parts:
            raise UsageError("this finding has no number to be moved.")
        found = parts[0]
    if isinstance(found, Absent):
        return found.dials  # raises its sentence
    try:
        import ipywidgets
    except ImportError:
        raise UsageError("sliders need ipywidgets: pip install 'goodwill[widgets]'. The page of a report needs nothing.") from None
    return _sliders(found, ipywidgets)


def _sliders(found: Explorer, widgets: Any) -> Any:
    from html import escape

    wide = {"style": {"description_width": "14em"}, "layout": {"width": "36em"}}
    dials = [
        widgets.SelectionSlider(options=list(dial.shown), value=dial.shown[dial.start], description=dial.label, **wide)
        for dial in found.dials
    ]
    answers = widgets.HTML()

    def tell(_: Any = None) -> None:
        said = found.at(*(dial.index for dial in dials))
        answers.value = "".join(f"<p>{escape(label)}: <b>{escape(text)}</b></p>" for label, text in said.items())

    for dial in dials:
        dial.observe(tell, "index")
    tell()
    return widgets.VBox([widgets.HTML(f"<p>{escape(found.caption)}</p>"), *dials, answers])


def _written(how: Written, value: Any) -> str:
    return how.format(value) if isinstance(how, str) else how(value)


def _answer(how: Written, row: Mapping[str, Any], name: str) -> str:
    return how.format(row[name]) if isinstance(how, str) else how(row)


def between(value: str, low: str, high: str, unit: str, decimals: int = 0) -> Callable[[Mapping[str, Any]], str]:
    """Writes a value of a row with its interval, from these columns.

    Examples
    --------
    >>> between("gain", "lower", "upper", "USD")({"gain": 1234.5, "lower": -12.0, "upper": 2000.0})
    '1,234 USD (\u221212 to 2,000)'
    """

    def write(row: Mapping[str, Any]) -> str:
        first, *ends = (f"{row[name]:,.{decimals}f}".replace("-", "\u2212") for name in (value, low, high))
        return f"{first} {unit} ({ends[0]} to {ends[1]})"

    return write
