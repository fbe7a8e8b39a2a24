"""Processes that do the work: each call runs in one of its own, so that no crash and no growth reaches the runner or a neighbour."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from goodwill.errors import GoodwillError
from goodwill.reports.running import fork, preload
from goodwill.reports.running.execute import ENVIRONMENT
from goodwill.reports.running.places import environment

THREADS = "GOODWILL_THREADS"  # how many threads DuckDB may use in one run


@dataclass(frozen=True)
class Call:
    """A call of a module-level function; with `tells`, the function gets `tell`, whose arguments `on_told` receives in the runner."""

    name: str
    function: Callable[..., Any]
    arguments: Mapping[str, Any] = field(default_factory=dict)
    needs_kernel: bool = False
    on_told: Callable[..., None] | None = None
    timeout: float | None = None  # seconds after which the process is killed


@dataclass(frozen=True)
class Crash:
    """What a call gave that gave nothing: why, whether its process died, and whether the reason is one that the user can mend."""

    reason: str
    died: bool = False
    ours: bool = False


@dataclass
class _Running:
    call: Call
    process: Any
    deadline: float


def run_calls(calls: deque[Call], jobs: int) -> Iterator[tuple[Call, Any]]:
    """Run calls in at most `jobs` processes at a time and give each with its value, or with a `Crash`, as they end.

    Parameters
    ----------
    calls : deque of Call
        Taken from the left; calls that are added on the way are run as well.
    jobs : int
        Two or more share the cores: each gets its part of the threads.
    """
    from multiprocessing.connection import wait

    running: dict[Any, _Running] = {}
    threads = max(1, cores() // jobs)
    try:
        while calls or running:
            while calls and len(running) < jobs:
                call = calls.popleft()
                found = _start(call, threads)
                if isinstance(found, Crash):
                    yield call, found
                else:
                    running[found[0]] = found[1]
            if not running:
                continue
            now = time.monotonic()
            patience = max(0.0, min(item.deadline for item in running.values()) - now)
            for connection in wait(list(running), patience if patience < float("inf") else None):
                answer = _answer(connection, running[connection])
                if answer is not None:
                    yield running.pop(connection).call, answer[0]
            for connection in [c for c, item in running.items() if item.deadline <= time.monotonic()]:
                late = running.pop(connection)
                _end(late.process)
                yield late.call, Crash(f"its process did not end within {late.call.timeout:g} s and was stopped")
    finally:
        for item in running.values():
            _end(item.process)


def get_ready() -> None:
    """Let the parent that forks begin with its imports, while something else is done; where there is none, nothing."""
    if fork.can_fork():
        from multiprocessing import forkserver

        with suppress(OSError), environment(ENVIRONMENT | {preload.PARENT: "1"}):
            _context(True)
            forkserver.ensure_running()


def cores() -> int:
    """The processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True)
class _Tell:
    """What a function calls to tell the runner something on the way."""

    pipe: Any

    def __call__(self, *told: Any) -> None:
        self.pipe.send(("told", told))


def _start(call: Call, threads: int) -> tuple[Any, _Running] | Crash:
    """A process for a call. The parent that forks may be killed at any moment: then there is a new one, and then the plain path."""
    problem: Exception | None = None
    for forks in (True, True, False) if fork.can_fork() else (False, False):
        try:
            return _started(call, threads, forks)
        except (OSError, EOFError) as error:  # no memory, no further process, or a parent that is gone
            problem = error
    return Crash(f"its process could not be started ({type(problem).__name__}: {problem})", died=True)


def _started(call: Call, threads: int, forks: bool) -> tuple[Any, _Running]:
    variables = dict(os.environ) | ENVIRONMENT | {THREADS: str(threads)}
    with environment(ENVIRONMENT | {preload.PARENT: "1"} if forks else {}):  # a parent that has to be started anew imports all again
        context = _context(forks)
        ours, theirs = context.Pipe(duplex=False)
        arguments = dict(call.arguments) | ({"tell": _Tell(theirs)} if call.on_told is not None else {})
        process = context.Process(target=_work, args=(theirs, call.function, arguments, variables, call.needs_kernel and forks))
        process.daemon = True
        process.start()
    theirs.close()
    deadline = float("inf") if call.timeout is None else time.monotonic() + call.timeout
    return ours, _Running(call, process, deadline)


def _answer(connection: Any, item: _Running) -> tuple[Any] | None:
    """The value or the crash of a call that ended; None after a message on the way."""
    try:
        kind, value = connection.recv()
    except (EOFError, OSError):
        item.process.join()
        connection.close()
        return (Crash(_last_word(item.process.exitcode), died=True),)
    if kind == "told":
        if item.call.on_told is not None:
            item.call.on_told(*value)
        return None
    item.process.join()
    connection.close()
    return (value,)


def _last_word(code: int) -> str:
    how = f"was killed by signal {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"
    return f"its process {how}"


def _end(process: Any) -> None:
    process.kill()
    process.join()


def _work(theirs: Any, function: Callable[..., Any], arguments: dict[str, Any], environment: dict[str, str], held: bool) -> None:
    """What a worker does: one call, told about through the pipe."""
    os.environ.clear()
    os.environ.update(environment)
    if hasattr(os, "setsid"):
        os.setsid()  # an interrupt from the keyboard is the runner's to handle
    if held:
        fork.hold_kernel(theirs.close)
    threading.Thread(target=_end_with_the_runner, daemon=True).start()
    try:
        answer = function(**arguments)
    except GoodwillError as error:
        answer = Crash(str(error), ours=True)
    except Exception as error:
        answer = Crash(f"{type(error).__name__}: {error}")
    with suppress(BrokenPipeError):
        theirs.send(("done", answer))
    theirs.close()


def _end_with_the_runner() -> None:
    """A runner that was killed leaves nobody who wants the result; kernels end with their worker."""
    from multiprocessing import parent_process

    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@cache
def _context(forks: bool) -> Any:
    """Processes forked from a parent that has imported everything, or started afresh."""
    from multiprocessing import get_context

    if not forks:
        return get_context("spawn")
    context = get_context("forkserver")
    context.set_forkserver_preload([preload.__name__])
    return context
