"""BG/NBD and MBG/NBD under a calendar: a flat one is the plain model, and what is busy is foretold."""

from __future__ import annotations

import pickle
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import goodwill as gw
from goodwill.errors import FitError, TooLittle
from goodwill.inference.fit import Fit
from goodwill.lifetime_value.evidence.checks import class_test, frequency_classes, track_purchases
from goodwill.lifetime_value.evidence.season_gain import season_gain
from goodwill.lifetime_value.purchase_model import PurchaseModel
from goodwill.lifetime_value.richer.calendars import calendar_of, factors_by_day
from goodwill.lifetime_value.richer.season_estimates import season_likelihood
from goodwill.lifetime_value.richer.seasonal import in_season, seasonal_class
from goodwill.lifetime_value.richer.seasonal_fit import calendar_factors, calibration_for, fit_with_calendar

END = date(2024, 12, 31)
PLAIN = (0.8, 8.0, 0.7, 4.0)
MODELS = (gw.BetaGeoNBD, gw.ModifiedBetaGeoNBD)
PEAK = np.array([0.9 if 47 <= k <= 50 else -0.3 if k < 4 else 0.0 for k in range(52)])
HISTORY = np.array([[0, 0, 0], [1, 20, 60], [4, 55.2, 60], [30, 100, 104], [2, 10, 157]], float).T


def made(model: Any = gw.BetaGeoNBD, calendar: tuple[str, ...] = ("weeks",), logs: Any = PEAK, end: date = END, unit: str = "week") -> Any:
    return seasonal_class(model.__name__, calendar_of(calendar), end)(*PLAIN, *np.exp(logs), unit=unit)


def shop(customers: int = 1200, years: int = 3, logs: Any = PEAK, model: Any = gw.BetaGeoNBD, ahead: int = 0, seed: int = 7) -> Any:
    """A log of customers of the model with a calendar, as days tell it."""
    own = made(model, logs=logs)
    rng = np.random.default_rng(seed)
    age = rng.integers(1, years * 365, customers)
    age[0] = years * 365
    log = own._simulated(age / 7, ahead / 7, seed)
    born = np.datetime64(END) - age
    bought = born[log["customer"]] + np.ceil(log["time"].to_numpy() * 7 - 1e-9).astype(int)
    who = np.concatenate([np.arange(customers), log["customer"]]).astype(str)
    return gw.read_transactions(pd.DataFrame({"customer_id": who, "date": np.concatenate([born, bought])}))


@pytest.fixture(scope="module")
def summary() -> Any:
    return gw.summarize_purchases(shop(), end=END)


@pytest.fixture(scope="module")
def fit(summary: Any) -> Fit:
    return fit_with_calendar(summary)


@pytest.mark.sampled(1)
@pytest.mark.parametrize("model", MODELS)
def test_a_flat_calendar_answers_as_the_plain_model(model: Any) -> None:
    flat, plain = made(model, logs=np.zeros(52)), model(*PLAIN, unit="week")
    asked = {
        "log_likelihood": HISTORY,
        "probability_alive": HISTORY,
        "probability_alive_at": (26.0, *HISTORY),
        "expected_purchases": (39.0, *HISTORY),
        "expected_purchases_new_customer": (np.array([0.0, 7.0, 300.0]),),
        "probability_of_purchases": (np.arange(5), 30.0),
        "probability_of_future_purchases": (np.arange(5), 26.5, *HISTORY),
    }
    for name, given_ in asked.items():
        np.testing.assert_allclose(getattr(flat, name)(*given_), getattr(plain, name)(*given_), rtol=1e-10, err_msg=name)
    for horizon in (np.inf, 13.0, 400.0):
        found, expected = (each.discounted_expected_purchases(0.0027, *HISTORY, horizon=horizon) for each in (flat, plain))
        np.testing.assert_allclose(found, expected, rtol=1e-10)
    by_horizon = flat.discounted_expected_purchases(0.0027, *HISTORY, horizon=np.array([13.0, 26.0, 13.0, 52.0, 400.0]))
    np.testing.assert_allclose(
        by_horizon, plain.discounted_expected_purchases(0.0027, *HISTORY, horizon=np.array([13, 26, 13, 52, 400.0])), rtol=1e-9
    )


