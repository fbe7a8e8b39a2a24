"""A customer-base audit: what the records say of customers, period by period and cohort by cohort, without any model.

Five ways to look at the same purchases, after Fader, Hardie & Ross, The Customer-Base Audit: how customers differ within a period; what
changed from one period to the next; what became of a cohort; how cohorts differ at the same age; and which cohorts carry the base.
A period is a whole calendar month, quarter or year; a cohort are the customers whose first purchase in the records falls into one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from goodwill.data.purchases import netted, occasions
from goodwill.errors import DataError, TooLittle
from goodwill.inference.uncertainty import Interval, normal_quantile
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
        values["money"] = days.money.sum()
    cells = days.group_by("customer_id", start=days.day.truncate(PERIODS[period][0])).aggregate(**values)
    births = days if bought is None else days.filter(bought)
    born = births.group_by("customer_id").aggregate(born=births.day.min())
    frame = cells.join(born, "customer_id").to_pandas()
    place = {each: at for at, each in enumerate(whole)}
    frame["at"] = _periods(frame["start"], period).map(place)
    frame["born"] = _periods(frame["born"], period).map(place).fillna(-1).astype(int)  # -1: before the first whole period
    frame = frame[frame["at"].notna()].assign(at=lambda each: each["at"].astype(int))
    frame["customer"] = pd.factorize(frame["customer_id"], sort=True)[0]
    frame["money"] = frame["money"].astype(float) if transactions.has_amount else np.nan
    frame["purchases"] = frame["purchases"].astype(int)
    return frame[["customer", "born", "at", "purchases", "money"]].sort_values(["customer", "at"], ignore_index=True)


def _periods(days: pd.Series, period: str) -> pd.Series:
    return pd.to_datetime(days).dt.to_period(PERIODS[period][1])


def by_period(audit: BaseAudit) -> pd.DataFrame:
    """A row for each period: active customers, new ones among them, purchases, money, and the three that make it up.

    money = customers x purchases per customer x money per purchase.
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

    Returns
    -------
    DataFrame
        bought (1, 2, …, "6 or more"), customers, share_of_customers, money, share_of_money.
    """
    cells = _of(audit, at)
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
    """
    money = np.sort(np.maximum(_of(audit, at)["money"].to_numpy(float), 0.0))[::-1]
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


class Change(NamedTuple):
    """What `change` found.

    Attributes
    ----------
    table : DataFrame
        A row for each group (not now, less, as much or more, came back, won since): customers, before, now and difference (money, or
        purchases without it).
    difference : Interval
        Of all money: now minus before; the interval is that of chance among customers: had others like these come, stayed and left.
    parts : DataFrame
        What customers, purchases per customer and money per purchase contributed to the difference; they sum to it.
    before, now : float
    earlier, later : str
        The two periods.
    season : bool
        Whether they are different parts of the year.
    """

    table: pd.DataFrame
    difference: Interval
    parts: pd.DataFrame
    before: float
    now: float
    earlier: str
    later: str
    season: bool


