"""The notebooks run by the command line or by papermill; every page that is built is held to the rule of open exhibits."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from tests.forked import goodwill
from tests.notebooks import house

from goodwill.reports.pages.arrangement import arranged
from goodwill.reports.recording.output import MIME

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
BIN = Path(sys.executable).parent
BUILT, FAILED, THIN = 0, 1, 3  # what `goodwill run` exits with


@dataclass(frozen=True)
class Report:
    """A built report: its folder, and its `results` by name."""

    folder: Path
    results: dict[str, dict[str, Any]]

    @property
    def value(self) -> dict[str, Any]:
        """The value of each result."""
        return {name: result["value"] for name, result in self.results.items()}

    @property
    def page(self) -> str:
        return (self.folder / "report.html").read_text("utf8")

    @property
    def figures(self) -> set[str]:
        return {path.stem for path in (self.folder / "figures").glob("*.svg")}

    @property
    def tables(self) -> set[str]:
        return {path.stem for path in (self.folder / "tables").glob("*.csv")}

    def table(self, name: str, index: str | None = None) -> pd.DataFrame:
        return pd.read_csv(self.folder / "tables" / f"{name}.csv", index_col=index)


def goodwill_run(notebook: str, folder: Path, *parameters: str, status: Sequence[int] = (BUILT,)) -> Report:
    """The report `report` that `goodwill run` builds in a folder, with parameters given as `name=value`."""
    ended, said = goodwill("run", notebook, *_given(parameters), "--out", "report", folder=folder)
    assert ended in status, said
    report = folder / "report"
    hold_page(json.loads((report / "notebook.ipynb").read_text("utf8")))
    results = json.loads((report / "results.json").read_text("utf8"))
    assert results.pop("schema")
    return Report(report, results)


def refusal(notebook: str, folder: Path, *parameters: str) -> str:
    """What `goodwill run` says of parameters that it cannot run with, without line breaks."""
    ended, said = goodwill("run", notebook, *_given(parameters), "--out", "report", folder=folder)
    assert ended == FAILED and "Traceback" not in said, said
    return " ".join(said.split())


def papermill_run(notebook: Path, folder: Path, *parameters: str) -> dict[str, Any]:
    """The recorded values of the notebook `out.ipynb` that plain papermill writes to a folder."""
    command = [str(BIN / "papermill"), "--no-progress-bar", str(notebook), "out.ipynb", *_given(parameters)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2_000:]
    content = json.loads((folder / "out.ipynb").read_text("utf8"))
    hold_page(content)
    shown = [output.get("data", {}).get(MIME, {}) for cell in content["cells"] for output in cell.get("outputs", [])]
    return {each["name"]: each["value"] for each in shown if each.get("kind") == "record"}


def hold_page(content: dict[str, Any]) -> None:
    """An executed notebook opens with its short answer, and does not show too much at once."""
    assert arranged(content["cells"]).in_short
    assert house.crowded_page(content) == []


def _given(parameters: Sequence[str]) -> list[str]:
    return [part for given in parameters for part in ("-p", *given.split("=", 1))]
