"""Gamma-gamma spend: the published values, the mean that need not exist, and whether spend goes with frequency."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.lifetime_value import golden

import goodwill as gw

# The rounded parameters of note 025.
ROUNDED = gw.GammaGamma(p=6.25, q=3.74, gamma=15.44)


@pytest.fixture(scope="module")
def fit() -> Any:
    return gw.GammaGamma.fit(golden.cdnow())


@pytest.fixture(scope="module")
def customers() -> pd.DataFrame:
    return golden.cdnow().to_pandas()


def test_fit_gives_fader_hardie_2013_note_025(fit: Any) -> None:
    for name, value in golden.GAMMA_GAMMA.items():
        assert getattr(fit.model, name) == pytest.approx(value, abs=1e-3)
        assert fit.estimates.loc[name, "standard_error"] == pytest.approx(golden.GAMMA_GAMMA_STANDARD_ERRORS[name], rel=1e-3)
    assert fit.log_likelihood == pytest.approx(golden.GAMMA_GAMMA_LOG_LIKELIHOOD, abs=1e-6)
    assert (fit.n, fit.converged, fit.warnings) == (946, True, ())


def test_no_other_published_optimum_is_higher(fit: Any, customers: pd.DataFrame) -> None:
    """The parameters that CLVTools gives, in the log-likelihood of this data."""
    theirs = gw.GammaGamma(**golden.GAMMA_GAMMA_CLVTOOLS).log_likelihood(customers["frequency"], customers["monetary_value"]).sum()
    assert theirs == pytest.approx(golden.GAMMA_GAMMA_LOG_LIKELIHOOD, abs=1e-5)
    assert fit.log_likelihood >= theirs


def test_expected_spend_is_that_of_btyd_and_lifetimes(fit: Any) -> None:
    """With the unrounded optimum: BTYD's two customers, the population mean 35.17, and the first ten customers."""
    np.testing.assert_allclose(fit.model.expected_spend([3, 1], [35.0, 20.0]), [35.0217703, 24.6290377], atol=2e-4)
    assert float(fit.model.expected_spend(0, 0.0)) == pytest.approx(35.17, abs=0.005)
    expected = fit.model.expected_spend(golden.GAMMA_GAMMA_FREQUENCY, golden.GAMMA_GAMMA_SPEND)
    np.testing.assert_allclose(expected, golden.GAMMA_GAMMA_EXPECTED, atol=0.01)


@pytest.mark.slow
def test_parameters_are_recovered_from_simulated_spend() -> None:
    frequency = np.repeat([1, 2, 3, 5, 8], 200)
    hits = np.zeros(3)
    for seed in range(40):
        estimates = gw.GammaGamma.fit(ROUNDED.simulate(frequency, seed=seed)).estimates
        hits += (estimates["lower"] <= [6.25, 3.74, 15.44]) & (estimates["upper"] >= [6.25, 3.74, 15.44])
    assert np.all(hits >= 33)


def test_money_in_another_currency_scales_gamma_only(fit: Any, customers: pd.DataFrame) -> None:
    cents = gw.GammaGamma.fit(customers.assign(monetary_value=100 * customers["monetary_value"]))
    np.testing.assert_allclose(cents.parameters, fit.parameters * [1, 1, 100], rtol=1e-7)


def test_without_a_population_mean_the_fit_says_so() -> None:
    heavy = gw.GammaGamma(p=6.25, q=0.8, gamma=15.44)
    fit = gw.GammaGamma.fit(heavy.simulate(np.repeat([1, 2, 3, 5], 250)))
    assert "population mean does not exist" in fit.warnings[0]
    assert np.isinf(fit.model.expected_spend(0, 0.0))
    assert np.isfinite(fit.model.expected_spend(1, 20.0))


def test_spend_that_is_not_positive_is_refused_with_its_number() -> None:
    rows = pd.DataFrame({"frequency": [1, 2, 0, 4], "monetary_value": [5.0, 0.0, 0.0, -3.0], "weight": [1, 3, 7, 1]})
    with pytest.raises(gw.FitError, match=r"zero or negative for 4 customer\(s\).*first: row 1"):
        gw.GammaGamma.fit(rows)
    with pytest.raises(gw.TooLittle, match="no customer has a repeat purchase"):
        gw.GammaGamma.fit(rows[rows["frequency"] == 0])


@given(st.floats(0.5, 20), st.floats(1.1, 10), st.floats(0.1, 100), st.integers(1, 500), st.floats(0.01, 1e4))
def test_expected_spend_lies_between_the_customers_mean_and_the_populations(p: float, q: float, gamma: float, x: int, m: float) -> None:
    model = gw.GammaGamma(p, q, gamma)
    population, expected = float(model.expected_spend(0, 0.0)), float(model.expected_spend(x, m))
    assert min(m, population) * (1 - 1e-9) <= expected <= max(m, population) * (1 + 1e-9)


def test_drawn_spend_has_the_expected_mean() -> None:
    bought = np.full((1, 200_000), 2)
    drawn = ROUNDED.draw_spend(bought, np.full(200_000, 3), np.full(200_000, 35.0), np.random.default_rng(1))
    assert drawn.mean() == pytest.approx(2 * float(ROUNDED.expected_spend(3, 35.0)), abs=4 * drawn.std() / np.sqrt(200_000))


def test_correlation_of_frequency_and_spend_on_cdnow_hangs_on_one_customer(customers: pd.DataFrame) -> None:
    """Fader, Hardie & Lee (2005b): .11, and .06 without the customer of 21 purchases and $300."""
    everybody = gw.lifetime_value.spend_frequency_correlation(customers["frequency"], customers["monetary_value"])
    assert everybody.loc["pearson", "estimate"] == pytest.approx(0.114, abs=5e-4)
    others = customers[customers["monetary_value"] < 290]
    without = gw.lifetime_value.spend_frequency_correlation(others["frequency"], others["monetary_value"])
    assert without.loc["pearson", "estimate"] == pytest.approx(0.057, abs=5e-4)
    assert without.loc["pearson", "lower"] < 0 < without.loc["pearson", "upper"]


def test_correlations_are_those_of_scipy_and_weights_are_repeated_customers() -> None:
    from scipy import stats

    rng = np.random.default_rng(8)
    x, w = rng.integers(1, 9, 60), rng.integers(1, 4, 60)
    m = np.round(rng.gamma(3, 10, 60) * x**0.3)
    found = gw.lifetime_value.spend_frequency_correlation(x, m, w)
    x, m = np.repeat(x, w), np.repeat(m, w)
    pearson = stats.pearsonr(x, m)
    interval = pearson.confidence_interval()
    assert found.loc["pearson"].tolist() == pytest.approx([pearson.statistic, interval.low, interval.high, w.sum()])
    assert found.loc["spearman", "estimate"] == pytest.approx(stats.spearmanr(x, m).statistic)
