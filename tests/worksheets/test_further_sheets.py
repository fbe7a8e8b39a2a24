"""Work sheets on service, people, frames and firms: the figures of the case texts, and what each refuses."""

from __future__ import annotations

from math import inf

import numpy as np
import pandas as pd
import pytest

import goodwill as gw
from goodwill import worksheets as sheets
from goodwill.errors import DataError

LEVELS = gw.read_case("service_levels")
FACTS = gw.read_case("company_facts")


# --- service --------------------------------------------------------------------------------------------------------------------------


def test_each_of_the_23_printed_promises_is_checkable_or_says_why_not() -> None:
    sheet = sheets.promise_sheet(LEVELS)
    assert len(sheet) == 23
    assert sheet["needs"].value_counts().to_dict() == {"times of a log": 10, "": 9, "a year's count": 4}
    assert ((sheet["needs"] == "") == (sheet["why_not"] != "")).all()
    at = sheet.set_index("service")
    assert at.loc["three-hour delivery", "at_most"] == 3
    assert at.loc["repair of an ordinary fault", ["at_least", "at_most"]].to_list() == pytest.approx([1 / 6, 0.5])
    assert at.loc["'211' delivery (never defined in the case)", "why_not"] == "no number is printed"
    assert at.loc["warranty", "why_not"].startswith("a term that is granted")


def test_all_23_promises_are_held_against_one_log() -> None:
    day = "2024-05-01 "
    times = {  # kept, and missed by a minute
        "respond to a user's notice": ("09:00", "09:01"),
        "arrive on site": ("14:00", "14:01"),
        "repair of an ordinary fault": ("08:30", "08:31"),
        "enterprise customer: dedicated person serves": ("08:30", "08:31"),
        "three-hour delivery": ("11:00", "11:01"),
    }
    log = [{"service": name, "start": day + "08:00", "end": day + end} for name, ends in times.items() for end in ends]
    log += [{"service": "large customer forums", "count": each} for each in (2, 3, 5)]
    log += [{"service": "enterprise customer: complaints in the year", "count": each} for each in (0, 1)]
    found = sheets.promises_checked(LEVELS, pd.DataFrame(log)).set_index("service")
    assert len(found) == 23
    assert found.loc[list(times), "kept"].to_list() == [0.5] * 5
    assert found.loc["large customer forums", "kept"] == pytest.approx(2 / 3)
    assert found.loc["enterprise customer: complaints in the year", "kept"] == 0.5
    assert (found["cases"] > 0).sum() == 7
    assert found.loc["customer satisfaction survey", "note"] == "nothing in the log"
    assert (found["lower"].dropna() < found["kept"].dropna()).all()


def test_what_is_not_over_is_missed_once_its_time_has_passed_and_not_before() -> None:
    log = pd.DataFrame(
        {
            "service": ["arrive on site"] * 3,
            "start": ["2024-05-01 08:00", "2024-05-01 08:00", "2024-05-01 19:00"],
            "end": ["2024-05-01 09:00", None, None],
        }
    )
    found = sheets.promises_checked(LEVELS, log).set_index("service").loc["arrive on site"]
    assert (found["kept"], found["cases"], found["note"]) == (0.5, 2, "1 too young to tell")


def test_texts_get_the_first_code_of_which_they_hold_a_word() -> None:
    causes = gw.read_case("churn_causes").query("kind == 'cause'")
    assert len(causes) == 6
    texts = [*causes["item_zh"], "搬家了"]
    found = sheets.coded(texts, {each.item_en: [each.item_zh] for each in causes.itertuples()})
    assert found["count"].to_list() == [1] * 7 and found["code"].iloc[-1] == "no code"
    assert found["share"].to_list() == pytest.approx([1 / 7] * 7)
    assert sheets.coded(["LATE and rude"], {"late": ["late"], "rude": ["rude"]})["count"].to_list() == [1, 0, 0]


# --- people ---------------------------------------------------------------------------------------------------------------------------


