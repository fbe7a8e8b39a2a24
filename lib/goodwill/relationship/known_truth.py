"""The truth of the levers on a company whose truth answers: what the same customers bring in the year after the record, a lever moved.

Chance is large beside what a lever moves, so a truth is taken from many more customers than a report has: it is what customers like these
are worth. For the company that stands in where there are no files, the truth was taken once and stands in `EXAMPLE`.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from goodwill.errors import TooLittle
from goodwill.relationship.lever_moves import shapley_parts
from goodwill.relationship.levers import ANSWER, HOURS, RECOVERY, RETENTION, SATISFACTION

if TYPE_CHECKING:
    from goodwill.lifetime_value.value import ValueTerms
    from goodwill.simulate import AnsweringCompany
    from goodwill.simulate.mechanism import Mechanism

# Share of the horizon after which the mean unit of a lever's money comes: who is kept all through it is kept on; who is kept at a complaint
# is watched from there.
WHEN = {SATISFACTION: 2 / 3, RETENTION: 2 / 3, RECOVERY: 0.5, ANSWER: 0.5}
KEEPS = -0.4  # log odds: the move by which the worth of a customer kept is taken
SOON = 8.0  # weeks in which complaints are recovered, each then watched for a year
MOVED = {SATISFACTION: "satisfaction", RECOVERY: "recovery", RETENTION: "leaving"}  # moved together, by the simulation's names


class LeverTruth(NamedTuple):
    """What is true of customers of one kind, per unit of margin and without discount.

    Attributes
    ----------
    worth : of a unit of each lever
    total : of all its units within the year, per customer who is there; of answers, `HOURS` less for every complaint
    parts, last_in, together : Shapley parts, what each adds last, and all, of satisfaction, recovery and retention moved together

    Examples
    --------
    >>> told = {"satisfaction": 1.5, "recovery": 0.6, "retention": 1.0}
    >>> truth = LeverTruth(worth=told, total=told, parts=told, last_in=told, together=3.1)
    >>> round(sum(truth.parts.values()), 6) == truth.together
    True
    """

    worth: Mapping[str, float]
    total: Mapping[str, float]
    parts: Mapping[str, float]
    last_in: Mapping[str, float]
    together: float


def lever_truth(company: AnsweringCompany, year: float = 52.0) -> LeverTruth:
    """Ask a simulated company; it should have tens of thousands of customers, no prospects and no trial.

    Parameters
    ----------
    company : of `simulate.answering_company`
    year : how long levers are moved after its record [weeks]

    Examples
    --------
    >>> import goodwill as gw
    >>> many = gw.simulate.answering_company("full", customers=1000, weeks=52, seed=1, prospects=0, trial_shares=())
    >>> truth = lever_truth(many)
    >>> abs(sum(truth.parts.values()) - truth.together) < 1e-9, list(truth.worth)
    (True, ['satisfaction', 'recovery', 'retention', 'answer time'])
    """
    m, start = company.truth.mechanism, company.truth.weeks
    plain, kept = (_lived(company, moves, start + year) for moves in ({}, {"leaving": KEEPS}))
    amounts = {
        SATISFACTION: point_of(m),
        RECOVERY: 1.0,
        RETENTION: KEEPS * 0.01 * plain.there / (kept.kept - plain.kept),  # one in a hundred
    }
    brought = {frozenset[str](): 0.0}
    for size in range(1, len(MOVED) + 1):
        for chosen in combinations(MOVED, size):
            run = _lived(company, {MOVED[name]: amounts[name] for name in chosen}, start + year)
            brought[frozenset(chosen)] = (run.money - plain.money) / plain.there
    soon, later, sooner = (
        _lived(company, moves, start + SOON / 2 + year, SOON) for moves in ({}, {"recovery": 1.0}, {"answer time": -1.0})
    )
    quick = _lived(company, {"answer time": -1.0}, start + year)
    total = {name: brought[frozenset([name])] for name in MOVED}
    total[ANSWER] = (quick.money - plain.money) / plain.there * HOURS / plain.hours
    worth = {
        SATISFACTION: total[SATISFACTION],
        RECOVERY: (later.money - soon.money) / soon.bad,
        RETENTION: 0.01 * (kept.money - plain.money) / (kept.kept - plain.kept),
        ANSWER: (sooner.money - soon.money) / (soon.hours * soon.complaints),
    }
    everything = frozenset(MOVED)
    parts = shapley_parts(list(MOVED), lambda moved: brought[moved])
    last_in = {name: brought[everything] - brought[everything - {name}] for name in MOVED}
    return LeverTruth(worth, total, parts, last_in, brought[everything])


def point_of(m: Mechanism) -> float:
    """By how many standard deviations lasting satisfaction must rise so that the mean answer rises by one point.

    Answers are what is felt, rounded, and no lower or higher than the scale: whoever would say more than its highest answer says no more.

    Examples
    --------
    >>> from goodwill.simulate.mechanism import MECHANISMS
    >>> m = MECHANISMS["full"]
    >>> round(1 / (m.answer_spread * 9 * m.satisfaction_loading), 3), round(point_of(m), 3)  # without ends, and with them
    (0.561, 0.607)
    """
    length, rest = m.points - 1, 1 - m.satisfaction_loading**2
    spread = m.answer_spread * length * np.sqrt(m.satisfaction_loading**2 * (1 + m.mood_spread**2) + rest)
    borders = (np.arange(1, m.points) + 0.5 - 1 - length * m.answer_centre) / spread
    rise = float(np.exp(-0.5 * borders**2).sum() / np.sqrt(2 * np.pi)) / spread  # of the mean answer, per point of what is felt
    return float(1 / (m.answer_spread * length * m.satisfaction_loading * rise))


class _Lived(NamedTuple):
    """One version of the time after the record: spend, customers there at its beginning and end, complaints, mean hours to an answer."""

    money: float
    there: int
    kept: int
    bad: int
    complaints: int
    hours: float


def _lived(company: AnsweringCompany, levers: Mapping[str, float], until: float, lasts: float = np.inf) -> _Lived:
    from goodwill.simulate.lives import SILENT, Redraw

    truth, start = company.truth, company.truth.weeks
    orders, _ = truth.run(truth.moves(levers, since=start, lasts=lasts), until=until, redraw=Redraw(start, 1))
    after = orders[orders["week"] >= start]
    left = orders.groupby("person")["left"].min().to_numpy()
    voiced = after[(after["ended"] < SILENT) & (after["week"] < start + lasts)]
    bad, hours = int((voiced["ended"] == 2).sum()), 24 * float(voiced["answer_days"].mean())
    return _Lived(float(after["amount"].sum()), int((left >= start).sum()), int((left >= until).sum()), bad, len(voiced), hours)


# The company that stands in where there are no files: as "full", asked at week 78 of 104, with a trial and without prospects.
EXAMPLE: dict[str, Any] = {"customers": 6_000, "weeks": 104, "survey_week": 78.0, "prospects": 0}
EXAMPLE_ASKED = "2025-06-30"  # the day of week 78
EXAMPLE_COSTS = {SATISFACTION: 0.2, RECOVERY: 3.0, ANSWER: 0.001, RETENTION: 0.2}  # invented, like all of this company


# Its truth per unit of margin, from 400,000 customers in ten companies of other seeds, without a trial; that of an hour
# moves little and is known to a third. That of a point was taken for a point of what is felt (1.46); one of the mean answer
# takes 1.08 times as much (`point_of`), and is worth 1.086 times as much in 100,000 customers of five other seeds.
EXAMPLE_TRUTH = {SATISFACTION: 1.58, RECOVERY: 22.0, ANSWER: 0.006, RETENTION: 1.02}


def example_truth(company: Any, terms: ValueTerms) -> dict[str, float]:
    """The true worth of a unit of each lever, of the company that stands in, at these terms: margin, and about the discount.

    Parameters
    ----------
    company : of `example_company`; anything else has no known truth
    terms : margin, discount rate and horizon

    Raises
    ------
    TooLittle
        The company is no simulated one.

    Examples
    --------
    >>> import goodwill as gw
    >>> made = gw.relationship.example_records()
    >>> truth = example_truth(made.company, made.terms)
    >>> list(truth), all(worth > 0 for worth in truth.values())
    (['satisfaction', 'recovery', 'answer time', 'retention'], True)
    """
    if company is None:
        raise TooLittle("The truth is not known, as it never is of a company of one's own.")
    return {name: terms.margin * float(np.exp(-terms.rate * terms.horizon * WHEN[name])) * worth for name, worth in EXAMPLE_TRUTH.items()}


def example_company(seed: int = 1) -> AnsweringCompany:
    """The company that stands in where there are no files.

    Examples
    --------
    >>> sold = example_company()
    >>> len(sold.transactions), len(sold.complaints), len(sold.survey), sold.experiment["arm"].unique().tolist()
    (32818, 2218, 1853, ['voucher', 'call', 'do_nothing'])
    """
    from goodwill.simulate import answering_company

    return answering_company("full", seed=seed, **EXAMPLE)
