"""Contracts with one row per customer, counted into how many are still there after each renewal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from goodwill.data.reading.answers import left_out, plain, sizes_of
from goodwill.data.reading.files import Fact
from goodwill.errors import DataError, TooLittle

if TYPE_CHECKING:
    from numpy.typing import NDArray

Row = Callable[[int], str]
PERIODS = ("year", "month", "week")
LEFT = {"yes", "y", "true", "t", "1", "1.0", "left", "churned", "cancelled", "canceled", "lost", "ja", "oui", "sí", "si"}
LEFT |= {"是", "有", "流失", "已流失", "离开", "退订"}
THERE = {"no", "n", "false", "f", "0", "0.0", "stayed", "stays", "active", "current", "renewed", "retained", "nein", "non"}
THERE |= {"否", "没有", "没", "未流失", "在网", "在约"}
MOST_PERIODS = 100_000  # 270 years of days: more is a mistake in writing, such as seconds since 1970
WATCHED = 0.25  # share of the customers who must be watched as far as a table goes


@dataclass(frozen=True)
class Renewals:
    """What is known of each customer: how often the contract was renewed, whether it ended then, and the cohort."""

    renewed: NDArray[np.int64]
    ended: NDArray[np.bool_]
    cohort: NDArray[np.object_]


def left_or_there(texts: pd.Series, column: str, where: str, row: Row) -> NDArray[np.bool_]:
    """Whether each customer left, by the words of a column such as `churn`.

    Examples
    --------
    >>> left_or_there(pd.Series(["Yes", "no", "流失"]), "churn", "f.csv", str).tolist()
    [True, False, True]
    """
    low = texts.map(plain)
    bad = np.flatnonzero(~low.isin(LEFT | THERE).to_numpy(bool))
    if len(bad):
        shown = texts.iloc[bad[0]]
        raise DataError(
            f"{where}: column '{column}' holds {shown or 'nothing'} in row {row(int(bad[0]))} ({len(bad)} such); it must say yes where a "
            f"customer left and no where not; {left_out(texts.iloc[bad], 'to leave such customers out', column)}"
        )
    return low.isin(LEFT).to_numpy(bool)


def renewals_of_tenure(tenure: pd.Series, ended: NDArray[np.bool_], column: str, where: str, row: Row) -> NDArray[np.int64]:
    """Renewals made, by the number of periods: who left after three left at the third renewal, who is there after three renewed thrice.

    Examples
    --------
    >>> renewals_of_tenure(pd.Series(["3", "3"]), np.array([True, False]), "tenure", "f.csv", str).tolist()
    [2, 3]
    """
    periods = np.array(sizes_of(tenure.tolist(), whole=True))
    bad = np.flatnonzero(~np.isfinite(periods) | (periods < 0) | (periods > MOST_PERIODS))
    if len(bad):
        shown, most = tenure.iloc[bad[0]], f", at most {MOST_PERIODS:,}" if periods[bad[0]] > MOST_PERIODS else ""
        raise DataError(
            f"{where}: column '{column}' holds {shown or 'nothing'} in row {row(int(bad[0]))} ({len(bad)} such); it must be a number of "
            f"contract periods{most}; {left_out(tenure.iloc[bad], 'to leave such customers out', column)}"
        )
    return np.maximum(np.floor(periods).astype(np.int64) - ended, 0)


def renewals_of_days(start: pd.Series, end: pd.Series, period: str, until: pd.Timestamp) -> NDArray[np.int64]:
    """Complete periods from the start to the day before the end, or to `until` where there is none: so often was the contract renewed.

    Examples
    --------
    >>> days = pd.to_datetime(pd.Series(["2020-01-01", "2020-01-01", "2020-01-01"]))
    >>> ends = pd.to_datetime(pd.Series(["2020-12-31", "2021-06-30", None]))
    >>> renewals_of_days(days, ends, "year", pd.Timestamp("2023-01-01")).tolist()
    [0, 1, 3]
    """
    last = (end - pd.Timedelta(days=1)).where(end.notna(), until)
    last = last.where(last >= start, start)
    if period == "week":
        return np.asarray((last - start).dt.days // 7, np.int64)
    months = 12 * (last.dt.year - start.dt.year) + last.dt.month - start.dt.month - (last.dt.day < start.dt.day)
    return np.asarray((months // (12 if period == "year" else 1)).clip(lower=0), np.int64)


def count_survivors(found: Renewals) -> tuple[pd.DataFrame, list[Fact]]:
    """How many of each cohort are still there after 0, 1, 2, … renewals.

    Notes
    -----
    Who is still there is watched only so far. Shares are therefore those of Kaplan and Meier (1958), and the table says how many customers
    would tell as much: the fewest that were watched at any renewal in it, brought back to the start. Where all are watched equally long
    these are the plain counts.

    Raises
    ------
    TooLittle
        When no cohort has a renewal.
    """
    parts, facts = [], []
    for cohort in dict.fromkeys(found.cohort):
        mine = found.cohort == cohort
        time, share, size = _kaplan_meier(found.renewed[mine], found.ended[mine])
        if len(time) < 2:
            facts.append(Fact(f"no renewal yet: {cohort}", int(mine.sum()), "left out"))
            continue
        parts.append(pd.DataFrame({"cohort": cohort, "time": time, "customers": np.round(size * share).astype(int)}))
        if size < mine.sum():
            done = (
                f"watched for different times: shares by Kaplan and Meier to renewal {time[-1]}, which tell as much as {size:,} customers"
            )
            facts.append(Fact(f"customers: {cohort}", int(mine.sum()), done))
    if not parts:
        raise TooLittle("No customer has come to a renewal yet, so nothing is known of who stays.")
    return pd.concat(parts, ignore_index=True), facts


def _kaplan_meier(renewed: NDArray[np.int64], ended: NDArray[np.bool_]) -> tuple[Any, NDArray[np.float64], int]:
    """Times, shares still there, and of how many customers, as far as a quarter of them is watched."""
    customers = len(renewed)
    times = np.arange(1, int((renewed + ended).max(initial=0)) + 1)
    lost = np.bincount(renewed[ended] + 1, minlength=len(times) + 1)[1:].astype(float)
    asked = np.cumsum(np.bincount(renewed, minlength=len(times) + 1)[::-1])[::-1][1:] + lost  # renewed at a time, or lost at it
    stays = np.cumprod(1 - np.divide(lost, asked, out=np.zeros_like(lost), where=asked > 0))
    before = np.concatenate([[1.0], stays[:-1]])
    watched = np.divide(asked, before, out=np.zeros_like(asked), where=before > 0)  # so many at the start would have been asked as many
    enough = np.flatnonzero((watched < WATCHED * customers) | (asked < 1))
    until = int(enough[0]) if len(enough) else len(times)
    size = int(np.floor(watched[:until].min(initial=float(customers)) + 1e-9))
    return np.arange(until + 1), np.concatenate([[1.0], stays[:until]]), size
