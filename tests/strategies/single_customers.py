"""Single customers behind small tables of values."""

from typing import Any

import numpy as np
import pandas as pd
from tests.segments.plan_values import plan_values

from goodwill.strategies.single_customers import Customers, customers_of


def single_customers(gain: Any, cost: Any, worth: dict[str, list[float]], **changes: Any) -> Customers:
    """Customers with these expected values by segment ("a" first); past spend is the value turned around, so that the two rank differently.

    Whatever else `plan_values` takes may be changed.
    """
    labels = [name for name, values in worth.items() for _ in values]
    value = np.concatenate([np.asarray(values, float) for values in worth.values()])
    frame = pd.DataFrame({"value": value, "spend": value.max() - value})
    values = plan_values(gain, cost, [len(each) for each in worth.values()], **changes)
    return customers_of(values, labels, frame)
