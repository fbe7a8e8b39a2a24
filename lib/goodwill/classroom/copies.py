"""Answers that are not a student's own: what they share with another's, and whose company they fit.

Companies are made apart, so honest answers to two of them have nothing in common but chance. Three things are looked at; for the first two
the chance that an honest pair shows as much must stay below `CHANCE` over all pairs of the class:

- the values of the customers, in order, go with those of another's company: a rank correlation, which is about 0 between two companies;
- numbers equal in every digit: how many, beside how many would be equal if each were as likely to stand anywhere in the class's range;
- numbers near the truth of another's company, and far from that of her own.

A flag accuses nobody: it says which answers do not belong to the company that they were given for. Marks are not changed by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from goodwill.classroom.answers import Answers
from goodwill.classroom.oracle import Oracle
from goodwill.inference.parameters import FloatArray

CHANCE = 1e-3  # that an honest class is flagged by one of them
ENOUGH_CUSTOMERS, ENOUGH_NUMBERS = 30, 6
NEAR, FAR = 3.0, 10.0  # root mean square of standard errors: near the truth of another, far from one's own


class Flag(NamedTuple):
    """Answers that do not belong to the student who gave them."""

    student: str
    other: str
    why: str


def flags(answers: Mapping[str, Answers], oracles: Mapping[str, Oracle]) -> list[Flag]:
    """Every pair of students whose answers are not each their own, in the order of the names.

    The first of a pair is the one whose answers fit the other's company, or where that cannot be said, fit her own less well.
    """
    given = {name: each for name, each in answers.items() if not each.is_empty}
    pairs = max(1, len(given) * (len(given) - 1))
    found: list[Flag] = []
    for one, two in combinations(given, 2):
        why = [*_same_numbers(given, one, two, pairs), *_values_go_together(given[one], given[two], pairs)]
        for student, other in ((one, two), (two, one)):
            fits = [*_fits_values(given[student], oracles, student, other, pairs), *_fits_numbers(given[student], oracles, student, other)]
            if fits:
                found.append(Flag(student, other, "; ".join([*why, *fits])))
        if why and not any({flag.student, flag.other} == {one, two} for flag in found):
            first, second = sorted((one, two), key=lambda name: _distance(given[name], oracles[name]), reverse=True)
            found.append(Flag(first, second, "; ".join(why)))
    return found


def _rank_correlation(one: pd.Series, two: pd.Series) -> tuple[float, float]:
    """Rank correlation of two columns over the customers of both, and the chance of one as large or larger between unrelated columns."""
    both = pd.concat([one, two], axis=1, join="inner").dropna()
    if len(both) < ENOUGH_CUSTOMERS or both.nunique().min() < ENOUGH_CUSTOMERS / 2:
        return 0.0, 1.0
    r = float(np.corrcoef(both.rank().to_numpy().T)[0, 1])
    return r, float(stats.norm.sf(np.arctanh(min(r, 1 - 1e-12)) * np.sqrt(len(both) - 3)))


def _column(answers: Answers) -> pd.Series:
    return pd.Series(answers.values, dtype=float)


def _values_go_together(one: Answers, two: Answers, pairs: int) -> list[str]:
    r, chance = _rank_correlation(_column(one), _column(two))
    return [f"their values go together customer by customer (rank correlation {r:.2f})"] if chance < CHANCE / pairs else []


def _fits_values(answers: Answers, oracles: Mapping[str, Oracle], student: str, other: str, pairs: int) -> list[str]:
    values = _column(answers)
    theirs, chance = _rank_correlation(values, oracles[other].values)
    own, _ = _rank_correlation(values, oracles[student].values)
    if chance > CHANCE / pairs or own >= theirs:
        return []
    return [f"the values fit {other}'s customers (rank correlation {theirs:.2f}) and not {student}'s own ({own:.2f})"]


def _same_numbers(given: Mapping[str, Answers], one: str, two: str, pairs: int) -> list[str]:
    """Numbers equal in every digit, beside how many chance makes equal."""
    equal, expected = 0, 0.0
    mine, theirs = given[one].numbers, given[two].numbers
    for name in mine.keys() & theirs.keys():
        told = np.array([each.numbers[name] for each in given.values() if name in each.numbers])
        equal += mine[name] == theirs[name]
        expected += _chance_equal(told, min(_step(mine[name]), _step(theirs[name])))
    ours, others = _column(given[one]), _column(given[two])
    both = pd.concat([ours, others], axis=1, join="inner").to_numpy()
    both = both[(both != 0).all(axis=1)]
    if len(both) >= ENOUGH_CUSTOMERS and len(np.unique(both[:, 0])) >= ENOUGH_CUSTOMERS / 2:
        step = min(min(_step(value) for value in column) for column in both.T)
        equal += int((both[:, 0] == both[:, 1]).sum())
        expected += len(both) * _chance_equal(both.ravel(), step)
    # Chances of several numbers add up in a Poisson variable; those of one student hang together, so one alone never counts.
    if equal < 3 or stats.poisson.sf(equal - 1, expected) > CHANCE / pairs:
        return []
    return [f"{equal:,} numbers equal in every digit, where chance makes {expected:.1g}"]


def _step(value: float) -> float:
    """The size of the last digit of a number as it is written.

    >>> _step(12.34), _step(500.0), _step(0.0025)
    (0.01, 1.0, 0.0001)
    """
    text = repr(float(value))
    mantissa, _, exponent = text.partition("e")
    decimals = len(mantissa.partition(".")[2].rstrip("0"))
    return float(10.0 ** (int(exponent or 0) - decimals))


def _chance_equal(told: FloatArray, step: float) -> float:
    """That two numbers of a class stand on the same step: steps within the middle half, where half of the numbers stand."""
    low, high = np.quantile(told, [0.25, 0.75])
    return float(min(1.0, step / max(2 * (high - low), step)))


def _fits_numbers(answers: Answers, oracles: Mapping[str, Oracle], student: str, other: str) -> list[str]:
    theirs, own = _distance(answers, oracles[other]), _distance(answers, oracles[student])
    if not (theirs < NEAR and own > FAR):
        return []
    return [f"the numbers lie {theirs:.1f} standard errors from the truth of {other}'s company and {own:.1f} from {student}'s own"]


def _distance(answers: Answers, oracle: Oracle) -> float:
    """Root mean square of the distance from the truth in standard errors; infinite where there are too few numbers to say."""
    away = [(told - oracle.parameters[name].truth) / oracle.parameters[name].standard_error for name, told in answers.parameters.items()]
    for name, futures in oracle.futures.items():
        if name in answers.forecasts:
            away.append((answers.forecasts[name] - futures.mean()) / max(float(futures.std()), 1e-9))
    return float(np.sqrt(np.mean(np.square(away)))) if len(away) >= ENOUGH_NUMBERS else float("inf")
