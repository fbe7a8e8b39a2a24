"""A full disk and a killed run at every point where something is written; a killed runner for real. Nothing half-made is ever published."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from goodwill.errors import ReportError
from goodwill.reports.running.fingerprints import is_whole
from goodwill.reports.running.fork import can_fork
from goodwill.reports.running.writing import read_object

from .running import Runner, runner, write_notebook

__all__ = ["runner"]

TEXT = "title: T\nreports: [{name: a, notebook: small.ipynb, parameters: {data: sales.csv, horizon: %d}}]"
POINTS = [(Path, "write_text"), (Path, "replace"), (Path, "rename"), (Path, "mkdir"), (Path, "unlink"), (tempfile, "mkdtemp")]
MOST_POINTS = 80

posix = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")


@contextmanager
def fault_at(place: int, fault: Callable[[], None]) -> Iterator[list[int]]:
    """The write number `place` of this process goes half-way and then meets the fault; gives the count of writes."""
    count = [0]
    with pytest.MonkeyPatch.context() as patch:
        for owner, name in POINTS:
            patch.setattr(owner, name, meeting(getattr(owner, name), name, place, count, fault))
        yield count


def meeting(function: Callable[..., Any], name: str, place: int, count: list[int], fault: Callable[[], None]) -> Callable[..., Any]:
    def instead(*about: Any, **more: Any) -> Any:
        count[0] += 1
        if count[0] != place:
            return function(*about, **more)
        if name == "write_text":
            path, text, *rest = about
            function(path, text[: len(text) // 2], *rest, **more)
        return fault()

    return instead


def disk_full() -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def killed() -> None:
    os._exit(9)


def published(runner: Runner) -> dict[str, Any]:
    """The facts of the published report, which must be whole; nothing when there is none."""
    folder = runner.set / "a"
    facts = read_object(folder / "run.json")
    assert not folder.exists() or is_whole(folder, facts)
    return facts


def test_a_full_disk_at_any_point_harms_no_report_and_the_next_run_repairs(runner: Runner):
    runner.run(TEXT % 1)
    for place in range(1, MOST_POINTS):
        before = published(runner)
        with fault_at(place, disk_full) as count:
            try:
                status = runner.run(TEXT % (place + 1))["a"]
            except (ReportError, OSError) as error:
                assert "No space left" in str(error)
                status = "index"
        if count[0] < place:
            break
        now = published(runner)
        assert now in (before, now if status in ("built", "index") else before)
        assert not list(runner.set.glob("*.building"))
        if status == "failed":
            assert "No space left on device" in runner.message()
        assert runner.run(TEXT % (place + 1))["a"] in ("built", "skipped")
        assert published(runner)["given"]["horizon"] == place + 1
        assert leftovers(runner) == []
    else:
        pytest.fail("more writes than points")
    assert place > 8


def leftovers(runner: Runner) -> list[str]:
    endings = ("*.writing", "*.building", "*.previous")
    return [path.name for ending in endings for path in runner.set.rglob(ending)] + [p.name for p in runner.set.glob("a.failed.*")]


@pytest.mark.slow
@posix
def test_a_run_killed_at_any_point_harms_no_report_and_the_next_run_repairs(runner: Runner):
    runner.run(TEXT % 1)
    moved = 0
    for place in range(1, MOST_POINTS):
        before = published(runner)
        if in_a_child(lambda place=place: runner.run(TEXT % (place + 1)), place) == 0:
            break
        now = published(runner)
        assert not now or now == before or now["given"]["horizon"] == place + 1
        moved += not now
        assert (runner.set / "index.html").read_text().rstrip().endswith("</html>")
        assert runner.run(TEXT % (place + 1))["a"] in ("built", "skipped")
        assert published(runner)["given"]["horizon"] == place + 1
        assert leftovers(runner) == []
    else:
        pytest.fail("more writes than points")
    assert place > 8
    assert moved <= 1  # between two renames the report stands aside, and comes back


def in_a_child(run: Callable[[], Any], place: int) -> int:
    """Run in a fork of this process that is killed at a write; its exit status."""
    pid = os.fork()
    if not pid:
        with fault_at(place, killed):
            run()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


@pytest.mark.slow
@posix
def test_a_disk_that_takes_only_small_files(runner: Runner):
    """The system itself stops the write of the page half-way."""
    import resource

    runner.run(TEXT % 1)
    before = published(runner)

    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))
        found = runner.outcomes(TEXT % 2)
        os._exit(0 if "File too large" in found[0].failure.message else 1)

    pid = os.fork()
    if not pid:
        try:
            small()
        except ReportError as error:  # the index does not fit either
            os._exit(0 if "File too large" in str(error) and runner.events[-1]["status"] == "failed" else 2)
        finally:
            os._exit(3)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert published(runner) == before
    assert runner.run(TEXT % 2) == {"a": "built"}
    assert leftovers(runner) == []


@pytest.mark.slow
@pytest.mark.skipif(not can_fork(), reason="no fork here")
def test_a_killed_runner_takes_its_kernels_along_and_the_next_run_goes_on(tmp_path: Path):
    """The second notebook opens a pipe that the test reads: its end is seen when the last process that holds it is gone."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "stuck").touch()
    code = f"""\
import pathlib, threading
folder = pathlib.Path({str(tmp_path)!r})
if (folder / "stuck").exists():
    pipe = (folder / "pipe").open("w")
    pipe.write("here")
    pipe.flush()
    threading.Event().wait()
"""
    write_notebook(tmp_path / "quick.ipynb")
    write_notebook(tmp_path / "slow.ipynb", code)
    (tmp_path / "r.yaml").write_text("title: T\nreports: [{name: quick, notebook: quick.ipynb}, {name: slow, notebook: slow.ipynb}]")
    command = [sys.executable, "-c", "import sys; from goodwill.cli import main; main(sys.argv[1:])", "run", str(tmp_path / "r.yaml")]
    command += ["--out", str(tmp_path / "set"), "--jobs", "1", "--log", "json"]
    first = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    too_long = threading.Timer(600, first.kill)
    too_long.start()
    with (tmp_path / "pipe").open() as pipe:
        assert pipe.read(4) == "here"
        second = subprocess.run(command, capture_output=True, text=True)
        assert (second.returncode, f"process {first.pid}" in second.stderr) == (2, True)
        assert json.loads(second.stdout.splitlines()[-1])["event"] == "error"
        first.kill()
        assert pipe.read() == ""
    too_long.cancel()
    first.communicate()
    assert is_whole(tmp_path / "set" / "quick", read_object(tmp_path / "set" / "quick" / "run.json"))
    assert not (tmp_path / "set" / "slow").exists()
    (tmp_path / "stuck").unlink()
    third = subprocess.run(command, capture_output=True, text=True)
    done = {line["report"]: line["status"] for line in map(json.loads, third.stdout.splitlines()) if line["event"] == "report_done"}
    assert (third.returncode, done) == (0, {"quick": "skipped", "slow": "built"})
