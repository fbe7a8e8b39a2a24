"""Answers joined with purchases by group: what is counted, what is refused, and a known truth that is found."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

import goodwill as gw
from goodwill.errors import DataError, TooLittle
from goodwill.inference.uncertainty import Interval
from goodwill.relationship import (
    GroupedAnswers,
    fit_base,
    histories_of,
    joined_answers,
    joined_groups,
    lasting_events,
    read_answers,
    reliability_of,
)
from goodwill.simulate import answering_company

ITEMS = ["quality", "service", "delivery", "price"]
DAYS = pd.to_datetime(["2025-01-01", "2025-02-01", "2025-03-01"])
SHOP = gw.read_transactions(pd.DataFrame({"customer_id": ["1", "2", "3"], "date": DAYS, "amount": [5.0, 6.0, 7.0]}))
ASKED = date(2025, 3, 1)
GROUPS = pd.DataFrame({"customer_id": ["1", "2", "3", "9"], "segment": ["north", "south", "south", "south"]})


def survey(**answers: list[int]):
    rows = [[segment, each] for segment, said in answers.items() for each in said]
    return read_answers(pd.DataFrame(rows, columns=["segment", "satisfaction"]), segment="segment")


def branches(company, groups: int = 10, noise: float = 1.0) -> pd.Series:
    """A branch for each customer: those of the satisfied have many of them."""
    people = company.customers.set_index("customer_id")
    lean = people["satisfaction"] + noise * np.random.default_rng(1).standard_normal(len(people))
    return ("branch " + (lean.rank(pct=True) * groups - 1e-9).astype(int).astype(str)).rename("segment")


def grouped(slope: float, seed: int):
    company = answering_company(
        "full",
        customers=12_000,
        weeks=104,
        seed=seed,
        prospects=0,
        trial_shares=(),
        survey_week=78.0,
        satisfaction_dropout=slope,
        outcome_dropout=(0.0, 0.0, 0.0),
        silent_dropout=0.0,
        response_left=0.0,
    )
    branch = branches(company)
    anonymous = company.survey.assign(segment=company.survey["respondent_id"].map(branch)).drop(columns="respondent_id")
    purchases = gw.read_transactions(company.transactions)
    answers = read_answers(anonymous, items=ITEMS, scale="1-10", segment="segment")
    groups = branch.reset_index().astype({"customer_id": str})
    said = joined_answers(purchases, answers, groups, date(2025, 6, 30))
    summary = gw.summarize_purchases(purchases, unit="week")
    rho = reliability_of(answers, 0.85, 0.8)
    data = histories_of(summary.to_pandas(), said, lasting_events(purchases, None), 70.0, rho)
    return fit_base(data, rho, start=gw.ModifiedBetaGeoNBD.fit(summary))


@pytest.mark.slow
@pytest.mark.parametrize("slope", [0.0, -0.4, -0.8])
def test_how_leaving_goes_with_satisfaction_is_found_without_the_id_of_anybody(slope):
    fit = grouped(slope, seed=11)
    error = (fit.slope.upper - fit.slope.lower) / 3.92
    assert fit.slope.estimate == pytest.approx(slope, abs=2.5 * error + 0.1 * abs(slope))
    assert error < 0.15
    # A point of the answer in standard deviations of lasting satisfaction: 1 / (.22 of nine points, shown with a loading of .9), and a
    # little more because the scale ends.
    assert fit.point_in_spreads == pytest.approx(1 / (0.22 * 9 * 0.9), rel=0.15)


def test_answers_of_groups_are_counted_and_stand_in_the_order_of_their_means():
    found = joined_groups(SHOP, survey(north=[4] * 30, south=[2] * 40, east=[3] * 25), GROUPS, ASKED)
    assert found.joined == ("survey", 95, 70, 25, 0)
    assert found.means["segment"].tolist() == ["south", "north"]
    assert found.group.to_dict() == {"1": 1, "2": 0, "3": 0}
    assert found.between == pytest.approx(2 / 9 * 4)  # nobody within a group answers otherwise
    with pytest.raises(TooLittle, match=r"^Answers are known by group alone, so that no customer's later money can be held against"):
        _ = found.said


def test_a_survey_with_ids_is_joined_by_them():
    known = read_answers(pd.DataFrame({"respondent_id": ["1", "2"], "satisfaction": [3, 4]}))
    assert joined_answers(SHOP, known, GROUPS, ASKED).joined == ("survey", 2, 2, 0, 0)


@pytest.mark.slow
def test_groups_that_do_not_fit_are_refused_with_what_to_do():
    asked = survey(north=[4] * 30, south=[2] * 40)
    with pytest.raises(TooLittle, match=r"and no table says which customers are in which group \(groups=\), so that answers cannot be"):
        joined_groups(SHOP, asked, "", ASKED)
    plain = read_answers(pd.DataFrame({"satisfaction": [3, 4]}))
    with pytest.raises(DataError, match=r"has no column of groups; name it \(segment=\) to join answers by group$"):
        joined_groups(SHOP, plain, GROUPS, ASKED)
    strangers = GROUPS.assign(customer_id=["a", "b", "c", "d"])
    with pytest.raises(DataError, match=r"^none of the 4 customers with a group has bought in .*; write ids alike in both tables$"):
        joined_groups(SHOP, asked, strangers, ASKED)
    others = GROUPS.assign(segment="West")
    with pytest.raises(
        DataError, match=r"^no group of .* \(first: 'north'\) is one of the table of groups \(first: 'West'\); write groups"
    ):
        joined_groups(SHOP, asked, others, ASKED)
    with pytest.raises(TooLittle, match=r"^1 groups have 20 answers; joining answers by group takes two\.$"):
        joined_groups(SHOP, survey(north=[4] * 30, south=[2] * 4), GROUPS, ASKED)
    alike = survey(north=[2, 4] * 15, south=[2, 4] * 20)
    with pytest.raises(TooLittle, match=r"^The mean answers of 2 groups differ by no more than chance, so that leaving cannot be joined"):
        joined_groups(SHOP, alike, GROUPS, ASKED)


def test_without_a_reliability_answers_by_group_say_nothing():
    found = joined_groups(SHOP, survey(north=[4] * 30, south=[2] * 40), GROUPS, ASKED)
    assert isinstance(found, GroupedAnswers)
    customers = gw.summarize_purchases(SHOP, unit="week").to_pandas()
    events = lasting_events(SHOP, None)
    assert histories_of(customers, found, events, 70.0, Interval(0.7, 0.6, 0.8)).answers == 3
