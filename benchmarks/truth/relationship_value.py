"""What a unit of each lever is worth, on companies whose truth is known: `study(companies, seed)`.

A company of notebook 05 has purchases, a survey of some of its customers and a complaint log. The truth of a lever is what customers like
these would bring in the year after its record with the lever moved, per unit (a recovered complaint, an hour: in the year after it): no
luck of theirs. Under "right" leaving is as the notebook assumes: by odds with satisfaction after purchases, by a coin of its own at
complaints, the likelier the longer the wait; all effects grow together from nothing to double, and so does the rate of purchase. There
the truth is an expectation (`_relationship_truth`). Under "odds" and "wrong" it is not so, and the truth is simulated from many customers.

The oracle knows all parameters but the effect asked for, and what a unit of it is worth, and estimates that effect from the same data. Of
retention, which has no effect to be estimated, it knows which purchase model is right.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

import goodwill as gw
from benchmarks.truth._histories import known_before, known_on
from benchmarks.truth._portions import PARTS
from benchmarks.truth._relationship_truth import Right, gap, point_of, right_truth
from benchmarks.truth.complaint_word_of_mouth import fit_chances
from goodwill.errors import TooLittle
from goodwill.inference.uncertainty import Interval, normal_quantile
from goodwill.relationship import levers as room
from goodwill.relationship.answered_histories import AnsweredHistories, answered_histories, lately
from goodwill.relationship.base_value import base_value
from goodwill.relationship.known_truth import MOVED, LeverTruth, lever_truth
from goodwill.relationship.lever_moves import Moves, attribution
from goodwill.relationship.reliability import answer_reliability, lasting_reliability
from goodwill.relationship.satisfaction_dropout import RECENT, SLOPE, Coined, fit_satisfaction_dropout, log_likelihood
from goodwill.relationship.words import told_by_recovered
from goodwill.simulate import AnsweringCompany, answering_company
from goodwill.word_of_mouth.coca_cola import recovery, recovery_assumptions, told_means
from goodwill.word_of_mouth.complaint_coin import coin_data, fit_coin
from goodwill.word_of_mouth.complaint_cost import costs_of, years_of
from goodwill.word_of_mouth.recovery_trial import recovery_gap
from goodwill.word_of_mouth.worth import customer_worth, given_worth

COMPANIES, OTHER = 80, 5  # of each truth for which the model is right, and of another for every fifth seed
SEED = 70_000_001  # from here on nothing was looked at while the levers were built
MARGIN, WEEKS, ASKED, YEAR = 0.3, 104.0, 78.0, 52.0
LARGE, LARGE_COMPANIES = 40_000, 3  # customers from whom truths are taken, and companies of them where they are simulated
APART = 1_000_000  # seeds of one truth from those of the next
SPOKEN = 3  # of so many companies one is asked what is told: that takes as long as a tenth of the others' headlines
FADES, LASTING = 70.0, 0.8  # days in which what has just happened fades; share of satisfaction that lasts
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
}
COLUMNS = ["headline", "truth_name", "truth", "estimate", "lower", "upper", "lower_oracle", "upper_oracle"]
NOBODY = (np.nan, np.nan)


class Headline(NamedTuple):
    """A number of the page, what it should have been, and what an oracle would have said, where there is one."""

    name: str
    truth: float
    found: Interval
    oracle: tuple[float, float] = NOBODY


class Known(NamedTuple):
    """What is known of a truth: the levers, and where the model is right what an oracle knows besides.

    Attributes
    ----------
    levers, right : truths; None where the model is not right
    point : of the dropout model and of its leaving at complaints, and `chances` r, alpha, a, b of the model behind the coins
    """

    levers: LeverTruth
    right: Right | None
    point: list[float]
    chances: list[float]


def study(
    companies: int, seed: int, *, customers: int = 5_000, large: int = LARGE, truths: tuple[str, ...] = tuple(TRUTHS), slow: bool = True
) -> pd.DataFrame:
    """Headlines of so many companies under each truth for which the model is right, and of those with every fifth seed under the others.

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
            if not name.startswith("right") and each % OTHER:
                continue
            sold = company_of(name, customers, first + each)
            for found in headlines(sold, true_of(name, large), slow):
                rows.append([found.name, name, found.truth, *found.found, *found.oracle])
    return pd.DataFrame(rows, columns=COLUMNS)


