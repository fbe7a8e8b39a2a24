import pandas as pd
import pytest

import goodwill as gw
from goodwill.errors import TooLittle
from goodwill.satisfaction.worked_examples import company_categories, company_survey, intention_and_behaviour, jd_survey


@pytest.fixture(scope="module")
def company():
    return gw.company(300, seed=2)


def test_the_survey_of_a_company_knows_who_bought_lately(company):
    survey = company_survey(company, weeks=13)
    last = company.transactions.groupby("customer_id")["date"].max()
    lately = last[last > company.transactions["date"].max() - pd.Timedelta(weeks=13)].index
    assert survey.items == ("quality", "service", "delivery", "price")
    assert survey.answers["recent buying"].sum() == company.survey["respondent_id"].isin(lately).sum()


def test_intention_and_behaviour_are_of_the_same_people(company):
    survey = company_survey(company)
    found = intention_and_behaviour(survey, "recent buying", 9)
    assert found.intention["respondents"].tolist() == found.behaviour["respondents"].tolist()
    assert found.name == "recent buying"
    with pytest.raises(TooLittle, match="no column of what people did"):
        intention_and_behaviour(survey, "", 9)


def test_categories_are_counted_after_everybodys_first_purchase(company):
    orders = company.transactions
    after = orders[orders["date"] > orders.groupby("customer_id")["date"].min().max()]
    assert company_categories(company)["customers"].sum() == after["customer_id"].nunique()


def test_the_jd_survey_has_two_counts_that_do_not_fit_together():
    found = jd_survey(gw.read_case("jd_survey_2015"))
    assert (found.never_bought, found.answered_returns) == (10, 93)
    assert found.funnel["questionnaires"].tolist() == [250, 104, 93]
    assert (found.shares["least"] <= found.shares["lower"]).all()
