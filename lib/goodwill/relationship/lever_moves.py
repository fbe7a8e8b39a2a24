"""Several levers moved at once: what all of them bring, and what part of it is due to each.

`do(S)` is what the customers bring within the horizon with the levers of S moved, less what they bring with none: downstream effects are in
it, because whoever is kept buys, complains and talks again. Links in series would each get an equal share whatever the data; so parts are
given to levers, never to links: Shapley's value averages what a lever adds over all orders in which they could be moved, and the parts
sum to do(all). Beside it stands what each adds as the last one in. What do(all) is more or less than the sum of the levers alone is their
interaction: who is kept twice is kept once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from math import factorial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from goodwill.errors import DataError, TooLittle
from goodwill.inference.uncertainty import Interval, normal_quantile
from goodwill.relationship.base_value import PERIODS, BaseValue, Move
from goodwill.relationship.complaint_counts import ComplaintRates
from goodwill.relationship.levers import ANSWER, RECOVERY, RETENTION, SATISFACTION, Lever
from goodwill.relationship.records import pairs

if TYPE_CHECKING:
    import pandas as pd


NUDGE = (-0.02, 2e-4)  # of log odds and of chances, for numerical slopes
ALL = (SATISFACTION, RECOVERY, ANSWER, RETENTION)


class Words(NamedTuple):
    """What telling brings [currency].

    Attributes
    ----------
    purchase : through the words after one purchase
    recovery : through those of a complainer who was recovered, against one who was not
    far : how far the last may lie below and above it, as the ends of 95 % do

    Examples
    --------
    >>> import goodwill as gw
    >>> made = gw.relationship.example_records()
    >>> moves = gw.relationship.Moves(made.base, made.levers, words=Words(purchase=0.05, recovery=4.0), complaints=made.rates.dissatisfied)
    >>> kept, told = moves.of("recovery")  # through the customers' own purchases, and through what they tell
    >>> kept > 0, told > 0
    (True, True)
    """

    purchase: float = 0.0
    recovery: float = 0.0
    far: tuple[float, float] = (0.0, 0.0)


NO_WORDS = Words()


@dataclass(frozen=True, eq=False)
class Moves:
    """Levers that can be moved together.

    Attributes
    ----------
    base : the customers
    levers : by name; each moved by all its units
    lasts : share of the horizon for which the effect of a lever lasts, by name; 1 where it is not given
    words : what telling brings, and `complaints` the chance of a dissatisfied complaint at a purchase

    Examples
    --------
    >>> import goodwill as gw
    >>> made = gw.relationship.example_records()
    >>> moves = Moves(made.base, made.levers, lasts={"retention": 0.5})
    >>> kept, told = moves.of("retention")
    >>> kept > 0, told  # nothing is known of words
    (True, 0.0)
    """

    base: BaseValue
    levers: Mapping[str, Lever]
    lasts: Mapping[str, float] = field(default_factory=dict)
    words: Words = NO_WORDS
    complaints: float = 0.0

    def __post_init__(self) -> None:
        for name, share in self.lasts.items():
            if name not in self.levers or not 0 <= share <= 1:
                raise DataError(
                    f"the effect of '{name}' is said to last for {share:g} of the horizon; the share lies between 0 and 1, and the levers "
                    f"are {', '.join(self.levers)}"
                )

    def of(self, *moved: str) -> tuple[float, float]:
        """What moving these levers brings within the horizon: through the customers' own purchases, and through what they tell."""
        return self._all_of([moved])[0]

    def _all_of(self, sets: Sequence[Sequence[str]]) -> list[tuple[float, float]]:
        plain, *found = self.base.brought(0.0, *(self._move(moved) for moved in sets))
        parts = []
        for moved, each in zip(sets, found, strict=True):
            told = self.words.purchase * (each.purchases - plain.purchases)
            recovered = self.complaints * each.purchases * self.lasts.get(RECOVERY, 1.0) if RECOVERY in moved else 0.0
            parts.append((each.money - plain.money, told + self.words.recovery * recovered))
        return parts

    def _move(self, moved: Sequence[str]) -> Move:
        """What is done to leaving in each period: a lever works for its share of the horizon, the last period in part."""
        shift, saved, lean, level = np.zeros(PERIODS), np.zeros(PERIODS), 0.0, 1.0
        for name in moved:
            lever, works = self.levers[name], np.clip(self.lasts.get(name, 1.0) * PERIODS - np.arange(PERIODS), 0.0, 1.0)
            shift += lever.shift * works
            saved += lever.saved * works
            if lever.saved:  # levers of complaints have one coin
                lean, level = lever.lean, lever.level
        return Move(shift, saved, lean, level)


