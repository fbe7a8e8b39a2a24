"""What customers bring by how satisfied they say they are, where a survey and records of purchases know the same customers.

Both numbers are those of the relationship report, from the same functions: the value of a customer by what her purchases and her answer say
of her, and what one point more is worth if satisfaction keeps customers (`customer_levers`). A difference between levels is what goes with
an answer, not what moving one would bring: who answers 9 differs from who answers 8 in more than the answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from goodwill.errors import TooLittle
from goodwill.inference.uncertainty import Interval, normal_quantile
from goodwill.lifetime_value.value import ValueTerms, automatic_horizon

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.data.survey import Survey
    from goodwill.data.tables import Transactions
    from goodwill.relationship.records import Joined

FEWEST = 20  # customers of a level, below which no mean of it is shown


class WorthByLevel(NamedTuple):
    """What customers bring within the horizon, by level of satisfaction.

    Attributes
    ----------
    levels : level, customers, worth, low, high [currency per customer who gave this answer]: of those with 20 customers
    steps : lower, upper, difference, low, high [currency per customer], of neighbours among them
    point : what one point more is worth per customer who is there, if satisfaction keeps customers
    weeks : of the horizon
    joined : how many answers are of customers

    Examples
    --------
    >>> import goodwill as gw
    >>> made = gw.relationship.example_records()
    >>> found = gw.relationship.worth_by_level(made.purchases, made.survey, "2025-06-30")
    >>> len(found.steps) == len(found.levels) - 1, bool((found.levels["customers"] >= 20).all())
    (True, True)
    """

    levels: pd.DataFrame
    steps: pd.DataFrame
    point: Interval
    weeks: float
    joined: Joined


def worth_by_level(
    purchases: Transactions,
    survey: Survey,
    surveyed: str = "",
    *,
    margin: float = 0.3,
    discount_rate: float = 0.15,
    reliability: float = 0.85,
    lasting: float = 0.8,
    lasting_within: float = 0.2,
    fades: float = 70.0,
) -> WorthByLevel:
    """Value purchases by the answers of the same customers.

    Parameters
    ----------
    purchases, survey : checked tables; the survey has ids of customers
    surveyed : day of the survey, as 2025-06-30; empty takes the last day of the purchases
    margin, discount_rate : profit per unit of spend; what waiting a year costs
    reliability, lasting, lasting_within, fades : as in the relationship report

    Raises
    ------
    TooLittle
        No ids, too few answers of customers, or fewer than two levels with 20 of them.
    DataError
        None of the respondents has bought, or the survey is of another time than the purchases.

    Examples
    --------
    >>> import goodwill as gw
    >>> made = gw.relationship.example_records()
    >>> point = worth_by_level(made.purchases, made.survey, "2025-06-30").point
    >>> point.lower < point.estimate < point.upper
    True
    """
    import pandas as pd

    from goodwill.data.purchases import summarize_purchases
    from goodwill.lifetime_value.modified_beta_geo_nbd import ModifiedBetaGeoNBD
    from goodwill.lifetime_value.spend_choice import choose_spend
    from goodwill.relationship.base_value import base_value
    from goodwill.relationship.grouped_answers import histories_of
    from goodwill.relationship.levers import customer_levers, with_answers
    from goodwill.relationship.records import joined_survey, lasting_events, survey_day
    from goodwill.relationship.reliability import reliability_of
    from goodwill.relationship.satisfaction_dropout import fit_base

    said = joined_survey(purchases, survey, survey_day(purchases, surveyed))
    summary = summarize_purchases(purchases, unit="week")
    buying, spending, customers = ModifiedBetaGeoNBD.fit(summary), choose_spend(summary).fit, summary.to_pandas()
    rho = reliability_of(survey, reliability, lasting, lasting_within)
    fit = fit_base(histories_of(customers, said, lasting_events(purchases, None), fades, rho), rho, start=buying)
    terms = ValueTerms(automatic_horizon(summary.length, "week"), margin, discount_rate, "week")
    base = base_value(fit, customers, spending.model, terms)
    point = with_answers(customer_levers(base, rho), said).worth
    answer = customers["customer_id"].astype(str).map(said.said[~said.said.index.duplicated()])
    each = pd.DataFrame({"level": answer, "worth": base.each_customer}).dropna()
    levels = each.groupby("level")["worth"].agg(["size", "mean", "sem"]).reset_index()
    levels = levels[levels["size"] >= FEWEST].reset_index(drop=True)
    if len(levels) < 2:
        raise TooLittle(f"{len(levels)} levels have {FEWEST} answers of customers; what customers bring by level takes two.")
    far = normal_quantile(0.95)
    mean, error = levels["mean"].to_numpy(), levels["sem"].to_numpy()
    moved, half = np.diff(mean), far * np.hypot(error[1:], error[:-1])
    place = levels["level"].to_numpy()
    steps = {"lower": place[:-1], "upper": place[1:], "difference": moved, "low": moved - half, "high": moved + half}
    shown = {"level": place, "customers": levels["size"], "worth": mean, "low": mean - far * error, "high": mean + far * error}
    return WorthByLevel(pd.DataFrame(shown), pd.DataFrame(steps), point, terms.horizon, said.joined)
