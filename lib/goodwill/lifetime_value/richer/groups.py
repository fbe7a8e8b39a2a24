"""Groups of customers who borrow from each other: branches, regions, channels, cohorts.

One fit of all customers says that groups are alike, a fit for each that they have nothing in common, which makes a group of fifty look
unlike the rest by chance alone. Here the parameters of groups lie around a common mean with a spread that is learned: a group of twenty
leans on the whole, one of twenty thousand keeps its own, and where groups are alike all get the same parameters. Their spread is that of
Student's t, which has room for a group that is unlike all others: that is left where it is, and does not set the others apart.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from goodwill.errors import DataError, FitError
from goodwill.inference.fit import Fit
from goodwill.inference.likelihood import Likelihood
from goodwill.inference.parameters import FloatArray, model_at, parameter_names
from goodwill.inference.partial_pooling import Averaged, Pooling, average, pool
from goodwill.inference.rows import purchase_rows, spend_rows, unit_of
from goodwill.inference.uncertainty import Interval, quantile_interval
from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD
from goodwill.lifetime_value.gamma_gamma import GammaGamma
from goodwill.lifetime_value.richer.group_parameters import Coordinates, GroupLikelihood
from goodwill.shown import Shown

WEAK_PRIOR = 1.5  # of what is common, where all groups together leave a parameter open
NARROW = 1e-4  # width of the belief about what groups do not differ in, when one of them is fitted again
DRAWS = 1000


def fit_groups(
    data: Any,
    group: Any,
    *,
    model: Any = BetaGeoNBD,
    between: float | None = None,
    prior: float | None = None,
    names: Sequence[Any] = (),
    seed: int = 1,
) -> GroupFits:
    """Fit a model to groups of customers that borrow from each other.

    Parameters
    ----------
    data : PurchaseSummary, or DataFrame with a row per customer
        frequency, recency and T and an optional weight; for `GammaGamma` frequency and monetary_value.
    group : str or array, shape (customers,)
        A column of the data, or a label for each customer in their order.
    model : BetaGeoNBD, ModifiedBetaGeoNBD, ParetoNBD, a class of `regular_buyers`, GammaGamma, or another model whose `fit` takes a frame
    between : float, optional
        How far usual groups lie from what is common in every number of `spread`, where it is known: 0 gives the fit of all customers,
        infinity a fit for each group; by default learned.
    prior : float, optional
        Width of a weak prior on what is common; 1.5 where all customers together do not determine it.
    names : sequence
        Groups that get a fit even without a customer to learn from: that of what is common.

    Raises
    ------
    DataError
        For a customer without a group, or labels that do not fit the customers.
    FitError
        For a model that cannot be fitted by groups, and what the model itself refuses of all customers together.

    Notes
    -----
    Prior of Student's t (four degrees of freedom) around a common mean in the numbers of `spread`, independent of each other: a normal
    whose variance the weight of a group divides. Mean, scales and weights by the restricted marginal likelihood (Laplace; see
    `goodwill.inference.partial_pooling`). The covariance of each fit holds what is not known of the group given the others, of the common
    mean, of the scales and of the weights, over which it is averaged.

    Examples
    --------
    >>> import pandas as pd
    >>> import goodwill as gw
    >>> usual, eager = gw.BetaGeoNBD(0.8, 8.0, 0.7, 4.0, unit="week"), gw.BetaGeoNBD(0.8, 4.0, 0.7, 4.0, unit="week")
    >>> shops = {"north": (usual, 2000), "south": (usual, 2000), "east": (usual, 2000), "west": (eager, 2000), "new": (usual, 20)}
    >>> made = [each.simulate([52.0] * n, seed=k).assign(shop=shop) for k, (shop, (each, n)) in enumerate(shops.items())]
    >>> fits = fit_groups(pd.concat(made, ignore_index=True), "shop")
    >>> fits.table(horizon=52)["own"].round(1).to_dict()  # how much of what a group is expected to do is its own
    {'east': 1.0, 'new': 0.6, 'north': 1.0, 'south': 1.0, 'west': 1.0}
    """
    frame = data if isinstance(data, pd.DataFrame) else data.to_pandas()
    if hasattr(model, "calendar") or hasattr(model, "threshold") or not isinstance(model, type) or not hasattr(model, "fit"):
        name = getattr(model, "__name__", str(model))
        raise FitError(f"{name} takes no groups; take BetaGeoNBD, ModifiedBetaGeoNBD, ParetoNBD or GammaGamma")
    rows, columns = _rows(frame, group, model)
    together = _together(rows, model, unit_of(data), prior)
    known = list(pd.factorize(rows["group"], sort=True)[1])
    names = [*known, *(name for name in names if name not in known)]
    if len(names) == 1 or (between is not None and np.isinf(between)):
        return _apart(names, rows, together, model, prior)
    problems = [_problem(together, rows[rows["group"] == name], columns) for name in names]
    found = _pooled(problems, together, between)
    drawn = average(found, DRAWS, seed)
    fits = {name: _fit(problems[g], together, found, drawn, g) for g, name in enumerate(names)}
    return GroupFits(fits, together, _sizes(rows, names), found, drawn)


@dataclass(frozen=True, repr=False)
class GroupFits(Shown):
    """Fits of groups that borrow from each other.

    Attributes
    ----------
    fits : mapping of group to Fit
        Each stands wherever a fit may stand.
    together : Fit
        Of all customers, as if groups were alike.
    sizes : DataFrame
        By group: customers, repeaters.
    pooling : Pooling or None
        The common mean, the spread and what each group says; None where nothing was borrowed.
    drawn : Averaged or None
        Draws of all of it together.

    Examples
    --------
    >>> import goodwill as gw
    >>> summary = gw.summarize_purchases(gw.read_transactions("cdnow_sample"), calibration_end="1997-09-30")
    >>> fits = gw.lifetime_value.fit_groups(summary, gw.lifetime_value.birth_cohorts(summary, by="month"))
    >>> fits.spread["between"].round(2).tolist()  # the cohorts of three months are alike
    [0.0, 0.0, 0.0, 0.0]
    """

    fits: Mapping[Any, Fit]
    together: Fit
    sizes: pd.DataFrame
    pooling: Pooling | None = field(default=None, repr=False)
    drawn: Averaged | None = field(default=None, repr=False)

    def __getitem__(self, name: Hashable) -> Fit:
        return self.fits[name]

    def _said(self) -> str:
        return f"{type(self.together.model).__name__} of {len(self.fits)} groups; customers: {self.sizes['customers'].sum():,.0f}"

    def _frame(self) -> pd.DataFrame:
        return self.spread

    @property
    def coordinates(self) -> Coordinates:
        """In what the groups may differ."""
        return Coordinates(parameter_names(type(self.together.model)))

    @property
    def spread(self) -> pd.DataFrame:
        """How far groups are apart: of each number its common value, and on the log scale how far usual groups lie from it.

        The scale of a t of four degrees of freedom: five groups in eight lie nearer, as two in three lie within a standard deviation.

        Returns
        -------
        DataFrame, by number
            common (not a logarithm), between (where it is likeliest), lower, upper (95 %).
        """
        return self.spread_at(0.95)

    def spread_at(self, level: float) -> pd.DataFrame:
        """`spread` with intervals of another level."""
        called = pd.Index(self.coordinates.called, name="number")
        if self.pooling is None or self.drawn is None:
            return pd.DataFrame({"common": np.nan, "between": np.nan, "lower": np.nan, "upper": np.nan}, index=called)
        tails = np.quantile(self.drawn.between, [0.5 - level / 2, 0.5 + level / 2], axis=0)
        best = self.pooling.between
        columns = {"common": np.exp(self.pooling.mean), "between": best, "lower": np.minimum(tails[0], best)}
        return pd.DataFrame(columns | {"upper": np.maximum(tails[1], best)}, index=called)

    def model_draws(self) -> dict[Any, Any]:
        """By group a model whose parameters are (draws, 1) arrays: the same draw of what is common in all, so that differences are drawn.

        Raises
        ------
        FitError
            Where nothing was borrowed: then the groups know nothing of each other, and each fit has draws of its own.
        """
        if self.drawn is None:
            raise FitError("these groups borrow nothing from each other; draw from each fit by itself")
        logs = self.coordinates.to_logs(self.drawn.at)
        return {name: model_at(type(fit.model), logs[:, g], fit.unit) for g, (name, fit) in enumerate(self.fits.items())}

    def interval(self, f: Callable[[dict[Any, Any]], Any], level: float = 0.95) -> Interval:
        """Interval of an expectation that follows from the models of all groups, such as a difference of two: parameters only, no chance.

        Parameters
        ----------
        f : function of a mapping of group to model
            Must broadcast over parameters of shape (draws, 1).
        """
        estimate = f({name: fit.model for name, fit in self.fits.items()})
        return quantile_interval(estimate, f(self.model_draws()), level)

    def table(self, horizon: float, level: float = 0.95) -> pd.DataFrame:
        """What a new customer of each group is expected to buy, and how much of that is the group's own.

        Parameters
        ----------
        horizon : float
            In the model's time unit; of a model of spend it is not used, and the answer is the expected spend of a purchase.

        Returns
        -------
        DataFrame, by group
            customers, repeaters, expected, lower, upper, together (by the fit of all customers), own: the share of what is expected that
            rests on the group's own customers, which is 1 less the variance that they leave over the variance between groups; 0 where
            groups are alike.
        """

        def asked(model: Any) -> FloatArray:
            if isinstance(model, GammaGamma):
                return np.asarray(model.expected_spend(0.0, 0.0))
            return np.asarray(model.expected_purchases_new_customer(horizon))

        rows = {}
        for name, fit in self.fits.items():
            low = fit.interval_of_mean(asked, level)
            rows[name] = [*(float(np.squeeze(each)) for each in low), float(asked(self.together.model)), self._own(name, asked)]
        found = pd.DataFrame.from_dict(rows, orient="index", columns=["expected", "lower", "upper", "together", "own"])
        return self.sizes.join(found)

    def _own(self, name: Any, asked: Callable[[Any], Any]) -> float:
        if self.pooling is None:
            return 1.0
        place, eta, step = list(self.fits).index(name), self._place(name), 1e-4
        variance = self.pooling.variance[place]
        if not variance.any():
            return 0.0
        around = np.concatenate([eta + step * np.eye(len(eta)), eta - step * np.eye(len(eta))])
        model = model_at(type(self.together.model), self.coordinates.to_logs(around), self.together.unit)
        logs = np.log(np.maximum(np.ravel(asked(model)), 1e-300))
        slope = (logs[: len(eta)] - logs[len(eta) :]) / (2 * step)
        given = variance * np.linalg.inv(np.eye(len(eta)) + self.pooling.told.H[place] * variance).T
        before = float(slope**2 @ variance)
        return 1 - float(slope @ given @ slope) / before if before > 0 else 0.0

    def _place(self, name: Any) -> FloatArray:
        assert self.pooling is not None
        return self.pooling.at[list(self.fits).index(name)]

    @cached_property
    def warnings(self) -> tuple[str, ...]:
        """Each once, of all groups."""
        return tuple(dict.fromkeys(each for fit in self.fits.values() for each in fit.warnings))


def birth_cohorts(summary: Any, by: str = "quarter") -> pd.Series:
    """The cohort of each customer by her first purchase, in the order of `summary.to_pandas()`.

    Parameters
    ----------
    summary : PurchaseSummary
    by : {"month", "quarter", "year"}

    Examples
    --------
    >>> import goodwill as gw
    >>> birth_cohorts(gw.summarize_purchases(gw.read_transactions("cdnow_sample")), by="month").value_counts(sort=False).to_dict()
    {'1997-01': 781, '1997-02': 857, '1997-03': 719}
    """
    kinds = {"month": "M", "quarter": "Q", "year": "Y"}
    if by not in kinds:
        raise DataError(f"by={by!r}: cohorts are formed by {', '.join(kinds)}.")
    born = summary.rows.select("customer_id", "birth").order_by("customer_id").to_pandas()
    if summary.table.get_backend().name != "duckdb":
        born = born.sort_values("customer_id", ignore_index=True)
    period = pd.to_datetime(born["birth"]).dt.to_period(kinds[by]).astype(str)
    return (period.str.replace("Q", "-Q") if by == "quarter" else period).rename("cohort")


def _rows(frame: pd.DataFrame, group: Any, model: Any) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Distinct histories within groups."""
    labels = _labels(frame, group)
    if model is not GammaGamma:
        return purchase_rows(frame.assign(group=labels), "group"), ("frequency", "recency", "T")
    kept = frame.assign(group=labels)[(frame["frequency"] > 0).to_numpy()]
    parts = [spend_rows(some).assign(group=name) for name, some in kept.groupby("group", sort=True, observed=True)]
    if not parts:
        spend_rows(frame)  # says that nobody came back
    return pd.concat(parts, ignore_index=True), ("frequency", "monetary_value")


