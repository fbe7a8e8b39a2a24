"""What to say beside a plan: each caveat with the number that makes it concrete."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from goodwill.errors import DataError
from goodwill.strategies.allocation import Plan

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.strategies.incremental_values import IncrementalValue


@dataclass(frozen=True)
class Caveat:
    """A number and the sentence that carries it. `number` is None where nothing can be computed, and the sentence says why."""

    name: str
    number: float | None
    sentence: str


def winners_curse(claimed: float, delivered: float, plan: str = "plan") -> Caveat:
    """How many times as much a plan claims as it delivers on data that did not choose it (Smith & Winkler 2006).

    >>> winners_curse(1.02, 0.46).sentence
    'Winner’s curse: the plan claims 1.02 and delivers 0.46 on customers who did not choose it, 2.2 times as much as true.'
    """
    name = "winner's curse"
    if delivered <= 0:
        text = f"Winner’s curse: the {plan} claims {claimed:,.3g} and delivers {delivered:,.3g} on customers who did not choose it."
        return Caveat(name, None, text)
    factor = claimed / delivered
    tail = f"{factor:.2g} times as much as true." if factor > 1 else "no more than it keeps."
    text = f"Winner’s curse: the {plan} claims {claimed:,.3g} and delivers {delivered:,.3g} on customers who did not choose it, {tail}"
    return Caveat(name, factor, text)


def selection_of_targeted(naive: float, matched: float, change: float) -> Caveat:
    """How much of the naive reading of a campaign is who was chosen: 1 - matched / naive.

    Parameters
    ----------
    naive, matched, change : targeted less others; the same among alike before; the difference of changes [currency per customer]
    """
    share = 1 - matched / naive if naive else None
    text = (
        f"Selection: the targeted differ from others by {naive:+,.0f} per customer, from others alike before by {matched:+,.0f}, and in "
        f"their change by {change:+,.0f}: they were chosen, not drawn, and none of the three is the campaign’s effect."
    )
    return Caveat("selection of the targeted", share, text)


def interference(treated_share: float, told: float, spill: float, effect: float) -> Caveat:
    """How much a plain comparison misses when the treated tell the untreated.

    Parameters
    ----------
    treated_share : share treated
    told : other customers whom one treated customer tells
    spill : share of the effect that one telling carries over
    effect : effect per treated customer [currency]

    Notes
    -----
    Untreated customers hear of the offer treated_share x told times on average; what they gain is taken for no effect.
    """
    if not (0 <= treated_share <= 1 and told >= 0 and spill >= 0):
        raise DataError(f"a treated share of {treated_share}, {told} told and a spill of {spill}: need a share, and nothing below 0")
    missed = min(1.0, treated_share * told * spill)
    text = (
        f"Interference: if each of the {treated_share:.0%} treated tells {told:g} other customers and a telling carries {spill:.0%} of the "
        f"effect, a comparison with the untreated misses {missed:.0%} of it ({missed * effect:,.3g} per customer)."
    )
    return Caveat("interference", missed, text)


def demotion_harm(customers: int, loss: float, loss_sd: float, value: float) -> Caveat:
    """What it costs when customers lose their level and with it some of their purchases.

    Demoted customers end below those who were never promoted (Wagner, Hennig-Thurau & Rudolph 2009), which is why levels need a grace
    period. The size of the loss is an assumption and must be given.

    Parameters
    ----------
    customers : who would lose their level
    loss, loss_sd : share of their value lost, mean and standard deviation, assumed
    value : expected lifetime value of one of them [currency]
    """
    total = customers * loss * value
    low, high = (customers * value * (loss + sign * 1.2815515655446004 * loss_sd) for sign in (-1, 1))
    text = (
        f"Demotion: {customers:,} would lose their level; if that takes {loss:.0%} of their value (assumed), it costs {total:,.0f} "
        f"(80 % range {low:,.0f} to {high:,.0f}), unless a grace period keeps them."
    )
    return Caveat("demotion", total, text)


def unmeasured_effects(plan: Plan) -> Caveat:
    """Share of the plan's expected gain that rests on assumptions (grade D)."""
    table = plan.table()
    if table.empty:
        return Caveat("assumed effects", 0.0, "The plan does nothing, so it rests on no assumed effect.")
    weight = table["gain"].clip(lower=0)
    share = float(weight[table["evidence"] == "D"].sum() / weight.sum()) if weight.sum() > 0 else 1.0
    rest = "its impact is unknown without a trial." if share > 0 else "it was measured or seen."
    return Caveat("assumed effects", share, f"{share:.0%} of the plan’s expected gain rests on grade D: {rest}")


def small_cells(values: IncrementalValue, fewest: int = 100) -> Caveat:
    """Segments too small for their averages to mean much."""
    small = [name for name, number in zip(values.segments, values.customers, strict=True) if number < fewest]
    text = (
        f"Small segments: {', '.join(small)}, each with fewer than {fewest} customers."
        if small
        else f"No segment has fewer than {fewest} customers."
    )
    return Caveat("small cells", float(len(small)), text)


def service_disparity(plan: Plan) -> Caveat:
    """How unequal the plan serves segments: the largest and the smallest unit cost per customer."""
    table = plan.service_table()
    table = table[table["customers"] > 0]
    low, high = (table.iloc[int(pick(table["cost_per_customer"].to_numpy()))] for pick in (np.argmin, np.argmax))
    nothing = round(float((table["customers"] * (1 - table["share_served"])).sum()))
    text = (
        f"Fairness: the plan spends {high['cost_per_customer']:,.2f} per customer on '{high['segment']}' and "
        f"{low['cost_per_customer']:,.2f} on '{low['segment']}'; {nothing:,} of {int(table['customers'].sum()):,} customers get nothing."
    )
    promised = table[table["floor"] > 0]
    text += f" Service floors hold for {', '.join(promised['segment'])}." if len(promised) else " No service floor is set."
    return Caveat("fairness", float(high["cost_per_customer"] - low["cost_per_customer"]), text)


def disparity_table(plan: Plan, segment: Any, group: Any) -> pd.DataFrame:
    """What a plan spends on groups that it was not made for, such as regions or ages.

    Parameters
    ----------
    segment, group : one label per customer

    Returns
    -------
    DataFrame
        group, customers, cost_per_customer [currency], share_served, and ratio to the average cost per customer
    """
    import pandas as pd

    service = plan.service_table().set_index("segment")
    frame = pd.DataFrame({"segment": np.asarray(segment, dtype=object), "group": np.asarray(group, dtype=object)})
    known = frame["segment"].isin(service.index)
    if not known.all():
        raise DataError(f"{int((~known).sum())} customers are in no segment of the plan")
    each = frame.join(service[["cost_per_customer", "share_served"]], on="segment")
    table = each.groupby("group").agg(
        customers=("segment", "size"), cost_per_customer=("cost_per_customer", "mean"), share_served=("share_served", "mean")
    )
    average = float(each["cost_per_customer"].mean())
    table["ratio"] = table["cost_per_customer"] / average if average > 0 else 1.0
    return table.reset_index()
