"""What says how a table is read has one name, one type and one default, in every notebook that reads such a table."""

from __future__ import annotations

import ast
import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.notebooks.sweep import NOTEBOOKS

# Of each kind of table: what a notebook that reads one has to offer, so that every question about such a file can be answered there.
PURCHASES = ("customer_id", "date", "amount", "date_format", "decimal", "missing", "encoding", "quantity", "refunded", "keep", "once")
LOG = ("complaint_customer_id", "opened", "answered", "outcome", "outcome_words", "complaint_date_format", "missing", "encoding")
SURVEY = ("satisfaction", "respondent_id", "items", "scale", "missing", "encoding")
CONTRACTS = ("cohort", "time", "customers", "tenure", "churned", "start", "end", "period", "started", "missing", "date_format", "encoding")
TRIAL = ("experiment", "control_arm", "arm_costs")
READERS = {
    "read_transactions": PURCHASES,
    "read_purchases": PURCHASES,
    "read_complaints": LOG,
    "read_survey": SURVEY,
    "read_answers": SURVEY,
    "read_survival": CONTRACTS,
    "trial_at_hand": TRIAL,
    "tried_arms": TRIAL,
}
# One name for things of two tables that no notebook reads both of: an end of the days of purchase and of a contract, a period likewise.
OTHERWISE = {"end", "period"}


@dataclass(frozen=True)
class Parameter:
    """The type and the default of a parameter as written."""

    type: str
    default: str


@dataclass(frozen=True)
class Notebook:
    """A notebook's parameters, the names that its code uses, and the readers that it gives a source of the user."""

    name: str
    parameters: dict[str, Parameter]
    used: frozenset[str]
    readers: frozenset[str]


def _notebook(path: Path) -> Notebook:
    parameters: dict[str, Parameter] = {}
    used, readers = set(), set()
    for cell in json.loads(path.read_text("utf8"))["cells"]:
        if cell["cell_type"] != "code":
            continue
        tree = ast.parse("".join(cell["source"]))
        if "parameters" in cell["metadata"].get("tags", []):
            stated = [each for each in tree.body if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)]
            parameters |= {one.target.id: Parameter(ast.unparse(one.annotation), ast.unparse(one.value)) for one in stated}
            continue
        used |= {each.id for each in ast.walk(tree) if isinstance(each, ast.Name)}
        for call in (each for each in ast.walk(tree) if isinstance(each, ast.Call)):
            # gw.read_x(data, …), or gw.attempt(gw.read_x, data, …); what has a name in quotes is built in
            named = [each.attr for each in (call.func, *call.args[:1]) if isinstance(each, ast.Attribute)]
            literal = any(isinstance(each, ast.Constant) for each in call.args[:1])
            readers |= {each for each in named if each in READERS and not literal}
    return Notebook(path.name, parameters, frozenset(used), frozenset(readers))


ALL = [_notebook(path) for path in sorted(NOTEBOOKS.glob("[0-9]*.ipynb"))]


@pytest.mark.parametrize("notebook", ALL, ids=lambda notebook: notebook.name[:2])
def test_a_notebook_that_reads_a_table_offers_all_that_may_be_asked_about_it(notebook: Notebook) -> None:
    assert notebook.readers
    for reader in notebook.readers:
        assert [name for name in READERS[reader] if name not in notebook.parameters] == [], reader


@pytest.mark.parametrize("notebook", ALL, ids=lambda notebook: notebook.name[:2])
def test_every_parameter_is_used(notebook: Notebook) -> None:
    assert set(notebook.parameters) - notebook.used == set()


@pytest.mark.parametrize("name", sorted({name for names in READERS.values() for name in names} - OTHERWISE))
def test_a_parameter_of_reading_is_the_same_everywhere(name: str) -> None:
    assert len({notebook.parameters[name] for notebook in ALL if name in notebook.parameters}) == 1
