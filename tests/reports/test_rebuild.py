from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from goodwill.cli import main
from goodwill.errors import UsageError
from goodwill.reports.recording.extract import Failure
from goodwill.reports.running import rebuild as room
from goodwill.reports.running.provenance import notebook_hash
from goodwill.reports.running.rebuild import Rebuilt, compare_records, compare_tables, rebuild
from goodwill.reports.running.run import Outcome

from .conftest import NOTEBOOKS, Built, notebook


def edit(path: Path, **changes: Any) -> None:
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | changes), "utf-8")


@pytest.fixture
def copy(built: Built, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The report beside which the data lie as then; its notebook is one of the project."""
    monkeypatch.setenv("GOODWILL_NOTEBOOKS", str(NOTEBOOKS))
    (tmp_path / "standing").mkdir()
    shutil.copy(built.standing / "my sales.csv", tmp_path / "standing")
    folder = tmp_path / "reports" / "whole"
    shutil.copytree(built.folder, folder)
    edit(folder / "run.json", base="../../standing")
    return folder


@pytest.mark.slow
def test_a_report_is_made_again_from_its_own_folder_with_equal_results(copy: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.chdir(tmp_path)
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    made = rebuild(copy, out=tmp_path / "again")
    assert made.is_equal, made
    assert made.changed == ()
    assert made.lines() == ["Inputs: as they were then.", "Equal: 6 results and 1 table."]
    assert (tmp_path / "again" / "report.html").is_file()
    assert {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()} == before


@pytest.mark.slow
def test_it_says_what_differs_by_how_much_and_which_inputs_have_changed(copy: Path):
    facts = json.loads((copy / "run.json").read_text("utf-8"))
    results = json.loads((copy / "results.json").read_text("utf-8"))
    results["expected"]["value"] *= 1.001
    (copy / "results.json").write_text(json.dumps(results))
    (copy / "tables" / "customers.csv").write_text((copy / "tables" / "customers.csv").read_text().replace("1234.5", "1235.5"))
    data = {"data": facts["data"]["data"] | {"fingerprint": "ff" * 32, "last": "1998-05-31"}}
    versions = facts["versions"] | {"numpy": "1.0"}
    edit(copy / "run.json", library="0", notebook_sha256="0", data=data, versions=versions)
    made = rebuild(copy)
    assert not made.is_equal
    assert made.differences == (
        "expected: 1,655 purchases (95% interval 1,456 to 1,863) then, 1,653 purchases (95% interval 1,456 to 1,863) now, "
        "a relative difference of 0.001",
        "tables/customers.csv: 1 of 12 cells differ, by 0.00081 at most (relative)",
    )
    text = "\n".join(made.lines())
    for said in (
        "1997-01-01 to 1998-05-31, SHA-256 ffffffffffff… then",
        "numpy was 1.0 and is",
        "The library has changed",
        "inside the report has been",
    ):
        assert said in text


def test_a_report_that_cannot_be_made_again_says_why(copy: Path, monkeypatch: pytest.MonkeyPatch):
    outcome = Outcome("whole", "T", copy, "", 1.0, Failure("column 'paid' is gone", ours=True))
    monkeypatch.setattr(room, "run_notebook", lambda *_, **__: outcome)
    made = rebuild(copy)
    assert not made.is_equal
    assert made.lines()[-1] == "Not built: column 'paid' is gone"


def test_a_report_of_an_older_library_says_in_one_sentence_why_it_cannot_be_made_again(copy: Path, monkeypatch: pytest.MonkeyPatch):
    gone = Failure("AttributeError in code cell 4: No goodwill attribute automatic_calibration_end")
    monkeypatch.setattr(room, "run_notebook", lambda *_, **__: Outcome("whole", "T", copy, "", 1.0, gone))
    assert rebuild(copy).lines()[-1] == f"Not built: {gone.message}"  # the library is that of then: a defect, told as it is
    edit(copy / "run.json", library="0" * 64)
    assert rebuild(copy).lines()[-1] == (
        "Not built: the notebook inside the report was written for an older version of the library, whose names have changed; "
        "build the report anew with goodwill run, or rebuild it with the version that run.json names."
    )


def test_a_password_that_the_report_does_not_hold_is_asked_for(copy: Path, monkeypatch: pytest.MonkeyPatch):
    edit(copy / "run.json", given={"data": "postgres://me:…@db/shop::orders"})
    with pytest.raises(UsageError, match="give the address with -p data"):
        rebuild(copy)
    handed: dict[str, Any] = {}

    def run(_: Any, values: dict[str, Any], *__: Any, **___: Any) -> Outcome:
        handed.update(values)
        return Outcome("whole", "T", copy, "", 1.0, Failure("stop"))

    monkeypatch.setattr(room, "run_notebook", run)
    rebuild(copy, {"data": "postgres://me:pw@db/shop::orders"})
    assert handed["data"] == "postgres://me:pw@db/shop::orders"
    assert handed["horizon"] == 26


@pytest.mark.parametrize("spoil", ["missing", "broken", "old"])
def test_what_is_no_report_is_refused(copy: Path, spoil: str):
    run = copy / "run.json"
    if spoil == "missing":
        run.unlink()
    else:
        run.write_text("{" if spoil == "broken" else '{"name": "whole"}')
    with pytest.raises(UsageError, match=r"run.json"):
        rebuild(copy)


def foreign(report: Path, marker: Path) -> None:
    """The report as somebody else may have sent it: one more line in its notebook."""
    content = json.loads((report / "notebook.ipynb").read_text("utf-8"))
    code = next(
        cell for cell in content["cells"] if cell["cell_type"] == "code" and "injected-parameters" not in cell["metadata"].get("tags", [])
    )
    code["source"] = f"open({str(marker)!r}, 'w').close()\n" + "".join(code["source"])
    (report / "notebook.ipynb").write_text(json.dumps(content), "utf-8")


def test_a_folder_with_other_code_than_the_projects_is_run_only_when_it_is_trusted(
    copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    foreign(copy, tmp_path / "ran")
    asked = CliRunner().invoke(main, ["rebuild", str(copy)])
    assert asked.exit_code == 2
    assert asked.output == (
        f"Error: The notebook inside {copy} is not one of this project as it is now. A report's folder is code: making it again runs what "
        "somebody wrote there, with your rights. Read notebook.ipynb in it, and add --trust if you know where it is from.\n"
    )
    assert not (tmp_path / "ran").exists()
    outcome = Outcome("whole", "T", copy, "", 1.0, Failure("stop"))
    monkeypatch.setattr(room, "run_notebook", lambda *_, **__: outcome)
    assert "Not built: stop" in CliRunner().invoke(main, ["rebuild", str(copy), "--trust"]).output


def test_a_copy_of_the_projects_own_notebook_needs_no_trust_and_another_project_does(copy: Path, monkeypatch: pytest.MonkeyPatch):
    kept = notebook("01_whole")
    assert room.is_known(kept)
    monkeypatch.setenv("GOODWILL_NOTEBOOKS", str(copy.parent))
    assert not room.is_known(kept)


def test_the_report_itself_is_never_overwritten(copy: Path):
    with pytest.raises(UsageError, match="is the report itself"):
        rebuild(copy, out=copy)


def test_a_notebook_and_its_executed_form_have_one_hash(built: Built):
    executed = json.loads((built.folder / "notebook.ipynb").read_text("utf-8"))
    assert notebook_hash(executed) == notebook_hash(notebook("01_whole").content)
    executed["cells"][-1]["source"] = "1"
    assert notebook_hash(executed) != notebook_hash(notebook("01_whole").content)


def record(value: Any, **more: Any) -> dict[str, Any]:
    return {"value": value, "interval": None, "level": None, "unit": None, "label": "x", "reason": None} | more


@pytest.mark.parametrize(
    ("then", "now", "tolerance", "equal"),
    [
        (record(1.0), record(1.0), 0, True),
        (record(1.0), record(1.0 + 1e-12), 0, False),
        (record(1.0), record(1.0 + 1e-12), 1e-9, True),
        (record(1), record(True), 0, False),
        (record("a"), record("b"), 1, False),
        (record(1.0), record(None, reason="no data"), 1, False),
        (record(1.0, interval=[0.5, 2.0], level=0.95), record(1.0, interval=[0.5, 2.5], level=0.95), 0.1, False),
        (record(1.0, interval=[0.5, 2.0], level=0.95), record(1.0, interval=[0.5, 2.0], level=0.9), 0, False),
        (record(0.0), record(-0.0), 0, True),
        (record(1.0, unit="USD"), record(1.0, unit="EUR"), 0.5, False),
    ],
)
def test_results_are_equal_or_not(then: dict[str, Any], now: dict[str, Any], tolerance: float, equal: bool):
    assert (compare_records({"r": then}, {"r": now}, tolerance) == []) is equal


def test_results_that_come_and_go_are_told():
    assert compare_records({"a": record(1)}, {"b": record(1)}) == ["a: is no longer recorded", "b: was not recorded then"]


def test_tables_are_compared_cell_by_cell(tmp_path: Path):
    texts = {"a": "x,y\n1,é\n", "b": "x,y\n1.10,é\n", "c": "x,y\n1,é\n2,b\n", "d": "x,y\nn/a,é\n"}
    files = {name: tmp_path / name for name in texts}
    for name, text in texts.items():
        files[name].write_text(text, "utf-8")

    def compared(now: str, tolerance: float = 0.0) -> list[str]:
        return compare_tables({"t.csv": files["a"]}, {"t.csv": files[now]}, tolerance)

    assert compared("a") == []
    assert compared("b") == ["tables/t.csv: 1 of 4 cells differ, by 0.091 at most (relative)"]
    assert compared("b", 0.1) == []
    assert compared("c") == ["tables/t.csv: had 1 rows and has 2, or other columns"]
    assert compared("d") == ["tables/t.csv: 1 of 4 cells differ"]
    assert compare_tables({}, {"t.csv": files["a"]}) == ["tables/t.csv: was not recorded then"]


def test_the_command_says_it_by_its_exit_status(copy: Path, monkeypatch: pytest.MonkeyPatch):
    made = [Rebuilt("1 result and 0 tables", 1.0), Rebuilt("1 result and 0 tables", 1.0, differences=("a: is no longer recorded",))]
    monkeypatch.setattr(room, "rebuild", lambda *_, **__: made.pop(0))
    equal, different = (CliRunner().invoke(main, ["rebuild", str(copy)]) for _ in range(2))
    assert (equal.exit_code, different.exit_code) == (0, 1)
    assert equal.output == "Inputs: as they were then.\nEqual: 1 result and 0 tables.\n"
    assert different.output.endswith("  a: is no longer recorded\n")
    monkeypatch.undo()
    assert CliRunner().invoke(main, ["rebuild", str(copy.parent)]).exit_code == 2
