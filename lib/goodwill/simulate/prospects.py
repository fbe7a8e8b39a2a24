"""Word of mouth: customers tell people of a finite pool, whom a good word may bring and a bad word may keep away.

There is no graph: each listener is drawn from the whole pool, because no record of a company says who knows whom.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from goodwill.simulate.lives import Company, lives
from goodwill.simulate.streams import FloatArray

MOST_LISTENERS = 256  # to one purchase; the number of a listener is part of the key of her random numbers
GOOD = np.array([True, True, False, False, True])  # of what a purchase ended with, in the order of `Mechanism.told`
MOST_PASSES = 200


def hearings(c: Company, orders: pd.DataFrame, first_prospect: int) -> pd.DataFrame:
    """The words that decide somebody: person, week, comes (or is kept away)."""
    who, event = orders["person"].to_numpy(int), orders["event"].to_numpy(int)
    ended, week = orders["ended"].to_numpy(int), orders["week"].to_numpy(float)
    again, good = c.redraw.of(week), GOOD[ended]
    lever = np.where(good, c.moves.amount("good words", who, week), c.moves.amount("bad words", who, week))
    mean = np.array(c.m.told)[ended] * (1 + lever)
    u = c.streams.uniform("told", who, event, again)
    # Geometric: the share of those who tell nobody, one, two … falls by one factor.
    factor = np.maximum(mean / (1 + mean), 1e-300)
    number = np.where(mean > 0, np.floor(np.log(u) / np.log(factor)), 0).astype(int).clip(0, MOST_LISTENERS - 1)
    each = np.repeat(np.arange(len(who)), number)
    key = event[each] * MOST_LISTENERS + np.arange(each.size) - np.repeat(np.cumsum(number) - number, number)
    person, again = who[each], again[each]
    listener = first_prospect + np.floor(c.m.prospects * c.streams.uniform("listener", person, key, again)).astype(int)
    heard = week[each] + c.m.days_to_tell / 7 * c.streams.exponential("delay", person, key, again)
    decides = c.streams.uniform("decides", person, key, again) < np.where(good[each], c.m.convinces, c.m.deters)
    return pd.DataFrame({"person": listener[decides], "week": heard[decides], "comes": good[each][decides]})


def arrivals(c: Company, first_prospect: int, heard: pd.DataFrame) -> FloatArray:
    """When each prospect becomes a customer: whatever decides her first, a good word, a bad one, or that she comes by herself.

    Infinite for those who never do.
    """
    who = np.arange(first_prospect, first_prospect + c.m.prospects)
    with np.errstate(divide="ignore"):
        alone = c.streams.exponential("arrival", who) / c.m.arrival
    born = np.where(np.isfinite(alone), alone, np.inf)
    if heard.empty:
        return born
    first = heard.sort_values(["person", "week"]).groupby("person", sort=True).first()
    at = first.index.to_numpy() - first_prospect
    earlier = first["week"].to_numpy() < born[at]
    born[at[earlier]] = np.where(first["comes"].to_numpy()[earlier], first["week"].to_numpy()[earlier], np.inf)
    return born


def whole_company(c: Company, born: FloatArray) -> tuple[pd.DataFrame, FloatArray]:
    """All purchases, and when everybody was born: the first customers on given days, prospects as word of mouth decides.

    Who is won tells others in turn. A word moves nothing before it is heard, so passing through all lives until no birth changes any
    more ends at the one history in which everything agrees.
    """
    customers = born.size
    first = np.arange(customers)
    orders = lives(c, first, born)
    if not c.m.prospects:
        return orders, born
    told = hearings(c, orders, customers)
    who: NDArray = np.arange(customers, customers + c.m.prospects)
    came = arrivals(c, customers, told)
    for _ in range(MOST_PASSES):
        won = lives(c, who, came)
        again = arrivals(c, customers, pd.concat([told, hearings(c, won, customers)]))
        if np.array_equal(again, came):
            return pd.concat([orders, won], ignore_index=True), np.concatenate([born, came])
        came = again
    raise RuntimeError(f"the word of mouth of the simulated company did not settle in {MOST_PASSES} passes")
