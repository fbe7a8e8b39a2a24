"""All that the relationship report shows of links, levers together and assumptions, to the last word."""

from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from tests.findings.test_relationship_value import FLAT, NO_LOG, NONE, UP, lever, shared
from tests.findings.told import told

from goodwill.findings.relationship import relationship_value as says
from goodwill.inference.uncertainty import Interval
from goodwill.relationship import RECORDS

CHOSEN: dict[str, Any] = {"lasting": 0.8, "lasting_within": 0.2, "leaning": 0.0, "fades": 70.0, "leavers_complain": True}
MONEY = {"loss_per_hearing": 0.02, "gain_per_hearing": 0.01, "margin": 0.3, "discount_rate": 0.15}


def test_what_feeds_each_number_stands_in_words() -> None:
    records = {name: name if name in ("purchases", "survey") else NONE for name in RECORDS}
    assert told(says.links(records))[0] == (
        "links | Some numbers have no record: what stands in is written in grey | Which record feeds which number; grey and dashed is what "
        "is missing, with what stands in. | Numbers and what feeds them. what customers bring, and who is there: needs purchases; "
        "what keeping one in a hundred is worth: needs purchases; how satisfaction goes with leaving: needs "
        "purchases + survey; how the end of a complaint goes with leaving: needs purchases + complaint log, stands in nothing: "
        "the lever is left out; how waiting for an answer goes with leaving: needs purchases + complaint log, stands in nothing: the lever "
        "is left out; what a complaint does to satisfaction: needs survey + complaint log, stands in nothing: it is left in the error of "
        "answers; what is told, and what hearing does: needs no record, stands in published counts, assumed conversions; what an action "
        "brings, as effect: needs trial by lot, stands in break-even shares of association."
    )


def test_levers_are_told_in_paragraphs() -> None:
    found = says.levers({"satisfaction": lever("satisfaction", UP), "recovery": NO_LOG}, "EUR")
    assert found.text == (
        "**Satisfaction.** One point more is worth {satisfaction_point} a customer, {satisfaction_total} in all, if satisfaction keeps "
        "them.\n\n**Recovery.** What it is worth is not known: {recovered_complaint}.\n\nAll of it is what is to be expected of these "
        "customers, each as she really is: the intervals hold what her history leaves open of that, and not the luck of the coming year."
    )


def test_the_table_and_the_figure_of_levers_together() -> None:
    assert told(says.together(shared(-1.0), "EUR"))[2:4] == [
        "lever_parts | Each lever alone and by its paths, its part of all together (Shapley), and what it adds as the last one (EUR) | "
        "lever, alone, alone: own purchases, alone: told, part, last in | {'alone': '{:,.0f}', 'alone: own purchases': '{:,.0f}', "
        "'alone: told': '{:,.0f}', 'part': '{:,.0f}', 'last in': '{:,.0f}'}",
        "parts | The levers overlap a little: together they bring less than the sum of each alone | Each lever moved alone, its part of "
        "what all bring together, and what it adds when all others are moved already. | Levers. satisfaction: alone 10, part 9, last in 8.",
    ]
    assert told(says.together(NONE, "EUR"))[:2] == [
        "all_levers | All levers together | none EUR: There are no answers: pass survey=.",
        "interaction | Together less the sum of each alone | none EUR: There are no answers: pass survey=.",
    ]


@pytest.mark.slow
def test_levers_that_do_not_meet_bring_the_sum_of_each() -> None:
    for nothing in (0.0, 1.5e-9, -1.5e-9):  # of 2, rounding alone
        found = told(says.together(shared(nothing), "EUR"))
        assert found[3].startswith("parts | The levers do not meet: together they bring the sum of each alone | Each lever moved alone")
        assert found[-1] == "Moved together the levers bring {all_levers}, as much as the sum of each alone."
    for little, word in ((3e-9, "more"), (-3e-9, "less")):
        assert f", by {{interaction}} {word} than the sum" in told(says.together(shared(little), "EUR"))[-1]


def test_the_figure_in_short_names_the_levers_that_are_told_apart() -> None:
    levers = {"satisfaction": lever("satisfaction", UP), "recovery": lever("recovery", UP)}
    assert told(says.in_short(levers, "**Plan.** None.", "EUR"))[0] == (
        "lever_totals | Levers that customers were seen to answer to: satisfaction, recovery | What all units of each lever bring within "
        "the horizon, with 95 % intervals: one point of satisfaction for all, every dissatisfied complaint recovered, every first answer a "
        "day faster, one customer in a hundred kept. | Totals. satisfaction: total 200, lower 100, upper 300; recovery: total 200, lower "
        "100, upper 300."
    )
    levers |= {"retention": lever("retention", UP, "model"), "answer time": lever("answer time", FLAT)}
    levers["recovery"] = levers["recovery"]._replace(hangs=True)
    assert told(says.in_short(levers, "", "EUR"))[0].startswith(
        "lever_totals | Levers that customers were seen to answer to: satisfaction | "
    )


def test_each_assumption_has_its_value_and_its_source() -> None:
    assert says.assumptions(Interval(0.66, 0.49, 0.83), **CHOSEN, **MONEY) == [
        (
            "share of the variance of an answer that is lasting satisfaction",
            "0.66, range 0.49 to 0.83",
            "items of the survey; share that lasts",
            "assumed",
        ),
        ("share of what is felt on a day that lasts", "80%, range 20 points either way", "parameters", "assumed"),
        ("log odds of answering per standard deviation of satisfaction", "0", "parameter; no record tells it", "assumed"),
        ("mean time in which what has just happened fades from an answer", "70 days", "parameter", "assumed"),
        ("who complains", "those who left complain too", "parameter; the log cannot tell", "assumed"),
        (
            "purchase choices lost and won per hearing",
            "0.02; 0.01",
            "parameters: the most plausible, of ranges from nothing up",
            "assumed",
        ),
        ("share of an association that is effect", "none is assumed; plans show several", "trials by lot alone tell it", "assumed"),
        ("profit per unit of spend; what waiting a year costs", "30%; 15%", "parameters", "assumed"),
    ]
    known = says.assumptions(NONE, **CHOSEN, **MONEY, conversions_known=True)
    assert known[5][1:] == ("0.02; 0.01", "parameters: known from a trial", "measured")
    other = says.assumptions(NONE, **(CHOSEN | {"leavers_complain": False}), **MONEY)
    assert (other[0][1], other[4][1]) == ("no survey", "only those who are still there complain")


def test_audits_of_three_tables_are_shown_whole() -> None:
    one: Any = SimpleNamespace(audit=pd.DataFrame({"rule": ["rows read"] * 20, "rows": 3}), source="a.csv")
    table = says.audits(one, one, one).parts["audit"]
    assert (len(table.frame), table.max_rows) == (60, 60)
