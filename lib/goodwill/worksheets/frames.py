"""Work sheets on frames: one table form for lists of headings, and marks of competitors side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from goodwill.errors import DataError

FRAMES = {
    "PESTLE": ("political", "economic", "social", "technological", "legal", "environmental"),
    "7S": ("strategy", "structure", "systems", "shared values", "style", "staff", "skills"),
}
SOURCE = "source"


def frame_sheet(frame: str | Sequence[str], entries: Mapping[str, Sequence[tuple[str, str]]]) -> pd.DataFrame:
    """A frame of headings, filled: one table form for PESTLE, 7S or headings of one's own.

    Parameters
    ----------
    frame : a name of `FRAMES`, or the headings
    entries : by heading, what was found, each with where it was read ("" where nobody can say)

    Returns
    -------
    DataFrame
        heading, entry, source, and doubt: "nothing entered" or "no source". A frame sorts what is known; it weighs nothing and decides
        nothing, and an empty heading says that nobody looked, not that there is nothing.

    Raises
    ------
    DataError
        An unknown frame, or an entry under a heading that it does not have.

    Examples
    --------
    >>> found = frame_sheet("PESTLE", {"economic": [("54th of the 500 largest firms, 2009", "suning-slides"), ("wages rise", "")]})
    >>> found["doubt"].value_counts().to_dict(), found.loc[1, "entry"]
    ({'nothing entered': 5, '': 1, 'no source': 1}, '54th of the 500 largest firms, 2009')
    """
    if isinstance(frame, str) and frame not in FRAMES:
        raise DataError(f"there is no frame {frame!r}; there are {', '.join(FRAMES)}, or give the headings.")
    headings = FRAMES[frame] if isinstance(frame, str) else tuple(frame)
    if strange := [name for name in entries if name not in headings]:
        raise DataError(f"the frame has no heading {strange[0]!r}; its headings are {', '.join(headings)}.")
    rows = []
    for heading in headings:
        found = entries.get(heading) or [("", "")]
        rows += [(heading, entry, source, "nothing entered" if not entry else "" if source else "no source") for entry, source in found]
    return pd.DataFrame(rows, columns=["heading", "entry", SOURCE, "doubt"])


def facts_in_frame(facts: pd.DataFrame, headings: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Company facts under the headings of a frame, as entries of `frame_sheet`, with dates and sources.

    Parameters
    ----------
    facts : company, as_of, metric, value, unit, source, as `gw.read_case("company_facts")`
    headings : metrics by heading

    Examples
    --------
    >>> import goodwill as gw
    >>> facts = gw.read_case("company_facts").query("company == 'Suning'")
    >>> facts_in_frame(facts, {"economic": ["brand_value"]})["entry"].to_list()
    ['brand_value 455.38 100M CNY (2009)']
    """
    known = set(facts["metric"])
    if strange := [metric for metrics in headings.values() for metric in metrics if metric not in known]:
        raise DataError(f"the facts hold no metric {strange[0]!r}; among them are {', '.join(sorted(known)[:8])}, …")
    entries = {
        heading: [
            (f"{row.metric} {row.value:g} {row.unit} ({row.as_of if isinstance(row.as_of, str) and row.as_of else 'no date'})", row.source)
            for row in _rows(facts[facts["metric"].isin(list(metrics))])
        ]
        for heading, metrics in headings.items()
    }
    return frame_sheet(list(headings), entries)


def _rows(table: pd.DataFrame) -> Iterator[Any]:
    """Rows with their columns as names."""
    yield from table.itertuples()


def competitor_gaps(marks: Mapping[str, Mapping[str, float]], own: str, full: float = 10.0) -> pd.DataFrame:
    """Marks of a firm and its rivals by criterion, and how far the firm is behind the best rival or ahead of it.

    Parameters
    ----------
    marks : by firm, marks by criterion, 0 to `full`
    own : the firm that is asked about

    Returns
    -------
    DataFrame
        Index criterion; own, best (of the rivals), rival (its name), gap (own less best), largest deficit first. Marks of two criteria are
        no one currency, so gaps are not added up; and who marks herself marks kindly.

    Raises
    ------
    DataError
        Fewer than two firms, a criterion that one of them lacks, or a mark off the scale.

    Examples
    --------
    >>> marks = {"ours": {"price": 6, "stores": 9}, "a": {"price": 9, "stores": 4}, "b": {"price": 7, "stores": 5}}
    >>> competitor_gaps(marks, "ours")[["rival", "gap"]].to_dict("index")
    {'price': {'rival': 'a', 'gap': -3.0}, 'stores': {'rival': 'b', 'gap': 4.0}}
    """
    if own not in marks or len(marks) < 2:
        raise DataError(f"marks are needed of {own!r} and of at least one rival; they were given of {', '.join(marks) or 'nobody'}.")
    criteria = list(marks[own])
    for firm, given in marks.items():
        if set(given) != set(criteria):
            raise DataError(
                f"{firm!r} is not marked on the same criteria as {own!r}; they differ in {sorted(set(given) ^ set(criteria))[0]!r}."
            )
        if off := [name for name, mark in given.items() if not 0 <= mark <= full]:
            raise DataError(f"the mark of {firm!r} on {off[0]!r} is {given[off[0]]:g}; marks run from 0 to {full:g}.")
    rivals = pd.DataFrame({firm: pd.Series(given, dtype=float) for firm, given in marks.items() if firm != own}).loc[criteria]
    mine = pd.Series(marks[own], dtype=float).loc[criteria]
    table = pd.DataFrame({"own": mine, "best": rivals.max(axis=1), "rival": rivals.idxmax(axis=1)}).rename_axis("criterion")
    return table.assign(gap=table["own"] - table["best"]).sort_values("gap", kind="stable")


def key_account_plan(
    accounts: pd.DataFrame, actions: Mapping[str, str], cost: Mapping[str, float], worth: Mapping[str, float]
) -> pd.DataFrame:
    """What each class of accounts gets, what that costs, and by what share its accounts must bring more for it to pay.

    Parameters
    ----------
    accounts : account, value and computed (class), as from `listed_against_computed`
    actions, cost : by class, what is done and money per account
    worth : by class, profit per unit of value

    Returns
    -------
    DataFrame
        Index class; accounts, value, action, spent, needed (share by which the class's value must rise to pay back; infinite for a class
        worth nothing). Nothing here says that it will rise: that takes a trial.

    Examples
    --------
    >>> import pandas as pd
    >>> accounts = pd.DataFrame({"account": list("xyz"), "value": [800.0, 150, 50], "computed": list("ABC")})
    >>> actions, cost = {"A": "a manager", "B": "a call", "C": "e-mail"}, {"A": 10, "B": 3, "C": 0}
    >>> key_account_plan(accounts, actions, cost, dict.fromkeys("ABC", 0.1))["needed"].to_dict()
    {'A': 0.125, 'B': 0.2, 'C': 0.0}
    """
    classes = sorted(set(accounts["computed"]))
    if missing := [name for name in classes for given in (actions, cost, worth) if name not in given]:
        raise DataError(f"class {missing[0]!r} has accounts, and no action, cost or worth.")
    each = accounts.groupby("computed")["value"].agg(["size", "sum"]).reindex(classes)
    rows = []
    for name in classes:
        number, value = int(each.loc[name, "size"]), float(each.loc[name, "sum"])
        spent, profit = number * float(cost[name]), value * float(worth[name])
        rows.append((name, number, value, actions[name], spent, spent / profit if profit else float("inf") if spent else 0.0))
    return pd.DataFrame(rows, columns=["class", "accounts", "value", "action", "spent", "needed"]).set_index("class")
