"""What the relationship report says of the model behind the levers, of hidden causes, and of the truth where it is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from goodwill.findings.finding import Absent, Finding, Part, Table, Value
from goodwill.findings.relationship.relationship_value import LABELS
from goodwill.findings.words import sentence, verdict
from goodwill.relationship.levers import Lever

if TYPE_CHECKING:
    from goodwill.inference.uncertainty import Interval
    from goodwill.relationship.hidden_causes import MoneyAssociation
    from goodwill.relationship.satisfaction_dropout import SatisfactionDropout

DROPOUT = {
    "better": (
        "The more satisfied leave less often: per point of the answer the log odds of leaving after a purchase move by "
        "{dropout_slope:number} ({dropout_slope:interval})."
    ),
    "worse": (
        "The more satisfied leave more often: per point of the answer the log odds of leaving after a purchase move by "
        "{dropout_slope:number} ({dropout_slope:interval})."
    ),
    "not told apart": (
        "Whether the more satisfied leave less often cannot be told: per point of the answer the log odds of leaving after a purchase move "
        "by {dropout_slope:number} ({dropout_slope:interval})."
    ),
}
ANSWERING = {
    "better": "Who has left answers more often (log odds {answered_after_leaving:number}); the model allows for it.",
    "worse": "Who has left answers less often (log odds {answered_after_leaving:number}); the model allows for it.",
    "not told apart": "Whether who has left answers less often cannot be told (log odds {answered_after_leaving:number}).",
}
MONEY = {
    "better": (
        "In the {weeks:.0f} weeks after the survey a point more went with {money_per_point} more a customer, past spend and past purchases "
        "held equal. To undo it a hidden cause would have to explain {robustness} of what is left of both answers and money; one as "
        "strong as past spend would leave {left:,.3g}."
    ),
    "worse": (
        "In the {weeks:.0f} weeks after the survey a point more went with less money, past spend and past purchases held equal: "
        "{money_per_point}. To undo it a hidden cause would have to explain {robustness} of what is left of both answers and money; one "
        "as strong as past spend would leave {left:,.3g}."
    ),
    "not told apart": (
        "Whether a point more went with more money in the {weeks:.0f} weeks after the survey, past spend and past purchases held equal, "
        "cannot be told: {money_per_point}. A hidden cause that explains {robustness} of what is left of both would undo it."
    ),
}
RISK = {
    "better": (
        "After a dissatisfied complaint the risk to leave is {risk_of_leaving:number} times that after a satisfied one "
        "({risk_of_leaving:interval}). To explain that away a hidden cause would have to go with both by a risk ratio of "
        "{e_value:number} (of {e_value_near:number} to reach the interval)."
    ),
    "not told apart": (
        "After a dissatisfied complaint the risk to leave is {risk_of_leaving:number} times that after a satisfied one "
        "({risk_of_leaving:interval}), not told apart from once."
    ),
    "missing": "The risk to leave by the end of a complaint is not known: {risk_of_leaving}.",
}
EITHER = {
    "same": (
        "No log tells whether those who left at a purchase complain too. This report takes it that {stated}; {otherwise}, a recovered "
        "complaint is worth {recovered_otherwise}, and the verdict is the same."
    ),
    "other": (
        "No log tells whether those who left at a purchase complain too. This report takes it that {stated}; {otherwise}, a recovered "
        "complaint is worth {recovered_otherwise}, and the verdict is another one: the interval above reaches over both."
    ),
}
COMPLAIN = {True: "they do", False: "they do not"}
IF_THEY = {True: "if they do", False: "if they do not"}
TRUTH = {
    "all": "On this simulated company, whose truth is known, every interval holds the truth of its lever.",
    "some": "On this simulated company, whose truth is known, {held} of {all} intervals hold the truth of their lever.",
}


def dropout(fit: SatisfactionDropout | Absent, reliability: Interval | Absent) -> Finding:
    """How satisfaction goes with leaving, and who answers."""
    labels = {
        "dropout_slope": ("Leaving after a purchase, per point of the answer", "log odds"),
        "answered_after_leaving": ("Answering, of those who have left", "log odds"),
        "lasting_reliability": ("Share of the variance of an answer that is lasting satisfaction", "share"),
    }
    for absent in (fit, reliability):
        if isinstance(absent, Absent):
            return Finding({name: Value(None, *label, reason=absent.why) for name, label in labels.items()}, absent=absent)
    assert not isinstance(fit, Absent)
    slope = [end * fit.point_in_spreads for end in fit.slope]
    found: dict[str, Any] = {
        "dropout_slope": Value(slope[0], *labels["dropout_slope"], interval=slope[1:]),
        "answered_after_leaving": Value(fit.gone, *labels["answered_after_leaving"]),
        "lasting_reliability": Value(reliability, *labels["lasting_reliability"], grade="assumed", weakest="share that lasts"),
    }
    found |= _just_happened(fit.recent)
    said = sentence(DROPOUT, verdict(slope[1], slope[2], better="lower"))
    return Finding(found, f"{said} {sentence(ANSWERING, verdict(fit.gone.lower, fit.gone.upper))}")


def _just_happened(recent: Mapping[str, Interval]) -> dict[str, Part]:
    """What each kind of recent event adds to an answer; nothing where no event is known."""
    table = pd.DataFrame([[kind, *each] for kind, each in recent.items()], columns=["just happened", "points", "low", "high"])
    caption = "What has just happened adds to an answer, until it fades (points; 95 % intervals)"
    shown = Table(table, caption, dict.fromkeys(["points", "low", "high"], "{:+.2f}"))
    return {"just_happened": shown} if recent else {}


def money(found: MoneyAssociation | Absent, currency: str) -> Finding:
    """How later money goes with the answer, and what would undo it."""
    labels = {"money_per_point": ("Later money per point of the answer", currency), "robustness": ("Robustness value", "share")}
    if isinstance(found, Absent):
        return Finding({name: Value(None, *label, reason=found.why) for name, label in labels.items()}, absent=found)
    bench = found.benchmark
    rows = [
        ["to undo the estimate, explains of both at least", found.robustness, found.robustness],
        ["until it is not told from nothing, explains of both at least", found.robustness_at_95, found.robustness_at_95],
        ["as strong as past spend", bench.with_cause, bench.with_outcome],
    ]
    table = pd.DataFrame(rows, columns=["a hidden cause", "of answers", "of money"])
    parts: dict[str, Part] = {
        "money_per_point": Value(found.per_point, *labels["money_per_point"], grade="measured"),
        "robustness": Value(found.robustness, *labels["robustness"]),
        "hidden_causes": Table(
            table,
            "How strong a hidden cause would have to be (share of the residual variance)",
            {"of answers": "{:.1%}", "of money": "{:.1%}"},
        ),
    }
    key = verdict(found.per_point.lower, found.per_point.upper)
    return Finding(parts, sentence(MONEY, key, weeks=found.weeks, left=bench.left))


def risk(ratio: Interval | Absent, values: tuple[float, float] | Absent) -> Finding:
    """The risk ratio of leaving by the end of a complaint, with its E-values.

    Parameters
    ----------
    ratio : of dissatisfied against satisfied
    values : E-values of the estimate and of the near end of its interval
    """
    labels = {
        "risk_of_leaving": "Risk to leave, dissatisfied against satisfied",
        "e_value": "E-value",
        "e_value_near": "E-value of the interval",
    }
    if isinstance(ratio, Absent) or isinstance(values, Absent):
        why = ratio.why if isinstance(ratio, Absent) else values.why  # type: ignore[union-attr]
        return Finding({name: Value(None, label, reason=why) for name, label in labels.items()}, sentence(RISK, "missing"))
    found = {
        "risk_of_leaving": Value(ratio, labels["risk_of_leaving"], "times"),
        "e_value": Value(values[0], labels["e_value"], "risk ratio"),
        "e_value_near": Value(values[1], labels["e_value_near"], "risk ratio"),
    }
    return Finding(found, sentence(RISK, "better" if ratio.lower > 1 else "not told apart"))


def either_way(found: Mapping[bool, Lever | Absent], lever: Lever | Absent, stated: bool, currency: str) -> Finding:
    """What a recovered complaint is worth if the other answer holds to whether those who left complain too.

    Parameters
    ----------
    found : the lever of recovery under either answer
    lever : as it is shown, of `relationship.either_way`
    stated : the answer that the report takes
    """
    label, other = "One recovered complaint, if the other answer holds to who complains", found[not stated]
    if isinstance(other, Absent) or isinstance(lever, Absent):
        why = other.why if isinstance(other, Absent) else lever.why  # type: ignore[union-attr]
        return Finding({"recovered_otherwise": Value(None, label, currency, reason=why)})
    value = Value(other.worth, label, currency, grade="assumed", weakest="who complains")
    said = sentence(EITHER, "other" if lever.hangs else "same", stated=COMPLAIN[stated], otherwise=IF_THEY[not stated])
    return Finding({"recovered_otherwise": value}, said)


def truth(found: Mapping[str, Lever | Absent], true: Mapping[str, float] | Absent, currency: str) -> Finding:
    """Estimate beside truth for each lever, where the company is a simulated one.

    Parameters
    ----------
    found : the levers
    true : worth of a unit of each, of `example_truth`; Absent where the company is no simulated one: then nothing is said
    """
    if isinstance(true, Absent):
        return Finding()
    rows = []
    for name, each in found.items():
        if isinstance(each, Lever):
            inside = "yes" if each.worth.lower <= true[name] <= each.worth.upper else "no"
            rows.append([LABELS[name], true[name], *each.worth, inside])
    table = pd.DataFrame(rows, columns=["lever", "truth", "estimate", "low", "high", "held"])
    held = int((table["held"] == "yes").sum())
    caption = f"Worth of one unit: the truth of the simulated company beside what its records say ({currency})"
    parts = {"truth": Table(table, caption, dict.fromkeys(["truth", "estimate", "low", "high"], "{:,.3g}"))}
    return Finding(parts, sentence(TRUTH, "all" if held == len(table) else "some", held=held, all=len(table)))
