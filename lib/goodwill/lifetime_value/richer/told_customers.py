"""What is known of customers beforehand, as of their first purchase or from a table of their own: a row each, for fits with covariates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import ibis
import pandas as pd

from goodwill.data.reading.columns import usual_header
from goodwill.data.reading.sources import open_source
from goodwill.data.side_tables import read_side_table
from goodwill.errors import DataError, TooLittle

if TYPE_CHECKING:
    from goodwill.data.tables import Transactions

NONE_NAMED = "No covariates are named: covariates= takes columns, such as the channel or the region, that say something of a customer."


def columns_of_orders(covariates: Sequence[str], table: Any = "") -> list[str]:
    """The columns to be read with the purchases (`known=` of `read_transactions`): none where a table of customers holds them.

    >>> columns_of_orders(["channel"]), columns_of_orders(["channel"], "customers.csv")
    (['channel'], [])
    """
    return [] if isinstance(table, pd.DataFrame) or table else list(covariates)


def told_of_customers(transactions: Transactions, covariates: Sequence[str] | str = (), table: Any = "") -> pd.DataFrame:
    """A row per customer with what is known of her beforehand, for `fit_with_covariates`.

    Parameters
    ----------
    transactions : Transactions
        Read with `known=` where the columns stand among the purchases: that of the day of the first purchase counts, since later ones are
        not known when she is won (of several on that day the first in alphabetical order).
    covariates : list of str
        Names of columns; empty takes all columns of the `table`.
    table : a path, a DataFrame, or an address (see `goodwill.read_transactions`), optional
        A table with a row per customer and her id, where the columns stand there.

    Returns
    -------
    DataFrame
        customer_id and a column per covariate. Texts all of which are numbers become numbers, which count as sizes: write codes of
        regions with a letter. What is missing is missing.

    Raises
    ------
    TooLittle
        When neither columns nor a table are named.
    DataError
        For a column that is not there.

    Examples
    --------
    >>> import pandas as pd
    >>> import goodwill as gw
    >>> days = ["2025-01-02", "2025-02-03", "2025-02-04"]
    >>> log = pd.DataFrame({"customer_id": ["a", "a", "b"], "date": days, "channel": ["shop", "web", None]})
    >>> told_of_customers(gw.read_transactions(log, known=["channel"]), ["channel"])
      customer_id channel
    0           a    shop
    1           b     NaN
    """
    names = [covariates] if isinstance(covariates, str) and covariates else list(covariates)
    if not isinstance(table, pd.DataFrame) and not table:
        if not names:
            raise TooLittle(NONE_NAMED)
        return _numbered(_at_first(transactions, names))
    if not names:
        columns = open_source(table, None).columns
        own = ["customer_id"] if "customer_id" in columns else usual_header("customer_id", columns)
        names = [name for name in columns if name not in own]
    return _numbered(read_side_table(table, texts=["customer_id", *names]))


def _at_first(transactions: Transactions, names: list[str]) -> pd.DataFrame:
    table = transactions.table
    missing = [name for name in names if name not in table.columns]
    if missing:
        raise DataError(
            f"{transactions.source} was read without the column {missing[0]!r}; name it with known=, or pass a table of customers."
        )
    born = table.group_by("customer_id").aggregate(born=table.date.min())
    first = table.join(born, "customer_id").filter(lambda t: t.date == t.born)
    values: dict[str, Any] = {f"c{place}": _text(first[name]).min() for place, name in enumerate(names)}
    found = first.group_by("customer_id").aggregate(**values).order_by("customer_id").to_pandas()
    return found.set_axis(["customer_id", *names], axis=1)


def _text(value: Any) -> Any:
    if not value.type().is_string():
        return value.cast("string")
    stripped = value.strip()
    return (stripped == ibis.literal("")).ifelse(ibis.null("string"), stripped)


def _numbered(table: pd.DataFrame) -> pd.DataFrame:
    for name in table.columns.drop("customer_id"):
        table[name] = table[name].where(table[name] != "")
        known = table[name].notna()
        numbers = pd.to_numeric(table[name], errors="coerce")
        if known.any() and numbers[known].notna().all():
            table[name] = numbers.astype(float)
    return table
