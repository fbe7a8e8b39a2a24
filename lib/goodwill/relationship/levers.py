"""Four levers and what a unit of each is worth: satisfaction, a recovered complaint, a faster answer, retention.

A lever enters as a shift of the log odds of leaving after a purchase (`base_value`). What is worth what:

- one point of satisfaction, of every customer: the slope of the dropout model times a point in standard deviations;
- one dissatisfied complaint turned into a satisfied one: the difference of the chances to leave at it and the value of the complainer,
  both as the complaint report has them (`word_of_mouth.complaint_cost`); with a chance c of such a complaint at a purchase, a gap g and a
  mean chance p to leave at a purchase, all of them recovered shift the log odds by log(1 - c g / p);
- one hour less to the first answer of every complaint: likewise, from the coins of fast and of slow answers with the same outcome;
- one customer in a hundred more who is still there at the end: by the purchase model alone, whatever keeps her.

Per unit a lever counts a year after its moment, as a complainer is valued from the complaint on; in total it counts what falls within the
horizon. Nothing here says that an association is an effect: `hidden_causes` and the break-even shares of `lever_plan` do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from goodwill.data.complaints import OUTCOMES
from goodwill.data.tracking import purchase_days
from goodwill.errors import TooLittle
from goodwill.inference.uncertainty import Interval, added, normal_quantile, product
from goodwill.relationship.answered_histories import FEWEST as ENOUGH
from goodwill.relationship.base_value import BaseValue, Brought
from goodwill.relationship.satisfaction_dropout import SLOPE
from goodwill.word_of_mouth.complaint_coin import CoinFit, coin_data, fit_coin
from goodwill.word_of_mouth.complaint_cost import MeasuredCosts, mean_interval, recovery_gap, recovery_saves

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.relationship.records import Answers

Floats = NDArray[np.float64]
SATISFACTION, RECOVERY, ANSWER, RETENTION = "satisfaction", "recovery", "answer time", "retention"
SMALL = -0.05  # log odds: the move by which a customer kept is valued
# By how much the worth of a customer kept missed the truth on companies of this model and of others, as a standard error relative to it
# (benchmarks/results/truth_relationship.txt): no purchase model says by itself how wrong it is. Its size was read off those companies, so
# that their coverage does not test it; other companies have to.
MODEL_ERROR = 0.07
HOURS = 24.0  # by which answers are made faster where a total is shown: an hour of a log with days is too little to see


class Lever(NamedTuple):
    """What moving one thing is worth.

    Attributes
    ----------
    name, unit : "satisfaction" and "one point, one customer", …
    worth : of one unit [currency]
    units : how many there are within the horizon
    total : of all of them within the horizon [currency]
    shift : log odds of leaving, when all units are moved
    grade : "association" where who had it and who had not may differ otherwise, "effect" where lots were drawn, "model" for arithmetic
    """

    name: str
    unit: str
    worth: Interval
    units: float
    total: Interval
    shift: float
    grade: str


@dataclass(frozen=True, eq=False)
class ComplaintRates:
    """Complaints per purchase in the time of the log.

    Attributes
    ----------
    dissatisfied, any : chance that a purchase is followed by such a complaint
    purchases : that they were counted over
    """

    dissatisfied: float
    any: float
    purchases: float = np.inf

    def error(self, rate: float) -> float:
        """Standard error of one of them as a share of it, by chance in the count of complaints."""
        return float(1 / np.sqrt(max(rate * self.purchases, 1.0)))


def complaint_rates(purchases: Any, log: pd.DataFrame) -> ComplaintRates:
    """How many complaints come upon a purchase, in the days that both tables cover.

    Parameters
    ----------
    purchases : checked transactions
    log : checked cases with customer_id, opened and, where known, outcome; those of strangers do not count

    Raises
    ------
    TooLittle
        No complaint falls into the time of the purchases.
    """
    days = purchase_days(purchases)
    first, last = log["opened"].min().normalize(), days["date"].max()
    within = days[days["date"] >= first]
    cases = log[(log["opened"] <= last) & log["customer_id"].astype(str).isin(set(days["customer_id"].astype(str)))]
    if cases.empty or within.empty:
        raise TooLittle("No complaint of a customer falls into the time of the purchases.")
    bad = int((cases["outcome"] == "dissatisfied").sum()) if "outcome" in cases else 0
    return ComplaintRates(bad / len(within), len(cases) / len(within), float(len(within)))


def with_answers(found: Mapping[str, Lever], answers: Answers) -> Lever:
    """The lever of satisfaction.

    Raises
    ------
    TooLittle
        Too few answers for it.
    """
    if SATISFACTION not in found:
        raise TooLittle(f"{answers.joined.joined} answers are of customers who had bought; what a point is worth takes {ENOUGH}.")
    return found[SATISFACTION]


def customer_levers(base: BaseValue, reliability: Any = None) -> dict[str, Lever]:
    """One point of satisfaction of every customer (where some answered), and one in a hundred more who is still there at the end.

    Parameters
    ----------
    base : customers with the fitted model
    reliability : share of the answers' variance that lasts, with its range (an answer half as reliable doubles what a point is worth);
        anything else stands for no survey
    """
    step = base.fit.point_in_spreads

    def totals(point: Floats) -> Floats:
        plain, happier, kept = base.brought(0.0, point[SLOPE] * step, SMALL, point=point)
        return np.array([happier.money - plain.money, (kept.money - plain.money) / (kept.kept - plain.kept) * 0.01 * plain.there])

    best = totals(base.fit.point)
    chance = base.profit.std() / base.profit.mean() / np.sqrt(max(base.brought(0.0)[0].there, 1.0))  # of who the customers happen to be
    error = np.hypot(chance, [0.0, MODEL_ERROR])
    half = normal_quantile(0.95) * np.sqrt(np.diag(base.covariance(totals)) + (error * best) ** 2)
    point, kept = (Interval(middle, middle - far, middle + far) for middle, far in zip(best.tolist(), half.tolist(), strict=True))
    if isinstance(reliability, Interval):
        point = product(point, Interval(1.0, reliability.estimate / reliability.upper, reliability.estimate / reliability.lower))
    plain, moved = base.brought(0.0, SMALL)
    shifts = float(base.fit.point[SLOPE] * step), SMALL * 0.01 * plain.there / (moved.kept - plain.kept)
    units = {SATISFACTION: "one point, one customer", RETENTION: "one percentage point, one customer"}
    found = {
        name: Lever(name, units[name], Interval(*(end / plain.there for end in total)), plain.there, total, shift, grade)
        for name, total, shift, grade in zip(units, (point, kept), shifts, ("association", "model"), strict=True)
    }
    return found if base.fit.data.answers else {RETENTION: found[RETENTION]}


def recovery_lever(base: BaseValue, measured: MeasuredCosts, rates: ComplaintRates) -> Lever:
    """One dissatisfied complaint turned into a satisfied one; what one is worth is the number of the complaint report.

    Raises
    ------
    TooLittle
        Dissatisfied or satisfied complaints are too few to estimate a chance of leaving.
    """
    for outcome in ("dissatisfied", "satisfied"):
        if outcome in measured.reasons:
            raise TooLittle(f"What recovery changes cannot be measured: {measured.reasons[outcome]}.")
    saves = recovery_saves(measured.coin, measured.costs["dissatisfied"], 1.0)
    units = rates.dissatisfied * base.brought(0.0)[0].purchases
    total, shift = _total_of(base, saves.gap, rates.dissatisfied, rates.error(rates.dissatisfied))
    return Lever(RECOVERY, "one dissatisfied complaint", saves.saved, units, total, shift, "association")


def answer_lever(base: BaseValue, measured: MeasuredCosts, per_hour: Interval, rates: ComplaintRates, hours: float = HOURS) -> Lever:
    """One hour less to the first answer of a complaint; the total is that of `hours` less for all of them.

    Parameters
    ----------
    per_hour : of `leaving_per_hour`
    """
    value = mean_interval(measured.values["at_stake"])
    units = hours * rates.any * base.brought(0.0)[0].purchases
    total, shift = _total_of(base, Interval(*(hours * end for end in per_hour)), rates.any, rates.error(rates.any))
    return Lever(ANSWER, "one hour, one complaint", product(per_hour, value), units, total, shift, "association")


def _total_of(base: BaseValue, gap: Interval, rate: float, error: float) -> tuple[Interval, float]:
    """What a fall of the chance to leave at a share of purchases brings within the horizon, and the shift of the log odds."""
    plain = base.brought(0.0)[0]
    mean = chance_to_leave(plain)
    shifts = [float(np.log(np.clip(1 - rate * each / mean, 0.05, 20.0))) for each in gap]
    found = [each.money - plain.money for each in base.brought(*shifts)]
    far = normal_quantile(0.95) * float(np.hypot(error, MODEL_ERROR)) * found[0]  # chance in the rate, and the model of who is kept
    low, high = (float(np.hypot(end - found[0], far)) for end in (min(found), max(found)))
    return Interval(found[0], found[0] - low, found[0] + high), shifts[0]


def chance_to_leave(plain: Brought) -> float:
    """Mean chance to leave at a purchase, over the purchases of the horizon."""
    return max((plain.there - plain.kept) / max(plain.purchases, 1e-12), 1e-6)


def leaving_ratio(base: BaseValue, measured: MeasuredCosts) -> Interval:
    """Risk to leave after a dissatisfied complaint over that after a satisfied one; the interval is that of their difference.

    Raises
    ------
    TooLittle
        Dissatisfied or satisfied complaints are too few.
    """
    for outcome in ("dissatisfied", "satisfied"):
        if outcome in measured.reasons:
            raise TooLittle(f"The risk to leave cannot be compared: {measured.reasons[outcome]}.")
    gap = recovery_gap(measured.coin)
    mean = chance_to_leave(base.brought(0.0)[0])
    satisfied = max(mean + (1 - mean) * measured.costs["satisfied"].chance.estimate, 0.2 * mean)
    return Interval(*(max(1 + (1 - mean) * end / satisfied, 0.01) for end in gap))


def leaving_per_hour(purchases: Any, log: pd.DataFrame, start: Any, *, leavers_complain: bool = True) -> Interval:
    """By how much the chance of leaving at a complaint rises with each hour to the first answer, of complaints that end alike.

    The coin of a complaint is fitted for the faster and the slower half of each outcome; the difference of the halves over the difference
    of their mean waits is taken, weighted by how well each outcome tells it. That slow cases are hard ones in other ways is not seen here.

    Parameters
    ----------
    purchases : checked transactions
    log : checked cases with customer_id, opened, answered and outcome
    start : the fit of a purchase model to them
    leavers_complain : whether those who left at a purchase complain too

    Raises
    ------
    TooLittle
        No moments of the first answer, or fewer than 20 complaints in a half of every outcome.
    """
    if "answered" not in log or "outcome" not in log:
        raise TooLittle("The complaints have no moments of the first answer, or no outcomes, so that waiting cannot be told from the case.")
    cases = log.dropna(subset=["customer_id", "opened", "answered", "outcome"])
    days, found = purchase_days(purchases), []
    for outcome in OUTCOMES:
        here = cases[cases["outcome"] == outcome]
        hours = (here["answered"] - here["opened"]).dt.total_seconds() / 3600
        slow = hours > hours.median()
        if min(int(slow.sum()), int((~slow).sum())) < 2:
            continue
        # The two halves take the places of two outcomes; everybody else's complaints keep theirs out of it.
        halves = here.assign(outcome=np.where(slow, "dissatisfied", "satisfied"))
        try:
            data = coin_data(days, halves)
            coin = fit_coin(data, leavers_complain=leavers_complain, start=getattr(start, "model", start))
            found.append(_per_hour(coin, float(hours[slow].mean() - hours[~slow].mean())))
        except TooLittle:
            continue
    if not found:
        raise TooLittle("No outcome has 20 complaints answered fast and 20 answered slowly, so that waiting cannot be valued.")
    return _pooled(found)


def _per_hour(coin: CoinFit, apart: float) -> Interval:
    if not apart > 0:
        raise TooLittle("All first answers took equally long.")
    gap = recovery_gap(coin)
    return Interval(*(end / apart for end in gap))


def _pooled(parts: Sequence[Interval]) -> Interval:
    """The mean of estimates weighted by their precision."""
    weight = np.array([1 / max((each.upper - each.lower) / 2, 1e-12) ** 2 for each in parts])
    share = weight / weight.sum()
    return added([Interval(*(w * end for end in each)) for w, each in zip(share, parts, strict=True)])
