"""One verdict over all plans, and nobody's unless a gain is likely."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from tests.strategies.single_customers import GAIN, single_customers
from tests.strategies.single_customers import three_segments as customers

from goodwill.strategies.comparing_plans import chances_of_gain, compare_plans, recommend
from goodwill.strategies.customer_plans import BY_CUSTOMER, allocate_by_customer
from goodwill.strategies.simple_plans import CURRENT, EVERYBODY, NOBODY, TOP, simple_plans


def test_nets_come_with_the_chance_of_losing_and_differences_are_paired() -> None:
    some = customers(3.0)
    plan = allocate_by_customer(some, 60.0)
    table = compare_plans(plan, simple_plans(some, plan.cost))
    assert table["plan"].tolist()[:2] == [BY_CUSTOMER, NOBODY]
    assert table["difference"].to_numpy() == pytest.approx(plan.net - table["net"].to_numpy())
    assert table.loc[0, ["difference", "difference_lower", "difference_upper"]].tolist() == [0, 0, 0]
    assert table["chance_of_losing"].iloc[0] == pytest.approx((plan.draws() < 0).mean()) and table["chance_of_losing"].iloc[1] == 0
    assert (table["lower"] <= table["net"]).all() and (table["net"] <= table["upper"]).all()


def test_intervals_of_differences_hold_together_over_all_rules() -> None:
    """In 95 % of the draws every difference lies within its interval at once; one by one they would be narrower."""
    some = customers(3.0)
    plan = allocate_by_customer(some, 60.0)
    simple = simple_plans(some, plan.cost)
    table = compare_plans(plan, simple).iloc[1:]
    off = np.stack([plan.draws() - other.draws() for other in simple.values()]).T
    off = off - off.mean(axis=0) + table["difference"].to_numpy()
    inside = (off >= table["difference_lower"].to_numpy() - 1e-9) & (off <= table["difference_upper"].to_numpy() + 1e-9)
    assert inside.all(axis=1).mean() == pytest.approx(0.95, abs=0.01)
    assert inside.mean() > 0.95


def test_picking_customers_is_recommended_when_it_is_told_apart_from_every_rule() -> None:
    some = customers(0.1)
    plan = allocate_by_customer(some, 60.0)
    advice = recommend(plan, simple_plans(some, plan.cost), 60.0)
    assert advice.plan is plan is advice.optimised is advice.candidate
    assert 0 < advice.lower < advice.difference < advice.upper and advice.chances[plan.name] == 1


def test_a_rule_that_is_not_told_apart_is_taken_instead() -> None:
    alike = {name: [5.0] * 50 for name in "abc"}
    draws = GAIN + 0.5 * np.random.default_rng(1).standard_normal((400, 3, 2))
    some = single_customers(draws, [1.0, 1.0], alike)
    plan = allocate_by_customer(some, 60.0)
    advice = recommend(plan, simple_plans(some, plan.cost), 60.0)
    assert advice.plan is advice.rival and advice.plan.name == TOP
    assert advice.lower <= 0 <= advice.upper


@pytest.mark.parametrize(("mean", "recommended"), [(1.5, NOBODY), (1.99, BY_CUSTOMER)])
def test_nobody_is_recommended_unless_a_gain_has_a_chance_of_four_in_five(mean: float, recommended: str) -> None:
    """Gain per customer N(mean, 1) at a cost of one: a gain has a chance of 69 % and of 84 %."""
    z = np.random.default_rng(3).standard_normal((4_000, 1, 1))
    some = single_customers(mean + (z - z.mean()) / z.std(), [1.0], {"a": [1.0] * 20}, eligible=np.array([[True]]))
    plan = allocate_by_customer(some, 20.0)
    advice = recommend(plan, {NOBODY: simple_plans(some, 20.0)[NOBODY]}, 20.0)
    assert advice.chances == {plan.name: pytest.approx({1.5: 0.69, 1.99: 0.84}[mean], abs=0.02)}
    assert advice.chances[plan.name] == 1 - plan.chance_of_losing
    assert advice.plan.name == recommended and advice.candidate is plan
    assert recommend(plan, {NOBODY: simple_plans(some, 20.0)[NOBODY]}, 20.0, sure=0.6).plan is plan


@pytest.mark.slow
@pytest.mark.parametrize("alike", [0.0, 0.9], ids=["of their own", "alike"])
def test_where_nothing_pays_the_best_of_five_is_as_seldom_sure_as_one(alike: float) -> None:
    """Estimates of five nets that are all zero, a thousand times: the best is 80 % sure in a fifth, and by itself in more."""
    rng = np.random.default_rng(5)
    shared = np.sqrt(alike) * rng.standard_normal((2, 1_000, 1))
    noise = shared + np.sqrt(1 - alike) * rng.standard_normal((2, 1_000, 5))
    found, spread = noise[0], noise[1]
    plans = [[SimpleNamespace(name=str(p), cost=1.0, draws=lambda p=p, e=e: e[p] + spread[:, p]) for p in range(5)] for e in found]
    best = np.array([max(chances_of_gain(some).values()) for some in plans])
    alone = np.array([max((plan.draws() > 0).mean() for plan in some) for some in plans])
    assert (best >= 0.8).mean() == pytest.approx(0.2, abs=0.03)
    assert (alone >= 0.8).mean() > {0.0: 0.6, 0.9: 0.3}[alike]


def test_only_of_tested_plans_it_is_counted_that_the_best_was_picked() -> None:
    some = customers(3.0)
    plan = allocate_by_customer(some, 60.0)
    rules = simple_plans(some, plan.cost)
    assumed = recommend(plan, rules, 60.0)
    assert assumed.chances == {name: (each.draws() > 0).mean() for name, each in {plan.name: plan, **rules}.items() if 0 < each.cost <= 60}
    noise = np.random.default_rng(2).standard_normal((1 + len(rules), 500))
    tested = [replace(each, tested=each.cost + 1 + wide) for each, wide in zip((plan, *rules.values()), noise, strict=True)]
    found = recommend(tested[0], {each.name: each for each in tested[1:]}, 60.0)
    assert found.chances == chances_of_gain([each for each in tested if 0 < each.cost <= 60])
    assert found.chances[plan.name] < (tested[0].draws() > 0).mean()


def test_a_plan_that_costs_nothing_has_no_chance_of_a_gain() -> None:
    free = SimpleNamespace(name="nobody", cost=0.0, draws=lambda: np.zeros(3))
    sure = SimpleNamespace(name="sure", cost=1.0, draws=lambda: np.ones(3))
    assert chances_of_gain([free]) == {} and chances_of_gain([free, sure]) == {"sure": 1.0}


def test_a_plan_over_the_budget_is_shown_but_not_recommended() -> None:
    some = customers()
    plan = allocate_by_customer(some, 10.0)
    plans = simple_plans(some, plan.cost, current={"a": "s0", "b": "s0"})
    assert plans[CURRENT].cost == 100
    assert recommend(plan, plans, 10.0).rival.name not in (CURRENT, EVERYBODY)
