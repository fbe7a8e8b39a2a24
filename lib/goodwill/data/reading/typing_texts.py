"""Columns of text made into dates and money under one stated form for the whole column, inside our own DuckDB."""

from __future__ import annotations

import re
from collections.abc import Mapping

import ibis
import pyarrow as pa

from goodwill.data.reading.amounts import MOST_TEXTS, type_amounts
from goodwill.data.reading.dates import TIME, ZONE, ReadDates, holds_both_orders, proposals, read_dates
from goodwill.data.reading.files import Fact, connect, store
from goodwill.data.reading.foreign import told_of
from goodwill.data.reading.stage import Options, Stage, quoted
from goodwill.errors import DataError, Unclear

DATES = ("date", "acquired")
_BLANKS = " \t\r\n\u00a0\u3000\ufeff"


def text_columns(table: ibis.Table) -> list[str]:
    """Columns that `type_texts` has to read: text anywhere, and numbers in the columns of dates."""
    types = table.schema()
    known = [c for c in ("date", "acquired", "amount", "quantity", "refunded") if c in types]
    return [c for c in known if types[c].is_string() or (c in DATES and types[c].is_numeric())]


def type_texts(raw: ibis.Table, ours: bool, names: Mapping[str, str], where: str, options: Options) -> tuple[ibis.Table, list[Fact], str]:
    """Turn text in `date`, `acquired`, `amount` and `quantity` into DATE and DECIMAL(18,4).

    Parameters
    ----------
    raw : ibis.Table
        Canonical columns, `goodwill_row` where rows have numbers.
    ours : bool
        Whether the engine is our DuckDB; if not, the columns are copied into ours first.
    names : mapping
        Canonical name to the column's name in the source, for the messages.
    where : str
        Name of the source, for the messages.

    Returns
    -------
    tuple
        The table in our DuckDB, with the date as written in `moment`; what was found; the currency sign.
    """
    con = raw.get_backend() if ours else connect()
    if not ours:
        raw = store(con, raw.to_pyarrow())
    texts = text_columns(raw)
    chosen = {c: f'"{c}"' for c in raw.columns}
    staged = ", ".join(f'{_value(c, options.missing)} AS "{c}"' if c in texts else f'"{c}"' for c in raw.columns)
    with told_of(where):  # of a file that stays where it is, this reads the cells for the first time
        con.con.execute(f"CREATE TABLE staged AS SELECT {staged} FROM ({ibis.to_sql(raw, dialect='duckdb')})")
    stage, facts, sign, join = Stage(con.con, names, where, options), [], "", ""
    for column in (c for c in DATES if c in texts):
        facts += _type_dates(stage, column)
        chosen[column] = f"{column}_read.day"
        join += f" LEFT JOIN {column}_read ON {_date_part(column, options.date_format)} = {column}_read.part"
    if "amount" in texts:
        chosen["amount"], found, sign = type_amounts(stage, "amount")
        facts += found
    for column in ("quantity", "refunded"):
        if column in texts:
            chosen[column] = type_amounts(stage, column)[0]
    columns = ", ".join(f'{expression} AS "{c}"' for c, expression in chosen.items())
    con.con.execute(f'CREATE TABLE typed AS SELECT {columns}, "date" AS moment FROM staged {join}')
    con.con.execute("DROP TABLE staged")
    return con.table("typed"), facts, sign


def _value(column: str, missing: tuple[str, ...]) -> str:
    """SQL: the trimmed text, NULL where it is blank or one of the missing marks."""
    trimmed = f'trim(CAST("{column}" AS VARCHAR), {quoted(_BLANKS)})'
    return f"CASE WHEN {trimmed} IN ({', '.join(quoted(m.strip()) for m in ('', *missing))}) THEN NULL ELSE {trimmed} END"


def _date_part(column: str, date_format: str | None) -> str:
    """SQL: the date without the time behind it, unless the told form has a time of its own."""
    if date_format and re.search(r"%[HIMSpfTXcRrzZ]", date_format):
        return f'"{column}"'
    return f"""CASE WHEN length("{column}") > 8 THEN regexp_replace("{column}", '{TIME}(?:{ZONE})?$', '') ELSE "{column}" END"""


