"""Seasons in the forecast: how busy each week is, and whether a model that knows it foretells better."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goodwill.figures import model_comparison as figures
from goodwill.findings.finding import Drawing, Finding, Part, Table, Value, needs_all
from goodwill.findings.words import listed, sentence, table_in_words, verdict, worded

if TYPE_CHECKING:
    from goodwill.lifetime_value.evidence.season_gain import SeasonGain

FORMATS = dict.fromkeys(("came", "plain", "season"), "{:,.0f}") | dict.fromkeys(("gain", "lower", "upper"), "{:+.4f}")

BUSY = {
    "none": "Under a calendar of {calendar} no part of the year is surely busier than another.",
    "some": "Under a calendar of {calendar} the busiest is {busiest}, {factor:.2f} [{lower:.2f}, {upper:.2f}] times the mean day.",
    "many": (
        "Under a calendar of {calendar} {count} parts of the year are surely busier than the mean day, most of all {busiest}: "
        "{factor:.2f} [{lower:.2f}, {upper:.2f}] times."
    ),
}
PART = {"dated": "{name} ({first} to {last})", "named": "{name}"}
GAIN = {
    "better": (
        "**The forecast that knows the season is better**: its log score is higher by {gain:.4f} [{lower:.4f}, {upper:.4f}] a customer, "
        "and on {better} of {dates} dates. It misses the totals by {season:.0%}, the plain model by {plain:.0%}; their intervals held "
        "what came on {season_held} and {plain_held} of the dates ({disjoint} hold-outs do not overlap)."
    ),
    "worse": (
        "**The forecast that knows the season is worse**: its log score is lower by {loss:.4f} [{least:.4f}, {most:.4f}] a customer, "
        "and higher on {better} of {dates} dates. It misses the totals by {season:.0%}, the plain model by {plain:.0%}; their intervals "
        "held what came on {season_held} and {plain_held} of the dates ({disjoint} hold-outs do not overlap)."
    ),
    "not told apart": (
        "**The two forecasts are not told apart**: under the calendar the log score changes by {gain:+.4f} [{lower:+.4f}, {upper:+.4f}] "
        "a customer, and is higher on {better} of {dates} dates. It misses the totals by {season:.0%}, the plain model by {plain:.0%}; "
        "their intervals held what came on {season_held} and {plain_held} of the dates ({disjoint} hold-outs do not overlap)."
    ),
}
WHERE = {
    "better": "Surely better it is from {better}.",
    "worse": "Surely worse it is from {worse}.",
    "both": "Surely better it is from {better}, surely worse from {worse}.",
}
TITLE = {
    "better": "Who knows the season foretells better: totals missed by {season:.0%} instead of {plain:.0%}",
    "worse": "Who knows the season foretells worse: totals missed by {season:.0%} instead of {plain:.0%}",
    "not told apart": "With the season or without: totals missed by {season:.0%} and {plain:.0%}",
}
LABEL = "Gain of the forecast that knows the season: log score a customer"
CAPTION = "Purchases foretold with a calendar and without, from several dates, with 95 % intervals; right: the factors of the year."
BY_DATE = "Purchases after each date, as they came and as both forecasts had them; gain: in log score a customer"
FACTORS = "How much busier than the mean day of the year"


@needs_all({"season_gain": LABEL})
def season_gain(found: SeasonGain) -> Finding:
    """Whether the model under a calendar foretells better than the plain one, on which dates, and what the calendar is."""
    key = verdict(found.gain.lower, found.gain.upper)
    missed = {which: found.missed(which) for which in ("season", "plain")}
    title = worded(TITLE, key, **missed)
    words = table_in_words("Purchases", found.by_date, ["until", "came", "season", "plain"])
    parts: dict[str, Part] = {
        "seasons": Drawing(figures.seasons(found, title=title), CAPTION, words),
        "season_gain": Value(found.gain, LABEL),
        "season_dates": Table(found.by_date[["date", "until", "came", "season", "plain", "gain", "lower", "upper"]], BY_DATE, FORMATS),
        "season_factors": Table(found.factors, FACTORS, dict.fromkeys(("factor", "lower", "upper"), "{:.2f}"), max_rows=80),
    }
    gain, table = found.gain, found.by_date
    said = sentence(
        GAIN,
        key,
        gain=gain.estimate,
        lower=gain.lower,
        upper=gain.upper,
        loss=-gain.estimate,
        least=-gain.upper,
        most=-gain.lower,
        better=int((table["gain"] > 0).sum()),
        dates=len(table),
        season_held=found.held("season"),
        plain_held=found.held("plain"),
        disjoint=found.disjoint,
        **missed,
    )
    return Finding(parts, " ".join(each for each in (_busy(found), said, _where(found)) if each))


def _busy(found: SeasonGain) -> str:
    surely = found.factors[found.factors["lower"] > 1].sort_values("factor", ascending=False)
    if surely.empty:
        return sentence(BUSY, "none", calendar=found.calendar)
    top = surely.iloc[0]
    busiest = worded(PART, "dated" if top["first"] else "named", **{name: top[name] for name in ("name", "first", "last")})
    numbers = {name: float(top[name]) for name in ("factor", "lower", "upper")}
    return sentence(BUSY, "some" if len(surely) == 1 else "many", calendar=found.calendar, count=len(surely), busiest=busiest, **numbers)


def _where(found: SeasonGain) -> str:
    said = [(f"{day:%Y-%m-%d}", verdict(*ends)) for day, *ends in found.by_date[["date", "lower", "upper"]].itertuples(index=False)]
    named = {name: listed([day for day, each in said if each == name]) for name in ("better", "worse")}
    key = "both" if all(named.values()) else next((name for name in named if named[name]), "none")
    return sentence(WHERE, key, **named) if key != "none" else ""
