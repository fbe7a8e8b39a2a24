"""Nothing is removed or replaced that the runner cannot prove to have made; each refusal names what stands in the way."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from goodwill.cli import main
from goodwill.errors import UsageError
from goodwill.reports.running.ours import check_place, half_built, new_building, remove_report, why_not_ours
from goodwill.reports.running.rebuild import rebuild
from goodwill.reports.running.writing import while_written
from goodwill.reports.sets.guard import sweep

from .running import Runner, runner, write_notebook
from .sets import NOW, facts_of, write_report

__all__ = ["runner"]

STRANGE_FACTS: list[Any] = [
    "{",
    "[]",
    '"report"',
    "{}",
    '{"name": "r"}',
    '{"name": "r", "lr": 0.1, "epochs": 3, "status": "finished"}',
    json.dumps(facts_of("r", NOW) | {"status": "failed"}),
    json.dumps(facts_of("r", NOW) | {"started": "yesterday"}),
    json.dumps(facts_of("r", NOW) | {"started": 5}),
    json.dumps(facts_of("r", NOW) | {"name": ["r"]}),
    json.dumps(facts_of("r", NOW) | {"parameters": []}),
    json.dumps(facts_of("r", NOW) | {"notebook": "train.py"}),
]


def snapshot(folder: Path) -> dict[str, Any]:
    return {
        path.relative_to(folder).as_posix(): path.readlink() if path.is_symlink() else path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


@pytest.fixture
def goodwill(runner: Runner, monkeypatch: pytest.MonkeyPatch):
    """The command line, standing in the runner's folder, without kernels."""
    monkeypatch.chdir(runner.folder)
    return lambda *arguments: CliRunner().invoke(main, [str(argument) for argument in arguments])


# -- `--out` onto a folder


def foreign_run_json(folder: Path) -> None:
    folder.mkdir()
    (folder / "run.json").write_text('{"name": "my training run", "epochs": 3}')
    (folder / "weights.bin").write_bytes(b"months of work")


def file_inside(folder: Path) -> None:
    (write_report(folder, NOW) / "my notes.txt").write_text("years of work")


def file_among_the_tables(folder: Path) -> None:
    (write_report(folder, NOW) / "tables" / "thesis.docx").write_text("years of work")


def file_that_the_list_does_not_name(folder: Path) -> None:
    write_report(folder, NOW, files={"report.html": "", "notebook.ipynb": "", "results.json": "", "tables/deciles.csv": ""})
    (folder / "tables" / "my_own.csv").write_text("years of work")


def folder_inside(folder: Path) -> None:
    (write_report(folder, NOW) / ".git").mkdir()


def link_inside(folder: Path) -> None:
    (write_report(folder, NOW) / "report.pdf").symlink_to(folder.parent / "sales.csv")


def link_for_tables(folder: Path) -> None:
    write_report(folder, NOW)
    (folder / "figures").rmdir()
    (folder / "figures").symlink_to(folder.parent / "sales.csv")


def link_to_a_report(folder: Path) -> None:
    folder.symlink_to(write_report(folder.with_name("elsewhere"), NOW), target_is_directory=True)


def broken_link(folder: Path) -> None:
    folder.symlink_to(folder.with_name("nowhere"))


def a_file(folder: Path) -> None:
    folder.write_text("a file")


def foreign_folder_where_the_old_report_is_put_aside(folder: Path) -> None:
    aside = folder.with_name(f".{folder.name}.previous")
    aside.mkdir()
    (aside / "diary.txt").write_text("years of work")


SPOILED = [
    foreign_run_json,
    file_inside,
    file_among_the_tables,
    file_that_the_list_does_not_name,
    folder_inside,
    link_inside,
    link_for_tables,
    link_to_a_report,
    broken_link,
    a_file,
    foreign_folder_where_the_old_report_is_put_aside,
]


@pytest.mark.parametrize("spoil", SPOILED)
def test_out_onto_what_no_run_has_made_is_refused_by_name_and_nothing_changes(goodwill, runner: Runner, spoil):
    spoil(runner.folder / "out")
    before = snapshot(runner.folder)
    done = goodwill("run", "small.ipynb", "--out", "out")
    assert done.exit_code == 2, done.output
    assert "out" in done.output and done.output.count("\n") == 1
    assert any(word in done.output for word in ("name another folder", "name the folder itself", "move it elsewhere"))
    assert snapshot(runner.folder) == before
    assert runner.executed == []


