import pandas as pd
import pytest

from goodwill.errors import DataError
from goodwill.satisfaction.roles import customer_roles
from goodwill.segments import loyalty_role

ANSWERS = pd.DataFrame(
    {
        "satisfaction": [5, 4, 5, 1, 1, None],
        "loyal": [True, True, False, True, False, True],
        "recommends": [True] * 6,
        "no_choice": [True] * 6,
    }
)


def test_roles_are_those_of_the_survey_and_silence_is_a_segment():
    rules = loyalty_role(ANSWERS, scale=(1, 5))
    assert list(rules.assign(ANSWERS)) == ["apostle", "loyalist", "mercenary", "hostage", "defector", "no answer"]
    assert list(rules.assign(ANSWERS))[:5] == customer_roles(ANSWERS, (1, 5)).tolist()[:5]


def test_roles_that_the_columns_cannot_tell_are_not_declared_and_said():
    rules = loyalty_role(ANSWERS[["satisfaction", "loyal"]], scale=(1, 5))
    assert rules.segments == ("loyal", "mercenary", "hostage-like", "defector", "no answer")
    assert any("apostles cannot be told from loyalists" in note for note in rules.notes)


def test_a_column_learned_with_must_be_there_later():
    with pytest.raises(DataError, match="column 'recommends' is missing"):
        loyalty_role(ANSWERS, scale=(1, 5)).assign(ANSWERS.drop(columns="recommends"))


def test_the_scale_is_checked():
    with pytest.raises(DataError, match="the lowest and the highest answer"):
        loyalty_role(ANSWERS, scale=(5, 1))
