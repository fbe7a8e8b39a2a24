"""Groups that borrow: against the closed forms of normal means, and against an integral where the likelihood is not normal."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad
from scipy.special import gammaln

from goodwill.inference.partial_pooling import Expansion, Sum, _moments, average, pool


def measured(mean: Any, error: Any) -> Sum:
    """A group whose numbers were measured with normal errors."""
    return lambda eta: (float((((eta - mean) / error) ** 2).sum()) / 2, (eta - mean) / np.square(error))


def test_equal_errors_give_the_estimates_of_a_one_way_analysis_of_variance() -> None:
    found = pool([measured(y, 1.0) for y in (0.0, 4.0, 8.0, 10.0)], np.array([5.5]), usual=np.inf, freedom=np.inf)
    between = np.var([0.0, 4.0, 8.0, 10.0], ddof=1) - 1
    assert found.converged
    assert found.between**2 == pytest.approx(between, rel=1e-6)
    own = between / (between + 1)
    assert found.at.ravel() == pytest.approx(5.5 + own * (np.array([0.0, 4.0, 8.0, 10.0]) - 5.5), rel=1e-6)


def test_the_belief_about_the_spread_is_felt_where_groups_are_few_and_far_apart() -> None:
    groups = [measured(y, 1.0) for y in (0.0, 4.0)]
    wide, narrow = (pool(groups, np.array([2.0]), usual=usual, freedom=np.inf).between[0] for usual in (np.inf, 1.0))
    tried = np.linspace(0, 4, 400_001)
    density = -np.log1p(tried**2) / 2 - 4 / (1 + tried**2) - tried**2 / 2  # of two means four apart, the common one integrated out
    assert (wide, narrow) == (pytest.approx(np.sqrt(8 - 1), rel=1e-5), pytest.approx(tried[np.argmax(density)], abs=1e-4))


def test_groups_that_differ_by_less_than_chance_are_alike_and_exactly_so() -> None:
    found = pool([measured(y, 1.0) for y in (0.1, 0.2, 0.6)], np.array([0.3]))
    assert found.between.tolist() == [0.0]
    assert np.unique(found.at).tolist() == [found.mean[0]]
    assert found.mean == pytest.approx([0.3])


def test_each_number_has_a_spread_of_its_own() -> None:
    rng = np.random.default_rng(1)
    truth = rng.standard_normal((60, 2)) * [1.0, 0.0]
    found = pool([measured(each + 0.2 * rng.standard_normal(2), 0.2) for each in truth], np.zeros(2), freedom=np.inf)
    assert found.between[0] == pytest.approx(1.0, abs=0.25)
    assert found.between[1] < 0.1


def test_a_group_that_says_nothing_gets_what_is_common_and_the_spread_as_its_uncertainty() -> None:
    silent: Sum = lambda eta: (0.0, np.zeros(1))  # noqa: E731
    found = pool([*(measured(y, 0.1) for y in (-1.0, 0.0, 1.0, 2.0, -2.0)), silent], np.zeros(1), between=np.array([1.5]), freedom=np.inf)
    assert found.at[-1] == pytest.approx(found.mean)
    assert average(found).spread[-1, 0, 0] == pytest.approx(1.5**2 * (1 + 1 / 5), rel=0.02), "its own and that of the mean of five"


def test_a_belief_about_the_mean_counts_like_one_more_measurement_of_it() -> None:
    found = pool([measured(4.0, 1.0)], np.array([4.0]), between=np.zeros(1), belief=measured(0.0, 1.0))
    assert found.mean == pytest.approx([2.0])


def test_the_restricted_likelihood_is_the_integral_over_the_mean() -> None:
    y, error, tau = np.array([0.0, 1.0, 3.0]), np.array([0.5, 1.0, 0.7]), 0.8
    told = Expansion((y / error**2)[:, None], (1 / error**2)[:, None, None])
    nothing = Expansion(np.zeros((1, 1)), np.zeros((1, 1, 1)))

    def density(mu: float, tau: float) -> float:
        variance = error**2 + tau**2
        return float(np.prod(np.exp(-((y - mu) ** 2) / (2 * variance)) / np.sqrt(variance)))

    exact = [np.log(quad(density, -20, 20, args=(each,))[0]) for each in (tau, 0.0)]
    ours = [float(_moments(np.full((3, 1), each**2), told, nothing).value) for each in (tau, 0.0)]
    assert ours[0] - ours[1] == pytest.approx(exact[0] - exact[1], abs=1e-8)


SCALE_OF_A_NORMAL = 0.831  # of the t of four degrees that is nearest to a standard normal: E[5 z^2 / (4 s^2 + z^2)] = 1


def counts(n: float, time: float) -> Sum:
    """A group with n events in a time, by the logarithm of its rate."""
    return lambda eta: (float(np.exp(eta[0]) * time - n * eta[0] + gammaln(n + 1)), np.exp(eta) * time - n)


@pytest.mark.slow
def test_counts_are_drawn_to_their_modes_and_intervals_hold_the_truth_as_often_as_promised() -> None:
    rng = np.random.default_rng(2)
    held, found_between = [], []
    for _ in range(40):
        truth = 0.5 * rng.standard_normal(15)
        time = np.tile([5.0, 20.0, 100.0], 5)
        found = pool([counts(n, t) for n, t in zip(rng.poisson(np.exp(truth) * time), time, strict=True)], np.zeros(1))
        error = np.sqrt(average(found, draws=1).spread[:, 0, 0])
        held.append(np.abs(found.at[:, 0] - truth) < 1.96 * error)
        found_between.append(found.between[0])
    share = np.mean(held)
    assert 0.92 < share < 0.98, share
    assert np.mean(found_between) == pytest.approx(SCALE_OF_A_NORMAL * 0.5, abs=0.04)


def test_draws_of_all_groups_share_what_is_common() -> None:
    found = pool([measured(y, 1.0) for y in (0.1, 0.2, 0.6)], np.array([0.3]), between=np.zeros(1))
    drawn = average(found, draws=300)
    assert np.ptp(drawn.at, axis=1).max() < 1e-12, "without a spread all groups are one in every draw"
    assert drawn.at[:, 0, 0].std() == pytest.approx(1 / np.sqrt(3), rel=0.12)


def test_the_uncertainty_of_the_spread_is_in_the_intervals() -> None:
    groups = [measured(y, 1.0) for y in (0.1, 0.2, 0.6)]
    plain, known = pool(groups, np.array([0.3])), pool(groups, np.array([0.3]), between=np.zeros(1))
    assert plain.between == known.between == 0
    assert (average(plain).spread > 1.2 * average(known).spread).all()


def by_grid(y: Any, error: Any, tau: float) -> tuple[Any, Any]:
    """Means and variances of groups that lie as a t of four degrees around a mean of which nothing is known, by sums over grids."""
    grid = np.linspace(-12, 18, 601)
    belief = stats.t.pdf((grid[None, :] - grid[:, None]) / tau, 4)
    told = [stats.norm.pdf(each, grid, wide) for each, wide in zip(y, error, strict=True)]
    given = np.array([belief @ each for each in told])  # of the data of each group at each mean
    found = []
    for g, each in enumerate(told):
        density = each * ((np.prod(np.delete(given, g, axis=0), axis=0)) @ belief)
        mean = density @ grid / density.sum()
        found.append((mean, density @ (grid - mean) ** 2 / density.sum()))
    return tuple(np.array(found).T)


def test_draws_given_the_scale_have_the_moments_of_the_integral_over_the_t() -> None:
    y, error, tau = [0.0, 0.6, -0.4, 0.3, 5.0], [0.3, 0.6, 0.3, 1.0, 0.8], 0.5
    found = pool([measured(*each) for each in zip(y, error, strict=True)], np.zeros(1), between=np.array([tau]))
    drawn, (mean, variance) = average(found, draws=1000), by_grid(y, error, tau)
    around = drawn.spread[:, 0, 0] - (mean - found.at[:, 0]) ** 2
    assert drawn.at[:, :, 0].mean(axis=0) == pytest.approx(mean, abs=0.12)
    assert np.sqrt(around) == pytest.approx(np.sqrt(variance), rel=0.08)
    assert found.at[:, 0] == pytest.approx(mean, abs=0.25)


def test_a_single_odd_group_is_left_where_it_is_and_does_not_set_the_others_apart() -> None:
    groups = [measured(y, 0.3) for y in (0.1, -0.2, 0.0, 0.3, -0.1, 0.2, 3.0)]
    usual, normal = (pool(groups, np.array([0.5]), freedom=each) for each in (4.0, np.inf))
    assert usual.at[-1, 0] > normal.at[-1, 0] + 0.05
    assert usual.weight[-1, 0] < 0.2 < 0.9 < usual.weight[:-1].min()
    assert usual.between[0] < 0.6 * normal.between[0]
    assert abs(usual.mean[0] - 0.05) < abs(normal.mean[0] - 0.05), "six of the seven lie around .05"


def test_a_t_of_many_degrees_is_the_normal() -> None:
    groups = [measured(y, 0.5) for y in (0.0, 0.4, 1.0, 2.0)]
    many, normal = (pool(groups, np.array([0.8]), freedom=each) for each in (1e4, np.inf))
    assert many.between == pytest.approx(normal.between, rel=2e-3)
    assert many.at == pytest.approx(normal.at, abs=2e-3)
    assert average(many).spread == pytest.approx(average(normal).spread, rel=0.1)


def test_a_group_that_says_nothing_has_the_room_of_the_t() -> None:
    silent: Sum = lambda eta: (0.0, np.zeros(1))  # noqa: E731
    found = pool([*(measured(0.0, 0.01) for _ in range(9)), silent], np.zeros(1), between=np.array([0.5]))
    drawn = np.abs(average(found, draws=1000).at[:, -1, 0]) / 0.5
    assert np.mean(drawn < 1) == pytest.approx(stats.t.cdf(1, 4) * 2 - 1, abs=0.06)
    assert np.mean(drawn < 2.776) == pytest.approx(0.95, abs=0.03)


def test_a_likelihood_that_rises_without_a_bend_does_not_carry_a_group_away() -> None:
    rising: Sum = lambda eta: (float(np.logaddexp(0, -3 * eta[0])), -3 / (1 + np.exp(3 * eta)))  # noqa: E731
    found = pool([*(measured(y, 0.2) for y in (-1.0, 0.0, 1.0)), rising], np.zeros(1), between=np.array([1.0]))
    assert 0 < found.at[-1, 0] < 2
    assert average(found).spread[-1, 0, 0] < 10
