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


@dataclass(frozen=True)
class Coding:
    """How one covariate is told in columns of numbers: learned from some customers, and used for others too.

    Attributes
    ----------
    columns : tuple of Column
    values : tuple, shape (codes, columns)
        What the columns hold for each level, or for each class of a number; of a number the last is that of missing ones.
    levels : tuple of str
        Of a category.
    mean, spread : float
        Of a number.
    borders : tuple of float
        Between the classes of a number, in standard deviations from its mean; empty where each value is its own class.
    """

    columns: tuple[Column, ...]
    values: tuple[tuple[float, ...], ...]
    levels: tuple[str, ...] = ()
    mean: float = 0.0
    spread: float = 1.0
    borders: tuple[float, ...] = ()

    @property
    def name(self) -> str:
        return self.columns[0].covariate

    def codes(self, column: pd.Series) -> NDArray[np.int64]:
        """The row of `values` that each customer has; -1 where this coding knows none for her.

        Raises
        ------
        DataError
            For texts where numbers were learned.
        """
        if self.levels:
            code, labels = _labelled(column)
            return pd.Index(self.levels).get_indexer(pd.Index(labels)).astype(np.int64)[code]
        if not _is_number(column):
            raise DataError(f"the covariate {self.name!r} was a number when the model was fitted, and holds texts now; write numbers.")
        value = column.to_numpy(dtype=float, na_value=np.nan)
        known, last = np.isfinite(value), len(self.values) - 1
        scaled = (np.where(known, value, self.mean) - self.mean) / self.spread
        middles = np.array([row[0] for row in self.values[:last]])
        borders = np.array(self.borders) if self.borders else (middles[1:] + middles[:-1]) / 2
        missing = last if len(self.columns) > 1 else -1
        return np.where(known, np.searchsorted(borders, scaled, side="right"), missing).astype(np.int64)


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
    codings : tuple of Coding
        One for each covariate.

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
    codings: tuple[Coding, ...] = ()

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
    codings = tuple(_number(name, table[name]) if _is_number(table[name]) else _category(name, table[name]) for name in table.columns)
    return _designed(table, codings)


def design_by(
    codings: tuple[Coding, ...], customers: pd.DataFrame, covariates: pd.DataFrame | Sequence[str]
) -> tuple[Design, pd.DataFrame]:
    """The design of customers by codings that were learned before, and what these know nothing of.

    Parameters
    ----------
    codings : of the design of a fit
    customers, covariates : as in `design_of`; customers who are not in the table have nothing stated

    Returns
    -------
    Design
        The cell of a customer is -1 where one of her levels is not known.
    DataFrame
        covariate, level, customers: the levels that are not known, the most frequent ones first.

    Raises
    ------
    DataError
        As `design_of`, and where a covariate is missing, or is no number any more.
    """
    table = _table(customers, covariates)
    names = [coding.name for coding in codings]
    missing = [name for name in names if name not in table]
    if missing:
        raise DataError(f"there is no covariate {missing[0]!r} among those told; the model was fitted with {', '.join(names)}.")
    design = _designed(table[names], codings)
    rows = []
    for coding in codings:
        strange = coding.codes(table[coding.name]) < 0
        counts = _counted(table[coding.name], strange).sort_values(ascending=False, kind="stable")
        rows += [(coding.name, str(level), int(count)) for level, count in counts.items()]
    return design, pd.DataFrame(rows, columns=["covariate", "level", "customers"])


def _designed(table: pd.DataFrame, codings: tuple[Coding, ...]) -> Design:
    codes = [coding.codes(table[coding.name]) for coding in codings]
    known = np.all([code >= 0 for code in codes], axis=0)
    cell = np.zeros(len(table), np.int64)
    for code, coding in zip(codes, codings, strict=True):  # one code of all covariates so far, without gaps
        cell = pd.factorize(cell * len(coding.values) + np.maximum(code, 0), sort=True)[0].astype(np.int64)
    cell[~known] = -1
    cell[known] = pd.factorize(cell[known], sort=True)[0]
    first = np.empty(int(cell.max(initial=-1)) + 1, np.int64)
    first[cell[known][::-1]] = np.flatnonzero(known)[::-1]
    cells = np.hstack([np.array(coding.values)[code[first]] for code, coding in zip(codes, codings, strict=True)])
    stated = {coding.name: 1 - float(_counted(table[coding.name]).get(NOT_STATED, 0)) / max(len(table), 1) for coding in codings}
    return Design(tuple(column for coding in codings for column in coding.columns), cells, cell, stated, codings)


def _table(customers: pd.DataFrame, covariates: pd.DataFrame | Sequence[str]) -> pd.DataFrame:
    if not isinstance(covariates, pd.DataFrame):
        names = [covariates] if isinstance(covariates, str) else list(covariates)
        missing = [name for name in names if name not in customers]
        if missing:
            raise DataError(f"there is no column {missing[0]!r} among the customers; there are {', '.join(map(str, customers.columns))}.")
        table = customers[names].reset_index(drop=True)
    else:
        ids = customers["customer_id"] if "customer_id" in customers else customers.index.to_series()
        table = told_by_id(covariates, ids).reset_index(drop=True)
    if table.empty or not len(table.columns):
        raise DataError("there are no covariates; name at least one column.")
    return table.set_axis(table.columns.map(str), axis=1)


