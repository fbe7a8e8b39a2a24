"""A fast way for text files without faults: split by Arrow, and typed by their distinct texts where every cell has the plain form.

Everything here is all or nothing: where anything is not plain, the careful way reads the file from the start, and says what there is to
say. Both give the same table and the same audit.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from goodwill.data.doubts.vocabulary import NO_ID
from goodwill.data.reading.files import ROW, Fact
from goodwill.data.reading.stage import Options

SMALLEST = 1 << 16  # bytes below which the careful way is fast enough
HEAD = 200  # rows whose days are looked at before all are

_UTF8_BLANKS = rb"\xc2[\x85\xa0]|\xe1\x9a\x80|\xe2\x80[\x80-\x8a\xa8\xa9\xaf]|\xe2\x81\x9f|\xe3\x80\x80"
_BEGINS_BLANK = np.zeros(256, bool)
_BEGINS_BLANK[[*range(0x21), 0xC2, 0xE1, 0xE2, 0xE3]] = True


# ------------------------------------------------------------------------------------------------------------ splitting


def split(data: bytes, delimiter: str, columns: Sequence[str], wanted: Sequence[str]) -> pa.Table | None:
    """The wanted columns of a text as texts, with the line of each row in `goodwill_row`; None where it may have to be split otherwise.

    Arrow splits as Python's strict reader does where lines end in one way, quotation marks stand only around fields, every record is a
    line as wide as the header, and none is blank.

    Parameters
    ----------
    data : bytes
        The text in UTF-8, without a mark, header first.
    """
    if len(columns) < 2 or not _is_plain(data, delimiter):
        return None
    names = {f"c{place}": name for place, name in enumerate(columns)}  # names of our own: the file may have columns without one
    chosen = [at for at, name in names.items() if name in wanted]
    lines = data.count(b"\n") + (not data.endswith(b"\n")) if b'"' in data else 0
    try:
        found = pa.csv.read_csv(
            pa.BufferReader(data),
            pa.csv.ReadOptions(
                column_names=list(names), skip_rows=1, block_size=1 << 22, use_threads=os.environ.get("GOODWILL_THREADS") != "1"
            ),
            pa.csv.ParseOptions(delimiter=delimiter, ignore_empty_lines=False),
            pa.csv.ConvertOptions(
                check_utf8=False, column_types=dict.fromkeys(names, pa.string()), include_columns=chosen, strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:  # whatever it stumbles over, the careful way tells
        return None
    rows = found.num_rows
    if not rows or (lines and rows + 1 != lines) or (_may_be_blank(found.column(0)) and _has_blank_line(data, delimiter)):
        return None
    numbers = pa.array(np.arange(2, rows + 2, dtype="int64"))
    return pa.table({ROW: numbers, **{names[at]: found.column(at) for at in chosen}})


def _is_plain(data: bytes, delimiter: str) -> bool:
    """Whether the header is in the first line, lines end in one way, and quotation marks stand around fields only."""
    first = data[: data.find(b"\n") + 1].decode(errors="replace").replace('"', "")
    if b"\0" in data or not any(field.strip() for field in first.split(delimiter)):  # of any script: U+3000 is a blank too
        return False
    if b"\r" in data and data.count(b"\r") != data.count(b"\r\n"):
        return False
    if b'"' not in data:
        return True
    mark = delimiter.encode()
    opening = data.count(mark + b'"') + data.count(b'\n"') + data.startswith(b'"')
    closing = data.count(b'"' + mark) + data.count(b'"\n') + data.count(b'"\r') + data.endswith(b'"')
    return opening == closing and data.count(b'"') == opening + closing


def _may_be_blank(column: pa.ChunkedArray) -> bool:
    """Whether a cell is empty, or begins with a sign that may be a blank."""
    for chunk in column.chunks:
        _, ends, signs = chunk.buffers()
        at = np.frombuffer(ends, np.int32)[chunk.offset : chunk.offset + len(chunk) + 1]
        if (at[1:] == at[:-1]).any() or _BEGINS_BLANK[np.frombuffer(signs, np.uint8)[at[:-1]]].any():
            return True
    return False


def _has_blank_line(data: bytes, delimiter: str) -> bool:
    """Whether a line below the first holds nothing but blanks and empty fields."""
    blank = rb'(?:[\t\x0b\x0c\x1c-\x20"' + re.escape(delimiter.encode()) + rb"]|" + _UTF8_BLANKS + rb")"
    last = data[data.rfind(b"\n") + 1 :]
    return bool(re.search(rb"\n" + blank + rb"*(?=[\r\n])", data) or re.fullmatch(blank + rb"+", last))


# --------------------------------------------------------------------------------------------------------------- typing


@dataclass(frozen=True)
class Coded:
    """A column as its distinct texts, and for each row the place of its text among them; `empty` is the place of the empty one, or -1."""

    texts: pa.Array
    codes: np.ndarray
    empty: int

    @classmethod
    def of(cls, column: pa.ChunkedArray) -> Coded:
        """The column coded."""
        chunks = column.dictionary_encode().chunks
        texts = chunks[-1].dictionary  # which all chunks have in common
        codes = np.concatenate([chunk.indices.to_numpy() for chunk in chunks])
        return cls(texts, codes, int(pc.index(texts, "").as_py()))

    @property
    def filled(self) -> pa.Array:
        """The distinct texts, missing in place of the empty one."""
        return self.texts if self.empty < 0 else pc.if_else(pc.equal(self.texts, ""), None, self.texts)

    @property
    def missing(self) -> np.ndarray | None:
        """Which rows are empty; None where none is."""
        return None if self.empty < 0 else self.codes == self.empty


@dataclass(frozen=True)
class Plain:
    """Ids, days and money of plain form: coded by their texts, with the day [days since 1970] and the money [1/10,000] of each text."""

    ids: Coded
    dates: Coded
    amounts: Coded | None
    days: np.ndarray
    units: np.ndarray | None
    facts: tuple[Fact, ...]

    def columns(self) -> dict[str, pa.Array]:
        """`customer_id`, `date` and, where there is money, `amount`, of each row."""
        made = {
            "customer_id": pa.DictionaryArray.from_arrays(pa.array(self.ids.codes), self.ids.filled),
            "date": pa.array(self.days[self.dates.codes], mask=self.dates.missing).view(pa.date32()),
        }
        if self.amounts is not None and self.units is not None:
            made["amount"] = money(self.units, self.amounts.codes, self.amounts.missing)
        return made


def money(units: np.ndarray, codes: np.ndarray | None = None, missing: np.ndarray | None = None) -> pa.Array:
    """Whole ten-thousandths as DECIMAL(18,4), one for each code where there are codes; missing where told."""
    wide = np.column_stack([units, units >> 63])  # as Arrow holds them: 128 bits, the lower ones first
    wide = wide if codes is None else wide[codes]
    valid = None if missing is None else pa.array(missing, mask=missing).buffers()[0]
    return pa.Array.from_buffers(pa.decimal128(18, 4), len(wide), [valid, pa.py_buffer(wide)])


def type_plain(cells: pa.Table, names: Mapping[str, str], options: Options) -> Plain | None:
    """Ids, days and money of plain form: what `type_texts` and the typing behind it give for them; else None.

    Plain are ids without blanks around that are no words for none, days as 2024-05-01, and numbers with at most four decimals behind a
    point.

    Parameters
    ----------
    cells : pyarrow.Table
        The columns of the source as texts.
    names : mapping
        Canonical name to the column of the source.
    """
    told = (options.date_format, options.decimal, options.thousands, options.amount_unit, *options.missing, *options.sure)
    if any(told) or any(role in names for role in ("acquired", "quantity", "refunded")):
        return None
    if _days(Coded.of(cells[names["date"]].slice(0, HEAD))) is None:
        return None
    with ThreadPoolExecutor(1) as beside:  # ids have the most texts: they take as long as all the rest
        coded = beside.submit(_ids, cells[names["customer_id"]])
        dates = Coded.of(cells[names["date"]])
        days = _days(dates)
        amounts = Coded.of(cells[names["amount"]]) if "amount" in names else None
        units = _units(amounts) if amounts is not None else None
        ids = coded.result()
    if ids is None or days is None or (amounts is not None and units is None):
        return None
    return Plain(ids, dates, amounts, days, units, tuple(_facts(dates.filled.null_count < len(dates.texts), amounts is not None)))


def _all_match(texts: pa.Array, pattern: str) -> bool:
    return bool(pc.all(pc.match_substring_regex(texts, f"^({pattern})$")).as_py() is not False)


def _days(dates: Coded) -> np.ndarray | None:
    """Days since 1970 of the distinct texts, 0 for the empty one; None where one is no plain day between 1800 and 2200."""
    texts = dates.filled
    if not _all_match(texts, r"\d{4}-\d{2}-\d{2}"):
        return None
    try:
        days = pc.cast(texts, pa.date32())
    except pa.ArrowInvalid:  # there is no such day
        return None
    years = pc.year(days)
    if pc.any(pc.or_(pc.less(years, 1800), pc.greater_equal(years, 2200))).as_py():
        return None
    return days.view(pa.int32()).fill_null(0).to_numpy()


def _units(amounts: Coded) -> np.ndarray | None:
    """Ten-thousandths of the distinct texts, 0 for the empty one; None where one is no plain number, or its point may part thousands."""
    texts = amounts.filled
    if not _all_match(texts, r"-?\d+(\.\d{1,4})?"):
        return None
    # 1.234 everywhere may be a thousand: some number must show that the point stands before decimals.
    is_point, is_three = (pc.any(pc.match_substring_regex(texts, p)).as_py() for p in (r"\.(\d|\d\d|\d{4})$", r"\.\d{3}$"))
    if is_three and not is_point:
        return None
    try:
        found = pc.cast(texts, pa.decimal128(18, 4))
    except pa.ArrowInvalid:  # it does not fit
        return None
    return np.frombuffer(pc.fill_null(found, 0).buffers()[1], np.int64)[: 2 * len(texts) : 2].copy()  # the lower half of each


def _ids(column: pa.ChunkedArray) -> Coded | None:
    """Ids coded; None where one has blanks around or is a word for none."""
    ids = Coded.of(column)
    texts = ids.filled
    if are_digits(texts):  # most are, and then no pattern has to be looked for
        return ids
    odd = pc.match_substring_regex(texts, r"^\s|\s$|[\x{a0}\x{3000}\x{feff}]")
    word = pc.is_in(pc.utf8_lower(texts), value_set=pa.array(NO_ID))
    return None if pc.any(pc.or_(odd, word)).as_py() else ids


def are_digits(texts: pa.Array) -> bool:
    """Whether texts hold no sign but 0 to 9."""
    _, ends, signs = texts.buffers()
    if signs is None:
        return True
    at = np.frombuffer(ends, np.int32)[[texts.offset, texts.offset + len(texts)]]
    found = np.frombuffer(signs, np.uint8)[at[0] : at[1]]
    return not len(found) or bool(found.min() >= ord("0") and found.max() <= ord("9"))


def _facts(has_date: bool, has_amount: bool) -> list[Fact]:
    of_dates = [
        Fact("date format", None, "read as year, month, day" if has_date else "read as nothing"),
        Fact("times of day", 0, "cut off: the date counts"),
        Fact("time zones", 0, "the date on the clock as written is kept"),
    ]
    of_amounts = [
        Fact("amount format", None, "decimal point"),
        Fact("currency signs", 0, "none found"),
        Fact("amounts in brackets", 0, "read as negative"),
        Fact("amounts rounded", 0, "rounded to 4 decimals, half to even"),
    ]
    return of_dates + (of_amounts if has_amount else [])
