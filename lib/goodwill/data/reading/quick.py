"""A fast way for text files without faults: split by the engine, and typed in one pass where every cell has the plain form.

Everything here is all or nothing: where anything is not plain, the careful way reads the file from the start, and says what there is to
say. Both give the same table and the same audit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import ibis

from goodwill.data.doubts.vocabulary import NO_ID
from goodwill.data.reading.files import ROW, Fact, connect
from goodwill.data.reading.stage import Options, quoted

SMALLEST = 1 << 16  # bytes below which the careful way is fast enough


class NotPlain(Exception):
    """A file has a fault somewhere, and has to be read the careful way."""


def view_on(path: Path, encoding: str, delimiter: str, columns: Sequence[str], wanted: Sequence[str]) -> tuple[ibis.Table, int] | None:
    """The wanted columns of a text file as the engine splits it, unread, and the number of its lines; None where it may split it otherwise.

    It splits as Python's strict reader does where the file is UTF-8, lines end in one way, and quotation marks stand only around fields.
    """
    if encoding not in ("utf-8", "utf-8-sig") or path.stat().st_size < SMALLEST:
        return None
    data = path.read_bytes()
    if not _is_plain(data, delimiter) or any(sign in str(path.absolute()) for sign in "*?["):  # which the engine takes for a pattern
        return None
    con = connect()
    names = {f"c{place}": name for place, name in enumerate(columns)}  # names of our own: the file may have columns without one
    types = ", ".join(f"{quoted(name)}: 'VARCHAR'" for name in names)
    read = (
        f"read_csv({quoted(str(path.absolute()))}, auto_detect = false, header = true, columns = {{{types}}}, delim = {quoted(delimiter)}, "
        f"quote = '\"', escape = '\"', nullstr = '', strict_mode = true, null_padding = false, ignore_errors = false)"
    )
    chosen = ", ".join(f'{at} AS "{name.replace(chr(34), chr(34) * 2)}"' for at, name in names.items() if name in wanted)
    con.con.execute(f"CREATE VIEW raw AS SELECT {chosen} FROM {read}")
    return con.table("raw"), data.count(b"\n") + (not data.endswith(b"\n"))


def numbered(view: ibis.Table, lines: int) -> ibis.Table | None:
    """The file behind a view, split, with the line of each row; None where a record is not one line."""
    con: Any = view.get_backend()
    try:
        con.con.execute("CREATE TABLE lines AS SELECT * FROM raw")
    except Exception:  # whatever it stumbles over, the careful way tells
        return None
    if not _one_a_line(con, "lines", lines):
        return None
    con.con.execute(f'CREATE VIEW split AS SELECT rowid + 2 AS "{ROW}", * FROM lines')
    return con.table("split")


def _one_a_line(con: Any, table: str, lines: int) -> bool:
    rows = con.con.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    return rows > 0 and rows + 1 == lines


def _is_plain(data: bytes, delimiter: str) -> bool:
    """Whether quotation marks stand around fields only, and lines end in one way."""
    if data[:2] == b"\x1f\x8b" or b"\0" in data:
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


# Whether a day is not as 2024-05-01, and how an amount is written: 3 is not plain, 1 has a point that stands before decimals, 2 has one
# that may stand before thousands.
_ODD_DAY = "date IS NOT NULL AND (length(date) <> 10 OR date[5] <> '-' OR TRY_CAST(date AS DATE) IS NULL)"
_FORM = (
    "CASE WHEN amount IS NULL THEN 0 WHEN TRY_CAST(amount AS DECIMAL(18,4)) IS NULL "
    r"OR NOT regexp_full_match(amount, '-?\d+(\.\d{1,4})?') THEN 3 "
    "WHEN NOT contains(amount, '.') THEN 0 WHEN amount LIKE '%.___' THEN 2 ELSE 1 END::TINYINT"
)


def type_plain(raw: ibis.Table, names: Mapping[str, str], options: Options, lines: int) -> tuple[ibis.Table, list[Fact], str] | None:
    """Ids, days and money of plain form in one pass: what `type_texts` and the typing behind it give for them; else None.

    Plain are ids without blanks around that are no words for none, days as 2024-05-01, and numbers with at most four decimals behind a
    point. `lines` is the number of lines of the file behind a view, 0 for a table that is split already.
    """
    told = (options.date_format, options.decimal, options.thousands, options.amount_unit, *options.missing, *options.sure)
    types = raw.schema()
    roles = ("customer_id", "date", *(["amount"] if "amount" in names else []))
    if (
        any(told)
        or any(role in names for role in ("acquired", "quantity", "refunded"))
        or not all(types[role].is_string() for role in roles)
    ):
        return None
    con: Any = raw.get_backend()
    rest = ", ".join(f'"{c}"' for c in raw.columns if c not in ("date", "amount"))
    money = f", TRY_CAST(amount AS DECIMAL(18,4)) AS amount, {_FORM} AS form" if "amount" in names else ""
    cells = f"{rest}, TRY_CAST(date AS DATE) AS date, {_ODD_DAY} AS odd_day{money}"
    con.con.execute(f"CREATE TABLE plain AS SELECT {cells} FROM ({ibis.to_sql(raw, dialect='duckdb')})")
    if (lines and not _one_a_line(con, "plain", lines)) or not _all_plain(con, "amount" in names):
        con.con.execute("DROP TABLE plain")
        return None
    if lines:
        con.con.execute(f'CREATE VIEW typed AS SELECT rowid + 2 AS "{ROW}", * FROM plain')
    table = con.table("typed" if lines else "plain")
    return table.drop("odd_day", *(["form"] if "amount" in names else [])), _facts(con, "amount" in names), ""


def _facts(con: Any, has_amount: bool) -> list[Fact]:
    has_date = con.con.execute("SELECT count(date) > 0 FROM plain").fetchone()[0]
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


def _all_plain(con: Any, has_amount: bool) -> bool:
    """Whether every cell has the plain form, and the decimal point can be nothing else."""
    checks = ["NOT coalesce(bool_or(odd_day), FALSE)", "coalesce(year(min(date)) >= 1800 AND year(max(date)) < 2200, TRUE)"]
    if has_amount:
        # 1.234 everywhere may be a thousand: some number must show that the point stands before decimals.
        checks.append("coalesce(max(form) < 3 AND (bool_or(form = 1) OR NOT bool_or(form = 2)), TRUE)")
    if not all(con.con.execute(f"SELECT {', '.join(checks)} FROM plain").fetchone()):
        return False
    words = ", ".join(map(quoted, NO_ID))
    odd = rf"regexp_matches(customer_id, '^\s|\s$|^$|[\x{{a0}}\x{{3000}}\x{{feff}}]') OR lower(customer_id) IN ({words})"
    return bool(con.con.execute(f"SELECT count(*) FILTER ({odd}) = 0 FROM (SELECT DISTINCT customer_id FROM plain)").fetchone()[0])
