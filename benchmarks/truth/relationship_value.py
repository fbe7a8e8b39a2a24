"""What a unit of each lever is worth, on companies whose truth is known: `study(companies, seed)`.

A company of notebook 05 has purchases, a survey of some of its customers and a complaint log. The truth of a lever is what is expected of
these customers, each as she really is, in the year after the record with the lever moved, per unit (a recovered complaint, an hour: in the
year after it). Under "right" leaving is as the notebook assumes: by odds with satisfaction after purchases, by a coin of its own at
complaints, the likelier the longer the wait; all effects grow together from nothing to double, and so does the rate of purchase. There
(and where leavers are silent, or the satisfied answer more often) the truth is the expectation over each company's own customers
(`_relationship_truth`). Under the others it is simulated, and chance is large beside what a lever moves: it is that of many customers like
these.

How much of a feeling lasts, no single survey tells. It is drawn anew for every company from the range that the page states; the page is
given it once, as by a reader who has asked twice, and once it keeps the range.

The oracle knows all parameters but the effect asked for, and estimates that effect from the same data; of each customer it knows what her
history says. Of retention, which has no effect to be estimated, it knows which purchase model is right.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cache, cached_property
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import special
from scipy.optimize import minimize

import goodwill as gw
from benchmarks.truth._histories import known_before, known_on
from benchmarks.truth._portions import PARTS
from benchmarks.truth._relationship_truth import Right, gap, lasting_share, right_truth
from benchmarks.truth.complaint_word_of_mouth import fit_chances
from goodwill.errors import TooLittle
from goodwill.inference.uncertainty import Interval, normal_quantile
from goodwill.relationship import levers as room
from goodwill.relationship.answer_waits import SETTLES, WAIT, Lines, LinesFit, Waits, classes_of_wait, per_hour_of, slope_of
from goodwill.relationship.answered_histories import AnsweredHistories, answered_histories, lately
from goodwill.relationship.base_value import BaseValue, Move, base_value
from goodwill.relationship.complaint_counts import coined_of, rates_of
from goodwill.relationship.cut_answers import cut_correlation
from goodwill.relationship.known_truth import MOVED, LeverTruth, lever_truth, point_of
from goodwill.relationship.lever_moves import Moves, attribution
from goodwill.relationship.reliability import answer_reliability, lasting_reliability
from goodwill.relationship.satisfaction_dropout import (
    RECENT,
    SLOPE,
    Coined,
    SatisfactionDropout,
    fit_satisfaction_dropout,
    log_likelihood,
)
from goodwill.relationship.words import told_by_recovered
from goodwill.simulate import AnsweringCompany, answering_company
from goodwill.word_of_mouth.assumptions import uncertain_answers
from goodwill.word_of_mouth.coca_cola import recovery, recovery_assumptions, told_means
from goodwill.word_of_mouth.complaint_coin import coin_data, curvature, fit_coin
from goodwill.word_of_mouth.complaint_cost import MeasuredCosts, costs_of, years_of
from goodwill.word_of_mouth.complaint_likelihood import CoinData
from goodwill.word_of_mouth.complaint_likelihood import log_likelihood as complaint_likelihood
from goodwill.word_of_mouth.complaint_values import error_of_mean
from goodwill.word_of_mouth.recovery_trial import recovery_gap, saved_by_recovery
from goodwill.word_of_mouth.worth import customer_worth, given_worth

COMPANIES = 80  # of each truth for which the model is right; the others are the study `relationship_wrong`
SEED = 70_000_001  # from here on nothing was looked at while the levers were built
MARGIN, WEEKS, ASKED, YEAR = 0.3, 104.0, 78.0, 52.0
TERMS = gw.ValueTerms(YEAR, MARGIN, 0.0, "week")
LARGE, LARGE_COMPANIES = 40_000, 6  # customers from whom truths are taken, and companies of them where they are simulated
APART = 1_000_000  # seeds of one truth from those of the next
SPOKEN = 3  # of so many companies one is asked what is told and what a point is worth by the stated range: that takes long
FADES, LASTING, WITHIN = 70.0, 0.8, 0.2  # days in which what has just happened fades; share of satisfaction that lasts, and its 95 % range
STATED = {"loss_per_hearing": 0.02, "gain_per_hearing": 0.01}  # conversions
TOLD, THIRDS = 20, ("low", "middle", "high")  # draws of what is told in a company, and thirds of what a hearing does
LEAST, MOST = 0.5, 0.98  # between which that share is drawn
TABLES = {"prospects": 0, "trial_shares": (), "survey_week": ASKED}
STRONG = {"satisfaction_dropout": -0.8, "outcome_dropout": (-0.8, 0.0, 2.0), "satisfaction_per_answer_day": -0.15}
NO_JUMPS: dict[str, Any] = {
    "outcome_dropout": (0.0, 0.0, 0.0),
    "silent_dropout": 0.0,
    "outcome_satisfaction": (0.0, 0.0, 0.0),
    "silent_satisfaction": 0.0,
    "satisfaction_per_answer_day": 0.0,
    "voice_satisfaction": 0.0,
    "response_satisfaction": 0.0,
}


def coins(strength: float, alpha: float) -> dict[str, Any]:
    """A company of the notebook's own model, with effects of this strength and this rate of the purchase rates."""
    effects = {"satisfaction_dropout": -0.3 * strength, "complaint_dropout_per_day": 0.02 * strength}
    return NO_JUMPS | effects | {"complaint_dropout": (0.0, 0.05 * strength, 0.15 * strength), "alpha": alpha}


