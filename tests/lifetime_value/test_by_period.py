"""A hold-out counted by periods, for logs whose dates are no days."""

from __future__ import annotations

from functools import cache
from typing import Any

import pandas as pd
import pytest

import goodwill as gw
from goodwill.errors import TooLittle
from goodwill.lifetime_value.evidence.by_period import forecast_by_period


@cache
def sample(months: bool) -> Any:
    """A quarter of the customers of the CDNOW sample, with their days or with the first of each month."""
    log = gw.read_transactions("cdnow_sample").to_pandas()
    log = log[log["customer_id"].astype(int) % 4 == 0]
    dates = pd.to_datetime(log["date"])
    log["date"] = dates.dt.to_period("M").dt.to_timestamp() if months else dates
    return gw.summarize_purchases(gw.read_transactions(log), calibration_end="1997-09-30")


@pytest.mark.slow
def test_dates_that_are_months_are_counted_by_months_unasked() -> None:
    found = forecast_by_period(sample(True), gw.data.date_grain(sample(True).transactions))
    log = sample(False).transactions.to_pandas()
    later = log[pd.to_datetime(log["date"]) > "1997-09-30"]
    came = len(set(zip(later["customer_id"], pd.to_datetime(later["date"]).dt.to_period("M"), strict=True)))
    assert (found.period, found.periods, found.came) == ("month", 9, came)
    asked = forecast_by_period(sample(False), gw.data.date_grain(sample(False).transactions), "month")
    assert asked.forecast.estimate == pytest.approx(found.forecast.estimate), "the days make no difference to it"
    assert found.held == (found.forecast.lower <= came <= found.forecast.upper)


def test_dates_that_are_days_are_not_counted_by_period_unless_asked() -> None:
    with pytest.raises(TooLittle, match="Dates are known to the day, so nothing is counted by period"):
        forecast_by_period(sample(False), gw.data.date_grain(sample(False).transactions))


def test_a_rhythm_of_days_is_no_period() -> None:
    rhythm = gw.data.DateGrain("days", "", 14, 1.0, 30)
    with pytest.raises(TooLittle, match="Dates lie 14 days apart, which is no period of the calendar"):
        forecast_by_period(sample(False), rhythm)
