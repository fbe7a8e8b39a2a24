"""Four levers and what a unit of each is worth: satisfaction, a recovered complaint, a faster answer, retention.

A lever enters as a shift of the log odds of leaving after a purchase (`base_value`). What is worth what:

- one point of satisfaction, of every customer: the slope of the dropout model times a point in standard deviations;
- one dissatisfied complaint turned into a satisfied one: the difference g of the chances to leave at it and the value of the complainer,
  both as the complaint report has them (`word_of_mouth.complaint_cost`); with a chance c of such a complaint at a purchase, all of them
  recovered spare whoever stays at a purchase the chance c g, as the coin of a complaint spreads it over customers (`base_value.Move`);
- one hour less to the first answer of every complaint: likewise, from the coins of faster and slower answers with the same outcome
  (`answer_waits`);
- one customer in a hundred more who is still there at the end: by the purchase model alone, whatever keeps her.

Who has bought more often complains more often, or less, and the customers to come are those who have bought more often: c is taken by the
number of purchases before, and weighted as the purchases of the horizon will be.

A total is of these customers, each as she really is. It has the error of the chances, of the count of complaints, of the fit, of what
histories leave open of each customer (`unknown_customers`), and of the purchase model itself, as far as others fit as well
(`rival_models`).

Per unit a lever counts a year after its moment, as a complainer is valued from the complaint on; in total it counts what falls within the
horizon. Nothing here says that an association is an effect: `hidden_causes` and the break-even shares of `lever_plan` do.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from goodwill.errors import TooLittle
from goodwill.inference.uncertainty import Interval, normal_quantile, product
from goodwill.relationship.answered_histories import FEWEST as ENOUGH
from goodwill.relationship.base_value import SMALL, BaseValue, Brought, Move
from goodwill.relationship.satisfaction_dropout import SLOPE
from goodwill.word_of_mouth.complaint_coin import CoinFit
from goodwill.word_of_mouth.complaint_cost import Amount, MeasuredCosts, sum_of_costs
from goodwill.word_of_mouth.complaint_likelihood import leaning, mean_power
from goodwill.word_of_mouth.recovery_trial import recovery_gap, recovery_saves

if TYPE_CHECKING:
    from goodwill.relationship.complaint_counts import ComplaintRates
    from goodwill.relationship.grouped_answers import GroupedAnswers
    from goodwill.relationship.records import Answers

Floats = NDArray[np.float64]
SATISFACTION, RECOVERY, ANSWER, RETENTION = "satisfaction", "recovery", "answer time", "retention"
SMALL_FALL = 0.01  # of a chance, by which money per unit of a smaller one is taken
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
    saved, lean, level : what all units take from the chance to leave at a purchase, as in `base_value.Move`
    hangs : whether its sign hangs on who complains, which no log tells
    grade : "association" where who had it and who had not may differ otherwise, "effect" where lots were drawn, "model" for arithmetic

    Examples
    --------
    >>> import goodwill as gw
    >>> made = gw.relationship.example_records()
    >>> retention = made.levers["retention"]
    >>> retention.unit, retention.worth.lower > 0, retention.grade
    ('one percentage point, one customer', True, 'model')
    """

    name: str
    unit: str
    worth: Interval
    units: float
    total: Interval
    shift: float
    grade: str
    saved: float = 0.0
    lean: float = 0.0
    level: float = 1.0
    hangs: bool = False


def with_answers(found: Mapping[str, Lever], answers: Answers | GroupedAnswers) -> Lever:
    """The lever of satisfaction.

    Raises
    ------
    TooLittle
        Too few answers for it.

    Examples
    --------
    >>> import goodwill as gw
    >>> made = gw.relationship.example_records()
    >>> with_answers(made.levers, made.answers).name
    'satisfaction'
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

    Examples
    --------
    >>> import goodwill as gw
    >>> made = gw.relationship.example_records()
    >>> {name: lever.unit for name, lever in customer_levers(made.base).items()}
    {'satisfaction': 'one point, one customer', 'retention': 'one percentage point, one customer'}
    """
    step, (found, covariance) = base.fit.point_in_spreads, base.units
    best = found[:2]
    error = np.hypot(base.unknown_errors[:2], [0.0, base.model_error])
    half = normal_quantile(0.95) * np.sqrt(np.diag(covariance)[:2] + (error * best) ** 2)
    point, kept = (Interval(middle, middle - far, middle + far) for middle, far in zip(best.tolist(), half.tolist(), strict=True))
    if isinstance(reliability, Interval) and base.fit.data.reliability is None:  # errors of single answers cancel in the mean of a group
        point = product(point, Interval(1.0, reliability.estimate / reliability.upper, reliability.estimate / reliability.lower))
    plain, moved = base.brought(0.0, SMALL)
    shifts = float(base.fit.point[SLOPE] * step), SMALL * 0.01 * plain.there / (moved.kept - plain.kept)
    units = {SATISFACTION: "one point, one customer", RETENTION: "one percentage point, one customer"}
    levers = {
        name: Lever(name, units[name], Interval(*(end / plain.there for end in total)), plain.there, total, shift, grade)
        for name, total, shift, grade in zip(units, (point, kept), shifts, ("association", "model"), strict=True)
    }
    return levers if base.fit.data.answers else {RETENTION: levers[RETENTION]}


