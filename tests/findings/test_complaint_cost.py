"""What the complaint report says of money, stated in full."""

from dataclasses import replace
from types import SimpleNamespace as Such
from typing import Any

import pandas as pd
from tests.findings.test_complaint_own_cost import COST, GAIN, PRIOR, measured, recovery, without_bad
from tests.findings.told import seen

from goodwill.findings.complaints import complaint_cost
from goodwill.findings.complaints.complaint_cost import WORST
from goodwill.findings.finding import Absent, Drawing, Finding, Table
from goodwill.inference.uncertainty import Interval
from goodwill.word_of_mouth import Assumption, ComplaintEffect, TrialSize, Worth
from goodwill.word_of_mouth.coca_cola import LABELS

SIZE = TrialSize(3.0, 47.0, 3766.0, 85, 510.0)
SOME = Interval(9.7, 3.2, 18.9)
WHY = Absent("19 complaints can be compared; an estimate needs at least 20.")
SHARES = pd.DataFrame(
    {"name": ["causal_handling", "lasting", "reduction", "told_dissatisfied", "told_satisfied"], "first_order": 0.2, "total": 0.25}
)
STUDY = pd.DataFrame(
    {"name": ["causal_handling"], "study": ["a randomised trial"], "narrowing": [0.3], "answers_needed": [433], "grade": "assumed"}
)
SWINGS = pd.DataFrame(
    {"name": ["causal_handling", "lasting", "reduction"], "low": 0.0, "high": 1.0, "at_low": [0.0, 5, 9], "at_high": [20.0, 15, 11]}
)
LOSSES = {"people": [90.0, 10.0], "direct_loss": [70.0, 10.0], "word_of_mouth_loss": [5.0, 15.0]}
GROUPS = pd.DataFrame(
    {
        "group": ["no complaint", "all complainers", "handled 9-10"],
        "respondents": [90, 20, 10],
        "estimate": [8.2, 6.0, 8.8],
        "lower": [8.0, 5.5, 8.5],
        "upper": [8.4, 6.5, 9.1],
    }
)
GAPS = pd.DataFrame({"estimate": 2.0, "lower": 1.0, "upper": 3.0}, index=["as it stands", "at complainers' mix", "at everybody's mix"])
AROUND = pd.DataFrame({"before": [0, 0, 0, 1, 5], "seen": [False, *[True] * 4], "watched": [True, True, True, False, True]})
CHANCES: dict[str, Any] = {
    "recovery_chance": 0.5,
    "problems": 0.1,
    "voice": 0.06,
    "causal_voice": 0.4,
    "margin": 0.3,
    "discount_rate": 0.15,
}
CHANCES |= {"leavers_complain": True, "prior": PRIOR}


def effect(low: float, high: float) -> ComplaintEffect:
    """Of dissatisfied complaints; the interval is that of value lost, and with the other sign that of the difference."""
    lost, odds = Interval((low + high) / 2, low, high), Interval(3.0, 0.0, float("inf"))
    return ComplaintEffect("closed", "dissatisfied", 90, 120, 1, 2, 0.3, 0.4, Interval(-0.1, -high, -low), lost, odds)


def market() -> Such:
    table = pd.DataFrame(LOSSES, index=pd.Index(["silent", "unresolved"], name="group"))
    return Such(by_group=table, value_of_voice=lambda: 3.74, value_of_recovery=lambda: 0.3, value_of_speed=lambda: 0.1)


def inputs() -> list[Assumption]:
    return [Assumption("lasting", 0.2346, 0.01234, 0.6789, "share", "not measured here; set wide", "assumed")]


def test_what_is_at_stake_is_shown_with_intervals() -> None:
    assert seen(complaint_cost.worth(Worth(SOME, Interval(4.0, 3.0, 5.0), Interval(20.0, 10.0, 30.0)), "EUR")) == [
        "residual_value = 9.7 (3.2 to 18.9) | Residual value of a customer who has not left | EUR",
        "prospect_value = 20 (10 to 30) | Value of a newcomer | EUR",
        "purchase_margin = 4 (3 to 5) | Profit of one purchase | EUR",
    ]


