"""The truth of the levers where the model of notebook 05 is right, without chance in it: expectations over what is left open.

Who is there at the end of the record, and what she has bought, is simulated for many customers; what they bring in the year after it is
then summed over the number of purchases to come, from each one's own rate, chance to leave and satisfaction, and from the chances that a
purchase ends in a complaint and the complaint in leaving. Money is purchases times mean spend, with which nothing goes here. Moods are
averaged over, as if each purchase had a fresh one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

from goodwill.relationship.known_truth import MOVED, LeverTruth
from goodwill.relationship.lever_moves import shapley_parts
from goodwill.relationship.levers import ANSWER, HOURS, RECOVERY, RETENTION, SATISFACTION
from goodwill.simulate import AnsweringCompany

Floats = NDArray[np.float64]
MOST = 160  # purchases within a year
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
    bought : purchases so far
    """

    company: AnsweringCompany
    rate: Floats
    odds: Floats
    satisfaction: Floats
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

    def year(self, done: Done, weeks: float, *, complaints: bool = True) -> tuple[Floats, Floats]:
        """Purchases in so many weeks, and the chance to be there at their end, of each who is there now; without leaving at further
        complaints if so asked."""
        survive = self.stays(done.leaving)
        rest, kept, bought, chance = np.ones_like(self.rate), np.zeros_like(self.rate), np.zeros_like(self.rate), np.ones_like(self.rate)
        mean = self.rate * weeks
        for number in range(1, MOST + 1):
            more = special.gammainc(number, mean)  # that so many come, if she stays
            kept += chance * (rest - more)
            bought, rest = bought + chance * more, more
            if not (more > 1e-9).any():
                break
            voiced = self.complains(self.bought + number - 1)
            chance = chance * survive * (1 - voiced * leaves(self.company, done) * complaints)
        return bought, kept


def leaves(company: AnsweringCompany, done: Done = Done()) -> float:  # noqa: B008
    """Mean chance to leave at a complaint."""
    satisfied, acceptable, dissatisfied = company.truth.mechanism.outcome_shares
    moved = dissatisfied * done.recovered
    shares = np.array([satisfied + moved, acceptable, dissatisfied - moved])
    return float(shares @ coins(company)) - company.truth.mechanism.complaint_dropout_per_day * done.sooner - done.spared


def coins(company: AnsweringCompany) -> Floats:
    """Chance to leave at a complaint by outcome, over the times to its answer."""
    m = company.truth.mechanism
    return np.array(m.complaint_dropout) + m.complaint_dropout_per_day * np.array(m.days_to_answer)


def gap(company: AnsweringCompany) -> float:
    """By how much likelier customers leave at a dissatisfied complaint than at a satisfied one."""
    satisfied, _, dissatisfied = coins(company)
    return float(dissatisfied - satisfied)


def mean_spend(company: AnsweringCompany) -> float:
    """Of a purchase [currency]."""
    m = company.truth.mechanism
    return m.p * m.gamma / (m.q - 1)


def point_of(company: AnsweringCompany) -> float:
    """One point of the answer in standard deviations of lasting satisfaction."""
    m = company.truth.mechanism
    return 1 / (m.answer_spread * (m.points - 1) * m.satisfaction_loading)


class Right(NamedTuple):
    """The truth of the levers, and what an oracle knows besides.

    Attributes
    ----------
    levers : per unit of margin
    of_point, of_gap, of_hour, gap_total : what a unit of the slope is worth to a point of satisfaction; of the gap to a recovered
        complaint; of what an hour adds to the chance to leave, to one complaint; of the gap, to all complaints of a customer
    prospect, residual, purchase : what a newcomer, a customer who is there, and a purchase bring
    """

    levers: LeverTruth
    of_point: float
    of_gap: float
    of_hour: float
    gap_total: float
    prospect: float
    residual: float
    purchase: float


