"""Bootstrap over customers by Poisson weights: every customer is in a sample 0, 1, 2, … times, independently of the others."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

CELLS = 20_000_000  # customers times draws that are worth the time; large bases need fewer draws, their intervals being narrow
AT_ONCE = 500_000  # of them in memory: a block that a processor's cache holds is twice as fast


def enough_draws(customers: int, draws: int) -> int:
    """The draws asked for, or fewer on large bases, but never under 100.

    >>> enough_draws(1_000_000, 500), enough_draws(2_000, 500)
    (100, 500)
    """
    return max(min(draws, 100), min(draws, CELLS // max(customers, 1)))


def poisson_weights(customers: int, draws: int, seed: int) -> Iterator[FloatArray]:
    """Weights of `draws` samples, in blocks of shape (customers, draws in the block); every block fits into memory."""
    rng = np.random.default_rng(seed)
    block = max(1, AT_ONCE // max(customers, 1))
    for start in range(0, draws, block):
        weights = rng.poisson(1.0, (customers, min(block, draws - start))).astype(float)
        weights[:, weights.sum(axis=0) == 0] = 1.0  # a sample of nobody (happens with a handful of customers) has no mean
        yield weights


def group_sums(values: FloatArray, codes: IntArray, groups: int, draws: int, seed: int) -> tuple[FloatArray, FloatArray]:
    """Sums over the customers of each group, in the data and in bootstrap samples.

    Parameters
    ----------
    values : (customers, measures); a column of ones gives the number of customers
    codes : group of each customer, 0 … groups - 1, or negative for none

    Returns
    -------
    sums (groups, measures) and their draws (draws, groups, measures)
    """
    sums, drawn = np.zeros((groups, values.shape[1])), np.zeros((draws, groups, values.shape[1]))
    for group in range(groups):
        mine = values[codes == group]
        sums[group] = mine.sum(axis=0)
        at = 0
        for weights in poisson_weights(len(mine), draws, seed + group) if len(mine) else ():
            drawn[at : at + weights.shape[1], group] = weights.T @ mine
            at += weights.shape[1]
    return sums, drawn


def top_share_draws(values: FloatArray, top: float, draws: int, seed: int) -> tuple[float, FloatArray]:
    """Share of the total that the largest share `top` of customers holds, with its draws; missing where the total is not positive."""
    ordered = np.sort(values)[::-1]
    total, n = ordered.sum(), len(ordered)
    if not n or not total > 0:
        return np.nan, np.full(draws, np.nan)
    # The bootstrap moves the cut; ten standard errors more than the top are enough rows for every draw.
    rows = min(n, int(np.ceil(top * n + 10 * np.sqrt(top * n) + 20)))
    estimate = float(np.interp(top * n, np.arange(n + 1.0), np.concatenate([[0.0], np.cumsum(ordered)])) / total)
    drawn = np.empty(draws)
    at = 0
    for weights in poisson_weights(n, draws, seed):
        count, money = np.cumsum(weights[:rows], axis=0), np.cumsum(weights[:rows] * ordered[:rows, None], axis=0)
        size, held = weights.sum(axis=0), ordered @ weights
        for k in range(weights.shape[1]):
            part = np.interp(top * size[k], np.concatenate([[0.0], count[:, k]]), np.concatenate([[0.0], money[:, k]]))
            drawn[at + k] = part / held[k] if held[k] > 0 else np.nan
        at += weights.shape[1]
    return estimate, drawn
