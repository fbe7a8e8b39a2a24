"""Customers ranked by what they spent and cut where sales reach each tenth, inside the engine that holds them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ibis

from goodwill.data.purchases import PurchaseSummary
from goodwill.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

EQUAL = 1e-9  # shares of sales closer than this are equal


def sales_parts(summary: PurchaseSummary, *, parts: int = 10) -> pd.DataFrame:
    """How many customers make each tenth of sales; one row per part comes back, whatever the number of customers.

    Parameters
    ----------
    summary : PurchaseSummary
        With money.
    parts : int
        Equal parts of total sales.

    Returns
    -------
    DataFrame
        `part` (1 holds the largest customers), `customers`, `sales`, `lowest` (spend of the smallest customer in it), and with a holdout
        `active` (customers who bought in it) and `spend_holdout`. A part in which nobody lies has no row. The rule is that of
        `goodwill.segments.sales_decile`: a customer lies where the running total ends, equals lie with the first of them, and somebody
        larger than a whole part where the running total begins.

    Raises
    ------
    DataError
        Without money, or when nobody spent anything.

    Examples
    --------
    >>> from goodwill.data import read_transactions, summarize_purchases
    >>> sales_parts(summarize_purchases(read_transactions("cdnow"), calibration_end="1997-09-30"))["customers"].tolist()
    [135, 329, 531, 751, 1033, 1426, 1988, 2862, 4584, 9931]
    """
    if not summary.has_amount:
        raise DataError(f"{summary.source} has no money: read it with amount= to rank customers by spend.")
    t = summary.rows
    values: dict[str, Any] = {"customers": t.count()}
    if summary.calibration_end is not None:
        values |= {"active": (t.frequency_holdout > 0).sum(), "spend_holdout": t.spend_holdout.sum()}
    equals = t.group_by("spend").aggregate(**values)
    equals = equals.mutate(value=ibis.greatest(equals.spend, 0.0))
    equals = equals.mutate(sales=equals.value * equals.customers)
    falling = ibis.cumulative_window(order_by=ibis.desc(equals.spend))
    equals = equals.mutate(after=equals.sales.sum().over(falling), total=equals.sales.sum().over(ibis.window()))
    before = (equals.after - equals.sales) / equals.total
    share = equals.value / equals.total
    begins = ((before + EQUAL) * parts).floor()
    ends = ((before + share - EQUAL) * parts).ceil() - 1
    part = (share > 1 / parts + EQUAL).ifelse(begins, ends)
    last = (equals.spend <= 0).ifelse(float(parts - 1), ibis.greatest(ibis.least(part, parts - 1.0), 0.0))
    placed = equals.mutate(part=last.cast("int64") + 1)
    found: dict[str, Any] = {"customers": placed.customers.sum(), "sales": placed.sales.sum(), "lowest": placed.spend.min()}
    found |= {name: placed[name].sum() for name in values if name != "customers"}
    table = placed.filter(placed.total > 0).group_by("part").aggregate(**found).order_by("part").to_pandas()
    if table.empty:
        raise DataError(f"nobody in {summary.source} spent anything, so sales have no parts.")
    return table.astype({name: "int64" for name in ("part", "customers", "active") if name in table})
