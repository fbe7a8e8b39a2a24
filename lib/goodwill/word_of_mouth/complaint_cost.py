"""What complaints cost through the complainers' own purchases: the chance of leaving at one, times what leaves.

Complainers are no average customers: who buys more has more chances to complain. So each is valued as she stood just before she complained,
from her history up to then. A cost may be negative, where handling keeps customers; it is never cut at zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np

from goodwill.calendar import DAYS_PER_UNIT
from goodwill.data.complaints import OUTCOMES
from goodwill.data.tracking import purchase_days
from goodwill.errors import FitError, TooLittle
from goodwill.inference.counts_ahead import count_ahead
from goodwill.inference.uncertainty import Interval, normal_quantile
from goodwill.lifetime_value.spend_choice import choose_spend
from goodwill.lifetime_value.value import ValueTerms, automatic_horizon
from goodwill.word_of_mouth.complaint_coin import CoinFit, coin_data, fit_coin
from goodwill.word_of_mouth.complaint_values import (
    at_stake,
    complainers_before,
    error_of_mean,
    slopes_at_stake,
    valued_complainers,
)
from goodwill.word_of_mouth.telling import Floats

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

    from goodwill.data.purchases import PurchaseSummary
    from goodwill.data.tables import Transactions
    from goodwill.inference.ledger import Forecast

STEP = 1e-9  # of money, below which no error is told from none
UNMEASURED = "What a complaint costs cannot be measured"
DAYS_PER_YEAR = DAYS_PER_UNIT["year"]


def mean_interval(values: Any, level: float = 0.95) -> Interval:
    """The mean of values of different complaints, with its normal interval.

    >>> mean_interval([1.0, 3.0]).estimate
    2.0
    """
    found = np.asarray(values, float)
    if len(found) < 2:
        raise TooLittle(f"{len(found)} complaints have no mean with an interval")
    half = normal_quantile(level) * float(found.std(ddof=1) / np.sqrt(len(found)))
    return Interval(float(found.mean()), float(found.mean()) - half, float(found.mean()) + half)


class Amount(NamedTuple):
    """Money that a chance of 1 would cost: at the most likely `lean`, and at each of `CoinFit.leanings`."""

    likeliest: float
    leaning: Floats


def sum_of_costs(coin: CoinFit, amounts: Mapping[str, Amount], sampled: float, level: float = 0.95) -> Interval:
    """What chances of leaving add up to, each times an amount, with its interval.

    Parameters
    ----------
    coin : of `fit_coin`
    amounts : by outcome
    sampled : standard error that the sum has because nobody knows what each complainer would have brought [currency]

    Notes
    -----
    The estimate is the most likely one. The interval holds the middle of a mixture, one distribution for each value of `lean`, weighted by
    how likely data and belief make it. Each is normal to either side of its middle, as far as the profile intervals of the chances reach
    (MOVER; Zou & Donner 2008). The interval holds the estimate; where chances cannot be below zero, nor can a sum of costs.
    """
    from scipy.optimize import brentq
    from scipy.special import ndtr

    best = sum(amount.likeliest * coin.chances[outcome] for outcome, amount in amounts.items())
    places = [list(coin.chances).index(outcome) for outcome in amounts]
    weights, chances = coin.leanings.weights, coin.leanings.chances
    money = np.stack([amount.leaning for amount in amounts.values()], axis=1)
    means, far = (money * chances[:, places]).sum(axis=1), normal_quantile(level)
    below, above = (_errors(coin, list(amounts), money, way, far, level) for way in (-1, 1))
    # A chance at the border of what can be has no error to one side; a step in the mixture then stands for it.
    least = STEP * max(float(np.abs(means).max()), float(np.abs(money).max()), STEP)
    below, above = (np.maximum(np.hypot(each, sampled), least) for each in (below, above))

    def mass(value: float) -> float:
        return float(weights @ ndtr((value - means) / np.where(value < means, below, above)))

    low, high = float((means - 10 * below).min()), float((means + 10 * above).max())
    ends = [best, best]
    if high > low:
        ends = [
            float(brentq(lambda value, tail=tail: mass(value) - tail, low, high, xtol=1e-6)) for tail in (0.5 - level / 2, 0.5 + level / 2)
        ]
    if not coin.leavers_complain and (money >= 0).all():
        ends = [max(end, 0.0) for end in ends]
    return Interval(best, min(ends[0], best), max(ends[1], best))


def _errors(coin: CoinFit, outcomes: list[str], money: Floats, way: int, far: float, level: float) -> Floats:
    """Standard error of the sum to one side, at each value of `lean`: from the ends of the profile intervals, correlated as the chances."""
    places = [list(coin.chances).index(outcome) for outcome in outcomes]
    covariance = coin.leanings.covariance[np.ix_(places, places)]
    alike = covariance / np.sqrt(np.outer(np.diag(covariance), np.diag(covariance)))
    intervals = [coin.interval(outcome, level) for outcome in outcomes]
    down, up = (np.array([abs(each.estimate - each[side]) / far for each in intervals]) for side in (1, 2))
    moves = money * np.where(way * money > 0, up, down)
    return np.sqrt(np.maximum(np.einsum("ki,ij,kj->k", moves, alike, moves), 0.0))


class OwnCost(NamedTuple):
    """What complaints of one outcome cost through the complainers' own purchases.

    Attributes
    ----------
    outcome : of the complaints
    complaints : of customers who had bought before, in the log
    a_year : of them, per year of the log
    chance : of leaving at the complaint
    before : what a complainer is worth just before the complaint [currency]
    value : what a leaver would have brought, over all complainers; below `before`, because those likely to leave bring less [currency]
    sampled : standard error of `value`, as nobody knows what each complainer would have brought, at all her complaints alike, nor how all
        customers buy and leave better than a fit says [currency]
    together : covariance of the errors of `chance` and `value`: the more complainers were still there and the more often they buy, the
        lower is the estimated chance
    leaning : `value` at each of `CoinFit.leanings` [currency]
    cost : of one complaint [currency]; below zero where handling keeps customers
    yearly : of a year's complaints [currency]

    Examples
    --------
    >>> import goodwill as gw
    >>> from goodwill.word_of_mouth import measured_costs
    >>> made = gw.company(600, 104, seed=1)
    >>> orders = gw.read_transactions(made.transactions)
    >>> summary = gw.summarize_purchases(orders)
    >>> fits = gw.ModifiedBetaGeoNBD.fit(summary), gw.GammaGamma.fit(summary)
    >>> found = measured_costs(orders, made.complaints, summary, fits[0], 0.3, 0.15, spend=fits[1]).costs["dissatisfied"]
    >>> found.complaints, round(found.a_year), round(found.chance.estimate, 1), found.value.estimate < found.before.estimate
    (52, 26, 0.2, True)
    """

    outcome: str
    complaints: int
    a_year: float
    chance: Interval
    before: Interval
    value: Interval
    sampled: float
    together: float
    leaning: Floats
    cost: Interval
    yearly: Interval

    def error_of(self, chance: float) -> float:
        """`error_of_value` of a chance times `value` [currency]."""
        return error_of_value(chance, self.value.estimate, self.sampled, self.together)


def error_of_value(chance: float, value: float, sampled: float, together: float) -> float:
    """Standard error that a chance times a value has because nobody knows what complainers would have brought, as for `OwnCost`.

    That the estimates of both are wrong together counts here too.

    >>> round(error_of_value(0.5, 60.0, 3.0, 0.0), 2), round(error_of_value(0.5, 60.0, 3.0, 0.03), 2)
    (1.5, 2.01)
    """
    return float(np.sqrt(max((chance * sampled) ** 2 + 2 * chance * value * together, 0.0)))


def own_cost(
    coin: CoinFit,
    values: pd.DataFrame,
    outcome: str,
    years: float,
    leaning: Sequence[pd.Series],
    slopes: Sequence[pd.Series] = (),
    level: float = 0.95,
) -> OwnCost:
    """The cost of complaints of one outcome.

    Parameters
    ----------
    coin : of `fit_coin`
    values : of `value_before_complaints`
    outcome : such as "dissatisfied"
    years : how long the log runs
    leaning : `at_stake` at each of `coin.leanings`
    slopes : of `slopes_at_stake`; by default the purchase model counts as known

    Raises
    ------
    TooLittle
        Fewer than 20 complaints of this outcome.

    Examples
    --------
    >>> import goodwill as gw
    >>> from goodwill.lifetime_value import ValueTerms
    >>> from goodwill.word_of_mouth import coin_data, fit_coin
    >>> from goodwill.word_of_mouth.complaint_values import complainers_before, valued_complainers
    >>> made = gw.company(600, 104, seed=1)
    >>> coin = fit_coin(coin_data(made.transactions, made.complaints))
    >>> orders, terms = gw.read_transactions(made.transactions), ValueTerms(52, 0.3, 0.15, "week")
    >>> spend, before = gw.GammaGamma.fit(gw.summarize_purchases(orders)), complainers_before(orders, made.complaints, "week")
    >>> values = valued_complainers(before, coin, spend.model, terms)
    >>> found = own_cost(coin, values, "dissatisfied", years=2.0, leaning=[values["at_stake"]] * len(coin.leanings.values))
    >>> found.complaints, found.a_year, found.cost.lower > 0
    (52, 26.0, True)
    """
    chance = coin.interval(outcome, level)
    here = values if outcome == "any" else values[values["outcome"] == outcome]
    value, far = float(here["at_stake"].mean()), normal_quantile(level)
    sampled = error_of_mean(here)
    others = np.array([float(other.loc[here.index].mean()) for other in leaning])
    weights = coin.leanings.weights
    half = far * float(np.sqrt(sampled**2 + weights @ (others - weights @ others) ** 2))
    together = -(coin.standard_error(outcome) ** 2) * float(here["taken"].mean())
    if len(slopes):
        moves, place = np.array([float(slope.loc[here.index].mean()) for slope in slopes]), list(coin.chances).index(outcome)
        sampled = float(np.sqrt(sampled**2 + max(moves @ coin.leanings.buying[:, : len(moves)] @ moves, 0.0)))
        together += float(moves @ coin.leanings.buying[:, len(moves) + place])
    error = error_of_value(chance.estimate, value, sampled, together)
    cost = sum_of_costs(coin, {outcome: Amount(value, others)}, error, level)
    a_year = len(here) / years
    return OwnCost(
        outcome,
        len(here),
        a_year,
        chance,
        mean_interval(here["before"], level),
        Interval(value, value - half, value + half),
        sampled,
        together,
        others,
        cost,
        Interval(*(a_year * end for end in cost)),
    )


def yearly_cost(coin: CoinFit, costs: Mapping[str, OwnCost], level: float = 0.95) -> Interval:
    """Cost of a year's complaints of these outcomes together [currency]."""
    sampled = float(np.sqrt(sum((each.a_year * each.error_of(each.chance.estimate)) ** 2 for each in costs.values())))
    amounts = {name: Amount(each.a_year * each.value.estimate, each.a_year * each.leaning) for name, each in costs.items()}
    return sum_of_costs(coin, amounts, sampled, level)


