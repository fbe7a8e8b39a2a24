"""What lowering the churn rate would cost, against what it saves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from goodwill.errors import DataError, TooLittle
from goodwill.inference.uncertainty import Interval, quantile_interval

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class PointCost:
    """What one point less churn costs and saves; made by `cost_of_lower_churn`. Money per period of the churn rate.

    Attributes
    ----------
    points : percentage points; saved : customers who stay because of it; treated : customers who must be treated for that
    prevented, unit_cost : share of departures among those treated that the measure prevents, and money per treated customer, as assumed
    cost, benefit, net : money, estimate with interval
    break_even_cost : per treated customer, at which nothing is gained
    break_even_prevented : share of departures to prevent, below which treating costs more than it saves
    reachable : points that treating all customers would give at most

    Examples
    --------
    >>> from goodwill.segments import cost_of_lower_churn
    >>> found = cost_of_lower_churn(200, 1000, value=(300.0, 30.0), unit_cost=(5.0, 1.0), prevented=(0.1, 0.03))
    >>> round(found.break_even_cost.estimate, 2), round(found.reachable.estimate, 1)  # money per treated customer; points at most
    (6.0, 2.0)
    """

    points: float
    saved: float
    treated: Interval
    cost: Interval
    benefit: Interval
    net: Interval
    break_even_cost: Interval
    break_even_prevented: Interval
    reachable: Interval
    prevented: float
    unit_cost: float


def cost_of_lower_churn(
    churned: int,
    customers: int,
    *,
    value: tuple[float, float],
    unit_cost: tuple[float, float],
    prevented: tuple[float, float],
    points: float = 1.0,
    targeting: float = 1.0,
    draws: int = 4000,
    seed: int = 1,
    level: float = 0.95,
) -> PointCost:
    """The cost of lowering the churn rate by some points, against what it saves.

    To lower churn by one point, one customer in a hundred must be kept. A measure that reaches customers of whom a share r x targeting
    would leave, and that prevents a share of these departures, keeps r x targeting x prevented of those treated.

    Parameters
    ----------
    churned, customers : counted in one period
    value : what a customer who is kept is still worth after it, mean and standard deviation of the mean (money)
    unit_cost : of treating one customer, mean and standard deviation (money); also of those who would have stayed
    prevented : share of the departures among those treated that the measure prevents, mean and standard deviation: an assumption until
        a trial has measured it
    points : percentage points of churn
    targeting : how many times as likely as the average customer those treated are to leave (1 when treated at random)

    Raises
    ------
    DataError
        For counts or shares that are none.

    Examples
    --------
    >>> found = cost_of_lower_churn(200, 1000, value=(300.0, 0.0), unit_cost=(5.0, 0.0), prevented=(0.1, 0.0))
    >>> found.saved, round(found.treated.estimate), round(found.net.estimate)  # 500 treated at 5 keep 10, who bring 300 each
    (10.0, 500, 500)
    """
    _check_point(churned, customers, prevented, points, targeting)
    rng = np.random.default_rng(seed)
    rate = rng.beta(churned + 0.5, customers - churned + 0.5, draws)
    mean, spread = prevented
    kept_share = rng.beta(*_beta(mean, spread), draws) if spread else np.full(draws, mean)
    worth, price = (m + s * rng.standard_normal(draws) for m, s in (value, unit_cost))
    saved = points / 100 * customers

    def results(r: Any, e: Any, v: Any, c: Any) -> dict[str, Any]:
        kept = np.minimum(r * targeting, 1.0) * e  # per treated customer
        treated = saved / kept
        found = {"treated": treated, "cost": treated * c, "benefit": saved * v + 0 * kept, "net": saved * v - treated * c}
        return found | {"break_even_cost": kept * v, "break_even_prevented": c / (v * kept / e), "reachable": 100 * np.minimum(r * e, kept)}

    point = results(churned / customers, mean, value[0], unit_cost[0])
    drawn = results(rate, kept_share, worth, price)
    ends = {name: quantile_interval(point[name], drawn[name], level) for name in point}
    return PointCost(points, saved, **ends, prevented=mean, unit_cost=unit_cost[0])


def cost_of_lower_churn_seen(
    customers: pd.DataFrame, *, margin: float, prevented: float, treatment: float = 0.05, draws: int = 4000, seed: int = 1
) -> PointCost:
    """`cost_of_lower_churn` for customers with a hold-out: churn is no purchase in it.

    Who is kept is taken to bring what those who bought in the hold-out brought. The standard deviations of the two assumptions are half
    of the share prevented and a quarter of the price.

    Parameters
    ----------
    customers : frequency, spend, frequency_holdout, spend_holdout
    margin : profit per unit of spend
    prevented : share of departures that the measure prevents, an assumption
    treatment : its price per customer as a share of a mean order, an assumption

    Examples
    --------
    >>> import pandas as pd
    >>> customers = pd.DataFrame({"frequency": [0, 1, 2, 3], "spend": [10.0, 20.0, 30.0, 40.0], "frequency_holdout": [0, 0, 1, 2]})
    >>> customers["spend_holdout"] = [0.0, 0.0, 20.0, 40.0]
    >>> found = cost_of_lower_churn_seen(customers, margin=0.5, prevented=0.2)
    >>> found.unit_cost, round(found.treated.estimate, 2)  # a twentieth of an order of 10; one in ten of those treated is kept
    (0.5, 0.4)
    """
    silent = customers["frequency_holdout"] == 0
    kept = margin * customers.loc[~silent, "spend_holdout"]
    if len(kept) < 2:
        raise TooLittle(f"{len(kept)} of {len(customers):,} customers bought in the hold-out; what a kept one brings takes at least 2.")
    price = treatment * float(customers["spend"].sum() / (customers["frequency"] + 1).sum())
    return cost_of_lower_churn(
        int(silent.sum()),
        len(silent),
        value=(float(kept.mean()), float(kept.std() / len(kept) ** 0.5)),
        unit_cost=(price, price / 4),
        prevented=(prevented, prevented / 2),
        draws=draws,
        seed=seed,
    )


def _check_point(churned: int, customers: int, prevented: tuple[float, float], points: float, targeting: float) -> None:
    if churned == 0:
        raise TooLittle(f"none of {customers:,} customers churned; lowering churn needs some who did.")
    if not 0 < churned <= customers:
        raise DataError(f"{churned} of {customers} customers churned; those who did are no more than there are")
    if not (0 < prevented[0] <= 1 and prevented[1] >= 0 and prevented[1] ** 2 < prevented[0] * (1 - prevented[0]) + 1e-12):
        raise DataError(f"the share of departures prevented is {prevented[0]} with standard deviation {prevented[1]}; it must be a share")
    if not (points > 0 and targeting > 0):
        raise DataError(f"{points} points and a targeting of {targeting}: both must be above 0")


def _beta(mean: float, spread: float) -> tuple[float, float]:
    """The beta distribution with this mean and standard deviation."""
    size = mean * (1 - mean) / spread**2 - 1
    return mean * size, (1 - mean) * size
