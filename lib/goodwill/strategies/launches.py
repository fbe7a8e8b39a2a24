"""Which strategies to launch at all: what each set of launches brings for each budget, on bins of customers alike in value.

A launch costs the same whoever is treated, so that its price is no part of the greedy over customers. Sets of launches are few, and for
each of them one sort gives the gain of every budget; the best set of a budget is the highest of these curves less its launches.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from goodwill.strategies.incremental_values import IncrementalValue
from goodwill.strategies.per_customer import CustomerPlan, allocate_customers
from goodwill.strategies.single_customers import Customers

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
BINS = 40  # of equal numbers of a segment's customers, by value
MOST_LAUNCHES = 9  # strategies of which all sets are tried; with more only the nested sets in the order of what each would net alone


@dataclass(frozen=True, eq=False)
class Launches:
    """What sets of launches bring; made by `launches_of`.

    Attributes
    ----------
    place, number, relative : segment, customers and mean relative value of each bin
    gain : of strategies per customer of mean value, shape (segments, strategies)
    already : strategies that are launched in any case, because they are promised
    sets : (launched, what the launches cost, the greedy without a budget), for each set of launches
    """

    values: IncrementalValue
    groups: tuple[Ints, ...]
    place: Ints
    number: Floats
    relative: Floats
    gain: Floats
    already: Flags
    hurdle: float
    sets: tuple[tuple[Flags, float, CustomerPlan], ...]

    def best(self, money: float) -> Flags:
        """The launches that net most of this money; none is better than some that net the same."""
        best, highest = self.sets[0][0], -np.inf
        for launched, fixed, curve in self.sets:
            if fixed <= money * (1 + 1e-12):
                net = float(np.interp(money - fixed, curve.budgets, curve.gains - self.hurdle * curve.budgets)) - self.hurdle * fixed
                if net > highest + 1e-9 * max(1.0, abs(net)):
                    best, highest = launched, net
        return best

    def spend(self, money: float) -> tuple[Floats, Floats, float]:
        """Customers treated and their number of average customers, shape (segments, strategies) each, and the return of the next unit."""
        launched = self.best(money)
        gains, costs = self.options(launched)
        fixed = float(self.values.fixed_cost @ (launched & ~self.already))
        found = allocate_customers(gains, costs, max(money - fixed, 0.0), hurdle=self.hurdle)
        treated, weight = np.zeros(self.values.eligible.shape), np.zeros(self.values.eligible.shape)
        for group, members in enumerate(self.groups):
            at = slice(group * len(self.place), (group + 1) * len(self.place))
            for row, option in enumerate(found.choice[at]):
                if option >= 0:
                    self._add(treated, weight, row, members[option], 1.0)
        if found.fractional is not None:
            who, start, end, share = found.fractional
            members, row = self.groups[who // len(self.place)], who % len(self.place)
            self._add(treated, weight, row, members[end], share)
            if start >= 0:
                self._add(treated, weight, row, members[start], -share)
        return treated, weight, found.shadow_price

    def _add(self, treated: Floats, weight: Floats, row: int, strategy: int, share: float) -> None:
        treated[self.place[row], strategy] += share * self.number[row]
        weight[self.place[row], strategy] += share * self.number[row] * self.relative[row]

    def options(self, launched: Flags) -> tuple[Floats, Floats]:
        """Gains and costs of bins under some launches, one row per bin and group."""
        return _options(self.values, self.groups, self.place, self.number, self.relative[:, None] * self.gain[self.place], launched)


def launches_of(customers: Customers, gain: Floats, hurdle: float, already: Flags) -> Launches:
    """What each set of launches brings for each budget.

    Parameters
    ----------
    gain : of strategies per customer of mean value, shape (segments, strategies)
    hurdle : what one unit of money must bring back to be spent
    already : launched in any case
    """
    values, groups = customers.values, customers.groups
    place, number, relative = _binned(customers)
    worth = relative[:, None] * gain[place]
    pays = values.eligible[place] & (worth > hurdle * values.cost[place])  # what is never worth its cost is not launched
    choosable = np.flatnonzero(pays.any(axis=0) & (values.fixed_cost > 0) & ~already)
    alone = (np.where(pays, worth - hurdle * values.cost[place], 0.0) * number[:, None]).sum(axis=0) - hurdle * values.fixed_cost
    sets = []
    for chosen in _sets(choosable, alone):
        launched = already | (values.fixed_cost == 0)
        launched[list(chosen)] = True
        gains, costs = _options(values, groups, place, number, worth, launched)
        fixed = float(values.fixed_cost @ (launched & ~already))
        sets.append((launched, fixed, allocate_customers(gains, costs, np.inf, hurdle=hurdle)))
    return Launches(values, groups, place, number, relative, gain, already, hurdle, tuple(sets))


def _sets(choosable: Ints, alone: Floats) -> Iterator[tuple[int, ...]]:
    if len(choosable) <= MOST_LAUNCHES:
        for size in range(len(choosable) + 1):
            yield from combinations(choosable.tolist(), size)
        return
    order = sorted(choosable.tolist(), key=lambda k: -alone[k])
    for size in range(len(order) + 1):
        yield tuple(order[:size])


def _options(
    values: IncrementalValue, groups: tuple[Ints, ...], place: Ints, number: Floats, worth: Floats, launched: Flags
) -> tuple[Floats, Floats]:
    width = max(len(members) for members in groups)
    gains, costs = [], []
    for members in groups:
        pad = ((0, 0), (0, width - len(members)))
        able = (values.eligible & launched)[:, members][place]
        room = np.minimum(1.0, values.capacity[members] / np.maximum((able * number[:, None]).sum(axis=0), 1))
        gains.append(np.pad(np.where(able, worth[:, members], 0.0) * number[:, None] * room, pad))
        costs.append(np.pad(values.cost[:, members][place] * number[:, None] * room, pad))
    return np.concatenate(gains), np.concatenate(costs)


def _binned(customers: Customers) -> tuple[Ints, Floats, Floats]:
    place, number, relative = [], [], []
    for s in range(len(customers.values.segments)):
        worth = np.sort(customers.relative[customers.place == s])[::-1]
        for part in np.array_split(worth, min(BINS, len(worth))) if len(worth) else []:
            place.append(s)
            number.append(len(part))
            relative.append(part.mean())
    return np.array(place, dtype=np.int64), np.array(number, dtype=float), np.array(relative, dtype=float)
