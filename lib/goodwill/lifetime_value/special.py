"""The one special function that the Pareto/NBD, the BG/BB and the contract models share, with its derivatives.

All of them meet 2F1(1, p; p + q; z) with p, q > 0 and 0 <= z < 1, a positive and smooth function that general routines for 2F1
nevertheless return as nan or inf when p or q is large or z is close to 1 (frequent buyers, alpha far from beta, low discount rates).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

FloatArray = NDArray[np.float64]

LEVELS = (4, 8, 16, 24)  # of the continued fraction
STEP = 0.25  # of the integral, on the logarithmic scale: what it leaves out is far below 1e-15
FIRST = -3.5  # its first node, below which the integrand is nothing
NODES = 240  # its nodes at most, for ranges that no data reach
FEW = 256  # values up to which one pass costs less than two, and the integral less than long fractions; up to 4 FEW two passes are taken
CACHED = 8192  # values of which a processor's cache holds what is computed on the way
CHUNK = 512  # values whose levels, or nodes, are held at a time


@cache
def legendre(count: int) -> tuple[FloatArray, FloatArray]:
    """Nodes and weights of Gauss-Legendre quadrature on (0, 1), computed once: NumPy looks for eigenvalues each time, for milliseconds.

    Examples
    --------
    >>> nodes, weights = legendre(8)
    >>> round(float((nodes**3) @ weights), 12)  # of x^3 from 0 to 1
    0.25
    """
    nodes, weights = np.polynomial.legendre.leggauss(count)
    nodes, weights = (nodes + 1) / 2, weights / 2
    nodes.setflags(write=False)
    weights.setflags(write=False)
    return nodes, weights


@cache
def chebyshev(count: int) -> tuple[FloatArray, FloatArray]:
    """Points on (0, 1), and the matrix that makes of values there the coefficients of Chebyshev polynomials of 2 x - 1, computed once.

    Examples
    --------
    >>> points, terms = chebyshev(4)
    >>> np.abs(points @ terms).round(12).tolist()  # x = 1/2 + (2 x - 1) / 2
    [0.5, 0.5, 0.0, 0.0]
    """
    angles = (np.arange(count) + 0.5) * np.pi / count
    terms = 2 / count * np.cos(np.outer(angles, np.arange(count)))
    terms[:, 0] /= 2
    points = (1 + np.cos(angles)) / 2
    points.setflags(write=False)
    terms.setflags(write=False)
    return points, terms


def log_hyp2f1(p: ArrayLike, q: ArrayLike, y: ArrayLike) -> FloatArray:
    """Logarithm of 2F1(1, p; p + q; 1 - y) for p, q > 0 and 0 < y <= 1, to about 1e-13.

    By Gauss's continued fraction (DLMF 15.7), which converges like ((1 - sqrt y) / (1 + sqrt y))^2 per level, and for small y,
    where it becomes slow, by Euler's integral in a logarithmic variable with the trapezoidal rule.

    >>> round(float(np.exp(log_hyp2f1(1.0, 1.0, 0.5))), 12)  # 2 log 2
    1.38629436112
    """
    return _by_size_of_y(p, q, y, _fraction, _integral, 1)[0]


def log_hyp2f1_slopes(p: ArrayLike, q: ArrayLike, y: ArrayLike) -> FloatArray:
    """`log_hyp2f1` and its derivatives by p, by q and by z = 1 - y, stacked along a first axis of length 4."""
    return _by_size_of_y(p, q, y, _fraction_slopes, _integral_slopes, 4)


def _by_size_of_y(p: ArrayLike, q: ArrayLike, y: ArrayLike, fraction: Callable, integral: Callable, rows: int) -> FloatArray:
    arrays = np.broadcast_arrays(*(np.asarray(value, dtype=float) for value in (p, q, y)))
    given = tuple(value.ravel() for value in arrays)
    which = _depth(given[2].min(keepdims=True) if 0 < len(given[2]) <= FEW else given[2])
    if len(which) == 1:  # one pass for all
        found = integral(*given) if which[0] > 1 else fraction(*given, LEVELS[which[0]])
        return found.reshape(rows, *arrays[0].shape)
    if len(which) <= 4 * FEW:
        which[which < 3] = which[which < 3].max(initial=0)
    found = np.empty((rows, len(which)))
    for at in np.unique(which):
        here = which == at
        if here.all():
            here = slice(None)
        some = tuple(value[here] for value in given)
        found[:, here] = integral(*some) if at == len(LEVELS) else fraction(*some, LEVELS[at])
    return found.reshape(rows, *arrays[0].shape)


def _depth(y: FloatArray) -> NDArray[np.int64]:
    """Index into `LEVELS` of the levels that a value needs; their number where it is one for the integral."""
    root = np.sqrt(y)
    with np.errstate(divide="ignore"):
        return np.searchsorted(LEVELS, 2 + 18.5 / -np.log((1 - root) / (1 + root)))


def _fraction(p: FloatArray, q: FloatArray, y: FloatArray, levels: int) -> FloatArray:
    if len(y) > CACHED:
        return _in_chunks(partial(_fraction, levels=levels), p, q, y, size=CACHED)
    z, c = 1 - y, p + q
    t = (1 + np.sqrt(y)) / 2  # the limit that the levels approach
    for k in range(levels, 0, -1):
        t = 1 - z * (p + k) * (c + k - 1) / ((c + 2 * k - 1) * (c + 2 * k)) / t
        t = 1 - z * k * (q + k - 1) / ((c + 2 * k - 2) * (c + 2 * k - 1)) / t
    return -np.log(1 - z * p / (c * t))[None]


def _fraction_slopes(p: FloatArray, q: FloatArray, y: FloatArray, levels: int) -> FloatArray:
    """The same fraction with the derivatives of its logarithm by p, q and z.

    At a level t = 1 - u with u = share / t_deeper, and so (log t)' = u/t ((log t_deeper)' - (log share)'): the derivative of the whole is
    minus the sum over levels of (log share)' times the product of all u/t down to there. Only the levels themselves are taken one by one.
    """
    if len(y) > CHUNK:
        return _in_chunks(partial(_fraction_slopes, levels=levels), p, q, y)
    z, c, k = 1 - y, p + q, np.arange(1.0, levels + 1)[:, None]
    p_k, q_k, c_k, two = p + k, q + (k - 1), c + (k - 1), c + 2 * k
    below, middle, above = 1 / two, 1 / (two - 1), 1 / (two - 2)
    # coefficient (p+k) (c+k-1) / ((c+2k-1) (c+2k)) of the deeper half of a level, k (q+k-1) / ((c+2k-2) (c+2k-1)) of the other
    shares = np.stack([z * k * q_k * (above * middle), z * p_k * c_k * (middle * below)], axis=1).reshape(2 * levels, len(y))
    values = np.empty_like(shares)
    t = (1 + np.sqrt(y)) / 2
    for at in range(2 * levels - 1, -1, -1):
        np.divide(shares[at], t, out=shares[at])
        t = np.subtract(1, shares[at], out=values[at])
    weights = -np.cumprod(np.divide(shares, values, out=shares), axis=0).reshape(levels, 2, len(y))
    other, deeper = weights[:, 0], weights[:, 1]
    by_c = (deeper * (1 / c_k - middle - below) - other * (above + middle)).sum(axis=0)  # what all the denominators lose with c
    by_p, by_q, by_z = by_c + (deeper / p_k).sum(axis=0), by_c + (other / q_k).sum(axis=0), weights.sum(axis=(0, 1))
    u = p / (c * t)
    t = 1 - z * u
    ratio = u / t
    return np.stack([-np.log(t), z * ratio * (1 / p - 1 / c - by_p), z * ratio * (-1 / c - by_q), ratio * (1 - by_z)])


def _integral(p: FloatArray, q: FloatArray, y: FloatArray) -> FloatArray:
    """(c / y) ∫ exp(-c tau - q log1p(z (1 - e^-tau) / y)) dtau with c = p + q - 1; its logarithm."""
    if len(y) > CHUNK:
        return _in_chunks(_integral, p, q, y)
    *_, weight = _nodes(p, q, y)
    return np.log((p + q - 1) / y * weight.sum(axis=0))[None]


def _integral_slopes(p: FloatArray, q: FloatArray, y: FloatArray) -> FloatArray:
    """The same with its derivatives by p, q and z."""
    if len(y) > CHUNK:
        return _in_chunks(_integral_slopes, p, q, y)
    z, c = 1 - y, p + q - 1
    tau, gone, growth, weight = _nodes(p, q, y)
    total = weight.sum(axis=0)
    by_c = 1 / c - _mean(tau, weight, total)
    by_q = by_c - _mean(growth, weight, total)
    by_z = 1 / y - q / y * _mean(gone / (y + z * gone), weight, total)
    return np.stack([np.log(c / y * total), by_c, by_q, by_z])


def _nodes(p: FloatArray, q: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """tau, 1 - e^-tau, log1p(z (1 - e^-tau) / y), and what a node adds to the integral; shape (nodes, values).

    The integrand starts to fall at tau = 1 / (1 + c + q z / y) or later; from there on it is smooth on the logarithmic scale, and before it
    tau = unit exp(xi - exp(-xi)) dives to zero. All values share the nodes, which reach as far as the longest of them asks.
    """
    z, c = 1 - y, p + q - 1
    unit = 0.2 / (1 + c + q * z / y)
    length = float(np.log(40 / (c * unit)).max()) - FIRST
    number = min(NODES, 2 + int(length / STEP))
    step = max(STEP, length / (NODES - 1))
    xi = FIRST + step * np.arange(number)[:, None]
    small = np.exp(-xi)
    shape = np.exp(xi - small)
    tau = unit * shape
    gone = -np.expm1(-tau)
    growth = np.log1p(z / y * gone)
    return tau, gone, growth, unit * (step * shape * (1 + small)) * np.exp(-c * tau - q * growth)


def _mean(values: FloatArray, weight: FloatArray, total: FloatArray) -> FloatArray:
    return np.einsum("ij,ij->j", values, weight) / total


def _in_chunks(f: Callable[..., FloatArray], *values: FloatArray, size: int = CHUNK) -> FloatArray:
    parts = range(0, len(values[0]), size)
    return np.concatenate([f(*(value[at : at + size] for value in values)) for at in parts], axis=1)


def log_gamma_ratio(b: ArrayLike, a: ArrayLike) -> FloatArray:
    """log(Gamma(b + a) / Gamma(b)) for positive a and b, without the loss of digits of a difference when b is large.

    >>> round(float(np.exp(log_gamma_ratio(1e9, 1.0))), 3)
    1000000000.0
    """
    b, a = np.asarray(b, dtype=float), np.asarray(a, dtype=float)
    large = np.maximum(b, 20.0)
    stirling = (large + a - 0.5) * np.log1p(a / large) + a * np.log(large) - a + _stirling_rest(large + a) - _stirling_rest(large)
    return np.where(b < 20, special.gammaln(b + a) - special.gammaln(b), stirling)


def _stirling_rest(z: FloatArray) -> FloatArray:
    """What Stirling's formula leaves of log Gamma(z), for z >= 20 to 1e-17 (DLMF 5.11.1)."""
    return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / 1188 / z**2) / z**2) / z**2) / z**2) / z


def tanh_sinh(step: float = 0.05) -> tuple[FloatArray, FloatArray]:
    """Nodes in (0, 1) and weights of the double exponential rule, which does not mind steep ends (Takahasi & Mori 1974)."""
    xi = np.arange(-3.6, 3.6 + step / 2, step)
    share = 1 / (1 + np.exp(-np.pi * np.sinh(xi)))
    return share, step * np.pi * np.cosh(xi) * share / (1 + np.exp(np.pi * np.sinh(xi)))
