"""Columns of text made into dates and money under one stated form for the whole column, inside our own DuckDB."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import ibis
import pyarrow as pa

from goodwill.data.amounts import Reading, cleaned, decimal_value, quoted, readings, signs_found, unit_factor
from goodwill.data.dates import TIME, ZONE, read_dates
from goodwill.data.files import ROW, Fact, connect, store
from goodwill.errors import DataError

_BLANKS = " \t\r\n\u00a0\u3000\ufeff"


@dataclass(frozen=True)
class Options:
    """What the caller said about how values are written."""

    date_format: str | None = None
    decimal: str | None = None
    thousands: str | None = None
    missing: tuple[str, ...] = ()
    amount_unit: str | None = None


def _value(column: str, missing: Sequence[str]) -> str:
    """SQL: the trimmed text, NULL where it is blank or one of the missing marks."""
    marks = ", ".join(quoted(m.strip()) for m in ("", *missing))
    trimmed = f"trim(CAST({column} AS VARCHAR), {quoted(_BLANKS)})"
    return f"CASE WHEN {trimmed} IN ({marks}) THEN NULL ELSE {trimmed} END"


def type_texts(raw: ibis.Table, ours: bool, names: Mapping[str, str], where: str, options: Options) -> tuple[ibis.Table, list[Fact]]:
    """Turn text in `date`, `amount` and `quantity` into DATE and DECIMAL(18,4); the result lies in our DuckDB.

    Parameters
    ----------
    raw : ibis.Table
        Canonical columns, `row__` where rows have numbers.
    ours : bool
        Whether the engine is ours; if not, the columns are copied into ours first.
    names : mapping
        Canonical name to the column's name in the source, for the messages.
    """
    con = raw.get_backend() if ours else connect()
    if not ours:
        raw = store(con, raw.to_pyarrow())
    columns, facts = {c: f'"{c}"' for c in raw.columns}, []
    columns["moment"] = 'CAST("date" AS VARCHAR)'
    types = raw.schema()
    staged = [f'"{c}"' for c in raw.columns if c not in _texts(types)]
    for c in _texts(types):
        staged.append(f'{_value(_q(c), options.missing)} AS "{c}"')
    con.con.execute(f"CREATE TABLE staged AS SELECT {', '.join(staged)} FROM ({ibis.to_sql(raw, dialect='duckdb')})")
    join = ""
    if "date" in _texts(types):
        facts += _type_dates(con, names, where, options.date_format)
        columns["date"], join = "dates.day", f"LEFT JOIN dates ON {_date_part(options.date_format)} = dates.part"
    for c in ("amount", "quantity"):
        if c in _texts(types):
            unit = options.amount_unit if c == "amount" else None
            expression, found = _type_amounts(con, c, names, where, options, unit)
            columns[c] = expression
            facts += found
    chosen = ", ".join(f'{expression} AS "{c}"' for c, expression in columns.items())
    con.con.execute(f"CREATE TABLE typed AS SELECT {chosen} FROM staged {join}")
    con.con.execute("DROP TABLE staged")
    return con.table("typed"), facts


def _texts(types: Any) -> list[str]:
    """Columns that this module has to read: text anywhere, and numbers in the date column."""
    return [c for c in ("date", "amount", "quantity") if c in types and (types[c].is_string() or (c == "date" and types[c].is_numeric()))]


def has_texts(table: ibis.Table) -> bool:
    """Whether `type_texts` is needed."""
    return bool(_texts(table.schema()))


def _q(name: str) -> str:
    return f'"{name}"'


def _row(number: int | None, word: str = "row") -> str:
    return "" if number is None else f"{word} {number:,}, "


def _offenders(con: Any, condition: str, column: str) -> list[tuple[int | None, str]]:
    row = ROW if ROW in con.table("staged").columns else "NULL"
    order = f"ORDER BY {row}" if row != "NULL" else "ORDER BY 2"
    return con.con.execute(f'SELECT {row}, "{column}" FROM staged WHERE {condition} {order} LIMIT 3').fetchall()


def _date_part(date_format: str | None) -> str:
    """SQL: the date without the time behind it, unless the told form has a time of its own."""
    if date_format and re.search(r"%[HIMSpfTXcRr]", date_format):
        return '"date"'
    return f"""CASE WHEN length("date") > 8 THEN regexp_replace("date", '{TIME}(?:{ZONE})?$', '') ELSE "date" END"""


def _type_dates(con: Any, names: Mapping[str, str], where: str, date_format: str | None) -> list[Fact]:
    """Read the distinct date texts into the table `dates` (part, day)."""
    part, zone = _date_part(date_format), f"regexp_matches(\"date\", '{TIME}{ZONE}$')"
    found = con.con.execute(
        f'SELECT {part} AS part, count(*), count(*) FILTER (length("date") > 12 AND {zone}), count(*) FILTER ({part} <> "date") '
        'FROM staged WHERE "date" IS NOT NULL GROUP BY 1 ORDER BY 1'
    ).fetchall()
    texts = [r[0] for r in found]
    result = read_dates(texts, date_format)
    total = con.con.execute("SELECT count(*) FROM staged").fetchone()[0]
    if result.question:
        row, text = _offenders(con, '"date" IS NOT NULL', "date")[0]
        raise DataError(
            f"Column {names['date']!r} of {where} can be read in two ways: {result.question} (first: {_row(row)}{text!r}). "
            "Pass date_format='%d/%m/%Y' or date_format='%m/%d/%Y', with the marks that the file uses."
        )
    if result.failed:
        con.con.register("failed_dates", pa.table({"part": pa.array(result.failed, pa.string())}))
        bad = sum(r[1] for r in found if r[0] in set(result.failed))
        first = _offenders(con, f"{part} IN (SELECT part FROM failed_dates)", "date")
        form = f"dates as {date_format!r}" if date_format else "dates"
        shown = "; ".join(f"{_row(r)}{t!r}" for r, t in first)
        raise DataError(
            f"Column {names['date']!r} of {where} cannot be read as {form} in {bad:,} of {total:,} rows (first: {shown}). "
            f"Pass date_format=, such as '%d/%m/%y', or missing=[{first[0][1]!r}], or clean the source."
        )
    days = pa.table({"part": pa.array(list(result.dates), pa.string()), "day": pa.array(list(result.dates.values()), pa.date32())})
    store(con, days, "dates")
    forms = result.forms
    counted = dict.fromkeys(forms, 0)
    zones, timed = sum(r[2] for r in found), sum(r[3] for r in found)
    done = ", ".join(counted) or "no dates"
    facts = [Fact("date format", None, f"read as {done}" + (" (as told)" if date_format else ""))]
    if timed:
        facts.append(Fact("times of day", timed, "cut off: the date counts"))
    if zones:
        facts.append(Fact("time zones", zones, "the date on the clock as written is kept"))
    return facts


def _type_amounts(
    con: Any, column: str, names: Mapping[str, str], where: str, options: Options, unit: str | None
) -> tuple[str, list[Fact]]:
    """Choose the one reading of points and commas that fits all rows; SQL for the value, and what was found."""
    factor = unit_factor(unit)
    clean = f"clean_{column}"
    con.con.execute(f'ALTER TABLE staged ADD COLUMN "{clean}" VARCHAR')
    con.con.execute(f'UPDATE staged SET "{clean}" = {cleaned(_q(column))} WHERE "{column}" IS NOT NULL')
    reading = _choose_reading(con, column, clean, names, where, readings(options.decimal, options.thousands))
    number = reading.number(_q(clean))
    fine = rf"""regexp_matches("{clean}", '[{reading.decimal}]\d{{5,}}|[eE]')"""
    long, parens = con.con.execute(
        f"""SELECT count(*) FILTER ({fine}), count(*) FILTER ("{column}" LIKE '%(%' OR "{column}" LIKE '%（%') FROM staged"""
    ).fetchone()
    # Rounding half to even needs wide arithmetic; a plain cast is exact and fast when there are four decimals at most.
    value = decimal_value(number, factor) if long or factor != 1 else f"TRY_CAST({number} AS DECIMAL(18,4))"
    if too_large := _offenders(con, f'"{clean}" IS NOT NULL AND {value} IS NULL', column):
        row, text = too_large[0]
        raise DataError(f"Column {names[column]!r} of {where} holds a number that is too large ({_row(row)}{text!r}).")
    signs = dict(
        con.con.execute(
            f'SELECT {signs_found(_q(column))} AS sign, count(*) FROM staged WHERE "{column}" IS NOT NULL GROUP BY 1 ORDER BY 1'
        ).fetchall()
    )
    signs.pop("", None)
    if len({_currency(s) for s in signs}) > 1:
        shown = ", ".join(f"{s} in {n:,} rows" for s, n in signs.items())
        raise DataError(f"Column {names[column]!r} of {where} mixes currencies ({shown}); convert them to one first.")
    if column != "amount":
        return value, []
    rounded = f"count(*) FILTER ({number}::DECIMAL(28,10) * {factor}::DECIMAL(13,2) <> {value})"
    n_rounded = con.con.execute(f"SELECT {rounded} FROM staged").fetchone()[0] if long or factor < 1 else 0
    facts = [
        Fact("amount format", None, reading.text),
        Fact("currency signs", sum(signs.values()), f"taken off: {', '.join(signs)}" if signs else "none found"),
        Fact("amounts in brackets", parens, "read as negative"),
        Fact("amounts rounded", n_rounded, "rounded to 4 decimals, half to even"),
    ]
    if unit:
        facts.append(Fact("amount unit", None, f"{unit}: every amount times {factor.normalize():f}"))
    return value, facts


def _currency(sign: str) -> str:
    same = {
        "￥": "¥",
        "元": "¥",
        "圆": "¥",
        "人民币": "¥",
        "RMB": "¥",
        "CNY": "¥",
        "JPY": "¥",
        "USD": "$",
        "US$": "$",
        "EUR": "€",
        "GBP": "£",
    }
    return same.get(sign, sign)


def _choose_reading(con: Any, column: str, clean: str, names: Mapping[str, str], where: str, candidates: list[Reading]) -> Reading:
    def fits(r: Reading) -> str:
        return f"""regexp_full_match("{clean}", '{r.shape.replace("'", "''")}')"""

    counts = con.con.execute(
        f'SELECT count("{clean}"), {", ".join(f"count(*) FILTER ({fits(r)})" for r in candidates)} FROM staged'
    ).fetchone()
    total = con.con.execute("SELECT count(*) FROM staged").fetchone()[0]
    fitting = [r for r, n in zip(candidates, counts[1:], strict=True) if n == counts[0]]
    if not fitting:
        best = candidates[max(range(len(candidates)), key=lambda i: counts[1 + i])]
        first = _offenders(con, f'"{clean}" IS NOT NULL AND NOT {fits(best)}', column)
        bad = counts[0] - max(counts[1:])
        row, text = first[0]
        raise DataError(
            f"column {names[column]!r} of {where} holds text in {bad:,} of {total:,} rows (first: {_row(row)}{text!r}); "
            f"pass missing=[{text!r}] or clean the file (decimal= and thousands= say how numbers are written)."
        )
    if len(fitting) > 1:
        a, b = (f"TRY_CAST({r.number(_q(clean))} AS DECIMAL(28,10))" for r in fitting)
        open_ = f'"{clean}" IS NOT NULL AND {a} <> {b}'
        if first := _offenders(con, open_, column):
            row, text = first[0]
            raise DataError(
                f"Column {names[column]!r} of {where} can be read in two ways: {text!r} ({_row(row).rstrip(', ') or 'first of them'}) may have a "
                "decimal or a thousands mark, and every row fits both. Pass decimal='.' or decimal=','."
            )
    return fitting[0]


def one_unit(amount_unit: str | None) -> Decimal:
    """Factor for amounts that are numbers already."""
    return unit_factor(amount_unit)
