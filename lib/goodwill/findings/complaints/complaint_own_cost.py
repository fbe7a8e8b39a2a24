"""What the complaint report says of measured cost: what complaints cost through own purchases, what handling changes, how to learn more."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import TYPE_CHECKING, Any

import pandas as pd

from goodwill.figures import word_of_mouth as figures
from goodwill.findings.finding import Absent, Drawing, Finding, Part, Table, Value
from goodwill.findings.words import sentence, table_in_words, verdict, worded
from goodwill.inference.uncertainty import Interval
from goodwill.word_of_mouth.complaint_coin import LEARNED
from goodwill.word_of_mouth.complaint_cost import MeasuredCosts
from goodwill.word_of_mouth.complaint_prior import VAGUE

if TYPE_CHECKING:
    from goodwill.word_of_mouth.complaint_prior import RobustPrior, WithPrior
    from goodwill.word_of_mouth.recovery_trial import Recovery, TrialSize

BAD = "dissatisfied"
COST_LABEL = {
    "taken": "Cost of one dissatisfied complaint, through the complainer's own purchases",
    "other": "Cost of one dissatisfied complaint, if {who}",
}
YEAR_LABEL = {"": "Cost of a year's complaints, through own purchases, if {who}"}
LEAVERS = {
    True: "those who left complain too",
    False: "only those who are still there complain",
}
WHO = "who complains, which the log cannot tell"
MOVES = 0.1  # of a value, from which what is assumed decides its grade
YEAR = {
    "worse": (
        "A year's complaints cost {complaints_year} through the complainers' own purchases if {who}, and {complaints_year_other} if "
        "{other}; which of the two is so, the log cannot tell."
    ),
    "better": (
        "After complaints fewer leave than would have left anyway: a year's complaints cost {complaints_year} if {who}, and "
        "{complaints_year_other} if {other}, a gain; which of the two is so, the log cannot tell."
    ),
    "not told apart": (
        "Whether a year's complaints cost anything through the complainers' own purchases cannot be told from these data: "
        "{complaints_year} if {who}, and {complaints_year_other} if {other}; which of the two is so, the log cannot tell either."
    ),
    "depends": (
        "Whether a year's complaints cost anything through the complainers' own purchases depends on who complains, which the log cannot "
        "tell: {complaints_year} if {who}, and {complaints_year_other} if {other}."
    ),
}
ONE = {
    "measured": (
        "One dissatisfied complaint costs {complaint_cost} if {who}, and {complaint_cost_other} if {other}. In the first case "
        "{leave_chance} leave at it, and a leaver would have brought {leaver_value:value} (the mean complainer: "
        "{complainer_value:value}). The table shows all outcomes, under both answers."
    ),
    "unmeasured": (
        "What one dissatisfied complaint costs cannot be measured: {complaint_cost}. The year is of the outcomes that can be; the table "
        "shows them, under both answers."
    ),
}
PRIOR = {
    "the data": (
        "With the published share as a prior ({mean:.0%}, give or take {spread:.0%}, trusted with {trust:.0%}; {source}) the chance of "
        "leaving becomes {leave_chance_with_prior}: the data decide, and the prior brings {share:.0%} of what is known."
    ),
    "the prior": (
        "With the published share as a prior ({mean:.0%}, give or take {spread:.0%}, trusted with {trust:.0%}; {source}) the chance of "
        "leaving becomes {leave_chance_with_prior}: the prior decides, and brings {share:.0%} of what is known."
    ),
}
DRAWN = {
    "worse": "If {who}, a dissatisfied complaint costs something: more leave at it than would have left anyway",
    "better": "If {who}, fewer leave after a dissatisfied complaint than would have left anyway",
    "not told apart": "If {who}, what a dissatisfied complaint costs is not told apart from nothing",
    "unmeasured": "What complaints cost, where it can be measured",
}
LEVER = {
    ("better", "not told apart"): (
        "The chance to leave at a complaint is lower for a recovered complainer by {recovery_gap}, which is worth {recovery_value}. "
        "Before the complaint the two "
        "bought alike ({placebo:number} purchases of difference, {placebo:interval}), as they must if handling alone sets them apart."
    ),
    ("better", "apart"): (
        "The chance to leave at a complaint is lower for a recovered complainer by {recovery_gap}, which is worth {recovery_value}; but "
        "the two bought differently "
        "before the complaint ({placebo:number} purchases, {placebo:interval}), so that handling alone does not set them apart."
    ),
    ("better", "unknown"): (
        "The chance to leave at a complaint is lower for a recovered complainer by {recovery_gap}, which is worth {recovery_value}. "
        "Whether the two bought alike "
        "before the complaint: {placebo}."
    ),
    ("worse", "any"): (
        "Complainers who were recovered are likelier to leave than those who were not, by {recovery_gap} (below zero): recovery as it is "
        "handled now keeps nobody."
    ),
    ("not told apart", "any"): (
        "Whether recovered complainers are less likely to leave cannot be told from these data: by {recovery_gap}, worth {recovery_value}."
    ),
}
ESTIMANDS = {
    "failure against none": ("a problem, against no problem", "no log shows the problems of the silent", "assumed"),
    "voiced against silent": (
        "complaining, against the same problem in silence",
        "the log cannot tell it from who complains: history removes that only where voice depends on past purchases alone",
        "assumed",
    ),
    "recovered against not": (
        "a complaint that ends satisfied, against one that ends dissatisfied",
        "the chances of leaving by outcome, above, which are measured; that outcomes differ by handling alone is not",
        "assumed",
    ),
}
TRIAL = {
    "helps": (
        "A trial by lot, judged by what each complainer is expected to bring after it, needs {next_sample} for a verdict and "
        "{profit_sample} for most profit from the {base:,.0f} dissatisfied complaints of the next {years:g} years; one complainer's value "
        "varies by {noise:,.0f}, an attempt is expected to save {effect:,.1f}."
    ),
    "large": (
        "A verdict would need {next_sample}, more than the {base:,.0f} dissatisfied complaints of the next {years:g} years: nobody should "
        "wait for one. Where an attempt costs about what it saves, trying {profit_sample} by lot and going on with what brought more "
        "after its cost gains most; it may well be the wrong one. One complainer's value varies by {noise:,.0f}, an attempt is expected "
        "to save {effect:,.1f}."
    ),
    "nothing": (
        "No attempt is expected to save anything, so no size leads to a verdict ({next_sample}). Try {profit_sample} by lot and go on with "
        "what brought more after its cost; one complainer's value varies by {noise:,.0f}."
    ),
}
CAUSE_GRADE: dict[str, Any] = {"grade": "assumed", "weakest": "that outcomes differ by handling alone"}
SPEND_GRADE: dict[str, Any] = {"grade": "assumed", "weakest": "chance that an attempt succeeds"}
FORMATS = {"a year": "{:,.0f}", "value": "{:,.1f}", "cost of a year": "{:,.0f}"}
FORMATS |= dict.fromkeys(["chance", "chance, low", "chance, high"], "{:.1%}") | dict.fromkeys(
    ["cost", "cost, low", "cost, high"], "{:,.2f}"
)
NO_SIZE = "nothing is expected of an attempt"


def own_costs(found: Mapping[bool, MeasuredCosts | Absent], leavers_complain: bool, currency: str) -> Finding:
    """What complaints cost through the complainers' own purchases.

    Parameters
    ----------
    found : of `measured_costs`, by whether leavers complain too
    leavers_complain : which of the two is taken for what is said
    """
    main, other = found[leavers_complain], found[not leavers_complain]
    who = {"who": LEAVERS[leavers_complain], "other": LEAVERS[not leavers_complain]}
    why = main.why if isinstance(main, Absent) else main.reasons.get(BAD)
    bad, apart = (None if isinstance(each, Absent) else each.costs.get(BAD) for each in (main, other))
    labels = {
        "complaint_cost": (bad and bad.cost, apart and apart.cost, COST_LABEL["taken"], currency),
        "leave_chance": (bad and bad.chance, apart and apart.chance, "Leave at a dissatisfied complaint", "share"),
        "leaver_value": (bad and bad.value, apart and apart.value, "What a complainer who leaves at it would have brought", currency),
        "complainer_value": (bad and bad.before, None, "What a dissatisfied complainer is worth just before the complaint", currency),
        "complaint_cost_other": (apart and apart.cost, bad and bad.cost, worded(COST_LABEL, "other", who=who["other"]), currency),
        "complaints_a_year": (bad and bad.a_year, None, "Dissatisfied complaints a year", "complaints"),
    }
    parts: dict[str, Part] = {
        name: Value(value, label, unit, reason=why) if value is None else Value(value, label, unit, **_grade(value, if_not))
        for name, (value, if_not, label, unit) in labels.items()
    }
    yearly = [None if isinstance(each, Absent) else each.yearly for each in (main, other)]
    for name, each, if_not, answer in (
        ("complaints_year", yearly[0], yearly[1], leavers_complain),
        ("complaints_year_other", yearly[1], yearly[0], not leavers_complain),
    ):
        label, absent = worded(YEAR_LABEL, "", who=LEAVERS[answer]), found[answer]
        reason = absent.why if isinstance(absent, Absent) else None
        parts[name] = Value(each, label, currency, reason=reason, **({} if each is None else _grade(each, if_not)))
    if isinstance(main, Absent):
        return Finding(parts, absent=main)
    parts["own_costs"] = Table(
        cost_table({LEAVERS[answer]: each for answer, each in found.items() if isinstance(each, MeasuredCosts)}),
        f"Complaints by outcome: chance of leaving, value of a leaver and cost ({currency}; 95 % intervals; below zero is a gain)",
        FORMATS,
    )
    said = [sentence(YEAR, year_verdict(main, other), **who), sentence(ONE, "measured" if bad else "unmeasured", **who)]
    return Finding(parts, " ".join(said))


def _grade(value: Interval | float, if_not: Interval | float | None) -> dict[str, Any]:
    """Assumed where the other answer to who complains moves the value by more than a tenth; else measured."""
    one, other = (each.estimate if isinstance(each, Interval) else each for each in (value, value if if_not is None else if_not))
    moves = abs(other - one) > MOVES * abs(one)
    return {"grade": "assumed", "weakest": WHO} if moves else {"grade": "measured"}


def year_verdict(main: MeasuredCosts, other: MeasuredCosts | Absent) -> str:
    """Whether a year's complaints cost anything, if both answers to who complains say the same; else "depends"."""
    said = {verdict(*each.yearly[1:], better="lower") for each in (main, other) if isinstance(each, MeasuredCosts)}
    return said.pop() if len(said) == 1 else "depends"


