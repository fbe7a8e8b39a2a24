"""Caveats carry their numbers."""

import numpy as np
import pytest
from tests.segments.plan_values import plan_values

from goodwill.errors import DataError
from goodwill.findings.caveats import (
    demotion_harm,
    disparity_table,
    interference,
    selection_of_targeted,
    service_disparity,
    small_cells,
    unmeasured_effects,
    winners_curse,
)
from goodwill.strategies.allocation import Plan

VALUES = plan_values(
    [[4.0, 1.0], [2.0, 1.0]], [1.0, 0.5], [100, 300], grade=np.array([["A", "D"], ["D", "D"]]), floor=np.array([[0, 0], [0.1, 0]])
)
PLAN = Plan("plan", np.array([[1.0, 0.0], [0.5, 0.0]]), VALUES, 1e9)


def test_winners_curse_is_claimed_over_delivered():
    assert winners_curse(1.015, 0.455).number == pytest.approx(2.23, abs=0.01)
    assert winners_curse(1.0, 0.0).number is None and "delivers 0" in winners_curse(1.0, 0.0).sentence
    assert "no more than it keeps" in winners_curse(0.5, 0.6).sentence


def test_selection_is_the_part_of_the_naive_reading_that_matching_takes_away():
    caveat = selection_of_targeted(252, 24, -13)
    assert caveat.number == pytest.approx(1 - 24 / 252) and "+252" in caveat.sentence and "-13" in caveat.sentence


def test_interference_grows_with_who_is_treated_and_told():
    assert interference(0.5, 4, 0.1, 2.0).number == pytest.approx(0.2)
    assert interference(1.0, 50, 0.5, 2.0).number == 1.0
    with pytest.raises(DataError):
        interference(1.5, 1, 0.1, 1.0)


def test_demotion_costs_what_is_assumed_and_says_assumed():
    caveat = demotion_harm(200, 0.1, 0.05, 50.0)
    assert caveat.number == pytest.approx(1_000) and "assumed" in caveat.sentence and "359 to 1,641" in caveat.sentence


def test_share_of_the_gain_that_nobody_measured():
    assert unmeasured_effects(PLAN).number == pytest.approx(300 / 700)
    assert unmeasured_effects(Plan("nobody", np.zeros((2, 2)), VALUES, 0.0)).number == 0


def test_service_is_compared_between_the_best_and_the_worst_served():
    caveat = service_disparity(PLAN)
    assert caveat.number == pytest.approx(0.5)
    assert "Service floors hold for b" in caveat.sentence and "150 of 400 customers get nothing" in caveat.sentence


def test_customers_of_other_groups_are_seen_in_what_is_spent_on_them():
    table = disparity_table(PLAN, ["a"] * 100 + ["b"] * 300, ["north"] * 100 + ["south"] * 300).set_index("group")
    assert table["cost_per_customer"].to_dict() == {"north": 1.0, "south": 0.5}
    assert (table["ratio"] * table["customers"]).sum() / 400 == pytest.approx(1)
    with pytest.raises(DataError, match="1 customers are in no segment"):
        disparity_table(PLAN, ["a", "z"], ["x", "x"])


def test_small_segments_are_named():
    assert small_cells(VALUES, fewest=200).sentence.startswith("Small segments: a")
    assert small_cells(VALUES, fewest=50).number == 0
