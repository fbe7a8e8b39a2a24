"""The branching process of telling and retelling, in closed form, inverted and simulated."""

from math import inf

import numpy as np
import pytest

from goodwill.errors import DataError
from goodwill.word_of_mouth.cascade import HEARSAY, RetellingChains, TellingCascade
from goodwill.word_of_mouth.telling import NegativeBinomialTelling, PoissonLognormalTelling, ZeroInflatedTelling

TOLD = NegativeBinomialTelling(mean=9.5, dispersion=1.36311675)  # mean 9.5, 12 % tell 20 or more


def equal(retell, told=TOLD):
    """Hearers who retell tell as many as the complainer did: the test case, not the default."""
    return TellingCascade(told, retell, onward=told)


@pytest.mark.parametrize(
    ("retell", "mean", "variance", "tail20", "tail100", "q99"),
    [
        (0.00, 9.5000, 75.71, 0.1200, 0.0000, 40),
        (0.02, 11.7284, 174.08, 0.1780, 0.00146, 63),
        (0.05, 18.0952, 804.64, 0.2631, 0.02344, 140),
        (0.08, 39.5833, 10041.3, 0.3433, 0.09314, 485),
    ],
)
def test_reach_table(retell, mean, variance, tail20, tail100, q99):
    cascade = equal(retell)
    assert cascade.mean == pytest.approx(mean, abs=5e-5)
    assert cascade.variance == pytest.approx(variance, rel=1e-5, abs=5e-3)
    assert cascade.pmf(0)[0] == pytest.approx(0.05905, abs=6e-6)
    assert cascade.tail(20) == pytest.approx(tail20, abs=5e-5)
    assert cascade.tail(100) == pytest.approx(tail100, abs=5e-5 if retell == 0 else 6e-6)
    assert cascade.quantile(0.99) == q99


def test_near_the_threshold_the_mass_beyond_the_grid_is_not_folded_back():
    cascade = equal(0.10)
    assert cascade.mean == pytest.approx(190)
    assert cascade.variance == pytest.approx(1.223e6, rel=5e-4)
    assert (cascade.tail(20), cascade.tail(100)) == pytest.approx((0.393, 0.165), abs=5e-4)
    small, large = cascade.pmf(500), cascade.pmf(30_000)
    assert small == pytest.approx(large[:501], abs=1e-11)


@pytest.mark.parametrize(
    ("retell", "phi", "lost"),
    [
        (0, 0.01, 0.08775),
        (0, 0.02, 0.16295),
        (0, 0.05, 0.33471),
        (0, 0.11, 0.53962),
        (0.05, 0.02, 0.237988),
        (0.05, 0.05, 0.417577),
    ],
)
def test_probability_that_at_least_one_sale_is_lost(retell, phi, lost):
    assert equal(retell).probability_of_lost_sale(phi) == pytest.approx(lost, abs=6e-6 if retell == 0 else 6e-7)


@pytest.mark.parametrize(("phi", "lost"), [(0.01, 0.09063), (0.02, 0.17304), (0.05, 0.37811), (0.11, 0.64831)])
def test_ignoring_overdispersion_overstates_the_chance_of_a_lost_sale(phi, lost):
    assert equal(0, NegativeBinomialTelling(9.5)).probability_of_lost_sale(phi) == pytest.approx(lost, abs=6e-6)
    assert lost > equal(0).probability_of_lost_sale(phi)


@pytest.mark.parametrize(
    ("dispersion", "outbreak"),
    [
        (1.36312, (0.140731, 0.337915, 0.529038)),
        (0.8819, (0.115416, 0.281600, 0.449878)),
        (inf, (0.235123, 0.530323, 0.767244)),
    ],
)
def test_outbreak_probability_of_an_active_teller(dispersion, outbreak):
    told = NegativeBinomialTelling(9.5, dispersion)
    computed = [equal(r / 9.5, told).outbreak_probability_of_teller for r in (1.14, 1.425, 1.90)]
    assert computed == pytest.approx(outbreak, abs=1.1e-6)


def test_the_chance_of_an_outbreak_from_a_complaint_is_checked_by_simulation():
    cascade = equal(0.15)
    large = cascade.simulate(20_000, seed=3, at_most=3_000) > 3_000
    expected = cascade.outbreak_probability
    assert abs(large.mean() - expected) < 4 * np.sqrt(expected * (1 - expected) / large.size)


