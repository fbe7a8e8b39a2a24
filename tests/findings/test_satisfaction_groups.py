"""Every wording about markets and roles."""

import numpy as np
import pandas as pd
import pytest
from tests.findings.told import told

import goodwill as gw
from goodwill import satisfaction as sat
from goodwill.findings.finding import Absent
from goodwill.findings.satisfaction import satisfaction_groups as words

LEVELS = range(1, 6)
XEROX = sat.LoyaltyCells.of(LEVELS, (4, 8, 14, 24, 144), [200] * 5)
AT = sat.Borders(5, 4, 4)


def pooled(top):
    """A table of two pooled segments of which one has this loyalty at level 4."""
    rows = [("a", 4.0, 50.0, 0.3, 0.3, 0.25, 0.35, 0.9), ("b", 4.0, 50.0, top, top, top - 0.05, top + 0.05, 0.9)]
    columns = ["segment", "satisfaction", "n_effective", "loyal_share", "pooled", "lower", "upper", "own_weight"]
    return pd.DataFrame(rows, columns=columns)


def survey(loyalty=(1, 1, 2, 3, 4, 5, 2, 5, 4, 1), **columns):
    satisfaction = [1, 2, 2, 3, 3, 4, 4, 5, 5, 5]
    table = pd.DataFrame({"satisfaction": satisfaction, "loyalty": loyalty, "count": np.arange(10, 20)} | columns)
    return gw.read_survey(table, flags=list(columns))


def labels(asked, reliability=(0.9, 0.9)):
    return words.labels(sat.quadrant_labels(asked, AT, reliability), AT)


def test_segments_that_differ():
    assert told(words.segments(pooled(0.6), 4)) == [
        ("markets_differ | Segments | At satisfaction 4 loyalty runs from 30% in a (25% to 35%) to 60% in b (55% to 65%); the two differ."),
        (
            "markets | At satisfaction 4 loyalty runs from 30% in a (25% to 35%) to 60% in b (55% to 65%); the two differ | Loyal "
            "share by satisfaction in each segment: own answers (dots), partially pooled with its 95% band; grey: the other "
            "segments. | Pooled loyal share. a: pooled 0.3, lower 0.25, upper 0.35; b: pooled 0.6, lower 0.55, upper 0.65."
        ),
    ]


def test_segments_that_may_be_alike():
    assert told(words.segments(pooled(0.36), 4))[0] == (
        "markets_differ | Segments | At satisfaction 4 loyalty runs from 30% in a (25% to 35%) to 36% in b (31% to 41%); the "
        "two may be alike."
    )


def test_the_least_and_the_most_loyal_of_several_segments_are_compared():
    middle = pooled(0.45).query("segment == 'b'").assign(segment="c")
    other_level = pooled(0.9).assign(satisfaction=5.0)
    assert told(words.segments(pd.concat([pooled(0.6), middle, other_level]), 4)) == [
        ("markets_differ | Segments | At satisfaction 4 loyalty runs from 30% in a (25% to 35%) to 60% in b (55% to 65%); the two differ."),
        (
            "markets | At satisfaction 4 loyalty runs from 30% in a (25% to 35%) to 60% in b (55% to 65%); the two differ | Loyal "
            "share by satisfaction in each segment: own answers (dots), partially pooled with its 95% band; grey: the other "
            "segments. | Pooled loyal share. a: pooled 0.3, lower 0.25, upper 0.35; b: pooled 0.6, lower 0.55, upper 0.65; "
            "c: pooled 0.45, lower 0.4, upper 0.5."
        ),
    ]


def test_one_segment_is_compared_with_nothing():
    assert told(words.segments(gw.attempt(sat.pool_segments, {"a": XEROX}), 4)) == [
        "markets_differ | Segments | none: The survey does not name two segments with answers at several levels, so none are compared.",
        "absent: The survey does not name two segments with answers at several levels, so none are compared.",
    ]


