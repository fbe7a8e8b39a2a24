"""What strategies add to the value of segments, as draws; and empirical Bayes, which takes the luck out before anything is chosen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from goodwill.errors import DataError
from goodwill.inference.uncertainty import quantile_interval

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class IncrementalValue:
    """Incremental lifetime value of strategies in segments, against doing nothing.

    Attributes
    ----------
    segments, strategies : names; doing nothing is not among the strategies
    customers : per segment, shape (segments,)
    gain : per treated customer, before cost [currency], shape (draws, segments, strategies); 0 where not eligible
    cost : per treated customer [currency], shape (segments, strategies); fixed_cost : once per strategy launched
    capacity : customers per strategy; inf without a limit
    eligible : whether the strategy may be used there; floor : smallest share of the segment's customers that must get it
    groups : exclusive group of each strategy; grade : evidence A to D of each gain, shape (segments, strategies)
    baseline : value per customer when nothing is done [currency]
    measured : where the gain was measured in a trial, rather than worked out from stated effects
    notes : sentences that belong under any table of these numbers
    """

    segments: tuple[str, ...]
    strategies: tuple[str, ...]
    customers: Floats
    gain: Floats
    cost: Floats
    fixed_cost: Floats
    capacity: Floats
    eligible: NDArray[np.bool_]
    floor: Floats
    groups: tuple[str, ...]
    grade: NDArray[np.str_]
    baseline: Floats
    measured: NDArray[np.bool_]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        shape = (len(self.segments), len(self.strategies))
        if self.gain.ndim != 3 or self.gain.shape[1:] != shape or self.cost.shape != shape or self.eligible.shape != shape:
            raise DataError(
                f"gain must have the shape (draws, {shape[0]}, {shape[1]}), cost and eligible {shape}; gain has {self.gain.shape}"
            )
        if not np.isfinite(self.gain).all():
            raise DataError("some incremental values are not finite; with an infinite horizon the discount rate must be positive")
        for name in ("cost", "fixed_cost", "capacity"):
            if (getattr(self, name) < 0).any():
                raise DataError(f"a {name.replace('_', ' ')} is negative; costs and capacities must not be below 0")

    @property
    def mean(self) -> Floats:
        """Expected gain per treated customer before cost, shape (segments, strategies)."""
        return self.gain.mean(axis=0)

    @property
    def net(self) -> Floats:
        """Expected gain after unit cost, shape (segments, strategies)."""
        return self.mean - self.cost

    def table(self, level: float = 0.8) -> pd.DataFrame:
        """One row per eligible pair: gain per treated customer with its interval, cost, net, and the probability that net is positive."""
        import pandas as pd

        interval = quantile_interval(self.mean, self.gain, level)
        positive = (self.gain > self.cost).mean(axis=0)
        rows = [
            {
                "segment": self.segments[s],
                "strategy": self.strategies[k],
                "evidence": str(self.grade[s, k]),
                "customers": int(self.customers[s]),
                "gain": self.mean[s, k],
                "lower": interval.lower[s, k],
                "upper": interval.upper[s, k],
                "cost": self.cost[s, k],
                "net": self.net[s, k],
                "probability_net_positive": positive[s, k],
            }
            for s, k in np.argwhere(self.eligible)
        ]
        return pd.DataFrame(rows)


@dataclass(frozen=True, eq=False)
class Shrunken:
    """Estimates pulled towards their common mean: posterior mean and standard deviation, and the prior that did it."""

    mean: Floats
    sd: Floats
    prior_mean: float
    prior_sd: float


def empirical_bayes(estimate: ArrayLike, standard_error: ArrayLike, prior: tuple[float, float] | None = None) -> Shrunken:
    """Normal-normal shrinkage of one strategy's effects over segments (Efron & Morris 1975; restricted likelihood for the spread).

    Parameters
    ----------
    estimate : effect per segment, shape (segments,)
    standard_error : one each, or their covariance matrix (segments, segments)
    prior : mean and standard deviation of the true effects where they are known; default learned from the estimates

    Notes
    -----
    estimate ~ N(truth, C), truth ~ N(mu, tau^2). The posterior mean is mu + tau^2 (tau^2 I + C)^-1 (estimate - mu). An error that all
    segments share cannot be told from mu, and differences between segments are not shrunk for it. A learned mu adds its own variance.

    Examples
    --------
    >>> shrunken = empirical_bayes([1.0, 3.0], [1.0, 1.0], prior=(2.0, 1.0))
    >>> shrunken.mean.tolist(), shrunken.sd.round(4).tolist()
    ([1.5, 2.5], [0.7071, 0.7071])
    """
    y, error = np.asarray(estimate, float), np.asarray(standard_error, float)
    covariance = error if error.ndim == 2 else np.diag(np.broadcast_to(error, y.shape) ** 2)
    if y.ndim != 1 or covariance.shape != (len(y), len(y)) or not (np.diag(covariance) >= 0).all():
        raise DataError(f"{y.shape} estimates with errors of shape {error.shape}; give one standard error each, not negative")
    # A known number (error 0) would make the matrix singular.
    covariance = covariance + np.eye(len(y)) * 1e-12 * max(1e-12, float(np.abs(y).max(initial=0)) ** 2, float(np.diag(covariance).max()))
    mu, tau = (float(prior[0]), float(prior[1])) if prior else _learned_prior(y, covariance)
    inverse = np.linalg.inv(covariance + tau**2 * np.eye(len(y)))
    pull = tau**2 * inverse
    variance = tau**2 * (np.eye(len(y)) - pull)
    if prior is None:
        rest = (np.eye(len(y)) - pull).sum(axis=1)
        variance = variance + np.outer(rest, rest) / inverse.sum()
    return Shrunken(mu + pull @ (y - mu), np.sqrt(np.maximum(np.diag(variance), 0)), mu, tau)


def _learned_prior(y: Floats, covariance: Floats) -> tuple[float, float]:
    """Mean and spread of true effects by restricted likelihood, on a grid of spreads that reaches from none to twice what is seen."""
    if len(y) < 2:
        return float(y[0]), 0.0
    variances, directions = np.linalg.eigh(covariance)
    turned, ones = directions.T @ y, directions.T @ np.ones(len(y))
    taus = np.linspace(0, 2 * float(np.std(y)) + 1e-300, 401)
    weight = 1 / (np.maximum(variances, 0) + taus[:, None] ** 2 + 1e-300)
    precision = (weight * ones**2).sum(axis=1)
    mu = (weight * ones * turned).sum(axis=1) / precision
    likelihood = (
        0.5 * np.log(weight).sum(axis=1) - 0.5 * np.log(precision) - 0.5 * (weight * (turned - mu[:, None] * ones) ** 2).sum(axis=1)
    )
    best = int(np.argmax(likelihood))
    return float(mu[best]), float(taus[best])


def shrink(values: IncrementalValue, prior: tuple[float, float] | None = None) -> IncrementalValue:
    """The same values with each strategy's gains shrunken over the segments where they were measured, before any plan is chosen.

    A measured gain is an estimate: among many the best is partly the luckiest, and shrinking takes that out (Smith & Winkler 2006). A
    stated effect with its standard deviation is a prior already: it says what is believed, so there is no estimate to shrink, only a
    belief to doubt; the notes say how much of the claim rests on it.

    Parameters
    ----------
    prior : mean and standard deviation of true gains per customer [currency] where they are known; then it is used for all gains
    """
    gain = values.gain.copy()
    for k in range(len(values.strategies)):
        some = np.flatnonzero(values.eligible[:, k] & (values.measured[:, k] | (prior is not None)))
        if len(some) > (0 if prior else 1) and len(gain) > 1:
            draws = gain[:, some, k]
            sd = draws.std(axis=0, ddof=1)
            shrunken = empirical_bayes(draws.mean(axis=0), sd, prior)
            z = np.divide(draws - draws.mean(axis=0), sd, out=np.zeros_like(draws), where=sd > 0)
            gain[:, some, k] = shrunken.mean + shrunken.sd * z
    shrunk = replace(values, gain=gain)
    before, after = best_claim(values), best_claim(shrunk)
    assumed = best_claim(replace(shrunk, eligible=values.eligible & ~values.measured))
    note = f"The best strategy of each segment claims {before:,.0f} before and {after:,.0f} after shrinking."
    if prior is None and not values.measured.all():
        note += f" Strategies with stated effects alone would claim {assumed:,.0f}: assumptions, which no shrinking makes true."
    return replace(shrunk, notes=(*values.notes, note))


def best_claim(values: IncrementalValue) -> float:
    """What taking the best strategy everywhere claims, after unit costs and without a budget [currency]."""
    best = np.where(values.eligible, values.net, 0.0).max(axis=1, initial=0.0)
    return float(values.customers @ np.maximum(best, 0))
