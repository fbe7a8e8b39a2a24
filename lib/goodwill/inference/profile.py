"""Intervals where a fit lies on a ridge or at a boundary: all that the likelihood does not rule out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import minimize

from goodwill.errors import FitError
from goodwill.inference.parameters import FloatArray
from goodwill.inference.search import RUNAWAY
from goodwill.inference.uncertainty import Interval, normal_quantile

if TYPE_CHECKING:
    from goodwill.inference.fit import Fit

WIDE = 1.5  # standard deviation of the logarithms of parameters that are tried


def profile_interval(fit: Fit, f: Callable[[Any], Any], level: float = 0.95, tries: int = 500, seed: int = 1) -> Interval:
    """The range of a number that follows from the parameters, over all parameters that the likelihood does not rule out.

    Parameters
    ----------
    fit : with its data
    f : function of a model that gives one number per draw; must broadcast over (n, 1) parameters
    tries : parameters tried between the usual and the fitted ones, from whose extremes the search for the ends begins

    Notes
    -----
    Parameters stay in when their log-likelihood lies within chi2(level) / 2 of the largest (Venzon & Moolgavkar 1988). At a boundary, where
    the normal approximation and the bootstrap give an interval of no width, the likelihood still falls off on the inner side. The interval
    holds its estimate. Where the likelihood does not fall off at all, it ends where the search does.
    """
    if fit.problem is None:
        raise FitError("the data are not stored with this fit, so no other parameters can be held against them; fit again")
    objective, names = fit.problem.objective(), fit.problem.names
    at, centre = np.log(fit.parameters), fit.problem.centre + np.log([fit.problem.starts[0][name] for name in fit.problem.names])
    least = objective(np.exp(at))[0] - normal_quantile(level) ** 2 / 2

    def slack(phi: FloatArray) -> float:
        value = objective(np.exp(phi))[0] - least
        return float(value) if np.isfinite(value) else -1e9

    rng = np.random.default_rng(seed)
    tried = centre + rng.random((tries, 1)) * (at - centre) + rng.normal(0, WIDE, (tries, len(names)))
    inside = np.vstack([at, *(phi for phi in tried if slack(phi) >= 0)])

    def value_of(phi: FloatArray) -> float:
        return float(np.ravel(f(fit.model_at(phi[None, :])))[0])

    found = np.array([value_of(phi) for phi in inside])
    bounds = list(zip(fit.problem.centre - RUNAWAY, fit.problem.centre + RUNAWAY, strict=True))
    ends = []
    for sign, best in ((1, int(np.argmin(found))), (-1, int(np.argmax(found)))):
        done = minimize(
            lambda phi, sign=sign: sign * value_of(phi),
            inside[best],
            method="SLSQP",
            bounds=bounds,
            constraints={"type": "ineq", "fun": slack},
            options={"maxiter": 60},
        )
        polished = value_of(done.x) if slack(done.x) >= -1e-3 else found[best]
        ends.append(sign * min(sign * polished, sign * found[best]))
    return Interval(value_of(at), float(ends[0]), float(ends[1]))
