"""By how much likelier customers leave at a complaint with each hour that they wait for the first answer.

The complaints of each outcome are sorted into classes of wait, at most three, and all classes have a coin of their own in one likelihood,
so that nobody who left at one complaint is taken for staying at another. A line goes through the chances, the same slope for all outcomes
and a height for each, every class counting as it has complaints: weights that hang on the chances themselves, as those of inverse variances
do, favour small ones. A chance ends at one: in cases so old that everybody would have left, an hour more or less changes nothing. So the
line is that of min(1, height + slope x hours), averaged over the cases of a class, and an hour is worth the slope times the share of cases
below one. A straight line loses a twelfth of the slope where one case in twenty is at that border.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from goodwill.data.complaints import OUTCOMES
from goodwill.data.tracking import purchase_days
from goodwill.errors import TooLittle
from goodwill.inference.uncertainty import Interval, normal_quantile
from goodwill.word_of_mouth.complaint_coin import FEWEST, UNKNOWN, CoinFit, coin_data, fit_coin

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
CLASSES = 3  # of wait, of each outcome
ROUNDS = 20  # in which it is settled which cases are at the border
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
    return slope_of(fit_coin(data, leavers_complain=leavers_complain, start=getattr(start, "model", start)), waits)


def slope_of(coin: CoinFit, waits: Waits) -> Interval:
    """What an hour adds to the chance of leaving, over all cases.

    Parameters
    ----------
    coin : with a chance for each class of `waits`

    Notes
    -----
    A sum over classes of 20 complaints and more, several of them: its error is taken as normal, from the curvature of the likelihood, and
    from how far the chances move with what is left open of `lean`.
    """
    places = [list(coin.chances).index(name) for name in waits.hours]
    chances, known = np.array(list(coin.chances.values()))[places], coin.leanings
    by_chance, offset = _line(chances, list(waits.hours.values()), list(waits.outcome.values()))
    best = float(by_chance @ chances)
    leans = float(known.weights @ (known.chances[:, places] @ by_chance - best) ** 2)
    far = normal_quantile(0.95) * float(np.sqrt(by_chance @ known.covariance[np.ix_(places, places)] @ by_chance + leans))
    return Interval(best - offset, best - offset - far, best - offset + far)


def _line(chances: Floats, hours: list[Floats], outcomes: list[str]) -> tuple[Floats, float]:
    """The slope below the border, times the share of cases there, as a sum over classes: what each chance counts, and what is taken off."""
    ends = sorted(set(outcomes))
    place = np.array([ends.index(each) for each in outcomes])
    root = np.sqrt([len(each) for each in hours])
    below = [np.ones(len(each), bool) for each in hours]
    for _ in range(ROUNDS):
        free, waited = (np.array([each.mean() for each in part]) for part in (below, [h * b for h, b in zip(hours, below, strict=True)]))
        design = np.column_stack([free[:, None] * (place[:, None] == np.arange(len(ends))), waited])
        weight = np.linalg.pinv(root[:, None] * design) * root
        found = weight @ (chances - (1 - free))
        again = [found[end] + found[-1] * each < 1 for end, each in zip(place, hours, strict=True)]
        if all((one == other).all() for one, other in zip(below, again, strict=True)):
            break
        below = again
    share = float(np.concatenate(below).mean())
    return share * weight[-1], float(share * weight[-1] @ (1 - free))
