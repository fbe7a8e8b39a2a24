"""What complaints cost through the complainers' own purchases: the chance of leaving at one, times what leaves.

Complainers are no average customers: who buys more has more chances to complain. So each is valued as she stood just before she complained,
from her history up to then. A cost may be negative, where handling keeps customers; it is never cut at zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from goodwill.calendar import DAYS_PER_UNIT
from goodwill.data.complaints import OUTCOMES
from goodwill.data.purchases_around import purchases_around
from goodwill.data.tracking import purchase_days
from goodwill.errors import TooLittle
from goodwill.inference.uncertainty import Interval, normal_quantile
from goodwill.lifetime_value.gamma_gamma import GammaGamma
from goodwill.lifetime_value.value import ValueTerms, automatic_horizon
from goodwill.word_of_mouth.complaint_coin import LEAN, UNKNOWN, CoinFit, coin_data, fit_coin
from goodwill.word_of_mouth.complaint_likelihood import leaning

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.data.purchases import PurchaseSummary
    from goodwill.data.tables import Transactions

DAYS_PER_YEAR = DAYS_PER_UNIT["year"]


def value_before_complaints(purchases: Transactions, log: pd.DataFrame, coin: CoinFit, spend_model: Any, terms: ValueTerms) -> pd.DataFrame:
    """What each complainer was still worth just before she complained, from her history up to that day.

    Parameters
    ----------
    purchases : checked purchases with money
    log : checked cases with customer_id, opened and, where known, outcome
    coin : whose purchase model values them, in `terms.unit`
    spend_model : such as a fitted `GammaGamma`
    terms : horizon, margin and discount rate

    Returns
    -------
    DataFrame
        A row per complaint of a customer who had bought: `outcome`, `frequency`, `recency`, `T`, `probability_alive`; `before` (what she is
        expected to bring if nothing happens), `if_alive` (what a leaver who was still there would have brought), `value` (that times the
        probability of being there, where leavers complain too; all of it where they do not) and `at_stake` (`value` weighted by how much
        likelier than the mean complainer she is to leave at the complaint).
    """
    return valued_complainers(complainers_before(purchases, log, terms.unit), coin, spend_model, terms)


def complainers_before(purchases: Transactions, log: pd.DataFrame, unit: str) -> pd.DataFrame:
    """Whoever complained and had bought, as she stood on that day: outcome, frequency, recency, T and mean spend, in this time unit.

    Raises
    ------
    TooLittle
        None of the complaints is by a customer who had bought before.
    """
    around = purchases_around(purchases, log)
    known = around["before"] > 0
    if not known.any():
        raise TooLittle("none of the complaints is by a customer who had bought before")
    around, cases = around[known], log[known]
    scale = DAYS_PER_UNIT[unit]
    table = cases[["outcome"]].copy() if "outcome" in cases else cases[[]].assign(outcome=None)
    table["outcome"] = table["outcome"].fillna(UNKNOWN)
    table["frequency"] = around["before"].astype(float) - 1
    table["recency"] = (around["latest"] - around["first"]).dt.days / scale
    table["T"] = (cases["opened"].dt.normalize() - around["first"]).dt.days / scale
    table["spend"] = around["spend"].astype(float)
    return table


def valued_complainers(before: pd.DataFrame, coin: CoinFit, spend_model: Any, terms: ValueTerms) -> pd.DataFrame:
    """`value_before_complaints` of what `complainers_before` gives."""
    table = before.drop(columns="spend")
    history = [table[name].to_numpy() for name in ("frequency", "recency", "T")]
    spent = before["spend"].to_numpy()
    alive = np.asarray(coin.model.probability_alive(*history))
    # Those whom the coin takes are likelier to leave than others of the same history: their chance to leave is Beta(a + lean, ...).
    leaver = replace(coin.model, a=coin.model.a + leaning(coin.model, coin.lean))
    of_leavers = np.asarray(leaver.probability_alive(*history))
    within = np.asarray(leaver.discounted_expected_purchases(terms.rate, *history, horizon=terms.horizon)) / np.maximum(of_leavers, 1e-12)
    spend = np.asarray(spend_model.expected_spend(np.where(spent > 0, history[0], 0.0), spent))
    table["probability_alive"] = alive
    table["if_alive"] = terms.margin * spend * within
    plain = np.asarray(coin.model.discounted_expected_purchases(terms.rate, *history, horizon=terms.horizon))
    table["before"] = terms.margin * spend * plain / (1.0 if coin.leavers_complain else np.maximum(alive, 1e-12))
    table["value"] = table["if_alive"] * (alive if coin.leavers_complain else 1.0)
    table["at_stake"] = table["value"] * coin.weights(history[0])
    return table


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


def sum_of_costs(coin: CoinFit, amounts: Mapping[str, float], sampled: float, by_lean: float, level: float = 0.95) -> Interval:
    """What chances of leaving add up to, each times an amount, with its interval.

    Parameters
    ----------
    coin : of `fit_coin`
    amounts : money, by outcome, that a chance of 1 would cost
    sampled : standard error that the sum has because other customers might have complained [currency]
    by_lean : by how much the amounts move the sum when `coin.lean` rises by its standard error [currency]

    Notes
    -----
    Each end lies as far off as the ends of the profile intervals of the chances put it (MOVER; Zou & Donner 2008), correlated as the
    chances and `lean` are: all rest on the same purchase model.
    """
    far, ends = normal_quantile(level), []
    together = coin.correlation(*amounts, LEAN)
    for way in (-1, 1):
        moves = []
        for outcome, amount in amounts.items():
            chance = coin.interval(outcome, level)
            moves.append(amount * abs(chance.estimate - (chance.upper if way * amount > 0 else chance.lower)))
        each = np.array([*moves, far * by_lean])
        ends.append(way * float(np.sqrt(max(each @ together @ each, 0.0) + (far * sampled) ** 2)))
    total = sum(amount * coin.chances[outcome] for outcome, amount in amounts.items())
    return Interval(total, total + ends[0], total + ends[1])


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
    sampled, by_lean : standard error of `value` by who complained, and its move when `lean` rises by its standard error [currency]
    cost : of one complaint [currency]; below zero where handling keeps customers
    yearly : of a year's complaints [currency]
    """

    outcome: str
    complaints: int
    a_year: float
    chance: Interval
    before: Interval
    value: Interval
    sampled: float
    by_lean: float
    cost: Interval
    yearly: Interval


