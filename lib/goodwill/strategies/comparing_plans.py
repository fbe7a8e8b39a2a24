"""Plans that anybody could have made, and the rule that the optimised plan must beat the best of them by more than its standard error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from goodwill.errors import DataError
from goodwill.inference.uncertainty import quantile_interval
from goodwill.strategies.allocation import Plan
from goodwill.strategies.incremental_values import IncrementalValue

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
NOBODY, EVERYBODY, TOP, RANDOM, CURRENT = "nobody", "everybody", "top past spenders", "random customers", "current plan"


def simple_plans(values: IncrementalValue, budget: float, current: Mapping[str, str] | None = None) -> dict[str, Plan]:
    """What the optimised plan is compared with.

    `nobody`; `everybody`: the one strategy that is best on average, for all customers eligible for it, whatever it costs; `random
    customers`: the strategy of which as many random customers as can be paid net most; `top past spenders`: one strategy from the first
    segment down to some segment, the pair of strategy and depth that nets most within the budget; and the `current plan`, where given.
    `everybody` and `current plan` may cost more than the budget. Without any strategy worth its cost only `nobody` (and the current plan)
    is left.

    Parameters
    ----------
    values : segments stand best first, by past spend or value
    current : segment -> strategy id of what is done today; a segment that is not named gets nothing
    """
    shape = values.eligible.shape
    plans = {NOBODY: Plan(NOBODY, np.zeros(shape), values, budget)}
    for name, candidates in (
        (EVERYBODY, [_equally(values, k, np.inf) for k in range(shape[1])]),
        (TOP, [_downwards(values, k, budget, depth) for k in range(shape[1]) for depth in range(1, shape[0] + 1)]),
        (RANDOM, [_equally(values, k, budget) for k in range(shape[1])]),
    ):
        best = max((Plan(name, shares, values, budget) for shares in candidates), key=lambda plan: plan.net)
        if best.net > 0:
            plans[name] = best
    if current is not None:
        plans[CURRENT] = Plan(CURRENT, _current(values, current), values, budget)
    return plans


def _equally(values: IncrementalValue, strategy: int, budget: float) -> Floats:
    """One strategy for the same share of all segments eligible for it: all, or random customers as far as money and capacity go."""
    shares, who = np.zeros(values.eligible.shape), values.eligible[:, strategy]
    money, number = budget - values.fixed_cost[strategy], float(values.customers @ who)
    full = float((values.customers * who) @ values.cost[:, strategy])
    if money >= 0 and number > 0:
        shares[:, strategy] = who * min(1.0, money / full if full > 0 else 1.0, values.capacity[strategy] / number)
    return shares


def _downwards(values: IncrementalValue, strategy: int, budget: float, depth: int) -> Floats:
    """One strategy from the first segment down, through `depth` segments or until money or capacity is used up."""
    shares = np.zeros(values.eligible.shape)
    money, left = budget - values.fixed_cost[strategy], float(values.capacity[strategy])
    for s in range(depth):
        if money >= 0 and values.eligible[s, strategy] and values.customers[s] > 0:
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
    """Which plan to take, and the simple plan that the optimised one was held against.

    Attributes
    ----------
    plan : what is recommended
    optimised, rival : the two; the rival is the simple plan within the budget that nets most
    difference, standard_error : what the optimised plan nets more, and how far that is known
    loses : share of the draws in which the recommended plan costs more than it brings; None where it costs nothing
    """

    plan: Plan
    optimised: Plan
    rival: Plan
    difference: float
    standard_error: float
    loses: float | None


def recommend(optimised: Plan, simple: Mapping[str, Plan]) -> Recommendation:
    """The optimised plan when it nets more than the best simple one by more than the standard error of the difference; else the simple one.

    A simple plan over the budget is not recommended.
    """
    affordable = {name: plan for name, plan in simple.items() if plan.cost <= plan.budget * (1 + 1e-9) + 1e-9}
    if not affordable:
        raise DataError("there is no simple plan within the budget to compare with; doing nothing always is: take simple_plans(...)")
    best = max(affordable.values(), key=lambda plan: plan.net)
    table = compare_plans(optimised, {best.name: best})
    difference, error = float(table["difference"].iloc[1]), float(table["standard_error"].iloc[1])
    chosen = best if prefer_simple(difference, error) else optimised
    loses = float((chosen.draws() < 0).mean()) if chosen.cost > 0 else None
    return Recommendation(chosen, optimised, best, difference, error, loses)


def prefer_simple(difference: float, standard_error: float) -> bool:
    """Whether to take the simple plan: it is beaten only by more than one standard error of the difference.

    >>> prefer_simple(10.0, 12.0), prefer_simple(13.0, 12.0)
    (True, False)
    """
    return not difference > standard_error
