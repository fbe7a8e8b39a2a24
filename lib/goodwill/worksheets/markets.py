"""Work sheets on markets and firms: funnels, repeat base and capacity, growth, depth against scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from goodwill.calendar import DAYS_PER_UNIT
from goodwill.errors import DataError
from goodwill.inference.proportions import wilson


def funnel(stages: Mapping[str, float], level: float = 0.95) -> pd.DataFrame:
    """Conversion from stage to stage of a funnel, with intervals.

    Parameters
    ----------
    stages : how many reached each stage, in order

    Returns
    -------
    DataFrame
        Index stage; reached, of_previous (with lower, upper) and of_first.

    Raises
    ------
    DataError
        When fewer than two stages are given, or one is larger than the one before it.

    Examples
    --------
    >>> found = funnel({"invited": 200, "came": 90, "bought": 18})
    >>> found.loc["bought"].round(2).to_dict()
    {'reached': 18.0, 'of_previous': 0.2, 'lower': 0.13, 'upper': 0.29, 'of_first': 0.09}
    """
    names, counts = list(stages), np.array(list(stages.values()), float)
    if len(names) < 2 or (counts < 0).any() or counts[0] == 0:
        raise DataError("a funnel has at least two stages, the first of them reached by somebody.")
    for before, after, n, m in zip(names[:-1], names[1:], counts[:-1], counts[1:], strict=True):
        if m > n:
            raise DataError(f"{m:,.0f} reached {after!r} and only {n:,.0f} reached {before!r}, the stage before it; check the order.")
    share = wilson(counts[1:], np.maximum(counts[:-1], 1e-12), level)
    table = pd.DataFrame({"reached": counts}, index=pd.Index(names, name="stage"))
    for name, values in (("of_previous", share.estimate), ("lower", share.lower), ("upper", share.upper)):
        table[name] = [np.nan, *np.asarray(values, float)]
    return table.assign(of_first=counts / counts[0])


class RepeatBase(NamedTuple):
    """Guests of a day that past guests make, in both readings of a share, and whether the house can hold them.

    Examples
    --------
    A fifth of past guests each day would fill the house 133 times over; a fifth each year, 37 % of it:

    >>> from goodwill.worksheets import repeat_base
    >>> found = repeat_base(50_000, 0.2, nights=2, rooms=100)
    >>> round(found.occupied_if_daily), round(found.occupied_if_yearly, 2)
    (133, 0.37)
    """

    per_day_if_daily: float
    per_day_if_yearly: float
    occupied_if_daily: float
    occupied_if_yearly: float


def repeat_base(past_guests: float, share: float, nights: float, rooms: float, guests_per_room: float = 1.5) -> RepeatBase:
    """What "each day one tenth of our past guests return" can mean: of a house with so many rooms, is it possible?

    Parameters
    ----------
    past_guests : names in the card file
    share : of them who return, read once as a share of each day and once as a share of each year
    nights : length of a stay

    Examples
    --------
    200,000 past guests of a house of 400 rooms: a tenth of them each day would fill it 42 times over; a tenth of them a year fill 11 %.

    >>> found = repeat_base(200_000, 0.1, nights=1.25, rooms=400)
    >>> [round(value, 2) for value in found]
    [20000.0, 54.76, 41.67, 0.11]
    """
    if min(past_guests, nights, share) < 0 or rooms <= 0 or guests_per_room <= 0 or share > 1:
        raise DataError("guests and nights cannot be negative, the share lies between 0 and 1, and there is at least one room.")
    daily, yearly = past_guests * share, past_guests * share / DAYS_PER_UNIT["year"]
    held = rooms * guests_per_room
    return RepeatBase(daily, yearly, daily * nights / held, yearly * nights / held)


def growth(values: Mapping[float, float]) -> float:
    """Compound growth per year between the first and the last of some values by year.

    Examples
    --------
    Sales of 40 thousand million in 2005 and 120 in 2009:

    >>> round(growth({2005: 40, 2009: 120}), 3)
    0.316
    """
    years = sorted(values)
    if len(years) < 2 or values[years[0]] <= 0 or values[years[-1]] <= 0:
        raise DataError("growth takes positive values of at least two years.")
    return float((values[years[-1]] / values[years[0]]) ** (1 / (years[-1] - years[0])) - 1)


def comparable(facts: pd.DataFrame, metric: str) -> pd.DataFrame:
    """The values of one metric in a table of company facts, with why two of them may not be compared.

    Parameters
    ----------
    facts : company, as_of, metric, value, unit, qualifier, as `gw.read_case("company_facts")`

    Returns
    -------
    DataFrame
        company, as_of, value, unit, and doubt: no date, another unit, a bound and no value, or a number that stands for two dates.

    Raises
    ------
    DataError
        When the table has no such metric.

    Examples
    --------
    >>> import goodwill as gw
    >>> comparable(gw.read_case("company_facts"), "stores")["doubt"].to_list()[:2]
    ['about (≈>)', '']
    """
    rows = facts[facts["metric"] == metric]
    if rows.empty:
        raise DataError(f"the facts hold no metric {metric!r}; among them are {', '.join(sorted(facts['metric'].unique())[:8])}, …")
    usual = rows["unit"].mode().iloc[0]
    doubts = []
    for _, row in rows.iterrows():
        said = [] if isinstance(row["as_of"], str) and row["as_of"] else ["no date"]
        said += [f"in {row['unit']}"] if row["unit"] != usual else []
        sign = str(row["qualifier"]) if isinstance(row["qualifier"], str) else "="
        said += [f"about ({sign})"] if "≈" in sign else [f"a bound ({sign})"] if sign != "=" else []
        twice = rows[(rows["company"] == row["company"]) & (rows["value"] == row["value"])]["as_of"].dropna().nunique()
        said += ["the same number for another date"] if twice > 1 else []
        doubts.append(", ".join(said))
    return rows[["company", "as_of", "value", "unit"]].assign(doubt=doubts).reset_index(drop=True)


def depth_and_scale(effort: Sequence[float], per_customer: float, returns: float, learning: float) -> pd.DataFrame:
    """The same effort spent on more customers (scale) or on each of them (depth): what both bring.

    Parameters
    ----------
    effort : money spent
    per_customer : what the first unit of money brings, either way
    returns : exponent of scale; below 1 each new customer is harder to win than the last
    learning : exponent of depth; above 1 what is known of a customer makes the next offer fit better

    Returns
    -------
    DataFrame
        Index effort; scale, depth, ahead ("scale" or "depth"). The shapes are assumed: the sheet shows what an argument needs, no fact.

    Examples
    --------
    >>> depth_and_scale([0.5, 1, 4], per_customer=2, returns=0.8, learning=1.2)["ahead"].to_list()
    ['scale', 'scale', 'depth']
    """
    money = np.asarray(effort, float)
    if (money < 0).any() or returns <= 0 or learning <= 0:
        raise DataError("effort cannot be negative, and both exponents are positive.")
    table = pd.DataFrame(
        {"scale": per_customer * money**returns, "depth": per_customer * money**learning}, index=pd.Index(money, name="effort")
    )
    return table.assign(ahead=np.where(table["depth"] > table["scale"], "depth", "scale"))
