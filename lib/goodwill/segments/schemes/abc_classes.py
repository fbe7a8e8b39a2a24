"""ABC classes: by cumulative value, and by a named list of key accounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from goodwill.errors import DataError
from goodwill.segments.schemes.cuts import IntArray, check_shares, cut_parts, empty_note, need, numbers, parts_by_total, tie_groups
from goodwill.segments.schemes.deciles import check_by_cut, place_by_cut
from goodwill.segments.schemes.rules import Rules

if TYPE_CHECKING:
    import pandas as pd


def abc(
    customers: pd.DataFrame,
    *,
    by: str = "spend",
    cuts: Sequence[float] = (0.8, 0.95),
    names: Sequence[str] = ("A", "B", "C"),
    relative: bool = False,
) -> Rules:
    """Classes by cumulative share: A brings the first 80 % of the value, B the next 15 %, C the rest, unless told otherwise.

    Equal customers are kept together by the rule of `sales_decile`; without value one is in the last class.

    Parameters
    ----------
    customers : DataFrame with the column `by`
    cuts : cumulative shares of the value, rising, one fewer than names
    names : best first
    relative : cut anew whatever customers are assigned

    Examples
    --------
    >>> import pandas as pd
    >>> customers = pd.DataFrame({"spend": [80.0, 10.0, 5.0, 3.0, 2.0]})
    >>> abc(customers).assign(customers).tolist()  # the first alone makes 80 % of the sales
    ['A', 'B', 'B', 'C', 'C']
    """
    check_shares("abc", cuts, names, "cuts")
    groups = tie_groups(numbers(customers, by, "abc"))
    if groups.value[0] <= 0:
        raise DataError(f"no customer has a positive '{by}', so 'abc' has no total to cut: name another column with by=.")
    cut = cut_parts(groups, parts_by_total(groups, cuts), names)
    if relative:
        options = {"by": by, "cuts": cuts, "names": names}
        return Rules("abc", tuple(names), {"options": options}, empty_note(cut), True)
    return Rules("abc", cut.names, {"column": by, "lowest": cut.lowest}, empty_note(cut))


def abc_list(
    customers: pd.DataFrame,
    *,
    lists: Mapping[str, Sequence[str]] | pd.DataFrame,
    column: str = "customer_id",
    otherwise: str = "not listed",
) -> Rules:
    """Classes by name: whoever stands in a list is of its class, everybody else is explicitly `otherwise`.

    Parameters
    ----------
    customers : DataFrame with the column `column`
    lists : class -> names, best class first; or a table with the columns `class` and `account_en` (such as the case of Suning's accounts)
    column : column that holds the names
    otherwise : segment of those on no list

    >>> import pandas as pd
    >>> accounts = pd.DataFrame({"customer_id": ["Haier", "Fotile", "Apple"]})
    >>> list(abc_list(accounts, lists={"A": ["Haier"], "C": ["Fotile"]}).assign(accounts))
    ['A', 'C', 'not listed']
    """
    need(customers, [column], "abc_list")
    listed = _as_lists(lists)
    rules = Rules("abc_list", (*listed, otherwise), {"column": column, "lists": listed})  # checks the lists
    names = [name for one in listed.values() for name in one]
    unseen = [names[k] for k in np.setdiff1d(np.arange(len(names)), _listed(customers, column, names)[1])]
    if not unseen:
        return rules
    told = f"{len(unseen)} of the names listed are not among these customers: {', '.join(unseen[:5])}{', …' * (len(unseen) > 5)}"
    return Rules(rules.scheme, rules.segments, rules.settings, (told,))


def place_abc_list(rules: Rules, customers: pd.DataFrame) -> IntArray:
    """The position of each customer's class."""
    column, lists = rules.settings["column"], rules.settings["lists"]
    need(customers, [column], "abc_list")
    names = [name for listed in lists.values() for name in listed]
    classes = np.repeat(np.arange(len(lists)), [len(listed) for listed in lists.values()])
    rows, at = _listed(customers, column, names)
    place = np.full(len(customers), len(lists))
    place[rows] = classes[at]
    return place


def check_abc_list(rules: Rules) -> None:
    """Check that nobody stands in two lists, when rules are made or read."""
    lists = rules.settings["lists"]
    if tuple(lists) != rules.segments[:-1] or not all(lists.values()):
        raise DataError("every class of 'abc_list' needs a list with at least one name.")
    home: dict[str, str] = {}
    for label, names in lists.items():
        for name in names:
            if name in home:
                raise DataError(f"'{name}' stands in the lists of {home[name]} and of {label}: leave it in one.")
            home[name] = label


def _listed(customers: pd.DataFrame, column: str, names: Sequence[str]) -> tuple[IntArray, IntArray]:
    """Rows of the customers who stand in a list of names, and where in it they stand."""
    ids = customers[column].astype(str)
    rows = np.flatnonzero(ids.isin(names).to_numpy())
    at = ids.iloc[rows].map({name: k for k, name in enumerate(names)})
    return rows.astype(np.int64), np.asarray(at, dtype=np.int64)


place_abc, check_abc = place_by_cut, check_by_cut


def _as_lists(lists: Any) -> dict[str, list[str]]:
    if isinstance(lists, Mapping):
        return {str(label): list(dict.fromkeys(str(name) for name in names)) for label, names in lists.items()}
    need(lists, ["class", "account_en"], "abc_list")
    return {str(label): rows["account_en"].astype(str).unique().tolist() for label, rows in lists.groupby("class", sort=True)}
