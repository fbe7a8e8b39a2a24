"""One group of many: a purchase model that is fitted to a group's customers and borrows from the other groups of the same date.

A report on a branch sees only the branch's own purchases. Where it is told of all branches, its model is fitted by `fit_groups` to all of
them, each as it was known on the date of the fit: what the others did later is as unknown as what the branch itself did later, so that
hold-outs stay hold-outs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from goodwill.calendar import UNITS_PER_YEAR
from goodwill.data.purchases import summarize_purchases
from goodwill.data.purchases_by_group import NO_GROUP, groups_of, named_groups, read_by_group
from goodwill.data.tables import Transactions
from goodwill.errors import DataError, FitError, GoodwillError
from goodwill.inference.uncertainty import Interval
from goodwill.lifetime_value.evidence.windows import customers_kept
from goodwill.lifetime_value.gamma_gamma import GammaGamma, with_a_mean
from goodwill.lifetime_value.gamma_gamma_by_frequency import positive_spend
from goodwill.lifetime_value.richer.groups import GroupFits, fit_groups
from goodwill.shown import Shown

if TYPE_CHECKING:
    from goodwill.data.purchases import PurchaseSummary
    from goodwill.inference.fit import Fit

MOST = 50  # groups from which is borrowed: what is common and how far groups are apart is known well by so many
HISTORY = ["frequency", "recency", "T"]


@dataclass(frozen=True, eq=False, repr=False)
class Lenders(Shown):
    """Purchases of all groups, of which one is looked at; made by `lenders`.

    Attributes
    ----------
    transactions : Transactions
        As `read_by_group` gives them.
    group : str
        The one that is looked at.

    Examples
    --------
    >>> import pandas as pd
    >>> import goodwill as gw
    >>> log = pd.DataFrame({"customer_id": ["a", "b"], "date": ["2025-01-02", "2025-02-04"], "shop": ["y", "x"]})
    >>> Lenders(gw.data.read_by_group(log, "shop"), "x")
    <Lenders 'x' of the groups in DataFrame>
    """

    transactions: Transactions
    group: str
    _known: dict[tuple[date, str, str], pd.DataFrame] = field(default_factory=dict, repr=False)

    def others(self, end: date, unit: str, grain: str) -> pd.DataFrame:
        """The histories of the other groups' customers up to a day; of many groups of some, of all sizes.

        Returns
        -------
        DataFrame
            frequency, recency, T, monetary_value (where there is money) and group.
        """
        if (end, unit, grain) not in self._known:
            self._known[end, unit, grain] = self._others(end, unit, grain)
        return self._known[end, unit, grain]

    def _others(self, end: date, unit: str, grain: str) -> pd.DataFrame:
        log = self.transactions
        columns = [*HISTORY, "monetary_value"] if log.has_amount else HISTORY
        if log.first > end:
            return pd.DataFrame(columns=[*columns, "group"])
        customers = summarize_purchases(log, unit=unit, grain=grain, end=end).to_pandas()
        customers = customers[columns].assign(group=groups_of(customers["customer_id"]))
        sizes = customers["group"].value_counts().drop(self.group, errors="ignore").sort_index().sort_values(kind="stable")
        chosen = sizes.index[np.unique(np.linspace(0, len(sizes) - 1, MOST).astype(int))] if len(sizes) > MOST else sizes.index
        return customers[customers["group"].isin(chosen)]

    def _said(self) -> str:
        return f"{self.group!r} of the groups in {self.transactions.source}"


def lenders(source: Any, group: str, *, born_after: str = "", **told: Any) -> Lenders | None:
    """The groups from which one of them borrows; None where no source is named.

    Parameters
    ----------
    source : purchases of all groups, as in `read_transactions`
    group : column=value, such as "region=north": which of them is looked at
    born_after : as in `customers_kept`
    **told : as in `read_transactions`

    Raises
    ------
    DataError
        For a group that is not there or not told, and as `read_transactions`.

    Examples
    --------
    >>> import goodwill as gw
    >>> log = gw.read_transactions("cdnow_sample").to_pandas()
    >>> log["region"] = log["customer_id"].astype(int).mod(3).map({0: "north", 1: "south", 2: "west"})
    >>> lenders(log, "region=north").group
    'north'
    >>> lenders("", "") is None  # nothing is borrowed
    True
    """
    if source is None or (isinstance(source, str) and not source):
        if group:
            raise DataError(f"group={group!r} says which group the data are, but not where all of them are; pass borrow_from= too")
        return None
    column, sign, value = group.partition("=")
    if not sign:
        raise DataError(f"group={group!r}: say which group the data are as column=value, such as region=north")
    read = customers_kept(read_by_group(source, column.strip(), **told), acquired=bool(told.get("acquired")), born_after=born_after)
    value = value.strip() or NO_GROUP
    known = named_groups(read)
    if value not in known:
        raise DataError(f"column {column.strip()!r} of {read.source} has no group {value!r}; it holds {', '.join(known[:20])}")
    return Lenders(read, value)


@dataclass(frozen=True, eq=False, repr=False)
class Borrowing(Shown):
    """A purchase model of one group that borrows from others. Stands where a class of a purchase model may stand: `fit` gives a `Fit` of
    the plain model to the group's own customers.

    Attributes
    ----------
    plain : BetaGeoNBD, ModifiedBetaGeoNBD or ParetoNBD
    lenders : Lenders

    Examples
    --------
    >>> import goodwill as gw
    >>> log = gw.read_transactions("cdnow_sample").to_pandas()
    >>> log["region"] = log["customer_id"].astype(int).mod(20).map(lambda k: "north" if k == 0 else "south" if k < 11 else "west")
    >>> model = Borrowing(gw.BetaGeoNBD, gw.lifetime_value.lenders(log, "region=north"))
    >>> north = gw.summarize_purchases(gw.read_transactions(log[log["region"] == "north"]), end="1997-09-30")
    >>> model.fit(north).parameters.round(1)  # nearly those of all of CDNOW: groups that chance has formed are alike
    array([0.2, 4.3, 0.8, 2.4])
    """

    plain: Any
    lenders: Lenders
    _known: dict[tuple[date, str, str, int], GroupFits] = field(default_factory=dict, repr=False)

    @property
    def __name__(self) -> str:
        return str(self.plain.__name__)

    def _said(self) -> str:
        return f"{self.plain.__name__} of {self.lenders._said()}"

    def fit(self, data: PurchaseSummary, prior: float | None = None) -> Fit:
        """The fit of the group, of what was known when the calibration of `data` ended; see `fit_groups`.

        Raises
        ------
        FitError
            For a frame, which does not tell when its histories end.
        """
        return self.groups(data, prior)[self.lenders.group]

    def groups(self, data: PurchaseSummary, prior: float | None = None) -> GroupFits:
        """The fits of the group and of those from which it borrows."""
        if getattr(data, "transactions", None) is None:
            raise FitError("what other groups had done by then is known by dates, which a frame does not tell; pass a PurchaseSummary")
        end = data.calibration_end or data.end
        key = (end, data.unit, data.grain, data.counts["customers"])
        if key not in self._known or prior is not None:
            own, others = data.to_pandas()[HISTORY].assign(group=self.lenders.group), self.lenders.others(end, data.unit, data.grain)
            every = _Histories(pd.concat([own, others[own.columns]], ignore_index=True), data.unit)
            self._known[key] = fit_groups(every, "group", model=self.plain, prior=prior)
        return self._known[key]


@dataclass(frozen=True, eq=False, repr=False)
class BorrowedSpend(Shown):
    """Gamma-Gamma of one group that borrows from others; stands where the name of a spend model may stand (`spend_model_for`).

    Attributes
    ----------
    lenders : Lenders

    Examples
    --------
    >>> import goodwill as gw
    >>> log = gw.read_transactions("cdnow_sample").to_pandas()
    >>> log["region"] = log["customer_id"].astype(int).mod(20).map(lambda k: "north" if k == 0 else "south" if k < 11 else "west")
    >>> spend = BorrowedSpend(gw.lifetime_value.lenders(log, "region=north"))
    >>> north = gw.summarize_purchases(gw.read_transactions(log[log["region"] == "north"]), end="1997-09-30")
    >>> gw.lifetime_value.choose_spend(north, spend).reason
    'borrowed'
    """

    lenders: Lenders

    def _said(self) -> str:
        return f"GammaGamma of {self.lenders._said()}"

    def fit(self, summary: PurchaseSummary) -> Fit:
        """The fit of the group, of what was known when the calibration ended."""
        return self.fit_on(summary.calibration_end or summary.end, positive_spend(summary), summary.grain)

    def fit_on(self, made: date, paying: pd.DataFrame, grain: str = "day") -> Fit:
        """The fit of the group by what was known on a day, of its customers who had come back and paid.

        Raises
        ------
        TooLittle
            When the mean of spend does not exist.
        """
        others = self.lenders.others(made, "day", grain)
        others = others[(others["frequency"] > 0) & (others["monetary_value"] > 0)]
        own = paying.assign(group=self.lenders.group)
        columns = [name for name in ("frequency", "monetary_value", "weight", "group") if name in own]
        every = pd.concat([own[columns], others.assign(weight=1.0)[columns]], ignore_index=True)
        return with_a_mean(fit_groups(every, "group", model=GammaGamma, names=[self.lenders.group])[self.lenders.group])


def spend_model_for(how: str, lenders: Lenders | None) -> Any:
    """What `choose_spend` is told: the name of a spend model as it was given, or, of a group that borrows, its borrowed spend.

    Parameters
    ----------
    how : automatic, independent, by frequency or first amount; the last two do not borrow

    Examples
    --------
    >>> spend_model_for("automatic", None)
    'automatic'
    """
    return BorrowedSpend(lenders) if lenders is not None and how in ("automatic", "independent") else how


class _Histories(NamedTuple):
    """A frame that knows its time unit, as a summary does."""

    frame: pd.DataFrame
    unit: str

    def to_pandas(self) -> pd.DataFrame:
        return self.frame


class Leaning(NamedTuple):
    """What one group has of its own, and what it leans on.

    Attributes
    ----------
    customers, repeaters : of the group
    groups : int
        From which it borrows.
    expected : Interval
        Repeat purchases of a new customer of the group within a year.
    together : float
        By the fit of all groups as if they were one.
    alone : float or None
        By a fit of its own; None where it has none (nobody came back, a ridge).
    own : float
        Share of what is expected that rests on its own customers.

    Examples
    --------
    >>> import goodwill as gw
    >>> Leaning(40, 25, 12, gw.inference.Interval(2.1, 1.6, 2.8), together=2.4, alone=1.5, own=0.6).own
    0.6
    """

    customers: int
    repeaters: int
    groups: int
    expected: Interval
    together: float
    alone: float | None
    own: float


def leaning(model: Any, summary: PurchaseSummary) -> Leaning | None:
    """How far the fit of a group leans on others; None of a model that borrows nothing.

    Parameters
    ----------
    model : class of a purchase model, or `Borrowing`
    summary : to which it is fitted

    Examples
    --------
    >>> import goodwill as gw
    >>> leaning(gw.BetaGeoNBD, gw.summarize_purchases(gw.read_transactions("cdnow_sample"))) is None
    True
    """
    if not isinstance(model, Borrowing):
        return None
    fits, year = model.groups(summary), UNITS_PER_YEAR[summary.unit]
    row = {name: float(column[model.lenders.group]) for name, column in fits.table(year).items()}
    try:
        own = model.plain.fit(summary)
        alone = float(own.model.expected_purchases_new_customer(year)) if own.converged else None
    except GoodwillError:  # nobody came back
        alone = None
    expected = Interval(row["expected"], row["lower"], row["upper"])
    return Leaning(int(row["customers"]), int(row["repeaters"]), len(fits.fits) - 1, expected, row["together"], alone, row["own"])
