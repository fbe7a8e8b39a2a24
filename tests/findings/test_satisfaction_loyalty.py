"""Every wording about who answered, how loyal each level is, which shape the curve has, and what stands in short."""

import pandas as pd
import pytest
from tests.findings.told import told

import goodwill as gw
from goodwill import satisfaction as sat
from goodwill.findings.finding import Absent
from goodwill.findings.satisfaction import satisfaction_loyalty as words

XEROX = sat.LoyaltyCells.of(range(1, 6), (4, 8, 14, 24, 144), [200] * 5)
FALLING = sat.LoyaltyCells.of(range(1, 6), (90, 70, 50, 30, 10), [100] * 5)
FLAT = sat.LoyaltyCells.of(range(1, 6), [44] * 5, [50] * 5)
UNEVEN = sat.LoyaltyCells.of(range(1, 6), (10, 12, 9, 11, 12), [20] * 5)
SEPARATED = sat.LoyaltyCells.of(range(1, 6), (0, 0, 0, 10, 30), (10, 10, 10, 20, 30))
LEVEL = "{loyal_share} of those who answered both questions are loyal (answered 5 or more). "


def survey(rows=((1, 1, 5), (1, 2, 2), (2, 2, 3), (2, 3, 4), (3, 3, 6), (3, None, 1))):
    table = pd.DataFrame(rows, columns=["satisfaction", "loyalty", "count"])
    return gw.read_survey(table, scale=(1, 3))


def shapes(mean, share):
    """The words about two outcomes with these means (errors .01) on a scale of 1 to 3."""
    columns = ["satisfaction", "respondents", "mean", "lower", "upper", "error"]
    rows = [[(s, 9.0, m, m, m, 0.01) for s, m in zip((1.0, 2, 3), means, strict=True)] for means in (mean, share)]
    tables = [pd.DataFrame(each, columns=columns) for each in rows]
    return words.shapes(sat.compare_shapes(*tables), *tables, survey(), 3)


def in_short(cells, turn=Absent("No bend."), compared=Absent("No items.")):  # noqa: B008
    top = gw.attempt(sat.top_two, cells)
    ratios = gw.attempt(lambda: sat.top_ratios(cells, *top))
    return words.in_short(cells, sat.relation(cells), ratios, top, turn, compared, sat.isotonic(cells), Absent("No forms."), 5.0)


def test_it_is_said_how_many_answered_and_how_many_of_those_are_loyal():
    asked = survey()
    assert told(words.respondents(asked, sat.survey_cells(asked, 3), 3)) == [
        "respondents | Respondents | 21 respondents",
        "both_answers | Answered both questions | 20 respondents",
        "loyal_share | Loyal: answered 3 or more | 0.5 [0.2993, 0.7007] share",
        "answered_share | Respondents who answered both questions | 0.9524 share",
        (
            "{both_answers}, {answered_share} of {respondents}, answered both questions; the others are in no curve below. Of "
            "those who did, {loyal_share} are loyal. The interval takes them as a random sample."
        ),
    ]


def test_the_audit_is_shown():
    assert told(words.audit(survey())) == [
        "audit | What the reading found and did | rule, rows, done",
    ]
    assert words.audit(survey()).parts["audit"].max_rows == 40


def test_who_did_not_answer_is_unknown_unless_it_is_said_how_many_were_asked():
    cells = sat.survey_cells(survey(), 3)
    assert told(words.not_answering(gw.attempt(sat.nonresponse, 0, 0, 20, cells))) == [
        "absent: How many were asked is not stated (sent, returned), so nothing is known of those who did not answer.",
    ]


def test_the_worst_case_of_those_who_did_not_answer():
    cells = sat.survey_cells(survey(), 3)
    assert told(words.not_answering(sat.nonresponse(50, 30, 21, cells))) == [
        "funnel | Questionnaires at each stage | stage, questionnaires, of_sent, of_stage_before",
        "loyal_worst_case | Loyal, worst case | 0.5 [0.2, 0.8] share",
        "If those who did not answer were all loyal, or all not, the share would lie at either end of {loyal_worst_case:interval}.",
    ]


