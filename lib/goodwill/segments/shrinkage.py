"""Numbers of small segments drawn towards what all segments have in common, the more the fewer customers they rest on."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from goodwill.errors import DataError
from goodwill.inference.uncertainty import normal_quantile
from goodwill.segments.bootstrap import FloatArray


def shrunken_means(estimate: ArrayLike, standard_error: ArrayLike, level: float = 0.95) -> pd.DataFrame:
    """Means of many segments drawn towards their common mean (`goodwill.segments.incremental.empirical_bayes`), as a table.

    Parameters
    ----------
    estimate, standard_error : one per segment; the standard errors positive

    Returns
    -------
    DataFrame
        estimate, shrunken, lower, upper; `attrs` hold mean and between (standard deviation between segments)

    Examples
    --------
    >>> shrunken_means([8.0, 10.0, 12.0], [2.0, 2.0, 2.0])["shrunken"].round(1).tolist()
    [9.1, 10.0, 10.9]
    """
    from goodwill.segments.incremental import empirical_bayes

    y, error = np.asarray(estimate, float), np.asarray(standard_error, float)
    if y.shape != error.shape or y.ndim != 1 or len(y) < 2 or not np.all(error > 0):
        raise DataError("shrinking needs two segments or more, each with an estimate and a positive standard error")
    found = empirical_bayes(y, error)
    half = normal_quantile(level) * found.sd
    frame = pd.DataFrame({"estimate": y, "shrunken": found.mean, "lower": found.mean - half, "upper": found.mean + half})
    frame.attrs |= {"mean": found.prior_mean, "between": found.prior_sd}
    return frame


def shrunken_rates(successes: ArrayLike, n: ArrayLike, level: float = 0.95) -> pd.DataFrame:
    """Rates of many segments drawn towards their common rate (beta-binomial empirical Bayes, prior by maximum likelihood).

    Returns
    -------
    DataFrame
        estimate, shrunken, lower, upper (posterior of the segment's rate), weight (of its own data); `attrs` hold mean and between
    """
    from scipy.optimize import minimize
    from scipy.special import betaln
    from scipy.stats import beta

    k, n = np.asarray(successes, float), np.asarray(n, float)
    if k.shape != n.shape or k.ndim != 1 or len(k) < 2 or not (np.all(n > 0) and np.all((k >= 0) & (k <= n))):
        raise DataError("shrinking needs two segments or more, each with customers, and between none and all of them as successes")

    def lost(phi: FloatArray) -> float:  # in the log-odds of the mean and the log of the prior's size
        mean, size = 1 / (1 + np.exp(-phi[0])), np.exp(phi[1])
        a, b = mean * size, (1 - mean) * size
        return -float((betaln(a + k, b + n - k) - betaln(a, b)).sum())

    overall = np.clip(k.sum() / n.sum(), 1e-6, 1 - 1e-6)
    # A prior of 10,000,000 customers is the limit without differences, one of 0.01 that without anything in common.
    bounds = [(-16, 16), (np.log(1e-2), np.log(1e7))]
    starts = [np.array([np.log(overall / (1 - overall)), np.log(size)]) for size in (5.0, 500.0)]
    best = min((minimize(lost, start, method="L-BFGS-B", bounds=bounds) for start in starts), key=lambda found: found.fun).x
    mean, size = 1 / (1 + np.exp(-best[0])), np.exp(best[1])
    a, b = mean * size + k, (1 - mean) * size + n - k
    lower, upper = (beta.ppf(tail, a, b) for tail in (0.5 - level / 2, 0.5 + level / 2))
    frame = pd.DataFrame({"estimate": k / n, "shrunken": a / (a + b), "lower": lower, "upper": upper, "weight": n / (n + size)})
    frame.attrs |= {"mean": float(mean), "between": float(np.sqrt(mean * (1 - mean) / (1 + size)))}
    return frame
