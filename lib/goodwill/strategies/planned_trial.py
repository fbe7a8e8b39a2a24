"""A plan as a trial: what it claims per customer, how many each arm needs to show it, who gets what by lot, and what that can show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from goodwill.strategies.trial_design import TrialPlan, plan_trial, sample_size, sample_size_table

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.strategies.allocation import Plan


@dataclass(frozen=True, eq=False)
class PlannedTrial:
    """A trial of a plan before it is run.

    Attributes
    ----------
    plan : what is tried
    effect : what the plan claims per treated customer, before cost [currency]
    spread : standard deviation of the outcome of one customer [currency]
    per_arm : customers that each arm needs to find the effect in four trials of five
    sizes : the same for other effects: difference, per_arm, total
    lots : who gets what
    power : what these lots can show (`TrialPlan.power_table`)
    """

    plan: Plan
    effect: float
    spread: float
    per_arm: int
    sizes: pd.DataFrame
    lots: TrialPlan
    power: pd.DataFrame

    @property
    def treated(self) -> float:
        """Customers whom the plan treats."""
        return float(self.plan.treated.sum())

    @property
    def chance(self) -> float:
        """Chance of finding the claimed effect, of the strategy that has the best."""
        return float(self.power.loc[self.power["segment"] == "all", "power"].max())


def planned_trial(plan: Plan, spread: float, customer_ids: Any, segment: Any, *, holdout: float = 0.2, seed: int = 1) -> PlannedTrial:
    """Size and draw the trial of a plan.

    Parameters
    ----------
    plan : treats somebody
    spread : standard deviation of the outcome of one customer [currency]
    customer_ids, segment : one each per customer
    holdout, seed : as in `plan_trial`
    """
    effect = plan.gain / float(plan.treated.sum())
    sizes = sample_size_table(spread, effect * np.geomspace(0.2, 5, 9))
    lots = plan_trial(customer_ids, segment, plan, holdout=holdout, seed=seed)
    return PlannedTrial(plan, effect, spread, sample_size(effect, spread), sizes, lots, lots.power_table(spread, effect))
