"""One verdict over a plan and the simple ones: what it nets more than each, and when nobody's plan is the one to take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from goodwill.inference.uncertainty import quantile_interval
from goodwill.strategies.allocation import Plan
from goodwill.strategies.simple_plans import NOBODY

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]


def compare_plans(optimised: Plan, simple: Mapping[str, Plan], level: float = 0.8, sure: float = 0.95) -> pd.DataFrame:
    """The optimised plan and the simple ones.

    Returns
    -------
    DataFrame
        plan, cost, gain, net, lower, upper (of net, from draws), chance_of_losing, and difference with difference_lower and
        difference_upper: what the optimised plan nets more than this one, paired over the draws. The intervals of the differences hold
        together over all simple plans (the largest deviation of a draw, in standard deviations, is taken for all of them).

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.strategies import IncrementalValue, allocate_by_customer, customers_of, simple_plans
    >>> values = IncrementalValue.stated({"best": 2, "others": 1}, gain={"call": {"best": 3.0, "others": 1.0}}, cost={"call": 2.0})
    >>> people = customers_of(values, ["best", "best", "others"], pd.DataFrame({"value": [12.0, 8.0, 5.0], "spend": [40.0, 60.0, 10.0]}))
    >>> table = compare_plans(allocate_by_customer(people, 2.0), simple_plans(people, 2.0))
    >>> dict(zip(table["plan"].tolist()[2:], table["difference"].round(2).tolist()[2:]))
    {'top past spenders': 1.2, 'random customers': 1.27, 'shares of segments': 0.6, 'everybody': 0.6}
    """
    import pandas as pd

    plans = (optimised, *simple.values())
    draws = np.stack([plan.draws() for plan in plans])
    paired = draws[0] - draws
    spread = paired.std(axis=1, ddof=1) if draws.shape[1] > 1 else np.zeros(len(plans))
    reach = _reach(paired, spread, sure)
    rows = []
    for place, plan in enumerate(plans):
        band = quantile_interval(plan.net, draws[place], level)
        difference, wide = optimised.net - plan.net, reach * spread[place]
        ends = [difference - wide, difference + wide]
        rows.append([plan.name, plan.cost, plan.gain, plan.net, band.lower, band.upper, plan.chance_of_losing, difference, *ends])
    columns = ["plan", "cost", "gain", "net", "lower", "upper", "chance_of_losing", "difference", "difference_lower", "difference_upper"]
    return pd.DataFrame(rows, columns=columns)


def _reach(paired: Floats, spread: Floats, sure: float) -> float:
    some = spread > 0
    if not some.any():
        return 0.0
    off = np.abs(paired[some] - paired[some].mean(axis=1, keepdims=True)) / spread[some, None]
    return float(np.quantile(off.max(axis=0), sure))


@dataclass(frozen=True, eq=False)
class Recommendation:
    """Which plan to take.

    Attributes
    ----------
    plan : what is recommended
    optimised, rival : the plan that picks customers, and the simple plan within the budget that nets most; nobody's where there is none
    difference, lower, upper : what the optimised plan nets more than the rival, simultaneous over all simple plans
    sure : the chance of a gain below which nobody's plan is recommended
    chances : of a gain, by name of each plan that costs anything; where a trial tested them, counting that the best of all is picked

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.strategies import allocate_by_customer, customers_of, IncrementalValue, recommend, simple_plans
    >>> values = IncrementalValue.stated({"all": 2}, gain={"call": {"all": [1.0, 2.0, 3.0]}}, cost={"call": 2.5})
    >>> people = customers_of(values, ["all"] * 2, pd.DataFrame({"value": [3.0, 1.0], "spend": [1.0, 9.0]}))
    >>> found = recommend(allocate_by_customer(people, 2.5), simple_plans(people, 2.5), 2.5)
    >>> found.plan.name, found.candidate.name, {name: round(chance, 2) for name, chance in found.chances.items()}
    ('nobody', 'by customer', {'by customer': 0.67})
    """

    plan: Plan
    optimised: Plan
    rival: Plan
    difference: float
    lower: float
    upper: float
    sure: float
    chances: Mapping[str, float]

    @property
    def candidate(self) -> Plan:
        """The recommended plan; where that is nobody's, the plan that nets most of those that were turned down."""
        return self.plan if self.plan.name != NOBODY else max(self.optimised, self.rival, key=lambda plan: plan.net)


