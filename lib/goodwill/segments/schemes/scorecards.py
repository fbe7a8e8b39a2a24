"""Account scorecards: weighted items, grades, and the warnings that a card which tells nobody apart deserves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from goodwill.errors import DataError
from goodwill.segments.schemes.cuts import EQUAL, FloatArray, IntArray, check_falling, need, numbers, rank_below
from goodwill.segments.schemes.rules import Rules

if TYPE_CHECKING:
    import pandas as pd


def scorecard(
    customers: pd.DataFrame, *, weights: Mapping[str, float], grades: Mapping[str, float], full: float = 100.0, total: float | None = None
) -> Rules:
    """Grade accounts by the weighted mean of items, each scored from 0 to `full`.

    Parameters
    ----------
    customers : DataFrame with a column per item
    weights : item -> weight, above 0
    grades : name -> lowest weighted mean that earns it, on the scale of the items, best first; the last one begins at 0
    full : full marks of an item
    total : what the weights must sum to (1, 10 or 100 unless told)

    Raises
    ------
    DataError
        A negative weight, weights that do not sum to the total, grades that leave a gap, marks outside the scale.

    Examples
    --------
    >>> import pandas as pd
    >>> accounts = pd.DataFrame({"reputation": [90, 40], "market share": [80, 30]})
    >>> rules = scorecard(accounts, weights={"reputation": 4, "market share": 6}, grades={"key": 70, "ordinary": 0})
    >>> list(rules.assign(accounts))
    ['key', 'ordinary']
    """
    settings = {
        "weights": {item: float(weight) for item, weight in weights.items()},
        "full": float(full),
        "total": None if total is None else float(total),
        "lowest": [float(cut) for cut in grades.values()],
    }
    rules = Rules("scorecard", tuple(grades), settings)
    return Rules("scorecard", tuple(grades), settings, _told_apart(rules, customers))


def check_scorecard(rules: Rules) -> None:
    """Check weights and grades, when rules are made or read."""
    weights, total, lowest = rules.settings["weights"], rules.settings["total"], rules.settings["lowest"]
    wrong = [item for item, weight in weights.items() if not (np.isfinite(weight) and weight > 0)]
    if wrong or not weights:
        told = f"'{wrong[0]}' weighs {weights[wrong[0]]:g}" if wrong else "it has no items"
        raise DataError(f"the weights of a scorecard are above 0, and {told}: turn the item round, or leave it out.")
    sum_ = sum(weights.values())
    if not np.isclose(sum_, (1, 10, 100) if total is None else total).any():
        wanted = "1, 10 or 100" if total is None else f"{total:g}"
        raise DataError(
            f"the weights of the scorecard sum to {sum_:g} and not to {wanted}: mend them, or pass total={sum_:g} if that is meant."
        )
    if not lowest or lowest[-1] != 0:
        raise DataError("the grades of the scorecard leave a gap at the bottom: the last grade must begin at 0.")
    check_falling("scorecard", lowest[:-1], len(rules.segments))
    if lowest[0] > rules.settings["full"] or (len(lowest) > 1 and lowest[-2] <= 0):
        raise DataError(f"every grade of the scorecard must begin between 0 and full marks, {rules.settings['full']:g}.")


def scores(rules: Rules, customers: pd.DataFrame) -> FloatArray:
    """The weighted mean of each account, on the scale of the items.

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.segments import scorecard
    >>> accounts = pd.DataFrame({"reputation": [90, 40], "market share": [80, 30]})
    >>> rules = scorecard(accounts, weights={"reputation": 4, "market share": 6}, grades={"key": 70, "ordinary": 0})
    >>> scores(rules, accounts).tolist()
    [84.0, 34.0]
    """
    weights, full = rules.settings["weights"], rules.settings["full"]
    total = np.zeros(len(customers))
    for item, weight in weights.items():
        marks = numbers(customers, item, "scorecard")
        outside = np.flatnonzero((marks < 0) | (marks > full))
        if len(outside):
            raise DataError(f"'{item}' has {marks[outside[0]]:g} marks in row {outside[0]}: marks run from 0 to {full:g} (pass full=).")
        total += weight * marks
    return total / sum(weights.values())


def place_scorecard(rules: Rules, customers: pd.DataFrame) -> IntArray:
    """The position of each account's grade."""
    return rank_below(scores(rules, customers), rules.settings["lowest"][:-1])


def scorecard_warnings(sheet: pd.DataFrame) -> tuple[str, ...]:
    """What is wrong with a filled-in evaluation sheet of accounts.

    Parameters
    ----------
    sheet : columns customer_en, indicator_en, weight_of_10, score_of_100 (marks that already carry the weight: at most 10 times it) and
        grade (1 is best), with a row "total" where the sheet has one

    Returns
    -------
    One sentence per fault: weights or marks that do not add up, full marks everywhere, full marks with a grade below the first.

    Examples
    --------
    >>> import pandas as pd
    >>> sheet = pd.DataFrame({"indicator_en": ["size", "growth"], "weight_of_10": [4, 6], "score_of_100": [40, 60], "grade": [1, 1]})
    >>> scorecard_warnings(sheet.assign(customer_en="Acme"))
    ('Acme: every item has full marks, so the sheet tells this account from none',)
    """
    need(sheet, ["customer_en", "indicator_en", "weight_of_10", "score_of_100", "grade"], "scorecard_warnings")
    found: list[str] = []
    for customer, rows in sheet.groupby("customer_en", sort=False):
        items, told = rows[rows["indicator_en"] != "total"], rows[rows["indicator_en"] == "total"]
        weight, marks = (items[name].to_numpy(dtype=float) for name in ("weight_of_10", "score_of_100"))
        for name, summed, wanted in (("weights", weight.sum(), 10.0), ("marks", marks.sum(), None)):
            wanted = float(told[{"weights": "weight_of_10", "marks": "score_of_100"}[name]].iloc[0]) if len(told) else wanted
            if wanted is not None and not np.isclose(summed, wanted):
                found.append(f"{customer}: the {name} sum to {summed:g} and not to {wanted:g}")
        over = marks > 10 * weight + EQUAL
        if over.any():
            found.append(f"{customer}: more than full marks for {items['indicator_en'].to_numpy()[over][0]}")
        top = np.isclose(marks, 10 * weight)
        if len(top) and top.all():
            found.append(f"{customer}: every item has full marks, so the sheet tells this account from none")
        low = items["grade"].to_numpy(dtype=float, na_value=np.nan)
        if (top & (low > 1)).any():
            odd = items.loc[top & (low > 1), "indicator_en"].tolist()
            found.append(f"{customer}: full marks, but not the first grade, for {' and '.join(odd)}")
    return tuple(found)


def _told_apart(rules: Rules, customers: pd.DataFrame) -> tuple[str, ...]:
    """Sentences on items, or a whole card, that do not tell the accounts apart."""
    scores(rules, customers)
    full = rules.settings["full"]
    marks = {item: numbers(customers, item, "scorecard") for item in rules.settings["weights"]}
    if all((values >= full).all() for values in marks.values()):
        return ("every account has full marks on every item: the card tells nobody from anybody",)
    flat = [item for item, values in marks.items() if len(values) > 1 and np.ptp(values) == 0]
    if not flat:
        return ()
    return (f"all accounts have the same marks for {', '.join(flat)}: {'it does' if len(flat) == 1 else 'they do'} not tell them apart",)
