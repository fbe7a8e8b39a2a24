"""Rules that anybody could follow at the same cost: what a plan that picks single customers is compared with."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from goodwill.errors import DataError
from goodwill.strategies.allocation import Plan, allocate
from goodwill.strategies.customer_plans import best_shape
from goodwill.strategies.incremental_values import IncrementalValue
from goodwill.strategies.per_customer import NOTHING
from goodwill.strategies.single_customers import Customers

Floats = NDArray[np.float64]
NOBODY, TOP, RANDOM, SEGMENTS = "nobody", "top past spenders", "random customers", "shares of segments"
EVERYBODY, CURRENT = "everybody", "current plan"


def simple_plans(customers: Customers, cost: float, current: Mapping[str, str] | None = None) -> dict[str, Plan]:
    """What a plan that picks single customers is compared with, at the same cost.

    `nobody`; `top past spenders` and `random customers`: the one strategy that nets most when as many are treated as the money pays for;
    `shares of segments`: the best shares of whole segments, whoever is in them; and, whatever they cost, `everybody`: the one strategy
    that nets most for all customers eligible for it, and the `current plan`, where given. A rule that nets nothing is left out.

    Parameters
    ----------
    cost : what may be spent, launches included [currency]
    current : segment -> strategy id of what is done today; a segment that is not named gets nothing

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.strategies import IncrementalValue, customers_of
    >>> values = IncrementalValue.stated({"best": 2, "others": 1}, gain={"call": {"best": 3.0, "others": 1.0}}, cost={"call": 2.0})
    >>> customers = pd.DataFrame({"value": [12.0, 8.0, 5.0], "spend": [40.0, 60.0, 10.0]})
    >>> plans = simple_plans(customers_of(values, ["best", "best", "others"], customers), cost=2.0)
    >>> {name: round(plan.net, 2) for name, plan in plans.items()}
    {'nobody': 0.0, 'top past spenders': 0.4, 'random customers': 0.33, 'shares of segments': 1.0, 'everybody': 1.0}
    """
    values = customers.values
    plans = {NOBODY: Plan(NOBODY, np.zeros(values.eligible.shape), values, cost)}
    options = range(len(values.strategies))
    candidates = {
        TOP: [_top(customers, k, cost) for k in options],
        RANDOM: [Plan(RANDOM, _equally(values, k, cost), values, cost) for k in options],
        SEGMENTS: [allocate(values, cost, name=SEGMENTS)] if not (values.floor > 0).any() else [],
        EVERYBODY: [Plan(EVERYBODY, _equally(values, k, np.inf), values, cost) for k in options],
    }
    for name, found in candidates.items():
        best = max(found, key=lambda plan: plan.net, default=None)
        if best is not None and best.net > 0:
            plans[name] = best
    if current is not None:
        plans[CURRENT] = Plan(CURRENT, _current(values, current), values, cost)
    return plans


def _top(customers: Customers, strategy: int, cost: float) -> Plan:
    """One strategy for those eligible who spent most so far, as far as money and capacity go."""
    values = customers.values
    choice, money = np.full(best_shape(customers), NOTHING), cost - values.fixed_cost[strategy]
    group = next(g for g, members in enumerate(customers.groups) if strategy in members)
    able = np.flatnonzero(values.eligible[customers.place, strategy])
    order = able[np.argsort(-customers.spent[able], kind="stable")]
    paid = np.cumsum(values.cost[customers.place[order], strategy])
    number = int(min((paid <= money * (1 + 1e-12)).sum() if money >= 0 else 0, values.capacity[strategy]))
    choice[order[:number], group] = strategy
    return customers.plan(TOP, choice, cost, ranked_by="spend")


def _equally(values: IncrementalValue, strategy: int, budget: float) -> Floats:
    """One strategy for the same share of all segments eligible for it: all, or random customers as far as money and capacity go."""
    shares, who = np.zeros(values.eligible.shape), values.eligible[:, strategy]
    money, number = budget - values.fixed_cost[strategy], float(values.customers @ who)
    full = float((values.customers * who) @ values.cost[:, strategy])
    if money >= 0 and number > 0:
        shares[:, strategy] = who * min(1.0, money / full if full > 0 else 1.0, values.capacity[strategy] / number)
    return shares


def _current(values: IncrementalValue, current: Mapping[str, str]) -> Floats:
    shares = np.zeros(values.eligible.shape)
    for segment, strategy in current.items():
        if segment not in values.segments or strategy not in (*values.strategies, "do_nothing"):
            raise DataError(f"the current plan gives '{strategy}' to '{segment}', but there is no such segment or strategy")
        if strategy != "do_nothing":
            shares[values.segments.index(segment), values.strategies.index(strategy)] = 1.0
    return shares
