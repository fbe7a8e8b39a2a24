"""What notebook 10 says of customers to come: how many, whether a rule does as well, and what one of them is worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from goodwill.figures import customer_equity as figures
from goodwill.findings.finding import Absent, Drawing, Finding, Part, Table, Value, missing
from goodwill.findings.forecasts_held import HELD
from goodwill.findings.words import sentence, table_in_words, verdict, worded
from goodwill.lifetime_value.equity.arrivals import Planned

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.inference.uncertainty import Interval
    from goodwill.lifetime_value.base_audit.cohorts import Drift
    from goodwill.lifetime_value.equity.newcomer_scores import RuleScores
    from goodwill.lifetime_value.equity.newcomers import Newcomers
    from goodwill.lifetime_value.evidence.headline import Headline
    from goodwill.lifetime_value.value import ValueTerms

LABELS = {
    "number": "Customers who will first buy within {horizon:.0f} {unit}s",
    "worth": "Expected profit from a newcomer within {horizon:.0f} {unit}s of the first purchase",
    "measured": "What customers who are old enough had brought by that age",
}
COMING = {
    "claimed": "Within {horizon:.0f} {unit}s {newcomers_ahead} are expected to buy for the first time.",
    "not claimed": (
        "Within {horizon:.0f} {unit}s {newcomers_ahead:value} are expected to buy for the first time. **No interval is claimed.** {why} If "
        "the model were right, it would be {low:,.0f} to {high:,.0f}."
    ),
    "given": "Within {horizon:.0f} {unit}s {newcomers_ahead:value} will buy for the first time, because that number was given.",
}
RECORDED = {
    "several": "Said on {statements} earlier dates, the model's own interval held what came on {held} of them.",
    "one": "Said on one earlier date, the model's own interval {held} what came.",
    "none": "No such statement has come due in these records.",
}
GROWTH = {
    "better": "Their number **grew** by {newcomer_growth} a year. Ahead, the growth dies out; after how long is assumed, not measured.",
    "worse": "Their number **fell** by {newcomer_fall} a year. Ahead, the fall dies out; after how long is assumed, not measured.",
    "not told apart": "Growth and fall of their number are **not told apart**: {newcomer_growth} a year.",
}
SEASON = {
    "yes": "The same weeks of the year are alike in it: a season, which the forecast follows.",
    "no": "No season is told apart in it.",
    "short": "Two years are not there, so a season cannot be told from a trend, and none is in the forecast.",
}
SURE = 0.95  # posterior probability from which a season is said to be there
PILED = {
    True: (
        "Until {until} first purchases pile up, because old customers are seen there for the first time; these periods are left out. Slow "
        "old customers who are first seen later remain, and lift the numbers."
    ),
    False: "",
}
NEWCOMERS_TITLE = {
    "better": "More customers come from year to year, and {number:,.0f} are expected within {horizon:.0f} {unit}s",
    "worse": "Fewer customers come from year to year, and {number:,.0f} are expected within {horizon:.0f} {unit}s",
    "not told apart": "{number:,.0f} newcomers are expected within {horizon:.0f} {unit}s",
}
NEWCOMERS_CAPTION = "First purchases in periods of four weeks, counted back from the last day, and those expected."
RULES = {
    "better": "Over {windows} windows of twelve weeks the forecast missed by less than each of the rules.",
    "worse": "Over {windows} windows of twelve weeks **a rule without a model missed by less** than the forecast: {best}. Use it.",
    "not told apart": (
        "Over {windows} windows of twelve weeks **a rule without a model does as well**: {best} missed by {miss:,.0f} customers in the "
        "mean, the forecast by {own:,.0f}. What the rule lacks is an interval."
    ),
}
RULES_CAPTION = "Newcomers of windows of twelve weeks that do not overlap, foretold from what was known before each"
RULE_COLUMNS = {"worse": "missed by more", "bias": "mean error", "miss": "mean miss", "held": "intervals that held"}
AHEAD_CAPTION = "The same number foretold on earlier dates, and what came; error: logarithm of what came over what was expected"
WORTH = {
    "claimed": (
        "A newcomer is expected to bring {newcomer_worth} within {horizon:.0f} {unit}s of the first purchase, that purchase included."
    ),
    "no record": (
        "A newcomer is expected to bring {newcomer_worth:value} within {horizon:.0f} {unit}s of the first purchase, that purchase "
        "included. **No interval is claimed**, since no newcomers are foretold by whom such a statement could be held against its past."
    ),
    "not claimed": (
        "A newcomer is expected to bring {newcomer_worth:value} within {horizon:.0f} {unit}s of the first purchase, that purchase "
        "included. **No interval is claimed.** {why}"
    ),
}
MEASURED = {
    "better": "Customers who are old enough had brought **more** by that age: {measured_worth}.",
    "worse": "Customers who are old enough had brought **less** by that age: {measured_worth}.",
    "not told apart": "Customers who are old enough had brought {measured_worth} by that age, not told apart from it.",
}
DRIFT = {
    "better": "But newcomers are **getting better**: at one age the cohort of {newest} had brought more than that of {oldest}.",
    "worse": "But newcomers are **getting weaker**: at one age the cohort of {newest} had brought less than that of {oldest}.",
    "not told apart": "Whether newcomers get better or weaker is not told apart: cohorts of {oldest} and of {newest}, at one age.",
}
NO_DRIFT = {"": "Whether newcomers get better or weaker cannot be said here: {why}"}
WEAKEST = {True: "number given", False: "number of newcomers"}
MISSING_GROWTH = Value(None, "Growth of the number of newcomers", "share")


def coming(found: Newcomers | Planned | Absent, ahead: Headline | Absent, drawn: pd.DataFrame | Absent, terms: ValueTerms) -> Finding:
    """How many customers will come within the horizon, how such statements have fared, and what the record shows."""
    told = {"horizon": terms.horizon, "unit": terms.unit}
    value = Value(None, worded(LABELS, "number", **told), "customers")
    if isinstance(found, Absent) or isinstance(ahead, Absent):
        why = found if isinstance(found, Absent) else ahead
        assert isinstance(why, Absent)
        return missing(why, {"newcomers_ahead": value, "newcomer_growth": MISSING_GROWTH}, without=("newcomers",))
    value = value._replace(
        value=ahead.now.estimate,
        interval=ahead.interval[1:] if ahead.interval else None,
        model_interval=(ahead.now.lower, ahead.now.upper),
        reason=ahead.why,
        grade="assumed" if isinstance(found, Planned) else "measured",
        weakest=WEAKEST[isinstance(found, Planned)],
        track_record=ahead.record.as_record() if ahead.record else None,
    )
    if isinstance(found, Planned):
        gone = MISSING_GROWTH._replace(reason=ahead.why)
        parts: dict[str, Part] = {"newcomers_ahead": value, "newcomer_growth": gone}
        return Finding(parts, sentence(COMING, "given", **told), without={"newcomers": str(ahead.why)})
    growth = found.arrivals.growth
    key = verdict(growth.lower, growth.upper)
    claimed = "claimed" if ahead.interval else "not claimed"
    said = [sentence(COMING, claimed, why=ahead.why, low=ahead.now.lower, high=ahead.now.upper, **told), _recorded(ahead)]
    said += [sentence(GROWTH, key), sentence(SEASON, _season(found)), sentence(PILED, found.until is not None, until=found.until)]
    parts = {"newcomers_ahead": value, "newcomer_growth": MISSING_GROWTH._replace(value=growth)}
    if key == "worse":
        fall = type(growth)(-growth.estimate, -growth.upper, -growth.lower)
        parts["newcomer_fall"] = Value(fall, "Fall of the number of newcomers", "share")
    if not ahead.past.empty:
        parts["newcomers_past"] = Table(ahead.past, AHEAD_CAPTION, max_rows=6)  # no mutate: a height
    if not isinstance(drawn, Absent):
        title = worded(NEWCOMERS_TITLE, key, number=ahead.now.estimate, **told)
        words = table_in_words(title, drawn, ["end", "estimate", "lower", "upper"])
        parts["newcomers"] = Drawing(figures.newcomers(found.periods, drawn, title=title), NEWCOMERS_CAPTION, words)
    return Finding(parts, " ".join(each for each in said if each))


def _recorded(ahead: Headline) -> str:
    if ahead.record is None:
        return sentence(RECORDED, "none")
    if ahead.record.statements == 1:
        return sentence(RECORDED, "one", held=HELD[bool(ahead.record.held_model)])
    return sentence(RECORDED, "several", statements=ahead.record.statements, held=ahead.record.held_model)


def _season(found: Newcomers) -> str:
    if not found.arrivals.knows_season:
        return "short"
    return "yes" if found.arrivals.season > SURE else "no"  # no mutate: no probability is just this


def unsaid(absent: Absent, names: Mapping[str, str | Value], *without: str) -> Finding:
    """What is promised and not there, with the reason at each name and no sentence: another finding has said it."""
    return replace(missing(absent, names, without=without), text="", absent=None)


def rules(scores: RuleScores | Absent, coming: Newcomers | Planned | Absent) -> Finding:
    """Whether a rule that needs no model foretells newcomers as well; where nobody could be counted nothing more is said."""
    label = "The rule without a model that foretold newcomers best"
    if isinstance(scores, Absent):
        if isinstance(coming, Absent):
            return unsaid(scores, {"newcomer_rule": label}, "newcomer_rules")
        return missing(scores, {"newcomer_rule": label}, without=("newcomer_rules",))
    key, best = rule_verdict(scores)
    table = scores.table.rename(columns=RULE_COLUMNS)
    misses = scores.table.set_index("rule")["miss"].to_dict()
    said = sentence(RULES, key, windows=len(scores.windows), best=best, miss=misses[best], own=misses["this forecast"])
    parts: dict[str, Part] = {
        "newcomer_rule": Value(best, label),
        "newcomer_rules": Table(table, RULES_CAPTION, {"intervals that held": "{:.0%}"}),
    }
    return Finding(parts, said)


def rule_verdict(scores: RuleScores) -> tuple[str, str]:
    """Whether the forecast is better than every rule, worse than one, or not told apart from some; and which rule that is."""
    rows = scores.table.iloc[1:]
    verdicts = [verdict(row["lower"], row["upper"]) for _, row in rows.iterrows()]
    if "worse" in verdicts:
        worst = rows[[each == "worse" for each in verdicts]]
        return "worse", str(worst.sort_values("miss", kind="stable")["rule"].iloc[0])
    return ("better" if set(verdicts) == {"better"} else "not told apart"), scores.best


def worth(
    found: Headline | Absent, alone: Interval | Absent, measured: Interval | Absent, drift: Drift | Absent, terms: ValueTerms, currency: str
) -> Finding:
    """What a newcomer brings, by the models and as it was measured, and whether newcomers are as good as they were.

    Parameters
    ----------
    found : with its record; Absent where nobody can be foretold
    alone : by the models alone
    """
    told = {"horizon": terms.horizon, "unit": terms.unit}
    best, seen = (Value(None, worded(LABELS, name, **told), currency) for name in ("worth", "measured"))
    if isinstance(alone, Absent):
        return missing(alone, {"newcomer_worth": best, "measured_worth": seen})
    best = best._replace(value=alone.estimate, model_interval=alone[1:], grade="assumed", weakest="margin")
    if isinstance(found, Absent):
        best = best._replace(reason=str(found))
        said = [sentence(WORTH, "no record", **told)]
    else:
        record = found.record.as_record() if found.record else None
        best = best._replace(interval=found.interval[1:] if found.interval else None, reason=found.why, track_record=record)
        said = [sentence(WORTH, "claimed" if found.interval else "not claimed", why=found.why, **told)]
    if isinstance(measured, Absent):
        seen = seen._replace(reason=str(measured))
        said.append(missing(measured).text)
    else:
        seen = seen._replace(value=measured)
        said.append(sentence(MEASURED, verdict(measured.lower - alone.estimate, measured.upper - alone.estimate)))
    return Finding({"newcomer_worth": best, "measured_worth": seen}, " ".join([*said, drift_in_words(drift)]))


def drift_in_words(drift: Drift | Absent) -> str:
    """Whether newer cohorts bring more or less at one age."""
    if isinstance(drift, Absent):
        return sentence(NO_DRIFT, "", why=str(drift))
    key = verdict(drift.difference.lower, drift.difference.upper)
    return sentence(DRIFT, key, newest=drift.newest, oldest=drift.oldest)
