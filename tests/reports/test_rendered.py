"""The report of a notebook that something else ran is the one that `goodwill run` would have built."""

from __future__ import annotations

import copy
import json
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbconvert.preprocessors import CellExecutionError, ExecutePreprocessor
from tests.reports.conftest import NOTEBOOKS

from goodwill.errors import ReportError, UsageError
from goodwill.reports import render
from goodwill.reports.recording.notebooks import Notebook
from goodwill.reports.running.rebuild import compare_records, compare_tables, rebuild
from goodwill.reports.running.run import run_notebook

ROOT = Path(__file__).resolve().parents[2]
LIFETIME = ROOT / "notebooks" / "01_customer_lifetime_value.ipynb"
GIVEN = {"data": "my sales.csv", "horizon": "26", "show": "true"}


def papermill(notebook: Path, folder: Path, *given: str) -> Path:
    """The file that plain papermill writes, whether a cell fails or not."""
    command = [sys.executable, "-m", "papermill", "--no-progress-bar", str(notebook), "out.ipynb", *given]
    subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return folder / "out.ipynb"


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ran")
    (folder / "my sales.csv").write_text("a,b\n")
    return papermill(NOTEBOOKS / "01_whole.ipynb", folder, *(part for pair in GIVEN.items() for part in ("-p", *pair)))


def jupyter_scheduler(notebook: Path, folder: Path, **given: str) -> Path:
    """What jupyter-scheduler's executor writes: `name = value` as bare code after the parameters, run by nbconvert."""
    content = nbformat.read(notebook, as_version=4)
    cell = nbformat.v4.new_code_cell("\n".join(f"{name} = {value}" for name, value in given.items()))
    cell.metadata["tags"] = ["injected-parameters"]
    after = next(place for place, other in enumerate(content.cells) if "parameters" in other.metadata.get("tags", []))
    content.cells.insert(after + 1, cell)
    with suppress(CellExecutionError):  # it exports what there is, whether a cell fails or not
        ExecutePreprocessor(kernel_name="python3", store_widget_state=True).preprocess(content, {"metadata": {"path": str(folder)}})
    nbformat.write(content, folder / "out.ipynb")
    return folder / "out.ipynb"


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def changed(ran: Path, tmp_path: Path, change: Any, name: str = "changed.ipynb") -> Path:
    content = json.loads(ran.read_text("utf-8"))
    change(content)
    path = tmp_path / name
    path.write_text(json.dumps(content), "utf-8")
    return path


def code(content: dict[str, Any]) -> list[dict[str, Any]]:
    return [cell for cell in content["cells"] if cell["cell_type"] == "code"]


@pytest.mark.slow
def test_a_notebook_that_papermill_ran_gives_the_results_tables_and_figures_of_a_run(ran: Path, tmp_path: Path) -> None:
    made = render(ran, tmp_path / "rendered")
    assert made.failure is None
    run = run_notebook(Notebook.read(NOTEBOOKS / "01_whole.ipynb"), GIVEN, tmp_path / "run", base=ran.parent)
    rendered, built = files(made.folder), files(run.folder)
    assert rendered.keys() == built.keys()
    assert {name for name in built if rendered[name] != built[name]} <= {"run.json", "report.html", "notebook.ipynb"}
    facts, theirs = json.loads(rendered["run.json"]), json.loads(built["run.json"])
    for key in ("name", "title", "notebook", "status", "parameters", "data", "headline", "tables", "figures", "versions", "library"):
        assert facts[key] == theirs[key], key
    assert facts["given"] == {"data": "my sales.csv", "horizon": 26, "show": True}
    assert facts["notebook_sha256"] == theirs["notebook_sha256"]
    assert facts["rendered"]["from"] == "out.ipynb"


@pytest.mark.slow
def test_a_notebook_that_jupyter_scheduler_ran_gives_the_report_of_papermill(ran: Path, tmp_path: Path) -> None:
    (tmp_path / "my sales.csv").write_text("a,b\n")
    out = jupyter_scheduler(NOTEBOOKS / "01_whole.ipynb", tmp_path, data='"my sales.csv"', horizon="26", show="True")
    made, theirs = render(out, tmp_path / "scheduled"), render(ran, tmp_path / "papermill")
    assert made.failure is None
    one, other = files(made.folder), files(theirs.folder)
    assert one.keys() == other.keys()
    assert {name for name in one if one[name] != other[name]} <= {"run.json", "report.html", "notebook.ipynb"}
    assert json.loads(one["run.json"])["given"] == {"data": "my sales.csv", "horizon": 26, "show": True}
    assert re.search(
        r"<p>Run 20\d\d-\d\d-\d\d \d\d:\d\d UTC in \d+ s as <code>out\.ipynb</code>, by other means", one["report.html"].decode()
    )


@pytest.mark.slow
def test_a_job_whose_text_was_given_without_quotes_makes_no_report_and_says_so(tmp_path: Path) -> None:
    failed = render(jupyter_scheduler(NOTEBOOKS / "01_whole.ipynb", tmp_path, data="cdnow"))
    assert failed.failure is not None
    assert failed.failure.message.startswith("NameError")
    assert "name 'cdnow' is not defined" in failed.failure.message
    assert not (tmp_path / "out").exists()


