"""Leaving that answers to satisfaction: the likelihood, its limits, and what it finds where the truth is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, special
from tests.relationship.small import answered, fitted, small, unanswered

from goodwill.errors import DataError, TooLittle
from goodwill.lifetime_value.modified_beta_geo_nbd import ModifiedBetaGeoNBD
from goodwill.relationship import answered_histories, fit_satisfaction_dropout, plain_histories
from goodwill.relationship.cut_answers import answer_chances
from goodwill.relationship.satisfaction_dropout import chance_nodes, log_likelihood, satisfaction_nodes, staying

POINT = np.r_[np.log([0.8, 8.0, 0.7, 4.0]), -0.3, -0.4, -0.9, 0.1]


def test_without_answers_the_likelihood_is_that_of_the_purchase_model():
    customers = small().customers
    value, _ = log_likelihood(plain_histories(customers), 1.0)(np.r_[POINT[:4], 0.0, POINT[5:]])
    history = (customers[name] for name in ("frequency", "recency", "T"))
    model = ModifiedBetaGeoNBD(0.8, 8.0, 0.7, 4.0)
    assert value == pytest.approx(float(model.log_likelihood(*history).sum()), rel=1e-9)


def test_without_answers_the_fit_is_that_of_the_purchase_model():
    assert np.exp(unanswered().fit.point[:2]) == pytest.approx([small().buying.model.r, small().buying.model.alpha], rel=0.01)
    assert unanswered().fit.slope == (0.0, 0.0, 0.0)


@pytest.mark.parametrize("slope", [0.0, -0.5])
def test_staying_is_the_mean_over_the_beta_distribution(slope):
    a, b, s, x = 0.7, 4.0, 1.3, 5
    kept, left = staying(a, b, slope, np.array([s]), 8)

    def mean(function):
        weight = 1 / special.beta(a, b)
        return integrate.quad(
            lambda p: weight * p ** (a - 1) * (1 - p) ** (b - 1) * function(special.expit(special.logit(p) + slope * s)), 0, 1
        )[0]

    assert kept[x, 0] == pytest.approx(mean(lambda p: (1 - p) ** (x + 1)), rel=1e-5)
    assert left[x, 0] == pytest.approx(mean(lambda p: p * (1 - p) ** x), rel=1e-5)


def test_the_slopes_of_the_likelihood_are_those_of_its_values():
    data = answered()
    value, at = log_likelihood(data, 0.67, 0.1), np.r_[POINT, np.full(len(data.kinds), -0.1)]
    steps = np.eye(len(at)) * 1e-5
    numerical = [(value(at + step)[0] - value(at - step)[0]) / 2e-5 for step in steps]
    assert value(at)[1] == pytest.approx(numerical, rel=1e-4, abs=1e-3)


def test_the_chances_of_all_answers_add_up_to_one():
    shares, nodes = np.array([0.1, 0.2, 0.0, 0.7]), satisfaction_nodes()[0]
    each = [answer_chances(shares, 0.7, nodes, np.array([level]), np.zeros(1))[0] for level in range(4)]
    assert np.sum(each, axis=0) == pytest.approx(np.ones((1, len(nodes))), rel=1e-9)


def test_where_nothing_moves_answers_they_come_with_their_shares():
    shares = np.array([0.1, 0.2, 0.3, 0.4])
    nodes, weight = satisfaction_nodes()
    each = [float(answer_chances(shares, 0.7, nodes, np.array([level]), np.zeros(1))[0][0] @ weight) for level in range(4)]
    assert each == pytest.approx(shares.tolist(), abs=0.01)


def test_chances_near_nothing_keep_their_mean():
    odds, weight = chance_nodes(0.05, 3.0)
    assert weight @ special.expit(odds) == pytest.approx(0.05 / 3.05, rel=1e-9)


def test_one_row_stands_for_all_customers_with_the_same_history():
    customers = pd.DataFrame({"customer_id": [1, 2, 3], "frequency": [0, 0, 2], "recency": [0.0, 0.0, 5.0], "T": [9.0, 9.0, 9.0]})
    first, row, count = plain_histories(customers).rows
    assert (len(first), count.tolist(), row[0] == row[1]) == (2, [2.0, 1.0], True)


def test_a_fit_says_what_a_point_is_and_what_has_just_happened():
    fit = fitted()
    assert fit.point_in_spreads == pytest.approx(1 / (np.sqrt(fit.reliability) * answered().spread))
    assert set(fit.recent) == {"satisfied", "acceptable", "dissatisfied", "purchase"}
    assert fit.slope.lower < fit.slope.estimate < fit.slope.upper
    assert fit.gone.upper < 0  # the company's leavers answer less often


@pytest.mark.slow
def test_a_slope_that_is_held_is_no_likelier_than_the_best_one():
    held = fit_satisfaction_dropout(answered(), fitted().reliability, held=0.0, start=small().buying.model)
    assert held.log_likelihood <= fitted().log_likelihood + 1e-6
    assert held.slope.estimate == 0.0


def test_answers_that_cannot_be_used_are_refused():
    customers = small().customers
    with pytest.raises(TooLittle, match=r"^1 answers are of customers who had bought; joining satisfaction with leaving takes 50\.$"):
        answered_histories(customers, pd.Series([3.0], index=["1"]), range(1, 11))
    same = pd.Series(5.0, index=customers["customer_id"].astype(str).unique())
    with pytest.raises(TooLittle, match=r"^All answers are the same, so that nobody can be told apart by satisfaction\.$"):
        answered_histories(customers, same, range(1, 11))
    with pytest.raises(DataError, match=r"^the reliability is 0; it is a share of variance, above 0 and at most 1$"):
        fit_satisfaction_dropout(answered(), 0.0)
