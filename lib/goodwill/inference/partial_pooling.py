"""Groups that borrow from each other: what each has of its own, drawn towards what all have in common by how little is known of it.

Group g has parameters eta_g (k real numbers) and a log-likelihood l_g. They are taken to be normal around a common mean mu with a
standard deviation tau_j between groups in each of them (Efron & Morris 1975). mu and tau are learned from all groups by the marginal
likelihood, in which every l_g is replaced by its second-order expansion at the most plausible eta_g, again and again until neither moves
(Laplace's approximation; Breslow & Clayton 1993), mu being integrated out (restricted likelihood). All formulas are in H_g, the curvature
of -l_g, and never in its inverse: a group that says nothing of a parameter has a zero there, and tau_j = 0 is a number like others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from goodwill.inference.parameters import FloatArray
from goodwill.inference.search import hessian

WIDEST = 5.0  # standard deviation between groups that is tried: on a log scale a factor of e^10 between two usual groups
USUAL = 0.5  # width of the half-normal belief about tau, on a log scale: hardly felt with five groups, and proper with two
STARTS = (0.05, 0.4)
SMALL = 0.02  # spreads below which it is asked whether none at all is as plausible
STEP = 1.0  # by which a parameter moves at most at a time
ITERATIONS, PATIENCE = 100, 15  # ... after which the spread moves by half of what it is told to
DECIDED = 4  # turns after which what has no spread keeps none: expansions nearby may say so in turns
NEAR = 1e-3  # how far a parameter may move before second derivatives are taken again
STILL = 1e-3  # of a standard error, by which what has settled may move
CHAINS, SWEEPS = 128, 60  # of the draws of tau
HELD = 4_000  # groups times chains at a time

Sum = Callable[[FloatArray], tuple[float, FloatArray]]


class Expansion(NamedTuple):
    """Second-order expansions of the log-likelihoods: l_g(eta) = value + b'eta - eta'H eta / 2.

    Attributes
    ----------
    b : array, shape (groups, k)
    H : array, shape (groups, k, k)
        Positive semidefinite.
    """

    b: FloatArray
    H: FloatArray


@dataclass(frozen=True)
class Pooling:
    """What `pool` found.

    Attributes
    ----------
    mean : array, shape (k,)
        What is common.
    between : array, shape (k,)
        Standard deviation between groups.
    at : array, shape (groups, k)
        The most plausible parameters of each group.
    converged : bool
    told : Expansion
        At `at`.
    belief : Expansion
        Of the belief about the mean, as one more group of shape (1, k); zeros without one.
    known : bool
        Whether `between` was given.
    usual : float
        Width of the half-normal belief about it.
    """

    mean: FloatArray
    between: FloatArray
    at: FloatArray
    converged: bool
    told: Expansion
    belief: Expansion
    known: bool
    usual: float


class Averaged(NamedTuple):
    """Draws of what is not known: of the spread between groups, and given it of the mean and of each group's parameters.

    Attributes
    ----------
    between : array, shape (draws, k)
    mean : array, shape (draws, k)
    at : array, shape (draws, groups, k)
    spread : array, shape (groups, k, k)
        Second moments of each group's parameters around the most plausible ones, averaged over `between`.
    """

    between: FloatArray
    mean: FloatArray
    at: FloatArray
    spread: FloatArray


def pool(
    groups: Sequence[Sum], start: FloatArray, *, between: FloatArray | None = None, belief: Sum | None = None, usual: float = USUAL
) -> Pooling:
    """The most plausible parameters of each group, of their mean, and of their spread between groups.

    Parameters
    ----------
    groups : functions of eta, shape (k,)
        Of each group: minus the log-likelihood, and its gradient.
    start : array, shape (k,)
        The parameters under which all groups together are likeliest.
    between : array, shape (k,), optional
        The standard deviations between groups, where they are known.
    belief : function
        Minus the logarithm of a prior density of the mean, and its gradient.
    usual : float
        Width of the half-normal belief about the standard deviations between groups (Gelman 2006).

    Examples
    --------
    >>> import numpy as np
    >>> def told(mean, error):  # of a group whose mean was measured with a known error
    ...     return lambda eta: (float(((eta - mean) ** 2).sum() / error**2) / 2, (eta - mean) / error**2)
    >>> found = pool([told(0.0, 1.0), told(4.0, 1.0), told(8.0, 1.0)], np.array([4.0]), usual=np.inf)
    >>> found.mean.round(3), found.between.round(3), found.at.ravel().round(3)  # the variance of the three is 16, less 1 of chance
    (array([4.]), array([3.873]), array([0.25, 4.  , 7.75]))
    """
    k = len(start)
    nothing = Expansion(np.zeros((1, k)), np.zeros((1, k, k)))
    mean, at = start.copy(), np.tile(start, (len(groups), 1))
    between = None if between is None else np.asarray(between, float)
    tau, converged = between, False
    curves = _Curves(groups)
    told, around = curves.expanded(at), nothing if belief is None else _Curves([belief]).expanded(mean[None])
    for turn in range(ITERATIONS):
        spread = between if between is not None else _likeliest(told, around, tau, usual, decided=turn > DECIDED)
        if tau is not None and turn > PATIENCE:
            spread = (spread + tau) / 2
        moments = _moments(spread, told, around)
        centre = mean + np.clip(moments.mean - mean, -STEP, STEP)
        towards = _modes(centre, spread, told)
        now = _down(groups, at, towards, centre, spread)
        moved = max(float(np.abs(now - at).max()), float(np.abs(centre - mean).max()))
        changed = 0.0 if tau is None else float(np.abs(spread - tau).max())
        still = _still(now - at, told.H) and _still((centre - mean)[None], moments.precision[None])
        first, mean, at, tau = tau is None, centre, now, spread
        told = curves.expanded(at)
        around = nothing if belief is None else _Curves([belief]).expanded(mean[None])
        exactly = moved < 1e-7 and changed < 1e-6
        if not first and (exactly or (turn > PATIENCE and still and changed < STILL * min(usual, 1.0))):
            converged = True
            break
    assert tau is not None
    return Pooling(mean, tau, at, converged, told, around, between is not None, usual)


def average(found: Pooling, draws: int = 500, seed: int = 1) -> Averaged:
    """Draws of the spread between groups by what is told of it, and of everything else given it.

    Notes
    -----
    tau by chains of differential evolution (ter Braak 2006) under the restricted likelihood of the expansions and the half-normal belief,
    so that its uncertainty is in every interval: its best value is often 0 where groups are few, which would call all alike.
    Given tau, everything is normal.

    Examples
    --------
    >>> import numpy as np
    >>> def told(mean, error):
    ...     return lambda eta: (float(((eta - mean) ** 2).sum() / error**2) / 2, (eta - mean) / error**2)
    >>> drawn = average(pool([told(0.1, 0.3), told(0.2, 0.3), told(0.3, 0.3)], np.array([0.2])), draws=400)
    >>> drawn.at.mean(axis=0).ravel().round(1), bool((drawn.at.std(axis=0) < 0.3).all())  # each is known better than by itself
    (array([0.2, 0.2, 0.2]), True)
    """
    rng = np.random.default_rng(seed)
    taus = np.tile(found.between, (CHAINS, 1)) if found.known else _spreads(found, rng)
    given = _moments(taus, found.told, found.belief)
    B = np.swapaxes(given.W, -1, -2)  # of the mean in each group's parameters
    centre = np.einsum("cgij,cj->cgi", B, given.mean) + np.einsum("cgij,gj->cgi", given.K, found.told.b)
    inverse = np.asarray(np.linalg.inv(given.precision), float)
    own = given.K + np.einsum("cgij,cjk,cglk->cgil", B, inverse, B)
    away = centre - found.at
    spread = (own + away[..., :, None] * away[..., None, :]).mean(axis=0)
    which = np.arange(draws) % len(taus)
    mean = given.mean[which] + np.einsum("cij,cj->ci", _root(inverse)[which], rng.standard_normal((draws, found.mean.size)))
    at = np.empty((draws, *found.at.shape))
    for g in range(len(found.at)):
        middle = np.einsum("cij,cj->ci", B[which, g], mean) + given.K[which, g] @ found.told.b[g]
        at[:, g] = middle + np.einsum("cij,cj->ci", _root(given.K[:, g])[which], rng.standard_normal((draws, len(found.mean))))
    return Averaged(taus[which], mean, at, (spread + np.swapaxes(spread, -1, -2)) / 2)


class _Moments(NamedTuple):
    """Given tau, shape (..., k): what the expansions say. W = (I + H T)^-1, K = T W the covariance of a group's parameters given mu."""

    value: Any  # restricted log-likelihood, but for a constant
    mean: FloatArray
    precision: FloatArray  # of the mean
    W: FloatArray
    K: FloatArray
    M: FloatArray  # what each group tells of the mean
    u: FloatArray  # by how much each would move it


