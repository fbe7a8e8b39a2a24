"""Purchases before and after cases, joined in the engine, beside a loop over the cases."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodwill.data.purchases_around import purchases_around
from goodwill.data.reading.sources import read_transactions
from goodwill.errors import DataError

START = pd.Timestamp("2025-01-01")


@pytest.mark.slow
@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 60), st.sampled_from([5.0, 0.0, -2.0])), min_size=1, max_size=30),
    st.lists(st.tuples(st.sampled_from("abcx"), st.integers(0, 60)), min_size=1, max_size=8),
)
def test_counts_are_those_of_a_loop(rows: list[tuple[str, int, float]], cases: list[tuple[str, int]]) -> None:
    log = pd.DataFrame(rows, columns=["customer_id", "day", "amount"])
    log["date"] = START + pd.to_timedelta(log["day"], unit="D")
    log.loc[len(log)] = ["c", 70, 1.0, START + pd.Timedelta(days=70)]
    asked = pd.DataFrame(cases, columns=["customer_id", "day"], index=[f"case {i}" for i in range(len(cases))])
    asked["opened"] = START + pd.to_timedelta(asked["day"], unit="D")
    found = purchases_around(read_transactions(log.drop(columns="day")), asked, within=14)
    bought = log[log["amount"] >= 0].groupby("customer_id")["day"].unique()
    for name, case in asked.iterrows():
        days = bought.get(case["customer_id"], [])
        row = found.loc[name]
        assert (row["before"], row["after"]) == (sum(d <= case["day"] for d in days), sum(0 < d - case["day"] <= 14 for d in days))
        assert row["seen"] == bool(len(days))
        assert row["watched"] == (case["day"] + 14 <= 70)
        if row["before"]:
            assert row["latest"] == START + pd.Timedelta(days=int(max(d for d in days if d <= case["day"])))


def test_ids_of_another_type_belong_to_nobody_or_to_the_same_number() -> None:
    log = read_transactions(pd.DataFrame({"customer_id": [1, 2], "date": [START, START]}))
    cases = pd.DataFrame({"customer_id": ["1", "x"], "opened": [START, START]})
    assert purchases_around(log, cases)["seen"].tolist() == [True, False]


@pytest.mark.slow
def test_what_is_missing_is_named() -> None:
    log = read_transactions("cdnow_sample")
    with pytest.raises(DataError, match="no column 'closed'"):
        purchases_around(log, pd.DataFrame({"customer_id": [1]}), day="closed")
    with pytest.raises(DataError, match="at least one day"):
        purchases_around(log, pd.DataFrame({"customer_id": [1], "opened": [START]}), within=0)
