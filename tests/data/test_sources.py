"""One way in for files, frames, databases and built-in sets."""

import sqlite3
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import ibis
import numpy as np
import pandas as pd
import pytest
from openpyxl import Workbook

from goodwill.data.purchases import summarize_purchases
from goodwill.data.reading.examples import example
from goodwill.data.reading.files import connect
from goodwill.data.reading.sources import check_table, read_transactions
from goodwill.errors import DataError, UsageError

Write = Callable[..., Path]
FRAME = pd.DataFrame(
    {
        "customer_id": [2, 1, 1],
        "date": pd.to_datetime(["2024-02-29", "2024-01-01", "2024-03-01"]),
        "amount": [1.25, 2.5, 3.0],
    }
)


def _same(read: Any, ids: list[Any] | None = None) -> None:
    frame = read.to_pandas()
    assert frame.customer_id.tolist() == (ids or [1, 1, 2])
    assert frame.date.dt.strftime("%m-%d").tolist() == ["01-01", "03-01", "02-29"]
    assert frame.amount.tolist() == [2.5, 3.0, 1.25]
    assert read.audit.set_index("rule").money["rows used"] == 6.75


def test_cdnow_has_its_published_size() -> None:
    # Fader, Hardie and Lee (2005), and the read_me of the data: 69,659 transactions of 23,570 customers.
    read = read_transactions("cdnow")
    audit = read.audit.set_index("rule")
    assert audit.rows["rows used"] == 69_659
    assert audit.money["rows used"] == 2_500_315.63
    assert audit.rows["zero amounts"] == 80
    assert audit.rows["same-day repeats"] == 2_068
    assert read.table.customer_id.nunique().execute() == 23_570
    assert (read.first, read.last, read.currency) == (date(1997, 1, 1), date(1998, 6, 30), "USD")
    assert read.table.quantity.sum().execute() == 167_881


@pytest.mark.slow
def test_cdnow_sample_uses_the_master_ids() -> None:
    read = read_transactions("cdnow_sample")
    audit = read.audit.set_index("rule")
    assert (audit.rows["rows used"], audit.money["rows used"]) == (6_919, 244_091.94)
    assert (audit.rows["zero amounts"], audit.rows["same-day repeats"]) == (8, 223)
    assert read.to_pandas().customer_id.iloc[0] == "00004"
    masters = read_transactions("cdnow").table
    assert read.table.to_pandas().customer_id.isin(masters.customer_id.to_pandas()).all()


def test_donations_are_a_weighted_summary() -> None:
    donors = example("donations")
    assert list(donors.columns) == ["frequency", "recency", "T", "weight"]
    assert (len(donors), donors.weight.sum()) == (22, 11_104)
    with pytest.raises(DataError, match="no example 'donors'; there are 'cdnow', 'donations', 'orders'"):
        example("donors")


@pytest.mark.slow
def test_the_built_in_summary_is_that_of_its_transactions() -> None:
    customers = example("cdnow")
    assert list(customers.columns) == ["customer_id", "frequency", "recency", "T", "monetary_value"]
    own = summarize_purchases("cdnow_sample", calibration_end="1997-09-30").to_pandas()
    for name in ("frequency", "recency", "T", "monetary_value"):  # printed with two digits
        assert np.allclose(np.sort(customers[name]), np.sort(own[name]), atol=0.006), name


def test_the_orders_to_follow_by_hand_can_be_read() -> None:
    read = read_transactions(example("orders")).to_pandas()
    assert (len(read), read["customer_id"].nunique(), float(read["amount"].sum())) == (6, 3, 140.0)


def test_a_frame_is_read() -> None:
    _same(read_transactions(FRAME))


@pytest.mark.slow
def test_the_fingerprint_follows_the_content(write: Write) -> None:
    assert read_transactions(FRAME).fingerprint == read_transactions(FRAME.copy()).fingerprint
    assert read_transactions(FRAME).fingerprint != read_transactions(FRAME.assign(amount=1.0)).fingerprint
    text = "customer_id,date\na,2024-01-01\n"
    assert read_transactions(write(text)).fingerprint == read_transactions(write(text, name="g.csv")).fingerprint


