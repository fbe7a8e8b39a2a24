"""Every wording of who is worth what, reached from data."""

from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from goodwill.findings import segment_strategies as words
from goodwill.findings.finding import Absent
from goodwill.inference.proportions import wilson
from goodwill.lifetime_value.value import ValueTerms
from goodwill.lifetime_value.valued import Valued
from goodwill.segments.concentration import CostToServe, sales_curve, whale_curve
from goodwill.segments.customer_base import CustomerBase
from goodwill.segments.evidence.enough_data import sufficiency

FITTED = SimpleNamespace(model=None)


def base(customers: int = 600, note: str = "", fit: object = FITTED) -> CustomerBase:
    frame = pd.DataFrame({"customer_id": range(customers), "frequency": 1, "spend": 10.0, "spend_holdout": 5.0, "value": 2.0})
    frame = frame.assign(recency=3.0, T=20.0)
    tested = SimpleNamespace(
        counts={"customers": customers, "repeaters": customers},
        calibration_end=date(2024, 6, 30),
        end=date(2024, 12, 31),
        audit=pd.DataFrame({"rule": ["read", "zero", "columns"], "rows": [9.0, 0.0, np.nan], "done": ["checked", "kept", "a = b"]}),
    )
    then = Valued(frame, fit, fit, ValueTerms(26.0, 0.3, 0.15, "week"), note)
    today = replace(then, terms=ValueTerms(52.0, 0.3, 0.15, "week"))
    return CustomerBase(None, tested, tested, sufficiency(frame), then, today, "EUR")


def profile() -> pd.DataFrame:
    shares = {"customer_share": [0.04, 0.96], "sales_share": [0.4, 0.6], "value_share": [0.7, 0.3], "active": [0.8, 0.2]}
    table = pd.DataFrame({"customers": [4, 96], "value": [70.0, 1.25], "orders": 2.0, "sales": 3.0, "sales_largest": 0.5, **shares})
    for name in ("value", "value_share", "active"):
        table[f"{name}_lower"], table[f"{name}_upper"] = table[name] * 0.9, table[name] * 1.1
    return table.set_index(pd.Index(["best", "others"], name="segment"))


def test_enough_customers_are_enough_for_everything() -> None:
    found = words.gate(base())
    assert found.text == (
        "The calibration ends on 2024-06-30, the hold-out on 2024-12-31. Of {customers}, {repeat_buyers} came back in the calibration. "
        "In all: 600 customers, 100.0% of whom came back, in two windows: enough for every analysis."
    )
    customers, back = found.parts["customers"], found.parts["repeat_buyers"]
    assert (customers.value, customers.label, customers.unit) == (600, "Customers of the calibration", "customers")
    assert (back.value, back.label, back.unit) == (wilson(600, 600), "Came back in it", "share")


def test_few_customers_allow_less_and_it_is_said_what() -> None:
    assert words.gate_in_words(base(40).gate) == (
        "40 customers, 100.0% of whom came back, in two windows: still possible are groups by rules, descriptions with intervals; not a "
        "check of the ranking, movement between groups, purchase models and latent classes, a plan of strategies (40 customers are fewer "
        "than 500)."
    )


def test_nobody_in_one_window_allows_nothing_and_each_reason_is_said_once() -> None:
    assert words.gate_in_words(sufficiency(pd.DataFrame({"frequency": []}))) == (
        "0 customers, 0.0% of whom came back, in one window: still possible are none; not groups by rules, descriptions with intervals, a "
        "check of the ranking, movement between groups, purchase models and latent classes, a plan of strategies (there is nobody; there "
        "is no money; 0 customers are fewer than 500; there is no second window to check against; 0.0% repeaters are fewer than 5%)."
    )


def test_the_audit_shows_only_rules_that_touched_something() -> None:
    table = words.audit(base().tested).parts["audit"]
    assert table.frame["rule"].tolist() == ["read", "columns"]
    assert (table.caption, table.max_rows) == ("What the reading found and did", 40)
    assert words.possible(base().gate).parts["possible"].caption == "What these data can carry"


MODEL = (
    "Expected value is the margin of what a BG/NBD and a Gamma-Gamma model expect of a customer: for the test within the 26 weeks of the "
    "hold-out, for the plan within the next 52, in all {total_value}. How far such a forecast can be trusted is the subject of the report "
    "on customer lifetime value."
)


