"""What complaints cost through the complainers' own purchases, on companies whose truth is known.

Under each truth a company is simulated and its headlines are made from what a company sees. The truth of a headline is computed from what
only the simulation knows: each complainer's rate, chance to leave and spend, and what her complaint did to it.

Under "right" a complaint tosses a coin of its own, as the model has it. Under "odds" it multiplies the odds of leaving at the purchase that
it is about, so that it takes more of those who were leaving anyway than their histories show.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

import goodwill as gw
from goodwill.data.complaints import OUTCOMES
from goodwill.inference.uncertainty import Interval
from goodwill.simulate import Company, CompanyTruth, company
from goodwill.word_of_mouth.complaint_cost import measured_costs, recovery_saves, years_of

MARGIN, DISCOUNT, SUCCESS = 0.3, 0.15, 0.5
NONE = (1.0, 1.0, 1.0)
TRUTHS = {
    "right: no effect": CompanyTruth(dropout_odds=NONE),
    "right: coin, half": CompanyTruth(dropout_odds=NONE, leaving_at_complaint=(0.0, 0.05, 0.15)),
    "right: coin": CompanyTruth(dropout_odds=NONE, leaving_at_complaint=(0.0, 0.1, 0.3)),
    "odds: half": CompanyTruth(dropout_odds=(0.85, 1.0, 1.8)),
    "odds: default": CompanyTruth(),
    "odds: double": CompanyTruth(dropout_odds=(0.5, 1.0, 6.0)),
}


class Headline(NamedTuple):
    """A number of the page, what it should have been, and the name of both."""

    headline: str
    truth: float
    estimate: Interval


def study(
    companies: int, seed: int, *, customers: int = 3_000, weeks: float = 104.0, truths: tuple[str, ...] = tuple(TRUTHS)
) -> pd.DataFrame:
    """Headlines of so many companies under each truth.

    Parameters
    ----------
    companies : how many under each truth
    seed : of the first one; the others follow
    customers, weeks : size of each; 3,000 in 104 weeks have about 1,000 complaints
    truths : names of `TRUTHS`

    Returns
    -------
    DataFrame
        headline, truth_name, truth, estimate, lower, upper.
    """
    rows = []
    for name in truths:
        for each in range(companies):
            sold = company(customers, weeks, seed=seed + each, truth=TRUTHS[name])
            rows += [[found.headline, name, found.truth, *found.estimate] for found in headlines(sold)]
    return pd.DataFrame(rows, columns=["headline", "truth_name", "truth", "estimate", "lower", "upper"])


def headlines(sold: Company) -> Iterator[Headline]:
    """The headlines of one company with their truths."""
    purchases, log = gw.read_transactions(sold.transactions), gw.read_complaints(sold.complaints).cases
    summary = gw.summarize_purchases(purchases, unit="week")
    terms = gw.ValueTerms(gw.lifetime_value.automatic_horizon(summary.length, "week"), MARGIN, DISCOUNT, "week")
    found = measured_costs(purchases, log, summary, gw.ModifiedBetaGeoNBD.fit(summary), MARGIN, DISCOUNT)
    costs = found.costs
    true = _true_costs(sold, log, terms)
    bad = log["outcome"] == "dissatisfied"
    for outcome in ("dissatisfied", "satisfied"):
        yield Headline(f"cost of one {outcome} complaint", float(true[outcome][log["outcome"] == outcome].mean()), costs[outcome].cost)
    a_year = sum(true[outcome][log["outcome"] == outcome].sum() for outcome in OUTCOMES) / years_of(log)
    yield Headline("cost of a year's complaints", float(a_year), found.yearly)
    saved = SUCCESS * float((true["dissatisfied"] - true["satisfied"])[bad].mean())
    yield Headline("most that an attempt may cost", saved, recovery_saves(found.coin, costs["dissatisfied"].value, SUCCESS).attempt)


def _true_costs(sold: Company, log: pd.DataFrame, terms: Any) -> dict[str, pd.Series]:
    """What each complaint would cost if it had each outcome: what she would bring, times what the outcome takes from her chance to stay."""
    truth = sold.truth
    people = sold.customers.set_index("customer_id").loc[log["customer_id"].astype(int)].set_axis(log.index)
    leave = _odds_times(people["dropout_chance"], truth.satisfaction_dropout_odds ** people["satisfaction"])
    decay = people["rate"] * leave + terms.rate
    worth = terms.margin * people["mean_spend"] * people["rate"] * -np.expm1(-decay * terms.horizon) / decay
    return {
        outcome: worth * (_taken_at_purchase(leave, odds) + chance * _there(sold, log, people))
        for outcome, odds, chance in zip(OUTCOMES, truth.dropout_odds, truth.leaving_at_complaint, strict=True)
    }


def _taken_at_purchase(leave: pd.Series, odds: float) -> pd.Series:
    return _odds_times(leave, odds) - leave


def _odds_times(chance: pd.Series, multiplier: Any) -> pd.Series:
    return chance * multiplier / (1 - chance + chance * multiplier)


def _there(sold: Company, log: pd.DataFrame, people: pd.DataFrame) -> pd.Series:
    """Whether each complainer was still a customer just before the complaint."""
    if not any(sold.truth.leaving_at_complaint):
        return pd.Series(0.0, index=log.index)
    ordered = sold.transactions.set_index("order_id")["date"]
    at_purchase = people["left_after"].map(ordered) <= log["opened"]
    return (~at_purchase & ~(people["left_at_complaint"] < log["opened"])).astype(float)
