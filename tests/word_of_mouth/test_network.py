"""Percolation on random graphs and telling at random, each against its limit."""

from math import inf

import numpy as np
import pytest

from goodwill.errors import DataError
from goodwill.word_of_mouth.network import (
    AcquaintanceNetwork,
    Ties,
    clusters,
    configuration_graph,
    reach_of_complaints,
    share_reached_at_random,
    tell_at_random,
)
from goodwill.word_of_mouth.telling import NegativeBinomialTelling

KNOWN = NegativeBinomialTelling(9.5, 1.36312)


def test_threshold_and_mean_excess():
    network = AcquaintanceNetwork(KNOWN, 0.03)
    assert network.mean_excess == pytest.approx(16.469306, abs=5e-6)
    assert network.threshold == pytest.approx(0.060719, abs=5e-7)
    assert network.mean_cluster == pytest.approx(1.5633, abs=5e-5)
    assert network.large_cluster == 0


@pytest.mark.parametrize(
    ("passing", "not_connected", "share"),
    [(0.08, 0.673658, 0.203770), (0.12, 0.365872, 0.440094), (0.20, 0.160188, 0.652299)],
)
def test_large_cluster(passing, not_connected, share):
    network = AcquaintanceNetwork(KNOWN, passing)
    assert network._not_connected == pytest.approx(not_connected, abs=1e-6)
    assert network.large_cluster == pytest.approx(share, abs=1e-6)


def test_poisson_acquaintances_have_the_cluster_of_a_random_graph():
    network = AcquaintanceNetwork(NegativeBinomialTelling(5.0, inf), 0.4)
    assert network.large_cluster == pytest.approx(share_reached_at_random(2.0), abs=1e-9)


def test_large_cluster_of_a_simulated_graph():
    ties = configuration_graph(KNOWN, 200_000, seed=1)
    shares = [clusters(ties, 0.12, seed)[1].max() / 200_000 for seed in range(5)]
    assert np.mean(shares) == pytest.approx(0.440094, abs=0.005)


def test_mean_cluster_of_a_simulated_graph_below_the_threshold():
    ties = configuration_graph(KNOWN, 200_000, seed=1)
    per_person = np.concatenate([size[label] for label, size in (clusters(ties, 0.03, seed) for seed in range(5))])
    assert abs(per_person.mean() - 1.5633) < 0.02


def test_graph_has_the_numbers_of_acquaintances_asked_for():
    ties = configuration_graph(KNOWN, 20_000, seed=4)
    degrees = np.bincount(np.concatenate([ties.one, ties.other]), minlength=20_000)
    assert abs(degrees.mean() - 9.5) < 4 * np.sqrt(KNOWN.variance / 20_000)
    assert degrees.var() == pytest.approx(KNOWN.variance, rel=0.1)


def test_clusters_of_a_graph_that_can_be_checked_by_hand():
    ties = Ties(5, np.array([0, 1]), np.array([1, 2]))  # 0-1-2, and two people without ties
    label, size = clusters(ties, 1.0)
    assert sorted(size) == [1, 1, 3]
    assert label[0] == label[1] == label[2]
    assert reach_of_complaints(ties, 1.0, [0, 3]).tolist() == [2, 0]
    assert reach_of_complaints(ties, 0.0, [0, 3]).tolist() == [0, 0]


@pytest.mark.parametrize(("reproduction", "share"), [(1.14, 0.235123), (1.425, 0.530323), (1.90, 0.767244), (0.9, 0.0)])
def test_share_reached_by_telling_at_random(reproduction, share):
    assert share_reached_at_random(reproduction) == pytest.approx(share, abs=6e-7)


def test_telling_at_random_reaches_each_person_once():
    assert tell_at_random(50, NegativeBinomialTelling(200.0), 1.0) == 49
    assert tell_at_random(1_000, NegativeBinomialTelling(5.0), 0.0, seed=2) <= 30


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: configuration_graph(KNOWN, 1), "no ties"),
        (lambda: clusters(configuration_graph(KNOWN, 10), 1.5), r"passing on is 1\.5"),
        (lambda: AcquaintanceNetwork(KNOWN, -0.1), "passing on is -0"),
        (lambda: AcquaintanceNetwork(KNOWN, 0.12).mean_cluster, "not below the threshold"),
        (lambda: tell_at_random(100, KNOWN, 2.0), "probability of retelling of 2"),
    ],
)
def test_bad_input_is_refused_in_words(call, message):
    with pytest.raises(DataError, match=message):
        call()


@pytest.mark.slow
def test_percolation_of_a_million_people_finds_the_giant_cluster_of_theory():
    _, size = clusters(configuration_graph(KNOWN, 1_000_000), 0.12)
    assert size.max() / 1e6 == pytest.approx(0.440094, abs=0.003)
