"""What covariates add: on a hold-out, and to the value of the customers."""

from __future__ import annotations

from dataclasses import dataclass, is_dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from goodwill.errors import TooLittle
from goodwill.inference.parameters import parameter_names
from goodwill.inference.uncertainty import Interval
from goodwill.lifetime_value.richer.cells import MOVED
from goodwill.lifetime_value.richer.covariates import CovariateFit, covariate_gain, fit_with_covariates
from goodwill.lifetime_value.richer.design import NOT_STATED
from goodwill.lifetime_value.richer.older import WithOlder
from goodwill.lifetime_value.richer.seasonal import Seasonal
from goodwill.lifetime_value.value import customer_value, total_value_interval
from goodwill.shown import Shown

if TYPE_CHECKING:
    from goodwill.data.purchases import PurchaseSummary
    from goodwill.inference.fit import Fit
    from goodwill.lifetime_value.value import ValueTerms


class _OfCovariates:
    fit: CovariateFit

    @property
    def names(self) -> tuple[str, ...]:
        """Of the covariates."""
        return tuple(self.fit.told.design.stated)


@dataclass(frozen=True, eq=False, repr=False)
class CovariateTest(_OfCovariates, Shown):
    """A fit with covariates to the calibration, and what it adds on the hold-out.

    Attributes
    ----------
    fit : CovariateFit
    gain : DataFrame
        See `covariate_gain`.
    horizon : float
        Of the hold-out, in the unit of the fit.
    """

    fit: CovariateFit
    gain: pd.DataFrame
    horizon: float

    def _said(self) -> str:
        return f"{', '.join(self.names)}; log score {float(self.gain['gain'].iloc[0]):+.4f} a customer"

    def _frame(self) -> pd.DataFrame:
        return self.gain


def covariate_test(tested: PurchaseSummary, told: pd.DataFrame, model: Any) -> CovariateTest:
    """Fit a model with covariates to the calibration, and hold it against the same model without them.

    Parameters
    ----------
    tested : PurchaseSummary
        With a hold-out.
    told : DataFrame
        A row per customer (`told_of_customers`).
    model : class of the purchase model

    Raises
    ------
    TooLittle
        Without a hold-out, and for a model that takes no covariates.
    DataError
        For covariates that cannot be used.

    Examples
    --------
    >>> import goodwill as gw
    >>> tested = gw.summarize_purchases(gw.read_transactions("cdnow_sample"), calibration_end="1997-09-30")
    >>> shops = tested.to_pandas()[["customer_id"]].assign(shop=["a", "b", "c"] * 785 + ["a", "b"])  # by chance
    >>> found = gw.lifetime_value.covariate_test(tested, shops, gw.BetaGeoNBD)
    >>> found.names, bool(abs(found.gain.loc["log score", "gain"]) < 0.001)
    (('shop',), True)
    """
    kind, customers = with_covariates(model), tested.to_pandas()
    if "frequency_holdout" not in customers:
        raise TooLittle("Without a hold-out nobody can say what covariates add to a forecast.")
    fit = fit_with_covariates(tested, told, model=kind)
    horizon = float(customers["duration_holdout"].iloc[0])
    return CovariateTest(fit, covariate_gain(fit, customers["frequency_holdout"].to_numpy(float), horizon), horizon)


def with_covariates(model: Any) -> Any:
    """The class that covariates move in place of a model: itself, or that for all customers where the older ones are taken apart.

    >>> import goodwill as gw
    >>> with_covariates(gw.lifetime_value.older_apart(gw.BetaGeoNBD, "1997-01-31")).__name__
    'BetaGeoNBD'
    """
    kind = model.plain if isinstance(model, type) and issubclass(model, WithOlder) else model
    if not (isinstance(kind, type) and is_dataclass(kind) and parameter_names(kind) in MOVED) or issubclass(kind, Seasonal):
        raise TooLittle(
            "Covariates go with BG/NBD, MBG/NBD, Pareto/NBD and the models of regular buyers, and with none that is stacked or under a "
            "calendar."
        )
    return kind


@dataclass(frozen=True, eq=False, repr=False)
class ValueByCovariates(_OfCovariates, Shown):
    """The value of all customers by a model with covariates and by the same without.

    Attributes
    ----------
    fit : CovariateFit
    total, without : Interval
        Of the value of all customers within the horizon; of the models, as `total_value_interval` gives them.
    table : DataFrame
        covariate, level, customers; value, without: means per customer of that level.
    older : bool
        Whether the model that was asked for takes customers older than the log apart, which the one with covariates does not.
    """

    fit: CovariateFit
    total: Interval
    without: Interval
    table: pd.DataFrame
    older: bool = False

    def _said(self) -> str:
        return f"{', '.join(self.names)}; value {self.total.estimate:,.0f}, without {self.without.estimate:,.0f}"

    def _frame(self) -> pd.DataFrame:
        return self.table


def value_by_covariates(
    whole: PurchaseSummary, told: pd.DataFrame, model: Any, spend: Fit, terms: ValueTerms, *, draws: int = 200, seed: int = 1
) -> ValueByCovariates:
    """What the customers are worth when rates and leaving go with what is told of them.

    Parameters
    ----------
    whole : of all purchases, in `terms.unit`
    told : DataFrame
        A row per customer (`told_of_customers`).
    model : class of the purchase model
    spend : fit of a spend model, the same for both
    terms : horizon, margin and discount rate
    draws, seed : of the intervals

    Raises
    ------
    TooLittle
        For a model that takes no covariates.
    DataError
        For covariates that cannot be used.

    Examples
    --------
    >>> import goodwill as gw
    >>> whole = gw.summarize_purchases(gw.read_transactions("cdnow_sample"))
    >>> shops = whole.to_pandas()[["customer_id"]].assign(shop=["a", "b", "c"] * 785 + ["a", "b"])  # by chance
    >>> terms = gw.ValueTerms(horizon=39, margin=0.3, annual_discount_rate=0.15, unit="week")
    >>> found = gw.lifetime_value.value_by_covariates(whole, shops, gw.BetaGeoNBD, gw.GammaGamma.fit(whole), terms, draws=100)
    >>> abs(found.total.estimate / found.without.estimate - 1) < 0.01, found.table["customers"].tolist()
    (True, [786, 786, 785])
    """
    kind = with_covariates(model)
    fit = fit_with_covariates(whole, told, model=kind)
    frame = whole.to_pandas()
    both: tuple[Any, Any] = (fit, fit.plain)
    values, plain = (customer_value(one, spend, frame, terms)["value"].to_numpy() for one in both)
    total, without = (total_value_interval(one, spend, frame, terms, draws=draws, seed=seed) for one in both)
    table = told.assign(customer_id=told["customer_id"].astype(str)).set_index("customer_id").reindex(frame["customer_id"].astype(str))
    rows = []
    for name in fit.told.design.stated:
        for level, places in _groups(table[name]).items():
            rows.append((name, level, len(places), float(values[places].mean()), float(plain[places].mean())))
    by_level = pd.DataFrame(rows, columns=["covariate", "level", "customers", "value", "without"])
    return ValueByCovariates(fit, total, without, by_level, kind is not model)


def _groups(column: pd.Series) -> dict[str, Any]:
    """Places of the customers of each level; of a number those below its mean and the others."""
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        mean = column.mean()
        said = np.where(column < mean, f"below {mean:.4g}", f"{mean:.4g} or more")
    else:
        said = column.astype(str).str.strip().to_numpy()
    labels = pd.Series(np.where(column.isna() | (said == ""), NOT_STATED, said))
    return {str(level): places.to_numpy() for level, places in labels.groupby(labels).groups.items()}
