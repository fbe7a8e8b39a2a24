"""Pareto/NBD: published values, and agreement with lifetimes and with Kummer's function."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import special
from tests.lifetime_value import golden

from goodwill.errors import FitError
from goodwill.inference.validation import holdout_errors
from goodwill.lifetime_value.pareto_nbd import ParetoNBD

# Fader, Hardie & Lee (2005a), table 2, as printed: .553, 10.578, .606, 11.669, log-likelihood -9,595.0. The likelihood is flat along
# beta: CLVTools 0.12.1 (R) stops at 11.664, its test suite holds 11.672, BTYD's vignette 11.656, all with -9594.976.
ROUNDED = ParetoNBD(r=0.553, alpha=10.578, s=0.606, beta=11.669, unit="week")
CLVTOOLS = ParetoNBD(r=0.553270010, alpha=10.577800684, s=0.606019998, beta=11.663914534)
CLVTOOLS_STANDARD_ERRORS = [0.0476264, 0.8427222, 0.1872594, 6.2105448]
# Fader, Hardie & Lee (2005b): the fit to 78 weeks, as in the documentation of BTYD; 15 % a year with 52 weeks.
OF_78_WEEKS = ParetoNBD(r=0.5629966, alpha=12.5590370, s=0.4081095, beta=10.5148048)
RATE = np.log(1.15) / 52


@pytest.fixture(scope="module")
def fit() -> Any:
    return ParetoNBD.fit(golden.cdnow())


@pytest.fixture(scope="module")
def customers() -> pd.DataFrame:
    return golden.cdnow().to_pandas()


def history(customers: pd.DataFrame) -> list[np.ndarray]:
    return [customers[name].to_numpy(float) for name in ("frequency", "recency", "T")]


def test_fit_gives_fader_hardie_lee_2005_table_2(fit: Any) -> None:
    np.testing.assert_allclose(fit.parameters, [0.5533, 10.578, 0.6062, 11.669], atol=5e-4)
    assert 11.66 <= fit.model.beta <= 11.67
    assert fit.log_likelihood == pytest.approx(-9594.9762, abs=5e-5)
    assert (fit.n, fit.unit, fit.converged, fit.warnings) == (2357, "week", True, ())


def test_no_published_optimum_is_higher(fit: Any, customers: pd.DataFrame) -> None:
    for beta, s in ((11.663914534, 0.606019998), (11.67150, 0.60625), (11.656, 0.606)):
        other = ParetoNBD(fit.model.r, fit.model.alpha, s, beta)
        assert fit.log_likelihood - 1e-4 < other.log_likelihood(*history(customers)).sum() < fit.log_likelihood


def test_standard_errors_aic_and_bic_are_those_of_clvtools(fit: Any) -> None:
    np.testing.assert_allclose(fit.estimates["standard_error"], CLVTOOLS_STANDARD_ERRORS, rtol=5e-4)
    assert fit.aic == pytest.approx(19197.9524, abs=1e-3)
    assert fit.bic == pytest.approx(19221.0129, abs=1e-3)


def test_expectations_and_p_alive_are_those_of_the_btyd_vignette(fit: Any) -> None:
    """At its optimum (.553, 10.580, .606, 11.656); that of the fit here moves the last digits."""
    btyd = ParetoNBD(0.553, 10.580, 0.606, 11.656)
    assert float(fit.model.expected_purchases_new_customer(52)) == pytest.approx(1.473434, abs=2e-4)
    for model in (fit.model, btyd):
        history_1516 = (26, 216 / 7, 31)
        assert float(model.expected_purchases(52, *history_1516)) == pytest.approx(25.45647, abs=2e-3)
        assert float(model.probability_alive(*history_1516)) == pytest.approx(0.997874, abs=1e-6)
        paradox = model.expected_purchases(52, [10, 15, 20, 25], 20, 39)
        np.testing.assert_allclose(paradox, [0.7062289, 0.1442396, 0.02250658, 0.00309267], rtol=1e-3)
        assert float(model.probability_alive(0, 0, 39)) == pytest.approx(0.2941633, abs=6e-4)


def test_holdout_errors_on_cdnow_are_the_known_ones(fit: Any, customers: pd.DataFrame) -> None:
    expected = fit.model.expected_purchases(39, *history(customers))
    errors = holdout_errors(customers["frequency_holdout"], {"Pareto/NBD": expected}).loc["Pareto/NBD"]
    assert errors["total"] == pytest.approx(1665.43, abs=0.1)
    assert errors["bias"] == pytest.approx(-0.115, abs=6e-4)
    for name, value in {"MAE": 0.754506, "RMSE": 1.602849, "correlation": 0.630222}.items():
        assert errors[name] == pytest.approx(value, abs=3e-5)
    by_class = pd.Series(expected).groupby(np.minimum(customers["frequency"], 7)).mean()
    np.testing.assert_allclose(by_class, [0.138, 0.600, 1.196, 1.714, 2.399, 2.907, 3.819, 6.403], atol=8e-4)


# Discounted expected residual transactions (DERT)


def test_dert_is_that_of_fader_hardie_lee_2005_rfm_and_clv(customers: pd.DataFrame) -> None:
    found = OF_78_WEEKS.discounted_expected_purchases(RATE, [7, 1, 0, 1, 4, 10, 14], [35, 30, 0, 77.86, 71, 77.86, 70], 77.86)
    np.testing.assert_allclose(found, [1.870585, 2.206707, 0.366009, 3.837182, 10.767260, 25.932330, 33.070708], atol=6e-7)
    total = CLVTOOLS.discounted_expected_purchases(RATE, *history(customers)).sum()
    assert total == pytest.approx(7207.8354, abs=1e-3)
    assert OF_78_WEEKS.log_likelihood(*history(customers)).sum() == pytest.approx(-9608.2532, abs=2e-3)


def test_dert_is_kummers_function_where_that_does_not_underflow() -> None:
    s, beta, T = OF_78_WEEKS.s, OF_78_WEEKS.beta, np.array([10.0, 38.86, 77.86])
    z = RATE * (beta + T)
    alive = OF_78_WEEKS.probability_alive(4, 9.0, T) * (OF_78_WEEKS.r + 4) / (OF_78_WEEKS.alpha + T)
    kummer = alive * z**s * special.hyperu(s, s, z) / RATE
    np.testing.assert_allclose(OF_78_WEEKS.discounted_expected_purchases(RATE, 4, 9.0, T), kummer, rtol=1e-9)
    steep = ParetoNBD(r=0.55, alpha=10, s=64, beta=7721)
    whole = steep.discounted_expected_purchases(RATE, 4, 35.0, 39.0)
    assert np.isfinite(whole)
    assert whole == pytest.approx(steep.discounted_expected_purchases(RATE, 4, 35.0, 39.0, horizon=20_000), rel=1e-9)


def test_discounting_needs_a_rate_when_the_horizon_is_infinite() -> None:
    with pytest.raises(FitError, match="positive discount rate"):
        ROUNDED.discounted_expected_purchases(0.0, 1, 1, 2)
    with pytest.raises(FitError, match="horizon cannot be negative"):
        ROUNDED.expected_purchases(-1, 1, 1, 2)


# Agreement with lifetimes


def test_lifetimes_finds_the_same_optimum_and_the_same_predictions(fit: Any, customers: pd.DataFrame) -> None:
    from lifetimes import ParetoNBDFitter

    few = [column[::50] for column in history(customers)]
    peer = ParetoNBDFitter()
    peer.params_ = pd.Series({name: getattr(fit.model, name) for name in fit.names})
    np.testing.assert_allclose(
        fit.model.expected_purchases(39, *few), peer.conditional_expected_number_of_purchases_up_to_time(39, *few), rtol=1e-9
    )
    np.testing.assert_allclose(fit.model.probability_alive(*few), peer.conditional_probability_alive(*few), rtol=1e-10)
    for n in (0, 1, 5, 12):
        theirs = peer.conditional_probability_of_n_purchases_up_to_time(n, 39, 3, 25, 39)
        assert float(fit.model.probability_of_future_purchases(n, 39, 3, 25, 39)) == pytest.approx(float(theirs), rel=1e-9)


def test_where_lifetimes_has_no_number_this_has_one() -> None:
    """Frequent buyers who bought on the last day."""
    alive = ROUNDED.probability_alive(np.arange(0, 5000, 50), 39.0, 39.0)
    np.testing.assert_allclose(alive, 1.0, atol=1e-12)
    assert np.all(alive <= 1)
    assert np.all(np.isfinite(ParetoNBD(0.5, 700, 0.6, 2).log_likelihood(np.arange(0, 5000, 50), 365.0, 365.0)))