def years_of(log: pd.DataFrame) -> float:
    """How long a log runs, from its first to its last complaint, at least a day.

    >>> import pandas as pd
    >>> round(years_of(pd.DataFrame({"opened": pd.to_datetime(["2023-01-01", "2025-01-01"])})), 2)
    2.0
    """
    opened = log["opened"]
    return max(float((opened.max() - opened.min()).days), 1.0) / DAYS_PER_YEAR


def own_rate(log: pd.DataFrame, customers: float) -> float:
    """Complaints a year per customer, as the log has them.

    >>> import pandas as pd
    >>> log = pd.DataFrame({"opened": pd.to_datetime(["2024-01-01", "2024-07-01", "2025-12-31"])})
    >>> round(own_rate(log, customers=10), 2)
    0.15
    """
    return len(log) / years_of(log) / customers


def complaints_ahead(log: Any, purchases: Any, *, simulated: bool = False) -> list[Forecast]:
    """The complaints of the next four weeks, by those of the four weeks before them (`goodwill.inference.count_ahead`).

    Parameters
    ----------
    log : Complaints
        Whatever raises TooLittle when it is touched, as `Absent` does, says why nothing is foretold.
    purchases : Transactions
        Their last day is seen too, though nobody complained on it; left out where they are absent.
    simulated : whether the company is made up, of which nothing comes

    Raises
    ------
    TooLittle
        Where the company is simulated, and where the log is shorter than six windows.

    Examples
    --------
    >>> import goodwill as gw
    >>> log = gw.read_complaints(gw.company(600, 104, seed=1).complaints)
    >>> (found,) = complaints_ahead(log, log)
    >>> found.made.isoformat(), found.due.isoformat(), round(found.estimate), round(found.upper)
    ('2026-02-24', '2026-03-24', 5, 10)
    """
    if simulated:
        raise TooLittle("the company is simulated, so that nothing more comes of it.")
    days = [moment.date() for moment in log.cases["opened"]]
    return [count_ahead("complaints", days, last_seen(log, purchases), label="Complaints", unit="complaints")]


