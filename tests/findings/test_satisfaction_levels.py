"""Every wording about levels beside each other: the top two, a claim of six times, the largest step, zones and bends."""

import dataclasses

import pandas as pd
from tests.findings.told import told

import goodwill as gw
from goodwill import satisfaction as sat
from goodwill.findings.finding import Absent
from goodwill.findings.satisfaction import satisfaction_levels as words
from goodwill.satisfaction.bends import other_scales, smooth_rivals
from goodwill.satisfaction.turning_points import Zones

XEROX = sat.LoyaltyCells.of(range(1, 6), (4, 8, 14, 24, 144), [200] * 5)
FALLING = sat.LoyaltyCells.of(range(1, 6), (90, 70, 50, 30, 10), [100] * 5)
FLAT = sat.LoyaltyCells.of(range(1, 6), [44] * 5, [50] * 5)
STEEP = sat.LoyaltyCells.of(range(1, 6), (5, 10, 50, 60, 70), [100] * 5)
PAIR = sat.LoyaltyCells.of(range(1, 6), (900, 700, 520, 480, 100), [1000] * 5)
FEW = sat.LoyaltyCells.of(range(1, 6), (1, 3, 8, 26, 21), (5, 8, 16, 38, 26))
SEPARATED = sat.LoyaltyCells.of(range(1, 6), (0, 0, 0, 20, 30), (10, 10, 10, 20, 30))
LONELY = sat.LoyaltyCells.of(range(1, 6), (0, 1, 1, 1, 1), (20, 1, 1, 1, 1))
GAP = sat.LoyaltyCells.of(range(1, 6), (5, 0, 15, 40, 90), (25, 0, 45, 70, 100))


def claim(cells, reading):
    shares, odds = (sat.six_times(6, 0.2, reading=each) for each in ("risk_ratio", "odds_ratio"))
    return words.claim(shares, odds, sat.top_ratios(cells), reading)


def largest_step(cells):
    return words.largest_step(sat.adjacent_steps(cells), sat.largest_step_set(cells), sat.relation(cells))


def zones(cells):
    return words.zones(sat.zone_posterior(cells))


def turning_point(cells):
    return words.turning_point(gw.attempt(sat.find_bend, cells), cells.levels)


def sentence(cells, gain, rival="gradual bend"):
    """Where the curve turns, if the kink of these cells gained so much over this rival."""
    return words.turn_sentence(sat.Bend(sat.kink_set(cells), gain, rival), len(cells.levels))


def test_the_top_two_levels_have_three_ratios():
    assert told(words.top_levels(sat.top_ratios(XEROX), (5, 4))) == [
        "ratios | 5 against 4, 95% score intervals; blank where unlimited | value, lower, upper",
        "top_ratio | Risk ratio: loyal, 5 against 4 | 6 [4.13, 8.866]",
        "top_odds | Odds ratio: loyal, 5 against 4 | 18.86 [11.16, 31.86]",
        "top_defection | Defection ratio: not loyal, 4 against 5 | 3.143 [2.525, 3.979]",
        (
            "Those who answer 5 against those who answer 4: the shares of the loyal stand in the ratio {top_ratio}, the odds in "
            "the ratio {top_odds}. The other way round, 4 against 5, the shares of those who are *not* loyal stand in the ratio "
            "{top_defection}."
        ),
    ]


def test_a_ratio_without_limit_is_not_a_number():
    assert told(words.top_levels(sat.top_ratios(SEPARATED), (5, 4)))[1:4] == [
        "top_ratio | Risk ratio: loyal, 5 against 4 | 1 [0.8844, 1.196]",
        "top_odds | Odds ratio: loyal, 5 against 4 | none: without limit: a level is all loyal or not at all",
        "top_defection | Defection ratio: not loyal, 4 against 5 | none: without limit: a level is all loyal or not at all",
    ]


def test_without_two_levels_there_is_no_ratio():
    top = gw.attempt(sat.top_two, LONELY)
    ratios = gw.attempt(lambda: sat.top_ratios(LONELY, *top))
    assert told(words.top_levels(ratios, top)) == [
        (
            "top_ratio | Risk ratio of the top two levels | none: No two levels were chosen by at least 5 respondents, so levels "
            "are not compared with each other."
        ),
        (
            "top_odds | Odds ratio of the top two levels | none: No two levels were chosen by at least 5 respondents, so levels "
            "are not compared with each other."
        ),
        (
            "top_defection | Defection ratio of the top two levels | none: No two levels were chosen by at least 5 respondents, so "
            "levels are not compared with each other."
        ),
        "absent: No two levels were chosen by at least 5 respondents, so levels are not compared with each other.",
    ]


