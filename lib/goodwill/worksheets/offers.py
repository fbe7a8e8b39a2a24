"""Work sheets on offers and terms: delivered value, price cuts, terms of payment, recovery calls."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import NamedTuple

import pandas as pd

from goodwill.calendar import DAYS_PER_UNIT
from goodwill.errors import DataError


def delivered_value(benefits: Mapping[str, Mapping[str, float]], costs: Mapping[str, Mapping[str, float]]) -> pd.DataFrame:
    """Customer delivered value of competing offers: all that the customer gets less all that it costs them.

    Parameters
    ----------
    benefits : by offer, money by component (product, service, staff, image)
    costs : by offer, money by component (price, time, energy, mind)

    Returns
    -------
    DataFrame
        Index offer, best first: benefit, cost, delivered, ratio, and price_room: by how much the price could rise before the next best
        offer is as good (negative: by how much it must fall to be as good as the best).

    Raises
    ------
    DataError
        When the offers differ, or a component is negative.

    Notes
    -----
    Difference and ratio can rank offers otherwise: the difference is what a customer takes home, and counts.

    Examples
    --------
    >>> benefits = {"ours": {"product": 20, "service": 6}, "theirs": {"product": 18, "service": 2}}
    >>> costs = {"ours": {"price": 16, "time": 2}, "theirs": {"price": 13, "time": 1}}
    >>> delivered_value(benefits, costs)[["delivered", "price_room"]].to_dict("index")
    {'ours': {'delivered': 8.0, 'price_room': 2.0}, 'theirs': {'delivered': 6.0, 'price_room': -2.0}}
    """
    if set(benefits) != set(costs) or len(benefits) < 1:
        raise DataError("benefits and costs must be of the same offers, at least one.")
    for offer in benefits:
        for name, amount in {**benefits[offer], **costs[offer]}.items():
            if not amount >= 0:
                raise DataError(f"offer {offer!r}: {name!r} is {amount:g}; put what speaks against an offer among its costs.")
    rows = {offer: (float(sum(benefits[offer].values())), float(sum(costs[offer].values()))) for offer in benefits}
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["benefit", "cost"]).rename_axis("offer")
    table["delivered"] = table["benefit"] - table["cost"]
    table["ratio"] = table["benefit"] / table["cost"]
    table = table.sort_values("delivered", ascending=False, kind="stable")
    if len(table) == 1:
        return table.assign(price_room=inf)
    best, second = table["delivered"].iloc[0], table["delivered"].iloc[1]
    return table.assign(price_room=[best - second, *(table["delivered"].iloc[1:] - best)])


def price_cut(discount: float, margin: float) -> float:
    """By which factor volume must grow so that a price cut leaves profit as it was.

    Parameters
    ----------
    discount : share of the price that is given away, 0 to 1
    margin : profit per unit of the old price, 0 to 1

    Returns
    -------
    float
        margin / (margin - discount); infinite where the cut eats the margin.

    Examples
    --------
    The price advantages of 10, 20 and 30 % at a margin of 25 %: volume must be 1.7 times, 5 times, and can never be enough.

    >>> [round(price_cut(cut, 0.25), 2) for cut in (0.1, 0.2, 0.3)]
    [1.67, 5.0, inf]
    """
    if not (0 <= discount < 1 and 0 < margin < 1):
        raise DataError(f"discount ({discount:g}) and margin ({margin:g}) are shares of the price, between 0 and 1.")
    return margin / (margin - discount) if margin > discount else inf


def payment_terms(days: float, other_days: float, annual_rate: float) -> float:
    """What paying later is worth, as a share of what is bought: the interest on the money kept in between.

    Examples
    --------
    A supplier who is paid after 20 days by one chain and after 90 days by another loses, at 6 % a year, 1.12 % of the price:

    >>> round(payment_terms(20, 90, 0.06), 4)
    0.0112
    """
    if days < 0 or other_days < 0 or annual_rate < 0:
        raise DataError("days and the rate of interest cannot be negative.")
    return float((1 + annual_rate) ** ((other_days - days) / DAYS_PER_UNIT["year"]) - 1)


class RecoveryCall(NamedTuple):
    """A round of calls: what one costs, what it brings, and the smallest chance of success at which it pays.

    Examples
    --------
    >>> from goodwill.worksheets import recovery_call
    >>> found = recovery_call(minutes=10, wage_per_hour=30, success=0.25, value=40)
    >>> found.net, found.break_even_success  # a call costs 5 and brings 10; it pays from one success in eight
    (5.0, 0.125)
    """

    cost: float
    expected: float
    net: float
    break_even_success: float


def recovery_call(minutes: float, wage_per_hour: float, success: float, value: float, rounds: int = 1) -> RecoveryCall:
    """What it costs and brings to call a dissatisfied customer, up to `rounds` times until it succeeds.

    Parameters
    ----------
    minutes : of one call
    success : chance that one call wins the customer back
    value : money lost without it

    Notes
    -----
    Rounds are taken to be independent, which flatters later ones: who was not won at first is harder to win.

    Examples
    --------
    Five minutes at a wage of 24 an hour cost 2; with a chance of one in ten and a value of 50 a call brings 3 net:

    >>> [round(value, 2) for value in recovery_call(5, 24, 0.1, 50)]
    [2.0, 5.0, 3.0, 0.04]
    """
    if minutes < 0 or wage_per_hour < 0 or value < 0 or not 0 <= success <= 1 or rounds < 1:
        raise DataError("minutes, wage and value cannot be negative, success is a chance between 0 and 1, and there is at least one round.")
    call = minutes / 60 * wage_per_hour
    lost = [(1 - success) ** tried for tried in range(rounds)]  # chance that round `tried` is needed
    cost, expected = call * sum(lost), value * (1 - (1 - success) ** rounds)
    return RecoveryCall(cost, expected, expected - cost, call / value if value else inf)


class PriceMatch(NamedTuple):
    """Matching a rival's price for those who compare: profit per visitor with and without, and the share kept at which it pays.

    Examples
    --------
    A tenth off a margin of a quarter, for visitors of whom three in ten buy anyway:

    >>> from goodwill.worksheets import price_match
    >>> found = price_match(0.1, 0.25, buys=0.3, kept=0.4)
    >>> found.matched > found.without, round(found.break_even_kept, 2)  # 40 % stay, and half would have to
    (False, 0.5)
    """

    without: float
    matched: float
    break_even_kept: float


def price_match(discount: float, margin: float, buys: float, kept: float) -> PriceMatch:
    """Whether to match a rival's lower price for visitors who look here and buy there (showrooming).

    Parameters
    ----------
    discount : by which the rival is cheaper, share of the price
    margin : profit per unit of the full price
    buys : share of visitors who buy here at the full price, all the same
    kept : share of visitors who buy here if the price is matched, those included

    Returns
    -------
    PriceMatch
        In units of the full price. Who would have paid it gets the discount too: that is what matching costs.

    Examples
    --------
    At a margin of 25 % and a discount of 10 %, three in ten buy anyway: matching pays once half of the visitors buy.

    >>> [round(value, 3) for value in price_match(0.1, 0.25, buys=0.3, kept=0.6)]
    [0.075, 0.09, 0.5]
    """
    if not (0 <= discount < 1 and 0 < margin < 1 and 0 <= buys <= kept <= 1):
        raise DataError("discount, margin and shares lie between 0 and 1, and no fewer buy at a matched price than at the full one.")
    left = margin - discount
    return PriceMatch(margin * buys, left * kept, margin * buys / left if left > 0 else inf)


def actions_side_by_side(actions: Mapping[str, tuple[float, float]], brings: float, margin: float) -> pd.DataFrame:
    """Small actions (a longer warranty, a free check, points) one by one: by what share a customer must spend more for each to pay.

    Parameters
    ----------
    actions : by name, cost per customer and the share by which it is believed to raise what a customer spends
    brings : what a customer spends without any [money]
    margin : profit per unit of spend

    Returns
    -------
    DataFrame
        Index action; cost, believed, needed (share that pays it back), net (money per customer at what is believed), best net first. What
        is believed is a belief; `needed` is the figure that a trial should be able to see.

    Examples
    --------
    >>> found = actions_side_by_side({"warranty": (6, 0.1), "points": (2, 0.1)}, brings=200, margin=0.25)
    >>> found[["needed", "net"]].to_dict("index")
    {'points': {'needed': 0.04, 'net': 3.0}, 'warranty': {'needed': 0.12, 'net': -1.0}}
    """
    if brings <= 0 or not 0 < margin <= 1 or any(cost < 0 for cost, _ in actions.values()):
        raise DataError("what a customer brings and the margin are positive, and no action has a negative cost.")
    table = pd.DataFrame.from_dict(dict(actions), orient="index", columns=["cost", "believed"]).rename_axis("action")
    table["needed"] = table["cost"] / (brings * margin)
    table["net"] = table["believed"] * brings * margin - table["cost"]
    return table.sort_values("net", ascending=False, kind="stable")
