"""The fast way and the careful way give one table and one audit, whatever the file."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from goodwill.data.reading import quick
from goodwill.data.reading.sources import read_transactions
from goodwill.data.tally import tally
from goodwill.errors import DataError

CAREFUL, FAST = 1 << 40, 0  # bytes from which the fast way is tried
Write = Callable[..., Path]
SOME = [
    (
        f"{'C' if k % 3 else ''}{7 * k % 90:03d}",
        f"2024-{1 + k % 12:02d}-{1 + k % 28:02d}",
        f"{(k * 37 % 1000) / 10:.2f}",
        ("a b", "", "c")[k % 3],
    )
    for k in range(400)
]


def text(rows: list[tuple[str, ...]], header: str = "customer_id,date,amount,item", end: str = "\n") -> str:
    return end.join([header, *(",".join(row) for row in rows)]) + end


def changed(row: int, column: int, value: str) -> list[tuple[str, ...]]:
    return [tuple(value if (r, c) == (row, column) else cell for c, cell in enumerate(cells)) for r, cells in enumerate(SOME)]


FILES = {
    "plain": text(SOME),
    "carriage returns": text(SOME, end="\r\n"),
    "no last line end": text(SOME).rstrip("\n"),
    "byte order mark": "\ufeff" + text(SOME),
    "quoted": text([(f'"{a}"', b, c, f'"{d}"') for a, b, c, d in SOME]),
    "a comma inside quotes": text(changed(7, 3, '"x, y"')),
    "a line break inside quotes": text(changed(7, 3, '"x\ny"')),
    "quotes inside quotes": text(changed(7, 3, '"x ""y"" z"')),
    "a quote inside a field": text(changed(7, 3, 'x"y')),
    "a blank before a quote": text(changed(7, 3, ' "x"')),
    "a blank line": text(SOME).replace("\nC007,", "\n\nC007,", 1),
    "a blank line above the header": "\u3000\n" + text(SOME),
    "a line of blanks and marks": text(SOME).replace("\nC007,", "\n \u3000,,,\nC007,", 1),
    "a short row": text(changed(9, 3, "")).replace(",\n", "\n", 1),
    "an id with blanks": text(changed(11, 0, " C007 ")),
    "no id": text(changed(11, 0, "")),
    "a word for no id": text(changed(11, 0, "NULL")),
    "no date": text(changed(11, 1, "")),
    "no amount": text(changed(11, 2, "")),
    "a negative amount": text(changed(11, 2, "-5.25")),
    "an amount of five decimals": text(changed(11, 2, "5.12345")),
    "a whole amount": text(changed(11, 2, "5")),
    "a sign of money": text(changed(11, 2, "$5.00")),
    "a date of another form": text(changed(11, 1, "2024/3/5")),
    "a time of day": text(changed(11, 1, "2024-03-05 10:00:00")),
    "no money": text([(a, b, d) for a, b, _, d in SOME], "customer_id,date,item"),
    "a status": text([(a, b, c, "paid" if k else "void") for k, (a, b, c, _) in enumerate(SOME)], "customer_id,date,amount,status"),
    "a column without a name": text([(str(k), a, b, c) for k, (a, b, c, _) in enumerate(SOME)], ",customer_id,date,amount"),
    "a copy": text([*SOME[:50], SOME[3], *SOME[50:]]),
    "Chinese headers": text([row[:3] for row in SOME], "客户编号,日期,金额"),
}


def _read(path: Path, smallest: int, **told: Any) -> tuple[pd.DataFrame, pd.DataFrame]:
    with mock.patch.object(quick, "SMALLEST", smallest):
        read = read_transactions(path, **told)
        frame = read.to_pandas()
        return frame.sort_values(list(frame.columns), ignore_index=True), read.audit


def _both(path: Path, **told: Any) -> list[tuple[str, str]]:
    """The table and the audit, or the refusal, of the careful and of the fast way."""
    found = []
    for smallest in (CAREFUL, FAST):
        try:
            frame, audit = _read(path, smallest, **told)
            found.append((frame.to_csv(), audit.to_csv()))
        except DataError as error:
            found.append((str(error), ""))
    return found


# What another of these files shows too; a random file has all of it now and then.
LIKE_ANOTHER = {
    *("carriage returns", "no last line end", "a blank before a quote", "quotes inside quotes", "a line of blanks and marks"),
    *("a word for no id", "no date", "no amount", "a whole amount", "a date of another form", "no money", "a column without a name"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", [pytest.param(name, marks=[pytest.mark.slow] * (name in LIKE_ANOTHER)) for name in FILES])
def test_fast_and_careful_agree(write: Write, name: str) -> None:
    path = write(FILES[name])
    slow, said = _read(path, CAREFUL)
    fast, told = _read(path, FAST)
    pd.testing.assert_frame_equal(fast, slow)
    assert told.to_csv() == said.to_csv()


@pytest.mark.sampled(1)
@pytest.mark.parametrize("encoding", ["utf-16", "gb18030"])
def test_they_agree_in_other_encodings(write: Write, encoding: str) -> None:
    path = write(FILES["Chinese headers"], encoding=encoding)
    careful, fast = _both(path)
    assert careful == fast and fast[1]


def test_a_plain_file_takes_the_fast_way(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quick, "SMALLEST", 0)
    monkeypatch.setattr("goodwill.data.reading.text_files._load_text", lambda *_: pytest.fail("the careful way was taken"))
    assert read_transactions(write(FILES["plain"])).audit.set_index("rule").rows["rows used"] == 400


@pytest.mark.slow
@pytest.mark.parametrize("value", ["soon", "1.000", "2024-02-30", '"open', "x,y"])
def test_the_same_is_refused_in_the_same_words(write: Write, value: str) -> None:
    column = 2 if value == "1.000" else 1
    rows = [tuple(value if c == column and r % 3 == 0 else cell for c, cell in enumerate(cells)) for r, cells in enumerate(SOME)]
    path = write(text([(*row[:2], "1.000", row[3]) for row in rows] if value == "1.000" else rows))
    (careful, _), (fast, audit) = _both(path)
    assert careful == fast and not audit


IDS = [
    "",
    " ",
    "a b",
    "NULL",
    "nan",
    "Guest",
    "Total",
    "0",
    "007",
    "7",
    "X@y.de",
    "x@Y.de",
    "6.9E+12",
    "\u00a0x",
    "é",
    '"q"',
    '"',
    "1" * 30,
]
DAYS = [
    "",
    " ",
    "2024-2-3",
    "2024-02-30",
    "1900-01-01",
    "2203-01-01",
    "2029-01-01",
    "2024-03-05 10:00",
    "05.03.2024",
    "soon",
    '"2024-03-05"',
]
MONEY = ["", " ", "-3.50", "-0", "0", "1.234", "1,5", "1e3", "+5", ".5", "5.", "5.12345", "$5", "(5)", "99999999999999", "1" * 15, "500000"]
MORE = ["", " ", "paid", "cancelled", '"x, y"', '"x\ny"', "\u3000", "EUR"]
HEADERS = ["item", "status", "order_id", "currency", "note"]


@st.composite
def shops(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """A file of purchases that is plain but for a few cells and lines, and what is told about it."""
    make = random.Random(draw(st.integers(0, 2**32)))
    header = ["customer_id", "date", "amount", *draw(st.lists(st.sampled_from(HEADERS), max_size=2, unique=True))]
    people, days = draw(st.sampled_from([1, 3, 25])), draw(st.sampled_from([1, 40, 400]))
    rows = [
        [
            f"{draw_id}{make.randrange(people)}",
            str(date(2024, 1, 1) + timedelta(days=make.randrange(days))),
            f"{make.lognormvariate(3, 1):.2f}",
            *(make.choice("abc") for _ in header[3:]),
        ]
        for draw_id in [draw(st.sampled_from(["", "C", "c@"]))]
        for _ in range(draw(st.integers(1, 80)))
    ]
    if draw(st.booleans()):
        rows += [list(make.choice(rows)) for _ in range(draw(st.integers(0, 40)))]
    for _ in range(draw(st.integers(0, 3))):
        column = draw(st.integers(0, len(header) - 1))
        make.choice(rows)[column] = draw(st.sampled_from((IDS, DAYS, MONEY)[column] if column < 3 else MORE))
    order = draw(st.permutations(range(len(header))))
    mark, end = draw(st.sampled_from(",;\t")), draw(st.sampled_from(["\n", "\r\n"]))
    lines = [mark.join(row[place] for place in order) for row in (header, *rows)]
    if draw(st.booleans()):
        lines.insert(
            draw(st.integers(0, len(lines))), draw(st.sampled_from(["", " ", mark * (len(header) - 1), '""' + mark, "\u3000", "x"]))
        )
    told: dict[str, Any] = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "returns": st.sampled_from(["net", "drop", "keep"]),
                "once": st.sampled_from(["rows", "nothing"]),
                "keep": st.sampled_from([["amount=*"], ["date=*"], ["customer_id=*"], ["amount<=50"], ["date>=2024-01-20"]]),
                "missing": st.sampled_from([["Guest"], ["007"]]),
            },
        )
    )
    return end.join(lines) + draw(st.sampled_from([end, ""])), told


@pytest.mark.long
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(shop=shops())
def test_random_files_are_read_alike(write: Write, shop: tuple[str, dict[str, Any]]) -> None:
    text_of_file, told = shop
    careful, fast = _both(write(text_of_file), **told)
    assert careful == fast


def test_most_random_files_take_the_fast_way(write: Write) -> None:
    """What the test before compares is not the careful way with itself."""
    path, taken = write(FILES["a copy"]), []
    with mock.patch("goodwill.data.tables.tally", lambda *given: taken.append(tally(*given)) or taken[-1]):
        _read(path, FAST)
    assert taken[0] is not None and taken[0].known["copies"] == 1