def test_an_assumed_cost_is_a_range_of_plausible_answers() -> None:
    assert seen(complaint_cost.assumed(SOME, Interval(1.4, 0.1, 3.0), Interval(10.8, 4.0, 20.0), "EUR")) == [
        "assumed_cost = 9.7 (3.2 to 18.9) | Cost of one dissatisfied complainer, by published figures and assumptions | "
        "EUR | assumed | share of the gap that handling causes | level 0.9",
        "cost_by_word = 1.4 (0.1 to 3) | Of which through word of mouth | EUR | assumed | share of the gap that handling "
        "causes | level 0.9",
        "assumed_recovery = 10.8 (4 to 20) | Value of turning one into a satisfied one, by published figures and "
        "assumptions | EUR | assumed | share of the gap that handling causes | level 0.9",
        "By published figures and assumptions alone one dissatisfied complainer costs {assumed_cost}, of which "
        "{cost_by_word:value} is word of mouth, and recovering one is worth {assumed_recovery}: the means of all answers "
        "that the ranges of the inputs leave open. The interval is the range of nine in ten of them, not a margin of "
        "sampling error; these numbers move with what is assumed, and not with what customers did.",
    ]


def test_the_answer_hangs_on_three_unknowns() -> None:
    assert seen(complaint_cost.learn_next(SHARES, STUDY)) == [
        "sensitivity: Shares of the answer's variance by input | {'first_order': '{:.1%}', 'total': '{:.1%}'} | name, "
        "first_order, total | share of the gap that handling causes, 0.2, 0.25 / choices that decide on a customer, 0.2, "
        "0.25 / by how much they buy less, 0.2, 0.25 / people told by a dissatisfied, 0.2, 0.25 / people told by a "
        "satisfied, 0.2, 0.25",
        "learn_next: Studies, best first: narrowing is the share of the answer's variance that 400 answers (a trial: 400 "
        "in each arm) would remove | {'narrowing': '{:.1%}'} | name, study, narrowing, answers_needed, grade | share of "
        "the gap that handling causes, a randomised trial, 0.3, 433, assumed",
        "three_unknowns = share of the gap that handling causes; choices that decide on a customer; by how much they buy "
        "less | The three unknowns on which the answer hangs",
        "told_share = 0.5 | Share of the variance that the famous told-counts carry | share",
        "What is assumed hangs on three unknowns: {three_unknowns}. The famous told-counts carry {told_share} of the variance.",
    ]


def test_tables_show_eight_inputs_and_five_studies() -> None:
    shares = pd.DataFrame({"name": list(LABELS), "first_order": 0.2, "total": 0.05})
    found = complaint_cost.learn_next(shares, pd.concat([STUDY] * 6))
    shown = [part.frame for part in found.parts.values() if isinstance(part, Table)]
    assert [len(frame) for frame in shown] == [8, 5]


def test_the_loss_lies_with_the_silent_by_assumption() -> None:
    assert seen(complaint_cost.market(market(), WHY, "EUR")) == [
        "market: A year of 1,000 customers: people with a problem, and what is lost (money in EUR; gains are negative) | "
        "{} | group, people, direct_loss, word_of_mouth_loss | silent, 90, 70, 5 / unresolved, 10, 10, 15",
        "market_damage: Assumed: 75% of the loss lies with the silent, who are 90% of those with a problem | Loss per "
        "customer with a problem, through own purchases and through word of mouth (below zero: a gain). Repurchase by "
        "TARP's table, told-counts as above; point values. Everybody who does not buy again counts as lost, also who "
        "would have left without any problem. | Loss by group. silent: direct loss 70, word of mouth loss 5; unresolved: "
        "direct loss 10, word of mouth loss 15.",
        "voice_point = 3.74 | Worth of one more percentage point complaining, per 1,000 customers and year | EUR",
        "recovery_point = 0.3 | Worth of one more percentage point resolved, per 1,000 customers and year | EUR",
        "speed_point = 0.1 | Worth of one more percentage point resolved quickly, per 1,000 customers and year | EUR",
        "By assumption and published shares, one point more of voice is worth {voice_point}, one of recovery "
        "{recovery_point}, one of speed {speed_point} per 1,000 customers and year, if the causal shares are right. How "
        "many complain, and how many are silent, is assumed.",
    ]