def recovery_lever(base: BaseValue, measured: MeasuredCosts, rates: ComplaintRates) -> Lever:
    """One dissatisfied complaint turned into a satisfied one; what one is worth is the number of the complaint report.

    Raises
    ------
    TooLittle
        Dissatisfied or satisfied complaints are too few to estimate a chance of leaving.

    Examples
    --------
    >>> import goodwill as gw
    >>> made = gw.relationship.example_records()
    >>> lever = recovery_lever(made.base, made.measured, made.rates)
    >>> lever.unit, lever.worth.estimate > 0, round(lever.units, -1)  # so many complaints a year has
    ('one dissatisfied complaint', True, 40.0)
    """
    for outcome in ("dissatisfied", "satisfied"):
        if outcome in measured.reasons:
            raise TooLittle(f"What recovery changes cannot be measured: {measured.reasons[outcome]}.")
    saves, rates = recovery_saves(measured.coin, measured.costs["dissatisfied"], 1.0), rates.ahead(base.before)
    units, coin = rates.dissatisfied * base.brought(0.0)[0].purchases, measured.coin
    money, spared = _spared(base, rates.dissatisfied, saves.gap.estimate, coin)
    # The gap is another one where the coin leans otherwise: both vary together, as in what one recovered complaint is worth.
    amounts = {"dissatisfied": money, "satisfied": Amount(-money.likeliest, -money.leaning)}
    error = _shared_error(base, rates.dissatisfied_error) * abs(money.likeliest * saves.gap.estimate)
    total = sum_of_costs(coin, amounts, error)
    return Lever(RECOVERY, "one dissatisfied complaint", saves.saved, units, total, 0.0, "association", *spared)


def either_way(found: Mapping[bool, Any], stated: bool) -> Lever:
    """The lever of complaints, under one answer to whether those who left at a purchase complain too, held against the other.

    The log cannot tell which answer is right. Where both lead to the same verdict (worth something, costs something, not told apart) the
    stated one stands; where they do not, the interval reaches over both.

    Parameters
    ----------
    found : of `recovery_lever` under either answer; anything else than a lever under the other one leaves the stated one as it is
    stated : the answer that is taken

    Examples
    --------
    >>> from goodwill.inference.uncertainty import Interval
    >>> from goodwill.relationship import Lever
    >>> worth = Interval(2.0, 1.0, 3.0)
    >>> recovery = Lever("recovery", "one complaint", worth, 100.0, Interval(200.0, 100.0, 300.0), -0.1, "association")
    >>> costly = recovery._replace(worth=Interval(-2.0, -3.0, -1.0), total=Interval(-200.0, -300.0, -100.0))
    >>> found = either_way({True: recovery, False: costly}, stated=True)
    >>> found.hangs, found.worth.lower, found.worth.upper  # which of the two is so, no log tells
    (True, -3.0, 3.0)
    """
    here, other = found[stated], found[not stated]
    if not isinstance(other, Lever) or _sign(here.worth) == _sign(other.worth):
        return here
    worth, total = (
        Interval(one.estimate, min(one.lower, two.lower), max(one.upper, two.upper))
        for one, two in ((here.worth, other.worth), (here.total, other.total))
    )
    return here._replace(worth=worth, total=total, hangs=True)


def _sign(worth: Interval) -> int:
    return 1 if worth.lower > 0 else -1 if worth.upper < 0 else 0


