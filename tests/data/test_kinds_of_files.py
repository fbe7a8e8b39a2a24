"""The same kinds of files in other forms: other headers, languages, words and places."""

import csv
import io
import random
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from goodwill.data.doubts.answers import with_answers
from goodwill.data.reading.sources import read_transactions
from goodwill.errors import DataError, Unclear

Write = Callable[..., Path]
Row = tuple[str, date, float]


def _plain() -> list[Row]:
    with (Path(__file__).parent / "files" / "transactions" / "00_plain.csv").open() as f:
        return [(r["customer_id"], date.fromisoformat(r["date"]), float(r["amount"])) for r in csv.DictReader(f)]


ROWS = _plain()
TOTAL = 26641.54


def table(header: Iterable[str], rows: Iterable[Iterable[Any]], mark: str = ",") -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=mark, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def found(source: Any, **told: Any) -> tuple[int, float]:
    audit = read_transactions(source, **told).audit.set_index("rule")
    return int(audit.rows["rows used"]), float(audit.money["rows used"])


def by_lot(values: list[str], weights: list[float]) -> list[str]:
    return random.Random(1).choices(values, weights, k=len(ROWS))


def with_column(name: str, values: list[str], header: tuple[str, str, str] = ("customer_id", "date", "amount")) -> str:
    return table((*header, name), ((who, day, paid, value) for (who, day, paid), value in zip(ROWS, values, strict=True)))


def money_where(values: list[str], kept: set[str]) -> tuple[int, float]:
    chosen = [paid for (_, _, paid), value in zip(ROWS, values, strict=True) if value in kept]
    return len(chosen), round(sum(chosen), 2)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "values", "kept"),
    [
        ("Bestellstatus", {"bezahlt": 0.7, "storniert": 0.2, "ausstehend": 0.1}, {"bezahlt"}),
        ("订单状态", {"交易成功": 0.8, "交易关闭": 0.15, "等待买家付款": 0.05}, {"交易成功"}),
        ("Statut", {"Payée": 0.6, "Annulée": 0.2, "Remboursée": 0.2}, {"Payée"}),
        ("Financial Status", {"paid": 0.7, "partially_refunded": 0.1, "voided": 0.1, "Disputed": 0.1}, {"paid", "partially_refunded"}),
        ("what became of it", {"shipped": 0.9, "cancelled by customer": 0.1}, {"shipped"}),
        ("estado_pedido", {"completado": 0.9, "devuelto": 0.1}, {"completado"}),
        ("is_cancelled", {"FALSE": 0.9, "TRUE": 0.1}, {"FALSE"}),
        ("Cancelled at", {"": 0.9, "2023-05-01": 0.1}, {""}),
        ("Currency Code", {"EUR": 0.7, "USD": 0.2, "MXN": 0.1}, {"EUR"}),
        ("Währung", {"CHF": 0.8, "EUR": 0.2}, {"CHF"}),
        ("paid in", {"GBP": 0.8, "JPY": 0.2}, {"GBP"}),
        ("event_type", {"purchase": 0.2, "view_item": 0.6, "add_to_cart": 0.2}, {"purchase"}),
        ("行为类型", {"购买": 0.3, "浏览": 0.5, "收藏": 0.2}, {"购买"}),
        ("Type", {"Sale": 0.8, "Fee": 0.1, "Payout": 0.1}, {"Sale"}),
    ],
)
def test_columns_that_qualify_rows_are_asked_about(write: Write, name: str, values: dict[str, float], kept: set[str]) -> None:
    drawn = by_lot(list(values), list(values.values()))
    path = write(with_column(name, drawn))
    with pytest.raises(Unclear) as asked:
        read_transactions(path)
    assert repr(name) in str(asked.value)
    assert found(path, **asked.value.answers) == pytest.approx(money_where(drawn, kept))
    assert found(path, keep=[f"{name}=*"]) == (591, TOTAL)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("status", {"completed": 0.997, "cancelled": 0.003}),
        ("currency", {"EUR": 1.0}),
        ("status", {"gold": 0.5, "silver": 0.5}),
        ("state", {"CA": 0.5, "NY": 0.5}),
        ("type", {"online": 0.5, "shop": 0.5}),
        ("refunded", {"no": 1.0}),
        ("refund_amount", {"0.00": 1.0}),
        ("return_reason", {"": 0.9, "too small": 0.1}),
        ("country", {"DE": 0.5, "FR": 0.5}),
        ("currency_rate", {"1.0": 0.5, "1.1": 0.5}),
        ("failed_attempts", {"0": 0.8, "1": 0.1, "2": 0.1}),
    ],
)
def test_columns_that_change_nothing_ask_nothing(write: Write, name: str, values: dict[str, float]) -> None:
    assert found(write(with_column(name, by_lot(list(values), list(values.values()))))) == (591, TOTAL)


