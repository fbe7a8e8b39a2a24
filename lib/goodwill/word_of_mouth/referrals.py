"""The good word: what a recommended newcomer is worth, and who recommends and reviews."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from goodwill.errors import DataError
from goodwill.inference.proportions import wilson
from goodwill.inference.uncertainty import Interval
from goodwill.word_of_mouth.damage import require_shares

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.word_of_mouth.worth import Worth


def referral_value(lifetime_value: Any, acquisition_cost: Any, would_have_come: Any, reward: Any = 0.0) -> Any:
    """Value of one recommended newcomer (Kumar, Petersen & Leone 2007, Harvard Business Review).

    Who would not have come without the recommendation brings a whole lifetime value; who would have come anyway (a share) only saves
    the cost of acquiring her. `reward` is what the recommendation costs.

    >>> referral_value(lifetime_value=100, acquisition_cost=20, would_have_come=0.5)
    60.0
    """
    require_shares(would_have_come=would_have_come)
    return (1 - would_have_come) * lifetime_value + would_have_come * acquisition_cost - reward


def worth_of_referral(stake: Worth, would_have_come: float) -> float:
    """`referral_value` of a newcomer whose worth is that of `stake`, when winning one costs the profit of a purchase.

    >>> from goodwill.inference import Interval
    >>> from goodwill.word_of_mouth.worth import Worth
    >>> known = Interval(40.0, 30.0, 50.0), Interval(10.0, 9.0, 11.0), Interval(50.0, 40.0, 60.0)
    >>> worth_of_referral(Worth(*known), would_have_come=0.5)  # half of them would have come by themselves
    30.0
    """
    return float(referral_value(stake.prospect.estimate, stake.purchase.estimate, would_have_come))


def answered_share(survey: pd.DataFrame, question: str, *options: str) -> Interval:
    """Share of respondents who gave one of the options of a tabulated question, with its score interval.

    Parameters
    ----------
    survey : question_id, option_en, count and n_valid, one row per option

    Examples
    --------
    >>> import pandas as pd
    >>> survey = pd.DataFrame({"question_id": "Q1", "option_en": ["often", "seldom", "never"], "count": [30, 50, 20], "n_valid": 100})
    >>> answered_share(survey.assign(question_type="single"), "Q1", "often", "seldom").estimate
    0.8
    """
    chosen = survey[(survey["question_id"] == question) & survey["option_en"].isin(options)]
    if len(chosen) != len(options):
        raise DataError(f"question {question} does not have the options {', '.join(options)}")
    if len(options) > 1 and "multi" in chosen["question_type"].to_numpy():
        raise DataError(f"question {question} allows several answers: shares of its options do not add up")
    return wilson(float(chosen["count"].sum()), float(chosen["n_valid"].iloc[0]))
