"""Every wording about single questions, and about the worked examples."""

import dataclasses

import pandas as pd
from tests.findings.told import told

import goodwill as gw
from goodwill import satisfaction as sat
from goodwill.findings.satisfaction import satisfaction_items as words
from goodwill.inference.uncertainty import Interval


def score(lower, upper):
    three = (Interval(3.0, 2.9, 3.1), Interval(3.1, 3.0, 3.2), Interval((lower + upper) / 2, lower, upper))
    return sat.SatisfactionIndex(*three, n=50, n_effective=50, scale=(1, 5))


def compared(labels=("", "")):
    """Two items of which one is important and weak."""
    items = pd.Index(["service", "price"], name="item")
    importance = pd.DataFrame(
        {"mean": [3.0, 4.0], "stated": [0.5, 0.5], "lmg": [0.4, 0.2], "johnson": [0.4, 0.2], "share": [0.67, 0.33], "rank": [1, 2]}, items
    ).assign(rank_lower=[1, 2], rank_upper=[1, 2])
    places = pd.DataFrame({"mean": [3.0, 4.0], "mean_lower": [2.9, 3.9], "mean_upper": [3.1, 4.1], "share": [0.67, 0.33]}, items)
    places = places.assign(share_lower=[0.6, 0.26], share_upper=[0.74, 0.4], place=["look here first", "undecided"])
    penalties = pd.DataFrame({"penalty": [-1.0, -0.5], "reward": [0.2, 0.5], "kano": labels}, items)
    table = pd.DataFrame({"mean": [3.0, 4.0], "top_box_lower": 0.1, "top_box_upper": 0.2}, items)
    return sat.Comparison(Interval(0.8, 0.7, 0.9), table, importance, places, penalties)


def outcomes(first, second):
    table = pd.DataFrame({"satisfaction": [1.0, 2, 3], "mean": [0.1, 0.2, 0.3], "lower": [0.0, 0.1, 0.2], "upper": [0.2, 0.3, 0.4]})
    return sat.TwoOutcomes("bought again", table, table, first, second)


def test_weighting_that_changes_the_score():
    assert told(words.score(score(0.05, 0.15))) == [
        "index_simple | Simple score (own survey) | 3 [2.9, 3.1] points",
        "index_weighted | Weighted score (own survey) | 3.1 [3, 3.2] points",
        "index_difference | Weighted minus simple, paired | 0.1 [0.05, 0.15] points",
        "index_100 | Weighted score on 0 to 100 | 52.5 [50, 55] of 100",
        "Weighting changes the score by {index_difference}: the important items are rated differently.",
    ]


def test_weighting_that_changes_nothing():
    assert told(words.score(score(-0.05, 0.15)))[-1] == "Weighting changes nothing that these answers can show ({index_difference})."


def test_without_items_the_score_is_passed_over():
    no = words.no_example("company")
    assert told(words.score(no), words.together(no), words.penalties(no)) == []


def test_items_have_a_place_where_the_answers_decide():
    assert told(*words.compared(compared())) == [
        (
            "importance | 1 of 2 items have a place that the answers decide (own survey) | Mean answer and share of the explained "
            "variance, with 95% intervals; lines mark the averages. An item whose interval crosses a line has no place. | "
            "Importance and mean of items. service: mean 3, share 0.67, place look here first; price: mean 4, share 0.33, place "
            "undecided."
        ),
        (
            "Look first at service: more important than the average item, and rated below it (measured; an association, not what "
            "an improvement would bring)."
        ),
        (
            "importance | Stated weights beside derived importance (own survey): Shapley (LMG) and Johnson parts of R squared; "
            "ranks that a bootstrap leaves possible | item, stated, lmg, johnson, share, rank, rank_lower, rank_upper"
        ),
    ]


def test_nobody_is_told_to_look_at_an_item_of_the_simulated_company():
    drawing, table = words.compared(compared(), words.SIMULATED)
    assert [drawing.text, table.text] == ["", ""]
    assert told(table)[0].startswith("importance | Stated weights beside derived importance (simulated company): Shapley")