def last_seen(log: Any, purchases: Any) -> date:
    """The last day of a log of complaints, or of the purchases beside it, whichever is later."""
    try:
        return max(log.last, purchases.last)
    except TooLittle:
        return cast("date", log.last)


class MeasuredCosts(NamedTuple):
    """Costs by outcome, measured in one company, under one answer to whether leavers complain too.

    Attributes
    ----------
    coin, values : of `fit_coin` and `value_before_complaints`
    costs : by outcome, where there are complaints enough; `reasons` why not, for the others
    yearly : of a year's complaints with an outcome that was estimated [currency]
    noise : standard deviation of what a dissatisfied complainer is worth [currency]
    unsure : standard error of the mean `at_stake` of all complaints: what histories, the purchase model and `lean` leave open [currency]

    Examples
    --------
    >>> import goodwill as gw
    >>> from goodwill.word_of_mouth import measured_costs
    >>> made = gw.company(200, 104, seed=1)
    >>> orders = gw.read_transactions(made.transactions)
    >>> summary = gw.summarize_purchases(orders)
    >>> fits = gw.ModifiedBetaGeoNBD.fit(summary), gw.GammaGamma.fit(summary)
    >>> found = measured_costs(orders, made.complaints, summary, fits[0], 0.3, 0.15, spend=fits[1])
    >>> list(found.costs), found.reasons["dissatisfied"]
    (['satisfied', 'acceptable'], '18 with the outcome dissatisfied are by customers who bought; an estimate needs at least 20')
    """

    coin: CoinFit
    values: pd.DataFrame
    costs: dict[str, OwnCost]
    reasons: dict[str, str]
    yearly: Interval
    noise: float
    unsure: float = np.nan


