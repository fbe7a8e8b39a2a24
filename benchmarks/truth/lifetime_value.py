"""The money headline of notebook 01 on companies whose truth is known.

Estimand: the money that the customers known at the end of the data bring in the next 13 weeks. The truth is what they bring when the same
company runs on. The statement is that of BG/NBD and Gamma-Gamma, whichever mechanism made the data; its interval is widened by the
statements that the same functions would have made every 13 weeks before. Null: nobody leaves.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.truth._histories import known_on
from goodwill.inference.track_record import Statement, widened
from goodwill.lifetime_value.evidence.past_statements import money_statement_of
from goodwill.lifetime_value.value import ValueTerms
from goodwill.simulate.answering_company import AnsweringCompany, answering_company

HEADLINE = "01 money of the next 13 weeks"
COMPANIES = 80  # of each truth
CUSTOMERS, WEEKS, HORIZON = 1000, 78, 13
PAST = (26, 39, 52, 65)  # weeks at which the statement would have been made before

# Five truths for which BG/NBD is right, from much money to little; then what breaks it.
RIGHT: dict[str, tuple[str, dict[str, Any]]] = {
    "right: BG/NBD as on CDNOW": ("BG/NBD", {}),
    "right: they leave less": ("BG/NBD", {"a": 0.3}),
    "right: they leave more": ("BG/NBD", {"a": 2.0}),
    "right: they buy twice as often": ("BG/NBD", {"alpha": 2.2}),
    "right: nobody leaves (null)": ("nobody leaves", {}),
}
WRONG: dict[str, tuple[str, dict[str, Any]]] = {
    "wrong: MBG/NBD": ("MBG/NBD", {}),
    "wrong: Pareto/NBD": ("Pareto/NBD", {}),
    "wrong: season of 20 %": ("BG/NBD", {"season": 0.2}),
    "wrong: purchases fall by 20 % a year": ("BG/NBD", {"rate_trend": -0.22}),
    "wrong: regular buyers": ("BG/NBD", {"regularity": 2.0}),
    "wrong: who buys more spends more": ("BG/NBD", {"spend_with_rate": 0.4}),
    "wrong: prices rise by 5 % a year": ("BG/NBD", {"price_trend": 0.05}),
}


def study(companies: int, seed: int) -> pd.DataFrame:
    """So many companies of every truth for which the model is right, and a fifth as many of the others.

    Returns
    -------
    DataFrame
        headline, truth_name, truth, estimate, lower, upper, lower_model, upper_model.
    """
    rows = []
    for name, (base, changed) in (RIGHT | WRONG).items():
        for number in range(companies if name in RIGHT else -(-companies // 5)):
            company = answering_company(base, customers=CUSTOMERS, weeks=WEEKS, seed=seed * 10_000 + number, **changed)
            rows.append({"headline": HEADLINE, "truth_name": name, **headline(company)})
    return pd.DataFrame(rows)


def headline(company: AnsweringCompany, past: tuple[int, ...] = PAST, draws: int = 100) -> dict[str, float]:
    """What the company's records say, widened by the statements of some past weeks, and what comes."""
    start, terms = company.truth.mechanism.start, ValueTerms(HORIZON, 1.0, 0.0, "week")

    def said(week: int) -> Statement:
        made = start + timedelta(days=7 * week - 1)
        due = made + timedelta(days=7 * HORIZON)
        customers = known_on(company.transactions, made, due if week < WEEKS else None)
        return money_statement_of(customers, made, due, terms, draws=draws)

    now = said(WEEKS)
    wide = widened(now, [said(week) for week in past])
    lower, upper = (wide.lower, wide.upper) if wide else (np.nan, np.nan)
    came = float(company.truth.future(HORIZON)["spend"].sum())
    model = {"lower_model": now.lower, "upper_model": now.upper}
    return {"truth": came, "estimate": now.estimate, "lower": lower, "upper": upper, **model}
