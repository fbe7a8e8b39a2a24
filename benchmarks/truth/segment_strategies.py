"""The headlines of notebook 04 on companies whose truth is known: `study(companies, seed)`.

A company sells as BG/NBD and Gamma-Gamma say. In week 52 lots decide who of its customers gets a voucher, a call, or nothing, for 26 weeks;
both move the purchase rate, the call mostly that of business customers. The truths differ in how strongly they do; under the first nothing
works. What every customer would have spent under each strategy is asked of the same company without the trial (`truth.do`). Truths called
wrong break what the page assumes: that effects grow with a customer's value, that she buys as BG/NBD says, that lots were kept.

| headline | what is asked for |
|---|---|
| effect of the voucher, of the call | margin per customer that it adds within the 26 weeks, cost not counted (the arms of a user's trial) |
| delivered by the trial's plans | what plans learned on one half (best arm of each segment, shrunken) add per customer of the other |
| net of the plan | what the plan that picks single customers, made of the measured effects, adds after its cost |
| somebody's plan | whether anybody's plan is recommended (1) beside whether one has a net gain, if all is known (1): no interval |

Intervals are of 95 %, also where the page shows 80 %. The oracle sees the same data and knows every parameter but the effects; where the
company sells otherwise than BG/NBD says, or lots were not kept, there is none. What segments bring when nothing is done has a study of its
own, `segment_values`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.truth.segment_values import with_spend
from goodwill import strategies as plans
from goodwill.inference.uncertainty import Interval, normal_quantile, quantile_interval
from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD
from goodwill.lifetime_value.evidence.purchase_choice import choose_purchases
from goodwill.lifetime_value.gamma_gamma_with_first import GammaGammaWithFirst
from goodwill.lifetime_value.pareto_nbd import ParetoNBD
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
KEPT, EXTRA = 0.85, (0.3, 0.45)  # of the control group that is left alone where lots were not kept; purchases that a flat effect adds


class Made(NamedTuple):
    """How the company of a truth is made.

    Attributes
    ----------
    strength : of what strategies do to rates, 1 in full
    base, changed : of the answering company
    flat : whether a strategy adds purchases of mean size instead, the same to everybody
    kept : share of the control group that is left alone; the others get the voucher, which the trial's file does not say
    """

    strength: float
    base: str = "BG/NBD"
    changed: Mapping[str, Any] = MappingProxyType({})
    flat: bool = False
    kept: float = 1.0


RIGHT = {
    "right: nothing works": Made(0.0),
    "right: a quarter": Made(0.25),
    "right: half": Made(0.5),
    "right: three quarters": Made(0.75),
    "right: full strength": Made(1.0),
}
WRONG = {
    "wrong: effects not with value": Made(0.0, flat=True),
    "wrong: Pareto/NBD": Made(0.75, "Pareto/NBD"),
    "wrong: season of 30 %": Made(0.75, changed={"season": 0.3}),
    "wrong: control group not kept": Made(0.75, kept=KEPT),
}
TRUTHS = RIGHT | WRONG
SEED = 4_501  # number of the first company
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


def study(companies: int, seed: int, truths: tuple[str, ...] = tuple(TRUTHS)) -> pd.DataFrame:
    """Headlines of so many companies under each right truth, and a fifth as many under the others.

    Returns
    -------
    DataFrame
        headline, truth_name, truth, estimate and the ends of the two intervals
    """
    rows = []
    for name in truths:
        for number in range(seed, seed + (companies if name in RIGHT else -(-companies // 5))):
            tried = Tried.of(TRUTHS[name], 10 * number + list(TRUTHS).index(name))  # no two truths share a company
            rows += [[each.headline, name, each.truth, *each.estimate, *each.oracle[1:]] for each in trial_headlines(tried)]
    columns = ["headline", "truth_name", "truth", "estimate", "lower", "upper", "lower_oracle", "upper_oracle"]
    return pd.DataFrame(rows, columns=columns)


class Tried(NamedTuple):
    """A trial as the company sees it, and what only the simulation knows.

    Attributes
    ----------
    experiment : as notebook 04 reads it, with six segments: thirds of past spend within the two kinds of customers
    value : expected margin of the trial's weeks of each customer, by models fitted to what was known when it began, that of purchases
        chosen by its likelihood
    expected : the same by the parameters that made the company
    spend : what each customer spends within these weeks under each arm, by the same chance, shape (customers, arms) [currency]
    gains : margin that each arm is expected to add, if all is known, same shape
    right : whether the company is as the page takes it to be
    """

    experiment: Any
    value: FloatArray
    expected: FloatArray
    spend: FloatArray
    gains: FloatArray
    right: bool

    @classmethod
    def of(cls, how: Made, seed: int) -> Tried:
        """Simulate the trial of one company."""
        made = _company(how, seed, trial_shares=SHARES)
        table = made.experiment.sort_values("customer_id", ignore_index=True)
        spend, kinds = _spend_under_arms(how, seed), (table["segment"] == "business").to_numpy(np.int64)
        if how.flat or how.kept < 1:
            got = _got(how, table["arm"].astype(str), seed)
            table = table.assign(outcome=spend[np.arange(len(table)), got])
        known = with_spend(made.transactions, made.truth.mechanism.start + timedelta(days=7 * TRIAL - 1))
        known = known.set_index("customer_id").reindex(table["customer_id"]).reset_index()
        third = np.ceil(3 * table.groupby("segment")["past_spend"].rank(pct=True)).astype(int)
        segment = table["segment"] + " " + third.map({1: "low", 2: "middle", 3: "high"})
        costs = [f"{arm}:{cost}" for arm, cost in zip(ARMS[1:], COSTS, strict=True)]
        tried = plans.trial_at_hand(table.assign(segment=segment), arm_costs=costs, margin=MARGIN)
        m = made.truth.mechanism
        buying = BetaGeoNBD(m.r, m.alpha, m.a, m.b) if how.base == "BG/NBD" else ParetoNBD(m.r, m.alpha, m.s, m.beta)
        fitted = choose_purchases(known).fit.model, GammaGammaWithFirst.fit(known).model
        terms = ValueTerms(float(WATCHED), MARGIN, 0.0, "week")
        pairs = (fitted, (buying, GammaGammaWithFirst(m.p, m.q, m.gamma, m.p, 1.0)))
        value, expected = (customer_value(one, two, known, terms)["value"].to_numpy(float) for one, two in pairs)
        gains = expected[:, None] * how.strength * np.array([(0.0, 0.0), *RATES]).T[kinds]
        if how.flat:
            gains = np.broadcast_to(MARGIN * _mean_amount(how, seed) * np.array([0.0, *EXTRA]), gains.shape)
        return cls(tried, value, expected, spend, gains, how in RIGHT.values())

    @property
    def arm(self) -> NDArray[np.int64]:
        """The arm of each customer, in the order of `ARMS`."""
        names = self.experiment.experiment.frame["arm"].astype(str)
        return np.array([ARMS.index(name) for name in names])

    @property
    def more(self) -> FloatArray:
        """Margin of each customer under each arm more than under none."""
        return MARGIN * (self.spend - self.spend[:, :1])


def _company(made: Made, seed: int, **changed: Any) -> AnsweringCompany:
    strength = 0.0 if made.flat else made.strength
    works = tuple(
        Strategy(name, cost, tuple(strength * rate for rate in rates)) for name, cost, rates in zip(ARMS[1:], COSTS, RATES, strict=True)
    )
    buying = BUYING if made.base == "BG/NBD" else {}
    how = buying | {"strategies": works, "trial_week": TRIAL, "trial_weeks": WATCHED} | dict(made.changed) | changed
    return answering_company(made.base, customers=CUSTOMERS, weeks=TRIAL + WATCHED, seed=seed, **how)


def _spend_under_arms(made: Made, seed: int) -> FloatArray:
    """What every customer would spend within the weeks of the trial under each arm, by the same chance."""
    truth = _company(made, seed).truth  # without a trial: who gets nothing gets nothing
    given = [truth.do(arm, 1.0, since=TRIAL).customers for arm in ARMS[1:]]
    everybody = np.arange(1, CUSTOMERS + 1)
    columns = [given[0]["spend"], *(each["spend_moved"] for each in given)]
    spend = np.stack([column.reindex(everybody, fill_value=0.0).to_numpy(float) for column in columns], axis=1)
    if made.flat:  # purchases of mean size that have nothing to do with the customer's own
        more = np.random.default_rng(seed).poisson(EXTRA, (CUSTOMERS, len(EXTRA)))
        spend[:, 1:] = spend[:, :1] + _mean_amount(made, seed) * more
    return spend


def _mean_amount(made: Made, seed: int) -> float:
    m = _company(made, seed).truth.mechanism
    return float(m.p * m.gamma / (m.q - 1))


def _got(made: Made, arm: pd.Series, seed: int) -> NDArray[np.int64]:
    """The arm that each customer truly got: where lots were not kept, some of the control group got the voucher."""
    got = np.array([ARMS.index(name) for name in arm])
    lost = np.random.default_rng(seed).random(len(got)) >= made.kept
    return np.where((got == 0) & lost, 1, got)


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
    added = _values(tried)
    values = plans.shrink(added)
    single = plans.customers_of(values, frame["segment"].astype(str), pd.DataFrame({"value": tried.value, "spend": frame["past_spend"]}))
    made = plans.allocate_by_customer(single, limit)
    optimised, simple = plans.valued_by_trial(made, plans.simple_plans(single, made.cost), added, tried.experiment.experiment)
    advice = plans.recommend(optimised, simple, limit)
    assert made.choice is not None
    cost, chosen = np.array([0.0, *COSTS]), made.choice[:, 0] + 1
    net = tried.more - cost
    said = quantile_interval(optimised.net, optimised.draws(), LEVEL)
    true = float(net[np.arange(len(net)), chosen].sum())
    yield Headline("04 net of the plan", true, said, known.gain_of(chosen, 1.0, -float(cost[chosen].sum())))
    pays = bool((tried.gains > cost)[:, 1:].any())
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
    right : whether the parameters are all that there is to know
    """

    more: FloatArray
    arm: NDArray[np.int64]
    right: bool = True

    @classmethod
    def of(cls, tried: Tried) -> Oracle:
        came = MARGIN * tried.spend[np.arange(len(tried.arm)), tried.arm]
        chances = np.array([1 - sum(SHARES), *SHARES])
        return cls((came - tried.expected) / chances[tried.arm], tried.arm, tried.right)

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
        if not self.right:
            return Interval(np.nan, np.nan, np.nan)
        total, reach = float(each.sum()) + less, normal_quantile(LEVEL) * float(each.std(ddof=1)) * np.sqrt(len(each))
        return Interval(total, total - reach, total + reach)
