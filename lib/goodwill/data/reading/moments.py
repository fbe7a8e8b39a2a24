"""Days with times of day written as text: the day as `dates` reads it, the clock behind it, and how far it is from Greenwich."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from goodwill.calendar import DAYS_PER_UNIT
from goodwill.data.reading.dates import TIME, ZONE, read_dates
from goodwill.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

MOST_NAMED = 6  # texts that a message lists
REPORT = " (complaint_date_format in the complaint report)"
# Days that stand for "no day" in many systems.
PLACEHOLDERS = (date(1899, 12, 30), date(1899, 12, 31), date(1900, 1, 1), date(1970, 1, 1), date(2099, 12, 31))
_NEVER = re.compile(r"(?:9999|2999|2099)\D?12\D?31(?:\D.*)?|(?:31\D12|12\D31)\D(?:9999|2999|2099)(?:\D.*)?|0{1,4}\D0{1,2}\D0{1,4}(?:\D.*)?")
_MOMENT = re.compile(rf"(?P<day>.*?)(?:(?P<time>{TIME})(?P<zone>{ZONE})?)?")
_AFTERNOON = re.compile(r"p\.?m|下午|晚上", re.I)
_MORNING = re.compile(r"a\.?m|上午|凌晨|早上", re.I)
_SECONDS = re.compile(r"\d{9,10}(?:\.\d*)?|\d{12,13}(?:\.0*)?")


@dataclass(frozen=True)
class Moments:
    """One column of moments.

    Attributes
    ----------
    at : the clock as written; missing where there is none
    east : minutes that the clock is ahead of Greenwich; nan where that is not said
    timed : whether there is a time of day
    placeholders : whether the text is a day that stands for "no day"; `at` is missing there
    form : how the days are written
    """

    at: pd.Series
    east: np.ndarray
    timed: np.ndarray
    placeholders: np.ndarray
    form: str


def read_moments(texts: pd.Series, where: str, row: Callable[[int], str], date_format: str | None = None) -> Moments:
    """Read one column.

    Parameters
    ----------
    texts : trimmed texts, missing where there is none
    where : the source and the column in words, for messages
    row : the number of a row as a person sees it
    date_format : of the days, or of days and times where it has marks of both

    Raises
    ------
    DataError
        For texts that are no day, and days that can be read in two ways.
    """
    import pandas as pd

    never = np.array([bool(_NEVER.fullmatch(text)) for text in texts.fillna("")], bool)
    known = texts.mask(never)
    written = known.dropna()
    if len(written) and all(_SECONDS.fullmatch(text) for text in written) and not date_format:
        at = _since_1970(known)
        return Moments(at, np.where(at.notna(), 0.0, np.nan), at.notna().to_numpy(), never, "seconds since 1970, in UTC")
    days, clock, east = _split(known, date_format)
    read = read_dates(days.dropna().unique().tolist(), date_format)
    if read.question:
        raise DataError(f"{where}: {read.question}; pass date_format='%d/%m/%Y' or '%m/%d/%Y'{REPORT}")
    if read.failed:
        bad = np.flatnonzero(days.isin(read.failed).to_numpy(bool, na_value=False))
        shown = texts.iloc[bad[0]]
        named = list(dict.fromkeys(texts.iloc[bad]))
        untold = read_dates(days.dropna().unique().tolist(), None) if date_format else read
        way = f"correct them{f', or pass missing={named} to take them for no day' if len(named) <= MOST_NAMED else ''}"
        if not (untold.failed or untold.question):
            way = f"leave date_format{REPORT} out, and all are read"
        raise DataError(
            f"{where} holds what is no day in {len(bad)} of {len(texts)} rows (first: row {row(int(bad[0]))}, {shown!r}); {way}"
        )
    day = pd.to_datetime(days.map(read.dates), errors="raise")
    stands = never | day.dt.date.isin(PLACEHOLDERS).to_numpy(bool)
    timed = clock.notna()
    if "Excel serial number" in read.forms:
        clock = pd.Series([float(text) % 1 * 86_400 for text in known.fillna("nan")], texts.index).round()
        timed = clock > 0
    at = (day + pd.to_timedelta(clock.fillna(0.0), unit="s")).astype("datetime64[us]").mask(stands)
    return Moments(at, east, timed.to_numpy(bool), stands, ", ".join(read.forms))


def _since_1970(texts: pd.Series) -> pd.Series:
    import pandas as pd

    numbers = pd.Series([float(text) for text in texts.fillna("nan")], texts.index)
    seconds = numbers.where(numbers < 1e11, numbers / 1e3)
    return pd.to_datetime(seconds, unit="s").astype("datetime64[us]")


def _split(texts: pd.Series, date_format: str | None) -> tuple[pd.Series, pd.Series, np.ndarray]:
    """The days as texts, seconds into the day, and minutes east of Greenwich."""
    import pandas as pd

    if date_format and re.search(r"%[HIMSpfTXcRrzZ]", date_format):
        read = pd.to_datetime(texts, format=date_format, errors="coerce")
        clock = (read - read.dt.normalize()).dt.total_seconds()
        return texts, clock, np.full(len(texts), np.nan)
    parts = [("", np.nan, np.nan) if missing else _parts(text) for text, missing in zip(texts.fillna(""), texts.isna(), strict=True)]
    days = pd.Series([day or None for day, _, _ in parts], texts.index, dtype="string")
    return days, pd.Series([clock for _, clock, _ in parts], texts.index, dtype=float), np.array([east for *_, east in parts], float)


def _parts(text: str) -> tuple[str, float, float]:
    """The day, seconds into it (nan without a time), and minutes east of Greenwich (nan where not said).

    >>> _parts("2024-05-01T09:00:30+02:00")
    ('2024-05-01', 32430.0, 120.0)
    >>> _parts("2024年5月1日 下午3:05"), _parts("20240501")
    (('2024年5月1日', 54300.0, nan), ('20240501', nan, nan))
    """
    found = _MOMENT.fullmatch(text) if len(text) > 8 else None
    if found is None or found["time"] is None:
        return text, np.nan, np.nan
    return found["day"].strip().rstrip(","), _seconds(found["time"]), _east(found["zone"])


def _seconds(text: str) -> float:
    if compact := re.fullmatch(r"T(\d{2})(\d{2})(?:(\d{2})(?:\.\d+)?)?", text.strip()):
        numbers = [int(part or 0) for part in compact.groups()]
    else:
        numbers = [int(part) for part in re.findall(r"\d+", re.sub(r"[.,]\d+", "", text))][:3]
    hour, minute, second = (*numbers, 0, 0)[:3]
    if _AFTERNOON.search(text) and hour < 12:
        hour += 12
    if _MORNING.search(text) and hour == 12:
        hour = 0
    return hour * 3600.0 + minute * 60 + second


def _east(zone: str | None) -> float:
    if not zone:
        return np.nan
    found = re.search(r"([+-])(\d{2}):?(\d{2})?", zone)
    if not found:
        return 0.0
    minutes = 60 * int(found[2]) + int(found[3] or 0)
    return float(-minutes if found[1] == "-" else minutes)


def clock_of(series: pd.Series) -> Moments:
    """Of a column that holds moments already: the clock there, and its distance from Greenwich where the column has a zone."""
    at = (series.dt.tz_localize(None) if series.dt.tz is not None else series).astype("datetime64[us]")
    east = np.full(len(series), np.nan)
    if series.dt.tz is not None:
        east = ((at - series.dt.tz_convert("UTC").dt.tz_localize(None).astype("datetime64[us]")).dt.total_seconds() / 60).to_numpy(float)
    stands = at.dt.date.isin(PLACEHOLDERS).to_numpy(bool)
    timed = (at != at.dt.normalize()).to_numpy(bool) & at.notna().to_numpy()
    return Moments(at.mask(stands), east, timed, stands, "moments")


def same_clock(moment: Moments, opened: Moments) -> pd.Series:
    """A moment on the clock of another one in the same row, where both say how far they are from Greenwich."""
    import pandas as pd

    ahead = opened.east - moment.east
    return moment.at + pd.to_timedelta(np.where(np.isfinite(ahead), ahead, 0.0), unit="m")


def far_away(moments: Sequence[pd.Timestamp], years: float = 5.0) -> list[int]:
    """Places of single moments that lie years from all others: at most one in a hundred, or one.

    >>> import pandas as pd
    >>> far_away(list(pd.to_datetime(["2024-01-01", "2024-02-01", "2003-05-05"])))
    [2]
    """
    order = sorted(range(len(moments)), key=lambda place: moments[place])
    most = max(1, len(order) // 100)
    if len(order) < 3:
        return []
    gaps = [(moments[b] - moments[a]).days / DAYS_PER_UNIT["year"] > years for a, b in pairwise(order)]
    early = max((place + 1 for place in range(min(most, len(gaps))) if gaps[place]), default=0)
    late = max((place + 1 for place in range(min(most, len(gaps))) if gaps[-1 - place]), default=0)
    return order[:early] + (order[-late:] if late else [])
