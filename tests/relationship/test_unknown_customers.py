"""What histories leave open of each customer, against draws of it."""

from __future__ import annotations

import numpy as np
import pytest
from tests.relationship.small import TERMS, answered, fitted, small

from goodwill.relationship import Coined, base_value, fit_base, plain_histories
from goodwill.relationship.base_value import Move
from goodwill.relationship.cut_answers import cut_correlation, felt_reliability
from goodwill.relationship.known_truth import point_of
from goodwill.relationship.satisfaction_dropout import staying
from goodwill.relationship.unknown_customers import opened, rate_nodes
from goodwill.simulate.mechanism import MECHANISMS


def test_means_and_squares_are_those_of_draws():
    rng, draws, horizon = np.random.default_rng(1), 400_000, 52.0
    shape, scale, leave = 2.3, 14.0, np.array([0.02, 0.15, 0.4])
    moved, weight = 0.9 * leave, np.array([0.5, 0.3, 0.2])
    found = opened(np.array([shape]), np.array([scale]), leave[None, :, None], moved[None, :, None], weight[None, :, None], horizon)
    rate, which = rng.gamma(shape, 1 / scale, draws), rng.choice(3, draws, p=weight)

    def bought(p: np.ndarray) -> np.ndarray:
        return -np.expm1(-rate * p * horizon) / p

    more = bought(moved[which]) - bought(leave[which])
    kept = np.exp(-rate * moved[which] * horizon) - np.exp(-rate * leave[which] * horizon)
    expected = [more.mean(), kept.mean(), (more**2).mean(), (kept**2).mean(), (more * kept).mean()]
    assert [float(each[0, 0]) for each in found] == pytest.approx(expected, rel=0.02)


def test_nodes_of_a_rate_average_powers_exactly():
    for shape in (0.2, 3.0, 250.0):
        points, weights = rate_nodes(shape)
        moments = [shape, shape * (shape + 1), shape * (shape + 1) * (shape + 2)]
        assert [float(weights @ points**k) for k in (1, 2, 3)] == pytest.approx(moments)


@pytest.mark.slow
def test_customers_of_whom_more_is_known_leave_less_open():
    """Purchases of twice the size leave as much open as a share, and those of unknown size leave more."""
    tables = small()
    fit = fit_base(plain_histories(tables.customers), None, start=tables.buying)
    base = base_value(fit, tables.customers, tables.spending.model, TERMS)
    more = type(base)(**{**_fields(base), "profit": 2 * base.profit, "weight": base.weight * [[2], [1]], "squares": 4 * base.squares})
    assert more.unknown_errors == pytest.approx(base.unknown_errors)
    known = type(base)(**{**_fields(base), "squares": base.squares[[1, 1]]})
    assert (known.unknown_errors < base.unknown_errors).all()


def _fields(base: object) -> dict[str, object]:
    return {name: getattr(base, name) for name in type(base).__dataclass_fields__}


def test_what_a_cut_takes_from_a_correlation_is_that_of_draws():
    felt = np.random.default_rng(2).standard_normal(400_000)
    answers = np.clip(np.rint(6.85 + 2.2 * felt), 1, 10)
    shares = np.bincount(answers.astype(int), minlength=11)[1:] / felt.size
    assert cut_correlation(shares) == pytest.approx(np.corrcoef(felt, answers)[0, 1] ** 2, abs=0.002)
    assert felt_reliability(answered(), 0.6) == pytest.approx(0.6 / cut_correlation(answered().shares))
    assert felt_reliability(plain_histories(small().customers), 1.0) == 1.0  # of nobody it does not matter


@pytest.mark.parametrize("name", ["full", "nothing works"])
def test_a_point_is_what_lifts_the_mean_answer_by_one(name):
    m, rng = MECHANISMS[name], np.random.default_rng(3)
    lasting, rest = rng.standard_normal(400_000), rng.standard_normal((2, 400_000))

    def mean(lifted: float) -> float:
        felt = m.satisfaction_loading * (lasting + lifted + m.mood_spread * rest[0]) + np.sqrt(1 - m.satisfaction_loading**2) * rest[1]
        return float(np.clip(np.rint(1 + (m.points - 1) * (m.answer_centre + m.answer_spread * felt)), 1, m.points).mean())

    small_lift = 0.1 * point_of(m)
    assert (mean(small_lift) - mean(-small_lift)) / 0.2 == pytest.approx(1.0, abs=0.01)


def test_complaints_that_come_the_oftener_the_more_was_bought_take_more_of_those_who_buy_much():
    nodes = np.array([0.0])
    even, more = (staying(0.7, 4.0, 0.0, nodes, 20, Coined(0.02, 0.0, 1.0, ratio)) for ratio in ((), (0.5, 0.6, 0.8, 1.0, 1.2, 1.5)))
    assert more[0][0] > even[0][0]  # at the first purchase fewer complain
    assert more[0][20] / more[0][16] < even[0][20] / even[0][16]
    assert Coined(0.02).at(np.zeros(2), 5).tolist() == pytest.approx([0.02, 0.02])
    rising = Coined(0.02, 0.0, 1.0, (0.5, 0.6, 0.8, 1.0, 1.2, 1.5))
    assert rising.at(np.zeros(1), np.array([0, 5, 99]))[:, 0].tolist() == pytest.approx([0.01, 0.02, 0.03])


def test_what_is_spared_goes_with_complaints_and_is_in_the_mean_what_was_asked():
    tables = small()
    ratio = (0.5, 0.7, 0.9, 1.1, 1.3, 1.6)
    fit = fit_base(plain_histories(tables.customers), None, start=tables.buying, coined=Coined(0.01, 0.0, 1.0, ratio))
    base = base_value(fit, tables.customers, tables.spending.model, TERMS)
    assert 0.7 < base.mean_ratio < 1.6
    plain, spared = base.brought(0.0, Move(saved=0.001 / base.mean_ratio))
    assert (plain.there - plain.kept) - (spared.there - spared.kept) == pytest.approx(0.001 * plain.purchases, rel=0.35)
    assert fitted().coined.ratio_at(3) == 1.0  # without a log nothing is known of it
