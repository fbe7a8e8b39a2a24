"""Intervals for two shares and for net scores. They take counts that need not be whole, so that effective sample sizes work."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from goodwill.errors import DataError
from goodwill.inference.uncertainty import Interval, normal_quantile

FloatArray = NDArray[np.float64]


def risk_ratio(x1: ArrayLike, n1: ArrayLike, x0: ArrayLike, n0: ArrayLike, level: float = 0.95) -> Interval:
    """Ratio of two independent shares, (x1/n1) / (x0/n0), with its score interval.

    Parameters
    ----------
    x1, n1, x0, n0 : successes and sizes, broadcast together; sizes above 0
    level : confidence level

    Notes
    -----
    Koopman (1984), Biometrics 40:513-517, with the variance factor N/(N-1) of Miettinen & Nurminen (1985), Statistics in Medicine
    4:213-226. Where x0 = 0 the upper limit is infinite, where x1 = 0 the lower limit is 0; where both are, the ratio is nan.

    >>> [round(part, 2) for part in risk_ratio(72, 100, 12, 100)]
    [6.0, 3.57, 10.43]
    """

    def constrained(theta: FloatArray, x1: FloatArray, n1: FloatArray, x0: FloatArray, n0: FloatArray) -> FloatArray:
        # The share below, p0, that is most likely when p1 = theta p0: the smaller root of a quadratic.
        a, b, c = (n1 + n0) * theta, n1 * theta + x1 + n0 + x0 * theta, x1 + x0
        p0 = 2 * c / (b + np.sqrt(np.maximum(b * b - 4 * a * c, 0)))
        p1 = np.minimum(theta * p0, 1)
        variance = p1 * (1 - p1) / n1 + theta**2 * p0 * (1 - p0) / n0
        return (x1 / n1 - theta * x0 / n0) / np.sqrt(np.maximum(variance * (n1 + n0) / (n1 + n0 - 1), 1e-300))

    x1, n1, x0, n0 = _four(x1, n1, x0, n0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (x1 / n1) / (x0 / n0)
    return _score_interval(constrained, ratio, x1 <= 0, x0 <= 0, (x1, n1, x0, n0), level)


def odds_ratio(x1: ArrayLike, n1: ArrayLike, x0: ArrayLike, n0: ArrayLike, level: float = 0.95) -> Interval:
    """Ratio of the odds of two independent shares with its score interval (Miettinen & Nurminen 1985, Statistics in Medicine 4:213-226).

    >>> [round(part, 2) for part in odds_ratio(90, 100, 60, 100)]
    [6.0, 2.81, 12.77]
    """

    def constrained(psi: FloatArray, x1: FloatArray, n1: FloatArray, x0: FloatArray, n0: FloatArray) -> FloatArray:
        total, a = x1 + x0, n0 * (psi - 1)
        b = n1 * psi + n0 - total * (psi - 1)
        p0 = 2 * total / (b + np.sqrt(np.maximum(b * b + 4 * a * total, 0)))
        p1 = p0 * psi / (1 + p0 * (psi - 1))
        information = 1 / (n1 * p1 * (1 - p1) + 1e-300) + 1 / (n0 * p0 * (1 - p0) + 1e-300)
        return (x1 - n1 * p1) * np.sqrt(information * (n1 + n0 - 1) / (n1 + n0))

    x1, n1, x0, n0 = _four(x1, n1, x0, n0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (x1 * (n0 - x0)) / ((n1 - x1) * x0)
    return _score_interval(constrained, ratio, (x1 <= 0) | (x0 >= n0), (x0 <= 0) | (x1 >= n1), (x1, n1, x0, n0), level)


def defection_ratio(x1: ArrayLike, n1: ArrayLike, x0: ArrayLike, n0: ArrayLike, level: float = 0.95) -> Interval:
    """How many times likelier not to be loyal the lower group is: (1 - x0/n0) / (1 - x1/n1), with its score interval.

    >>> [round(part, 2) for part in defection_ratio(90, 100, 60, 100)]
    [4.0, 2.17, 7.56]
    """
    x1, n1, x0, n0 = _four(x1, n1, x0, n0)
    return risk_ratio(n0 - x0, n0, n1 - x1, n1, level)


def share_difference(x1: ArrayLike, n1: ArrayLike, x0: ArrayLike, n0: ArrayLike, level: float = 0.95) -> Interval:
    """Difference of two independent shares; the interval adds one success and one failure to each (Agresti & Caffo 2000).

    The value is the plain difference; the interval is centred on the adjusted one. The American Statistician 54:280-288.

    >>> [round(end, 2) for end in share_difference(90, 100, 60, 100)]
    [0.3, 0.18, 0.41]
    """
    x1, n1, x0, n0 = _four(x1, n1, x0, n0)
    p1, p0 = (x1 + 1) / (n1 + 2), (x0 + 1) / (n0 + 2)
    half = normal_quantile(level) * np.sqrt(p1 * (1 - p1) / (n1 + 2) + p0 * (1 - p0) / (n0 + 2))
    return _scalars(x1 / n1 - x0 / n0, np.maximum(p1 - p0 - half, -1), np.minimum(p1 - p0 + half, 1))


def net_promoter_score(promoters: float, detractors: float, n: float, level: float = 0.95) -> Interval:
    """Net promoter score, -100 to 100, with the adjusted Wald interval: 3 answers added, 3/4 of one to either side.

    The value is the adjusted one, as the interval's centre. B. Rocks (2016), The American Statistician 70:365-372.

    >>> [round(part, 1) for part in net_promoter_score(9, 2, 11)]
    [50.0, 8.0, 92.0]
    """
    if min(promoters, detractors) < 0 or promoters + detractors > n or n <= 0:
        raise DataError(f"{promoters} promoters and {detractors} detractors do not fit into {n} answers")
    size = n + 3
    up, down = (promoters + 0.75) / size, (detractors + 0.75) / size
    half = normal_quantile(level) * np.sqrt((up + down - (up - down) ** 2) / size)
    score = up - down
    return Interval(100 * score, 100 * max(float(score - half), -1.0), 100 * min(float(score + half), 1.0))


def _score_interval(
    statistic: Any, ratio: FloatArray, no_lower: NDArray[np.bool_], no_upper: NDArray[np.bool_], counts: Any, level: float
) -> Interval:
    """Both limits by bisection on the log scale, for all pairs at once."""
    z = normal_quantile(level)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        start = np.where(np.isfinite(ratio) & (ratio > 0), np.log(np.where(ratio > 0, ratio, 1.0)), np.where(no_lower, -30.0, 30.0))
        limits = []
        for side, target in ((-30.0, z), (30.0, -z)):
            inside, outside = start.copy(), np.full_like(start, side)
            for _ in range(60):
                middle = (inside + outside) / 2
                beyond = np.abs(statistic(np.exp(middle), *counts)) > abs(target)
                outside, inside = np.where(beyond, middle, outside), np.where(beyond, inside, middle)
            limits.append(np.exp(inside))
    return _scalars(ratio, np.where(no_lower, 0.0, limits[0]), np.where(no_upper, np.inf, limits[1]))


def _four(x1: ArrayLike, n1: ArrayLike, x0: ArrayLike, n0: ArrayLike) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    a, b, c, d = np.broadcast_arrays(*(np.asarray(v, float) for v in (x1, n1, x0, n0)))
    _check_counts(a, b)
    _check_counts(c, d)
    if (b <= 0).any() or (d <= 0).any():
        raise DataError("a share of no answers does not exist; leave out levels that nobody chose")
    return a, b, c, d


def _check_counts(x: FloatArray, n: FloatArray) -> None:
    if (x < 0).any() or (x > n * (1 + 1e-12)).any():
        raise DataError("successes must lie between 0 and the number of answers")


def _scalars(value: Any, lower: Any, upper: Any) -> Interval:
    parts = (np.asarray(value), np.asarray(lower), np.asarray(upper))
    return Interval(*(part.item() if part.ndim == 0 else part for part in parts))
