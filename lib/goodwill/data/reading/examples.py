"""Small sets that are read at once: published summaries, and a few orders to follow by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goodwill.data.reading.sources import lifetimes_file
from goodwill.errors import DataError

if TYPE_CHECKING:
    import pandas as pd


FILES = {  # in the package lifetimes, and the name that each column has here
    "cdnow": (
        "cdnow_customers_summary_with_transactions.csv",
        {"ID": "customer_id", "x": "frequency", "t_x": "recency", "T": "T", "zbar": "monetary_value"},
    ),
    "donations": ("donations.csv", {"frequency": "frequency", "recency": "recency", "periods": "T", "weights": "weight"}),
}


def example(name: str) -> pd.DataFrame:
    """A small built-in table, read at once.

    Parameters
    ----------
    name : {"cdnow", "donations", "orders"}
        `cdnow`: the 2,357 customers of the CDNOW sample after 39 weeks (Fader, Hardie and Lee 2005).
        `donations`: 11,104 donors of the 1995 cohort over six yearly opportunities, in 22 groups (Fader, Hardie and Shang 2010).
        `orders`: six orders of three customers, invented, to follow by hand.

    Returns
    -------
    DataFrame
        Of `cdnow` `customer_id`, `frequency`, `recency`, `T` (weeks) and `monetary_value` (mean per repeat purchase); of `donations`
        `frequency`, `recency`, `T` (whole opportunities) and `weight`, the number of donors in the group; of `orders` `customer_id`,
        `date` and `amount`.

    Raises
    ------
    DataError
        There is no such table.

    Examples
    --------
    >>> import goodwill as gw
    >>> gw.BetaGeoNBD.fit(example("cdnow")).parameters.round(3)  # published: .243, 4.414, .793, 2.426
    array([0.243, 4.414, 0.793, 2.426])
    >>> example("donations").weight.sum().item()
    11104
    >>> example("orders")["date"].tolist()[:2]
    ['2025-01-01', '2025-01-09']
    """
    import pandas as pd

    if name == "orders":
        days = ["2025-01-01", "2025-01-09", "2025-01-20", "2025-02-03", "2025-02-10", "2025-03-31"]
        return pd.DataFrame({"customer_id": list("aabacc"), "date": days, "amount": [10, 20, 40, 15, 25, 30]})
    if name not in FILES:
        known = ", ".join(f"'{each}'" for each in [*FILES, "orders"])
        raise DataError(f"There is no example {name!r}; there are {known}. Transactions are read with read_transactions('cdnow').")
    file, columns = FILES[name]
    return pd.read_csv(lifetimes_file(file)).rename(columns=columns)[[*columns.values()]]
