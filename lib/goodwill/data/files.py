"""Files as people have them: decoded and split in Python, so that nothing is guessed by the engine; Parquet and DuckDB stay where they are."""

from __future__ import annotations

import codecs
import csv
import gzip
import hashlib
import io
import sqlite3
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from operator import itemgetter
from pathlib import Path
from typing import IO, Any

import ibis
import pyarrow as pa

from goodwill.errors import DataError

ROW = "row__"  # column of row numbers as a person sees them
_CHUNK = 1 << 22
_BATCH = 100_000
_DELIMITERS = (",", ";", "\t", "|")
_DELIMITER_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}


@dataclass(frozen=True)
class Fact:
    """One row of an audit: the rule, the rows and the money it touched (None: does not apply), and what was done."""

    rule: str
    rows: int | None
    done: str
    money: float | None = None


@dataclass(frozen=True)
class Loaded:
    """Columns of a source as an Ibis table, with `row__` where rows have numbers; `ours` when the engine is our own DuckDB."""

    table: ibis.Table
    ours: bool
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True)
class Source:
    """A source that was opened but not read: its name for people, its columns, and how to load some of them."""

    name: str
    columns: tuple[str, ...]
    load: Callable[[Sequence[str]], Loaded]
    fingerprint: str | None = None


def connect() -> Any:
    """A DuckDB in memory that never downloads an extension."""
    return ibis.duckdb.connect(autoinstall_known_extensions=False, autoload_known_extensions=False)


def store(con: Any, batches: pa.Table, name: str = "raw") -> ibis.Table:
    """Copy an Arrow table into our DuckDB."""
    con.con.register("incoming", batches)
    con.con.execute(f'CREATE TABLE "{name}" AS SELECT * FROM incoming')
    con.con.unregister("incoming")
    return con.table(name)


def file_hash(path: Path) -> str:
    """SHA-256 of the content of a file."""
    with path.open("rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


# ---------------------------------------------------------------------------------------------------------------- text


def _open(path: Path) -> IO[bytes]:
    with path.open("rb") as f:
        zipped = f.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rb") if zipped else path.open("rb")  # type: ignore[return-value]


def _undecodable(path: Path, encoding: str) -> int | None:
    """Offset of the first byte that is not in the encoding; None when all are."""
    decoder = codecs.getincrementaldecoder(encoding)()
    offset = 0
    with _open(path) as f:
        while True:
            chunk = f.read(_CHUNK)
            kept = len(decoder.getstate()[0])
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                return max(0, offset - kept + error.start)
            if not chunk:
                return None
            offset += len(chunk)


def _looks_chinese(path: Path) -> bool:
    """Whether the non-ASCII characters of a GB18030 file are mostly common ones: Western bytes also decode, into rare signs."""
    with _open(path) as f:
        text = codecs.getincrementaldecoder("gb18030")().decode(f.read(_CHUNK))
    strange = [c for c in text if ord(c) > 127][:5000]
    common = sum(bool(c.encode("gb2312", errors="ignore")) for c in strange)
    return common >= 0.8 * len(strange)


def find_encoding(path: Path, told: str | None = None) -> tuple[str, str]:
    """The encoding of a text file (Python's name) and how it was found.

    Raises
    ------
    DataError
        The bytes are in no known encoding (says the offset), or not in the one that was told.
    """
    if told:
        try:
            wrong = _undecodable(path, told)
        except LookupError:
            raise DataError(f"encoding={told!r} is not known to Python; try 'utf-8', 'gb18030', 'utf-16' or 'cp1252'.") from None
        if wrong is not None:
            raise DataError(f"{path.name} is not in {told}: the byte at offset {wrong:,} does not fit. Pass the right encoding=.")
        return told, "as told"
    with _open(path) as f:
        head = f.read(_CHUNK)
    if head[:3] == codecs.BOM_UTF8:
        candidates = [("utf-8-sig", "UTF-8 with byte order mark")]
    elif head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        candidates = [("utf-16", "UTF-16 by its byte order mark")]
    elif b"\0" in head:
        raise DataError(
            f"{path.name} is in no known encoding: it holds a zero byte at offset {head.index(0):,}. "
            "It is no text, or UTF-16 without a mark: then pass encoding='utf-16-le'."
        )
    else:
        candidates = [("utf-8", "UTF-8"), ("gb18030", "GB18030")]
    first_wrong = 0
    for number, (name, words) in enumerate(candidates):
        wrong = _undecodable(path, name)
        if wrong is None and (name != "gb18030" or _looks_chinese(path)):
            return name, "plain ASCII (fits UTF-8)" if name == "utf-8" and head.isascii() and len(head) < _CHUNK else words
        first_wrong = wrong or 0 if number == 0 else first_wrong
    raise DataError(
        f"{path.name} holds bytes in no known encoding (UTF-8, UTF-16, GB18030 were tried; the first misfit with {candidates[0][1]} is at "
        f"offset {first_wrong:,}). Pass encoding=, such as encoding='cp1252' for Western European or 'big5' for traditional Chinese."
    )


def _sniff(sample: str) -> str:
    """The delimiter that splits the header into most fields and the next rows into as many."""
    best, score = ",", (0.0, 0)
    for delimiter in _DELIMITERS:
        try:
            rows = [r for r in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter) if r][:50]
        except csv.Error:
            continue
        width = len(rows[0]) if rows else 0
        agree = sum(len(r) == width for r in rows) / max(len(rows), 1)
        if width > 1 and (round(agree, 2), width) > score:
            best, score = delimiter, (round(agree, 2), width)
    return best


