import pandas as pd
import pytest

import goodwill as gw
from goodwill.errors import DataError
from goodwill.segments import Rules, abc, abc_list


def test_class_a_of_cdnow_brings_four_fifths_of_sales(cdnow):
    found = abc(cdnow).assign(cdnow)
    assert found.value_counts().tolist() == [9055, 7977, 6538]
    share = cdnow["spend"].groupby(found, observed=False).sum() / cdnow["spend"].sum()
    assert share.to_numpy() == pytest.approx([0.8, 0.15, 0.05], abs=0.001)


def test_own_cuts_and_names(cdnow):
    assert abc(cdnow, cuts=(0.5,), names=("key", "other")).segments == ("key", "other")


@pytest.mark.parametrize("cuts", [(0.95, 0.8), (0.0, 0.5), (0.8, 1.0), (0.8,)])
def test_cuts_must_rise_between_zero_and_one(cdnow, cuts):
    with pytest.raises(DataError, match=r"must rise and lie between 0 and 1|1 cuts for 3 segments"):
        abc(cdnow, cuts=cuts)


def test_the_accounts_of_suning_keep_their_classes():
    accounts = pd.DataFrame({"account": ["Sony", "LG", "Huawei", "Haier", "Apple"]})
    rules = abc_list(accounts, lists=gw.read_case("suning_abc_accounts"), column="account")
    assert list(rules.assign(accounts)) == ["A", "B", "C", "A", "not listed"]
    assert rules.settings["lists"]["B"] == ("Midea", "LG", "Lenovo")
    assert rules.notes == ("5 of the names listed are not among these customers: Samsung, Midea, Lenovo, Fotile, Dell",)


def test_a_name_in_two_lists_is_refused():
    with pytest.raises(DataError, match="'LG' stands in the lists of A and of B"):
        abc_list(pd.DataFrame({"customer_id": ["LG"]}), lists={"A": ["LG"], "B": ["LG"]})


def test_an_empty_list_is_refused():
    with pytest.raises(DataError, match="every class of 'abc_list' needs a list"):
        Rules("abc_list", ("A", "not listed"), {"column": "customer_id", "lists": {"A": []}})


def test_ids_may_be_numbers():
    customers = pd.DataFrame({"customer_id": [7, 8]})
    assert list(abc_list(customers, lists={"A": [8]}).assign(customers)) == ["not listed", "A"]
