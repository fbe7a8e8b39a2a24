"""The words of notebook 01 in `value_holders`, each reached from data."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.drawn import title

from goodwill.findings.finding import Absent, Finding, Table, Value, missing
from goodwill.findings.purchases import value_holders as said
from goodwill.inference.uncertainty import Interval
from goodwill.lifetime_value.evidence.tenths import Tenths
from goodwill.lifetime_value.value import ValueTerms

ABSENT = Absent("Nobody came back.")
TERMS = ValueTerms(52.0, 0.3, 0.15, "week")


VALUE = pd.DataFrame({"value": [2.0, 4.0]})
HELD_BY = pd.DataFrame({"customers": ["top 10%"], "expected value": [0.62], "past spend": [0.7]})
CURVE = (np.array([0.0, 0.1, 1.0]), np.array([0.0, 0.62, 1.0]))
SPENT = (np.array([0.0, 0.1, 1.0]), np.array([0.0, 0.7, 1.0]))


def test_the_top_tenth_holds_a_share() -> None:
    finding = said.holders(0.62, HELD_BY, (CURVE, SPENT))
    assert finding.text == (
        "The top tenth hold {top_decile_share} of the expected value. That is a share of expectations; below stands how such a share fared."
    )
    share, drawing = finding.parts.values()
    assert list(finding.parts) == ["top_decile_share", "concentration"]
    assert share == Value(0.62, "Share of the expected value with the top tenth of customers", "share")
    assert title(drawing.figure) == "The top 10% of customers hold 62% of the expected value"
    assert (
        drawing.caption == "Cumulative share of expected value, and of past spend on repeat purchases, each sorted from the highest down."
    )
    assert drawing.words == "Share held by the top customers. top 10%: expected value 0.62, past spend 0.7."
    drawn = {line.get_label(): line.get_xydata()[1].tolist() for line in drawing.figure.axes[0].get_lines()[:2]}
    assert drawn == {"expected value": [0.1, 0.62], "past spend": [0.1, 0.7]}
    assert drawing.figure.axes[0].get_lines()[3].get_xydata().tolist() == [[0.1, 0.0], [0.1, 0.62], [0.0, 0.62]]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_without_value_nobody_holds_it(place: int) -> None:
    given: list[Any] = [0.62, HELD_BY, (CURVE, CURVE)]
    given[place] = ABSENT
    label = "Share of the expected value with the top tenth of customers"
    assert said.holders(*given) == missing(ABSENT, top_decile_share=Value(None, label, "share"))


def tenths(came: Interval, gain: Interval) -> Tenths:
    return Tenths(pd.DataFrame({"tenth": [1]}), date(1997, 12, 9), date(1998, 6, 30), 0.614, came, 0.83, 2.3, gain)


@pytest.mark.parametrize(
    ("came", "gain", "text"),
    [
        (
            Interval(0.527, 0.464, 0.59),
            Interval(0.05, 0.01, 0.09),
            "On 1997-12-09 the tenth then expected to be the most valuable was to hold 61.4% of the value; of what came "
            "until 1998-06-30 it "
            "brought {top_decile_came}: **less** than predicted. A recalibration learned on the window before (slope 0.83) would have "
            "brought the prediction **nearer** to what came.",
        ),
        (
            Interval(0.7, 0.65, 0.75),
            Interval(-0.05, -0.09, -0.01),
            "On 1997-12-09 the tenth then expected to be the most valuable was to hold 61.4% of the value; of what came "
            "until 1998-06-30 it "
            "brought {top_decile_came}: **more** than predicted. A recalibration learned on the window before (slope 0.83) would have "
            "taken the prediction **further** from what came.",
        ),
        (
            Interval(0.6, 0.5, 0.7),
            Interval(0.0, -0.01, 0.01),
            "On 1997-12-09 the tenth then expected to be the most valuable was to hold 61.4% of the value; of what came "
            "until 1998-06-30 it "
            "brought {top_decile_came}, which is not told apart from that. A recalibration learned on the window before (slope 0.83) would "
            "have made no difference that can be told.",
        ),
    ],
)
def test_tenths_of_predicted_value_are_held_against_what_came(came: Interval, gain: Interval, text: str) -> None:
    finding = said.tenths(tenths(came, gain), "USD")
    assert finding.text == text
    top, table = finding.parts.values()
    assert list(finding.parts) == ["top_decile_came", "value_tenths"]
    assert top == Value(came, "Share of what came with the tenth that was expected to be the most valuable", "share")
    assert table.caption == "Foretold on 1997-12-09 and come by 1998-06-30, per customer, by tenth of predicted value (USD)"


def test_without_two_windows_no_tenths_are_told() -> None:
    label = "Share of what came with the tenth that was expected to be the most valuable"
    assert said.tenths(ABSENT, "USD") == missing(ABSENT, top_decile_came=Value(None, label, "share"))


def test_every_customer_is_kept_and_the_most_valuable_are_shown() -> None:
    ends = {"purchases_lower": 0, "purchases_upper": 9}
    table = pd.DataFrame({"customer": ["no. 1", "no. 2", "no. 3"], "frequency": [3, 2, 0], "value": [30.0, 20.0, 1.0]}).assign(**ends)
    finding = said.customers(table, 2, TERMS, "USD")
    assert isinstance(finding, Finding)
    shown = finding.parts["customers"]
    assert isinstance(shown, Table) and len(shown.frame) == 3
    whole = dict.fromkeys(["frequency", "purchases_lower", "purchases_upper"], "{:,.0f}")
    assert (shown.formats, shown.max_rows) == ({"value": "{:,.2f}"} | whole, 2)
    assert shown.caption == (
        "Every customer, the most valuable first: value in the next 52 weeks with the 95 % interval of what this one customer may bring "
        "(money in USD, time in weeks)"
    )
    assert said.customers(ABSENT, 2, TERMS, "USD") is ABSENT


def test_of_very_many_customers_the_most_valuable_are_kept_and_the_way_to_all_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert said.MOST_ROWS == 100_000
    just = said.customers(pd.DataFrame({"customer": range(100_000), "value": 1.0}), 2, TERMS, "USD")
    assert isinstance(just, Finding) and str(just.parts["customers"].caption).startswith("Every customer, the most valuable first")
    monkeypatch.setattr(said, "MOST_ROWS", 2)
    finding = said.customers(pd.DataFrame({"customer": ["a", "b", "c"], "value": 1.0}), 2, TERMS, "USD")
    assert isinstance(finding, Finding)
    assert finding.parts["customers"].caption == (
        "The 2 most valuable customers: value in the next 52 weeks with the 95 % interval of what this one customer may bring (money in "
        "USD, time in weeks); goodwill score writes all of them"
    )
