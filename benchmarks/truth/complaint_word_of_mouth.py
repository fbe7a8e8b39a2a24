"""What complaints cost through the complainers' own purchases, on companies whose truth is known.

Under each truth a company is simulated and its headlines are made from what a company sees. The truth of a headline is computed from what
only the simulation knows: each complainer's rate, chance to leave and spend, and what her complaint did to it.

Under "right" a complaint tosses a coin of its own, as the model has it, and nothing else moves leaving. Under "odds" it multiplies the odds
of leaving at the purchase that it is about, so that it takes more of those who were leaving anyway than their histories show; satisfaction
moves leaving, too. The oracle knows of the customers all that a model has parameters for, and estimates the chances of leaving alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from benchmarks.truth._histories import known_before, known_on
from goodwill.data.complaints import OUTCOMES
from goodwill.inference.uncertainty import Interval
from goodwill.lifetime_value.gamma_gamma import GammaGamma
from goodwill.lifetime_value.modified_beta_geo_nbd import ModifiedBetaGeoNBD
from goodwill.lifetime_value.value import ValueTerms, automatic_horizon
from goodwill.simulate import Company, CompanyTruth, company
from goodwill.word_of_mouth.complaint_coin import CoinFit, coin_data, fit_coin
from goodwill.word_of_mouth.complaint_cost import MeasuredCosts, costs_of, years_of
from goodwill.word_of_mouth.complaint_likelihood import CoinData, log_likelihood
from goodwill.word_of_mouth.recovery_trial import recovery_saves

COMPANIES = 400  # of a truth for which the model is right, and a fifth as many of another
CUSTOMERS, WEEKS = 3_000, 104.0  # have about 1,000 complaints
APART = 1_000_000  # seeds of one truth from those of the next: every company is another one
MARGIN, DISCOUNT, SUCCESS = 0.3, 0.15, 0.5
NONE = (1.0, 1.0, 1.0)
PLAIN: dict[str, Any] = {"dropout_odds": NONE, "satisfaction_dropout_odds": 1.0}
TRUTHS = {
    "right: no effect": CompanyTruth(**PLAIN),
    "right: coin, half": CompanyTruth(**PLAIN, leaving_at_complaint=(0.0, 0.05, 0.15)),
    "right: coin": CompanyTruth(**PLAIN, leaving_at_complaint=(0.0, 0.1, 0.3)),
    "odds: half": CompanyTruth(dropout_odds=(0.85, 1.0, 1.8)),
    "odds: default": CompanyTruth(),
    "odds: default, 2,000 complaints": CompanyTruth(),
    "odds: double": CompanyTruth(dropout_odds=(0.5, 1.0, 6.0)),
}
LARGER = {"odds: default, 2,000 complaints": 2}  # times as many customers
COLUMNS = ["headline", "truth_name", "truth", "estimate", "lower", "upper", "lower_oracle", "upper_oracle"]


class Headline(NamedTuple):
    """A number of the page, what it should have been, and what an oracle would have said, where the model is right."""

    headline: str
    truth: float
    estimate: Interval
    oracle: Interval | None


def study(companies: int, seed: int, *, customers: int = CUSTOMERS, truths: tuple[str, ...] = tuple(TRUTHS)) -> pd.DataFrame:
    """Headlines of so many companies under each truth for which the model is right, and of a fifth as many under the others.

    Parameters
    ----------
    companies : how many
    seed : of the first one; the others follow
    customers : of each company
    truths : names of `TRUTHS`

    Returns
    -------
    DataFrame
        headline, truth_name, truth, estimate, lower, upper, lower_oracle, upper_oracle.
    """
    rows = []
    for name in truths:
        first = seed + APART * list(TRUTHS).index(name)
        for each in range(companies if name.startswith("right") else -(-companies // 5)):
            sold = company(customers * LARGER.get(name, 1), WEEKS, seed=first + each, truth=TRUTHS[name])
            for found in headlines(sold, oracle=name.startswith("right")):
                rows.append([found.headline, name, found.truth, *found.estimate, *(found.oracle or (np.nan,) * 3)[1:]])
    return pd.DataFrame(rows, columns=COLUMNS)


def headlines(sold: Company, *, oracle: bool = False) -> Iterator[Headline]:
    """The headlines of one company with their truths."""
    last = sold.transactions["date"].max()
    log = sold.complaints[sold.complaints["opened"] <= last]
    data = coin_data(sold.transactions, log)
    terms = ValueTerms(automatic_horizon((last - pd.Timestamp(sold.truth.start)).days / 7, "week"), MARGIN, DISCOUNT, "week")
    before, years = known_before(sold.transactions, log), years_of(log)
    spend = GammaGamma.fit(_paying(sold)).model
    found = _said(costs_of(fit_coin(data), before, spend, terms, years))
    known = (fit_chances(data, sold.truth), GammaGamma(sold.truth.p, sold.truth.q, sold.truth.gamma)) if oracle else None
    ideal = _said(costs_of(known[0], before, known[1], terms, years)) if known else {}
    true = _truths(_true_costs(sold, log, terms), log["outcome"], years)
    for name, estimate in found.items():
        yield Headline(name, true[name], estimate, ideal.get(name))


def _paying(sold: Company) -> pd.DataFrame:
    customers = known_on(sold.transactions, sold.transactions["date"].max().date())
    return customers[customers["monetary_value"] > 0]


def _said(found: MeasuredCosts) -> dict[str, Interval]:
    bad = found.costs["dissatisfied"]
    return {f"02 cost of one {outcome} complaint": found.costs[outcome].cost for outcome in ("dissatisfied", "satisfied")} | {
        "02 cost of a year's complaints": found.yearly,
        "02 most that an attempt may cost": recovery_saves(found.coin, bad, SUCCESS).attempt,
    }


def _truths(true: dict[str, pd.Series], ended: pd.Series, years: float) -> dict[str, float]:
    single = {outcome: float(true[outcome][ended == outcome].mean()) for outcome in ("dissatisfied", "satisfied")}
    return {f"02 cost of one {outcome} complaint": cost for outcome, cost in single.items()} | {
        "02 cost of a year's complaints": float(sum(true[outcome][ended == outcome].sum() for outcome in OUTCOMES) / years),
        "02 most that an attempt may cost": SUCCESS * float((true["dissatisfied"] - true["satisfied"])[ended == "dissatisfied"].mean()),
    }


def fit_chances(data: CoinData, truth: CompanyTruth) -> CoinFit:
    """Chances of leaving at a complaint by somebody who knows the customers, and that the coin is the same for all."""
    from scipy.optimize import minimize

    model = ModifiedBetaGeoNBD(truth.r, truth.alpha, truth.a, truth.b, unit="week")
    theta, coins = np.log([truth.r, truth.alpha, truth.a, truth.b]), len(data.outcomes)
    function, step = log_likelihood(data, ModifiedBetaGeoNBD, True, (0.0, 1.0)), 1e-4

    def negative(chances: np.ndarray) -> tuple[float, np.ndarray]:
        value, slopes = function(np.r_[theta, chances, 0.0])
        return (-value, -slopes[4:-1]) if np.isfinite(value) else (1e12, np.zeros(coins))

    found = minimize(negative, np.full(coins, 0.05), jac=True, method="L-BFGS-B", bounds=[(-3.0, 0.99)] * coins)
    curvature = [(negative(found.x + way)[1] - negative(found.x - way)[1]) / (2 * step) for way in step * np.eye(coins)]
    information = np.diag(np.full(5 + coins, 1e12))  # what is known has next to no variance
    information[4:-1, 4:-1] = (np.array(curvature) + np.array(curvature).T) / 2
    chances = dict(zip(data.outcomes, found.x.tolist(), strict=True))
    return CoinFit(data, model, chances, 0.0, True, (0.0, 1.0), -float(found.fun), information)


def _true_costs(sold: Company, log: pd.DataFrame, terms: ValueTerms) -> dict[str, pd.Series]:
    """What each complaint would cost if it had each outcome: what she would bring, times what the outcome takes from her chance to stay."""
    truth = sold.truth
    people = sold.customers.set_index("customer_id").loc[log["customer_id"].astype(int)].set_axis(log.index)
    leave = _odds_times(people["dropout_chance"], truth.satisfaction_dropout_odds ** people["satisfaction"])
    decay = people["rate"] * leave + terms.rate
    worth = terms.margin * people["mean_spend"] * people["rate"] * -np.expm1(-decay * terms.horizon) / decay
    there = _there(sold, log, people) if any(truth.leaving_at_complaint) else 0.0
    return {
        outcome: worth * (_odds_times(leave, odds) - leave + chance * there)
        for outcome, odds, chance in zip(OUTCOMES, truth.dropout_odds, truth.leaving_at_complaint, strict=True)
    }


def _odds_times(chance: pd.Series, multiplier: Any) -> pd.Series:
    return chance * multiplier / (1 - chance + chance * multiplier)


def _there(sold: Company, log: pd.DataFrame, people: pd.DataFrame) -> pd.Series:
    """Whether each complainer was still a customer just before the complaint."""
    ordered = sold.transactions.set_index("order_id")["date"]
    at_purchase = people["left_after"].map(ordered) <= log["opened"]
    return (~at_purchase & ~(people["left_at_complaint"] < log["opened"])).astype(float)