@pytest.mark.parametrize("spoil", SPOILED)
def test_a_report_of_a_set_that_would_replace_what_no_run_has_made_fails_and_nothing_else_does(runner: Runner, spoil):
    runner.set.mkdir(parents=True)
    (runner.set / "sales.csv").write_text("x")
    spoil(runner.set / "a")
    before = snapshot(runner.set)
    found = runner.run("title: T\nreports: [{name: a, notebook: small.ipynb}, {name: b, notebook: small.ipynb}]")
    assert found == {"a": "failed", "b": "built"}
    after = snapshot(runner.set)
    assert {name: after.get(name) for name in before} == before


@pytest.mark.parametrize("text", STRANGE_FACTS)
def test_a_run_json_of_another_shape_proves_nothing(tmp_path: Path, text: str):
    write_report(tmp_path / "r", NOW)
    (tmp_path / "r" / "run.json").write_text(text)
    before = snapshot(tmp_path)
    assert why_not_ours(tmp_path / "r") == "has no run.json of a report"
    assert not remove_report(tmp_path / "r")
    with pytest.raises(UsageError, match=r"r exists and is not a report to replace: it has no run.json of a report; name another folder"):
        check_place(tmp_path / "r")
    assert snapshot(tmp_path) == before


def test_a_report_of_another_name_is_not_replaced_in_a_set(runner: Runner):
    write_report(runner.set / "a", NOW, name="last_year")
    before = snapshot(runner.set)
    assert runner.run() == {"a": "failed"}
    assert "it is the report 'last_year', not 'a'" in runner.message()
    assert {name: snapshot(runner.set)[name] for name in before} == before


def test_a_report_and_an_empty_folder_are_replaced(goodwill, runner: Runner):
    (runner.folder / "out").mkdir()
    for _ in range(2):
        assert goodwill("run", "small.ipynb", "--out", "out").exit_code == 0
        assert why_not_ours(runner.folder / "out", "small") == ""
    assert not list(runner.folder.glob(".out*"))


def test_what_came_to_the_folder_while_the_notebook_ran_stays_and_the_report_fails(runner: Runner, monkeypatch: pytest.MonkeyPatch):
    runner.run()

    def execute(*about: Any) -> Any:
        (runner.set / "a" / "notes.txt").write_text("written during the run")
        return runner.execute(*about)

    monkeypatch.setattr("goodwill.reports.running.run.execute", execute)
    assert runner.run(force=True) == {"a": "failed"}
    assert "holds 'notes.txt', which no run has put there" in runner.message()
    assert (runner.set / "a" / "notes.txt").read_text() == "written during the run"


def test_the_root_is_no_folder_for_a_report():
    with pytest.raises(UsageError, match="name one with --out"):
        check_place(Path("/"))


# -- a recipe in a foreign folder

FOREIGN = {
    ".diary.building/plan.txt": "months of work",
    ".b.x1y2z3.building/plan.txt": "months of work",
    ".diary.writing": "chapter one",
    ".index.html.writing": "somebody's page",
    ".a.previous/plan.txt": "months of work",
    ".z.previous/run.json": '{"name": "z"}',
    ".cache/deep/.draft.writing": "chapter two",
    ".cache/groups/mine.parquet": "rows",
    "a.failed.html": "<html>my list of failed trials",
    "a.failed.json": '{"failure": "of the first trial"}',
    "a.stale.json": "[]",
    "plan.txt": "months of work",
}


def test_a_recipe_that_runs_in_a_foreign_folder_removes_and_replaces_nothing_there(runner: Runner):
    for name, text in FOREIGN.items():
        (runner.set / name).parent.mkdir(parents=True, exist_ok=True)
        (runner.set / name).write_text(text)
    text = "title: T\nkeep: {days: 1}\nreports: [{name: a, notebook: small.ipynb}, {name: c, notebook: small.ipynb}]"
    for _ in range(2):
        runner.run(text)
        assert {name: (runner.set / name).read_text() for name in FOREIGN} == FOREIGN
    assert (runner.set / "c" / "report.html").is_file()


@pytest.mark.parametrize(
    ("name", "text"),
    [("index.html", "<html>my home page"), ("index.json", "[1, 2]"), ("index.json", '{"title": "mine"}'), (".lock", "held by my backup")],
)
def test_a_foreign_page_list_or_lock_is_not_replaced_by_a_set(goodwill, runner: Runner, name: str, text: str):
    runner.recipe("title: T\nreports: [{name: a, notebook: small.ipynb}]")
    runner.set.mkdir(parents=True)
    (runner.set / name).write_text(text)
    done = goodwill("run", "r.yaml", "--out", runner.set)
    assert done.exit_code == 2
    assert name in done.output and "name another folder with --out" in done.output
    assert snapshot(runner.set) == {name: text.encode()}


