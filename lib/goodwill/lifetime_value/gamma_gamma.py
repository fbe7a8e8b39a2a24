"""The gamma-gamma model of spend per purchase.

Fader & Hardie (2013), The Gamma-Gamma Model of Monetary Value (note 025); Fader, Hardie & Lee (2005), RFM and CLV,
Journal of Marketing Research 42(4). It takes spend to be independent of frequency: `spend_frequency_correlation` looks whether it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import replace as dataclass_replace
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special

from goodwill.errors import FitError, TooLittle
from goodwill.inference.fit import Fit, maximum_likelihood
from goodwill.inference.likelihood import Likelihood, Limit
from goodwill.inference.parameters import FloatArray
from goodwill.inference.rows import spend_rows
from goodwill.inference.uncertainty import normal_quantile


@dataclass(frozen=True)
class GammaGamma:
    """Spend of one purchase ~ Gamma(p, nu), with nu ~ Gamma(q, gamma) different for every customer.

    Parameters
    ----------
    p, q : float
        Shapes. The mean spend of the population exists for q > 1 only.
    gamma : float
        Scale, in money.
    unit : str, optional
        Unused: the model has no time; kept so that all models are made alike.

    Examples
    --------
    >>> model = GammaGamma(p=6.25, q=3.74, gamma=15.44)
    >>> model.expected_spend([1, 0], [20.0, 0.0]).round(2)
    array([24.64, 35.22])
    """

    p: Any
    q: Any
    gamma: Any
    unit: str | None = None

    limits: ClassVar[tuple[Limit, ...]] = (
        Limit(("q", "gamma"), 1, "all customers seem to have the same mean spend"),
        Limit(("p",), 1, "the purchases of one customer seem to be all of the same size"),
    )

    def __post_init__(self) -> None:
        for name in ("p", "q", "gamma"):
            if not np.all(np.asarray(getattr(self, name)) > 0):
                raise FitError(f"the parameter {name} of GammaGamma must be positive, and is {getattr(self, name)}")

    @classmethod
    def fit(cls, data: Any, prior: float | None = None) -> Fit:
        """Maximum likelihood from a `PurchaseSummary`, or a frame with frequency, monetary_value and an optional weight.

        Customers without a repeat purchase say nothing and are left out. `monetary_value` is the mean spend per *repeat* purchase.

        Parameters
        ----------
        data : PurchaseSummary or pandas.DataFrame
        prior : float, optional
            Width of a weak prior on the logarithms of the parameters, such as 1.5; see `goodwill.inference.likelihood.Likelihood`.

        Raises
        ------
        FitError
            When a mean spend is not positive (how many are), when nobody came back, or only one customer did.
        """
        rows = spend_rows(data)
        x, m = rows["frequency"].to_numpy(), rows["monetary_value"].to_numpy()
        weight = rows["weight"].to_numpy()
        if weight.sum() < 2:
            raise TooLittle("only one customer has a repeat purchase; a model of how customers differ in spend needs more")
        scale = float(np.exp(weight @ np.log(m) / weight.sum()))
        starts = ({"p": 5.0, "q": 4.0, "gamma": 0.6}, {"p": 1.0, "q": 2.0, "gamma": 1.0}, {"p": 20.0, "q": 3.0, "gamma": 0.1})
        fit = maximum_likelihood(Likelihood(cls, (x, m), weight, starts, {"gamma": scale}, cls.limits, prior=prior))
        if fit.converged and fit.estimates_at(0.95)["lower"].to_numpy()[1] <= 1:
            state = "does not exist" if fit.model.q <= 1 else "may not exist"
            heavy = f"spend is so unequal that its population mean {state} (q = {fit.model.q:.2f}, and a mean needs q > 1)"
            fit = dataclass_replace(fit, warnings=(*fit.warnings, f"{heavy}; do not use the expected spend of one-time buyers"))
        return fit

    def log_likelihood(self, frequency: ArrayLike, monetary_value: ArrayLike) -> FloatArray:
        """Log-density of each customer's mean spend over `frequency` repeat purchases (note 025, eq. 1a); 0 for frequency 0."""
        p, q, gamma = self.p, self.q, self.gamma
        x, m = np.asarray(frequency, dtype=float), np.asarray(monetary_value, dtype=float)
        known = x > 0
        x, m = np.where(known, x, 1.0), np.where(known, m, 1.0)
        value = special.gammaln(p * x + q) - special.gammaln(p * x) - special.gammaln(q) + q * np.log(gamma)
        value = value + (p * x - 1) * np.log(m) + p * x * np.log(x) - (p * x + q) * np.log(gamma + x * m)
        return np.where(known, value, 0.0)

    @staticmethod
    def weighted_log_likelihood(columns: tuple[FloatArray, ...], weight: FloatArray) -> Callable[[FloatArray], tuple[float, FloatArray]]:
        """The weighted sum of `log_likelihood` and its gradient, as a function of (p, q, gamma)."""
        x, m = columns
        counts, x_at = np.unique(x, return_inverse=True)
        n_x = np.bincount(x_at, weights=weight)
        n, spent = weight.sum(), x * m
        fixed = weight @ np.log(m)
        per_p = weight @ (x * np.log(spent))

        def value_and_gradient(theta: FloatArray) -> tuple[float, FloatArray]:
            p, q, gamma = theta
            px = p * counts
            log_all = np.log(gamma + spent)
            w_log = weight @ log_all
            wx_log = (weight * x) @ log_all
            value = n_x @ (special.gammaln(px + q) - special.gammaln(px) - special.gammaln(q)) + n * q * np.log(gamma)
            value += p * (per_p - wx_log) - fixed - q * w_log
            psi_all = special.psi(px + q)
            gradient = np.array(
                [
                    (n_x * counts) @ (psi_all - special.psi(px)) + per_p - wx_log,
                    n_x @ psi_all - n * special.psi(q) + n * np.log(gamma) - w_log,
                    n * q / gamma - (weight * (p * x + q)) @ (1 / (gamma + spent)),
                ]
            )
            return float(value), gradient

        return value_and_gradient

    def expected_spend(self, frequency: ArrayLike, monetary_value: ArrayLike) -> FloatArray:
        """Expected spend per future purchase (note 025, eq. 5); for frequency 0 the population mean.

        Infinite for frequency 0 when q <= 1: then the population has no mean.
        """
        p, q, gamma = self.p, self.q, self.gamma
        x, m = np.asarray(frequency, dtype=float), np.asarray(monetary_value, dtype=float)
        spent = np.where(x > 0, x * np.where(x > 0, m, 0.0), 0.0)
        shape = p * x + q - 1
        return np.where(shape > 0, p * (gamma + spent) / np.where(shape > 0, shape, 1.0), np.inf)

    def spend_shapes(self, frequency: ArrayLike) -> tuple[Any, FloatArray]:
        """Shape of one purchase, and shape of a customer's rate given so many repeat purchases: see `customer_intervals`."""
        return self.p, self.p * np.asarray(frequency, dtype=float) + self.q

    def draw_spend(self, purchases: ArrayLike, frequency: ArrayLike, monetary_value: ArrayLike, rng: np.random.Generator) -> FloatArray:
        """Random total spend of so many future purchases, of customers with this history of spend.

        Given the history, a customer's rate is Gamma(p x + q, gamma + x m), and the sum of n purchases is Gamma(p n) over that rate.
        """
        n, x, m = (np.asarray(value, dtype=float) for value in (purchases, frequency, monetary_value))
        spent = np.where(x > 0, x * np.where(x > 0, m, 0.0), 0.0)
        drawn = np.zeros(np.broadcast_shapes(n.shape, np.shape(self.p), x.shape))
        buys = np.broadcast_to(n > 0, drawn.shape)
        p, shape, scale, n = (np.broadcast_to(value, drawn.shape)[buys] for value in (self.p, self.p * x + self.q, self.gamma + spent, n))
        drawn[buys] = rng.standard_gamma(p * n) * scale / rng.standard_gamma(shape)
        return drawn

    def simulate(self, frequency: ArrayLike, seed: int = 1) -> pd.DataFrame:
        """Mean spend of customers with these numbers of purchases: columns frequency, monetary_value (0 for frequency 0)."""
        x = np.asarray(frequency)
        rng = np.random.default_rng(seed)
        rate = rng.gamma(self.q, 1 / self.gamma, size=x.shape)
        total = rng.gamma(self.p * np.maximum(x, 1)) / rate
        return pd.DataFrame({"frequency": x, "monetary_value": np.where(x > 0, total / np.maximum(x, 1), 0.0)})


