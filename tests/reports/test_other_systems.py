"""What other systems do otherwise, tried here: no fork, names with blanks and in other scripts, commands without a shell."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.reports.conftest import NOTEBOOKS

ROOT = Path(__file__).resolve().parents[2]
RECIPE = """
title: 客户 的 价值
reports:
  - name: first
    notebook: ./笔记 本.ipynb
    parameters: {data: "订单 (五月).csv", horizon: 26}
  - name: second
    notebook: ./笔记 本.ipynb
    parameters: {data: "订单 (五月).csv", horizon: 13}
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    folder = tmp_path / "我的 报表 & Söhne"
    folder.mkdir()
    shutil.copyfile(NOTEBOOKS / "01_whole.ipynb", folder / "笔记 本.ipynb")
    (folder / "订单 (五月).csv").write_text("a,b\n", "utf-8")
    (folder / "每 晚.yaml").write_text(RECIPE, "utf-8")
    return folder


def goodwill(folder: Path, *arguments: str, fork: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from goodwill.cli import main; main(prog_name='goodwill')", *arguments]
    return subprocess.run(command, cwd=folder, env=os.environ | {"GOODWILL_FORK": fork}, capture_output=True, text=True, encoding="utf-8")


def recipe_built(place: Path, fork: str) -> dict[str, bytes]:
    """The results of both reports of the recipe."""
    done = goodwill(place, "run", "每 晚.yaml", "--out", f"出 {fork}", "--jobs", "2", fork=fork)
    assert done.returncode == 0, done.stderr
    reports = {path.parent.name: path for path in (place / f"出 {fork}").glob("*/results.json")}
    assert set(reports) == {"first", "second"}
    facts = json.loads((place / f"出 {fork}" / "first" / "run.json").read_text("utf-8"))
    assert facts["parameters"]["data"] == "订单 (五月).csv"
    assert 'href="first/report.html"' in (place / f"出 {fork}" / "index.html").read_text("utf-8")
    return {name: path.read_bytes() for name, path in reports.items()}


def rendered(place: Path, executed: Path) -> bytes:
    """The results of a notebook that was executed before, under a name with a blank."""
    shutil.copyfile(executed, place / "运 行.ipynb")
    done = goodwill(place, "render", "运 行.ipynb", fork="0")
    assert done.returncode == 0, done.stderr
    return (place / "运 行" / "results.json").read_bytes()


@pytest.mark.slow
def test_a_recipe_of_names_with_blanks_and_chinese_signs_is_built_and_rendered_without_fork(place: Path) -> None:
    found = recipe_built(place, "0")
    assert rendered(place, place / "出 0" / "first" / "notebook.ipynb") == found["first"]


@pytest.mark.slow
def test_such_a_recipe_is_built_alike_with_fork(place: Path) -> None:
    assert recipe_built(place, "1") == recipe_built(place, "0")


@pytest.mark.slow
def test_a_single_notebook_with_such_a_name_is_run_and_rendered(place: Path) -> None:
    done = goodwill(place, "run", "笔记 本.ipynb", "-p", "data", "订单 (五月).csv", "--out", "单 个", fork="0")
    assert done.returncode == 0, done.stderr
    assert rendered(place, place / "单 个" / "notebook.ipynb") == (place / "单 个" / "results.json").read_bytes()


def test_make_calls_nothing_but_python_and_python_calls_no_shell() -> None:
    lines = [line for line in (ROOT / "Makefile").read_text("utf-8").splitlines() if line.startswith("\t")]
    assert lines == ["\t@$(PYTHON) tasks.py $@ $(ARGS)"]
    called = [node for node in ast.walk(ast.parse((ROOT / "tasks.py").read_text("utf-8"))) if isinstance(node, ast.Call)]
    assert not [node for node in called for keyword in node.keywords if keyword.arg == "shell"]
    names = {node.func.attr for node in called if isinstance(node.func, ast.Attribute)}
    assert not names & {"system", "popen", "getoutput", "getstatusoutput"}


def test_every_task_is_a_target_of_make_and_says_what_it_does() -> None:
    done = subprocess.run([sys.executable, str(ROOT / "tasks.py")], capture_output=True, text=True)
    tasks = [line.split()[0] for line in done.stderr.splitlines() if line.startswith("  ")]
    targets = (ROOT / "Makefile").read_text("utf-8").split(".PHONY:")[1].splitlines()[0].split()
    assert tasks == sorted(tasks, key=targets.index) or set(tasks) == set(targets)
    assert set(tasks) == set(targets)
    assert all(len(line.split(maxsplit=1)) == 2 for line in done.stderr.splitlines() if line.startswith("  "))


def test_options_of_make_lab_reach_jupyterlab(tmp_path: Path) -> None:
    if shutil.which("make") is None:
        pytest.skip("no make")
    (tmp_path / "Makefile").write_text((ROOT / "Makefile").read_text("utf-8"), "utf-8")
    (tmp_path / "tasks.py").write_text("import sys; print(sys.argv[1:])", "utf-8")
    done = subprocess.run(
        ["make", "--no-print-directory", "lab", "ARGS=--port 9000 --no-browser", f"PYTHON={sys.executable}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == "['lab', '--port', '9000', '--no-browser']"
