"""The likelihood of purchases in which a complaint is a moment to leave of its own, with its gradient.

`complaint_coin` tells the story. Here everything is written against the purchase model alone, whose likelihood all customers share: what
complaints change is the logarithm of one factor for each customer, and its derivatives are short.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from goodwill.word_of_mouth.telling import Floats

Objective = Callable[[Floats], tuple[float, Floats]]
History = tuple[Floats, Floats, Floats]


@dataclass(frozen=True, eq=False)
class CoinData:
    """Histories of customers, with the complaints that may have been a moment to leave.

    Attributes
    ----------
    outcomes : names of the coins
    quiet : frequency, recency, T and weight of customers without a complaint after their last purchase, distinct rows
    pending : frequency, recency, T of the others; `moments` and `coins` (index into outcomes, -1 for none) have a row each, by time
    bought : purchases before each pending complaint, the first not counted, in the shape of `moments`
    survived : complaints that a purchase followed: coin, purchases before it, and their number, distinct rows
    complaints : number of all complaints, by outcome
    voiced : share of times between two purchases in which somebody complained
    unit : of the times
    """

    outcomes: tuple[str, ...]
    quiet: tuple[Floats, Floats, Floats, Floats]
    pending: History
    moments: Floats
    coins: Any
    bought: Floats
    survived: tuple[Any, Floats, Floats]
    complaints: Floats
    voiced: float
    unit: str


class Part(NamedTuple):
    """A part of the log-likelihood and its slopes: in (r, alpha, a, b), in the chances, and in `lean`."""

    value: float
    model: Floats
    chances: Floats
    lean: float


class Odds(NamedTuple):
    """Logarithm of the odds of having left at the last purchase, and its slopes in (r, alpha, a, b), a row each."""

    log: Floats
    slopes: Floats


def odds_gone(model: Any, history: History) -> Odds:
    """Of each customer; minus infinity, with no slope that counts, where nobody can have left."""
    x, t_x, T = history
    at_once = model._log_odds_gone(x, T, T)  # log a / (b + x), or what stands in its place
    longer = np.log((model.alpha + T) / (model.alpha + t_x))
    by_alpha = (model.r + x) * (1 / (model.alpha + T) - 1 / (model.alpha + t_x))
    slopes = np.stack([longer, by_alpha, np.full(len(x), 1 / model.a), -np.exp(at_once) / model.a])
    return Odds(model._log_odds_gone(x, t_x, T), slopes)


class Weights(NamedTuple):
    """By what the mean chance is multiplied at a complaint after x repeat purchases: (a / (a + b + x + 1))^lean over its mean."""

    model: Any
    lean: float
    log_mean: float
    slopes_of_mean: Floats  # of its logarithm, in a, b and lean

    def at(self, bought: Floats) -> tuple[Floats, Floats]:
        """The weights, and the slopes of their logarithms in a, b and lean in front of the shape of `bought`."""
        log, slopes = _log_own(self.model, self.lean, bought)
        return np.exp(log - self.log_mean), slopes - self.slopes_of_mean.reshape(3, *(1,) * bought.ndim)


def _log_own(model: Any, lean: float, bought: Floats) -> tuple[Floats, Floats]:
    own = model.a / (model.a + model.b + bought + 1)
    return lean * np.log(own), np.stack([lean * (1 - own) / model.a, -lean * own / model.a, np.log(own)])


def weights(data: CoinData, model: Any, lean: float) -> Weights:
    """Scaled so that they are 1 on average over the complaints of the data."""
    _, bought, number = data.survived
    every = np.r_[data.bought[data.coins >= 0], bought]
    count = np.r_[np.ones(len(every) - len(bought)), number]
    log, slopes = _log_own(model, lean, every)
    mass = count * np.exp(log)
    return Weights(model, lean, float(np.log(mass.sum() / count.sum())), slopes @ mass / mass.sum())


def log_likelihood(data: CoinData, model_class: Any, leavers_complain: bool, prior: tuple[float, float]) -> Objective:
    """The log-likelihood and its gradient as a function of log r, log alpha, log a, log b, the chances, and `lean`.

    Parameters
    ----------
    data : of `coin_data`
    model_class : `ModifiedBetaGeoNBD` or `BetaGeoNBD`
    leavers_complain : whether those who left at a purchase complain too
    prior : mean and standard deviation of what is believed of `lean`
    """
    columns = [np.concatenate(pair) for pair in zip(data.quiet[:3], data.pending, strict=True)]
    plain = model_class.weighted_log_likelihood(tuple(columns), np.r_[data.quiet[3], np.ones(len(data.pending[0]))])

    def function(point: Floats) -> tuple[float, Floats]:
        theta, chances, lean = np.exp(point[:4]), point[4:-1], float(point[-1])
        model = model_class(*theta)
        weigh = weights(data, model, lean)
        parts = [_survived(data, chances, weigh), _pending(data, model, chances, weigh, leavers_complain)]
        if not leavers_complain:
            parts.append(_silent(data, model, len(chances)))
        value, slopes = plain(theta)
        believed = (lean - prior[0]) / prior[1]
        value += sum(part.value for part in parts) - believed**2 / 2
        slopes = (slopes + sum(part.model for part in parts)) * theta
        by_lean = sum(part.lean for part in parts) - believed / prior[1]
        return float(value), np.r_[slopes, sum(part.chances for part in parts), by_lean]

    return function


def _survived(data: CoinData, chances: Floats, weigh: Weights) -> Part:
    """Of the complaints that a purchase followed."""
    coin, bought, number = data.survived
    weight, slopes = weigh.at(bought)
    chance = chances[coin] * weight
    if (chance >= 1).any():
        return _impossible(len(chances))
    by_chance = -number / (1 - chance)
    value = float(number @ np.log1p(-chance))
    return _chained(value, np.zeros(4), by_chance, chance, coin, weight, slopes, len(chances))


def _impossible(coins: int) -> Part:
    return Part(-np.inf, np.zeros(4), np.zeros(coins), 0.0)


def _chained(
    value: float, model: Floats, by_chance: Floats, chance: Floats, coin: Any, weight: Floats, slopes: Floats, coins: int
) -> Part:
    """The slopes in what the chances at single complaints follow from."""
    own = by_chance * chance
    model = model + np.r_[0.0, 0.0, slopes[0] @ own, slopes[1] @ own]
    return Part(value, model, np.bincount(coin, by_chance * weight, coins), float(slopes[2] @ own))


def _pending(data: CoinData, model: Any, chances: Floats, weigh: Weights, leavers_complain: bool) -> Part:
    """Of the customers with a complaint after their last purchase: what their complaints change in the likelihood of their purchases."""
    here = data.coins >= 0
    if not here.any():
        return Part(0.0, np.zeros(4), np.zeros(len(chances)), 0.0)
    weight, slopes = weigh.at(data.bought)
    chance = np.where(here, chances[np.maximum(data.coins, 0)] * weight, 0.0)
    if (chance >= 1).any():
        return _impossible(len(chances))
    value, by_model, by_chance = pending_terms(data, model, chance, leavers_complain)
    if not np.isfinite(value):
        return _impossible(len(chances))
    picked = (part[..., here] for part in (by_chance, chance, weight, slopes))
    by_chance, chance, weight, slopes = picked
    return _chained(value, by_model, by_chance, chance, data.coins[here], weight, slopes, len(chances))


def pending_terms(data: CoinData, model: Any, chance: Floats, leavers_complain: bool) -> tuple[float, Floats, Floats]:
    """What pending complaints change in the log-likelihood, with its slopes in (r, alpha, a, b) and in each chance.

    `chance` has the shape of `data.moments`, with 0 where there is no complaint. Minus infinity where chances cannot be.
    """
    x, _, T = data.pending
    here = data.coins >= 0
    gone = odds_gone(model, data.pending)
    shift = np.maximum(gone.log, 0.0)  # every term is held against the largest
    stayed = np.cumprod(1 - chance, axis=1)
    before = np.concatenate([np.ones((len(x), 1)), stayed[:, :-1]], axis=1)
    since = np.log((model.alpha + T)[:, None] / (model.alpha + data.moments))
    longer = np.exp((model.r + x)[:, None] * since - shift[:, None])
    if not leavers_complain:  # whoever complained once more had not left at the complaint before
        here = here & (np.arange(here.shape[1]) == here.sum(axis=1, keepdims=True) - 1)
    left = np.where(here, chance * before * longer, 0.0)
    stays, at_purchase = stayed[:, -1] * np.exp(-shift), np.exp(gone.log - shift)
    share = stays + left.sum(axis=1) + (at_purchase if leavers_complain else 0.0)
    if not (share > 0).all():
        return -np.inf, np.zeros(4), np.zeros_like(chance)
    value = float(np.sum(np.log(share) - np.log(np.exp(-shift) + at_purchase)))
    later = left[:, ::-1].cumsum(axis=1)[:, ::-1] - left
    by_chance = (np.where(here, before * longer, 0.0) - (stays[:, None] + later) / (1 - chance)) / share[:, None]
    of_gone = at_purchase * (leavers_complain / share - 1 / (np.exp(-shift) + at_purchase))
    by_model = gone.slopes @ of_gone
    by_alpha = (model.r + x)[:, None] * (1 / (model.alpha + T)[:, None] - 1 / (model.alpha + data.moments))
    by_model[0] += float(((left * since).sum(axis=1) / share).sum())
    by_model[1] += float(((left * by_alpha).sum(axis=1) / share).sum())
    return value, by_model, by_chance


def _silent(data: CoinData, model: Any, coins: int) -> Part:
    """Where those who left are silent: staying quiet makes it likelier that a customer has left."""
    gone, weight = odds_gone(model, data.quiet[:3]), data.quiet[3]
    kept = np.log1p(-data.voiced)
    value = weight @ (np.logaddexp(kept, gone.log) - np.logaddexp(0.0, gone.log))
    by_log = weight * (_share(gone.log - kept) - _share(gone.log))
    return Part(float(value), gone.slopes @ by_log, np.zeros(coins), 0.0)


def _share(log_odds: Floats) -> Floats:
    from scipy.special import expit

    return np.asarray(expit(log_odds))
