"""How much of a total few customers hold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodwill.errors import DataError
from goodwill.lifetime_value.concentration import cumulated, lorenz_curve, share_of_top, shares_held
from goodwill.segments.evidence.ranking import top_share


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=50).filter(lambda values: sum(values) > 0))
def test_lorenz_curve_is_concave_from_nothing_to_everything(values: list[float]) -> None:
    customers, share = lorenz_curve(np.array(values))
    assert (customers[0], share[0], customers[-1]) == (0.0, 0.0, 1.0)
    assert share[-1] == pytest.approx(1)
    assert np.all(np.diff(share, 2) <= 1e-9)
    assert share_of_top(np.array(values), 1.0) == pytest.approx(1)


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=50).filter(any), st.floats(0, 1))
def test_the_top_share_is_that_of_a_ranking_by_the_value_itself(values: list[int], top: float) -> None:
    assert share_of_top(values, top) == pytest.approx(top_share(values, values, top), abs=1e-12)


def test_a_fraction_of_a_customer_counts_as_a_fraction() -> None:
    assert share_of_top([6.0, 4.0], 0.25) == pytest.approx(0.3)


def test_each_column_of_shares_held_is_sorted_by_its_own() -> None:
    held = shares_held([0.0, 10.0], [3.0, 1.0])
    assert held["customers"].to_list() == ["top 1%", "top 5%", "top 10%", "top 20%", "top 50%"]
    assert held.iloc[-1].to_list() == ["top 50%", 1.0, 0.75]


def test_losses_bring_the_cumulative_total_down_again() -> None:
    assert np.array_equal(cumulated([-2, 5, 1]), [0, 5, 6, 4])


def test_shares_of_nothing_do_not_exist() -> None:
    with pytest.raises(DataError, match="add up to nothing"):
        lorenz_curve(np.zeros(3))
