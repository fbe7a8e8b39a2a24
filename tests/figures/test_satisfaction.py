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
    figure = figures.loyalty_curve(cells, sat.fit_curves(cells), sat.isotonic(cells), title="A finding")
    assert ("no answers" in words(figure)) == (cells is GAP)
    assert title(figure) == "A finding"


@pytest.mark.sampled(1)
@pytest.mark.parametrize("cells", [FULL, GAP])
def test_outcomes_steps_zones_and_kinks_are_drawn_from_what_was_computed(cells):
    table = sat.share_by_level(cells)
    assert len(figures.outcomes({"one": (table, (0, 1)), "two": (table, (0, 1))}, title="A finding").axes) == 2
    steps = sat.adjacent_steps(cells)
    assert len(figures.steps(steps, sat.largest_step_set(cells), title="A finding").axes[0].get_xticks()) == len(steps)
    zones = sat.zone_posterior(cells)
    assert len(figures.zones(zones, title="A finding").axes[0].patches) == len(zones.cut_probability)
    assert figures.kink_profile(sat.find_bend(cells), cells.levels, title="A finding").axes


def test_one_panel_for_each_market():
    pooled = sat.pool_segments({"a": FULL, "b": GAP, "c": FULL}, draws=200)
    visible = [ax for ax in figures.markets(pooled, title="A finding").axes if ax.get_visible()]
    assert [ax.get_title(loc="left") or ax.get_title() for ax in visible] == ["a", "b", "c"]


def test_quadrants_carry_their_shares_in_words():
    s, loyalty, count = np.repeat([1, 3, 5], 3), np.tile([1, 3, 5], 3), np.arange(1, 10)
    pairs = sat.quadrant_probabilities(s, loyalty, (1.0, 1.0), satisfied=4, loyal=4, count=count)
    shares = sat.quadrant_table(s, loyalty >= 4, 4, count=count)["share"].to_dict()
    shown = words(figures.quadrants(pairs, 4, 4, shares, title="A finding"))
    assert all(name in shown for name in shares)


def test_the_other_figures_draw():
    sizes = sat.ratio_by_size(0.12, 0.72, (0.42, 0.28), [93, 500])
    assert figures.ratio_by_size(sizes, 6, title="A finding").axes
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
    assert "service" in words(figures.importance_map(places, title="A finding"))
    bounds = sat.share_with_bounds([10, 82], 93, 250).assign(label=["one", "two"])
    assert figures.shares_with_bounds(bounds, title="A finding").axes
    terms = sat.NotchTerms(100, 0.1, 1.0, 0.5)
    values = sat.assumption_grid(FULL, (4.0, 5.0), terms, sat.Retention(), draws=100)
    assert "lasts: 0.5" in words(figures.notch_assumptions(values, "USD", title="A finding"))


def given_axes(count):
    from matplotlib.figure import Figure

    return Figure().subplots(1, count, squeeze=False)[0].tolist()


@pytest.mark.slow
def test_every_figure_may_be_drawn_on_axes_of_the_readers():
    table, pooled = sat.share_by_level(FULL), sat.pool_segments({"a": FULL, "b": GAP, "c": FULL}, draws=200)
    s, loyalty = np.repeat([1, 3, 5], 3), np.tile([1, 3, 5], 3)
    pairs = sat.quadrant_probabilities(s, loyalty, (1.0, 1.0), satisfied=4, loyal=4)
    shares = dict.fromkeys(sat.quadrant_table(s, loyalty >= 4, 4).index, 0.25)
    drawn = {
        1: [
            lambda **to: figures.loyalty_curve(FULL, None, sat.isotonic(FULL), **to),
            lambda **to: figures.steps(sat.adjacent_steps(FULL), sat.largest_step_set(FULL), **to),
            lambda **to: figures.kink_profile(sat.find_bend(FULL), FULL.levels, **to),
            lambda **to: figures.quadrants(pairs, 4, 4, shares, **to),
        ],
        2: [
            lambda **to: figures.outcomes({"one": (table, (0, 1)), "two": (table, (0, 1))}, **to),
            lambda **to: figures.zones(sat.zone_posterior(FULL), **to),
        ],
        3: [lambda **to: figures.markets(pooled, **to)],
    }
    for count, functions in drawn.items():
        for function in functions:
            axes = given_axes(count)
            assert function(title="A finding", ax=axes) is axes[0].figure
            assert axes[0].get_title(loc="left") == "A finding"
            assert all(ax.has_data() for ax in axes)


@pytest.mark.slow
def test_a_curve_without_forms_has_no_line_of_them():
    def names(family):
        figure = figures.loyalty_curve(FULL, family, sat.isotonic(FULL), title="A finding")
        return figure.axes[0].get_legend_handles_labels()[1]

    assert set(names(sat.fit_curves(FULL))) - set(names(None)) == {"forms, averaged by AIC"}


def test_the_area_of_a_dot_stands_for_its_respondents():
    s, loyalty, count = np.repeat([1, 5], 2), np.tile([1, 5], 2), [10, 20, 40, 80]
    pairs = sat.quadrant_probabilities(s, loyalty, (1.0, 1.0), satisfied=4, loyal=4, count=count)
    shares = sat.quadrant_table(s, loyalty >= 4, 4, count=count)["share"].to_dict()
    sizes = figures.quadrants(pairs, 4, 4, shares, title="A finding").axes[0].collections[0].get_sizes()
    assert sizes / sizes.max() == pytest.approx([0.125, 0.25, 0.5, 1], abs=0.005)


def test_places_of_a_bend_are_drawn_only_where_it_is_told_apart():
    def names(gain):
        figure = figures.kink_profile(sat.Bend(sat.kink_set(FULL), gain, "gradual bend"), FULL.levels, title="A finding")
        return figure.axes[0].get_legend_handles_labels()[1]

    assert set(names(sat.BEND_CUT + 1)) - set(names(sat.BEND_CUT - 1)) == {"its places"}
