"""Dates that stand for a week, a month or longer are found; clean ones are left alone; purchases are counted by such periods."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from goodwill.data.date_grain import DateGrain, date_grain, purchase_opportunities
from goodwill.data.purchases import summarize_purchases
from goodwill.data.reading.sources import read_transactions
from goodwill.errors import DataError
from goodwill.lifetime_value.beta_geo_beta_binom import BetaGeoBetaBinom


def grain_of(dates: Any) -> DateGrain:
    days = pd.DatetimeIndex(dates)
    return date_grain(read_transactions(pd.DataFrame({"customer_id": np.arange(len(days)) % 7, "date": days})))


DAYS = pd.date_range("2024-01-01", periods=730, freq="D")


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("dates", "kind", "on", "step"),
    [
        (DAYS, "day", "", 1),
        (DAYS[DAYS.day_of_week < 5], "day", "", 1),
        (DAYS - pd.to_timedelta(DAYS.day_of_week, unit="D"), "week", "Monday", 7),
        (DAYS[DAYS.day_of_week == 6], "week", "Sunday", 7),
        (DAYS[DAYS.day_of_week == 2][::2], "days", "Wednesday", 14),
        (DAYS[::5], "days", "", 5),
        (pd.date_range("2024-01-01", periods=24, freq="MS"), "month", "first", 0),
        (pd.date_range("2024-01-31", periods=24, freq="ME"), "month", "last", 0),
        (pd.date_range("2024-01-01", periods=24, freq="MS") + pd.Timedelta(days=14), "month", "15", 0),
        (pd.date_range("2020-01-01", periods=12, freq="QS"), "quarter", "first", 0),
        (pd.date_range("2010-12-31", periods=9, freq="YE"), "year", "last", 0),
        (DAYS[DAYS.day_of_week == 0][:7], "day", "", 1),
    ],
    ids=[
        "days",
        "working days",
        "Mondays",
        "Sundays",
        "fortnights",
        "five days",
        "firsts",
        "ends",
        "15ths",
        "quarters",
        "years",
        "too few",
    ],
)
def test_the_time_that_a_date_stands_for_is_found(dates: Any, kind: str, on: str, step: int) -> None:
    found = grain_of(dates)
    assert (found.kind, found.on, found.step, found.is_coarse) == (kind, on, step, kind != "day")
    assert found.period == (kind if kind in ("week", "month", "quarter", "year") else None)


@pytest.mark.slow
def test_a_few_corrections_by_hand_do_not_hide_the_grain_and_many_do() -> None:
    firsts = np.repeat(pd.date_range("2024-01-01", periods=24, freq="MS"), 10)
    few, many = (grain_of([*firsts, *DAYS[40 : 40 + extra]]) for extra in (4, 12))
    assert (few.kind, round(few.share, 3), few.dates) == ("month", 0.984, 28)
    assert many.kind == "day"


@pytest.mark.slow
def test_logs_that_come_with_the_library_are_known_to_the_day() -> None:
    assert [date_grain(read_transactions(name)).kind for name in ("cdnow", "cdnow_sample")] == ["day", "day"]


LOG = pd.DataFrame(
    {
        "customer_id": [1, 1, 1, 1, 2, 2, 3, 4, 4],
        "date": [
            "2024-01-05",
            "2024-01-20",
            "2024-03-02",
            "2024-05-30",
            "2024-02-10",
            "2024-06-01",
            "2024-05-02",
            "2024-03-31",
            "2024-06-30",
        ],
        "amount": [9.0, 9.0, 9.0, 9.0, 9.0, -5.0, 9.0, 9.0, 9.0],
    }
)


@pytest.mark.slow
def test_purchases_are_counted_by_month() -> None:
    """Customer 1 buys twice in January, in March and in May; the return of 2 is no purchase; 3 comes after the calibration."""
    found = purchase_opportunities(read_transactions(LOG), "month", calibration_end="2024-03-31")
    assert found.columns.tolist() == ["customer_id", "frequency", "recency", "T", "frequency_holdout", "duration_holdout"]
    assert found.to_numpy().tolist() == [[1, 1, 2, 2, 1, 3], [2, 0, 0, 1, 0, 3], [4, 0, 0, 0, 1, 3]]
    whole = purchase_opportunities(read_transactions(LOG), "month")
    assert whole.to_numpy().tolist() == [[1, 2, 4, 5], [2, 0, 0, 4], [3, 0, 0, 1], [4, 1, 3, 3]]
    with pytest.raises(DataError, match="every='decade': choose one of day, week, month, quarter, year"):
        purchase_opportunities(read_transactions(LOG), "decade")


def test_by_quarter_and_by_year() -> None:
    log = read_transactions(pd.concat([LOG, LOG.assign(date=pd.to_datetime(LOG["date"]) + pd.DateOffset(years=1))]).astype({"date": str}))
    quarters, years = (purchase_opportunities(log, every).set_index("customer_id") for every in ("quarter", "year"))
    assert quarters.loc[1].tolist() == [3, 5, 5]
    assert years.loc[[1, 3]].to_numpy().tolist() == [[1, 1, 1], [1, 1, 1]]


@pytest.mark.sampled(1)
@pytest.mark.parametrize("every", ["day", "week"])
def test_opportunities_are_the_summary_at_that_grain(every: str) -> None:
    """Up to a Sunday, so that the week of the calibration's end is whole."""
    log, end = read_transactions("cdnow_sample"), "1997-09-28"
    wanted = summarize_purchases(log, unit=every, grain=every, calibration_end=end).to_pandas()
    found = purchase_opportunities(log, every, calibration_end=end)
    for column in ("customer_id", "frequency", "recency", "T", "frequency_holdout"):
        assert found[column].tolist() == wanted[column].tolist(), column


@pytest.mark.slow
def test_a_model_in_discrete_time_is_fitted_to_a_log_of_months() -> None:
    """CDNOW as its months would tell it: there are many buyers of several times a month, and BG/BB foretells a third too few."""
    months = purchase_opportunities(read_transactions("cdnow_sample"), "month", calibration_end="1997-09-30")
    fit = BetaGeoBetaBinom.fit(months)
    expected = fit.model.expected_purchases(9, *(months[name].to_numpy() for name in ("frequency", "recency", "T"))).sum()
    rows = read_transactions("cdnow_sample").to_pandas()
    came = rows[rows["date"] > "1997-09-30"].assign(month=lambda t: t["date"].dt.to_period("M")).drop_duplicates(["customer_id", "month"])
    assert (len(months), months["frequency_holdout"].sum()) == (2357, len(came))
    assert len(came) == 1478
    assert expected == pytest.approx(996.66, abs=0.05)
