"""The MBG/NBD model of repeat purchases: BG/NBD with a chance to drop out after the first purchase too.

Batislam, Denizel & Filiztekin (2007), Empirical Validation and Comparison of Models for Customer Base Analysis, International
Journal of Research in Marketing 24(3), 201-209; the same model as Hoppe & Wagner (2007), the central variant of the BG/NBD model.

So somebody without a repeat purchase may be gone, which the BG/NBD model rules out. Whoever survives the first purchase is a BG/NBD
customer with b + 1 in the place of b, from which all else follows.
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
from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD, alive_or_gone, log_until_dropout
from goodwill.lifetime_value.histories import as_floats, check_parameters, history_rows, observe

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class ModifiedBetaGeoNBD:
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
    """

    r: Any
    alpha: Any
    a: Any
    b: Any
    unit: str | None = None

    limits: ClassVar[tuple[Limit, ...]] = BetaGeoNBD.limits

    def __post_init__(self) -> None:
        check_parameters(self)

    @property
    def _after_first(self) -> BetaGeoNBD:
        return BetaGeoNBD(self.r, self.alpha, self.a, self.b + 1)

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
        problem = Likelihood(
            model_class=cls,
            columns=columns,
            weight=weight,
            starts=(
                {"r": 0.5, "alpha": 1.5, "a": 0.8, "b": 1.5},
                {"r": 1.0, "alpha": 1.0, "a": 1.0, "b": 1.0},
                {"r": 3.0, "alpha": 5.0, "a": 0.2, "b": 4.0},
                {"r": 1.0, "alpha": 2.0, "a": 0.05, "b": 0.1},
            ),
            scale={"alpha": float(columns[2].max()) / 10},
            limits=cls.limits,
            unit=unit_of(data),
            prior=prior,
        )
        return maximum_likelihood(problem)

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

    def probability_alive(self, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> FloatArray:
        """Probability that a customer has not dropped out by T."""
        return special.expit(-self._log_odds_gone(frequency, recency, T))

    def probability_alive_at(self, horizon: ArrayLike, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> FloatArray:
        """Probability that a customer with this history has not dropped out by T + horizon."""
        return self.probability_alive(frequency, recency, T) * self._after_first._stay(horizon, frequency, T)

    def expected_purchases(self, horizon: ArrayLike, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> FloatArray:
        """Expected purchases in (T, T + horizon] of customers with this history (Batislam et al., eq. 7)."""
        return self.probability_alive(frequency, recency, T) * self._after_first._if_alive(horizon, frequency, T)

    def expected_purchases_new_customer(self, horizon: ArrayLike) -> FloatArray:
        """Expected repeat purchases in the first `horizon` time units of a customer.

        >>> ModifiedBetaGeoNBD(r=0.525, alpha=6.183, a=0.891, b=1.614).expected_purchases_new_customer([32, 78]).round(3)
        array([1.037, 1.805])
        """
        return self.b / (self.a + self.b) * self._after_first.expected_purchases_new_customer(horizon)

    def discounted_expected_purchases(
        self, rate_per_unit: float, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike, horizon: ArrayLike = np.inf
    ) -> FloatArray:
        """Expected purchases in (T, T + horizon], each discounted to T; see `BetaGeoNBD.discounted_expected_purchases`."""
        if_alive = self._after_first._if_alive_discounted(rate_per_unit, horizon, frequency, T)
        return self.probability_alive(frequency, recency, T) * if_alive

    def probability_of_purchases(self, n: ArrayLike, horizon: ArrayLike) -> FloatArray:
        """Probability of n repeat purchases in the first `horizon` time units of a customer.

        >>> model = ModifiedBetaGeoNBD(r=0.525, alpha=6.183, a=0.891, b=1.614)
        >>> float(model.probability_of_purchases(range(200), 39).sum().round(6))
        1.0
        """
        stays = self.b / (self.a + self.b)
        return stays * self._after_first.probability_of_purchases(n, horizon) + np.where(np.asarray(n) == 0, 1 - stays, 0.0)

    def probability_of_future_purchases(
        self, n: ArrayLike, horizon: ArrayLike, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike
    ) -> FloatArray:
        """Probability of n purchases in (T, T + horizon] of customers with this history."""
        n, x, T = as_floats(n, frequency, T)
        alive = self.probability_alive(x, recency, T)
        living = BetaGeoNBD(self.r + x, self.alpha + T, self.a, self.b + x + 1)
        return alive * living.probability_of_purchases(n, horizon) + np.where(n == 0, 1 - alive, 0.0)

    def draw_purchases(
        self, horizon: float, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike, rng: np.random.Generator
    ) -> NDArray[np.int64]:
        """Random numbers of purchases in (T, T + horizon] of customers with this history; exact, without event paths."""
        return self._after_first._draw_if(self.probability_alive(frequency, recency, T), horizon, frequency, T, rng)

    def simulate_purchases(self, T: ArrayLike, seed: int = 1) -> pd.DataFrame:
        """Logs of repeat purchases of new customers: columns customer (position in T) and time since the first purchase."""
        return log_until_dropout(self, T, seed, before_first_repeat=1)

    def simulate(self, T: ArrayLike, horizon: float = 0.0, seed: int = 1) -> pd.DataFrame:
        """Simulated customers: frequency, recency, T and what they buy in the next `horizon` (frequency_holdout)."""
        (T,) = as_floats(T)
        return observe(self.simulate_purchases(T + horizon, seed), T, horizon)
