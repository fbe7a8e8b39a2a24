"""Which days of the year may be busier than others: weeks of the year, and days that have a name.

A calendar gives every day a factor on everybody's rate of purchase, whose mean over a year is 1. Time that runs faster on busy days is
*operational time*; see `goodwill.lifetime_value.richer.seasonal`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from goodwill.errors import DataError
from goodwill.lifetime_value.evidence.seasons import FIXED

FloatArray = NDArray[np.float64]
Days = NDArray[np.datetime64]

WEEKS = "weeks"
WEEKS_OF_YEAR = 52  # the last has an eighth day, and the ninth too in a leap year
MOVING = "Black Friday"  # Thanksgiving to Cyber Monday
REFERENCE = (date(2001, 1, 1), date(2004, 12, 31))  # four years, a leap year among them, over which recurring factors have the mean 1
MOST = 20  # named days of one calendar
LIMITS = (0.01, 100.0)  # of a factor that is given
ITEM = re.compile(r"(?P<name>[^:=]+?)\s*(?:[:=]\s*(?P<dates>[^x×]*?))?(?:\s+[x×]\s*(?P<factor>\d+(?:\.\d+)?))?\s*")
YEARLY, DATED = re.compile(r"(\d{1,2})-(\d{1,2})"), re.compile(r"\d{4}-\d{1,2}-\d{1,2}")


@dataclass(frozen=True)
class NamedDays:
    """Days that share a factor.

    Attributes
    ----------
    name : str
    yearly : tuple of ((month, day), (month, day))
        First and last day of what comes back every year; it may lie across New Year.
    dated : tuple of (date, date)
        First and last day of what has a year of its own, and does not come back by itself.
    factor : float, optional
        Rate of purchase on such a day over that of a day without it; None where it is estimated.
    """

    name: str
    yearly: tuple[tuple[tuple[int, int], tuple[int, int]], ...] = ()
    dated: tuple[tuple[date, date], ...] = ()
    factor: float | None = None

    @property
    def moves(self) -> bool:
        """Whether it is the days around Black Friday, whose dates differ from year to year."""
        return self.name == MOVING and not (self.yearly or self.dated)

    @property
    def field(self) -> str:
        """The name as a parameter of a model has it: letters and digits."""
        word = re.sub(r"\W+", "_", self.name.lower()).strip("_")
        return f"day_{word}" if not word.isidentifier() or word in ("r", "alpha", "a", "b", "unit") else word

    def holds(self, days: Days) -> NDArray[np.bool_]:
        """Which of some days belong to it."""
        found = np.zeros(days.shape, bool)
        month_of = days.astype("datetime64[M]")
        at = 100 * (month_of.astype(int) % 12 + 1) + (days - month_of).astype(int) + 1
        for first, last in self.yearly:
            low, high = 100 * first[0] + first[1], 100 * last[0] + last[1]
            found |= (at >= low) & (at <= high) if low <= high else (at >= low) | (at <= high)
        for start, stop in self.dated:
            found |= (days >= np.datetime64(start)) & (days <= np.datetime64(stop))
        if self.moves:
            found |= _around_black_friday(days)
        return found

    @property
    def text(self) -> str:
        """What `calendar_of` reads as this."""
        parts = [_range(f"{a[0]:02}-{a[1]:02}", f"{b[0]:02}-{b[1]:02}") for a, b in self.yearly]
        parts += [_range(a.isoformat(), b.isoformat()) for a, b in self.dated]
        dates = f": {' + '.join(parts)}" if parts else ""
        return f"{self.name}{dates}" + (f" x{self.factor!r}" if self.factor is not None else "")


@dataclass(frozen=True)
class Calendar:
    """What a factor belongs to: each of the 52 weeks of the year or none, and days with a name; made by `calendar_of`.

    Week 1 begins on 1 January, and week 52 ends with the year. A date lies in the same week every year (29 February in that of the 28th),
    since festivals keep their dates. The factors of a day multiply.

    Examples
    --------
    >>> import goodwill as gw
    >>> told = gw.lifetime_value.calendar_of(["weeks", "Christmas x2.5"])
    >>> str(told), told.is_estimated, len(told.fields)
    ('the weeks of the year, Christmas', True, 52)
    """

    weeks: bool
    days: tuple[NamedDays, ...]

    @property
    def items(self) -> tuple[str, ...]:
        """The texts that `calendar_of` reads as this calendar."""
        return (*((WEEKS,) if self.weeks else ()), *(each.text for each in self.days))

    @cached_property
    def estimated(self) -> tuple[NamedDays, ...]:
        """The named days whose factors are estimated."""
        return tuple(each for each in self.days if each.factor is None)

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """Names of the factors that are estimated: `week_01` to `week_52`, and those of named days."""
        weeks = tuple(f"week_{k:02}" for k in range(1, WEEKS_OF_YEAR + 1)) if self.weeks else ()
        return (*weeks, *(each.field for each in self.estimated))

    @property
    def is_estimated(self) -> bool:
        """Whether any factor has to be learned."""
        return bool(self.fields)

    def __str__(self) -> str:
        named = [each.name for each in self.days]
        return ", ".join((["the weeks of the year"] if self.weeks else []) + named)


@dataclass(frozen=True, eq=False)
class DayKinds:
    """Days by what they belong to, so that factors are computed once for each kind of day.

    Attributes
    ----------
    kind : array of int, shape (days,)
    design : array, shape (kinds, factors)
        1 where an estimated factor works.
    offset : array, shape (kinds,)
        Sum of the logarithms of the given factors.
    share : array, shape (kinds,)
        Share of the days of the reference years.
    """

    kind: NDArray[np.intp]
    design: FloatArray
    offset: FloatArray
    share: FloatArray

    def log_factors(self, logs: FloatArray) -> FloatArray:
        """Logarithm of the factor of each kind of day, shape (..., kinds), from logarithms of shape (..., factors)."""
        eta = logs @ self.design.T + self.offset
        known = self.share > 0
        top = eta[..., known].max(axis=-1, keepdims=True)
        return eta - top - np.log(np.exp(eta[..., known] - top) @ self.share[known])[..., None]


@lru_cache(maxsize=64)
def day_kinds(calendar: Calendar, first: date, count: int) -> DayKinds:
    """The kinds of `count` days from the first on, with those of the reference years."""
    start, stop = (np.datetime64(each) for each in REFERENCE)
    reference = np.arange(start, stop + 1)
    days = np.arange(np.datetime64(first), np.datetime64(first) + count)
    size = len(reference)
    both = np.concatenate([reference, days])
    codes = _week_of_year(both) if calendar.weeks else np.zeros(len(both), np.int64)
    for each in calendar.days:
        held = each.holds(both)
        if each.dated and not each.yearly:
            held[:size] = False
        codes = 2 * codes + held
    known, kind = np.unique(codes, return_inverse=True)
    bits = [(known >> (len(calendar.days) - 1 - place)) & 1 for place in range(len(calendar.days))]
    week = known >> len(calendar.days)
    columns = [(week == k).astype(float) for k in range(WEEKS_OF_YEAR)] if calendar.weeks else []
    columns += [bit.astype(float) for bit, each in zip(bits, calendar.days, strict=True) if each.factor is None]
    design = np.array(columns).reshape(len(columns), len(known)).T
    offset = np.zeros(len(known))
    for bit, each in zip(bits, calendar.days, strict=True):
        offset += bit * (0.0 if each.factor is None else np.log(each.factor))
    share = np.bincount(kind[:size], minlength=len(known)) / size
    return DayKinds(kind[size:], design, offset, share)


def calendar_of(items: str | Calendar | Iterable[str] | None) -> Calendar | None:
    """The calendar that some texts describe; None of nothing (or "none").

    Parameters
    ----------
    items : list of str
        `"weeks"` (or "estimated"): a factor for every week of the year, drawn towards its neighbours where the data say little.
        A name that is known (618, Double 11, Double 12, Christmas, Black Friday, New Year, Valentine's Day, Women's Day (3.8)).
        A name of one's own with its days, every year `"sale: 03-01..03-07"` or by date `"sale: 2024-03-01..2024-03-07 + 2025-03-05"`: what
        has a year does not come back by itself, so that a forecast knows of the next sale only if its dates are given too.
        After any name `x2.5`, the factor of such a day, where it is known and not to be estimated.

    Raises
    ------
    DataError
        For a name without days that is not known, for days that do not exist, and for a factor outside .01 to 100.

    Examples
    --------
    >>> calendar_of(["weeks", "618", "sale: 03-01..03-07 x2"]).items
    ('weeks', '618: 06-15..06-20', 'sale: 03-01..03-07 x2.0')
    >>> calendar_of([]) is None
    True
    """
    if items is None or isinstance(items, Calendar):
        return items
    texts = [items] if isinstance(items, str) else list(items)
    texts = [text.strip() for text in texts if text.strip() and text.strip().lower() != "none"]
    if not texts:
        return None
    weekly = [text for text in texts if text.lower() in (WEEKS, "estimated")]
    days = tuple(_named(text) for text in texts if text not in weekly)
    names = [each.field for each in days]
    if len(days) > MOST or len(set(names)) < len(names):
        raise DataError(f"a calendar holds {MOST} named days at most, each once; here are {len(days)}: {', '.join(names)}")
    return Calendar(bool(weekly), days)


def known_days() -> tuple[str, ...]:
    """The names that need no dates."""
    return (*(name for name, *_ in FIXED), MOVING)


def _named(text: str) -> NamedDays:
    found = ITEM.fullmatch(text)
    if found is None:
        raise DataError(f"calendar={text!r} is not understood; write a name and its days, such as 'sale: 03-01..03-07' or 'Christmas x2.5'")
    factor = None if found["factor"] is None else float(found["factor"])
    if factor is not None and not LIMITS[0] <= factor <= LIMITS[1]:
        raise DataError(f"calendar={text!r}: a factor lies between {LIMITS[0]:g} and {LIMITS[1]:g}; 1 is a day like any other")
    name = found["name"].strip()
    if found["dates"]:
        yearly, dated = _spans(found["dates"], text)
        return NamedDays(name, yearly, dated, factor)
    for known, month, day, before, after in FIXED:
        if known.lower() == name.lower():
            middle = date(2001, month, day)
            first, last = middle - timedelta(days=before), middle + timedelta(days=after)
            return NamedDays(known, (((first.month, first.day), (last.month, last.day)),), (), factor)
    if name.lower() == MOVING.lower():
        return NamedDays(MOVING, factor=factor)
    raise DataError(f"calendar={text!r}: known without dates are {', '.join(known_days())}; add its days, such as '{name}: 03-01..03-07'")


def _spans(dates: str, text: str) -> tuple[tuple, tuple]:
    yearly, dated = [], []
    for part in re.split("[,+]", dates):
        ends = [end.strip() for end in part.split("..")]
        try:
            if all(DATED.fullmatch(end) for end in ends) and len(ends) <= 2:
                first, last = (date(*map(int, end.split("-"))) for end in (ends[0], ends[-1]))
                if last < first:
                    raise ValueError
                dated.append((first, last))
            elif all(YEARLY.fullmatch(end) for end in ends) and len(ends) <= 2:
                pair = [tuple(map(int, end.split("-"))) for end in (ends[0], ends[-1])]
                for month, day in pair:
                    date(2004, month, day)  # raises for days that no year has
                yearly.append((pair[0], pair[1]))
            else:
                raise ValueError
        except ValueError:
            raise DataError(f"calendar={text!r}: {part.strip()!r} are no days; write 03-01..03-07, or 2025-03-01..2025-03-07") from None
    return tuple(yearly), tuple(dated)


def _range(first: str, last: str) -> str:
    return first if first == last else f"{first}..{last}"


def _week_of_year(days: Days) -> NDArray[np.int64]:
    """0 to 51, the same for a date in every year."""
    year = days.astype("datetime64[Y]")
    since = (days - year.astype("datetime64[D]")).astype(np.int64)
    long = ((year + 1).astype("datetime64[D]") - year.astype("datetime64[D]")).astype(np.int64) == 366
    return np.minimum((since - (long & (since >= 59))) // 7, WEEKS_OF_YEAR - 1)  # 59: the place of 29 February


def _around_black_friday(days: Days) -> NDArray[np.bool_]:
    november = days.astype("datetime64[Y]").astype("datetime64[M]") + 10
    first = november.astype("datetime64[D]")
    weekday = (first.astype(np.int64) + 3) % 7  # 1970-01-01 was a Thursday; Monday is 0
    friday = first + ((3 - weekday) % 7 + 22)
    after = (days - friday).astype(np.int64)
    return (after >= -1) & (after <= 3)


def factors_by_day(calendar: Calendar, logs: FloatArray, first: date, count: int) -> FloatArray:
    """Factors of `count` days from the first on, shape (..., days), from logarithms of shape (..., factors).

    >>> flat = calendar_of(["Christmas x3"])
    >>> factors_by_day(flat, np.zeros(0), date(2025, 12, 24), 3).round(3)  # 19 of 365 days have three times the rate of the others
    array([2.717, 2.717, 0.906])
    """
    kinds = day_kinds(calendar, first, count)
    return np.exp(kinds.log_factors(logs))[..., kinds.kind]
