"""Numbers of small segments drawn towards what all segments have in common, the more the fewer customers they rest on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from goodwill.errors import DataError
from goodwill.inference.bootstrap import FloatArray
from goodwill.inference.uncertainty import normal_quantile
from goodwill.shown import Shown

SPREADS = 301  # spreads of true effects that are averaged over


@dataclass(frozen=True, eq=False, repr=False)
class Shrunken(Shown):
    """Estimates pulled towards their common mean: posterior mean and standard deviation, and the prior that did it.

    Attributes
    ----------
    mean, sd : array, shape (estimates,)
    prior_mean, prior_sd : float

    Examples
    --------
    >>> import numpy as np
    >>> found = Shrunken(mean=np.array([1.5, 2.5]), sd=np.array([0.7, 0.7]), prior_mean=2.0, prior_sd=1.0)
    >>> found.mean.tolist(), found.prior_mean  # both were pulled towards the common mean
    ([1.5, 2.5], 2.0)
    """

    mean: FloatArray
    sd: FloatArray
    prior_mean: float
    prior_sd: float


def empirical_bayes(estimate: ArrayLike, standard_error: ArrayLike, prior: tuple[float, float] | None = None) -> Shrunken:
    """Normal shrinkage of one strategy's effects over segments.

    Parameters
    ----------
    estimate, standard_error : of the effect in each segment, shape (segments,); errors are independent
    prior : mean and standard deviation of the true effects where they are known; default learned from the estimates

    Raises
    ------
    DataError
        Where not every estimate has a standard error, or one is negative.

    Notes
    -----
    estimate ~ N(truth, error^2), truth ~ N(mu, tau^2) (Efron & Morris 1975). mu and tau are learned by restricted likelihood; results are
    averaged over tau with a flat prior (Gelman 2006), because with few segments its best value is often 0, which would call all segments
    alike. The variance of mu is in the standard deviation.

    Examples
    --------
    >>> shrunken = empirical_bayes([1.0, 3.0], [1.0, 1.0], prior=(2.0, 1.0))
    >>> shrunken.mean.tolist(), shrunken.sd.round(4).tolist()
    ([1.5, 2.5], [0.7071, 0.7071])
    """
    y, error = np.asarray(estimate, float), np.asarray(standard_error, float)
    if y.ndim != 1 or not len(y) or y.shape != error.shape or not (error >= 0).all():
        raise DataError(f"{y.shape} estimates with errors of shape {error.shape}; give one standard error each, not negative")
    variance = np.maximum(error, 1e-9 * max(float(np.abs(y).max()), float(error.max()), 1e-300)) ** 2  # known numbers are all but exact
    if prior is not None:
        mu, tau = float(prior[0]), float(prior[1])
        pull = tau**2 / (tau**2 + variance)
        return Shrunken(mu + pull * (y - mu), np.sqrt(pull * variance), mu, tau)
    return _hierarchical(y, variance) if len(y) > 1 else Shrunken(y.copy(), error.copy(), float(y[0]), 0.0)


def _hierarchical(y: FloatArray, variance: FloatArray) -> Shrunken:
    """Posterior under a learned prior, averaged over spreads from none to three times what is seen."""
    tau = np.linspace(0, 3 * float(np.std(y)), SPREADS)[:, None]
    weight = 1 / (variance + tau**2)
    precision = weight.sum(axis=1, keepdims=True)
    mu = (weight * y).sum(axis=1, keepdims=True) / precision
    likelihood = 0.5 * (np.log(weight) - weight * (y - mu) ** 2).sum(axis=1, keepdims=True) - 0.5 * np.log(precision)
    chance = np.exp(likelihood - likelihood.max())
    chance /= chance.sum()
    pull = tau**2 * weight
    mean = mu + pull * (y - mu)
    spread = pull * variance + (1 - pull) ** 2 / precision
    average = (chance * mean).sum(axis=0)
    sd = np.sqrt((chance * (spread + (mean - average) ** 2)).sum(axis=0))
    return Shrunken(average, sd, float((chance * mu).sum()), float((chance * tau).sum()))


def shrunken_means(estimate: ArrayLike, standard_error: ArrayLike, level: float = 0.95) -> pd.DataFrame:
    """Means of many segments drawn towards their common mean (`empirical_bayes`), as a table.

    Parameters
    ----------
    estimate, standard_error : one per segment; the standard errors positive

    Returns
    -------
    DataFrame
        estimate, shrunken, lower, upper; `attrs` hold mean and between (standard deviation between segments)

    Raises
    ------
    DataError
        With fewer than two segments, or a standard error that is not positive.

    Examples
    --------
    >>> shrunken_means([8.0, 10.0, 12.0], [2.0, 2.0, 2.0])["shrunken"].round(1).tolist()
    [9.1, 10.0, 10.9]
    """
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

    Parameters
    ----------
    successes, n : arrays, shape (segments,)
        Counts, and out of how many.
    level : of the intervals

    Returns
    -------
    DataFrame
        estimate, shrunken, lower, upper (posterior of the segment's rate), weight (of its own data); `attrs` hold mean and between

    Raises
    ------
    DataError
        With fewer than two segments, one without customers, or successes that are not between none and all of them.

    Examples
    --------
    >>> found = shrunken_rates([1, 40, 70], [2, 100, 100])  # one of two says less than forty of a hundred
    >>> found["shrunken"].round(2).tolist(), found["weight"].round(2).tolist()
    ([0.54, 0.42, 0.68], [0.13, 0.88, 0.88])
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
