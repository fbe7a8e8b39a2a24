"""The Pareto/NBD model of repeat purchases.

Schmittlein, Morrison & Colombo (1987), Counting Your Customers, Management Science 33(1), 1-24. The formulas follow Fader & Hardie
(2005), A Note on Deriving the Pareto/NBD Model (note 009), and Fader, Hardie & Lee (2005), RFM and CLV, JMR 42(4), 415-430.

While alive, a customer buys at the rate lambda ~ Gamma(r, alpha) and leaves for good at the rate mu ~ Gamma(s, beta), at any time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import special

from goodwill.inference.fit import Fit, Likelihood, Limit, maximum_likelihood
from goodwill.inference.rows import unit_of
from goodwill.lifetime_value.histories import (
    as_floats,
    check_discounting,
    check_horizon,
    check_parameters,
    history_rows,
    observe,
    uniform_log,
)
from goodwill.lifetime_value.special import log_hyp2f1, log_hyp2f1_slopes, tanh_sinh

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class ParetoNBD:
    """The Pareto / NBD model; all methods are vectorised and broadcast.

    Parameters
    ----------
    r, alpha : float
        Shape and rate of the gamma distribution of purchase rates; alpha in time units.
    s, beta : float
        Shape and rate of the gamma distribution of the rates of leaving; beta in time units.
    unit : str, optional
        The time unit of alpha, beta, T, recency and horizons, such as "week".

    Notes
    -----
    Arguments as in `BetaGeoNBD`. Parameters may be arrays of shape (draws, 1): then every method returns (draws, customers).

    Examples
    --------
    The published estimate for CDNOW, and the first customer of Fader, Hardie & Lee (2005):

    >>> model = ParetoNBD(r=0.553, alpha=10.578, s=0.606, beta=11.669, unit="week")
    >>> round(float(model.probability_alive(26, 30.86, 31.0)), 3)
    0.998
    """

    r: Any
    alpha: Any
    s: Any
    beta: Any
    unit: str | None = None

    limits: ClassVar[tuple[Limit, ...]] = (
        Limit(("s", "beta"), 1, "all customers seem to leave at the same rate s/beta, so only this ratio is known"),
        Limit(("r", "alpha"), 1, "all customers seem to buy at the same rate r/alpha, so only this ratio is known"),
        Limit(("s", "beta"), -1, "some customers seem to leave at once and the others never"),
        Limit(("s",), -1, "nobody seems to leave"),
        Limit(("beta",), 1, "nobody seems to leave"),
    )

    def __post_init__(self) -> None:
        check_parameters(self)

    @classmethod
    def fit(cls, data: Any, prior: float | None = None) -> Fit:
        """Maximum likelihood from a `PurchaseSummary`, or a frame with frequency, recency, T and an optional weight.

        Parameters
        ----------
        data : PurchaseSummary or pandas.DataFrame
        prior : float, optional
            Width of a weak prior on the logarithms of the parameters, such as 1.5, whose meaning does not depend on the time unit;
            see `goodwill.inference.fit.Likelihood`.

        Raises
        ------
        FitError
            For impossible rows, for a single customer, and when nobody ever came back.
        """
        columns, weight = history_rows(data)
        time = float(columns[2].max()) / 10
        problem = Likelihood(
            model_class=cls,
            columns=columns,
            weight=weight,
            starts=(
                {"r": 0.5, "alpha": 2.0, "s": 0.5, "beta": 2.0},
                {"r": 1.0, "alpha": 1.0, "s": 1.0, "beta": 5.0},
                {"r": 3.0, "alpha": 5.0, "s": 0.3, "beta": 1.0},
                {"r": 1.0, "alpha": 2.0, "s": 0.1, "beta": 0.05},
            ),
            scale={"alpha": time, "beta": time},
            limits=cls.limits,
            unit=unit_of(data),
            prior=prior,
        )
        return maximum_likelihood(problem)

    def log_likelihood(self, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> FloatArray:
        """Log-likelihood of each customer (note 009, eq. 22 and 23: a sum of two positive terms, by Euler's transformation).

        >>> model = ParetoNBD(r=0.553, alpha=10.578, s=0.606, beta=11.669)
        >>> model.log_likelihood([2, 0], [30.43, 0], [38.86, 38.86]).round(4)
        array([-9.5543, -0.521 ])
        """
        r, alpha, s, beta = self.r, self.alpha, self.s, self.beta
        x, T = as_floats(frequency, T)
        counts = special.gammaln(r + x) - special.gammaln(r) - x * np.log(alpha + T)
        return counts - r * np.log1p(T / alpha) - s * np.log1p(T / beta) - self._log_alive(x, recency, T)

    def _log_alive(self, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> FloatArray:
        """Logarithm of P(alive): of the term of the living over the whole likelihood, without powers of times."""
        x, t_x, T = as_floats(frequency, recency, T)
        r, alpha, s, beta = self.r, self.alpha, self.s, self.beta
        c, slow = r + s + x, np.asarray(alpha >= beta)
        ratio = [np.log((np.minimum(alpha, beta) + u) / (np.maximum(alpha, beta) + u)) for u in (t_x, T)]
        # The integral from t_x of s (alpha+y)^-(r+x) (beta+y)^-(s+1), over (alpha+T)^-(r+x) (beta+T)^-s
        after_last = (r + x) * np.log((alpha + T) / (alpha + t_x)) + s * np.log((beta + T) / (beta + t_x)) + np.log(s / c)
        after_last = after_last + np.where(slow, 0.0, ratio[0])
        after_last = after_last + log_hyp2f1(np.where(slow, r + x, s + 1), np.where(slow, s + 1, r + x), np.exp(ratio[0]))
        # The integral from T of (r+x) (alpha+y)^-(r+x+1) (beta+y)^-s, likewise
        after_end = np.log((r + x) / c) + np.where(slow, ratio[1], 0.0)
        after_end = after_end + log_hyp2f1(np.where(slow, r + x + 1, s), np.where(slow, s, r + x + 1), np.exp(ratio[1]))
        return np.minimum(-np.logaddexp(after_last, after_end), 0.0)

    @staticmethod
    def weighted_log_likelihood(columns: tuple[FloatArray, ...], weight: FloatArray) -> Callable[[FloatArray], tuple[float, FloatArray]]:
        """The weighted sum of `log_likelihood` and its gradient, as a function of (r, alpha, s, beta).

        The integrals are needed per distinct (frequency, recency) and (frequency, T) only; what remains per row is one exponential.
        """
        x, t_x, T = columns
        counts, x_at = np.unique(x, return_inverse=True)
        n_x, n = np.bincount(x_at, weights=weight), weight.sum()
        (last_x, last), last_at = _distinct_pairs(x, t_x)
        (end_x, end), end_at = _distinct_pairs(x, T)
        psi, gammaln = special.psi, special.gammaln

        def value_and_gradient(theta: FloatArray) -> tuple[float, FloatArray]:
            r, alpha, s, beta = theta
            after_last = _log_integral_slopes(r + last_x, s + 1, alpha, beta, last)
            after_end = _log_integral_slopes(r + end_x + 1, s, alpha, beta, end)
            both = (np.log(s) + after_last[0])[last_at], (np.log(r + end_x) + after_end[0])[end_at]
            small = np.exp(-np.abs(both[0] - both[1]))
            first = np.where(both[0] > both[1], 1.0, small) / (1 + small)
            value = n_x @ (gammaln(r + counts) - gammaln(r)) + n * (r * np.log(alpha) + s * np.log(beta))
            value += weight @ (np.maximum(*both) + np.log1p(small))
            by_last = np.bincount(last_at, weights=weight * first, minlength=len(last))
            by_end = np.bincount(end_at, weights=weight * (1 - first), minlength=len(end))
            by_r, by_s, by_alpha, by_beta = after_last[1:] @ by_last + after_end[1:] @ by_end
            gradient = [
                by_r + by_end @ (1 / (r + end_x)) + n_x @ psi(r + counts) - n * psi(r) + n * np.log(alpha),
                by_alpha + n * r / alpha,
                by_s + by_last.sum() / s + n * np.log(beta),
                by_beta + n * s / beta,
            ]
            return float(value), np.array(gradient)

        return value_and_gradient

    def probability_alive(self, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> FloatArray:
        """Probability that a customer has not left by T (note 009, eq. 27)."""
        return np.exp(self._log_alive(frequency, recency, T))

    def probability_alive_at(self, horizon: ArrayLike, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> FloatArray:
        """Probability that a customer with this history has not left by T + horizon.

        >>> model = ParetoNBD(r=0.553, alpha=10.578, s=0.606, beta=11.669)
        >>> model.probability_alive_at([0, 52], 2, 30.43, 38.86).round(3)
        array([0.869, 0.566])
        """
        t, T = as_floats(horizon, T)
        check_horizon(t)
        return np.exp(self._log_alive(frequency, recency, T) - self.s * np.log1p(t / (self.beta + T)))

    def expected_purchases(self, horizon: ArrayLike, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> FloatArray:
        """Expected purchases in (T, T + horizon] of customers with this history (note 009, eq. 41; also at s = 1)."""
        return self.probability_alive(frequency, recency, T) * self._expected_if_alive(horizon, frequency, T)

    def expected_purchases_new_customer(self, horizon: ArrayLike) -> FloatArray:
        """Expected repeat purchases in the first `horizon` time units of a customer (note 009, eq. 39).

        >>> float(ParetoNBD(r=0.553, alpha=10.578, s=0.606, beta=11.669).expected_purchases_new_customer(52).round(3))
        1.473
        """
        return self._expected_if_alive(horizon, 0.0, 0.0)

    def _expected_if_alive(self, horizon: ArrayLike, frequency: ArrayLike, T: ArrayLike) -> FloatArray:
        x, T, t = as_floats(frequency, T, horizon)
        check_horizon(t)
        length = np.log1p(t / (self.beta + T))
        return (self.r + x) / (self.alpha + T) * (self.beta + T) * length * special.exprel((1 - self.s) * length)

    def discounted_expected_purchases(
        self, rate_per_unit: float, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike, horizon: ArrayLike = np.inf
    ) -> FloatArray:
        """Expected purchases in (T, T + horizon], each discounted to T by e^(-rate x time since T); by default all to come (DERT).

        Parameters
        ----------
        rate_per_unit : float
            Continuous discount rate per time unit of the model: log(1.15) / 52 for 15 % a year when the unit is the week.
        horizon : float
            May be infinite when the rate is positive.

        Notes
        -----
        With an infinite horizon this is equation 2 of Fader, Hardie & Lee (2005), in which Kummer's function stands for
        ``∫ exp(-rate u) (1 + u / (beta+T))^-s du``. The integral itself, smooth in log(1 + u / (beta+T)), serves every horizon and
        does not underflow where Kummer's function does (large s and beta).
        """
        check_discounting(rate_per_unit, horizon)
        if rate_per_unit == 0:
            return self.expected_purchases(horizon, frequency, recency, T)
        x, T, t = as_floats(frequency, T, horizon)
        span, s = self.beta + T, self.s
        # Beyond exp(-45) nothing is left.
        end = np.minimum(np.log1p(np.minimum(t, 45 / rate_per_unit) / span), 45 / np.maximum(s - 1, 1e-300))
        nodes, weights = np.polynomial.legendre.leggauss(64)
        total = 0.0
        for node, weight in zip((nodes + 1) / 2, weights / 2, strict=True):
            total = total + weight * np.exp((1 - s) * end * node - rate_per_unit * span * np.expm1(end * node))
        return self.probability_alive(x, recency, T) * (self.r + x) / (self.alpha + T) * span * end * total

    def probability_of_purchases(self, n: ArrayLike, horizon: ArrayLike) -> FloatArray:
        """Probability of n repeat purchases in the first `horizon` time units of a customer, without overflow in n.

        Fader & Hardie (2006), Deriving an Expression for P(X(t) = x) Under the Pareto/NBD Model, eq. 6, where the integral over the
        time of leaving is taken by the tanh-sinh rule.

        >>> model = ParetoNBD(r=0.553, alpha=10.578, s=0.606, beta=11.669)
        >>> float(model.probability_of_purchases(range(200), 39).sum().round(9))
        1.0
        """
        n, t = as_floats(n, horizon)
        check_horizon(t)
        r, alpha, s, beta = self.r, self.alpha, self.s, self.beta
        ways = special.gammaln(r + n) - special.gammaln(r) - special.gammaln(n + 1)

        def bought(length: FloatArray) -> FloatArray:  # n purchases in this time, and still there
            log = ways - (r + n) * np.log1p(length / alpha) + special.xlogy(n, length / alpha)
            return np.exp(log - s * np.log1p(length / beta))

        total = bought(t)
        for share, weight in zip(*tanh_sinh(), strict=True):
            total = total + weight * t * s / (beta + share * t) * bought(share * t)
        return total

    def probability_of_future_purchases(
        self, n: ArrayLike, horizon: ArrayLike, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike
    ) -> FloatArray:
        """Probability of n purchases in (T, T + horizon] of customers with this history.

        Who is alive behaves as a new customer whose gamma distributions have been updated.
        """
        n, x, T = as_floats(n, frequency, T)
        alive = self.probability_alive(x, recency, T)
        living = ParetoNBD(self.r + x, self.alpha + T, self.s, self.beta + T)
        return alive * living.probability_of_purchases(n, horizon) + np.where(n == 0, 1 - alive, 0.0)

    def draw_purchases(
        self, horizon: float, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike, rng: np.random.Generator
    ) -> NDArray[np.int64]:
        """Random numbers of purchases in (T, T + horizon] of customers with this history; exact, without event paths.

        Given that a customer is alive, lambda ~ Gamma(r + x, alpha + T) and mu ~ Gamma(s, beta + T) are independent.
        """
        x, T = as_floats(frequency, T)
        alive = self.probability_alive(x, recency, T)
        active = rng.random(alive.shape) < alive
        drawn = np.zeros(alive.shape, dtype=np.int64)
        r, alpha, s, beta = (np.broadcast_to(value, alive.shape)[active] for value in (self.r + x, self.alpha + T, self.s, self.beta + T))
        drawn[active] = rng.poisson(rng.standard_gamma(r) / alpha * np.minimum(_time_to_leave(rng, s, beta), horizon))
        return drawn

    def simulate_purchases(self, T: ArrayLike, seed: int = 1) -> pd.DataFrame:
        """Logs of repeat purchases of new customers: columns customer (position in T) and time since the first purchase.

        Parameters
        ----------
        T : array, shape (customers,)
            How long each customer is observed.
        """
        (T,) = as_floats(T)
        rng = np.random.default_rng(seed)
        rate = rng.gamma(self.r, 1 / self.alpha, size=T.shape)
        stay = np.minimum(_time_to_leave(rng, np.full(T.shape, self.s), np.full(T.shape, self.beta)), T)
        return uniform_log(rng, rng.poisson(rate * stay), stay)

    def simulate(self, T: ArrayLike, horizon: float = 0.0, seed: int = 1) -> pd.DataFrame:
        """Simulated customers: frequency, recency, T and what they buy in the next `horizon` (frequency_holdout)."""
        (T,) = as_floats(T)
        return observe(self.simulate_purchases(T + horizon, seed), T, horizon)


def _time_to_leave(rng: np.random.Generator, s: FloatArray, beta: FloatArray) -> FloatArray:
    """Exponential times at Gamma(s, beta) rates; a rate that rounds to zero means never."""
    return rng.standard_exponential(s.shape) * beta / np.maximum(rng.standard_gamma(s), 1e-300)


def _distinct_pairs(x: FloatArray, time: FloatArray) -> tuple[tuple[FloatArray, FloatArray], NDArray[np.int64]]:
    pairs, at = np.unique(x + 1j * time, return_inverse=True)
    return (pairs.real, pairs.imag), at


def _log_integral_slopes(p: Any, q: Any, alpha: float, beta: float, u: FloatArray) -> FloatArray:
    """log ∫_u^∞ (alpha+y)^-p (beta+y)^-q dy and its derivatives by p, q, alpha and beta, shape (5, n)."""
    if alpha < beta:
        return _log_integral_slopes(q, p, beta, alpha, u)[[0, 2, 1, 4, 3]]
    c = p + q - 1
    log_alpha, log_beta, y = np.log(alpha + u), np.log(beta + u), (beta + u) / (alpha + u)
    series, by_p, by_q, by_z = log_hyp2f1_slopes(p, q, y)
    value = series - p * log_alpha - (q - 1) * log_beta - np.log(c)
    by_p, by_q = by_p - log_alpha - 1 / c, by_q - log_beta - 1 / c
    by_alpha, by_beta = (by_z * y - p) / (alpha + u), -(q - 1) / (beta + u) - by_z / (alpha + u)
    return np.stack([value, by_p, by_q, by_alpha, by_beta])