def test_the_value_of_a_model_is_called_one() -> None:
    found = words.expected_value(base(), "BG/NBD")
    assert found.text == MODEL
    total = found.parts["total_value"]
    assert (total.value, total.label, total.unit) == (1200.0, "Expected profit of today's customers in 52 weeks", "EUR")


def test_few_customers_make_the_value_rough() -> None:
    assert words.expected_value(base(40), "BG/NBD").text == (
        "Expected value is the margin of what a BG/NBD and a Gamma-Gamma model expect of a customer: for the test within the 26 weeks of "
        "the hold-out, for the plan within the next 52, in all {total_value}. How far such a forecast can be trusted is the subject of the "
        "report on customer lifetime value. These customers are too few for a model to be trusted: read every expected value as rough."
    )


def test_without_a_model_its_note_is_said() -> None:
    assert words.expected_value(base(note="No model {why}."), "BG/NBD").text == "No model {{why}}."


def test_rules_say_what_they_had_to_do() -> None:
    found = words.rules(SimpleNamespace(segments=("a", "b"), notes=("ties leave {score} 2 empty.", "x")))
    assert found.text == "There are {segments} segments. Ties leave {{score}} 2 empty. X."
    assert (found.parts["segments"].value, found.parts["segments"].label) == (2, "Segments")
    assert words.rules(SimpleNamespace(segments=("a",), notes=())).text == "There are {segments} segments."


def test_cuts_without_an_end_are_open() -> None:
    table = words.cuts(pd.DataFrame({"above": [-np.inf, 1.0]})).parts["cuts"]
    assert table.frame["above"].isna().tolist() == [True, False]
    assert table.caption == "Where the rules cut: equal values always fall on one side"
    assert words.cuts(Absent("No cuts.")).text == "No cuts."


def test_the_segment_that_holds_most_value_is_named() -> None:
    found = words.worth(profile(), "EUR")
    assert found.text == (
        "'best' is {best_customers} of customers and holds {best_share} of the expected value. That is what a model expects; what came is "
        "in the column *active* of the table, and in the report on segments compared."
    )
    share = found.parts["best_share"]
    assert (share.value, share.label, share.unit) == (0.7, "Share of the expected value with 'best'", "share")
    assert share.interval == pytest.approx([0.63, 0.77])
    drawn = found.parts["segment_map"]
    assert drawn.figure.get_suptitle() == "'best' is 4.0% of customers and holds 70% of the expected value"
    assert drawn.words.startswith("Segments. best: customers 4, value 70, customer_share 0.04, sales_share 0.4, value_share 0.7; others: ")
    assert found.parts["best_customers"][:3] == (0.04, "Share of customers in 'best'", "share")
    assert found.parts["worth"].formats["value"] == "{:,.1f}" and found.parts["worth"].formats["active_lower"] == "{:.1%}"
    table = words.profile(profile(), "EUR").parts["profile"]
    assert table.formats == {
        "customer_share": "{:.1%}",
        "orders": "{:,.1f}",
        "sales": "{:,.1f}",
        "sales_share": "{:.1%}",
        "sales_largest": "{:.1%}",
    }


def concentration(margin: list[float], cost: list[float]):
    given = CostToServe(pd.Series(cost), 3)
    sales = sales_curve(margin)
    return words.concentration(whale_curve(margin, cost, draws=20), sales, (np.array([0, 1]), np.array([0, 1])), given, base())


@pytest.mark.parametrize(
    ("margin", "cost", "text", "title"),
    [
        (
            [100, 50, 20, 10, 0],
            [10, 10, 20, 30, 20],
            "Profit peaks at 130, 144% of the total, with the first 60% of customers; 40% of customers cost more than they bring and lose "
            "40. {without_cost} have no cost in the file.",
            "40% of customers cost more than they bring: the others earn 130, and they lose 31% of it",
        ),
        (
            [3.0, 2.0],
            [1.0, 1.0],
            "Profit peaks at 3, 100% of the total, with the first 100% of customers; 0% of customers cost more than they bring and lose "
            "0. {without_cost} have no cost in the file.",
            "No customer costs more than they bring",
        ),
        (
            [1, 1],
            [5, 3],
            "The customers together lose 6; 100% of customers cost more than they bring and lose 6. {without_cost} have no cost in the "
            "file.",
            "100% of customers cost more than they bring: the others earn 0, and they lose more than there is",
        ),
    ],
)
def test_costs_say_where_profit_peaks(margin, cost, text, title) -> None:
    found = concentration(margin, cost)
    assert found.text == text
    assert " ".join(found.parts["concentration"].figure.get_suptitle().split()) == title
    assert found.parts["concentration"].caption == "Cumulative profit at a margin of 30% less the cost to serve, with a 95 % band."
    assert found.parts["without_cost"][:3] == (3, "Customers without a cost, taken as free to serve", "customers")


