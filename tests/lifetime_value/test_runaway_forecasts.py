"""No model forecasts fewer purchases than none, or what is no number, whatever its parameters."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

import goodwill as gw

HISTORIES = (np.array([0.0, 1.0, 5.0, 38.0]), np.array([0.0, 3.0, 20.0, 38.0]), np.array([10.0, 12.0, 30.0, 39.0]))
usual = st.floats(-1, 1).map(lambda power: 10.0**power)
sizes = st.floats(-4, 8).map(lambda power: 10.0**power)


MODELS = {**gw.PURCHASE_MODELS, "BG/NBD by period": gw.lifetime_value.BetaGeoNBDByPeriod, "BG/BB": gw.BetaGeoBetaBinom}


@pytest.mark.parametrize("model", MODELS.values(), ids=list(MODELS))
@given(parameters=st.tuples(sizes, sizes, sizes, sizes), horizon=st.sampled_from([0.0, 1.0, 39.0, 1000.0]))
def test_forecasts_are_numbers_and_never_negative(model: Any, parameters: tuple[float, ...], horizon: float) -> None:
    fitted = model(*parameters)
    alive = fitted.probability_alive(*HISTORIES)
    assert (alive <= 1 + 1e-12).all()
    for found in (
        alive,
        fitted.expected_purchases(horizon, *HISTORIES),
        fitted.expected_purchases_new_customer(np.array([horizon])),
        fitted.discounted_expected_purchases(0.0, *HISTORIES, horizon=horizon),
        fitted.discounted_expected_purchases(0.003, *HISTORIES, horizon=horizon),
        fitted.discounted_expected_purchases(0.003, *HISTORIES),
        fitted.draw_purchases(horizon, *HISTORIES, np.random.default_rng(1)),
    ):
        assert np.isfinite(found).all() and (found >= 0).all()


@pytest.mark.parametrize("model", MODELS.values(), ids=list(MODELS))
@given(parameters=st.tuples(usual, usual, usual, usual))
def test_discounting_lessens_and_a_longer_horizon_adds(model: Any, parameters: tuple[float, ...]) -> None:
    fitted = model(*parameters)
    plain, discounted, longer = (
        fitted.discounted_expected_purchases(rate, *HISTORIES, horizon=horizon) for rate, horizon in ((0.0, 20), (0.01, 20), (0.01, np.inf))
    )
    np.testing.assert_allclose(plain, fitted.expected_purchases(20, *HISTORIES), rtol=1e-6, atol=1e-12)
    assert (discounted <= plain * (1 + 1e-9)).all() and (discounted <= longer * (1 + 1e-9)).all()
    assert (discounted >= plain * np.exp(-0.2) * (1 - 1e-6)).all(), "none comes later than the horizon"


@pytest.mark.parametrize("r", [2e4, 1e6, 1e8])
def test_without_differences_in_rate_the_forecast_is_that_of_one_rate(r: float) -> None:
    """r and alpha ran away with r / alpha = .1: the series overflowed and -5,395,938 purchases were forecast for a base."""
    model = gw.BetaGeoNBD(r, 10 * r, 0.793, 2.426)
    p = stats.beta(0.793, 2.426)
    expected, _ = integrate.quad(lambda share: p.pdf(share) * -np.expm1(-0.1 * share * 39) / share, 0, 1)
    assert float(model.expected_purchases_new_customer(39.0)) == pytest.approx(expected, rel=2e-3)


def test_usual_parameters_keep_their_digits() -> None:
    """Fader, Hardie & Lee (2005): the closed form is left alone where it holds."""
    model = gw.BetaGeoNBD(0.243, 4.414, 0.793, 2.426)
    assert float(model.expected_purchases(39, 2, 30.43, 38.86)) == pytest.approx(1.226, abs=1e-3)
