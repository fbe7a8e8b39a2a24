"""What the complaint report says of measured cost, of recovery and of trials, stated in full."""

import numpy as np
import pandas as pd
from tests.findings.told import seen

from goodwill.findings.complaints import complaint_own_cost
from goodwill.findings.complaints.complaint_own_cost import drawing
from goodwill.findings.finding import Absent, Finding
from goodwill.inference.uncertainty import Interval
from goodwill.word_of_mouth import CoinFit, MeasuredCosts, OwnCost, Recovery, RobustPrior, TrialSize, WithPrior

WHY = Absent("There are no complaints: pass complaints=.")
PRIOR = RobustPrior(0.333, 0.15, 0.8, "TARP 1981")
COST, GAIN, UNCLEAR = Interval(250.0, 100.0, 800.0), Interval(-250.0, -800.0, -100.0), Interval(250.0, -250.0, 800.0)
ALIKE, APART = Interval(-0.2, -0.5, 0.1), Interval(-0.6, -0.9, -0.3)
FEW = "7 complaints end dissatisfied and are by customers who bought; an estimate needs at least 20"
BOTH, STAYERS = "those who left complain too", "only those who are still there complain"
WHO = "assumed | who complains, which the log cannot tell"
ESTIMANDS = (
    "estimands: Three differences, named apart | {} | difference, of what, what shows it, grade | failure against none, a problem, "
    "against no problem, no log shows the problems of the silent, assumed / voiced against silent, complaining, against the same problem "
    "in silence, the log cannot tell it from who complains: history removes that only where voice depends on past purchases alone, "
    "assumed / recovered against not, a complaint that ends satisfied, against one that ends dissatisfied, the chances of leaving by "
    "outcome, above, which are measured; that outcomes differ by handling alone is not, assumed"
)
COSTS = (
    "own_costs: Complaints by outcome: chance of leaving, value of a leaver and cost (EUR; 95 % intervals; below zero is a gain) | "
    "{'a year': '{:,.0f}', 'value': '{:,.1f}', 'cost of a year': '{:,.0f}', 'chance': '{:.1%}', 'chance, low': '{:.1%}', "
    "'chance, high': '{:.1%}', 'cost': '{:,.2f}', 'cost, low': '{:,.2f}', 'cost, high': '{:,.2f}'} | if, outcome, "
    "complaints, a year, chance, chance, low, chance, high, value, cost, cost, low, cost, high, cost of a year | "
)
PLACEBO = "placebo = %s | Purchases before the complaint, dissatisfied less satisfied (no effect can be there) | purchases"
RECOVERED = [
    ESTIMANDS,
    "recovery_gap = 15 (10 to 20) | Leave less often when recovered | points",
    "recovery_value = 6 (4 to 8) | Value of turning one dissatisfied complainer into a satisfied one | EUR | assumed "
    "| that outcomes differ by handling alone",
    "break_even_spend = 3 (2 to 4) | The most that one attempt at recovery may cost, if 50% succeed | EUR | assumed "
    "| chance that an attempt succeeds",
]
CHANCES = [
    "leave_chance = 0.1 (0.05 to 0.15) | Leave at a dissatisfied complaint | share | measured",
    "leaver_value = 40 (36 to 44) | What a complainer who leaves at it would have brought | EUR | measured",
    "complainer_value = 62 (56 to 68) | What a dissatisfied complainer is worth just before the complaint | EUR | measured",
]
ONE = (
    "One dissatisfied complaint costs {complaint_cost} if %s, and {complaint_cost_other} if %s. In the first case {leave_chance} leave "
    "at it, and a leaver would have brought {leaver_value:value} (the mean complainer: {complainer_value:value}). The table "
    "shows all outcomes, under both answers."
)


def coin(leavers_complain: bool) -> CoinFit:
    return CoinFit(None, None, {}, 0.5, leavers_complain, (0.5, 0.5), 0.0, np.zeros(0))  # type: ignore[arg-type]


