"""Distinct histories stand for all customers."""

from __future__ import annotations

import numpy as np
import pandas as pd

import goodwill as gw
from goodwill.lifetime_value.histories import distinct_histories, history, per_distinct, spend_history

CUSTOMERS = pd.DataFrame(
    {
        "frequency": [0, 2, 2, 2, 1],
        "recency": [0.0, 9.0, 9.0, 9.0, 4.0],
        "T": [10.0, 12.0, 12.0, 12.0, 8.0],
        "monetary_value": [np.nan, 20.0, 30.0, 7.0, -5.0],
    },
    index=[9, 8, 7, 6, 5],
)
SPEND = gw.GammaGamma(p=6.25, q=3.74, gamma=15.44)


def test_equal_histories_are_one_row_with_their_mean_spend() -> None:
    found = distinct_histories(CUSTOMERS)
    assert found["weight"].to_list() == [1, 1, 3]
    assert found["spend"].to_list() == [0, 0, 19]
    whole = SPEND.expected_spend(*spend_history(CUSTOMERS)).sum()
    parts = found["weight"].to_numpy() @ SPEND.expected_spend(found["spend_frequency"].to_numpy(), found["spend"].to_numpy())
    np.testing.assert_allclose(parts, whole, rtol=1e-12)


def test_groups_are_kept_apart() -> None:
    found = distinct_histories(CUSTOMERS, ["a", "a", "b", "a", "b"])
    assert found[found["frequency"] == 2][["group", "spend", "weight"]].to_numpy().tolist() == [["a", 13.5, 2], ["b", 30, 1]]


def test_who_returned_everything_is_like_the_average_customer() -> None:
    frequency, spend = spend_history(CUSTOMERS)
    assert (frequency.tolist(), spend.tolist()) == ([0, 2, 2, 2, 0], [0, 20, 30, 7, 0])


def test_what_depends_on_frequency_and_length_is_computed_once_for_each() -> None:
    asked = []

    def f(t: np.ndarray, x: np.ndarray, T: np.ndarray) -> np.ndarray:
        asked.append(len(x))
        return t * x + T

    x, _, T = history(CUSTOMERS)
    assert np.array_equal(per_distinct(f, 2.0, x, T), 2 * x + T)
    assert asked == [3]
