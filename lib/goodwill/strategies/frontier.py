"""What more money brings: the efficient frontier of budgets, its band and its price."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from goodwill.inference.uncertainty import quantile_interval
from goodwill.strategies.allocation import allocate
from goodwill.strategies.incremental_values import IncrementalValue

if TYPE_CHECKING:
    import pandas as pd

FEWEST_POINTS = 25


@dataclass(frozen=True, eq=False)
class Frontier:
    """The most that each budget brings.

    Attributes
    ----------
    table : budget, spent, gain (before cost), lower, upper (of the gain of that plan, from draws), net, shadow_price (what the next unit
        of budget brings back)
    worthwhile_budget : from here on the next unit brings back less than one
    launches : launch costs that the frontier leaves out, being no part of a linear programme [currency]
    """

    table: pd.DataFrame
    worthwhile_budget: float
    launches: float


def efficient_frontier(values: IncrementalValue, points: int = FEWEST_POINTS, level: float = 0.8, budget: float = 0.0) -> Frontier:
    """The frontier from nothing (or what the service floors cost) to where the last useful unit is spent.

    Concave and non-decreasing, for it is a linear programme in the budget: launch costs are left out and said so. The band comes from the
    draws at each plan, not from planning again for every draw.

    Parameters
    ----------
    points : at least 25
    level : of the band
    budget : that must be on it [currency]; otherwise it ends with the last useful unit, or at three times the worthwhile budget
    """
    import pandas as pd

    linear = replace(values, fixed_cost=np.zeros_like(values.fixed_cost))
    best = allocate(linear, np.inf)
    everything = allocate(linear, np.inf, hurdle=0.0)
    least = float((linear.floor * linear.customers[:, None] * linear.cost).sum())
    top = max(min(everything.cost, 3 * best.cost) if best.cost > least else everything.cost, least)
    if top < budget:
        top = 1.2 * budget
    budgets = np.linspace(least, top, max(points, FEWEST_POINTS))
    # The worthwhile budget is one of the points, so that the picture's kink is where the sentence says.
    if least < best.cost < top:
        inner = 1 + int(np.argmin(np.abs(budgets[1:-1] - best.cost)))
        budgets[inner] = best.cost
    rows = []
    for budget in budgets:
        plan = allocate(linear, float(budget), hurdle=0.0)
        gains = plan.draws() + plan.cost
        band = quantile_interval(plan.gain, gains, level)
        rows.append([budget, plan.cost, plan.gain, band.lower, band.upper, plan.net, plan.shadow_price])
    columns = ["budget", "spent", "gain", "lower", "upper", "net", "shadow_price"]
    return Frontier(pd.DataFrame(rows, columns=columns), best.cost, float(values.fixed_cost.sum()))
