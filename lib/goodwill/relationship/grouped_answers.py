"""Answers joined with purchases by group, where a survey knows no customers but their branches, regions or contracts.

Of a customer it is known what her group answers on average. Her own lasting satisfaction lies about that of her group, which is as if she
had given an answer of few levels, one a group in the order of their means, whose reliability is the share of the variance of lasting
satisfaction that lies between groups: that of the means, less what chance adds to them, over that of single answers times the share of
it that lasts. The errors of single answers cancel in a mean, so that a point is worth the same by group as by customer. What it takes is
that groups leave differently for no other reason: with a handful of groups nothing can show that they do not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy import special

from goodwill.calendar import DAYS_PER_UNIT
from goodwill.data.side_tables import read_side_table
from goodwill.errors import DataError, TooLittle
from goodwill.inference.uncertainty import Interval
from goodwill.relationship.answered_histories import FEWEST as ENOUGH
from goodwill.relationship.answered_histories import AnsweredHistories, answered_histories, lately, plain_histories
from goodwill.relationship.records import Answers, Joined, first_purchases, joined_survey

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

    from goodwill.data.survey import Survey
    from goodwill.data.tables import Transactions

FEWEST = 20  # answers of a group, below which its mean is not taken
MOST_BETWEEN = 0.95  # share of lasting satisfaction that lies between groups, at most


class GroupedAnswers(NamedTuple):
    """Mean answers of groups, and the group of each customer.

    Attributes
    ----------
    group : place of the customer's group in `means`, by customer id (text)
    means : groups in the order of their mean answer: segment, mean, answers
    within : variance of the answers within groups
    asked : day of the survey
    joined : answers of groups that have customers

    Examples
    --------
    >>> from datetime import date
    >>> import pandas as pd
    >>> import goodwill as gw
    >>> means = pd.DataFrame({"segment": ["south", "north"], "mean": [3.0, 4.0], "answers": [50, 50]})
    >>> joined = gw.relationship.Joined("survey", rows=100, joined=100, strangers=0, early=0)
    >>> found = GroupedAnswers(pd.Series({"a": 0, "b": 1}), means, within=1.0, asked=date(2025, 6, 30), joined=joined)
    >>> round(found.between, 2)  # of the quarter between two means a point apart, chance made a fiftieth
    0.23
    """

    group: pd.Series
    means: pd.DataFrame
    within: float
    asked: date
    joined: Joined

    @property
    def said(self) -> pd.Series:
        """No answer of a single customer is known: raises TooLittle."""
        raise TooLittle("Answers are known by group alone, so that no customer's later money can be held against her own answer.")

    @property
    def between(self) -> float:
        """Variance of group means over customers, less what chance adds to them."""
        share = np.bincount(self.group.to_numpy(), minlength=len(self.means)) / len(self.group)
        mean = self.means["mean"].to_numpy()
        return float(share @ (mean - share @ mean) ** 2 - share @ (self.within / self.means["answers"].to_numpy()))


def joined_answers(purchases: Transactions, survey: Survey, groups: Any, asked: date) -> Answers | GroupedAnswers:
    """`joined_survey` where the survey has ids of customers, else `joined_groups`.

    Parameters
    ----------
    purchases, survey : checked tables
    groups : as in `joined_groups`
    asked : day of the survey

    Raises
    ------
    TooLittle, DataError
        As these two.

    Examples
    --------
    >>> from datetime import date
    >>> import goodwill as gw
    >>> made = gw.relationship.example_records()
    >>> found = joined_answers(made.purchases, made.survey, None, date(2025, 6, 30))
    >>> len(found.said), found.joined.strangers
    (357, 0)
    """
    if "respondent_id" in survey.answers:
        return joined_survey(purchases, survey, asked)
    return joined_groups(purchases, survey, groups, asked)


def joined_groups(purchases: Transactions, survey: Survey, groups: Any, asked: date) -> GroupedAnswers:
    """Answers by group, joined with the customers of each.

    Parameters
    ----------
    purchases, survey : checked tables; the survey was read with segment=
    groups : a path or a table with customer_id and segment
    asked : day of the survey

    Raises
    ------
    TooLittle
        Neither ids nor a table of groups; fewer than two groups with 20 answers; or groups whose means differ by no more than chance.
    DataError
        The survey has no column of groups, no customer of the table has bought, or no group of the survey is one of the table.

    Examples
    --------
    >>> from datetime import date
    >>> import pandas as pd
    >>> import goodwill as gw
    >>> said = pd.DataFrame({"segment": ["north"] * 30 + ["south"] * 30, "satisfaction": [4, 5] * 15 + [2, 3] * 15})
    >>> survey = gw.relationship.read_answers(said, segment="segment")
    >>> log = pd.DataFrame({"customer_id": ["a", "b"], "date": "2025-01-02", "amount": 10})
    >>> groups = pd.DataFrame({"customer_id": ["a", "b"], "segment": ["north", "south"]})
    >>> found = joined_groups(gw.read_transactions(log), survey, groups, date(2025, 1, 31))
    >>> found.means.to_dict("list"), found.group.to_dict()
    ({'segment': ['south', 'north'], 'mean': [2.5, 4.5], 'answers': [30, 30]}, {'a': 1, 'b': 0})
    """
    answers = survey.answers.dropna(subset=["satisfaction"])
    if groups is None or not len(groups):
        raise TooLittle(
            f"{survey.source} has no column with the ids of customers (respondent_id=), and no table says which customers are in which "
            "group (groups=), so that answers cannot be joined with purchases."
        )
    if "segment" not in answers:
        raise DataError(f"{survey.source} has no column of groups; name it (segment=) to join answers by group")
    table = read_side_table(groups, texts=["customer_id", "segment"]).dropna().drop_duplicates("customer_id")
    bought = table[table["customer_id"].isin(first_purchases(purchases).index)]
    if bought.empty:
        raise DataError(
            f"none of the {len(table):,} customers with a group has bought in {purchases.source}; write ids alike in both tables"
        )
    said = answers.assign(segment=answers["segment"].astype(str).str.strip())
    known = said[said["segment"].isin(set(bought["segment"]))]
    if known.empty:
        raise DataError(
            f"no group of {survey.source} (first: '{said['segment'].iloc[0]}') is one of the table of groups (first: "
            f"'{bought['segment'].iloc[0]}'); write groups alike in both tables"
        )
    each = known.groupby("segment")["satisfaction"].agg(["mean", "size", "var"])
    each = each[each["size"] >= FEWEST].sort_values("mean")
    if len(each) < 2:
        raise TooLittle(f"{len(each)} groups have {FEWEST} answers; joining answers by group takes two.")
    within = float(((each["size"] - 1) * each["var"]).sum() / (each["size"] - 1).sum())
    place = bought.set_index("customer_id")["segment"].map({name: i for i, name in enumerate(each.index)}).dropna().astype(int)
    joined = Joined("survey", len(said), int(each["size"].sum()), len(said) - len(known), int(len(known) - each["size"].sum()))
    means = each.reset_index()[["segment", "mean", "size"]].set_axis(["segment", "mean", "answers"], axis=1)
    found = GroupedAnswers(place, means, within, asked, joined)
    if not found.between > 0:
        raise TooLittle(
            f"The mean answers of {len(means)} groups differ by no more than chance, so that leaving cannot be joined with them."
        )
    return found


def grouped_histories(customers: pd.DataFrame, answers: GroupedAnswers, lasting: float, unit: str = "week") -> AnsweredHistories:
    """Histories of customers with the place of their group in the order of mean answers.

    Parameters
    ----------
    customers : customer_id, frequency, recency, T, as from `PurchaseSummary.to_pandas`
    answers : of `joined_groups`
    lasting : share of the variance of a single answer that is lasting satisfaction
    unit : of the times

    Examples
    --------
    >>> from datetime import date
    >>> import pandas as pd
    >>> import goodwill as gw
    >>> customers = gw.example("cdnow").head(4)
    >>> means = pd.DataFrame({"segment": ["south", "north"], "mean": [3.0, 4.0], "answers": [50, 50]})
    >>> place = pd.Series([0, 1, 1], index=customers["customer_id"].astype(str)[:3])  # of the fourth no group is known
    >>> joined = gw.relationship.Joined("survey", rows=100, joined=100, strangers=0, early=0)
    >>> answers = gw.relationship.GroupedAnswers(place, means, within=1.0, asked=date(1997, 9, 30), joined=joined)
    >>> grouped_histories(customers, answers, lasting=0.5).level.tolist()
    [0, 1, 1, -1]
    """
    x, t_x, T = (customers[name].to_numpy(float) for name in ("frequency", "recency", "T"))
    place = customers["customer_id"].astype(str).map(answers.group).to_numpy(float)
    level = np.where(np.isfinite(place), np.nan_to_num(place), -1).astype(int)
    shares = np.bincount(level[level >= 0], minlength=len(answers.means)) / (level >= 0).sum()
    lasts = lasting * (answers.between + answers.within)  # variance of lasting satisfaction [points squared]
    reliability = min(answers.between / lasts / class_variance(shares), MOST_BETWEEN)
    nobody = np.zeros(len(x), bool)
    spread = float(np.sqrt(lasts / reliability))
    return AnsweredHistories(x, t_x, T, level, nobody, nobody, np.zeros((len(x), 0)), (), shares, spread, unit, reliability)


def histories_of(
    customers: pd.DataFrame, answers: Any, events: pd.DataFrame, fades: float, rho: Any = None, unit: str = "week"
) -> AnsweredHistories:
    """Histories with answers where there are any, by customer or by group, else without.

    Parameters
    ----------
    customers : customer_id, frequency, recency, T, as from `PurchaseSummary.to_pandas`
    answers : of `joined_answers`; anything else, or fewer than 50, stands for no survey
    events : of `lasting_events`; the last purchase among them ends the data
    fades : mean time in which what has just happened fades [days]
    rho : reliability of single answers, which answers by group need; an Interval
    unit : of the times

    Examples
    --------
    >>> import goodwill as gw
    >>> made = gw.relationship.example_records()
    >>> events = gw.relationship.lasting_events(made.purchases, made.cases)
    >>> histories_of(made.customers, made.answers, events, fades=70.0)
    <AnsweredHistories 1,200 customers, 357 answers on 10 levels, times in weeks>
    >>> histories_of(made.customers, None, events, fades=70.0).answers  # without a survey
    0
    """
    if isinstance(answers, GroupedAnswers) and isinstance(rho, Interval):
        return grouped_histories(customers, answers, float(rho.estimate), unit)
    if not isinstance(answers, Answers) or len(answers.said) < ENOUGH:
        return plain_histories(customers, unit)
    last = events.loc[events["kind"] == "purchase", "date"].max()
    since = (last - np.datetime64(answers.asked)).days / DAYS_PER_UNIT[unit]
    recent = lately(events, answers.asked, fades)
    return answered_histories(customers, answers.said, answers.levels, recent=recent, since_survey=since, unit=unit)


def class_variance(shares: Any) -> float:
    """Variance of the class means of a standard normal variable that is cut into classes of these shares.

    >>> round(class_variance([0.5, 0.5]), 4)  # 2 / pi
    0.6366
    """
    share = np.asarray(shares, float)
    ends = special.ndtri(np.clip(np.concatenate([[0.0], np.cumsum(share)]), 0.0, 1.0))
    density = np.exp(-0.5 * ends**2) / np.sqrt(2 * np.pi)
    return float(((density[:-1] - density[1:]) ** 2 / np.maximum(share, 1e-12)).sum())
