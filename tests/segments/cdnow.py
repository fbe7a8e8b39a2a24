"""CDNOW with a hold-out of 39 weeks, valued by BG/NBD and Gamma-Gamma; computed once per file and process."""

from functools import cache
from typing import Any

import pandas as pd

import goodwill as gw


@cache
def models(name: str) -> tuple[Any, Any]:
    """BG/NBD and Gamma-Gamma fitted to the calibration."""
    summary = _summary(name)
    paying = summary.spend_rows()
    return gw.BetaGeoNBD.fit(summary).model, gw.GammaGamma.fit(paying[paying["monetary_value"] > 0]).model


@cache
def valued(name: str) -> pd.DataFrame:
    """Customers with value (39 weeks, undivided margin) and probability_alive."""
    customers = _summary(name).to_pandas()
    worth = gw.customer_value(*models(name), customers, gw.ValueTerms(39, 1.0, 0.15, "week"))
    return customers.join(worth[["probability_alive", "value"]])


@cache
def _summary(name: str) -> Any:
    return gw.summarize_purchases(gw.read_transactions(name), calibration_end="1997-09-30")
