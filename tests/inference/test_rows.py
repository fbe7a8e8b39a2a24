"""Impossible rows are refused with one sentence that names row and column."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import goodwill as gw
from goodwill.inference.rows import purchase_rows


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ({"frequency": [0, 1.5], "recency": [0, 1], "T": [2, 2]}, r"'frequency' holds 1.5 in row 1 \(1 such row of 2\)"),
        ({"frequency": [-1, 0], "recency": [1, 0], "T": [2, 2]}, "'frequency' holds -1.0 in row 0"),
        ({"frequency": [1, 2], "recency": [1, 3], "T": [2, 2]}, "'recency' holds 3.0 in row 1 .* later than the end"),
        ({"frequency": [0, 2], "recency": [1, 1], "T": [2, 2]}, "'recency' holds 1.0 in row 0 .* has recency 0"),
        ({"frequency": [np.nan, 2], "recency": [1, 1], "T": [2, 2]}, "'frequency' holds nan in row 0"),
        ({"frequency": ["one", 2], "recency": [1, 1], "T": [2, 2]}, "'frequency' holds one in row 0"),
        ({"frequency": [1, 0], "recency": [0, 0], "T": [0, 2]}, "'T' holds 0.0 in row 0"),
        ({"frequency": [1, 1], "T": [2, 2]}, "column 'recency' is missing"),
        ({"frequency": [1, 1], "recency": [1, 1], "T": [2, 2], "weight": [1, -1]}, "'weight' holds -1.0 in row 1"),
        ({"frequency": [1, 1], "recency": [1, 1], "T": [2, 2], "weight": [0, 0]}, "all weights are zero"),
        ({"frequency": [0, 0], "recency": [0, 0], "T": [2, 2]}, "no customer has a repeat purchase"),
        ({"frequency": [3], "recency": [1], "T": [2]}, "only one customer"),
        ({"frequency": [], "recency": [], "T": []}, "there are no rows"),
    ],
)
def test_impossible_data_are_refused_in_words(rows: dict, words: str) -> None:
    with pytest.raises(gw.FitError, match=words):
        gw.BetaGeoNBD.fit(pd.DataFrame(rows))


def test_rows_are_named_by_the_index_of_the_frame() -> None:
    frame = pd.DataFrame({"frequency": [0, -3], "recency": [0, 1], "T": [2, 2]}, index=["ann", "bob"])
    with pytest.raises(gw.FitError, match="in row bob"):
        purchase_rows(frame)


def test_equal_customers_become_one_row_with_their_number() -> None:
    frame = pd.DataFrame({"frequency": [1, 0, 1], "recency": [2, 0, 2], "T": [3, 3, 3]})
    assert purchase_rows(frame).to_numpy().tolist() == [[0, 0, 3, 1], [1, 2, 3, 2]]


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(3, 5), st.integers(0, 2)), min_size=1, max_size=12))
def test_rows_in_order_are_taken_as_they_are_and_others_put_in_order(rows: list[tuple[int, ...]]) -> None:
    """Whatever the order in which they come, rows are the distinct ones, sorted, with the sum of their weights."""
    frame = pd.DataFrame(rows, columns=["frequency", "recency", "T", "weight"])
    assume(frame["weight"].any())
    keys = ["frequency", "recency", "T"]
    expected = frame.groupby(keys)["weight"].sum()
    found = purchase_rows(frame)
    assert found.set_index(keys)["weight"].to_dict() == expected[expected > 0].to_dict()
    pd.testing.assert_frame_equal(purchase_rows(found), found)
    assert found[keys].to_numpy().tolist() == sorted(found[keys].to_numpy().tolist())


def test_groups_keep_equal_customers_apart_and_must_be_complete() -> None:
    frame = pd.DataFrame({"frequency": [1, 1], "recency": [2, 2], "T": [3, 3], "region": ["n", "s"]})
    assert len(purchase_rows(frame, group="region")) == 2
    with pytest.raises(gw.FitError, match="every customer needs a group"):
        purchase_rows(frame, group=["n", None])
