"""Money as people write it."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from goodwill.data.reading.sources import read_transactions
from goodwill.errors import DataError

Write = Callable[..., Path]


def _amounts(write: Write, values: list[str], **said: Any) -> list[Decimal]:
    rows = "".join(f"c;2024-01-{i:02d};{v}\n" for i, v in enumerate(values, 1))
    table = read_transactions(write("customer_id;date;amount\n" + rows), **said).table
    return table.order_by("date").to_pyarrow()["amount"].to_pylist()


@pytest.mark.sampled(1)
@pytest.mark.parametrize(
    ("values", "read"),
    [
        (["1,234.50", "7", "12.3"], ["1234.5", "7", "12.3"]),
        (["1.234,50", "7", "12,3"], ["1234.5", "7", "12.3"]),
        (["1 234", "1 234,5"], ["1234", "1234.5"]),
        (["1'234.50", "5"], ["1234.5", "5"]),
        (["1,234,567", "2"], ["1234567", "2"]),
        (["¥12.50", "￥3", "1,000.00元"], ["12.5", "3", "1000"]),
        (["$5", "-$5.25", "$ 1,000.10", "USD 3"], ["5", "-5.25", "1000.1", "3"]),
        (["12,50 €", "-1,00 €"], ["12.5", "-1"]),
        (["(123.45)", "6.00-", "+7.5", "- 8.5"], ["-123.45", "-6", "7.5", "-8.5"]),
        (["１２．５０", "－３"], ["12.5", "-3"]),
        ([".5", "5.", "1e3", "1.5E+2"], ["0.5", "5", "1000", "150"]),
        (["0,500", "1,250"], ["0.5", "1.25"]),
        (["0", "-0.00", "0007"], ["0", "0", "7"]),
    ],
)
def test_numbers_are_read_as_written(write: Write, values: list[str], read: list[str]) -> None:
    assert _amounts(write, values) == [Decimal(r) for r in read]


@pytest.mark.sampled(1)
@pytest.mark.parametrize("values", [["1,234"], ["1.234", "15"], ["1,234", "999", "12,345"]])
def test_a_mark_that_may_be_either_asks(write: Write, values: list[str]) -> None:
    with pytest.raises(DataError, match=r"two ways.*row 2, .*decimal='\.' or decimal=','"):
        _amounts(write, values)


@pytest.mark.slow
def test_the_answer_settles_it(write: Write) -> None:
    assert _amounts(write, ["1,234"], decimal=".") == [1234]
    assert _amounts(write, ["1,234"], decimal=",") == [Decimal("1.234")]
    assert _amounts(write, ["1,234"], thousands=",") == [1234]
    assert _amounts(write, ["1,23,456.50"], thousands=",") == [Decimal("123456.5")]


@pytest.mark.parametrize("said", [{"decimal": ";"}, {"thousands": "1"}, {"decimal": ".", "thousands": "."}, {"amount_unit": "dozen"}])
def test_impossible_answers_are_refused(write: Write, said: dict[str, str]) -> None:
    with pytest.raises(DataError, match=r"decimal=|thousands=|amount_unit="):
        _amounts(write, ["1"], **said)


@pytest.mark.slow
def test_text_in_amounts_names_row_value_and_remedy(write: Write) -> None:
    with pytest.raises(DataError, match=r"column 'amount' of f.csv holds text in 2 of 4 rows \(first: row 3, 'n/a'\); pass missing=\['n/a"):
        _amounts(write, ["1.5", "n/a", "2", "n/a"])
    assert _amounts(write, ["1.5", "n/a", "2", "n/a"], missing=["n/a"]) == [Decimal("1.5"), 2]


def test_two_currencies_are_refused(write: Write) -> None:
    with pytest.raises(DataError, match=r"mixes currencies \(\$ in 2 rows, € in 1 rows\)"):
        _amounts(write, ["$1", "€2", "$3"])


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("unit", "value", "read"),
    [
        ("万元", "1.23456", "12345.6"),
        ("千元", "1.5", "1500"),
        ("thousand", "2", "2000"),
        ("million", "0.25", "250000"),
        ("分", "1999", "19.99"),
    ],
)
def test_units_multiply_exactly(write: Write, unit: str, value: str, read: str) -> None:
    assert _amounts(write, [value, "0"], amount_unit=unit)[0] == Decimal(read)


def test_more_than_four_decimals_are_rounded_half_to_even_and_counted(write: Write) -> None:
    values = ["0.00005", "0.00015", "-0.00025", "0.000251", "2.50000"]
    read = read_transactions(write("customer_id,date,amount\n" + "".join(f"c,2024-01-0{i},{v}\n" for i, v in enumerate(values, 1))))
    amounts = read.table.order_by("date").to_pyarrow()["amount"].to_pylist()
    assert [str(a) for a in amounts] == ["0.0000", "0.0002", "-0.0002", "0.0003", "2.5000"]
    assert read.audit.set_index("rule").rows["amounts rounded"] == 4


def test_a_number_that_does_not_fit_is_refused(write: Write) -> None:
    with pytest.raises(DataError, match=r"too large \(row 2, '1000000000000000'\)"):
        _amounts(write, ["1000000000000000"])


def test_signs_and_brackets_are_said_in_the_audit(write: Write) -> None:
    read = read_transactions(write("customer_id,date,amount\nc,2024-01-01,¥5\nc,2024-01-02,(1.5)\n"))
    audit = read.audit.set_index("rule")
    assert audit.rows["currency signs"] == 1
    assert audit.done["currency signs"] == "taken off: ¥"
    assert audit.rows["amounts in brackets"] == 1
    assert read.currency == "¥"


def test_a_unit_in_the_header_is_not_applied_but_said(write: Write) -> None:
    read = read_transactions(write("customer_id,date,金额(万元)\nc,2024-01-01,5\n"))
    assert read.to_pandas().amount.tolist() == [5]
    assert "amount_unit=" in read.audit.set_index("rule").done["amount unit"]
