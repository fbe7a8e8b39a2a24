"""Groups in a survey of satisfaction: how far markets differ, which roles customers play, and how many of these labels are right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from goodwill.figures import satisfaction as figures
from goodwill.findings.finding import Absent, Drawing, Finding, Part, Table, Value, missing
from goodwill.findings.words import sentence, table_in_words, verdict, worded

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.satisfaction.labels import Labels
    from goodwill.satisfaction.markets import Misrating
    from goodwill.satisfaction.roles import Borders, Roles

LABELS = {
    "markets_differ": "Segments",
    "floor_by_misrating": "Rise of the lowest level if one in ten ticked a neighbouring level",
    "ratio_by_misrating": "Ratio of the top two levels that would then be seen",
    "segments_bent": "Segments in whose own curve a bend is told apart",
    "labels_right": "Labels that are right with the reliabilities used",
    "mercenaries_right": "Of those who look like mercenaries, truly so",
    "reliability_satisfaction": "Reliability of the satisfaction answer, as used",
    "reliability_loyalty": "Reliability of the loyalty answer, as used",
    "asked_again, none": "Mean of those who gave a high answer, if asked again",
    "asked_again": "Mean of those who answered {level:g}, if asked again",
}
CAPTIONS = {
    "markets": (
        "Loyal share by satisfaction in each segment: own answers (dots), partially pooled with its 95% band; grey: the other segments."
    ),
    "market_table": "Floor and ceiling gap with 95% profile intervals, threshold",
    "quadrant_table": (
        "Quadrants: respondents, share with 95% Wilson interval; share truly there and chance that a label is right, "
        "with the reliabilities used"
    ),
    "quadrants": (
        "Respondents by both answers; borders at satisfaction {satisfied:g} and loyalty {role_loyal:g}. "
        "The title holds for the reliabilities used."
    ),
    "roles": "Roles that the columns of this survey support",
}
WEAKEST = "reliability of the answers"
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
BENDING = (
    "A curve of several groups together can bend where none of theirs does; a bend of its own is told apart in {segments_bent} segments."
)
MISRATED = (
    "A floor is read as hostages and a ceiling gap as mercenaries only if answers are taken at their word: people who tick a neighbouring "
    "level raise the floor and lower the ceiling as well. If these shares were true and one in ten ticked a neighbour, the share at the "
    "lowest level would move by {floor_by_misrating}, and the top two would show a ratio of {ratio_by_misrating}."
)
QUADRANTS = {
    "some": "{share:.0%} look like mercenaries; about {right:.0%} of them are",
    "few": "{share:.0%} look like mercenaries",
    "raised": "{share:.0%} look like mercenaries; wavering answers alone may make them",
    "alike": "{share:.0%} look like mercenaries",
}
NO_LABEL = {
    "few": "fewer than five look like one",
    "raised": "with the least reliabilities that these answers allow nobody is one",
    "alike": "errors cannot be told from truth in answers that are so nearly alike",
}
WAVERING = {
    "some": (
        "The stated reliabilities are those of what people feel; whole answers on this scale have {reliability_satisfaction:.2f} for "
        "satisfaction and {reliability_loyalty:.2f} for loyalty. Answers waver, and who wavers lands in a corner: with these "
        "{labels_right} of all labels are right, but of the mercenaries {mercenaries_right}. A corner is a reason to ask, not a fact "
        "about a person."
    ),
    "few": (
        "The stated reliabilities are those of what people feel; whole answers on this scale have {reliability_satisfaction:.2f} for "
        "satisfaction and {reliability_loyalty:.2f} for loyalty. Answers waver, and who wavers lands in a corner: with these "
        "{labels_right} of all labels are right. A corner is a reason to ask, not a fact about a person."
    ),
    "raised": (
        "The two answers go together more closely than the stated reliabilities allow. With the least that they allow, "
        "{reliability_satisfaction:.2f} for satisfaction and {reliability_loyalty:.2f} for loyalty, {labels_right} of all labels are "
        "right and nobody is truly a mercenary; with more, more are. Errors that the two answers share make it fewer. "
        "A corner is a reason to ask, not a fact about a person."
    ),
    "alike": (
        "The two answers are so nearly alike that errors cannot be told from truth in them, so nothing is said of how many labels are "
        "right. A corner is a reason to ask, not a fact about a person."
    ),
}
ASKED_AGAIN = {
    "": (
        "The same wavering makes extremes come back: with that reliability, those who answered {level:g} would average "
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
    nearest = high["lower"] - low["upper"]
    furthest = high["upper"] - low["lower"]  # no mutate: above zero in any case, as the highest is not below the lowest
    said = worded(
        SPREAD,
        verdict(nearest, furthest),
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
            "markets": Drawing(figures.markets(pooled, title=said.removesuffix(".")), CAPTIONS["markets"], words),
        }
    )


def market_curves(table: pd.DataFrame, mistaken: Misrating | Absent, bent: tuple[int, int]) -> tuple[Finding, ...]:
    """Floor and ceiling of each market, what mistaken ticks would do to them, and how many curves bend by themselves."""
    columns = ["respondents", "floor", "floor_lower", "floor_upper", "ceiling_gap", "gap_lower", "gap_upper", "threshold"]
    formats = dict.fromkeys(columns[1:7], "{:.1%}")  # no mutate: one more is overwritten by the next line
    formats["threshold"] = "{:.2f}"
    curves: dict[str, Part] = {
        "markets": Table(table[columns].reset_index(), CAPTIONS["market_table"], formats),
        "segments_bent": Value(worded(BENT, "", bent=bent[0], tested=bent[1]), LABELS["segments_bent"]),
    }
    if isinstance(mistaken, Absent):
        unknown = {"floor_by_misrating": Value(None, LABELS["floor_by_misrating"], "share")}
        return Finding(curves, BENDING), missing(mistaken, unknown, ratio_by_misrating=LABELS["ratio_by_misrating"])
    ticks = {
        "floor_by_misrating": Value(mistaken.floor_rise, LABELS["floor_by_misrating"], "share"),
        "ratio_by_misrating": Value(mistaken.top_ratio, LABELS["ratio_by_misrating"], reason=NO_RATIO),
    }
    return Finding(curves, BENDING), Finding(ticks, MISRATED)


def labels(found: Labels | Absent, at: Borders) -> tuple[Finding, ...]:
    """Which quadrants respondents fall into, and how many of these labels are right."""
    if isinstance(found, Absent):
        return (missing(found, {name: Value(None, LABELS[name], "share") for name in ("labels_right", "mercenaries_right")}),)
    right = found.mercenaries_right
    shares = {str(name): float(share) for name, share in found.table["share"].items()}
    key = "alike" if found.right is None else "raised" if found.raised else "few" if right is None else "some"
    title = worded(QUADRANTS, key, share=shares["mercenary"], right=right or 0.0)  # no mutate: only "some" names it
    drawn = figures.quadrants(found.pairs, at.satisfied, at.role_loyal, shares, title=title)
    words = table_in_words(ALTERNATIVES["quadrants"], found.table.reset_index(), ["quadrant", "respondents", "share"])
    formats = dict.fromkeys(["share", "lower", "upper", "true", "right"], "{:.1%}")
    assumed: dict[str, Any] = {"grade": "assumed", "weakest": WEAKEST}
    numbers: dict[str, Part] = {
        "quadrants": Table(found.table.reset_index(), CAPTIONS["quadrant_table"], formats),
        "reliability_satisfaction": Value(found.reliability[0], LABELS["reliability_satisfaction"])._replace(**assumed),
        "reliability_loyalty": Value(found.reliability[1], LABELS["reliability_loyalty"])._replace(**assumed),
        "labels_right": Value(found.right, LABELS["labels_right"], "share", reason=NO_LABEL.get(key))._replace(**assumed),
        "mercenaries_right": Value(right, LABELS["mercenaries_right"], "share", reason=NO_LABEL.get(key))._replace(**assumed),
    }
    caption = worded(CAPTIONS, "quadrants", satisfied=at.satisfied, role_loyal=at.role_loyal)
    return Finding(numbers), Finding({"quadrants": Drawing(drawn, caption, words)}, WAVERING[key])


def back_to_the_mean(value: float | Absent, top: tuple[float, float] | Absent) -> Finding:
    """What those who gave a high answer would say if they were asked again."""
    if isinstance(value, Absent) or isinstance(top, Absent):
        return missing(value if isinstance(value, Absent) else cast(Absent, top), asked_again=LABELS["asked_again, none"])
    level = top[1]
    return Finding({"asked_again": Value(value, worded(LABELS, "asked_again", level=level))}, sentence(ASKED_AGAIN, "", level=level))


def roles(found: Roles) -> Finding:
    """The roles that the columns of the survey can tell; as a table where they tell more than the quadrants do."""
    notes = " ".join(f"{note[0].upper()}{note[1:]}." for note in found.not_told)
    text = sentence(SUPPORTED, "", names=", ".join(found.names), notes=notes)
    table = {"roles": Table(found.table.reset_index(), CAPTIONS["roles"])} if found.more_than_quadrants else {}
    return Finding(table, text)
