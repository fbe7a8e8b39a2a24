"""The simple plans are always there, within the budget, and win unless they are clearly beaten."""

import numpy as np
import pytest
from tests.segments.plan_values import plan_values

from goodwill.errors import DataError
from goodwill.strategies.allocation import allocate
from goodwill.strategies.comparing_plans import (
    CURRENT,
    EVERYBODY,
    NOBODY,
    RANDOM,
    TOP,
    compare_plans,
    prefer_simple,
    recommend,
    simple_plans,
)


def values(noise: float = 0.0, **changes: object):
    gain = np.array([[6.0, 2.0], [3.0, 2.0], [0.5, 2.0]])
    draws = gain + noise * np.random.default_rng(1).standard_normal((200, 3, 2))
    return plan_values(draws, [1.0, 1.0], [100, 100, 100], **changes)


def test_baselines_are_always_listed_and_within_the_budget_but_for_everybody_and_today():
    plans = simple_plans(values(), 150, current={"a": "s1"})
    assert list(plans) == [NOBODY, EVERYBODY, TOP, RANDOM, CURRENT]
    assert all(plans[name].cost <= 150 + 1e-9 for name in (NOBODY, TOP, RANDOM, CURRENT))
    assert plans[EVERYBODY].cost == 300


def test_everybody_gets_the_arm_that_is_best_on_average():
    assert simple_plans(values(), 150)[EVERYBODY].shares.tolist() == [[1, 0]] * 3


def test_random_customers_are_the_same_share_of_every_segment():
    assert simple_plans(values(), 150)[RANDOM].shares[:, 0].tolist() == pytest.approx([0.5] * 3)


def test_top_past_spenders_are_served_from_the_first_segment_down_to_where_it_pays():
    assert simple_plans(values(), 150)[TOP].shares[:, 0].tolist() == pytest.approx([1.0, 0.5, 0.0])
    assert simple_plans(values(), np.inf)[TOP].shares[:, 0].tolist() == [1.0, 1.0, 0.0]


def test_no_top_plan_beats_the_optimised_one_and_no_random_one_the_top():
    for budget in (50, 150, 250, np.inf):
        plans = simple_plans(values(), budget)
        assert allocate(values(), budget).net >= plans[TOP].net - 1e-6


def test_launch_costs_and_capacity_limit_simple_plans_too():
    limited = values(fixed_cost=np.array([50.0, 50.0]), capacity=np.array([120.0, 300.0]))
    for name, plan in simple_plans(limited, 200).items():
        assert (plan.treated.sum(axis=0) <= limited.capacity + 1e-9).all()
        assert name == EVERYBODY or plan.cost <= 200 + 1e-9
    assert list(simple_plans(limited, 40)) == [NOBODY, EVERYBODY]


def test_where_nothing_is_worth_its_cost_only_nobody_is_left():
    assert list(simple_plans(plan_values([[0.5]], [1.0], [10]), 100)) == [NOBODY]


def test_comparison_is_paired_over_the_draws():
    plan = allocate(values(1.0), 150)
    table = compare_plans(plan, simple_plans(values(1.0), 150))
    assert table["plan"].iloc[0] == "optimised" and table["difference"].iloc[0] == 0 and table["standard_error"].iloc[0] == 0
    assert table["difference"].to_numpy() == pytest.approx(plan.net - table["net"].to_numpy())


def test_optimised_plan_is_recommended_only_when_it_is_better_by_more_than_its_standard_error():
    clear = recommend(allocate(values(0.1), 250), simple_plans(values(0.1), 250))
    assert clear.plan.name == "optimised" and clear.difference > clear.standard_error
    assert clear.plan is clear.optimised and clear.loses == 0
    unclear = recommend(allocate(values(20.0), 250), simple_plans(values(20.0), 250))
    assert unclear.plan is unclear.rival and 0 < unclear.loses < 1


def test_doing_nothing_is_a_simple_plan_that_must_be_beaten():
    unsure = plan_values(1.1 + 5 * np.random.default_rng(2).standard_normal((200, 1, 1)), [1.0], [10])
    chosen = recommend(allocate(unsure, np.inf), {NOBODY: simple_plans(unsure, np.inf)[NOBODY]})
    assert chosen.plan.name == NOBODY and chosen.loses is None


def test_a_current_plan_over_the_budget_is_shown_but_not_recommended():
    plans = simple_plans(values(), 10, current={"a": "s0", "b": "s0"})
    assert plans[CURRENT].cost == 200
    assert recommend(allocate(values(), 10), plans).rival.name != CURRENT


@pytest.mark.parametrize(("difference", "error", "simple"), [(2.0, 1.0, False), (1.0, 1.0, True), (0.0, 0.0, True), (-1.0, 0.1, True)])
def test_rule_of_one_standard_error(difference, error, simple):
    assert prefer_simple(difference, error) is simple


def test_a_current_plan_of_unknown_segments_or_strategies_is_refused():
    for current in ({"z": "s0"}, {"a": "s9"}):
        with pytest.raises(DataError, match="no such segment or strategy"):
            simple_plans(values(), 10, current=current)