def own_cost(
    coin: CoinFit, values: pd.DataFrame, outcome: str, years: float, level: float = 0.95, leaning: Sequence[pd.DataFrame] = ()
) -> OwnCost:
    """The cost of complaints of one outcome.

    Parameters
    ----------
    coin : of `fit_coin`
    values : of `value_before_complaints`
    outcome : such as "dissatisfied"
    years : how long the log runs
    leaning : values with `lean` a standard error lower and higher

    Raises
    ------
    TooLittle
        Fewer than 20 complaints of this outcome.
    """
    chance = coin.interval(outcome, level)
    here = values if outcome == "any" else values[values["outcome"] == outcome]
    value, far = mean_interval(here["at_stake"], level), normal_quantile(level)
    sampled = (value.upper - value.estimate) / far
    low, high = (float(other.loc[here.index, "at_stake"].mean()) for other in leaning) if leaning else (0.0, 0.0)
    by_lean = (high - low) / 2
    half = far * float(np.hypot(sampled, by_lean))
    cost = sum_of_costs(coin, {outcome: value.estimate}, abs(chance.estimate) * sampled, chance.estimate * by_lean, level)
    a_year = len(here) / years
    return OwnCost(
        outcome,
        len(here),
        a_year,
        chance,
        mean_interval(here["before"], level),
        Interval(value.estimate, value.estimate - half, value.estimate + half),
        sampled,
        by_lean,
        cost,
        Interval(*(a_year * end for end in cost)),
    )


def yearly_cost(coin: CoinFit, costs: Mapping[str, OwnCost], level: float = 0.95) -> Interval:
    """Cost of a year's complaints of these outcomes together [currency]."""
    parts = [(each.a_year * each.chance.estimate, each) for each in costs.values()]
    sampled = float(np.sqrt(sum((lost * each.sampled) ** 2 for lost, each in parts)))
    by_lean = sum(lost * each.by_lean for lost, each in parts)
    return sum_of_costs(coin, {name: each.a_year * each.value.estimate for name, each in costs.items()}, sampled, by_lean, level)


def years_of(log: pd.DataFrame) -> float:
    """How long a log runs, from its first to its last complaint, at least a day."""
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


class Recovery(NamedTuple):
    """What turning a dissatisfied complainer into a satisfied one keeps, as far as outcomes differ by handling.

    `gap` is the difference of the chances to leave; `saved` what that is worth, `attempt` the most that one attempt may cost.
    """

    gap: Interval
    saved: Interval
    attempt: Interval


