"""What is said of damaged and hostile data files (python -m benchmarks.damaged_sources, a minute or two)

A small table of purchases in each format is cut, overwritten, emptied, renamed, nested and padded in many ways, beside files made to harm.
Each is read in a process of its own. It must be read, or be refused by one sentence that names it: no raw exception, no dead process, no
minute, no gigabyte. Writes results/damaged_sources.txt.
"""

from __future__ import annotations

import argparse
import gzip
import multiprocessing
import os
import sqlite3
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from openpyxl import Workbook

from goodwill.data.reading import sources
from goodwill.errors import DataError

RESULTS = Path(__file__).parent / "results" / "damaged_sources.txt"
PATIENCE = 60  # seconds
MEMORY = 900  # MB of one process, its imports (300 MB) included
days = pd.date_range("2024-01-01", periods=400).strftime("%Y-%m-%d")
TABLE = pd.DataFrame({"customer_id": np.arange(1200) % 97, "date": np.tile(days, 3), "amount": np.round(np.arange(1200) / 7 + 1, 2)})


def excel(path: Path, frame: pd.DataFrame = TABLE) -> None:
    book = Workbook()
    book.active.append(list(frame.columns))
    for row in frame.itertuples(index=False):
        book.active.append(list(row))
    book.save(path)


def into_sqlite(path: Path) -> None:
    with closing(sqlite3.connect(path)) as con:
        TABLE.to_sql("orders", con, index=False)


def into_duckdb(path: Path) -> None:
    with duckdb.connect(path) as con:
        con.register("incoming", TABLE)
        con.execute("CREATE TABLE orders AS SELECT * FROM incoming")


FORMATS: dict[str, Callable[[Path], Any]] = {
    "csv": lambda path: TABLE.to_csv(path, index=False),
    "csv.gz": lambda path: path.write_bytes(gzip.compress(TABLE.to_csv(index=False).encode())),
    "tsv": lambda path: TABLE.to_csv(path, index=False, sep="\t"),
    "utf16.csv": lambda path: path.write_bytes(TABLE.to_csv(index=False).encode("utf-16")),
    "xlsx": excel,
    "parquet": lambda path: TABLE.to_parquet(path),
    "sqlite": into_sqlite,
    "duckdb": into_duckdb,
}


