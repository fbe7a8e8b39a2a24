"""Conditions by which a user says which rows are meant."""

import pandas as pd
import pytest

from goodwill.data.reading.sources import read_transactions
from goodwill.errors import DataError

LOG = pd.DataFrame(
    {
        "who": ["a", "b", "a", "c"],
        "Order Date": pd.to_datetime(["2024-01-01", "2024-02-01", "2024-03-01", "2024-04-01"]),
        "paid": [10.0, 20.5, -3.0, 40.0],
        "state of it": ["Done", "open ", None, "done"],
        "pieces": [1, 2, 3, 4],
    }
)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("keep", "kept"),
    [
        (["state of it=done"], [10.0, 40.0]),
        (["state of it=open|(blank)"], [20.5, -3.0]),
        (["state of it!=done"], [20.5, -3.0]),
        (["state of it!=(blank)"], [10.0, 20.5, 40.0]),
        (["paid<=20.5"], [10.0, 20.5, -3.0]),
        (["amount > 0"], [10.0, 20.5, 40.0]),
        (["Order Date>=2024-02-01", "date<2024-04-01"], [20.5, -3.0]),
        (["date=2024-01-01|2024-04-01"], [10.0, 40.0]),
        (["customer_id=A"], [10.0, -3.0]),
        (["pieces>=2", "pieces!=3"], [20.5, 40.0]),
        (["state of it=*", "paid=*"], [10.0, 20.5, -3.0, 40.0]),
        ("who=b", [20.5]),
    ],
)
def test_conditions_keep_the_rows_that_meet_them(keep: list[str], kept: list[float]) -> None:
    read = read_transactions(LOG, customer_id="who", date="Order Date", amount="paid", keep=keep)
    assert sorted(read.to_pandas().amount) == sorted(kept)
    audit = read.audit.set_index("rule")
    assert audit.rows["rows read"] == 4
    assert audit.money["rows read"] == 67.5
    assert audit.rows[[rule for rule in audit.index if rule.startswith("not kept")]].sum() == 4 - len(kept)


@pytest.mark.parametrize(
    ("keep", "sentence"),
    [
        ("done", r"keep=\['done'\] is no condition; write a column, a sign and values, such as keep=\['status=completed\|shipped'\]"),
        ("state of=done", r"names a column that DataFrame does not have. Did you mean 'state of it'\?"),
        ("date>=soon", "'soon' is no day; write it as year-month-day"),
        ("paid>=much", "'much' is no number; write it as 1234.50"),
    ],
)
def test_conditions_that_cannot_be_read_are_refused(keep: str, sentence: str) -> None:
    with pytest.raises(DataError, match=sentence):
        read_transactions(LOG, customer_id="who", date="Order Date", amount="paid", keep=[keep])


def test_an_unknown_word_for_once_is_refused() -> None:
    with pytest.raises(DataError, match="once='twice': choose one of rows, orders, nothing"):
        read_transactions(LOG, customer_id="who", date="Order Date", amount="paid", once="twice")
