"""How many purchases will come: intervals that carry the uncertainty of the parameters and of chance together.

All that is needed is a model at its estimate and a model whose parameters are draws; how they were come by does not matter.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from goodwill.errors import FitError
from goodwill.inference.parameters import FloatArray, log_draws, model_at, parameters_of, some_draws
from goodwill.inference.rows import check_unit, purchase_rows
from goodwill.inference.uncertainty import quantile_interval

CHUNK = 500_000  # customers x draws held at a time
MANY = 1_000_000  # customers x draws simulated one by one, of the smallest groups; beyond, chance is normal with the right variance
VARIANCE = 200_000  # simulated customers from which that variance is taken: known to about 1 %


class Question(NamedTuple):
    """Whose purchases within which time: distinct histories, group after group, and where each group starts."""

    horizon: float
    history: list[FloatArray]  # frequency, recency, T
    weight: FloatArray
    starts: NDArray[np.intp]
    groups: pd.Index


def ask(unit: str | None, summary: Any, horizon: float, by: Any) -> Question:
    """The question that the arguments of `Fit.predict_interval` pose to a model of this time unit.

    Raises
    ------
    FitError
        For a horizon that is no length of time, data of another unit, or impossible rows.
    """
    if not (np.isfinite(horizon) and horizon >= 0):
        raise FitError(f"a horizon is a finite positive length of time, and not {horizon}")
    check_unit(unit, summary)
    rows = purchase_rows(summary, group=by)
    codes, names = (np.zeros(len(rows), int), pd.Index(["total"])) if by is None else pd.factorize(rows["group"], sort=True)
    order, starts = np.argsort(codes, kind="stable"), np.searchsorted(np.sort(codes), np.arange(len(names)))
    history = [rows[name].to_numpy()[order] for name in ("frequency", "recency", "T")]
    return Question(horizon, history, rows["weight"].to_numpy()[order], starts, names)


def interval_of_totals(asked: Question, model: Any, draws: Any, level: float, seed: int, *, known: bool) -> pd.DataFrame:
    """Number of purchases per group: the expectation under `model`, and an interval from a model whose parameters are `draws` of it.

    Parameters
    ----------
    known : bool
        Whether the draws lie near the estimate, so that the logarithm of a mean is linear in the log-parameters over their range.

    Returns
    -------
    pandas.DataFrame
        estimate, lower, upper; one row per group.
    """
    estimate = expected_totals(asked, model)
    interval = quantile_interval(estimate, totals_of(asked, model, draws, np.random.default_rng(seed), known=known), level)
    return pd.DataFrame({"estimate": estimate, "lower": interval.lower, "upper": interval.upper}, index=asked.groups.rename("group"))


def expected_totals(asked: Question, model: Any) -> FloatArray:
    """Expected number of purchases of each group under a model, shape (groups,)."""
    return np.add.reduceat(asked.weight * model.expected_purchases(asked.horizon, *asked.history), asked.starts)


def totals_of(asked: Question, model: Any, draws: Any, rng: np.random.Generator, *, known: bool) -> FloatArray:
    """Simulated group totals, shape (draws, groups): arguments as of `interval_of_totals`.

    Draws of several models (`by_model`) are those of each, one model after another.
    """
    of_each = list(draws.by_model()) if hasattr(draws, "by_model") else [(model, draws, known)]
    few = smallest(np.add.reduceat(asked.weight, asked.starts), sum(_count(own) for _, own, _ in of_each))
    few &= np.array_equal(asked.weight, np.round(asked.weight))

    def totals(one: Any, own: Any, sure: bool) -> FloatArray:
        found = np.empty((_count(own), len(few)))
        if few.any():
            found[:, few] = _simulated(_of_groups(asked, few), own, rng)
        if not few.all():
            crowd = _of_groups(asked, ~few)
            found[:, ~few] = _approximated(crowd, one, _means_nearby(crowd, one, own) if sure else _means(crowd, own), rng)
        return found

    return np.concatenate([totals(*each) for each in of_each])


def smallest(sizes: ArrayLike, draws: int) -> NDArray[np.bool_]:
    """Groups whose customers are simulated one by one: the smallest, whose sums are least like normal variables.

    >>> smallest([700_000, 300, 2_000], draws=1_000).tolist()
    [False, True, False]
    """
    number = np.asarray(sizes, float)
    order, few = np.argsort(number, kind="stable"), np.zeros(len(number), bool)
    few[order] = np.cumsum(number[order]) * draws <= MANY
    return few


def _of_groups(asked: Question, which: NDArray[np.bool_]) -> Question:
    """The question about some of its groups only."""
    lengths = np.diff(np.append(asked.starts, len(asked.weight)))
    rows = np.repeat(which, lengths)
    starts = np.cumsum(lengths[which]) - lengths[which]
    return Question(asked.horizon, [column[rows] for column in asked.history], asked.weight[rows], starts, asked.groups[which])


def _simulated(asked: Question, draws: Any, rng: np.random.Generator) -> FloatArray:
    """Group totals, shape (draws, groups): every customer simulated under every draw, some draws at a time."""
    weight = asked.weight.astype(int)
    history = [np.repeat(column, weight) for column in asked.history]
    starts = (np.cumsum(weight) - weight)[asked.starts]
    parts = _parts(draws, len(history[0]))
    return np.concatenate([np.add.reduceat(part.draw_purchases(asked.horizon, *history, rng), starts, axis=1) for part in parts])


def _approximated(asked: Question, model: Any, mean: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Group totals, shape (draws, groups), of a large population: exact means per draw, and a normal variable for chance.

    Sums over many customers are normal, and purchases whole numbers.
    """
    times = max(4, VARIANCE // len(asked.weight))
    repeated = [np.broadcast_to(column, (times, len(asked.weight))) for column in asked.history]
    surprise = (model.draw_purchases(asked.horizon, *repeated, rng) - model.expected_purchases(asked.horizon, *asked.history)) ** 2
    variance = np.add.reduceat(asked.weight * surprise.mean(axis=0), asked.starts)
    return np.asarray(np.round(np.maximum(mean + rng.standard_normal(mean.shape) * np.sqrt(variance), 0.0)))


def _means(asked: Question, draws: Any) -> FloatArray:
    """Expected group totals, shape (draws, groups)."""

    def means(part: Any) -> FloatArray:
        return np.add.reduceat(asked.weight * part.expected_purchases(asked.horizon, *asked.history), asked.starts, axis=1)

    return np.concatenate([means(part) for part in _parts(draws, len(asked.weight))])


def _means_nearby(asked: Question, model: Any, draws: Any) -> FloatArray:
    """The same from the slopes at the estimate.

    The parameters of many customers are so well known that the logarithm of a mean is linear in the log-parameters over their range.
    """
    phi, h = np.log(parameters_of(model)), 1e-3
    steps = np.concatenate([np.zeros((1, len(phi))), h * np.eye(len(phi)), -h * np.eye(len(phi))])
    nearby = np.log(np.maximum(_means(asked, model_at(type(model), phi + steps, model.unit)), 1e-300))
    slope = (nearby[1 : len(phi) + 1] - nearby[len(phi) + 1 :]) / (2 * h)
    return np.exp(nearby[0] + (log_draws(draws) - phi) @ slope)


def _count(draws: Any) -> int:
    return len(next(iter(vars(draws).values())))


def _parts(draws: Any, customers: int) -> list:
    """The draws in portions that, times the customers, fit in memory."""
    step = max(1, CHUNK // customers)
    return [some_draws(draws, slice(at, at + step)) for at in range(0, _count(draws), step)]