def company_of(name: str, customers: int, seed: int) -> AnsweringCompany:
    """A company of one truth."""
    return answering_company("full", customers=customers, weeks=WEEKS, seed=seed, **(TABLES | TRUTHS[name]))


def headlines(sold: AnsweringCompany, known: Known, slow: bool) -> Iterator[Headline]:
    """The headlines of one company, each with its truth."""
    last, true = sold.transactions["date"].max(), known.levers
    log, days = sold.complaints[sold.complaints["opened"] <= last], sold.transactions[["customer_id", "date"]].drop_duplicates()
    customers = known_on(sold.transactions, last.date())
    buying = gw.ModifiedBetaGeoNBD.fit(customers)
    data, reliability = histories(sold, customers)
    terms = gw.ValueTerms(YEAR, MARGIN, 0.0, "week")
    spending = gw.GammaGamma.fit(customers[customers["monetary_value"] > 0])
    before, rates = known_before(sold.transactions, log), room.rates_of(days, log)
    measured = {
        who: costs_of(
            fit_coin(coin_data(days, log), leavers_complain=who, start=buying.model), before, spending.model, terms, years_of(log)
        )
        for who in (True, False)
    }
    coined = room.coined_of(measured[True], rates)
    fit = fit_satisfaction_dropout(data, reliability.estimate, start=measured[True].coin.model, coined=coined)
    base = base_value(fit, customers, spending.model, terms)
    found = room.customer_levers(base, reliability)
    found[room.RECOVERY] = room.either_way({who: room.recovery_lever(base, each, rates) for who, each in measured.items()}, True)
    there = found[room.SATISFACTION].units
    oracle = Oracle(known, sold) if known.right else None
    of_gap = oracle.of_gap(days, log) if oracle else None
    ends = {room.SATISFACTION: oracle.of_point(data, reliability.estimate), room.RECOVERY: of_gap[0]} if oracle and of_gap else {}
    if oracle:
        ends[room.RETENTION] = (float(end) for end in base_interval(base))  # type: ignore[assignment]
    for name in MOVED:
        yield Headline(f"{name}: worth of one unit", MARGIN * true.worth[name], found[name].worth, tuple(ends.get(name, NOBODY)))  # type: ignore[arg-type]
    total = Interval(*(end / there for end in found[room.RECOVERY].total))
    yield Headline("recovery: in total, per customer", MARGIN * true.total[room.RECOVERY], total, of_gap[1] if of_gap else NOBODY)
    if slow:
        yield from answers(sold, base, measured[True], rates, buying, days, log, known, there)
        yield from told(sold, customers, buying, spending, known)
    shared = attribution(Moves(base, found, complaints=rates.dissatisfied))
    yield Headline("all three together, per customer", MARGIN * true.together, Interval(*(end / there for end in shared.together)))
    table = shared.table.set_index("lever")
    for name in MOVED:
        for what, column, truth in (("part", "part", true.parts), ("last in", "last_in", true.last_in)):
            said = Interval(*(float(table.loc[name, each]) / there for each in (column, f"{column}_low", f"{column}_high")))
            yield Headline(f"{what} of {name} in all three", MARGIN * truth[name], said)


def base_interval(base: Any) -> tuple[float, float]:
    """Worth of one customer in a hundred kept, by somebody who knows which purchase model is right."""
    money, covariance = base.units
    far = normal_quantile(0.95) * float(np.hypot(np.sqrt(covariance[1, 1]), base.chance_errors[1] * money[1]))
    there = base.brought(0.0)[0].there
    return (money[1] - far) / there, (money[1] + far) / there


def answers(
    sold: AnsweringCompany,
    base: Any,
    measured: Any,
    rates: Any,
    buying: Any,
    days: pd.DataFrame,
    log: pd.DataFrame,
    known: Known,
    there: float,
) -> Iterator[Headline]:
    """What an hour less to the first answer is worth, and a day less for all."""
    try:
        hour = room.per_hour_of(days, log, buying.model)
    except TooLittle:
        return
    faster, true = room.answer_lever(base, measured, hour, rates), known.levers
    total = Interval(*(end / there for end in faster.total))
    one, every = Oracle(known, sold).of_hour(days, log) if known.right else (NOBODY, NOBODY)
    yield Headline("answer time: worth of one unit", MARGIN * true.worth[room.ANSWER], faster.worth, one)
    yield Headline("answers a day faster, per customer", MARGIN * true.total[room.ANSWER], total, every)


