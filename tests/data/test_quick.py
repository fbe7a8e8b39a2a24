"""The fast way and the careful way give one table and one audit, whatever the file."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from goodwill.data.reading import quick
from goodwill.data.reading.sources import read_transactions
from goodwill.errors import DataError

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


def _read(path: Path, monkeypatch: pytest.MonkeyPatch, smallest: int, *, is_plain: bool, **told: Any) -> tuple[pd.DataFrame, pd.DataFrame]:
    with monkeypatch.context() as patch:
        patch.setattr(quick, "SMALLEST", smallest)
        if not is_plain:
            patch.setattr("goodwill.data.tables.type_plain", lambda *_: None)
        read = read_transactions(path, **told)
        frame = read.to_pandas()
        return frame.sort_values(list(frame.columns), ignore_index=True), read.audit


@pytest.mark.parametrize("name", FILES)
def test_fast_and_careful_agree(write: Write, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    path = write(FILES[name])
    slow, said = _read(path, monkeypatch, 1 << 40, is_plain=False)
    fast, told = _read(path, monkeypatch, 0, is_plain=True)
    pd.testing.assert_frame_equal(fast, slow)
    assert told.to_csv() == said.to_csv()


def test_a_plain_file_takes_the_fast_way(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quick, "SMALLEST", 0)
    monkeypatch.setattr("goodwill.data.reading.text_files._load_text", lambda *_: pytest.fail("the careful way was taken"))
    assert read_transactions(write(FILES["plain"])).audit.set_index("rule").rows["rows used"] == 400


@pytest.mark.parametrize("value", ["soon", "1.000", "2024-02-30", '"open', "x,y"])
def test_the_same_is_refused_in_the_same_words(write: Write, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    column = 2 if value == "1.000" else 1
    rows = [tuple(value if c == column and r % 3 == 0 else cell for c, cell in enumerate(cells)) for r, cells in enumerate(SOME)]
    path = write(text([(*row[:2], "1.000", row[3]) for row in rows] if value == "1.000" else rows))
    said = []
    for smallest in (1 << 40, 0):
        monkeypatch.setattr(quick, "SMALLEST", smallest)
        with pytest.raises(DataError) as refused:
            read_transactions(path)
        said.append(str(refused.value))
    assert said[0] == said[1]


def test_random_files_are_read_alike(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    cells = ["", '"a"', "b c", "-3.50", "0", '" "', "7", "2024-05-01", "é", "NULL"]
    for seed in range(12):
        draw = random.Random(seed)
        rows = [tuple(draw.choice(cells) if draw.random() < 0.004 else cell for cell in row) for row in SOME]
        path = write(text(rows), name=f"{seed}.csv")
        results = []
        for smallest, is_plain in ((1 << 40, False), (0, True)):
            try:
                frame, audit = _read(path, monkeypatch, smallest, is_plain=is_plain)
                results.append((frame.to_csv(), audit.to_csv()))
            except DataError as error:
                results.append((str(error), ""))
        assert results[0] == results[1]
