"""What notebook 01 says first and last: what customers are worth, how such statements fared, and what is taken for granted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from goodwill.figures import lifetime_value as figures
from goodwill.findings.explorer import explorer
from goodwill.findings.finding import Absent, Drawing, Explorer, Finding, Part, Table, Value, missing
from goodwill.findings.numbers import decimals_for, number
from goodwill.findings.purchases.purchase_holdout import TOO_LOW, against_all
from goodwill.findings.words import plural, sentence, table_in_words, verdict, worded
from goodwill.inference.uncertainty import Interval
from goodwill.lifetime_value.richer.calendars import calendar_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from goodwill.data.date_grain import DateGrain
    from goodwill.lifetime_value.evidence.headline import Headline
    from goodwill.lifetime_value.evidence.tenths import Tenths
    from goodwill.lifetime_value.richer.borrowing import Leaning
    from goodwill.lifetime_value.spend_choice import SpendChoice
    from goodwill.lifetime_value.value import ValueTerms

OTHER_SPEND = {
    "independent": "The same total with the dependent spend model",
    "by frequency": "The same total with the independent spend model",
    "first amount": "The same total with the independent spend model",
}
WORTH = {
    "claimed": (
        "All customers together are expected to bring {total_value}. The same statement was made on {statements} earlier dates; the "
        "model's own interval, now {low} to {high}, held what came on {held} of them, and the interval given is widened by these "
        "misses."
    ),
    "not claimed": (
        "All customers together are expected to bring {total_value:value}. **No interval is claimed.** {why} If the model were right, it "
        "would be {low} to {high}."
    ),
}
OTHER_TOTAL = "With the other spend model the total would be {value_other_spend}."
SCENARIO = {
    "both": (
        "Further ahead no record reaches, and the models part: a **scenario**, no forecast. Within a year {year_low} to "
        "{year_high} {currency}, without end {low} to {high} {currency}, depending on the model."
    ),
    "year": (
        "Further ahead no record reaches, and the models part: a **scenario**, no forecast. Within a year {year_low} to "
        "{year_high} {currency}, depending on the model."
    ),
}
EXPLORED = {
    "question": (
        "What would today’s customers be worth under other terms? Point estimates of the model; further ahead than {length:.0f} {unit}s "
        "nothing has tested them."
    ),
    "margin": "Profit per unit of sales",
    "rate": "What waiting a year costs",
    "horizon": "How far ahead",
    "value": "Expected profit of all customers",
    "each": "Expected profit per customer",
}
HORIZON_TITLE = {"": "Further ahead than the {length:.0f} {unit}s that the data look back, nothing has tested this curve"}
IN_SHORT = {
    "leans": "**This group leans on {groups}**: {own_share} of what is expected of a new customer rests on its own customers.",
    "claimed": (
        "All customers together are expected to bring {total_value} in the next {horizon:.0f} {unit}s, at the margin and the discount rate "
        "that are given. Made on {statements} earlier dates, the model's own interval held what came on {held} of them; the interval given "
        "is widened by that record."
    ),
    "not claimed": (
        "All customers together are expected to bring {total_value:value} in the next {horizon:.0f} {unit}s, at the margin and the "
        "discount rate that are given. **No interval is claimed**, because too few such statements have come due in these data."
    ),
    "coarse": (
        "**Dates are no days here**: they stand for a longer time, which the models of days do not know, so that their intervals hold too "
        "little."
    ),
    "better": "Customer by customer the model missed purchases by less than every rule without a model.",
    "worse": "Customer by customer **a rule without a model** ({holdout_best_rule}) missed purchases by less than the model.",
    "not told apart": (
        "Customer by customer the model and the best rule without a model ({holdout_best_rule}) are not told apart in purchases."
    ),
    "money better": "In money the model missed by less than every such rule.",
    "money worse": "In money such a rule ({money_best_rule}) missed by less.",
    "money not told apart": "In money the model and such a rule ({money_best_rule}) are not told apart.",
    "too little": "But the total that it foretold was off by {bias:+.0%}: it is no forecast of a total.",
    "top": "The top tenth of customers hold {top_decile_share} of the expected value.",
    "top better": "One window ago, such a tenth brought more than foretold: {top_decile_came} of what came.",
    "top worse": "One window ago, such a tenth brought less than foretold: {top_decile_came} of what came.",
    "top not told apart": "One window ago, such a tenth brought {top_decile_came} of what came, not told apart from what was foretold.",
}
LEAVING = {
    "BG/NBD": "customers leave right after a repeat purchase",
    "MBG/NBD": "customers leave right after a purchase",
    "Pareto/NBD": "customers leave at any time",
    "stacked": "customers leave right after a purchase or at any time, by weights learned at earlier dates",
}
SPEND_TAKEN = {
    "independent": "does not depend on frequency",
    "by frequency": "goes with frequency",
    "first amount": "goes with the first amount",
}
DRIFT_TAKEN = {
    "measured": "purchases change by the factor {estimate:.2f} [{lower:.2f}, {upper:.2f}] a year",
    "not measured": "purchases stay as large as they were",
}
SPEND_SOURCE = {
    "tested": ("compared at steady prices in this report", "measured"),
    "given": ("given", "assumed"),
    "untested": ("too little to test", "assumed"),
    "borrowed": ("not tested for a group that leans on others", "assumed"),
}


def worth(
    value: pd.DataFrame | Absent,
    found: Headline | Absent,
    other: float | Absent,
    choice: SpendChoice | Absent,
    terms: ValueTerms,
    currency: str,
    built_in: bool = False,
) -> Finding:
    """What all customers together are expected to bring within the horizon, and how such statements have fared."""
    label = f"Expected profit of all customers in the next {terms.horizon:.0f} {terms.unit}s"
    if isinstance(found, Absent) or isinstance(value, Absent) or isinstance(choice, Absent):
        names = {
            "total_value": label,
            "value_other_spend": "The same total with the other spend model",
            "value_per_customer": "Per customer",
        }
        absent = next(each for each in (found, value, choice) if isinstance(each, Absent))
        return missing(absent, {name: Value(None, text, currency) for name, text in names.items()})
    second = Value(None, OTHER_SPEND[choice.name], currency)
    parts: dict[str, Part] = {
        "total_value": _headline_value(found, label, currency, built_in),
        "value_other_spend": second._replace(reason=other.why) if isinstance(other, Absent) else second._replace(value=other),
        "value_per_customer": Value(value["value"].mean(), "Per customer", currency),
    }
    if not found.past.empty:
        parts["past_statements"] = Table(found.past, f"{PAST} (money in {currency})")
    low, high = _within(found.now.estimate, (found.now.lower, found.now.upper))
    said = [_record_in_words(WORTH, found, why=found.why, low=low, high=high)]
    said += [] if isinstance(other, Absent) else [OTHER_TOTAL]
    return Finding(parts, " ".join(said))


def _within(value: float, ends: tuple[float, float]) -> list[str]:
    """Two ends with as many digits as their distance deserves."""
    decimals = min(0, decimals_for(value, ends))  # of money in thousands
    return [number(end, decimals) for end in ends]


PAST = "The same statement on earlier dates and what came; error: logarithm of what came over what was expected"


def _headline_value(found: Headline, label: str, currency: str, built_in: bool) -> Value:
    return Value(
        found.now.estimate,
        label,
        currency,
        interval=found.interval[1:] if found.interval else None,
        model_interval=(found.now.lower, found.now.upper),
        grade={True: "published", False: "assumed"}[built_in],
        weakest="margin",
        track_record=found.record.as_record() if found.record else None,
    )


def _record_in_words(table: Mapping[str, str], found: Headline, **values: Any) -> str:
    counts = {"statements": found.record.statements, "held": found.record.held_model} if found.record else {}
    return sentence(table, "claimed" if found.interval else "not claimed", **counts, **values)


def scenarios(found: pd.DataFrame | Absent, currency: str) -> Finding | Absent:
    """What lies further ahead than the record: a range over models."""
    if isinstance(found, Absent):
        return found
    low, high = found.min(), found.max()
    ends: dict[str, str] = {}
    for name, prefix in (("unlimited", ""), ("year", "year_")):
        pair = (float(low[name]), float(high[name]))
        if pair[0] == pair[0]:  # not missing
            ends |= dict(zip((f"{prefix}low", f"{prefix}high"), _within(pair[0], pair), strict=True))
    key = "year" if found["unlimited"].isna().any() else "both"
    caption = f"The same total by purchase model: within the horizon, within a year, and without end ({currency})"
    shown = found.rename(columns={"horizon": "within the horizon", "year": "within a year", "unlimited": "without end"})
    return Finding({"scenarios": Table(shown.reset_index(), caption)}, sentence(SCENARIO, key, currency=currency, **ends))


def beyond(found: pd.DataFrame | Absent, currency: str) -> Finding:
    """What lies further ahead than the data look back."""
    labels = {
        "value_unlimited": Value(None, "Expected profit without a horizon", currency),
        "value_beyond_experience": Value(
            None, "Share of the value without a horizon that lies further ahead than the data look back", "share"
        ),
    }
    if isinstance(found, Absent):
        return missing(found, labels)
    parts = {
        name: label._replace(value=float(row["estimate"]), model_interval=(row["lower"], row["upper"]))
        for (name, label), (_, row) in zip(
            labels.items(),
            found.loc[["unlimited", "beyond"]].iterrows(),
            strict=True,  # no mutate: two and two
        )
    }
    return Finding(
        parts,
        "Without a horizon the same customers would be worth {value_unlimited} by this model, of which {value_beyond_experience} lies "
        "further ahead than the data look back: an extrapolation that nothing here has tested.",
    )


def horizons(
    over_time: pd.DataFrame | Absent,
    found: pd.DataFrame | Absent,
    whole: Interval | Absent,
    length: float,
    terms: ValueTerms,
    currency: str,
    grid: pd.DataFrame | Absent | None = None,
) -> Finding | Absent:
    """Expected profit within a growing horizon, and under other margins, discount rates and horizons where a `value_grid` is given."""
    for each in (over_time, found, whole):
        if isinstance(each, Absent):
            return each
    assert not (isinstance(over_time, Absent) or isinstance(found, Absent) or isinstance(whole, Absent))
    unlimited = float(found["estimate"].to_dict()["unlimited"])
    title = worded(HORIZON_TITLE, "", length=length, unit=terms.unit)
    drawn = figures.value_by_horizon(over_time, terms.horizon, whole.estimate, length, unlimited, terms.unit, currency, title=title)
    caption = (
        "Expected discounted profit of today's customers within a growing horizon; the dot is the horizon of this report. Point estimates."
    )
    words = table_in_words("Expected profit by horizon", over_time.iloc[::8], ["horizon", "value"])
    parts: dict[str, Part] = {"value_by_horizon": Drawing(drawn, caption, words)}
    if isinstance(grid, pd.DataFrame):
        parts["value_explored"] = value_explored(grid, length, terms, currency)
    return Finding(parts)


def value_explored(grid: pd.DataFrame, length: float, terms: ValueTerms, currency: str) -> Explorer:
    """The value of all customers and of one, where margin, discount rate and horizon can be moved."""
    dials: dict[str, tuple[str, Any, float]] = {
        "margin": (EXPLORED["margin"], "{:.0%}", terms.margin),
        "annual_discount_rate": (EXPLORED["rate"], "{:.0%}", terms.annual_discount_rate),
        "horizon": (EXPLORED["horizon"], lambda horizon: f"{horizon:,.3g} {terms.unit}s", terms.horizon),
    }
    answers = {"value": (EXPLORED["value"], "{:,.0f} " + currency), "each": (EXPLORED["each"], "{:,.2f} " + currency)}
    return explorer(grid, worded(EXPLORED, "question", length=length, unit=terms.unit), dials, answers)


def in_short(
    found: Headline | Absent,
    against: tuple[pd.DataFrame | Absent, pd.DataFrame | Absent],
    top: tuple[float | Absent, Tenths | Absent],
    terms: ValueTerms,
    errors: pd.DataFrame,
    grain: DateGrain | None = None,
    leans: Leaning | Absent | None = None,
) -> Finding:
    """The decision: what customers are worth, whether such statements held before, and where the value lies; on whom it leans."""
    if isinstance(found, Absent):
        return missing(found)
    said = [_record_in_words(IN_SHORT, found, horizon=terms.horizon, unit=terms.unit)]
    for rules, prefix in zip(against, ("", "money "), strict=True):
        if not isinstance(rules, Absent):
            said.append(IN_SHORT[f"{prefix}{against_all(rules)}"])
            bias = float(errors["bias"].to_dict()[rules.index[0]])
            if not prefix and against_all(rules) != "better" and bias < TOO_LOW:
                said.append(sentence(IN_SHORT, "too little", bias=bias))
    if grain is not None and grain.is_coarse:
        said.insert(1, IN_SHORT["coarse"])
    if leans is not None and not isinstance(leans, Absent):
        said.insert(1, sentence(IN_SHORT, "leans", groups=plural(leans.groups, "other group")))
    share, held = top
    if not isinstance(share, Absent):
        said.append(IN_SHORT["top"])
        if not isinstance(held, Absent):
            said.append(IN_SHORT[f"top {verdict(held.top_came.lower - held.top_predicted, held.top_came.upper - held.top_predicted)}"])
    return Finding(text=" ".join(said))


def assumptions(
    model: str, choice: SpendChoice | Absent, terms: ValueTerms, settings: Mapping[str, Any]
) -> list[tuple[str, str, str, str]]:
    """What the report takes for granted, with source and grade.

    Parameters
    ----------
    settings : built_in and horizon_given (yes or no), calibration_end, returns; calendar, where the model was told one; leans, where it
        borrows
    """
    cited = {True: "published", False: "assumed"}[settings["built_in"]]
    return [
        ("customers buy at random times, at a rate of their own", model, "Fader, Hardie & Lee (2005a); see the hold-out", "assumed"),
        (LEAVING[model], model, "the model; nobody tells when they leave", "assumed"),
        *_calendar_taken(settings.get("calendar", ())),
        *_leaning_taken(settings.get("leans")),
        *_spend_taken(choice),
        ("margin", f"{terms.margin:.0%} of spend", "Fader, Hardie & Lee (2005b) for CDNOW", cited),
        ("discount rate", f"{terms.annual_discount_rate:.1%} a year, continuous", "Fader, Hardie & Lee (2005b) for CDNOW", cited),
        ("horizon", f"{terms.horizon:.1f} {terms.unit}s", HORIZON_SOURCE[settings["horizon_given"]], "assumed"),
        ("end of the calibration", str(settings["calibration_end"]), "half of the observed time unless given", "assumed"),
        ("purchase occasion", f"all rows of a customer on a day; returns: {settings['returns']}", "data rules of this report", "assumed"),
    ]


HORIZON_SOURCE = {True: "given", False: "two such windows have finished in these data; at most a year"}


def _leaning_taken(leans: Leaning | Absent | None) -> list[tuple[str, str, str, str]]:
    if leans is None or isinstance(leans, Absent):
        return []
    return [
        ("what sets groups apart is normal around what is common", plural(leans.groups, "other group"), "this report; learned", "assumed")
    ]


def _calendar_taken(items: Any) -> list[tuple[str, str, str, str]]:
    calendar = calendar_of(items)
    if calendar is None:
        return []
    learned = {True: ("this report, the same for everybody and every year", "measured"), False: ("given", "assumed")}
    return [("rates of purchase follow the calendar", str(calendar), *learned[calendar.is_estimated])]


def _spend_taken(choice: SpendChoice | Absent) -> list[tuple[str, str, str, str]]:
    if isinstance(choice, Absent):
        return []
    key = choice.reason if choice.reason in ("given", "borrowed") else "untested" if choice.test is None else "tested"
    source, grade = SPEND_SOURCE[key]
    drift = choice.test.drift if choice.test else None
    size = worded(DRIFT_TAKEN, "measured", **drift.yearly._asdict()) if drift else worded(DRIFT_TAKEN, "not measured")
    told = ("this report, within customers", "measured") if drift else ("not measured here", "assumed")
    return [("spend per purchase", SPEND_TAKEN[choice.name], source, grade), ("no drift of spend in the value", size, *told)]
