"""The MBG/NBD model of repeat purchases: BG/NBD with a chance to leave after the first purchase too.

While alive, a customer buys at the rate lambda ~ Gamma(r, alpha). After every purchase, the first included, the customer leaves for good
with probability p ~ Beta(a, b). So somebody without a repeat purchase may be gone, which the BG/NBD model rules out. Whoever survives the
first purchase is a BG/NBD customer with b + 1 in the place of b, from which all else follows.

Batislam, Denizel & Filiztekin (2007), Empirical Validation and Comparison of Models for Customer Base Analysis, International
Journal of Research in Marketing 24(3), 201-209; the same model as Hoppe & Wagner (2007), the central variant of the BG/NBD model.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special

from goodwill.inference.likelihood import Limit
from goodwill.inference.parameters import FloatArray
from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD, alive_or_gone, log_until_dropout
from goodwill.lifetime_value.purchase_model import BuyTillYouDie, as_floats


@dataclass(frozen=True)
class ModifiedBetaGeoNBD(BuyTillYouDie):
    """The modified beta-geometric / NBD model; all methods are vectorised and broadcast.

    Parameters
    ----------
    r, alpha : float
        Shape and rate of the gamma distribution of purchase rates; alpha in time units.
    a, b : float
        Parameters of the beta distribution of the dropout probability after each purchase, the first included.
    unit : str, optional
        The time unit of alpha, T, recency and horizons, such as "week".

    Notes
    -----
    Arguments as in `BetaGeoNBD`. Parameters may be arrays of shape (draws, 1): then every method returns (draws, customers).

    Examples
    --------
    >>> model = ModifiedBetaGeoNBD(r=0.525, alpha=6.183, a=0.891, b=1.614, unit="week")
    >>> model.probability_alive([0, 2], [0.0, 30.43], 38.86).round(3)
    array([0.39 , 0.706])
    >>> model.expected_purchases_new_customer([32, 78]).round(3)
    array([1.037, 1.805])
    """

    r: Any
    alpha: Any
    a: Any
    b: Any
    unit: str | None = None

    times: ClassVar[tuple[str, ...]] = BetaGeoNBD.times
    starts: ClassVar[tuple[dict[str, float], ...]] = (
        {"r": 0.5, "alpha": 1.5, "a": 0.8, "b": 1.5},
        {"r": 1.0, "alpha": 1.0, "a": 1.0, "b": 1.0},
        {"r": 3.0, "alpha": 5.0, "a": 0.2, "b": 4.0},
        {"r": 1.0, "alpha": 2.0, "a": 0.05, "b": 0.1},
    )
    limits: ClassVar[tuple[Limit, ...]] = BetaGeoNBD.limits

    @property
    def _after_first(self) -> BetaGeoNBD:
        return BetaGeoNBD(self.r, self.alpha, self.a, self.b + 1)

    def log_likelihood(self, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> FloatArray:
        """Log-likelihood of each customer (Batislam et al., eq. 5, without overflow).

        >>> model = ModifiedBetaGeoNBD(r=0.525, alpha=6.183, a=0.891, b=1.614)
        >>> model.log_likelihood([2, 0], [30.43, 0], [38.86, 38.86]).round(4)
        array([-9.4856, -0.5398])
        """
        r, alpha, a, b = self.r, self.alpha, self.a, self.b
        x, T = as_floats(frequency, T)
        counts = special.gammaln(r + x) - special.gammaln(r) + special.betaln(a, b + x + 1) - special.betaln(a, b)
        counts = counts - r * np.log1p(T / alpha) - x * np.log(alpha + T)
        return counts + np.logaddexp(0, self._log_odds_gone(x, recency, T))

    def _log_odds_gone(self, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> FloatArray:
        x, t_x, T = as_floats(frequency, recency, T)
        return (self.r + x) * np.log((self.alpha + T) / (self.alpha + t_x)) + np.log(self.a) - np.log(self.b + x)

    @staticmethod
    def weighted_log_likelihood(columns: tuple[FloatArray, ...], weight: FloatArray) -> Callable[[FloatArray], tuple[float, FloatArray]]:
        """The weighted sum of `log_likelihood` and its gradient, as a function of (r, alpha, a, b)."""
        after_first = alive_or_gone(columns, weight, np.ones(len(weight), dtype=bool))
        n = weight.sum()

        def value_and_gradient(theta: FloatArray) -> tuple[float, FloatArray]:
            r, alpha, a, b = theta
            value, gradient = after_first(np.array([r, alpha, a, b + 1]))
            stays = n * np.array([0.0, 0.0, -1 / (a + b), 1 / b - 1 / (a + b)])  # the first purchase: b / (a + b)
            return float(value + n * np.log(b / (a + b))), gradient + stays

        return value_and_gradient

    def _stay(self, horizon: ArrayLike, x: ArrayLike, T: ArrayLike) -> FloatArray:
        return self._after_first._stay(horizon, x, T)

    def _expected_if_alive(self, horizon: ArrayLike, x: ArrayLike, T: ArrayLike) -> FloatArray:
        """Batislam et al., eq. 7."""
        return self._after_first._expected_if_alive(horizon, x, T)

    def _discounted_if_alive(self, rate: float, horizon: ArrayLike, x: ArrayLike, T: ArrayLike) -> FloatArray:
        return self._after_first._discounted_if_alive(rate, horizon, x, T)

    def _living(self, x: FloatArray, T: FloatArray) -> BetaGeoNBD:
        return BetaGeoNBD(self.r + x, self.alpha + T, self.a, self.b + x + 1)

    def expected_purchases_new_customer(self, horizon: ArrayLike) -> FloatArray:
        """Expected repeat purchases in the first `horizon` time units of a customer."""
        return self.b / (self.a + self.b) * self._after_first.expected_purchases_new_customer(horizon)

    def probability_of_purchases(self, n: ArrayLike, horizon: ArrayLike) -> FloatArray:
        """Probability of n repeat purchases in the first `horizon` time units of a customer.

        >>> model = ModifiedBetaGeoNBD(r=0.525, alpha=6.183, a=0.891, b=1.614)
        >>> float(model.probability_of_purchases(range(200), 39).sum().round(6))
        1.0
        """
        stays = self.b / (self.a + self.b)
        return stays * self._after_first.probability_of_purchases(n, horizon) + np.where(np.asarray(n) == 0, 1 - stays, 0.0)

    def simulate_purchases(self, T: ArrayLike, seed: int = 1) -> pd.DataFrame:
        """Logs of repeat purchases of new customers: columns customer (position in T) and time since the first purchase."""
        return log_until_dropout(self, T, seed, before_first_repeat=1)