def recommend(optimised: Plan, simple: Mapping[str, Plan], budget: float, *, sure: float = 0.8) -> Recommendation:
    """The plan to take: a simple one unless the optimised plan is told apart from all of them, and nobody's unless a gain is likely.

    Of the plans within the budget only those count whose net gain is above zero with a chance of at least `sure`. Where a trial tested the
    plans, the chance counts that the best of several estimates is picked (`chances_of_gain`); draws of what is assumed are no estimates,
    and each plan has its own chance. Where the optimised plan is among them it is taken if it nets more than each simple one that is too,
    by an interval that excludes zero; else the simple one that nets most.

    Parameters
    ----------
    simple : `simple_plans`
    budget : simple plans that cost more are not recommended

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.strategies import IncrementalValue, allocate_by_customer, customers_of, simple_plans
    >>> values = IncrementalValue.stated({"best": 2, "others": 1}, gain={"call": {"best": 3.0, "others": 1.0}}, cost={"call": 2.0})
    >>> people = customers_of(values, ["best", "best", "others"], pd.DataFrame({"value": [12.0, 8.0, 5.0], "spend": [40.0, 60.0, 10.0]}))
    >>> recommend(allocate_by_customer(people, 2.0), simple_plans(people, 2.0), 2.0).plan.name
    'by customer'
    """
    table = compare_plans(optimised, simple).set_index("plan")
    within = {name: plan for name, plan in simple.items() if name != NOBODY and plan.cost <= budget * (1 + 1e-9) + 1e-9}
    rival = max(within.values(), key=lambda plan: plan.net, default=simple[NOBODY])
    several = [plan for plan in (optimised, *within.values()) if plan.cost > 0]
    own = {plan.name: float((plan.draws() > 0).mean()) for plan in several}
    chances = own if optimised.tested is None else chances_of_gain(several)
    likely = {name: plan for name, plan in within.items() if chances.get(name, 0.0) >= sure}
    best = max(likely.values(), key=lambda plan: plan.net, default=None)
    beaten = all(float(table["difference_lower"].to_dict()[name]) > 0 for name in likely)
    chosen = optimised if chances.get(optimised.name, 0.0) >= sure and beaten else best or simple[NOBODY]
    more, lower, upper = (float(table[name].to_dict()[rival.name]) for name in ("difference", "difference_lower", "difference_upper"))
    return Recommendation(chosen, optimised, rival, more, lower, upper, sure, chances)


def chances_of_gain(plans: Sequence[Plan]) -> dict[str, float]:
    """Chance that each plan brings more than it costs, such that it holds for whichever of them looks best.

    The best of several estimates is partly the luckiest. A plan's net gain, in standard deviations, is therefore held against the largest
    deviation among all the plans in each draw (single-step maximum, Westfall & Young 1993): where none of them brings more than it costs,
    one or more reach a chance `c` in at most a share 1 - c of trials. For a plan alone it is the share of draws above zero.

    Parameters
    ----------
    plans : of names that differ, with draws that belong together

    Returns
    -------
    dict
        name of the plan -> chance; a plan that costs nothing can gain nothing and is not in it
    """
    costly = [plan for plan in plans if plan.cost > 0]
    if not costly:
        return {}
    draws = np.stack([plan.draws() for plan in costly])
    mean, spread = draws.mean(axis=1), draws.std(axis=1)
    certain = spread == 0
    unit = np.where(certain, 1.0, spread)
    largest = np.where(certain, -np.inf, (mean - draws.T) / unit).max(axis=1)
    ratio = np.where(certain, np.where(mean > 0, np.inf, -np.inf), mean / unit)
    return {plan.name: float((largest < each).mean()) for plan, each in zip(costly, ratio, strict=True)}
