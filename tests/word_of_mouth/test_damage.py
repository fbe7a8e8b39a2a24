"""What complaints cost and what recovering one is worth."""

import numpy as np
import pytest

from goodwill.errors import DataError
from goodwill.word_of_mouth.damage import COCA_COLA_1981, MarketDamage, RecoveryValue, break_even_weight, relative_impact

CASE = {
    "boycott": 1 / 3,
    "reduce": 0.45,
    "reduction": 0.5,
    "buy_more": 0.10,
    "increase": 0.5,
    "told_dissatisfied": 9.5,
    "told_satisfied": 4.5,
    "loss_per_hearing": 0.02,
    "gain_per_hearing": 0.01,
    "residual_value": 300,
    "purchase_margin": 0,
    "prospect_value": 300,
}
MEDIANS = {"told_dissatisfied": 14.6965, "told_satisfied": 7.0921}  # the means that the median reading implies

# Repurchase by handling, losses above 100 dollars and below 5 dollars (TARP, as quoted by Huba and by Goodman, 1984).
TARP_LARGE = {"stay_silent": 0.09, "stay_unresolved": 0.19, "stay_resolved": 0.54, "stay_quickly": 0.82}
TARP_SMALL = {"stay_silent": 0.37, "stay_unresolved": 0.46, "stay_resolved": 0.70, "stay_quickly": 0.95}
MARKET = {
    "customers": 100_000,
    "problems": 0.10,
    "voice": 0.06,
    "resolved": 0.5,
    "quickly": 0.4,
    "told_silent": 1.2,
    "told_unresolved": 9.5,
    "told_resolved": 6,
    "told_quickly": 4.5,
    "loss_per_hearing": 0.02,
    "gain_per_hearing": 0.01,
    "residual_value": 100,
    "value_per_choice": 40,
}


class TestRelativeImpact:
    @pytest.mark.parametrize(("coding", "printed"), [(1, 1.56), (0, 1.03), (-1, 0.50)])
    def test_of_coca_cola_depends_on_the_coding_of_the_middle_group(self, coding, printed):
        assert round(relative_impact(COCA_COLA_1981, acceptable=coding), 2) == printed

    def test_with_the_middle_group_on_the_good_side(self):
        assert relative_impact(COCA_COLA_1981) == 19_778 / (2 * 6_330)
        assert relative_impact(COCA_COLA_1981) == pytest.approx(1.562244, abs=1e-6)

    def test_bad_news_would_have_to_weigh_3_12_times_as_much(self):
        assert break_even_weight(COCA_COLA_1981) == pytest.approx(3.1245, abs=5e-5)

    def test_hearings_per_hundred_complaints(self):
        total = sum(each.complainants for each in COCA_COLA_1981)
        good = sum(each.complainants * each.told for each in COCA_COLA_1981[:2])
        assert (round(100 * good / total, 1), round(100 * 6_330 / total, 1)) == (453.0, 145.0)

    @pytest.mark.parametrize("wrong", [{"acceptable": 2}, {"negative_weight": 0}])
    def test_codings_that_mean_nothing_are_refused(self, wrong):
        with pytest.raises(DataError, match="middle group"):
            relative_impact(COCA_COLA_1981, **wrong)


