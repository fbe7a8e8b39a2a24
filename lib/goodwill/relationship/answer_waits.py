"""By how much likelier customers leave at a complaint with each hour that they wait for the first answer.

The complaints of each outcome are sorted into classes of wait, at most three, and the chances of all classes lie on lines, the same slope
for all outcomes and a height for each. The lines are fitted in one likelihood with the purchases, so that nobody who left at one complaint
is taken for staying at another. A chance ends at one: in cases so old that everybody would have left, an hour more or less changes nothing.
So the chance of a class is min(1, height + slope x hours), averaged over its cases, and an hour is worth the slope times the share of cases
below one. A straight line loses a twelfth of the slope where one case in twenty is at that border.

The interval is that of the profile likelihood. Where few leave, a class of a hundred complaints holds some ten silent customers who could
have left at them; its chance comes out below zero as easily as above, and the likelihood is the steeper the lower it lies. Chances of their
own for all classes, each with the error of its curvature, held the slope in too few companies for that reason.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from goodwill.data.complaints import OUTCOMES
from goodwill.data.tracking import purchase_days
from goodwill.errors import TooLittle
from goodwill.inference.uncertainty import Interval, normal_quantile
from goodwill.lifetime_value.modified_beta_geo_nbd import ModifiedBetaGeoNBD
from goodwill.word_of_mouth.complaint_coin import (
    BORDER,
    CLIMBS,
    FEWEST,
    HALVES,
    HIGHEST,
    LEARNED,
    SETTLED,
    UNKNOWN,
    VERY_FAR,
    climbed,
    coin_data,
    inverse,
    lowest,
    most_likely,
)
from goodwill.word_of_mouth.complaint_likelihood import CoinData, Objective, log_likelihood

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
CLASSES = 3  # of wait, of each outcome
STEEP = 3.0  # what the slowest class may have more than cases answered at once
SETTLES = 20  # in which it is settled which cases are at the border
ROUNDS, NEAR = 12, 0.01  # in which the ends of the interval are sought, and how near, in standard errors
WAIT = "wait"  # the column that names a class


class Waits(NamedTuple):
    """Complaints by how they ended and how long they waited.

    Attributes
    ----------
    log : the complaints of customers, with a column `wait`: the class; the outcome, or that it is not known, where waits tell nothing.
        Fewer than 20 of the latter are left out: a chance of theirs would be noise
    hours : to the first answer, by class
    outcome : by class

    Examples
    --------
    >>> import goodwill as gw
    >>> made = gw.relationship.example_records()
    >>> waits = classes_of_wait(gw.data.purchase_days(made.purchases), made.cases)
    >>> {name: len(hours) for name, hours in waits.hours.items() if waits.outcome[name] == "satisfied"}  # days are whole here
    {'satisfied 1': 125, 'satisfied 2': 60, 'satisfied 3': 33}
    """

    log: pd.DataFrame
    hours: dict[str, Floats]
    outcome: dict[str, str]


def classes_of_wait(days: pd.DataFrame, log: pd.DataFrame) -> Waits:
    """Sort complaints of customers who had bought: as many classes of each outcome, three at most, as have 20 complaints each.

    Parameters
    ----------
    days : customer_id, date
    log : checked cases with customer_id, opened, answered and outcome

    Raises
    ------
    TooLittle
        No moments of the first answer, no outcomes, or no outcome with two classes.
    """
    if "answered" not in log or "outcome" not in log:
        raise TooLittle("The complaints have no moments of the first answer, or no outcomes, so that waiting cannot be told from the case.")
    first, last = days.groupby(days["customer_id"].astype(str))["date"].min(), days["date"].max()
    opened = log["opened"].dt.normalize()
    known = (log["customer_id"].astype(str).map(first) <= opened) & (opened <= last)
    cases = log[known]
    waited = (cases["answered"] - cases["opened"]).dt.total_seconds() / 3600
    named, hours, outcome = cases["outcome"].astype(object).fillna(UNKNOWN), {}, {}
    for end in sorted(OUTCOMES):
        here = waited[(cases["outcome"] == end) & waited.notna()]
        place = _classes(here.to_numpy(float))
        for number in range(int(place.max(initial=-1)) + 1):
            name = f"{end} {number + 1}"
            hours[name], outcome[name] = here.to_numpy(float)[place == number], end
            named[here.index[place == number]] = name
    if not hours:
        raise TooLittle("No outcome has 20 complaints answered fast and 20 answered slowly, so that waiting cannot be valued.")
    enough = named.map(named.value_counts()) >= FEWEST
    return Waits(cases.assign(**{WAIT: named})[enough], hours, outcome)


def _classes(hours: Floats) -> NDArray[np.intp]:
    """Class of each wait, shortest first; none where they do not make two of 20."""
    for number in range(CLASSES, 1, -1):
        if len(hours) < FEWEST * number:
            continue
        cuts = np.unique(np.quantile(hours, np.arange(1, number) / number))
        place = np.searchsorted(cuts[cuts < hours.max()], hours)
        count = np.bincount(place)
        if len(count) > 1 and count.min() >= FEWEST:
            return place
    return np.zeros(0, np.intp)


def leaving_per_hour(purchases: Any, log: pd.DataFrame, start: Any, *, leavers_complain: bool = True) -> Interval:
    """By how much the chance of leaving at a complaint rises with each hour to the first answer, of complaints that end alike.

    That slow cases are hard ones in other ways is not seen here.

    Parameters
    ----------
    purchases : checked transactions
    log : checked cases with customer_id, opened, answered and outcome
    start : the fit of a purchase model to them
    leavers_complain : whether those who left at a purchase complain too

    Raises
    ------
    TooLittle
        No moments of the first answer, or no outcome with 20 complaints answered fast and 20 answered slowly.

    Examples
    --------
    >>> import goodwill as gw
    >>> made = gw.relationship.example_records()
    >>> found = leaving_per_hour(made.purchases, made.cases, made.buying)
    >>> bool(found.lower < found.estimate < found.upper), bool(abs(found.estimate) < 0.01)  # less than a point an hour
    (True, True)
    """
    return per_hour_of(purchase_days(purchases), log, start, leavers_complain=leavers_complain)


def per_hour_of(days: pd.DataFrame, log: pd.DataFrame, start: Any, *, leavers_complain: bool = True) -> Interval:
    """`leaving_per_hour` from days with a purchase: customer_id, date."""
    waits = classes_of_wait(days, log)
    data = coin_data(days, waits.log, split=WAIT)
    lines, prior = Lines.of(waits, data), LEARNED
    chances = log_likelihood(data, ModifiedBetaGeoNBD, leavers_complain, prior)
    free = [(lowest(leavers_complain), HIGHEST)] * len(data.outcomes)
    best, _ = most_likely(chances, data, np.full(len(free), 0.05), free, prior[0], getattr(start, "model", start))
    at = lines.through(best[4:-1])
    for _ in range(SETTLES):
        function = lines.of_lines(chances)
        # Where some of the chances are noise, no line may lie near them; and with some `lean` somebody's chance is near one, where a climb
        # may end. The same small chance for all can always be.
        flat = np.r_[np.full(lines.heights, 0.05), 0.0, np.full(len(lines.others), 0.05)]
        starts = [np.r_[best[:4], each] for each in (np.r_[at, best[-1]], np.r_[at, 0.0], np.r_[flat, 0.0])]
        near = [each for each in starts if np.isfinite(function(each)[0])][:2]
        best, likelihood, information = max((climbed(function, each) for each in near), key=lambda found: found[1])
        at = best[4:-1]
        again = lines.bent(at)
        if again.same(lines):
            break
        lines = again
    return slope_of(LinesFit(lines, function, best, likelihood, information))


@dataclass(frozen=True, eq=False)
class Lines:
    """Chances of leaving at a complaint that lie on a line for each outcome; they may lie below zero, whoever complains.

    Attributes
    ----------
    hours : of the cases of each class of wait
    height : which of the heights a class has; `heights` is how many there are
    classes, others : where the coins of classes stand, and those that have nothing to do with waits
    below : which cases are not at the border of one. While lines are fitted it does not change: what moves is a sum over classes then
    """

    hours: list[Floats]
    height: list[int]
    heights: int
    classes: list[int]
    others: list[int]
    below: list[NDArray[np.bool_]]

    @classmethod
    def of(cls, waits: Waits, data: CoinData) -> Lines:
        """Before anything is known of the border."""
        hours, ends = list(waits.hours.values()), sorted(set(waits.outcome.values()))
        classes = [data.outcomes.index(name) for name in waits.hours]
        others = [place for place in range(len(data.outcomes)) if place not in classes]
        height, below = [ends.index(end) for end in waits.outcome.values()], [np.ones(len(each), bool) for each in hours]
        return cls(hours, height, len(ends), classes, others, below)

    def bent(self, at: Floats) -> Lines:
        """With the border where lines reach one: `at` holds the heights, the slope and the other chances."""
        below = [at[height] + at[self.heights] * hours / self.longest < 1 for height, hours in zip(self.height, self.hours, strict=True)]
        return replace(self, below=below)

    def same(self, other: Lines) -> bool:
        """Whether the same cases are at the border."""
        return all((one == two).all() for one, two in zip(self.below, other.below, strict=True))

    @property
    def share(self) -> float:
        """Of cases in which an hour counts."""
        return float(np.concatenate(self.below).mean())

    @cached_property
    def longest(self) -> float:
        """Mean wait of the slowest class, the unit of the slope: so it is of the size of a chance [hours]."""
        return max(float(hours.mean()) for hours in self.hours)

    def through(self, chances: Floats) -> Floats:
        """The lines nearest to such chances, every class counting alike."""
        design, border = self.design
        return np.asarray(np.linalg.lstsq(design, chances - border, rcond=None)[0], float)

    @cached_property
    def design(self) -> tuple[Floats, Floats]:
        """What each coin's chance has of heights, slope and other chances, and the share of its cases at the border."""
        design = np.zeros((len(self.classes) + len(self.others), self.heights + 1 + len(self.others)))
        border = np.zeros(len(design))
        for place, height, hours, below in zip(self.classes, self.height, self.hours, self.below, strict=True):
            design[place, [height, self.heights]] = below.mean(), (below * hours).mean() / self.longest
            border[place] = 1 - below.mean()
        design[self.others, np.arange(self.heights + 1, design.shape[1])] = 1.0
        return design, border

    def of_lines(self, of_chances: Objective) -> Objective:
        """A log-likelihood, with its gradient, as a function of lines instead of chances."""
        design, border = self.design

        def function(point: Floats) -> tuple[float, Floats]:
            value, gradient = of_chances(np.r_[point[:4], border + design @ point[4:-1], point[-1]])
            return value, np.r_[gradient[:4], gradient[4:-1] @ design, gradient[-1]]

        return function


