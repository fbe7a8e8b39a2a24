import numpy as np
import pandas as pd
import pytest

from goodwill.errors import DataError
from goodwill.segments.schemes.cuts import (
    cut_parts,
    empty_note,
    numbers,
    parts_by_count,
    parts_by_total,
    rank_above,
    rank_below,
    tie_groups,
)

THREE_TIMES = 16.56 + 16.56 + 16.56  # 49.67999999999999 in binary


def test_sums_that_differ_in_the_last_binary_digit_are_equal():
    assert THREE_TIMES != 49.68
    assert tie_groups(np.array([49.68, THREE_TIMES, 49.67])).customers.tolist() == [2, 1]
    assert rank_below(np.array([THREE_TIMES, 49.67]), [49.68]).tolist() == [0, 1]
    assert rank_above(np.array([49.68, 49.69]), [THREE_TIMES]).tolist() == [0, 1]


def test_a_customer_lies_where_the_running_total_ends():
    groups = tie_groups(np.array([3.0, 3.0, 2.0, 1.0, 1.0]))
    assert parts_by_total(groups, [0.5]).tolist() == [0, 1, 1]  # the second 3 passes one half, but goes with the first


def test_somebody_larger_than_a_part_lies_where_the_running_total_begins():
    parts = parts_by_total(tie_groups(np.array([55.0, 20.0, 15.0, 10.0])), np.arange(1, 10) / 10)
    assert parts.tolist() == [0, 5, 7, 9]
    cut = cut_parts(tie_groups(np.array([55.0, 20.0, 15.0, 10.0])), parts, [f"part {k}" for k in range(1, 11)])
    assert cut.names == ("part 1", "part 6", "part 8", "part 10")
    assert empty_note(cut)[0].startswith("nobody lies in part 2, part 3, part 4, part 5, part 7 and part 9: equal customers")


def test_returns_lie_in_the_last_part_and_do_not_lower_the_total():
    groups = tie_groups(np.array([6.0, 4.0, 0.0, -50.0]))
    assert parts_by_total(groups, [0.6]).tolist() == [0, 1, 1, 1]


def test_equal_customers_lie_where_the_first_of_them_does_by_count():
    groups = tie_groups(np.array([9.0, 5.0, 5.0, 5.0, 1.0, 0.0]))
    assert parts_by_count(groups, [1 / 3, 2 / 3]).tolist() == [0, 0, 2, 2]


def test_hiatus_and_orders_are_made_unless_they_are_columns():
    customers = pd.DataFrame({"T": [10.0], "recency": [10.0 + 1e-15], "frequency": [2]})
    assert numbers(customers, "hiatus", "rfm").tolist() == [0.0]
    assert numbers(customers, "orders", "rfm").tolist() == [3.0]
    assert numbers(customers.assign(hiatus=4.0), "hiatus", "rfm").tolist() == [4.0]


def test_infinite_money_is_refused():
    with pytest.raises(DataError, match="has no number in 1 of 2 rows"):
        numbers(pd.DataFrame({"spend": [1.0, np.inf]}), "spend", "abc")
