"""What a wheel brings along: notebooks, recipes and case figures work outside the checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked wheel: what an installation puts on the path."""
    from hatchling.builders.wheel import WheelBuilder

    built = Path(next(WheelBuilder(str(ROOT)).build(directory=str(tmp_path_factory.mktemp("dist")), versions=["standard"])))
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(built) as wheel:
        wheel.extractall(folder)
    return folder


def goodwill(installed: Path, stand: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command, with the unpacked wheel before this checkout on the path."""
    where = {key: value for key, value in os.environ.items() if not key.startswith("GOODWILL_")} | {"PYTHONPATH": str(installed)}
    command = [sys.executable, "-c", "from goodwill.cli import main; main()", *arguments]
    return subprocess.run(command, cwd=stand, env=where, capture_output=True, text=True)


def test_a_wheel_holds_all_that_the_library_looks_for(installed: Path) -> None:
    names = {path.name for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert {path.name for path in (installed / "goodwill" / "notebooks").glob("*.ipynb")} == names
    cases = {path.name for path in (ROOT / "data" / "cases").glob("*.csv")}
    assert {path.name for path in (installed / "goodwill" / "data" / "cases").glob("*.csv")} == cases
    for name in ("recipes/main.yaml", "py.typed", "__init__.pyi", "segments/__init__.pyi", "strategies/catalogue.yaml"):
        assert (installed / "goodwill" / name).is_file(), name
    assert (installed / "goodwill" / "reports" / "pages" / "template").is_dir()


@pytest.mark.slow
def test_the_notebooks_of_a_wheel_are_listed_and_written_from_anywhere(installed: Path, tmp_path: Path) -> None:
    listed = goodwill(installed, tmp_path, "list")
    assert listed.returncode == 0, listed.stderr
    assert "customer_lifetime_value" in listed.stdout
    written = goodwill(installed, tmp_path, "notebooks", "mine")
    assert written.returncode == 0, written.stderr
    assert json.loads((tmp_path / "mine" / "01_customer_lifetime_value.ipynb").read_text("utf-8"))["cells"]
    assert (tmp_path / "mine" / "main.yaml").is_file()
    again = goodwill(installed, tmp_path, "notebooks", "mine")
    assert again.returncode == 2
    assert "exists and is left as it is; name another folder." in again.stderr


@pytest.mark.slow
def test_a_report_is_built_from_a_wheel_outside_the_checkout(installed: Path, tmp_path: Path) -> None:
    done = goodwill(installed, tmp_path, "run", "contracts_and_donations", "--out", "report")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "report" / "report.html").is_file()
    facts = json.loads((tmp_path / "report" / "run.json").read_text("utf-8"))
    assert facts["status"] == "built"
