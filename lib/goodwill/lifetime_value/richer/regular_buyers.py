"""Customers who buy at regular times: BG/CNBD-k and MBG/CNBD-k.

As in BG/NBD a customer buys at a rate of her own, lambda ~ Gamma(r, alpha), and leaves after a purchase with probability p ~ Beta(a, b);
but every purchase takes k stages of an exponential wait each, so that gaps are Erlang(k, lambda): the larger k, the more regular. k = 1
is BG/NBD. MBG/CNBD-k lets customers leave after the first purchase too. Regularity tells who is overdue: after half a year of silence
somebody who bought every month is gone, somebody who bought twelve times at random may not be.

Reutterer, Platzer & Schröder (2021), Leveraging purchase regularity for predicting customer behavior the easy way. What they approximate
is exact here: given that a customer is alive at T, how many stages of the next purchase are done has the probabilities of the terms of
the likelihood, and given those lambda ~ Gamma(r + kx + stages, alpha + T), so that each next purchase comes in time with the probability
of a negative binomial count.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, cast

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import special

from goodwill.errors import FitError
from goodwill.inference.likelihood import Limit
from goodwill.inference.parameters import FloatArray, parameter_names
from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD
from goodwill.lifetime_value.histories import uniform_log
from goodwill.lifetime_value.purchase_model import BuyTillYouDie, as_floats, check_discounting, check_horizon
from goodwill.lifetime_value.special import legendre, log_hyp2f1

MOST_STAGES = 12
ENOUGH = 1e-13  # of a sum, below which its further terms are left out
NODES = 24  # of the integral over time, of a finite horizon
STEP = 0.25  # of the width of the logarithm of the rate, in the integral without end


@dataclass(frozen=True)
class BetaGeoCNBD(BuyTillYouDie):
    """The BG/CNBD-k model; `regular_buyers(k)` gives the class of a k. All methods are vectorised and broadcast.

    Parameters
    ----------
    r, alpha : float
        Shape and rate of the gamma distribution of the rates of *stages*; alpha in time units. Purchases come at a k-th of that rate.
    a, b : float
        Parameters of the beta distribution of the dropout probability.
    unit : str, optional
        The time unit of alpha, T, recency and horizons, such as "week".

    Notes
    -----
    Arguments as in `BetaGeoNBD`. Parameters may be arrays of shape (draws, 1): then every method returns (draws, customers).

    The likelihood of a customer has a further factor that no parameter moves, the product of her gaps to the power k - 1. It is left out
    here, as (frequency, recency, T) do not tell the gaps; `choose_regularity` counts it, and compares k.

    Examples
    --------
    >>> model = regular_buyers(2)(r=0.227, alpha=1.463, a=0.944, b=2.074, unit="week")
    >>> model.probability_alive([2, 2], [30.43, 20.0], 38.86).round(3)
    array([0.695, 0.403])
    >>> model.expected_purchases(39, [2, 2], [30.43, 20.0], 38.86).round(3)
    array([1.293, 0.805])
    """

    r: Any
    alpha: Any
    a: Any
    b: Any
    unit: str | None = None

    k: ClassVar[int] = 1
    first: ClassVar[int] = 0  # how often a customer who never came back may have left already
    times: ClassVar[tuple[str, ...]] = BetaGeoNBD.times
    starts: ClassVar[tuple[dict[str, float], ...]] = BetaGeoNBD.starts
    limits: ClassVar[tuple[Limit, ...]] = BetaGeoNBD.limits

    def log_likelihood(self, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> FloatArray:
        """Log-likelihood of each customer, but for (k - 1) times the sum of the logarithms of her gaps.

        >>> model = regular_buyers(1)(r=0.243, alpha=4.414, a=0.793, b=2.426)
        >>> model.log_likelihood([2, 0], [30.43, 0], [38.86, 38.86]).round(4)  # as BG/NBD
        array([-9.4586, -0.5547])
        """
        x, t_x, T = as_floats(frequency, recency, T)
        alive, gone = self._terms(x, t_x, T)
        total = gone
        for term in alive:
            total = np.logaddexp(total, term)
        return total - x * special.gammaln(self.k)

    def _terms(self, x: FloatArray, t_x: FloatArray, T: FloatArray) -> tuple[list[FloatArray], FloatArray]:
        """Logarithms of the parts of the likelihood: alive with so many stages done, and gone since the last purchase."""
        r, alpha, a, b = self.r, self.alpha, self.a, self.b
        with np.errstate(divide="ignore"):
            waited, seen, last = np.log(np.maximum(T - t_x, 0.0)), np.log(alpha + T), np.log(alpha + t_x)
        shape, began = r + self.k * x, r * np.log(alpha) - special.gammaln(r) - special.betaln(a, b)
        stays = began + special.betaln(a, b + x + self.first)
        alive = [
            stays + special.gammaln(shape + j) - (shape + j) * seen + (j * waited - special.gammaln(j + 1.0) if j else 0.0)
            for j in range(self.k)
        ]
        left = np.maximum(x + self.first, 1)  # occasions after which she may have left
        gone = began + special.betaln(a + 1, b + left - 1) + special.gammaln(shape) - shape * last
        return alive, np.where(x + self.first > 0, gone, -np.inf)

    def _log_odds_gone(self, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> FloatArray:
        alive, gone = self._terms(*as_floats(frequency, recency, T))
        return gone - np.logaddexp.reduce(np.broadcast_arrays(*alive), axis=0)

    def _stages(self, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> list[FloatArray]:
        """Of customers who are alive, the probabilities of 0, 1, …, k - 1 stages of the next purchase being done."""
        alive, _ = self._terms(*as_floats(frequency, recency, T))
        total = np.logaddexp.reduce(np.broadcast_arrays(*alive), axis=0)
        return [np.exp(term - total) for term in alive]

    @classmethod
    def weighted_log_likelihood(
        cls, columns: tuple[FloatArray, ...], weight: FloatArray
    ) -> Callable[[FloatArray], tuple[float, FloatArray]]:
        """The weighted sum of `log_likelihood` and its gradient, as a function of (r, alpha, a, b)."""
        x, t_x, T = columns
        psi, n = special.psi, weight.sum()
        counts, at = np.unique(x, return_inverse=True)
        back = x + cls.first > 0

        def value_and_gradient(theta: FloatArray) -> tuple[float, FloatArray]:
            r, alpha, a, b = theta
            alive, gone = cls(*theta)._terms(x, t_x, T)
            total = np.logaddexp.reduce([*alive, gone], axis=0)
            share_gone = weight * np.exp(gone - total)
            shape, left = r + cls.k * counts, np.maximum(counts + cls.first, 1)
            ended = psi(a + b) - psi(a + b + counts + cls.first)
            rate, span = np.zeros(len(x)), np.zeros(len(x))  # derivatives by r and by -alpha, but for what all share
            for j, term in enumerate(alive):
                part = weight * np.exp(term - total)
                rate += part * psi(shape + j)[at]
                span += part * (shape[at] + j) / (alpha + T)
            rate += share_gone * psi(shape)[at]
            span += share_gone * shape[at] / (alpha + t_x)
            times = (weight - share_gone) @ np.log(alpha + T) + share_gone @ np.log(alpha + t_x)
            stay = np.where(back, psi(b + left - 1)[at], 0.0)
            gradient = np.array(
                [
                    rate.sum() - n * psi(r) + n * np.log(alpha) - times,
                    n * r / alpha - span.sum(),
                    weight @ ended[at] + share_gone.sum() / a,
                    weight @ ended[at] - n * psi(b) + (weight - share_gone) @ psi(b + counts + cls.first)[at] + share_gone @ stay,
                ]
            )
            return float(weight @ total - (weight @ x) * special.gammaln(cls.k)), gradient

        return value_and_gradient

    # The m-th purchase from now needs m k stages less those done, and is made by who stayed m - 1 times

    def _sums(self, horizon: ArrayLike, frequency: ArrayLike, recency: ArrayLike, until: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Of customers who are alive at T: expected purchases in (T, T + horizon], and the probability of leaving within."""
        check_horizon(np.asarray(horizon, float))
        given = np.broadcast_arrays(self.r, self.alpha, self.a, self.b, *as_floats(horizon, frequency, recency, until))
        shape = given[0].shape
        r, alpha, a, b, t, x, t_x, T = (np.ravel(each).astype(float) for each in given)
        distinct, back = np.unique(np.stack([r, alpha, a, b, t, x, t_x, T]), axis=1, return_inverse=True)
        bought, left = np.zeros(distinct.shape[1]), np.zeros(distinct.shape[1])
        going = np.arange(distinct.shape[1])
        m = 0
        stays = np.ones(len(going))  # E[(1 - p)^(m - 1)]
        while len(going):
            r, alpha, a, b, t, x, t_x, T = distinct[:, going]
            if m == 0:
                done = type(self)(r, alpha, a, b)._stages(x, t_x, T)
            m += 1
            share = t / (alpha + T + t)
            chance = np.zeros(len(going))
            for j, each in enumerate(done):
                chance += each * special.betainc(self.k * m - j, r + self.k * x + j, share)
            leaves = a / (a + b + x + self.first + m - 1)
            bought[going] += stays * chance
            left[going] += stays * leaves * chance
            stays = stays * (1 - leaves)
            more = stays * chance > ENOUGH * np.maximum(bought[going], 1e-300)
            going, stays, done = going[more], stays[more], [each[more] for each in done]
        return bought[back].reshape(shape), left[back].reshape(shape)

    def probability_alive_at(self, horizon: ArrayLike, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> FloatArray:
        """Probability that a customer with this history has not left by T + horizon."""
        return self.probability_alive(frequency, recency, T) * (1 - self._sums(horizon, frequency, recency, T)[1])

    def expected_purchases(self, horizon: ArrayLike, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> FloatArray:
        """Expected purchases in (T, T + horizon] of customers with this history; exact."""
        return self.probability_alive(frequency, recency, T) * self._sums(horizon, frequency, recency, T)[0]

    def expected_purchases_new_customer(self, horizon: ArrayLike) -> FloatArray:
        """Expected repeat purchases in the first `horizon` time units of a customer."""
        return self.expected_purchases(horizon, 0.0, 0.0, 0.0)

    def discounted_expected_purchases(
        self, rate_per_unit: float, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike, horizon: ArrayLike = np.inf
    ) -> FloatArray:
        """Expected purchases in (T, T + horizon], each discounted to T by e^(-rate x time since T); by default all to come."""
        check_discounting(rate_per_unit, horizon)
        alive = self.probability_alive(frequency, recency, T)
        if rate_per_unit == 0:
            return alive * self._sums(horizon, frequency, recency, T)[0]
        t, x, t_x, T = as_floats(horizon, frequency, recency, T)
        if np.all(t * rate_per_unit > 45):  # beyond exp(-45) nothing is left
            return alive * self._discounted_without_end(rate_per_unit, x, t_x, T)
        end = np.minimum(t, 45 / rate_per_unit)
        total = np.exp(-rate_per_unit * end) * self._sums(end, x, t_x, T)[0]
        span, long = self.alpha + T, np.log1p(end / (self.alpha + T))  # purchases thin out with the logarithm of time
        panels = int(np.ceil(np.max(long, initial=1.0)))
        nodes, weights = legendre(NODES)
        for node, weight in zip(np.add.outer(np.arange(panels), nodes).ravel(), np.tile(weights, panels), strict=True):
            within = span * np.expm1(long * node / panels)
            density = rate_per_unit * long / panels * weight * (span + within) * np.exp(-rate_per_unit * within)
            total = total + density * self._sums(within, x, t_x, T)[0]
        return alive * total

    def _discounted_without_end(self, rate: float, x: FloatArray, t_x: FloatArray, T: FloatArray) -> FloatArray:
        """Of customers who are alive, by the trapezoidal rule over the logarithm of lambda.

        Given lambda the wait for a purchase is worth z^k with z = lambda / (lambda + rate), and the sum over purchases and over p is
        z^(k - stages) 2F1(1, b'; a + b'; z^k), with b' = b + x, and one more where customers may leave at first.
        """
        stays = self.b + x + self.first
        total: Any = 0.0
        for j, done in enumerate(self._stages(x, t_x, T)):
            shape, span = self.r + self.k * x + j, self.alpha + T
            middle = np.log(shape + 1) - np.log(span)
            wide = 1 / np.sqrt(shape + 1)  # of the distribution of the logarithm
            step = STEP * wide
            first, last = int(np.max((12 + 40 * wide) / STEP)), int(np.max(np.minimum(12.0, 8 / wide) / STEP))
            inner: Any = 0.0
            for place in range(-first, last + 1):
                v = middle + place * step
                lam = np.exp(v)
                density = np.exp(shape * (v + np.log(span)) - span * lam - special.gammaln(shape))
                log_z = -np.log1p(rate / lam)
                worth = np.exp((self.k - j) * log_z + log_hyp2f1(*np.broadcast_arrays(stays, self.a, -np.expm1(self.k * log_z))))
                inner = inner + density * worth
            total = total + done * inner * step
        return total

    def probability_of_purchases(self, n: ArrayLike, horizon: ArrayLike) -> FloatArray:
        """Probability of n repeat purchases in the first `horizon` time units of a customer.

        >>> model = regular_buyers(3)(r=0.5, alpha=2.0, a=0.9, b=2.0)
        >>> float(model.probability_of_purchases(range(200), 39).sum().round(6))
        1.0
        """
        return self.probability_of_future_purchases(n, horizon, 0.0, 0.0, 0.0)

    def probability_of_future_purchases(
        self, n: ArrayLike, horizon: ArrayLike, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike
    ) -> FloatArray:
        """Probability of n purchases in (T, T + horizon] of customers with this history."""
        bought, t, x, t_x, until = as_floats(n, horizon, frequency, recency, T)
        check_horizon(t)
        alive = self.probability_alive(x, t_x, until)
        share, shape, stays = t / (self.alpha + until + t), self.r + self.k * x, self.b + x + self.first
        least, more = np.where(bought > 0, 0.0, 1.0), np.zeros(())
        for j, done in enumerate(self._stages(x, t_x, until)):
            reached = special.betainc(np.maximum(self.k * bought - j, 1), shape + j, share)
            least = least + np.where(bought > 0, done * reached, 0.0)
            more = more + done * special.betainc(self.k * (bought + 1) - j, shape + j, share)
        kept = np.exp(special.betaln(self.a, stays + bought) - special.betaln(self.a, stays))
        left = np.exp(special.betaln(self.a + 1, stays + np.maximum(bought, 1) - 1) - special.betaln(self.a, stays))
        found = kept * (least - more) + np.where(bought > 0, left * least, 0.0)
        return alive * found + np.where(bought == 0, 1 - alive, 0.0)

    def draw_purchases(
        self, horizon: float, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike, rng: np.random.Generator
    ) -> NDArray[np.int64]:
        """Random numbers of purchases in (T, T + horizon] of customers with this history; exact, without event paths."""
        x, t_x, T = as_floats(frequency, recency, T)
        alive = self._alive_by_distinct_draw(x, t_x, T)
        active = rng.random(alive.shape) < alive
        given = (getattr(self, name) for name in parameter_names(type(self)))
        r, alpha, a, b, x, t_x, T = (np.broadcast_to(each, alive.shape)[active] for each in (*given, x, t_x, T))
        so_far = np.cumsum(type(self)(r, alpha, a, b)._stages(x, t_x, T), axis=0)
        done = np.minimum((rng.random(len(x)) > so_far).sum(axis=0), self.k - 1)
        stages = rng.poisson(rng.standard_gamma(r + self.k * x + done) * (horizon / (alpha + T)))
        wished = (done + stages) // self.k
        last = rng.geometric(np.maximum(rng.beta(a, b + x + self.first), 1e-15))
        drawn = np.zeros(alive.shape, dtype=np.int64)
        drawn[active] = np.minimum(wished, last)
        return drawn

    def simulate_purchases(self, T: ArrayLike, seed: int = 1) -> pd.DataFrame:
        """Logs of repeat purchases of new customers: columns customer (position in T) and time since the first purchase."""
        (T,) = as_floats(T)
        rng = np.random.default_rng(seed)
        rate = rng.gamma(self.r, 1 / self.alpha, size=T.shape)
        last = rng.geometric(np.maximum(rng.beta(self.a, self.b, size=T.shape), 1e-15)) - self.first
        stages = rng.poisson(rate * T)
        log = uniform_log(rng, stages, T)
        place = np.arange(len(log)) - np.repeat(np.cumsum(stages) - stages, stages)
        made = (place % self.k == self.k - 1) & (place // self.k < np.repeat(last, stages))
        return log[made].reset_index(drop=True)


def regular_buyers(k: int, *, leave_at_first: bool = False) -> type[BetaGeoCNBD]:
    """The class of the BG/CNBD-k model, or with `leave_at_first` of the MBG/CNBD-k model.

    Parameters
    ----------
    k : 1 to 12
        Stages of a purchase: 1 buys at random moments (BG/NBD, MBG/NBD), the larger the more regular.
    leave_at_first : whether customers may leave after their first purchase too

    Raises
    ------
    FitError
        For a k that is no whole number from 1 to 12.

    Examples
    --------
    >>> from goodwill.data import read_transactions, summarize_purchases
    >>> summary = summarize_purchases(read_transactions("cdnow_sample"), calibration_end="1997-09-30")
    >>> regular_buyers(2, leave_at_first=True).fit(summary).parameters.round(3)
    array([0.58 , 2.288, 1.134, 1.585])
    """
    if not (isinstance(k, int) and 1 <= k <= MOST_STAGES):
        raise FitError(f"k is {k!r}; it counts the stages of a purchase: a whole number from 1 to {MOST_STAGES}")
    return _class(k, leave_at_first)


@cache
def _class(k: int, leave_at_first: bool) -> type[BetaGeoCNBD]:
    kind = "MBG" if leave_at_first else "BG"
    body = {"k": k, "first": int(leave_at_first), "__doc__": f"The {kind}/CNBD-{k} model; see `BetaGeoCNBD`.", "__module__": __name__}
    return cast("type[BetaGeoCNBD]", dataclass(frozen=True)(type(_name(k, leave_at_first), (BetaGeoCNBD,), body)))


def _name(k: int, leave_at_first: bool) -> str:
    return f"{'Modified' if leave_at_first else ''}BetaGeoCNBD{k}"


def __getattr__(name: str) -> Any:
    """The classes of `regular_buyers` by their names, so that fits can be stored, read again and sent to other processes."""
    for k in range(1, MOST_STAGES + 1):
        for leave_at_first in (False, True):
            if name == _name(k, leave_at_first):
                return _class(k, leave_at_first)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
