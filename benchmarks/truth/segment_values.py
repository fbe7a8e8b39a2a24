"""The value of segments, stated in notebooks 04 and 08, on companies whose truth is known: `study(companies, seed)`.

Estimand: margin per customer of the classes A, B and C that comes in the next 13 weeks, the rules learned a window before. The truth is
what their customers spend when the same company runs on. The interval is that of BG/NBD and Gamma-Gamma, widened by the statements that
were made so every 13 weeks before. The oracle knows all parameters of the company: its interval holds chance alone. Null: nobody leaves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from benchmarks.truth._histories import known_on
from benchmarks.truth.lifetime_value import RIGHT
from goodwill.inference.parameters import parameter_names
from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD
from goodwill.lifetime_value.gamma_gamma import GammaGamma
from goodwill.lifetime_value.value import ValueTerms, customer_value
from goodwill.lifetime_value.valued import Valued
from goodwill.segments.evidence.value_statements import Cut, segment_values, widened_by_record
from goodwill.segments.schemes.rules import learn
from goodwill.simulate.answering_company import AnsweringCompany, answering_company

CUSTOMERS, MARGIN, DRAWS = 1_000, 0.3, 50
HORIZON, MADE = 13, (26, 39, 52, 65, 78)  # weeks, and at which the statement is made; the last is the headline


def study(companies: int, seed: int, truths: tuple[str, ...] = tuple(RIGHT)) -> pd.DataFrame:
    """So many companies of every truth: headline, truth_name, truth, estimate and the ends of the three intervals."""
    rows = [row for name in truths for number in range(seed, seed + companies) for row in headlines(name, 10 * number)]
    return pd.DataFrame(rows)


def headlines(name: str, seed: int) -> Iterator[dict[str, Any]]:
    """What the records of one company say of each class, and what comes."""
    base, changed = RIGHT[name]
    company = answering_company(base, customers=CUSTOMERS, weeks=max(MADE) + HORIZON, seed=seed, **changed)
    m = company.truth.mechanism
    table = widened_by_record(pd.concat([_statements(company, week) for week in MADE], ignore_index=True))
    now = table[table["made"] == table["made"].max()]
    leaving = (m.a, m.b) if m.dropout == "after a purchase" else (1e-9, 1.0)
    known = _statements(company, max(MADE), (Known(BetaGeoNBD(m.r, m.alpha, *leaving)), Known(GammaGamma(m.p, m.q, m.gamma))))
    for row, best in zip(now.to_dict("records"), known.to_dict("records"), strict=True):
        stated = {"estimate": row["expected"], "lower": row["wide_lower"], "upper": row["wide_upper"]}
        others = {"lower_model": row["lower"], "upper_model": row["upper"], "lower_oracle": best["lower"], "upper_oracle": best["upper"]}
        headline = f"04, 08 margin of a customer of class {row['segment']}"
        yield {"headline": headline, "truth_name": name, "truth": row["came"], **stated, **others}


class Known(NamedTuple):
    """A model whose parameters are known, in the place of a fit."""

    model: Any

    def prediction_draws(self, draws: int, seed: int) -> Any:
        """The same model, so many times."""
        return replace(self.model, **{name: np.full((draws, 1), getattr(self.model, name)) for name in parameter_names(type(self.model))})


def _statements(company: AnsweringCompany, week: int, models: tuple[Any, Any] | None = None) -> pd.DataFrame:
    """What the classes are expected to bring, learned a window before they are applied, beside what they bring."""
    start = company.truth.mechanism.start
    cut = Cut(*(start + timedelta(days=7 * (week + step) - 1) for step in (-HORIZON, 0, HORIZON)))
    taught, customers = (_with_spend(company.transactions, *days) for days in ((cut.learned,), (cut.made, cut.due)))
    fits = models or (BetaGeoNBD.fit(customers), GammaGamma.fit(customers[customers["frequency"] > 0]))
    terms = ValueTerms(float(HORIZON), MARGIN, 0.0, "week")
    valued = customers.join(customer_value(fits[0].model, fits[1].model, customers, terms))
    segments = learn("abc", taught).assign(valued)
    table = segment_values(Valued(valued, fits[0], fits[1], terms), segments, draws=DRAWS)
    came = MARGIN * valued.groupby(np.asarray(segments, dtype=object))["spend_holdout"].mean()
    return table.assign(learned=cut.learned, made=cut.made, due=cut.due, came=table["segment"].map(came))


def _with_spend(transactions: pd.DataFrame, made: Any, due: Any = None) -> pd.DataFrame:
    known = known_on(transactions, made, due)
    spent = transactions[transactions["date"] <= pd.Timestamp(made)].groupby("customer_id")["amount"].sum()
    return known.assign(spend=known["customer_id"].map(spent))
