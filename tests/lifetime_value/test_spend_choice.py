"""Which spend model is used: one rule, learned in one half and judged in the other."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

import pandas as pd
import pytest

import goodwill as gw
from goodwill.errors import DataError, TooLittle
from goodwill.inference.uncertainty import Interval
from goodwill.lifetime_value.spend_choice import SpendTest, choose_spend

SAMPLE = gw.read_transactions("cdnow_sample")


@cache
def whole() -> Any:
    return gw.summarize_purchases(SAMPLE)


@cache
def few() -> Any:
    """The first customers of the sample: not ten came back."""
    log = SAMPLE.to_pandas()
    return gw.summarize_purchases(gw.read_transactions(log[log["customer_id"].isin(sorted(log["customer_id"].unique())[:12])]))


@cache
def chosen(how: str = "automatic") -> Any:
    return choose_spend(whole(), how)


@pytest.mark.slow
def test_on_the_cdnow_sample_the_first_amount_helps_and_the_frequency_does_not() -> None:
    choice, test = chosen(), chosen().test
    assert (choice.name, choice.reason, choice.left_out) == ("first amount", "first amount nearer", 0)
    assert (test.cut.isoformat(), test.p_value < 1e-6) == ("1997-09-30", True)
    assert test.frequency_gain == pytest.approx((-0.0109, -0.0158, -0.0061), abs=2e-4)
    assert test.first_gain == pytest.approx((0.0200, 0.0055, 0.0345), abs=2e-4)
    assert test.drift.yearly.lower < 1 < test.drift.yearly.upper
    assert choice.other.model == chosen("independent").fit.model


def test_one_time_buyers_are_valued_by_their_first_amount() -> None:
    """By quartile of it they later paid 26, 28, 37 and 56 USD; one spend for all was 36."""
    customers = whole().to_pandas().query("frequency == 0 and spend > 0")
    terms = gw.ValueTerms(29.0, 0.3, 0.15, "week")
    value = gw.customer_value(gw.BetaGeoNBD.fit(whole()), chosen().fit, customers, terms)
    by_quartile = value["expected_spend"].groupby(pd.qcut(customers["spend"], 4, labels=False, duplicates="drop")).mean()
    assert by_quartile.round().to_list() == [23, 26, 32, 54]


@pytest.mark.slow
def test_the_hold_out_of_a_summary_is_not_looked_at() -> None:
    """What was known on a day is what is told of that day, whatever came later."""
    held = gw.summarize_purchases(SAMPLE, calibration_end="1997-12-31")
    log = SAMPLE.to_pandas()
    until = gw.summarize_purchases(gw.read_transactions(log[log["date"] <= pd.Timestamp("1997-12-31")]), end="1997-12-31")
    one, other = choose_spend(held), choose_spend(until)
    assert (one.name, one.test.cut) == (other.name, other.test.cut)
    assert one.test.first_gain == pytest.approx(other.test.first_gain)
    assert one.fit.model.q == pytest.approx(other.fit.model.q, rel=1e-6)


@pytest.mark.slow
def test_what_is_asked_for_is_used() -> None:
    assert (chosen("independent").name, chosen("independent").reason) == ("independent", "given")
    asked = chosen("by frequency")
    assert (asked.name, asked.reason, asked.test) == ("by frequency", "given", None)
    assert asked.other.model == chosen("independent").fit.model
    assert chosen("first amount").fit.model == chosen().fit.model


@pytest.mark.slow
def test_too_few_are_taken_to_be_independent() -> None:
    choice = choose_spend(few())
    assert (choice.name, choice.reason, choice.test) == ("independent", "not compared", None)
    with pytest.raises(TooLittle, match="Too few customers came back to fit the other spend model"):
        _ = choice.other
    with pytest.raises(TooLittle, match="takes at least 10 customers who came back"):
        choose_spend(few(), "by frequency")


def test_an_unknown_way_is_refused_with_the_known_ones() -> None:
    with pytest.raises(DataError, match="spend_model='best'; use one of automatic, independent, by frequency, first amount"):
        choose_spend(whole(), "best")


UP, NEITHER, DOWN = Interval(2.0, 1.0, 3.0), Interval(0.0, -1.0, 1.0), Interval(-2.0, -3.0, -1.0)


@pytest.mark.parametrize(
    ("p", "frequency", "first", "reason"),
    [
        (0.04, UP, None, "goes with frequency"),
        (0.04, NEITHER, NEITHER, "goes with frequency"),
        (0.04, DOWN, DOWN, "foretold farther"),
        (0.05, UP, NEITHER, "not rejected"),
        (0.05, DOWN, UP, "first amount nearer"),
        (0.04, UP, UP, "first amount nearer"),
    ],
)
def test_one_rule_chooses_the_spend_model(p: float, frequency: Interval, first: Interval | None, reason: str) -> None:
    assert SpendTest(date(1997, 9, 30), None, p, frequency, first).reason == reason
