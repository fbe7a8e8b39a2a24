"""Single customers behind the values of segments: what a strategy would add to each of them, and plans that pick among them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from goodwill.strategies.allocation import Plan
from goodwill.strategies.incremental_values import IncrementalValue
from goodwill.strategies.per_customer import places_and_relative_value

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Customers:
    """What strategies would add to single customers.

    Attributes
    ----------
    values : of segments
    place : number of each customer's segment
    relative : her own expected value over the mean of her segment
    spent : what she spent so far

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from goodwill.strategies import customers_of
    >>> from goodwill.strategies.incremental_values import IncrementalValue
    >>> values = IncrementalValue.stated({"all": 3}, {"call": {"all": 4.0}}, {"call": 1.0})
    >>> people = customers_of(values, ["all"] * 3, pd.DataFrame({"value": [9.0, 2.0, 1.0], "spend": [20.0, 30.0, 10.0]}))
    >>> people.plan("the first two", np.array([[0], [0], [-1]]), budget=2.0).gain
    11.0
    """

    values: IncrementalValue
    place: Ints
    relative: Floats
    spent: Floats

    @cached_property
    def groups(self) -> tuple[Ints, ...]:
        """Strategies of each exclusive group."""
        return tuple(np.flatnonzero(np.array(self.values.groups) == name) for name in dict.fromkeys(self.values.groups))

    def plan(self, name: str, choice: Ints, budget: float, price: float | None = None, ranked_by: str = "value") -> Plan:
        """The plan that gives each customer the chosen strategy of each group."""
        treated, weight = np.zeros(self.values.eligible.shape), np.zeros(self.values.eligible.shape)
        for column in choice.T:
            some = np.flatnonzero(column >= 0)
            np.add.at(treated, (self.place[some], column[some]), 1.0)
            np.add.at(weight, (self.place[some], column[some]), self.relative[some])
        shares = treated / np.maximum(self.values.customers, 1)[:, None]
        return Plan(name, shares, self.values, budget, price, weight, choice, ranked_by)


def customers_of(values: IncrementalValue, segment: Any, customers: pd.DataFrame) -> Customers:
    """Single customers behind the values of segments.

    Parameters
    ----------
    values : of the segments of these customers
    segment : one label per customer
    customers : with `value`, expected and not negative, and `spend` so far

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.strategies.incremental_values import IncrementalValue
    >>> values = IncrementalValue.stated({"best": 2, "others": 1}, gain={"call": {"best": 3.0, "others": 1.0}}, cost={"call": 2.0})
    >>> customers = pd.DataFrame({"value": [12.0, 8.0, 5.0], "spend": [40.0, 60.0, 10.0]})
    >>> customers_of(values, ["best", "best", "others"], customers).relative.round(2).tolist()  # her value over the mean of her segment
    [1.2, 0.8, 1.0]
    """
    place, relative = places_and_relative_value(values, segment, customers["value"])
    return Customers(values, place, relative, customers["spend"].to_numpy(float))