def test_how_many_complain_is_measured() -> None:
    assert seen(complaint_cost.market(market(), 1.65, "EUR")) == [
        "market: A year of 1,000 customers: people with a problem, and what is lost (money in EUR; gains are negative) | "
        "{} | group, people, direct_loss, word_of_mouth_loss | silent, 90, 70, 5 / unresolved, 10, 10, 15",
        "market_damage: Assumed: 75% of the loss lies with the silent, who are 90% of those with a problem | Loss per "
        "customer with a problem, through own purchases and through word of mouth (below zero: a gain). Repurchase by "
        "TARP's table, told-counts as above; point values. Everybody who does not buy again counts as lost, also who "
        "would have left without any problem. | Loss by group. silent: direct loss 70, word of mouth loss 5; unresolved: "
        "direct loss 10, word of mouth loss 15.",
        "voice_point = 3.74 | Worth of one more percentage point complaining, per 1,000 customers and year | EUR",
        "recovery_point = 0.3 | Worth of one more percentage point resolved, per 1,000 customers and year | EUR",
        "speed_point = 0.1 | Worth of one more percentage point resolved quickly, per 1,000 customers and year | EUR",
        "By assumption and published shares, one point more of voice is worth {voice_point}, one of recovery "
        "{recovery_point}, one of speed {speed_point} per 1,000 customers and year, if the causal shares are right. How "
        "many complain is the log's own rate, 1,650 a year per 1,000 customers; how many are silent is assumed.",
    ]


def test_a_paradox_is_an_association() -> None:
    assert seen(complaint_cost.paradox(GAPS, GROUPS, Interval(0.6, 0.4, 0.8))) == [
        "handling: Who rates the handling 9-10 intends 0.6 points more than who never complained: association, not "
        "effect | Likelihood to buy again, 1 to 10, of complainers by how well they say the complaint was handled, "
        "beside customers who did not complain (ACSI 2015, 95 % intervals). Stated intentions of different people at one "
        "moment. | Mean likelihood to buy again. no complaint: respondents 90, estimate 8.2; all complainers: "
        "respondents 20, estimate 6; handled 9-10: respondents 10, estimate 8.8.",
        "gap = 2 (1 to 3) | Intention without a complaint less with one, as it stands | points",
        "gap_own_mix = 2 (1 to 3) | Intention without a complaint less with one, at complainers' mix | points",
        "gap_all_mix = 2 (1 to 3) | Intention without a complaint less with one, at everybody's mix | points",
        "without_complaint = 8.2 (8 to 8.4) | Intention of who did not complain | points",
        "handled_well = 8.8 (8.5 to 9.1) | Intention of complainers who rate the handling 9-10 | points",
        "paradox = 0.6 (0.4 to 0.8) | What looks like a paradox | points",
        "Complainers lie {gap:value} below the others; at one mix of industries it is {gap_own_mix:value} or "
        "{gap_all_mix:value}. Those who rate the handling 9–10 lie {paradox:value} above. **What would have to be true** "
        "for that to be an effect of handling: had nothing gone wrong, these very people would have had to intend no "
        "more than the average customer does. If people inclined to give high marks are {paradox:value} more loyal "
        "anyway, nothing is left of it.",
    ]


def test_a_paradox_may_be_the_wrong_way_round() -> None:
    assert seen(complaint_cost.paradox(GAPS, GROUPS, Interval(-0.6, -0.8, -0.4))) == [
        "handling: Who rates the handling 9-10 intends 0.6 points less than who never complained: association, not "
        "effect | Likelihood to buy again, 1 to 10, of complainers by how well they say the complaint was handled, "
        "beside customers who did not complain (ACSI 2015, 95 % intervals). Stated intentions of different people at one "
        "moment. | Mean likelihood to buy again. no complaint: respondents 90, estimate 8.2; all complainers: "
        "respondents 20, estimate 6; handled 9-10: respondents 10, estimate 8.8.",
        "gap = 2 (1 to 3) | Intention without a complaint less with one, as it stands | points",
        "gap_own_mix = 2 (1 to 3) | Intention without a complaint less with one, at complainers' mix | points",
        "gap_all_mix = 2 (1 to 3) | Intention without a complaint less with one, at everybody's mix | points",
        "without_complaint = 8.2 (8 to 8.4) | Intention of who did not complain | points",
        "handled_well = 8.8 (8.5 to 9.1) | Intention of complainers who rate the handling 9-10 | points",
        "paradox = -0.6 (-0.8 to -0.4) | What looks like a paradox | points",
        "Complainers lie {gap:value} below the others; at one mix of industries it is {gap_own_mix:value} or "
        "{gap_all_mix:value}. Even those who rate the handling 9–10 lie below, by {paradox:value}: there is no paradox "
        "to explain.",
    ]


