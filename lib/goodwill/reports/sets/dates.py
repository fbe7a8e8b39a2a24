"""Relative dates in recipes: `{yesterday}`, `{end_of_last_month}`, `{today - 7 days}`; today is the day a run counts as."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from types import MappingProxyType

from goodwill.errors import UsageError
from goodwill.reports.recording.parameters import unknown_name

SHIFTED = re.compile(r"(?P<name>[a-z_]+)\s*(?:(?P<sign>[+-])\s*(?P<count>\d{1,5})\s*(?P<unit>day|week|month|year)s?)?")
WORD = re.compile(r"[A-Za-z_]\w*\s*([+-]|$)")
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def _month_start(day: date) -> date:
    return day.replace(day=1)


def _quarter_start(day: date) -> date:
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


_DAY = timedelta(days=1)
NAMED: dict[str, Callable[[date], date]] = {
    "today": lambda day: day,
    "yesterday": lambda day: day - _DAY,
    "start_of_week": lambda day: day - timedelta(days=day.weekday()),  # Monday
    "end_of_last_week": lambda day: day - timedelta(days=day.weekday() + 1),  # Sunday
    "start_of_month": _month_start,
    "end_of_last_month": lambda day: _month_start(day) - _DAY,
    "start_of_last_month": lambda day: _month_start(_month_start(day) - _DAY),
    "start_of_quarter": _quarter_start,
    "end_of_last_quarter": lambda day: _quarter_start(day) - _DAY,
    "start_of_year": lambda day: date(day.year, 1, 1),
    "end_of_last_year": lambda day: date(day.year - 1, 12, 31),
}


def relative_date(text: str, today: date) -> date | None:
    """The day that a name such as `yesterday` or `today - 3 months` stands for; None when it is no such name.

    A shift by months or years that would leave the month takes its last day.

    Examples
    --------
    >>> relative_date("end_of_last_month", date(2024, 3, 15)), relative_date("today - 1 month", date(2024, 3, 31))
    (datetime.date(2024, 2, 29), datetime.date(2024, 2, 29))
    """
    found = SHIFTED.fullmatch(text.strip())
    if found is None or found["name"] not in NAMED:
        return None
    day = NAMED[found["name"]](today)
    if found["count"] is None:
        return day
    count = int(found["count"]) * (1 if found["sign"] == "+" else -1)
    try:
        if found["unit"] in ("day", "week"):
            return day + timedelta(days=count * (7 if found["unit"] == "week" else 1))
        return _months_later(day, count * (12 if found["unit"] == "year" else 1))
    except (OverflowError, ValueError):
        raise UsageError(f"the date {{{text}}} lies outside the calendar.") from None


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(day.day, (following - _DAY).day))


def fill(text: str, today: date, values: Mapping[str, str] = MappingProxyType({}), where: str = "this recipe") -> str:
    """The text with every relative date in braces as `YYYY-MM-DD`, and every name of `values` as its value.

    All in one pass, so that braces inside a value are never read again. Braces around anything else stay.

    Raises
    ------
    UsageError
        For a name that is almost a relative date or one of `values`.

    Examples
    --------
    >>> fill("{region} up to {yesterday}", date(2024, 3, 1), {"region": "{today}"})
    '{today} up to 2024-02-29'
    """

    def replaced(match: re.Match[str]) -> str:
        name = match[1].strip()
        if name in values:
            return values[name]
        day = relative_date(name, today)
        if day is not None:
            return day.isoformat()
        message = unknown_name(name, [*values, *NAMED], "value in braces", where)
        if "did you mean" in message and WORD.match(name):
            raise UsageError(message)
        return match[0]

    return PLACEHOLDER.sub(replaced, text)
