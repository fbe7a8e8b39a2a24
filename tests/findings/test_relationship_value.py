"""What the relationship report says of its tables, of the worth of each lever, and of all together, stated in full."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from tests.findings.told import told

from goodwill.findings.finding import Absent
from goodwill.findings.relationship import relationship_value as says
from goodwill.inference.uncertainty import Interval
from goodwill.relationship import Answers, Attribution, GroupedAnswers, Joined, Lever

NONE = Absent("There are no answers: pass survey=.")
NO_LOG = Absent("There are no complaints: pass complaints=.")
OF_THESE = (
    "All of it is what is to be expected of these customers, each as she really is: the intervals hold what her history leaves open of "
    "that, and not the luck of the coming year."
)
UP, DOWN, FLAT = Interval(2.0, 1.0, 3.0), Interval(-2.0, -3.0, -1.0), Interval(0.5, -1.0, 2.0)


def lever(name: str, worth: Interval, grade: str = "association") -> Lever:
    return Lever(name, "one unit", worth, 100.0, Interval(*(100 * end for end in worth)), -0.1, grade)


def said(name: str, worth: Interval | Absent) -> str:
    each = worth if isinstance(worth, Absent) else lever(name, worth)
    return told(says.levers({name: each}, "EUR"))[-1].removesuffix("\n\n" + OF_THESE)


def test_rows_that_could_be_joined_are_counted() -> None:
    answers = Answers(pd.Series(dtype=float), (1, 2), date(2025, 6, 30), Joined("survey", 1_200, 1_100, 90, 10))
    assert told(says.joined(answers, Joined("complaints", 300, 290, 8, 2))) == [
        "joined | Rows that could be joined with the purchases | table, rows, of customers, never bought: left out, bought only "
        "later: left out",
        "answers_joined | Answers of customers | 1100 answers",
        "1,100 of 1,200 answers are of customers who had bought by 2025-06-30; the others are counted and left out. "
        "290 of 300 complaints are of customers who had bought; the others are counted and left out.",
    ]


def test_answers_joined_by_group_are_said_to_be() -> None:
    means = pd.DataFrame({"segment": ["north", "south"], "mean": [2.0, 4.0], "answers": [30, 40]})
    grouped = GroupedAnswers(pd.Series({"1": 0, "2": 1}), means, 1.0, date(2025, 6, 30), Joined("survey", 90, 70, 20, 0))
    assert told(says.joined(grouped, NO_LOG))[-1] == (
        "The survey knows no customers, but groups of them: 70 of 90 answers are of groups with customers here, and each customer stands "
        "with the mean answer of her group. That groups leave differently for no other reason is assumed. "
        "Complaints cannot be joined with purchases: There are no complaints: pass complaints=."
    )


def test_tables_that_are_not_there_are_named() -> None:
    assert told(says.joined(NONE, NO_LOG)) == [
        "answers_joined | Answers of customers | none answers: There are no answers: pass survey=.",
        "Answers cannot be joined with purchases: There are no answers: pass survey=. "
        "Complaints cannot be joined with purchases: There are no complaints: pass complaints=.",
    ]


@pytest.mark.parametrize(
    ("there", "title", "fed"),
    [
        (("purchases", "survey", "complaint log", "trial by lot"), "Every number has its record", 7),
        (("purchases", "survey"), "Some numbers have no record: what stands in is written in grey", 3),
        ((), "No number has its record", 0),
    ],
)
def test_the_picture_of_the_links_says_what_is_missing(there: tuple[str, ...], title: str, fed: int) -> None:
    records = {name: name if name in there else NONE for name in ("purchases", "survey", "complaint log", "trial by lot")}
    drawn, number = told(says.links(records))
    assert drawn.startswith(
        f"links | {title} | Which record feeds which number; grey and dashed is what is missing, with what stands in. |"
    )
    assert number == f"numbers_fed | Numbers that have their records | {fed} of 8"


def test_levers_stand_with_units_totals_and_what_they_rest_on() -> None:
    found = {"satisfaction": lever("satisfaction", UP), "retention": lever("retention", UP, "model"), "recovery": NO_LOG}
    assert told(says.levers(found, "EUR"))[:7] == [
        "satisfaction_point | One point of satisfaction, per customer | 2 [1, 3] EUR | grade assumed | weakest that the association "
        "is an effect",
        "satisfaction_total | One point of satisfaction, all customers | 200 [100, 300] EUR | grade assumed | weakest that the "
        "association is an "
        "effect",
        "retention_point | One percentage point of retention, per customer | 2 [1, 3] EUR | grade measured",
        "retention_total | One percentage point of retention, all customers | 200 [100, 300] EUR | grade measured",
        "recovered_complaint | One recovered complaint | none EUR: There are no complaints: pass complaints=.",
        "recovery_total | All dissatisfied complaints recovered | none EUR: There are no complaints: pass complaints=.",
        "levers | What a unit of each lever is worth, and all units within the horizon (EUR; 95 % intervals) | lever, unit, worth, "
        "worth, low, "
        "worth, high, units, total, low, high, rests on | {'worth': '{:,.3g}', 'worth, low': '{:,.3g}', 'worth, high': '{:,.3g}', 'units': "
        "'{:,.0f}', 'total': '{:,.0f}', 'low': '{:,.0f}', 'high': '{:,.0f}'}",
    ]


def test_a_lever_whose_lots_were_drawn_is_measured_and_has_no_weakest_input() -> None:
    parts = says.levers({"recovery": lever("recovery", UP, "effect")}, "EUR").parts
    assert {(part.grade, part.weakest) for name, part in parts.items() if name.startswith("recovery")} == {("measured", None)}
    parts = says.levers({"recovery": lever("recovery", UP)}, "EUR").parts
    told_of = {(part.grade, part.weakest) for name, part in parts.items() if name.startswith("recovery")}
    assert told_of == {("assumed", "that the association is an effect")}


def test_answer_times_have_an_hour_and_a_day() -> None:
    assert told(says.levers({"answer time": NO_LOG}, "EUR"))[:2] == [
        "faster_hour | One hour faster first answer, per complaint | none EUR: There are no complaints: pass complaints=.",
        "answer_total | Every first answer a day faster | none EUR: There are no complaints: pass complaints=.",
    ]


def test_what_a_point_of_satisfaction_is_worth() -> None:
    assert said("satisfaction", UP) == (
        "**Satisfaction.** One point more is worth {satisfaction_point} a customer, {satisfaction_total} in all, if satisfaction "
        "keeps them."
    )
    assert said("satisfaction", DOWN) == (
        "**Satisfaction.** The more satisfied leave more often here: one point more would cost {satisfaction_point} a customer, "
        "{satisfaction_total} in all. Look for what sets them apart before anything is done."
    )
    assert said("satisfaction", FLAT) == (
        "**Satisfaction.** Whether one point more is worth anything is not told apart from nothing: {satisfaction_point} a customer, "
        "{satisfaction_total} in all."
    )
    assert said("satisfaction", NONE) == "**Satisfaction.** What a point is worth is not known: {satisfaction_point}."


def test_what_a_recovered_complaint_is_worth() -> None:
    assert said("recovery", UP) == (
        "**Recovery.** A dissatisfied complaint turned into a satisfied one is worth {recovered_complaint}, all of them {recovery_total}, "
        "if it is how a complaint ends that keeps them."
    )
    assert said("recovery", DOWN) == (
        "**Recovery.** Recovered complainers leave more often than others here: {recovered_complaint} a complaint, {recovery_total} in all."
    )
    assert said("recovery", FLAT) == (
        "**Recovery.** What turning a dissatisfied complaint into a satisfied one is worth is not told apart from nothing: "
        "{recovered_complaint}, all of them {recovery_total}."
    )
    hangs = lever("recovery", FLAT)._replace(hangs=True)
    assert told(says.levers({"recovery": hangs}, "EUR"))[-1] == (
        "**Recovery.** What turning a dissatisfied complaint into a satisfied one is worth hangs on whether those who left at a purchase "
        "complain too, which no log tells: {recovered_complaint}, all of them {recovery_total}; their intervals reach over both answers."
        f"\n\n{OF_THESE}"
    )


def test_where_customers_leave_at_any_time_a_complaint_is_said_to_be_blamed_for_it() -> None:
    doubted = {"recovery": lever("recovery", UP)._replace(at_any_time=True)}
    blamed = (
        f"{said('recovery', UP)} These purchases fit customers who leave at any time better than customers who leave at purchases and "
        "complaints. Who left some time after a complaint is then taken to have left at it, so that these numbers are too high: in "
        "simulated companies of that kind about twice the truth."
    )
    assert told(says.levers(doubted, "EUR"))[-1] == f"{blamed}\n\n{OF_THESE}"
    assert told(says.in_short(doubted, "**Plan.** None.", "EUR"))[-1] == f"{blamed}\n\n**Plan.** None."


def test_of_whom_it_is_said_stands_below_levers_that_are_known_alone() -> None:
    assert told(says.levers({"recovery": lever("recovery", UP)}, "EUR"))[-1].endswith(f"\n\n{OF_THESE}")
    assert OF_THESE not in told(says.levers({"recovery": NO_LOG}, "EUR"))[-1]


def test_a_complaint_that_is_not_known_has_no_worth() -> None:
    assert said("recovery", NO_LOG) == "**Recovery.** What it is worth is not known: {recovered_complaint}."


def test_what_a_faster_answer_is_worth() -> None:
    assert said("answer time", UP) == (
        "**Speed.** One hour less to the first answer is worth {faster_hour} a complaint; a day less for all is worth {answer_total}."
    )
    assert said("answer time", DOWN) == (
        "**Speed.** Who is answered sooner leaves more often here: {faster_hour} an hour and complaint, {answer_total} for a day less"
        " for all."
    )
    assert said("answer time", FLAT) == (
        "**Speed.** Whether a faster first answer keeps anybody is not told apart from nothing: {faster_hour} an hour and complaint, "
        "{answer_total} for a day less for all."
    )
    assert said("answer time", NO_LOG) == "**Speed.** What a faster answer is worth is not known: {faster_hour}."


def test_what_keeping_one_in_a_hundred_is_worth() -> None:
    assert said("retention", UP) == (
        "**Retention.** One customer in a hundred kept, by whatever means, is worth {retention_point} a customer, {retention_total} in all."
    )
    assert said("retention", DOWN) == (
        "**Retention.** Who is kept brings nothing here: {retention_point} a customer, {retention_total} in all."
    )
    assert said("retention", FLAT) == (
        "**Retention.** What keeping one in a hundred is worth is not told apart from nothing: {retention_point}, in all {retention_total}."
    )
    assert said("retention", NONE) == "**Retention.** What keeping one in a hundred is worth is not known: {retention_point}."


def test_telling_is_a_range_or_is_not_valued() -> None:
    assert told(says.told(UP, "EUR")) == [
        "recovery_told | Through what one recovered complainer tells others | 2 [1, 3] EUR | grade assumed | weakest choices changed "
        "per hearing",
        "Through what complainers tell others a recovery is worth {recovery_told} more: the mean of all that published counts and assumed "
        "conversions leave open (a range that holds 90 % of the answers, not an interval); where levers are moved together it is a path "
        "of its own, and its range is in their intervals.",
    ]
    assert told(says.told(UP, "EUR", conversions_known=True)) == [
        "recovery_told | Through what one recovered complainer tells others | 2 [1, 3] EUR | grade assumed | weakest choices that decide "
        "on a customer",
        "Through what complainers tell others a recovery is worth {recovery_told} more: the mean of all that published counts leave open, "
        "with the conversions that a trial told (a range that holds 90 % of the answers, not an interval); where levers are moved together "
        "it is a path of its own, and its range is in their intervals.",
    ]
    assert says.told(UP, "EUR").parts["recovery_told"].level == 0.9
    assert told(says.told(NONE, "EUR")) == [
        "recovery_told | Through what one recovered complainer tells others | none EUR: There are no answers: pass survey=.",
        "What complainers tell others is not valued: {recovery_told}.",
    ]


def shared(interaction: float) -> Attribution:
    table = pd.DataFrame([["satisfaction", 10.0, 10.0, 0.0, 9.0, 8.0]], columns=["lever", "alone", "kept", "told", "part", "last_in"])
    return Attribution(table, UP, interaction)


def test_levers_together_overlap_or_help_each_other() -> None:
    found = told(says.together(shared(-1.0), "EUR"))
    assert found[:2] == [
        "all_levers | All levers together | 2 [1, 3] EUR | grade assumed | weakest that the associations are effects",
        "interaction | Together less the sum of each alone | 1 EUR",
    ]
    assert "| The levers overlap a little: together they bring less than the sum of each alone |" in found[3]
    assert found[-1] == (
        "Moved together the levers bring {all_levers}, by {interaction} less than the sum of each alone: who is kept twice is kept once."
    )
    found = told(says.together(shared(1.0), "EUR"))
    assert "| The levers help each other: together they bring more than the sum of each alone |" in found[3]
    assert found[-1] == (
        "Moved together the levers bring {all_levers}, by {interaction} more than the sum of each alone: who is kept meets the others too."
    )
    assert told(says.together(NONE, "EUR"))[-1] == "absent: There are no answers: pass survey=."


def test_in_short_has_a_sentence_for_each_lever_and_the_plan() -> None:
    found = told(says.in_short({"satisfaction": lever("satisfaction", UP), "recovery": NO_LOG}, "**Plan.** None.", "EUR"))
    assert "| Levers that customers were seen to answer to: satisfaction |" in found[0]
    assert found[1].split("\n\n") == [said("satisfaction", UP), said("recovery", NO_LOG), "**Plan.** None."]
    flat = told(says.in_short({"recovery": lever("recovery", FLAT)}, "", "EUR"))
    assert "| No lever that customers were seen to answer to is told apart from nothing |" in flat[0]
    assert told(says.in_short({"recovery": NO_LOG}, "", "EUR")) == ["absent: There are no complaints: pass complaints=."]


def test_a_truth_that_is_known_stands_in_the_figure() -> None:
    drawn = says.drawing({"recovery": lever("recovery", UP)}, "EUR", {"recovery": 150.0})
    assert drawn.words == "Totals. recovery: total 200, lower 100, upper 300, truth 150."


def test_audits_of_all_tables_stand_in_one() -> None:
    one: Any = SimpleNamespace(audit=pd.DataFrame({"rule": ["rows read"], "rows": [3]}), source="a.csv")
    assert told(says.audits(one, NONE)) == ["audit | What the reading of each table found and did | table, rule, rows"]
    assert told(says.audits(NONE)) == ["absent: There are no answers: pass survey=."]


def test_assumptions_have_values_and_grades() -> None:
    chosen: dict[str, Any] = {"lasting": 0.8, "lasting_within": 0.1, "leaning": 0.0, "fades": 70.0, "leavers_complain": True}
    money = {"loss_per_hearing": 0.02, "gain_per_hearing": 0.01, "margin": 0.3, "discount_rate": 0.15}
    rows = says.assumptions(Interval(0.66, 0.49, 0.83), **chosen, **money)
    assert rows[0][1] == "0.66, range 0.49 to 0.83"
    assert rows[1][1] == "80%, range 10 points either way"
    assert {row[3] for row in rows} == {"assumed"}
    wide = says.assumptions(
        NONE, **(chosen | {"lasting_within": 0.6}), **(money | {"loss_per_hearing": 0.12345, "gain_per_hearing": 0.98765})
    )
    assert wide[1][1] == "80%, range 60 points either way" and wide[5][1] == "0.123; 0.988"
    assert says.assumptions(NONE, **chosen, **money)[0][1] == "no survey"
