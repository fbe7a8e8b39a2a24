"""Which readings of the Coca-Cola statements can hold together (TARP, Measuring the Grapevine, 1981).

Satisfied complainants tell 4-5 people, dissatisfied ones 9-10, 12 % tell 20 or more. Means or medians? 12 % of whom?
Group sizes: 2,620 satisfied, 1,113 "not completely satisfied but acceptable", 633 dissatisfied.
"""

import numpy as np
import pytest

from goodwill.errors import DataError
from goodwill.word_of_mouth.statements import Group, fit_statements, mean_band, zero_inflated_poisson
from goodwill.word_of_mouth.telling import MaximumEntropyTelling, NegativeBinomialTelling, PoissonLognormalTelling

NB, PLN = NegativeBinomialTelling, PoissonLognormalTelling
SIZES = {"satisfied": 2620, "acceptable": 1113, "dissatisfied": 633}


def dissatisfied(statistic, value):
    return [Group("dissatisfied", 1.0, statistic, value)]


def everybody(statistic, *values):
    return [Group(name, size, statistic, value) for (name, size), value in zip(SIZES.items(), values, strict=True)]


class TestScenarioA:
    """12 % of the dissatisfied, whose mean is 9 to 10."""

    @pytest.mark.parametrize(
        ("mean", "dispersion", "other_root", "median", "silent"),
        [(9, 1.03410166, 0.11344570, 6, 0.095), (9.5, 1.36311675, 0.10262542, 7, 0.059), (10, 1.77605484, 0.09460441, 8, 0.035)],
    )
    def test_negative_binomial_has_two_roots(self, mean, dispersion, other_root, median, silent):
        first, second = fit_statements(dissatisfied("mean", mean), NB).solutions
        assert first["dissatisfied"].dispersion == pytest.approx(dispersion, abs=5e-9)
        assert second["dissatisfied"].dispersion == pytest.approx(other_root, abs=5e-9)
        assert first["dissatisfied"].quantile(0.5) == median
        assert first["dissatisfied"].pmf(0) == pytest.approx(silent, abs=5e-4)
        assert second["dissatisfied"].quantile(0.5) == 0  # rejected: nobody would call that "9-10"

    def test_negative_binomial_needs_a_mean_of_7_536(self):
        assert not fit_statements(dissatisfied("mean", 7.535), NB).feasible
        assert fit_statements(dissatisfied("mean", 7.536), NB).feasible

    @pytest.mark.parametrize(("mean", "largest"), [(9, 0.1107), (9.5, 0.1195)])
    def test_poisson_lognormal_is_infeasible_and_says_by_how_much(self, mean, largest):
        fit = fit_statements(dissatisfied("mean", mean), PLN)
        assert not fit.feasible
        assert fit.largest_tail == pytest.approx(largest, abs=5e-5)
        assert fit.shortfall == pytest.approx(0.12 - largest, abs=5e-5)
        assert fit.verdict == f"infeasible: at most {largest:.1%} can tell that many, 12.0% is stated"

    def test_poisson_lognormal_needs_a_mean_of_9_530_or_more(self):
        assert not fit_statements(dissatisfied("mean", 9.529), PLN).feasible
        assert fit_statements(dissatisfied("mean", 9.531), PLN).feasible

    def test_poisson_lognormal_at_a_mean_of_10(self):
        sigmas = [each["dissatisfied"].sigma for each in fit_statements(dissatisfied("mean", 10), PLN).solutions]
        assert sigmas == pytest.approx([1.46761, 0.83438], abs=2e-4)

    @pytest.mark.parametrize(("mean", "silent", "rate"), [(9, 0.4523, 16.431), (9.5, 0.4152, 16.244), (10, 0.3778, 16.073)])
    def test_zero_inflated_poisson(self, mean, silent, rate):
        fitted = zero_inflated_poisson(mean)
        assert (fitted.silent_share, fitted.talkers.mean) == (pytest.approx(silent, abs=5e-5), pytest.approx(rate, abs=5e-4))

    @pytest.mark.parametrize(("mean", "ratio"), [(9, 0.900932), (9.5, 0.913167), (10, 0.924055)])
    def test_maximum_entropy(self, mean, ratio):
        assert MaximumEntropyTelling.from_mean(mean).ratio == pytest.approx(ratio, abs=5e-7)


