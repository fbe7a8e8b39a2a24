"""Two further files at least of each kind of which `test_kinds_of_files.py` holds fewer: packed, mislabelled, in other sheets and bytes."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from tests.data.test_kinds_of_files import ROWS, TOTAL, Write, table

from goodwill.data.reading.sources import read_transactions
from goodwill.errors import DataError, Unclear

PLAIN = ("customer_id", "date", "amount")
BASE = (591, 120, TOTAL)


def found(source: Any, **told: Any) -> tuple[int, int, float | None]:
    """Rows used, customers and money."""
    read = read_transactions(source, **told)
    audit = read.audit.set_index("rule")
    money = float(audit.money["rows used"]) if read.has_amount else None
    return int(audit.rows["rows used"]), int(read.table.customer_id.nunique().execute()), money


def workbook(sheets: dict[str, list[tuple[Any, ...]]]) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


ORDERS = [PLAIN, *ROWS]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("header", "mark", "decimal"),
    [(("E-Mail", "Datum", "Gesamt", "Artikel"), ";", ","), (("买家会员名", "付款时间", "实付款", "商品"), "\t", ".")],
)
def test_further_lines_of_an_order_without_a_total_are_left_out(write: Write, header: tuple[str, ...], mark: str, decimal: str) -> None:
    rows: list[tuple[Any, ...]] = []
    for k, (who, day, paid) in enumerate(ROWS):
        rows.append((who, day, f"{paid:.2f}".replace(".", decimal), "first"))
        rows += [(who, day, "", "more")] * (k % 3)
    columns = dict(zip(PLAIN, header, strict=False))
    path = write(table(header, rows, mark))
    assert found(path, **columns) == BASE
    assert read_transactions(path, **columns).audit.set_index("rule").rows["missing amount"] == 591


@pytest.mark.sampled(1)
@pytest.mark.parametrize(
    "mail",
    [lambda who, k: f"{who}@Shop.example".upper() if k % 3 else f"{who}@shop.example".lower(), lambda who, k: f" {who.lower()}@X.de "],
)
def test_letters_and_blanks_of_e_mails_make_no_second_customer(write: Write, mail: Callable[[str, int], str]) -> None:
    rows = [(mail(who, k), day, paid) for k, (who, day, paid) in enumerate(ROWS)]
    assert found(write(table(("e-mail", "date", "amount"), rows)), customer_id="e-mail") == BASE


@pytest.mark.sampled(1)
@pytest.mark.parametrize(("form", "mark"), [(lambda n: f"{n / 1e12:.3f}".replace(".", ",") + "E+12", ";"), (lambda n: f"{n:.2e}", "\t")])
def test_ids_that_a_spreadsheet_rounded_are_refused(write: Write, form: Callable[[int], str], mark: str) -> None:
    rows = [(form(4_006_000_000_000 + 7_919_000_001 * int(who[1:])), day, paid) for who, day, paid in ROWS]
    with pytest.raises(DataError, match=r"\d+ ids that a spreadsheet has rounded, in 591 rows .* Export the column as text"):
        read_transactions(write(table(PLAIN, rows, mark)))


@pytest.mark.sampled(1)
@pytest.mark.parametrize("day", ["2924-01-05", "1023-05-05", "0023-05-05"])
def test_a_year_that_cannot_be_is_refused_with_its_row(write: Write, day: str) -> None:
    rows = [(who, day if k == 40 else on, paid) for k, (who, on, paid) in enumerate(ROWS)]
    with pytest.raises(DataError, match=f"row 42, '{day}'"):
        read_transactions(write(table(PLAIN, rows)))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["orders.txt", "orders.tsv", "orders"])
def test_a_workbook_under_another_name_is_read_and_said(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(workbook({"Sheet": ORDERS}))
    assert found(tmp_path / name) == BASE
    assert "kind of file" in read_transactions(tmp_path / name).audit["rule"].tolist()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cover", "orders"), [([("Bericht 2023",), ("Filiale", "Köln")], "Bestellungen"), ([("说明",), ("导出时间", "2024-02-05")], "订单明细")]
)
def test_a_sheet_behind_a_cover_is_named_and_read(tmp_path: Path, cover: list[tuple[str, ...]], orders: str) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(workbook({"Info": cover, orders: ORDERS}))
    with pytest.raises(DataError, match=rf"name one as book\.xlsx::{orders}\.$"):
        read_transactions(path)
    assert found(f"{path}::{orders}") == BASE


@pytest.mark.slow
@pytest.mark.parametrize("after", [0, 45])
def test_customers_who_return_everything_later_or_on_the_day_are_told(write: Write, after: int) -> None:
    back = [(who, day + timedelta(days=after), -paid) for who, day, paid in ROWS if who[-1] in "369"]
    kept = sum(paid for who, _, paid in ROWS if who[-1] not in "369")
    path = write(table(PLAIN, [*ROWS, *back]))
    rows, customers, money = found(path)
    assert (rows, customers) == (591 + len(back), 120) and money == pytest.approx(kept)
    audit = read_transactions(path).audit.set_index("rule")
    if after:
        assert audit.done["customers who returned everything"] == "36 customers bought and gave all of it back"
    assert audit.rows["negative amounts"] == len(back)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("encoding", "header"), [("utf-16-le", "customer_id,date,amount,Größe"), ("utf-16-be", "customer_id,date,amount,数量单位")]
)
def test_bytes_that_say_nothing_of_their_encoding_are_asked_about(write: Write, encoding: str, header: str) -> None:
    path = write(table(header.split(","), ((*row, "ä") for row in ROWS)), encoding=encoding)
    with pytest.raises(Unclear) as asked:
        read_transactions(path)
    assert asked.value.answers == {"encoding": encoding}
    assert found(path, encoding=encoding) == BASE


@pytest.mark.sampled(1)
@pytest.mark.parametrize("encoding", ["big5", "cp1251", "cp1252"])
def test_a_told_encoding_is_read(write: Write, encoding: str) -> None:
    word = {"big5": "總金額", "cp1251": "сумма", "cp1252": "Größe"}[encoding]
    assert found(write(table((*PLAIN, word), ((*row, word) for row in ROWS)), encoding=encoding), encoding=encoding) == BASE


@pytest.mark.sampled(1)
@pytest.mark.parametrize("kind", ["quoted", "workbook"])
def test_ids_with_zeros_in_front_are_others_than_those_without(tmp_path: Path, write: Write, kind: str) -> None:
    rows = [(f"{int(who[1:]) // 2:03d}" if int(who[1:]) % 2 else f"{int(who[1:]) // 2}", day, paid) for who, day, paid in ROWS]
    path = tmp_path / "f.xlsx"
    if kind == "quoted":
        path = write("\n".join(["customer_id\tdate\tamount", *(f'"{who}"\t{day}\t{paid}' for who, day, paid in rows)]))
    else:
        path.write_bytes(workbook({"Sheet": [PLAIN, *rows]}))
    assert found(path) == (591, len({who for who, _, _ in rows}), TOTAL)


@pytest.mark.sampled(1)
@pytest.mark.parametrize("header", [("Kunde", "Datum"), ("会员号", "下单时间"), ("customer", "order date")])
def test_without_a_column_of_money_purchases_are_counted(write: Write, header: tuple[str, str]) -> None:
    assert found(write(table(header, (row[:2] for row in ROWS)))) == (591, 120, None)


@pytest.mark.slow
def test_packed_files_are_read_or_named_whatever_they_are_called(tmp_path: Path) -> None:
    text = table(PLAIN, ROWS).encode()
    for name in ("orders.tsv.gz", "orders.txt"):  # packed, with and without saying so
        (tmp_path / name).write_bytes(gzip.compress(text.replace(b",", b"\t")))
        assert found(tmp_path / name) == BASE
    for name in ("orders.csv", "export.zip"):
        with zipfile.ZipFile(tmp_path / name, "w") as packed:
            packed.writestr("orders.csv", text)
        with pytest.raises(DataError, match=rf"^{name} is a zip archive that holds 'orders\.csv'; unpack it"):
            read_transactions(tmp_path / name)


@pytest.mark.sampled(1)
@pytest.mark.parametrize("start", [0, 1000])
def test_a_first_column_of_row_numbers_is_no_id(write: Write, start: int) -> None:
    assert found(write(table(("", *PLAIN), ((start + k, *row) for k, row in enumerate(ROWS))))) == BASE


@pytest.mark.sampled(1)
@pytest.mark.parametrize(("first", "days"), [(date(2024, 1, 1), 20), (date(2023, 6, 1), 6)])
def test_a_few_days_are_read_and_left_to_the_models(write: Write, first: date, days: int) -> None:
    rows = [(who, first + timedelta(days=k % days), paid) for k, (who, _, paid) in enumerate(ROWS[:90])]
    assert found(write(table(PLAIN, rows)))[0] == 90
