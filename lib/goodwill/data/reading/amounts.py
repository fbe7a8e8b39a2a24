"""Money written as text: one reading of points and commas for the whole column, as DuckDB expressions."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from goodwill.data.doubts.vocabulary import CURRENCIES
from goodwill.data.reading.files import Fact
from goodwill.data.reading.stage import Stage, quoted
from goodwill.errors import DataError, Unclear

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
_WRITTEN = (
    "US$", "HK$", "NZ$", "CA$", "AU$", "MX$", "R$", "A$", "C$", "S$", "人民币", "SFr.", "Fr.", "Rs.", "Rs", "kr.", "kr", "zł",
    "Kč", "лв.", "лв",
    "руб.", "руб", "грн", "円", "원", "元", "圆", "¥", "$", "€", "£", "₹", "₩", "₽", "₺", "₴", "₫", "₪", "₦", "₱", "฿", "₡", "₲", "₸",
)  # fmt: skip
# Longer names first, so that US$ is not read as $ with a rest.
SIGNS = tuple(sorted({*_WRITTEN, *CURRENCIES}, key=lambda sign: (-len(sign), sign)))
_SAME = {
    "￥": "¥", "元": "¥", "圆": "¥", "人民币": "¥", "RMB": "¥", "CNY": "¥", "円": "¥",
    "USD": "$", "US$": "$", "EUR": "€", "GBP": "£", "INR": "₹",
    "RS": "₹", "RS.": "₹", "BRL": "R$", "SFR.": "CHF", "FR.": "CHF", "KR.": "KR",
    "SEK": "KR", "PLN": "ZŁ", "CZK": "KČ", "KRW": "₩", "원": "₩",
    "RUB": "₽", "РУБ": "₽", "РУБ.": "₽", "TRY": "₺", "UAH": "₴", "ГРН": "₴", "ILS": "₪", "THB": "฿", "VND": "₫",
}  # fmt: skip
_SIGN = "(?:" + "|".join(s.replace("$", r"\$").replace(".", r"\.") for s in SIGNS) + ")"
_BEFORE, _BEHIND = rf"^([-+(]*\s*){_SIGN}", rf"{_SIGN}(\s*[-)]*)$"
# What may stand behind a number in place of its zeros, and the marks of accounts.
TIMES = {
    "K": 1000,
    "TSD": 1000,
    "TSD.": 1000,
    "M": 1_000_000,
    "MIO": 1_000_000,
    "MIO.": 1_000_000,
    "万": 10_000,
    "千": 1000,
    "亿": 100_000_000,
}
_TIMES = r"^([^A-Za-z万千亿]*\d[\d.,' ]*)\s*(k|tsd\.?|m|mio\.?|万|千|亿)$"
_ACCOUNT = r"^(.*\d.*?)\s*(CR|DR|Cr|Dr|cr|dr)\.?$"
MOST_TEXTS = 5  # different texts that are proposed as missing values
_DASH = r"[,.]\s*[-–—]{1,2}$"  # 49,- is 49
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
            lakhs = r"|[1-9]\d?(?:,\d{2})+,\d{3}" if mark == "," else ""  # 4,00,250 as in India
            whole = rf"(?:\d+|[1-9]\d{{0,2}}(?:(?:{mark}\d{{3}})+|(?: \d{{3}})+|(?:'\d{{3}})+){lakhs})"
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
    ahead = rf"regexp_replace({narrow}, {quoted(_BEFORE)}, '\1', 'i')"
    bare = rf"regexp_replace(trim(regexp_replace({ahead}, {quoted(_BEHIND)}, '\1', 'i')), '{_DASH}', '')"
    minus = rf"regexp_replace(regexp_replace({bare}, '^\(\s*(.*?)\s*\)$', '-\1'), '^([^-]+?)\s*-$', '-\1')"
    signed = rf"regexp_replace({minus}, '^([+-])\s+', '\1')"
    return rf"CASE WHEN regexp_full_match({column}, '-?\d+(\.\d+)?') THEN {column} ELSE {signed} END"


def signs_found(column: str) -> str:
    """SQL text: the currency sign in a text, empty when there is none."""
    narrow = f"trim(translate({column}, {quoted(_WIDE)}, {quoted(_NARROW)}))"
    first, last = quoted(rf"(?i)^[-+(]*\s*({_SIGN})"), quoted(rf"(?i)({_SIGN})\s*[-)]*$")
    ahead, behind = f"regexp_extract({narrow}, {first}, 1)", f"regexp_extract({narrow}, {last}, 1)"
    return (
        rf"CASE WHEN regexp_full_match({column}, '-?\d+([.,]\d+)?') THEN '' WHEN {ahead} <> '' THEN upper({ahead}) ELSE "
        rf"upper({behind}) END"
    )


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
    factor = unit_factor(stage.options.amount_unit if role in ("amount", "refunded") else None)
    clean = f"clean_{role}"
    stage.con.execute(f"ALTER TABLE staged ADD COLUMN {clean} VARCHAR")
    stage.con.execute(f'UPDATE staged SET {clean} = {cleaned(role)} WHERE "{role}" IS NOT NULL')
    marks = _account_marks(stage, role, clean)
    times, multiplied = _multipliers(stage, clean)
    reading = _choose(stage, role, clean)
    number = reading.number(clean)
    fine = rf"regexp_matches({clean}, '[{reading.decimal}]\d{{5,}}|[eE]')"
    value = decimal_value(number, factor, fine)
    if multiplied:
        value = f"TRY_CAST({number}::DECIMAL(28,10) * {times} * {factor}::DECIMAL(13,2) AS DECIMAL(18,4))"
    if found := stage.first(f"{clean} IS NOT NULL AND {value} IS NULL", role):
        raise DataError(f"{stage.column(role)} holds a number that is too large ({found[0]}).")
    sign, signed = _one_sign(stage, role)
    exact = f"{number}::DECIMAL(28,10) * {factor}::DECIMAL(13,2)"
    is_rounded = f"CASE WHEN {fine if factor >= 1 else 'TRUE'} THEN {exact} <> {value} ELSE FALSE END" if not multiplied else "FALSE"
    rounded, brackets = stage.rows(
        f"""SELECT count(*) FILTER ({is_rounded}), count(*) FILTER ("{role}" LIKE '%(%' OR "{role}" LIKE '%（%') FROM staged"""
    )[0]
    facts = [
        Fact("amount format", None, reading.text),
        Fact("currency signs", signed, f"taken off: {sign}" if sign else "none found"),
        Fact("amounts in brackets", brackets, "read as negative"),
        Fact("amounts rounded", rounded, "rounded to 4 decimals, half to even"),
        *marks,
        *multiplied,
    ]
    return value, facts, sign


def _account_marks(stage: Stage, role: str, clean: str) -> list[Fact]:
    """Take CR and DR off: the more frequent mark is a sale, the other one is money given back."""
    mark = f"upper(regexp_extract({clean}, {quoted(_ACCOUNT)}, 2))"
    found = stage.rows(f"SELECT {mark} AS mark, count(*) FROM staged WHERE {mark} <> '' GROUP BY 1 ORDER BY 2 DESC, 1")
    if not found:
        return []
    sold, back = found[0][0], found[1] if len(found) > 1 else ("", 0)
    done = f"{sold} read as money of a sale" + (f", {back[0]} in {back[1]:,} rows as money given back" if back[1] else "")
    if back[1] and role not in stage.options.sure:
        name = stage.names[role]
        raise Unclear(
            f"{stage.column(role)} marks amounts as {sold} in {found[0][1]:,} rows and as {back[0]} in {back[1]:,}. "
            f"Pass keep=['{name}=*'] to take {sold} for sales and {back[0]} for money given back, or write them with signs.",
            {"keep": [f"{name}=*"]},
        )
    bare = rf"regexp_replace({clean}, {quoted(_ACCOUNT)}, '\1')"
    negative = f"CASE WHEN {bare} LIKE '-%' THEN substr({bare}, 2) ELSE '-' || {bare} END"
    stage.con.execute(
        f"UPDATE staged SET {clean} = CASE WHEN {mark} = '{back[0] or 'none'}' THEN {negative} ELSE {bare} END WHERE {mark} <> ''"
    )
    return [Fact("marks of accounts", sum(n for _, n in found), done)]


def _multipliers(stage: Stage, clean: str) -> tuple[str, list[Fact]]:
    """Take K, M, 万 off: SQL of what the number in a row is multiplied by, and the fact that they were there."""
    word = f"upper(regexp_extract({clean}, {quoted('(?i)' + _TIMES)}, 2))"
    found = stage.rows(f"SELECT {word} AS word, count(*) FROM staged WHERE {word} <> '' GROUP BY 1 ORDER BY 2 DESC, 1")
    if not found:
        return "1", []
    cases = " ".join(f"WHEN '{each}' THEN {TIMES[each]}" for each, _ in found)
    stage.con.execute(f"ALTER TABLE staged ADD COLUMN times_{clean} BIGINT")
    stage.con.execute(f"UPDATE staged SET times_{clean} = CASE {word} {cases} ELSE 1 END")
    stage.con.execute(rf"UPDATE staged SET {clean} = regexp_replace({clean}, {quoted('(?i)' + _TIMES)}, '\1') WHERE {word} <> ''")
    said = ", ".join(f"{each} times {TIMES[each]:,}" for each, _ in found)
    return f"times_{clean}", [Fact("amounts in thousands or more", sum(n for _, n in found), f"multiplied: {said}")]


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
        raise _no_number(stage, role, f"{clean} IS NOT NULL AND NOT {fits[best]}", filled - counts[best], counts[best])
    if len(fitting) > 1 and (marked := stage.first(f"contains({clean}, '.') OR contains({clean}, ',')", role, 1)):
        likely = "." if "," in marked[0].partition(", ")[2] else ","  # a mark before three digits everywhere stands between thousands
        raise Unclear(
            f"{stage.column(role)} can be read in two ways: in {marked[0]} the mark may stand before decimals or between "
            "thousands, and every row fits both. Pass decimal='.' or decimal=','.",
            {"decimal": likely},
        )
    return fitting[0]


def _no_number(stage: Stage, role: str, where: str, rows: int, good: int) -> DataError:
    """The error that texts are no numbers; a few different ones are proposed as missing values."""
    first = stage.first(where, role, 1)[0]
    texts = [text for (text,) in stage.rows(f'SELECT DISTINCT "{role}" FROM staged WHERE {where} ORDER BY 1 LIMIT {MOST_TEXTS + 1}')]
    said = f"{stage.column(role)} holds text in {rows:,} of {stage.total():,} rows (first: {first})"
    if good and len(texts) <= MOST_TEXTS:
        return Unclear(f"{said}; pass missing={texts!r} or clean the file.", {"missing": texts})
    return DataError(
        f"{said}: that is no number in a form that is read (such as 1234.50, 1.234,50 or 1,234.50, with one currency for the "
        f"whole column; "
        "decimal= and thousands= say which marks stand where). Clean the column in the source."
    )
