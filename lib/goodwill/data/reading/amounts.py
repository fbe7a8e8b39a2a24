"""Money written as text: one reading of points and commas for the whole column, as DuckDB expressions."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from goodwill.data.reading.files import Fact
from goodwill.data.reading.stage import Stage, quoted
from goodwill.errors import DataError

UNITS = {
    "元": Decimal(1),
    "百元": Decimal(100),
    "千元": Decimal(1000),
    "万元": Decimal(10_000),
    "百万元": Decimal(1_000_000),
    "亿元": Decimal(100_000_000),
    "万": Decimal(10_000),
    "亿": Decimal(100_000_000),
    "thousand": Decimal(1000),
    "million": Decimal(1_000_000),
    "cents": Decimal("0.01"),
    "分": Decimal("0.01"),
}
# Longer names first, so that US$ is not read as $ with a rest.
SIGNS = ("US$", "HK$", "CNY", "RMB", "USD", "EUR", "GBP", "JPY", "人民币", "¥", "$", "€", "£", "₹", "₩", "₽", "元", "圆")
_SAME = {"￥": "¥", "元": "¥", "圆": "¥", "人民币": "¥", "RMB": "¥", "CNY": "¥", "USD": "$", "US$": "$", "EUR": "€", "GBP": "£"}
_SIGN = "(?:" + "|".join(s.replace("$", r"\$") for s in SIGNS) + ")"
_WIDE = "０１２３４５６７８９，．－−（）＋￥＄　\u00a0\u202f\u2009’"
_NARROW = "0123456789,.--()+¥$    '"


@dataclass(frozen=True)
class Reading:
    """How a column of money is written."""

    decimal: str
    thousands: str | None  # None: none told; strict groups of three with the usual marks are accepted

    @property
    def shape(self) -> str:
        """RE2 pattern of the numbers that this reading accepts, without sign."""
        point = "\\" + self.decimal
        if self.thousands is not None:
            whole = rf"\d[\d{_escaped(self.thousands)}]*"
        else:
            mark = r"\." if self.decimal == "," else ","
            whole = rf"(?:\d+|[1-9]\d{{0,2}}(?:(?:{mark}\d{{3}})+|(?: \d{{3}})+|(?:'\d{{3}})+))"
        return rf"[+-]?(?:{whole}(?:{point}\d*)?|{point}\d+)(?:[eE][+-]?\d+)?"

    def number(self, column: str) -> str:
        """SQL text of a number with a point, from text that has the shape."""
        other = "., '" if self.thousands is None else self.thousands
        marks = "".join(c for c in other if c != self.decimal)
        bare = f"translate({column}, {quoted(marks)}, '')" if marks else column
        return bare if self.decimal == "." else f"replace({bare}, ',', '.')"

    @property
    def text(self) -> str:
        """The reading in words."""
        return f"decimal {'point' if self.decimal == '.' else 'comma'}" + (f", thousands {self.thousands!r}" if self.thousands else "")


def _escaped(mark: str) -> str:
    return "".join("\\" + c if c in r"].-^\'" else c for c in mark)


def readings(decimal: str | None, thousands: str | None) -> list[Reading]:
    """The readings that are possible under what the caller said.

    Examples
    --------
    >>> [r.decimal for r in readings(None, None)], [r.decimal for r in readings(None, ".")]
    (['.', ','], [','])
    """
    decimal, thousands = decimal or None, thousands or None
    if decimal not in (None, ".", ","):
        raise DataError(f"decimal={decimal!r}: pass '.' or ','.")
    if thousands is not None and (len(thousands) != 1 or thousands.isdigit()):
        raise DataError(f"thousands={thousands!r}: pass one mark, such as ',' or '.' or ' '.")
    if decimal is not None and decimal == thousands:
        raise DataError(f"decimal={decimal!r} and thousands={thousands!r} cannot be the same mark.")
    return [Reading(d, thousands) for d in ([decimal] if decimal else [".", ","]) if d != thousands]


def unit_factor(amount_unit: str | None) -> Decimal:
    """Factor of a unit such as 万元 (10,000).

    Examples
    --------
    >>> unit_factor("万元")
    Decimal('10000')
    """
    if not amount_unit:
        return Decimal(1)
    factor = UNITS.get(amount_unit.strip().lower())
    if factor is None:
        raise DataError(f"amount_unit={amount_unit!r} is not known; use one of {', '.join(UNITS)}.")
    return factor


def cleaned(column: str) -> str:
    """SQL text: wide characters made narrow, currency signs and blanks around removed, (1.00) and 1.00- turned into -1.00."""
    narrow = f"trim(translate({column}, {quoted(_WIDE)}, {quoted(_NARROW)}))"
    bare = f"trim(regexp_replace({narrow}, '{_SIGN}', '', 'gi'))"
    minus = rf"regexp_replace(regexp_replace({bare}, '^\(\s*(.*?)\s*\)$', '-\1'), '^([^-]+?)\s*-$', '-\1')"
    signed = rf"regexp_replace({minus}, '^([+-])\s+', '\1')"
    return rf"CASE WHEN regexp_full_match({column}, '-?\d+(\.\d+)?') THEN {column} ELSE {signed} END"


def signs_found(column: str) -> str:
    """SQL text: the currency sign in a text, empty when there is none."""
    return rf"CASE WHEN regexp_full_match({column}, '-?\d+([.,]\d+)?') THEN '' ELSE upper(regexp_extract({column}, '(?i){_SIGN}|￥')) END"


def decimal_value(number: str, factor: Decimal, fine: str) -> str:
    """SQL expression: number text times factor as DECIMAL(18,4), rounded half to even; NULL when it does not fit.

    `fine` is a SQL condition that holds where the number has more than four decimals or an exponent: only there the wide arithmetic
    is needed, elsewhere a plain cast is exact and ten times faster.
    """
    value = f"CAST(TRY_CAST({number} AS DECIMAL(28,10)) * {factor * 10_000}::DECIMAL(13,0) AS DECIMAL(38,10))"
    whole = f"floor({value})"
    rest = f"({value} - {whole})"
    odd = f"(CAST({whole} AS HUGEINT) % 2 <> 0)"
    even = f"CASE WHEN {rest} > 0.5 OR ({rest} = 0.5 AND {odd}) THEN {whole} + 1 ELSE {whole} END"
    wide = f"TRY_CAST(CAST({even} AS DECIMAL(30,0)) * 0.0001::DECIMAL(5,4) AS DECIMAL(18,4))"
    plain = f"TRY_CAST({number} AS DECIMAL(18,4))"
    if factor < 1:
        return wide
    if factor > 1:
        plain = f"TRY_CAST({plain} * {factor:f}::DECIMAL(9,0) AS DECIMAL(18,4))"
    return f"CASE WHEN {fine} THEN {wide} ELSE {plain} END"


def type_amounts(stage: Stage, role: str) -> tuple[str, list[Fact], str]:
    """Read a text column of money (or quantities) under the one reading that fits all rows.

    Returns
    -------
    tuple
        SQL expression for the value, what was found, and the currency sign.
    """
    factor = unit_factor(stage.options.amount_unit if role == "amount" else None)
    clean = f"clean_{role}"
    stage.con.execute(f"ALTER TABLE staged ADD COLUMN {clean} VARCHAR")
    stage.con.execute(f'UPDATE staged SET {clean} = {cleaned(role)} WHERE "{role}" IS NOT NULL')
    reading = _choose(stage, role, clean)
    number = reading.number(clean)
    fine = rf"regexp_matches({clean}, '[{reading.decimal}]\d{{5,}}|[eE]')"
    value = decimal_value(number, factor, fine)
    if found := stage.first(f"{clean} IS NOT NULL AND {value} IS NULL", role):
        raise DataError(f"{stage.column(role)} holds a number that is too large ({found[0]}).")
    sign, signed = _one_sign(stage, role)
    exact = f"{number}::DECIMAL(28,10) * {factor}::DECIMAL(13,2)"
    rounded, brackets = stage.rows(
        f"""SELECT count(*) FILTER (CASE WHEN {fine if factor >= 1 else "TRUE"} THEN {exact} <> {value} ELSE FALSE END),
        count(*) FILTER ("{role}" LIKE '%(%' OR "{role}" LIKE '%（%') FROM staged"""
    )[0]
    facts = [
        Fact("amount format", None, reading.text),
        Fact("currency signs", signed, f"taken off: {sign}" if sign else "none found"),
        Fact("amounts in brackets", brackets, "read as negative"),
        Fact("amounts rounded", rounded, "rounded to 4 decimals, half to even"),
    ]
    return value, facts, sign


def _one_sign(stage: Stage, role: str) -> tuple[str, int]:
    """The currency sign in a column and the rows that carry it; an error when there are several currencies."""
    rows = stage.rows(f'SELECT {signs_found(role)} AS sign, count(*) FROM staged WHERE "{role}" IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1')
    signs = [(sign, n) for sign, n in rows if sign]
    if len({_SAME.get(s, s) for s, _ in signs}) > 1:
        shown = ", ".join(f"{s} in {n:,} rows" for s, n in signs)
        raise DataError(f"{stage.column(role)} mixes currencies ({shown}); convert them to one first.")
    return (signs[0][0].replace("￥", "¥"), sum(n for _, n in signs)) if signs else ("", 0)


def _choose(stage: Stage, role: str, clean: str) -> Reading:
    """The reading that fits all rows; an error when none does, or when two do and differ."""
    candidates = readings(stage.options.decimal, stage.options.thousands)
    fits = [f"regexp_full_match({clean}, {quoted(r.shape)})" for r in candidates]
    filled, *counts = stage.rows(f"SELECT count({clean}), {', '.join(f'count(*) FILTER ({f})' for f in fits)} FROM staged")[0]
    fitting = [r for r, n in zip(candidates, counts, strict=True) if n == filled]
    if not fitting:
        best = max(range(len(candidates)), key=lambda i: counts[i])
        first = stage.first(f"{clean} IS NOT NULL AND NOT {fits[best]}", role, 1)[0]
        text = first.partition(", ")[2] or first
        raise DataError(
            f"{stage.column(role)} holds text in {filled - counts[best]:,} of {stage.total():,} rows (first: {first}); "
            f"pass missing=[{text}] or clean the file (decimal= and thousands= say how numbers are written)."
        )
    if len(fitting) > 1 and (marked := stage.first(f"contains({clean}, '.') OR contains({clean}, ',')", role, 1)):
        raise DataError(
            f"{stage.column(role)} can be read in two ways: in {marked[0]} the mark may stand before decimals or between "
            "thousands, and every row fits both. Pass decimal='.' or decimal=','."
        )
    return fitting[0]
