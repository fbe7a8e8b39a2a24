"""The truth of the levers where the model of notebook 05 is right, of a company's own customers: expectations of each as she really is.

Who is there at the end of the record, what she has bought and who has complained is what it is. What each customer brings in the year
after it is summed over the number of purchases to come, from her own rate, chance to leave, satisfaction and mean spend, and from the
chances that a purchase ends in a complaint and the complaint in leaving: the luck of that year is not in it. Moods are averaged over, as if
each purchase had a fresh one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

from goodwill.relationship.known_truth import MOVED, LeverTruth, point_of
from goodwill.relationship.lever_moves import shapley_parts
from goodwill.relationship.levers import ANSWER, HOURS, RECOVERY, RETENTION, SATISFACTION
from goodwill.simulate import AnsweringCompany
from goodwill.simulate.lives import SILENT

Floats = NDArray[np.float64]
MOST, YEAR = 160, 52.0  # purchases within a year; its weeks
SMALL = -0.05  # log odds by which customers are kept
MOODS = 5  # nodes


class Done(NamedTuple):
    """What is done to the year: log odds of leaving, share of dissatisfied complaints that end satisfied, days less to an answer, and a
    chance to leave at a complaint that is taken away outright."""

    leaving: float = 0.0
    recovered: float = 0.0
    sooner: float = 0.0
    spared: float = 0.0


@dataclass(frozen=True, eq=False)
class Customers:
    """Customers of one company with what they were born with, each at some purchase.

    Attributes
    ----------
    company : whose mechanism has no jumps of satisfaction at complaints, and complaints of which satisfaction is no cause
    rate, odds, satisfaction : purchases a week; log odds of leaving at mean satisfaction; lasting satisfaction
    spend : mean of a purchase [currency]
    bought : purchases so far
    """

    company: AnsweringCompany
    rate: Floats
    odds: Floats
    satisfaction: Floats
    spend: Floats
    bought: Floats

    def complains(self, bought: Floats) -> Floats:
        """Chance of a complaint at a purchase that so many came before."""
        m = self.company.truth.mechanism
        return m.problem_chance * special.expit(special.logit(m.voice) + m.voice_purchases * np.log1p(bought))

    def stays(self, leaving: float = 0.0) -> Floats:
        """Chance to stay at a purchase, whatever its complaint does, over moods."""
        m = self.company.truth.mechanism
        nodes, weights = special.roots_hermitenorm(MOODS)
        felt = self.satisfaction[:, None] + m.mood_spread * nodes
        return special.expit(-(self.odds[:, None] + m.satisfaction_dropout * felt + leaving)) @ (weights / weights.sum())

    @cached_property
    def ahead(self) -> tuple[list[Floats], list[Floats]]:
        """Chance of each number of purchases within a year, or more, if she stays; and that each of them ends in a complaint."""
        more, voiced = [], []
        for number in range(1, MOST + 1):
            more.append(special.gammainc(number, self.rate * YEAR))
            voiced.append(self.complains(self.bought + number - 1))
            if not (more[-1] > 1e-9).any():
                break
        return more, voiced

    def year(self, done: Done, *, complaints: bool = True) -> tuple[Floats, Floats]:
        """Purchases in a year, and the chance to be there at its end, of each who is there now; without leaving at further complaints if
        so asked."""
        survive, leave = self.stays(done.leaving), leaves(self.company, done) * complaints
        rest, kept, bought, chance = np.ones_like(self.rate), np.zeros_like(self.rate), np.zeros_like(self.rate), np.ones_like(self.rate)
        for more, voiced in zip(*self.ahead, strict=True):
            kept += chance * (rest - more)
            bought, rest = bought + chance * more, more
            chance = chance * survive * (1 - voiced * leave)
        return bought, kept


def leaves(company: AnsweringCompany, done: Done = Done()) -> float:  # noqa: B008
    """Mean chance to leave at a complaint."""
    satisfied, acceptable, dissatisfied = company.truth.mechanism.outcome_shares
    moved = dissatisfied * done.recovered
    shares = np.array([satisfied + moved, acceptable, dissatisfied - moved])
    chance, sooner = coins(company)
    return float(shares @ (chance - sooner * done.sooner)) - done.spared


def coins(company: AnsweringCompany) -> tuple[Floats, Floats]:
    """Chance to leave at a complaint by outcome, and its fall with a day less to the answer, over the times to it.

    Times are exponential. A chance ends at one: in cases so old that everybody would have left a day less changes nothing.
    """
    m = company.truth.mechanism
    rise, least = np.array(m.days_to_answer) * m.complaint_dropout_per_day, np.array(m.complaint_dropout)
    below = -np.expm1(-(1 - least) / np.maximum(rise, 1e-12))  # share of cases
    return least + rise * below, m.complaint_dropout_per_day * below


def gap(company: AnsweringCompany) -> float:
    """By how much likelier customers leave at a dissatisfied complaint than at a satisfied one."""
    satisfied, _, dissatisfied = coins(company)[0]
    return float(dissatisfied - satisfied)


def mean_spend(company: AnsweringCompany) -> float:
    """Of a purchase of anybody [currency]."""
    m = company.truth.mechanism
    return m.p * m.gamma / (m.q - 1)


def lasting_share(company: AnsweringCompany) -> float:
    """Share of the variance of what is felt, with the error of an answer, that is lasting satisfaction."""
    m = company.truth.mechanism
    lasts = m.satisfaction_loading**2
    return lasts / (lasts * (1 + m.mood_spread**2) + 1 - lasts)


class Right(NamedTuple):
    """The truth of the levers, and what customers bring.

    Attributes
    ----------
    levers : per unit of margin
    prospect, residual, purchase : what a newcomer, a customer who is there, and a purchase bring
    """

    levers: LeverTruth
    prospect: float
    residual: float
    purchase: float


def right_truth(company: AnsweringCompany) -> Right:
    """Of the customers of a company whose complaints toss coins and move nothing else.

    A recovered complaint (and an hour) is worth what the complaint report says: what the complainer would have brought, had she stayed and
    no further complaint taken her, over the complaints of the record; of one who had left already, nothing. All units count further
    complaints. What a newcomer and a purchase bring is of anybody who may come.

    Raises
    ------
    ValueError
        The mechanism is not that of the model.
    """
    m = company.truth.mechanism
    jumps = (*m.outcome_satisfaction, m.silent_satisfaction, m.satisfaction_per_answer_day, *m.outcome_dropout, m.silent_dropout)
    if any((*jumps, m.voice_satisfaction, m.season, m.spend_with_rate)) or m.regularity != 1 or m.dropout != "after a purchase":
        raise ValueError("the mechanism of this company is not that of the model; take its truth from `lever_truth`")
    orders, _ = company.truth.lived
    there = _there(company, orders)
    plain, kept = (there.year(done) for done in (Done(), Done(SMALL)))
    # Of one in a hundred kept, by whatever means.
    one_in_hundred = SMALL * 0.01 / float((kept[1] - plain[1]).mean())
    amounts = {SATISFACTION: Done(m.satisfaction_dropout * point_of(m)), RECOVERY: Done(recovered=1.0), RETENTION: Done(one_in_hundred)}

    def more(done: Done) -> float:
        return float((there.spend * (there.year(done)[0] - plain[0])).mean())

    brought = {frozenset[str](): 0.0}
    for size in range(1, len(MOVED) + 1):
        for chosen in combinations(MOVED, size):
            brought[frozenset(chosen)] = more(Done(*(sum(parts) for parts in zip(*(amounts[name] for name in chosen), strict=True))))
    total = {name: brought[frozenset([name])] for name in MOVED} | {ANSWER: more(Done(sooner=HOURS / 24))}
    saved = {outcome: _at_stake(company, orders, outcome) for outcome in (2, None)}
    worth = {
        SATISFACTION: total[SATISFACTION],
        RECOVERY: gap(company) * saved[2],
        RETENTION: 0.01 * float(there.spend @ (kept[0] - plain[0]) / (kept[1] - plain[1]).sum()),
        ANSWER: float(np.array(m.outcome_shares) @ coins(company)[1]) / 24 * saved[None],
    }
    everything = frozenset(MOVED)
    parts = shapley_parts(list(MOVED), lambda moved: brought[moved])
    last_in = {name: brought[everything] - brought[everything - {name}] for name in MOVED}
    newcomers = _customers(company, np.arange(company.truth.number), np.zeros(company.truth.number))
    spend = mean_spend(company)
    return Right(
        LeverTruth(worth, total, parts, last_in, brought[everything]),
        spend * (1 + float((newcomers.stays() * _after_first(newcomers)).mean())),
        float((there.spend * plain[0]).mean()),
        spend,
    )


def _after_first(newcomers: Customers) -> Floats:
    first = replace(newcomers, bought=newcomers.bought + 1)
    voiced = newcomers.complains(newcomers.bought)
    return (1 - voiced * leaves(newcomers.company)) * first.year(Done())[0]


def _at_stake(company: AnsweringCompany, orders: Mapping[str, Floats], outcome: int | None) -> float:
    """What the complainers of the record, of one outcome or all, would have brought in the mean; nothing, if they had left before."""
    person, event, ended, opened = (np.asarray(orders[name]) for name in ("person", "event", "ended", "opened"))
    last = np.floor(7 * np.asarray(orders["week"]).max())
    here = np.floor(7 * np.where(np.isfinite(opened), opened, np.inf)) <= last
    here &= ended < SILENT if outcome is None else ended == outcome
    who = person[here].astype(int)
    complainers = _customers(company, who, event[here].astype(float) + 1)
    still = _left(company, orders)[who] >= opened[here]
    return float((still * complainers.spend * complainers.year(Done(), complaints=False)[0]).mean())


def _customers(company: AnsweringCompany, person: NDArray[np.intp], bought: Floats) -> Customers:
    people = company.truth.persons
    odds = special.logit(np.clip(people.leaving[person], 1e-300, 1 - 1e-16))
    return Customers(company, people.rate[person], odds, people.satisfaction[person], people.mean_spend[person], bought)


def _left(company: AnsweringCompany, orders: Mapping[str, Floats]) -> Floats:
    """When each person left; infinite where she is there."""
    left = np.full(company.truth.number, np.inf)
    np.minimum.at(left, np.asarray(orders["person"], int), np.asarray(orders["left"], float))
    return left


def _there(company: AnsweringCompany, orders: Mapping[str, Floats]) -> Customers:
    """Who is there at the end of the record."""
    bought = np.bincount(np.asarray(orders["person"], int), minlength=company.truth.number)
    who = np.flatnonzero((_left(company, orders) >= company.truth.weeks) & (bought > 0))
    return _customers(company, who, bought[who].astype(float))