def check_header(names: list[str], where: str) -> tuple[str, ...]:
    """The names of the columns, each once."""
    for name in names:
        if name and names.count(name) > 1:
            raise DataError(f"{where} has the column {name!r} {names.count(name)} times in its header; give each column its own name.")
    return tuple(names)


def open_text(path: Path, encoding: str | None = None) -> Source:
    """A delimited text file, plain or gzipped."""
    name, how = find_encoding(path, encoding)
    with io.TextIOWrapper(_open(path), encoding=name, newline="") as f:
        sample = f.read(1 << 16)
    if not sample.strip():
        raise DataError(f"{path.name} is empty.")
    cut = sample if len(sample) < 1 << 16 else sample[: sample.rfind("\n") + 1] or sample
    delimiter = _sniff(cut)
    with _records(path, name, delimiter) as reader:
        header = next((r for r in _checked(reader, path.name) if any(c.strip() for c in r)), [])
    columns = check_header([c.strip() for c in header], path.name)

    def load(wanted: Sequence[str]) -> Loaded:
        table, blank, short = _load_text(path, name, delimiter, columns, wanted)
        facts = (
            Fact("encoding", None, f"read as {how}"),
            Fact("delimiter", None, _DELIMITER_NAMES[delimiter]),
            Fact("blank lines", blank, "skipped"),
            Fact("short rows", short, "the fields that are not there count as empty"),
        )
        return Loaded(store(connect(), table), True, facts)

    return Source(path.name, columns, load, file_hash(path))


class _records:
    """An open csv reader over a decoded file."""

    def __init__(self, path: Path, encoding: str, delimiter: str) -> None:
        self._text = io.TextIOWrapper(_open(path), encoding=encoding, newline="")
        self._reader = csv.reader(self._text, delimiter=delimiter, strict=True)

    def __enter__(self) -> Any:
        return self._reader

    def __exit__(self, *_: object) -> None:
        self._text.close()


def _checked(reader: Any, where: str) -> Iterator[list[str]]:
    """The records, with a sentence instead of a csv.Error."""
    try:
        yield from reader
    except csv.Error as error:
        raise DataError(
            f"{where} cannot be split into fields at line {reader.line_num:,} ({error}); look for a stray quotation mark."
        ) from None


def _load_text(path: Path, encoding: str, delimiter: str, columns: tuple[str, ...], wanted: Sequence[str]) -> tuple[pa.Table, int, int]:
    """The wanted columns as text with the line where each row starts; blank lines and short rows counted."""
    positions = [columns.index(c) for c in wanted]
    pick = itemgetter(*positions) if len(positions) > 1 else lambda record: (record[positions[0]],)
    width, blank, short, at_header = len(columns), 0, 0, True
    schema = pa.schema([(ROW, pa.int64()), *((c, pa.string()) for c in wanted)])
    batches: list[pa.RecordBatch] = []
    lines: list[int] = []
    rows: list[tuple[str, ...]] = []

    def flush() -> None:
        arrays = [pa.array(lines, pa.int64()), *(pa.array(c, pa.string()) for c in zip(*rows, strict=True))]
        batches.append(pa.RecordBatch.from_arrays(arrays, schema=schema))
        lines.clear()
        rows.clear()

    with _records(path, encoding, delimiter) as reader:
        last = 0
        for record in _checked(reader, path.name):
            line, last = last + 1, reader.line_num
            if len(record) != width:
                if not any(c.strip() for c in record):
                    blank += not at_header
                    continue
                if len(record) > width:
                    if any(c.strip() for c in record[width:]):
                        raise DataError(
                            f"{path.name}, row {line:,} has {len(record)} fields and the header {width}: look for a "
                            f"{_DELIMITER_NAMES[delimiter]} inside a value, or quote it."
                        )
                else:
                    short += 1
                    record = record + [""] * (width - len(record))
            if at_header:
                at_header = not any(c.strip() for c in record)
                continue
            picked = pick(record)
            if not any(picked) and not any(c.strip() for c in record):
                blank += 1
                continue
            rows.append(picked)
            lines.append(line)
            if len(rows) == _BATCH:
                flush()
    if rows:
        flush()
    if not batches:
        raise DataError(f"{path.name} has a header and no rows.")
    return pa.Table.from_batches(batches, schema=schema), blank, short


# ----------------------------------------------------------------------------------------------- cells with Python types


