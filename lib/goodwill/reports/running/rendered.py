"""A report from a notebook that something else ran: papermill, JupyterLab, jupyter-scheduler. No kernel is started and no data are read."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from goodwill.errors import GoodwillError, ReportError, UsageError
from goodwill.reports.recording.execution import Execution, skip_slow_import
from goodwill.reports.recording.extract import Failure, code_number, has_error, results, should_have_run
from goodwill.reports.recording.notebooks import Notebook, list_notebooks
from goodwill.reports.recording.output import MIME
from goodwill.reports.recording.secrets import visible
from goodwill.reports.running.ledger_file import read_ledger
from goodwill.reports.running.ours import check_place
from goodwill.reports.running.provenance import notebook_hash
from goodwill.reports.running.run import Outcome, Ran, make_report

AGAIN = "run all its cells from a fresh kernel (in JupyterLab: Run, Restart Kernel and Run All Cells), save it, and render it again"
INJECTED = "injected-parameters"


def render(notebook: str | Path, folder: str | Path | None = None, *, title: str = "") -> Outcome:
    """The report of an executed notebook: the same pages, figures, tables and results as if `goodwill run` had run it.

    What came of earlier forecasts is looked up in the data, so only `goodwill run` adds it; what this notebook foretells is kept.

    Parameters
    ----------
    notebook : path
        The executed notebook; it is left as it is.
    folder : path, optional
        Becomes the report; by default beside the notebook, named like it (`out.ipynb` -> `out`). What is no report is not replaced.
    title : str
        That of the notebook when empty.

    Returns
    -------
    Outcome
        `folder` holds the report, or `failure` says why there is none: a cell failed, was not run, or ran in another order.

    Raises
    ------
    ReportError
        The file is no notebook.
    UsageError
        Its folder holds something else, or the notebook was not made for reports: no cell has called `gw.start` or recorded anything.

    Examples
    --------
    What JupyterLab, papermill or jupyter-scheduler saved, here a notebook of one cell with the output of its `gw.record`:

    >>> from pathlib import Path
    >>> import goodwill as gw
    >>> from tempfile import TemporaryDirectory
    >>> import nbformat
    >>> from nbformat import v4
    >>> told = {"kind": "record", "name": "answer", "label": "Answer", "value": 42}
    >>> told |= dict.fromkeys(["unit", "interval", "level", "reason"])
    >>> output = v4.new_output("display_data", {"application/vnd.goodwill.result+json": told, "text/markdown": "**Answer:** 42"})
    >>> cell = v4.new_code_cell('gw.record("answer", 42, label="Answer")', execution_count=1, outputs=[output])
    >>> with TemporaryDirectory() as folder:
    ...     notebook = Path(folder) / "out.ipynb"
    ...     nbformat.write(v4.new_notebook(cells=[cell]), notebook)
    ...     made = render(notebook)
    ...     print(made.failure, sorted(file.name for file in made.folder.iterdir()))
    None ['figures', 'notebook.ipynb', 'report.html', 'results.json', 'run.json', 'tables']
    """
    path = Path(notebook)
    content = _whole(Notebook.read(path))
    folder = Path(folder).expanduser() if folder else path.with_suffix("")
    if folder.is_symlink():
        raise UsageError(f"{folder} is a link; remove it, or name the folder itself.")
    folder = folder.resolve()
    cells = [cell for cell in content["cells"] if INJECTED not in cell["metadata"].get("tags", [])]
    declared = Notebook(_origin(path, content | {"cells": cells}), content | {"cells": cells})
    check_place(folder, declared.name)
    start = next(_started(content), {})
    failure = why_not_whole(content, path.name)
    if not start and failure is None and not has_error(content) and not results(content).records:
        raise UsageError(
            f"{path.name} has recorded nothing, so there is no report to make of it: was it run? A notebook for reports begins with "
            "gw.start(globals()) and records what it finds (gw.show, gw.record)."
        )
    began, seconds = _when(path, content)
    defaults = {p.name: visible(p.default) for p in declared.parameters}
    given = {name: value for name, value in start.get("parameters", {}).items() if value != defaults.get(name)}
    last = max((place for place, cell in enumerate(content["cells"]) if cell.get("execution_count")), default=-1)
    ran = Ran(declared, Execution(content, last), _injected(content), given, began, seconds, path.resolve().parent, "", title, failure)
    facts = {"versions": start.get("versions", {}), "library": start.get("library", ""), "git": None}
    facts |= {"rendered": {"from": path.name, "when": datetime.now(UTC).isoformat(timespec="seconds")}}
    return make_report(ran, folder, read_ledger(folder), more=facts)


def why_not_whole(content: Mapping[str, Any], name: str) -> Failure | None:
    """Why the cells of a notebook are not one run from its first to its last, None where they are, or where a cell failed.

    Examples
    --------
    >>> def cell(count): return {"cell_type": "code", "source": "x", "metadata": {}, "outputs": [], "execution_count": count}
    >>> why_not_whole({"cells": [cell(1), cell(None)]}, "out.ipynb").message.partition(";")[0]
    'Code cell 2 of out.ipynb was not run'
    >>> why_not_whole({"cells": [cell(4), cell(3)]}, "out.ipynb").message.partition(";")[0]
    'Code cell 2 of out.ipynb ran before code cell 1'
    >>> why_not_whole({"cells": [cell(1), cell(2), cell(7)]}, "out.ipynb")
    """
    cells, latest = content["cells"], (0, 0)
    if has_error(content):
        return None
    for index, cell in enumerate(cells):
        if not should_have_run(cell):
            continue
        number, count = code_number(cells, index), cell.get("execution_count")
        if count is None:
            return Failure(f"Code cell {number} of {name} was not run; {AGAIN}.", True, number, cell["source"])
        if count <= latest[0]:
            return Failure(f"Code cell {number} of {name} ran before code cell {latest[1]}; {AGAIN}.", True, number, cell["source"])
        latest = (count, number)
    return None


def _whole(notebook: Notebook) -> dict[str, Any]:
    """The content with each text in one piece, where a file has lists of lines."""
    skip_slow_import()
    import nbformat
    from nbformat.v4.rwbase import rejoin_lines

    return dict(rejoin_lines(nbformat.from_dict(notebook.content)))


def _origin(path: Path, content: Mapping[str, Any]) -> Path:
    """The notebook that this is an executed copy of: one of the project with the same cells, else what papermill says, else the file."""
    mine = notebook_hash(content)
    with suppress(GoodwillError):
        for each in list_notebooks():
            with suppress(ReportError):
                if notebook_hash(Notebook.read(each).content) == mine:
                    return each
    said = content["metadata"].get("papermill", {}).get("input_path")
    # Only its name counts: papermill may have been given an address of a store, or a path of another machine.
    stem = re.split(r"[/\\]", said)[-1] if isinstance(said, str) and said.endswith(".ipynb") else path.name
    return path.with_name(stem)


def _started(content: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for cell in content["cells"]:
        for output in cell.get("outputs", ()):
            found = output.get("data", {}).get(MIME, {})
            if found.get("kind") == "start":
                yield found


def _injected(content: Mapping[str, Any]) -> dict[str, Any]:
    """What a runner has put in as parameters, with whatever may not be seen in it."""
    found = {}
    for cell in content["cells"]:
        if INJECTED in cell["metadata"].get("tags", []):
            with suppress(SyntaxError, ValueError):
                for node in ast.parse(cell["source"]).body:
                    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                        found[node.targets[0].id] = ast.literal_eval(node.value)
    return found


def _when(path: Path, content: Mapping[str, Any]) -> tuple[str, float]:
    """When the notebook began to run and how many seconds it took, as far as it says; else when the file was written."""
    said = content["metadata"].get("papermill", {})
    times = [said.get("start_time"), said.get("end_time")]
    for cell in content["cells"]:
        timed = cell["metadata"].get("execution", {})
        times += [timed.get(key) for key in ("iopub.execute_input", "shell.execute_reply")]
    known = sorted(filter(None, map(_moment, times)))
    if not known:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat(timespec="seconds"), 0.0
    return known[0].isoformat(timespec="seconds"), round((known[-1] - known[0]).total_seconds(), 2)


def _moment(said: Any) -> datetime | None:
    """A time stamp of a runner; papermill's are UTC without saying so."""
    try:
        moment = datetime.fromisoformat(said)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
