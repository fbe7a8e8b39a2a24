"""The BG/BB model of purchases at discrete opportunities: a yearly appeal, a weekly market, an annual conference.

At every opportunity a living customer buys with probability p ~ Beta(alpha, beta); before it, the customer leaves for good with
probability theta ~ Beta(gamma, delta). So silence at one opportunity may be chance or the end, and a purchase says that all silence
before it was chance.

Fader, Hardie & Shang (2010), Customer-Base Analysis in a Discrete-Time Noncontractual Setting, Marketing Science 29(6), 1086-1108;
equation numbers are theirs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import special
from scipy.special import betaln

from goodwill.errors import FitError
from goodwill.inference.likelihood import Limit
from goodwill.inference.parameters import FloatArray
from goodwill.lifetime_value.histories import history_rows
from goodwill.lifetime_value.purchase_model import BuyTillYouDie, as_floats, check_horizon
from goodwill.lifetime_value.special import log_hyp2f1


@dataclass(frozen=True)
class BetaGeoBetaBinom(BuyTillYouDie):
    """The beta-geometric / beta-binomial model; all methods are vectorised and broadcast.

    Parameters
    ----------
    alpha, beta : float
        Parameters of the beta distribution of the probability to buy at an opportunity.
    gamma, delta : float
        Parameters of the beta distribution of the probability to leave before one.
    unit : str, optional
        What an opportunity is, such as "year".

    Notes
    -----
    Arguments have the field's names, in whole opportunities since the first purchase: `frequency` (at how many of them the customer
    bought), `recency` (the last of these), `T` (how many there were); horizons too are whole opportunities. Parameters may be arrays
    of shape (draws, 1): then every method returns (draws, customers). `probability_alive` is that of not having left at opportunity T; the
    authors' Table 6 has T + 1: `probability_alive_at(1, …)`.

    Examples
    --------
    The published estimate for the donations to a public radio station (Table 3), and who gave every year (Table 7):

    >>> model = BetaGeoBetaBinom(alpha=1.204, beta=0.750, gamma=0.657, delta=2.783, unit="year")
    >>> round(float(model.expected_purchases(5, frequency=6, recency=6, T=6)), 2)
    3.75
    >>> model.expected_purchases_new_customer([6, 11]).round(2)
    array([2.22, 3.39])
    >>> model.probability_alive_at(1, [5, 0], [5, 0], 6).round(2)
    array([0.52, 0.11])
    """

    alpha: Any
    beta: Any
    gamma: Any
    delta: Any
    unit: str | None = None

    starts: ClassVar[tuple[dict[str, float], ...]] = (
        {"alpha": 1.0, "beta": 1.0, "gamma": 0.7, "delta": 2.5},
        {"alpha": 0.5, "beta": 2.0, "gamma": 0.3, "delta": 3.0},
        {"alpha": 3.0, "beta": 3.0, "gamma": 2.0, "delta": 4.0},
        {"alpha": 1.0, "beta": 3.0, "gamma": 0.05, "delta": 0.1},
    )
    limits: ClassVar[tuple[Limit, ...]] = (
        Limit(("gamma", "delta"), 1, "all customers seem to leave with the same probability, so only gamma/(gamma+delta) is known"),
        Limit(("alpha", "beta"), 1, "all customers seem to buy with the same probability, so only alpha/(alpha+beta) is known"),
        Limit(("gamma", "delta"), -1, "some customers seem to leave at once and the others never"),
        Limit(("alpha", "beta"), -1, "some customers seem to buy always and the others never"),
        Limit(("gamma",), -1, "nobody seems to leave"),
        Limit(("delta",), 1, "nobody seems to leave"),
        Limit(("beta",), -1, "everybody seems to buy at every opportunity"),
    )

    @classmethod
    def _rows(cls, data: Any) -> tuple[tuple[FloatArray, FloatArray, FloatArray], FloatArray]:
        """Refuses what is no whole number of opportunities, and more purchases than opportunities."""
        (x, t_x, n), weight = history_rows(data)
        if np.any((t_x != np.floor(t_x)) | (n != np.floor(n))):
            raise FitError("recency and T must be whole numbers of opportunities; use a model in continuous time, such as ParetoNBD")
        if np.any(x > t_x):
            raise FitError("a customer buys at most once per opportunity, so that frequency cannot exceed recency; merge the purchases")
        return (x, t_x, n), weight

    def log_likelihood(self, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> FloatArray:
        """Log-likelihood of each customer (eq. 5), for one order of purchases and none.

        >>> model = BetaGeoBetaBinom(alpha=1.204, beta=0.750, gamma=0.657, delta=2.783)
        >>> model.log_likelihood([6, 0], [6, 0], [6, 6]).round(4)
        array([-2.1822, -1.1673])
        """
        x, n = as_floats(frequency, T)
        alive = betaln(self.alpha + x, self.beta + n - x) - betaln(self.alpha, self.beta)
        alive = alive + betaln(self.gamma, self.delta + n) - betaln(self.gamma, self.delta)
        return alive + np.logaddexp(0, self._log_odds_gone(frequency, recency, T))

    def _log_odds_gone(self, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> FloatArray:
        """Logarithm of P(gone by T) / P(alive at T); minus infinity for a purchase at T.

        The terms of the sum over the time of leaving fall, each a rational multiple of the one before: no logarithms are needed.
        """
        x, t_x, n = as_floats(frequency, recency, T)
        alpha, beta, gamma, delta = self.alpha, self.beta, self.gamma, self.delta
        first = betaln(alpha + x, beta + t_x - x) - betaln(alpha + x, beta + n - x) + betaln(gamma + 1, delta + t_x)
        first = first - betaln(gamma, delta + n)
        term = total = np.broadcast_to(t_x < n, first.shape).astype(float)
        for i in range(1, int(np.max(n - t_x, initial=0))):
            j = t_x + i - 1
            term = term * np.where(i < n - t_x, (beta + j - x) / (alpha + beta + j) * ((delta + j) / (gamma + delta + j + 1)), 0.0)
            total = total + term
        with np.errstate(divide="ignore"):
            return first + np.log(total)

    @staticmethod
    def weighted_log_likelihood(columns: tuple[FloatArray, ...], weight: FloatArray) -> Callable[[FloatArray], tuple[float, FloatArray]]:
        """The weighted sum of `log_likelihood` and its gradient, as a function of (alpha, beta, gamma, delta)."""
        x, t_x, n = columns
        psi = special.psi
        silent = n > t_x

        def value_and_gradient(theta: FloatArray) -> tuple[float, FloatArray]:
            alpha, beta, gamma, delta = theta
            alive = betaln(alpha + x, beta + n - x) + betaln(gamma, delta + n)
            first = betaln(alpha + x, beta + t_x - x) + betaln(gamma + 1, delta + t_x)
            by_alive = _slopes(alpha + x, beta + n - x, gamma, delta + n)
            by_term = _slopes(alpha + x, beta + t_x - x, gamma + 1, delta + t_x)
            term = total = silent.astype(float)
            by_total = term * by_term
            for i in range(1, int(np.max(n - t_x))):
                j = t_x + i - 1
                fall, buy, leave, stay = -1 / (alpha + beta + j), 1 / (beta + j - x), -1 / (gamma + delta + j + 1), 1 / (delta + j)
                term = np.where(i < n - t_x, term * fall / buy * (leave / stay), 0.0)
                by_term = by_term + np.stack([fall, fall + buy, leave, leave + stay])
                total, by_total = total + term, by_total + term * by_term
            odds = np.where(silent, first + np.log(np.where(silent, total, 1.0)) - alive, -np.inf)
            gone = special.expit(odds)
            size = weight.sum()
            value = weight @ (alive + np.logaddexp(0, odds)) - size * (betaln(alpha, beta) + betaln(gamma, delta))
            gradient = by_alive @ (weight * (1 - gone)) + by_total @ (weight * gone / np.where(silent, total, 1.0))
            start = np.array([psi(alpha), psi(beta), psi(gamma), psi(delta)]) - np.repeat(psi([alpha + beta, gamma + delta]), 2)
            return float(value), gradient - size * start

        return value_and_gradient

    def _stay(self, horizon: ArrayLike, x: ArrayLike, T: ArrayLike) -> FloatArray:
        """Eq. 11, but for P(alive)."""
        t, n = as_floats(horizon, T)
        _check_opportunities(t)
        return np.exp(betaln(self.gamma, self.delta + n + t) - betaln(self.gamma, self.delta + n))

    def _expected_if_alive(self, horizon: ArrayLike, x: ArrayLike, T: ArrayLike) -> FloatArray:
        """Eq. 13 (and eq. 8 at a history of nothing), as the sum it closes.

        The sum has positive terms only, and so keeps its digits at gamma = 1, where the closed form divides by zero.
        """
        return self._discounted_if_alive(0.0, horizon, x, T)

    def _discounted_if_alive(self, rate: float, horizon: ArrayLike, x: ArrayLike, T: ArrayLike) -> FloatArray:
        """Discounted purchases at the next opportunities of customers known to be alive; by eq. 14 for all that come."""
        t, x, n = as_floats(horizon, x, T)
        gamma, delta = self.gamma, self.delta
        buys = (self.alpha + x) / (self.alpha + self.beta + n)
        if np.all(np.isinf(t)):
            ever = log_hyp2f1(delta + n + 1, gamma, -np.expm1(-rate))
            return buys * (delta + n) / (gamma + delta + n) * np.exp(ever - rate)
        t = np.minimum(t, 45 / rate) // 1 if rate > 0 else t  # beyond exp(-45) nothing is left
        _check_opportunities(t)
        stays: Any = 1.0
        total: Any = 0.0
        for j in range(int(np.max(t, initial=0))):
            stays = stays * ((delta + n + j) / (gamma + delta + n + j) * np.exp(-rate))
            total = total + np.where(j < t, stays, 0.0)
        return buys * total

    def probability_of_purchases(self, n: ArrayLike, horizon: ArrayLike) -> FloatArray:
        """Probability that a new customer buys at n of the first `horizon` opportunities after the first purchase (eq. 7).

        >>> model = BetaGeoBetaBinom(alpha=1.204, beta=0.750, gamma=0.657, delta=2.783)
        >>> (11104 * model.probability_of_purchases([0, 6], 6)).round()
        array([3456., 1252.])
        """
        x, t = as_floats(n, horizon)
        _check_opportunities(t)
        alpha, beta, gamma, delta = self.alpha, self.beta, self.gamma, self.delta
        start = betaln(alpha, beta) + betaln(gamma, delta)

        def bought(i: Any, leaves: int) -> FloatArray:  # x purchases at the first i opportunities, and then left or still there
            count = np.maximum(i - x, 0)
            ways = special.gammaln(np.maximum(i, x) + 1) - special.gammaln(x + 1) - special.gammaln(count + 1)
            log = ways + betaln(alpha + x, beta + count) + betaln(gamma + leaves, delta + i) - start
            return np.where(i >= x, np.exp(log), 0.0)

        total = bought(t, 0)
        for i in range(int(np.max(t, initial=0))):
            total = total + np.where(i < t, bought(i, 1), 0.0)
        return total

    def _living(self, x: FloatArray, T: FloatArray) -> BetaGeoBetaBinom:
        """Given that a customer is alive, p ~ Beta(alpha + x, beta + T - x) and theta ~ Beta(gamma, delta + T) are independent (eq. 12)."""
        return BetaGeoBetaBinom(self.alpha + x, self.beta + T - x, self.gamma, self.delta + T)

    def _draw_new(self, horizon: float, rng: np.random.Generator) -> NDArray[np.int64]:
        _check_opportunities(np.asarray(horizon))
        stays = np.minimum(_opportunities_before_leaving(rng, self.gamma, self.delta), int(horizon))
        return rng.binomial(stays, rng.beta(self.alpha, self.beta))

    def simulate_purchases(self, T: ArrayLike, seed: int = 1) -> pd.DataFrame:
        """Logs of repeat purchases of new customers: columns customer (position in T) and time, the opportunity (1, 2, …)."""
        (T,) = as_floats(T)
        _check_opportunities(T)
        rng = np.random.default_rng(seed)
        p = rng.beta(self.alpha, self.beta, size=T.shape)
        last = np.minimum(_opportunities_before_leaving(rng, np.full(T.shape, self.gamma), np.full(T.shape, self.delta)), T)
        opportunities = range(1, int(T.max(initial=0)) + 1)
        bought = [np.flatnonzero((j <= last) & (rng.random(T.shape) < p)) for j in opportunities]
        times = np.repeat(np.array(opportunities, dtype=float), [len(customers) for customers in bought])
        log = pd.DataFrame({"customer": np.concatenate([np.zeros(0, dtype=np.int64), *bought]), "time": times})
        return log.sort_values(["customer", "time"], ignore_index=True)


def _slopes(alpha: Any, beta: Any, gamma: Any, delta: Any) -> FloatArray:
    """Derivatives of betaln(alpha, beta) + betaln(gamma, delta) by the four, stacked."""
    psi, ones = special.psi, np.ones(np.shape(delta))
    first, second = psi(alpha + beta), psi(gamma + delta)
    return np.stack([psi(alpha) - first, psi(beta) - first, psi(gamma) * ones - second, psi(delta) - second])


def _opportunities_before_leaving(rng: np.random.Generator, gamma: FloatArray, delta: FloatArray) -> NDArray[np.int64]:
    """Geometric random numbers from 0; a probability that rounds to zero means never."""
    return rng.geometric(np.maximum(rng.beta(gamma, delta), 1e-15)) - 1


def _check_opportunities(horizon: FloatArray) -> None:
    check_horizon(horizon)
    if np.any(horizon != np.floor(horizon)):
        raise FitError("this model counts opportunities: a horizon (or T) must be a whole number of them")