def arrow_column(values: Sequence[Any]) -> pa.Array:
    """Python values of one column as Arrow: one type where they have one, else text."""
    kinds = {type(v) for v in values if v is not None}
    if kinds and kinds <= {int} and all(v is None or -(2**63) <= v < 2**63 for v in values):
        return pa.array(values, pa.int64())
    if kinds and kinds <= {int, float}:
        return pa.array([None if v is None or v != v else float(v) for v in values], pa.float64())
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
    """One sheet of an Excel workbook (.xlsx, .xlsm); the first when none is named."""
    from openpyxl import load_workbook

    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (zipfile.BadZipFile, KeyError, OSError, ValueError) as error:
        raise DataError(f"{path.name} cannot be read as an Excel workbook ({error}); save it as .xlsx or .csv.") from None
    with closing(book):
        if sheet and sheet not in book.sheetnames:
            raise DataError(f"{path.name} has no sheet {sheet!r}; its sheets are {', '.join(map(repr, book.sheetnames))}.")
        sheets, chosen = list(book.sheetnames), sheet or book.sheetnames[0]
        rows = [(i, r) for i, r in enumerate(book[chosen].iter_rows(values_only=True), 1) if any(c not in (None, "") for c in r)]
    if not rows:
        raise DataError(f"Sheet {chosen!r} of {path.name} is empty.")
    where = f"{path.name}::{chosen}" if sheet else path.name
    width = max(i for i, c in enumerate(rows[0][1], 1) if c not in (None, ""))
    columns = check_header(["" if c is None else str(c).strip() for c in rows[0][1][:width]], where)
    if len(rows) == 1:
        raise DataError(f"{where} has a header and no rows.")

    def load(wanted: Sequence[str]) -> Loaded:
        places = [columns.index(c) for c in wanted]
        cells = {c: arrow_column([r[p] if p < len(r) else None for _, r in rows[1:]]) for c, p in zip(wanted, places, strict=True)}
        table = pa.table({ROW: pa.array([i for i, _ in rows[1:]], pa.int64()), **cells})
        done = f"sheet {chosen!r}" + (
            f", the first of {len(sheets)}; another one: {path.name}::NAME" if not sheet and len(sheets) > 1 else ""
        )
        return Loaded(store(connect(), table), True, (Fact("sheet", None, done),))

    return Source(where, columns, load, file_hash(path))


def open_sqlite(path: Path, table: str | None) -> Source:
    """One table of a SQLite file, read with Python's own sqlite3 (DuckDB's extension would be downloaded)."""
    uri = path.resolve().as_uri() + "?mode=ro"
    with closing(sqlite3.connect(uri, uri=True)) as con:
        tables = [r[0] for r in con.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name")]
        chosen = _one_table(path, table, tables)
        columns = check_header([r[1] for r in con.execute(f"PRAGMA table_info({_quote(chosen)})")], path.name)

    def load(wanted: Sequence[str]) -> Loaded:
        with closing(sqlite3.connect(uri, uri=True)) as con:
            rows = con.execute(f"SELECT {', '.join(map(_quote, wanted))} FROM {_quote(chosen)}").fetchall()
        if not rows:
            raise DataError(f"{path.name}::{chosen} has no rows.")
        cells = {c: arrow_column(v) for c, v in zip(wanted, zip(*rows, strict=True), strict=True)}
        return Loaded(store(connect(), arrow_table(cells, 1)), True)

    return Source(f"{path.name}::{chosen}", columns, load, file_hash(path))


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


def open_parquet(path: Path) -> Source:
    """A Parquet file, left where it is."""
    con = connect()
    try:
        table = con.read_parquet(str(path), table_name="raw")
    except Exception as error:  # DuckDB raises several kinds here
        raise DataError(f"{path.name} cannot be read as Parquet ({str(error).splitlines()[0]}).") from None
    return Source(path.name, tuple(table.columns), lambda wanted: Loaded(table.select(*wanted), True), file_hash(path))


def open_duckdb(path: Path, table: str | None) -> Source:
    """A table of a DuckDB file, attached read-only and left where it is."""
    con = connect()
    try:
        con.con.execute(f"ATTACH '{str(path).replace(chr(39), chr(39) * 2)}' AS source (READ_ONLY)")
    except Exception as error:  # DuckDB raises several kinds here
        raise DataError(f"{path.name} cannot be opened as a DuckDB file ({str(error).splitlines()[0]}).") from None
    names = con.con.execute(
        "SELECT CASE WHEN table_schema = 'main' THEN table_name ELSE table_schema || '.' || table_name END AS name "
        "FROM information_schema.tables WHERE table_catalog = 'source' ORDER BY name"
    ).fetchall()
    chosen = _one_table(path, table, [n for (n,) in names])
    schema, _, bare = chosen.rpartition(".") if "." in chosen else ("main", "", chosen)
    found = con.table(bare, database=("source", schema))
    return Source(f"{path.name}::{chosen}", tuple(found.columns), lambda wanted: Loaded(found.select(*wanted), True), file_hash(path))
