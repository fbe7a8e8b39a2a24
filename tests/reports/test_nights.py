"""What happened on nights when nobody watched, each with what a run does about it now."""

from __future__ import annotations

import json
import os
import re
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner

from goodwill.cli import main
from goodwill.errors import ReportError, UsageError
from goodwill.reports.pages.outputs import without_commands
from goodwill.reports.pages.render import page
from goodwill.reports.recording.extract import Failure
from goodwill.reports.recording.notebooks import Notebook
from goodwill.reports.recording.tables import table_csv
from goodwill.reports.sets.batch import run_recipe
from goodwill.reports.sets.index import age, write_index
from goodwill.reports.sets.recipe import read_recipe

from .running import Runner, runner, write_notebook
from .sets import NOW, outcome, write_report

__all__ = ["runner"]
ROOT = Path(__file__).resolve().parents[2]
ONE = "title: T\nreports: [{name: a, notebook: small.ipynb}]"

# -- files of our own, in another shape

RUN_JSON: list[Any] = [
    {"headline": 5},
    {"headline": [5]},
    {"tables": []},
    {"tables": {"a": 1}},
    {"defaults": []},
    {"data": {"data": 5}},
    {"seconds": "long"},
    {"note": 5},
    {"files": {"no\0name": "ab"}},
    {"files": []},
    {"started": "2024-03-05T04:00:00"},
    {"parameters": {"a": {"b": 1}}},
    {"versions": {"python": 3}},
    {"key": 5},
    {"observed": "many"},
]


@pytest.mark.sampled(10)
@pytest.mark.parametrize("change", RUN_JSON, ids=str)
def test_a_run_json_of_another_shape_is_the_problem_of_no_run(runner: Runner, change: dict[str, Any]):
    runner.run(ONE)
    facts = runner.set / "a" / "run.json"
    facts.write_text(json.dumps(json.loads(facts.read_text()) | change))
    assert runner.run(ONE)["a"] in ("built", "skipped")
    assert runner.run(ONE) == {"a": "skipped"}
    assert runner.events[-1]["event"] == "run_done"


RECORDS: list[Any] = [
    5,
    {},
    {"value": {}, "label": "x"},
    {"value": 1, "label": 5},
    {"value": 1, "label": "x", "interval": 5},
    {"value": 1, "label": "x", "interval": [2, 1]},
    {"value": 1, "label": "x", "interval": [0, 2], "level": "most"},
    {"value": 1, "label": "x", "interval": [0, 2]},
    {"value": 1, "label": "x", "track_record": [5]},
    {"value": 1, "label": "x", "unit": 7},
    {"value": float("nan"), "label": "x"},
]
RESULTS_JSON: list[Any] = [[], 5, *({"r": record} for record in RECORDS)]


@pytest.mark.parametrize("found", RESULTS_JSON, ids=str)
def test_results_of_another_shape_cost_the_index_nothing_even_where_the_report_is_not_built_again(tmp_path: Path, found: Any):
    write_report(tmp_path / "a", NOW, headline=["r"])
    (tmp_path / "a" / "results.json").write_text(json.dumps(found))
    write_index("T", tmp_path, [outcome(tmp_path / "a", "failed", message="no data")], now=NOW)
    assert (tmp_path / "index.html").read_text().rstrip().endswith("</html>")


LINES: list[Any] = [
    {"started": 5},
    {"started": "x", "results": 5},
    {"started": "x", "results": {"r": 5}},
    {"started": "x", "status": ["built"]},
    {"started": "x", "data": []},
    {"started": "x", "status": "built", "results": None},
    {"started": "x", "observed": 5},
    [[]],
    None,
    "x",
]


@pytest.mark.slow
@pytest.mark.parametrize("line", LINES, ids=str)
def test_a_line_of_the_history_of_another_shape_is_left_out_and_told(runner: Runner, line: Any):
    runner.run(ONE)
    with (runner.set / "a.history.jsonl").open("a") as file:
        file.write(json.dumps(line) + "\n")
    expects = "title: T\nexpects: {rows_within: 0.5}\nreports: [{name: a, notebook: small.ipynb, parameters: {data: sales.csv}}]"
    assert runner.run(expects) == {"a": "built"}
    assert "1 line of the history cannot be read" in (runner.set / "index.html").read_text()


@pytest.mark.parametrize("text", ["[1, 2]", "{", '{"made": 5}', "\0" * 50, ""])
@pytest.mark.parametrize("name", ["index.json", "index.html", ".lock"])
def test_a_damaged_page_list_or_lock_of_a_set_is_moved_aside_and_told(runner: Runner, name: str, text: str):
    runner.run(ONE)
    (runner.set / name).write_text(text)
    assert runner.run(ONE) == {"a": "skipped"}
    told = [event["message"] for event in runner.events if event["event"] == "problem"]
    is_proven_by_its_list = name == "index.html"
    if text.strip("\0") and not is_proven_by_its_list:
        assert told == [f"A file of an earlier run was damaged: {name} was damaged and is now {name}.damaged."]
        assert (runner.set / f"{name}.damaged").read_text() == text
    assert json.loads((runner.set / "index.json").read_text())["made"] == ["a"]
    assert runner.run(ONE) == {"a": "skipped"}


