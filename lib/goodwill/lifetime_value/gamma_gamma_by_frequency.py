"""A gamma-gamma model of spend whose level goes with the number of purchases: a remedy when the two are related, and its test.

The gamma-gamma model takes spend per purchase to be independent of frequency. Here its scale is multiplied by `lift` for every doubling
of a customer's repeat purchases: all money divided by ``lift ** log2(x)`` follows the plain model. With lift = 1 it *is* the plain model,
so that a likelihood-ratio test of one degree of freedom compares the two. It describes spend *given* the observed frequency, and takes no
side on why the two go together.

What it assumes: the level is a trait of the customer, of which the frequency seen so far is a sign. Purchases to come do not change it:
who buys once more next month does not spend more from then on. So it is evaluated at the frequency observed, never at a future one.
One-time buyers have no repeat spend to learn from; they are placed with those who came back once (x = 0 counts as 1), the nearest that
was seen.

A better likelihood is not yet a better forecast: where the shape of the distributions is wrong, the likelihood may bend `lift` to mend it.
So `spend_dependence` gives the trend of the means beside it, and `spend_holdout` what each model would have foretold.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special

from goodwill.errors import FitError, TooLittle
from goodwill.inference.fit import Fit, maximum_likelihood
from goodwill.inference.likelihood import Likelihood, Limit
from goodwill.inference.parameters import FloatArray, check_parameters
from goodwill.inference.rows import spend_rows
from goodwill.inference.uncertainty import Interval, normal_quantile
from goodwill.lifetime_value.counts import log_linear
from goodwill.lifetime_value.evidence.checks import class_labels
from goodwill.lifetime_value.gamma_gamma import GammaGamma
from goodwill.shown import Shown

FEWEST = 10  # histories of repeat spend, below which two models are not told apart


@dataclass(frozen=True)
class GammaGammaByFrequency:
    """Spend of one purchase ~ Gamma(p, nu), with nu ~ Gamma(q, gamma lift^log2(x)) different for every customer.

    Parameters
    ----------
    p, q : float
        Shapes, as in `GammaGamma`. The mean spend exists for q > 1 only.
    gamma : float
        Scale of a customer with one repeat purchase, or none, in money.
    lift : float
        Factor on spend per purchase for every doubling of the repeat purchases x; 1 is independence.
    unit : str, optional
        Unused: the model has no time; kept so that all models are made alike.

    Examples
    --------
    Who came back four times (two doublings) spends 1.1 squared times as much as who came back once:

    >>> model = GammaGammaByFrequency(p=6.25, q=3.74, gamma=15.44, lift=1.1)
    >>> model.population_mean([0, 1, 2, 4]).round(2)
    array([35.22, 35.22, 38.74, 42.61])
    >>> model.expected_spend([0, 3], [0.0, 35.0]).round(2)
    array([35.22, 35.76])
    """

    p: Any
    q: Any
    gamma: Any
    lift: Any
    unit: str | None = None

    limits: ClassVar[tuple[Limit, ...]] = GammaGamma.limits

    def __post_init__(self) -> None:
        check_parameters(self)

    @property
    def _plain(self) -> GammaGamma:
        return GammaGamma(self.p, self.q, self.gamma)

    def _level(self, frequency: ArrayLike) -> Any:
        return np.exp(np.log(self.lift) * _doublings(frequency))

    @classmethod
    def fit(cls, data: Any, prior: float | None = None) -> Fit:
        """Maximum likelihood from a `PurchaseSummary`, or a frame with frequency, monetary_value and an optional weight.

        Customers without a repeat purchase say nothing and are left out. `monetary_value` is the mean spend per *repeat* purchase.

        Parameters
        ----------
        data : PurchaseSummary or pandas.DataFrame
        prior : float, optional
            Width of a weak prior on the logarithms of the parameters; see `goodwill.inference.likelihood.Likelihood`.

        Raises
        ------
        FitError
            When a mean spend is not positive, when nobody came back, or all came back equally often.
        """
        rows = spend_rows(data)
        x, m = rows["frequency"].to_numpy(), rows["monetary_value"].to_numpy()
        weight = rows["weight"].to_numpy()
        if np.ptp(x) == 0:
            raise FitError(f"all repeat buyers came back {x[0]:.0f} times, so spend by frequency cannot be learned; use GammaGamma")
        scale = float(np.exp(weight @ np.log(m) / weight.sum()))
        starts = tuple(
            {"p": p, "q": q, "gamma": gamma, "lift": 1.0} for p, q, gamma in ((5.0, 4.0, 0.6), (1.0, 2.0, 1.0), (20.0, 3.0, 0.1))
        )
        fit = maximum_likelihood(Likelihood(cls, (x, m), weight, starts, {"gamma": scale}, cls.limits, prior=prior))
        if fit.converged and fit.estimates_at(0.95)["lower"].to_numpy()[1] <= 1:
            heavy = f"spend is so unequal that its population mean may not exist (q = {fit.model.q:.2f}, and a mean needs q > 1)"
            fit = replace(fit, warnings=(*fit.warnings, f"{heavy}; do not use the expected spend of one-time buyers"))
        return fit

    def log_likelihood(self, frequency: ArrayLike, monetary_value: ArrayLike) -> FloatArray:
        """Log-density of each customer's mean spend over `frequency` repeat purchases; 0 for frequency 0."""
        x, m = np.asarray(frequency, dtype=float), np.asarray(monetary_value, dtype=float)
        level = self._level(x)
        return self._plain.log_likelihood(x, m / level) - np.where(x > 0, np.log(level), 0.0)

    @staticmethod
    def weighted_log_likelihood(columns: tuple[FloatArray, ...], weight: FloatArray) -> Callable[[FloatArray], tuple[float, FloatArray]]:
        """The weighted sum of `log_likelihood` and its gradient, as a function of (p, q, gamma, lift)."""
        x, m = columns
        counts, x_at = np.unique(x, return_inverse=True)
        n_x, doublings = np.bincount(x_at, weights=weight), _doublings(x)
        n, log_m, log_spent = weight.sum(), weight @ np.log(m), np.log(x * m)

        def value_and_gradient(theta: FloatArray) -> tuple[float, FloatArray]:
            p, q, gamma, lift = theta
            log_scale = np.log(gamma) + np.log(lift) * doublings
            log_all = np.logaddexp(log_scale, log_spent)
            own = np.exp(log_scale - log_all)  # share of the scale in scale + spend
            px = p * counts
            ways = n_x @ (special.gammaln(px + q) - special.gammaln(px) - special.gammaln(q))
            value = ways + weight @ (q * log_scale + p * x * log_spent - (p * x + q) * log_all) - log_m
            psi_all = special.psi(px + q)
            by_scale = weight * (q - (p * x + q) * own)
            gradient = np.array(
                [
                    (n_x * counts) @ (psi_all - special.psi(px)) + (weight * x) @ (log_spent - log_all),
                    n_x @ psi_all - n * special.psi(q) + weight @ (log_scale - log_all),
                    by_scale.sum() / gamma,
                    by_scale @ doublings / lift,
                ]
            )
            return float(value), gradient

        return value_and_gradient

    def population_mean(self, frequency: ArrayLike) -> FloatArray:
        """Mean spend per purchase of all customers with this frequency; infinite when q <= 1."""
        x = np.asarray(frequency, dtype=float)
        return self._level(x) * self._plain.expected_spend(np.zeros(x.shape), 0.0)

    def expected_spend(self, frequency: ArrayLike, monetary_value: ArrayLike) -> FloatArray:
        """Expected spend per future purchase, given the frequency and the mean spend seen; for frequency 0 the mean at x = 0."""
        level = self._level(frequency)
        return level * self._plain.expected_spend(frequency, np.asarray(monetary_value, dtype=float) / level)

    def spend_shapes(self, frequency: ArrayLike) -> tuple[Any, FloatArray]:
        """As of `GammaGamma`: the level moves the scale and no shape."""
        return self._plain.spend_shapes(frequency)

    def draw_spend(self, purchases: ArrayLike, frequency: ArrayLike, monetary_value: ArrayLike, rng: np.random.Generator) -> FloatArray:
        """Random total spend of so many future purchases, of customers with this history of spend."""
        level = self._level(frequency)
        return level * self._plain.draw_spend(purchases, frequency, np.asarray(monetary_value, dtype=float) / level, rng)

    def simulate(self, frequency: ArrayLike, seed: int = 1) -> pd.DataFrame:
        """Mean spend of customers with these numbers of purchases: columns frequency, monetary_value (0 for frequency 0)."""
        frame = self._plain.simulate(frequency, seed)
        return frame.assign(monetary_value=frame["monetary_value"] * self._level(frequency))


