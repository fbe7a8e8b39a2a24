"""Every caveat says its number in a whole sentence."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from tests.segments.plan_values import plan_values

from goodwill.errors import DataError
from goodwill.findings import caveats as words
from goodwill.findings.finding import Absent
from goodwill.strategies.allocation import Plan

MIXED = np.array([["A", "D"], ["D", "D"]])
VALUES = plan_values([[4.0, 1.0], [2.0, 1.0]], [1.0, 0.5], [100, 300], grade=MIXED, floor=np.array([[0, 0], [0.1, 0]]))
SHARES = np.array([[1.0, 0.0], [0.5, 0.0]])
PLAN = Plan("plan", SHARES, VALUES, 1e9)


def test_those_who_bought_once_are_tied() -> None:
    found = words.ties(pd.DataFrame({"frequency": [0, 1, 1, 2]}))
    assert (found.name, found.number) == ("ties", 0.25)
    assert found.sentence == "Ties: 25% of customers bought once, and no rule on orders can tell them apart; here they share every score."


@pytest.mark.parametrize(
    ("claimed", "delivered", "number", "said"),
    [
        (
            1.0236,
            0.6824,
            1.5,
            "Winner’s curse: the plan claims 1.02 and delivers 0.682 on customers who did not choose it, 1.5 times as much as true.",
        ),
        (
            0.51234,
            0.51234,
            1.0,
            "Winner’s curse: the plan claims 0.512 and delivers 0.512 on customers who did not choose it, no more than it keeps.",
        ),
        (1.2345, 0.0, None, "Winner’s curse: the plan claims 1.23 and delivers 0 on customers who did not choose it."),
        (1.0, -0.51234, None, "Winner’s curse: the plan claims 1 and delivers \N{MINUS SIGN}0.512 on customers who did not choose it."),
    ],
)
def test_the_winners_curse_is_claimed_over_delivered(claimed, delivered, number, said) -> None:
    found = words.winners_curse(claimed, delivered)
    assert (found.name, found.sentence) == ("winner's curse", said)
    assert found.number == (number if number is None else pytest.approx(number))


@pytest.mark.parametrize(
    ("own", "said"),
    [
        (True, "the raw plan of the trial claims 2 and delivers 1 on customers who did not choose it, 2 times as much as true."),
        (False, "the raw plan of the simulated trial claims 2 and is truly worth 1, 2 times as much as true."),
    ],
)
def test_the_curse_of_a_trial_says_whose_trial_and_what_it_is_judged_by(own, said) -> None:
    splits = SimpleNamespace(table=pd.DataFrame({"method": ["raw"], "claimed": [2.0], "delivered": [1.0]}))
    assert words.curse_of_trial(splits, SimpleNamespace(own=own)).sentence == f"Winner’s curse: {said}"


def test_small_segments_are_named_and_empty_ones_are_not() -> None:
    profile = pd.DataFrame({"customers": [500, 12, 0], "small": [False, True, True]}, index=["A", "B", "C"])
    found = words.small_segments(profile)
    assert found.sentence == "Small segments: B (12); read their numbers drawn towards the others (the columns that end in _shrunken)."
    assert (found.name, found.number) == ("small segments", 1)
    two = words.small_segments(profile.assign(small=True).iloc[:2])
    assert two.sentence.startswith("Small segments: A (500), B (12); read")
    one = pd.DataFrame({"customers": [1], "small": [True]}, index=["single"])
    assert words.small_segments(one).number == 1
    assert words.small_segments(profile.iloc[:1]).sentence == "No segment is too small to be read on its own."


def test_selection_is_the_part_of_the_naive_reading_that_matching_takes_away() -> None:
    found = words.selection_of_targeted(pd.DataFrame({"difference": [252.0, 24.0, -13.0]}))
    assert (found.name, found.number) == ("selection of the targeted", 1 - 24 / 252)
    assert found.sentence == (
        "Selection: the targeted differ from others by +252 per customer, from others alike before by +24, and in their change by "
        "\N{MINUS SIGN}13: they were chosen, not drawn, and none of the three is the campaign’s effect."
    )
    assert words.selection_of_targeted(pd.DataFrame({"difference": [0.0, 1.0, 1.0]})).number is None


def test_interference_grows_with_who_is_treated_and_told() -> None:
    found = words.interference(PLAN, told=2.0, spill=0.1)
    assert (found.name, found.number) == ("interference", pytest.approx(250 / 400 * 2 * 0.1))
    assert found.sentence == (
        "Interference: if each of the 62% treated tells 2 other customers and a telling carries 10% of the effect, a comparison with the "
        "untreated misses 12% of it (0.35 per customer)."
    )
    assert words.interference(PLAN, told=1.27).sentence == (
        "Interference: if each of the 62% treated tells 1.27 other customers and a telling carries 10% of the effect, a comparison with "
        "the untreated misses 8% of it (0.222 per customer)."
    )
    assert words.interference(PLAN, told=50.0, spill=0.5).number == 1.0
    assert words.interference(PLAN, told=2.0) == found
    assert (words.interference(PLAN, told=0.0).number, words.interference(PLAN, told=0.5, spill=0.0).number) == (0.0, 0.0)
    twice = Plan("twice", np.array([[1.0, 1.0], [1.0, 1.0]]), VALUES, 1e9)  # of two groups: more treatments than customers
    assert words.interference(twice, told=0.5, spill=0.5).number == pytest.approx(0.25)
    assert "(0 per customer)" in words.interference(Plan("nobody", np.zeros((2, 2)), VALUES, 0.0), told=1.0).sentence
    with pytest.raises(DataError, match="neither may be below 0"):
        words.interference(PLAN, told=-1.0)


def test_what_nobody_measured_is_a_share_of_the_gain() -> None:
    found = words.unmeasured_effects(PLAN)
    assert (found.name, found.number) == ("assumed effects", pytest.approx(300 / 700))
    assert found.sentence == "43% of the plan’s expected gain rests on grade D: its impact is unknown without a trial."
    measured = Plan("plan", np.array([[1.0, 0.0], [0.0, 0.0]]), VALUES, 1e9)
    assert words.unmeasured_effects(measured).sentence == "0% of the plan’s expected gain rests on grade D: it was measured or seen."
    nothing = words.unmeasured_effects(Plan("nobody", np.zeros((2, 2)), VALUES, 0.0))
    assert nothing.name == "assumed effects"
    useless = plan_values([[-1.0]], [1.0], [10])
    assert words.unmeasured_effects(Plan("useless", np.array([[1.0]]), useless, 9.0)).number == 1.0
    tiny = plan_values([[0.05]], [0.01], [10], grade=np.array([["A"]]))
    assert words.unmeasured_effects(Plan("tiny", np.array([[1.0]]), tiny, 9.0)).number == 0.0
    losing = plan_values([[-5.0, 1.0]], [1.0, 1.0], [10], grade=np.array([["A", "D"]]))
    assert words.unmeasured_effects(Plan("losing", np.array([[0.5, 0.5]]), losing, 9.0)).number == 1.0, "a loss weighs nothing"
    assert (nothing.number, nothing.sentence) == (0.0, "The plan does nothing, so it rests on no assumed effect.")


def test_service_is_compared_between_the_best_and_the_worst_served() -> None:
    found = words.service_disparity(PLAN)
    assert (found.name, found.number) == ("fairness", 0.5)
    assert found.sentence == (
        "Fairness: the plan spends 1.00 per customer on 'a' and 0.50 on 'b'; 150 of 400 customers get nothing. Service floors hold for b."
    )
    without = Plan("plan", SHARES, plan_values([[4.0, 1.0], [2.0, 1.0]], [1.0, 0.5], [100, 300]), 1e9)
    assert words.service_disparity(without).sentence == (
        "Fairness: the plan spends 1.00 per customer on 'a' and 0.50 on 'b'; 150 of 400 customers get nothing. No service floor is set."
    )


def test_fairness_looks_at_segments_with_customers_and_names_all_floors() -> None:
    floor = np.array([[0.1], [0.1], [0.0]])
    values = plan_values([[4.0], [2.0], [9.0]], [1.0], [100, 1, 0], floor=floor)
    found = words.service_disparity(Plan("plan", np.array([[0.5], [1.0], [0.0]]), values, 1e9))
    assert found.sentence == (
        "Fairness: the plan spends 1.00 per customer on 'b' and 0.50 on 'a'; 50 of 101 customers get nothing. Service floors hold for a, b."
    )


def test_the_table_leaves_out_what_could_not_be_had() -> None:
    found = words.caveats(words.Caveat("ties", 0.5, "Ties."), Absent("No plan."), words.Caveat("fairness", None, "Fair."))
    table = found.parts["caveats"]
    assert table.frame.to_dict("list") == {"caveat": ["ties", "fairness"], "what it means here": ["Ties.", "Fair."]}
    assert (table.caption, table.max_rows, found.text) == ("Caveats where they bite", 2, "")
