"""What plans are worth by a trial: chosen on some folds of its customers and valued on the others, many times over.

A plan that is made of measured effects and valued by them claims too much: the best of many estimates is partly the luckiest, and shrinking
takes out only a part of that. So the customers of the trial are parted by lot into folds (within segments and arms). Effects are measured
and shrunken without one fold, plans are made of them for its customers, as for those of today, and valued by what came in it: doubly robust
(Robins, Rotnitzky & Zhao 1994), with the means of the other folds as the model of outcomes. Each customer so values plans that she had no
part in (Chernozhukov et al. 2018, cross-fitting). Nothing is assumed here of how effects go with a customer's value: where the plan picks
the wrong ones, the other folds say so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from goodwill.strategies.customer_plans import allocate_by_customer
from goodwill.strategies.incremental_values import shrink
from goodwill.strategies.policy_value import FEWEST, outcome_means
from goodwill.strategies.simple_plans import simple_plans
from goodwill.strategies.single_customers import customers_of
from goodwill.strategies.split_sample import OVERLAP

if TYPE_CHECKING:
    from goodwill.strategies.allocation import Plan
    from goodwill.strategies.incremental_values import IncrementalValue
    from goodwill.strategies.policy_value import Experiment

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
FOLDS, REPEATS = 5, 6
DRAWS = 1_000


@dataclass(frozen=True, eq=False)
class CrossFitted:
    """Value of ways to plan, for the customers of today.

    Attributes
    ----------
    names : of the plans
    gain : before cost [currency]
    cost : of what the trial tried: customers and launches [currency]
    covariance : of the gains
    """

    names: tuple[str, ...]
    gain: Floats
    cost: Floats
    covariance: Floats

    def draws(self, seed: int = 1) -> Floats:
        """Gains drawn with their covariance, shape (DRAWS, plans): each with just the mean and the spread that was found."""
        z = np.random.default_rng(seed).standard_normal((DRAWS, len(self.names)))
        values, vectors = np.linalg.eigh(self.covariance)
        drawn = z * np.sqrt(np.maximum(values, 0.0)) @ vectors.T
        drawn -= drawn.mean(axis=0)
        spread, stated = drawn.std(axis=0), np.sqrt(np.diag(self.covariance))
        return self.gain + drawn * np.divide(stated, spread, out=np.zeros_like(spread), where=spread > 0)


def cross_fitted(
    names: tuple[str, ...],
    added: IncrementalValue,
    experiment: Experiment,
    budget: float,
    *,
    risk_weight: float = 0.0,
    current: Mapping[str, str] | None = None,
    folds: int = FOLDS,
    repeats: int = REPEATS,
    seed: int = 1,
) -> CrossFitted:
    """Value ways to plan by a trial, each on customers that it was not made from.

    Parameters
    ----------
    names : of the plans: that which picks customers, and simple ones
    added : what strategies add in segments, measured effects not yet shrunken
    experiment : arms but the control are strategies; who spent most before it comes first where the column past_spend is there
    budget : of the plan for all customers of today [currency]

    Notes
    -----
    The variance over customers says how sure the folds are of the plans at hand, and not how much these differ from one trial to the next:
    they are made of customers whom they share. The variance of repeated folds is that of one fold times 1 / (folds x repeats) +
    1 / (folds - 1), the customers of a fold over those outside (Nadeau & Bengio 2003, Inference for the generalization error; Bouckaert &
    Frank 2004, for folds that are repeated). For five folds that is 1.4 times the variance over customers, and the interval then held the
    net gain of the plan in 88 % of simulated trials where nothing works: at least the factor of halves is taken, `split_sample.OVERLAP`.
    """
    trial = _Trial.of(experiment, added)
    rng = np.random.default_rng(seed)
    shape = (len(names), len(trial.place))
    gain, cost, launches = np.zeros(shape), np.zeros(shape), np.zeros(len(names))
    for _ in range(repeats):
        fold = trial.folds(folds, rng)
        for each in range(folds):
            inside, outside = np.flatnonzero(fold == each), np.flatnonzero(fold != each)
            learner, place = trial.experiment.part(outside), trial.place[inside]
            found = _plans_for(trial, inside, trial.measured_on(learner, 1 - 1 / folds), budget, risk_weight, current)
            effect = trial.scores(inside, learner)
            known, price = (table[place][:, trial.strategies] for table in (trial.values.measured, trial.values.cost))
            for p, name in enumerate(names):
                if name in found:
                    chance = _chances(found[name], place)[:, trial.strategies] * known
                    gain[p, inside] += (chance * effect).sum(axis=1) / repeats
                    cost[p, inside] += (chance * price).sum(axis=1) / repeats
                    tried = found[name].launched[trial.strategies]
                    launches[p] += float(trial.values.fixed_cost[trial.strategies] @ tried) / (repeats * folds)
    total, covariance = trial.over_today(gain)
    overlap = max(folds / (folds - 1) + 1 / repeats, OVERLAP)
    return CrossFitted(names, total, trial.over_today(cost)[0] + launches, overlap * covariance)


def valued_by_trial(
    optimised: Plan,
    simple: Mapping[str, Plan],
    added: IncrementalValue,
    experiment: Experiment | None,
    *,
    risk_weight: float = 0.0,
    current: Mapping[str, str] | None = None,
    seed: int = 1,
) -> tuple[Plan, dict[str, Plan]]:
    """Plans with what a trial says that they bring (`Plan.tested`), in place of what the effects they were made of claim.

    What a plan gives of strategies that were not tried keeps what is claimed of it.

    Parameters
    ----------
    optimised, simple : made of the shrunken values, with `simple_plans`
    added : the same values, not shrunken
    experiment : the trial that measured effects; None leaves all plans as they are
    risk_weight, current : as the plans were made with

    Examples
    --------
    Somebody claims 8.50 of a call; in a trial it brought 4:

    >>> import numpy as np
    >>> import pandas as pd
    >>> from goodwill.strategies import allocate_by_customer, check_experiment, customers_of, IncrementalValue
    >>> from goodwill.strategies.cross_fitting import replace
    >>> claims = IncrementalValue.stated({"all": 50}, {"call": {"all": [8.0, 9.0]}}, {"call": 1.0})
    >>> claims = replace(claims, measured=np.array([[True]]))
    >>> plan = allocate_by_customer(customers_of(claims, ["all"] * 50, pd.DataFrame({"value": [1.0] * 50, "spend": 1.0})), 50.0)
    >>> trial = pd.DataFrame({"customer_id": range(400), "arm": ["call", "control"] * 200, "outcome": [6.0, 2.0, 7.0, 3.0] * 100})
    >>> tested, _ = valued_by_trial(plan, {}, claims, check_experiment(trial.assign(propensity=0.5, segment="all")))
    >>> plan.gain, round(tested.gain)
    (425.0, 200)
    """
    plans = {optimised.name: optimised, **simple}
    if experiment is None:
        return optimised, dict(simple)
    how = {"risk_weight": risk_weight, "current": current}
    found = cross_fitted(tuple(plans), added, experiment, optimised.budget, seed=seed, **how)  # type: ignore[arg-type]
    drawn = found.draws(seed)
    tested = {}
    for place, (name, plan) in enumerate(plans.items()):
        assumed = np.where(plan.values.measured, 0.0, plan.effort)
        untried = np.tensordot(plan.values.gain, assumed, axes=2)
        tested[name] = replace(plan, tested=drawn[:, place] + np.resize(untried, DRAWS))
    return tested.pop(optimised.name), tested


@dataclass(frozen=True, eq=False)
class _Trial:
    """A trial as plans are made from it.

    Attributes
    ----------
    experiment : outcomes are margins, before cost
    values : what strategies add to the customers of today
    segment, arm : number of each customer's segment and arm in the trial
    place : number of each customer's segment among those of `values`
    strategies : number of the strategy of each arm but the control
    spent : what each customer spent before; 1 where that is not known
    """

    experiment: Experiment
    values: IncrementalValue
    segment: Ints
    arm: Ints
    place: Ints
    strategies: Ints
    spent: Floats

    @classmethod
    def of(cls, experiment: Experiment, values: IncrementalValue) -> _Trial:
        gross, frame = replace(experiment, costs={}), experiment.frame
        numbers = np.array([values.segments.index(name) for name in experiment.segments])
        tried = np.array([values.strategies.index(arm) for arm in experiment.arms[1:]], dtype=np.int64)
        spent = np.maximum(frame["past_spend"].to_numpy(float), 0.0) if "past_spend" in frame else np.ones(len(frame))
        segment, arm = experiment.codes
        return cls(gross, values, segment, arm, numbers[segment], tried, spent)

    def folds(self, number: int, rng: np.random.Generator) -> Ints:
        """The fold of each customer, drawn within segment and arm."""
        strata = self.segment * len(self.experiment.arms) + self.arm
        fold = np.empty(len(strata), dtype=np.int64)
        fold[np.lexsort((rng.random(len(strata)), strata))] = (np.arange(len(strata)) + rng.integers(number)) % number
        return fold

    def measured_on(self, learner: Experiment, part: float) -> IncrementalValue:
        """The values with the effects that a part of the trial measures, shrunken; what is not measured there cannot be planned."""
        count, mean, error = learner.cells()
        gain, eligible = self.values.gain.copy(), self.values.eligible.copy()
        for s, name in enumerate(self.experiment.segments):
            place = self.values.segments.index(name)
            for a, k in enumerate(self.strategies, 1):
                if not self.values.measured[place, k]:
                    continue
                if min(count[s, a], count[s, 0]) < part * FEWEST - 1:
                    eligible[place, k] = False
                    continue
                draws = self.values.gain[:, place, k]
                spread = draws.std()
                z = (draws - draws.mean()) / spread if spread > 0 else np.zeros(len(draws))
                gain[:, place, k] = mean[s, a] - mean[s, 0] + np.hypot(error[s, a], error[s, 0]) * z
        return shrink(replace(self.values, gain=gain, eligible=eligible))

    def scores(self, rows: Ints, learner: Experiment) -> Floats:
        """Doubly robust effect of each arm but the control on each of some customers, shape (customers, arms - 1)."""
        means, segment, arm = outcome_means(learner), self.segment[rows], self.arm[rows]
        net, chance = self.experiment.net[rows], self.experiment.frame["propensity"].to_numpy(float)[rows]
        left = (net - means[segment, arm]) / chance
        effect = means[segment, 1:] - means[segment, :1] - np.where(arm == 0, left, 0.0)[:, None]
        treated = np.flatnonzero(arm > 0)
        effect[treated, arm[treated] - 1] += left[treated]
        return effect

    def over_today(self, each: Floats) -> tuple[Floats, Floats]:
        """Totals of what belongs to single customers of the trial, for today's customers of their segments; and their covariance."""
        total, covariance = np.zeros(len(each)), np.zeros((len(each), len(each)))
        for s in np.unique(self.place):
            inside = each[:, self.place == s]
            many, seen = self.values.customers[s], inside.shape[1]
            total += many * inside.mean(axis=1)
            if seen > 1:
                covariance += many**2 / seen * np.atleast_2d(np.cov(inside))
        return total, covariance


