"""Levels of satisfaction beside each other: how far the top two differ, what a claim takes, where the largest step and a bend may lie."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from goodwill.figures import satisfaction as figures
from goodwill.findings.finding import Absent, Drawing, Finding, Part, Table, Value, missing
from goodwill.findings.satisfaction.satisfaction_loyalty import headline
from goodwill.findings.words import sentence, table_in_words, verdict, worded
from goodwill.satisfaction.bends import BEND_CUT

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.satisfaction.bends import Bend
    from goodwill.satisfaction.trend import Relation
    from goodwill.satisfaction.turning_points import Step, Zones

LABELS = {
    "top_ratio": "Risk ratio: loyal, {upper:g} against {lower:g}",
    "top_odds": "Odds ratio: loyal, {upper:g} against {lower:g}",
    "top_defection": "Defection ratio: not loyal, {lower:g} against {upper:g}",
    "top_ratio, none": "Risk ratio of the top two levels",
    "top_odds, none": "Odds ratio of the top two levels",
    "top_defection, none": "Defection ratio of the top two levels",
    "claim_ratio": "The factor that is meant",
    "claim_most_below": "Highest loyalty of the lower level, as a ratio of shares",
    "claim_most_overall": "Highest loyalty of all, as a ratio of shares",
    "claim_odds_top": "Loyalty of the top level that suffices as odds, if the lower is at 60%",
    "six_seen_by_93": "A true ratio of six as 93 answers would report it",
    "largest_step": "Largest step of loyalty, 95% set",
    "jump": "Largest step, in a sentence",
    "zones": "Zones",
    "turning_point": "Turning point",
    "bend_gain": "Gain of a bend over the best smooth curve, in twice the log-likelihood; told apart above {cut:g}",
}
_measures = {"top_ratio": "risk_ratio", "top_odds": "odds_ratio", "top_defection": "defection_ratio"}
CAPTIONS = {
    "ratios": "{upper:g} against {lower:g}, 95% score intervals; blank where unlimited",
    "ratio_by_size": (
        "Interval of the ratio of the top two levels (72% against 12%, chosen by 28 and 42% of respondents) if counts come out as expected."
    ),
    "steps": (
        "Difference in the loyal share between neighbouring answered levels; simultaneous 95% intervals (Agresti-Caffo, Bonferroni)."
    ),
    "zones": (
        "Exact probabilities over all {ways:,} ways to cut the answered levels into zones of equal loyalty; "
        "every number of zones is as likely beforehand."
    ),
    "turning_point": (
        "Loss of likelihood against the best place of one kink in the log-odds. A bend is told apart where the best smooth curve lies "
        "above {cut:g}, which smooth truths pass in at most 5 % of simulated surveys; its places are then those below {wide:g}."
    ),
}
ALTERNATIVES = {  # how the text for those who cannot see a figure begins
    "ratio_by_size": "Interval of a ratio of six by respondents",
    "steps": "Steps",
    "zones": "Likeliest groupings",
    "turning_point": "{sentence} The best smooth curve loses {gain:.1f} against the best kink; a bend is told apart above {cut:g}.",
}
RATIOS = {
    "": (
        "Those who answer {upper:g} against those who answer {lower:g}: the shares of the loyal stand in the ratio {top_ratio}, "
        "the odds in the ratio {top_odds}. The other way round, {lower:g} against {upper:g}, the shares of those who are *not* loyal "
        "stand in the ratio {top_defection}."
    )
}
UNLIMITED = "without limit: a level is all loyal or not at all"
CLAIM = {
    ("risk_ratio", "compatible"): "Read as a ratio of shares, the claim is compatible with these answers.",
    ("risk_ratio", "contradicted"): "Read as a ratio of shares, the claim is contradicted by these answers.",
    ("odds_ratio", "compatible"): "Read as a ratio of odds, the claim is compatible with these answers.",
    ("odds_ratio", "contradicted"): "Read as a ratio of odds, the claim is contradicted by these answers.",
    "too few": "These answers are too few to check the claim.",
}
CLAIM_NEEDS = {
    "": (
        "As shares, the claim needs loyalty of at most {claim_most_below} at the lower level and {claim_most_overall} in all; "
        "here it is {loyal_share:value} in all. As odds, 60% against {claim_odds_top} will do. "
    )
}
SIX_SEEN = {"": "With 93 answers a true six is reported as {lower:.1f} to {upper:.0f}"}
STEP = {
    "none": "There is no largest step to name, since no increasing relation is shown.",
    "one": "The largest step of loyalty is that from {low:g} to {high:g} (95%).",
    "some": "The largest step of loyalty may be one of {count} ({named}); these answers cannot say which (95%).",
    "any": "The largest step of loyalty may be any of the steps; these answers cannot say which (95%).",
}
ZONES = {
    "one": "The levels form one zone with probability {probability}: no border between levels is needed.",
    "alone": "The likeliest grouping of levels is {zones} (probability {probability}); with no other it holds 95% of the probability.",
    "with one": "The likeliest grouping of levels is {zones} (probability {probability}); with 1 other it holds 95% of the probability.",
    "with several": (
        "The likeliest grouping of levels is {zones} (probability {probability}); with {others} others it holds 95% of the probability."
    ),
}
TURN = {
    "bounded": "Some levels are all loyal or all disloyal, so slopes are only bounded and no turning point is named.",
    "not told apart": (
        "No turning point is named, for a bend is not told apart from a smooth curve: {rival} describes these answers as well."
    ),
    "anywhere": "A bend is told apart from every smooth curve, but it may lie anywhere on the scale.",
    "placed": (
        "A bend is told apart from every smooth curve: the log-odds of loyalty turn {places} (a set that errs on the wide side){hidden}."
    ),
}
TURN_PARTS = {"place": "between {low:g} and {high:g}", "hidden": "; between {blind} a {points}-point scale shows no place"}
RIVALS = {
    "cubic log-odds": "a cubic in the log-odds",
    "gradual bend": "a change of slope that is spread over several levels",
    "floor and ceiling": "an S between a floor and a ceiling",
    "cubic shares": "a cubic in the shares",
    "cubic logarithm of the shares": "a cubic in the logarithm of the shares",
    "cubic log-hazard": "a cubic in the log-hazard",
}


def _label(name: str, **values: object) -> str:
    return worded(LABELS, name, **values)


def top_levels(ratios: pd.DataFrame | Absent, top: tuple[float, float] | Absent) -> Finding:
    """How far the two highest levels differ: shares, odds, and those who are not loyal."""
    if isinstance(ratios, Absent) or isinstance(top, Absent):
        return missing(_first(top, ratios), {name: LABELS[f"{name}, none"] for name in _measures})
    upper, lower = top
    shown = ratios.replace(np.inf, np.nan).rename(index=lambda name: name.replace("_", " "))
    parts: dict[str, Part] = {"ratios": Table(shown, worded(CAPTIONS, "ratios", upper=upper, lower=lower))}
    for name, measure in _measures.items():
        value, *ends = ratios.loc[measure]
        known = bool(np.isfinite([value, *ends]).all())
        label = _label(name, upper=upper, lower=lower)
        parts[name] = Value(value, label, interval=ends) if known else Value(None, label, reason=UNLIMITED)
    return Finding(parts, sentence(RATIOS, "", upper=upper, lower=lower))


def _first(*found: object) -> Absent:
    return next(each for each in found if isinstance(each, Absent))


def claim(shares: dict[str, float], odds: dict[str, float], ratios: pd.DataFrame | Absent, reading: str) -> Finding:
    """What a claim such as "six times as loyal" takes, as shares and as odds, and whether these answers allow it."""
    key = "too few" if isinstance(ratios, Absent) else (reading, _checked(ratios, shares["ratio"], reading))
    return Finding(
        {
            "claim_ratio": Value(shares["ratio"], _label("claim_ratio")),
            "claim_most_below": Value(shares["most_at_lower"], _label("claim_most_below"), "share"),
            "claim_most_overall": Value(shares["most_overall"], _label("claim_most_overall"), "share"),
            "claim_odds_top": Value(odds["top_when_60%"], _label("claim_odds_top"), "share"),
        },
        sentence(CLAIM_NEEDS, "") + sentence(CLAIM, key),
    )


def _checked(ratios: pd.DataFrame, factor: float, reading: str) -> str:
    lower, upper = (float(ratios[end].to_dict()[reading]) - factor for end in ("lower", "upper"))
    return "compatible" if verdict(lower, upper) == "not told apart" else "contradicted"


def six_by_size(sizes: pd.DataFrame) -> Finding:
    """How closely surveys of several sizes would see a true ratio of six."""
    at_93 = sizes.set_index("n").loc[93]
    title = worded(SIX_SEEN, "", lower=at_93["lower"], upper=at_93["upper"])
    words = table_in_words(ALTERNATIVES["ratio_by_size"], sizes, ["n", "lower", "upper"])
    return Finding(
        {
            "six_seen_by_93": Value(at_93["ratio"], _label("six_seen_by_93"), interval=(at_93["lower"], at_93["upper"])),
            "ratio_by_size": Drawing(figures.ratio_by_size(sizes, 6, title=title), CAPTIONS["ratio_by_size"], words),
        }
    )


def largest_step(steps: pd.DataFrame, largest: tuple[Step, ...], found: Relation) -> Finding:
    """Between which levels the largest step lies, or that this cannot be said."""
    named = [f"{low:g} to {high:g}" for low, high in largest]
    low, high = largest[0]
    key = "none" if found.direction != "rises" else "one" if len(largest) == 1 else "any" if len(largest) == len(steps) else "some"
    said = worded(STEP, key, low=low, high=high, count=len(largest), named=", ".join(named))
    words = table_in_words(ALTERNATIVES["steps"], steps, ["upper_level", "difference", "lower", "upper"])
    return Finding(
        {
            "largest_step": Value(" or ".join(named), _label("largest_step")),
            "jump": Value(said, _label("jump")),
            "steps": Drawing(figures.steps(steps, largest, title=headline(said)), CAPTIONS["steps"], words),
        }
    )


def zones(found: Zones) -> tuple[Finding, Finding]:
    """How many zones of equal loyalty there are, and how sure that is."""
    best = found.table.iloc[0]
    others = len(found.credible()) - 1
    single = best["number"] == 1
    key = "one" if single else "alone" if others == 0 else "with one" if others == 1 else "with several"
    sure = found.number_probability[1] if single else float(best["probability"])
    said = worded(ZONES, key, zones=best["zones"], probability=_share(sure), others=others)
    words = table_in_words(ALTERNATIVES["zones"], found.table.head(6), ["zones", "probability"])
    drawn = figures.zones(found, title=headline(said))
    caption = worded(CAPTIONS, "zones", ways=len(found.table))
    return Finding({"zones": Value(said, _label("zones"))}), Finding({"zones": Drawing(drawn, caption, words)})


def turning_point(found: Bend | Absent, levels: np.ndarray) -> tuple[Finding, ...]:
    """The one answer to where the curve turns: whether a bend is told apart from a smooth curve, and then where it lies, as a set."""
    if isinstance(found, Absent):
        return (missing(found, turning_point=_label("turning_point"), bend_gain=_label("bend_gain", cut=BEND_CUT)),)
    said = turn_sentence(found, len(levels))
    words = worded(ALTERNATIVES, "turning_point", sentence=said, gain=found.gain, cut=found.cut)
    caption = worded(CAPTIONS, "turning_point", cut=found.cut, wide=found.kink.cut)
    drawn = figures.kink_profile(found, levels, title=headline(said))
    values = {
        "turning_point": Value(said, _label("turning_point")),
        "bend_gain": Value(found.gain, _label("bend_gain", cut=found.cut)),
    }
    return Finding(values), Finding({"turning_point": Drawing(drawn, caption, words)})


def turn_sentence(found: Bend, points: int) -> str:
    """Where the curve turns, in one sentence."""
    kink = found.kink
    low_flat, high_flat = kink.flat
    whole = kink.pieces == ((low_flat[0], high_flat[1]),)
    key = "bounded" if kink.separated else "not told apart" if not found.told_apart else "anywhere" if whole else "placed"
    places = " or ".join(worded(TURN_PARTS, "place", low=low, high=high) for low, high in kink.limits())
    blind = [f"{a:g} and {b:g}" for a, b in kink.flat if any(low < b and high > a for low, high in kink.pieces)]
    hidden = worded(TURN_PARTS, "hidden", blind=" and between ".join(blind), points=points) if blind else ""
    return worded(TURN, key, rival=RIVALS[found.rival], places=places, hidden=hidden)


def _share(probability: float) -> str:
    return "above .99" if probability > 0.99 else f"{probability:.2f}".lstrip("0")  # no mutate: strips a sign, not a text
