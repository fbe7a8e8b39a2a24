"""The figures that the case texts print, as the tables of data/cases hold them, against what the library makes of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import goodwill as gw
from goodwill import worksheets as sheets
from goodwill.satisfaction.roles import ROLES
from goodwill.word_of_mouth.coca_cola import MIDDLES

FACTS = gw.read_case("company_facts")
JD = gw.read_case("jd_survey_2015")


def test_the_figures_of_coca_cola_are_those_of_the_table() -> None:
    printed = gw.read_case("coke_1981_wom").set_index("id")
    assert printed.loc["coke_tell_satisfied", ["low", "high"]].astype(float).mean() == MIDDLES["satisfied"]
    assert printed.loc["coke_tell_dissatisfied", ["low", "high"]].astype(float).mean() == MIDDLES["dissatisfied"]
    gone, less, rest, more = (float(printed.loc[f"coke_{name}", "value"]) for name in ("boycott", "reduce", "rest", "buy_more"))
    assert gone + less + rest == pytest.approx(1, abs=1e-4)
    value = gw.word_of_mouth.RecoveryValue(
        boycott=gone, reduce=less, buy_more=more, told_dissatisfied=MIDDLES["dissatisfied"], told_satisfied=MIDDLES["satisfied"],
        reduction=0.5, increase=0.5, loss_per_hearing=0.02, gain_per_hearing=0.01,
        residual_value=300, purchase_margin=0, prospect_value=300,
    )  # fmt: skip
    # A third of 300 and half of 300 for 45 %, and half of 300 for 10 %; the second and third line of figures are assumed.
    assert value.direct == pytest.approx(100 + 67.5 + 15, abs=0.02)
    assert value.word_of_mouth == pytest.approx(300 * (9.5 * 0.02 + 4.5 * 0.01))


def test_the_ratio_of_xerox_is_that_of_the_table() -> None:
    factor = float(gw.read_case("xerox_satisfaction").set_index("id").loc["xerox_ratio", "value"])
    assert gw.satisfaction.six_times(factor, 0.28)["most_at_lower"] == pytest.approx(1 / 6)
    assert gw.satisfaction.six_times(factor, 0.28, wording="times_more")["most_at_lower"] == pytest.approx(1 / 7)


def test_walmart_keeps_all_but_the_day_of_the_last_purchase() -> None:
    fields = gw.read_case("walmart_record_fields")
    missing = fields[fields["present"].str.startswith("NO")]
    assert missing["field_en"].to_list() == ["date of last purchase"]
    weeks = float(FACTS.query("company == 'Walmart' and metric == 'record_retention'")["value"].iloc[0])
    assert weeks == 52 + 13


def test_the_three_groups_have_the_shares_of_the_table() -> None:
    printed = gw.read_case("purchase_decile_segments").set_index("order")
    assert printed.loc[1, "share_of_sales_high"] == 0.1
    assert printed.loc[2, ["share_of_sales_low", "share_of_sales_high"]].to_list() == [0.4, 0.5]
    assert printed.loc[0, "action"] == "exclude"


def test_the_goal_of_each_group_and_what_its_care_must_bring() -> None:
    goals = gw.read_case("purchase_decile_segments").query("order > 0")["goal_en"].to_list()
    assert goals[:2] == ["keep them", "raise our share of their purchases"] and goals[2].startswith("special care may cost more")
    names = ("most profitable", "highest potential", "losing value")
    customers = gw.summarize_purchases(gw.read_transactions("cdnow_sample")).to_pandas()
    group = gw.segments.learn("target_groups", customers).assign(customers)
    bought = pd.DataFrame({"account": customers["customer_id"], "value": customers["spend"], "computed": group})
    plan = sheets.key_account_plan(bought, dict(zip(names, goals, strict=True)), dict.fromkeys(names, 1.0), dict.fromkeys(names, 0.3))
    plan = plan.loc[list(names)]
    assert plan["accounts"].to_list() == [13, 336, 2008] and plan["action"].to_list() == goals
    shares = plan["value"] / plan["value"].sum()
    assert shares.to_list() == pytest.approx([0.1, 0.5, 0.4], abs=0.001)  # 10 % and, of the printed 40 to 50 %, 50
    # One unit for each of 2,008 customers who hold .4 of 244,092 dollars, at a margin of .3, against 13 who hold a tenth.
    assert plan["needed"].to_list() == pytest.approx([13 / (0.3 * 24_226.05), 336 / (0.3 * 122_214.36), 2008 / (0.3 * 97_651.53)])
    assert plan["needed"].iloc[2] / plan["needed"].iloc[0] == pytest.approx(38.32, abs=0.01)


def test_of_the_five_steps_against_churn_three_are_worked() -> None:
    steps = gw.read_case("churn_causes").query("kind == 'countermeasure'")["item_en"].to_list()
    assert len(steps) == 5 and steps[3] == "compute the cost of lowering the churn rate"
    found = sheets.frame_sheet(steps, {step: [("worked", "report 08")] for step in steps[1:4]})
    assert found["heading"].to_list() == steps
    assert found["doubt"].to_list() == ["nothing entered", "", "", "", "nothing entered"]


def test_the_six_roles_are_those_of_the_table() -> None:
    assert set(gw.read_case("loyalty_matrix")["role_en"]) == set(ROLES)


def test_the_six_categories_are_those_of_the_table() -> None:
    printed = gw.read_case("loyalty_categories")["category_en"]
    found = gw.satisfaction.loyalty_categories([5, 5, 1, 2], [5, 1, 1, 1])
    assert len(printed) == len(found) == 6
    assert [name.split("-")[0] for name in printed][:2] == ["long", "long"] and printed.str.startswith("non-users").sum() == 2
    assert found["customers"].to_list()[:4] == [1, 1, 1, 1] and found["customers"].isna().sum() == 2


def test_an_index_of_the_six_attributes_of_case_6() -> None:
    attributes = gw.read_case("case6_satisfaction_attributes")
    assert attributes["attribute_en"].str.split(" ").str[0].to_list() == ["quality", "function", "price", "service", "packaging", "taste"]
    low, high = int(attributes["scale_min"].iloc[0]), int(attributes["scale_max"].iloc[0])
    items = attributes["attribute_en"]
    answers = pd.DataFrame([[1, 2, 3, 4, 5, 5], [3, 4, 5, 4, 3, 5]], columns=items)
    weights = dict(zip(items, (0.3, 0.2, 0.2, 0.1, 0.1, 0.1), strict=True))  # made up: Case 6 lost its weights
    found = gw.satisfaction.satisfaction_index(answers, weights, scale=(low, high))
    assert found.simple.estimate == pytest.approx(answers.mean(axis=None))
    assert found.weighted.estimate == pytest.approx(float((answers.mean() * pd.Series(weights)).sum()))


def test_delivered_value_is_benefit_less_cost() -> None:
    found = sheets.delivered_value(
        {"a": {"product": 5, "image": 2}, "b": {"product": 6}}, {"a": {"price": 3}, "b": {"price": 1, "time": 1}}
    )
    assert found["delivered"].to_dict() == {"a": 4.0, "b": 4.0}
    assert found["price_room"].to_list() == [0.0, 0.0]


def test_a_third_of_reviews_come_from_an_eighth_of_the_asked() -> None:
    asked = JD[JD["question_id"] == "Q6"].set_index("option_en")["count"]
    shares = (asked / asked.sum()).round(4).to_list()
    assert shares == [0.129, 0.1613, 0.5806, 0.129]
    assert sheets.reviews_heard(asked, {"every time": 1, "often": 1, "sometimes": 1, "never": 0}).share == pytest.approx(81 / 93)
    assert sheets.reviews_heard(asked, {"every time": 1, "often": 0.6, "sometimes": 0.2, "never": 0}).by_always == pytest.approx(12 / 31.8)


def test_acquaintances_tell_of_the_shop_more_often_than_of_a_sale() -> None:
    seen = gw.word_of_mouth.answered_share(JD, "Q3", "recommended by an acquaintance")
    told = gw.word_of_mouth.answered_share(JD, "Q4", "told by an acquaintance")
    assert seen.estimate == pytest.approx(42 / 93) and told.estimate == pytest.approx(14 / 93)
    assert told.upper < seen.lower


def test_a_thousand_seats_carry_a_hundred_thousand_messages() -> None:
    suning = FACTS[FACTS["company"] == "Suning"].set_index("metric")["value"]
    assert (suning["call_centre_peak_day"], suning["call_centre_seats"]) == (100_000, 1_000)
    # Twelve hours a day and five minutes a message (assumed): 694 seats are busy, so that a thousand are enough and 690 are not.
    busy = 100_000 / 12 * 5 / 60
    assert busy == pytest.approx(694.4, abs=0.1)
    centre = gw.word_of_mouth.CallCentre(100_000 / 12, 12, 1_000)
    assert centre.wait_probability < 1e-6
    with pytest.raises(gw.DataError):
        gw.word_of_mouth.CallCentre(100_000 / 12, 12, 690)


def test_depth_overtakes_scale_where_the_curves_cross() -> None:
    at = np.array([0.5, 1.0, 2.0])
    found = sheets.depth_and_scale(at, per_customer=3, returns=0.5, learning=1.5)
    assert found["scale"].to_list() == pytest.approx(3 * at**0.5) and found["depth"].to_list() == pytest.approx(3 * at**1.5)
    assert found["ahead"].to_list() == ["scale", "scale", "depth"]


@pytest.mark.parametrize(("returns", "learning"), [(0.5, 1.5), (0.9, 1.1)])
def test_scale_brings_less_with_each_step_and_depth_more_as_the_text_draws_them(returns: float, learning: float) -> None:
    found = sheets.depth_and_scale(np.arange(0, 9), per_customer=3, returns=returns, learning=learning)
    steps = found[["scale", "depth"]].diff().dropna()
    assert steps["scale"].is_monotonic_decreasing and steps["depth"].is_monotonic_increasing
    assert (steps > 0).all(axis=None)


def test_the_shares_of_the_clinic_are_those_of_the_table() -> None:
    said = FACTS.set_index(["company", "metric"])["value"]
    assert said["firms in general", "share_neglecting_old_customers"] == 90
    assert said["dissatisfied customers in general", "say_nothing_but_return"] == 10
    hotel = FACTS[FACTS["company"] == "Oriental Hotel"].set_index("metric")["value"]
    found = sheets.repeat_base(hotel["past_guests"], hotel["returning_share_needed"], nights=1, rooms=1_000)
    assert found.per_day_if_daily == 20_000


def test_the_glossary_has_22_terms_in_two_languages() -> None:
    terms = gw.read_case("glossary")
    assert len(terms) == 22 and terms[["term_zh", "term_en", "definition_en"]].notna().all(axis=None)