@pytest.mark.parametrize("suffix", [".parquet", ".data"])
def test_parquet_is_read_where_it_lies(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"f{suffix}"
    FRAME.to_parquet(path)
    _same(read_transactions(path))


@pytest.mark.slow
def test_a_folder_of_parquet_files_is_one_table(tmp_path: Path) -> None:
    frame = read_transactions("cdnow_sample").to_pandas().drop(columns="quantity")
    for k, part in enumerate((frame[:3000], frame[3000:])):
        part.to_parquet(tmp_path / f"{k}.parquet")
    read = read_transactions(tmp_path)
    pd.testing.assert_frame_equal(read.to_pandas(), frame)
    assert read.fingerprint != read_transactions(tmp_path / "0.parquet").fingerprint


def test_the_memory_of_the_engine_can_be_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOODWILL_MEMORY", "1GB")
    limit = connect().raw_sql("SELECT current_setting('memory_limit')").fetchall()
    assert limit == [("953.6 MiB",)]
    monkeypatch.setenv("GOODWILL_MEMORY", "much")
    with pytest.raises(UsageError, match="GOODWILL_MEMORY='much' is no amount of memory"):
        connect()


@pytest.mark.slow
def test_duckdb_and_sqlite_files_are_read(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as con:
        con.execute("CREATE TABLE orders AS SELECT * FROM FRAME")
        con.execute("CREATE TABLE other AS SELECT 1 AS x")
    _same(read_transactions(f"{tmp_path}/shop.duckdb::orders"))
    _same(read_transactions(f"duckdb://{tmp_path}/shop.duckdb::orders"))
    with pytest.raises(DataError, match=r"holds several tables; name one as shop.duckdb::TABLE. Its tables are orders, other"):
        read_transactions(tmp_path / "shop.duckdb")
    with pytest.raises(DataError, match="has no table 'sales'"):
        read_transactions(f"{tmp_path}/shop.duckdb::sales")
    with sqlite3.connect(tmp_path / "shop.db") as lite:
        FRAME.assign(date=FRAME.date.dt.strftime("%Y-%m-%d")).to_sql("orders", lite, index=False)
    _same(read_transactions(tmp_path / "shop.db"))
    _same(read_transactions(f"sqlite://{tmp_path}/shop.db::orders"))


def test_an_ibis_table_is_read_in_its_engine() -> None:
    con = ibis.duckdb.connect()
    con.con.register("frame", FRAME)
    con.raw_sql("CREATE TABLE t AS SELECT * FROM frame")
    read = read_transactions(con.table("t"))
    _same(read)
    assert read.fingerprint is None
    con.raw_sql("CREATE TABLE u AS SELECT customer_id, strftime(date, '%Y-%m-%d') AS date, amount FROM t")
    _same(read_transactions(con.table("u")))


@pytest.mark.slow
@pytest.mark.parametrize("dates", ["cells", "serials", "texts"])
def test_excel_is_read(tmp_path: Path, dates: str) -> None:
    book = Workbook()
    sheet = book.active
    sheet.append(["客户编号", "日期", "金额"])
    cells = {"cells": [datetime(2024, 2, 29, 13), datetime(2024, 1, 1), datetime(2024, 3, 1)], "serials": [45351, 45292, 45352.5],
             "texts": ["2024-02-29", "2024年1月1日", "2024/3/1"]}[dates]  # fmt: skip
    for who, day, money in zip([2, 1, 1], cells, [1.25, 2.5, 3], strict=True):
        sheet.append([who, day, money])
    book.create_sheet("other")
    book.save(tmp_path / "f.xlsx")
    read = read_transactions(tmp_path / "f.xlsx")
    _same(read)
    assert "the first of 2" in read.audit.set_index("rule").done["sheet"]
    _same(read_transactions(f"{tmp_path}/f.xlsx::Sheet"))
    with pytest.raises(DataError, match="no sheet 'Tab'; its sheets are 'Sheet', 'other'"):
        read_transactions(f"{tmp_path}/f.xlsx::Tab")
    with pytest.raises(DataError, match=r"Sheet 'other' of f\.xlsx is empty"):
        read_transactions(f"{tmp_path}/f.xlsx::other")


@pytest.mark.slow
def test_excel_rows_keep_their_numbers_and_texts_their_zeros(tmp_path: Path) -> None:
    book = Workbook()
    for row in (["customer_id", "date", "amount"], ["007", "2024-01-01", 1], [], ["8", "2024-01-02", "n/a"]):
        book.active.append(row)
    book.save(tmp_path / "f.xlsx")
    with pytest.raises(DataError, match=r"row 4, 'n/a'"):
        read_transactions(tmp_path / "f.xlsx")
    assert read_transactions(tmp_path / "f.xlsx", missing=["n/a"]).to_pandas().customer_id.tolist() == ["007"]


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("ids", "read"),
    [
        (pd.Series([2**53 + 1, 5, 6]), [5, 6, 2**53 + 1]),
        (pd.Series([2.0, np.nan, 1.0]), ["1", "2"]),
        (pd.Series([2, None, 1], dtype="Int64"), [1, 2]),
        (pd.Series(["01", " 02", ""]), ["01", "02"]),
        (pd.Series(["b", None, "a"], dtype="category"), ["a", "b"]),
        (pd.Series(["b", 7, None], dtype=object), ["7", "b"]),
        (pd.Series([2**70, 1, 2], dtype=object), ["1", "1180591620717411303424", "2"]),
        (pd.Series([2**64 - 1, 1, 2], dtype="uint64"), ["1", "18446744073709551615", "2"]),
    ],
)
def test_ids_of_frames_survive(ids: pd.Series, read: list[Any]) -> None:
    assert read_transactions(FRAME.assign(customer_id=ids)).to_pandas().customer_id.tolist() == read


@pytest.mark.parametrize("ids", [[1.5, 2.0, 3.0], [2.0**53, 2.0, 3.0], [np.inf, 2.0, 3.0]])
def test_ids_that_lost_their_digits_are_refused(ids: list[float]) -> None:
    with pytest.raises(DataError, match=r"1 ids that are no whole numbers below 2\^53.*dtype=str"):
        read_transactions(FRAME.assign(customer_id=ids))


def test_ids_from_floats_are_counted() -> None:
    audit = read_transactions(FRAME.assign(customer_id=[1.0, np.nan, 2.0])).audit.set_index("rule")
    assert (audit.rows["ids from floats"], audit.rows["missing id"], audit.money["missing id"]) == (2, 1, 2.5)


def test_the_local_date_of_a_zone_is_kept_and_said() -> None:
    late = pd.to_datetime(["2024-02-29 23:30", "2024-01-01 23:30", "2024-03-01 00:30"]).tz_localize("Asia/Shanghai")
    read = read_transactions(FRAME.assign(date=late))
    _same(read)
    assert "Asia/Shanghai" in read.audit.set_index("rule").done["time zones"]


def test_infinite_money_is_refused_and_nan_is_missing() -> None:
    with pytest.raises(DataError, match="1 infinite or too large numbers"):
        read_transactions(FRAME.assign(amount=[1.0, np.inf, 2.0]))
    assert read_transactions(FRAME.assign(amount=[1.0, np.nan, 2.0])).audit.set_index("rule").rows["missing amount"] == 1


def test_a_frame_without_money_is_read() -> None:
    read = read_transactions(FRAME.drop(columns="amount"))
    assert not read.has_amount
    assert read.to_pandas().amount.isna().all()
    assert "without money" in read.audit.set_index("rule").done["amount unit"]


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("nowhere.csv", r"There is no file 'nowhere.csv' \(looked in .*Built-in data sets: cdnow, cdnow_sample"),
        ("", "No source is named"),
        ("cdnow-sample", "Did you mean 'cdnow_sample'"),
        (".", "is a folder"),
        (7, "A source of type int cannot be read"),
        (pd.DataFrame({"customer_id": [], "date": []}), "has no rows"),
        (pd.DataFrame([[1, 2, 3]], columns=["customer_id", "date", "date"]), "column 'date' 2 times"),
        (FRAME.assign(date=[True, False, True]), "holds no dates"),
        (FRAME.assign(date=[1.5, 2.5, 3.5]), "cannot be read as dates"),
        ("postgres://me:secret@nowhere.invalid/db", "Name the table behind the address: postgres://nowhere.invalid/db::TABLE"),
    ],
)
def test_bad_sources_have_one_clear_message(source: Any, sentence: str) -> None:
    with pytest.raises(DataError, match=sentence) as caught:
        read_transactions(source)
    assert "secret" not in str(caught.value)


