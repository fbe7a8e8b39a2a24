"""Churn with and without a contract, its distribution over groups, its causes, its cost, and the rules that call customers gone."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.segments.cdnow import valued

import goodwill as gw
from goodwill.errors import DataError, TooLittle
from goodwill.segments.evidence.activity_rules import activity_predictions, activity_table
from goodwill.segments.movement.churn import cause_pareto, churn_by_group, churn_meanings, contract_churn
from goodwill.segments.movement.churn_cost import cost_of_lower_churn, cost_of_lower_churn_seen

TERMS = {"value": (300.0, 20.0), "unit_cost": (5.0, 0.5), "prevented": (0.1, 0.03)}


def test_churn_with_a_contract_is_one_minus_the_renewal_rate() -> None:
    found = contract_churn(gw.read_survival("fader_hardie_2007").table)
    first = found[(found["cohort"] == "High End") & (found["renewal"] == 1)].iloc[0]
    assert (first["asked"], first["left"], first["rate"]) == (1000, 131, 0.131)
    everyone = found[found["renewal"] == "all"].set_index("cohort")
    assert everyone.loc["Regular", "left"] == 827
    assert everyone.loc["Regular", "rate"] > everyone.loc["High End", "rate"]


def test_a_contract_table_that_grows_is_refused() -> None:
    with pytest.raises(DataError, match="cohort 'a' grows at time 1"):
        contract_churn(pd.DataFrame({"cohort": "a", "time": [0, 1], "customers": [5, 6]}))


def test_without_a_contract_each_meaning_gives_another_rate() -> None:
    found = churn_meanings(valued("cdnow_sample"), hiatus=26, unit="week").set_index("meaning")
    assert found["rate"].round(2).to_dict() == {"hiatus": 0.69, "probability": 0.19, "inactive": 0.71}
    assert "This model calls every customer with one purchase alive" in found.loc["probability", "definition"]
    assert "next 39 weeks" in found.loc["inactive", "definition"]


@pytest.mark.parametrize(
    ("rule", "correct"),
    [("bought within 26 weeks", 0.771), ("bought within 13 weeks", 0.779), ("P(alive) above one half", 0.339), ("all inactive", 0.710)],
)
def test_percent_correct_on_the_cdnow_sample(rule: str, correct: float) -> None:
    customers = valued("cdnow_sample")
    found = activity_table(customers["frequency_holdout"] > 0, activity_predictions(customers, "week")).set_index("rule")
    assert found.loc[rule, "correct"] == pytest.approx(correct, abs=5e-4)


@pytest.mark.slow
def test_pareto_nbd_is_right_as_often_as_the_hiatus_rule() -> None:
    customers = valued("cdnow_sample")
    summary = gw.summarize_purchases(gw.read_transactions("cdnow_sample"), calibration_end="1997-09-30")
    history = (customers[c].to_numpy() for c in ("frequency", "recency", "T"))
    alive = gw.ParetoNBD.fit(summary).model.probability_alive(*history) > 0.5
    found = activity_table(customers["frequency_holdout"] > 0, {"Pareto/NBD": alive}).set_index("rule")
    assert found.loc["Pareto/NBD", "correct"] == pytest.approx(0.774, abs=5e-4)
    assert found.loc["Pareto/NBD", "distinguishable"]


def test_the_base_rate_is_that_of_calling_all_the_same() -> None:
    customers = valued("cdnow_sample")
    found = activity_table(customers["frequency_holdout"] > 0, activity_predictions(customers, "week"))
    assert found.attrs["base"] == "all inactive"
    assert found.loc[found["difference_upper"] < 0, "rule"].tolist() == ["P(alive) above one half"]


def test_rates_of_groups_come_as_a_distribution() -> None:
    group, gone = np.repeat(["north", "south", "west"], [400, 300, 20]), np.zeros(720)
    gone[:80], gone[400:430], gone[700:712] = 1, 1, 1
    found = churn_by_group(gone, group)
    assert found["group"].tolist() == ["west", "north", "south"]
    assert found["rate"].tolist() == [0.6, 0.2, 0.1]
    assert found.loc[0, "shrunken"] < 0.58  # twenty customers are drawn towards the others
    assert found.attrs["overall"].estimate == pytest.approx(122 / 720)
    assert found.attrs["p"] < 0.001


@pytest.mark.slow
def test_groups_that_differ_by_chance_are_called_so_nineteen_times_in_twenty() -> None:
    rng = np.random.default_rng(1)
    found = [churn_by_group(rng.random(1000) < 0.2, rng.integers(8, size=1000)) for _ in range(40)]
    assert sum(table.attrs["p"] >= 0.05 for table in found) >= 35


def test_customers_who_cannot_be_judged_are_counted_and_left_out() -> None:
    found = churn_by_group([1, 0, np.nan, 1, 0], ["a", "a", "a", "b", "b"])
    assert found.attrs["left_out"] == 1
    assert found["customers"].tolist() == [2, 2]


def test_a_constant_rate_is_no_error() -> None:
    assert churn_by_group([0, 0, 0, 0], ["a", "a", "b", "b"]).attrs["p"] == 1


def test_causes_are_counted_from_cases_and_missing_ones_said() -> None:
    log = pd.DataFrame({"cause": ["quality"] * 60 + ["service"] * 25 + ["price"] * 15 + [None, " "]})
    found = cause_pareto(log)
    assert found["cause"].tolist() == ["quality", "service", "price"]
    assert found["cumulative"].tolist() == [0.6, 0.85, 1.0]
    assert found["rank_upper"].tolist() == [1, 3, 3]
    assert (found.attrs["enough"], found.attrs["missing"]) == (2, 2)


def test_a_complaint_log_goes_in_as_it_was_read() -> None:
    log = gw.read_complaints(pd.DataFrame({"opened": ["2024-05-01", "2024-05-02", "2024-05-02"], "cause": ["late", "late", "broken"]}))
    assert cause_pareto(log.cases)["cases"].tolist() == [2, 1]


def test_the_list_of_causes_of_the_case_has_no_counts_to_draw() -> None:
    listed = gw.read_case("churn_causes")
    with pytest.raises(DataError, match="without coded cases causes have no counts"):
        cause_pareto(listed)


@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=40))
def test_cumulative_shares_rise_to_one(causes: list[str]) -> None:
    found = cause_pareto(pd.DataFrame({"cause": causes}), draws=50)
    assert found["cases"].is_monotonic_decreasing
    assert found["cumulative"].iloc[-1] == pytest.approx(1)
    assert (found["rank_lower"] <= found["rank_upper"]).all()


def test_one_point_of_churn_costs_what_the_arithmetic_says() -> None:
    # 10 of 1,000 must be kept; 20 % would leave, a tenth of these is prevented: 500 are treated at 5, and 10 x 300 is saved.
    found = cost_of_lower_churn(200, 1000, **TERMS)
    assert (found.saved, found.treated.estimate, found.cost.estimate, found.benefit.estimate) == pytest.approx((10, 500, 2500, 3000))
    assert found.net.lower < 0 < found.net.upper
    assert (found.points, found.prevented, found.unit_cost) == (1.0, 0.1, 5.0)
    assert found.break_even_cost.estimate == pytest.approx(6)
    assert found.break_even_prevented.estimate == pytest.approx(5 / (300 * 0.2))


def test_at_the_break_even_nothing_is_gained() -> None:
    found = cost_of_lower_churn(200, 1000, **TERMS)
    at_cost = cost_of_lower_churn(200, 1000, **TERMS | {"unit_cost": (found.break_even_cost.estimate, 0.0)})
    at_share = cost_of_lower_churn(200, 1000, **TERMS | {"prevented": (found.break_even_prevented.estimate, 0.0)})
    assert at_cost.net.estimate == pytest.approx(0, abs=1e-9)
    assert at_share.net.estimate == pytest.approx(0, abs=1e-9)


def test_the_cost_is_taken_from_a_hold_out() -> None:
    # Half of 8 customers bought 10 or 30 in the hold-out; 12 orders of 200 in all make a mean order, a twentieth of which is the price.
    customers = pd.DataFrame({"frequency": [0] * 4 + [1] * 4, "spend": 300.0, "frequency_holdout": [0] * 4 + [1, 2] * 2})
    customers["spend_holdout"] = [0.0] * 4 + [10.0, 30.0] * 2
    found = cost_of_lower_churn_seen(customers, margin=0.5, prevented=0.2)
    assert found.unit_cost == pytest.approx(10)
    assert found.treated.estimate == pytest.approx(0.08 / (0.5 * 0.2))
    assert found.benefit.estimate == pytest.approx(0.08 * 0.5 * 20)
    with pytest.raises(TooLittle, match="1 of 5 customers bought in the hold-out"):
        cost_of_lower_churn_seen(customers.head(5), margin=0.5, prevented=0.2)


def test_targeting_those_likely_to_leave_halves_the_cost() -> None:
    aimed, plain = (cost_of_lower_churn(200, 1000, **TERMS, targeting=times) for times in (2.0, 1.0))
    assert aimed.cost.estimate == pytest.approx(plain.cost.estimate / 2)


def test_what_can_be_reached_at_most_is_found() -> None:
    found = cost_of_lower_churn(200, 1000, **TERMS, points=3)
    assert found.reachable.estimate < found.points
    assert found.reachable.estimate == pytest.approx(2)


def test_bad_churn_gets_one_sentence() -> None:
    with pytest.raises(TooLittle, match="none of 10 customers churned; lowering churn needs some who did"):
        cost_of_lower_churn(0, 10, **TERMS)
    with pytest.raises(DataError, match="11 of 10 customers churned"):
        cost_of_lower_churn(11, 10, **TERMS)
    with pytest.raises(DataError, match="it must be a share"):
        cost_of_lower_churn(1, 10, **TERMS | {"prevented": (1.2, 0.1)})
    with pytest.raises(TooLittle, match="two groups or more"):
        churn_by_group([1, 0], ["a", "a"])
    with pytest.raises(DataError, match="2 customers and 1 groups"):
        churn_by_group([1, 0], ["a"])
    with pytest.raises(DataError, match="1 answers for 2 customers"):
        activity_table([True, False], {"rule": [True]})
