"""How the size of a purchase drifts for everybody, and amounts with that drift taken out.

Spend models take amounts to be stable in time. Where prices rise, customers of an old calibration seem to spend too little in the hold-out,
and whichever model foretells more looks nearer: the choice of a model follows the drift and not the customers. So the common level is taken
out first. It is found within customers, who are their own comparison: that frequent customers spend more, or that other customers come in
later, is no drift.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import ibis
import numpy as np
import pandas as pd

from goodwill.data.purchases import netted, occasions
from goodwill.data.tables import Transactions
from goodwill.errors import TooLittle
from goodwill.inference.parameters import FloatArray
from goodwill.inference.uncertainty import Interval, normal_quantile
from goodwill.shown import Shown

FEWEST = 50  # customers with repeat purchases in two months or more, below which no drift is measured
MONTH = 20  # repeat purchases of a month below which its level is that of the trend
ROUNDS = 500


@dataclass(frozen=True, repr=False)
class PriceDrift(Shown):
    """What `price_drift` found.

    Attributes
    ----------
    yearly : Interval
        Factor on the size of a purchase from one year to the next (95 %, customers independent).
    levels : DataFrame
        A row per month of the data: month, purchases (repeat purchases it rests on), level (of a purchase, the mean over repeat purchases
        being one).
    customers : int
        Customers with repeat purchases in two months or more, within whom the drift is measured.

    Examples
    --------
    >>> import goodwill as gw
    >>> drift = gw.lifetime_value.price_drift(gw.read_transactions("cdnow_sample"))
    >>> drift.customers, round(drift.yearly.estimate, 2), drift.yearly.lower < 1 < drift.yearly.upper
    (708, 1.05, True)
    """

    yearly: Interval
    levels: pd.DataFrame
    customers: int


def price_drift(transactions: Transactions) -> PriceDrift:
    """The common level of the size of repeat purchases by month, and its trend, each customer compared with themselves.

    Raises
    ------
    TooLittle
        Without money, or with fewer than `FEWEST` customers who bought again in two different months.

    Notes
    -----
    Money of a customer in a month = purchases x customer x level. The levels are those of Poisson pseudo-maximum likelihood with an effect
    for each customer, which asks nothing of the distribution of amounts (Wooldridge 1999, Journal of Econometrics 90(1)); so is the trend,
    with the sandwich variance over customers. First purchases are left out: they are of another size, and cohorts have them all at once.
    A customer who spends more with every purchase cannot be told from prices that rise.

    Examples
    --------
    >>> from goodwill.data import read_transactions
    >>> found = price_drift(read_transactions("cdnow_sample"))
    >>> found.customers, len(found.levels)
    (708, 18)
    """
    if not transactions.has_amount:
        raise TooLittle(f"{transactions.source} has no money, so a drift of amounts cannot be measured.")
    cells = _repeat_money(transactions)
    months = pd.period_range(transactions.first, transactions.last, freq="M")
    size = len(months)
    customer = pd.factorize(cells["customer_id"])[0]
    month = cells["month"].to_numpy(int)
    count, money = cells["purchases"].to_numpy(float), cells["money"].to_numpy(float)
    within = np.bincount(customer)[customer] > 1
    people = len(np.unique(customer[within]))
    if people < FEWEST:
        raise TooLittle(f"A drift of amounts needs {FEWEST} customers who bought again in two months or more; here are {people}.")
    who, when, often, paid = customer[within], month[within], count[within], money[within]
    trend = _trend(who, when, often, paid)
    seen = np.bincount(month, count, size)
    level = _levels(who, when, often, paid, size)
    path = trend.estimate ** (np.arange(size) / 12)
    known = np.bincount(when, often, size) >= MONTH
    path = path * np.exp(np.average(np.log(level[known] / path[known]), weights=seen[known])) if known.any() else path
    level = np.where(known, level, path)
    level = level / np.average(level, weights=np.maximum(seen, 1e-9))
    return PriceDrift(trend, pd.DataFrame({"month": months.to_timestamp(), "purchases": seen.astype(int), "level": level}), people)


def at_steady_prices(transactions: Transactions, drift: PriceDrift) -> Transactions:
    """The same log with every amount divided by the level of its month; nothing is written to the database that holds it.

    Parameters
    ----------
    transactions : Transactions
        With money.
    drift : of `price_drift`

    Returns
    -------
    Transactions
        Lazy, like the ones given.

    Examples
    --------
    >>> import pandas as pd
    >>> import goodwill as gw
    >>> log = gw.read_transactions(gw.example("orders"))
    >>> doubled = pd.DataFrame({"month": pd.to_datetime(["2025-01-01", "2025-02-01", "2025-03-01"]), "level": [1.0, 2.0, 2.0]})
    >>> drift = gw.lifetime_value.PriceDrift(gw.inference.Interval(1.0, 1.0, 1.0), doubled, customers=2)
    >>> steady = at_steady_prices(log, drift)
    >>> steady.to_pandas().sort_values("date")["amount"].astype(float).tolist()
    [10.0, 20.0, 40.0, 7.5, 12.5, 15.0]
    """
    table = transactions.table
    month = table.date.truncate("M").cast("date")
    known = zip(drift.levels["month"].dt.date, drift.levels["level"].astype(float), strict=True)
    level = ibis.cases(*((month == ibis.literal(day), ibis.literal(size)) for day, size in known), else_=ibis.literal(1.0))
    amount = (table.amount.cast("float64") / level).cast("decimal(18, 4)")
    return replace(transactions, table=table.mutate(amount=amount))


def _repeat_money(transactions: Transactions) -> pd.DataFrame:
    """Repeat purchases and their money by customer and month (counted from the first of the data); days without money left out."""
    days = occasions(transactions, "day", None, transactions.last)
    days = days.filter(days.bought) if netted(transactions) else days
    born = days.group_by("customer_id").aggregate(birth=days.day.min())
    later = days.join(born, "customer_id").filter(lambda t: (t.day > t.birth) & (t.money > 0))
    since = (later.day.year() - transactions.first.year) * 12 + later.day.month() - transactions.first.month
    values = {"purchases": later.count(), "money": later.money.sum().cast("float64")}
    cells = later.group_by("customer_id", month=since.cast("int64")).aggregate(**values)
    return cells.to_pandas().sort_values(["customer_id", "month"], ignore_index=True)


def _levels(customer: np.ndarray, month: np.ndarray, count: FloatArray, money: FloatArray, size: int) -> FloatArray:
    """Level of each month with an effect for each customer, by turns until nothing moves; months without purchases have one."""
    level, spent, sold = np.ones(size), np.bincount(customer, money), np.bincount(month, money, size)
    for _ in range(ROUNDS):
        effect = spent / np.maximum(np.bincount(customer, count * level[month]), 1e-300)
        usual = np.bincount(month, count * effect[customer], size)
        new = np.where(usual > 0, sold / np.where(usual > 0, usual, 1.0), 1.0)
        new = np.where(usual > 0, new / np.exp(np.log(new[usual > 0]).mean()), 1.0)
        if np.abs(np.log(new / level)).max() < 1e-10:
            break
        level = new
    return level


def _trend(customer: np.ndarray, month: np.ndarray, count: FloatArray, money: FloatArray) -> Interval:
    """Factor a year, by Newton's method on the conditional likelihood of each customer's shares of money."""
    time, spent, slope = month / 12, np.bincount(customer, money), 0.0
    time = time - time.mean()
    for _ in range(ROUNDS):
        weight = count * np.exp(slope * time)
        share = weight / np.bincount(customer, weight)[customer]
        mean = np.bincount(customer, share * time)
        variance = np.bincount(customer, share * time**2) - mean**2
        scores, information = np.bincount(customer, money * time) - spent * mean, float(spent @ variance)
        step = float(scores.sum()) / information
        slope += step
        if abs(step) < 1e-10:
            break
    reach = normal_quantile(0.95) * np.sqrt((scores**2).sum()) / information
    return Interval(*(float(np.exp(slope + side * reach)) for side in (0, -1, 1)))
