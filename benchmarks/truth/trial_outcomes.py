"""What the outcome of a trial holds of an effect until a horizon, in notebook 04 (`trial_outcome`): `study(companies, seed)`.

A call raises purchase rates from week 52 on; lots decide who gets it, and the trial is read after 26 weeks. Estimand: margin per customer
that the call adds in these weeks and the 26 after them. Under some truths the call stops working with the trial, under others it goes on;
the interval reaches over both. Two outcomes are held against the truth: "value", margin within the trial and what BG/NBD and the spend
model in use expect of each customer after it, and "adjusted", spend within the trial alone (columns of the model: what somebody would say
who takes that for the whole). The oracle waits until the end and reads spend then.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from goodwill import strategies as plans
from goodwill.data.purchases import summarize_purchases
from goodwill.data.reading.sources import read_transactions
from goodwill.inference.uncertainty import Interval
from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD
from goodwill.lifetime_value.value import ValueTerms
from goodwill.lifetime_value.valued import Valued, value_customers
from goodwill.simulate.answering_company import AnsweringCompany, answering_company
from goodwill.simulate.mechanism import Strategy
from goodwill.strategies.trials.trial_outcomes import ADJUSTED, VALUE

HEADLINE = "04 effect of the call until half a year after its trial"
COMPANIES, SEED = 135, 7_001  # of each truth for which the model is right, and a fifth as many of the others
CUSTOMERS, TRIAL, WATCHED, AFTER, MARGIN = 2_000, 52, 26, 26, 0.3
SHARE, RATES = 0.5, (0.2, 0.8)  # who gets the call; what it does at full strength to private and to business customers
BUYING: dict[str, Any] = {"r": 0.8, "alpha": 8.0, "a": 0.7, "b": 4.0}


class Made(NamedTuple):
    """Strength of the call, and for how many weeks it works."""

    strength: float
    weeks: int


TRUTHS = {
    "right: the call does nothing": Made(0.0, WATCHED + AFTER),
    "right: works on, at half": Made(0.5, WATCHED + AFTER),
    "right: works on, in full": Made(1.0, WATCHED + AFTER),
    "wrong: stops with the trial, at half": Made(0.5, WATCHED),
    "wrong: stops with the trial, in full": Made(1.0, WATCHED),
}


def study(companies: int, seed: int, truths: tuple[str, ...] = tuple(TRUTHS)) -> pd.DataFrame:
    """So many companies of every right truth and a fifth as many of the others: headline, truth_name, truth, estimate, interval ends."""
    many = {name: companies if name.startswith("right") else -(-companies // 5) for name in truths}
    numbered = [(name, 10 * number + list(TRUTHS).index(name)) for name in truths for number in range(seed, seed + many[name])]
    return pd.DataFrame([row for name, number in numbered for row in headlines(name, number)])


def headlines(name: str, seed: int) -> Iterator[dict[str, Any]]:
    """What the trial of one company says by each outcome, and what the call adds."""
    made = _company(TRUTHS[name], seed, trial_shares=(SHARE,))
    table, valued = made.experiment.sort_values("customer_id", ignore_index=True), _valued(made)
    late = _spent(made, TRIAL, TRIAL + WATCHED + AFTER, table["customer_id"])
    trial = table.assign(outcome=_spent(made, TRIAL, TRIAL + WATCHED, table["customer_id"]).to_numpy())
    value = _effect(trial, VALUE, valued)
    soon, best = _effect(trial, ADJUSTED, None), _effect(trial.assign(outcome=late.to_numpy()), ADJUSTED, None)
    truth = MARGIN * _company(TRUTHS[name], seed).truth.do("call", 1.0, since=TRIAL).own / CUSTOMERS
    stated = {"estimate": value.estimate, "lower": value.lower, "upper": value.upper}
    others = {"lower_model": soon.lower, "upper_model": soon.upper, "lower_oracle": best.lower, "upper_oracle": best.upper}
    yield {"headline": HEADLINE, "truth_name": name, "truth": truth, **stated, **others}


def _company(made: Made, seed: int, **changed: Any) -> AnsweringCompany:
    call = Strategy("call", 1.0, tuple(made.strength * rate for rate in RATES))
    how = BUYING | {"strategies": (call,), "trial_week": TRIAL, "trial_weeks": made.weeks} | changed
    return answering_company("BG/NBD", customers=CUSTOMERS, weeks=TRIAL + WATCHED + AFTER, seed=seed, **how)


def _spent(company: AnsweringCompany, first: int, last: int, customers: pd.Series) -> pd.Series:
    """What customers spend between two weeks."""
    bought, start = company.transactions, pd.Timestamp(company.truth.mechanism.start)
    inside = bought[(bought["date"] >= start + pd.Timedelta(weeks=first)) & (bought["date"] < start + pd.Timedelta(weeks=last))]
    return customers.map(inside.groupby("customer_id")["amount"].sum()).fillna(0.0)


def _valued(company: AnsweringCompany) -> Valued:
    """The customers at the end of the trial, as the notebook values them, without a discount."""
    end = company.truth.mechanism.start + timedelta(days=7 * (TRIAL + WATCHED) - 1)
    bought = company.transactions
    log = read_transactions(bought.loc[bought["date"] <= pd.Timestamp(end), ["customer_id", "date", "amount"]])
    return value_customers(summarize_purchases(replace(log, last=end)), BetaGeoNBD, ValueTerms(float(AFTER), MARGIN, 0.0, "week"))


def _effect(trial: pd.DataFrame, outcome: str, valued: Valued | None) -> Interval:
    named = trial.assign(customer_id=trial["customer_id"].astype(str))
    tried = plans.trial_at_hand(named, margin=MARGIN, outcome=outcome, valued=valued, weeks=WATCHED)
    row = plans.own_arms(tried).table.set_index("arm").loc["call", ["effect", "lower", "upper"]]
    return Interval(*np.asarray(row, float))