def _moments(tau: FloatArray, told: Expansion, belief: Expansion) -> _Moments:
    T = np.asarray(tau, float)[..., None, None, :] ** 2  # scales columns
    k = told.b.shape[-1]
    bent = np.eye(k) + told.H * T
    W = np.linalg.inv(bent)
    M = W @ told.H
    M = (M + np.swapaxes(M, -1, -2)) / 2
    K = np.swapaxes(T, -1, -2) * W
    K = (K + np.swapaxes(K, -1, -2)) / 2
    precision = M.sum(axis=-3) + belief.H[0]
    pull = np.einsum("...gij,gj->...i", W, told.b) + belief.b[0]
    mean = np.linalg.solve(precision, pull[..., None])[..., 0]
    at_mean = told.b - np.einsum("gij,...j->...gi", told.H, mean)
    value = np.einsum("gi,...i->...", told.b, mean) - np.einsum("...i,gij,...j->...", mean, told.H, mean) / 2
    value = value + mean @ belief.b[0] - np.einsum("...i,ij,...j->...", mean, belief.H[0], mean) / 2
    value = value + np.einsum("...gi,...gij,...gj->...", at_mean, K, at_mean) / 2
    value = value - np.linalg.slogdet(bent)[1].sum(axis=-1) / 2 - np.linalg.slogdet(precision)[1] / 2
    return _Moments(value, mean, precision, W, K, M, np.einsum("...gij,...gj->...gi", W, at_mean))