def measured_costs(
    purchases: Transactions,
    log: pd.DataFrame,
    summary: PurchaseSummary,
    purchase_fit: Any,
    margin: float,
    discount_rate: float,
    *,
    leavers_complain: bool = True,
    spend: Any = None,
) -> MeasuredCosts:
    """What complaints cost through the complainers' own purchases, by outcome.

    Parameters
    ----------
    purchases, log : checked purchases, and checked cases with customer_id, opened and outcome
    summary, purchase_fit : of these purchases by week, and the MBG/NBD model fitted to it
    margin, discount_rate : profit per unit of spend; what waiting a year costs
    leavers_complain : whether those who left at a purchase complain too
    spend : a fitted model of spend; by default the one that `choose_spend` chooses

    Raises
    ------
    TooLittle
        No outcome has complaints enough, or these data fit many chances of leaving as well.

    Examples
    --------
    >>> import goodwill as gw
    >>> made = gw.company(600, 104, seed=1)
    >>> orders = gw.read_transactions(made.transactions)
    >>> summary = gw.summarize_purchases(orders)
    >>> fits = gw.ModifiedBetaGeoNBD.fit(summary), gw.GammaGamma.fit(summary)
    >>> found = measured_costs(orders, made.complaints, summary, fits[0], margin=0.3, discount_rate=0.15, spend=fits[1])
    >>> {outcome: cost.cost.lower > 0 for outcome, cost in found.costs.items()}  # shown to cost something
    {'satisfied': False, 'acceptable': False, 'dissatisfied': True}
    """
    data = coin_data(purchase_days(purchases), log)
    try:
        spending = choose_spend(summary).fit if spend is None else spend
        coin = fit_coin(data, leavers_complain=leavers_complain, start=purchase_fit.model)
    except FitError as why:
        raise TooLittle(f"{UNMEASURED}: {str(why).rstrip('.')}.") from None
    terms = ValueTerms(automatic_horizon(summary.length, "week"), margin, discount_rate, "week")
    return costs_of(coin, complainers_before(purchases, log, terms.unit), spending.model, terms, years_of(log))


def costs_of(coin: CoinFit, before: pd.DataFrame, spend_model: Any, terms: ValueTerms, years: float) -> MeasuredCosts:
    """`measured_costs` from its parts: a fitted coin, `complainers_before`, a spend model, and how long the log runs.

    Raises
    ------
    TooLittle
        No outcome has complaints enough.
    """
    try:
        leant = [
            replace(coin, lean=float(lean), model=model) for lean, model in zip(coin.leanings.values, coin.leanings.models, strict=True)
        ]
    except TooLittle as why:
        raise TooLittle(f"{UNMEASURED}: {why}.") from None
    values = valued_complainers(before, coin, spend_model, terms)
    leaning = [at_stake(before, each, spend_model, terms) for each in leant]
    slopes = slopes_at_stake(before, coin, spend_model, terms)
    costs, reasons = {}, {}
    for outcome in OUTCOMES:
        try:
            costs[outcome] = own_cost(coin, values, outcome, years, leaning, slopes)
        except TooLittle as why:
            reasons[outcome] = str(why)
    if not costs:
        raise TooLittle(f"{UNMEASURED}: {reasons['dissatisfied']}.")
    bad = values.loc[values["outcome"] == "dissatisfied", "value"]
    noise = float(bad.std(ddof=1)) if len(bad) > 1 else float(values["value"].std(ddof=1))
    return MeasuredCosts(coin, values, costs, reasons, yearly_cost(coin, costs), noise, _unsure(coin, values, leaning, slopes))


def _unsure(coin: CoinFit, values: pd.DataFrame, leaning: Sequence[pd.Series], slopes: Sequence[pd.Series]) -> float:
    """Standard error of the mean `at_stake` of all complaints."""
    others, weights = np.array([float(each.mean()) for each in leaning]), coin.leanings.weights
    moves = np.array([float(each.mean()) for each in slopes])
    model = max(float(moves @ coin.leanings.buying[:, : len(moves)] @ moves), 0.0)
    return float(np.sqrt(error_of_mean(values) ** 2 + weights @ (others - weights @ others) ** 2 + model))
