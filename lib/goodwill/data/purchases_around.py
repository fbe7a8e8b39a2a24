"""What customers bought before and after something that happened to them, joined inside the engine that holds the purchases."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import ibis

from goodwill.data.purchases import netted, occasions
from goodwill.data.tables import Transactions
from goodwill.errors import DataError, TooLittle

if TYPE_CHECKING:
    import pandas as pd


def purchases_around(transactions: Transactions, cases: pd.DataFrame, *, day: str = "opened", within: int = 90) -> pd.DataFrame:
    """Purchases of each customer up to the day of a case, and after it; only a row per case leaves the engine.

    Parameters
    ----------
    transactions : Transactions
        From `read_transactions`.
    cases : DataFrame
        One row per case: `customer_id` and the column `day`, such as the complaints of `read_complaints`.
    day : str
        Column with the date of the case.
    within : int
        Days after the case that count.

    Returns
    -------
    DataFrame
        Index and order of `cases`: `first`, `latest` (dates of the first and of the latest purchase up to the day), `before` (days with a
        purchase up to it), `after` (days with a purchase within so many days after it), `seen` (whether the customer ever bought),
        `watched` (whether the data reach that far) and, where there is money, `spend` (mean money of repeat purchases up to the day,
        0 where there was none) and `first_amount` (money of the first one).

    Raises
    ------
    TooLittle
        When the cases have no `customer_id`.
    DataError
        When the column `day` is missing or `within` is below one day.

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.data import read_transactions
    >>> log = pd.DataFrame({"customer_id": ["a", "a", "b"], "date": pd.to_datetime(["2025-01-02", "2025-02-01", "2025-03-01"])})
    >>> cases = pd.DataFrame({"customer_id": ["a", "c"], "opened": pd.to_datetime(["2025-01-05", "2025-01-06"])})
    >>> purchases_around(read_transactions(log), cases, within=30)[["before", "after", "seen"]].values.tolist()
    [[1, 1, True], [0, 0, False]]
    """
    import pandas as pd

    if "customer_id" not in cases:
        raise TooLittle(
            "The cases say of no customer, so they cannot be joined with purchases: name the column with the customer of a case."
        )
    if day not in cases:
        raise DataError(f"the cases have no column {day!r}; their columns are {', '.join(map(str, cases.columns))}.")
    if within < 1:
        raise DataError(f"within={within}: at least one day must pass after a case.")
    days = occasions(transactions, "day", None, transactions.last)
    if netted(transactions):
        days = days.filter(days.bought)
    moments = pd.to_datetime(cases[day])
    ids = _as_ids(cases["customer_id"], days.customer_id.type())
    known = pd.DataFrame(
        {
            "case": range(len(cases)),
            "id": ids,
            "on": moments.dt.date.to_numpy(),
            "until": (moments + pd.Timedelta(days=within)).dt.date.to_numpy(),
        }
    )
    asked = ibis.memtable(known, schema={"case": "int64", "id": days.customer_id.type(), "on": "date", "until": "date"})
    money = ["money"] if transactions.has_amount else []
    joined = asked.join(days.select("customer_id", "day", *money), asked.id == days.customer_id)
    earlier = joined.day <= joined.on
    values: dict[str, Any] = {
        "first": joined.day.min(where=earlier),
        "latest": joined.day.max(where=earlier),
        "before": earlier.sum(),
        "after": (~earlier & (joined.day <= joined.until)).sum(),
    }
    if money:
        first = joined.money.argmin(joined.day, where=earlier)
        values |= {"spend": joined.money.sum(where=earlier).cast("float64"), "first_amount": first.cast("float64")}
    found = joined.group_by("case").aggregate(**values)
    table = found.to_pandas().set_index("case").reindex(range(len(cases)))
    table["seen"] = table["before"].notna()
    table = table.astype({"first": "datetime64[s]", "latest": "datetime64[s]"})
    table[["before", "after"]] = table[["before", "after"]].fillna(0).astype("int64")
    if money:
        repeats = table["before"] - 1
        later = table["spend"].astype(float) - table["first_amount"].astype(float)
        table["spend"] = (later / repeats.where(repeats > 0)).fillna(0.0)
        table["first_amount"] = table["first_amount"].astype(float).fillna(0.0)
    last: date = transactions.last
    table["watched"] = (known["until"] <= last).to_numpy()
    return table.set_axis(cases.index)


def _as_ids(ids: Any, kind: Any) -> Any:
    """Ids in the type that the transactions have; what is no number there belongs to nobody."""
    import pandas as pd

    if kind.is_string():
        return ids.astype(str).to_numpy()
    return pd.to_numeric(ids, errors="coerce").fillna(-(2**62)).astype("int64").to_numpy()
