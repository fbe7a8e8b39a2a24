"""Files with typed cells: Excel and SQLite are copied into our engine, Parquet and DuckDB stay where they are."""

from __future__ import annotations

import glob
import os
import re
import sqlite3
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from goodwill.data.held import Held, parts_of
from goodwill.data.reading.foreign import check_header, check_size_unpacked, filled_rows, told_of
from goodwill.data.reading.headers import LOOKED_AT, header_place
from goodwill.errors import DataError, UsageError

EXCEL = (".xlsx", ".xlsm")
ROW = "goodwill_row"  # column of row numbers as a person sees them


@dataclass(frozen=True)
class Fact:
    """One row of an audit: the rule, the rows and the money it touched (None: does not apply), and what was done."""

    rule: str
    rows: int | None
    done: str
    money: float | None = None


@dataclass(frozen=True)
class Loaded:
    """Columns of a source as an Ibis table, with `goodwill_row` where rows have numbers; `ours` when the engine is our own DuckDB.

    `cells` are the same in Arrow, all of them texts, where the table is a view on them.
    """

    table: ibis.Table
    ours: bool
    facts: tuple[Fact, ...] = ()
    cells: pa.Table | None = None


@dataclass(frozen=True)
class Source:
    """A source that was opened but not read: its name for people, its columns, how to load some of them, and where else to look."""

    name: str
    columns: tuple[str, ...]
    load: Callable[[Sequence[str]], Loaded]
    fingerprint: str | None = None
    note: str = ""  # where else in the file a table may be, for the message that columns are not recognised


def connect() -> Any:
    """A DuckDB in memory that never downloads an extension; beyond `GOODWILL_MEMORY` (such as 2GB) it works in a temporary folder.

    It uses `GOODWILL_THREADS` threads where reports that run side by side share the cores, else all.
    """
    limit: dict[str, Any] = {"memory_limit": memory} if (memory := os.environ.get("GOODWILL_MEMORY")) else {}
    if memory and not re.fullmatch(r"\d+(\.\d+)? ?[KMGT]i?B", memory):
        raise UsageError(f"GOODWILL_MEMORY={memory!r} is no amount of memory; write it as 2GB or 500MB.")
    if (threads := os.environ.get("GOODWILL_THREADS", "")).isdecimal() and int(threads):
        limit["threads"] = int(threads)
    spill = Path(tempfile.gettempdir(), f"goodwill-{os.getpid()}")  # not the working directory; made only when needed
    from goodwill.data.reading.engine import Engine

    return Engine().connect(autoinstall_known_extensions=False, autoload_known_extensions=False, temp_directory=str(spill), **limit)


def store(con: Any, batches: pa.Table, name: str = "raw") -> ibis.Table:
    """Copy an Arrow table into our DuckDB."""
    con.con.register("incoming", batches)
    con.con.execute(f'CREATE TABLE "{name}" AS SELECT * FROM incoming')
    con.con.unregister("incoming")
    return con.table(name)


def view_on(con: Any, cells: pa.Table, name: str = "raw") -> ibis.Table:
    """An Arrow table as our DuckDB sees it, not copied."""
    con.con.register(name, cells)
    return con.table(name)


# ----------------------------------------------------------------------------------------------- cells with Python types


def arrow_column(values: Sequence[Any]) -> pa.Array:
    """Python values of one column as Arrow: one type where they have one, else text."""
    kinds = {type(v) for v in values if v is not None}
    if kinds and kinds <= {int} and all(v is None or -(2**63) <= v < 2**63 for v in values):
        return pa.array(values, pa.int64())
    if float in kinds and kinds <= {int, float}:
        return pa.array([None if v is None or v != v else float(v) for v in values], pa.float64())
    if Decimal in kinds and kinds <= {int, Decimal}:
        return pa.array([None if v is None or v.is_nan() else v for v in (Decimal(v) if isinstance(v, int) else v for v in values)])
    if kinds and kinds <= {datetime, date} and not any(getattr(v, "tzinfo", None) for v in values):
        stamps = [v if v is None or isinstance(v, datetime) else datetime(v.year, v.month, v.day) for v in values]
        return pa.array(stamps, pa.timestamp("us"))
    return pa.array([_as_text(v) for v in values], pa.string())


