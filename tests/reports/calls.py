"""What the tests of the workers call; a worker imports it by name."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from goodwill.errors import DataError


def add(a: int, b: int) -> int:
    return a + b


def refuse() -> None:
    raise DataError("column 'paid' holds text")


def divide() -> float:
    return 1 / 0


def kill_me() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def wait() -> None:
    threading.Event().wait()


def count(tell: Callable[..., None], to: int) -> str:
    for number in range(to):
        tell("number", number)
    return "counted"


def surroundings() -> dict[str, Any]:
    names = ("OPENBLAS_NUM_THREADS", "GOODWILL_THREADS", "PYTHONHASHSEED", "MADE_UP")
    return {"pid": os.getpid(), "session": os.getsid(0), "threads": threading.active_count(), **{n: os.environ.get(n) for n in names}}


def meet(folder: str, mine: str, other: str) -> str:
    """Return only when somebody else is there at the same time: each opens the two ends of the other's pipe."""
    first, second = sorted((mine, other))
    for name in (first, second):
        mode = "w" if name == mine else "r"
        with (Path(folder) / name).open(mode) as pipe:
            if mode == "w":
                pipe.write("here")
            else:
                pipe.read()
    return mine


def start_kernel_and_say_pid(tell: Callable[..., None], notebook: Any, folder: str) -> None:
    from goodwill.reports.running.execute import execute

    execute(notebook.content, {}, Path(folder), lambda done, total: tell("cell", done, os.getpid()))


def threads_of_the_parent() -> list[str]:
    return sorted((path / "comm").read_text().strip() for path in Path(f"/proc/{os.getppid()}/task").iterdir())
