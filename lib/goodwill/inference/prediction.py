"""How many purchases will come: intervals that carry the uncertainty of the parameters and of chance together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from goodwill.errors import FitError
from goodwill.inference.fit import Fit, some_draws
from goodwill.inference.rows import check_unit, purchase_rows
from goodwill.inference.uncertainty import quantile_interval

FloatArray = NDArray[np.float64]

CHUNK = 500_000  # customers x draws held at a time
MANY = 5_000_000  # customers x draws simulated one by one; beyond, chance is a normal variable with the right variance
VARIANCE = 200_000  # simulated customers from which that variance is taken: known to about 1 %


def predict_interval(fit: Fit, summary: Any, horizon: float, by: Any, level: float, draws: int, seed: int) -> pd.DataFrame:
    """See `Fit.predict_interval`."""
    if not (np.isfinite(horizon) and horizon >= 0):
        raise FitError(f"a horizon is a finite positive length of time, and not {horizon}")
    check_unit(fit.unit, summary)
    rows = purchase_rows(summary, group=by)
    codes, names = (np.zeros(len(rows), int), pd.Index(["total"])) if by is None else pd.factorize(rows["group"], sort=True)
    history = [rows[name].to_numpy() for name in ("frequency", "recency", "T")]
    weight = rows["weight"].to_numpy()
    order, starts = np.argsort(codes, kind="stable"), np.searchsorted(np.sort(codes), np.arange(len(names)))
    history, weight = [column[order] for column in history], weight[order]
    estimate = np.add.reduceat(weight * fit.model.expected_purchases(horizon, *history), starts)
    rng = np.random.default_rng(seed)
    parameters = fit.prediction_draws(draws, seed)
    if weight.sum() * draws <= MANY and np.array_equal(weight, np.round(weight)):
        totals = _simulated(parameters, horizon, history, weight.astype(int), starts, rng)
    else:
        totals = _approximated(fit, parameters, horizon, history, weight, starts, rng)
    interval = quantile_interval(estimate, totals, level)
    return pd.DataFrame({"estimate": estimate, "lower": interval.lower, "upper": interval.upper}, index=names.rename("group"))


def _simulated(parameters: Any, horizon: float, history: list, weight: NDArray, starts: NDArray, rng: np.random.Generator) -> FloatArray:
    """Group totals, shape (draws, groups): every customer simulated under every draw, some draws at a time."""
    history = [np.repeat(column, weight) for column in history]
    starts = (np.cumsum(weight) - weight)[starts]
    parts = _parts(parameters, len(history[0]))
    return np.concatenate([np.add.reduceat(part.draw_purchases(horizon, *history, rng), starts, axis=1) for part in parts])


def _approximated(
    fit: Fit, parameters: Any, horizon: float, history: list, weight: FloatArray, starts: NDArray, rng: np.random.Generator
) -> FloatArray:
    """Group totals, shape (draws, groups), of a large population: exact means per draw, and a normal variable for chance.

    Sums over many customers are normal, and the parameters of many customers are so well known that the logarithm of a mean is
    linear in the log-parameters over their range; where they are not (a ridge), the mean is computed for every draw.
    """

    def means(model: Any) -> FloatArray:
        parts = _parts(model, len(weight))
        return np.concatenate([np.add.reduceat(weight * part.expected_purchases(horizon, *history), starts, axis=1) for part in parts])

    if fit.converged:
        phi, h = np.log(fit.parameters), 1e-3
        steps = np.concatenate([np.zeros((1, len(phi))), h * np.eye(len(phi)), -h * np.eye(len(phi))])
        nearby = np.log(np.maximum(means(fit.model_at(phi + steps)), 1e-300))
        slope = (nearby[1 : len(phi) + 1] - nearby[len(phi) + 1 :]) / (2 * h)
        drawn = np.log(np.concatenate([getattr(parameters, name) for name in fit.names], axis=1))
        mean = np.exp(nearby[0] + (drawn - phi) @ slope)
    else:
        mean = means(parameters)
    times = max(4, VARIANCE // len(weight))
    repeated = [np.broadcast_to(column, (times, len(weight))) for column in history]
    surprise = (fit.model.draw_purchases(horizon, *repeated, rng) - fit.model.expected_purchases(horizon, *history)) ** 2
    variance = np.add.reduceat(weight * surprise.mean(axis=0), starts)
    return np.maximum(mean + rng.standard_normal(mean.shape) * np.sqrt(variance), 0.0)


def _parts(parameters: Any, customers: int) -> list:
    """The draws in portions that, times the customers, fit in memory."""
    draws = len(next(iter(vars(parameters).values())))
    step = max(1, CHUNK // customers)
    return [some_draws(parameters, slice(at, at + step)) for at in range(0, draws, step)]
