"""Groups that borrow from each other: what each has of its own, drawn towards what all have in common by how little is known of it.

Group g has parameters eta_g (k real numbers) and a log-likelihood l_g. Each is taken to lie around a common mean mu_j as Student's t of
four degrees of freedom with the scale tau_j: usual groups lie as normal ones would (Efron & Morris 1975), and an odd one is left where it
is (Lange, Little & Taylor 1989). Which is a normal of variance tau_j^2 / w_gj with a weight w_gj ~ Gamma(2, 2), so that given the weights
everything is normal. mu, tau and w are learned from all groups by the marginal likelihood, in which every l_g is replaced by its
second-order expansion at the most plausible eta_g, again and again until neither moves (Laplace's approximation; Breslow & Clayton 1993),
mu being integrated out (restricted likelihood). All formulas are in H_g, the curvature of -l_g, and never in its inverse: a group that says
nothing of a parameter has a zero there, and tau_j = 0 is a number like others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from goodwill.inference.parameters import FloatArray
from goodwill.inference.search import hessian

FREEDOM = 4.0  # degrees of freedom of the t between groups: what served Lange, Little & Taylor (1989) where few data tell of it
LIGHTEST = np.log(1e-6)  # logarithm of the least weight that is tried; the most is (FREEDOM + 1) / FREEDOM
WIDEST = 5.0  # scale between groups that is tried: on a log scale a factor of e^10 between two usual groups
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
        Scale between groups: how far a usual one lies from the mean.
    weight : array, shape (groups, k)
        About 1 of a usual group, near 0 of one that is left where it is.
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
    freedom : float
        Of the t.
    """

    mean: FloatArray
    between: FloatArray
    weight: FloatArray
    at: FloatArray
    converged: bool
    told: Expansion
    belief: Expansion
    known: bool
    usual: float
    freedom: float

    @property
    def variance(self) -> FloatArray:
        """Of each group around the mean, given its weight, shape (groups, k)."""
        return self.between**2 / self.weight


class Averaged(NamedTuple):
    """Draws of what is not known: of the spread between groups, and given it of the mean and of each group's parameters.

    Attributes
    ----------
    between : array, shape (draws, k)
    mean : array, shape (draws, k)
    at : array, shape (draws, groups, k)
    spread : array, shape (groups, k, k)
        Second moments of each group's parameters around the most plausible ones, averaged over `between` and the weights.
    """

    between: FloatArray
    mean: FloatArray
    at: FloatArray
    spread: FloatArray


def pool(
    groups: Sequence[Sum],
    start: FloatArray,
    *,
    between: FloatArray | None = None,
    belief: Sum | None = None,
    usual: float = USUAL,
    freedom: float = FREEDOM,
) -> Pooling:
    """The most plausible parameters of each group, of their mean, and of their spread between groups.

    Parameters
    ----------
    groups : functions of eta, shape (k,)
        Of each group: minus the log-likelihood, and its gradient.
    start : array, shape (k,)
        The parameters under which all groups together are likeliest.
    between : array, shape (k,), optional
        The scales between groups, where they are known.
    belief : function
        Minus the logarithm of a prior density of the mean, and its gradient.
    usual : float
        Width of the half-normal belief about the scales between groups (Gelman 2006).
    freedom : float
        Degrees of freedom of the t between groups; infinity for the normal.

    Examples
    --------
    >>> import numpy as np
    >>> def told(mean, error):  # of a group whose mean was measured with a known error
    ...     return lambda eta: (float(((eta - mean) ** 2).sum() / error**2) / 2, (eta - mean) / error**2)
    >>> found = pool([told(0.0, 1.0), told(4.0, 1.0), told(8.0, 1.0)], np.array([4.0]), usual=np.inf, freedom=np.inf)
    >>> found.mean.round(3), found.between.round(3), found.at.ravel().round(3)  # the variance of the three is 16, less 1 of chance
    (array([4.]), array([3.873]), array([0.25, 4.  , 7.75]))
    """
    k = len(start)
    nothing = Expansion(np.zeros((1, k)), np.zeros((1, k, k)))
    mean, at = start.copy(), np.tile(start, (len(groups), 1))
    tau, weight, converged = between, np.ones(at.shape), False
    curves = _Curves(groups, np.ones(k) if between is None else np.where(between > 0, 1.0, 0.0))
    about = None if belief is None else _Curves([belief], np.zeros(k))
    told, around = curves.expanded(at), nothing if about is None else about.expanded(mean[None])
    for turn in range(ITERATIONS):
        spread, light = _likeliest(told, around, tau, weight, usual, freedom, known=between is not None, decided=turn > DECIDED)
        if tau is not None and turn > PATIENCE:
            spread, light = (spread + tau) / 2, np.sqrt(light * weight)
        moments = _moments(spread**2 / light, told, around)
        centre = mean + np.clip(moments.mean - mean, -STEP, STEP)
        towards = _modes(centre, spread**2 / light, told)
        now = _down(groups, at, towards, centre, spread**2 / light)
        moved = max(float(np.abs(now - at).max()), float(np.abs(centre - mean).max()))
        changed = max(0.0 if tau is None else float(np.abs(spread - tau).max()), float((spread * np.abs(np.log(light / weight))).max()))
        still = _still(now - at, told.H) and _still((centre - mean)[None], moments.precision[None])
        first, mean, at, tau, weight = tau is None, centre, now, spread, light
        told = curves.expanded(at)
        around = nothing if about is None else about.expanded(mean[None])
        exactly = moved < 1e-7 and changed < 1e-6
        if not first and (exactly or (turn > PATIENCE and still and changed < STILL * min(usual, 1.0))):
            converged = True
            break
    assert tau is not None
    return Pooling(mean, tau, weight, at, converged, told, around, between is not None, usual, freedom)


