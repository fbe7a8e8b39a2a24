"""What the notebook on segments compared says of the value of segments ahead, with the record of the same statements made before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from goodwill.findings.finding import Absent, Finding, Table, Value, missing
from goodwill.findings.words import plural, sentence, worded

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.lifetime_value.valued import Valued

AHEAD = {
    "label": "Expected margin per customer of '{segment}', the best segment, within the next {horizon}",
    "table": "Expected margin per customer ({currency}) within the next {horizon}: lower and upper are widened by the record of earlier "
    "statements; model_lower and model_upper would hold if the model were right",
}
SAID = {
    "claimed": "At {dates} the same was said, with rules learned before, and scored by what came. Of {statements} statements "
    "about a segment that had two finished windows of {horizon} behind them, the interval of the model held {held_model}, the one widened "
    "by the record {held}. That of today is widened in the same way: it holds what customers share and what the model gets wrong about a "
    "segment, as far as that was seen.",
    "open": "At {dates} the same was said, with rules learned before, and scored by what came. Of {statements} statements "
    "about a segment the interval of the model held {held_model}. No two windows of {horizon} were over before any of them, so that no "
    "widened interval could be judged.",
}
PUBLISHED = (0.3, 0.15)  # margin and discount rate of Fader, Hardie & Lee (2005) for CDNOW
SOURCES = {
    "CDNOW": ("Fader, Hardie & Lee (2005) for CDNOW", "published"),
    "own": ("parameters of this report", "assumed"),
}

MODEL_ASSUMED = {
    "given": "{model}",
    "chosen": "{model}, the likeliest of BG/NBD, MBG/NBD and Pareto/NBD",
    "none": "no model",
}


def model_assumed(valued: Valued) -> str:
    """Which purchase model a report rests on, and whether the purchases chose it."""
    key = "none" if valued.purchases is None else "chosen" if valued.chosen else "given"
    return worded(MODEL_ASSUMED, key, model=valued.purchase_model)


def source_of_margin(data: str, margin: float, discount_rate: float) -> tuple[str, str]:
    """Where margin and discount rate are from, and their grade: published for the built-in records as they were published there."""
    return SOURCES["CDNOW" if data.startswith("cdnow") and (margin, discount_rate) == PUBLISHED else "own"]


def values_ahead(said: pd.DataFrame | Absent, record: Mapping[str, Any] | Absent, currency: str, source: tuple[str, str]) -> Finding:
    """What each segment is expected to bring from now on, with the interval that the record of earlier statements makes.

    Its weakest input is the margin, whose `source` is that of `source_of_margin`.
    """
    grade = source[1]
    label = Value(None, "Expected margin per customer of the best segment", currency, grade=grade, weakest="margin")
    if isinstance(said, Absent):
        return missing(said, best_ahead=label)
    if isinstance(record, Absent):
        return missing(record, best_ahead=label)
    now = said[said["made"] == said["made"].max()]
    best: Any = now.loc[now["expected"].idxmax()]
    claimed = bool(np.isfinite(best["wide_lower"]))
    wide = (best["wide_lower"], best["wide_upper"]) if claimed else None
    numbers = {"lower": "model_lower", "upper": "model_upper", "wide_lower": "lower", "wide_upper": "upper"}
    columns = ["segment", "customers", "expected", "lower", "upper", "model_lower", "model_upper"]
    table = now.rename(columns=numbers)[columns].reset_index(drop=True)
    words = {"segment": best["segment"], "horizon": record["horizon"], "currency": currency}
    return Finding(
        {
            "best_ahead": label._replace(
                value=best["expected"],
                label=worded(AHEAD, "label", **words),
                interval=wide,
                model_interval=(best["lower"], best["upper"]),
                track_record=record,
            ),
            "values_ahead": Table(table, worded(AHEAD, "table", **words), dict.fromkeys(columns[2:], "{:,.2f}")),
        },
        sentence(SAID, "claimed" if "held" in record else "open", dates=plural(said["made"].nunique() - 1, "earlier date"), **record),
    )


def statements(said: pd.DataFrame | Absent, currency: str) -> Finding:
    """Every earlier statement beside what came; empty where there are none, which `values_ahead` says."""
    if isinstance(said, Absent):
        return Finding()
    columns = ["made", "segment", "customers", "expected", "lower", "upper", "wide_lower", "wide_upper", "came", "held_model", "held"]
    past = said.loc[said["came"].notna(), columns].reset_index(drop=True)
    caption = (
        f"What segments were expected to bring per customer ({currency} of margin) at earlier dates, with the interval of the model "
        f"and the "
        "one widened by what was known on the date, and what came"
    )
    return Finding({"value_statements": Table(past, caption, dict.fromkeys(columns[3:9], "{:,.2f}"))})