def test_floors_and_ceilings_are_told_with_what_mistaken_ticks_do():
    table = sat.market_table({}, XEROX)
    assert told(*words.market_curves(table, sat.misrating(XEROX), (1, 2))) == [
        (
            "markets | Floor and ceiling gap with 95% profile intervals, threshold | segment, respondents, floor, floor_lower, "
            "floor_upper, ceiling_gap, gap_lower, gap_upper, threshold | {'floor': '{:.1%}', 'floor_lower': '{:.1%}', "
            "'floor_upper': '{:.1%}', 'ceiling_gap': '{:.1%}', 'gap_lower': '{:.1%}', 'gap_upper': '{:.1%}', 'threshold': '{:.2f}'}"
        ),
        "segments_bent | Segments in whose own curve a bend is told apart | 1 of 2",
        (
            "A curve of several groups together can bend where none of theirs does; a bend of its own is told apart in "
            "{segments_bent} segments."
        ),
        "floor_by_misrating | Rise of the lowest level if one in ten ticked a neighbouring level | 0.001053 share",
        "ratio_by_misrating | Ratio of the top two levels that would then be seen | 3.939",
        (
            "A floor is read as hostages and a ceiling gap as mercenaries only if answers are taken at their word: people who tick "
            "a neighbouring level raise the floor and lower the ceiling as well. If these shares were true and one in ten ticked a "
            "neighbour, the share at the lowest level would move by {floor_by_misrating}, and the top two would show a ratio of "
            "{ratio_by_misrating}."
        ),
    ]


@pytest.mark.slow
def test_a_ratio_to_nobody_is_none():
    nobody = sat.Misrating(0.0, None)
    assert told(*words.market_curves(sat.market_table({}, XEROX), nobody, (0, 0)))[4:5] == [
        (
            "ratio_by_misrating | Ratio of the top two levels that would then be seen | none: nobody below the top level would be "
            "seen as loyal"
        ),
    ]


def test_few_answers_say_nothing_of_mistaken_ticks():
    few = sat.LoyaltyCells.of(range(1, 6), (1, 1, 2, 2, 2), (4, 4, 4, 4, 4))
    mistaken = gw.attempt(sat.misrating, few)
    assert told(*words.market_curves(sat.market_table({}, few), mistaken, (0, 1)))[3:] == [
        (
            "floor_by_misrating | Rise of the lowest level if one in ten ticked a neighbouring level | none share: No two levels "
            "were chosen by at least 5 respondents, so what mistaken ticks would do is not said."
        ),
        (
            "ratio_by_misrating | Ratio of the top two levels that would then be seen | none: No two levels were chosen by at "
            "least 5 respondents, so what mistaken ticks would do is not said."
        ),
        "absent: No two levels were chosen by at least 5 respondents, so what mistaken ticks would do is not said.",
    ]


def test_labels_of_quadrants_are_right_so_often():
    assert told(*labels(survey())) == [
        (
            "quadrants | Quadrants: respondents, share with 95% Wilson interval; share truly there and chance that a label is "
            "right, with the reliabilities used | quadrant, respondents, share, lower, upper, true, right | {'share': '{:.1%}', "
            "'lower': '{:.1%}', 'upper': '{:.1%}', 'true': '{:.1%}', 'right': '{:.1%}'}"
        ),
        (
            "reliability_satisfaction | Reliability of the satisfaction answer, as used | 0.7658 | grade assumed | weakest "
            "reliability of the answers"
        ),
        "reliability_loyalty | Reliability of the loyalty answer, as used | 0.7617 | grade assumed | weakest reliability of the answers",
        (
            "labels_right | Labels that are right with the reliabilities used | 0.8254 share | grade assumed | weakest reliability "
            "of the answers"
        ),
        (
            "mercenaries_right | Of those who look like mercenaries, truly so | 0.8484 share | grade assumed | weakest reliability "
            "of the answers"
        ),
        (
            "quadrants | 24% look like mercenaries; about 85% of them are | Respondents by both answers; borders at satisfaction 4 "
            "and loyalty 4. The title holds for the reliabilities used. | Quadrants. loyal: respondents 50, share 0.3448; "
            "mercenary: respondents 35, share 0.2414; hostage-like: respondents 14, share 0.09655; defector: respondents 46, share "
            "0.3172."
        ),
        (
            "The stated reliabilities are those of what people feel; whole answers on this scale have "
            "{reliability_satisfaction:.2f} for satisfaction and {reliability_loyalty:.2f} for loyalty. Answers waver, and who "
            "wavers lands in a corner: with these {labels_right} of all labels are right, but of the mercenaries "
            "{mercenaries_right}. A corner is a reason to ask, not a fact about a person."
        ),
    ]


