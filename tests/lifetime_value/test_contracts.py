"""Contracts: the two survival tables of Fader & Hardie (2007)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import gammaln

from goodwill.errors import FitError
from goodwill.lifetime_value.contracts import BetaDiscreteWeibull, ShiftedBetaGeo, contract_rows
from goodwill.lifetime_value.retention import range_of_share

CASES = Path(__file__).parents[2] / "data" / "cases"
TENTH = np.log(1.1)  # 10 % a year


def survival_table(segment: str, years: int = 7) -> pd.DataFrame:
    """Of 1,000 customers at the start, as in the paper."""
    cases = pd.read_csv(CASES / "fader_hardie_2007_survival.csv")
    return pd.DataFrame({"time": cases["year"], "customers": cases[f"{segment}_percent"] * 10})[: years + 1]


HIGH_END, REGULAR = (ShiftedBetaGeo.fit(survival_table(segment), unit="year") for segment in ("high_end", "regular"))


def test_fits_are_those_of_fader_hardie_2007() -> None:
    """Years 1-7; the text prints .668, 3.806 (with -1,611.2) and .704, 1.182; the digits beyond are the maximum."""
    np.testing.assert_allclose(HIGH_END.parameters, [0.668088, 3.806095], atol=1e-6)
    np.testing.assert_allclose(REGULAR.parameters, [0.704077, 1.182043], atol=1e-6)
    assert HIGH_END.log_likelihood == pytest.approx(-1611.1581, abs=6e-5)
    assert REGULAR.log_likelihood == pytest.approx(-1680.2652, abs=6e-5)
    assert (HIGH_END.n, HIGH_END.unit, HIGH_END.converged, HIGH_END.warnings) == (1000, "year", True, ())


def test_log_likelihoods_at_the_starts_of_the_appendix() -> None:
    rows = contract_rows(survival_table("high_end"))
    for start, printed in ((1.0, -2115.5), (0.01, -2741.7)):
        model = ShiftedBetaGeo(start, start)
        assert model.log_likelihood(rows["time"], rows["left"]) @ rows["weight"] == pytest.approx(printed, abs=0.05)


def test_survival_curve_and_year_12_are_those_of_the_paper() -> None:
    fitted = [0.8507, 0.7469, 0.6698, 0.6099, 0.5618, 0.5222, 0.4889, 0.4604, 0.4358, 0.4142, 0.3951, 0.3780]
    np.testing.assert_allclose(HIGH_END.model.survival(np.arange(1, 13)), fitted, atol=6e-5)
    assert float(REGULAR.model.survival(12)) == pytest.approx(0.17004, abs=6e-6)
    actual = survival_table("high_end", 12)["customers"].iloc[-1] / 1000
    assert float(HIGH_END.model.survival(12)) / actual == pytest.approx(0.96, abs=0.005)  # 4 % too low


def test_discounted_lifetimes_at_10_percent() -> None:
    assert float(HIGH_END.model.discounted_expected_lifetime(TENTH)) == pytest.approx(5.922254, abs=1e-6)
    assert float(REGULAR.model.discounted_expected_lifetime(TENTH)) == pytest.approx(3.694908, abs=1e-6)
    residual = HIGH_END.model.discounted_expected_residual_lifetime(TENTH, range(5))
    np.testing.assert_allclose(residual, [5.414479, 5.901378, 6.293892, 6.619920, 6.896707], atol=1e-6)
    residual = REGULAR.model.discounted_expected_residual_lifetime(TENTH, range(5))
    np.testing.assert_allclose(residual, [2.964399, 4.103140, 4.869805, 5.442058, 5.894095], atol=1e-6)


def test_residual_lifetime_is_the_closed_form_of_fader_hardie_2010() -> None:
    """DERL = (beta+n-1)/(alpha+beta+n-1) 2F1(1, beta+n; alpha+beta+n; 1/(1+d)) just before renewal n."""
    from scipy.special import hyp2f1

    alpha, beta = HIGH_END.parameters
    n = np.arange(1, 6)
    closed = (beta + n - 1) / (alpha + beta + n - 1) * hyp2f1(1, beta + n, alpha + beta + n, 1 / 1.1)
    np.testing.assert_allclose(HIGH_END.model.discounted_expected_residual_lifetime(TENTH, n - 1), closed, rtol=1e-12)


def test_discrete_weibull_fits_and_forecasts_better_for_the_high_end() -> None:
    fit = BetaDiscreteWeibull.fit(survival_table("high_end"))
    np.testing.assert_allclose(fit.parameters, [0.214253, 1.426575, 1.723565], atol=2e-6)
    assert fit.log_likelihood == pytest.approx(-1605.3142, abs=6e-5)
    assert abs(fit.model.survival(12) - 0.394) < abs(HIGH_END.model.survival(12) - 0.394)
    fit = BetaDiscreteWeibull.fit(survival_table("regular"))
    np.testing.assert_allclose(fit.parameters, [0.455614, 0.779326, 1.283451], atol=2e-6)
    assert fit.log_likelihood == pytest.approx(-1679.6028, abs=6e-5)


def test_intervals_of_curves_and_values() -> None:
    curve = HIGH_END.interval_of_mean(lambda m: m.survival(np.arange(13)), draws=200)
    assert curve.lower.shape == (13,)
    assert np.all(curve.lower[1:] < curve.upper[1:])
    value = HIGH_END.interval_of_mean(lambda m: m.discounted_expected_lifetime(TENTH), draws=200)
    assert value.lower < value.estimate < value.upper
    residual = HIGH_END.interval_of_mean(lambda m: m.discounted_expected_residual_lifetime(TENTH, range(3)), draws=200)
    assert residual.upper.shape == (3,)


positive = st.floats(0.05, 20)


@given(positive, positive)
def test_discrete_weibull_with_c_1_is_shifted_beta_geometric(alpha: float, beta: float) -> None:
    time = np.arange(1, 30)
    plain, general = ShiftedBetaGeo(alpha, beta), BetaDiscreteWeibull(alpha, beta, 1.0)
    np.testing.assert_allclose(general.survival(time), plain.survival(time), rtol=1e-12)
    np.testing.assert_allclose(general.retention_rate(time), plain.retention_rate(time), rtol=1e-12)
    np.testing.assert_allclose(general.probability_of_leaving(time), plain.probability_of_leaving(time), rtol=1e-9)
    np.testing.assert_allclose(general.log_likelihood(time, time % 2), plain.log_likelihood(time, time % 2), rtol=1e-9, atol=1e-12)


@given(positive, positive, st.floats(0.3, 3))
def test_survival_falls_and_is_made_of_retention_rates(alpha: float, beta: float, c: float) -> None:
    model, time = BetaDiscreteWeibull(alpha, beta, c), np.arange(40)
    survival = model.survival(time)
    assert survival[0] == 1
    assert np.all(np.diff(survival) <= 0)
    np.testing.assert_allclose(np.cumprod(model.retention_rate(time[1:])), survival[1:], rtol=1e-9)
    assert model.probability_of_leaving(time[1:]).sum() + survival[-1] == pytest.approx(1)
    assert model.expected_tenure(40) == pytest.approx(survival.sum())


def test_a_point_at_every_renewal_is_what_it_brings_to_those_who_are_asked() -> None:
    """By brute force over customers: raise everyone's chance to renew at `renewal` by a point and add up."""
    model, renewal = BetaDiscreteWeibull(0.5, 2.0, 1.4), 3
    theta = np.random.default_rng(1).beta(model.alpha, model.beta, 200_000)
    time = np.arange(1, 401)
    chances = (1 - theta[:, None]) ** (time**1.4 - (time - 1) ** 1.4)[None, :12]
    lifted = chances.copy()
    lifted[:, renewal - 1] += 0.01
    discount = np.exp(-0.5 * time[:12])
    gain = ((np.cumprod(lifted, axis=1) - np.cumprod(chances, axis=1)) @ discount).mean()
    assert model.value_of_renewal_point(0.5, renewal) == pytest.approx(gain, rel=0.01)


