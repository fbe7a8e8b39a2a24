"""Log-linear regression of counts (and other positive means) that admits more dispersion than Poisson."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from goodwill.errors import FitError

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class LogLinear:
    """A fitted log-linear mean.

    Attributes
    ----------
    coefficients : array, shape (k,)
    covariance : array, shape (k, k)
        With the measured dispersion (quasi-Poisson), never less than that of Poisson counts.
    sandwich : array, shape (k, k)
        Covariance that trusts the mean only, not the variance.
    mean : array, shape (n,)
    dispersion : float
        Pearson's statistic over its degrees of freedom; 1 for Poisson counts.
    degrees : float
        Observations less coefficients.
    """

    coefficients: FloatArray
    covariance: FloatArray
    sandwich: FloatArray
    mean: FloatArray
    dispersion: float
    degrees: float


def log_linear(y: ArrayLike, design: FloatArray, offset: ArrayLike = 0.0, weight: ArrayLike | None = None) -> LogLinear:
    """Fit E[y] = exp(offset + design @ coefficients) by quasi-likelihood (McCullagh & Nelder 1989, section 9.2), Newton's method.

    Parameters
    ----------
    y : array, shape (n,), not negative
    design : array, shape (n, k)
    offset : array, shape (n,) or scalar
    weight : array, shape (n,), how many observations a row stands for

    Raises
    ------
    FitError
        When there are not more observations than coefficients, nothing was counted, or the search does not settle.

    Examples
    --------
    >>> fitted = log_linear([2.0, 4.0, 8.0, 16.0], np.column_stack([np.ones(4), np.arange(4)]))
    >>> np.exp(fitted.coefficients).round(6)
    array([2., 2.])
    """
    y = np.asarray(y, float)
    w = np.ones_like(y) if weight is None else np.asarray(weight, float)
    offset = np.broadcast_to(np.asarray(offset, float), y.shape)
    n, k = float(w.sum()), design.shape[1]
    if n <= k or not y @ w > 0:
        raise FitError(f"a trend with {k} coefficients needs more than {k} periods, and something counted in them")
    beta = np.linalg.lstsq(design, np.log(np.maximum(y, 0.5)) - offset, rcond=None)[0]
    for _ in range(100):
        mean = np.exp(np.clip(offset + design @ beta, -50, 50))
        information = (design * (w * mean)[:, None]).T @ design
        step = np.linalg.lstsq(information, design.T @ (w * (y - mean)), rcond=None)[0]
        step *= min(1.0, 2.0 / max(np.abs(step).max(), 1e-300))
        beta = beta + step
        if np.abs(step).max() < 1e-10:
            break
    else:
        raise FitError("the trend of the counts has no maximum: too many periods without a count")
    mean = np.exp(np.clip(offset + design @ beta, -50, 50))
    inverse = np.linalg.pinv((design * (w * mean)[:, None]).T @ design)
    dispersion = float(w @ ((y - mean) ** 2 / mean) / (n - k))
    meat = (design * (w * (y - mean) ** 2)[:, None]).T @ design
    return LogLinear(beta, inverse * max(dispersion, 1.0), inverse @ meat @ inverse, mean, dispersion, n - k)
