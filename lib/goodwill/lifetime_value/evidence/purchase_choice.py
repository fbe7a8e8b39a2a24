"""Which purchase model the purchases themselves choose: that under which they are likeliest.

BG/NBD, MBG/NBD and Pareto/NBD see leaving differently (after repeat purchases only, after any purchase, at any time), and all have four
parameters, so that their likelihoods compare as they are. Scaled to 1 these are Akaike's weights (Buckland, Burnham & Augustin 1997,
Biometrics 53(2), 603-618). A likelihood says which of the three is nearest to the purchases, not that it is near.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from goodwill.errors import FitError
from goodwill.lifetime_value.evidence.comparison import PURCHASE_MODELS

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.data.purchases import PurchaseSummary
    from goodwill.inference.fit import Fit


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