def cost(outcome: str, low: float, high: float) -> OwnCost:
    amount = Interval((low + high) / 2, low, high)
    yearly = Interval(*(100 * end for end in amount))
    chance, before, value = Interval(0.1, 0.05, 0.15), Interval(62.0, 56.0, 68.0), Interval(40.0, 36.0, 44.0)
    return OwnCost(outcome, 120, 100.0, chance, before, value, 2.0, 0.0, np.zeros(1), amount, yearly)


def measured(low: float, high: float, leavers_complain: bool = True, year: Interval = UNCLEAR) -> MeasuredCosts:
    costs = {"satisfied": cost("satisfied", -3.0, -1.0), "dissatisfied": cost("dissatisfied", low, high)}
    return MeasuredCosts(coin(leavers_complain), pd.DataFrame(), costs, {}, year, 47.0)


def without_bad() -> MeasuredCosts:
    costs = {"satisfied": cost("satisfied", -3.0, -1.0)}
    return MeasuredCosts(coin(True), pd.DataFrame(), costs, {"dissatisfied": FEW}, UNCLEAR, 47.0)


def recovery(low: float, high: float) -> Recovery:
    gap = Interval((low + high) / 2, low, high)
    return Recovery(gap, Interval(*(40 * end for end in gap)), Interval(*(20 * end for end in gap)))


def drawn(found: MeasuredCosts) -> Finding:
    return Finding({"costs": drawing(found, "EUR")})


def year_line(name: str, number: str, who: str, grade: str) -> str:
    return f"{name} = {number} | Cost of a year's complaints, through own purchases, if {who} | EUR | {grade}"


def row(who: str, outcome: str, cost: str) -> str:
    return f"{who}, {outcome}, 120, 100, 0.1, 0.05, 0.15, 40, {cost}"


def test_a_cost_under_both_answers_is_a_cost() -> None:
    found = {True: measured(2.0, 6.0, year=COST), False: measured(6.0, 10.0, False, COST)}
    assert seen(complaint_own_cost.own_costs(found, True, "EUR")) == [
        f"complaint_cost = 4 (2 to 6) | Cost of one dissatisfied complaint, through the complainer's own purchases | EUR | {WHO}",
        *CHANCES,
        f"complaint_cost_other = 8 (6 to 10) | Cost of one dissatisfied complaint, if {STAYERS} | EUR | {WHO}",
        "complaints_a_year = 100 | Dissatisfied complaints a year | complaints | measured",
        year_line("complaints_year", "250 (100 to 800)", BOTH, "measured"),
        year_line("complaints_year_other", "250 (100 to 800)", STAYERS, "measured"),
        COSTS
        + " / ".join(
            row(who, *each)
            for who, last in ((BOTH, "4, 2, 6, 400"), (STAYERS, "8, 6, 10, 800"))
            for each in (("satisfied", "-2, -3, -1, -200"), ("dissatisfied", last))
        ),
        "A year's complaints cost {complaints_year} through the complainers' own purchases if those who left complain too, and "
        "{complaints_year_other} if only those who are still there complain; which of the two is so, the log cannot tell. "
        + ONE
        % (BOTH, STAYERS),
    ]


def test_a_cost_below_zero_under_both_answers_is_a_gain() -> None:
    found = {True: measured(-6.0, -2.0, year=GAIN), False: measured(-6.0, -2.0, False, GAIN)}
    said = seen(complaint_own_cost.own_costs(found, False, "EUR"))
    assert (
        said[0]
        == "complaint_cost = -4 (-6 to -2) | Cost of one dissatisfied complaint, through the complainer's own purchases | EUR | measured"
    )
    assert said[6:8] == [
        year_line("complaints_year", "-250 (-800 to -100)", STAYERS, "measured"),
        year_line("complaints_year_other", "-250 (-800 to -100)", BOTH, "measured"),
    ]
    assert said[-1] == (
        "After complaints fewer leave than would have left anyway: a year's complaints cost {complaints_year} if only those who are still "
        "there complain, and {complaints_year_other} if those who left complain too, a gain; which of the two is so, the log cannot tell. "
        + ONE
        % (STAYERS, BOTH)
    )


