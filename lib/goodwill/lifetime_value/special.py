"""The one special function that the Pareto/NBD, the BG/BB and the contract models share, with its derivatives.

All of them meet 2F1(1, p; p + q; z) with p, q > 0 and 0 <= z < 1, a positive and smooth function that general routines for 2F1
nevertheless return as nan or inf when p or q is large or z is close to 1 (frequent buyers, alpha far from beta, low discount rates).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

FloatArray = NDArray[np.float64]

LEVELS = (4, 8, 16, 24, 40)  # of the continued fraction
NODES = 160  # of the integral
CHUNK = 1024  # values whose levels are held at a time
BLOCK = 4096  # values for which its nodes are held at a time


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
    p, q, y = (value.ravel() for value in arrays)
    root = np.sqrt(y)
    with np.errstate(divide="ignore"):
        needed = 2 + 18.5 / -np.log((1 - root) / (1 + root))
    found = np.empty((rows, len(y)))
    which = np.searchsorted(LEVELS, needed)
    if len(y) <= CHUNK:  # two passes, each as deep as its deepest
        for part in (which < 3, (which >= 3) & (which < len(LEVELS))):
            which[part] = which[part].max(initial=0)
    for at in np.unique(which):
        here = which == at
        if here.all():
            here = slice(None)
        given = p[here], q[here], y[here]
        found[:, here] = integral(*given) if at == len(LEVELS) else fraction(*given, LEVELS[at])
    return found.reshape(rows, *arrays[0].shape)


def _fraction(p: FloatArray, q: FloatArray, y: FloatArray, levels: int) -> FloatArray:
    z, c = 1 - y, p + q
    t = (1 + np.sqrt(y)) / 2  # the limit that the levels approach
    for k in range(levels, 0, -1):
        t = 1 - z * (p + k) * (c + k - 1) / ((c + 2 * k - 1) * (c + 2 * k)) / t
        t = 1 - z * k * (q + k - 1) / ((c + 2 * k - 2) * (c + 2 * k - 1)) / t
    return -np.log(1 - z * p / (c * t))


def _fraction_slopes(p: FloatArray, q: FloatArray, y: FloatArray, levels: int) -> FloatArray:
    """The same fraction with the derivatives of the logarithm of every level by p, q and z (times z) carried along.

    What does not depend on deeper levels is computed for all of them at once: of a few hundred histories the calls cost, not the numbers.
    """
    if len(y) > CHUNK:
        parts = range(0, len(y), CHUNK)
        cut = [(p[at : at + CHUNK], q[at : at + CHUNK], y[at : at + CHUNK]) for at in parts]
        return np.concatenate([_fraction_slopes(*some, levels) for some in cut], axis=1)
    z, c, k = 1 - y, p + q, np.arange(1.0, levels + 1)[:, None]
    below, middle, above = 1 / (c + 2 * k), 1 / (c + 2 * k - 1), 1 / (c + 2 * k - 2)
    # coefficient (p+k) (c+k-1) / ((c+2k-1) (c+2k)) of the deeper half, k (q+k-1) / ((c+2k-2) (c+2k-1)) of the other
    deeper, other = z * (p + k) * (c + k - 1) * middle * below, z * k * (q + k - 1) * above * middle
    # and what their logarithms lose with c
    fall, fall_other, one = 1 / (c + k - 1) - middle - below, -middle - above, np.ones((levels, len(y)))
    by_deeper = np.stack([1 / (p + k) + fall, fall, one], axis=1)
    by_other = np.stack([fall_other, 1 / (q + k - 1) + fall_other, one], axis=1)
    t, slopes = (1 + np.sqrt(y)) / 2, np.zeros((3, len(y)))
    for at in range(levels - 1, -1, -1):
        for size, by in ((deeper[at], by_deeper[at]), (other[at], by_other[at])):
            u = size / t
            t = 1 - u
            slopes = u / t * (slopes - by)
    u = p / (c * t)
    t = 1 - z * u
    ratio = u / t
    return np.stack([-np.log(t), z * ratio * (1 / p - 1 / c - slopes[0]), z * ratio * (-1 / c - slopes[1]), ratio * (1 - slopes[2])])


def _integral(p: FloatArray, q: FloatArray, y: FloatArray) -> FloatArray:
    """(c / y) ∫ exp(-c tau - q log1p(z (1 - e^-tau) / y)) dtau with c = p + q - 1; its logarithm."""
    if len(y) > BLOCK:
        return _in_blocks(_integral, p, q, y)
    *_, weight = _nodes(p, q, y)
    return np.log((p + q - 1) / y * weight.sum(axis=0))[None]


def _integral_slopes(p: FloatArray, q: FloatArray, y: FloatArray) -> FloatArray:
    """The same with its derivatives by p, q and z."""
    if len(y) > BLOCK:
        return _in_blocks(_integral_slopes, p, q, y)
    z, c = 1 - y, p + q - 1
    tau, gone, growth, weight = _nodes(p, q, y)
    total = weight.sum(axis=0)
    by_c = 1 / c - (weight * tau).sum(axis=0) / total
    by_q = by_c - (weight * growth).sum(axis=0) / total
    by_z = 1 / y - q / y * (weight * gone / (y + z * gone)).sum(axis=0) / total
    return np.stack([np.log(c / y * total), by_c, by_q, by_z])


def _nodes(p: FloatArray, q: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """tau, 1 - e^-tau, log1p(z (1 - e^-tau) / y), and what a node adds to the integral; shape (nodes, values).

    The integrand starts to fall at tau = 1 / (c + q z / y); from there on it is smooth on the logarithmic scale, and before it
    tau = unit exp(xi - exp(-xi)) dives to zero.
    """
    z, c = 1 - y, p + q - 1
    unit = 0.2 / (c + q * z / y)
    first = -3.7
    step = (np.log(45 / (c * unit)) - first) / (NODES - 1)
    xi = first + step * np.arange(NODES)[:, None]
    small = np.exp(-xi)
    tau = unit * np.exp(xi - small)
    gone = -np.expm1(-tau)
    growth = np.log1p(z * gone / y)
    return tau, gone, growth, tau * (1 + small) * step * np.exp(-c * tau - q * growth)


def _in_blocks(f: Callable[..., FloatArray], *values: FloatArray) -> FloatArray:
    parts = range(0, len(values[0]), BLOCK)
    return np.concatenate([f(*(value[at : at + BLOCK] for value in values)) for at in parts], axis=1)


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