def told(sold: AnsweringCompany, customers: pd.DataFrame, buying: Any, spending: Any, known: Known) -> Iterator[Headline]:
    """What a recovered complainer tells: the truth is drawn from what the page states of what nobody has measured here.

    Once the reader gives the true conversions, once they keep the stated ones, from which the truth is drawn too. The ranges hold 90 %.
    """
    if known.right is None or sold.truth.seed % SPOKEN:
        return
    stake, rng = (
        customer_worth(buying, spending, customers, gw.ValueTerms(YEAR, MARGIN, 0.0, "week"), seed=1),
        np.random.default_rng(sold.truth.seed),
    )
    true = given_worth(1.0)._replace(
        residual=Interval(*[MARGIN * known.right.residual] * 3),
        purchase=Interval(*[MARGIN * known.right.purchase] * 3),
        prospect=Interval(*[MARGIN * known.right.prospect] * 3),
    )
    inputs = recovery_assumptions(*told_means("mean", "dissatisfied"), true)
    at = {each.name: float(each.ppf(rng.random())) for each in inputs} | {"causal_handling": 1.0}
    truth = float(recovery(at).word_of_mouth)
    given = {name: at[name] for name in ("loss_per_hearing", "gain_per_hearing")}
    yield Headline("told by one recovered, conversions given (90 %)", truth, told_by_recovered(stake, **given))
    stated = {"loss_per_hearing": 0.02, "gain_per_hearing": 0.01}
    yield Headline("told by one recovered, conversions stated (90 %)", truth, told_by_recovered(stake, **stated))


def histories(sold: AnsweringCompany, customers: pd.DataFrame) -> tuple[AnsweredHistories, Interval]:
    """Purchases and answers in one table, and the reliability of the answers."""
    asked = pd.Timestamp(sold.truth.mechanism.start) + pd.Timedelta(days=int(7 * ASKED))
    survey = sold.survey.set_index(sold.survey["respondent_id"].astype(str))
    since = (sold.transactions["date"].max() - asked).days / 7
    said = survey["satisfaction"].astype(float)
    recent = lately(events_of(sold.transactions, sold.complaints), asked, FADES)
    data = answered_histories(customers, said, range(1, 11), recent=recent, since_survey=since)
    items = survey[[item for item, _ in sold.truth.mechanism.items]]
    return data, lasting_reliability(answer_reliability(items, said), LASTING)


def events_of(transactions: pd.DataFrame, complaints: pd.DataFrame) -> pd.DataFrame:
    """Purchases and complaints by outcome, as events that move an answer for a while."""
    bought = transactions[["customer_id", "date"]].assign(kind="purchase")
    voiced = complaints[["customer_id", "opened", "outcome"]].set_axis(["customer_id", "date", "kind"], axis=1)
    return pd.concat([bought, voiced], ignore_index=True)