def _as_text(value: Any) -> str | None:
    if value is None or value != value:  # None and NaN are missing
        return None
    if isinstance(value, datetime):
        return value.isoformat(" ")
    return str(int(value)) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else str(value)


def arrow_table(columns: dict[str, pa.Array], first_row: int) -> pa.Table:
    """Columns with row numbers from `first_row`."""
    length = len(next(iter(columns.values())))
    return pa.table({ROW: pa.array(range(first_row, first_row + length), pa.int64()), **columns})


def open_excel(path: Path, sheet: str | None) -> Source:
    """One sheet of an Excel workbook (.xlsx, .xlsm); the first one that is not hidden when none is named."""
    from openpyxl import load_workbook

    check_size_unpacked(path)
    is_named = path.suffix.lower() in EXCEL
    # Of an open file the name does not matter, which may end in .csv.
    with path.open("rb") as held, closing(load_workbook(held, read_only=True, data_only=True)) as book:
        chosen, told = _one_sheet(path, sheet, book)
        table = book[chosen]
        table.reset_dimensions()  # what a sheet says of its size may be wrong, and every row would be filled up to it
        rows = list(filled_rows(table.iter_rows(values_only=True), f"{path.name}::{chosen}"))
        note = "" if sheet else _other_sheets(path.name, book, chosen)
    if not rows:
        raise DataError(f"Sheet {chosen!r} of {path.name} is empty.")
    where = f"{path.name}::{chosen}" if sheet else path.name
    above = header_place([["" if c is None else str(c) for c in r] for _, r in rows[:LOOKED_AT]])
    rows = rows[above:]
    width = max(i for i, c in enumerate(rows[0][1], 1) if c not in (None, ""))
    columns = check_header(["" if c is None else str(c).strip() for c in rows[0][1][:width]], where)
    if len(rows) == 1:
        raise DataError(f"{where} has a header and no rows.")

    def load(wanted: Sequence[str]) -> Loaded:
        places = [columns.index(c) for c in wanted]
        cells = {c: arrow_column([r[p] if p < len(r) else None for _, r in rows[1:]]) for c, p in zip(wanted, places, strict=True)}
        table = pa.table({ROW: pa.array([i for i, _ in rows[1:]], pa.int64()), **cells})
        title = (Fact("rows above the header", above, "left out: a title or notes"),) if above else ()
        lies = (Fact("kind of file", None, f"an Excel workbook, though its name ends in {path.suffix!r}"),) if not is_named else ()
        return Loaded(store(connect(), table), True, (Fact("sheet", None, told), *lies, *title))

    return Source(where, columns, load, note=note)


def _other_sheets(name: str, book: Any, chosen: str) -> str:
    """The other sheets of a workbook with what stands in their first filled row, in one sentence; empty without any."""
    found = []
    for sheet in book.worksheets:
        rows = sheet.iter_rows(max_row=LOOKED_AT, values_only=True)
        first = next((r for r in rows if any(c not in (None, "") for c in r)), ())
        cells = [str(c) for c in first if c not in (None, "")]
        found.append(f"{sheet.title!r} ({', '.join(cells[:6]) or 'empty'})")
    others = [sheet for sheet in book.sheetnames if sheet != chosen]
    return f"Its sheets are {', '.join(found)}; name one as {name}::{others[0]}." if others else ""


def _one_sheet(path: Path, sheet: str | None, book: Any) -> tuple[str, str]:
    """The sheet to read, and what the audit says of the choice: what is hidden is not taken by itself, and is named."""
    tables = {found.title: found.sheet_state != "visible" for found in book.worksheets}
    shown, hidden = ([name for name, is_hidden in tables.items() if is_hidden == state] for state in (False, True))
    if sheet and sheet not in tables:
        what = "a chart and no table on the" if sheet in book.sheetnames else "no"
        raise DataError(f"{path.name} has {what} sheet {sheet!r}; its sheets are {', '.join(map(repr, tables)) or 'none'}.")
    if not tables:
        raise DataError(f"{path.name} holds no sheet with a table; save the table as .xlsx or .csv.")
    chosen = sheet or (shown or hidden)[0]
    told = f"sheet {chosen!r}" + (", which is hidden" if tables[chosen] else "")
    if not sheet and len(tables) > 1:
        told += f", the first of {len(tables)}" if not hidden else f", the first of {len(shown) or len(tables)} that are not hidden"
        told += f" (hidden: {', '.join(map(repr, hidden))})" if hidden and shown else ""
        told += f"; another one: {path.name}::NAME"
    return chosen, told


