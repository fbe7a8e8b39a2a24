"""The notebooks of the course run from top to bottom, and their text says what their cells show."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

COURSE = Path(__file__).resolve().parents[2] / "notebooks" / "course"
SHEETS = COURSE / "systems" / "work_sheets.ipynb"


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The outputs of each code cell, by its id."""
    notebook = nbformat.read(SHEETS, as_version=4)
    NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(tmp_path_factory.mktemp("course"))}}).execute()
    return {cell["id"]: json.dumps(cell["outputs"]) for cell in notebook["cells"] if cell["cell_type"] == "code"}


def test_each_cell_of_the_work_sheets_shows_something(shown: dict[str, str]) -> None:
    assert [cell for cell, outputs in shown.items() if outputs == "[]"] == ["imports"]


def test_the_text_of_the_work_sheets_says_what_the_cells_show(shown: dict[str, str]) -> None:
    assert "(100.0," in shown["card-read"] and "38.0," in shown["card-read"]
    assert "inf" in shown["price"] and "break_even_success=0.04" in shown["call"]
    assert "per_day_if_daily=20000.0" in shown["hotel"] and "occupied_if_daily=41.6" in shown["hotel"] and "0.114" in shown["hotel"]
    assert "by_always=0.37" in shown["reviews"] and "0.62" in shown["paid"]


def test_notebooks_of_the_course_import_only_goodwill_as_gw_and_carry_no_outputs() -> None:
    for path in COURSE.rglob("*.ipynb"):
        cells = [cell for cell in json.loads(path.read_text("utf8"))["cells"] if cell["cell_type"] == "code"]
        lines = [line for cell in cells for line in "".join(cell["source"]).splitlines() if "import" in line]
        assert [line for line in lines if "goodwill" in line] == ["import goodwill as gw"], path
        assert not any(cell["outputs"] or cell["execution_count"] for cell in cells), path
