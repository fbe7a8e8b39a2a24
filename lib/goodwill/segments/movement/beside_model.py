"""What the fitted purchase model says of the customers whose movement is looked at, where a model could be fitted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from goodwill.segments.evidence.regression_to_the_mean import expected_without_intervention
from goodwill.segments.movement.markov import FloatArray, beside_purchase_model, purchase_model_money

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.lifetime_value.valued import Valued


def foretold_spend(valued: Valued, window: float) -> np.ndarray | None:
    """Spend that the models expect of each customer in the next `window` if nothing is done; None where no model could be fitted."""
    if valued.purchases is None or valued.spend is None:
        return None
    return expected_without_intervention(valued.purchases.model, valued.spend.model, valued.customers, window)


def model_forecast(valued: Valued, window: float, windows: int) -> dict[str, FloatArray]:
    """Money that the models expect of all customers in each of the next windows, under the name of the purchase model; nothing where none
    could be fitted.

    The peers of `markov_holdout`.
    """
    if valued.purchases is None or valued.spend is None:
        return {}
    return {valued.purchase_model: purchase_model_money(valued.purchases.model, valued.spend.model, valued.customers, window, windows)}


def chain_beside_model(worth: pd.DataFrame, states: Any, valued: Valued) -> pd.DataFrame:
    """Values of a Markov chain beside the mean expected value of the customers in each state; alone where no model could be fitted."""
    return worth if valued.purchases is None else beside_purchase_model(worth, states, valued.customers["value"])