def _slope(tau: FloatArray, at: _Moments) -> FloatArray:
    """Derivative of the restricted log-likelihood by tau^2."""
    inverse = np.linalg.inv(at.precision)
    told = np.einsum("gij,jk,gki->i", at.M, inverse, at.M)
    return (np.sum(at.u**2, axis=0) - np.einsum("gii->i", at.M) + told) / 2


def _likeliest(told: Expansion, belief: Expansion, tau: FloatArray | None, usual: float, *, decided: bool) -> FloatArray:
    """The most plausible spread between groups under the expansions; exactly 0 where more of it makes it less so.

    Parameters
    ----------
    tau : where it was before
    decided : what is 0 there stays 0, and the others are looked for nearby
    """
    k = told.b.shape[-1]

    def lost(tau: FloatArray) -> tuple[float, FloatArray]:
        found = _moments(tau, told, belief)
        return float((tau / usual) @ (tau / usual)) / 2 - float(found.value), tau / usual**2 - 2 * tau * _slope(tau, found)

    before = np.zeros(k) if tau is None else tau
    starts = [before] if decided else [np.maximum(before, 0.02), *(np.full(k, each) for each in STARTS)]
    free = np.flatnonzero(before > 0) if decided else np.arange(k)
    best = min((_among(lost, start, free) for start in starts), key=lambda end: lost(end)[0])
    while True:
        less = np.where(best < SMALL, 0.0, best)
        falls = (best > 0) & (less == 0) & (_slope(less, _moments(less, told, belief)) <= 1 / (2 * usual**2))
        if not falls.any():
            return best
        best = np.where(falls, 0.0, best)
        best = _among(lost, best, np.flatnonzero(best > 0))


def _among(lost: Callable[[FloatArray], tuple[float, FloatArray]], tau: FloatArray, free: Any) -> FloatArray:
    """The best of some spreads from where they are, the others being as they are."""
    from scipy.optimize import minimize

    def some(part: FloatArray) -> tuple[float, FloatArray]:
        whole = tau.copy()
        whole[free] = part
        value, slope = lost(whole)
        return value, slope[free]

    whole = tau.copy()
    if len(free):
        options = {"ftol": 1e-15, "gtol": 1e-9, "maxiter": 200}
        whole[free] = minimize(some, tau[free], jac=True, method="L-BFGS-B", bounds=[(0.0, WIDEST)] * len(free), options=options).x
    return whole


def _still(moved: FloatArray, H: FloatArray) -> bool:
    """Whether all have moved by next to nothing beside what is not known of them: along a ridge, rounding moves them for ever."""
    return bool(np.einsum("gi,gij,gj->g", moved, H, moved).max() < STILL**2)


