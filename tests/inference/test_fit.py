"""The general fit: optimum, uncertainty, storage; and what it says when there is none."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.lifetime_value import golden

import goodwill as gw
from goodwill.inference.fit import Fit, maximum_likelihood
from goodwill.inference.likelihood import Likelihood, Limit
from goodwill.inference.search import climb, step_up
from goodwill.inference.uncertainty import multinomial_weights

STORED = json.loads(Path(__file__).with_name("stored_fits.json").read_text())  # of every model, written before its module was rewritten
PLAIN = Path(__file__).parents[1] / "data" / "files" / "transactions" / "00_plain.csv"  # 120 customers who all leave at one rate
CDNOW = gw.BetaGeoNBD(**golden.BG_NBD, unit="week")


@dataclass(frozen=True)
class Gamma:
    """A model without a gradient of its own."""

    shape: Any
    rate: Any
    unit: str | None = None

    def log_likelihood(self, y: np.ndarray) -> np.ndarray:
        from scipy.special import gammaln

        return self.shape * np.log(self.rate) - gammaln(self.shape) + (self.shape - 1) * np.log(y) - self.rate * y


def gamma_problem(y: np.ndarray) -> Likelihood:
    starts = ({"shape": 1.0, "rate": 1.0},)
    same = Limit(("shape", "rate"), 1, "all values seem to be the same")
    return Likelihood(Gamma, (y,), np.ones(len(y)), starts, {"rate": 1 / y.mean()}, (same,))


@pytest.fixture(scope="module")
def fit() -> Fit:
    return gw.BetaGeoNBD.fit(golden.cdnow())


def simulated(model: Any, n: int, seed: int = 1) -> pd.DataFrame:
    return model.simulate(np.full(n, 39.0), horizon=10.0, seed=seed)


def test_a_model_without_gradient_is_fitted_as_exactly() -> None:
    from scipy.special import polygamma

    y = np.random.default_rng(1).gamma(2.0, 30.0, 500)
    fit = maximum_likelihood(gamma_problem(y))
    shape = fit.model.shape
    assert np.log(shape) - polygamma(0, shape) == pytest.approx(np.log(y.mean()) - np.log(y).mean(), abs=1e-8)
    assert fit.model.rate == pytest.approx(shape / y.mean(), rel=1e-7)
    information = 500 * np.array([[shape**2 * polygamma(1, shape), -shape], [-shape, shape]])
    np.testing.assert_allclose(fit.covariance, np.linalg.inv(information), rtol=1e-4)


def test_the_gradient_vanishes_at_the_optimum_and_a_fit_is_deterministic(fit: Fit) -> None:
    assert fit.problem is not None
    gradient = fit.problem.objective()(fit.parameters)[1]
    assert np.abs(gradient).max() < 1e-7
    assert np.array_equal(gw.BetaGeoNBD.fit(golden.cdnow()).parameters, fit.parameters)


def test_intervals_are_symmetric_on_the_log_scale_and_never_negative(fit: Fit) -> None:
    table = fit.estimates
    np.testing.assert_allclose(table["lower"] * table["upper"], table["estimate"] ** 2)
    reach = np.log(table["upper"] / table["estimate"])
    np.testing.assert_allclose(reach, 1.959964 * table["standard_error"] / table["estimate"], rtol=1e-6)


# Uncertainty


def test_draws_have_the_moments_of_the_normal_approximation(fit: Fit) -> None:
    draws = fit.draws(20_000, seed=4)
    logs = np.log(np.concatenate([getattr(draws, name) for name in fit.names], axis=1))
    np.testing.assert_allclose(logs.mean(axis=0), np.log(fit.parameters), atol=0.01)
    size = np.sqrt(np.diag(fit.covariance))
    np.testing.assert_allclose(np.cov(logs.T) / np.outer(size, size), fit.covariance / np.outer(size, size), atol=0.03)
    assert np.array_equal(fit.draws(5, seed=9).a, fit.draws(5, seed=9).a)


@pytest.mark.slow
def test_bootstrap_spreads_like_the_standard_errors() -> None:
    fit = gw.BetaGeoNBD.fit(simulated(CDNOW, 2000))
    draws = fit.bootstrap_draws(60, seed=2)
    spread = np.std([np.log(getattr(draws, name)[:, 0]) for name in fit.names], axis=1)
    np.testing.assert_allclose(spread, np.sqrt(np.diag(fit.covariance)), rtol=0.4)


def test_further_bootstrap_draws_begin_with_those_before() -> None:
    fit, again = (gw.BetaGeoNBD.fit(simulated(CDNOW, 200)) for _ in range(2))
    few, many = fit.bootstrap_draws(3, seed=2).a, fit.bootstrap_draws(6, seed=2).a
    assert np.array_equal(many[:3], few) and not np.array_equal(many[3:], few)
    assert np.array_equal(again.bootstrap_draws(6, seed=2).a, many)
    assert not np.array_equal(fit.bootstrap_draws(3, seed=3).a, few)


@pytest.mark.slow
@pytest.mark.parametrize("refits", [4, pytest.param(100, marks=pytest.mark.slow)])
@pytest.mark.parametrize("model", [gw.ParetoNBD, gw.BetaGeoNBD])
def test_refits_of_a_runaway_are_as_likely_as_fits_from_the_start(model: Any, refits: int) -> None:
    """Also those whose best parameters lie inside: from the border, where all is level, a search would not find back to them."""
    fit = model.fit(gw.summarize_purchases(gw.read_transactions(PLAIN), unit="week", calibration_end="2023-11-14"))
    assert "ran away" in fit.warnings[0] and fit.problem is not None
    drawn = fit.bootstrap_draws(refits, seed=1)
    for k, weight in enumerate(multinomial_weights(fit.problem.weight, refits, 1)):
        again = maximum_likelihood(fit.problem.weighted(weight))
        refit = type(fit.model)(*(float(getattr(drawn, name)[k, 0]) for name in fit.names))
        assert again.problem is not None
        value = again.problem.weight @ refit.log_likelihood(*again.problem.columns)
        assert value > again.log_likelihood - 2e-3


def test_interval_of_a_mean_carries_the_parameters_only(fit: Fit) -> None:
    total = fit.interval_of_mean(lambda m: m.expected_purchases_new_customer(39.0) * 2357, draws=4000)
    assert total.lower < total.estimate < total.upper
    assert total.estimate == pytest.approx(float(fit.model.expected_purchases_new_customer(39.0)) * 2357)
    x = np.array([0, 1, 5])
    each = fit.interval_of_mean(lambda m: m.expected_purchases(39, x, x * 5.0, 39.0), level=0.5, draws=200)
    assert each.lower.shape == each.upper.shape == (3,)


# Prediction


@pytest.mark.slow
def test_predictive_intervals_of_groups_surround_their_expectations_which_add_up(fit: Fit) -> None:
    customers = golden.cdnow().to_pandas()
    total = fit.predict_interval(golden.cdnow(), 39, draws=200).loc["total"]
    groups = fit.predict_interval(golden.cdnow(), 39, by=np.minimum(customers["frequency"], 3), draws=200)
    assert groups.index.to_list() == [0, 1, 2, 3]
    assert groups["estimate"].sum() == pytest.approx(total["estimate"])
    assert np.all((groups["lower"] < groups["estimate"]) & (groups["estimate"] < groups["upper"]))
    named = fit.predict_interval(customers.assign(region=np.where(customers["T"] > 33, "old", "new")), 39, by="region", draws=50)
    assert named.index.to_list() == ["new", "old"]


@pytest.mark.slow
def test_large_populations_get_the_same_interval_by_approximation(fit: Fit, monkeypatch: pytest.MonkeyPatch) -> None:
    exact = fit.predict_interval(golden.cdnow(), 39, draws=2000)
    monkeypatch.setattr("goodwill.inference.prediction.MANY", 0)
    approximate = fit.predict_interval(golden.cdnow(), 39, draws=2000)
    np.testing.assert_allclose(approximate, exact, rtol=0.02)


def test_a_forecast_of_nothing_is_zero_and_a_bad_horizon_is_refused(fit: Fit) -> None:
    assert fit.predict_interval(golden.cdnow(), 0, draws=50).loc["total"].to_list() == [0, 0, 0]
    with pytest.raises(gw.FitError, match="finite positive length"):
        fit.predict_interval(golden.cdnow(), -1)


def test_a_forecast_never_mixes_weeks_and_days(fit: Fit) -> None:
    days = gw.summarize_purchases(gw.read_transactions("cdnow_sample"), calibration_end="1997-09-30", unit="day")
    with pytest.raises(gw.FitError, match="counts time in weeks and the data in days"):
        fit.predict_interval(days, 273)


# Ridges and boundaries


@pytest.mark.sampled(1)
@pytest.mark.parametrize(
    ("truth", "words"),
    [
        (gw.BetaGeoNBD(r=0.3, alpha=5, a=2000, b=6000), "a and b .*drop out with the same probability"),
        (gw.BetaGeoNBD(r=0.5, alpha=5, a=0.001, b=50), "nobody seems to drop out"),
    ],
)
def test_a_runaway_is_named_and_never_converged(truth: gw.BetaGeoNBD, words: str) -> None:
    customers = simulated(truth, 1000)
    fit = gw.BetaGeoNBD.fit(customers)
    assert not fit.converged
    with pytest.raises(gw.FitError, match=f"{words}.*use bootstrap_draws"):
        fit.draws(10)
    total = fit.predict_interval(customers, 10.0, draws=12).loc["total"]
    assert total["lower"] < total["estimate"] < total["upper"]


def test_identical_values_have_no_optimum() -> None:
    fit = maximum_likelihood(gamma_problem(np.full(20, 3.0)))
    assert not fit.converged
    assert "shape and rate ran away: all values seem to be the same" in fit.warnings[0]


def test_little_data_is_warned_about() -> None:
    fit = gw.BetaGeoNBD.fit(simulated(CDNOW, 60, seed=5))
    assert "say little about" in fit.warnings[0] or not fit.converged


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    "rows",
    [
        {"frequency": [0, 1], "recency": [0, 3], "T": [5, 5]},
        {"frequency": [1] * 9, "recency": [5] * 9, "T": [5] * 9},
        {"frequency": [7] * 9, "recency": [0.1] * 9, "T": [500] * 9},
        {"frequency": [2, 0, 1], "recency": [0, 0, 2], "T": [5, 0, 6]},
        {"frequency": [100_000, 0, 1, 3], "recency": [38.9, 0, 2, 20], "T": [39] * 4},
    ],
)
def test_odd_but_possible_data_raise_nothing_and_are_warned_about(rows: dict) -> None:
    fit = gw.BetaGeoNBD.fit(pd.DataFrame(rows))
    assert fit.warnings
    assert np.all(np.isfinite(fit.predict_interval(pd.DataFrame(rows), 10, draws=6)))


# Storage


def test_json_round_trip_is_exact_but_for_the_data(fit: Fit) -> None:
    again = gw.Fit.from_json(fit.to_json())
    assert again.to_json() == fit.to_json()
    assert again.model == fit.model
    pd.testing.assert_frame_equal(again.estimates, fit.estimates, check_exact=True)
    assert np.array_equal(again.draws(10, seed=1).b, fit.draws(10, seed=1).b)
    with pytest.raises(gw.FitError, match="data are not stored"):
        again.bootstrap_draws(2)


@pytest.mark.parametrize("stored", STORED, ids=lambda stored: stored["model"].split(":")[1])
def test_fits_stored_by_the_first_build_are_read_and_written_alike(stored: dict) -> None:
    text = json.dumps(stored, indent=1)
    again = Fit.from_json(text)
    assert again.to_json() == text
    assert again.model.unit == stored["unit"]
    assert dict(zip(again.names, again.parameters.tolist(), strict=True)) == stored["parameters"]


def test_a_fit_of_today_is_stored_as_the_first_build_did(fit: Fit) -> None:
    now, then = json.loads(fit.to_json()), STORED[0]
    assert {key: now[key] for key in ("format", "model", "unit", "n", "converged", "warnings")} == {
        key: then[key] for key in ("format", "model", "unit", "n", "converged", "warnings")
    }
    assert list(now) == list(then)
    assert list(now["parameters"].values()) == pytest.approx(list(then["parameters"].values()), rel=1e-8)
    assert now["log_likelihood"] == pytest.approx(then["log_likelihood"], rel=1e-12)


def test_a_fit_without_covariance_survives_json() -> None:
    fit = gw.BetaGeoNBD.fit(pd.DataFrame({"frequency": [7] * 9, "recency": [3.0] * 9, "T": [5.0] * 9}))
    again = gw.Fit.from_json(fit.to_json())
    assert (again.converged, again.warnings) == (False, fit.warnings)
    assert np.array_equal(again.covariance, fit.covariance)


def test_json_of_other_formats_and_foreign_classes_is_refused(fit: Fit) -> None:
    stored = json.loads(fit.to_json())
    with pytest.raises(gw.FitError, match="format 99"):
        gw.Fit.from_json(json.dumps(stored | {"format": 99}))
    with pytest.raises(gw.FitError, match="pass model_class="):
        gw.Fit.from_json(json.dumps(stored | {"model": "elsewhere:Model"}))


def test_a_likelihood_is_asked_once_about_one_point() -> None:
    asked = []

    @dataclass(frozen=True)
    class Poisson:
        rate: Any
        unit: str | None = None

        @staticmethod
        def weighted_log_likelihood(columns: Any, weight: Any) -> Any:
            def value_and_gradient(theta: Any) -> Any:
                asked.append(float(theta[0]))
                return float(weight @ (columns[0] * np.log(theta[0]) - theta[0])), np.array([weight @ (columns[0] / theta[0] - 1)])

            return value_and_gradient

    fit = maximum_likelihood(Likelihood(Poisson, (np.array([1.0, 3.0]),), np.ones(2), ({"rate": 1.0},)))
    assert fit.model.rate == pytest.approx(2.0)
    repeated = [point for point in asked if asked.count(point) > 1]
    assert len(repeated) <= 2  # the log-likelihood at the end is asked for of the data alone


def daily(model: Any, n: int) -> pd.DataFrame:
    """So many customers who are all different."""
    T = np.random.default_rng(1).uniform(20.0, 90.0, n)
    return model.simulate(T, horizon=10.0, seed=1)


@pytest.mark.parametrize(
    "model", [CDNOW, gw.ModifiedBetaGeoNBD(0.6, 7.0, 0.8, 1.2), pytest.param(gw.ParetoNBD(0.6, 11.0, 0.5, 9.0), marks=pytest.mark.slow)]
)
def test_a_fit_of_many_rows_goes_up_from_the_top_of_some_in_a_few_steps(model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    data, asked = daily(model, 9_000), []
    own = Likelihood.objective

    def counted(likelihood: Likelihood) -> Any:
        objective, size = own(likelihood), len(likelihood.weight)
        return lambda theta: asked.append(size) or objective(theta)

    monkeypatch.setattr(Likelihood, "objective", counted)
    quick = type(model).fit(data)
    assert asked.count(max(asked)) < 30  # of the whole likelihood; a climb took some twenty more
    monkeypatch.setattr("goodwill.inference.search.step_up", lambda mean, alike, phi, centre: climb(mean, phi, centre)[0])
    climbed = type(model).fit(data)
    np.testing.assert_allclose(quick.parameters, climbed.parameters, rtol=1e-7)
    assert quick.log_likelihood == pytest.approx(climbed.log_likelihood, abs=1e-8)


def test_steps_that_do_not_bring_nearer_are_left_for_a_climb() -> None:
    def mean(phi: np.ndarray) -> tuple[float, np.ndarray]:
        return float(((phi - 1) ** 2).sum()), 2 * (phi - 1)

    def bent_otherwise(phi: np.ndarray) -> tuple[float, np.ndarray]:
        return float(0.1 * (phi**2).sum()), 0.2 * phi  # its steps are ten times too long

    def falling(phi: np.ndarray) -> tuple[float, np.ndarray]:
        return float(-(phi**2).sum()), -2 * phi

    def unknown(phi: np.ndarray) -> tuple[float, np.ndarray]:
        return np.nan, np.full(2, np.nan)

    for alike in (mean, bent_otherwise, falling, unknown):
        np.testing.assert_allclose(step_up(mean, alike, np.array([0.5, 2.0]), np.zeros(2)), 1.0, atol=1e-6)
