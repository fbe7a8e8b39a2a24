"""What the relationship report says of its model, of hidden causes, and of the truth where it is known, stated in full."""

from types import SimpleNamespace
from typing import Any

import pytest
from tests.findings.told import told

from goodwill.findings.finding import Absent
from goodwill.findings.relationship import relationship_evidence as says
from goodwill.findings.relationship.relationship_value import LABELS
from goodwill.inference.uncertainty import Interval
from goodwill.relationship import Benchmark, Lever, MoneyAssociation

NONE = Absent("There are no answers: pass survey=.")
UP, DOWN, FLAT = Interval(2.0, 1.0, 3.0), Interval(-2.0, -3.0, -1.0), Interval(0.5, -1.0, 2.0)
RHO = Interval(0.66, 0.49, 0.83)


def fit(slope: Interval, gone: Interval, recent: dict[str, Interval] | None = None) -> Any:
    return SimpleNamespace(slope=slope, gone=gone, point_in_spreads=0.5, recent=recent or {})


def test_how_satisfaction_goes_with_leaving() -> None:
    found = told(says.dropout(fit(DOWN, DOWN, {"purchase": FLAT}), RHO))
    assert found[:4] == [
        "dropout_slope | Leaving after a purchase, per point of the answer | -1 [-1.5, -0.5] log odds",
        "answered_after_leaving | Answering, of those who have left | -2 [-3, -1] log odds",
        "lasting_reliability | Share of the variance of an answer that is lasting satisfaction | 0.66 [0.49, 0.83] share | grade "
        "assumed | weakest "
        "share that lasts",
        "just_happened | What has just happened adds to an answer, until it fades (points; 95 % intervals) | just happened, points, "
        "low, high | "
        "{'points': '{:+.2f}', 'low': '{:+.2f}', 'high': '{:+.2f}'}",
    ]
    assert found[4] == (
        "The more satisfied leave less often: per point of the answer the log odds of leaving after a purchase move by "
        "{dropout_slope:number} "
        "({dropout_slope:interval}). Who has left answers less often (log odds {answered_after_leaving:number}); the model allows for it."
    )
    assert told(says.dropout(fit(UP, UP), RHO))[-1] == (
        "The more satisfied leave more often: per point of the answer the log odds of leaving after a purchase move by "
        "{dropout_slope:number} "
        "({dropout_slope:interval}). Who has left answers more often (log odds {answered_after_leaving:number}); the model allows for it."
    )
    assert told(says.dropout(fit(FLAT, FLAT), RHO))[-1] == (
        "Whether the more satisfied leave less often cannot be told: per point of the answer the log odds of leaving after a purchase"
        " move by "
        "{dropout_slope:number} ({dropout_slope:interval}). Whether who has left answers less often cannot be told (log odds "
        "{answered_after_leaving:number})."
    )
    for absent in ((NONE, RHO), (fit(UP, UP), NONE)):
        assert told(says.dropout(*absent))[-1] == "absent: There are no answers: pass survey=."


def money(per_point: Interval) -> MoneyAssociation:
    return MoneyAssociation(per_point, 2.0, 400.0, 0.1, 0.02, Benchmark(0.01, 0.05, 1.2345), 400, 26.0)


def test_money_after_an_answer_and_what_would_undo_it() -> None:
    found = told(says.money(money(UP), "EUR"))
    assert found[:2] == [
        "money_per_point | Later money per point of the answer | 2 [1, 3] EUR | grade measured",
        "robustness | Robustness value | 0.1 share",
    ]
    assert found[2] == (
        "hidden_causes | How strong a hidden cause would have to be (share of the residual variance) | a hidden cause, of answers, of "
        "money | {'of answers': '{:.1%}', 'of money': '{:.1%}'}"
    )
    assert says.money(money(UP), "EUR").parts["hidden_causes"].frame.to_numpy().tolist() == [
        ["to undo the estimate, explains of both at least", 0.1, 0.1],
        ["until it is not told from nothing, explains of both at least", 0.02, 0.02],
        ["as strong as past spend", 0.01, 0.05],
    ]
    assert found[-1] == (
        "In the 26 weeks after the survey a point more went with {money_per_point} more a customer, past spend and past purchases "
        "held equal. To "
        "undo it a hidden cause would have to explain {robustness} of what is left of both answers and money; one as strong as past "
        "spend would "
        "leave 1.23."
    )
    assert told(says.money(money(DOWN), "EUR"))[-1] == (
        "In the 26 weeks after the survey a point more went with less money, past spend and past purchases held equal: "
        "{money_per_point}. To undo "
        "it a hidden cause would have to explain {robustness} of what is left of both answers and money; one as strong as past spend "
        "would leave "
        "1.23."
    )
    assert told(says.money(money(FLAT), "EUR"))[-1] == (
        "Whether a point more went with more money in the 26 weeks after the survey, past spend and past purchases held equal, cannot"
        " be told: "
        "{money_per_point}. A hidden cause that explains {robustness} of what is left of both would undo it."
    )
    assert told(says.money(NONE, "EUR"))[-1] == "absent: There are no answers: pass survey=."


