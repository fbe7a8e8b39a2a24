"""What statements allow without a curve: the linear programmes, rounding and sampling."""

import pytest

from goodwill.errors import DataError
from goodwill.word_of_mouth.statement_bounds import MeanStatement, case_bounds, stated_range, tail_bounds

CASE = [MeanStatement(2620, 4.5, 4.5), MeanStatement(1113, 6, 6), MeanStatement(633, 9.5, 9.5)]


def test_decreasing_distributions_reach_more_than_is_said() -> None:
    """14.4 % with means of 4.5, 6 and 9.5, where smooth curves reach 9 % and were called infeasible."""
    assert tail_bounds(CASE, "decreasing")[1] == pytest.approx(0.1438, abs=1e-4)


def test_without_a_shape_markov_bounds_the_tail() -> None:
    """Nobody below the threshold tells anybody: mean / 20."""
    low, high = tail_bounds([MeanStatement(1, 9.5, 9.5)], "any")
    assert (low, high) == (0.0, pytest.approx(9.5 / 20))


def test_a_mean_above_the_threshold_forces_a_tail() -> None:
    low, _ = tail_bounds([MeanStatement(1, 30.0, 30.0)], "any", at_most=50)
    assert low == pytest.approx((30 - 19) / (50 - 19))


def test_a_range_of_means_allows_what_its_ends_do() -> None:
    wide = tail_bounds([MeanStatement(1, 9.0, 10.0)], "decreasing")
    assert wide[1] == pytest.approx(tail_bounds([MeanStatement(1, 10.0, 10.0)], "decreasing")[1])


def test_rounding_and_sampling_hold_the_gap_of_a_tenth_of_a_point() -> None:
    low, high = stated_range(0.12, 633)
    assert low < 0.119 < 0.12 < high
    assert low < stated_range(0.12, 4_366)[0] < stated_range(0.12, 4_366)[1] < high


def test_the_case_is_possible_without_a_curve() -> None:
    table = case_bounds()
    assert table["possible"].all()
    assert not case_bounds(0.6)["possible"].any()


def test_impossible_questions_are_refused() -> None:
    with pytest.raises(DataError, match="the shape is 'round'"):
        tail_bounds(CASE, "round")
    with pytest.raises(DataError, match="no distribution has a mean of 300"):
        tail_bounds([MeanStatement(1, 300, 300)])
