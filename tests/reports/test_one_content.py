"""A run reads one content of its data, from the plan to the last cell."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.forked import run_notebook

from goodwill.data.held import Held
from goodwill.data.reading.sources import read_transactions
from goodwill.errors import DataError
from goodwill.reports.recording.notebooks import Notebook
from goodwill.reports.running.fingerprints import Fingerprints
from goodwill.reports.sets import batch, observations
from goodwill.reports.sets.fan_out import MANIFEST, split

from .running import Runner, runner, write_notebook, write_sales

__all__ = ["runner"]

CHANGED = "sales.csv changed while it was being read; run again."
ONE = "title: T\nreports: [{name: a, notebook: small.ipynb, parameters: {data: sales.csv}}]"
GROUPS = "title: T\nreports: [{name: 'v-{region}', notebook: small.ipynb, for_each: {column: region, of: sales.csv}}]"


@pytest.mark.slow
@pytest.mark.parametrize("ending", [pytest.param("parquet", marks=pytest.mark.slow), "csv"])
def test_a_file_that_is_replaced_between_two_cells_makes_no_report_of_two_files(tmp_path: Path, ending: str):
    for name, days in (("sales", 4), ("other", 3)):
        read = read_transactions(str(write_sales(tmp_path / f"{name}.csv", until=days)))
        if ending == "parquet":
            read.to_pandas().to_parquet(tmp_path / f"{name}.parquet")
    read, late = "import goodwill as gw\n\nread = gw.read_transactions(data)", "read.to_pandas()"
    replace = f"from pathlib import Path\n\nPath(data).with_name('other.{ending}').replace(data)"
    path = write_notebook(tmp_path / "small.ipynb", read, replace, late if ending == "parquet" else read, late)
    outcome = run_notebook(Notebook.read(path), {"data": f"sales.{ending}"}, tmp_path / "report", base=tmp_path)
    assert outcome.failure is not None
    assert outcome.failure.message.endswith(f"sales.{ending} changed while it was being read; run again.")
    assert outcome.failure.ours
    assert not (tmp_path / "report").exists()


@pytest.mark.slow
def test_a_report_reads_what_its_key_was_taken_of(runner: Runner, monkeypatch: pytest.MonkeyPatch):
    def execute(content: dict[str, Any], values: dict[str, Any], *rest: Any) -> Any:
        write_sales(Path(values["data"]), until=3)
        read_transactions(values["data"])
        return runner.execute(content, values, *rest)

    monkeypatch.setattr("goodwill.reports.running.run.execute", execute)
    assert runner.run(ONE) == {"a": "failed"}
    assert runner.message() == CHANGED
    monkeypatch.setattr("goodwill.reports.running.run.execute", runner.execute)
    assert runner.run(ONE) == {"a": "built"}


def test_a_file_that_the_notebook_itself_writes_may_change(runner: Runner, monkeypatch: pytest.MonkeyPatch):
    def execute(content: dict[str, Any], values: dict[str, Any], *rest: Any) -> Any:
        Path(values["data"]).write_text("new")
        return runner.execute(content, values, *rest)

    monkeypatch.setattr("goodwill.reports.running.run.execute", execute)
    assert runner.run(ONE) == {"a": "built"}


@pytest.mark.slow
def test_data_that_change_while_they_are_looked_at_are_not_judged(runner: Runner, monkeypatch: pytest.MonkeyPatch):
    observe = observations.observe

    def hooked(source: str, *about: Any, **options: Any) -> Any:
        found = observe(source, *about, **options)
        write_sales(Path(source), until=3)
        return found

    monkeypatch.setattr(observations, "observe", hooked)
    text = f"expects: {{minimum_rows: 20}}\n{ONE}"
    assert runner.run(text) == {"a": "failed"}
    assert runner.message() == CHANGED
    monkeypatch.setattr(observations, "observe", observe)
    assert runner.run(text) == {"a": "stale"}  # of the 18 rows that stand there now, not of the 24 that were seen


@pytest.mark.slow
def test_groups_are_those_of_the_content_that_the_manifest_names(runner: Runner, monkeypatch: pytest.MonkeyPatch):
    def hooked(*about: Any, **options: Any) -> None:
        write_sales(runner.folder / "sales.csv", until=3)
        split(*about, **options)

    monkeypatch.setattr(batch, "split", hooked)
    assert set(runner.run(GROUPS).values()) == {"failed"}
    monkeypatch.setattr(batch, "split", split)
    assert runner.run(GROUPS) == {"v-north": "built", "v-south": "built"}
    rows = {len(read_transactions(values["data"]).to_pandas()) for values in runner.executed}
    assert rows == {9}


def test_a_split_of_what_has_changed_leaves_no_manifest(tmp_path: Path):
    source = write_sales(tmp_path / "sales.csv")
    held = Held(source)
    write_sales(source, until=3)
    with pytest.raises(DataError, match=rf"^{CHANGED}$"):
        split(str(source), "region", tmp_path / "groups", "f", 10, held)
    assert not (tmp_path / "groups" / MANIFEST).exists()


def test_one_set_holds_each_file_once(tmp_path: Path):
    prints, path = Fingerprints(None), write_sales(tmp_path / "sales.csv")
    held = prints.hold(path)
    assert held is not None
    write_sales(path, until=3)
    assert prints.hold(path) is held
    assert prints.hold(tmp_path / "none.csv") is None


@pytest.mark.slow
def test_a_name_with_marks_of_patterns_makes_its_own_report(runner: Runner):
    write_sales(runner.folder / "sales1.csv", until=2)
    write_sales(runner.folder / "sales[1].csv")
    entry = "{name: 'v-{region}', notebook: small.ipynb, for_each: {column: region, of: 'sales[1].csv'}}"
    assert runner.run(f"title: T\nreports: [{entry}]") == {"v-north": "built", "v-south": "built"}
    assert {len(read_transactions(values["data"]).to_pandas()) for values in runner.executed} == {12}
    assert json.loads((runner.set / "v-north" / "run.json").read_text())["given"]["data"].endswith("sales[1]-north.parquet")
