"""Plans for segments: what the linear and the integer programme give, and what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.segments.plan_values import plan_values

from goodwill.errors import DataError
from goodwill.strategies.allocation import allocate

TWO = plan_values([[5.0, 8.0], [3.0, 3.5]], [1.0, 3.0], [100, 100])


def test_without_a_limit_every_segment_gets_what_nets_most():
    plan = allocate(TWO, np.inf)
    assert plan.shares.tolist() == [[0, 1], [1, 0]]
    assert (plan.cost, plan.gain, plan.net) == pytest.approx((400, 1100, 700))
    assert plan.shadow_price == pytest.approx(1.0)


def test_a_budget_buys_the_best_returns_first_and_says_what_more_would_bring():
    plan = allocate(TWO, 150)
    assert plan.shares == pytest.approx(np.array([[1, 0], [0.5, 0]]))
    assert plan.shadow_price == pytest.approx(3.0)
    richer = allocate(TWO, 151)
    assert richer.gain - plan.gain == pytest.approx(plan.shadow_price)


def test_an_effect_known_to_be_zero_at_a_positive_cost_gets_nothing():
    values = plan_values([[0.0, 2.0], [0.0, 0.5]], [0.1, 1.0], [10, 10])
    for budget in (0, 5, 10, np.inf):
        for options in ({}, {"hurdle": 0.0}, {"risk_weight": 0.5}, {"whole_segments": True}):
            assert allocate(values, budget, **options).shares[:, 0].sum() == 0


def test_money_that_brings_back_less_than_itself_stays_unspent():
    plan = allocate(plan_values([[0.9]], [1.0], [10]), 100)
    assert plan.cost == 0 and plan.table().empty


def test_a_launch_is_paid_only_where_enough_comes_back():
    values = plan_values([[2.0], [1.5]], [1.0], [100, 100], fixed_cost=np.array([120.0]))
    plan = allocate(values, np.inf)
    assert plan.net == pytest.approx(200 - 200 + 150 - 120) and plan.launched.tolist() == [True]
    assert allocate(plan_values([[2.0], [1.5]], [1.0], [100, 100], fixed_cost=np.array([160.0])), np.inf).cost == 0
    assert allocate(values, 170).cost <= 170


def test_launch_costs_in_the_table_add_up_to_the_plan():
    values = plan_values([[2.0], [1.5]], [1.0], [100, 50], fixed_cost=np.array([20.0]))
    plan = allocate(values, np.inf)
    assert plan.table()["cost"].sum() == pytest.approx(plan.cost) and plan.table()["net"].sum() == pytest.approx(plan.net)


def test_whole_segments_are_treated_whole():
    plan = allocate(TWO, 150, whole_segments=True)
    assert set(np.unique(plan.shares)) <= {0.0, 1.0} and plan.cost <= 150
    assert plan.net <= allocate(TWO, 150).net


def test_capacity_limits_customers_of_a_strategy():
    plan = allocate(plan_values([[5.0], [3.0]], [1.0], [100, 100], capacity=np.array([130.0])), np.inf)
    assert plan.treated[:, 0].tolist() == pytest.approx([100, 30])


def test_strategies_of_different_groups_are_combined_and_of_one_group_are_not():
    apart = allocate(plan_values([[5.0, 4.0]], [1.0, 1.0], [10], groups=("care", "offer")), np.inf)
    assert apart.shares.tolist() == [[1, 1]]
    assert allocate(plan_values([[5.0, 4.0]], [1.0, 1.0], [10]), np.inf).shares.tolist() == [[1, 0]]


def test_a_service_floor_is_kept_though_it_costs():
    values = plan_values([[5.0], [0.1]], [1.0], [100, 100], floor=np.array([[0.0], [0.3]]))
    plan = allocate(values, 1000)
    assert plan.shares[:, 0].tolist() == pytest.approx([1.0, 0.3])
    assert plan.service_table()["floor"].tolist() == [0.0, 0.3]


def test_weight_on_the_bad_case_makes_it_less_bad_and_the_mean_no_better():
    rng = np.random.default_rng(3)
    gain = np.stack([rng.normal([2.0, 1.6], [3.0, 0.3], (200, 2)) for _ in range(3)], axis=1)
    values = plan_values(gain, [1.0, 1.0], [100, 100, 100])

    def worst_fifth(plan):
        return np.sort(plan.draws())[:40].mean()

    bold, careful = allocate(values, np.inf), allocate(values, np.inf, risk_weight=0.8)
    assert worst_fifth(careful) > worst_fifth(bold)
    assert careful.net <= bold.net + 1e-9


@pytest.mark.parametrize(
    ("changes", "budget", "message"),
    [
        ({}, -1.0, "the budget is -1"),
        ({"floor": np.array([[0.7, 0.6], [0, 0]])}, 1e9, "segment 'a' add up to 130% in the exclusive group 'one'"),
        (
            {"floor": np.array([[0.5, 0], [0, 0]]), "capacity": np.array([10.0, 10])},
            1e9,
            "promise 's0' to 50 customers; its capacity is 10",
        ),
        ({"floor": np.array([[0.5, 0], [0.5, 0]])}, 60.0, "keeping the service floors costs 100.00, and the budget is 60.00"),
        ({"floor": np.array([[0.5, 0], [0, 0]]), "eligible": np.zeros((2, 2), bool)}, 1e9, "for which it is not eligible"),
    ],
)
def test_what_cannot_be_kept_says_which_constraint(changes, budget, message):
    with pytest.raises(DataError) as raised:
        allocate(plan_values([[5.0, 8.0], [3.0, 3.5]], [1.0, 3.0], [100, 100], **changes), budget)
    assert message in str(raised.value)


@given(st.integers(0, 10_000), st.floats(0, 500))
def test_plans_are_within_their_limits_and_no_worse_than_doing_nothing(seed, budget):
    rng = np.random.default_rng(seed)
    values = plan_values(rng.normal(1, 2, (4, 3)), rng.uniform(0, 2, 3), rng.integers(1, 100, 4), groups=("x", "x", "y"))
    plan = allocate(values, budget)
    assert plan.cost <= budget + 1e-6 and plan.net >= -1e-6
    assert (plan.shares >= 0).all() and (plan.shares[:, :2].sum(axis=1) <= 1 + 1e-9).all()


def test_changing_the_currency_changes_no_share():
    rng = np.random.default_rng(5)
    gain, cost, number = rng.normal(1, 2, (6, 3)), rng.uniform(0.2, 2, 3), rng.integers(1, 100, 6)
    plain, cents = plan_values(gain, cost, number), plan_values(100 * gain, 100 * cost, number)
    assert allocate(cents, 100 * 150).shares == pytest.approx(allocate(plain, 150).shares)


def test_segments_without_customers_or_without_strategies_do_no_harm():
    values = plan_values([[5.0], [3.0], [2.0]], [1.0], [10, 0, 10], eligible=np.array([[True], [True], [False]]))
    assert allocate(values, np.inf).treated[:, 0].tolist() == pytest.approx([10, 0, 0])
    nobody = plan_values([[5.0]], [1.0], [10], eligible=np.zeros((1, 1), bool))
    assert allocate(nobody, 100).cost == 0 and allocate(nobody, 100, whole_segments=True).cost == 0
