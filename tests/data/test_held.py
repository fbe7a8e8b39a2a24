"""One content per file: what is read has the fingerprint that is told, or reading fails; and a path is a path, not a pattern."""

import hashlib
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from goodwill.data import held as room
from goodwill.data import survival
from goodwill.data.held import Held, content_hash, expecting, user_path
from goodwill.data.purchases import summarize_purchases
from goodwill.data.reading.sources import open_source, read_transactions
from goodwill.errors import DataError
from goodwill.strategies.catalogue_file import load

Replace = Callable[[Path, Path], None]


def _rows(customer: str) -> pd.DataFrame:
    return pd.DataFrame({"customer_id": [customer] * 3, "date": pd.to_datetime(["2024-01-01", "2024-01-08", "2024-02-01"]), "amount": 2.5})


def _csv(path: Path, customer: str) -> None:
    _rows(customer).to_csv(path, index=False)


def _gzip(path: Path, customer: str) -> None:
    _rows(customer).to_csv(path, index=False, sep="\t", compression="gzip")


def _excel(path: Path, customer: str) -> None:
    _rows(customer).to_excel(path, index=False)


def _parquet(path: Path, customer: str) -> None:
    _rows(customer).to_parquet(path)


def _folder(path: Path, customer: str) -> None:
    path.mkdir()
    _rows(customer).to_parquet(path / "part.parquet")


def _sqlite(path: Path, customer: str) -> None:
    con = sqlite3.connect(path)
    _rows(customer).to_sql("orders", con, index=False)
    con.close()


def _duckdb(path: Path, customer: str) -> None:
    with duckdb.connect(str(path.absolute())) as con:
        con.register("rows", _rows(customer))
        con.execute("CREATE TABLE orders AS SELECT * FROM rows")


KINDS = {
    ".csv": _csv,
    ".tsv.gz": _gzip,
    ".xlsx": _excel,
    ".parquet": _parquet,
    "": _folder,
    ".sqlite": _sqlite,
    ".duckdb": _duckdb,
}
FILES = [kind for kind in KINDS if kind]
LAZY = [".parquet", "", ".duckdb"]


def _make(folder: Path, kind: str, customer: str) -> Path:
    path = folder / f"{customer}{kind}"
    KINDS[kind](path, customer)
    return path


def _by_name(path: Path, other: Path) -> None:
    if path.is_dir():
        path, other = path / "part.parquet", other / "part.parquet"
    other.replace(path)


def _in_place(path: Path, other: Path) -> None:
    if path.is_dir():
        path, other = path / "part.parquet", other / "part.parquet"
    path.write_bytes(other.read_bytes())


WAYS = {"renamed": _by_name, "in place": _in_place}


def _changed(path: Path) -> Any:
    return pytest.raises(DataError, match=rf"^{path.name} changed while it was being read; run again\.$")


# ------------------------------------------------------------------------------------------------------------ one content per file


@pytest.mark.sampled(18)
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_source_that_changes_while_its_fingerprint_is_taken_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, way: Replace, when: str
) -> None:
    path, other = _make(tmp_path, kind, "a"), _make(tmp_path, kind, "b")
    digest, left = hashlib.file_digest, [1]

    def hooked(*about: Any) -> Any:
        found = digest(*about) if when == "after" else None
        if left:
            left.pop()
            way(path, other)
        return found or digest(*about)

    monkeypatch.setattr(hashlib, "file_digest", hooked)
    with _changed(path):
        read_transactions(path)


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != ".xlsx"])  # Excel is read when it is opened
def test_a_source_that_changes_between_its_header_and_its_rows_is_refused(tmp_path: Path, kind: str, way: Replace) -> None:
    path, other = _make(tmp_path, kind, "a"), _make(tmp_path, kind, "b")
    opened = open_source(path, None)
    way(path, other)
    with _changed(path):
        opened.load(["customer_id", "date"]).table.to_pandas()


@pytest.mark.sampled(2)
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("kind", LAZY)
def test_what_stays_where_it_lies_must_stay_as_it_is_to_the_last_reading(tmp_path: Path, kind: str, way: Replace) -> None:
    path, other = _make(tmp_path, kind, "a"), _make(tmp_path, kind, "b")
    read = read_transactions(path)
    summary = summarize_purchases(read)
    assert summary.to_pandas().frequency.tolist() == [2]
    way(path, other)
    for late in (read.to_pandas, summary.to_pandas, summary.cached, lambda: read.audit, read.table.count().execute):
        with _changed(path):
            late()
    with _changed(path):
        read.table.to_parquet(tmp_path / "out.parquet")
    with _changed(path):
        read.table.to_pyarrow_batches()


