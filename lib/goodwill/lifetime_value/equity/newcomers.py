"""First purchases by periods of four weeks, counted back from the last day of the records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from goodwill.data.purchases import summarize_purchases
from goodwill.data.tracking import births
from goodwill.errors import TooLittle
from goodwill.inference.ledger import FOUR_WEEKS
from goodwill.lifetime_value.equity.arrivals import Arrivals, Planned, planned
from goodwill.lifetime_value.evidence.windows import first_purchase_pile
from goodwill.shown import Shown

if TYPE_CHECKING:
    from goodwill.data.tables import Transactions

FEWEST = 6  # periods, below which neither level nor spread is known
FEWEST_NEWCOMERS = 10  # first purchases, below which nothing is told


@dataclass(frozen=True, eq=False, repr=False)
class Newcomers(Shown):
    """How many customers first bought in each period of four weeks.

    Attributes
    ----------
    periods : DataFrame
        start, end (first and last day), newcomers, used; the oldest first. The days before the first whole period are left out.
    end : date
        The last day of the records.
    kind : str
        What `first_purchase_pile` says of the beginning: cohort, piled, even or unclear.
    until : date or None
        Last day of a pile of old customers at the beginning, of which the periods are not used.
    births : Series
        First purchases by day (index).

    Examples
    --------
    >>> from datetime import date
    >>> import pandas as pd
    >>> from goodwill.lifetime_value import Newcomers
    >>> days = pd.date_range("2024-01-01", "2024-12-29", freq="D")
    >>> table = pd.DataFrame({"start": days[::28][:13], "end": days[27::28], "newcomers": [28] * 13, "used": [True] * 13})
    >>> found = Newcomers(table, date(2024, 12, 29), "even", None, pd.Series(1, days))
    >>> float(found.counts.sum()), found.arrivals.knows_season
    (364.0, False)
    """

    periods: pd.DataFrame
    end: date
    kind: str
    until: date | None
    births: pd.Series

    @property
    def counts(self) -> np.ndarray:
        """First purchases in each used period, the oldest first."""
        return self.periods.loc[self.periods["used"], "newcomers"].to_numpy(float)

    @cached_property
    def arrivals(self) -> Arrivals:
        """What these counts say of coming ones."""
        return Arrivals(self.counts)

    @property
    def since(self) -> date:
        """The first day of the periods that are used."""
        return self.periods.loc[self.periods["used"], "start"].iloc[0]

    def until_day(self, made: date) -> np.ndarray:
        """The counts as they were known on a day: whole periods back from it, none before `since`.

        Raises TooLittle with fewer than six.
        """
        size = max((made - self.since).days + 1, 0) // FOUR_WEEKS
        if size < FEWEST:
            raise TooLittle(f"{size} whole periods of four weeks until {made} are too few to say how many customers will come.")
        ago = (pd.Timestamp(made) - pd.DatetimeIndex(self.births.index)).days.to_numpy()
        seen = ago >= 0
        return np.bincount(ago[seen] // FOUR_WEEKS, weights=self.births.to_numpy(float)[seen], minlength=size)[:size][::-1]

    def _said(self) -> str:
        return f"{int(self.counts.sum()):,} in {len(self.counts)} periods of four weeks to {self.end}"

    def _frame(self) -> pd.DataFrame:
        return self.periods


def count_newcomers(transactions: Transactions, *, complete: bool = False, end: date | str | None = None) -> Newcomers:
    """First purchases in periods of four weeks, the last of which ends with the records.

    Parameters
    ----------
    complete : the records hold everybody who ever bought: where first purchases stop, nobody comes any more. Else a stop says that the
        customers of the file were chosen by when they first bought, and nothing of who comes after them
    end : last day that counts, as in `summarize_purchases`

    Raises
    ------
    TooLittle
        When first purchases stop long before the records do and the records are not said to be complete; when fewer than six whole periods
        (after a pile of old customers at the beginning) or ten newcomers are left.

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.data import read_transactions
    >>> days = pd.date_range("2024-01-01", "2024-12-29", freq="2D")
    >>> log = pd.DataFrame({"customer_id": range(len(days)), "date": days.astype(str), "amount": 10})
    >>> found = count_newcomers(read_transactions(log))
    >>> len(found.counts), float(found.counts[-1]), found.kind
    (12, 14.0, 'unclear')
    """
    summary = summarize_purchases(transactions, unit="day", end=end)
    pile = first_purchase_pile(transactions, end=end)
    if pile.kind == "cohort" and not complete:
        raise TooLittle(
            f"All first purchases lie between {transactions.first} and {pile.stop}, and the records go on to {summary.end}: the customers "
            "of this file were chosen by when they first bought, so it says nothing of who comes later. Pass complete=true if it holds "
            "everybody who ever bought, or newcomers= with a number of your own."
        )
    born = births(summary)
    ago = (pd.Timestamp(summary.end) - pd.to_datetime(born["date"])).dt.days.to_numpy()
    size = ((summary.end - transactions.first).days + 1) // FOUR_WEEKS
    found = np.bincount(ago // FOUR_WEEKS, weights=born["customers"].to_numpy(float), minlength=size)[:size][::-1]
    ends = [summary.end - timedelta(days=FOUR_WEEKS * (size - 1 - at)) for at in range(size)]
    starts = [day - timedelta(days=FOUR_WEEKS - 1) for day in ends]
    until = pile.until if pile.kind == "piled" else None
    used = np.array([until is None or start > until for start in starts], bool)
    table = pd.DataFrame({"start": starts, "end": ends, "newcomers": found.astype(int), "used": used})
    if used.sum() < FEWEST or found[used].sum() < FEWEST_NEWCOMERS:
        left = "" if until is None else f" after the pile of old customers at the beginning, which ends on {until}"
        raise TooLittle(
            f"{int(found[used].sum())} first purchases in {used.sum()} whole periods of four weeks{left} are too few to say how many "
            f"customers will come; {FEWEST} periods and {FEWEST_NEWCOMERS} first purchases are needed."
        )
    by_day = pd.Series(born["customers"].to_numpy(int), index=pd.DatetimeIndex(born["date"]))
    return Newcomers(table, summary.end, pile.kind, until, by_day)


def coming_customers(
    transactions: Transactions, newcomers: float = -1.0, *, complete: bool = False, end: date | str | None = None
) -> Newcomers | Planned:
    """Where the number of newcomers comes from: the records, or a number of one's own.

    Parameters
    ----------
    newcomers : how many will come in a year; below 0 they are counted in the records and foretold
    complete, end : as in `count_newcomers`

    Examples
    --------
    >>> from goodwill.data import read_transactions
    >>> coming_customers(read_transactions("cdnow_sample"), newcomers=365.25)
    Planned(each=28.0)
    """
    return planned(newcomers) if not newcomers < 0 else count_newcomers(transactions, complete=complete, end=end)
