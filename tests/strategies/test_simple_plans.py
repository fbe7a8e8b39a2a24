"""Rules at the same cost: who gets what by each, and what limits them."""

import numpy as np
import pytest
from tests.strategies.single_customers import GAIN
from tests.strategies.single_customers import three_segments as customers

from goodwill.errors import DataError
from goodwill.strategies.simple_plans import CURRENT, EVERYBODY, NOBODY, RANDOM, SEGMENTS, TOP, simple_plans


def test_every_rule_costs_what_the_plan_costs() -> None:
    plans = simple_plans(customers(), 60.0, current={"a": "s1"})
    assert list(plans) == [NOBODY, TOP, RANDOM, SEGMENTS, EVERYBODY, CURRENT]
    assert [plans[name].cost for name in (NOBODY, TOP, RANDOM, SEGMENTS)] == pytest.approx([0, 60, 60, 60])
    assert (plans[EVERYBODY].cost, plans[CURRENT].cost) == (150, 50)


def test_top_past_spenders_are_picked_one_by_one_over_all_segments() -> None:
    plan = simple_plans(customers(), 60.0)[TOP]
    assert plan.treated[:, 0].tolist() == [20, 20, 20]  # of 150, the 60 who spent most, from every segment alike
    assert plan.weight[:, 0] == pytest.approx([20 * np.linspace(1, 9, 50)[:20].mean() / 5] * 3)
    assert plan.ranked_by == "spend"


def test_random_customers_are_the_same_share_of_every_segment_and_everybody_is_all() -> None:
    plans = simple_plans(customers(), 60.0)
    assert plans[RANDOM].shares[:, 0].tolist() == pytest.approx([0.4] * 3)
    assert plans[EVERYBODY].shares.tolist() == [[1, 0]] * 3


def test_shares_of_segments_take_the_best_segment_whoever_is_in_it() -> None:
    assert simple_plans(customers(), 60.0)[SEGMENTS].treated[:, 0].tolist() == pytest.approx([50.0, 10.0, 0.0])


def test_launches_and_capacity_limit_rules_too() -> None:
    limited = customers(fixed_cost=np.array([20.0, 20.0]), capacity=np.array([30.0, 30.0]))
    for name, plan in simple_plans(limited, 60.0).items():
        assert (plan.treated.sum(axis=0) <= 30 + 1e-9).all() and (name == EVERYBODY or plan.cost <= 60 + 1e-9)
    assert list(simple_plans(limited, 10.0)) == [NOBODY, EVERYBODY]


def test_where_nothing_is_worth_its_cost_only_nobody_is_left() -> None:
    assert list(simple_plans(customers(gain=GAIN / 100), 100.0)) == [NOBODY]


def test_a_current_plan_of_unknown_segments_or_strategies_is_refused() -> None:
    for current in ({"z": "s0"}, {"a": "s9"}):
        with pytest.raises(DataError, match="no such segment or strategy"):
            simple_plans(customers(), 10.0, current=current)
