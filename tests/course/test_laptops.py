"""The folder for laptops: which wheels a machine needs, what the students' wheel leaves out, and what the script says that sets up."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement

from goodwill.course.laptops import environment, needed, students_wheel
from goodwill.errors import UsageError

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "notebooks" / "course" / "setup_class.py"
PINS = [Requirement(line) for line in (ROOT / "requirements.lock").read_text("utf-8").splitlines() if line.strip()]


@pytest.mark.slow
@pytest.mark.parametrize(("machine", "own"), [("windows-3.12", "pywinpty"), ("mac-3.13", "appnope"), ("linux-3.11", "pexpect")])
def test_a_machine_gets_what_it_runs_on_and_nothing_for_tests(machine: str, own: str) -> None:
    names = {pin.partition("==")[0] for pin in needed(PINS, machine)}
    assert {"pandas", "duckdb", "jupyterlab", "lifetimes", "matplotlib", own} <= names
    assert not names & {"pytest", "ruff", "mypy", "hypothesis", "goodwill"}
    assert own == "pexpect" or own not in {pin.partition("==")[0] for pin in needed(PINS, "linux-3.11")}


@pytest.mark.parametrize("machine", ["windows", "amiga-3.12", "mac-3"])
def test_an_unknown_machine_is_named(machine: str) -> None:
    with pytest.raises(UsageError, match=f"not for '{machine}'"):
        environment(machine)


def test_the_wheel_of_students_holds_no_solutions_and_a_list_that_says_so(tmp_path: Path) -> None:
    held = ["goodwill/a.py", "goodwill/notebooks/course/lessons/01.ipynb", "goodwill/notebooks/course/mistakes.yaml"]
    held += ["goodwill/notebooks/course/glossary.yaml"]
    with zipfile.ZipFile(tmp_path / "goodwill-1.0-py3-none-any.whl", "w") as wheel:
        for name in held:
            wheel.writestr(name, "x")
        wheel.writestr("goodwill-1.0.dist-info/RECORD", "".join(f"{name},sha256=x,1\n" for name in held))
    (tmp_path / "out").mkdir()
    assert students_wheel(tmp_path / "goodwill-1.0-py3-none-any.whl", tmp_path / "out") == "goodwill==1.0"
    with zipfile.ZipFile(tmp_path / "out" / "goodwill-1.0-py3-none-any.whl") as wheel:
        assert wheel.namelist() == ["goodwill/a.py", "goodwill/notebooks/course/glossary.yaml", "goodwill-1.0.dist-info/RECORD"]
        listed = wheel.read("goodwill-1.0.dist-info/RECORD").decode()
    assert listed == "goodwill/a.py,sha256=x,1\ngoodwill/notebooks/course/glossary.yaml,sha256=x,1\n"


def script(folder: Path) -> ModuleType:
    """The script, standing in a folder."""
    (folder / "setup_class.py").write_bytes(SCRIPT.read_bytes())
    spec = importlib.util.spec_from_file_location("setup_class", folder / "setup_class.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_what_is_in_the_way_is_said_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    setup = script(tmp_path)
    (tmp_path / "wheels").mkdir()
    for name in ("jupyter_core-5.9.1", "Lifetimes-0.11.3", "jaraco.text-1.0"):
        (tmp_path / "wheels" / f"{name}-py3-none-any.whl").write_text("")
    here = setup.this_machine()
    wanted = ["jupyter-core==5.9.1", "lifetimes==0.11.3", "jaraco-text==1.0"]
    assert setup.why_not({"wheels": {here: wanted}}, tmp_path / "python") == ""
    assert setup.why_not({"wheels": {"windows-3.9": []}}, tmp_path).startswith(f"The wheels are for windows-3.9; this is {here} (")
    assert "1 wheels are missing from" in setup.why_not({"wheels": {here: ["jupyter-core==5.9.1", "duckdb==1.0"]}}, tmp_path)
    monkeypatch.setattr(setup, "NEEDED", 10**12)
    assert "MB free and 1,000,000,000,000 MB are needed" in setup.why_not({"wheels": {here: []}}, tmp_path / "python")
    monkeypatch.setattr(setup.os, "name", "nt")
    monkeypatch.setattr(setup, "LONGEST", 5)
    assert "too long for Windows: use --at" in setup.why_not({"wheels": {here: []}}, tmp_path)


@pytest.mark.slow
def test_it_sets_up_without_network_in_a_folder_with_a_chinese_name(tmp_path: Path) -> None:
    """With a wheel that stands in for ours: a Python of its own, installed, tried, and a file to start with."""
    folder = tmp_path / "课程 一"
    (folder / "wheels").mkdir(parents=True)
    setup = script(folder)
    with zipfile.ZipFile(folder / "wheels" / "goodwill-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("goodwill/__init__.py", "class T:\n    def to_pandas(self): return []\ndef read_transactions(name): return T()\n")
        wheel.writestr("goodwill-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: goodwill\nVersion: 1.0\n")
        wheel.writestr("goodwill-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("goodwill-1.0.dist-info/RECORD", "")
    (folder / "wheels" / "contents.json").write_text(json.dumps({"wheels": {setup.this_machine(): ["goodwill==1.0"]}}), "utf-8")
    nowhere = {**os.environ, "PIP_INDEX_URL": "http://127.0.0.1:9/none", "PYTHONPATH": ""}
    done = subprocess.run([sys.executable, folder / "setup_class.py"], env=nowhere, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    starter = next(folder.glob("start.*"))
    assert str(starter) in done.stdout and str(folder / "students") in starter.read_text("utf-8")
    assert "announcements" in (folder / "python" / "etc" / "jupyter" / "labconfig" / "page_config.json").read_text("utf-8")
