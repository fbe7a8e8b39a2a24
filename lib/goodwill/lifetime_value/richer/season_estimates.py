"""Estimates of a calendar: the likelihood at a summary of purchases, and the way up to its top.

Factors of weeks are drawn towards those of their neighbours. A season rises and falls over weeks, and where it breaks off (after
Christmas) it does so at once, so that the steps from week to week, round the year, have a Student t prior with half a degree of freedom,
whose scale is estimated too (as a mixture of normal priors by the EM algorithm): a year without a season gets hardly any, and what lasts
some weeks is not flattened. Drawn towards 1, each for itself, weeks of one season would all be off to the same side, and a forecast of a
month with them.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.linalg import block_diag

from goodwill.calendar import DAYS_PER_UNIT
from goodwill.data.purchases import occasions
from goodwill.data.tracking import bought_by_day
from goodwill.errors import FitError, TooLittle
from goodwill.inference.fit import Fit, maximum_likelihood
from goodwill.inference.likelihood import THIN
from goodwill.inference.parameters import FloatArray, parameters_of
from goodwill.inference.search import polish
from goodwill.lifetime_value.histories import history_rows
from goodwill.lifetime_value.richer.calendars import WEEKS_OF_YEAR, Calendar, day_kinds
from goodwill.lifetime_value.richer.season_apart import told_apart
from goodwill.lifetime_value.richer.season_likelihood import FactorPrior, SeasonLikelihood

if TYPE_CHECKING:
    from goodwill.data.purchases import PurchaseSummary

YEARS = 2 * 365 - 2  # days of data from which a season is estimated: two years, but for what the end of a week leaves over
NAMED = 1.5  # width of the prior of the logarithm of a named day's factor: within a factor of 20 of 1, 19 times in 20
LEVEL = 0.1  # ... of the mean of those of weeks, by which they are divided anyhow
WIDTHS = (3e-3, 3.0)  # ... of the step from one week to the next
TAIL = 0.5  # degrees of freedom of the prior of steps: under a Cauchy prior the weeks before Christmas were still low by a fiftieth
FIRST = 0.1  # ... before anything is known of it
EARLY, ROUNDS = 60, 2  # steps in which these widths are found from sums by day, and from the customers


def fitted(summary: PurchaseSummary, kind: Any) -> Fit:
    """The fit of a class of `goodwill.lifetime_value.in_season`; see `goodwill.lifetime_value.fit_with_calendar`."""
    problem = season_likelihood(summary, kind)
    if not kind.calendar.is_estimated:
        return maximum_likelihood(problem)
    phi, problem = _started(problem, kind.without_calendar)
    for _ in range(ROUNDS):
        phi = _stepped(problem, phi)
        problem = _refined(problem, phi)
    phi = polish(problem.negative_mean(), phi, problem.centre)
    fit = maximum_likelihood(problem, start=phi)
    return replace(fit, log_likelihood=problem.rows.found(np.log(fit.parameters)).value)


def season_likelihood(summary: PurchaseSummary, kind: Any) -> SeasonLikelihood:
    """The likelihood at a summary, with wide priors.

    Raises as `fit_with_calendar` does.
    """
    if getattr(summary, "transactions", None) is None:
        raise FitError(
            "a calendar needs the days of purchases, which a frame of histories does not tell; pass what summarize_purchases gives"
        )
    if summary.grain != "day":
        raise FitError(f"a calendar needs days, and these purchases are merged by {summary.grain}; summarise them with grain='day'")
    calendar, stop = kind.calendar, summary.calibration_end or summary.end
    if calendar.is_estimated:
        _check_length(summary.transactions.first, stop, str(calendar))
    (x, t_x, T), weight = history_rows(summary)
    per_unit = DAYS_PER_UNIT[summary.unit]
    age, between = (np.rint(each * per_unit).astype(np.int64) for each in (T, t_x))
    size = int(age.max())
    born = np.bincount(size - age, weights=weight, minlength=size + 1)
    first = stop - timedelta(days=size)
    kinds = day_kinds(calendar, first, size + 1)
    bought = bought_by_day(summary, first, size + 1, born, float(weight @ x))
    seen = np.bincount(kinds.kind, weights=np.arange(size + 1) > 0, minlength=len(kinds.share)) @ kinds.design
    for name, days in zip([each.name for each in calendar.estimated], seen[len(seen) - len(calendar.estimated) :], strict=True):
        if not days:
            raise TooLittle(f"The data of {first} to {stop} hold no day of {name!r}, so its factor cannot be estimated; give it, as x1.5.")
    bound = kind.bound(stop, summary.unit)
    columns = (x, (size - age).astype(float), (size - age + between).astype(float), np.arange(len(x), dtype=float))
    problem = SeasonLikelihood(
        model_class=bound,
        columns=columns,
        weight=weight,
        starts=bound.starts,
        scale={"alpha": float(T.max()) / 10},
        limits=bound.limits,
        unit=summary.unit,
        kinds=kinds,
        bought=bought,
        by_row=_ByRow(summary, columns[:3], weight, first, per_unit),
        whole=weight,
        believed=_beliefs(calendar),
        days=per_unit,
        leave_at_first=kind.leave_at_first,
    )
    return told_apart(problem, bound, size)


class _ByRow:
    """Repeat purchases of a customer of each row by day, counted where the data are when they are asked for."""

    def __init__(self, summary: PurchaseSummary, columns: tuple[FloatArray, ...], weight: FloatArray, first: date, per_unit: float) -> None:
        self.summary, self.columns, self.weight, self.first, self.per_unit = summary, columns, weight, first, per_unit

    def __call__(self) -> sparse.csr_matrix:
        return self._matrix

    @cached_property
    def _matrix(self) -> sparse.csr_matrix:
        summary = self.summary
        stop = summary.calibration_end or summary.end
        days = occasions(summary.transactions, "day", None, stop)
        if "bought" in days.columns:
            days = days.filter(days.bought)
        known = summary.rows.select("customer_id", "birth", "frequency", "recency", "T")
        later = days.join(known, "customer_id").filter(lambda t: t.day > t.birth)
        found = later.group_by(["frequency", "recency", "T", "day"]).aggregate(times=lambda t: t.count()).to_pandas()
        x, birth, last = self.columns
        size = (stop - self.first).days
        rows = pd.MultiIndex.from_arrays([x, birth.astype(int), last.astype(int)])
        born = size - found["T"].to_numpy(int)
        asked = pd.MultiIndex.from_arrays([found["frequency"].to_numpy(float), born, born + found["recency"].to_numpy(int)])
        at, day = rows.get_indexer(asked), (pd.to_datetime(found["day"]) - pd.Timestamp(self.first)).dt.days.to_numpy()
        return sparse.csr_matrix((found["times"].to_numpy(float) / self.weight[at], (at, day)), shape=(len(x), size + 1))


def _check_length(first: date, stop: date, calendar: str) -> None:
    days = (stop - first).days
    if days < YEARS:
        raise TooLittle(
            f"A calendar ({calendar}) is estimated from two years or more, and these data run from {first} to {stop}, "
            f"{days / DAYS_PER_UNIT['year']:.1f} years; give its factors, such as 'Christmas x2.5', or forecast without."
        )


def _beliefs(calendar: Calendar) -> FactorPrior:
    """The prior of the factors before anything is known of its widths: steps between weeks, their mean, and each named day."""
    named = np.eye(len(calendar.estimated))
    if not calendar.weeks:
        return FactorPrior(named, np.full(len(named), NAMED))
    ring = np.eye(WEEKS_OF_YEAR)
    sums = block_diag(np.vstack([ring - np.roll(ring, 1, axis=1), np.full(WEEKS_OF_YEAR, 1 / WEEKS_OF_YEAR)]), named)
    return FactorPrior(sums, np.repeat([FIRST, LEVEL, NAMED], [WEEKS_OF_YEAR, 1, len(named)]))


def _started(problem: SeasonLikelihood, model: Any) -> tuple[FloatArray, SeasonLikelihood]:
    """First factors and the width of their prior, from purchases by day against those that the plain model expects by day."""
    rows, kinds = problem.rows, problem.kinds
    x, birth, last, _ = problem.columns
    times = {"recency": (last - birth) / problem.days, "T": (rows.size - 1 - birth) / problem.days}
    frame = pd.DataFrame({"frequency": x, **times, "weight": problem.weight})
    ages, expected, first = np.arange(rows.size) / problem.days, np.zeros(len(kinds.share)), []
    for which in problem.kinds_of_rows:
        own = frame[which]
        some = model.fit(own.iloc[:: -(-len(own) // THIN)])
        plain = some.model if some.converged else model.fit(own).model
        first.append(np.log(parameters_of(plain)))
        density = np.diff(plain.expected_purchases_new_customer(ages), prepend=0.0)
        born = np.bincount(birth[which].astype(np.int64), weights=problem.weight[which], minlength=rows.size)
        expected += np.bincount(kinds.kind, weights=np.convolve(born, density)[: rows.size], minlength=len(kinds.share))
    believed, beta, level = problem.believed, np.zeros(kinds.design.shape[1]), 0.0
    design = np.column_stack([np.ones(len(expected)), kinds.design])
    for _ in range(EARLY):
        mean = expected * np.exp(np.minimum(level + kinds.offset + kinds.design @ beta, 30.0))
        slope = design.T @ (rows.by_kind - mean) - np.append(0.0, believed.precision @ beta)
        information = design.T @ (mean[:, None] * design) + block_diag(1e-9, believed.precision)
        step = np.linalg.solve(information, slope)
        level, beta = level + np.clip(step[0], -1, 1), beta + np.clip(step[1:], -1, 1)
        before, believed = believed.width, _evident(believed, beta, np.linalg.inv(information)[1:, 1:])
        if np.abs(step).max() < 1e-3 and np.abs(believed.width / before - 1).max() < 1e-2:
            break
    return np.concatenate([*first, beta]), problem.under(believed)


def _stepped(problem: SeasonLikelihood, phi: FloatArray) -> FloatArray:
    """One Newton step, if there is a top to step to."""
    found = problem.rows.bent(phi).penalised(_factors(problem, phi), problem.believed)
    variances, directions = np.linalg.eigh(-found.curvature)
    if variances[0] <= 0:
        return phi
    step = directions @ ((directions.T @ found.slope) / variances)
    there = phi + step * min(1.0, 1.0 / np.abs(step).max())
    after = problem.rows.bent(there).penalised(_factors(problem, there), problem.believed)
    return there if after.value > found.value else phi


def _refined(problem: SeasonLikelihood, phi: FloatArray) -> SeasonLikelihood:
    """With the widths of the prior of weeks estimated again at some parameters."""
    curvature = -problem.rows.bent(phi).penalised(_factors(problem, phi), problem.believed).curvature
    if np.linalg.eigvalsh(curvature)[0] <= 0:
        return problem
    covariance = _factors(problem, _factors(problem, np.asarray(np.linalg.inv(curvature), float)).T)
    return problem.under(_evident(problem.believed, _factors(problem, phi), covariance))


def _factors(problem: SeasonLikelihood, values: Any) -> Any:
    """Of something for every parameter, what belongs to the factors: they stand last."""
    return values[len(values) - problem.believed.sums.shape[1] :]


def _evident(believed: FactorPrior, beta: FloatArray, covariance: FloatArray) -> FactorPrior:
    """Widths under which the data are likelier, by one step of the EM algorithm for t steps as normal ones of unequal widths."""
    if len(believed.width) < WEEKS_OF_YEAR:
        return believed
    steps, width = believed.sums[:WEEKS_OF_YEAR], believed.width.copy()
    scale = 1 / np.mean(width[:WEEKS_OF_YEAR] ** -2.0)
    square = (steps @ beta) ** 2 + np.einsum("ij,jk,ik->i", steps, covariance, steps)
    width[:WEEKS_OF_YEAR] = np.clip(np.sqrt((TAIL * scale + square) / (TAIL + 1)), *WIDTHS)
    return believed.with_width(width)
