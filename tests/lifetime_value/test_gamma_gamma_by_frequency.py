"""Spend that goes with frequency: nesting, recovery, the test, and what it does and does not mend on CDNOW."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.lifetime_value import golden

from goodwill.data.purchases import summarize_purchases
from goodwill.data.reading.sources import read_transactions
from goodwill.errors import FitError, TooLittle
from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD
from goodwill.lifetime_value.gamma_gamma import GammaGamma
from goodwill.lifetime_value.gamma_gamma_by_frequency import (
    GammaGammaByFrequency,
    SpendDependence,
    positive_spend,
    spend_by_frequency,
    spend_dependence,
    spend_holdout,
)
from goodwill.lifetime_value.value import ValueTerms, customer_value, total_value_interval

TRUTH = GammaGammaByFrequency(p=6.25, q=3.74, gamma=15.44, lift=1.15)
FREQUENCY = np.repeat([1, 2, 3, 5, 8, 16], 200)


@pytest.fixture(scope="module")
def found() -> SpendDependence:
    return spend_dependence(golden.cdnow())


@given(st.integers(0, 300), st.floats(0.01, 1e4))
def test_a_lift_of_one_is_the_gamma_gamma_model(x: int, m: float) -> None:
    plain, nested = GammaGamma(6.25, 3.74, 15.44), GammaGammaByFrequency(6.25, 3.74, 15.44, 1.0)
    assert float(nested.expected_spend(x, m)) == pytest.approx(float(plain.expected_spend(x, m)), rel=1e-12)
    assert float(nested.log_likelihood(x, m)) == pytest.approx(float(plain.log_likelihood(x, m)), rel=1e-12)


def test_the_density_integrates_to_one_and_has_the_population_mean() -> None:
    grid = np.geomspace(1e-3, 1e7, 200_001)
    density = np.exp(TRUTH.log_likelihood(4.0, grid))
    assert np.trapezoid(density, grid) == pytest.approx(1, abs=1e-6)
    assert np.trapezoid(grid * density, grid) == pytest.approx(float(TRUTH.population_mean(4)), rel=1e-4)
    assert float(TRUTH.population_mean(4)) == pytest.approx(1.15**2 * float(TRUTH.population_mean(1)))


@given(st.tuples(*[st.floats(0.3, 8)] * 4))
def test_the_gradient_is_that_of_the_log_likelihood(theta: tuple[float, ...]) -> None:
    x, m, weight = np.array([1.0, 2.0, 2.0, 9.0]), np.array([3.0, 12.0, 40.0, 7.0]), np.array([1.0, 2.0, 1.0, 0.5])
    objective, at = GammaGammaByFrequency.weighted_log_likelihood((x, m), weight), np.array(theta)
    value, gradient = objective(at)
    assert value == pytest.approx(float(weight @ GammaGammaByFrequency(*theta).log_likelihood(x, m)), rel=1e-10)
    for i, step in enumerate(np.diag(1e-6 * at)):
        slope = (objective(at + step)[0] - objective(at - step)[0]) / (2 * step[i])
        assert gradient[i] == pytest.approx(slope, rel=1e-4, abs=1e-4)


@pytest.mark.slow
def test_parameters_are_recovered_from_simulated_spend() -> None:
    hits, truth = np.zeros(4), [6.25, 3.74, 15.44, 1.15]
    for seed in range(30):
        estimates = GammaGammaByFrequency.fit(TRUTH.simulate(FREQUENCY, seed=seed)).estimates
        hits += (estimates["lower"] <= truth) & (estimates["upper"] >= truth)
    assert np.all(hits >= 25)


@pytest.mark.slow
@pytest.mark.parametrize(("samples", "most"), [(20, 4), pytest.param(60, 8, marks=pytest.mark.slow)])
def test_the_likelihood_ratio_test_keeps_its_level_and_sees_what_is_there(samples: int, most: int) -> None:
    """One false alarm in twenty samples and three in sixty are expected; more than these bounds have a chance of .3 and .4 %."""
    independent = [spend_dependence(GammaGamma(6.25, 3.74, 15.44).simulate(FREQUENCY[::3], seed=seed)).p_value for seed in range(samples)]
    assert sum(p < 0.05 for p in independent) <= most
    assert spend_dependence(TRUTH.simulate(FREQUENCY)).p_value < 1e-6


def test_where_the_model_is_true_the_trend_of_means_agrees_with_it() -> None:
    found = spend_dependence(TRUTH.simulate(np.repeat(FREQUENCY, 5), seed=3))
    assert found.mean_lift.lower < 1.15 < found.mean_lift.upper
    assert found.dependent.model.lift == pytest.approx(1.15, abs=0.02)


def test_money_in_another_currency_scales_gamma_only(found: SpendDependence) -> None:
    customers = golden.cdnow().to_pandas()
    cents = GammaGammaByFrequency.fit(customers.assign(monetary_value=100 * customers["monetary_value"]))
    np.testing.assert_allclose(cents.parameters, found.dependent.parameters * [1, 1, 100, 1], rtol=1e-6)


def test_drawn_spend_has_the_expected_mean() -> None:
    n = 200_000
    drawn = TRUTH.draw_spend(np.full((1, n), 2), np.full(n, 3), np.full(n, 35.0), np.random.default_rng(1))
    assert drawn.mean() == pytest.approx(2 * float(TRUTH.expected_spend(3, 35.0)), abs=4 * drawn.std() / np.sqrt(n))


def test_one_time_buyers_are_placed_with_those_who_came_back_once() -> None:
    assert float(TRUTH.expected_spend(0, 0.0)) == pytest.approx(float(TRUTH.population_mean(1)))


def test_independence_is_rejected_on_cdnow(found: SpendDependence) -> None:
    assert found.independent.log_likelihood == pytest.approx(golden.GAMMA_GAMMA_LOG_LIKELIHOOD, abs=1e-6)
    assert found.statistic == pytest.approx(32.49, abs=0.01)
    assert found.p_value < 1e-7
    # The trend of the means, which needs no shape, is smaller than the one that the likelihood takes.
    assert 1 < found.mean_lift.lower < found.mean_lift.estimate < found.dependent.model.lift


def test_on_cdnow_the_better_likelihood_is_not_a_better_forecast_of_spend(found: SpendDependence) -> None:
    held = spend_holdout(found, golden.cdnow().to_pandas()).set_index("label")
    assert held.loc["all", "purchases"] == 1882
    error = held[["independent", "dependent"]].sub(held["actual"], axis=0)
    assert error.loc["all"].to_list() == pytest.approx([-1.48, -2.17], abs=0.02)
    assert abs(error.loc["0", "independent"]) < abs(error.loc["0", "dependent"])


def test_classes_hold_all_repeat_buyers_and_the_trend_follows_the_means(found: SpendDependence) -> None:
    table = spend_by_frequency(found, golden.cdnow())
    assert table["customers"].sum() == 946
    assert np.ptp(table["independent"]) < 1e-9
    assert np.corrcoef(table["actual"], table["dependent"])[0, 1] > 0.7


@pytest.mark.slow
def test_the_value_moves_from_one_time_buyers_to_frequent_ones(found: SpendDependence) -> None:
    customers, fit = golden.cdnow().to_pandas(), BetaGeoNBD.fit(golden.cdnow())
    terms = ValueTerms(39.0, 0.3, 0.15, "week")
    plain, dependent = (customer_value(fit.model, f.model, customers, terms)["value"] for f in (found.independent, found.dependent))
    once = customers["frequency"] == 0
    assert dependent[once].sum() / plain[once].sum() == pytest.approx(31.18 / 35.17, abs=1e-3)
    assert dependent[customers["frequency"] > 6].sum() > plain[customers["frequency"] > 6].sum()
    interval = total_value_interval(fit, found.dependent, customers, terms, draws=100)
    assert interval.lower < interval.estimate < interval.upper


def test_without_a_population_mean_the_fit_says_so_and_a_prior_is_taken() -> None:
    heavy = GammaGammaByFrequency(6.25, 0.8, 15.44, 1.1).simulate(FREQUENCY)
    fit = GammaGammaByFrequency.fit(heavy)
    assert "population mean may not exist" in fit.warnings[0]
    assert fit.model.q < GammaGammaByFrequency.fit(heavy, prior=0.1).model.q < 4.0, "drawn towards the usual 4"


def test_equal_frequencies_are_refused() -> None:
    with pytest.raises(FitError, match="all repeat buyers came back 2 times"):
        GammaGammaByFrequency.fit(pd.DataFrame({"frequency": [2, 2, 0], "monetary_value": [3.0, 4.0, 0.0]}))


def test_too_few_histories_do_not_tell_the_models_apart() -> None:
    few = pd.DataFrame({"frequency": [1] * 5 + [2] * 4, "monetary_value": np.linspace(10.0, 30.0, 9)})
    with pytest.raises(TooLittle, match="at least 10 customers who came back; here are 9 different histories of repeat spend, with 2"):
        spend_dependence(few)
    alike = pd.DataFrame({"frequency": [2] * 30, "monetary_value": np.linspace(10.0, 30.0, 30)})
    with pytest.raises(TooLittle, match="here are 30 different histories of repeat spend, with 1 different numbers"):
        spend_dependence(alike)


@pytest.mark.slow
def test_only_positive_spend_is_compared() -> None:
    log = pd.DataFrame({"customer_id": [1, 1, 2, 2], "date": ["2025-01-01", "2025-02-01"] * 2, "amount": [5.0, -3.0, 5.0, 7.0]})
    rows = positive_spend(summarize_purchases(read_transactions(log, returns="keep")))
    assert rows["monetary_value"].tolist() == [7.0]
    with pytest.raises(TooLittle, match="has no money"):
        positive_spend(summarize_purchases(read_transactions(log.drop(columns="amount"))))