def overwritten(body: bytes, seed: int, share: float = 0.02) -> bytes:
    rng = np.random.default_rng(seed)
    found = np.frombuffer(body, np.uint8).copy()
    places = rng.integers(0, len(found), max(int(len(found) * share), 4))
    found[places] = rng.integers(0, 256, len(places))
    return found.tobytes()


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda body: b"",
    "its first byte": lambda body: body[:1],
    "cut at 20 bytes": lambda body: body[:20],
    "cut at a tenth": lambda body: body[: len(body) // 10],
    "cut in the middle": lambda body: body[: len(body) // 2],
    "cut before its end": lambda body: body[:-7],
    "a beginning of zeros": lambda body: bytes(64) + body[64:],
    "a middle of zeros": lambda body: body[: len(body) // 3] + bytes(len(body) // 3) + body[2 * (len(body) // 3) :],
    "an end of zeros": lambda body: body[:-200] + bytes(200),
    "zeros all over": lambda body: bytes(len(body)),
    "some bytes overwritten": lambda body: overwritten(body, 1),
    "other bytes overwritten": lambda body: overwritten(body, 2),
    "half of the bytes overwritten": lambda body: overwritten(body, 3, 0.5),
    "noise behind": lambda body: body + overwritten(bytes(5000), 4, 1.0),
    "noise": lambda body: np.random.default_rng(5).bytes(len(body)),
    "a page of HTML": lambda body: b"<!DOCTYPE html><html><body>404 not found</body></html>",
    "two of it, one behind the other": lambda body: body + body,
}


def damaged(folder: Path) -> dict[str, str]:
    """Every format in every way, by what it is."""
    found = {}
    for number, (kind, write) in enumerate(FORMATS.items()):
        whole = folder / f"whole.{kind}"
        write(whole)
        found[f"{kind}: whole"] = str(whole)
        for place, (what, change) in enumerate(DAMAGES.items()):
            path = folder / f"f{number}x{place}.{kind}"
            path.write_bytes(change(whole.read_bytes()))
            found[f"{kind}: {what}"] = str(path)
    return found


# -------------------------------------------------------------------------------------------------------------- made to harm


def zipped(path: Path, parts: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, body in parts.items():
            book.writestr(name, body)


def with_part(path: Path, name: str, body: bytes | None) -> None:
    excel(path)
    with zipfile.ZipFile(path) as whole:
        parts = {part: whole.read(part) for part in whole.namelist()}
    parts.pop(name, None)
    zipped(path, parts | ({name: body} if body is not None else {}))


def view_on_nothing_sqlite(path: Path) -> None:
    with closing(sqlite3.connect(path)) as con:
        con.executescript("CREATE TABLE t (a); CREATE VIEW orders AS SELECT * FROM t; DROP TABLE t")


def view_without_end(path: Path) -> None:
    with closing(sqlite3.connect(path)) as con:
        con.executescript("CREATE VIEW a AS SELECT * FROM b; CREATE VIEW b AS SELECT * FROM a")


def view_on_nothing_duckdb(path: Path) -> None:
    with duckdb.connect(path) as con:
        con.execute("CREATE TABLE t (a INT); CREATE VIEW orders AS SELECT * FROM t; DROP TABLE t")


def _folder_of(path: Path, content: bytes) -> None:
    path.mkdir()
    (path / "a.parquet").write_bytes(content)


def wide(path: Path, columns: int) -> None:
    path.write_text(",".join(f"c{n}" for n in range(columns)) + "\n" + ",".join("1" * columns) + "\n")


SHEET = "xl/worksheets/sheet1.xml"
CELL = b'<row><c t="inlineStr"><is><t>' + b"x" * 1000 + b"</t></is></c></row>"
LAUGHS = "<!DOCTYPE x [<!ENTITY a 'ha'>" + "".join(f"<!ENTITY {n} '{f'&{p};' * 10}'>" for p, n in zip("abcdefgh", "bcdefghi", strict=True))
OUTSIDE = (
    b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><worksheet><sheetData><row><c><v>&a;</v></c></row></sheetData></worksheet>'
)
HARMFUL: dict[str, tuple[str, Callable[[Path], Any]]] = {
    "a workbook that becomes 600 MB": ("b.xlsx", lambda p: with_part(p, SHEET, b"<worksheet><sheetData>" + CELL * 600_000)),
    "a workbook whose sheet laughs": ("l.xlsx", lambda p: with_part(p, SHEET, (LAUGHS + "]><worksheet>&i;</worksheet>").encode())),
    "a workbook that asks for another file": ("o.xlsx", lambda p: with_part(p, SHEET, OUTSIDE)),
    "a workbook without a list of sheets": ("w.xlsx", lambda p: with_part(p, "xl/workbook.xml", None)),
    "a workbook without its sheet": ("s.xlsx", lambda p: with_part(p, SHEET, None)),
    "a workbook without its types": ("t.xlsx", lambda p: with_part(p, "[Content_Types].xml", None)),
    "a workbook with broken styles": ("y.xlsx", lambda p: with_part(p, "xl/styles.xml", b"<styleSheet><cellXfs>")),
    "a zip of something else": ("z.xlsx", lambda p: zipped(p, {"readme.txt": b"hello"})),
    "a locked workbook (OLE)": ("e.xlsx", lambda p: p.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000))),
    "20,000 columns": ("c.csv", lambda p: wide(p, 20_000)),
    "a million columns": ("m.csv", lambda p: wide(p, 1_000_000)),
    "20,000 columns in Parquet": (
        "c.parquet",
        lambda p: pd.DataFrame([range(20_000)], columns=[f"c{n}" for n in range(20_000)]).to_parquet(p),
    ),
    "a SQLite view on nothing": ("v.sqlite", view_on_nothing_sqlite),
    "SQLite views in a circle": ("q.sqlite", view_without_end),
    "a DuckDB view on nothing": ("v.duckdb", view_on_nothing_duckdb),
    "one line of 20 MB": ("n.csv", lambda p: p.write_text("x" * 20_000_000)),
    "an open quotation mark": ("k.csv", lambda p: p.write_text('customer_id,date,amount\n"1,2024-01-01,3\n' * 1000)),
    "a link to itself": ("i.csv", lambda p: p.symlink_to(p)),
    "a link to nothing": ("j.csv", lambda p: p.symlink_to("nowhere")),
    "a named pipe": ("p.csv", lambda p: os.mkfifo(p)),
    "an endless device": ("/dev/zero", lambda p: None),
    "an empty folder": ("d", lambda p: p.mkdir()),
    "a folder of damaged Parquet": ("g", lambda p: _folder_of(p, b"PAR1 no")),
    "a path of 300 signs": ("a" * 300 + ".csv", lambda p: None),
    "a path of 6,000 signs": ("/".join(["b" * 200] * 30), lambda p: None),
    "a path with a zero": ("no\0w.csv", lambda p: None),
    "a path of control characters": ("\x1b[31mred\n.csv", lambda p: None),
}


def ask(path: str, pipe: Any) -> None:
    """What a read of a file gives, in a process of its own."""
    import resource

    try:
        frame = sources.read_transactions(path).to_pandas()
        said = f"read: {len(frame):,} rows"
    except DataError as error:
        said = f"refused: {error}"
    except BaseException as error:
        said = f"RAW {type(error).__name__}: {error}"
    pipe.send((said, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))


def told(path: str) -> tuple[str, float]:
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=ask, args=(path, theirs))
    process.start()
    theirs.close()
    try:
        said, memory = ours.recv() if ours.poll(PATIENCE) else (f"RAW nothing within {PATIENCE} s", 0.0)
    except EOFError:
        said, memory = "RAW the process died", 0.0
    process.kill()
    process.join()
    return said, memory