def _doublings(frequency: ArrayLike) -> FloatArray:
    """How often the first repeat purchase has doubled; 0 for customers without one."""
    return np.log2(np.maximum(np.asarray(frequency, dtype=float), 1))


@dataclass(frozen=True, repr=False)
class SpendDependence(Shown):
    """What `spend_dependence` found.

    Attributes
    ----------
    independent, dependent : Fit
        `GammaGamma` and `GammaGammaByFrequency`, of the same customers.
    statistic, p_value : float
        Twice the gain in log-likelihood, and its p-value (chi-square, one degree of freedom).
    mean_lift : Interval
        Factor on the *mean* spend per doubling, whatever the shape of the distributions (95 %, robust standard error).

    Examples
    --------
    >>> import goodwill as gw
    >>> found = gw.lifetime_value.spend_dependence(gw.example("cdnow"))
    >>> found.p_value < 0.001, round(found.mean_lift.estimate, 2)  # with twice the purchases a purchase is 9 % larger
    (True, 1.09)
    """

    independent: Fit
    dependent: Fit
    statistic: float
    p_value: float
    mean_lift: Interval


def positive_spend(summary: Any) -> pd.DataFrame:
    """The distinct (frequency, monetary_value) of the customers whose repeat spend is positive, with their weight.

    Raises
    ------
    TooLittle
        When the summary has no money.

    Examples
    --------
    >>> import goodwill as gw
    >>> found = positive_spend(gw.summarize_purchases(gw.read_transactions(gw.example("orders"))))
    >>> found.to_dict("list")
    {'frequency': [1, 2], 'monetary_value': [30.0, 17.5], 'weight': [1, 1]}
    """
    rows = summary.spend_rows()
    return rows[rows["monetary_value"] > 0]


