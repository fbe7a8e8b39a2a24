"""A plan becomes a trial, its outcomes a grade."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tests.segments.plan_values import plan_values

from goodwill.errors import DataError
from goodwill.strategies.allocation import Plan
from goodwill.strategies.catalogue import DO_NOTHING
from goodwill.strategies.catalogue_file import read_catalogue
from goodwill.strategies.policy_value import Experiment, check_experiment, policy_value
from goodwill.strategies.trials.trial_design import (
    plan_trial,
    power_of,
    sample_size,
    standard_error,
    with_measured,
)

SEGMENTS = ("a", "b", "c")
LABELS = np.repeat(SEGMENTS, [1_000, 501, 30])
IDS = np.arange(len(LABELS)) + 10_000
VALUES = plan_values([[2.0, 1.0]] * 3, [1.0, 0.5], [1_000, 501, 30], groups=("x", "y"))
PLAN = Plan("plan", np.array([[1.0, 0.0], [0.5, 0.25], [0.0, 0.0]]), VALUES, 1e9)
CATALOGUE = """
strategies:
  - {id: s0, name: First, unit_cost: 1, effects: {spend: {mean: .1, sd: .1}}}
  - {id: s1, name: Second, unit_cost: 0.5, effects: {spend: {mean: .1, sd: .1}}}
"""


@pytest.fixture(scope="module")
def trial():
    return plan_trial(IDS, LABELS, PLAN, holdout=0.2, seed=7)


def test_each_segment_is_randomised_with_a_hold_out(trial):
    counts = trial.table.groupby(["segment", "arm"]).size()
    assert counts["a"].to_dict() == {"do_nothing": 200, "s0": 800}
    assert counts["b"].sum() == 501 and counts[("b", "s0")] == pytest.approx(0.8 * 0.5 * 501, abs=1)
    assert counts[("b", "do_nothing")] == pytest.approx((0.2 + 0.8 * 0.25) * 501, abs=1)
    assert "c" not in counts.index.get_level_values(0)


def test_propensity_is_the_share_of_the_segment_that_got_the_arm(trial):
    shares = trial.table.groupby("segment")["arm"].value_counts(normalize=True)
    for (segment, arm), group in trial.table.groupby(["segment", "arm"]):
        assert group["propensity"].to_numpy() == pytest.approx(shares[segment, arm])


@pytest.mark.slow
def test_every_customer_has_the_same_chance_of_being_held_out():
    held = np.zeros(1_000)
    for seed in range(300):
        table = plan_trial(IDS[:1_000], LABELS[:1_000], PLAN, seed=seed).table
        held[table.loc[table["arm"] == "do_nothing", "customer_id"].to_numpy() - 10_000] += 1
    assert held.mean() == pytest.approx(60) and held.std() == pytest.approx(np.sqrt(300 * 0.2 * 0.8), rel=0.15)


def test_same_seed_same_trial_and_the_order_of_segments_labels_is_kept():
    one, again, other = (plan_trial(IDS, LABELS, PLAN, seed=seed).table for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(one, again)
    assert not one.equals(other)
    assert dict(zip(one["customer_id"], one["segment"], strict=True)) == dict(zip(IDS[:1_501], LABELS[:1_501], strict=True))


def test_strategies_that_the_plan_combines_stand_side_by_side():
    both = Plan("both", np.array([[1.0, 1.0], [0, 0], [0, 0]]), VALUES, 1e9)
    counts = plan_trial(IDS, LABELS, both).table["arm"].value_counts()
    assert counts.to_dict() == {"s0": 400, "s1": 400, "do_nothing": 200}


def outcomes(trial, effect: float, seed: int = 3) -> Experiment:
    """What became of those whom the lots of a trial chose: ten, by chance four more or less, and the effect."""
    rng, table = np.random.default_rng(seed), trial.table
    spent = 10 + 4 * rng.standard_normal(len(table)) + effect * (table["arm"] == "s0")
    return check_experiment(table.assign(outcome=spent), segments=tuple(dict.fromkeys(table["segment"])), control=DO_NOTHING)


def test_measured_effects_raise_the_grade_and_bring_their_interval(trial):
    catalogue = read_catalogue(CATALOGUE, SEGMENTS)
    measured, table = with_measured(catalogue, replace(outcomes(trial, 3.0), margin=0.5))
    row = table.set_index(["segment", "strategy"]).loc[("a", "s0")]
    assert (row["grade_before"], row["grade_after"]) == ("D", "A")
    assert row["lower"] < 1.5 < row["upper"] and row["estimate"] == pytest.approx(1.5, abs=0.5)
    strategy = measured.strategy("s0")
    assert strategy.measured["a"].sd == pytest.approx(0.5 * standard_error(4, 800, 4, 200), rel=0.1)
    assert (strategy.grade("a"), strategy.grade("c")) == ("A", "D")
    assert catalogue.strategy("s0").measured == {}
    assert read_catalogue(measured.to_text(), SEGMENTS) == measured


def test_a_cell_of_few_customers_keeps_its_grade():
    few = plan_trial(IDS[:60], LABELS[:60], PLAN, holdout=0.2)
    _, table = with_measured(read_catalogue(CATALOGUE, SEGMENTS), outcomes(few, 3.0))
    assert table["grade_after"].tolist() == ["D"]


def test_outcomes_of_a_trial_value_a_policy(trial):
    experiment = outcomes(trial, 3.0)
    assert policy_value(experiment, {"a": "s0", "b": "s0"}).doubly_robust == pytest.approx(13.0, abs=0.6)


def test_sizes_and_powers_agree():
    size = sample_size(1.0, 10.0)
    assert size == 1_570  # 2 (1.95996 + 0.84162)^2 100
    assert power_of(1.0, standard_error(10, size, 10, size)) == pytest.approx(0.8, abs=0.001)
    assert sample_size(2.0, 10.0) == 393


def test_standard_error_of_the_hillstrom_e_mail_trial():
    """64,000 customers, spend of the men's mailing (SD 17.8) less that of no mailing (SD 11.5): published means .77 apart, SE .145."""
    assert standard_error(17.8, 21_307, 11.5, 21_306) == pytest.approx(0.145, abs=5e-4)


def test_plans_that_cannot_be_tried_are_refused():
    nothing = Plan("nobody", np.zeros((3, 2)), VALUES, 0.0)
    with pytest.raises(DataError, match="the plan treats nobody"):
        plan_trial(IDS, LABELS, nothing)
    with pytest.raises(DataError, match="held out is 1"):
        plan_trial(IDS, LABELS, PLAN, holdout=1)
    with pytest.raises(DataError, match=r"1 customers are in no segment of the plan \(first: z\)"):
        plan_trial([1, 2], ["a", "z"], PLAN)
    with pytest.raises(DataError, match="no customer twice"):
        plan_trial(np.zeros(3), LABELS[:3], PLAN)
    with pytest.raises(DataError, match="need a difference"):
        sample_size(0.0, 1.0)