def moves_of(base: BaseValue, levers: Mapping[str, Lever], *, lasts: Mapping[str, float], spoken: Any = None, rates: Any = None) -> Moves:
    """The levers that are known, with what is told where that is known.

    Parameters
    ----------
    base, levers, lasts : as in `Moves`
    spoken : of `told_by_recovered`, whose range holds 90 %, and `rates` of `complaint_rates`; anything else stands for not known

    Raises
    ------
    TooLittle
        No lever is known.

    Examples
    --------
    >>> import goodwill as gw
    >>> made = gw.relationship.example_records()
    >>> moves = moves_of(made.base, made.levers, lasts={"recovery": 0.5}, rates=made.rates)
    >>> list(moves.levers), moves.lasts, moves.words.recovery
    (['satisfaction', 'retention', 'recovery'], {'recovery': 0.5}, 0.0)
    """
    if not levers:
        raise TooLittle("No lever is known, so that none can be moved.")
    words = NO_WORDS
    if isinstance(spoken, Interval):
        below, above = (abs(end - spoken.estimate) * normal_quantile(0.95) / normal_quantile(0.9) for end in spoken[1:])
        words = Words(recovery=float(spoken.estimate), far=(float(below), float(above)))
    return Moves(base, levers, lasts, words, rates.dissatisfied if isinstance(rates, ComplaintRates) else 0.0)


def lasting_shares(given: Sequence[str], levers: Iterable[str]) -> dict[str, float]:
    """For how much of the horizon effects last, from texts such as "satisfaction:0.5".

    Raises
    ------
    DataError
        A text that is no pair, a lever that is none, or a share that is no number.

    Examples
    --------
    >>> lasting_shares(["satisfaction:0.5"], ["satisfaction", "retention"])
    {'satisfaction': 0.5}
    """
    found = {}
    for name, share in pairs(given).items():
        try:
            found[name] = float(share)
        except ValueError:
            raise DataError(f"the effect of '{name}' lasts for '{share}'; write a share of the horizon, such as {name}:0.5") from None
        if name not in ALL:
            raise DataError(f"there is no lever '{name}'; there are: {', '.join(ALL)}")
    return {name: share for name, share in found.items() if name in set(levers)}


class Attribution(NamedTuple):
    """Who brings how much of do(all).

    Attributes
    ----------
    table : one row per lever: alone (do of it alone), kept and told (its two paths, alone), part (Shapley) and last_in, both with their
        intervals (part_low, …), in which the total of every lever lies anywhere in its own, and what is told in its range
    together : do(all) [currency]
    interaction : do(all) less the sum of the levers alone

    Examples
    --------
    >>> import goodwill as gw
    >>> made = gw.relationship.example_records()
    >>> found = gw.relationship.attribution(gw.relationship.moves_of(made.base, made.levers, lasts={}))
    >>> found.table["lever"].tolist(), bool(abs(found.table["part"].sum() - found.together.estimate) < 1e-6)  # parts sum to all
    (['satisfaction', 'retention', 'recovery'], True)
    """

    table: pd.DataFrame
    together: Interval
    interaction: float


def shapley_parts(names: Sequence[str], value: Callable[[frozenset[str]], float]) -> dict[str, float]:
    """Shapley's value of each name: the mean of what it adds over all orders; the parts sum to the value of all.

    Shapley (1953), A value for n-person games.

    Examples
    --------
    Two levers of which either keeps the same ten customers:

    >>> shapley_parts(["a", "b"], lambda moved: 10.0 if moved else 0.0)
    {'a': 5.0, 'b': 5.0}
    """
    n = len(names)
    parts = {}
    for name in names:
        others = [each for each in names if each != name]
        total = 0.0
        for size in range(n):
            weight = factorial(size) * factorial(n - size - 1) / factorial(n)
            for chosen in combinations(others, size):
                total += weight * (value(frozenset((*chosen, name))) - value(frozenset(chosen)))
        parts[name] = total
    return parts


