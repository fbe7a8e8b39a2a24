"""Tenths of sales counted exactly, with those who are equal at a cut."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.segments.cdnow import valued

from goodwill.data.reading.sources import read_transactions
from goodwill.errors import DataError, TooLittle
from goodwill.segments import decile_table, sales_decile
from goodwill.segments.customer_base import customer_base
from goodwill.segments.evidence.ranking import ranking_table, top_share
from goodwill.segments.evidence.top_parts import sales_tenths, top_part

FILES = Path(__file__).parents[1] / "data" / "files"


def test_the_tenths_of_cdnow_are_those_of_the_records() -> None:
    found = sales_tenths(valued("cdnow"))
    assert (found.first.customers, found.last, found.top.customers) == (135, 10_025, 2_357)
    assert found.first.later.estimate == pytest.approx(0.120, abs=5e-4)
    assert found.first.later.lower < 0.10 < 0.14 < found.first.later.upper
    assert (found.top.held, found.top.later.estimate) == (pytest.approx(0.463, abs=5e-4), pytest.approx(0.498, abs=5e-4))


def test_the_first_tenth_of_sales_has_one_interval() -> None:
    customers = valued("cdnow")
    row = decile_table(customers, sales_decile(customers), seed=3).iloc[0]
    later = sales_tenths(customers, seed=3).first.later
    assert row[["share_of_holdout", "share_of_holdout_lower", "share_of_holdout_upper"]].tolist() == pytest.approx(list(later))


def test_the_top_tenth_of_customers_has_the_interval_of_its_ranking() -> None:
    customers = valued("cdnow")
    ranked = ranking_table({"spend": customers["spend"], "value": customers["value"]}, customers["spend_holdout"], seed=3)
    assert list(sales_tenths(customers, seed=3).top.later) == pytest.approx(ranked.loc["spend", ["top", "lower", "upper"]].tolist())


def test_the_part_of_the_rules_may_hold_more_than_the_tenth() -> None:
    # 22,600 in all: 226 x 10 are a tenth, but all 520 who spent 10 lie in one part when equals stay together.
    amounts = np.array([10.0] * 520 + [5.0] * 3480)
    found = top_part(amounts, np.ones(4000), 0.1)
    assert (found.customers, found.tied, found.taken, found.amount) == (226, 520, 226, 10.0)
    assert found.held == pytest.approx(0.1)
    assert found.later.estimate == pytest.approx(226 / 4000)


def test_those_who_are_equal_share_what_came() -> None:
    found = top_part([2.0, 2.0, 1.0, 1.0], [8.0, 0.0, 1.0, 1.0], 1 / 3)
    assert (found.customers, found.tied, found.taken) == (1, 2, 1)
    assert found.later.estimate == pytest.approx(0.4)


def test_one_who_is_larger_than_the_share_makes_it_alone() -> None:
    found = top_part([100.0, 1.0, 1.0], [1.0, 1.0, 1.0], 0.1)
    assert (found.customers, found.tied, found.amount) == (1, 0, 100.0)


@pytest.mark.parametrize(("share", "customers"), [(0.4, 1), (0.69, 1), (0.71, 2), (0.99, 2)])
def test_a_customer_without_equal_who_does_not_fit_whole_is_not_counted(share: float, customers: int) -> None:
    found = top_part([4.0, 3.0, 2.99999], [1.0, 1.0, 1.0], share)
    assert (found.customers, found.tied) == (customers, 0)


@pytest.mark.parametrize(("share", "customers", "tied"), [(0.4, 1, 0), (0.41, 2, 2), (0.7, 2, 2), (0.71, 3, 0)])
def test_of_equal_ones_as_many_are_counted_as_it_takes(share: float, customers: int, tied: int) -> None:
    found = top_part([4.0, 3.0, 3.0], [1.0, 1.0, 1.0], share)
    assert (found.customers, found.tied) == (customers, tied)
    assert top_part([4.0, 3.0, 3.0], [1.0, 1.0, 1.0], share, reach=False).customers == (1 if share < 0.7 else 2)


@pytest.mark.slow
def test_three_prices_make_ties_that_swell_no_count() -> None:
    then = customer_base(read_transactions(FILES / "43_three_prices.csv")).customers
    found = sales_tenths(then)
    assert len(then) == 1132
    assert (found.first.customers, found.first.tied, found.first.taken, found.first.amount) == (45, 88, 36, 60.0)
    assert found.top.held == pytest.approx(0.230, abs=5e-4)


def test_a_share_of_customers_is_that_of_the_gains_curve() -> None:
    amounts, came = np.arange(100.0), np.arange(100.0) ** 2
    found = top_part(amounts, came, 0.1, of="customers")
    assert (found.customers, found.tied) == (10, 0)
    assert found.later.estimate == pytest.approx(top_share(amounts, came, 0.1))


@settings(deadline=None, derandomize=True)
@given(st.lists(st.integers(0, 5), min_size=2, max_size=40).filter(any), st.floats(0.05, 0.95))
def test_what_is_counted_exceeds_the_share_by_less_than_one_equal_and_the_next_one_would(amounts: list[int], share: float) -> None:
    value = np.sort(np.array(amounts, float))[::-1]
    found = top_part(value, np.ones(len(value)), share, draws=2)
    last = value[found.customers - 1]
    over = last if (value == last).sum() > 1 else 0.0
    assert found.customers == 1 or value[: found.customers].sum() < share * value.sum() * (1 + 1e-6) + over
    if found.customers < (value > 0).sum():
        assert value[: found.customers + 1].sum() > share * value.sum() * (1 - 1e-6)


def test_what_does_not_fit_or_adds_up_to_nothing_is_one_sentence() -> None:
    with pytest.raises(DataError, match="they do not fit"):
        top_part([1.0], [1.0, 2.0], 0.1)
    with pytest.raises(DataError, match="they do not fit"):
        top_part([1.0], [1.0], 0.1, of="sales")
    with pytest.raises(TooLittle, match="add up to nothing"):
        top_part([-1.0, 0.0], [1.0, 1.0], 0.1)
