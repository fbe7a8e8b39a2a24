"""Who is worth what: the words of the first half of the report on segment strategies, from the gate to the profile of segments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from goodwill.figures import segments as figures
from goodwill.findings.finding import Absent, Drawing, Finding, Part, Table, Value, needs_all
from goodwill.findings.numbers import safe_markdown
from goodwill.findings.segments.segments_ahead import going_with, model_assumed, source_of_margin, told_names
from goodwill.findings.words import listed, plural, sentence, table_in_words, worded
from goodwill.inference.proportions import wilson
from goodwill.lifetime_value.purchase_model import untold
from goodwill.segments.evidence.value_statements import record_of

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.segments.concentration import CostToServe, SalesCurve, WhaleCurve
    from goodwill.segments.customer_base import CustomerBase
    from goodwill.segments.evidence.enough_data import Sufficiency
    from goodwill.segments.schemes.rules import Rules
    from goodwill.strategies.offer import Offer

COUNTED = ["customers", "customer_share", "orders", "sales", "sales_share", "sales_largest"]
WORTH = ["customers", "customer_share", "value", "value_share"]
ACTIVE = ["active", "active_lower", "active_upper"]

MANY_ORDERS = 1.5  # per customer, below which most bought once

WINDOWS = {1: "one window", 2: "two windows"}
GATE = {
    "all": "{there}: enough for every analysis.",
    "some": "{there}: still possible are {allowed}; not {lacking} ({why}).",
}
BASE = {
    "two days": "The calibration ends on {cut}, the hold-out on {end}. Of {customers}, {repeat_buyers} came back in the calibration. "
    "In all: {gate}",
}
VALUE = {
    "model": "Expected value is the margin of what {model} and {spend} expect of a customer: for the test within the "
    "{length:.0f} weeks of the hold-out, for the plan within the next {horizon:.0f}, in all {total_value}. How far such a forecast can be "
    "trusted is the subject of the report on customer lifetime value.",
    "few": "Expected value is the margin of what {model} and {spend} expect of a customer: for the test within the "
    "{length:.0f} weeks of the hold-out, for the plan within the next {horizon:.0f}, in all {total_value}. How far such a forecast can be "
    "trusted is the subject of the report on customer lifetime value. These customers are too few for a model to be trusted: read every "
    "expected value as rough.",
    "none": "{note}",
}
SPEND = {
    "independent": "a Gamma-Gamma model of spend",
    "by frequency": "a Gamma-Gamma model of spend that goes with frequency",
    "first amount": "a Gamma-Gamma model of spend that also learns from the first amount",
}
CHOSEN = {
    "chosen": " Of BG/NBD, MBG/NBD and Pareto/NBD, {model} is the one under which these purchases are likeliest.",
    "chosen before": " Of BG/NBD, MBG/NBD and Pareto/NBD, {model} is the one under which these purchases are likeliest without covariates.",
    "given": "",
}
THEN = {
    "same": "",
    "spend": " What was known at the end of the calibration chose {spend}, which the test uses.",
    "model": " What was known at the end of the calibration chose {model}, which the test uses.",
    "both": " What was known at the end of the calibration chose {model} and {spend}, which the test uses.",
}
BEST = {
    "best": "'{best}' is {best_customers} of customers and holds {best_share} of the expected value. That is what a model expects.",
}
ONCE = {
    "given": " **Most of them bought once, and BG/NBD takes whoever bought once for still there**: look at purchase_model MBG/NBD or "
    "Pareto/NBD before believing it.",
    "chosen": " **Most of them bought once, and BG/NBD takes whoever bought once for still there**; under MBG/NBD and Pareto/NBD, which do "
    "not, these purchases are less likely.",
    "": "",
}
AHEAD = {
    "claimed": " Within the next {weeks:.0f} weeks a customer of it is expected to bring {best_ahead}, an interval that holds how the same "
    "statements fared at {dates}.",
    "open": " Within the next {weeks:.0f} weeks a customer of it is expected to bring {best_ahead:value}; the same was said at {dates}, "
    "and "
    "before two such windows are over, no interval is claimed.",
    "label": "Expected margin per customer of '{best}' within the next {weeks:.0f} weeks",
}
WORTH_CAPTION = {
    "said": "Segments today: shares of customers and of the expected value; expected value per customer within the next {horizon:.0f} "
    "weeks, "
    "and margin per customer ({currency}) within the next {weeks:.0f} (ahead), with the 95 % interval that such statements have earned at "
    "earlier dates (none where they are too few)",
    "not said": "Segments today: shares of customers and of the expected value; expected value per customer ({currency}) within the next "
    "{horizon:.0f} weeks",
}
MAP_TITLE = {"best": "'{best}' is {few} of customers and holds {much} of the expected value"}
PROFIT = {
    "earns": "Profit peaks at {peak:,.0f}, {times:.0%} of the total, with the first {first:.0%} of customers; {losing:.0%} of customers "
    "cost more than they bring and lose {loss:,.0f}.",
    "loses": "The customers together lose {lost:,.0f}; {losing:.0%} of customers cost more than they bring and lose {loss:,.0f}.",
}
WITHOUT_COST = {"without": " {without_cost} have no cost in the file."}
SALES = {
    "sales": "The largest 20% of customers make {top:.0%} of sales. The cost to serve each customer is not given, so profit per customer "
    "is unknown: this is the concentration of sales, not of profit.",
}
WHALE_TITLE = {
    "nobody": "No customer costs more than they bring",
    "part": "{losing:.0%} of customers cost more than they bring: the others earn {peak:,.0f}, and they lose {part:.0%} of it",
    "more": "{losing:.0%} of customers cost more than they bring: the others earn {peak:,.0f}, and they lose more than there is",
}
LORENZ_TITLE = "Sales are concentrated; profit per customer is unknown without the cost to serve"
ISO_TITLE = {
    "bend": "Lines of equal value ({currency}) bend back: many purchases long ago are worth less than few and recent ones",
    "straight": "Lines of equal value ({currency}): the later the last purchase, the more a customer is worth",
}
ISO = {
    "bend": "At the same number of repeat purchases a customer is worth more the later the last one was, and beyond some number, more "
    "purchases long ago mean less. The lines are those of the fitted model and carry no interval; how well it ranks customers is measured "
    "in the report on segments compared.",
    "straight": "At the same number of repeat purchases a customer is worth more the later the last one was. The lines are those of the "
    "fitted model and carry no interval; how well it ranks customers is measured in the report on segments compared.",
    "aside": " They leave {names} aside, as the same model fitted without does.",
}
EFFECTS = {
    "none": ("none used", "catalogue or case texts", "assumed"),
    "own": ("{assumed_effects} without a trial", "catalogue", "assumed"),
    "cases": ("{assumed_effects} without a trial", "case texts name the strategies; every number is assumed", "assumed"),
    "expected": ("within the trial measured, after it by the model", "own trial and purchase model", "assumed"),
    "measured": ("within the weeks of the trial", "own trial", "measured"),
}
GROW = {
    True: ("within a segment, in proportion to it: whom a plan picks; what it brings was found without it", "own trial", "measured"),
    False: ("within a segment, in proportion to it", "not checked", "assumed"),
}
COSTS_ASSUMED = {True: ("as in the file", "catalogue"), False: ("in mean orders", "assumed with the effects")}


def gate_in_words(gate: Sufficiency) -> str:
    """What there is, what it allows, and what it does not."""
    there = f"{gate.buyers:,} customers, {gate.repeaters:.1%} of whom came back, in {WINDOWS[gate.windows]}"
    if gate.enough:
        return worded(GATE, "all", there=there)
    lacking = gate.table[~gate.table["possible"]]
    allowed = ", ".join(gate.table.index[gate.table["possible"]]) or "none"
    why = "; ".join(dict.fromkeys(reason for why in lacking["why"] for reason in why.split("; ")))
    return worded(GATE, "some", there=there, allowed=allowed, lacking=", ".join(lacking.index), why=why)


def gate(base: CustomerBase) -> Finding:
    """How many customers there are, how many came back, and what that allows."""
    counts = base.tested.counts
    parts: dict[str, Part] = {
        "customers": Value(counts["customers"], "Customers of the calibration", "customers"),
        "repeat_buyers": Value(wilson(counts["repeaters"], counts["customers"]), "Came back in it", "share"),
    }
    said = gate_in_words(base.gate)
    return Finding(parts, sentence(BASE, "two days", cut=base.tested.calibration_end, end=base.tested.end, gate=said))


def possible(gate: Sufficiency) -> Finding:
    """Which analyses these data carry, and why not the others."""
    return Finding({"possible": Table(gate.table.reset_index(), "What these data can carry")})


def expected_value(base: CustomerBase) -> Finding:
    """What all customers are expected to bring, and how far that can be read."""
    total = Value(
        base.today.customers["value"].sum(), f"Expected profit of today's customers in {base.horizon:.0f} weeks", unit=base.currency
    )
    fitted = "model" if base.gate.table.loc["purchase models and latent classes", "possible"] else "few"
    note = base.then.note or base.today.note
    if note:
        return Finding({"total_value": total}, sentence(VALUE, "none", note=note))
    now, then = base.today, base.then
    told = {"model": now.purchase_model, "spend": worded(SPEND, now.spend_model), "length": base.length, "horizon": base.horizon}
    going = going_with(base)
    chosen = "given" if not now.chosen else "chosen before" if going else "chosen"
    text = sentence(VALUE, fitted, **told) + sentence(CHOSEN, chosen, model=now.purchase_model)
    differs = (now.purchase_model != then.purchase_model, now.spend_model != then.spend_model)
    key = {(False, False): "same", (False, True): "spend", (True, False): "model", (True, True): "both"}[differs]
    text += sentence(THEN, key, model=then.purchase_model, spend=worded(SPEND, then.spend_model))
    return Finding({"total_value": total}, f"{text} {going}".rstrip())


def rules(rules: Rules) -> Finding:
    """How many segments the rules make, and what they had to do for it."""
    notes = (f"{note[0].upper()}{note[1:].rstrip('.')}." for note in rules.notes)
    said = safe_markdown(" ".join(notes)).replace("{", "{{").replace("}", "}}")
    return Finding({"segments": Value(len(rules.segments), "Segments")}, f"There are {{segments}} segments. {said}".rstrip())


@needs_all()
def cuts(cuts: pd.DataFrame) -> Finding:
    """Where the rules cut."""
    shown = cuts.replace([np.inf, -np.inf], np.nan)
    return Finding({"cuts": Table(shown, "Where the rules cut: equal values always fall on one side")})


def _formats(columns: list[str]) -> dict[str, str]:
    shares = ("share", "active", "largest")
    return {name: "{:.1%}" if any(part in name for part in shares) else "{:,.1f}" for name in columns if name != "customers"}


def profile(profile: pd.DataFrame, currency: str) -> Finding:
    """What each segment is like so far, and who of it bought in the hold-out."""
    caption = (
        f"Segments at the end of the calibration: customers, orders and sales per customer so far ({currency}), shares of all, the "
        "share of the segment's sales with its largest hundredth of customers, and who bought in the hold-out (active), with 95 % intervals"
    )
    shown = [*COUNTED, *ACTIVE]
    return Finding({"profile": Table(profile[shown].reset_index(), caption, _formats(shown))})


def worth(now: pd.DataFrame, said: pd.DataFrame | Absent, base: CustomerBase) -> Finding:
    """What the customers of each segment are expected to bring, and which holds most of it.

    Parameters
    ----------
    now : `segment_profile` of today's customers
    said : `value_record` of the same segments, whose last statements are those of today
    base : the customers
    """
    best, money = str(now["value_share"].idxmax()), base.currency
    share, customers = (float(now[name].to_dict()[best]) for name in ("value_share", "customer_share"))
    title = worded(MAP_TITLE, "best", best=best, few=_of(customers), much=_of(share))
    shown = ["segment", "customers", "value", "customer_share", "sales_share", "value_share"]
    figure_caption = (
        f"Today's customers. Left: area is customers; shade and number are the expected value per customer within the next "
        f"{base.horizon:.0f} weeks. Right: shares of customers, of sales so far and of expected value."
    )
    parts: dict[str, Part] = {
        "worth": _worth_table(now, said, base),
        "best_share": Value(share, f"Share of the expected value with '{best}'", "share"),
        "best_customers": Value(customers, f"Share of customers in '{best}'", "share"),
    }
    once = _trusting(base) and float(now["orders"].to_dict()[best]) < MANY_ORDERS
    text = sentence(BEST, "best", best=best) + ONCE[("chosen" if base.today.chosen else "given") if once else ""]
    if isinstance(said, Absent):
        text += f" {said.why}"
    else:
        parts["best_ahead"], ahead = _ahead(best, said, money)
        text += ahead
    drawn = table_in_words("Segments", now[now["customers"] > 0].reset_index(), shown)
    return Finding(parts | {"segment_map": Drawing(figures.segment_map(now, money, title), figure_caption, drawn)}, text)


def _trusting(base: CustomerBase) -> bool:
    """Whether the model that values the customers has no chance to leave after the first purchase."""
    return base.today.purchases is not None and type(untold(base.today.purchases).model).__name__ == "BetaGeoNBD"


def _worth_table(now: pd.DataFrame, said: pd.DataFrame | Absent, base: CustomerBase) -> Table:
    told = {"horizon": base.horizon, "currency": base.currency}
    if isinstance(said, Absent):
        return Table(now[WORTH].reset_index(), worded(WORTH_CAPTION, "not said", **told), _formats(WORTH))
    latest, weeks = _latest(said)
    table = now[WORTH].join(latest[["expected", "wide_lower", "wide_upper"]].set_axis(["ahead", "ahead_lower", "ahead_upper"], axis=1))
    return Table(table.reset_index(), worded(WORTH_CAPTION, "said", weeks=weeks, **told), _formats([str(name) for name in table]))


def _latest(said: pd.DataFrame) -> tuple[pd.DataFrame, float]:
    """The statements of today by segment, and the weeks that they look ahead."""
    now = said[said["made"] == said["made"].max()].set_index("segment")
    return now, (now["due"].iloc[0] - now["made"].iloc[0]).days / 7


def _ahead(best: str, said: pd.DataFrame, currency: str) -> tuple[Value, str]:
    """What a customer of the best segment is expected to bring soon, with the interval that such statements have earned."""
    latest, weeks = _latest(said)
    row: Any = latest.loc[best]
    claimed = bool(np.isfinite(row["wide_lower"]))
    value = Value(
        row["expected"],
        worded(AHEAD, "label", best=best, weeks=weeks),
        currency,
        interval=[row["wide_lower"], row["wide_upper"]] if claimed else None,
        model_interval=[row["lower"], row["upper"]],
        track_record=record_of(said),
    )
    dates = plural(said["made"].nunique() - 1, "earlier date")
    return value, sentence(AHEAD, "claimed" if claimed else "open", weeks=weeks, dates=dates)


def concentration(
    profit: WhaleCurve | Absent, sales: SalesCurve, expected: tuple[np.ndarray, np.ndarray], cost: CostToServe | Absent, base: CustomerBase
) -> Finding:
    """How profit is spread over customers; where the cost to serve is not known, how sales are.

    Parameters
    ----------
    profit : `whale_curve` of margin and cost to serve
    sales : `sales_curve` of what customers spent
    expected : Lorenz curve of the expected value
    cost : `cost_to_serve`
    """
    if isinstance(profit, Absent) or isinstance(cost, Absent):
        return _sales(sales, expected)
    margin = base.then.terms.margin
    caption = f"Cumulative profit at a margin of {margin:.0%} less the cost to serve, with a 95 % band."
    unknown = Value(cost.unknown, "Customers without a cost, taken as free to serve", "customers")
    loss_key = "nobody" if profit.losing == 0 else "part" if profit.peak > 0 else "more"
    part = -profit.loss / profit.peak if profit.peak > 0 else 0.0  # no mutate: not said where nobody earns
    title = worded(WHALE_TITLE, loss_key, losing=profit.losing, peak=profit.peak, part=part)
    words = table_in_words("Cumulative, by share of customers", profit.curve.iloc[::20], ["customers", "profit"])
    text = sentence(
        PROFIT,
        "earns" if profit.total > 0 else "loses",
        peak=profit.peak,
        times=profit.peak / profit.total if profit.total else 0.0,  # no mutate: not said where nothing is earned
        first=profit.peak_at,
        losing=profit.losing,
        loss=abs(profit.loss),
        lost=abs(profit.total),
    )
    drawn = Drawing(figures.whale(profit, base.currency, title), caption, words)
    return Finding({"without_cost": unknown, "concentration": drawn}, text + WITHOUT_COST["without"])


def _sales(sales: SalesCurve, expected: tuple[np.ndarray, np.ndarray]) -> Finding:
    x, y = sales.curve.to_numpy(float).T
    curves = {"sales so far": (x, y), "expected value": expected}
    caption = "Cumulative shares of sales and of expected value, each from the highest customer down. This is not profit."
    words = table_in_words("Cumulative, by share of customers", sales.curve.iloc[::20], ["customers", "share"])
    drawn = Drawing(figures.lorenz(curves, LORENZ_TITLE), caption, words)
    return Finding({"concentration": drawn}, sentence(SALES, "sales", top=sales.top[0.2]))


@needs_all()
def equal_value(grid: pd.DataFrame, base: CustomerBase) -> Finding:
    """Which histories are worth the same."""
    # Where lines bend back, more purchases before the same silence mean less value.
    early = grid.to_numpy(float)[:, grid.shape[1] // 2]
    bent = "bend" if early.argmax() < len(early) - 1 else "straight"
    shown = grid.iloc[[0, 2, 5, 10, 19], ::12].rename(columns=lambda week: f"{week:.0f} weeks")
    shown = shown.rename_axis("purchases").reset_index()  # no mutate: the name of the first column is not said
    caption = (
        f"Lines of equal expected value within the hold-out ({base.currency}), for repeat buyers first seen when the data begin and "
        "spending like the mean one; dots are customers. Point estimates."
    )
    repeaters = base.customers[base.customers["frequency"] > 0]
    drawn = Drawing(
        figures.iso_value(grid, "week", base.currency, worded(ISO_TITLE, bent, currency=base.currency), repeaters),
        caption,
        table_in_words("Expected value by repeat purchases and weeks from first to last purchase", shown, list(map(str, shown))),
    )
    names = told_names(base.then)
    aside = sentence(ISO, "aside", names=listed(names)) if names else ""
    return Finding({"iso_value": drawn}, ISO[bent] + aside)


def assumptions(
    base: CustomerBase, offer: Offer, *, scheme: str, data: str, catalogue: str, complaint_share: float
) -> list[tuple[str, str, str, str]]:
    """What the report rests on: assumption, value, source and grade."""
    terms = base.today.terms
    planned = base.gate.table.loc["a plan of strategies", "possible"] and base.today.purchases is not None
    model = model_assumed(base.today)
    return [
        ("customers buy and leave as the model says", model, "Fader, Hardie & Lee (2005); see the hold-out", "assumed"),
        ("rules of the segments", f"{scheme}, learned until {base.tested.calibration_end}", "these data", "measured"),
        ("effects of strategies", *EFFECTS[_effects(offer, catalogue) if planned else "none"]),
        ("effects grow with a customer's value", *GROW[offer.trial is not None]),
        ("costs of strategies", *COSTS_ASSUMED[bool(catalogue)], "assumed"),
        ("customers with a dissatisfied complaint", f"{complaint_share:.1%} a year", "parameter of this report", "assumed"),
        ("worth of a recovered complaint", "as in the complaint report", "TARP (1981) and assumptions there", "assumed"),
        (
            "margin and discount rate",
            f"{terms.margin:.0%} of spend, {terms.annual_discount_rate:.1%} a year",
            *source_of_margin(data, terms.margin, terms.annual_discount_rate),
        ),
        ("horizon of value", f"{base.horizon:.0f} weeks", "a year, or the observed time if shorter, unless given", "assumed"),
        ("customers do not influence each other", "none do", "not checked", "assumed"),
    ]


def _effects(offer: Offer, catalogue: str) -> str:
    """Where the effects of the strategies come from."""
    if offer.assumed:
        return "own" if catalogue else "cases"
    return "expected" if offer.expected else "measured"


def _of(share: float) -> str:
    """A share for a title, with a decimal where it is small."""
    return f"{share:.0%}" if share >= 0.05 else f"{share:.1%}"