def recovery_gap(coin: CoinFit, level: float = 0.95) -> Interval:
    """By how much more often customers leave at a dissatisfied complaint than at a satisfied one."""
    return sum_of_costs(coin, {"dissatisfied": 1.0, "satisfied": -1.0}, 0.0, 0.0, level)


def recovery_saves(coin: CoinFit, dissatisfied: OwnCost, success: float, level: float = 0.95) -> Recovery:
    """The lever of recovery: what a recovered complainer is less likely to leave than one who is not.

    Parameters
    ----------
    coin : with chances for "dissatisfied" and "satisfied"
    dissatisfied : of `own_cost`: whose value is at stake
    success : chance that an attempt succeeds
    """
    gap = recovery_gap(coin, level)
    value, moves = dissatisfied.value.estimate, (abs(gap.estimate) * dissatisfied.sampled, gap.estimate * dissatisfied.by_lean)
    saved = sum_of_costs(coin, {"dissatisfied": value, "satisfied": -value}, *moves, level)
    return Recovery(gap, saved, Interval(*(success * end for end in saved)))


class MeasuredCosts(NamedTuple):
    """Costs by outcome, measured in one company, under one answer to whether leavers complain too.

    Attributes
    ----------
    coin, values : of `fit_coin` and `value_before_complaints`
    costs : by outcome, where there are complaints enough; `reasons` why not, for the others
    yearly : of a year's complaints with an outcome that was estimated [currency]
    noise : standard deviation of what a dissatisfied complainer is worth [currency]
    """

    coin: CoinFit
    values: pd.DataFrame
    costs: dict[str, OwnCost]
    reasons: dict[str, str]
    yearly: Interval
    noise: float


def measured_costs(
    purchases: Transactions,
    log: pd.DataFrame,
    summary: PurchaseSummary,
    purchase_fit: Any,
    margin: float,
    discount_rate: float,
    *,
    leavers_complain: bool = True,
) -> MeasuredCosts:
    """What complaints cost through the complainers' own purchases, by outcome.

    Parameters
    ----------
    purchases, log : checked purchases, and checked cases with customer_id, opened and outcome
    summary, purchase_fit : of these purchases by week, and the MBG/NBD model fitted to it
    margin, discount_rate : profit per unit of spend; what waiting a year costs
    leavers_complain : whether those who left at a purchase complain too

    Raises
    ------
    TooLittle
        No outcome has complaints enough.
    """
    rows = summary.spend_rows()
    spending = GammaGamma.fit(rows[rows["monetary_value"] > 0])
    terms = ValueTerms(automatic_horizon(summary.length, "week"), margin, discount_rate, "week")
    coin = fit_coin(coin_data(purchase_days(purchases), log), leavers_complain=leavers_complain, start=purchase_fit.model)
    return costs_of(coin, complainers_before(purchases, log, terms.unit), spending.model, terms, years_of(log))


def costs_of(coin: CoinFit, before: pd.DataFrame, spend_model: Any, terms: ValueTerms, years: float) -> MeasuredCosts:
    """`measured_costs` from its parts: a fitted coin, `complainers_before`, a spend model, and how long the log runs.

    Raises
    ------
    TooLittle
        No outcome has complaints enough.
    """
    values = valued_complainers(before, coin, spend_model, terms)
    leans = [replace(coin, lean=coin.lean + way * coin.lean_error) for way in (-1, 1)]
    leaning = [valued_complainers(before, each, spend_model, terms) for each in leans]
    costs, reasons = {}, {}
    for outcome in OUTCOMES:
        try:
            costs[outcome] = own_cost(coin, values, outcome, years, leaning=leaning)
        except TooLittle as why:
            reasons[outcome] = str(why)
    if not costs:
        raise TooLittle(f"What a complaint costs cannot be measured: {reasons['dissatisfied']}.")
    bad = values.loc[values["outcome"] == "dissatisfied", "value"]
    noise = float(bad.std(ddof=1)) if len(bad) > 1 else float(values["value"].std(ddof=1))
    return MeasuredCosts(coin, values, costs, reasons, yearly_cost(coin, costs), noise)


def saved_by_recovery(measured: MeasuredCosts, success: float) -> Recovery:
    """`recovery_saves` of one company.

    Raises
    ------
    TooLittle
        When dissatisfied or satisfied complaints are too few.
    """
    for outcome in ("dissatisfied", "satisfied"):
        if outcome in measured.reasons:
            raise TooLittle(f"What recovery changes cannot be measured: {measured.reasons[outcome]}.")
    return recovery_saves(measured.coin, measured.costs["dissatisfied"], success)
