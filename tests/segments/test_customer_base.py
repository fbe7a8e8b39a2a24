"""One base of customers on two days, and what it carries."""

from dataclasses import replace

import pandas as pd
import pytest

import goodwill as gw
from goodwill.errors import TooLittle
from goodwill.segments.customer_base import customer_base, scheme_options


@pytest.fixture(scope="module")
def base():
    return customer_base(gw.read_transactions("cdnow_sample"), calibration_end="1997-09-30")


@pytest.fixture(scope="module")
def few():
    log = pd.DataFrame({"customer_id": [1, 2, 3, 1], "date": ["2024-01-01", "2024-01-02", "2024-01-03", "2024-03-01"], "amount": 5.0})
    return customer_base(gw.read_transactions(log), calibration_end="2024-02-15", horizon=10.0, currency="EUR")


def test_the_two_days_are_the_end_of_the_calibration_and_the_end_of_the_data(base):
    assert (len(base.customers), len(base.today.customers)) == (2_357, 2_357)
    assert base.length == pytest.approx(39.0, abs=0.2)
    assert base.horizon == pytest.approx(365.25 / 7)
    assert base.came.sum() == pytest.approx(base.customers["spend_holdout"].sum())
    assert base.currency == "USD"


def test_a_base_that_carries_an_analysis_comes_back_itself(base):
    for analysis in base.gate.table.index:
        assert base.allowing(analysis) is base


def test_what_few_customers_do_not_carry_is_one_sentence(few):
    assert (few.horizon, few.currency) == (10.0, "EUR")
    with pytest.raises(TooLittle, match=r"^Left out here: 3 customers are fewer than 500\.$"):
        few.allowing("a check of the ranking")
    with pytest.raises(TooLittle, match=r"^No plan is made: 3 customers are fewer than 500; 0.0% repeaters are fewer than 5%\.$"):
        few.allowing("a plan of strategies")


def test_without_a_sale_in_the_hold_out_nothing_is_judged_by_it(base):
    silent = replace(base, then=replace(base.then, customers=base.customers.assign(spend_holdout=0.0)))
    with pytest.raises(TooLittle, match=r"^Left out here: nobody bought in the hold-out\.$"):
        silent.allowing("movement between groups")
    assert silent.allowing("a plan of strategies") is silent


def test_a_plan_needs_a_model(base):
    without = replace(base, today=replace(base.today, purchases=None, note="No purchase model could be fitted (why)."))
    with pytest.raises(TooLittle, match=r"^No plan is made: No purchase model could be fitted \(why\)\.$"):
        without.allowing("a plan of strategies")


def test_the_rule_of_the_longest_silence_is_learned_on_an_inner_calibration(base):
    assert scheme_options(base, "rfm") == {}
    inner = scheme_options(base, "hiatus")["inner"]
    assert "frequency_holdout" in inner and len(inner) <= len(base.customers)
    rules = gw.segments.learn("hiatus", base.customers, **scheme_options(base, "hiatus"))
    assert len(rules.assign(base.customers)) == len(base.customers)


@pytest.mark.slow
def test_rules_that_cut_by_value_look_as_far_ahead_today_as_when_they_were_learned(base):
    """A longer look ahead makes everybody worth more; that lifts nobody in the pyramid."""
    found = base.today_for_rules
    assert found["customer_id"].equals(base.today.customers["customer_id"])
    assert (found["value"] < base.today.customers["value"]).all()
    farther = customer_base(base.transactions, calibration_end="1997-09-30", horizon=104.0)
    assert farther.today_for_rules["value"].to_numpy() == pytest.approx(found["value"].to_numpy())
    rules = gw.segments.learn("pyramid", base.customers)
    lifted = (rules.assign(farther.today.customers) != rules.assign(found)).mean()
    assert lifted > 0.01 and (rules.assign(farther.today_for_rules) == rules.assign(found)).all()


def test_without_a_model_rules_that_cut_by_value_see_what_was_spent(base, few):
    assert few.today_for_rules is few.today.customers
    spent = replace(base, then=replace(base.then, purchases=None)).today_for_rules
    assert spent["value"].to_numpy() == pytest.approx(0.3 * base.today.customers["spend"].to_numpy())


def test_customers_are_valued_by_the_spend_model_that_their_data_choose(base):
    """On CDNOW the first amount tells who spends little: of those who bought once, who paid more is expected to pay more."""
    assert (base.then.spend_model, base.today.spend_model) == ("first amount", "first amount")
    once = base.today.customers.query("frequency == 0 and spend > 0")
    assert once["expected_spend"].corr(once["spend"]) == pytest.approx(1.0)
    assert base.today.spend.model.uses_first
