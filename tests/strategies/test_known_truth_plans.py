"""In worlds whose truth is known, plans keep what they claim when they know the prior, and claim far too much when they are raw.

The full study of 400 worlds at three seeds is `benchmarks/known_truth_plans.py`.
"""

import pytest

from goodwill.errors import DataError
from goodwill.strategies.known_truth_plans import frontier_shape, greedy_gap, known_truth, summarize_worlds


@pytest.fixture(scope="module")
def table():
    return summarize_worlds(known_truth(40, segments=12, strategies=3, seed=5)).set_index("method")


@pytest.mark.slow
def test_with_the_true_prior_claimed_and_delivered_agree_within_two_standard_errors(table):
    assert abs(table.loc["true_prior", "overclaim"]) < 2 * table.loc["true_prior", "standard_error"]


def test_the_raw_plan_claims_too_much_and_empirical_bayes_under_a_third_of_that(table):
    assert table.loc["raw", "overclaim"] > 10 * table.loc["raw", "standard_error"]
    assert table.loc["empirical_bayes", "of_raw"] < 1 / 3


def test_the_oracle_delivers_most_and_claims_no_more(table):
    assert table["delivered"].idxmax() == "oracle"
    assert table.loc["oracle", "overclaim"] == pytest.approx(0, abs=1e-12)


def test_a_strategy_known_to_have_no_effect_gets_nobody(table):
    assert (table["zero_share"] == 0).all()


def test_frontiers_are_concave_and_never_fall():
    falls, bends = frontier_shape(3)
    assert falls < 1e-9 and bends < 1e-9


def test_greedy_is_within_a_ten_thousandth_of_the_bound():
    assert greedy_gap(50_000, 2) < 1e-4


def test_worlds_of_one_segment_are_refused():
    with pytest.raises(DataError):
        known_truth(1, segments=1)
