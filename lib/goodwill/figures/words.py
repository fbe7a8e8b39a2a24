"""Figures in words, for readers who do not see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def table_in_words(title: str, table: pd.DataFrame, columns: list[str]) -> str:
    """The numbers behind a figure as one text: the first column names the row, the others follow.

    >>> import pandas as pd
    >>> table = pd.DataFrame({"label": ["0", "1+"], "actual": [3, 2], "expected": [2.5, 2.52]})
    >>> table_in_words("Buyers by class", table, ["label", "actual", "expected"])
    'Buyers by class. 0: actual 3, expected 2.5; 1+: actual 2, expected 2.52.'
    """
    key, *others = columns
    rows = (f"{_word(row[key])}: " + ", ".join(f"{name} {_word(row[name])}" for name in others) for _, row in table.iterrows())
    return f"{title}. " + "; ".join(rows) + "."


def _word(value: Any) -> str:
    if hasattr(value, "strftime"):
        return f"{value:%Y-%m-%d}"
    return (
        f"{value:,.4g}"
        if isinstance(value, float) and abs(value) < 1000
        else f"{value:,.0f}"
        if isinstance(value, int | float)
        else str(value)
    )
