"""Purchases by group: the same rows as of each group by itself, and customers of two groups are two."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from goodwill.data.purchases import summarize_purchases
from goodwill.data.purchases_by_group import groups_of, named_groups, read_by_group
from goodwill.data.reading.sources import read_transactions
from goodwill.errors import DataError

LINES = [f"00{n % 7};0{n % 9 + 1}.03.2024;{n},5;{('no', ' so ', '')[n % 3]}" for n in range(1, 60)]
ABOUT = {"customer_id": "id", "date": "day", "amount": "paid", "date_format": "%d.%m.%Y", "decimal": ","}


@pytest.fixture
def shops(tmp_path: Path) -> str:
    path = tmp_path / "all.csv"
    path.write_text("\n".join(["id;day;paid;shop", *LINES]))
    return str(path)


@pytest.mark.slow
def test_each_group_has_the_histories_that_it_has_by_itself(shops: str, tmp_path: Path) -> None:
    every = summarize_purchases(read_by_group(shops, "shop", **ABOUT), unit="day", end="2024-03-20").to_pandas()
    labels = groups_of(every["customer_id"])
    assert sorted(labels.unique()) == ["(empty)", "no", "so"]
    for k, name in enumerate(("no", "so", "(empty)")):
        own = tmp_path / f"{k}.csv"
        own.write_text("\n".join(["id;day;paid;shop", *(line for n, line in enumerate(LINES, 1) if n % 3 == k)]))
        alone = summarize_purchases(read_transactions(str(own), **ABOUT), unit="day", end="2024-03-20").to_pandas()
        columns = ["frequency", "recency", "T", "monetary_value", "spend"]
        pd.testing.assert_frame_equal(every[(labels == name).to_numpy()][columns].reset_index(drop=True), alone[columns])


def test_groups_are_named_in_order_and_the_source_is_that_of_the_file(shops: str) -> None:
    read = read_by_group(shops, "shop", **ABOUT)
    assert named_groups(read) == ["(empty)", "no", "so"]
    assert read.source == "all.csv"


@pytest.mark.slow
def test_rows_without_a_customer_are_of_nobody_in_every_group() -> None:
    log = pd.DataFrame({"customer_id": ["a", "n/a", None, "b", "?x"], "date": "2024-03-01", "amount": 1.0, "shop": list("xxyyy")})
    log.loc[4, ["customer_id", "date"]] = ["a", "2024-03-04"]
    assert len(read_by_group(log, "shop").to_pandas()) == 3
    assert len(read_by_group(log, "shop", missing=["b"]).to_pandas()) == 2


def test_a_column_that_is_not_there_or_holds_the_customers_is_refused(shops: str) -> None:
    with pytest.raises(DataError, match=r"all.csv has no column 'shp' \(group='shp'\). Did you mean group='shop'"):
        read_by_group(shops, "shp", **ABOUT)
    with pytest.raises(DataError, match=r"column 'id' of all.csv holds the customers and cannot be their group too; name another one\."):
        read_by_group(shops, "id", **ABOUT)
