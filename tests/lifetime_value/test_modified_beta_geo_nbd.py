"""MBG/NBD: what several implementations agree on, for want of a published estimate for CDNOW."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.lifetime_value import golden

from goodwill.inference.validation import holdout_errors
from goodwill.lifetime_value.modified_beta_geo_nbd import ModifiedBetaGeoNBD


@pytest.fixture(scope="module")
def fit() -> Any:
    return ModifiedBetaGeoNBD.fit(golden.cdnow())


@pytest.fixture(scope="module")
def history() -> list[np.ndarray]:
    customers = golden.cdnow().to_pandas()
    return [customers[name].to_numpy(float) for name in ("frequency", "recency", "T")]


def test_fit_gives_what_clvkit_btydplus_and_lifetimes_give(fit: Any) -> None:
    """clvkit 0.2.1: .524843, 6.183084, .891359, 1.614002, -9582.135716; BTYDplus 1.2.0 (R) and lifetimes 0.11.3 stop nearby."""
    np.testing.assert_allclose(fit.parameters, [0.524843, 6.183084, 0.891359, 1.614002], atol=2e-6)
    assert fit.log_likelihood == pytest.approx(-9582.135716, abs=2e-6)
    assert (fit.n, fit.unit, fit.converged, fit.warnings) == (2357, "week", True, ())


def test_lifetimes_predicts_the_same(fit: Any, history: list[np.ndarray]) -> None:
    from lifetimes import ModifiedBetaGeoFitter

    peer = ModifiedBetaGeoFitter()
    peer.params_ = pd.Series({name: getattr(fit.model, name) for name in fit.names})
    few = [column[::50] for column in history]
    np.testing.assert_allclose(
        fit.model.expected_purchases(39, *few), peer.conditional_expected_number_of_purchases_up_to_time(39, *few), rtol=1e-10
    )
    np.testing.assert_allclose(fit.model.probability_alive(*few), peer.conditional_probability_alive(*few), rtol=1e-12)
    for n in (0, 1, 5):
        theirs = peer.probability_of_n_purchases_up_to_time(39, n)
        assert float(fit.model.probability_of_purchases(n, 39)) == pytest.approx(float(theirs), rel=1e-10)


def test_holdout_errors_on_cdnow_are_near_those_of_btydplus(fit: Any, history: list[np.ndarray]) -> None:
    """BTYDplus multiplies by a bias correction; the sum (1,576.7) and the correlation hardly feel it."""
    actual = golden.cdnow().to_pandas()["frequency_holdout"]
    errors = holdout_errors(actual, {"MBG/NBD": fit.model.expected_purchases(39, *history)}).loc["MBG/NBD"]
    assert errors["total"] == pytest.approx(1576.71, abs=0.05)
    assert errors["bias"] == pytest.approx(-0.162, abs=5e-4)
    assert errors["MAE"] == pytest.approx(0.764778, abs=2e-4)
    assert errors["correlation"] == pytest.approx(0.627253, abs=2e-4)


def test_somebody_without_a_repeat_purchase_may_be_gone(fit: Any) -> None:
    alive = fit.model.probability_alive(0, 0, [0.0, 10.0, 39.0, 400.0])
    assert alive[0] == pytest.approx(fit.model.b / (fit.model.a + fit.model.b))
    assert np.all(np.diff(alive) < 0)
