"""What notebook 07 says: who stays under contract, whether the model beats one average rate, what a contract is worth, who still gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from goodwill.figures import contracts as figures
from goodwill.findings.finding import Absent, Drawing, Finding, Table, Value, missing, needs_all
from goodwill.findings.words import listed, sentence, table_in_words, verdict, worded

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.data.survival import SurvivalTable
    from goodwill.inference.fit import Fit
    from goodwill.inference.uncertainty import Interval

AHEAD = {
    "clear": "**{cohort}:** by AIC {model} is ahead ({sBG:,.1f} for sBG, {BdW:,.1f} for BdW).",
    "warned": "**{cohort}:** by AIC {model} is ahead ({sBG:,.1f} for sBG, {BdW:,.1f} for BdW). Of {model}: {warnings}.",
    "alone": "**{cohort}:** too few renewals for BdW, so sBG alone.",
    "alone, warned": "**{cohort}:** too few renewals for BdW, so sBG alone. Of {model}: {warnings}.",
}
IN_USE = {"": "Forecasts and values below are by {models}."}
LEFT_OUT = {"": "Without a value, because too few renewals are known or nobody left: {cohorts}."}
SURVIVAL_TITLE = {
    "held out": "At the end of the hold-out the model misses by at most {model:.0%}, one constant rate by {rule:.0%}",
    "all seen": "Share still under contract: what the models were fitted to",
}
MISSES = {
    "better": (
        "At the end of the hold-out the model misses by at most {model_miss}, one constant rate by {rule_miss}: **the model misses by "
        "less** ({miss_difference}), by more than the chance of who stayed can explain."
    ),
    "worse": (
        "At the end of the hold-out the model misses by at most {model_miss}, one constant rate by {rule_miss}: **the constant rate misses "
        "by less** ({miss_difference}), by more than the chance of who stayed can explain."
    ),
    "not told apart": (
        "At the end of the hold-out the model misses by at most {model_miss}, one constant rate by {rule_miss}. With the chance of who "
        "stayed **the two are not told apart** ({miss_difference})."
    ),
}
RETENTION_TITLE = {
    "better": "In every cohort more of those asked stay at the last renewal than at the first",
    "worse": "In every cohort fewer of those asked stay at the last renewal than at the first",
    "not told apart": "Not in every cohort can the last retention rate be told from the first",
}
RESIDUAL_TITLE = {
    "better": "Whoever has renewed four times has more to come than whoever decides for the first time",
    "worse": "Whoever has renewed four times has less to come than whoever decides for the first time",
    "not told apart": "Not in every cohort has more to come who has renewed four times",
}
MARGIN = {1.0: "1 counts contract periods"}
SOURCE = {True: ("Fader & Hardie (2007)", "published"), False: ("given", "measured")}
WORTH = (
    "A new contract is worth {value_new}; one that has been renewed four times still holds {value_after_four}. One percentage point more "
    "of renewals at the first renewal is worth {renewal_point:value} per customer won: an effort that costs more does not pay."
)
TRUST = {
    "better": (
        "On renewals that it had not seen the model missed by at most {model_miss}, one average rate by {rule_miss}: **use the model**."
    ),
    "worse": (
        "On renewals that it had not seen the model missed by at most {model_miss}, one average rate by {rule_miss}: **distrust these "
        "values**, since the rule did better."
    ),
    "not told apart": (
        "On renewals that it had not seen the model missed by at most {model_miss}, one average rate by {rule_miss}; the two are not told "
        "apart."
    ),
    "unchecked": "**Nothing here was checked** on renewals that the model had not seen.",
}
ASSUMED = "The margin of a period and the discount rate are assumed."


MISS_NAMES = {
    "model_miss": Value(None, "Largest miss of the model at the end of the hold-out", "share"),
    "rule_miss": Value(None, "Largest miss of one constant rate", "share"),
    "miss_difference": Value(None, "Largest miss of the model minus that of one constant rate", "share"),
}
DIGITS = dict.fromkeys(("estimate", "lower", "upper"), "{:.3g}".format)  # no interval here is narrower than a hundredth of its value
VALUE_NAMES = {
    "value_new": "Value of a new contract",
    "value_after_four": "Value to come after four renewals, before the fifth",
    "tenure": "Expected time under contract",
}


VALUE_ROWS = {
    "tenure": "expected {period}s under contract, of the first {horizon}",
    "new": "value of a new contract",
    "after 0": "value to come before the first renewal",
    "after 1": "value to come after 1 renewal, before the next",
    "after": "value to come after {renewals} renewals, before the next",
    "rise": "value to come after 4 renewals less that before the first",
    "point": "one percentage point more at renewal {renewals}, per new customer",
}


def survivors(survival: pd.DataFrame, period: str) -> Finding:
    """The survival table, a column per cohort."""
    wide = survival.pivot(index="time", columns="cohort", values="customers").reset_index()
    return Finding({"survival_table": Table(wide, f"Customers under contract after so many {period}s")})


@needs_all()
def models(
    survival: pd.DataFrame, fits: Mapping[str, Mapping[str, Fit]], in_use: Mapping[str, tuple[str, Fit]], fit_periods: int, period: str
) -> Finding:
    """The parameters of the models, which of them AIC puts ahead in each cohort, and which is used."""
    import pandas as pd

    estimates = pd.concat({(name, model): fit.estimates for name, both in fits.items() for model, fit in both.items()})
    table = estimates.rename_axis(["cohort", "model", "parameter"]).reset_index()
    said = [_ahead(name, both) for name, both in fits.items()]
    said.append(sentence(IN_USE, "", models=listed([f"{model} for {name}" for name, (model, _) in in_use.items()])))
    missed = [str(name) for name in survival["cohort"].unique() if str(name) not in in_use]
    said += [sentence(LEFT_OUT, "", cohorts=listed(missed))] if missed else []
    return Finding(
        {"contract_models": Table(table, f"Contract models, fitted to the first {fit_periods} {period}s")},
        "\n\n".join(said),
    )


def _ahead(cohort: str, both: Mapping[str, Fit]) -> str:
    aic = {model: fit.aic for model, fit in both.items()}
    best = min(aic, key=lambda model: aic[model])
    warnings = " ".join(both[best].warnings)
    key = {(True, False): "clear", (True, True): "warned", (False, False): "alone", (False, True): "alone, warned"}[
        len(both) > 1, bool(warnings)
    ]
    return sentence(AHEAD, key, cohort=cohort, model=best, warnings=warnings, **aic)


@needs_all(silent=True, but=("worst",))
def survival(forecasts: pd.DataFrame, period: str, *, worst: Mapping[str, float] | Absent) -> Finding:
    """Share still under contract by cohort, actual and foretold."""
    title = SURVIVAL_TITLE["all seen"]
    if not isinstance(worst, Absent):
        title = worded(SURVIVAL_TITLE, "held out", model=worst["model"], rule=worst["constant"])
    rows = forecasts.assign(row=forecasts["cohort"] + " " + forecasts["time"].astype(str))
    caption = (
        "Share still under contract. Right of the grey line the models have seen nothing. Bands hold 95 % of what may come, if the "
        "model is right: left of the line for another cohort of this size, right of it from the customers who were there."
    )
    words = table_in_words("Share still under contract", rows, ["row", "actual", "forecast", "constant"])
    return Finding({"survival": Drawing(figures.survival(forecasts, period, title=title), caption, words)})


def beaten(misses: pd.DataFrame | Absent, worst: Mapping[str, float] | Absent, difference: Interval | Absent) -> Finding:
    """Whether the model in use misses the end of the hold-out by less than one average rate does."""
    if isinstance(misses, Absent):
        return missing(misses, MISS_NAMES)
    if isinstance(worst, Absent) or isinstance(difference, Absent):
        absent = missing(worst if isinstance(worst, Absent) else difference, MISS_NAMES)  # type: ignore[arg-type]
        return Finding({**absent.parts, "holdout_misses": Table(misses, _MISSED)}, absent.text, absent.absent)
    found = (worst["model"], worst["constant"], difference)
    parts = {name: label._replace(value=value) for (name, label), value in zip(MISS_NAMES.items(), found, strict=True)}
    return Finding(
        {**parts, "holdout_misses": Table(misses, _MISSED)},
        MISSES[verdict(difference.lower, difference.upper, better="lower")],
    )


_MISSED = "Survival at the last held-out time: actual, predicted, and relative error"


@needs_all(silent=True)
def retention(rates: pd.DataFrame, rises: pd.DataFrame, period: str) -> Finding:
    """Retention rates by renewal beside what the model expects."""
    said = {verdict(row["lower"], row["upper"]) for _, row in rises.iterrows()}
    title = RETENTION_TITLE[said.pop() if len(said) == 1 else verdict(None, None)]
    rows = rates.assign(row=rates["cohort"] + " " + rates["time"].astype(str))
    caption = (
        "Retention rate at each renewal: dots are the data, dashes what the model expects. A dot rests on fewer customers the further "
        "right it stands."
    )
    words = table_in_words("Retention rate by renewal", rows, ["row", "actual", "expected"])
    return Finding({"retention": Drawing(figures.retention(rates, period, title=title), caption, words)})


@needs_all(VALUE_NAMES)
def worth(values: Mapping[str, pd.DataFrame], money: str, period: str, horizon: int) -> Finding:
    """What a contract is worth, new and after renewals: of all cohorts together, which stand first, or of the only one."""
    import pandas as pd

    best = next(iter(values))
    table = pd.concat(values, names=["cohort", "what"]).reset_index()
    table["what"] = [_row(str(what), period=period, horizon=horizon) for what in table["what"]]
    return Finding(
        {
            "value_new": Value(values[best].loc["new"], f"Value of a new contract ({best})", money),
            "value_after_four": Value(values[best].loc["after 4"], f"Value to come after four renewals, before the fifth ({best})", money),
            "tenure": Value(values[best].loc["tenure"], f"Expected {period}s under contract of the first {horizon} ({best})", f"{period}s"),
            "contract_values": Table(table, f"Values ({money}), with the uncertainty of the parameters at 95 %", DIGITS),
        },
        "A new contract is worth {value_new}; one that has been renewed four times {value_after_four}, although the first period of the "
        f"new one is certain. Of the first {horizon} {period}s a new customer stays for {{tenure}}.",
    )


def _row(what: str, **told: object) -> str:
    """A row of `contract_value` written out."""
    kind, _, renewals = what.partition(" ")
    return worded(VALUE_ROWS, what if what in VALUE_ROWS else kind, renewals=renewals, **told)


@needs_all(silent=True)
def residual(values: Mapping[str, pd.DataFrame], money: str) -> Finding:
    """Value to come by renewals made."""
    rises = [table[["lower", "upper"]].loc["rise"].to_numpy(float) for table in values.values()]
    said = {verdict(float(low), float(high)) for low, high in rises}
    title = RESIDUAL_TITLE[said.pop() if len(said) == 1 else verdict(None, None)]
    caption = (
        "Discounted margin to come of a customer who now decides on the next renewal, by renewals made so far; bars are 95 % intervals of "
        "the parameters."
    )
    told = {name: table.loc["after 0":"after 4", ["estimate"]] for name, table in values.items()}
    rows = {name: table.rename(lambda what: _row(what).removeprefix("value to come ")).reset_index() for name, table in told.items()}
    words = " ".join(table_in_words(f"Value to come, {name}", table, ["index", "estimate"]) for name, table in rows.items())
    return Finding({"residual_value": Drawing(figures.residual_value(values, money, title=title), caption, words)})


@needs_all({"renewal_point": "Worth of one percentage point more at the first renewal, per new customer"})
def point(values: Mapping[str, pd.DataFrame], money: str) -> Finding:
    """What one percentage point more of renewals is worth."""
    best = next(iter(values))
    label = f"Worth of one percentage point more at the first renewal, per new customer ({best})"
    return Finding(
        {"renewal_point": Value(values[best].loc["point 1"], label, money)},
        "One percentage point more of renewals at the first renewal is worth {renewal_point} per customer won. An effort that costs more "
        "per customer than that does not pay, even if it works; whether it works only a trial can tell.",
    )


def giving(donors: pd.DataFrame, fit: Fit, alive: Interval, gifts: pd.Series) -> Finding:
    """How many donors are still there and what they are expected to give."""
    return Finding(
        {
            "donors": Value(int(donors["weight"].sum()), "Donors", "donors"),
            "donor_model": Table(fit.estimates.reset_index(), "BG/BB, fitted to six yearly opportunities (time in years)"),
            "donors_alive": Value(alive, "Donors with a repeat gift who will still be there next year", "share"),
            "gifts_expected": Value(gifts, "Gifts expected in the next five years", "gifts"),
        },
        "Of {donors}, those with a repeat gift are still there next year with a mean probability of {donors_alive}. In the next five years "
        "they and the others are expected to give {gifts_expected}, if the model is right; there is no hold-out here to check it.",
    )


def histories(expected: pd.DataFrame) -> Finding:
    """Gifts expected in five years by history: columns frequency, recency, gifts."""
    grid = expected.pivot(index="recency", columns="frequency", values="gifts")
    rows = expected.assign(row=[f"{row.frequency} gifts, last in year {row.recency}" for row in expected.itertuples()])
    title = "How recently somebody gave matters as much as how often: gifts expected at the next 5 opportunities"
    caption = (
        "Gifts expected in the next five years of a donor with this history (number of repeat gifts, year of the last). Point estimates."
    )
    words = table_in_words("Gifts expected in five years by repeat gifts and year of the last", rows, ["row", "gifts"])
    return Finding(
        {
            "gifts_largest": Value(float(grid.max().max()), "Expected of a donor who gave every year", "gifts"),
            "donors": Drawing(figures.donors(grid, title=title), caption, words),
        },
        "A donor who gave every year is expected to make {gifts_largest} in five years. Read along a row: with the same last gift, more "
        "gifts do not always promise more; who gave often and then stopped has probably left.",
    )


@needs_all(but=("difference",))
def in_short(values: Mapping[str, pd.DataFrame], *, difference: Interval | Absent) -> Finding:
    """The decision: what a contract is worth, and whether the model may be trusted with it; nothing where no cohort has a value."""
    key = "unchecked" if isinstance(difference, Absent) else verdict(difference.lower, difference.upper, better="lower")
    return Finding(text=" ".join([WORTH, TRUST[key], ASSUMED]))


def audit(read: SurvivalTable) -> Finding:
    """What the reading of the contracts found and did; nothing for the built-in table."""
    return Finding({"audit": Table(read.audit, "What the reading of the contracts found and did")}) if len(read.audit) else Finding()


def assumptions(
    in_use: Mapping[str, tuple[str, Fit]] | Absent, built_in: bool, margin: float, discount_rate: float, period: str
) -> list[tuple[str, str, str, str]]:
    """What the report takes for granted, with source and grade."""
    source, grade = SOURCE[built_in]
    by_age = "how a customer's chance to leave changes with age"
    basis = "sBG: never; BdW: as a power of age; by AIC unless given"
    named = [] if isinstance(in_use, Absent) else [listed(list(dict.fromkeys(name for name, _ in in_use.values())))]
    return [
        *((by_age, model, basis, "assumed") for model in named),
        ("all customers of a cohort start together and renew at the same times", "yes", "the survival table has no other dates", "assumed"),
        ("margin", f"{margin:g} per {period}", MARGIN.get(margin, "given"), "assumed"),
        ("discount rate", f"{discount_rate:.1%} a year, continuous", "given", "assumed"),
        ("retention in the years seen", "survival table", source, grade),
        ("years beyond the table", "the fitted curve goes on", "not checked by anything here", "assumed"),
    ]