def test_gradient_is_that_of_the_log_likelihood() -> None:
    rows = contract_rows(survival_table("high_end"))
    columns, weight = (rows["time"].to_numpy(), rows["left"].to_numpy()), rows["weight"].to_numpy()
    objective, theta = ShiftedBetaGeo.weighted_log_likelihood(columns, weight), np.array([0.7, 2.0])
    value, gradient = objective(theta)
    assert value == pytest.approx(float(ShiftedBetaGeo(*theta).log_likelihood(*columns) @ weight))
    slopes = [(objective(theta + step)[0] - objective(theta - step)[0]) / 2e-6 for step in 1e-6 * np.eye(2)]
    np.testing.assert_allclose(gradient, slopes, rtol=1e-6)


def test_simulated_contracts_survive_as_the_model_says() -> None:
    for model in (ShiftedBetaGeo(0.7, 2.0), BetaDiscreteWeibull(0.5, 2.0, 1.4)):
        table = model.simulate(40_000, 10, seed=2)
        np.testing.assert_allclose(table["customers"] / 40_000, model.survival(table["time"]), atol=0.012)
        fit = type(model).fit(table)
        away = np.log(fit.parameters) - np.log([getattr(model, name) for name in fit.names])
        assert np.all(np.abs(away) < 4 * np.sqrt(np.diag(fit.covariance)))


