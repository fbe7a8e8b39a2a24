"""How far the intervals of a purchase model can be trusted: what they held on past dates, and the forecast that takes this record in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goodwill.figures import model_comparison as figures
from goodwill.findings.finding import Absent, Drawing, Finding, Table, Value, missing
from goodwill.findings.words import plural, sentence, table_in_words, worded
from goodwill.inference.track_record import PURCHASES_ELSEWHERE, Prior
from goodwill.lifetime_value.evidence.stacking import STACKED

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.lifetime_value.evidence.rolling import RollingCoverage

FEWEST = 2  # hold-outs without overlap from which on a record is one
FORECASTS = {STACKED: "the stacked forecast"}  # a single model is called by its name

LABELS = {
    "coverage_before": "Dates on which the 95 % interval of the total held",
    "coverage_after": "... when widened by its own record",
    "next_purchases": "Purchases in the {horizon:g} {unit}s after the data, as {model} gives them",
    "no purchases": "Purchases in the time after the data, as the models give them",
    "next_purchases_widened": "The same, with the interval widened by its record",
}
CAPTIONS = {
    "rolling_intervals": (
        "Interval of the total from each date, as {model} gives it and widened by its record; dots are what came. Hold-outs overlap."
    ),
    "coverage": (
        "How often intervals held what came, by group (classes: repeat purchases before the date); "
        "intervals of the shares count only hold-outs that do not overlap"
    ),
    "next_by_class": (
        "Purchases expected in the {horizon:g} {unit}s after the data, by repeat purchases so far: "
        "the interval of {model}, and the one widened by the record of the class"
    ),
}
COVERAGE = {
    "unrecorded": (
        "Over {cuts} dates ({disjoint} of {horizon:g} {unit}s without overlap) the {level:.0%} interval of the total held "
        "what came on {held}, {share:.0%} [{low:.0%}, {high:.0%}]; too few hold-outs were over in time to widen a later one."
    ),
    "recorded": (
        "Over {cuts} dates ({disjoint} of {horizon:g} {unit}s without overlap) the {level:.0%} interval of the total held "
        "what came on {held}, {share:.0%} [{low:.0%}, {high:.0%}]. On the {later} with two or more finished hold-outs behind them "
        "({later_disjoint} without overlap) it held on {before} as the forecast gave it, {coverage_before}, and on {after} when widened "
        "by that record, {coverage_after}. The intervals of these shares count only hold-outs that do not overlap."
    ),
}
NO_RECORD = {"reason": "too few hold-outs were over in time"}
ROLLING_TITLE = {
    "unrecorded": "The interval held the total on {held} of {cuts} dates",
    "recorded": (
        "The interval held the total on {held} of {cuts} dates; of the last {later} it held {before}, and widened by its record {after}"
    ),
}
NEXT = {
    "recorded": (
        "From the end of the data {next_purchases} are expected in a period of that length. With the record taken in: "
        "{next_purchases_widened:interval}. {contains} The widened interval serves this horizon only; further ahead it is still too narrow."
    ),
    "unrecorded": (
        "From the end of the data {next_purchases} are expected in a period of that length, if what the models assume is right. "
        "Fewer than two hold-outs without overlap are behind it, so that no interval is claimed beyond that."
    ),
}
CONTAINS = {  # the uncertainty that the two intervals carry
    "stacked": (
        "The narrower interval carries the uncertainty of which model it is (one is drawn for all customers together), of parameters, and "
        "chance. The wider one also carries what all models miss: how far {past} in these data fell outside of what was claimed, and how "
        "far forecasts in other data did ({tau:.0%}, worth {degrees:.1f} hold-outs; {source})."
    ),
    "single": (
        "The narrower interval carries the uncertainty of this model's parameters, and chance, but not that another model may be right. "
        "The wider one also carries what the model misses: how far {past} in these data fell outside of what was claimed, and how far "
        "forecasts in other data did ({tau:.0%}, worth {degrees:.1f} hold-outs; {source})."
    ),
}
NOT_WIDENED = {"reason": "fewer than two hold-outs without overlap are behind this forecast"}


def coverage(covered: RollingCoverage | Absent, model: str) -> Finding:
    """What the intervals of a forecast held on past dates, as it gave them and widened by their own record."""
    if isinstance(covered, Absent):
        return missing(covered, {name: Value(None, LABELS[name], "share") for name in ("coverage_before", "coverage_after")})
    total = covered.shares
    return Finding(
        {
            "coverage_before": _share(total, "before", "coverage_before"),
            "coverage_after": _share(total, "after", "coverage_after"),
            "rolling_intervals": rolling_drawing(covered, model),
            "coverage": Table(covered.table, CAPTIONS["coverage"]),
        },
        sentence(
            COVERAGE,
            record_key(covered),
            **counts(covered),
            horizon=covered.horizon,
            unit=covered.unit,
            level=covered.level,
            share=total["held"],
            low=total["held_lower"],
            high=total["held_upper"],
            disjoint=plural(int(total["disjoint"]), "hold-out"),
            later_disjoint=int(total["later_disjoint"]),
        ),
    )


def rolling_drawing(covered: RollingCoverage, model: str) -> Drawing:
    """The figure of the intervals from each date, titled with what they held."""
    total = covered.totals
    title = worded(ROLLING_TITLE, record_key(covered), **counts(covered))
    words = table_in_words("Totals by date", total, ["cut", "lower", "upper", "actual"])
    caption = worded(CAPTIONS, "rolling_intervals", model=FORECASTS.get(model, model))
    return Drawing(figures.rolling_intervals(covered, title=title), caption, words)


def next_purchases(soon: pd.DataFrame | Absent, covered: RollingCoverage, model: str, prior: Prior = PURCHASES_ELSEWHERE) -> Finding:
    """The purchases expected after the data, of all and of each class, with the interval that the record widens; it begins with `prior`."""
    if isinstance(soon, Absent):
        labels = {"next_purchases": LABELS["no purchases"], "next_purchases_widened": LABELS["next_purchases_widened"]}
        return missing(soon, {name: Value(None, label, "purchases") for name, label in labels.items()})
    total = soon[soon["group"] == "total"].iloc[0]
    values = {"horizon": covered.horizon, "unit": covered.unit, "model": FORECASTS.get(model, model)}
    ends, wide = [(total[low], total[high]) for low, high in (("lower", "upper"), ("wide_lower", "wide_upper"))]
    known = total["past"] >= FEWEST
    widened = Value(total["estimate"], LABELS["next_purchases_widened"], "purchases", model_interval=ends)
    behind = plural(int(total["past"]), "hold-out")
    told = {"past": behind, "tau": prior.tau, "degrees": prior.degrees, "source": prior.source}
    contains = worded(CONTAINS, "stacked" if model == STACKED else "single", **told)
    return Finding(
        {
            "next_purchases": Value(total["estimate"], worded(LABELS, "next_purchases", **values), "purchases", ends),
            "next_purchases_widened": widened._replace(**({"interval": wide} if known else {"reason": NOT_WIDENED["reason"]})),
            "next_by_class": Table(soon, worded(CAPTIONS, "next_by_class", **values), dict.fromkeys(soon.columns[2:], "{:,.0f}")),
        },
        sentence(NEXT, "recorded", contains=contains) if known else NEXT["unrecorded"],
    )


def record_key(covered: RollingCoverage) -> str:
    """Whether any of the past dates had finished hold-outs behind it that could widen its interval."""
    total = covered.totals
    return "recorded" if (total["past"] >= FEWEST).any() else "unrecorded"


def _share(total: pd.Series, column: str, name: str) -> Value:
    """A share of dates with the interval that counts only hold-outs without overlap; not available without a record."""
    if not total["later_cuts"]:
        return Value(None, LABELS[name], "share", reason=NO_RECORD["reason"])
    return Value(total[column], LABELS[name], "share", (total[f"{column}_lower"], total[f"{column}_upper"]))


def counts(covered: RollingCoverage) -> dict[str, object]:
    """How many dates there are, how many had a record behind them, and on how many the intervals held."""
    total = covered.totals
    later = total[total["past"] >= FEWEST]
    return {
        "cuts": len(total),
        "held": int(total["held"].sum()),
        "later": len(later),
        "before": int(later["held"].sum()),
        "after": int(later["wide_held"].sum()),
    }
