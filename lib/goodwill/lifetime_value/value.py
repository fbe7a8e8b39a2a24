"""From purchases to money: what each customer is expected to bring, discounted, within a horizon and beyond it."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, log
from typing import TYPE_CHECKING, Any

import numpy as np

from goodwill.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

# A year holds 365.25 days, a month a twelfth of it: the same lengths as in the purchase summary.
UNITS_PER_YEAR = {"day": 365.25, "week": 365.25 / 7, "month": 12.0, "year": 1.0}


def discount_rate_per_unit(annual_rate: float, unit: str) -> float:
    """The continuous discount rate per time unit that an annual rate amounts to: ln(1 + annual) / units per year.

    Raises DataError for a rate of -100 % or less and for an unknown unit.

    >>> round(discount_rate_per_unit(0.15, "week"), 6)
    0.002679
    """
    if unit not in UNITS_PER_YEAR:
        raise DataError(f"unknown time unit '{unit}'; use one of {', '.join(UNITS_PER_YEAR)}")
    if not annual_rate > -1:
        raise DataError(f"the annual discount rate is {annual_rate}; it must be above -1 (-100 %)")
    return log(1 + annual_rate) / UNITS_PER_YEAR[unit]


@dataclass(frozen=True)
class ValueTerms:
    """What turns purchases into money.

    Attributes
    ----------
    horizon : time that counts, in `unit`s from the end of the data
    margin : profit per unit of spend, 0 to 1
    annual_discount_rate : per year, for example 0.15; converted once to a continuous rate per unit
    unit : day, week, month or year; the unit of the purchase model
    """

    horizon: float
    margin: float
    annual_discount_rate: float
    unit: str

    def __post_init__(self) -> None:
        if not self.horizon > 0:
            raise DataError(f"the horizon is {self.horizon}; it must be a positive number of {self.unit}s")
        if not 0 <= self.margin <= 1:
            raise DataError(f"the margin is {self.margin}; it must be a share of spend between 0 and 1")
        discount_rate_per_unit(self.annual_discount_rate, self.unit)

    @property
    def rate(self) -> float:
        """The continuous discount rate per unit."""
        return discount_rate_per_unit(self.annual_discount_rate, self.unit)


def customer_value(purchase_model: Any, spend_model: Any, customers: pd.DataFrame, terms: ValueTerms) -> pd.DataFrame:
    """What each customer is expected to bring after the end of the data.

    Parameters
    ----------
    purchase_model : any purchase model (see `goodwill.BetaGeoNBD`)
    spend_model : `goodwill.GammaGamma`
    customers : one row each with frequency, recency, T (in `terms.unit`) and monetary_value
    terms : horizon, margin and discount rate

    Returns
    -------
    DataFrame with the index of `customers`: probability_alive; expected_purchases within the horizon; expected_spend per purchase;
    value = margin x expected spend x discounted expected purchases within the horizon; value_unlimited, the same without a horizon
    (Fader, Hardie & Lee 2005b, equation 3: the value is the margin times expected spend times DET; not counting the past).
    value_unlimited is infinite where the discount rate is zero.
    """
    import pandas as pd

    history = [customers[name].to_numpy() for name in ("frequency", "recency", "T")]
    spend = spend_model.expected_spend(customers["frequency"].to_numpy(), customers["monetary_value"].to_numpy())
    profit = terms.margin * spend
    within = purchase_model.discounted_expected_purchases(terms.rate, *history, horizon=terms.horizon)
    ever = purchase_model.discounted_expected_purchases(terms.rate, *history) if terms.rate > 0 else np.full(len(spend), inf)
    return pd.DataFrame(
        {
            "probability_alive": purchase_model.probability_alive(*history),
            "expected_purchases": purchase_model.expected_purchases(terms.horizon, *history),
            "expected_spend": spend,
            "value": profit * within,
            "value_unlimited": profit * ever,
        },
        index=customers.index,
    )


def value_over_time(purchase_model: Any, spend_model: Any, customers: pd.DataFrame, terms: ValueTerms, horizons: np.ndarray) -> np.ndarray:
    """Total value within each horizon; shape (len(horizons),)."""
    history = [customers[name].to_numpy() for name in ("frequency", "recency", "T")]
    profit = terms.margin * spend_model.expected_spend(customers["frequency"].to_numpy(), customers["monetary_value"].to_numpy())
    return np.array([profit @ purchase_model.discounted_expected_purchases(terms.rate, *history, horizon=float(h)) for h in horizons])


def lorenz_curve(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cumulative shares of customers and of value, the most valuable first; both start at 0.

    >>> customers, value = lorenz_curve(np.array([3.0, 1.0]))
    >>> value.tolist()
    [0.0, 0.75, 1.0]
    """
    ordered = np.sort(np.asarray(values, float))[::-1]
    total = ordered.sum()
    if not total > 0:
        raise DataError("the values add up to nothing, so shares of them do not exist")
    shares = np.concatenate([[0.0], np.cumsum(ordered) / total])
    return np.linspace(0, 1, len(shares)), shares


def share_of_top(values: np.ndarray, top: float = 0.1) -> float:
    """Share of the total value that the top share of customers holds; a fraction of a customer counts as a fraction."""
    customers, shares = lorenz_curve(values)
    return float(np.interp(top, customers, shares))
