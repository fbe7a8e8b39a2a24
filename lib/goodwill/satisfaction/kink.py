"""Where a curve bends: a broken stick on the logit scale, and the set of places that the data allow for its kink.

For a kink at psi the log-odds of loyalty are a + b s + c (s - psi)+. With few levels the likelihood of psi is flat between the two highest
and between the two lowest levels, so that only a set can be honest: the profile likelihood set below covers a kink there, while an interval
from a standard error or a bootstrap does not (benchmarks/satisfaction_coverage.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from goodwill.errors import TooLittle
from goodwill.satisfaction.cells import LoyaltyCells
from goodwill.shown import Shown

FloatArray = NDArray[np.float64]

# Twice the fall of the log-likelihood that still belongs to the set. 6.63 is the 99 % point of chi-square(1): because the profile of a kink
# is not quadratic, the set covers less than that, and at 3.84, the 95 % point, too little (benchmarks/results/satisfaction_coverage.txt).
HONEST_CUT = 6.63
_SATURATED = 20.0  # log-odds beyond which a share is 0 or 1 for every purpose here


@dataclass(frozen=True, eq=False, repr=False)
class KinkSet(Shown):
    """What the data say about the place of one kink.

    Attributes
    ----------
    place : the most likely place; where the likelihood is flat, the middle of the flat stretch
    fitted_at : the place that the slopes below belong to
    pieces : intervals of places that are within `cut` of the best, each (from, to)
    flat : stretches (from, to) in which the data cannot tell one place from another, whatever their number
    grid, deviance : places tried and twice the loss of log-likelihood against the best, for drawing
    deviance_without : the same for no kink at all (a straight line in the log-odds)
    residual_deviance : of the best kink against a share per level
    slope_before, slope_after, intercept : of the log-odds, per point of satisfaction, at `fitted_at`
    separated : some fitted share is 0 or 1, so that slopes are a bound, not an estimate

    Examples
    --------
    >>> from goodwill.satisfaction import kink_set, LoyaltyCells
    >>> found = kink_set(LoyaltyCells.of([1, 2, 3, 4, 5], [20, 20, 20, 90, 180], [200] * 5))
    >>> found.limits(), found.holds(3.0), found.holds(4.0)
    (((2.6, 3.5),), True, False)
    """

    place: float
    fitted_at: float
    pieces: tuple[tuple[float, float], ...]
    flat: tuple[tuple[float, float], ...]
    grid: FloatArray
    deviance: FloatArray
    deviance_without: float
    residual_deviance: float
    slope_before: float
    slope_after: float
    intercept: float
    separated: bool
    cut: float

    @property
    def needed(self) -> bool:
        """Whether a straight line in the log-odds is outside the set, by the same cut."""
        return self.deviance_without > self.cut

    def holds(self, place: float) -> bool:
        """Whether a place belongs to the set."""
        return any(low - 1e-9 <= place <= high + 1e-9 for low, high in self.pieces)

    def limits(self, step: float = 0.1) -> tuple[tuple[float, float], ...]:
        """The pieces in whole steps: the first and the last multiple of `step` inside each; a piece narrower than a step as it is."""
        rounded = []
        for low, high in self.pieces:
            first, last = np.ceil(low / step - 1e-9) * step, np.floor(high / step + 1e-9) * step
            rounded.append((round(float(first), 10), round(float(last), 10)) if first <= last else (low, high))
        return tuple(rounded)


def kink_set(cells: LoyaltyCells, *, cut: float = HONEST_CUT, points: int = 40) -> KinkSet:
    """The profile-likelihood set of the place of a kink; works for levels and for an index with many values.

    Parameters
    ----------
    cells : at least 4 answered levels (a kink needs two on each side, or the flat stretch at an end)
    cut : twice the loss of log-likelihood that is still allowed
    points : places tried between the lowest and the highest level; limits are then refined

    Raises
    ------
    TooLittle
        With fewer than four answered levels.

    Notes
    -----
    Profile likelihood of a change point: Hudson (1966), JASA 61:1097-1129; grid over psi, Newton steps for the rest.

    Examples
    --------
    >>> from goodwill.satisfaction import LoyaltyCells
    >>> found = kink_set(LoyaltyCells.of([1, 2, 3, 4, 5], [20, 20, 20, 90, 180], [200] * 5))
    >>> round(found.place, 1), [tuple(round(end, 1) for end in piece) for piece in found.pieces]
    (3.2, [(2.5, 3.6)])
    """
    cells = cells.answered()
    s = cells.levels
    if len(s) < 4:
        raise TooLittle(f"A bend can be looked for with at least 4 answered levels; here {len(s)} were answered.")
    # Inside a flat stretch one place stands for all; the stretches are (lowest, second] and [second highest, highest).
    inner = np.unique(np.concatenate([np.linspace(s[1], s[-2], points + 1), s[1:-1]]))
    low_flat, high_flat = (s[0], s[1]), (s[-2], s[-1])
    best = profile_log_likelihood(s, cells.loyal[None], cells.n[None], inner)[0]
    inner, best = _refine_peak(cells, inner, best)
    top = int(np.argmax(best))
    peak = best[top]
    place = _middle_if_flat(inner[top], low_flat, high_flat)
    deviance = np.maximum(2 * (peak - best), 0)
    coefficients, _ = _fit(s, cells.loyal[None], cells.n[None], np.array([inner[top]]))
    a, b, c = coefficients[0, 0]
    fitted = a + b * s + c * np.maximum(s - inner[top], 0)
    line, _ = _fit(s, cells.loyal[None], cells.n[None], None)
    return KinkSet(
        place=float(place),
        fitted_at=float(inner[top]),
        pieces=_pieces(cells, inner, deviance, peak, cut, low_flat, high_flat),
        flat=(low_flat, high_flat),
        grid=np.concatenate([[s[0]], inner, [s[-1]]]),
        deviance=np.concatenate([deviance[:1], deviance, deviance[-1:]]),
        deviance_without=float(max(2 * (peak - _log_likelihood(line[0] @ np.stack([np.ones_like(s), s]), cells.loyal, cells.n).max()), 0)),
        residual_deviance=float(2 * (_saturated(cells.loyal, cells.n) - peak)),
        slope_before=float(b),
        slope_after=float(b + c),
        intercept=float(a),
        separated=bool((np.abs(fitted) > _SATURATED - 8).any()),
        cut=cut,
    )


def profile_log_likelihood(levels: FloatArray, loyal: FloatArray, n: FloatArray, places: FloatArray) -> FloatArray:
    """Log-likelihood maximised over a, b, c at each place of the kink, for many data sets at once.

    Parameters
    ----------
    levels : (K,) levels
    loyal, n : (D, K) counts of D data sets
    places : (P,) kinks

    Returns
    -------
    (D, P)

    Examples
    --------
    >>> import numpy as np
    >>> levels, loyal, n = np.arange(1.0, 6.0), np.array([[20.0, 20.0, 20.0, 90.0, 180.0]]), np.full((1, 5), 200.0)
    >>> int(np.argmax(profile_log_likelihood(levels, loyal, n, np.array([2.0, 3.0, 4.0]))[0]))  # the bend lies at 3
    1
    """
    return _fit(levels, loyal, n, places)[1]


def _fit(levels: FloatArray, loyal: FloatArray, n: FloatArray, places: FloatArray | None) -> tuple[FloatArray, FloatArray]:
    """Newton's method with halved steps: coefficients (D, P, 2 or 3) and log-likelihoods of the line (places None) or each broken stick."""
    if places is None:
        design = np.stack([np.ones_like(levels), levels], -1)[None]
    else:  # distances before and after the kink, each over its longest: well conditioned even when a kink is next to an end
        distance = levels[None, :] - places[:, None]
        sides = np.stack([np.minimum(distance, 0), np.maximum(distance, 0)], -1)
        unit = np.abs(sides).max(1)
        unit[unit == 0] = 1.0
        design = np.concatenate([np.ones((*distance.shape, 1)), sides / unit[:, None, :]], -1)
    beta, value = binomial_fits(design, loyal, n)
    if places is None:
        return beta, value
    before, after = beta[..., 1] / unit[:, 0], beta[..., 2] / unit[:, 1]
    return np.stack([beta[..., 0] - before * places, before, after - before], -1), value