def test_the_curve_is_drawn_and_its_levels_are_listed():
    family, monotone = sat.fit_curves(XEROX), sat.isotonic(XEROX)
    assert told(words.curve(XEROX, sat.relation(XEROX), family, monotone, 5)) == [
        "relation | Relation | Loyalty rises with satisfaction: 2% of those who answered 1 are loyal and 72% of those who answered 5.",
        (
            "loyalty_curve | Loyalty rises with satisfaction | Share of loyal answers by level of satisfaction, 95% Wilson "
            "intervals; a level that nobody chose is a gap. | Loyal share by satisfaction. 1: loyal share 0.02, lower 0.007804, "
            "upper 0.05029; 2: loyal share 0.04, lower 0.02041, upper 0.07693; 3: loyal share 0.07, lower 0.04215, upper 0.1141; "
            "4: loyal share 0.12, lower 0.08198, upper 0.1723; 5: loyal share 0.72, lower 0.6541, upper 0.7776."
        ),
        (
            "levels | Loyal (5 or more) by level of satisfaction | satisfaction, respondents, n_effective, loyal_share, lower, "
            "upper | {'n_effective': '{:,.0f}', 'loyal_share': '{:.1%}', 'lower': '{:.1%}', 'upper': '{:.1%}'}"
        ),
    ]


def lines(figure):
    """The lines of a figure that its legend names."""
    return [text.get_text() for text in figure.axes[0].get_legend().get_texts()]


def test_the_average_of_the_forms_is_drawn_where_there_are_forms():
    rising, monotone, forms = sat.relation(XEROX), sat.isotonic(XEROX), sat.fit_curves(XEROX)
    shown = [words.curve(XEROX, rising, family, monotone, 5).parts["loyalty_curve"] for family in (forms, Absent("No forms."))]
    assert [lines(each.figure) for each in shown] == [
        ["forms, averaged by AIC", "never falling", "answers, 95%"],
        ["never falling", "answers, 95%"],
    ]


def test_in_short_the_average_of_the_forms_is_drawn_where_there_are_forms():
    given = (Absent("No levels."),) * 4
    found = words.in_short(XEROX, sat.relation(XEROX), *given, sat.isotonic(XEROX), sat.fit_curves(XEROX), 5.0)
    assert lines(found.parts["in_short"].figure) == ["forms, averaged by AIC", "never falling", "answers, 95%"]
    assert lines(in_short(XEROX).parts["in_short"].figure) == ["never falling", "answers, 95%"]


def test_falling_loyalty_shows_no_increasing_relation():
    assert words.relation_sentence(sat.relation(FALLING)) == (
        "These answers show no increasing relation: loyalty falls as satisfaction rises (90% of those who answered 1 are loyal "
        "and 10% of those who answered 5)."
    )


def test_differences_that_may_be_chance_show_no_increasing_relation():
    assert words.relation_sentence(sat.relation(UNEVEN)) == (
        "These answers show no increasing relation: 55% of those who answered 1 to 2 are loyal and 57% of those who answered 4 "
        "to 5, and differences of this size may be chance."
    )


def test_flat_loyalty_is_said_to_be_flat():
    assert words.relation_sentence(sat.relation(FLAT)) == (
        "These answers show no increasing relation (the best curve that never falls is a flat one): 88% of those who answered "
        "1 are loyal and 88% of those who answered 5, and differences of this size may be chance."
    )


def test_a_fall_within_a_rise_is_told():
    dented = sat.LoyaltyCells.of(range(1, 6), (20, 160, 60, 180, 190), [200] * 5)
    assert words.relation_sentence(sat.relation(dented)) == (
        "Loyalty rises with satisfaction: 10% of those who answered 1 are loyal and 95% of those who answered 5; yet from 2 to "
        "3 it surely falls."
    )


def test_two_falls_within_a_rise_are_told():
    dented = sat.LoyaltyCells.of(range(1, 8), (10, 160, 60, 180, 80, 190, 195), [200] * 7)
    assert words.relation_sentence(sat.relation(dented)) == (
        "Loyalty rises with satisfaction: 5% of those who answered 1 are loyal and 98% of those who answered 7; yet from 2 to 3 it "
        "surely falls; yet from 4 to 5 it surely falls."
    )


