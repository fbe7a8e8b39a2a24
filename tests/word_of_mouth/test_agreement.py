"""Four pictures of word of mouth must agree where their assumptions meet.

(a) accounting: one generation, counted in money                          `damage`
(b) branching: telling and retelling in an unlimited market               `telling`, `cascade`
(c) adoption: good and bad word of mouth in a market that fills up        `adoption`, `contested_adoption`
(d) network: (d1) telling at random in a finite market, (d2) acquaintances `network`

Every test below is one row: a limit, two pictures, a tolerance. SE are standard errors of the simulation.
"""

from math import inf

import numpy as np
import pytest
from scipy.special import comb, gammaln

from goodwill.word_of_mouth.adoption import BassDiffusion
from goodwill.word_of_mouth.cascade import RetellingChains, TellingCascade
from goodwill.word_of_mouth.contested_adoption import ContestedAdoption
from goodwill.word_of_mouth.damage import COCA_COLA_1981, RecoveryValue, relative_impact
from goodwill.word_of_mouth.network import AcquaintanceNetwork, clusters, configuration_graph, share_reached_at_random, tell_at_random
from goodwill.word_of_mouth.telling import NegativeBinomialTelling

MEAN, DISPERSION = 9.5, 1.36311675  # 12 % tell 20 or more
TOLD = NegativeBinomialTelling(MEAN, DISPERSION)


def cascade(retell, told=TOLD):
    return TellingCascade(told, retell, onward=told)


def within_standard_errors(draws, expected, errors=4):
    return abs(np.mean(draws) - expected) < errors * np.std(draws) / np.sqrt(len(draws))


# Nobody retells: (b) is the telling distribution, and (a) counts the same hearers. 1e-12


def test_without_retelling_reach_is_the_number_told():
    n = np.arange(200)
    assert cascade(0.0).pmf(199) == pytest.approx(TOLD.pmf(n), abs=1e-12)


@pytest.mark.parametrize("retell", [0.0, 0.05])
def test_the_accounting_counts_the_hearers_of_the_branching_process(retell):
    nothing = ("boycott", "reduce", "reduction", "buy_more", "increase", "told_satisfied", "gain_per_hearing", "purchase_margin")
    value = RecoveryValue(
        **dict.fromkeys(nothing, 0.0),
        told_dissatisfied=MEAN,
        loss_per_hearing=0.02,
        residual_value=0,
        prospect_value=300,
        retell=retell,
        told_onward_bad=MEAN,
    )
    assert value.total == pytest.approx(300 * 0.02 * cascade(retell).mean, rel=1e-12)


# R < 1: moments in closed form, inversion of the generating function, simulation. 1e-8 / 4 SE


@pytest.mark.parametrize("retell", [0.02, 0.05])
def test_closed_form_inversion_and_simulation_agree_below_the_threshold(retell):
    n, pmf = np.arange(4_096), cascade(retell).pmf(4_095)
    assert pmf @ n == pytest.approx(cascade(retell).mean, rel=1e-8)
    assert pmf @ n**2 - (pmf @ n) ** 2 == pytest.approx(cascade(retell).variance, rel=1e-8)
    reach = cascade(retell).simulate(200_000, seed=1)
    assert within_standard_errors(reach, cascade(retell).mean)
    for threshold in (1, 20, 100):
        assert within_standard_errors(reach >= threshold, cascade(retell).tail(threshold))


def test_active_tellers_form_the_chains_of_the_closed_form():
    """Thinning keeps the dispersion, so tellers reproduce as NB(R, k); their chains have Dwass's sizes."""
    r = 0.05 * MEAN
    tellers = TellingCascade(TOLD.thinned(0.05), 1.0, TOLD.thinned(0.05))
    assert tellers.pmf(30) == pytest.approx(RetellingChains(r, DISPERSION).pmf(np.arange(1, 32)), abs=1e-8)


# k to infinity and k = 1: Borel and Catalan. 1e-8


def test_poisson_chains_are_borel():
    n, r = np.arange(1, 60), 0.475
    borel = np.exp(-r * n + (n - 1) * np.log(r * n) - gammaln(n + 1))
    assert RetellingChains(r, inf).pmf(n) == pytest.approx(borel, abs=1e-12)
    assert RetellingChains(r, 1e7).pmf(n) == pytest.approx(borel, abs=1e-8)


