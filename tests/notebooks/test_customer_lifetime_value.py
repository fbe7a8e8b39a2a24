"""The lifetime-value notebook as its users run it: by papermill and by the command line, on a file of their own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.notebooks.running import NOTEBOOKS, Report, goodwill_run, papermill_run

import goodwill as gw

NOTEBOOK = NOTEBOOKS / "01_customer_lifetime_value.ipynb"
OWN = ("data=bestellungen.csv", "customer_id=Kunde", "date=Kaufdatum", "amount=Betrag")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the CDNOW sample as a German shop would export it; one id is an attack on the page."""
    folder = tmp_path_factory.mktemp("shop")
    log = gw.read_transactions("cdnow_sample").to_pandas()
    most_valuable = "20111"
    assert most_valuable in set(log["customer_id"])
    log["customer_id"] = log["customer_id"].replace({most_valuable: "<script>alert(1)</script>"})
    written = log["amount"].astype(float).map(lambda money: f"{money:.2f}".replace(".", ","))
    frame = log.assign(Kunde=log["customer_id"], Kaufdatum=log["date"].map(lambda day: f"{day:%d.%m.%Y}"), Betrag=written)
    frame[["Kunde", "Kaufdatum", "Betrag"]].to_csv(folder / "bestellungen.csv", sep=";", index=False)
    return folder


@pytest.fixture(scope="module")
def report(shop: Path) -> Report:
    """A report of that file by `goodwill run`, from its own folder, with ids shown."""
    return goodwill_run("customer_lifetime_value", shop, *OWN, "show_customer_ids=true")


def test_recorded_results_of_the_cdnow_sample(report: Report) -> None:
    results = report.results
    assert results["customers"]["value"] == 2357
    assert results["published_agree"]["value"] == "8 of 8"
    assert results["holdout_actual"]["value"] == 1882
    assert results["holdout_forecast"]["value"] == pytest.approx(1653.4, abs=0.1)
    assert results["holdout_forecast"]["interval"] == [pytest.approx(1456, abs=25), pytest.approx(1863, abs=25)]
    assert results["frequency_p_value"]["value"] == pytest.approx(0.35, abs=0.15)
    assert results["holdout_best_rule"]["value"] == "hiatus"
    assert results["once_actual"]["value"] == pytest.approx(0.2367, abs=1e-4)
    assert results["once_expected"]["value"] == pytest.approx(0.2251, abs=1e-4)
    assert results["money_best_rule"]["value"] == "hiatus"
    low, high = results["total_value"]["interval"]
    assert low < results["total_value"]["value"] < high


def test_the_page_says_that_the_interval_misses(report: Report) -> None:
    assert "The interval misses them" in report.page


def test_an_id_that_is_markup_appears_as_text(report: Report) -> None:
    assert "<script>alert" not in report.page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in report.page


@pytest.mark.slow
def test_plain_papermill_from_any_directory_gives_the_same_results_with_ids_masked(shop: Path, report: Report) -> None:
    assert papermill_run(NOTEBOOK, shop, *OWN) == report.value
    assert "alert(1)" not in (shop / "out.ipynb").read_text("utf8")


def test_the_prose_of_the_notebook_is_right_for_every_model() -> None:
    cells = json.loads(NOTEBOOK.read_text("utf8"))["cells"]
    prose = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown" and "References" not in "".join(cell["source"])]
    for model in gw.PURCHASE_MODELS:
        assert [text for text in prose if model in text] == []
