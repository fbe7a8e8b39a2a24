"""The notebooks of the course run from top to bottom, and their text says what their cells show."""

from __future__ import annotations

import json
import re
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from nbclient import NotebookClient

import goodwill as gw

COURSE = Path(__file__).resolve().parents[2] / "notebooks" / "course"
SYSTEMS = sorted((COURSE / "systems").glob("*.ipynb"))
Shown = dict[str, str]


def run(path: Path, folder: Path, **parameters: str) -> Shown:
    """The outputs of each code cell, by its id; parameters stand in place of those of the notebook."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook["cells"]:
        if "parameters" in cell["metadata"].get("tags", ()):
            cell["source"] += "\n" + "\n".join(f"{name} = {value!r}" for name, value in parameters.items())
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(folder)}}).execute()
    return {cell["id"]: json.dumps(cell["outputs"]) for cell in notebook["cells"] if cell["cell_type"] == "code"}


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Shown]:
    """What each notebook on the systems of the texts shows, by its name."""
    return {path.stem: run(path, tmp_path_factory.mktemp("course")) for path in SYSTEMS}


@pytest.mark.slow
@pytest.mark.parametrize("name", [path.stem for path in SYSTEMS])
def test_each_cell_on_the_systems_shows_something(shown: dict[str, Shown], name: str) -> None:
    assert {cell for cell, outputs in shown[name].items() if outputs == "[]"} <= {"imports", "orders", "tables"}
    assert [cell for cell, outputs in shown[name].items() if re.search(r"\bnp\.\w+\(", outputs)] == []  # a number is shown as a number


@pytest.mark.slow
def test_the_text_of_the_work_sheets_says_what_the_cells_show(shown: dict[str, Shown]) -> None:
    at = shown["work_sheets"]
    assert "(100.0," in at["card-read"] and "38.0," in at["card-read"]
    assert "inf" in at["price"] and "break_even_success=0.04" in at["call"]
    assert "per_day_if_daily=20000.0" in at["hotel"] and "occupied_if_daily=41.6" in at["hotel"] and "0.114" in at["hotel"]
    assert "by_always=0.37" in at["reviews"] and "0.62" in at["paid"]


@pytest.mark.slow
def test_the_text_on_accounts_says_what_the_cells_show(shown: dict[str, Shown]) -> None:
    at = shown["accounts_and_levels"]
    assert "'diamond', 'diamond', 'gold', 'silver', 'bronze', 'registered'" in at["levels"]
    assert "0.470588" in at["plan"]
    assert "38.319" in at["goals"] and "raise our share of their purchases" in at["goals"]
    assert "end the sales contract at once" in at["terms"]
    assert "'Northwest': 'develop'" in at["markets"]


@pytest.mark.slow
def test_the_text_on_service_says_what_the_cells_show(shown: dict[str, Shown]) -> None:
    at = shown["service_and_complaints"]
    assert "checkable " in at["checkable"] and " 14\\n" in at["checkable"]
    assert "arrive on site" in at["log"] and "0.709277" in at["log"]
    assert "0.3: 105" in at["acceptance"] and "0.9: 60" in at["acceptance"]
    assert "no code" in at["codes"] and "0.333333" in at["codes"]
    assert at["steps"].count("nothing entered") == 2 * len(("as HTML", "as text"))


@pytest.mark.slow
def test_the_text_on_loyalty_says_what_the_cells_show(shown: dict[str, Shown]) -> None:
    at = shown["loyalty_and_people"]
    assert "0.25" in at["false"] and "captive" in at["kinds"]
    assert "0.42" in at["returners"] and "0.17" in at["returners"]
    assert "'outside', 'outside', '20-35'" in at["ages"]


@pytest.mark.slow
def test_the_text_on_firms_says_what_the_cells_show(shown: dict[str, Shown]) -> None:
    at = shown["firms_and_markets"]
    assert "365.529" in at["ratios"] and "7.690" in at["ratios"]
    assert "233.33" in at["per_store"] and "120.0" in at["per_store"]
    assert "grows_to=64.0, grows_by=729.0" in at["readings"]
    assert "0.222" in at["entrants"] and "225.0" in at["chain"] and "6750.0" in at["chain"]
    assert "0.1: 0.5" in at["match"] and "inf" in at["match"]
    assert "False" in at["bass"]


@pytest.mark.slow
def test_the_systems_are_worked_on_tables_of_ones_own(tmp_path: Path) -> None:
    company = gw.company(customers=300)
    company.transactions.to_csv(tmp_path / "orders.csv", index=False)
    company.complaints.to_csv(tmp_path / "complaints.csv", index=False)
    start = pd.Series(pd.date_range("2024-05-01 08:00", periods=7, freq="D"))
    log = pd.DataFrame({"service": "arrive on site", "start": start, "end": start + pd.Timedelta(hours=7)})
    log.to_csv(tmp_path / "log.csv", index=False)
    facts = gw.read_case("company_facts").query("company in ('JD', 'Suning')")
    facts.to_csv(tmp_path / "facts.csv", index=False)
    own = {name: str(tmp_path / f"{name}.csv") for name in ("orders", "complaints", "log", "facts")}
    systems = COURSE / "systems"
    gold = run(systems / "accounts_and_levels.ipynb", tmp_path, orders=own["orders"])["tiers"]
    assert " 15 " in gold  # a twentieth of 300 customers
    served = run(systems / "service_and_complaints.ipynb", tmp_path, service_log=own["log"], complaints=own["complaints"])
    assert "arrive on site" in served["log"] and " 7 " in served["log"] and "respond to" not in served["log"]
    assert "JD" in run(systems / "firms_and_markets.ipynb", tmp_path, facts_file=own["facts"])["facts"]
    assert "active" in run(systems / "loyalty_and_people.ipynb", tmp_path, orders=own["orders"])["moves"]


def test_notebooks_of_the_course_import_only_goodwill_as_gw_and_carry_no_outputs() -> None:
    for path in COURSE.rglob("*.ipynb"):
        cells = [cell for cell in json.loads(path.read_text("utf8"))["cells"] if cell["cell_type"] == "code"]
        lines = [line for cell in cells for line in "".join(cell["source"]).splitlines() if "import" in line]
        assert [line for line in lines if "goodwill" in line] == ["import goodwill as gw"], path
        assert not any(cell["outputs"] or cell["execution_count"] for cell in cells), path
