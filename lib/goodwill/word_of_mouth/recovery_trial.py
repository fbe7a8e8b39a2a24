"""What recovery keeps, and how large a trial of it must be: from the log's own noise, for a verdict, and for profit in a finite base."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, inf, sqrt
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from goodwill.errors import DataError, TooLittle
from goodwill.inference.uncertainty import Interval, normal_quantile
from goodwill.word_of_mouth.complaint_coin import CoinFit
from goodwill.word_of_mouth.complaint_cost import Amount, MeasuredCosts, OwnCost, sum_of_costs


class Recovery(NamedTuple):
    """What turning a dissatisfied complainer into a satisfied one keeps, as far as outcomes differ by handling.

    `gap` is the difference of the chances to leave; `saved` what that is worth, `attempt` the most that one attempt may cost.

    Examples
    --------
    Where ten points fewer leave after recovery, each of whom would have brought 80, and one attempt in two succeeds:

    >>> from goodwill.inference import Interval
    >>> found = Recovery(gap=Interval(0.1, 0.0, 0.2), saved=Interval(8.0, 0.0, 16.0), attempt=Interval(4.0, 0.0, 8.0))
    >>> found.attempt.estimate  # the most that an attempt may cost
    4.0
    """

    gap: Interval
    saved: Interval
    attempt: Interval


def recovery_gap(coin: CoinFit, level: float = 0.95) -> Interval:
    """By how much more often customers leave at a dissatisfied complaint than at a satisfied one.

    Raises
    ------
    TooLittle
        Fewer than 20 complaints of one of them.
    """
    for outcome in ("dissatisfied", "satisfied"):
        coin.require(outcome)
    one = np.ones(len(coin.leanings.values))
    return sum_of_costs(coin, {"dissatisfied": Amount(1.0, one), "satisfied": Amount(-1.0, -one)}, 0.0, level)


def recovery_saves(coin: CoinFit, dissatisfied: OwnCost, success: float, level: float = 0.95) -> Recovery:
    """The lever of recovery: what a recovered complainer is less likely to leave than one who is not.

    Parameters
    ----------
    coin : with chances for "dissatisfied" and "satisfied"
    dissatisfied : of `own_cost`: whose value is at stake
    success : chance that an attempt succeeds

    Examples
    --------
    >>> import goodwill as gw
    >>> from goodwill.word_of_mouth.complaint_cost import measured_costs
    >>> made = gw.company(600, 104, seed=1)
    >>> orders = gw.read_transactions(made.transactions)
    >>> summary = gw.summarize_purchases(orders)
    >>> fits = gw.ModifiedBetaGeoNBD.fit(summary), gw.GammaGamma.fit(summary)
    >>> measured = measured_costs(orders, made.complaints, summary, fits[0], 0.3, 0.15, spend=fits[1])
    >>> sure, one_in_two = (recovery_saves(measured.coin, measured.costs["dissatisfied"], success) for success in (1.0, 0.5))
    >>> round(sure.attempt.estimate / one_in_two.attempt.estimate), sure.saved == one_in_two.saved
    (2, True)
    """
    gap, worth = recovery_gap(coin, level), dissatisfied.leaning
    value, sampled = dissatisfied.value.estimate, dissatisfied.error_of(gap.estimate)
    saved = sum_of_costs(coin, {"dissatisfied": Amount(value, worth), "satisfied": Amount(-value, -worth)}, sampled, level)
    return Recovery(gap, saved, Interval(*(success * end for end in saved)))


def saved_by_recovery(measured: MeasuredCosts, success: float) -> Recovery:
    """`recovery_saves` of one company.

    Raises
    ------
    TooLittle
        When dissatisfied or satisfied complaints are too few.

    Examples
    --------
    >>> import goodwill as gw
    >>> from goodwill.word_of_mouth.complaint_cost import measured_costs
    >>> made = gw.company(600, 104, seed=1)
    >>> orders = gw.read_transactions(made.transactions)
    >>> summary = gw.summarize_purchases(orders)
    >>> fits = gw.ModifiedBetaGeoNBD.fit(summary), gw.GammaGamma.fit(summary)
    >>> found = saved_by_recovery(measured_costs(orders, made.complaints, summary, fits[0], 0.3, 0.15, spend=fits[1]), success=0.5)
    >>> round(found.gap.estimate, 1), found.gap.lower > 0, round(found.attempt.estimate)
    (0.2, True, 3)
    """
    for outcome in ("dissatisfied", "satisfied"):
        if outcome in measured.reasons:
            raise TooLittle(f"What recovery changes cannot be measured: {measured.reasons[outcome]}.")
    return recovery_saves(measured.coin, measured.costs["dissatisfied"], success)


def size_for_verdict(effect: float, noise: float, power: float = 0.8, level: float = 0.95) -> float:
    """Complainers in each of two arms so that an effect of this size is told from none; infinite for no effect.

    Parameters
    ----------
    effect : difference of the arms' means
    noise : standard deviation of one complainer's outcome
    power, level : of the two-sided test

    Examples
    --------
    >>> size_for_verdict(effect=0.125 * 0.5, noise=0.5)
    1005
    >>> size_for_verdict(effect=0.0, noise=1.0)
    inf
    """
    if not noise > 0 or not 0 < power < 1:
        raise DataError(f"noise {noise} and power {power}: need a positive noise, and a power between 0 and 1")
    if effect == 0:
        return inf
    normal = NormalDist()
    return ceil(2 * ((normal.inv_cdf(0.5 + level / 2) + normal.inv_cdf(power)) * noise / effect) ** 2)


def size_for_profit(base: float, noise: float, spread: float) -> int:
    """Complainers in each arm so that a base of `base` in all, the rest handled as the winner was, gains most (Feit & Berman 2019).

    Parameters
    ----------
    base : people on whom the choice will be used, those of the trial included
    noise : standard deviation of one person's outcome
    spread : standard deviation of an arm's mean, as believed beforehand, the same for both

    Examples
    --------
    A website with 100,000 visitors who convert at .68, give or take .03 (Feit & Berman 2019, Marketing Science 38(6)):

    >>> size_for_profit(100_000, noise=(0.68 * 0.32) ** 0.5, spread=0.03)
    2284
    """
    if not (base > 0 and noise > 0 and spread > 0):
        raise DataError(f"base {base}, noise {noise}, spread {spread}: all must be positive")
    ratio = (noise / spread) ** 2
    return ceil(sqrt(base / 4 * ratio + (0.75 * ratio) ** 2) - 0.75 * ratio)


@dataclass(frozen=True)
class TrialSize:
    """A trial of recovery: an arm of complainers handled as now, an arm for whom recovery is tried, by lot.

    Attributes
    ----------
    effect : what one attempt is expected to save [currency], with `noise`, the standard deviation of one complainer's value after it
    verdict : complainers in each arm for a verdict; infinite where nothing is expected
    profit : complainers in each arm for most profit in the years ahead
    base : dissatisfied complaints in these years

    Examples
    --------
    >>> from goodwill.word_of_mouth import trial_size
    >>> size = trial_size(effect=6.0, spread=3.0, noise=20.0, a_year=600)
    >>> size.verdict, size.profit, size.base, size.helps
    (175, 145, 1800.0, True)
    """

    effect: float
    noise: float
    verdict: float
    profit: int
    base: float

    @property
    def helps(self) -> bool:
        """Whether a verdict can be had from fewer complainers than there will be."""
        return 2 * self.verdict <= self.base


def trial_of_recovery(recovery: Recovery, measured: MeasuredCosts, years: float) -> TrialSize:
    """The sizes of a trial of recovery, from what a company's own log says of its effect, its noise and its complaints.

    Parameters
    ----------
    recovery, measured : of `recovery_saves` and `measured_costs`
    years : for which the better handling will be used

    Examples
    --------
    >>> import goodwill as gw
    >>> from goodwill.word_of_mouth import saved_by_recovery
    >>> from goodwill.word_of_mouth.complaint_cost import measured_costs
    >>> made = gw.company(600, 104, seed=1)
    >>> orders = gw.read_transactions(made.transactions)
    >>> summary = gw.summarize_purchases(orders)
    >>> fits = gw.ModifiedBetaGeoNBD.fit(summary), gw.GammaGamma.fit(summary)
    >>> measured = measured_costs(orders, made.complaints, summary, fits[0], 0.3, 0.15, spend=fits[1])
    >>> found = trial_of_recovery(saved_by_recovery(measured, success=0.5), measured, years=3.0)
    >>> round(found.base), found.helps  # 79 complaints are to come in three years, and a verdict takes more
    (79, False)
    """
    saves = recovery.attempt
    spread = (saves.upper - saves.lower) / 2 / normal_quantile(0.95)
    return trial_size(saves.estimate, spread, measured.noise, measured.costs["dissatisfied"].a_year, years)


def trial_size(effect: float, spread: float, noise: float, a_year: float, years: float = 3.0) -> TrialSize:
    """Sizes for a verdict and for profit.

    Parameters
    ----------
    effect, spread : what one attempt saves, and the standard error of that [currency]
    noise : standard deviation of one complainer's value after the trial [currency]
    a_year : dissatisfied complaints a year
    years : for which the better handling will be used

    Examples
    --------
    >>> size = trial_size(effect=3.0, spread=0.8, noise=80.0, a_year=170)
    >>> size.verdict, size.profit, size.helps
    (11163, 85, False)
    """
    base = a_year * years
    # Two arms of independent means, each spread so that their difference is spread as the effect is.
    arm = size_for_profit(base, noise, spread / sqrt(2))
    return TrialSize(effect, noise, size_for_verdict(effect, noise), min(arm, int(base // 2)), base)