def answer_lever(base: BaseValue, measured: MeasuredCosts, per_hour: Interval, rates: ComplaintRates, hours: float = HOURS) -> Lever:
    """One hour less to the first answer of a complaint; the total is that of `hours` less for all of them.

    Parameters
    ----------
    per_hour : of `answer_waits.leaving_per_hour`

    Examples
    --------
    >>> import goodwill as gw
    >>> made = gw.relationship.example_records()
    >>> per_hour = gw.inference.Interval(0.001, 0.0, 0.002)  # of leaving_per_hour
    >>> lever = answer_lever(made.base, made.measured, per_hour, made.rates)
    >>> lever.unit, lever.worth.estimate > 0, lever.grade
    ('one hour, one complaint', True, 'association')
    """
    worth, far = float(measured.values["at_stake"].mean()), normal_quantile(0.95) * measured.unsure
    value, rates = Interval(worth, worth - far, worth + far), rates.ahead(base.before)
    units = hours * rates.any * base.brought(0.0)[0].purchases
    total, spared = _total_of(base, Interval(*(hours * end for end in per_hour)), rates.any, rates.any_error, measured.coin)
    return Lever(ANSWER, "one hour, one complaint", product(per_hour, value), units, total, 0.0, "association", *spared)


def _spared(base: BaseValue, rate: float, fall: float, coin: CoinFit) -> tuple[Amount, tuple[float, float, float]]:
    """What a fall of the chance to leave at a share of purchases brings within the horizon, per unit of the fall, and what it spares as in
    `Move`.

    How the coin goes with a customer's own chance to leave is known as far as `coin.leanings` say: the money is taken at each of them.
    """
    far, base_rate = fall if abs(fall) > SMALL_FALL else SMALL_FALL, rate / base.mean_ratio

    def move(lean: float) -> Move:
        power = leaning(coin.model, lean)
        return Move(saved=base_rate * far, lean=power, level=mean_power(coin.data, coin.model, power))

    likeliest = move(coin.lean)
    plain, best, *leant = base.brought(0.0, likeliest, *(move(lean) for lean in coin.leanings.values))
    money = [(each.money - plain.money) / far for each in (best, *leant)]
    return Amount(money[0], np.array(money[1:])), (base_rate * fall, likeliest.lean, likeliest.level)


def _shared_error(base: BaseValue, rate: float) -> float:
    """Standard error of what complaints spared bring, as a share of it, whatever the chances to leave at one; `rate` of their number."""
    money, covariance = base.units
    fit = float(np.sqrt(covariance[2, 2])) / money[2] if money[2] > 0 else 0.0
    return float(np.linalg.norm([rate, fit, base.unknown_errors[2], base.model_error]))


def _total_of(base: BaseValue, gap: Interval, rate: float, error: float, coin: CoinFit) -> tuple[Interval, tuple[float, float, float]]:
    """What a fall of the chance to leave at a share of purchases, known from other coins, brings within the horizon, and what it spares."""
    money, spared = _spared(base, rate, gap.estimate, coin)
    best, low, high = (money.likeliest * end for end in gap)
    weights, leant = coin.leanings.weights, money.leaning * gap.estimate
    leans = float(np.sqrt(weights @ (leant - weights @ leant) ** 2))
    far = normal_quantile(0.95) * float(np.hypot(_shared_error(base, error) * best, leans))
    below, above = (float(np.hypot(end - best, far)) for end in (min(best, low, high), max(best, low, high)))
    return Interval(best, best - below, best + above), spared


def chance_to_leave(plain: Brought) -> float:
    """Mean chance to leave at a purchase, over the purchases of the horizon."""
    return max((plain.there - plain.kept) / max(plain.purchases, 1e-12), 1e-6)


def leaving_ratio(base: BaseValue, measured: MeasuredCosts) -> Interval:
    """Risk to leave after a dissatisfied complaint over that after a satisfied one; the interval is that of their difference.

    Raises
    ------
    TooLittle
        Dissatisfied or satisfied complaints are too few.

    Examples
    --------
    >>> import goodwill as gw
    >>> made = gw.relationship.example_records()
    >>> found = leaving_ratio(made.base, made.measured)
    >>> found.estimate > 1, found.lower < found.estimate < found.upper
    (True, True)
    """
    for outcome in ("dissatisfied", "satisfied"):
        if outcome in measured.reasons:
            raise TooLittle(f"The risk to leave cannot be compared: {measured.reasons[outcome]}.")
    gap = recovery_gap(measured.coin)
    mean = chance_to_leave(base.brought(0.0)[0])
    satisfied = max(mean + (1 - mean) * measured.costs["satisfied"].chance.estimate, 0.2 * mean)
    return Interval(*(max(1 + (1 - mean) * end / satisfied, 0.01) for end in gap))