class Oracle:
    """Somebody who knows all parameters of a right truth, and what a unit of each effect is worth, but not the effect."""

    def __init__(self, known: Known, sold: AnsweringCompany) -> None:
        assert known.right is not None
        self.known, self.right, self.mechanism = known, known.right, sold.truth.mechanism
        self.gap, self.point = gap(sold), point_of(sold)

    def of_point(self, data: AnsweredHistories, reliability: float) -> tuple[float, float]:
        """Worth of a point of satisfaction: the slope of largest likelihood, all else known."""
        *point, chance, lean, level = self.known.point
        value, step = log_likelihood(data, reliability, 0.0, Coined(chance, lean, level)), 1e-3
        at = np.array(point[: RECENT + len(data.kinds)])
        way = np.eye(len(at))[SLOPE]
        for _ in range(4):
            slope = value(at)[1][SLOPE]
            curve = (value(at - step * way)[1][SLOPE] - value(at + step * way)[1][SLOPE]) / (2 * step)
            at = at + np.clip(slope / curve, -0.5, 0.5) * way
        off = float(at[SLOPE]) - self.mechanism.satisfaction_dropout
        return self._about(self.known.levers.worth[room.SATISFACTION], self.right.of_point, off, float(1 / np.sqrt(curve)))

    def of_gap(self, days: pd.DataFrame, log: pd.DataFrame) -> tuple[tuple[float, float], tuple[float, float]]:
        """Worth of a recovered complaint, and of all: the coins of largest likelihood, the purchases known."""
        off, error = self._gap(days, log, self.gap)
        worth, total = self.known.levers.worth[room.RECOVERY], self.known.levers.total[room.RECOVERY]
        return self._about(worth, self.right.of_gap, off, error), self._about(total, self.right.gap_total, off, error)

    def of_hour(self, days: pd.DataFrame, log: pd.DataFrame) -> tuple[tuple[float, float], tuple[float, float]]:
        """Worth of an hour, and of a day for all: from the same halves of fast and slow answers as the page, the purchases known."""
        found = []
        for outcome in ("satisfied", "acceptable", "dissatisfied"):
            here = log[log["outcome"] == outcome].dropna(subset=["answered"])
            hours = (here["answered"] - here["opened"]).dt.total_seconds() / 3600
            slow = hours > hours.median()
            apart = float(hours[slow].mean() - hours[~slow].mean())
            per_hour = self.mechanism.complaint_dropout_per_day / 24
            halves = here.assign(outcome=np.where(slow, "dissatisfied", "satisfied"))
            off, error = self._gap(days, halves, per_hour * apart)
            found.append((off / apart, error / apart))
        weight = np.array([1 / error**2 for _, error in found])
        off, error = float(weight @ [each for each, _ in found] / weight.sum()), float(1 / np.sqrt(weight.sum()))
        worth, total = self.known.levers.worth[room.ANSWER], self.known.levers.total[room.ANSWER]
        m = self.mechanism
        return self._about(worth, self.right.of_hour, off, error), self._about(
            total, self.right.gap_total / m.outcome_shares[2], room.HOURS * off, room.HOURS * error
        )

    def _gap(self, days: pd.DataFrame, log: pd.DataFrame, true: float) -> tuple[float, float]:
        """By how much the gap of largest likelihood misses the truth, and its standard error."""
        r, alpha, a, b = self.known.chances
        coin = fit_chances(coin_data(days, log), SimpleNamespace(r=r, alpha=alpha, a=a, b=b))  # type: ignore[arg-type]
        found = recovery_gap(coin)
        return found.estimate - true, (found.upper - found.lower) / 2 / normal_quantile(0.95)

    @staticmethod
    def _about(truth: float, slope: float, off: float, error: float) -> tuple[float, float]:
        middle, far = MARGIN * (truth + slope * off), MARGIN * abs(slope) * normal_quantile(0.95) * error
        return middle - far, middle + far


@cache
def true_of(name: str, large: int) -> Known:
    """What is true, per unit of margin. Kept beside the portions of the study, as it takes longer than one."""
    kept = PARTS / f"relationship_known-{''.join(each if each.isalnum() else '_' for each in name)}-{large}.json"
    if kept.exists():
        levers, right, point, chances = json.loads(kept.read_text("utf8"))
        return Known(LeverTruth(*levers), Right(LeverTruth(*right[0]), *right[1:]) if right else None, point, chances)
    found = _right_known(name, large) if name.startswith("right") else _simulated(name, large)
    if large >= LARGE:
        PARTS.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(found), "utf8")
    return found


def _right_known(name: str, large: int) -> Known:
    sold = company_of(name, large, 999)
    customers, log = known_on(sold.transactions, sold.transactions["date"].max().date()), sold.complaints
    buying, right = gw.ModifiedBetaGeoNBD.fit(customers).model, right_truth(sold, YEAR)
    data, reliability = histories(sold, customers)
    days = sold.transactions[["customer_id", "date"]].drop_duplicates()
    coin = fit_coin(coin_data(days, log), start=buying)
    coined = room.coined_of(SimpleNamespace(coin=coin), room.rates_of(days, log))  # type: ignore[arg-type]
    fit = fit_satisfaction_dropout(data, reliability.estimate, start=coin.model, coined=coined)
    return Known(right.levers, right, [*fit.point.tolist(), *coined], [coin.model.r, coin.model.alpha, coin.model.a, coin.model.b])


def _simulated(name: str, large: int) -> Known:
    """The mean of several companies; where only leavers are silent, the expectation."""
    if name == "wrong: leavers silent":
        return Known(right_truth(company_of(name, large, 999), YEAR).levers, None, [], [])
    found = [lever_truth(company_of(name, large, 999 + each), YEAR) for each in range(LARGE_COMPANIES if large >= LARGE else 1)]

    def mean(parts: list[Any]) -> Any:
        if isinstance(parts[0], dict):
            return {key: float(np.mean([each[key] for each in parts])) for key in parts[0]}
        return float(np.mean(parts))

    return Known(LeverTruth(*(mean([getattr(each, field) for each in found]) for field in LeverTruth._fields)), None, [], [])