@pytest.mark.parametrize("model", MODELS)
def test_a_calendar_of_given_days_like_any_other_is_fitted_as_the_plain_model(summary: Any, model: Any) -> None:
    flat, plain = fit_with_calendar(summary, ["Christmas x1", "618 x1"], model=model), model.fit(summary)
    np.testing.assert_allclose(flat.parameters, plain.parameters, rtol=1e-8)
    assert abs(flat.log_likelihood - plain.log_likelihood) < 1e-8
    np.testing.assert_allclose(flat.covariance, plain.covariance, rtol=1e-6)


def test_expected_purchases_are_those_of_the_days(fit: Fit) -> None:
    """By summing over days the rate of the living, at the speed of each day."""
    model = made()
    x, t_x, T = (column[2:3] for column in HISTORY)
    speed = factors_by_day(model.calendar, PEAK, date(2025, 1, 1), 90)
    steps = np.concatenate([[0.0], np.cumsum(speed)]) / 7
    last, seen = model.operational(t_x, T)
    plain = gw.BetaGeoNBD(*PLAIN)
    per_day = np.diff([float(plain.expected_purchases(step, x, last, seen)[0]) for step in steps])
    found = [float(model.expected_purchases(k / 7, x, t_x, T)[0]) for k in range(91)]
    np.testing.assert_allclose(np.diff(found), per_day, rtol=1e-9, atol=1e-12)
    rate = np.log(1.1) / 52
    exact = float(per_day @ np.exp(-rate * (np.arange(90) + 0.5) / 7))
    assert abs(float(model.discounted_expected_purchases(rate, x, t_x, T, horizon=90 / 7)[0]) / exact - 1) < 2e-5


@pytest.mark.slow
def test_discounting_without_end_is_the_sum_over_the_days_of_many_years() -> None:
    model = made(logs=2 * PEAK)
    x, t_x, T = (column[1:2] for column in HISTORY)
    rate, days = np.log(1.3) / 52, np.arange(0, 40 * 365, 7)
    grown = np.array([float(model.expected_purchases(k / 7, x, t_x, T)[0]) for k in days])
    exact = float(np.diff(grown) @ np.exp(-rate * (days[1:] + days[:-1]) / 2 / 7))
    assert abs(float(model.discounted_expected_purchases(rate, x, t_x, T)[0]) / exact - 1) < 5e-4


def test_busy_weeks_are_found_and_foretold(fit: Fit, summary: Any) -> None:
    assert fit.converged and isinstance(fit.model, PurchaseModel)
    weeks = calendar_factors(fit)
    assert set(weeks["factor"].nlargest(4).index) == {47, 48, 49, 50}
    true = factors_by_day(calendar_of(["weeks"]), PEAK, date(2001, 1, 1), 364)[::7]
    assert ((weeks["lower"] <= true) & (true <= weeks["upper"])).mean() > 0.85
    assert fit.log_likelihood > gw.BetaGeoNBD.fit(summary).log_likelihood + 50


def test_likelihood_is_that_of_the_customers_and_of_their_days(fit: Fit, summary: Any) -> None:
    rows = summary.purchase_rows()
    own = fit.model.log_likelihood(*(rows[name].to_numpy() for name in ("frequency", "recency", "T"))) @ rows["weight"].to_numpy()
    problem: Any = fit.problem
    jacobian = problem.bought @ problem.kinds.log_factors(np.log(fit.parameters[4:]))[problem.kinds.kind]
    assert abs(own + jacobian - fit.log_likelihood) < 1e-6


@pytest.mark.parametrize("model", MODELS)
def test_slopes_and_curvature_are_those_of_the_likelihood(summary: Any, model: Any) -> None:
    problem = season_likelihood(summary, in_season(model, ["weeks", "Double 11"]))
    phi = np.concatenate([np.log(PLAIN), np.random.default_rng(2).normal(0, 0.2, 53)])
    found, rows = problem.rows.bent(phi), problem.rows
    for place in (0, 1, 2, 3, 4, 40, 56):
        step = np.zeros(57)
        step[place] = 1e-5
        low, high = rows.found(phi - step), rows.found(phi + step)
        assert abs((high.value - low.value) / 2e-5 - found.slope[place]) < 1e-4 * (1 + abs(found.slope[place]))
        np.testing.assert_allclose((high.slope - low.slope) / 2e-5, found.curvature[place], rtol=1e-5, atol=1e-3)


