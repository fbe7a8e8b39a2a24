"""The search for a maximum over log-parameters: up a slope, into the top, and, where there is no top, to the border.

Apart from `optimum`, all functions take `mean`, the negative mean log-likelihood with its gradient as a function of the log-parameters,
and `centre`, the logarithms of the natural sizes of the parameters.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from goodwill.inference.likelihood import THIN, Likelihood, Mean
from goodwill.inference.parameters import FloatArray

RUNAWAY = np.log(1e4)  # a parameter beyond 1e4 times its scale is not an estimate
BORDER = RUNAWAY + 1.0  # where the search ends: beyond what counts as a runaway, so that one is seen as such
RIDGE = 2.5  # standard error of a log-parameter from which the data do not bound it: a factor of e^(2 x 2.5) = 148 each way
NOTHING = 100.0  # ... and one from which they say nothing at all
WITHIN = 4.0  # ... from where a refit of a runaway begins: at the border the slope is too level to tell the way back
LEFT = 0.3  # of a slope, what a step may leave with second derivatives that are not quite its own
SLOPE_OF_REFIT = 1e-4  # over the root of the customers, at which a refit ends: a hundredth of a standard error where information is 1e-4


def optimum(problem: Likelihood, start: FloatArray | None = None, mean: Mean | None = None) -> FloatArray:
    """Logarithms of the parameters at the maximum; from `start` when one is given (a refit), else from the fixed starts.

    `mean` is the problem's, where it is there already.
    """
    centre, mean = problem.centre, mean or problem.negative_mean()
    n = float(problem.weight.sum())
    if start is not None:
        return climb(mean, inside(start, centre), centre, max(1e-7, SLOPE_OF_REFIT / float(np.sqrt(n))))[0]
    starts = [centre + np.log([given[name] for name in problem.names]) for given in problem.starts]
    thin = len(problem.weight) > 2 * THIN
    among = problem.thinned().negative_mean() if thin else mean
    starts = different_ends([climb(among, first, centre) for first in starts], n)
    ends = [step_up(mean, among, end, centre) if thin else end for end in starts]
    ends = [settle(mean, polish(mean, end, centre), centre, n) for end in ends]
    return min(ends, key=lambda end: mean(end)[0]) if len(ends) > 1 else ends[0]


def climb(mean: Mean, start: FloatArray, centre: FloatArray, slope: float = 1e-7) -> tuple[FloatArray, float]:
    """Where L-BFGS-B arrives from a start before the slope gets smaller, and the mean there."""
    from scipy.optimize import minimize

    bounds = list(zip(centre - BORDER, centre + BORDER, strict=True))
    found = minimize(mean, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-6 * slope, "gtol": slope, "maxiter": 500})
    return found.x, float(found.fun)


def step_up(mean: Mean, alike: Mean, phi: FloatArray, centre: FloatArray) -> FloatArray:
    """Where the slope is gone, from the top of a likelihood that is alike: Newton steps with its second derivatives; or a climb.

    They are those of some of the same rows, and so near that each step leaves a small part of the slope.
    """
    second = hessian(alike, phi)
    if not np.isfinite(second).all():
        return climb(mean, phi, centre)[0]
    variances, directions = np.linalg.eigh(second)
    gradient = mean(phi)[1]
    while variances[0] > 0 and np.abs(gradient).max() > 1e-11:
        step = -directions @ ((directions.T @ gradient) / variances)
        if np.abs(step).max() > 1 or np.abs(phi + step - centre).max() > RUNAWAY:
            break
        new_gradient = mean(phi + step)[1]
        if not np.abs(new_gradient).max() < LEFT * np.abs(gradient).max():
            break
        phi, gradient = phi + step, new_gradient
    return phi if np.abs(gradient).max() < 1e-7 else climb(mean, phi, centre)[0]


def inside(phi: FloatArray, centre: FloatArray) -> FloatArray:
    """Log-parameters with those beyond `WITHIN` brought back; the farthest by as much as the others of its side, so that ratios stay.

    >>> inside(np.array([0.2, 9.0, 10.0, -5.0]), np.zeros(4)).tolist()
    [0.2, 3.0, 4.0, -4.0]
    """
    away = phi - centre
    for sign in (1.0, -1.0):
        excess = np.maximum(sign * away - WITHIN, 0.0)
        away = away - sign * np.where(excess > 0, excess.max(), 0.0)
    return centre + away


def different_ends(ends: list[tuple[FloatArray, float]], n: float) -> list[FloatArray]:
    """The highest end of several climbs, and those elsewhere that are as high but for 1 in the log-likelihood of n customers."""
    ends = sorted(ends, key=lambda end: end[1])
    kept = [ends[0][0]]
    for phi, value in ends[1:]:
        if value < ends[0][1] + 1 / n and all(np.abs(phi - other).max() > 0.01 for other in kept):
            kept.append(phi)
    return kept


def polish(mean: Mean, phi: FloatArray, centre: FloatArray, limit: float = RUNAWAY) -> FloatArray:
    """Newton steps, halved until they do not worsen; none where the curvature is not that of a maximum or the limit is reached."""
    value, gradient = mean(phi)
    for _ in range(20):
        if np.abs(gradient).max() < 1e-11 or np.abs(phi - centre).max() > limit:
            break
        variances, directions = np.linalg.eigh(hessian(mean, phi))
        if variances[0] <= 0:
            break
        step = -directions @ ((directions.T @ gradient) / variances)
        step *= min(1.0, 1.0 / np.abs(step).max())
        if np.abs(phi + step - centre).max() > BORDER:
            break
        for _ in range(8):
            new_value, new_gradient = mean(phi + step)
            # At the optimum the value no longer tells (rounding), the gradient does.
            if new_value < value - 1e-13 or np.abs(new_gradient).max() < np.abs(gradient).max():
                break
            step = step / 2
        else:
            break
        phi, value, gradient = phi + step, new_value, new_gradient
    return phi


def settle(mean: Mean, phi: FloatArray, centre: FloatArray, n: float) -> FloatArray:
    """Take to the border what the n customers leave open, one parameter after the other, until they determine the rest.

    On the flat way to infinity a search stops anywhere. At the border the other parameters have a maximum of their own, and so
    forecasts depend neither on the start nor on the time unit.
    """
    free = np.ones(len(phi), dtype=bool)
    if np.abs(phi - centre).max() > RUNAWAY:  # is it one? The way there or back is nearly level
        phi = polish(mean, climb(mean, phi, centre, 1e-10)[0], centre)
    while free.sum() > 1:
        taken = _open_parameter(mean, phi, centre, n, free)
        if taken is None:
            break
        worst, direction = taken
        free[worst] = False
        pinned = phi.copy()
        pinned[worst] = centre[worst] + direction * BORDER
        rest = _among(mean, pinned, free)
        pinned[free] = polish(rest, climb(rest, pinned[free], centre[free])[0], centre[free], BORDER)
        if mean(pinned)[0] > mean(phi)[0] + 1e-3 / n:  # a maximum far out, but no runaway
            break
        phi = pinned
    return phi


def _open_parameter(mean: Mean, phi: FloatArray, centre: FloatArray, n: float, free: NDArray[np.bool_]) -> tuple[int, float] | None:
    """A free parameter that the data do not bound and the direction (+1, -1) in which it goes, or None."""
    away = np.where(free, phi - centre, 0.0)
    far = int(np.argmax(np.abs(away)))
    first, runaway = free.all(), abs(away[far]) > RUNAWAY
    if first and runaway:
        return far, float(np.sign(away[far]))
    variances, directions = np.linalg.eigh(hessian(_among(mean, phi, free), phi[free]))
    known = variances[0] * n > (NOTHING**-2 if first else RIDGE**-2)
    if known and not abs(away[far]) > BORDER - 1e-9:
        return None
    if runaway:
        return far, float(np.sign(away[far]))
    weak = np.abs(directions[:, 0]) > 0.5 * np.abs(directions[:, 0]).max()
    worst = int(np.flatnonzero(free)[np.argmax(weak)])
    return worst, -1.0 if mean(phi)[1][worst] > 0 else 1.0


def _among(mean: Mean, phi: FloatArray, free: NDArray[np.bool_]) -> Mean:
    """The mean as a function of the free parameters, the others as they are in phi."""
    free = free.copy()

    def rest(psi: FloatArray) -> tuple[float, FloatArray]:
        whole = phi.copy()
        whole[free] = psi
        value, gradient = mean(whole)
        return value, gradient[free]

    nearby = getattr(mean, "nearby", None)
    if nearby is not None:

        def rest_nearby(psi: FloatArray) -> Mean:
            whole = phi.copy()
            whole[free] = psi
            return _among(nearby(whole), whole, free)

        rest.nearby = rest_nearby  # type: ignore[attr-defined]
    return rest


def hessian(mean: Mean, phi: FloatArray, h: float = 1e-4) -> FloatArray:
    """Second derivatives by central differences of the gradient; of what is as good nearby, where a likelihood gives it (`nearby`)."""
    mean = mean.nearby(phi) if hasattr(mean, "nearby") else mean
    rows = [(mean(phi + step)[1] - mean(phi - step)[1]) / (2 * h) for step in h * np.eye(len(phi))]
    matrix = np.array(rows)
    return (matrix + matrix.T) / 2