def test_without_costs_only_sales_are_shown() -> None:
    absent = Absent("No costs.")
    found = words.concentration(absent, sales_curve([60.0, 20, 10, 5, 5]), (np.array([0, 1]), np.array([0, 1])), absent, base())
    assert found.text == (
        "The largest 20% of customers make 60% of sales. The cost to serve each customer is not given, so profit per customer is unknown: "
        "this is the concentration of sales, not of profit."
    )
    drawn = found.parts["concentration"]
    assert " ".join(drawn.figure.get_suptitle().split()) == (
        "Sales are concentrated; profit per customer is unknown without the cost to serve"
    )
    assert drawn.caption.endswith("each from the highest customer down. This is not profit.")
    assert drawn.words.startswith("Cumulative, by share of customers. 0: share 0; ")


def grid(bend: float) -> pd.DataFrame:
    weeks = np.linspace(0, 40, 60)
    return pd.DataFrame([weeks * f * np.exp(-bend * f * (40 - weeks)) + 0.01 for f in range(1, 21)], index=range(1, 21), columns=weeks)


def test_lines_of_equal_value_bend_back_where_the_model_says_so() -> None:
    bent, straight = words.equal_value(grid(0.02), base()), words.equal_value(grid(0.0), base())
    assert bent.text == (
        "At the same number of repeat purchases a customer is worth more the later the last one was, and beyond some number, more "
        "purchases long ago mean less. The lines are those of the fitted model and carry no interval; how well it ranks customers is "
        "measured in the report on segments compared."
    )
    assert straight.text == (
        "At the same number of repeat purchases a customer is worth more the later the last one was. The lines are those of the fitted "
        "model and carry no interval; how well it ranks customers is measured in the report on segments compared."
    )
    titles = [" ".join(each.parts["iso_value"].figure.get_suptitle().split()) for each in (bent, straight)]
    assert titles == [
        "Lines of equal value (EUR) bend back: many purchases long ago are worth less than few and recent ones",
        "Lines of equal value (EUR): the later the last purchase, the more a customer is worth",
    ]
    assert words.equal_value(Absent("No model."), base()).text == "No model."


def assumed(**changes):
    given = {"scheme": "rfm", "purchase_model": "BG/NBD", "data": "cdnow", "catalogue": "", "complaint_share": 0.005}
    return {row[0]: row[1:] for row in words.assumptions(changes.pop("base", base()), **given | changes)}


def test_what_the_report_assumes_depends_on_what_it_was_given() -> None:
    rows = assumed()
    assert rows["customers buy and leave as the model says"] == ("BG/NBD", "Fader, Hardie & Lee (2005); see the hold-out", "assumed")
    assert rows["rules of the segments"] == ("rfm, learned until 2024-06-30", "these data", "measured")
    assert rows["effects of strategies"] == (
        "{assumed_effects} without a trial",
        "case texts name the strategies; every number is assumed",
        "assumed",
    )
    assert rows["effects grow with a customer's value"] == ("within a segment, in proportion to it", "not checked", "assumed")
    assert rows["costs of strategies"] == ("in mean orders", "assumed with the effects", "assumed")
    assert rows["customers with a dissatisfied complaint"][0] == "0.5% a year"
    assert rows["margin and discount rate"] == ("30% of spend, 15.0% a year", "Fader, Hardie & Lee (2005) for CDNOW", "published")
    assert rows["horizon of value"][0] == "52 weeks"
    own = assumed(base=base(fit=None), data="own.csv", catalogue="own.yaml")
    assert own["customers buy and leave as the model says"][0] == "no model"
    assert own["effects of strategies"] == ("none used", "catalogue", "assumed")
    assert own["costs of strategies"] == ("as in the file", "catalogue", "assumed")
    assert own["margin and discount rate"][1:] == ("parameters of this report", "assumed")