def change(audit: BaseAudit, now: int = -1, before: int | None = None, level: float = 0.95) -> Change:
    """Second way to look: two periods, customer by customer.

    Parameters
    ----------
    now, before : places of the periods; by default the last one, and the same of the year before, so that no season stands between them,
        or where there is none the one before

    Notes
    -----
    Each customer's difference is taken as one draw of what such customers do, and how many there are as chance too (Poisson), so that the
    standard error of the total is the root of the sum of squared differences. The parts are those of the logarithmic mean, which leave no
    remainder and do not depend on an order.
    """
    measure = "money" if audit.has_money else "purchases"
    at = range(len(audit.names))[now]
    earlier = _year_before(audit, at) if before is None else range(len(audit.names))[before]
    if earlier < 0 or earlier == at:
        raise TooLittle("There is no period before, so there is no change.")
    cells = audit.cells[audit.cells["at"].isin([at, earlier])]
    wide = cells.pivot_table(index=["customer", "born"], columns="at", values=measure, aggfunc="sum").reindex(columns=[earlier, at])
    there = cells[cells["purchases"] > 0].pivot_table(index=["customer", "born"], columns="at", values="purchases", aggfunc="sum")
    came = there.reindex(index=wide.index, columns=[earlier, at]).notna().to_numpy()
    both = wide.fillna(0.0).to_numpy(float)
    moved = both[:, 1] - both[:, 0]
    born = wide.index.get_level_values("born").to_numpy()
    group = np.select(
        [~came[:, 1], came[:, 0] & (moved < 0), came[:, 0], born > earlier],
        ["not now", "less", "as much or more", "won since"],
        "came back",
    )
    order = ["not now", "less", "as much or more", "came back", "won since"]
    groups = (
        pd.DataFrame({"group": group, "before": both[:, 0], "now": both[:, 1]})
        .groupby("group")
        .agg(customers=("now", "size"), before=("before", "sum"), now=("now", "sum"))
    )
    table = groups.reindex(order).fillna(0.0).assign(difference=lambda each: each["now"] - each["before"]).reset_index()
    total, reach = float(moved.sum()), normal_quantile(level) * float(np.sqrt((moved**2).sum()))
    sums = by_period(audit).iloc[[earlier, at]]
    return Change(
        table.astype({"customers": int}),
        Interval(total, total - reach, total + reach),
        _parts(sums, measure),
        float(both[:, 0].sum()),
        float(both[:, 1].sum()),
        audit.names[earlier],
        audit.names[at],
        audit.period != "year" and (at - earlier) % {"quarter": 4, "month": 12}[audit.period] != 0,
    )


def _year_before(audit: BaseAudit, at: int) -> int:
    year = {"year": 1, "quarter": 4, "month": 12}[audit.period]
    return at - year if at >= year else at - 1


