"""What the relationship report says of its tables, of the worth of each lever, and of all levers together."""

from __future__ import annotations

from collections.abc import Mapping
from math import isclose
from typing import TYPE_CHECKING, Any

import pandas as pd

from goodwill.figures import relationship as figures
from goodwill.findings.complaints.complaint_own_cost import LEAVERS
from goodwill.findings.finding import Absent, Drawing, Finding, Part, Table, Value
from goodwill.findings.words import sentence, table_in_words, verdict, worded
from goodwill.relationship.grouped_answers import GroupedAnswers
from goodwill.relationship.levers import ANSWER, RECOVERY, RETENTION, SATISFACTION, Lever
from goodwill.relationship.links import RECORDS, links_of

if TYPE_CHECKING:
    from goodwill.inference.uncertainty import Interval
    from goodwill.relationship.lever_moves import Attribution
    from goodwill.relationship.records import Answers, Joined

# Names of the records of a unit and of all units, and their labels.
NAMES = {
    SATISFACTION: ("satisfaction_point", "satisfaction_total"),
    RECOVERY: ("recovered_complaint", "recovery_total"),
    ANSWER: ("faster_hour", "answer_total"),
    RETENTION: ("retention_point", "retention_total"),
}
LABELS = {
    SATISFACTION: "One point of satisfaction, per customer",
    RECOVERY: "One recovered complaint",
    ANSWER: "One hour faster first answer, per complaint",
    RETENTION: "One percentage point of retention, per customer",
}
TOTALS = {
    SATISFACTION: "One point of satisfaction, all customers",
    RECOVERY: "All dissatisfied complaints recovered",
    ANSWER: "Every first answer a day faster",
    RETENTION: "One percentage point of retention, all customers",
}
GRADES = {"association": "assumed", "model": "measured", "effect": "measured"}
WEAKEST = {"association": "that the association is an effect", "model": None, "effect": None}
JOINED: dict[str, dict[bool, str]] = {
    "survey": {
        True: "{joined} of {rows} answers are of customers who had bought by {asked}; the others are counted and left out.",
        False: "Answers cannot be joined with purchases: {why}",
    },
    "groups": {
        True: (
            "The survey knows no customers, but groups of them: {joined} of {rows} answers are of groups with customers here, and each "
            "customer stands with the mean answer of her group. That groups leave differently for no other reason is assumed."
        ),
    },
    "complaints": {
        True: "{joined} of {rows} complaints are of customers who had bought; the others are counted and left out.",
        False: "Complaints cannot be joined with purchases: {why}",
    },
}
LINKED = {
    "all": "Every number has its record",
    "some": "Some numbers have no record: what stands in is written in grey",
    "none": "No number has its record",
}
POINT = {
    "better": (
        "**Satisfaction.** One point more is worth {satisfaction_point} a customer, {satisfaction_total} in all, if satisfaction keeps "
        "them."
    ),
    "worse": (
        "**Satisfaction.** The more satisfied leave more often here: one point more would cost {satisfaction_point} a customer, "
        "{satisfaction_total} in all. Look for what sets them apart before anything is done."
    ),
    "not told apart": (
        "**Satisfaction.** Whether one point more is worth anything is not told apart from nothing: {satisfaction_point} a customer, "
        "{satisfaction_total} in all."
    ),
    "missing": "**Satisfaction.** What a point is worth is not known: {satisfaction_point}.",
}
RECOVERED = {
    "better": (
        "**Recovery.** A dissatisfied complaint turned into a satisfied one is worth {recovered_complaint}, all of them {recovery_total}, "
        "if it is how a complaint ends that keeps them."
    ),
    "worse": (
        "**Recovery.** Recovered complainers leave more often than others here: {recovered_complaint} a complaint, {recovery_total} in all."
    ),
    "not told apart": (
        "**Recovery.** What turning a dissatisfied complaint into a satisfied one is worth is not told apart from nothing: "
        "{recovered_complaint}, all of them {recovery_total}."
    ),
    "hangs": (
        "**Recovery.** What turning a dissatisfied complaint into a satisfied one is worth hangs on whether those who left at a purchase "
        "complain too, which no log tells: {recovered_complaint}, all of them {recovery_total}; their intervals reach over both answers."
    ),
    "missing": "**Recovery.** What it is worth is not known: {recovered_complaint}.",
}
HOUR = {
    "better": (
        "**Speed.** One hour less to the first answer is worth {faster_hour} a complaint; a day less for all is worth {answer_total}."
    ),
    "worse": (
        "**Speed.** Who is answered sooner leaves more often here: {faster_hour} an hour and complaint, {answer_total} for a day less "
        "for all."
    ),
    "not told apart": (
        "**Speed.** Whether a faster first answer keeps anybody is not told apart from nothing: {faster_hour} an hour and complaint, "
        "{answer_total} for a day less for all."
    ),
    "missing": "**Speed.** What a faster answer is worth is not known: {faster_hour}.",
}
KEPT = {
    "better": (
        "**Retention.** One customer in a hundred kept, by whatever means, is worth {retention_point} a customer, {retention_total} in all."
    ),
    "worse": "**Retention.** Who is kept brings nothing here: {retention_point} a customer, {retention_total} in all.",
    "not told apart": (
        "**Retention.** What keeping one in a hundred is worth is not told apart from nothing: {retention_point}, in all {retention_total}."
    ),
    "missing": "**Retention.** What keeping one in a hundred is worth is not known: {retention_point}.",
}
SAID = {SATISFACTION: POINT, RECOVERY: RECOVERED, ANSWER: HOUR, RETENTION: KEPT}
TITLES = {
    "some": "Levers that customers were seen to answer to: {levers}",
    "none": "No lever that customers were seen to answer to is told apart from nothing",
}
TOGETHER = {
    "less": (
        "Moved together the levers bring {all_levers}, by {interaction} less than the sum of each alone: who is kept twice is kept once."
    ),
    "more": (
        "Moved together the levers bring {all_levers}, by {interaction} more than the sum of each alone: who is kept meets the others too."
    ),
    "as much": "Moved together the levers bring {all_levers}, as much as the sum of each alone.",
}
PARTS = {
    "less": "The levers overlap a little: together they bring less than the sum of each alone",
    "more": "The levers help each other: together they bring more than the sum of each alone",
    "as much": "The levers do not meet: together they bring the sum of each alone",
}
OF_WHOM = {
    "these": (
        "All of it is what is to be expected of these customers, each as she really is: the intervals hold what her history leaves open of "
        "that, and not the luck of the coming year."
    ),
}
LASTING = {"known": "{share:.2f}, range {low:.2f} to {high:.2f}", "missing": "no survey"}
TOLD = {
    "counted": (
        "Through what complainers tell others a recovery is worth {recovery_told} more: the mean of all that published counts and assumed "
        "conversions leave open (a range that holds 90 % of the answers, not an interval); where levers are moved together it is a path "
        "of its own, and its range is in their intervals."
    ),
    "known": (
        "Through what complainers tell others a recovery is worth {recovery_told} more: the mean of all that published counts leave open, "
        "with the conversions that a trial told (a range that holds 90 % of the answers, not an interval); where levers are moved together "
        "it is a path of its own, and its range is in their intervals."
    ),
    "missing": "What complainers tell others is not valued: {recovery_told}.",
}
WEAKEST_TOLD = {"counted": "choices changed per hearing", "known": "choices that decide on a customer"}
HEARD = {"counted": "parameters: the most plausible, of ranges from nothing up", "known": "parameters: known from a trial"}


