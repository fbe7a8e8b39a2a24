"""How much nearer one spend model came than another to what the purchases of a hold-out brought."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from goodwill.errors import TooLittle
from goodwill.inference.uncertainty import Interval, normal_quantile
from goodwill.lifetime_value.histories import spend_history


def spend_gain(model: Any, against: Any, customers: pd.DataFrame, level: float = 0.95) -> Interval:
    """How much nearer `model` came than `against` to what each customer's purchases of a hold-out brought (positive: nearer).

    Parameters
    ----------
    model, against : spend models, fitted to the calibration
    customers : frame of a summary with a hold-out: frequency, monetary_value, spend, frequency_holdout, spend_holdout; at steady prices
        (`at_steady_prices`), since a common drift moves all purchases of the hold-out one way and favours whichever model is higher there

    Returns
    -------
    Interval
        Mean gain per purchase in the gamma deviance, log(expected) + actual / expected, in which errors count by their share; over
        customers. Purchases are those that were made: only their size is foretold.

    Raises
    ------
    TooLittle
        When fewer than two customers left money in the hold-out, or a model's mean spend does not exist.

    Examples
    --------
    >>> import goodwill as gw
    >>> customers = gw.summarize_purchases("cdnow_sample", calibration_end="1997-09-30").to_pandas()
    >>> near, far = gw.GammaGamma(p=6.25, q=3.74, gamma=15.44), gw.GammaGamma(p=6.25, q=3.74, gamma=40.0)
    >>> found = spend_gain(near, far, customers)
    >>> round(found.estimate, 2), found.lower > 0
    (0.05, True)
    """
    bought = customers[(customers["frequency_holdout"] > 0) & (customers["spend_holdout"] > 0)]
    if len(bought) < 2:
        raise TooLittle(f"{len(bought)} customers left money in the hold-out; two spend models need two or more to be compared.")
    n, spent = (bought[name].to_numpy(float) for name in ("frequency_holdout", "spend_holdout"))
    losses = []
    for each in (against, model):
        expected = each.expected_spend(*spend_history(bought, each))
        if not np.isfinite(expected).all():
            raise TooLittle("a spend model expects an amount without a mean (q of 1 or less), so that what it foretold cannot be judged")
        losses.append(n * np.log(expected) + spent / expected)
    gain = losses[0] - losses[1]
    mean = gain.sum() / n.sum()
    half = normal_quantile(level) * np.sqrt(((gain - mean * n) ** 2).sum() * len(n) / (len(n) - 1)) / n.sum()
    return Interval(float(mean), float(mean - half), float(mean + half))
