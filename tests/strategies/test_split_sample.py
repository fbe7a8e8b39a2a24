"""Plans chosen on one half of a trial and valued on the other: the luck of the choice shows."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from goodwill.errors import DataError, FitError
from goodwill.simulate import company, trial
from goodwill.strategies.policy_value import check_experiment
from goodwill.strategies.split_sample import OVERLAP, effects, judged_by_truth, learn_policy, shrunken_effects, split_sample


def noise(segments: int = 20, size: int = 6_000, effect: float = 0.0, seed: int = 1) -> pd.DataFrame:
    """Two arms and a control that do the same, or `effect` more, in many segments."""
    rng = np.random.default_rng(seed)
    arm = rng.choice(["control", "a", "b"], size)
    segment = rng.integers(0, segments, size).astype(str)
    outcome = 5 + 8 * rng.standard_normal(size) + effect * (arm == "a")
    return pd.DataFrame({"customer_id": np.arange(size), "arm": arm, "propensity": 1 / 3, "outcome": outcome, "segment": segment})


@pytest.fixture(scope="module")
def simulated():
    tried = trial(company(6_000, 60))
    return check_experiment(tried.experiment, segments=tuple(tried.truth.index), costs=tried.costs), tried


@pytest.mark.slow
def test_where_arms_do_nothing_the_raw_plan_claims_much_and_delivers_nothing():
    table = split_sample(check_experiment(noise()), splits=40).table.set_index("method")
    assert table.loc["raw", "claimed"] > 0.5
    assert abs(table.loc["raw", "delivered"]) < 0.3
    assert table.loc["empirical_bayes", "claimed"] < table.loc["raw", "claimed"] / 2


@pytest.mark.slow
def test_where_one_arm_is_good_for_all_the_simple_plan_is_recommended():
    found = split_sample(check_experiment(noise(effect=2.0)), splits=30)
    row = found.table.set_index("method").loc["best_arm"]
    assert found.rival == "best_arm" and row["difference_low"] <= 0 <= row["difference_high"]
    best = found.table.set_index("method").loc["best_arm"]
    assert best["claimed"] == pytest.approx(best["delivered"], abs=0.3)


def test_first_method_is_compared_with_itself_and_the_others(simulated):
    found = split_sample(simulated[0], splits=5, budget=1.0)
    assert found.table["method"].tolist() == ["empirical_bayes", "per_customer", "raw", "nobody", "best_arm", "top_past_spenders"]
    assert found.table["difference"].iloc[0] == 0
    assert len(found.runs) == 30
    assert (found.table.loc[found.table["method"] == "nobody", ["claimed", "delivered"]] == 0).all(axis=None)


def test_policies_keep_to_the_budget(simulated):
    experiment, tried = simulated
    weight = experiment.frame["segment"].value_counts(normalize=True).reindex(experiment.segments).to_numpy()
    cost = pd.Series(tried.costs).reindex(experiment.arms).fillna(0.0)
    for method in ("raw", "empirical_bayes", "best_arm", "top_past_spenders", "nobody"):
        policy = learn_policy(experiment, method, budget=0.8).policy
        assert policy.sum(axis=1).to_numpy() == pytest.approx(np.ones(6))
        assert weight @ (policy @ cost).to_numpy() <= 0.8 + 1e-9


def test_top_past_spenders_start_with_those_who_spent_most(simulated):
    policy = learn_policy(simulated[0], "top_past_spenders", budget=0.3).policy
    treated = 1 - policy["do_nothing"]
    if treated.sum() > 0:
        spent = simulated[0].frame.groupby("segment", observed=False)["past_spend"].mean()
        assert treated.idxmax() == spent.idxmax()


def test_shrunken_effects_are_nearer_to_the_truth(simulated):
    experiment, tried = simulated
    truth = tried.truth[list(experiment.arms)].to_numpy()
    truth = truth[:, 1:] - truth[:, :1] - np.array([tried.costs[arm] for arm in experiment.arms[1:]])
    raw, error = effects(experiment)
    scaled = [(((found - truth) / error) ** 2).mean() for found in (raw, shrunken_effects(experiment))]
    assert scaled[1] < scaled[0]


def test_an_arm_goes_only_to_segments_where_it_was_tried():
    frame = noise(segments=2, size=3_000, effect=3.0).query("segment == '1' or arm != 'a'").reset_index(drop=True)
    frame["propensity"] = np.where(frame["segment"] == "1", 1 / 3, 1 / 2)
    experiment = check_experiment(frame, control="control")
    for method in ("raw", "empirical_bayes", "best_arm"):
        policy = learn_policy(experiment, method).policy
        assert policy.loc["0", "a"] == 0 and policy.loc["1", "a"] == 1
    assert split_sample(experiment, splits=3).table["claimed"].notna().all()


def test_too_small_a_trial_and_unknown_methods_are_refused():
    with pytest.raises(FitError, match="at least 100 customers"):
        split_sample(check_experiment(noise(2, 90)))
    with pytest.raises(DataError, match="no way 'magic'"):
        learn_policy(check_experiment(noise()), "magic")
    with pytest.raises(DataError, match="must not be negative"):
        learn_policy(check_experiment(noise()), "raw", budget=-1)
    with pytest.raises(DataError, match="needs a column past_spend"):
        learn_policy(check_experiment(noise(effect=1.0)), "top_past_spenders", budget=1)


def grows_with_spend(size: int = 20_000, seed: int = 3) -> pd.DataFrame:
    """One segment in which the arm brings a tenth of what a customer spent before."""
    rng = np.random.default_rng(seed)
    spent = rng.gamma(0.5, 40.0, size)
    arm = rng.choice(["control", "mail"], size)
    outcome = rng.normal(0, 4, size) + 0.1 * spent * (arm == "mail")
    return pd.DataFrame({"customer_id": np.arange(size), "arm": arm, "propensity": 0.5, "outcome": outcome, "past_spend": spent})


@pytest.mark.slow
def test_single_customers_are_chosen_on_one_half_and_valued_on_the_other() -> None:
    """At a cost of 2 and an effect of a tenth of past spend only those are worth it who spent over 20: 0.1 E(spend - 20)+ per customer."""
    frame = grows_with_spend()
    experiment = check_experiment(frame, costs={"mail": 2.0})
    table = split_sample(experiment, ("per_customer", "best_arm", "nobody"), splits=10).table.set_index("method")
    ideal = 0.1 * np.maximum(frame["past_spend"] - 20, 0).mean()
    assert table.loc["per_customer", "delivered"] == pytest.approx(ideal, rel=0.15)
    assert table.loc["best_arm", "delivered"] < 0.3 * ideal


def test_a_known_truth_judges_what_was_learned_and_says_what_was_possible() -> None:
    frame = grows_with_spend()
    experiment = check_experiment(frame, costs={"mail": 2.0}, margin=1.0)
    expected = np.column_stack([np.zeros(len(frame)), 0.1 * frame["past_spend"]])
    found = judged_by_truth([experiment], [expected], ("per_customer", "nobody", "best_arm"))
    table = found.table.set_index("method")
    ideal = 0.1 * np.maximum(frame["past_spend"] - 20, 0).mean()
    assert table.loc["per_customer", "delivered"] == pytest.approx(ideal, rel=0.02)
    assert found.best == pytest.approx(max(0.1 * frame["past_spend"].mean() - 2, 0), abs=1e-9)
    half = judged_by_truth([replace(experiment, margin=0.5)], [expected], ("per_customer", "nobody")).table.set_index("method")
    assert half.loc["per_customer", "delivered"] == pytest.approx(0.05 * np.maximum(frame["past_spend"] - 40, 0).mean(), rel=0.05)


def test_ways_that_need_past_spend_are_left_out_without_it() -> None:
    found = split_sample(check_experiment(noise(3, 900)), splits=2, budget=1.0)
    assert found.table["method"].tolist() == ["empirical_bayes", "raw", "nobody", "best_arm"]


@pytest.mark.slow
@pytest.mark.parametrize(("trials", "least"), [(15, 0.8), (60, 0.9)])
def test_what_a_plan_delivers_has_an_interval_that_holds_it(trials: int, least: float):
    """A plan for one arm that truly adds 1 to everybody: over trials, the interval of 95 % holds what the plans of the halves are worth.

    Bounds are two to three standard errors of a share of 95 % among so many trials below it.
    """
    held = []
    for seed in range(trials):
        found = split_sample(check_experiment(noise(4, 600, 1.0, seed)), ("raw",), splits=20)
        true = float(found.given[0][:, 1].mean())  # the arms but 'a' add nothing
        low, high = found.delivered("raw")[1:]
        held.append(low <= true <= high)
        assert found.table["delivered_low"].iloc[0] == low
    assert np.mean(held) >= least


def test_everybody_gets_one_arm_in_the_splits_that_judge_her():
    found = split_sample(check_experiment(noise(3, 500)), ("empirical_bayes", "nobody"), splits=20)
    assert found.given.sum(axis=2) == pytest.approx(np.ones((2, 500)))
    assert found.given[1][:, 0] == pytest.approx(np.ones(500))


@pytest.mark.slow
def test_the_interval_of_what_is_delivered_rests_on_customers_and_counts_that_splits_overlap():
    """Nobody's plan brings just nothing; a plan that never changes has the error of a mean over customers, wider by the overlap alone."""
    frame = noise(1, 800, 5.0, 7)  # one segment and an arm that is far better: every half chooses it
    found = split_sample(check_experiment(frame), ("raw", "nobody"), splits=40)
    assert found.delivered("nobody") == (0.0, 0.0, 0.0)
    best, others = (frame.loc[frame["arm"] == arm, "outcome"] for arm in ("a", "control"))
    error = np.hypot(best.std() / np.sqrt(len(best)), others.std() / np.sqrt(len(others)))
    estimate, low, high = found.delivered("raw")
    assert (high - low) / 2 == pytest.approx(1.96 * error * np.sqrt(OVERLAP), rel=0.05)
    assert estimate == pytest.approx(best.mean() - others.mean(), abs=0.1 * error)