def test_ends_of_the_scale_hold_enough_people():
    thin = sat.LoyaltyCells.of(range(1, 6), (0, 1, 9, 50, 30), (1, 12, 40, 90, 50))
    assert words.relation_sentence(sat.relation(thin)) == (
        "Loyalty rises with satisfaction: 19% of those who answered 1 to 3 are loyal and 60% of those who answered 5."
    )


def test_a_rise_of_few_answers_gives_no_shares():
    few = sat.LoyaltyCells.of((1, 2), (0, 4), (4, 4))
    assert words.relation_sentence(sat.relation(few)) == (
        "Loyalty rises with satisfaction; too few answered to give shares of the lowest and the highest."
    )


def test_a_fall_of_few_answers_gives_no_shares():
    few = sat.LoyaltyCells.of((1, 2), (4, 0), (4, 4))
    assert words.relation_sentence(sat.relation(few)) == ("These answers show no increasing relation: loyalty falls as satisfaction rises.")


def test_few_answers_that_are_uneven_give_no_shares():
    few = sat.LoyaltyCells.of((1, 2), (1, 2), (4, 4))
    assert words.relation_sentence(sat.relation(few)) == (
        "These answers show no increasing relation; they are too few to give shares of the lowest and the highest."
    )


def test_few_answers_that_are_flat_give_no_shares():
    few = sat.LoyaltyCells.of((1, 2), (2, 2), (4, 4))
    assert words.relation_sentence(sat.relation(few)) == (
        "These answers show no increasing relation (the best curve that never falls is a flat one)."
    )


def test_shapes_that_differ_depend_on_the_outcome():
    assert told(shapes([1.0, 2, 3], [0.0, 0.1, 1])) == [
        (
            "shape | Shape | The shape depends on the outcome chosen: the upper half of the scale holds 50% (49% to 51%) of the "
            "rise of the mean answer but 90% (87% to 93%) of the rise of the share of loyal answers."
        ),
        (
            "outcomes | The shape depends on the outcome chosen | Two outcomes from the same answers by level of satisfaction, 95% "
            "intervals; dotted: a straight line from end to end. | Mean loyalty answer by satisfaction. 1: mean 1; 2: mean 2; 3: "
            "mean 3. Share of loyal answers. 1: mean 0; 2: mean 0.1; 3: mean 1."
        ),
    ]


def test_each_outcome_is_named_on_its_axis():
    axes = shapes([1.0, 2, 3], [0.0, 0.1, 1]).parts["outcomes"].figure.axes
    assert [ax.get_ylabel() for ax in axes] == [
        "mean loyalty answer",
        "share answering 3 or more",
    ]


def test_a_share_is_drawn_from_nothing_to_all():
    mean, share = shapes([1.0, 2, 3], [0.0, 0.1, 1]).parts["outcomes"].figure.axes
    assert mean.get_ylim() == pytest.approx((0.94, 3.06))
    assert share.get_ylim() == pytest.approx((-0.03, 1.03))


def test_shapes_that_do_not_differ_are_not_told_apart():
    assert told(shapes([1.0, 2, 3], [0.0, 0.5, 1]))[0] == (
        "shape | Shape | These answers do not tell the shapes of the two outcomes apart: the upper half of the scale holds 50% "
        "(49% to 51%) of the rise of the mean answer and 50% (47% to 52%) of the rise of the share of loyal answers."
    )


def test_too_few_answers_have_no_shape():
    few = sat.share_by_level(sat.LoyaltyCells.of(range(1, 4), (1, 1, 2), [5] * 3))
    assert told(words.shapes(sat.compare_shapes(few, few), few, few, survey(), 3))[0] == (
        "shape | Shape | These answers are too few to say where on the scale the outcomes rise."
    )


def test_outcomes_that_do_not_rise_have_no_shape():
    assert told(shapes([3.0, 2, 1], [1.0, 0.5, 0]))[0] == (
        "shape | Shape | The outcomes do not rise over the scale, so there is no shape to compare."
    )


