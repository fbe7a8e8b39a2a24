"""Every question about a file of purchases is asked here, and its answers make that very file readable."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from tests.data.test_kinds_of_files import ROWS, table

import goodwill
from goodwill.data.doubts.answers import with_answers
from goodwill.data.doubts.doubt import Doubt
from goodwill.data.reading.sources import read_transactions
from goodwill.errors import Unclear

DATA = Path(goodwill.__file__).parent / "data"
FILES = Path(__file__).parent / "files" / "transactions"
PLAIN = ("customer_id", "date", "amount")
Site = tuple[str, str]  # a module and a function in it
# Functions that hand on what others ask.
HANDED_ON = {("doubts.doubt", "settle"), ("doubts.answers", "_together")}
# A doubt that is told and never asked, or that has no answer.
TOLD = {("doubts.nobody", "judge_ids")}


def _changed(**cells: Any) -> list[tuple[Any, ...]]:
    """The plain rows with a cell of row 12 replaced."""
    return [tuple(cells.get(name, cell) if k == 10 else cell for name, cell in zip(PLAIN, row, strict=True)) for k, row in enumerate(ROWS)]


def _with(name: str, value: Callable[[int], Any]) -> str:
    return table((*PLAIN, name), ((*row, value(k)) for k, row in enumerate(ROWS)))


# Name of a case: the text of a file or a file at hand, and what is told about it beforehand.
CASES: dict[str, tuple[str | Path, dict[str, Any]]] = {
    "several columns for one role": (table(("customer_id", "date", "Umsatz", "Betrag"), ((*r, r[2]) for r in ROWS)), {}),
    "a column that may be meant": (table(("E-Mail address", "order date", "paid"), ROWS), {}),
    "pieces beside a price": (table(("customer_id", "date", "price", "Quantity"), ((*r, 2) for r in ROWS)), {}),
    "pieces without money": (FILES / "27_quantity_times_unit_price.csv", {}),
    "a price that was named": (FILES / "27_quantity_times_unit_price.csv", {"amount": "UnitPrice"}),
    "no encoding that is known": (FILES / "33_headers_blanks_cp1252.csv", {}),
    "two orders of day and month": (FILES / "13s_all_le_12.csv", {}),
    "months": (FILES / "13p_month_only.csv", {}),
    "a form of dates that does not fit": (table(PLAIN, ROWS), {"date_format": "%d.%m.%Y"}),
    "a date that is none": (table(PLAIN, _changed(date="soon")), {}),
    "a day that there is not": (table(PLAIN, _changed(date="2024-02-30")), {}),
    "two readings of a mark": (FILES / "14l_thousand_only.csv", {}),
    "an amount that is none": (table(PLAIN, _changed(amount="free")), {}),
    "credits and debits": (table(PLAIN, [(w, d, f"{p:.2f} {'DR' if k % 9 else 'CR'}") for k, (w, d, p) in enumerate(ROWS)]), {}),
    "a status": (FILES / "02_status_column.csv", {}),
    "currencies": (FILES / "01_currency_column_mixed.csv", {}),
    "events": (FILES / "23_event_log.csv", {}),
    "a flag": (_with("Cancelled", lambda k: "yes" if k % 5 == 0 else "no"), {}),
    "money given back": (FILES / "03_refunded_amount_column.csv", {}),
    "a file twice": (FILES / "10_file_twice.csv", {}),
    "totals of orders": (FILES / "04_order_total_on_every_line.csv", {}),
    "a guest": (FILES / "08_guest_id.csv", {}),
    "a row of totals": (FILES / "07_grand_total_row.csv", {}),
    "an amount far from others": (FILES / "31_one_amount_10000_times.csv", {}),
    "a date far from others": (FILES / "42_one_date_five_years_ahead.csv", {}),
    "a day that stands for none": (FILES / "09b_default_date_1900.csv", {}),
    "several at once": (_with("status", lambda k: "failed" if k % 4 else "paid").replace("customer_id", "E-Mail address", 1), {}),
}  # fmt: skip
BYTES = {  # bytes that UTF-8, GB18030 and, of the first, Western European do not have
    "bytes that are not Western European": table((*PLAIN, "note"), ((*r, "\x81\x9dé") for r in ROWS)).encode("latin-1"),
    "UTF-16 without a mark": table((*PLAIN, "Größe"), ((*r, "ä") for r in ROWS)).encode("utf-16-le"),
}


def _path(name: str, folder: Path) -> Path:
    made = BYTES[name] if name in BYTES else CASES[name][0]
    if isinstance(made, Path):
        return made
    path = folder / "file.csv"
    path.write_bytes(made if isinstance(made, bytes) else made.encode())
    return path


@dataclass(frozen=True)
class Asked:
    """A file that was read once, what is told about it, the question that came of it, and the places in the code that asked."""

    path: Path
    told: dict[str, Any]
    question: Unclear
    sites: frozenset[Site]


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Asked]:
    """Each case is read once, by whichever test comes to it first."""

    @cache
    def read(name: str) -> Asked:
        path, told = _path(name, tmp_path_factory.mktemp("asked")), CASES[name][1] if name in CASES else {}
        reached: set[Site] = set()
        with (
            mock.patch.object(Unclear, "__init__", _seen_by(reached, Unclear.__init__)),
            mock.patch.object(Doubt, "__init__", _seen_by(reached, Doubt.__init__)),
            pytest.raises(Unclear) as raised,
        ):
            read_transactions(path, **told)
        return Asked(path, told, raised.value, frozenset(reached))

    return read


def _seen_by(reached: set[Site], made: Callable[..., None]) -> Callable[..., None]:
    """The same `__init__`, which notes the function that called it."""

    def init(self: Any, *given: Any, **named: Any) -> None:
        frame = sys._getframe(1)
        while frame.f_code.co_name in ("init", "__init__") and frame.f_back:
            frame = frame.f_back
        module = frame.f_globals["__name__"].removeprefix("goodwill.data.")
        reached.add((module, frame.f_code.co_name))
        made(self, *given, **named)

    return init


# Files at hand of which nothing is told stand in test_files.py too, where their answers are given and counted.
THERE_TOO = {name for name, (made, told) in CASES.items() if isinstance(made, Path) and not told}


@pytest.mark.sampled(1)
@pytest.mark.parametrize("name", [pytest.param(name, marks=[pytest.mark.slow] * (name in THERE_TOO)) for name in (*CASES, *BYTES)])
def test_the_answers_that_a_question_proposes_make_that_very_file_readable(asked: Callable[[str], Asked], name: str) -> None:
    case = asked(name)
    answers, said = case.question.answers, str(case.question)
    assert answers
    for parameter, value in answers.items():  # what is proposed stands in the message, as it is written in Python
        assert parameter in said and (not value or str(value).strip("[]") in said)
    read = read_transactions(case.path, **with_answers(case.told, answers))
    assert read.audit.set_index("rule").rows["rows used"] > 0


def _sites() -> set[Site]:
    """Where the code of this room asks: functions that make an `Unclear`, or a `Doubt` that may become one."""
    found = set()
    for path in [*(DATA / "reading").glob("*.py"), *(DATA / "doubts").glob("*.py")]:
        for function in (node for node in ast.walk(ast.parse(path.read_text("utf8"))) if isinstance(node, ast.FunctionDef)):
            calls = (node.func for node in ast.walk(function) if isinstance(node, ast.Call))
            if any(isinstance(call, ast.Name) and call.id in ("Unclear", "Doubt") for call in calls):
                found.add((f"{path.parent.name}.{path.stem}", function.name))
    return found - HANDED_ON - TOLD


@pytest.mark.slow
def test_every_place_that_asks_is_among_them(asked: Callable[[str], Asked]) -> None:
    reached = set().union(*(asked(name).sites for name in (*CASES, *BYTES)))
    assert _sites() - reached == set()
