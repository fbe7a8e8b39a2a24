"""Purchases and answers of the same customers, as one table of histories with what has just happened to those who answered."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from goodwill.errors import TooLittle
from goodwill.shown import Shown

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
FEWEST = 50  # answers of customers who had bought, below which nothing is estimated


@dataclass(frozen=True, eq=False, repr=False)
class AnsweredHistories(Shown):
    """Histories of customers and the answers of those who gave one; one row per customer.

    Attributes
    ----------
    frequency, recency, T : as in a purchase summary [unit]
    level : number of the answer among the levels of the scale, -1 where there is none, shape (customers,)
    asked : whether she had bought by the day of the survey, so that she could answer
    quiet_since : whether she has not bought since the survey, so that she may have left before it
    recent : what has just happened to each, faded until the survey, shape (customers, kinds); 0 where there is no answer
    kinds : names of its columns
    shares : of the answers, by level
    spread : standard deviation of the answers [points]
    unit : of the times
    reliability : of what stands for answers, where it is not that of single answers (`grouped_answers`)

    Examples
    --------
    >>> import goodwill as gw
    >>> made = gw.relationship.example_records()
    >>> made.histories
    <AnsweredHistories 1,200 customers, 357 answers on 10 levels, times in weeks>
    >>> made.histories.kinds, made.histories.shares.round(2).tolist()  # of the answers 1 to 10
    (('acceptable', 'dissatisfied', 'purchase', 'satisfied'), [0.0, 0.0, 0.03, 0.08, 0.1, 0.15, 0.22, 0.18, 0.1, 0.14])
    """

    frequency: Floats
    recency: Floats
    T: Floats
    level: NDArray[np.int64]
    asked: NDArray[np.bool_]
    quiet_since: NDArray[np.bool_]
    recent: Floats
    kinds: tuple[str, ...]
    shares: Floats
    spread: float
    unit: str
    reliability: float | None = None

    def _said(self) -> str:
        return f"{len(self.T):,} customers, {(self.level >= 0).sum():,} answers on {len(self.shares)} levels, times in {self.unit}s"

    @cached_property
    def rows(self) -> tuple[NDArray[np.intp], NDArray[np.intp], Floats]:
        """Places of the distinct rows, the distinct row of each customer, and how many customers each stands for."""
        plain = [self.frequency, self.recency, self.T, self.level, self.asked, self.quiet_since]
        _, first, inverse, count = np.unique(
            np.column_stack([*plain, self.recent]), axis=0, return_index=True, return_inverse=True, return_counts=True
        )
        return first, inverse.ravel(), count.astype(float)

    @property
    def answers(self) -> int:
        """Customers who answered."""
        return int((self.level >= 0).sum())


def answered_histories(
    customers: pd.DataFrame,
    answers: pd.Series,
    levels: Any,
    *,
    recent: pd.DataFrame | None = None,
    since_survey: float = 0.0,
    unit: str = "week",
) -> AnsweredHistories:
    """Join histories with answers.

    Parameters
    ----------
    customers : customer_id, frequency, recency, T (in the unit), as from `PurchaseSummary.to_pandas`
    answers : overall satisfaction by customer id (text); ids of nobody are left out
    levels : of the scale, in order
    recent : what has just happened, one column a kind, by customer id (see `lately`); by default nothing is known of it
    since_survey : time from the survey to the end of the data [unit]
    unit : of the times

    Raises
    ------
    TooLittle
        Fewer than 50 answers of customers, or all the same.

    Examples
    --------
    >>> import goodwill as gw
    >>> made = gw.relationship.example_records()
    >>> found = answered_histories(made.customers, made.answers.said, made.answers.levels, since_survey=26.0)
    >>> found.answers, round(found.spread, 2), int(found.quiet_since.sum())
    (357, 1.95, 837)
    """
    places = np.asarray(levels, float)
    ids = customers["customer_id"].astype(str)
    said = ids.map(answers[answers.notna() & ~answers.index.duplicated()]).to_numpy(float)
    known = np.isfinite(said)
    if known.sum() < FEWEST:
        raise TooLittle(f"{int(known.sum())} answers are of customers who had bought; joining satisfaction with leaving takes {FEWEST}.")
    level = np.where(known, np.searchsorted(places, np.where(known, said, places[0])), -1)
    shares = np.bincount(level[known], minlength=len(places)) / known.sum()
    if (shares > 0).sum() < 2:
        raise TooLittle("All answers are the same, so that nobody can be told apart by satisfaction.")
    x, t_x, T = (customers[name].to_numpy(float) for name in ("frequency", "recency", "T"))
    happened = np.zeros((len(x), 0)) if recent is None else recent.reindex(ids).fillna(0.0).to_numpy(float)
    happened = np.where(known[:, None], happened, 0.0)
    used = (happened > 0).sum(axis=0) >= 10  # what happened to hardly anybody who answered is not estimated
    kinds = tuple(np.array([] if recent is None else recent.columns, object)[used])
    spread = float(np.std(said[known], ddof=1))
    return AnsweredHistories(x, t_x, T, level, since_survey <= T, T - t_x >= since_survey, happened[:, used], kinds, shares, spread, unit)


def plain_histories(customers: pd.DataFrame, unit: str = "week") -> AnsweredHistories:
    """Histories of customers whom nobody asked.

    >>> import pandas as pd
    >>> plain_histories(pd.DataFrame({"frequency": [2], "recency": [20.0], "T": [30.0]})).level.tolist()  # no answer
    [-1]
    """
    x, t_x, T = (customers[name].to_numpy(float) for name in ("frequency", "recency", "T"))
    nobody = np.zeros(len(x), bool)
    return AnsweredHistories(x, t_x, T, np.full(len(x), -1), nobody, nobody, np.zeros((len(x), 0)), (), np.ones(1), 1.0, unit)


def lately(events: pd.DataFrame, asked: Any, fades: float) -> pd.DataFrame:
    """What has just happened to each customer: events before the survey, each counting exp(-days since it / days in which it fades).

    Parameters
    ----------
    events : customer_id, date and kind, such as purchases, and complaints by their outcome
    asked : day of the survey
    fades : mean time in which it fades [days]

    Returns
    -------
    DataFrame
        One row per customer id (text) of the events before the survey, one column a kind.

    Examples
    --------
    >>> import pandas as pd
    >>> days = pd.to_datetime(["2025-01-01", "2025-01-31", "2025-01-31"])
    >>> events = pd.DataFrame({"customer_id": [7, 7, 8], "date": days, "kind": "purchase"})
    >>> lately(events, pd.Timestamp("2025-01-31"), fades=30.0).round(3)["purchase"].to_dict()
    {'7': 1.368, '8': 1.0}
    """
    import pandas as pd

    days = (pd.Timestamp(asked) - pd.to_datetime(events["date"])).dt.days.to_numpy()
    left = events[["kind"]].assign(customer_id=events["customer_id"].astype(str), left=np.exp(-np.maximum(days, 0) / fades))[days >= 0]
    return left.groupby(["customer_id", "kind"])["left"].sum().unstack(fill_value=0)
