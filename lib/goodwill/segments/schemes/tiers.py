"""Tiers: the customer pyramid by expected profit, and loyalty tiers by growth value with validity, grace and a soft landing.

The pyramid is that of Zeithaml, Rust & Lemon (2001), California Management Review 43(4), 118-142. That demotion hurts more than promotion
helps (Wagner, Hennig-Thurau & Rudolph 2009, Journal of Marketing 73(3), 69-85) is why loyalty tiers land softly.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from goodwill.errors import DataError
from goodwill.segments.schemes.cuts import (
    IntArray,
    check_falling,
    check_shares,
    cut_parts,
    empty_note,
    numbers,
    parts_by_count,
    rank_below,
    tie_groups,
)
from goodwill.segments.schemes.deciles import check_by_cut, place_by_cut
from goodwill.segments.schemes.rules import Rules

if TYPE_CHECKING:
    import pandas as pd

PYRAMID = ("platinum", "gold", "iron", "lead")
CASE_PYRAMID = ("lead", "iron", "silver", "gold")  # lowest first, as the case numbers its classes I to IV
JD_LEVELS = ("registered", "bronze", "silver", "gold", "diamond")  # lowest first


def pyramid(
    customers: pd.DataFrame,
    *,
    by: str = "value",
    names: Sequence[str] = PYRAMID,
    shares: Sequence[float] = (0.2, 0.3, 0.3, 0.2),
    first: Literal["best", "lowest"] = "best",
    relative: bool = False,
) -> Rules:
    """Four tiers by expected profit: the best 20 % platinum, then 30 % gold, 30 % iron, 20 % lead, unless told otherwise.

    Parameters
    ----------
    customers : DataFrame with the column `by`
    by : expected profit, such as the lifetime value in `value`; another column must be asked for by name
    names, shares : names of the tiers and their shares of the customers, in one order
    first : which end that order begins with. Texts disagree: class I is the best for some and the lowest for others; `CASE_PYRAMID` is to
        be given with ``first="lowest"``.
    relative : cut anew whatever customers are assigned

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.segments import CASE_PYRAMID
    >>> customers = pd.DataFrame({"value": [5.0, 1.0, 9.0, 2.0]})
    >>> rules = pyramid(customers, names=CASE_PYRAMID, shares=(0.25, 0.25, 0.25, 0.25), first="lowest")
    >>> list(rules.assign(customers))
    ['silver', 'lead', 'gold', 'iron']
    """
    if first not in ("best", "lowest"):
        raise DataError(f"first={first!r}: say whether the first of the names is the 'best' or the 'lowest' tier.")
    step = 1 if first == "best" else -1
    falling, sizes = tuple(names)[::step], np.asarray(shares, dtype=float)[::step]
    if len(sizes) != len(falling) or not np.isclose(sizes.sum(), 1):
        raise DataError(f"the shares of 'pyramid' must be one per name and sum to 1; {len(falling)} names have shares of {sizes.sum():g}.")
    cumulative = np.cumsum(sizes)[:-1]
    check_shares("pyramid", cumulative, falling, "cumulative shares")
    groups = tie_groups(numbers(customers, by, "pyramid"))
    cut = cut_parts(groups, parts_by_count(groups, cumulative), falling)
    told = ", ".join(f"{name} {n:,}" for name, n in zip(cut.names, cut.customers, strict=True))
    notes = (*empty_note(cut), f"best first, by {by}: {told} customers")
    if relative:
        options = {"by": by, "names": names, "shares": shares, "first": first}
        return Rules("pyramid", falling, {"options": options}, notes, True)
    return Rules("pyramid", cut.names, {"column": by, "lowest": cut.lowest}, notes)


place_pyramid, check_pyramid = place_by_cut, check_by_cut


def loyalty_tier(
    customers: pd.DataFrame,
    *,
    thresholds: Sequence[float] | None = None,
    names: Sequence[str] = JD_LEVELS,
    growth: str = "growth_value",
    validity: int = 1,
    grace: int = 1,
) -> Rules:
    """Tiers earned by the growth value of a period, kept for a while, and lost one level at a time.

    A tier is earned when the growth value of the period reaches its threshold, and rising is immediate. A tier that is not earned again
    stays for `validity` periods and `grace` more; after that it falls by one level a period at most, and never below what was earned.

    Parameters
    ----------
    customers : DataFrame with the column `growth`. With a column `tier` (what each customer holds; empty for newcomers) and
        `periods_missed` (periods in a row before this one without earning it; 0 when left out) the soft landing applies; without, a
        customer gets the tier that the period earns.
    thresholds : growth values of the tiers above the lowest, rising
    names : lowest first; JD's five levels unless told otherwise
    validity, grace : in periods

    Raises
    ------
    DataError
        Without thresholds: JD publishes the names of its levels, and what they take is for the company to say.

    Examples
    --------
    >>> import pandas as pd
    >>> customers = pd.DataFrame({"growth_value": [0.0, 50.0, 2000.0]})
    >>> loyalty_tier(customers, thresholds=(1, 10, 100, 1000)).assign(customers).tolist()
    ['registered', 'silver', 'diamond']
    """
    if thresholds is None:
        raise DataError(
            f"'loyalty_tier' has no thresholds: pass thresholds=({', '.join('…' for _ in names[1:])}), the growth value that each level "
            f"above '{names[0]}' takes ({', '.join(names[1:])}); none are published that could stand in."
        )
    rising = [float(value) for value in thresholds]
    if len(rising) != len(names) - 1 or (np.diff(rising) <= 0).any() or rising[0] <= 0:
        raise DataError(f"the thresholds of 'loyalty_tier' must be {len(names) - 1} rising numbers above 0, lowest level first.")
    numbers(customers, growth, "loyalty_tier")
    settings = {"column": growth, "lowest": rising[::-1], "validity": validity, "grace": grace}
    return Rules("loyalty_tier", tuple(names)[::-1], settings)


def check_loyalty_tier(rules: Rules) -> None:
    """Check thresholds and periods, when rules are made or read."""
    check_falling("loyalty_tier", rules.settings["lowest"], len(rules.segments))
    validity, grace = rules.settings["validity"], rules.settings["grace"]
    if validity < 1 or grace < 0:
        raise DataError(f"validity={validity} and grace={grace} are periods: a tier holds for one at least, and grace cannot be negative.")


def place_loyalty_tier(rules: Rules, customers: pd.DataFrame) -> IntArray:
    """The position of each customer's tier, with the soft landing when the table says what tier each one holds."""
    earned = rank_below(numbers(customers, rules.settings["column"], "loyalty_tier"), rules.settings["lowest"])
    if "tier" not in customers:
        return earned
    held = customers["tier"]
    names = list(rules.segments)
    before = np.select([(held == name).to_numpy(dtype=bool, na_value=False) for name in names], list(range(len(names))), -1)
    unknown = (before < 0) & held.notna().to_numpy()
    if unknown.any():
        raise DataError(
            f"column 'tier' holds {held.to_numpy()[unknown][0]!r}, which is none of {', '.join(names)} (row {np.flatnonzero(unknown)[0]})."
        )
    missed = numbers(customers, "periods_missed", "loyalty_tier") if "periods_missed" in customers else np.zeros(len(earned))
    return np.where(before < 0, earned, _next_tier(rules, earned, before, missed)[0])