def test_a_year_about_zero_is_not_told_apart() -> None:
    found = {True: measured(-2.0, 6.0), False: measured(-2.0, 6.0, False)}
    assert seen(complaint_own_cost.own_costs(found, True, "EUR"))[-1] == (
        "Whether a year's complaints cost anything through the complainers' own purchases cannot be told from these data: "
        "{complaints_year} if those who left complain too, and {complaints_year_other} if only those who are still there complain; which "
        "of the two is so, the log cannot tell either. " + ONE % (BOTH, STAYERS)
    )


def test_where_the_answers_disagree_a_year_depends_on_who_complains() -> None:
    found = {True: measured(-2.0, 6.0), False: measured(6.0, 10.0, False, Interval(900.0, 500.0, 1300.0))}
    said = seen(complaint_own_cost.own_costs(found, True, "EUR"))
    assert said[6:8] == [
        year_line("complaints_year", "250 (-250 to 800)", BOTH, WHO),
        year_line("complaints_year_other", "900 (500 to 1300)", STAYERS, WHO),
    ]
    assert said[-1] == (
        "Whether a year's complaints cost anything through the complainers' own purchases depends on who complains, which the log cannot "
        "tell: {complaints_year} if those who left complain too, and {complaints_year_other} if only those who are still there complain. "
        + ONE
        % (BOTH, STAYERS)
    )


def test_a_value_is_measured_while_the_other_answer_moves_it_by_no_more_than_a_tenth() -> None:
    grades = []
    for other in (275.0, 276.0):
        found = {True: measured(2.0, 6.0, year=COST), False: measured(2.0, 6.0, False, Interval(other, 100.0, 800.0))}
        grades.append(complaint_own_cost.own_costs(found, True, "EUR").parts["complaints_year"].grade)  # type: ignore[union-attr]
    assert grades == ["measured", "assumed"]


def test_other_outcomes_stand_where_the_bad_one_cannot() -> None:
    assert seen(complaint_own_cost.own_costs({True: without_bad(), False: WHY}, True, "EUR")) == [
        f"complaint_cost = None | Cost of one dissatisfied complaint, through the complainer's own purchases | EUR | {FEW}",
        f"leave_chance = None | Leave at a dissatisfied complaint | share | {FEW}",
        f"leaver_value = None | What a complainer who leaves at it would have brought | EUR | {FEW}",
        f"complainer_value = None | What a dissatisfied complainer is worth just before the complaint | EUR | {FEW}",
        f"complaint_cost_other = None | Cost of one dissatisfied complaint, if {STAYERS} | EUR | {FEW}",
        f"complaints_a_year = None | Dissatisfied complaints a year | complaints | {FEW}",
        year_line("complaints_year", "250 (-250 to 800)", BOTH, "measured"),
        year_line("complaints_year_other", "None", STAYERS, WHY.why),
        COSTS + row(BOTH, "satisfied", "-2, -3, -1, -200"),
        "Whether a year's complaints cost anything through the complainers' own purchases cannot be told from these data: "
        "{complaints_year} if those who left complain too, and {complaints_year_other} if only those who are still there complain; which "
        "of the two is so, the log cannot tell either. What one dissatisfied complaint costs cannot be measured: {complaint_cost}. The "
        "year is of the outcomes that can be; the table shows them, under both answers.",
    ]


def test_without_a_log_no_cost_is_measured() -> None:
    assert seen(complaint_own_cost.own_costs({True: WHY, False: WHY}, True, "EUR")) == [
        f"complaint_cost = None | Cost of one dissatisfied complaint, through the complainer's own purchases | EUR | {WHY.why}",
        f"leave_chance = None | Leave at a dissatisfied complaint | share | {WHY.why}",
        f"leaver_value = None | What a complainer who leaves at it would have brought | EUR | {WHY.why}",
        f"complainer_value = None | What a dissatisfied complainer is worth just before the complaint | EUR | {WHY.why}",
        f"complaint_cost_other = None | Cost of one dissatisfied complaint, if {STAYERS} | EUR | {WHY.why}",
        f"complaints_a_year = None | Dissatisfied complaints a year | complaints | {WHY.why}",
        year_line("complaints_year", "None", BOTH, WHY.why),
        year_line("complaints_year_other", "None", STAYERS, WHY.why),
        "absent: There are no complaints: pass complaints=.",
    ]