def _labels(frame: pd.DataFrame, group: Any) -> Any:
    if isinstance(group, str):
        if group not in frame:
            raise DataError(f"column '{group}' is missing; the columns are {', '.join(map(str, frame.columns))}")
        given = frame[group]
    else:
        given = pd.Series(np.asarray(group))
        if len(given) != len(frame):
            raise DataError(f"there are {len(given):,} groups for {len(frame):,} customers; give one label each, in their order")
    if given.isna().any():
        first = int(np.argmax(given.isna().to_numpy()))
        raise DataError(
            f"{int(given.isna().sum()):,} customers have no group (first: row {frame.index[first]}); name one, or leave them out"
        )
    return given.to_numpy()


def _together(rows: pd.DataFrame, model: Any, unit: str | None, prior: float | None) -> Fit:
    """The fit of all customers; under a weak prior where they leave something open."""
    every = rows.drop(columns="group")
    found = model.fit(every) if prior is None else model.fit(every, prior=prior)
    if prior is None and not found.converged:
        said = found.warnings
        found = model.fit(every, prior=WEAK_PRIOR)
        found = replace(found, warnings=(*(f"of all groups together: {each}" for each in said), *found.warnings))
    if found.problem is None or unit is None:
        return found
    return replace(found, model=replace(found.model, unit=unit), problem=replace(found.problem, unit=unit))


