"""The likelihood of purchases in which a complaint is a moment to leave of its own, with its gradient.

`complaint_coin` tells the story. Each customer has a chance p to leave at a purchase, Beta(a, b) over customers, and leaves at a complaint
with the chance c p^lean, in which c belongs to the outcome. Whoever survived many purchases has a small p, and so a small chance at all her
complaints, the early ones included: they are weighed by what her whole history says of p, once if she is still there and once if she left
at her last purchase. (With several complaints the mean of a product is taken for the product of means.)

Everything is written against the purchase model alone, whose likelihood all customers share: what complaints change is the logarithm of
one factor for each customer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from goodwill.lifetime_value.modified_beta_geo_nbd import ModifiedBetaGeoNBD
from goodwill.word_of_mouth.telling import Floats

Objective = Callable[[Floats], tuple[float, Floats]]
STEEPEST = 0.9  # how far `lean` may fall below zero, in units of a: p^-a has no mean
LEAST = 1e-3  # chance to survive a complaint of those who left later on, where the product of means would have none


@dataclass(frozen=True, eq=False)
class CoinData:
    """Histories of customers, with the complaints that may have been a moment to leave.

    Attributes
    ----------
    outcomes : names of the coins
    quiet : frequency, recency, T and weight of customers without a complaint after their last purchase, distinct rows
    quiet_survived : how many complaints of each outcome a purchase followed, a row for each of `quiet`
    pending : frequency, recency, T of the others; `moments` and `coins` (index into outcomes, -1 for none) have a row each, by time
    pending_survived : as `quiet_survived`
    survived : all complaints that a purchase followed: coin, purchases before it (the first not counted), and their number, distinct rows
    complaints : number of all complaints, by outcome
    voiced : share of times between two purchases in which somebody complained
    unit : of the times

    Examples
    --------
    >>> import goodwill as gw
    >>> from goodwill.word_of_mouth.complaint_coin import coin_data
    >>> made = gw.company(150, 104, seed=1)
    >>> data = coin_data(made.transactions, made.complaints)
    >>> dict(zip(data.outcomes, data.complaints.tolist())), round(data.voiced, 2)
    ({'satisfied': 19.0, 'acceptable': 10.0, 'dissatisfied': 12.0}, 0.06)
    """

    outcomes: tuple[str, ...]
    quiet: tuple[Floats, Floats, Floats, Floats]
    quiet_survived: Floats
    pending: tuple[Floats, Floats, Floats]
    pending_survived: Floats
    moments: Floats
    coins: Any
    survived: tuple[Any, Floats, Floats]
    complaints: Floats
    voiced: float
    unit: str

    @cached_property
    def at_complaints(self) -> tuple[Floats, Floats]:
        """Purchases before a complaint (the first not counted), distinct, and how many complaints had so many before them."""
        _, bought, number = self.survived
        every = Counted.of(np.r_[bought, self.pending[0]])
        return every.distinct, np.asarray(np.bincount(every.at, np.r_[number, (self.coins >= 0).sum(axis=1)]), float)


class Term(NamedTuple):
    """A number for each customer, and its slopes in r, alpha, a, b, the chances and `lean`: a row each."""

    value: Floats
    slopes: Floats


class Silence(NamedTuple):
    """How likely the silence of customers who were still there is, against that of somebody who stays: share x e^shift, and its slopes.

    `slopes` are those of the share, a row each.
    """

    share: Floats
    shift: Floats
    slopes: Floats


class Counted(NamedTuple):
    """Numbers of repeat purchases as distinct ones, and the place of each among them."""

    distinct: Floats
    at: Any

    @classmethod
    def of(cls, bought: Any) -> Counted:
        return cls(*np.unique(np.asarray(bought, float), return_inverse=True))


class Weights(NamedTuple):
    """By what the mean chance is multiplied for a customer whose history is known: E[p^lean] over its mean at all complaints.

    `there` and `gone` are functions of the repeat purchases, counted: of those who are still there after them, and who left at the last of
    them. Each gives the weights, and the slopes of their logarithms in a, b and `lean`.
    """

    there: Callable[[Counted], tuple[Floats, Floats]]
    gone: Callable[[Counted], tuple[Floats, Floats]]


def leaning(model: Any, lean: float) -> float:
    """`lean`, held where p^lean has a mean."""
    return max(lean, -STEEPEST * float(model.a))


def weights(data: CoinData, model: Any, lean: float) -> Weights:
    """Scaled so that they are 1 on average over the complaints of the data."""
    bought, number = data.at_complaints
    log, slopes = _log_mean_power(model, lean, bought, 0)
    mass = number * np.exp(log)
    level, tilt = np.log(mass.sum() / number.sum()), slopes @ mass / mass.sum()

    def of(last: int) -> Callable[[Counted], tuple[Floats, Floats]]:
        def weigh(counted: Counted) -> tuple[Floats, Floats]:
            log, slopes = _log_mean_power(model, lean, counted.distinct, last)
            return np.exp(log - level)[counted.at], (slopes - tilt[:, None])[:, counted.at]

        return weigh

    return Weights(of(0), of(1))


def mean_power(data: CoinData, model: Any, lean: float) -> float:
    """Mean of p^lean over the complaints of the data: what the chances of leaving at a complaint are scaled by."""
    bought, number = data.at_complaints
    return float(number @ np.exp(_log_mean_power(model, lean, bought, 0)[0]) / number.sum())


def _log_mean_power(model: Any, lean: float, bought: Floats, last: int) -> tuple[Floats, Floats]:
    """log E[p^lean] after so many repeat purchases, and its slopes in a, b, lean; with `last` = 1 of those who left at the last one."""
    from scipy.special import betaln, psi

    stayed = bought + (1 if isinstance(model, ModifiedBetaGeoNBD) else 0) - last  # chances to leave that were let go by
    a, b = model.a + last, model.b + np.maximum(stayed, 0.0)
    power = leaning(model, lean)
    log = betaln(a + power, b) - betaln(a, b)
    both = psi(a + b) - psi(a + power + b)
    by_lean = psi(a + power) - psi(a + power + b)
    held = float(power > lean)  # the power then moves with a
    slopes = np.stack([both + psi(a + power) - psi(a) - held * STEEPEST * by_lean, both, (1 - held) * by_lean])
    return log, slopes


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
    counted = data.quiet_survived.any(axis=1) if leavers_complain else np.ones(len(data.quiet[3]), bool)
    quiet, weight, survived = [column[counted] for column in data.quiet[:3]], data.quiet[3][counted], data.quiet_survived[counted]
    stay = 1.0 if leavers_complain else 1 - data.voiced
    bought = [Counted.of(quiet[0]), Counted.of(data.pending[0])]

    def function(point: Floats) -> tuple[float, Floats]:
        theta, chances, lean = np.exp(point[:4]), point[4:-1], float(point[-1])
        model = model_class(*theta)
        weigh = weights(data, model, lean)
        stays = Silence(np.full(len(weight), stay), np.zeros(len(weight)), np.zeros((len(point), len(weight))))
        after = after_last_purchase(data, model, chances, weigh.there(bought[1]), leavers_complain)
        odds = [_odds_gone(model, history, len(point)) for history in (quiet, data.pending)]
        parts = [
            _changed(stays, *_survived(chances, weigh, bought[0], survived), odds[0], gone_too=True),
            _changed(after, *_survived(chances, weigh, bought[1], data.pending_survived), odds[1], gone_too=leavers_complain),
        ]
        if not all(np.isfinite(part.value).all() for part in parts):
            return -np.inf, np.zeros(len(point))
        value, slopes = plain(theta)
        believed = (lean - prior[0]) / prior[1]
        value += weight @ parts[0].value + parts[1].value.sum() - believed**2 / 2
        gradient = np.r_[slopes, np.zeros(len(chances)), -believed / prior[1]] + parts[0].slopes @ weight + parts[1].slopes.sum(axis=1)
        gradient[:4] *= theta
        return float(value), gradient

    return function


def _changed(silence: Silence, there: Term, gone: Term, odds: Term, *, gone_too: bool) -> Term:
    """What complaints change: log((silence e^there + e^(odds + gone)) / (1 + e^odds)); where not `gone_too`, without the second term.

    Minus infinity where chances cannot be. The silence of those who are there is below zero where handling kept some of the others.
    """
    from scipy.special import expit

    stays, left = there.value + silence.shift, odds.value + gone.value
    level = np.maximum(stays, left) if gone_too else stays
    level = np.where(np.isfinite(level), level, 0.0)
    factor, other = np.exp(stays - level), np.exp(left - level) if gone_too else 0.0 * level
    total = factor * silence.share + other
    possible = (total > 0) & np.isfinite(stays)
    total = np.where(possible, total, 1.0)
    slopes = factor * (silence.share * there.slopes + silence.slopes) + other * (gone.slopes + odds.slopes)
    value = np.where(possible, level + np.log(total) - np.logaddexp(0.0, odds.value), -np.inf)
    return Term(value, slopes / total - expit(odds.value) * odds.slopes)


def _odds_gone(model: Any, history: Any, size: int) -> Term:
    """Logarithm of the odds of having left at the last purchase; minus infinity, with no slope that counts, where nobody can have."""
    x, t_x, T = history
    at_once = model._log_odds_gone(x, T, T)  # log a / (b + x), or what stands in its place
    slopes = np.zeros((size, len(x)))
    slopes[0] = np.log((model.alpha + T) / (model.alpha + t_x))
    slopes[1] = (model.r + x) * (1 / (model.alpha + T) - 1 / (model.alpha + t_x))
    slopes[2], slopes[3] = 1 / model.a, -np.exp(at_once) / model.a
    return Term(model._log_odds_gone(x, t_x, T), slopes)


def _survived(chances: Floats, weigh: Weights, x: Counted, number: Floats) -> tuple[Term, Term]:
    """Logarithm of the chance to have survived so many complaints of each outcome, if she is still there and if she left later on.

    The first is minus infinity where chances cannot be.
    """
    found = []
    for (weight, slopes), least in ((weigh.there(x), 0.0), (weigh.gone(x), LEAST)):
        chance = weight[:, None] * chances
        possible = chance < 1 - least
        stays = np.where(possible, 1 - chance, least)
        with np.errstate(divide="ignore", invalid="ignore"):
            value = np.where(number > 0, number * np.log(stays), 0.0).sum(axis=1)
        by_chance = np.where(possible & (number > 0), -number / np.where(possible, stays, 1.0), 0.0)
        by_weight = (by_chance * chance).sum(axis=1)
        zero = np.zeros((2, len(weight)))
        found.append(Term(value, np.vstack([zero, slopes[:2] * by_weight, (by_chance * weight[:, None]).T, slopes[2] * by_weight])))
    return found[0], found[1]


def after_last_purchase(data: CoinData, model: Any, chances: Floats, weighed: tuple[Floats, Floats], leavers_complain: bool) -> Silence:
    """Of each customer of `data.pending`: she survived all complaints after her last purchase, or left at one of them."""
    x, _, T = data.pending
    here = data.coins >= 0
    weight, tilt = weighed
    chance = np.where(here, chances[np.maximum(data.coins, 0)] * weight[:, None], 0.0)
    since = np.log((model.alpha + T)[:, None] / (model.alpha + data.moments))
    longer = np.where(here, (model.r + x)[:, None] * since, 0.0)
    shift = longer.max(axis=1)  # every term is held against the largest
    stayed = np.cumprod(1 - chance, axis=1)
    before = np.concatenate([np.ones((len(x), 1)), stayed[:, :-1]], axis=1)
    stayed, longer = stayed[:, -1] * np.exp(-shift), np.exp(longer - shift[:, None])
    last = np.arange(here.shape[1]) == here.sum(axis=1, keepdims=True) - 1
    counts = here if leavers_complain else here & last  # whoever complained once more had not left at the complaint before
    left = np.where(counts, chance * before * longer, 0.0)
    possible = (chance < 1).all(axis=1)
    later = left[:, ::-1].cumsum(axis=1)[:, ::-1] - left
    by_chance = np.where(counts, before * longer, 0.0) - (stayed[:, None] + later) / np.where(chance < 1, 1 - chance, 1.0)
    by_chance = np.where(here, by_chance, 0.0)
    slopes = np.zeros((5 + len(chances), len(x)))
    slopes[0] = (left * since).sum(axis=1)
    slopes[1] = (model.r + x) * (left * (1 / (model.alpha + T)[:, None] - 1 / (model.alpha + data.moments))).sum(axis=1)
    slopes[[2, 3, -1]] = tilt * (by_chance * chance).sum(axis=1)
    for k in range(len(chances)):
        slopes[4 + k] = np.where(data.coins == k, by_chance, 0.0).sum(axis=1) * weight
    share = stayed + left.sum(axis=1)
    return Silence(np.where(possible, share, np.nan), shift, slopes)
