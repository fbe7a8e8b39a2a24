"""Customers who gave back all that they ever bought: will they keep the next purchase?

Each purchase is kept or given back, with a chance of the customer's own; chances differ by a beta distribution. Whether returns are bad
luck that strikes everybody or the habit of some is then told by how the share of those who kept nothing falls with the number of purchases:
fast if it is luck, not at all if it is habit.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from goodwill.inference.parameters import FloatArray

GIVEN_BACK = np.linspace(0.005, 0.995, 100)  # mean chance that a purchase is given back
ALIKE = np.logspace(-3, 3, 61)  # sum of the beta parameters: near zero some return everything and others nothing


def chance_of_keeping(purchases: ArrayLike, nothing_kept: ArrayLike, weight: ArrayLike = 1.0) -> FloatArray:
    """The chance that the next purchase is kept, of customers who kept nothing of so many purchases; one for all others.

    Parameters
    ----------
    purchases : array, shape (customers,)
        All purchases, the first included.
    nothing_kept : array of bool, shape (customers,)
    weight : array, optional
        How many customers a row stands for.

    Notes
    -----
    With a chance of giving back ~ Beta(m s, (1 - m) s), all of n are given back with probability B(m s + n, (1 - m) s) / B(m s, (1 - m) s),
    and the next is then kept with chance (1 - m) s / (s + n). Averaged over a grid of m and log s, each point weighed by the likelihood
    of who kept nothing and who did not.

    Examples
    --------
    Habit: of a hundred customers with one purchase and a hundred with five each, thirty kept nothing. Luck: nobody kept nothing of five.

    >>> n = np.repeat([1, 5], 100)
    >>> habit, luck = np.tile(np.arange(100) < 30, 2), (np.arange(200) < 30)
    >>> chance_of_keeping(n, habit)[[0, 100, 199]].round(2), chance_of_keeping(n, luck)[[0, 199]].round(2)
    (array([0.03, 0.01, 1.  ]), array([0.69, 1.  ]))
    """
    n, nothing = np.asarray(purchases, float), np.asarray(nothing_kept, bool)
    if not nothing.any():
        return np.ones(n.shape)
    weight = np.broadcast_to(np.asarray(weight, float), n.shape)
    counts, at = np.unique(n, return_inverse=True)
    mean, alike = GIVEN_BACK[:, None, None], ALIKE[None, :, None]
    gives, keeps = mean * alike, (1 - mean) * alike
    all_back = special.betaln(gives + counts, keeps) - special.betaln(gives, keeps)
    with np.errstate(divide="ignore"):
        some_kept = np.log(-np.expm1(np.minimum(all_back, -1e-15)))
    likelihood = all_back @ np.bincount(at, nothing * weight) + some_kept @ np.bincount(at, ~nothing * weight)
    believed = np.exp(likelihood - likelihood.max())
    kept = np.einsum("ms,msn->n", believed / believed.sum(), keeps / (alike + counts))
    return np.where(nothing, kept[at], 1.0)