def _problem(together: Fit, rows: pd.DataFrame, columns: tuple[str, ...]) -> Likelihood:
    assert together.problem is not None
    given = tuple(rows[name].to_numpy(float) for name in columns)
    return replace(together.problem, columns=given, weight=rows["weight"].to_numpy(float), prior=None)


def _pooled(problems: list[Likelihood], together: Fit, between: float | None) -> Pooling:
    coordinates, problem = Coordinates(together.names), together.problem
    assert problem is not None
    start = coordinates.of_logs(np.log(together.parameters))
    known = None if between is None else np.full(len(start), float(between))
    belief = _belief(problem, coordinates) if problem.prior is not None else None
    found = pool([coordinates.sum_of(each) for each in problems], start, between=known, belief=belief)
    if found.between.any():
        return found
    return replace(found, mean=start, at=np.tile(start, (len(problems), 1)))  # all alike: the fit of all, to the last digit


def _belief(problem: Likelihood, coordinates: Coordinates) -> Callable[[FloatArray], tuple[float, FloatArray]]:
    def lost(eta: FloatArray) -> tuple[float, FloatArray]:
        value, slope = problem.log_prior(coordinates.to_logs(eta))
        return -value, -np.asarray(slope) @ coordinates.jacobian(eta)

    return lost


