"""What starts kernels, run in processes forked from a parent that has imported everything once: a fresh kernel costs two seconds of CPU.

It is the way in which recipes run. That a fresh kernel gives the same is tested by name, in `tests/reports/test_fork.py` and beside.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from contextlib import chdir, redirect_stderr
from io import StringIO
from pathlib import Path
from typing import Any

from goodwill.reports.running import run
from goodwill.reports.running.workers import Call, Crash, run_calls


def in_a_fork(function: Callable[..., Any], **arguments: Any) -> Any:
    """What a function of a module gives in a process of its own, with a kernel at hand."""
    ((_, answer),) = run_calls(deque([Call("test", function, arguments, needs_kernel=True)]), jobs=1)
    assert not isinstance(answer, Crash), answer.reason
    return answer


def run_notebook(notebook: Any, given: dict[str, Any], folder: Path, **how: Any) -> run.Outcome:
    """As `goodwill.reports.running.run.run_notebook`."""
    return in_a_fork(run.run_notebook, notebook=notebook, given=given, folder=folder, **how)


def goodwill(*arguments: str, folder: Path) -> tuple[int, str]:
    """Exit status and what stands on stderr of the command line, in a folder."""
    return in_a_fork(command, arguments=arguments, folder=folder)


def command(arguments: Sequence[str], folder: Path) -> tuple[int, str]:
    """The command line in this process."""
    from goodwill.cli import main

    said = StringIO()
    with chdir(folder), redirect_stderr(said):
        try:
            main(list(arguments), prog_name="goodwill")
        except SystemExit as ended:
            return int(ended.code or 0), said.getvalue()
    return 0, said.getvalue()
