"""Plans chosen on some customers of a trial and valued on the others."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tests.segments.plan_values import plan_values

from goodwill.inference.uncertainty import normal_quantile
from goodwill.strategies.comparing_plans import recommend
from goodwill.strategies.cross_fitting import DRAWS, FOLDS, REPEATS, cross_fitted, valued_by_trial
from goodwill.strategies.customer_plans import BY_CUSTOMER, allocate_by_customer
from goodwill.strategies.incremental_values import shrink
from goodwill.strategies.policy_value import Experiment, check_experiment
from goodwill.strategies.simple_plans import EVERYBODY, NOBODY, RANDOM, SEGMENTS, TOP, simple_plans
from goodwill.strategies.single_customers import customers_of
from goodwill.strategies.split_sample import OVERLAP
from goodwill.strategies.trials.trial_arms import trial_arms

SEGMENTS_OF = tuple("abcdef")


def trial(effect: float, size: int = 600, seed: int = 1, sd: float = 10.0, past: bool = True, segments: tuple = SEGMENTS_OF) -> Experiment:
    """Two arms drawn with even chances in segments of the same size; the arm adds the same to everybody, before its cost of 1."""
    rng = np.random.default_rng(seed)
    arm, spent = rng.integers(2, size=size), rng.gamma(2.0, 10.0, size)
    frame = pd.DataFrame(
        {
            "customer_id": [str(number) for number in range(size)],
            "arm": np.where(arm == 1, "s0", "do_nothing"),
            "segment": np.array(segments)[np.arange(size) % len(segments)],
            "propensity": 0.5,
            "outcome": 20 + sd * rng.standard_normal(size) + effect * arm,
            "past_spend": spent,
        }
    )
    columns = list(frame) if past else [name for name in frame if name != "past_spend"]
    return check_experiment(frame[columns], segments=segments, costs={"s0": 1.0})


def measured(tried: Experiment, customers: int = 100, draws: int = 100, **changes: object):
    """What the trial measured, for so many customers of each segment."""
    _, mean, error = replace(tried, costs={}).cells()
    z = np.random.default_rng(5).standard_normal((draws, 1, 1))
    z = (z - z.mean()) / z.std()
    gain = (mean[:, 1:] - mean[:, :1]) + z * np.hypot(error[:, 1:], error[:, :1])
    kept = {"measured": np.ones(gain.shape[1:], dtype=bool), "segments": tried.segments} | changes
    return plan_values(gain, [1.0], [customers] * len(tried.segments), **kept)


def plans_of(tried: Experiment, budget: float, **changes: object):
    """Plans of the shrunken values for customers who are worth what those of the trial had spent."""
    added = measured(tried, **changes)
    frame = tried.frame
    spent = frame["past_spend"].to_numpy() if "past_spend" in frame else np.ones(len(frame))
    single = customers_of(shrink(added), frame["segment"].astype(str), pd.DataFrame({"value": spent, "spend": spent}))
    optimised = allocate_by_customer(single, budget)
    return optimised, simple_plans(single, optimised.cost), added


@pytest.mark.slow
@pytest.mark.parametrize("trials", [14, pytest.param(40, marks=pytest.mark.slow)])
def test_what_a_lucky_plan_claims_does_not_come(trials: int) -> None:
    """Nothing works: over the trials plans of the best estimates claim a gain, and are worth minus their cost."""
    claims, worth, costs, errors = [], [], [], []
    for seed in range(trials):
        tried = trial(0.0, seed=seed)
        made, simple, added = plans_of(tried, 200.0)
        if not made.cost:
            continue
        found, _ = valued_by_trial(made, simple, added, tried)
        claims.append(made.net)
        worth.append(found.gain)
        costs.append(made.cost)
        errors.append(float(found.draws().std()))
    assert len(claims) > 5 and min(claims) > 0
    error = np.mean(errors) / np.sqrt(len(claims))
    assert abs(np.mean(worth)) < 3 * error < np.mean(claims) + np.mean(costs)


def test_an_effect_that_is_there_comes_with_what_the_trial_says_of_its_error() -> None:
    tried = trial(8.0, size=1_200)
    made, simple, added = plans_of(tried, 1_200.0, customers=200)
    found, rules = valued_by_trial(made, simple, added, tried)
    arm = trial_arms(tried).table.iloc[1]
    error = 1_200 * (arm["upper"] - arm["lower"]) / (2 * normal_quantile(0.95))
    assert rules[EVERYBODY].treated.sum() == 1_200
    assert rules[EVERYBODY].gain == pytest.approx(1_200 * arm["effect"], abs=0.1 * error)
    overlap = np.sqrt(max(FOLDS / (FOLDS - 1) + 1 / REPEATS, OVERLAP))  # plans of one trial are made of the same customers
    assert rules[EVERYBODY].draws().std() == pytest.approx(overlap * error, rel=0.05)
    assert found.claimed == made.gain and rules[EVERYBODY].gain - error < found.gain
    assert recommend(found, rules, 1_200.0).plan.cost > 1_000


def test_a_plan_that_picks_the_wrong_customers_is_found_out() -> None:
    """The arm adds 8 to who had spent little and takes 8 from who had spent much; plans pick the latter first."""
    tried = trial(0.0, size=1_200, segments=("a",))
    arm = (tried.frame["arm"] == "s0").to_numpy()
    much = (tried.frame["past_spend"] > tried.frame["past_spend"].median()).to_numpy()
    frame = tried.frame.assign(outcome=tried.frame["outcome"] + arm * np.where(much, -4.0, 12.0))
    tried = replace(tried, frame=frame)
    made, simple, added = plans_of(tried, 600.0, customers=1_200)
    found, rules = valued_by_trial(made, simple, added, tried)
    assert made.net > 0 > found.net and found.chance_of_losing > 0.9
    assert rules[TOP].net < 0 < rules[SEGMENTS].net
    assert recommend(found, rules, 600.0).plan.name in (RANDOM, SEGMENTS)  # of one segment: the same


@pytest.mark.slow
def test_what_was_found_counts_for_as_many_customers_as_there_are_today() -> None:
    tried = trial(8.0)
    added = measured(tried, customers=100)
    more = replace(added, customers=10 * added.customers)
    one, ten = (cross_fitted((EVERYBODY,), each, tried, budget) for each, budget in ((added, 600.0), (more, 6_000.0)))
    assert ten.gain == pytest.approx(10 * one.gain) and ten.cost == pytest.approx(10 * one.cost)
    assert ten.covariance == pytest.approx(100 * one.covariance)


def test_draws_have_just_the_mean_and_the_spread_that_were_found() -> None:
    tried = trial(3.0)
    found = cross_fitted((BY_CUSTOMER, EVERYBODY, NOBODY), measured(tried), tried, 300.0)
    drawn = found.draws()
    assert drawn.shape == (DRAWS, 3)
    assert drawn.mean(axis=0) == pytest.approx(found.gain)
    assert drawn.std(axis=0) == pytest.approx(np.sqrt(np.diag(found.covariance)))
    assert (found.gain[2], drawn[:, 2].std()) == (0.0, 0.0)


@pytest.mark.slow
def test_without_past_spend_customers_of_a_segment_are_alike() -> None:
    tried = trial(8.0, past=False)
    made, simple, added = plans_of(tried, 600.0)
    found, _ = valued_by_trial(made, simple, added, tried)
    assert 0.5 * made.gain < found.gain < 1.5 * made.gain


@pytest.mark.slow
def test_strategies_that_were_not_tried_keep_what_is_claimed_of_them() -> None:
    """Of two strategies the trial had one, which does harm; the plan uses the other."""
    tried = trial(-9.0)
    one = measured(tried)
    gain = np.concatenate([one.gain, np.full_like(one.gain, 5.0)], axis=2)
    flags = np.column_stack([one.measured, ~one.measured])
    added = plan_values(gain, [1.0, 1.0], [100] * 6, segments=SEGMENTS_OF, measured=flags)
    single = customers_of(
        shrink(added), tried.frame["segment"].astype(str), pd.DataFrame({"value": 1.0, "spend": tried.frame["past_spend"]})
    )
    made = allocate_by_customer(single, 600.0)
    found, _ = valued_by_trial(made, simple_plans(single, made.cost), added, tried)
    assert made.treated.sum(axis=0).tolist() == [0.0, 600.0]
    assert (found.net, found.chance_of_losing) == (pytest.approx(2_400.0), 0.0)


@pytest.mark.slow
def test_a_cell_that_was_hardly_tried_counts_as_claimed_and_not_twice() -> None:
    """In segment f nobody measured the strategy: what is stated of it there stays, and the trial's few are not added to it."""
    tried = trial(8.0)
    flags = np.ones((6, 1), dtype=bool)
    flags[5] = False
    added = measured(tried, measured=flags)
    added = replace(added, gain=np.where(flags, added.gain, 50.0))
    people = pd.DataFrame({"value": 1.0, "spend": tried.frame["past_spend"]})
    single = customers_of(shrink(added), tried.frame["segment"].astype(str), people)
    made = allocate_by_customer(single, 100.0)  # enough for f alone
    found, _ = valued_by_trial(made, simple_plans(single, made.cost), added, tried)
    assert made.treated[:, 0].tolist() == [0, 0, 0, 0, 0, 100]
    assert found.gain == pytest.approx(5_000.0, abs=300.0)  # with what the trial found of it, 800 more


def test_without_a_trial_plans_stay_as_they_are() -> None:
    made, simple, added = plans_of(trial(8.0), 600.0)
    found, rules = valued_by_trial(made, simple, added, None)
    assert found is made and rules == simple
