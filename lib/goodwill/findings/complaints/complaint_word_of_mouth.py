"""What the complaint report says of the famous figures: whether they can be true together, how far word travels, and the sayings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from goodwill.data.complaints import Complaints
from goodwill.figures import word_of_mouth as figures
from goodwill.findings.finding import Absent, Drawing, Finding, Part, Table, Value
from goodwill.findings.words import sentence, table_in_words, worded
from goodwill.word_of_mouth.answers import compare_families

if TYPE_CHECKING:
    from goodwill.inference.uncertainty import Interval
    from goodwill.word_of_mouth.cascade import TellingCascade
    from goodwill.word_of_mouth.folklore import Sayings
    from goodwill.word_of_mouth.statements import StatementFit
    from goodwill.word_of_mouth.told import Told

THRESHOLD = 20  # people, of whom the case speaks
COUNTED = "people"  # no mutate: words leave out what the first column is called
SLOGAN = 66  # people reached, the complainer being the 67th
TOLD = {
    "measured": "The slogan says ten; on average {told_modern:value} were told (own survey, dissatisfied complainers).",
    "published": "The slogan says ten; on average {told_modern:value} were told (shoppers with a problem, 2006).",
}
BOUNDS = {
    "all": (
        "Without a curve the statements can hold together under every reading: where the table above calls one infeasible, that is the "
        "curve, not the statements."
    ),
    "some": "Even without a curve the statements cannot hold together under every reading; the table says under which.",
}
FOLKLORE = {
    "67": "each complaint reaches 67 people",
    "67 source": "11 people told, all of whom tell 5, none of whom tells anybody",
    "67 finding": "mean {mean:.1f}; 66 or more in {beyond:.2%} of complaints; as a mean it needs {retelling:.0%} of hearers to retell",
    "67 verdict": "not supported",
    "twice": "bad news travels twice as far",
    "twice source": "dissatisfied tell 9-10, satisfied 4-5 (1981)",
    "twice finding": "{per:.1f} times per complainer; {over:.2f} times over all complainers",
    "twice verdict": "per person only",
    "market": "one complaint can run through a market",
    "market source": "viral stories, told because they are rare",
    "market finding": (
        "needs {threshold:.0%} of hearers to retell to as many; at {retold:.0%} one teller in {one_in:.1f} would start one that reaches "
        "{of_market:.0%} of the market"
    ),
    "market verdict": "stress test only",
    "ten": "a dissatisfied customer tells ten others",
    "ten source": "complainers who were let down, 1981",
    "ten finding": "shoppers with a problem in 2006: {told:.1f} on average, {nobody:.0%} nobody",
    "ten verdict": "not of customers at large",
}


def complaints_read(log: Complaints | Absent) -> Finding:
    """How many complaints the report is about."""
    count = len(log.cases) if isinstance(log, Complaints) else 0
    return Finding({"complaints_read": Value(count, "Complaints in the log", "complaints")})


def readings(table: pd.DataFrame, heaped: StatementFit, told: Interval, statistic: str, base: str) -> Finding:
    """Whether the statements of the case can be true together, and what is known of the mean.

    Parameters
    ----------
    table : of `word_of_mouth.readings`
    heaped : the reading in which 20 stands for everybody from 15 up
    told : people told by a dissatisfied complainer, with all that other readings allow
    statistic, base : the reading that this report takes
    """
    feasible = int((table["verdict"] == "feasible").sum())
    within = int(table["verdict"].str.startswith("feasible within").sum())
    parts: dict[str, Part] = {
        "readings": Table(table, "Readings of the case: the verdict, and the mean number of people told where all statements hold exactly"),
        "readings_feasible": Value(f"{feasible} of {len(table)}", "Readings under which all statements hold together exactly"),
        "readings_within": Value(f"{within} of {len(table)}", "Readings under which they do once rounding and sampling are counted"),
        "heaping": Value(heaped.verdict, "Means of all complainants, if 20 stands for everybody from 15 up"),
        "told_by_case": Value(told.estimate, f"Told by a dissatisfied complainer, read as the {statistic} of {base}", "people"),
        "band_low": Value(told.lower, "Lowest mean that any distribution with a median of 9-10 allows", "people"),
        "band_high": Value(told.upper, "Highest such mean when nobody tells more than 50", "people"),
    }
    return Finding(
        parts,
        "Under {readings_feasible} readings all statements hold together exactly, and under {readings_within} only once rounding and "
        "sampling are counted; under the others no curve of that family makes them true. This report takes {told_by_case:value} on "
        "average. Without a family of distributions all that is known of the mean is that it lies between {band_low:number} and "
        "{band_high:number}.",
    )


def bounds(table: pd.DataFrame) -> Finding:
    """What the statements, read as means, allow without a curve; `table` of `word_of_mouth.case_bounds`."""
    shares = ("at least", "at most", "said, low", "said, high")
    key = "all" if table["possible"].all() else "some"
    caption = (
        "Who can tell twenty or more if the numbers told are means: least and most in a family, beside what is said (12 %, half a point of "
        "rounding and 95 % sampling error)"
    )
    return Finding({"bounds": Table(table, caption, dict.fromkeys(shares, "{:.1%}"))}, sentence(BOUNDS, key))


def share_telling(people: np.ndarray, case: Mapping[str, np.ndarray], others: Mapping[str, np.ndarray]) -> Finding:
    """Who tells how many: P(X >= n) for n = 1, 2, ... in readings of the case, and of other people."""
    shares = [float(tail[THRESHOLD - 1]) for tail in case.values()]
    title = f"One published sentence, several readings: {min(shares):.0%} to {max(shares):.0%} of the dissatisfied tell {THRESHOLD} or more"
    table = pd.DataFrame({COUNTED: people} | dict(case) | dict(others)).iloc[[0, 4, 9, 19, 49]]
    drawing = Drawing(
        figures.told(case, others, THRESHOLD, title=title),
        "Share of people who tell at least so many others: three feasible readings of Coca-Cola's dissatisfied complainers (negative "
        "binomial), and shoppers with any problem, most of whom never complained (Wharton/Verde Group 2006).",
        table_in_words("Share telling at least so many", table, list(table.columns)),
    )
    return Finding({"told": drawing})


def told_now(told: Told) -> Finding:
    """How many people were told, by a survey of one's own or by the published ones."""
    table = compare_families(told.fits)
    measured = told.grade == "measured"
    formats = {"people told": "{:.2f}", "tell nobody": "{:.1%}", "tell six or more": "{:.1%}"}
    used: Any = told.dissatisfied if measured else told.dissatisfied.estimate  # the case gives a range of readings, no interval
    parts: dict[str, Part] = {
        "told_fits": Table(table if measured else table.drop(columns="AIC"), f"How many people were told: {told.who}", formats),
        "told_bad": Value(used, "People told by a dissatisfied complainer, as used below", "people"),
        "told_modern": Value(told.fits["negative binomial"].model.mean, f"People told, {told.who}", "people"),
    }
    return Finding(parts, sentence(TOLD, told.grade))


