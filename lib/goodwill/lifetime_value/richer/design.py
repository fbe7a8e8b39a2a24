"""What is told of customers beforehand, in columns of numbers: levels against the most frequent one, sizes in standard deviations.

Customers alike in all of it form a cell, and a likelihood is computed cell by cell: what a model costs depends on how many distinct cells
and histories there are, not on how many customers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from goodwill.errors import DataError
from goodwill.inference.parameters import FloatArray
from goodwill.shown import Shown

NOT_STATED = "(not stated)"
BINS = 32  # classes of equal size to whose means a covariate that is a number is rounded, where it has more values
MOST_LEVELS = 60


class Column(NamedTuple):
    """A column of a design: a level of a category beside the reference, or a number in standard deviations from its mean."""

    covariate: str
    level: str
    reference: str
    is_number: bool = False


@dataclass(frozen=True, repr=False)
class Design(Shown):
    """Covariates of customers.

    Attributes
    ----------
    columns : tuple of Column
    cells : array, shape (cells, columns)
        The distinct rows.
    cell : array of int, shape (customers,)
        The cell of each customer.
    stated : mapping of str to float
        The share of the customers of whom each covariate is known.

    Examples
    --------
    >>> import pandas as pd
    >>> import goodwill as gw
    >>> customers = pd.DataFrame({"customer_id": ["a", "b", "c"], "shop": ["north", "south", "north"]})
    >>> found = gw.lifetime_value.design_of(customers, ["shop"])
    >>> found.cells.tolist(), found.cell.tolist(), found.stated
    ([[0.0], [1.0]], [0, 1, 0], {'shop': 1.0})
    """

    columns: tuple[Column, ...]
    cells: FloatArray
    cell: NDArray[np.int64]
    stated: dict[str, float]

    def _said(self) -> str:
        return f"{len(self.columns)} columns of {len(self.stated)} covariates, {len(self.cells)} cells of {len(self.cell):,} customers"

    def _frame(self) -> pd.DataFrame:
        share = [float(np.average(self.cells[:, at], weights=np.bincount(self.cell, minlength=len(self.cells)))) for at in self._places]
        return pd.DataFrame(list(self.columns)).drop(columns="is_number").assign(mean=share)

    @property
    def _places(self) -> range:
        return range(len(self.columns))


def design_of(customers: pd.DataFrame, covariates: pd.DataFrame | Sequence[str]) -> Design:
    """The design of customers.

    Parameters
    ----------
    customers : DataFrame
        A row each with `customer_id` (or ids as index), as `PurchaseSummary.to_pandas` gives it.
    covariates : DataFrame, or names of columns of `customers`
        A row per customer with `customer_id` as a column or index. Texts, categories and truth values are categories; numbers are sizes.

    Returns
    -------
    Design
        A category gives a column for each level but the most frequent, its reference. A number gives one, in standard deviations from its
        mean, rounded to `BINS` classes. What is missing is a level "(not stated)", or the mean of a number and a column of its own.

    Raises
    ------
    DataError
        No covariates, an unknown column, ids twice, ids that do not meet, a covariate that never differs, or a category of more than 60
        levels.

    Examples
    --------
    >>> import pandas as pd
    >>> customers = pd.DataFrame({"customer_id": ["a", "b", "c", "d"], "shop": ["north", "south", "north", None]})
    >>> [column.level for column in design_of(customers, ["shop"]).columns]  # beside the reference, which most customers have
    ['(not stated)', 'south']
    """
    table = _table(customers, covariates)
    parts = [_number(str(name), table[name]) if _is_number(table[name]) else _category(str(name), table[name]) for name in table]
    cell = np.zeros(len(table), np.int64)
    for part in parts:  # one code of all covariates so far, without gaps
        cell = pd.factorize(cell * len(part.values) + part.code, sort=True)[0].astype(np.int64)
    first = np.empty(int(cell.max()) + 1, np.int64)
    first[cell[::-1]] = np.arange(len(cell))[::-1]
    cells = np.hstack([part.values[part.code[first]] for part in parts])
    stated = {str(name): float(table[name].notna().mean()) for name in table}
    return Design(tuple(column for part in parts for column in part.columns), cells, cell, stated)


class _Part(NamedTuple):
    """One covariate: its columns, their values for each distinct value of it, and which of these a customer has."""

    columns: list[Column]
    values: FloatArray
    code: NDArray[np.int64]


def _table(customers: pd.DataFrame, covariates: pd.DataFrame | Sequence[str]) -> pd.DataFrame:
    if not isinstance(covariates, pd.DataFrame):
        names = [covariates] if isinstance(covariates, str) else list(covariates)
        missing = [name for name in names if name not in customers]
        if missing:
            raise DataError(f"there is no column {missing[0]!r} among the customers; there are {', '.join(map(str, customers.columns))}.")
        table = customers[names].reset_index(drop=True)
    else:
        known = covariates.set_index("customer_id") if "customer_id" in covariates else covariates
        known = known.set_axis(known.index.astype(str))
        if known.index.has_duplicates:
            twice = known.index[known.index.duplicated()][0]
            raise DataError(f"customer {twice!r} stands twice in the covariates; keep one row a customer.")
        ids = (customers["customer_id"] if "customer_id" in customers else customers.index.to_series()).astype(str)
        if not ids.isin(known.index).any():
            raise DataError(
                f"no customer of the purchases (such as {ids.iloc[0]!r}) stands in the covariates (such as {known.index[0]!r}); "
                "write ids alike in both."
            )
        table = known.reindex(ids.to_numpy()).reset_index(drop=True)
    if table.empty or not len(table.columns):
        raise DataError("there are no covariates; name at least one column.")
    return table


def _is_number(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def _category(name: str, column: pd.Series) -> _Part:
    code, known = pd.factorize(column, use_na_sentinel=True)
    said = [str(each).strip() for each in known]
    labels = np.array([*(each or NOT_STATED for each in said), NOT_STATED], dtype=object)  # the last is that of missing ones
    levels, merged = np.unique(labels.astype(str), return_inverse=True)
    code = merged.ravel()[code].astype(np.int64)
    counts = np.bincount(code, minlength=len(levels))
    there = [str(level) for level, count in zip(levels, counts, strict=True) if count]
    if len(there) < 2:
        raise DataError(f"the covariate {name!r} is {there[0]!r} for every customer, so nothing can go with it; leave it out.")
    if len(there) > MOST_LEVELS:
        raise DataError(
            f"the covariate {name!r} has {len(there)} levels, more than {MOST_LEVELS}; merge rare ones, or make it a number if it is one."
        )
    reference = str(levels[np.argmax(np.where(levels == NOT_STATED, 0, counts))])
    others = [level for level in there if level != reference]
    values = np.array([[float(level == other) for other in others] for level in levels])
    return _Part([Column(name, other, reference) for other in others], values, code)


def _number(name: str, column: pd.Series) -> _Part:
    value = column.to_numpy(dtype=float, na_value=np.nan)
    known = np.isfinite(value)
    spread = value[known].std() if known.any() else 0.0
    if not spread > 0:
        raise DataError(f"the covariate {name!r} never differs, so nothing can go with it; leave it out.")
    mean = value[known].mean()
    scaled = np.where(known, (value - mean) / spread, 0.0)
    distinct = np.unique(scaled[known])
    if len(distinct) > BINS:
        edges = np.unique(np.quantile(scaled[known], np.linspace(0, 1, BINS + 1)))
        part = np.clip(np.searchsorted(edges, scaled, side="right") - 1, 0, len(edges) - 2)
        sums, sizes = (np.bincount(part[known], each, len(edges) - 1) for each in (scaled[known], None))
        distinct = sums / np.maximum(sizes, 1)
    else:
        part = np.searchsorted(distinct, scaled)
    columns, values = [Column(name, f"{spread:.3g} more", f"mean {mean:.4g}", True)], np.append(distinct, 0.0)[:, None]
    if not known.all():
        columns.append(Column(name, NOT_STATED, f"mean {mean:.4g}"))
        values = np.hstack([values, (np.arange(len(values)) == len(values) - 1).astype(float)[:, None]])
    return _Part(columns, values, np.where(known, part, len(values) - 1).astype(np.int64))


def picked(design: Design, which: Any) -> Design:
    """The design of some of the customers, by a mask or places."""
    return Design(design.columns, design.cells, design.cell[which], design.stated)
