"""Stacking of predictive distributions: the weights of a mixture of models that would have foretold best what came.

Yao, Vehtari, Simpson & Gelman (2018), Using Stacking to Average Bayesian Predictive Distributions, Bayesian Analysis 13(3), 917-1003.
Weights of models are not the chances that they are true: a model that foretells worse alone gets weight where it foretells better what
the others miss, and one of two equals may get none.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from goodwill.errors import DataError
from goodwill.inference.parameters import FloatArray

FEW, MANY = 50, 400  # replicates of the Bayesian bootstrap: of two dates that disagree, a weight is known to .07, or to .025
ROWS = 4_000_000  # in all replicates together, so that large bases take fewer
AT_ONCE = 8  # replicates that are weighed together: of many rows, more would not stay in a processor's cache
FLOOR = 1e-300  # a chance that rounds to zero still has a logarithm
STEPS, SETTLED, ROUNDING, LITTLE = 100, 1e-7, 1e-12, 1e-9  # of Newton's method: at most, of a weight, of a slope, of the curvature


def stacking_weights(log_scores: ArrayLike, weight: ArrayLike | None = None) -> FloatArray:
    """The weights w, no less than zero and with the sum 1, that maximise ``sum_i v_i log sum_k w_k exp(log_scores[i, k])``.

    Parameters
    ----------
    log_scores : array, shape (cases, models)
        Logarithm of the probability that each model gave to what came, when it did not know it yet.
    weight : array, shape (cases,) or (ways, cases), optional
        How much each case counts (v), in one or several ways; by default all alike.

    Returns
    -------
    array, shape (models,) or (ways, models)
        Of the only maximum, where there is one: the problem is concave. Equal models share alike.

    Raises
    ------
    DataError
        When there are no cases, no models, or a score that is no number.

    Examples
    --------
    Each of two models foretells one half of the cases well:

    >>> import numpy as np
    >>> stacking_weights(np.log([[0.9, 0.1], [0.9, 0.1], [0.1, 0.9], [0.1, 0.9]])).round(6)
    array([0.5, 0.5])
    """
    chance = _chances(log_scores)
    ways = np.ones(len(chance)) if weight is None else np.asarray(weight, float)
    return _likeliest(chance, np.atleast_2d(ways)).reshape(*ways.shape[:-1], chance.shape[1])


def _likeliest(chance: FloatArray, weight: FloatArray) -> FloatArray:
    """The weights of `stacking_weights` for each of several ways to count the cases, shape (ways, cases): shape (ways, models).

    Newton's method. With w no less than zero the maximum of sum_i v_i log(c_i w) - sum_k w_k, v adding up to 1, has the sum 1 by itself,
    so that each step is a small problem of least squares without negative numbers.
    """
    from scipy.optimize import nnls

    v, k = weight / weight.sum(axis=1, keepdims=True), chance.shape[1]
    one, other = np.triu_indices(k)
    products, curvature = chance[:, one] * chance[:, other], np.empty((k, k))
    w, slopes = np.full((len(v), k), 1 / k), np.zeros((len(v), k))
    tried, left = w.copy(), np.arange(len(v))
    for _ in range(STEPS):
        mixed = np.maximum(tried[left] @ chance.T, FLOOR)
        share = v[left] / mixed
        found, step = share @ chance - 1, tried[left] - w[left]
        # Too far where it falls there half as steeply as it rose at the start.
        far = (found * step).sum(axis=1) < -(slopes[left] * step).sum(axis=1) / 2 - ROUNDING
        tried[left[far]] = (w[left[far]] + tried[left[far]]) / 2
        there = left[~far]
        w[there], slopes[there] = tried[there], found[~far]
        for at, second in zip(there, (share[~far] / mixed[~far]) @ products, strict=True):
            curvature[one, other] = curvature[other, one] = second
            # A little more than the curvature, without which models that say the same could share in any way.
            root = np.linalg.cholesky(curvature + LITTLE * np.trace(curvature) * np.eye(k))
            tried[at] = nnls(root.T, root.T @ w[at] + np.linalg.solve(root, slopes[at]))[0]
        left = left[np.abs(tried[left] - w[left]).max(axis=1) > SETTLED]
        if not len(left):
            break
    return np.asarray(w / w.sum(axis=1, keepdims=True))


def averaged_stacking_weights(
    log_scores: ArrayLike, cases: ArrayLike, dates: ArrayLike, *, replicates: int | None = None, seed: int = 1
) -> FloatArray:
    """Stacking weights that know how little a few dates tell: their mean over a Bayesian bootstrap (Rubin 1981) of dates and of cases.

    Parameters
    ----------
    log_scores : array, shape (rows, models)
        As in `stacking_weights`; a row per case and date.
    cases, dates : arrays, shape (rows,)
        Whose row it is, and of which date. All rows of one customer count together, and so do all of one date: what one date says of
        many customers is one surprise, and not many.
    replicates, seed : of the bootstrap; by default 400, and down to 50 where there are many rows

    Returns
    -------
    array, shape (models,)

    Notes
    -----
    Each replicate lets customers and dates count by independent exponential variables, and solves `stacking_weights`. Yao et al. use this
    bootstrap to steady the weights of pseudo-BMA; taken here, it keeps the weights away from the corners as long as other dates or other
    customers might have chosen differently. The mean of the weights is also what a forecast needs that averages over them, since a
    mixture is linear in its weights. Rows with the same scores (customers with one history who bought the same) are one case that counts
    as much as they all.

    Examples
    --------
    Two dates that disagree; to one date alone the weights would be (1, 0):

    >>> scores = np.log([[0.6, 0.5]] * 40 + [[0.5, 0.6]] * 40)
    >>> averaged_stacking_weights(scores, [*range(40)] * 2, [1] * 40 + [2] * 40).round(1)
    array([0.5, 0.5])
    """
    scores = np.asarray(log_scores, float)
    who, when = (pd.factorize(np.asarray(each), sort=True)[0] for each in (cases, dates))
    rng = np.random.default_rng(seed)
    rows = pd.DataFrame(np.log(_chances(scores)))
    which, distinct = rows.groupby([*rows], sort=False).ngroup().to_numpy(), rows.drop_duplicates().to_numpy()
    size, found = replicates or int(np.clip(ROWS // len(scores), FEW, MANY)), []
    for start in range(0, size, AT_ONCE):
        ways = np.empty((min(AT_ONCE, size - start), len(distinct)))
        for way in ways:
            by_case, by_date = rng.standard_exponential(who.max() + 1), rng.standard_exponential(when.max() + 1)
            way[:] = np.bincount(which, by_case[who] * by_date[when])
        found.append(stacking_weights(distinct, ways))
    return np.concatenate(found).mean(axis=0)


def stacked_log_scores(log_scores: ArrayLike, weights: ArrayLike) -> FloatArray:
    """Logarithm of the probability that a mixture with these weights gave to each case, shape (cases,).

    >>> stacked_log_scores(np.log([[0.2, 0.4]]), [0.5, 0.5]).round(6) == np.log(0.3).round(6)
    array([ True])
    """
    scores = np.asarray(log_scores, float)
    top = scores.max(axis=1)
    return top + np.log(np.maximum(np.exp(scores - top[:, None]) @ np.asarray(weights, float), FLOOR))


def _chances(log_scores: ArrayLike) -> NDArray[np.float64]:
    """Probabilities, each row in units of its largest: a factor that no weight depends on."""
    scores = np.asarray(log_scores, float)
    if scores.ndim != 2 or not scores.size:
        raise DataError(f"stacking takes a row per case and a column per model, and not an array of shape {scores.shape}")
    if not np.isfinite(scores.max(axis=1)).all() or np.isnan(scores).any():
        raise DataError(f"{int((~np.isfinite(scores)).any(axis=1).sum())} cases have a log score that is no number; leave these models out")
    return np.maximum(np.exp(scores - scores.max(axis=1, keepdims=True)), FLOOR)
