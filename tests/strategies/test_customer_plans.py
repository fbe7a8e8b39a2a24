"""Plans that pick single customers are the optimum, launches included, and never worse than shares of segments at the same cost."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from tests.strategies.single_customers import single_customers

from goodwill.errors import DataError
from goodwill.strategies.allocation import allocate
from goodwill.strategies.customer_plans import allocate_by_customer
from goodwill.strategies.launches import launches_of
from goodwill.strategies.single_customers import customers_of

WORTH = {"a": [1.0, 3.0, 8.0], "b": [2.0, 2.0]}


def brute_force(customers, budget: float) -> float:
    """The best net value of all plans of one strategy or none for each customer."""
    values, best = customers.values, 0.0
    options = range(-1, len(values.strategies))
    for choice in product(options, repeat=len(customers.place)):
        plan = customers.plan("", np.array(choice)[:, None], budget)
        if plan.cost <= budget + 1e-9 and not (np.array(choice) >= 0)[~_able(customers, choice)].any():
            best = max(best, plan.net)
    return best


def _able(customers, choice) -> np.ndarray:
    return np.array([k < 0 or customers.values.eligible[s, k] for s, k in zip(customers.place, choice, strict=True)])


def test_a_customer_gains_as_her_value_stands_to_that_of_her_segment() -> None:
    customers = single_customers([[2.0], [1.0]], [1.0], WORTH)
    assert customers.relative.tolist() == [0.25, 0.75, 2.0, 1.0, 1.0]
    plan = customers.plan("p", np.array([[-1], [-1], [0], [0], [-1]]), 9.0)
    assert plan.treated.tolist() == [[1.0], [1.0]] and plan.weight.tolist() == [[2.0], [1.0]]
    assert (plan.gain, plan.cost, plan.net) == (5.0, 2.0, 3.0)
    assert plan.table()["gain"].tolist() == [4.0, 1.0]


def test_within_a_segment_only_those_are_picked_who_are_worth_it() -> None:
    customers = single_customers([[2.0], [1.0]], [1.2], WORTH)
    plan = allocate_by_customer(customers, 100.0)
    assert plan.choice[:, 0].tolist() == [-1, 0, 0, -1, -1]
    assert plan.net == pytest.approx(2 * 0.75 + 2 * 2 - 2.4)


@pytest.mark.parametrize("budget", [0.0, 1.5, 3.0, 4.0, 20.0])
@pytest.mark.parametrize("launch", [(0.0, 0.0), (1.5, 0.4), (30.0, 0.4)])
def test_the_plan_is_the_best_of_all_plans_launches_included(budget: float, launch: tuple[float, float]) -> None:
    gain = [[3.0, 1.6], [1.4, 1.1]]
    customers = single_customers(gain, [1.0, 0.5], WORTH, fixed_cost=np.array(launch))
    plan = allocate_by_customer(customers, budget)
    assert plan.cost <= budget + 1e-9
    # Whole customers may leave less than one customer's money unspent, and what it would have brought.
    assert brute_force(customers, budget) - 2.0 * max(plan.shadow_price - 1, 0) <= plan.net + 1e-9
    if budget in (0.0, 20.0):
        assert plan.net == pytest.approx(brute_force(customers, budget))


def test_at_the_same_cost_picking_customers_beats_shares_of_segments() -> None:
    rng = np.random.default_rng(4)
    worth = {name: rng.gamma(0.7, 20.0, 300).tolist() for name in "abc"}
    customers = single_customers(rng.gamma(2, 1.0, (3, 2)), [1.0, 1.4], worth, fixed_cost=np.array([10.0, 25.0]))
    shares = allocate(customers.values, 250.0)
    plan = allocate_by_customer(customers, shares.cost)
    assert plan.cost <= shares.cost + 1e-6
    assert plan.gain > 1.2 * shares.gain


def test_customers_alike_in_value_make_the_plan_of_segments() -> None:
    gain, alike = [[3.0, 1.0], [1.5, 2.5]], {"a": [2.0] * 40, "b": [5.0] * 60}
    customers = single_customers(gain, [1.0, 1.0], alike, fixed_cost=np.array([20.0, 30.0]))
    for budget in (30.0, 75.0, 500.0):
        assert allocate_by_customer(customers, budget).net == pytest.approx(allocate(customers.values, budget).net, abs=3.0)


def test_strategies_of_different_groups_add_up_for_one_customer() -> None:
    customers = single_customers([[3.0, 2.0]], [1.0, 1.0], {"a": [1.0, 1.0]}, groups=("x", "y"))
    plan = allocate_by_customer(customers, 10.0)
    assert plan.choice.tolist() == [[0, 1], [0, 1]]
    assert (plan.gain, plan.cost) == (10.0, 4.0)


def test_capacity_goes_to_those_who_gain_most() -> None:
    customers = single_customers([[2.0], [1.0]], [0.1], WORTH, capacity=np.array([2.0]))
    plan = allocate_by_customer(customers, 10.0)
    assert plan.choice[:, 0].tolist() == [-1, 0, 0, -1, -1]  # gains of 0.5, 1.5, 4, 1 and 1


def test_a_promise_is_kept_even_where_it_does_not_pay_and_a_budget_below_it_is_refused() -> None:
    customers = single_customers([[0.5], [0.1]], [1.0], WORTH, floor=np.array([[0.5], [0.0]]), fixed_cost=np.array([1.0]))
    plan = allocate_by_customer(customers, 3.0)
    assert plan.choice[:, 0].tolist() == [-1, 0, 0, -1, -1]  # the two most valuable of three
    assert plan.cost == 3.0
    with pytest.raises(DataError, match=r"keeping the service floors costs 3\.00, and the budget is 2\.00"):
        allocate_by_customer(customers, 2.0)


def test_with_weight_on_the_worst_draws_the_doubtful_strategy_goes() -> None:
    rng = np.random.default_rng(2)
    doubtful = 2.0 + 6.0 * rng.standard_normal((200, 1))
    gain = np.stack([doubtful, np.full((200, 1), 1.6)], axis=2)
    customers = single_customers(gain, [1.0, 1.0], {"a": [1.0] * 20})
    bold, careful = allocate_by_customer(customers, 20.0), allocate_by_customer(customers, 20.0, risk_weight=0.9)
    assert bold.treated[0].tolist() == [20.0, 0.0] and careful.treated[0].tolist() == [0.0, 20.0]
    assert np.sort(careful.draws())[:40].mean() > np.sort(bold.draws())[:40].mean()
    hopeless = single_customers(doubtful[:, :, None] - 1.5, [0.1], {"a": [1.0] * 20})
    assert allocate_by_customer(hopeless, 20.0, risk_weight=1.0).cost == 0


def test_with_many_launches_the_nested_sets_are_tried() -> None:
    gain = np.linspace(1.0, 3.0, 12)[None, :]
    customers = single_customers(gain, np.ones(12), {"a": [1.0, 2.0, 3.0] * 10}, fixed_cost=np.full(12, 5.0))
    launches = launches_of(customers, customers.values.mean, 1.0, np.zeros(12, dtype=bool))
    assert len(launches.sets) <= 13
    plan = allocate_by_customer(customers, 200.0)
    assert np.flatnonzero(plan.launched).tolist() == [11]


def test_wrong_budgets_weights_and_customers_are_refused() -> None:
    customers = single_customers([[2.0], [1.0]], [1.0], WORTH)
    with pytest.raises(DataError, match="must not be negative"):
        allocate_by_customer(customers, -1.0)
    with pytest.raises(DataError, match="risk weight is 2"):
        allocate_by_customer(customers, 1.0, risk_weight=2)
    with pytest.raises(DataError, match="1 of them in no segment"):
        customers_of(customers.values, ["a", "z"], pd.DataFrame({"value": [1.0, 2.0], "spend": [1.0, 2.0]}))
