"""Customers older than the log under a calendar: two sets of parameters, one clock."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.lifetime_value.logs import history
from tests.lifetime_value.test_seasonal import END, made

import goodwill as gw
from goodwill.errors import FitError
from goodwill.inference.fit import Fit
from goodwill.lifetime_value.evidence.checks import class_test, frequency_classes, track_purchases
from goodwill.lifetime_value.purchase_model import PurchaseModel
from goodwill.lifetime_value.richer.model_of_log import model_for
from goodwill.lifetime_value.richer.older import InSeason, WithOlder, older_apart
from goodwill.lifetime_value.richer.run_in import run_in_cost
from goodwill.lifetime_value.richer.season_estimates import season_likelihood
from goodwill.lifetime_value.richer.seasonal import Seasonal, in_season
from goodwill.lifetime_value.richer.seasonal_fit import calendar_factors, calibration_for, fit_with_calendar

YEARS, SEEN, AHEAD = 6, 2 * 365 + 1, 182


@pytest.fixture(scope="module")
def cut() -> Any:
    """The last two years, and half a year of hold-out, of a shop of six years with a busy season."""
    rng, own = np.random.default_rng(3), made()
    age = rng.integers(1, YEARS * 365, 5000)
    log = own._simulated(age / 7, AHEAD / 7, 3)
    born = np.datetime64(END) - age
    bought = born[log["customer"]] + np.ceil(log["time"].to_numpy() * 7 - 1e-9).astype(int)
    frame = pd.DataFrame({"customer_id": np.concatenate([np.arange(5000), log["customer"]]), "date": np.concatenate([born, bought])})
    return gw.read_transactions(frame[frame["date"] > np.datetime64(END) - SEEN].astype({"customer_id": str}))


@pytest.fixture(scope="module")
def summary(cut: Any) -> Any:
    return gw.summarize_purchases(cut, calibration_end=END)


@pytest.fixture(scope="module")
def kind(cut: Any) -> Any:
    return model_for(cut, gw.BetaGeoNBD, ["weeks"], end=END)


@pytest.fixture(scope="module")
def fit(summary: Any, kind: Any) -> Fit:
    return kind.fit(summary)


def test_a_log_with_a_pile_and_a_calendar_gets_both(cut: Any, kind: Any, fit: Fit) -> None:
    assert issubclass(kind, InSeason) and issubclass(kind.plain, Seasonal)
    assert kind is older_apart(in_season(gw.BetaGeoNBD, ["weeks"]), kind.until)
    assert in_season(older_apart(gw.BetaGeoNBD, kind.until), ["weeks"]) is kind
    assert len(fit.names) == 8 + 52 and isinstance(fit.model, PurchaseModel) and fit.converged
    assert (calibration_for(kind, cut) - cut.first).days >= 728, "a calendar that is estimated keeps its two years"
    with pytest.raises(FitError, match="Pareto/NBD takes no calendar"):
        in_season(older_apart(gw.ParetoNBD, kind.until), ["weeks"])


@pytest.mark.slow
@pytest.mark.parametrize("model", [gw.BetaGeoNBD, gw.ModifiedBetaGeoNBD])
def test_a_flat_calendar_is_two_plain_fits(summary: Any, kind: Any, model: Any) -> None:
    plain = older_apart(model, kind.until)
    flat = fit_with_calendar(summary, ["Christmas x1"], model=plain)
    apart = plain.fit(summary)
    assert flat.parameters == pytest.approx(apart.parameters, rel=1e-6)
    assert flat.log_likelihood == pytest.approx(apart.log_likelihood, abs=1e-6)
    known = history(summary)
    at = type(flat.model)(*apart.parameters, unit="week").expected_purchases(13.0, *known)
    np.testing.assert_allclose(at, apart.model.expected_purchases(13.0, *known), rtol=1e-10)


def test_slopes_and_curvature_are_those_of_the_likelihood(summary: Any, kind: Any) -> None:
    problem = season_likelihood(summary, kind)
    phi = np.concatenate([np.log([0.8, 8.0, 0.7, 4.0, 1.2, 12.0, 0.5, 5.0]), np.random.default_rng(2).normal(0, 0.2, 52)])
    found, rows = problem.rows.bent(phi), problem.rows
    for place in (0, 1, 3, 4, 5, 7, 8, 40, 59):
        step = np.zeros(60)
        step[place] = 1e-5
        low, high = rows.found(phi - step), rows.found(phi + step)
        assert abs((high.value - low.value) / 2e-5 - found.slope[place]) < 1e-4 * (1 + abs(found.slope[place]))
        np.testing.assert_allclose((high.slope - low.slope) / 2e-5, found.curvature[place], rtol=1e-5, atol=1e-3)


def test_each_kind_answers_by_its_own_parameters_and_the_common_clock(fit: Fit, summary: Any) -> None:
    x, t_x, T = history(summary)
    model, factors = fit.model, fit.parameters[8:]
    older = model.is_older(T)
    plain = model.plain
    inside, before = plain(*fit.parameters[:4], *factors, unit="week"), plain(*fit.parameters[4:8], *factors, unit="week")
    both = np.where(older, before.expected_purchases(13.0, x, t_x, T), inside.expected_purchases(13.0, x, t_x, T))
    np.testing.assert_allclose(model.expected_purchases(13.0, x, t_x, T), both, rtol=1e-12)
    value = model.log_likelihood(x, t_x, T).sum()
    problem: Any = fit.problem
    jacobian = problem.bought @ problem.kinds.log_factors(np.log(factors))[problem.kinds.kind]
    assert value + jacobian == pytest.approx(fit.log_likelihood, abs=1e-5)


@pytest.mark.slow
def test_factors_and_forecasts_are_nearer_than_without_either(fit: Fit, summary: Any, kind: Any) -> None:
    weeks = calendar_factors(fit)
    assert weeks.loc[47:50, "factor"].min() > 1.7 and weeks.loc[:3, "factor"].max() < 1.0
    known, came = history(summary), summary.to_pandas()["frequency_holdout"].sum()
    fits = {"both": fit, "calendar": kind.plain.fit(summary), "older": older_apart(gw.BetaGeoNBD, kind.until).fit(summary)}
    off = {name: abs(each.model.expected_purchases(AHEAD / 7, *known).sum() / came - 1) for name, each in fits.items()}
    assert off["both"] < off["calendar"], "one set of parameters expects too much of those born inside"
    assert fit.log_likelihood > fits["calendar"].log_likelihood + 10


@pytest.mark.slow
def test_what_it_changes_is_told_under_a_calendar_too(summary: Any, kind: Any) -> None:
    found = run_in_cost(summary, kind, horizon=AHEAD / 7, draws=40)
    assert list(found.table.index) == ["one fit", "born inside", "apart"]
    assert np.isfinite(found.table.to_numpy()).all() and (found.table > 0).all(axis=None)


@pytest.mark.slow
def test_classes_tracking_tests_and_refits_go_by_both(fit: Fit, summary: Any) -> None:
    rows = summary.purchase_rows()
    assert abs(frequency_classes(fit.model, rows)["expected"].sum() - rows["weight"].sum()) < 1e-6
    periods = track_purchases(fit.model, summary)
    assert abs(periods["expected"].sum() / periods["repeat_purchases"].sum() - 1) < 0.05
    assert 0 < class_test(fit, rows, draws=9, seed=1).p_value <= 1
    problem: Any = fit.problem
    some = problem.weighted(np.where(np.arange(len(problem.weight)) % 3 > 0, problem.weight, 0.0))
    value, slope = some.objective()(fit.parameters)
    assert np.isfinite(value) and np.isfinite(slope).all()


def test_it_is_stored_sent_and_asked_as_of_another_day(fit: Fit, cut: Any) -> None:
    again = Fit.from_json(fit.to_json())
    assert again.model == fit.model and pickle.loads(pickle.dumps(fit.model)) == fit.model
    later = gw.summarize_purchases(cut)
    moved = fit.model.as_of(later.end)
    assert type(moved).plain.end == later.end and isinstance(moved, WithOlder)
    assert np.isfinite(moved.expected_purchases(13.0, *history(later))).all()
    drawn = fit.draws(3, seed=1)
    assert drawn.expected_purchases(13.0, *history(later)[:3]).shape[0] == 3


def test_its_page_shows_both_sets_of_parameters_and_the_calendar(fit: Fit) -> None:
    parts: Any = gw.findings.purchase_story.fitted(fit, "BG/NBD", "week").parts
    assert parts["purchase_model"].frame["parameter"].tolist() == list(fit.names[:8])
    assert len(parts["calendar_factors"].frame) == 52


def test_it_has_no_prior_and_needs_dates(summary: Any, kind: Any) -> None:
    with pytest.raises(FitError, match="a model with a calendar takes no prior on its other parameters"):
        kind.fit(summary, prior=1.5)
    with pytest.raises(FitError, match="who is older than the log is known by dates"):
        kind.fit(summary.to_pandas())
