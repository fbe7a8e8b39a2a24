from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from goodwill.reports.recording.extract import Failure
from goodwill.reports.running.progress import _bars, tell_json, tell_text, telling
from goodwill.reports.running.run import Outcome

NOW = datetime(2024, 3, 5, 4, 0, tzinfo=UTC)


def done(status: str, failure: Failure | None = None, note: str = "") -> dict:
    outcome = Outcome("a", "A", Path("/set/a"), NOW.isoformat(), 12.3, failure, status, note=note)
    return {"event": "report_done", "report": "a", "status": outcome.status, "outcome": outcome}


def line(capsys: pytest.CaptureFixture[str], event: dict) -> dict | None:
    tell_json(event, now=lambda: NOW)
    out, err = capsys.readouterr()
    assert err == ""
    assert out.count("\n") == (1 if out else 0)
    return json.loads(out) if out else None


def test_every_event_is_one_line_of_json_with_its_time(capsys):
    assert line(capsys, {"event": "run_started", "jobs": 2}) == {"time": "2024-03-05T04:00:00.000+00:00", "event": "run_started", "jobs": 2}
    assert line(capsys, {"event": "cell", "report": "a", "done": 1, "total": 2}) is None


def test_the_line_of_a_report_says_what_became_of_it(capsys):
    found = line(capsys, done("", Failure("two\nlines <b>\u2028", cell=3)))
    assert found | {"time": ""} == {
        "time": "",
        "event": "report_done",
        "report": "a",
        "status": "failed",
        "seconds": 12.3,
        "folder": "/set/a",
        "message": "two\nlines <b>\u2028",
        "cell": 3,
    }
    assert line(capsys, done("skipped"))["status"] == "skipped"
    assert line(capsys, done("thin", note="In short is missing."))["message"] == "In short is missing."


def test_people_read_what_happened_and_nothing_about_what_did_not(capsys):
    for event in (
        {"event": "run_started", "jobs": 2},
        {"event": "report_started", "report": "a", "cells": 4},
        {"event": "cell", "report": "a", "done": 1, "total": 4},
        {"event": "kernel_retried", "report": "a", "message": "In code cell 2 the kernel died."},
        {"event": "problem", "message": "An earlier run was killed: put back a."},
        done("built"),
        done("skipped"),
        done("thin", note="In short is missing: no answers."),
        done("stale", Failure("The data end on 2024-03-04.", ours=True)),
        done("failed", Failure("ZeroDivisionError in code cell 3")),
        {"event": "run_done", "built": 1, "thin": 1, "skipped": 1, "stale": 1, "failed": 0, "seconds": 12.34, "index": "/set/index.html"},
    ):
        tell_text(event)
    out, err = capsys.readouterr()
    assert out == "Built a in 12 s: /set/a/report.html\n1 built, 1 thin, 1 unchanged, 1 stale in 12.3 s. Index: /set/index.html\n"
    assert err.splitlines() == [
        "Running a: 4 cells",
        "a: In code cell 2 the kernel died. Trying once more.",
        "An earlier run was killed: put back a.",
        "Thin: a: In short is missing: no answers. The report: /set/a/report.html",
        "Stale: a: The data end on 2024-03-04.",
        "Error: a: ZeroDivisionError in code cell 3",
    ]


def test_in_a_terminal_bars_go_and_lines_stay(capsys):
    with _bars() as tell:
        for event in (
            {"event": "run_started", "jobs": 2},
            done("skipped"),
            {"event": "planned", "reports": 3, "to_build": 2},
            {"event": "report_started", "report": "a", "cells": 4},
            {"event": "cell", "report": "a", "done": 1, "total": 4},
            {"event": "cell", "report": "never begun", "done": 1, "total": 4},
            {"event": "kernel_retried", "report": "a", "message": "the kernel died."},
            {"event": "report_started", "report": "a", "cells": 4},
            done("built"),
            {"event": "run_done", "built": 1, "skipped": 1, "stale": 0, "failed": 0, "seconds": 1.0, "index": "/set/index.html"},
        ):
            tell(event)
    assert capsys.readouterr().out == "Built a in 12 s: /set/a/report.html\n1 built, 1 unchanged in 1.0 s. Index: /set/index.html\n"


@pytest.mark.parametrize("log", ["json", "text"])
def test_a_log_to_a_full_disk_is_told_once_and_stops_nothing(log: str, monkeypatch: pytest.MonkeyPatch):
    said: list[str] = []

    def full(text: str, err: bool = False) -> None:
        said.append(text)
        if "cannot be written" not in text:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("goodwill.reports.running.progress.click.echo", full)
    with telling(log) as tell:
        for _ in range(3):
            tell({"event": "problem", "message": "x"})
    assert said[1:] == ["The log cannot be written (No space left on device); the run goes on, and the index tells what it does."]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_command_whose_output_cannot_be_written_ends_as_if_it_could(tmp_path: Path):
    code = "from goodwill.reports.running.progress import telling\nwith telling('json') as tell: [tell({'event': 'x'}) for _ in range(2)]"
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([sys.executable, "-c", code], stdout=full, stderr=subprocess.PIPE, text=True)
    assert (done.returncode, done.stderr.count("The log cannot be written")) == (0, 1)
