"""The frontier rises, ever less steeply, and says where money stops coming back."""

import numpy as np
import pytest
from tests.segments.plan_values import plan_values

from goodwill.strategies.allocation import allocate
from goodwill.strategies.frontier import efficient_frontier


@pytest.fixture(scope="module")
def values():
    rng = np.random.default_rng(11)
    truth = rng.normal(1.0, 0.7, (8, 4))
    return plan_values(truth + 0.4 * rng.standard_normal((150, 8, 4)), rng.uniform(0.2, 1.5, 4), rng.integers(50, 500, 8))


def test_frontier_is_concave_and_non_decreasing(values):
    table = efficient_frontier(values).table
    assert len(table) >= 25
    assert (table["gain"].diff().dropna() >= -1e-6).all()
    slope = np.diff(table["gain"]) / np.diff(table["budget"])
    assert (np.diff(slope) <= 1e-9 * table["gain"].max()).all()
    assert (table["lower"] <= table["gain"]).all() and (table["gain"] <= table["upper"]).all()


def test_shadow_price_crosses_one_at_the_worthwhile_budget(values):
    frontier = efficient_frontier(values)
    table = frontier.table
    assert (table.loc[table["budget"] < frontier.worthwhile_budget - 1e-6, "shadow_price"] >= 1 - 1e-9).all()
    assert (table.loc[table["budget"] > frontier.worthwhile_budget + 1e-6, "shadow_price"] <= 1 + 1e-9).all()
    assert table["net"].max() == pytest.approx(allocate(values, np.inf).net)


def test_frontier_of_nothing_worthwhile_says_do_nothing():
    frontier = efficient_frontier(plan_values([[0.5], [0.2]], [1.0], [10, 10]))
    assert frontier.worthwhile_budget == 0 and frontier.table["net"].max() <= 0


def test_the_budget_is_always_on_the_frontier():
    assert efficient_frontier(plan_values([[2.0]], [1.0], [10]), budget=100).table["budget"].max() == pytest.approx(120)


def test_launch_costs_are_left_out_and_said():
    frontier = efficient_frontier(plan_values([[2.0], [1.5]], [1.0], [10, 10], fixed_cost=np.array([7.0])))
    assert frontier.launches == 7 and frontier.table["net"].max() == pytest.approx(15)
