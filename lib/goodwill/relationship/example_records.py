"""A small company that is made up, with what report 05 does with its records, each step by its name: for first tries and for examples."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING

from goodwill.data.complaints import read_complaints
from goodwill.data.purchases import summarize_purchases
from goodwill.data.reading.sources import read_transactions
from goodwill.inference.uncertainty import Interval
from goodwill.lifetime_value.gamma_gamma import GammaGamma
from goodwill.lifetime_value.modified_beta_geo_nbd import ModifiedBetaGeoNBD
from goodwill.lifetime_value.value import ValueTerms
from goodwill.relationship.base_value import BaseValue, base_value
from goodwill.relationship.complaint_counts import ComplaintRates, coined_of, complaint_rates
from goodwill.relationship.grouped_answers import histories_of
from goodwill.relationship.known_truth import EXAMPLE_ASKED
from goodwill.relationship.levers import Lever, customer_levers, recovery_lever
from goodwill.relationship.records import Answers, joined_survey, lasting_events, read_answers, survey_day
from goodwill.relationship.reliability import reliability_of
from goodwill.relationship.satisfaction_dropout import fit_base
from goodwill.shown import Shown
from goodwill.word_of_mouth.complaint_cost import MeasuredCosts, measured_costs

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.data.purchases import PurchaseSummary
    from goodwill.data.survey import Survey
    from goodwill.data.tables import Transactions
    from goodwill.inference.fit import Fit
    from goodwill.relationship.answered_histories import AnsweredHistories
    from goodwill.relationship.satisfaction_dropout import SatisfactionDropout
    from goodwill.simulate import AnsweringCompany

FADES = 70.0  # days
STATED, LASTING = 0.85, 0.8  # reliability where no items tell it, and the share of what is felt that lasts


@dataclass(frozen=True, eq=False, repr=False)
class ExampleRecords(Shown):
    """The tables of a small company that is made up, and what is made of them; each step is taken when it is first asked for.

    Attributes
    ----------
    company : with its four tables and its truth
    terms : a year of weeks, margin .3, 15 % a year
    purchases, survey, cases : the tables as they are read
    summary, customers : purchases by week, and their frame
    buying, spending : fits of MBG/NBD and of Gamma-Gamma
    answers, reliability : the survey joined with the purchases, and what share of its variance lasts
    measured, rates : what complaints cost, and how many come upon a purchase
    histories, fit, base : purchases with answers, the model of leaving, and the customers ready to be valued
    levers : satisfaction, retention and recovery by name

    Examples
    --------
    >>> import goodwill as gw
    >>> made = gw.relationship.example_records()
    >>> len(made.customers), made.survey.respondents, len(made.cases)
    (1200, 357, 476)
    """

    company: AnsweringCompany
    terms: ValueTerms

    def _said(self) -> str:
        return f"{len(self.company.customers):,} customers of a simulated company, {self.company.truth.weeks:g} weeks"

    @cached_property
    def purchases(self) -> Transactions:
        """The orders."""
        return read_transactions(self.company.transactions)

    @cached_property
    def survey(self) -> Survey:
        """The answers as they are read: overall satisfaction and four items from 1 to 10."""
        return read_answers(self.company.survey, items=["quality", "service", "delivery", "price"], scale="1-10")

    @cached_property
    def cases(self) -> pd.DataFrame:
        """The complaints."""
        return read_complaints(self.company.complaints).cases

    @cached_property
    def summary(self) -> PurchaseSummary:
        """Purchases by week."""
        return summarize_purchases(self.purchases, unit="week")

    @cached_property
    def customers(self) -> pd.DataFrame:
        """A row a customer: customer_id, frequency, recency, T and monetary_value."""
        return self.summary.to_pandas()

    @cached_property
    def buying(self) -> Fit:
        """MBG/NBD."""
        return ModifiedBetaGeoNBD.fit(self.summary)

    @cached_property
    def spending(self) -> Fit:
        """Gamma-Gamma."""
        return GammaGamma.fit(self.summary)

    @cached_property
    def answers(self) -> Answers:
        """Answers of customers who had bought by the day of the survey."""
        return joined_survey(self.purchases, self.survey, survey_day(self.purchases, EXAMPLE_ASKED))

    @cached_property
    def reliability(self) -> Interval:
        """Share of the variance of an answer that lasts."""
        return reliability_of(self.survey, STATED, LASTING)

    @cached_property
    def rates(self) -> ComplaintRates:
        """Complaints upon a purchase."""
        return complaint_rates(self.purchases, self.cases)

    @cached_property
    def measured(self) -> MeasuredCosts:
        """Costs of complaints through the complainers' own purchases."""
        terms = self.terms
        of_log = (self.purchases, self.cases, self.summary, self.buying, terms.margin, terms.annual_discount_rate)
        return measured_costs(*of_log, spend=self.spending)

    @cached_property
    def histories(self) -> AnsweredHistories:
        """Purchases with the answers of those who gave one."""
        events = lasting_events(self.purchases, self.cases)
        return histories_of(self.customers, self.answers, events, FADES, self.reliability)

    @cached_property
    def fit(self) -> SatisfactionDropout:
        """The model of leaving by satisfaction and at complaints."""
        return fit_base(self.histories, self.reliability, start=self.buying, coined=coined_of(self.measured, self.rates))

    @cached_property
    def base(self) -> BaseValue:
        """The customers, ready to be valued."""
        return base_value(self.fit, self.customers, self.spending.model, self.terms)

    @cached_property
    def levers(self) -> dict[str, Lever]:
        """What a unit of satisfaction, retention and recovery is worth."""
        return customer_levers(self.base, self.reliability) | {"recovery": recovery_lever(self.base, self.measured, self.rates)}


@cache
def example_records(customers: int = 1200, seed: int = 1) -> ExampleRecords:
    """Records of a small company that is made up, with every step of report 05; asked again, the same ones.

    Parameters
    ----------
    customers : who bought at least once in its two years; a few hundred give answers and complaints enough for a fit, not for a verdict
    seed : of all that is drawn

    Examples
    --------
    >>> example_records()
    <ExampleRecords 1,200 customers of a simulated company, 104 weeks>
    """
    from goodwill.simulate import answering_company

    made = answering_company("full", customers=customers, weeks=104, seed=seed, prospects=0, survey_week=78.0, trial_shares=())
    return ExampleRecords(made, ValueTerms(52.0, 0.3, 0.15, "week"))
