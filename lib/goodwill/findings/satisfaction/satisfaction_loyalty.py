"""Satisfaction and loyalty: who answered, how loyal each level is, how far the top two differ, and where the curve turns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from goodwill.figures import satisfaction as figures
from goodwill.findings.finding import Absent, Drawing, Finding, Table, Value, missing
from goodwill.findings.satisfaction.satisfaction_items import look_first
from goodwill.findings.words import sentence, table_in_words, verdict, worded

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.data.survey import Survey
    from goodwill.inference.uncertainty import Interval
    from goodwill.satisfaction.bends import Bend
    from goodwill.satisfaction.cells import LoyaltyCells
    from goodwill.satisfaction.curve import CurveFamily
    from goodwill.satisfaction.index import Nonresponse, Promoters
    from goodwill.satisfaction.items import Comparison
    from goodwill.satisfaction.trend import End, Relation, Shapes

LABELS = {
    "respondents": "Respondents",
    "both_answers": "Answered both questions",
    "loyal_share": "Loyal: answered {loyal:g} or more",
    "answered_share": "Respondents who answered both questions",
    "loyal_worst_case": "Loyal, worst case",
    "relation": "Relation",
    "shape": "Shape",
    "net_promoters": "Net promoter score",
    "net_promoters, recommend": "Net promoter score (would recommend)",
    "net_promoters, loyalty": "Net promoter score (of the loyalty answer, for want of a question on recommending)",
    "net_promoter_change": "Change of it that two such surveys tell apart",
    "best_weight": "AIC weight of the first form ({form})",
}
CAPTIONS = {
    "audit": "What the reading found and did",
    "funnel": "Questionnaires at each stage",
    "loyalty_curve": ("Share of loyal answers by level of satisfaction, 95% Wilson intervals; a level that nobody chose is a gap."),
    "levels": "Loyal ({loyal:g} or more) by level of satisfaction",
    "outcomes": ("Two outcomes from the same answers by level of satisfaction, 95% intervals; dotted: a straight line from end to end."),
    "forms": "Forms of the curve for the loyal share, best AIC first; deviance against a share per level",
}
ALTERNATIVES = {  # how the text for those who cannot see a figure begins
    "loyalty_curve": "Loyal share by satisfaction",
    "mean": "Mean loyalty answer by satisfaction",
    "share": "Share of loyal answers",
}
ANSWERED = (
    "{both_answers}, {answered_share} of {respondents}, answered both questions; the others are in no curve below. "
    "Of those who did, {loyal_share} are loyal. The interval takes them as a random sample."
)
WORST_CASE = "If those who did not answer were all loyal, or all not, the share would lie at either end of {loyal_worst_case:interval}."
RELATION = {
    "rises": "Loyalty rises with satisfaction: {ends}{but}.",
    "falls": "These answers show no increasing relation: loyalty falls as satisfaction rises ({ends}).",
    "not shown": "These answers show no increasing relation: {ends}, and differences of this size may be chance.",
    "flat": (
        "These answers show no increasing relation (the best curve that never falls is a flat one): {ends}, "
        "and differences of this size may be chance."
    ),
    ("rises", "no ends"): "Loyalty rises with satisfaction; too few answered to give shares of the lowest and the highest.",
    ("falls", "no ends"): "These answers show no increasing relation: loyalty falls as satisfaction rises.",
    ("not shown", "no ends"): "These answers show no increasing relation; they are too few to give shares of the lowest and the highest.",
    ("flat", "no ends"): "These answers show no increasing relation (the best curve that never falls is a flat one).",
}
RELATION_PARTS = {
    "ends": "{low} are loyal and {high}",
    "end": "{share:.0%} of those who answered {answers}",
    "but": "; yet from {low:g} to {high:g} it surely falls",
}
SHAPE = {
    "depends on the outcome": (
        "The shape depends on the outcome chosen: the upper half of the scale holds {mean} of the rise of the mean answer "
        "but {share} of the rise of the share of loyal answers."
    ),
    "not told apart": (
        "These answers do not tell the shapes of the two outcomes apart: the upper half of the scale holds {mean} of the rise "
        "of the mean answer and {share} of the rise of the share of loyal answers."
    ),
    "too few": "These answers are too few to say where on the scale the outcomes rise.",
    "no rise": "The outcomes do not rise over the scale, so there is no shape to compare.",
}
PROMOTERS = (
    "The net promoter score is {net_promoters}; between two surveys of this size it must move by more than "
    "{net_promoter_change:number} points to be more than chance. It says less than the curve: "
    "where in satisfaction the loyal are, it does not show."
)
OUTCOMES = {"mean": "mean loyalty answer", "share": "share answering {loyal:g} or more"}
FORMS = {
    "": (
        "The first form holds {best_weight} of the weight. Published curves are bent, straight and S-shaped by turns, "
        "so the name of the winner is no law. {notes}"
    )
}

IN_SHORT = {
    "level": "{loyal_share} of those who answered both questions are loyal (answered {loyal} or more). ",
    "better": (
        "The share who are not loyal is {top_defection} times as high among those who answer {lower:g} as among those who answer "
        "{upper:g} (measured): an average of the two hides the difference. "
    ),
    "better, unlimited": "Those who answer {upper:g} are more often loyal than those who answer {lower:g} (measured, {top_ratio} times). ",
    "worse": "Those who answer {upper:g} are less often loyal than those who answer {lower:g} (measured, {top_ratio} times). ",
    "not told apart": "Whether those who answer {upper:g} are more loyal than those who answer {lower:g}, these answers do not show. ",
    "too few": "Too few gave the highest answers to compare them with each other. ",
    "not measured": "Who is more satisfied answers otherwise; that moving somebody up would change what they do was not measured.",
}


def headline(text: str) -> str:
    """The beginning of a sentence that can stand as the title of a figure: up to the first colon, semicolon or bracket."""
    ends = [at for mark in (": ", "; ", " (") if (at := text.find(mark)) > 0]
    return text[: min(ends)] if ends else text.rstrip(".")  # no mutate: strips a sign, not a text


def audit(survey: Survey) -> Finding:
    """What the reading of the survey found and did."""
    return Finding({"audit": Table(survey.audit[["rule", "rows", "done"]], CAPTIONS["audit"], max_rows=40)})


def _label(name: str, **values: object) -> str:
    return worded(LABELS, name, **values)


def respondents(survey: Survey, cells: LoyaltyCells, loyal_from: float) -> Finding:
    """How many answered, how many both questions, and how many of those are loyal."""
    both = int(cells.respondents.sum())
    return Finding(
        {
            "respondents": Value(survey.respondents, _label("respondents"), "respondents"),
            "both_answers": Value(both, _label("both_answers"), "respondents"),
            "loyal_share": Value(cells.overall, _label("loyal_share", loyal=loyal_from), "share"),
            "answered_share": Value(both / survey.respondents, _label("answered_share"), "share"),
        },
        ANSWERED,
    )


def not_answering(found: Nonresponse | Absent) -> Finding:
    """What those who did not answer could change, where it is known how many were asked."""
    if isinstance(found, Absent):
        return missing(found)
    worst = found.worst_case
    return Finding(
        {
            "funnel": Table(found.funnel, CAPTIONS["funnel"]),
            "loyal_worst_case": Value(worst, _label("loyal_worst_case"), "share"),
        },
        WORST_CASE,
    )


def curve(
    cells: LoyaltyCells, found: Relation, family: CurveFamily | Absent, never_falling: tuple[LoyaltyCells, np.ndarray], loyal_from: float
) -> Finding:
    """How loyal each level is, and whether loyalty rises with satisfaction."""
    said = relation_sentence(found)
    levels = cells.to_frame()
    shares = dict.fromkeys(["loyal_share", "lower", "upper"], "{:.1%}")
    words = table_in_words(ALTERNATIVES["loyalty_curve"], levels.dropna(), ["satisfaction", "loyal_share", "lower", "upper"])
    average = None if isinstance(family, Absent) else family
    return Finding(
        {
            "relation": Value(said, _label("relation")),
            "loyalty_curve": Drawing(
                figures.loyalty_curve(cells, average, never_falling, title=headline(said)), CAPTIONS["loyalty_curve"], words
            ),
            "levels": Table(levels, worded(CAPTIONS, "levels", loyal=loyal_from), {"n_effective": "{:,.0f}"} | shares),
        }
    )


def relation_sentence(found: Relation) -> str:
    """Whether loyalty rises with satisfaction, and where it surely does not; the ends of the scale hold enough people for a share."""
    key = "flat" if found.direction == "not shown" and found.flat else found.direction
    falls = (worded(RELATION_PARTS, "but", low=a, high=b) for a, b in found.falls_at)
    if found.ends is None:
        return worded(RELATION, (key, "no ends"))
    low, high = (worded(RELATION_PARTS, "end", share=end.loyal_share, answers=_answers(end)) for end in found.ends)
    return worded(RELATION, key, ends=worded(RELATION_PARTS, "ends", low=low, high=high), but="".join(falls))


def _answers(end: End) -> str:
    return f"{end.first:g}" if end.first == end.last else f"{end.first:g} to {end.last:g}"


def shapes(found: Shapes, mean: pd.DataFrame, share: pd.DataFrame, survey: Survey, loyal_from: float) -> Finding:
    """Whether two outcomes of the same answers bend alike."""
    said = worded(SHAPE, found.told, mean=_range(found.mean), share=_range(found.share))
    outcomes = {
        OUTCOMES["mean"]: (mean, survey.loyalty_scale),
        worded(OUTCOMES, "share", loyal=loyal_from): (share, (0, 1)),
    }
    words = (
        table_in_words(ALTERNATIVES[name], table.dropna(), ["satisfaction", "mean"]) for name, table in (("mean", mean), ("share", share))
    )
    return Finding(
        {
            "shape": Value(said, _label("shape")),
            "outcomes": Drawing(figures.outcomes(outcomes, title=headline(said)), CAPTIONS["outcomes"], " ".join(words)),
        }
    )


def _range(found: Interval | None) -> str:
    return f"{found.estimate:.0%} ({found.lower:.0%} to {found.upper:.0%})" if found else ""  # no mutate: then no wording names it


def promoters(found: Promoters | Absent) -> Finding:
    """The net promoter score with its interval, beside why it says less than the curve."""
    if isinstance(found, Absent):
        return missing(found, net_promoters=_label("net_promoters"), net_promoter_change=_label("net_promoter_change"))
    return Finding(
        {
            "net_promoters": Value(found.score, _label(f"net_promoters, {found.question}"), "points"),
            "net_promoter_change": Value(found.change, _label("net_promoter_change"), "points"),
        },
        PROMOTERS,
    )


def forms(family: CurveFamily | Absent) -> Finding:
    """Which form of curve describes these answers best, and how little that means."""
    if isinstance(family, Absent):
        return missing(family, best_weight=Value(None, _label("best_weight", form="-"), "share"))
    shown = family.table[["form", "parameters", "deviance", "aic", "weight"]]
    best = shown.iloc[0]
    notes = " ".join(f"{note[0].upper()}{note[1:]}." for note in family.warnings)
    formats = {"weight": "{:.1%}", "deviance": "{:,.1f}", "aic": "{:,.1f}"}
    return Finding(
        {
            "forms": Table(shown, CAPTIONS["forms"], formats),
            "best_weight": Value(best["weight"], _label("best_weight", form=best["form"]), "share"),
        },
        sentence(FORMS, "", notes=notes),
    )


def in_short(
    cells: LoyaltyCells,
    found: Relation,
    ratios: pd.DataFrame | Absent,
    top: tuple[float, float] | Absent,
    turn: Bend | Absent,
    compared: Comparison | Absent,
    never_falling: tuple[LoyaltyCells, np.ndarray],
    family: CurveFamily | Absent,
    loyal_from: float,
) -> Finding:
    """What carries the decision: how many are loyal, whether satisfaction shows it, where the difference lies, and what is not measured."""
    said = relation_sentence(found)
    drawn = figures.loyalty_curve(cells, None if isinstance(family, Absent) else family, never_falling, title=headline(said))
    words = table_in_words(ALTERNATIVES["loyalty_curve"], cells.to_frame().dropna(), ["satisfaction", "loyal_share", "lower", "upper"])
    text = [sentence(IN_SHORT, "level", loyal=f"{loyal_from:g}"), "{relation} ", _top_in_short(ratios, top)]
    if not isinstance(compared, Absent):
        text.append(look_first(compared) + " ")
    elif not isinstance(turn, Absent):
        text.append("{turning_point} ")
    return Finding({"in_short": Drawing(drawn, CAPTIONS["loyalty_curve"], words)}, "".join(text) + IN_SHORT["not measured"])


def _top_in_short(ratios: pd.DataFrame | Absent, top: tuple[float, float] | Absent) -> str:
    if isinstance(ratios, Absent) or isinstance(top, Absent):
        return IN_SHORT["too few"]
    low, high = (float(ratios[end].to_dict()["risk_ratio"]) - 1 for end in ("lower", "upper"))
    limited = bool(np.isfinite(ratios.loc["defection_ratio"].to_numpy(float)).all())
    apart = verdict(low, high)
    key = "better, unlimited" if apart == "better" and not limited else apart
    return sentence(IN_SHORT, key, upper=top[0], lower=top[1])
