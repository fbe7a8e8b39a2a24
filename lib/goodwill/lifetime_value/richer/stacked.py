"""Several fitted purchase models as one forecast: a mixture with given weights, of which every answer of one model is asked.

An expectation is the weighted mean of what the models expect, and a probability that of their probabilities. What is simulated takes
*one* model for a whole total, drawn by its weight, with parameters drawn from its own fit: if the models disagree about a total, it is
not known which of them is right for all customers together. Drawn for each customer anew, they would average out, and the interval would
hold none of what they differ by.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from goodwill.errors import FitError
from goodwill.inference.fit import Fit
from goodwill.inference.parameters import FloatArray, some_draws
from goodwill.inference.prediction import ask, interval_of_totals
from goodwill.inference.uncertainty import Interval, quantile_interval
from goodwill.shown import Shown

AVERAGED = (
    "probability_alive",
    "probability_alive_at",
    "expected_purchases",
    "expected_purchases_new_customer",
    "discounted_expected_purchases",
    "probability_of_purchases",
    "probability_of_future_purchases",
)


class _Asked:
    """The answers that models are asked for, one after another, and put together as the class does."""

    models: tuple[Any, ...]

    def __getattr__(self, name: str) -> Any:
        if name not in AVERAGED:
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
        return lambda *args, **options: self._together([getattr(model, name)(*args, **options) for model in self.models])

    def _together(self, answers: list[FloatArray]) -> FloatArray:
        raise NotImplementedError


@dataclass(frozen=True, eq=False, repr=False)
class StackedModel(_Asked, Shown):
    """Purchase models and the weight of each.

    Parameters
    ----------
    models : tuple of purchase models, of one time unit
    weights : array, shape (models,), no less than zero and with the sum 1

    Notes
    -----
    Has the methods of `PurchaseModel` but `fit`: `StackedFit` is the fit of all. Equals a model that has all the weight.

    Examples
    --------
    >>> import numpy as np
    >>> from goodwill.lifetime_value import BetaGeoNBD, ParetoNBD
    >>> one, other = BetaGeoNBD(0.243, 4.414, 0.793, 2.426), ParetoNBD(0.553, 10.578, 0.606, 11.669)
    >>> known = (2, 30.43, 38.86)
    >>> [round(float(m.expected_purchases(39, *known)), 3) for m in (one, other, StackedModel((one, other), np.array([0.75, 0.25])))]
    [1.226, 1.455, 1.283]
    """

    models: tuple[Any, ...]
    weights: FloatArray

    @property
    def unit(self) -> str | None:
        return self.models[0].unit

    def _together(self, answers: list[FloatArray]) -> FloatArray:
        # A model without weight is not asked whether it is finite.
        return sum(weight * np.asarray(answer) for weight, answer in zip(self.weights, answers, strict=True) if weight > 0)

    def log_likelihood(self, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> FloatArray:
        """Logarithm of the mixture's likelihood of each history."""
        each = [np.log(w) + m.log_likelihood(frequency, recency, T) for w, m in zip(self.weights, self.models, strict=True) if w > 0]
        return np.logaddexp.reduce(each)

    def draw_purchases(
        self, horizon: float, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike, rng: np.random.Generator
    ) -> NDArray[np.int64]:
        """Random numbers of purchases in (T, T + horizon]; the customers of the last axis share one model."""
        known = np.broadcast_arrays(*(np.asarray(each, float) for each in (frequency, recency, T)))
        rows = [np.atleast_2d(each) for each in known]
        lead, size = rows[0].shape[:-1], rows[0].shape[-1]
        rows = [each.reshape(-1, size) for each in rows]
        which = rng.choice(len(self.models), size=len(rows[0]), p=self.weights)
        drawn = np.empty(rows[0].shape, np.int64)
        for place in np.unique(which):
            some = which == place
            drawn[some] = self.models[place].draw_purchases(horizon, *(each[some] for each in rows), rng)
        return drawn.reshape(*lead, size).reshape(known[0].shape)


@dataclass(frozen=True, eq=False)
class StackedDraws(_Asked):
    """Draws of a stacked forecast: each is a model with drawn parameters. Every method returns (draws, customers).

    Attributes
    ----------
    models : tuple of models whose parameters are (n, 1) arrays; those of which nothing was drawn are left out
    fitted : tuple of the fits that they are draws of
    rows : tuple of arrays: at which places of all draws those of each model stand
    """

    models: tuple[Any, ...]
    fitted: tuple[Fit, ...]
    rows: tuple[NDArray[np.intp], ...]

    @property
    def unit(self) -> str | None:
        return self.models[0].unit

    @property
    def size(self) -> int:
        """Number of draws."""
        return sum(len(rows) for rows in self.rows)

    def selected(self, which: Any) -> StackedDraws:
        """The draws selected by a slice or by indices, in that order."""
        wanted = np.arange(self.size)[which]
        found = []
        for model, fit, rows in zip(self.models, self.fitted, self.rows, strict=True):
            at = {row: place for place, row in enumerate(rows.tolist())}
            new = np.array([place for place, row in enumerate(wanted.tolist()) if row in at], np.intp)
            if new.size:
                found.append((some_draws(model, [at[row] for row in wanted[new].tolist()]), fit, new))
        return StackedDraws(*(tuple(part) for part in zip(*found, strict=True)))

    def by_model(self) -> Iterator[tuple[Any, Any, bool]]:
        """Each model at its estimate, its draws, and whether these lie near it."""
        for model, fit in zip(self.models, self.fitted, strict=True):
            yield fit.model, model, fit.converged

    def draw_purchases(
        self, horizon: float, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike, rng: np.random.Generator
    ) -> NDArray[np.int64]:
        """Random numbers of purchases in (T, T + horizon]: a total to a draw, all its customers by one model."""
        return self._together([model.draw_purchases(horizon, frequency, recency, T, rng) for model in self.models])

    def _together(self, answers: list[Any]) -> Any:
        shape = np.broadcast_shapes(*(np.shape(answer)[1:] for answer in answers))
        found = np.empty((self.size, *shape), np.result_type(*answers))
        for rows, answer in zip(self.rows, answers, strict=True):
            found[rows] = answer
        return found


