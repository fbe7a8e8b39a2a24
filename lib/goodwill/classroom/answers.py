"""The answers of a student: two data files with named fields, read without trust. Nothing in a student's folder is ever run."""

from __future__ import annotations

import csv
import io
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from goodwill.classroom.oracle import FORECASTS, PARAMETERS
from goodwill.classroom.students import NOTHING, STRATEGIES
from goodwill.errors import DataError

ANSWERS, CUSTOMERS = "answers.toml", "customers.csv"
COLUMNS = ("customer_id", "value", "visit")
ENDS = ("", "_low", "_high")
YES, NO = ("yes", "y", "1", "true"), ("no", "n", "0", "false")
MOST_BYTES = 5_000_000  # of a file; an answer is a few kilobytes
MOST = 1e15  # no answer is larger, and squares of larger ones overflow


@dataclass(frozen=True)
class Answers:
    """What a student answered; what she left empty is not there.

    Attributes
    ----------
    values : money by customer
    visits : by customer, whether to visit
    forecasts : numbers by name; an end of an interval has `_low` or `_high` behind it
    decisions : strategy by segment
    parameters : numbers by name

    Examples
    --------
    >>> given = Answers(values={1: 40.0, 2: 12.5}, forecasts={"orders": 120.0}, parameters={"mean_spend": 31.0})
    >>> given.numbers, given.is_empty, Answers().is_empty
    ({'orders': 120.0, 'mean_spend': 31.0}, False, True)
    """

    values: dict[int, float] = field(default_factory=dict)
    visits: dict[int, bool] = field(default_factory=dict)
    forecasts: dict[str, float] = field(default_factory=dict)
    decisions: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, float] = field(default_factory=dict)

    @property
    def numbers(self) -> dict[str, float]:
        """Forecasts and parameters by name."""
        return self.forecasts | self.parameters

    @property
    def is_empty(self) -> bool:
        return not (self.values or self.visits or self.decisions or self.numbers)