def test_no_item_is_told_apart():
    found = compared()
    unclear = dataclasses.replace(found, places=found.places.assign(place="undecided"))
    drawn, said = told(*words.compared(unclear))[:2]
    assert drawn.startswith("importance | 0 of 2 items have a place that the answers decide (own survey) | Mean answer")
    assert said == (
        "No item is told apart as both more important than the average item and rated below it, so none is named to look at first."
    )


def test_two_items_to_look_at_first():
    found = compared()
    both = dataclasses.replace(found, places=found.places.assign(place="look here first"))
    assert words.look_first(both) == (
        "Look first at service and price: more important than the average item, and rated below it (measured; an association, "
        "not what an improvement would bring)."
    )


def test_no_item_earns_a_label():
    assert told(words.penalties(compared())) == [
        (
            "penalty_reward | Penalty and reward (own survey): overall satisfaction where an item is among the worst or the best "
            "fifth; a Kano label only where the interval of the contrast excludes zero | item, penalty, reward, kano"
        ),
        "No item earns a Kano label: every interval of the contrast holds zero.",
    ]


def test_an_item_that_earns_a_label():
    assert told(words.penalties(compared(("basic", ""))))[-1] == "1 of 2 items earn a Kano label."


def test_items_go_together():
    assert told(words.together(compared(), "simulated company")) == [
        "alpha | Cronbach's alpha (simulated company); Feldt interval, a little short for skewed answers | 0.8 [0.7, 0.9]",
        (
            "items | Items (simulated company): mean with 95% t interval, top boxes, correlation with the rest, alpha without the "
            "item | item, mean"
        ),
    ]


def test_a_survey_without_items_says_so():
    asked = gw.attempt(sat.item_answers, gw.read_survey("acsi_2015"))
    assert told(*words.compared(gw.attempt(sat.compare_items, asked))) == [
        "absent: This survey names no single questions (items), so nothing is said here of what goes with satisfaction.",
    ]


def test_an_intention_and_a_behaviour_are_shown_together():
    assert told(words.behaviour(outcomes("rises", "falls"))) == [
        (
            "behaviour | With satisfaction, intention rises; bought again falls | Share with a high intention, and share who did; "
            "95% Wilson intervals. | share with a high intention. 1: mean 0.1; 2: mean 0.2; 3: mean 0.3. share with bought again. "
            "1: mean 0.1; 2: mean 0.2; 3: mean 0.3."
        ),
    ]


def test_an_intention_and_a_behaviour_are_drawn_as_shares():
    axes = words.behaviour(outcomes("rises", "falls")).parts["behaviour"].figure.axes
    assert [(ax.get_ylabel(), ax.get_ylim()) for ax in axes] == [
        ("share with a high intention", (-0.03, 1.03)),
        ("share with bought again", (-0.03, 1.03)),
    ]


def test_a_behaviour_that_is_not_shown_to_rise_and_is_simulated():
    assert told(words.behaviour(outcomes("falls", "not shown"), "simulated company")) == [
        (
            "behaviour | With satisfaction, intention falls; for bought again no increase is shown | Share with a high intention, "
            "and share who did (simulated company: who bought in the last 13 weeks); 95% Wilson intervals. | share with a high "
            "intention. 1: mean 0.1; 2: mean 0.2; 3: mean 0.3. share with bought again. 1: mean 0.1; 2: mean 0.2; 3: mean 0.3."
        ),
    ]


def test_a_survey_without_behaviour_says_so():
    none = gw.attempt(sat.intention_and_behaviour, gw.read_survey("acsi_2015"), "", 9)
    assert told(words.behaviour(none)) == [
        "absent: This survey names no column of what people did (behaviour), so intention and behaviour are not compared.",
    ]