def test_a_claim_that_shares_allow():
    assert told(claim(XEROX, "risk_ratio")) == [
        "claim_ratio | The factor that is meant | 6",
        "claim_most_below | Highest loyalty of the lower level, as a ratio of shares | 0.1667 share",
        "claim_most_overall | Highest loyalty of all, as a ratio of shares | 0.3333 share",
        "claim_odds_top | Loyalty of the top level that suffices as odds, if the lower is at 60% | 0.9 share",
        (
            "As shares, the claim needs loyalty of at most {claim_most_below} at the lower level and {claim_most_overall} in all; "
            "here it is {loyal_share:value} in all. As odds, 60% against {claim_odds_top} will do. Read as a ratio of shares, the "
            "claim is compatible with these answers."
        ),
    ]


def test_a_claim_that_shares_contradict():
    assert told(claim(FLAT, "risk_ratio"))[-1] == (
        "As shares, the claim needs loyalty of at most {claim_most_below} at the lower level and {claim_most_overall} in all; "
        "here it is {loyal_share:value} in all. As odds, 60% against {claim_odds_top} will do. Read as a ratio of shares, the "
        "claim is contradicted by these answers."
    )


def test_a_claim_that_odds_contradict():
    assert told(claim(FLAT, "odds_ratio"))[-1] == (
        "As shares, the claim needs loyalty of at most {claim_most_below} at the lower level and {claim_most_overall} in all; "
        "here it is {loyal_share:value} in all. As odds, 60% against {claim_odds_top} will do. Read as a ratio of odds, the "
        "claim is contradicted by these answers."
    )


def test_a_claim_that_odds_allow():
    six = sat.LoyaltyCells.of(range(1, 6), (10, 20, 40, 60, 90), [100] * 5)
    assert told(claim(six, "odds_ratio"))[-1] == (
        "As shares, the claim needs loyalty of at most {claim_most_below} at the lower level and {claim_most_overall} in all; "
        "here it is {loyal_share:value} in all. As odds, 60% against {claim_odds_top} will do. Read as a ratio of odds, the "
        "claim is compatible with these answers."
    )


def test_a_claim_that_few_answers_cannot_check():
    ratios = gw.attempt(lambda: sat.top_two(LONELY))
    shares, odds = (sat.six_times(6, 0.2, reading=each) for each in ("risk_ratio", "odds_ratio"))
    assert told(words.claim(shares, odds, ratios, "risk_ratio"))[-1] == (
        "As shares, the claim needs loyalty of at most {claim_most_below} at the lower level and {claim_most_overall} in all; "
        "here it is {loyal_share:value} in all. As odds, 60% against {claim_odds_top} will do. These answers are too few to "
        "check the claim."
    )


def test_ninety_three_answers_see_a_ratio_of_six_dimly():
    sizes = sat.ratio_by_size(0.12, 0.72, (0.42, 0.28), [50, 93])
    assert told(words.six_by_size(sizes)) == [
        "six_seen_by_93 | A true ratio of six as 93 answers would report it | 6 [2.645, 14.59]",
        (
            "ratio_by_size | With 93 answers a true six is reported as 2.6 to 15 | Interval of the ratio of the top two levels "
            "(72% against 12%, chosen by 28 and 42% of respondents) if counts come out as expected. | Interval of a ratio of six "
            "by respondents. 50: lower 2.032, upper 19.83; 93: lower 2.645, upper 14.59."
        ),
    ]


def test_the_largest_step_is_named():
    assert told(largest_step(XEROX)) == [
        "largest_step | Largest step of loyalty, 95% set | 4 to 5",
        "jump | Largest step, in a sentence | The largest step of loyalty is that from 4 to 5 (95%).",
        (
            "steps | The largest step of loyalty is that from 4 to 5 | Difference in the loyal share between neighbouring answered "
            "levels; simultaneous 95% intervals (Agresti-Caffo, Bonferroni). | Steps. 2: difference 0.02, lower -0.02559, upper "
            "0.06519; 3: difference 0.03, lower -0.02893, upper 0.08834; 4: difference 0.05, lower -0.02447, upper 0.1235; 5: "
            "difference 0.6, lower 0.4961, upper 0.6921."
        ),
    ]


def test_without_a_relation_there_is_no_largest_step():
    assert told(largest_step(FALLING))[1] == (
        "jump | Largest step, in a sentence | There is no largest step to name, since no increasing relation is shown."
    )


