from __future__ import annotations

import gc
import json
import os
import tracemalloc
from collections import deque
from pathlib import Path

import pytest

from goodwill.reports.recording.extract import Failure
from goodwill.reports.running.history import read_history
from goodwill.reports.running.workers import Crash
from goodwill.reports.sets import batch

from .running import Runner, run_here, runner, write_notebook

__all__ = ["runner"]

THREE = "title: 'A <set>'\nreports: [" + ", ".join(f"{{name: {name}, notebook: small.ipynb}}" for name in ("crash", "bad", "good")) + "]"


def fail_some(runner: Runner, monkeypatch):
    """The report `crash` cannot be written, `bad` has bad data."""
    run = batch.run_notebook

    def some(**about):
        if about["name"] == "crash":
            raise OSError("No space left on device")
        runner.problem = "the column <paid> holds text" if about["name"] == "bad" else ""
        return run(**about)

    monkeypatch.setattr(batch, "run_notebook", some)


def test_one_failing_report_stops_no_other_and_the_index_tells(runner: Runner, monkeypatch):
    fail_some(runner, monkeypatch)
    assert runner.run(THREE) == {"crash": "failed", "bad": "failed", "good": "built"}
    index = (runner.set / "index.html").read_text("utf-8")
    for text in ("A &lt;set&gt;", "1 built, 2 failed", "No space left on device", "There is no earlier report.", "column &lt;paid&gt;"):
        assert text in index
    assert 'href="good/report.html"' in index
    assert runner.events[-1] | {"seconds": 0, "index": ""} == {
        "event": "run_done",
        "built": 1,
        "thin": 0,
        "skipped": 0,
        "stale": 0,
        "failed": 2,
        "seconds": 0,
        "index": "",
        "exit_status": 1,
    }


def test_a_failed_report_leaves_the_last_good_one_marked_as_old(runner: Runner, monkeypatch):
    runner.run(THREE)
    pages = {name: (runner.set / name / "report.html").read_bytes() for name in ("crash", "bad", "good")}
    fail_some(runner, monkeypatch)
    assert runner.run(THREE, force=True) == {"crash": "failed", "bad": "failed", "good": "built"}
    assert {name: (runner.set / name / "report.html").read_bytes() for name in ("crash", "bad")} == {n: pages[n] for n in ("crash", "bad")}
    index = (runner.set / "index.html").read_text("utf-8")
    assert "The last good report stands; it is dated after now (" in index  # the clock of this runner is that of 2024
    assert 'href="bad.failed.html"' in index
    monkeypatch.undo()


def test_the_history_holds_what_became_of_every_report_that_was_tried(runner: Runner, monkeypatch):
    runner.run(THREE)
    runner.run(THREE)
    runner.problem = "nothing works"
    runner.run(THREE.replace("small.ipynb}]", "small.ipynb, parameters: {horizon: 3}}]"))
    assert [run["status"] for run in read_history(runner.set / "crash").runs] == ["built"]
    assert [run["status"] for run in read_history(runner.set / "good").runs] == ["built", "failed"]


def test_a_kernel_that_died_is_tried_once_more_and_a_wrong_notebook_is_not(runner: Runner, monkeypatch):
    tried = []

    def dying(**about):
        tried.append(about["name"])
        died = about["name"] == "crash" or (about["name"] == "bad" and tried.count("bad") == 1)
        failure = Failure("the kernel died" if died else "ZeroDivisionError", died=died) if died or about["name"] == "good" else None
        return batch.Outcome(about["name"], "", about["folder"], "2024-03-05T00:00:00+00:00", 1.0, failure)

    monkeypatch.setattr(batch, "run_notebook", dying)
    assert runner.run(THREE) == {"crash": "failed", "bad": "built", "good": "failed"}
    assert sorted(tried) == ["bad", "bad", "crash", "crash", "good"]
    assert [event["report"] for event in runner.events if event["event"] == "kernel_retried"] == ["crash", "bad"]


def test_a_process_that_died_is_tried_once_more(runner: Runner, monkeypatch):
    tried = []

    def killed(calls: deque, jobs: int):
        while calls:
            call = calls.popleft()
            tried.append(call.name)
            yield call, Crash("its process was killed by signal SIGKILL", died=True)

    monkeypatch.setattr(batch, "run_calls", killed)
    assert runner.run(THREE) == {"crash": "failed", "bad": "failed", "good": "failed"}
    assert sorted(tried) == sorted(["crash", "bad", "good"] * 2)
    assert "its process was killed" in runner.message("good")


