"""Intervals from draws, and the bootstrap of weighted rows."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from goodwill.errors import FitError

FloatArray = NDArray[np.float64]
HUGE = 1e300  # stands for infinity between two draws; an end that is a billionth of it or more is infinite too


class Interval(NamedTuple):
    """An estimate with its interval; floats, or arrays of one shape.

    Attributes
    ----------
    estimate, lower, upper : float, or array

    Examples
    --------
    >>> found = Interval(10.0, 8.0, 12.5)
    >>> found.estimate, found.upper - found.lower
    (10.0, 4.5)
    >>> [2 * end for end in found]  # it is a tuple
    [20.0, 16.0, 25.0]
    """

    estimate: Any
    lower: Any
    upper: Any


def normal_quantile(level: float) -> float:
    """Half-width, in standard errors, of a central normal interval.

    Parameters
    ----------
    level : between 0 and 1

    Raises
    ------
    FitError
        For a level that does not lie between 0 and 1.

    Examples
    --------
    >>> round(normal_quantile(0.95), 4)
    1.96
    """
    if not 0 < level < 1:
        raise FitError(f"a level lies between 0 and 1, such as 0.95, and not {level}")
    return NormalDist().inv_cdf(0.5 + level / 2)


def quantile_interval(estimate: ArrayLike, draws: ArrayLike, level: float = 0.95) -> Interval:
    """Central interval from draws along the first axis.

    Parameters
    ----------
    estimate : number or array
    draws : array, shape (draws, …)
    level : between the ends

    Examples
    --------
    >>> quantile_interval(1.0, [[0.0], [1.0], [2.0]], level=0.5)
    Interval(estimate=1.0, lower=0.0, upper=2.0)

    Draws without a mean are infinite, and so is an end among them:

    >>> quantile_interval(1.0, [0.0, 1.0, float("inf")], level=0.5)
    Interval(estimate=1.0, lower=0.0, upper=inf)
    """
    normal_quantile(level)  # checks the level
    estimate, draws = np.asarray(estimate), np.asarray(draws)
    endless = bool(np.isinf(draws).any())  # between two of them numpy finds no number
    # Weibull's plotting positions: a new draw falls outside with just the stated probability, however few draws there are.
    tails = np.quantile(
        np.clip(draws, -HUGE, HUGE) if endless else draws, [0.5 - level / 2, 0.5 + level / 2], axis=0, method="weibull"
    ).reshape(2, *estimate.shape)
    if endless:
        tails = np.where(tails > HUGE * 1e-9, np.inf, np.where(tails < -HUGE * 1e-9, -np.inf, tails))
    if estimate.ndim == 0:
        return Interval(float(estimate), float(tails[0]), float(tails[1]))
    return Interval(estimate, tails[0], tails[1])


def added(parts: Sequence[Interval]) -> Interval:
    """The sum of estimates; independent of each other; each end by the distances of their ends (MOVER; Zou & Donner 2008).

    >>> added([Interval(1.0, -2.0, 4.0), Interval(5.0, 1.0, 9.0)])
    Interval(estimate=6.0, lower=1.0, upper=11.0)
    """
    total = sum(each.estimate for each in parts)
    low, high = (float(np.hypot.reduce([each[end] - each.estimate for each in parts])) for end in (1, 2))
    return Interval(total, total - low, total + high)


def product(one: Interval, other: Interval) -> Interval:
    """The product of two independent estimates, with the interval that their own intervals give (MOVER; Zou & Donner 2008).

    Each end moves from the estimate by the root of the squared distances that either factor alone would move it.

    >>> product(Interval(0.2, 0.1, 0.3), Interval(50.0, 50.0, 50.0))
    Interval(estimate=10.0, lower=5.0, upper=15.0)
    >>> round(product(Interval(-0.1, -0.2, 0.1), Interval(50.0, 40.0, 60.0)).lower, 4)
    -10.099
    """
    best = one.estimate * other.estimate
    ends = []
    for way in (-1, 1):
        moves = []
        for first, second in ((one, other), (other, one)):
            reached = [end * second.estimate - best for end in (first.lower, first.upper)]
            moves.append(max(0.0, *(way * each for each in reached)))
        ends.append(best + way * float(np.hypot(*moves)))
    return Interval(best, *ends)


def multinomial_weights(weight: FloatArray, n: int, seed: int) -> FloatArray:
    """Weights of `n` bootstrap samples of the customers behind weighted rows, shape (n, rows).

    A row of weight w stands for w customers, so that the bootstrap draws sum(w) customers with probabilities w / sum(w).

    >>> import numpy as np
    >>> drawn = multinomial_weights(np.array([2.0, 3.0]), n=2, seed=1)  # five customers in two rows
    >>> drawn.shape, drawn.sum(axis=1).tolist()
    ((2, 2), [5.0, 5.0])
    """
    size = round(float(weight.sum()))
    return np.random.default_rng(seed).multinomial(size, weight / weight.sum(), size=n).astype(float)
