import numpy as np
import pytest
from benchmarks.bend_size import ANSWERS, SMOOTH, kinked, surveys

import goodwill as gw
from goodwill.errors import TooLittle
from goodwill.satisfaction.bends import BEND_CUT, Bend, find_bend, segments_that_bend, smooth_rivals
from goodwill.satisfaction.cells import LoyaltyCells, segment_cells, survey_cells
from goodwill.satisfaction.curve import binomial_log_likelihood
from goodwill.satisfaction.kink import kink_set

LEVELS = np.arange(1.0, 11)
STRAIGHT = LoyaltyCells.of(range(1, 6), (20, 35, 50, 65, 80), [100] * 5)


def exact(curve, n):
    """A survey of n answers on ten levels in which the shares come out as they are."""
    size = n * ANSWERS[10]
    return LoyaltyCells(LEVELS, size, size * curve((LEVELS - 1) / 9), size)


@pytest.mark.sampled(1)
@pytest.mark.parametrize("name", SMOOTH)
def test_a_smooth_curve_shows_no_bend_however_many_answer(name):
    assert find_bend(exact(SMOOTH[name], 20_000)).gain < BEND_CUT


@pytest.mark.slow
@pytest.mark.parametrize(("place", "n"), [(5 / 9, 20_000), (2 / 3, 20_000)])
def test_a_kink_is_told_apart_by_enough_answers_and_placed(place, n):
    found = find_bend(exact(kinked(place), n))
    assert found.told_apart
    assert found.kink.holds(1 + 9 * place)
    assert not find_bend(exact(kinked(place), 500)).told_apart


def test_a_straight_line_loses_against_a_kink_where_a_smooth_curve_does_not():
    cells = exact(SMOOTH["floor and ceiling"], 8_000)
    assert kink_set(cells).needed
    assert not find_bend(cells).told_apart


@pytest.mark.slow
def test_acsi_2015_has_no_bend_that_is_told_apart():
    survey = gw.read_survey("acsi_2015")
    found = find_bend(survey_cells(survey, 9))
    assert (found.rival, round(found.gain, 1)) == ("gradual bend", -4.5)
    assert segments_that_bend(segment_cells(survey, 9)) == (0, 4)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_smooth_rivals_of_many_surveys_are_those_of_each(seed):
    loyal, n = surveys(SMOOTH["power"](np.arange(5) / 4), 5, 400, 3, np.random.default_rng(seed))
    levels = np.arange(1.0, 6)
    together = smooth_rivals(levels, loyal, n)
    for i in range(3):
        alone = smooth_rivals(levels, loyal[i : i + 1], n[i : i + 1])
        assert {name: values[i] for name, values in together.items()} == pytest.approx({name: float(v[0]) for name, v in alone.items()})


def test_no_rival_describes_the_answers_better_than_a_share_for_each_level():
    cells = exact(kinked(2 / 3), 3_000)
    saturated = binomial_log_likelihood(cells.share, cells)
    assert max(float(v[0]) for v in smooth_rivals(cells.levels, cells.loyal[None], cells.n[None]).values()) <= saturated + 1e-6


def test_a_bend_needs_more_than_the_cut_and_levels_that_are_not_separated():
    kink = kink_set(STRAIGHT)
    assert [Bend(kink, gain, "gradual bend").told_apart for gain in (BEND_CUT, BEND_CUT + 0.01)] == [False, True]
    separated = kink_set(LoyaltyCells.of(range(1, 6), (0, 0, 0, 20, 30), (10, 10, 10, 20, 30)))
    assert not Bend(separated, 99, "gradual bend").told_apart


def test_segments_of_three_levels_are_not_counted():
    assert segments_that_bend({"a": STRAIGHT, "short": LoyaltyCells.of((1, 2, 3), (1, 2, 3), (9, 9, 9))}) == (0, 1)
    with pytest.raises(TooLittle, match="at least 4 answered levels"):
        find_bend(LoyaltyCells.of((1, 2, 3), (1, 2, 3), (9, 9, 9)))