def test_batches_of_two_contents_do_not_pass_for_one(tmp_path: Path) -> None:
    path, other = _make(tmp_path, ".parquet", "a"), _make(tmp_path, ".parquet", "b")
    batches = read_transactions(path).table.to_pyarrow_batches(chunk_size=1)
    next(iter(batches))
    _by_name(path, other)
    with _changed(path):
        batches.read_all()


def test_a_result_during_which_the_file_changed_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, other = _make(tmp_path, ".parquet", "a"), _make(tmp_path, ".parquet", "b")
    read = read_transactions(path)
    con = read.table.get_backend()
    run = con._to_duckdb_relation

    def hooked(*about: Any, **options: Any) -> Any:
        _by_name(path, other)
        return run(*about, **options)

    monkeypatch.setattr(con, "_to_duckdb_relation", hooked)
    with _changed(path):
        read.to_pandas()


def test_a_folder_may_neither_gain_nor_lose_files(tmp_path: Path) -> None:
    path = _make(tmp_path, "", "a")
    read, more = read_transactions(path), path / "more.parquet"
    _parquet(more, "b")
    with _changed(path):
        read.to_pandas()
    more.unlink()
    assert read.to_pandas().customer_id.tolist() == ["a"] * 3
    (path / "part.parquet").unlink()
    with _changed(path):
        read.to_pandas()


def test_a_file_that_is_gone_or_cut_has_changed(tmp_path: Path) -> None:
    path = _make(tmp_path, ".parquet", "a")
    read = read_transactions(path)
    os.truncate(path, 30)
    with _changed(path):
        read.to_pandas()
    path.unlink()
    with _changed(path):
        read.to_pandas()


@pytest.mark.sampled(1)
@pytest.mark.parametrize("kind", [".csv", ".tsv.gz", ".xlsx", ".sqlite"])
def test_what_was_read_into_memory_does_not_care_what_becomes_of_its_file(tmp_path: Path, kind: str) -> None:
    path, other = _make(tmp_path, kind, "a"), _make(tmp_path, kind, "b")
    read = read_transactions(path)
    _by_name(path, other)
    assert read.to_pandas().customer_id.unique().tolist() == ["a"]


def test_links_and_permissions_change_no_content(tmp_path: Path) -> None:
    path = _make(tmp_path, ".parquet", "a")
    read = read_transactions(path)
    path.chmod(0o600)
    os.link(path, tmp_path / "backup.parquet")
    assert len(read.to_pandas()) == 3


def test_a_failure_that_comes_from_a_change_is_told_as_the_change(tmp_path: Path) -> None:
    path = _make(tmp_path, ".csv", "a")
    with pytest.raises(ZeroDivisionError), Held(path).unchanged():
        raise ZeroDivisionError
    with _changed(path), Held(path).unchanged():
        path.write_text("b")
        raise ZeroDivisionError


@pytest.mark.parametrize(("ctime", "tick"), [(1_000_000_000_000_000_001, 100_000_000), (1_000_000_000_000_000_000, 2_000_000_000)])
def test_a_write_within_a_tick_of_the_clock_is_found_by_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ctime: int, tick: int
) -> None:
    """Stamps in whole seconds are those of a file system whose clock ticks in seconds."""
    path, now = tmp_path / "a.csv", [ctime + tick]
    path.write_text("one")
    monkeypatch.setattr(room, "_states", lambda _: {"a.csv": (1, 1, 3, ctime, ctime)})
    monkeypatch.setattr(room.time, "time_ns", lambda: now[0])
    held = Held(path)
    path.write_text("two")
    with _changed(path):
        held.check()
    path.write_text("one")
    now[0] += 1
    held.check()
    path.write_text("two")
    held.check()  # by now a write would have moved the stamps, so that nothing is read


def test_nothing_is_read_again_to_see_that_nothing_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _make(tmp_path, ".parquet", "a")
    monkeypatch.setattr(room, "_sure", lambda *_: True)
    read = read_transactions(path)
    monkeypatch.setattr(room, "content_hash", lambda _: pytest.fail("read again"))
    assert len(read.to_pandas()) == 3


@pytest.mark.sampled(1)
@pytest.mark.parametrize("kind", KINDS)
def test_the_fingerprint_is_that_of_the_content(tmp_path: Path, kind: str) -> None:
    path = _make(tmp_path, kind, "a")
    found = read_transactions(path).fingerprint
    if path.is_dir():
        part = hashlib.sha256((path / "part.parquet").read_bytes()).hexdigest()
        assert found == hashlib.sha256(f"part.parquet {part}\n".encode()).hexdigest()
    else:
        assert found == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.slow
