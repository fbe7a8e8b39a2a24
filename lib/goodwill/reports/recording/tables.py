"""A data frame as an accessible HTML table and as CSV. Every value is escaped: data never become markup."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from html import escape
from typing import TYPE_CHECKING, Any

from goodwill.findings.numbers import MINUS, number

if TYPE_CHECKING:
    import pandas as pd

LEFT = ' style="text-align:left"'  # said in each cell, because JupyterLab takes style sheets out of outputs
MISSING = "–"
LONG_TEXT = 32  # characters
DATE = re.compile(r"\d{4}-\d\d(-\d\d)?|–")  # a browser would break it at its hyphens
MAX_CSV_ROWS = 100_000
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # what a spreadsheet begins a formula with, full width too


def table_html(
    frame: pd.DataFrame, caption: str, *, name: str, max_rows: int = 30, formats: Mapping[str, str | Callable[[Any], str]] | None = None
) -> str:
    """The first rows of a frame as a `<table>` with a caption, `scope`, and numbers aligned to the right.

    Parameters
    ----------
    frame : DataFrame
        An index that is not just 0, 1, 2… becomes the row headers.
    caption : str
        Says what the table shows.
    name : str
        Name of the recorded table, for the note about rows left out.
    max_rows : int
        Rows shown; the note below says how many there are.
    formats : mapping, optional
        A format string (`"{:.1%}"`) or a function per column; other numbers get four digits of the column's largest value.
    """
    shown = _with_index(frame.head(max_rows))
    has_index = len(shown.columns) > len(frame.columns)
    columns = [shown.iloc[:, i].tolist() for i in range(len(shown.columns))]
    texts = [
        column_texts(values, str(label), (formats or {}).get(str(label))) for label, values in zip(shown.columns, columns, strict=True)
    ]
    numeric = [is_numeric(values) for values in columns]
    classes = ["" if is_number else _text_class(column) for is_number, column in zip(numeric, texts, strict=True)]
    head = "".join(f'<th scope="col"{cls}>{escape(_label(label))}</th>' for label, cls in zip(shown.columns, classes, strict=True))
    body = "\n".join(f"<tr>{_row(row, classes, has_index)}</tr>" for row in zip(*texts, strict=True))
    note = f"The first {len(shown):,} of {len(frame):,} rows; the others are in tables/{name}.csv." if len(frame) > len(shown) else ""
    note = f'\n<p class="gw-note">{note}</p>' if note else ""
    top = f'<table class="gw-table"><caption{LEFT}>{escape(caption)}</caption>\n<thead><tr>{head}</tr></thead>'
    return f"{top}\n<tbody>\n{body}\n</tbody></table>{note}"


def table_csv(frame: pd.DataFrame) -> str:
    """The frame as CSV, its first 100,000 rows (also when it holds more).

    A text that a spreadsheet would take for a formula (`=HYPERLINK(…)`, `@SUM(…)`) gets an apostrophe before it, as one types it there to
    have the text itself; what is a number stays one.

    Examples
    --------
    >>> import pandas as pd
    >>> print(table_csv(pd.DataFrame({"customer": ["=1+1", "-3.5", "a=b"], "value": [-1.5, 2.0, 0.0]})), end="")
    customer,value
    '=1+1,-1.5
    -3.5,2.0
    a=b,0.0
    """
    shown = _with_index(frame.head(MAX_CSV_ROWS))
    texts = [place for place, kind in enumerate(shown.dtypes) if kind.kind not in "biufcmM"]
    columns = {place: shown.iloc[:, place].map(_no_formula).to_numpy(object) for place in texts}
    if texts:
        shown = shown.copy()
        for place in texts:
            shown.isetitem(place, columns[place])
    shown.columns = [_no_formula(name) for name in shown.columns]
    return str(shown.to_csv(index=False, lineterminator="\n"))


def _no_formula(value: Any) -> Any:
    """A cell that no spreadsheet computes."""
    if not isinstance(value, str) or not value.lstrip(" ").startswith(FORMULA):
        return value
    try:
        float(value)
    except ValueError:
        return f"'{value}"
    return value


def _with_index(frame: pd.DataFrame) -> pd.DataFrame:
    plain = frame.index.nlevels == 1 and frame.index.name is None and frame.index.dtype.kind in "iu"
    return frame if plain else frame.reset_index(names=[name or "" for name in frame.index.names])


def _label(label: object) -> str:
    return " ".join(str(part) for part in label if str(part)) if isinstance(label, tuple) else str(label).replace("_", " ")


def _text_class(texts: list[str]) -> str:
    """Text stands left, a column of sentences keeps a readable width on a small screen, and a date stays on one line."""
    if texts and all(DATE.fullmatch(text) for text in texts):
        return f' class="gw-text gw-date"{LEFT[:-1]};white-space:nowrap"'
    is_long = max(map(len, texts), default=0) > LONG_TEXT
    return f' class="gw-text{" gw-long" if is_long else ""}"{LEFT}'


def _row(cells: tuple[str, ...], classes: list[str], has_index: bool) -> str:
    parts = [f"<td{cls}>{escape(cell)}</td>" for cell, cls in zip(cells, classes, strict=True)]
    if has_index:
        parts[0] = f'<th scope="row"{classes[0]}>{escape(cells[0])}</th>'
    return "".join(parts)


def is_numeric(values: list[Any]) -> bool:
    """Whether a column holds numbers and nothing else beside missing values."""
    present = [value for value in values if not is_missing(value)]
    return bool(present) and all(_is_number(value) for value in present)


def is_missing(value: Any) -> bool:
    """None, NaN (which alone differs from itself), or one of pandas' own missing values (which cannot be compared)."""
    return value is None or type(value).__name__ in ("NAType", "NaTType") or bool(value != value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool) and math.isfinite(value)


def column_texts(values: list[Any], label: str, how: str | Callable[[Any], str] | None = None) -> list[str]:
    """The cells of one column as text, with the same number of decimals throughout; a missing value is a dash."""
    decimals = column_decimals([float(value) for value in values if _is_number(value)])
    return [_text(value, decimals, label.lower() == "year", how) for value in values]


def column_decimals(numbers: list[float]) -> int:
    """Decimals for a column: four digits of its largest number, three of its smallest, and no more than the numbers have.

    Examples
    --------
    >>> column_decimals([-9582.4292, 0.24259]), column_decimals([1234.5, 0.25]), column_decimals([3.0, 4.0]), column_decimals([81234.567])
    (3, 2, 0, 0)
    """
    sizes = [abs(value) for value in numbers if value]
    if not sizes or all(size.is_integer() for size in sizes):
        return 0
    largest, smallest = max(sizes), min(sizes)
    wanted = max(3 - math.floor(math.log10(largest)), 2 - math.floor(math.log10(smallest)), 0)
    had = max(-Decimal(repr(size)).as_tuple().exponent for size in sizes)  # type: ignore[operator]
    return min(wanted, had, 2 if largest >= 10_000 else 4 if largest >= 1 else 6)


def _text(value: Any, decimals: int, is_year: bool, how: str | Callable[[Any], str] | None) -> str:
    if is_missing(value):
        return MISSING
    if how is not None:
        text = how.format(value) if isinstance(how, str) else how(value)
        return text.replace("-", MINUS) if _is_number(value) else text
    if isinstance(value, bool):
        return "yes" if value else "no"
    if _is_number(value):
        return str(value) if is_year else number(float(value), decimals)
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    return str(value)
