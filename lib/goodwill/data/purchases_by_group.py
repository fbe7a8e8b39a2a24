"""Purchases of which every row belongs to a group: a branch, a region, a channel. A customer of two groups is one of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from goodwill.data.doubts.vocabulary import NO_ID
from goodwill.data.reading.columns import match_columns, named_column
from goodwill.data.reading.files import ROW
from goodwill.data.reading.sources import open_source, read_transactions
from goodwill.data.tables import Transactions
from goodwill.errors import DataError

NO_GROUP = "(empty)"  # the group of rows without a value
BETWEEN = "\x1f"  # the sign that stands between group and customer: made for it, and in no id


def read_by_group(source: Any, column: str, **told: Any) -> Transactions:
    """Read and check purchase records whose customers are told apart by group too.

    Parameters
    ----------
    source : as in `read_transactions`
    column : of the group; a blank cell counts as the group `(empty)`, blanks around a value do not count
    **told : as in `read_transactions`

    Returns
    -------
    Transactions
        Ids are the group, a separating sign, and the id of the source; `groups_of` takes them apart.

    Raises
    ------
    DataError
        For a column that is not there, and as `read_transactions`.

    Examples
    --------
    >>> import pandas as pd
    >>> import goodwill as gw
    >>> log = pd.DataFrame({"customer_id": ["a", "a", "b"], "date": ["2025-01-02", "2025-02-03", "2025-02-04"], "shop": ["x", "y", "x"]})
    >>> read = gw.data.read_by_group(log, "shop")
    >>> gw.data.groups_of(gw.summarize_purchases(read).to_pandas()["customer_id"]).to_list()
    ['x', 'x', 'y']
    """
    opened = open_source(source, told.get("encoding") or None)
    columns = [name for name in opened.columns if name]
    column = named_column("group", column, columns, opened.name)
    given = told.get("customer_id")
    if isinstance(source, str) and "customer_id" in columns:  # of a built-in set
        given = given or "customer_id"
    name = match_columns(columns, {"customer_id": given}, opened.name)["customer_id"]
    table = opened.load(columns).table
    if name == column:
        raise DataError(f"column {column!r} of {opened.name} holds the customers and cannot be their group too; name another one.")
    ids, label = table[name].cast("string").strip(), table[column].cast("string").strip().fill_null("")
    words = [each.strip().lower() for each in (*NO_ID, "", *_missing(told.get("missing", ())))]
    label = (label == "").ifelse(NO_GROUP, label)
    named = table.mutate(**{name: ids.lower().isin(words).ifelse(None, label + BETWEEN + ids)})
    if ROW in named.columns:
        named = named.drop(ROW)
    return replace(read_transactions(named, **told), source=opened.name)


def named_groups(read: Transactions) -> list[str]:
    """The groups of what `read_by_group` gave, in order.

    Examples
    --------
    >>> import pandas as pd
    >>> log = pd.DataFrame({"customer_id": ["a", "b"], "date": ["2025-01-02", "2025-02-04"], "shop": ["y", "x"]})
    >>> named_groups(read_by_group(log, "shop"))
    ['x', 'y']
    """
    ids: Any = read.table.customer_id
    return sorted(read.table.select(group=ids.split(BETWEEN)[0]).distinct().to_pandas()["group"])


def groups_of(ids: pd.Series) -> pd.Series:
    """The groups in the ids that `read_by_group` makes.

    Examples
    --------
    >>> import pandas as pd
    >>> groups_of(pd.Series(["north\\x1f7", "south\\x1f7"])).to_list()
    ['north', 'south']
    """
    return ids.astype(str).str.partition(BETWEEN)[0]


def _missing(told: Any) -> Sequence[str]:
    return [told] if isinstance(told, str) else list(told or ())
