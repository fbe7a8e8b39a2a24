"""Conditions by which a user says which rows are meant: `status=completed|shipped`, `currency!=JPY`, `date<=2024-12-31`, `amount=*`."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

import ibis

from goodwill.errors import DataError

AS_WRITTEN = "*"
BLANK = "(blank)"
_SIGN = re.compile(r"\s*(!=|<=|>=|=|<|>)\s*")


@dataclass(frozen=True)
class Condition:
    """A condition on one column of the source: rows that do not meet it are left out.

    `column` is the column as the source calls it; `values` are alternatives, compared without regard to case and blanks around.
    """

    column: str
    sign: str
    values: tuple[str, ...]
    text: str

    @property
    def is_as_written(self) -> bool:
        """Whether it keeps every row and only says that the column is meant as it stands (`status=*`)."""
        return self.sign == "=" and self.values == (AS_WRITTEN,)


def read_conditions(keep: Sequence[str] | str, columns: Sequence[str], roles: Mapping[str, str], where: str) -> tuple[Condition, ...]:
    """Conditions as a user writes them.

    Parameters
    ----------
    keep : sequence of str
        Each a column, one of the signs = != < <= > >=, and values, joined by "|"; "(blank)" is the empty value, "*" every value.
    columns : sequence of str
        Columns of the source.
    roles : mapping
        Canonical name (customer_id, date, amount, …) to the column that has its role; both names may be used.
    where : str
        Name of the source, for the messages.

    Raises
    ------
    DataError
        For an unknown column, or a text without a sign.

    Examples
    --------
    >>> found = read_conditions(["Status=paid|shipped", "date<=2024-12-31"], ["Status", "Day"], {"date": "Day"}, "f.csv")
    >>> [(c.column, c.sign, c.values) for c in found]
    [('Status', '=', ('paid', 'shipped')), ('Day', '<=', ('2024-12-31',))]
    """
    texts = [keep] if isinstance(keep, str) else list(keep)
    return tuple(_read(str(text), columns, roles, where) for text in texts if str(text).strip())


def _read(text: str, columns: Sequence[str], roles: Mapping[str, str], where: str) -> Condition:
    names = {name.casefold(): column for name, column in (*roles.items(), *((c, c) for c in columns))}
    for name in sorted(names, key=len, reverse=True):
        rest = text.strip()[len(name) :]
        if text.strip().casefold().startswith(name) and (sign := _SIGN.match(rest)):
            values = tuple(value.strip() for value in rest[sign.end() :].split("|"))
            return Condition(names[name], sign[1], values, f"{names[name]}{sign[1]}{'|'.join(values)}")
    sign = _SIGN.search(text)
    if sign is None:
        raise DataError(f"keep={[text]!r} is no condition; write a column, a sign and values, such as keep=['status=completed|shipped'].")
    near = difflib.get_close_matches(text[: sign.start()].strip().casefold(), list(names), n=1, cutoff=0.5)
    hint = f" Did you mean {names[near[0]]!r}?" if near else ""
    raise DataError(f"keep={[text]!r} names a column that {where} does not have.{hint} Its columns are {', '.join(map(repr, columns))}.")


def meets(condition: Condition, value: Any) -> Any:
    """A column of an Ibis table under a condition: true or false, never missing."""
    kind = value.type()
    if kind.is_date() or kind.is_timestamp():
        return _compared(condition, value.cast("date"), lambda text: ibis.literal(_day(condition, text)))
    if kind.is_numeric() and not kind.is_boolean():
        exact = value.cast("decimal(18, 4)") if kind.is_decimal() else value
        return _compared(condition, exact, lambda text: _number(condition, text, kind.is_decimal()))
    texts = value.cast("string").strip().lower()
    texts = (texts == "").ifelse(ibis.null("string"), texts)
    if condition.sign in ("=", "!=") or not all(map(_is_number, condition.values)):
        return _compared(condition, texts, lambda text: ibis.literal(text.lower()))
    number = texts.try_cast("float64") if value.get_backend().name == "duckdb" else texts.cast("float64")
    return _compared(condition, number, lambda text: ibis.literal(float(text)))


def _compared(condition: Condition, value: Any, literal: Any) -> Any:
    """The values of a condition are alternatives; a missing cell meets only `(blank)`, and every `!=` that does not name it."""
    one = {"<": "__lt__", "<=": "__le__", ">": "__gt__", ">=": "__ge__"}.get(condition.sign, "__eq__")
    found = ibis.literal(False)
    for text in condition.values:
        met = value.isnull() if text.casefold() in (BLANK, "") else getattr(value, one)(literal(text)).fill_null(False)
        found = found | met
    return ~found if condition.sign == "!=" else found


def _day(condition: Condition, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise DataError(f"keep={[condition.text]!r}: {text!r} is no day; write it as year-month-day, such as 2024-12-31.") from None


def _is_number(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False


def _number(condition: Condition, text: str, is_decimal: bool) -> Any:
    if not _is_number(text):
        raise DataError(f"keep={[condition.text]!r}: {text!r} is no number; write it as 1234.50.")
    return ibis.literal(Decimal(text)).cast("decimal(18, 4)") if is_decimal else ibis.literal(float(text))
