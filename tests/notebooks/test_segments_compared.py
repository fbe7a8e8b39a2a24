"""The notebook on segments compared as its users run it: on CDNOW, with every scheme, and on a file that is too small for it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from goodwill.simulate import company

BIN = Path(sys.executable).parent
BUILT, THIN = 0, 3


def goodwill_run(folder: Path, *parameters: str, status: int = BUILT) -> dict[str, dict[str, Any]]:
    """Results of a report that is built from `folder`."""
    named = [part for given in parameters for part in ("-p", *given.split("=", 1))]
    command = [str(BIN / "goodwill"), "run", "segments_compared", *named, "--out", "report"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == status, done.stderr
    return json.loads((folder / "report" / "results.json").read_text("utf8"))


@pytest.fixture(scope="module")
def cdnow(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, dict[str, Any]]]:
    folder = tmp_path_factory.mktemp("cdnow")
    return folder / "report", goodwill_run(folder)


def test_reference_numbers_of_cdnow(cdnow: tuple[Path, dict[str, dict[str, Any]]]) -> None:
    results = cdnow[1]
    value = {name: result["value"] for name, result in results.items()}
    assert (value["first_part"], value["last_part"]) == (135, 10_025)
    shares = [value[f"top_by_{name}"] for name in ("value", "spend", "frequency", "recency")]
    assert shares == [pytest.approx(share, abs=0.001) for share in (0.516, 0.498, 0.477, 0.433)]
    assert [round(value[f"top_{name}"]) for name in ("before", "at", "after")] == [109, 172, 97]
    assert value["high_stays"] == pytest.approx(0.358, abs=0.001)
    assert (value["markov_ratio"], value["model_ratio"]) == (pytest.approx(0.975, abs=0.005), pytest.approx(0.83, abs=0.005))
    low, high = results["value_over_spend"]["interval"]
    assert 0 < low < value["value_over_spend"] < high < 5


def test_every_figure_is_there_and_the_page_says_what_no_strategy_can_claim(cdnow: tuple[Path, dict[str, dict[str, Any]]]) -> None:
    drawn = {path.stem for path in (cdnow[0] / "figures").glob("*.svg")}
    assert drawn == {"top_tenth", "gains", "deciles", "churn", "causes", "migration", "movement", "regression"}
    tables = {path.stem for path in (cdnow[0] / "tables").glob("*.csv")}
    assert tables >= {"stability", "usefulness", "ranking", "deciles", "activity", "migration", "states", "markov", "markov_holdout"}
    page = (cdnow[0] / "report.html").read_text("utf8")
    assert "credit no strategy" in page and "a chain of order 1 is rejected" in page


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


def test_with_files_of_their_own(shop: Path) -> None:
    results = goodwill_run(shop, *OWN, "causes=gruende.csv", "scheme=abc")
    assert 0 < results["churn"]["value"] < 1 and results["high_stays"]["value"] > 0
    assert "2 of 3 causes make 85% of the cases" in (shop / "report" / "report.html").read_text("utf8")


def test_too_few_customers_get_the_reason(shop: Path, tmp_path: Path) -> None:
    log = pd.read_csv(shop / "kaeufe.csv", sep=";")
    log[log["Kunde"] <= 40].to_csv(tmp_path / "wenige.csv", sep=";", index=False)
    results = goodwill_run(tmp_path, "data=wenige.csv", *OWN[1:], status=THIN)
    assert results["top_by_value"]["value"] is None and results["markov_ratio"]["value"] is None
    assert results["top_by_value"]["reason"] == "Left out here: 40 customers are fewer than 500."
    assert "40 customers are fewer than 500" in (tmp_path / "report" / "report.html").read_text("utf8")


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["sales_decile", "count_decile", "target_groups", "pyramid", "hiatus"])
def test_with_every_scheme(shop: Path, tmp_path: Path, scheme: str) -> None:
    results = goodwill_run(tmp_path, f"data={shop / 'kaeufe.csv'}", *OWN[1:], f"scheme={scheme}")
    assert 0 <= results["stability"]["value"] <= 1 and results["top_by_value"]["value"] > 0.1
