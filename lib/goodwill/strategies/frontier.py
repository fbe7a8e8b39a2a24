"""What more money brings: the most that each budget gains, launches included, its band and its price."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from goodwill.inference.uncertainty import quantile_interval
from goodwill.shown import Shown
from goodwill.strategies.customer_plans import allocate_by_customer, launched_by, promised
from goodwill.strategies.launches import launches_of

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.strategies.single_customers import Customers

FEWEST_POINTS = 25


@dataclass(frozen=True, eq=False, repr=False)
class Frontier(Shown):
    """The most that each budget brings.

    Attributes
    ----------
    table : budget, spent (launches included), launches (what they cost), gain (before cost), lower, upper (of the gain of that plan, from
        draws), net, shadow_price (what the next unit of budget brings back while nothing else is launched)
    worthwhile_budget : that nets most; beyond it the next unit brings back less than one

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.strategies import customers_of, efficient_frontier, IncrementalValue
    >>> values = IncrementalValue.stated({"all": 3}, gain={"call": {"all": 4.0}}, cost={"call": 1.0})
    >>> found = efficient_frontier(customers_of(values, ["all"] * 3, pd.DataFrame({"value": [8.0, 3.0, 1.0], "spend": 1.0})))
    >>> found
    <Frontier table (25 × 8), worthwhile_budget 2>
    """

    table: pd.DataFrame
    worthwhile_budget: float


def efficient_frontier(customers: Customers, points: int = FEWEST_POINTS, level: float = 0.8, budget: float = 0.0) -> Frontier:
    """The frontier from nothing (or what the service floors cost) to where the last useful unit is spent.

    Non-decreasing; concave but for launches, whose cost comes at once. Worked out on bins of customers alike in value. The band comes
    from the draws at each plan, not from planning again for every draw.

    Parameters
    ----------
    points : at least 25
    level : of the band
    budget : that must be on it [currency]; otherwise it ends with the last useful unit, or at three times the worthwhile budget

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.strategies import IncrementalValue, customers_of
    >>> values = IncrementalValue.stated({"best": 2, "others": 1}, gain={"call": {"best": 3.0, "others": 1.0}}, cost={"call": 2.0})
    >>> customers = pd.DataFrame({"value": [12.0, 8.0, 5.0], "spend": [40.0, 60.0, 10.0]})
    >>> found = efficient_frontier(customers_of(values, ["best", "best", "others"], customers))
    >>> found.worthwhile_budget, found.table["gain"].iloc[[0, -1]].round(2).tolist()
    (4.0, [0.0, 7.0])
    """
    import pandas as pd

    values = customers.values
    given, least = promised(customers)
    floor, already = customers.plan("", given, 0.0), launched_by(given, customers)
    best = allocate_by_customer(customers, np.inf)
    all_gain = launches_of(customers, values.mean, 0.0, already)
    treated, _, _ = all_gain.spend(np.inf)
    everything = least + float((treated * values.cost).sum() + values.fixed_cost @ ((treated.sum(axis=0) > 0) & ~already))
    top = max(min(everything, 3 * best.cost) if best.cost > least else everything, least)
    top = 1.2 * budget if top < budget else top
    budgets = np.linspace(least, top, max(points, FEWEST_POINTS))
    if least < best.cost < top:  # one of the points, so that the picture's kink is where the sentence says
        budgets[1 + int(np.argmin(np.abs(budgets[1:-1] - best.cost)))] = best.cost
    rows = []
    for money in budgets:
        treated, weight, price = all_gain.spend(float(money) - least)
        launches = float(values.fixed_cost @ ((treated.sum(axis=0) > 0) | already))
        spent = float(((treated + floor.treated) * values.cost).sum()) + launches
        effort = weight + floor.effort
        gain = float((effort * values.mean).sum())
        band = quantile_interval(gain, np.tensordot(values.gain, effort, axes=2), level)
        rows.append([money, spent, launches, gain, band.lower, band.upper, gain - spent, price])
    columns = ["budget", "spent", "launches", "gain", "lower", "upper", "net", "shadow_price"]
    return Frontier(pd.DataFrame(rows, columns=columns), best.cost)
