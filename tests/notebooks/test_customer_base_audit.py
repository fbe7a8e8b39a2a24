"""Notebook 09 as its users run it: on the built-in set, without money, on too few records."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from tests.notebooks.running import Report, goodwill_run


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    return goodwill_run("customer_base_audit", tmp_path_factory.mktemp("audit"), "data=cdnow_sample")


def test_cdnow_is_a_base_that_only_shrinks(report: Report) -> None:
    """Customers were won in three months of 1997 alone, so that every later period is theirs."""
    assert report.value["known_share"] == 1.0
    assert report.value["active"] == int(report.table("base_periods")["customers"].iloc[-1])
    assert "Nobody was won after 1997-06" in report.page
    change = report.results["base_change"]
    assert change["interval"][1] < 0
    groups = report.table("base_groups")
    assert groups["difference"].sum() == pytest.approx(change["value"])
    assert report.table("base_parts")["difference"].sum() == pytest.approx(change["value"])
    assert {"base_layers", "base_ages", "base_changed"} <= report.figures


def test_in_short_shows_who_carries_the_base(report: Report) -> None:
    opening = report.page.split('<section class="in-short"')[1].split("</section>")[0]
    assert "Customers won before 1998-06 brought 100% of what came in it" in opening
    assert "USD by month; each colour stands for the customers whose first purchase lies there." in opening
    assert report.page.count("Figure 1.") == 1


@pytest.mark.slow
def test_without_money_purchases_are_counted_and_too_little_is_said(tmp_path: Path) -> None:
    days = pd.date_range("2023-01-01", "2023-05-31", freq="D")
    rows = pd.DataFrame({"customer": [f"c{at % 40}" for at in range(len(days))], "day": days.strftime("%Y-%m-%d")})
    rows.to_csv(tmp_path / "visits.csv", index=False)
    found = goodwill_run("customer_base_audit", tmp_path, f"data={tmp_path / 'visits.csv'}")
    assert found.results["top_share"]["reason"]
    assert found.results["base_change"]["unit"] == "purchases"