def test_the_longest_reports_of_the_last_run_start_first(runner: Runner, monkeypatch):
    runner.run(THREE)
    for name, seconds in (("crash", 1), ("bad", 9), ("good", 4)):
        path = runner.set / name / "run.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | {"seconds": seconds}))
    asked = []
    monkeypatch.setattr(batch, "run_calls", lambda calls, jobs: asked.extend(call.name for call in calls) or run_here(calls, jobs))
    runner.run(THREE, force=True)
    assert asked == ["bad", "good", "crash"]


def test_limits_of_a_report_go_before_those_of_the_command_line(runner: Runner, monkeypatch):
    asked = {}
    monkeypatch.setattr(batch, "run_calls", lambda calls, jobs: asked.update({c.name: c for c in calls}) or run_here(calls, jobs))
    text = THREE.replace("{name: bad, ", "{name: bad, timeout: 5, ")
    runner.run(text, limits=batch.Limits(60, 10))
    assert (asked["bad"].arguments["limits"].report, asked["bad"].arguments["limits"].cell) == (5, 10)
    assert asked["good"].arguments["limits"] == batch.Limits(60, 10)
    assert asked["bad"].timeout == 5 + batch.GRACE


def test_a_pdf_is_printed_where_it_is_asked_for_and_its_lack_is_told(runner: Runner, monkeypatch):
    printed = []

    def print_pdf(folder: Path) -> str:
        printed.append(folder.name)
        if folder.name != "good":
            (folder / "report.pdf").write_bytes(b"%PDF")
        return "No PDF: there is no Chromium on the path." if folder.name == "good" else ""

    monkeypatch.setattr("goodwill.reports.running.pdf.print_pdf", print_pdf)
    runner.run(THREE)
    assert printed == []
    assert runner.run(THREE, pdf=True) == {"crash": "built", "bad": "built", "good": "built"}
    assert [(e["report"], e["message"]) for e in runner.events if e["event"] == "problem"] == [
        ("good", "No PDF: there is no Chromium on the path.")
    ]
    assert runner.run("pdf: true\n" + THREE) == {"crash": "skipped", "bad": "skipped", "good": "built"}


def test_reports_run_in_processes_of_their_own(tmp_path: Path):
    """From the recipe to the index, with forked (or fresh) kernels, two at a time."""
    runner = Runner(tmp_path)
    write_notebook(tmp_path / "wrong.ipynb", "1 / 0")
    write_notebook(tmp_path / "says.ipynb", "record('horizon', horizon)\nimport os\nrecord('pid', os.getpid())", records=["horizon"])
    fan = "{name: 's-{horizon}', notebook: says.ipynb, for_each: {horizon: [1, 2, 3]}}"
    text = f"title: T\nreports: [{{name: wrong, notebook: wrong.ipynb}}, {fan}]"
    assert runner.run(text, jobs=2) == {"wrong": "failed", "s-1": "built", "s-2": "built", "s-3": "built"}
    assert runner.message("wrong") == "ZeroDivisionError in code cell 3: division by zero"
    found = [json.loads((runner.set / f"s-{n}" / "results.json").read_text()) for n in (1, 2, 3)]
    assert [results["horizon"]["value"] for results in found] == [1, 2, 3]
    assert len({results["pid"]["value"] for results in found} | {os.getpid()}) == 4
    started = [event["report"] for event in runner.events if event["event"] == "report_started"]
    assert sorted(started) == ["s-1", "s-2", "s-3", "wrong"]
    assert runner.run(text, jobs=2) == {"wrong": "failed", "s-1": "skipped", "s-2": "skipped", "s-3": "skipped"}


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_reports(runner: Runner):
    """The runner keeps a few lines about each report, not the report."""
    write_notebook(runner.folder / "small.ipynb", f"text = {'x' * 200_000!r}")

    def kept(count: int) -> int:
        reports = ", ".join(f"{{name: r{n}, notebook: small.ipynb}}" for n in range(count))
        tracemalloc.start()
        outcomes = runner.outcomes(f"title: T\nreports: [{reports}]")
        runner.executed, runner.events = [], []
        gc.collect()
        found, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert len(outcomes) == count
        return found

    kept(1)
    assert kept(40) - kept(20) < 20 * 200_000 / 3  # of the texts that 20 notebooks hold