def test_refits_to_other_customers_count_their_own_days(fit: Fit) -> None:
    problem: Any = fit.problem
    np.testing.assert_allclose(problem.by_row().T @ problem.weight, problem.bought, atol=1e-9)
    drawn = fit.bootstrap_draws(2, seed=3)
    assert np.isfinite(drawn.expected_purchases(13.0, *HISTORY)).all()


@pytest.mark.slow
def test_tracking_classes_and_tests_go_by_the_clock_of_the_model(fit: Fit, summary: Any) -> None:
    periods = track_purchases(fit.model, summary)
    plain = track_purchases(gw.BetaGeoNBD.fit(summary).model, summary)
    december = pd.to_datetime(periods["start"]).dt.month == 12
    came = periods["repeat_purchases"][december].sum()
    assert abs(periods["expected"][december].sum() / came - 1) < 0.1 < abs(plain["expected"][december].sum() / came - 1)
    assert abs(periods["expected"].sum() / periods["repeat_purchases"].sum() - 1) < 0.05
    rows = summary.purchase_rows()
    classes = frequency_classes(fit.model, rows)
    assert abs(classes["expected"].sum() - rows["weight"].sum()) < 1e-6
    assert class_test(fit, rows, draws=39, seed=1).p_value > 0.03  # merging of days shows in it, as without a calendar


def test_draws_have_the_mean_that_is_expected() -> None:
    model = made()
    x, t_x, T = (np.repeat(column, 20_000) for column in HISTORY)
    drawn = model.draw_purchases(51.0, x, t_x, T, np.random.default_rng(4)).reshape(5, -1)
    assert np.all(np.abs(drawn.mean(axis=1) - model.expected_purchases(51.0, *HISTORY)) < 4 * drawn.std(axis=1) / np.sqrt(20_000) + 1e-9)


def test_draws_of_parameters_carry_the_calendar(fit: Fit, summary: Any) -> None:
    drawn = fit.draws(7, seed=1)
    assert drawn.expected_purchases(13.0, *HISTORY).shape == (7, 5)
    one = seasonal_class("BetaGeoNBD", fit.model.calendar, END)(*(float(getattr(drawn, name)[3, 0]) for name in fit.names), unit="week")
    for name in ("expected_purchases", "discounted_expected_purchases"):
        given_ = (13.0, *HISTORY) if name == "expected_purchases" else (0.003, *HISTORY)
        np.testing.assert_allclose(getattr(drawn, name)(*given_)[3], getattr(one, name)(*given_), rtol=1e-9)
    row = fit.predict_interval(summary, 4.0, draws=50).loc["total"]
    assert row["lower"] < row["estimate"] < row["upper"]


def test_the_same_fit_is_asked_as_of_the_end_of_other_data(fit: Fit) -> None:
    earlier = gw.summarize_purchases(shop(), end="2024-11-30")
    terms = gw.ValueTerms(31 / 7, 1.0, 0.0, "week")
    december = gw.customer_value(fit, gw.GammaGamma(6.25, 3.74, 15.4), earlier.to_pandas().assign(monetary_value=30.0), terms)
    row = fit.predict_interval(earlier, 31 / 7, draws=20).loc["total"]
    assert row["estimate"] > 1.5 * december["expected_purchases"].sum()  # a frame tells no day: it is taken for January


def test_fits_are_stored_sent_and_read_again(fit: Fit) -> None:
    again = Fit.from_json(fit.to_json())
    np.testing.assert_array_equal(again.model.expected_purchases(13.0, *HISTORY), fit.model.expected_purchases(13.0, *HISTORY))
    assert pickle.loads(pickle.dumps(again.model)) == again.model
    assert repr(again.model).endswith("under a calendar: the weeks of the year")


