"""Dates written as text: read under one stated form for the whole column, never guessed row by row."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

# What may stand behind a date: a time, and a zone behind that. One pattern for RE2 (DuckDB) and Python.
TIME = (
    r"(?:T\d{4}(?:\d{2}(?:\.\d+)?)?|(?:T|\s*(?:上午|下午|凌晨|早上|中午|晚上)?\s*)"
    r"(?:\d{1,2}[:：]\d{2}(?:[:：]\d{2}(?:[.,]\d+)?)?|\d{1,2}[时時点]\d{1,2}分?(?:\d{1,2}秒?)?))"
    r"\s*(?:[AaPp]\.?[Mm]\.?)?"
)
ZONE = r"\s*(?:Z|z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})"

_MONTHS = {m: i + 1 for i, m in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"])}
_YEAR_FIRST = re.compile(r"(\d{4})(?:\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{1,2})|\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日号號]?)")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\.0|\d{4}|\d{6})?")
_YEAR_LAST = re.compile(r"(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{4})")
_NAMED = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th)?[\s-]+([A-Za-z]{3,9})\.?,?[\s-]+(\d{4})|([A-Za-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})"
)
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")
# Excel counts days from 1899-12-30 (its day 60, 1900-02-29, never was); 1950 to 2099 is taken as plausible.
_EXCEL_ZERO = date(1899, 12, 30)
_SERIALS = range(18264, 73051)
_YEARS = range(1800, 2200)


@dataclass(frozen=True)
class ReadDates:
    """Result of `read_dates`: the dates by text, the forms found by name, the texts that fail, and a question where one is open."""

    dates: dict[str, date]
    forms: dict[str, int]
    failed: tuple[str, ...] = ()
    question: str = ""


def _date(year: int | str, month: int | str, day: int | str) -> date | None:
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return found if found.year in _YEARS else None


def _unambiguous(text: str) -> tuple[str, date | None] | None:
    """Form and date of a text that has one reading only; None when it is in no such form."""
    if m := _YEAR_FIRST.fullmatch(text):
        year, month, day, month_cn, day_cn = m.groups()
        return ("year, month, day", _date(year, month, day)) if month else ("年月日", _date(year, month_cn, day_cn))
    if m := _COMPACT.fullmatch(text):
        return "yyyymmdd", _date(*m.groups())
    if m := _NAMED.fullmatch(text):
        day, name, year = m.groups()[:3] if m.group(1) else (m.group(5), m.group(4), m.group(6))
        month = _MONTHS.get(name[:3].lower())
        return "month by name", _date(year, month, day) if month else None
    return None


def read_dates(texts: Iterable[str], date_format: str | None = None) -> ReadDates:
    """Read the distinct date texts of one column (times already cut off).

    Parameters
    ----------
    texts : iterable of str
        Distinct texts, trimmed.
    date_format : str, optional
        A `strptime` form such as "%d/%m/%Y" that every text has; without it, forms with one reading are taken as they are, the order
        of day and month is decided only when exactly one order fits all texts, and five-digit numbers are Excel serial dates when
        the whole column is such numbers.

    Examples
    --------
    >>> read_dates(["13/05/2024", "02/05/2024"]).forms
    {'day/month/year': 2}
    >>> read_dates(["01/05/2024", "02/05/2024"]).question
    'day/month/year and month/day/year both fit every row'
    """
    if date_format:
        return _read_told(texts, date_format)
    dates: dict[str, date] = {}
    forms: dict[str, int] = {}
    failed, turned, serials = [], [], []
    for text in texts:
        if (known := _unambiguous(text)) is not None:
            form, found = known
            if found is None:
                failed.append(text)
            else:
                dates[text] = found
                forms[form] = forms.get(form, 0) + 1
        elif m := _YEAR_LAST.fullmatch(text):
            turned.append((text, m.groups()))
        elif (m := _SERIAL.fullmatch(text)) and int(m.group(1)) in _SERIALS:
            serials.append((text, int(m.group(1))))
        else:
            failed.append(text)
    if serials and not (dates or turned or failed):
        return ReadDates({t: _EXCEL_ZERO + timedelta(days=n) for t, n in serials}, {"Excel serial number": len(serials)})
    failed += [t for t, _ in serials]
    if turned:
        return _read_turned(turned, dates, forms, failed)
    return ReadDates(dates, forms, tuple(failed))


def _read_turned(turned: list[tuple[str, tuple[str, ...]]], dates: dict[str, date], forms: dict[str, int], failed: list[str]) -> ReadDates:
    """Decide between day/month/year and month/day/year from the whole column."""
    by_day = {t: _date(y, b, a) for t, (a, b, y) in turned}
    by_month = {t: _date(y, a, b) for t, (a, b, y) in turned}
    bad_day = [t for t, d in by_day.items() if d is None]
    bad_month = [t for t, d in by_month.items() if d is None]
    if bad_day and bad_month:
        failed = failed + min(bad_day, bad_month, key=len)
        return ReadDates(dates, forms, tuple(failed))
    if not bad_day and not bad_month and by_day != by_month:
        return ReadDates(dates, forms, tuple(failed), "day/month/year and month/day/year both fit every row")
    chosen, form = (by_day, "day/month/year") if not bad_day else (by_month, "month/day/year")
    dates.update({t: d for t, d in chosen.items() if d is not None})
    return ReadDates(dates, forms | {form: len(turned)}, tuple(failed))


def _read_told(texts: Iterable[str], date_format: str) -> ReadDates:
    read: Callable[[str], date] = lambda text: datetime.strptime(text, date_format).date()  # noqa: E731
    dates, failed = {}, []
    for text in texts:
        try:
            dates[text] = read(text)
        except ValueError:
            failed.append(text)
    return ReadDates(dates, {date_format: len(dates)}, tuple(failed))
