"""Levers: what can be moved in the answering company, for whom, and from which week on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from goodwill.errors import DataError
from goodwill.simulate.mechanism import Mechanism

FloatArray = NDArray[np.float64]

# What an amount of each lever does; an amount of 0 does nothing. `docs/simulated_company.md` has the equations.
LEVERS: Mapping[str, str] = {
    "nothing": "changes nothing, whatever the amount",
    "rate": "multiplies the purchase rate by 1 + amount",
    "spend": "multiplies every amount by 1 + amount",
    "leaving": "adds the amount to the log odds (or the log rate) of leaving",
    "satisfaction": "adds the amount to satisfaction [standard deviations]",
    "problems": "multiplies the chance of a problem by 1 + amount",
    "voice": "adds the amount to the log odds of complaining of a problem",
    "handling": "turns this share of the complaints that would not have ended satisfied into satisfied ones",
    "recovery": "turns this share of the complaints that would have ended dissatisfied into satisfied ones",
    "harm": "multiplies what problems and their outcomes do to leaving and satisfaction by 1 + amount",
    "answer time": "multiplies the time to the first answer by 1 + amount",
    "good words": "multiplies the listeners who hear well of the company by 1 + amount",
    "bad words": "multiplies the listeners who hear badly of it by 1 + amount",
}


@dataclass(frozen=True, eq=False)
class Moved:
    """The levers as one array each over all people, and the weeks in which they are moved.

    `treated` is the strategy that each person gets from the trial's first week (-1: none); a lever named after a strategy gives it too.
    """

    amounts: Mapping[str, FloatArray]
    people: int
    since: float = 0.0
    until: float = np.inf
    treated: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    given: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))

    def amount(self, lever: str, who: NDArray, week: FloatArray | float) -> FloatArray:
        """The amount of a lever for some people in some weeks; 0 before it is moved and after."""
        if lever not in self.amounts:
            return np.zeros(np.shape(who))
        now = (np.asarray(week) >= self.since) & (np.asarray(week) < self.until)
        return np.where(now, self.amounts[lever][who], 0.0)

    def strategy_of(self, m: Mechanism, who: NDArray, week: FloatArray | float) -> NDArray[np.int64]:
        """The strategy that works on some people in some weeks; -1 for none."""
        week = np.asarray(week)
        in_trial = (week >= m.trial_week) & (week < m.trial_week + m.trial_weeks) & bool(self.treated.size)
        in_lever = (week >= self.since) & (week < self.since + m.trial_weeks) & bool(self.given.size)
        trial = self.treated[who] if self.treated.size else np.full(np.shape(who), -1)
        lever = self.given[who] if self.given.size else np.full(np.shape(who), -1)
        return np.where(in_lever & (lever >= 0), lever, np.where(in_trial, trial, -1))


def moved(
    m: Mechanism, lever: str, amount: float, who: NDArray[np.bool_], *, since: float = 0.0, treated: NDArray[np.int64] | None = None
) -> Moved:
    """One lever moved by an amount for the people of a mask.

    A lever named after a strategy gives it to them for as long as a trial would; its amount is 0 or 1.

    Raises
    ------
    DataError
        An unknown lever, or an amount that it cannot have.
    """
    people, nobody = who.size, np.zeros(0, np.int64)
    treated = nobody if treated is None else treated
    names = [strategy.name for strategy in m.strategies]
    if lever in names:
        if amount not in (0, 1):
            raise DataError(f"the strategy {lever} is given or not: its amount is 0 or 1, and not {amount:g}.")
        given = np.where(who & (amount == 1), names.index(lever), -1)
        return Moved({}, people, since, treated=treated, given=given)
    if lever not in LEVERS:
        raise DataError(f"there is no lever {lever!r}; there are: {', '.join([*LEVERS, *names])}.")
    multiplies = "multiplies" in LEVERS[lever]
    if multiplies and amount < -1:
        raise DataError(f"the lever {lever} {LEVERS[lever]}; an amount below -1 makes that negative.")
    if lever in ("handling", "recovery") and not 0 <= amount <= 1:
        raise DataError(f"the lever {lever} moves a share of complaints: between 0 and 1, and not {amount:g}.")
    amounts = {} if lever == "nothing" else {lever: np.where(who, float(amount), 0.0)}
    return Moved(amounts, people, since, treated=treated)
