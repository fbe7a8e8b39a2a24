"""Intervals for shares."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from goodwill.errors import DataError
from goodwill.inference.uncertainty import Interval, normal_quantile


def wilson(successes: ArrayLike, n: ArrayLike, level: float = 0.95) -> Interval:
    """Share with its score interval (Wilson 1927); floats, or arrays of one shape.

    Parameters
    ----------
    successes, n : number of successes and of trials; they need not be whole (an effective sample size is not)

    Raises
    ------
    DataError
        When a count is negative, larger than n, or n is zero.

    Examples
    --------
    >>> [round(end, 4) for end in wilson(8, 10)]
    [0.8, 0.4902, 0.9433]
    """
    k, n = np.broadcast_arrays(np.asarray(successes, float), np.asarray(n, float))
    if not (np.all(n > 0) and np.all(k >= 0) and np.all(k <= n)):
        raise DataError("a share needs at least one case, and between none and all of the cases as successes")
    z2 = normal_quantile(level) ** 2
    share = k / n
    centre = (k + z2 / 2) / (n + z2)
    half = np.sqrt(z2) / (n + z2) * np.sqrt(k * (n - k) / n + z2 / 4)
    # At the ends the formula gives 0 and 1 up to rounding.
    lower, upper = np.where(k == 0, 0.0, centre - half), np.where(k == n, 1.0, centre + half)
    if share.ndim == 0:
        return Interval(float(share), float(lower), float(upper))
    return Interval(share, lower, upper)