def test_a_paradox_may_not_be_told_apart() -> None:
    assert seen(complaint_cost.paradox(GAPS, GROUPS, Interval(0.1, -0.1, 0.3))) == [
        "handling: Who rates the handling 9-10 and who never complained are not told apart in what they intend | "
        "Likelihood to buy again, 1 to 10, of complainers by how well they say the complaint was handled, beside "
        "customers who did not complain (ACSI 2015, 95 % intervals). Stated intentions of different people at one "
        "moment. | Mean likelihood to buy again. no complaint: respondents 90, estimate 8.2; all complainers: "
        "respondents 20, estimate 6; handled 9-10: respondents 10, estimate 8.8.",
        "gap = 2 (1 to 3) | Intention without a complaint less with one, as it stands | points",
        "gap_own_mix = 2 (1 to 3) | Intention without a complaint less with one, at complainers' mix | points",
        "gap_all_mix = 2 (1 to 3) | Intention without a complaint less with one, at everybody's mix | points",
        "without_complaint = 8.2 (8 to 8.4) | Intention of who did not complain | points",
        "handled_well = 8.8 (8.5 to 9.1) | Intention of complainers who rate the handling 9-10 | points",
        "paradox = 0.1 (-0.1 to 0.3) | What looks like a paradox | points",
        "Complainers lie {gap:value} below the others; at one mix of industries it is {gap_own_mix:value} or "
        "{gap_all_mix:value}. Those who rate the handling 9–10 are not told apart from those who never complained "
        "({paradox}): there is no paradox to explain.",
    ]


def test_complaints_that_cannot_be_compared_are_counted() -> None:
    assert seen(complaint_cost.joined(AROUND, 90)) == [
        "Of 5 complaints, 1 are by customers who never bought, 2 came before the first purchase, and after 1 the data do "
        "not reach 90 days further; these are in no comparison below. Before the others lie 3.0 days with a purchase on "
        "average.",
    ]


def test_complaints_before_the_first_purchase_are_counted_and_not_those_after_it() -> None:
    more = pd.DataFrame({"before": [2, 3], "seen": True, "watched": True})
    assert seen(complaint_cost.joined(pd.concat([AROUND, more]), 90)) == [
        "Of 7 complaints, 1 are by customers who never bought, 2 came before the first purchase, and after 1 the data do "
        "not reach 90 days further; these are in no comparison below. Before the others lie 2.8 days with a purchase on "
        "average.",
    ]


def test_complaints_of_strangers_alone_cannot_be_compared() -> None:
    assert seen(complaint_cost.joined(AROUND.head(2), 90)) == [
        "None of the 2 complaints is by a customer who had bought before, so there is nothing to compare.",
    ]


def test_without_purchases_nothing_is_joined() -> None:
    assert seen(complaint_cost.joined(WHY, 90)) == []