def test_cohorts_are_fitted_together() -> None:
    tables = [survival_table("high_end", years).assign(cohort=cohort) for cohort, years in (("2019", 7), ("2021", 5))]
    rows = contract_rows(pd.concat(tables))
    assert rows["weight"].sum() == 2000
    assert rows.query("left == 0")["time"].to_list() == [5, 7]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"time": [0, 1], "kept": [5, 3]}, "'customers' is missing"),
        ({"time": [0, 2], "customers": [5, 3]}, "without holes"),
        ({"time": [0, 1], "customers": [5, 6]}, "never rise"),
        ({"time": [0, 1], "customers": [5, 5]}, "no customer left"),
    ],
)
def test_impossible_tables_are_refused_with_a_sentence(table: dict, message: str) -> None:
    with pytest.raises(FitError, match=message):
        ShiftedBetaGeo.fit(pd.DataFrame(table))


@pytest.mark.parametrize("c", [90.0, 150.0, 900.0])
def test_exposures_that_no_number_holds_have_their_limit(c: float) -> None:
    """12^900 overflows; Gamma(z + alpha) / Gamma(z) is z^alpha there, to every digit."""
    model = BetaDiscreteWeibull(alpha=0.002, beta=1.4, c=c)
    limit = [np.exp(gammaln(1.402) - gammaln(1.4) - 0.002 * c * np.log(t)) for t in (7, 12)]
    np.testing.assert_allclose(model.survival([0, 7, 12]), [1.0, *limit], rtol=1e-12)
    assert float(model.probability_alive_at(5, 7)) == pytest.approx((7 / 12) ** (0.002 * c), rel=1e-12)
    assert 0 < model.value_of_renewal_point(TENTH, 2) < 1


def test_ranges_exist_where_drawn_parameters_run_away() -> None:
    class Drawn:
        def prediction_draws(self, n: int, seed: int) -> BetaDiscreteWeibull:
            return BetaDiscreteWeibull(0.2, 1.4, np.linspace(1, 900, n)[:, None])

    low, high = range_of_share(Drawn(), np.array([2, 12]), survival_table("high_end"))  # type: ignore[arg-type]
    assert np.all((low >= 0) & (low <= high) & (high <= 1))


@st.composite
def tiny_tables(draw: st.DrawFn) -> pd.DataFrame:
    """A cohort of a few customers of whom anybody may leave at any time, all at once, or nobody for long."""
    there = [draw(st.integers(1, 12))]
    for _ in range(draw(st.integers(3, 7))):
        there.append(draw(st.integers(0, there[-1])))
    return pd.DataFrame({"time": range(len(there)), "customers": there})


@pytest.mark.slow
@given(tiny_tables())
def test_the_tiniest_cohort_has_a_fit_or_a_reason(table: pd.DataFrame) -> None:
    """Maximum likelihood ran to c = nan where three renewals of ten customers were known."""
    if table["customers"].nunique() == 1:
        return
    for model in (ShiftedBetaGeo, BetaDiscreteWeibull):
        fit = model.fit(table)
        shares = fit.model.survival(np.arange(30))
        assert np.isfinite(fit.log_likelihood) and np.isfinite(shares).all()
        assert (shares >= 0).all() and (np.diff(shares) <= 1e-12).all() and shares[0] == 1


sizes = st.floats(-9, 9.5).map(np.exp)


@given(sizes, sizes, sizes)
def test_whatever_its_parameters_a_contract_has_numbers_and_no_negative_ones(alpha: float, beta: float, c: float) -> None:
    model = BetaDiscreteWeibull(alpha, beta, c)
    time = np.arange(1.0, 30.0)
    value, gradient = BetaDiscreteWeibull.weighted_log_likelihood((time, (time < 29) * 1.0), np.ones(29))(np.array([alpha, beta, c]))
    assert np.isfinite(value) and np.isfinite(gradient).all()
    for found in (model.survival(time), model.probability_of_leaving(time), model.discounted_expected_residual_lifetime(TENTH, [0, 4])):
        assert np.isfinite(found).all() and (found >= 0).all()
    assert value == pytest.approx(float(model.log_likelihood(time, (time < 29) * 1.0).sum()))


@pytest.mark.parametrize("theta", [(0.214, 1.427, 1.724), (2.0, 300.0, 0.4), (1e-4, 5.0, 2.0), (800.0, 4000.0, 0.01)])
def test_the_gradient_of_the_beta_discrete_weibull_is_that_of_its_likelihood(theta: tuple[float, ...]) -> None:
    time, left = np.array([1.0, 2, 3, 5, 5, 7]), np.array([1.0, 1, 1, 1, 0, 0])
    objective, at = BetaDiscreteWeibull.weighted_log_likelihood((time, left), np.array([5.0, 3, 2, 1, 6, 2])), np.array(theta)
    steps = 1e-5 * np.diag(at)
    numeric = [(objective(at + step)[0] - objective(at - step)[0]) / (2 * step.max()) for step in steps]
    np.testing.assert_allclose(objective(at)[1] * at, np.array(numeric) * at, rtol=1e-4, atol=1e-5)
