"""The likelihood of a calendar under which customers older than the log have parameters of their own; the factors are those of all."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from goodwill.inference.likelihood import Likelihood
from goodwill.inference.parameters import FloatArray
from goodwill.lifetime_value.richer.season_likelihood import Bending, Found, SeasonLikelihood, SeasonRows

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.inference.fit import Fit

OWN = 4  # parameters of a kind of customers, before the factors


@dataclass(frozen=True)
class SeasonApart(SeasonLikelihood):
    """A `SeasonLikelihood` of two kinds of customers: parameters of those born inside, of the older ones, and then the factors.

    Parameters
    ----------
    until : last day, counted from the first purchase of all, on which an older customer was first seen
    """

    until: int = 0

    @cached_property
    def rows(self) -> _BothKinds:  # type: ignore[override]
        """The rows of both kinds, as the sums need them."""
        return _BothKinds(self)

    @property
    def kinds_of_rows(self) -> list[NDArray[np.bool_]]:
        """Which rows are of customers born inside, and which of older ones."""
        older = self.columns[1] <= self.until
        return [~older, older]

    def in_own_time(self, fit: Fit, rows: pd.DataFrame) -> tuple[Fit, pd.DataFrame]:
        """The fit as one without a calendar to histories in operational time, in which a later first purchase stays a later one."""
        t_x, T = fit.model.operational(rows["recency"], rows["T"])
        model = fit.model.in_own_time()
        columns = (rows["frequency"].to_numpy(float), t_x, T)
        scale = dict.fromkeys(model.times, float(T.max()) / 10)
        kind = type(model)
        own = Likelihood(kind, columns, rows["weight"].to_numpy(float), kind.starts, scale, kind.limits, self.unit)
        return replace(fit, model=model, problem=own), rows.assign(recency=t_x, T=T)


class _BothKinds(Bending):
    """`SeasonRows` twice, with one calendar. Purchases by day enter by their sum only, so that one of the two may hold those of both."""

    def __init__(self, told: SeasonApart) -> None:
        whole = len(told.weight) == len(told.whole) and np.array_equal(told.weight, told.whole)
        shared = {each.name: getattr(told, each.name) for each in fields(SeasonLikelihood)}
        self.parts = []
        for place, some in enumerate(told.kinds_of_rows):
            own = {"columns": tuple(column[some] for column in told.columns), "weight": told.weight[some]}
            own |= {
                "whole": told.weight[some] if whole else np.empty(0),
                "bought": told.bought if not place else np.zeros_like(told.bought),
            }
            self.parts.append(SeasonRows(SeasonLikelihood(**{**shared, **own})))
        self.size = self.parts[0].size
        self.by_kind = self.parts[0].by_kind + self.parts[1].by_kind

    def found(self, phi: FloatArray, *, second: bool = False) -> Found:
        """The weighted sum of the log-likelihood, and its derivatives by the log-parameters."""
        factors = np.arange(2 * OWN, len(phi))
        value, slope = 0.0, np.zeros(len(phi))
        curvature = np.zeros((len(phi), len(phi))) if second else np.empty((0, 0))
        for place, part in enumerate(self.parts):
            at = np.append(np.arange(place * OWN, (place + 1) * OWN), factors)
            own = part.found(phi[at], second=second)
            value += own.value
            slope[at] += own.slope
            if second:
                curvature[np.ix_(at, at)] += own.curvature
        return Found(value, slope, curvature)


def told_apart(problem: SeasonLikelihood, kind: Any, size: int) -> SeasonLikelihood:
    """The likelihood of a class that has parameters of their own for older customers; of another class as it is.

    Parameters
    ----------
    kind : a class of `older_apart` under a calendar, bound to the end of the data
    size : days from the first purchase of all to the end
    """
    if not hasattr(kind, "until"):
        return problem
    shared: dict[str, Any] = {each.name: getattr(problem, each.name) for each in fields(SeasonLikelihood)}
    until = size - int(np.ceil(kind.threshold * problem.days))
    scale = dict.fromkeys(kind.times, problem.scale["alpha"])
    return SeasonApart(**{**shared, "scale": scale}, until=until)