def test_nobody_who_looks_like_a_mercenary():
    assert told(*labels(survey((5, 1, 5, 3, 5, 5, 5, 5, 4, 5))))[3:] == [
        (
            "labels_right | Labels that are right with the reliabilities used | 0.8605 share | grade assumed | weakest reliability "
            "of the answers"
        ),
        "mercenaries_right | Of those who look like mercenaries, truly so | none share: fewer than five look like one",
        (
            "quadrants | 0% look like mercenaries | Respondents by both answers; borders at satisfaction 4 and loyalty 4. The "
            "title holds for the reliabilities used. | Quadrants. loyal: respondents 85, share 0.5862; mercenary: respondents 0, "
            "share 0; hostage-like: respondents 36, share 0.2483; defector: respondents 24, share 0.1655."
        ),
        (
            "The stated reliabilities are those of what people feel; whole answers on this scale have "
            "{reliability_satisfaction:.2f} for satisfaction and {reliability_loyalty:.2f} for loyalty. Answers waver, and who "
            "wavers lands in a corner: with these {labels_right} of all labels are right. A corner is a reason to ask, not a fact "
            "about a person."
        ),
    ]


def test_reliabilities_that_cannot_be_are_raised_and_leave_no_mercenaries():
    asked = survey((1, 2, 1, 4, 3, 4, 2, 5, 3, 5))
    assert told(*labels(asked, (0.4, 0.4)))[1:] == [
        (
            "reliability_satisfaction | Reliability of the satisfaction answer, as used | 0.7395 | grade assumed | weakest "
            "reliability of the answers"
        ),
        "reliability_loyalty | Reliability of the loyalty answer, as used | 0.7712 | grade assumed | weakest reliability of the answers",
        (
            "labels_right | Labels that are right with the reliabilities used | 0.6693 share | grade assumed | weakest reliability "
            "of the answers"
        ),
        (
            "mercenaries_right | Of those who look like mercenaries, truly so | none share: with the least reliabilities that "
            "these answers allow nobody is one"
        ),
        (
            "quadrants | 23% look like mercenaries; wavering answers alone may make them | Respondents by both answers; borders at "
            "satisfaction 4 and loyalty 4. The title holds for the reliabilities used. | Quadrants. loyal: respondents 51, share "
            "0.3517; mercenary: respondents 34, share 0.2345; hostage-like: respondents 13, share 0.08966; defector: respondents "
            "47, share 0.3241."
        ),
        (
            "The two answers go together more closely than the stated reliabilities allow. With the least that they allow, "
            "{reliability_satisfaction:.2f} for satisfaction and {reliability_loyalty:.2f} for loyalty, {labels_right} of all "
            "labels are right and nobody is truly a mercenary; with more, more are. Errors that the two answers share make it "
            "fewer. A corner is a reason to ask, not a fact about a person."
        ),
    ]