def test_a_clear_difference_is_named() -> None:
    assert seen(complaint_cost.effects({"any": effect(-0.1, 0.1), WORST: effect(0.1, 0.3)}, 90, simulated=False)) == [
        "effects: Bought again within 90 days, complainers and customers of the same history | {'returned': '{:.1%}', "
        "'matched': '{:.1%}', 'lower': '{:.1%}', 'upper': '{:.1%}'} | comparison, complaints, returned, matched, lower, "
        "upper | any, 120, 0.3, 0.4, 0.3, 0.5 / dissatisfied, from its end, 120, 0.3, 0.4, 0.1, 0.3",
        "returned: Clearly different from customers of the same history: dissatisfied, from its end | Share of "
        "complainers who bought again, and of customers with the same history. Bars: 95 % interval of the difference, "
        "drawn over customers. | Share who bought again. any: complaints 120, returned 0.3, matched 0.4; dissatisfied, "
        "from its end: complaints 120, returned 0.3, matched 0.4.",
        "value_lost = 0.2 (0.1 to 0.3) | Residual value that goes with a dissatisfied complaint | share",
        "odds_multiplier = 3 (0.01832 to 54.6) | Odds of having left, dissatisfied complainers against the same history",
        "Dissatisfied complainers carry {value_lost} less residual value than customers of the same history; their odds "
        "of having left are {odds_multiplier} times as high. This is an association: complainers may differ from those "
        "who had the same trouble and kept silent.",
    ]


def test_clear_differences_are_all_named() -> None:
    returned = complaint_cost.effects({"any": effect(0.1, 0.2), WORST: effect(0.1, 0.3)}, 90, simulated=False).parts["returned"]
    assert seen(Finding({"returned": returned})) == [
        "returned: Clearly different from customers of the same history: any, dissatisfied, from its end | Share of "
        "complainers who bought again, and of customers with the same history. Bars: 95 % interval of the difference, "
        "drawn over customers. | Share who bought again. any: complaints 120, returned 0.3, matched 0.4; dissatisfied, "
        "from its end: complaints 120, returned 0.3, matched 0.4.",
    ]


def test_in_the_simulated_company_it_is_an_effect() -> None:
    assert seen(complaint_cost.effects({WORST: effect(-0.1, 0.3)}, 90, simulated=True)) == [
        "effects: Bought again within 90 days, complainers and customers of the same history | {'returned': '{:.1%}', "
        "'matched': '{:.1%}', 'lower': '{:.1%}', 'upper': '{:.1%}'} | comparison, complaints, returned, matched, lower, "
        "upper | dissatisfied, from its end, 120, 0.3, 0.4, 0.1, 0.5",
        "returned: No clear difference from customers of the same history | Share of complainers who bought again, and "
        "of customers with the same history. Bars: 95 % interval of the difference, drawn over customers. | Share who "
        "bought again. dissatisfied, from its end: complaints 120, returned 0.3, matched 0.4.",
        "value_lost = 0.1 (-0.1 to 0.3) | Residual value that goes with a dissatisfied complaint | share",
        "odds_multiplier = 3 (0.01832 to 54.6) | Odds of having left, dissatisfied complainers against the same history",
        "Dissatisfied complainers and customers of the same history are not told apart by residual value (the loss is "
        "{value_lost}); their odds of having left are {odds_multiplier} times as high. This is an association: complainers may differ "
        "from those who had the same trouble and kept silent. In the simulated company it is known to be an effect, because "
        "complaints fall by chance; the multiplier is that among customers alike in history, and lies nearer to 1 than "
        "the three of each single customer.",
    ]


def test_the_outcome_asked_for_may_be_absent() -> None:
    assert seen(complaint_cost.effects({"any": effect(0.1, 0.2), WORST: WHY}, 90, simulated=True)) == [
        "effects: Bought again within 90 days, complainers and customers of the same history | {'returned': '{:.1%}', "
        "'matched': '{:.1%}', 'lower': '{:.1%}', 'upper': '{:.1%}'} | comparison, complaints, returned, matched, lower, "
        "upper | any, 120, 0.3, 0.4, 0.2, 0.3",
        "returned: Clearly different from customers of the same history: any | Share of complainers who bought again, "
        "and of customers with the same history. Bars: 95 % interval of the difference, drawn over customers. | Share "
        "who bought again. any: complaints 120, returned 0.3, matched 0.4.",
        "value_lost = None | Residual value that goes with a dissatisfied complaint | share | 19 complaints can be "
        "compared; an estimate needs at least 20.",
        "odds_multiplier = None | Odds of having left, dissatisfied complainers against the same history | 19 complaints "
        "can be compared; an estimate needs at least 20.",
        "Dissatisfied complainers could not be compared: {value_lost}.",
    ]
    assert complaint_cost.effects({"any": effect(0.1, 0.2), WORST: WHY}, 90, simulated=True).without == {}