def test_the_data_decide() -> None:
    assert seen(complaint_own_cost.published_share(WithPrior(Interval(0.11, 0.06, 0.17), 0.8, 0.03), PRIOR)) == [
        "leave_chance_with_prior = 0.11 (0.06 to 0.17) | Leave at a dissatisfied complaint, a published share counted as a prior | share",
        "With the published share as a prior (33%, give or take 15%, trusted with 80%; TARP 1981) the chance of leaving becomes "
        "{leave_chance_with_prior}: the data decide, and the prior brings 3% of what is known.",
    ]


def test_the_prior_decides() -> None:
    assert seen(complaint_own_cost.published_share(WithPrior(Interval(0.30, 0.06, 0.5), 0.8, 0.7), PRIOR)) == [
        "leave_chance_with_prior = 0.3 (0.06 to 0.5) | Leave at a dissatisfied complaint, a published share counted as a prior | share",
        "With the published share as a prior (33%, give or take 15%, trusted with 80%; TARP 1981) the chance of leaving becomes "
        "{leave_chance_with_prior}: the prior decides, and brings 70% of what is known.",
    ]


def test_without_a_log_there_is_no_prior_to_weigh() -> None:
    assert seen(complaint_own_cost.published_share(WHY, PRIOR)) == [
        "leave_chance_with_prior = None | Leave at a dissatisfied complaint, a published share counted as a prior | "
        "share | There are no complaints: pass complaints=.",
    ]


def test_recovery_helps_customers_who_were_alike() -> None:
    assert seen(complaint_own_cost.lever(recovery(0.1, 0.2), ALIKE, 0.5, "EUR")) == [
        *RECOVERED,
        PLACEBO % "-0.2 (-0.5 to 0.1)",
        "The chance to leave at a complaint is lower for a recovered complainer by {recovery_gap}, which is worth {recovery_value}. "
        "Before the "
        "complaint the two bought alike ({placebo:number} purchases of difference, {placebo:interval}), as they must if "
        "handling alone sets them apart.",
    ]


def test_recovery_seems_to_help_customers_who_were_not_alike() -> None:
    assert seen(complaint_own_cost.lever(recovery(0.1, 0.2), APART, 0.5, "EUR")) == [
        *RECOVERED,
        PLACEBO % "-0.6 (-0.9 to -0.3)",
        "The chance to leave at a complaint is lower for a recovered complainer by {recovery_gap}, which is worth {recovery_value}; but "
        "the two "
        "bought differently before the complaint ({placebo:number} purchases, {placebo:interval}), so that handling "
        "alone does not set them apart.",
    ]


def test_recovery_helps_and_nobody_knows_whether_they_were_alike() -> None:
    assert seen(complaint_own_cost.lever(recovery(0.1, 0.2), WHY, 0.25, "EUR")) == [
        ESTIMANDS,
        "recovery_gap = 15 (10 to 20) | Leave less often when recovered | points",
        "recovery_value = 6 (4 to 8) | Value of turning one dissatisfied complainer into a satisfied one | EUR | assumed "
        "| that outcomes differ by handling alone",
        "break_even_spend = 3 (2 to 4) | The most that one attempt at recovery may cost, if 25% succeed | EUR | assumed "
        "| chance that an attempt succeeds",
        "placebo = None | Purchases before the complaint, dissatisfied less satisfied (no effect can be there) | "
        "purchases | There are no complaints: pass complaints=.",
        "The chance to leave at a complaint is lower for a recovered complainer by {recovery_gap}, which is worth {recovery_value}. "
        "Whether the "
        "two bought alike before the complaint: {placebo}.",
    ]


