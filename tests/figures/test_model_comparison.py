"""Figures of the comparison, the rolling intervals and the calendar: drawn from results, titled with the finding."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.lifetime_value.logs import START

from goodwill.data.purchases import summarize_purchases
from goodwill.data.reading.sources import read_transactions
from goodwill.figures import model_comparison as figures
from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD
from goodwill.lifetime_value.evidence.comparison import compare_purchase_models
from goodwill.lifetime_value.evidence.rolling import rolling_coverage
from goodwill.lifetime_value.evidence.seasons import calendar_profile
from goodwill.lifetime_value.evidence.windows import first_purchase_pile
from goodwill.lifetime_value.gamma_gamma_by_frequency import spend_by_frequency, spend_dependence
from goodwill.lifetime_value.modified_beta_geo_nbd import ModifiedBetaGeoNBD


@pytest.fixture(scope="module")
def sample() -> Any:
    return read_transactions("cdnow_sample")


def drawn(figure: Any) -> str:
    """Draw the figure, and give its title on one line; every axis has a label."""
    figure.canvas.draw()
    assert all(ax.get_xlabel() for ax in figure.axes)
    assert figure.axes[0].get_ylabel() or figure.axes[0].get_yticklabels()
    return " ".join(figure.get_suptitle().split())


def test_comparison_is_titled_with_the_rule_that_is_as_good(sample: Any) -> None:
    found = compare_purchase_models(sample, [BetaGeoNBD, ModifiedBetaGeoNBD], cuts=["1997-09-30"])
    figure = figures.comparison(found)
    assert drawn(figure) == "By absolute error the rule 'hiatus' is as good as MBG/NBD, and foretells a total off by -48%"
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == list(found.table.index)


def test_rolling_intervals_count_what_was_held(sample: Any) -> None:
    found = rolling_coverage(sample, cuts=6, horizon=8, draws=100)
    total = found.record[found.record["group"] == "total"]
    assert drawn(figures.rolling_intervals(found)).startswith(f"The model's interval held the total on {total['held'].sum()} of 6 dates")


def test_calendar_says_that_eighteen_months_have_no_season(sample: Any) -> None:
    assert "with 18 months of data a season cannot be told from a trend" in drawn(figures.calendar(calendar_profile(sample)))


def test_first_purchases_are_titled_by_what_they_are(sample: Any) -> None:
    assert "a cohort, without a pile" in drawn(figures.first_purchases(first_purchase_pile(sample)))
    rng = np.random.default_rng(1)
    week = np.concatenate([rng.exponential(6, 600), rng.uniform(0, 104, 1000)])
    days = START + pd.to_timedelta(np.floor(7 * week[week < 104]).astype(int), unit="D")
    piled = first_purchase_pile(read_transactions(pd.DataFrame({"customer_id": np.arange(days.size), "date": days})))
    assert drawn(figures.first_purchases(piled)).startswith("The start holds")
    few = pd.DataFrame({"customer_id": range(5), "date": START + pd.to_timedelta(range(5), unit="D")})
    assert drawn(figures.first_purchases(first_purchase_pile(read_transactions(few)))).startswith("Too few")


def test_spend_by_frequency_shows_both_models(sample: Any) -> None:
    rows = summarize_purchases(sample).spend_rows()
    found = spend_dependence(rows)
    figure = figures.spend_models(spend_by_frequency(found, rows), found, "USD")
    assert drawn(figure) == "Spend per purchase changes by +5% with each doubling of repeat purchases"
    assert len(figure.axes[0].get_legend().get_texts()) == 3
