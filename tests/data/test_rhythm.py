"""What purchase models cannot begin with is said before they start."""

import pandas as pd
import pytest

from goodwill.data.reading.sources import read_transactions
from goodwill.data.rhythm import for_purchase_models
from goodwill.errors import TooLittle


@pytest.mark.sampled(1)
@pytest.mark.parametrize(
    ("amounts", "message"),
    [([-5.0, -6.0], "is negative, so it holds returns and no purchase"), ([0.0, 0.0], "is zero, so nobody can be valued: pass amount=")],
)
def test_money_that_values_nobody_is_refused(amounts: list[float], message: str) -> None:
    log = pd.DataFrame({"customer_id": ["a", "b"], "date": ["2024-01-01", "2024-03-01"], "amount": amounts})
    with pytest.raises(TooLittle, match=message):
        for_purchase_models(read_transactions(log))


def test_amounts_of_nothing_are_no_matter_where_purchases_are_counted() -> None:
    log = pd.DataFrame({"customer_id": ["a", "b"], "date": ["2024-01-01", "2024-03-01"], "amount": [0.0, 0.0]})
    assert for_purchase_models(read_transactions(log), money=False).source == "DataFrame"
