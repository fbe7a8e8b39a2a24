"""What the report shows where the reader's own data have nothing to show: a simulated company, and a published survey of 93 answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from goodwill.data.survey import Survey, read_survey
from goodwill.errors import TooLittle
from goodwill.satisfaction.cells import loyalty_cells
from goodwill.satisfaction.index import response_funnel, share_with_bounds
from goodwill.satisfaction.markets import share_by_level
from goodwill.satisfaction.roles import loyalty_categories
from goodwill.satisfaction.trend import Direction, direction

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.simulate.simulated_company import Company

STATED = {"quality": 0.4, "service": 0.3, "delivery": 0.2, "price": 0.1}  # invented weights of the company's items
JD_SENT, JD_RETURNED, JD_VALID = 250, 104, 93  # questionnaires of the JD survey of May 2015, as published


def company_survey(company: Company, weeks: float = 13) -> Survey:
    """The survey of a simulated company, with its items and whether each respondent bought in the last weeks (`recent buying`).

    >>> import goodwill as gw
    >>> survey = company_survey(gw.company(60, 52, seed=1))
    >>> survey.items, survey.scale
    (('quality', 'service', 'delivery', 'price'), (1, 10))
    """
    import pandas as pd

    orders, asked = company.transactions, company.survey
    last = asked["respondent_id"].map(orders.groupby("customer_id")["date"].max())
    recently = last > orders["date"].max() - pd.Timedelta(weeks=weeks)
    top = company.truth.points
    frame = asked.assign(**{"recent buying": recently.astype(int)})
    return read_survey(frame, items=[name for name, _ in company.truth.items], flags=["recent buying"], scale=(1, top))


class TwoOutcomes(NamedTuple):
    """An intention and a behaviour of the same people: the share at each level of satisfaction (`share_by_level`), and the trend.

    Examples
    --------
    >>> import goodwill as gw
    >>> from goodwill.satisfaction import company_survey, intention_and_behaviour
    >>> found = intention_and_behaviour(company_survey(gw.company(60, 52, seed=1)), "recent buying", loyal_from=8)
    >>> found.intention_trend, found.behaviour_trend
    ('not shown', 'not shown')
    """

    name: str
    intention: pd.DataFrame
    behaviour: pd.DataFrame
    intention_trend: Direction
    behaviour_trend: Direction


def intention_and_behaviour(survey: Survey, behaviour: str, loyal_from: float) -> TwoOutcomes:
    """Loyalty by level of satisfaction, once by the loyalty answer and once by a column of what the same people did.

    Raises
    ------
    TooLittle
        When no such column is named.

    Examples
    --------
    >>> import goodwill as gw
    >>> from goodwill.satisfaction import company_survey
    >>> found = intention_and_behaviour(company_survey(gw.company(300, 52, seed=1)), "recent buying", loyal_from=8)
    >>> found.name, found.intention_trend
    ('recent buying', 'rises')
    """
    if not behaviour:
        raise TooLittle("This survey names no column of what people did (behaviour), so intention and behaviour are not compared.")
    at = survey.answers
    intends, did = (
        loyalty_cells(at["satisfaction"], outcome, levels=survey.levels, weight=at["weight"], count=at["count"])
        for outcome in (survey.loyal(loyal_from), at[behaviour])
    )
    return TwoOutcomes(behaviour, share_by_level(intends), share_by_level(did), direction(intends), direction(did))


def company_categories(company: Company) -> pd.DataFrame:
    """Six loyalty categories (`loyalty_categories`) from a company's purchases in two equal spans, after everybody's first purchase.

    >>> import goodwill as gw
    >>> found = company_categories(gw.company(60, 52, seed=1))
    >>> round(float(found["share"].iloc[:4].sum()), 6)  # the four that purchase records can show
    1.0
    """
    orders = company.transactions
    orders = orders[orders["date"] > orders.groupby("customer_id")["date"].min().max()]
    middle = orders["date"].min() + (orders["date"].max() - orders["date"].min()) / 2
    spans = orders.assign(later=orders["date"] > middle).groupby(["customer_id", "later"]).size().unstack(fill_value=0)
    return loyalty_categories(spans[False], spans[True])


class JDSurvey(NamedTuple):
    """The JD survey: questionnaires by stage, every published share with what is sure of it, and two counts that do not fit together.

    Examples
    --------
    >>> import goodwill as gw
    >>> from goodwill.satisfaction import jd_survey
    >>> found = jd_survey(gw.read_case("jd_survey_2015"))
    >>> found.shares.loc[1, ["share", "least", "most"]].astype(float).round(2).tolist()  # and if the 157 others had answered
    [0.45, 0.17, 0.8]
    >>> found.never_bought, found.answered_returns  # ten of the 93 never bought there, and all 93 judge how returns went
    (10, 93)
    """

    funnel: pd.DataFrame
    shares: pd.DataFrame
    never_bought: int
    answered_returns: int


def jd_survey(published: pd.DataFrame) -> JDSurvey:
    """What 93 valid answers of 250 asked can show; `published` is ``read_case("jd_survey_2015")``.

    The shares have Wilson intervals among the valid answers and worst-case bounds over everybody asked.

    >>> import goodwill as gw
    >>> found = jd_survey(gw.read_case("jd_survey_2015"))
    >>> found.funnel["of_sent"].round(2).tolist()  # of 250 questionnaires 93 were valid
    [1.0, 0.42, 0.37]
    """
    import pandas as pd

    published = published.reset_index(drop=True)
    option = published["option_en"].str.replace(r" \(sic.*", "", regex=True)
    named = published[["question_id"]].assign(option=option, count=published["count"])
    shares = pd.concat([named, share_with_bounds(published["count"], published["n_valid"], JD_SENT)], axis=1)
    never = (published["question_id"] == "Q2") & (published["option_en"] == "no")
    returns = published["question_id"] == "Q7"
    counts = (int(published.loc[chosen, "count"].sum()) for chosen in (never, returns))
    return JDSurvey(response_funnel(JD_SENT, JD_RETURNED, JD_VALID), shares, *counts)
