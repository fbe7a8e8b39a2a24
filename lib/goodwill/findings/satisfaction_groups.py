"""Groups in a survey of satisfaction: how far markets differ, which roles customers play, and how many of these labels are right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goodwill.figures import satisfaction as figures
from goodwill.findings.finding import Absent, Drawing, Finding, Part, Table, Value, missing
from goodwill.findings.words import sentence, table_in_words, verdict, worded
from goodwill.satisfaction.markets import MISRATING_WARNING

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.satisfaction.markets import Misrating
    from goodwill.satisfaction.roles import Borders, Labels, Roles

LABELS = {
    "markets_differ": "Segments",
    "floor_by_misrating": "Rise of the lowest level if one in ten ticked a neighbouring level",
    "ratio_by_misrating": "Ratio of the top two levels that would then be seen",
    "segments_bent": "Segments whose own curve needs a bend",
    "labels_right": "Labels that are right under the reliabilities assumed",
    "mercenaries_right": "Of those who look like mercenaries, truly so",
    "asked_again": "Mean of those who answered {level:g}, if asked again",
}
CAPTIONS = {
    "markets": (
        "Loyal share by satisfaction in each segment: own answers (dots), partially pooled with its 95% band; grey: the other segments."
    ),
    "market_table": "Floor and ceiling gap with 95% profile intervals, threshold",
    "quadrant_table": (
        "Quadrants: respondents, share with 95% Wilson interval; share truly there and chance that a label is right, "
        "under the reliabilities assumed"
    ),
    "quadrants": (
        "Respondents by both answers; borders at satisfaction {satisfied:g} and loyalty {role_loyal:g}. "
        "The title holds for the reliabilities assumed."
    ),
    "roles": "Roles that the columns of this survey support",
}
ALTERNATIVES = {"markets": "Pooled loyal share", "quadrants": "Quadrants"}
SPREAD = {
    "better": (
        "At satisfaction {level:g} loyalty runs from {low:.0%} in {lowest} ({low_lower:.0%} to {low_upper:.0%}) "
        "to {high:.0%} in {highest} ({high_lower:.0%} to {high_upper:.0%}); the two differ."
    ),
    "not told apart": (
        "At satisfaction {level:g} loyalty runs from {low:.0%} in {lowest} ({low_lower:.0%} to {low_upper:.0%}) "
        "to {high:.0%} in {highest} ({high_lower:.0%} to {high_upper:.0%}); the two may be alike."
    ),
}
BENT = {"": "{bent} of {tested}"}
NO_RATIO = "nobody below the top level would be seen as loyal"
MISRATED = (
    "A curve of several groups together can bend where none of theirs does; here {segments_bent} segments need a bend by themselves. "
    + MISRATING_WARNING
    + " If these shares were true and one in ten ticked a neighbour, the lowest level would show {floor_by_misrating} more, "
    "and the top two a ratio of {ratio_by_misrating}."
)
OTHER_RELIABILITY = {"": "The reliabilities cannot be those assumed, so answers are taken as free of error here: {why}."}
QUADRANTS = {
    "some": "{share:.0%} look like mercenaries; about {right:.0%} of them are",
    "none": "{share:.0%} look like mercenaries",
}
NO_MERCENARY = "nobody looks like one"
WAVERING = (
    "Answers waver, and who wavers lands in a corner: under the reliabilities assumed {labels_right} of all labels are right, "
    "but of the mercenaries {mercenaries_right}. A corner is a reason to ask, not a fact about a person."
)
ASKED_AGAIN = {
    "": (
        "The same wavering makes extremes come back: under that reliability, those who answered {level:g} would average "
        "{asked_again:.1f} if asked again, with nothing changed."
    )
}
SUPPORTED = {"": "These columns support {names}. {notes}"}


def segments(pooled: pd.DataFrame | Absent, level: float) -> Finding:
    """How far segments differ at one level of satisfaction (table of `pool_segments`)."""
    if isinstance(pooled, Absent):
        return missing(pooled, markets_differ=LABELS["markets_differ"])
    at = pooled[pooled["satisfaction"] == level].sort_values("pooled")
    low, high = at.iloc[0], at.iloc[-1]
    said = worded(
        SPREAD,
        verdict(high["lower"] - low["upper"], high["upper"] - low["lower"]),
        level=level,
        lowest=low["segment"],
        low=low["pooled"],
        low_lower=low["lower"],
        low_upper=low["upper"],
        highest=high["segment"],
        high=high["pooled"],
        high_lower=high["lower"],
        high_upper=high["upper"],
    )
    words = table_in_words(ALTERNATIVES["markets"], pooled[pooled["satisfaction"] == level], ["segment", "pooled", "lower", "upper"])
    return Finding(
        {
            "markets_differ": Value(said, LABELS["markets_differ"]),
            "markets": Drawing(figures.markets(pooled, title=said), CAPTIONS["markets"], words),
        }
    )


def market_curves(table: pd.DataFrame, mistaken: Misrating, bent: tuple[int, int]) -> Finding:
    """Floor and ceiling of each market, what mistaken ticks would do to them, and how many curves bend by themselves."""
    columns = ["respondents", "floor", "floor_lower", "floor_upper", "ceiling_gap", "gap_lower", "gap_upper", "threshold"]
    formats = dict.fromkeys(columns[1:7], "{:.1%}") | {"threshold": "{:.2f}"}
    return Finding(
        {
            "markets": Table(table[columns].reset_index(), CAPTIONS["market_table"], formats),
            "floor_by_misrating": Value(mistaken.floor_rise, LABELS["floor_by_misrating"], "share"),
            "ratio_by_misrating": Value(mistaken.top_ratio, LABELS["ratio_by_misrating"], reason=NO_RATIO),
            "segments_bent": Value(worded(BENT, "", bent=bent[0], tested=bent[1]), LABELS["segments_bent"]),
        },
        MISRATED,
    )


def labels(found: Labels, at: Borders) -> tuple[Finding, ...]:
    """Which quadrants respondents fall into, and how many of these labels are right."""
    why = Finding({}, sentence(OTHER_RELIABILITY, "", why=found.why_others)) if found.why_others else Finding()
    right = found.mercenaries_right
    shares = {str(name): float(share) for name, share in found.table["share"].items()}
    title = worded(QUADRANTS, "some" if right else "none", share=shares["mercenary"], right=right or 0.0)
    drawn = figures.quadrants(found.pairs, at.satisfied, at.role_loyal, shares, title=title)
    words = table_in_words(ALTERNATIVES["quadrants"], found.table.reset_index(), ["quadrant", "respondents", "share"])
    formats = dict.fromkeys(["share", "lower", "upper", "true", "right"], "{:.1%}")
    numbers: dict[str, Part] = {
        "quadrants": Table(found.table.reset_index(), CAPTIONS["quadrant_table"], formats),
        "labels_right": Value(found.right, LABELS["labels_right"], "share"),
        "mercenaries_right": Value(right, LABELS["mercenaries_right"], "share", reason=NO_MERCENARY),
    }
    caption = worded(CAPTIONS, "quadrants", satisfied=at.satisfied, role_loyal=at.role_loyal)
    return why, Finding(numbers), Finding({"quadrants": Drawing(drawn, caption, words)}, WAVERING)


def back_to_the_mean(value: float, level: float) -> Finding:
    """What those who gave a high answer would say if they were asked again."""
    return Finding({"asked_again": Value(value, worded(LABELS, "asked_again", level=level))}, sentence(ASKED_AGAIN, "", level=level))


def roles(found: Roles) -> Finding:
    """The roles that the columns of the survey can tell; as a table where they tell more than the quadrants do."""
    notes = " ".join(f"{note[0].upper()}{note[1:]}." for note in found.not_told)
    text = sentence(SUPPORTED, "", names=", ".join(found.names), notes=notes)
    table = {"roles": Table(found.table.reset_index(), CAPTIONS["roles"])} if found.more_than_quadrants else {}
    return Finding(table, text)
