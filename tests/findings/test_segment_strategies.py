"""Every wording of who is worth what, reached from data."""

from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from tests.findings.told import seen

from goodwill.findings.finding import Absent
from goodwill.findings.segments import segment_strategies as words
from goodwill.inference.proportions import wilson
from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD
from goodwill.lifetime_value.value import ValueTerms
from goodwill.lifetime_value.valued import Valued
from goodwill.segments.concentration import CostToServe, sales_curve, whale_curve
from goodwill.segments.customer_base import CustomerBase
from goodwill.segments.evidence.enough_data import sufficiency

FITTED = SimpleNamespace(model=None)
OFFER = SimpleNamespace(assumed=9, expected=False, trial=None)


def base(customers: int = 600, note: str = "", fit: object = FITTED, spend: str = "independent", chosen: bool = False) -> CustomerBase:
    frame = pd.DataFrame({"customer_id": range(customers), "frequency": 1, "spend": 10.0, "spend_holdout": 5.0, "value": 2.0})
    frame = frame.assign(recency=3.0, T=20.0)
    tested = SimpleNamespace(
        counts={"customers": customers, "repeaters": customers},
        calibration_end=date(2024, 6, 30),
        end=date(2024, 12, 31),
        audit=pd.DataFrame({"rule": ["read", "zero", "columns"], "rows": [1.0, 0.0, np.nan], "done": ["checked", "kept", "a = b"]}),
    )
    then = Valued(frame, fit, fit, ValueTerms(26.0, 0.3, 0.15, "week"), note, "BG/NBD", chosen, spend)
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


def test_what_data_carry_is_shown() -> None:
    assert words.possible(base().gate).parts["possible"].caption == "What these data can carry"


MODEL = (
    "Expected value is the margin of what BG/NBD and a Gamma-Gamma model of spend expect of a customer: for the test within the "
    "26 weeks of the hold-out, for the plan within the next 52, in all {total_value}. How far such a forecast can be trusted is the "
    "subject of the report on customer lifetime value."
)


def test_the_value_of_a_model_is_called_one() -> None:
    found = words.expected_value(base())
    assert found.text == MODEL
    total = found.parts["total_value"]
    assert (total.value, total.label, total.unit) == (1200.0, "Expected profit of today's customers in 52 weeks", "EUR")


def test_few_customers_make_the_value_rough() -> None:
    assert words.expected_value(base(40)).text == (
        "Expected value is the margin of what BG/NBD and a Gamma-Gamma model of spend expect of a customer: for the test within "
        "the 26 weeks of the hold-out, for the plan within the next 52, in all {total_value}. How far such a forecast can be trusted is "
        "the subject of the report on customer lifetime value. These customers are too few for a model to be trusted: read every expected "
        "value as rough."
    )


def test_the_spend_model_that_the_data_chose_is_named() -> None:
    chosen, by_frequency = base(spend="first amount"), base(spend="by frequency")
    assert words.expected_value(chosen).text == (
        "Expected value is the margin of what BG/NBD and a Gamma-Gamma model of spend that also learns from the first amount "
        "expect of a customer: for the test within the 26 weeks of the hold-out, for the plan within the next 52, in all {total_value}. "
        "How far such a forecast can be trusted is the subject of the report on customer lifetime value."
    )
    before = replace(by_frequency, then=replace(chosen.then, spend_model="independent"))
    assert words.expected_value(before).text == (
        "Expected value is the margin of what BG/NBD and a Gamma-Gamma model of spend that goes with frequency expect of a "
        "customer: for the test within the 26 weeks of the hold-out, for the plan within the next 52, in all {total_value}. How far such a "
        "forecast can be trusted is the subject of the report on customer lifetime value. What was known at the end of the calibration "
        "chose a Gamma-Gamma model of spend, which the test uses."
    )


