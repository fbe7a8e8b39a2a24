import numpy as np
import pytest

from goodwill.satisfaction.cells import LoyaltyCells
from goodwill.satisfaction.markets import outcome_by_level, share_by_level
from goodwill.satisfaction.trend import End, compare_shapes, direction, relation

FALLING = LoyaltyCells.of(range(1, 6), (90, 70, 50, 30, 10), [100] * 5)
FLAT = LoyaltyCells.of(range(1, 6), [44] * 5, [50] * 5)


def test_the_relation_knows_its_direction_and_its_ends():
    found = relation(FALLING)
    assert (found.direction, found.ends) == ("falls", (End(1, 1, 100, 0.9), End(5, 5, 100, 0.1)))
    assert found.falls_at == ((1, 2), (2, 3), (3, 4), (4, 5))


def test_no_end_of_the_scale_rests_on_one_person():
    thin = LoyaltyCells.of(range(1, 6), (0, 1, 9, 50, 30), (1, 12, 40, 90, 50))
    assert relation(thin).ends == (End(1, 3, 53, 10 / 53), End(5, 5, 50, 0.6))


def test_ends_of_a_small_survey_hold_a_third_of_it_and_five_at_least():
    assert relation(LoyaltyCells.of(range(1, 5), (0, 1, 4, 4), (5, 7, 7, 5))).ends == (End(1, 2, 12, 1 / 12), End(3, 4, 12, 8 / 12))
    assert relation(LoyaltyCells.of(range(1, 5), (0, 1, 2, 3), (2, 3, 3, 3))).ends == (End(1, 2, 5, 0.2), End(3, 4, 6, 5 / 6))
    assert relation(LoyaltyCells.of((1, 2), (0, 4), (4, 4))).ends is None


def test_a_fall_within_a_rise_is_found():
    found = relation(LoyaltyCells.of(range(1, 6), (20, 160, 60, 180, 190), [200] * 5))
    assert (found.direction, found.falls_at) == ("rises", ((2, 3),))


@pytest.mark.parametrize(("cells", "flat"), [(FALLING, True), (FLAT, True), (LoyaltyCells.of((1, 2), (4, 5), (9, 9)), False)])
def test_the_best_curve_that_never_falls_may_be_flat(cells, flat):
    assert relation(cells).flat is flat


def test_a_relation_is_one_of_answered_levels():
    found = relation(LoyaltyCells.of(range(1, 6), (0, 1, 20, 35, 0), (0, 40, 40, 40, 0)))
    assert found.ends == (End(2, 2, 40, 1 / 40), End(4, 4, 40, 35 / 40))


def test_chance_alone_rarely_finds_a_relation():
    rng = np.random.default_rng(1)
    found = [direction(LoyaltyCells.of(range(1, 6), rng.binomial(40, 0.5, 5), [40] * 5)) for _ in range(400)]
    assert np.mean([f != "not shown" for f in found]) < 0.09


def test_everybody_alike_shows_no_relation():
    assert direction(LoyaltyCells.of((1, 2, 3), (9, 9, 9), (9, 9, 9))) == "not shown"


def test_shapes_are_compared_only_where_the_answers_allow_it():
    rng = np.random.default_rng(1)
    s = np.repeat(np.arange(1, 11), 300)
    answer = np.clip(np.rint(s + rng.standard_normal(len(s))), 1, 10)
    mean, share = (outcome_by_level(s, outcome, levels=range(1, 11)) for outcome in (answer, (answer >= 9).astype(float)))
    bent = compare_shapes(mean, share)
    assert bent.told == "depends on the outcome"
    assert bent.mean.estimate == pytest.approx(0.49, abs=0.01)
    assert compare_shapes(mean, mean).told == "not told apart"
    few = share_by_level(LoyaltyCells.of(range(1, 6), (1, 1, 2, 2, 3), [5] * 5))
    assert compare_shapes(few, few).told == "too few"
    assert compare_shapes(*[outcome_by_level(s, -answer, levels=range(1, 11))] * 2) == (None, None, "no rise")
