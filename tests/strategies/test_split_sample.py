"""Plans chosen on one half of a trial and valued on the other: the luck of the choice shows."""

import numpy as np
import pandas as pd
import pytest

from goodwill.errors import DataError, FitError
from goodwill.simulate import company, trial
from goodwill.strategies.policy_value import check_experiment
from goodwill.strategies.split_sample import effects, learn_policy, shrunken_effects, split_sample


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


def test_where_arms_do_nothing_the_raw_plan_claims_much_and_delivers_nothing():
    table = split_sample(check_experiment(noise()), splits=40).table.set_index("method")
    assert table.loc["raw", "claimed"] > 0.5
    assert abs(table.loc["raw", "delivered"]) < 0.3
    assert table.loc["empirical_bayes", "claimed"] < table.loc["raw", "claimed"] / 2


def test_where_one_arm_is_good_for_all_the_simple_plan_is_recommended():
    found = split_sample(check_experiment(noise(effect=2.0)), splits=30)
    assert (found.rival, found.takes_simple) == ("best_arm", True)
    best = found.table.set_index("method").loc["best_arm"]
    assert best["claimed"] == pytest.approx(best["delivered"], abs=0.3)


def test_first_method_is_compared_with_itself_and_the_others(simulated):
    found = split_sample(simulated[0], splits=5, budget=1.0)
    assert found.table["method"].tolist() == ["empirical_bayes", "raw", "nobody", "best_arm", "top_past_spenders"]
    assert found.table["difference"].iloc[0] == 0
    assert len(found.runs) == 25
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