# -- recipes


def test_a_second_recipe_of_one_file_name_is_refused_and_harms_nothing(runner: Runner, monkeypatch: pytest.MonkeyPatch):
    runner.run(ONE)
    other = runner.folder / "other" / "r.yaml"
    other.parent.mkdir()
    write_notebook(other.with_name("small.ipynb"))
    other.write_text("title: T\nkeep: {days: 1}\nreports: [{name: b, notebook: small.ipynb}]")
    with pytest.raises(UsageError) as told:
        run_recipe(read_recipe(other), runner.set, now=lambda: NOW + timedelta(days=900))
    mine = runner.folder / "r.yaml"
    assert (
        str(told.value)
        == f"{runner.set} holds the reports of another recipe, {mine}; give those of {other} a folder of their own with --out."
    )
    assert (runner.set / "a" / "report.html").is_file()
    assert runner.run(ONE) == {"a": "skipped"}
    mine.rename(runner.folder / "old.yaml")  # moved: then its set goes on under the other name
    assert [each.status for each in run_recipe(read_recipe(other), runner.set, now=lambda: NOW)] == ["built"]


def test_a_link_in_a_text_does_not_build_a_report_again_and_an_address_of_data_does(runner: Runner):
    text = "title: T\nreports: [{name: a, notebook: small.ipynb, parameters: {region: '%s'}}]"
    for link in ("see https://example.org/terms", "https://example.org", "a://b"):
        assert runner.run(text % link) == {"a": "built"}
        assert runner.run(text % link) == {"a": "skipped"}
    for _ in range(2):
        assert runner.run(text % "postgres://host/db::orders") == {"a": "built"}


def test_a_change_in_a_database_file_named_by_its_address_counts(runner: Runner):
    given = f"{{data: 'sqlite://{runner.folder}/shop.db::t', end: 2024-01-01}}"
    text = f"title: T\nreports: [{{name: a, notebook: small.ipynb, parameters: {given}}}]"
    (runner.folder / "shop.db").write_bytes(b"SQLite format 3\0")
    assert runner.run(text) == {"a": "built"}
    assert runner.run(text) == {"a": "skipped"}
    (runner.folder / "shop.db").write_bytes(b"SQLite format 3\0 and more")
    assert runner.run(text) == {"a": "built"}


def test_a_path_that_the_system_refuses_is_one_reports_problem(runner: Runner):
    long, nul = "x" * 300 + ".csv", '"no\\0w.csv"'
    entries = [f"{{name: {name}, notebook: small.ipynb, parameters: {{data: {data}}}}}" for name, data in (("b", long), ("c", nul))]
    found = runner.run(f"title: T\nreports: [{{name: a, notebook: small.ipynb}}, {', '.join(entries)}]")
    assert found == {"a": "built", "b": "failed", "c": "failed"}
    assert "path is longer than the system allows" in runner.message("b")
    assert "is no path that this system can hold (" in runner.message("c")


def test_a_report_cannot_take_the_place_of_the_folder_where_one_stands(runner: Runner, monkeypatch: pytest.MonkeyPatch):
    stand = runner.folder / "empty"
    stand.mkdir()
    monkeypatch.chdir(stand)
    for out in (".", "..", str(stand)):
        done = CliRunner().invoke(main, ["run", str(runner.folder / "small.ipynb"), "--out", out])
        assert done.exit_code == 2
        assert "is where you stand, or above it, and a report takes the place of its folder; name one below: --out report." in done.output
    assert Path.cwd() == stand


# -- notebooks by path


def of_cells(*cells: Any, **more: Any) -> dict[str, Any]:
    return {
        "nbformat": 4,
        "cells": [{"cell_type": "code", "metadata": {}, "source": ""} | c if isinstance(c, dict) else c for c in cells],
    } | more


NOTEBOOKS: dict[str, tuple[Any, str]] = {
    "a list": ([], "it has no list of cells"),
    "no format": ({"cells": []}, "it says that its format is None"),
    "format 3": (of_cells(nbformat=3), "it says that its format is 3"),
    "a cell that is a number": (of_cells(5), "cell 1 is neither code nor text"),
    "a cell of no kind": (of_cells({"cell_type": None}), "cell 1 is neither code nor text"),
    "a source that is a number": (of_cells({"source": 5}), "the source of cell 1 is no text"),
    "lines that are numbers": (of_cells({}, {"source": [5]}), "the source of cell 2 is no text"),
    "no metadata": (of_cells({"metadata": None}), "cell 1 has no metadata, or tags that are no texts"),
    "tags that are numbers": (of_cells({"metadata": {"tags": [1]}}), "cell 1 has no metadata, or tags that are no texts"),
    "outputs that are texts": (of_cells({"outputs": ["x"]}), "the outputs of cell 1 are no list of outputs"),
    "promises that are numbers": (of_cells(metadata={"goodwill": {"records": 5}}), "its metadata do not hold lists of names"),
    "metadata that are a list": (of_cells(metadata=[]), "its metadata do not hold lists of names"),
}


