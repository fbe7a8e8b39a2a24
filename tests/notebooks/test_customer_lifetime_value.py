"""The lifetime-value notebook as its users run it: by papermill and by the command line, on a file of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import goodwill as gw

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = ROOT / "notebooks" / "01_customer_lifetime_value.ipynb"
BIN = Path(sys.executable).parent


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
def report(shop: Path) -> Path:
    """A report of that file by `goodwill run`, from its own folder, with ids shown."""
    columns = ["-p", "customer_id", "Kunde", "-p", "date", "Kaufdatum", "-p", "amount", "Betrag", "-p", "show_customer_ids", "true"]
    command = [str(BIN / "goodwill"), "run", "customer_lifetime_value", "-p", "data", "bestellungen.csv", *columns, "--out", "report"]
    done = subprocess.run(command, cwd=shop, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return shop / "report"


def test_recorded_results_of_the_cdnow_sample(report: Path) -> None:
    results = json.loads((report / "results.json").read_text("utf8"))
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


def test_the_page_says_that_the_interval_misses(report: Path) -> None:
    assert "The interval misses them" in (report / "report.html").read_text("utf8")


def test_an_id_that_is_markup_appears_as_text(report: Path) -> None:
    page = (report / "report.html").read_text("utf8")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_plain_papermill_from_any_directory_gives_the_same_results_with_ids_masked(shop: Path, report: Path) -> None:
    parameters = ["-p", "data", "bestellungen.csv", "-p", "customer_id", "Kunde", "-p", "date", "Kaufdatum", "-p", "amount", "Betrag"]
    done = subprocess.run([str(BIN / "papermill"), str(NOTEBOOK), "out.ipynb", *parameters], cwd=shop, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    text = (shop / "out.ipynb").read_text("utf8")
    assert "alert(1)" not in text
    recorded = {}
    for cell in json.loads(text)["cells"]:
        for output in cell.get("outputs", []):
            result = output.get("data", {}).get("application/vnd.goodwill.result+json", {})
            if result.get("kind") == "record":
                recorded[result["name"]] = result["value"]
    results = json.loads((report / "results.json").read_text("utf8"))
    assert recorded == {name: result["value"] for name, result in results.items() if name != "schema"}


def test_the_prose_of_the_notebook_is_right_for_every_model() -> None:
    cells = json.loads(NOTEBOOK.read_text("utf8"))["cells"]
    prose = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown" and "References" not in "".join(cell["source"])]
    for model in gw.PURCHASE_MODELS:
        assert [text for text in prose if model in text] == []
