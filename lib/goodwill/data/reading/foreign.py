"""The boundary to files that others have made: whatever the reader of a foreign format throws becomes one sentence that names the file."""

from __future__ import annotations

import errno
import os
import sqlite3
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from goodwill.errors import DataError, GoodwillError

MOST_COLUMNS = 5_000  # above any table of purchases, answers or complaints that people keep; each column costs time before a row is read
MOST_UNPACKED = 4 << 30  # bytes of XML in all parts of a workbook
MOST_READ = 400 << 20  # of them in the largest sheet and the texts that sheets share: as cells they take some five times as much memory
MOST_CELLS = 32 << 20  # of a sheet, empty ones in front of full ones included: a full sheet has a million rows
MOST_GROWTH = 250  # times that a workbook may grow when it is unpacked: real ones grow 5 to 30 times, one value in every cell 100 times
SMALL = 64 << 20  # bytes that any workbook may have unpacked

AGAIN = "it may be cut off or damaged: copy it again, or save it anew from the program that made it"
SYSTEM = {
    errno.ENAMETOOLONG: "its path is longer than the system allows; move it, or give it a shorter name",
    errno.EACCES: "this user may not read it; change its permissions",
    errno.EPERM: "this user may not read it; change its permissions",
    errno.ELOOP: "it is a link that leads to itself; name the file itself",
    errno.EIO: "the disk could not be read; copy the file to another one",
}


@contextmanager
def told_of(name: str) -> Iterator[None]:
    """What fails inside, other than in our own words, is told as a DataError about the file of this name.

    Parameters
    ----------
    name : str
        The file (and table) as a user knows it.

    Raises
    ------
    DataError
        In place of whatever a decoder, a database or the system raised. Our own errors pass as they are.

    Examples
    --------
    >>> with told_of("may.csv.gz"):
    ...     raise EOFError("Compressed file ended before the end-of-stream marker was reached")
    Traceback (most recent call last):
    goodwill.errors.DataError: may.csv.gz ends in the middle of its compressed content; copy it again, or unpack it by itself to see how \
much is there.
    """
    try:
        yield
    except GoodwillError:
        raise
    except MemoryError:
        raise DataError(f"{name} does not fit into the memory of this machine; read fewer columns or a part of it.") from None
    except RecursionError:
        raise DataError(f"{name} cannot be read: it is nested deeper than any table; save it anew as .csv or .parquet.") from None
    except Exception as error:
        raise DataError(f"{name} {_why(error)}.") from None


def _why(error: Exception) -> str:
    """What happened and what to do, as words that follow the name of the file."""
    if isinstance(error, EOFError | zlib.error) or "not a gzipped file" in str(error).lower() or "crc check failed" in str(error).lower():
        if isinstance(error, EOFError):
            return "ends in the middle of its compressed content; copy it again, or unpack it by itself to see how much is there"
        return f"cannot be unpacked ({_said(error)}); {AGAIN}"
    if isinstance(error, sqlite3.Error):
        if "locked" in str(error):
            return "is locked by another program; run again when that has finished, or name a copy of the file"
        return f"cannot be read as SQLite ({_said(error)}); {AGAIN}"
    if isinstance(error, zipfile.BadZipFile):
        return f"cannot be read as an Excel workbook ({_said(error)}); save it as .xlsx or .csv"
    if isinstance(error, OSError) and error.errno is not None:
        return f"cannot be read: {SYSTEM.get(error.errno, f'{os.strerror(error.errno)}; {AGAIN}')}"
    return f"cannot be read ({type(error).__name__}: {_said(error)}); {AGAIN}"


def _said(error: Exception, most: int = 200) -> str:
    """The first line of a message, as printable text."""
    lines = str(error).strip().splitlines()
    first = "".join(sign if sign.isprintable() else "?" for sign in lines[0]) if lines else "no reason given"
    return first if len(first) <= most else first[: most - 1] + "…"


def check_header(names: Sequence[str], where: str) -> tuple[str, ...]:
    """The names of the columns, each once, and no more of them than a table has.

    Raises
    ------
    DataError
        For a name that stands twice, or more than 5,000 columns.
    """
    if len(names) > MOST_COLUMNS:
        raise DataError(
            f"{where} has {len(names):,} columns and at most {MOST_COLUMNS:,} are read; save those that are needed as a table of their own."
        )
    for name, count in Counter(names).items():
        if name and count > 1:
            raise DataError(f"{where} has the column {name!r} {count} times in its header; give each column its own name.")
    return tuple(names)


def check_size_unpacked(path: Path) -> None:
    """Refuse a workbook that would fill the memory, by what its list of parts says, before anything is unpacked.

    No part can hold more than the list says: the reader stops there.

    Raises
    ------
    DataError
        Saying how large it would be.
    """
    with zipfile.ZipFile(path) as book:
        sizes = {part.filename: part.file_size for part in book.infolist()}
    unpacked, shared = sum(sizes.values()), sizes.get("xl/sharedStrings.xml", 0)
    read = shared + max((size for name, size in sizes.items() if name.startswith("xl/worksheets/")), default=0)
    packed = max(path.stat().st_size, 1)
    if unpacked > MOST_UNPACKED or (unpacked > SMALL and unpacked > MOST_GROWTH * packed):
        raise DataError(
            f"{path.name} holds {packed / 1e6:,.1f} MB that would become {unpacked / 1e6:,.0f} MB when unpacked; "
            "no table of purchases does. "
            "Open it, keep the rows and columns that hold something, and save those as .csv."
        )
    if read > MOST_READ:
        raise DataError(
            f"{path.name} holds a sheet of {read / 1e6:,.0f} MB when unpacked, and at most {MOST_READ / 1e6:,.0f} MB of one are read, "
            "which take some 2 GB of memory; save it as .csv or .parquet, which are read in pieces."
        )


def filled_rows(rows: Iterable[tuple[Any, ...]], name: str) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """The rows of a sheet that hold something, each with its number and without the empty cells behind its last full one.

    Raises
    ------
    DataError
        When they have more than 32 million cells: a few bytes put a single cell into the last of 16,384 columns.
    """
    cells = 0
    for number, row in enumerate(rows, 1):
        width = next((place for place in range(len(row), 0, -1) if row[place - 1] not in (None, "")), 0)
        cells += width
        if cells > MOST_CELLS:
            raise DataError(
                f"{name} has more than {MOST_CELLS:,} cells by row {number:,}; keep the rows and columns that hold something, and save "
                "those as .csv."
            )
        if width:
            yield number, row[:width]
