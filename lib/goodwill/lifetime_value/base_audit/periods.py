"""Customers by period: who bought in each whole one, how often, and how they differ within it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from goodwill.data.purchases import netted, occasions
from goodwill.errors import DataError, TooLittle
from goodwill.inference.uncertainty import Interval
from goodwill.shown import Shown

if TYPE_CHECKING:
    from goodwill.data.tables import Transactions

PERIODS = {"year": ("Y", "Y"), "quarter": ("Q", "Q"), "month": ("M", "M")}  # of Ibis and of pandas
FEWEST_COHORT = 30  # customers, below which a cohort is not compared with others


@dataclass(frozen=True, repr=False)
class BaseAudit(Shown):
    """Purchases and money of each customer in each whole period.

    Attributes
    ----------
    cells : DataFrame
        A row for each customer and period with a purchase or a return: customer (a code), born (place of the period of the first
        purchase), at (place of the period), purchases (days with a purchase), money (missing without amounts).
    names : tuple of str
        The whole periods by place: "1997", "1997Q2" or "1997-05".
    period : "year", "quarter" or "month"
    partial : tuple of str
        Periods at the ends that the records do not cover, which are left out.
    has_money : bool

    Examples
    --------
    >>> import goodwill as gw
    >>> audit = gw.lifetime_value.audit_base(gw.read_transactions(gw.example("orders")), "month")
    >>> audit.names, audit.partial, audit.cells["purchases"].sum().item()
    (('2025-01', '2025-02', '2025-03'), (), 6)
    """

    cells: pd.DataFrame
    names: tuple[str, ...]
    period: str
    partial: tuple[str, ...]
    has_money: bool

    def _said(self) -> str:
        return (
            f"{len(self.names)} whole {self.period}s, {self.names[0]} to {self.names[-1]}, {self.cells['customer'].nunique():,} customers"
        )

    def _frame(self) -> pd.DataFrame:
        return by_period(self)


def audit_base(transactions: Transactions, period: str = "automatic") -> BaseAudit:
    """Purchases and money of each customer in each whole calendar period.

    Parameters
    ----------
    transactions : Transactions
    period : {"automatic", "year", "quarter", "month"}
        automatic takes the longest of which the records hold at least three whole ones, and customers won in two of them; else the
        longest with three; else with two.

    Raises
    ------
    DataError
        For another period.
    TooLittle
        When the records hold less than two whole periods, or no purchase in them (returns alone).

    Examples
    --------
    >>> from goodwill.data import read_transactions
    >>> audit_base(read_transactions("cdnow_sample"))
    <BaseAudit 18 whole months, 1997-01 to 1998-06, 2,357 customers>
    """
    if period not in ("automatic", *PERIODS):
        raise DataError(f"period={period!r}; use one of automatic, {', '.join(PERIODS)}.")
    found = {name: _whole(transactions, name) for name in PERIODS}
    if period == "automatic":
        period = _longest(transactions, found)
    whole = found[period]
    if len(whole) < 2:
        raise TooLittle(
            f"The records run from {transactions.first} to {transactions.last}, which holds {len(whole)} whole {period}(s); "
            "an audit of the base needs two."
        )
    cells = _cells(transactions, period, whole)
    if not (cells["purchases"] > 0).any():
        raise TooLittle(f"Nothing was bought in the {len(whole)} whole {period}s of the records, so there is no customer base to audit.")
    every = pd.period_range(transactions.first, transactions.last, freq=PERIODS[period][1])
    partial = tuple(str(each) for each in every if each not in whole)
    return BaseAudit(cells, tuple(str(each) for each in whole), period, partial, transactions.has_amount)


def _whole(transactions: Transactions, period: str) -> pd.PeriodIndex:
    every = pd.period_range(transactions.first, transactions.last, freq=PERIODS[period][1])
    first, last = pd.Timestamp(transactions.first), pd.Timestamp(transactions.last)
    return every[(every.start_time.normalize() >= first) & (every.end_time.normalize() <= last)]


def _longest(transactions: Transactions, found: dict[str, pd.PeriodIndex]) -> str:
    enough = [name for name, whole in found.items() if len(whole) >= 3]
    days = occasions(transactions, "day", None, transactions.last)
    born = pd.to_datetime(days.group_by("customer_id").aggregate(born=days.day.min()).born.to_pandas()) if enough else pd.Series()
    for name in enough:
        won = born.dt.to_period(PERIODS[name][1]).value_counts()
        if (won[won.index.isin(found[name])] >= FEWEST_COHORT).sum() > 1:
            return name
    return next(iter(enough), next((name for name, whole in found.items() if len(whole) >= 2), "month"))


def _cells(transactions: Transactions, period: str, whole: pd.PeriodIndex) -> pd.DataFrame:
    days = occasions(transactions, "day", None, transactions.last)
    bought = days.bought if netted(transactions) else None
    values: dict[str, Any] = {"purchases": days.count() if bought is None else bought.sum()}
    if transactions.has_amount:
        values["money"] = days.money.sum().cast("float64")  # as decimals they would be turned one by one
    cells = days.group_by("customer_id", start=days.day.truncate(PERIODS[period][0])).aggregate(**values)
    births = days if bought is None else days.filter(bought)
    born = births.group_by("customer_id").aggregate(born=births.day.min())
    frame = cells.join(born, "customer_id").to_pandas()
    place = {each: at for at, each in enumerate(whole)}
    frame["at"] = _periods(frame["start"], period).map(place)
    frame["born"] = _periods(frame["born"], period).map(place).fillna(-1).astype(int)  # -1: before the first whole period
    frame = frame[frame["at"].notna()].assign(at=lambda each: each["at"].astype(int))
    frame["customer"] = pd.factorize(frame["customer_id"], sort=True)[0]
    frame["money"] = frame["money"] if transactions.has_amount else np.nan
    frame["purchases"] = frame["purchases"].astype(int)
    return frame[["customer", "born", "at", "purchases", "money"]].sort_values(["customer", "at"], ignore_index=True)


def _periods(days: pd.Series, period: str) -> pd.Series:
    return pd.to_datetime(days).dt.to_period(PERIODS[period][1])


def by_period(audit: BaseAudit) -> pd.DataFrame:
    """A row for each period: active customers, new ones among them, purchases, money, and the three that make it up.

    money = customers x purchases per customer x money per purchase.

    >>> import goodwill as gw
    >>> audit = gw.lifetime_value.audit_base(gw.read_transactions(gw.example("orders")), "month")
    >>> by_period(audit)[["period", "customers", "new", "purchases", "money"]].head(2).to_dict("list")
    {'period': ['2025-01', '2025-02'], 'customers': [2, 2], 'new': [2, 1], 'purchases': [3, 2], 'money': [70.0, 40.0]}
    """
    cells = audit.cells[audit.cells["purchases"] > 0]
    grouped = cells.groupby("at")
    table = pd.DataFrame({"customers": grouped.size(), "purchases": grouped["purchases"].sum()})
    table["new"] = cells[cells["born"] == cells["at"]].groupby("at").size()
    table["money"] = audit.cells.groupby("at")["money"].sum(min_count=1)
    table = table.reindex(range(len(audit.names))).fillna({"customers": 0, "purchases": 0, "new": 0})
    table["purchases_each"] = table["purchases"] / table["customers"]
    table["money_each"] = table["money"] / table["purchases"]
    table.insert(0, "period", audit.names)
    return table.astype({"customers": int, "purchases": int, "new": int}).reset_index(drop=True)


def spread_of(audit: BaseAudit, at: int = -1) -> pd.DataFrame:
    """First way to look: the customers of one period by how often they bought.

    Parameters
    ----------
    audit : of `audit_base`
    at : place of the period among `audit.names`; by default the last

    Returns
    -------
    DataFrame
        bought (1, 2, …, "6 or more"), customers, share_of_customers, money, share_of_money.

    Examples
    --------
    >>> import goodwill as gw
    >>> audit = gw.lifetime_value.audit_base(gw.read_transactions(gw.example("orders")), "month")
    >>> spread_of(audit, 0)[["bought", "customers", "share_of_money"]].head(2).round(2).to_dict("list")
    {'bought': ['1', '2'], 'customers': [1, 1], 'share_of_money': [0.57, 0.43]}
    """
    cells = customers_of(audit, at)
    labels = cells["purchases"].clip(upper=6)
    grouped = cells.groupby(labels)
    table = pd.DataFrame({"customers": grouped.size(), "money": grouped["money"].sum(min_count=1)}).reindex(range(1, 7))
    table["customers"] = table["customers"].fillna(0).astype(int)
    table["share_of_customers"] = table["customers"] / max(int(table["customers"].sum()), 1)
    table["share_of_money"] = table["money"] / table["money"].sum()
    table.insert(0, "bought", [*map(str, range(1, 6)), "6 or more"])
    return table[["bought", "customers", "share_of_customers", "money", "share_of_money"]].reset_index(drop=True)


def top_share(audit: BaseAudit, share: float = 0.1, at: int = -1) -> Interval:
    """The part of a period's money that its best customers brought, with the interval of a bootstrap over customers.

    Ties at the cut count in proportion.

    Parameters
    ----------
    audit : of `audit_base`
    share : of the customers of the period who brought most, between 0 and 1
    at : place of the period among `audit.names`; by default the last

    Raises
    ------
    TooLittle
        When there is no money in that period.

    Examples
    --------
    >>> import goodwill as gw
    >>> audit = gw.lifetime_value.audit_base(gw.read_transactions(gw.example("orders")), "month")
    >>> round(top_share(audit, share=0.5, at=0).estimate, 2)  # b brought 40 of the 70 of January
    0.57
    """
    money = np.sort(np.maximum(customers_of(audit, at)["money"].to_numpy(float), 0.0))[::-1]
    if not money.sum() > 0:
        raise TooLittle("There is no money in that period, so nobody brought a part of it.")
    rng = np.random.default_rng(1)
    draws = [_part(np.sort(rng.choice(money, len(money)))[::-1], share) for _ in range(200)]
    low, high = np.quantile(draws, [0.025, 0.975])
    return Interval(_part(money, share), float(low), float(high))


def _part(money: np.ndarray, share: float) -> float:
    count = share * len(money)
    whole = int(count)
    held = money[:whole].sum() + (count - whole) * (money[whole] if whole < len(money) else 0.0)
    return float(held / money.sum())


def customers_of(audit: BaseAudit, at: int) -> pd.DataFrame:
    place = range(len(audit.names))[at]
    return audit.cells[(audit.cells["at"] == place) & (audit.cells["purchases"] > 0)]
