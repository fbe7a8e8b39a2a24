"""A published chance of leaving at a complaint, counted as a stated prior that lets go where the data contradict it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from goodwill.errors import TooLittle
from goodwill.inference.uncertainty import Interval
from goodwill.word_of_mouth.complaint_coin import HIGHEST, CoinFit, lowest


@dataclass(frozen=True)
class RobustPrior:
    """A published value as a belief that lets go under conflict: mostly near it, else anywhere (Schmidli et al. 2014, Biometrics 70(4)).

    Attributes
    ----------
    mean, spread : the published chance of leaving, and the standard deviation of how far this company may lie from it
    trust : weight of that part; the rest is spread widely about no effect
    source : who published it

    Examples
    --------
    >>> from goodwill.word_of_mouth import STOP_BUYING
    >>> doubted = RobustPrior(1 / 3, spread=0.15, trust=0.5, source="Coca-Cola complainants, TARP 1981")
    >>> doubted.trust < STOP_BUYING.trust  # the same figure, believed less
    True
    """

    mean: float
    spread: float
    trust: float
    source: str


VAGUE = 0.5  # standard deviation of the part that lets go, about no effect
# 211 of 633 dissatisfied complainants said that they would stop buying.
STOP_BUYING = RobustPrior(1 / 3, 0.15, 0.8, "Coca-Cola complainants, TARP 1981: one third of the dissatisfied stop buying")


class WithPrior(NamedTuple):
    """A chance with a prior: the interval, the weight that the published part keeps, and the share of the precision that it brings.

    Examples
    --------
    >>> from goodwill.inference import Interval
    >>> WithPrior(Interval(0.2, 0.1, 0.3), kept=0.9, prior_share=0.2).decides
    'the data'
    """

    chance: Interval
    kept: float
    prior_share: float

    @property
    def decides(self) -> str:
        """Whether "the data" or "the prior" decide: who brings more of the precision."""
        return "the prior" if self.prior_share > 0.5 else "the data"


def with_prior(coin: CoinFit, outcome: str, prior: RobustPrior, level: float = 0.95) -> WithPrior:
    """The chance of leaving, the published value counted as a stated prior, on the profile likelihood.

    Parameters
    ----------
    coin : of `fit_coin`
    outcome : with any number of complaints, also fewer than an estimate alone needs
    prior : and what it trusts

    Examples
    --------
    >>> import goodwill as gw
    >>> from goodwill.word_of_mouth import STOP_BUYING
    >>> from goodwill.word_of_mouth.complaint_coin import coin_data, fit_coin
    >>> made = gw.company(120, 104, seed=1)
    >>> coin = fit_coin(coin_data(made.transactions, made.complaints))  # of seven complaints that ended badly
    >>> found = with_prior(coin, "dissatisfied", STOP_BUYING)
    >>> [round(end, 1) for end in found.chance], found.decides
    ([0.2, -0.1, 0.5], 'the prior')
    """
    from scipy.interpolate import PchipInterpolator

    if outcome not in coin.chances:
        raise TooLittle(f"No complaint of customers who bought has the outcome {outcome}.")
    error, best = coin.standard_error(outcome), coin.chances[outcome]
    low = max(min(best - 5 * error, prior.mean - 3 * prior.spread), lowest(coin.leavers_complain))
    high = min(max(best + 5 * error, prior.mean + 3 * prior.spread), HIGHEST)
    near_best = np.linspace(max(best - 5 * error, low), min(best + 5 * error, high), 17)
    grid = np.unique(np.r_[near_best, np.linspace(low, high, 9)])
    found = np.maximum(coin.profile(outcome, grid), -700.0)
    fine = np.linspace(low, high, 4001)
    likelihood = np.exp(np.minimum(PchipInterpolator(grid, found)(fine), 0.0))
    parts = [
        likelihood * weight * np.exp(-0.5 * ((fine - mean) / spread) ** 2) / spread
        for weight, mean, spread in ((prior.trust, prior.mean, prior.spread), (1 - prior.trust, 0.0, VAGUE))
    ]
    total = parts[0] + parts[1]
    mass = np.cumsum(total) / total.sum()
    middle = float(fine @ total / total.sum())
    ends = (float(np.interp(point, mass, fine)) for point in (0.5 - level / 2, 0.5 + level / 2))
    kept = float(parts[0].sum() / total.sum())
    brought, own = kept / prior.spread**2, 1 / error**2
    return WithPrior(Interval(middle, *ends), kept, brought / (brought + own))