def _type_dates(stage: Stage, column: str) -> list[Fact]:
    """Read the distinct date texts of a column into a table (part, day) named after it."""
    told = stage.options.date_format
    part, zone = _date_part(column, told), f"regexp_matches(\"{column}\", '{TIME}{ZONE}$')"
    found = stage.rows(
        f'SELECT {part} AS part, count(*), count(*) FILTER (length("{column}") > 12 AND {zone}), count(*) FILTER ({part} <> "{column}") '
        f'FROM staged WHERE "{column}" IS NOT NULL GROUP BY 1 ORDER BY 1'
    )
    result = read_dates([r[0] for r in found], told)
    if result.question:
        raise _open_question(stage, column, result)
    if failed := set(result.failed):
        raise _no_dates(stage, column, part, failed, [r[0] for r in found], sum(r[1] for r in found if r[0] in failed))
    days = pa.table({"part": pa.array(list(result.dates), pa.string()), "day": pa.array(list(result.dates.values()), pa.date32())})
    stage.con.register("read_dates", days)
    stage.con.execute(f"CREATE TABLE {column}_read AS SELECT * FROM read_dates")
    if column == "acquired":
        return [Fact("acquisition dates", None, f"read as {', '.join(result.forms) or 'nothing'}" + (" (as told)" if told else ""))]
    return [
        Fact("date format", None, f"read as {', '.join(result.forms) or 'nothing'}" + (" (as told)" if told else "")),
        Fact("times of day", sum(r[3] for r in found), "cut off: the date counts"),
        Fact("time zones", sum(r[2] for r in found), "the date on the clock as written is kept"),
    ]


def _open_question(stage: Stage, column: str, result: ReadDates) -> DataError:
    """The error that dates have several readings, with the forms of which each makes all of them readable."""
    first = stage.first(f'"{column}" IS NOT NULL', column, 1)[0]
    is_choice = len(result.formats) != 1
    ways = {2: "two ways", 3: "three ways"}.get(len(result.formats), "several ways")
    said = (
        f"{stage.column(column)} {f'can be read in {ways}' if is_choice else 'cannot be read as days'}: {result.question} (first: {first})."
    )
    if result.dates or not result.formats:
        return DataError(f"{said} Other rows are in another form: bring the column into one, such as year-month-day.")
    return Unclear(f"{said} Pass {proposals(result)}.", {"date_format": result.formats[0]})


def _no_dates(stage: Stage, column: str, part: str, failed: set[str], parts: list[str], rows: int) -> DataError:
    """The error that texts are no dates: without the told form, or with a few texts as missing values, they may be."""
    told = stage.options.date_format
    stage.con.register("failed_dates", pa.table({"part": pa.array(sorted(failed), pa.string())}))
    where = f"{part} IN (SELECT part FROM failed_dates)"
    shown = stage.first(where, column)
    form = f"dates in the form {told!r}" if told else "dates"
    said = f"{stage.column(column)} cannot be read as {form} in {rows:,} of {stage.total():,} rows (first: {'; '.join(shown)})"
    untold = read_dates(parts) if told else None
    if untold is not None and not untold.failed and not (untold.question and not untold.formats):
        again = f"Pass {proposals(untold)}" if untold.question else "Leave date_format= out: without it every row is read"
        return Unclear(f"{said}. {again}.", {"date_format": untold.formats[0] if untold.question else ""})
    texts = [text for (text,) in stage.rows(f'SELECT DISTINCT "{column}" FROM staged WHERE {where} ORDER BY 1 LIMIT {MOST_TEXTS + 1}')]
    if len(failed) < len(parts) and len(texts) <= MOST_TEXTS:
        return Unclear(f"{said}. Pass missing={texts!r} to leave them out, or clean the source.", {"missing": texts})
    orders = " Some rows fit only day/month/year and others only month/day/year." if holds_both_orders(parts) else ""
    return DataError(
        f"{said}.{orders} Bring the column into one form in the source, such as year-month-day, or tell its form with date_format=."
    )
