"""The arms of a user's trial: who was left alone, whether sizes are those of lots, and what each arm did after cost."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from tests.segments.plan_values import plan_values

from goodwill.errors import DataError, TooLittle
from goodwill.strategies.allocation import Plan
from goodwill.strategies.catalogue_file import read_catalogue
from goodwill.strategies.offer import claims_of, costs_of_arms, offer, own_arms, plan_of_today, plan_to_try, spendable, trial_at_hand
from goodwill.strategies.policy_value import check_experiment, control_among
from goodwill.strategies.trials.trial_arms import trial_arms

VALUES = plan_values([[2.0]], [1.0], [10])


def mailed(left_alone: str = "No E-Mail", customers: int = 6_000, seed: int = 1, share: float = 0.5, **more: object) -> pd.DataFrame:
    """An e-mail brings 1.0 more, on outcomes of mostly nothing; as a shop writes it down."""
    rng = np.random.default_rng(seed)
    mail = rng.random(customers) < share
    outcome = np.where(rng.random(customers) < 0.1, rng.gamma(2, 5, customers), 0.0) + mail
    arm = np.where(mail, "Mens E-Mail", left_alone)
    return pd.DataFrame({"customer_id": np.arange(customers), "arm": arm, "propensity": 0.5, "outcome": outcome} | more)


@pytest.mark.parametrize(
    "name",
    [
        "control",
        "Control Group",
        "No E-Mail",
        "no_mail",
        "holdout",
        "Hold-out group",
        "held out",
        "do_nothing",
        "none",
        "Nothing",
        "ctrl_1",
        "placebo",
        "untreated",
        "keine Mail",
        "Kontrollgruppe",
        "ohne Brief",
        "sans courrier",
        "对照组",
        "对照",
        "不发短信",
        "无",
    ],
)
def test_the_arm_that_was_left_alone_is_known_by_its_name(name: str) -> None:
    assert control_among(["A discount", "Mens E-Mail", name]) == name


@pytest.mark.parametrize("arms", [["Mens E-Mail", "Womens E-Mail"], ["a", "b"], ["notice", "normal"], ["无门槛券", "短信"]])
def test_arms_of_which_none_says_so_are_asked_for(arms: list[str]) -> None:
    with pytest.raises(DataError) as caught:
        control_among(arms)
    said = f"which arm of the trial was left alone? It has {', '.join(arms)}, and no name says so: name it with control_arm."
    assert str(caught.value) == said


def test_two_arms_that_sound_like_it_are_asked_for() -> None:
    with pytest.raises(DataError, match="'control' and 'no mail' both sound like it: name it with control_arm"):
        control_among(["control", "no mail", "mail"])


def test_the_best_arm_is_never_made_the_control_by_its_place_in_the_alphabet() -> None:
    frame = mailed("Womens E-Mail")
    with pytest.raises(DataError, match="name it with control_arm"):
        check_experiment(frame)
    found = trial_arms(check_experiment(frame, control="Womens E-Mail"))
    assert found.control == "Womens E-Mail" and found.table["effect"].iloc[1] == pytest.approx(1.0, abs=0.3)


def test_the_name_of_the_control_changes_nothing() -> None:
    renamed, plain = (trial_arms(check_experiment(mailed(name))) for name in ("No E-Mail", "control"))
    pd.testing.assert_frame_equal(renamed.table.drop(columns="arm"), plain.table.drop(columns="arm"))


def test_effects_are_margin_and_net_is_after_cost() -> None:
    experiment = check_experiment(mailed(), margin=0.4, costs={"Mens E-Mail": 0.1})
    row = trial_arms(experiment).table.iloc[1]
    frame = experiment.frame
    gap = frame.loc[frame["arm"] == "Mens E-Mail", "outcome"].mean() - frame.loc[frame["arm"] == "No E-Mail", "outcome"].mean()
    assert row["effect"] == pytest.approx(0.4 * gap)
    assert row["net"] == pytest.approx(0.4 * gap - 0.1)
    assert row["lower"] < row["effect"] < row["upper"] and (row["share"], row["drawn"]) == (
        pytest.approx(0.5, abs=0.02),
        pytest.approx(0.5),
    )
    assert experiment.net.mean() == pytest.approx(0.4 * frame["outcome"].mean() - 0.1 * (frame["arm"] == "Mens E-Mail").mean())


@pytest.mark.slow
@pytest.mark.parametrize(("trials", "error"), [(40, 0.105), (200, 0.035)])
def test_intervals_hold_the_effect_as_often_as_they_say(trials: int, error: float) -> None:
    """Of forty trials within three standard errors of 95 %, of two hundred within some two."""
    rows = [trial_arms(check_experiment(mailed(customers=800, seed=seed))).table.iloc[1] for seed in range(trials)]
    assert np.mean([row["lower"] <= 1.0 <= row["upper"] for row in rows]) == pytest.approx(0.95, abs=error)


@pytest.mark.slow
def test_sizes_of_lots_are_unsuspicious_as_often_as_they_should() -> None:
    p = np.array([trial_arms(check_experiment(mailed(customers=500, seed=seed))).sample_ratio_p for seed in range(300)])
    assert (p < 0.05).mean() == pytest.approx(0.05, abs=0.03) and (p < 0.5).mean() == pytest.approx(0.5, abs=0.08)


def test_sizes_that_lots_do_not_give_are_found() -> None:
    assert trial_arms(check_experiment(mailed(share=0.475))).sample_ratio_p < 0.001


def test_chances_that_differ_from_customer_to_customer_are_checked_too() -> None:
    frame = mailed()
    rng = np.random.default_rng(5)
    chance = rng.uniform(0.3, 0.7, len(frame))
    mail = rng.random(len(frame)) < chance
    frame = frame.assign(arm=np.where(mail, "mail", "control"), propensity=np.where(mail, chance, 1 - chance))
    assert trial_arms(check_experiment(frame)).sample_ratio_p > 0.01


def test_arms_that_spent_differently_before_are_found() -> None:
    rng = np.random.default_rng(2)
    alike = mailed(past_spend=rng.gamma(1, 50, 6_000))
    assert trial_arms(check_experiment(mailed())).balance_p is None
    assert trial_arms(check_experiment(alike)).balance_p > 0.01
    unlike = alike.assign(past_spend=alike["past_spend"] + 10 * (alike["arm"] == "Mens E-Mail"))
    assert trial_arms(check_experiment(unlike)).balance_p < 0.001


@pytest.mark.slow
def test_a_trial_of_ones_own_brings_costs_and_margin_and_a_simulated_one_has_no_arms_to_report() -> None:
    own = trial_at_hand(mailed().astype({"customer_id": str}), arm_costs=["Mens E-Mail:0.2"], margin=0.5)
    assert own.own and own.experiment.costs == {"Mens E-Mail": 0.2} and own.experiment.margin == 0.5
    assert own.budget == 0.05
    assert own_arms(own).control == "No E-Mail"
    named = trial_at_hand(mailed("Womens E-Mail"), control="Womens E-Mail")
    assert named.experiment.control == "Womens E-Mail" and named.budget is None
    with pytest.raises(TooLittle, match=r"^No trial of your own is given \(experiment\)"):
        own_arms(trial_at_hand("", seed=1))


def test_costs_and_todays_plan_are_read_from_texts_or_refused() -> None:
    assert costs_of_arms(["mail:0.5", "a:b: 2"]) == {"mail": 0.5, "a:b": 2.0}
    with pytest.raises(DataError, match="given as 'mail'"):
        costs_of_arms(["mail"])
    assert plan_of_today(["a:x", "b: y"]) == {"a": "x", "b": "y"}
    with pytest.raises(DataError, match="write segment, colon and strategy"):
        plan_of_today(["vip_guide"])


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, pytest.param(5, marks=pytest.mark.slow)])
def test_a_simulated_trial_is_judged_by_its_truth_whatever_the_seed(seed: int) -> None:
    """The raw plan claims more than it is worth; what is delivered never exceeds the best possible by more than picking customers can."""
    table = claims_of(trial_at_hand("", seed=seed), seed=seed)
    by_method = table.table.set_index("method")
    assert table.best is not None
    assert by_method.loc["raw", "claimed"] > by_method.loc["raw", "delivered"] > 0.8 * table.best
    assert by_method.loc["empirical_bayes", "delivered"] <= table.best + 1e-9
    assert by_method.loc["nobody", ["claimed", "delivered"]].tolist() == [0, 0]


CATALOGUE = """
strategies:
  - {id: mail, name: Write, unit_cost: 0.3, effects: {spend: {mean: .1, sd: .1}}}
  - {id: call, name: Call, unit_cost: 2.0, effects: {spend: {mean: .1, sd: .1}}}
