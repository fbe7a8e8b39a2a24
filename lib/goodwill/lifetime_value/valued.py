"""Customers with what they are expected to bring: the column `value` that profiles, rankings and plans start from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from goodwill.errors import FitError, TooLittle
from goodwill.shown import Shown

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.data.purchases import PurchaseSummary
    from goodwill.inference.fit import Fit
    from goodwill.lifetime_value.value import ValueTerms


@dataclass(frozen=True, eq=False, repr=False)
class Valued(Shown):
    """The customers of a summary with their expected value, and the fits that it came from.

    Attributes
    ----------
    customers : the customers frame with `value` (and what else `customer_value` gives)
    purchases, spend : the fits; None where no model could be fitted
    note : what the value is where it is no forecast, else empty
    """

    customers: pd.DataFrame
    purchases: Fit | None
    spend: Fit | None
    terms: ValueTerms
    note: str = ""


def value_customers(summary: PurchaseSummary, model: Any, terms: ValueTerms) -> Valued:
    """Fit a purchase model and Gamma-Gamma to a summary, and value every customer of it within the horizon.

    Where the data carry no model (too few repeat purchases), the value is the margin of what was spent so far: a ranking, no forecast,
    and the note says so.

    Parameters
    ----------
    summary : with money
    model : class of the purchase model, such as `goodwill.BetaGeoNBD`
    terms : horizon, margin and discount rate, in the unit of the summary
    """
    from goodwill.lifetime_value.gamma_gamma import GammaGamma
    from goodwill.lifetime_value.value import customer_value

    customers = summary.to_pandas()
    paying = summary.spend_rows()
    try:
        purchases, spend = model.fit(summary), GammaGamma.fit(paying[paying["monetary_value"] > 0])
    except (FitError, TooLittle) as error:
        note = f"No purchase model could be fitted ({str(error).rstrip('.')}); the value is the margin of what each customer spent so far."
        return Valued(customers.assign(value=terms.margin * customers["spend"].clip(lower=0)), None, None, terms, note)
    valued = customers.join(customer_value(purchases.model, spend.model, customers, terms))
    return Valued(valued, purchases, spend, terms)


def iso_value_grid(valued: Valued, most: int = 20, points: int = 60) -> pd.DataFrame:
    """Expected value by repeat purchases (rows, 1 to `most`) and by the time from first to last purchase (columns).

    Of a customer who was first seen when the earliest one was, and spends what the mean repeat buyer does (the iso-value curves of Fader,
    Hardie & Lee 2005, Journal of Marketing Research 42(4)).

    Raises TooLittle where no model could be fitted.
    """
    import pandas as pd

    if valued.purchases is None or valued.spend is None:
        raise TooLittle(valued.note)
    T = float(valued.customers["T"].max())
    times, counts = np.linspace(0, T, points), np.arange(1, most + 1)
    x, t = (grid.ravel().astype(float) for grid in np.meshgrid(counts, times, indexing="ij"))
    repeats = valued.customers.query("frequency > 0 and monetary_value > 0")
    mean = float(np.average(repeats["monetary_value"], weights=repeats["frequency"]))
    terms = valued.terms
    bought = valued.purchases.model.discounted_expected_purchases(terms.rate, x, t, np.full_like(x, T), horizon=terms.horizon)
    value = terms.margin * valued.spend.model.expected_spend(x, np.full_like(x, mean)) * bought
    return pd.DataFrame(value.reshape(most, points), index=counts, columns=times)
