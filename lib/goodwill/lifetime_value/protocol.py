"""What a purchase model of one's own needs, to be used wherever those of this library are."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from goodwill.inference.fit import Fit

FloatArray = NDArray[np.float64]


@runtime_checkable
class PurchaseModel(Protocol):
    """The methods that comparison, value, segments and reports call.

    A model is a frozen dataclass of positive parameters and a last field `unit`. Its methods are pure and broadcast: over customers,
    and over parameters of shape (draws, 1), from which intervals are made. `weighted_log_likelihood`, a gradient, is optional.

    Examples
    --------
    The negative binomial model of customers who never leave, complete:

    >>> from dataclasses import dataclass
    >>> from scipy.special import gammaln
    >>> import goodwill as gw
    >>> from goodwill.inference.fit import Likelihood, maximum_likelihood
    >>> from goodwill.lifetime_value.histories import history_rows
    >>> @dataclass(frozen=True)
    ... class NBD:
    ...     r: object
    ...     alpha: object
    ...     unit: str | None = None
    ...
    ...     @classmethod
    ...     def fit(cls, data):
    ...         columns, weight = history_rows(data)
    ...         time = columns[2].max()
    ...         return maximum_likelihood(Likelihood(cls, columns, weight, ({"r": 1, "alpha": 1},), {"alpha": time}))
    ...
    ...     def log_likelihood(self, frequency, recency, T):
    ...         x, T = np.asarray(frequency), np.asarray(T)
    ...         return gammaln(self.r + x) - gammaln(self.r) - self.r * np.log1p(T / self.alpha) - x * np.log(self.alpha + T)
    ...
    ...     def probability_alive(self, frequency, recency, T):
    ...         return np.ones(np.broadcast_shapes(np.shape(self.r), np.shape(frequency)))
    ...
    ...     def expected_purchases(self, horizon, frequency, recency, T):
    ...         return horizon * (self.r + np.asarray(frequency)) / (self.alpha + np.asarray(T))
    ...
    ...     def expected_purchases_new_customer(self, horizon):
    ...         return np.asarray(horizon) * self.r / self.alpha
    ...
    ...     def discounted_expected_purchases(self, rate_per_unit, frequency, recency, T, horizon=np.inf):
    ...         return self.expected_purchases(-np.expm1(-rate_per_unit * horizon) / rate_per_unit, frequency, recency, T)
    ...
    ...     def probability_of_purchases(self, n, horizon):
    ...         ways = gammaln(self.r + n) - gammaln(self.r) - gammaln(np.asarray(n) + 1)
    ...         return np.exp(ways - self.r * np.log1p(horizon / self.alpha) - n * np.log1p(self.alpha / horizon))
    ...
    ...     def draw_purchases(self, horizon, frequency, recency, T, rng):
    ...         return rng.poisson(horizon * rng.gamma(self.r + np.asarray(frequency)) / (self.alpha + np.asarray(T)))

    >>> summary = gw.summarize_purchases(gw.read_transactions("cdnow_sample"), calibration_end="1997-09-30")
    >>> fit = NBD.fit(summary)
    >>> isinstance(fit.model, PurchaseModel), round(fit.model.r, 4), round(fit.model.alpha, 3)
    (True, 0.3848, 12.072)
    >>> fit.predict_interval(summary, horizon=39).round(-1).loc["total"].to_list()  # 1,882 came: some customers do leave
    [2930.0, 2770.0, 3090.0]
    """

    unit: str | None

    @classmethod
    def fit(cls, data: Any) -> Fit:
        """From a `PurchaseSummary`, or a frame with frequency, recency, T and an optional weight."""
        ...

    def log_likelihood(self, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> FloatArray:
        """Of each customer; comparisons of models need all terms that depend on the data."""
        ...

    def probability_alive(self, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> FloatArray:
        """That a customer with this history has not left by T."""
        ...

    def expected_purchases(self, horizon: ArrayLike, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> FloatArray:
        """In (T, T + horizon], of customers with this history."""
        ...

    def expected_purchases_new_customer(self, horizon: ArrayLike) -> FloatArray:
        """Repeat purchases in the first `horizon` time units of a customer."""
        ...

    def discounted_expected_purchases(
        self, rate_per_unit: float, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike, horizon: ArrayLike = np.inf
    ) -> FloatArray:
        """In (T, T + horizon], each discounted to T by e^(-rate x time since T)."""
        ...

    def probability_of_purchases(self, n: ArrayLike, horizon: ArrayLike) -> FloatArray:
        """Of n repeat purchases in the first `horizon` time units of a customer."""
        ...

    def draw_purchases(
        self, horizon: float, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike, rng: np.random.Generator
    ) -> NDArray[np.int64]:
        """Random numbers of purchases in (T, T + horizon] of customers with this history."""
        ...
