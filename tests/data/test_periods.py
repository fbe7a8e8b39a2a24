"""Purchases per window and paths of states: counted by the engine as a plain loop over the rows would."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodwill.data.periods import buyer_quantiles, count_paths, customers_by_window, purchases_by_window, window_edges
from goodwill.data.reading.sources import read_transactions
from goodwill.data.tables import Transactions
from goodwill.errors import DataError

START = date(2024, 1, 31)
QUARTERS = window_edges(date(1997, 1, 1), days=91, n=6)


def _log(rows: list[tuple[str, int, float]], returns: str = "net") -> Transactions:
    frame = pd.DataFrame(rows, columns=["customer_id", "day", "amount"])
    frame["date"] = pd.to_datetime([START + timedelta(days=d) for d in frame.pop("day")])
    return read_transactions(frame, returns=returns)


@pytest.fixture(scope="module")
def cdnow() -> Transactions:
    return read_transactions("cdnow")


def test_windows_hold_their_first_day_and_not_the_next_windows_first_day() -> None:
    log = _log([("a", 0, 1.0), ("a", 9, 2.0), ("a", 10, 4.0), ("a", 20, 8.0)])
    found = purchases_by_window(log, window_edges(START, days=10, n=2)).order_by("window").to_pandas()
    assert found[["window", "orders", "spend"]].to_numpy().tolist() == [[0, 2, 3.0], [1, 1, 4.0]]


def test_purchases_of_one_day_are_one_order_and_a_day_of_returns_is_none() -> None:
    log = _log([("a", 0, 5.0), ("a", 0, 6.0), ("a", 3, -2.0), ("b", 1, -1.0), ("b", 1, 3.0)])
    found = purchases_by_window(log, window_edges(START, days=10, n=1)).order_by("customer_id").to_pandas()
    assert found[["orders", "spend"]].to_numpy().tolist() == [[1, 9.0], [1, 2.0]]


def test_every_purchase_of_cdnow_lies_in_one_of_six_quarters(cdnow: Transactions) -> None:
    found = purchases_by_window(cdnow, QUARTERS)
    totals = found.aggregate(orders=found.orders.sum(), spend=found.spend.sum()).to_pandas().iloc[0]
    assert totals.orders == 67_591
    assert totals.spend == pytest.approx(2_500_315.63)


def test_paths_count_every_customer_of_cdnow_once_and_keep_all_money(cdnow: Transactions) -> None:
    paths = count_paths(cdnow, QUARTERS, [26.56, 59.93])
    assert paths["customers"].sum() == 23_570
    assert paths.filter(regex="^spend_").to_numpy().sum() == pytest.approx(2_500_315.63)
    assert not paths.duplicated([f"state_{k}" for k in range(6)]).any()


def test_cut_points_between_equal_values_are_that_value(cdnow: Transactions) -> None:
    assert buyer_quantiles(purchases_by_window(cdnow, QUARTERS), 1, [1 / 3, 2 / 3]) == [26.56, 59.93]


def test_a_customer_is_not_there_before_the_first_purchase_even_if_that_was_long_ago() -> None:
    log = _log([("old", 0, 1.0), ("new", 25, 1.0)])
    paths = count_paths(log, window_edges(START + timedelta(days=10), days=10, n=2), [])
    assert paths[["state_0", "state_1", "customers"]].to_numpy().tolist() == [[-1, 1, 1], [0, 0, 1]]


rows = st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 39), st.integers(-3, 9).map(float)), min_size=1, max_size=25).filter(
    lambda log: any(amount >= 0 for _, _, amount in log)
)


@pytest.mark.slow
@given(rows)
def test_paths_equal_a_plain_loop(log: list[tuple[str, int, float]]) -> None:
    edges = window_edges(START, days=10, n=4)
    counted = count_paths(_log(log), edges, [4.0])
    found = {tuple(row[:4]): row[4] for row in counted.iloc[:, :5].to_numpy().astype(int).tolist()}
    assert found == _plain_paths(log)


def _plain_paths(log: list[tuple[str, int, float]]) -> dict[Any, int]:
    found: dict[Any, int] = {}
    for name in {name for name, _, _ in log}:
        bought = [day for who, day, amount in log if who == name and amount >= 0]
        if not bought:
            continue
        path = []
        for k in range(4):
            spent = sum(amount for who, day, amount in log if who == name and day // 10 == k)
            path.append(-1 if min(bought) >= 10 * (k + 1) else 0 if spent <= 0 else 1 if spent <= 4 else 2)
        found[tuple(path)] = found.get(tuple(path), 0) + 1
    return found


@pytest.mark.slow
def test_wide_table_agrees_with_the_paths(cdnow: Transactions) -> None:
    wide = customers_by_window(cdnow, QUARTERS)
    assert wide.shape == (23_570, 6)
    paths = count_paths(cdnow, QUARTERS, [26.56, 59.93])
    assert np.allclose(wide.sum(), paths.filter(regex="^spend_").sum())


def test_orders_make_states_without_money() -> None:
    frame = pd.DataFrame({"customer_id": ["a", "a", "b"], "date": pd.to_datetime(["2024-01-31", "2024-02-02", "2024-02-20"])})
    counted = count_paths(read_transactions(frame), window_edges(START, days=10, n=2), [1.0], by="orders")
    assert counted.to_numpy().tolist() == [[2, 0, 1]]  # "b" first buys after the last window


def test_bad_windows_and_cuts_are_refused(cdnow: Transactions) -> None:
    with pytest.raises(DataError, match="increasing dates"):
        purchases_by_window(cdnow, [date(1998, 1, 1), date(1997, 1, 1)])
    with pytest.raises(DataError, match="positive and increase"):
        count_paths(cdnow, QUARTERS, [20.0, 10.0])
    with pytest.raises(DataError, match=r"no customer of .* buys before"):
        count_paths(cdnow, window_edges(date(1990, 1, 1), days=91, n=2), [])
    with pytest.raises(DataError, match="nobody bought in window 7"):
        buyer_quantiles(purchases_by_window(cdnow, QUARTERS), 7, [0.5])
    with pytest.raises(DataError, match="too many equal values"):
        buyer_quantiles(purchases_by_window(cdnow, QUARTERS), 1, [0.1, 0.2], by="orders")
    with pytest.raises(DataError, match="by='margin'"):
        buyer_quantiles(purchases_by_window(cdnow, QUARTERS), 1, [0.1], by="margin")
