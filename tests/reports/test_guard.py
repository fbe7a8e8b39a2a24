from __future__ import annotations

import multiprocessing
import os
import signal
from datetime import UTC, datetime
from pathlib import Path

import pytest

from goodwill.errors import ReportError, UsageError
from goodwill.reports.running.ours import new_building
from goodwill.reports.running.writing import while_written
from goodwill.reports.sets.guard import only_run, sweep

from .sets import write_report

NOW = datetime(2024, 3, 5, 4, 0, tzinfo=UTC)


def hold(folder: Path, ready, end) -> None:
    with only_run(folder, NOW):
        ready.send(os.getpid())
        end.recv()


def test_a_second_run_in_a_folder_is_refused_and_told_whose_it_is(tmp_path: Path):
    with only_run(tmp_path / "set", NOW):
        mine = rf"set is being built by another run \(process {os.getpid()}, since 2024-03-05T04:00:00"
        with pytest.raises(UsageError, match=mine), only_run(tmp_path / "set", NOW):
            pass
        with only_run(tmp_path / "other", NOW):
            pass
    with only_run(tmp_path / "set", NOW):
        pass


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_a_killed_run_leaves_no_lock(tmp_path: Path):
    context = multiprocessing.get_context("spawn")
    (ours, ready), (end, _keep) = context.Pipe(duplex=False), context.Pipe(duplex=False)
    process = context.Process(target=hold, args=(tmp_path, ready, end))
    process.start()
    pid = ours.recv()
    with pytest.raises(UsageError, match=f"process {pid}"), only_run(tmp_path, NOW):
        pass
    os.kill(pid, signal.SIGKILL)
    process.join()
    with only_run(tmp_path, NOW):
        assert f"process {os.getpid()}" in (tmp_path / ".lock").read_text()


def test_a_place_where_nothing_can_be_written_is_told(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(ReportError, match=r"Reports cannot be built in .*file"), only_run(tmp_path / "file" / "set", NOW):
        pass


def test_leftovers_are_tidied_and_a_report_that_was_moved_aside_comes_back(tmp_path: Path):
    for folder, name in ((".b.previous", "b"), (".c.previous", "c"), ("c", "c"), ("d", "d"), ("d.earlier/2024-01-01T000000Z", "d")):
        write_report(tmp_path / folder, NOW, name=name)
        (tmp_path / folder / "report.html").write_text(folder)
    new_building(tmp_path / "a").joinpath("report.html").write_text("<html")
    for path in (tmp_path / "index.html", tmp_path / ".cache" / "fingerprints.json"):
        path.parent.mkdir(exist_ok=True)
        while_written(path).write_text("x")
    (tmp_path / "notes.txt").write_text("x")
    assert sweep(tmp_path) == ["put back b", "removed the half-built a"]
    left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert {name for name in left if not name.endswith((".json", ".csv", ".ipynb"))} == {
        "b/report.html",
        "c/report.html",
        "d/report.html",
        "d.earlier/2024-01-01T000000Z/report.html",
        "notes.txt",
    }
    assert (tmp_path / "b" / "report.html").read_text() == ".b.previous"
    assert (tmp_path / "c" / "report.html").read_text() == "c"
    assert sweep(tmp_path) == []