def joined(survey: Answers | GroupedAnswers | Absent, complaints: Joined | Absent) -> Finding:
    """How many rows of the survey and of the log could be joined with the purchases."""
    found: dict[str, Joined | Absent] = {"survey": survey if isinstance(survey, Absent) else survey.joined, "complaints": complaints}
    asked = "" if isinstance(survey, Absent) else f"{survey.asked:%Y-%m-%d}"  # no mutate: not said of a survey that is not there
    rows, said = [], []
    for name, each in found.items():
        if isinstance(each, Absent):
            said.append(sentence(JOINED[name], False, why=each.why))
            continue
        rows.append([name, each.rows, each.joined, each.strangers, each.early])
        key = "groups" if name == "survey" and isinstance(survey, GroupedAnswers) else name
        said.append(sentence(JOINED[key], True, joined=f"{each.joined:,}", rows=f"{each.rows:,}", asked=asked))
    columns = ["table", "rows", "of customers", "never bought: left out", "bought only later: left out"]
    table = Table(pd.DataFrame(rows, columns=columns), "Rows that could be joined with the purchases")
    parts: dict[str, Part] = {"joined": table} if rows else {}
    answers = None if isinstance(survey, Absent) else survey.joined.joined
    parts["answers_joined"] = Value(answers, "Answers of customers", "answers", reason=survey.why if isinstance(survey, Absent) else None)
    return Finding(parts, " ".join(said))


