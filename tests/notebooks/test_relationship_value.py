"""The relationship notebook as its users run it: with files of their own, all of them or some, and with tables that do not fit."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from goodwill.simulate import answering_company

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "05_relationship_value.ipynb"
BIN = Path(sys.executable).parent
PURCHASES = {"data": "kaeufe.csv", "customer_id": "Kunde", "date": "Tag", "amount": "Betrag"}
SURVEY = {"survey": "umfrage.csv", "respondent_id": "Kunde", "satisfaction": "zufrieden", "scale": "1-10", "surveyed": "2025-06-30"}
LOG = {"complaints": "beschwerden.csv", "complaint_customer_id": "Kunde", "opened": "auf", "answered": "Antwort", "outcome": "Ergebnis"}
LEVERS = ("satisfaction_point", "recovered_complaint", "faster_hour", "retention_point")


def papermill(folder: Path, **parameters: str) -> subprocess.CompletedProcess[str]:
    named = [part for name, value in parameters.items() for part in ("-p", name, value)]
    command = [str(BIN / "papermill"), "--no-progress-bar", str(NOTEBOOK), "out.ipynb", *named]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def recorded(folder: Path) -> dict[str, dict[str, Any]]:
    outputs = [output.get("data", {}) for cell in _cells(folder) for output in cell.get("outputs", [])]
    found = [each["application/vnd.goodwill.result+json"] for each in outputs if "application/vnd.goodwill.result+json" in each]
    return {each["name"]: each for each in found if each["kind"] in ("record", "table")}


def _cells(folder: Path) -> list[dict[str, Any]]:
    return json.loads((folder / "out.ipynb").read_text("utf8"))["cells"]


def shown(folder: Path) -> str:
    """All that the outputs of the notebook say."""
    outputs = [output.get("data", {}) for cell in _cells(folder) for output in cell.get("outputs", [])]
    return "\n".join("".join(each.get("text/markdown", "")) for each in outputs)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A German shop with three tables of the same customers."""
    path = tmp_path_factory.mktemp("shop")
    sold = answering_company("full", customers=1_200, weeks=104, seed=5, prospects=0, trial_shares=(), survey_week=78.0)
    sold.transactions.rename(columns={"customer_id": "Kunde", "date": "Tag", "amount": "Betrag"}).to_csv(path / "kaeufe.csv", index=False)
    answers = sold.survey.rename(columns={"respondent_id": "Kunde", "satisfaction": "zufrieden"})
    answers[["Kunde", "zufrieden"]].to_csv(path / "umfrage.csv", index=False)
    names = {"customer_id": "Kunde", "opened": "auf", "answered": "Antwort", "outcome": "Ergebnis"}
    sold.complaints.rename(columns=names)[list(names.values())].to_csv(path / "beschwerden.csv", index=False)
    answers.assign(Kunde="K" + answers["Kunde"].astype(str))[["Kunde", "zufrieden"]].to_csv(path / "fremde.csv", index=False)
    padded = answers.assign(Kunde=answers["Kunde"].astype(str).str.zfill(8))[["Kunde", "zufrieden"]]
    padded.to_csv(path / "nullen.csv", index=False)
    return path


@pytest.mark.slow
def test_with_files_of_their_own_nothing_is_said_of_a_simulated_firm(folder: Path) -> None:
    done = papermill(folder, **PURCHASES, **SURVEY, **LOG, cost_point="0.1", cost_recovery="2", budget="100")
    assert done.returncode == 0, done.stderr[-2_000:]
    results = recorded(folder)
    assert set(json.loads(NOTEBOOK.read_text("utf8"))["metadata"]["goodwill"]["records"]) <= set(results)
    for name in LEVERS:
        low, high = results[name]["interval"]
        assert low < results[name]["value"] < high
    assert results["satisfaction_point"]["grade"] == "assumed"
    assert "truth" not in results
    assert "simulated" not in shown(folder)
    assert results["plan_spent"]["value"] <= 100


@pytest.mark.slow
def test_purchases_alone_carry_retention_and_what_is_missing_is_named(folder: Path) -> None:
    done = papermill(folder, **PURCHASES)
    assert done.returncode == 0, done.stderr[-2_000:]
    results = recorded(folder)
    assert results["retention_point"]["value"] > 0
    assert results["satisfaction_point"]["reason"] == "There are no answers: pass survey=."
    assert results["recovered_complaint"]["reason"] == results["faster_hour"]["reason"] == "There are no complaints: pass complaints=."
    assert results["numbers_fed"]["value"] == 2
    assert results["plan_net"]["reason"].startswith("No cost of a lever is stated")


@pytest.mark.long
@pytest.mark.parametrize(("given", "missing"), [(SURVEY, "recovered_complaint"), (LOG, "satisfaction_point")])
def test_two_tables_carry_what_they_can(folder: Path, given: dict[str, str], missing: str) -> None:
    done = papermill(folder, **PURCHASES, **given)
    assert done.returncode == 0, done.stderr[-2_000:]
    results = recorded(folder)
    assert results[missing]["value"] is None
    known = {"recovered_complaint": "satisfaction_point", "satisfaction_point": "recovered_complaint"}[missing]
    assert results[known]["value"] is not None
    assert results["all_levers"]["value"] is not None


@pytest.mark.slow
def test_ids_that_do_not_match_end_the_run_with_one_sentence(folder: Path) -> None:
    strangers = papermill(folder, **PURCHASES, **SURVEY | {"survey": "fremde.csv"})
    assert "give tables of the same customers, or the right column" in strangers.stderr
    padded = papermill(folder, **PURCHASES, **SURVEY | {"survey": "nullen.csv"})
    assert "would match without leading zeros, capitals and spaces; write them alike in both tables" in padded.stderr