def test_the_printed_target_ages_cut_customers() -> None:
    jd, shengtian = (FACTS[FACTS["company"] == name].set_index("metric")["value"] for name in ("JD", "Shengtian"))
    bands = sheets.age_band([19, 20, 35, 36, np.nan], [jd["target_age_low"], jd["target_age_high"]])
    assert bands.to_list() == ["outside", "20-35", "20-35", "outside", None]
    older = sheets.age_band([24, 25, 55, 56], [shengtian["target_age_low"], shengtian["target_age_high"]])
    assert older.to_list() == ["outside", "25-55", "25-55", "outside"]
    assert sheets.age_band([18, 34, 35], [18, 35, 50]).to_list() == ["18-34", "18-34", "35-50"]


def test_each_printed_group_has_its_channel() -> None:
    table = gw.read_case("suning_channel_segments")
    groups = ["students", "young people", "office workers", "middle-aged and older people", "housewives", "pilots"]
    assert sheets.listed_channel(groups, table).to_list() == ["online shoppers"] * 3 + ["store shoppers"] * 2 + ["not listed"]
    found = sheets.listed_and_used(["online shoppers"] * 4, ["online shoppers"] * 3 + ["store shoppers"])
    assert found.loc["online shoppers", "agrees"] == 0.75 and found.loc["online shoppers", "lower"] < 0.75


def test_false_loyalty_is_what_cannot_leave() -> None:
    found = sheets.loyalty_kind(
        [True, True, False, False, False, True], [True, True, True, True, False, False], [True, False, False, True, True, True]
    )
    assert found["customers"].to_dict() == {"loyal": 2, "captive": 1, "free to go": 1, "lost": 2}
    assert found.attrs["false"] == 0.25
    assert np.isnan(sheets.loyalty_kind([1], [0], [1]).attrs["false"])


def test_places_stand_in_four_quadrants_with_their_distance_from_the_border() -> None:
    found = sheets.staff_and_customers({"a": 4, "b": 4, "c": 3, "d": 3}, {"a": 5, "b": 3, "c": 4.1, "d": 3}, (3.5, 4))
    assert found["quadrant"].to_list() == ["both", "staff only", "customers only", "neither"]
    assert found.loc["c", "distance"] == pytest.approx(0.1)


def test_of_38_who_returned_something_16_found_it_convenient() -> None:
    found = sheets.returners(gw.read_case("jd_survey_2015"))
    assert found["count"].to_list() == [16, 17, 5]
    assert found["share"].to_list() == pytest.approx([16 / 38, 17 / 38, 5 / 38])
    assert found["of_all"].to_list() == pytest.approx([16 / 93, 17 / 93, 5 / 93])
    assert (found["lower"] < found["share"]).all() and (found["share"] < found["upper"]).all()


# --- frames ---------------------------------------------------------------------------------------------------------------------------


def test_frames_have_their_headings_and_say_where_nobody_looked() -> None:
    assert {name: len(headings) for name, headings in sheets.FRAMES.items()} == {"PESTLE": 6, "7S": 7}
    found = sheets.frame_sheet("7S", {"staff": [("120,000 persons in 2009", "suning-slides"), ("young", "")]})
    assert found.loc[found["heading"] == "staff", "doubt"].to_list() == ["", "no source"]
    assert (found["doubt"] == "nothing entered").sum() == 6
    assert sheets.frame_sheet(["one", "two"], {})["heading"].to_list() == ["one", "two"]


def test_facts_of_a_firm_stand_under_headings_with_date_and_source() -> None:
    found = sheets.facts_in_frame(FACTS.query("company == 'Suning'"), {"staff": ["employees"], "structure": ["service_categories"]})
    assert found["entry"].to_list() == [
        "employees 70000 persons (2005-12)", "employees 120000 persons (2009)", "service_categories 5 categories (no date)",
    ]  # fmt: skip
    assert found["source"].to_list() == ["suning-slides", "suning-slides", "suning-tables"]


