"""What to say beside a plan: each caveat with the number that makes it concrete."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from goodwill.errors import DataError
from goodwill.findings.finding import Absent, Finding, Table
from goodwill.findings.words import worded

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.strategies.allocation import Plan
    from goodwill.strategies.offer import TrialAtHand
    from goodwill.strategies.split_sample import SplitSample

TIES = {"once": "Ties: {once:.0%} of customers bought once, and no rule on orders can tell them apart; here they share every score."}
CURSE = {
    "loses": "Winner’s curse: the {plan} claims {claimed:,.3g} and {delivers} {delivered:,.3g}{on}.",
    "more": "Winner’s curse: the {plan} claims {claimed:,.3g} and {delivers} {delivered:,.3g}{on}, {factor:.2g} times as much as true.",
    "keeps": "Winner’s curse: the {plan} claims {claimed:,.3g} and {delivers} {delivered:,.3g}{on}, no more than it keeps.",
}
CURSED = {True: "raw plan of the trial", False: "raw plan of the simulated trial"}
JUDGED = {True: ("delivers", " on customers who did not choose it"), False: ("is truly worth", "")}
SMALL = {
    "some": "Small segments: {named}; read their numbers drawn towards the others (the columns that end in _shrunken).",
    "none": "No segment is too small to be read on its own.",
}
UNMEASURED = {
    "nothing": "The plan does nothing, so it rests on no assumed effect.",
    "assumed": "{share:.0%} of the plan’s expected gain rests on grade D: its impact is unknown without a trial.",
    "measured": "{share:.0%} of the plan’s expected gain rests on grade D: it was measured or seen.",
}
FAIRNESS = {
    "no floor": "Fairness: the plan spends {most:,.2f} per customer on '{high}' and {least:,.2f} on '{low}'; {nothing:,} of {customers:,} "
    "customers get nothing. No service floor is set.",
    "floor": "Fairness: the plan spends {most:,.2f} per customer on '{high}' and {least:,.2f} on '{low}'; {nothing:,} of {customers:,} "
    "customers get nothing. Service floors hold for {promised}.",
}
INTERFERENCE = {
    "told": "Interference: if each of the {treated:.0%} treated tells {told:g} other customers and a telling carries {spill:.0%} of the "
    "effect, a comparison with the untreated misses {missed:.0%} of it ({money:,.3g} per customer).",
}
SELECTION = {
    "three": "Selection: the targeted differ from others by {naive:+,.0f} per customer, from others alike before by {matched:+,.0f}, and "
    "in their change by {change:+,.0f}: they were chosen, not drawn, and none of the three is the campaign’s effect.",
}


@dataclass(frozen=True)
class Caveat:
    """A number and the sentence that carries it. `number` is None where nothing can be computed, and the sentence says why."""

    name: str
    number: float | None
    sentence: str


def caveats(*found: Caveat | Absent) -> Finding:
    """A table of caveats; those that could not be had are left out."""
    import pandas as pd

    rows = [{"caveat": each.name, "what it means here": each.sentence} for each in found if isinstance(each, Caveat)]
    return Finding({"caveats": Table(pd.DataFrame(rows), "Caveats where they bite", max_rows=len(rows))})


def ties(customers: pd.DataFrame) -> Caveat:
    """How many customers no rule on orders can tell apart."""
    once = float((customers["frequency"] == 0).mean())
    return Caveat("ties", once, worded(TIES, "once", once=once))


def winners_curse(claimed: float, delivered: float, plan: str = "plan", judged: tuple[str, str] = JUDGED[True]) -> Caveat:
    """How many times as much a plan claims as it delivers on data that did not choose it, or by the truth (Smith & Winkler 2006).

    >>> winners_curse(1.02, 0.46).sentence
    'Winner’s curse: the plan claims 1.02 and delivers 0.46 on customers who did not choose it, 2.2 times as much as true.'
    """
    factor = claimed / delivered if delivered > 0 else None
    key = "loses" if factor is None else "more" if factor > 1 else "keeps"
    times = factor or 0.0  # no mutate: not said where nothing is delivered
    said = worded(CURSE, key, plan=plan, delivers=judged[0], on=judged[1], claimed=claimed, delivered=delivered, factor=times)
    return Caveat("winner's curse", factor, said)


def curse_of_trial(splits: SplitSample, tried: TrialAtHand) -> Caveat:
    """The winner's curse of choosing the best arm of each segment, in a trial."""
    by_method = splits.table.set_index("method")
    claimed, delivered = (float(by_method[name].to_dict()["raw"]) for name in ("claimed", "delivered"))
    return winners_curse(claimed, delivered, CURSED[tried.own], JUDGED[tried.own])