def told_by_id(covariates: pd.DataFrame, ids: pd.Series) -> pd.DataFrame:
    """What is told of customers, in the order of their ids, which are its index as text; of whom nothing is told, all is missing.

    Raises
    ------
    DataError
        For an id that stands twice, and where none of these customers is told of.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"customer_id": [1, 2], "shop": ["north", "south"]})
    >>> told_by_id(table, pd.Series(["2", "3"]))["shop"].to_dict()
    {'2': 'south', '3': nan}
    """
    known = covariates.set_index("customer_id") if "customer_id" in covariates else covariates
    known = known.set_axis(known.index.astype(str))
    if known.index.has_duplicates:
        twice = known.index[known.index.duplicated()][0]
        raise DataError(f"customer {twice!r} stands twice in the covariates; keep one row a customer.")
    asked = ids.astype(str)
    if not asked.isin(known.index).any():
        raise DataError(
            f"no customer of the purchases (such as {asked.min()!r}) stands in the covariates (such as {known.index.min()!r}); "
            "write ids alike in both."
        )
    return known.reindex(asked.to_numpy())


def differs(column: pd.Series) -> bool:
    """Whether a covariate tells any of these customers apart, so that something can go with it.

    >>> import pandas as pd
    >>> differs(pd.Series(["web", None])), differs(pd.Series(["web", "web"])), differs(pd.Series([3.0, None]))
    (True, False, False)
    """
    return _spread(column) > 0 if _is_number(column) else len(_counted(column)) > 1


def _is_number(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def _spread(column: pd.Series) -> float:
    value = column.to_numpy(dtype=float, na_value=np.nan)
    known = value[np.isfinite(value)]
    return float(known.std()) if len(known) else 0.0


def _labelled(column: pd.Series) -> tuple[NDArray[np.int64], list[str]]:
    """Codes of the customers, and the level that each code is in words; the last one, which -1 is too, is that of missing ones."""
    code, known = pd.factorize(column, use_na_sentinel=True)
    return code.astype(np.int64), [*(str(each).strip() or NOT_STATED for each in known), NOT_STATED]


def _counted(column: pd.Series, which: NDArray[np.bool_] | None = None) -> pd.Series:
    """How many customers have each level."""
    code, labels = _labelled(column)
    counts = np.bincount(code[which if which is not None else slice(None)] % len(labels), minlength=len(labels))
    found = pd.Series(counts, index=labels).groupby(level=0).sum()
    return found[found > 0]


def _category(name: str, column: pd.Series) -> Coding:
    counts = _counted(column)
    there = sorted(counts.index)
    if len(there) < 2:
        raise DataError(f"the covariate {name!r} is {there[0]!r} for every customer, so nothing can go with it; leave it out.")
    if len(there) > MOST_LEVELS:
        raise DataError(
            f"the covariate {name!r} has {len(there)} levels, more than {MOST_LEVELS}; merge rare ones, or make it a number if it is one."
        )
    stated = counts.drop(NOT_STATED, errors="ignore")
    reference = min(stated.index[stated == stated.max()])
    others = [level for level in there if level != reference]
    values = [[float(level == other) for other in others] for level in there]
    return Coding(tuple(Column(name, other, reference) for other in others), tuple(map(tuple, values)), levels=tuple(there))


def _number(name: str, column: pd.Series) -> Coding:
    value = column.to_numpy(dtype=float, na_value=np.nan)
    known, spread = value[np.isfinite(value)], _spread(column)
    if not spread > 0:
        raise DataError(f"the covariate {name!r} never differs, so nothing can go with it; leave it out.")
    mean = float(known.mean())
    scaled = (known - mean) / spread
    distinct = np.unique(scaled)
    borders: tuple[float, ...] = ()
    if len(distinct) > BINS:
        edges = np.unique(np.quantile(scaled, np.linspace(0, 1, BINS + 1)))
        borders = tuple(edges[1:-1].tolist())
        part = np.searchsorted(edges[1:-1], scaled, side="right")
        sums, sizes = (np.bincount(part, each, len(borders) + 1) for each in (scaled, None))
        distinct = sums / np.maximum(sizes, 1)
    columns, values = [Column(name, f"{spread:.3g} more", f"mean {mean:.4g}", True)], np.append(distinct, 0.0)[:, None]
    if len(known) < len(value):
        columns.append(Column(name, NOT_STATED, f"mean {mean:.4g}"))
        values = np.hstack([values, (np.arange(len(values)) == len(values) - 1).astype(float)[:, None]])
    return Coding(tuple(columns), tuple(map(tuple, values.tolist())), mean=mean, spread=spread, borders=borders)


def picked(design: Design, which: Any) -> Design:
    """The design of some of the customers, by a mask or places."""
    return Design(design.columns, design.cells, design.cell[which], design.stated, design.codings)
