"""What a report foretells in a form that can be held against what came, and what came."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

import goodwill as gw
from goodwill.errors import TooLittle
from goodwill.inference.ledger import Forecast
from goodwill.inference.uncertainty import Interval
from goodwill.lifetime_value.evidence.forecasts import came_of, forecasts
from goodwill.lifetime_value.evidence.past_statements import money_statement

CUT = date(1997, 9, 30)


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    """CDNOW as it was known at the end of September, and both models of it."""
    log = gw.read_transactions("cdnow_sample")
    whole = gw.summarize_purchases(log, end=CUT)
    base = whole.to_pandas()
    spend = gw.GammaGamma.fit(base[(base["frequency"] > 0) & (base["monetary_value"] > 0)])
    return {"log": log, "whole": whole, "fit": gw.BetaGeoNBD.fit(whole), "choice": SimpleNamespace(fit=spend)}


class Missing:
    """What raises when it is touched, as `Absent` does."""

    def __getattr__(self, name: str) -> Any:
        raise TooLittle("no money")


def said(told: dict[str, Any], choice: Any = None, headline: Any = None, horizon: float = 13.0) -> list[Forecast]:
    terms = gw.ValueTerms(horizon, 0.3, 0.15, "week")
    return forecasts(told["fit"], choice or told["choice"], told["whole"], terms, headline, currency="USD")


@pytest.mark.slow
def test_purchases_and_money_are_foretold_over_four_weeks_and_over_the_horizon(told: dict[str, Any]):
    found = said(told, headline=SimpleNamespace(interval=Interval(100.0, 50.0, 200.0), now=None))
    assert [(one.name, one.days, one.headline) for one in found] == [
        ("purchases", 28, ""), ("value", 28, ""), ("purchases", 91, ""), ("value", 91, "total_value"),
    ]  # fmt: skip
    assert {one.made for one in found} == {CUT}
    assert (found[3].estimate, found[3].lower, found[3].upper, found[3].unit, found[3].margin) == (100.0, 50.0, 200.0, "USD", 0.3)
    assert all(one.lower < one.estimate < one.upper for one in found)


@pytest.mark.slow
def test_the_interval_of_the_model_is_kept_where_the_headline_claims_none(told: dict[str, Any]):
    found = said(told, headline=SimpleNamespace(interval=None, now=SimpleNamespace(estimate=10.0, lower=9.0, upper=12.0)))
    assert (found[3].lower, found[3].upper) == (9.0, 12.0)


def test_without_money_purchases_are_foretold_all_the_same(told: dict[str, Any]):
    assert [one.name for one in said(told, choice=Missing())] == ["purchases", "purchases"]


def test_a_horizon_of_four_weeks_is_foretold_once(told: dict[str, Any]):
    assert [one.days for one in said(told, choice=Missing(), horizon=4.0)] == [28]


@pytest.mark.slow
def test_what_came_is_what_the_log_says_of_the_customers_known_then(told: dict[str, Any]):
    log = told["log"].to_pandas()
    log["date"] = pd.to_datetime(log["date"]).dt.date
    first = log.groupby("customer_id")["date"].min()
    found = came_of(told["log"], said(told))
    for one in found:
        known = log["customer_id"].isin(first.index[first <= CUT])
        window = log[known & (log["date"] > CUT) & (log["date"] <= one.due)]
        if one.name == "purchases":
            assert one.came == window.groupby("customer_id")["date"].nunique().sum()
    money = {one.days: one.came for one in found if one.name == "value"}
    past = money_statement(told["log"], CUT, 13.0, margin=0.3, annual_discount_rate=0.15, draws=100)
    assert money[91] == pytest.approx(past.came)


def test_what_is_not_due_or_was_said_of_data_that_began_earlier_is_left_open(told: dict[str, Any]):
    one = said(told, choice=Missing())[0]
    assert came_of(told["log"], [replace(one, due=date(1999, 1, 1))]) == []
    assert came_of(told["log"], [replace(one, first=date(1996, 12, 1))]) == []
    assert len(came_of(told["log"], [one])) == 1
    assert came_of(told["log"], [replace(one, name="something else")]) == []
