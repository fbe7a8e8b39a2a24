"""Likelihoods and expectations against 25 stored digits (see make_model_digits.py), where formulas as printed fail.

The grid holds frequencies to 5,000, recency = T, alpha = beta and next to it, alpha / beta = 1/350 and 350, s and a and gamma at 1 and
next to it, a + b < 1, a + b + x = 1, hardly any and enormous heterogeneity, and horizons of a day to ten years.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from goodwill.inference.parameters import parameter_names
from goodwill.lifetime_value.beta_geo_beta_binom import BetaGeoBetaBinom
from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD
from goodwill.lifetime_value.contracts import BetaDiscreteWeibull, ShiftedBetaGeo
from goodwill.lifetime_value.modified_beta_geo_nbd import ModifiedBetaGeoNBD
from goodwill.lifetime_value.pareto_nbd import ParetoNBD

HERE = Path(__file__).parent
RATE = 0.0026877346  # per unit, of make_model_digits.py
SMALLEST = 1e-290  # what lies below is zero here
MODELS = [BetaGeoNBD, ModifiedBetaGeoNBD, ParetoNBD, BetaGeoBetaBinom]
every_model = pytest.mark.parametrize("kind", MODELS, ids=lambda kind: kind.__name__)
NAMES = ("beta_geo_nbd", "modified_beta_geo_nbd", "pareto_nbd", "beta_geo_beta_binom")
FILES = dict(zip(MODELS, NAMES, strict=True))


def stored(kind: type) -> tuple[pd.DataFrame, Any, list[np.ndarray]]:
    """The table, one model whose parameters are its columns, and the histories."""
    table = pd.read_csv(HERE / f"{FILES[kind]}.csv")
    model = kind(*(table[name].to_numpy() for name in parameter_names(kind)))
    return table, model, [table[name].to_numpy(float) for name in ("frequency", "recency", "T")]


def agree(found: np.ndarray, table: pd.DataFrame, column: str, relative: float, smallest: float = SMALLEST) -> None:
    exact = table[column].to_numpy(float)
    known = ~np.isnan(exact)
    assert np.isfinite(found).all()
    np.testing.assert_allclose(found[known], exact[known], rtol=relative, atol=smallest)


@every_model
def test_log_likelihoods_agree_to_1e_10(kind: type) -> None:
    table, model, history = stored(kind)
    agree(model.log_likelihood(*history), table, "log_likelihood", 1e-10)


@every_model
def test_the_sum_that_is_maximised_agrees_to_1e_10(kind: type) -> None:
    table, model, history = stored(kind)
    for i in range(len(table)):
        theta = np.array([getattr(model, name)[i] for name in parameter_names(kind)])
        value, gradient = kind.weighted_log_likelihood(tuple(column[i : i + 1] for column in history), np.ones(1))(theta)
        assert value == pytest.approx(table["log_likelihood"][i], rel=1e-10)
        assert np.isfinite(gradient).all()


@every_model
def test_probabilities_alive_agree_to_1e_10(kind: type) -> None:
    table, model, history = stored(kind)
    agree(model.probability_alive(*history), table, "probability_alive", 1e-10)
    agree(model.probability_alive_at(table["horizon"], *history), table, "probability_alive_at", 1e-10, smallest=1e-98)


@every_model
def test_expected_purchases_agree_to_1e_10(kind: type) -> None:
    table, model, history = stored(kind)
    agree(model.expected_purchases(table["horizon"], *history), table, "expected_purchases", 1e-10)


@every_model
def test_discounted_purchases_agree_to_1e_6(kind: type) -> None:
    table, model, history = stored(kind)
    if kind in (ParetoNBD, BetaGeoBetaBinom):  # without a horizon
        rate = 0.1 if kind is BetaGeoBetaBinom else RATE
        agree(model.discounted_expected_purchases(rate, *history), table, "discounted", 1e-9)
    else:
        agree(model.discounted_expected_purchases(RATE, *history, table["horizon"].to_numpy()), table, "discounted", 1e-6)


def test_probabilities_of_purchases_agree_to_1e_6() -> None:
    table = pd.read_csv(HERE / "pareto_nbd_pmf.csv")
    model = ParetoNBD(*(table[name].to_numpy() for name in ("r", "alpha", "s", "beta")))
    agree(model.probability_of_purchases(table["n"].to_numpy(), table["horizon"].to_numpy()), table, "probability", 1e-9)


def test_contracts_agree_to_1e_10() -> None:
    table = pd.read_csv(HERE / "contracts.csv")
    alpha, beta, c, time = (table[name].to_numpy() for name in ("alpha", "beta", "c", "time"))
    for model, rows in ((BetaDiscreteWeibull(alpha, beta, c), c > 0), (ShiftedBetaGeo(alpha, beta), c == 1)):
        agree(model.survival(time)[rows], table[rows], "survival", 1e-10)
        agree(model.retention_rate(time)[rows], table[rows], "retention_rate", 1e-10)
        agree(model.log_likelihood(time, np.ones(len(time)))[rows], table[rows], "log_leaving", 1e-10)
