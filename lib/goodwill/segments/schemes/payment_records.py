"""Size by payment record: a rule for the terms that a customer gets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from goodwill.errors import DataError
from goodwill.segments.schemes.cuts import IntArray, need, numbers, rank_below
from goodwill.segments.schemes.rules import Rules

if TYPE_CHECKING:
    import pandas as pd

CELLS = {
    "large and good": "give the customer preferential terms",
    "small and good": "some preferential terms",
    "large and bad": "ordinary terms with strict control of payment conditions",
    "small and bad": "end the sales contract at once",
}
UNKNOWN = "not known"


def payment_record(
    customers: pd.DataFrame,
    *,
    size: str = "size",
    record: str = "payment_record",
    large_from: float | None = None,
    good_from: float | None = None,
) -> Rules:
    """Four cells of size and payment record; who has no size or no record is "not known", and never treated as bad.

    Parameters
    ----------
    customers : DataFrame with the columns `size` and `record`
    size : "large" or "small", or numbers that `large_from` cuts
    record : "good" or "bad", or numbers (such as the share of invoices paid in time) that `good_from` cuts

    Examples
    --------
    >>> import pandas as pd
    >>> accounts = pd.DataFrame({"size": [90.0, 5.0, 7.0], "payment_record": ["bad", "good", None]})
    >>> list(payment_record(accounts, large_from=50).assign(accounts))
    ['large and bad', 'small and good', 'not known']
    """
    settings = {
        "size": size,
        "record": record,
        "large_from": None if large_from is None else float(large_from),
        "good_from": None if good_from is None else float(good_from),
        "policies": CELLS,
    }
    rules = Rules("payment_record", (*CELLS, UNKNOWN), settings)
    place_payment_record(rules, customers)  # checks the columns now
    return rules


def policies(rules: Rules) -> dict[str, str]:
    """What the case does with each cell; nothing is said of those who are not known.

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.segments import payment_record
    >>> rules = payment_record(pd.DataFrame({"size": ["large"], "payment_record": ["good"]}))
    >>> policies(rules)["small and bad"]
    'end the sales contract at once'
    """
    return dict(rules.settings["policies"])


def check_payment_record(rules: Rules) -> None:
    """Check that the segments are the cells, when rules are made or read."""
    if rules.segments != (*CELLS, UNKNOWN) or not {"size", "record", "large_from", "good_from", "policies"} <= set(rules.settings):
        raise DataError(f"the segments of 'payment_record' must be {', '.join(CELLS)}, {UNKNOWN}, and its settings complete.")


def place_payment_record(rules: Rules, customers: pd.DataFrame) -> IntArray:
    """The position of each customer's cell."""
    settings = rules.settings
    small = _lower(customers, settings["size"], ("large", "small"), settings["large_from"], "large_from")
    bad = _lower(customers, settings["record"], ("good", "bad"), settings["good_from"], "good_from")
    return np.where((small < 0) | (bad < 0), len(CELLS), 2 * bad + small)


def _lower(customers: pd.DataFrame, column: str, labels: tuple[str, str], cut: float | None, option: str) -> NDArray[Any]:
    """0 for the first label, 1 for the second, -1 for gaps."""
    need(customers, [column], "payment_record")
    values = customers[column]
    if cut is not None:
        gaps = values.isna().to_numpy()
        return np.where(
            gaps, -1, rank_below(numbers(customers.assign(**{column: values.where(~gaps, 0)}), column, "payment_record"), [cut])
        )
    position = np.select([(values == label).to_numpy(dtype=bool, na_value=False) for label in labels], [0, 1], -1)
    strange = np.flatnonzero((position < 0) & values.notna().to_numpy())
    if len(strange):
        raise DataError(
            f"column '{column}' holds {values.iloc[strange[0]]!r} in row {strange[0]}: it takes '{labels[0]}' and '{labels[1]}', or "
            f"numbers with {option}= saying from where on one is {labels[0]}."
        )
    return position
