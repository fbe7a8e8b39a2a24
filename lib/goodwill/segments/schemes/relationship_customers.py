"""Transaction against relationship customers, as a probability, where discounts are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from goodwill.errors import DataError
from goodwill.segments.schemes.cuts import FloatArray, IntArray, numbers
from goodwill.segments.schemes.rules import Rules

if TYPE_CHECKING:
    import pandas as pd


def relationship(customers: pd.DataFrame, *, discount: str = "discount_share", discounted_from: float = 0.5, sure: float = 0.8) -> Rules:
    """Divide by the probability that a customer truly buys bargains only.

    A transaction customer is one whose true share of spend at a discount is above `discounted_from`. What was seen is weighed by how often
    the customer bought: one bargain proves little, and every repeat purchase at full price speaks for a relationship. The shares of the
    customers are beta distributed (fitted by moments to those with two orders or more), a customer's orders at a discount binomial, so
    the posterior is a beta distribution again.

    Parameters
    ----------
    customers : DataFrame with frequency and the column `discount`: share of spend bought at a discount, 0 to 1
    discounted_from : share above which a customer is a transaction customer
    sure : probability from which a customer is placed; in between, "unsure" is said

    Raises
    ------
    DataError
        Discounts are not known: purchases alone do not tell the two apart.

    Examples
    --------
    >>> import pandas as pd
    >>> customers = pd.DataFrame({"discount_share": [1.0, 1.0, 0.0, 0.0], "frequency": [0, 9, 9, 0]})
    >>> relationship(customers).assign(customers).tolist()
    ['transaction', 'transaction', 'relationship', 'relationship']
    """
    if discount not in customers:
        raise DataError(
            f"column '{discount}' is missing: 'relationship' needs the share of each customer's spend that was bought at a discount "
            "(0 to 1); purchases alone do not tell transaction customers from relationship customers."
        )
    if not (0 < discounted_from < 1 and 0.5 < sure < 1):
        raise DataError(f"discounted_from={discounted_from:g} must lie between 0 and 1, and sure={sure:g} between 0.5 and 1.")
    a, b = _prior(_shares(customers, discount), numbers(customers, "orders", "relationship"))
    settings = {"discount": discount, "a": a, "b": b, "discounted_from": discounted_from, "sure": sure}
    note = f"before any purchase is seen, the discounted share is taken as Beta({a:.2f}, {b:.2f}), with mean {a / (a + b):.0%}"
    return Rules("relationship", ("relationship", "unsure", "transaction"), settings, (note,))


def transaction_probability(rules: Rules, customers: pd.DataFrame) -> FloatArray:
    """Probability of being a transaction customer, for each customer.

    >>> import pandas as pd
    >>> from goodwill.segments import Rules
    >>> seen = pd.DataFrame({"discount_share": [1.0, 1.0, 0.0], "frequency": [0, 9, 9]})
    >>> rules = Rules("relationship", ("relationship", "unsure", "transaction"),
    ...               {"discount": "discount_share", "a": 1.0, "b": 1.0, "discounted_from": 0.5, "sure": 0.8})
    >>> transaction_probability(rules, seen).round(3).tolist()
    [0.75, 1.0, 0.0]
    """
    from scipy.special import betainc

    settings = rules.settings
    share, orders = _shares(customers, settings["discount"]), numbers(customers, "orders", "relationship")
    return 1 - betainc(settings["a"] + share * orders, settings["b"] + (1 - share) * orders, settings["discounted_from"])


def check_relationship(rules: Rules) -> None:
    """Check the prior and the limits, when rules are made or read."""
    told = rules.settings
    if not (told["a"] > 0 and told["b"] > 0 and 0 < told["discounted_from"] < 1 and 0.5 < told["sure"] < 1 and len(rules.segments) == 3):
        raise DataError("'relationship' needs a, b above 0, discounted_from between 0 and 1, sure between 0.5 and 1, and three segments.")


def place_relationship(rules: Rules, customers: pd.DataFrame) -> IntArray:
    """0 relationship, 1 unsure, 2 transaction."""
    chance = transaction_probability(rules, customers)
    sure = rules.settings["sure"]
    return np.where(chance >= sure, 2, np.where(chance <= 1 - sure, 0, 1))


def _shares(customers: pd.DataFrame, discount: str) -> FloatArray:
    share = numbers(customers, discount, "relationship")
    outside = np.flatnonzero((share < 0) | (share > 1))
    if len(outside):
        raise DataError(f"column '{discount}' holds {share[outside[0]]:g} in row {outside[0]}: a share of spend lies between 0 and 1.")
    return share


def _prior(share: FloatArray, orders: FloatArray) -> tuple[float, float]:
    """A beta distribution with the mean and, among repeaters, the variance beyond chance of the customers' shares."""
    mean = float(np.clip((share * orders).sum() / orders.sum(), 0.01, 0.99))
    n, p = orders[orders >= 2], share[orders >= 2]
    if len(n) < 2:
        return 2 * mean, 2 * (1 - mean)  # as weak as two orders
    # The variance of a share of n orders is mean (1 - mean) (1 + (n - 1) rho) / n, with rho = 1 / (a + b + 1).
    unit = mean * (1 - mean)
    rho = float(np.sum((p - mean) ** 2 - unit / n) / np.sum(unit * (1 - 1 / n)))
    strength = 1 / float(np.clip(rho, 1 / 101, 1 / 1.5)) - 1  # from a half to a hundred orders
    return mean * strength, (1 - mean) * strength
