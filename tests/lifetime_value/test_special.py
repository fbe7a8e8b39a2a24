"""2F1(1, p; p + q; 1 - y) and ratios of gamma functions against 50 digits, computed here."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest

from goodwill.lifetime_value.special import LEVELS, log_gamma_ratio, log_hyp2f1, log_hyp2f1_slopes, tanh_sinh

P = [0.01, 0.5, 1.0, 3.55, 60.3, 5000.2]
Q = [0.02, 0.999999, 1.0, 1.6, 5.3, 5000.0]
Y = [1.0, 0.999, 0.7, 0.2, 0.03, 1 / 350, 1e-6]  # every regime: short and long fractions, and the integral
GRID = [(p, q, y) for p in P for q in Q for y in Y if p + q > 1.05]


@pytest.fixture(scope="module")
def exact() -> np.ndarray:
    with mp.workdps(50):
        return np.array([float(mp.log(mp.hyp2f1(1, p, mp.mpf(p) + q, 1 - mp.mpf(y)))) for p, q, y in GRID])


def test_values_have_14_digits_in_every_regime(exact: np.ndarray) -> None:
    np.testing.assert_allclose(log_hyp2f1(*np.array(GRID).T), exact, rtol=1e-12, atol=3e-14)


def test_the_value_beside_the_slopes_is_the_same(exact: np.ndarray) -> None:
    np.testing.assert_allclose(log_hyp2f1_slopes(*np.array(GRID).T)[0], exact, rtol=1e-12, atol=3e-14)


@pytest.mark.slow
def test_slopes_are_the_derivatives() -> None:
    rng = np.random.default_rng(1)
    for p, q, y in [GRID[i] for i in rng.choice(len(GRID), 25, replace=False)] + [(0.55, 1.6, 1.0)]:
        slopes = log_hyp2f1_slopes(p, q, y)[1:]
        with mp.workdps(40):
            value = lambda a, b, z: mp.log(mp.hyp2f1(1, a, a + b, z))  # noqa: E731
            at = (mp.mpf(p), mp.mpf(q), 1 - mp.mpf(y))
            by_z = mp.diff(value, at, (0, 0, 1)) if y < 1 else mp.mpf(p) / (mp.mpf(p) + q)
            exact = [float(mp.diff(value, at, (1, 0, 0))), float(mp.diff(value, at, (0, 1, 0))), float(by_z)]
        np.testing.assert_allclose(slopes, exact, rtol=1e-7, atol=1e-11 + 1e-14 / y)


def test_the_regimes_meet_without_a_step() -> None:
    border = np.tanh(9.25 / (np.array(LEVELS) - 2)) ** 2
    below, above = log_hyp2f1(2.5, 1.6, border * (1 - 1e-15)), log_hyp2f1(2.5, 1.6, border * (1 + 1e-15))
    np.testing.assert_allclose(below, above, rtol=1e-13, atol=1e-14)


def test_shapes_broadcast() -> None:
    assert log_hyp2f1(np.ones((4, 1)), 1.5, np.full(3, 0.4)).shape == (4, 3)
    assert log_hyp2f1_slopes(np.ones((4, 1)), 1.5, np.full(3, 0.4)).shape == (4, 4, 3)
    assert log_hyp2f1(1.0, 1.0, 0.5).shape == ()


def test_ratios_of_gamma_functions_keep_their_digits() -> None:
    for b in (0.3, 19.9, 20.0, 57.0, 5e3, 1e9):
        for a in (0.6, 3.0, 5000.0):
            with mp.workdps(50):
                exact = float(mp.loggamma(mp.mpf(b) + a) - mp.loggamma(b))
            assert float(log_gamma_ratio(b, a)) == pytest.approx(exact, rel=1e-14, abs=1e-14)


def test_tanh_sinh_integrates_steep_ends() -> None:
    share, weight = tanh_sinh()
    for power in (-0.9, -0.5, 0.0, 3.0, 5000.0):
        # The lowest node is about 1e-25: what lies below is left out.
        assert weight @ share**power == pytest.approx(1 / (1 + power), rel=5e-3 if power == -0.9 else 1e-9)


def test_many_values_are_those_of_each() -> None:
    """More than are held at a time, of every depth of the fraction."""
    rng = np.random.default_rng(1)
    p, q, y = rng.uniform(1.0, 30, 20_000), rng.uniform(0.1, 5, 20_000), rng.uniform(0.001, 1, 20_000)
    parts = [log_hyp2f1(p[at : at + 100], q[at : at + 100], y[at : at + 100]) for at in range(0, 20_000, 2_000)]
    together = log_hyp2f1(p, q, y).reshape(10, 2_000)[:, :100]
    np.testing.assert_allclose(together, np.array(parts), rtol=1e-12, atol=1e-13)
