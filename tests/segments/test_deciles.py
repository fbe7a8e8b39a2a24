import numpy as np
import pandas as pd
import pytest
from lifetimes.datasets import load_dataset

from goodwill.errors import DataError
from goodwill.segments import count_decile, sales_decile, target_groups

# Of customers whose spend is added up in cents.
CDNOW_PARTS = [135, 329, 531, 751, 1033, 1426, 1988, 2862, 4584, 9931]


def sizes(rules, customers):
    return [int(n) for n in rules.assign(customers).value_counts()]


def test_a_tenth_of_cdnow_sales_comes_from_135_customers(cdnow):
    rules = sales_decile(cdnow)
    assert sizes(rules, cdnow) == CDNOW_PARTS
    assert rules.settings["lowest"][0] == 743.03
    sales = cdnow["spend"].groupby(rules.assign(cdnow), observed=False).sum() / cdnow["spend"].sum()
    assert sales.to_numpy() == pytest.approx(0.1, abs=0.002)


def test_sums_of_binary_fractions_part_three_of_eleven_who_spent_the_same():
    """Adding dollars as binary fractions makes parts of 2,859 and 4,587 by the same rule: a trap that whole cents avoid."""
    rows = load_dataset("CDNOW_master.txt", sep=r"\s+")
    spend = rows[rows["date"] <= 19970930].groupby("customer_id")["dollar_value"].sum().to_numpy()
    same = spend[np.round(spend, 2) == 49.68]
    assert len(same) == 11
    assert (same < 49.68).sum() == 3
    value, customers = np.unique(-spend, return_counts=True)
    before = np.cumsum(-value * customers) + value * customers
    part = np.minimum(np.ceil(10 * (before - value) / spend.sum()) - 1, 9).astype(int)
    parted = np.bincount(part, weights=customers).astype(int).tolist()
    assert parted == [135, 329, 531, 751, 1033, 1426, 1988, 2859, 4587, 9931]
    assert sizes(sales_decile(pd.DataFrame({"spend": spend})), pd.DataFrame({"spend": spend})) == CDNOW_PARTS


def test_count_deciles_of_cdnow_say_how_unequal_ties_make_them(cdnow):
    rules = count_decile(cdnow)
    found = sizes(rules, cdnow)
    assert sum(found) == 23_570
    assert (max(found), min(found)) == (2_692, 2_149)
    assert "2,357.0 customers would be an equal part, tenth 8 holds 2,692 and tenth 10 holds 2,149" in rules.notes[-1]


def test_the_two_deciles_are_never_confused(cdnow):
    for parts in (10, 5):
        assert set(sales_decile(cdnow, parts=parts).segments).isdisjoint(count_decile(cdnow, parts=parts).segments)


def test_profit_sets_those_who_bring_none_apart():
    customers = pd.DataFrame({"profit": [50.0, 30.0, 20.0, 0.0, -40.0]})
    rules = sales_decile(customers, by="profit", parts=2)
    assert list(rules.assign(customers)) == ["part 1", "part 2", "part 2", "no profit", "no profit"]


def test_transaction_customers_are_taken_out_before_sales_are_cut():
    customers = pd.DataFrame({"spend": [100.0, 10.0, 9.0, 1.0], "bargains": [0.9, 0.1, 0.2, 0.0]})
    rules = target_groups(customers, keep=0.5, grow=0.45, transaction="bargains")
    assert list(rules.assign(customers)) == ["transaction customers", "most profitable", "highest potential", "losing value"]


def test_the_three_target_groups_of_cdnow_hold_their_shares_of_sales(cdnow):
    rules = target_groups(cdnow)
    assert sizes(rules, cdnow) == [135, 4070, 19365]
    sales = cdnow["spend"].groupby(rules.assign(cdnow), observed=False).sum() / cdnow["spend"].sum()
    assert sales.to_numpy() == pytest.approx([0.1, 0.5, 0.4], abs=0.001)
    assert "takes two windows" in rules.notes[-1]


def test_later_customers_beyond_the_learned_range_lie_in_the_end_parts(cdnow):
    found = sales_decile(cdnow).assign(pd.DataFrame({"spend": [1e9, -5.0, 0.0]}))
    assert list(found) == ["part 1", "part 10", "part 10"]


@pytest.mark.parametrize(("keep", "grow"), [(0, 0.5), (0.5, 0.5), (0.1, -1)])
def test_shares_of_target_groups_must_leave_something(keep, grow):
    with pytest.raises(DataError, match="shares of sales: both above 0, together below 1"):
        target_groups(pd.DataFrame({"spend": [1.0]}), keep=keep, grow=grow)


def test_nothing_to_cut_is_said():
    with pytest.raises(DataError, match="no customer has a positive 'spend'"):
        sales_decile(pd.DataFrame({"spend": [0.0, -2.0]}))
    with pytest.raises(DataError, match="cut into 2 to 1,000 parts"):
        sales_decile(pd.DataFrame({"spend": [1.0]}), parts=1)