def _parts(sums: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Logarithmic mean Divisia decomposition of the total into its factors."""
    names = ["customers", "purchases_each", *(["money_each"] if measure == "money" else [])]
    first, last = (float(each) for each in sums[measure])
    if not (first > 0 and last > 0):
        return pd.DataFrame(
            {"part": names, "before": sums[names].iloc[0].to_numpy(), "now": sums[names].iloc[1].to_numpy(), "difference": np.nan}
        )
    weight = (last - first) / np.log(last / first) if last != first else first
    one, two = sums[names].to_numpy(float)
    return pd.DataFrame({"part": names, "before": one, "now": two, "difference": weight * np.log(two / one)})


def cohort_table(audit: BaseAudit) -> pd.DataFrame:
    """Third to fifth way to look: a row for each cohort and age of it, in periods since the first purchase.

    Returns
    -------
    DataFrame
        cohort (its period; customers of before the first whole period have none and stand as "earlier"), born, age, at, size (customers of
        the cohort), active, share_active, purchases, money, money_each (per customer of the cohort, gone or not), so_far (their sum).
    """
    cells = audit.cells
    active = cells[cells["purchases"] > 0]
    sizes = active[active["at"] == active["born"]].groupby("born").size()
    earlier = int(active.loc[active["born"] < 0, "customer"].nunique())
    rows = []
    for born in sorted({int(each) for each in active["born"]}):
        mine, there = cells[cells["born"] == born], active[active["born"] == born]
        size = earlier if born < 0 else int(sizes.get(born, 0))
        for at in range(max(born, 0), len(audit.names)):
            money = float(mine.loc[mine["at"] == at, "money"].sum()) if audit.has_money else np.nan
            here = there[there["at"] == at]
            name = "earlier" if born < 0 else audit.names[born]
            rows.append([name, born, at - born if born >= 0 else np.nan, at, size, len(here), int(here["purchases"].sum()), money])
    table = pd.DataFrame(rows, columns=["cohort", "born", "age", "at", "size", "active", "purchases", "money"])
    table["share_active"] = table["active"] / table["size"].clip(lower=1)
    table["money_each"] = table["money"] / table["size"].clip(lower=1)
    table["so_far"] = table.groupby("born")["money_each"].cumsum() if audit.has_money else np.nan
    return table


def cohorts_at_age(audit: BaseAudit, age: int = 1, level: float = 0.95) -> pd.DataFrame:
    """Fourth way to look: what each cohort had brought, per customer, by the same age.

    Parameters
    ----------
    age : in periods after the one of the first purchase; cohorts that are younger, or of less than 30 customers, are left out

    Returns
    -------
    DataFrame
        cohort, size, active (share who bought in the periods after their first, up to that age), brought (money, or purchases, per
        customer up to that age, the first period included), lower, upper (of chance among customers).
    """
    measure = "money" if audit.has_money else "purchases"
    rows = []
    for born in range(len(audit.names) - age):
        mine = audit.cells[(audit.cells["born"] == born) & (audit.cells["at"] <= born + age)]
        each = mine.groupby("customer")[measure].sum().to_numpy(float)
        if len(each) < FEWEST_COHORT:
            continue
        later = mine[(mine["at"] > born) & (mine["purchases"] > 0)]["customer"].nunique()
        reach = normal_quantile(level) * each.std(ddof=1) / np.sqrt(len(each))
        rows.append([audit.names[born], len(each), later / len(each), each.mean(), each.mean() - reach, each.mean() + reach])
    return pd.DataFrame(rows, columns=["cohort", "size", "active", "brought", "lower", "upper"])


class Drift(NamedTuple):
    """What a customer of the newest cohort brought by the same age, less one of the oldest: an interval, and the two names."""

    difference: Interval
    oldest: str
    newest: str


def drift_of_cohorts(cohorts: pd.DataFrame, level: float = 0.95) -> Drift:
    """Whether newer cohorts are worth more or less at the same age: the newest less the oldest that are large enough.

    Raises
    ------
    TooLittle
        With less than two such cohorts.
    """
    if len(cohorts) < 2:
        raise TooLittle(f"Less than two cohorts of {FEWEST_COHORT} customers are old enough to be compared at one age.")
    first, last = cohorts.iloc[0], cohorts.iloc[-1]
    best = float(last["brought"] - first["brought"])
    reach = float(np.hypot(*(each["upper"] - each["brought"] for each in (first, last)))) * normal_quantile(level) / normal_quantile(0.95)
    return Drift(Interval(best, best - reach, best + reach), str(first["cohort"]), str(last["cohort"]))


def _of(audit: BaseAudit, at: int) -> pd.DataFrame:
    place = range(len(audit.names))[at]
    return audit.cells[(audit.cells["at"] == place) & (audit.cells["purchases"] > 0)]


def cohort_layers(audit: BaseAudit, most: int = 6) -> pd.DataFrame:
    """Fifth way to look: what the customers won in each period brought in every one, neighbouring cohorts taken together where many.

    Returns
    -------
    DataFrame
        cohorts (the first and last period of winning), period, customers (active), purchases, money.
    """
    active = audit.cells[audit.cells["purchases"] > 0]
    born = sorted({int(each) for each in active["born"]})
    known = [each for each in born if each >= 0]  # none where all were won before the first whole period
    parts = np.array_split(np.array(known), min(most, len(known))) if known else []
    label = {-1: "earlier"}
    for part in parts:
        names = [audit.names[each] for each in part]
        label |= dict.fromkeys(part.tolist(), names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}")
    rows = active.assign(cohorts=active["born"].map(label), one=1).groupby(["cohorts", "at"], sort=False)
    table = rows.agg(customers=("one", "sum"), purchases=("purchases", "sum")).reset_index()
    money = audit.cells.assign(cohorts=audit.cells["born"].map(label)).groupby(["cohorts", "at"])["money"].sum(min_count=1).reset_index()
    table = table.merge(money, "left", on=["cohorts", "at"])
    order = {name: place for place, name in enumerate(dict.fromkeys(label[each] for each in born))}
    table = table.sort_values(["cohorts", "at"], key=lambda each: each.map(order) if each.name == "cohorts" else each, ignore_index=True)
    table.insert(1, "period", [audit.names[at] for at in table["at"]])
    return table.drop(columns="at")


def share_of_known(audit: BaseAudit, at: int = -1) -> float:
    """Which part of a period's money (or purchases) came from customers who had been won before it.

    Raises
    ------
    TooLittle
        When nothing came in that period.
    """
    place = range(len(audit.names))[at]
    measure = "money" if audit.has_money else "purchases"
    cells = audit.cells[audit.cells["at"] == place]
    whole = float(cells[measure].sum())
    if not whole > 0:
        raise TooLittle(f"Nothing came in {audit.names[place]}, so nobody brought a part of it.")
    return float(cells.loc[cells["born"] < place, measure].sum()) / whole
