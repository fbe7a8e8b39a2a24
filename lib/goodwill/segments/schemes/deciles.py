"""Deciles of sales and deciles of customers, which are two things, and the three target groups of the purchase-decile analysis.

A sales decile holds a tenth of the sales, and so few customers at the top; a count decile holds a tenth of the customers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from goodwill.errors import DataError
from goodwill.segments.schemes.cuts import (
    FloatArray,
    IntArray,
    Parts,
    check_falling,
    check_shares,
    cut_parts,
    empty_note,
    numbers,
    parts_by_count,
    parts_by_total,
    rank_below,
    tie_groups,
)
from goodwill.segments.schemes.rules import Rules

if TYPE_CHECKING:
    import pandas as pd

TARGET_GROUPS = ("most profitable", "highest potential", "losing value")
TRANSACTION = "transaction customers"


def sales_decile(customers: pd.DataFrame, *, by: str = "spend", parts: int = 10, transaction: str = "", relative: bool = False) -> Rules:
    """Cut total sales (or profit) into equal parts and count the customers of each.

    Customers stand in falling order of `by`; one lies in the part in which the running total ends when it is counted. Those who spend the
    same lie together, where the first of them does (see `goodwill.segments.schemes.cuts.parts_by_total`).

    Parameters
    ----------
    customers : DataFrame, one row per customer
    by : column of money. For another column than `spend`, such as profit, those who bring none (0 or less) are a last segment of their
        own; without spend (returns may make it negative) one lies in the last part.
    parts : number of parts
    transaction : column with the probability (or flag) that a customer only buys bargains; those from 0.5 on are set apart, as a last
        segment, before sales are cut. Empty: nobody is.
    relative : cut anew whatever customers are assigned

    Examples
    --------
    >>> import pandas as pd
    >>> customers = pd.DataFrame({"spend": [6.0, 2.0, 2.0, 1.0, 1.0]})
    >>> list(sales_decile(customers, parts=2).assign(customers))
    ['part 1', 'part 2', 'part 2', 'part 2', 'part 2']
    """
    names = _numbered("part", parts)
    shares = np.arange(1, parts) / parts
    options = {"by": by, "parts": parts, "transaction": transaction}
    return _by_total("sales_decile", customers, names, shares, by, transaction, options if relative else None)


def target_groups(
    customers: pd.DataFrame, *, by: str = "spend", keep: float = 0.1, grow: float = 0.5, transaction: str = "", relative: bool = False
) -> Rules:
    """The three target groups of the purchase-decile analysis, cut by shares of sales.

    The first `keep` of sales comes from the most profitable customers, to be kept; the next `grow` (the case says 40 to 50 %) from those
    with good profit and the highest potential, whose purchases elsewhere are to be won; the rest is profitable but losing value, where
    special care may cost more than it brings. Transaction customers are taken out first, when a column tells them.

    Parameters
    ----------
    customers, by, transaction, relative : as in `sales_decile`
    keep, grow : shares of sales

    Examples
    --------
    >>> import pandas as pd
    >>> customers = pd.DataFrame({"spend": [10.0] + [9.0] * 5 + [1.0] * 45})
    >>> target_groups(customers, grow=0.45).assign(customers).value_counts().to_dict()
    {'most profitable': 1, 'highest potential': 5, 'losing value': 45}
    """
    if not (keep > 0 and grow > 0 and keep + grow < 1):
        raise DataError(f"keep={keep:g} and grow={grow:g} are shares of sales: both above 0, together below 1.")
    options = {"by": by, "keep": keep, "grow": grow, "transaction": transaction}
    rules = _by_total("target_groups", customers, TARGET_GROUPS, [keep, keep + grow], by, transaction, options if relative else None)
    said = "one window tells who brings little, not who is losing value: that takes two windows"
    return Rules(rules.scheme, rules.segments, rules.settings, (*rules.notes, said), relative)


def count_decile(customers: pd.DataFrame, *, by: str = "spend", parts: int = 10, relative: bool = False) -> Rules:
    """Cut the customers, ranked by a column, into parts of equal size; equals stay together, and a note says how unequal that makes them.

    >>> import pandas as pd
    >>> rules = count_decile(pd.DataFrame({"spend": [9.0, 5.0, 5.0, 5.0, 1.0, 1.0]}), parts=2)
    >>> rules.notes[0].split(": ")[1]
    '3.0 customers would be an equal part, count part 1 holds 4 and count part 2 holds 2'
    """
    names = _numbered("tenth" if parts == 10 else "count part", parts)
    groups = tie_groups(numbers(customers, by, "count_decile"))
    cut = cut_parts(groups, parts_by_count(groups, np.arange(1, parts) / parts), names)
    notes = (*empty_note(cut), *_unequal(cut, parts))
    if relative:
        return Rules("count_decile", names, {"options": {"by": by, "parts": parts}}, notes, True)
    return Rules("count_decile", cut.names, {"column": by, "lowest": cut.lowest}, notes)


def place_by_cut(rules: Rules, customers: pd.DataFrame) -> IntArray:
    """The position of each customer's segment by the lower bounds of one column, and by what is set apart."""
    settings = rules.settings
    values = numbers(customers, settings["column"], rules.scheme)
    place = rank_below(values, settings["lowest"])
    if settings.get("nothing"):
        place[values <= 0] = rules.segments.index(settings["nothing"])
    if settings.get("transaction"):
        place[_set_apart(customers, settings["transaction"], rules.scheme)] = rules.segments.index(TRANSACTION)
    return place


