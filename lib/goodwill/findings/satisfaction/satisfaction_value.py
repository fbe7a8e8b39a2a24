"""What one notch of satisfaction would be worth, and what the report on satisfaction and loyalty assumes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from goodwill.figures import satisfaction as figures
from goodwill.findings.explorer import between, explorer
from goodwill.findings.finding import Absent, Drawing, Explorer, Finding, Table, Value, missing
from goodwill.findings.words import sentence, table_in_words, verdict, worded
from goodwill.inference.uncertainty import Interval
from goodwill.satisfaction.bends import BEND_CUT
from goodwill.satisfaction.kink import HONEST_CUT

if TYPE_CHECKING:
    from goodwill.relationship.worth_by_level import WorthByLevel
    from goodwill.satisfaction.labels import Labels
    from goodwill.satisfaction.notch import Money
    from goodwill.satisfaction.roles import Borders
    from goodwill.satisfaction.trend import Relation

LABELS = {
    "notch_at_most": "Top notch ({lower:g} to {upper:g}) if all of the association were effect",
    "notch_at_most, none": "Top notch if all of the association were effect",
    "notch_claimed, none": "Top notch under the causal share given",
    "notch_claimed": "Top notch under the causal share given; also the spend per moved customer up to which it pays",
}
CAPTIONS = {
    "notches": (
        "Value of moving one customer by one level if all of the association were effect ({currency}; persistence {persistence:g})"
    ),
    "notch": (
        "Expected value of the top notch per moved customer by causal share and persistence per period; "
        "margin, discount rate and retention as assumed below."
    ),
}
ALTERNATIVES = {"notch": "Value of the top notch by persistence", "column": "causal share {share:g}"}
NOTCH = {
    "not shown": (
        "No increasing relation is shown, so no value is claimed for a move up: "
        "the numbers above are what chance and assumptions make of it."
    ),
    "not told apart": (
        "Whether the top notch is worth anything these answers do not show: "
        "it would be {notch_at_most} per moved customer if all of the association were effect."
    ),
    "nothing claimed": (
        "The top notch is worth between nothing and {notch_at_most} per moved customer, as the causal share runs from 0 to 1; "
        "no share is claimed here, so no spend is justified by it."
    ),
    "claimed": (
        "The top notch is worth between nothing and {notch_at_most} per moved customer, as the causal share runs from 0 to 1; "
        "under the share given it is {notch_claimed}, and spend beyond that does not pay."
    ),
}
BY_LEVEL = {
    "better": (
        "By their purchases, customers who answered {upper:g} are expected to bring {step_worth} more in the next {weeks:.0f} weeks than "
        "those who answered {lower:g}: that is measured, and an association."
    ),
    "worse": (
        "By their purchases, customers who answered {upper:g} are expected to bring less in the next {weeks:.0f} weeks than those who "
        "answered {lower:g}, the difference is {step_worth}: that is measured, and an association."
    ),
    "not told apart": (
        "Whether customers who answered {upper:g} bring more in the next {weeks:.0f} weeks than those who answered {lower:g} their "
        "purchases do not show: the difference is {step_worth}."
    ),
    "missing": "What customers of each level bring is not known: {step_worth}.",
}
POINT_WORTH = {
    "better": "One point more of every customer would be worth {satisfaction_point} a customer, if satisfaction keeps them.",
    "worse": "One point more of every customer would cost {satisfaction_point} a customer: the more satisfied leave more often here.",
    "not told apart": (
        "Whether one point more is worth anything, if satisfaction keeps customers, is not told apart from nothing: {satisfaction_point} a "
        "customer."
    ),
}
WORTH_LABELS = {
    "step_worth": "Expected of customers at {upper:g} beyond those at {lower:g}",
    "step_worth, none": "Expected of customers of the top level beyond those of the next",
    "satisfaction_point": "One point of satisfaction, per customer",
    "levels_worth": "What customers of each level are expected to bring in {weeks:.0f} weeks ({currency} per customer; 95 % intervals)",
}
EFFECT = "that the association is an effect"
EXPLORED = {
    "question": "How much of the association is effect? What moving one customer up the top notch, {lower:g} to {upper:g}, would be worth.",
    "share": "Share that is effect",
    "value": "Worth per moved customer, and the most to spend on it",
}
NOTCH_TITLE = {"": "One notch from {lower:g} to {upper:g} is worth what one assumes: {least:,.0f} to {most:,.0f}"}
WEAKEST = "causal share"


def notches(
    table: pd.DataFrame | Absent,
    money: Money | Absent,
    top: tuple[float, float] | Absent,
    causal_share: float,
    currency: str,
    found: Relation,
) -> Finding:
    """The value of one level more, if all of the association were effect and under the share of it that is claimed."""
    absent = [each for each in (money, top, table) if isinstance(each, Absent)]
    if isinstance(money, Absent) or isinstance(top, Absent) or isinstance(table, Absent):
        unknown = {name: Value(None, LABELS[f"{name}, none"], currency) for name in ("notch_at_most", "notch_claimed")}
        return missing(absent[0], unknown)
    label = worded(LABELS, "notch_at_most", lower=top[1], upper=top[0])
    value, *ends = (float(table[name].iloc[-1]) for name in ("value", "lower", "upper"))
    apart = verdict(ends[0], ends[1]) == "better"
    key = "claimed" if causal_share else "nothing claimed"
    key = "not shown" if found.direction != "rises" else key if apart else "not told apart"
    formats = dict.fromkeys(["value", "lower", "upper", "break_even"], "{:,.1f}") | {"negative": "{:.1%}"}
    claimed = [causal_share * part + 0.0 for part in (value, *ends)]  # no minus before a zero
    return Finding(
        {
            "notches": Table(table, worded(CAPTIONS, "notches", currency=currency, persistence=money.terms.persistence), formats),
            "notch_at_most": Value(value, label, currency, interval=ends, grade="assumed", weakest=WEAKEST),
            "notch_claimed": Value(claimed[0], LABELS["notch_claimed"], currency, interval=claimed[1:], grade="assumed", weakest=WEAKEST),
            "share_explored": share_explored((value, ends[0], ends[1]), causal_share, top, currency),
        },
        NOTCH[key],
    )


def by_level(found: WorthByLevel | Absent, currency: str) -> Finding:
    """What customers of each level bring by their purchases, how the top two differ, and what a point is worth.

    Parameters
    ----------
    found : of `relationship.worth_by_level`
    """
    if isinstance(found, Absent):
        labels = {
            name: WORTH_LABELS[key] for name, key in {"step_worth": "step_worth, none", "satisfaction_point": "satisfaction_point"}.items()
        }
        unknown = {name: Value(None, label, currency, reason=found.why) for name, label in labels.items()}
        return Finding(unknown, sentence(BY_LEVEL, "missing"))
    top = found.steps.iloc[-1]
    step, ends = Interval(*(float(top[name]) for name in ("difference", "low", "high"))), {"upper": top["upper"], "lower": top["lower"]}
    formats = {"level": "{:g}", "customers": "{:,.0f}"} | dict.fromkeys(["worth", "low", "high"], "{:,.3g}")
    caption = worded(WORTH_LABELS, "levels_worth", weeks=found.weeks, currency=currency)
    said = sentence(BY_LEVEL, verdict(step.lower, step.upper), weeks=found.weeks, **ends)
    trust: dict[str, Any] = {"grade": "assumed", "weakest": EFFECT}
    return Finding(
        {
            "levels_worth": Table(found.levels, caption, formats),
            "step_worth": Value(step, worded(WORTH_LABELS, "step_worth", **ends), currency, grade="measured"),
            "satisfaction_point": Value(found.point, WORTH_LABELS["satisfaction_point"], currency, **trust),
        },
        f"{said} {sentence(POINT_WORTH, verdict(found.point.lower, found.point.upper))}",
    )


def share_explored(at_most: tuple[float, float, float], causal_share: float, top: tuple[float, float], currency: str) -> Explorer:
    """The value of the top notch where the share of association that is effect can be moved; it starts with the share claimed.

    The value is that of all of the association (estimate, lower, upper) times the share.
    """
    shares = sorted({n / 10 for n in range(11)} | {causal_share})
    rows = [[share, *(share * part + 0.0 for part in at_most)] for share in shares]
    grid = pd.DataFrame(rows, columns=["share", "value", "lower", "upper"])
    question = worded(EXPLORED, "question", lower=top[1], upper=top[0])
    answers = {"value": (EXPLORED["value"], between("value", "lower", "upper", currency, 1))}  # no mutate: a function is given the row
    return explorer(grid, question, {"share": (EXPLORED["share"], "{:.0%}", causal_share)}, answers)


def notch_assumptions(values: pd.DataFrame | Absent, top: tuple[float, float] | Absent, currency: str) -> Finding:
    """How far the value of the top notch depends on what one assumes."""
    if isinstance(values, Absent) or isinstance(top, Absent):
        return Finding()
    upper, lower = top
    least, most = values.to_numpy().min(), values.to_numpy().max()
    title = worded(NOTCH_TITLE, "", lower=lower, upper=upper, least=least, most=most)
    named = values.rename(columns=lambda share: worded(ALTERNATIVES, "column", share=share)).reset_index()
    words = table_in_words(ALTERNATIVES["notch"], named, ["persistence", *(worded(ALTERNATIVES, "column", share=s) for s in (0.5, 1.0))])
    return Finding({"notch": Drawing(figures.notch_assumptions(values, currency, title=title), CAPTIONS["notch"], words)})


def assumptions(
    at: Borders,
    kind: str,
    found: Labels | Absent,
    money: Money | Absent,
    causal_share: float,
    currency: str,
    valued: Mapping[str, float] | None = None,
    purchases: str = "",
) -> list[tuple[str, str, str, str]]:
    """The rows of *What this report assumes*; those about money only where a value in money is given.

    Parameters
    ----------
    valued : margin, discount_rate, reliability and lasting of `relationship.worth_by_level`
    purchases : where they are; without them nothing is valued
    """
    borders = f"satisfaction {at.satisfied:g}, loyalty {at.role_loyal:g}"
    rows = [
        ("who counts as loyal", f"loyalty {at.loyal:g} or more ({kind})", "top of the scale unless given", "assumed"),
        ("borders of the roles", borders, "three quarters up the scale unless given", "assumed"),
        ("respondents are a random sample of the customers", "not checked", "see how many answered", "assumed"),
        (
            "a bend is told apart",
            f"gain above {BEND_CUT:g} in twice the log-likelihood",
            "size study of this project, smooth truths",
            "measured",
        ),
        ("place of a kink", f"cut {HONEST_CUT:g} of the profile likelihood", "coverage study of this project", "measured"),
        ("zones", "every number of zones alike beforehand", "Barry & Hartigan (1992)", "assumed"),
    ]
    return [
        *rows,
        *([] if isinstance(found, Absent) else [_of_answers(found)]),
        *([] if isinstance(money, Absent) else _of_money(money, causal_share, currency)),
        *(_of_purchases(**valued) if valued and purchases else []),
    ]


def _of_purchases(margin: float, discount_rate: float, reliability: float, lasting: float) -> list[tuple[str, str, str, str]]:
    terms = f"{margin:.0%}; {discount_rate:.0%}"
    return [
        ("profit per unit of spend; what waiting a year costs", terms, "parameters of this report", "assumed"),
        ("share of what is felt on a day that lasts", f"{lasting:.0%}, range 20 points either way", "parameter of this report", "assumed"),
        ("reliability of an answer to a single question", f"{reliability:.2f}", "parameter; items tell it where there are two", "assumed"),
    ]


def _of_answers(found: Labels) -> tuple[str, str, str, str]:
    first, second = found.reliability
    source = "parameters of this report, after the answers are cut to whole ones"
    return ("reliability of the answers", f"satisfaction {first:.2f}, loyalty {second:.2f}", source, "assumed")


def _of_money(money: Money, causal_share: float, currency: str) -> list[tuple[str, str, str, str]]:
    terms, stays = money
    amounts = f"{terms.margin:g} {currency} and {terms.discount_rate:g} per period"
    staying = f"{stays.if_loyal:g} of the loyal stay, {stays.if_not:g} of the others"
    return [
        ("causal share", f"{causal_share:g}; shown from 0 to 1", "no source supports a value", "assumed"),
        ("persistence of a move", f"{terms.persistence:g} per period", "parameter of this report", "assumed"),
        ("from answer to staying", staying, stays.source, "assumed"),
        ("margin and discount rate", amounts, "parameters of this report", "assumed"),
    ]
