"""A gamma-gamma model of spend that also learns from the first amount: one-time buyers are told apart.

The gamma-gamma model knows repeat purchases only, so that all customers who never came back are expected to spend the same. Their first
purchase says more. Its size is distributed otherwise than that of later ones (who comes to try buys less, or more), but the same rate nu of
the customer stands behind both: z0 | nu ~ Gamma(p0, k nu) beside z | nu ~ Gamma(p, nu). The gamma distribution of nu stays conjugate, and

    E(next | z0, x, m) = p (gamma + k z0 + x m) / (q + p0 + p x - 1).

With k = 1 and p0 = p the first purchase counts as one more of the later ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special

from goodwill.errors import FitError, TooLittle
from goodwill.inference.fit import Fit, maximum_likelihood
from goodwill.inference.likelihood import Likelihood, Limit
from goodwill.inference.parameters import FloatArray, check_parameters, parameter_names
from goodwill.lifetime_value.histories import first_amount
from goodwill.lifetime_value.purchase_model import chosen


@dataclass(frozen=True)
class GammaGammaWithFirst:
    """Repeat purchases ~ Gamma(p, nu) and the first one ~ Gamma(p0, k nu), with nu ~ Gamma(q, gamma) different for every customer.

    Parameters
    ----------
    p, q : float
        Shapes, as in `GammaGamma`.
    gamma : float
        Scale, in money.
    p0 : float
        Shape of the first amount.
    k : float
        Factor on its rate.
    unit : str, optional
        Unused: the model has no time; kept so that all models are made alike.

    Examples
    --------
    Who paid 100 at the first visit is expected to pay more at the next than who paid 10; an amount of zero tells nothing:

    >>> model = GammaGammaWithFirst(p=3.12, q=4.43, gamma=37.3, p0=4.26, k=1.44)
    >>> model.expected_spend([0, 0, 0], 0.0, [10.0, 100.0, 0.0]).round(1)
    array([21. , 73.6, 33.9])
    """

    p: Any
    q: Any
    gamma: Any
    p0: Any
    k: Any
    unit: str | None = None

    uses_first: ClassVar[bool] = True
    limits: ClassVar[tuple[Limit, ...]] = (
        Limit(("q", "gamma"), 1, "all customers seem to have the same mean spend"),
        Limit(("p",), 1, "the purchases of one customer seem to be all of the same size"),
        Limit(("p0",), 1, "the first purchase seems to tell exactly what the later ones will be"),
    )

    def __post_init__(self) -> None:
        check_parameters(self)

    @classmethod
    def fit(cls, data: Any, prior: float | None = None) -> Fit:
        """Maximum likelihood from a `PurchaseSummary`, or a frame: frequency, monetary_value, first_amount (or spend), optional weight.

        Means of repeat purchases and first amounts that are not positive tell nothing and are left out, each by itself.

        Raises
        ------
        TooLittle
            When nobody has a positive mean of repeat purchases, or nobody a positive first amount.
        """
        frame = data if isinstance(data, pd.DataFrame) else first_amounts(data)
        if "first_amount" not in frame:
            frame = frame.assign(first_amount=first_amount(frame))
        x, m, first = _learned(*(frame[name].to_numpy(float) for name in ("frequency", "monetary_value", "first_amount")))
        weight = frame["weight"].to_numpy(float) if "weight" in frame else np.ones(len(frame))
        some = (x > 0) | (first > 0)
        x, m, first, weight = x[some], m[some], first[some], weight[some]
        if not (x > 0).any() or not (first > 0).any():
            raise TooLittle("A model of spend with the first amount needs customers with a positive one, and some who came back and paid.")
        scale = float(np.exp(np.average(np.log(m[x > 0]), weights=weight[x > 0])))
        shapes = ((3.0, 4.0, 1.0, 4.0, 1.0), (1.0, 2.0, 1.0, 1.0, 1.0), (10.0, 3.0, 0.3, 10.0, 1.0))
        starts = tuple(dict(zip(("p", "q", "gamma", "p0", "k"), start, strict=True)) for start in shapes)
        return maximum_likelihood(Likelihood(cls, (x, m, first), weight, starts, {"gamma": scale}, cls.limits, prior=prior))

    def log_likelihood(self, frequency: ArrayLike, monetary_value: ArrayLike, first_amount: ArrayLike = 0.0) -> FloatArray:
        """Log-density of each customer's first amount and mean of repeat purchases; what is not positive does not count."""
        p, q, gamma, p0, k = self.p, self.q, self.gamma, self.p0, self.k
        x, m, first = _learned(frequency, monetary_value, first_amount)
        back, paid = x > 0, first > 0
        x1, m1, z1 = np.where(back, x, 1.0), np.where(back, m, 1.0), np.where(paid, first, 1.0)
        shape, scale = q + p0 * paid + p * x, gamma + k * first + x * m
        repeats = p * x1 * np.log(x1) + (p * x1 - 1) * np.log(m1) - special.gammaln(p * x1)
        started = p0 * np.log(k) + (p0 - 1) * np.log(z1) - special.gammaln(p0)
        both = special.gammaln(shape) - special.gammaln(q) + q * np.log(gamma) - shape * np.log(scale)
        return both + np.where(back, repeats, 0.0) + np.where(paid, started, 0.0)

    @staticmethod
    def weighted_log_likelihood(columns: tuple[FloatArray, ...], weight: FloatArray) -> Callable[[FloatArray], tuple[float, FloatArray]]:
        """The weighted sum of `log_likelihood` and its gradient, as a function of (p, q, gamma, p0, k).

        Gamma functions are needed once for each kind of customer (so many repeat purchases, with or without a first amount); what remains
        per row is one logarithm and one quotient.
        """
        x, m, first = columns
        kinds, kind = np.unique(2 * x + (first > 0), return_inverse=True)
        counts, told = kinds // 2, kinds % 2
        size, n = np.bincount(kind, weight), weight.sum()
        back, paid = x > 0, first > 0
        n_back, often = size[counts > 0], counts[counts > 0]
        spent, n_paid = (weight * x)[back] @ np.log((x * m)[back]), weight[paid].sum()
        of_means, of_first = weight[back] @ np.log(m[back]), weight[paid] @ np.log(first[paid])
        money, w_first = x * m, weight * first
        gammaln, psi = special.gammaln, special.psi

        def value_and_gradient(theta: FloatArray) -> tuple[float, FloatArray]:
            p, q, gamma, p0, k = theta
            shape, scale = q + p0 * told + p * counts, gamma + k * first + money
            logs, parts = np.bincount(kind, weight * np.log(scale)), np.bincount(kind, weight / scale)
            value = size @ gammaln(shape) - shape @ logs + n * (q * np.log(gamma) - gammaln(q)) + p * spent - of_means
            value += n_paid * (p0 * np.log(k) - gammaln(p0)) + (p0 - 1) * of_first - n_back @ gammaln(p * often)
            slope = size * psi(shape) - logs
            gradient = [
                spent - (n_back * often) @ psi(p * often) + counts @ slope,
                n * (np.log(gamma) - psi(q)) + slope.sum(),
                n * q / gamma - shape @ parts,
                n_paid * (np.log(k) - psi(p0)) + of_first + told @ slope,
                n_paid * p0 / k - shape @ np.bincount(kind, w_first / scale),
            ]
            return float(value), np.array(gradient)

        return value_and_gradient

    def spend_shapes(self, frequency: ArrayLike) -> tuple[Any, FloatArray]:
        """As of `GammaGamma`, of those whose first amount tells something."""
        return self.p, self.p * np.asarray(frequency, dtype=float) + self.q + self.p0

    def expected_spend(self, frequency: ArrayLike, monetary_value: ArrayLike, first_amount: ArrayLike = 0.0) -> FloatArray:
        """Expected spend per future purchase; infinite where the history leaves its mean without existence (shape at most 1).

        A first amount of zero is not known; repeat purchases that net to nothing were bought for nothing.
        """
        shape, scale = self._after(frequency, monetary_value, first_amount)
        return np.where(shape > 1, self.p * scale / np.where(shape > 1, shape - 1, 1.0), np.inf)

    def draw_spend(
        self,
        purchases: ArrayLike,
        frequency: ArrayLike,
        monetary_value: ArrayLike,
        first_amount: ArrayLike,
        rng: np.random.Generator,
    ) -> FloatArray:
        """Random total spend of so many future purchases, of customers with this history of spend."""
        n, told = np.asarray(purchases, float), _checked(frequency, monetary_value, first_amount)
        drawn = np.zeros(np.broadcast_shapes(n.shape, np.shape(self.p), told[0].shape))
        buys = np.broadcast_to(n > 0, drawn.shape)
        model: Any = type(self)
        own = model(*(chosen(getattr(self, name), buys) for name in parameter_names(model)))
        shape, scale = own._after(*(chosen(each, buys) for each in told))
        drawn[buys] = rng.standard_gamma(own.p * chosen(n, buys)) * scale / rng.standard_gamma(shape)
        return drawn

    def _after(self, frequency: ArrayLike, monetary_value: ArrayLike, first_amount: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Shape and scale of the distribution of a customer's rate, given the history."""
        x, m, first = _checked(frequency, monetary_value, first_amount)
        return self.q + self.p0 * (first > 0) + self.p * x, self.gamma + self.k * np.maximum(first, 0.0) + x * np.maximum(m, 0.0)


def first_amounts(summary: Any) -> pd.DataFrame:
    """A row per customer: frequency, monetary_value (mean of the repeat purchases) and first_amount.

    Raises
    ------
    TooLittle
        When the summary has no money.
    """
    if not summary.has_amount:
        raise TooLittle(f"{summary.source} has no money: read it with amount= to model spend.")
    customers = summary.to_pandas()
    return customers.assign(first_amount=first_amount(customers))


def _checked(frequency: ArrayLike, monetary_value: ArrayLike, first_amount: ArrayLike) -> tuple[FloatArray, ...]:
    x, m, first = np.broadcast_arrays(*(np.asarray(value, dtype=float) for value in (frequency, monetary_value, first_amount)))
    if np.any(x < 0):
        raise FitError("a frequency counts repeat purchases, so it cannot be negative")
    return x, m, first


def _learned(frequency: ArrayLike, monetary_value: ArrayLike, first_amount: ArrayLike) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Histories from which the size of purchases is learned: what is not positive does not count."""
    x, m, first = _checked(frequency, monetary_value, first_amount)
    back = (x > 0) & (m > 0)
    return np.where(back, x, 0.0), np.where(back, m, 0.0), np.maximum(first, 0.0)
