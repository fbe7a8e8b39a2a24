"""Which spend model is used: independent of frequency or going with it, by a test and by what a hold-out says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import pandas as pd

from goodwill.errors import DataError, TooLittle
from goodwill.lifetime_value.gamma_gamma import GammaGamma
from goodwill.lifetime_value.gamma_gamma_by_frequency import SpendDependence, positive_spend, spend_dependence, spend_holdout
from goodwill.shown import Shown

if TYPE_CHECKING:
    from goodwill.data.purchases import PurchaseSummary
    from goodwill.inference.fit import Fit
    from goodwill.inference.uncertainty import Interval

SURE = 0.05
WAYS = ("automatic", "independent", "by frequency")
Reason = Literal["given", "foretold nearer", "foretold no nearer", "not rejected", "not compared"]


@dataclass(frozen=True, repr=False)
class SpendChoice(Shown):
    """What `choose_spend` chose.

    Attributes
    ----------
    name : "independent" or "by frequency"
    fit : Fit
        The spend model in use, of all data.
    reason : str
        Why: `given`; `foretold nearer`: independence is rejected and the dependent model foretold the hold-out nearer; `foretold no
        nearer`: rejected, but not that; `not rejected`; `not compared`: too little to fit or to hold out.
    p_value : float or None
        Of independence; None when it could not be tested.
    held : Series or None
        Per purchase in the hold-out: actual, independent, dependent.
    left_out : int
        Repeat buyers without a positive mean spend, who are in no spend model.
    """

    name: str
    fit: Fit
    reason: Reason
    p_value: float | None
    held: pd.Series | None
    left_out: int
    second: Fit | None = None

    @property
    def other(self) -> Fit:
        """The spend model that is not used; raises `TooLittle` when there is none."""
        if self.second is None:
            raise TooLittle("Too few customers came back to fit the other spend model.")
        return self.second

    @property
    def mean_of_new(self) -> Interval:
        """Spend per purchase expected of a customer about whose spend nothing is known."""
        return self.fit.interval_of_mean(lambda model: model.expected_spend(0, 0))


def choose_spend(whole: PurchaseSummary, tested: PurchaseSummary, how: str = "automatic") -> SpendChoice:
    """The spend model to value customers with, fitted to all data.

    Parameters
    ----------
    whole : summary of all data
    tested : summary with a hold-out, which says which model foretold nearer
    how : "automatic", "independent" or "by frequency"

    Notes
    -----
    `automatic` lets spend go with frequency when independence is rejected at 5 % *and* the dependent model, fitted to the calibration,
    came nearer to what a purchase brought in the hold-out.

    Raises
    ------
    TooLittle
        When `how` is "by frequency" and the data cannot tell (see `spend_dependence`), or nobody came back with money.
    """
    if how not in WAYS:
        raise DataError(f"spend_model={how!r}; use one of {', '.join(WAYS)}.")
    rows = whole.spend_rows()
    paying = positive_spend(whole)
    if paying.empty:
        raise TooLittle("No customer came back and left money, so there is no spend to learn from.")
    left_out = int(rows["weight"].sum() - paying["weight"].sum())
    found = _dependence(paying, needed=how == "by frequency")
    held = _held(tested)
    reason = _reason(found, held, how)
    if found is None:
        return SpendChoice("independent", GammaGamma.fit(paying), reason, None, held, left_out)
    if how == "by frequency" or reason == "foretold nearer":
        return SpendChoice("by frequency", found.dependent, reason, found.p_value, held, left_out, found.independent)
    return SpendChoice("independent", found.independent, reason, found.p_value, held, left_out, found.dependent)


def _dependence(paying: pd.DataFrame, *, needed: bool) -> SpendDependence | None:
    try:
        return spend_dependence(paying)
    except TooLittle:
        if needed:
            raise
        return None


def _held(tested: PurchaseSummary) -> pd.Series | None:
    """What a purchase of the hold-out brought, and what both models expected; None when that cannot be told."""
    found = _dependence(positive_spend(tested), needed=False)
    customers = tested.to_pandas()
    if found is None or not (customers["frequency_holdout"] > 0).any():
        return None
    return spend_holdout(found, customers).iloc[-1]


def _reason(found: SpendDependence | None, held: pd.Series | None, how: str) -> Reason:
    if how != "automatic":
        return "given"
    if found is None or held is None:
        return "not compared"
    if found.p_value >= SURE:
        return "not rejected"
    nearer = abs(held["dependent"] - held["actual"]) < abs(held["independent"] - held["actual"])
    return "foretold nearer" if nearer else "foretold no nearer"