class TestRecoveryValue:
    @pytest.mark.parametrize(("reduction", "share"), [(0.25, 0.445833), (0.5, 0.558333), (0.75, 0.670833)])
    def test_own_loss(self, reduction, share):
        assert RecoveryValue(**CASE | {"reduction": reduction}).own_loss == pytest.approx(share, abs=5e-7)

    def test_direct_value_and_total_without_retelling(self):
        value = RecoveryValue(**CASE)
        assert value.own_loss + value.own_gain == pytest.approx(0.608333, abs=5e-7)
        assert (round(value.direct, 2), round(float(value.word_of_mouth), 2), round(float(value.total), 2)) == (182.50, 70.50, 253.00)

    @pytest.mark.parametrize(("told", "retell", "total"), [({}, 0.05, 308.49), (MEDIANS, 0, 291.96), (MEDIANS, 0.05, 548.00)])
    def test_retelling_and_the_reading_of_the_told_counts(self, told, retell, total):
        case = CASE | told
        case |= {"retell": retell, "told_onward_bad": case["told_dissatisfied"], "told_onward_good": case["told_satisfied"]}
        assert round(float(RecoveryValue(**case).total), 2) == total

    def test_cost_leaves_out_what_satisfaction_would_bring(self):
        assert RecoveryValue(**CASE).cost == pytest.approx(300 * (0.558333333 + 0.19))

    def test_an_association_that_is_no_effect_is_worth_nothing(self):
        assert RecoveryValue(**CASE | {"causal_handling": 0.0}).total == 0

    def test_one_purchase_choice_is_not_a_lifetime(self):
        once = RecoveryValue(**CASE | {"lasting": 0.0, "purchase_margin": 5})
        assert once.word_of_mouth == pytest.approx(70.5 * 5 / 300)
        assert once.direct == pytest.approx(182.5)

    def test_fields_may_be_arrays_of_draws(self):
        values = RecoveryValue(**CASE | {"loss_per_hearing": np.array([0.01, 0.02])}).total
        assert values == pytest.approx([224.5, 253.0])

    @pytest.mark.parametrize(
        ("wrong", "message"),
        [
            ({"boycott": 1.2}, "boycott is 1.2"),
            ({"boycott": 0.7}, "boycott \\+ reduce"),
            ({"loss_per_hearing": -0.1}, "loss_per_hearing is -0.1"),
            ({"retell": 0.2, "told_onward_bad": 9.5}, "infinite"),
        ],
    )
    def test_bad_input_is_refused_in_words(self, wrong, message):
        with pytest.raises(DataError, match=message):
            RecoveryValue(**CASE | wrong)


class TestMarketDamage:
    @pytest.mark.parametrize(("stay", "voice", "resolution", "speed"), [(TARP_LARGE, 10, 35, 28), (TARP_SMALL, 9, 24, 25)])
    def test_steps_of_the_tarp_table_in_points(self, stay, voice, resolution, speed):
        quiet = {"loss_per_hearing": 0.0, "gain_per_hearing": 0.0, "customers": 100, "problems": 1.0, "residual_value": 1}
        market = MarketDamage(**MARKET | stay | quiet | {"voice": 1.0, "resolved": 1.0, "quickly": 0.0})
        assert market.value_of_recovery(1.0) == pytest.approx(resolution)
        assert market.value_of_speed(1.0) == pytest.approx(speed)
        unresolved = MarketDamage(**MARKET | stay | quiet | {"resolved": 0.0})
        assert unresolved.value_of_voice(1.0) == pytest.approx(voice)

    def test_groups_add_up_to_everybody_with_a_problem(self):
        table = MarketDamage(**MARKET | TARP_SMALL).by_group
        assert table["people"].sum() == pytest.approx(10_000)
        assert table.loc["silent", "people"] == pytest.approx(9_400)
        assert table["direct_loss"].to_numpy() == pytest.approx(100 * table["customers_lost"])

    def test_the_middle_group_decides_the_sign_of_its_word_of_mouth(self):
        losses = []
        for speak in (1, 0, -1):
            by_group = MarketDamage(**MARKET | TARP_SMALL, resolved_speak=speak).by_group
            losses.append(by_group.loc["resolved", "word_of_mouth_loss"])
        assert losses[0] < losses[1] == 0 < losses[2]

    @pytest.mark.parametrize(
        ("lever", "field"), [("value_of_voice", "voice"), ("value_of_recovery", "resolved"), ("value_of_speed", "quickly")]
    )
    def test_the_worth_of_a_point_is_the_fall_of_the_damage(self, lever, field):
        market = MarketDamage(**MARKET | TARP_SMALL)
        moved = MarketDamage(**MARKET | TARP_SMALL | {field: MARKET[field] + 0.01})
        assert getattr(market, lever)(0.01) == pytest.approx(market.damage - moved.damage)

    def test_the_silent_are_other_people_and_the_causal_share_scales_the_worth_of_voice(self):
        half = MarketDamage(**MARKET | TARP_SMALL, causal_voice=0.5)
        assert half.value_of_voice() == pytest.approx(0.5 * MarketDamage(**MARKET | TARP_SMALL).value_of_voice())
        assert half.value_of_speed() == pytest.approx(MarketDamage(**MARKET | TARP_SMALL).value_of_speed())

    def test_bad_input_is_refused_in_words(self):
        with pytest.raises(DataError, match="voice is 6; a share"):
            MarketDamage(**MARKET | TARP_SMALL | {"voice": 6})
        with pytest.raises(DataError, match="told is below zero"):
            MarketDamage(**MARKET | TARP_SMALL | {"told_silent": -1})
