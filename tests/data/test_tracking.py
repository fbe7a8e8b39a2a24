"""Purchases over time agree with the summary."""

from datetime import date, timedelta

import pandas as pd
import pytest

from goodwill.data.purchases import summarize_purchases
from goodwill.data.reading.sources import read_transactions
from goodwill.data.tables import Transactions
from goodwill.data.tracking import births, purchase_days, purchases_by_period

SPLIT = {"calibration_end": "1997-09-30"}


@pytest.fixture(scope="module")
def sample() -> Transactions:
    return read_transactions("cdnow_sample")


def test_cdnow_weeks_sum_to_the_published_counts(sample: Transactions) -> None:
    # 2,457 repeat purchases in 39 weeks and 1,882 in the next 39 (Fader, Hardie and Lee 2005).
    weeks = purchases_by_period(summarize_purchases(sample, **SPLIT))
    assert len(weeks) == 78
    assert weeks.cumulative[38] == 2457
    assert weeks.cumulative[77] - weeks.cumulative[38] == 1882
    assert weeks.end[38].date() == date(1997, 9, 30)
    assert weeks.time[38] == pytest.approx(272 / 7)
    assert weeks.complete.all()


def test_births_are_the_customers_of_the_summary(sample: Transactions) -> None:
    cohorts = births(summarize_purchases(sample, **SPLIT))
    assert cohorts.customers.sum() == 2357
    assert (cohorts.time.min(), cohorts.time.max()) == (0, 83 / 7)


def test_purchase_days_are_first_and_repeat_purchases_without_days_of_returns() -> None:
    days = [date(2024, 1, d) for d in (9, 1, 1, 5)]
    log = pd.DataFrame({"customer_id": list("aaaa"), "date": pd.to_datetime(days), "amount": [2.0, 3.0, -1.0, -2.0]})
    assert [f"{d:%d}" for d in purchase_days(read_transactions(log)).date] == ["01", "09"]
    assert [f"{d:%d}" for d in purchase_days(read_transactions(log, returns="keep")).date] == ["01", "05", "09"]


@pytest.mark.parametrize("unit", ["day", "week", "month", "year"])
def test_periods_tile_the_window_in_every_unit(sample: Transactions, unit: str) -> None:
    periods = purchases_by_period(summarize_purchases(sample, unit=unit, **SPLIT))
    assert periods.start[0] == pd.Timestamp("1997-01-01")
    assert periods.end.iloc[-1] == pd.Timestamp("1998-06-30")
    assert (periods.start[1:].to_numpy() == (periods.end[:-1] + timedelta(days=1)).to_numpy()).all()
    assert periods.repeat_purchases.sum() == 2457 + 1882


def test_the_last_period_says_when_it_is_cut(sample: Transactions) -> None:
    periods = purchases_by_period(summarize_purchases(sample, unit="month", end="1997-09-30"))
    assert periods.complete.tolist() == [True] * 8 + [False]


def test_a_single_purchase_has_no_repeats() -> None:
    read = read_transactions(pd.DataFrame({"customer_id": ["a"], "date": ["2024-02-29"], "amount": [1.0]}))
    assert purchases_by_period(summarize_purchases(read)).repeat_purchases.tolist() == [0]
    assert births(summarize_purchases(read)).customers.tolist() == [1]


@pytest.mark.slow
def test_returns_are_no_purchases() -> None:
    log = pd.DataFrame({"customer_id": ["a"] * 3, "date": ["2024-01-01", "2024-01-03", "2024-01-05"], "amount": [1.0, -1.0, 2.0]})
    assert purchases_by_period(summarize_purchases(read_transactions(log))).repeat_purchases.tolist() == [1]
    assert purchases_by_period(summarize_purchases(read_transactions(log, returns="keep"))).repeat_purchases.tolist() == [2]
