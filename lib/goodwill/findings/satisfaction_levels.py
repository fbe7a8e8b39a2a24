"""Levels of satisfaction beside each other: how far the top two differ, what a claim takes, where the largest step and a bend may lie."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from goodwill.figures import satisfaction as figures
from goodwill.findings.finding import Absent, Drawing, Finding, Table, Value, missing
from goodwill.findings.satisfaction_loyalty import headline
from goodwill.findings.words import sentence, table_in_words, verdict, worded

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.satisfaction.kink import KinkSet
    from goodwill.satisfaction.trend import Relation
    from goodwill.satisfaction.turning_points import Step, Zones

LABELS = {
    "top_ratio": "Risk ratio: loyal, {upper:g} against {lower:g}",
    "top_odds": "Odds ratio: loyal, {upper:g} against {lower:g}",
    "top_defection": "Defection ratio: not loyal, {lower:g} against {upper:g}",
    "claim_ratio": "The factor that is meant",
    "claim_most_below": "Highest loyalty of the lower level, as a ratio of shares",
    "claim_most_overall": "Highest loyalty of all, as a ratio of shares",
    "claim_odds_top": "Loyalty of the top level that suffices as odds, if the lower is at 60%",
    "six_seen_by_93": "A true ratio of six as 93 answers would report it",
    "largest_step": "Largest step of loyalty, 95% set",
    "jump": "The jump",
    "zones": "Zones",
    "turning_point": "Turning point of the log-odds",
}
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
        "Loss of likelihood by place of one kink in the log-odds; allowed are places below the cut of {cut:g} "
        "(99 % point of chi-square, which covers a kink at 5 levels in 99 % of simulated surveys)."
    ),
}
ALTERNATIVES = {  # how the text for those who cannot see a figure begins
    "ratio_by_size": "Interval of a ratio of six by respondents",
    "steps": "Steps",
    "zones": "Likeliest groupings",
    "turning_point": "{sentence} Without a kink the loss is {loss:.1f}.",
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
}
CLAIM_NEEDS = {
    "": (
        "As shares, the claim needs loyalty of at most {claim_most_below} at the lower level and {claim_most_overall} in all; "
        "here it is {loyal_share:value} in all. As odds, 60% against {claim_odds_top} will do. "
    )
}
SIX_SEEN = {"": "With 93 answers a true six is reported as {lower:.1f} to {upper:.0f}"}
JUMP = {
    "none": "There is no jump to place, since no increasing relation is shown.",
    "one": "The jump lies between {low:g} and {high:g} (95%); its exact place cannot be seen on a {points}-point scale.",
    "some": "The largest step may be one of {count} ({named}); these answers cannot say which (95%).",
    "any": "The largest step may be any of the steps; these answers cannot say which (95%).",
}
ZONES = {
    "one": "The levels form one zone with probability {probability}: no border between levels is needed.",
    "several": "The likeliest grouping of levels is {zones} (probability {probability}); with {others} it holds 95% of the probability.",
}
BEND = {
    "bounded": "Some levels are all loyal or all disloyal, so slopes are only bounded and the place of a bend is not located.",
    "not needed": (
        "A bend is not needed: a straight line in the log-odds loses {loss:.1f}, less than {cut:g}, so no turning point is located."
    ),
    "anywhere": "A bend describes the answers better, but it may lie anywhere on the scale (profile set at {cut:g}).",
    "placed": "The log-odds of loyalty bend {places} (profile set at {cut:g}, which errs on the wide side){hidden}.",
}
BEND_PARTS = {"place": "between {low:g} and {high:g}", "hidden": "; between {blind} a {points}-point scale shows no place"}


def _label(name: str, **values: object) -> str:
    return worded(LABELS, name, **values)


def top_levels(ratios: pd.DataFrame, upper: float, lower: float) -> Finding:
    """How far the two highest answered levels differ: shares, odds, and those who are not loyal."""
    names = {"top_ratio": "risk_ratio", "top_odds": "odds_ratio", "top_defection": "defection_ratio"}
    shown = ratios.replace(np.inf, np.nan).rename(index=lambda name: name.replace("_", " "))
    parts: dict[str, Table | Value] = {"ratios": Table(shown, worded(CAPTIONS, "ratios", upper=upper, lower=lower))}
    for name, measure in names.items():
        value, *ends = ratios.loc[measure]
        known = bool(np.isfinite([value, *ends]).all())
        label = _label(name, upper=upper, lower=lower)
        parts[name] = Value(value, label, interval=ends) if known else Value(None, label, reason=UNLIMITED)
    return Finding(parts, sentence(RATIOS, "", upper=upper, lower=lower))


def claim(shares: dict[str, float], odds: dict[str, float], ratios: pd.DataFrame, reading: str) -> Finding:
    """What a claim such as "six times as loyal" takes, as shares and as odds, and whether these answers allow it."""
    lower, upper = (float(ratios[end].to_dict()[reading]) for end in ("lower", "upper"))
    apart = verdict(lower - shares["ratio"], upper - shares["ratio"])
    key = reading, "compatible" if apart == "not told apart" else "contradicted"
    return Finding(
        {
            "claim_ratio": Value(shares["ratio"], _label("claim_ratio")),
            "claim_most_below": Value(shares["most_at_lower"], _label("claim_most_below"), "share"),
            "claim_most_overall": Value(shares["most_overall"], _label("claim_most_overall"), "share"),
            "claim_odds_top": Value(odds["top_when_60%"], _label("claim_odds_top"), "share"),
        },
        sentence(CLAIM_NEEDS, "") + sentence(CLAIM, key),
    )


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


def jump(steps: pd.DataFrame, largest: tuple[Step, ...], found: Relation, points: int) -> Finding:
    """Between which levels the largest step lies, or that this cannot be said."""
    named = [f"{low:g} to {high:g}" for low, high in largest]
    low, high = largest[0]
    key = "none" if found.direction != "rises" else "one" if len(largest) == 1 else "any" if len(largest) == len(steps) else "some"
    said = worded(JUMP, key, low=low, high=high, points=points, count=len(largest), named=", ".join(named))
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
    credible = len(found.credible())
    others = "no other" if credible == 1 else f"{credible - 1} other{'s' if credible > 2 else ''}"
    if best["number"] == 1:
        said = worded(ZONES, "one", probability=_share(found.number_probability[1]))
    else:
        said = worded(ZONES, "several", zones=best["zones"], probability=_share(float(best["probability"])), others=others)
    words = table_in_words(ALTERNATIVES["zones"], found.table.head(6), ["zones", "probability"])
    drawn = figures.zones(found, title=headline(said))
    caption = worded(CAPTIONS, "zones", ways=len(found.table))
    return Finding({"zones": Value(said, _label("zones"))}), Finding({"zones": Drawing(drawn, caption, words)})


def bend(found: KinkSet | Absent, levels: np.ndarray) -> tuple[Finding, ...]:
    """Where the log-odds bend, as the profile set has it."""
    if isinstance(found, Absent):
        return (missing(found, turning_point=_label("turning_point")),)
    said = bend_sentence(found, len(levels))
    words = worded(ALTERNATIVES, "turning_point", sentence=said, loss=found.deviance_without)
    drawn = figures.kink_profile(found, levels, title=headline(said))
    drawing = Drawing(drawn, worded(CAPTIONS, "turning_point", cut=found.cut), words)
    return Finding({"turning_point": Value(said, _label("turning_point"))}), Finding({"turning_point": drawing})


def bend_sentence(found: KinkSet, points: int) -> str:
    """Where the log-odds bend, in one sentence."""
    low_flat, high_flat = found.flat
    whole = found.pieces == ((low_flat[0], high_flat[1]),)
    key = "bounded" if found.separated else "not needed" if not found.needed else "anywhere" if whole else "placed"
    places = " or ".join(worded(BEND_PARTS, "place", low=low, high=high) for low, high in found.limits())
    blind = [f"{a:g} and {b:g}" for a, b in found.flat if any(low < b and high > a for low, high in found.pieces)]
    hidden = worded(BEND_PARTS, "hidden", blind=" and between ".join(blind), points=points) if blind else ""
    return worded(BEND, key, loss=found.deviance_without, cut=found.cut, places=places, hidden=hidden)


def _share(probability: float) -> str:
    return "above .99" if probability > 0.99 else f"{probability:.2f}".lstrip("0")
