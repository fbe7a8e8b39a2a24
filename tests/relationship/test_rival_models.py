"""How far models of leaving differ in what a customer kept is worth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.relationship.small import TERMS, small, unanswered

import goodwill as gw
from goodwill.relationship import rivals
from goodwill.relationship.rival_models import Rival, kept_worth, spread


def test_a_customer_kept_is_worth_the_same_as_in_the_engine():
    tables = small()
    terms = gw.ValueTerms(TERMS.horizon, TERMS.margin, 0.0, "week")
    profit = np.full(len(tables.customers), 7.0)
    found = kept_worth(tables.buying.model, tables.customers, profit, terms.horizon)
    plain, kept = unanswered().brought(0.0, -0.05)
    assert found == pytest.approx(7.0 * (kept.purchases - plain.purchases) / (kept.kept - plain.kept), rel=0.01)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["MBG/NBD", "BG/NBD", "Pareto/NBD"])
def test_the_model_that_made_the_purchases_has_the_weight(name):
    parameters = {"MBG/NBD": gw.ModifiedBetaGeoNBD(0.8, 8.0, 0.7, 4.0), "BG/NBD": gw.BetaGeoNBD(0.8, 8.0, 0.7, 4.0)}
    model = parameters.get(name, gw.ParetoNBD(0.8, 8.0, 0.6, 25.0))
    bought = model.simulate(np.full(4_000, 90.0), seed=3)
    found = rivals(bought, np.ones(len(bought)), 52.0)
    assert sum(each.weight for each in found) == pytest.approx(1.0)
    assert max(found, key=lambda each: each.weight).name == name and found[0].name == "MBG/NBD"
    assert all(each.worth > 0 for each in found)


def test_what_a_customer_kept_is_worth_is_what_the_simulated_customers_bring():
    """Leaving made a little rarer in the model: what its own expectations say, by the derivative of closed forms of new customers."""
    model, horizon = gw.ParetoNBD(0.8, 8.0, 1.4, 25.0), 52.0
    found = kept_worth(model, pd.DataFrame({"frequency": [0.0], "recency": [0.0], "T": [0.0]}), np.ones(1), horizon)
    slower = gw.ParetoNBD(0.8, 8.0, 1.4, 25.0 * np.exp(0.05))
    bought = [each.expected_purchases_new_customer(horizon) for each in (model, slower)]
    stay = [(each.beta / (each.beta + horizon)) ** each.s for each in (model, slower)]
    assert found == pytest.approx((bought[1] - bought[0]) / (stay[1] - stay[0]), rel=1e-6)


def test_models_that_agree_or_that_nobody_believes_add_nothing():
    assert spread([Rival("a", 10.0, 1.0), Rival("b", 20.0, 0.0)]) == 0.0
    assert spread([Rival("a", 10.0, 0.5), Rival("b", 10.0, 0.5)]) == 0.0
    assert spread([]) == 0.0
    assert unanswered().model_error < 0.01  # a company that leaves after purchases
