"""Stacking weights: the conditions of the only maximum, known mixtures, and what a bootstrap of dates and customers does to them."""

from __future__ import annotations

import numpy as np
import pytest

from goodwill.errors import DataError
from goodwill.inference.stacking import averaged_stacking_weights, stacked_log_scores, stacking_weights

RNG = np.random.default_rng(4)


def test_no_other_weights_foretell_better() -> None:
    """Optimality (Karush, Kuhn & Tucker): sum_i v_i p_ik / p_i(w) is 1 where a weight is positive, and no more where it is zero."""
    for k in (2, 3, 5):
        scores, v = RNG.normal(-1, 0.7, (400, k)), RNG.random(400)
        w = stacking_weights(scores, v)
        chance = np.exp(scores)
        slope = (v / v.sum() / (chance @ w)) @ chance
        assert w.sum() == pytest.approx(1) and (w >= 0).all()
        np.testing.assert_allclose(slope[w > 1e-6], 1, atol=2e-5)
        assert (slope[w <= 1e-6] <= 1 + 2e-5).all()


def test_the_weights_of_a_true_mixture_are_found() -> None:
    """Of cases that come from one of two distributions by chance, stacking is the likelihood of the share: 30 % here."""
    ours = RNG.random(40_000) < 0.3
    y = np.where(ours, RNG.poisson(1.0, ours.size), RNG.poisson(4.0, ours.size))
    factorial = np.array([np.log(np.arange(1, n + 1)).sum() for n in range(y.max() + 1)])
    scores = np.column_stack([y * np.log(mean) - mean - factorial[y] for mean in (1.0, 4.0)])
    assert stacking_weights(scores)[0] == pytest.approx(0.3, abs=0.015)


def test_a_model_that_is_worse_on_every_case_gets_nothing_and_a_row_may_count_twice() -> None:
    scores = RNG.normal(-1, 0.5, (50, 2))
    worse = np.column_stack([scores, scores.min(axis=1) - 0.1])
    assert stacking_weights(worse)[2] == pytest.approx(0, abs=1e-6)
    counted = stacking_weights(scores, [2] * 10 + [1] * 40)
    np.testing.assert_allclose(counted, stacking_weights(np.vstack([scores, scores[:10]])), atol=1e-5)


def test_equal_models_share_and_a_single_one_has_all() -> None:
    scores = RNG.normal(-1, 0.5, (50, 1))
    np.testing.assert_allclose(stacking_weights(np.repeat(scores, 3, axis=1)), 1 / 3, atol=1e-9)
    assert stacking_weights(scores).tolist() == [1.0]


def test_chances_of_nearly_nothing_are_weighed_on_the_log_scale() -> None:
    scores = np.log([[0.9, 0.1], [0.1, 0.9]]) - 2000.0
    np.testing.assert_allclose(stacking_weights(scores), 0.5, atol=1e-6)
    assert stacked_log_scores(scores, [0.5, 0.5]) == pytest.approx([np.log(0.5) - 2000] * 2)


@pytest.mark.slow
def test_the_more_dates_agree_the_nearer_are_the_weights_to_a_corner() -> None:
    """One model is a little better on every date but one in four; plain stacking knows no dates."""
    steps = np.log([[0.52, 0.50], [0.52, 0.50], [0.52, 0.50], [0.49, 0.50]])
    plain, averaged = [], []
    for times in (1, 8):
        rows = np.repeat(np.tile(steps, (times, 1)), 30, axis=0)
        dates = np.repeat(np.arange(4 * times), 30)
        customers = np.tile(np.arange(30), 4 * times)
        plain.append(stacking_weights(rows)[0])
        averaged.append(averaged_stacking_weights(rows, customers, dates)[0])
    assert plain == pytest.approx([1, 1], abs=1e-4)
    assert 0.6 < averaged[0] < averaged[1] <= 1


def test_the_bootstrap_is_that_of_its_seed() -> None:
    scores, who, when = RNG.normal(-1, 0.2, (60, 3)), np.arange(60) % 20, np.arange(60) // 20
    one, again, other = (averaged_stacking_weights(scores, who, when, replicates=10, seed=seed) for seed in (1, 1, 2))
    assert one.tolist() == again.tolist() != other.tolist()
    assert one.sum() == pytest.approx(1)


def test_what_cannot_be_weighed_is_said() -> None:
    with pytest.raises(DataError, match=r"a row per case and a column per model, and not an array of shape \(0,\)"):
        stacking_weights([])
    with pytest.raises(DataError, match="1 cases have a log score that is no number"):
        stacking_weights([[0.0, np.nan], [0.0, 0.0]])


def test_cases_may_be_counted_in_several_ways_at_once() -> None:
    scores, ways = RNG.normal(-1, 0.7, (200, 3)), RNG.random((4, 200))
    apart = [stacking_weights(scores, way) for way in ways]
    np.testing.assert_allclose(stacking_weights(scores, ways), apart, atol=1e-6)


def test_rows_with_equal_scores_count_as_much_as_they_all() -> None:
    """What `averaged_stacking_weights` weighs together is what it would be row by row."""
    some, dates = RNG.normal(-1, 0.7, (30, 2))[RNG.integers(0, 30, 300)], np.repeat([0, 1], 150)
    cases, rng, found = np.arange(300) % 150, np.random.default_rng(5), []
    for _ in range(20):
        by_case, by_date = rng.standard_exponential(150), rng.standard_exponential(2)
        found.append(stacking_weights(some, by_case[cases] * by_date[dates]))
    together = averaged_stacking_weights(some, cases, dates, replicates=20, seed=5)
    np.testing.assert_allclose(together, np.mean(found, axis=0), atol=1e-6)
