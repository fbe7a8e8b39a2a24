"""What is at stake: from purchases, or as somebody states it."""

from pathlib import Path

import pandas as pd
import pytest

import goodwill as gw
from goodwill.data.purchases import summarize_purchases
from goodwill.data.reading.sources import read_transactions
from goodwill.errors import DataError, TooLittle
from goodwill.inference.uncertainty import Interval
from goodwill.simulate import company
from goodwill.word_of_mouth.worth import Worth, customer_worth, model_of_buying, worth_from_purchases, worth_or_stated

MEASURED = Worth(Interval(30.0, 25.0, 35.0), Interval(4.0, 3.0, 5.0), Interval(20.0, 15.0, 25.0))


def test_what_is_stated_stands_in_place_of_the_estimate() -> None:
    both = worth_or_stated(MEASURED, residual_value=200.0, prospect_value=50.0)
    assert both == Worth(Interval(200.0, 140.0, 260.0), Interval(4.0, 3.0, 5.0), Interval(50.0, 35.0, 65.0), "assumed")
    assert worth_or_stated(MEASURED) == MEASURED


def test_a_stated_value_is_enough() -> None:
    alone = worth_or_stated(None, residual_value=100.0)
    assert alone == Worth(Interval(100.0, 70.0, 130.0), Interval(0.0, 0.0, 0.0), Interval(100.0, 70.0, 130.0), "assumed")


def test_with_nothing_to_go_on_it_says_what_to_pass() -> None:
    with pytest.raises(DataError, match=r"pass data=\. Or state what a customer is still worth by residual_value="):
        worth_or_stated(None, prospect_value=50.0)


@pytest.mark.slow
def test_worth_from_purchases_takes_a_year_or_the_length_of_the_data() -> None:
    summary = gw.summarize_purchases(gw.read_transactions(company(600, 40, seed=1).transactions), unit="week")
    buying, spending = gw.ModifiedBetaGeoNBD.fit(summary), gw.lifetime_value.choose_spend(summary).fit
    terms = gw.ValueTerms(gw.lifetime_value.automatic_horizon(summary.length, "week"), 0.3, 0.15, "week")
    assert worth_from_purchases(summary, buying, 0.3, 0.15) == customer_worth(buying, spending, summary.to_pandas(), terms)
    plain = gw.GammaGamma.fit(gw.lifetime_value.positive_spend(summary))
    assert worth_from_purchases(summary, buying, 0.3, 0.15, spend=plain) == customer_worth(buying, plain, summary.to_pandas(), terms)


@pytest.mark.slow
def test_a_spend_without_a_mean_values_nobody() -> None:
    purchases = read_transactions(Path(__file__).parents[1] / "data" / "files" / "transactions" / "20_spend_without_a_mean.csv")
    summary = summarize_purchases(purchases, unit="week")
    with pytest.raises(TooLittle, match=r"its mean does not exist \(Gamma-Gamma has q = 0\.\d\d, and a mean needs q above 1\)"):
        worth_from_purchases(summary, model_of_buying(summary), 0.3, 0.15)


def test_where_nobody_came_back_there_is_no_model_of_buying() -> None:
    log = pd.DataFrame({"customer_id": ["a", "b"], "date": ["2024-01-01", "2024-03-01"], "amount": [5.0, 6.0]})
    with pytest.raises(TooLittle, match="No model of purchases can be fitted: no customer has a repeat purchase"):
        model_of_buying(summarize_purchases(read_transactions(log), unit="week"))