def test_the_risk_to_leave_by_the_end_of_a_complaint() -> None:
    assert told(says.risk(UP, (3.4, 1.5))) == [
        "risk_of_leaving | Risk to leave, dissatisfied against satisfied | 2 [1, 3] times",
        "e_value | E-value | 3.4 risk ratio",
        "e_value_near | E-value of the interval | 1.5 risk ratio",
        "After a dissatisfied complaint the risk to leave is {risk_of_leaving:number} times that after a satisfied one "
        "({risk_of_leaving:interval}), not told apart from once.",
    ]
    assert told(says.risk(Interval(2.0, 1.2, 3.0), (3.4, 1.7)))[-1] == (
        "After a dissatisfied complaint the risk to leave is {risk_of_leaving:number} times that after a satisfied one "
        "({risk_of_leaving:interval}). To explain that away a hidden cause would have to go with both by a risk ratio of "
        "{e_value:number} (of "
        "{e_value_near:number} to reach the interval)."
    )
    for absent in ((NONE, (1.0, 1.0)), (UP, NONE)):
        assert told(says.risk(*absent))[-1] == "The risk to leave by the end of a complaint is not known: {risk_of_leaving}."


@pytest.mark.parametrize(
    ("true", "sentence"),
    [
        (1.0, "On this simulated company, whose truth is known, every interval holds the truth of its lever."),
        (3.0, "On this simulated company, whose truth is known, every interval holds the truth of its lever."),
        (2.5, "On this simulated company, whose truth is known, every interval holds the truth of its lever."),
        (9.0, "On this simulated company, whose truth is known, 0 of 1 intervals hold the truth of their lever."),
    ],
)
def test_a_truth_stands_beside_what_the_records_say(true: float, sentence: str) -> None:
    lever = Lever("recovery", "one complaint", UP, 10.0, UP, -0.1, "association")
    found = says.truth({"recovery": lever, "satisfaction": NONE}, {"recovery": true}, "EUR")
    table, said = told(found)
    assert table == (
        "truth | Worth of one unit: the truth of the simulated company beside what its records say (EUR) | lever, truth, estimate, low, "
        "high, held | {'truth': '{:,.3g}', 'estimate': '{:,.3g}', 'low': '{:,.3g}', 'high': '{:,.3g}'}"
    )
    held = "no" if true > 3 else "yes"
    assert found.parts["truth"].frame.to_numpy().tolist() == [[LABELS["recovery"], true, 2.0, 1.0, 3.0, held]]
    assert said == sentence


def test_of_a_company_of_ones_own_nothing_is_said_of_a_truth() -> None:
    assert told(says.truth({}, NONE, "EUR")) == []


def test_both_answers_to_who_complains_are_shown() -> None:
    found = {who: Lever("recovery", "one", worth, 1.0, worth, 0.0, "association") for who, worth in ((True, UP), (False, FLAT))}
    shown = "recovered_otherwise | One recovered complaint, if the other answer holds to who complains | "
    assert told(says.either_way(found, found[True], True, "EUR")) == [
        shown + "0.5 [-1, 2] EUR | grade assumed | weakest who complains",
        "No log tells whether those who left at a purchase complain too. This report takes it that they do; if they do not, a recovered "
        "complaint is worth {recovered_otherwise}, and the verdict is the same.",
    ]
    assert told(says.either_way(found, found[False]._replace(hangs=True), False, "EUR")) == [
        shown + "2 [1, 3] EUR | grade assumed | weakest who complains",
        "No log tells whether those who left at a purchase complain too. This report takes it that they do not; if they do, a recovered "
        "complaint is worth {recovered_otherwise}, and the verdict is another one: the interval above reaches over both.",
    ]
    assert told(says.either_way({True: NONE, False: NONE}, NONE, True, "EUR")) == [shown + "none EUR: There are no answers: pass survey=."]


def test_the_other_answer_is_not_known_where_it_or_the_lever_is_missing() -> None:
    known, few = Lever("recovery", "one complaint", UP, 10.0, UP, -0.1, "association"), Absent("Too few complaints.")
    one_way = says.either_way({True: known, False: few}, known, True, "EUR")
    no_lever = says.either_way({True: known, False: known}, few, True, "EUR")
    for found in (one_way, no_lever):
        (value,) = found.parts.values()
        assert (value.value, value.reason, found.text) == (None, "Too few complaints.", "")
    both = says.either_way({True: known, False: few}, NONE, True, "EUR")
    assert [each.reason for each in both.parts.values()] == ["Too few complaints."]