def test_a_status_of_few_rows_is_a_line_of_the_audit(write: Write) -> None:
    audit = read_transactions(write(with_column("status", ["void" if k in (3, 9) else "paid" for k in range(591)]))).audit.set_index("rule")
    assert audit.rows["column status"] == 2
    assert audit.done["column status"] == (
        "Column 'status' of f.csv holds rows that by it are no sales: void (rows: paid 589, void 2); counted as they stand. "
        "Pass keep=['status=paid'], or keep=['status=*'] if all rows are sales"
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", ["Refund Amount", "Erstattungsbetrag", "montant remboursé", "退款金额", "Refunded"])
def test_money_given_back_can_be_taken_off(write: Write, name: str) -> None:
    back = [f"{paid / 2:.4f}" if k % 5 == 0 else "" for k, (_, _, paid) in enumerate(ROWS)]
    path = write(with_column(name, back))
    with pytest.raises(Unclear, match="money given back") as asked:
        read_transactions(path)
    assert asked.value.answers == {"refunded": name}
    assert found(path, refunded=name)[1] == pytest.approx(TOTAL - sum(float(b or 0) for b in back), abs=0.1)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("pieces", "price"), [("Menge", "Einzelpreis"), ("qty", "unit_price"), ("数量", "单价"), ("Quantité", "Prix unitaire")]
)
def test_pieces_times_the_price_of_one_are_the_money(write: Write, pieces: str, price: str) -> None:
    rows = [(who, day, k % 4 + 1, f"{paid:.2f}") for k, (who, day, paid) in enumerate(ROWS)]
    path = write(table(("customer", "date", pieces, price), rows))
    with pytest.raises(Unclear, match=rf"{price!r} times {pieces!r}") as asked:
        read_transactions(path)
    assert found(path, **asked.value.answers) == pytest.approx((591, sum((k % 4 + 1) * paid for k, (_, _, paid) in enumerate(ROWS))))


@pytest.mark.slow
def test_a_price_that_was_named_is_still_asked_about_beside_pieces(write: Write) -> None:
    path = write(table(("customer", "date", "qty", "unit price"), ((who, day, 2, paid) for who, day, paid in ROWS)))
    with pytest.raises(Unclear, match=r"by its name the price of one piece: alone it adds up to 26,641.54, times 'qty' to 53,283.08"):
        read_transactions(path, amount="unit price")
    assert found(path, amount="unit price", keep=["qty=*"]) == (591, TOTAL)
    assert found(path, amount="unit price", quantity="qty") == (591, 2 * TOTAL)


def test_pieces_without_any_money_ask_nothing(write: Write) -> None:
    path = write(table(("customer", "date", "qty"), ((who, day, 2) for who, day, _ in ROWS)))
    assert not read_transactions(path).has_amount


@pytest.mark.slow
@pytest.mark.parametrize("guest", ["guest", "Walk-in", "Laufkundschaft", "游客", "0", "-1", "999999", "anonymous@shop.example", "Unknown"])
def test_ids_of_nobody_are_asked_about(write: Write, guest: str) -> None:
    rows = [(guest if k % 4 == 0 else who[1:], day, paid) for k, (who, day, paid) in enumerate(ROWS)]
    path = write(table(("customer_id", "date", "amount"), rows))
    with pytest.raises(Unclear, match="no one person") as asked:
        read_transactions(path)
    assert asked.value.answers == {"missing": [guest]}
    assert found(path, missing=[guest])[0] == 443


def test_a_customer_of_number_0_is_a_customer(write: Write) -> None:
    rows = [(int(who[1:]), day, paid) for who, day, paid in ROWS]
    assert min(rows)[0] == 0
    assert found(write(table(("customer_id", "date", "amount"), rows))) == (591, TOTAL)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("word", ["#N/A", "None", "(blank)", "(not set)", "--"])
