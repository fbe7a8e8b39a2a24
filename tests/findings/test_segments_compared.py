"""What the notebook on segments compared says: every wording, reached from numbers."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from goodwill.findings.caveats import Caveat
from goodwill.findings.finding import Absent, Drawing, Finding, Table, Value
from goodwill.findings.segments import segments_compared as compared
from goodwill.inference.uncertainty import Interval
from goodwill.segments.evidence.stability import Stability
from goodwill.segments.evidence.top_parts import Tenths, TopPart

WHY = Absent("Left out here: 7 customers are fewer than 500.")
MINUS = "\N{MINUS SIGN}"


def stability(*verdicts: str) -> Stability:
    table = pd.DataFrame({"segment": list("abc")[: len(verdicts)], "customers": 10, "same_name": 0.8, "verdict": verdicts})
    return Stability(table.assign(same_name_lower=0.7, same_name_upper=0.9), Interval(0.94, 0.87, 1.0), 30)


def usefulness(difference: tuple[float, float, float], base: str = "count_decile") -> pd.DataFrame:
    table = pd.DataFrame({"segments": [9, 10], "r2": [0.176, 0.2]}, index=pd.Index(["rfm", "count_decile"], name="scheme"))
    table = table.assign(r2_lower=0.15, r2_upper=0.2, difference=[difference[0], 0.0])
    table = table.assign(difference_lower=[difference[1], 0.0], difference_upper=[difference[2], 0.0])
    table.attrs["baseline"] = base
    return table


MORE, LESS, OPEN = (0.03, 0.01, 0.05), (-0.047, -0.063, -0.027), (-0.01, -0.05, 0.02)


@pytest.mark.parametrize(
    ("difference", "base", "text"),
    [
        (
            MORE,
            "count_decile",
            "Learned on resampled customers the segments agree by an adjusted Rand index of {stability}; every name holds. "
            "Out of sample the segments of 'rfm' explain {useful} of the differences in next-period spend, 3.0 points [1.0, 5.0] more than "
            "the best trivial scheme, 'count\\_decile'.",
        ),
        (
            LESS,
            "count_decile",
            "Learned on resampled customers the segments agree by an adjusted Rand index of {stability}; every name holds. "
            "Out of sample the segments of 'rfm' explain {useful} of the differences in next-period spend, and the best trivial scheme, "
            f"'count\\_decile', **explains more** (difference {MINUS}4.7 points [{MINUS}6.3, {MINUS}2.7]).",
        ),
        (
            OPEN,
            "count_decile",
            "Learned on resampled customers the segments agree by an adjusted Rand index of {stability}; every name holds. "
            "Out of sample the segments of 'rfm' explain {useful} of the differences in next-period spend, which these data cannot tell "
            f"from the best trivial scheme, 'count\\_decile' (difference {MINUS}1.0 points [{MINUS}5.0, 2.0]).",
        ),
        (
            OPEN,
            "rfm",
            "Learned on resampled customers the segments agree by an adjusted Rand index of {stability}; every name holds. "
            "Out of sample the segments of 'rfm' explain {useful} of the differences in next-period spend; "
            "it is itself the best of the trivial schemes.",
        ),
    ],
)
def test_whether_segments_say_more_than_a_trivial_cut_is_judged_by_the_interval(difference, base: str, text: str) -> None:
    said = compared.hold(stability("stable", "empty"), usefulness(difference, base), "rfm").text
    assert said.replace("{{", "{").replace("}}", "}") == text.replace("{{", "{").replace("}}", "}")


def test_names_that_do_not_hold_are_named() -> None:
    said = compared.hold(stability("doubtful", "stable", "unstable"), usefulness(MORE), "rfm").text
    assert said.startswith(
        "Learned on resampled customers the segments agree by an adjusted Rand index of {stability}; the names that do not hold: a, c. Out"
    )


def test_stability_and_use_are_recorded_with_their_tables() -> None:
    found = compared.hold(stability("stable"), usefulness(LESS), "rfm").parts
    label = "Agreement of the segments under resampling (adjusted Rand index; 1 is the same every time)"
    assert found["stability"] == Value(Interval(0.94, 0.87, 1.0), label)
    assert found["useful"] == Value(0.176, "Differences in later spend that the segments explain", "share", (0.15, 0.2))
    table, names = found["usefulness"], compared.names_again(stability("stable")).parts["stability"]
    assert isinstance(table, Table) and isinstance(names, Table)
    assert table.caption == (
        "Share of the differences in hold-out spend that segments explain (r2): the means of one half of the customers, judged on "
        "the other; "
        "difference to the best trivial scheme"
    )
    columns = ["r2", "r2_lower", "r2_upper", "difference", "difference_lower", "difference_upper"]
    assert list(table.frame) == ["scheme", "segments", *columns] and table.formats == dict.fromkeys(columns, "{:.1%}")
    assert names.caption == "Do the same customers get the same name again? Jaccard index over 30 resampled bases"
    ends = ["same_name", "same_name_lower", "same_name_upper"]
    assert list(names.frame) == ["segment", "customers", *ends, "verdict"] and names.formats == dict.fromkeys(ends, "{:.2f}")


def test_what_cannot_be_compared_is_said_once() -> None:
    assert compared.hold(WHY, usefulness(MORE), "rfm").absent == WHY
    assert compared.hold(stability("stable"), WHY, "rfm").absent == WHY
    assert compared.names_again(WHY) == Finding()


def ranks(**others: tuple[float, float, float, float, float]) -> pd.DataFrame:
    """A table of rankings: top, upper end of top, difference to value with lower and upper."""
    rows = {
        "oracle": (0.763, 0.8, 0.247, 0.2, 0.3),
        "value": (0.516, 0.53, 0.0, 0.0, 0.0),
        "spend": (0.498, 0.52, -0.0173, -0.0287, -0.0057),
        "frequency": (0.477, 0.5, -0.04, -0.05, -0.03),
        "recency": (0.433, 0.45, -0.08, -0.1, -0.06),
        "random": (0.1, 0.1, -0.416, -0.43, -0.4),
    } | others
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["top", "upper", "difference", "difference_lower", "difference_upper"])
    table = table.assign(lower=2 * table["top"] - table["upper"], second=0.7).rename_axis("score")
    table.attrs |= {"top": 0.1}
    return table


AHEAD, LEVEL = (0.53, 0.55, 0.014, 0.002, 0.03), (0.498, 0.52, -0.018, -0.03, 0.005)


def test_rules_that_are_all_beaten_take_one_sentence() -> None:
    assert compared.ranking(ranks(), "Pareto/NBD").text == "Ranking by expected value beats each of these rules by more than chance."


def test_rules_that_are_not_beaten_or_better_are_said() -> None:
    assert compared.ranking(ranks(spend=LEVEL), "BG/NBD").text == (
        "The top 10% by value hold 51.6% of what followed, those by spend 49.8%: a difference of 1.8 points "
        f"[{MINUS}0.5, 3.0] that these data cannot tell from none; as far as they show, sorting by spend does as well."
    )
    assert compared.ranking(ranks(spend=AHEAD), "BG/NBD").text == (
        "The top 10% by value hold 51.6% of what followed, those by spend 53.0%: **sorting by spend does better** "
        f"(difference {MINUS}1.4 points [{MINUS}3.0, {MINUS}0.2])."
    )


def test_a_ranking_below_chance_is_said_and_why_for_bg_nbd() -> None:
    table = ranks(**{"P(alive)": (0.028, 0.03, -0.488, -0.5, -0.47)})
    below = "Ranked by P(alive), the top 10% hold 2.8%: less than a random 10% would."
    assert compared.ranking(table, "Pareto/NBD").text == below
    assert compared.ranking(table, "BG/NBD").text == (
        f"{below} BG/NBD lets nobody leave before a repeat purchase, so that it calls every one-time buyer alive: P(alive) is no ranking."
    )


def test_the_top_tenths_are_recorded_with_their_difference_in_points() -> None:
    found = compared.ranking(ranks(), "BG/NBD").parts
    assert list(found) == [
        "top_by_value",
        "top_by_spend",
        "top_by_frequency",
        "top_by_recency",
        "value_over_spend",
        "oracle_top",
        "ranking",
    ]
    first, gap, table = found["top_by_value"], found["value_over_spend"], found["ranking"]
    assert isinstance(first, Value) and isinstance(gap, Value) and isinstance(table, Table)
    assert (first.value, first.label, first.unit) == (0.516, "Hold-out spend of the top tenth by value", "share")
    assert first.interval == pytest.approx((0.502, 0.53))
    assert (gap.label, gap.unit) == ("Hold-out spend of the top tenth by value, less that by past spend", "points")
    assert [gap.value, *gap.interval] == pytest.approx([1.73, 0.57, 2.87])
    assert found["oracle_top"] == Value(0.763, "Hold-out spend of the top tenth, ranked by the hold-out itself", "share")
    assert table.caption == (
        "Share of hold-out spend with the top tenth (top) and fifth (second) of customers by each ranking, and difference of the top from "
        "ranking by expected value"
    )
    assert table.formats == dict.fromkeys(["top", "lower", "upper", "second"], "{:.1%}") | dict.fromkeys(
        ["difference", "difference_lower", "difference_upper"], "{:+.1%}"
    )
    assert list(table.frame) == ["score", *table.formats]


def test_no_minus_stands_before_a_zero() -> None:
    gap = compared.ranking(ranks(spend=(0.516, 0.53, 0.0, 0.0, 0.0)), "BG/NBD").parts["value_over_spend"]
    assert isinstance(gap, Value) and not np.signbit([gap.value, *gap.interval]).any()


def test_a_ranking_that_cannot_be_checked_has_its_values_not_available() -> None:
    found = compared.ranking(WHY, "BG/NBD")
    assert found.absent == WHY
    assert list(found.parts) == ["top_by_value", "top_by_spend", "top_by_frequency", "top_by_recency", "value_over_spend"]
    assert {(part.value, part.reason) for part in found.parts.values()} == {(None, WHY.why)}


CURVES = pd.DataFrame({"score": np.repeat(["value", "spend", "oracle"], 2), "customers": [0.0, 1.0] * 3, "outcome": [0.0, 1.0] * 3})
BANDS = {"spend": pd.DataFrame({"customers": [0.0, 1.0], "difference": 0.0, "lower": 0.0, "upper": 0.0})}


@pytest.mark.parametrize(
    ("spend", "said"),
    [
        ((0.498, 0.52, -0.0173, -0.0287, -0.0057), "It is more than chance: **sorting by expected value does better.**"),
        (AHEAD, "It is more than chance: **sorting by past spend does better.**"),
        (LEVEL, "**These data cannot tell it from none: sorting by past spend does as well.**"),
    ],
)
def test_whether_past_spend_does_as_well_is_judged_by_the_interval(spend, said: str) -> None:
    found = compared.gains(CURVES, BANDS, ranks(spend=spend))
    assert found.text == (
        "By expected value the top tenth made {top_by_value}, by past spend {top_by_spend}; the difference is {value_over_spend}. "
        f"By frequency it is {{top_by_frequency:value}}, by recency {{top_by_recency:value}}. {said} Who knew the hold-out would reach "
        "{oracle_top}: concentration that is measured on the period that made the ranking is mostly hindsight."
    )
    drawn = found.parts["gains"]
    assert isinstance(drawn, Drawing)
    assert drawn.figure.get_suptitle() == (f"The top tenth by expected value made 51.6% of later spend, by past spend {spend[0]:.1%}")
    assert drawn.caption == (
        "Left: share of hold-out spend with the best-ranked customers; the line marks a tenth. Right: difference of each ranking "
        "from the one "
        "by expected value, with paired 95 % bands."
    )
    assert drawn.words.startswith("Share of hold-out spend with the top tenth and the top fifth. oracle: top 0.763, second 0.7; value:")


def test_without_curves_nothing_is_drawn() -> None:
    assert compared.gains(WHY, BANDS, ranks()) == compared.gains(CURVES, WHY, ranks()) == compared.gains(CURVES, BANDS, WHY) == Finding()


def parts(first: int, share: float, sales: float) -> pd.DataFrame:
    table = pd.DataFrame({"customers": [first, 90], "share": 0.5, "mean_spend": 9.0, "share_of_sales": [sales, 1 - sales]})
    table = table.assign(holdout_mean=5.0, holdout_lower=4.0, holdout_upper=6.0, active=0.5, share_of_holdout=[share, 1 - share])
    table = table.assign(share_of_holdout_lower=table["share_of_holdout"] - 0.05, share_of_holdout_upper=table["share_of_holdout"] + 0.05)
    return table.set_axis(pd.Index(["part 1", "part 2"], name="segment"))


LATER = Interval(0.12, 0.07, 0.17)
FIRST, LAST, TOP = (
    TopPart(1350, 0, 0, 700.0, 0.1, LATER),
    TopPart(4000, 0, 0, 29.33, 0.9, LATER),
    TopPart(10, 0, 0, 160.0, 0.463, LATER),
)
TENTHS = Tenths(FIRST, LAST, TOP, 4090)
TABLES = {"ten equal parts of sales": parts(1350, 0.12, 0.1), "ten equal numbers of customers": parts(10, 0.498, 0.463)}


def test_deciles_are_judged_by_what_came() -> None:
    found = compared.deciles(TABLES, TENTHS, "USD")
    assert found.text == (
        "{first_part} made the first tenth of sales and {first_part_later} of the hold-out; it took {last_part} to make the last tenth. "
        "Counted the other way, the top tenth of customers held {top_tenth_then} of sales and then {top_tenth_later}."
    )
    values = {name: part for name, part in found.parts.items() if isinstance(part, Value)}
    assert values == {
        "first_part": Value(1350, "Customers who made the first tenth of sales", "customers"),
        "first_part_later": Value(LATER, "Their share of the hold-out", "share"),
        "last_part": Value(90, "Customers who made the last tenth of sales", "customers"),
        "top_tenth_then": Value(0.463, "Share of the calibration's sales with the top tenth of customers", "share"),
        "top_tenth_later": Value(LATER, "Their share of the hold-out", "share"),
    }
    drawn = found.parts["deciles"]
    assert isinstance(drawn, Drawing)
    assert drawn.figure.get_suptitle() == "1,350 customers made the first tenth of sales, and 12% of the later ones"
    assert drawn.caption == (
        "Share of sales with each part when it was cut (hatched) and in the hold-out (filled, with bootstrap 95 % intervals); equal "
        "customers stay together. Left: parts of equal sales; right: parts of equally many customers, as near as ties allow."
    )
    assert drawn.words == (
        "Ten equal parts of sales. part 1: customers 1,350, share of holdout 0.12; part 2: customers 90, share of holdout 0.88. "
        "Ten equal numbers of customers. part 1: customers 10, share of sales 0.463, share of holdout 0.498; "
        "part 2: customers 90, share of sales 0.537, share of holdout 0.502."
    )


def test_of_equal_customers_one_is_counted() -> None:
    tied = Tenths(FIRST._replace(tied=3, taken=1), LAST, TOP, 4090)
    assert "each: 1 of them is counted, as many as it takes" in compared.deciles(TABLES, tied, "USD").text


def test_who_is_equal_at_a_cut_is_said() -> None:
    tied = Tenths(*(part._replace(tied=1040, taken=226) for part in (FIRST, LAST, TOP)), 4090)
    assert compared.deciles(TABLES, tied, "USD").text.split("{top_tenth_later}.")[1] == (
        " At the cut of the first tenth of sales 1,040 customers are equal, with 700.00 USD each: 226 of them are counted, as many as it "
        "takes and any of them as well as the others, and they share what all of them brought. At the cut of the last tenth of sales "
        "1,040 customers are "
        "equal, with "
        "29.33 USD each: 226 of them are counted above it, any of them as well as the others. At the cut of the top tenth of customers "
        "1,040 are equal, with 160.00 USD each: 226 of them are counted, any of them as well as the others, and they share what all "
        "of them "
        "brought."
    )


def test_deciles_in_numbers() -> None:
    table = compared.deciles_table(TABLES, "USD").parts["deciles"]
    assert isinstance(table, Table)
    assert table.caption == (
        "Ten equal parts of sales: customers, spend per customer then and in the hold-out (USD), who bought in it, and its share, "
        "with 95 % intervals"
    )
    later = ["share_of_holdout", "share_of_holdout_lower", "share_of_holdout_upper"]
    money = ["mean_spend", "holdout_mean", "holdout_lower", "holdout_upper"]
    assert list(table.frame) == ["segment", "customers", "share", *money, "active", *later]
    assert table.formats == dict.fromkeys(["share", "active", *later], "{:.1%}") | dict.fromkeys(money, "{:,.1f}")


def test_deciles_that_cannot_be_judged_are_not_available() -> None:
    for found in (compared.deciles(WHY, TENTHS, "USD"), compared.deciles(TABLES, WHY, "USD")):
        assert found.absent == WHY and list(found.parts) == ["first_part"]
    assert compared.deciles_table(WHY, "USD") == Finding()


def back(low: float, high: float) -> pd.DataFrame:
    return pd.DataFrame({"change_lower": [low], "change_upper": [high]})


def short(table: pd.DataFrame | Absent, use: pd.DataFrame | Absent = WHY, chain: object = WHY, change: pd.DataFrame | Absent = WHY) -> str:
    return compared.in_short(table, use, "rfm", chain, change).text


def test_in_short_how_to_sort_is_judged_by_the_interval() -> None:
    assert short(ranks()) == (
        "**Sort customers by expected value**: its top tenth made {top_by_value:value} of later spend, that of past spend "
        "{top_by_spend:value}, a difference of {value_over_spend}."
    )
    assert short(ranks(spend=AHEAD)) == (
        "**Sort customers by past spend**: its top tenth made {top_by_spend:value} of later spend, that of the expected value of a "
        "purchase "
        "model {top_by_value:value}, a difference of {value_over_spend}."
    )
    assert short(ranks(spend=LEVEL)) == (
        "**As far as these data tell, sorting by past spend does as well as a purchase model**: the top tenth made {top_by_spend:value} of "
        "later spend, by the model {top_by_value:value}, a difference of {value_over_spend}."
    )


@pytest.mark.parametrize(
    ("use", "said"),
    [
        (
            usefulness(MORE),
            "The segments of 'rfm' say more of later spend than a trivial cut ({useful:value} of the differences); learned on other "
            "customers "
            "they agree by {stability:value}, where 1 is the same every time.",
        ),
        (
            usefulness(LESS),
            "The segments of 'rfm' say less of later spend than a trivial cut ({useful:value} of the differences), so take them as "
            "names and "
            "not as forecasts; learned on other customers they agree by {stability:value}, where 1 is the same every time.",
        ),
        (
            usefulness(OPEN),
            "That the segments of 'rfm' say more of later spend than a trivial cut is not shown ({useful:value} of the differences); "
            "learned on other customers they agree by {stability:value}, where 1 is the same every time.",
        ),
        (
            usefulness(OPEN, "rfm"),
            "That the segments of 'rfm' say more of later spend than a trivial cut is not shown ({useful:value} of the differences); "
            "learned on other customers they agree by {stability:value}, where 1 is the same every time.",
        ),
    ],
)
def test_in_short_what_segments_say_is_judged_by_the_interval(use: pd.DataFrame, said: str) -> None:
    assert short(ranks(), use).endswith(f"{{value_over_spend}}. {said}")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            back(-80, -70),
            "The highest fourth of buyers fell from {top_at:value} to {top_after:value} although nobody did anything: **credit no strategy "
            "with what such customers would have done anyway**; only a control group, drawn by lot, tells.",
        ),
        (
            back(70, 80),
            "The highest fourth of buyers rose from {top_at:value} to {top_after:value} although nobody did anything: **credit no strategy "
            "with what such customers would have done anyway**; only a control group, drawn by lot, tells.",
        ),
        (
            back(-8, 7),
            "The highest fourth of buyers went from {top_at:value} to {top_after:value}, no change that these data can tell from none; "
            "what a strategy does, only a control group tells, drawn by lot.",
        ),
    ],
)
def test_in_short_a_change_that_nobody_made_credits_no_strategy(change: pd.DataFrame, said: str) -> None:
    assert short(ranks(), change=change).endswith(f"{{value_over_spend}}. {said}")


def test_in_short_who_stays_stands_between_and_the_rankings_are_drawn() -> None:
    found = compared.in_short(ranks(), WHY, "rfm", object(), WHY)
    assert found.text.endswith(
        "{value_over_spend}. Of all customers {churn:value} bought nothing in the hold-out, and of the high spenders of one period "
        "{high_stays:value} were high spenders in the next."
    )
    drawn = found.parts["top_tenth"]
    assert isinstance(drawn, Drawing)
    title = drawn.figure.get_suptitle().replace("\n", " ")
    assert title == "The top tenth by expected value made 51.6% of later spend, by past spend 49.8%"
    assert drawn.caption == (
        "Share of hold-out spend with the top tenth of customers by each ranking, all made from the calibration alone; 95 % intervals."
    )
    assert drawn.words.startswith("Share of hold-out spend with the top tenth. oracle: top 0.763, lower 0.726, upper 0.8; value:")


def test_without_a_ranking_there_is_nothing_in_short() -> None:
    found = compared.in_short(WHY, usefulness(MORE), "rfm", object(), back(-8, 7))
    assert found.absent == WHY and not found.parts


@pytest.fixture
def base() -> SimpleNamespace:
    audit = pd.DataFrame({"rule": ["read", "none", "unknown"], "rows": [1, 0, None]})
    tested = SimpleNamespace(audit=audit, calibration_end=date(1997, 9, 30), end=date(1998, 6, 30))
    return SimpleNamespace(
        tested=tested,
        customers=pd.DataFrame({"x": range(1200)}),
        then=SimpleNamespace(purchases=object(), purchase_model="BG/NBD", chosen=False),
        today=SimpleNamespace(purchases=object()),
    )


def test_the_records_are_shown_with_what_the_reading_did(base) -> None:
    found = compared.records(base)
    assert found.text == (
        "The calibration ends on 1997-09-30 and the hold-out on 1998-06-30; by the first of these days there were 1,200 customers."
    )
    table = found.parts["audit"]
    assert isinstance(table, Table) and table.frame["rule"].tolist() == ["read", "unknown"]
    assert (table.caption, table.max_rows) == ("What the reading found and did", 40)


def test_covariates_that_values_go_with_are_named_with_the_records(base) -> None:
    told = SimpleNamespace(design=SimpleNamespace(stated={"channel": 1.0}))
    fit = SimpleNamespace(names=("channel",), untold=None, warnings=(), found=SimpleNamespace(told=told))
    base.then.purchases, base.today.purchases = fit, fit
    assert compared.records(base).text == (
        "The calibration ends on 1997-09-30 and the hold-out on 1998-06-30; by the first of these days there were 1,200 customers. Rates "
        "and leaving go with channel."
    )
    assert compared.assumptions(base, "own.csv", "rfm", 0.3, 0.15, 0.1)[0][1] == "BG/NBD, whose rates and leaving go with channel"


def test_caveats_that_could_not_be_made_are_left_out() -> None:
    table = compared.warnings(Caveat("one", 1.0, "One."), WHY, Caveat("two", None, "Two.")).parts["evidence_caveats"]
    assert isinstance(table, Table) and table.caption == "Caveats where they bite"
    assert table.frame.to_dict("list") == {"caveat": ["one", "two"], "what it means here": ["One.", "Two."]}
    nothing = compared.warnings(WHY).parts["evidence_caveats"]
    assert isinstance(nothing, Table) and nothing.frame.empty and nothing.max_rows == 1


def test_what_is_assumed_has_its_source_and_grade(base) -> None:
    assert compared.assumptions(base, "cdnow_sample", "rfm", 0.3, 0.15, 0.1) == [
        ("customers buy and leave as the model says", "BG/NBD", "Fader, Hardie & Lee (2005); see the hold-out", "assumed"),
        ("rules of the segments", "rfm, learned until 1997-09-30", "these data", "measured"),
        ("margin and discount rate", "30% of spend, 15.0% a year", "Fader, Hardie & Lee (2005) for CDNOW", "published"),
        ("share of departures that a measure prevents", "10%", "parameter of this report", "assumed"),
        ("price of treating a customer", "a twentieth of a mean order", "no source", "assumed"),
        ("who is kept brings what the active ones brought", "yes", "no source", "assumed"),
        ("customers do not influence each other", "none do", "not checked", "assumed"),
    ]
    base.then.chosen = True
    said = compared.assumptions(base, "cdnow_sample", "rfm", 0.3, 0.15, 0.1)[0][1]
    assert said == "BG/NBD, the likeliest of BG/NBD, MBG/NBD and Pareto/NBD"
    base.then.purchases = None
    own = compared.assumptions(base, "shop.csv", "abc", 0.4, 0.1, 0.2)
    assert own[0][1] == "no model"
    assert own[2] == ("margin and discount rate", "40% of spend, 10.0% a year", "parameters of this report", "assumed")


def test_that_lots_do_as_well_is_said_of_every_rule_and_not_of_lots() -> None:
    table = ranks(random=(0.5, 0.55, -0.01, -0.03, 0.02))
    table.attrs |= {"top": 0.1}
    assert compared.ranking(table, "Pareto/NBD").text == "Ranking by expected value beats each of these rules by more than chance."


def test_the_hold_out_itself_is_no_rule_and_chance_need_not_be_among_the_rankings() -> None:
    table = ranks(oracle=(0.05, 0.06, 0.0, -0.1, 0.1)).drop(index="random")
    table.attrs |= {"top": 0.1}
    assert compared.ranking(table, "BG/NBD").text == "Ranking by expected value beats each of these rules by more than chance."
