"""Periods of spend around a day, and what a fitted model says of the customers in them."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

import goodwill as gw
from goodwill.errors import TooLittle
from goodwill.lifetime_value.valued import Valued
from goodwill.segments.movement.beside_model import chain_beside_model, foretold_spend, model_forecast
from goodwill.segments.movement.paths import GONE, segment_paths, segments_on
from goodwill.segments.movement.spend_periods import SpendPeriods, spend_periods

DAY, END = date(1997, 9, 30), date(1998, 6, 30)


@pytest.fixture(scope="module")
def periods() -> SpendPeriods:
    return spend_periods(gw.read_transactions("cdnow_sample"), DAY, END)


@pytest.fixture(scope="module")
def base() -> gw.segments.CustomerBase:
    return gw.segments.customer_base(gw.read_transactions("cdnow_sample"), calibration_end="1997-09-30")


def without_model(base: gw.segments.CustomerBase) -> Valued:
    return Valued(base.customers, None, None, base.then.terms, "none")


def test_quarters_meet_at_the_end_of_the_day(periods: SpendPeriods) -> None:
    assert (periods.days, periods.last, periods.after) == (91, 2, 3)
    assert (periods.edges[3], len(periods.edges)) == (date(1997, 10, 1), 7)
    assert periods.paths.windows[2] == "1997-07-02 to 1997-09-30"
    assert periods.paths.states == ("none", "low", "mid", "high")
    assert periods.cuts == sorted(periods.cuts) and len(periods.cuts) == 2
    second = periods.paths.counts(1)[1:]
    assert second / second.sum() == pytest.approx(1 / 3, abs=0.02)


@pytest.mark.slow
def test_who_buys_nothing_in_two_periods_is_gone(periods: SpendPeriods) -> None:
    assert periods.with_exit().states[-1] == GONE and periods.with_exit().exit_after == 2
    assert periods.with_exit(3).counts(2)[-1] <= periods.with_exit(2).counts(2)[-1]


def test_spend_of_customers_comes_in_their_order_and_is_never_missing(periods: SpendPeriods, base: gw.segments.CustomerBase) -> None:
    few = base.customers.iloc[[5, 2, 9]]
    spent = periods.spend_of(few)
    assert spent.index.tolist() == few["customer_id"].tolist()
    assert list(spent.columns) == list(range(6)) and spent.notna().all(axis=None)
    assert periods.spend_of(base.customers)[2].sum() == pytest.approx(periods.paths.spend[:, 2].sum())


def test_a_short_log_gets_shorter_periods_and_too_short_a_one_a_sentence() -> None:
    log = gw.read_transactions("cdnow_sample")
    short = spend_periods(log, DAY, date(1997, 10, 20))
    assert (short.days, short.after) == (20, 1)
    with pytest.raises(TooLittle, match=r"273 days up to 1997-09-30 and 0 after it hold no four periods\."):
        spend_periods(log, DAY, DAY)


def test_many_equal_amounts_are_too_little_for_states() -> None:
    days = pd.date_range("2024-01-01", periods=200).repeat(3)
    log = pd.DataFrame({"customer_id": np.arange(600), "date": days, "amount": 5.0})
    with pytest.raises(TooLittle, match="too many equal values"):
        spend_periods(gw.read_transactions(log), date(2024, 4, 30), date(2024, 7, 1))


def test_segments_of_two_days_stand_side_by_side() -> None:
    spring, summer = pd.DataFrame({"customer_id": [1, 2]}), pd.DataFrame({"customer_id": [1, 3]})
    both = segments_on(["spring", "summer"], [spring, summer], [["A", "B"], ["B", "A"]])
    assert both.loc[[1, 2, 3]].fillna("-").to_numpy().tolist() == [["A", "B"], ["B", "-"], ["-", "A"]]
    assert segment_paths(both).windows == ("spring", "summer")


def test_a_fitted_model_speaks_of_the_same_customers(base: gw.segments.CustomerBase) -> None:
    window = foretold_spend(base.then, 13.0)
    forecast = model_forecast(base.then, 13.0, 3)
    assert window is not None and window.shape == (len(base.customers),)
    name = base.then.purchase_model
    assert forecast[name].shape == (3,) and forecast[name][0] == pytest.approx(window.sum(), rel=1e-6)
    worth, state = pd.DataFrame({"state": ["a", "b"], "value": [4.0, 2.0]}), np.where(base.customers["frequency"] > 0, "a", "b")
    beside = chain_beside_model(worth, state, base.then)
    assert beside.loc[0, "purchase_model"] == pytest.approx(base.customers.loc[state == "a", "value"].mean())


def test_without_a_model_nothing_is_said(base: gw.segments.CustomerBase) -> None:
    none, worth = without_model(base), pd.DataFrame({"state": ["a"], "value": [4.0]})
    assert foretold_spend(none, 13.0) is None
    assert model_forecast(none, 13.0, 3) == {}
    assert chain_beside_model(worth, ["a"] * len(base.customers), none) is worth
