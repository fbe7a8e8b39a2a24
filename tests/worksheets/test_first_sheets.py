"""Work sheets on the figures of the case texts, and what each refuses."""

from __future__ import annotations

from math import inf

import numpy as np
import pandas as pd
import pytest

import goodwill as gw
from goodwill import worksheets as sheets
from goodwill.errors import DataError, TooLittle


def test_the_printed_card_has_38_or_100_and_tells_nothing() -> None:
    printed = gw.read_case("suning_supplier_evaluation").query("indicator_en != 'total'").set_index("indicator_en")
    card = sheets.scorecard(printed["weight_of_10"].to_dict(), printed["score_of_100"].to_dict())
    assert (card.as_points, card.as_marks) == (100.0, 38.0)
    assert card.warning.startswith("every score is the most that its weight allows")
    other = sheets.scorecard({"a": 3, "b": 7}, {"a": 50, "b": 80})
    assert (other.as_marks, other.warning) == (71.0, "")
    assert sheets.scorecard({"a": 3, "b": 7}, {"a": 100, "b": 100}).warning


def test_a_list_of_accounts_is_held_against_its_values() -> None:
    listed = gw.read_case("suning_abc_accounts").set_index("account_en")["class"].to_dict()
    value = dict(zip(listed, [500, 200, 90, 60, 50, 40, 30, 20, 10], strict=True))  # made up: the case prints none
    table = sheets.listed_against_computed(listed, value)
    assert table["computed"].to_list() == ["A", "A", "A", "A", "B", "B", "B", "C", "C"]
    assert table["agrees"].mean() == pytest.approx(7 / 9)
    assert table["share"].iloc[-1] == pytest.approx(1.0)
    assert sheets.listed_against_computed({"x": "C"}, {"x": 5.0})["computed"].to_list() == ["A"]


def test_share_of_customer_and_share_of_market_answer_two_questions() -> None:
    found = sheets.share_of_customer({"large": 10, "small": 9}, {"large": 100, "small": 10})
    assert found.attrs == {"market_share": pytest.approx(19 / 110), "mean_share": pytest.approx(0.5)}
    assert found.index[0] == "large" and found.loc["large", "headroom"] == 90


def test_price_advantages_of_ten_twenty_and_thirty_per_cent_need_ever_more_volume() -> None:
    assert [sheets.price_cut(cut, 0.25) for cut in (0.0, 0.1, 0.2, 0.25, 0.3)] == [1.0, pytest.approx(5 / 3), pytest.approx(5.0), inf, inf]


def test_paying_after_three_months_in_place_of_twenty_days_is_worth_interest() -> None:
    assert sheets.payment_terms(20, 90, 0.06) == pytest.approx(1.06 ** (70 / 365.25) - 1)
    assert sheets.payment_terms(20, 20, 0.06) == 0
    assert sheets.payment_terms(90, 20, 0.06) < 0


def test_rounds_of_calls_cost_what_is_needed_and_win_what_is_left() -> None:
    one, three = (sheets.recovery_call(5, 24, 0.1, 50, rounds) for rounds in (1, 3))
    assert one.break_even_success == three.break_even_success == pytest.approx(0.04)
    assert three.cost == pytest.approx(2 * (1 + 0.9 + 0.81))
    assert three.expected == pytest.approx(50 * (1 - 0.9**3))
    assert sheets.recovery_call(5, 24, 0.04, 50).net == pytest.approx(0)


def test_a_tenth_of_past_guests_a_day_fits_no_house() -> None:
    found = sheets.repeat_base(200_000, 0.1, nights=1, rooms=1_000)
    assert found.per_day_if_daily == 20_000 and found.occupied_if_daily > 10
    assert found.per_day_if_yearly == pytest.approx(54.76, abs=0.01) and found.occupied_if_yearly < 0.05


def test_company_facts_say_why_they_may_not_be_compared() -> None:
    facts = gw.read_case("company_facts")
    assert sheets.comparable(facts, "skus")["doubt"].str.contains("the same number for another date").any()
    assert "no date" in sheets.comparable(facts, "after_sales_outlets")["doubt"].str.cat()
    assert sheets.growth({2005: 300, 2009: 1000}) == pytest.approx((1000 / 300) ** 0.25 - 1)
    with pytest.raises(DataError, match="the facts hold no metric 'profit'; among them are"):
        sheets.comparable(facts, "profit")