def cost_table(found: Mapping[str, MeasuredCosts]) -> pd.DataFrame:
    """One row for each outcome under each answer to who complains."""
    rows = [
        [who, name, each.complaints, each.a_year, *each.chance, each.value.estimate, *each.cost, each.yearly.estimate]
        for who, one in found.items()
        for name, each in one.costs.items()
    ]
    columns = ["if", "outcome", "complaints", "a year", "chance", "chance, low", "chance, high", "value"]
    return pd.DataFrame(rows, columns=[*columns, "cost", "cost, low", "cost, high", "cost of a year"])


def published_share(found: WithPrior | Absent, prior: RobustPrior) -> Finding:
    """The chance of leaving with a published share counted as a prior, and which of the two decides."""
    label = "Leave at a dissatisfied complaint, a published share counted as a prior"
    if isinstance(found, Absent):
        return Finding({"leave_chance_with_prior": Value(None, label, "share", reason=found.why)})
    values = {"mean": prior.mean, "spread": prior.spread, "trust": prior.trust, "source": prior.source, "share": found.prior_share}
    return Finding({"leave_chance_with_prior": Value(found.chance, label, "share")}, sentence(PRIOR, found.decides, **values))


def lever(found: Recovery | Absent, placebo: Interval | Absent, recovery_chance: float, currency: str) -> Finding:
    """What recovery changes: three differences that go by one name, and the one that handling can move."""
    rows = [[name, *texts] for name, texts in ESTIMANDS.items()]
    parts: dict[str, Part] = {
        "estimands": Table(
            pd.DataFrame(rows, columns=["difference", "of what", "what shows it", "grade"]), "Three differences, named apart"
        )
    }
    why = found.why if isinstance(found, Absent) else None
    got = None if isinstance(found, Absent) else found
    label = "The most that one attempt at recovery may cost, if {:.0%} succeed"
    parts |= {
        "recovery_gap": Value(got and _in_points(got.gap), "Leave less often when recovered", "points", reason=why),
        "recovery_value": Value(
            got and got.saved,
            "Value of turning one dissatisfied complainer into a satisfied one",
            currency,
            reason=why,
            **(CAUSE_GRADE if got else {}),
        ),
        "break_even_spend": Value(
            got and got.attempt,
            label.format(recovery_chance),
            currency,
            reason=why,
            **(SPEND_GRADE if got else {}),
        ),
    }
    missing = isinstance(placebo, Absent)
    parts["placebo"] = Value(
        None if missing else placebo,
        "Purchases before the complaint, dissatisfied less satisfied (no effect can be there)",
        "purchases",
        reason=placebo.why if isinstance(placebo, Absent) else None,
    )
    if isinstance(found, Absent):
        return Finding(parts, absent=found)
    said = verdict(found.gap.lower, found.gap.upper)
    before = "unknown" if isinstance(placebo, Absent) else verdict(placebo.lower, placebo.upper)
    apart = before if before in ("unknown", "not told apart") else "apart"
    return Finding(parts, sentence(LEVER, (said, apart if said == "better" else "any")))


