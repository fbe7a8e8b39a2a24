from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests import forked

from goodwill.errors import UsageError
from goodwill.reports.recording.extract import results
from goodwill.reports.running.run import resolve_path, run_notebook

from .conftest import HOSTILE, NOTEBOOKS, Built, notebook


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_report_is_a_folder_with_everything(built: Built):
    wanted = {"report.html", "notebook.ipynb", "results.json", "run.json", "tables/customers.csv", "figures/rise.svg"}
    assert set(files(built.folder)) == wanted
    assert list(built.folder.parent.iterdir()) == [built.folder]


def test_results_hold_value_interval_unit_and_label(built: Built):
    found = json.loads((built.folder / "results.json").read_text())
    assert found["expected"] == {
        "value": 1653.44,
        "interval": [1456.2, 1863.1],
        "level": 0.95,
        "unit": "purchases",
        "label": "Purchases expected in the hold-out",
        "reason": None,
    }
    assert found["nothing"]["reason"] == "no repeat purchases"
    assert found["horizon_used"]["value"] == 26


def test_parameters_reach_the_notebook_as_the_values_they_are(built: Built):
    facts = json.loads((built.folder / "run.json").read_text())
    assert facts["parameters"]["tags"] == HOSTILE
    assert facts["parameters"]["show"] is True
    assert facts["data"]["data"]["source"] == "my sales.csv"
    assert facts["status"] == "built"
    assert facts["versions"]["goodwill"]


def test_no_machine_path_is_left(built: Built):
    for name in ("report.html", "notebook.ipynb", "results.json", "run.json"):
        assert str(built.standing) not in (built.folder / name).read_text("utf-8")


def test_progress_is_told_cell_by_cell(built: Built):
    done, totals = zip(*built.cells, strict=True)
    assert list(done) == list(range(1, totals[0] + 1))


def test_the_same_inputs_give_the_same_bytes(built: Built, tmp_path: Path):
    beside = tmp_path / "whole.failed.json"
    beside.write_text(json.dumps({"name": "whole", "status": "failed", "failure": {"message": "no data"}}))
    (tmp_path / "my sales.csv").write_text("a,b\n")
    given = {"data": "my sales.csv", "horizon": 26, "show": True, "tags": HOSTILE}
    again = run_notebook(notebook("01_whole"), given, tmp_path / "whole", base=tmp_path)
    assert again.failure is None
    first, second = files(built.folder), files(again.folder)
    for name in first.keys() - {"run.json", "report.html"}:
        assert first[name] == second[name], name
    assert not beside.exists()


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("02_error", "ZeroDivisionError in code cell 3: division by zero"),
        ("03_bad_data", "column 'paid' of x holds text in 3 rows (first: row 118, 'n/a'); pass missing."),
        ("04_broken_promise", "did not record what it promises: record 'forgotten', figure 'curve'"),
        ("05_one_name_twice", "Two cells record the name 'total'"),
        ("06_dead_kernel", "In code cell 2 the kernel died"),
        ("07_exit", "SystemExit in code cell 2"),
    ],
)
def test_a_failure_leaves_the_last_good_report_and_says_why(built: Built, tmp_path: Path, name: str, message: str):
    folder = tmp_path / "report"
    shutil.copytree(built.folder, folder)
    run = run_notebook if name == "06_dead_kernel" else forked.run_notebook  # one in a fresh kernel, the others in a forked one
    outcome = run(notebook(name), {}, folder, base=tmp_path)
    assert message in outcome.failure.message
    assert outcome.failure.ours == (name == "03_bad_data")
    assert files(folder) == files(built.folder)
    assert {path.name for path in tmp_path.iterdir()} == {"report", "report.failed.html", "report.failed.json"}
    assert json.loads((tmp_path / "report.failed.json").read_text())["failure"]["message"] == outcome.failure.message
    assert 'href="report/report.html"' in (tmp_path / "report.failed.html").read_text()


def test_a_wrong_parameter_stops_before_a_kernel_starts(tmp_path: Path, monkeypatch):
    monkeypatch.setattr("goodwill.reports.running.run.execute", lambda *_: pytest.fail("a kernel was started"))
    with pytest.raises(UsageError, match="did you mean 'horizon'"):
        run_notebook(notebook("01_whole"), {"horizn": 1}, tmp_path / "report")
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_no_report_is_never_replaced(tmp_path: Path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(UsageError, match="is not a report"):
        run_notebook(notebook("01_whole"), {}, tmp_path)
    assert (tmp_path / "thesis.txt").exists()


def test_a_report_that_a_killed_run_left_aside_comes_back(built: Built, tmp_path: Path):
    shutil.copytree(built.folder, tmp_path / ".report.previous")
    outcome = forked.run_notebook(notebook("03_bad_data"), {}, tmp_path / "report", base=tmp_path)
    assert outcome.failure
    assert files(tmp_path / "report") == files(built.folder)


@pytest.mark.parametrize(
    ("text", "resolved"),
    [
        ("cdnow", "cdnow"),
        ("", ""),
        ("my.csv", "/base/my.csv"),
        ("sub/my", "/base/sub/my"),
        ("../my.csv.gz", "/my.csv.gz"),
        ("/else/my.csv", "/else/my.csv"),
        ("~nobody-of-that-name.csv", "/base/~nobody-of-that-name.csv"),
        ("my.duckdb::orders", "/base/my.duckdb::orders"),
        ("postgres://me@host/db::orders", "postgres://me@host/db::orders"),
    ],
)
def test_only_files_are_made_absolute(text: str, resolved: str):
    assert resolve_path(text, Path("/base")) == resolved


@pytest.mark.slow
def test_plain_papermill_runs_a_notebook_with_its_loose_parameters(tmp_path: Path):
    command = ["-m", "papermill", str(NOTEBOOKS / "01_whole.ipynb"), "out.ipynb", "--no-progress-bar", "-p", "data", "my.csv"]
    done = subprocess.run([sys.executable, *command, "-p", "show", "true", "-p", "rate", "0"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = results(json.loads((tmp_path / "out.ipynb").read_text()))
    assert found.parameters["show"] is True
    assert found.parameters["data"] == "my.csv"
    assert set(found.records) >= {"expected", "alive", "value"}