def test_a_paid_review_moves_the_mean_and_leaves_the_spread() -> None:
    rng = np.random.default_rng(1)
    liking = rng.normal(3.6, 0.9, 400_000)
    chance = 2.0 ** ((liking - 3.6) / 0.9 - 3)  # doubles with every standard deviation
    heard = liking[rng.random(len(liking)) < np.minimum(chance, 1)]
    assert heard.mean() - 3.6 == pytest.approx(sheets.solicited_bias(0.9, 1.0), abs=0.02)
    assert heard.std() == pytest.approx(0.9, abs=0.02)


def test_the_interval_of_double_satisfaction_covers() -> None:
    rng, held = np.random.default_rng(2), 0
    for _ in range(400):
        both = rng.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], 12)
        found = sheets.double_satisfaction(both[:, 0], both[:, 1])
        held += found.lower <= 0.6 <= found.upper
    assert held / 400 > 0.92


def test_grades_sums_and_degrees_keep_their_parts_apart() -> None:
    audit = sheets.graded_audit({"till": ["E"] * 3 + ["N"], "empty": []})
    assert audit["share"].to_list() == [0.75, 0.0, 0.25]
    marks = {"strengths": {"a": 8, "b": 6}, "weaknesses": {"c": 7}, "opportunities": {"d": 9}, "threats": {"e": 8}}
    assert sheets.scored_swot(marks).loc["strengths"].to_list() == [2, 14.0, 7.0, "a"]
    assert sheets.degrees_of_loyalty({"satisfaction": {"x": 5, "y": 3}}, (1, 5)).loc["satisfaction"].to_list() == [75.0, "y"]


@pytest.mark.parametrize(
    ("call", "why"),
    [
        (lambda: sheets.scorecard({"a": 1}, {"b": 1}), "they differ in a, b"),
        (lambda: sheets.scorecard({"a": 0}, {"a": 1}), "weights must be positive; 'a' has 0"),
        (lambda: sheets.scorecard({"a": 1}, {"a": 101}), "scores lie between 0 and 100; 'a' does not"),
        (lambda: sheets.listed_against_computed({"a": "A"}, {"b": 1}), "of the same accounts; they differ in a, b"),
        (lambda: sheets.listed_against_computed({"a": "A"}, {"a": 0}), "some of them positive"),
        (lambda: sheets.share_of_customer({"a": 11}, {"a": 10}), "customer 'a': money with the firm must lie between 0"),
        (lambda: sheets.delivered_value({"a": {"x": 1}}, {"b": {"x": 1}}), "of the same offers"),
        (lambda: sheets.delivered_value({"a": {"x": -1}}, {"a": {"p": 1}}), "offer 'a': 'x' is -1"),
        (lambda: sheets.price_cut(0.1, 1.2), "are shares of the price"),
        (lambda: sheets.payment_terms(-1, 2, 0.1), "cannot be negative"),
        (lambda: sheets.recovery_call(5, 24, 2, 50), "success is a chance between 0 and 1"),
        (lambda: sheets.funnel({"a": 1, "b": 2}), "2 reached 'b' and only 1 reached 'a'"),
        (lambda: sheets.funnel({"a": 1}), "at least two stages"),
        (lambda: sheets.repeat_base(1, 0.1, 1, 0), "at least one room"),
        (lambda: sheets.growth({2005: 1}), "at least two years"),
        (lambda: sheets.depth_and_scale([1], 1, 0, 1), "both exponents are positive"),
        (lambda: sheets.reviews_heard({"a": 1}, {"a": 2}), "chances between 0 and 1"),
        (lambda: sheets.solicited_bias(-1, 1), "a spread cannot be negative"),
        (lambda: sheets.double_satisfaction([1, 2], [1, 2, 3]), "2 places have a satisfaction of staff and 3 of customers"),
        (lambda: sheets.graded_audit({"till": ["A"]}), "department 'till' has the grade 'A'"),
        (lambda: sheets.scored_swot({"strengths": {"a": 1}}), "a SWOT has the parts"),
        (lambda: sheets.degrees_of_loyalty({"x": {}}, (1, 5)), "'x' needs at least one indicator"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(call, why: str) -> None:
    with pytest.raises(DataError, match=why):
        call()


def test_too_few_places_are_too_little() -> None:
    with pytest.raises(TooLittle, match="takes four places or more"):
        sheets.double_satisfaction([1, 2, 3], [1, 2, 3])


def test_sheets_are_reached_from_the_top() -> None:
    assert gw.worksheets.funnel is sheets.funnel
    assert isinstance(gw.worksheets.funnel({"a": 2, "b": 1}), pd.DataFrame)
