"""What a recipe expects of data, what was observed of them, and whether that is enough; and which last day counts as whole."""

from __future__ import annotations

import statistics
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from goodwill.errors import UsageError

EMPTIER = 0.05  # a column counts as emptier when its share of empty cells rose by more than this
RUNS = 10  # earlier runs that the band of row counts is taken from


@dataclass(frozen=True)
class Expectations:
    """What is expected; nothing by default. `own` says that the report itself asks, not the recipe for all."""

    through: date | None = None
    minimum_rows: int | None = None
    columns_as_before: bool = False
    rows_within: float | None = None
    own: bool = False
    where: str = ""

    def __bool__(self) -> bool:
        return bool(self.through or self.minimum_rows or self.columns_as_before or self.rows_within)

    def check_notebook(self, parameters: Collection[str]) -> None:
        """UsageError when the report itself expects what its notebook cannot tell."""
        if self.own and self and "data" not in parameters:
            raise UsageError(f"{self.where}: the notebook has no parameter 'data' of which something could be expected.")
        if self.own and self.through and "date" not in parameters:
            raise UsageError(f"{self.where}: the data of this notebook have no date, so they cannot reach through one.")


@dataclass(frozen=True)
class Observed:
    """Data as they are: rows, first and last day (None without dates), and the share of empty cells by column."""

    rows: int
    first: str | None
    last: str | None
    empty: Mapping[str, float]


NOTHING_EXPECTED = Expectations()


def observe(source: str, reading: Mapping[str, Any], dated: bool) -> Observed:
    """Read data and describe them; `reading` holds the notebook's parameters that say how, `dated` whether they have days.

    Raises
    ------
    DataError
        As `read_transactions` does.
    """
    from goodwill.data.reading.sources import open_source, read_transactions

    first = last = None
    given = {name: value for name, value in reading.items() if value}
    if dated:
        transactions = read_transactions(source, **given)
        first, last = str(transactions.first), str(transactions.last)
    opened = open_source(source, given.get("encoding"))
    columns = [name for name in opened.columns if name]
    table = opened.load(columns).table
    missing = ["", *given.get("missing", ())]
    cells = {name: table[name].cast("string").strip() for name in columns}
    counts = table.aggregate(
        rows=table.count(), **{f"empty {place}": (cells[n].isnull() | cells[n].isin(missing)).sum() for place, n in enumerate(columns)}
    ).to_pyarrow()
    row = counts.to_pylist()[0]
    rows = int(row["rows"])
    empty = {name: round(float(row[f"empty {place}"] or 0) / max(rows, 1), 6) for place, name in enumerate(columns)}
    return Observed(rows, first, last, empty)


def last_whole_day(observed: Observed | None, today: date, trim_last_day: bool | None) -> date | None:
    """The last day that counts, when it is not simply the last one of the data; else None.

    The day of the run is not over, so no day from `today` on counts, unless the recipe says `trim_last_day: false`. With
    `trim_last_day: true` the last day of the data does not count either, whichever it is. Otherwise the data end where they end: a
    feed that stopped some days ago moves the end of the observation with it, and nobody is taken for silent on days that were not told.

    Examples
    --------
    >>> last_whole_day(Observed(9, "2024-01-01", "2024-03-05", {}), date(2024, 3, 5), None)
    datetime.date(2024, 3, 4)
    >>> last_whole_day(Observed(9, "2024-01-01", "2024-03-02", {}), date(2024, 3, 5), None)
    """
    if observed is None or observed.last is None:
        return None
    last = date.fromisoformat(observed.last)
    end = last - timedelta(days=1) if trim_last_day else last
    if trim_last_day is not False:
        end = min(end, today - timedelta(days=1))
    return end if end < last else None


def shortfall(expects: Expectations, observed: Observed, end: date | None, before: Observed | None, earlier_rows: Iterable[int]) -> str:
    """Why the data do not meet the expectations, in one sentence; empty when they do.

    Parameters
    ----------
    end : date, optional
        The last day that counts, where it is not the last one of the data.
    before : Observed, optional
        What the last built report saw.
    earlier_rows : iterable of int
        Rows that earlier runs saw, the latest last; the band is taken around the median of the last ten.
    """
    last = end.isoformat() if end else observed.last
    if expects.through and (last is None or last < expects.through.isoformat()):
        ends = f"the data end on {last}" if end is None else f"the last whole day of the data is {last}"
        return f"{ends}, before {expects.through.isoformat()}, the day they should reach."
    if expects.minimum_rows and observed.rows < expects.minimum_rows:
        return f"the data have {observed.rows:,} rows, fewer than the {expects.minimum_rows:,} that are expected."
    if expects.columns_as_before and before is not None and (reason := _column_lost(observed, before)):
        return reason
    counts = list(earlier_rows)[-RUNS:]
    if expects.rows_within and counts:
        usual = statistics.median(counts)
        if abs(observed.rows - usual) > expects.rows_within * usual:
            return f"the data have {observed.rows:,} rows, more than {expects.rows_within:.0%} away from the usual {usual:,.0f}."
    return ""


def _column_lost(observed: Observed, before: Observed) -> str:
    for name, share in before.empty.items():
        if name not in observed.empty:
            return f"the column {name!r} is gone; the last report had it."
        if observed.empty[name] > share + EMPTIER:
            return f"the column {name!r} is empty in {observed.empty[name]:.1%} of the rows, before in {share:.1%}."
    return ""