def _fit(problem: Likelihood, together: Fit, found: Pooling, drawn: Averaged, g: int) -> Fit:
    coordinates, eta = Coordinates(problem.names), found.at[g]
    jacobian, logs = coordinates.jacobian(eta), coordinates.to_logs(eta)
    covariance = jacobian @ drawn.spread[g] @ jacobian.T
    values = np.linalg.eigvalsh(covariance)
    width = np.maximum(np.sqrt(found.variance[g]), NARROW)
    warnings = together.warnings if together.problem is not None and together.problem.prior is not None else ()
    if not found.converged:
        warnings = (*warnings, "the common mean and the spread of the groups did not settle; do not use these estimates")
    given = {each: getattr(problem, each) for each in ("model_class", "columns", "weight", "starts", "scale", "limits", "unit")}
    return Fit(
        model=problem.model_class(*np.exp(logs).tolist(), unit=problem.unit),
        covariance=covariance,
        log_likelihood=problem.objective()(np.exp(logs))[0] if len(problem.weight) else 0.0,
        n=float(problem.weight.sum()),
        converged=found.converged,
        warnings=warnings,
        condition=float(values[-1] / values[0]) if values[0] > 0 else np.inf,
        problem=GroupLikelihood(**given, common=found.mean, width=width),
    )


def _apart(names: list[Any], rows: pd.DataFrame, together: Fit, model: Any, prior: float | None) -> GroupFits:
    fits = {}
    for name in names:
        every = rows[rows["group"] == name].drop(columns="group")
        own = together if len(names) == 1 else model.fit(every) if prior is None else model.fit(every, prior=prior)
        fits[name] = replace(own, model=replace(own.model, unit=together.unit))
    return GroupFits(fits, together, _sizes(rows, names))


def _sizes(rows: pd.DataFrame, names: list[Any]) -> pd.DataFrame:
    back = rows["weight"].where(rows["frequency"] > 0, 0.0)
    found = pd.DataFrame({"customers": rows["weight"], "repeaters": back}).groupby(rows["group"].to_numpy()).sum()
    return found.reindex(names, fill_value=0.0).rename_axis("group")
