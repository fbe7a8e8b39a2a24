"""What a report takes from a whole survey at once: borders, shares, those who did not answer, labels, roles, items, segments that bend."""

import numpy as np
import pandas as pd
import pytest

from goodwill import satisfaction as sat
from goodwill.data.survey import read_survey
from goodwill.errors import TooLittle

XEROX = sat.LoyaltyCells.of(range(1, 6), (4, 8, 14, 24, 144), [200] * 5)
STRAIGHT = sat.LoyaltyCells.of(range(1, 6), (20, 35, 50, 65, 80), [100] * 5)


def survey(loyalty_scale=None, loyalty=(1, 1, 2, 3, 4, 5, 2, 5, 4, 1), **columns):
    satisfaction = [1, 2, 2, 3, 3, 4, 4, 5, 5, 5]
    table = pd.DataFrame({"satisfaction": satisfaction, "loyalty": loyalty, "count": np.arange(10, 20)} | columns)
    return read_survey(table, items=list(columns), loyalty_scale=loyalty_scale)


def test_a_border_is_the_usual_one_unless_given():
    assert sat.borders((1, 10), (0, 1)) == (1, 8, 1)
    assert sat.borders((1, 10), (1, 10), loyal=7, satisfied=6, role_loyal=5) == (7, 6, 5)


def test_cells_know_the_share_of_all_and_of_the_top_level():
    assert [round(part, 4) for part in XEROX.overall] == [0.194, 0.1707, 0.2197]
    assert XEROX.top_share == 0.2


def test_a_population_of_zero_is_unknown():
    assert sat.survey_cells(survey(), 4, population=0).total == sat.survey_cells(survey(), 4).total


def test_those_who_did_not_answer_can_be_anything():
    found = sat.nonresponse(2000, 1100, 1000, XEROX)
    assert found.worst_case == (0.194, 194 / 2000, 1194 / 2000)
    assert found.funnel["questionnaires"].tolist() == [2000, 1100, 1000]
    for sent, returned in ((0, 1100), (2000, 0)):
        with pytest.raises(TooLittle, match="How many were asked is not stated"):
            sat.nonresponse(sent, returned, 1000, XEROX)


def test_mistaken_ticks_are_counted_among_levels_that_five_chose():
    gap = sat.LoyaltyCells.of((1, 2, 3, 4, 5), (1, 0, 0, 5, 10), (1, 10, 0, 10, 10))
    found = sat.misrating(gap)
    assert found.floor_rise == pytest.approx((0.1 * 0.5 * 0.5) / (0.9 + 0.1 * 0.5))
    assert sat.misrating(sat.LoyaltyCells.of((1, 2, 3), (0, 0, 0), (5, 5, 5))) == (0.0, None)
    with pytest.raises(TooLittle, match="No two levels"):
        sat.misrating(sat.LoyaltyCells.of((1, 2, 3), (0, 0, 0), (5, 4, 4)))


def test_the_top_two_levels_are_ones_that_five_chose():
    assert sat.top_two(sat.LoyaltyCells.of((1, 2, 3, 4), (1, 1, 1, 1), (9, 5, 4, 5))) == (4, 2)
    with pytest.raises(TooLittle, match="No two levels were chosen by at least 5 respondents"):
        sat.top_two(sat.LoyaltyCells.of((1, 2, 3), (1, 1, 1), (9, 4, 4)))


def test_the_mean_of_a_yes_or_no_is_its_share():
    asked = survey((0, 1), loyalty=(0, 0, 0, 1, 0, 1, 1, 1, 1, 1))
    share = sat.share_by_level(sat.survey_cells(asked, 1))
    assert sat.mean_by_level(asked, share) is share
    assert sat.mean_by_level(survey(), share)["mean"].iloc[0] == 1.0


def test_labels_of_free_answers_are_all_right():
    found = sat.quadrant_labels(survey(), sat.Borders(5, 4, 4), (1.0, 1.0))
    assert found.right == pytest.approx(1, abs=1e-6)
    assert found.mercenaries_right == pytest.approx(1, abs=1e-6)
    assert found.table["respondents"].tolist() == [50, 35, 14, 46]
    assert not found.raised


def labelled(points, reliability, seed):
    """Answers on 1 to `points` of 20,000 people whose true place is known: the survey, the borders, and the shares of right labels."""
    rng = np.random.default_rng(seed)
    truth = rng.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], 20_000)
    felt = np.sqrt(reliability) * truth + np.sqrt(1 - reliability) * rng.standard_normal(truth.shape)
    middle, spread = 1 + 0.65 * (points - 1), 0.22 * (points - 1)
    answers = np.clip(np.rint(middle + spread * felt), 1, points)
    border = sat.satisfied_from((1, points))
    high, truly = answers >= border, middle + spread * np.sqrt(reliability) * truth >= border - 0.5
    right = (high == truly).all(axis=1)
    mercenary = high[:, 0] & ~high[:, 1]
    table = pd.DataFrame(answers, columns=["satisfaction", "loyalty"])
    survey = read_survey(table, scale=(1, points))
    return survey, sat.Borders(points, border, border), right.mean(), right[mercenary].mean()