def open_sqlite(path: Path, table: str | None) -> Source:
    """One table of a SQLite file, read with Python's own sqlite3 (DuckDB's extension would be downloaded)."""
    uri = path.resolve().as_uri() + "?mode=ro"
    with closing(sqlite3.connect(uri, uri=True)) as con:
        tables = [r[0] for r in con.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name")]
        chosen = _one_table(path, table, tables)
        stored = {r[0] for r in con.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        columns = check_header([r[1] for r in con.execute(f"PRAGMA table_info({_quote(chosen)})")], path.name)

    def load(wanted: Sequence[str]) -> Loaded:
        with closing(sqlite3.connect(uri, uri=True)) as con:
            if chosen in stored:  # a page of zeros reads as rows that are not there, without an error
                _check_pages(path, chosen, con)
            rows = con.execute(f"SELECT {', '.join(map(_quote, wanted))} FROM {_quote(chosen)}").fetchall()
        if not rows:
            raise DataError(f"{path.name}::{chosen} has no rows.")
        cells = {c: arrow_column(v) for c, v in zip(wanted, zip(*rows, strict=True), strict=True)}
        return Loaded(store(connect(), arrow_table(cells, 1)), True)

    return Source(f"{path.name}::{chosen}", columns, load)


def _check_pages(path: Path, table: str, con: sqlite3.Connection) -> None:
    """Refuse a table whose pages do not hold together."""
    found = con.execute(f"PRAGMA quick_check({_quote(table)})").fetchone()[0]
    if found != "ok":
        said = " ".join(str(found).split())[:120]
        raise DataError(
            f"{path.name}::{table} is damaged, so rows of it would be missing ({said}); copy the file again, or save what is left of it "
            f"with `sqlite3 {path.name} .recover`."
        )


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _one_table(path: Path, table: str | None, tables: list[str]) -> str:
    if table in tables:
        return str(table)
    if not table and len(tables) == 1:
        return tables[0]
    what = f"has no table {table!r}" if table else "holds several tables" if tables else "holds no table"
    raise DataError(f"{path.name} {what}; name one as {path.name}::TABLE. Its tables are {', '.join(tables) or 'none'}.")


# -------------------------------------------------------------------------------------------------- read by the engine


def open_parquet(held: Held) -> Source:
    """A Parquet file, or a folder of Parquet files with one set of columns, left where it is and checked at each reading."""
    con, path = connect(), held.path.absolute()  # of a relative path DuckDB would read "~" and "md:" in its own way
    con.held = held
    parts = parts_of(path) if path.is_dir() else [path]
    for part in parts:  # the engine would take a minute to describe as many columns as this refuses
        with told_of(part.name):
            check_header(pq.read_schema(part).names, part.name)
    table = con.read_parquet([_literal(part) for part in parts], table_name="raw")
    return Source(path.name, tuple(table.columns), lambda wanted: Loaded(table.select(*wanted), True))


def _literal(path: Path) -> str:
    """A path as a pattern of DuckDB that fits this very path and no other."""
    return glob.escape(str(path))


def open_duckdb(held: Held, table: str | None) -> Source:
    """A table of a DuckDB file, attached read-only, left where it is and checked at each reading."""
    con, path = connect(), held.path.absolute()
    con.held = held
    con.con.execute(f"ATTACH '{str(path).replace(chr(39), chr(39) * 2)}' AS source (READ_ONLY)")
    names = con.con.execute(
        "SELECT CASE WHEN table_schema = 'main' THEN table_name ELSE table_schema || '.' || table_name END AS name "
        "FROM information_schema.tables WHERE table_catalog = 'source' ORDER BY name"
    ).fetchall()
    chosen = _one_table(path, table, [n for (n,) in names])
    schema, _, bare = chosen.rpartition(".") if "." in chosen else ("main", "", chosen)
    found = con.table(bare, database=("source", schema))
    return Source(f"{path.name}::{chosen}", check_header(found.columns, path.name), lambda wanted: Loaded(found.select(*wanted), True))
