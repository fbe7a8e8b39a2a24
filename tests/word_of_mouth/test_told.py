"""How many people complainers told: a survey of one's own, or the case; and sayings held against both."""

import pandas as pd
import pytest

from goodwill.word_of_mouth import TellingCascade, sayings, told_by_complainers, told_in_case, told_in_survey
from goodwill.word_of_mouth.told import OWN, SHOPPERS

CASE = told_in_case()


def survey(told: list[int], outcome: list[str | None]) -> pd.DataFrame:
    return pd.DataFrame({"told": told, "outcome": outcome, "weight": 1.0})


def test_without_a_survey_the_case_stands() -> None:
    assert told_by_complainers("", CASE) is CASE
    assert (CASE.who, CASE.grade, CASE.dissatisfied.estimate) == (SHOPPERS, "published", 9.5)


def test_a_survey_is_read_and_replaces_the_case() -> None:
    answers = pd.DataFrame({"n": [4, 6, 8, 1, 3], "end": ["bad", "bad", "bad", "good", "good"]})
    words = {"bad": "dissatisfied", "good": "satisfied"}
    found = told_by_complainers(answers, CASE, told="n", outcome="end", outcome_words=words)
    assert (found.who, found.grade) == (OWN, "measured")
    assert (found.dissatisfied.estimate, found.satisfied.estimate) == (6.0, 2.0)
    assert found.distribution.mean == pytest.approx(6.0, abs=1e-4)


def test_one_satisfied_answer_is_no_mean() -> None:
    found = told_in_survey(survey([4, 6, 8, 1], ["dissatisfied"] * 3 + ["satisfied"]), CASE)
    assert found.satisfied == CASE.satisfied


def test_answers_without_outcomes_count_as_of_the_dissatisfied() -> None:
    assert told_in_survey(survey([2, 4], [None, None]), CASE).dissatisfied.estimate == 3.0


def test_sayings_are_held_against_the_case() -> None:
    found = sayings(TellingCascade(CASE.distribution, 0.02), CASE)
    assert found.per_complainer == pytest.approx(9.5 / 4.5)
    assert found.threshold == pytest.approx(1 / 9.5)
    assert (found.retold, found.told) == (0.15, pytest.approx(1.1986))
    assert found.retelling == pytest.approx((1 - 9.5 / 66) / 1.1986)
    assert 1 < found.one_in < 10 and 0 < found.of_market < 1