@pytest.mark.slow
@pytest.mark.parametrize(("points", "reliability"), [(5, 0.95), (5, 0.85), (5, 0.6), (10, 0.85)])
@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (2, 3))])
def test_as_many_labels_are_right_as_is_said(points, reliability, seed):
    survey, at, right, mercenaries = labelled(points, reliability, seed)
    found = sat.quadrant_labels(survey, at, (reliability, reliability))
    assert found.right == pytest.approx(right, abs=0.02)
    assert found.mercenaries_right == pytest.approx(mercenaries, abs=0.04)


def test_answers_that_go_together_too_closely_raise_the_reliabilities_to_the_least_that_allows_it():
    asked = survey(loyalty=(1, 2, 1, 4, 3, 4, 2, 5, 3, 5))
    found = sat.quadrant_labels(asked, sat.Borders(5, 4, 4), (0.4, 0.4))
    both = asked.answers
    correlation = np.cov(both["satisfaction"], both["loyalty"], aweights=both["count"])
    squared = correlation[0, 1] ** 2 / (correlation[0, 0] * correlation[1, 1])
    assert found.raised
    assert found.mercenaries_right is None
    assert 0.16 < squared < 0.8
    assert np.prod(found.reliability) == pytest.approx(squared)  # of the whole answers
    assert not sat.quadrant_labels(survey(), sat.Borders(5, 4, 4), (0.9, 0.9)).raised


def test_two_questions_with_one_answer_say_nothing_of_labels():
    same = survey(loyalty=(1, 2, 2, 3, 3, 4, 4, 5, 5, 5))
    assert sat.quadrant_labels(same, sat.Borders(5, 4, 4), (0.5, 0.5)).right is None
    with pytest.raises(TooLittle, match="same for everybody"):
        sat.quadrant_labels(survey(loyalty=[3] * 10), sat.Borders(5, 4, 4), (0.9, 0.9))


def test_a_yes_or_no_is_free_of_error():
    asked = survey((0, 1), loyalty=(0, 1, 0, 1, 0, 1, 1, 0, 1, 1))
    first, second = sat.quadrant_labels(asked, sat.Borders(1, 4, 1), (0.9, 0.5)).reliability
    assert (round(first, 2), second) == (0.77, 1.0)


def test_who_gave_an_extreme_answer_comes_back_to_the_mean():
    average = np.average([1, 2, 2, 3, 3, 4, 4, 5, 5, 5], weights=np.arange(10, 20))
    assert sat.asked_again(survey(), 5, 0.0) == pytest.approx(average)
    assert sat.asked_again(survey(), 5, 1.0) == 5
    assert sat.asked_again(survey(), 5, 0.5) == pytest.approx((5 + average) / 2)


def test_roles_are_counted_for_the_columns_that_there_are():
    found = sat.survey_roles(survey(), sat.Borders(5, 4, 4), [])
    assert found.table["respondents"].to_dict() == {"loyal": 50, "mercenary": 35, "hostage-like": 14, "defector": 46}
    assert found.more_than_quadrants is False


def test_a_row_of_several_respondents_is_as_many_answers():
    asked = sat.item_answers(survey(price=[1, 2, 3, 4, 5, 5, 4, 3, 2, 1], service=[1, 1, 2, 2, 3, 3, 4, 4, 5, 5]))
    assert len(asked.items) == np.arange(10, 20).sum()
    assert list(asked.items) == ["price", "service"]
    with pytest.raises(TooLittle, match="names no single questions"):
        sat.item_answers(survey())


def test_items_are_compared_as_the_single_functions_do():
    asked = sat.item_answers(survey(price=[1, 2, 3, 4, 5, 5, 4, 3, 2, 1], service=[1, 1, 2, 2, 3, 3, 4, 4, 5, 5]))
    found = sat.compare_items(asked, {"price": 1, "service": 3}, seed=4)
    alone = sat.driver_importance(asked.items, asked.satisfaction, {"price": 1, "service": 3}, weight=asked.weight, seed=4)
    pd.testing.assert_frame_equal(found.importance, alone)
    assert found.alpha == sat.cronbach_alpha(asked.items.to_numpy(), weight=asked.weight)
    assert found.places.loc["service", "share"] > 0.9
    assert sat.item_score(asked, {"price": 1, "service": 3}, total=4).weighted.estimate > 0


def test_one_item_has_nothing_to_be_compared_with():
    asked = sat.item_answers(survey(price=[1, 2, 3, 4, 5, 5, 4, 3, 2, 1]))
    with pytest.raises(TooLittle, match="no others to be compared with"):
        sat.compare_items(asked)