TRUTHS: dict[str, dict[str, Any]] = {
    "right: nothing moves leaving": coins(0.0, 12.0),
    "right: half": coins(0.5, 10.0),
    "right: default": coins(1.0, 8.0),
    "right: one and a half": coins(1.5, 6.5),
    "right: double": coins(2.0, 5.5),
    "odds: default": {},
    "odds: strong": STRONG,
    "odds: leavers silent": {"leavers_complain": False},
    "wrong: leavers silent": coins(1.0, 8.0) | {"leavers_complain": False},
    "wrong: leaving at any time": {"dropout": "at any time", "s": 0.6, "beta": 25.0},
    "wrong: moods, lagging": {"mood_spread": 1.0, "lagging": True},
    "wrong: seasons, regular": {"season": 0.3, "regularity": 2.0},
    "wrong: the satisfied answer": coins(1.0, 8.0) | {"response_satisfaction": 0.5},
}
OWN = ("wrong: leavers silent", "wrong: the satisfied answer")  # not right, but in what the page is given: their customers tell their truth
RIGHT = tuple(name for name in TRUTHS if name.startswith("right"))
COLUMNS = ["headline", "truth_name", "truth", "estimate", "lower", "upper", "lower_oracle", "upper_oracle"]
NOBODY = (np.nan, np.nan)


class Headline(NamedTuple):
    """A number of the page, what it should have been, and what an oracle would have said, where there is one."""

    name: str
    truth: float
    found: Interval
    oracle: tuple[float, float] = NOBODY
    under: str = ""  # the truth, where it is not that of the company


class Known(NamedTuple):
    """What is known of a kind of company: the levers of many customers, and where the model is right what an oracle knows besides.

    Attributes
    ----------
    levers : None where each company's own customers tell their truth
    right : truths; None where the model is not right
    point, coined : of the dropout model and of its leaving at complaints
    chances : r, alpha, a, b of the model behind the coins
    """

    levers: LeverTruth | None
    right: Right | None
    point: list[float]
    coined: Coined
    chances: list[float]


def study(
    companies: int, seed: int, *, customers: int = 5_000, large: int = LARGE, truths: tuple[str, ...] = RIGHT, slow: bool = True
) -> pd.DataFrame:
    """Headlines of so many companies under each truth.

    Parameters
    ----------
    companies : how many
    seed : of the first one; the others follow
    customers, large : size of each, and of the one that truths are taken from
    truths : names of `TRUTHS`
    slow : also what answer times are worth, and telling

    Returns
    -------
    DataFrame
        headline, truth_name, truth, estimate, lower, upper, lower_oracle, upper_oracle.
    """
    rows = []
    for name in truths:
        first = APART * list(TRUTHS).index(name)
        for each in range(seed, seed + companies):
            sold = company_of(name, customers, first + each)
            for found in headlines(sold, true_of(name, large), slow):
                rows.append([found.name, found.under or name, found.truth, *found.found, *found.oracle])
    return pd.DataFrame(rows, columns=COLUMNS)


