import numpy as np
import pandas as pd
import pytest

import goodwill as gw
from goodwill.errors import DataError
from goodwill.segments import CASE_PYRAMID, JD_LEVELS, loyalty_tier, pyramid, tier_history

NOBODY = pd.DataFrame({"growth_value": [0.0]})


def test_the_pyramid_holds_its_shares_of_customers():
    customers = pd.DataFrame({"value": np.arange(100.0)})
    rules = pyramid(customers)
    assert rules.assign(customers).value_counts().to_dict() == {"platinum": 20, "gold": 30, "iron": 30, "lead": 20}
    assert rules.assign(customers)[99] == "platinum"
    assert rules.notes == ("best first, by value: platinum 20, gold 30, iron 30, lead 20 customers",)


def test_the_tiers_of_the_case_are_named_from_the_lowest():
    case = gw.read_case("customer_tier_systems").query("system == 'walmart_value'")
    assert tuple(case.sort_values("order_low_to_high")["tier_en"]) == CASE_PYRAMID
    customers = pd.DataFrame({"value": np.arange(100.0)})
    rules = pyramid(customers, names=CASE_PYRAMID, first="lowest", shares=(0.4, 0.3, 0.2, 0.1))
    assert rules.segments == ("gold", "silver", "iron", "lead")
    assert rules.assign(customers).value_counts().tolist() == [10, 20, 30, 40]
    assert rules.assign(customers)[0] == "lead"


@pytest.mark.parametrize("shares", [(0.2, 0.3, 0.3, 0.3), (0.5, 0.5), (0.5, 0.5, 0.5, -0.5)])
def test_shares_of_the_pyramid_are_checked(shares):
    with pytest.raises(DataError, match=r"one per name and sum to 1|must rise"):
        pyramid(pd.DataFrame({"value": [1.0, 2.0]}), shares=shares)


def test_the_direction_is_one_of_two():
    with pytest.raises(DataError, match="'best' or the 'lowest'"):
        pyramid(pd.DataFrame({"value": [1.0]}), first="highest")


def test_jd_names_five_levels_and_gives_no_thresholds():
    case = gw.read_case("customer_tier_systems").query("system == 'jd_membership'")
    assert tuple(case.sort_values("order_low_to_high")["tier_en"]) == JD_LEVELS
    assert case["threshold"].isna().all()
    with pytest.raises(DataError, match=r"'loyalty_tier' has no thresholds: .*bronze, silver, gold, diamond.*none are published"):
        loyalty_tier(NOBODY)


@pytest.mark.parametrize("thresholds", [(1, 2, 3), (4, 3, 2, 1), (0, 1, 2, 3), (1, 1, 2, 3)])
def test_thresholds_rise_above_zero(thresholds):
    with pytest.raises(DataError, match="must be 4 rising numbers above 0"):
        loyalty_tier(NOBODY, thresholds=thresholds)


def test_a_tier_is_earned_by_reaching_its_threshold():
    customers = pd.DataFrame({"growth_value": [0.0, 9.99, 10.0, 1e6]})
    rules = loyalty_tier(customers, thresholds=(1, 10, 100, 1000))
    assert list(rules.assign(customers)) == ["registered", "bronze", "silver", "diamond"]


@pytest.mark.parametrize(
    ("validity", "grace", "told"),
    [
        (1, 0, ["diamond", "gold", "silver", "bronze"]),
        (1, 1, ["diamond", "diamond", "gold", "silver"]),
        (2, 1, ["diamond", "diamond", "diamond", "gold"]),
    ],
)
def test_a_tier_is_kept_for_validity_and_grace_and_then_lands_softly(validity, grace, told):
    rules = loyalty_tier(NOBODY, thresholds=(1, 10, 100, 1000), validity=validity, grace=grace)
    assert tier_history(rules, [[1000, 0, 0, 0]])[0].tolist() == told


def test_nobody_ever_falls_by_more_than_a_level_or_below_what_was_earned():
    rules = loyalty_tier(NOBODY, thresholds=(1, 10, 100, 1000), validity=1, grace=0)
    growth = 10 ** np.random.default_rng(5).uniform(-1, 4, (500, 12))
    place = {name: k for k, name in enumerate(JD_LEVELS)}
    history = np.vectorize(place.get)(tier_history(rules, growth))
    earned = np.searchsorted([1, 10, 100, 1000], growth, side="right")
    assert (np.diff(history, axis=1) >= -1).all()
    assert (history >= earned).all()


def test_assigning_with_the_tier_held_is_one_step_of_the_history():
    rules = loyalty_tier(NOBODY, thresholds=(1, 10, 100, 1000))
    held = pd.DataFrame(
        {"growth_value": [0.0, 0.0, 500.0, 20.0], "tier": ["diamond", "diamond", "silver", None], "periods_missed": [0, 1, 0, 0]}
    )
    assert list(rules.assign(held)) == ["diamond", "gold", "gold", "silver"]


def test_an_unknown_tier_is_named_with_its_row():
    rules = loyalty_tier(NOBODY, thresholds=(1, 10, 100, 1000))
    with pytest.raises(DataError, match=r"'tier' holds 'copper', which is none of diamond, .* \(row 1\)"):
        rules.assign(pd.DataFrame({"growth_value": [1.0, 1.0], "tier": ["gold", "copper"]}))


@pytest.mark.parametrize(("validity", "grace"), [(0, 1), (1, -1)])
def test_periods_are_checked(validity, grace):
    with pytest.raises(DataError, match="a tier holds for one at least"):
        loyalty_tier(NOBODY, thresholds=(1, 2, 3, 4), validity=validity, grace=grace)
