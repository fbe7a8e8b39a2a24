"""What customers bring by how satisfied they say they are: the numbers of the relationship report, from its functions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.relationship.small import ASKED, ITEMS, small

import goodwill as gw
from goodwill.errors import DataError, TooLittle
from goodwill.relationship import (
    base_value,
    customer_levers,
    fit_base,
    histories_of,
    joined_survey,
    lasting_events,
    read_answers,
    reliability_of,
    survey_day,
    worth_by_level,
)


@pytest.mark.slow
def test_a_point_is_worth_what_the_relationship_report_says_of_the_same_two_tables():
    tables = small()
    found = worth_by_level(tables.purchases, tables.survey, ASKED)
    said = joined_survey(tables.purchases, tables.survey, survey_day(tables.purchases, ASKED))
    rho = reliability_of(tables.survey, 0.85, 0.8)
    histories = histories_of(tables.customers, said, lasting_events(tables.purchases, None), 70.0, rho)
    fit = fit_base(histories, rho, start=tables.buying)
    horizon = gw.lifetime_value.automatic_horizon(tables.summary.length, "week")
    spend = gw.lifetime_value.choose_spend(tables.summary).fit.model
    base = base_value(fit, tables.customers, spend, gw.ValueTerms(horizon, 0.3, 0.15, "week"))
    assert found.point == pytest.approx(customer_levers(base, rho)["satisfaction"].worth)
    assert base.each_customer.sum() == pytest.approx(base.brought(0.0)[0].money)
    assert found.weeks == horizon
    assert found.joined.joined == len(said.said)


@pytest.mark.slow
def test_levels_have_the_means_of_their_customers_and_steps_are_their_differences():
    found = worth_by_level(small().purchases, small().survey, ASKED)
    levels, steps = found.levels, found.steps
    answers = small().company.survey["satisfaction"].value_counts()
    assert levels["customers"].tolist() == [answers[level] for level in levels["level"]]
    assert (levels["customers"] >= 20).all()
    assert np.allclose(np.diff(levels["worth"]), steps["difference"])
    assert ((steps["low"] < steps["difference"]) & (steps["difference"] < steps["high"])).all()
    assert levels["worth"].iloc[-1] > levels["worth"].iloc[0]  # whoever is content stays, and who stays brings more


@pytest.mark.slow
def test_profit_is_in_proportion_to_the_margin():
    once, twice = (worth_by_level(small().purchases, small().survey, ASKED, margin=each).levels["worth"] for each in (0.3, 0.6))
    assert np.allclose(2 * once, twice)


@pytest.mark.slow
def test_answers_that_cannot_be_valued_say_why():
    purchases, survey = small().purchases, small().company.survey
    with pytest.raises(TooLittle, match=r"has no column with the ids of customers \(respondent_id=\)"):
        worth_by_level(purchases, read_answers(survey.drop(columns="respondent_id"), scale="1-10"))
    with pytest.raises(DataError, match=r"^none of the 20 respondents of the survey"):
        strangers = survey.head(20).assign(respondent_id=[f"x{n}" for n in range(20)])
        worth_by_level(purchases, read_answers(strangers, scale="1-10"))
    with pytest.raises(TooLittle, match=r"^30 answers are of customers who had bought; what a point is worth takes 50\.$"):
        worth_by_level(purchases, read_answers(survey.head(30), items=ITEMS, scale="1-10"))
    bought = pd.DataFrame({"satisfaction": [7, 8] * 30, "respondent_id": survey["respondent_id"].head(60)})
    bought.loc[bought.index[:45], "satisfaction"] = 7
    with pytest.raises(TooLittle, match=r"^1 levels have 20 answers of customers; what customers bring by level takes two\.$"):
        worth_by_level(purchases, read_answers(bought, scale="1-10"))
