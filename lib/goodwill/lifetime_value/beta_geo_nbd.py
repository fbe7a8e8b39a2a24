"""The BG/NBD model of repeat purchases.

While alive, a customer buys at the rate lambda ~ Gamma(r, alpha). After every repeat purchase the customer leaves for good with
probability p ~ Beta(a, b): a leaving customer has just bought. So somebody without a repeat purchase cannot have left; that P(alive) = 1
for frequency 0 is a property of the model and no finding.

Fader, Hardie & Lee (2005), "Counting Your Customers" the Easy Way, Marketing Science 24(2), 275-284; equation numbers are theirs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import special

from goodwill.inference.likelihood import Limit
from goodwill.inference.parameters import FloatArray
from goodwill.lifetime_value.histories import per_distinct, uniform_log
from goodwill.lifetime_value.purchase_model import BuyTillYouDie, as_floats, check_horizon
from goodwill.lifetime_value.special import chebyshev, legendre

MOST_TERMS = 9_000  # of the hypergeometric series, of which SciPy tries 10,000
NEAREST = 8  # terms of a function that is next to 1
ALIKE = 1e9  # numbers beyond which a part in 10^9 is left out
NORMAL = 1e6  # numbers of a beta distribution beyond which it is normal to a few millionths, and slow to be inverted exactly
TERMS = 48  # of a series as a polynomial: its next singularity is as far off as pi, so that few are needed
BUSY = 100  # shape of a rate from which an integrand bends more than half of the nodes can follow


@dataclass(frozen=True)
class BetaGeoNBD(BuyTillYouDie):
    """The beta-geometric / NBD model; all methods are vectorised and broadcast.

    Parameters
    ----------
    r, alpha : float
        Shape and rate of the gamma distribution of purchase rates; alpha in time units.
    a, b : float
        Parameters of the beta distribution of the dropout probability.
    unit : str, optional
        The time unit of alpha, T, recency and horizons, such as "week".

    Notes
    -----
    Arguments have the field's names: `frequency` (repeat purchases), `recency` (time of the last one since the first purchase),
    `T` (time from the first purchase to now). Parameters may be arrays of shape (draws, 1): then every method returns
    (draws, customers).

    Examples
    --------
    The published estimate for CDNOW (Table 2), and the expectation of its Figure 1's first customer:

    >>> model = BetaGeoNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="week")
    >>> round(float(model.expected_purchases(39, frequency=2, recency=30.43, T=38.86)), 3)
    1.226
    >>> model.expected_purchases_new_customer([1, 32, 78]).round(4)
    array([0.0533, 1.0452, 1.8605])

    A customer with 26 repeat purchases, now and a year later:

    >>> float(model.probability_alive(26, 30.85714, 31).round(4))
    0.9689
    >>> model.probability_alive_at([0, 52], 26, 30.85714, 31).round(4)
    array([0.9689, 0.4977])

    >>> model.simulate([39.0, 39.0, 27.0], horizon=39, seed=1).columns.to_list()
    ['frequency', 'recency', 'T', 'frequency_holdout']
    """

    r: Any
    alpha: Any
    a: Any
    b: Any
    unit: str | None = None

    times: ClassVar[tuple[str, ...]] = ("alpha",)
    starts: ClassVar[tuple[dict[str, float], ...]] = (
        {"r": 0.5, "alpha": 1.0, "a": 0.8, "b": 2.5},
        {"r": 1.0, "alpha": 1.0, "a": 1.0, "b": 1.0},
        {"r": 3.0, "alpha": 5.0, "a": 0.2, "b": 4.0},
        {"r": 1.0, "alpha": 2.0, "a": 0.05, "b": 0.1},
    )
    limits: ClassVar[tuple[Limit, ...]] = (
        Limit(("a", "b"), 1, "all customers seem to drop out with the same probability a/(a+b), so only this ratio is known"),
        Limit(("r", "alpha"), 1, "all customers seem to buy at the same rate r/alpha, so only this ratio is known"),
        Limit(("a", "b"), -1, "some customers seem to drop out at once and the others never"),
        Limit(("a",), -1, "nobody seems to drop out"),
        Limit(("b",), 1, "nobody seems to drop out"),
    )

    def log_likelihood(self, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> FloatArray:
        """Log-likelihood of each customer (eq. 6, as A1 + A2 + log(e^A3 + e^A4) of the authors' note, without overflow).

        >>> model = BetaGeoNBD(r=0.243, alpha=4.414, a=0.793, b=2.426)
        >>> model.log_likelihood([2, 0], [30.43, 0], [38.86, 38.86]).round(4)
        array([-9.4586, -0.5547])
        """
        r, alpha, a, b = self.r, self.alpha, self.a, self.b
        x, T = as_floats(frequency, T)
        counts = special.gammaln(r + x) - special.gammaln(r) + r * np.log(alpha) + special.betaln(a, b + x) - special.betaln(a, b)
        return counts - (r + x) * np.log(alpha + T) + np.logaddexp(0, self._log_odds_gone(x, recency, T))

    def _log_odds_gone(self, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> FloatArray:
        """Logarithm of P(gone) / P(alive); minus infinity for frequency 0."""
        x, t_x, T = as_floats(frequency, recency, T)
        odds = (self.r + x) * np.log((self.alpha + T) / (self.alpha + t_x)) + np.log(self.a) - np.log(self.b + np.maximum(x, 1) - 1)
        return np.where(x > 0, odds, -np.inf)

    @staticmethod
    def weighted_log_likelihood(columns: tuple[FloatArray, ...], weight: FloatArray) -> Callable[[FloatArray], tuple[float, FloatArray]]:
        """The weighted sum of `log_likelihood` and its gradient, as a function of (r, alpha, a, b)."""
        return alive_or_gone(columns, weight, columns[0] > 0)

    def _stay(self, horizon: ArrayLike, x: ArrayLike, T: ArrayLike) -> FloatArray:
        """E[e^(-lambda p horizon)] of customers known to be alive: purchases after which they drop out come at the rate lambda p."""
        t, x, T = as_floats(horizon, x, T)
        check_horizon(t)
        return _shrinking_share(self.a, self.r + x, self.a + self.b + x, np.log1p(t / (self.alpha + T)))

    def _expected_if_alive(self, horizon: ArrayLike, x: ArrayLike, T: ArrayLike) -> FloatArray:
        """Expected purchases of customers known to be alive (eq. 10, by Euler's transformation; eq. 9 at a history of nothing).

        Accurate to about 1e-12 where the printed form overflows (frequencies of some hundreds and more).
        """
        return per_distinct(self._closed_form, horizon, x, T)

    def _closed_form(self, t: FloatArray, x: FloatArray, T: FloatArray) -> FloatArray:
        r, alpha, a, b = self.r, self.alpha, self.a, self.b
        check_horizon(t)
        y = np.log1p(t / (alpha + T))
        c = a + b + x
        with np.errstate(divide="ignore", invalid="ignore"):
            shrunk = _shrinking_away(a - 1, r + x, c - 1, y)
            closed = (c - 1) / (a - 1) * (1 - shrunk)
        # Near a = 1, near a + b + x = 1 and for short horizons the closed form loses its digits in 1 - shrunk; the integral does not.
        delicate = ~(np.abs(1 - shrunk) > 1e-3) | (np.abs(c - 1) < 1e-3)
        if np.any(delicate):
            r, alpha, a, b, x, T, t, delicate = np.broadcast_arrays(r, alpha, a, b, x, T, t, delicate)
            where = BetaGeoNBD(r[delicate], alpha[delicate], a[delicate], b[delicate])
            closed = np.array(closed)
            closed[delicate] = where._integral(t[delicate], x[delicate], T[delicate])
        return self._within_limits(closed, t, x, T, shrunk)

    def _within_limits(self, closed: FloatArray, t: FloatArray, x: FloatArray, T: FloatArray, shrunk: FloatArray) -> FloatArray:
        """The closed form, but where its series overflowed or its digits cancelled (parameters that ran away) the average over p.

        Nobody is expected to buy less than nothing, or more than who never leaves.
        """
        r, alpha, a, b, x, T, t, shrunk = np.broadcast_arrays(self.r, self.alpha, self.a, self.b, x, T, t, shrunk)
        most = (r + x) * t / (alpha + T)
        bad = ~np.isfinite(closed) | (closed < 0) | (closed > most * (1 + 1e-6)) | ((closed == 0) & (most > 0)) | np.isnan(shrunk)
        if not np.any(bad):
            return closed
        found = np.array(np.broadcast_to(closed, bad.shape), dtype=float)
        where = BetaGeoNBD(r[bad], alpha[bad], a[bad], b[bad])
        found[bad] = np.minimum(where._average_over_dropout(t[bad], x[bad], T[bad]), most[bad])
        return found

    def _average_over_dropout(self, t: FloatArray, x: FloatArray, T: FloatArray) -> FloatArray:
        """E[(1 - e^(-lambda p t)) / p] over p, whose integrand no parameters make negative or infinite; good to about three digits."""
        nodes, weights = legendre(64)
        p = _beta_quantiles(np.asarray(self.a)[:, None], np.asarray(self.b + x)[:, None], nodes)
        shape, per_time = np.asarray(self.r + x)[:, None], (t / (self.alpha + T))[:, None]
        with np.errstate(divide="ignore", invalid="ignore"):
            bought = -np.expm1(-shape * np.log1p(p * per_time)) / p
        return np.where(p > 1e-300, bought, shape * per_time) @ weights

    def _discounted_if_alive(self, rate: float, horizon: ArrayLike, x: ArrayLike, T: ArrayLike) -> FloatArray:
        """Discounted purchases of customers known to be alive, for which the model has no closed form.

        With s = log(1 + t / (alpha + T)) the expected rate of purchases gives
        ``(r+x) ∫ exp(s - rate (alpha+T)(e^s - 1)) e^(-as) 2F1(a, a+b-r-1; a+b+x; 1-e^-s) ds``,
        a smooth integrand without singularities, by Gauss-Legendre quadrature.
        """
        return per_distinct(partial(self._integral, rate=rate), horizon, x, T)

    def _integral(self, horizon: FloatArray, x: FloatArray, T: FloatArray, rate: float = 0.0) -> FloatArray:
        drawn = [np.asarray(getattr(self, name), float) for name in ("r", "alpha", "a", "b")]
        if horizon.ndim == 0 and x.ndim == T.ndim == 1 and x.shape == T.shape:
            if all(each.ndim == 0 for each in drawn):
                return self._integral_of_all(horizon, x, T, rate)
            if all(each.ndim == 2 and each.shape == (len(drawn[0]), 1) for each in drawn):
                models = (BetaGeoNBD(*values) for values in np.hstack(drawn))
                return np.stack([model._integral_of_all(horizon, x, T, rate) for model in models])
        return self._integral_of_each(horizon, x, T, rate)

    def _integral_of_each(self, horizon: FloatArray, x: FloatArray, T: FloatArray, rate: float) -> FloatArray:
        a, span, end = self.a, self.alpha + T, self._end(horizon, T, rate)
        total: Any = 0.0
        for node, weight in zip(*legendre(self._nodes(end, x)), strict=True):
            s = end * node
            series = _shrinking_share(a, self.r + x + 1, a + self.b + x, s)
            total = total + weight * np.exp(s - rate * span * np.expm1(s)) * series
        return (self.r + x) * end * total

    def _integral_of_all(self, horizon: FloatArray, x: FloatArray, T: FloatArray, rate: float) -> FloatArray:
        """The same for customers of one model. The series depends on the frequency alone and the rest of the integrand on the time alone.

        So the series is taken once for each frequency, as a polynomial in s, and the integrals of its terms once for each time.
        """
        (counts, x_at), (times, T_at) = (np.unique(each, return_inverse=True) for each in (x, T))
        end, a = self._end(horizon, times, rate), self.a
        number, longest = self._nodes(end, x), float(np.max(end, initial=0))
        if not longest > 0 or x.size * number < 2 * counts.size * TERMS:
            return self._integral_of_each(horizon, x, T, rate)
        points, terms = chebyshev(TERMS)
        series = _shrinking_share(a, self.r + counts[:, None] + 1, a + self.b + counts[:, None], longest * points) @ terms
        nodes, weights = legendre(number)
        s = end[:, None] * nodes
        weights = weights * np.exp(s - rate * (self.alpha + times[:, None]) * np.expm1(s))
        at = 2 * s / longest - 1
        before, term, integrals = np.ones_like(at), at, np.empty((TERMS, times.size))
        integrals[0] = weights.sum(axis=1)
        for k in range(1, TERMS):
            integrals[k] = np.einsum("tn,tn->t", weights, term)
            before, term = term, 2 * at * term - before
        return (self.r + x) * end[T_at] * np.einsum("pk,kp->p", series[x_at], integrals[:, T_at])

    def _end(self, horizon: ArrayLike, T: FloatArray, rate: float) -> FloatArray:
        """Where the integral ends: at the horizon, or where exp(-45) is all that discounting leaves."""
        span = self.alpha + T
        end = np.log1p(horizon / span)
        return np.minimum(end, np.log1p(45 / (rate * span))) if rate > 0 else end

    def _nodes(self, end: FloatArray, x: FloatArray) -> int:
        """How many nodes follow the integrand to about 1e-12."""
        longest, usual = np.max(end, initial=0), np.max(self.r + x, initial=0) < BUSY
        return 16 if longest < (1 if usual else 0.5) else 32 if usual and longest < 4 else 64

    def probability_of_purchases(self, n: ArrayLike, horizon: ArrayLike) -> FloatArray:
        """Probability of n repeat purchases in the first `horizon` time units of a customer (eq. 8), without overflow in n.

        >>> model = BetaGeoNBD(r=0.243, alpha=4.414, a=0.793, b=2.426)
        >>> float(model.probability_of_purchases(0, 39).round(7))
        0.5737864
        """
        r, alpha, a, b = self.r, self.alpha, self.a, self.b
        n, t = as_floats(n, horizon)
        share = t / (alpha + t)
        alive = special.betaln(a, b + n) - special.betaln(a, b) + special.gammaln(r + n) - special.gammaln(r) - special.gammaln(n + 1)
        alive = alive + r * np.log1p(-share) + special.xlogy(n, share)
        gone_at = np.maximum(n, 1)  # dropped out right after purchase n, and n purchases fitted in: an incomplete beta function
        gone = np.exp(special.betaln(a + 1, b + gone_at - 1) - special.betaln(a, b)) * special.betainc(gone_at, r, share)
        return np.exp(alive) + np.where(n > 0, gone, 0.0)

    def _living(self, x: FloatArray, T: FloatArray) -> BetaGeoNBD:
        """Given that a customer is alive, lambda ~ Gamma(r + x, alpha + T) and p ~ Beta(a, b + x) are independent."""
        return BetaGeoNBD(self.r + x, self.alpha + T, self.a, self.b + x)

    def _draw_new(self, horizon: float, rng: np.random.Generator) -> NDArray[np.int64]:
        """The smaller of Poisson(lambda horizon) and Geometric(p), the purchase after which the customer leaves."""
        count = rng.poisson(rng.standard_gamma(self.r) * (horizon / self.alpha))
        buys = count > 0
        count[buys] = np.minimum(count[buys], _geometric(rng, self.a[buys], self.b[buys]))
        return count

    def simulate_purchases(self, T: ArrayLike, seed: int = 1) -> pd.DataFrame:
        """Logs of repeat purchases of new customers: columns customer (position in T) and time since the first purchase."""
        return log_until_dropout(self, T, seed)


def log_until_dropout(model: Any, T: ArrayLike, seed: int, before_first_repeat: int = 0) -> pd.DataFrame:
    """A log of repeat purchases up to the dropout, for which there have been `before_first_repeat` occasions already."""
    (T,) = as_floats(T)
    rng = np.random.default_rng(seed)
    rate = rng.gamma(model.r, 1 / model.alpha, size=T.shape)
    last = _geometric(rng, np.full(T.shape, model.a), np.full(T.shape, model.b)) - before_first_repeat
    wished = rng.poisson(rate * T)  # purchases if nobody dropped out: uniform in time, given their number
    log = uniform_log(rng, wished, T)
    position = np.arange(len(log)) - np.repeat(np.cumsum(wished) - wished, wished)
    return log[position < np.repeat(last, wished)].reset_index(drop=True)


def alive_or_gone(
    columns: tuple[FloatArray, ...], weight: FloatArray, back: NDArray[np.bool_]
) -> Callable[[FloatArray], tuple[float, FloatArray]]:
    """Weighted sum of log(e^alive + e^gone) and its gradient, as a function of (r, alpha, a, b); the second term where it may be.

    Gamma functions are needed per distinct frequency and logarithms per distinct time only; what remains per row is one
    exponential and one logarithm.
    """
    x, t_x, T = columns
    counts, x_at = np.unique(x, return_inverse=True)
    n_x = np.bincount(x_at, weights=weight)
    ends, T_at = np.unique(T, return_inverse=True)
    n_T, x_T = np.bincount(T_at, weights=weight), np.bincount(T_at, weights=weight * x)
    lag = np.where(np.bincount(x_at[back], minlength=len(counts)) > 0, counts - 1, 0.0)
    lasts, last_at = np.unique(t_x[back], return_inverse=True)
    x_back, T_back, x_back_at, w = x[back], T_at[back], x_at[back], weight[back]
    n = weight.sum()

    def value_and_gradient(theta: FloatArray) -> tuple[float, FloatArray]:
        r, alpha, a, b = theta
        log_T, log_last = np.log(alpha + ends), np.log(alpha + lasts)
        longer = log_T[T_back] - log_last[last_at]
        odds = (r + x_back) * longer - np.log(b + lag)[x_back_at] + np.log(a)
        small = np.exp(-np.abs(odds))
        gone = w * np.where(odds > 0, 1.0, small) / (1 + small)  # weight times P(gone)
        value = n_x @ (special.gammaln(r + counts) - special.gammaln(r) + special.betaln(a, b + counts) - special.betaln(a, b))
        value += n * r * np.log(alpha) - (r * n_T + x_T) @ log_T + w @ (np.maximum(odds, 0) + np.log1p(small))
        psi = special.psi
        both = psi(a + b) - n_x @ psi(a + b + counts) / n
        shrink = gone * (r + x_back)
        by_T = np.bincount(T_back, weights=shrink, minlength=len(ends)) - (r * n_T + x_T)
        by_last = np.bincount(last_at, weights=shrink, minlength=len(lasts))
        gone_x = np.bincount(x_back_at, weights=gone, minlength=len(counts))
        gradient = np.array(
            [
                n_x @ psi(r + counts) - n * psi(r) + n * np.log(alpha) - n_T @ log_T + gone @ longer,
                n * r / alpha + by_T @ (1 / (alpha + ends)) - by_last @ (1 / (alpha + lasts)),
                n * both + gone.sum() / a,
                n * (both - psi(b)) + n_x @ psi(b + counts) - gone_x @ (1 / (b + lag)),
            ]
        )
        return float(value), gradient

    return value_and_gradient


def _shrinking(p: Any, q: Any, c: Any, s: FloatArray) -> FloatArray:
    """(1-w)^p 2F1(p, c-q; c; w) with w = 1 - e^-s, which Euler's transformation makes symmetric in p and q.

    With the smaller one as the power, the series is bounded, and none of its arguments grows with both x and a.
    """
    low, high = np.minimum(p, q), np.maximum(p, q)
    z = np.expm1(s)
    # 2F1(p, q; c; -z), as which the same can be written, is a few terms where hardly anybody leaves, and a power where customers are alike
    # in rates and in leaving: there SciPy's series takes milliseconds, mostly to find nothing.
    near = (np.abs(p) + NEAREST) * (q + NEAREST) * z < 1e-2 * c
    alike = np.minimum(high, c) > ALIKE * (1 + low**2)
    series = special.hyp2f1(low, c - high, c, np.where(near | alike, 0.0, -np.expm1(-s)))
    # A series that overflows (p and q in the hundreds) times its power is below 1e-13, unless c is beyond 1e5.
    # Beyond that, and where it would take more terms than are tried, nothing is known of it: not a number.
    large = ~np.isfinite(series)
    unknown = large & ((np.abs(c) > 1e5) | (np.abs(c - high) > MOST_TERMS))
    found = np.where(large, np.where(unknown, np.nan, 0.0), np.exp(-low * s) * np.where(large, 0.0, series))
    if np.any(alike):
        found = np.where(alike, np.exp(-low * np.log1p(high / c * z)), found)
    if not np.any(near):
        return found
    term: Any = 1.0
    total: Any = 1.0
    for k in range(NEAREST):  # each is at most a hundredth of the one before
        term = -term * (p + k) / (c + k) * (q + k) * z / (k + 1)
        total = total + term
    return np.where(near, total, found)


def _shrinking_away(p: Any, q: Any, c: Any, s: FloatArray) -> FloatArray:
    """`_shrinking` for p < c, and 0 where it is unknown but next to nothing."""
    found = np.asarray(_shrinking(p, q, c, s))
    lost = np.isnan(found) & (p > 0)
    if lost.any():
        some = (np.broadcast_to(each, found.shape)[lost] for each in (p, q, c, s))
        found[lost] = np.where(_shrinking_share(*some) < 1e-12, 0.0, np.nan)
    return found


def _shrinking_share(p: Any, q: Any, c: Any, s: FloatArray) -> FloatArray:
    """`_shrinking` for 0 < p < c, where it is the mean of (1 + u (e^s - 1))^-q over u ~ Beta(p, c - p): taken where the series is unknown.

    The mean has an integrand that no parameters make negative or infinite, and is good to about three digits.
    """
    share = np.asarray(_shrinking(p, q, c, s))
    lost = np.isnan(share)
    if not lost.any():
        return share
    p, q, c, s = (np.broadcast_to(each, share.shape)[lost][:, None] for each in (p, q, c, s))
    nodes, weights = legendre(64)
    share[lost] = np.exp(-q * np.log1p(_beta_quantiles(p, c - p, nodes) * np.expm1(s))) @ weights
    return share


def _beta_quantiles(a: Any, b: Any, u: FloatArray) -> FloatArray:
    """Quantiles of a beta distribution, by those of the normal where both numbers are so large that the exact ones take for ever."""
    normal, mean = np.minimum(a, b) > NORMAL, a / (a + b)
    exact = special.betaincinv(np.where(normal, 1.0, a), np.where(normal, 1.0, b), u)
    return np.asarray(np.where(normal, mean + np.sqrt(mean * (1 - mean) / (a + b)) * special.ndtri(u), exact))


def _geometric(rng: np.random.Generator, a: FloatArray, b: FloatArray) -> NDArray[np.int64]:
    """Beta-geometric random numbers; a dropout probability that rounds to zero means never."""
    return rng.geometric(np.maximum(rng.beta(a, b), 1e-15))
