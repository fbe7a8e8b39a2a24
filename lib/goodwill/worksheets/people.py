"""Work sheets on who people are: channels and ages from a list, kinds of loyalty, staff and customers side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from goodwill.errors import DataError
from goodwill.inference.proportions import wilson

OUTSIDE = "outside"
NOT_LISTED = "not listed"
KINDS = ("loyal", "captive", "free to go", "lost")


def age_band(ages: ArrayLike, borders: Sequence[float]) -> pd.Series:
    """The band of each age, such as a target group of 20 to 35 years and who lies outside it.

    Parameters
    ----------
    ages : years; missing where not known
    borders : rising; each band runs from its lower border to the year before the next, the last to its upper border included

    Examples
    --------
    The case prints 20 to 35 years for the customers that one shop aims at (and 18 to 35 elsewhere):

    >>> age_band([19, 20, 35, 36], [20, 35]).to_list()
    ['outside', '20-35', '20-35', 'outside']
    """
    at = list(borders)
    if len(at) < 2 or any(low >= high for low, high in pairwise(at)):
        raise DataError(f"borders of ages rise, and there are at least two; they were {', '.join(f'{each:g}' for each in at)}.")
    years = pd.Series(np.asarray(ages, float))
    bands = pd.Series(OUTSIDE, index=years.index, dtype=object)
    for low, high in pairwise(at):
        last = high == at[-1]
        bands[(years >= low) & ((years <= high) if last else (years < high))] = f"{low:g}-{high if last else high - 1:g}"
    return bands.where(years.notna(), None)


def listed_channel(groups: Sequence[str], table: pd.DataFrame) -> pd.Series:
    """The channel that a list gives to each group of people.

    Parameters
    ----------
    groups : of each customer, such as "students"
    table : channel_en and groups_en (groups with semicolons between), as `gw.read_case("suning_channel_segments")`

    Examples
    --------
    >>> import goodwill as gw
    >>> listed_channel(["students", "housewives", "pilots"], gw.read_case("suning_channel_segments")).to_list()
    ['online shoppers', 'store shoppers', 'not listed']
    """
    listed = {group.strip(): row.channel_en for row in table.itertuples() for group in str(row.groups_en).split(";")}
    return pd.Series([listed.get(str(group), NOT_LISTED) for group in groups], dtype=object)


def listed_and_used(listed: Sequence[str], used: Sequence[str], level: float = 0.95) -> pd.DataFrame:
    """Channels that a list foretells beside those that customers use: how often the list is right, channel by channel.

    Returns
    -------
    DataFrame
        Index listed; customers, agrees (share, with lower and upper), most (the channel that most of them use). A list of who buys where is
        a guess about people; what they did needs no guess.

    Raises
    ------
    DataError
        The two are not of the same customers.

    Examples
    --------
    >>> found = listed_and_used(["online"] * 3 + ["store"], ["online", "online", "store", "online"])
    >>> found[["customers", "agrees", "most"]].to_dict("index")
    {'online': {'customers': 3, 'agrees': 0.6666666666666666, 'most': 'online'}, 'store': {'customers': 1, 'agrees': 0.0, 'most': 'online'}}
    """
    if len(listed) != len(used) or not len(listed):
        raise DataError(f"{len(listed)} customers are listed and {len(used)} have a channel that they use; each needs both.")
    table = pd.DataFrame({"listed": list(listed), "used": list(used)})
    rows = {}
    for name, group in table.groupby("listed", sort=True):
        share = wilson(float((group["used"] == name).sum()), float(len(group)), level)
        rows[name] = (len(group), float(share.estimate), float(share.lower), float(share.upper), group["used"].mode().iloc[0])
    return pd.DataFrame.from_dict(rows, orient="index", columns=["customers", "agrees", "lower", "upper", "most"]).rename_axis("listed")


def loyalty_kind(satisfied: ArrayLike, returns: ArrayLike, can_leave: ArrayLike) -> pd.DataFrame:
    """Who comes back because she likes to, and who because she must (monopoly loyalty).

    Parameters
    ----------
    satisfied, returns, can_leave : one flag per customer; can_leave: another supplier is in reach

    Returns
    -------
    DataFrame
        Index kind; customers and share. "loyal": returns, satisfied and free to leave, or satisfied without a choice. "captive": returns,
        not satisfied, cannot leave: false loyalty, gone on the day that she can. "free to go": returns, not satisfied, could leave.
        "lost": does not return. In `attrs`: false, the share of captives among those who return.

    Examples
    --------
    >>> found = loyalty_kind([1, 1, 0, 0, 0], [1, 1, 1, 1, 0], [1, 0, 0, 1, 1])
    >>> found["customers"].to_dict(), found.attrs["false"]
    ({'loyal': 2, 'captive': 1, 'free to go': 1, 'lost': 1}, 0.25)
    """
    flags = [np.asarray(each) for each in (satisfied, returns, can_leave)]
    if len({each.shape for each in flags}) > 1 or flags[0].ndim != 1 or not flags[0].size:
        raise DataError("satisfied, returns and can_leave are one flag each for the same customers.")
    if any(not np.isin(each, (0, 1)).all() for each in flags):
        raise DataError("a flag is yes or no (True or False, 1 or 0).")
    happy, back, free = (each.astype(bool) for each in flags)
    kind = np.select([~back, happy, ~free], ["lost", "loyal", "captive"], "free to go")
    counts = pd.Series(kind).value_counts().reindex(KINDS, fill_value=0)
    table = pd.DataFrame({"customers": counts.astype(int), "share": counts / len(kind)}).rename_axis("kind")
    table.attrs["false"] = float(counts["captive"] / back.sum()) if back.any() else float("nan")
    return table


def staff_and_customers(staff: Mapping[str, float], customers: Mapping[str, float], borders: tuple[float, float]) -> pd.DataFrame:
    """Places by whether staff and customers are satisfied: which of the two to look after first.

    Parameters
    ----------
    staff, customers : mean satisfaction by place
    borders : from which staff, and customers, count as satisfied (a choice: the texts print none)

    Returns
    -------
    DataFrame
        Index place; staff, customers, quadrant, distance (to the nearer border: a place at a border can as well lie beyond it).

    Examples
    --------
    >>> staff_and_customers({"north": 4.2, "south": 3.0}, {"north": 4.5, "south": 4.1}, (3.5, 4))["quadrant"].to_dict()
    {'north': 'both', 'south': 'customers only'}
    """
    if set(staff) != set(customers):
        raise DataError(f"staff and customers must be of the same places; they differ in {', '.join(sorted(set(staff) ^ set(customers)))}.")
    table = pd.DataFrame({"staff": pd.Series(staff, dtype=float), "customers": pd.Series(customers, dtype=float)}).rename_axis("place")
    one, two = table["staff"] >= borders[0], table["customers"] >= borders[1]
    table["quadrant"] = np.select([one & two, one, two], ["both", "staff only", "customers only"], "neither")
    table["distance"] = np.minimum((table["staff"] - borders[0]).abs(), (table["customers"] - borders[1]).abs())
    return table


def returners(published: pd.DataFrame, question: str = "Q7", never: str = "never returned", level: float = 0.95) -> pd.DataFrame:
    """Answers among those alone whom a question is about: who never sent anything back cannot say how convenient it was.

    Parameters
    ----------
    published : question_id, option_en, count, as `gw.read_case("jd_survey_2015")`
    never : how the option begins that says that the question does not apply

    Returns
    -------
    DataFrame
        option, count, share (with lower and upper) among those who can say, of_all (the share as printed, among everybody).

    Raises
    ------
    DataError
        The question has no such option, or nobody else answered.

    Examples
    --------
    >>> import goodwill as gw
    >>> found = returners(gw.read_case("jd_survey_2015"))
    >>> int(found["count"].sum()), found["share"].round(3).to_list(), found["of_all"].round(3).to_list()
    (38, [0.421, 0.447, 0.132], [0.172, 0.183, 0.054])
    """
    asked = published[published["question_id"] == question]
    apart = asked["option_en"].str.startswith(never)
    if not apart.any() or not asked.loc[~apart, "count"].sum():
        raise DataError(f"question {question} needs an option that begins with {never!r}, and somebody who chose another.")
    told, everybody = asked[~apart], float(asked["count"].sum())
    share = wilson(told["count"].to_numpy(float), np.full(len(told), float(told["count"].sum())), level)
    columns = {"option": told["option_en"], "count": told["count"], "share": share.estimate, "lower": share.lower, "upper": share.upper}
    return pd.DataFrame(columns).assign(of_all=told["count"] / everybody).reset_index(drop=True)