def right_truth(company: AnsweringCompany, year: float = 52.0) -> Right:
    """Of a company of tens of thousands of customers, whose complaints toss coins and move nothing else.

    A recovered complaint (and an hour) is worth what the complaint report says: what the complainer would have brought, had she stayed and
    no further complaint taken her, over the complaints of the record. All units count further complaints.
    """
    m, spend = company.truth.mechanism, mean_spend(company)
    jumps = (*m.outcome_satisfaction, m.silent_satisfaction, m.satisfaction_per_answer_day, *m.outcome_dropout, m.silent_dropout)
    if any((*jumps, m.voice_satisfaction, m.season, m.spend_with_rate)) or m.regularity != 1 or m.dropout != "after a purchase":
        raise ValueError("the mechanism of this company is not that of the model; take its truth from `lever_truth`")
    orders, _ = company.truth.lived
    there, events = _there(company, orders), _at(company, orders)
    newcomers = _customers(company, np.arange(company.truth.number), np.zeros(company.truth.number))
    slope = m.satisfaction_dropout * point_of(company)
    plain, kept = (there.year(done, year) for done in (Done(), Done(SMALL)))
    one_in_hundred = SMALL * 0.01 / float((kept[1] - plain[1]).mean())
    amounts = {SATISFACTION: Done(slope), RECOVERY: Done(recovered=1.0), RETENTION: Done(one_in_hundred)}
    brought = {frozenset[str](): 0.0}
    for size in range(1, len(MOVED) + 1):
        for chosen in combinations(MOVED, size):
            done = Done(*(sum(parts) for parts in zip(*(amounts[name] for name in chosen), strict=True)))
            brought[frozenset(chosen)] = spend * float((there.year(done, year)[0] - plain[0]).mean())
    sooner = spend * float((there.year(Done(sooner=HOURS / 24), year)[0] - plain[0]).mean())
    total = {name: brought[frozenset([name])] for name in MOVED} | {ANSWER: sooner}
    stayed = events.stays()
    voiced = events.complains(events.bought - 1) * (1.0 if m.leavers_complain else stayed)  # chance to complain at each purchase
    at_stake = spend * (stayed if m.leavers_complain else 1.0) * events.year(Done(), year, complaints=False)[0]
    saved = float(voiced @ at_stake / voiced.sum())
    worth = {
        SATISFACTION: total[SATISFACTION],
        RECOVERY: gap(company) * saved,
        RETENTION: 0.01 * spend * float((kept[0] - plain[0]).sum() / (kept[1] - plain[1]).sum()),
        ANSWER: m.complaint_dropout_per_day / 24 * saved,
    }
    everything = frozenset(MOVED)
    parts = shapley_parts(list(MOVED), lambda moved: brought[moved])
    last_in = {name: brought[everything] - brought[everything - {name}] for name in MOVED}
    per_odds = spend * float((there.year(Done(0.02), year)[0] - there.year(Done(-0.02), year)[0]).mean()) / 0.04
    spared = spend * float((there.year(Done(spared=0.002), year)[0] - plain[0]).mean()) / 0.002 * m.outcome_shares[2]
    return Right(
        LeverTruth(worth, total, parts, last_in, brought[everything]),
        per_odds * point_of(company),
        saved,
        saved,
        spared,
        spend * (1 + float((newcomers.stays() * _after_first(newcomers, year)).mean())),
        spend * float(plain[0].mean()),
        spend,
    )


def _after_first(newcomers: Customers, year: float) -> Floats:
    first = Customers(newcomers.company, newcomers.rate, newcomers.odds, newcomers.satisfaction, newcomers.bought + 1)
    voiced = newcomers.complains(newcomers.bought)
    return (1 - voiced * leaves(newcomers.company)) * first.year(Done(), year)[0]


def _customers(company: AnsweringCompany, person: NDArray[np.intp], bought: Floats) -> Customers:
    people = company.truth.persons
    return Customers(
        company, people.rate[person], special.logit(np.clip(people.leaving[person], 1e-300, 1 - 1e-16)), people.satisfaction[person], bought
    )


def _there(company: AnsweringCompany, orders: Mapping[str, Floats]) -> Customers:
    """Who is there at the end of the record."""
    person = np.asarray(orders["person"], int)
    left = np.full(company.truth.number, np.inf)
    np.minimum.at(left, person, np.asarray(orders["left"], float))
    bought = np.bincount(person, minlength=company.truth.number)
    who = np.flatnonzero((left >= company.truth.weeks) & (bought > 0))
    return _customers(company, who, bought[who].astype(float))


def _at(company: AnsweringCompany, orders: Mapping[str, Floats]) -> Customers:
    """Every purchase of the record, with what its customer had bought by then, this purchase included."""
    return _customers(company, np.asarray(orders["person"], int), np.asarray(orders["event"], float) + 1)
