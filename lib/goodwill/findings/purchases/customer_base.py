"""What notebook 01 says of the records: how many customers there are, what reading them did, and what they cannot tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from goodwill.findings.audited import audit_table
from goodwill.findings.finding import Absent, Finding, Table, Value
from goodwill.findings.numbers import decimals_for, number
from goodwill.findings.purchases.purchase_records import gap_in_words, pile_in_words
from goodwill.findings.words import sentence, worded
from goodwill.inference.uncertainty import Interval
from goodwill.lifetime_value.richer.calendars import calendar_of

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.data.purchases import PurchaseSummary
    from goodwill.lifetime_value.evidence.seasons import SeasonGap
    from goodwill.lifetime_value.evidence.windows import FirstPurchasePile
    from goodwill.lifetime_value.richer.run_in import RunIn

KEPT = {
    "won after": "What it costs to keep only customers won after {day}",
    "won since": "What it costs to keep only customers won after the day before the data begin",
    "first seen after": "What it costs to keep only customers first seen after {day}",
}
ONCE = {
    "BG/NBD": "- **Who among the one-time buyers is gone.** BG/NBD calls all of them customers, and only time will tell.",
    "others": "- **Who among the one-time buyers is gone.** The model judges them by the time since their only purchase, and by no more.",
}
ENDS = ("estimate", "lower", "upper")
WAYS = {
    "one fit": "one fit for all customers",
    "born inside": "fitted to those born inside, all scored by it",
    "apart": "each by a fit of their own",
}
RUN_IN = {
    "kinds": (
        "**Old customers pile up at the start of the data.** The {older:,} customers first seen up to {until} have parameters of their own "
        "here, and the {inside:,} later ones theirs."
    ),
    "value": (
        "Together they are expected to bring {apart_estimate} [{apart_lower}, {apart_upper}] {currency}. One fit for all would say "
        "{one_estimate} [{one_lower}, {one_upper}] ({change:+.0%}), and the fit of those born inside, with all others scored by it, "
        "{inside_estimate} [{inside_lower}, {inside_upper}]."
    ),
    "purchases": (
        "Together they are expected to buy {apart_estimate} [{apart_lower}, {apart_upper}] times. One fit for all would say "
        "{one_estimate} [{one_lower}, {one_upper}] ({change:+.0%}), and the fit of those born inside, with all others scored by it, "
        "{inside_estimate} [{inside_lower}, {inside_upper}]."
    ),
    "newcomer": (
        "Of a new customer one fit for all expects {new_one_fit:.2f} repeat purchases in {horizon:.0f} {unit}s, the fit of those born "
        "inside {new_born_inside:.2f}: slow old customers, who are discovered late, are still among these."
    ),
}
RUN_IN_CAPTION = "What it changes to take customers apart who are older than the data; 95 % intervals of the model"
BEFORE = "- **Customers from before the data begin.**"
SEASON = {
    "unknown": "- **Season and promotions.** The model knows no calendar.",
    "told": "- **Season and promotions.** The model knows {calendar}, the same every year for every customer, and no other day.",
}


def burn_in(cost: pd.DataFrame, acquired: bool, born_after: str) -> Finding:
    """What it costs to keep only customers whose story lies in the data; nothing is said when all are kept."""
    if cost.empty:
        return Finding()
    key = {(True, True): "won after", (True, False): "won since"}.get((acquired, bool(born_after)), "first seen after")
    return Finding({"burn_in": Table(cost.reset_index(names="what"), worded(KEPT, key, day=born_after))})


def audit(tested: PurchaseSummary) -> Finding:
    """What reading the records found and did."""
    found = audit_table(tested.audit)
    return Finding(
        {
            "audit": found,
            "rules_without_a_case": Value(len(tested.audit) - len(found.frame), "Further rules that found no case"),
        },
        "{rules_without_a_case} further rules found no case: `goodwill check` lists them all.",
    )


def counts(whole: PurchaseSummary, tested: PurchaseSummary, back: Interval) -> Finding:
    """How many customers there are, how many came back, and where the data are cut."""
    return Finding(
        {
            "customers": Value(whole.counts["customers"], "Customers in the data", "customers"),
            "repeat_buyers": Value(back, "Customers who came back at least once", "share"),
        },
        f"The calibration ends on {tested.calibration_end}, the data on {tested.end}. Of {{customers}}, {{repeat_buyers}} came back at "
        "least once.",
    )


def published(found: pd.DataFrame) -> Finding:
    """The published estimates beside those of this library."""
    return Finding(
        {
            "published": Table(found, "CDNOW sample: printed values and what this library finds"),
            "published_agree": Value(f"{found['agrees'].sum()} of {len(found)}", "Published values found again"),
        },
        "{published_agree} printed values are found again, to one unit of the last digit printed.",
    )


def run_in(found: RunIn | Absent, currency: str) -> Finding:
    """What it changes to take old customers, who pile up at the start of the data, apart; nothing where none do."""
    if isinstance(found, Absent):
        return Finding()
    table = found.table.rename(index=WAYS).reset_index()
    money = "value" if "value" in table else "purchases"
    one, inside, apart = (found.table.loc[way, [money, f"{money}_lower", f"{money}_upper"]].to_numpy(float) for way in WAYS)
    decimals = decimals_for(apart[0], (apart[1], apart[2]))
    said = {f"one_{end}": number(value, decimals) for end, value in zip(ENDS, one, strict=True)}
    said |= {f"inside_{end}": number(value, decimals) for end, value in zip(ENDS, inside, strict=True)}
    said |= {f"apart_{end}": number(value, decimals) for end, value in zip(ENDS, apart, strict=True)}
    new = {f"new_{way.replace(' ', '_')}": found.newcomer.loc[way, "expected"] for way in found.newcomer.index}
    lines = [
        sentence(RUN_IN, "kinds", older=found.older, inside=found.inside, until=found.until),
        sentence(RUN_IN, money, currency=currency, change=one[0] / apart[0] - 1, **said),
        sentence(RUN_IN, "newcomer", horizon=found.horizon, unit=found.unit, **new),
    ]
    formats = {str(name): "{:,.0f}" for name in table if name != "way"}
    return Finding({"run_in": Table(table, RUN_IN_CAPTION, formats)}, " ".join(lines))


def limits(pile: FirstPurchasePile, gap: SeasonGap, model: str, calendar: Any = ()) -> Finding:
    """What these data cannot tell, as far as the data say it; `calendar` is what the model was told of the year (`calendar_of`)."""
    known = calendar_of(calendar)
    season = sentence(SEASON, "unknown" if known is None else "told", calendar=str(known))
    said = [f"{BEFORE} {pile_in_words(pile)}", f"{season} {gap_in_words(gap, is_told=known is not None)}", ONCE.get(model, ONCE["others"])]
    return Finding(text="\n".join(said))
