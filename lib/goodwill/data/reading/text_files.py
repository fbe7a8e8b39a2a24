"""Text files: decoded and split in Python, so that the engine guesses nothing and rows keep the numbers that a person sees."""

from __future__ import annotations

import codecs
import csv
import gc
import gzip
import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, Any

import pyarrow as pa

from goodwill.data.reading import quick
from goodwill.data.reading.files import ROW, Fact, Loaded, Source, connect, store, view_on
from goodwill.data.reading.foreign import check_header
from goodwill.data.reading.headers import LOOKED_AT, header_place
from goodwill.errors import DataError, Unclear

_CHUNK = 1 << 22
_PIECE = 1 << 18  # bytes that stay in the processor's cache
_BATCH = 2_000  # small enough to stay in the processor's cache: twice as fast as 50,000
_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
# What else texts of records may be in, the likeliest first; the last one takes every byte.
_OTHERS = {
    "cp1252": "Western European",
    "big5": "traditional Chinese",
    "shift_jis": "Japanese",
    "cp1251": "Cyrillic",
    "latin-1": "any other, whose letters may then be wrong",
}
_BREAK = re.compile("\r\n|\r|\n")


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
            chunk = f.read(_PIECE)
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
        said = f"{path.name} is in no known encoding: it holds a zero byte at offset {head.index(0):,}."
        for wide, zeros in (("utf-16-le", head[1::2]), ("utf-16-be", head[::2])):
            if zeros.count(0) > len(zeros) / 2 and _undecodable(path, wide) is None:
                raise Unclear(f"{said} It is UTF-16 without a mark: pass encoding={wide!r}.", {"encoding": wide})
        raise DataError(f"{said} It is no text of records; save it as .csv or .xlsx.")
    else:
        candidates = [("utf-8", "UTF-8"), ("gb18030", "GB18030")]
    first_wrong = 0
    for number, (name, words) in enumerate(candidates):
        wrong = _undecodable(path, name)
        if wrong is None and (name != "gb18030" or _looks_chinese(path)):
            return name, "plain ASCII (fits UTF-8)" if name == "utf-8" and head.isascii() and len(head) < _CHUNK else words
        first_wrong = wrong or 0 if number == 0 else first_wrong
    fitting = {each: language for each, language in _OTHERS.items() if _undecodable(path, each) is None}
    ways = " or ".join(f"encoding={each!r} for {language}" for each, language in fitting.items())
    raise Unclear(
        f"{path.name} holds bytes in no known encoding (UTF-8, UTF-16, GB18030 were tried; the first misfit with {candidates[0][1]} is at "
        f"offset {first_wrong:,}). Pass encoding=, such as {ways}.",
        {"encoding": next(iter(fitting))},
    )


def _sniff(sample: str) -> str:
    """The delimiter that splits the header into most fields and the next rows into as many."""
    best, score = ",", (0.0, 0)
    for delimiter in _DELIMITERS:
        try:
            rows = [r for r in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter) if r][:50]
        except csv.Error:
            continue
        rows = rows[header_place(rows) :]
        width = len(rows[0]) if rows else 0
        agree = sum(len(r) == width for r in rows) / max(len(rows), 1)
        if width > 1 and (round(agree, 2), width) > score:
            best, score = delimiter, (round(agree, 2), width)
    return best


def open_text(path: Path, encoding: str | None = None) -> Source:
    """A delimited text file, plain or gzipped."""
    name, how = find_encoding(path, encoding)
    with io.TextIOWrapper(_open(path), encoding=name, newline="") as f:
        sample = f.read(1 << 16)
    if not sample.strip():
        raise DataError(f"{path.name} is empty.")
    cut = sample if len(sample) < 1 << 16 else sample[: sample.rfind("\n") + 1] or sample
    delimiter = _sniff(cut)
    above = _above_header(cut, delimiter)
    with _records(path, name, delimiter) as reader:
        columns = check_header([c.strip() for c in _header(reader, above)], path.name)

    def facts(blank: int, short: int) -> tuple[Fact, ...]:
        return (
            Fact("encoding", None, f"read as {how}"),
            Fact("delimiter", None, _DELIMITERS[delimiter]),
            Fact("blank lines", blank, "skipped"),
            Fact("short rows", short, "the fields that are not there count as empty"),
            *((Fact("rows above the header", above, "left out: a title or notes"),) if above else ()),
        )

    def load(wanted: Sequence[str]) -> Loaded:
        if not above and path.stat().st_size >= quick.SMALLEST:
            cells = quick.split(_text(path, name), delimiter, columns, wanted)
            if cells is not None:
                return Loaded(view_on(connect(), cells), True, facts(0, 0), cells)
        table, blank, short = _load_text(path, name, delimiter, columns, wanted, above)
        return Loaded(store(connect(), table), True, facts(blank, short))

    return Source(path.name, columns, load)


