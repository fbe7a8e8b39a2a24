"""Figures: each draws, and its title says what its numbers say."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from goodwill.figures import lifetime_value as figures

LABELS = ["0", "1", "2+"]


def title(figure: Figure) -> str:
    """The finding, on one line; drawing shows that nothing in the figure is broken."""
    figure.draw_without_rendering()
    return " ".join(figure.get_suptitle().split())


def classes(actual: list[int]) -> pd.DataFrame:
    return pd.DataFrame(
        {"label": LABELS, "actual": actual, "expected": [50.0, 30.0, 20.0], "lower": [40.0, 20.0, 12.0], "upper": [60.0, 40.0, 28.0]}
    )


def test_frequency_classes_names_the_classes_that_misfit() -> None:
    assert "reproduces" in title(figures.frequency_classes(classes([52, 29, 19])))
    assert title(figures.frequency_classes(classes([70, 29, 1]))).endswith("at 0 and 2+ repeat purchases")


def test_tracking_states_the_holdout_error_alone() -> None:
    table = pd.DataFrame(
        {"end": pd.date_range("2024-01-07", periods=4, freq="7D"), "repeat_purchases": [10, 10, 10, 10], "expected": [10.0, 10.0, 8.0, 8.0]}
    )
    assert "20% below" in title(figures.tracking(table, date(2024, 1, 14), "week"))


@pytest.mark.parametrize(("naive", "finding"), [([9.0, 9.0, 9.0], "slow down"), ([0.2, 0.7, 2.0], "old rate does as well")])
def test_holdout_classes_say_so_when_the_old_rate_does_as_well(naive: list[float], finding: str) -> None:
    table = pd.DataFrame(
        {"label": LABELS, "customers": [50, 30, 20], "actual": [0.2, 0.7, 2.0], "expected": [0.25, 0.6, 1.9], "naive": naive}
    )
    assert finding in title(figures.holdout_classes(table.assign(lower=table["actual"] - 0.1, upper=table["actual"] + 0.1)))


@pytest.mark.parametrize(("actual", "finding"), [(100, "inside"), (150, "above"), (50, "below")])
def test_holdout_total_says_on_which_side_the_interval_misses(actual: int, finding: str) -> None:
    model, rules = pd.Series({"estimate": 100.0, "lower": 90.0, "upper": 110.0}), pd.Series({"same rate": 140.0, "same number": 120.0})
    assert finding in title(figures.holdout_total(model, rules, actual))


def test_alive_map_draws_a_grid() -> None:
    silence, frequency = np.linspace(0, 30, 31), np.arange(1, 8)
    grid = pd.DataFrame(np.exp(-silence[:, None] * frequency / 30), index=silence, columns=frequency)
    assert "silence" in title(figures.alive_map(grid, "week"))


def test_spend_distribution_names_mode_and_mean() -> None:
    spend = np.array([10.0, 20.0, 30.0, 60.0])
    grid = np.linspace(1, 80, 80)
    found = title(figures.spend_distribution(spend, np.ones(4), grid, np.exp(-((grid - 20) ** 2) / 50), "USD"))
    assert found == "A typical purchase is near 20; a few large baskets lift the mean to 30 USD"


def test_value_by_horizon_states_the_share_beyond_experience() -> None:
    table = pd.DataFrame({"horizon": [0.0, 50.0, 100.0], "value": [0.0, 400.0, 600.0]})
    assert title(figures.value_by_horizon(table, 25.0, 200.0, 50.0, 1000.0, "week", "USD")).startswith("60%")


def test_concentration_states_the_share_of_the_top() -> None:
    curve = (np.array([0.0, 0.1, 1.0]), np.array([0.0, 0.62, 1.0]))
    assert title(figures.concentration(curve, curve, 0.1)) == "The top 10% of customers hold 62% of the expected value"
