import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.satisfaction.published import FAIR_LOYAL, FAIR_N

from goodwill.errors import DataError
from goodwill.satisfaction.intervals import defection_ratio, net_promoter_score, odds_ratio, risk_ratio, share_difference

counts = st.integers(2, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def test_fair_ratio_of_five_to_four():
    assert np.round(risk_ratio(FAIR_LOYAL[4], FAIR_N[4], FAIR_LOYAL[3], FAIR_N[3]), 4).tolist() == [1.2090, 1.1694, 1.2509]


@pytest.mark.parametrize(
    ("table", "ratio", "odds"),
    [  # Miettinen-Nurminen limits as statsmodels 0.15 computes them
        ((72, 100, 12, 100), (3.5692480, 10.4276207), (8.9949333, 39.4699654)),
        ((2197, 2684, 1518, 2242), (1.1693668, 1.2509303), (1.8852691, 2.4556254)),
    ],
)
def test_score_limits_agree_with_statsmodels(table, ratio, odds):
    assert np.allclose(risk_ratio(*table)[1:], ratio, rtol=1e-4)
    assert np.allclose(odds_ratio(*table)[1:], odds, rtol=1e-4)


def test_odds_of_six_are_a_risk_ratio_of_one_and_a_half_and_a_defection_ratio_of_four():
    table = (90, 100, 60, 100)
    assert [round(measure(*table).estimate, 9) for measure in (odds_ratio, risk_ratio, defection_ratio)] == [6, 1.5, 4]


@given(counts, counts)
def test_ratio_interval_turns_over_with_its_groups_and_holds_its_estimate(one, other):
    ratio, turned = risk_ratio(*one, *other), risk_ratio(*other, *one)
    if one[0] > 0 and other[0] > 0:
        assert ratio.lower <= ratio.estimate <= ratio.upper
        assert np.allclose([1 / ratio.upper, 1 / ratio.lower], [turned.lower, turned.upper], rtol=1e-4)
    assert (ratio.lower == 0) == (one[0] == 0)
    assert np.isinf(ratio.upper) == (other[0] == 0)


def test_all_loyal_at_both_levels_keeps_an_uncertain_ratio():
    estimate, lower, upper = risk_ratio(10, 10, 10, 10)
    assert estimate == 1
    assert lower < 0.8 < 1.3 < upper


def test_none_loyal_at_both_levels_leaves_the_ratio_unknown():
    estimate, lower, upper = risk_ratio(0, 10, 0, 10)
    assert np.isnan(estimate)
    assert (lower, upper) == (0, np.inf)


def test_arrays_give_what_single_tables_give():
    both = risk_ratio([5, 7], 20, 3, [30, 40])
    assert np.allclose(both.lower, [risk_ratio(5, 20, 3, 30).lower, risk_ratio(7, 20, 3, 40).lower])


def test_share_difference_is_inside_its_interval_and_within_one():
    difference, lower, upper = share_difference(9, 10, 2, 10)
    assert difference == pytest.approx(0.7)
    assert -1 <= lower < difference < upper <= 1


def test_net_promoters_match_the_adjusted_wald_interval():
    assert np.round(net_promoter_score(9, 2, 11), 1).tolist() == [50.0, 8.0, 92.0]
    assert np.round(net_promoter_score(45, 20, 93), 1).tolist() == [26.0, 10.2, 41.9]


def test_swapping_promoters_and_detractors_flips_the_sign():
    score, flipped = net_promoter_score(9, 2, 11), net_promoter_score(2, 9, 11)
    assert np.allclose([score.estimate, score.lower, score.upper], [-flipped.estimate, -flipped.upper, -flipped.lower])


@pytest.mark.parametrize("table", [(5, 4, 1, 4), (-1, 4, 1, 4), (0, 0, 1, 4)])
def test_impossible_counts_are_refused(table):
    with pytest.raises(DataError):
        risk_ratio(*table)