def test_geometric_chains_are_catalan():
    n, a = np.arange(1, 60), 1 / 1.475
    catalan = comb(2 * n - 2, n - 1) / n * a**n * (1 - a) ** (n - 1)
    assert RetellingChains(0.475, 1.0).pmf(n) == pytest.approx(catalan, abs=1e-8)


# A large market: telling at random (d1) is the branching process. 4 SE


@pytest.mark.slow
def test_telling_at_random_in_a_large_market_is_the_branching_process():
    reach = [tell_at_random(100_000, TOLD, 0.05, seed) for seed in range(1_000)]
    assert within_standard_errors(reach, cascade(0.05).mean)


# R > 1: how large and how likely an outbreak is. 4 SE


@pytest.mark.slow
@pytest.mark.parametrize("dispersion", [DISPERSION, inf])
def test_size_and_probability_of_an_outbreak(dispersion):
    told = NegativeBinomialTelling(MEAN, dispersion)
    reach = np.array([tell_at_random(20_000, told, 0.15, seed) for seed in range(600)])
    large = reach > 2_000
    expected = cascade(0.15, told).outbreak_probability_of_teller  # the complainer does tell
    assert within_standard_errors(large, expected)
    # The size does not depend on the dispersion; the finite market moves it by the order of 1 / 20,000.
    assert np.mean(reach[large]) / 20_000 == pytest.approx(share_reached_at_random(0.15 * MEAN), abs=0.005)


# Acquaintances (d2): below and above the threshold of Newman's theory. 4 SE


@pytest.mark.slow
def test_clusters_of_acquaintances_follow_the_theory():
    small = [np.mean(size[label]) for label, size in (clusters(configuration_graph(TOLD, 50_000, seed), 0.03, seed) for seed in range(12))]
    assert within_standard_errors(small, AcquaintanceNetwork(TOLD, 0.03).mean_cluster)
    ties = configuration_graph(TOLD, 200_000, seed=2)
    large = clusters(ties, 0.12, 9)[1].max() / 200_000
    assert large == pytest.approx(AcquaintanceNetwork(TOLD, 0.12).large_cluster, abs=0.005)


# Nobody dissatisfied: (c) is Bass. 1e-8


def test_adoption_without_bad_word_of_mouth_is_the_bass_model():
    times = np.array([0.5, 2, 6, 15, 40])
    adopters, rejecters = ContestedAdoption(0.03, 0.38, 0.76, 0.0).path(times)
    assert adopters == pytest.approx(BassDiffusion(0.03, 0.38).share(times), abs=1e-8)
    assert not rejecters.any()


# The end of time: (c) ends at the root of its first integral. 1e-8


@pytest.mark.parametrize("dissatisfied", [0.05, 0.20, 0.50])
def test_adoption_ends_at_the_root_of_the_first_integral(dissatisfied):
    contested = ContestedAdoption(0.03, 0.38, 0.76, dissatisfied)
    assert contested.path([600.0])[0][-1] == pytest.approx(contested.final_adoption, abs=1e-8)


# The beginning: (c) is a birth process with immigration, the mean of branching in continuous time. 1e-4 relative


@pytest.mark.parametrize("dissatisfied", [0.0, 0.15])
def test_early_adoption_is_birth_with_immigration(dissatisfied):
    p, time, growth = 0.0003, 0.05, 0.38 * (1 - dissatisfied) - 0.0003
    adopters = ContestedAdoption(p, 0.38, 0.76, dissatisfied).path([time])[0][-1]
    assert adopters == pytest.approx(p / growth * np.expm1(growth * time), rel=1e-4)


# Each hearing loses a sale with probability phi: thinning (b) is simulation. 4 SE


@pytest.mark.parametrize("phi", [0.02, 0.05])
def test_the_chance_of_a_lost_sale(phi):
    rng = np.random.default_rng(7)
    lost = rng.binomial(cascade(0.05).simulate(200_000, seed=7), phi)
    assert within_standard_errors(lost > 0, cascade(0.05).probability_of_lost_sale(phi))
    assert within_standard_errors(lost, phi * cascade(0.05).mean)


# Relative impact: exact


def test_relative_impact_of_coca_cola():
    assert relative_impact(COCA_COLA_1981) == 19_778 / (2 * 6_330)