def spend_dependence(data: Any) -> SpendDependence:
    """Does spend per purchase go with frequency? Both models, the likelihood-ratio test, and the trend of the means.

    Parameters
    ----------
    data : PurchaseSummary, or frame with frequency, monetary_value and an optional weight

    Raises
    ------
    TooLittle
        When fewer than `FEWEST` histories are known, or all of one number of purchases.

    Notes
    -----
    The test is exact only where the shapes of the model are right. `mean_lift` needs no shape: log-linear regression of the customers'
    means on log2(x), with the sandwich variance (Gourieroux, Monfort & Trognon 1984, Econometrica 52(3)).

    Examples
    --------
    >>> import goodwill as gw
    >>> found = spend_dependence(gw.example("cdnow"))
    >>> found.independent.parameters.round(2), round(float(found.dependent.model.lift), 3)
    (array([ 6.25,  3.74, 15.45]), 1.124)
    """
    known = data if isinstance(data, pd.DataFrame) else data.spend_rows()
    repeat = known[known["frequency"] > 0]
    if len(repeat) < FEWEST or repeat["frequency"].nunique() < 2:
        seen = f"{len(repeat)} different histories of repeat spend, with {repeat['frequency'].nunique()} different numbers of purchases"
        raise TooLittle(f"Whether spend goes with frequency takes at least {FEWEST} customers who came back; here are {seen}.")
    rows = spend_rows(known)
    plain, dependent = GammaGamma.fit(rows), GammaGammaByFrequency.fit(rows)
    statistic = max(2 * (dependent.log_likelihood - plain.log_likelihood), 0.0)
    return SpendDependence(plain, dependent, statistic, float(special.chdtrc(1, statistic)), _mean_lift(rows))


def _mean_lift(rows: pd.DataFrame, level: float = 0.95) -> Interval:
    m, weight = rows["monetary_value"].to_numpy(), rows["weight"].to_numpy()
    trend = log_linear(m, np.column_stack([np.ones(len(m)), _doublings(rows["frequency"])]), weight=weight)
    slope, reach = trend.coefficients[1], normal_quantile(level) * np.sqrt(trend.sandwich[1, 1])
    return Interval(float(np.exp(slope)), float(np.exp(slope - reach)), float(np.exp(slope + reach)))


