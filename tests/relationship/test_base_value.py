"""What the customers bring when the odds of leaving are moved."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.relationship.small import TERMS, small, unanswered, valued

import goodwill as gw
from goodwill.errors import DataError
from goodwill.relationship import base_value


def test_without_satisfaction_and_moves_it_is_what_the_purchase_model_expects():
    (found,) = unanswered().brought(0.0)
    expected = gw.customer_value(small().buying, small().spending, small().customers, TERMS).sum()
    assert found.money == pytest.approx(expected["value"], rel=0.01)
    assert found.purchases == pytest.approx(expected["expected_purchases"], rel=0.01)
    assert found.there == pytest.approx(expected["probability_alive"], rel=0.01)


def test_who_leaves_less_brings_more_and_is_kept():
    less, plain, more = valued().brought(-0.3, 0.0, 0.3)
    assert less.money > plain.money > more.money
    assert less.kept > plain.kept > more.kept
    assert less.there == plain.there == more.there > plain.kept


def test_a_move_that_lasts_half_the_horizon_brings_less_than_one_that_lasts():
    plain, half, whole = valued().brought(0.0, np.r_[np.full(6, -0.3), np.zeros(7)], -0.3)
    assert plain.money < half.money < whole.money


def test_a_move_that_lasts_to_the_end_is_the_same_in_every_period():
    one, other = valued().brought(-0.2, np.full(13, -0.2))
    assert one.money == pytest.approx(other.money)


def test_where_nobody_can_leave_purchases_grow_with_time_alone():
    (found,) = valued().brought(-60.0)
    assert found.kept == pytest.approx(found.there, rel=1e-6)


def test_the_covariance_of_numbers_is_one():
    found = valued().covariance(lambda point: np.array([each.money for each in valued().brought(0.0, -0.1, point=point)]))
    assert np.allclose(found, found.T)
    assert (np.linalg.eigvalsh(found) >= -1e-9 * np.trace(found)).all()


def test_other_customers_and_other_units_are_refused():
    tables = small()
    with pytest.raises(DataError, match=r"^the model knows 1500 customers and 3 are given; give those that it was fitted to$"):
        base_value(valued().fit, tables.customers.head(3), tables.spending.model, TERMS)
    with pytest.raises(DataError, match=r"^the terms count in months and the model in weeks; give both in one unit$"):
        base_value(valued().fit, tables.customers, tables.spending.model, replace(TERMS, unit="month"))
