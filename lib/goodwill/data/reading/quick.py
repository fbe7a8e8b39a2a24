"""A fast way for text files without faults: split by the engine, and typed in one pass where every cell has the plain form.

Everything here is all or nothing: where anything is not plain, the careful way reads the file from the start, and says what there is to
say. Both give the same table and the same audit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import ibis

from goodwill.data.reading.files import ROW, Fact, connect
from goodwill.data.reading.stage import Options, quoted

SMALLEST = 1 << 16  # bytes below which the careful way is fast enough
_LINE = 1 << 24  # bytes that one line may have


def split_by_engine(path: Path, encoding: str, delimiter: str, columns: Sequence[str], wanted: Sequence[str]) -> ibis.Table | None:
    """The wanted columns as text with the line of each row, when the engine splits the file as Python's strict reader does; else None.

    It does where the file is UTF-8, every line holds one record of the header's width, and quotation marks only stand around fields.
    """
    if encoding not in ("utf-8", "utf-8-sig") or path.stat().st_size < SMALLEST or not _is_plain(path, delimiter):
        return None
    con = connect()
    # Names of our own: the file may have some without a name.
    names = {f"c{place}": name for place, name in enumerate(columns)}
    types = ", ".join(f"{quoted(name)}: 'VARCHAR'" for name in names)
    read = (
        f"read_csv({quoted(str(path.absolute()))}, auto_detect = false, header = true, columns = {{{types}}}, delim = {quoted(delimiter)}, "
        f"quote = '\"', escape = '\"', nullstr = '', strict_mode = true, null_padding = false, ignore_errors = false, max_line_size = {_LINE})"
    )
    chosen = ", ".join(f'{at} AS "{name.replace(chr(34), chr(34) * 2)}"' for at, name in names.items() if name in wanted)
    try:
        con.con.execute(f"CREATE TABLE lines AS SELECT {chosen} FROM {read}")
    except Exception:  # whatever it stumbles over, the careful way tells
        return None
    rows = con.con.execute("SELECT count(*) FROM lines").fetchone()[0]
    if rows == 0 or rows + 1 != _lines(path):
        return None
    con.con.execute(f'CREATE VIEW raw AS SELECT rowid + 2 AS "{ROW}", * FROM lines')
    return con.table("raw")


def _is_plain(path: Path, delimiter: str) -> bool:
    """Whether quotation marks stand around fields only, and lines end in one way."""
    data = path.read_bytes()
    if data[:2] == b"\x1f\x8b" or b"\0" in data or glob_signs(path):
        return False
    returns = data.count(b"\r")
    if returns and returns != data.count(b"\r\n"):
        return False
    marks = data.count(b'"')
    if not marks:
        return True
    mark, body = delimiter.encode(), data.removeprefix(b"\xef\xbb\xbf")
    opening = body.count(mark + b'"') + body.count(b'\n"') + body.startswith(b'"')
    closing = body.count(b'"' + mark) + body.count(b'"\n') + body.count(b'"\r') + body.endswith(b'"')
    return opening == closing and marks == opening + closing


def glob_signs(path: Path) -> bool:
    """Whether the engine would take a path for a pattern."""
    return any(sign in str(path.absolute()) for sign in "*?[")


def _lines(path: Path) -> int:
    data = path.read_bytes()
    return data.count(b"\n") + (not data.endswith(b"\n"))


def type_plain(raw: ibis.Table, names: Mapping[str, str], options: Options) -> tuple[ibis.Table, list[Fact], str] | None:
    """Dates and money of plain form in one pass: what `type_texts` gives for them; None where a cell has another form.

    Plain are days as 2024-05-01 and numbers with at most four decimals behind a point, without blanks around.
    """
    told = (options.date_format, options.decimal, options.thousands, options.amount_unit, *options.missing)
    types = raw.schema()
    if any(told) or any(role in names for role in ("acquired", "quantity", "refunded")) or not types["date"].is_string():
        return None
    if "amount" in names and not types["amount"].is_string():
        return None
    con: Any = raw.get_backend()
    rest = ", ".join(f'"{c}"' for c in raw.columns if c not in ("date", "amount"))
    money = ", TRY_CAST(amount AS DECIMAL(18,4)) AS amount, amount AS amount_text" if "amount" in names else ""
    con.con.execute(
        f"CREATE TABLE plain AS SELECT {rest}, TRY_CAST(date AS DATE) AS date, date AS moment{money} FROM ({ibis.to_sql(raw, dialect='duckdb')})"
    )
    if not _all_plain(con, "amount" in names):
        con.con.execute("DROP TABLE plain")
        return None
    has_date = con.con.execute("SELECT count(date) > 0 FROM plain").fetchone()[0]
    facts = [
        Fact("date format", None, "read as year, month, day" if has_date else "read as nothing"),
        Fact("times of day", 0, "cut off: the date counts"),
        Fact("time zones", 0, "the date on the clock as written is kept"),
    ]
    if "amount" in names:
        facts += [
            Fact("amount format", None, "decimal point"),
            Fact("currency signs", 0, "none found"),
            Fact("amounts in brackets", 0, "read as negative"),
            Fact("amounts rounded", 0, "rounded to 4 decimals, half to even"),
        ]
    table = con.table("plain")
    return (table.drop("amount_text") if "amount" in names else table), facts, ""


def _all_plain(con: Any, has_amount: bool) -> bool:
    """Whether every cell has the plain form, and the decimal point can be nothing else."""
    day = "moment IS NOT NULL AND NOT coalesce(length(moment) = 10 AND moment[5] = '-' AND moment[8] = '-' AND year(date) BETWEEN 1800 AND 2199, FALSE)"
    checks = [f"count(*) FILTER ({day})"]
    if has_amount:
        checks.append(
            r"count(*) FILTER (amount_text IS NOT NULL AND (amount IS NULL OR NOT regexp_full_match(amount_text, '-?\d+(\.\d{1,4})?')))"
        )
        # 1.234 everywhere may be a thousand: some number must show that the point stands before decimals.
        checks.append("CASE WHEN count(*) FILTER (contains(amount_text, '.')) > count(*) FILTER (amount_text LIKE '%.___') OR "
                      "count(*) FILTER (contains(amount_text, '.')) = 0 THEN 0 ELSE 1 END")
    return not any(con.con.execute(f"SELECT {', '.join(checks)} FROM plain").fetchone())