def verdict(path: str, said: str, memory: float) -> str:
    """What is wrong with what was said; empty where nothing is."""
    if said.startswith("RAW"):
        return "RAW"
    if memory > MEMORY:
        return f"{memory:.0f} MB"
    if not said.startswith("refused"):
        return ""
    stem = "".join(sign if sign.isprintable() else "?" for sign in Path(path).name)[:20]
    is_named = stem in said or repr(Path(path).name)[1:10] in said or "/dev/zero" in path
    is_sentence = "\n" not in said and said.rstrip().endswith((".", "?", ")"))
    return "" if is_named and is_sentence else "NOT NAMED" if not is_named else "NO SENTENCE"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--print", action="store_true", help="show the table and leave the file alone")
    given = parser.parse_args()
    rows, counts = [], Counter[str]()
    with tempfile.TemporaryDirectory() as scratch:
        cases = damaged(Path(scratch))
        for what, (name, make) in HARMFUL.items():
            path = Path(scratch) / name
            make(path)
            cases[what] = str(path)
        for what, path in cases.items():
            said, memory = told(path)
            wrong = verdict(path, said, memory)
            counts[wrong or said.partition(":")[0]] += 1
            rows.append(f"{wrong:<12}{what:<46}{said.replace(scratch, '…')[:240]}")
            print(rows[-1], flush=True)
    head = ["What is said of damaged and hostile data files (python -m benchmarks.damaged_sources)"]
    head.append(f"{len(rows)} files: {', '.join(f'{count} {word}' for word, count in counts.most_common())}")
    text = "\n".join([*head, "", *(row.rstrip() for row in rows)]) + "\n"
    print("\n".join(head))
    if not given.print:
        RESULTS.write_text("".join(sign if sign.isprintable() or sign == "\n" else "?" for sign in text), "utf8")


if __name__ == "__main__":
    main()