def relative_impact(good: float, neutral: float, bad: float, break_even_weight: float) -> Finding:
    """Customers gained per customer lost, by the coding of the middle group."""
    label = "Customers gained per customer lost, if the middle group {}"
    parts: dict[str, Part] = {
        "impact_good": Value(round(good, 2), label.format("speaks well")),
        "impact_neutral": Value(round(neutral, 2), label.format("does not count")),
        "impact_bad": Value(round(bad, 2), label.format("speaks ill")),
        "break_even_weight": Value(break_even_weight, "Weight of a bad hearing from which complaints as handled do harm on balance"),
    }
    return Finding(
        parts,
        "The same survey gives {impact_good:.2f}, {impact_neutral:.2f} or {impact_bad:.2f} customers gained per customer lost, by the "
        "coding of the middle group alone. In the first coding good hearings outnumber bad ones {break_even_weight:.2f} to 1; that most "
        "word of mouth is good was found in all fifteen studies of East, Hammond & Wright (2007).",
    )


def reach(cascade: TellingCascade, stress: Mapping[str, TellingCascade], lost_sale: float, threshold: float) -> Finding:
    """How far the word of one complaint travels.

    Parameters
    ----------
    cascade : as this report takes it
    stress : others beside it, in which hearers tell as many as complainers
    lost_sale : chance that a complaint loses at least one sale through others
    threshold : share of hearers who must retell for word to run through a market
    """
    every = {f"{cascade.retell:.0%} retell, to few": cascade, **stress}
    tails = {name: 1 - np.cumsum(each.pmf(999)) for name, each in every.items()}
    beyond = float(next(iter(tails.values()))[SLOGAN - 1])
    table = pd.DataFrame({COUNTED: np.arange(1, 1_001)} | tails).iloc[[0, 9, 65, 99, 499]]
    title = f"When hearers tell few others, {beyond:.2%} of complaints reach the {SLOGAN} people of the slogan"
    parts: dict[str, Part] = {
        "reach": Drawing(
            figures.reach(tails, SLOGAN, title=title),
            "Probability that the word of one dissatisfied complainer reaches at least so many people, exact. The slogan counts the "
            "complainer as its 67th.",
            table_in_words("Chance of reaching at least so many", table, list(table.columns)),
        ),
        "reproduction": Value(cascade.reproduction, "R, new tellers per hearer"),
        "mean_reach": Value(cascade.mean, "Expected reach of one dissatisfied complainer", "people"),
        "reach_99": Value(cascade.quantile(0.99), "Reach that 99 of 100 complaints do not exceed", "people"),
        "lost_sale": Value(lost_sale, "Chance that a complaint loses at least one sale through others", "share"),
        "stress_threshold": Value(threshold, "Retelling from which word could run through a market, if hearers told as many", "share"),
    }
    return Finding(
        parts,
        "A complaint reaches {mean_reach} on average; of a hundred complaints 99 reach no more than {reach_99}. With probability "
        "{lost_sale} it loses at least one sale through others. Only if {stress_threshold} of hearers retold, each to as many as the "
        "complainer did, could word run through a whole market.",
    )


def folklore(found: Sayings) -> Finding:
    """Sayings about complaints, and what the equations and figures give for them."""
    values: dict[str, dict[str, float]] = {
        "67": {"mean": found.mean_reach, "beyond": found.beyond, "retelling": found.retelling},
        "twice": {"per": found.per_complainer, "over": found.over_all},
        "market": {"threshold": found.threshold, "retold": found.retold, "one_in": found.one_in, "of_market": found.of_market},
        "ten": {"told": found.told, "nobody": found.nobody},
    }
    rows = [
        [
            worded(FOLKLORE, key),
            worded(FOLKLORE, f"{key} source"),
            worded(FOLKLORE, f"{key} finding", **given),
            worded(FOLKLORE, f"{key} verdict"),
        ]
        for key, given in values.items()
    ]
    columns = ["saying", "where it comes from", "what the equations and figures give", "verdict"]
    parts: dict[str, Part] = {
        "folklore": Table(pd.DataFrame(rows, columns=columns), "Folklore, tested"),
        "retelling_for_67": Value(found.retelling, "Share of hearers who would have to retell for a mean reach of 66", "share"),
    }
    return Finding(parts)
