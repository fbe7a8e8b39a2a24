"""One small company for the tests of this room: purchases, answers and complaints of 1,500 customers over two years."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import pandas as pd

import goodwill as gw
from goodwill.relationship import (
    BaseValue,
    SatisfactionDropout,
    answered_histories,
    base_value,
    fit_base,
    joined_survey,
    lasting_events,
    lately,
    plain_histories,
    read_answers,
    reliability_of,
    survey_day,
)
from goodwill.simulate import AnsweringCompany, answering_company

ITEMS = ["quality", "service", "delivery", "price"]
ASKED = "2025-06-30"
TERMS = gw.ValueTerms(52, 0.3, 0.15, "week")


@dataclass(frozen=True, eq=False)
class Small:
    """The tables as they are read, and the models fitted to them."""

    company: AnsweringCompany
    purchases: Any
    survey: Any
    log: Any
    summary: Any
    customers: pd.DataFrame
    buying: Any
    spending: Any


@cache
def small() -> Small:
    company = answering_company("full", customers=1_500, weeks=104, seed=1, prospects=0, trial_shares=(), survey_week=78.0)
    purchases = gw.read_transactions(company.transactions)
    survey = read_answers(company.survey, items=ITEMS, scale="1-10")
    summary = gw.summarize_purchases(purchases, unit="week")
    models = gw.ModifiedBetaGeoNBD.fit(summary), gw.GammaGamma.fit(summary)
    return Small(company, purchases, survey, gw.read_complaints(company.complaints), summary, summary.to_pandas(), *models)


@cache
def answered() -> Any:
    """Histories with answers."""
    tables = small()
    said = joined_survey(tables.purchases, tables.survey, survey_day(tables.purchases, ASKED))
    recent = lately(lasting_events(tables.purchases, tables.log.cases), ASKED, 70.0)
    since = (pd.Timestamp(tables.purchases.last) - pd.Timestamp(ASKED)).days / 7
    return answered_histories(tables.customers, said.said, said.levels, recent=recent, since_survey=since)


@cache
def fitted() -> SatisfactionDropout:
    tables = small()
    return fit_base(answered(), reliability_of(tables.survey, 0.85, 0.8), start=tables.buying)


@cache
def valued() -> BaseValue:
    tables = small()
    return base_value(fitted(), tables.customers, tables.spending.model, TERMS)


@cache
def unanswered() -> BaseValue:
    """The customers without a survey."""
    tables = small()
    plain = fit_base(plain_histories(tables.customers), None, start=tables.buying)
    return base_value(plain, tables.customers, tables.spending.model, TERMS)