"""


@pytest.mark.slow
def test_arms_that_are_not_named_cost_what_the_catalogue_says_and_what_was_measured_replaces_what_was_assumed() -> None:
    catalogue = read_catalogue(CATALOGUE, ("all",))
    frame = mailed().replace({"arm": {"Mens E-Mail": "mail"}})
    tried = trial_at_hand(frame, catalogue=catalogue, margin=0.4)
    assert tried.experiment.costs == {"mail": 0.3}
    assert trial_at_hand(frame, catalogue=catalogue, arm_costs=["mail:0.1"]).experiment.costs == {"mail": 0.1}
    found = offer(catalogue, tried)
    assert found.measured is not None and found.assumed == 1
    assert found.catalogue.strategy("mail").measured["all"].mean == pytest.approx(trial_arms(tried.experiment).table["effect"].iloc[1])
    assert offer(catalogue, trial_at_hand(mailed())).measured is None  # its arms are no strategies of the catalogue
    assert (offer(catalogue, trial_at_hand("")).measured, offer(catalogue, trial_at_hand("")).assumed) == (None, 2)


@pytest.mark.slow
def test_ones_own_trial_is_judged_on_halves_of_it() -> None:
    found = claims_of(trial_at_hand(mailed(), arm_costs=["Mens E-Mail:0.2"], margin=0.5))
    assert found.best is None and found.runs["split"].nunique() == 40


def test_the_plan_to_try_is_the_one_considered() -> None:
    plan, nobody = (Plan(name, np.array([[share]]), VALUES, 9.0) for name, share in (("p", 0.5), ("nobody", 0.0)))
    assert plan_to_try(SimpleNamespace(candidate=plan)) is plan
    with pytest.raises(TooLittle, match="No strategy is worth its cost within the budget, so there is nothing to try"):
        plan_to_try(SimpleNamespace(candidate=nobody))


def test_without_a_budget_a_hundredth_of_the_expected_value_may_be_spent() -> None:
    people = pd.DataFrame({"value": [100.0, 300.0]})
    assert (spendable(0.0, people), spendable(7.0, people)) == (4.0, 7.0)
