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


WORTH = {name: np.linspace(1, 9, 50).tolist() for name in "abc"}
GAIN = np.array([[6.0, 2.0], [3.0, 2.0], [0.5, 2.0]])


def three_segments(noise: float = 0.0, gain: np.ndarray = GAIN, **changes: Any) -> Customers:
    """Three segments of 50 and two strategies; past spend ranks customers the wrong way round."""
    draws = gain + noise * np.random.default_rng(1).standard_normal((400, *gain.shape))
    return single_customers(draws, [1.0, 1.0], WORTH, **changes)
