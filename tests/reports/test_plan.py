from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path

import pytest

from goodwill.errors import UsageError
from goodwill.reports.recording.notebooks import Notebook
from goodwill.reports.sets.batch import exit_status, run_single

from .running import SALES, Runner, runner, write_notebook, write_sales

__all__ = ["runner"]

ONE = "title: T\nreports: [{name: a, notebook: small.ipynb, parameters: {data: sales.csv}}]"
EXPECTS = "title: T\nexpects: {%s}\nreports: [{name: a, notebook: small.ipynb, parameters: {data: sales.csv}}]"


# ------------------------------------------------------------------------------------------------------------- what is true already


def test_what_has_not_changed_is_not_built_again(runner: Runner):
    assert runner.run(ONE) == {"a": "built"}
    before = runner.facts()
    assert runner.run(ONE) == {"a": "skipped"}
    assert runner.executed == []
    assert runner.facts() == before


def test_force_builds_all_the_same(runner: Runner):
    runner.run(ONE)
    assert runner.run(ONE, force=True) == {"a": "built"}


@pytest.mark.sampled(1)
@pytest.mark.parametrize(
    "change",
    [
        lambda r: write_notebook(r.folder / "small.ipynb", "1 + 1"),
        lambda r: write_notebook(r.folder / "small.ipynb", parameters=SALES.replace("52", "53")),
        lambda r: write_notebook(r.folder / "small.ipynb", records=[]),
        lambda r: write_sales(r.folder / "sales.csv", until=3),
        lambda r: (r.set / "a" / "report.html").write_text("<html"),
        lambda r: (r.set / "a" / "results.json").unlink(),
    ],
    ids=["code", "default", "promise", "data", "broken page", "lost results"],
)
def test_whatever_changed_is_built_again(runner: Runner, change):
    runner.run(ONE)
    change(runner)
    assert runner.run(ONE) == {"a": "built"}
    assert runner.run(ONE) == {"a": "skipped"}


@pytest.mark.slow
@pytest.mark.parametrize("spoil", [Path.unlink, lambda facts: facts.write_text("{")], ids=["lost", "broken"])
def test_a_report_whose_facts_are_lost_is_built_anew_and_what_stood_there_is_kept_aside(runner: Runner, spoil):
    runner.run(ONE)
    spoil(runner.set / "a" / "run.json")
    (runner.set / "a" / "tables" / "mine.csv").write_text("years of work")  # nobody can tell it from ours without the list
    assert runner.run(ONE) == {"a": "built"}
    assert runner.run(ONE) == {"a": "skipped"}
    assert (runner.set / "a.damaged" / "tables" / "mine.csv").read_text() == "years of work"
    assert (runner.set / "a.damaged" / "report.html").is_file()


def test_a_folder_whose_page_is_not_ours_either_is_nobodys_to_replace(runner: Runner):
    runner.run(ONE)
    (runner.set / "a" / "run.json").unlink()
    (runner.set / "a" / "report.html").write_text("<html>my page</html>")
    assert runner.run(ONE) == {"a": "failed"}
    assert "exists and is not a report" in runner.message()


def test_a_changed_parameter_or_title_is_built_again_and_only_there(runner: Runner):
    two = "title: T\nreports: [{name: a, notebook: small.ipynb, parameters: {horizon: %s}}, {name: b, notebook: small.ipynb, title: %s}]"
    assert runner.run(two % (4, "X")) == {"a": "built", "b": "built"}
    assert runner.run(two % (5, "X")) == {"a": "built", "b": "skipped"}
    assert runner.run(two % (5, "Y")) == {"a": "skipped", "b": "built"}


@pytest.mark.slow
def test_library_and_packages_count(runner: Runner, monkeypatch):
    runner.run(ONE)
    for name, value in (("library_hash", "other"), ("versions", {"pandas": "9"})):
        monkeypatch.setattr(f"goodwill.reports.running.fingerprints.{name}", lambda value=value: value)
        assert runner.run(ONE) == {"a": "built"}
        assert runner.run(ONE) == {"a": "skipped"}