def test_a_net_promoter_score_stands_beside_what_it_cannot_say():
    table = pd.DataFrame({"satisfaction": [1, 2, 3, 3], "loyalty": [1, 2, 3, 3], "nps": [2, 9, 10, 7]})
    asked = gw.read_survey(table, scale=(1, 3), recommend="nps")
    assert told(words.promoters(sat.survey_promoters(asked))) == [
        "net_promoters | Net promoter score (would recommend) | 14.29 [-44.16, 72.73] points",
        "net_promoter_change | Change of it that two such surveys tell apart | 82.65 points",
        (
            "The net promoter score is {net_promoters}; between two surveys of this size it must move by more than "
            "{net_promoter_change:number} points to be more than chance. It says less than the curve: where in satisfaction the "
            "loyal are, it does not show."
        ),
    ]


def test_a_net_promoter_score_may_come_from_the_loyalty_answer():
    assert told(words.promoters(sat.survey_promoters(gw.read_survey("acsi_2015"))))[0] == (
        "net_promoters | Net promoter score (of the loyalty answer, for want of a question on recommending) | 26.56 [24.75, 28.36] points"
    )


def test_without_a_question_there_is_no_net_promoter_score():
    assert told(words.promoters(gw.attempt(sat.survey_promoters, survey()))) == [
        (
            "net_promoters | Net promoter score | none: A net promoter score needs a question answered on 0 to 10 (recommend, or "
            "loyalty on a scale that ends at 10); this survey has none."
        ),
        (
            "net_promoter_change | Change of it that two such surveys tell apart | none: A net promoter score needs a question "
            "answered on 0 to 10 (recommend, or loyalty on a scale that ends at 10); this survey has none."
        ),
        (
            "absent: A net promoter score needs a question answered on 0 to 10 (recommend, or loyalty on a scale that ends at 10); "
            "this survey has none."
        ),
    ]


def test_the_forms_of_the_curve_are_no_law():
    assert told(words.forms(sat.fit_curves(XEROX))) == [
        (
            "forms | Forms of the curve for the loyal share, best AIC first; deviance against a share per level | form, "
            "parameters, deviance, aic, weight | {'weight': '{:.1%}', 'deviance': '{:,.1f}', 'aic': '{:,.1f}'}"
        ),
        "best_weight | AIC weight of the first form (kink) | 0.6933 share",
        (
            "The first form holds {best_weight} of the weight. Published curves are bent, straight and S-shaped by turns, so the "
            "name of the winner is no law. With 1,000 effective answers the order of the forms means little; read their average."
        ),
    ]


def test_what_to_know_of_the_forms_is_said_in_sentences():
    assert words.forms(sat.fit_curves(SEPARATED)).text == (
        "The first form holds {best_weight} of the weight. Published curves are bent, straight and S-shaped by turns, so the "
        "name of the winner is no law. All answers agree at level 1, 2, 3, 5: a form fitted there is an extrapolation, the interval "
        "of the share is not. With 80 effective answers the order of the forms means little; read their average."
    )


def test_two_levels_have_no_forms():
    two = sat.LoyaltyCells.of((1, 2), (3, 5), (9, 9))
    assert told(words.forms(gw.attempt(sat.fit_curves, two))) == [
        "best_weight | AIC weight of the first form (-) | none share: A curve needs at least 3 answered levels; here 2 were answered.",
        "absent: A curve needs at least 3 answered levels; here 2 were answered.",
    ]


def test_a_title_is_the_beginning_of_its_sentence():
    text = "The jump lies between 4 and 5 (95%); its place cannot be seen."
    assert [words.headline(text), words.headline("Nothing is shown.")] == [
        "The jump lies between 4 and 5",
        "Nothing is shown",
    ]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("It rises; nobody knows why: not one.", "It rises"),
        ("It rises: at the top; not below.", "It rises"),
        ("It rises (at the top).", "It rises"),
        ("A: at the top.", "A"),
        (": at the top.", ": at the top"),
    ],
)
def test_a_title_ends_at_the_first_mark_that_has_something_before_it(text, title):
    assert words.headline(text) == title