def test_what_stands_beside_a_database_belongs_to_its_content(tmp_path: Path) -> None:
    path = _make(tmp_path, ".sqlite", "a")
    before = read_transactions(path).fingerprint
    con = sqlite3.connect(path)
    con.execute("PRAGMA journal_mode=wal")
    con.execute("INSERT INTO orders SELECT 'b', date, amount FROM orders")
    con.commit()
    main = hashlib.sha256(path.read_bytes()).hexdigest()
    read = read_transactions(path)
    assert len(read.to_pandas()) == 6
    assert read.fingerprint not in (before, main)
    con.execute("DELETE FROM orders WHERE customer_id = 'b'")
    con.commit()
    later = read_transactions(path)
    con.close()
    assert len(later.to_pandas()) == 3
    assert later.fingerprint != read.fingerprint


def test_tables_of_survival_and_catalogues_have_one_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table, catalogue, run = tmp_path / "t.csv", tmp_path / "c.yaml", survival.open_source
    table.write_text("time,customers\n0,10\n1,8\n")
    catalogue.write_text("a: 1\n")

    def hooked(*about: Any) -> Any:
        found = run(*about)
        table.write_text("time,customers\n0,10\n1,9\n2,8\n")
        return found

    monkeypatch.setattr(survival, "open_source", hooked)
    with _changed(table):
        survival.read_survival(table)
    text = Path.read_text

    def again(path: Path, *about: Any) -> str:
        found = text(path, *about)
        path.write_text("b: 22\n")
        return found

    monkeypatch.setattr(Path, "read_text", again)
    with _changed(catalogue):
        load(catalogue)


@pytest.mark.slow
def test_a_run_reads_what_it_was_planned_with(tmp_path: Path) -> None:
    path, other = _make(tmp_path, ".csv", "a"), _make(tmp_path, ".csv", "b")
    with expecting([Held(path)]):
        assert len(read_transactions(path).to_pandas()) == 3
        other.write_text(other.read_text() + "c,2024-01-01,1\n")
        assert len(read_transactions(other).to_pandas()) == 4
        _by_name(path, other)
        with _changed(path):
            read_transactions(path)
    assert len(read_transactions(path).to_pandas()) == 4


# -------------------------------------------------------------------------------------------------------------- a path is a path

NAMES = [
    "s[1]",
    "star*",
    "q?",
    "[!a]",
    "**",
    "a'b",
    'a"b',
    "100%",
    "a%20b",
    "a#b",
    " a b ",
    "größe 大",
    "-x",
    "~x",
    "~",
    "a:b",
    "md:a",
    "$HOME",
]
DECOYS = ["s1", "star1", "qa", "b", "a b", "x"]


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_each_file_is_read_by_its_own_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.chdir(tmp_path)
    for number, name in enumerate([*DECOYS, *NAMES]):
        KINDS[kind](tmp_path / (name + kind), f"c{number}")
    # Every third name for each kind but the first, a different third for the next: each name is read of three kinds or more.
    place = list(KINDS).index(kind)
    some = [(number, name) for number, name in enumerate(NAMES, len(DECOYS)) if not place or number % 3 == place % 3]
    for number, name in some:  # to open and load is all that a name decides
        path = (name + kind, Path(name + kind), tmp_path / (name + kind))[number // 3 % 3]
        assert open_source(path, None).load(["customer_id"]).table.to_pandas().customer_id.tolist() == [f"c{number}"] * 3
    assert read_transactions("star*" + kind).to_pandas().customer_id.tolist() == [f"c{len(DECOYS) + 1}"] * 3


def test_files_of_a_folder_are_read_by_their_own_names(tmp_path: Path) -> None:
    folder = tmp_path / "all[1]"
    folder.mkdir()
    for name in NAMES:
        _parquet(folder / f"{name}.parquet", name)
    (folder / "folder.parquet").mkdir()
    assert set(read_transactions(folder).to_pandas().customer_id) == {name.strip() for name in NAMES}


def test_a_pattern_is_no_path(tmp_path: Path) -> None:
    _parquet(tmp_path / "star1.parquet", "a")
    with pytest.raises(DataError, match=r"There is no file '.*star\*\.parquet'"):
        read_transactions(tmp_path / "star*.parquet")


def test_a_tilde_is_the_home_folder_unless_a_file_has_that_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert user_path("~/a.csv") == tmp_path / "home" / "a.csv"
    assert user_path("~nobody-of-that-name.csv", tmp_path) == tmp_path / "~nobody-of-that-name.csv"
    (tmp_path / "~").mkdir()
    (tmp_path / "~" / "a.csv").touch()
    assert user_path("~/a.csv", tmp_path) == tmp_path / "~" / "a.csv"
    assert user_path("a.csv", tmp_path) == tmp_path / "a.csv"


def test_content_hash_of_a_folder_names_its_files(tmp_path: Path) -> None:
    first, second = _make(tmp_path, "", "a"), tmp_path / "b"
    second.mkdir()
    (second / "other.parquet").write_bytes((first / "part.parquet").read_bytes())
    assert content_hash(first) != content_hash(second)
