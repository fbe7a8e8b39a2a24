"""Sentences that the answers can carry, made from the sets and intervals; they speak of association: who answers what with what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from goodwill.errors import FitError
from goodwill.inference.uncertainty import normal_quantile
from goodwill.satisfaction.cells import LoyaltyCells
from goodwill.satisfaction.curve import isotonic
from goodwill.satisfaction.kink import KinkSet
from goodwill.satisfaction.markets import upper_half_share
from goodwill.satisfaction.turning_points import Zones, adjacent_steps, largest_step_set

if TYPE_CHECKING:
    import pandas as pd


def relation(cells: LoyaltyCells, level: float = 0.95) -> str:
    """ "rises", "falls" or "not shown": the sign of a trend of loyalty over levels, if its test at `level` finds one.

    Cochran (1954), Biometrics 10:417-451; Armitage (1955), Biometrics 11:375-386.

    >>> relation(LoyaltyCells.of([1, 2, 3], [9, 5, 2], [10, 10, 10]))
    'falls'
    """
    cells = cells.answered()
    overall = cells.loyal.sum() / cells.total
    centred = cells.levels - cells.n @ cells.levels / cells.total
    spread = overall * (1 - overall) * (cells.n @ centred**2)
    z = centred @ cells.loyal / np.sqrt(spread) if spread > 0 else 0.0
    limit = normal_quantile(level)
    return "rises" if z > limit else "falls" if z < -limit else "not shown"


def relation_sentence(cells: LoyaltyCells) -> str:
    """Whether loyalty rises with satisfaction, and where it surely does not."""
    found, answered = relation(cells), cells.answered()
    first, last = answered.levels[[0, -1]]
    low, high = (_percent(answered.share[at]) for at in (0, -1))
    ends = f"{low} of those who answered {first:g} are loyal and {high} of those who answered {last:g}"
    if found == "falls":
        return f"These answers show no increasing relation: loyalty falls as satisfaction rises ({ends})."
    if found == "not shown":
        _, fitted = isotonic(cells)
        flat = " (the best curve that never falls is a flat one)" if len(np.unique(fitted)) == 1 else ""
        return f"These answers show no increasing relation{flat}: {ends}, and differences of this size may be chance."
    steps = adjacent_steps(cells)
    down = steps[steps["upper"] < 0]
    but = "".join(f"; yet from {row.lower_level:g} to {row.upper_level:g} it surely falls" for row in down.itertuples())
    return f"Loyalty rises with satisfaction: {ends}{but}."


def jump_sentence(cells: LoyaltyCells) -> str:
    """Between which levels the largest step lies, or that this cannot be said."""
    if relation(cells) != "rises":
        return "There is no jump to place, since no increasing relation is shown."
    steps, scale = largest_step_set(cells), len(cells.levels)
    if len(steps) == 1:
        low, high = steps[0]
        return f"The jump lies between {low:g} and {high:g} (95%); its exact place cannot be seen on a {scale}-point scale."
    every = len(steps) == len(cells.answered().levels) - 1
    named = ", ".join(f"{a:g} to {b:g}" for a, b in steps)
    which = "any of the steps" if every else f"one of {len(steps)} ({named})"
    return f"The largest step may be {which}; these answers cannot say which (95%)."


def kink_sentence(found: KinkSet, scale_points: int) -> str:
    """Where the log-odds bend, as the profile set has it."""
    if found.separated:
        return "Some levels are all loyal or all disloyal, so slopes are only bounded and the place of a bend is not located."
    if not found.needed:
        return (
            f"A bend is not needed: a straight line in the log-odds loses {found.deviance_without:.1f}, less than {found.cut:g}, "
            "so no turning point is located."
        )
    low_flat, high_flat = found.flat
    if len(found.pieces) == 1 and found.pieces[0] == (low_flat[0], high_flat[1]):
        return f"A bend describes the answers better, but it may lie anywhere on the scale (profile set at {found.cut:g})."
    places = " or ".join(f"between {low:g} and {high:g}" for low, high in found.limits())
    blind = [f"{a:g} and {b:g}" for a, b in (low_flat, high_flat) if any(low < b and high > a for low, high in found.pieces)]
    hidden = f"; between {' and between '.join(blind)} a {scale_points}-point scale shows no place" if blind else ""
    return f"The log-odds of loyalty bend {places} (profile set at {found.cut:g}, which errs on the wide side){hidden}."


def zones_sentence(zones: Zones) -> str:
    """How many zones of equal loyalty there are, and how sure that is."""
    best = zones.table.iloc[0]
    credible = len(zones.credible())
    others = "no other" if credible == 1 else f"{credible - 1} other{'s' if credible > 2 else ''}"
    if best["number"] == 1:
        one = zones.number_probability[1]
        return f"The levels form one zone with probability {_share(one)}: no border between levels is needed."
    return (
        f"The likeliest grouping of levels is {best['zones']} (probability {_share(float(best['probability']))}); with {others} "
        "it holds 95% of the probability."
    )


def shape_sentence(mean: pd.DataFrame, share: pd.DataFrame) -> str:
    """Where on the scale two outcomes rise (tables of `outcome_by_level`): the shape is that of the outcome chosen."""
    try:
        rises = [upper_half_share(table) for table in (mean, share)]
    except FitError:
        return "The outcomes do not rise over the scale, so there is no shape to compare."
    told = [f"{_percent(r.estimate)} ({_percent(r.lower)} to {_percent(r.upper)})" for r in rises]
    alike = rises[0].lower <= rises[1].upper and rises[1].lower <= rises[0].upper
    if max(r.upper - r.lower for r in rises) > 1:
        return "These answers are too few to say where on the scale the outcomes rise."
    shape = "These answers do not tell the shapes of the two outcomes apart" if alike else "The shape depends on the outcome chosen"
    return (
        f"{shape}: the upper half of the scale holds {told[0]} of the rise of the mean answer "
        f"{'and' if alike else 'but'} {told[1]} of the rise of the share of loyal answers."
    )


def pair_sentence(first: str, cells: LoyaltyCells, second: str, others: LoyaltyCells) -> str:
    """Two outcomes of the same respondents, each with what is shown of its relation to satisfaction.

    >>> flat = LoyaltyCells.of([1, 2, 3], [5, 5, 5], [10, 10, 10])
    >>> pair_sentence("intention", LoyaltyCells.of([1, 2, 3], [2, 5, 9], [10, 10, 10]), "behaviour", flat)
    'With satisfaction, intention rises; for behaviour no increase is shown.'
    """
    words = {"rises": "{} rises", "falls": "{} falls", "not shown": "for {} no increase is shown"}
    return f"With satisfaction, {words[relation(cells)].format(first)}; {words[relation(others)].format(second)}."


def headline(sentence: str) -> str:
    """The beginning of a sentence that can stand as the title of a figure: up to the first colon, semicolon or bracket."""
    ends = [at for mark in (": ", "; ", " (") if (at := sentence.find(mark)) > 0]
    return sentence[: min(ends)] if ends else sentence.rstrip(".")


def spread_sentence(pooled: pd.DataFrame, level: float) -> str:
    """How far segments differ at one level (table of `pool_segments`)."""
    at = pooled[pooled["satisfaction"] == level].sort_values("pooled")
    low, high = at.iloc[0], at.iloc[-1]
    apart = low["upper"] < high["lower"]
    ranges = [
        f"{_percent(row['pooled'])} in {row['segment']} ({_percent(row['lower'])} to {_percent(row['upper'])})" for row in (low, high)
    ]
    return (
        f"At satisfaction {level:g} loyalty runs from {ranges[0]} to {ranges[1]}; {'the two differ' if apart else 'the two may be alike'}."
    )


def _percent(share: float) -> str:
    return f"{share:.0%}"


def _share(probability: float) -> str:
    return "above .99" if probability > 0.99 else f"{probability:.2f}".lstrip("0")
