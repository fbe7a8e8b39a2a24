"""Sizes of trials: published figures, and what the page used to promise."""

from math import inf

import pytest

from goodwill.errors import DataError
from goodwill.inference.uncertainty import Interval
from goodwill.word_of_mouth import Worth, recovery_assumptions, sensitivity
from goodwill.word_of_mouth.assumptions import learn_next
from goodwill.word_of_mouth.coca_cola import recovery
from goodwill.word_of_mouth.recovery_trial import size_for_profit, size_for_verdict, trial_size

AROUND = Interval(30.0, 20.0, 40.0)


def test_the_published_example_of_test_and_roll() -> None:
    """Feit & Berman 2019: 100,000 visitors who convert at .68, give or take .03; 2,284 in each arm, where a test of 5 % takes 18,468."""
    noise = (0.68 * 0.32) ** 0.5
    assert size_for_profit(100_000, noise, 0.03) == 2_284
    assert size_for_profit(100_000, 0.466, 0.03) == 2_282


def test_profit_asks_for_less_where_less_is_to_come() -> None:
    assert size_for_profit(500, 80.0, 5.0) < size_for_profit(50_000, 80.0, 5.0) < 25_000


def test_a_verdict_grows_with_the_square_of_noise_over_effect() -> None:
    assert size_for_verdict(1.0, 10.0) == 1_570  # 2 (1.96 + .8416)^2 100
    assert size_for_verdict(-1.0, 10.0) == 1_570
    assert size_for_verdict(0.5, 10.0) == pytest.approx(4 * 1_570, abs=4)
    assert size_for_verdict(0.0, 10.0) == inf


def test_a_trial_that_needs_more_complainers_than_there_will_be_does_not_help() -> None:
    assert not trial_size(3.0, 0.8, 80.0, a_year=170).helps
    assert trial_size(30.0, 8.0, 80.0, a_year=170).helps
    assert not trial_size(0.0, 0.8, 80.0, a_year=170).helps
    assert trial_size(1.0, 50.0, 80.0, a_year=10).profit <= 15


def test_bad_sizes_are_refused() -> None:
    with pytest.raises(DataError, match="all must be positive"):
        size_for_profit(0, 1, 1)
    with pytest.raises(DataError, match="positive noise"):
        size_for_verdict(1.0, 0.0)


@pytest.mark.parametrize(("effect", "needed"), [(0.5, 432), (0.125 * 0.5, 27_648)])
def test_the_size_of_a_trial_rests_on_its_effect(effect: float, needed: int) -> None:
    """433 came from a gap of 50 points and certain success; 12.5 points and one success in two take 27,648."""
    stake = Worth(AROUND, Interval(4.0, 3.0, 5.0), AROUND)
    inputs = recovery_assumptions(Interval(9.5, 6.0, 18.0), Interval(4.5, 4.0, 7.0), stake, handling_effect=effect)
    shares = sensitivity(lambda at: recovery(at).total, inputs, draws=64)
    studies = learn_next(inputs, shares).set_index("name")
    assert studies.loc["causal_handling", "answers_needed"] == pytest.approx(needed, abs=1)