def test_recovery_as_handled_keeps_nobody() -> None:
    assert seen(complaint_own_cost.lever(recovery(-0.2, -0.1), ALIKE, 0.5, "EUR")) == [
        ESTIMANDS,
        "recovery_gap = -15 (-20 to -10) | Leave less often when recovered | points",
        "recovery_value = -6 (-8 to -4) | Value of turning one dissatisfied complainer into a satisfied one | EUR | assumed "
        "| that outcomes differ by handling alone",
        "break_even_spend = -3 (-4 to -2) | The most that one attempt at recovery may cost, if 50% succeed | EUR | "
        "assumed | chance that an attempt succeeds",
        PLACEBO % "-0.2 (-0.5 to 0.1)",
        "Complainers who were recovered are likelier to leave than those who were not, by {recovery_gap} (below zero): "
        "recovery as it is handled now keeps nobody.",
    ]


def test_recovery_is_not_told_apart() -> None:
    assert seen(complaint_own_cost.lever(recovery(-0.1, 0.2), APART, 0.5, "EUR")) == [
        ESTIMANDS,
        "recovery_gap = 5 (-10 to 20) | Leave less often when recovered | points",
        "recovery_value = 2 (-4 to 8) | Value of turning one dissatisfied complainer into a satisfied one | EUR | assumed "
        "| that outcomes differ by handling alone",
        "break_even_spend = 1 (-2 to 4) | The most that one attempt at recovery may cost, if 50% succeed | EUR | assumed "
        "| chance that an attempt succeeds",
        PLACEBO % "-0.6 (-0.9 to -0.3)",
        "Whether recovered complainers are less likely to leave cannot be told from these data: by {recovery_gap}, worth {recovery_value}.",
    ]


def test_without_a_log_there_is_no_lever() -> None:
    assert seen(complaint_own_cost.lever(WHY, WHY, 0.5, "EUR")) == [
        ESTIMANDS,
        "recovery_gap = None | Leave less often when recovered | points | There are no complaints: pass complaints=.",
        "recovery_value = None | Value of turning one dissatisfied complainer into a satisfied one | EUR | There are no "
        "complaints: pass complaints=.",
        "break_even_spend = None | The most that one attempt at recovery may cost, if 50% succeed | EUR | There are no "
        "complaints: pass complaints=.",
        "placebo = None | Purchases before the complaint, dissatisfied less satisfied (no effect can be there) | "
        "purchases | There are no complaints: pass complaints=.",
        "absent: There are no complaints: pass complaints=.",
    ]


def test_a_trial_helps() -> None:
    assert seen(complaint_own_cost.trial(TrialSize(12.34, 47.0, 150.0, 60, 510.0), 3.0)) == [
        "next_study = a trial of recovery by lot, among dissatisfied complainers | What to learn next",
        "next_sample = 150 | For a verdict (power .8) | complainers in each arm",
        "profit_sample = 60 | For most profit (test and roll) | complainers in each arm",
        "A trial by lot, judged by what each complainer is expected to bring after it, needs {next_sample} for a verdict "
        "and {profit_sample} for most profit from the 510 dissatisfied complaints of the next 3 years; one complainer's "
        "value varies by 47, an attempt is expected to save 12.3.",
    ]


def test_a_trial_is_too_large() -> None:
    assert seen(complaint_own_cost.trial(TrialSize(3.0, 47.0, 3766.0, 85, 510.0), 3.0)) == [
        "next_study = a trial of recovery by lot, among dissatisfied complainers | What to learn next",
        "next_sample = 3766 | For a verdict (power .8) | complainers in each arm",
        "profit_sample = 85 | For most profit (test and roll) | complainers in each arm",
        "A verdict would need {next_sample}, more than the 510 dissatisfied complaints of the next 3 years: nobody "
        "should wait for one. Where an attempt costs about what it saves, trying {profit_sample} by lot and going on "
        "with what brought more after its cost gains most; it may well be the wrong one. One "
        "complainer's value varies by 47, an attempt is expected to save 3.0.",
    ]


