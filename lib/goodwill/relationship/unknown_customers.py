"""What the histories of customers leave open of what a lever brings: how far these very customers may lie from what is expected of them.

A lever is worth what it adds to the purchases of today's customers, each as she really is: whether she is still there, how often she buys,
how likely she leaves, what she spends. Her history tells this in part, and what it leaves open is an error of the report, customer by
customer. What sets customers of different histories apart is no error: their histories are known. Nor is the luck of the year to come.

Of a customer who is there, with rate l and chance to leave p, by the move of p to p' within the horizon h, D more purchases are expected
and the chance to be there at its end rises by K:

    D = l h (g(l p' h) - g(l p h))    with g(y) = (1 - exp(-y)) / y,        K = exp(-l p' h) - exp(-l p h)

Their squares and their product are averaged over what is known of l (gamma; Gauss-Laguerre), of p and of lasting satisfaction.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
RATE_NODES = 8


class Opened(NamedTuple):
    """Means, over what a history leaves open, of customers who are there; shape (histories, satisfactions) each.

    Attributes
    ----------
    more, kept : D and K
    more_squared, kept_squared, product : D^2, K^2 and D K
    """

    more: Floats
    kept: Floats
    more_squared: Floats
    kept_squared: Floats
    product: Floats


def rate_nodes(shape: float, nodes: int = RATE_NODES) -> tuple[Floats, Floats]:
    """Points and weights that average over a gamma variable of this shape and scale 1 (Golub & Welsch 1969).

    >>> points, weights = rate_nodes(2.5)
    >>> round(float(weights @ points), 9), round(float(weights @ points**2), 9)  # 2.5, and 2.5 x 3.5
    (2.5, 8.75)
    """
    from scipy.linalg import eigh_tridiagonal

    k = np.arange(nodes)
    points, vectors = eigh_tridiagonal(2 * k + shape, np.sqrt(k[1:] * (k[1:] + shape - 1)))
    return points, vectors[0] ** 2


def opened(shapes: Floats, scales: Floats, plain: Floats, moved: Floats, weight: Floats, horizon: float) -> Opened:
    """The means of D and K, of their squares and of their product.

    Parameters
    ----------
    shapes, scales : of what is known of the rate of purchase, one per history
    plain, moved : chance to leave at the next purchases, without and with the move, shape (histories, chances, satisfactions)
    weight : what a history says of the chances, shape (histories, chances, satisfactions)
    horizon : in the unit of the rate
    """
    found = [np.zeros((len(shapes), plain.shape[2])) for _ in Opened._fields]
    for shape in np.unique(shapes):
        at = np.flatnonzero(shapes == shape)
        points, likely = rate_nodes(float(shape))
        ahead = (points / scales[at, None] * horizon)[:, :, None, None]  # expected purchases if she stays: (histories, rates, 1, 1)
        before, after = plain[at, None], moved[at, None]
        more = ahead * (_mean_decay(ahead * after) - _mean_decay(ahead * before))
        kept = np.exp(-ahead * before) * np.expm1(ahead * (before - after))
        for total, each in zip(found, (more, kept, more**2, kept**2, more * kept), strict=True):
            total[at] = np.einsum("hrcs,r,hcs->hs", each, likely, weight[at], optimize=True)
    return Opened(*found)


def _mean_decay(y: Floats) -> Floats:
    return -np.expm1(-y) / y
