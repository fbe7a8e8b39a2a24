"""Small tables beside the purchases, such as costs per customer, a coded log of losses or the outcomes of a trial."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from goodwill.data.reading.columns import usual_header
from goodwill.data.reading.sources import open_source
from goodwill.errors import DataError

if TYPE_CHECKING:
    import pandas as pd


def read_side_table(source: Any, *, texts: Sequence[str] = (), numbers: Sequence[str] = (), optional: Sequence[str] = ()) -> pd.DataFrame:
    """Read a table whose columns have these names, or the usual headers for them in the languages in which purchases are read.

    Parameters
    ----------
    source : a path, a DataFrame, or an address (see `goodwill.read_transactions`)
    texts, numbers : columns, as text and as numbers with a decimal point
    optional : those of them that may be missing

    Raises
    ------
    DataError
        When a column is missing or could be one of several, the table is empty, or a number cannot be read or is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> read_side_table(pd.DataFrame({"customer_id": [7], "cost": ["1.5"], "note": ["x"]}), texts=["customer_id"], numbers=["cost"]).values
    array([['7', 1.5]], dtype=object)
    >>> read_side_table(pd.DataFrame({"Kundennr.": [7], "Gruppe": ["b"]}), texts=["customer_id", "arm"]).columns.tolist()
    ['customer_id', 'arm']
    """
    import pandas as pd

    opened = open_source(source, None)
    names = _names((*texts, *numbers), opened.columns, opened.name, optional)
    raw = opened.load(list(names.values())).table.to_pandas()
    if raw.empty:
        raise DataError(f"{opened.name} has no rows")
    table = pd.DataFrame(
        {name: raw[names[name]].astype(str).str.strip().where(raw[names[name]].notna()) for name in texts if name in names}
    )
    for name in (each for each in numbers if each in names):
        table[name] = pd.to_numeric(raw[names[name]], errors="coerce").astype(float).to_numpy()
        odd = table[name].isna()
        if odd.any():
            first = int(odd.to_numpy().argmax())
            raise DataError(
                f"column '{name}' of {opened.name} holds no number in {int(odd.sum())} of {len(odd)} rows "
                f"(first: row {first + 2}, '{raw[names[name]].iloc[first]}'); write numbers with a decimal point, and 0 for nothing"
            )
    return table


def _names(wanted: Sequence[str], columns: Sequence[str], where: str, optional: Sequence[str]) -> dict[str, str]:
    """The column of each name that is wanted: of that name, else the one whose header is usual for it and that no other name has."""
    found = {name: name for name in wanted if name in columns}
    for name in (each for each in wanted if each not in found):
        free = [column for column in columns if column not in found.values()]
        usual = usual_header(name, free)
        if len(usual) > 1:
            which = " and ".join(repr(column) for column in usual)
            raise DataError(f"{where} has several columns that could be the {name}: {which}; rename the one that is meant to '{name}'")
        if usual:
            found[name] = usual[0]
        elif name not in optional:
            listed = ", ".join(repr(column) for column in columns[:40])
            raise DataError(f"{where} has no column '{name}'; give that name to the one that holds it. Its columns are {listed}")
    return {name: found[name] for name in wanted if name in found}