@pytest.mark.slow
def test_another_name_for_the_title_of_the_recipe_builds_nothing(runner: Runner):
    runner.run(ONE)
    assert runner.run(ONE.replace("title: T", "title: Other\ntimeout: 60\nkeep: {runs: 3}")) == {"a": "skipped"}


def test_only_the_relative_date_that_moved_counts(runner: Runner):
    text = "title: T\nreports: [{name: a, notebook: small.ipynb, parameters: {end: '{end_of_last_month}'}}]"
    assert runner.run(text, date(2024, 3, 5)) == {"a": "built"}
    assert runner.facts()["given"]["end"] == runner.facts()["parameters"]["end"] == "2024-02-29"
    assert runner.run(text, date(2024, 3, 31)) == {"a": "skipped"}
    assert runner.run(text, date(2024, 4, 1)) == {"a": "built"}
    assert runner.executed[0]["end"] == "2024-03-31"


def test_a_database_is_always_asked_again(runner: Runner):
    text = (
        "title: T\nreports: [{name: a, notebook: small.ipynb, parameters: {data: 'postgres://me:secret@host/db::orders', end: 2024-01-01}}]"
    )
    assert runner.run(text) == {"a": "built"}
    assert runner.run(text) == {"a": "built"}
    assert "secret" not in (runner.set / "a" / "run.json").read_text()


def test_a_log_beside_a_database_file_counts(runner: Runner):
    text = "title: T\nreports: [{name: a, notebook: small.ipynb, parameters: {data: 'shop.db::orders', end: 2024-01-01}}]"
    (runner.folder / "shop.db").write_bytes(b"SQLite format 3\0")
    runner.run(text)
    assert runner.run(text) == {"a": "skipped"}
    (runner.folder / "shop.db-wal").write_bytes(b"news")
    assert runner.run(text) == {"a": "built"}


def test_a_file_that_was_looked_at_before_is_not_read_again(runner: Runner, monkeypatch):
    old = 1_700_000_000
    monkeypatch.setattr("goodwill.reports.running.fingerprints.SETTLED", -(10**18))  # as if it had been written long ago
    os.utime(runner.folder / "sales.csv", (old, old))
    runner.run(ONE)
    kept = json.loads((runner.set / ".cache" / "fingerprints.json").read_text())
    assert str(runner.folder / "sales.csv") in kept
    monkeypatch.setattr("hashlib.file_digest", lambda *_: pytest.fail("read again"))
    assert runner.run(ONE) == {"a": "skipped"}


def test_a_file_that_was_just_written_is_not_trusted_by_its_time(runner: Runner, monkeypatch):
    monkeypatch.setattr("goodwill.reports.running.fingerprints.SETTLED", 10**18)
    runner.run(ONE)
    assert not (runner.set / ".cache" / "fingerprints.json").exists()


def test_a_run_that_was_interrupted_goes_on_where_it_stopped(runner: Runner, monkeypatch):
    three = "title: T\nreports: [{name: a, notebook: small.ipynb}, {name: b, notebook: small.ipynb}, {name: c, notebook: small.ipynb}]"
    execute, count = runner.execute, []

    def interrupted(*about):
        count.append(1)
        if len(count) == 2:
            raise KeyboardInterrupt
        return execute(*about)

    monkeypatch.setattr("goodwill.reports.running.run.execute", interrupted)
    with pytest.raises(KeyboardInterrupt):
        runner.run(three)
    assert runner.run(three) == {"a": "skipped", "b": "built", "c": "built"}


# ------------------------------------------------------------------------------------------------------------- late, thin, odd data


