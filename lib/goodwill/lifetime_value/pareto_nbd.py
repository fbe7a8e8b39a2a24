"""The Pareto/NBD model of repeat purchases.

While alive, a customer buys at the rate lambda ~ Gamma(r, alpha), and leaves for good at the rate mu ~ Gamma(s, beta), at any time:
leaving has nothing to do with buying. So somebody without a repeat purchase may be gone, the more likely the longer the silence.

Schmittlein, Morrison & Colombo (1987), Counting Your Customers, Management Science 33(1), 1-24. The formulas follow Fader & Hardie
(2005), A Note on Deriving the Pareto/NBD Model (note 009), and Fader, Hardie & Lee (2005), RFM and CLV, JMR 42(4), 415-430.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import special

from goodwill.inference.likelihood import Limit
from goodwill.inference.parameters import FloatArray
from goodwill.lifetime_value.histories import uniform_log
from goodwill.lifetime_value.purchase_model import BuyTillYouDie, as_floats, check_horizon
from goodwill.lifetime_value.special import legendre, log_hyp2f1, log_hyp2f1_slopes, tanh_sinh


@dataclass(frozen=True)
class ParetoNBD(BuyTillYouDie):
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
    >>> model.probability_alive_at([0, 52], 2, 30.43, 38.86).round(3)
    array([0.869, 0.566])
    >>> float(model.expected_purchases_new_customer(52).round(3))
    1.473
    """

    r: Any
    alpha: Any
    s: Any
    beta: Any
    unit: str | None = None

    times: ClassVar[tuple[str, ...]] = ("alpha", "beta")
    starts: ClassVar[tuple[dict[str, float], ...]] = (
        {"r": 0.5, "alpha": 2.0, "s": 0.5, "beta": 2.0},
        {"r": 1.0, "alpha": 1.0, "s": 1.0, "beta": 5.0},
        {"r": 3.0, "alpha": 5.0, "s": 0.3, "beta": 1.0},
        {"r": 1.0, "alpha": 2.0, "s": 0.1, "beta": 0.05},
    )
    limits: ClassVar[tuple[Limit, ...]] = (
        Limit(("s", "beta"), 1, "all customers seem to leave at the same rate s/beta, so only this ratio is known"),
        Limit(("r", "alpha"), 1, "all customers seem to buy at the same rate r/alpha, so only this ratio is known"),
        Limit(("s", "beta"), -1, "some customers seem to leave at once and the others never"),
        Limit(("s",), -1, "nobody seems to leave"),
        Limit(("beta",), 1, "nobody seems to leave"),
    )

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
        orders, times = np.concatenate([last_x, end_x + 1]), np.concatenate([last, end])
        steps = np.repeat([1.0, 0.0], [len(last), len(end)])
        psi, gammaln = special.psi, special.gammaln

        def value_and_gradient(theta: FloatArray) -> tuple[float, FloatArray]:
            r, alpha, s, beta = theta
            after = _log_integral_slopes(r + orders, s + steps, alpha, beta, times)
            after_last, after_end = after[:, : len(last)], after[:, len(last) :]
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

    def _stay(self, horizon: ArrayLike, x: ArrayLike, T: ArrayLike) -> FloatArray:
        t, T = as_floats(horizon, T)
        check_horizon(t)
        return np.exp(-self.s * np.log1p(t / (self.beta + T)))

    def _expected_if_alive(self, horizon: ArrayLike, x: ArrayLike, T: ArrayLike) -> FloatArray:
        """Note 009, eq. 41, and eq. 39 at a history of nothing; also at s = 1."""
        x, T, t = as_floats(x, T, horizon)
        check_horizon(t)
        length = np.log1p(t / (self.beta + T))
        return (self.r + x) / (self.alpha + T) * (self.beta + T) * length * special.exprel((1 - self.s) * length)

    def _discounted_if_alive(self, rate: float, horizon: ArrayLike, x: ArrayLike, T: ArrayLike) -> FloatArray:
        """Discounted purchases of customers known to be alive.

        With an infinite horizon this is equation 2 of Fader, Hardie & Lee (2005), in which Kummer's function stands for
        ``∫ exp(-rate u) (1 + u / (beta+T))^-s du``. The integral itself, smooth in log(1 + u / (beta+T)), serves every horizon and
        does not underflow where Kummer's function does (large s and beta).
        """
        if rate == 0:
            return self._expected_if_alive(horizon, x, T)
        x, T, t = as_floats(x, T, horizon)
        alike = all(np.shape(each)[-1:] in ((), (1,)) for each in (self.s, self.beta))
        if alike and T.ndim == 1 and t.ndim == 0:  # it is one for all who are known for as long
            times, at = np.unique(T, return_inverse=True)
            lasting = self._discounted_time(rate, t, times)[..., at]
        else:
            lasting = self._discounted_time(rate, t, T)
        return (self.r + x) / (self.alpha + T) * lasting

    def _discounted_time(self, rate: float, t: FloatArray, T: FloatArray) -> FloatArray:
        """Discounted time within which customers alive at T are there."""
        span, s = self.beta + T, self.s
        # Beyond exp(-45) nothing is left.
        end = np.minimum(np.log1p(np.minimum(t, 45 / rate) / span), 45 / np.maximum(s - 1, 1e-300))
        total: Any = 0.0
        for node, weight in zip(*legendre(64), strict=True):
            total = total + weight * np.exp((1 - s) * end * node - rate * span * np.expm1(end * node))
        return np.asarray(span * end * total)

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

    def _living(self, x: FloatArray, T: FloatArray) -> ParetoNBD:
        """Given that a customer is alive, lambda ~ Gamma(r + x, alpha + T) and mu ~ Gamma(s, beta + T) are independent."""
        return ParetoNBD(self.r + x, self.alpha + T, self.s, self.beta + T)

    def _draw_new(self, horizon: float, rng: np.random.Generator) -> NDArray[np.int64]:
        rate = rng.standard_gamma(self.r) / self.alpha
        return rng.poisson(rate * np.minimum(_time_to_leave(rng, self.s, self.beta), horizon))

    def simulate_purchases(self, T: ArrayLike, seed: int = 1) -> pd.DataFrame:
        """Logs of repeat purchases of new customers: columns customer (position in T) and time since the first purchase."""
        (T,) = as_floats(T)
        rng = np.random.default_rng(seed)
        rate = rng.gamma(self.r, 1 / self.alpha, size=T.shape)
        stay = np.minimum(_time_to_leave(rng, np.full(T.shape, self.s), np.full(T.shape, self.beta)), T)
        return uniform_log(rng, rng.poisson(rate * stay), stay)


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
