"""Running the cells of a notebook with papermill. What happened is judged elsewhere: papermill's own word is not taken for it."""

from __future__ import annotations

import copy
import logging
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

Progress = Callable[[int, int], None]

# What every kernel gets: no progress bars in outputs, the same order of sets in every run, no debugger's warning. Linear algebra stays on
# one thread: the matrices are small, two runs share two cores, and sums come out the same wherever they are made.
ENVIRONMENT = {
    "TQDM_DISABLE": "1",
    "PYTHONHASHSEED": "0",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
}


@dataclass
class Execution:
    """An executed notebook: its content as JSON, the last cell that was begun, and why it stopped if papermill says so."""

    content: dict[str, Any]
    last_cell: int = -1
    problem: str = ""


@dataclass(frozen=True)
class Limits:
    """How many seconds all cells together, and one cell, may take; None for no limit."""

    report: float | None = None
    cell: float | None = None


NO_LIMITS = Limits()


def execute(
    content: dict[str, Any], values: dict[str, Any], folder: Path, on_cell: Progress | None = None, limits: Limits = NO_LIMITS
) -> Execution:
    """Run the cells in a fresh kernel whose working directory is `folder`; `on_cell(done, total)` is called after each cell.

    Nothing is raised for what goes wrong in the notebook or its kernel.
    """
    pm, nbformat = import_papermill()
    from papermill.exceptions import PapermillExecutionError

    execution = Execution(content)
    began = time.monotonic()
    try:
        pm.execute_notebook(
            nbformat.from_dict(copy.deepcopy(content)),
            None,
            parameters=values,
            engine_name="goodwill",
            kernel_name="python3",
            request_save_on_cell_execute=False,
            progress_bar=False,
            cwd=str(folder),
            execution=execution,
            on_cell=on_cell,
            limits=limits,
            began=began,
        )
    except PapermillExecutionError:
        pass  # the cell holds the error
    except Exception as error:
        execution.problem = _problem(error, limits, time.monotonic() - began)
    return execution


def _problem(error: Exception, limits: Limits, seconds: float) -> str:
    if type(error).__name__ == "CellTimeoutError":
        if limits.report is not None and seconds >= limits.report:
            return f"the time was up: the report may take {limits.report:g} s"
        if limits.cell is not None and seconds >= limits.cell:
            return f"the time was up: a cell may take {limits.cell:g} s"
    return f"{type(error).__name__}: {error}".strip(": ")


def _cell_limit(limits: Limits, began: float) -> float | None:
    """What the next cell may take: its own limit, or what is left of the report's."""
    left = None if limits.report is None else max(limits.report - (time.monotonic() - began), 0.01)
    return min((limit for limit in (left, limits.cell) if limit is not None), default=None)


def skip_slow_import() -> None:
    """Call before nbformat is imported: with JupyterLab installed this one module takes 2-3 s and jsonschema goes on without it."""
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]


@cache
def import_papermill() -> tuple[Any, Any]:
    """papermill, with our engine registered, and nbformat."""
    skip_slow_import()
    import nbformat
    import papermill as pm
    from papermill.clientwrap import PapermillNotebookClient
    from papermill.engines import Engine, papermill_engines
    from traitlets.config import Config

    class NotebookClient(PapermillNotebookClient):
        """Kills the kernel of a run that went wrong at once, where papermill would wait for a busy one to answer."""

        def papermill_execute_cells(self) -> None:
            try:
                super().papermill_execute_cells()
            except Exception:
                self.shutdown_kernel = "immediate"
                raise

    class Client(Engine):
        """papermill's own way of running, which also tells how far it is and keeps what ran when the kernel dies."""

        @classmethod
        def execute_managed_notebook(
            cls, nb_man: Any, kernel_name: str, *, execution: Execution, on_cell: Progress | None, limits: Limits, began: float, **_: Any
        ) -> Any:
            from goodwill.reports.fork import forked_manager

            execution.content = nb_man.nb
            _watch(nb_man, execution, on_cell)
            # "auto" encrypts where the kernel can, and keeps the kernel from warning where it would not.
            config = Config({"KernelManager": {"transport_encryption": "auto"}})
            options = {"startup_timeout": 60, "timeout": None, "extra_arguments": ["--log-level=CRITICAL"], "config": config}
            client = NotebookClient(
                nb_man,
                km=forked_manager(kernel_name, config),
                kernel_name=kernel_name,
                timeout_func=lambda _cell: _cell_limit(limits, began),
                **options,
            )
            client.owns_km = True
            client.log.setLevel(logging.CRITICAL)  # a dead kernel and a cell that takes too long are told in the report
            return client.execute(env=os.environ | ENVIRONMENT)

    papermill_engines.register("goodwill", Client)
    logging.getLogger("papermill").setLevel(logging.ERROR)
    return pm, nbformat


def _watch(nb_man: Any, execution: Execution, on_cell: Progress | None) -> None:
    """Note each cell as it begins and tell `on_cell` as it ends."""
    begin, end, total = nb_man.cell_start, nb_man.cell_complete, len(nb_man.nb.cells)

    def cell_start(cell: Any, cell_index: int, **kwargs: Any) -> None:
        execution.last_cell = cell_index
        begin(cell, cell_index, **kwargs)

    def cell_complete(cell: Any, cell_index: int, **kwargs: Any) -> None:
        end(cell, cell_index=cell_index, **kwargs)
        if on_cell is not None:
            on_cell(cell_index + 1, total)

    nb_man.cell_start, nb_man.cell_complete = cell_start, cell_complete