@pytest.mark.slow
def test_data_that_do_not_reach_far_enough_make_a_report_stale(runner: Runner):
    assert runner.run(EXPECTS % "through: yesterday") == {"a": "built"}
    assert runner.facts()["observed"]["last"] == "2024-03-04"
    page = (runner.set / "a" / "report.html").read_bytes()
    assert runner.run(EXPECTS % "through: yesterday", date(2024, 3, 6)) == {"a": "stale"}
    assert runner.message() == "The data end on 2024-03-04, before 2024-03-05, the day they should reach."
    assert (runner.executed, runner.events[-1]["exit_status"]) == ([], 3)
    assert (runner.set / "a" / "report.html").read_bytes() == page
    assert json.loads((runner.set / "a.stale.json").read_text())["as_of"] == "2024-03-06"
    write_sales(runner.folder / "sales.csv", until=5)
    assert runner.run(EXPECTS % "through: yesterday", date(2024, 3, 6)) == {"a": "built"}
    assert not (runner.set / "a.stale.json").exists()


def test_what_a_report_itself_expects_holds_for_built_in_sets_too(runner: Runner):
    shared = "title: T\nexpects: {through: yesterday}\nreports: [{name: a, notebook: small.ipynb, parameters: {data: cdnow_sample}}]"
    assert runner.run(shared)["a"] != "stale", "a set that never grows, among files that do"
    own = "title: T\nreports: [{name: a, notebook: small.ipynb, parameters: {data: cdnow_sample}, expects: {through: yesterday}}]"
    assert runner.run(own) == {"a": "stale"}
    assert runner.message().startswith("The data end on 1998-06-30")


def test_unchanged_data_grow_stale_too(runner: Runner):
    """Silence of the feed is not an unchanged report."""
    runner.run(EXPECTS % "through: yesterday")
    assert runner.run(EXPECTS % "through: yesterday") == {"a": "skipped"}
    assert runner.run(EXPECTS % "through: yesterday", date(2024, 3, 7)) == {"a": "stale"}


def test_a_report_that_is_stale_and_one_that_failed_exit_as_failed(runner: Runner):
    runner.problem = "DeadKernelError: Kernel died"
    text = EXPECTS % "through: today" + "\n".join(["", "defaults: {horizon: 3}"]).replace("\n", "\n", 1)
    text = text.replace(
        "reports: [", "reports: [{name: b, notebook: small.ipynb, expects: {through: 2024-01-01}, parameters: {data: sales.csv}}, "
    )
    found = runner.outcomes(text)
    assert {outcome.name: outcome.status for outcome in found} == {"a": "stale", "b": "failed"}
    assert exit_status(found) == 1


@pytest.mark.slow
def test_thin_odd_and_emptier_data_are_stale(runner: Runner):
    text = EXPECTS % "minimum_rows: 20, columns: as before, rows_within: 0.5"
    assert runner.run(text) == {"a": "built"}
    sales = runner.folder / "sales.csv"
    for change, reason in (
        (lambda: write_sales(sales, until=1), "6 rows, fewer than the 20"),
        (lambda: write_sales(sales, customers=30), "120 rows, more than 50% away from the usual 24"),
        (lambda: sales.write_text(write_sales(sales).read_text().replace("north", "")), "column 'region' is empty in 50.0%"),
        (lambda: sales.write_text(write_sales(sales).read_text().replace("region", "area")), "column 'region' is gone"),
    ):
        change()
        assert runner.run(text) == {"a": "stale"}
        assert reason in runner.message()
    write_sales(sales, until=5, customers=5)
    assert runner.run(text) == {"a": "built"}


def test_unreadable_data_fail_and_the_report_stands(runner: Runner):
    runner.run(EXPECTS % "through: 2024-01-01")
    page = (runner.set / "a" / "report.html").read_bytes()
    (runner.folder / "sales.csv").write_bytes(b"\0\1\2\3")
    assert runner.run(EXPECTS % "through: 2024-01-01") == {"a": "failed"}
    assert "sales.csv is in no known encoding" in runner.message()
    assert (runner.set / "a" / "report.html").read_bytes() == page


def test_todays_half_day_is_not_counted(runner: Runner):
    write_sales(runner.folder / "sales.csv", until=5)
    assert runner.run(EXPECTS % "through: yesterday") == {"a": "built"}
    assert runner.executed[0]["end"] == runner.facts()["given"]["end"] == "2024-03-04"


