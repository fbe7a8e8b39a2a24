"""A report on a few dozen customers says so before anything else, whatever its notebook."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.notebooks.sweep import NOTEBOOKS, faults, run

import goodwill as gw

CUSTOMERS = 47


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("few")


def buyers(folder: Path, number: int = CUSTOMERS) -> dict[str, Any]:
    """Purchases of so many customers of the CDNOW sample, every fiftieth."""
    log = gw.read_transactions("cdnow_sample").to_pandas()
    some = sorted(set(log["customer_id"]))[:: 2357 // number][:number]
    log[log["customer_id"].isin(some)].to_csv(folder / "orders.csv", index=False)
    return {"data": str(folder / "orders.csv")}


def joined(folder: Path) -> dict[str, Any]:
    log = buyers(folder)
    ids = sorted(set(pd.read_csv(log["data"], dtype=str)["customer_id"]))
    opened = pd.date_range("1997-05-01", periods=20, freq="9D")
    outcome = np.resize(["satisfied", "dissatisfied"], 20)
    pd.DataFrame({"customer_id": ids[:20], "opened": opened, "closed": opened, "outcome": outcome}).to_csv(folder / "log.csv", index=False)
    return log | {"complaints": str(folder / "log.csv")}


def answers(folder: Path) -> dict[str, Any]:
    draw = np.random.default_rng(1)
    satisfaction = draw.integers(1, 11, CUSTOMERS)
    loyalty = np.clip(satisfaction + draw.integers(-2, 3, CUSTOMERS), 1, 10)
    pd.DataFrame({"satisfaction": satisfaction, "loyalty": loyalty}).to_csv(folder / "survey.csv", index=False)
    return {"data": str(folder / "survey.csv"), "scale": "1-10", "loyalty_scale": "1-10"}


def contracts(folder: Path) -> dict[str, Any]:
    left = [47, 36, 30, 26, 23, 21, 19, 18]
    pd.DataFrame({"cohort": "all", "time": range(8), "customers": left}).to_csv(folder / "contracts.csv", index=False)
    return {"data": str(folder / "contracts.csv")}


CASES: dict[str, tuple[Callable[[Path], dict[str, Any]], str]] = {
    "01": (buyers, "47 customers"),
    "02": (joined, "20 complaints"),
    "03": (answers, "47 respondents"),
    "04": (buyers, "47 customers"),
    "05": (joined, "20 complaints"),
    "06": (buyers, "47 customers"),
    "07": (contracts, "47 customers"),
    "08": (buyers, "47 customers"),
    "10": (buyers, "47 customers"),
}


NO_ANSWER = ("04", "08")  # of fewer than 500 customers no plan is made, and no ranking is judged


FAST = ("04",)  # a notebook whose whole runs, in a kernel of their own, are slow tests


@pytest.mark.parametrize("number", [number if number in FAST else pytest.param(number, marks=pytest.mark.slow) for number in CASES])
def test_few_are_said_first(number: str, folder: Path) -> None:
    files, counted = CASES[number]
    done = run(number, **files(folder))
    assert not faults(number, done)
    assert not done.stopped
    few = [text.partition(".**")[0] for text in done.texts if text.startswith("**Few to go by: ")]
    assert len(few) == (0 if number in NO_ANSWER else 1)
    # Where there is no short answer at all, what is said in its place names the number.
    said = few or [each["why"] for each in done.shown.values() if each["kind"] == "absent"]
    assert any(counted in text for text in said)


def test_every_notebook_says_in_its_short_answer_when_there_are_few() -> None:
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        cells = json.loads(path.read_text("utf8"))["cells"]
        short = ["".join(cell["source"]) for cell in cells if "in-short" in cell["metadata"].get("tags", [])]
        assert any("gw.findings.on_few(" in text for text in short), path.name
