"""Tenths of sales counted in the engine, beside the same rule on a frame of customers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodwill.data.purchases import summarize_purchases
from goodwill.data.reading.sources import read_transactions
from goodwill.data.sales_parts import sales_parts
from goodwill.errors import DataError
from goodwill.segments.schemes.deciles import sales_decile


def of(spends: list[float]) -> pd.DataFrame:
    log = pd.DataFrame({"customer_id": range(len(spends)), "date": pd.Timestamp("2025-01-01"), "amount": spends})
    log = pd.concat([log, pd.DataFrame({"customer_id": [0], "date": [pd.Timestamp("2025-03-01")], "amount": [0.0]})])
    return sales_parts(summarize_purchases(read_transactions(log)))


@pytest.mark.slow
def test_the_holdout_of_cdnow_shows_that_the_largest_stay_large() -> None:
    table = sales_parts(summarize_purchases(read_transactions("cdnow"), calibration_end="1997-09-30"))
    assert (table["spend_holdout"] / table["customers"]).round().tolist()[:4] == [693, 259, 142, 109]
    assert (table["active"] / table["customers"]).iloc[0] == pytest.approx(0.87, abs=0.005)
    assert table["sales"].sum() / 10 == pytest.approx(table["sales"].mean())


@pytest.mark.slow
@given(st.lists(st.sampled_from([0.0, 1.0, 2.5, 10.0, 10.0, 40.0, 333.33]), min_size=2, max_size=40).filter(any))
def test_the_rule_is_that_of_the_scheme(spends: list[float]) -> None:
    table = of(spends)
    assigned = sales_decile(pd.DataFrame({"spend": spends})).assign(pd.DataFrame({"spend": spends}))
    counts = pd.Series(assigned).value_counts()
    wanted = {int(name.rpartition(" ")[2]): int(count) for name, count in counts.items() if count}
    found = dict(zip(table["part"].tolist(), table["customers"].tolist(), strict=True))
    assert found == wanted
    assert np.all(np.diff(table["lowest"]) < 0)


def test_without_money_there_are_no_parts() -> None:
    with pytest.raises(DataError, match="spent anything"):
        of([0.0, 0.0])
    log = pd.DataFrame({"customer_id": [1, 2], "date": pd.to_datetime(["2025-01-01", "2025-01-05"])})
    with pytest.raises(DataError, match="has no money"):
        sales_parts(summarize_purchases(read_transactions(log)))