def test_a_gap_is_measured_from_the_best_rival_and_none_are_added() -> None:
    marks = {
        "ours": {"price": 6, "stores": 9, "web": 5},
        "a": {"price": 9, "stores": 4, "web": 5},
        "b": {"price": 7, "stores": 5, "web": 2},
    }
    found = sheets.competitor_gaps(marks, "ours")
    assert found["gap"].to_dict() == {"price": -3.0, "web": 0.0, "stores": 4.0}
    assert found["rival"].to_dict() == {"price": "a", "web": "a", "stores": "b"}


def test_a_plan_of_key_accounts_says_what_must_rise_for_it_to_pay() -> None:
    listed = gw.read_case("suning_abc_accounts").set_index("account_en")["class"].to_dict()
    value = dict(zip(listed, [500, 200, 90, 60, 50, 40, 30, 20, 10], strict=True))  # made up: the case prints none
    accounts = sheets.listed_against_computed(listed, value)
    plan = sheets.key_account_plan(accounts, dict.fromkeys("ABC", "visit"), dict.fromkeys("ABC", 1.0), {"A": 0.1, "B": 0.1, "C": 0.0})
    assert plan.loc["A", ["accounts", "value", "spent"]].to_list() == [4, 850.0, 4.0]
    assert plan.loc["A", "needed"] == pytest.approx(4 / 85) and plan.loc["C", "needed"] == inf


# --- firms ----------------------------------------------------------------------------------------------------------------------------


def test_jd_order_value_and_orders_per_user_of_half_a_year() -> None:
    def ratio(over: str, under: str) -> float:
        return sheets.operating_ratio(FACTS, "JD", "2014-H1", over, under)

    assert ratio("gmv", "orders") == pytest.approx(365.53, abs=0.005)
    assert ratio("orders", "active_users") == pytest.approx(7.69, abs=0.005)
    assert ratio("gmv", "active_users") == pytest.approx(1071e8 / 3810e4)
    assert sheets.operating_ratio(FACTS, "Suning", "2009", "employees", "stores") == 120
    with pytest.raises(DataError, match="the facts hold no 'orders' of JD for 2014; for that date they hold gmv, net_revenue"):
        sheets.operating_ratio(FACTS, "JD", "2014", "gmv", "orders")


def test_two_hundred_per_cent_for_six_years_has_two_readings() -> None:
    percent = float(FACTS.query("company == 'JD' and metric == 'growth_rate'")["value"].iloc[0])
    assert sheets.growth_readings(percent, 6) == (64.0, 729.0)


def test_graduates_explain_at_most_a_fifth_of_the_users() -> None:
    jd = FACTS.query("company == 'JD' and as_of == '≈2010'").set_index("metric")
    users, graduates = (
        sheets.base_value(jd.loc[name, "value"], jd.loc[name, "unit"])[0] for name in ("registered_users", "graduates_per_year")
    )
    assert (users, graduates) == (8e6, 6e6)
    assert sheets.entrants(users, 6, graduates).share_needed == pytest.approx(8 / 36)


def test_a_chain_is_as_sure_as_its_weakest_rate() -> None:
    firm = FACTS[FACTS["company"] == "Japanese cosmetics firm"].set_index("metric")["value"]
    stages = {"graduates": (0.005, 0.015), "came": firm["share_of_graduates_attending"], "bought": (0.05, 0.5)}
    found = sheets.chain_of_rates(firm["city_population"], stages, assumed=["graduates", "bought"])
    assert found.loc["came", ["least", "most"]].to_list() == pytest.approx([4_500, 13_500])
    assert found.loc["bought", ["least", "most"]].to_list() == pytest.approx([225, 6_750])
    assert found["assumed"].to_list() == [False, True, True, True]


def test_growth_between_points_falls() -> None:
    found = sheets.points_and_doublings({2010: 8, 2011: 25, 2013.3: 100})
    assert found["factor_a_year"].to_list() == pytest.approx([3.125, 4 ** (1 / 2.3)])
    assert found["doubling"].iloc[0] == pytest.approx(np.log(2) / np.log(3.125))


# --- offers ---------------------------------------------------------------------------------------------------------------------------


