"""Blattberg & Deighton's budgets, by Pfeifer's (2005) identity: at the optimum both marginal costs are the lifetime value."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodwill.errors import DataError
from goodwill.strategies.acquisition import Answer, Budgeting, ResponseCurve, elicited, equity_curve

FIRST = Budgeting(50, 0.2, ResponseCurve.from_answer(0.4, 5, 0.2), ResponseCurve.from_answer(0.7, 10, 0.5))
SECOND = Budgeting(100, 0.1, ResponseCurve.from_answer(0.3, 10, 0.1), ResponseCurve.from_answer(0.8, 15, 0.6))


def test_first_case_of_the_identity():
    best = FIRST.optimum()
    assert (best.retention_spend, best.retention_rate) == pytest.approx((14.944, 0.5923), abs=5e-4)
    assert (best.acquisition_spend, best.acquisition_rate) == pytest.approx((10.1985, 0.3027), abs=5e-4)
    assert (best.lifetime_value, best.customer_equity) == pytest.approx((74.147, 12.247), abs=5e-4)
    assert (best.average_acquisition_cost, best.average_retention_cost) == pytest.approx((33.69, 25.23), abs=5e-3)


def test_second_case_of_the_identity():
    best = SECOND.optimum()
    assert (best.retention_spend, best.acquisition_spend) == pytest.approx((30.594, 25.225), abs=5e-4)
    assert (best.lifetime_value, best.customer_equity) == pytest.approx((228.619, 18.698), abs=5e-4)


@given(st.floats(50, 500), st.floats(0.05, 0.4), st.floats(0.3, 0.9), st.floats(0.1, 0.9), st.floats(0.2, 0.9))
def test_marginal_costs_equal_the_lifetime_value_at_every_inner_optimum(margin, discount, ceiling, reached, won):
    case = Budgeting(
        margin, discount, ResponseCurve.from_answer(0.5, 5, 0.5 * won), ResponseCurve.from_answer(ceiling, 5, ceiling * reached)
    )
    best = case.optimum()
    if best.retention_spend > 0:
        assert best.marginal_retention_cost == pytest.approx(best.lifetime_value, rel=1e-6)
    if best.acquisition_spend > 0:
        assert best.marginal_acquisition_cost == pytest.approx(best.lifetime_value, rel=1e-6)
    for shift in (0.97, 1.03):
        assert case.customer_equity(best.acquisition_spend * shift, best.retention_spend * shift) <= best.customer_equity + 1e-9


def test_nothing_is_spent_where_the_first_unit_is_not_worth_it():
    poor = Budgeting(0.5, 0.2, ResponseCurve(0.4, 0.1), ResponseCurve(0.7, 0.1))
    best = poor.optimum()
    assert (best.acquisition_spend, best.retention_spend) == (0, 0)


def test_uncertain_answers_give_uncertain_budgets_around_the_sure_ones():
    draws = elicited(50, 0.2, Answer(5, 0.2, 0.4, 0.02, 0.03), Answer(10, 0.5, 0.7, 0.03, 0.03), draws=300)
    low, high = draws["lifetime_value"].quantile([0.1, 0.9])
    assert low < 74.147 < high and high - low > 1
    sure = elicited(50, 0.2, Answer(5, 0.2, 0.4), Answer(10, 0.5, 0.7), draws=3)
    assert sure["lifetime_value"].to_numpy() == pytest.approx([74.147] * 3, abs=5e-4)


def test_curve_for_the_picture_peaks_at_the_optimum():
    best = FIRST.optimum()
    curve = equity_curve(FIRST, [best.acquisition_spend - 1, best.acquisition_spend, best.acquisition_spend + 1])
    assert curve["customer_equity"].idxmax() == 1


@pytest.mark.parametrize(
    "make",
    [
        lambda: ResponseCurve.from_answer(0.4, 5, 0.5),
        lambda: ResponseCurve.from_answer(1.4, 5, 0.5),
        lambda: ResponseCurve.from_answer(0.4, 0, 0.2),
        lambda: Budgeting(-1, 0.2, FIRST.acquisition, FIRST.retention),
        lambda: elicited(50, 0.2, Answer(5, 0.2, 0.4, rate_sd=0.9), Answer(10, 0.5, 0.7)),
    ],
)
def test_answers_that_contradict_themselves_are_refused(make):
    with pytest.raises(DataError):
        make()


def test_an_answer_of_too_few_numbers_is_refused_by_name() -> None:
    assert Answer.from_list([5, 0.2, 0.4, 0.02], "acquisition") == Answer(5, 0.2, 0.4, rate_sd=0.02)
    with pytest.raises(DataError, match="about retention holds 2 numbers; it needs the spend per person"):
        Answer.from_list([5, 0.2], "retention")
