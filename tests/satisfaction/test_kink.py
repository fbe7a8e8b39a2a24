import numpy as np
import pytest
from tests.satisfaction.published import DOWN, FAIR_LOYAL, FAIR_N

from goodwill.errors import TooLittle
from goodwill.satisfaction.cells import LoyaltyCells
from goodwill.satisfaction.kink import kink_set, profile_log_likelihood

FAIR = LoyaltyCells.of(range(1, 6), FAIR_LOYAL, FAIR_N)
AGES = LoyaltyCells.of(DOWN[:, 0], DOWN[:, 2], DOWN[:, 1])
XEROX = LoyaltyCells.of(range(1, 6), (2, 4, 7, 12, 72), [100] * 5)


def test_fair_bends_at_three_and_the_sets_are_those_printed():
    assert kink_set(FAIR).place == pytest.approx(3.0)
    assert kink_set(FAIR, cut=3.84).limits() == ((2.3, 3.3),)
    assert kink_set(FAIR, cut=6.63).limits() == ((2.2, 3.4),)


def test_down_syndrome_bends_at_31_088_years():
    found = kink_set(AGES)
    assert found.place == pytest.approx(31.088, abs=1e-3)
    assert found.residual_deviance == pytest.approx(43.7956, abs=5e-4)
    assert found.deviance_without + found.residual_deviance == pytest.approx(184.0273, abs=5e-4)
    assert (found.slope_before, found.slope_after) == pytest.approx((-0.01341, 0.26129), abs=5e-5)


@pytest.mark.parametrize(("cut", "limits"), [(3.84, (29.47, 33.43)), (6.63, (29.03, 34.19))])
def test_down_syndrome_profile_sets(cut, limits):
    assert kink_set(AGES, cut=cut).limits(0.01) == (limits,)


@pytest.mark.parametrize("cells", [FAIR, XEROX, LoyaltyCells.of(range(1, 6), (9, 3, 8, 5, 9), (20, 30, 10, 40, 12))])
def test_the_profile_is_flat_between_the_two_highest_and_the_two_lowest_levels(cells):
    for low, high in ((4.0, 4.999), (1.001, 2.0)):
        profile = profile_log_likelihood(cells.levels, cells.loyal[None], cells.n[None], np.linspace(low, high, 8))[0]
        assert np.ptp(profile) < 1e-8


def test_a_kink_between_four_and_five_is_reported_as_the_whole_stretch():
    found = kink_set(XEROX)
    assert any(low <= found.place <= high for low, high in found.flat)
    assert found.holds(4.0)
    assert found.holds(4.999)
    assert found.needed
    assert found.place == 4.5


def test_a_straight_line_needs_no_kink_and_the_set_says_little():
    s = np.arange(1, 11)
    found = kink_set(LoyaltyCells.of(s, 100 / (1 + np.exp(-(s - 5) / 2)), [100] * 10))
    assert not found.needed
    assert sum(high - low for low, high in found.pieces) > 8


def test_separable_answers_give_finite_limits_and_say_so():
    found = kink_set(LoyaltyCells.of(range(1, 6), (0, 0, 0, 20, 30), (10, 10, 10, 20, 30)))
    assert found.separated
    assert np.isfinite(found.pieces).all()
    assert np.isfinite([found.slope_before, found.slope_after]).all()


def test_levels_without_answers_are_passed_over():
    with_gap = LoyaltyCells.of(range(1, 7), (2, 4, 0, 7, 12, 72), (100, 100, 0, 100, 100, 100))
    without = LoyaltyCells.of((1, 2, 4, 5, 6), (2, 4, 7, 12, 72), [100] * 5)
    assert kink_set(with_gap).pieces == kink_set(without).pieces


def test_three_levels_have_no_kink_to_look_for():
    with pytest.raises(TooLittle, match="at least 4"):
        kink_set(LoyaltyCells.of((1, 2, 3), (1, 2, 3), (5, 5, 5)))


def test_the_set_grows_with_the_cut():
    small, large = kink_set(FAIR, cut=3.84).pieces[0], kink_set(FAIR, cut=6.63).pieces[0]
    assert large[0] < small[0] < small[1] < large[1]