def test_answers_that_are_nearly_alike_say_nothing_of_labels():
    asked = survey((1, 2, 2, 3, 3, 4, 3, 5, 5, 5))
    assert told(*labels(asked, (0.4, 0.4)))[3:] == [
        (
            "labels_right | Labels that are right with the reliabilities used | none share: errors cannot be told from truth in "
            "answers that are so nearly alike"
        ),
        (
            "mercenaries_right | Of those who look like mercenaries, truly so | none share: errors cannot be told from truth in "
            "answers that are so nearly alike"
        ),
        (
            "quadrants | 11% look like mercenaries | Respondents by both answers; borders at satisfaction 4 and loyalty 4. The "
            "title holds for the reliabilities used. | Quadrants. loyal: respondents 69, share 0.4759; mercenary: respondents 16, "
            "share 0.1103; hostage-like: respondents 0, share 0; defector: respondents 60, share 0.4138."
        ),
        (
            "The two answers are so nearly alike that errors cannot be told from truth in them, so nothing is said of how many "
            "labels are right. A corner is a reason to ask, not a fact about a person."
        ),
    ]


def test_one_answer_of_all_leaves_no_labels():
    asked = survey([3] * 10)
    found = gw.attempt(sat.quadrant_labels, asked, AT, (0.9, 0.9))
    assert told(*words.labels(found, AT)) == [
        (
            "labels_right | Labels that are right with the reliabilities used | none share: Satisfaction or loyalty is the same "
            "for everybody, so its error cannot be told from its truth."
        ),
        (
            "mercenaries_right | Of those who look like mercenaries, truly so | none share: Satisfaction or loyalty is the same "
            "for everybody, so its error cannot be told from its truth."
        ),
        "absent: Satisfaction or loyalty is the same for everybody, so its error cannot be told from its truth.",
    ]


def test_extremes_come_back():
    assert told(words.back_to_the_mean(4.25, (5, 4))) == [
        "asked_again | Mean of those who answered 4, if asked again | 4.25",
        (
            "The same wavering makes extremes come back: with that reliability, those who answered 4 would average "
            "{asked_again:.1f} if asked again, with nothing changed."
        ),
    ]


def test_without_two_levels_nobody_comes_back():
    none = gw.attempt(sat.top_two, sat.LoyaltyCells.of((1, 2), (1, 1), (9, 2)))
    assert told(words.back_to_the_mean(gw.attempt(lambda: 1 + none[1]), none)) == [
        (
            "asked_again | Mean of those who gave a high answer, if asked again | none: No two levels were chosen by at least 5 "
            "respondents, so levels are not compared with each other."
        ),
        "absent: No two levels were chosen by at least 5 respondents, so levels are not compared with each other.",
    ]


def test_what_is_missing_to_ask_again_is_said():
    reasons = [words.back_to_the_mean(*given) for given in ((Absent("No mean."), (5, 4)), (4.25, Absent("No levels.")))]
    assert [told(reason)[-1] for reason in reasons] == ["absent: No mean.", "absent: No levels."]


def test_columns_that_support_four_roles():
    assert told(words.roles(sat.survey_roles(survey(), AT, []))) == [
        (
            "These columns support loyal, mercenary, hostage-like, defector. Apostles cannot be told from loyalists: no column "
            "'recommends'. Who is loyal without being satisfied may be a hostage or forgiving: no column 'no\\_choice'. Terrorists "
            "cannot be told from defectors: no columns 'past\\_apostle' and 'bad\\_word\\_of\\_mouth'."
        ),
    ]


def test_a_column_more_supports_roles_as_a_table():
    asked = survey(recommends=[0, 1] * 5)
    assert told(words.roles(sat.survey_roles(asked, AT, ["recommends"]))) == [
        "roles | Roles that the columns of this survey support | role, respondents, share, lower, upper",
        (
            "These columns support apostle, loyalist, mercenary, hostage-like, defector. Who is loyal without being satisfied may "
            "be a hostage or forgiving: no column 'no\\_choice'. Terrorists cannot be told from defectors: no columns "
            "'past\\_apostle' and 'bad\\_word\\_of\\_mouth'."
        ),
    ]
