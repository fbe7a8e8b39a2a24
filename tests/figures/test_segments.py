"""Figures of the segment report: each draws, and its title says what its numbers say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from tests.drawn import title, words

from goodwill.figures import segment_plans, segments
from goodwill.segments.concentration import whale_curve


@given(st.lists(st.integers(1, 10_000), min_size=1, max_size=15))
def test_the_treemap_gives_each_segment_its_share_of_the_area_without_overlap(sizes: list[int]) -> None:
    placed = segments.squarify(sizes, (0, 0, 3, 2))
    assert [w * h for _, _, w, h in placed] == pytest.approx([6 * size / sum(sizes) for size in sizes])
    for i, (x, y, w, h) in enumerate(placed):
        assert x >= -1e-9 and y >= -1e-9 and x + w <= 3 + 1e-9 and y + h <= 2 + 1e-9
        for x2, y2, w2, h2 in placed[:i]:
            apart = x + w <= x2 + 1e-9 or x2 + w2 <= x + 1e-9 or y + h <= y2 + 1e-9 or y2 + h2 <= y + 1e-9
            assert apart


@pytest.mark.slow
def test_the_map_names_every_segment_even_an_empty_one() -> None:
    shares = {"customer_share": [0.1, 0.9, 0.0], "sales_share": [0.4, 0.6, 0.0], "value_share": [0.7, 0.3, 0.0]}
    table = pd.DataFrame({"customers": [10, 90, 0], "value": [70.0, 3.0, np.nan], **shares}, index=["best", "others", "nobody"])
    figure = segments.segment_map(table, "USD", "A finding")
    assert title(figure) == "A finding"
    assert all(name in words(figure) for name in table.index)


@pytest.mark.slow
def test_the_whale_names_its_peak_and_the_loss_behind_it() -> None:
    found = whale_curve([10.0, 6.0, 4.0, 1.0, 1.0] * 20, [1.0, 1.0, 2.0, 4.0, 4.0] * 20)
    figure = segments.whale(found, "USD", "A finding")
    assert title(figure) == "A finding"
    assert "320 with 60% of customers" in words(figure) and "total 200" in words(figure)
    title(segments.whale(whale_curve([1.0] * 40, [2.0] * 40), "USD", "Everybody costs more"))


def test_lorenz_and_lines_of_equal_value_draw() -> None:
    assert title(segments.lorenz({"sales": (np.array([0, 1]), np.array([0, 1]))}, "A finding")) == "A finding"
    recency = np.linspace(0, 39, 20)
    grid = pd.DataFrame([recency * f * np.exp(-0.01 * f * (39 - recency)) for f in range(1, 12)], index=range(1, 12), columns=recency)
    assert title(segments.iso_value(grid, "week", "USD", "A finding")) == "A finding"


def test_the_strategy_grid_leaves_blank_what_is_not_eligible_and_brackets_what_is_unsure() -> None:
    table = pd.DataFrame(
        {
            "segment": ["best", "best", "lost"],
            "strategy": ["vip_guide", "win_back", "win_back"],
            "evidence": ["D", "A", "D"],
            "net": [12.0, -3.0, 0.5],
            "probability_net_positive": [0.99, 0.02, 0.6],
            "spend": [100.0, 0.0, 0.0],
        }
    )
    figure = segment_plans.strategy_grid(table, ["best", "lost"], ["vip_guide", "win_back"], "USD", "A finding")
    assert title(figure) == "A finding"
    assert {"+12", "\N{MINUS SIGN}3", "(+0.5)"} == {text.get_text() for text in figure.axes[0].texts}
    assert sum(patch.get_hatch() is not None for patch in figure.axes[0].patches) == 2


@pytest.mark.slow
def test_frontier_claims_readings_and_power_draw() -> None:
    budget = np.linspace(0, 100, 5)
    table = pd.DataFrame(
        {"budget": budget, "gain": 3 * budget, "lower": budget, "upper": 5 * budget, "shadow_price": [3.0, 3, 3, 3, np.nan]}
    )
    plans = pd.DataFrame({"plan": ["nobody", "best arm"], "cost": [0.0, 50.0], "gain": [0.0, 100.0]})
    assert title(segment_plans.frontier(table, plans, 50, "USD", "A finding")) == "A finding"
    claims = pd.DataFrame(
        {"method": ["raw", "shrunk"], "claimed": [1.0, 0.6], "delivered": [0.4, 0.5], "delivered_low": 0.1, "delivered_high": 0.9}
    )
    assert title(segment_plans.claimed_delivered(claims, "USD", "A finding")) == "A finding"
    read = pd.DataFrame({"reading": ["naive", "matched"], "difference": [252.0, 24.0], "lower": [200.0, -20.0], "upper": [300.0, 70.0]})
    assert title(segment_plans.readings(read, "USD", "A finding")) == "A finding"
    power = pd.DataFrame({"difference": [0.1, 1.0, 10.0], "per_arm": [10_000.0, 100.0, 1.0]})
    assert "planned: 100 per arm" in words(segment_plans.trial_power(power, pd.Series({"planned": 1.0}), "USD", "A finding"))


def test_plans_that_do_nothing_stand_at_zero_on_an_axis_that_says_so() -> None:
    figure = segment_plans.plans_compared(pd.DataFrame({"plan": ["nobody"], "net": 0.0, "lower": 0.0, "upper": 0.0}), "USD", "A finding")
    figure.canvas.draw()
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == ["0"]


def test_plans_are_drawn_with_their_intervals_on_the_axes_of_a_reader() -> None:
    table = pd.DataFrame({"plan": ["optimised", "nobody"], "net": [10.0, 0.0], "lower": [-5.0, 0.0], "upper": [25.0, 0.0]})
    figure = segment_plans.plans_compared(table, "USD", "A finding")
    assert title(figure) == "A finding" and "optimised nobody" in words(figure)
    own = Figure()
    ax = own.subplots()
    assert segment_plans.plans_compared(table, "USD", "A finding", ax=ax) is own
    assert ax.get_title(loc="left") == "A finding" or ax.get_title() == "A finding"
