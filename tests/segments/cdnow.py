"""CDNOW with a hold-out of 39 weeks, valued by BG/NBD and Gamma-Gamma; computed once per file and process."""

from functools import cache

import pandas as pd

import goodwill as gw


@cache
def valued(name: str) -> pd.DataFrame:
    """Customers with value (39 weeks, undivided margin) and probability_alive."""
    summary = gw.summarize_purchases(gw.read_transactions(name), calibration_end="1997-09-30")
    customers, paying = summary.to_pandas(), summary.spend_rows()
    purchases, spend = gw.BetaGeoNBD.fit(summary), gw.GammaGamma.fit(paying[paying["monetary_value"] > 0])
    worth = gw.customer_value(purchases.model, spend.model, customers, gw.ValueTerms(39, 1.0, 0.15, "week"))
    return customers.join(worth[["probability_alive", "value"]])