def check_by_cut(rules: Rules) -> None:
    """Check the bounds when rules are made or read."""
    apart = bool(rules.settings.get("nothing")) + bool(rules.settings.get("transaction"))
    check_falling(rules.scheme, rules.settings["lowest"], len(rules.segments) - apart)


place_sales_decile = place_count_decile = place_target_groups = place_by_cut
check_sales_decile = check_count_decile = check_target_groups = check_by_cut


def _by_total(
    scheme: str,
    customers: pd.DataFrame,
    names: Sequence[str],
    shares: Sequence[float] | FloatArray,
    by: str,
    transaction: str,
    options: dict[str, Any] | None,
) -> Rules:
    """Rules that cut the total of a column at cumulative shares; with `options` they are relative."""
    check_shares(scheme, shares, names, "shares")
    values = numbers(customers, by, scheme)
    apart = _set_apart(customers, transaction, scheme) if transaction else np.zeros(len(values), dtype=bool)
    nothing = f"no {by}" if by != "spend" else ""
    ranked = values[~apart & (values > 0)] if nothing else values[~apart]
    if not len(ranked) or ranked.max() <= 0:
        raise DataError(f"no customer has a positive '{by}', so '{scheme}' has no total to cut: name another column with by=.")
    groups = tie_groups(ranked)
    cut = cut_parts(groups, parts_by_total(groups, shares), names)
    last = ([nothing] if nothing else []) + ([TRANSACTION] if transaction else [])
    if options is not None:
        return Rules(scheme, (*names, *last), {"options": options}, empty_note(cut), True)
    settings = {"column": by, "lowest": cut.lowest, "nothing": nothing, "transaction": transaction}
    return Rules(scheme, (*cut.names, *last), settings, empty_note(cut))


def _set_apart(customers: pd.DataFrame, transaction: str, scheme: str) -> Any:
    return numbers(customers, transaction, scheme) >= 0.5


def _numbered(word: str, parts: int) -> tuple[str, ...]:
    if not 2 <= parts <= 1000:
        raise DataError(f"parts={parts}: cut into 2 to 1,000 parts.")
    return tuple(f"{word} {k}" for k in range(1, parts + 1))


def _unequal(cut: Parts, parts: int) -> tuple[str, ...]:
    """One sentence on what ties did to the sizes, when they did something."""
    sizes = np.array(cut.customers)
    wanted = sizes.sum() / parts
    if (np.abs(sizes - wanted) < 1).all() and len(sizes) == parts:
        return ()
    most, fewest = int(sizes.argmax()), int(sizes.argmin())
    return (
        f"equal customers kept together make the parts unequal: {wanted:,.1f} customers would be an equal part, "
        f"{cut.names[most]} holds {sizes[most]:,} and {cut.names[fewest]} holds {sizes[fewest]:,}",
    )
