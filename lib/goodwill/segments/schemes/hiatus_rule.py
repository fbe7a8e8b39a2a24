"""The hiatus rule: active is who bought within the last h; h is chosen where it can be checked, inside the calibration window.

Wuebben & von Wangenheim (2008), Journal of Marketing 72(3), 82-93, compare this managers' rule with the Pareto/NBD model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from goodwill.errors import DataError
from goodwill.segments.schemes.cuts import EQUAL, IntArray, numbers, rank_above
from goodwill.segments.schemes.rules import Rules

if TYPE_CHECKING:
    import pandas as pd


def hiatus(customers: pd.DataFrame, *, h: float | None = None, inner: pd.DataFrame | None = None) -> Rules:
    """Active when the time since the last purchase (T - recency) is at most h.

    Parameters
    ----------
    customers : DataFrame with recency and T
    h : the longest hiatus of an active customer, in the unit of T
    inner : instead of h, the customers of an inner split: a calibration that ends earlier, with what they bought between its end and the
        end of the real calibration as `frequency_holdout`
        (``summarize_purchases(transactions, calibration_end=earlier, end=calibration_end).to_pandas()``). The h with the largest share of
        right answers to "does this customer buy?" is taken, the longest of several.

    Examples
    --------
    >>> import pandas as pd
    >>> inner = pd.DataFrame({"recency": [9, 8, 2, 0], "T": [10, 10, 10, 10], "frequency_holdout": [3, 1, 0, 0]})
    >>> rules = hiatus(inner, inner=inner)
    >>> rules.settings["h"], rules.notes[0].split(";")[0]
    (2.0, 'h = 2 answers 100.0 % right in the inner split of 4 customers')
    """
    numbers(customers, "hiatus", "hiatus")
    if (h is None) == (inner is None):
        raise DataError(
            "'hiatus' takes either h=, the longest hiatus of an active customer, or inner=, the customers of a split inside the "
            "calibration on which h is chosen; the real hold-out may not choose it."
        )
    if inner is not None:
        h, note = _best(inner)
        return Rules("hiatus", ("active", "inactive"), {"h": h}, (note,))
    return Rules("hiatus", ("active", "inactive"), {"h": float(h or 0)})


def check_hiatus(rules: Rules) -> None:
    """Check h when rules are made or read."""
    if len(rules.segments) != 2:
        raise DataError(f"'hiatus' divides into two segments, active and inactive, and not into {len(rules.segments)}.")
    if not rules.settings["h"] >= 0:
        raise DataError(f"h={rules.settings['h']}: a hiatus cannot be negative, and at 0 or more someone can be active.")


def place_hiatus(rules: Rules, customers: pd.DataFrame) -> IntArray:
    """0 for active customers, 1 for the others."""
    return rank_above(numbers(customers, "hiatus", "hiatus"), [rules.settings["h"]])


def _best(inner: pd.DataFrame) -> tuple[float, str]:
    """The h with most right answers in the inner split, and how good it is."""
    waited = numbers(inner, "hiatus", "hiatus")
    bought = numbers(inner, "frequency_holdout", "hiatus") > 0
    order = np.argsort(waited, kind="stable")
    waited, bought = waited[order], bought[order]
    last = np.append(np.diff(waited) > EQUAL * np.maximum(waited[1:], 1), True)  # of equal ones
    right = (np.cumsum(bought) + np.cumsum(~bought)[-1] - np.cumsum(~bought))[last] / len(bought)
    best = len(right) - 1 - int(right[::-1].argmax())
    nobody = float((~bought).mean())
    if right[best] <= nobody:
        raise DataError(
            f"no h answers better than calling nobody active ({nobody:.1%} of {len(bought):,} customers right in the inner split): "
            "pass an h of your own, or do not divide these customers by their hiatus."
        )
    h = float(waited[last][best])
    span = f" and its hold-out of {inner['duration_holdout'].iloc[0]:.3g}" if "duration_holdout" in inner else ""
    rates = f"answers {100 * right[best]:.1f} % right in the inner split of {len(bought):,} customers"
    longer = f"h fits this split{span}, and a longer span ahead asks for a longer h"
    return h, f"h = {h:.3g} {rates}; calling nobody active answers {100 * nobody:.1f} % right; {longer}"
