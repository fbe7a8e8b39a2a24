"""A simulated shop to which customers go on coming, and what they bring in the three years after its records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd

from goodwill.calendar import DAYS_PER_UNIT
from goodwill.errors import TooLittle
from goodwill.lifetime_value.equity.records import brought_by_birth
from goodwill.shown import Shown

if TYPE_CHECKING:
    from goodwill.lifetime_value.equity.records import Brought
    from goodwill.lifetime_value.value import ValueTerms

WEEKS, AHEAD = 182, 158  # of the records, and after them
SHOP: dict[str, Any] = {"acquisition_trend": 0.15, "acquisition_season": 0.3, "a": 0.6}  # a tenth and a half more each year
CUSTOMERS = 8_000  # in all that time; invented, like all of this shop
EXAMPLE_COST = 6.0  # of winning one of them


@dataclass(frozen=True, eq=False, repr=False)
class Shop(Shown):
    """What the shop's records hold, and all purchases, those of the three years after them too.

    Examples
    --------
    Made by `example_shop`:

    >>> from datetime import date
    >>> import pandas as pd
    >>> from goodwill.lifetime_value import Shop
    >>> sold = pd.DataFrame({"customer_id": [1], "date": pd.to_datetime(["2025-01-01"]), "amount": [10.0]})
    >>> Shop(sold, sold, date(2025, 1, 1)).last.year
    2025
    """

    transactions: pd.DataFrame  # customer_id, date, amount
    everything: pd.DataFrame
    last: date


def example_shop(seed: int = 1) -> Shop:
    """The shop that stands in where no purchases are given: BG/NBD and Gamma-Gamma are right, arrivals grow and have a season.

    Examples
    --------
    >>> shop = example_shop()
    >>> shop.last.isoformat(), len(shop.everything) > len(shop.transactions)
    ('2027-06-27', True)
    """
    from goodwill.simulate import answering_company

    weeks = WEEKS + AHEAD
    company = answering_company("BG/NBD", customers=CUSTOMERS, weeks=weeks, seed=seed, acquisition_weeks=weeks - 1e-6, **SHOP)
    orders, last = company.transactions[["customer_id", "date", "amount"]], company.truth.mechanism.start + timedelta(days=7 * WEEKS - 1)
    return Shop(orders[orders["date"] <= pd.Timestamp(last)].reset_index(drop=True), orders, last)


def true_equity(shop: Shop | None, terms: ValueTerms, cost: float, horizons: list[float]) -> pd.DataFrame:
    """What came within some horizons after the records: of the known, of newcomers, their number, and all less what winning them cost.

    Returns
    -------
    DataFrame
        horizon, known, newcomers, number, equity.

    Raises
    ------
    TooLittle
        When there is no shop: what comes is not known of a company of one's own.

    Examples
    --------
    >>> from datetime import date
    >>> import pandas as pd
    >>> from goodwill.lifetime_value import Shop
    >>> from goodwill.lifetime_value.value import ValueTerms
    >>> days = pd.to_datetime(["2025-01-01", "2025-01-08", "2025-01-08"])
    >>> sold = pd.DataFrame({"customer_id": [1, 1, 2], "date": days, "amount": [10.0, 20.0, 40.0]})
    >>> shop = Shop(sold.iloc[:1], sold, date(2025, 1, 1))
    >>> true_equity(shop, ValueTerms(1, 1.0, 0.0, "week"), 5.0, [1.0]).iloc[0].to_dict()
    {'horizon': 1.0, 'known': 20.0, 'newcomers': 40.0, 'number': 1.0, 'equity': 55.0}
    """
    if shop is None:
        raise TooLittle("What comes is not known, as it never is of a company of one's own.")
    from goodwill.data.reading.sources import read_transactions

    whole: Brought = brought_by_birth(read_transactions(shop.everything))
    rows = []
    for horizon in horizons:
        due = shop.last + timedelta(days=round(horizon * DAYS_PER_UNIT[terms.unit]))
        came = whole.between(shop.last, due, terms)
        rows.append([horizon, came.known, came.brought, came.number, came.known + came.brought - whole.cost(shop.last, due, terms, cost)])
    return pd.DataFrame(rows, columns=["horizon", "known", "newcomers", "number", "equity"])
