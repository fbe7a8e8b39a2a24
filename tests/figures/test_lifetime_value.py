"""Figures of the lifetime-value report: each draws under the title that it is handed, also on axes of the reader's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from goodwill.figures import lifetime_value as figures

CLASSES = pd.DataFrame(
    {"label": ["0", "1", "2+"], "actual": [52, 29, 19], "expected": [50.0, 30.0, 20.0], "lower": [40.0, 20, 12], "upper": [60.0, 40, 28]}
)
PERIODS = pd.DataFrame(
    {"end": pd.date_range("2024-01-07", periods=4, freq="7D"), "repeat_purchases": [10, 10, 10, 10], "expected": [10.0, 10.0, 8.0, 8.0]}
)
HOLDOUT = pd.DataFrame(
    {"label": ["0", "1"], "actual": [0.2, 0.7], "expected": [0.25, 0.6], "naive": [0.0, 2.0], "lower": [0.1, 0.5], "upper": [0.3, 0.9]}
)
MODEL, RULES = pd.Series({"estimate": 100.0, "lower": 90.0, "upper": 110.0}), pd.Series({"same rate": 140.0, "same number": 120.0})
SILENCE, FREQUENCY = np.linspace(0, 30, 31), np.arange(1, 8)
GRID = pd.DataFrame(np.exp(-SILENCE[:, None] * FREQUENCY / 30), index=SILENCE, columns=FREQUENCY)
SPEND, REACH = np.array([10.0, 20.0, 30.0, 60.0, 200.0]), np.linspace(1, 80, 80)
HORIZONS = pd.DataFrame({"horizon": [0.0, 50.0, 100.0], "value": [0.0, 400.0, 600.0]})
CURVE = (np.array([0.0, 0.1, 1.0]), np.array([0.0, 0.62, 1.0]))
DRAWN: dict[str, Callable[..., Figure]] = {
    "frequency_classes": lambda **given: figures.frequency_classes(CLASSES, **given),
    "holdout_classes": lambda **given: figures.holdout_classes(HOLDOUT, **given),
    "holdout_total": lambda **given: figures.holdout_total(MODEL, RULES, 150, **given),
    "alive_map": lambda **given: figures.alive_map(GRID, "week", **given),
    "alive_map of one colour": lambda **given: figures.alive_map(GRID * 0 + 1, "week", **given),
    "spend_distribution": lambda **given: figures.spend_distribution(SPEND, REACH, np.exp(-((REACH - 20) ** 2) / 50), "USD", **given),
    "value_by_horizon": lambda **given: figures.value_by_horizon(HORIZONS, 25.0, 200.0, 50.0, 1000.0, "week", "USD", **given),
    "concentration": lambda **given: figures.concentration(CURVE, CURVE, 0.1, **given),
}
each = pytest.mark.parametrize("draw", DRAWN.values(), ids=DRAWN)


@pytest.mark.sampled(3)
@each
def test_a_figure_has_the_title_that_it_is_handed(draw: Callable[..., Figure]) -> None:
    figure = draw(title="What was found")
    figure.draw_without_rendering()
    assert figure.get_suptitle() == "What was found"


@pytest.mark.sampled(5)
@each
def test_a_figure_is_drawn_on_axes_of_the_reader(draw: Callable[..., Figure]) -> None:
    mine = Figure()
    axes = mine.subplots()
    assert draw(title="What was found", ax=axes) is mine
    mine.draw_without_rendering()
    assert axes.get_title(loc="left") == "What was found" and axes.has_data()


@pytest.mark.parametrize("given", [{}, {"ax": list(Figure().subplots(1, 2))}], ids=["new", "given"])
def test_tracking_has_a_cumulative_and_a_plain_panel(given: dict[str, Any]) -> None:
    figure = figures.tracking(PERIODS, date(2024, 1, 14), "week", title="What was found", **given)
    left, right = figure.axes
    assert [line.get_ydata()[-1] for line in left.get_lines()[:2]] == [40, 36.0]
    assert right.get_ylabel() == "repeat purchases per week"
    assert [text.get_text() for text in left.texts] == ["hold-out"]


def test_bars_and_dots_stand_where_the_classes_do() -> None:
    axes = figures.frequency_classes(CLASSES, title="").axes[0]
    assert [bar.get_height() for bar in axes.patches[:3]] == [52, 29, 19]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0", "1", "2+"]


def test_the_histogram_shows_shares_of_all_customers() -> None:
    axes = figures.spend_distribution(SPEND, REACH, REACH * 0 + 0.01, "USD", title="").axes[0]
    assert sum(bar.get_height() for bar in axes.patches) == pytest.approx(4 / 5)  # the fifth lies beyond the grid
    assert axes.get_xlabel() == "mean spend per repeat purchase, USD"


def test_forecasts_of_the_total_are_written_beside_their_marks() -> None:
    axes = figures.holdout_total(MODEL, RULES, 150, title="").axes[0]
    assert [text.get_text() for text in axes.texts] == ["100", "140", "120", "actual 150"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["model, 95 %", "same rate", "same number"]