def test_complainers_who_carry_more_are_not_said_to_carry_less() -> None:
    assert complaint_cost.effects({WORST: effect(-0.3, -0.1)}, 90, simulated=False).text == (
        "Dissatisfied complainers carry more residual value than customers of the same history, not less (their loss is {value_lost}); "
        "their odds of having left are {odds_multiplier} times as high. This is an association: complainers may differ from those who had "
        "the same trouble and kept silent."
    )


def test_without_complaints_there_is_no_comparison() -> None:
    assert seen(complaint_cost.effects({"any": WHY, WORST: WHY}, 90, simulated=False)) == [
        "effects: No comparison was possible | {'returned': '{:.1%}', 'matched': '{:.1%}', 'lower': '{:.1%}', 'upper': "
        "'{:.1%}'} | comparison, complaints, returned, matched, lower, upper | ",
        "value_lost = None | Residual value that goes with a dissatisfied complaint | share | 19 complaints can be "
        "compared; an estimate needs at least 20.",
        "odds_multiplier = None | Odds of having left, dissatisfied complainers against the same history | 19 complaints "
        "can be compared; an estimate needs at least 20.",
        "No comparison could be made: {value_lost}.",
    ]


def test_the_assumed_answer_hangs_on_the_widest() -> None:
    assert seen(complaint_cost.tornado(SWINGS, 10.0, "EUR")) == [
        "tornado: What is assumed hangs on: share of the gap that handling causes; choices that decide on a customer; by "
        "how much they buy less | Assumed value of recovering one complaint with one input at a time at the ends of its "
        "range (numbers at the bars); the line is the answer with all at the means of their ranges. | Value of recovery with one "
        "input at the low and high end of its range. causal_handling: at low 0, at high 20; lasting: at low 5, at high "
        "15; reduction: at low 9, at high 11.",
    ]


def test_nine_swings_are_put_in_words() -> None:
    swings = pd.DataFrame({"name": list(LABELS)[:10], "low": 0.0, "high": 1.0, "at_low": 5.0, "at_high": 15.0})
    drawn = complaint_cost.tornado(swings, 10.0, "EUR").parts["tornado"]
    assert isinstance(drawn, Drawing)
    said = "; ".join(f"{name}: at low 5, at high 15" for name in list(LABELS)[:9])
    assert drawn.words == f"Value of recovery with one input at the low and high end of its range. {said}."


def test_without_purchases_nothing_is_said_of_money() -> None:
    absent = Absent("There are no purchases: pass data=.")
    found = [
        complaint_cost.worth(absent, "euro"),
        complaint_cost.assumed(absent, absent, absent, "euro"),
        complaint_cost.learn_next(absent, absent),
        complaint_cost.market(absent, absent, "euro"),
        complaint_cost.tornado(absent, absent, "euro"),
    ]
    assert {each.absent for each in found} == {absent}
    assert [(list(each.parts), list(each.without)) for each in found] == [
        (["residual_value", "prospect_value", "purchase_margin"], []),
        (["assumed_cost", "cost_by_word", "assumed_recovery"], []),
        (["three_unknowns", "told_share"], ["sensitivity", "learn_next"]),
        (["voice_point", "recovery_point", "speed_point"], ["market", "market_damage"]),
        ([], ["tornado"]),
    ]
    assert complaint_cost.effects({WORST: absent}, 90, simulated=False).without == {"returned": absent.why}


HEARD = (
    "Not measured here: word of one complaint reaches {mean_reach}; what of it is put down to handling costs {cost_by_word:value} through "
    "others, by published and assumed numbers; the viral catastrophe of the slogans needs {stress_threshold} of hearers to retell, each "
    "to as many."
)
CLOSE = (
    "Learn next: {next_study}. Do not wait for a verdict: it would take {next_sample}, and 510 dissatisfied complaints are expected in the "
    "years that are looked at. Where an attempt costs about what it saves, trying {profit_sample} by lot and going on with what brought "
    f"more after its cost gains most; it may well be the wrong one.\n\n{HEARD}"
)
ONE = (
    "One dissatisfied complaint costs **{complaint_cost:value}** ({complaint_cost:interval}) in the first case, {complaint_cost_other} in "
    "the second; there are {complaints_a_year:number} a year."
)
SHOWN = (
    "Cost of one complaint through the complainer's own purchases, by outcome, with 95 % intervals; below zero is a gain. | Cost of one "
    "complaint. satisfied: cost -2, lower -3, upper -1; dissatisfied: cost "
)