def test_words_for_no_id_are_no_customers(write: Write, word: str) -> None:
    rows = [(word if k % 10 == 0 else who, day, paid) for k, (who, day, paid) in enumerate(ROWS)]
    path = write(table(("customer_id", "date", "amount"), rows))
    audit = read_transactions(path).audit.set_index("rule")
    assert (audit.rows["missing id"], audit.rows["rows used"]) == (60, 531)
    assert audit.done["missing id"] == "left out; 60 of them hold a word for none, such as NULL or n/a"
    assert found(path, keep=["customer_id=*"]) == (591, TOTAL)


@pytest.mark.slow
@pytest.mark.parametrize("word", ["Total", "Summe:", "合计", "TOTAL 2023", "Grand total"])
def test_a_row_of_totals_is_asked_about(write: Write, word: str) -> None:
    path = write(table(("customer_id", "date", "amount"), [*ROWS, (word, date(2024, 2, 5), TOTAL)]))
    with pytest.raises(Unclear, match="sums up other rows") as asked:
        read_transactions(path)
    assert found(path, **asked.value.answers) == (591, TOTAL)


@pytest.mark.slow
def test_a_row_that_is_the_sum_of_all_others_is_asked_about_whatever_its_id(write: Write) -> None:
    path = write(table(("customer_id", "date", "amount"), [("C9999", date(2024, 2, 5), TOTAL), *ROWS]))
    with pytest.raises(Unclear, match=r"26,641\.54 in row 2, which is the sum of all other rows"):
        read_transactions(path)


@pytest.mark.slow
@pytest.mark.parametrize("again", [ROWS[200:300], ROWS[-40:]])
def test_a_block_that_stands_there_twice_is_asked_about(write: Write, again: list[Row]) -> None:
    path = write(table(("customer_id", "date", "amount"), [*ROWS, *again]))
    with pytest.raises(
        Unclear, match=rf"{len(again)} rows .* that equal an earlier row in every column, {len(again)} of them in one block"
    ):
        read_transactions(path)
    assert found(path, once="rows") == (591, TOTAL)
    assert found(path, once="nothing")[0] == 591 + len(again)


@pytest.mark.slow
def test_rows_that_differ_in_any_column_or_in_the_time_of_day_are_no_copies(write: Write) -> None:
    times = [(who, f"{day} {hour}:00", paid) for who, day, paid in ROWS for hour in ("09", "10")]
    audit = read_transactions(write(table(("customer_id", "date", "amount"), times))).audit.set_index("rule")
    assert audit.rows["exact duplicate rows"] == 0
    items = [(who, day, paid / 7, item) for who, day, paid in ROWS for item in ("a", "b" if paid > 20 else "a")]
    audit = read_transactions(write(table(("customer_id", "date", "amount", "item"), items)), once="nothing").audit.set_index("rule")
    assert audit.rows["exact duplicate rows"] == sum(paid <= 20 for _, _, paid in ROWS)


@pytest.mark.slow
@pytest.mark.parametrize("order", ["Bestellnummer", "invoice_no", ""])
def test_totals_on_each_line_of_an_order_are_asked_about(write: Write, order: str) -> None:
    lines = [(k, who, day, paid, f"item {i}") for k, (who, day, paid) in enumerate(ROWS) for i in range(k % 3 + 1)]
    header = (order or "line group", "customer_id", "date", "amount", "item")
    path = write(table(header, lines))
    with pytest.raises(Unclear, match="it may be the total of the order") as asked:
        read_transactions(path)
    assert asked.value.answers == {"once": "orders"}
    assert found(path, once="orders") == (591, TOTAL)


@pytest.mark.slow
def test_lines_of_orders_with_their_own_money_ask_nothing(write: Write) -> None:
    lines = [(k, who, day, f"{paid / (i + 2):.2f}", f"item {i}") for k, (who, day, paid) in enumerate(ROWS) for i in range(k % 3 + 1)]
    assert found(write(table(("order_id", "customer_id", "date", "amount", "item"), lines)))[0] == len(lines)


@pytest.mark.slow
@pytest.mark.parametrize(("row", "factor"), [(0, 10_000), (590, 100_000), (300, -50_000)])
def test_an_amount_far_from_all_others_is_named_with_its_row(write: Write, row: int, factor: float) -> None:
    rows = [(who, day, round(paid * factor, 2) if k == row else paid) for k, (who, day, paid) in enumerate(ROWS)]
    path = write(table(("customer_id", "date", "amount"), rows))
    with pytest.raises(Unclear, match=f"in row {row + 2}, which is") as asked:
        read_transactions(path)
    assert found(path, **asked.value.answers)[0] == 590


