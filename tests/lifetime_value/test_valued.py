"""Customers with their value: from models where they can be fitted, from past spend where not; and small tables beside the purchases."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import goodwill as gw
from goodwill.data.side_tables import read_side_table
from goodwill.errors import DataError, FitError, TooLittle

TERMS = gw.ValueTerms(39, 0.3, 0.15, "week")


@pytest.fixture(scope="module")
def valued():
    summary = gw.summarize_purchases(gw.read_transactions("cdnow_sample"), calibration_end="1997-09-30")
    return gw.lifetime_value.value_customers(summary, gw.BetaGeoNBD, TERMS)


def test_the_value_is_that_of_the_lifetime_value_report(valued) -> None:
    expected = gw.customer_value(valued.purchases.model, valued.spend.model, valued.customers, TERMS)["value"]
    assert np.allclose(valued.customers["value"], expected)
    assert valued.note == ""


def test_without_a_model_the_value_is_the_margin_of_past_spend_and_says_so() -> None:
    once = pd.DataFrame({"customer_id": [1, 2, 3], "date": ["2024-01-01", "2024-01-05", "2024-02-01"], "amount": [10.0, 20.0, 40.0]})
    found = gw.lifetime_value.value_customers(gw.summarize_purchases(gw.read_transactions(once)), gw.BetaGeoNBD, TERMS)
    assert found.purchases is None
    assert found.customers["value"].tolist() == pytest.approx([3.0, 6.0, 12.0])
    assert "No purchase model could be fitted" in found.note
    with pytest.raises(TooLittle, match="No purchase model"):
        gw.lifetime_value.iso_value_grid(found)


@pytest.mark.slow
def test_the_purchases_choose_the_model_unless_one_is_given(valued) -> None:
    assert (valued.purchase_model, valued.chosen) == ("BG/NBD", False)
    bought = gw.ParetoNBD(0.8, 8.0, 0.6, 25.0).simulate(np.full(4_000, 90.0), seed=3)
    summary = gw.summarize_purchases(gw.read_transactions("cdnow_sample"))
    found = gw.lifetime_value.value_customers(summary, None, TERMS)
    likelihoods = {name: model.fit(summary).log_likelihood for name, model in gw.PURCHASE_MODELS.items()}
    assert (found.purchase_model, found.chosen) == (max(likelihoods, key=likelihoods.__getitem__), True)
    chosen = gw.lifetime_value.choose_purchases(bought)
    assert chosen.name == "Pareto/NBD" and chosen.weight > 0.9


@pytest.mark.slow
def test_where_no_purchase_model_can_be_fitted_none_is_chosen() -> None:
    nobody = pd.DataFrame({"frequency": [0.0], "recency": [0.0], "T": [10.0]})
    with pytest.raises(FitError):
        gw.lifetime_value.choose_purchases(nobody)
    once = pd.DataFrame({"customer_id": [1, 2, 3], "date": ["2024-01-01", "2024-01-05", "2024-02-01"], "amount": [10.0, 20.0, 40.0]})
    found = gw.lifetime_value.value_customers(gw.summarize_purchases(gw.read_transactions(once)), None, TERMS)
    assert (found.purchases, found.purchase_model, found.chosen) == (None, "", False)


def test_lines_of_equal_value_bend_back(valued) -> None:
    grid = gw.lifetime_value.iso_value_grid(valued)
    assert grid.shape == (20, 60)
    assert (grid.diff(axis=1).iloc[:, 1:] > 0).all(axis=None)  # a later last purchase is always worth more
    assert grid[grid.columns[30]].idxmax() < 20  # and many purchases before a long silence are not


def test_a_side_table_is_read_by_the_names_of_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "costs.csv"
    path.write_text("customer_id;note;cost\n007;x;1.5\n8;y;0\n", "utf8")
    table = read_side_table(path, texts=["customer_id", "segment"], numbers=["cost"], optional=["segment"])
    assert table["customer_id"].tolist() == ["007", "8"]
    assert table["cost"].tolist() == [1.5, 0.0]
    with pytest.raises(DataError, match="cause"):
        read_side_table(path, texts=["cause"])
    path.write_text("customer_id,cost\n7,1.5\n8,\n", "utf8")
    with pytest.raises(DataError, match=r"column .cost. of costs\.csv holds no number in 1 of 2 rows"):
        read_side_table(path, texts=["customer_id"], numbers=["cost"])
