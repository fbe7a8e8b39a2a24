"""Logs that begin in the middle of the story: first purchases that are none, how to see them, and what a burn-in costs.

Most files are "the last 24 months" and no birth cohort. Who bought before the first day is taken for a newcomer on the day of their first
purchase *in the file*. So in the first weeks old customers are discovered, and first purchases pile up there. They bias a purchase model:
these customers have survived already, and the frequent ones come first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import ibis
import numpy as np
import pandas as pd

from goodwill.calendar import UNITS_PER_YEAR
from goodwill.data.purchases import summarize_purchases
from goodwill.data.reading.files import Fact
from goodwill.data.tables import Transactions
from goodwill.data.tracking import births
from goodwill.errors import DataError
from goodwill.inference.uncertainty import Interval, normal_quantile
from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD
from goodwill.lifetime_value.counts import LogLinear, log_linear
from goodwill.shown import Shown

LARGE = 1.25  # excess of first purchases from which it is worth a warning: a fifth of them are none
SURE = 0.01  # p-value below which an excess is called one
BLOCKS = 8  # the first eighth of the time is compared with the trend of the last half
FEWEST = 24  # days or weeks with first purchases, below which nothing can be said


@dataclass(frozen=True, repr=False)
class FirstPurchasePile(Shown):
    """What `first_purchase_pile` found.

    Attributes
    ----------
    kind : {"cohort", "piled", "even", "unclear"}
        `cohort`: first purchases stop long before the data do, so the customers were chosen by when they first bought. `piled`: more
        first purchases at the start than the later trend explains. `even`: no more. `unclear`: too few to tell.
    ratio : Interval
        First purchases in the first eighth of the time over those that the trend of the last half, carried back, would give (95 %).
    p_value : float
        Of a ratio this large if there were no pile (one-sided).
    periods : DataFrame
        start, births, expected, lower, upper (95 % of the count, dispersion included) per week, or per day where time is short.
    until : date or None
        Last day of the visible pile: a burn-in should end no earlier. None without one.
    first : date
        First day of the data.
    span, days : int
        Days in which customers are first seen (of a cohort; else all), and days of the data.

    Examples
    --------
    >>> import goodwill as gw
    >>> pile = gw.lifetime_value.first_purchase_pile(gw.read_transactions("cdnow_sample"))
    >>> pile.kind, pile.span, pile.days, int(pile.periods["births"].sum())  # all came within 84 of 546 days
    ('cohort', 84, 546, 2357)
    """

    kind: str
    ratio: Interval
    p_value: float
    periods: pd.DataFrame
    until: date | None
    first: date
    span: int
    days: int

    @property
    def stop(self) -> date:
        """The last day on which a customer is first seen."""
        return self.first + timedelta(days=self.span - 1)


def first_purchase_pile(transactions: Transactions, *, end: date | str | None = None) -> FirstPurchasePile:
    """Are first purchases piled up at the start of the data, as in a log cut out of a longer one?

    Parameters
    ----------
    transactions : Transactions
    end : last day that counts, as in `summarize_purchases`

    Notes
    -----
    A log-linear trend with dispersion (quasi-Poisson) is fitted to the last half of the time in which customers are first seen, carried
    back, and compared with the first eighth. Slow old customers are still being discovered in the last half, which lifts the trend, so
    that the excess is understated. A season or a promotion in the first weeks looks like a pile: look at the periods. And a cohort is no
    proof of the contrary: that all customers *in the file* were first seen in one quarter does not say that they had not bought before the
    file begins. This only whoever made the file can say.

    Examples
    --------
    >>> from goodwill.data import read_transactions
    >>> found = first_purchase_pile(read_transactions("cdnow_sample"))
    >>> found.kind, found.until
    ('cohort', None)
    """
    summary = summarize_purchases(transactions, unit="day", end=end)
    born = births(summary)
    time, count = born["time"].to_numpy(int), born["customers"].to_numpy(float)
    days, span = (summary.end - transactions.first).days + 1, int(time.max()) + 1
    cohort = _stopped(count.sum(), span, days)
    span = span if cohort else days
    step = 7 if span >= FEWEST * 7 else 1
    size = span // step
    found = np.bincount(time // step, weights=count, minlength=size)[:size]
    starts = pd.to_datetime([transactions.first + timedelta(days=step * k) for k in range(size)])
    if size < FEWEST or found[size // 2 :].sum() < 20:
        nothing = pd.DataFrame({"start": starts, "births": found}).assign(expected=np.nan, lower=np.nan, upper=np.nan)
        return FirstPurchasePile("unclear", Interval(np.nan, np.nan, np.nan), np.nan, nothing, None, transactions.first, span, days)
    design = np.column_stack([np.ones(size), (np.arange(size) - size) / size])
    trend = log_linear(found[size // 2 :], design[size // 2 :])
    ratio, p_value = _excess(found, design, trend, slice(0, max(size // BLOCKS, 1)))
    piled = p_value < SURE and ratio.estimate > LARGE
    kind = "cohort" if cohort else "piled" if piled else "unclear" if ratio.upper > 2 else "even"
    until = _visible(found, design, trend, starts, step) if piled else None
    return FirstPurchasePile(kind, ratio, p_value, _periods(starts, found, design, trend), until, transactions.first, span, days)


def customers_born_after(transactions: Transactions, day: date | str) -> Transactions:
    """Only the customers first seen after a day, with all their rows: a burn-in that lets old customers be discovered first.

    A customer with any row up to the day, a return included, was one before, and is left out; the audit counts them. Old customers who
    buy so rarely that they are not seen before the day remain: the longer the burn-in, the fewer.

    Raises
    ------
    DataError
        When nobody is first seen after the day.

    Examples
    --------
    >>> from goodwill.data import read_transactions, summarize_purchases
    >>> later = customers_born_after(read_transactions("cdnow_sample"), "1997-02-28")
    >>> later.first.isoformat(), summarize_purchases(later).counts["customers"]
    ('1997-03-01', 719)
    """
    last = pd.Timestamp(str(day)).date()
    t = transactions.table
    keep = t.group_by("customer_id").aggregate(seen=t.date.min()).filter(lambda c: c.seen > last)
    return _only(transactions, keep.select("customer_id"), "burn-in", f"customers first seen until {last} left out")


def customers_acquired_after(
    transactions: Transactions, acquired: pd.DataFrame | None = None, day: date | str | None = None, *, customer_id: str = "customer_id"
) -> Transactions:
    """Only the customers whose own date of acquisition lies after a day: better than a burn-in where the date is known.

    Parameters
    ----------
    transactions : Transactions
        Read with `acquired=` when the dates stand in the log itself; the earliest date of a customer counts.
    acquired : DataFrame, optional
        The dates where they stand elsewhere; a row per customer (or per purchase): the id and a column `acquired`.
    day : by default the day before the data begin: who was won since then has their whole history in the log
    customer_id : the column of `acquired` with the id

    Raises
    ------
    DataError
        When a column is missing, or nobody was acquired after the day. Customers without a date are left out, and counted.

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.data import read_transactions
    >>> log = pd.DataFrame({"customer_id": ["a", "b"], "date": ["2025-01-02", "2025-01-04"], "amount": [10, 30]})
    >>> won = pd.DataFrame({"customer_id": ["a", "b"], "acquired": ["2019-05-01", "2025-01-04"]})
    >>> customers_acquired_after(read_transactions(log), won).table.customer_id.to_pandas().tolist()  # a was an old customer
    ['b']
    """
    last = pd.Timestamp(str(day)).date() if day else transactions.first - timedelta(days=1)
    done = f"customers acquired until {last}, or on an unknown day, left out"
    return _only(transactions, _acquired(transactions, acquired, customer_id, last), "acquisition date", done)


def _acquired(transactions: Transactions, acquired: pd.DataFrame | None, customer_id: str, last: date) -> ibis.Table:
    """The ids of the customers won after a day; with dates of the log itself they never leave its engine."""
    t = transactions.table
    if acquired is None:
        if "acquired" not in t.columns:
            raise DataError(
                f"{transactions.source} was read without dates of acquisition; name their column with acquired=, or pass a table."
            )
        return t.group_by("customer_id").aggregate(won=t.acquired.min()).filter(lambda c: c.won > last).select("customer_id")
    for column in (customer_id, "acquired"):
        if column not in acquired:
            raise DataError(f"the table of acquisition dates has no column {column!r}; its columns are {', '.join(map(str, acquired))}")
    dates = pd.to_datetime(acquired["acquired"], errors="coerce").groupby(acquired[customer_id].to_numpy()).min()
    ids = dates.index[dates > pd.Timestamp(last) + pd.Timedelta(hours=23, minutes=59, seconds=59)]
    kind = t.customer_id.type()
    keep = pd.DataFrame({"customer_id": ids.astype(str) if kind.is_string() else ids.astype("int64")})
    return ibis.memtable(keep, schema={"customer_id": kind})


def customers_kept(transactions: Transactions, *, acquired: bool = False, born_after: str = "") -> Transactions:
    """The customers that a report is about: all, or those first seen, or won, after a day.

    Parameters
    ----------
    transactions : Transactions
    acquired : the data say when customers were won; only those won since the data begin, or after `born_after`, are kept
    born_after : keep only customers first seen, or won, after this day; empty keeps all

    Examples
    --------
    >>> from goodwill.data import read_transactions
    >>> everybody = read_transactions("cdnow_sample")
    >>> customers_kept(everybody) is everybody, customers_kept(everybody, born_after="1997-02-28").first.isoformat()
    (True, '1997-03-01')
    """
    if acquired:
        return customers_acquired_after(transactions, day=born_after)
    return customers_born_after(transactions, day=born_after) if born_after else transactions


def burn_in_cost(everybody: Transactions, kept: Transactions, *, horizon: float = 0.0, unit: str = "week") -> pd.DataFrame:
    """What `burn_in_effect` says of the customers that `customers_kept` left; an empty frame when all were kept.

    Parameters
    ----------
    horizon : how far ahead forecasts go, in units; 0 takes a year

    Examples
    --------
    >>> from goodwill.data import read_transactions
    >>> everybody = read_transactions("cdnow_sample")
    >>> len(burn_in_cost(everybody, everybody))  # all were kept, so that nothing was lost
    0
    """
    if kept is everybody:
        return pd.DataFrame()
    return burn_in_effect(everybody, kept, horizon=horizon or UNITS_PER_YEAR[unit], unit=unit)


def burn_in_effect(
    transactions: Transactions, kept: Transactions, *, horizon: float, unit: str = "week", model: Any = BetaGeoNBD
) -> pd.DataFrame:
    """What it costs to keep only some customers, and what it changes.

    Parameters
    ----------
    transactions, kept : before and after `customers_born_after` or `customers_acquired_after`
    horizon : how far ahead forecasts go, in units
    unit : day, week, month or year
    model : class of the purchase model that is fitted to both

    Returns
    -------
    DataFrame
        Columns all, kept, change (kept / all - 1); rows `customers`, `purchases`, `money` (missing without money) in the data;
        `expected of a new customer`: repeat purchases within the horizon of who buys for the first time; `expected of those kept`: the
        purchases within the horizon of the customers kept, by the model fitted to all and by that fitted to them.

    Examples
    --------
    >>> import goodwill as gw
    >>> log = gw.read_transactions("cdnow_sample")
    >>> found = burn_in_effect(log, gw.lifetime_value.customers_born_after(log, "1997-02-28"), horizon=39)
    >>> found.round(2)
                                      all      kept  change
    customers                     2357.00    719.00   -0.69
    purchases                     6696.00   1991.00   -0.70
    money                       244091.94  74568.89   -0.69
    expected of a new customer       1.21      1.22    0.01
    expected of those kept         480.13    484.22    0.01
    """
    before, after = (summarize_purchases(t, unit=unit) for t in (transactions, kept))
    first, second = (model.fit(s).model for s in (before, after))
    rows = after.purchase_rows()
    history, weight = [rows[name].to_numpy() for name in ("frequency", "recency", "T")], rows["weight"].to_numpy()
    table = {
        "customers": [s.counts["customers"] for s in (before, after)],
        "purchases": [s.counts["customers"] + s.counts["repeat_purchases"] for s in (before, after)],
        "money": [_money(t) for t in (transactions, kept)],
        "expected of a new customer": [float(m.expected_purchases_new_customer(horizon)) for m in (first, second)],
        "expected of those kept": [float(weight @ m.expected_purchases(horizon, *history)) for m in (first, second)],
    }
    frame = pd.DataFrame.from_dict(table, orient="index", columns=["all", "kept"]).astype(float)
    return frame.assign(change=frame["kept"] / frame["all"] - 1)


def _money(transactions: Transactions) -> float:
    if not transactions.has_amount:
        return np.nan
    return float(transactions.table.aggregate(money=transactions.table.amount.sum()).to_pyarrow().to_pylist()[0]["money"] or 0)


def _only(transactions: Transactions, keep: ibis.Table, rule: str, done: str) -> Transactions:
    """The rows of some customers, with what was left out in the audit."""
    out = transactions.table.anti_join(keep, "customer_id")
    values: dict[str, Any] = {"rows": out.count(), "customers": out.customer_id.nunique()}
    if transactions.has_amount:
        values["money"] = out.amount.sum()
    n = out.aggregate(**values).to_pyarrow().to_pylist()[0]
    table, detail = (t.semi_join(keep, "customer_id") for t in (transactions.table, transactions._detail))
    ends = table.aggregate(first=table.date.min(), last=table.date.max()).to_pyarrow().to_pylist()[0]
    if ends["first"] is None:
        raise DataError(f"no customer of {transactions.source} would be left: {done} leaves out all; choose an earlier day.")
    fact = Fact(rule, n["rows"], f"{n['customers']:,} {done}", float(n["money"] or 0) if transactions.has_amount else None)
    return replace(transactions, table=table, _detail=detail, facts=(*transactions.facts, fact), **ends)


def _stopped(customers: float, span: int, days: int) -> bool:
    """Whether first purchases end so long before the data that chance is no explanation (one in a million), and a tenth of the time."""
    silent = days - span
    return silent > days / 10 and customers / span * silent > np.log(1e6)


def _excess(found: np.ndarray, design: np.ndarray, trend: LogLinear, part: slice) -> tuple[Interval, float]:
    """Counts over what the trend gives, with interval and one-sided p-value."""
    mean = np.exp(design[part] @ trend.coefficients)
    slope = mean @ design[part] / mean.sum()  # of the logarithm of the expected sum
    actual = max(found[part].sum(), 0.5)
    error = np.sqrt(slope @ trend.covariance @ slope + max(trend.dispersion, 1.0) / mean.sum())
    log_ratio, reach = np.log(actual / mean.sum()), normal_quantile(0.95) * error
    from scipy.special import ndtr

    ends = (float(np.exp(log_ratio + k * reach)) for k in (0, -1, 1))
    return Interval(*ends), float(ndtr(-log_ratio / error))


def _visible(found: np.ndarray, design: np.ndarray, trend: LogLinear, starts: Any, step: int) -> date:
    """The last day of the first blocks, of four periods each, that lie above the trend."""
    at = 0
    while at + 4 <= len(found) // 2 and _excess(found, design, trend, slice(at, at + 4))[0].lower > 1:
        at += 4
    return (starts[max(at, 4) - 1] + pd.Timedelta(days=step - 1)).date()


def _periods(starts: Any, found: np.ndarray, design: np.ndarray, trend: LogLinear) -> pd.DataFrame:
    mean = np.exp(design @ trend.coefficients)
    spread = np.einsum("ij,jk,ik->i", design, trend.covariance, design) + max(trend.dispersion, 1.0) / mean
    reach = np.exp(normal_quantile(0.95) * np.sqrt(spread))
    return pd.DataFrame({"start": starts, "births": found, "expected": mean, "lower": mean / reach, "upper": mean * reach})
