"""Figures of the complaint report: each draws what it is told, under the title that it is given, on axes that may be given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from goodwill.errors import UsageError
from goodwill.figures import word_of_mouth as figures

TAIL = np.linspace(1.0, 0.01, 100)
TORNADO = pd.DataFrame({"name": list("abcd"), "low": 0.0, "high": 1.0, "at_low": [0, 5, 9, 10.5], "at_high": [20, 15, 11, 9.5]})
GROUPS = pd.DataFrame({"group": ["no complaint", "all", "1-2", "9-10"], "estimate": [8.2, 6, 2.6, 8.8], "lower": 2.0, "upper": 9.0})
CURVE = pd.DataFrame({"days": [0.0, 3.0], "waiting": [1.0, 0.4], "lower": [1.0, 0.3], "upper": [1.0, 0.5]})
COMPARED = pd.DataFrame({"comparison": ["any", "bad"], "returned": [0.5, 0.3], "matched": [0.5, 0.5], "lower": 0.2, "upper": 0.6})
LOSSES = pd.DataFrame(
    {"people": [90.0, 10.0], "direct_loss": [180.0, 10.0], "word_of_mouth_loss": [9.0, 15.0]}, index=["silent", "unresolved"]
)
COSTS = pd.DataFrame({"outcome": ["satisfied", "dissatisfied"], "cost": [-2.0, 4.0], "lower": [-3.0, 2.0], "upper": [-1.0, 6.0]})
SHARES = np.linspace(0, 0.3, 7)

DRAWN: dict[str, Callable[..., Figure]] = {
    "told": lambda **how: figures.told({"a": TAIL}, {"others": TAIL / 2}, 20, **how),
    "reach": lambda **how: figures.reach({"few": TAIL, "many": TAIL / 2}, 66, **how),
    "tornado": lambda **how: figures.tornado(TORNADO, 10.0, {"a": "alpha"}, "EUR", **how),
    "handling": lambda **how: figures.handling(GROUPS, **how),
    "adoption": lambda **how: figures.adoption(np.arange(5.0), {"0 %": np.linspace(0, 1, 5)}, SHARES, 1 - SHARES, marked=0.1, **how),
    "waiting": lambda **how: figures.waiting({"closed": CURVE}, 10, **how),
    "returned": lambda **how: figures.returned(COMPARED, 90, **how),
    "costs": lambda **how: figures.costs(COSTS, "EUR", **how),
    "damage": lambda **how: figures.damage(LOSSES, "EUR", **how),
}


def texts(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.texts]


@pytest.mark.sampled(2)
@pytest.mark.parametrize("name", DRAWN)
def test_a_figure_bears_the_title_that_it_is_given(name: str) -> None:
    figure = DRAWN[name](title="What was found")
    figure.draw_without_rendering()  # nothing in the figure is broken
    assert figure.get_suptitle() == "What was found"


@pytest.mark.parametrize("name", DRAWN)
def test_a_figure_draws_on_given_axes(name: str) -> None:
    axes = Figure().subplots(1, 2)
    given: Any = list(axes) if name == "adoption" else axes[0]
    assert DRAWN[name](title="What was found", ax=given) is axes[0].get_figure()
    assert axes[0].get_title(loc="left") == "What was found"


def test_two_panels_need_two_axes() -> None:
    with pytest.raises(UsageError, match="2 panels and 1 axes"):
        DRAWN["adoption"](title="", ax=Figure().subplots())


def test_the_threshold_and_the_slogan_are_marked() -> None:
    assert texts(DRAWN["told"](title="").axes[0]) == ["20 people"]
    assert texts(DRAWN["reach"](title="").axes[0]) == ["66: the slogan"]


def test_reach_leaves_out_what_is_next_to_never() -> None:
    tail = np.array([1.0, 0.1, 1e-5])
    line = figures.reach({"few": tail}, 2, title="").axes[0].lines[0]
    assert np.isnan(np.asarray(line.get_ydata(), float)).tolist() == [False, False, True]


def test_a_tornado_names_the_ends_on_the_side_where_they_lie() -> None:
    ax = DRAWN["tornado"](title="").axes[0]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["d", "c", "b", "alpha"]
    assert texts(ax)[:2] == ["1", "0"]  # d: its high end gives the lower answer


def test_the_marked_share_says_what_is_left() -> None:
    assert texts(DRAWN["adoption"](title="").axes[1]) == ["90%"]


def test_losses_are_drawn_per_person() -> None:
    ax = DRAWN["damage"](title="").axes[0]
    heights = [[round(float(bar.get_height()), 3) for bar in bars] for bars in ax.containers]
    assert heights == [[2.0, 1.0], [0.1, 1.5]]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["silent\n(90.0 people)", "unresolved\n(10.0 people)"]


def test_costs_below_zero_stand_left_of_nothing() -> None:
    ax = DRAWN["costs"](title="").axes[0]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["satisfied", "dissatisfied"]
    low, high = ax.get_xlim()
    assert low < -3 < 0 < 6 < high