def average(found: Pooling, draws: int = 500, seed: int = 1) -> Averaged:
    """Draws of the spread between groups by what is told of it, and of everything else given it.

    Notes
    -----
    By chains in turns: tau by differential evolution (ter Braak 2006) under the restricted likelihood of the expansions and the half-normal
    belief, given it and the weights the parameters, which are normal, and given those the weights. So what is not known of tau and of
    the weights is in every interval: the best tau is often 0 where groups are few, which would call all alike.

    Examples
    --------
    >>> import numpy as np
    >>> def told(mean, error):
    ...     return lambda eta: (float(((eta - mean) ** 2).sum() / error**2) / 2, (eta - mean) / error**2)
    >>> drawn = average(pool([told(0.1, 0.3), told(0.2, 0.3), told(0.3, 0.3)], np.array([0.2])), draws=400)
    >>> drawn.at.mean(axis=0).ravel().round(1), bool((drawn.at.std(axis=0) < 0.3).all())  # each is known better than by itself
    (array([0.2, 0.2, 0.2]), True)
    """
    rng, groups = np.random.default_rng(seed), len(found.at)
    kept, roots = -(-draws // CHAINS), _root(found.told.H)
    sweeps = max(SWEEPS if groups <= 100 else SWEEPS // 3, 2 * kept)
    tau, weight = _started(found, rng)
    halves = np.array_split(rng.permutation(CHAINS), max(2, CHAINS * groups // HELD))
    mean, at, spread = np.empty((CHAINS, tau.shape[1])), np.empty(weight.shape), np.zeros(found.told.H.shape)
    states = []
    for sweep in range(sweeps):
        for own in halves:
            given = _moments(tau[own, None] ** 2 / weight[own], found.told, found.belief)
            if not found.known:
                given = _tried(found, tau, weight, own, given, rng, jump=sweep % 10 == 9)
            mean[own], at[own] = _drawn(found.told, tau[own, None] ** 2 / weight[own], given, roots, rng)
            if sweep >= sweeps // 2:
                spread += _second_moments(found, given).sum(axis=0)
            away = (at[own] - mean[own, None]) / np.maximum(tau[own, None], 1e-12)
            if np.isfinite(found.freedom):
                drawn = rng.gamma((found.freedom + 1) / 2, size=away.shape) / ((found.freedom + away**2) / 2)
                weight[own] = np.maximum(drawn, np.exp(LIGHTEST))
        if sweep >= sweeps - kept:
            states.append((tau.copy(), mean.copy(), at.copy()))
    taus, means, ats = (np.concatenate(each)[:draws] for each in zip(*states, strict=True))
    return Averaged(taus, means, ats, spread / (CHAINS * (sweeps - sweeps // 2)))


class _Moments(NamedTuple):
    """Given the variances T between groups: what the expansions say. W = (I + H T)^-1, K = T W the covariance of a group given mu."""

    value: Any  # restricted log-likelihood, but for a constant
    mean: FloatArray
    precision: FloatArray  # of the mean
    W: FloatArray
    K: FloatArray
    M: FloatArray  # what each group tells of the mean
    u: FloatArray  # by how much each would move it


def _moments(variance: FloatArray, told: Expansion, belief: Expansion) -> _Moments:
    T = np.asarray(variance, float)[..., None, :]  # of shape (..., groups, k): scales columns
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


def _slope(at: _Moments) -> FloatArray:
    """Derivative of the restricted log-likelihood by the variances, shape (groups, k)."""
    told = np.einsum("gij,jk,gki->gi", at.M, np.linalg.inv(at.precision), at.M)
    return (at.u**2 - np.einsum("gii->gi", at.M) + told) / 2


def _likeliest(
    told: Expansion,
    belief: Expansion,
    tau: FloatArray | None,
    weight: FloatArray,
    usual: float,
    freedom: float,
    *,
    known: bool,
    decided: bool,
) -> tuple[FloatArray, FloatArray]:
    """The most plausible spread between groups and weights under the expansions; exactly 0 where more of it makes it less so.

    A weight by its expectation given the others (a variational bound: Gamma(2, 2) against the spread of eta_g - mu around it).

    Parameters
    ----------
    tau, weight : where they were before
    known : whether tau stays as it is
    decided : what is 0 there stays 0, and the others are looked for nearby
    """
    from scipy.optimize import minimize

    k = told.b.shape[-1]
    bent = freedom / 2 if np.isfinite(freedom) else 0.0
    logs = (LIGHTEST, float(np.log1p(1 / freedom))) if bent else (0.0, 0.0)

    def lost(point: FloatArray) -> tuple[float, FloatArray]:
        tau, light = point[:k], np.exp(point[k:]).reshape(-1, k)
        found = _moments(tau**2 / light, told, belief)
        slope = _slope(found)
        value = float((tau / usual) @ (tau / usual)) / 2 - float(found.value) - bent * float((np.log(light) - light).sum())
        by_tau = tau / usual**2 - 2 * tau * (slope / light).sum(axis=0)
        return value, np.concatenate([by_tau, (tau**2 / light * slope - bent * (1 - light)).ravel()])

    def among(tau: FloatArray, weight: FloatArray) -> FloatArray:
        start = np.concatenate([tau, np.log(weight).ravel()])
        bounds = [(each, each) if known or each == 0 else (0.0, WIDEST) for each in tau] + [logs] * weight.size
        options = {"ftol": 1e-15, "gtol": 1e-9, "maxcor": 30, "maxiter": 500, "maxfun": 1000}
        return np.asarray(minimize(lost, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options).x)

    before = np.zeros(k) if tau is None else tau
    starts = [before] if decided or known else [np.maximum(before, 0.02), *(np.full(k, each) for each in STARTS)]
    best = min((among(start, weight) for start in starts), key=lambda end: lost(end)[0])
    while True:
        tau, weight = best[:k], np.exp(best[k:]).reshape(-1, k)
        small = np.where(tau < SMALL, 0.0, tau)
        light = np.where(small > 0, weight, 1.0)
        falls = (tau > 0) & (small == 0) & (_slope(_moments(small**2 / light, told, belief)).sum(axis=0) <= 1 / (2 * usual**2))
        if known or not falls.any():
            return tau, weight
        best = among(np.where(falls, 0.0, tau), np.where(falls, 1.0, weight))


def _still(moved: FloatArray, H: FloatArray) -> bool:
    """Whether all have moved by next to nothing beside what is not known of them: along a ridge, rounding moves them for ever."""
    return bool(np.einsum("gi,gij,gj->g", moved, H, moved).max() < STILL**2)


def _modes(mean: FloatArray, variance: FloatArray, told: Expansion) -> FloatArray:
    """The most plausible parameters of each group under the expansions."""
    W = np.linalg.inv(np.eye(len(mean)) + told.H * variance[:, None])
    return mean + variance * np.einsum("gij,gj->gi", W, told.b - told.H @ mean)


def _down(groups: Sequence[Sum], at: FloatArray, towards: FloatArray, mean: FloatArray, variance: FloatArray) -> FloatArray:
    """Where each group goes: to the mode of its expansion, or less far where that makes it less plausible."""
    now = np.where(variance > 0, at, mean)
    width = np.sqrt(np.where(variance > 0, variance, 1.0))

    def lost(g: int, eta: FloatArray) -> float:
        away = (eta - mean) / width[g]
        value = groups[g](eta)[0] + float(away @ away) / 2
        return value if np.isfinite(value) else np.inf

    moved = towards.copy()
    for g in range(len(groups)):
        step = towards[g] - now[g]
        reach = float(np.abs(step).max())
        if reach < 1e-4:  # so near that rounding tells more than the value
            continue
        step = step * min(1.0, STEP / reach)
        before = lost(g, now[g])
        for _ in range(12):
            if lost(g, now[g] + step) <= before:
                break
            step = step / 2
        moved[g] = now[g] + step
    return moved


class _Curves:
    """Expansions of the groups' log-likelihoods; second derivatives are kept as long as a group stays near where they were taken."""

    def __init__(self, groups: Sequence[Sum], free: FloatArray) -> None:
        self.groups, self.free = groups, free  # free: 0 where groups are known to be alike
        self.where: FloatArray = np.empty(0)
        self.H: FloatArray = np.empty(0)

    def expanded(self, at: FloatArray) -> Expansion:
        if not self.where.size:
            self.where, self.H = np.full(at.shape, np.inf), np.empty((*at.shape, at.shape[1]))
        slope = np.array([f(eta)[1] for f, eta in zip(self.groups, at, strict=True)])
        for g in np.flatnonzero(np.abs(at - self.where).max(axis=1) > NEAR).tolist():
            values, directions = np.linalg.eigh(hessian(self.groups[g], at[g]))
            rising = np.minimum(((slope[g] * self.free) @ directions) ** 2, 1.0)  # with hardly a bend it would rise for ever, beyond any t
            self.H[g] = (directions * np.maximum(values, rising)) @ directions.T
            self.where[g] = at[g]
        return Expansion(np.einsum("gij,gj->gi", self.H, at) - slope, self.H.copy())


def _root(covariance: FloatArray) -> FloatArray:
    values, directions = np.linalg.eigh((covariance + np.swapaxes(covariance, -1, -2)) / 2)
    return directions * np.sqrt(np.maximum(values, 0.0))[..., None, :]


def _started(found: Pooling, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Where the chains of tau and of the weights begin, shapes (chains, k) and (chains, groups, k)."""
    groups, k = found.at.shape
    error = np.sqrt(np.median(1 / np.maximum(np.einsum("gii->gi", found.told.H), 1.0), axis=0))  # of a usual group
    wide = 0.0 if found.known else found.between / np.sqrt(2 * groups) + error / np.sqrt(groups)
    return np.abs(found.between + wide * rng.standard_normal((CHAINS, k))), np.tile(found.weight, (CHAINS, 1, 1))


def _tried(
    found: Pooling, tau: FloatArray, weight: FloatArray, own: Any, given: _Moments, rng: np.random.Generator, *, jump: bool
) -> _Moments:
    """Moves some chains of tau, in place, by differences of others; returns their moments."""
    others = np.setdiff1d(np.arange(len(tau)), own)
    one, two = (tau[others[rng.integers(len(others), size=len(own))]] for _ in range(2))
    gamma = 1.0 if jump else 2.38 / np.sqrt(2 * tau.shape[1])
    tried = np.abs(tau[own] + gamma * (one - two) + 1e-3 * rng.standard_normal(one.shape))
    moved = _moments(np.minimum(tried, WIDEST)[:, None] ** 2 / weight[own], found.told, found.belief)
    gain = moved.value - given.value - (tried**2 - tau[own] ** 2).sum(axis=1) / (2 * found.usual**2)
    taken = (np.log(rng.random(len(own))) < gain) & (tried < WIDEST).all(axis=1)
    tau[own[taken]] = tried[taken]
    return _Moments(*(np.where(taken.reshape(-1, *[1] * (old.ndim - 1)), new, old) for new, old in zip(moved, given, strict=True)))


def _drawn(
    told: Expansion, variance: FloatArray, given: _Moments, roots: FloatArray, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """The mean and the groups' parameters, a draw for each chain: of the belief, moved by what is told with an error."""
    inverse = np.asarray(np.linalg.inv(given.precision), float)
    mean = given.mean + np.einsum("cij,cj->ci", _root(inverse), rng.standard_normal(given.mean.shape))
    before = mean[:, None] + np.sqrt(variance) * rng.standard_normal(given.u.shape)
    error = np.einsum("gij,cgj->cgi", roots, rng.standard_normal(given.u.shape))
    surprise = told.b + error - np.einsum("gij,cgj->cgi", told.H, before)
    return mean, before + np.einsum("cgij,cgj->cgi", given.K, surprise)


def _second_moments(found: Pooling, given: _Moments) -> FloatArray:
    """Of each group's parameters around the most plausible ones, shape (chains, groups, k, k)."""
    B = np.swapaxes(given.W, -1, -2)  # of the mean in each group's parameters
    away = np.einsum("cgij,cj->cgi", B, given.mean) + np.einsum("cgij,gj->cgi", given.K, found.told.b) - found.at
    spread = given.K + B @ np.linalg.inv(given.precision)[:, None] @ given.W + away[..., :, None] * away[..., None, :]
    return np.asarray((spread + np.swapaxes(spread, -1, -2)) / 2)