def company_of(name: str, customers: int, seed: int) -> AnsweringCompany:
    """A company of one truth; where the model is right, with a share of satisfaction that lasts of its own."""
    mechanism = TABLES | TRUTHS[name]
    if name.startswith("right"):
        share = np.clip(LASTING + WITHIN / normal_quantile(0.95) * np.random.default_rng(seed).standard_normal(), LEAST, MOST)
        mechanism |= {"mood_spread": float(np.sqrt(1 / share - 1))}
    return answering_company("full", customers=customers, weeks=WEEKS, seed=seed, **mechanism)


def headlines(sold: AnsweringCompany, known: Known, slow: bool) -> Iterator[Headline]:
    """The headlines of one company, each with its truth."""
    last = sold.transactions["date"].max()
    log, days = sold.complaints[sold.complaints["opened"] <= last], sold.transactions[["customer_id", "date"]].drop_duplicates()
    customers = known_on(sold.transactions, last.date())
    buying = gw.ModifiedBetaGeoNBD.fit(customers)
    data, said = histories(sold, customers)
    lasts = 1 / (1 + sold.truth.mechanism.mood_spread**2)
    reliability, ranged = lasting_reliability(said, lasts, 0.0), lasting_reliability(said, LASTING, WITHIN)
    spending = gw.GammaGamma.fit(customers[customers["monetary_value"] > 0])
    before, rates = known_before(sold.transactions, log), rates_of(days, log)
    measured = {
        who: costs_of(
            fit_coin(coin_data(days, log), leavers_complain=who, start=buying.model), before, spending.model, TERMS, years_of(log)
        )
        for who in (True, False)
    }
    coined = coined_of(measured[True], rates)
    fit = fit_satisfaction_dropout(data, reliability.estimate, start=measured[True].coin.model, coined=coined)
    base = base_value(fit, customers, spending.model, TERMS)
    found = room.customer_levers(base, reliability)
    found[room.RECOVERY] = room.either_way({who: room.recovery_lever(base, each, rates) for who, each in measured.items()}, True)
    there = found[room.SATISFACTION].units
    oracle = Oracle(known, sold, data, customers, days, log, before) if known.right else None
    true = known.levers or right_truth(sold).levers
    ends = {room.SATISFACTION: oracle.point, room.RECOVERY: oracle.recovered, room.RETENTION: base_interval(base)} if oracle else {}
    for name in MOVED:
        yield Headline(f"{name}: worth of one unit", MARGIN * true.worth[name], found[name].worth, ends.get(name, NOBODY))
    total = Interval(*(end / there for end in found[room.RECOVERY].total))
    yield Headline(
        "recovery: in total, per customer", MARGIN * true.total[room.RECOVERY], total, oracle.all_recovered if oracle else NOBODY
    )
    if not sold.truth.seed % SPOKEN:
        again = replace(base, fit=fit_satisfaction_dropout(data, ranged.estimate, start=fit, coined=coined))
        vars(again)["rivals"] = base.rivals  # they know no satisfaction
        stated = room.customer_levers(again, ranged)[room.SATISFACTION].worth
        yield Headline("satisfaction: worth of one unit, what lasts stated", MARGIN * true.worth[room.SATISFACTION], stated)
    if slow:
        try:
            hour = per_hour_of(days, log, buying.model)
        except TooLittle:
            return
        faster = room.answer_lever(base, measured[True], hour, rates)
        one, every = oracle.hour if oracle else (NOBODY, NOBODY)
        yield Headline("answer time: worth of one unit", MARGIN * true.worth[room.ANSWER], faster.worth, one)
        total = Interval(*(end / there for end in faster.total))
        yield Headline("answers a day faster, per customer", MARGIN * true.total[room.ANSWER], total, every)
        yield from told(sold, customers, buying, spending, known)
    shared = attribution(Moves(base, found, complaints=rates.dissatisfied))
    yield Headline("all three together, per customer", MARGIN * true.together, Interval(*(end / there for end in shared.together)))
    table = shared.table.set_index("lever")
    for name in MOVED:
        for what, column, truth in (("part", "part", true.parts), ("last in", "last_in", true.last_in)):
            shown = Interval(*(float(table.loc[name, each]) / there for each in (column, f"{column}_low", f"{column}_high")))
            yield Headline(f"{what} of {name} in all three", MARGIN * truth[name], shown)