def binomial_fits(designs: FloatArray, loyal: FloatArray, n: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Logistic regressions of D data sets, (D, K) counts, on each of P designs (P, K, J): coefficients (D, P, J), likelihoods (D, P)."""
    d, k, j = len(loyal), loyal.shape[1], designs.shape[-1]
    many = np.broadcast_to(designs, (d, *designs.shape)).reshape(-1, k, j)
    x, m = (np.repeat(counts, len(designs), axis=0) for counts in (loyal, n))
    beta, value = _newton(many, x, m)
    return beta.reshape(d, -1, j), value.reshape(d, -1)


def _newton(design: FloatArray, x: FloatArray, m: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Many small logistic regressions at once, (Q, K, J) designs with (Q, K) counts; those that are done drop out."""
    overall = np.clip((x.sum(1) + 0.5) / (m.sum(1) + 1), 1e-6, 1 - 1e-6)
    beta = np.zeros(design.shape[::2])
    beta[:, 0] = np.log(overall / (1 - overall))
    value = _log_likelihood((design @ beta[..., None])[..., 0], x, m)
    active = np.arange(len(x))
    for _ in range(60):
        z, xa, ma = design[active], x[active], m[active]
        p = 1 / (1 + np.exp(-np.clip((z @ beta[active][..., None])[..., 0], -_SATURATED, _SATURATED)))
        weighted = z * (ma * p * (1 - p) + 1e-12)[..., None]
        hessian = weighted.transpose(0, 2, 1) @ z + 1e-9 * np.eye(z.shape[-1])
        step = np.linalg.solve(hessian, z.transpose(0, 2, 1) @ (xa - ma * p)[..., None])[..., 0]
        step *= np.minimum(1, 6 / np.maximum(np.abs(step).max(1), 1e-12))[:, None]
        before, left = value[active], np.arange(len(active))
        for _ in range(8):  # halve the step where it overshoots
            at = active[left]
            trial = beta[at] + step[left]
            found = _log_likelihood((z[left] @ trial[..., None])[..., 0], xa[left], ma[left])
            better = found > value[at]
            beta[at[better]], value[at[better]] = trial[better], found[better]
            left = left[~better]
            if not len(left):
                break
            step = step / 2
        active = active[value[active] - before > 1e-12 * (1 + np.abs(before))]
        if not len(active):
            break
    return beta, value


def _log_likelihood(log_odds: FloatArray, loyal: FloatArray, n: FloatArray) -> FloatArray:
    eta = np.clip(log_odds, -_SATURATED * 2, _SATURATED * 2)
    return (loyal * eta - n * np.logaddexp(0, eta)).sum(-1)


def _saturated(loyal: FloatArray, n: FloatArray) -> float:
    from scipy.special import xlogy

    return float((xlogy(loyal, loyal / n) + xlogy(n - loyal, (n - loyal) / n)).sum())


def _refine_peak(cells: LoyaltyCells, places: FloatArray, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Add places around the best one until its neighbours are close."""
    for _ in range(4):
        top = int(np.argmax(values))
        around = places[max(top - 1, 0)], places[min(top + 1, len(places) - 1)]
        extra = np.setdiff1d(np.linspace(*around, 13)[1:-1], places)
        if not len(extra):
            break
        found = profile_log_likelihood(cells.levels, cells.loyal[None], cells.n[None], extra)[0]
        order = np.argsort(np.concatenate([places, extra]))
        places, values = np.concatenate([places, extra])[order], np.concatenate([values, found])[order]
    return places, values


def _pieces(
    cells: LoyaltyCells,
    places: FloatArray,
    deviance: FloatArray,
    peak: float,
    cut: float,
    low_flat: tuple[float, float],
    high_flat: tuple[float, float],
) -> tuple[tuple[float, float], ...]:
    """The intervals in which the deviance is at most `cut`, with limits refined between grid places and flat stretches taken whole."""

    def crossing(inside: float, outside: float) -> float:
        for _ in range(20):
            middle = (inside + outside) / 2
            loss = 2 * (peak - profile_log_likelihood(cells.levels, cells.loyal[None], cells.n[None], np.array([middle]))[0, 0])
            inside, outside = (middle, outside) if loss <= cut else (inside, middle)
        return float(inside)

    inside = deviance <= cut
    pieces: list[tuple[float, float]] = []
    start: float | None = None
    for i, place in enumerate(places):
        if inside[i] and start is None:
            start = low_flat[0] if i == 0 else crossing(place, places[i - 1])
        if start is not None and (not inside[i] or i == len(places) - 1):
            end = high_flat[1] if inside[i] else crossing(places[i - 1], place)
            pieces.append((float(start), float(end)))
            start = None
    return tuple(pieces)


def _middle_if_flat(place: float, low: tuple[float, float], high: tuple[float, float]) -> float:
    """A kink on the edge of a flat stretch could be anywhere in it."""
    for a, b in (low, high):
        if a <= place <= b:
            return (a + b) / 2
    return place
