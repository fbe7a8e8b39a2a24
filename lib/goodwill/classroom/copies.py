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
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from goodwill.classroom.answers import Answers
from goodwill.classroom.oracle import Oracle

CHANCE = 1e-3  # that an honest class is flagged by one of them
ENOUGH_CUSTOMERS, ENOUGH_NUMBERS = 30, 6
NEAR, FAR = 3.0, 10.0  # root mean square of standard errors: near the truth of another, far from one's own


class Flag(NamedTuple):
    """Answers that do not belong to the student who gave them.

    Attributes
    ----------
    student : whose answers they are said not to be
    other : whose company or answers they fit
    why : in words

    Examples
    --------
    >>> flag = Flag("Ben", "Ann", why="12 numbers equal in every digit, where chance makes 0.002")
    >>> f"the answers of {flag.student} go with the company of {flag.other}: {flag.why}"
    'the answers of Ben go with the company of Ann: 12 numbers equal in every digit, where chance makes 0.002'
    """

    student: str
    other: str
    why: str


def flags(answers: Mapping[str, Answers], oracles: Mapping[str, Oracle]) -> list[Flag]:
    """Every pair of students whose answers are not each their own, in the order of the names.

    The first of a pair is the one whose answers fit the other's company, or where that cannot be said, fit her own less well.

    Parameters
    ----------
    answers, oracles : by name of the student; `oracle_of` gives an oracle

    Examples
    --------
    Ann tells what is best for her own company, and Ben hands in her numbers:

    >>> from goodwill.classroom import Answers, oracle_of, student_company
    >>> oracles = {name: oracle_of(student_company(b"secret", name, customers=60, tried=100)) for name in ("Ann", "Ben")}
    >>> hers = Answers(values=oracles["Ann"].values.round(1).to_dict())
    >>> [(flag.student, flag.other) for flag in flags({"Ann": hers, "Ben": hers}, oracles)]
    [('Ben', 'Ann')]
    """
    given = {name: each for name, each in answers.items() if not each.is_empty}
    if len(given) < 2:
        return []
    pairs = len(given) * (len(given) - 1)
    together, equal = _Correlations(given, oracles), _Equal(given)
    distance = {name: {other: _distance(each, oracles[other]) for other in given} for name, each in given.items()}
    found: list[Flag] = []
    for one, two in combinations(given, 2):
        why = [*equal.found(one, two, pairs), *together.values_go_together(one, two, pairs)]
        fit = {}
        for student, other in ((one, two), (two, one)):
            fits = [*together.fits_values(student, other, pairs), *_fits_numbers(distance[student], student, other)]
            if fits:
                fit[student] = Flag(student, other, "; ".join([*why, *fits]))
        if why and not fit:
            first, second = sorted((one, two), key=lambda name: distance[name][name], reverse=True)
            fit[first] = Flag(first, second, "; ".join(why))
        found += fit.values()
    return found


class _Correlations:
    """Rank correlations, customer by customer, of values told by students with one another's and with those of every oracle."""

    def __init__(self, given: Mapping[str, Answers], oracles: Mapping[str, Oracle]) -> None:
        told = {("told", name): _column(each) for name, each in given.items()}
        frame = pd.DataFrame(told | {("best", name): oracles[name].values for name in given})
        frame = frame.loc[:, frame.nunique() >= ENOUGH_CUSTOMERS / 2]  # a few values for all tell nobody apart
        known = frame.notna().to_numpy(float)
        self.place: dict[Any, int] = {name: place for place, name in enumerate(frame.columns)}
        self.r = frame.rank().corr(min_periods=ENOUGH_CUSTOMERS).to_numpy() if len(frame.columns) else np.zeros((0, 0))
        self.customers = known.T @ known

    def _found(self, one: tuple[str, str], two: tuple[str, str]) -> tuple[float, float]:
        """A correlation, and the chance of one as large or larger between unrelated columns; 0 and 1 where it cannot be said."""
        if one not in self.place or two not in self.place:
            return 0.0, 1.0
        at = self.place[one], self.place[two]
        r, n = float(self.r[at]), float(self.customers[at])
        if not np.isfinite(r):
            return 0.0, 1.0
        return r, float(stats.norm.sf(np.arctanh(min(r, 1 - 1e-12)) * np.sqrt(n - 3)))

    def values_go_together(self, one: str, two: str, pairs: int) -> list[str]:
        r, chance = self._found(("told", one), ("told", two))
        return [f"their values go together customer by customer (rank correlation {r:.2f})"] if chance < CHANCE / pairs else []

    def fits_values(self, student: str, other: str, pairs: int) -> list[str]:
        theirs, chance = self._found(("told", student), ("best", other))
        own, _ = self._found(("told", student), ("best", student))
        if chance > CHANCE / pairs or own >= theirs:
            return []
        return [f"the values fit {other}'s customers (rank correlation {theirs:.2f}) and not {student}'s own ({own:.2f})"]


def _column(answers: Answers) -> pd.Series:
    return pd.Series(answers.values, dtype=float)


class _Equal:
    """Numbers equal in every digit, beside how many chance makes equal."""

    def __init__(self, given: Mapping[str, Answers]) -> None:
        self.numbers = {name: each.numbers for name, each in given.items()}
        names = {name for numbers in self.numbers.values() for name in numbers}
        self.range = {name: _range([numbers[name] for numbers in self.numbers.values() if name in numbers]) for name in names}
        self.values = {name: _column(each) for name, each in given.items()}
        # Most values have at least so many digits: one with more must not make equal round numbers look like a wonder.
        self.steps = {name: float(np.quantile([_step(value) for value in told] or [1.0], 0.9)) for name, told in self.values.items()}

    def found(self, one: str, two: str, pairs: int) -> list[str]:
        equal, expected = 0, 0.0
        mine, theirs = self.numbers[one], self.numbers[two]
        for name in mine.keys() & theirs.keys():
            equal += mine[name] == theirs[name]
            expected += _chance_equal(self.range[name], max(_step(mine[name]), _step(theirs[name])))
        both = pd.concat([self.values[one], self.values[two]], axis=1, join="inner").to_numpy()
        both = both[(both != 0).all(axis=1)]
        if len(both) >= ENOUGH_CUSTOMERS and len(np.unique(both[:, 0])) >= ENOUGH_CUSTOMERS / 2:
            equal += int((both[:, 0] == both[:, 1]).sum())
            expected += len(both) * _chance_equal(_range(both.ravel()), max(self.steps[one], self.steps[two]))
        # Chances of several numbers add up in a Poisson variable; those of one student hang together, so that fewer than three never count.
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


def _range(told: ArrayLike) -> float:
    """The length over which numbers spread: twice the middle half."""
    low, high = np.quantile(np.asarray(told, float), [0.25, 0.75])
    return float(2 * (high - low))


def _chance_equal(length: float, step: float) -> float:
    """That two numbers of a class stand on the same step of the length over which they spread."""
    return float(min(1.0, step / max(length, step)))


def _fits_numbers(distance: Mapping[str, float], student: str, other: str) -> list[str]:
    theirs, own = distance[other], distance[student]
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
