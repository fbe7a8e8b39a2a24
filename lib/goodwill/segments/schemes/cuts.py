"""What schemes share: reading a column, comparing values that may differ by rounding, and cutting a ranking without parting ties."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from goodwill.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

# Sums of binary fractions differ in the last digits (3 x 16.56 = 49.67999999999999, and not 49.68): closer than this, relatively, is equal.
EQUAL = 1e-9

_ADVICE = {
    "spend": "summarize the transactions with their amount, or pass the column that holds each customer's money",
    "value": "add each customer's expected value (goodwill.customer_value), or name another column, such as by='spend'",
    "discount_share": "add the share of each customer's spend that was bought at a discount (0 to 1)",
    "growth_value": "add the growth value earned in the period, or name another column, such as growth='spend'",
    "T": "pass the table of summarize_purchases(...).to_pandas()",
    "frequency": "pass the table of summarize_purchases(...).to_pandas()",
    "recency": "pass the table of summarize_purchases(...).to_pandas()",
}


def need(customers: pd.DataFrame, names: Sequence[str], scheme: str) -> None:
    """Check that there are customers, and the columns that a scheme needs.

    Examples
    --------
    >>> import pandas as pd
    >>> need(pd.DataFrame({"frequency": [1]}), ["spend"], "abc")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    goodwill.errors.DataError: column 'spend' is missing, which 'abc' needs: summarize the transactions with their amount, or ...
    """
    for name in names:
        if name not in customers:
            advice = _ADVICE.get(name, "add it, or name the column that holds it")
            raise DataError(f"column '{name}' is missing, which '{scheme}' needs: {advice}.")
    if not len(customers):
        raise DataError(f"'{scheme}' was given no customers.")


def numbers(customers: pd.DataFrame, name: str, scheme: str) -> FloatArray:
    """A column as floats without gaps; `hiatus` is T - recency and `orders` frequency + 1 unless they are columns.

    Raises
    ------
    DataError
        The column is missing, holds text, or has gaps: says how many and where the first one is.

    Examples
    --------
    >>> import pandas as pd
    >>> numbers(pd.DataFrame({"T": [30.0, 20.0], "recency": [25.0, 20.0]}), "hiatus", "rfm").tolist()  # weeks of silence
    [5.0, 0.0]
    """
    if name not in customers and name == "hiatus":
        # Customers seen last at the very end have T = recency, which rounding may turn into -1e-16.
        return np.maximum(numbers(customers, "T", scheme) - numbers(customers, "recency", scheme), 0.0)
    if name not in customers and name == "orders":
        return numbers(customers, "frequency", scheme) + 1.0
    need(customers, [name], scheme)
    try:
        values = customers[name].to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError):
        raise DataError(f"column '{name}' holds something that is no number, which '{scheme}' cannot cut: clean or convert it.") from None
    gaps = np.flatnonzero(~np.isfinite(values))
    if len(gaps):
        raise DataError(
            f"column '{name}' has no number in {len(gaps):,} of {len(values):,} rows (first: row {gaps[0]}); '{scheme}' places every "
            "customer, so fill the gaps or leave those customers out."
        )
    return values


def rank_below(values: FloatArray, lowest: ArrayLike) -> IntArray:
    """How many of the falling bounds a value lies below: 0 when it reaches the first; values equal up to rounding reach it.

    >>> import numpy as np
    >>> rank_below(np.array([7.0, 5.0, 4.9, 0.0]), [5.0, 2.0]).tolist()
    [0, 0, 1, 2]
    """
    bounds = np.asarray(lowest, dtype=float)
    reached = bounds - EQUAL * np.abs(bounds)
    return len(bounds) - np.searchsorted(reached[::-1], values, side="right")


def rank_above(values: FloatArray, edges: ArrayLike) -> IntArray:
    """How many of the rising, right-closed edges a value lies above: 0 up to and with the first.

    >>> import numpy as np
    >>> rank_above(np.array([0.0, 1.0, 1.1, 9.0]), [0.0, 1.0, 3.0]).tolist()
    [0, 1, 2, 3]
    """
    bounds = np.asarray(edges, dtype=float)
    return np.searchsorted(bounds + EQUAL * np.abs(bounds), values, side="left")


class Ties(NamedTuple):
    """Groups of equal values, highest first.

    Examples
    --------
    >>> import numpy as np
    >>> from goodwill.segments import tie_groups
    >>> tie_groups(np.array([10.0, 50.0, 10.0]))
    Ties(value=array([50., 10.]), customers=array([1., 2.]))
    """

    value: FloatArray  # the lowest of each group
    customers: FloatArray


def tie_groups(values: FloatArray) -> Ties:
    """Groups of values that are equal up to rounding, highest first.

    >>> import numpy as np
    >>> groups = tie_groups(np.array([2.0, 49.68, 49.67999999999999]))
    >>> groups.customers.tolist()
    [2.0, 1.0]
    """
    falling = -np.sort(-values)
    last = np.append(falling[:-1] - falling[1:] > EQUAL * np.abs(falling[:-1]), True)
    ends = np.flatnonzero(last)
    return Ties(falling[ends], np.diff(ends, prepend=-1).astype(float))


def parts_by_total(groups: Ties, shares: ArrayLike) -> IntArray:
    """The part of each group when the total of the values is cut at these cumulative shares.

    Customers stand in falling order. One lies in the part in which the running total ends when it is counted, and those who are equal lie
    where the first of them does. Somebody larger than a whole part lies where the running total begins, so that the first part is never
    left empty. Values of zero and below lie in the last part and do not lower the total.

    >>> import numpy as np
    >>> from goodwill.segments import tie_groups
    >>> groups = tie_groups(np.array([50.0, 30.0, 10.0, 10.0]))
    >>> parts_by_total(groups, [0.5, 0.8]).tolist()  # the first holds half, the second the next 30, and the two equal ones the rest
    [0, 1, 2]
    """
    inner = np.asarray(shares, dtype=float)
    value = np.maximum(groups.value, 0.0)
    total = float(value @ groups.customers)
    if total <= 0:
        return np.zeros(len(value), dtype=np.int64)
    before = np.cumsum(value * groups.customers) - value * groups.customers
    begins = np.searchsorted(inner, before / total + EQUAL, side="right")
    ends = np.searchsorted(inner, (before + value) / total - EQUAL, side="left")
    width = np.diff(np.concatenate([[0.0], inner, [1.0]]))
    part = np.where(value / total > width[begins] + EQUAL, begins, ends)
    part[groups.value <= 0] = len(inner)
    return part


def parts_by_count(groups: Ties, shares: ArrayLike) -> IntArray:
    """The part of each group when the customers are cut at these cumulative shares; equals lie where the first of them does.

    >>> import numpy as np
    >>> from goodwill.segments import tie_groups
    >>> groups = tie_groups(np.array([50.0, 30.0, 10.0, 10.0]))
    >>> parts_by_count(groups, [0.25, 0.5]).tolist()
    [0, 1, 2]
    """
    inner = np.asarray(shares, dtype=float)
    ranks = np.cumsum(groups.customers) - groups.customers + 1.0
    return np.searchsorted(inner, ranks / groups.customers.sum() - EQUAL, side="left")


class Parts(NamedTuple):
    """A ranking cut into parts: names and lower bounds of those that hold somebody, their customers, and the names of the others.

    Examples
    --------
    >>> import numpy as np
    >>> from goodwill.segments import cut_parts, parts_by_total, tie_groups
    >>> groups = tie_groups(np.array([50.0, 30.0, 10.0, 10.0]))
    >>> cut_parts(groups, parts_by_total(groups, [0.8, 0.95]), ("A", "B", "C"))
    Parts(names=('A', 'B'), lowest=(30.0,), customers=(2, 2), empty=('C',))
    """

    names: tuple[str, ...]
    lowest: tuple[float, ...]  # of all parts but the last
    customers: tuple[int, ...]
    empty: tuple[str, ...]


def cut_parts(groups: Ties, part: IntArray, names: Sequence[str]) -> Parts:
    """Lower bound of each part of a ranking; parts that hold nobody are left out.

    >>> import numpy as np
    >>> from goodwill.segments import parts_by_count, tie_groups
    >>> groups = tie_groups(np.array([50.0, 30.0, 10.0, 10.0]))
    >>> cut = cut_parts(groups, parts_by_count(groups, [0.25, 0.5]), ("top", "middle", "rest"))
    >>> cut.lowest, cut.customers
    ((50.0, 30.0), (1, 1, 2))
    """
    customers = np.bincount(part, weights=groups.customers, minlength=len(names)).astype(int)
    last = np.searchsorted(part, np.arange(len(names)), side="right") - 1  # of the groups, in falling order
    kept = [k for k in range(len(names)) if customers[k]]
    return Parts(
        tuple(names[k] for k in kept),
        tuple(float(groups.value[last[k]]) for k in kept[:-1]),
        tuple(int(customers[k]) for k in kept),
        tuple(names[k] for k in range(len(names)) if not customers[k]),
    )


def empty_note(parts: Parts) -> tuple[str, ...]:
    """One sentence when ties, or one large customer, left parts empty.

    >>> import numpy as np
    >>> from goodwill.segments import cut_parts, parts_by_count, tie_groups
    >>> groups = tie_groups(np.array([10.0, 10.0, 10.0]))
    >>> empty_note(cut_parts(groups, parts_by_count(groups, [0.5]), ("top", "rest")))[0]
    'nobody lies in rest: equal customers are kept together, and one of them, or a single large customer, fills more than a part.'
    """
    if not parts.empty:
        return ()
    plural = len(parts.empty) > 1
    who = "nobody lies in " + (f"{', '.join(parts.empty[:-1])} and {parts.empty[-1]}" if plural else parts.empty[0])
    return (f"{who}: equal customers are kept together, and one of them, or a single large customer, fills more than a part.",)


def check_falling(name: str, bounds: Sequence[float], segments: int) -> None:
    """Check the lower bounds of a scheme that cuts one column: as many as fit the segments, and falling."""
    values = np.asarray(bounds, dtype=float)
    if len(values) != segments - 1:
        raise DataError(f"the rules of '{name}' have {len(values)} cuts for {segments} segments: give one cut fewer than segments.")
    wrong = np.flatnonzero(~(np.diff(values) < 0))
    if len(wrong) or not np.isfinite(values).all():
        at = (
            f"cut {wrong[0] + 2} ({values[wrong[0] + 1]:g}) is not below cut {wrong[0] + 1} ({values[wrong[0]]:g})"
            if len(wrong)
            else "a gap"
        )
        raise DataError(f"the cuts of '{name}' must fall from the best segment to the last: {at}, so that segment can never be reached.")


def check_shares(scheme: str, shares: Sequence[float] | FloatArray, names: Sequence[str], what: str) -> None:
    """Check cumulative shares: rising, strictly between 0 and 1, one fewer than names."""
    values = np.asarray(shares, dtype=float)
    if len(values) != len(names) - 1:
        raise DataError(
            f"'{scheme}' has {len(values)} {what} for {len(names)} segments ({', '.join(names)}): give one fewer than segments."
        )
    if not np.isfinite(values).all() or (np.diff(np.concatenate([[0.0], values, [1.0]])) <= 0).any():
        told = ", ".join(f"{value:g}" for value in values)
        raise DataError(f"the {what} of '{scheme}' must rise and lie between 0 and 1, such as 0.8, 0.95, and not {told}.")
