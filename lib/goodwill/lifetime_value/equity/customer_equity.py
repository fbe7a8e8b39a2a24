"""Customer equity: what known customers will bring, and what those will bring who come, less what winning them costs.

A customer who first buys at time u of the horizon H brings, per unit of margin,

    e^(-d u) (first amount + spend per purchase x E[discounted repeat purchases within H - u])

with the purchase and the spend model of the known customers and the mean first amount of the last year's newcomers. Numbers times worth,
period by period, is what newcomers bring; with the value of the known (`customer_value`) it is customer equity. Both parts are drawn with
the same draws of the models' parameters, so that what makes one too high makes the other so too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from goodwill.calendar import DAYS_PER_UNIT
from goodwill.data.purchases import summarize_purchases
from goodwill.errors import DataError
from goodwill.inference.fit import Fit
from goodwill.inference.ledger import FOUR_WEEKS
from goodwill.inference.parameters import parameter_names
from goodwill.inference.uncertainty import Interval, normal_quantile, quantile_interval
from goodwill.lifetime_value.equity.arrivals import Arrivals, Planned, exposures
from goodwill.lifetime_value.spend_choice import choose_spend
from goodwill.lifetime_value.value import FEWEST, MOST, ValueTerms, customer_value, profit_totals
from goodwill.shown import Shown

if TYPE_CHECKING:
    from goodwill.data.tables import Transactions
    from goodwill.lifetime_value.equity.records import Brought

FloatArray = NDArray[np.float64]
DRAWS = 200
RATES = 4000  # draws of the coming numbers, of which the expected one is the mean
SAMPLED = 4000  # simulated newcomers, by which what one brings varies
NODES = 6  # lengths of time at which that is simulated


@dataclass(frozen=True, eq=False, repr=False)
class Known(Shown):
    """What is known on a day: customers, how they buy and spend, what a first purchase brings, and how many come.

    Attributes
    ----------
    made : date
    purchases, spend : Fit
    customers : DataFrame
        A row for each, as `customer_value` takes them.
    first : Interval
        Mean first amount of the newcomers of the year before.
    first_variance : float
        Of single first amounts.
    arrivals : Arrivals or Planned

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.lifetime_value import BetaGeoNBD, GammaGamma, Planned, known_from
    >>> one = pd.DataFrame({"frequency": [2], "recency": [20.0], "T": [30.0], "monetary_value": [25.0]})
    >>> known = known_from(BetaGeoNBD(0.24, 4.4, 0.8, 2.4, "week"), GammaGamma(6.25, 3.74, 15.4), one, 30.0, Planned(10.0))
    >>> known.first.estimate, known.arrivals.each
    (30.0, 10.0)
    """

    made: date
    purchases: Fit
    spend: Fit
    customers: pd.DataFrame
    first: Interval
    first_variance: float
    arrivals: Arrivals | Planned

    def _said(self) -> str:
        return f"{len(self.customers):,} customers on {self.made}"


def known_on(
    transactions: Transactions,
    brought: Brought,
    arrivals: Arrivals | Planned,
    model: Any,
    spend: str = "automatic",
    *,
    unit: str = "week",
    made: date | None = None,
) -> Known:
    """All that the records say on a day (by default their last) of known and of coming customers.

    Parameters
    ----------
    model, spend : class of the purchase model, and how the spend model is chosen (`choose_spend`)
    arrivals : of the counts up to that day

    Raises
    ------
    FitError, TooLittle
        When that is too little for a model.

    Examples
    --------
    >>> from datetime import date
    >>> from goodwill.data import read_transactions
    >>> from goodwill.lifetime_value import BetaGeoNBD, Planned, brought_by_birth, known_on
    >>> log = read_transactions("cdnow_sample")
    >>> known_on(log, brought_by_birth(log), Planned(10.0), BetaGeoNBD, "independent", made=date(1997, 9, 30))
    <Known 2,357 customers on 1997-09-30>
    """
    summary = summarize_purchases(transactions, unit=unit, end=made)
    customers = summary.to_pandas().set_index("customer_id")
    first = brought.first_amount(summary.end)
    chosen = choose_spend(summary, spend).fit
    return Known(summary.end, model.fit(summary), chosen, customers, first, brought.first_variance(summary.end), arrivals)


def known_from(
    purchases: Any, spend: Any, customers: pd.DataFrame, first_amount: float, arrivals: Arrivals | Planned, *, made: date = date(2000, 1, 1)
) -> Known:
    """What is known where parameters are given, such as published ones: models in place of fits, without any doubt about them.

    Parameters
    ----------
    purchases, spend : models with their parameters
    customers : frequency, recency, T and monetary_value, a row each
    first_amount : what a first purchase brings
    arrivals : how many come

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.lifetime_value import BetaGeoNBD, GammaGamma, Planned, known_from
    >>> one = pd.DataFrame({"frequency": [2], "recency": [20.0], "T": [30.0], "monetary_value": [25.0]})
    >>> known_from(BetaGeoNBD(0.24, 4.4, 0.8, 2.4, "week"), GammaGamma(6.25, 3.74, 15.4), one, 30.0, Planned(10.0))
    <Known 1 customers on 2000-01-01>
    """
    sure = [Fit(model, 1e-18 * np.eye(len(parameter_names(type(model)))), 0.0, 1.0, True, (), 1.0) for model in (purchases, spend)]
    return Known(made, sure[0], sure[1], customers, Interval(first_amount, first_amount, first_amount), 0.0, arrivals)


T = TypeVar("T", float, FloatArray)


class Parts(NamedTuple, Generic[T]):
    """Discounted profit within a horizon: of the known, of newcomers, their number, and what winning them costs."""

    known: T
    number: T
    brought: T
    cost: T

    @property
    def gross(self) -> T:
        """Before the cost of winning newcomers."""
        return self.known + self.brought

    @property
    def net(self) -> T:
        """Customer equity."""
        return self.gross - self.cost


Expected = Parts[float]
Drawn = Parts[FloatArray]  # each of shape (draws,)


def expected_equity(known: Known, terms: ValueTerms, cost: float = 0.0, *, trend: str = "dies out", seed: int = 1) -> Expected:
    """Expected discounted profit within the horizon; the part of the known is the sum of `customer_value`.

    Parameters
    ----------
    cost : of winning one newcomer, paid when she comes
    trend : what becomes of the growth of arrivals (see `Arrivals.rates`)

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.lifetime_value import BetaGeoNBD, GammaGamma, Planned, ValueTerms, expected_equity, known_from
    >>> one = pd.DataFrame({"frequency": [2], "recency": [20.0], "T": [30.0], "monetary_value": [25.0]})
    >>> models = BetaGeoNBD(0.24, 4.4, 0.8, 2.4, "week"), GammaGamma(6.25, 3.74, 15.4)
    >>> known, terms = known_from(*models, one, 30.0, Planned(10.0)), ValueTerms(52, 0.3, 0.15, "week")
    >>> said = expected_equity(known, terms, cost=5.0)
    >>> [round(part) for part in (said.known, said.number, said.brought, said.cost, said.net)]
    [13, 130, 2142, 607, 1548]
    """
    check_cost(cost)
    value = float(customer_value(known.purchases, known.spend, known.customers, terms)["value"].sum())
    ages = _ages(terms)
    numbers = known.arrivals.rates(len(ages.exposure), RATES, seed + 2, trend).mean(axis=0) * ages.exposure
    worth = _worth(known, terms, ages, known.purchases.model, known.spend.model, known.first.estimate)
    return Expected(value, float(numbers.sum()), float(numbers @ np.ravel(worth)), float(cost * numbers @ ages.left))


def drawn_equity(
    known: Known, terms: ValueTerms, cost: float = 0.0, *, draws: int = DRAWS, seed: int = 1, trend: str = "dies out"
) -> Drawn:
    """Draws of what will come: parameters of all models, how many come, and chance, together.

    Draw k takes the same parameters for known customers and newcomers. The sum over a period's newcomers is gamma distributed with the
    mean and variance that so many of them have.

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.lifetime_value import BetaGeoNBD, GammaGamma, Planned, ValueTerms, known_from
    >>> one = pd.DataFrame({"frequency": [2], "recency": [20.0], "T": [30.0], "monetary_value": [25.0]})
    >>> models = BetaGeoNBD(0.24, 4.4, 0.8, 2.4, "week"), GammaGamma(6.25, 3.74, 15.4)
    >>> known, terms = known_from(*models, one, 30.0, Planned(10.0)), ValueTerms(52, 0.3, 0.15, "week")
    >>> drawn = drawn_equity(known, terms, draws=100)
    >>> drawn.net.shape, bool(drawn.net.mean() > 0)
    ((100,), True)
    """
    check_cost(cost)
    draws = min(draws, max(FEWEST, MOST // max(len(known.customers), 1)))
    mine = profit_totals(known.purchases, known.spend, known.customers, terms, draws, seed)[:, 0]
    ages, rng = _ages(terms), np.random.default_rng(seed)
    purchases, spend = known.purchases.prediction_draws(draws, seed), known.spend.prediction_draws(draws, seed + 1)
    error = (known.first.upper - known.first.lower) / 2 / normal_quantile(0.95)
    first = np.maximum(known.first.estimate + error * rng.standard_normal((draws, 1)), 0.0)
    worth = _worth(known, terms, ages, purchases, spend, first)
    rates = known.arrivals.rates(len(ages.exposure), draws, seed + 2, trend)
    numbers = rng.poisson(np.minimum(rates * ages.exposure, 1e15)).astype(float)
    mean, variance = (numbers * worth).sum(axis=1), numbers @ _variance(known, terms, ages, seed)
    some = (mean > 0) & (variance > 0) & np.isfinite(mean) & np.isfinite(variance)
    brought = mean.copy()
    brought[some] = rng.gamma(mean[some] ** 2 / variance[some], variance[some] / mean[some])
    return Drawn(np.array(mine), numbers.sum(axis=1), brought, cost * numbers @ ages.left)


def newcomer_worth(known: Known, terms: ValueTerms, *, draws: int = 1000, seed: int = 1) -> Interval:
    """Expected profit from a new customer within the horizon from her first purchase on, that purchase included, discounted to it.

    The interval is that of the parameters; what winning her costs is not taken off.

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.lifetime_value import BetaGeoNBD, GammaGamma, Planned, ValueTerms, known_from
    >>> one = pd.DataFrame({"frequency": [2], "recency": [20.0], "T": [30.0], "monetary_value": [25.0]})
    >>> models = BetaGeoNBD(0.24, 4.4, 0.8, 2.4, "week"), GammaGamma(6.25, 3.74, 15.4)
    >>> known, terms = known_from(*models, one, 30.0, Planned(10.0)), ValueTerms(52, 0.3, 0.15, "week")
    >>> [round(end, 2) for end in newcomer_worth(known, terms)]  # of parameters that are sure
    [23.16, 23.16, 23.16]
    """
    ages = Ages(np.ones(1), np.zeros(1), np.array([terms.horizon]), np.ones(1))
    rng = np.random.default_rng(seed)
    error = (known.first.upper - known.first.lower) / 2 / normal_quantile(0.95)
    first = known.first.estimate + error * rng.standard_normal((draws, 1))
    purchases, spend = known.purchases.prediction_draws(draws, seed), known.spend.prediction_draws(draws, seed + 1)
    best = float(np.ravel(_worth(known, terms, ages, known.purchases.model, known.spend.model, known.first.estimate))[0])
    return quantile_interval(best, _worth(known, terms, ages, purchases, spend, first)[:, 0])


def with_arrivals(known: Known, arrivals: Arrivals | Planned) -> Known:
    """The same customers and models with other numbers to come.

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.lifetime_value import BetaGeoNBD, GammaGamma, Planned, known_from
    >>> one = pd.DataFrame({"frequency": [2], "recency": [20.0], "T": [30.0], "monetary_value": [25.0]})
    >>> models = BetaGeoNBD(0.24, 4.4, 0.8, 2.4, "week"), GammaGamma(6.25, 3.74, 15.4)
    >>> with_arrivals(known_from(*models, one, 30.0, Planned(10.0)), Planned(12.0)).arrivals.each
    12.0
    """
    return replace(known, arrivals=arrivals)


def with_models(known: Known, fits: Mapping[str, Fit], used: str) -> dict[str, Known]:
    """The same with each of some purchase models fitted to these customers, by name; the one in use first.

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.lifetime_value import BetaGeoNBD, GammaGamma, Planned, known_from
    >>> one = pd.DataFrame({"frequency": [2], "recency": [20.0], "T": [30.0], "monetary_value": [25.0]})
    >>> models = BetaGeoNBD(0.24, 4.4, 0.8, 2.4, "week"), GammaGamma(6.25, 3.74, 15.4)
    >>> known = known_from(*models, one, 30.0, Planned(10.0))
    >>> list(with_models(known, {"MBG/NBD": known.purchases, "BG/NBD": known.purchases}, "BG/NBD"))
    ['BG/NBD', 'MBG/NBD']
    """
    order = [used, *(name for name in fits if name != used)]
    return {name: replace(known, purchases=fits[name]) for name in order}


def with_leaving(known: Known, factor: float) -> Known:
    """The same customers and newcomers, leaving so many times as often from now on (of who is still there nothing changes).

    The chance to leave after a purchase (BG/NBD, MBG/NBD) keeps its precision and has so many times the mean; the rate of leaving
    (Pareto/NBD) is so many times as large.

    Raises
    ------
    DataError
        For a model in which leaving has no parameter of its own, and a factor by which all would leave.

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.lifetime_value import BetaGeoNBD, GammaGamma, Planned, ValueTerms, expected_equity, known_from
    >>> one = pd.DataFrame({"frequency": [2], "recency": [20.0], "T": [30.0], "monetary_value": [25.0]})
    >>> models = BetaGeoNBD(0.24, 4.4, 0.8, 2.4, "week"), GammaGamma(6.25, 3.74, 15.4)
    >>> known, terms = known_from(*models, one, 30.0, Planned(10.0)), ValueTerms(52, 0.3, 0.15, "week")
    >>> bool(expected_equity(with_leaving(known, 1.2), terms).net < expected_equity(known, terms).net)
    True
    """
    model = known.purchases.model
    if hasattr(model, "beta") and hasattr(model, "s"):
        changed = replace(model, beta=model.beta / factor)
    elif hasattr(model, "a") and hasattr(model, "b"):
        mean = factor * model.a / (model.a + model.b)
        if not 0 < mean < 1:
            raise DataError(f"a chance to leave {factor:g} times as large as now would be {mean:.0%}; it lies between 0 and 1.")
        changed = replace(model, a=mean * (model.a + model.b), b=(1 - mean) * (model.a + model.b))
    else:
        raise DataError(f"{type(model).__name__} has no parameter of leaving to change.")
    return replace(known, purchases=replace(known.purchases, model=_ChangedLeaving(model, changed)))


@dataclass(frozen=True)
class _ChangedLeaving:
    """A purchase model in which who is there is told by one set of parameters, and leaving from now on by another."""

    told: Any
    ahead: Any

    @property
    def unit(self) -> str | None:
        """Of both."""
        return self.told.unit

    def probability_alive(self, *known: Any) -> FloatArray:
        """Of the model as it was fitted."""
        return self.told.probability_alive(*known)

    def _turned(self, expected: FloatArray, *known: Any) -> FloatArray:
        return expected * self.told.probability_alive(*known) / np.maximum(self.ahead.probability_alive(*known), 1e-300)

    def expected_purchases(self, horizon: Any, *known: Any) -> FloatArray:
        """Within the horizon, of customers with this history."""
        return self._turned(self.ahead.expected_purchases(horizon, *known), *known)

    def discounted_expected_purchases(self, rate: float, *known: Any, horizon: Any = np.inf) -> FloatArray:
        """The same, discounted."""
        return self._turned(self.ahead.discounted_expected_purchases(rate, *known, horizon=horizon), *known)

    def expected_purchases_new_customer(self, horizon: Any) -> FloatArray:
        """Of newcomers."""
        return self.ahead.expected_purchases_new_customer(horizon)


class Ages(NamedTuple):
    """The coming periods: the part of each that counts, its middle, the time left from there (in the unit), and the discount to it."""

    exposure: FloatArray
    middle: FloatArray
    rest: FloatArray
    left: FloatArray


def _ages(terms: ValueTerms) -> Ages:
    per = FOUR_WEEKS / DAYS_PER_UNIT[terms.unit]
    exposure = exposures(terms.horizon / per)
    ends = np.cumsum(exposure) * per
    middle = ends - exposure * per / 2
    return Ages(exposure, middle, terms.horizon - middle, np.exp(-terms.rate * middle))


def _worth(known: Known, terms: ValueTerms, ages: Ages, purchases: Any, spend: Any, first: Any) -> FloatArray:
    """Expected discounted profit of one newcomer of each period, shape (periods,) or (draws, periods)."""
    fitted = known.purchases.model
    plain = np.asarray(fitted.expected_purchases_new_customer(ages.rest), float)
    nobody = np.zeros_like(ages.rest)
    within = np.asarray(fitted.discounted_expected_purchases(terms.rate, nobody, nobody, nobody, horizon=ages.rest), float)
    kept = np.divide(within, plain, out=np.ones_like(plain), where=plain > 0)
    each = _mean_spend(spend) * _spend_lift(known, terms.horizon)
    repeats = np.asarray(purchases.expected_purchases_new_customer(ages.rest), float) * kept
    return terms.margin * (first + each * repeats) * ages.left


def _mean_spend(spend: Any) -> Any:
    """Per repeat purchase, of a customer of whom nothing is known."""
    return spend.expected_spend(0.0, 0.0)


def _spend_lift(known: Known, horizon: float) -> float:
    """By how much the mean repeat purchase is above one of whom nothing is known, where spend goes with frequency."""
    mean = getattr(known.spend.model, "population_mean", None)
    if mean is None:
        return 1.0
    bought = _sampled(known, horizon, np.random.default_rng(1))
    return float((bought * mean(bought)).sum() / max(bought.sum(), 1) / float(mean(0.0)))


def _sampled(known: Known, horizon: float, rng: np.random.Generator) -> FloatArray:
    """Repeat purchases of simulated newcomers."""
    nobody = np.zeros(SAMPLED)
    return np.asarray(known.purchases.model.draw_purchases(horizon, nobody, nobody, nobody, rng), float)


def _variance(known: Known, terms: ValueTerms, ages: Ages, seed: int) -> FloatArray:
    """Variance of what one newcomer of each period brings, at the fitted parameters: simulated at some lengths of time, linear between."""
    rng, nodes = np.random.default_rng(seed), np.linspace(ages.rest.min(), ages.rest.max(), NODES)
    nobody = np.zeros(SAMPLED)
    told = (nobody, nobody, nobody) if getattr(known.spend.model, "uses_first", False) else (nobody, nobody)
    spread = [float(known.spend.model.draw_spend(_sampled(known, float(node), rng), *told, rng).var()) for node in nodes]
    each = np.interp(ages.rest, nodes, spread) + known.first_variance
    return terms.margin**2 * each * ages.left**2


def check_cost(cost: float) -> None:
    """Raise DataError unless the cost of winning a newcomer is an amount of money."""
    if not (np.isfinite(cost) and cost >= 0):
        raise DataError(f"acquisition_cost is {cost}; what it costs to win one newcomer is 0 or more.")
