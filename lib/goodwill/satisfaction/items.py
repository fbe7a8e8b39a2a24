"""All about the single questions of a survey: what goes with satisfaction, the score made of them, and how well they go together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from goodwill.errors import FitError, TooLittle
from goodwill.inference.uncertainty import Interval
from goodwill.satisfaction.drivers import driver_importance, importance_performance, penalty_reward
from goodwill.satisfaction.index import SatisfactionIndex, cronbach_alpha, item_table, satisfaction_index
from goodwill.shown import Shown

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.data.survey import Survey


class ItemAnswers(NamedTuple):
    """Answers to single questions, one row per respondent, with overall satisfaction and design weight of the same people.

    Examples
    --------
    >>> import goodwill as gw
    >>> from goodwill.satisfaction import item_answers
    >>> from goodwill.satisfaction.worked_examples import company_survey
    >>> asked = item_answers(company_survey(gw.company(60, 52, seed=1)))
    >>> asked.items.columns.tolist(), asked.scale
    (['quality', 'service', 'delivery', 'price'], (1, 10))
    """

    items: pd.DataFrame
    satisfaction: pd.Series
    weight: pd.Series
    scale: tuple[float, float]


def item_answers(survey: Survey) -> ItemAnswers:
    """The answers of a survey to its items; a row that stands for several respondents becomes several.

    Raises
    ------
    TooLittle
        When the survey names no items.

    Examples
    --------
    >>> import pandas as pd
    >>> import goodwill as gw
    >>> answers = pd.DataFrame({"satisfaction": [5, 4], "loyalty": [5, 4], "quality": [5, 4], "price": [3, 2], "count": [2, 1]})
    >>> asked = item_answers(gw.read_survey(answers, items=["quality", "price"], scale=(1, 5)))
    >>> asked.items.to_dict("list")
    {'quality': [5.0, 5.0, 4.0], 'price': [3.0, 3.0, 2.0]}
    """
    if not survey.items:
        raise TooLittle("This survey names no single questions (items), so nothing is said here of what goes with satisfaction.")
    answers = survey.answers
    people = answers.loc[answers.index.repeat(answers["count"].astype(int))].reset_index(drop=True)
    return ItemAnswers(people[list(survey.items)], people["satisfaction"], people["weight"], survey.scale)


@dataclass(frozen=True, eq=False, repr=False)
class Comparison(Shown):
    """Items beside each other; each table as the function of its name gives it.

    Attributes
    ----------
    alpha : how well the items go together (`cronbach_alpha`)
    table : each item on its own (`item_table`)
    importance : stated weights beside derived importance (`driver_importance`)
    places : importance and performance (`importance_performance`)
    penalties : how bad and good answers go with satisfaction (`penalty_reward`)

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.satisfaction import compare_items, ItemAnswers
    >>> asked = pd.DataFrame({"quality": [1, 2, 3, 5, 5, 4, 2, 4] * 8, "price": [3, 1, 2, 3, 1, 2, 3, 2] * 8})
    >>> said = pd.Series([1, 2, 3, 4, 5, 4, 2, 5] * 8)
    >>> found = compare_items(ItemAnswers(asked, said, pd.Series([1.0] * 64), (1.0, 5.0)))
    >>> found.penalties["kano"].to_dict(), found.importance["share"].round(1).to_dict()
    ({'quality': 'basic', 'price': ''}, {'quality': 0.9, 'price': 0.1})
    """

    alpha: Interval
    table: pd.DataFrame
    importance: pd.DataFrame
    places: pd.DataFrame
    penalties: pd.DataFrame


def compare_items(asked: ItemAnswers, stated: Mapping[str, float] | None = None, *, seed: int = 1) -> Comparison:
    """What goes with satisfaction, and how the items go together.

    Raises
    ------
    TooLittle
        With a single item, fewer complete answers than the comparison takes, or an item that cannot go with anything.

    Examples
    --------
    >>> import pandas as pd
    >>> import goodwill as gw
    >>> from goodwill.satisfaction import item_answers
    >>> answers = pd.DataFrame({"satisfaction": [1, 2, 3, 4, 5, 4, 2, 5] * 8, "loyalty": [1, 2, 3, 4, 5, 4, 2, 5] * 8})
    >>> answers = answers.assign(quality=[1, 2, 3, 5, 5, 4, 2, 4] * 8, price=[3, 1, 2, 3, 1, 2, 3, 2] * 8)
    >>> asked = item_answers(gw.read_survey(answers, items=["quality", "price"], scale=(1, 5)))
    >>> found = compare_items(asked)
    >>> found.importance.index[0], round(float(found.importance["share"].sum()), 6)
    ('quality', 1.0)
    """
    items, weight = asked.items, asked.weight
    flat = [str(name) for name in items if items[name].nunique() < 2]
    if flat:
        raise TooLittle(
            f"Nobody answers {', '.join(flat)} differently from anybody else; leave it out of items, and the others are compared."
        )
    try:
        importance = driver_importance(items, asked.satisfaction, stated, weight=weight, seed=seed)
    except FitError as error:  # the rest of a report does not hang on the items
        raise TooLittle(f"The items are not compared: {error}.") from None
    return Comparison(
        cronbach_alpha(items.to_numpy(), weight=weight),
        item_table(items, asked.scale, weight=weight),
        importance,
        importance_performance(items, importance, weight=weight),
        penalty_reward(items, asked.satisfaction, weight=weight),
    )


def item_score(
    asked: ItemAnswers, stated: Mapping[str, float] | None = None, *, total: float = 1.0, population: float | None = None
) -> SatisfactionIndex:
    """The simple and the weighted score of the items (`satisfaction_index`).

    >>> import pandas as pd
    >>> import goodwill as gw
    >>> from goodwill.satisfaction import item_answers
    >>> answers = pd.DataFrame({"satisfaction": [5, 4, 3], "loyalty": [5, 4, 2], "quality": [5, 4, 3], "price": [3, 2, 4]})
    >>> asked = item_answers(gw.read_survey(answers, items=["quality", "price"], scale=(1, 5)))
    >>> round(item_score(asked).simple.estimate, 2)
    3.5
    """
    return satisfaction_index(
        asked.items, stated, scale=asked.scale, total=total if stated else 1.0, weight=asked.weight, population=population
    )
