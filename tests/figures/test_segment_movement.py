"""Figures of who moves, leaves and why: each draws the title it is told, on its own or on given axes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from tests.drawn import title, words

from goodwill.errors import DataError
from goodwill.figures import segment_movement
from goodwill.segments.movement.migration import Migration


@pytest.fixture
def moves() -> Migration:
    counts = np.array([[30.0, 10.0, 0.0], [5.0, 60.0, 5.0], [0.0, 1.0, 4.0]])
    possible = np.array([[True, True, False], [True, True, True], [False, True, True]])
    return Migration(("high", "low", "gone"), counts, possible, np.array([2.0, 3.0, 0.0]), ("spring", "summer"))


def test_migration_writes_each_share_with_its_uncertainty_and_leaves_out_what_cannot_happen(moves: Migration) -> None:
    figure = segment_movement.migration(moves, "A finding")
    assert title(figure) == "A finding"
    cells = [" ".join(text.get_text().split()) for text in figure.axes[0].texts]
    assert cells[0].startswith("75.0 ±1")
    assert len(cells) == moves.possible.sum() + 2
    assert "new (5)" in words(figure)
    assert [text.get_text()[:4] for text in figure.axes[0].texts if text.get_fontweight() == "bold"] == ["75.0", "85.7", "80.0"]


def test_a_move_that_nobody_made_says_what_is_still_possible() -> None:
    never = Migration(("a", "b"), np.array([[10.0, 0.0], [3.0, 7.0]]), np.ones((2, 2), bool), np.zeros(2), ("spring", "summer"))
    assert segment_movement.migration(never, "A finding").axes[0].texts[1].get_text() == "0\n<21.7"


def test_movement_marks_entry_and_exit_and_refuses_a_crowd(moves: Migration) -> None:
    figure = segment_movement.movement(moves, "A finding")
    assert title(figure) == "A finding"
    assert all(name in words(figure) for name in ("new 5", "gone 9", "spring", "summer"))
    crowd = Migration(tuple("abcdefgh"), np.ones((8, 8)), np.ones((8, 8), bool), np.zeros(8), ("spring", "summer"))
    with pytest.raises(DataError, match="merge them to six"):
        segment_movement.movement(crowd, "A finding")


def test_regression_to_the_mean_leaves_out_what_is_not_observed() -> None:
    table = pd.DataFrame({"segment": ["top", "rest"], "before": [np.nan, 10.0], "at": [172.0, 9.0], "after": [97.0, 12.0]})
    table = table.assign(after_lower=table["after"] - 5, after_upper=table["after"] + 5, expected=[90.0, np.nan])
    figure = segment_movement.regression_to_the_mean(table, "USD", "A finding")
    assert title(figure) == "A finding"
    assert "172" in words(figure) and "nan" not in words(figure)
    assert "9.0 " not in words(figure)  # written over by the 10 beside it


def test_churn_marks_who_differs_from_all() -> None:
    table = pd.DataFrame({"group": ["a", "b", "c"], "customers": 100, "rate": [0.2, 0.5, 0.8]})
    table = table.assign(lower=table["rate"] - 0.1, upper=table["rate"] + 0.1)
    figure = segment_movement.churn_by_group(table, 0.5, "left", "A finding")
    assert title(figure) == "A finding"
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["a (100)", "b (100)", "c (100)"]
    assert {text.get_text() for text in figure.legends[0].get_texts()} == {"differs from all, 95 %", "cannot be told from all, 95 %"}


def test_the_pareto_adds_causes_up() -> None:
    table = pd.DataFrame({"cause": ["price", "service", "other"], "share": [0.5, 0.35, 0.15], "cumulative": [0.5, 0.85, 1.0]})
    table = table.assign(lower=table["share"] - 0.1, upper=table["share"] + 0.1)
    own = Figure()
    (ax,) = own.subplots(1, 1, squeeze=False)[0]
    assert segment_movement.causes(table, "A finding", ax=ax) is own
    assert ax.get_title(loc="left") == "A finding"
    assert [bar.get_height() for bar in ax.patches] == [0.5, 0.35, 0.15]
    assert [text.get_text() for text in ax.texts] == ["85%", "100%"]
