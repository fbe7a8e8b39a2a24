"""Roles by satisfaction and loyalty (apostle to terrorist) as a scheme of segments."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from goodwill.errors import DataError
from goodwill.satisfaction.roles import OPTIONAL, customer_roles, supported_roles
from goodwill.segments.schemes.cuts import IntArray, need
from goodwill.segments.schemes.rules import Rules

if TYPE_CHECKING:
    import pandas as pd

UNANSWERED = "no answer"


def loyalty_role(customers: pd.DataFrame, *, scale: tuple[float, float], satisfied: float | None = None) -> Rules:
    """The role of each customer by `goodwill.satisfaction.roles.customer_roles`; who did not answer is a segment of its own.

    Parameters
    ----------
    customers : DataFrame with `satisfaction` and `loyal`, and those of no_choice, recommends, past_apostle, bad_word_of_mouth, recovered
        that are known; roles that they cannot tell are not among the segments, and a note says so
    scale : lowest and highest answer
    satisfied : first level that counts as satisfied; three quarters up the scale by default

    Examples
    --------
    >>> import pandas as pd
    >>> answers = pd.DataFrame({"satisfaction": [10, 9, 2, 3, None], "loyal": [1, 0, 1, 0, 1]})
    >>> loyalty_role(answers, scale=(1, 10)).assign(answers).tolist()
    ['loyal', 'mercenary', 'hostage-like', 'defector', 'no answer']
    """
    need(customers, ["satisfaction", "loyal"], "loyalty_role")
    if not scale[0] < scale[1]:
        raise DataError(f"scale={tuple(scale)}: give the lowest and the highest answer, such as (1, 10).")
    columns = ["satisfaction", "loyal", *(name for name in OPTIONAL if name in customers)]
    names, missing = supported_roles(columns)
    settings = {"columns": columns, "scale": [float(end) for end in scale], "satisfied": None if satisfied is None else float(satisfied)}
    return Rules("loyalty_role", (*names, UNANSWERED), settings, missing)


def check_loyalty_role(rules: Rules) -> None:
    """Check, when rules are made or read, that the segments are the roles that the columns can tell."""
    names = (*supported_roles(list(rules.settings["columns"]))[0], UNANSWERED)
    if rules.segments != names or len(rules.settings["scale"]) != 2:
        raise DataError(f"the segments of 'loyalty_role' must be what its columns can tell: {', '.join(names)}.")


def place_loyalty_role(rules: Rules, customers: pd.DataFrame) -> IntArray:
    """The position of each customer's role; found once per distinct set of answers."""
    columns = list(rules.settings["columns"])
    need(customers, columns, "loyalty_role")
    code = np.zeros(len(customers), dtype=np.int64)
    for name in columns:
        found, values = customers[name].factorize(use_na_sentinel=True)
        code = code * (len(values) + 1) + found + 1
    _, first, inverse = np.unique(code, return_index=True, return_inverse=True)
    scale, satisfied = rules.settings["scale"], rules.settings["satisfied"]
    roles = customer_roles(customers.iloc[first][columns], (scale[0], scale[1]), satisfied)
    position = {name: k for k, name in enumerate(rules.segments)}
    return np.array([position.get(role, len(position) - 1) for role in roles.tolist()])[inverse]
