"""Which purchase model the purchases themselves choose: that under which they are likeliest.

BG/NBD, MBG/NBD and Pareto/NBD see leaving differently (after repeat purchases only, after any purchase, at any time), and all have four
parameters, so that their likelihoods compare as they are. Scaled to 1 these are Akaike's weights (Buckland, Burnham & Augustin 1997,
Biometrics 53(2), 603-618). A likelihood says which of the three is nearest to the purchases, not that it is near.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from goodwill.errors import DataError, FitError
from goodwill.lifetime_value.evidence.comparison import PURCHASE_MODELS

if TYPE_CHECKING:
    from datetime import date

    from goodwill.data.purchases import PurchaseSummary
    from goodwill.data.tables import Transactions
    from goodwill.inference.fit import Fit


DATES = 4  # from which `purchase_model_named` learns weights


class Candidate(NamedTuple):
    """A purchase model that could be fitted.

    Attributes
    ----------
    name : of `goodwill.PURCHASE_MODELS`
    fit : to the purchases
    weight : by its likelihood; those of all candidates add up to 1
    """

    name: str
    fit: Fit
    weight: float


def purchase_candidates(customers: PurchaseSummary | pd.DataFrame, fitted: Mapping[str, Fit] | None = None) -> list[Candidate]:
    """The purchase models that can be fitted to these customers, in the order of `goodwill.PURCHASE_MODELS`; none where none can be.

    Parameters
    ----------
    customers : a summary, or a frame with frequency, recency, T
    fitted : fits by name that are there already
    """
    found, known = {}, fitted or {}
    for name, model in PURCHASE_MODELS.items():
        try:
            found[name] = known[name] if name in known else model.fit(customers)
        except FitError:
            continue
    best = max((fit.log_likelihood for fit in found.values()), default=0.0)
    mass = np.array([np.exp(fit.log_likelihood - best) for fit in found.values()])
    return [Candidate(name, fit, float(weight)) for (name, fit), weight in zip(found.items(), mass / mass.sum(), strict=True)]


def choose_purchases(customers: PurchaseSummary | pd.DataFrame) -> Candidate:
    """The purchase model under which these purchases are likeliest; of those whose fit has an end, where there are any.

    Parameters
    ----------
    customers : as of `purchase_candidates`

    Raises
    ------
    FitError
        None of the models can be fitted: why the first of them cannot.

    Examples
    --------
    >>> import goodwill as gw
    >>> chosen = choose_purchases(gw.summarize_purchases(gw.read_transactions("cdnow_sample")))
    >>> chosen.name, round(chosen.weight, 3)
    ('MBG/NBD', 1.0)
    """
    found = purchase_candidates(customers)
    if not found:
        first: Any = next(iter(PURCHASE_MODELS.values()))
        first.fit(customers)
    return max(found, key=lambda each: (each.fit.converged, each.fit.log_likelihood))


def purchase_model_named(name: str, transactions: Transactions, *, unit: str = "week", end: date | str | None = None, seed: int = 1) -> Any:
    """The purchase model of that name: a class of `PURCHASE_MODELS`, or "stacked", all of them.

    Parameters
    ----------
    name : BG/NBD, MBG/NBD, Pareto/NBD or stacked
    transactions, unit : from which the weights are learned at `DATES` dates, with hold-outs of a quarter of the time
    end : last day that counts, as in `summarize_purchases`

    Raises
    ------
    DataError
        When there is no model of that name.
    TooLittle
        When the data are too short, or too few customers had come back, for several dates: name a single model then.

    Examples
    --------
    >>> import goodwill as gw
    >>> purchase_model_named("Pareto/NBD", gw.read_transactions("cdnow_sample")).__name__
    'ParetoNBD'
    """
    from goodwill.lifetime_value.evidence.rolling import automatic_rolling_horizon, fit_at, holdout_at, rolling_cuts
    from goodwill.lifetime_value.evidence.stacking import STACKED, StackedModels

    if name in PURCHASE_MODELS:
        return PURCHASE_MODELS[name]
    if name != STACKED:
        raise DataError(f"there is no purchase model {name!r}; use one of {', '.join(PURCHASE_MODELS)} or {STACKED}")
    log = replace(transactions, last=min(transactions.last, pd.Timestamp(str(end)).date())) if end else transactions
    horizon, models = automatic_rolling_horizon(log, unit), StackedModels(PURCHASE_MODELS, seed)
    for cut in rolling_cuts(log, DATES, horizon, unit):
        summary = holdout_at(log, cut, horizon, unit)
        fit: Any = fit_at(models, summary)
        models.learn(summary, fit)
    return models
