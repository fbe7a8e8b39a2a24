"""The headlines of notebook 10 on companies whose truth is known: customers to come, what one is worth, and customer equity.

Estimands, all of the 52 weeks after the records: how many customers first buy; what a newcomer brings in her first 52 weeks (expectation);
the money of known customers and of newcomers together. The truths of the first and the last are what happens when the same company runs
on. The statements are those of BG/NBD and Gamma-Gamma, widened by the statements that the same functions would have made at earlier dates.
Nulls: nobody new comes any more (the records are said to be complete), and nobody leaves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd

from goodwill.data.reading.sources import read_transactions
from goodwill.inference.uncertainty import quantile_interval
from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD
from goodwill.lifetime_value.equity.arrivals import Arrivals
from goodwill.lifetime_value.equity.customer_equity import Known, drawn_equity, known_from, known_on
from goodwill.lifetime_value.equity.equity_claims import Equity, customer_equity
from goodwill.lifetime_value.equity.newcomer_scores import newcomers_ahead
from goodwill.lifetime_value.equity.newcomers import count_newcomers
from goodwill.lifetime_value.equity.records import brought_by_birth
from goodwill.lifetime_value.evidence.headline import Headline
from goodwill.lifetime_value.gamma_gamma import GammaGamma
from goodwill.lifetime_value.value import ValueTerms
from goodwill.simulate.answering_company import AnsweringCompany, answering_company
from goodwill.simulate.mechanism import Mechanism

NUMBER, WORTH, EQUITY = "10 newcomers of the next 52 weeks", "10 worth of a newcomer in 52 weeks", "10 customer equity of the next 52 weeks"
COMPANIES = 20  # of each truth
A_WEEK, WEEKS, HORIZON = 10.0, 182, 52
STOPPED = 60  # week after which nobody new comes under that null
TERMS = ValueTerms(HORIZON, 1.0, 0.0, "week")

RIGHT: dict[str, tuple[str, dict[str, Any]]] = {
    "right: as many come all the time": ("BG/NBD", {}),
    "right: a quarter more each year": ("BG/NBD", {"acquisition_trend": 0.22}),
    "right: a quarter fewer each year": ("BG/NBD", {"acquisition_trend": -0.29}),
    "right: a season of 40 %": ("BG/NBD", {"acquisition_season": 0.4}),
    "right: nobody new comes (null)": ("BG/NBD", {}),
    "right: nobody leaves (null)": ("nobody leaves", {}),
}
WRONG: dict[str, tuple[str, dict[str, Any]]] = {
    "wrong: half as many from now on": ("BG/NBD", {}),
    "wrong: campaigns": ("BG/NBD", {}),
    "wrong: Pareto/NBD": ("Pareto/NBD", {}),
    "wrong: all buy 20 % less a year": ("BG/NBD", {"rate_trend": -0.22}),
}


def study(companies: int, seed: int) -> pd.DataFrame:
    """So many companies of every truth for which the models are right, and a quarter as many of the others.

    Returns
    -------
    DataFrame
        headline, truth_name, truth, estimate, lower, upper, lower_model, upper_model, lower_oracle, upper_oracle (of somebody who knows
        every parameter and the mean number of newcomers; missing where there is none).
    """
    rows = []
    for name, (base, changed) in (RIGHT | WRONG).items():
        for number in range(companies if name in RIGHT else -(-companies // 4)):
            rows += [{"truth_name": name, **row} for row in headlines(name, base, changed, seed * 10_000 + number)]
    return pd.DataFrame(rows)


def headlines(name: str, base: str, changed: dict[str, Any], seed: int) -> list[dict[str, Any]]:
    """What the records of one company say, and what comes."""
    company, orders = lived(name, base, changed, seed)
    last = company.truth.mechanism.start + timedelta(days=7 * WEEKS - 1)
    records = read_transactions(orders[orders["date"] <= pd.Timestamp(last)])
    brought, model = brought_by_birth(records), BetaGeoNBD
    came = brought_by_birth(read_transactions(orders)).between(last, last + timedelta(days=7 * HORIZON), TERMS)
    found = count_newcomers(records, complete=True, end=last)
    now = known_on(records, brought, Arrivals(found.counts), model, "independent", made=last)
    said = customer_equity(records, brought, found, now, TERMS, model, "independent", draws=100)
    ahead = newcomers_ahead(found, 7 * HORIZON)
    m = company.truth.mechanism
    number, money = oracle(name, m, now, seed)
    total = {"headline": EQUITY, "truth": came.known + came.brought, **_of_equity(said), **money}
    return [
        {"headline": NUMBER, "truth": came.number, **_of(ahead), **number},
        {"headline": WORTH, "truth": true_worth(m), **_of(said.worth)},
        total,
    ]


def lived(name: str, base: str, changed: dict[str, Any], seed: int) -> tuple[AnsweringCompany, pd.DataFrame]:
    """A company, and all its purchases until a year after the records."""
    weeks, rng = WEEKS + HORIZON, np.random.default_rng(seed)
    crowd = 2.5 if "campaigns" in name else 1.0
    size = int(rng.poisson(crowd * A_WEEK * weeks))
    company = answering_company(base, customers=size, weeks=weeks, seed=seed, acquisition_weeks=weeks - 1e-6, **changed)
    born, u = company.truth.born, rng.random(size)
    stays = np.ones(size, bool)
    if "nobody new" in name:
        stays = born < STOPPED
    elif "half as many" in name:
        stays = (born < WEEKS) | (u < 0.5)
    elif "campaigns" in name:  # every four weeks has a factor of its own
        stays = u < np.minimum(np.exp(0.5 * rng.standard_normal(weeks // 4 + 1) - 0.9), 1.0)[(born // 4).astype(int)]
    orders = company.transactions[["customer_id", "date", "amount"]]
    return company, orders[stays[orders["customer_id"].to_numpy() - 1]]


def true_worth(m: Mechanism) -> float:
    """Expected money of a newcomer in the horizon, her first purchase included."""
    if m.dropout == "never":
        repeats = HORIZON * m.r / m.alpha
    elif m.dropout == "at any time":
        from goodwill.lifetime_value.pareto_nbd import ParetoNBD

        repeats = float(ParetoNBD(m.r, m.alpha, m.s, m.beta).expected_purchases_new_customer(HORIZON))
    else:
        repeats = float(BetaGeoNBD(m.r, m.alpha, m.a, m.b).expected_purchases_new_customer(HORIZON))
    return m.p * m.gamma / (m.q - 1) * (1 + repeats)


def oracle(name: str, m: Mechanism, now: Known, seed: int) -> tuple[dict[str, float], dict[str, float]]:
    """The intervals of somebody who knows all parameters and the mean numbers that come; none where BG/NBD or the numbers are not right."""
    if not name.startswith("right") or m.dropout == "never":
        return {}, {}
    models = BetaGeoNBD(m.r, m.alpha, m.a, m.b, "week"), GammaGamma(m.p, m.q, m.gamma)
    rates: Any = _Rates(lambda periods: _true_rates(name, m, periods))
    sure = known_from(*models, now.customers, m.p * m.gamma / (m.q - 1), rates)
    drawn = drawn_equity(replace(sure, first_variance=now.first_variance), TERMS, draws=200, seed=seed)
    number, money = (quantile_interval(0.0, drawn_part) for drawn_part in (drawn.number, drawn.gross))
    return _oracle_ends(number), _oracle_ends(money)


def _oracle_ends(one: Any) -> dict[str, float]:
    """None where somebody who knows everything knows the number itself: that nobody comes."""
    return {"lower_oracle": one.lower, "upper_oracle": one.upper} if one.upper > one.lower else {}


def _true_rates(name: str, m: Mechanism, periods: int) -> np.ndarray:
    """Mean numbers of the coming periods of four weeks."""
    if "nobody new" in name:
        return np.zeros(periods)
    middle = np.arange(0.05, WEEKS + HORIZON, 0.1)
    density = np.exp(m.acquisition_trend * middle / 52) * (
        1 + m.acquisition_season * np.cos(2 * np.pi * (middle - m.acquisition_peak) / 52)
    )
    density *= A_WEEK * (WEEKS + HORIZON) / density.sum()
    at = ((middle - WEEKS) // 4).astype(int)
    return np.bincount(at[middle > WEEKS], weights=density[middle > WEEKS], minlength=periods)[:periods]


class _Rates:
    def __init__(self, means: Callable[[int], np.ndarray]) -> None:
        self.means = means

    def rates(self, periods: int, draws: int = 1000, seed: int = 1, trend: str = "dies out") -> np.ndarray:
        """The means that are true, the same in each draw."""
        return np.tile(self.means(periods), (draws, 1))


def _of(said: Headline) -> dict[str, float]:
    lower, upper = said.interval[1:] if said.interval else (np.nan, np.nan)
    return {"estimate": said.now.estimate, "lower": lower, "upper": upper, "lower_model": said.now.lower, "upper_model": said.now.upper}


def _of_equity(said: Equity) -> dict[str, float]:
    lower, upper = said.interval[1:] if said.interval else (np.nan, np.nan)
    model = {"lower_model": said.total.lower, "upper_model": said.total.upper}
    return {"estimate": said.expected.net, "lower": lower, "upper": upper, **model}