def _modes(mean: FloatArray, tau: FloatArray, told: Expansion) -> FloatArray:
    """The most plausible parameters of each group under the expansions."""
    W = np.linalg.inv(np.eye(len(mean)) + told.H * tau**2)
    return mean + tau**2 * np.einsum("gij,gj->gi", W, told.b - told.H @ mean)


def _down(groups: Sequence[Sum], at: FloatArray, towards: FloatArray, mean: FloatArray, tau: FloatArray) -> FloatArray:
    """Where each group goes: to the mode of its expansion, or less far where that makes it less plausible."""
    free = tau > 0
    now = np.where(free, at, mean)
    width = np.where(free, tau, 1.0)

    def lost(f: Sum, eta: FloatArray) -> float:
        away = (eta - mean) / width
        value = f(eta)[0] + float(away @ away) / 2
        return value if np.isfinite(value) else np.inf

    moved = towards.copy()
    for g, f in enumerate(groups):
        step = towards[g] - now[g]
        reach = float(np.abs(step).max())
        if reach < 1e-4:  # so near that rounding tells more than the value
            continue
        step = step * min(1.0, STEP / reach)
        before = lost(f, now[g])
        for _ in range(12):
            if lost(f, now[g] + step) <= before:
                break
            step = step / 2
        moved[g] = now[g] + step
    return moved


class _Curves:
    """Expansions of the groups' log-likelihoods; second derivatives are kept as long as a group stays near where they were taken."""

    def __init__(self, groups: Sequence[Sum]) -> None:
        self.groups = groups
        self.where: FloatArray = np.empty(0)
        self.H: FloatArray = np.empty(0)

    def expanded(self, at: FloatArray) -> Expansion:
        if not self.where.size:
            self.where, self.H = np.full(at.shape, np.inf), np.empty((*at.shape, at.shape[1]))
        for g in np.flatnonzero(np.abs(at - self.where).max(axis=1) > NEAR).tolist():
            values, directions = np.linalg.eigh(hessian(self.groups[g], at[g]))
            self.H[g] = (directions * np.maximum(values, 0.0)) @ directions.T
            self.where[g] = at[g]
        slope = np.array([f(eta)[1] for f, eta in zip(self.groups, at, strict=True)])
        return Expansion(np.einsum("gij,gj->gi", self.H, at) - slope, self.H.copy())


def _root(covariance: FloatArray) -> FloatArray:
    values, directions = np.linalg.eigh((covariance + np.swapaxes(covariance, -1, -2)) / 2)
    return directions * np.sqrt(np.maximum(values, 0.0))[..., None, :]


def _spreads(found: Pooling, rng: np.random.Generator) -> FloatArray:
    """Draws of tau, shape (chains, k)."""
    groups, k = found.at.shape
    sweeps = SWEEPS if groups <= 100 else SWEEPS // 3

    def density(tau: FloatArray) -> FloatArray:
        step = max(1, HELD // groups)
        values = [_moments(tau[at : at + step], found.told, found.belief).value for at in range(0, len(tau), step)]
        return np.concatenate(values) - ((tau / found.usual) ** 2).sum(axis=1) / 2

    error = np.sqrt(np.median(1 / np.maximum(np.einsum("gii->gi", found.told.H), 1.0), axis=0))  # of a usual group
    tau = np.abs(found.between + (found.between / np.sqrt(2 * groups) + error / np.sqrt(groups)) * rng.standard_normal((CHAINS, k)))
    known = density(tau)
    halves = np.array_split(rng.permutation(CHAINS), 2)
    for sweep in range(sweeps):
        for own, other in (halves, halves[::-1]):
            one, two = (other[rng.integers(len(other), size=len(own))] for _ in range(2))
            gamma = 1.0 if sweep % 10 == 9 else 2.38 / np.sqrt(2 * k)
            tried = np.abs(tau[own] + gamma * (tau[one] - tau[two]) + 1e-3 * rng.standard_normal((len(own), k)))
            likely = np.where((tried < WIDEST).all(axis=1), density(np.minimum(tried, WIDEST)), -np.inf)
            taken = np.log(rng.random(len(own))) < likely - known[own]
            tau[own[taken]], known[own[taken]] = tried[taken], likely[taken]
    return tau