@pytest.mark.slow
def test_long_tails_are_no_outliers(write: Write) -> None:
    for seed in range(20):  # a Pareto tail with a mean but no variance
        draw = random.Random(seed)
        rows = [(who, day, round(10 * draw.paretovariate(1.3), 2)) for who, day, _ in ROWS]
        assert found(write(table(("customer_id", "date", "amount"), rows)))[0] == 591


@pytest.mark.slow
@pytest.mark.parametrize(
    ("day", "shown"), [("1970-01-01", "1970-01-01 in row 12"), ("2099-12-31", "2099-12-31 in row 12"), ("2016-03-01", "2016-03-01")]
)
def test_a_date_years_from_all_others_is_named_with_its_row(write: Write, day: str, shown: str) -> None:
    rows = [(who, day if k == 10 else each, paid) for k, (who, each, paid) in enumerate(ROWS)]
    path = write(table(("customer_id", "date", "amount"), rows))
    with pytest.raises(Unclear, match=shown) as asked:
        read_transactions(path)
    assert found(path, **asked.value.answers)[0] == 590


def test_records_with_a_pause_are_no_outliers(write: Write) -> None:
    rows = [
        (who, day.replace(year=day.year + (3 if k % 2 else 0)), paid)
        for k, (who, day, paid) in enumerate(ROWS)
        if (day.month, day.day) != (2, 29)
    ]
    assert found(write(table(("customer_id", "date", "amount"), rows)))[0] == len(rows)


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    "form",
    ["%d.%m.%y", "%m-%d-%y", "%d %B %Y", "%A, %d. %B %Y", "%B %d, %Y", "%d-%b-%y", "%Y-%b-%d", "%m/%d/%Y %I:%M %p", "%d.%m.%Y %H:%M Uhr",
     "%Y-%m-%dT%H:%M:%S.000Z", "%a %b %d %H:%M:%S UTC %Y", "%Y年%m月%d日", "%Y/%m/%d %H:%M:%S CET", "%d/%m/%Y, %H:%M"],
)  # fmt: skip
def test_forms_of_dates_that_are_read(write: Write, form: str) -> None:
    path = write(table(("customer_id", "date", "amount"), ((who, day.strftime(form), paid) for who, day, paid in ROWS)))
    read = read_transactions(path)
    assert (read.first, read.last) == (date(2023, 1, 4), date(2024, 2, 5))
    assert sorted(read.to_pandas().date.dt.date) == sorted(day for _, day, _ in ROWS)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("form", "answer"), [("%d%m%Y", "%d%m%Y"), ("%Y/%m", "%Y/%m"), ("%m/%Y", "%m/%Y"), ("%B %Y", "%B %Y"), ("%y%m%d", "%y%m%d")]
)
def test_forms_of_dates_that_are_asked_about_with_a_form_that_works(write: Write, form: str, answer: str) -> None:
    path = write(table(("customer_id", "date", "amount"), ((who, day.strftime(form), paid) for who, day, paid in ROWS)))
    with pytest.raises(Unclear) as asked:
        read_transactions(path)
    assert asked.value.answers == {"date_format": answer}
    assert read_transactions(path, date_format=answer).first.strftime(form) == date(2023, 1, 4).strftime(form)


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("write_amount", "money"),
    [
        (lambda x: f"R$ {x:.2f}".replace(".", ","), TOTAL),
        (lambda x: f"INR {x:.2f}", TOTAL),
        (lambda x: f"{x:.2f} kr", TOTAL),
        (lambda x: f"{x:.2f} zł", TOTAL),
        (lambda x: f"Fr. {x:.2f}", TOTAL),
        (lambda x: f"{round(x)},-", 26648.0),
        (lambda x: f"{x / 1000:.5f}M", None),
        (lambda x: f"{round(x) / 10:.1f}万", None),
        (lambda x: f"{x:.2f} DR", TOTAL),
        (lambda x: f"({x:.2f})", -TOTAL),
    ],
)
def test_forms_of_amounts_that_are_read(write: Write, write_amount: Callable[[float], str], money: float | None) -> None:
    read = found(write(table(("customer_id", "date", "amount"), ((who, day, write_amount(paid)) for who, day, paid in ROWS), ";")))
    assert read[0] == 591
    assert money is None or read[1] == pytest.approx(money, abs=15)