@pytest.mark.slow
def test_what_a_calendar_cannot_do_is_said_in_one_sentence(summary: Any) -> None:
    short = gw.summarize_purchases(gw.read_transactions("cdnow_sample"))
    with pytest.raises(TooLittle) as little:
        fit_with_calendar(short)
    assert str(little.value) == (
        "A calendar (the weeks of the year) is estimated from two years or more, and these data run from 1997-01-01 to 1998-06-30, "
        "1.5 years; give its factors, such as 'Christmas x2.5', or forecast without."
    )
    assert fit_with_calendar(short, ["Christmas x2.5"]).converged
    with pytest.raises(FitError) as pareto:
        fit_with_calendar(short, model=gw.ParetoNBD)
    assert str(pareto.value) == (
        "Pareto/NBD takes no calendar: customers leave at any time there, so that they would leave faster in a busy season too; "
        "take BG/NBD or MBG/NBD"
    )
    with pytest.raises(FitError, match="which a frame of histories does not tell"):
        fit_with_calendar(summary.to_pandas())
    with pytest.raises(FitError, match="merged by week"):
        fit_with_calendar(gw.summarize_purchases(shop(60), grain="week"))
    with pytest.raises(TooLittle, match="hold no day of 'sale'"):
        fit_with_calendar(summary, ["sale: 2019-01-01"])


@pytest.mark.slow
@given(
    logs=st.lists(st.floats(-4, 4), min_size=52, max_size=52),
    plain=st.tuples(*(st.floats(-6, 6) for _ in range(4))),
    x=st.integers(0, 300),
    share=st.floats(0, 1),
    T=st.floats(1, 520),
    horizon=st.floats(0, 520),
)
@settings(max_examples=60, deadline=None)
def test_no_forecast_is_negative_or_infinite(logs: list, plain: tuple, x: int, share: float, T: float, horizon: float) -> None:
    for name in ("BetaGeoNBD", "ModifiedBetaGeoNBD"):
        model = seasonal_class(name, calendar_of(["weeks"]), END)(*np.exp(plain), *np.exp(logs), unit="week")
        history = np.array([x]), np.array([share * T if x else 0.0]), np.array([T])
        alive, bought = model.probability_alive(*history), model.expected_purchases(horizon, *history)
        worth = model.discounted_expected_purchases(0.0027, *history, horizon=horizon)
        assert 0 <= alive[0] <= 1 and np.isfinite(bought[0]) and bought[0] >= 0
        assert np.isfinite(worth[0]) and -1e-9 * (1 + bought[0]) <= worth[0] <= bought[0] * (1 + 1e-6) + 1e-9


@pytest.mark.slow
def test_knowing_the_season_foretells_better_where_there_is_one() -> None:
    found = season_gain(shop(1500), dates=2, horizon=13.0)
    assert found.gain.lower > 0 and found.missed("season") < found.missed("plain")
    assert found.by_date["date"].iloc[0] >= pd.Timestamp("2023-12-25") and found.disjoint == 2
    with pytest.raises(TooLittle) as error:
        season_gain(gw.read_transactions("cdnow_sample"))
    assert str(error.value) == (
        "What a calendar (the weeks of the year) adds to a forecast is seen from two years and four weeks of data on; "
        "these run from 1997-01-01 to 1998-06-30."
    )


def test_a_calibration_leaves_a_calendar_its_two_years() -> None:
    sample, three = gw.read_transactions("cdnow_sample"), shop(60)
    assert calibration_for(in_season(gw.BetaGeoNBD, ["618 x2"]), sample).isoformat() == "1997-09-30"
    assert calibration_for(in_season(gw.BetaGeoNBD, ["weeks"]), three) == three.first + timedelta(days=728)
    assert in_season(gw.BetaGeoNBD, []) is gw.BetaGeoNBD
    with pytest.raises(TooLittle) as error:
        calibration_for(in_season(gw.BetaGeoNBD, ["weeks"]), sample)
    assert str(error.value) == (
        "A calendar (the weeks of the year) is estimated from two years, and tested on four weeks or more after them; these data run from "
        "1997-01-01 to 1998-06-30. Give its factors, such as 'Christmas x2.5', or forecast without."
    )
