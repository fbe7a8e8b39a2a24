"""Purchases and births over time, for tracking plots: what a model has to follow."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from goodwill.calendar import DAYS_PER_UNIT
from goodwill.data.purchases import PurchaseSummary, grain_start, netted, occasions
from goodwill.data.tables import Transactions

if TYPE_CHECKING:
    import pandas as pd


def births(summary: PurchaseSummary) -> pd.DataFrame:
    """First purchases by date, of the customers in a summary.

    Returns
    -------
    DataFrame
        `date` (of the grain), `time` (in units since the first date of the data), `customers`.

    Examples
    --------
    >>> from goodwill.data import read_transactions, summarize_purchases
    >>> births(summarize_purchases(read_transactions("cdnow_sample"), calibration_end="1997-09-30")).customers.sum().item()
    2357
    """
    frame = summary.rows.group_by(date=summary.rows.birth).aggregate(customers=lambda t: t.count()).order_by("date").to_pandas()
    origin = grain_start(summary.transactions.first, summary.grain)
    frame.insert(1, "time", _time(frame["date"], origin, summary.unit))
    return frame


def purchase_days(transactions: Transactions) -> pd.DataFrame:
    """The days on which each customer bought, merged by the engine: what comparing complainers with others needs of a log.

    Returns
    -------
    DataFrame
        `customer_id`, `date`, by customer and date; each pair once, days of returns only left out.

    Examples
    --------
    >>> from goodwill.data import read_transactions
    >>> len(purchase_days(read_transactions("cdnow_sample")))
    6696
    """
    days = occasions(transactions, "day", None, transactions.last)
    if netted(transactions):
        days = days.filter(days.bought)
    # Engines differ in the order of texts.
    return days.select("customer_id", date=days.day).to_pandas().sort_values(["customer_id", "date"], ignore_index=True)


def repeats_by_day(summary: PurchaseSummary) -> pd.DataFrame:
    """Repeat purchases on each day with any, of the customers in a summary until its end; the first of each customer is not counted.

    Returns
    -------
    DataFrame
        `day` (dates, of the grain) and `purchases`, in the order of the days.
    """
    import pandas as pd

    transactions = summary.transactions
    merged = occasions(transactions, summary.grain, None, summary.end)
    if netted(transactions):
        merged = merged.filter(merged.bought)
    repeats = merged.join(summary.rows.select("customer_id", "birth"), "customer_id").filter(lambda t: t.day > t.birth)
    daily = repeats.group_by("day").aggregate(purchases=lambda t: t.count()).order_by("day").to_pandas()
    daily["day"] = pd.to_datetime(daily["day"]).dt.date
    return daily


def purchases_by_period(summary: PurchaseSummary) -> pd.DataFrame:
    """Repeat purchases per period since the first date of the data, of the customers in a summary; the hold-out included.

    The first purchase of each customer is not counted. To compare with a model, sum its expectation over the cohorts:
    the expected cumulative number at `time` t is the sum over `births` with b <= t of customers x E[X(t - b)].

    Returns
    -------
    DataFrame
        `period` (1, 2, ...), `start`, `end` (its dates), `time` (of its last date, in units since the first date of the data, as T is
        counted), `repeat_purchases`, `cumulative`, `complete` (False when the observation stops within it).

    Examples
    --------
    >>> from goodwill.data import read_transactions, summarize_purchases
    >>> weeks = purchases_by_period(summarize_purchases(read_transactions("cdnow_sample"), calibration_end="1997-09-30"))
    >>> weeks.cumulative[38].item(), weeks.cumulative[77].item()
    (2457, 4339)
    """
    import pandas as pd

    transactions, unit = summary.transactions, summary.unit
    daily = repeats_by_day(summary)
    origin, length = grain_start(transactions.first, summary.grain), DAYS_PER_UNIT[unit]
    days = (summary.end - origin).days
    # Period k covers the days before k lengths have passed that no earlier one covers: 0 to 6 for the first week.
    last = [math.ceil(k * length) - 1 for k in range(1, int(days // length) + 2)]
    ends = [origin + timedelta(days=d) for d in last]
    starts = [origin, *(e + timedelta(days=1) for e in ends[:-1])]
    place: Any = pd.Series(ends).searchsorted(daily["day"]) if len(daily) else []
    counted = (
        pd.Series(daily["purchases"].to_numpy(), index=place).groupby(level=0).sum().reindex(range(len(ends)), fill_value=0).astype("int64")
    )
    shown = [min(e, summary.end) for e in ends]
    frame = pd.DataFrame({"period": range(1, len(ends) + 1), "start": pd.to_datetime(starts), "end": pd.to_datetime(shown)})
    frame["time"] = _time(frame["end"], origin, unit)
    frame["repeat_purchases"] = counted.to_numpy()
    frame["cumulative"] = frame["repeat_purchases"].cumsum()
    frame["complete"] = [e <= summary.end for e in ends]
    return frame


def _time(dates: Any, origin: date, unit: str) -> Any:
    import pandas as pd

    return (pd.to_datetime(dates) - pd.Timestamp(origin)).dt.days / DAYS_PER_UNIT[unit]


def bought_by_day(summary: PurchaseSummary, first: date, count: int, born: Any, repeats: float) -> Any:
    """Repeat purchases of the customers in a summary on each of `count` days from the first on, within its calibration.

    Parameters
    ----------
    born : array, shape (count,)
        How many of them bought for the first time on each day.
    repeats : float
        How many repeat purchases there are, by which it is seen whether these are all customers of the log: then no row is looked up.

    Returns
    -------
    array, shape (count,)

    Examples
    --------
    >>> import numpy as np
    >>> from goodwill.data import read_transactions, summarize_purchases
    >>> customers = summarize_purchases(read_transactions("cdnow_sample"), calibration_end="1997-09-30")
    >>> float(bought_by_day(customers, date(1997, 1, 1), 273, np.zeros(273), 2457.0).sum())  # first purchases of nobody are told
    2457.0
    """
    import numpy as np
    import pandas as pd

    stop = summary.calibration_end or summary.end
    merged = occasions(summary.transactions, "day", None, stop)
    if netted(summary.transactions):
        merged = merged.filter(merged.bought)

    def by_day(rows: Any) -> Any:
        daily = rows.group_by("day").aggregate(purchases=lambda t: t.count()).to_pandas()
        at = (pd.to_datetime(daily["day"]) - pd.Timestamp(first)).dt.days.to_numpy()
        inside = (at >= 0) & (at < count)
        return np.bincount(at[inside], weights=daily["purchases"].to_numpy(float)[inside], minlength=count)

    every = by_day(merged) - born
    if every.sum() == repeats:
        return every
    return by_day(merged.join(summary.rows.select("customer_id", "birth"), "customer_id").filter(lambda t: t.day > t.birth))
