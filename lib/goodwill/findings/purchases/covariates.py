"""Covariates: how rates and leaving go with what is known of customers, what that adds to forecasts, and what it does to their value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from goodwill.findings.finding import Finding, Part, Table, Value, needs_all
from goodwill.findings.words import listed, plural, sentence, verdict, worded
from goodwill.lifetime_value.richer.design import NOT_STATED

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.lifetime_value.richer.covariate_uses import CovariateTest, ValueByCovariates
    from goodwill.lifetime_value.richer.covariates import CovariateFit

LABEL = "Gain of the forecast that knows what is told of customers: log score a customer"
GAIN = {
    "better": (
        "**Forecasts that know {names} are better**: on the hold-out the log score is higher by {gain:.4f} [{lower:.4f}, {upper:.4f}] a "
        "customer than without."
    ),
    "worse": (
        "**Forecasts that know {names} are worse**: on the hold-out the log score is lower by {loss:.4f} [{least:.4f}, {most:.4f}] a "
        "customer than without."
    ),
    "not told apart": (
        "**Whether forecasts gain by knowing {names} is not told apart**: on the hold-out the log score changes by {gain:+.4f} "
        "[{lower:+.4f}, {upper:+.4f}] a customer."
    ),
}
APART = {
    "apart": (
        "Of new customers alike in all else, those with {covariate} = {most} buy most often again in their first year, "
        "{high:.2f} [{high_lower:.2f}, {high_upper:.2f}] times, and those with {least} least often, "
        "{low:.2f} [{low_lower:.2f}, {low_upper:.2f}]."
    ),
    "overlap": (
        "By {covariate} the intervals of the repeat purchases of a first year overlap, from {low:.2f} of {least} to {high:.2f} of {most}."
    ),
}
STATED = "{covariate} is not stated of {share:.0%} of the customers, who form a level of their own."
DRAWN = {
    "drawn": "The ratios are drawn towards 1 by a normal prior of their logarithms of width {ridge:g}, chosen by customers left out.",
    "free": "No prior draws the ratios towards 1: customers left out were likeliest without one.",
}
EFFECTS = (
    "New customers alike in all else: rate is purchases per {unit} while a customer, year the expected repeat purchases of the first year, "
    "staying the share still customers after it, lifetime the expected {unit}s as a customer within five years; 95 % intervals"
)
ADDED = "What covariates add on the hold-out, per customer; a gain above zero is better"
FORMATS = {"customers": "{:,.0f}"} | {f"rate{end}": "{:.3f}" for end in ("", "_lower", "_upper")}
FORMATS |= {f"{name}{end}": "{:.2f}" for name in ("year", "staying") for end in ("", "_lower", "_upper")}
FORMATS |= {f"lifetime{end}": "{:.0f}" for end in ("", "_lower", "_upper")}
VALUE_LABEL = "Value of all customers, by a model that knows what is told of them"
VALUE = (
    "When rates and leaving go with {names}, the model expects {value_by_covariates} of all customers together, and {without:,.0f} "
    "[{lower:,.0f}, {upper:,.0f}] without. The largest difference is that of {covariate} = {level}: {each:,.2f} a customer with, "
    "{plain:,.2f} without ({customers})."
)
VALUE_TABLE = "Mean value of a customer by level, with covariates and without ({currency})"
OLDER = "Customers older than the log are not taken apart in it."
WARNED = "The fit with covariates warns: {warning}."
TOLD = "Rates and leaving go with {names}."
STRANGE = {
    "level": "{customers} with {covariate} = {level!r}, a level that the fit does not know: scored without covariates.",
    "missing": "{customers} of whom {covariate} is not stated, as of nobody in the fit: scored without covariates.",
}


@needs_all({"covariate_gain": LABEL})
def effects(found: CovariateTest, unit: str) -> Finding:
    """How new customers of each level buy and stay, and whether knowing the levels foretells better."""
    gain: Any = found.gain.loc["log score"]
    ends = {name: float(gain[name]) for name in ("gain", "lower", "upper")}
    key = verdict(ends["lower"], ends["upper"])
    ends |= {"loss": -ends["gain"], "least": -ends["upper"], "most": -ends["lower"]}
    said = [sentence(GAIN, key, names=listed(found.names), **ends)]
    table = found.fit.effects
    said += [_apart(name, table[table["covariate"] == name]) for name in found.names]
    said += [sentence({0: STATED}, 0, covariate=name, share=1 - share) for name, share in found.fit.told.design.stated.items() if share < 1]
    said.append(sentence(DRAWN, "free" if found.fit.ridge is None else "drawn", ridge=found.fit.ridge))
    said += [sentence({0: WARNED}, 0, warning=warning) for warning in found.fit.warnings]
    parts: dict[str, Part] = {
        "covariate_gain": Value(ends["gain"], LABEL, interval=(ends["lower"], ends["upper"])),
        "covariate_effects": Table(table, worded({0: EFFECTS}, 0, unit=unit), FORMATS, max_rows=80),
        "covariates_added": Table(found.gain.reset_index(), ADDED, dict.fromkeys(found.gain.columns, "{:.4f}")),
    }
    return Finding(parts, " ".join(said))


def _apart(name: str, table: pd.DataFrame) -> str:
    ordered = table.sort_values("year", ascending=False, kind="stable")
    high, low = ordered.iloc[0], ordered.iloc[-1]
    ends = ("", "_lower", "_upper")
    numbers = {f"{which}{end}": float(row[f"year{end}"]) for which, row in (("high", high), ("low", low)) for end in ends}
    key = "apart" if high["year_lower"] > low["year_upper"] else "overlap"
    return sentence(APART, key, covariate=name, most=high["level"], least=low["level"], **numbers)


@needs_all({"value_by_covariates": VALUE_LABEL})
def value(found: ValueByCovariates, currency: str) -> Finding:
    """What all customers are worth by a model that knows what is told of them."""
    table = found.table
    moved = (table["value"] / table["without"].where(table["without"] > 0) - 1).abs().fillna(0.0)
    top = table.iloc[int(moved.to_numpy().argmax())]
    said = [
        sentence(
            {0: VALUE},
            0,
            names=listed(found.names),
            without=found.without.estimate,
            lower=found.without.lower,
            upper=found.without.upper,
            covariate=top["covariate"],
            level=top["level"],
            each=float(top["value"]),
            plain=float(top["without"]),
            customers=plural(int(top["customers"]), "customer"),
        )
    ]
    said += [OLDER] if found.older else []
    said += [sentence({0: WARNED}, 0, warning=warning) for warning in found.fit.warnings]
    parts: dict[str, Part] = {
        "value_by_covariates": Value(found.total, VALUE_LABEL, unit=currency),
        "values_by_level": Table(
            table,
            worded({0: VALUE_TABLE}, 0, currency=currency),
            {"customers": "{:,.0f}", "value": "{:,.2f}", "without": "{:,.2f}"},
            max_rows=80,
        ),
    }
    return Finding(parts, " ".join(said))


def covariate_lines(fit: CovariateFit, strange: pd.DataFrame | None) -> list[str]:
    """What a scoring says of covariates: that they are used, of whom they are not stated, and which levels are not known."""
    lines = [TOLD.format(names=listed([coding.name for coding in fit.told.design.codings]))]
    new = set() if strange is None else set(strange.loc[strange["level"] == NOT_STATED, "covariate"])
    stated = {name: share for name, share in fit.told.design.stated.items() if share < 1 and name not in new}
    lines += [STATED.format(covariate=name, share=1 - share) for name, share in stated.items()]
    for name, level, customers in [] if strange is None else strange.to_numpy().tolist():
        key = "missing" if level == NOT_STATED else "level"
        lines.append(STRANGE[key].format(customers=plural(customers, "customer"), covariate=name, level=level))
    return lines
