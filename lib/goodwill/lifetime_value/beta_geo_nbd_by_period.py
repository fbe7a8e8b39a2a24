"""The BG/NBD model of purchases of which only the period is known: a week, a month, a quarter.

Customers buy and leave as in `BetaGeoNBD`, at moments of their own. What is seen of each period is whether they bought at all; and the
first purchase fell at some moment of its period, after which others may have followed unseen. Fader & Hardie (2005, note 011) give the
likelihood of the Pareto/NBD model for counts by interval; this is the BG/NBD model's, for dates so coarse that counts are lost too.

In a period of length 1 a customer with rate lambda and dropout probability p, alive at its start,

- buys nothing with probability e^-lambda,
- buys and stays with probability e^(-lambda p) - e^-lambda,
- buys and leaves with probability 1 - e^(-lambda p),

so that whoever is alive stays with s = e^(-lambda p). After a first purchase at a uniform moment of its period, the rest of that period is
survived with probability (1 - e^(-lambda p)) / (lambda p). Over lambda ~ Gamma(r, alpha) and p ~ Beta(a, b) there is no closed form: the
mixture is a sum over a fixed grid of (log lambda, logit p), on which the likelihood of a history is computed once and for all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from goodwill.inference.fit import Fit, maximum_likelihood
from goodwill.inference.likelihood import Likelihood, Limit
from goodwill.inference.parameters import FloatArray, check_parameters
from goodwill.inference.rows import unit_of
from goodwill.lifetime_value.beta_geo_beta_binom import BetaGeoBetaBinom
from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD
from goodwill.lifetime_value.purchase_model import as_floats, check_discounting, check_horizon

LOG_RATE = np.linspace(np.log(1e-6), np.log(60.0), 80)  # of purchases in a period
LOGIT = np.linspace(-11.0, 11.0, 55)  # of the dropout probability
STEPS = LOG_RATE[1] - LOG_RATE[0], LOGIT[1] - LOGIT[0]
RATE, DROPOUT = (grid.ravel() for grid in np.meshgrid(np.exp(LOG_RATE), special.expit(LOGIT), indexing="ij"))
RISK = RATE * DROPOUT
BUYS, LEAVES = -np.expm1(-RATE), -np.expm1(-RISK)  # in a period, of those alive at its start
BUYS_AND_STAYS = np.exp(-RISK) * -np.expm1(-RATE * special.expit(-np.repeat(LOGIT[None], len(LOG_RATE), 0).ravel()))
OUTLIVES_FIRST = LEAVES / RISK
PEAK = 0.01  # by which the weights miss one from where a peak is too narrow for the grid
ROWS = 400  # histories whose likelihood on the grid is held at a time


@dataclass(frozen=True)
class BetaGeoNBDByPeriod:
    """BG/NBD seen through periods: of each it is known whether the customer bought.

    Parameters
    ----------
    r, alpha : float
        Shape and rate of the gamma distribution of purchase rates, alpha in periods.
    a, b : float
        Parameters of the beta distribution of the dropout probability.
    unit : str, optional
        The period.

    Notes
    -----
    `frequency`, `recency` and `T` are those of `purchase_opportunities`: periods with a purchase after the first one, periods from the
    first to the last, periods to the end. Purchases foretold are periods with a purchase.

    Examples
    --------
    CDNOW as its months would tell it:

    >>> import goodwill as gw
    >>> months = gw.data.purchase_opportunities(gw.read_transactions("cdnow_sample"), "month", calibration_end="1997-09-30")
    >>> fit = BetaGeoNBDByPeriod.fit(months)
    >>> fit.model.expected_purchases_new_customer([1, 8]).round(2).tolist()
    [0.14, 0.76]
    """

    r: Any
    alpha: Any
    a: Any
    b: Any
    unit: str | None = None

    starts: ClassVar[tuple[dict[str, float], ...]] = BetaGeoNBD.starts
    limits: ClassVar[tuple[Limit, ...]] = BetaGeoNBD.limits

    def __post_init__(self) -> None:
        check_parameters(self)

    @classmethod
    def fit(cls, data: Any, prior: float | None = None) -> Fit:
        """Maximum likelihood from the frame of `purchase_opportunities`, or one with frequency, recency, T and an optional weight.

        Raises
        ------
        FitError
            For impossible rows, for a single customer, and when nobody ever came back.
        """
        columns, weight = BetaGeoBetaBinom._rows(data)
        scale = {"alpha": float(columns[2].max()) / 10}
        return maximum_likelihood(Likelihood(cls, columns, weight, cls.starts, scale, cls.limits, unit_of(data), prior))

    @staticmethod
    def weighted_log_likelihood(columns: tuple[FloatArray, ...], weight: FloatArray) -> Callable[[FloatArray], tuple[float, None]]:
        """The weighted sum of `log_likelihood` as a function of (r, alpha, a, b), the grid being computed once."""
        parts = [(sum(_histories(*(column[at] for column in columns))), weight[at]) for at in _portions(len(weight))]

        def value(theta: FloatArray) -> tuple[float, None]:
            mixture = BetaGeoNBDByPeriod(*theta)._mixture()
            return sum(float(n @ np.log(seen @ mixture)) for seen, n in parts), None

        return value

    def log_likelihood(self, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> FloatArray:
        """Log-likelihood of each customer's history."""
        return np.log(self._mixed(lambda alive, gone: alive + gone, frequency, recency, T))

    def probability_alive(self, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> FloatArray:
        """Probability that a customer with this history has not left by T."""
        return self._given(1.0, frequency, recency, T)

    def expected_purchases(self, horizon: ArrayLike, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> FloatArray:
        """Expected periods with a purchase among the `horizon` after T, of customers with this history."""
        check_horizon(np.asarray(horizon, float))
        return self._given(BUYS * -np.expm1(-RISK * horizon) / LEAVES, frequency, recency, T)

    def expected_purchases_new_customer(self, horizon: ArrayLike) -> FloatArray:
        """Expected periods with a purchase among the first `horizon` after that of a customer's first."""
        (t,) = as_floats(horizon)
        check_horizon(t)
        active = OUTLIVES_FIRST * BUYS * -np.expm1(-RISK * t[..., None]) / LEAVES
        return active @ np.moveaxis(self._mixture(), -1, 0)

    def discounted_expected_purchases(
        self, rate_per_unit: float, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike, horizon: ArrayLike = np.inf
    ) -> FloatArray:
        """Expected periods with a purchase among the `horizon` after T, each discounted from its middle to T; by default all to come.

        Parameters
        ----------
        rate_per_unit : float
            Continuous discount rate per period.
        horizon : float
            May be infinite when the rate is positive.
        """
        check_discounting(rate_per_unit, horizon)
        falls = RISK + rate_per_unit
        future = BUYS * np.exp(-rate_per_unit / 2) * -np.expm1(-falls * horizon) / -np.expm1(-falls)
        return self._given(future, frequency, recency, T)

    def draw_purchases(
        self, horizon: float, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike, rng: np.random.Generator
    ) -> NDArray[np.int64]:
        """Random numbers of periods with a purchase among the `horizon` after T, of customers with this history."""
        shape = np.broadcast_shapes(np.shape(self.r), *(np.shape(column) for column in (frequency, recency, T)))
        x, t_x, n = (np.broadcast_to(column, shape).reshape(-1, shape[-1]) for column in as_floats(frequency, recency, T))
        mixtures = np.broadcast_to(self._mixture(), (len(x), len(RATE)))
        drawn = [_drawn(mixture, horizon, rows, rng) for mixture, *rows in zip(mixtures, x, t_x, n, strict=True)]
        return np.array(drawn, dtype=np.int64).reshape(shape)

    def _mixture(self) -> FloatArray:
        """The weight of each point of the grid, with what lies beyond its ends put there; shape (..., points)."""
        r, alpha, a, b = self.r, self.alpha, self.a, self.b
        with np.errstate(over="ignore"):
            density = np.exp(r * (np.log(alpha) + LOG_RATE) - alpha * np.exp(LOG_RATE) - special.gammaln(r)) * STEPS[0]
        rate = _whole(density, special.gammainc, special.gammaincc, (r,), alpha * np.exp(_edges(LOG_RATE)))
        low, high = special.log_expit(LOGIT), special.log_expit(-LOGIT)
        dropout = np.exp(a * low + b * high - special.betaln(a, b)) * STEPS[1]
        dropout = _whole(dropout, special.betainc, special.betaincc, (a, b), special.expit(_edges(LOGIT)))
        both = rate[..., :, None] * dropout[..., None, :]
        return both.reshape(*both.shape[:-2], -1)

    def _given(self, future: Any, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> FloatArray:
        """Mean of what the living do, given the history."""
        living = self._mixed(lambda alive, gone: alive * future, frequency, recency, T)
        whole = self._mixed(lambda alive, gone: alive + gone, frequency, recency, T)
        return np.divide(living, whole, out=np.zeros_like(whole), where=whole > 0)

    def _mixed(self, what: Callable[[FloatArray, FloatArray], FloatArray], *history: ArrayLike) -> FloatArray:
        """Sum over the grid of what is made of the likelihoods of a history with the customer alive and gone; once per distinct history."""
        columns = np.broadcast_arrays(*as_floats(*history))
        distinct, inverse = np.unique(np.stack([column.ravel() for column in columns]), axis=1, return_inverse=True)
        mixture = self._mixture()
        parts = [what(*_histories(*distinct[:, at])) @ np.moveaxis(mixture, -1, 0) for at in _portions(distinct.shape[1])]
        found = np.concatenate(parts)[inverse.ravel()]  # (customers,) or (customers, draws)
        return (found.T if found.ndim > 1 else found).reshape((*mixture.shape[:-1], *columns[0].shape))


def _edges(grid: FloatArray) -> FloatArray:
    """The ends of the cells around the points of a grid."""
    half = (grid[1] - grid[0]) / 2
    return np.append(grid - half, grid[-1] + half)


def _whole(density: FloatArray, below: Any, above: Any, shape: tuple[Any, ...], edges: FloatArray) -> FloatArray:
    """The weights of a grid, the mass beyond its ends added to the last cells; where a peak lies between two points, those of the cells."""
    first, last = below(*shape, edges[..., :1]), above(*shape, edges[..., -1:])
    found = np.concatenate([density[..., :1] + first, density[..., 1:-1], density[..., -1:] + last], axis=-1)
    whole = found.sum(axis=-1, keepdims=True)
    smooth = np.isfinite(whole) & (np.abs(whole - 1) < PEAK)
    cells = np.diff(below(*shape, edges), axis=-1)
    cells = np.concatenate([cells[..., :1] + first, cells[..., 1:-1], cells[..., -1:] + last], axis=-1)
    return np.where(smooth, found / np.where(smooth, whole, 1.0), cells / cells.sum(axis=-1, keepdims=True))


def _histories(x: FloatArray, t_x: FloatArray, n: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Likelihoods of histories on the grid, with the customer alive at the end and with the customer gone; shape (histories, points)."""
    x, t_x, n = x[:, None], t_x[:, None], n[:, None]
    log_stay, log_outlives = np.log(np.maximum(BUYS_AND_STAYS, 1e-300)), np.log(OUTLIVES_FIRST)
    alive = np.exp(x * log_stay - RATE * (n - x) + log_outlives)
    gone = np.exp((x - 1) * log_stay - RATE * (t_x - x) + np.log(LEAVES) + log_outlives)
    return alive, np.where(x > 0, gone, 1 - OUTLIVES_FIRST)


def _portions(size: int) -> Iterator[slice]:
    return (slice(at, at + ROWS) for at in range(0, size, ROWS))


def _drawn(mixture: FloatArray, horizon: float, history: list[FloatArray], rng: np.random.Generator) -> FloatArray:
    """Periods with a purchase, of customers whose rate and dropout probability are drawn given their history."""
    distinct, inverse = np.unique(np.stack(history), axis=1, return_inverse=True)
    point, alive = np.empty(inverse.size, int), np.empty(inverse.size, bool)
    for at in _portions(distinct.shape[1]):
        living, gone = _histories(*distinct[:, at])
        reached = np.cumsum((living + gone) * mixture, axis=1)
        for row in range(len(reached)):
            who = np.flatnonzero(inverse.ravel() == at.start + row)
            point[who] = np.minimum(np.searchsorted(reached[row], rng.random(who.size) * reached[row, -1]), len(RATE) - 1)
            share = living[row] / np.maximum(living[row] + gone[row], 1e-300)
            alive[who] = rng.random(who.size) < share[point[who]]
    left = rng.geometric(np.maximum(LEAVES[point], 1e-15))  # the period at whose end they are gone, in which they buy
    stayed = np.minimum(left - 1, int(horizon))
    bought = rng.binomial(stayed, np.minimum(BUYS_AND_STAYS[point] / np.exp(-RISK[point]), 1.0)) + (left <= horizon)
    return np.where(alive, bought, 0)
