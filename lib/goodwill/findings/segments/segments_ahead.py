"""What the notebook on segments compared says of the value of segments ahead, with the record of the same statements made before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from goodwill.findings.finding import Absent, Finding, Table, Value, missing
from goodwill.findings.purchases.covariates import STATED, TOLD, WARNED
from goodwill.findings.words import listed, plural, sentence, worded

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.lifetime_value.valued import Valued
    from goodwill.segments.customer_base import CustomerBase

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
    "given with": "{model}, whose rates and leaving go with {names}",
    "chosen with": "{model}, the likeliest of BG/NBD, MBG/NBD and Pareto/NBD, whose rates and leaving go with {names}",
    "none": "no model",
}
NOT_YET = "At the end of the calibration {names} had told no customers apart yet, so that the test values them without."


def model_assumed(valued: Valued) -> str:
    """Which purchase model a report rests on, whether the purchases chose it, and which covariates it goes with."""
    key = "none" if valued.purchases is None else "chosen" if valued.chosen else "given"
    names = told_names(valued)
    return worded(MODEL_ASSUMED, f"{key} with" if names else key, model=valued.purchase_model, names=listed(names))


def told_names(valued: Valued) -> tuple[str, ...]:
    """The covariates that the values go with; none where nothing is told."""
    fit: Any = valued.purchases
    return fit.names if hasattr(fit, "untold") else ()


def going_with(base: CustomerBase) -> str:
    """With which covariates the values go, of whom these are not stated, and whether they did already in the test; empty without any."""
    now, then = told_names(base.today), told_names(base.then)
    if not now:
        return ""
    fit: Any = base.today.purchases
    said = [sentence({0: TOLD}, 0, names=listed(now))]
    stated = fit.found.told.design.stated.items()
    said += [sentence({0: STATED}, 0, covariate=name, share=1 - share) for name, share in stated if share < 1]
    late = [name for name in now if name not in then]
    said += [sentence({0: NOT_YET}, 0, names=listed(late))] if late else []
    return " ".join([*said, *(sentence({0: WARNED}, 0, warning=warning) for warning in fit.warnings)])


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
