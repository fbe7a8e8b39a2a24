"""A purchase model with covariates as one that stands wherever a purchase model may: fitted on any day, asked about any customers.

A customer's parameters go with what is told of her, which is found by her id: among those of the fit, of another day, of a fold, and among
histories that were pressed together, each of which keeps the id of one customer of those alike in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from goodwill.inference.parameters import some_draws
from goodwill.inference.prediction import ask, expected_totals, totals_of
from goodwill.inference.uncertainty import quantile_interval
from goodwill.lifetime_value.evidence.comparison import PURCHASE_MODELS, model_name
from goodwill.lifetime_value.evidence.purchase_choice import choose_purchases
from goodwill.lifetime_value.histories import ids_of
from goodwill.lifetime_value.richer.by_cell import ByCell
from goodwill.lifetime_value.richer.covariate_uses import with_covariates
from goodwill.lifetime_value.richer.covariates import CovariateFit, fit_with_covariates
from goodwill.lifetime_value.richer.design import differs, told_by_id
from goodwill.lifetime_value.richer.told_customers import told_of_customers
from goodwill.shown import Shown

if TYPE_CHECKING:
    from goodwill.data.purchases import PurchaseSummary
    from goodwill.data.tables import Transactions
    from goodwill.inference.fit import Fit


def model_by_covariates(name: str, transactions: Transactions, covariates: Sequence[str] = (), table: Any = "") -> Any:
    """The purchase model that values customers: of that name, and going with what is told of them, where anything is.

    Parameters
    ----------
    name : one of `goodwill.PURCHASE_MODELS`; empty for the likeliest
    transactions, covariates, table : as in `told_of_customers`; neither columns nor a table tell nothing

    Returns
    -------
    class of the purchase model, None for the likeliest, or `ByCovariates`
        As `value_customers` and `goodwill.segments.customer_base` take it.

    Raises
    ------
    DataError
        For a column that is not there, and for ids in the table that are none of the purchases.

    Examples
    --------
    >>> import goodwill as gw
    >>> log = gw.read_transactions("cdnow_sample")
    >>> model_by_covariates("BG/NBD", log) is gw.BetaGeoNBD
    True
    >>> shops = gw.summarize_purchases(log).to_pandas()[["customer_id"]].assign(shop=["a", "b", "c"] * 785 + ["a", "b"])  # by chance
    >>> model_by_covariates("", log, table=shops)
    <ByCovariates the likeliest model, going with shop>
    """
    kind = PURCHASE_MODELS[name] if name else None
    if isinstance(table, str) and not table and not covariates:
        return kind
    told = told_of_customers(transactions, covariates, table)
    everybody = transactions.table.select("customer_id").distinct().to_pandas()["customer_id"]
    return ByCovariates.of(kind, told, everybody)


@dataclass(frozen=True, eq=False, repr=False)
class ByCovariates(Shown):
    """A purchase model whose rates and leaving go with what is told of customers; stands where a class of a purchase model may stand.

    Attributes
    ----------
    plain : class of the purchase model; None takes, at each fit, that under which the purchases are likeliest without covariates
    told : DataFrame, a row per customer by id (text), a column per covariate

    Examples
    --------
    >>> import goodwill as gw
    >>> whole = gw.summarize_purchases(gw.read_transactions("cdnow_sample"))
    >>> shops = whole.to_pandas()[["customer_id"]].assign(shop=["a", "b", "c"] * 785 + ["a", "b"])  # by chance
    >>> terms = gw.ValueTerms(horizon=39, margin=0.3, annual_discount_rate=0.15, unit="week")
    >>> models = ByCovariates.of(gw.BetaGeoNBD, shops), gw.BetaGeoNBD
    >>> with_shops, without = (gw.lifetime_value.value_customers(whole, each, terms).customers["value"].sum() for each in models)
    >>> bool(abs(with_shops / without - 1) < 0.01)
    True
    """

    plain: Any
    told: pd.DataFrame
    _known: dict[tuple[Any, ...], Any] = field(default_factory=dict)

    @classmethod
    def of(cls, plain: Any, told: pd.DataFrame, customers: Any = None) -> ByCovariates:
        """From a table with a row per customer and her id (`told_of_customers`), of these customers where they are given.

        Raises
        ------
        TooLittle
            For a model that takes no covariates.
        DataError
            For an id that stands twice, and where none of the customers is told of.
        """
        names = told["customer_id"] if "customer_id" in told else told.index.to_series()
        known = told_by_id(told, names if customers is None else customers)
        return cls(plain if plain is None else with_covariates(plain), known)

    @property
    def __name__(self) -> str:
        return str(getattr(self.plain, "__name__", "the likeliest model"))

    def _said(self) -> str:
        return f"{self.__name__}, going with {', '.join(self.told.columns)}"

    def _frame(self) -> pd.DataFrame:
        return self.told

    def fit(self, data: PurchaseSummary) -> Any:
        """`CovariatesFitted`; a fit of the plain model on a day on which nothing that is told has differed yet.

        Once for equal histories of the same customers on one day, since values, their record and forecasts ask for the same fit.

        Raises
        ------
        DataError
            For covariates that never differ, or have too many levels (see `design_of`).
        """
        customers = data.to_pandas()
        histories = pd.util.hash_pandas_object(customers[["customer_id", "frequency", "recency", "T"]], index=False)
        key = (data.calibration_end or data.end, data.unit, data.grain, int(histories.sum()), len(customers))
        if key not in self._known:
            self._known[key] = self._fitted(data, customers)
        return self._known[key]

    def _fitted(self, data: PurchaseSummary, customers: pd.DataFrame) -> Any:
        plain = choose_purchases(data).fit if self.plain is None else None
        rows = self.told.reindex(ids_of(customers))
        # What differs between customers won later is not refused: nobody could know that on the day.
        named = [name for name in self.told if differs(rows[name]) or not differs(self.told[name])]
        kind = self.plain if plain is None else type(plain.model)
        if not named:
            return plain or kind.fit(data)
        found = fit_with_covariates(data, rows[named], model=kind)
        return CovariatesFitted(found, self.told[named])


@dataclass(frozen=True, eq=False, repr=False)
class CovariatesFitted(Shown):
    """A fit with covariates, asked about customers by their ids. Has of `Fit` what values, their intervals and forecasts take.

    Attributes
    ----------
    found : CovariateFit
    told : DataFrame, as in `ByCovariates`

    Examples
    --------
    >>> import goodwill as gw
    >>> log = gw.read_transactions("cdnow_sample")
    >>> then, whole = gw.summarize_purchases(log, end="1997-09-30"), gw.summarize_purchases(log)
    >>> shops = whole.to_pandas()[["customer_id"]].assign(shop=["a", "b", "c"] * 785 + ["a", "b"])  # by chance
    >>> fit = ByCovariates.of(gw.BetaGeoNBD, shops).fit(then)
    >>> fit.predict_interval(whole, 26, draws=50)["estimate"].round(-2).tolist()  # of customers as they stand nine months later
    [1000.0]
    """

    found: CovariateFit
    told: pd.DataFrame

    def _said(self) -> str:
        return f"{self.name}, going with {', '.join(self.names)}; {self.found._said()}"

    @property
    def name(self) -> str:
        """Of the purchase model."""
        return model_name(type(self.untold.model))

    @property
    def names(self) -> tuple[str, ...]:
        """Of the covariates."""
        return tuple(coding.name for coding in self.found.told.design.codings)

    @property
    def untold(self) -> Fit:
        """The fit of the same customers without covariates: what is known of one of whom nothing is told."""
        return self.found.plain

    @property
    def model(self) -> ModelByCovariates:
        return ModelByCovariates(self.found, self.told)

    @property
    def unit(self) -> str | None:
        return self.found.unit

    @property
    def converged(self) -> bool:
        return self.found.fit.converged

    @property
    def warnings(self) -> tuple[str, ...]:
        return self.found.warnings

    @property
    def log_likelihood(self) -> float:
        return self.found.log_likelihood

    def prediction_draws(self, n: int, seed: int, refits: int = 200) -> ModelByCovariates:
        """As `Fit.prediction_draws`."""
        drawn = [fit.prediction_draws(n, seed, refits) for fit in (self.found.fit, self.untold)]
        return ModelByCovariates(self.found, self.told, *drawn)

    def predict_interval(
        self, summary: Any, horizon: float, level: float = 0.95, draws: int = 1000, seed: int = 1, refits: int = 200
    ) -> pd.DataFrame:
        """Interval of the number of purchases to come of all customers, parameters and chance together: `Fit.predict_interval`, cell by
        cell, all of which share the draws.
        """
        customers = summary if isinstance(summary, pd.DataFrame) else summary.to_pandas()
        rng, estimate, total = np.random.default_rng(seed), 0.0, np.zeros(draws)
        parts = zip(self.model.parts(customers), self.prediction_draws(draws, seed, refits).parts(customers), strict=True)
        for (places, model), (_, drawn) in parts:
            asked = ask(self.unit, customers.iloc[places], horizon, None)
            estimate += float(expected_totals(asked, model)[0])
            total += totals_of(asked, model, drawn, rng, known=self.converged)[:, 0]
        return pd.DataFrame([quantile_interval(estimate, total, level)], index=pd.Index(["total"], name="group"))


@dataclass(frozen=True, eq=False, repr=False)
class ModelByCovariates(Shown):
    """The model of a fit with covariates, before it is known whose histories it is asked about (`of_customers`).

    Attributes
    ----------
    found : CovariateFit
    told : DataFrame, as in `ByCovariates`
    drawn, untold : draws of the parameters, and of those of the model without covariates; None at the estimates
    """

    found: CovariateFit
    told: pd.DataFrame
    drawn: Any = None
    untold: Any = None

    def _said(self) -> str:
        return f"{self.found.told.model.__name__}, going with {', '.join(self.told.columns)}{'' if self.drawn is None else ', drawn'}"

    @property
    def unit(self) -> str | None:
        return self.found.unit

    def of_customers(self, customers: pd.DataFrame) -> ByCell:
        """Asked about the customers of a frame, in its order."""
        return ByCell(tuple(self.parts(customers)), len(customers), self.unit)

    def cells(self, customers: pd.DataFrame) -> NDArray[np.int64]:
        """A number for each customer of a frame; those of one number are alike in all that is told."""
        return self._asked(customers).told.design.cell

    def parts(self, customers: pd.DataFrame) -> list[tuple[NDArray[np.intp], Any]]:
        """Places and model of the customers of each cell; those with a level that the fit does not know have the model without."""
        asked = self._asked(customers)
        found = list(asked._parts(self.drawn))
        if self.untold is not None and (asked.told.design.cell < 0).any():
            found[0] = found[0][0], self.untold
        return found

    def selected(self, which: Any) -> ModelByCovariates:
        """Of draws, those."""
        return replace(self, drawn=some_draws(self.drawn, which), untold=some_draws(self.untold, which))

    def _asked(self, customers: pd.DataFrame) -> CovariateFit:
        return self.found.of(customers, self.told.reindex(ids_of(customers).unique()))[0]