def test_in_short_a_year_costs_something_under_both_answers() -> None:
    found = {True: measured(2.0, 6.0, True, COST), False: measured(6.0, 10.0, False, COST)}
    assert seen(complaint_cost.in_short(found, True, recovery(0.1, 0.2), SIZE, 0.5, "EUR")) == [
        "cost_by_outcome: If those who left complain too, a dissatisfied complaint costs something: more leave at it than would have left "
        f"anyway | {SHOWN}4, lower 2, upper 6.",
        "A year's complaints cost **{complaints_year:value}** ({complaints_year:interval}) through the complainers' own purchases if those "
        "who left complain too, and {complaints_year_other} if only those who are still there complain. The chances of leaving are "
        f"measured; who complains is assumed, because the log cannot tell. {ONE}\n\nAn attempt to recover one pays where it costs less "
        "than **{break_even_spend:value}** ({break_even_spend:interval}), in the first case; that 50% of attempts succeed is assumed, and "
        f"so is that outcomes differ by handling alone.\n\n{CLOSE}",
    ]


def test_in_short_a_year_is_a_gain_under_both_answers() -> None:
    found = {True: measured(-6.0, -2.0, True, GAIN), False: measured(-6.0, -2.0, False, GAIN)}
    assert seen(complaint_cost.in_short(found, False, recovery(-0.2, -0.1), SIZE, 0.5, "EUR")) == [
        f"cost_by_outcome: If only those who are still there complain, fewer leave after a dissatisfied complaint than would have left "
        f"anyway | {SHOWN}-4, lower -6, upper -2.",
        "After complaints fewer leave than would have left anyway: a year's complaints cost **{complaints_year:value}** "
        "({complaints_year:interval}) if only those who are still there complain, and {complaints_year_other} if those who left complain "
        "too, a gain. The chances of leaving are measured; who complains is assumed, because the log cannot tell. "
        f"{ONE}\n\nSpend nothing on recovery as it is handled now: complainers who were recovered leave more often "
        f"({{recovery_gap}}, below zero).\n\n{CLOSE}",
    ]


def test_in_short_a_year_is_not_told_apart_from_nothing() -> None:
    found = {True: measured(-2.0, 6.0), False: measured(-2.0, 6.0, False)}
    assert seen(complaint_cost.in_short(found, True, recovery(-0.1, 0.2), SIZE, 0.25, "EUR")) == [
        f"cost_by_outcome: If those who left complain too, what a dissatisfied complaint costs is not told apart from nothing | "
        f"{SHOWN}2, lower -2, upper 6.",
        "Whether a year's complaints cost anything through the complainers' own purchases is not told apart from nothing: "
        "{complaints_year} if those who left complain too, and {complaints_year_other} if only those who are still there complain. The "
        f"chances of leaving are measured; who complains is assumed, because the log cannot tell. {ONE}\n\nSpend on recovery only in a "
        "trial by lot: that recovered complainers leave less often is not told apart from no difference ({recovery_gap}); at most "
        f"{{break_even_spend:value}} an attempt is what the data would bear, if 25% succeed, which is assumed.\n\n{CLOSE}",
    ]


def test_in_short_a_year_depends_on_who_complains() -> None:
    found = {True: measured(-2.0, 6.0), False: measured(6.0, 10.0, False, COST)}
    said = seen(complaint_cost.in_short(found, True, recovery(-0.1, 0.2), SIZE, 0.25, "EUR"))[-1]
    assert said.partition("\n\n")[0] == (
        "Whether a year's complaints cost anything through the complainers' own purchases depends on who complains: {complaints_year} if "
        "those who left complain too, and {complaints_year_other} if only those who are still there complain. The chances of leaving are "
        f"measured under either answer; which of them holds the log cannot tell. {ONE}"
    )