def small_segments(profile: pd.DataFrame) -> Caveat:
    """Segments of a profile that are too small to be read on their own; the number says how many."""
    small = profile[profile["small"] & (profile["customers"] > 0)]
    named = ", ".join(f"{name} ({count:,.0f})" for name, count in small["customers"].items())
    return Caveat("small segments", float(len(small)), worded(SMALL, "some" if len(small) else "none", named=named))


def selection_of_targeted(readings: pd.DataFrame) -> Caveat:
    """How much of the naive reading of a campaign is who was chosen: 1 - matched / naive.

    Parameters
    ----------
    readings : `campaign_readings`: differences per customer, naive, among those alike before, and of changes
    """
    naive, matched, change = (float(each) for each in readings["difference"])
    share = 1 - matched / naive if naive else None
    return Caveat("selection of the targeted", share, worded(SELECTION, "three", naive=naive, matched=matched, change=change))


def interference(plan: Plan, told: float, spill: float = 0.1) -> Caveat:
    """How much a plain comparison misses when the treated tell the untreated.

    Parameters
    ----------
    plan : treats somebody
    told : other customers whom one treated customer tells
    spill : share of the effect that one telling carries over

    Notes
    -----
    Untreated customers hear of the offer treated share x told times on average; what they gain is taken for no effect.
    """
    if not (told >= 0 and spill >= 0):
        raise DataError(f"{told} told and a spill of {spill}: neither may be below 0")
    number = float(plan.treated.sum())
    share = min(1.0, number / float(plan.values.customers.sum()))
    missed = min(1.0, share * told * spill)
    money = missed * plan.gain / number if number else 0.0
    said = worded(INTERFERENCE, "told", treated=share, told=told, spill=spill, missed=missed, money=money)
    return Caveat("interference", missed, said)


def unmeasured_effects(plan: Plan) -> Caveat:
    """Share of the plan's expected gain that rests on assumptions (grade D)."""
    table = plan.table()
    if table.empty:
        return Caveat("assumed effects", 0.0, UNMEASURED["nothing"])
    weight = table["gain"].clip(lower=0)
    share = float(weight[table["evidence"] == "D"].sum() / weight.sum()) if weight.sum() > 0 else 1.0
    return Caveat("assumed effects", share, worded(UNMEASURED, "assumed" if share > 0 else "measured", share=share))


def service_disparity(plan: Plan) -> Caveat:
    """How unequal the plan serves segments: the largest and the smallest unit cost per customer."""
    table = plan.service_table()
    table = table[table["customers"] > 0]
    cost, names = table["cost_per_customer"].to_numpy(float), table["segment"].tolist()
    low, high = int(np.argmin(cost)), int(np.argmax(cost))
    promised = ", ".join(table["segment"][table["floor"] > 0])
    said = worded(
        FAIRNESS,
        "floor" if promised else "no floor",
        most=cost[high],
        high=names[high],
        least=cost[low],
        low=names[low],
        nothing=round(float((table["customers"] * (1 - table["share_served"])).sum())),
        customers=int(table["customers"].sum()),
        promised=promised,
    )
    return Caveat("fairness", float(cost[high] - cost[low]), said)
