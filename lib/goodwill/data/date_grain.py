"""Are dates known to the day? Logs whose dates stand for a week, a month or a longer time, and purchases counted by such periods.

Models in continuous time take every purchase to happen at its own moment. Where every date is a Monday, or the first of a month, the moment
is lost, and purchases of one customer within a period have become one: intervals then hold too little. Such a log is one of opportunities:
in every period a customer buys or does not, which is what a model in discrete time (`BetaGeoBetaBinom`) is made for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import ibis
import numpy as np

from goodwill.data.purchases import grain_start, netted, observed_window, occasions
from goodwill.data.tables import Transactions
from goodwill.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

SHARE = 0.98  # of the rows must lie on a grain: a few corrections by hand do not hide it
FEWEST = 8  # different dates below which nothing is said: that all of eight are of one weekday has a chance of one in 800,000
MOST_STEP = 62  # days between dates that are looked at as a rhythm of their own
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
PERIODS = ("day", "week", "month", "quarter", "year")


@dataclass(frozen=True)
class DateGrain:
    """What `date_grain` found.

    Attributes
    ----------
    kind : {"day", "week", "month", "quarter", "year", "days"}
        The time that a date stands for; `day` is what a log should have; `days` is a rhythm of `step` days.
    on : str
        Where in that time the dates lie: a weekday, "first", "last", or a number of the day of the month; "" for days.
    step : int
        Days between dates, of weeks and rhythms; 0 for months and longer, 1 for days.
    share : float
        Share of the rows that lie there.
    dates : int
        Different dates in the log.

    Examples
    --------
    >>> DateGrain("month", on="first", step=0, share=1.0, dates=18).period, DateGrain("days", on="", step=10, share=0.99, dates=40).period
    ('month', None)
    >>> import goodwill as gw
    >>> gw.data.date_grain(gw.read_transactions("cdnow_sample")).is_coarse  # its dates are days
    False
    """

    kind: str
    on: str
    step: int
    share: float
    dates: int

    @property
    def is_coarse(self) -> bool:
        """Whether a date stands for more than its day."""
        return self.kind != "day"

    @property
    def period(self) -> str | None:
        """The period by which purchases can be counted (`purchase_opportunities`); None for days and for rhythms of their own."""
        return self.kind if self.kind in PERIODS[1:] else None


def date_grain(transactions: Transactions) -> DateGrain:
    """The time that a date of the log stands for: its day, or a week, a month or longer.

    Notes
    -----
    Only how often each date occurs is asked of the engine. A shop that really sells on Saturdays only is told as a week as well: there is
    one opportunity a week, which is what matters to a model.

    Examples
    --------
    >>> from goodwill.data import read_transactions
    >>> date_grain(read_transactions("cdnow_sample")).kind
    'day'
    >>> import pandas as pd
    >>> mondays = pd.DataFrame({"customer_id": range(20), "date": pd.date_range("2025-01-06", periods=20, freq="7D")})
    >>> found = date_grain(read_transactions(mondays))
    >>> found.kind, found.on, found.period
    ('week', 'Monday', 'week')
    """
    counted = transactions.table.group_by("date").aggregate(rows=lambda t: t.count()).to_pandas().sort_values("date")
    days = np.array(counted["date"].to_numpy(), dtype="datetime64[D]")
    rows, size = counted["rows"].to_numpy(float), len(counted)
    if size >= FEWEST:
        for found in (_monthly(days, rows), _weekly(days, rows)):
            if found is not None:
                return found
    return DateGrain("day", "", 1, 1.0, size)


def _monthly(days: np.ndarray, rows: np.ndarray) -> DateGrain | None:
    """Dates at one place of their months; only every third or twelfth month when that is all there is."""
    months = days.astype("datetime64[M]")
    day = (days - months.astype("datetime64[D]")).astype(int) + 1
    last = (months + 1).astype("datetime64[D]") - 1 == days
    number = int(np.bincount(day, rows).argmax())
    places = {"first": day == 1, "last": last, str(number): day == number}
    on, share = max(((name, float(rows @ at / rows.sum())) for name, at in places.items()), key=lambda each: each[1])
    if share < SHARE:
        return None
    of_year = np.bincount(months[places[on]].astype(int) % 12, rows[places[on]], 12) > 0
    kinds = {"year": of_year.sum() == 1, "quarter": any(not np.delete(of_year, range(at, 12, 3)).any() for at in range(3)), "month": True}
    return DateGrain(next(kind for kind, holds in kinds.items() if holds), on, 0, share, len(days))


def _weekly(days: np.ndarray, rows: np.ndarray) -> DateGrain | None:
    """Dates of one weekday, or in a rhythm of some days."""
    weekday = (days.astype(int) + 3) % 7  # 1970-01-01 was a Thursday
    at = int(np.bincount(weekday, rows, 7).argmax())
    share = float(rows @ (weekday == at) / rows.sum())
    kept = days[weekday == at] if share >= SHARE else days
    step = math.gcd(*np.diff(kept).astype(int).tolist()) if len(kept) > 1 else 1
    if share >= SHARE:
        return DateGrain("week" if step == 7 else "days", WEEKDAYS[at], min(step, MOST_STEP), share, len(days))
    return DateGrain("days", "", step, 1.0, len(days)) if 1 < step <= MOST_STEP else None


def purchase_opportunities(
    transactions: Transactions, every: str, *, calibration_end: date | str | None = None, end: date | str | None = None
) -> pd.DataFrame:
    """In how many periods each customer bought: what `BetaGeoBetaBinom` is fitted to.

    Parameters
    ----------
    every : {"day", "week", "month", "quarter", "year"}
        The period, by the calendar; weeks begin on Monday.
    calibration_end, end : date or str, optional
        As in `summarize_purchases`. The periods that hold these dates count as whole, since coarse dates stand for all of their period.

    Returns
    -------
    DataFrame
        A row per customer, by id: customer_id, frequency (periods with a purchase after the first one), recency (periods from the first
        to the last), T (periods from the first to the end of the calibration); with a holdout frequency_holdout and duration_holdout.

    Raises
    ------
    DataError
        For an unknown period, or an end outside the data.

    Examples
    --------
    >>> from goodwill.data import read_transactions
    >>> found = purchase_opportunities(read_transactions("cdnow_sample"), "month", calibration_end="1997-09-30")
    >>> found[["frequency", "recency", "T", "frequency_holdout"]].max().tolist(), int(found["duration_holdout"].iloc[0])
    ([8, 8, 8, 9], 9)
    """
    if every not in PERIODS:
        raise DataError(f"every={every!r}: choose one of {', '.join(PERIODS)}.")
    calibrated, last = observed_window(transactions, calibration_end, end)
    days = occasions(transactions, "day", None, last)
    days = days.filter(days.bought) if netted(transactions) else days
    stop = period_number(calibrated or last, every)
    numbered = days.mutate(period=_period(days.day, every)).select("customer_id", "period").distinct()
    known = numbered.period <= stop
    values: dict[str, Any] = {
        "first": numbered.period.min(),
        "latest": numbered.period.max(where=known),
        "periods": known.sum(),
        "frequency_holdout": (~known).sum(),
    }
    frame = numbered.group_by("customer_id").aggregate(**values).to_pandas().sort_values("customer_id", ignore_index=True)
    frame = frame[frame["first"] <= stop].reset_index(drop=True).astype({"periods": int, "latest": int, "first": int})
    frame = frame.assign(frequency=frame["periods"] - 1, recency=frame["latest"] - frame["first"], T=stop - frame["first"])
    names = ["customer_id", "frequency", "recency", "T"]
    if calibrated is None:
        return frame[names]
    frame = frame.assign(frequency_holdout=frame["frequency_holdout"].astype(int), duration_holdout=period_number(last, every) - stop)
    return frame[[*names, "frequency_holdout", "duration_holdout"]]


def period_number(day: date, every: str) -> int:
    """The number of the period that holds a day, counted through.

    >>> period_number(date(2025, 3, 31), "month") - period_number(date(2024, 12, 1), "month")
    3
    """
    if every in ("day", "week"):
        return (grain_start(day, every) - date(1970, 1, 5)).days // (7 if every == "week" else 1)
    return {"month": day.year * 12 + day.month - 1, "quarter": day.year * 4 + (day.month - 1) // 3, "year": day.year}[every]


def _period(day: Any, every: str) -> Any:
    """`period_number` of a column."""
    if every in ("day", "week"):
        since = day if every == "day" else day.truncate("W")
        return (since.delta(ibis.literal(date(1970, 1, 5)), unit="day").cast("int64") // (7 if every == "week" else 1)).cast("int64")
    year, month = day.year().cast("int64"), day.month().cast("int64")
    return {"month": year * 12 + month - 1, "quarter": year * 4 + ((month - 1) // 3).cast("int64"), "year": year}[every]