def test_the_purchase_model_that_the_purchases_chose_is_said_to_be_the_likeliest() -> None:
    found = base(chosen=True)
    likeliest = " Of BG/NBD, MBG/NBD and Pareto/NBD, {} is the one under which these purchases are likeliest."
    assert words.expected_value(found).text == MODEL + likeliest.format("BG/NBD")
    other = replace(found, today=replace(found.today, purchase_model="Pareto/NBD"))
    assert words.expected_value(other).text == (
        MODEL.replace("BG/NBD", "Pareto/NBD") + likeliest.format("Pareto/NBD") + " What was known at the end of the calibration chose "
        "BG/NBD, which the test uses."
    )
    both = replace(other, today=replace(other.today, spend_model="by frequency"))
    assert words.expected_value(both).text.endswith(
        " What was known at the end of the calibration chose BG/NBD and a Gamma-Gamma model of spend, which the test uses."
    )
    assert assumed(base=found)["customers buy and leave as the model says"][0] == "BG/NBD, the likeliest of BG/NBD, MBG/NBD and Pareto/NBD"


def going(stated: float = 1.0, names: tuple[str, ...] = ("channel",), warnings: tuple[str, ...] = ()) -> SimpleNamespace:
    """A fit whose values go with covariates."""
    told = SimpleNamespace(design=SimpleNamespace(stated=dict.fromkeys(names, stated)))
    return SimpleNamespace(names=names, untold=FITTED, warnings=warnings, found=SimpleNamespace(told=told))


def test_the_covariates_that_values_go_with_are_named_and_what_is_not_stated() -> None:
    found = base(fit=going(), chosen=True)
    likeliest = " Of BG/NBD, MBG/NBD and Pareto/NBD, BG/NBD is the one under which these purchases are likeliest without covariates."
    assert words.expected_value(found).text == MODEL + likeliest + " Rates and leaving go with channel."
    assert assumed(base=found)["customers buy and leave as the model says"][0] == (
        "BG/NBD, the likeliest of BG/NBD, MBG/NBD and Pareto/NBD, whose rates and leaving go with channel"
    )
    assert words.expected_value(base(fit=going(0.9, ("channel_1", "age")))).text == (
        MODEL
        + r" Rates and leaving go with channel\_1 and age. channel\_1 is not stated of 10% of the customers, who form a level of their "
        "own. age is not stated of 10% of the customers, who form a level of their own."
    )


def test_covariates_that_had_told_nobody_apart_at_the_calibration_are_named() -> None:
    today = going(names=("channel", "region"), warnings=("it lies on a ridge",))
    for then in (going(), FITTED):
        some = base(fit=then)
        late = "region" if then is not FITTED else "channel and region"
        assert words.expected_value(replace(some, today=replace(some.today, purchases=today))).text == (
            MODEL
            + f" Rates and leaving go with channel and region. At the end of the calibration {late} had told no customers apart yet, so "
            "that the test values them without. The fit with covariates warns: it lies on a ridge."
        )


def test_a_note_of_today_is_said_too() -> None:
    some = base()
    assert words.expected_value(replace(some, today=replace(some.today, note="No model."))).text == "No model."


def test_without_a_model_its_note_is_said() -> None:
    found = words.expected_value(base(note="No model {why}."))
    assert found.text == "No model {{why}}." and list(found.parts) == ["total_value"]


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


def said(past: int = 3, lower: float = 6.0) -> pd.DataFrame:
    """Statements about two segments: at `past` earlier dates, which held, and today."""
    rows = []
    for number in range(past + 1):
        made = date(2024, 1, 1) + timedelta(days=91 * number)
        for segment, expected in (("best", 8.0), ("others", 0.5)):
            now = number == past
            wide = (lower, 10.0) if segment == "best" and now else (np.nan, np.nan)
            rows.append([made, made + timedelta(days=91), segment, expected, 7.0, 9.0, *wide, np.nan if now else expected])
    columns = ["made", "due", "segment", "expected", "lower", "upper", "wide_lower", "wide_upper", "came"]
    held = pd.array([True] * len(rows), dtype="boolean")
    return pd.DataFrame(rows, columns=columns).assign(error=0.0, held_model=held, held=held)


EXPECTED = "'best' is {best_customers} of customers and holds {best_share} of the expected value. That is what a model expects."


