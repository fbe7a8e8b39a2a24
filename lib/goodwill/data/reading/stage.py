"""The working table of text columns inside our own DuckDB, with what the messages need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from goodwill.data.reading.files import ROW


@dataclass(frozen=True)
class Options:
    """What the caller said about how values are written; see `read_transactions`."""

    date_format: str | None = None
    decimal: str | None = None
    thousands: str | None = None
    missing: tuple[str, ...] = ()
    amount_unit: str | None = None
    sure: frozenset[str] = frozenset()  # roles whose columns are meant as they stand


@dataclass(frozen=True)
class Stage:
    """The table `staged` of a DuckDB connection: trimmed text, NULL where it is missing, and row numbers where rows have some."""

    con: Any
    names: Mapping[str, str]
    where: str
    options: Options

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Result of a query."""
        return self.con.execute(sql).fetchall()

    def total(self) -> int:
        """Number of rows."""
        return self.rows("SELECT count(*) FROM staged")[0][0]

    def first(self, condition: str, column: str, limit: int = 3) -> list[str]:
        """The first values of a column under a condition, as "row 118, 'n/a'"."""
        numbered = any(c[0] == ROW for c in self.rows("DESCRIBE staged"))
        row, order = (ROW, ROW) if numbered else ("NULL", f'"{column}"')
        found = self.rows(f'SELECT {row}, "{column}" FROM staged WHERE {condition} ORDER BY {order} LIMIT {limit}')
        return [repr(text) if number is None else f"row {number:,}, {text!r}" for number, text in found]

    def column(self, role: str) -> str:
        """A column in words."""
        return f"column {self.names[role]!r} of {self.where}"


def quoted(text: str) -> str:
    """A SQL string literal."""
    return "'" + text.replace("'", "''") + "'"
