"""States of spend per period, before and after a day: periods of one length, with cuts that make thirds of the buyers of one of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from goodwill.errors import TooLittle
from goodwill.segments.movement.paths import Paths, state_paths

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class SpendPeriods:
    """Periods of one length that meet at the end of a day; made by `spend_periods`.

    Attributes
    ----------
    days : length of a period
    last : place of the period that ends with the day; the one after it is the first that rules made on the day have not seen
    after : periods after the day
    edges : first days of the periods, and the day after the last one
    cuts : spend that parts low from mid and mid from high: thirds of the buyers of the period before `last`
    paths : of the customers through none, low, mid and high
    transactions : what the periods were counted in

    Examples
    --------
    >>> from datetime import date
    >>> import goodwill as gw
    >>> from goodwill.segments import spend_periods
    >>> found = spend_periods(gw.read_transactions("cdnow_sample"), date(1997, 9, 30), date(1998, 6, 30))
    >>> found.cuts, found.with_exit(after=2).states  # thirds of the buyers; who bought nothing in two periods is gone
    ([26.73, 62.04], ('none', 'low', 'mid', 'high', 'gone'))
    """

    days: int
    last: int
    after: int
    edges: list[date]
    cuts: list[float]
    paths: Paths
    transactions: Any

    def with_exit(self, after: int = 2) -> Paths:
        """The paths with the further state `gone`: no purchase in `after` periods in a row."""
        return state_paths(self.transactions, self.edges, self.cuts, exit_after=after)

    def spend_of(self, customers: pd.DataFrame) -> pd.DataFrame:
        """Spend of these customers (`customer_id`) in each period, 0 where nothing was bought or they were not there yet."""
        from goodwill.data.periods import customers_by_window

        return customers_by_window(self.transactions, self.edges).fillna(0.0).loc[customers["customer_id"]]


def spend_periods(transactions: Any, day: date, end: date, *, longest: int = 91) -> SpendPeriods:
    """Cut the time of a log into periods that meet at the end of `day`, and find the states of spend in them.

    A period has `longest` days, or fewer where that gives no three periods up to the day or none after it until `end`. What is left over
    at both sides is not used.

    Raises
    ------
    TooLittle
        When the log is too short, nobody bought in the period that makes the cuts, or too many there spent the same.

    Examples
    --------
    >>> from datetime import date
    >>> import goodwill as gw
    >>> found = spend_periods(gw.read_transactions("cdnow_sample"), date(1997, 9, 30), date(1998, 6, 30))
    >>> found.days, found.last, found.after, found.paths.states
    (91, 2, 3, ('none', 'low', 'mid', 'high'))
    """
    from goodwill.data.periods import buyer_quantiles, purchases_by_window, window_edges

    span, ahead = (day - transactions.first).days + 1, (end - day).days
    days = min(longest, span // 3, ahead)
    if days < 1:
        raise TooLittle(f"{span} days up to {day} and {ahead} after it hold no four periods.")
    before, after = span // days, ahead // days
    edges = window_edges(day + timedelta(days=1 - before * days), days=days, n=before + after)
    cuts = buyer_quantiles(purchases_by_window(transactions, edges), before - 2, [1 / 3, 2 / 3])
    return SpendPeriods(days, before - 1, after, edges, cuts, state_paths(transactions, edges, cuts), transactions)
