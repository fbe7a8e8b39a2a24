"""A plan as a trial: what it claims within the trial's weeks, how many each arm needs, who gets what by lot, and what that can show."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

from goodwill.errors import TooLittle
from goodwill.inference.uncertainty import normal_quantile
from goodwill.shown import Shown
from goodwill.strategies.catalogue import DO_NOTHING
from goodwill.strategies.trials.trial_design import TrialPlan, plan_trial, power_of, sample_size, standard_error

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.strategies.allocation import Plan
    from goodwill.strategies.incremental_values import IncrementalValue
    from goodwill.strategies.trials.placebo_trials import Placebo

ANY = "any"  # all strategies of a plan together
DETECTED = 0.8  # power that a size is stated for


@dataclass(frozen=True, eq=False, repr=False)
class PlannedTrial(Shown):
    """A trial of a plan before it is run.

    Attributes
    ----------
    plan : what is tried
    noise : of those treated, from trials of nothing
    effect : what the plan claims per treated customer within the weeks of the noise, before cost [currency]
    per_arm, per_arm_plain : customers that each arm needs to find the effect in four trials of five, with past spend as covariate and
        without
    sizes : the same for other effects: difference, per_arm, without_past_spend
    lots : who gets what
    power : segment, strategy, treated, held_out, effect, standard_error, power and detectable (found in four trials of five); the rows
        "all" are of one strategy in all segments, and of all strategies together

    Examples
    --------
    >>> import numpy as np
    >>> from goodwill.strategies import allocate, IncrementalValue, placebo, planned_trial
    >>> past = np.random.default_rng(1).gamma(2.0, 10.0, 400)
    >>> noise = placebo(past, past[::-1], np.ones(400, bool), np.full(400, "all"), weeks=13.0, trials=100)
    >>> soon = IncrementalValue.stated({"all": 400}, {"call": {"all": 4.0}}, {"call": 2.0})
    >>> found = planned_trial(allocate(soon, 400.0), soon, noise, range(400), ["all"] * 400)
    >>> found.treated, found.effect, found.power["treated"].tolist()  # the plan is for half of them; a fifth of those are held out
    (200.0, 4.0, [160, 160, 160])
    """

    plan: Plan
    noise: Placebo
    effect: float
    per_arm: int
    per_arm_plain: int
    sizes: pd.DataFrame
    lots: TrialPlan
    power: pd.DataFrame

    @property
    def treated(self) -> float:
        """Customers whom the plan treats."""
        return float(self.plan.treated.sum())

    @property
    def chance(self) -> float:
        """Chance that the trial finds the effect of all strategies together."""
        return float(self.power.loc[self.power["strategy"] == ANY, "power"].iloc[0])


def planned_trial(
    plan: Plan, soon: IncrementalValue, noise: Placebo, customer_ids: Any, segment: Any, *, holdout: float = 0.2, seed: int = 1
) -> PlannedTrial:
    """Size and draw the trial of a plan.

    Parameters
    ----------
    plan : treats somebody
    soon : what strategies add within the weeks over which the noise was taken
    noise : `placebo_trials` of the plan
    customer_ids, segment : one each per customer
    holdout, seed : as in `plan_trial`

    Raises
    ------
    TooLittle
        The plan claims no effect within these weeks.

    Examples
    --------
    >>> import numpy as np
    >>> from goodwill.strategies import IncrementalValue, allocate, placebo
    >>> past = np.random.default_rng(1).gamma(2.0, 10.0, 400)
    >>> noise = placebo(past, past[::-1], np.ones(400, bool), np.full(400, "all"), weeks=13.0, trials=100)
    >>> soon = IncrementalValue.stated({"all": 400}, {"call": {"all": 4.0}}, {"call": 2.0})
    >>> found = planned_trial(allocate(soon, 800.0), soon, noise, range(400), ["all"] * 400)
    >>> found.per_arm, round(found.chance, 2)  # customers each arm needs for four chances in five, and what these lots have
    (174, 0.67)
    """
    import pandas as pd

    effect = float((plan.effort * soon.mean).sum() / plan.treated.sum())
    if not effect:
        raise TooLittle(f"The plan claims no effect within the {noise.weeks:.0f} weeks of a trial, so there is nothing to find.")
    lots = plan_trial(customer_ids, segment, plan, holdout=holdout, seed=seed)
    differences = effect * np.geomspace(0.2, 5, 9)
    sizes = {name: [sample_size(each, sd) for each in differences] for name, sd in _noises(noise).items()}
    table = pd.DataFrame({"difference": differences} | sizes)
    adjusted, plain = (sample_size(effect, sd) for sd in _noises(noise).values())
    return PlannedTrial(plan, noise, effect, adjusted, plain, table, lots, _power(plan, soon, noise, lots))


def _noises(noise: Placebo) -> dict[str, float]:
    return {"per_arm": noise.sd_adjusted, "without_past_spend": noise.sd}


def _power(plan: Plan, soon: IncrementalValue, noise: Placebo, lots: TrialPlan) -> pd.DataFrame:
    import pandas as pd

    counts = lots.table.groupby(["segment", "arm"], observed=True, sort=False).size().unstack(fill_value=0)
    held = counts.get(DO_NOTHING, pd.Series(0, index=counts.index))
    effects = plan.effort * soon.mean
    rows, arms = [], [name for name in counts.columns if name != DO_NOTHING]
    for arm in arms:
        k = plan.values.strategies.index(arm)
        inside = [str(name) for name in counts.index[counts[arm] > 0]]
        for name in inside:
            s = plan.values.segments.index(name)
            sd = noise.by_segment.get(name, noise.sd_adjusted)
            rows.append(_row(name, arm, counts.loc[name, arm], held[name], effects[s, k] / plan.treated[s, k], sd))
        there = [plan.values.segments.index(name) for name in inside]
        mean = effects[there, k].sum() / plan.treated[there, k].sum()
        rows.append(_row("all", arm, counts.loc[inside, arm].sum(), held[inside].sum(), mean, noise.sd_adjusted))
    everybody = effects.sum() / plan.treated.sum()
    rows.append(_row("all", ANY, counts[arms].to_numpy().sum(), held.sum(), everybody, noise.sd_adjusted))
    return pd.DataFrame(rows, columns=["segment", "strategy", "treated", "held_out", "effect", "standard_error", "power", "detectable"])


def _row(segment: str, strategy: str, treated: Any, held: Any, effect: float, sd: float) -> list[Any]:
    error = standard_error(sd, treated, sd, held) if held and treated else np.inf
    seen = error * (normal_quantile(0.95) + NormalDist().inv_cdf(DETECTED))
    return [segment, strategy, int(treated), int(held), float(effect), error, power_of(effect, error), seen]
