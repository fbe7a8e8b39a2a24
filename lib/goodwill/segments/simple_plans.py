"""Plans that anybody could have made, and the rule that the optimised plan must beat the best of them by more than its standard error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from goodwill.errors import DataError
from goodwill.inference.uncertainty import quantile_interval
from goodwill.segments.allocation import Plan
from goodwill.segments.incremental import IncrementalValue

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
NOBODY, EVERYBODY, TOP, RANDOM, CURRENT = "nobody", "everybody", "top past spenders", "random customers", "current plan"


def simple_plans(values: IncrementalValue, budget: float, current: Mapping[str, str] | None = None, seed: int = 1) -> dict[str, Plan]:
    """What the optimised plan is compared with, each within the same budget.

    `nobody`; `everybody`: the one strategy that is best on average, to all customers eligible for it, or to as large a share of each
    segment as can be paid; `top past spenders`: the same strategy from the first segment down until the budget is spent;
    `random customers`: it for segments in random order; and the `current plan`, where given.

    Parameters
    ----------
    values : segments stand best first, by past spend or value
    current : segment -> strategy id of what is done today; a segment that is not named gets nothing. It is kept even over budget.
    seed : of the random order
    """
    shape = values.eligible.shape
    plans = {NOBODY: Plan(NOBODY, np.zeros(shape), values, budget)}
    best = _best_arm(values, budget)
    if best is not None:
        size, money = len(values.segments), budget - values.fixed_cost[best]
        full = float((values.customers * values.eligible[:, best]) @ values.cost[:, best])
        most = min(1.0, money / full if full > 0 else 1.0, values.capacity[best] / max(1.0, values.customers @ values.eligible[:, best]))
        everybody = np.zeros(shape)
        everybody[:, best] = most * values.eligible[:, best]
        plans[EVERYBODY] = Plan(EVERYBODY, everybody, values, budget)
        plans[TOP] = Plan(TOP, _downwards(values, best, money, np.arange(size)), values, budget)
        order = np.random.default_rng(seed).permutation(size)
        plans[RANDOM] = Plan(RANDOM, _downwards(values, best, money, order), values, budget)
    if current is not None:
        plans[CURRENT] = Plan(CURRENT, _current(values, current), values, budget)
    return plans


def _best_arm(values: IncrementalValue, budget: float) -> int | None:
    """The strategy worth most when it is given to all who are eligible, as far as the money goes; None when none is worth its cost."""
    number = values.customers[:, None] * values.eligible
    cost = (number * values.cost).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.clip((budget - values.fixed_cost) / np.where(cost > 0, cost, 1e-300), 0.0, 1.0)
        share = np.minimum(share, values.capacity / np.maximum(number.sum(axis=0), 1e-300))
    worth = np.where(values.fixed_cost <= budget, share * (number * values.net).sum(axis=0) - values.fixed_cost, -np.inf)
    return int(np.argmax(worth)) if len(worth) and worth.max() > 0 else None


def _downwards(values: IncrementalValue, strategy: int, money: float, order: NDArray[np.int64]) -> Floats:
    """One strategy, segment after segment in this order, until money or capacity is used up."""
    shares, left = np.zeros(values.eligible.shape), float(values.capacity[strategy])
    for s in order:
        if values.eligible[s, strategy] and values.customers[s] > 0:
            price = values.cost[s, strategy]
            number = max(0.0, min(values.customers[s], left, money / price if price > 0 else np.inf))
            shares[s, strategy] = number / values.customers[s]
            money, left = money - number * price, left - number
    return shares


def _current(values: IncrementalValue, current: Mapping[str, str]) -> Floats:
    shares = np.zeros(values.eligible.shape)
    for segment, strategy in current.items():
        if segment not in values.segments or strategy not in (*values.strategies, "do_nothing"):
            raise DataError(f"the current plan gives '{strategy}' to '{segment}', but there is no such segment or strategy")
        if strategy != "do_nothing":
            shares[values.segments.index(segment), values.strategies.index(strategy)] = 1.0
    return shares


def compare_plans(optimised: Plan, simple: Mapping[str, Plan], level: float = 0.8) -> pd.DataFrame:
    """The optimised plan and the simple ones.

    Returns
    -------
    DataFrame
        plan, cost, gain, net, lower, upper (of net, from draws), and difference with its standard_error: what the optimised plan nets more
        than this one, paired over the draws.
    """
    import pandas as pd

    own = optimised.draws()
    rows = []
    for plan in (optimised, *simple.values()):
        draws = plan.draws()
        band = quantile_interval(plan.net, draws, level)
        spread = float((own - draws).std(ddof=1)) if len(own) > 1 else 0.0
        rows.append([plan.name, plan.cost, plan.gain, plan.net, band.lower, band.upper, optimised.net - plan.net, spread])
    return pd.DataFrame(rows, columns=["plan", "cost", "gain", "net", "lower", "upper", "difference", "standard_error"])


@dataclass(frozen=True, eq=False)
class Recommendation:
    """Which plan to take, against which simple plan it was held, and the sentence that says so."""

    plan: Plan
    best_simple: str
    difference: float
    standard_error: float
    sentence: str


def recommend(optimised: Plan, simple: Mapping[str, Plan]) -> Recommendation:
    """The optimised plan when it nets more than the best simple one by more than the standard error of the difference; else the simple one.

    A simple plan over the budget (the current one may be) is not recommended.
    """
    affordable = {name: plan for name, plan in simple.items() if plan.cost <= plan.budget * (1 + 1e-9) + 1e-9}
    if not affordable:
        raise DataError("there is no simple plan within the budget to compare with; doing nothing always is: take simple_plans(...)")
    best = max(affordable.values(), key=lambda plan: plan.net)
    table = compare_plans(optimised, {best.name: best})
    difference, error = float(table["difference"].iloc[1]), float(table["standard_error"].iloc[1])
    simple_wins, sentence = prefer_simple(difference, error, optimised.name, best.name)
    return Recommendation(best if simple_wins else optimised, best.name, difference, error, sentence)


def prefer_simple(difference: float, standard_error: float, name: str, simple_name: str) -> tuple[bool, str]:
    """Whether to take the simple plan, and why: it is beaten only by more than one standard error of the difference.

    >>> prefer_simple(10.0, 12.0, "optimised", "everybody")[0]
    True
    """
    if difference > standard_error:
        more = f"by {difference:,.4g}, more than the standard error of {standard_error:,.4g}"
        return False, f"Take the plan '{name}': it beats the best simple plan ('{simple_name}') {more}."
    if difference <= 0:
        return True, f"Take the simple plan '{simple_name}': the plan '{name}' does not beat it (difference {difference:,.4g})."
    return True, (
        f"Take the simple plan '{simple_name}': the plan '{name}' beats it by {difference:,.4g}, "
        f"which is within the standard error of {standard_error:,.4g}."
    )