def _text(path: Path, encoding: str) -> bytes:
    """The content of a file in UTF-8, without a mark."""
    with _open(path) as f:
        data = f.read()
    return data.removeprefix(codecs.BOM_UTF8) if encoding in ("utf-8", "utf-8-sig") else data.decode(encoding).encode()


@contextmanager
def _records(path: Path, encoding: str, delimiter: str) -> Iterator[Any]:
    """A csv reader over the decoded file; what it cannot split becomes a DataError with the line."""
    with io.TextIOWrapper(_open(path), encoding=encoding, newline="") as text:
        reader = csv.reader(text, delimiter=delimiter, strict=True)
        try:
            yield reader
        except csv.Error as error:
            raise DataError(
                f"{path.name} cannot be split into fields at line {reader.line_num:,} ({error}); look for a stray quotation mark."
            ) from None


def _is_blank(record: list[str]) -> bool:
    return not any(field.strip() for field in record)


def _header(reader: Any, above: int) -> list[str]:
    """The first line that is not blank, below some that are no header."""
    for _ in range(above):
        next(reader, None)
    return next((record for record in reader if not _is_blank(record)), [])


def _above_header(sample: str, delimiter: str) -> int:
    """The records above the header: a title or notes, and the blank lines among them; 0 where the first line that is not blank is it."""
    try:
        rows = list(islice(csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter), LOOKED_AT))
    except csv.Error:
        return 0
    place = header_place(rows)
    return place if any(not _is_blank(row) for row in rows[:place]) else 0


@contextmanager
def _collector_paused() -> Iterator[None]:
    """No garbage collection: millions of short-lived lists without cycles would start it again and again (half of the time)."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _load_text(
    path: Path, encoding: str, delimiter: str, columns: Sequence[str], wanted: Sequence[str], above: int = 0
) -> tuple[pa.Table, int, int]:
    """The wanted columns as text with the line where each row starts; blank lines and short rows counted."""
    places = [columns.index(c) for c in wanted]
    schema = pa.schema([(ROW, pa.int64()), *((c, pa.string()) for c in wanted)])
    batches, blank, short = [], 0, 0
    with _collector_paused(), _records(path, encoding, delimiter) as reader:
        _header(reader, above)
        while True:  # in batches: a list of all fields of a large file would not fit
            before = reader.line_num
            records = list(islice(reader, _BATCH))
            if not records:
                break
            lines: Sequence[int] = range(before + 1, reader.line_num + 1)
            if len(lines) != len(records):  # line breaks inside quoted fields
                lines = _starts(records, before + 1)
            if set(map(len, records)) != {len(columns)} or any(_is_blank(r) for r in records if not r[places[0]]):
                kept, lines, more = _mended(records, lines, len(columns), f"{path.name}, row", _DELIMITERS[delimiter])
                blank, short, records = blank + len(records) - len(kept), short + more, kept
            if records:
                fields = list(zip(*records, strict=True))
                arrays = [pa.array(lines, pa.int64()), *(pa.array(fields[p], pa.string()) for p in places)]
                batches.append(pa.RecordBatch.from_arrays(arrays, schema=schema))
    if not batches:
        raise DataError(f"{path.name} has a header and no rows.")
    return pa.Table.from_batches(batches, schema=schema), blank, short


def _starts(records: list[list[str]], line: int) -> list[int]:
    """The line where each record starts, when quoted fields hold line breaks."""
    starts = []
    for record in records:
        starts.append(line)
        line += 1 + sum(len(_BREAK.findall(field)) for field in record)
    return starts


def _mended(records: list[list[str]], lines: Sequence[int], width: int, where: str, mark: str) -> tuple[list[list[str]], list[int], int]:
    """Records of the header's width: blank ones left out, short ones filled with empty fields and counted, long ones refused."""
    kept, numbers, short = [], [], 0
    for record, line in zip(records, lines, strict=True):
        if _is_blank(record):
            continue
        if len(record) > width and not _is_blank(record[width:]):
            raise DataError(
                f"{where} {line:,} has {len(record)} fields and the header {width}: look for a {mark} inside a value, or quote the value."
            )
        short += len(record) < width
        kept.append((record + [""] * (width - len(record)))[:width])
        numbers.append(line)
    return kept, numbers, short
