"""The value of segments, stated in notebooks 04 and 08, on companies whose truth is known: `study(companies, seed)`.

Estimand: margin per customer of the classes A, B and C that comes in the next 13 weeks, the rules learned a window before. The truth is
what their customers spend when the same company runs on. The statements are those of `value_statements`, by the purchase model and the
spend model that the data choose, whichever mechanism made them, widened by those made every 13 weeks before; to save time customers are
known by pandas, and the spend model is chosen once, on the last date. The oracle knows all parameters of the company: its interval holds
chance alone; where the company sells otherwise than BG/NBD says there is none. Null: nobody leaves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from benchmarks.truth import lifetime_value
from benchmarks.truth._histories import known_on
from goodwill.data.purchases import summarize_purchases
from goodwill.data.reading.sources import read_transactions
from goodwill.data.tables import Transactions
from goodwill.inference.parameters import parameter_names
from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD
from goodwill.lifetime_value.evidence.purchase_choice import choose_purchases
from goodwill.lifetime_value.gamma_gamma_with_first import GammaGammaWithFirst
from goodwill.lifetime_value.spend_choice import choose_spend, fit_spend
from goodwill.lifetime_value.value import ValueTerms, customer_value
from goodwill.lifetime_value.valued import Valued
from goodwill.segments.evidence.value_statements import Cut, segment_values, widened_by_record
from goodwill.segments.schemes.rules import learn
from goodwill.simulate.answering_company import AnsweringCompany, answering_company

SEED = 3_001  # number of the first company
CUSTOMERS, MARGIN, DRAWS = 1_000, 0.3, 50
HORIZON, MADE = 13, (26, 39, 52, 65, 78)  # weeks, and at which the statement is made; the last is the headline
BROKEN = ("wrong: Pareto/NBD", "wrong: season of 20 %", "wrong: purchases fall by 20 % a year", "wrong: who buys more spends more")
TRUTHS = lifetime_value.RIGHT | {name: lifetime_value.WRONG[name] for name in BROKEN}


def study(companies: int, seed: int, truths: tuple[str, ...] = tuple(TRUTHS)) -> pd.DataFrame:
    """So many companies of every truth for which BG/NBD is right, and half as many of the others.

    Returns
    -------
    DataFrame
        headline, truth_name, truth, estimate and the ends of the three intervals
    """
    many = {name: companies if name in lifetime_value.RIGHT else -(-companies // 2) for name in truths}
    return pd.DataFrame([row for name in truths for number in range(seed, seed + many[name]) for row in headlines(name, 10 * number)])


def headlines(name: str, seed: int) -> Iterator[dict[str, Any]]:
    """What the records of one company say of each class, and what comes."""
    base, changed = TRUTHS[name]
    company = answering_company(base, customers=CUSTOMERS, weeks=max(MADE) + HORIZON, seed=seed, **changed)
    said = statements(company)
    table = widened_by_record(said)
    now = table[table["made"] == table["made"].max()]
    known = _best(company) if name in lifetime_value.RIGHT else {}
    for row in now.to_dict("records"):
        stated = {"estimate": row["expected"], "lower": row["wide_lower"], "upper": row["wide_upper"]}
        others = {"lower_model": row["lower"], "upper_model": row["upper"]} | known.get(row["segment"], {})
        headline = f"04, 08 margin of a customer of class {row['segment']}"
        yield {"headline": headline, "truth_name": name, "truth": row["came"], **stated, **others}


def statements(company: AnsweringCompany) -> pd.DataFrame:
    """What the classes are expected to bring at each date, learned a window before they are applied, beside what they bring."""
    spend = choose_spend(summarize_purchases(_known(company, _cut(company, max(MADE)).made))).name
    return pd.concat([_statements(company, _cut(company, week), spend) for week in MADE], ignore_index=True)


def _known(company: AnsweringCompany, made: date) -> Transactions:
    bought = company.transactions
    log = read_transactions(bought.loc[bought["date"] <= pd.Timestamp(made), ["customer_id", "date", "amount"]])
    return replace(log, last=made)  # nobody need have bought on the last day


def _statements(company: AnsweringCompany, cut: Cut, spend: str, known: tuple[Any, Any] | None = None) -> pd.DataFrame:
    taught, customers = with_spend(company.transactions, cut.learned), with_spend(company.transactions, cut.made, cut.due)
    paying = customers[(customers["frequency"] > 0) & (customers["monetary_value"] > 0)]
    purchases, money = known or (choose_purchases(customers).fit, fit_spend(spend, customers, paying))
    terms = ValueTerms(float(HORIZON), MARGIN, 0.0, "week")
    valued = customers.join(customer_value(purchases.model, money.model, customers, terms))
    segments = _classes(taught).assign(valued)
    table = segment_values(Valued(valued, purchases, money, terms), segments, draws=DRAWS)
    came = MARGIN * valued.groupby(np.asarray(segments, dtype=object))["spend_holdout"].mean()
    return table.assign(learned=cut.learned, made=cut.made, due=cut.due, came=table["segment"].map(came))


def _classes(customers: pd.DataFrame) -> Any:
    return learn("abc", customers)


def _cut(company: AnsweringCompany, week: int) -> Cut:
    start = company.truth.mechanism.start
    return Cut(*(start + timedelta(days=7 * (week + step) - 1) for step in (-HORIZON, 0, HORIZON)))


class Known(NamedTuple):
    """A model whose parameters are known, in the place of a fit."""

    model: Any

    def prediction_draws(self, draws: int, seed: int) -> Any:
        """The same model, so many times."""
        return replace(self.model, **{name: np.full((draws, 1), getattr(self.model, name)) for name in parameter_names(type(self.model))})


def _best(company: AnsweringCompany) -> dict[str, dict[str, float]]:
    """Of each class the interval of somebody who knows all parameters, the first amount being one of the customer's like any other."""
    m = company.truth.mechanism
    leaving = (m.a, m.b) if m.dropout == "after a purchase" else (1e-9, 1.0)
    fits: Any = (Known(BetaGeoNBD(m.r, m.alpha, *leaving)), Known(GammaGammaWithFirst(m.p, m.q, m.gamma, m.p, 1.0)))
    table = _statements(company, _cut(company, max(MADE)), "", fits)
    return {row["segment"]: {"lower_oracle": row["lower"], "upper_oracle": row["upper"]} for row in table.to_dict("records")}


def with_spend(transactions: pd.DataFrame, made: date, due: date | None = None) -> pd.DataFrame:
    """Customers as known on a date (`known_on`), and what they had spent."""
    known = known_on(transactions, made, due)
    spent = transactions[transactions["date"] <= pd.Timestamp(made)].groupby("customer_id")["amount"].sum()
    return known.assign(spend=known["customer_id"].map(spent))
