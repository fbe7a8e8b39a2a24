"""What strategies add to the value of segments, as draws; and the same with the luck taken out before anything is chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from goodwill.errors import DataError
from goodwill.inference.shrinkage import empirical_bayes
from goodwill.inference.uncertainty import quantile_interval
from goodwill.shown import Shown

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
LEAST = 0.1  # of the mean, that a segment counts as bringing when effects are compared in proportion to it


@dataclass(frozen=True, eq=False, repr=False)
class IncrementalValue(Shown):
    """Incremental lifetime value of strategies in segments, against doing nothing.

    Attributes
    ----------
    segments, strategies : names; doing nothing is not among the strategies
    customers : per segment, shape (segments,)
    gain : per treated customer, before cost [currency], shape (draws, segments, strategies); 0 where not eligible
    cost : per treated customer [currency], shape (segments, strategies); fixed_cost : once per strategy launched
    capacity : customers per strategy; inf without a limit
    eligible : whether the strategy may be used there; floor : smallest share of the segment's customers that must get it
    groups : exclusive group of each strategy; grade : evidence A to D of each gain, shape (segments, strategies)
    baseline : value per customer when nothing is done [currency]
    measured : where the gain was measured in a trial, rather than worked out from stated effects
    notes : sentences that belong under any table of these numbers
    """

    segments: tuple[str, ...]
    strategies: tuple[str, ...]
    customers: Floats
    gain: Floats
    cost: Floats
    fixed_cost: Floats
    capacity: Floats
    eligible: NDArray[np.bool_]
    floor: Floats
    groups: tuple[str, ...]
    grade: NDArray[np.str_]
    baseline: Floats
    measured: NDArray[np.bool_]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        shape = (len(self.segments), len(self.strategies))
        if self.gain.ndim != 3 or self.gain.shape[1:] != shape or self.cost.shape != shape or self.eligible.shape != shape:
            raise DataError(
                f"gain must have the shape (draws, {shape[0]}, {shape[1]}), cost and eligible {shape}; gain has {self.gain.shape}"
            )
        if not np.isfinite(self.gain).all():
            raise DataError("some incremental values are not finite; with an infinite horizon the discount rate must be positive")
        for name in ("cost", "fixed_cost", "capacity"):
            if (getattr(self, name) < 0).any():
                raise DataError(f"a {name.replace('_', ' ')} is negative; costs and capacities must not be below 0")

    @classmethod
    def stated(
        cls,
        customers: Mapping[str, float],
        gain: Mapping[str, Mapping[str, ArrayLike]],
        cost: Mapping[str, float],
        fixed_cost: Mapping[str, float] | None = None,
    ) -> IncrementalValue:
        """Values from numbers at hand, without a model: assumptions (evidence D), of strategies of which a customer gets one at most.

        Parameters
        ----------
        customers : number of customers by segment, best first
        gain : by strategy and segment, per treated customer before cost [currency]: a number, or draws of it; where a segment is not named,
            the strategy may not be used there
        cost : by strategy, per treated customer [currency]
        fixed_cost : by strategy, once when it is launched [currency]; 0 where not named

        Raises
        ------
        DataError
            A segment of `gain` that is not among the customers, a strategy without cost, or draws of different numbers.

        Examples
        --------
        >>> values = IncrementalValue.stated({"best": 200, "others": 800}, gain={"call": {"best": 3.0, "others": 1.0}}, cost={"call": 2.0})
        >>> values.table()[["segment", "strategy", "gain", "net"]].to_dict("list")
        {'segment': ['best', 'others'], 'strategy': ['call', 'call'], 'gain': [3.0, 1.0], 'net': [1.0, -1.0]}
        """
        names, strategies = tuple(customers), tuple(gain)
        for strategy, by_segment in gain.items():
            if strategy not in cost:
                raise DataError(f"strategy '{strategy}' has a gain and no cost; costs are given of {', '.join(cost) or 'none'}")
            if strange := [name for name in by_segment if name not in customers]:
                raise DataError(
                    f"strategy '{strategy}' has a gain in '{strange[0]}', where no customers are given, only in {', '.join(names)}"
                )
        sizes = {np.size(each) for by_segment in gain.values() for each in by_segment.values()}
        if len(sizes - {1}) > 1:
            raise DataError(f"gains are given in {' and '.join(map(str, sorted(sizes)))} draws; give as many of each, or single numbers")
        shape = (len(names), len(strategies))
        drawn = np.zeros((max(sizes, default=1), *shape))
        eligible = np.zeros(shape, dtype=bool)
        for k, by_segment in enumerate(gain.values()):
            for name, each in by_segment.items():
                drawn[:, names.index(name), k] = np.ravel(np.asarray(each, float))
                eligible[names.index(name), k] = True
        return cls(
            segments=names,
            strategies=strategies,
            customers=np.array(list(customers.values()), float),
            gain=drawn,
            cost=np.tile([float(cost[each]) for each in strategies], (shape[0], 1)),
            fixed_cost=np.array([float((fixed_cost or {}).get(each, 0.0)) for each in strategies]),
            capacity=np.full(shape[1], np.inf),
            eligible=eligible,
            floor=np.zeros(shape),
            groups=("one",) * shape[1],
            grade=np.full(shape, "D"),
            baseline=np.zeros(shape[0]),
            measured=np.zeros(shape, dtype=bool),
        )

    @property
    def mean(self) -> Floats:
        """Expected gain per treated customer before cost, shape (segments, strategies)."""
        return self.gain.mean(axis=0)

    @property
    def net(self) -> Floats:
        """Expected gain after unit cost, shape (segments, strategies)."""
        return self.mean - self.cost

    def table(self, level: float = 0.8) -> pd.DataFrame:
        """One row per eligible pair: gain per treated customer with its interval, cost, net, and the probability that net is positive."""
        import pandas as pd

        interval = quantile_interval(self.mean, self.gain, level)
        positive = (self.gain > self.cost).mean(axis=0)
        rows = [
            {
                "segment": self.segments[s],
                "strategy": self.strategies[k],
                "evidence": str(self.grade[s, k]),
                "customers": int(self.customers[s]),
                "gain": self.mean[s, k],
                "lower": interval.lower[s, k],
                "upper": interval.upper[s, k],
                "cost": self.cost[s, k],
                "net": self.net[s, k],
                "probability_net_positive": positive[s, k],
            }
            for s, k in np.argwhere(self.eligible)
        ]
        return pd.DataFrame(rows)


def shrink(values: IncrementalValue, prior: tuple[float, float] | None = None) -> IncrementalValue:
    """The same values with each strategy's gains shrunken over the segments where they were measured, before any plan is chosen.

    A measured gain is an estimate: among many the best is partly the luckiest, and shrinking takes that out (Smith & Winkler 2006). A
    stated effect with its standard deviation is a prior already: it says what is believed, so there is no estimate to shrink, only a
    belief to doubt; the notes say how much of the claim rests on it.

    Gains are shrunken in proportion to what a customer of the segment brings without any strategy, where that is known: an action that
    lifts purchases by a tenth adds ten times as much where ten times as much is bought, and what segments have in common is the tenth.

    Parameters
    ----------
    prior : mean and standard deviation of true gains per customer [currency] where they are known; then it is used for all gains

    Examples
    --------
    >>> from goodwill.strategies import IncrementalValue
    >>> values = IncrementalValue.stated({"best": 2, "others": 1}, gain={"call": {"best": 3.0, "others": 1.0}}, cost={"call": 2.0})
    >>> shrink(values).mean.tolist()  # nothing was measured, so that nothing is drawn together
    [[3.0], [1.0]]
    """
    gain = values.gain.copy()
    for k in range(len(values.strategies)):
        some = np.flatnonzero(values.eligible[:, k] & (values.measured[:, k] | (prior is not None)))
        if len(some) > (0 if prior else 1) and len(gain) > 1:
            unit = np.ones(len(some)) if prior else _levels(values.baseline[some])
            draws = gain[:, some, k] / unit
            sd = draws.std(axis=0, ddof=1)
            shrunken = empirical_bayes(draws.mean(axis=0), sd, prior)
            z = np.divide(draws - draws.mean(axis=0), sd, out=np.zeros_like(draws), where=sd > 0)
            gain[:, some, k] = (shrunken.mean + shrunken.sd * z) * unit
    shrunk = replace(values, gain=gain)
    before, after = best_claim(values), best_claim(shrunk)
    whole = "The best strategy of each segment, for all of it and without launches, claims"
    note = f"{whole} {before:,.0f} before and {after:,.0f} after shrinking."
    if prior is None and not (values.measured & values.eligible).any():
        note = f"Nothing was measured, so there was nothing to shrink. {whole} {before:,.0f}, which rests on assumptions alone."
    elif prior is None:
        assumed = best_claim(replace(shrunk, eligible=values.eligible & ~values.measured))
        if assumed:
            note += f" Strategies with stated effects alone claim {assumed:,.0f}: assumptions, which no shrinking makes true."
    return replace(shrunk, notes=(*values.notes, note))


def _levels(baseline: Floats) -> Floats:
    """What segments bring, at least a tenth of their mean, in units of that mean; 1 where nothing is known."""
    mean = float(baseline.mean())
    return np.maximum(baseline / mean, LEAST) if mean > 0 else np.ones(len(baseline))


def best_claim(values: IncrementalValue) -> float:
    """What taking the best strategy everywhere claims, after unit costs and without a budget [currency].

    >>> from goodwill.strategies import IncrementalValue
    >>> values = IncrementalValue.stated({"best": 100, "others": 50}, gain={"call": {"best": 3.0, "others": 1.0}}, cost={"call": 2.0})
    >>> round(best_claim(values), 6)
    100.0
    """
    best = np.where(values.eligible, values.net, 0.0).max(axis=1, initial=0.0)
    return float(values.customers @ np.maximum(best, 0))
