"""The frontier rises, pays its launches, and says where money stops coming back."""

import numpy as np
import pytest
from tests.strategies.single_customers import single_customers

from goodwill.strategies.customer_plans import allocate_by_customer
from goodwill.strategies.frontier import efficient_frontier


@pytest.fixture(scope="module")
def customers():
    rng = np.random.default_rng(11)
    truth = rng.normal(1.0, 0.7, (5, 4))
    worth = {name: rng.gamma(1.5, 10.0, int(rng.integers(80, 300))).tolist() for name in "abcde"}
    draws = truth + 0.4 * rng.standard_normal((150, 5, 4))
    return single_customers(draws, rng.uniform(0.2, 1.5, 4), worth)


def with_launches(cost: float):
    worth = {"a": np.linspace(1, 9, 100).tolist(), "b": np.linspace(1, 9, 100).tolist()}
    return single_customers([[2.0, 1.4], [0.3, 1.6]], [1.0, 0.5], worth, fixed_cost=np.array([cost, cost / 2]))


def test_without_launches_the_frontier_is_concave_and_never_falls(customers) -> None:
    table = efficient_frontier(customers).table
    assert len(table) >= 25
    assert (table["gain"].diff().dropna() >= -1e-6).all()
    slope = np.diff(table["gain"]) / np.diff(table["budget"])
    assert (np.diff(slope) <= 1e-6 * table["gain"].max()).all()
    assert (table["lower"] <= table["gain"]).all() and (table["gain"] <= table["upper"]).all()


def test_the_return_of_the_next_unit_crosses_one_at_the_worthwhile_budget(customers) -> None:
    frontier = efficient_frontier(customers)
    table = frontier.table
    reach = 0.02 * frontier.worthwhile_budget  # customers come in bins
    assert (table.loc[table["budget"] < frontier.worthwhile_budget - reach, "shadow_price"] >= 1).all()
    assert (table.loc[table["budget"] > frontier.worthwhile_budget + reach, "shadow_price"] <= 1).all()
    assert table["net"].max() == pytest.approx(allocate_by_customer(customers, np.inf).net, rel=0.02)


def test_a_frontier_of_nothing_worthwhile_never_nets_anything() -> None:
    frontier = efficient_frontier(single_customers([[0.5], [0.2]], [1.0], {"a": [1.0] * 10, "b": [1.0] * 10}))
    assert frontier.worthwhile_budget == 0 and frontier.table["net"].max() <= 1e-9


def test_launches_are_paid_before_anything_is_gained() -> None:
    free, dear = (efficient_frontier(with_launches(cost), budget=150.0).table for cost in (0.0, 60.0))
    assert (dear.loc[dear["budget"] < 30, "gain"] == 0).all() and free.loc[free["budget"] > 0, "gain"].iloc[0] > 0
    paid = dear[dear["gain"] > 0]
    assert set(paid["launches"].round(6)) <= {30.0, 60.0, 90.0}
    assert (paid["spent"] <= paid["budget"] + 1e-6).all()
    assert dear["gain"].max() <= free["gain"].max() + 1e-9
    assert (dear["gain"].diff().dropna() >= -1e-6).all()


def test_the_plan_of_a_budget_lies_on_the_frontier() -> None:
    customers = with_launches(20.0)
    table = efficient_frontier(customers, budget=120.0).table
    for budget in (40.0, 90.0, 120.0):
        plan = allocate_by_customer(customers, budget, hurdle=0.0)
        assert np.interp(budget, table["budget"], table["gain"]) == pytest.approx(plan.gain, rel=0.03)


def test_the_budget_is_always_on_the_frontier() -> None:
    assert efficient_frontier(single_customers([[2.0]], [1.0], {"a": [1.0] * 10}), budget=100).table["budget"].max() == pytest.approx(120)