@dataclass(frozen=True, eq=False, repr=False)
class StackedFit(Shown):
    """Fits of several purchase models to the same customers, and the weight of each in the forecast.

    Attributes
    ----------
    fits : mapping of names to fits
    weights : Series of the weights, by name
    dates : int
        From how many earlier dates the weights were learned; 0 where they are equal because nothing was known yet.

    Examples
    --------
    >>> import goodwill as gw
    >>> import pandas as pd
    >>> summary = gw.summarize_purchases(gw.read_transactions("cdnow_sample"), calibration_end="1997-09-30")
    >>> fits = {"BG/NBD": gw.BetaGeoNBD.fit(summary), "Pareto/NBD": gw.ParetoNBD.fit(summary)}
    >>> even = StackedFit(fits, pd.Series({"BG/NBD": 0.5, "Pareto/NBD": 0.5}))
    >>> [round(float(each.predict_interval(summary, 39)["estimate"].iloc[0]), -1) for each in (*fits.values(), even)]
    [1650.0, 1670.0, 1660.0]
    """

    fits: Mapping[str, Fit]
    weights: pd.Series
    dates: int = 0

    def __post_init__(self) -> None:
        w = self.weights.to_numpy(float)
        if list(self.weights.index) != list(self.fits) or not (w >= 0).all() or abs(w.sum() - 1) > 1e-9:
            raise FitError(
                f"the weights of {', '.join(self.fits)} must be in this order, no less than zero and with the sum 1; they are {w}"
            )

    def _said(self) -> str:
        carried = ", ".join(f"{name} {weight:.0%}" for name, weight in self.weights.items())
        return f"{carried}; weights of {self.dates} date{'s' if self.dates != 1 else ''}"

    def _frame(self) -> pd.DataFrame:
        return self.weights.rename("weight").to_frame()

    @property
    def estimates(self) -> pd.DataFrame:
        """`Fit.estimates` of each model, one below the other (index model, parameter), with its weight."""
        parts = {name: fit.estimates.assign(weight=self.weights[name]) for name, fit in self.fits.items()}
        return pd.concat(parts, names=["model", "parameter"])

    @property
    def model(self) -> StackedModel:
        return StackedModel(tuple(fit.model for fit in self.fits.values()), self.weights.to_numpy(float))

    @property
    def unit(self) -> str | None:
        return self.model.unit

    @property
    def converged(self) -> bool:
        """Whether the fits that carry weight converged; draws of the others are bootstrap refits."""
        return all(fit.converged for name, fit in self.fits.items() if self.weights[name] > 0)

    @property
    def warnings(self) -> tuple[str, ...]:
        return tuple(f"{name}: {said}" for name, fit in self.fits.items() if self.weights[name] > 0 for said in fit.warnings)

    def prediction_draws(self, n: int, seed: int, refits: int = 200) -> StackedDraws:
        """Draws of the model by its weight (as exact as n allows), each with parameters drawn as `Fit.prediction_draws` draws them.

        Of `refits`, which a fit on a ridge takes, each has its share.
        """
        rng = np.random.default_rng(seed)
        share = self.weights.to_numpy(float) * n
        count = np.floor(share).astype(int)
        left = n - count.sum()
        if left:
            rest = share - count
            count += np.bincount(rng.choice(len(rest), size=left, replace=False, p=rest / rest.sum()), minlength=len(rest))
        places = np.split(rng.permutation(n), np.cumsum(count)[:-1])
        drawn = [
            (fit.prediction_draws(len(rows), seed, -(-refits * len(rows) // n)), fit, rows)
            for fit, rows in zip(self.fits.values(), places, strict=True)
            if len(rows)
        ]
        return StackedDraws(*(tuple(part) for part in zip(*drawn, strict=True)))

    def interval_of_mean(self, f: Any, level: float = 0.95, draws: int = 1000, seed: int = 1) -> Interval:
        """Interval of an expectation: which model, and its parameters, but not chance; see `Fit.interval_of_mean`."""
        return quantile_interval(f(self.model), f(self.prediction_draws(draws, seed)), level)

    def predict_interval(
        self, summary: Any, horizon: float, by: Any = None, level: float = 0.95, draws: int = 1000, seed: int = 1, refits: int = 200
    ) -> pd.DataFrame:
        """Interval of the number of purchases to come: which model, its parameters, and chance; see `Fit.predict_interval`."""
        asked = ask(self.unit, summary, horizon, by)
        return interval_of_totals(asked, self.model, self.prediction_draws(draws, seed, refits), level, seed, known=self.converged)