def attribution(moves: Moves) -> Attribution:
    """Each lever's part of what all of them bring together.

    Raises
    ------
    DataError
        There is no lever.

    Examples
    --------
    >>> import goodwill as gw
    >>> made = gw.relationship.example_records()
    >>> found = attribution(gw.relationship.moves_of(made.base, made.levers, lasts={}))
    >>> found.table.columns.tolist()[:6]
    ['lever', 'alone', 'kept', 'told', 'part', 'last_in']
    >>> bool(abs(found.together.estimate - found.table["alone"].sum() - found.interaction) < 1e-6)
    True
    """
    import pandas as pd

    names = list(moves.levers)
    if not names:
        raise DataError("there is no lever to move")
    sets = [frozenset(chosen) for size in range(1, len(names) + 1) for chosen in combinations(names, size)]
    found = _brought(moves, sets)
    best = _shared(names, found)
    ends = _ends(moves, sets, names, found, best)
    alone = {name: found[frozenset([name])] for name in names}
    table = pd.DataFrame(
        {
            "lever": names,
            "alone": [sum(alone[name]) for name in names],
            "kept": [alone[name][0] for name in names],
            "told": [alone[name][1] for name in names],
            "part": best[: len(names)],
            "last_in": best[len(names) : -1],
        }
    )
    for place, column in enumerate(("part", "last_in")):
        here = slice(place * len(names), (place + 1) * len(names))
        table[f"{column}_low"], table[f"{column}_high"] = (end[here] for end in ends)
    whole = Interval(*(float(each[-1]) for each in (best, *ends)))
    return Attribution(table, whole, whole.estimate - float(table["alone"].sum()))


Sets = Mapping[frozenset[str], tuple[float, float]]


def _brought(moves: Moves, sets: Sequence[frozenset[str]]) -> Sets:
    return dict(zip(sets, moves._all_of([tuple(each) for each in sets]), strict=True))


def _shared(names: Sequence[str], found: Sets) -> np.ndarray:
    """The part of each, what each adds last, and do(all), in this order."""

    def value(moved: frozenset[str]) -> float:
        return sum(found[moved]) if moved else 0.0

    everything = frozenset(names)
    parts = shapley_parts(names, value)
    return np.array(
        [*(parts[name] for name in names), *(value(everything) - value(everything - {name}) for name in names), value(everything)]
    )


def _ends(
    moves: Moves, sets: Sequence[frozenset[str]], names: Sequence[str], found: Sets, best: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper ends of `_shared`: each lever's total lies anywhere in its interval, independently of the others, and moves the parts
    of all; what is told does so in its range (MOVER; by numerical slopes)."""
    below, above, (down, up) = np.zeros_like(best), np.zeros_like(best), moves.words.far
    if down or up:
        more = replace(moves, words=moves.words._replace(recovery=moves.words.recovery + 1))
        told = _shared(names, _brought(more, sets)) - best
        below, above = np.where(told > 0, told * down, -told * up), np.where(told > 0, told * up, -told * down)
    for name in names:
        lever = moves.levers[name]
        nudged = lever._replace(saved=lever.saved + NUDGE[1]) if lever.saved else lever._replace(shift=lever.shift + NUDGE[0])
        there = _brought(replace(moves, levers={**moves.levers, name: nudged}), sets)
        own = frozenset([name])
        far = there[own][0] - found[own][0]
        if far == 0:
            continue
        slope = (_shared(names, there) - best) / far
        down, up = (abs(end - lever.total.estimate) for end in lever.total[1:])
        below = np.hypot(below, np.where(slope > 0, slope * down, slope * up))
        above = np.hypot(above, np.where(slope > 0, slope * up, slope * down))
    return best - below, best + above