def _in_points(gap: Interval) -> Interval:
    """A difference of two chances in percentage points: as "15%" it would read as a ratio of them."""
    return Interval(*(100 * each for each in gap))


def trial(size: TrialSize | Absent, years: float) -> Finding:
    """What to learn next, and from how many complainers."""
    what = "a trial of recovery by lot, among dissatisfied complainers"
    unit = "complainers in each arm"
    absent = isinstance(size, Absent)
    reason = size.why if isinstance(size, Absent) else None if isfinite(size.verdict) else NO_SIZE
    known = None if isinstance(size, Absent) or not isfinite(size.verdict) else int(size.verdict)
    parts: dict[str, Part] = {
        "next_study": Value(what, "What to learn next"),
        "next_sample": Value(known, "For a verdict (power .8)", unit, reason=reason),
        "profit_sample": Value(
            None if isinstance(size, Absent) else size.profit, "For most profit (test and roll)", unit, reason=reason if absent else None
        ),
    }
    if isinstance(size, Absent):
        return Finding(parts, absent=size)
    values = {"base": size.base, "years": years, "noise": size.noise, "effect": size.effect}
    return Finding(parts, sentence(TRIAL, kind_of_trial(size), **values))


def kind_of_trial(size: TrialSize) -> str:
    """Whether a trial of a size that there is leads to a verdict ("helps"), none does ("large"), or no size at all does ("nothing")."""
    return "nothing" if not isfinite(size.verdict) else "helps" if size.helps else "large"


