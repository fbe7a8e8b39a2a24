"""Figures of the complaint report: each draws, and its title says what its numbers say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from goodwill.figures import word_of_mouth as figures


def title(figure: Figure) -> str:
    """The finding, on one line; drawing shows that nothing in the figure is broken."""
    figure.draw_without_rendering()
    return " ".join(figure.get_suptitle().split())


def falling(last: float) -> np.ndarray:
    return np.linspace(1.0, last, 100)


def test_told_names_the_range_of_the_readings_alone() -> None:
    drawn = figures.told({"a": np.full(30, 0.12), "b": np.full(30, 0.27)}, {"others": np.full(30, 0.01)}, 20)
    assert "12% to 27% of the dissatisfied tell 20 or more" in title(drawn)


def test_reach_reads_the_first_curve_at_the_slogan() -> None:
    tail = np.full(100, 0.5)
    tail[65] = 0.0125
    assert "1.25% of complaints reach the 66 people" in title(figures.reach({"few": tail, "many": falling(0.1)}, 66))


def test_tornado_names_the_three_widest() -> None:
    table = pd.DataFrame({"name": list("abcd"), "low": 0.0, "high": 1.0, "at_low": [0, 5, 9, 9.5], "at_high": [20, 15, 11, 10.5]})
    assert title(figures.tornado(table, 10.0, {"a": "alpha"}, "EUR")) == "The answer hangs on: alpha; b; c"


@pytest.mark.parametrize(("best", "word"), [(8.8, "0.6 points more"), (7.2, "1.0 points less")])
def test_handling_never_says_effect(best: float, word: str) -> None:
    groups = ["no complaint", "all complainers", "handled 1-2", "handled 9-10"]
    table = pd.DataFrame({"group": groups, "estimate": [8.2, 6.0, 2.6, best]})
    found = title(figures.handling(table.assign(lower=table["estimate"] - 0.1, upper=table["estimate"] + 0.1)))
    assert word in found
    assert found.endswith("association, not effect")


def test_adoption_states_the_condition() -> None:
    shares = np.linspace(0, 0.3, 7)
    found = title(figures.adoption(np.arange(5.0), {"0 %": np.linspace(0, 1, 5)}, shares, 1 - shares))
    assert "would cost 10% of a launch's value, if bad word weighs double" in found


@pytest.mark.parametrize(
    ("waiting", "finding"), [([1.0, 0.4], "Half of the complaints are closed within 3 days"), ([1.0, 0.6], "Fewer than half")]
)
def test_waiting_reads_the_median(waiting: list[float], finding: str) -> None:
    curve = pd.DataFrame({"days": [0.0, 3.0], "waiting": waiting, "lower": waiting, "upper": waiting})
    assert finding in title(figures.waiting({"closed": curve}, 10))


def test_returned_names_what_is_clear() -> None:
    table = pd.DataFrame({"comparison": ["any", "bad"], "returned": [0.5, 0.3], "matched": [0.5, 0.5]})
    table = table.assign(lower=table["returned"] - 0.1, upper=table["returned"] + 0.1)
    assert title(figures.returned(table, 90)).endswith("same history: bad")
    assert title(figures.returned(table.head(1), 90)).startswith("No clear difference")


def test_damage_gives_the_share_of_the_silent() -> None:
    losses = {"people": [90.0, 10.0], "direct_loss": [70.0, 10.0], "word_of_mouth_loss": [5.0, 15.0]}
    table = pd.DataFrame(losses, index=["silent", "unresolved"])
    assert title(figures.damage(table, "EUR")) == "75% of the loss lies with the silent, who are 90% of those with a problem"
