"""From purchases to money: what each customer is expected to bring, discounted, within a horizon and beyond it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import inf, log
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from goodwill.calendar import UNITS_PER_YEAR
from goodwill.errors import DataError, TooLittle
from goodwill.inference.fit import Fit
from goodwill.inference.parameters import FloatArray, log_draws, parameters_of, some_draws
from goodwill.inference.prediction import smallest
from goodwill.inference.rows import as_of
from goodwill.inference.uncertainty import Interval, quantile_interval
from goodwill.lifetime_value.histories import distinct_histories, history, spend_history, told_spend
from goodwill.lifetime_value.purchase_model import BuyTillYouDie, PurchaseModel, draws_at_once, of_customers

if TYPE_CHECKING:
    from goodwill.data.purchases import PurchaseSummary

SPENDERS = 600_000  # simulated customers from which the variance of what they bring is taken: known to a few per cent
FEWEST, MOST = 100, 5_000_000  # draws of a total that is simulated, and customers x draws where there are more


class SpendModel(Protocol):
    """What expects a mean spend of customers from their repeat purchases, their mean spend so far, and perhaps their first amount."""

    def expected_spend(self, frequency: Any, monetary_value: Any) -> FloatArray: ...


def discount_rate_per_unit(annual_rate: float, unit: str) -> float:
    """The continuous discount rate per time unit that an annual rate amounts to: ln(1 + annual) / units per year.

    Raises DataError for a rate of -100 % or less and for an unknown unit.

    Parameters
    ----------
    annual_rate : such as 0.15
    unit : day, week, month or year

    Examples
    --------
    >>> round(discount_rate_per_unit(0.15, "week"), 6)
    0.002679
    """
    if unit not in UNITS_PER_YEAR:
        raise DataError(f"unknown time unit '{unit}'; use one of {', '.join(UNITS_PER_YEAR)}")
    if not annual_rate > -1:
        raise DataError(f"the annual discount rate is {annual_rate}; it must be above -1 (-100 %)")
    return log(1 + annual_rate) / UNITS_PER_YEAR[unit]


@dataclass(frozen=True)
class ValueTerms:
    """What turns purchases into money.

    Attributes
    ----------
    horizon : time that counts, in `unit`s from the end of the data
    margin : profit per unit of spend, above 0, up to 1
    annual_discount_rate : per year, for example 0.15; converted once to a continuous rate per unit
    unit : day, week, month or year; the unit of the purchase model

    Examples
    --------
    >>> terms = ValueTerms(horizon=52, margin=0.3, annual_discount_rate=0.15, unit="week")
    >>> round(terms.rate, 6)
    0.002679
    """

    horizon: float
    margin: float
    annual_discount_rate: float
    unit: str

    def __post_init__(self) -> None:
        if not self.horizon > 0:
            raise DataError(f"the horizon is {self.horizon}; it must be a positive number of {self.unit}s")
        if not 0 < self.margin <= 1:
            raise DataError(f"the margin is {self.margin}; it must be a share of spend above 0, up to 1")
        discount_rate_per_unit(self.annual_discount_rate, self.unit)

    @property
    def rate(self) -> float:
        """The continuous discount rate per unit."""
        return discount_rate_per_unit(self.annual_discount_rate, self.unit)


def automatic_horizon(observed: float, unit: str) -> float:
    """A year, or the length of the observed time where that is shorter: no further ahead than the data look back.

    Parameters
    ----------
    observed : length of the data, in units
    unit : day, week, month or year

    Returns
    -------
    float
        In units.

    Examples
    --------
    >>> automatic_horizon(30.0, "week")
    30.0
    """
    return min(UNITS_PER_YEAR[unit], observed)


def customer_value(
    purchases: Fit | PurchaseModel, spend: Fit | SpendModel, customers: PurchaseSummary | pd.DataFrame, terms: ValueTerms
) -> pd.DataFrame:
    """What each customer is expected to bring after the end of the data.

    Parameters
    ----------
    purchases : the fit of a purchase model, or the model itself (see `goodwill.BetaGeoNBD`)
    spend : the fit of a spend model, or the model itself (see `goodwill.GammaGamma`)
    customers : a summary in `terms.unit`, or a frame of one row each with frequency, recency, T (in `terms.unit`) and monetary_value; with
        spend where the spend model uses first amounts, and with returned where purchases were given back
    terms : horizon, margin and discount rate

    Returns
    -------
    DataFrame with the customer ids of the summary as index, or the index of the frame: probability_alive; expected_purchases within the
    horizon; expected_spend per purchase; value = margin x expected spend x discounted expected purchases within the horizon;
    value_unlimited, the same without a horizon (Fader, Hardie & Lee 2005b, equation 3: margin times expected spend times discounted
    expected transactions, the past not counted). A customer whose purchases net to nothing (all returned) is expected to bring little at
    the next, the less the more of them there were. value_unlimited is infinite where the discount rate is zero.

    Raises
    ------
    DataError
        The summary or the fit counts time in another unit than the terms.

    Examples
    --------
    >>> import goodwill as gw
    >>> summary = gw.summarize_purchases(gw.read_transactions("cdnow_sample"))
    >>> terms = gw.ValueTerms(horizon=52, margin=0.3, annual_discount_rate=0.15, unit="week")
    >>> value = customer_value(gw.BetaGeoNBD.fit(summary), gw.GammaGamma.fit(summary), summary, terms)
    >>> value.index.name, round(value["value"].sum())
    ('customer_id', 20240)
    """
    _check_units(terms, purchases, customers)
    frame, spends = _frame(customers), _model(spend)
    bought, known = of_customers(as_of(_model(purchases), customers), frame), history(frame)
    each_time = spends.expected_spend(*spend_history(frame, spends))
    profit = terms.margin * each_time
    within = bought.discounted_expected_purchases(terms.rate, *known, horizon=terms.horizon)
    ever = bought.discounted_expected_purchases(terms.rate, *known) if terms.rate > 0 else np.full(len(each_time), inf)
    return pd.DataFrame(
        {
            "probability_alive": bought.probability_alive(*known),
            "expected_purchases": bought.expected_purchases(terms.horizon, *known),
            "expected_spend": each_time,
            "value": profit * within,
            "value_unlimited": profit * ever,
        },
        index=frame.index,
    )


def _frame(customers: PurchaseSummary | pd.DataFrame) -> pd.DataFrame:
    return customers if isinstance(customers, pd.DataFrame) else customers.to_pandas().set_index("customer_id")


def _model(given: Any) -> Any:
    return getattr(given, "model", given)


def _check_units(terms: ValueTerms, *given: Any) -> None:
    for each in given:
        unit = getattr(each, "unit", None) or getattr(_model(each), "unit", None)
        if unit not in (None, terms.unit):
            raise DataError(f"the terms count in {terms.unit}s and the {type(each).__name__} in {unit}s; give both in one unit.")


def value_over_time(
    purchases: Fit | PurchaseModel,
    spend: Fit | SpendModel,
    customers: PurchaseSummary | pd.DataFrame,
    terms: ValueTerms,
    horizons: np.ndarray,
) -> pd.DataFrame:
    """Total expected value within each of some horizons (arguments as of `customer_value`); columns horizon and value.

    Parameters
    ----------
    purchases, spend, customers, terms : as in `customer_value`
    horizons : array, shape (horizons,)
        Times from the end of the data, in the unit of the terms.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> import goodwill as gw
    >>> terms = gw.ValueTerms(horizon=52, margin=0.3, annual_discount_rate=0.15, unit="week")
    >>> customers = pd.DataFrame({"frequency": [2], "recency": [20.0], "T": [30.0], "monetary_value": [25.0]})
    >>> models = gw.BetaGeoNBD(r=0.25, alpha=4.4, a=0.8, b=2.4), gw.GammaGamma(p=6.25, q=3.74, gamma=15.4)
    >>> value_over_time(*models, customers, terms, np.array([0.0, 26.0, 52.0])).round(2).to_dict("list")
    {'horizon': [0.0, 26.0, 52.0], 'value': [0.0, 7.49, 12.91]}
    """
    _check_units(terms, purchases, customers)
    purchase_model, spend_model = as_of(_model(purchases), customers), _model(spend)
    groups = distinct_histories(_frame(customers), model=spend_model, purchases=purchase_model)
    purchase_model = of_customers(purchase_model, groups)
    each_time = spend_model.expected_spend(*told_spend(groups))
    profit = terms.margin * each_time * groups["weight"].to_numpy()
    known = history(groups)
    totals = [float(profit @ purchase_model.discounted_expected_purchases(terms.rate, *known, horizon=float(h))) for h in horizons]
    return pd.DataFrame({"horizon": horizons, "value": totals})


def value_grid(
    purchases: Fit | PurchaseModel,
    spend: Fit | SpendModel,
    customers: PurchaseSummary | pd.DataFrame,
    terms: ValueTerms,
    *,
    margins: Sequence[float] = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0),
    rates: Sequence[float] = (0.0, 0.05, 0.1, 0.15, 0.2, 0.3),
    spans: Sequence[float] = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0),
) -> pd.DataFrame:
    """Total expected value under other terms: every margin with every annual discount rate and every horizon, those of `terms` among them.

    Parameters
    ----------
    purchases, spend, customers, terms
        As of `customer_value`.
    margins, rates : sequence of float
        Shares of sales, and annual discount rates.
    spans : sequence of float
        Horizons as multiples of that of `terms`.

    Returns
    -------
    DataFrame
        margin, annual_discount_rate, horizon [unit], value, and each (value per customer). Point estimates.

    Examples
    --------
    >>> import goodwill as gw
    >>> customers = gw.summarize_purchases(gw.read_transactions("cdnow_sample"))
    >>> models = gw.BetaGeoNBD.fit(customers), gw.GammaGamma.fit(customers)
    >>> terms = gw.ValueTerms(52, 0.3, 0.15, "week")
    >>> at_30, at_60 = gw.lifetime_value.value_grid(*models, customers, terms, margins=[0.6], rates=[], spans=[])["value"]
    >>> round(at_60 / at_30, 6)
    2.0
    """
    frame = _frame(customers)
    number = float(frame["weight"].sum()) if "weight" in frame else float(len(frame))
    horizons = sorted({terms.horizon, *(terms.horizon * span for span in spans)})
    parts = []
    for rate in sorted({terms.annual_discount_rate, *rates}):
        unit = ValueTerms(terms.horizon, 1.0, rate, terms.unit)
        each = value_over_time(purchases, spend, customers, unit, np.array(horizons))
        for margin in sorted({terms.margin, *margins}):
            value = margin * each["value"]
            parts.append(each.assign(margin=margin, annual_discount_rate=rate, value=value, each=value / number))
    return pd.concat(parts, ignore_index=True)[["margin", "annual_discount_rate", "horizon", "value", "each"]]


def discounted_within(model: Any, rate: float, known: Sequence[FloatArray], horizon: float) -> tuple[FloatArray, FloatArray]:
    """Discounted expected purchases of each history within a horizon, and their ratio to the plain ones: the mean discount."""
    plain = np.asarray(model.expected_purchases(horizon, *known), float)
    within = np.asarray(model.discounted_expected_purchases(rate, *known, horizon=horizon), float)
    return within, np.divide(within, plain, out=np.ones_like(plain), where=plain > 0)


def total_value_interval(
    purchase_fit: Fit,
    spend_fit: Fit,
    customers: PurchaseSummary | pd.DataFrame,
    terms: ValueTerms,
    *,
    level: float = 0.95,
    draws: int = 500,
    seed: int = 1,
) -> Interval:
    """Interval of the total value within the horizon: parameters of both models, and chance in purchases and in spend, together.

    Of `profit_totals`. It is the interval of the model: that the model is wrong is not in it.

    Parameters
    ----------
    purchase_fit, spend_fit : Fit
        Of a purchase model and of a spend model.
    customers : PurchaseSummary or DataFrame
        frequency, recency, T and monetary_value, in the unit of the fit.
    terms : horizon, margin and discount rate
    level : of the interval
    draws, seed : of parameters and futures

    Returns
    -------
    Interval
        Of money.

    Examples
    --------
    >>> import goodwill as gw
    >>> customers = gw.example("cdnow")
    >>> terms = gw.ValueTerms(horizon=39, margin=0.3, annual_discount_rate=0.15, unit="week")
    >>> found = total_value_interval(gw.BetaGeoNBD.fit(customers), gw.GammaGamma.fit(customers), customers, terms, draws=100)
    >>> round(found.estimate, -2), found.lower < found.estimate < found.upper  # of 2,357 customers, in dollars
    (17100.0, True)
    """
    _check_units(terms, purchase_fit, customers)
    frame = _frame(customers)
    totals = profit_totals(purchase_fit, spend_fit, frame, terms, draws, seed)[:, 0]
    within, _ = discounted_within(of_customers(purchase_fit.model, frame), terms.rate, history(frame), terms.horizon)
    estimate = terms.margin * float((spend_fit.model.expected_spend(*spend_history(frame, spend_fit.model)) * within).sum())
    return quantile_interval(estimate, totals, level)


def profit_draws(
    purchase_fit: Fit, spend_fit: Fit, customers: pd.DataFrame, terms: ValueTerms, draws: int, seed: int
) -> Iterator[FloatArray]:
    """What each customer brings within the horizon, drawn so many times.

    Each draw takes other parameters of both models, and lets every customer buy and spend by chance. The discount enters through the ratio
    of discounted to plain expected purchases at the fitted parameters.
    """
    known, spending = history(customers), spend_history(customers, spend_fit.model)
    each = terms.margin * discounted_within(of_customers(purchase_fit.model, customers), terms.rate, known, terms.horizon)[1]
    purchases = of_customers(purchase_fit.prediction_draws(draws, seed), customers)
    spend = spend_fit.prediction_draws(draws, seed + 1)
    rng = np.random.default_rng(seed)
    step = draws_at_once(purchases, len(customers))
    for start in range(0, draws, step):
        bought = some_draws(purchases, slice(start, start + step)).draw_purchases(terms.horizon, *known, rng)
        for place, row in enumerate(bought):
            one = slice(start + place, start + place + 1)
            yield some_draws(spend, one).draw_spend(row[None], *spending, rng)[0] * each


def profit_totals(
    purchase_fit: Fit, spend_fit: Fit, customers: pd.DataFrame, terms: ValueTerms, draws: int, seed: int, group: ArrayLike | None = None
) -> FloatArray:
    """What groups of customers bring within the horizon, drawn so many times, shape (draws, groups): sums of `profit_draws`.

    `group` numbers the group of each customer, from 0. Where customers times draws are many (`MANY`) the smallest groups are simulated,
    and the others approximated as numbers of purchases are (`goodwill.inference.prediction`): their mean under drawn parameters from its
    slopes at the estimate, and chance as a normal variable. Where that does not hold (parameters that are hardly known, spend so unequal
    that a few make the sum, models of each customer's own) all are simulated, and customers times draws kept near five million, with no
    fewer than 100 draws.
    """
    codes = np.zeros(len(customers), int) if group is None else np.asarray(group, int)
    few = smallest(np.bincount(codes), draws) | (not _near_normal(purchase_fit, spend_fit))
    one = few[codes]
    draws = min(draws, max(FEWEST, MOST // max(int(one.sum()), 1)))
    totals = np.zeros((draws, len(few)))
    if one.any():
        brought = profit_draws(purchase_fit, spend_fit, customers[one], terms, draws, seed)
        totals[:] = [np.bincount(codes[one], profit, len(few)) for profit in brought]
    if not one.all():
        totals += _near_totals(purchase_fit, spend_fit, customers[~one], terms, draws, seed, codes[~one], len(few))
    return totals


def _near_normal(purchase_fit: Any, spend_fit: Any) -> bool:
    """Whether parameters are known well enough for slopes, and sums of spend normal: it has a fourth moment.

    With q of 3.6 the upper end for 3,400 customers came out a seventh too near to the estimate.
    """
    plain = type(purchase_fit) is Fit and type(spend_fit) is Fit and isinstance(purchase_fit.model, BuyTillYouDie)
    return bool(plain and purchase_fit.converged and spend_fit.converged and np.all(np.asarray(spend_fit.model.q) > 4))


def _near_totals(
    purchase_fit: Fit,
    spend_fit: Fit,
    customers: pd.DataFrame,
    terms: ValueTerms,
    draws: int,
    seed: int,
    codes: NDArray[np.intp],
    number: int,
) -> FloatArray:
    """The approximation of `profit_totals`; nothing in groups without customers."""
    bought, spends, rng = purchase_fit.model, spend_fit.model, np.random.default_rng(seed)
    alike = distinct_histories(customers, codes, spends)
    known = history(alike)
    profit = terms.margin * alike["weight"].to_numpy() * discounted_within(bought, terms.rate, known, terms.horizon)[1]

    def log_means(purchases: Any, spend: Any) -> FloatArray:
        each = profit * spend.expected_spend(*told_spend(alike)) * purchases.expected_purchases(terms.horizon, *known)
        return np.log(np.maximum(np.bincount(alike["group"], each, number), 1e-300))

    mean = log_means(bought, spends) + np.zeros((draws, 1))
    mean += _moves(purchase_fit, draws, seed, lambda model: log_means(model, spends))
    mean += _moves(spend_fit, draws, seed + 1, lambda model: log_means(bought, model))
    histories, told = history(customers), spend_history(customers, spends)
    within, discount = discounted_within(bought, terms.rate, histories, terms.horizon)
    expected, surprise, times = spends.expected_spend(*told) * within, np.zeros(len(customers)), max(4, SPENDERS // len(customers))
    for _ in range(times):
        money = spends.draw_spend(bought.draw_purchases(terms.horizon, *histories, rng), *told, rng) * discount
        surprise += (money - expected) ** 2 / times
    chance = terms.margin * np.sqrt(np.bincount(codes, surprise, number))
    return np.where(np.bincount(codes, minlength=number) > 0, np.maximum(np.exp(mean) + rng.standard_normal(mean.shape) * chance, 0.0), 0.0)


def _moves(fit: Fit, draws: int, seed: int, log_means: Callable[[Any], FloatArray]) -> FloatArray:
    """How far drawn parameters of a fit move logarithms of means, by their slopes at the estimate: shape (draws, groups)."""
    phi, h = np.log(parameters_of(fit.model)), 1e-3
    at = [[log_means(type(fit.model)(*np.exp(phi + way * step), unit=fit.unit)) for way in (1, -1)] for step in h * np.eye(len(phi))]
    slopes = np.array([(above - below) / (2 * h) for above, below in at])
    return np.asarray((log_draws(fit.prediction_draws(draws, seed)) - phi) @ slopes)


def value_beyond(
    purchase_fit: Fit,
    spend_fit: Fit,
    customers: PurchaseSummary | pd.DataFrame,
    terms: ValueTerms,
    observed: float,
    *,
    draws: int = 100,
    seed: int = 1,
) -> pd.DataFrame:
    """The total value without a horizon, and the share of it that lies further ahead than the data look back.

    Parameters
    ----------
    purchase_fit, spend_fit : Fit
        Of a purchase model and of a spend model.
    customers : PurchaseSummary or DataFrame
        frequency, recency, T and monetary_value, in the unit of the fit.
    terms : margin and discount rate; the horizon is not used
    observed : length of the data, in units
    draws, seed : of parameters

    Returns
    -------
    DataFrame
        Rows `unlimited` and `beyond` (the share after `observed` units), columns estimate, lower, upper: the uncertainty of the parameters
        only, at 95 %. What no interval holds is whether customers go on for years as they did while they were watched.

    Raises
    ------
    TooLittle
        When the discount rate is zero, where the value without a horizon is infinite, and when drawn parameters run away.

    Examples
    --------
    >>> import goodwill as gw
    >>> customers = gw.example("cdnow")
    >>> terms = gw.ValueTerms(horizon=39, margin=0.3, annual_discount_rate=0.15, unit="week")
    >>> found = value_beyond(gw.BetaGeoNBD.fit(customers), gw.GammaGamma.fit(customers), customers, terms, observed=39, draws=20)
    >>> round(float(found.loc["beyond", "estimate"]), 2)  # three quarters lie further ahead than the data look back
    0.77
    """
    if not terms.rate > 0:
        raise TooLittle("Without discounting, the value without a horizon has no end.")
    _check_units(terms, purchase_fit, customers)
    groups = distinct_histories(_frame(customers), model=spend_fit.model, purchases=purchase_fit.model)
    known = history(groups)

    def totals(model: Any, spend: Any) -> tuple[np.ndarray, np.ndarray]:
        purchases = of_customers(model, groups)
        profit = terms.margin * spend.expected_spend(*told_spend(groups)) * groups["weight"].to_numpy()
        ever = (profit * purchases.discounted_expected_purchases(terms.rate, *known)).sum(axis=-1)
        seen = (profit * purchases.discounted_expected_purchases(terms.rate, *known, horizon=observed)).sum(axis=-1)
        return ever, 1 - seen / ever

    fitted = totals(purchase_fit.model, spend_fit.model)
    drawn = totals(purchase_fit.prediction_draws(draws, seed), spend_fit.prediction_draws(draws, seed + 1))
    if not all(np.isfinite(each).all() for each in (*fitted, *drawn)):
        raise TooLittle("These customers are too few to say what lies further ahead than the data look back: the model runs away.")
    rows = [quantile_interval(estimate, draw, 0.95) for estimate, draw in zip(fitted, drawn, strict=True)]
    return pd.DataFrame(rows, index=["unlimited", "beyond"])
