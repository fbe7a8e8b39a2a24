"""Customers who are older than the log: parameters of their own, and what that changes."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.lifetime_value.logs import history

import goodwill as gw
from goodwill.errors import FitError, TooLittle
from goodwill.inference.fit import Fit
from goodwill.lifetime_value.evidence.checks import frequency_classes, track_purchases
from goodwill.lifetime_value.purchase_model import PurchaseModel
from goodwill.lifetime_value.richer.model_of_log import model_for
from goodwill.lifetime_value.richer.older import WithOlder, older_apart
from goodwill.lifetime_value.richer.run_in import run_in_cost

END, FIRST = "2024-12-31", "2023-01-01"
TRUE = gw.BetaGeoNBD(0.6, 8.0, 0.7, 4.0, unit="week")


@pytest.fixture(scope="module")
def cut() -> Any:
    """The last two years, and half a year of hold-out, of a shop of six years."""
    rng = np.random.default_rng(1)
    age = rng.integers(1, 6 * 365, 4200)
    log = TRUE.simulate_purchases((age + 182) / 7, seed=1)
    born = np.datetime64(END) - age
    dates = np.concatenate([born, born[log["customer"]] + np.ceil(log["time"].to_numpy() * 7).astype(int)])
    frame = pd.DataFrame({"customer_id": np.concatenate([np.arange(4200), log["customer"]]).astype(str), "date": dates})
    return gw.read_transactions(frame[(frame["date"] >= FIRST) & (frame["date"] <= "2025-06-30")])


@pytest.fixture(scope="module")
def summary(cut: Any) -> Any:
    return gw.summarize_purchases(cut, calibration_end=END)


@pytest.fixture(scope="module")
def kind(cut: Any) -> type[WithOlder]:
    return model_for(cut, gw.BetaGeoNBD, end=END)


@pytest.fixture(scope="module")
def fit(summary: Any, kind: Any) -> Fit:
    return kind.fit(summary)


def test_a_pile_at_the_start_is_taken_apart_and_no_other(cut: Any, kind: Any) -> None:
    assert issubclass(kind, WithOlder) and "2023-01-31" < str(kind.until) < "2023-09-01"
    assert model_for(cut, gw.BetaGeoNBD, all_new=True) is gw.BetaGeoNBD
    assert model_for(gw.read_transactions("cdnow_sample"), gw.ParetoNBD) is gw.ParetoNBD
    with pytest.raises(FitError, match="takes no older customers apart"):
        older_apart(gw.GammaGamma, "2023-03-01")


def test_each_kind_is_fitted_by_itself_and_answers_for_its_own(fit: Fit, summary: Any, kind: Any) -> None:
    rows = summary.purchase_rows()
    older = fit.model.is_older(rows["T"])
    for some, prefix in ((~older, ""), (older, "older_")):
        own = gw.BetaGeoNBD.fit(rows[some])
        found = [getattr(fit.model, f"{prefix}{name}") for name in own.names]
        np.testing.assert_allclose(found, own.parameters, rtol=1e-6)
    assert isinstance(fit.model, PurchaseModel) and fit.converged
    x, t_x, T = history(summary)
    model = fit.model
    plain = [
        gw.BetaGeoNBD(model.r, model.alpha, model.a, model.b),
        gw.BetaGeoNBD(model.older_r, model.older_alpha, model.older_a, model.older_b),
    ]
    of = model.is_older(T)
    for name, given in {
        "probability_alive": (),
        "expected_purchases": (13.0,),
        "probability_alive_at": (13.0,),
        "probability_of_future_purchases": (2, 13.0),
    }.items():
        both = np.where(of, getattr(plain[1], name)(*given, x, t_x, T), getattr(plain[0], name)(*given, x, t_x, T))
        np.testing.assert_allclose(getattr(model, name)(*given, x, t_x, T), both, rtol=1e-12, err_msg=name)
    worth = np.where(of, *(each.discounted_expected_purchases(0.003, x, t_x, T, horizon=26.0) for each in plain[::-1]))
    np.testing.assert_allclose(model.discounted_expected_purchases(0.003, x, t_x, T, horizon=26.0), worth, rtol=1e-12)
    assert abs(model.log_likelihood(x, t_x, T).sum() - fit.log_likelihood) < 1e-6
    value, slope = fit.problem.objective()(fit.parameters)  # type: ignore[union-attr]
    assert abs(value - fit.log_likelihood) < 1e-6 and np.abs(slope * fit.parameters).max() < 1e-2


@pytest.mark.slow
def test_forecasts_are_nearer_to_what_came_than_those_of_one_fit(summary: Any, kind: Any) -> None:
    found = run_in_cost(summary, kind, horizon=26.0)
    off = (found.table["purchases"] / found.table["came"] - 1).abs()
    assert off["apart"] < off["one fit"]
    assert found.table.loc["apart", "purchases_lower"] < found.table.loc["apart", "came"] < found.table.loc["apart", "purchases_upper"]
    assert found.newcomer.loc["born inside", "expected"] < found.newcomer.loc["one fit", "expected"]
    assert (found.newcomer["lower"] < found.newcomer["expected"]).all() and (found.newcomer["expected"] < found.newcomer["upper"]).all()
    assert found.older + found.inside == len(summary.to_pandas())


@pytest.mark.slow
def test_classes_tracking_and_draws_go_by_who_is_older(fit: Fit, summary: Any) -> None:
    rows = summary.purchase_rows()
    assert abs(frequency_classes(fit.model, rows)["expected"].sum() - rows["weight"].sum()) < 1e-6
    periods = track_purchases(fit.model, summary)
    assert abs(periods["expected"].sum() / periods["repeat_purchases"].sum() - 1) < 0.05
    known = history(summary)
    drawn = fit.draws(3, seed=1)
    assert drawn.expected_purchases(13.0, *known).shape == (3, len(known[0]))
    total = np.mean([fit.model.draw_purchases(13.0, *known, np.random.default_rng(k)).sum() for k in range(20)])
    assert abs(total / fit.model.expected_purchases(13.0, *known).sum() - 1) < 0.03
    assert np.isfinite(fit.bootstrap_draws(1, seed=1).r).all()
    assert fit.model.simulate(known[2], seed=2)["T"].tolist() == known[2].tolist()


def test_it_is_stored_read_and_asked_as_of_another_day(fit: Fit, summary: Any, cut: Any) -> None:
    again = Fit.from_json(fit.to_json())
    assert again.model == fit.model and pickle.loads(pickle.dumps(again.model)) == fit.model
    later = gw.summarize_purchases(cut, end="2025-06-30")
    frame = later.to_pandas()
    moved = fit.model.as_of(later.end)
    born = pd.Timestamp(later.end) - pd.to_timedelta(frame["T"] * 7, unit="D")
    assert (moved.is_older(frame["T"]) == (born.dt.round("D") <= pd.Timestamp(fit.model.until))).all()


@pytest.mark.slow
def test_too_few_of_a_kind_have_one_fit(summary: Any) -> None:
    kind = older_apart(gw.BetaGeoNBD, "2023-01-02")
    assert isinstance(kind.fit(summary).model, gw.BetaGeoNBD)
    with pytest.raises(TooLittle, match="came back: they are not taken apart"):
        run_in_cost(summary, kind, horizon=13.0)
    with pytest.raises(TooLittle, match="No pile of first purchases"):
        run_in_cost(summary, gw.BetaGeoNBD, horizon=13.0)
    with pytest.raises(FitError, match="which a frame does not tell"):
        kind.fit(summary.to_pandas())
