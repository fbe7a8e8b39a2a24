"""What notebook 10 says first and last: what known and coming customers are worth together, and what that hangs on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from goodwill.figures import customer_equity as figures
from goodwill.findings.finding import Absent, Drawing, Finding, Part, Table, Value, missing
from goodwill.findings.numbers import decimals_for, number
from goodwill.findings.purchases.newcomers import drift_in_words, rule_verdict, unsaid
from goodwill.findings.words import sentence, table_in_words, worded
from goodwill.inference.uncertainty import Interval
from goodwill.lifetime_value.equity.arrivals import Planned

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from goodwill.lifetime_value.base_audit.cohorts import Drift
    from goodwill.lifetime_value.equity.equity_claims import Equity
    from goodwill.lifetime_value.equity.newcomer_scores import RuleScores
    from goodwill.lifetime_value.equity.newcomers import Newcomers
    from goodwill.lifetime_value.value import ValueTerms

LABELS = {
    "equity": "Customer equity of the next {horizon:.0f} {unit}s: profit from known and coming customers, less what winning them costs",
    "known": "Of it from customers known today",
    "new": "Of it from newcomers, before what winning them costs",
    "cost": "What winning them costs",
    "break_even": "What winning a newcomer may cost before newcomers bring no more within the horizon than they cost",
    "held_elsewhere": "This part is not held against its past by itself; the total is.",
}
EQUITY = {
    "claimed": (
        "Customers known and to come are expected to bring {customer_equity} within {horizon:.0f} {unit}s: {known_value:value} from those "
        "known today and {newcomer_value:value} from newcomers, less {acquisition_total:value} for winning them. The same statement was "
        "made on {statements} earlier dates; the models' own interval held what came on {held} of them, and the interval given is widened "
        "by that record."
    ),
    "not claimed": (
        "Customers known and to come are expected to bring {customer_equity:value} within {horizon:.0f} {unit}s: {known_value:value} from "
        "those known today and {newcomer_value:value} from newcomers, less {acquisition_total:value} for winning them. **No interval is "
        "claimed.** {why} If the models were right, it would be {low} to {high}."
    ),
}
PAST = "The same statement on earlier dates, before what winning newcomers costs, and what came; error: logarithm of came over expected"
YEARS = {
    "all": (
        "No record reaches a year ahead, so all three are **scenarios**: a range over models, over what the trend does, and over chance."
    ),
    "some": (
        "Further ahead than {reach:.0f} {unit}s no record reaches: these are **scenarios**, a range over models, over what the trend does, "
        "and over chance."
    ),
}
YEAR_NAMES = {1: "equity_one_year", 2: "equity_two_years", 3: "equity_three_years"}
YEAR_LABELS = {
    1: "Customer equity within one year",
    2: "Customer equity within two years",
    3: "Customer equity within three years",
}
SCENARIO = {"": "A scenario: {low} to {high}, depending on models, trend and chance; no record reaches so far."}
IN_REACH = {"": "The interval that the record gives is that of customer equity above."}
YEARS_TITLE = {
    "more": "Newcomers are expected to bring more than the known within {years} years",
    "less": "Newcomers are expected to bring less than the known, even within {years} years",
}
TABLES = {
    "years": "Customer equity by horizon ({currency}); low and high: over purchase models, a trend that stops or goes on, and chance",
    "sensitivity": "Customer equity within {horizon:.0f} {unit}s with one assumption moved at a time ({currency})",
    "truth": "What came to the simulated shop after its records, beside what they say ({currency})",
}
YEARS_CAPTION = "Expected discounted profit within one, two and three years; lines: the range over models, trends and chance."
HANGS = {
    "": "Most hangs on {first}: moved as the table says, it moves equity by {apart}. Next is {second}.",
}
TORNADO_TITLE = {"": "What moves customer equity most: {first}"}
TORNADO_CAPTION = "Each bar: customer equity with one assumption at its low and at its high setting, the others as they are."
MAY_COST = {
    "given": "Winning one costs {cost}, as it was given; at up to {break_even_cost:value} each, newcomers pay for themselves in that time.",
    "not given": (
        "What winning a newcomer costs was **not given** and is taken as nothing; at up to {break_even_cost:value} each, newcomers pay for "
        "themselves in that time."
    ),
}
TRUTH = {
    "all": "On this simulated shop, whose future is known, every range holds what came.",
    "some": "On this simulated shop, whose future is known, {held} of {all} ranges hold what came.",
}
IN_SHORT = {
    "claimed": "Known and coming customers are expected to bring {customer_equity} in the next {horizon:.0f} {unit}s.",
    "not claimed": (
        "Known and coming customers are expected to bring {customer_equity:value} in the next {horizon:.0f} {unit}s. **No interval is "
        "claimed**, because too few such statements have come due in these records."
    ),
    "given": (
        "Known and coming customers are expected to bring {customer_equity:value} in the next {horizon:.0f} {unit}s. **No interval is "
        "claimed**, because the number of newcomers was given and not foretold."
    ),
    "parts": (
        "Of it {known_value:value} ({low} to {high} if the model is right) come from customers known today; {newcomers_ahead} who are "
        "still to come bring the rest."
    ),
    "cost": "Winning them costs {acquisition_total:value}, at the cost that was given.",
    "no cost": "What winning them costs was not given and is not in it: at up to {break_even_cost:value} each, they pay for themselves.",
    "better": "The forecast of how many come missed by less than every rule without a model.",
    "worse": "How many come **is foretold better by a rule** without a model: {best}.",
    "not told apart": "How many come is foretold as well by a rule without a model: {best}.",
}
NOBODY_FORETOLD = {
    "known": (
        "**Newcomers cannot be foretold from these records**, so there is no customer equity: {why} What can be said is what the customers "
        "known today bring in the next {horizon:.0f} {unit}s: {known_value:value} ({low} to {high} if the model is right)."
    ),
    "nothing": "**There is no customer equity**: {why}",
}
TREND_TAKEN = {
    "foretold": ("the trend of arrivals dies out ahead", "half-lives of a quarter to four years, drawn", "no record tells it", "assumed"),
    "given": ("newcomers come evenly over the year", "as many as were given", "given", "assumed"),
}
COST_TAKEN = {True: "{cost:,.2f} {currency}, paid when she comes", False: "none"}
COST_SOURCE = {True: "given", False: "not given"}
NUMBER_TAKEN = {
    "foretold": ("how many come", "level, trend and season of first purchases", "these records, scored at earlier dates", "measured"),
    "given": ("how many come", "a number of one's own", "given", "assumed"),
}


def equity(found: Equity | Absent, value: Interval | Absent, terms: ValueTerms, currency: str) -> Finding:
    """What known and coming customers bring within the horizon, and how such statements have fared."""
    told = {"horizon": terms.horizon, "unit": terms.unit}
    label = {name: worded(LABELS, name, **told) for name in LABELS}
    known = Value(None, label["known"], currency)
    if isinstance(value, Absent):
        known = known._replace(reason=str(value))
    else:
        ends = (value.lower, value.upper)
        known = known._replace(value=value.estimate, model_interval=ends, reason=label["held_elsewhere"])
    names = {"customer_equity": label["equity"], "newcomer_value": label["new"], "acquisition_total": label["cost"]}
    if isinstance(found, Absent):
        gone = missing(found, {name: Value(None, text, currency) for name, text in names.items()})
        return Finding({**gone.parts, "known_value": known}, gone.text, without={})
    parts: dict[str, Part] = {
        "customer_equity": Value(
            found.expected.net,
            label["equity"],
            currency,
            interval=found.interval[1:] if found.interval else None,
            model_interval=found.total[1:],
            reason=found.why,
            grade="assumed",
            weakest="margin",
            track_record=found.record.record.as_record() if found.record.record else None,
        ),
        "known_value": known,
        "newcomer_value": Value(
            found.expected.brought, label["new"], currency, model_interval=found.brought[1:], reason=label["held_elsewhere"]
        ),
        "acquisition_total": Value(found.expected.cost, label["cost"], currency),
    }
    if not found.record.past.empty:
        parts["equity_past"] = Table(found.record.past, PAST, max_rows=6)
    record = found.record.record
    counts = {"statements": record.statements, "held": record.held_model} if record else {}
    low, high = _ends(found.expected.net, (found.total.lower, found.total.upper))
    key = "claimed" if found.interval else "not claimed"
    return Finding(parts, sentence(EQUITY, key, why=found.why, low=low, high=high, **told, **counts))


def _ends(value: float, ends: tuple[float, float]) -> list[str]:
    """Two ends with as many digits as their distance deserves."""
    decimals = min(0, decimals_for(value, ends))
    return [number(end, decimals) for end in ends]


def years(table: pd.DataFrame | Absent, reach: float, terms: ValueTerms, currency: str) -> Finding:
    """Equity within one, two and three years: scenarios where no record reaches so far."""
    if isinstance(table, Absent):
        return unsaid(table, dict(zip(YEAR_NAMES.values(), YEAR_LABELS.values(), strict=True)), "equity_years")
    parts: dict[str, Part] = {}
    for row in table.to_dict("records"):
        low, high = _ends(row["equity"], (row["low"], row["high"]))
        why = sentence(SCENARIO, "", low=low, high=high) if row["scenario"] else sentence(IN_REACH, "")
        parts[YEAR_NAMES[row["years"]]] = Value(
            row["equity"], YEAR_LABELS[row["years"]], currency, reason=why, grade="assumed", weakest="margin"
        )
    shown = table.drop(columns=["horizon", "scenario"]).assign(kind=table["scenario"].map({True: "scenario", False: "within the record"}))
    parts["equity_years"] = Table(shown, worded(TABLES, "years", currency=currency))
    key = "all" if table["scenario"].all() else "some"
    return Finding(parts, sentence(YEARS, key, reach=reach, unit=terms.unit))


def hangs_on(table: pd.DataFrame | Absent, found: Equity | Absent, may_cost: float | Absent, currency: str) -> Finding:
    """What customer equity hangs on: one assumption moved at a time, and what winning a newcomer may cost."""
    label = {"break_even_cost": Value(None, LABELS["break_even"], currency)}
    for each in (found, table):
        if isinstance(each, Absent):
            return unsaid(each, label, "sensitivity", "tornado")
    assert not (isinstance(table, Absent) or isinstance(found, Absent))
    told = {"horizon": found.terms.horizon, "unit": found.terms.unit}
    first, second = table.iloc[0], table.iloc[1]
    title = worded(TORNADO_TITLE, "", first=first["what"])
    words = table_in_words(title, table, ["what", "low", "at_low", "high", "at_high"])
    parts: dict[str, Part] = {
        "break_even_cost": label["break_even_cost"]._replace(**_one(may_cost)),
        "sensitivity": Table(table, worded(TABLES, "sensitivity", currency=currency, **told)),
        "tornado": Drawing(figures.tornado(table, found.expected.net, currency, title=title), TORNADO_CAPTION, words),
    }
    apart = f"{number(first['apart'], min(0, decimals_for(first['apart'])))} {currency}"
    cost = f"{number(found.cost, 2)} {currency}"
    said = [sentence(HANGS, "", first=first["what"], apart=apart, second=second["what"])]
    if not isinstance(may_cost, Absent):
        said.append(sentence(MAY_COST, "given" if found.cost > 0 else "not given", cost=cost))
    return Finding(parts, " ".join(said))


def _one(given: float | Absent) -> dict[str, Any]:
    return {"reason": str(given)} if isinstance(given, Absent) else {"value": given}


def truth(table: pd.DataFrame | Absent, came: pd.DataFrame | Absent, currency: str) -> Finding:
    """What came beside what was expected, where the shop is a simulated one; nothing is said of any other."""
    if isinstance(table, Absent) or isinstance(came, Absent):
        return Finding()
    held = (table["low"] <= came["equity"]) & (came["equity"] <= table["high"])
    shown = table[["years", "equity", "low", "high"]].assign(
        came=came["equity"], from_known=came["known"], from_newcomers=came["newcomers"], held=held.map({True: "yes", False: "no"})
    )
    said = sentence(TRUTH, "all" if held.all() else "some", held=int(held.sum()), all=len(held))
    return Finding({"truth": Table(shown, worded(TABLES, "truth", currency=currency))}, said)


def in_short(
    found: Equity | Absent,
    value: Interval | Absent,
    coming: Newcomers | Planned | Absent,
    table: pd.DataFrame | Absent,
    scores: RuleScores | Absent,
    drift: Drift | Absent,
    terms: ValueTerms,
    currency: str,
) -> Finding:
    """What known and coming customers are worth, whether the forecast of newcomers earns its place, and what is not in it."""
    told = {"horizon": terms.horizon, "unit": terms.unit}
    if isinstance(found, Absent):
        if isinstance(value, Absent):
            said = [sentence(NOBODY_FORETOLD, "nothing", why=str(found))]
        else:
            low, high = _ends(value.estimate, value[1:])
            said = [sentence(NOBODY_FORETOLD, "known", why=str(found), low=low, high=high, **told)]
        return Finding(text=said[0], without={"equity_by_year": str(found)})
    key = "claimed" if found.interval else "given" if isinstance(coming, Planned) else "not claimed"
    low, high = _ends(found.known.estimate, found.known[1:])
    said = [sentence(IN_SHORT, key, **told), sentence(IN_SHORT, "parts", low=low, high=high)]
    if found.expected.number > 0:
        said.append(sentence(IN_SHORT, "cost" if found.cost > 0 else "no cost"))
    if not isinstance(scores, Absent):
        rule, best = rule_verdict(scores)
        said.append(sentence(IN_SHORT, rule, best=best))
    if not isinstance(drift, Absent):
        said.append(drift_in_words(drift))
    return Finding(
        _years_drawn(table, currency), " ".join(said), without={} if not isinstance(table, Absent) else {"equity_by_year": str(table)}
    )


def _years_drawn(table: pd.DataFrame | Absent, currency: str) -> Mapping[str, Any]:
    if isinstance(table, Absent):
        return {}
    last = table.iloc[-1]
    key = "more" if last["newcomers"] - last["cost"] > last["known"] else "less"
    title = worded(YEARS_TITLE, key, years=int(last["years"]))
    words = table_in_words(title, table, ["years", "known", "newcomers", "cost", "equity", "low", "high"])
    return {"equity_by_year": Drawing(figures.years(table, currency, title=title), YEARS_CAPTION, words)}


def assumptions(
    model: str, coming: Newcomers | Planned | Absent, terms: ValueTerms, cost: float, currency: str
) -> list[tuple[str, str, str, str]]:
    """What the report takes for granted, with source and grade."""
    key = "given" if isinstance(coming, Planned) else "foretold"
    paid = worded(COST_TAKEN, cost > 0, cost=cost, currency=currency)
    return [
        NUMBER_TAKEN[key],
        TREND_TAKEN[key],
        ("newcomers are like the customers so far", model, "see whether cohorts drift", "assumed"),
        ("a first purchase brings what it did", "mean of the last year's", "these records", "measured"),
        ("cost of winning a newcomer", paid, COST_SOURCE[cost > 0], "assumed"),
        ("margin", f"{terms.margin:.0%} of spend", "given", "assumed"),
        ("discount rate", f"{terms.annual_discount_rate:.1%} a year, continuous", "given", "assumed"),
        ("horizon", f"{terms.horizon:.1f} {terms.unit}s", "as far as past statements reach, unless given", "assumed"),
    ]