@pytest.mark.long
def test_the_lifetime_value_notebook_run_by_papermill_gives_the_results_of_goodwill_run(tmp_path: Path) -> None:
    out = papermill(LIFETIME, tmp_path)
    goodwill = Path(sys.executable).parent / "goodwill"
    subprocess.run([goodwill, "run", "customer_lifetime_value", "--out", "run"], cwd=tmp_path, check=True, capture_output=True)
    done = subprocess.run([goodwill, "render", "out.ipynb"], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert done.stdout == "Rendered customer_lifetime_value: out/report.html\n"
    rendered, built = files(out.with_suffix("")), files(tmp_path / "run")
    assert rendered.keys() == built.keys()
    # Sums may be taken in another order in another process: equal is equal to twelve digits.
    results = [json.loads(found["results.json"]) for found in (built, rendered)]
    assert compare_records(*results, 1e-12) == []
    tables = [{path.name: path for path in (folder / "tables").glob("*.csv")} for folder in (tmp_path / "run", out.with_suffix(""))]
    assert compare_tables(*tables, 1e-12) == []


@pytest.mark.slow
def test_the_page_says_how_the_notebook_was_run(ran: Path, tmp_path: Path) -> None:
    page = (render(ran, tmp_path / "report").folder / "report.html").read_text("utf-8")
    assert re.search(r"<p>Run 20\d\d-\d\d-\d\d \d\d:\d\d UTC in \d+ s as <code>out\.ipynb</code>, by other means than", page)


@pytest.mark.slow
def test_a_rendered_report_can_be_rebuilt_and_is_equal(ran: Path, tmp_path: Path) -> None:
    made = render(ran, ran.with_name("rebuilt"))
    assert rebuild(made.folder, trust=True).lines()[-1].startswith("Equal")


@pytest.mark.slow
def test_the_report_lands_beside_the_notebook_and_replaces_only_itself(ran: Path) -> None:
    assert render(ran).folder == ran.with_suffix("").resolve()
    assert render(ran).failure is None
    other = ran.with_name("other")
    other.mkdir(exist_ok=True)
    (other / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match="is not a report to replace"):
        render(ran, other)
    assert (other / "mine.txt").read_text() == "mine"


@pytest.mark.slow
def test_a_password_given_to_papermill_is_in_no_file_of_the_report(ran: Path, tmp_path: Path) -> None:
    def give(content: dict[str, Any]) -> None:
        cell = next(cell for cell in content["cells"] if "injected-parameters" in cell["metadata"].get("tags", []))
        cell["source"] = [*cell["source"], "\nsource = 'postgres://me:s3cret-word@host/shop::orders'"]

    made = render(changed(ran, tmp_path, give), tmp_path / "report")
    assert made.failure is None
    assert not any(b"s3cret-word" in body for body in files(made.folder).values())


@pytest.mark.slow
def test_a_cell_that_was_not_run_or_ran_in_another_order_makes_no_report(ran: Path, tmp_path: Path) -> None:
    def not_run(content: dict[str, Any]) -> None:
        code(content)[-1] |= {"execution_count": None, "outputs": []}

    def turned(content: dict[str, Any]) -> None:
        code(content)[-1]["execution_count"] = 1

    good = render(ran, tmp_path / "report")
    before = files(good.folder)
    for change, said in ((not_run, "was not run"), (turned, "ran before code cell")):
        failed = render(changed(ran, tmp_path, change, "01_whole.ipynb"), tmp_path / "report")
        assert failed.failure is not None
        assert said in failed.failure.message
        assert "Restart Kernel and Run All Cells" in failed.failure.message
        assert files(good.folder) == before
        assert "Restart Kernel" in (tmp_path / "report.failed.html").read_text("utf-8")


@pytest.mark.slow
def test_a_cell_that_failed_makes_no_report_and_shows_its_traceback(tmp_path: Path) -> None:
    failed = render(papermill(NOTEBOOKS / "02_error.ipynb", tmp_path))
    assert failed.failure is not None
    assert failed.failure.message.startswith("ZeroDivisionError in code cell 3")
    assert not (tmp_path / "out").exists()
    assert "Traceback" in (tmp_path / "out.failed.html").read_text("utf-8")


def test_a_notebook_that_was_never_run_is_told_from_one_that_is_not_for_reports(tmp_path: Path) -> None:
    never = render(NOTEBOOKS / "01_whole.ipynb", tmp_path / "never")
    assert never.failure is not None
    assert never.failure.message.startswith("Code cell 1 of 01_whole.ipynb was not run; run all its cells")
    cell = {"cell_type": "code", "source": "1 + 1", "metadata": {}, "outputs": [], "execution_count": 1}
    plain = tmp_path / "plain.ipynb"
    plain.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [copy.deepcopy(cell)]}), "utf-8")
    with pytest.raises(UsageError, match=r"plain\.ipynb has recorded nothing"):
        render(plain)
    plain.write_text("no notebook", "utf-8")
    with pytest.raises(ReportError, match="is not a notebook"):
        render(plain)


@pytest.mark.slow
def test_a_notebook_saved_by_jupyterlab_without_times_is_dated_by_its_file(ran: Path, tmp_path: Path) -> None:
    def as_lab(content: dict[str, Any]) -> None:
        content["metadata"].pop("papermill")
        for cell in content["cells"]:
            cell["metadata"] = {"tags": [tag for tag in cell["metadata"].get("tags", []) if tag != "injected-parameters"]}

    made = render(changed(ran, tmp_path, as_lab, "mine.ipynb"))
    assert made.failure is None
    facts = json.loads((made.folder / "run.json").read_text("utf-8"))
    assert (facts["notebook"], facts["seconds"]) == ("mine.ipynb", 0.0)
    assert " as <code>mine.ipynb</code>, by other means" in (made.folder / "report.html").read_text("utf-8")
