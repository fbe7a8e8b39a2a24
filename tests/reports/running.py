"""Small notebooks and recipes for the tests of the runner, and a way to run sets without kernels."""

from __future__ import annotations

import copy
import json
from collections import deque
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from goodwill.errors import GoodwillError
from goodwill.reports.recording.execution import Execution
from goodwill.reports.recording.output import MIME
from goodwill.reports.running.run import Outcome
from goodwill.reports.running.workers import Call, Crash
from goodwill.reports.sets import batch, observations
from goodwill.reports.sets.batch import Options, run_recipe
from goodwill.reports.sets.recipe import read_recipe

NOW = datetime(2024, 3, 5, 4, 0, tzinfo=UTC)
TODAY = date(2024, 3, 5)

SALES = """\
data: str = ""  # purchases [path]
customer_id: str = ""  # column with the customer
date: str = ""  # column with the day
amount: str = ""  # column with the money
end: str = ""  # last day that counts [date]
horizon: int = 52  # how far to look ahead [weeks; >0]
region: str = ""  # a name [any text]
"""


def write_notebook(path: Path, *code: str, parameters: str = SALES, title: str = "Is it small?", **promised: list[str]) -> Path:
    """A notebook with a cell of parameters and the given code cells."""
    cells: list[dict[str, Any]] = [{"cell_type": "markdown", "id": "title", "metadata": {}, "source": f"# {title}"}]
    sources = [
        (parameters, {"tags": ["parameters"]}),
        ("from goodwill import record, start\n\nstart(globals())", {}),
    ]
    for place, (source, metadata) in enumerate([*sources, *((text, {}) for text in code)]):
        cells.append(
            {"cell_type": "code", "id": f"c{place}", "metadata": metadata, "source": source, "outputs": [], "execution_count": None}
        )
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}, "goodwill": promised}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}))
    return path


def write_sales(path: Path, *, until: int = 4, customers: int = 6, month: int = 3, region: str = "north,south") -> Path:
    """Purchases in CSV, each day up to a day of March 2024."""
    regions = region.split(",")
    rows = [
        f"{customer},2024-{month:02d}-{day:02d},{customer + day / 4:.2f},{regions[customer % len(regions)]}"
        for day in range(1, until + 1)
        for customer in range(1, customers + 1)
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("customer_id,date,amount,region\n" + "\n".join(rows) + "\n")
    return path


class Runner:
    """Runs recipes in a folder and remembers what was told and what was executed."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.set = folder, folder / "build" / "r"
        self.events: list[dict[str, Any]] = []
        self.executed: list[dict[str, Any]] = []
        self.problem = ""
        write_notebook(folder / "small.ipynb")
        write_sales(folder / "sales.csv")

    def recipe(self, text: str) -> Path:
        path = self.folder / "r.yaml"
        path.write_text(text, "utf-8")
        return path

    def run(
        self, text: str = "title: T\nreports: [{name: a, notebook: small.ipynb}]", today: date = TODAY, **options: Any
    ) -> dict[str, str]:
        """The status of each report."""
        return {outcome.name: outcome.status for outcome in self.outcomes(text, today, **options)}

    def outcomes(self, text: str, today: date = TODAY, **options: Any) -> list[Outcome]:
        self.events, self.executed = [], []
        recipe = read_recipe(self.recipe(text), today)
        return run_recipe(recipe, self.set, Options(**options), on_event=self.events.append, now=lambda: NOW)

    def facts(self, name: str = "a") -> dict[str, Any]:
        return json.loads((self.set / name / "run.json").read_text())

    def message(self, name: str = "a") -> str:
        outcome = next(event["outcome"] for event in self.events if event.get("report") == name and event["event"] == "report_done")
        return outcome.failure.message if outcome.failure else ""

    def execute(self, content: dict[str, Any], values: dict[str, Any], *_: Any) -> Execution:
        """In place of a kernel: every cell has run, and nothing was shown but the parameters."""
        self.executed.append(dict(values))
        done = copy.deepcopy(content)
        for cell in done["cells"]:
            if cell["cell_type"] == "code":
                cell["execution_count"] = 1
        started = {MIME: {"kind": "start", "parameters": dict(values)}, "text/markdown": "started"}
        done["cells"][2]["outputs"] = [{"output_type": "display_data", "data": started, "metadata": {}}]
        return Execution(done, last_cell=2, problem=self.problem)


def run_here(calls: deque[Call], jobs: int) -> Iterator[tuple[Call, Any]]:
    """In place of processes: one call after the other."""
    while calls:
        call = calls.popleft()
        told = {"tell": call.on_told} if call.on_told else {}
        try:
            yield call, call.function(**call.arguments, **told)
        except GoodwillError as error:
            yield call, Crash(str(error), ours=True)
        except Exception as error:
            yield call, Crash(f"{type(error).__name__}: {error}")


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runner:
    """A runner without kernels and without processes."""
    found = Runner(tmp_path)
    monkeypatch.setattr("goodwill.reports.running.run.execute", found.execute)
    for module in (batch, observations):
        monkeypatch.setattr(module, "run_calls", run_here)
    return found
