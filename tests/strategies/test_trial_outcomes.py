"""What counts as the outcome of a trial: as given, less what past spend explains, or with the value expected after it."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from goodwill.errors import DataError
from goodwill.lifetime_value.value import ValueTerms
from goodwill.lifetime_value.valued import Valued
from goodwill.strategies.catalogue_file import read_catalogue
from goodwill.strategies.offer import claims_of, offer, own_arms, trial_at_hand
from goodwill.strategies.trials.trial_arms import reaching
from goodwill.strategies.trials.trial_outcomes import less_past_spend

FILES = Path(__file__).parents[1] / "data" / "files"


def tried(effect: float = 1.0, customers: int = 4_000, seed: int = 1) -> pd.DataFrame:
    """A call brings `effect` more, on outcomes most of which past spend explains."""
    rng = np.random.default_rng(seed)
    past = rng.gamma(1.0, 50.0, customers)
    call = rng.random(customers) < 0.5
    outcome = past / 5 + rng.normal(0, 2, customers) + effect * call
    arm = np.where(call, "call", "control")
    frame = {"customer_id": np.arange(customers).astype(str), "arm": arm, "propensity": 0.5, "outcome": outcome, "past_spend": past}
    return pd.DataFrame(frame)


def effect_of(frame: pd.DataFrame, **how: object) -> tuple[float, float]:
    """Effect of the call and half the width of its interval."""
    row = own_arms(trial_at_hand(frame, **how)).table.set_index("arm").loc["call"]
    return float(row["effect"]), float(row["upper"] - row["lower"]) / 2


def test_past_spend_taken_out_makes_the_interval_narrow_and_leaves_the_effect() -> None:
    given, adjusted = effect_of(tried(), outcome="given"), effect_of(tried())
    assert adjusted[1] < 0.25 * given[1]
    assert adjusted[0] == pytest.approx(1.0, abs=2 * adjusted[1])


@pytest.mark.slow
@pytest.mark.parametrize(("trials", "error"), [(40, 0.105), pytest.param(200, 0.035, marks=pytest.mark.long)])
def test_the_adjusted_interval_holds_the_effect_as_often_as_it_says(trials: int, error: float) -> None:
    """Of forty trials within three standard errors of 95 %, of two hundred within some two."""
    found = [effect_of(tried(customers=300, seed=seed)) for seed in range(trials)]
    assert np.mean([abs(effect - 1.0) <= half for effect, half in found]) == pytest.approx(0.95, abs=error)


@pytest.mark.slow
def test_without_past_spend_the_outcome_counts_as_given() -> None:
    at_hand = trial_at_hand(tried().drop(columns="past_spend"))
    assert (at_hand.outcome, trial_at_hand(tried()).outcome, trial_at_hand(tried(), outcome="given").outcome) == (
        "given",
        "adjusted",
        "given",
    )


def test_segments_keep_their_means_of_past_spend() -> None:
    frame = tried().assign(segment=lambda each: np.where(each["past_spend"] > 50, "large", "small"))
    left = less_past_spend(frame["outcome"], frame)
    for name in ("large", "small"):
        inside = (frame["segment"] == name).to_numpy()
        assert left[inside].mean() == pytest.approx(frame.loc[inside, "outcome"].mean())


def valued(frame: pd.DataFrame, fit: object = SimpleNamespace(), **more: object) -> Valued:
    """Customers of whom as much is expected after the trial as they spent within it, half of it again where they were called."""
    after = frame["outcome"].clip(lower=0) * np.where(frame["arm"] == "call", 1.5, 1.0)
    customers = pd.DataFrame({"customer_id": frame["customer_id"], "value": after} | more)
    return Valued(customers, fit, fit, ValueTerms(52.0, 0.5, 0.15, "week"), "" if fit else "No purchase model could be fitted.")


@pytest.mark.slow
def test_the_value_expected_after_the_trial_is_added_to_its_margin() -> None:
    frame = tried()
    effect, _ = effect_of(frame, outcome="value", weeks=26, valued=valued(frame), margin=0.5)
    called = frame["arm"] == "call"
    mean = frame["outcome"].clip(lower=0).groupby(called).mean()
    assert effect == pytest.approx(0.5 * 1.0 + 1.5 * mean[True] - mean[False], abs=0.6)
    assert trial_at_hand(frame, outcome="value", weeks=26, valued=valued(frame)).outcome == "value"


@pytest.mark.slow
@pytest.mark.parametrize("effect", [1.0, 0.0, -1.0])
def test_the_interval_of_the_value_reaches_from_an_effect_that_ends_to_one_that_goes_on(effect: float) -> None:
    """After 26 weeks of a trial 52 more count: an effect that goes on is three times as large."""
    frame = tried(effect)
    within = own_arms(trial_at_hand(frame, margin=0.5)).table.loc[1, ["lower", "upper"]].to_numpy(float)
    found = own_arms(trial_at_hand(frame, outcome="value", weeks=26, valued=valued(frame), margin=0.5)).table.loc[1]
    assert found["lower"] <= min(within[0], 3 * within[0]) and found["upper"] >= max(within[1], 3 * within[1])


def test_ends_of_an_interval_are_those_of_the_three_answers() -> None:
    within = own_arms(trial_at_hand(tried()))
    middle = replace(within, table=within.table.assign(lower=1.2, upper=1.8))
    ends = within.table.loc[1, ["lower", "upper"]].to_numpy(float)
    assert reaching(middle, within, 3.0).table.loc[1, ["lower", "upper"]].tolist() == pytest.approx([ends[0], 3 * ends[1]])
    assert reaching(middle, within, 1.0).table.loc[1, "upper"] == 1.8
    assert reaching(middle, within, 3.0).table["effect"].equals(middle.table["effect"])


def test_the_value_after_a_trial_asks_how_long_it_ran() -> None:
    why = r"trial_outcome is 'value', which counts what comes after the trial: say how many weeks it ran \(trial_weeks\)"
    with pytest.raises(DataError, match=why):
        trial_at_hand(tried(), outcome="value", valued=valued(tried()))


def test_a_value_that_nobody_expects_is_refused_in_one_sentence() -> None:
    frame = tried(customers=200)
    some = valued(frame)
    few = Valued(some.customers.iloc[5:], some.purchases, some.spend, some.terms)
    with pytest.raises(
        DataError, match=r"5 of 200 customers of the trial are not in the purchases \(first: 0\).* set trial_outcome to adjusted"
    ):
        trial_at_hand(frame, outcome="value", weeks=26, valued=few)
    with pytest.raises(DataError, match=r"No purchase model could be fitted\. Set trial_outcome to adjusted"):
        trial_at_hand(frame, outcome="value", valued=valued(frame, None))
    with pytest.raises(DataError, match="trial_outcome is 'worth'; it is one of given, adjusted, value"):
        trial_at_hand(frame, outcome="worth")


def test_effects_that_a_model_expects_after_the_trial_are_told_from_measured_ones() -> None:
    frame = tried().assign(segment="a")
    catalogue = read_catalogue("strategies:\n  - {id: call, name: Call, unit_cost: 1, effects: {spend: {mean: .1, sd: .1}}}\n", ("a",))
    measured = offer(catalogue, trial_at_hand(frame))
    expected = offer(catalogue, trial_at_hand(frame, outcome="value", weeks=26, valued=valued(frame)))
    assert (measured.expected, expected.expected) == (False, True) and measured.assumed == expected.assumed == 0


@pytest.mark.slow
@pytest.mark.parametrize(("file", "arm"), [("s04_trial_control.csv", "mail"), ("s04_trial_no_email.csv", "Mens E-Mail")])
def test_a_mailing_delivers_the_same_whatever_the_control_is_called(file: str, arm: str) -> None:
    at_hand = trial_at_hand(str(FILES / file), arm_costs=[f"{arm}:0.2"])
    table = own_arms(at_hand).table.set_index("arm")
    assert table.loc[arm, "net"] == pytest.approx(0.859, abs=5e-4)
    splits = claims_of(at_hand, seed=1)
    row = splits.table.set_index("method").loc["empirical_bayes"]
    assert row["delivered"] == pytest.approx(0.2166, abs=5e-4)
    assert splits.given is not None and splits.given[0][:, 1].mean() == pytest.approx(0.25)
    assert row["delivered_low"] < 0.25 * 0.859 < row["delivered_high"]
