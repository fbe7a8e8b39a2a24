"""The good word: newcomers who were recommended, and what students say of JD."""

import pytest

from goodwill.data.survey import read_case
from goodwill.errors import DataError
from goodwill.word_of_mouth.referrals import answered_share, referral_value


def test_a_newcomer_who_would_have_come_anyway_only_saves_her_acquisition():
    assert referral_value(100, 20, would_have_come=1.0) == 20
    assert referral_value(100, 20, would_have_come=0.0, reward=10) == 90
    with pytest.raises(DataError, match="would_have_come is 2"):
        referral_value(100, 20, would_have_come=2)


class TestJdSurvey:
    survey = read_case("jd_survey_2015")

    def test_acquaintances(self):
        """42 of 93 saw JD recommended by an acquaintance; 14 of 93 learn of promotions from one."""
        seen = answered_share(self.survey, "Q3", "recommended by an acquaintance")
        learnt = answered_share(self.survey, "Q4", "told by an acquaintance")
        assert [round(each, 3) for each in seen] == [0.452, 0.354, 0.553]
        assert [round(each, 3) for each in learnt] == [0.151, 0.092, 0.237]

    def test_review_habit(self):
        often = answered_share(self.survey, "Q6", "every time", "often")
        assert often.estimate == pytest.approx(27 / 93)

    def test_options_of_a_question_with_several_answers_do_not_add_up(self):
        with pytest.raises(DataError, match="allows several answers"):
            answered_share(self.survey, "Q3", "recommended by an acquaintance", "TV ads")
        with pytest.raises(DataError, match="does not have the options"):
            answered_share(self.survey, "Q3", "a friend")