def test_a_set_goes_on_over_its_own_pages_and_lock(runner: Runner):
    assert runner.run() == {"a": "built"}
    (runner.set / "index.json").unlink()  # a run that was killed between page and list
    assert runner.run() == {"a": "skipped"}
    (runner.set / "index.html").write_text("<html>of an earlier version</html>")
    assert runner.run() == {"a": "skipped"}


def test_a_half_built_folder_proves_itself_by_its_name_and_by_what_it_holds(tmp_path: Path):
    building = new_building(tmp_path / "north.2")
    assert half_built(building) == "north.2"
    while_written(building / "report.html").write_text("<html")
    assert half_built(building) == "north.2"
    assert half_built(building.rename(tmp_path / building.name.replace("north", "south"))) == ""
    other = new_building(tmp_path / "north")
    (other / "notes.txt").write_text("years of work")
    assert half_built(other) == ""
    linked = new_building(tmp_path / "west")
    linked.rmdir()
    linked.symlink_to(other, target_is_directory=True)
    assert half_built(linked) == ""
    before = snapshot(tmp_path)
    sweep(tmp_path)
    assert snapshot(tmp_path) == before


def test_a_cache_that_is_a_link_is_not_swept(tmp_path: Path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "set").mkdir()
    left = while_written(tmp_path / "elsewhere" / "x.json")
    left.write_text("x")
    (tmp_path / "set" / ".cache").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    sweep(tmp_path / "set")
    assert left.is_file()


def test_a_report_that_is_no_longer_made_leaves_what_is_not_ours_beside_it(runner: Runner):
    from goodwill.reports.sets.retention import clean

    write_report(runner.set / "old", NOW.replace(year=2020))
    for ending, text in ((".failed.html", "my trials"), (".failed.json", "{}"), (".history.jsonl", "my history\n")):
        (runner.set / f"old{ending}").write_text(text)
    (runner.set / "old.stale.json").write_text(json.dumps({"name": "old", "status": "stale", "failure": {"message": "x"}}))
    assert clean(runner.set, ["old"], [], {"days": 1}, NOW).removed == ("old",)
    assert {path.name for path in runner.set.iterdir()} == {"old.failed.html", "old.failed.json", "old.history.jsonl"}


# -- rebuild


@pytest.mark.parametrize("name", ["../escaped", "../../escaped", "a/b", "a\\b", "..", ".", ""])
def test_rebuild_follows_no_name_out_of_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str):
    refused(tmp_path, monkeypatch, name)


def test_rebuild_follows_no_absolute_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    refused(tmp_path, monkeypatch, str(tmp_path / "escaped"))


def refused(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr("goodwill.reports.running.rebuild.run_notebook", lambda *_, **__: pytest.fail("something was run"))
    kept_report(folder / "r", name=name)
    before = snapshot(folder)
    with pytest.raises(UsageError, match="leads to another folder"):
        rebuild(folder / "r")
    assert snapshot(folder) == before


def kept_report(folder: Path, **facts: Any) -> Path:
    more = {"library": "0", "notebook_sha256": "0", "base": ".", "versions": {}, "name": "small"} | facts
    write_report(folder, NOW, **more)
    write_notebook(folder / "notebook.ipynb")
    return folder


def test_rebuild_takes_no_run_json_of_another_shape(tmp_path: Path):
    for change in ({"status": "failed"}, {"base": 5}, {"data": []}, {"versions": None}, {"parameters": "x"}):
        with pytest.raises(UsageError, match="another shape"):
            rebuild(kept_report(tmp_path / "r", **change))


@pytest.mark.parametrize("spoil", [foreign_run_json, file_inside, link_to_a_report, a_file])
def test_rebuild_does_not_write_over_what_no_run_has_made(goodwill, runner: Runner, spoil):
    report = kept_report(runner.folder / "r", parameters={}, base="..")
    spoil(runner.folder / "out")
    before = snapshot(runner.folder)
    done = goodwill("rebuild", "--trust", report, "--out", "out")
    assert done.exit_code == 2 and "out" in done.output
    assert snapshot(runner.folder) == before
