"""Trials of nothing among those whom a plan would treat say how many customers a trial needs."""

import numpy as np
import pandas as pd
import pytest
from tests.segments.plan_values import plan_values
from tests.strategies.single_customers import single_customers

from goodwill.errors import DataError, TooLittle
from goodwill.strategies.allocation import Plan
from goodwill.strategies.customer_plans import allocate_by_customer
from goodwill.strategies.trials.placebo_trials import placebo, would_be_treated
from goodwill.strategies.trials.planned_trial import planned_trial
from goodwill.strategies.trials.trial_design import power_of, sample_size, standard_error


def shop(customers: int = 20_000, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Outcome and past spend: both follow a level that differs much from customer to customer."""
    rng = np.random.default_rng(seed)
    level = rng.gamma(0.5, 20.0, customers)
    return level * rng.gamma(2.0, 0.5, customers), level * rng.gamma(20.0, 0.05, customers)


def test_those_who_are_treated_vary_more_than_all_and_past_spend_takes_part_of_it_out() -> None:
    outcome, past = shop()
    found = placebo(outcome, past, past > np.quantile(past, 0.9), ["s"] * len(past), weeks=39.0)
    assert found.customers == 2_000 and found.weeks == 39.0
    assert found.sd > 1.6 * found.sd_all
    assert found.sd_adjusted < 0.95 * found.sd
    assert found.by_segment["s"] == pytest.approx(found.sd_adjusted, rel=0.05)
    assert found.false_alarms == pytest.approx(0.05, abs=0.02)


def test_a_covariate_that_says_nothing_changes_nothing() -> None:
    outcome, past = shop()
    treated = past > np.quantile(past, 0.9)
    shuffled = np.random.default_rng(3).permutation(past)
    found = placebo(outcome, shuffled, treated, ["s"] * len(past), weeks=39.0)
    assert found.sd_adjusted == pytest.approx(found.sd, rel=0.05)


@pytest.mark.slow
def test_a_trial_of_the_stated_size_finds_the_effect_in_four_of_five_and_one_sized_by_all_customers_does_not() -> None:
    outcome, past = shop(60_000)
    treated = past > np.quantile(past, 0.9)
    noise, effect = placebo(outcome, past, treated, ["s"] * len(past), weeks=39.0), 3.0
    x = past[treated] - past[treated].mean()
    left = outcome[treated] - x * (x @ outcome[treated]) / (x @ x)
    rng = np.random.default_rng(7)

    def found(size: int) -> float:
        seen = 0
        for _ in range(1_000):
            ours, theirs = rng.choice(left, size) + effect, rng.choice(left, size)
            error = standard_error(ours.std(ddof=1), size, theirs.std(ddof=1), size)
            seen += abs(ours.mean() - theirs.mean()) > 1.96 * error
        return seen / 1_000

    assert found(sample_size(effect, noise.sd_adjusted)) == pytest.approx(0.8, abs=0.06)
    assert found(sample_size(effect, noise.sd_all)) < 0.5


def test_8390_customers_per_arm_have_a_power_of_three_in_ten_with_the_noise_of_those_treated() -> None:
    """CDNOW: an effect of 1.618 and the spread of all customers, 37.4, ask for 8,390; those treated vary by 76.5."""
    assert sample_size(1.618, 37.404) == pytest.approx(8_390, abs=2)
    assert power_of(1.618, standard_error(76.52, 8_390, 76.52, 8_390)) == pytest.approx(0.28, abs=0.005)
    assert sample_size(1.618, 76.52) > 4 * 8_390


def test_a_plan_would_have_treated_the_same_share_by_the_same_ranking() -> None:
    then = pd.DataFrame({"value": [1.0, 5.0, 3.0, 9.0, 8.0], "spend": [9.0, 1.0, 2.0, 5.0, 6.0]})
    labels = ["a", "a", "a", "a", "b"]
    values = plan_values([[4.0], [2.0]], [1.0], [10, 10])
    by = {name: Plan("p", np.array([[0.5], [0.0]]), values, 9.0, ranked_by=name) for name in ("value", "spend", "")}
    assert would_be_treated(by["value"], then, labels).tolist() == [False, True, False, True, False]
    assert would_be_treated(by["spend"], then, labels).tolist() == [True, False, False, True, False]
    assert would_be_treated(by[""], then, labels).sum() == 2


def test_too_few_treated_and_outcomes_without_a_past_are_refused() -> None:
    outcome, past = shop(100)
    with pytest.raises(TooLittle, match="would have treated 39 customers"):
        placebo(outcome, past, np.arange(100) < 39, ["s"] * 100, weeks=1.0)
    with pytest.raises(DataError, match="100 outcomes with 99 past spends"):
        placebo(outcome, past[:99], np.ones(100), ["s"] * 100, weeks=1.0)


@pytest.fixture(scope="module")
def planned():
    """500 customers of 'a' and 500 of 'b'; the effect within the trial is half of what the plan claims in all."""
    rng = np.random.default_rng(3)
    worth = {"a": rng.gamma(2, 5.0, 500).tolist(), "b": rng.gamma(2, 5.0, 500).tolist()}
    customers = single_customers([[4.0, 1.0], [1.5, 1.2]], [1.0, 0.9], worth)
    soon = plan_values([[2.0, 0.5], [0.75, 0.6]], [1.0, 0.9], [500, 500])
    plan = allocate_by_customer(customers, 600.0)
    outcome, past = shop(1_000)
    noise = placebo(outcome, past, np.ones(1_000), np.repeat(["a", "b"], 500), weeks=39.0)
    ids = np.arange(1_000) + 7
    return plan, soon, noise, planned_trial(plan, soon, noise, ids, np.repeat(["a", "b"], 500), holdout=0.25, seed=2)


def test_the_effect_is_that_within_the_weeks_of_the_noise(planned) -> None:
    plan, soon, noise, trial = planned
    assert trial.effect == pytest.approx((plan.effort * soon.mean).sum() / plan.treated.sum())
    assert trial.per_arm == sample_size(trial.effect, noise.sd_adjusted)
    assert trial.per_arm_plain == sample_size(trial.effect, noise.sd) > trial.per_arm
    middle = trial.sizes.iloc[4]
    assert middle.tolist() == [pytest.approx(trial.effect), trial.per_arm, trial.per_arm_plain]


def test_lots_are_drawn_among_those_whom_the_plan_picks(planned) -> None:
    plan, _, _, trial = planned
    picked = np.flatnonzero((plan.choice >= 0).any(axis=1)) + 7
    assert sorted(trial.lots.table["customer_id"]) == picked.tolist()
    shares = trial.lots.table["arm"].value_counts(normalize=True)
    assert shares["do_nothing"] == pytest.approx(0.25, abs=0.01)
    strategy = {i + 7: plan.values.strategies[k] for i, k in enumerate(plan.choice[:, 0]) if k >= 0}
    treated = trial.lots.table.query("arm != 'do_nothing'")
    assert all(strategy[i] == arm for i, arm in zip(treated["customer_id"], treated["arm"], strict=True))
    again = trial.lots.table.groupby(["segment", "arm"])["propensity"].agg(["size", "sum"])
    assert len(again) >= 2


def test_power_is_that_of_the_lots_with_each_ones_own_effect_and_noise(planned) -> None:
    plan, _, noise, trial = planned
    table = trial.power.set_index(["segment", "strategy"])
    row = table.loc[("a", "s0")]
    assert row["effect"] == pytest.approx(plan.weight[0, 0] * 2.0 / plan.treated[0, 0])
    error = standard_error(noise.by_segment["a"], row["treated"], noise.by_segment["a"], row["held_out"])
    assert row["standard_error"] == pytest.approx(error) and row["power"] == pytest.approx(power_of(row["effect"], error))
    everybody = table.loc[("all", "any")]
    assert everybody["treated"] + everybody["held_out"] == len(trial.lots.table)
    assert trial.chance == everybody["power"] and trial.treated == plan.treated.sum()


def test_a_plan_that_claims_nothing_within_the_weeks_cannot_be_tried(planned) -> None:
    plan, _, noise, _ = planned
    soon = plan_values([[0.0, 0.0], [0.0, 0.0]], [1.0, 0.9], [500, 500])
    with pytest.raises(TooLittle, match="claims no effect within the 39 weeks of a trial"):
        planned_trial(plan, soon, noise, np.arange(1_000), np.repeat(["a", "b"], 500))


def test_lots_need_the_customers_whom_the_plan_was_made_for(planned) -> None:
    plan, soon, noise, _ = planned
    with pytest.raises(DataError, match="picks among 1000 customers, and 999 are given"):
        planned_trial(plan, soon, noise, np.arange(999), np.repeat(["a", "b"], [499, 500]))
