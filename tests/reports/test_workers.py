from __future__ import annotations

import os
from collections import deque
from pathlib import Path
from typing import Any

import pytest

from goodwill.reports.running import workers
from goodwill.reports.running.fork import can_fork
from goodwill.reports.running.workers import Call, Crash, run_calls

from . import calls as c

fork = pytest.param("1", marks=pytest.mark.skipif(os.name == "nt", reason="no fork"))


def results(*calls: Call, jobs: int = 1) -> dict[str, Any]:
    return {call.name: value for call, value in run_calls(deque(calls), jobs)}


@pytest.mark.sampled(1)
@pytest.mark.parametrize("forks", [fork, "0"])
def test_each_call_gives_its_value_or_says_why_not(monkeypatch, forks: str):
    monkeypatch.setenv("GOODWILL_FORK", forks)
    found = results(Call("sum", c.add, {"a": 1, "b": 2}), Call("data", c.refuse), Call("bug", c.divide), Call("killed", c.kill_me), jobs=2)
    assert found == {
        "sum": 3,
        "data": Crash("column 'paid' holds text", ours=True),
        "bug": Crash("ZeroDivisionError: division by zero"),
        "killed": Crash("its process was killed by signal SIGKILL", died=True),
    }


class NoParent:
    """A way to start processes whose parent is gone each time that it is asked."""

    def __init__(self, like: Any) -> None:
        self.Pipe = like.Pipe

    def Process(self, **_: Any) -> Any:
        return self

    def start(self) -> None:
        raise EOFError("unexpected EOF")


@pytest.mark.skipif(not can_fork(), reason="no fork here")
def test_a_parent_that_is_killed_while_it_starts_costs_nothing(monkeypatch):
    real = workers._context
    monkeypatch.setattr(workers, "_context", lambda forks: NoParent(real(False)) if forks else real(False))
    assert results(Call("sum", c.add, {"a": 1, "b": 2})) == {"sum": 3}


def test_a_process_that_cannot_be_started_is_the_problem_of_its_call(monkeypatch):
    real = workers._context
    monkeypatch.setattr(workers, "_context", lambda forks: NoParent(real(False)))
    crash = Crash("its process could not be started (EOFError: unexpected EOF)", died=True)
    assert results(*(Call(name, c.add, {"a": 1, "b": 2}) for name in "ab")) == {"a": crash, "b": crash}


def test_what_a_call_tells_arrives_in_order():
    told: list[tuple[Any, ...]] = []
    found = results(Call("count", c.count, {"to": 50}, on_told=lambda *what: told.append(what)))
    assert found == {"count": "counted"}
    assert told == [("number", n) for n in range(50)]


def test_a_call_that_does_not_end_is_stopped_and_the_others_go_on():
    found = results(Call("stuck", c.wait, timeout=0.05), Call("sum", c.add, {"a": 1, "b": 1}), jobs=1)
    assert found == {"stuck": Crash("its process did not end within 0.05 s and was stopped"), "sum": 2}


def test_calls_that_are_added_on_the_way_are_run_too():
    waiting = deque([Call("first", c.add, {"a": 1, "b": 1})])
    found = []
    for call, value in run_calls(waiting, 1):
        found.append((call.name, value))
        if call.name == "first":
            waiting.append(Call("second", c.add, {"a": 2, "b": 2}))
    assert found == [("first", 2), ("second", 4)]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
def test_two_jobs_run_at_the_same_time(tmp_path: Path):
    for name in ("a", "b"):
        os.mkfifo(tmp_path / name)
    about = {"folder": str(tmp_path)}
    found = results(
        Call("a", c.meet, {**about, "mine": "a", "other": "b"}, timeout=60),
        Call("b", c.meet, {**about, "mine": "b", "other": "a"}, timeout=60),
        jobs=2,
    )
    assert found == {"a": "a", "b": "b"}


def test_two_jobs_share_the_cores_and_each_process_is_alone(monkeypatch):
    monkeypatch.setenv("MADE_UP", "yes")
    monkeypatch.setattr("goodwill.reports.running.workers.cores", lambda: 4)
    one, two = (results(*(Call(str(n), c.surroundings) for n in range(2)), jobs=2)[name] for name in ("0", "1"))
    assert one["GOODWILL_THREADS"] == two["GOODWILL_THREADS"] == "2"
    assert one["OPENBLAS_NUM_THREADS"] == "1"
    assert one["PYTHONHASHSEED"] == "0"
    assert one["MADE_UP"] == "yes"
    assert one["pid"] == one["session"] != two["pid"]
    assert os.environ.get("GOODWILL_THREADS") is None


def test_calls_that_nobody_waits_for_any_more_are_ended():
    running = run_calls(deque([Call("sum", c.add, {"a": 1, "b": 1}), Call("stuck", c.wait)]), 2)
    assert next(running)[1] == 2
    running.close()  # would wait for ever if the process were not ended


@pytest.mark.skipif(not can_fork(), reason="no fork here")
def test_the_parent_that_forks_has_one_thread():
    """A process with more may not be forked: a lock that another thread holds would stay locked for ever. jemalloc sees to its own."""
    (names,) = results(Call("threads", c.threads_of_the_parent)).values()
    assert len([name for name in names if name != "jemalloc_bg_thd"]) == 1
