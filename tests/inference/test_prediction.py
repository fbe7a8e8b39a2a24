"""Totals from a model and draws of it, however they were come by."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import goodwill as gw
from goodwill.inference import prediction
from goodwill.inference.parameters import log_draws, model_at, parameters_of, some_draws
from goodwill.inference.prediction import ask, interval_of_totals, totals_of

MODEL = gw.ModifiedBetaGeoNBD(0.525, 6.183, 0.891, 1.614, unit="week")
ROWS = pd.DataFrame({"frequency": [0, 3, 1, 0], "recency": [0, 20, 5, 0], "T": [30, 30, 30, 12], "weight": [40, 10, 20, 30]})


def draws(n: int, spread: float) -> gw.ModifiedBetaGeoNBD:
    away = spread * np.random.default_rng(1).standard_normal((n, 4))
    return model_at(gw.ModifiedBetaGeoNBD, np.log(parameters_of(MODEL)) + away, "week")


@pytest.mark.slow
def test_draws_without_spread_leave_chance_alone() -> None:
    asked = ask("week", ROWS, 39, None)
    total = interval_of_totals(asked, MODEL, draws(4000, 0.0), 0.95, 2, known=True).loc["total"]
    history = [np.repeat(ROWS[name].to_numpy(float), ROWS["weight"]) for name in ("frequency", "recency", "T")]
    rng = np.random.default_rng(7)
    chance = [MODEL.draw_purchases(39, *history, rng).sum() for _ in range(4000)]
    assert total["estimate"] == pytest.approx(MODEL.expected_purchases(39, *history).sum())
    np.testing.assert_allclose([total["lower"], total["upper"]], np.quantile(chance, [0.025, 0.975]), rtol=0.05)


@pytest.mark.slow
def test_doubtful_parameters_widen_the_interval_on_both_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = ask("week", ROWS.assign(weight=ROWS["weight"] * 20), 39, None)
    exact = interval_of_totals(asked, MODEL, draws(1500, 0.1), 0.95, 2, known=True)
    monkeypatch.setattr("goodwill.inference.prediction.MANY", 0)
    near, each = (interval_of_totals(asked, MODEL, draws(1500, 0.1), 0.95, 2, known=known) for known in (True, False))
    np.testing.assert_allclose(near, exact, rtol=0.05)
    np.testing.assert_allclose(each, exact, rtol=0.05)
    sure = interval_of_totals(asked, MODEL, draws(1500, 0.0), 0.95, 2, known=True)
    assert (exact["upper"] - exact["lower"]).iloc[0] > 1.5 * (sure["upper"] - sure["lower"]).iloc[0]


def test_groups_are_answered_in_their_order() -> None:
    asked = ask("week", ROWS, 39, ["new", "old", "old", "new"])
    found = interval_of_totals(asked, MODEL, draws(50, 0.0), 0.9, 1, known=True)
    history = [ROWS[name].to_numpy(float) for name in ("frequency", "recency", "T")]
    each = ROWS["weight"] * MODEL.expected_purchases(39, *history)
    assert found.index.to_list() == ["new", "old"]
    assert found["estimate"].to_list() == pytest.approx([each[0] + each[3], each[1] + each[2]])


def test_parameters_become_draws_and_come_back() -> None:
    phi = np.log(parameters_of(MODEL)) + np.arange(12.0).reshape(3, 4)
    many = model_at(gw.ModifiedBetaGeoNBD, phi, "week")
    np.testing.assert_allclose(log_draws(many), phi, rtol=1e-12)
    assert log_draws(some_draws(many, slice(1, 3))).shape == (2, 4)


def test_no_question_is_asked_about_no_length_of_time() -> None:
    with pytest.raises(gw.FitError, match="a horizon is a finite positive length of time, and not inf"):
        ask("week", ROWS, np.inf, None)


def test_few_customers_are_simulated_one_by_one_and_sums_of_many_approximated(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = ask("week", ROWS.assign(weight=[3, 400, 800, 2]), 39, ["few", "many", "many", "few"])
    monkeypatch.setattr("goodwill.inference.prediction.MANY", 5 * 400)
    simulated: list[float] = []
    plain = prediction._simulated
    monkeypatch.setattr(prediction, "_simulated", lambda some, *more: simulated.extend(some.weight) or plain(some, *more))
    _, many = totals_of(asked, MODEL, draws(400, 0.0), np.random.default_rng(3), known=True).T
    assert sorted(simulated) == [2, 3]
    monkeypatch.setattr("goodwill.inference.prediction.MANY", 10**9)
    exact = totals_of(asked, MODEL, draws(400, 0.0), np.random.default_rng(4), known=True)[:, 1]
    assert many.mean() == pytest.approx(exact.mean(), abs=4 * exact.std() / np.sqrt(200))
    assert many.std() == pytest.approx(exact.std(), rel=0.2)