def base_interval(base: BaseValue) -> tuple[float, float]:
    """Worth of one customer in a hundred kept, by somebody who knows which purchase model is right."""
    money, covariance = base.units
    far = normal_quantile(0.95) * float(np.hypot(np.sqrt(covariance[1, 1]), base.unknown_errors[1] * money[1]))
    there = base.brought(0.0)[0].there
    return float(money[1] - far) / there, float(money[1] + far) / there


def told(sold: AnsweringCompany, customers: pd.DataFrame, buying: Any, spending: Any, known: Known) -> Iterator[Headline]:
    """What a recovered complainer tells, the truth drawn `TOLD` times from the ranges that the page states. Its own ranges hold 90 %.

    Once the reader knows what a hearing does and says so, by the true conversions of each draw. Once the page keeps all that it states. A
    truth is one draw, and an estimate the mean of all: so the one is told of the other where conversions are known, and else by nothing but
    what a newcomer is worth. Last, the mean of all truths that the ranges leave open, with the true worth of a newcomer.
    """
    if known.right is None or sold.truth.seed % SPOKEN:
        return
    stake, rng = customer_worth(buying, spending, customers, TERMS, seed=1), np.random.default_rng(sold.truth.seed)
    true = given_worth(1.0)._replace(
        residual=Interval(*[MARGIN * known.right.residual] * 3),
        purchase=Interval(*[MARGIN * known.right.purchase] * 3),
        prospect=Interval(*[MARGIN * known.right.prospect] * 3),
    )
    inputs, stated = recovery_assumptions(*told_means("mean", "dissatisfied"), true), told_by_recovered(stake, **STATED)
    answers = uncertain_answers(lambda at: recovery({**at, "causal_handling": 1.0}).word_of_mouth, inputs, seed=2)
    yield Headline("told by one recovered, mean of what is stated", float(answers.mean()), stated)
    for _ in range(TOLD):
        levels = {each.name: float(rng.random()) for each in inputs}
        drawn = {each.name: float(each.ppf(levels[each.name])) for each in inputs} | {"causal_handling": 1.0}
        truth, given = float(recovery(drawn).word_of_mouth), {name: drawn[name] for name in STATED}
        third = THIRDS[int(3 * levels["loss_per_hearing"])]
        found = told_by_recovered(stake, **given, conversions_known=True)
        yield Headline("told by one recovered, conversions known (90 %)", truth, found, under=f"right: {third} loss per hearing")
        yield Headline("told by one recovered, all as stated (90 %)", truth, stated)


def histories(sold: AnsweringCompany, customers: pd.DataFrame) -> tuple[AnsweredHistories, Interval]:
    """Purchases and answers in one table, and the reliability of the answers, moods counted as felt."""
    asked = pd.Timestamp(sold.truth.mechanism.start) + pd.Timedelta(days=int(7 * ASKED))
    survey = sold.survey.set_index(sold.survey["respondent_id"].astype(str))
    since = (sold.transactions["date"].max() - asked).days / 7
    said = survey["satisfaction"].astype(float)
    recent = lately(events_of(sold.transactions, sold.complaints), asked, FADES)
    data = answered_histories(customers, said, range(1, 11), recent=recent, since_survey=since)
    return data, answer_reliability(survey[[item for item, _ in sold.truth.mechanism.items]], said)


def events_of(transactions: pd.DataFrame, complaints: pd.DataFrame) -> pd.DataFrame:
    """Purchases and complaints by outcome, as events that move an answer for a while."""
    bought = transactions[["customer_id", "date"]].assign(kind="purchase")
    voiced = complaints[["customer_id", "opened", "outcome"]].set_axis(["customer_id", "date", "kind"], axis=1)
    return pd.concat([bought, voiced], ignore_index=True)


