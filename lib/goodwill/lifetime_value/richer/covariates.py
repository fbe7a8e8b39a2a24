"""Purchase and spend models whose parameters go with what is told of customers: channel of acquisition, region, first basket, age group.

Every customer has the parameters of her cell. A covariate multiplies the rate of purchases (alpha divided by its ratio), the odds of
leaving (of BG models: the mean of the beta distribution of p has the odds a / b times its ratio, at the same precision a + b; of
Pareto/NBD: the rate of leaving), or the scale of spend (gamma of Gamma-Gamma). One coefficient on both a and b, as Fader & Hardie's note
019 (Incorporating time-invariant covariates into the Pareto/NBD and BG/NBD models) has it, moves how much p differs between customers
rather than its mean.

All ratios are parameters on the log scale, so that search, standard errors and warnings are those of every other fit; the likelihood and
its gradient are the plain model's, cell by cell. A ridge, a normal prior on the logarithms of the ratios, is chosen out of sample.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from goodwill.errors import FitError
from goodwill.inference.fit import Fit, maximum_likelihood
from goodwill.inference.parameters import FloatArray, log_draws, parameter_names
from goodwill.inference.rows import unit_of
from goodwill.inference.uncertainty import Interval, quantile_interval
from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD
from goodwill.lifetime_value.gamma_gamma import GammaGamma
from goodwill.lifetime_value.richer.by_cell import ByCell, CellsOf
from goodwill.lifetime_value.richer.cells import MOVED, CellLikelihood, chosen_ridge
from goodwill.lifetime_value.richer.design import Design, design_by, design_of
from goodwill.lifetime_value.value import UNITS_PER_YEAR
from goodwill.shown import Shown

LIFE = 5.0  # years of a lifetime that are looked at
POINTS = 41


def fit_with_covariates(
    data: Any,
    covariates: pd.DataFrame | Sequence[str],
    *,
    model: Any = BetaGeoNBD,
    moves: Sequence[str] | None = None,
    ridge: float | str | None = "automatic",
    seed: int = 1,
) -> CovariateFit:
    """Fit a model whose parameters go with covariates fixed in time.

    Parameters
    ----------
    data : PurchaseSummary, or DataFrame with a row per customer
        customer_id (or ids as index), frequency, recency and T; for `GammaGamma` frequency and monetary_value.
    covariates : DataFrame with customer_id, or names of columns of `data`
        See `design_of`.
    model : BetaGeoNBD, ModifiedBetaGeoNBD, ParetoNBD, a class of `regular_buyers`, or GammaGamma
    moves : of "rate" and "dropout" (of GammaGamma "spend")
        What the covariates may move; by default all of it.
    ridge : float, "automatic" or None
        Standard deviation of the prior of the logarithm of a ratio; chosen among .03, .1, .3, 1 and none by the likelihood of customers
        left out (at most 20,000, in four folds).

    Raises
    ------
    DataError
        For covariates that cannot be used (see `design_of`).
    FitError
        For a model or a name of `moves` that is not known.

    Examples
    --------
    >>> import goodwill as gw
    >>> made = gw.BetaGeoNBD(0.8, 8.0, 0.7, 4.0, unit="week").simulate([52.0] * 3000, seed=1)
    >>> made["shop"] = ["north", "south", "west"] * 1000
    >>> fit = fit_with_covariates(made, ["shop"])
    >>> fit.effects["level"].tolist()[:3]
    ['north', 'south', 'west']
    """
    frame = data if isinstance(data, pd.DataFrame) else data.to_pandas()
    named = MOVED.get(parameter_names(model))
    if named is None:
        raise FitError(
            f"{getattr(model, '__name__', model)} takes no covariates; use BetaGeoNBD, ModifiedBetaGeoNBD, ParetoNBD or GammaGamma"
        )
    moved = tuple(named) if moves is None else tuple(moves)
    unknown = [each for each in moved if each not in named]
    if unknown or not moved:
        raise FitError(f"moves={list(moved)}: covariates of {model.__name__} move {' or '.join(named)}")
    spends = "spend" in named
    if spends:
        frame = frame[(frame["frequency"] > 0) & (frame["monetary_value"] > 0)]
    design = design_of(frame, covariates)
    unit = unit_of(data)
    plain = model.fit(frame if spends else frame[["frequency", "recency", "T"]] if unit is None else data)
    columns = ("frequency", "monetary_value") if spends else ("frequency", "recency", "T")
    told = CellLikelihood(model, moved, design, plain.parameters, tuple(frame[name].to_numpy(float) for name in columns))
    width = chosen_ridge(told, seed) if ridge == "automatic" else ridge
    if isinstance(width, str):
        raise FitError(f"ridge={ridge!r}; give a number, None, or 'automatic'")
    fit = maximum_likelihood(told.problem(width, unit))
    return CovariateFit(fit, plain, told, width, unit, told.objective(*told.rows(), None)(fit.parameters)[0])


@dataclass(frozen=True, repr=False)
class CovariateFit(Shown):
    """A model with covariates, fitted.

    Attributes
    ----------
    fit : Fit
        Of the parameters of the reference (a customer at the most frequent level of everything) and of the ratios.
    plain : Fit
        The model without covariates, of the same customers.
    told : CellLikelihood
    ridge : float or None
    unit : str or None
    log_likelihood : float
        Of the customers of the fit, without the penalty.
    """

    fit: Fit
    plain: Fit
    told: CellLikelihood
    ridge: float | None
    unit: str | None
    log_likelihood: float

    def _said(self) -> str:
        return f"{self.told.model.__name__} with {self.told.design._said()}; log-likelihood {self.log_likelihood:,.1f}, {self.gain:+,.1f}"

    def _frame(self) -> pd.DataFrame:
        return self.effects

    @property
    def gain(self) -> float:
        """How much more likely the data are than without covariates."""
        return self.log_likelihood - self.plain.log_likelihood

    @property
    def warnings(self) -> tuple[str, ...]:
        """Those of the fit, with the names of what the ratios are of."""
        said = list(self.fit.warnings)
        for place, column in enumerate(self.told.design.columns):
            for what in self.told.moved:
                said = [each.replace(f"{what}_{place + 1} ", f"{what} of {column.covariate} = {column.level} ") for each in said]
        return tuple(said)

    def models(self, parameters: Any = None) -> Iterator[tuple[int, Any]]:
        """The plain model of each cell; of draws of the parameters (a model with (draws, 1) arrays) one with such arrays."""
        names = parameter_names(self.told.model)
        theta = self.fit.parameters[None] if parameters is None else np.exp(log_draws(parameters))
        for c in range(len(self.told.design.cells)):
            own = np.stack([self.told.at(each, c)[0] for each in theta])
            given = own[0].tolist() if parameters is None else [column[:, None] for column in own.T]
            known = {} if self.told.model is GammaGamma else {"unit": self.unit}
            yield c, self.told.model(*given[: len(names)], **known)

    def ask(self, what: Callable[..., Any], *columns: FloatArray, draws: Any = None) -> FloatArray:
        """What a function of the plain model and of columns answers for each customer, shape (customers,) or (draws, customers).

        >>> # fit.ask(lambda model, x, t_x, T: model.expected_purchases(52, x, t_x, T), *history)
        """
        cell = self.told.design.cell
        size = (len(cell),) if draws is None else (len(log_draws(draws)), len(cell))
        found = np.empty(size)
        for here, model in self._parts(draws):
            found[..., here] = what(model, *(column[here] for column in columns))
        return found

    def _parts(self, draws: Any = None) -> Iterator[tuple[Any, Any]]:
        """Places and model of the customers of each cell; those of whom a level is not known have the model without covariates."""
        cell = self.told.design.cell
        order = np.argsort(cell, kind="stable")
        places = dict(zip(*_cut(cell[order], order), strict=True))
        if -1 in places:
            yield places[-1], self.plain.model
        for c, model in self.models(draws):
            if c in places:
                yield places[c], model

    @property
    def model(self) -> ByCell:
        """Asked about these customers, in their order: what `customer_value` and the like take beside their histories."""
        return ByCell(tuple(self._parts()), len(self.told.design.cell), self.unit)

    def prediction_draws(self, n: int, seed: int, refits: int = 200) -> ByCell:
        """`model` with parameters that are draws; of customers of whom a level is not known they are fixed."""
        drawn = self.fit.prediction_draws(n, seed, refits)
        return ByCell(tuple(self._parts(drawn)), len(self.told.design.cell), self.unit)

    def cells(self, customer_id: Any) -> CellsOf:
        """The models of these customers by their ids, for scores that the engine of the data computes; see `scored_customers`."""
        table = pd.DataFrame({"customer_id": np.asarray(customer_id), "cell": self.told.design.cell})
        present = set(np.unique(self.told.design.cell).tolist())
        return CellsOf(table, {-1: self.plain.model} | {c: model for c, model in self.models() if c in present})

    def of(self, customers: Any, covariates: pd.DataFrame | Sequence[str]) -> tuple[CovariateFit, pd.DataFrame]:
        """The same fit asked about other customers, and what it does not know of them.

        Parameters
        ----------
        customers : PurchaseSummary or DataFrame, as in `fit_with_covariates`
        covariates : as there

        Returns
        -------
        CovariateFit
            A customer with a level that no customer of the fit had is asked of the model without covariates.
        DataFrame
            covariate, level, customers: these levels, and how many have them.
        """
        frame = customers if isinstance(customers, pd.DataFrame) else customers.to_pandas()
        design, strange = design_by(self.told.design.codings, frame, covariates)
        columns = ("frequency", "monetary_value") if self.told.model is GammaGamma else ("frequency", "recency", "T")
        history = tuple(frame[name].to_numpy(float) for name in columns)
        return replace(self, told=replace(self.told, design=design, history=history)), strange

    def probability_alive(self) -> FloatArray:
        """Of each customer, at the end of her history."""
        return self.ask(lambda model, *known: model.probability_alive(*known), *self.told.history)

    def expected_purchases(self, horizon: float) -> FloatArray:
        """Of each customer, in the next `horizon` time units."""
        return self.ask(lambda model, *known: model.expected_purchases(horizon, *known), *self.told.history)

    def expected_spend(self) -> FloatArray:
        """Of each customer a purchase, by a model of spend."""
        return self.ask(lambda model, *known: model.expected_spend(*known), *self.told.history)

    def total_interval(self, horizon: float, level: float = 0.95, draws: int = 200, seed: int = 1, refits: int = 200) -> Interval:
        """Purchases of all customers in the next `horizon`: parameters and chance. A fit on a ridge takes so many refits."""
        rng = np.random.default_rng(seed)
        total = np.zeros(draws)
        for here, model in self._parts(self.fit.prediction_draws(draws, seed, refits)):
            known = [column[here] for column in self.told.history]
            if np.ndim(model.r):
                total += model.draw_purchases(horizon, *known, rng).sum(axis=1)
            else:
                total += [float(model.draw_purchases(horizon, *known, rng).sum()) for _ in range(draws)]
        return quantile_interval(float(self.expected_purchases(horizon).sum()), total, level)

    @property
    def effects(self) -> pd.DataFrame:
        """What goes with each level, of a customer who is at the reference in everything else; see `effects_at`."""
        return self.effects_at()

    def effects_at(self, level: float = 0.95, draws: int = 500, seed: int = 1) -> pd.DataFrame:
        """What goes with each level of each covariate, of new customers who are at the reference in everything else.

        Returns
        -------
        DataFrame
            covariate, level, customers, and with `_lower` and `_upper` each: rate (purchases per time unit while a customer), year
            (expected repeat purchases of the first year), staying (share who are still customers after a year), lifetime (expected time
            as a customer within the first five years), or of a model of spend: spend (mean of a purchase). The reference has a row of its
            own. A coefficient alone would have to be read against the others, and its sign the wrong way round.
        """
        theta, drawn = self.fit.parameters, np.exp(log_draws(self.fit.prediction_draws(draws, seed)))
        rows, seen = [], set()
        cell = self.told.design.cell
        counts = np.bincount(cell[cell >= 0], minlength=len(self.told.design.cells))
        for place, column in enumerate(self.told.design.columns):
            here = self.told.design.cells[:, place]
            if column.covariate not in seen:
                seen.add(column.covariate)
                others = [at for at, each in enumerate(self.told.design.columns) if each.covariate == column.covariate]
                rest = counts @ (self.told.design.cells[:, others] == 0).all(axis=1)
                if column.is_number:
                    rest = round(self.told.design.stated[column.covariate] * counts.sum())
                rows.append([column.covariate, column.reference, float(rest), *self._answers(theta, drawn, None, level)])
            of = rest if column.is_number else counts @ (here > 0)
            rows.append([column.covariate, column.level, float(of), *self._answers(theta, drawn, place, level)])
        table = pd.DataFrame(rows, columns=["covariate", "level", "customers", *self._asked()])
        return table.astype({"customers": int})

    def _asked(self) -> list[str]:
        names = ("spend",) if self.told.model is GammaGamma else ("rate", "year", "staying", "lifetime")
        return [f"{name}{end}" for name in names for end in ("", "_lower", "_upper")]

    def _answers(self, theta: FloatArray, drawn: FloatArray, place: int | None, level: float) -> list[float]:
        design = self.told.design
        z = np.zeros((1, len(design.columns)))
        if place is not None:
            z[0, place] = 1.0
        told = CellLikelihood(self.told.model, self.told.moved, Design(design.columns, z, np.zeros(1, np.int64), {}), self.told.start, ())
        best = _answer(told, theta[None], self.unit)
        spread = _answer(told, drawn, self.unit)
        return [end for one, many in zip(best, spread, strict=True) for end in quantile_interval(float(one[0]), many, level)]


def _cut(cell: NDArray[np.int64], order: NDArray[np.intp]) -> tuple[list[int], list[NDArray[np.intp]]]:
    """Cells that are sorted, each once, and the places of their customers."""
    starts = np.flatnonzero(np.append(True, np.diff(cell) != 0)) if len(cell) else np.zeros(0, np.int64)
    return cell[starts].tolist(), np.split(order, starts[1:])


def _answer(told: CellLikelihood, theta: FloatArray, unit: str | None) -> list[FloatArray]:
    own = np.stack([told.at(each, 0)[0] for each in theta]).T[..., None]
    model = told.model(*own)
    if told.model is GammaGamma:
        return [np.ravel(model.expected_spend(0.0, 0.0))]
    year = UNITS_PER_YEAR.get(unit or "week", 52.0)
    times = np.linspace(0, LIFE * year, POINTS)
    alive = model.probability_alive_at(times, 0.0, 0.0, 0.0)
    lifetime = np.trapezoid(alive, times, axis=-1)
    staying = np.ravel(model.probability_alive_at(year, 0.0, 0.0, 0.0))
    rate = np.ravel(own[0] / own[1]) / getattr(told.model, "k", 1)
    return [rate, np.ravel(model.expected_purchases_new_customer(year)), staying, lifetime]


def covariate_gain(fit: CovariateFit, came: Any, horizon: float, level: float = 0.95) -> pd.DataFrame:
    """What covariates add on a hold-out, customer by customer, beside the same model without them.

    Parameters
    ----------
    came : array, shape (customers,)
        Purchases of each customer in the `horizon` after the fit.

    Returns
    -------
    DataFrame, by measure (log score, absolute error)
        without, with_covariates (means per customer), gain (above zero is better), lower, upper: of the difference by customer.

    Examples
    --------
    >>> import pandas as pd
    >>> import goodwill as gw
    >>> models = {"north": gw.BetaGeoNBD(0.8, 4.0, 0.7, 4.0), "south": gw.BetaGeoNBD(0.8, 16.0, 0.7, 4.0)}  # four times the rate
    >>> made = [model.simulate([26.0] * 300, horizon=26, seed=1).assign(shop=shop) for shop, model in models.items()]
    >>> customers = pd.concat(made, ignore_index=True)
    >>> found = covariate_gain(gw.lifetime_value.fit_with_covariates(customers, ["shop"]), customers["frequency_holdout"], horizon=26)
    >>> found[["without", "with_covariates"]].round(2).to_dict("index")
    {'log score': {'without': -1.32, 'with_covariates': -1.31}, 'absolute error': {'without': 1.13, 'with_covariates': 1.12}}
    """
    from goodwill.inference.uncertainty import normal_quantile

    y, known = np.asarray(came, float), fit.told.history
    plain = fit.plain.model
    chance = [
        np.log(np.maximum(plain.probability_of_future_purchases(y, horizon, *known), 1e-300)),
        np.log(np.maximum(fit.ask(lambda m, n, *h: m.probability_of_future_purchases(n, horizon, *h), y, *known), 1e-300)),
    ]
    miss = [-np.abs(plain.expected_purchases(horizon, *known) - y), -np.abs(fit.expected_purchases(horizon) - y)]
    rows = {}
    for name, (without, within) in {"log score": chance, "absolute error": miss}.items():
        difference = within - without
        reach = normal_quantile(level) * float(difference.std(ddof=1)) / np.sqrt(len(difference))
        mean, sign = float(difference.mean()), 1.0 if name == "log score" else -1.0
        rows[name] = {
            "without": sign * float(without.mean()),
            "with_covariates": sign * float(within.mean()),
            "gain": mean,
            "lower": mean - reach,
            "upper": mean + reach,
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("measure")
