"""Do customers pay at fixed steps, as under a contract? Models of purchases at free times do not fit such records."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from goodwill.data.tables import Transactions
from goodwill.errors import DataError, TooLittle

CUSTOMERS = 2_000  # looked at, at most
GAPS = 30  # fewest gaps between payments of which something is said
SHORTEST = 6  # days
NEAR = 0.1  # of the step, and two days at least: months have 28 to 31
SHARE = 0.8  # of the gaps are one step, and of the payments equal the one before


@dataclass(frozen=True)
class FixedTerms:
    """Payments at fixed steps: the step in days, the share of the gaps that are one, and the share of payments equal to the one before.

    Attributes
    ----------
    step : days
    share, equal : between 0 and 1
    customers : whose payments were looked at

    Examples
    --------
    >>> found = FixedTerms(step=30, share=0.98, equal=1.0, customers=250)
    >>> f"{found.share:.0%} of the gaps are {found.step} days, and {found.equal:.0%} of the payments equal the one before"
    '98% of the gaps are 30 days, and 100% of the payments equal the one before'
    """

    step: int
    share: float
    equal: float
    customers: int


def fixed_terms(transactions: Transactions) -> FixedTerms | None:
    """Payments at one step and of one amount, as of subscribers; None where customers buy at free times or for changing amounts.

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.data import read_transactions
    >>> day = pd.to_datetime("2024-01-01") + pd.to_timedelta([30 * k for k in range(6)] * 10, unit="D")
    >>> log = pd.DataFrame({"customer_id": [i // 6 for i in range(60)], "date": day, "amount": 15.0})
    >>> found = fixed_terms(read_transactions(log))
    >>> found.step, found.share, found.equal
    (30, 1.0, 1.0)
    >>> fixed_terms(read_transactions("cdnow_sample")) is None
    True
    """
    rows = transactions.table
    chosen = rows.group_by("customer_id").aggregate(n=lambda t: t.count()).filter(lambda t: t.n > 1).limit(CUSTOMERS)
    money = {"money": lambda t: t.amount.cast("float64").sum()} if transactions.has_amount else {}
    days = rows.semi_join(chosen, "customer_id").group_by(["customer_id", "date"]).aggregate(**money) if money else None
    if days is None:
        days = rows.semi_join(chosen, "customer_id").select("customer_id", "date").distinct()
    frame = days.to_pandas().sort_values(["customer_id", "date"], ignore_index=True)
    same = frame["customer_id"].eq(frame["customer_id"].shift()).to_numpy()
    gaps = np.diff(frame["date"].to_numpy("datetime64[D]").astype(int), prepend=0)[same]
    if len(gaps) < GAPS:
        return None
    step = int(np.median(gaps))
    share = float(np.mean(np.abs(gaps - step) <= max(2.0, NEAR * step)))
    equal = float(np.mean(frame["money"].eq(frame["money"].shift()).to_numpy()[same])) if money else 1.0
    if step < SHORTEST or share < SHARE or equal < SHARE:
        return None
    return FixedTerms(step, share, equal, frame["customer_id"].nunique())


def for_purchase_models(transactions: Transactions, *, money: bool = True) -> Transactions:
    """The transactions as they are, where models of purchases at free times can say something of them.

    Parameters
    ----------
    money : bool
        Whether spend is modelled too.

    Raises
    ------
    TooLittle
        Without a column of money where one is needed.
    DataError
        For payments under a contract, unless the dates were said to be meant as they stand (`keep=["date=*"]`).

    Examples
    --------
    >>> from goodwill.data import read_transactions
    >>> for_purchase_models(read_transactions("cdnow_sample")).source
    'cdnow_sample'
    """
    if money and not transactions.has_amount:
        raise TooLittle(
            f"{transactions.source} has no column of money that is recognised: pass amount= to value customers. Without money the notebook "
            "purchase_models_compared says who is still a customer and how often they will buy."
        )
    _must_have_purchases(transactions, money)
    if "date" not in transactions.sure and (found := fixed_terms(transactions)) is not None:
        way = f"keep=['{transactions.columns['date']}=*'] takes them for purchases at free times all the same."
        raise DataError(f"{in_words(found, transactions.source)} {way}")
    return transactions


def _must_have_purchases(transactions: Transactions, money: bool) -> None:
    """Raise TooLittle where every amount is negative or, if money is asked for, where all amounts are zero."""
    if not transactions.has_amount:
        return
    table = transactions.table
    most, least = table.aggregate(most=table.amount.max(), least=table.amount.min()).execute().iloc[0][["most", "least"]].astype(float)
    if transactions.returns == "net" and most < 0:
        raise TooLittle(
            f"Every amount of {transactions.source} is negative, so it holds returns and no purchase; turn the signs round if these "
            "are sales."
        )
    if money and most == least == 0:
        raise TooLittle(
            f"Every amount of {transactions.source} is zero, so nobody can be valued: pass amount= with the column of money. Without money "
            "the notebook purchase_models_compared says who is still a customer and how often they will buy."
        )


def in_words(found: FixedTerms, source: str) -> str:
    """What it means, in one sentence, with the notebook for such records."""
    return (
        f"{source} looks like payments under a contract: {found.share:.0%} of the gaps between payments of a customer are {found.step} "
        f"days, and {found.equal:.0%} of the payments equal the one before. "
        "Models of purchases at free times do not fit them; count how many "
        "contracts of each start are still there after each term, and use the notebook contracts_and_donations."
    )