def test_the_segment_that_holds_most_value_is_named_with_an_interval_that_was_earned() -> None:
    found = words.worth(profile(), said(), base())
    assert found.text == EXPECTED + (
        " Within the next 13 weeks a customer of it is expected to bring {best_ahead}, an interval that holds how the same statements "
        "fared "
        "at 3 earlier dates."
    )
    share = found.parts["best_share"]
    assert share[:3] == (0.7, "Share of the expected value with 'best'", "share") and share.interval is None
    ahead = found.parts["best_ahead"]
    assert ahead[:3] == (8.0, "Expected margin per customer of 'best' within the next 13 weeks", "EUR")
    assert (ahead.interval, ahead.model_interval) == ([6.0, 10.0], [7.0, 9.0])
    assert (ahead.track_record["statements"], ahead.track_record["held"]) == (6, 6)
    drawn = found.parts["segment_map"]
    assert drawn.figure.get_suptitle() == "'best' is 4.0% of customers and holds 70% of the expected value"
    assert drawn.words.startswith("Segments. best: customers 4, value 70, customer share 0.04, sales share 0.4, value share 0.7; others: ")
    assert found.parts["best_customers"][:3] == (0.04, "Share of customers in 'best'", "share")


def test_where_two_windows_are_not_over_no_interval_is_claimed_and_where_nothing_was_said_it_is_said_why() -> None:
    found = words.worth(profile(), said(1, np.nan), base())
    assert found.text == EXPECTED + (
        " Within the next 13 weeks a customer of it is expected to bring {best_ahead:value}; the same was said at 1 earlier date, and "
        "before "
        "two such windows are over, no interval is claimed."
    )
    assert found.parts["best_ahead"].interval is None
    without = words.worth(profile(), Absent("Too short."), base())
    assert without.text == EXPECTED + " Too short."
    assert without.parts["worth"].caption == (
        "Segments today: shares of customers and of the expected value; expected value per customer (EUR) within the next 52 weeks"
    )
    assert list(without.parts["worth"].frame) == ["segment", *words.WORTH]


@pytest.mark.slow
def test_a_model_that_lets_nobody_leave_after_one_purchase_is_doubted_where_most_bought_once() -> None:
    once = profile().assign(orders=1.2)
    doubted = words.worth(once, said(), base(fit=SimpleNamespace(model=BetaGeoNBD(0.2, 4.0, 0.8, 2.4))))
    assert doubted.text.startswith(
        EXPECTED + " **Most of them bought once, and BG/NBD takes whoever bought once for still there**: look at purchase_model MBG/NBD or "
        "Pareto/NBD before believing it. Within the next 13 weeks "
    )
    likeliest = words.worth(once, said(), base(fit=SimpleNamespace(model=BetaGeoNBD(0.2, 4.0, 0.8, 2.4)), chosen=True))
    assert likeliest.text.startswith(
        EXPECTED + " **Most of them bought once, and BG/NBD takes whoever bought once for still there**; under MBG/NBD and Pareto/NBD, "
        "which do not, these purchases are less likely. Within the next 13 weeks "
    )
    assert words.worth(profile(), said(), base(fit=SimpleNamespace(model=BetaGeoNBD(0.2, 4.0, 0.8, 2.4)))).text.startswith(
        EXPECTED + " Within "
    )
    assert words.worth(once, said(), base()).text.startswith(EXPECTED + " Within ")
    half = profile().assign(orders=1.5)
    assert words.worth(half, said(), base(fit=SimpleNamespace(model=BetaGeoNBD(0.2, 4.0, 0.8, 2.4)))).text.startswith(EXPECTED + " Within ")


def test_a_segment_of_one_customer_is_read_aloud_and_one_of_nobody_is_not() -> None:
    drawn = words.worth(profile().assign(customers=[1, 0]), said(), base()).parts["segment_map"].words
    assert drawn == "Segments. best: customers 1, value 70, customer share 0.04, sales share 0.4, value share 0.7."


def test_a_single_segment_says_how_far_it_looks_ahead() -> None:
    alone = said()
    assert words._latest(alone[alone["segment"] == "best"])[1] == 13


