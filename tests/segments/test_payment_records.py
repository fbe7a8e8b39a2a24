import pandas as pd
import pytest

import goodwill as gw
from goodwill.errors import DataError
from goodwill.segments import payment_record, policies


def test_the_four_cells_have_the_policies_of_the_case():
    case = gw.read_case("payment_record_rule")
    rules = payment_record(case, size="customer_size")
    told = policies(rules)
    for cell, policy in zip(rules.assign(case), case["policy_en"], strict=True):
        assert told[cell] == policy
    assert rules.segments[-1] == "not known" and "not known" not in told


def test_numbers_are_cut_where_one_is_told():
    accounts = pd.DataFrame({"size": [100.0, 10.0, None], "payment_record": [0.9, 0.5, 0.9]})
    rules = payment_record(accounts, large_from=50, good_from=0.8)
    assert list(rules.assign(accounts)) == ["large and good", "small and bad", "not known"]


def test_a_strange_label_is_named_with_its_row():
    accounts = pd.DataFrame({"size": ["large", "medium"], "payment_record": "good"})
    with pytest.raises(DataError, match=r"'size' holds 'medium' in row 1: it takes 'large' and 'small', or numbers with large_from="):
        payment_record(accounts)
