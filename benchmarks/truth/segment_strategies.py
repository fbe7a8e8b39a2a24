"""The headlines of notebook 04 on companies whose truth is known: `study(companies, seed)`.

A company sells as BG/NBD and Gamma-Gamma say. In week 52 lots decide who of its customers gets a voucher, a call, or nothing, for 26 weeks;
both move the purchase rate, the call mostly that of business customers. The truths differ in how strongly they do; under the first nothing
works. What every customer would have spent under each strategy is asked of the same company without the trial (`truth.do`).

| headline | what is asked for |
|---|---|
| effect of the voucher, of the call | margin per customer that it adds within the 26 weeks, cost not counted (the arms of a user's trial) |
| delivered by the trial's plans | what plans learned on one half (best arm of each segment, shrunken) add per customer of the other |
| net of the plan | what the plan that picks single customers, made of the measured effects, adds after its cost |
| somebody's plan | whether anybody's plan is recommended (1) beside whether one has a net gain, if all is known (1): no interval |

Intervals are of 95 %, also where the page shows 80 %. The oracle sees the same data and knows every parameter but the effects. What
segments bring when nothing is done has a study of its own, `segment_values`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.truth._histories import known_on
from goodwill import strategies as plans
from goodwill.inference.uncertainty import Interval, normal_quantile, quantile_interval
from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD
from goodwill.lifetime_value.gamma_gamma import GammaGamma
from goodwill.lifetime_value.value import ValueTerms, customer_value
from goodwill.simulate.answering_company import AnsweringCompany, answering_company
from goodwill.simulate.mechanism import Strategy
from goodwill.strategies.catalogue import Catalogue, Effect
from goodwill.strategies.catalogue import Strategy as Offered
from goodwill.strategies.effects import SegmentWorth, value_of_strategies
from goodwill.strategies.split_sample import split_sample

FloatArray = NDArray[np.float64]

CUSTOMERS, TRIAL, WATCHED, MARGIN = 2_000, 52, 26, 0.3
SHARES, COSTS = (0.3, 0.3), (1.0, 4.0)  # of the trial; per customer of the voucher and the call [currency]
RATES = ((0.3, 0.1), (0.1, 0.8))  # what they do at full strength to the rates of private and of business customers
STRENGTHS = {
    "right: nothing works": 0.0,
    "right: a quarter": 0.25,
    "right: half": 0.5,
    "right: three quarters": 0.75,
    "right: full strength": 1.0,
}
BUYING: dict[str, Any] = {"r": 0.8, "alpha": 8.0, "a": 0.7, "b": 4.0}
ARMS = ("do_nothing", "voucher", "call")
SPLITS, DRAWS = 20, 200
LEVEL = 0.95


class Headline(NamedTuple):
    """A number of the page, what it should have been, and what somebody would say who knows the parameters."""

    headline: str
    truth: float
    estimate: Interval
    oracle: Interval = Interval(np.nan, np.nan, np.nan)


def study(companies: int, seed: int, truths: tuple[str, ...] = tuple(STRENGTHS)) -> pd.DataFrame:
    """Headlines of so many companies under each truth: headline, truth_name, truth, estimate and the ends of the two intervals."""
    rows = []
    for name in truths:
        for number in range(seed, seed + companies):
            tried = Tried.of(STRENGTHS[name], 10 * number + list(STRENGTHS).index(name))  # no two truths share a company
            rows += [[each.headline, name, each.truth, *each.estimate, *each.oracle[1:]] for each in trial_headlines(tried)]
    columns = ["headline", "truth_name", "truth", "estimate", "lower", "upper", "lower_oracle", "upper_oracle"]
    return pd.DataFrame(rows, columns=columns)


class Tried(NamedTuple):
    """A trial as the company sees it, and what only the simulation knows.

    Attributes
    ----------
    experiment : as notebook 04 reads it, with six segments: thirds of past spend within the two kinds of customers
    value : expected margin of the trial's weeks of each customer, by models fitted to what was known when it began
    expected : the same by the parameters that made the company
    spend : what each customer spends within these weeks under each arm, by the same chance, shape (customers, arms) [currency]
    kinds : 1 for a business customer
    rates : what each arm does to her rate, shape (customers, arms)
    """

    experiment: Any
    value: FloatArray
    expected: FloatArray
    spend: FloatArray
    kinds: NDArray[np.int64]
    rates: FloatArray

    @classmethod
    def of(cls, strength: float, seed: int) -> Tried:
        """Simulate the trial of one company."""
        made = _company(strength, seed, trial_shares=SHARES)
        table = made.experiment.sort_values("customer_id", ignore_index=True)
        known = known_on(made.transactions, made.truth.mechanism.start + timedelta(days=7 * TRIAL - 1))
        known = known.set_index("customer_id").reindex(table["customer_id"]).reset_index()
        third = np.ceil(3 * table.groupby("segment")["past_spend"].rank(pct=True)).astype(int)
        segment = table["segment"] + " " + third.map({1: "low", 2: "middle", 3: "high"})
        costs = [f"{arm}:{cost}" for arm, cost in zip(ARMS[1:], COSTS, strict=True)]
        tried = plans.trial_at_hand(table.assign(segment=segment), arm_costs=costs, margin=MARGIN)
        m = made.truth.mechanism
        true_models = BetaGeoNBD(m.r, m.alpha, m.a, m.b), GammaGamma(m.p, m.q, m.gamma)
        paying = known[known["frequency"] > 0]
        fitted = BetaGeoNBD.fit(known).model, GammaGamma.fit(paying).model
        terms = ValueTerms(float(WATCHED), MARGIN, 0.0, "week")
        value, expected = (customer_value(one, two, known, terms)["value"].to_numpy(float) for one, two in (fitted, true_models))
        kinds = (table["segment"] == "business").to_numpy(np.int64)
        rates = strength * np.array([(0.0, 0.0), *RATES]).T[kinds]
        return cls(tried, value, expected, _spend_under_arms(strength, seed), kinds, rates)

    @property
    def arm(self) -> NDArray[np.int64]:
        """The arm of each customer, in the order of `ARMS`."""
        names = self.experiment.experiment.frame["arm"].astype(str)
        return np.array([ARMS.index(name) for name in names])

    @property
    def more(self) -> FloatArray:
        """Margin of each customer under each arm more than under none."""
        return MARGIN * (self.spend - self.spend[:, :1])


def _company(strength: float, seed: int, **changed: Any) -> AnsweringCompany:
    works = tuple(
        Strategy(name, cost, tuple(strength * rate for rate in rates)) for name, cost, rates in zip(ARMS[1:], COSTS, RATES, strict=True)
    )
    how = BUYING | {"strategies": works, "trial_week": TRIAL, "trial_weeks": WATCHED} | changed
    return answering_company("BG/NBD", customers=CUSTOMERS, weeks=TRIAL + WATCHED, seed=seed, **how)


def _spend_under_arms(strength: float, seed: int) -> FloatArray:
    """What every customer would spend within the weeks of the trial under each arm, by the same chance."""
    truth = _company(strength, seed).truth  # without a trial: who gets nothing gets nothing
    given = [truth.do(arm, 1.0, since=TRIAL).customers for arm in ARMS[1:]]
    everybody = np.arange(1, CUSTOMERS + 1)
    columns = [given[0]["spend"], *(each["spend_moved"] for each in given)]
    return np.stack([column.reindex(everybody, fill_value=0.0).to_numpy(float) for column in columns], axis=1)


def trial_headlines(tried: Tried) -> Iterator[Headline]:
    """The headlines that rest on the trial."""
    experiment, more, cost = tried.experiment.experiment, tried.more, np.array([0.0, *COSTS])
    arms = plans.own_arms(tried.experiment).table.set_index("arm")
    known = Oracle.of(tried)
    order = [ARMS.index(arm) for arm in experiment.arms]
    for place, arm in enumerate(ARMS[1:], 1):
        row = Interval(*(float(arms.loc[arm, name]) for name in ("effect", "lower", "upper")))
        each = np.full(len(more), place)
        yield Headline(f"04 effect of the {arm}", float(more[:, place].mean()), row, known.gain_of(each, 1 / len(more)))
    limit, method = tried.experiment.budget, "empirical_bayes"
    splits = split_sample(experiment, (method,), splits=SPLITS, budget=limit)
    assert splits.given is not None
    given = splits.given[0][:, np.argsort(order)] / len(more)
    oracle = known.gain_by(given, -float((given @ cost).sum()))
    yield Headline("04 delivered by the trial's plans", float((given * (more - cost)).sum()), splits.delivered(method, LEVEL), oracle)
    yield from plan_headlines(tried, known)


def plan_headlines(tried: Tried, known: Oracle) -> Iterator[Headline]:
    """The headlines of the plan that is made of the measured effects."""
    frame, limit = tried.experiment.experiment.frame, 0.25 * max(COSTS) * len(tried.value)
    values = plans.shrink(_values(tried))
    single = plans.customers_of(values, frame["segment"].astype(str), pd.DataFrame({"value": tried.value, "spend": frame["past_spend"]}))
    optimised = plans.allocate_by_customer(single, limit)
    advice = plans.recommend(optimised, plans.simple_plans(single, optimised.cost), limit)
    cost, chosen = np.array([0.0, *COSTS]), optimised.choice[:, 0] + 1
    net = tried.more - cost
    said = quantile_interval(optimised.net, optimised.draws(), LEVEL)
    true = float(net[np.arange(len(net)), chosen].sum())
    yield Headline("04 net of the plan", true, said, known.gain_of(chosen, 1.0, -float(cost[chosen].sum())))
    pays = bool((tried.expected[:, None] * tried.rates > cost).any())
    yield Headline("04 somebody's plan", float(pays), Interval(float(advice.plan.cost > 0), np.nan, np.nan))


def _values(tried: Tried) -> Any:
    """What the strategies add by segment, from a catalogue that the trial measured."""
    experiment = tried.experiment.experiment
    names = experiment.segments
    listed = [Offered(arm, arm, cost, names, effects={"frequency": Effect(0.05, 0.05)}) for arm, cost in zip(ARMS[1:], COSTS, strict=True)]
    offer = plans.offer(Catalogue(names, (Offered("do_nothing", "nothing", 0.0, names), *listed)), tried.experiment)
    code, _ = experiment.codes
    size = np.bincount(code, minlength=len(names)).astype(float)
    mean = np.tile(np.bincount(code, tried.value, len(names)) / size, (DRAWS, 1))
    worth = SegmentWorth(names, size, np.array([WATCHED / 52]), mean[..., None], np.ones_like(mean)[..., None], np.ones_like(mean))
    return value_of_strategies(offer.catalogue, worth)


class Oracle(NamedTuple):
    """What somebody reads from the trial who knows every parameter but the effects: what came beside what was expected of each customer.

    Attributes
    ----------
    more : margin that came less that expected without a strategy, by the true parameters, over the chance of the arm received
    arm : of each customer
    """

    more: FloatArray
    arm: NDArray[np.int64]

    @classmethod
    def of(cls, tried: Tried) -> Oracle:
        came = MARGIN * tried.spend[np.arange(len(tried.arm)), tried.arm]
        chances = np.array([1 - sum(SHARES), *SHARES])
        return cls((came - tried.expected) / chances[tried.arm], tried.arm)

    def gain_of(self, chosen: NDArray[np.int64], scale: float, less: float = 0.0) -> Interval:
        """Interval of what customers gain who get these arms (0 none), times a scale, less a cost."""
        weight = np.zeros((len(chosen), len(ARMS)))
        weight[np.arange(len(chosen)), chosen] = scale
        return self.gain_by(weight, less)

    def gain_by(self, weight: FloatArray, less: float = 0.0) -> Interval:
        """The same from the weight of each arm for each customer."""
        treated = weight.copy()
        treated[:, 0] = -weight[:, 1:].sum(axis=1)
        each = treated[np.arange(len(self.arm)), self.arm] * self.more
        total, reach = float(each.sum()) + less, normal_quantile(LEVEL) * float(each.std(ddof=1)) * np.sqrt(len(each))
        return Interval(total, total - reach, total + reach)
