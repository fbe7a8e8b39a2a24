"""Plans in simulated worlds whose truth is known: what each way of planning claims, and what it really delivers.

In each world the true gains of strategies in segments are drawn from a normal distribution, estimates add independent noise of known
standard error, and plans are made by the same linear programme within a budget. One strategy more costs money and has no effect, and
everybody knows it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from goodwill.errors import DataError
from goodwill.inference.shrinkage import empirical_bayes
from goodwill.strategies.allocation import Plan, allocate
from goodwill.strategies.frontier import efficient_frontier
from goodwill.strategies.incremental_values import IncrementalValue
from goodwill.strategies.per_customer import allocate_customers
from goodwill.strategies.single_customers import Customers

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
METHODS = ("raw", "empirical_bayes", "true_prior", "pooled", "oracle")
ZERO = "known_zero"


def known_truth(
    worlds: int = 400,
    *,
    segments: int = 24,
    strategies: int = 4,
    spread: float = 0.6,
    noise: float = 1.0,
    budget_share: float = 0.5,
    seed: int = 1,
) -> pd.DataFrame:
    """Simulate worlds and plan in each by five methods.

    Parameters
    ----------
    spread, noise : standard deviation of true gains within a strategy, and of the noise of estimates [money per customer]; means of the
        strategies lie within 0 and .4, costs within .1 and .5
    budget_share : budget as a share of what treating everybody costs at the mean cost

    Returns
    -------
    DataFrame
        world, method (`raw` estimates; `empirical_bayes`; `true_prior`, shrunken to the prior that made it; `pooled`, the strategy's
        mean in all segments; `oracle`, which sees the truth), claimed and delivered (net per customer), zero_share (customers given the
        strategy known to have no effect). The methods of one world share truth and noise.

    Examples
    --------
    >>> first = known_truth(worlds=1).set_index("method")
    >>> first.loc["raw", ["claimed", "delivered"]].astype(float).round(2).to_dict()  # the luckiest estimates are chosen
    {'claimed': 0.98, 'delivered': 0.18}
    """
    import pandas as pd

    if worlds < 1 or segments < 2 or strategies < 1:
        raise DataError(f"{worlds} worlds of {segments} segments and {strategies} strategies; need 1, 2 and 1 at least")
    rng, rows = np.random.default_rng(seed), []
    for world in range(worlds):
        truth, seen, error, prior, values, budget = _world(rng, segments, strategies, spread, noise, budget_share)
        for method in METHODS:
            belief = _belief(method, truth, seen, error, prior)
            plan = allocate(_with_gain(values, belief), budget)
            real = Plan(method, plan.shares, _with_gain(values, truth), budget)
            total = float(values.customers.sum())
            zero = float(plan.treated[:, -1].sum())
            rows.append([world, method, plan.net / total, real.net / total, zero / total])
    return pd.DataFrame(rows, columns=["world", "method", "claimed", "delivered", "zero_share"])


def _world(
    rng: np.random.Generator, segments: int, strategies: int, spread: float, noise: float, budget_share: float
) -> tuple[Floats, Floats, Floats, Floats, IncrementalValue, float]:
    """Truth, estimates, standard errors, prior (2, strategies), what can be planned with, budget; the last column is the known zero."""
    mean = rng.uniform(0, 0.4, strategies)
    truth = mean + spread * rng.standard_normal((segments, strategies))
    error = noise * rng.uniform(0.5, 1.5, (segments, 1)) * np.ones((1, strategies))
    seen = truth + error * rng.standard_normal((segments, strategies))
    cost = np.append(rng.uniform(0.1, 0.5, strategies), 0.1)
    customers = rng.integers(500, 5_000, segments).astype(float)
    shape = (segments, strategies + 1)
    values = IncrementalValue(
        segments=tuple(f"segment {s + 1}" for s in range(segments)),
        strategies=(*(f"strategy {k + 1}" for k in range(strategies)), ZERO),
        customers=customers,
        gain=np.zeros((1, *shape)),
        cost=np.tile(cost, (segments, 1)),
        fixed_cost=np.zeros(shape[1]),
        capacity=np.full(shape[1], np.inf),
        eligible=np.ones(shape, dtype=bool),
        floor=np.zeros(shape),
        groups=("one",) * shape[1],
        grade=np.full(shape, "A"),
        baseline=np.zeros(segments),
        measured=np.ones(shape, dtype=bool),
    )
    none = np.zeros((segments, 1))
    prior = np.stack([mean, np.full(strategies, spread)])
    return np.hstack([truth, none]), np.hstack([seen, none]), error, prior, values, budget_share * customers.sum() * cost[:-1].mean()


def _belief(method: str, truth: Floats, seen: Floats, error: Floats, prior: Floats) -> Floats:
    """What the method takes for the gains; of the strategy known to have no effect everybody knows it."""
    if method in ("raw", "oracle"):
        return seen if method == "raw" else truth
    belief = seen.copy()
    for k in range(error.shape[1]):
        if method == "pooled":
            weight = 1 / error[:, k] ** 2
            belief[:, k] = weight @ seen[:, k] / weight.sum()
        else:
            known = (float(prior[0, k]), float(prior[1, k])) if method == "true_prior" else None
            belief[:, k] = empirical_bayes(seen[:, k], error[:, k], known).mean
    return belief


def _with_gain(values: IncrementalValue, gain: Floats) -> IncrementalValue:
    return replace(values, gain=gain[None])


def summarize_worlds(frame: pd.DataFrame) -> pd.DataFrame:
    """One row per method: claimed, delivered (means), overclaim with its standard_error over worlds, its share of the raw overclaim, the
    worst tenth of what is delivered, and the largest share of customers given the strategy known to have no effect.

    Examples
    --------
    >>> from goodwill.strategies import known_truth
    >>> summarize_worlds(known_truth(worlds=4)).set_index("method")["overclaim"].round(2).to_dict()  # shrinking takes most of it out
    {'raw': 0.9, 'empirical_bayes': 0.23, 'true_prior': 0.13, 'pooled': 0.11, 'oracle': 0.0}
    """
    import pandas as pd

    rows = []
    for method in METHODS:
        some = frame[frame["method"] == method]
        over = some["claimed"] - some["delivered"]
        error = float(over.std(ddof=1) / np.sqrt(len(some))) if len(some) > 1 else 0.0
        worst = float(some["delivered"].quantile(0.1))
        rows.append([method, some["claimed"].mean(), some["delivered"].mean(), over.mean(), error, worst, some["zero_share"].max()])
    columns = ["method", "claimed", "delivered", "overclaim", "standard_error", "worst_tenth", "zero_share"]
    table = pd.DataFrame(rows, columns=columns)
    table.insert(5, "of_raw", table["overclaim"] / table["overclaim"].iloc[0])
    return table


def frontier_shape(worlds: int, seed: int = 1) -> tuple[float, float]:
    """Over some worlds: the largest fall of the frontier's gain from one budget to the next, and the largest rise of its slope; both are
    0, but for rounding, where it is non-decreasing and concave. In shares of the highest gain.

    Examples
    --------
    >>> [round(each, 6) for each in frontier_shape(worlds=1)]  # it never falls, and never grows steeper
    [0.0, 0.0]
    """
    rng, falls, bends = np.random.default_rng(seed), 0.0, 0.0
    for _ in range(worlds):
        _, seen, _, _, values, _ = _world(rng, 24, 4, 0.6, 1.0, 0.5)
        one_each = replace(_with_gain(values, seen), customers=np.ones(len(values.segments)))
        alike = np.ones(len(values.segments))
        table = efficient_frontier(Customers(one_each, np.arange(len(alike)), alike, alike)).table
        gain, budget = table["gain"].to_numpy() / table["gain"].max(), table["budget"].to_numpy() / table["budget"].max()
        falls = max(falls, float(-np.diff(gain).min()))
        bends = max(bends, float(np.diff(np.diff(gain) / np.diff(budget)).max()))
    return falls, bends


def greedy_gap(customers: int, worlds: int, strategies: int = 5, seed: int = 1) -> float:
    """The largest gap over some worlds between the greedy plan of whole customers and the bound of the linear programme.

    Examples
    --------
    >>> greedy_gap(customers=10_000, worlds=2) < 0.001
    True
    """
    rng = np.random.default_rng(seed)
    gaps = []
    for _ in range(worlds):
        gain = rng.gamma(1.0, 10.0, (customers, 1)) * rng.normal(0.3, 0.3, (customers, strategies))
        cost = np.sort(rng.uniform(0.5, 6.0, strategies))
        gaps.append(allocate_customers(gain, cost, float(rng.uniform(0.1, 1.5)) * customers).gap)
    return max(gaps)
