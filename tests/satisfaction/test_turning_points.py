import numpy as np
import pytest
from tests.satisfaction.published import FAIR_LOYAL, FAIR_N

from goodwill.satisfaction.cells import LoyaltyCells
from goodwill.satisfaction.turning_points import (
    adjacent_steps,
    largest_step_set,
    largest_steps,
    partition_probabilities,
    partitions,
    zone_posterior,
)

FAIR = LoyaltyCells.of(range(1, 6), FAIR_LOYAL, FAIR_N)
SHARES = np.array([0.05, 0.08, 0.17, 0.42, 0.28])


def samples(truth, n, sets, seed=1):
    """Counts of `sets` surveys of `n` answers each, in which every level was chosen."""
    rng = np.random.default_rng(seed)
    sizes = np.maximum(rng.multinomial(n, SHARES, sets), 1)
    return rng.binomial(sizes, truth).astype(float), sizes.astype(float)


def test_fair_zones():
    table = zone_posterior(FAIR).table
    assert table["zones"].head(3).tolist() == ["1 | 2 | 3 | 4 | 5", "1-2 | 3 | 4 | 5", "1 | 2-3 | 4 | 5"]
    assert table["probability"].head(3).round(4).tolist() == [0.7767, 0.1633, 0.0593]


def test_the_largest_step_of_fair_is_from_three_to_four():
    assert largest_step_set(FAIR) == ((3.0, 4.0),)


def test_all_levels_alike_are_one_zone():
    zones = zone_posterior(LoyaltyCells.of(range(1, 6), [44] * 5, [50] * 5))
    assert zones.table["zones"].iloc[0] == "1-5"
    assert zones.number_probability[1] > 0.8


@pytest.mark.parametrize("levels", [3, 5, 11])
def test_probabilities_of_all_partitions_add_up_to_one(levels):
    zones = zone_posterior(LoyaltyCells.of(range(levels), np.arange(levels) + 1, [20] * levels))
    assert len(zones.table) == 2 ** (levels - 1)
    assert zones.table["probability"].sum() == pytest.approx(1)
    assert sum(zones.number_probability.values()) == pytest.approx(1)
    assert zones.credible()["probability"].sum() >= 0.95


@pytest.mark.parametrize("n", [93, 500])
def test_the_credible_set_covers_when_truth_comes_from_the_prior(n):
    rng = np.random.default_rng(n)
    patterns, sets = partitions(5), 1500
    zones = 1 + patterns.sum(1)
    by_number = {k: np.flatnonzero(zones == k) for k in range(1, 6)}
    true = np.array([rng.choice(by_number[k]) for k in rng.integers(1, 6, sets)])
    group = np.column_stack([np.zeros(sets, int), patterns[true].cumsum(1)])
    share = rng.random((sets, 5))[np.arange(sets)[:, None], group]
    sizes = np.maximum(rng.multinomial(n, SHARES, sets), 1)
    posterior = partition_probabilities(rng.binomial(sizes, share).astype(float), sizes.astype(float))
    order = np.argsort(-posterior, axis=1)
    ranked = np.take_along_axis(posterior, order, 1)
    needed = (ranked.cumsum(1) - ranked < 0.95).sum(1)
    covered = (order == true[:, None]).argmax(1) < needed
    assert 0.95 <= covered.mean() <= 0.99


@pytest.mark.slow
def test_adjacent_steps_hold_together():
    truth = np.array([0.25, 0.36, 0.45, 0.68, 0.82])
    loyal, n = samples(truth, 200, 400)
    held = []
    for x, m in zip(loyal, n, strict=True):
        steps = adjacent_steps(LoyaltyCells.of(range(1, 6), x, m))
        held.append(((steps["lower"] <= np.diff(truth)) & (np.diff(truth) <= steps["upper"])).all())
    assert np.mean(held) >= 0.93


def test_the_largest_step_set_covers_under_exact_ties():
    truth = np.array([0.1, 0.3, 0.5, 0.7, 0.9])
    loyal, n = samples(truth, 200, 1500)
    kept = largest_steps(loyal, n)
    assert kept.mean(0).min() >= 0.93  # every tied step is a largest one


def test_the_largest_step_of_a_clear_jump_is_found():
    loyal, n = samples(np.array([0.02, 0.04, 0.07, 0.12, 0.72]), 500, 300)
    kept = largest_steps(loyal, n)
    assert kept[:, 3].mean() >= 0.95
    assert kept.sum(1).mean() < 1.2


def test_steps_pass_over_levels_without_answers():
    cells = LoyaltyCells.of(range(1, 6), (2, 0, 7, 12, 72), (100, 0, 100, 100, 100))
    assert adjacent_steps(cells)[["lower_level", "upper_level"]].iloc[0].tolist() == [1, 3]


def test_two_levels_have_one_step_and_one_border():
    cells = LoyaltyCells.of((1, 2, 3), (5, 0, 30), (40, 0, 40))
    assert largest_step_set(cells) == ((1.0, 3.0),)
    assert zone_posterior(cells).cut_probability[(1.0, 3.0)] > 0.99
