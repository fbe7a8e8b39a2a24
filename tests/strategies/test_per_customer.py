"""The greedy plan of single customers is the linear programme's optimum, whatever the size."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import linprog
from tests.segments.plan_values import plan_values

from goodwill.errors import DataError
from goodwill.strategies.per_customer import allocate_customers, places_and_relative_value


def optimum(gain: np.ndarray, cost: np.ndarray, budget: float) -> float:
    customers, options = gain.shape
    cost = np.broadcast_to(cost, gain.shape)
    each = sparse.kron(sparse.eye_array(customers), np.ones((1, options)))
    matrix = sparse.vstack([sparse.csr_array(cost.reshape(1, -1)), each]).tocsr()
    limits = np.concatenate([[budget], np.ones(customers)])
    return -linprog(-gain.ravel(), A_ub=matrix, b_ub=limits, bounds=(0, 1), method="highs").fun


def draw(seed: int, customers: int, own_costs: bool) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    gain = rng.gamma(1.0, 10.0, (customers, 1)) * rng.normal(0.3, 0.3, (customers, 5))
    cost = np.array([0.0, 1.0, 2.0, 3.0, 6.0])
    return gain, cost * rng.uniform(0.75, 1.25, (customers, 1)) if own_costs else cost


@given(st.integers(0, 10_000), st.integers(1, 60), st.floats(0, 4), st.booleans())
def test_bound_is_the_optimum_of_the_linear_programme(seed, customers, budget, own_costs):
    gain, cost = draw(seed, customers, own_costs)
    plan = allocate_customers(gain, cost, budget * customers, hurdle=0.0)
    assert plan.bound == pytest.approx(optimum(gain, cost, budget * customers), abs=1e-6, rel=1e-9)
    assert plan.cost <= budget * customers + 1e-9 and plan.gain <= plan.bound + 1e-9


@pytest.mark.parametrize("own_costs", [True, False])
def test_greedy_is_within_a_ten_thousandth_of_the_bound(own_costs):
    gain, cost = draw(1, 50_000, own_costs)
    plan = allocate_customers(gain, cost, 25_000.0)
    assert 0 <= plan.gap < 1e-4


def test_gain_and_cost_are_those_of_the_choices():
    gain, cost = draw(2, 500, True)
    plan = allocate_customers(gain, cost, 300.0)
    treated = plan.choice >= 0
    who, option = np.flatnonzero(treated), plan.choice[treated]
    assert plan.gain == pytest.approx(gain[who, option].sum()) and plan.cost == pytest.approx(cost[who, option].sum())


def test_the_customer_in_between_uses_up_the_budget():
    gain, cost = draw(3, 500, True)
    plan = allocate_customers(gain, cost, 300.0)
    who, start, end, share = plan.fractional
    begin = cost[who, start] if start >= 0 else 0.0
    assert 0 < share < 1 and plan.cost + share * (cost[who, end] - begin) == pytest.approx(300.0)


def test_nobody_gets_what_brings_nothing():
    plan = allocate_customers(np.zeros((10, 2)), [0.1, 1.0], 100.0, hurdle=0.0)
    assert (plan.choice == -1).all() and plan.cost == 0


def test_frontier_of_customers_is_concave():
    gain, cost = draw(4, 2_000, False)
    curve = allocate_customers(gain, cost, np.inf, hurdle=0.0).curve(50)
    assert (curve["gain"].diff().dropna() >= 0).all() and (curve["shadow_price"].diff().dropna() <= 1e-9).all()


def test_a_customer_stands_to_the_mean_of_her_segment_as_her_value_does():
    values = plan_values([[4.0], [2.0]], [1.0], [3, 2])
    place, relative = places_and_relative_value(values, ["b", "a", "a", "b", "a"], [1.0, 2.0, 3.0, 3.0, 4.0])
    assert place.tolist() == [1, 0, 0, 1, 0]
    assert relative.tolist() == pytest.approx([0.5, 2 / 3, 1.0, 1.5, 4 / 3])


def test_customers_in_no_segment_are_refused():
    with pytest.raises(DataError, match="1 of them in no segment"):
        places_and_relative_value(plan_values([[4.0]], [1.0], [3]), ["a", "z"], [1.0, 1.0])


@pytest.mark.parametrize(
    ("gain", "cost", "budget", "message"),
    [
        ([[1.0]], [1.0], -1.0, "the budget is -1"),
        ([[1.0]], [-1.0], 1.0, "cost must not be negative"),
        ([[np.nan]], [1.0], 1.0, "finite numbers"),
        ([[1.0]], [1.0, 2.0], 1.0, "has"),
    ],
)
def test_bad_input_is_refused(gain, cost, budget, message):
    with pytest.raises(DataError, match=message):
        allocate_customers(gain, cost, budget)
