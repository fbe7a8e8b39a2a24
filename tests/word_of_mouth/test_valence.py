"""Bad news that turns good and good news that turns bad."""

import numpy as np
import pytest

from goodwill.errors import DataError
from goodwill.word_of_mouth.cascade import TellingCascade
from goodwill.word_of_mouth.telling import NegativeBinomialTelling
from goodwill.word_of_mouth.valence import MixedCascade

BAD, GOOD = NegativeBinomialTelling(9.5, 1.36311675), NegativeBinomialTelling(4.5, 1.36311675)
MIXED = MixedCascade(BAD, "bad", 0.05, 0.05, bad_turns_good=0.05, good_turns_bad=0.02, onward_bad=BAD, onward_good=GOOD)


def test_expected_hearers_of_bad_and_good_news():
    assert MIXED.mean == pytest.approx([17.31640, 0.52760], abs=5e-6)
    assert MIXED.reproduction == pytest.approx(0.451712, abs=5e-7)


def test_simulation_agrees_with_the_expected_hearers():
    reach = MIXED.simulate(150_000, seed=2)
    assert (np.abs(reach.mean(0) - MIXED.mean) < 4 * reach.std(0) / np.sqrt(len(reach))).all()


def test_the_generating_function_has_the_expected_hearers_as_slope():
    step = 1e-6
    slope = [(1 - MIXED.pgf(1 - step, 1.0)) / step, (1 - MIXED.pgf(1.0, 1 - step)) / step]
    assert slope == pytest.approx(MIXED.mean, rel=1e-3)


def test_without_turning_it_is_the_cascade_of_one_kind_of_news():
    plain = MixedCascade(BAD, "bad", 0.05, 0.05, onward_bad=BAD, onward_good=GOOD)
    single = TellingCascade(BAD, 0.05, onward=BAD)
    assert plain.mean == pytest.approx([single.mean, 0])
    assert plain.probability_of_lost_sale(0.02) == pytest.approx(single.probability_of_lost_sale(0.02), abs=1e-12)


def test_lost_sales_are_checked_by_simulation():
    reach = MIXED.simulate(100_000, seed=5)[:, 0]
    simulated = 1 - 0.98**reach
    assert abs(simulated.mean() - MIXED.probability_of_lost_sale(0.02)) < 4 * simulated.std() / np.sqrt(reach.size)


def test_good_news_of_a_recovered_complaint_can_turn_bad():
    recovered = MixedCascade(GOOD, "good", 0.05, 0.05, good_turns_bad=0.02, onward_bad=BAD, onward_good=GOOD)
    bad, good = recovered.mean
    assert good > 4.5
    assert 0 < bad < 0.1


def test_bad_input_is_refused_in_words():
    with pytest.raises(DataError, match="bad_turns_good is 2"):
        MixedCascade(BAD, "bad", 0.05, 0.05, bad_turns_good=2)
    with pytest.raises(DataError, match="must be 'bad' or 'good'"):
        MixedCascade(BAD, "neutral", 0.05, 0.05)  # type: ignore[arg-type]
    with pytest.raises(DataError, match="expected reach is infinite"):
        MixedCascade(BAD, "bad", 0.2, 0.05, onward_bad=BAD, onward_good=GOOD).mean  # noqa: B018