def test_unknown_words_are_refused() -> None:
    with pytest.raises(DataError, match="returns='refund': choose one of net, drop, keep"):
        read_transactions(FRAME, returns="refund")
    with pytest.raises(DataError, match="no check for 'poems'"):
        check_table(FRAME, "poems")
    with pytest.raises(DataError, match="no column is the amount"):
        read_transactions(FRAME[["customer_id", "date"]], amount_unit="万元")


def test_a_file_that_lies_about_its_kind_is_refused(write: Write) -> None:
    for name in ("f.parquet", "f.duckdb", "f.db", "f.xlsx", "f.xls"):
        with pytest.raises(DataError, match=rf"{name}"):
            read_transactions(write("customer_id,date\na,2024-01-01\n", name=name))


@pytest.mark.slow
def test_the_audit_always_has_its_standard_rules(write: Write) -> None:
    rules = [
        "encoding", "columns", "date format", "times of day", "time zones", "amount format", "amount unit", "currency signs",
        "rows read", "missing id", "missing date", "missing amount", "zero amounts", "negative amounts", "rows used",
        "exact duplicate rows", "same-day repeats", "days of returns only", "customers of returns only",
    ]  # fmt: skip
    for source in (FRAME, write("customer_id,date,amount\na,2024-01-01,1\n"), "cdnow_sample"):
        audit = check_table(source)
        assert list(audit.columns) == ["rule", "rows", "money", "done"]
        assert set(rules) <= set(audit.rule)
        assert audit.rule.is_unique


def test_every_row_is_used_or_counted(write: Write) -> None:
    text = "customer_id,date,amount\na,2024-01-01,1\n,2024-01-01,2\na,,4\na,2024-01-02,\n,,8\nb,2024-01-02,-1\na,2024-01-01,1\n"
    audit = check_table(write(text)).set_index("rule")
    assert audit.rows[["rows read", "missing id", "missing date", "missing amount", "rows used"]].tolist() == [7, 2, 1, 1, 3]
    assert audit.money[["rows read", "missing id", "missing date", "rows used"]].tolist() == [15, 10, 4, 1]
    assert audit.rows[["exact duplicate rows", "same-day repeats", "negative amounts", "customers of returns only"]].tolist() == [
        1,
        1,
        1,
        1,
    ]
    assert audit.money["customers of returns only"] == -1