def assumed_of_leaving(leavers_complain: bool, prior: RobustPrior) -> list[tuple[str, str, str, str]]:
    """Rows of *What this report assumes* about the chance of leaving at a complaint: what, its value, its source, its grade."""
    power, spread = LEARNED
    return [
        ("who complains", LEAVERS[leavers_complain], "parameter; the log cannot tell", "assumed"),
        ("a published chance to leave, as a prior", f"{prior.mean:.0%}, give or take {prior.spread:.0%}", prior.source, "published"),
        ("trust in that prior", f"{prior.trust:.0%}; the rest is spread about no effect by {VAGUE:.0%}", "parameter", "assumed"),
        (
            "how the chance to leave at a complaint goes with the customer's own chance to leave",
            f"power {power:g}, give or take {spread:g}, before the data speak (0: the same for all; 1: in proportion)",
            "this report; learned with all else",
            "assumed",
        ),
    ]


def drawing(found: MeasuredCosts, currency: str) -> Drawing:
    """The measured cost of one complaint, by outcome."""
    bad = found.costs.get(BAD)
    key = verdict(bad.cost.lower, bad.cost.upper, better="lower") if bad else "unmeasured"
    table = pd.DataFrame([[name, *each.cost] for name, each in found.costs.items()], columns=["outcome", "cost", "lower", "upper"])
    return Drawing(
        figures.costs(table, currency, title=worded(DRAWN, key, who=LEAVERS[found.coin.leavers_complain])),
        "Cost of one complaint through the complainer's own purchases, by outcome, with 95 % intervals; below zero is a gain.",
        table_in_words("Cost of one complaint", table, ["outcome", "cost", "lower", "upper"]),
    )