class Oracle:
    """Somebody who knows all parameters of a right truth but the effect asked for, and of each customer what her history says by them.

    The intervals are those of the page's own functions at the true parameters, with the error of that one effect and what histories leave
    open.
    """

    def __init__(
        self,
        known: Known,
        sold: AnsweringCompany,
        data: AnsweredHistories,
        customers: pd.DataFrame,
        days: pd.DataFrame,
        log: pd.DataFrame,
        before: pd.DataFrame,
    ) -> None:
        self.mechanism = m = sold.truth.mechanism
        self.days, self.log, self.before = days, log, before
        self.gap, self.spend = gap(sold), gw.GammaGamma(m.p, m.q, m.gamma)
        at = np.array(known.point[: RECENT + len(data.kinds)])
        at[SLOPE] = m.satisfaction_dropout
        self.reliability = lasting_share(sold) * cut_correlation(data.shares)
        fit = SatisfactionDropout(data, at, np.zeros((len(at), len(at))), self.reliability, 0.0, np.nan, known.coined)
        self.base = base_value(fit, customers, self.spend, TERMS)
        r, alpha, a, b = known.chances
        self.chances = SimpleNamespace(r=r, alpha=alpha, a=a, b=b)

    @cached_property
    def point(self) -> tuple[float, float]:
        """Worth of a point of satisfaction: the slope of largest likelihood, all else known."""
        fit, step = self.base.fit, 1e-3
        value, at, way = log_likelihood(fit.data, self.reliability, 0.0, fit.coined), fit.point, np.eye(len(fit.point))[SLOPE]
        for _ in range(4):
            slope = value(at)[1][SLOPE]
            curve = (value(at - step * way)[1][SLOPE] - value(at + step * way)[1][SLOPE]) / (2 * step)
            at = at + np.clip(slope / curve, -0.5, 0.5) * way
        error = float(1 / np.sqrt(curve))
        best, moved = (self._of_point(each) for each in (at, at + error * way))
        return _about(best, float(np.hypot(moved - best, self.base.unknown_errors[0] * best)))

    def _of_point(self, at: np.ndarray) -> float:
        plain, moved = self.base.brought(0.0, float(at[SLOPE]) * point_of(self.mechanism), point=at)
        return (moved.money - plain.money) / plain.there

    @cached_property
    def measured(self) -> MeasuredCosts:
        """The coins of largest likelihood, the purchases and the spend known."""
        coin = fit_chances(coin_data(self.days, self.log), self.chances)  # type: ignore[arg-type]
        return costs_of(coin, self.before, self.spend, TERMS, years_of(self.log))

    @property
    def recovered(self) -> tuple[float, float]:
        """Worth of a recovered complaint."""
        _, low, high = saved_by_recovery(self.measured, 1.0).saved
        return low, high

    @cached_property
    def all_recovered(self) -> tuple[float, float]:
        """Of all of them."""
        found = recovery_gap(self.measured.coin)
        return self._spared(self.mechanism.outcome_shares[2], found.estimate, (found.upper - found.lower) / 2 / normal_quantile(0.95))

    @cached_property
    def hour(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Worth of an hour, and of a day for all: from the same classes of waits as the page, the purchases known."""
        waits = classes_of_wait(self.days, self.log)
        best, low, high = slope_of(known_lines(coin_data(self.days, waits.log, split=WAIT), waits, self.chances))
        error = (high - low) / 2 / normal_quantile(0.95)
        values = self.measured.values
        worth = float(values["at_stake"].mean())
        one = _about(best * worth, float(np.hypot(error * worth, best * error_of_mean(values))))
        return one, self._spared(1.0, room.HOURS * best, room.HOURS * error)

    def _spared(self, share: float, fall: float, error: float) -> tuple[float, float]:
        """What it brings, per customer, that leaving at this share of complaints is less likely by so much."""
        before, m = self.base.before, self.mechanism
        voice = special.expit(special.logit(m.voice) + m.voice_purchases * np.log1p(np.arange(len(before))))
        rate = share * m.problem_chance * float(before @ voice / before.sum())
        rate /= self.base.mean_ratio
        plain, best, moved = self.base.brought(0.0, Move(saved=rate * fall), Move(saved=rate * (fall + error)))
        money = (best.money - plain.money) / plain.there
        return _about(money, float(np.hypot((moved.money - best.money) / plain.there, self.base.unknown_errors[2] * money)))


def known_lines(data: CoinData, waits: Waits, true: Any) -> LinesFit:
    """The lines of largest likelihood by somebody who knows the purchases, and that the coin is the same for all."""
    lines, theta = Lines.of(waits, data), np.log([true.r, true.alpha, true.a, true.b])
    chances = complaint_likelihood(data, gw.ModifiedBetaGeoNBD, True, (0.0, 1.0))
    coin, free = fit_chances(data, true), slice(4, -1)
    at = lines.through(np.array(list(coin.chances.values())))
    for _ in range(SETTLES):
        function = lines.of_lines(chances)

        if not np.isfinite(function(np.r_[theta, at, 0.0])[0]):
            at = np.zeros_like(at)

        def negative(found: np.ndarray, function: Any = function) -> tuple[float, np.ndarray]:
            value, slopes = function(np.r_[theta, found, 0.0])
            return (-value, -slopes[free]) if np.isfinite(value) else (1e12, np.zeros_like(found))

        found = minimize(negative, at, jac=True, method="L-BFGS-B", bounds=[(-3.0, 0.99)] * len(at))
        at, again = found.x, lines.bent(found.x)
        if again.same(lines):
            break
        lines = again
    point = np.r_[theta, at, 0.0]
    information = np.diag(np.full(len(point), 1e12))  # what is known has next to no variance
    information[free, free] = curvature(function, point)[free, free]
    return LinesFit(lines, function, point, -float(found.fun), information)


def _about(middle: float, error: float) -> tuple[float, float]:
    far = normal_quantile(0.95) * error
    return middle - far, middle + far


@cache
def true_of(name: str, large: int) -> Known:
    """What is true, per unit of margin. Kept beside the portions of the study, as it takes longer than one."""
    kept = PARTS / f"relationship_known-{''.join(each if each.isalnum() else '_' for each in name)}-{large}.json"
    if kept.exists():
        levers, right, point, coined, chances = json.loads(kept.read_text("utf8"))
        return Known(
            LeverTruth(*levers) if levers else None,
            Right(LeverTruth(*right[0]), *right[1:]) if right else None,
            point,
            Coined(*(float(each) for each in coined[:3]), ratio=tuple(coined[3])),
            chances,
        )
    found = _right_known(name, large) if name.startswith("right") else _simulated(name, large)
    if large >= LARGE:
        PARTS.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(found), "utf8")
    return found


def _right_known(name: str, large: int) -> Known:
    sold = company_of(name, large, 999)
    customers, log = known_on(sold.transactions, sold.transactions["date"].max().date()), sold.complaints
    buying, right = gw.ModifiedBetaGeoNBD.fit(customers).model, right_truth(sold)
    data, _ = histories(sold, customers)
    days = sold.transactions[["customer_id", "date"]].drop_duplicates()
    coin = fit_coin(coin_data(days, log), start=buying)
    coined = coined_of(SimpleNamespace(coin=coin), rates_of(days, log))  # type: ignore[arg-type]
    fit = fit_satisfaction_dropout(data, lasting_share(sold) * cut_correlation(data.shares), start=coin.model, coined=coined)
    return Known(None, right, fit.point.tolist(), coined, [coin.model.r, coin.model.alpha, coin.model.a, coin.model.b])


def _simulated(name: str, large: int) -> Known:
    """The mean of several companies; nothing where a company's own customers tell its truth."""
    if name in OWN:
        return Known(None, None, [], Coined(), [])
    found = [lever_truth(company_of(name, large, 999 + each), YEAR) for each in range(LARGE_COMPANIES if large >= LARGE else 1)]

    def mean(parts: list[Any]) -> Any:
        if isinstance(parts[0], dict):
            return {key: float(np.mean([each[key] for each in parts])) for key in parts[0]}
        return float(np.mean(parts))

    return Known(LeverTruth(*(mean([getattr(each, field) for each in found]) for field in LeverTruth._fields)), None, [], Coined(), [])