class LinesFit(NamedTuple):
    """The lines of largest likelihood, together with a purchase model.

    Attributes
    ----------
    lines, function : how chances lie, and the log-likelihood
    point : logarithms of the model's parameters, the heights, the slope (a unit: `Lines.longest`), the other chances, and `lean`
    likelihood, information : at this point; the curvature
    """

    lines: Lines
    function: Objective
    point: Floats
    likelihood: float
    information: Floats


def slope_of(fit: LinesFit) -> Interval:
    """What an hour adds to the chance of leaving, over all cases, with its profile interval."""
    place, far = 4 + fit.lines.heights, normal_quantile(0.95)
    best, error = float(fit.point[place]), float(np.sqrt(max(inverse(fit.information)[place, place], 0.0)))

    def root(value: float) -> float:
        return float(np.sqrt(np.clip(2 * (fit.likelihood - _profile(fit, value)), 0.0, VERY_FAR)))

    def end(value: float) -> float:
        """Where the signed root is that of 95 %: it is nearly a straight line through the estimate."""
        for _ in range(ROUNDS):
            value = float(np.clip(value, -STEEP, STEEP))
            reached = root(value)
            if abs(reached - far) < NEAR:
                break
            value = best + (value - best) * min(far / max(reached, 1e-9), 2.0)
        return value

    counts, away = fit.lines.share / fit.lines.longest, far * (error or STEEP)
    return Interval(*(counts * each for each in (best, end(best - away), end(best + away))))


