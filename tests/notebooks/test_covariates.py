"""The reports on segments with what is told of customers: named on the page, missing where it is missing, refused in one sentence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.notebooks.sweep import faults, run

from goodwill.simulate import company


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Orders of 700 customers: those who came through the web buy more often; of 28 nobody knows how they came; one region for all."""
    sold = company(700, 104, seed=4).transactions[["customer_id", "date", "amount"]]
    number = sold["customer_id"].rank(method="dense").astype(int)
    often = sold.groupby("customer_id")["date"].transform("size") + np.random.default_rng(1).integers(0, 5, 701)[number] > 5
    told = pd.Series(np.where(often, "web", "shop"), sold.index).where(number % 25 > 0)
    path = tmp_path_factory.mktemp("shop") / "orders.csv"
    sold.assign(channel=told, region="north").to_csv(path, index=False)
    return path


@pytest.mark.long
@pytest.mark.parametrize("number", ["04", "08"])
def test_values_go_with_the_channel_and_the_page_says_so(shop: Path, number: str) -> None:
    plain, done = run(number, data=str(shop)), run(number, data=str(shop), covariates=["channel"])
    assert not done.stopped and not faults(number, done)
    said = "Rates and leaving go with channel. channel is not stated of 4% of the customers, who form a level of their own."
    assert said in done.said and said not in plain.said
    assert done["best_ahead"] != plain["best_ahead"] and done["best_ahead"] == pytest.approx(plain["best_ahead"], rel=0.2)
    assumed = str(done.shown["table", "assumptions"]["csv"] if ("table", "assumptions") in done.shown else done.shown)
    assert "whose rates and leaving go with channel" in assumed


@pytest.mark.slow
@pytest.mark.parametrize("number", ["04", "08"])
def test_what_cannot_be_told_stops_in_one_sentence(shop: Path, number: str) -> None:
    same, unknown = (run(number, data=str(shop), covariates=[name]).stopped for name in ("region", "chanel"))
    assert same == "the covariate 'region' is 'north' for every customer, so nothing can go with it; leave it out."
    assert unknown == (
        "orders.csv has no column 'chanel' that could say something of customers; its columns are customer_id, date, amount, channel, "
        "region."
    )
