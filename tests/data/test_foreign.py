"""Damaged and hostile files: each is told in one sentence that names it, whatever its reader throws."""

from __future__ import annotations

import gzip
import os
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from openpyxl import Workbook

from goodwill.data.reading.foreign import MOST_COLUMNS, told_of
from goodwill.data.reading.sources import read_transactions
from goodwill.errors import DataError, TooLittle

ROWS = pd.DataFrame({"customer_id": range(3000), "date": "2024-01-02", "amount": [i / 7 for i in range(3000)], "note": "some text"})


def cut_gzip(folder: Path) -> Path:
    body = gzip.compress(ROWS.to_csv(index=False).encode())
    (folder / "f.csv.gz").write_bytes(body[: len(body) // 2])
    return folder / "f.csv.gz"


def changed_gzip(folder: Path) -> Path:
    body = bytearray(gzip.compress(ROWS.to_csv(index=False).encode()))
    body[-8:-4] = b"\0\1\2\3"  # the check sum
    (folder / "f.csv.gz").write_bytes(body)
    return folder / "f.csv.gz"


def sqlite_file(folder: Path) -> Path:
    with closing(sqlite3.connect(folder / "f.sqlite")) as con:
        ROWS.to_sql("orders", con, index=False)
    return folder / "f.sqlite"


def broken_sqlite(folder: Path) -> Path:
    path = sqlite_file(folder)
    body = bytearray(path.read_bytes())
    body[4096:] = os.urandom(len(body) - 4096)
    path.write_bytes(body)
    return path


def cut_sqlite(folder: Path) -> Path:
    path = sqlite_file(folder)
    path.write_bytes(path.read_bytes()[:5000])
    return path


def sqlite_view_on_nothing(folder: Path) -> Path:
    path = sqlite_file(folder)
    with closing(sqlite3.connect(path)) as con:
        con.executescript("CREATE VIEW v AS SELECT * FROM orders; DROP TABLE orders")
    return path


def broken_pages(folder: Path) -> Path:
    ROWS.to_parquet(folder / "f.parquet")
    body = bytearray((folder / "f.parquet").read_bytes())
    body[100:3000] = b"\xff" * 2900
    (folder / "f.parquet").write_bytes(body)
    return folder / "f.parquet"


def duckdb_view_on_nothing(folder: Path) -> Path:
    with duckdb.connect(folder / "f.duckdb") as con:
        con.execute("CREATE TABLE t AS SELECT 1 AS customer_id; CREATE VIEW v AS SELECT * FROM t; DROP TABLE t")
    return folder / "f.duckdb"


def workbook(folder: Path) -> Path:
    book = Workbook()
    for row in [["customer_id", "date", "amount"], [1, "2024-01-02", 3.5]]:
        book.active.append(row)
    book.save(folder / "f.xlsx")
    return folder / "f.xlsx"


def without_a_part(folder: Path, part: str) -> Path:
    with zipfile.ZipFile(workbook(folder)) as whole:
        parts = {name: whole.read(name) for name in whole.namelist() if name != part}
    return zipped(folder, parts)


def with_a_part(folder: Path, part: str, body: bytes) -> Path:
    with zipfile.ZipFile(workbook(folder)) as whole:
        parts = {name: whole.read(name) for name in whole.namelist()}
    return zipped(folder, parts | {part: body})


def zipped(folder: Path, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(folder / "f.xlsx", "w", zipfile.ZIP_DEFLATED) as book:
        for name, body in parts.items():
            book.writestr(name, body)
    return folder / "f.xlsx"


LAUGHS = "<!DOCTYPE x [<!ENTITY a 'ha'>" + "".join(f"<!ENTITY {name} '{f'&{of};' * 10}'>" for of, name in pairwise("abcdefghi"))
SHEET = "xl/worksheets/sheet1.xml"
DAMAGED: dict[str, Callable[[Path], Path]] = {
    "a gzip that is cut": cut_gzip,
    "a gzip with another check sum": changed_gzip,
    "a SQLite file with bad pages": broken_sqlite,
    "a SQLite file that is cut": cut_sqlite,
    "a SQLite view on a table that is gone": sqlite_view_on_nothing,
    "a Parquet file with bad pages": broken_pages,
    "a DuckDB view on a table that is gone": duckdb_view_on_nothing,
    "a workbook without its list of sheets": lambda folder: without_a_part(folder, "xl/workbook.xml"),
    "a workbook without its sheet": lambda folder: without_a_part(folder, SHEET),
    "a workbook whose sheet is no XML": lambda folder: with_a_part(folder, SHEET, b"\0\1\2 not XML <"),
    "a workbook whose sheet laughs": lambda folder: with_a_part(folder, SHEET, LAUGHS.encode() + b"]><worksheet>&i;</worksheet>"),
    "a workbook whose sheet is cut": lambda folder: with_a_part(folder, SHEET, b"<worksheet><sheetData><row><c"),
}


@pytest.mark.parametrize("kind", DAMAGED)
def test_a_damaged_file_is_told_in_one_sentence_that_names_it(kind: str, tmp_path: Path):
    path = DAMAGED[kind](tmp_path)
    with pytest.raises(DataError) as told:
        frame = read_transactions(path).to_pandas()
        raise AssertionError(f"was read: {frame.head()}")
    said = str(told.value)
    assert path.stem in said
    assert said.endswith(".")
    assert "\n" not in said


def test_a_table_that_would_be_read_in_part_is_refused(tmp_path: Path):
    path = sqlite_file(tmp_path)
    body = path.read_bytes()
    path.write_bytes(body[:-200] + bytes(200))  # rows on the last page are gone, and SQLite says nothing of it
    with pytest.raises(
        DataError, match=r"^f.sqlite::orders is damaged, so rows of it would be missing \(.+\); copy the file again, or save"
    ):
        read_transactions(path)


def test_a_locked_database_says_so(tmp_path: Path):
    path = sqlite_file(tmp_path)
    with closing(sqlite3.connect(path)) as con:
        con.execute("BEGIN EXCLUSIVE")
        with pytest.raises(DataError, match=r"^f.sqlite is locked by another program; run again when that has finished"), fast_patience():
            read_transactions(path)


class fast_patience:
    """Python's sqlite3 waits five seconds for a lock; here it does not."""

    def __enter__(self) -> None:
        self.connect = sqlite3.connect
        sqlite3.connect = lambda *about, **more: self.connect(*about, **{**more, "timeout": 0})  # type: ignore[assignment]

    def __exit__(self, *_: object) -> None:
        sqlite3.connect = self.connect


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("a" * 300 + ".csv", r"^a{80}… cannot be read: its path is longer than the system allows; move it, or give it a shorter name\.$"),
        ("/".join(["b" * 200] * 30), r"^b{80}… cannot be read: its path is longer than"),
        ("no\0w.csv", r"^There is no file 'no\\x00w.csv'"),
    ],
)
def test_a_path_that_the_system_refuses_is_told(path: str, said: str):
    with pytest.raises(DataError, match=said):
        read_transactions(path)


@pytest.mark.slow
def test_a_workbook_that_would_fill_the_memory_is_refused_before_it_is_unpacked(tmp_path: Path):
    row = b'<row><c t="inlineStr"><is><t>' + b" " * 1000 + b"</t></is></c></row>"
    path = with_a_part(tmp_path, SHEET, b"<worksheet><sheetData>" + row * 70_000)
    assert path.stat().st_size < 1_000_000
    with pytest.raises(DataError, match=r"^f.xlsx holds 0.\d MB that would become 7\d MB when unpacked; no table of purchases does"):
        read_transactions(path)


def test_a_workbook_that_grows_like_a_real_one_is_refused_by_the_memory_that_its_sheet_would_take(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    cells = b"".join(b"<row><c><v>%d</v></c></row>" % (place * 7919 % 1_000_003) for place in range(100_000))
    path = with_a_part(tmp_path, SHEET, b"<worksheet><sheetData>" + cells + b"</sheetData></worksheet>")
    monkeypatch.setattr("goodwill.data.reading.foreign.MOST_READ", 2_000_000)
    with pytest.raises(
        DataError, match=r"^f.xlsx holds a sheet of 3 MB when unpacked, and at most 2 MB of one are read, .* save it as .csv"
    ):
        read_transactions(path)


@pytest.mark.slow
def test_a_sheet_of_few_bytes_and_many_cells_is_refused_while_it_is_read(tmp_path: Path):
    cells = b"<row><c r='XFD1'><v>1</v></c></row>" * 3_000
    space = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    path = with_a_part(tmp_path, SHEET, b"<worksheet xmlns='" + space + b"'><sheetData>" + cells + b"</sheetData></worksheet>")
    with pytest.raises(DataError, match=r"^f.xlsx::\w+ has more than 33,554,432 cells by row 2,049; keep the rows and columns that hold"):
        read_transactions(path)


@pytest.mark.slow
def test_a_sheet_that_says_it_is_as_wide_as_any_is_read_as_it_is(tmp_path: Path):
    space = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    names = b"".join(b"<c t='inlineStr'><is><t>%s</t></is></c>" % name for name in (b"customer_id", b"date", b"amount"))
    row = b"<row><c><v>7</v></c><c t='inlineStr'><is><t>2024-01-05</t></is></c><c><v>3.5</v></c></row>"
    body = b"<worksheet xmlns='" + space + b"'><dimension ref='A1:XFD1048576'/><sheetData><row>" + names + b"</row>" + row * 3_000
    found = read_transactions(with_a_part(tmp_path, SHEET, body + b"</sheetData></worksheet>"), once="nothing").to_pandas()
    assert len(found) == 3_000


@pytest.mark.sampled(1)
@pytest.mark.parametrize("kind", ["csv", "parquet", "xlsx"])
def test_more_columns_than_any_table_has_are_refused_before_reading(kind: str, tmp_path: Path):
    names = [f"c{i}" for i in range(MOST_COLUMNS + 1)]
    frame = pd.DataFrame([range(len(names))], columns=names)
    path = tmp_path / f"f.{kind}"
    if kind == "csv":
        frame.to_csv(path, index=False)
    elif kind == "parquet":
        frame.to_parquet(path)
    else:
        book = Workbook(write_only=True)
        sheet = book.create_sheet()
        sheet.append(names)
        book.save(path)
    with pytest.raises(DataError, match=r"^f\.\w+ has 5,001 columns and at most 5,000 are read; save those that are needed"):
        read_transactions(path)


def test_the_first_sheet_that_is_not_hidden_is_read_and_hidden_ones_are_named(tmp_path: Path):
    path = workbook(tmp_path)
    book = Workbook()
    book.active.title = "old"
    book.active.sheet_state = "hidden"
    book.active.append(["something", "else"])
    for name, money in (("new", 3.5), ("newer", 4.5)):
        sheet = book.create_sheet(name)
        sheet.append(["customer_id", "date", "amount"])
        sheet.append([1, "2024-01-02", money])
    book.save(path)
    audit = read_transactions(path).audit.set_index("rule").done
    assert audit["sheet"] == "sheet 'new', the first of 2 that are not hidden (hidden: 'old'); another one: f.xlsx::NAME"
    with pytest.raises(DataError, match=r"f.xlsx::old has a header and no rows"):
        read_transactions(f"{path}::old")


THROWN: dict[type[BaseException], str] = {
    MemoryError: r"^f.csv does not fit into the memory of this machine; read fewer columns or a part of it\.$",
    RecursionError: r"^f.csv cannot be read: it is nested deeper than any table; save it anew as .csv or .parquet\.$",
}


@pytest.mark.parametrize("kind", THROWN)
def test_what_the_machine_cannot_hold_is_told_too(kind: type[BaseException]):
    with pytest.raises(DataError, match=THROWN[kind]), told_of("f.csv"):
        raise kind


def test_our_own_errors_pass_as_they_are():
    with pytest.raises(TooLittle, match=r"^too few$"), told_of("f.csv"):
        raise TooLittle("too few")
