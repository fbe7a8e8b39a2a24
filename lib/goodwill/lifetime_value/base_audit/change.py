"""What changed from one period to another, customer by customer, and what made the difference."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from goodwill.errors import TooLittle
from goodwill.inference.uncertainty import Interval, normal_quantile
from goodwill.lifetime_value.base_audit.periods import BaseAudit, by_period


class Change(NamedTuple):
    """What `change` found.

    Attributes
    ----------
    table : DataFrame
        A row for each group (not now, less, as much or more, came back, won since): customers, before, now and difference (money, or
        purchases without it).
    difference : Interval
        Of all money: now minus before; the interval is that of chance among customers: had others like these come, stayed and left.
    parts : DataFrame
        What customers, purchases per customer and money per purchase contributed to the difference; they sum to it.
    before, now : float
    earlier, later : str
        The two periods.
    season : bool
        Whether they are different parts of the year.

    Examples
    --------
    >>> import goodwill as gw
    >>> audit = gw.lifetime_value.audit_base(gw.read_transactions(gw.example("orders")), "month")
    >>> found = gw.lifetime_value.change(audit, now=1, before=0)
    >>> found.earlier, found.later, found.before, found.now
    ('2025-01', '2025-02', 70.0, 40.0)
    >>> found.parts.set_index("part")["difference"].round(1).to_dict()  # the parts sum to the difference
    {'customers': 0.0, 'purchases_each': -21.7, 'money_each': -8.3}
    """

    table: pd.DataFrame
    difference: Interval
    parts: pd.DataFrame
    before: float
    now: float
    earlier: str
    later: str
    season: bool


def change(audit: BaseAudit, now: int = -1, before: int | None = None, level: float = 0.95) -> Change:
    """Second way to look: two periods, customer by customer.

    Parameters
    ----------
    now, before : places of the periods; by default the last one, and the same of the year before, so that no season stands between them,
        or where there is none the one before

    Raises
    ------
    TooLittle
        When there is no other period to compare with.

    Notes
    -----
    Each customer's difference is taken as one draw of what such customers do, and how many there are as chance too (Poisson), so that the
    standard error of the total is the root of the sum of squared differences. The parts are those of the logarithmic mean, which leave no
    remainder and do not depend on an order.

    Examples
    --------
    >>> import goodwill as gw
    >>> audit = gw.lifetime_value.audit_base(gw.read_transactions(gw.example("orders")), "month")
    >>> found = change(audit, now=1, before=0)
    >>> dict(zip(found.table["group"], found.table["difference"].tolist()))
    {'not now': -40.0, 'less': -15.0, 'as much or more': 0.0, 'came back': 0.0, 'won since': 25.0}
    >>> found.difference.estimate, found.difference.lower < 0 < found.difference.upper  # three customers cannot tell
    (-30.0, True)
    """
    measure = "money" if audit.has_money else "purchases"
    at = range(len(audit.names))[now]
    earlier = _year_before(audit, at) if before is None else range(len(audit.names))[before]
    if earlier < 0 or earlier == at:
        raise TooLittle("There is no period before, so there is no change.")
    cells = audit.cells[audit.cells["at"].isin([at, earlier])]
    wide = cells.pivot_table(index=["customer", "born"], columns="at", values=measure, aggfunc="sum").reindex(columns=[earlier, at])
    there = cells[cells["purchases"] > 0].pivot_table(index=["customer", "born"], columns="at", values="purchases", aggfunc="sum")
    came = there.reindex(index=wide.index, columns=[earlier, at]).notna().to_numpy()
    both = wide.fillna(0.0).to_numpy(float)
    moved = both[:, 1] - both[:, 0]
    born = wide.index.get_level_values("born").to_numpy()
    group = np.select(
        [~came[:, 1], came[:, 0] & (moved < 0), came[:, 0], born > earlier],
        ["not now", "less", "as much or more", "won since"],
        "came back",
    )
    order = ["not now", "less", "as much or more", "came back", "won since"]
    groups = (
        pd.DataFrame({"group": group, "before": both[:, 0], "now": both[:, 1]})
        .groupby("group")
        .agg(customers=("now", "size"), before=("before", "sum"), now=("now", "sum"))
    )
    table = groups.reindex(order).fillna(0.0).assign(difference=lambda each: each["now"] - each["before"]).reset_index()
    total, reach = float(moved.sum()), normal_quantile(level) * float(np.sqrt((moved**2).sum()))
    sums = by_period(audit).iloc[[earlier, at]]
    return Change(
        table.astype({"customers": int}),
        Interval(total, total - reach, total + reach),
        _parts(sums, measure),
        float(both[:, 0].sum()),
        float(both[:, 1].sum()),
        audit.names[earlier],
        audit.names[at],
        audit.period != "year" and (at - earlier) % {"quarter": 4, "month": 12}[audit.period] != 0,
    )


def _year_before(audit: BaseAudit, at: int) -> int:
    year = {"year": 1, "quarter": 4, "month": 12}[audit.period]
    return at - year if at >= year else at - 1


def _parts(sums: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Logarithmic mean Divisia decomposition of the total into its factors."""
    names = ["customers", "purchases_each", *(["money_each"] if measure == "money" else [])]
    first, last = (float(each) for each in sums[measure])
    if not (first > 0 and last > 0):
        return pd.DataFrame(
            {"part": names, "before": sums[names].iloc[0].to_numpy(), "now": sums[names].iloc[1].to_numpy(), "difference": np.nan}
        )
    weight = (last - first) / np.log(last / first) if last != first else first
    one, two = sums[names].to_numpy(float)
    return pd.DataFrame({"part": names, "before": one, "now": two, "difference": weight * np.log(two / one)})