def spend_by_frequency(found: SpendDependence, data: Any, last: int = 7) -> pd.DataFrame:
    """Mean spend per repeat purchase by frequency class, as seen and as both models have it.

    Parameters
    ----------
    found : of `spend_dependence`
    data : what it was fitted to
    last : the open class at the top

    Returns
    -------
    DataFrame
        label, customers, actual (mean of customers' means) with its 95 % interval (lower, upper), independent, dependent.

    Examples
    --------
    >>> import goodwill as gw
    >>> customers = gw.example("cdnow")
    >>> found = spend_by_frequency(gw.lifetime_value.spend_dependence(customers), customers, last=3)
    >>> found[["label", "customers", "actual", "independent", "dependent"]].round(1)
      label  customers  actual  independent  dependent
    0     1      439.0    32.4         35.2       31.2
    1     2      214.0    36.7         35.2       35.1
    2    3+      293.0    37.9         35.2       40.7
    """
    rows = spend_rows(data)
    x = rows["frequency"].to_numpy()
    rows["independent"] = found.independent.model.expected_spend(np.zeros(len(x)), 0.0)
    rows["dependent"] = found.dependent.model.population_mean(x)
    table = []
    classes = np.minimum(x, last).astype(int)
    for place in np.unique(classes):
        part = rows[classes == place]
        weight, m = part["weight"].to_numpy(), part["monetary_value"].to_numpy()
        n, mean = weight.sum(), weight @ m / weight.sum()
        half = normal_quantile(0.95) * np.sqrt(weight @ (m - mean) ** 2 / max(n - 1, 1) / n)
        models = [weight @ part[name].to_numpy() / n for name in ("independent", "dependent")]
        table.append((class_labels(last)[place], n, mean, mean - half, mean + half, *models))
    return pd.DataFrame(table, columns=["label", "customers", "actual", "lower", "upper", "independent", "dependent"])


def spend_holdout(found: SpendDependence, customers: pd.DataFrame, last: int = 7) -> pd.DataFrame:
    """Spend per purchase in a hold-out by calibration frequency, and what both models, fitted to the calibration, expected of it.

    Parameters
    ----------
    found : of `spend_dependence`, of the calibration
    last : the open class at the top
    customers : frame of a summary with a hold-out
        frequency, monetary_value, frequency_holdout, spend_holdout. Purchases are those that were made: only their size is foretold.

    Returns
    -------
    DataFrame
        label (the last row is `all`), purchases, actual, independent, dependent: means over the purchases.

    Examples
    --------
    >>> import goodwill as gw
    >>> customers = gw.summarize_purchases("cdnow_sample", calibration_end="1997-09-30").to_pandas()
    >>> spend_holdout(gw.lifetime_value.spend_dependence(customers), customers, last=2).round(1)
      label  purchases  actual  independent  dependent
    0     0      334.0    35.0         35.2       31.2
    1     1      306.0    39.3         33.2       32.2
    2    2+     1242.0    38.0         37.3       37.6
    3   all     1882.0    37.7         36.2       35.5
    """
    bought = customers[customers["frequency_holdout"] > 0]
    n, m = bought["frequency_holdout"].to_numpy(float), bought["monetary_value"].fillna(0.0).to_numpy(float)
    x = np.where(m > 0, bought["frequency"].to_numpy(float), 0.0)  # a mean that is not positive tells nothing
    m = np.where(m > 0, m, 0.0)
    money = {"purchases": n, "actual": bought["spend_holdout"].to_numpy(float)}
    for name, fit in (("independent", found.independent), ("dependent", found.dependent)):
        money[name] = n * fit.model.expected_spend(x, m)
    table = pd.DataFrame(money).groupby(np.minimum(bought["frequency"].to_numpy(int), last)).sum()
    table.index = pd.Index([class_labels(last)[at] for at in table.index], name="label")
    table.loc["all"] = table.sum()
    return table.assign(**{name: table[name] / table["purchases"] for name in ("actual", "independent", "dependent")}).reset_index()
