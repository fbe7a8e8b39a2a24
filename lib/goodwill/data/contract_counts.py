"""A table of contracts as it was written, checked: each cohort has one count for 0, 1, 2, … renewals, and who left stays away."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from goodwill.data.reading.answers import plain, sizes_of
from goodwill.data.reading.files import Fact
from goodwill.errors import DataError

_TIMES = re.compile(r"(?:m|month|t|time|p|period|y|yr|year|w|wk|week|q|quarter|r|renewal|第)?[\s_\-]*\d+\s*(?:月|年|周|期)?", re.I)
NEEDED = "a row for each cohort and time is needed, with columns cohort, time (0, 1, 2, …) and customers (how many are still there)"

MOST = 1_000_000_000  # customers or periods: more is a mistake in writing

Row = Callable[[int], str]


def wide_form(columns: Sequence[str]) -> str:
    """What to say of a table with one row a cohort and its times side by side; empty for any other table.

    Examples
    --------
    >>> wide_form(["cohort", "size", "M1", "M2", "M3"])[:40]
    'holds one row a cohort, its times side b'
    """
    times = [name for name in columns if _TIMES.fullmatch(name.strip())]
    if len(times) < 2:
        return ""
    return f"holds one row a cohort, its times side by side in columns {times[0]} to {times[-1]}; {NEEDED}: turn the table that way"


def whole_numbers(texts: pd.Series, where: str, row: Row, *, shares: bool = False, started: bool = False) -> np.ndarray:
    """The numbers of a column; whole ones, unless the number at the start is told, with which shares are counts too."""
    bare = texts.str.rstrip("%").str.rstrip()
    numbers = np.array(sizes_of(bare.tolist(), whole=not bare.str.contains(r"[.,]\d{1,2}$").any()))
    bad = ~np.isfinite(numbers) | (numbers < 0) | (numbers > MOST)
    bad |= np.zeros(len(bad), bool) if started else (numbers != np.round(numbers)) | texts.str.endswith("%").to_numpy(bool)
    if bad.any():
        first = int(bad.argmax())
        way = "counts of customers are needed, not shares; pass started= with the number at the start, and shares are read as such"
        way = way if shares and not started else "it must be a number from 0 up"
        way = f"it must be at most {MOST:,}" if np.isfinite(numbers[first]) and numbers[first] > MOST else way
        raise DataError(
            f"column '{texts.name}' of {where} holds no whole number in {int(bad.sum())} of {len(texts)} rows (first: row {row(first)}, "
            f"'{texts.iloc[first]}'); {way}"
        )
    return numbers


def check_counts(table: pd.DataFrame, where: str, row: Row) -> None:
    """Raise DataError, with cohort and time, where a table cannot be one of survivors.

    Parameters
    ----------
    table : cohort, time, customers, in the order of the source
    """
    for cohort, part in table.groupby("cohort", sort=False):
        by = f"of cohort '{cohort}' "
        twice = part.index[part["time"].duplicated()]
        if len(twice):
            time = part["time"][twice[0]]
            rows = [row(int(place)) for place in part.index[part["time"] == time]]
            raise DataError(f"{where} holds time {time} {by}more than once (rows {' and '.join(rows)}); keep one row for each time")
        part = part.sort_values("time")
        gap = next((time for time in range(int(part["time"].max()) + 1) if time not in set(part["time"])), None)
        if gap is not None:
            raise DataError(f"{where} has no row for time {gap} {by}(it has {part['time'].min()} to {part['time'].max()}); add it")
        if not part["customers"].iloc[0] > 0:
            raise DataError(
                f"{where}: nobody {by}is there at time 0 (row {row(int(part.index[0]))}), so there is nobody to stay; leave it out"
            )
        _never_rises(part, where, by, row)
    started = table.groupby("cohort", sort=False)["customers"].agg(["max", "min"])
    if (started["max"] == started["min"]).all() and table["time"].max() > 0:
        names = ", ".join(repr(str(name)) for name in started.index[:5])
        raise DataError(
            f"{where}: nobody leaves in {'cohort' if len(started) == 1 else 'cohorts'} {names} up to time {table['time'].max()}, so there "
            f"is nothing to learn about leaving; check the column of customers"
        )


def _never_rises(part: pd.DataFrame, where: str, by: str, row: Row) -> None:
    rises = np.flatnonzero(np.diff(part["customers"]) > 0)
    if len(rises):
        now, before, at = part.iloc[rises[0] + 1], part.iloc[rises[0]], row(int(part.index[rises[0] + 1]))
        raise DataError(
            f"{where} has more customers {by}at time {now['time']} ({now['customers']:,g}, row {at}) than at time {before['time']} "
            f"({before['customers']:,g}); who left stays away in such a table: count those who came back as new"
        )


def counts_of_shares(table: pd.DataFrame, started: Sequence[str], where: str) -> tuple[pd.DataFrame, list[Fact]]:
    """Counts where a table holds shares or per cent, with the number at the start as it is told; a table of counts as it is.

    Parameters
    ----------
    started : such as "1000" for every cohort, or "cohort:1000"

    Raises
    ------
    DataError
        For a table that starts at 100 everywhere, which may be per cent, and for a number that cannot be read.
    """
    first = table[table["time"] == 0].groupby("cohort", sort=False)["customers"].first()
    if not started:
        if len(first) and (first == 100).all():
            raise DataError(
                f"{where} starts at 100 {'in every cohort' if len(first) > 1 else ''}".rstrip()
                + "; pass started=['100'] if these are 100 customers, and the number of customers at the start, such as started=['1000'], "
                "if they are per cent: how sure the report is depends on it"
            )
        return table, []
    sizes = {str(name): _size_of(str(name), started) for name in first.index}
    if unknown := [name for name, size in sizes.items() if size is None]:
        raise DataError(f"started says nothing of cohort '{unknown[0]}'; write started=['{unknown[0]}:1000'], or one number for all")
    factor = table["cohort"].map(lambda name: (sizes[str(name)] or 0) / first[name])
    counts = (table["customers"] * factor).round().astype(int)
    return table.assign(customers=counts), [Fact("shares", len(table), f"of those at the start, taken as {', '.join(started)} customers")]


def _size_of(cohort: str, started: Sequence[str]) -> int | None:
    told = {name: size for name, _, size in (text.rpartition(":") for text in started)}
    text = told.get(cohort, told.get(""))
    if text is None:
        return None
    number = sizes_of([plain(text)], whole=True)[0]
    if not (np.isfinite(number) and number >= 1 and number == np.floor(number)):
        raise DataError(f"started holds '{text}', which is no number of customers; write it as 1000, or as '{cohort}:1000' for one cohort")
    return int(number)
