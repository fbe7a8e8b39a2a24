"""What a unit of each lever is worth: the same money as the other reports, the right signs, and honest refusals."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from tests.relationship.small import small, unanswered, valued

import goodwill as gw
from goodwill.errors import DataError, TooLittle
from goodwill.inference.uncertainty import Interval
from goodwill.lifetime_value.value import ValueTerms, automatic_horizon
from goodwill.relationship import (
    ComplaintRates,
    Joined,
    Lever,
    Move,
    Rival,
    answer_lever,
    base_value,
    coined_of,
    complaint_rates,
    customer_levers,
    either_way,
    fit_base,
    leaving_per_hour,
    leaving_ratio,
    plain_histories,
    recovery_lever,
    reliability_of,
    with_answers,
)
from goodwill.relationship.records import Answers
from goodwill.simulate import answering_company
from goodwill.strategies.offer import complaint_terms
from goodwill.word_of_mouth.coca_cola import recovery, recovery_assumptions, told_means
from goodwill.word_of_mouth.complaint_cost import measured_costs
from goodwill.word_of_mouth.recovery_trial import saved_by_recovery
from goodwill.word_of_mouth.worth import worth_from_purchases

MARGIN, DISCOUNT = 0.3, 0.15


@cache
def measured():
    tables = small()
    return measured_costs(tables.purchases, tables.log.cases, tables.summary, tables.buying, MARGIN, DISCOUNT)


@cache
def rates():
    return complaint_rates(small().purchases, small().log.cases)


@pytest.mark.slow
def test_one_recovered_complaint_is_worth_the_same_here_and_in_the_complaint_report():
    lever = recovery_lever(valued(), measured(), rates())
    assert lever.worth == saved_by_recovery(measured(), 1.0).saved


@pytest.mark.slow
def test_a_customer_is_worth_the_same_here_and_in_the_complaint_report():
    stake = worth_from_purchases(small().summary, small().buying, MARGIN, DISCOUNT, spend=small().spending)
    (found,) = unanswered().brought(0.0)
    assert found.money / found.there == pytest.approx(stake.residual.estimate, rel=0.01)


@pytest.mark.slow
def test_telling_is_worth_the_same_in_complaints_plans_and_here():
    from types import SimpleNamespace

    from goodwill.relationship import told_by_recovered

    tables = small()
    terms = ValueTerms(automatic_horizon(tables.summary.length, "week"), MARGIN, DISCOUNT, "week")
    stake = worth_from_purchases(tables.summary, tables.buying, MARGIN, DISCOUNT, spend=tables.spending)
    here = told_by_recovered(stake, loss_per_hearing=0.02, gain_per_hearing=0.01).estimate
    report = recovery({each.name: each.mean for each in recovery_assumptions(*told_means("mean", "dissatisfied"), stake)})
    assert report.word_of_mouth == pytest.approx(0.5 * here, rel=0.01)  # half of the gap is counted as due to handling there
    valued_by = SimpleNamespace(purchases=tables.buying, spend=tables.spending, customers=tables.customers, terms=terms)
    planned = complaint_terms(valued_by, 0.05)
    assert planned is not None
    assert planned.recovery.word_of_mouth == pytest.approx(report.word_of_mouth, rel=1e-6)


@pytest.mark.slow
def test_levers_of_customers_come_with_or_without_a_survey():
    both = customer_levers(valued(), reliability_of(small().survey, 0.85, 0.8))
    assert list(both) == ["satisfaction", "retention"]
    assert list(customer_levers(unanswered())) == ["retention"]
    lever = both["retention"]
    assert lever.worth.estimate * lever.units == pytest.approx(lever.total.estimate)
    assert 0 < lever.worth.lower < lever.worth.estimate < lever.worth.upper


@pytest.mark.slow
def test_the_shift_of_retention_keeps_one_in_a_hundred():
    lever = customer_levers(unanswered())["retention"]
    plain, moved = unanswered().brought(0.0, lever.shift)
    assert (moved.kept - plain.kept) / plain.there == pytest.approx(0.01, rel=0.05)


def test_an_answer_half_as_reliable_widens_the_worth_of_a_point():
    sure = customer_levers(valued(), Interval(0.66, 0.66, 0.66))["satisfaction"].worth
    unsure = customer_levers(valued(), Interval(0.66, 0.4, 0.9))["satisfaction"].worth
    assert unsure.upper - unsure.lower >= sure.upper - sure.lower


@pytest.mark.slow
def test_recovering_all_complaints_brings_what_fewer_leavers_bring():
    lever = recovery_lever(valued(), measured(), rates())
    move = Move(lever.shift, lever.saved, lever.lean, lever.level)
    plain, moved = valued().brought(0.0, move)
    assert lever.total.estimate == pytest.approx(moved.money - plain.money)
    ahead = rates().ahead(valued().before)
    assert lever.units == pytest.approx(ahead.dissatisfied * plain.purchases)
    kept = ahead.dissatisfied * plain.purchases * saved_by_recovery(measured(), 1.0).gap.estimate
    assert (plain.there - plain.kept) - (moved.there - moved.kept) == pytest.approx(kept, rel=0.35)  # some leave at a later purchase


@pytest.mark.slow
@pytest.mark.parametrize(("weight", "doubted"), [(0.96, True), (0.94, False)])
def test_a_recovery_is_doubted_where_purchases_fit_customers_who_leave_at_any_time(weight: float, doubted: bool):
    base = replace(valued())
    vars(base)["rivals"] = [Rival("MBG/NBD", 30.0, 1 - weight), Rival("Pareto/NBD", 30.0, weight)]
    assert recovery_lever(base, measured(), rates()).at_any_time is doubted
    assert not recovery_lever(valued(), measured(), rates()).at_any_time


@pytest.mark.slow
def test_rates_are_complaints_over_purchases():
    days = len(pd.unique(small().company.transactions[["customer_id", "date"]].astype(str).agg("-".join, axis=1)))
    assert rates().any == pytest.approx(len(small().log.cases) / days, rel=0.1)
    assert rates().dissatisfied < rates().any
    late = small().log.cases.assign(opened=pd.Timestamp("2030-01-01"))
    with pytest.raises(TooLittle, match=r"^No complaint of a customer falls into the time of the purchases\.$"):
        complaint_rates(small().purchases, late)


@pytest.mark.slow
def test_waiting_is_told_from_complaints_that_end_alike():
    found = leaving_per_hour(small().purchases, small().log.cases, small().buying)
    assert found.lower < found.estimate < found.upper
    lever = answer_lever(valued(), measured(), found, rates())
    assert np.sign(lever.worth.estimate) == np.sign(found.estimate)
    with pytest.raises(TooLittle, match=r"^The complaints have no moments of the first answer, or no outcomes, so that waiting"):
        leaving_per_hour(small().purchases, small().log.cases.drop(columns="answered"), small().buying)
    with pytest.raises(TooLittle, match=r"^No outcome has 20 complaints answered fast and 20 answered slowly, so that waiting"):
        leaving_per_hour(small().purchases, small().log.cases.head(30), small().buying)


def test_too_few_complaints_of_one_outcome_are_named():
    few = measured()._replace(reasons={"satisfied": "7 complaints are too few"})
    with pytest.raises(TooLittle, match=r"^What recovery changes cannot be measured: 7 complaints are too few\.$"):
        recovery_lever(valued(), few, ComplaintRates(0.02, 0.07))
    with pytest.raises(TooLittle, match=r"^The risk to leave cannot be compared: 7 complaints are too few\.$"):
        leaving_ratio(valued(), few)


def test_the_risk_to_leave_is_compared_by_the_end_of_a_complaint():
    found = leaving_ratio(valued(), measured())
    gap = saved_by_recovery(measured(), 1.0).gap
    assert (found.estimate > 1) == (gap.estimate > 0)
    assert (found.lower > 1) == (gap.lower > 0)


def test_a_point_needs_answers():
    none = Answers(pd.Series(dtype=float), (1, 2), small().purchases.last, Joined("survey", 9, 9, 0, 0))
    with pytest.raises(TooLittle, match=r"^9 answers are of customers who had bought; what a point is worth takes 50\.$"):
        with_answers(customer_levers(unanswered()), none)


def test_a_reliability_that_cannot_be_is_refused():
    with pytest.raises(DataError, match=r"^the share of satisfaction that lasts is 0; it lies above 0 and not above 1$"):
        reliability_of(small().survey, 0.85, 0.0)


def test_complaints_to_come_are_those_of_customers_who_have_bought_as_often():
    by_number = np.array([[100, 50, 50, 20, 0, 0], [1, 1, 2, 2, 0, 0], [5, 5, 10, 8, 0, 0]], float)
    found = ComplaintRates(6 / 220, 28 / 220, 220.0, by_number)
    to_come = np.array([0.0, 0.0, 10.0, 0.0, 30.0])  # ten purchases after two, thirty after four before
    ahead = found.ahead(to_come)
    assert (ahead.dissatisfied, ahead.any) == (pytest.approx(6 / 28 * ahead.any), pytest.approx(0.25 * 0.2 + 0.75 * 0.4))
    assert ahead.purchases == pytest.approx(1 / (0.25**2 / 50 + 0.75**2 / 20))
    assert ahead.any_error == pytest.approx((0.35 * ahead.purchases) ** -0.5)
    assert ahead.dissatisfied_error == pytest.approx(np.hypot(ahead.any_error, (22 / 28 / 6) ** 0.5))
    unlike = by_number * [[1], [1], [1]]
    unlike[1:] = [[0, 0, 40, 1, 0, 0], [50, 50, 50, 18, 0, 0]]  # who has bought twice is hardly ever recovered
    ahead = ComplaintRates(41 / 220, 168 / 220, 220.0, unlike).ahead(to_come)
    assert ahead.dissatisfied == pytest.approx(0.25 * 40 / 50 + 0.75 * 1 / 20)
    assert ahead.dissatisfied_error == pytest.approx((ahead.dissatisfied * ahead.purchases) ** -0.5)
    assert found.ahead(np.array([0.0] * 8 + [5.0])) is found  # nobody in the log has bought so often
    assert ComplaintRates(0.02, 0.07).ahead(np.ones(3)).any == 0.07


def test_who_has_bought_more_often_complains_more_often():
    assert rates().ahead(valued().before).any > rates().any


def test_leaving_at_complaints_is_a_chance_per_purchase():
    coin, found = measured().coin, coined_of(measured(), rates())
    number = coin.data.complaints
    mean = float(number @ list(coin.chances.values()) / number.sum())
    assert found.chance == pytest.approx(max(mean, 0.0) * rates().any)
    keeps = measured()._replace(coin=replace(coin, chances=dict.fromkeys(coin.chances, -0.1)))
    assert coined_of(keeps, rates()).chance == 0.0


def _answer(low: float, high: float) -> Lever:
    worth = Interval((low + high) / 2, low, high)
    return Lever("recovery", "one complaint", worth, 10.0, Interval(*(10 * end for end in worth)), 0.0, "association")


def test_answers_that_agree_stand_and_those_that_do_not_are_bounded_by_both():
    stated = _answer(1.0, 3.0)
    assert either_way({True: stated, False: _answer(2.0, 6.0)}, True) is stated
    assert either_way({True: None, False: stated}, False) is stated
    for other, ends in ((_answer(-4.0, -2.0), (-4.0, 3.0)), (_answer(-1.0, 2.0), (-1.0, 3.0))):
        found = either_way({True: stated, False: other}, True)
        assert found.hangs and found.worth.estimate == 2.0
        assert (found.worth.lower, found.worth.upper) == ends
        assert (found.total.lower, found.total.upper) == tuple(10 * end for end in ends)


@pytest.mark.slow
def test_where_leavers_are_silent_no_wrong_sign_is_said_with_confidence():
    """Whoever left at the purchase does not complain any more, so that the log holds only survivors; recovery is worth something."""
    for seed in (1, 2, 3):
        company = answering_company(
            "full", customers=5_000, weeks=104, seed=seed, prospects=0, trial_shares=(), leavers_complain=False, season=0.3, regularity=2.0
        )
        purchases, log = gw.read_transactions(company.transactions), gw.read_complaints(company.complaints).cases
        summary = gw.summarize_purchases(purchases, unit="week")
        buying, spending = gw.ModifiedBetaGeoNBD.fit(summary), gw.GammaGamma.fit(summary)
        terms = (purchases, log, summary, buying, MARGIN, DISCOUNT)
        customers = summary.to_pandas()
        fit = fit_base(plain_histories(customers), None, start=buying)
        base = base_value(fit, customers, spending.model, ValueTerms(52, MARGIN, DISCOUNT, "week"))
        seen = complaint_rates(purchases, log)
        costs = {who: measured_costs(*terms, spend=spending, leavers_complain=who) for who in (True, False)}
        found = either_way({who: recovery_lever(base, each, seen) for who, each in costs.items()}, True)
        assert found.worth.upper > 0
