"""BG/CNBD-k and MBG/CNBD-k: the plain models at k = 1, figures of CDNOW, what simulated regular buyers do, and the choice of k."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, special, stats
from tests.lifetime_value import golden

from goodwill.data import read_transactions
from goodwill.data.purchases import summarize_purchases
from goodwill.errors import DataError, FitError
from goodwill.inference.fit import Fit
from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD
from goodwill.lifetime_value.modified_beta_geo_nbd import ModifiedBetaGeoNBD
from goodwill.lifetime_value.richer.regular_buyers import regular_buyers
from goodwill.lifetime_value.richer.regularity import choose_regularity, log_gaps, merged_histories, models_to_compare
from goodwill.simulate import answering_company

GAPS = 2909.50467  # sum of the logarithms of the gaps of CDNOW's tenth, in weeks
CDNOW = {  # log-likelihood with the gaps, and parameters where another program was asked
    (1, False): (-9582.42921, None),
    (2, False): (-9855.32697, (0.226917, 1.462920, 0.944002, 2.074329)),
    (3, False): (-10393.56505, None),
    (1, True): (-9582.13572, None),
    (2, True): (-9853.25313, (0.579896, 2.288149, 1.134453, 1.584974)),
    (3, True): (-10394.36265, None),
}
PLAIN = {False: BetaGeoNBD(0.243, 4.414, 0.793, 2.426), True: ModifiedBetaGeoNBD(0.525, 6.183, 0.891, 1.614)}
positive = st.floats(0.1, 10)


@st.composite
def histories(draw: Any) -> tuple[int, float, float]:
    T = draw(st.integers(1, 200))
    x = draw(st.integers(0, min(T, 40)))
    return x, float(draw(st.integers(x, T)) if x else 0), float(T)


@pytest.mark.sampled(2)
@pytest.mark.parametrize(("k", "first"), CDNOW)
def test_cdnow_is_fitted_as_by_another_program(k: int, first: bool) -> None:
    fit = regular_buyers(k, leave_at_first=first).fit(golden.cdnow())
    said, parameters = CDNOW[k, first]
    assert fit.log_likelihood + (k - 1) * GAPS == pytest.approx(said, abs=5e-5)
    if parameters:
        np.testing.assert_allclose(fit.parameters, parameters, atol=1e-5)
    assert (fit.converged, fit.unit) == (True, "week")


@given(st.booleans(), st.tuples(positive, positive, positive, positive), histories(), st.floats(0.5, 100))
def test_one_stage_is_the_plain_model(first: bool, parameters: tuple, known: tuple, horizon: float) -> None:
    plain, one = type(PLAIN[first])(*parameters), regular_buyers(1, leave_at_first=first)(*parameters)
    close = {"rtol": 1e-9, "atol": 1e-12}
    np.testing.assert_allclose(one.log_likelihood(*known), plain.log_likelihood(*known), **close)
    np.testing.assert_allclose(one.probability_alive(*known), plain.probability_alive(*known), **close)
    np.testing.assert_allclose(one.expected_purchases(horizon, *known), plain.expected_purchases(horizon, *known), **close)
    np.testing.assert_allclose(one.probability_alive_at(horizon, *known), plain.probability_alive_at(horizon, *known), **close)
    n = np.arange(5)
    np.testing.assert_allclose(one.probability_of_purchases(n, horizon), plain.probability_of_purchases(n, horizon), rtol=1e-8, atol=1e-11)


@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("horizon", [40.0, np.inf])
def test_one_stage_discounts_as_the_plain_model(first: bool, horizon: float) -> None:
    plain = PLAIN[first]
    one = regular_buyers(1, leave_at_first=first)(plain.r, plain.alpha, plain.a, plain.b)
    known = [0, 2, 26], [0.0, 30.43, 30.9], [38.86, 38.86, 31.0]
    both = (each.discounted_expected_purchases(0.0027, *known, horizon=horizon) for each in (one, plain))
    np.testing.assert_allclose(*both, rtol=1e-10)


@given(st.integers(2, 5), st.booleans(), st.tuples(positive, positive, positive, positive))
def test_the_gradient_is_that_of_the_likelihood(k: int, first: bool, parameters: tuple) -> None:
    model = regular_buyers(k, leave_at_first=first)
    columns, weight = model._rows(golden.cdnow().to_pandas().iloc[::97])
    asked, theta = model.weighted_log_likelihood(columns, weight), np.array(parameters)
    value, gradient = asked(theta)
    assert value == pytest.approx(weight @ model(*parameters).log_likelihood(*columns), rel=1e-12)
    steps = 1e-6 * theta * np.eye(4)
    slopes = [(asked(theta + step)[0] - asked(theta - step)[0]) / (2 * step.max()) for step in steps]
    np.testing.assert_allclose(gradient, slopes, rtol=2e-5, atol=2e-3)


def test_the_likelihood_is_that_of_erlang_gaps() -> None:
    """By integrals over the rate and over the chance of leaving, of which those over the latter stand apart."""
    r, alpha, a, b = 0.8, 3.0, 0.9, 2.0
    gaps, T, k = np.array([4.0, 7.0, 5.5]), 30.0, 3

    def mean(of_chance: Callable[[float], float]) -> float:
        """Over the chance of leaving, whose density is p ** (a - 1) * (1 - p) ** (b - 1) / B(a, b)."""
        return integrate.quad(of_chance, 0, 1, weight="alg", wvar=(a - 1, b - 1))[0] / special.beta(a, b)

    stayed, left = mean(lambda p: (1 - p) ** 3), mean(lambda p: p * (1 - p) ** 2)

    def of(rate: float) -> float:
        alive = stayed * stats.gamma.sf(T - gaps.sum(), k, scale=1 / rate)
        seen = np.prod(stats.gamma.pdf(gaps, k, scale=1 / rate)) * (alive + left)
        return float(seen * stats.gamma.pdf(rate, r, scale=1 / alpha))

    whole, _ = integrate.quad(of, 0, 12, epsabs=1e-16, epsrel=1e-9, limit=200)
    found = regular_buyers(k)(r, alpha, a, b).log_likelihood(3, gaps.sum(), T) + (k - 1) * np.log(gaps).sum()
    assert float(found) == pytest.approx(np.log(whole), abs=1e-7)


@pytest.mark.slow
@pytest.mark.parametrize(("k", "first"), [(2, False), (3, True)])
def test_expectations_are_what_comes(k: int, first: bool) -> None:
    """40,000 simulated customers: by frequency, in total, and how many are alive; drawn purchases likewise."""
    model = regular_buyers(k, leave_at_first=first)(0.6, 2.0, 1.1, 1.6)
    made = model.simulate(np.full(40_000, 39.0), horizon=39.0, seed=11)
    known = [made[name].to_numpy(float) for name in ("frequency", "recency", "T")]
    expected = model.expected_purchases(39.0, *known)
    drawn = model.draw_purchases(39.0, *known, np.random.default_rng(4))
    by = made["frequency"].clip(upper=5)
    for came in (made["frequency_holdout"].to_numpy(float), drawn.astype(float)):
        miss = pd.DataFrame({"miss": came - expected}).groupby(by.to_numpy())["miss"].agg(["mean", "sem"])
        assert (miss["mean"].abs() < 4 * miss["sem"]).all()
    assert model.expected_purchases_new_customer(39.0) == pytest.approx(made["frequency"].mean(), rel=0.03)
    nobody = model.probability_of_future_purchases(0, 39.0, *known)
    assert nobody.mean() == pytest.approx((made["frequency_holdout"] == 0).mean(), abs=0.005)


@given(st.integers(2, 6), st.booleans(), st.tuples(positive, positive, positive, positive), histories())
def test_probabilities_of_counts_sum_to_one_and_to_the_expectation(k: int, first: bool, parameters: tuple, known: tuple) -> None:
    model = regular_buyers(k, leave_at_first=first)(*parameters)
    n = np.arange(400)
    chances = model.probability_of_future_purchases(n, 5.0, *known)
    assert chances.min() >= -1e-12
    whole = chances.sum()
    assert whole == pytest.approx(1, abs=1e-6) or chances[-1] > 1e-12  # a few rates are so high that 400 purchases are not the most
    if chances[-1] < 1e-12:
        assert chances @ n == pytest.approx(float(model.expected_purchases(5.0, *known)), rel=1e-6, abs=1e-9)


@pytest.mark.slow
def test_value_without_end_is_the_limit_of_long_horizons() -> None:
    model = regular_buyers(4)(0.6, 2.0, 1.1, 1.6)
    known = 30, 38.0, 39.0
    without = model.discounted_expected_purchases(0.02, *known)
    np.testing.assert_allclose(without, model.discounted_expected_purchases(0.02, *known, horizon=44.9 / 0.02), rtol=1e-7)
    np.testing.assert_allclose(model.discounted_expected_purchases(0.0, *known, horizon=10.0), model.expected_purchases(10.0, *known))


def test_who_is_overdue_is_gone() -> None:
    """Twelve purchases, one a month, then half a year of silence: the more regular, the more surely gone."""
    alive = [float(regular_buyers(k)(2.0 * k, 8.0, 0.8, 2.5).probability_alive(12, 52.0, 78.0)) for k in (1, 2, 4)]
    assert alive[0] > alive[1] > alive[2]


@pytest.mark.parametrize("k", [0, 13, 2.0, "2"])
def test_another_k_is_refused(k: Any) -> None:
    with pytest.raises(FitError, match=r"^k is .*; it counts the stages of a purchase: a whole number from 1 to 12$"):
        regular_buyers(k)


def test_a_fit_is_stored_and_sent() -> None:
    fit = regular_buyers(2, leave_at_first=True).fit(golden.cdnow().to_pandas().iloc[::5])
    assert repr(Fit.from_json(fit.to_json()).model) == repr(fit.model)
    assert pickle.loads(pickle.dumps(fit.model)) == fit.model


def test_the_gaps_of_cdnow() -> None:
    assert log_gaps(golden.cdnow()) == pytest.approx(GAPS, abs=1e-5)
    with pytest.raises(DataError, match="pass what summarize_purchases gives"):
        log_gaps(golden.cdnow().to_pandas())


@pytest.mark.slow
def test_cdnow_buys_at_random() -> None:
    found = choose_regularity(golden.cdnow(), ks=(1, 2, 3))
    assert (found.k, found.fit.model) == (1, found.fits[1].model)
    assert found.table["gain"].round(1).to_list() == [0.0, -272.9, -811.1]
    assert repr(found) == "<RegularityChoice k = 1 of 1, 2, 3; the best gains 0.0, 0.0 feigned>"


@pytest.mark.slow
@pytest.mark.sampled(1)
@pytest.mark.parametrize(("regularity", "alpha", "k"), [(2.0, 8.0, 2), pytest.param(1.0, 8.0, 1, marks=pytest.mark.slow), (1.0, 0.6, 1)])
def test_regular_buyers_are_told_from_those_who_seem_so_because_days_are_merged(regularity: float, alpha: float, k: int) -> None:
    """With alpha = .6 random buyers come so often that merging their days makes k = 2 better by some hundred units of log-likelihood."""
    made = answering_company("BG/NBD", customers=400, weeks=78, seed=7, regularity=regularity, r=0.8, alpha=alpha, a=0.7, b=4.0)
    found = choose_regularity(summarize_purchases(read_transactions(made.transactions)), ks=(1, 2))
    assert found.k == k
    assert list(models_to_compare({"BG/NBD": BetaGeoNBD}, found)) == ["BG/NBD", *(["BG/CNBD-2"] if k == 2 else [])]
    assert (found.table.loc[2, "gain"] > 0) == (k == 2 or alpha == 0.6)


def test_days_are_merged() -> None:
    log = pd.DataFrame({"customer": [0, 0, 0, 2], "time": [0.01, 3.0, 3.01, 8.9]})
    frame, gaps = merged_histories(log, np.array([10.0, 10.0, 9.0]), 1.0, np.random.default_rng(1))
    assert frame["frequency"].to_list() == [1, 0, 1]
    assert frame["T"].to_list() == [10.0, 10.0, 9.0]
    assert gaps == pytest.approx(np.log(frame["recency"][[0, 2]]).sum())