def _plans_for(
    trial: _Trial, rows: Ints, values: IncrementalValue, budget: float, risk_weight: float, current: Mapping[str, str] | None
) -> dict[str, Plan]:
    """The plans for some customers of the trial, for whom there is their part of the money."""
    place = trial.place[rows]
    count = np.bincount(place, minlength=len(values.segments)).astype(float)
    part = len(rows) / max(float(values.customers.sum()), 1.0)
    few = replace(values, customers=count, fixed_cost=part * values.fixed_cost, capacity=part * values.capacity)
    labels = np.array(values.segments, dtype=object)[place]
    single = customers_of(few, labels, pd.DataFrame({"value": trial.spent[rows], "spend": trial.spent[rows]}))
    optimised = allocate_by_customer(single, part * budget, risk_weight=risk_weight)
    return {optimised.name: optimised} | simple_plans(single, optimised.cost, current)


def _chances(plan: Plan, place: Ints) -> Floats:
    """Chance of each strategy for each customer under a plan, shape (customers, strategies)."""
    if plan.choice is None:
        return plan.shares[place]
    chance = np.zeros((len(place), len(plan.values.strategies)))
    for column in plan.choice.T:
        some = np.flatnonzero(column >= 0)
        chance[some, column[some]] = 1.0
    return chance
