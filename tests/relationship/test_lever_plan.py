"""Break-even shares, plans over levers, arms of trials, and the reliability that all of it rests on."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.relationship.small import TERMS, answered, small, unanswered, valued

from goodwill.errors import DataError, TooLittle
from goodwill.inference.uncertainty import Interval
from goodwill.relationship import (
    EXAMPLE_TRUTH,
    Lever,
    answer_reliability,
    arm_levers,
    example_truth,
    histories_of,
    lasting_reliability,
    lever_case,
    lever_cases,
    lever_noise,
    links_of,
    plan_levers,
    plans_by_share,
    reliability_of,
    spendable,
    tried_arms,
)
from goodwill.relationship.lever_plan import Noise


def lever(worth: float, units: float = 100.0, grade: str = "association", name: str = "recovery", spread: float = 0.5) -> Lever:
    found = Interval(worth, worth - spread, worth + spread)
    return Lever(name, "one", found, units, Interval(*(units * end for end in found)), -0.1, grade)


def test_a_lever_pays_from_cost_over_worth_on():
    case = lever_case(lever(4.0), 1.0, noise=2.0)
    assert (case.break_even, case.chance > 0.999, case.enough) == (0.25, True, True)
    assert lever_case(lever(-1.0), 1.0, 2.0).break_even == np.inf
    assert lever_case(lever(-1.0), 1.0, 2.0).each_arm == np.inf
    assert lever_case(lever(4.0, grade="effect"), 1.0, 2.0).each_arm == np.inf  # there is nothing left to try
    with pytest.raises(DataError, match=r"^the cost of one is -1; it must not be negative$"):
        lever_case(lever(4.0), -1.0, 2.0)


def test_a_budget_goes_first_where_a_unit_of_money_brings_most():
    cases = [lever_case(lever(4.0, name="recovery"), 1.0, 2.0), lever_case(lever(9.0, name="satisfaction"), 3.0, 2.0)]
    spent = plan_levers(cases, 200.0).table().set_index("strategy")["cost"]
    assert spent.to_dict() == pytest.approx({"recovery": 100.0, "satisfaction": 100.0})


def test_of_an_association_a_share_counts_and_of_a_measured_effect_all():
    cases = [lever_case(lever(4.0), 3.0, 2.0), lever_case(lever(4.0, grade="effect", name="call"), 3.0, 2.0)]
    table = plans_by_share(cases, 1_000.0).set_index("share")
    assert table["recovery"].tolist() == pytest.approx([300.0, 0.0, 0.0])
    assert table["call"].tolist() == pytest.approx([300.0] * 3)


def test_no_more_is_spent_than_pays():
    assert plan_levers([lever_case(lever(4.0), 1.0, 2.0)], 1e9).cost == pytest.approx(100.0)
    assert plan_levers([lever_case(lever(0.5), 1.0, 2.0)], 1e9).cost == 0.0
    with pytest.raises(TooLittle, match=r"^No cost of a lever is stated, so that no budget can be planned\.$"):
        plan_levers([lever_case(lever(4.0), 0.0, 2.0)], 1.0)


def test_levers_without_a_cost_are_left_out_and_none_left_is_named():
    known, noise = {"recovery": lever(4.0), "satisfaction": lever(4.0, name="satisfaction")}, Noise(2.0, 3.0)
    (case,) = lever_cases(known, {"recovery": 1.0}, None, None, noise)
    assert (case.lever.name, case.cost) == ("recovery", 1.0)
    with pytest.raises(TooLittle, match=r"^No cost of a lever is stated \(cost_point, cost_recovery, cost_hour, cost_retention\), so"):
        lever_cases(known, {}, None, None, noise)


def trial() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    arm = rng.permutation(["call", "do_nothing"] * 400)
    return pd.DataFrame(
        {"customer_id": np.arange(800), "arm": arm, "propensity": 0.5, "outcome": rng.gamma(2, 5, 800) + 4 * (arm == "call")}
    )


def test_an_arm_of_a_trial_is_a_lever_with_a_measured_effect():
    arms = tried_arms(trial(), "", ["call:1"], 0.5)
    found = arm_levers(arms, 100.0)
    assert list(found) == ["call"]
    assert found["call"].worth.lower < 2.0 < found["call"].worth.upper
    assert (found["call"].grade, found["call"].units) == ("effect", 100.0)
    (case,) = lever_cases({}, {}, found, arms, Noise(1.0, 1.0))
    assert case.cost == 1.0
    with pytest.raises(TooLittle, match=r"^There is no trial by lot: pass experiment=\.$"):
        tried_arms("", "", [], 0.5)


def test_noise_is_that_of_customers_where_there_are_no_complaints():
    found = lever_noise(small().company.transactions, None, TERMS)
    assert found.customer == found.complaint > 0


def test_a_hundredth_may_be_spent_unless_told_otherwise():
    assert spendable(5.0, unanswered()) == 5.0
    assert spendable(0.0, unanswered()) == pytest.approx(0.01 * unanswered().brought(0.0)[0].money)


def test_reliability_comes_from_items_or_is_stated():
    company = small().company
    found = answer_reliability(company.survey[["quality", "service", "delivery", "price"]], company.survey["satisfaction"])
    truth = 0.81 * 1.25 / (0.81 * 1.25 + 0.19)  # loading .9, moods of variance .25
    assert found.lower < truth < found.upper
    with pytest.raises(TooLittle, match=r"^3 whole answers to 2 items: the reliability of an answer takes two items and 50 answers\.$"):
        answer_reliability([[1, 2], [2, 3], [3, 4]], [1, 2, 3])
    with pytest.raises(TooLittle, match=r"^The items do not go together with overall satisfaction, so that its reliability cannot be told"):
        rng = np.random.default_rng(1)
        answer_reliability(rng.integers(1, 6, (200, 2)), rng.permutation([1, 2] * 100))
    without_items = small().survey.__class__(**{**small().survey.__dict__, "items": ()})
    assert reliability_of(without_items, 0.9, 0.8).estimate == pytest.approx(0.72)
    assert lasting_reliability(Interval(1.0, 1.0, 1.0), 1.0).upper == 1.0


def test_too_few_answers_stand_for_no_survey():
    assert histories_of(small().customers, None, pd.DataFrame(), 70.0).answers == 0
    assert answered().answers > 100


def test_links_need_all_their_records():
    table = links_of(["purchases", "survey"]).set_index("number")
    assert bool(table.loc["how satisfaction goes with leaving", "there"])
    assert table.loc["how the end of a complaint goes with leaving", "stands_in"] == "nothing: the lever is left out"


def test_the_truth_of_the_company_that_stands_in_scales_with_margin_and_falls_with_discount():
    truth = example_truth(small().company, TERMS)
    assert set(truth) == set(EXAMPLE_TRUTH)
    assert all(0.9 * 0.3 * EXAMPLE_TRUTH[name] < truth[name] < 0.3 * EXAMPLE_TRUTH[name] for name in truth)
    with pytest.raises(TooLittle, match=r"^The truth is not known, as it never is of a company of one's own\.$"):
        example_truth(None, TERMS)


@pytest.mark.long
def test_the_truth_of_the_company_that_stands_in_is_what_a_large_one_says():
    from goodwill.relationship import lever_truth
    from goodwill.simulate import answering_company

    found = lever_truth(answering_company("full", customers=60_000, weeks=104, seed=77, prospects=0, trial_shares=()))
    assert found.worth["retention"] == pytest.approx(EXAMPLE_TRUTH["retention"], rel=0.2)
    assert found.worth["satisfaction"] == pytest.approx(EXAMPLE_TRUTH["satisfaction"], rel=0.4)
    assert found.worth["recovery"] == pytest.approx(EXAMPLE_TRUTH["recovery"], rel=0.4)
    assert sum(found.parts.values()) == pytest.approx(found.together)


@pytest.mark.slow
def test_the_truth_of_parts_sums_to_all():
    from goodwill.relationship import lever_truth
    from goodwill.simulate import answering_company

    found = lever_truth(answering_company("full", customers=1_500, weeks=104, seed=3, prospects=0, trial_shares=()))
    assert sum(found.parts.values()) == pytest.approx(found.together)
    assert valued().customers == 1_500
