"""The value of policies on randomised data: right on average, whatever the policy; refused where the data cannot be a trial."""

import numpy as np
import pandas as pd
import pytest

from goodwill.errors import DataError
from goodwill.strategies.policy_value import check_experiment, policy_scores, policy_value

MEANS = pd.DataFrame({"control": [1.0, 2.0], "mail": [2.0, 1.5], "call": [4.0, 2.0]}, index=["x", "y"])
CHANCE = {"x": [0.5, 0.3, 0.2], "y": [0.2, 0.2, 0.6]}
COSTS = {"mail": 0.2, "call": 1.0}
BEST = {"x": "call", "y": "control"}


def trial(size: int = 3_000, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    segment = rng.choice(["x", "y"], size, p=[0.4, 0.6])
    chance = np.array([CHANCE[name] for name in segment])
    arm = (rng.random((size, 1)) > chance.cumsum(axis=1)).sum(axis=1)
    mean = MEANS.loc[segment].to_numpy()[np.arange(size), arm]
    frame = pd.DataFrame({"customer_id": np.arange(size), "arm": np.array(list(MEANS))[arm], "propensity": chance[np.arange(size), arm]})
    return frame.assign(outcome=mean + 2 * rng.standard_normal(size), segment=segment)


TRUE = 0.4 * (4.0 - 1.0) + 0.6 * 2.0


@pytest.mark.slow
@pytest.mark.parametrize(("trials", "off"), [(20, 0.5), pytest.param(60, 0.35, marks=pytest.mark.slow)])
def test_both_estimators_are_right_on_average_and_their_errors_cover(trials: int, off: float):
    """The spread over so many trials is known to 16 or 9 %, one standard error."""
    values = [policy_value(check_experiment(trial(seed=seed), costs=COSTS), BEST) for seed in range(trials)]
    for estimate, error in (("ipw", "ipw_se"), ("doubly_robust", "doubly_robust_se")):
        found = np.array([getattr(each, estimate) for each in values])
        stated = np.mean([getattr(each, error) for each in values])
        assert abs(found.mean() - TRUE) < 3 * found.std() / np.sqrt(trials)
        assert stated == pytest.approx(found.std(), rel=off)


def test_doubly_robust_is_the_sharper_one():
    value = policy_value(check_experiment(trial(), costs=COSTS), BEST)
    assert value.doubly_robust_se < value.ipw_se


def test_the_arm_that_was_given_to_all_is_worth_its_mean():
    frame = trial().assign(arm="control", propensity=1.0)
    value = policy_value(check_experiment(frame), {})
    assert value.ipw == pytest.approx(frame["outcome"].mean()) and value.doubly_robust == pytest.approx(frame["outcome"].mean())
    assert value.effective_customers == pytest.approx(len(frame))


def test_a_policy_of_probabilities_is_worth_the_mixture():
    experiment = check_experiment(trial(), costs=COSTS)
    half = pd.DataFrame({"control": [0.5, 1.0], "call": [0.5, 0.0]}, index=["x", "y"])
    mixture = (policy_scores(experiment, {})[1] + policy_scores(experiment, BEST)[1]) / 2
    assert policy_value(experiment, half).doubly_robust == pytest.approx(mixture.mean())


def test_order_of_customers_changes_no_weighted_estimate():
    frame = trial()
    mixed = frame.sample(frac=1, random_state=1)
    assert policy_value(check_experiment(mixed), BEST).ipw == pytest.approx(policy_value(check_experiment(frame), BEST).ipw)


def test_control_is_found_by_name_and_comes_first():
    assert check_experiment(trial()).arms == ("control", "call", "mail")
    assert check_experiment(trial(), control="mail").control == "mail"


def test_overlap_counts_every_cell_also_the_empty_ones():
    frame = trial()
    overlap = check_experiment(frame).overlap()
    assert overlap["customers"].sum() == len(frame) and len(overlap) == 6
    assert overlap.groupby("segment")["share"].sum().to_numpy() == pytest.approx([1, 1])


def test_a_cell_that_hardly_anybody_is_in_is_named():
    assert "call in x" in policy_value(check_experiment(trial(150)), BEST).notes[0]


def two_designs() -> pd.DataFrame:
    """Calls were tried in y only."""
    frame = trial(4_000)
    frame = frame[(frame["segment"] == "y") | (frame["arm"] != "call")].reset_index(drop=True)
    return frame.assign(propensity=np.where(frame["segment"] == "x", frame["propensity"] / 0.8, frame["propensity"]))


def test_an_arm_may_be_tried_in_some_segments_only():
    experiment = check_experiment(two_designs())
    assert abs(policy_value(experiment, {"x": "mail", "y": "call"}).ipw - (0.35 * 2 + 0.65 * 2)) < 0.3
    with pytest.raises(DataError, match="gives 'call' to segment 'x', where nobody in the trial got it"):
        policy_value(experiment, BEST)


def break_(**changes: object) -> pd.DataFrame:
    frame = trial(200)
    for name, value in changes.items():
        frame.loc[0, name] = value
    return frame


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (trial(200).drop(columns="propensity"), "no column 'propensity'"),
        (break_(propensity=0.0), r"outside \(0, 1\] in 1 rows \(first: row 0, 0\)"),
        (break_(propensity=1.2), r"outside \(0, 1\]"),
        (break_(propensity=np.nan), r"outside \(0, 1\]"),
        (break_(outcome=np.nan), "'outcome' holds no number in 1 rows"),
        (break_(customer_id=1), "1 customers stand in the trial twice"),
        (trial(2_000).assign(propensity=0.9), "must add up to 1 for every customer"),
        (trial(2_000).assign(propensity=lambda f: f["arm"].map({"control": 0.3, "mail": 0.25, "call": 0.47})), "add up to 1"),
    ],
)
def test_tables_that_are_no_trial_are_refused(frame, message):
    with pytest.raises(DataError, match=message):
        check_experiment(frame)


def test_unknown_arms_and_segments_are_refused():
    with pytest.raises(DataError, match="nobody in the trial got the arm 'visit'"):
        check_experiment(trial(), costs={"visit": 1.0})
    with pytest.raises(DataError, match="none of the segments x"):
        check_experiment(trial(), segments=("x",))
    for policy in ({"z": "mail"}, {"x": "visit"}):
        with pytest.raises(DataError, match="no such segment or arm"):
            policy_value(check_experiment(trial()), policy)
    with pytest.raises(DataError, match="add up to 1"):
        policy_value(check_experiment(trial()), pd.DataFrame({"mail": [0.5, 0.5]}, index=["x", "y"]))