def links(records: Mapping[str, Any]) -> Finding:
    """Which record feeds which number, the missing ones greyed.

    Parameters
    ----------
    records : by the names of `relationship.RECORDS`; Absent, or empty, where a record is not there
    """
    at_hand = [name for name in RECORDS if not isinstance(records[name], Absent) and records[name] is not None]
    table = links_of(at_hand)
    fed = int(table["there"].sum())
    needing = int((table["needs"] != "no record").sum())
    key = "all" if fed == needing else "some" if fed else "none"
    words = table_in_words("Numbers and what feeds them", table, ["number", "needs", "stands_in"])
    drawn = Drawing(
        figures.links(table, RECORDS, at_hand, title=worded(LINKED, key)),
        "Which record feeds which number; grey and dashed is what is missing, with what stands in.",
        words,
    )
    return Finding({"links": drawn, "numbers_fed": Value(fed, "Numbers that have their records", f"of {len(table)}")})


def levers(found: Mapping[str, Lever | Absent], currency: str) -> Finding:
    """What a unit of each lever is worth, per unit and in total.

    Parameters
    ----------
    found : by name of the lever; Absent where it cannot be told
    """
    parts: dict[str, Part] = {}
    for name, each in found.items():
        (one, every), label, total = NAMES[name], LABELS[name], TOTALS[name]
        if isinstance(each, Absent):
            parts |= {one: Value(None, label, currency, reason=each.why), every: Value(None, total, currency, reason=each.why)}
            continue
        trust: dict[str, Any] = {"grade": GRADES[each.grade], "weakest": WEAKEST[each.grade]}
        parts |= {one: Value(each.worth, label, currency, **trust), every: Value(each.total, total, currency, **trust)}
    known = {name: each for name, each in found.items() if isinstance(each, Lever)}
    if known:
        parts["levers"] = Table(
            lever_table(known),
            f"What a unit of each lever is worth, and all units within the horizon ({currency}; 95 % intervals)",
            dict.fromkeys(["worth", "worth, low", "worth, high"], "{:,.3g}") | dict.fromkeys(["units", "total", "low", "high"], "{:,.0f}"),
        )
    said = [sentence(SAID[name], _key(each)) for name, each in found.items()]
    return Finding(parts, "\n\n".join([*said, sentence(OF_WHOM, "these")] if known else said))


def lever_table(known: Mapping[str, Lever]) -> pd.DataFrame:
    """One row per lever."""
    rows = [[name, each.unit, *each.worth, each.units, *each.total, each.grade] for name, each in known.items()]
    columns = ["lever", "unit", "worth", "worth, low", "worth, high", "units", "total", "low", "high", "rests on"]
    return pd.DataFrame(rows, columns=columns)


def _key(each: Lever | Absent) -> str:
    if isinstance(each, Absent):
        return "missing"
    return "hangs" if each.hangs else verdict(each.worth.lower, each.worth.upper)


def told(range_: Interval | Absent, currency: str, conversions_known: bool = False) -> Finding:
    """What a recovery is worth through what complainers tell others: a range over assumptions."""
    label = "Through what one recovered complainer tells others"
    if isinstance(range_, Absent):
        return Finding({"recovery_told": Value(None, label, currency, reason=range_.why)}, sentence(TOLD, "missing"))
    key = "known" if conversions_known else "counted"
    value = Value(range_, label, currency, level=0.9, grade="assumed", weakest=worded(WEAKEST_TOLD, key))
    return Finding({"recovery_told": value}, sentence(TOLD, key))


def together(found: Attribution | Absent, currency: str) -> Finding:
    """What all levers bring, the part of each, what each adds last, the two paths, and the interaction."""
    labels = {"all_levers": "All levers together", "interaction": "Together less the sum of each alone"}
    if isinstance(found, Absent):
        return Finding({name: Value(None, label, currency, reason=found.why) for name, label in labels.items()}, absent=found)
    nothing = isclose(found.interaction, 0.0, abs_tol=1e-9 * abs(found.together.estimate))  # as with a single lever
    is_less = found.interaction < 0  # no mutate: nothing is "as much"
    key = "as much" if nothing else "less" if is_less else "more"
    weak: dict[str, Any] = {"grade": "assumed", "weakest": "that the associations are effects"}
    shown = found.table.rename(columns={"kept": "alone: own purchases", "told": "alone: told", "last_in": "last in"})
    caption = f"Each lever alone and by its paths, its part of all together (Shapley), and what it adds as the last one ({currency})"
    words = table_in_words("Levers", found.table, ["lever", "alone", "part", "last_in"])
    return Finding(
        {
            "all_levers": Value(found.together, labels["all_levers"], currency, **weak),
            "interaction": Value(abs(found.interaction), labels["interaction"], currency),
            "lever_parts": Table(shown, caption, dict.fromkeys(shown.columns[1:], "{:,.0f}")),
            "parts": Drawing(
                figures.parts(found.table, currency, title=worded(PARTS, key)),
                "Each lever moved alone, its part of what all bring together, and what it adds when all others are moved already.",
                words,
            ),
        },
        sentence(TOGETHER, key),
    )


