"""What a constant rate of purchase does not know: weekdays, promotion days, seasons, and a hold-out in another part of the year.

The purchase models let nobody's rate depend on the date. A calendar that matters shows in repeat purchases, of which the customers' first
ones are no part. A season can be told from a trend only where months come back: below two years of data nothing is said about its size.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import special

from goodwill.calendar import DAYS_PER_UNIT
from goodwill.data.purchases import summarize_purchases
from goodwill.data.tables import Transactions
from goodwill.data.tracking import births, purchases_by_period
from goodwill.errors import DataError, TooLittle
from goodwill.inference.uncertainty import Interval, normal_quantile
from goodwill.lifetime_value.counts import log_linear
from goodwill.shown import Shown

FloatArray = NDArray[np.float64]

LEVEL_DAYS = 29  # days over which the local level of a day is taken: four weeks and the day
LEVEL_WEEKS = 13  # weeks over which that of a week is taken: a quarter
CHANCE = 0.01  # that chance makes any day (or week) of a log stick out
MONTHS_TO_MEASURE = 24  # each month of the year seen twice
DIFFERENT = 0.1  # share of the days in other months from which calibration and hold-out count as different
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
# Name, month, day, days before and after that belong to it.
FIXED = (
    ("Valentine's Day", 2, 14, 5, 0),
    ("Women's Day (3.8)", 3, 8, 3, 0),
    ("618", 6, 18, 3, 2),
    ("Double 11", 11, 11, 3, 2),
    ("Double 12", 12, 12, 1, 0),
    ("Christmas", 12, 25, 18, 0),
    ("New Year", 1, 1, 1, 1),
)


def occasion_of(day: date) -> str:
    """The promotion or festival that a day belongs to, or nothing.

    >>> [occasion_of(date(2025, *d)) for d in ((6, 18), (11, 11), (12, 20), (11, 28), (12, 1), (8, 5))]
    ['618', 'Double 11', 'Christmas', 'Black Friday', 'Cyber Monday', '']
    """
    for name, month, on, before, after in FIXED:
        for year in (day.year - 1, day.year, day.year + 1):
            if -before <= (day - date(year, month, on)).days <= after:
                return name
    november = date(day.year, 11, 1)
    friday = november + timedelta(days=(3 - november.weekday()) % 7 + 22)  # after the fourth Thursday of November
    return {-1: "Thanksgiving", 0: "Black Friday", 1: "Black Friday", 2: "Black Friday", 3: "Cyber Monday"}.get((day - friday).days, "")


@dataclass(frozen=True, repr=False)
class CalendarProfile(Shown):
    """Repeat purchases by the calendar; every ratio has a 95 % interval (lower, upper) that admits more dispersion than Poisson.

    Attributes
    ----------
    weekdays : DataFrame
        weekday, purchases, ratio (to the local level).
    weeks : DataFrame
        start, purchases, level (mean of the quarter around, the week itself left out), ratio, sticks_out, occasion.
    months : DataFrame
        start, days, purchases, per_day, ratio (to the mean day of all months: trend and season together).
    peaks : DataFrame
        Days that chance does not explain: date, purchases, expected (local level and weekday), ratio, p_value, occasion ("" when none
        matches), the largest first.
    seasons : DataFrame or None
        month (1 to 12), name, ratio (to the mean month, trend and number of known customers taken out); None below two years.
    years : float
        Length of the data.

    Examples
    --------
    >>> import goodwill as gw
    >>> profile = gw.lifetime_value.calendar_profile(gw.read_transactions("cdnow_sample"))
    >>> round(profile.years, 2), profile.weekdays.set_index("weekday")["ratio"].round(2).to_dict()
    (1.49, {'Monday': 1.07, 'Tuesday': 1.08, 'Wednesday': 0.98, 'Thursday': 1.01, 'Friday': 0.96, 'Saturday': 0.9, 'Sunday': 0.98})
    """

    weekdays: pd.DataFrame
    weeks: pd.DataFrame
    months: pd.DataFrame
    peaks: pd.DataFrame
    seasons: pd.DataFrame | None
    years: float


def calendar_profile(transactions: Transactions, *, end: date | str | None = None) -> CalendarProfile:
    """Repeat purchases by week, month and weekday against their mean, and the days that stick out.

    Parameters
    ----------
    end : last day that counts, as in `summarize_purchases`

    Raises
    ------
    TooLittle
        When there are less than eight weeks, or too few repeat purchases to have a profile (50).

    Notes
    -----
    A day is compared with the 29 days around it, times its weekday; days that stick out are taken out of that level and the rest is done
    again. Their dispersion is that of the middle half of all days, so that the peaks do not hide themselves. A peak has a chance below .01
    over the number of days. In the first weeks of a log, levels rise with the number of known customers.

    Examples
    --------
    >>> from goodwill.data import read_transactions
    >>> profile = calendar_profile(read_transactions("cdnow_sample"))
    >>> profile.seasons is None, profile.weekdays["purchases"].sum().item()
    (True, 4339)
    """
    days, known = _daily(transactions, end)
    count = days["purchases"].to_numpy(float)
    if len(days) < 56 or count.sum() < 50:
        raise TooLittle(f"A calendar profile needs eight weeks and 50 repeat purchases; here are {len(days)} days and {count.sum():.0f}.")
    weekday = days["date"].dt.weekday.to_numpy()
    expected, dispersion, out = _expected(count, weekday)
    bought, usual = (np.bincount(weekday, values, 7) for values in (count, expected[0]))
    by_weekday = _ratios(bought, usual, dispersion)
    weekdays = pd.DataFrame({"weekday": WEEKDAYS, "purchases": bought.astype(int), **by_weekday})
    weeks, months = _weeks(days), _months(days, dispersion)
    peaks = _peaks(days, expected[1], dispersion, out)
    years = len(days) / DAYS_PER_UNIT["year"]
    seasons = _seasons(days, known)[0] if _whole_months(days)["whole"].sum() >= MONTHS_TO_MEASURE else None
    return CalendarProfile(weekdays, weeks, months, peaks, seasons, years)


@dataclass(frozen=True, repr=False)
class SeasonGap(Shown):
    """What `season_gap` found.

    Attributes
    ----------
    coverage : DataFrame
        month, name, calibration, holdout: shares of the days of each that lie in the month.
    overlap : float
        Share of the days that the two have in common by month; 1 when they cover the year alike.
    ratio : Interval or None
        Purchases of a day in the hold-out over those of a day in the calibration, by season alone (95 %); None below two years.
    warns : bool
    months : float
        Length of the data.

    Examples
    --------
    >>> import pandas as pd
    >>> coverage = pd.DataFrame({"month": [1, 2], "name": ["January", "February"], "calibration": [1.0, 0.0], "holdout": [0.0, 1.0]})
    >>> found = SeasonGap(coverage, overlap=0.0, ratio=None, warns=True, months=2.0)
    >>> found.warns  # learned in January, judged in February
    True
    """

    coverage: pd.DataFrame
    overlap: float
    ratio: Interval | None
    warns: bool
    months: float


def season_gap(transactions: Transactions, calibration_end: date | str, *, end: date | str | None = None) -> SeasonGap:
    """Do calibration and hold-out lie in different parts of the year, and by how much does that matter?

    The size is measured with at least two years of data (all of them, the hold-out included); with less it is said that it cannot be.

    Examples
    --------
    >>> from goodwill.data import read_transactions
    >>> gap = season_gap(read_transactions("cdnow_sample"), "1997-09-30")
    >>> gap.warns, gap.ratio, round(gap.overlap, 2)
    (True, None, 0.66)
    """
    days, known = _daily(transactions, end)
    held = days["date"] > pd.Timestamp(str(calibration_end))
    if not 0 < held.sum() < len(days):
        window = f"{transactions.first} to {end or transactions.last}"
        raise DataError(f"calibration_end={calibration_end} leaves no calibration or no hold-out within {window}.")
    month = days["date"].dt.month.to_numpy() - 1
    shares = [np.bincount(month[part], minlength=12) / part.sum() for part in (~held.to_numpy(), held.to_numpy())]
    coverage = pd.DataFrame({"month": np.arange(1, 13), "name": MONTHS, "calibration": shares[0], "holdout": shares[1]})
    overlap = float(np.minimum(*shares).sum())
    ratio = None
    if _whole_months(days)["whole"].sum() >= MONTHS_TO_MEASURE:
        seasons, covariance = _seasons(days, known)
        factor = seasons["ratio"].to_numpy()
        level = [share @ factor for share in shares]
        slope = shares[1] * factor / level[1] - shares[0] * factor / level[0]
        middle, reach = np.log(level[1] / level[0]), normal_quantile(0.95) * np.sqrt(slope @ covariance @ slope)
        ratio = Interval(*(float(np.exp(middle + k * reach)) for k in (0, -1, 1)))
    warns = overlap < 1 - DIFFERENT
    return SeasonGap(coverage, overlap, ratio, warns, len(days) / DAYS_PER_UNIT["month"])


def _daily(transactions: Transactions, end: Any) -> tuple[pd.DataFrame, FloatArray]:
    """Repeat purchases of every day (date, purchases), and the customers known in the morning."""
    summary = summarize_purchases(transactions, unit="day", end=end)
    days = purchases_by_period(summary)
    days = days[days["complete"]].rename(columns={"start": "date", "repeat_purchases": "purchases"})[["date", "purchases"]]
    born = births(summary)
    new = np.bincount(born["time"].to_numpy(int), born["customers"], len(days))[: len(days)]
    return days.reset_index(drop=True), (np.cumsum(new) - new).astype(float)


def _around(values: FloatArray, width: int, use: NDArray[np.bool_] | None = None, own: bool = True) -> FloatArray:
    """Mean of the `width` values around each (fewer at the ends), of those to be used, with or without its own."""
    kernel = np.ones(width)
    if not own:
        kernel[width // 2] = 0
    kept = np.ones_like(values) if use is None else use.astype(float)
    return np.convolve(values * kept, kernel, "same") / np.maximum(np.convolve(kept, kernel, "same"), 1e-9)


def _expected(count: FloatArray, weekday: NDArray) -> tuple[tuple[FloatArray, FloatArray], float, NDArray[np.bool_]]:
    """Local level, and level times weekday; the dispersion around it; and the days that stick out."""
    usual = np.ones(count.size, bool)
    for _ in range(4):
        level = np.maximum(_around(count, LEVEL_DAYS, usual), 1e-3)
        factor = np.bincount(weekday[usual], count[usual], 7) / np.maximum(np.bincount(weekday[usual], level[usual], 7), 1e-9)
        expected = np.maximum(level * factor[weekday], 1e-3)
        residual = (count - expected) / np.sqrt(expected)
        low, high = np.quantile(residual, [0.25, 0.75])
        dispersion = max(((high - low) / 1.349) ** 2, 1.0)
        now = special.gammainc(np.maximum(count, 1e-9) / dispersion, expected / dispersion) >= CHANCE / count.size
        if np.array_equal(now, usual):
            break
        usual = now
    return (level, expected), dispersion, ~usual


def _ratios(count: ArrayLike, expected: ArrayLike, dispersion: float) -> dict[str, FloatArray]:
    """Counts over what was expected, with the interval of a Poisson count of count / dispersion."""
    n, tail = np.asarray(count, float) / dispersion, 0.025
    low = np.where(n > 0, special.gammaincinv(np.maximum(n, 1e-9), tail), 0.0)
    bounds = {"ratio": n, "lower": low, "upper": special.gammaincinv(n + 1, 1 - tail)}
    return {name: value * dispersion / np.maximum(np.asarray(expected, float), 1e-9) for name, value in bounds.items()}


def _weeks(days: pd.DataFrame) -> pd.DataFrame:
    size = len(days) // 7
    count = days["purchases"].to_numpy(float)[: 7 * size].reshape(size, 7).sum(axis=1)
    level = np.maximum(_around(count, LEVEL_WEEKS, own=False), 1e-3)
    low, high = np.quantile((count - level) / np.sqrt(level), [0.25, 0.75])
    dispersion = max(((high - low) / 1.349) ** 2, 1.0)
    starts = days["date"].iloc[: 7 * size : 7].reset_index(drop=True)
    out = special.gammainc(np.maximum(count, 1e-9) / dispersion, level / dispersion) < CHANCE / size
    names = [_in_week(start.date()) if sticks else "" for start, sticks in zip(starts, out, strict=True)]
    frame = pd.DataFrame({"start": starts, "purchases": count.astype(int), "level": level, **_ratios(count, level, dispersion)})
    return frame.assign(sticks_out=out, occasion=names)


def _in_week(start: date) -> str:
    named = [occasion_of(start + timedelta(days=k)) for k in range(7)]
    return next((name for name in named if name), "")


def _whole_months(days: pd.DataFrame) -> pd.DataFrame:
    first = days["date"].dt.to_period("M").dt.to_timestamp()
    grouped = days.groupby(first)["purchases"].agg(["size", "sum"])
    starts = pd.DatetimeIndex(grouped.index)
    frame = pd.DataFrame({"start": starts, "days": grouped["size"].to_numpy(), "purchases": grouped["sum"].to_numpy()})
    return frame.assign(whole=frame["days"].to_numpy() == starts.days_in_month.to_numpy())


def _months(days: pd.DataFrame, dispersion: float) -> pd.DataFrame:
    frame = _whole_months(days).drop(columns="whole")
    mean = frame["purchases"].sum() / frame["days"].sum()
    ratios = _ratios(frame["purchases"].to_numpy(float), mean * frame["days"].to_numpy(float), dispersion)
    return frame.assign(per_day=frame["purchases"] / frame["days"], **ratios)


def _peaks(days: pd.DataFrame, expected: FloatArray, dispersion: float, out: NDArray[np.bool_]) -> pd.DataFrame:
    count = days["purchases"].to_numpy(float)
    frame = pd.DataFrame(
        {"date": days["date"], "purchases": days["purchases"], "expected": expected, **_ratios(count, expected, dispersion)}
    )
    frame["p_value"] = special.gammainc(np.maximum(count, 1e-9) / dispersion, expected / dispersion)
    frame["occasion"] = [occasion_of(day.date()) for day in frame["date"]]
    return frame[out].sort_values("ratio", ascending=False).reset_index(drop=True)


def _seasons(days: pd.DataFrame, known: FloatArray) -> tuple[pd.DataFrame, FloatArray]:
    """Ratio of each month of the year, and the covariance of their logarithms: months of all years, with a quadratic trend per customer."""
    months = _whole_months(days)
    at = months.index.to_numpy()
    of_month = np.bincount(np.repeat(at, months["days"]), known) / months["days"].to_numpy()
    months = months.assign(known=of_month)
    months = months[(months["known"] > 0) & months["whole"]]
    place = months["start"].dt.month.to_numpy() - 1
    time = np.linspace(-1, 1, len(months))
    effects = np.eye(12)[:, :11]
    effects[11] = -1  # logarithms that add up to zero
    design = np.column_stack([np.ones(len(months)), time, time**2, effects[place]])
    fitted = log_linear(months["purchases"], design, np.log(months["days"] * months["known"]))
    log_factor, covariance = effects @ fitted.coefficients[3:], effects @ fitted.covariance[3:, 3:] @ effects.T
    mean = np.exp(log_factor).mean()
    # Relative to the mean month, and with Student's quantile for the few months that are left to know the dispersion.
    turn = np.eye(12) - np.exp(log_factor) / np.exp(log_factor).sum()
    covariance = turn @ covariance @ turn.T
    covariance *= (special.stdtrit(fitted.degrees, 0.975) / normal_quantile(0.95)) ** 2
    ratio, reach = np.exp(log_factor) / mean, normal_quantile(0.95) * np.sqrt(np.diag(covariance))
    columns = {"ratio": ratio, "lower": ratio * np.exp(-reach), "upper": ratio * np.exp(reach)}
    return pd.DataFrame({"month": np.arange(1, 13), "name": MONTHS, **columns}), covariance
