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
    """Spend that the models expect of each customer in the next `window` if nothing is done; None where no model could be fitted.

    Examples
    --------
    >>> import goodwill as gw
    >>> from goodwill.lifetime_value.valued import Valued
    >>> summary = gw.summarize_purchases(gw.read_transactions("cdnow_sample"))
    >>> fits = gw.BetaGeoNBD.fit(summary), gw.GammaGamma.fit(summary)
    >>> found = foretold_spend(Valued(summary.to_pandas(), *fits, gw.ValueTerms(13, 1.0, 0.0, "week")), window=13.0)
    >>> len(found), round(float(found.sum()), -3)  # of these customers, in the next quarter of a year [USD]
    (2357, 20000.0)
    """
    if valued.purchases is None or valued.spend is None:
        return None
    return expected_without_intervention(valued.purchases.model, valued.spend.model, valued.customers, window)


def model_forecast(valued: Valued, window: float, windows: int) -> dict[str, FloatArray]:
    """Money that the models expect of all customers in each of the next windows, under the name of the purchase model; nothing where none
    could be fitted.

    The peers of `markov_holdout`.

    Examples
    --------
    >>> import goodwill as gw
    >>> from goodwill.lifetime_value.valued import Valued
    >>> summary = gw.summarize_purchases(gw.read_transactions("cdnow_sample"))
    >>> fits = gw.BetaGeoNBD.fit(summary), gw.GammaGamma.fit(summary)
    >>> valued = Valued(summary.to_pandas(), *fits, gw.ValueTerms(13, 1.0, 0.0, "week"), purchase_model="BG/NBD")
    >>> model_forecast(valued, window=13.0, windows=3)["BG/NBD"].round(-3).tolist()  # less later, as customers leave
    [20000.0, 18000.0, 17000.0]
    """
    if valued.purchases is None or valued.spend is None:
        return {}
    return {valued.purchase_model: purchase_model_money(valued.purchases.model, valued.spend.model, valued.customers, window, windows)}


def chain_beside_model(worth: pd.DataFrame, states: Any, valued: Valued) -> pd.DataFrame:
    """Values of a Markov chain beside the mean expected value of the customers in each state; alone where no model could be fitted.

    Examples
    --------
    >>> import pandas as pd
    >>> import goodwill as gw
    >>> from goodwill.lifetime_value.valued import Valued
    >>> fit = gw.BetaGeoBetaBinom.fit(gw.example("donations"))
    >>> valued = Valued(pd.DataFrame({"value": [8.0, 12.0, 60.0]}), fit, None, gw.ValueTerms(52, 0.3, 0.15, "week"))
    >>> chain = pd.DataFrame({"state": ["low", "high"], "value": [10.0, 30.0]})
    >>> chain_beside_model(chain, ["low", "low", "high"], valued)["purchase_model"].tolist()
    [10.0, 60.0]
    """
    return worth if valued.purchases is None else beside_purchase_model(worth, states, valued.customers["value"])