def _profile(fit: LinesFit, value: float) -> float:
    """Largest log-likelihood with the slope held there: the others follow by Newton steps, halved until the likelihood rises."""
    place, others = 4 + fit.lines.heights, np.delete(np.arange(len(fit.point)), 4 + fit.lines.heights)
    inner, change = inverse(fit.information[np.ix_(others, others)]), value - fit.point[place]
    starts = np.tile(fit.point, (3, 1))
    starts[:, place] = value
    starts[0, others] -= inner @ fit.information[others, place] * change
    starts[1, 4:place] += max(-change, 0.0)  # so that no chance falls: where few leave, lower ones soon cannot be
    starts[2, -1] = 0.0  # nor does anybody's chance, however likely to leave, reach one
    starts[:, :4] = np.clip(starts[:, :4], -BORDER, BORDER)
    for at in starts:
        best, gradient = fit.function(at)
        if np.isfinite(best):
            break
    for _ in range(CLIMBS):
        step = np.clip(inner @ gradient[others], -1.0, 1.0)
        for _ in range(HALVES):
            there = at.copy()
            there[others] += step
            there[:4] = np.clip(there[:4], -BORDER, BORDER)
            found, slopes = fit.function(there)
            if found > best:
                break
            step = step / 2
        else:
            break
        gain, at, best, gradient = found - best, there, found, slopes
        if gain < SETTLED:
            break
    return best
