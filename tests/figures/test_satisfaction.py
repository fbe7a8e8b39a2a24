import numpy as np
import pandas as pd
import pytest

from goodwill import satisfaction as sat
from goodwill.figures import satisfaction as figures

GAP = sat.LoyaltyCells.of(range(1, 6), (4, 0, 14, 24, 144), (200, 0, 200, 200, 200))
FULL = sat.LoyaltyCells.of(range(1, 6), (4, 8, 14, 24, 144), [200] * 5)


def words(figure):
    return " ".join(text.get_text() for ax in figure.axes for text in ax.texts)


def title(figure):
    return figure._suptitle.get_text()


@pytest.mark.parametrize("cells", [FULL, GAP])
def test_the_curve_shows_a_level_without_answers_as_a_gap(cells):
    grid = np.linspace(1, 5, 50)
    monotone, fitted = sat.isotonic(cells)
    figure = figures.loyalty_curve(cells, sat.fit_curves(cells).average(grid), grid, (monotone.levels, fitted), "A finding")
    assert ("no answers" in words(figure)) == (cells is GAP)
    assert title(figure) == "A finding"


@pytest.mark.parametrize("cells", [FULL, GAP])
def test_outcomes_steps_zones_and_kinks_are_drawn_from_what_was_computed(cells):
    table = sat.share_by_level(cells)
    assert len(figures.outcomes({"one": (table, (0, 1)), "two": (table, (0, 1))}, "A finding").axes) == 2
    steps = sat.adjacent_steps(cells)
    assert len(figures.steps(steps, sat.largest_step_set(cells), "A finding").axes[0].get_xticks()) == len(steps)
    zones = sat.zone_posterior(cells)
    assert len(figures.zones(zones, "A finding").axes[0].patches) == len(zones.cut_probability)
    assert figures.kink_profile(sat.kink_set(cells), cells.levels, "A finding").axes


def test_one_panel_for_each_market():
    pooled = sat.pool_segments({"a": FULL, "b": GAP, "c": FULL}, draws=200)
    visible = [ax for ax in figures.markets(pooled, "A finding").axes if ax.get_visible()]
    assert [ax.get_title(loc="left") or ax.get_title() for ax in visible] == ["a", "b", "c"]


def test_quadrants_carry_their_shares_in_words():
    s, loyalty, count = np.repeat([1, 3, 5], 3), np.tile([1, 3, 5], 3), np.arange(1, 10)
    pairs = sat.quadrant_probabilities(s, loyalty, (1.0, 1.0), satisfied=4, loyal=4, count=count)
    shares = sat.quadrant_table(s, loyalty >= 4, 4, count=count)["share"].to_dict()
    shown = words(figures.quadrants(pairs, 4, 4, shares, "A finding"))
    assert all(name in shown for name in shares)


def test_the_other_figures_draw():
    sizes = sat.ratio_by_size(0.12, 0.72, (0.42, 0.28), [93, 500])
    assert figures.ratio_by_size(sizes, 6, "A finding").axes
    places = pd.DataFrame(
        {
            "mean": [3, 4],
            "mean_lower": [2.9, 3.9],
            "mean_upper": [3.1, 4.1],
            "share": [0.4, 0.6],
            "share_lower": [0.3, 0.5],
            "share_upper": [0.5, 0.7],
        },
        index=["service", "price"],
    )
    assert "service" in words(figures.importance_map(places, "A finding"))
    bounds = sat.share_with_bounds([10, 82], 93, 250).assign(label=["one", "two"])
    assert figures.shares_with_bounds(bounds, "A finding").axes
    terms = sat.NotchTerms(100, 0.1, 1.0, 0.5)
    values = sat.assumption_grid(FULL, (4.0, 5.0), terms, sat.Retention(), draws=100)
    assert "lasts: 0.5" in words(figures.notch_assumptions(values, "USD", "A finding"))