def in_short(found: Mapping[str, Lever | Absent], plan: str, currency: str) -> Finding:
    """One page for a manager: the levers in one sentence each, and what a budget buys.

    Parameters
    ----------
    plan : the sentence of `relationship_plans.plan`
    """
    said = [sentence(SAID[name], _key(each)) for name, each in found.items()]
    known = {name: each for name, each in found.items() if isinstance(each, Lever)}
    if not known:
        return Finding(absent=next(each for each in found.values() if isinstance(each, Absent)))
    return Finding({"lever_totals": drawing(known, currency)}, "\n\n".join([*said, plan]))


def drawing(known: Mapping[str, Lever], currency: str, truth: Mapping[str, float] | None = None) -> Drawing:
    """The totals of the levers with their intervals, and the truth where it is known."""
    seen = [name for name, each in known.items() if each.grade != "model" and _key(each) not in ("not told apart", "hangs")]
    table = pd.DataFrame([[name, *each.total] for name, each in known.items()], columns=["lever", "total", "lower", "upper"])
    if truth is not None:
        table["truth"] = table["lever"].map(truth)
    return Drawing(
        figures.totals(table, currency, title=worded(TITLES, "some" if seen else "none", levers=", ".join(seen))),
        "What all units of each lever bring within the horizon, with 95 % intervals: one point of satisfaction for all, every dissatisfied "
        "complaint recovered, every first answer a day faster, one customer in a hundred kept.",
        table_in_words("Totals", table, list(table.columns)),
    )


def audits(*tables: Any) -> Finding:
    """What the reading of each table found and did."""
    read = [each for each in tables if not isinstance(each, Absent)]
    if not read:
        return Finding({}, absent=next(each for each in tables if isinstance(each, Absent)))
    frame = pd.concat([each.audit.assign(table=each.source) for each in read], ignore_index=True)  # no mutate: no index is shown
    columns = ["table", *(name for name in frame.columns if name != "table")]
    return Finding({"audit": Table(frame[columns], "What the reading of each table found and did", max_rows=60)})


def assumptions(
    reliability: Interval | Absent,
    *,
    lasting: float,
    lasting_within: float,
    leaning: float,
    fades: float,
    leavers_complain: bool,
    loss_per_hearing: float,
    gain_per_hearing: float,
    conversions_known: bool = False,
    margin: float,
    discount_rate: float,
) -> list[tuple[str, str, str, str]]:
    """Rows for `record_assumptions`: what, its value, its source, its grade."""
    if isinstance(reliability, Absent):
        share = worded(LASTING, "missing")
    else:
        share = worded(LASTING, "known", share=reliability.estimate, low=reliability.lower, high=reliability.upper)
    stated = ("parameters", "assumed")
    hearing = (worded(HEARD, "known"), "measured") if conversions_known else (worded(HEARD, "counted"), "assumed")
    return [
        ("share of the variance of an answer that is lasting satisfaction", share, "items of the survey; share that lasts", "assumed"),
        ("share of what is felt on a day that lasts", f"{lasting:.0%}, range {100 * lasting_within:.0f} points either way", *stated),
        ("log odds of answering per standard deviation of satisfaction", f"{leaning:g}", "parameter; no record tells it", "assumed"),
        ("mean time in which what has just happened fades from an answer", f"{fades:g} days", "parameter", "assumed"),
        ("who complains", LEAVERS[leavers_complain], "parameter; the log cannot tell", "assumed"),
        ("purchase choices lost and won per hearing", f"{loss_per_hearing:.3g}; {gain_per_hearing:.3g}", *hearing),
        ("share of an association that is effect", "none is assumed; plans show several", "trials by lot alone tell it", "assumed"),
        ("profit per unit of spend; what waiting a year costs", f"{margin:.0%}; {discount_rate:.0%}", "parameters", "assumed"),
    ]
