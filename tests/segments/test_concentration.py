"""Whale curve and Lorenz curve."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodwill.errors import DataError, TooLittle
from goodwill.segments.concentration import SalesCurve, WhaleCurve, concentration, cost_to_serve, whale_curve


def test_the_whale_peaks_where_profit_turns_into_loss() -> None:
    found = whale_curve([100, 50, 20, 10, 0], [10, 10, 20, 30, 20], draws=50)
    assert (found.total, found.peak, found.peak_at, found.losing, found.loss) == (90, 130, 0.6, 0.4, -40)
    assert found.curve["profit"].iloc[-1] == 90
    assert found.curve["profit"].max() == pytest.approx(130)


def test_without_costs_profit_is_unknown_and_nothing_is_invented() -> None:
    found = concentration(pd.DataFrame({"spend": [60.0, 20, 10, 5, 5]}))
    assert isinstance(found, SalesCurve)
    assert found.top[0.2] == 0.6


def test_costs_make_a_whale_of_the_same_customers() -> None:
    found = concentration(pd.DataFrame({"spend": [60.0, 20, 10, 5, 5], "cost_to_serve": 4.0}), margin_rate=0.5)
    assert isinstance(found, WhaleCurve)
    assert found.total == 30
    assert found.losing == 0.4


def test_a_doubtful_level_of_costs_widens_the_band() -> None:
    rng = np.random.default_rng(1)
    margin, cost = rng.gamma(1, 20, 500), rng.gamma(2, 8, 500)
    sure, unsure = (whale_curve(margin, cost, cost_error=error).curve for error in (0.0, 0.3))
    assert (unsure["upper"] - unsure["lower"]).iloc[-1] > 2 * (sure["upper"] - sure["lower"]).iloc[-1]
    assert ((sure["lower"] <= sure["profit"] + 1e-9) & (sure["profit"] <= sure["upper"] + 1e-9)).all()


def test_a_company_may_lose_money_in_all() -> None:
    found = whale_curve([1, 1], [5, 0.5], draws=20)
    assert (found.total, found.losing, found.loss) == (-3.5, 0.5, -4.0)


def test_customers_without_a_cost_are_free_to_serve_and_counted() -> None:
    customers = pd.DataFrame({"customer_id": [1, 2, 3]})
    served = pd.DataFrame({"customer_id": ["1", "1", "2"], "cost": [1.0, 2.5, 4.0]})
    found = cost_to_serve(served, customers)
    assert found.cost.tolist() == [3.5, 4.0, 0.0] and found.unknown == 1
    with pytest.raises(TooLittle, match="profit per customer is unknown"):
        cost_to_serve("", customers)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=20))
def test_the_curve_is_concave_and_ends_at_the_total(rows: list[tuple[int, int]]) -> None:
    margin, cost = np.array(rows, float).T
    found = whale_curve(margin, cost, draws=5)
    assert found.total == pytest.approx(found.peak + found.loss)
    assert found.curve["profit"].iloc[-1] == pytest.approx(found.total)
    assert (np.diff(found.curve["profit"], 2) <= 1e-8).all()


def test_a_negative_cost_is_refused() -> None:
    with pytest.raises(DataError, match="first: row 1"):
        whale_curve([1, 1], [1, -1])
    with pytest.raises(DataError, match="2 margins and 1 costs"):
        whale_curve([1, 1], [1])
