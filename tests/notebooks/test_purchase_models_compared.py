"""The notebook on purchase models as its users run it, from few dates: the reference numbers of many are those of `benchmarks`."""

from __future__ import annotations

import pytest
from tests.notebooks.running import Report, goodwill_run


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    return goodwill_run("purchase_models_compared", tmp_path_factory.mktemp("sample"), "dates_compared=2", "dates_covered=3")


@pytest.mark.slow
def test_it_ranks_models_and_rules_on_the_cdnow_sample(report: Report) -> None:
    value = report.value
    assert (value["customers"], value["best_model"], value["best_rule"]) == (2357, "MBG/NBD", "hiatus")
    assert value["score_gain"] == pytest.approx(0.00031, abs=1e-5)
    low, high = report.results["score_gain"]["interval"]
    assert low < 0 < high
    assert value["stacked_gain"] == pytest.approx(-0.0026, abs=1e-4)  # of two dates, at the first of which nothing was known
    assert value["lift"] == pytest.approx(1.124, abs=0.001)
    assert (value["price_drift"], value["spend_gain"]) == (pytest.approx(1.053, abs=0.001), pytest.approx(-0.0109, abs=1e-4))
    assert report.figures == {
        "in_short",
        "comparison",
        "calendar",
        "rolling_intervals",
        "spend_models",
        "cohorts",
        "first_purchases",
    }


@pytest.mark.slow
def test_a_record_of_two_dates_without_overlap_widens_the_forecast(report: Report) -> None:
    assert report.value["next_purchases"] == report.value["next_purchases_widened"] == pytest.approx(292.4, abs=0.1)
    (low, high), (wide_low, wide_high) = (report.results[name]["interval"] for name in ("next_purchases", "next_purchases_widened"))
    assert wide_low < low < high < wide_high
    # One date has a record behind it, of two hold-outs that missed little; what came then lay outside of the widened interval too.
    assert (report.value["coverage_before"], report.value["coverage_after"]) == (0.0, 0.0)
    assert "which model it is (one is drawn for all customers together)" in report.page
