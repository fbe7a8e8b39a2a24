"""Figures of rankings and deciles: each draws the title it is told, on its own or on given axes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from tests.drawn import title

from goodwill.figures import segment_evidence


@pytest.fixture
def curves() -> pd.DataFrame:
    x, powers = np.linspace(0, 1, 11), {"value": 0.4, "spend": 0.5, "oracle": 0.1, "random": 1.0}
    return pd.concat([pd.DataFrame({"score": name, "customers": x, "outcome": x**power}) for name, power in powers.items()])


@pytest.fixture
def bands() -> dict[str, pd.DataFrame]:
    x = np.linspace(0, 1, 11)[:5]
    return {"spend": pd.DataFrame({"customers": x, "difference": -0.02, "lower": -0.03, "upper": -0.01})}


def test_gains_draw_the_scores_and_their_difference_from_the_first(curves, bands) -> None:
    figure = segment_evidence.gains(curves, bands, 0.1, "A finding")
    assert title(figure) == "A finding"
    left, right = figure.axes
    assert [text.get_text() for text in left.get_legend().get_texts()] == ["value", "spend"]
    assert {text.get_text() for text in left.texts} == {"oracle", "random"}
    assert right.lines[1].get_ydata().tolist() == [-0.02] * 5
    assert [text.get_text() for text in right.texts] == ["value"]


def test_gains_without_an_oracle_draw_on_axes_of_the_reader(curves, bands) -> None:
    own = Figure()
    axes = list(own.subplots(1, 2))
    assert segment_evidence.gains(curves[curves["score"] != "oracle"], bands, 0.1, "A finding", ax=axes) is own
    assert axes[0].get_title(loc="left") == "A finding"
    assert {text.get_text() for text in axes[0].texts} == {"random"}


def test_deciles_stand_beside_what_came_of_them() -> None:
    shares = pd.DataFrame({"customers": [1, 9], "share_of_sales": 0.5, "share_of_holdout": [0.6, 0.4]})
    shares = shares.assign(share_of_holdout_lower=0.3, share_of_holdout_upper=0.7)
    figure = segment_evidence.decile_lift({"sales": shares, "counts": shares}, "A finding")
    assert title(figure) == "A finding"
    assert [ax.get_title(loc="left") for ax in figure.axes] == ["sales", "counts"]
    assert [round(bar.get_height(), 2) for bar in figure.axes[0].patches] == [0.5, 0.5, 0.6, 0.4]
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == ["1\n1", "2\n9"]


def test_top_shares_leave_the_oracle_and_chance_to_lines() -> None:
    table = pd.DataFrame({"top": [0.7, 0.5, 0.4, 0.1]}, index=pd.Index(["oracle", "value", "spend", "random"], name="score"))
    table = table.assign(lower=table["top"] - 0.05, upper=table["top"] + 0.05)
    table.attrs["top"] = 0.1
    figure = segment_evidence.top_shares(table, "A finding")
    (ax,) = figure.axes
    assert title(figure) == "A finding"
    assert [label.get_text() for label in ax.get_yticklabels()] == ["spend", "value"]
    assert [text.get_text() for text in ax.texts] == ["40.0%", "50.0%", "random order", "who knew what came"]
    assert ax.get_xlabel() == "share of later spend with the top 10% (95 % intervals)"