def test_matching_a_price_gives_the_discount_to_those_who_would_have_paid() -> None:
    assert sheets.price_match(0.1, 0.25, 0.3, 0.5).matched == pytest.approx(sheets.price_match(0.1, 0.25, 0.3, 0.5).without)
    assert [sheets.price_match(cut, 0.25, 0.3, 1.0).break_even_kept for cut in (0.1, 0.2, 0.3)] == [
        pytest.approx(0.5),
        pytest.approx(1.5),
        inf,
    ]


def test_actions_are_judged_one_by_one() -> None:
    found = sheets.actions_side_by_side({"warranty": (6, 0.1), "check": (0, 0.0), "points": (2, 0.1)}, 200, 0.25)
    assert found.index.to_list() == ["points", "check", "warranty"]
    assert found["needed"].to_dict() == pytest.approx({"points": 0.04, "check": 0.0, "warranty": 0.12})


@pytest.mark.parametrize(
    ("call", "why"),
    [
        (lambda: sheets.promises_checked(LEVELS, pd.DataFrame({"start": []})), "no column 'service'"),
        (lambda: sheets.promises_checked(LEVELS, pd.DataFrame({"service": ["tea"]})), "a service 'tea' that nobody promised"),
        (
            lambda: sheets.promises_checked(
                LEVELS, pd.DataFrame({"service": ["arrive on site"], "start": ["2024-05-02"], "end": ["2024-05-01"]})
            ),
            "row 0 of the log ends before it starts",
        ),
        (lambda: sheets.coded([], {"a": ["b"]}), "no texts"),
        (lambda: sheets.coded(["x"], {"a": []}), "the code 'a' has no word"),
        (lambda: sheets.age_band([20], [35, 20]), "borders of ages rise"),
        (lambda: sheets.listed_and_used(["a"], []), "1 customers are listed and 0 have a channel"),
        (lambda: sheets.loyalty_kind([1], [1, 0], [1]), "one flag each for the same customers"),
        (lambda: sheets.loyalty_kind([2], [1], [1]), "a flag is yes or no"),
        (lambda: sheets.staff_and_customers({"a": 1}, {"b": 1}, (1, 1)), "they differ in a, b"),
        (lambda: sheets.returners(gw.read_case("jd_survey_2015"), "Q6"), "an option that begins with 'never returned'"),
        (lambda: sheets.frame_sheet("SWOT", {}), "there is no frame 'SWOT'; there are PESTLE, 7S"),
        (lambda: sheets.frame_sheet("7S", {"money": [("x", "y")]}), "no heading 'money'"),
        (lambda: sheets.facts_in_frame(FACTS, {"a": ["profit"]}), "no metric 'profit'"),
        (lambda: sheets.competitor_gaps({"ours": {"a": 1}}, "ours"), "at least one rival"),
        (lambda: sheets.competitor_gaps({"ours": {"a": 1}, "b": {"c": 1}}, "ours"), "'b' is not marked on the same criteria"),
        (lambda: sheets.competitor_gaps({"ours": {"a": 1}, "b": {"a": 11}}, "ours"), "the mark of 'b' on 'a' is 11"),
        (
            lambda: sheets.key_account_plan(pd.DataFrame({"value": [1.0], "computed": ["A"]}), {"A": "x"}, {}, {"A": 1}),
            "class 'A' has accounts, and no action, cost or worth",
        ),
        (lambda: sheets.growth_readings(0, 6), "are positive"),
        (lambda: sheets.entrants(1, 0, 1), "are positive"),
        (lambda: sheets.chain_of_rates(0, {"a": 1}), "a chain starts with somebody"),
        (lambda: sheets.chain_of_rates(1, {"a": (0.5, 0.2)}), "the rate of 'a' is 0.5 to 0.2"),
        (lambda: sheets.chain_of_rates(1, {"a": 1}, ["b"]), "the chain has no stage 'b'"),
        (lambda: sheets.points_and_doublings({2010: 8}), "two points in time"),
        (lambda: sheets.price_match(0.1, 0.25, 0.5, 0.4), "no fewer buy at a matched price"),
        (lambda: sheets.actions_side_by_side({"a": (-1, 0)}, 1, 0.5), "no action has a negative cost"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(call, why: str) -> None:
    with pytest.raises(DataError, match=why):
        call()
