"""What summary statements imply: "4-5 people", "9-10 people" and "12 % told twenty or more", and whether they can hold together.

A family of distributions has two numbers per group: a level and a shape. A statement on the middle of a group fixes its level for
every shape; what is left is the share who told `threshold` people or more, as a function of the shape. Where that function reaches
the stated share, the statements hold together; where its largest value stays below, they are infeasible, and the gap is how much.
"Infeasible" is a statement on smooth families: any distribution with a bump at the threshold can meet it (Markov's inequality).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Any, NamedTuple

import numpy as np

from goodwill.errors import DataError
from goodwill.shown import Shown
from goodwill.word_of_mouth.telling import Floats, NegativeBinomialTelling, PoissonLognormalTelling, Telling, ZeroInflatedTelling

Family = type[NegativeBinomialTelling] | type[PoissonLognormalTelling]  # called with (mean, shape)

# Dispersions and sigmas that are searched; outside, the distributions no longer change visibly or no longer resemble answers.
SHAPES: dict[Family, Floats] = {
    NegativeBinomialTelling: np.geomspace(0.02, 2_000, 240),
    PoissonLognormalTelling: np.geomspace(0.02, 3.0, 120),
}
LARGEST_MEAN = 1e4  # a shape that would need more than this to reach a median is left out


class Group(NamedTuple):
    """A group of complainants and what is said of how many people its members tell.

    `value` with `statistic="median"`: 4.5 says that half tell 4 or fewer; a whole 6 says that as many tell fewer as tell more.

    Examples
    --------
    >>> Group("dissatisfied", share=1.0, statistic="mean", value=9.5)
    Group(name='dissatisfied', share=1.0, statistic='mean', value=9.5)
    """

    name: str
    share: float  # of those of whom the tail statement is made
    statistic: str  # "mean" or "median"
    value: float


@dataclass(frozen=True, repr=False)
class StatementFit(Shown):
    """Distributions that make all statements true, if any; `solutions` holds one set of groups per root, by falling shape.

    `said`, where given, is the range in which the stated share lies when its rounding and sampling are counted.

    Examples
    --------
    >>> from goodwill.word_of_mouth import fit_statements, Group, NegativeBinomialTelling
    >>> fit = fit_statements([Group("dissatisfied", 1.0, "mean", 7)], NegativeBinomialTelling)
    >>> fit.feasible, round(fit.largest_tail, 3), round(fit.shortfall, 3)
    (False, 0.111, 0.009)
    """

    feasible: bool
    tail_share: float
    smallest_tail: float  # the smallest share at or above the threshold with one shape for all groups
    largest_tail: float  # the largest share at or above the threshold with one shape for all groups
    largest_tail_own_shapes: float  # ... with a shape for each group
    solutions: tuple[dict[str, Telling], ...]
    said: tuple[float, float] | None = None

    @property
    def within(self) -> bool:
        """Whether the statements hold together once rounding and sampling of the stated share are counted."""
        low, high = self.said or (self.tail_share, self.tail_share)
        return self.feasible or (self.smallest_tail <= high and self.largest_tail >= low)

    @property
    def shortfall(self) -> float:
        """By how much the nearest reachable tail misses the stated one; 0 when feasible."""
        return max(0.0, self.tail_share - self.largest_tail, self.smallest_tail - self.tail_share)

    @property
    def verdict(self) -> str:
        """In words."""
        if self.feasible:
            return "feasible"
        ends = f", {self.said[0]:.1%} to {self.said[1]:.1%} with rounding and sampling" if self.said else ""
        which = "feasible within rounding and sampling" if self.within else "infeasible under this curve" if self.said else "infeasible"
        if self.tail_share > self.largest_tail:
            return f"{which}: at most {self.largest_tail:.1%} can tell that many, {self.tail_share:.1%} is stated{ends}"
        return f"{which}: at least {self.smallest_tail:.1%} must tell that many, {self.tail_share:.1%} is stated{ends}"


def fit_statements(groups: list[Group], family: Family, *, threshold: int = 20, tail_share: float = 0.12) -> StatementFit:
    """Find the distributions of a family under which all statements hold.

    Parameters
    ----------
    groups : the groups on whom the tail statement is made (one group when it is made of the dissatisfied only)
    family : `NegativeBinomialTelling` or `PoissonLognormalTelling`
    threshold, tail_share : P(X >= threshold) over all groups. Where answers are rounded to tens, "20 or more" includes
        everybody from 15 up: try threshold=15.

    Examples
    --------
    >>> from goodwill.word_of_mouth import Group, NegativeBinomialTelling
    >>> fit = fit_statements([Group("dissatisfied", 1.0, "mean", 9.5)], NegativeBinomialTelling)
    >>> [round(each["dissatisfied"].dispersion, 6) for each in fit.solutions]
    [1.363117, 0.102625]
    >>> fit_statements([Group("dissatisfied", 1.0, "mean", 7)], NegativeBinomialTelling).verdict
    'infeasible: at most 11.1% can tell that many, 12.0% is stated'
    """
    from scipy.optimize import brentq

    _check(groups, threshold, tail_share)
    weight = np.array([group.share for group in groups]) / sum(group.share for group in groups)

    def tails(shape: float) -> Floats:
        levels = [_level(group, family, shape) for group in groups]
        return np.array([np.nan if level is None else level.tail(threshold) for level in levels])

    grid = np.array([tails(shape) for shape in SHAPES[family]])
    possible = ~np.isnan(grid).any(axis=1)
    if not possible.any():
        raise DataError(f"no distribution of the family {family.__name__} has medians as high as {max(group.value for group in groups):g}")
    shapes, grid = SHAPES[family][possible], grid[possible]
    pooled = grid @ weight
    peak, largest = _peak(lambda s: float(weight @ tails(s)), shapes, pooled)
    own = [_peak(lambda s, j=j: float(tails(s)[j]), shapes, grid[:, j])[1] for j in range(len(groups))]  # type: ignore[misc]
    # The peak joins the grid, so that two roots close to each other on either side of it are both found.
    place = int(np.searchsorted(shapes, peak))
    shapes, pooled = np.insert(shapes, place, peak), np.insert(pooled, place, largest)
    crossings = np.flatnonzero(np.diff(np.sign(pooled - tail_share)) != 0)
    roots = [brentq(lambda s: weight @ tails(float(s)) - tail_share, shapes[i], shapes[i + 1], xtol=1e-13, rtol=1e-13) for i in crossings]
    solutions = tuple({group.name: _level(group, family, float(root)) for group in groups} for root in sorted(roots, reverse=True))
    return StatementFit(bool(solutions), tail_share, float(pooled.min()), largest, float(weight @ own), solutions)


def _check(groups: list[Group], threshold: int, tail_share: float) -> None:
    if not 0 < tail_share < 1 or threshold < 1:
        raise DataError(f"a share of {tail_share} tell {threshold} or more people: need a share between 0 and 1, and at least 1 person")
    for group in groups:
        if group.statistic not in ("mean", "median") or not group.value > 0 or not group.share > 0:
            raise DataError(
                f"group '{group.name}': need a positive share and a positive mean or median, not {group.statistic} {group.value}"
            )


def _level(group: Group, family: Family, shape: float) -> Any:
    """The distribution of a shape whose mean or median is the stated one; None when its mean would be beyond all reason."""
    from scipy.optimize import brentq

    if group.statistic == "mean":
        return family(group.value, shape)

    def below_half(log_mean: float) -> float:
        telling = family(float(np.exp(log_mean)), shape)
        at = np.floor(group.value)
        # A whole median is read at mid-rank: P(X < median) + P(X = median) / 2 = 1/2.
        return float(telling.cdf(at) if at < group.value else (telling.cdf(at) + telling.cdf(at - 1)) / 2) - 0.5

    highest = np.log(LARGEST_MEAN)
    if below_half(highest) > 0:
        return None
    return family(float(np.exp(brentq(below_half, np.log(1e-3), highest, xtol=1e-13))), shape)


def _peak(function: Callable[[float], float], shapes: Floats, values: Floats) -> tuple[float, float]:
    """Where a smooth function is largest, and its value there, refined around the best grid point."""
    from scipy.optimize import minimize_scalar

    best = int(np.argmax(values))
    low, high = np.log(shapes[max(best - 1, 0)]), np.log(shapes[min(best + 1, len(shapes) - 1)])
    found = minimize_scalar(
        lambda log_shape: -function(float(np.exp(log_shape))), bounds=(low, high), method="bounded", options={"xatol": 1e-10}
    )
    if -found.fun > values[best]:
        return float(np.exp(found.x)), -float(found.fun)
    return float(shapes[best]), float(values[best])


def zero_inflated_poisson(mean: float, *, threshold: int = 20, tail_share: float = 0.12) -> ZeroInflatedTelling:
    """The zero-inflated Poisson with this mean over everybody and this share at or above the threshold.

    >>> fitted = zero_inflated_poisson(9.5)
    >>> round(fitted.silent_share, 4), round(fitted.talkers.mean, 3)
    (0.4152, 16.244)
    """
    from scipy.optimize import brentq

    def tail(rate: float) -> float:
        return mean / rate * NegativeBinomialTelling(rate, inf).tail(threshold)

    # From `mean` upward the tail first rises, then falls as fewer and fewer talkers are left; the first root is the less extreme one.
    rates = np.geomspace(mean, 1e3 * mean, 2_000)
    crossing = np.flatnonzero(np.diff(np.sign([tail(rate) - tail_share for rate in rates])) > 0)
    if not len(crossing):
        raise DataError(f"no zero-inflated Poisson with mean {mean:g} lets {tail_share:g} tell {threshold} or more")
    rate = float(brentq(lambda r: tail(r) - tail_share, rates[crossing[0]], rates[crossing[0] + 1], xtol=1e-13))
    return ZeroInflatedTelling(1 - mean / rate, NegativeBinomialTelling(rate, inf))


def mean_band(median_low: int, median_high: int, at_most: int, *, threshold: int = 20, tail_share: float = 0.12) -> tuple[float, float]:
    """All means that some distribution allows when its median lies in [median_low, median_high] and its tail share is as stated.

    The band of partial identification, without any family: the lowest mean puts half of the people at 0, the rest as low as the
    statements allow; the highest puts everybody as high as they allow, the tail at `at_most` people.

    >>> [round(bound, 2) for bound in mean_band(9, 10, at_most=50)]
    [5.82, 18.22]
    """
    if not (0 <= median_low <= median_high < threshold <= at_most and 0 < tail_share < 0.5):
        stated = f"medians from {median_low} to {median_high}, {tail_share:g} at {threshold} or more, nobody above {at_most}"
        raise DataError(f"{stated}: these contradict each other")
    middle = 0.5 - tail_share
    lowest = middle * median_low + tail_share * threshold
    highest = 0.5 * median_high + middle * (threshold - 1) + tail_share * at_most
    return lowest, highest