def test_below_the_threshold_there_is_no_outbreak():
    assert equal(0.10).outbreak_probability == 0
    assert equal(0.10).critical_retelling == pytest.approx(0.105263, abs=1e-6)
    assert TellingCascade(TOLD, 0.5, NegativeBinomialTelling(0.8, 1)).critical_retelling == inf  # no retelling is enough


def test_who_only_heard_tells_fewer_by_default():
    cascade = TellingCascade(TOLD, retell=0.05)
    assert cascade.onward is HEARSAY
    assert cascade.mean == pytest.approx(9.5 / (1 - 0.05 * HEARSAY.mean))
    assert cascade.mean_by_generation(3) == pytest.approx([9.5, 9.5 * 0.05993, 9.5 * 0.05993**2])


@pytest.mark.sampled(1)
@pytest.mark.parametrize(
    "cascade",
    [
        TellingCascade(TOLD, 0.3),
        TellingCascade(PoissonLognormalTelling(4.0, 0.8), 0.2, NegativeBinomialTelling(2, 0.5)),
        TellingCascade(ZeroInflatedTelling(0.4, TOLD), 0.05, PoissonLognormalTelling(6.0, 0.7)),
    ],
    ids=["hearsay", "lognormal first", "lognormal onward"],
)
def test_other_families_agree_with_their_moments_and_with_simulation(cascade):
    n = np.arange(8_192)
    pmf = cascade.pmf(8_191)
    assert pmf @ n == pytest.approx(cascade.mean, rel=1e-6)
    assert pmf @ n**2 - (pmf @ n) ** 2 == pytest.approx(cascade.variance, rel=1e-4)
    reach = cascade.simulate(50_000, seed=4)
    assert abs(reach.mean() - cascade.mean) < 4 * np.sqrt(cascade.variance / reach.size)


class TestChainsOfTellers:
    def test_sizes_at_r_475(self):
        assert RetellingChains(0.475, 1.36311675).pmf([1, 2, 3, 4]) == pytest.approx([0.665293, 0.155912, 0.068210, 0.036934], abs=6e-7)

    def test_reproduction_follows_from_the_mean_size_whatever_the_dispersion(self):
        fitted = RetellingChains.fit([1, 1, 1, 2, 5])
        assert fitted.reproduction == pytest.approx(1 - 1 / 2.0)

    def test_observed_chains_give_reproduction_and_dispersion_back(self):
        offspring = NegativeBinomialTelling(1.0, 0.5)
        # Of chains in which everybody told retells with probability .4, the tellers form chains with R = .4 and the same dispersion.
        rng = np.random.default_rng(8)
        tellers = TellingCascade(offspring.thinned(0.4), 1.0, offspring.thinned(0.4)).simulate(20_000, seed=8) + 1
        fitted = RetellingChains.fit(tellers)
        low, high = RetellingChains.reproduction_interval(rng.choice(tellers, 2_000))
        assert fitted.reproduction == pytest.approx(0.4, abs=0.02)
        assert fitted.dispersion == pytest.approx(0.5, rel=0.1)
        assert low < 0.4 < high

    def test_chains_of_one_have_no_retelling(self):
        assert RetellingChains.fit([1, 1, 1]).reproduction == 0

    @pytest.mark.parametrize("sizes", [[], [0, 2], [1.5]])
    def test_sizes_that_are_none_are_refused(self, sizes):
        with pytest.raises(DataError, match="whole numbers from 1 up"):
            RetellingChains.fit(sizes)


@pytest.mark.parametrize("asked", [lambda c: c.mean, lambda c: c.variance, lambda c: c.simulate(10)])
def test_supercritical_retelling_has_no_mean_and_says_that_it_is_infinite(asked):
    with pytest.raises(DataError, match=r"infinite: one teller makes 1\.14 new tellers"):
        asked(equal(0.12))


def test_bad_shares_are_refused():
    with pytest.raises(DataError, match=r"retelling is 1\.5"):
        equal(1.5)
    with pytest.raises(DataError, match="loss per hearing"):
        equal(0).probability_of_lost_sale(-0.1)
    with pytest.raises(DataError, match=r"0\.99 quantile of the reach"):
        equal(0.12).quantile(0.99)


@pytest.mark.slow
def test_a_million_cascades_reach_as_far_as_theory_says():
    reach = equal(0.05).simulate(1_000_000)
    assert (reach >= 100).mean() == pytest.approx(0.02344, abs=6e-4)
