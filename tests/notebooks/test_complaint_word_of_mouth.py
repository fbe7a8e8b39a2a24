"""The complaint notebook as its users run it: with nothing, and with a log, purchases and a survey of their own."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.notebooks.running import BUILT, NOTEBOOKS, THIN, goodwill_run

from goodwill.simulate import company

NOTEBOOK = NOTEBOOKS / "02_complaint_word_of_mouth.ipynb"
WORDS = {"satisfied": "gut", "acceptable": "geht", "dissatisfied": "schlecht"}
OWN = ("data=kaeufe.csv", "customer_id=Kunde", "date=Tag", "amount=Betrag")
LOG = ("complaints=beschwerden.csv", "complaint_customer_id=Kunde", "opened=auf", "answered=Antwort", "closed=zu", "outcome=Ergebnis")
TOLD = ("told=umfrage.csv", "told_count=wieviele", "told_outcome=Ergebnis")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A German shop: purchases, a complaint log with times of day, and a survey of told-counts."""
    path = tmp_path_factory.mktemp("shop")
    sold, rng = company(1_200, 78, seed=9), np.random.default_rng(1)
    purchases = sold.transactions.rename(columns={"customer_id": "Kunde", "date": "Tag", "amount": "Betrag"})
    purchases[["Kunde", "Tag", "Betrag"]].to_csv(path / "kaeufe.csv", index=False)
    log = sold.complaints
    opened = pd.to_datetime(log["opened"]) + pd.to_timedelta(rng.integers(480, 1080, len(log)), unit="min")
    answered = opened + pd.to_timedelta(rng.exponential(50, len(log)).round(), unit="min")
    closed = answered + pd.to_timedelta(rng.exponential(8, len(log)), unit="D")
    columns = {"Kunde": log["customer_id"], "auf": opened, "Antwort": answered, "zu": closed, "Ergebnis": log["outcome"].map(WORDS)}
    pd.DataFrame(columns).to_csv(path / "beschwerden.csv", index=False)
    told = {"wieviele": rng.negative_binomial(1, 0.12, 200), "Ergebnis": rng.choice(list(WORDS.values()), 200)}
    pd.DataFrame(told).to_csv(path / "umfrage.csv", index=False)
    return path


@pytest.mark.slow
def test_with_files_of_their_own(folder: Path) -> None:
    words = "outcome_words=" + ",".join(f"{word}:{outcome}" for outcome, word in WORDS.items())
    results = goodwill_run("complaint_word_of_mouth", folder, *OWN, *LOG, *TOLD, "answer_within=1", words).results
    assert results["value_lost"]["interval"][0] < results["value_lost"]["value"] < results["value_lost"]["interval"][1]
    assert results["answered_in_time"]["value"] == pytest.approx(0.7, abs=0.1)
    assert results["told_bad"]["value"] == pytest.approx(7.3, abs=2.5)
    assert (results["impact_good"]["value"], results["impact_neutral"]["value"], results["impact_bad"]["value"]) == (1.56, 1.03, 0.5)
    assert round(results["agent_keeps"]["value"], 2) == 2.09
    low, high = results["complaint_cost"]["interval"]
    assert low < results["complaint_cost"]["value"] < high
    assert (results["complaint_cost"]["grade"], results["complaint_cost"]["weakest"]) == (
        "assumed",
        "who complains, which the log cannot tell",
    )
    assert results["complaint_cost"]["value"] < results["complaint_cost_other"]["value"]
    assert results["complaints_year"]["value"] < results["complaints_year_other"]["value"]
    assert (results["break_even_spend"]["grade"], results["assumed_cost"]["grade"]) == ("assumed", "assumed")
    assert results["complaint_cost"]["value"] == pytest.approx(results["leave_chance"]["value"] * results["leaver_value"]["value"])
    assert results["complainer_value"]["value"] > 1.5 * results["residual_value"]["value"]
    gap, saved, most = (results[name]["value"] for name in ("recovery_gap", "recovery_value", "break_even_spend"))
    assert (saved, most) == (pytest.approx(gap / 100 * results["leaver_value"]["value"]), pytest.approx(saved / 2))
    assert set(json.loads(NOTEBOOK.read_text("utf8"))["metadata"]["goodwill"]["records"]) <= set(results)


@pytest.mark.slow
def test_with_a_file_too_small_for_most_of_it(tmp_path: Path) -> None:
    """Sixty customers and their few complaints: a page is made, and what cannot be measured says why."""
    sold = company(60, 52, seed=2)
    sold.transactions[["customer_id", "date", "amount"]].to_csv(tmp_path / "purchases.csv", index=False)
    sold.complaints.head(8).to_csv(tmp_path / "complaints.csv", index=False)
    given = "data=purchases.csv", "complaints=complaints.csv"
    results = goodwill_run("complaint_word_of_mouth", tmp_path, *given, status=(BUILT, THIN)).results
    assert results["complaints_read"]["value"] == 8
    for name in ("complaint_cost", "complaints_year", "break_even_spend", "value_lost", "next_sample"):
        assert results[name]["value"] is None
        assert "at least 20" in results[name]["reason"]
    assert results["cost_by_word"]["value"] > 0
