"""Distinct histories stand for all customers."""

from __future__ import annotations

import numpy as np
import pandas as pd

import goodwill as gw
from goodwill.lifetime_value.gamma_gamma_with_first import GammaGammaWithFirst
from goodwill.lifetime_value.histories import distinct_histories, history, per_distinct, spend_history, told_spend
from goodwill.lifetime_value.returns import chance_of_keeping

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
    assert (found["spend"].to_list(), found["spend_frequency"].to_list()) == ([0, 0, 19], [0, 1, 2])
    whole = SPEND.expected_spend(*spend_history(CUSTOMERS)).sum()
    parts = found["weight"].to_numpy() @ SPEND.expected_spend(found["spend_frequency"].to_numpy(), found["spend"].to_numpy())
    np.testing.assert_allclose(parts, whole, rtol=1e-12)


def test_groups_are_kept_apart() -> None:
    found = distinct_histories(CUSTOMERS, ["a", "a", "b", "a", "b"])
    assert found[found["frequency"] == 2][["group", "spend", "weight"]].to_numpy().tolist() == [["a", 13.5, 2], ["b", 30, 1]]


def test_who_returned_everything_has_bought_for_nothing_and_who_is_not_known_is_like_the_average() -> None:
    frequency, spend = spend_history(CUSTOMERS)
    assert (frequency.tolist(), spend.tolist()) == ([0, 2, 2, 2, 1], [0, 20, 30, 7, 0])
    unknown = spend_history(CUSTOMERS.assign(monetary_value=np.nan))
    assert (unknown[0].tolist(), unknown[1].tolist()) == ([0] * 5, [0] * 5)


def test_who_gave_back_all_is_expected_to_bring_the_mean_times_the_chance_of_keeping() -> None:
    base = pd.DataFrame({"frequency": [0, 2, 0, 2], "monetary_value": [0.0, 0.0, 0.0, 20.0], "spend": [0.0, 0.0, 9.0, 50.0]})
    customers = base.loc[np.repeat(np.arange(4), [30, 30, 70, 70])].assign(returned=lambda t: np.where(t["spend"] > 0, 0.0, 40.0))
    nothing = customers["spend"] == 0
    kept = chance_of_keeping(customers["frequency"] + 1, nothing)
    for model in (SPEND, GammaGammaWithFirst(p=3.12, q=4.43, gamma=37.3, p0=4.26, k=1.44)):
        expected = model.expected_spend(*spend_history(customers, model))
        np.testing.assert_allclose(expected[nothing], kept[nothing] * model.expected_spend(0, 0.0), rtol=1e-3)
    assert kept[nothing].max() < 0.05


def test_the_first_amount_is_what_the_repeat_purchases_leave() -> None:
    customers = CUSTOMERS.assign(spend=[7.0, 65.0, 60.0, 14.0, -5.0])
    model = GammaGammaWithFirst(p=3.12, q=4.43, gamma=37.3, p0=4.26, k=1.44)
    assert spend_history(customers, model)[2].tolist() == [7, 25, 0, 0, 0]
    found = distinct_histories(customers, model=model)
    parts = found["weight"].to_numpy() @ model.expected_spend(*told_spend(found))
    np.testing.assert_allclose(parts, model.expected_spend(*spend_history(customers, model)).sum(), rtol=1e-12)


def test_what_depends_on_frequency_and_length_is_computed_once_for_each() -> None:
    asked = []

    def f(t: np.ndarray, x: np.ndarray, T: np.ndarray) -> np.ndarray:
        asked.append(len(x))
        return t * x + T

    x, _, T = history(CUSTOMERS)
    assert np.array_equal(per_distinct(f, 2.0, x, T), 2 * x + T)
    assert asked == [3]
