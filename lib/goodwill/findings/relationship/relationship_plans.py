"""What the relationship report says of costs: break-even shares, chances, plans for a budget, and the trials that would settle it."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any

import pandas as pd

from goodwill.figures import relationship as figures
from goodwill.findings.explorer import explorer
from goodwill.findings.finding import Absent, Drawing, Explorer, Finding, Part, Table, Value
from goodwill.findings.numbers import MINUS
from goodwill.findings.words import listed, sentence, table_in_words, worded
from goodwill.relationship.lever_plan import plan_break_even

if TYPE_CHECKING:
    from goodwill.relationship.lever_plan import LeverCase
    from goodwill.strategies.allocation import Plan

CASES = {
    "some": "At these costs {pays} would pay, associations counted as effects; the break-even share says how much of one must be effect.",
    "none": "At these costs no lever would pay even if all of the association were effect.",
}
DRAWN = {
    "some": "How much of an association must be effect before a lever pays",
    "none": "No lever pays at these costs, even if all of the association were effect",
}
EXPLORED = {
    "question": "How much of every association is effect? The best plan of the budget at each share.",
    "share": "Share that is effect",
    "lever": "Spent on {lever}",
    "gain": "Gain before cost",
    "net": "Net gain",
    "loses": "Chance that the plan loses money",
}
PLAN = {
    "spends": (
        "**Plan.** If all of every association were effect, a budget of {budget} is best spent on {levers}: {plan_spent} for a net "
        "gain of {plan_net}, and with a chance of {plan_pays} it brings more than it costs. It pays if at least "
        "{plan_break_even} of every association is effect; the table says what is left of it where less is."
    ),
    "sure": (
        "**Plan.** A budget of {budget} is best spent on {levers}: {plan_spent} for a net gain of {plan_net}, and with a chance of "
        "{plan_pays} it brings more than it costs, if all of every association were effect. It pays even if none is: what was tried "
        "by lot pays alone."
    ),
    "nothing": (
        "**Plan.** No lever is worth its cost, even if all of every association were effect: of a budget of {budget} nothing is spent."
    ),
    "missing": "**Plan.** No plan is made: {why}",
}
TRIALS = {
    "some": "A trial by lot that the horizon has units enough for would settle {levers}.",
    "none": "No lever has units enough within the horizon for a trial that would tell it from nothing.",
}
NO_SIZE = "no size"
WEAK: dict[str, Any] = {"grade": "assumed", "weakest": "that the associations are effects"}


def cases(found: Sequence[LeverCase] | Absent, currency: str) -> Finding:
    """What each lever costs, from which share of effect on it pays, the chance that it is worth its cost, and the trial's size."""
    if isinstance(found, Absent):
        return Finding(absent=found)
    rows = [
        [each.lever.name, each.lever.worth.estimate, each.cost, each.break_even, each.chance, _size(each), each.enough] for each in found
    ]
    columns = ["lever", "worth", "cost", "break-even share", "chance", "trial, each arm", "units enough"]
    table = pd.DataFrame(rows, columns=columns).replace({float("inf"): float("nan")})
    table["units enough"] = table["units enough"].map({True: "yes", False: "no"})
    pays = [each.lever.name for each in found if each.break_even < 1]
    shares = pd.DataFrame([[each.lever.name, each.break_even] for each in found], columns=["lever", "share"])
    formats = {"worth": "{:,.3g}", "cost": "{:,.3g}", "break-even share": "{:.0%}", "chance": "{:.0%}"}
    caption = f"Cost of a unit, break-even share, chance to pay if all is effect, and units in each arm of a trial ({currency})"
    key = "some" if pays else "none"
    settled = [each.lever.name for each in found if each.enough and each.lever.grade == "association"]
    said = f"{sentence(CASES, key, pays=listed(pays))} {sentence(TRIALS, 'some' if settled else 'none', levers=listed(settled))}"
    drawn = Drawing(
        figures.break_even(shares, title=worded(DRAWN, key)),
        "Cost of a unit over its worth: the share of an association that must be effect for a lever to pay; beyond the line it never does.",
        table_in_words("Break-even shares", shares, ["lever", "share"]),
    )
    return Finding({"break_even": drawn, "cases": Table(table, caption, formats)}, said)


def _size(each: LeverCase) -> str:
    return f"{each.each_arm:,.0f}" if isfinite(each.each_arm) else NO_SIZE


def plans(by_share: pd.DataFrame | Absent, currency: str, finer: pd.DataFrame | Absent | None = None) -> Finding:
    """The best plan at several shares of association counted as effect; with `finer` shares, one can be moved."""
    if isinstance(by_share, Absent):
        return Finding(absent=by_share)
    formats = dict.fromkeys(by_share.columns[1:-1], "{:,.0f}") | {"share": "{:.0%}", "loses": "{:.0%}"}
    caption = f"The best plan if this share of every association is effect: spent on each lever, and in all ({currency})"
    parts: dict[str, Part] = {"plans": Table(by_share, caption, formats)}
    if isinstance(finer, pd.DataFrame):
        parts["share_explored"] = share_explored(finer, currency)
    return Finding(parts)


def share_explored(plans: pd.DataFrame, currency: str) -> Explorer:
    """What the best plan spends and brings where the share of association that is effect can be moved; it starts with all of it."""
    levers = plans.columns[1 : plans.columns.get_loc("cost")]
    money = "{:,.0f} " + currency
    answers: dict[str, tuple[str, Any]] = {lever: (worded(EXPLORED, "lever", lever=lever), money) for lever in levers}
    answers |= {
        "gain": (EXPLORED["gain"], money),
        "net": (  # no mutate: as below
            EXPLORED["net"],
            lambda row: money.format(row["net"]).replace("-", MINUS),
        ),
        "loses": (  # no mutate: a name that nothing shows, as the answer is made by a function
            EXPLORED["loses"],
            lambda row: "\u2013" if pd.isna(row["loses"]) else f"{row['loses']:.0%}",
        ),
    }
    return explorer(plans, EXPLORED["question"], {"share": (EXPLORED["share"], "{:.0%}", float(plans["share"].max()))}, answers)


def plan(found: Plan | Absent, budget: float, currency: str) -> Finding:
    """What a budget buys if all of every association is effect."""
    labels = {
        "plan_spent": ("The plan spends", currency),
        "plan_net": ("Net gain of the plan, if all of every association is effect", currency),
        "plan_pays": ("Chance that the plan brings more than it costs, if all of every association is effect", "share"),
        "plan_break_even": ("Share of the associations that must be effect for the plan to pay", "share"),
    }
    if isinstance(found, Absent):
        parts = {name: Value(None, *label, reason=found.why) for name, label in labels.items()}
        return Finding(parts, sentence(PLAN, "missing", why=found.why))
    parts = {
        "plan_spent": Value(found.cost, *labels["plan_spent"]),
        "plan_net": Value(found.net, *labels["plan_net"], **WEAK),
    }
    bought, share = list(found.table()["strategy"]), plan_break_even(found)
    if not bought:
        nobody = "Nothing is spent."
        parts |= {name: Value(None, *labels[name], reason=nobody) for name in ("plan_pays", "plan_break_even")}
    else:
        parts["plan_pays"] = Value(1 - found.chance_of_losing, *labels["plan_pays"], **WEAK)
        parts["plan_break_even"] = Value(share, *labels["plan_break_even"])
    key = "nothing" if not bought else "spends" if share > 0 else "sure"
    return Finding(parts, sentence(PLAN, key, budget=f"{budget:,.0f} {currency}", levers=listed(bought)))
