"""Money written as text: one reading of points and commas for the whole column, as DuckDB expressions."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

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


def quoted(text: str) -> str:
    """A SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


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


def decimal_value(number: str, factor: Decimal) -> str:
    """SQL expression: number text times factor as DECIMAL(18,4), rounded half to even; NULL when it does not fit."""
    value = f"CAST(TRY_CAST({number} AS DECIMAL(28,10)) * {factor * 10_000}::DECIMAL(13,0) AS DECIMAL(38,10))"
    whole = f"floor({value})"
    rest = f"({value} - {whole})"
    odd = f"(CAST({whole} AS HUGEINT) % 2 <> 0)"
    even = f"CASE WHEN {rest} > 0.5 OR ({rest} = 0.5 AND {odd}) THEN {whole} + 1 ELSE {whole} END"
    return f"TRY_CAST(CAST({even} AS DECIMAL(30,0)) * 0.0001::DECIMAL(5,4) AS DECIMAL(18,4))"
