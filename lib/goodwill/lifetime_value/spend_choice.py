"""Which spend model is used: one rule, learned in the first half of what is known and judged in the second, at steady prices."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import pandas as pd

from goodwill.data.purchases import automatic_calibration_end, summarize_purchases
from goodwill.errors import DataError, FitError, TooLittle
from goodwill.lifetime_value.gamma_gamma import GammaGamma, with_a_mean
from goodwill.lifetime_value.gamma_gamma_by_frequency import GammaGammaByFrequency, SpendDependence, positive_spend, spend_dependence
from goodwill.lifetime_value.gamma_gamma_with_first import GammaGammaWithFirst
from goodwill.lifetime_value.price_level import at_steady_prices, price_drift
from goodwill.lifetime_value.spend_gain import spend_gain
from goodwill.shown import Shown

if TYPE_CHECKING:
    from goodwill.data.purchases import PurchaseSummary
    from goodwill.data.tables import Transactions
    from goodwill.inference.fit import Fit
    from goodwill.inference.uncertainty import Interval
    from goodwill.lifetime_value.price_level import PriceDrift

SURE = 0.05
SPEND_MODELS: dict[str, Any] = {"independent": GammaGamma, "by frequency": GammaGammaByFrequency, "first amount": GammaGammaWithFirst}
WAYS = ("automatic", *SPEND_MODELS)
OTHER = {"independent": "by frequency", "by frequency": "independent", "first amount": "independent"}
Reason = Literal["given", "first amount nearer", "goes with frequency", "foretold farther", "not rejected", "not compared", "borrowed"]


class SpendTest(NamedTuple):
    """What was found when the spend models were compared.

    Attributes
    ----------
    cut : date
        Until when they were fitted; judged is what came later.
    drift : PriceDrift or None
        The common drift that was taken out before; None where too few customers came back to measure one.
    p_value : float
        Of independence, until the cut.
    frequency_gain : Interval
        Gain of the model by frequency over the independent one after the cut (`spend_gain`).
    first_gain : Interval or None
        Gain of the model with the first amount over the better of these two; None where it could not be fitted.

    Examples
    --------
    >>> from datetime import date
    >>> import goodwill as gw
    >>> gain = gw.inference.Interval(-0.02, -0.03, -0.01)
    >>> test = SpendTest(date(1997, 9, 30), drift=None, p_value=0.01, frequency_gain=gain, first_gain=None)
    >>> test.reason  # independence is rejected, but the model by frequency was farther off in what came later
    'foretold farther'
    """

    cut: date
    drift: PriceDrift | None
    p_value: float
    frequency_gain: Interval
    first_gain: Interval | None

    @property
    def reason(self) -> Reason:
        """Which model the rule of `choose_spend` takes, and why."""
        if self.first_gain is not None and self.first_gain.lower > 0:
            return "first amount nearer"
        if self.p_value >= SURE:
            return "not rejected"
        return "goes with frequency" if goes_with_frequency(self.p_value, self.frequency_gain) else "foretold farther"


@dataclass(frozen=True, repr=False)
class SpendChoice(Shown):
    """What `choose_spend` chose.

    Attributes
    ----------
    name : "independent", "by frequency" or "first amount"
    fit : Fit
        The spend model in use, of all that is known.
    reason : str
        Why: `given`; `first amount nearer`: the first amount brought forecasts nearer; `goes with frequency`: independence is rejected
        and the model by frequency was not farther off; `foretold farther`: rejected, but that model was farther off; `not rejected`;
        `not compared`: too little to compare; `borrowed`: of a group that leans on others.
    test : SpendTest or None
        The comparison; None when it was not made.
    left_out : int
        Repeat buyers without a positive mean spend, from whom no spend model learns.
    second : Fit or None
        The model that is told beside it (see `OTHER`), fitted when it is asked for.

    Examples
    --------
    >>> import goodwill as gw
    >>> choice = gw.lifetime_value.choose_spend(gw.summarize_purchases("cdnow_sample", calibration_end="1997-09-30"), "independent")
    >>> choice.name, choice.reason, choice.fit.parameters.round(2)
    ('independent', 'given', array([ 6.25,  3.74, 15.44]))
    """

    name: str
    fit: Fit
    reason: Reason
    test: SpendTest | None
    left_out: int
    _learned_from: tuple[PurchaseSummary, pd.DataFrame] | None = None

    @cached_property
    def second(self) -> Fit | None:
        if self._learned_from is None:
            return None
        try:
            return with_a_mean(fit_spend(OTHER[self.name], *self._learned_from))
        except TooLittle:
            return None

    @property
    def other(self) -> Fit:
        """The spend model that is told beside the one in use; raises `TooLittle` when there is none."""
        if self.reason == "borrowed":
            raise TooLittle("The spend of a group that leans on others is told by one model.")
        if self.second is None:
            raise TooLittle("Too few customers came back to fit the other spend model.")
        return self.second

    @property
    def mean_of_new(self) -> Interval:
        """Spend per purchase expected of a customer about whose spend nothing is known."""
        return self.fit.interval_of_mean(lambda model: model.expected_spend(0, 0))


def goes_with_frequency(p_value: float, gain: Interval) -> bool:
    """The rule: independence is rejected at 5 %, and in what came later the model by frequency was not farther off (at 95 %)."""
    return p_value < SURE and gain.upper > 0


def choose_spend(summary: PurchaseSummary, how: Any = "automatic") -> SpendChoice:
    """The spend model to value customers with, by what was known at the end of the calibration (or of the data, without a hold-out).

    Parameters
    ----------
    summary : PurchaseSummary
        Its hold-out, if any, is not looked at.
    how : "automatic", or a spend model: "independent", "by frequency" or "first amount"; or `BorrowedSpend`

    Notes
    -----
    `automatic` compares in two halves of the time known, both at steady prices (`price_drift`). Spend goes with frequency when
    independence is rejected at 5 % in the first half *and* the model by frequency is not farther off in the second. The first amount is
    used where, in the second half, it comes nearer than that choice: the interval of its gain over customers lies above zero.

    Raises
    ------
    TooLittle
        When the model asked for cannot be fitted, or nobody came back with money.
    DataError
        For another `how`.

    Examples
    --------
    >>> import goodwill as gw
    >>> choice = choose_spend(gw.summarize_purchases(gw.read_transactions("cdnow_sample")))
    >>> choice.name, choice.reason
    ('first amount', 'first amount nearer')
    """
    rows = summary.spend_rows()
    paying = rows[rows["monetary_value"] > 0]
    if not isinstance(how, str):
        return SpendChoice("independent", how.fit(summary), "borrowed", None, int(rows["weight"].sum() - paying["weight"].sum()))
    if how not in WAYS:
        raise DataError(f"spend_model={how!r}; use one of {', '.join(WAYS)}.")
    if paying.empty:
        raise TooLittle("No customer came back and left money, so there is no spend to learn from.")
    left_out = int(rows["weight"].sum() - paying["weight"].sum())
    test = _compared(summary) if how == "automatic" else None
    reason: Reason = "given" if how != "automatic" else "not compared" if test is None else test.reason
    name = {"first amount nearer": "first amount", "goes with frequency": "by frequency", "given": how}.get(reason, "independent")
    fit = with_a_mean(fit_spend(name, summary, paying))
    return SpendChoice(name, fit, reason, test, left_out, (summary, paying))


def fit_spend(name: str, summary: Any, paying: pd.DataFrame) -> Fit:
    """A spend model by its name, fitted to a summary (or a frame of its customers) whose positive means of repeat spend are `paying`.

    Raises
    ------
    TooLittle
        When too few customers came back, or nobody paid at the first purchase.
    """
    if name == "first amount":
        return GammaGammaWithFirst.fit(summary)
    if name == "by frequency":
        return spend_dependence(paying).dependent
    return GammaGamma.fit(paying)


def _known(summary: PurchaseSummary) -> Transactions:
    """The log as it stood at the end of the calibration."""
    log, end = summary.transactions, summary.calibration_end or summary.end
    return log if end >= log.last else replace(log, table=log.table.filter(log.table.date <= end), last=end)


def _compared(summary: PurchaseSummary) -> SpendTest | None:
    """Both halves compared; None where they hold too little."""
    known = _known(summary)
    try:
        drift = price_drift(known)
    except TooLittle:
        drift = None
    steady = known if drift is None else at_steady_prices(known, drift)
    try:
        cut = automatic_calibration_end(known)
        halves = summarize_purchases(steady, unit=summary.unit, grain=summary.grain, calibration_end=cut)
        found, customers = spend_dependence(positive_spend(halves)), halves.to_pandas()
        gain = spend_gain(found.dependent.model, found.independent.model, customers)
    except DataError:
        return None
    return SpendTest(cut, drift, found.p_value, gain, _first_gain(found, gain, customers))


def _first_gain(found: SpendDependence, gain: Interval, customers: pd.DataFrame) -> Interval | None:
    """Of the model with the first amount over the one that the rule takes without it."""
    base = found.dependent if goes_with_frequency(found.p_value, gain) else found.independent
    try:
        return spend_gain(GammaGammaWithFirst.fit(customers).model, base.model, customers)
    except (TooLittle, FitError):
        return None
