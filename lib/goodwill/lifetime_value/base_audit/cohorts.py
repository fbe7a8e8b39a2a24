"""Customers by when they were won: what became of each cohort, whether later ones are as good, and which carry the base."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from goodwill.errors import TooLittle
from goodwill.inference.uncertainty import Interval, normal_quantile
from goodwill.lifetime_value.base_audit.periods import FEWEST_COHORT, BaseAudit


def cohort_table(audit: BaseAudit) -> pd.DataFrame:
    """Third to fifth way to look: a row for each cohort and age of it, in periods since the first purchase.

    Returns
    -------
    DataFrame
        cohort (its period; customers of before the first whole period have none and stand as "earlier"), born, age, at, size (customers of
        the cohort), active, share_active, purchases, money, money_each (per customer of the cohort, gone or not), so_far (their sum).

    Examples
    --------
    >>> import goodwill as gw
    >>> audit = gw.lifetime_value.audit_base(gw.read_transactions(gw.example("orders")), "month")
    >>> cohort_table(audit)[["cohort", "age", "size", "active", "so_far"]].head(2).to_dict("list")
    {'cohort': ['2025-01', '2025-01'], 'age': [0, 1], 'size': [2, 2], 'active': [2, 1], 'so_far': [35.0, 42.5]}
    """
    cells = audit.cells
    active = cells[cells["purchases"] > 0]
    sizes = active[active["at"] == active["born"]].groupby("born").size()
    earlier = int(active.loc[active["born"] < 0, "customer"].nunique())
    rows = []
    for born in sorted({int(each) for each in active["born"]}):
        mine, there = cells[cells["born"] == born], active[active["born"] == born]
        size = earlier if born < 0 else int(sizes.get(born, 0))
        for at in range(max(born, 0), len(audit.names)):
            money = float(mine.loc[mine["at"] == at, "money"].sum()) if audit.has_money else np.nan
            here = there[there["at"] == at]
            name = "earlier" if born < 0 else audit.names[born]
            rows.append([name, born, at - born if born >= 0 else np.nan, at, size, len(here), int(here["purchases"].sum()), money])
    table = pd.DataFrame(rows, columns=["cohort", "born", "age", "at", "size", "active", "purchases", "money"])
    table["share_active"] = table["active"] / table["size"].clip(lower=1)
    table["money_each"] = table["money"] / table["size"].clip(lower=1)
    table["so_far"] = table.groupby("born")["money_each"].cumsum() if audit.has_money else np.nan
    return table


def cohorts_at_age(audit: BaseAudit, age: int = 1, level: float = 0.95) -> pd.DataFrame:
    """Fourth way to look: what each cohort had brought, per customer, by the same age.

    Parameters
    ----------
    age : in periods after the one of the first purchase; cohorts that are younger, or of less than 30 customers, are left out

    Returns
    -------
    DataFrame
        cohort, size, active (share who bought in the periods after their first, up to that age), brought (money, or purchases, per
        customer up to that age, the first period included), lower, upper (of chance among customers).

    Examples
    --------
    >>> import goodwill as gw
    >>> audit = gw.lifetime_value.audit_base(gw.read_transactions("cdnow_sample"), "month")
    >>> cohorts_at_age(audit, age=3)[["cohort", "size", "brought"]].round(1)  # CDNOW's sample was won in three months
        cohort  size  brought
    0  1997-01   781     55.8
    1  1997-02   857     56.5
    2  1997-03   719     60.5
    """
    measure = "money" if audit.has_money else "purchases"
    rows = []
    for born in range(len(audit.names) - age):
        mine = audit.cells[(audit.cells["born"] == born) & (audit.cells["at"] <= born + age)]
        each = mine.groupby("customer")[measure].sum().to_numpy(float)
        if len(each) < FEWEST_COHORT:
            continue
        later = mine[(mine["at"] > born) & (mine["purchases"] > 0)]["customer"].nunique()
        reach = normal_quantile(level) * each.std(ddof=1) / np.sqrt(len(each))
        rows.append([audit.names[born], len(each), later / len(each), each.mean(), each.mean() - reach, each.mean() + reach])
    return pd.DataFrame(rows, columns=["cohort", "size", "active", "brought", "lower", "upper"])


class Drift(NamedTuple):
    """What a customer of the newest cohort brought by the same age, less one of the oldest: an interval, and the two names.

    Examples
    --------
    >>> import goodwill as gw
    >>> found = Drift(gw.inference.Interval(-10.0, -15.0, -5.0), oldest="2024", newest="2025")
    >>> f"{found.newest} brought {-found.difference.estimate:g} less by the same age than {found.oldest}"
    '2025 brought 10 less by the same age than 2024'
    """

    difference: Interval
    oldest: str
    newest: str


def drift_of_cohorts(cohorts: pd.DataFrame, level: float = 0.95) -> Drift:
    """Whether newer cohorts are worth more or less at the same age: the newest less the oldest that are large enough.

    Raises
    ------
    TooLittle
        With less than two such cohorts.

    Examples
    --------
    >>> import pandas as pd
    >>> two = pd.DataFrame({"cohort": ["2024", "2025"], "brought": [40.0, 30.0], "upper": [43.0, 34.0]})
    >>> found = drift_of_cohorts(two)
    >>> found.difference.estimate, round(found.difference.upper, 2)  # the distances of the ends add up in squares: 3 and 4 to 5
    (-10.0, -5.0)
    """
    if len(cohorts) < 2:
        raise TooLittle(f"Less than two cohorts of {FEWEST_COHORT} customers are old enough to be compared at one age.")
    first, last = cohorts.iloc[0], cohorts.iloc[-1]
    best = float(last["brought"] - first["brought"])
    reach = float(np.hypot(*(each["upper"] - each["brought"] for each in (first, last)))) * normal_quantile(level) / normal_quantile(0.95)
    return Drift(Interval(best, best - reach, best + reach), str(first["cohort"]), str(last["cohort"]))


def cohort_layers(audit: BaseAudit, most: int = 6) -> pd.DataFrame:
    """Fifth way to look: what the customers won in each period brought in every one, neighbouring cohorts taken together where many.

    Parameters
    ----------
    audit : of `audit_base`
    most : layers at most; beyond it neighbouring cohorts are taken together

    Returns
    -------
    DataFrame
        cohorts (the first and last period of winning), period, customers (active), purchases, money.

    Examples
    --------
    >>> import goodwill as gw
    >>> audit = gw.lifetime_value.audit_base(gw.read_transactions(gw.example("orders")), "month")
    >>> layers = cohort_layers(audit)
    >>> layers[layers["period"] == "2025-02"][["cohorts", "money"]].to_dict("list")
    {'cohorts': ['2025-01', '2025-02'], 'money': [15.0, 25.0]}
    """
    active = audit.cells[audit.cells["purchases"] > 0]
    born = sorted({int(each) for each in active["born"]})
    known = [each for each in born if each >= 0]  # none where all were won before the first whole period
    parts = np.array_split(np.array(known), min(most, len(known))) if known else []
    label = {-1: "earlier"}
    for part in parts:
        names = [audit.names[each] for each in part]
        label |= dict.fromkeys(part.tolist(), names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}")
    rows = active.assign(cohorts=active["born"].map(label), one=1).groupby(["cohorts", "at"], sort=False)
    table = rows.agg(customers=("one", "sum"), purchases=("purchases", "sum")).reset_index()
    money = audit.cells.assign(cohorts=audit.cells["born"].map(label)).groupby(["cohorts", "at"])["money"].sum(min_count=1).reset_index()
    table = table.merge(money, "left", on=["cohorts", "at"])
    order = {name: place for place, name in enumerate(dict.fromkeys(label[each] for each in born))}
    table = table.sort_values(["cohorts", "at"], key=lambda each: each.map(order) if each.name == "cohorts" else each, ignore_index=True)
    table.insert(1, "period", [audit.names[at] for at in table["at"]])
    return table.drop(columns="at")


def share_of_known(audit: BaseAudit, at: int = -1) -> float:
    """Which part of a period's money (or purchases) came from customers who had been won before it.

    Parameters
    ----------
    audit : of `audit_base`
    at : place of the period among `audit.names`; by default the last

    Returns
    -------
    float
        Between 0 and 1.

    Raises
    ------
    TooLittle
        When nothing came in that period.

    Examples
    --------
    >>> import goodwill as gw
    >>> audit = gw.lifetime_value.audit_base(gw.read_transactions(gw.example("orders")), "month")
    >>> share_of_known(audit, 1)  # of the 40 of February a, won in January, brought 15
    0.375
    """
    place = range(len(audit.names))[at]
    measure = "money" if audit.has_money else "purchases"
    cells = audit.cells[audit.cells["at"] == place]
    whole = float(cells[measure].sum())
    if not whole > 0:
        raise TooLittle(f"Nothing came in {audit.names[place]}, so nobody brought a part of it.")
    return float(cells.loc[cells["born"] < place, measure].sum()) / whole
