"""Customers in the order of a score, equal scores together, and cumulative curves over them with bootstrap draws."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from goodwill.errors import DataError
from goodwill.inference.bootstrap import Blocks, FloatArray, IntArray, deal

TIE = 1e-9  # scores that differ by less than this share of the largest are equal: 38.857 - 12.143 weeks are 187 days however computed
FINE = 1000  # bins of customers in a bootstrap draw: a cut lies in one of them, which holds a thousandth of the customers


class Ordered(NamedTuple):
    """Customers from the highest score down: `order`, where each group of equal scores starts, and how many customers it has.

    Attributes
    ----------
    order : array of int, shape (customers,)
    starts, sizes : array, shape (groups,)

    Examples
    --------
    >>> import goodwill as gw
    >>> found = gw.inference.ordered([5.0, 9.0, 5.0])
    >>> isinstance(found, Ordered), found.sizes.tolist()  # one customer leads, two are equal
    (True, [1.0, 2.0])
    """

    order: NDArray[np.intp]
    starts: NDArray[np.intp]
    sizes: FloatArray


class Curve(NamedTuple):
    """Cumulative customers and cumulative outcome, one row per draw; both start at 0.

    Attributes
    ----------
    customers, outcome : array, shape (draws, points)

    Examples
    --------
    >>> import numpy as np
    >>> import goodwill as gw
    >>> found = gw.inference.curve(gw.inference.ordered([3.0, 1.0, 2.0]), np.array([60.0, 10.0, 30.0]))
    >>> isinstance(found, Curve), found.outcome.tolist()
    (True, [[0.0, 60.0, 90.0, 100.0]])
    """

    customers: FloatArray
    outcome: FloatArray


def ordered(score: ArrayLike) -> Ordered:
    """Sort by a score, highest first, and find its ties.

    Raises DataError when the score is not one finite number per customer.

    >>> found = ordered([5.0, 9.0, 5.0])  # the second customer leads; the others are equal
    >>> found.order.tolist(), found.starts.tolist(), found.sizes.tolist()
    ([1, 0, 2], [0, 1], [1.0, 2.0])
    """
    s = np.asarray(score, float)
    if not np.isfinite(s).all() or s.ndim != 1 or not len(s):
        raise DataError(f"a score needs one finite number per customer; {int((~np.isfinite(s)).sum())} of {s.size} are not")
    order = np.argsort(-s, kind="stable")
    falls = -np.diff(s[order]) > TIE * max(float(np.abs(s).max()), np.finfo(float).tiny)
    starts = np.concatenate([[0], np.flatnonzero(falls) + 1])
    return Ordered(order, starts, np.diff(np.append(starts, len(s))).astype(float))


def curve(found: Ordered, y: FloatArray) -> Curve:
    """The curve of the data: one row, a point after each tie.

    Parameters
    ----------
    found : of `ordered`
    y : array, shape (customers,)
        The outcome of each customer.

    Examples
    --------
    >>> import numpy as np
    >>> from goodwill.inference import ordered
    >>> found = curve(ordered([3.0, 1.0, 2.0]), np.array([60.0, 10.0, 30.0]))
    >>> found.customers.tolist(), found.outcome.tolist()
    ([[0.0, 1.0, 2.0, 3.0]], [[0.0, 60.0, 90.0, 100.0]])
    """
    held = np.add.reduceat(y[found.order], found.starts)
    return Curve(_cumulative(found.sizes[None]), _cumulative(held[None]))


def curve_draws(found: Ordered, y: FloatArray, blocks: Blocks) -> Curve:
    """Curves of bootstrap samples, at the bounds of one to two thousand bins of neighbours in the order; ties are never split.

    Parameters
    ----------
    found : of `ordered`
    y : array, shape (customers,)
        The outcome of each customer.
    blocks : of `deal`

    Examples
    --------
    >>> import numpy as np
    >>> from goodwill.inference import Blocks, ordered
    >>> score, spend = [3.0, 1.0, 2.0], np.array([60.0, 10.0, 30.0])
    >>> once = Blocks(np.array([0, 1, 2]), np.array([[1.0, 1.0, 1.0], [2.0, 0.0, 1.0]]))  # as it was; the first twice
    >>> curve_draws(ordered(score), spend, once).outcome.tolist()
    [[0.0, 60.0, 90.0, 100.0], [0.0, 120.0, 150.0, 150.0]]
    """
    n, number = len(found.order), blocks.weights.shape[1]
    tie = np.searchsorted(found.starts, np.arange(0, n, max(1, n // FINE)), side="right") - 1
    # The tie at each of the wanted places is bounded on both sides, so that a large one shares with nobody.
    edges = np.unique(found.starts[np.minimum(np.concatenate([tie, tie + 1]), len(found.starts) - 1)])
    bins: IntArray = np.empty(n, np.int64)
    bins[found.order] = np.repeat(np.arange(len(edges)), np.diff(np.append(edges, n)))
    place, size = blocks.of * len(edges) + bins, number * len(edges)
    counts, held = (np.bincount(place, weight, size).reshape(number, -1) for weight in (None, y))
    return Curve(_cumulative(blocks.weights @ counts), _cumulative(blocks.weights @ held))


def shares_at(found: Curve, tops: ArrayLike) -> FloatArray:
    """Share of the outcome among the top shares of customers, (draws, tops); missing where a draw holds nothing.

    >>> import numpy as np
    >>> from goodwill.inference import curve, ordered
    >>> found = curve(ordered([3.0, 1.0, 2.0, 0.0]), np.array([60.0, 10.0, 30.0, 0.0]))
    >>> shares_at(found, [0.25, 0.5]).tolist()  # of the outcome with the first quarter of the customers, and the first half
    [[0.6, 0.9]]
    """
    at = np.asarray(tops, float)
    held = np.stack([np.interp(at * n[-1], n, m) for n, m in zip(*found, strict=True)])
    total = found.outcome[:, -1:]
    return np.divide(held, total, out=np.full_like(held, np.nan), where=total > 0)


def area(found: Curve) -> FloatArray:
    """Twice the area between the curve of shares and the diagonal, per draw; 0 for a random order.

    Parameters
    ----------
    found : of `curve` or `curve_draws`

    Returns
    -------
    array, shape (draws,)

    Examples
    --------
    >>> import numpy as np
    >>> from goodwill.inference import curve, ordered
    >>> spend = np.array([1.0, 3.0])
    >>> area(curve(ordered(spend), spend)).tolist(), area(curve(ordered([1.0, 1.0]), spend)).tolist()  # by spend; all alike
    ([0.25], [0.0])
    """
    n, m = found
    under = np.einsum("db,db->d", np.diff(n, axis=1), m[:, 1:] + m[:, :-1])
    total = n[:, -1] * m[:, -1]
    return np.divide(under, total, out=np.full_like(under, np.nan), where=total > 0) - 1


def top_share_draws(values: FloatArray, top: float, draws: int, seed: int) -> tuple[float, FloatArray]:
    """Share of the total that the largest share `top` of customers holds, with its draws; missing where the total is not positive.

    Parameters
    ----------
    values : array, shape (customers,)
    top : share of the customers, between 0 and 1
    draws, seed : of the bootstrap over customers

    Returns
    -------
    tuple of float and array, shape (draws,)

    Examples
    --------
    >>> import numpy as np
    >>> share, drawn = top_share_draws(np.array([60.0, 20.0, 10.0, 10.0]), top=0.25, draws=3, seed=1)
    >>> share, drawn.shape
    (0.6, (3,))
    """
    if not len(values) or not values.sum() > 0:
        return np.nan, np.full(draws, np.nan)
    found = ordered(values)
    drawn = shares_at(curve_draws(found, values, deal(len(values), draws, seed)), [top])[:, 0]
    return float(shares_at(curve(found, values), [top])[0, 0]), drawn


def _cumulative(parts: FloatArray) -> FloatArray:
    return np.concatenate([np.zeros((len(parts), 1)), np.cumsum(parts, axis=1)], axis=1)
