"""Figures of the comparison, the rolling intervals and the calendar: drawn from results, on their own or on given axes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from tests.lifetime_value.logs import START

from goodwill.data.purchases import summarize_purchases
from goodwill.data.reading.sources import read_transactions
from goodwill.figures import model_comparison as figures
from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD
from goodwill.lifetime_value.evidence.cohorts import fit_by_cohort
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


def given(panels: int) -> list[Any]:
    return list(Figure().subplots(1, panels, squeeze=False)[0])


@pytest.mark.slow
def test_comparison_has_a_row_for_each_forecast_and_leads_of_the_best(sample: Any) -> None:
    found = compare_purchase_models(sample, [BetaGeoNBD, ModifiedBetaGeoNBD], cuts=["1997-09-30"])
    figure = figures.comparison(found, title="Which is best")
    assert drawn(figure) == "Which is best"
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == list(found.table.index)
    assert figure.axes[1].get_xlabel() == "absolute error, purchases:\nlead of MBG/NBD\n(right: it is better)"
    circles, triangles = (container.lines[0].get_xdata() for container in figure.axes[1].containers)
    leads = [found.lead("MAE", rule)["gain"] for rule in found.table.index if rule not in (*found.models, "stacked")]
    np.testing.assert_allclose(np.asarray(triangles, float), leads)
    assert np.asarray(circles, float)[0] == 0
    axes = given(3)
    assert figures.comparison(found, title="Which is best", ax=axes) is axes[0].figure
    assert axes[0].get_title(loc="left") == "Which is best"


@pytest.mark.slow
def test_rolling_intervals_mark_what_was_missed(sample: Any) -> None:
    found = rolling_coverage(sample, cuts=6, horizon=8, draws=100)
    figure = figures.rolling_intervals(found, title="What held")
    assert drawn(figure) == "What held"
    held, missed = (line.get_xydata() for line in figure.axes[0].lines)
    assert len(held) == found.totals["held"].sum() and len(held) + len(missed) == 6
    (ax,) = given(1)
    figures.rolling_intervals(found, title="What held", ax=ax)
    assert ax.get_title(loc="left") == "What held"


def test_calendar_of_eighteen_months_shows_weekdays(sample: Any) -> None:
    found = calendar_profile(sample)
    figure = figures.calendar(found, title="The calendar")
    assert drawn(figure) == "The calendar"
    assert [label.get_text() for label in figure.axes[1].get_yticklabels()] == found.weekdays["weekday"].to_list()
    axes = given(2)
    figures.calendar(found, title="The calendar", ax=axes)
    assert axes[0].get_title(loc="left") == "The calendar"


@pytest.mark.slow
def test_first_purchases_are_drawn_with_their_trend_where_there_is_one(sample: Any) -> None:
    assert drawn(figures.first_purchases(first_purchase_pile(sample), title="The start")) == "The start"
    rng = np.random.default_rng(1)
    week = np.concatenate([rng.exponential(6, 600), rng.uniform(0, 104, 1000)])
    days = START + pd.to_timedelta(np.floor(7 * week[week < 104]).astype(int), unit="D")
    piled = first_purchase_pile(read_transactions(pd.DataFrame({"customer_id": np.arange(days.size), "date": days})))
    figure = figures.first_purchases(piled, title="The start")
    assert drawn(figure) == "The start"
    assert [text.get_text() for text in figure.axes[0].texts] == [f" burn-in to {piled.until}"]
    few = first_purchase_pile(
        read_transactions(pd.DataFrame({"customer_id": range(5), "date": START + pd.to_timedelta(range(5), unit="D")}))
    )
    assert not figures.first_purchases(few, title="The start").axes[0].lines
    (ax,) = given(1)
    figures.first_purchases(few, title="The start", ax=ax)
    assert ax.get_title(loc="left") == "The start"


def test_first_purchases_of_one_day_are_one_bar() -> None:
    frame = pd.DataFrame({"customer_id": ["a", "a", "b"], "date": ["2023-01-05", "2023-04-02", "2023-01-05"], "amount": 1.0})
    figure = figures.first_purchases(first_purchase_pile(read_transactions(frame)), title="The start")
    assert [bar.get_height() for bar in figure.axes[0].patches] == [2.0]


@pytest.mark.slow
def test_cohorts_stand_beside_the_fit_for_all(sample: Any) -> None:
    found = fit_by_cohort(summarize_purchases(sample, calibration_end="1997-09-30"))
    figure = figures.cohorts(found, "week", title="Cohorts")
    assert drawn(figure) == "Cohorts"
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == ["1997-01", "1997-02", "1997-03"]
    (ax,) = given(1)
    figures.cohorts(found, "week", title="Cohorts", ax=ax)
    assert ax.get_ylabel() == "repeat purchases of a new\ncustomer within 27 weeks"


def test_spend_by_frequency_shows_both_models(sample: Any) -> None:
    rows = summarize_purchases(sample).spend_rows()
    found = spend_dependence(rows)
    figure = figures.spend_models(spend_by_frequency(found, rows), "USD", title="Spend")
    assert drawn(figure) == "Spend"
    assert len(figure.axes[0].get_legend().get_texts()) == 3
    (ax,) = given(1)
    figures.spend_models(spend_by_frequency(found, rows), "USD", title="Spend", ax=ax)
    assert ax.get_title(loc="left") == "Spend"