@pytest.mark.slow
def test_credits_and_debits_in_one_column_ask_which_is_which(write: Write) -> None:
    rows = [(who, day, f"{paid:.2f} {'DR' if k % 9 == 0 else 'CR'}") for k, (who, day, paid) in enumerate(ROWS)]
    path = write(table(("customer_id", "date", "amount"), rows))
    with pytest.raises(Unclear, match="marks amounts as CR in 525 rows and as DR in 66") as asked:
        read_transactions(path)
    debits = sum(paid for k, (_, _, paid) in enumerate(ROWS) if k % 9 == 0)
    assert found(path, **asked.value.answers) == pytest.approx((591, TOTAL - 2 * debits))


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    "above", ["Sales report 2023\n\n", "Report,,\nas of 2024-02-05,,\n,,\n", '"Shop A, Berlin"\n"All amounts in EUR"\n\n"Note: net"\n']
)
def test_a_header_below_a_title_is_found(write: Write, above: str) -> None:
    read = read_transactions(write(above + table(("customer_id", "date", "amount"), ROWS)))
    assert read.audit.set_index("rule").money["rows used"] == TOTAL
    assert read.audit.set_index("rule").rows["rows above the header"] > 0


def test_rows_below_a_title_keep_their_line_numbers(write: Write) -> None:
    path = write("Report\n\n" + table(("customer_id", "date", "amount"), [*ROWS[:5], ("a", "soon", 1), *ROWS[5:]]))
    with pytest.raises(DataError, match="row 9, 'soon'"):
        read_transactions(path)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ('{"customer_id": "a", "date": "2024-01-01"}\n{"customer_id": "b", "date": "2024-01-01"}\n', "is JSON, one object or one a line"),
        ("<!DOCTYPE html><html><table><tr><td>a</td></tr></table>", "is a page of HTML or XML"),
        ("version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 3\n", "is a pointer of Git LFS"),
        ("<<<<<<< HEAD\ncustomer_id,date\n", "is a file with conflicts of git in it"),
        ("%PDF-1.7\n", "is a PDF"),
    ],
)
def test_what_is_no_table_is_named_as_what_it_is(write: Write, content: str, sentence: str) -> None:
    with pytest.raises(DataError, match=sentence):
        read_transactions(write(content))


@pytest.mark.slow
def test_e_mails_of_one_person_are_one_customer_and_other_ids_keep_their_case(write: Write) -> None:
    mails = [(f"{who}@Example.com" if k % 2 else f"{who}@example.com".lower(), day, paid) for k, (who, day, paid) in enumerate(ROWS)]
    read = read_transactions(write(table(("customer_id", "date", "amount"), mails)))
    assert read.table.customer_id.nunique().execute() == 120
    assert "e-mails in upper and lower case" in read.audit.rule.tolist()
    ids = [(who if k % 2 else who.lower(), day, paid) for k, (who, day, paid) in enumerate(ROWS)]
    assert read_transactions(write(table(("customer_id", "date", "amount"), ids))).table.customer_id.nunique().execute() > 120


@pytest.mark.slow
def test_all_that_is_unclear_is_asked_in_one_message_and_answered_at_once(write: Write) -> None:
    status = by_lot(["paid", "failed"], [0.8, 0.2])
    rows = [
        ("Guest" if k % 9 == 0 else who, day.strftime("%d/%m/%Y"), f"{paid:.2f}", s)
        for k, ((who, day, paid), s) in enumerate(zip(ROWS, status, strict=True))
    ]
    path = write(table(("E-Mail address", "date", "amount", "order status"), [*rows, *rows]))
    with pytest.raises(Unclear, match="4 things are unclear") as asked:
        read_transactions(path)
    assert asked.value.answers == {
        "customer_id": "E-Mail address", "keep": ["order status=paid"], "missing": ["Guest"], "once": "rows"
    }  # fmt: skip
    assert "All at once: customer_id='E-Mail address', keep=['order status=paid'], missing=['Guest'], once='rows'." in str(asked.value)
    assert found(path, **with_answers({}, asked.value.answers))[0] == sum(s == "paid" and k % 9 != 0 for k, s in enumerate(status))


def test_the_most_likely_column_is_named_and_not_the_order_for_the_customer(write: Write) -> None:
    with pytest.raises(Unclear, match=r"Did you mean customer_id='e-mail'\?"):
        read_transactions(write(table(("Order ID", "e-mail", "date", "amount"), ((k, *row) for k, row in enumerate(ROWS)))))