def test_few_answers_name_no_step():
    assert told(largest_step(FEW))[1] == (
        "jump | Largest step, in a sentence | The largest step of loyalty may be any of the steps; these answers cannot say which (95%)."
    )


def test_some_steps_may_be_the_largest():
    some = sat.LoyaltyCells.of(range(1, 6), (5, 10, 50, 60, 95), [100] * 5)
    assert told(largest_step(some))[:2] == [
        "largest_step | Largest step of loyalty, 95% set | 2 to 3 or 4 to 5",
        (
            "jump | Largest step, in a sentence | The largest step of loyalty may be one of 2 (2 to 3, 4 to 5); these answers "
            "cannot say which (95%)."
        ),
    ]


def test_the_likeliest_zones_are_named():
    assert told(*zones(XEROX)) == [
        (
            "zones | Zones | The likeliest grouping of levels is 1-2 | 3-4 | 5 (probability .37); with 5 others it holds 95% of "
            "the probability."
        ),
        (
            "zones | The likeliest grouping of levels is 1-2 | 3-4 | 5 | Exact probabilities over all 16 ways to cut the answered "
            "levels into zones of equal loyalty; every number of zones is as likely beforehand. | Likeliest groupings. 1-2 | 3-4 | "
            "5: probability 0.3685; 1-3 | 4 | 5: probability 0.2181; 1-2 | 3 | 4 | 5: probability 0.1703; 1 | 2-3 | 4 | 5: "
            "probability 0.1059; 1 | 2 | 3 | 4 | 5: probability 0.05624; 1 | 2 | 3-4 | 5: probability 0.04564."
        ),
    ]


def test_zones_that_hold_nearly_all_stand_alone():
    assert told(*zones(FALLING))[0] == (
        "zones | Zones | The likeliest grouping of levels is 1 | 2 | 3 | 4 | 5 (probability .95); with no other it holds 95% "
        "of the probability."
    )


def test_zones_with_one_other():
    assert told(*zones(PAIR))[0] == (
        "zones | Zones | The likeliest grouping of levels is 1 | 2 | 3 | 4 | 5 (probability .53); with 1 other it holds 95% of "
        "the probability."
    )


def test_flat_loyalty_is_one_zone():
    assert told(*zones(FLAT))[0] == ("zones | Zones | The levels form one zone with probability .88: no border between levels is needed.")


def test_a_curve_that_may_be_smooth_has_no_turning_point():
    assert told(*turning_point(STEEP)) == [
        (
            "turning_point | Turning point | No turning point is named, for a bend is not told apart from a smooth curve: an S "
            "between a floor and a ceiling describes these answers as well."
        ),
        "bend_gain | Gain of a bend over the best smooth curve, in twice the log-likelihood; told apart above 5 | -1.165",
        (
            "turning_point | No turning point is named, for a bend is not told apart from a smooth curve | Loss of likelihood "
            "against the best place of one kink in the log-odds. A bend is told apart where the best smooth curve lies above 5, "
            "which smooth truths pass in at most 5 % of simulated surveys; its places are then those below 6.63. | No turning "
            "point is named, for a bend is not told apart from a smooth curve: an S between a floor and a ceiling describes these "
            "answers as well. The best smooth curve loses −1.2 against the best kink; a bend is told apart above 5."
        ),
    ]


def test_a_bend_that_is_told_apart_is_placed_as_a_set():
    assert sentence(STEEP, 6.0) == (
        "A bend is told apart from every smooth curve: the log-odds of loyalty turn between 2.4 and 3.9 (a set that errs on the wide side)."
    )


def test_a_gain_at_the_cut_is_not_enough():
    assert sentence(STEEP, sat.BEND_CUT, "cubic log-odds") == (
        "No turning point is named, for a bend is not told apart from a smooth curve: a cubic in the log-odds describes these "
        "answers as well."
    )


def test_a_scale_that_shows_no_place_hides_a_bend():
    assert sentence(XEROX, 6.0) == (
        "A bend is told apart from every smooth curve: the log-odds of loyalty turn between 3.5 and 5 (a set that errs on the "
        "wide side); between 4 and 5 a 5-point scale shows no place."
    )


def test_a_bend_that_may_be_anywhere():
    assert sentence(GAP, 6.0) == ("A bend is told apart from every smooth curve, but it may lie anywhere on the scale.")


def test_a_bend_of_separated_levels_is_not_named():
    assert sentence(SEPARATED, 6.0) == (
        "Some levels are all loyal or all disloyal, so slopes are only bounded and no turning point is named."
    )