def test_a_missing_example_is_said_once():
    no = words.no_example("company")
    assert told(*words.firm(no, no, no, no)) == [
        "absent: The simulated company is a worked example beside the built-in survey; it stands in no report on other answers.",
    ]


def test_the_simulated_company_is_called_so_everywhere():
    table = sat.loyalty_categories([3, 1, 4], [1, 1, 6])
    shown = words.firm(compared(), score(0.05, 0.15), outcomes("rises", "falls"), table)
    unnamed = {"index_difference", "index_100"}  # beside those that are
    assert [
        line
        for line in told(*shown)
        if (" | " in line or "Look first" in line) and "simulated company" not in line and line.split(" | ")[0] not in unnamed
    ] == []


def test_categories_are_beside_what_chance_would_give():
    table = sat.loyalty_categories([3, 1, 4], [1, 1, 6])
    assert told(words.categories(table)) == [
        (
            "categories | Six loyalty categories from purchases after the first, in two equal spans (simulated company); "
            "without_trend is what chance alone would give. Non-users are not in purchase records. | category, customers, share, "
            "without_trend | {'share': '{:.1%}', 'without_trend': '{:.1%}'}"
        ),
    ]


def test_ninety_three_answers_show_little():
    published = gw.read_case("jd_survey_2015").query("question_id in ['Q2', 'Q7']")
    assert told(*words.jd(sat.jd_survey(published))) == [
        "jd_funnel | JD survey: questionnaires at each stage | stage, questionnaires, of_sent, of_stage_before",
        (
            "jd_shares | JD survey: shares of the 93 valid answers, 95% Wilson intervals, and worst-case bounds over the 250 asked "
            "| question_id, option, count, share, lower, upper, least, most | {'share': '{:.1%}', 'lower': '{:.1%}', 'upper': "
            "'{:.1%}', 'least': '{:.1%}', 'most': '{:.1%}'}"
        ),
        (
            "jd_shares | By chance alone shares are known to 10% either way; without assumptions, hardly at all | JD survey 2015: "
            "share of the valid answers with the 95% Wilson interval (bars) and what it could be among all 250 asked (grey). | JD "
            "survey shares. Q2 yes: share 0.8925, lower 0.8133, upper 0.9405; Q2 no: share 0.1075, lower 0.05946, upper 0.1867; Q7 "
            "never returned - don't know: share 0.5914, lower 0.4898, upper 0.6857; Q7 very convenient - good attitude: share "
            "0.172, lower 0.1088, upper 0.2613; Q7 average - no better than other sites: share 0.1828, lower 0.1174, upper 0.2734; "
            "Q7 very troublesome - good attitude: share 0.05376, lower 0.02318, upper 0.1197."
        ),
        "jd_never_bought | JD survey: never bought on JD | 10 respondents",
        "jd_answered_returns | JD survey: answered about returns | 93 respondents",
        (
            "{jd_never_bought:number} of the 93 never bought on JD, and yet {jd_answered_returns:number} answered what returns "
            "there are like. Which of these answers are theirs cannot be told; they are left in and said."
        ),
    ]


def test_the_bars_of_the_jd_survey_are_named_as_far_as_there_is_room():
    found = sat.jd_survey(gw.read_case("jd_survey_2015").query("question_id in ['Q2', 'Q7']"))
    wordy = found.shares.replace("yes", "it was bought there in 2014 and in 2015, as far as I remember")
    shown = words.jd(found._replace(shares=wordy))[1].parts["jd_shares"].figure.axes[0]
    assert [label.get_text() for label in shown.get_yticklabels()] == [
        "Q7 very troublesome - good attitude",
        "Q7 average - no better than other sites",
        "Q7 very convenient - good attitude",
        "Q7 never returned - don't know",
        "Q2 no",
        "Q2 it was bought there in 2014 and in 201",
    ]


def test_the_jd_survey_may_be_left_out():
    assert told(*words.jd(words.no_example("jd"))) == [
        "absent: The worked example of the JD survey was not asked for.",
    ]