def test_a_trial_of_nothing_has_no_size() -> None:
    assert seen(complaint_own_cost.trial(TrialSize(0.0, 47.0, float("inf"), 85, 510.0), 3.0)) == [
        "next_study = a trial of recovery by lot, among dissatisfied complainers | What to learn next",
        "next_sample = None | For a verdict (power .8) | complainers in each arm | nothing is expected of an attempt",
        "profit_sample = 85 | For most profit (test and roll) | complainers in each arm",
        "No attempt is expected to save anything, so no size leads to a verdict ({next_sample}). Try {profit_sample} by "
        "lot and go on with what brought more after its cost; one complainer's value varies by 47.",
    ]


def test_without_a_log_a_trial_has_no_size() -> None:
    assert seen(complaint_own_cost.trial(WHY, 3.0)) == [
        "next_study = a trial of recovery by lot, among dissatisfied complainers | What to learn next",
        "next_sample = None | For a verdict (power .8) | complainers in each arm | There are no complaints: pass complaints=.",
        "profit_sample = None | For most profit (test and roll) | complainers in each arm | There are no complaints: pass complaints=.",
        "absent: There are no complaints: pass complaints=.",
    ]


def test_a_figure_says_that_it_costs() -> None:
    assert seen(drawn(measured(2.0, 6.0))) == [
        "costs: If those who left complain too, a dissatisfied complaint costs something: more leave at it than would have left anyway | "
        "Cost of one complaint through the complainer's own purchases, by outcome, with 95 % intervals; below zero is a gain. | Cost "
        "of one complaint. satisfied: cost -2, lower -3, upper -1; dissatisfied: cost 4, lower 2, upper 6.",
    ]


def test_a_figure_says_that_it_is_a_gain() -> None:
    assert seen(drawn(measured(-6.0, -2.0))) == [
        "costs: If those who left complain too, fewer leave after a dissatisfied complaint than would have left anyway | Cost of one "
        "complaint through the complainer's own purchases, by outcome, with 95 % intervals; below zero is a gain. | Cost of one complaint. "
        "satisfied: cost -2, lower -3, upper -1; dissatisfied: cost -4, lower -6, upper -2.",
    ]


def test_a_figure_says_that_it_is_not_told_apart() -> None:
    assert seen(drawn(measured(-2.0, 6.0))) == [
        "costs: If those who left complain too, what a dissatisfied complaint costs is not told apart from nothing | Cost of one complaint "
        "through the complainer's own purchases, by outcome, with 95 % intervals; below zero is a gain. | Cost of one complaint. "
        "satisfied: cost -2, lower -3, upper -1; dissatisfied: cost 2, lower -2, upper 6.",
    ]


def test_a_figure_shows_what_can_be_measured() -> None:
    assert seen(drawn(without_bad())) == [
        "costs: What complaints cost, where it can be measured | Cost of one complaint through the complainer's own "
        "purchases, by outcome, with 95 % intervals; below zero is a gain. | Cost of one complaint. satisfied: cost -2, "
        "lower -3, upper -1.",
    ]


def test_what_is_absent_is_said_once() -> None:
    for finding in (
        complaint_own_cost.own_costs({True: WHY, False: WHY}, True, "EUR"),
        complaint_own_cost.lever(WHY, WHY, 0.5, "EUR"),
        complaint_own_cost.trial(WHY, 3.0),
    ):
        assert finding.absent == WHY


def test_what_is_assumed_of_leaving_is_said_with_its_source_and_grade() -> None:
    who, *rest = complaint_own_cost.assumed_of_leaving(True, PRIOR)
    assert who == ("who complains", "those who left complain too", "parameter; the log cannot tell", "assumed")
    assert rest == [
        ("a published chance to leave, as a prior", "33%, give or take 15%", "TARP 1981", "published"),
        ("trust in that prior", "80%; the rest is spread about no effect by 50%", "parameter", "assumed"),
        (
            "how the chance to leave at a complaint goes with the customer's own chance to leave",
            "power 0.5, give or take 0.5, before the data speak (0: the same for all; 1: in proportion)",
            "this report; learned with all else",
            "assumed",
        ),
    ]
    other, *same = complaint_own_cost.assumed_of_leaving(False, PRIOR)
    assert other == ("who complains", "only those who are still there complain", "parameter; the log cannot tell", "assumed")
    assert same == rest