@pytest.mark.sampled(1)
@pytest.mark.parametrize(("rule", "end"), [("true", "2024-03-03"), ("false", None)])
def test_the_rule_for_the_last_day(runner: Runner, rule: str, end: str | None):
    runner.run(ONE.replace("title: T\n", f"title: T\ntrim_last_day: {rule}\n"))
    assert runner.executed[0].get("end") == end


def test_an_end_that_the_recipe_gives_stays(runner: Runner):
    write_sales(runner.folder / "sales.csv", until=5)
    runner.run(ONE.replace("sales.csv}", "sales.csv, end: 2024-03-02}"))
    assert runner.executed[0]["end"] == "2024-03-02"


@pytest.mark.slow
def test_the_run_of_an_earlier_day_gives_what_that_day_would_have_given(runner: Runner):
    text = EXPECTS % "through: yesterday"
    text = text.replace("data: sales.csv", "data: sales.csv, region: 'as of {today}'")
    runner.run(text, date(2024, 3, 5))
    that_day = dict(runner.executed[0])
    write_sales(runner.folder / "sales.csv", until=20)
    assert runner.run(text, date(2024, 3, 5), as_of=date(2024, 3, 5)) == {"a": "built"}
    assert runner.executed[0] == that_day | {"end": "2024-03-04"}
    assert runner.facts()["as_of"] == "2024-03-05"


def test_a_notebook_that_cannot_cut_its_data_cannot_run_as_of_an_earlier_day(runner: Runner):
    write_notebook(runner.folder / "small.ipynb", parameters=SALES.replace("end: str", "other: str"))
    write_sales(runner.folder / "sales.csv", until=20)
    assert runner.run(ONE, as_of=date(2024, 3, 5)) == {"a": "failed"}
    assert "has no parameter 'end'" in runner.message()


def test_data_are_looked_at_once_and_the_answer_is_kept(runner: Runner, monkeypatch):
    two = EXPECTS % "minimum_rows: 1" + "\n"
    two = two.replace("reports: [", "reports: [{name: b, notebook: small.ipynb, parameters: {data: sales.csv, horizon: 3}}, ")
    from goodwill.reports.sets import observations as plan

    looked = []
    monkeypatch.setattr(plan, "observe", lambda *_, observe=plan.observe, **about: looked.append(about) or observe(**about))
    assert runner.run(two) == {"a": "built", "b": "built"}
    assert len(looked) == 1
    assert runner.run(two, date(2024, 3, 9)) == {"a": "skipped", "b": "skipped"}
    assert len(looked) == 1


@pytest.mark.slow
@pytest.mark.parametrize("damage", ["", "{", "[]", '{"rows": "many"}', '{"rows": 1, "first": null, "last": "soon", "empty": {}}'])
def test_a_damaged_cache_is_made_again(runner: Runner, damage: str):
    text = EXPECTS % "through: yesterday"
    runner.run(text)
    for path in (runner.set / ".cache").rglob("*.json"):
        path.write_text(damage)
    assert runner.run(text) == {"a": "skipped"}
    assert runner.run(text, date(2024, 3, 6)) == {"a": "stale"}


def test_a_single_report_is_cut_as_of_a_day_too(runner: Runner, monkeypatch, tmp_path: Path):
    from goodwill.reports.sets.batch import Options

    write_sales(runner.folder / "sales.csv", until=20)
    monkeypatch.chdir(runner.folder)
    notebook = Notebook.read(runner.folder / "small.ipynb")
    given = {"data": "sales.csv", "region": "{yesterday}"}
    outcome = run_single(notebook, given, tmp_path / "one", Options(as_of=date(2024, 3, 10)))
    assert outcome.failure is None
    assert runner.executed[0] | {"data": ""} == {"data": "", "region": "2024-03-09", "end": "2024-03-09"}
    with pytest.raises(UsageError, match="did you mean 'yesterday'"):
        run_single(notebook, {"region": "{yesterdy}"}, tmp_path / "two")
