"""The notebook on segments compared as its users run it: on CDNOW, with every scheme, and on a file that is too small for it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from tests.notebooks.running import THIN, Report, goodwill_run

from goodwill.simulate import company

NAME = "segments_compared"


@pytest.fixture(scope="module")
def cdnow(tmp_path_factory: pytest.TempPathFactory) -> Report:
    return goodwill_run(NAME, tmp_path_factory.mktemp("cdnow"))


@pytest.mark.slow
def test_reference_numbers_of_cdnow(cdnow: Report) -> None:
    value = cdnow.value
    assert (value["first_part"], value["last_part"]) == (135, 10_025)
    shares = [value[f"top_by_{name}"] for name in ("value", "spend", "frequency", "recency")]
    assert shares == [pytest.approx(share, abs=0.001) for share in (0.523, 0.498, 0.477, 0.433)]
    assert [round(value[f"top_{name}"]) for name in ("before", "at", "after")] == [109, 172, 97]
    assert value["high_stays"] == pytest.approx(0.358, abs=0.001)
    assert (value["markov_ratio"], value["model_ratio"]) == (pytest.approx(0.974, abs=0.005), pytest.approx(0.776, abs=0.005))
    low, high = cdnow.results["value_over_spend"]["interval"]
    assert 0 < low < value["value_over_spend"] < high < 5


def hold_exhibits(report: Report) -> None:
    """Every figure is there, and the page says what no strategy can claim."""
    assert report.figures == {"top_tenth", "gains", "deciles", "churn", "causes", "migration", "movement", "regression"}
    tables = {"stability", "usefulness", "ranking", "deciles", "activity", "migration", "states", "markov", "markov_holdout"}
    assert report.tables >= tables
    assert "credit no strategy" in report.page


@pytest.mark.slow
def test_on_cdnow_every_figure_is_there_and_a_chain_of_order_1_is_rejected(cdnow: Report) -> None:
    hold_exhibits(cdnow)
    assert "a chain of order 1 is rejected" in cdnow.page


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A German shop of 700 customers with a log of losses."""
    folder = tmp_path_factory.mktemp("shop")
    sold = company(700, 104, seed=4)
    written = sold.transactions["amount"].map(lambda money: f"{money:.2f}".replace(".", ","))
    day = pd.to_datetime(sold.transactions["date"]).dt.strftime("%d.%m.%Y")
    frame = pd.DataFrame({"Kunde": sold.transactions["customer_id"], "Tag": day, "Betrag": written})
    frame.to_csv(folder / "kaeufe.csv", sep=";", index=False)
    pd.DataFrame({"cause": ["price"] * 12 + ["moved"] * 5 + ["service"] * 3}).to_csv(folder / "gruende.csv", index=False)
    return folder


OWN = ("data=kaeufe.csv", "customer_id=Kunde", "date=Tag", "amount=Betrag")


@pytest.mark.slow
def test_with_files_of_their_own(shop: Path) -> None:
    report = goodwill_run(NAME, shop, *OWN, "causes=gruende.csv", "scheme=abc")
    assert 0 < report.value["churn"] < 1 and report.value["high_stays"] > 0
    assert "2 of 3 causes make 85% of the cases" in report.page
    value = report.value
    assert 0 < value["markov_ratio"] < 2 and 0 < value["model_ratio"] < 2
    assert value["top_by_value"] > 0.1 and value["top_at"] > max(value["top_before"], value["top_after"])
    low, high = report.results["value_over_spend"]["interval"]
    assert low < value["value_over_spend"] < high
    hold_exhibits(report)


@pytest.mark.slow
def test_too_few_customers_get_the_reason(shop: Path, tmp_path: Path) -> None:
    log = pd.read_csv(shop / "kaeufe.csv", sep=";")
    log[log["Kunde"] <= 40].to_csv(tmp_path / "wenige.csv", sep=";", index=False)
    report = goodwill_run(NAME, tmp_path, "data=wenige.csv", *OWN[1:], status=(THIN,))
    assert report.value["top_by_value"] is None and report.value["markov_ratio"] is None
    assert report.results["top_by_value"]["reason"] == "Left out here: 40 customers are fewer than 500."
    assert "40 customers are fewer than 500" in report.page


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["sales_decile", "count_decile", "target_groups", "pyramid", "hiatus"])
def test_with_every_scheme(shop: Path, tmp_path: Path, scheme: str) -> None:
    value = goodwill_run(NAME, tmp_path, f"data={shop / 'kaeufe.csv'}", *OWN[1:], f"scheme={scheme}").value
    assert 0 <= value["stability"] <= 1 and value["top_by_value"] > 0.1
