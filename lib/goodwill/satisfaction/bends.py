"""Is there a bend at all? One kink in the log-odds against the best curve that turns gradually.

A straight line in the log-odds is a poor rival of a kink: any other smooth curve (a straight line in the shares, an S with a floor and a
ceiling) loses against a kink as well, so that every large survey would show a bend. The rivals here are smooth and as free as the kink.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from goodwill.satisfaction.cells import LoyaltyCells
from goodwill.satisfaction.curve import binomial_log_likelihood, fit_form
from goodwill.satisfaction.kink import KinkSet, binomial_fits, kink_set

FloatArray = NDArray[np.float64]

# How much twice the log-likelihood of a kink must exceed that of every smooth rival. Smooth truths pass this in at most 5 % of simulated
# surveys (benchmarks/bend_size.py, benchmarks/results/bend_size.txt).
BEND_CUT = 5.0
GRADUAL = 1.0  # scale of a gradual bend, in levels: nine tenths of the change of slope take about six levels

# Shares from a number without bounds, and back.
SCALES: dict[str, tuple[Callable[[FloatArray], FloatArray], Callable[[FloatArray], FloatArray]]] = {
    "cubic shares": (lambda eta: eta, lambda p: p),
    "cubic logarithm of the shares": (lambda eta: np.exp(np.minimum(eta, 0)), np.log),
    "cubic log-hazard": (lambda eta: -np.expm1(-np.exp(np.minimum(eta, 5))), lambda p: np.log(-np.log1p(-p))),
}


@dataclass(frozen=True, eq=False)
class Bend:
    """A kink and what speaks for it.

    Attributes
    ----------
    kink : the best kink and the set of its places
    gain : twice the log-likelihood of the best kink less that of the best smooth curve
    rival : the best smooth curve: "cubic log-odds", "gradual bend", "floor and ceiling" or one of `SCALES`
    cut : what `gain` must exceed

    Examples
    --------
    >>> from goodwill.satisfaction import find_bend, LoyaltyCells
    >>> found = find_bend(LoyaltyCells.of([1, 2, 3, 4, 5, 6], [20, 40, 80, 150, 900, 1750], [2000] * 6))
    >>> found.told_apart, round(found.kink.place, 1), found.rival
    (True, 4.0, 'floor and ceiling')
    """

    kink: KinkSet
    gain: float
    rival: str
    cut: float = BEND_CUT

    @property
    def told_apart(self) -> bool:
        """Whether a bend describes the answers better than every smooth curve does."""
        return self.gain > self.cut and not self.kink.separated


def find_bend(cells: LoyaltyCells) -> Bend:
    """Compare a kink in the log-odds with smooth curves of as many parameters.

    Raises
    ------
    TooLittle
        With fewer than four answered levels.

    Examples
    --------
    >>> from goodwill.satisfaction import LoyaltyCells
    >>> found = find_bend(LoyaltyCells.of([1, 2, 3, 4, 5], [20, 35, 50, 65, 80], [100] * 5))
    >>> found.told_apart  # a straight line has no bend
    False
    """
    found, answered = kink_set(cells), cells.answered()
    saturated = binomial_log_likelihood(answered.share, answered)
    kink = saturated - found.residual_deviance / 2
    rivals = {name: float(values[0]) for name, values in smooth_rivals(answered.levels, answered.loyal[None], answered.n[None]).items()}
    rivals |= other_scales(answered)
    best = max(rivals, key=lambda name: rivals[name])
    return Bend(found, 2 * (kink - rivals[best]), best)


def segments_that_bend(segments: Mapping[str, LoyaltyCells]) -> tuple[int, int]:
    """In how many segments a bend is told apart, of how many with the four answered levels that it takes to see one.

    >>> from goodwill.satisfaction import LoyaltyCells
    >>> straight = LoyaltyCells.of([1, 2, 3, 4, 5], [20, 35, 50, 65, 80], [100] * 5)
    >>> segments_that_bend({"north": straight, "south": LoyaltyCells.of([4, 5], [5, 9], [10, 10])})  # of one with levels enough
    (0, 1)
    """
    tested = [find_bend(cells).told_apart for cells in segments.values() if (cells.n > 0).sum() >= 4]
    return sum(tested), len(tested)


def smooth_rivals(levels: FloatArray, loyal: FloatArray, n: FloatArray) -> dict[str, FloatArray]:
    """Log-likelihoods of smooth curves for many data sets at once, by name: a cubic in the log-odds, and a bend that is spread out.

    Parameters
    ----------
    levels : (K,) levels
    loyal, n : (D, K) counts of D data sets
    """
    places = np.linspace(levels[0], levels[-1], 6 * len(levels) + 1)
    distance = (levels[None, :] - places[:, None]) / GRADUAL
    sides = np.stack([np.ones_like(distance), -np.logaddexp(0, -distance), np.logaddexp(0, distance)], -1)
    sides[..., 1:] /= np.abs(sides[..., 1:]).max(1, keepdims=True)
    return {
        "cubic log-odds": binomial_fits(_powers(levels)[None], loyal, n)[1].max(1),
        "gradual bend": binomial_fits(sides, loyal, n)[1].max(1),
    }


def other_scales(cells: LoyaltyCells) -> dict[str, float]:
    """Log-likelihoods of cubics in the shares, in their logarithm and in the log-hazard, and of the curve with floor and ceiling."""
    found = {name: _cubic(cells, *scale) for name, scale in SCALES.items()}
    if len(cells.levels) > 4:
        curve = fit_form("market", cells, float(cells.levels[0]), float(cells.levels[-1]))
        found["floor and ceiling"] = _log_likelihood(curve.probability(cells.levels), cells)
    return found


def _cubic(cells: LoyaltyCells, share: Callable[[FloatArray], FloatArray], scale: Callable[[FloatArray], FloatArray]) -> float:
    """The best cubic on a scale of shares: weighted least squares, and then the likelihood."""
    from scipy.optimize import minimize

    powers = _powers(cells.levels)
    seen = np.clip((cells.loyal + 0.25) / (cells.n + 0.5), 1e-4, 1 - 1e-4)
    slope = (scale(seen + 1e-5) - scale(seen - 1e-5)) / 2e-5
    weight = np.sqrt(cells.n / (seen * (1 - seen))) / np.abs(slope)
    start = np.linalg.lstsq(powers * weight[:, None], scale(seen) * weight, rcond=None)[0]
    best = minimize(lambda beta: -_log_likelihood(share(powers @ beta), cells) / cells.total, start, method="BFGS", options={"gtol": 1e-7})
    return -float(best.fun) * cells.total


def _powers(levels: FloatArray) -> FloatArray:
    """1, x, x^2, x^3 with x from -1 at the lowest level to 1 at the highest."""
    middle, half = (levels[0] + levels[-1]) / 2, (levels[-1] - levels[0]) / 2
    return np.asarray(np.stack([((levels - middle) / half) ** power for power in range(4)], -1))


def _log_likelihood(share: FloatArray, cells: LoyaltyCells) -> float:
    return binomial_log_likelihood(np.clip(share, 1e-9, 1 - 1e-9), cells)