def fields(segments: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The names that `answers.toml` may hold, by part."""
    return {"forecasts": tuple(name + end for name in FORECASTS for end in ENDS), "decisions": tuple(segments), "parameters": PARAMETERS}


def read_answers(folder: Path, customers: Sequence[int], segments: Sequence[str]) -> Answers:
    """Read the answers in a student's folder.

    Parameters
    ----------
    customers : ids that are hers
    segments : names for which she decides

    Raises
    ------
    DataError
        A file is missing, too large or no text; a field that does not exist; something that is no number, no choice, or no customer of
        hers (names file, row and column).

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "answers.toml").write_text('[forecasts]\\norders = 120\\n[decisions]\\nprivate = "call"\\n')
    ...     _ = Path(folder, "customers.csv").write_text("customer_id,value,visit\\n1,40.5,yes\\n2,,no\\n")
    ...     given = read_answers(Path(folder), customers=[1, 2], segments=["private", "business"])
    >>> given.forecasts, given.decisions, given.values, given.visits
    ({'orders': 120.0}, {'private': 'call'}, {1: 40.5}, {1: True, 2: False})
    """
    parts = _parts(folder / ANSWERS, fields(segments))
    values, visits = _customers(folder / CUSTOMERS, set(customers))
    decisions = {name: _choice(folder / ANSWERS, name, told) for name, told in parts["decisions"].items()}
    numbers = {part: _numbers(folder / ANSWERS, part, parts[part]) for part in ("forecasts", "parameters")}
    return Answers(values, visits, numbers["forecasts"], decisions, numbers["parameters"])


def _text(path: Path) -> str:
    if path.is_symlink() or not path.is_file():
        raise DataError(f"{path.name} is missing; put the answers into a file of this name beside the orders.")
    if path.stat().st_size > MOST_BYTES:
        raise DataError(f"{path.name} is larger than {MOST_BYTES // 1_000_000} MB; answers are a few kilobytes.")
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise DataError(f"{path.name} is no text in UTF-8; save it as plain text.") from None


def _parts(path: Path, known: Mapping[str, tuple[str, ...]]) -> dict[str, dict[str, Any]]:
    try:
        found = tomllib.loads(_text(path))
    except (ValueError, RecursionError) as error:  # also a whole number of thousands of digits
        raise DataError(f"{path.name} cannot be read: {error}; a line is written as: orders = 120.5") from None
    for part, given in found.items():
        if part not in known or not isinstance(given, dict):
            raise DataError(f"{path.name}: {part!r} is no part of the answers; the parts are {', '.join(known)}.")
        for name in given:
            if name not in known[part]:
                raise DataError(f"{path.name}: [{part}] has no field {name!r}; its fields are {', '.join(known[part])}.")
    return {part: {name: told for name, told in found.get(part, {}).items() if told != ""} for part in known}


def _numbers(path: Path, part: str, told: Mapping[str, Any]) -> dict[str, float]:
    for name, value in told.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < MOST:
            raise DataError(
                f"{path.name}: {name} of [{part}] is {str(value)[:40]!r}; it must be a number without unit and quotation marks."
            )
    numbers = {name: float(value) for name, value in told.items()}
    for name in FORECASTS if part == "forecasts" else ():
        low, high = numbers.get(f"{name}_low", -math.inf), numbers.get(f"{name}_high", math.inf)
        if low > high:
            raise DataError(f"{path.name}: {name}_low is {low:g} and {name}_high {high:g}; the lower end comes first.")
    return numbers


def _choice(path: Path, segment: str, told: Any) -> str:
    options = (NOTHING, *STRATEGIES)
    if told not in options:
        raise DataError(f"{path.name}: {segment} of [decisions] is {told!r}; it is one of {', '.join(options)}.")
    return str(told)


def _customers(path: Path, known: set[int]) -> tuple[dict[int, float], dict[int, bool]]:
    text = _text(path)
    header = text.partition("\n")[0]
    mark = max(",;\t", key=header.count)
    rows = csv.reader(io.StringIO(text), delimiter=mark)
    names = [name.strip() for name in next(rows, [])]
    if missing := [name for name in COLUMNS if name not in names]:
        raise DataError(f"{path.name} has no column {missing[0]!r}; its columns are {', '.join(COLUMNS)}.")
    at = {name: names.index(name) for name in COLUMNS}
    values: dict[int, float] = {}
    visits: dict[int, bool] = {}
    seen: set[int] = set()
    try:
        for number, row in enumerate(rows, 2):
            if not any(cell.strip() for cell in row):
                continue
            cells = {name: row[place].strip() if place < len(row) else "" for name, place in at.items()}
            who = _customer(f"{path.name} row {number}", cells["customer_id"], known)
            if who in seen:
                raise DataError(f"{path.name} row {number}: customer {who} stands there twice; give each customer one row.")
            seen.add(who)
            if cells["value"]:
                values[who] = _value(f"{path.name} row {number}", cells["value"])
            if cells["visit"]:
                visits[who] = _visit(f"{path.name} row {number}", cells["visit"])
    except csv.Error as error:
        raise DataError(f"{path.name} cannot be read as a table: {error}.") from None
    return values, visits


def _customer(where: str, told: str, known: set[int]) -> int:
    if not told.isascii() or not told.isdigit() or len(told) > 9 or int(told) not in known:
        raise DataError(f"{where}: customer_id is {told[:40]!r}, and no customer of this company; keep the ids of orders.csv.")
    return int(told)


def _value(where: str, told: str) -> float:
    try:
        value = float(told)
    except ValueError:
        value = math.nan
    if not abs(value) < MOST:
        raise DataError(f"{where}: value is {told[:40]!r}; it must be a number with a point before its decimals.")
    return value


def _visit(where: str, told: str) -> bool:
    if told.lower() not in YES + NO:
        raise DataError(f"{where}: visit is {told[:40]!r}; it is yes or no.")
    return told.lower() in YES
