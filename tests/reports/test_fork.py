from __future__ import annotations

import json
from collections import deque
from pathlib import Path
from typing import Any

import pytest

from goodwill.reports.recording.execution import Limits
from goodwill.reports.recording.notebooks import Notebook
from goodwill.reports.running.fork import can_fork
from goodwill.reports.running.run import Outcome
from goodwill.reports.running.workers import Call, run_calls
from goodwill.reports.sets.batch import build_report

from .conftest import HOSTILE, NOTEBOOKS
from .running import write_notebook

pytestmark = pytest.mark.skipif(not can_fork(), reason="no fork here")

STATE = """\
import os, random, sys
import numpy as np
import matplotlib.pyplot as plt

record("random", float(np.random.random()) + random.random())
record("folder", os.path.basename(os.getcwd()))
record("secret", os.environ.get("MADE_UP", "nothing"))
record("left_over", "left_over" in globals() or hasattr(np, "left_over"))
left_over = np.left_over = True
record("path", ", ".join(p for p in sys.path if not p.startswith(sys.prefix) and "python3" not in p))
plt.plot([1, 2])
plt.show()
print({"a", "b", "c"})
"""


def run(
    *notebooks: Path,
    jobs: int = 2,
    limits: Limits = Limits(),  # noqa: B008
    given: dict[Path, dict[str, Any]] = {},  # noqa: B006
) -> list[Outcome]:
    calls = deque()
    for path in notebooks:
        about = {
            "notebook": Notebook.read(path),
            "folder": path.parent / "out" / path.stem,
            "base": path.parent,
            "pdf": False,
            "limits": limits,
        }
        calls.append(Call(path.stem, build_report, {**about, "given": given.get(path, {})}, needs_kernel=True, on_told=lambda *_: None))
    found = {call.name: value for call, value in run_calls(calls, jobs)}
    return [found[path.stem] for path in notebooks]


def recorded(outcome: Outcome) -> dict[str, Any]:
    assert outcome.failure is None, outcome.failure
    return {name: record["value"] for name, record in json.loads((outcome.folder / "results.json").read_text()).items()}


@pytest.mark.slow
def test_a_forked_kernel_and_a_fresh_one_give_the_same_notebook_byte_for_byte(tmp_path: Path, monkeypatch):
    bodies = []
    for way in ("1", "0"):
        folder = tmp_path / f"way{way}"
        folder.mkdir()
        whole = folder / "whole.ipynb"
        whole.write_text((NOTEBOOKS / "01_whole.ipynb").read_text("utf-8"), "utf-8")
        state = write_notebook(folder / "state.ipynb", STATE.replace("float(np.random.random()) + random.random()", "1"))
        monkeypatch.setenv("GOODWILL_FORK", way)
        monkeypatch.setenv("MADE_UP", "seen")
        one, two = run(whole, state, jobs=1, given={whole: {"tags": HOSTILE}})
        assert recorded(two)["secret"] == "seen"
        bodies.append([(outcome.folder / name).read_bytes() for outcome in (one, two) for name in ("notebook.ipynb", "results.json")])
    assert bodies[0][:2] == bodies[1][:2]
    assert [body.replace(b"way1", b"way0") for body in bodies[0]] == [body.replace(b"way1", b"way0") for body in bodies[1]]
    assert b"image/png" in bodies[0][2]


def test_every_forked_kernel_begins_afresh(tmp_path: Path):
    one, two = (recorded(outcome) for outcome in run(*(write_notebook(tmp_path / f"{name}.ipynb", STATE) for name in "ab")))
    assert one["random"] != two["random"]
    assert not one["left_over"]
    assert not two["left_over"]
    assert one["folder"] == tmp_path.name


def test_a_file_beside_the_notebook_does_not_hide_the_standard_library(tmp_path: Path):
    (tmp_path / "wave.py").write_text("")
    notebook = write_notebook(tmp_path / "a.ipynb", 'import wave\nrecord("hidden", not hasattr(wave, "open"))')
    assert not recorded(run(notebook)[0])["hidden"]


def test_a_kernel_that_dies_takes_nothing_with_it(tmp_path: Path):
    kill = "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"
    leave = "import os\nos._exit(9)"
    bad, worse, good = run(
        write_notebook(tmp_path / "bad.ipynb", kill),
        write_notebook(tmp_path / "worse.ipynb", leave),
        write_notebook(tmp_path / "good.ipynb"),
    )
    assert bad.failure.died
    assert worse.failure.died
    assert "In code cell 3 the kernel died" in bad.failure.message
    assert good.failure is None


@pytest.mark.parametrize(
    ("limits", "message"), [(Limits(cell=0.2), "a cell may take 0.2 s"), (Limits(report=0.5), "the report may take 0.5 s")]
)
def test_a_cell_that_takes_too_long_is_stopped(tmp_path: Path, limits: Limits, message: str):
    stuck = write_notebook(tmp_path / "stuck.ipynb", "import threading\n\nthreading.Event().wait()")
    (outcome,) = run(stuck, limits=limits)
    assert message in outcome.failure.message
    assert not outcome.failure.died


@pytest.mark.long
@pytest.mark.parametrize("path", sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem)
def test_every_notebook_is_the_same_in_a_forked_kernel_and_a_fresh_one(tmp_path: Path, monkeypatch, path: Path):
    bodies = []
    for way in ("1", "0"):
        monkeypatch.setenv("GOODWILL_FORK", way)
        about = {"notebook": Notebook.read(path), "given": {}, "folder": tmp_path / way, "base": tmp_path, "pdf": False}
        call = Call(path.stem, build_report, about, needs_kernel=True, on_told=lambda *_: None)
        ((_, outcome),) = run_calls(deque([call]), 2)
        assert outcome.failure is None, outcome.failure
        bodies.append([(outcome.folder / name).read_bytes() for name in ("notebook.ipynb", "results.json")])
    assert bodies[0] == bodies[1]
