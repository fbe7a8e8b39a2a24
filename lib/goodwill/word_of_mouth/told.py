"""How many people complainers told: from a survey of one's own, or from the published case where there is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from goodwill.data.told_counts import read_told_counts
from goodwill.inference.uncertainty import Interval
from goodwill.word_of_mouth import coca_cola
from goodwill.word_of_mouth.answers import VERDE_2006, BinnedAnswers, TellingFit, fit_families
from goodwill.word_of_mouth.associations import weighted_mean
from goodwill.word_of_mouth.telling import Telling

if TYPE_CHECKING:
    import pandas as pd

OWN = "own survey, dissatisfied complainers"
SHOPPERS = "shoppers with a problem, 2006"


class Told(NamedTuple):
    """What is known of the people that complainers told.

    `dissatisfied` and `satisfied` are means with their ranges; `distribution` is that of dissatisfied complainers; `fits` are families
    fitted to the answers of `who`; `grade` is "measured" for a survey of one's own and "published" for the case.

    Examples
    --------
    >>> from goodwill.word_of_mouth import told_in_case
    >>> found = told_in_case()
    >>> found.grade, found.who, round(found.distribution.tail(20), 2)
    ('published', 'shoppers with a problem, 2006', 0.12)
    """

    dissatisfied: Interval
    satisfied: Interval
    distribution: Telling
    fits: Mapping[str, TellingFit]
    who: str
    grade: str


def told_in_case(statistic: str = "mean", base: str = "dissatisfied") -> Told:
    """What the published case says, in one reading of it; beside it the answers of shoppers with a problem.

    Examples
    --------
    >>> told_in_case().dissatisfied.estimate
    9.5
    """
    dissatisfied, satisfied = coca_cola.told_means(statistic, base)
    distribution = coca_cola.reading(statistic, base).solutions[0]["dissatisfied"]
    return Told(dissatisfied, satisfied, distribution, fit_families(BinnedAnswers.from_text(VERDE_2006)), SHOPPERS, "published")


def told_in_survey(survey: pd.DataFrame, case: Told) -> Told:
    """What a survey says, `case` standing in for satisfied complainers when fewer than two of them answered.

    Parameters
    ----------
    survey : told, outcome and weight, as `read_told_counts` returns them; without any outcome, everybody counts as dissatisfied

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.word_of_mouth import told_in_case
    >>> survey = pd.DataFrame({"told": [0, 2, 4, 9, 1, 3], "outcome": ["dissatisfied"] * 4 + ["satisfied"] * 2, "weight": 1.0})
    >>> round(told_in_survey(survey, told_in_case()).dissatisfied.estimate, 2)  # the mean of the four
    3.75
    """
    bad = survey[survey["outcome"].isin(["dissatisfied"])] if survey["outcome"].notna().any() else survey
    good = survey[survey["outcome"].isin(["satisfied"])]
    fits = fit_families(bad["told"], bad["weight"])
    satisfied = weighted_mean(good["told"], good["weight"]) if len(good) > 1 else case.satisfied
    dissatisfied = weighted_mean(bad["told"], bad["weight"])
    return Told(dissatisfied, satisfied, fits["negative binomial"].model, fits, OWN, "measured")


def told_by_complainers(source: Any, case: Told, **columns: Any) -> Told:
    """What the survey in `source` says; without one, the case.

    Parameters
    ----------
    source : a path or table that `read_told_counts` reads, or an empty text
    case : of `told_in_case`
    **columns : passed to `read_told_counts`: told, outcome, weight, outcome_words, ...

    Examples
    --------
    >>> from goodwill.word_of_mouth import told_in_case
    >>> case = told_in_case()
    >>> told_by_complainers("", case) == case  # without a survey the case stands
    True
    """
    if isinstance(source, str) and not source:
        return case
    return told_in_survey(read_told_counts(source, **columns), case)