def spend_frequency_correlation(
    frequency: ArrayLike, monetary_value: ArrayLike, weight: ArrayLike | None = None, level: float = 0.95
) -> pd.DataFrame:
    """Do frequent buyers spend more or less per purchase? Correlation over the customers with a repeat purchase.

    Parameters
    ----------
    frequency, monetary_value : arrays, shape (customers,)
        Repeat purchases, and mean spend of them; who has none is left out.
    weight : array, shape (customers,), optional
        Customers that each row stands for.

    Returns
    -------
    pandas.DataFrame
        Rows pearson and spearman; columns estimate, lower, upper (Fisher's z; for ranks with the variance 1.06 / (n - 3) of
        Fieller, Hartley & Pearson 1957), n. A single large customer can carry the Pearson coefficient: compare the two.

    Raises
    ------
    TooLittle
        With fewer than four repeat buyers, or all of one frequency or of one mean spend.

    Examples
    --------
    >>> found = spend_frequency_correlation([1, 2, 3, 4, 5], [10.0, 14.0, 11.0, 18.0, 20.0])
    >>> found["estimate"].round(2).to_dict(), found["lower"].round(2).to_dict()  # five customers: little is known
    ({'pearson': 0.88, 'spearman': 0.9}, {'pearson': -0.03, 'spearman': 0.05})
    """
    x, m = np.asarray(frequency, dtype=float), np.asarray(monetary_value, dtype=float)
    w = np.ones(x.shape) if weight is None else np.asarray(weight, dtype=float)
    back = (x > 0) & (w > 0)
    x, m, w = x[back], m[back], w[back]
    n = float(w.sum())
    if n < 4 or np.ptp(x) == 0 or np.ptp(m) == 0:
        raise TooLittle("a correlation of frequency and spend needs at least four customers who differ in both")
    found = {"pearson": (_correlation(x, m, w), 1.0), "spearman": (_correlation(_ranks(x, w), _ranks(m, w), w), 1.06)}
    rows = {}
    for name, (rho, inflation) in found.items():
        z = np.arctanh(np.clip(rho, -1 + 1e-15, 1 - 1e-15))
        reach = normal_quantile(level) * np.sqrt(inflation / (n - 3))
        rows[name] = {"estimate": rho, "lower": np.tanh(z - reach), "upper": np.tanh(z + reach), "n": n}
    return pd.DataFrame.from_dict(rows, orient="index")


def _correlation(x: FloatArray, y: FloatArray, weight: FloatArray) -> float:
    share = weight / weight.sum()
    x, y = x - share @ x, y - share @ y
    return float(share @ (x * y) / np.sqrt((share @ x**2) * (share @ y**2)))


def _ranks(values: FloatArray, weight: FloatArray) -> FloatArray:
    """Mid-ranks in the expanded population."""
    _, at = np.unique(values, return_inverse=True)
    size = np.bincount(at, weights=weight)
    return (np.cumsum(size) - size / 2)[at]


def with_a_mean(fit: Fit) -> Fit:
    """The fit of a spend model, where its mean spend exists.

    Raises
    ------
    TooLittle
        When q is 1 or less: the mean over customers is then infinite, and so is any value.
    """
    if fit.model.q <= 1:
        raise TooLittle(
            f"Spend is so unequal that its mean does not exist (Gamma-Gamma has q = {fit.model.q:.2f}, and a mean needs q above 1): a few "
            "very large amounts decide any average, so nobody is valued. What is said of purchases stands."
        )
    return fit