@pytest.mark.parametrize("kind", NOTEBOOKS)
def test_a_malformed_notebook_says_what_is_wrong_with_it(kind: str, tmp_path: Path):
    content, said = NOTEBOOKS[kind]
    (tmp_path / "n.ipynb").write_text(json.dumps(content))
    with pytest.raises(ReportError) as told:
        Notebook.read(tmp_path / "n.ipynb")
    assert str(told.value) == f"{tmp_path}/n.ipynb is not a notebook of the format 4: {said}. Open it in JupyterLab and save it."


@pytest.mark.parametrize("text", ["", "{", "[" * 200_000, "\ufeff{}"])
def test_a_notebook_that_is_no_json_says_so(text: str, tmp_path: Path):
    (tmp_path / "n.ipynb").write_text(text)
    with pytest.raises(ReportError, match=r"n.ipynb is not a notebook: it is no JSON \("):
        Notebook.read(tmp_path / "n.ipynb")


# -- pages and tables


def test_ids_that_are_formulas_are_harmless_in_tables():
    ids = ['=HYPERLINK("http://x","y")', "@SUM(1+1)", "+cmd|' /C calc'!A0", "-2+3", "\t=1", "  =1", "＝1", "-3.5", "+4", "a=b", ""]
    frame = pd.DataFrame({"=id": ids, "value": range(len(ids))}, index=pd.Index([f"@{i}" for i in ids], name="who"))
    lines = table_csv(frame)
    found = pd.read_csv(pd.io.common.StringIO(lines), keep_default_na=False)
    assert found.columns.tolist() == ["who", "'=id", "value"]
    assert found["'=id"].tolist() == [f"'{each}" for each in ids[:7]] + ids[7:]
    assert found["who"].tolist() == [f"'@{each}" for each in ids]
    assert found["value"].tolist() == list(range(len(ids)))


def test_characters_that_turn_text_around_are_shown_as_text_on_every_page():
    turned = "\u202egnp.exe\u2066x\u200f"
    facts = {"title": turned, "started": NOW.isoformat(), "notebook": "n.ipynb", "parameters": {}, "name": "n"}
    failure = Failure(turned, source=turned, traceback=turned)
    body = page("failure", facts=facts, failure=failure, has_last=False, folder="", started="now")
    assert not re.search("[\u200e\u200f\u202a-\u202e\u2066-\u2069]", body)
    assert "[U+202E]gnp.exe[U+2066]x[U+200F]" in body


@pytest.mark.parametrize(
    "tag", ["<meta http-equiv=refresh content=0>", "<META x>", "<base href=//x>", "< meta>", "<link rel=x>", "</meta>"]
)
def test_no_output_commands_its_page(tag: str):
    assert without_commands(f"<b>a</b>{tag}<i>") == f"<b>a</b>{tag.replace('<', '&lt;')}<i>"
    assert without_commands("<metadata>") == "<metadata>"


def test_a_report_dated_after_now_is_not_a_negative_number_of_days_old(tmp_path: Path):
    assert age(timedelta(days=-1)) == ""
    for status in ("failed", "skipped"):
        write_report(tmp_path / status, NOW + timedelta(days=1))
    outcomes = [outcome(tmp_path / "failed", "failed", message="no data"), outcome(tmp_path / "skipped", "skipped")]
    write_index("T", tmp_path, outcomes, now=NOW)
    body = (tmp_path / "index.html").read_text()
    assert "it is dated after now (2026-11-23 05:00 UTC): a clock has been set back." in body
    assert "since 2026-11-23 05:00 UTC (dated after now: a clock has been set back)" in body


# -- documentation


def cron_lines() -> list[str]:
    texts = [(ROOT / name).read_text("utf-8") for name in ("README.md", "docs/scheduling.md")]
    return [match[1] for text in texts for match in re.finditer(r"^\d+ \d+ \* \* \*  (.+)$", text, re.MULTILINE)]


@pytest.mark.skipif(os.name == "nt", reason="no cron")
@pytest.mark.parametrize("line", cron_lines())
def test_the_line_for_cron_says_something_when_a_report_fails_and_nothing_when_none_does(line: str, tmp_path: Path):
    program = tmp_path / ".venv" / "bin" / "goodwill"
    program.parent.mkdir(parents=True)
    command = line.replace("/srv/goodwill", str(tmp_path))
    for status, says in ((0, False), (1, True), (2, True), (3, True)):
        program.write_text(f"#!/bin/sh\necho '{{}}'\nexit {status}\n")
        program.chmod(0o755)
        done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, env=os.environ | {"HOME": str(tmp_path)})
        assert bool(done.stdout + done.stderr) is says, status
    program.write_text("#!/bin/sh\necho 'Error: what is wrong' >&2\nexit 2\n")
    assert (
        "what is wrong"
        in subprocess.run(["sh", "-c", command], capture_output=True, text=True, env=os.environ | {"HOME": str(tmp_path)}).stderr
    )


def test_the_lines_for_cron_are_found():
    assert len(cron_lines()) == 2