def test_in_short_a_trial_may_lead_to_a_verdict_or_to_none_at_all() -> None:
    found = {True: measured(2.0, 6.0, True, COST), False: measured(6.0, 10.0, False, COST)}
    said = []
    for size in (TrialSize(12.3, 47.0, 150.0, 60, 510.0), TrialSize(0.0, 47.0, float("inf"), 85, 510.0)):
        said.append(seen(complaint_cost.in_short(found, True, recovery(0.1, 0.2), size, 0.5, "EUR"))[-1].split("\n\n")[2])
    assert said == [
        "Learn next: {next_study}. It takes {next_sample} for a verdict, and {profit_sample} to gain most while complaints go on.",
        "Learn next: {next_study}. Nothing is expected of an attempt, so no size leads to a verdict; try {profit_sample} by lot and go on "
        "with what brought more after its cost.",
    ]


def test_in_short_the_year_stands_where_one_complaint_cannot() -> None:
    said = seen(complaint_cost.in_short({True: without_bad(), False: WHY}, True, WHY, WHY, 0.25, "EUR"))[-1]
    assert said.partition("\n\n")[0] == (
        "Whether a year's complaints cost anything through the complainers' own purchases is not told apart from nothing: "
        "{complaints_year} if those who left complain too, and {complaints_year_other} if only those who are still there complain. The "
        "chances of leaving are measured; who complains is assumed, because the log cannot tell. **Not measured:** what a dissatisfied "
        "complaint costs ({complaint_cost})."
    )


def test_in_short_nothing_is_measured() -> None:
    assert seen(complaint_cost.in_short({True: WHY, False: WHY}, True, WHY, WHY, 0.25, "EUR")) == [
        "**Not measured:** what a year's complaints cost ({complaints_year}).\n\nHow much an attempt at recovery may cost is not "
        "measured: {break_even_spend}.\n\nLearn next: {next_study}; for its size a complaint log with outcomes, joined with purchases, "
        f"is needed.\n\n{HEARD}",
    ]


def test_an_input_that_is_known_is_stated_without_a_range() -> None:
    first = inputs()[0]
    known = replace(first, value=0.12345, low=0.12345, high=0.12345)
    assert complaint_cost.assumptions([known], **CHANCES, loss_size="small")[0][1] == "0.123"


def test_assumptions_name_their_grade() -> None:
    small, large = (complaint_cost.assumptions(inputs(), **CHANCES, loss_size=size) for size in ("small", "large"))
    assert small == [
        ("choices that decide on a customer (share)", "0.235, range 0.0123 to 0.679, mean 0.309", "not measured here; set wide", "assumed"),
        ("chance that an attempt at recovery succeeds", "50%", "parameter", "assumed"),
        ("customers with a problem; of those, who complain", "10%; 6%", "parameter; 6 % by Verde Group 2006", "assumed"),
        ("who complains", "those who left complain too", "parameter; the log cannot tell", "assumed"),
        ("a published chance to leave, as a prior", "33%, give or take 15%", "TARP 1981", "published"),
        ("trust in that prior", "80%; the rest is spread about no effect by 50%", "parameter", "assumed"),
        (
            "how the chance to leave at a complaint goes with the customer's own chance to leave",
            "power 0.5, give or take 0.5, before the data speak (0: the same for all; 1: in proportion)",
            "this report; learned with all else",
            "assumed",
        ),
        ("share of the gap to the silent that complaining causes", "40%", "parameter", "assumed"),
        ("who buys again, by handling", "losses under 5 dollars", "TARP, as quoted by Goodman (1984) and by Huba", "published"),
        ("outcomes", "satisfied = quickly, acceptable = resolved, dissatisfied = unresolved", "this report", "assumed"),
        ("margin; discount rate", "30%; 15% a year", "parameters", "assumed"),
        ("beliefs", "triangular between the ends of a range, independent of each other", "this report", "assumed"),
        ("hearings of the silent", "1.20 people", "shoppers with a problem, Verde Group 2006", "published"),
    ]
    assert large[8][1] == "losses over 100 dollars"
