"""Work sheets on company facts: ratios in base units, readings of a growth rate, and chains from many people to few buyers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd

from goodwill.errors import DataError

SCALES = {"10k": 1e4, "100M": 1e8, "percent": 1e-2}  # how Chinese sources count: 万 and 亿


def base_value(value: float, unit: str) -> tuple[float, str]:
    """A printed number without its scale: the number and the unit that is left.

    >>> base_value(2.93, "100M orders"), base_value(30, "10k orders/day"), base_value(35.6, "percent")
    ((293000000.0, 'orders'), (300000.0, 'orders/day'), (0.35600000000000004, 'share'))
    """
    scale, _, rest = unit.partition(" ")
    if scale not in SCALES:
        return float(value), unit
    return float(value) * SCALES[scale], rest or "share"


def operating_ratio(facts: pd.DataFrame, company: str, as_of: str, over: str, under: str) -> float:
    """One fact of a company over another of the same date, both in base units.

    Parameters
    ----------
    facts : company, as_of, metric, value, unit, as `gw.read_case("company_facts")`
    over, under : metrics

    Raises
    ------
    DataError
        The facts do not hold one of them for this company and date: two dates give no ratio.

    Examples
    --------
    JD, first half of 2014: money an order, and orders of an active user:

    >>> import goodwill as gw
    >>> facts = gw.read_case("company_facts")
    >>> pairs = [("gmv", "orders"), ("orders", "active_users")]
    >>> [round(operating_ratio(facts, "JD", "2014-H1", over, under), 2) for over, under in pairs]
    [365.53, 7.69]
    """
    of_it = facts[(facts["company"] == company) & (facts["as_of"].fillna("") == as_of)]
    found = []
    for metric in (over, under):
        rows = of_it[of_it["metric"] == metric]
        if rows.empty:
            has = ", ".join(of_it["metric"]) or "nothing"
            raise DataError(f"the facts hold no {metric!r} of {company} for {as_of or 'an unknown date'}; for that date they hold {has}.")
        found.append(base_value(float(rows["value"].iloc[0]), str(rows["unit"].iloc[0]))[0])
    return found[0] / found[1]


class GrowthReadings(NamedTuple):
    """The factor by which something grew, in two readings of a printed rate.

    Examples
    --------
    >>> from goodwill.worksheets import growth_readings
    >>> found = growth_readings(100, 1)
    >>> found.grows_to, found.grows_by  # "at a rate of 100 %": as much as before, or twice as much
    (1.0, 2.0)
    """

    grows_to: float
    grows_by: float


def growth_readings(percent: float, years: float) -> GrowthReadings:
    """What "a growth rate of more than 200 % for six years" can mean: to 200 % of the year before, or by 200 % of it.

    Examples
    --------
    Six years at 200 %: 64-fold if each year had twice the sales of the one before, 729-fold if it had 200 % more.

    >>> growth_readings(200, 6)
    GrowthReadings(grows_to=64.0, grows_by=729.0)
    """
    if percent <= 0 or years <= 0:
        raise DataError("a rate of growth and its years are positive.")
    return GrowthReadings(float((percent / 100) ** years), float((1 + percent / 100) ** years))


def chain_of_rates(start: float, rates: Mapping[str, float | tuple[float, float]], assumed: Collection[str] = ()) -> pd.DataFrame:
    """From many people to few buyers, rate by rate; a rate that nobody knows is a range, and the range carries through.

    Parameters
    ----------
    start : people at the beginning
    rates : by stage, the share of the stage before that reaches it, or (lowest, highest)
    assumed : stages whose rates are assumed

    Returns
    -------
    DataFrame
        Index stage; least, most (people), and assumed: whether any rate up to here is. A chain is as sure as its weakest rate: a printed
        "90 % came" says nothing of how many bought.

    Examples
    --------
    A city of a million; which share of it leaves school in a year is assumed, that nine in ten of those invited came is printed:

    >>> stages = {"graduates": (0.005, 0.015), "came": 0.9, "bought": (0.05, 0.5)}
    >>> found = chain_of_rates(1_000_000, stages, assumed=["graduates", "bought"])
    >>> found["least"].to_list(), found["most"].to_list(), found["assumed"].to_list()
    ([1000000.0, 5000.0, 4500.0, 225.0], [1000000.0, 15000.0, 13500.0, 6750.0], [False, True, True, True])
    """
    if not rates or start <= 0:
        raise DataError("a chain starts with somebody and has at least one stage.")
    if strange := [name for name in assumed if name not in rates]:
        raise DataError(f"the chain has no stage {strange[0]!r}; its stages are {', '.join(rates)}.")
    low = high = float(start)
    rows, doubtful = [("start", low, high, False)], False
    for stage, rate in rates.items():
        least, most = rate if isinstance(rate, tuple) else (rate, rate)
        if not 0 <= least <= most <= 1:
            raise DataError(f"the rate of {stage!r} is {least:g} to {most:g}; it is a share of the stage before, between 0 and 1.")
        low, high, doubtful = low * least, high * most, doubtful or stage in assumed
        rows.append((stage, low, high, doubtful))
    return pd.DataFrame(rows, columns=["stage", "least", "most", "assumed"]).set_index("stage")


class Entrants(NamedTuple):
    """New users a year beside those who could become users, and the share of them that it takes.

    Examples
    --------
    >>> from goodwill.worksheets import entrants
    >>> entrants(users=30_000, years=5, possible_a_year=20_000)
    Entrants(users_a_year=6000.0, share_needed=0.3)
    """

    users_a_year: float
    share_needed: float


def entrants(users: float, years: float, possible_a_year: float) -> Entrants:
    """What share of each year's newcomers (graduates) would have to join if all users had come from them.

    Examples
    --------
    Eight million users after six years, six million graduates a year: the 22 % that this takes is the most that graduates explain.

    >>> [round(each, 3) for each in entrants(8e6, 6, 6e6)]
    [1333333.333, 0.222]
    """
    if min(users, years, possible_a_year) <= 0:
        raise DataError("users, years and newcomers a year are positive.")
    return Entrants(users / years, users / years / possible_a_year)


def points_and_doublings(points: Mapping[float, float]) -> pd.DataFrame:
    """Growth between points in time: factor a year and time to double from each to the next; two points fit every curve.

    Parameters
    ----------
    points : value by year, rising

    Returns
    -------
    DataFrame
        from, to, factor_a_year, doubling (years). A falling factor shows that growth slows, and no curve through the points says where it
        ends: that is what the points cannot tell.

    Examples
    --------
    Registered users in millions: more than 8 about 2010, 25 about 2011, more than 100 in April 2013.

    >>> points_and_doublings({2010: 8, 2011: 25, 2013.3: 100}).round(2)["factor_a_year"].to_list()
    [3.12, 1.83]
    """
    at = sorted(points)
    if len(at) < 2 or any(points[year] <= 0 for year in at):
        raise DataError("growth takes positive values at two points in time or more.")
    rows = []
    for one, two in pairwise(at):
        factor = (points[two] / points[one]) ** (1 / (two - one))
        rows.append((one, two, factor, float(np.log(2) / np.log(factor)) if factor > 1 else float("inf")))
    return pd.DataFrame(rows, columns=["from", "to", "factor_a_year", "doubling"])
