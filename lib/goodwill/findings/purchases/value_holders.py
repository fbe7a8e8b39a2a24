"""What notebook 01 says of who holds the value: the top tenth, how such shares fared, and the best customers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from goodwill.figures import lifetime_value as figures
from goodwill.findings.finding import Absent, Drawing, Finding, Part, Table, Value, missing
from goodwill.findings.words import sentence, table_in_words, verdict, worded

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.lifetime_value.evidence.tenths import Tenths
    from goodwill.lifetime_value.value import ValueTerms

CONCENTRATION_TITLE = {"": "The top {top:.0%} of customers hold {held:.0%} of the expected value"}
TOP_CAME = "Share of what came with the tenth that was expected to be the most valuable"
TOP_HELD = {
    "better": (
        "On {made} the tenth then expected to be the most valuable was to hold {predicted:.1%} of the value; of what came until {due} it "
        "brought {top_decile_came}: **more** than predicted."
    ),
    "worse": (
        "On {made} the tenth then expected to be the most valuable was to hold {predicted:.1%} of the value; of what came until {due} it "
        "brought {top_decile_came}: **less** than predicted."
    ),
    "not told apart": (
        "On {made} the tenth then expected to be the most valuable was to hold {predicted:.1%} of the value; of what came until {due} it "
        "brought {top_decile_came}, which is not told apart from that."
    ),
}
MENDED = {
    "better": "A recalibration learned on the window before (slope {slope:.2f}) would have brought the prediction **nearer** to what came.",
    "worse": "A recalibration learned on the window before (slope {slope:.2f}) would have taken the prediction **further** from what came.",
    "not told apart": "A recalibration learned on the window before (slope {slope:.2f}) would have made no difference that can be told.",
}

MOST_ROWS = 100_000  # of a table that is kept as CSV
COUNTED = dict.fromkeys(["frequency", "purchases_lower", "purchases_upper"], "{:,.0f}")
CUSTOMERS = {
    False: "Every customer, the most valuable first: value in the next {horizon:.0f} {unit}s with the 95 % interval of what this one "
    "customer may bring (money in {currency}, time in {unit}s)",
    True: "The {most:,} most valuable customers: value in the next {horizon:.0f} {unit}s with the 95 % interval of what this one customer "
    "may bring (money in {currency}, time in {unit}s); goodwill score writes all of them",
}


def holders(top_share: float | Absent, held: pd.DataFrame | Absent, curves: tuple[Any, Any] | Absent) -> Finding:
    """How much of the expected value the top tenth of customers hold."""
    label = "Share of the expected value with the top tenth of customers"
    for each in (top_share, held, curves):
        if isinstance(each, Absent):
            return missing(each, top_decile_share=Value(None, label, "share"))
    assert not (isinstance(top_share, Absent) or isinstance(held, Absent) or isinstance(curves, Absent))
    title = worded(CONCENTRATION_TITLE, "", top=0.1, held=top_share)
    caption = "Cumulative share of expected value, and of past spend on repeat purchases, each sorted from the highest down."
    words = table_in_words("Share held by the top customers", held, ["customers", "expected value", "past spend"])
    return Finding(
        {
            "top_decile_share": Value(top_share, label, "share"),
            "concentration": Drawing(figures.concentration(curves[0], curves[1], 0.1, title=title), caption, words),
        },
        "The top tenth hold {top_decile_share} of the expected value. That is a share of expectations; below stands "
        "how such a share fared.",
    )


def tenths(found: Tenths | Absent, currency: str) -> Finding:
    """Predicted value against what came, by tenth of predicted value, and whether a recalibration helps."""
    if isinstance(found, Absent):
        return missing(found, top_decile_came=Value(None, TOP_CAME, "share"))
    top = found.top_came
    said = [
        sentence(
            TOP_HELD,
            verdict(top.lower - found.top_predicted, top.upper - found.top_predicted),
            made=found.made,
            due=found.due,
            predicted=found.top_predicted,
        ),
        sentence(MENDED, verdict(found.gain.lower, found.gain.upper), slope=found.slope),
    ]
    caption = f"Foretold on {found.made} and come by {found.due}, per customer, by tenth of predicted value ({currency})"
    parts: dict[str, Part] = {"top_decile_came": Value(top, TOP_CAME, "share"), "value_tenths": Table(found.table, caption)}
    return Finding(parts, " ".join(said))


def customers(table: pd.DataFrame | Absent, top: int, terms: ValueTerms, currency: str) -> Finding | Absent:
    """Every customer, of whom the page shows the most valuable."""
    if isinstance(table, Absent):
        return table
    many = len(table) > MOST_ROWS
    caption = worded(CUSTOMERS, many, horizon=terms.horizon, unit=terms.unit, currency=currency, most=MOST_ROWS)
    return Finding({"customers": Table(table, caption, {name: COUNTED.get(name, "{:,.2f}") for name in [*table][1:]}, max_rows=top)})
