"""What can be done here: the strategies for these segments with their costs, what a trial measured of them, and what is at hand to try."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from goodwill.calendar import DAYS_PER_UNIT
from goodwill.errors import DataError, TooLittle
from goodwill.shown import Shown
from goodwill.strategies.catalogue_file import read_catalogue, starter_catalogue
from goodwill.strategies.policy_value import Experiment, check_experiment
from goodwill.strategies.split_sample import SplitSample, judged_by_truth, split_sample
from goodwill.strategies.trials.trial_arms import TrialArms, reaching, trial_arms
from goodwill.strategies.trials.trial_design import with_measured
from goodwill.strategies.trials.trial_outcomes import ADJUSTED, GIVEN, OUTCOMES, VALUE, less_past_spend, with_value_after

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.lifetime_value.valued import Valued
    from goodwill.simulate import Company
    from goodwill.strategies.allocation import Plan
    from goodwill.strategies.catalogue import Catalogue
    from goodwill.strategies.comparing_plans import Recommendation
    from goodwill.strategies.effects import ComplaintTerms

SIMULATED, WEEKS = 20_000, 26.0  # customers of the simulated trial, and how long it runs
TRIALS, SPLITS = 20, 40  # drawn anew where the truth is known; halves of one's own
Floats = NDArray[np.float64]
HUNDREDTH = 0.01  # of the expected value that a plan may spend unless told otherwise


@dataclass(frozen=True, eq=False)
class TrialAtHand:
    """A randomised trial: the user's own, or that of a simulated company.

    Attributes
    ----------
    experiment : checked
    own : whether it is the user's
    company : where the trial is simulated, the company that it is tried on; else None
    outcome : what counts as the outcome of one's own, one of `trial_outcomes.OUTCOMES`
    within : where that is `value`, the trial without what is expected after it; else None
    lasting : how many times as large an effect is that goes on unchanged until the value's horizon

    Examples
    --------
    >>> from goodwill.strategies import trial_at_hand
    >>> trial = trial_at_hand("")  # simulated, where none is at hand
    >>> trial.own, trial.experiment.control, trial.budget  # a quarter of what the dearest arm costs, a call for 6
    (False, 'do_nothing', 1.5)
    """

    experiment: Experiment
    own: bool
    company: Company | None = None
    outcome: str = GIVEN
    within: Experiment | None = None
    lasting: float = 1.0

    @property
    def budget(self) -> float | None:
        """A quarter of what the dearest arm costs, per customer: what plans are compared within. None where no arm costs anything."""
        return max(self.experiment.costs.values(), default=0.0) / 4 or None


def trial_at_hand(
    source: Any,
    *,
    control: str = "",
    arm_costs: Sequence[str] = (),
    catalogue: Catalogue | None = None,
    margin: float = 1.0,
    outcome: str = ADJUSTED,
    valued: Valued | None = None,
    weeks: float = 0.0,
    seed: int = 1,
) -> TrialAtHand:
    """The trial in a table with customer_id, arm, propensity and outcome (and segment, past_spend); of a simulated company without one.

    Parameters
    ----------
    source : a path, a DataFrame, or "" for the simulated trial
    control : the arm that was left alone; "" where its name says so
    arm_costs : cost per customer of arms, each as "arm:cost"; arms that are not named cost what the catalogue says of them
    catalogue : strategies by the names of arms
    margin : profit per unit of outcome
    outcome : `given`, as it stands there; `adjusted` for past_spend, where that is a column; `value`, margin within the trial and the value
        expected after it, adjusted likewise
    valued, weeks : for `value`: customers with their value when the trial ended, and how long it ran
    seed : of the simulated trial

    Raises
    ------
    DataError
        An outcome of another name; with `value`, customers of the trial who are not among those valued, or no weeks. See also
        `check_experiment`.

    Examples
    --------
    >>> import pandas as pd
    >>> trial = pd.DataFrame({"customer_id": range(4), "arm": ["call", "control"] * 2, "propensity": 0.5, "outcome": [5, 1, 7, 3]})
    >>> tried = trial_at_hand(trial, arm_costs=["call:2"])
    >>> tried.own, tried.experiment.arms, tried.experiment.costs
    (True, ('control', 'call'), {'call': 2.0})
    """
    from goodwill import simulate
    from goodwill.data.side_tables import read_side_table

    if isinstance(source, str) and not source:
        company = simulate.company(SIMULATED, seed=seed)
        return TrialAtHand(_simulated(company, margin, seed)[0], own=False, company=company)
    numbers = ["propensity", "outcome", "past_spend"]
    frame = read_side_table(source, texts=["customer_id", "segment", "arm"], numbers=numbers, optional=["segment", "past_spend"])
    listed = {each.id: each.unit_cost for each in catalogue.active} if catalogue else {}
    costs = {arm: cost for arm, cost in listed.items() if arm in set(frame["arm"])} | costs_of_arms(arm_costs)
    check = partial(check_experiment, control=control or None, costs=costs)
    counting, counted, rate = _counted(frame, outcome, valued, margin)
    tried = TrialAtHand(check(counting, margin=rate), own=True, outcome=counted)
    if valued is None or counted != VALUE:
        return tried
    if not weeks > 0:
        raise DataError("trial_outcome is 'value', which counts what comes after the trial: say how many weeks it ran (trial_weeks).")
    after = valued.terms.horizon * DAYS_PER_UNIT[valued.terms.unit] / DAYS_PER_UNIT["week"]
    soon, _, rate = _counted(frame, ADJUSTED, None, margin)
    return replace(tried, within=check(soon, margin=rate), lasting=1 + after / weeks)


def _counted(frame: pd.DataFrame, outcome: str, valued: Valued | None, margin: float) -> tuple[pd.DataFrame, str, float]:
    """The trial with the outcome that counts, what that is, and the margin that is still to be taken of it."""
    if outcome not in OUTCOMES:
        raise DataError(f"trial_outcome is '{outcome}'; it is one of {', '.join(OUTCOMES)}.")
    if outcome == VALUE:
        if valued is None:
            raise DataError("the value after a trial needs the customers of the trial with their value (valued).")
        frame, margin = frame.assign(outcome=with_value_after(frame, valued)), 1.0
    if outcome == GIVEN or "past_spend" not in frame:
        return frame, VALUE if outcome == VALUE else GIVEN, margin
    return frame.assign(outcome=less_past_spend(frame["outcome"], frame)), outcome, margin


def _simulated(company: Company, margin: float, seed: int) -> tuple[Experiment, Floats]:
    """A trial on a company, and the expected outcome of each customer under each arm."""
    from goodwill import simulate

    tried, people = simulate.trial(company, weeks=WEEKS, seed=seed), company.customers
    experiment = check_experiment(tried.experiment, segments=simulate.TRIAL_SEGMENTS, costs=tried.costs, margin=margin)
    base = (people["rate"] * people["left_after"].isna() * people["mean_spend"]).to_numpy(float) * WEEKS
    truth = tried.truth[list(experiment.arms)]
    change = (truth.div(truth[experiment.control], axis=0)).to_numpy(float)
    return experiment, base[:, None] * change[experiment.codes[0]]


def own_arms(tried: TrialAtHand) -> TrialArms:
    """The arms of one's own trial; where its outcome is `value`, with intervals as of `reaching`.

    Raises
    ------
    TooLittle
        The trial is a simulated one.

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.strategies import trial_at_hand
    >>> trial = pd.DataFrame({"customer_id": range(8), "arm": ["call", "control"] * 4, "outcome": [5, 1, 7, 3, 6, 2, 6, 2]})
    >>> found = own_arms(trial_at_hand(trial.assign(propensity=0.5))).table.set_index("arm")
    >>> found.loc["call", ["effect", "lower", "upper"]].astype(float).round(1).tolist()
    [4.0, 2.9, 5.1]
    """
    if not tried.own:
        raise TooLittle("No trial of your own is given (experiment), so that no effect is measured here; what follows is simulated.")
    arms = trial_arms(tried.experiment)
    return arms if tried.within is None else reaching(arms, trial_arms(tried.within), tried.lasting)


def claims_of(tried: TrialAtHand, *, seed: int = 1) -> SplitSample:
    """What ways of planning claim and deliver: of one's own trial on halves of it, of a simulated one by its truth, drawn anew.

    Examples
    --------
    An arm that does nothing, in eight segments: what looks best claims more than the other half of the trial sees.

    >>> import numpy as np
    >>> import pandas as pd
    >>> from goodwill.strategies import trial_at_hand
    >>> rng = np.random.default_rng(1)
    >>> trial = pd.DataFrame({"customer_id": range(400), "arm": ["call", "control"] * 200, "segment": rng.integers(8, size=400)})
    >>> found = claims_of(trial_at_hand(trial.assign(propensity=0.5, outcome=rng.normal(10, 5, 400))))
    >>> found.table.set_index("method").loc["raw", ["claimed", "delivered"]].astype(float).round(1).to_dict()
    {'claimed': 0.7, 'delivered': 0.1}
    """
    if tried.company is None:
        return split_sample(tried.experiment, splits=SPLITS, budget=tried.budget, seed=seed)
    drawn = [_simulated(tried.company, tried.experiment.margin, seed + number) for number in range(TRIALS)]
    return judged_by_truth([each for each, _ in drawn], [expected for _, expected in drawn], budget=tried.budget)


def costs_of_arms(given: Sequence[str]) -> dict[str, float]:
    """Costs by arm from texts such as "mail:0.5".

    >>> costs_of_arms(["mail:0.5", "call: 6"])
    {'mail': 0.5, 'call': 6.0}
    """
    costs = {}
    for each in given:
        arm, _, cost = str(each).rpartition(":")
        try:
            costs[arm.strip()] = float(cost)
        except ValueError:
            raise DataError(f"the cost of an arm is given as '{each}'; write the arm, a colon and a number, such as mail:0.5") from None
    return costs


def plan_of_today(given: Sequence[str]) -> dict[str, str] | None:
    """Strategy by segment from texts such as "champions:vip_guide"; None where nothing is done today.

    >>> plan_of_today(["at risk:win_back"]), plan_of_today([])
    ({'at risk': 'win_back'}, None)
    """
    pairs = [str(each).rpartition(":") for each in given]
    if any(not segment.strip() for segment, _, _ in pairs):
        raise DataError(f"the plan of today holds {', '.join(map(str, given))}; write segment, colon and strategy: champions:vip_guide")
    return {segment.strip(): strategy.strip() for segment, _, strategy in pairs} or None


@dataclass(frozen=True, eq=False, repr=False)
class Offer(Shown):
    """The strategies that can be planned with.

    Attributes
    ----------
    catalogue : with measured effects where the trial has them
    measured : what the trial measured, by segment and strategy; None without a trial of these strategies in these segments
    expected : whether what it measured holds a value that a model expects after it
    trial : that measured it; None likewise

    Examples
    --------
    >>> from goodwill.strategies import starter_catalogue
    >>> found = Offer(starter_catalogue(("best", "others"), order_value=40.0), measured=None)
    >>> found.assumed  # nine strategies, and no trial of any
    9
    """

    catalogue: Catalogue
    measured: pd.DataFrame | None
    expected: bool = False
    trial: Experiment | None = None

    @property
    def assumed(self) -> int:
        """Strategies whose effect is an assumption that no trial replaced."""
        return sum(each.evidence == "D" and not each.measured for each in self.catalogue.active)


def catalogue_for(source: Any, segments: tuple[str, ...], customers: pd.DataFrame) -> Catalogue:
    """The strategies of a YAML file for these segments, or ("") the starter catalogue, whose costs are stated in mean orders.

    Parameters
    ----------
    customers : with spend and frequency, from which the mean order comes

    Examples
    --------
    >>> import pandas as pd
    >>> customers = pd.DataFrame({"spend": [90.0, 30.0], "frequency": [2, 0]})  # 120 in four orders
    >>> catalogue_for("", ("best", "others"), customers).strategy("key_account").unit_cost  # a twentieth of an order
    1.5
    """
    order_value = float(customers["spend"].sum() / (customers["frequency"] + 1).sum())
    return read_catalogue(source, segments, order_value) if source else starter_catalogue(segments, order_value)


def offer(catalogue: Catalogue, tried: TrialAtHand) -> Offer:
    """The strategies with what the user's own trial measured of them, where it tried these strategies in these segments.

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.strategies import starter_catalogue, trial_at_hand
    >>> trial = pd.DataFrame({"customer_id": range(200), "arm": ["win_back", "control"] * 100, "propensity": 0.5, "segment": "lapsed"})
    >>> tried = trial_at_hand(trial.assign(outcome=[6.0, 2.0, 7.0, 3.0] * 50))
    >>> found = offer(starter_catalogue(("best", "lapsed"), order_value=40.0), tried)
    >>> found.measured[["strategy", "estimate", "grade_before", "grade_after"]].to_dict("list")
    {'strategy': ['win_back'], 'estimate': [4.0], 'grade_before': ['D'], 'grade_after': ['A']}
    """
    trial = tried.experiment
    fits = tried.own and set(trial.segments) <= set(catalogue.segments) and set(trial.arms[1:]) <= set(catalogue.ids)
    return Offer(*with_measured(catalogue, trial), tried.outcome == VALUE, trial) if fits else Offer(catalogue, None)


def complaint_terms(valued: Valued, share: float, *, seed: int = 1) -> ComplaintTerms | None:
    """What recovering a complaint is worth with these customers, if this share of them has a dissatisfied one in a year; None for none.

    Examples
    --------
    >>> import goodwill as gw
    >>> from goodwill.lifetime_value.valued import Valued
    >>> summary, terms = gw.summarize_purchases(gw.read_transactions("cdnow_sample")), gw.ValueTerms(52, 0.3, 0.15, "week")
    >>> valued = Valued(summary.to_pandas(), gw.BetaGeoNBD.fit(summary), gw.GammaGamma.fit(summary), terms)
    >>> found = complaint_terms(valued, share=0.02)
    >>> found.share, round(float(found.recovery.total))  # of one recovery [USD]
    (0.02, 6)
    """
    from goodwill.strategies.effects import ComplaintTerms
    from goodwill.word_of_mouth import assumptions, coca_cola, worth

    if not share:
        return None
    told = coca_cola.told_means("mean", "dissatisfied")
    stake = worth.customer_worth(valued.purchases, valued.spend, valued.customers, valued.terms, seed)
    inputs = assumptions.at_means(coca_cola.recovery_assumptions(*told, stake))
    return ComplaintTerms(share, coca_cola.recovery(inputs))


def spendable(budget: float, customers: pd.DataFrame) -> float:
    """The budget that is given; for 0 a hundredth of the expected value of these customers.

    >>> import pandas as pd
    >>> spendable(0.0, pd.DataFrame({"value": [600.0, 400.0]})), spendable(50.0, pd.DataFrame({"value": [600.0, 400.0]}))
    (10.0, 50.0)
    """
    return budget or HUNDREDTH * float(customers["value"].sum())


def plan_to_try(advice: Recommendation) -> Plan:
    """The plan that a trial would try: the recommended one, or that which nets most where nobody's plan is recommended.

    Raises
    ------
    TooLittle
        It treats nobody.

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.strategies import IncrementalValue, allocate_by_customer, customers_of, recommend, simple_plans
    >>> values = IncrementalValue.stated({"all": 2}, gain={"call": {"all": [1.0, 2.0, 3.0]}}, cost={"call": 1.8})
    >>> people = customers_of(values, ["all"] * 2, pd.DataFrame({"value": [1.1, 0.9], "spend": [1.0, 9.0]}))
    >>> advice = recommend(allocate_by_customer(people, 2.0), simple_plans(people, 2.0), 2.0)
    >>> advice.plan.name, plan_to_try(advice).name  # too unsure to be recommended, and worth a trial
    ('nobody', 'by customer')
    """
    if advice.candidate.shares.sum():
        return advice.candidate
    raise TooLittle("No strategy is worth its cost within the budget, so there is nothing to try.")
