"""How much of a total few customers hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from goodwill.errors import TooLittle
from goodwill.inference.parameters import FloatArray

TOPS = (0.01, 0.05, 0.1, 0.2, 0.5)  # the shares of customers that tables tell of


def cumulated(values: ArrayLike) -> FloatArray:
    """The cumulative total with 0, 1, 2, … customers, the largest first.

    >>> cumulated([1.0, 3.0, -1.0]).tolist()
    [0.0, 3.0, 4.0, 3.0]
    """
    return np.concatenate([[0.0], np.cumsum(np.sort(np.asarray(values, float))[::-1])])


def lorenz_curve(values: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Cumulative shares of customers and of value, the most valuable first; both start at 0.

    Parameters
    ----------
    values : array, shape (customers,)
        Money of each customer.

    Returns
    -------
    tuple of arrays, shape (customers + 1,)
        Cumulative shares of the customers, and of the value.

    Raises
    ------
    TooLittle
        When the values do not add up to more than nothing.

    Examples
    --------
    >>> import numpy as np
    >>> customers, value = lorenz_curve(np.array([3.0, 1.0]))
    >>> value.tolist()
    [0.0, 0.75, 1.0]
    """
    held = cumulated(values)
    total = np.sort(np.asarray(values, float))[::-1].sum()
    if not total > 0:
        raise TooLittle("The values add up to nothing, so shares of them do not exist.")
    return np.linspace(0, 1, len(held)), held / total


def share_of_top(values: ArrayLike, top: float = 0.1) -> float:
    """Share of the total value that the top share of customers holds; a fraction of a customer counts as a fraction.

    Parameters
    ----------
    values : array, shape (customers,)
        Money of each customer.
    top : share of the customers, between 0 and 1

    Raises
    ------
    TooLittle
        When the values do not add up to more than nothing.

    Examples
    --------
    >>> share_of_top([60.0, 20.0, 10.0, 10.0], top=0.25)
    0.6
    """
    customers, shares = lorenz_curve(values)
    return float(np.interp(top, customers, shares))


def shares_held(values: ArrayLike, past: ArrayLike) -> pd.DataFrame:
    """Share of the expected value, and of past spend, with the top 1, 5, 10, 20 and 50 % of customers (each sorted by its own).

    Parameters
    ----------
    values, past : arrays, shape (customers,)
        Expected value, and past spend, of each customer.

    Returns
    -------
    DataFrame
        customers ("top 1%" and so on), expected value, past spend.

    Raises
    ------
    TooLittle
        When one of them does not add up to more than nothing.

    Examples
    --------
    >>> found = shares_held([1.0, 1.0, 1.0, 1.0], [4.0, 2.0, 1.0, 1.0])
    >>> found[found["customers"] == "top 50%"].to_dict("list")
    {'customers': ['top 50%'], 'expected value': [0.5], 'past spend': [0.75]}
    """
    rows = {f"top {top:.0%}": [share_of_top(values, top), share_of_top(past, top)] for top in TOPS}
    return pd.DataFrame.from_dict(rows, orient="index", columns=["expected value", "past spend"]).rename_axis("customers").reset_index()
