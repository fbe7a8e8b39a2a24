"""One built report, shared by the tests that read it: a kernel takes more than a second to start."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from goodwill.reports.recording.notebooks import Notebook
from goodwill.reports.running.run import Outcome, run_notebook

NOTEBOOKS = Path(__file__).parent / "notebooks"
HOSTILE = ["<img src=x onerror=alert(3)>", "quote ' and \" and \\n \\", "line\nbreak", "__import__('os').abort()", "{braces} 中文 😀"]


def notebook(name: str) -> Notebook:
    return Notebook.read(NOTEBOOKS / f"{name}.ipynb")


@dataclass(frozen=True)
class Built:
    outcome: Outcome
    standing: Path  # where the user stands
    cells: list[tuple[int, int]]  # what was told about finished cells

    @property
    def folder(self) -> Path:
        return self.outcome.folder

    @property
    def page(self) -> str:
        return (self.folder / "report.html").read_text("utf-8")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    standing, cells = tmp_path_factory.mktemp("standing"), []
    (standing / "my sales.csv").write_text("a,b\n")
    outcome = run_notebook(
        notebook("01_whole"),
        {"data": "my sales.csv", "horizon": "26", "show": "true", "tags": HOSTILE},
        tmp_path_factory.mktemp("reports") / "whole",
        base=standing,
        on_cell=lambda done, total: cells.append((done, total)),
    )
    assert outcome.failure is None, outcome.failure
    return Built(outcome, standing, cells)
