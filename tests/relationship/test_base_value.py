"""What the customers bring when the odds of leaving are moved."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.relationship.small import TERMS, small, unanswered, valued

import goodwill as gw
from goodwill.errors import DataError
from goodwill.relationship import Coined, Move, base_value, fit_base, plain_histories


@pytest.mark.slow
def test_without_satisfaction_and_moves_it_is_what_the_purchase_model_expects():
    (found,) = unanswered().brought(0.0)
    expected = gw.customer_value(small().buying, small().spending, small().customers, TERMS).sum()
    assert found.money == pytest.approx(expected["value"], rel=0.01)
    assert found.purchases == pytest.approx(expected["expected_purchases"], rel=0.01)
    assert found.there == pytest.approx(expected["probability_alive"], rel=0.01)


@pytest.mark.slow
def test_who_leaves_less_brings_more_and_is_kept():
    less, plain, more = valued().brought(-0.3, 0.0, 0.3)
    assert less.money > plain.money > more.money
    assert less.kept > plain.kept > more.kept
    assert less.there == plain.there == more.there > plain.kept


@pytest.mark.slow
def test_a_move_that_lasts_half_the_horizon_brings_less_than_one_that_lasts():
    plain, half, whole = valued().brought(0.0, np.r_[np.full(6, -0.3), np.zeros(7)], -0.3)
    assert plain.money < half.money < whole.money


def test_a_move_that_lasts_to_the_end_is_the_same_in_every_period():
    one, other = valued().brought(-0.2, np.full(13, -0.2))
    assert one.money == pytest.approx(other.money)


def test_where_nobody_can_leave_purchases_grow_with_time_alone():
    (found,) = valued().brought(-60.0)
    assert found.kept == pytest.approx(found.there, rel=1e-6)


@pytest.mark.slow
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


def test_chances_that_are_spared_keep_as_many_as_would_have_left_at_them():
    plain, spared = valued().brought(0.0, Move(saved=0.01))
    lost = [each.there - each.kept for each in (plain, spared)]
    bought = plain.purchases
    assert lost[0] - lost[1] == pytest.approx(0.01 * bought, rel=0.35)  # some of them leave at a later purchase
    assert spared.money > plain.money


def test_a_coin_that_leans_takes_less_from_the_best_customers():
    even, leaning = valued().brought(Move(saved=0.01), Move(saved=0.01, lean=1.0, level=0.1))
    (plain,) = valued().brought(0.0)
    assert even.money - plain.money > leaning.money - plain.money > 0


def test_purchases_to_come_are_counted_by_those_before_them():
    (plain,) = valued().brought(0.0)
    before = valued().before
    assert before.sum() == pytest.approx(plain.purchases, rel=0.01)
    assert before[0] == 0  # whoever is there has bought


def test_what_histories_leave_open_is_an_error_of_a_few_per_cent():
    found = valued().unknown_errors
    assert found.shape == (3,)
    assert ((found > 0) & (found < 0.3)).all()


def test_leaving_at_complaints_answers_to_nothing_that_moves_satisfaction():
    tables = small()
    plain = plain_histories(tables.customers)
    coined = [fit_base(plain, None, start=tables.buying, coined=each) for each in (None, Coined(0.01))]
    worth = [base_value(fit, tables.customers, tables.spending.model, TERMS) for fit in coined]
    brought = [base.brought(0.0)[0].money for base in worth]
    assert brought[1] == pytest.approx(brought[0], rel=0.05)  # the purchases say the same of how many leave in all
    moved = [base.brought(-0.3)[0].money - money for base, money in zip(worth, brought, strict=True)]
    assert moved[1] < 0.95 * moved[0]
