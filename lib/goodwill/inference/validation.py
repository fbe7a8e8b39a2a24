"""How wrong forecasts were, and what rules without a model would have said."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from goodwill.errors import DataError
from goodwill.inference.uncertainty import Interval, normal_quantile


def naive_forecasts(customers: pd.DataFrame, horizon: float) -> dict[str, np.ndarray]:
    """Two rules that need no model.

    `same rate`: frequency x horizon / T, everybody goes on at their old rate (0 for a customer first seen on the last day);
    `same number`: frequency, everybody buys as often as in the calibration.

    >>> import pandas as pd
    >>> customers = pd.DataFrame({"frequency": [4, 0], "T": [8.0, 2.0]})
    >>> {rule: purchases.tolist() for rule, purchases in naive_forecasts(customers, 2.0).items()}
    {'same rate': [1.0, 0.0], 'same number': [4.0, 0.0]}
    """
    x, T = customers["frequency"].to_numpy(float), customers["T"].to_numpy(float)
    return {"same rate": np.divide(x * horizon, T, out=np.zeros_like(x), where=T > 0), "same number": x}


def holdout_errors(actual: ArrayLike, forecasts: Mapping[str, ArrayLike], weight: ArrayLike | None = None) -> pd.DataFrame:
    """Errors of forecasts per customer.

    Parameters
    ----------
    actual : purchases in the hold-out, shape (customers,)
    forecasts : expected purchases by name of the forecast, each of the same shape
    weight : how many customers a row stands for

    Returns
    -------
    DataFrame, one row per forecast: total, actual_total, bias (share of the actual total; missing when that is 0), MAE, RMSE,
    MSLE (mean squared error of log(1 + purchases)) and correlation (missing when a forecast is the same for all).

    Raises
    ------
    DataError
        When shapes differ or nothing is there.

    Examples
    --------
    >>> errors = holdout_errors([0, 2, 4], {"model": [1.0, 2.0, 3.0], "nobody buys": [0.0, 0.0, 0.0]})
    >>> errors[["total", "actual_total", "bias", "MAE"]].round(2).to_numpy().tolist()
    [[6.0, 6.0, 0.0, 0.67], [0.0, 6.0, -1.0, 2.0]]
    """
    y = np.asarray(actual, float)
    w = np.ones_like(y) if weight is None else np.asarray(weight, float)
    if y.size == 0 or w.shape != y.shape:
        raise DataError("errors need at least one customer, and one weight each")
    share = w / w.sum()
    rows = {}
    for name, forecast in forecasts.items():
        f = np.asarray(forecast, float)
        if f.shape != y.shape:
            raise DataError(f"the forecast '{name}' has {f.size} values for {y.size} customers")
        total, actual_total = float(w @ f), float(w @ y)
        rows[name] = {
            "total": total,
            "actual_total": actual_total,
            "bias": total / actual_total - 1 if actual_total else np.nan,
            "MAE": share @ np.abs(f - y),
            "RMSE": np.sqrt(share @ (f - y) ** 2),
            "MSLE": share @ (np.log1p(f) - np.log1p(y)) ** 2,
            "correlation": _correlation(f, y, share),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def mean_difference(first: ArrayLike, second: ArrayLike, level: float = 0.95) -> Interval:
    """Mean of paired differences first - second with its normal interval.

    Parameters
    ----------
    first, second : arrays, shape (cases,)

    Raises
    ------
    DataError
        With fewer than two cases.

    Examples
    --------
    >>> [round(end, 2) for end in mean_difference([3.0, 5.0, 4.0], [2.0, 2.0, 2.0])]
    [2.0, 0.87, 3.13]
    """
    difference = np.asarray(first, float) - np.asarray(second, float)
    if difference.size < 2:
        raise DataError("a difference needs at least two customers to have an interval")
    estimate, half = float(difference.mean()), float(normal_quantile(level) * difference.std(ddof=1) / np.sqrt(difference.size))
    return Interval(estimate, estimate - half, estimate + half)


def _correlation(x: np.ndarray, y: np.ndarray, w: np.ndarray) -> float:
    x, y = x - w @ x, y - w @ y
    spread = np.sqrt((w @ x**2) * (w @ y**2))
    return float(w @ (x * y) / spread) if spread > 0 else np.nan