def tier_history(rules: Rules, growth: ArrayLike) -> NDArray[np.object_]:
    """The tier that each customer holds after each period.

    Parameters
    ----------
    growth : growth values, shape (customers, periods); the first period starts everybody at what it earns

    Returns
    -------
    names of tiers, of the same shape

    Examples
    --------
    A customer who earns diamond once and then nothing keeps it for one period of validity and one of grace, and lands softly:

    >>> import pandas as pd
    >>> from goodwill.segments import loyalty_tier
    >>> rules = loyalty_tier(pd.DataFrame({"growth_value": [0.0]}), thresholds=(1, 10, 100, 1000))
    >>> tier_history(rules, [[1000, 0, 0, 0, 0, 0]])[0].tolist()
    ['diamond', 'diamond', 'gold', 'silver', 'bronze', 'registered']
    """
    values = np.atleast_2d(np.asarray(growth, dtype=float))
    if not np.isfinite(values).all():
        raise DataError("the growth values have gaps: a period without any counts as 0.")
    held = rank_below(values[:, 0], rules.settings["lowest"])
    missed = np.zeros(len(values))
    history = [held]
    for period in values.T[1:]:
        held, missed = _next_tier(rules, rank_below(period, rules.settings["lowest"]), held, missed)
        history.append(held)
    return np.array(rules.segments, dtype=object)[np.stack(history, axis=1)]


def _next_tier(rules: Rules, earned: IntArray, held: IntArray, missed: NDArray[np.float64]) -> tuple[IntArray, NDArray[np.float64]]:
    """Positions (0 is best) after a period, and the periods missed in a row."""
    safe = earned <= held
    missed = np.where(safe, 0.0, missed + 1)
    lapsed = missed >= rules.settings["validity"] + rules.settings["grace"]
    return np.where(safe, earned, held + lapsed), missed
