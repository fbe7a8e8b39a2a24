"""What customers buy in windows of time, and the paths they take through states from window to window, counted where the data are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import ibis

from goodwill.data.purchases import netted
from goodwill.data.tables import MONEY, Transactions
from goodwill.errors import DataError, TooLittle

if TYPE_CHECKING:
    import pandas as pd

NOT_YET = -1  # code of a window that ends before the customer's first purchase


def window_edges(first: date, *, days: int, n: int) -> list[date]:
    """The n + 1 dates that bound n windows of some days; window k holds the dates from edge k up to, and without, edge k + 1.

    Parameters
    ----------
    first : first day of the first window
    days : length of a window
    n : how many windows

    Raises
    ------
    DataError
        When there is no window, or one without a day.

    Examples
    --------
    >>> from datetime import date
    >>> [edge.isoformat() for edge in window_edges(date(1997, 1, 1), days=91, n=2)]
    ['1997-01-01', '1997-04-02', '1997-07-02']
    """
    if days < 1 or n < 1:
        raise DataError(f"{n} windows of {days} days: both numbers must be at least 1.")
    return [first + timedelta(days=days * k) for k in range(n + 1)]


def purchases_by_window(transactions: Transactions, edges: Sequence[date]) -> ibis.Table:
    """Purchases of each customer in each window, as one lazy expression.

    Parameters
    ----------
    transactions : Transactions
        From `read_transactions`.
    edges : increasing dates
        Window k holds the dates d with edges[k] <= d < edges[k + 1].

    Returns
    -------
    ibis.Table
        `customer_id`, `window` (0, 1, …), `orders` (days with a purchase; a day of returns only is none) and, with money, `spend` (net of
        returns). A customer without rows in a window has no row there.

    Raises
    ------
    DataError
        When the edges are fewer than two or do not increase.

    Examples
    --------
    >>> from datetime import date
    >>> from goodwill.data import window_edges
    >>> from goodwill.data.reading.sources import read_transactions
    >>> quarters = window_edges(date(1997, 1, 1), days=91, n=6)
    >>> bought = purchases_by_window(read_transactions("cdnow_sample"), quarters)
    >>> bought.group_by("window").aggregate(orders=bought.orders.sum()).order_by("window").orders.to_pandas().tolist()
    [3185, 918, 711, 726, 661, 495]
    """
    check_edges(edges)
    rows = transactions.table
    rows = rows.filter((rows.date >= _day(edges[0])) & (rows.date < _day(edges[-1])))
    places = [(rows.date < _day(edge), ibis.literal(k, type="int64")) for k, edge in enumerate(edges[1:])]
    bought = _bought(transactions, rows)
    values: dict[str, Any] = {"orders": rows.date.nunique(where=bought).cast("int64")}
    if transactions.has_amount:
        values["spend"] = rows.amount.sum().cast("float64")
    keyed = {"customer_id": rows.customer_id, "window": ibis.cases(*places, else_=ibis.literal(NOT_YET, type="int64"))}
    return rows.group_by(**keyed).aggregate(**values)


def buyer_quantiles(purchases: ibis.Table, window: int, shares: Sequence[float], *, by: str = "spend") -> list[float]:
    """Quantiles of spend, or orders, among those who bought in one window: cut points for states.

    Raises TooLittle when nobody bought in the window, and when the quantiles do not increase (too many equal values).

    Parameters
    ----------
    purchases : of `purchases_by_window`
    window : its place
    shares : of the buyers below each cut, rising, between 0 and 1
    by : spend or orders

    Examples
    --------
    >>> from datetime import date
    >>> import pandas as pd
    >>> from goodwill.data import purchases_by_window
    >>> from goodwill.data.reading.sources import read_transactions
    >>> log = pd.DataFrame({"customer_id": list("abcd"), "date": ["2025-01-02"] * 4, "amount": [10, 20, 30, 100]})
    >>> bought = purchases_by_window(read_transactions(log), [date(2025, 1, 1), date(2025, 2, 1)])
    >>> buyer_quantiles(bought, 0, [0.5])  # half of the buyers spent more
    [25.0]
    """
    measure = _measure(purchases, by)
    buyers = purchases.filter((purchases.window == window) & (measure > 0))
    found = buyers.aggregate(**{f"cut_{k}": buyers[by].quantile(share) for k, share in enumerate(shares)}).to_pyarrow().to_pylist()[0]
    cuts = [found[f"cut_{k}"] for k in range(len(shares))]
    if any(cut is None for cut in cuts):
        raise TooLittle(f"nobody bought in window {window}, so it has no quantiles of {by}; choose another window.")
    if any(b <= a for a, b in pairwise(cuts)):
        shown = ", ".join(f"{cut:g}" for cut in cuts)
        raise TooLittle(
            f"the quantiles of {by} in window {window} are {shown}: too many equal values; take fewer states or cuts of your own."
        )
    # Between two equal values an engine interpolates with rounding noise, which would move these customers across the cut.
    return [float(f"{cut:.10g}") for cut in cuts]


def count_paths(transactions: Transactions, edges: Sequence[date], cuts: Sequence[float], *, by: str = "spend") -> pd.DataFrame:
    """How many customers take each path through the states of the windows; the engine counts, and only counts come back.

    Parameters
    ----------
    transactions, edges
        As in `purchases_by_window`.
    cuts : increasing positive numbers
        State 0 is `by` of zero or less, state 1 up to and with the first cut, …, the last state above the last cut.
    by : {"spend", "orders"}
        What makes the state.

    Returns
    -------
    DataFrame
        One row per path: `state_0`, `state_1`, … (-1 for a window that ends before the first purchase ever), `customers`, and with
        money the sums `spend_0`, `spend_1`, … over these customers and `square_0`, … the sums of squares.

    Raises
    ------
    DataError
        For edges or cuts that do not increase, and when no customer buys before the last edge.

    Examples
    --------
    >>> from datetime import date
    >>> from goodwill.data import window_edges
    >>> from goodwill.data.reading.sources import read_transactions
    >>> paths = count_paths(read_transactions("cdnow_sample"), window_edges(date(1997, 1, 1), days=91, n=2), [])
    >>> paths[["state_0", "state_1", "customers"]].to_numpy().tolist()
    [[0, 0, 8], [1, 0, 1820], [1, 1, 529]]
    """
    if any(b <= a for a, b in pairwise([0.0, *cuts])):
        raise DataError(f"the cut points {list(cuts)} must be positive and increase.")
    n, customers = len(edges) - 1, _customer_windows(transactions, edges, by)
    states = {}
    for k in range(n):
        value = customers[f"{by}_{k}"]
        steps = [(value <= ibis.literal(float(cut)), ibis.literal(s, type="int64")) for s, cut in enumerate([0.0, *cuts])]
        known = ibis.cases(*steps, else_=ibis.literal(len(cuts) + 1, type="int64"))
        states[f"state_{k}"] = (customers.birth < _day(edges[k + 1])).ifelse(known, ibis.literal(NOT_YET, type="int64"))
    coded = customers.mutate(**states)
    values: dict[str, Any] = {"customers": coded.count()}
    if transactions.has_amount:
        values |= {f"spend_{k}": coded[f"spend_{k}"].sum() for k in range(n)}
        values |= {f"square_{k}": (coded[f"spend_{k}"] * coded[f"spend_{k}"]).sum() for k in range(n)}
    counted = coded.group_by(list(states)).aggregate(**values).order_by(list(states)).to_pandas()
    if not len(counted):
        raise DataError(f"no customer of {transactions.source} buys before {edges[-1]}; choose windows inside the data.")
    return counted


def customers_by_window(transactions: Transactions, edges: Sequence[date], *, by: str = "spend") -> pd.DataFrame:
    """Spend, or orders, of every customer in every window: one row per customer_id, one column per window.

    Zero where nothing was bought, missing in windows that end before the first purchase ever. For data that fit into memory.

    Parameters
    ----------
    transactions : Transactions
    edges : of `window_edges`; window k holds the dates from edge k up to, and without, edge k + 1
    by : spend or orders

    Examples
    --------
    >>> from datetime import date
    >>> import pandas as pd
    >>> from goodwill.data.reading.sources import read_transactions
    >>> log = pd.DataFrame({"customer_id": ["a", "a", "b"], "date": ["2025-01-02", "2025-02-03", "2025-02-04"], "amount": [10, 20, 30]})
    >>> months = [date(2025, 1, 1), date(2025, 2, 1), date(2025, 3, 1)]
    >>> customers_by_window(read_transactions(log), months).to_dict("index")  # b was not yet a customer in January
    {'a': {0: 10.0, 1: 20.0}, 'b': {0: nan, 1: 30.0}}
    """
    wide = _customer_windows(transactions, edges, by)
    named = {
        f"{by}_{k}": (wide.birth < _day(edges[k + 1])).ifelse(wide[f"{by}_{k}"].cast("float64"), ibis.null()) for k in range(len(edges) - 1)
    }
    frame = wide.select("customer_id", **named).order_by("customer_id").to_pandas().set_index("customer_id").astype("float64")
    return frame.set_axis(range(len(edges) - 1), axis=1)


def check_edges(edges: Sequence[date]) -> None:
    """Raise DataError unless there are two edges or more, and they increase."""
    if len(edges) < 2 or any(b <= a for a, b in pairwise(edges)):
        raise DataError(f"the edges of windows must be two or more increasing dates, and are {', '.join(map(str, edges))}.")


def _customer_windows(transactions: Transactions, edges: Sequence[date], by: str) -> ibis.Table:
    """One row per customer who ever bought before the last edge: birth, and the measures of every window, zero where nothing happened."""
    long = purchases_by_window(transactions, edges)
    _measure(long, by)
    measures = [name for name in ("orders", "spend") if name in long.columns]
    inside = {f"{name}_{k}": long[name].sum(where=long.window == k) for name in measures for k in range(len(edges) - 1)}
    wide = long.group_by("customer_id").aggregate(**inside)
    rows = transactions.table.filter(transactions.table.date < _day(edges[-1]))
    births = rows.group_by("customer_id").aggregate(birth=rows.date.min(where=_bought(transactions, rows)))
    births = births.filter(births.birth.notnull())
    joined = births.left_join(wide, "customer_id").select("customer_id", "birth", *inside)
    return joined.mutate(**{name: joined[name].fill_null(0) for name in inside})


def _bought(transactions: Transactions, rows: ibis.Table) -> Any:
    """Which rows make their day a purchase: all of them, but for returns that are netted."""
    return rows.amount >= ibis.literal(0).cast(MONEY) if netted(transactions) else None


def _measure(purchases: ibis.Table, by: str) -> Any:
    if by not in ("spend", "orders"):
        raise DataError(f"by={by!r}: states are made by 'spend' or by 'orders'.")
    if by not in purchases.columns:
        raise DataError("the transactions have no money: read them with amount=, or make states by='orders'.")
    return purchases[by]


def _day(day: date) -> Any:
    return ibis.literal(day, type="date")