def test_in_short_the_top_answer_stands_apart():
    assert told(in_short(XEROX)) == [
        (
            "in_short | Loyalty rises with satisfaction | Share of loyal answers by level of satisfaction, 95% Wilson intervals; a "
            "level that nobody chose is a gap. | Loyal share by satisfaction. 1: loyal share 0.02, lower 0.007804, upper 0.05029; "
            "2: loyal share 0.04, lower 0.02041, upper 0.07693; 3: loyal share 0.07, lower 0.04215, upper 0.1141; 4: loyal share "
            "0.12, lower 0.08198, upper 0.1723; 5: loyal share 0.72, lower 0.6541, upper 0.7776."
        ),
        (
            LEVEL + "{relation} The share who are not loyal is "
            "{top_defection} times as high among those who answer 4 as among those who answer 5 (measured): an average of the two "
            "hides the difference. Who is more satisfied answers otherwise; that moving somebody up would change what they do was "
            "not measured."
        ),
    ]


def test_in_short_says_where_the_curve_turns():
    found = sat.find_bend(XEROX)
    assert told(in_short(XEROX, found))[-1] == (
        LEVEL + "{relation} The share who are not loyal is "
        "{top_defection} times as high among those who answer 4 as among those who answer 5 (measured): an average of the two "
        "hides the difference. {turning_point} Who is more satisfied answers otherwise; that moving somebody up would change "
        "what they do was not measured."
    )


def test_in_short_own_items_take_the_place_of_the_turning_point():
    places = pd.DataFrame({"place": ["look here first", "keep up"]}, index=["price", "service"])
    compared = sat.Comparison(None, None, None, places, None)
    assert told(in_short(XEROX, sat.find_bend(XEROX), compared))[-1] == (
        LEVEL + "{relation} The share who are not loyal is "
        "{top_defection} times as high among those who answer 4 as among those who answer 5 (measured): an average of the two "
        "hides the difference. Look first at price: more important than the average item, and rated below it (measured; an "
        "association, not what an improvement would bring). Who is more satisfied answers otherwise; that moving somebody up "
        "would change what they do was not measured."
    )


def test_in_short_few_at_the_top():
    assert told(in_short(sat.LoyaltyCells.of(range(1, 6), (0, 1, 1, 1, 1), (20, 1, 1, 1, 1))))[-1] == (
        LEVEL + "{relation} Too few gave the highest answers to compare "
        "them with each other. Who is more satisfied answers otherwise; that moving somebody up would change what they do was "
        "not measured."
    )


def test_in_short_neither_levels_nor_ratios_are_compared_if_one_is_missing():
    ratios, none = sat.top_ratios(XEROX), Absent("No levels.")
    given = (Absent("No bend."), Absent("No items."), sat.isotonic(XEROX), Absent("No forms."), 5.0)
    for pair in ((ratios, none), (none, (5, 4))):
        assert words.in_short(XEROX, sat.relation(XEROX), *pair, *given).text == (
            LEVEL + "{relation} Too few gave the highest answers to compare "
            "them with each other. Who is more satisfied answers otherwise; that moving somebody up would change what they do was "
            "not measured."
        )


def test_in_short_without_a_limit_of_the_ratio():
    assert told(in_short(SEPARATED))[-1] == (
        LEVEL + "{relation} Those who answer 5 are more often loyal than "
        "those who answer 4 (measured, {top_ratio} times). Who is more satisfied answers otherwise; that moving somebody up "
        "would change what they do was not measured."
    )


def test_in_short_a_top_that_is_less_loyal():
    assert told(in_short(FALLING))[-1] == (
        LEVEL + "{relation} Those who answer 5 are less often loyal than "
        "those who answer 4 (measured, {top_ratio} times). Who is more satisfied answers otherwise; that moving somebody up "
        "would change what they do was not measured."
    )


def test_in_short_a_top_that_is_not_told_apart():
    assert told(in_short(FLAT))[-1] == (
        LEVEL + "{relation} Whether those who answer 5 are more loyal "
        "than those who answer 4, these answers do not show. Who is more satisfied answers otherwise; that moving somebody up "
        "would change what they do was not measured."
    )
