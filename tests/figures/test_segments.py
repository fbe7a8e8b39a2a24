"""Figures of the segment report: each draws, and its title says what its numbers say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from goodwill.errors import DataError
from goodwill.figures import segment_movement, segment_plans, segments
from goodwill.segments.concentration import whale_curve
from goodwill.segments.movement.migration import Migration


def title(figure: Figure) -> str:
    """The finding, on one line; drawing shows that nothing in the figure is broken."""
    figure.draw_without_rendering()
    return " ".join(figure.get_suptitle().split())


def words(figure: Figure) -> str:
    figure.draw_without_rendering()
    texts = [text.get_text() for ax in figure.axes for text in [*ax.texts, *ax.get_xticklabels(), *ax.get_yticklabels()]]
    return " ".join(" ".join(texts).split())


@given(st.lists(st.integers(1, 10_000), min_size=1, max_size=15))
def test_the_treemap_gives_each_segment_its_share_of_the_area_without_overlap(sizes: list[int]) -> None:
    placed = segments.squarify(sizes, (0, 0, 3, 2))
    assert [w * h for _, _, w, h in placed] == pytest.approx([6 * size / sum(sizes) for size in sizes])
    for i, (x, y, w, h) in enumerate(placed):
        assert x >= -1e-9 and y >= -1e-9 and x + w <= 3 + 1e-9 and y + h <= 2 + 1e-9
        for x2, y2, w2, h2 in placed[:i]:
            apart = x + w <= x2 + 1e-9 or x2 + w2 <= x + 1e-9 or y + h <= y2 + 1e-9 or y2 + h2 <= y + 1e-9
            assert apart


def test_the_map_names_every_segment_even_an_empty_one() -> None:
    shares = {"customer_share": [0.1, 0.9, 0.0], "sales_share": [0.4, 0.6, 0.0], "value_share": [0.7, 0.3, 0.0]}
    table = pd.DataFrame({"customers": [10, 90, 0], "value": [70.0, 3.0, np.nan], **shares}, index=["best", "others", "nobody"])
    figure = segments.segment_map(table, "USD", "A finding")
    assert title(figure) == "A finding"
    assert all(name in words(figure) for name in table.index)


def test_the_whale_names_its_peak_and_the_loss_behind_it() -> None:
    found = whale_curve([10.0, 6.0, 4.0, 1.0, 1.0] * 20, [1.0, 1.0, 2.0, 4.0, 4.0] * 20)
    figure = segments.whale(found, "USD", "A finding")
    assert title(figure) == "A finding"
    assert "320 with 60% of customers" in words(figure) and "total 200" in words(figure)
    title(segments.whale(whale_curve([1.0] * 40, [2.0] * 40), "USD", "Everybody costs more"))


def test_gains_draw_the_scores_and_their_difference_from_the_first() -> None:
    x = np.linspace(0, 1, 11)
    curves = pd.concat(
        [
            pd.DataFrame({"score": name, "customers": x, "outcome": x**power})
            for name, power in zip(["value", "spend", "oracle", "random"], (0.4, 0.5, 0.1, 1), strict=True)
        ]
    )
    band = pd.DataFrame({"customers": x[:5], "difference": -0.02, "lower": -0.03, "upper": -0.01})
    figure = segments.gains(curves, {"spend": band}, 0.1, "A finding")
    assert title(figure) == "A finding"
    assert [text.get_text() for text in figure.axes[0].get_legend().get_texts()] == ["value", "spend"]
    assert "oracle" in words(figure)


def test_deciles_lorenz_and_lines_of_equal_value_draw() -> None:
    shares = pd.DataFrame({"customers": [1, 9], "share_of_sales": 0.5, "share_of_holdout": [0.6, 0.4]})
    shares = shares.assign(share_of_holdout_lower=0.3, share_of_holdout_upper=0.7)
    assert title(segments.decile_lift({"sales": shares, "counts": shares}, "A finding")) == "A finding"
    assert title(segments.lorenz({"sales": (np.array([0, 1]), np.array([0, 1]))}, "A finding")) == "A finding"
    recency = np.linspace(0, 39, 20)
    grid = pd.DataFrame([recency * f * np.exp(-0.01 * f * (39 - recency)) for f in range(1, 12)], index=range(1, 12), columns=recency)
    assert title(segments.iso_value(grid, "week", "USD", "A finding")) == "A finding"


@pytest.fixture
def moves() -> Migration:
    counts = np.array([[30.0, 10.0, 0.0], [5.0, 60.0, 5.0], [0.0, 1.0, 4.0]])
    possible = np.array([[True, True, False], [True, True, True], [False, True, True]])
    return Migration(("high", "low", "gone"), counts, possible, np.array([2.0, 3.0, 0.0]), ("spring", "summer"))


def test_migration_writes_each_share_with_its_uncertainty_and_leaves_out_what_cannot_happen(moves: Migration) -> None:
    figure = segment_movement.migration(moves)
    assert title(figure).startswith("82% of customers are in the same segment")
    cells = [" ".join(text.get_text().split()) for text in figure.axes[0].texts]
    assert cells[0].startswith("75.0 ±1")
    assert len(cells) == moves.possible.sum() + 2
    assert "new (5)" in words(figure)


def test_movement_marks_entry_and_exit_and_refuses_a_crowd(moves: Migration) -> None:
    figure = segment_movement.movement(moves, "high")
    assert title(figure) == "Of 40 customers in 'high' 75% are there a period later"
    assert all(name in words(figure) for name in ("new 5", "gone 9", "spring", "summer"))
    crowd = Migration(tuple("abcdefgh"), np.ones((8, 8)), np.ones((8, 8), bool), np.zeros(8), ("spring", "summer"))
    with pytest.raises(DataError, match="merge them to six"):
        segment_movement.movement(crowd, "a")


def test_regression_to_the_mean_leaves_out_what_is_not_observed() -> None:
    table = pd.DataFrame({"segment": ["top", "rest"], "before": [np.nan, 10.0], "at": [172.0, 9.0], "after": [97.0, 12.0]})
    table = table.assign(after_lower=table["after"] - 5, after_upper=table["after"] + 5, expected=[90.0, np.nan])
    figure = segment_movement.regression_to_the_mean(table, "USD", "A finding")
    assert "172" in words(figure) and "nan" not in words(figure)


def test_churn_runs_from_the_lowest_to_the_highest_group() -> None:
    table = pd.DataFrame({"group": ["a", "b", "c"], "customers": 100, "rate": [0.2, 0.5, 0.8]})
    table = table.assign(lower=table["rate"] - 0.1, upper=table["rate"] + 0.1)
    assert title(segment_movement.churn_by_group(table, 0.5, "left")) == "Churn runs from 20% ('a') to 80% ('c')"


def test_the_pareto_counts_the_causes_that_make_four_fifths() -> None:
    table = pd.DataFrame({"cause": ["price", "service", "other"], "share": [0.5, 0.35, 0.15], "cumulative": [0.5, 0.85, 1.0]})
    table = table.assign(lower=table["share"] - 0.1, upper=table["share"] + 0.1)
    assert title(segment_movement.causes(table, "shop")) == "2 of 3 causes make 85% of what was coded (shop)"


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


def test_plans_are_drawn_with_their_intervals_on_the_axes_of_a_reader() -> None:
    table = pd.DataFrame({"plan": ["optimised", "nobody"], "net": [10.0, 0.0], "lower": [-5.0, 0.0], "upper": [25.0, 0.0]})
    figure = segment_plans.plans_compared(table, "USD", "A finding")
    assert title(figure) == "A finding" and "optimised nobody" in words(figure)
    own = Figure()
    ax = own.subplots()
    assert segment_plans.plans_compared(table, "USD", "A finding", ax=ax) is own
    assert ax.get_title(loc="left") == "A finding" or ax.get_title() == "A finding"
