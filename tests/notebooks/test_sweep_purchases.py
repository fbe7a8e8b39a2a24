"""The notebooks that read purchases on purchases that lack something: a report that keeps its promises, or one plain sentence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from tests.notebooks.sweep import faults, run

FILES = Path(__file__).resolve().parents[1] / "data" / "files" / "transactions"


def purchases(folder: Path) -> Iterator[tuple[str, Path]]:
    """The plain shop with one price, all repeat buyers equally often, without money, with amounts of nothing and of 1e13."""
    plain = pd.read_csv(FILES / "00_plain.csv")
    often = plain.sort_values("date").groupby("customer_id").head(3)
    ids = plain["customer_id"].unique()
    made = {
        "one price": plain.assign(amount=10.0),
        "equally often": often[often.groupby("customer_id")["date"].transform("size") == 3],
        "zero amounts": plain.assign(amount=0.0),
        "amounts of 1e13": plain.assign(amount=plain["amount"] * 1e11),
        "returns alone": plain.assign(amount=-plain["amount"]),
        "no money": plain.drop(columns="amount"),
        "eight customers": plain[plain["customer_id"].isin(ids[:8])],
        "one customer": plain[plain["customer_id"].isin(ids[:1])],
        "one day": plain.assign(date="2023-05-05"),
    }
    for name, table in made.items():
        table.to_csv(folder / f"{name.replace(' ', '_')}.csv", index=False)
        yield name, folder / f"{name.replace(' ', '_')}.csv"
    for name in ("20_spend_without_a_mean", "16_all_bought_once", "38_nobody_came_back_twice", "43_three_prices"):
        yield name, FILES / f"{name}.csv"


@pytest.mark.long
@pytest.mark.parametrize("number", ["01", "04", "06", "08", "09", "10"])
def test_purchases_that_lack_something_are_reported_or_refused(number: str, tmp_path: Path) -> None:
    found = {name: faults(number, run(number, data=str(path))) for name, path in purchases(tmp_path)}
    assert {name: said for name, said in found.items() if said} == {}
