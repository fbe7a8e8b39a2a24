"""Dates written as text: read under one stated form for the whole column, never guessed row by row."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from goodwill.data.reading.calendar_words import month_number, without_weekday

# What may stand behind a date: a time, and a zone behind that. One pattern for RE2 (DuckDB) and Python.
TIME = (
    r"(?:T\d{4}(?:\d{2}(?:\.\d+)?)?|(?:T|,?\s*(?:上午|下午|凌晨|早上|中午|晚上|um|at)?\s*)"
    r"(?:\d{1,2}[:：]\d{2}(?:[:：]\d{2}(?:[.,]\d+)?)?|\d{1,2}[时時点h]\d{1,2}分?(?:\d{1,2}秒?)?))"
    r"\s*(?:[AaPp]\.?\s?[Mm]\.?|Uhr)?"
)
ZONE = r"\s*(?:Z|z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2}|[A-Z]{1,3}[SD]?T|MSK)(?:\[[\w/]+\])?"

_YEAR_FIRST = re.compile(
    r"(\d{4})(?:\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{1,2})(?:[T\s]+\d{1,2}Z?)?|\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日号號]?)"
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\.0|\d{4}|\d{6})?")
_YEAR_LAST = re.compile(r"(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{4})(?:\s+\d{1,2})?")
_SHORT = re.compile(r"(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{2})")
_BETWEEN = r"(?:[\s\-/.,]+(?:del?\s+|of\s+)?)"
_NAMED = re.compile(
    rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|\.|º)?{_BETWEEN}(?P<month>[^\W\d_]{{3,12}})\.?{_BETWEEN}(?P<year>\d{{4}}|\d{{2}})"
    rf"|(?P<month2>[^\W\d_]{{3,12}})\.?[\s\-]+(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?[,\s\-]+(?P<year2>\d{{4}})"
    rf"|(?P<month3>[A-Za-z]{{3}})\s+(?P<day3>\d{{1,2}})\s+\d{{2}}:\d{{2}}:\d{{2}}(?:\s+[A-Z]{{3,5}}|\s+[+-]\d{{4}})?\s+(?P<year3>\d{{4}})"
    rf"|(?P<year4>\d{{4}})[\s\-/.]+(?P<month4>[^\W\d_]{{3,12}})\.?[\s\-/.]+(?P<day4>\d{{1,2}})"
)
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")
_SECONDS = re.compile(r"(\d{9,10}|\d{12,13})(?:\.\d+)?")
# A month without a day, with the form that takes its first day.
_MONTH_ONLY = (
    (re.compile(r"\d{4}-\d{1,2}"), "%Y-%m"),
    (re.compile(r"\d{4}/\d{1,2}"), "%Y/%m"),
    (re.compile(r"\d{4}\.\d{1,2}"), "%Y.%m"),
    (re.compile(r"\d{1,2}/\d{4}"), "%m/%Y"),
    (re.compile(r"\d{1,2}-\d{4}"), "%m-%Y"),
    (re.compile(r"\d{1,2}\.\d{4}"), "%m.%Y"),
    (re.compile(r"\d{4}年\d{1,2}月"), "%Y年%m月"),
    (re.compile(r"[A-Za-z]{3,9} \d{4}"), "%B %Y"),
    (re.compile(r"[A-Za-z]{3} \d{4}"), "%b %Y"),
    (re.compile(r"[A-Za-z]{3}-\d{4}"), "%b-%Y"),
)
# Forms that are proposed where every text of a column is in one of them: they have no marks, or none that tells them apart.
_PROPOSED = (
    "%d%m%Y",
    "%m%d%Y",
    "%y%m%d",
    "%d%m%y",
    "%m%d%y",
    "%Y%j",
    "%d %m %Y",
    "%m %d %Y",
    "%Y %m %d",
    "%d_%m_%Y",
    "%m_%d_%Y",
    "%Y_%m_%d",
)
# Excel counts days from 1899-12-30 (its day 60, 1900-02-29, never was); 1950 to 2099 is taken as plausible.
_EXCEL_ZERO = date(1899, 12, 30)
_SERIALS = range(18264, 73051)
_UNIX = range(631_152_000, 4_102_444_800)  # seconds since 1970 of the years 1990 to 2099
_YEARS = range(1800, 2200)
_PIVOT = 69  # years of two digits below it are of this century, as in POSIX


@dataclass(frozen=True)
class ReadDates:
    """Result of `read_dates`: the dates by text, the forms found by name, the texts that fail, and a question where one is open.

    `formats` are the `date_format`s of which each answers the question; with the first one of them every text is read.
    """

    dates: dict[str, date]
    forms: dict[str, int]
    failed: tuple[str, ...] = ()
    question: str = ""
    formats: tuple[str, ...] = ()


def _date(year: int | str, month: int | str | None, day: int | str) -> date | None:
    """A date of a plausible year; years of two digits as POSIX takes them."""
    whole = int(year)
    if isinstance(year, str) and len(year) == 2:
        whole += 2000 if whole < _PIVOT else 1900
    try:
        found = date(whole, int(month or 0), int(day))
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
        found = {key.rstrip("234"): value for key, value in m.groupdict().items() if value is not None}
        return "month by name", _date(found["year"], month_number(found["month"]), found["day"])
    return None


def read_dates(texts: Iterable[str], date_format: str | None = None) -> ReadDates:
    """Read the distinct date texts of one column (times already cut off).

    Parameters
    ----------
    texts : iterable of str
        Distinct texts, trimmed.
    date_format : str, optional
        A `strptime` form such as "%d/%m/%Y" that every text has; without it, forms with one reading are taken as they are (names of
        months and weekdays in several languages too), the order of day, month and a year of two digits is decided only when exactly
        one order fits all texts, and numbers are Excel serial dates or seconds since 1970 when the whole column is such numbers.

    Examples
    --------
    >>> read_dates(["13/05/2024", "02/05/2024"]).forms
    {'day/month/year': 2}
    >>> open_question = read_dates(["01/05/2024", "02/05/2024"])
    >>> open_question.question, open_question.formats
    ('day/month/year and month/day/year both fit every row', ('%d/%m/%Y', '%m/%d/%Y'))
    >>> read_dates(["mer. 4 janv. 2023"]).dates
    {'mer. 4 janv. 2023': datetime.date(2023, 1, 4)}
    """
    if date_format:
        return _read_told(texts, date_format)
    dates: dict[str, date] = {}
    forms: dict[str, int] = {}
    failed, turned, short, numbers = [], [], [], []
    for text in texts:
        bare = text if text[:4].isdigit() and text[-1:].isdigit() else without_weekday(text).rstrip(" ,")
        if (known := _unambiguous(bare)) is not None:
            form, found = known
            if found is None:
                failed.append(text)
            else:
                dates[text] = found
                forms[form] = forms.get(form, 0) + 1
        elif m := _YEAR_LAST.fullmatch(bare):
            turned.append((text, m.groups()))
        elif m := _SHORT.fullmatch(bare):
            short.append((text, m.groups()))
        elif _SERIAL.fullmatch(bare) or _SECONDS.fullmatch(bare):
            numbers.append(text)
        else:
            failed.append(text)
    if numbers and not (dates or turned or short or failed):
        return _read_numbers(numbers)
    failed += numbers
    if failed and not (dates or turned or short):
        return _proposed(failed)
    if turned and short:
        failed += [text for text, _ in short]
    if turned or short:
        return _read_turned(turned or short, dates, forms, failed)
    return ReadDates(dates, forms, tuple(failed))


def _read_numbers(texts: Sequence[str]) -> ReadDates:
    """Days of Excel, or seconds or milliseconds since 1970 (their day in UTC), whichever all are."""
    serials = {t: int(m[1]) for t in texts if (m := _SERIAL.fullmatch(t)) and int(m[1]) in _SERIALS}
    if len(serials) == len(texts):
        return ReadDates({t: _EXCEL_ZERO + timedelta(days=n) for t, n in serials.items()}, {"Excel serial number": len(serials)})
    for unit, per in (("seconds", 1), ("milliseconds", 1000)):
        moments = {t: int(m[1]) // per for t in texts if (m := _SECONDS.fullmatch(t)) and int(m[1]) // per in _UNIX}
        if len(moments) == len(texts):
            days = {t: datetime.fromtimestamp(n, UTC).date() for t, n in moments.items()}
            return ReadDates(days, {f"{unit} since 1970, in UTC": len(days)})
    return _proposed(texts) if not serials else ReadDates({}, {}, tuple(t for t in texts if t not in serials) or tuple(texts))


def _proposed(texts: Sequence[str]) -> ReadDates:
    """Texts of no known form: the forms that would read all of them, as a question."""
    for shape, form in _MONTH_ONLY:
        if all(map(shape.fullmatch, texts)) and not _read_told(texts, form).failed:
            return ReadDates({}, {}, (), f"it holds months, and a month is no day; {form} takes the first day of each", (form,))
    fitting = tuple(form for form in _PROPOSED if _all_plausible(_read_told(texts, form)))
    if fitting:
        return ReadDates({}, {}, (), "they are in a form that is not read without being told", fitting)
    return ReadDates({}, {}, tuple(texts))


def _all_plausible(read: ReadDates) -> bool:
    return not read.failed and all(1970 <= day.year < 2100 for day in read.dates.values())


_ORDERS = {"day/month/year": ("d", "m", "y"), "month/day/year": ("m", "d", "y"), "year/month/day": ("y", "m", "d")}


def _read_turned(turned: list[tuple[str, tuple[str, ...]]], dates: dict[str, date], forms: dict[str, int], failed: list[str]) -> ReadDates:
    """Decide the order of day and month (and of a year of two digits) from the whole column."""
    is_short = len(turned[0][1][2]) == 2
    readings = {}
    for form, order in _ORDERS.items():
        if is_short or order[2] == "y":
            places = [order.index(part) for part in "ymd"]
            readings[form] = {t: _date(*(parts[p] for p in places)) for t, parts in turned}
    readings = _by_years(readings, turned) if is_short else readings
    bad = {form: [t for t, day in read.items() if day is None] for form, read in readings.items()}
    fitting = [form for form, texts in bad.items() if not texts]
    if not fitting:
        return ReadDates(dates, forms, tuple(failed + min(bad.values(), key=len)))
    if any(readings[form] != readings[fitting[0]] for form in fitting):
        words = " and ".join(fitting) if len(fitting) == 2 else f"{', '.join(fitting[:-1])} and {fitting[-1]}"
        formats = tuple(_format(form, turned[0][0], is_short) for form in fitting)
        return ReadDates(dates, forms, tuple(failed), f"{words} {'both' if len(fitting) == 2 else 'all'} fit every row", formats)
    dates.update({t: d for t, d in readings[fitting[0]].items() if d is not None})
    return ReadDates(dates, forms | {fitting[0]: len(turned)}, tuple(failed))


def _by_years(readings: dict[str, dict[str, date | None]], turned: list[tuple[str, tuple[str, ...]]]) -> dict[str, dict[str, date | None]]:
    """Without the orders that cannot be: where one end has many different numbers and the other few, the few are the years."""
    first, last = (len({parts[place] for _, parts in turned}) for place in (0, 2))
    if max(first, last) < 4 * min(first, last):
        return readings
    return {form: read for form, read in readings.items() if (form == "year/month/day") == (first < last)}


def _format(form: str, text: str, is_short: bool) -> str:
    """The `date_format` of an order, with the mark of a text."""
    mark = re.search(r"[-/.]", text)
    letters = {"day": "%d", "month": "%m", "year": "%y" if is_short else "%Y"}
    return (mark[0] if mark else "/").join(letters[part] for part in form.split("/"))


def _read_told(texts: Iterable[str], date_format: str) -> ReadDates:
    """Dates in a told form; another mark between numbers than the form has, and blanks beside it, count as the form's."""
    plain_form = re.sub(r"\s*[-/.]\s*", "/", date_format)
    dates, failed = {}, []
    for text in texts:
        for written, form in ((text, date_format), (re.sub(r"\s*[-/.]\s*", "/", text), plain_form)):
            try:
                found = datetime.strptime(written, form).date()
            except ValueError:
                continue
            if found.year in _YEARS:
                dates[text] = found
                break
        else:
            failed.append(text)
    return ReadDates(dates, {date_format: len(dates)}, tuple(failed))


def proposals(read: ReadDates) -> str:
    """The ways to answer a question, in words; empty where there is none."""
    return " or ".join(f"date_format={form!r}" for form in read.formats)


def holds_both_orders(texts: Iterable[str]) -> bool:
    """Whether some texts fit only day/month/year and others only month/day/year.

    Examples
    --------
    >>> holds_both_orders(["13/05/2024", "05/13/2024"]), holds_both_orders(["13/05/2024", "01/05/2024"])
    (True, False)
    """
    found = [m.groups() for text in texts if (m := _YEAR_LAST.fullmatch(text))]
    only = {(_date(y, b, a) is None, _date(y, a, b) is None) for a, b, y in found}
    return (True, False) in only and (False, True) in only
