"""Notebook 10 as its users run it: on a file of one cohort, and on the simulated shop whose future is known."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.notebooks.running import goodwill_run

import goodwill as gw
from goodwill import lifetime_value as life


@pytest.mark.slow
def test_a_file_of_one_cohort_is_told_that_newcomers_cannot_be_foretold(tmp_path: Path) -> None:
    """All customers of CDNOW first bought in the first twelve weeks of 1997."""
    report = goodwill_run("customer_equity", tmp_path, "data=cdnow_sample")
    for name in ("newcomers_ahead", "customer_equity", "equity_one_year", "break_even_cost", "newcomer_rule"):
        assert report.value[name] is None
        assert report.results[name]["reason"].startswith("All first purchases lie between 1997-01-01 and 1997-03-25, and the records go on")
    opening = report.page.split('<section class="in-short"')[1].split("</section>")[0]
    assert "<strong>Newcomers cannot be foretold from these records</strong>, so there is no customer equity" in opening
    # What can be said is the number of report 01.
    summary = gw.summarize_purchases(gw.read_transactions("cdnow_sample"))
    terms = gw.ValueTerms(life.recorded_horizon(summary.length, "week"), 0.3, 0.15, "week")
    spend = life.choose_spend(summary).fit
    value = gw.customer_value(gw.BetaGeoNBD.fit(summary), spend, summary, terms)["value"].sum()
    assert report.value["known_value"] == pytest.approx(value)
    assert report.value["newcomer_worth"] > 0 and report.results["newcomer_worth"]["interval"] is None
    assert report.figures == {"first_purchases"}


@pytest.mark.slow
def test_the_simulated_shop_stands_beside_its_future(tmp_path: Path) -> None:
    report = goodwill_run("customer_equity", tmp_path)
    truth = report.table("truth")
    assert truth["held"].tolist() == ["yes"] * 3
    equity = report.results["customer_equity"]
    assert equity["interval"][0] < truth["came"].iloc[0] < equity["interval"][1]
    assert equity["value"] == pytest.approx(
        report.value["known_value"] + report.value["newcomer_value"] - report.value["acquisition_total"]
    )
    assert report.value["equity_three_years"] > report.value["equity_two_years"] > equity["value"]
    assert report.results["equity_two_years"]["interval"] is None
    assert {"equity_by_year", "newcomers", "tornado", "first_purchases"} == report.figures
    opening = report.page.split('<section class="in-short"')[1].split("</section>")[0]
    assert "Known and coming customers are expected to bring" in opening and opening.count("<figure") == 1


@pytest.mark.slow
def test_a_number_of_ones_own_is_no_forecast(tmp_path: Path) -> None:
    report = goodwill_run("customer_equity", tmp_path, "data=cdnow_sample", "newcomers=1000", "acquisition_cost=5")
    assert report.results["customer_equity"]["interval"] is None
    assert report.results["newcomers_ahead"]["grade"] == "assumed"
    assert report.value["newcomers_ahead"] == pytest.approx(1000 * 29 * 7 / 365.25, rel=0.01)
    assert "the number of newcomers was given and not foretold" in report.page
