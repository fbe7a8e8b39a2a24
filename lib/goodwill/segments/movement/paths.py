"""Paths of customers through states or segments, from window to window: who was where, and how many took the same way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from goodwill.errors import DataError, TooLittle
from goodwill.shown import Shown

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

GONE = "gone"


@dataclass(frozen=True, eq=False, repr=False)
class Paths(Shown):
    """How many customers took which path through the states.

    Attributes
    ----------
    states : names of the states; `gone` is the last where exit is stated
    codes : (paths, windows) places in `states`; -1 in windows that end before the first purchase
    customers : (paths,)
    windows : what each window is called
    spend, square : (paths, windows) sums of spend, and of its square, over the customers of a path; None without money
    exit_after : windows in a row without a purchase after which a customer counts as gone; None where no exit is stated

    Examples
    --------
    >>> import numpy as np
    >>> paths = Paths(("low", "high"), np.array([[0, 0], [0, 1], [-1, 0]]), np.array([50.0, 10.0, 5.0]), ("2024", "2025"))
    >>> paths.counts(0).tolist(), paths.counts(1).tolist()  # five came in the second year
    ([60.0, 0.0], [55.0, 10.0])
    """

    states: tuple[str, ...]
    codes: IntArray
    customers: FloatArray
    windows: tuple[str, ...]
    spend: FloatArray | None = None
    square: FloatArray | None = None
    exit_after: int | None = None

    def __post_init__(self) -> None:
        if self.codes.ndim != 2 or self.codes.shape != (len(self.customers), len(self.windows)):
            raise DataError(
                f"{len(self.customers)} paths through {len(self.windows)} windows do not fit states of shape {self.codes.shape}"
            )
        if self.codes.size and not -1 <= self.codes.min() <= self.codes.max() < len(self.states):
            raise DataError(f"a path holds a state that is none of the {len(self.states)} named ones")

    def counts(self, at: int) -> FloatArray:
        """Customers by state in window `at`."""
        there = self.codes[:, self.window(at)]
        return np.bincount(there[there >= 0], self.customers[there >= 0], len(self.states)).astype(float)

    def mean_spend(self, at: int) -> tuple[FloatArray, FloatArray]:
        """Mean spend of the customers in each state of window `at`, and its standard error; 0 where nobody is."""
        if self.spend is None or self.square is None:
            raise DataError("the paths carry no money: make them from transactions with an amount")
        at = self.window(at)
        there = self.codes[:, at] >= 0
        place, n = self.codes[there, at], np.maximum(self.counts(at), 1)
        mean = np.bincount(place, self.spend[there, at], len(self.states)) / n
        variance = np.bincount(place, self.square[there, at], len(self.states)) / n - mean**2
        return mean, np.sqrt(np.maximum(variance, 0) / np.maximum(n - 1, 1))

    def window(self, at: int) -> int:
        """A window that exists; raises TooLittle otherwise."""
        if not 0 <= at < len(self.windows):
            raise TooLittle(f"window {at} is asked for, and there are windows 0 to {len(self.windows) - 1}")
        return at


def state_paths(
    transactions: Any,
    edges: Sequence[date],
    cuts: Sequence[float],
    *,
    names: Sequence[str] = ("none", "low", "mid", "high"),
    by: str = "spend",
    exit_after: int | None = None,
) -> Paths:
    """Paths through states of spend (or orders) per window; the engine counts (see `goodwill.data.periods.count_paths`).

    Parameters
    ----------
    transactions, edges, cuts, by : as in `count_paths`
    names : of the states, lowest first: no purchase, then one more than there are cuts
    exit_after : windows in a row without a purchase from which on a customer is `gone`; a rule, not an observation: some come back, and
        the row `gone` shows how many. By default there is no exit, and `none` holds those who pause and those who left.

    Raises
    ------
    DataError
        When names and cuts do not fit, or an exit after fewer than two windows is asked for.

    Examples
    --------
    >>> from datetime import date
    >>> import goodwill as gw
    >>> from goodwill.data.periods import window_edges
    >>> edges = window_edges(date(1997, 1, 1), days=91, n=2)
    >>> paths = state_paths(gw.read_transactions("cdnow_sample"), edges, [], names=("none", "bought"))
    >>> paths.counts(1).tolist()  # in the second window
    [1828.0, 529.0]
    """
    from goodwill.data.periods import count_paths

    if len(names) != len(cuts) + 2:
        raise DataError(_named(names, cuts))
    counted = count_paths(transactions, edges, cuts, by=by)
    codes, spend, square = (counted.filter(regex=rf"^{part}_\d+$").to_numpy(float) for part in ("state", "spend", "square"))
    spoken = tuple(f"{start} to {end - timedelta(days=1)}" for start, end in pairwise(edges))
    money = (spend, square) if spend.size else (None, None)
    paths = Paths(tuple(names), codes.astype(np.int64), counted["customers"].to_numpy(float), spoken, *money)
    return paths if exit_after is None else _with_exit(paths, exit_after)


def spend_states(spend: ArrayLike, cuts: Sequence[float], names: Sequence[str] = ("none", "low", "mid", "high")) -> pd.Categorical:
    """The state of each customer by spend in one window, as `state_paths` makes it: a cut point belongs to the state below.

    >>> list(spend_states([0, 10, 10.5, 99], [10, 50]))
    ['none', 'low', 'mid', 'high']
    """
    if len(names) != len(cuts) + 2:
        raise DataError(_named(names, cuts))
    labels: Any = list(names)
    return pd.Categorical.from_codes(np.searchsorted([0.0, *cuts], np.asarray(spend, float), side="left"), labels, ordered=True)


def segment_paths(segments: pd.DataFrame) -> Paths:
    """Paths through the segments of a scheme that was applied, unchanged, at several dates.

    Parameters
    ----------
    segments : one row per customer, one column per date; missing before a customer's first entry (new), and from then on `gone`

    Examples
    --------
    >>> import pandas as pd
    >>> paths = segment_paths(pd.DataFrame({"2024": ["low", "low", "high", None], "2025": ["low", "high", "high", "low"]}))
    >>> paths.states, paths.counts(1).tolist()
    (('low', 'high'), [2.0, 2.0])
    """
    labels = [c.cat.categories if isinstance(c.dtype, pd.CategoricalDtype) else pd.unique(c.dropna()) for _, c in segments.items()]
    states = tuple(dict.fromkeys(str(name) for found in labels for name in found))
    places = {name: k for k, name in enumerate(states)}
    codes = np.column_stack([c.astype(object).map(lambda x: places.get(str(x), -1) if pd.notna(x) else -1) for _, c in segments.items()])
    codes = codes.astype(np.int64)
    left = (codes < 0) & (np.maximum.accumulate(codes, axis=1) >= 0)
    codes[left] = len(states)
    distinct, customers = np.unique(codes, axis=0, return_counts=True)
    known = distinct.max(axis=1) >= 0
    names = (*states, GONE) if left.any() else states
    return Paths(names, distinct[known], customers[known].astype(float), tuple(map(str, segments.columns)))


def segments_on(days: Sequence[str], customers: Sequence[pd.DataFrame], segments: Sequence[Any]) -> pd.DataFrame:
    """The segments of customers on several days side by side, for `segment_paths`: a row per customer, missing where not there yet.

    Parameters
    ----------
    days : what each day is called
    customers : of each day, with customer_id
    segments : of each day, one per customer

    Examples
    --------
    >>> import pandas as pd
    >>> spring, summer = pd.DataFrame({"customer_id": [1]}), pd.DataFrame({"customer_id": [1, 2]})
    >>> segments_on(["spring", "summer"], [spring, summer], [["A"], ["B", "A"]]).loc[1].tolist()
    ['A', 'B']
    """
    each = zip(days, customers, segments, strict=True)
    return pd.DataFrame({day: pd.Series(labels, index=known["customer_id"]) for day, known, labels in each})


def _named(names: Sequence[str], cuts: Sequence[float]) -> str:
    return f"{len(cuts)} cut points make {len(cuts) + 2} states, and {len(names)} are named: {', '.join(names)}"


def _with_exit(paths: Paths, after: int) -> Paths:
    """Add the state `gone` to the windows that end `after` windows in a row without a purchase."""
    if after < 2:
        raise DataError(f"exit_after={after}: one window without a purchase is the state '{paths.states[0]}'; take two or more")
    codes = paths.codes.copy()
    quiet = paths.codes == 0
    for at in range(after - 1, codes.shape[1]):
        codes[quiet[:, at - after + 1 : at + 1].all(axis=1), at] = len(paths.states)
    return replace(paths, codes=codes, states=(*paths.states, GONE), exit_after=after)
