"""Work sheets on what people say and judge: reviews, staff and customers, grades, scored SWOT, degrees of loyalty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from goodwill.errors import DataError, TooLittle
from goodwill.inference.proportions import wilson
from goodwill.inference.uncertainty import Interval, normal_quantile

GRADES = ("E", "S", "N")  # excellent, satisfactory, needs work


class ReviewsHeard(NamedTuple):
    """Share of purchases that are reviewed, and how much of all reviews the most diligent write.

    Examples
    --------
    >>> from goodwill.worksheets import reviews_heard
    >>> found = reviews_heard({"every time": 10, "seldom": 90}, {"every time": 1, "seldom": 0.1})
    >>> round(found.share, 2), round(found.by_always, 2)  # one buyer in ten writes more than half of what is read
    (0.19, 0.53)
    """

    share: float
    by_always: float


def reviews_heard(people: Mapping[str, float], chance: Mapping[str, float]) -> ReviewsHeard:
    """Whose voice a page of reviews is: with what people say of their habit, how many purchases are reviewed, and by whom.

    Parameters
    ----------
    people : how many say each habit, the most diligent first
    chance : that somebody of this habit reviews a purchase (assumed)

    Examples
    --------
    The answers of 93 people; that "often" is 60 % and "sometimes" 20 % is assumed:

    >>> said = {"every time": 12, "often": 15, "sometimes": 54, "never": 12}
    >>> found = reviews_heard(said, {"every time": 1, "often": 0.6, "sometimes": 0.2, "never": 0})
    >>> round(found.share, 3), round(found.by_always, 3)
    (0.342, 0.377)
    """
    people, chance = dict(people), dict(chance)
    if set(people) != set(chance) or not sum(people.values()) > 0 or not all(0 <= each <= 1 for each in chance.values()):
        raise DataError("people and chances must be of the same habits, chances between 0 and 1, and somebody must have answered.")
    written = {habit: float(count) * float(chance[habit]) for habit, count in people.items()}
    total = sum(written.values())
    return ReviewsHeard(total / float(sum(people.values())), written[next(iter(people))] / total if total else float("nan"))


def solicited_bias(spread: float, lean: float) -> float:
    """By how much a mean rating is off when the chance to answer doubles with every `1 / lean` standard deviations of liking.

    With normal liking the answers are those of a normal shifted by lean x log 2 x spread: asking only the pleased, or paying for reviews,
    moves the mean and leaves no trace in the spread.

    Examples
    --------
    >>> round(solicited_bias(0.9, 1.0), 2)
    0.62
    """
    if spread < 0:
        raise DataError("a spread cannot be negative.")
    return float(spread * lean * np.log(2))


def double_satisfaction(staff: ArrayLike, customers: ArrayLike, level: float = 0.95) -> Interval:
    """Correlation of the satisfaction of staff and of customers over places (shops, teams), with its interval by Fisher's z.

    Raises
    ------
    TooLittle
        With fewer than four places, or where one of the two never differs.

    Examples
    --------
    >>> double_satisfaction([3, 4, 4.5, 2, 5], [3.1, 3.9, 4.0, 2.9, 4.8]).estimate > 0.9
    True
    """
    x, y = np.asarray(staff, float), np.asarray(customers, float)
    if x.shape != y.shape:
        raise DataError(f"{x.size} places have a satisfaction of staff and {y.size} of customers; each place needs both.")
    if x.size < 4 or np.ptp(x) == 0 or np.ptp(y) == 0:
        raise TooLittle("whether staff and customers are satisfied together takes four places or more that differ in both.")
    r = float(np.clip(np.corrcoef(x, y)[0, 1], -1 + 1e-15, 1 - 1e-15))
    reach = normal_quantile(level) / np.sqrt(x.size - 3)
    return Interval(r, float(np.tanh(np.arctanh(r) - reach)), float(np.tanh(np.arctanh(r) + reach)))


def graded_audit(grades: Mapping[str, Sequence[str]], level: float = 0.95) -> pd.DataFrame:
    """A service audit in three grades (excellent, satisfactory, needs work) by department, as shares with intervals.

    Raises
    ------
    DataError
        For another grade (names the department).

    Examples
    --------
    >>> found = graded_audit({"till": ["E", "S", "E"], "repair": ["N", "N", "S"]})
    >>> found["share"].round(3).to_list()
    [0.667, 0.333, 0.0, 0.0, 0.333, 0.667]
    """
    rows = []
    for department, given in grades.items():
        if unknown := [grade for grade in given if grade not in GRADES]:
            raise DataError(f"department {department!r} has the grade {unknown[0]!r}; grades are {', '.join(GRADES)}.")
        for grade in GRADES if given else ():
            share = wilson(float(list(given).count(grade)), float(len(given)), level)
            rows.append((department, grade, list(given).count(grade), *share))
    return pd.DataFrame(rows, columns=["department", "grade", "count", "share", "lower", "upper"])


def scored_swot(scores: Mapping[str, Mapping[str, float]], full: float = 10.0) -> pd.DataFrame:
    """Four sums and means of a scored SWOT, kept apart: points of strength and of threat are no one currency.

    Parameters
    ----------
    scores : by part (strengths, weaknesses, opportunities, threats), marks by item, 0 to `full`

    Returns
    -------
    DataFrame
        Index part; items, sum, mean, largest (its name). A sum grows with the number of items that somebody thought of; the mean does not.

    Examples
    --------
    >>> marks = {"strengths": {"brand": 8, "stores": 6}, "weaknesses": {"prices": 7}}
    >>> scored_swot(marks | {"opportunities": {"online": 9}, "threats": {"rival": 8}})[["sum", "mean"]].loc["strengths"].to_list()
    [14.0, 7.0]
    """
    parts = ("strengths", "weaknesses", "opportunities", "threats")
    if set(scores) != set(parts):
        raise DataError(f"a SWOT has the parts {', '.join(parts)}; it was given {', '.join(scores)}.")
    rows = []
    for part in parts:
        marks = scores[part]
        if not marks or not all(0 <= mark <= full for mark in marks.values()):
            raise DataError(f"{part} need at least one item, each marked 0 to {full:g}.")
        rows.append(
            (part, len(marks), float(sum(marks.values())), float(np.mean(list(marks.values()))), max(marks, key=lambda name: marks[name]))
        )
    return pd.DataFrame(rows, columns=["part", "items", "sum", "mean", "largest"]).set_index("part")


def degrees_of_loyalty(answers: Mapping[str, Mapping[str, float]], scale: tuple[float, float]) -> pd.DataFrame:
    """Degrees of loyalty (such as satisfaction, loyalty, interdependence) from their indicators, each on 0 to 100.

    Parameters
    ----------
    answers : by degree, the mean answer by indicator
    scale : lowest and highest answer

    Returns
    -------
    DataFrame
        Index degree; score (the mean of its indicators, 0 to 100), lowest (the indicator that pulls it down). Unweighted: the case text
        gives no weights.

    Examples
    --------
    >>> answers = {"satisfaction": {"product": 4, "service": 3}, "interdependence": {"joint planning": 2}}
    >>> degrees_of_loyalty(answers, (1, 5))["score"].to_list()
    [62.5, 25.0]
    """
    low, high = scale
    rows = []
    for degree, indicators in answers.items():
        if not indicators or not all(low <= mark <= high for mark in indicators.values()):
            raise DataError(f"{degree!r} needs at least one indicator, each answered {low:g} to {high:g}.")
        score = 100 * (float(np.mean(list(indicators.values()))) - low) / (high - low)
        rows.append((degree, score, min(indicators, key=lambda name: indicators[name])))
    return pd.DataFrame(rows, columns=["degree", "score", "lowest"]).set_index("degree")
