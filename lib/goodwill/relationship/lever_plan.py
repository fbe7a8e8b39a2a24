"""What a budget buys best over levers, at which share of an association each stops paying, and the trial that would settle it.

No share of an association is counted as effect by default. A lever of worth w a unit at cost k pays from the share k / w on; the plan is
shown for several shares, so that it can be read where each reader stands. Where lots were drawn the effect is measured: its share is 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from goodwill.calendar import DAYS_PER_UNIT
from goodwill.errors import DataError, TooLittle
from goodwill.inference.uncertainty import Interval, normal_quantile
from goodwill.relationship.levers import ANSWER, RECOVERY, RETENTION, SATISFACTION, Lever
from goodwill.strategies.allocation import Plan, allocate
from goodwill.strategies.incremental_values import IncrementalValue
from goodwill.word_of_mouth.complaint_cost import MeasuredCosts
from goodwill.word_of_mouth.recovery_trial import size_for_verdict

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.lifetime_value.value import ValueTerms
    from goodwill.relationship.base_value import BaseValue
    from goodwill.strategies.trials.trial_arms import TrialArms

SHARES = (1.0, 0.5, 0.25)  # of an association counted as effect, for which plans are shown
TENTHS = tuple(n / 10 for n in range(11))  # the same, where the share can be moved
DRAWS = 400
HUNDREDTH = 0.01  # of what customers bring, that a plan may spend unless told otherwise
GRADES = {"effect": "A", "model": "C", "association": "C"}


@dataclass(frozen=True)
class LeverCase:
    """A lever with what a unit of it costs.

    Attributes
    ----------
    lever, cost : and cost per unit [currency]
    break_even : share of the worth that must be effect for the lever to pay; above 1 it does not pay, inf where it is worth nothing
    chance : that a unit is worth its cost if all of the worth is effect
    each_arm : units in each of two arms of a trial that tells the worth from nothing; inf where nothing is expected

    Examples
    --------
    >>> import goodwill as gw
    >>> made = gw.relationship.example_records()
    >>> lever = made.levers["retention"]
    >>> case = gw.relationship.lever_case(lever, cost=lever.worth.estimate / 2, noise=50.0)
    >>> case.break_even, case.enough  # half must be effect; a trial that shows it takes more customers than there are
    (0.5, False)
    """

    lever: Lever
    cost: float
    break_even: float
    chance: float
    each_arm: float

    @property
    def enough(self) -> bool:
        """Whether a horizon has units enough for that trial."""
        return 2 * self.each_arm <= self.lever.units


def lever_case(lever: Lever, cost: float, noise: float) -> LeverCase:
    """Break-even share, chance and trial of one lever.

    Parameters
    ----------
    lever : of `levers`
    cost : of moving it by one unit [currency]
    noise : standard deviation of what a unit brings, as a trial would see it [currency]

    Raises
    ------
    DataError
        For a cost below zero.

    Examples
    --------
    >>> from goodwill.inference.uncertainty import Interval
    >>> from goodwill.relationship.levers import Lever
    >>> worth = Interval(2.0, 1.0, 3.0)
    >>> recovery = Lever("recovery", "one complaint", worth, 100.0, Interval(200.0, 100.0, 300.0), -0.1, "association")
    >>> found = lever_case(recovery, cost=1.0, noise=0.5)
    >>> found.break_even  # half of the association must be effect
    0.5
    """
    if not cost >= 0:
        raise DataError(f"the cost of {lever.unit} is {cost:g}; it must not be negative")
    worth = lever.worth.estimate
    chance = chance_above(lever.worth, cost)
    effect = worth if lever.grade != "effect" else 0.0
    return LeverCase(lever, cost, cost / worth if worth > 0 else inf, chance, float(size_for_verdict(max(effect, 0.0), noise)))


def chance_above(worth: Interval, cost: float) -> float:
    """That something is worth more than its cost, from its interval taken as normal.

    >>> from goodwill.inference import Interval
    >>> chance_above(Interval(2.0, 1.0, 3.0), 2.0), round(chance_above(Interval(2.0, 1.0, 3.0), 1.0), 3)
    (0.5, 0.975)
    """
    spread = (worth.upper - worth.lower) / 2 / normal_quantile(0.95)
    if not spread > 0:
        return float(worth.estimate > cost)
    return NormalDist().cdf((worth.estimate - cost) / spread)


def arm_levers(arms: TrialArms, customers: float, scale: float = 1.0) -> dict[str, Lever]:
    """What a trial by lot tried, as levers with a measured effect.

    Parameters
    ----------
    arms : of `strategies.trial_arms`
    customers : who could get it
    scale : margin of a unit of the trial's outcome, where the trial did not know it

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.relationship import tried_arms
    >>> trial = pd.DataFrame({"customer_id": range(8), "arm": ["call", "control"] * 4, "outcome": [5, 1, 7, 3, 6, 2, 6, 2]})
    >>> arms = tried_arms(trial.assign(propensity=0.5), "", ["call:1"], 1.0)
    >>> found = arm_levers(arms, customers=100.0)["call"]
    >>> round(found.worth.estimate, 6), found.units, found.grade
    (4.0, 100.0, 'effect')
    """
    found = {}
    tried = arms.table[arms.table["arm"] != arms.control]
    for name, effect, low, high in zip(*(tried[each] for each in ("arm", "effect", "lower", "upper")), strict=True):
        worth = Interval(*(scale * float(end) for end in (effect, low, high)))
        if np.isfinite(worth.estimate):
            total = Interval(*(customers * end for end in worth))
            found[str(name)] = Lever(str(name), "one customer, within the time of the trial", worth, customers, total, 0.0, "effect")
    return found


def plan_levers(cases: Sequence[LeverCase], budget: float, share: float = 1.0, *, seed: int = 1) -> Plan:
    """How a budget is best spent if this share of every association is effect; linear in units, interaction left out.

    Parameters
    ----------
    cases : levers with costs above zero
    budget : most that may be spent [currency]
    share : of the worth of a lever that is effect; levers tried by lot count whole

    Raises
    ------
    TooLittle
        No lever has a cost.

    Examples
    --------
    >>> from goodwill.inference.uncertainty import Interval
    >>> from goodwill.relationship import lever_case
    >>> from goodwill.relationship.levers import Lever
    >>> worth = Interval(2.0, 1.0, 3.0)
    >>> recovery = Lever("recovery", "one complaint", worth, 100.0, Interval(200.0, 100.0, 300.0), -0.1, "association")
    >>> plan = plan_levers([lever_case(recovery, 1.0, 0.5)], budget=50.0)
    >>> plan.cost, plan.net  # fifty complaints at 1, worth 2 each
    (50.0, 50.0)
    """
    known = [case for case in cases if case.cost > 0 and case.lever.units > 0]
    if not known:
        raise TooLittle("No cost of a lever is stated, so that no budget can be planned.")
    size = len(known)
    rng = np.random.default_rng(seed)
    gain, cost = np.zeros((DRAWS, size, size)), np.zeros((size, size))
    for place, case in enumerate(known):
        worth = case.lever.worth
        spread = (worth.upper - worth.lower) / 2 / normal_quantile(0.95)
        drawn = rng.standard_normal(DRAWS)
        counted = 1.0 if case.lever.grade == "effect" else share
        gain[:, place, place] = counted * (worth.estimate + spread * (drawn - drawn.mean()))
        cost[place, place] = case.cost
    names = tuple(case.lever.name for case in known)
    values = IncrementalValue(
        segments=names,
        strategies=names,
        customers=np.array([case.lever.units for case in known]),
        gain=gain,
        cost=cost,
        fixed_cost=np.zeros(size),
        capacity=np.full(size, np.inf),
        eligible=np.eye(size, dtype=bool),
        floor=np.zeros((size, size)),
        groups=names,
        grade=np.array([[GRADES[case.lever.grade]] * size for case in known]),
        baseline=np.zeros(size),
        measured=np.eye(size, dtype=bool) & np.array([case.lever.grade == "effect" for case in known])[:, None],
    )
    return allocate(values, budget, name=f"share {share:.0%}")


def plans_by_share(cases: Sequence[LeverCase], budget: float, shares: Sequence[float] = SHARES) -> pd.DataFrame:
    """The plan at several shares of association counted as effect.

    Returns
    -------
    DataFrame
        share; spent on each lever [currency]; cost, gain and net of the plan, and the chance that it loses money.

    Examples
    --------
    >>> from goodwill.inference.uncertainty import Interval
    >>> from goodwill.relationship import lever_case
    >>> from goodwill.relationship.levers import Lever
    >>> worth = Interval(2.0, 1.0, 3.0)
    >>> recovery = Lever("recovery", "one complaint", worth, 100.0, Interval(200.0, 100.0, 300.0), -0.1, "association")
    >>> found = plans_by_share([lever_case(recovery, 1.0, 0.5)], 50.0, shares=(1.0, 0.25))
    >>> found[["share", "cost", "net"]].to_dict("list")  # at a quarter it does not pay, and nothing is spent
    {'share': [1.0, 0.25], 'cost': [50.0, 0.0], 'net': [50.0, 0.0]}
    """
    import pandas as pd

    rows = []
    for share in shares:
        plan = plan_levers(cases, budget, share)
        spent = dict(zip(plan.values.strategies, np.diag(plan.treated * plan.values.cost), strict=True))
        rows.append({"share": share, **spent, "cost": plan.cost, "gain": plan.gain, "net": plan.net, "loses": plan.chance_of_losing})
    return pd.DataFrame(rows)


def plan_break_even(plan: Plan) -> float:
    """Share of the associations that must be effect for a plan to pay; what was tried by lot counts whole.

    0 where that alone pays, and where nothing is spent; inf where the associations bring nothing.

    >>> from goodwill.inference.uncertainty import Interval
    >>> from goodwill.relationship import lever_case, plan_levers
    >>> from goodwill.relationship.levers import Lever
    >>> worth = Interval(2.0, 1.0, 3.0)
    >>> recovery = Lever("recovery", "one complaint", worth, 100.0, Interval(200.0, 100.0, 300.0), -0.1, "association")
    >>> plan_break_even(plan_levers([lever_case(recovery, 1.0, 0.5)], budget=50.0))
    0.5
    """
    if not plan.cost > 0:
        return 0.0
    gain = plan.effort * plan.values.mean
    tried = np.zeros_like(gain, bool) if plan.values.measured is None else np.asarray(plan.values.measured, bool)
    sure, hoped = float(gain[tried].sum()), float(gain[~tried].sum())
    missing = max(plan.cost - sure, 0.0)
    return 0.0 if missing == 0 else missing / hoped if hoped > 0 else inf


def money_noise(transactions: pd.DataFrame, horizon_days: float, margin: float) -> float:
    """Standard deviation of what one customer brings in a time as long as the horizon: the last one of the record, of those who had bought.

    Parameters
    ----------
    transactions : customer_id, date, amount
    horizon_days : how long a customer is watched
    margin : profit per unit of spend

    Returns
    -------
    float
        [currency].

    Examples
    --------
    >>> import pandas as pd
    >>> days = pd.to_datetime(["2024-01-01", "2024-01-01", "2024-12-01"])
    >>> money_noise(pd.DataFrame({"customer_id": [1, 2, 1], "date": days, "amount": [5.0, 5.0, 10.0]}), 300, 0.5).__round__(3)
    3.536
    """
    import pandas as pd

    day, ids = pd.to_datetime(transactions["date"]), transactions["customer_id"].astype(str)
    start = max(day.max() - pd.Timedelta(days=horizon_days), day.min() + (day.max() - day.min()) / 2)
    known = ids[day <= start].unique()
    later = transactions["amount"].astype(float).where(day > start, 0.0).groupby(ids).sum().reindex(known).fillna(0.0)
    return float(margin * later.std(ddof=1)) if len(known) > 1 else 0.0


class Noise(NamedTuple):
    """Standard deviation of what a trial would see of one customer, and of one complaint [currency]."""

    customer: float
    complaint: float


def lever_noise(transactions: pd.DataFrame, measured: Any, terms: ValueTerms) -> Noise:
    """The noise of a trial, from the records.

    Parameters
    ----------
    transactions : customer_id, date, amount
    measured : costs of complaints, of `word_of_mouth.measured_costs`; anything else stands for none
    terms : horizon and margin

    Examples
    --------
    >>> import goodwill as gw
    >>> made = gw.relationship.example_records()
    >>> noise = lever_noise(gw.relationship.amounts_of(made.purchases), made.measured, made.terms)
    >>> round(noise.customer), round(noise.complaint)  # standard deviations of a year's margin
    (44, 56)
    """
    customer = money_noise(transactions, terms.horizon * DAYS_PER_UNIT[terms.unit], terms.margin)
    return Noise(customer, measured.noise if isinstance(measured, MeasuredCosts) else customer)


def lever_cases(levers: Mapping[str, Lever], costs: Mapping[str, float], arms: Any, trial: Any, noise: Noise) -> list[LeverCase]:
    """The levers that have a cost, and the arms of a trial.

    Parameters
    ----------
    levers, costs : by name
    arms : of `arm_levers`, and `trial` the arms themselves, which know their costs; anything else stands for no trial
    noise : of `lever_noise`

    Raises
    ------
    TooLittle
        No cost is stated.

    Examples
    --------
    >>> from goodwill.inference.uncertainty import Interval
    >>> from goodwill.relationship.lever_plan import Noise
    >>> from goodwill.relationship.levers import Lever
    >>> worth = Interval(2.0, 1.0, 3.0)
    >>> recovery = Lever("recovery", "one complaint", worth, 100.0, Interval(200.0, 100.0, 300.0), -0.1, "association")
    >>> noise = Noise(0.5, 0.5)
    >>> [case.lever.name for case in lever_cases({"recovery": recovery}, {"recovery": 1.0}, None, None, noise)]
    ['recovery']
    """
    by_complaint = (RECOVERY, ANSWER)
    found = [
        lever_case(each, costs[name], noise.complaint if name in by_complaint else noise.customer)
        for name, each in levers.items()
        if costs.get(name, 0.0) > 0
    ]
    if isinstance(arms, Mapping):
        cost = trial.table.set_index("arm")["cost"]
        found += [lever_case(each, float(cost[name]), noise.customer) for name, each in arms.items()]
    if not found:
        raise TooLittle("No cost of a lever is stated (cost_point, cost_recovery, cost_hour, cost_retention), so nothing can be planned.")
    return found


def costs_by_lever(point: float, recovery: float, hour: float, retention: float) -> dict[str, float]:
    """Costs of a unit by lever; those that are not known (0) are left out.

    Parameters
    ----------
    point, recovery, hour, retention : cost of a unit of each [currency]; 0 where it is not known

    Examples
    --------
    >>> costs_by_lever(0.5, 0, 0, 0)
    {'satisfaction': 0.5}
    """
    given = {SATISFACTION: point, RECOVERY: recovery, ANSWER: hour, RETENTION: retention}
    return {name: float(cost) for name, cost in given.items() if cost > 0}


def tried_arms(source: Any, control: str, arm_costs: Sequence[str], margin: float) -> TrialArms:
    """The arms of a trial by lot.

    Parameters
    ----------
    source : a path or a table with customer_id, arm, propensity and outcome
    control : the arm that was left alone; "" where its name says so
    arm_costs : cost per customer, each as "arm:cost"
    margin : profit per unit of outcome

    Raises
    ------
    TooLittle
        There is none.

    Examples
    --------
    >>> import pandas as pd
    >>> trial = pd.DataFrame({"customer_id": range(8), "arm": ["call", "control"] * 4, "outcome": [5, 1, 7, 3, 6, 2, 6, 2]})
    >>> tried_arms(trial.assign(propensity=0.5), "", ["call:1"], 0.5).table["arm"].tolist()
    ['control', 'call']
    """
    from goodwill.strategies.offer import own_arms, trial_at_hand

    if source is None or not len(source):
        raise TooLittle("There is no trial by lot: pass experiment=.")
    return own_arms(trial_at_hand(source, control=control, arm_costs=arm_costs, margin=margin))


def spendable(budget: float, base: BaseValue) -> float:
    """The budget that is given; for 0 a hundredth of what these customers bring within the horizon.

    Examples
    --------
    >>> import goodwill as gw
    >>> made = gw.relationship.example_records()
    >>> spendable(50.0, made.base), spendable(0.0, made.base) == 0.01 * made.base.brought(0.0)[0].money
    (50.0, True)
    """
    return budget or HUNDREDTH * base.brought(0.0)[0].money