def test_the_profile_says_what_segments_were_like_and_who_came_back() -> None:
    table = words.profile(profile(), "EUR").parts["profile"]
    assert table.formats == {
        "customer_share": "{:.1%}",
        "orders": "{:,.1f}",
        "sales": "{:,.1f}",
        "sales_share": "{:.1%}",
        "sales_largest": "{:.1%}",
        "active": "{:.1%}",
        "active_lower": "{:.1%}",
        "active_upper": "{:.1%}",
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
    assert words.equal_value(grid(0.0), base(fit=going())).text == (
        "At the same number of repeat purchases a customer is worth more the later the last one was. The lines are those of the fitted "
        "model and carry no interval; how well it ranks customers is measured in the report on segments compared. They leave channel "
        "aside, as the same model fitted without does."
    )


def assumed(**changes):
    given = {"scheme": "rfm", "data": "cdnow", "catalogue": "", "complaint_share": 0.005}
    return {row[0]: row[1:] for row in words.assumptions(changes.pop("base", base()), changes.pop("offer", OFFER), **given | changes)}


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
    tried = SimpleNamespace(assumed=0, expected=False, trial="one")
    assert assumed(offer=tried)["effects grow with a customer's value"] == (
        "within a segment, in proportion to it: whom a plan picks; what it brings was found without it",
        "own trial",
        "measured",
    )
    assert rows["costs of strategies"] == ("in mean orders", "assumed with the effects", "assumed")
    assert rows["customers with a dissatisfied complaint"][0] == "0.5% a year"
    assert rows["margin and discount rate"] == ("30% of spend, 15.0% a year", "Fader, Hardie & Lee (2005) for CDNOW", "published")
    assert rows["horizon of value"][0] == "52 weeks"
    dearer = replace(base(), today=replace(base().today, terms=ValueTerms(52.0, 0.5, 0.15, "week")))
    assert assumed(base=dearer)["margin and discount rate"] == ("50% of spend, 15.0% a year", "parameters of this report", "assumed")
    own = assumed(base=base(fit=None), data="own.csv", catalogue="own.yaml")
    assert own["customers buy and leave as the model says"][0] == "no model"
    assert own["effects of strategies"] == ("none used", "catalogue or case texts", "assumed")
    said = {"own": {"catalogue": "own.yaml"}, "expected": {"offer": SimpleNamespace(assumed=0, expected=True, trial="one")}}
    said |= {"measured": {"offer": SimpleNamespace(assumed=0, expected=False, trial="one")}, "cases": {}}
    assert {name: assumed(**given)["effects of strategies"] for name, given in said.items()} == {
        "own": ("{assumed_effects} without a trial", "catalogue", "assumed"),
        "expected": ("within the trial measured, after it by the model", "own trial and purchase model", "assumed"),
        "measured": ("within the weeks of the trial", "own trial", "measured"),
        "cases": ("{assumed_effects} without a trial", "case texts name the strategies; every number is assumed", "assumed"),
    }
    assert own["costs of strategies"] == ("as in the file", "catalogue", "assumed")
    assert own["margin and discount rate"][1:] == ("parameters of this report", "assumed")


def test_the_captions_of_the_segments_say_what_stands_where() -> None:
    parts = words.worth(profile(), said(), base()).parts
    assert parts["worth"].caption == (
        "Segments today: shares of customers and of the expected value; expected value per customer within the next 52 weeks, and margin "
        "per "
        "customer (EUR) within the next 13 (ahead), with the 95 % interval that such statements have earned at earlier dates (none where "
        "they are too few)"
    )
    assert parts["segment_map"].caption == (
        "Today's customers. Left: area is customers; shade and number are the expected value per customer within the next 52 weeks. Right: "
        "shares of customers, of sales so far and of expected value."
    )
    assert parts["segment_map"].words == (
        "Segments. best: customers 4, value 70, customer share 0.04, sales share 0.4, value share 0.7; others: customers 96, value 1.25, "
        "customer share 0.96, sales share 0.6, value share 0.3."
    )


def test_a_share_in_a_title_has_a_decimal_where_it_is_small() -> None:
    assert [words._of(share) for share in (0.049, 0.05, 0.5)] == ["4.9%", "5%", "50%"]


def test_the_captions_of_concentration_and_of_equal_value_say_what_is_drawn() -> None:
    absent = Absent("No costs.")
    sold = words.concentration(absent, sales_curve([60.0, 20, 10, 5, 5]), (np.array([0, 1]), np.array([0, 1])), absent, base())
    assert sold.parts["concentration"].caption == (
        "Cumulative shares of sales and of expected value, each from the highest customer down. This is not profit."
    )
    assert sold.parts["concentration"].words.startswith("Cumulative, by share of customers. 0: share 0; 0.1: share 0.3; 0.2: share 0.6; ")
    legend = [text.get_text() for text in sold.parts["concentration"].figure.axes[0].get_legend().get_texts()]
    assert legend == ["sales so far: top 10% hold 30%", "expected value: top 10% hold 10%", "all alike"]
    earned = concentration([100, 50, 20, 10, 0], [10, 10, 20, 30, 20])
    assert earned.parts["concentration"].words.startswith(
        "Cumulative, by share of customers. 0: profit 0; 0.1: profit 45; 0.2: profit 90; "
    )
    drawn = words.equal_value(grid(0.02), base()).parts["iso_value"]
    assert drawn.caption == (
        "Lines of equal expected value within the hold-out (EUR), for repeat buyers first seen when the data begin and spending like the "
        "mean one; dots are customers. Point estimates."
    )
    assert drawn.words.startswith("Expected value by repeat purchases and weeks from first to last purchase. 1: 0 weeks 0.01, 8 weeks ")
    assert "; 3: 0 weeks" in drawn.words and "; 20: 0 weeks" in drawn.words


def test_every_assumption_is_named_with_its_source() -> None:
    rows = words.assumptions(base(), OFFER, scheme="rfm", data="x.csv", catalogue="", complaint_share=0.005)
    assert [row[0] for row in rows] == [
        "customers buy and leave as the model says",
        "rules of the segments",
        "effects of strategies",
        "effects grow with a customer's value",
        "costs of strategies",
        "customers with a dissatisfied complaint",
        "worth of a recovered complaint",
        "margin and discount rate",
        "horizon of value",
        "customers do not influence each other",
    ]
    assert rows[5][2:] == ("parameter of this report", "assumed")
    assert rows[6][1:] == ("as in the complaint report", "TARP (1981) and assumptions there", "assumed")
    assert rows[8][2:] == ("a year, or the observed time if shorter, unless given", "assumed")
    assert rows[9][1:] == ("none do", "not checked", "assumed")


def test_everything_that_is_shown_of_the_reading_and_its_gate() -> None:
    assert seen(words.gate(base())) == [
        "customers = 600 | Customers of the calibration | customers",
        "repeat_buyers = 1 (0.9936 to 1) | Came back in it | share",
        "The calibration ends on 2024-06-30, the hold-out on 2024-12-31. Of {customers}, {repeat_buyers} came back in the calibration. In "
        "all: 600 customers, 100.0% of whom came back, in two windows: enough for every analysis.",
    ]
    assert seen(words.possible(base().gate)) == [
        "possible: What these data can carry | {} | analysis, possible, why | groups by rules, True,  / descriptions with intervals, "
        "True,  / a check of the ranking, True,  / movement between groups, True,  / purchase models and latent classes, True,  / a plan "
        "of strategies, True, ",
    ]
    assert seen(words.expected_value(base())) == [
        "total_value = 1200 | Expected profit of today's customers in 52 weeks | EUR",
        MODEL,
    ]


def test_everything_that_is_shown_of_the_segments() -> None:
    given = SimpleNamespace(segments=("a", "b"), notes=("ties leave {score} 2 empty.", "class X."))
    assert seen(words.rules(given)) == [
        "segments = 2 | Segments",
        "There are {segments} segments. Ties leave {{score}} 2 empty. Class X.",
    ]
    assert seen(words.cuts(pd.DataFrame({"above": [-np.inf, 1.0]}))) == [
        "cuts: Where the rules cut: equal values always fall on one side | {} | above | nan / 1",
    ]
    assert seen(words.profile(profile(), "EUR")) == [
        "profile: Segments at the end of the calibration: customers, orders and sales per customer so far (EUR), shares of all, the share "
        "of the segment's sales with its largest hundredth of customers, and who bought in the hold-out (active), with 95 % intervals | "
        "{'customer_share': '{:.1%}', 'orders': '{:,.1f}', 'sales': '{:,.1f}', 'sales_share': '{:.1%}', 'sales_largest': '{:.1%}', "
        "'active': '{:.1%}', 'active_lower': '{:.1%}', 'active_upper': '{:.1%}'} | segment, customers, customer_share, orders, sales, "
        "sales_share, sales_largest, active, active_lower, active_upper | best, 4, 0.04, 2, 3, 0.4, 0.5, 0.8, 0.72, 0.88 / others, 96, "
        "0.96, 2, 3, 0.6, 0.5, 0.2, 0.18, 0.22",
    ]
    assert seen(words.worth(profile(), said(), base()))[0].split(" | ")[1:] == [
        "{'customer_share': '{:.1%}', 'value': '{:,.1f}', 'value_share': '{:.1%}', 'ahead': '{:,.1f}', 'ahead_lower': '{:,.1f}', "
        "'ahead_upper': '{:,.1f}'}",
        "segment, customers, customer_share, value, value_share, ahead, ahead_lower, ahead_upper",
        "best, 4, 0.04, 70, 0.7, 8, 6, 10 / others, 96, 0.96, 1.25, 0.3, 0.5, nan, nan",
    ]
    labels = [axes.get_xlabel() for axes in words.worth(profile(), said(), base()).parts["segment_map"].figure.axes]
    assert labels == ["", "share of all", "expected value per customer, EUR (area: customers)"]


def test_everything_that_is_shown_of_concentration() -> None:
    absent, even = Absent("No costs."), (np.array([0, 1]), np.array([0, 1]))
    sold = words.concentration(absent, sales_curve([60.0, 20, 10, 5, 5]), even, absent, base())
    assert seen(sold) == [
        "concentration: Sales are concentrated; profit per customer is unknown without the cost to serve | Cumulative shares of sales and "
        "of expected value, each from the highest customer down. This is not profit. | Cumulative, by share of customers. 0: share 0; "
        "0.1: share 0.3; 0.2: share 0.6; 0.3: share 0.7; 0.4: share 0.8; 0.5: share 0.85; 0.6: share 0.9; 0.7: share 0.925; 0.8: share "
        "0.95; 0.9: share 0.975; 1: share 1.",
        "The largest 20% of customers make 60% of sales. The cost to serve each customer is not given, so profit per customer is unknown: "
        "this is the concentration of sales, not of profit.",
    ]
    earned = concentration([100, 50, 20, 10, 0], [10, 10, 20, 30, 20])
    assert seen(earned) == [
        "without_cost = 3 | Customers without a cost, taken as free to serve | customers",
        "concentration: 40% of customers cost more than they bring: the others earn 130, and they lose 31% of it | Cumulative profit at a "
        "margin of 30% less the cost to serve, with a 95 % band. | Cumulative, by share of customers. 0: profit 0; 0.1: profit 45; 0.2: "
        "profit 90; 0.3: profit 110; 0.4: profit 130; 0.5: profit 130; 0.6: profit 130; 0.7: profit 120; 0.8: profit 110; 0.9: profit "
        "100; 1: profit 90.",
        "Profit peaks at 130, 144% of the total, with the first 60% of customers; 40% of customers cost more than they bring and lose 40. "
        "{without_cost} have no cost in the file.",
    ]
    axes = earned.parts["concentration"].figure.axes[0]
    assert axes.get_ylabel() == "cumulative profit, EUR"
    one = words.concentration(absent, sales_curve([60.0, 20, 10, 5, 5]), even, CostToServe(pd.Series([1.0]), 0), base())
    two = words.concentration(whale_curve([3.0], [1.0], draws=20), sales_curve([60.0, 20, 10, 5, 5]), even, absent, base())
    assert seen(one) == seen(two) == seen(sold)


def test_customers_who_bring_what_they_cost_together_lose_nothing() -> None:
    assert concentration([1.0, 2.0], [2.0, 1.0]).text == (
        "The customers together lose 0; 50% of customers cost more than they bring and lose 1. {without_cost} have no cost in the file."
    )


def test_everything_that_is_shown_of_equal_value() -> None:
    given = base()
    given.customers["frequency"] = [0, 1, 2] * 200
    found = words.equal_value(grid(0.02), given)
    assert seen(found) == [
        "iso_value: Lines of equal value (EUR) bend back: many purchases long ago are worth less than few and recent ones | Lines of "
        "equal expected value within the hold-out (EUR), for repeat buyers first seen when the data begin and spending like the mean one; "
        "dots are customers. Point estimates. | Expected value by repeat purchases and weeks from first to last purchase. 1: 0 weeks "
        "0.01, 8 weeks 4.311, 16 weeks 10.13, 24 weeks 17.88, 33 weeks 28.04; 3: 0 weeks 0.01, 8 weeks 3.617, 16 weeks 11.77, 24 weeks "
        "28.74, 33 weeks 62.42; 6: 0 weeks 0.01, 8 weeks 1.076, 16 weeks 5.672, 24 weeks 22.55, 33 weeks 79.8; 11: 0 weeks 0.01, 8 weeks "
        "0.09078, 16 weeks 0.9775, 24 weeks 8.701, 33 weeks 69.4; 20: 0 weeks 0.01, 8 weeks 0.01047, 16 weeks 0.03457, 24 weeks 0.9644, "
        "33 weeks 32.97.",
        "At the same number of repeat purchases a customer is worth more the later the last one was, and beyond some number, more "
        "purchases long ago mean less. The lines are those of the fitted model and carry no interval; how well it ranks customers is "
        "measured in the report on segments compared.",
    ]
    axes = found.parts["iso_value"].figure.axes[0]
    assert axes.get_xlabel() == "weeks from the first to the last purchase"
    assert len(axes.lines[0].get_xdata()) == 400, "customers who came back are drawn"


@pytest.mark.parametrize(("bend", "title"), [(0.0022, "Lines of equal value (EUR): "), (0.00268, "Lines of equal value (EUR) bend back: ")])
def test_lines_bend_where_more_purchases_are_worth_less_at_the_middle_of_the_time(bend, title) -> None:
    shown = words.equal_value(grid(bend), base()).parts["iso_value"].figure.get_suptitle()
    assert " ".join(shown.split()).startswith(title)
    early = grid(bend).to_numpy()[:, 30]
    assert early.argmax() == (19 if bend == 0.0022 else 18), "the most valuable number of purchases is the last, or the last but one"


def test_the_assumptions_of_a_file_and_a_catalogue_of_ones_own() -> None:
    given = {"scheme": "rfm", "data": "own.csv", "catalogue": "own.yaml", "complaint_share": 0.005}
    assert words.assumptions(base(fit=None), OFFER, **given) == [
        ("customers buy and leave as the model says", "no model", "Fader, Hardie & Lee (2005); see the hold-out", "assumed"),
        ("rules of the segments", "rfm, learned until 2024-06-30", "these data", "measured"),
        ("effects of strategies", "none used", "catalogue or case texts", "assumed"),
        ("effects grow with a customer's value", "within a segment, in proportion to it", "not checked", "assumed"),
        ("costs of strategies", "as in the file", "catalogue", "assumed"),
        ("customers with a dissatisfied complaint", "0.5% a year", "parameter of this report", "assumed"),
        ("worth of a recovered complaint", "as in the complaint report", "TARP (1981) and assumptions there", "assumed"),
        ("margin and discount rate", "30% of spend, 15.0% a year", "parameters of this report", "assumed"),
        ("horizon of value", "52 weeks", "a year, or the observed time if shorter, unless given", "assumed"),
        ("customers do not influence each other", "none do", "not checked", "assumed"),
    ]
    assert assumed(base=base(40))["effects of strategies"][0] == "none used"


def test_what_is_earned_may_be_less_than_one() -> None:
    found = concentration([0.5, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.25])
    assert found.text == (
        "Profit peaks at 0, 200% of the total, with the first 75% of customers; 25% of customers cost more than they bring and lose 0. "
        "{without_cost} have no cost in the file."
    )
    shown = found.parts["concentration"].figure.get_suptitle()
    assert " ".join(shown.split()) == "25% of customers cost more than they bring: the others earn 0, and they lose 50% of it"