def test_every_rival_has_its_name():
    rivals = [*smooth_rivals(STEEP.levels, STEEP.loyal[None], STEEP.n[None]), *other_scales(STEEP)]
    assert [sentence(STEEP, 0.0, rival) for rival in rivals] == [
        (
            "No turning point is named, for a bend is not told apart from a smooth curve: a cubic in the log-odds describes these "
            "answers as well."
        ),
        (
            "No turning point is named, for a bend is not told apart from a smooth curve: a change of slope that is spread over "
            "several levels describes these answers as well."
        ),
        (
            "No turning point is named, for a bend is not told apart from a smooth curve: a cubic in the shares describes these "
            "answers as well."
        ),
        (
            "No turning point is named, for a bend is not told apart from a smooth curve: a cubic in the logarithm of the shares "
            "describes these answers as well."
        ),
        (
            "No turning point is named, for a bend is not told apart from a smooth curve: a cubic in the log-hazard describes "
            "these answers as well."
        ),
        (
            "No turning point is named, for a bend is not told apart from a smooth curve: an S between a floor and a ceiling "
            "describes these answers as well."
        ),
    ]


def test_three_levels_have_no_bend():
    three = sat.LoyaltyCells.of((1, 2, 3), (1, 2, 3), (5, 5, 5))
    assert told(*turning_point(three)) == [
        "turning_point | Turning point | none: A bend can be looked for with at least 4 answered levels; here 3 were answered.",
        (
            "bend_gain | Gain of a bend over the best smooth curve, in twice the log-likelihood; told apart above 5 | none: A bend "
            "can be looked for with at least 4 answered levels; here 3 were answered."
        ),
        "absent: A bend can be looked for with at least 4 answered levels; here 3 were answered.",
    ]


def test_a_row_of_ratios_is_named_in_words():
    shown = words.top_levels(sat.top_ratios(XEROX), (5, 4)).parts["ratios"].frame
    assert list(shown.index) == ["risk ratio", "odds ratio", "defection ratio"]


def test_the_reason_that_came_first_is_said():
    assert told(words.top_levels(Absent("No ratio."), Absent("No levels.")))[-1] == "absent: No levels."
    assert told(words.top_levels(Absent("No ratio."), (5, 4)))[-1] == "absent: No ratio."
    assert told(words.top_levels(sat.top_ratios(XEROX), Absent("No levels.")))[-1] == "absent: No levels."


def test_a_true_ratio_of_six_is_drawn():
    figure = words.six_by_size(sat.ratio_by_size(0.12, 0.72, (0.42, 0.28), [50, 93])).parts["ratio_by_size"].figure
    lines = {line.get_label(): list(line.get_ydata()) for line in figure.axes[0].lines}
    assert lines["true ratio"] == [6, 6]


def likeliest(*probabilities):
    """What is said of groupings of two levels with these probabilities, the first in two zones."""
    table = pd.DataFrame({"zones": ["1 | 2", "1-2"], "number": [2, 1], "probability": probabilities})
    return told(*words.zones(Zones(table, {(1.0, 2.0): probabilities[0]})))[0]


def test_a_grouping_that_is_all_but_certain_has_no_more_digits():
    assert likeliest(0.995, 0.005) == (
        "zones | Zones | The likeliest grouping of levels is 1 | 2 (probability above .99); with no other it holds 95% of the probability."
    )


def test_a_grouping_of_ninety_nine_per_cent_is_said_to_be_so():
    assert likeliest(0.99, 0.01) == (
        "zones | Zones | The likeliest grouping of levels is 1 | 2 (probability .99); with no other it holds 95% of the probability."
    )


def told_apart(*pieces):
    """Where the curve turns, if a kink that is told apart may lie in these pieces of a scale of 1 to 5."""
    kink = dataclasses.replace(sat.kink_set(STEEP), pieces=pieces, flat=((1.0, 2.0), (4.0, 5.0)))
    return words.turn_sentence(sat.Bend(kink, 6.0, "gradual bend"), 5)


def test_a_bend_may_lie_in_one_of_two_places_that_the_scale_hides():
    assert told_apart((1.0, 2.0), (4.0, 5.0)) == (
        "A bend is told apart from every smooth curve: the log-odds of loyalty turn between 1 and 2 or between 4 and 5 (a set that "
        "errs on the wide side); between 1 and 2 and between 4 and 5 a 5-point scale shows no place."
    )


def test_a_place_that_ends_where_the_scale_hides_the_next_is_not_hidden():
    assert told_apart((2.0, 4.0)) == (
        "A bend is told apart from every smooth curve: the log-odds of loyalty turn between 2 and 4 (a set that errs on the wide side)."
    )
