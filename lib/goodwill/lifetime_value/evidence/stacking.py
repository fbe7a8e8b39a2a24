"""Purchase models stacked: weights learned from what each foretold at earlier dates, from hold-outs that were over in time.

The design, fixed before it was scored. At a date count the hold-outs of earlier dates that were over by then, so that nothing is scored
on what it was learned from. Each model has the log-probability that it gave to what each customer bought; the weights are those of
`goodwill.inference.stacking.averaged_stacking_weights`, and equal as long as no hold-out is over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from goodwill.data.purchases import PurchaseSummary
from goodwill.errors import DataError
from goodwill.inference.fit import Fit
from goodwill.inference.parameters import FloatArray
from goodwill.inference.stacking import averaged_stacking_weights
from goodwill.lifetime_value.histories import history
from goodwill.lifetime_value.richer.stacked import StackedFit
from goodwill.shown import Shown

STACKED = "stacked"  # the name of this forecast beside those of single models
DRAWS = 1000  # of the hold-out of each customer, for a model without probabilities of future purchases
RARE = 50  # hits below which a probability needs more draws: 14 % error
CHUNK = 2_000_000  # customers x draws held at a time
FLOOR = 1e-300  # a chance that rounds to zero still has a logarithm


@dataclass(frozen=True)
class _Seen:
    """What the models said of one hold-out: whose, and the log-probability of what came, shape (customers, models)."""

    customers: np.ndarray
    scores: FloatArray


@dataclass(frozen=True, repr=False)
class StackedModels(Shown):
    """Purchase models to be stacked, and what is known of how each foretold.

    Stands where a class of a purchase model may stand (`fit_at`, `rolling_coverage`, `next_purchases`): `fit` fits all models and weighs
    them by what had been seen on that day, and `learn` sees another hold-out.

    Attributes
    ----------
    models : mapping of names to classes that meet `PurchaseModel`
    seed : of the bootstrap behind the weights, and of draws that stand in for missing probabilities

    Examples
    --------
    >>> import goodwill as gw
    >>> life = gw.lifetime_value
    >>> log = gw.read_transactions("cdnow_sample")
    >>> models = StackedModels({"BG/NBD": gw.BetaGeoNBD, "MBG/NBD": gw.ModifiedBetaGeoNBD})
    >>> for cut in life.rolling_cuts(log, 3, horizon=13):
    ...     summary = life.holdout_at(log, cut, 13)
    ...     fit = life.fit_at(models, summary)
    ...     models.learn(summary, fit)
    ...     print(cut, "BG/NBD leads" if fit.weights["BG/NBD"] > 0.5 else "even", "from", fit.dates)
    1997-05-17 even from 0
    1997-10-23 BG/NBD leads from 1
    1998-03-31 BG/NBD leads from 2
    """

    models: Mapping[str, Any]
    seed: int = 1
    _seen: dict[tuple[date, date], _Seen] = field(default_factory=dict, init=False)
    _weights: dict[tuple[tuple[date, date], ...], FloatArray] = field(default_factory=dict, init=False)

    def _said(self) -> str:
        return f"{', '.join(self.models)}; {len(self._seen)} hold-outs seen"

    def __post_init__(self) -> None:
        if not self.models:
            raise DataError("there are no models to stack; name one or more, such as gw.PURCHASE_MODELS")

    def afresh(self) -> StackedModels:
        """The same models, of which nothing has been seen."""
        return StackedModels(self.models, self.seed)

    def fit(self, summary: PurchaseSummary) -> StackedFit:
        """The fit of each model, and the weights as they were known on the day of the fit."""
        return self.fit_on(summary.calibration_end or summary.end, summary)

    def fit_on(self, day: date, data: PurchaseSummary | pd.DataFrame) -> StackedFit:
        """The same of a frame of histories, which does not tell its day."""
        return self.weighed({name: model.fit(data) for name, model in self.models.items()}, day)

    def weighed(self, fits: Mapping[str, Fit], day: date) -> StackedFit:
        """Fits made on a day, with the weights known then."""
        weights, dates = self.weights_on(day)
        return StackedFit(fits, weights, dates)

    def weights_on(self, day: date) -> tuple[pd.Series, int]:
        """The weights by name from the hold-outs that were over on a day, and from how many dates; equal where there is none."""
        known = tuple(sorted(window for window in self._seen if window[1] <= day))
        if known not in self._weights:
            self._weights[known] = self._learned(known)
        return pd.Series(self._weights[known], index=list(self.models), name="weight"), len(known)

    def _learned(self, known: tuple[tuple[date, date], ...]) -> FloatArray:
        if not known:
            return np.full(len(self.models), 1 / len(self.models))
        seen = [self._seen[window] for window in known]
        dates = np.repeat(np.arange(len(seen)), [len(each.customers) for each in seen])
        scores, customers = np.concatenate([each.scores for each in seen]), np.concatenate([each.customers for each in seen])
        return averaged_stacking_weights(scores, customers, dates, seed=self.seed)

    def learn(self, summary: PurchaseSummary, fit: StackedFit) -> None:
        """See the hold-out of a summary, to which `fit` was made without it."""
        customers = summary.to_pandas()
        horizon = float(customers["duration_holdout"].iloc[0])
        scores = [log_chances(one.model, customers, horizon, self.seed)[1] for one in fit.fits.values()]
        assert summary.calibration_end is not None
        self.add(summary.calibration_end, summary.end, customers["customer_id"], np.column_stack(scores))

    def add(self, made: date, due: date, customers: ArrayLike, scores: FloatArray) -> None:
        """What the models gave to what came between two days: log-probabilities, shape (customers, models)."""
        self._seen[made, due] = _Seen(np.asarray(customers), np.asarray(scores, float))


def log_chances(model: Any, customers: pd.DataFrame, horizon: float, seed: int = 1) -> tuple[FloatArray, FloatArray]:
    """What a model gives to a hold-out: the probability of no purchase, and the log-probability of what each customer bought.

    Parameters
    ----------
    customers : with frequency, recency, T and frequency_holdout
    horizon, seed : length of the hold-out; of the draws that stand in for a missing `probability_of_future_purchases`
    """
    known, y = history(customers), customers["frequency_holdout"].to_numpy(float)
    if hasattr(model, "probability_of_future_purchases"):
        asked = pd.DataFrame(dict(enumerate([y, *known])))
        which, (y, *known) = asked.groupby([*asked], sort=False).ngroup().to_numpy(), asked.drop_duplicates().to_numpy().T
        none = model.probability_of_future_purchases(0, horizon, *known)[which]
        chance = model.probability_of_future_purchases(y, horizon, *known)[which]
    else:
        none, chance = _by_draws(model, known, y, horizon, seed)
    return none, np.log(np.maximum(chance, FLOOR))


def _by_draws(model: Any, known: list[FloatArray], y: FloatArray, horizon: float, seed: int) -> tuple[FloatArray, FloatArray]:
    """Probabilities of no purchase and of y purchases, from draws; many more for customers of whom few draws were right."""
    rng, none, right = np.random.default_rng(seed), np.zeros(y.size), np.zeros(y.size)
    draws = np.zeros(y.size)
    for times in (DRAWS, 20 * DRAWS):
        rare = np.flatnonzero(right < RARE)
        step = max(1, CHUNK // max(rare.size, 1))
        for done in range(0, times, step):
            size = min(step, times - done)
            drawn = model.draw_purchases(horizon, *(np.broadcast_to(column[rare], (size, rare.size)) for column in known), rng)
            none[rare] += (drawn == 0).sum(axis=0)
            right[rare] += (drawn == y[rare]).sum(axis=0)
        draws[rare] += times
    return none / draws, (right + 0.5) / (draws + 1)