class TestScenarioB:
    """12 % of all complainants, the figures read as means: infeasible in both smooth families."""

    @pytest.mark.parametrize(
        ("family", "means", "common", "own"),
        [
            (NB, (4.5, 6, 9.5), 0.0848, 0.0878),
            (NB, (5, 6, 10), 0.0912, 0.0941),
            (PLN, (4.5, 6, 9.5), 0.0590, None),
            (PLN, (5, 6, 10), 0.0640, 0.0657),
        ],
    )
    def test_the_three_statements_cannot_hold_together(self, family, means, common, own):
        fit = fit_statements(everybody("mean", *means), family)
        assert not fit.feasible
        assert fit.largest_tail == pytest.approx(common, abs=5e-5)
        if own:
            assert fit.largest_tail_own_shapes == pytest.approx(own, abs=5e-5)

    @pytest.mark.parametrize(("means", "ratio"), [((4.5, 6, 9.5), 0.767184), ((5, 6, 10), 0.788776)])
    def test_a_kinked_distribution_of_all_complainants_exists(self, means, ratio):
        pooled = round(float(np.average(means, weights=list(SIZES.values()))), 3)
        assert MaximumEntropyTelling.from_mean(pooled).ratio == pytest.approx(ratio, abs=1.5e-5)


class TestScenarioC:
    """12 % of all complainants, the figures read as medians with one shape: feasible."""

    def test_negative_binomial(self):
        (groups,) = fit_statements(everybody("median", 4.5, 6, 9.5), NB).solutions
        assert [each.mean for each in groups.values()] == pytest.approx([7.0921, 9.3518, 14.6965], abs=6e-5)
        assert groups["dissatisfied"].dispersion == pytest.approx(0.88190, abs=5e-6)
        assert [each.tail(20) for each in groups.values()] == pytest.approx([0.0777, 0.1364, 0.2664], abs=5e-5)

    @pytest.mark.slow
    def test_poisson_lognormal(self):
        (groups,) = fit_statements(everybody("median", 4.5, 6, 9.5), PLN).solutions
        assert [each.mean for each in groups.values()] == pytest.approx([7.7215, 10.2303, 16.2005], abs=6e-5)
        assert groups["dissatisfied"].sigma == pytest.approx(1.03124, abs=5e-6)
        assert [each.tail(20) for each in groups.values()] == pytest.approx([0.0837, 0.1325, 0.2484], abs=5e-5)

    @pytest.mark.slow
    def test_the_lognormal_has_the_heavier_far_tail(self):
        far = [fit_statements(everybody("median", 4.5, 6, 9.5), family).solutions[0]["dissatisfied"].tail(50) for family in (PLN, NB)]
        assert far == pytest.approx([0.057, 0.043], abs=5e-4)


class TestScenarioD:
    """12 % of the dissatisfied, whose median is 9-10: feasible."""

    def test_negative_binomial(self):
        (groups,) = fit_statements(dissatisfied("median", 9.5), NB).solutions
        assert groups["dissatisfied"].mean == pytest.approx(10.90852, abs=6e-6)
        assert groups["dissatisfied"].dispersion == pytest.approx(2.85900, abs=6e-6)
        assert groups["dissatisfied"].pmf(0) == pytest.approx(0.011, abs=5e-4)

    def test_poisson_lognormal(self):
        (groups,) = fit_statements(dissatisfied("median", 9.5), PLN).solutions
        assert (groups["dissatisfied"].mean, groups["dissatisfied"].sigma) == pytest.approx((11.1908, 0.5640), abs=5e-5)


@pytest.mark.parametrize(("mean", "largest"), [(4.5, 0.0689), (5, 0.0770), (6, 0.0936), (9.5, 0.1559), (10, 0.1654)])
def test_largest_tail_of_a_negative_binomial_by_its_mean(mean, largest):
    assert fit_statements(dissatisfied("mean", mean), NB).largest_tail == pytest.approx(largest, abs=5e-5)


@pytest.mark.parametrize(("at_most", "band"), [(50, (5.82, 18.22)), (100, (5.82, 24.22))])
def test_without_a_family_the_mean_is_only_known_within_a_band(at_most, band):
    assert mean_band(9, 10, at_most) == pytest.approx(band)


def test_rounding_to_twenty_makes_the_mean_reading_possible_again():
    heaped = everybody("mean", 5, 6, 10)
    assert not fit_statements(heaped, NB, threshold=20).feasible
    assert fit_statements(heaped, NB, threshold=15).feasible


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: fit_statements(dissatisfied("median", 20_000), NB),
            "no distribution of the family NegativeBinomialTelling has medians as high as 20000",
        ),
        (lambda: fit_statements(dissatisfied("mean", -3), NB), "positive mean or median"),
        (lambda: fit_statements(dissatisfied("mode", 3), NB), "positive mean or median"),
        (lambda: fit_statements(dissatisfied("mean", 9), NB, tail_share=12), "share between 0 and 1"),
        (lambda: mean_band(9, 25, 50), "contradict each other"),
    ],
)
def test_statements_that_mean_nothing_are_refused(call, message):
    with pytest.raises(DataError, match=message):
        call()


def test_a_median_above_the_threshold_leaves_too_many_in_the_tail():
    fit = fit_statements(dissatisfied("median", 24.5), NB)
    assert not fit.feasible
    assert "at least" in fit.verdict
