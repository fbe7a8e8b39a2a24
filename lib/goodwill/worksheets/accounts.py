"""Work sheets on accounts: scorecards, lists against computed classes, share of customer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from goodwill.errors import DataError
from goodwill.shown import Shown


@dataclass(frozen=True, repr=False)
class Scorecard(Shown):
    """A weighted scorecard of one account, read in both ways that a printed form leaves open.

    Attributes
    ----------
    table : indicator, weight, score, weighted
    as_points : the scores are points that the weights have been worked into already: their sum
    as_marks : the scores are marks out of 100 each, still to be weighted: their weighted mean
    warning : why the card tells little, else empty

    Examples
    --------
    >>> from goodwill.worksheets import scorecard
    >>> scorecard({"size": 1, "loyalty": 3}, {"size": 80, "loyalty": 40}).table
      indicator  weight  score  weighted
    0      size     1.0   80.0      20.0
    1   loyalty     3.0   40.0      30.0
    """

    table: pd.DataFrame
    as_points: float
    as_marks: float
    warning: str


def scorecard(weights: Mapping[str, float], scores: Mapping[str, float], full: float = 100.0) -> Scorecard:
    """Add up a weighted scorecard.

    Parameters
    ----------
    weights : by indicator, a mapping or a Series; any positive scale
    scores : by indicator, 0 to `full`
    full : the most that an account can reach

    Raises
    ------
    DataError
        When the indicators differ, a weight is not positive, or a score lies outside the scale.

    Examples
    --------
    The card of a supplier whose weights are 3, 2 and 5 of ten and whose scores are 30, 20 and 50: read as points it has all of 100; read
    as marks it has 38. Each score is its weight times ten, so that no other account could have been told from it.

    >>> card = scorecard({"reputation": 3, "size": 2, "share": 5}, {"reputation": 30, "size": 20, "share": 50})
    >>> card.as_points, card.as_marks
    (100.0, 38.0)
    >>> card.warning
    'every score is the most that its weight allows: a card of full marks tells no account from another'
    """
    weights, scores = dict(weights), dict(scores)
    if set(weights) != set(scores):
        raise DataError(
            f"weights and scores must be of the same indicators; they differ in {', '.join(sorted(set(weights) ^ set(scores)))}."
        )
    table = pd.DataFrame({"weight": pd.Series(weights, dtype=float), "score": pd.Series(scores, dtype=float)}).rename_axis("indicator")
    if not (table["weight"] > 0).all():
        raise DataError(f"weights must be positive; {table.index[table['weight'] <= 0][0]!r} has {table['weight'].min():g}.")
    if not table["score"].between(0, full).all():
        raise DataError(f"scores lie between 0 and {full:g}; {table.index[~table['score'].between(0, full)][0]!r} does not.")
    share = table["weight"] / table["weight"].sum()
    table["weighted"] = share * table["score"]
    full_marks = bool(((table["score"] - share * full).abs() < 1e-9).all() or (table["score"] == full).all())
    warning = "every score is the most that its weight allows: a card of full marks tells no account from another" if full_marks else ""
    return Scorecard(table.reset_index(), float(table["score"].sum()), float(table["weighted"].sum()), warning)


def listed_against_computed(listed: Mapping[str, str], value: Mapping[str, float], cuts: tuple[float, float] = (0.8, 0.95)) -> pd.DataFrame:
    """A list of A, B and C accounts that somebody wrote, beside the classes that their values give.

    Parameters
    ----------
    listed : class by account
    value : money by account
    cuts : cumulative shares of value at which class A and class B end; an account that crosses a cut still belongs above it

    Returns
    -------
    DataFrame
        account, value, share (cumulative), listed, computed, agrees; highest value first.

    Raises
    ------
    DataError
        When the accounts differ, or no value is positive.

    Examples
    --------
    >>> listed_against_computed({"x": "A", "y": "A", "z": "C"}, {"x": 80, "y": 5, "z": 15})[["account", "listed", "computed"]]
      account listed computed
    0       x      A        A
    1       z      C        B
    2       y      A        C
    """
    listed, value = dict(listed), dict(value)
    if set(listed) != set(value):
        raise DataError(
            f"the list and the values must be of the same accounts; they differ in {', '.join(sorted(set(listed) ^ set(value)))}."
        )
    table = pd.DataFrame({"value": pd.Series(value, dtype=float), "listed": pd.Series(listed)}).rename_axis("account").reset_index()
    if not table["value"].sum() > 0 or (table["value"] < 0).any():
        raise DataError("values of accounts must be zero or more, and some of them positive.")
    table = table.sort_values("value", ascending=False, kind="stable", ignore_index=True)
    table["share"] = table["value"].cumsum() / table["value"].sum()
    before = table["share"] - table["value"] / table["value"].sum()
    table["computed"] = [("A" if at < cuts[0] - 1e-12 else "B" if at < cuts[1] - 1e-12 else "C") for at in before]
    table["agrees"] = table["listed"] == table["computed"]
    return table[["account", "value", "share", "listed", "computed", "agrees"]]


def share_of_customer(own: Any, category: Any) -> pd.DataFrame:
    """What each customer spends with the firm of all that they spend in the category, and what is left to win.

    Parameters
    ----------
    own, category : money per customer with the firm, and with everybody; a mapping or a Series

    Returns
    -------
    DataFrame
        Index customer; own, category, share, headroom (money spent elsewhere); largest headroom first. In `attrs`: market_share (the
        firm's share of all money) and mean_share (the mean over customers), which answer two questions: as much as possible to anybody,
        or as much as possible to each.

    Raises
    ------
    DataError
        When a customer spends more with the firm than in all, or nothing in all.

    Examples
    --------
    >>> found = share_of_customer({"a": 90, "b": 10}, {"a": 900, "b": 10})
    >>> found["share"].to_dict(), round(found.attrs["market_share"], 3), found.attrs["mean_share"]
    ({'a': 0.1, 'b': 1.0}, 0.11, 0.55)
    """
    table = pd.DataFrame({"own": pd.Series(own, dtype=float), "category": pd.Series(category, dtype=float)})
    wrong = table.index[table.isna().any(axis=1) | (table["own"] < 0) | (table["category"] <= 0) | (table["own"] > table["category"])]
    if len(wrong):
        raise DataError(
            f"customer {wrong[0]!r}: money with the firm must lie between 0 and the money spent in the category, which is positive."
        )
    table["share"], table["headroom"] = table["own"] / table["category"], table["category"] - table["own"]
    table = table.sort_values("headroom", ascending=False, kind="stable")
    table.attrs = {"market_share": float(table["own"].sum() / table["category"].sum()), "mean_share": float(table["share"].mean())}
    return table
