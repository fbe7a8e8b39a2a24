"""What notebook 01 says of the hold-out: what was foretold, what came, and whether a rule without a model does as well."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from goodwill.figures import lifetime_value as figures
from goodwill.findings.finding import Absent, Drawing, Finding, Part, Table, Value, missing
from goodwill.findings.words import Verdict, listed, sentence, table_in_words, verdict, worded
from goodwill.inference.uncertainty import Interval

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from goodwill.data.date_grain import DateGrain
    from goodwill.data.purchases import PurchaseSummary
    from goodwill.lifetime_value.evidence.by_period import PeriodForecast
    from goodwill.lifetime_value.evidence.rivals import RulesOverDates

TRACKING_TITLE = {
    "below": "In the hold-out the model runs {miss:.0%} below the purchases that were made",
    "above": "In the hold-out the model runs {miss:.0%} above the purchases that were made",
    "nothing": "Nobody bought in the hold-out, of whom the model expected {expected:,.1f} purchases",
}
RIVAL = {
    "better": (
        "By mean absolute error of purchases, {from_dates}, **the model beats all {count} rules without a model**; the nearest is "
        "{holdout_best_rule} (the model less the rule: {holdout_gain})."
    ),
    "worse": (
        "By mean absolute error of purchases, {from_dates}, **a rule without a model does better**: {better}. The best is "
        "{holdout_best_rule} (the model less the rule: {holdout_gain})."
    ),
    "not told apart": (
        "By mean absolute error of purchases, {from_dates}, the model and the best rule without a model, {holdout_best_rule}, **are not "
        "told apart** (the model less the rule: {holdout_gain})."
    ),
}
FROM = {
    "several": "foretold from {dates} dates, {horizon:.0f} {unit}s ahead each",
    "one": "foretold from one date, {horizon:.0f} {unit}s ahead",
}
MONEY_RIVAL = {
    "better": (
        "In money **the model beats all {count} rules without a model** as well: the nearest is {money_best_rule} (mean absolute error of "
        "the model less that of the rule: {money_gain})."
    ),
    "worse": (
        "In money **a rule without a model does better**: {better}. The best is {money_best_rule} (mean absolute error of the model less "
        "that of the rule: {money_gain})."
    ),
    "not told apart": (
        "In money the model and the best rule without a model, {money_best_rule}, **are not told apart** (mean absolute error of the model "
        "less that of the rule: {money_gain})."
    ),
}
TOO_LOW = -0.25  # error of a rule's total from which its small absolute errors are explained
TOO_LITTLE = {"": "But the total that {rule} foretells is off by {bias:+.0%}: absolute errors reward who foretells too little."}
RIVAL_NAMES = {
    "gain": "Mean absolute error of the model minus that of the best rule",
    "rule": "Best rule without a model, by mean absolute error",
    "table": (
        "The model against every rule, by mean absolute error: below zero the model is better. The intervals (95 %) carry what differs "
        "between customers and between dates, and hold for all rules at once"
    ),
    "money gain": "Mean absolute error in money of the model minus that of the best rule",
    "money rule": "Best rule without a model, by mean absolute error in money",
    "money table": (
        "The same in money: expected purchases times expected spend, against each rule's purchases at the customer's own mean spend"
    ),
}
ONCE_HELD = {
    "better": ("Who had bought **once** then made {once_actual} each; the model expected {once_expected:value}, which is **too few**."),
    "worse": ("Who had bought **once** then made {once_actual} each; the model expected {once_expected:value}, which is **too many**."),
    "not told apart": (
        "Who had bought **once** then made {once_actual} each; the model expected {once_expected:value}, which is not told apart from that."
    ),
}
CLASSES_HELD = {
    "low": "It expected too few of those with {classes} repeat purchases.",
    "high": "It expected too many of those with {classes} repeat purchases.",
}
OLD_RATE_TITLE = {
    "better": "Customer by customer the model misses by less than the old rate",
    "worse": "Customer by customer the old rate misses by less than the model",
    "not told apart": "Customer by customer the model and the old rate are not told apart",
}
TOTAL_TITLE = {
    "inside": "What came lies inside the interval that the model gave",
    "above": "What came lies above the interval: the model is wrong here, not only unsure",
    "below": "What came lies below the interval: the model is wrong here, not only unsure",
}
TOTAL = {
    True: "The model expected {holdout_forecast}; {holdout_actual:value} were made. The interval holds them.",
    False: (
        "The model expected {holdout_forecast}; {holdout_actual:value} were made. **The interval misses them**, although it carries the "
        "uncertainty of the parameters and of chance: what is wrong is the model, which no interval of its own can show. Where hold-outs "
        "miss, read the forecasts below as no more exact than here: off by {holdout_miss:value}."
    ),
}

BY_PERIOD = {
    True: (
        "Counted by the {period}, BG/NBD by period expected {period_forecast} with a purchase in the hold-out; {period_actual:value} came. "
        "Its interval holds them."
    ),
    False: (
        "Counted by the {period}, BG/NBD by period expected {period_forecast} with a purchase in the hold-out; {period_actual:value} came. "
        "**Its interval misses them.**"
    ),
}


def tracking(periods: pd.DataFrame, tested: PurchaseSummary) -> Finding:
    """Repeat purchases over time, actual and expected."""
    import pandas as pd

    assert tested.calibration_end is not None
    later = periods[pd.to_datetime(periods["end"]) > pd.Timestamp(tested.calibration_end)]
    actual, expected = float(later["repeat_purchases"].sum()), float(later["expected"].sum())
    miss = expected / actual - 1 if actual else np.nan
    key = {True: "below", False: "above"}[miss < 0] if actual else "nothing"
    title = worded(TRACKING_TITLE, key, miss=abs(miss), expected=expected)
    unit = tested.unit
    caption = (
        f"Repeat purchases of the customers known by the end of the calibration: cumulative (left) and per {unit} (right). The figure has "
        "no band; the test below has one."
    )
    some = periods.iloc[:: max(1, len(periods) // 10)]
    words = table_in_words(f"Repeat purchases per {unit}, actual and expected", some, ["end", "repeat_purchases", "expected"])
    return Finding({"tracking": Drawing(figures.tracking(periods, tested.calibration_end, unit, title=title), caption, words)})


def errors(table: pd.DataFrame, length: float, unit: str) -> Finding:
    """The errors of the model and of the rules in the one hold-out."""
    caption = f"Errors in the {length:.1f} {unit}s of the hold-out alone"
    return Finding({"holdout_errors": Table(table.rename_axis("forecast").reset_index(), caption)})


def rivals(found: RulesOverDates | Absent, table: pd.DataFrame, unit: str) -> Finding:
    """Whether the model misses by less than every rule without a model, in purchases; `table` holds the errors in the one hold-out."""
    label = Value(None, RIVAL_NAMES["gain"], "purchases per customer")
    if isinstance(found, Absent):
        return missing(found, without=("holdout_rivals",), holdout_gain=label, holdout_best_rule=RIVAL_NAMES["rule"])
    against, dates = found.purchases, len(found.dates)
    from_dates = worded(FROM, "several" if dates > 1 else "one", dates=dates, horizon=found.horizon, unit=unit)
    return Finding(
        {
            "holdout_gain": label._replace(value=_nearest(against)),
            "holdout_best_rule": Value(against.index[0], RIVAL_NAMES["rule"]),
            "holdout_rivals": Table(against.reset_index(), RIVAL_NAMES["table"]),
        },
        " ".join([_rivals_in_words(RIVAL, against, from_dates=from_dates), *_too_little(table, against)]),
    )


def money_rivals(against: pd.DataFrame | Absent, currency: str) -> Finding:
    """The same in money."""
    unit = f"{currency} per customer"
    if isinstance(against, Absent):
        return missing(against, money_gain=Value(None, RIVAL_NAMES["money gain"], unit), money_best_rule=RIVAL_NAMES["money rule"])
    return Finding(
        {
            "money_gain": Value(_nearest(against), RIVAL_NAMES["money gain"], unit),
            "money_best_rule": Value(against.index[0], RIVAL_NAMES["money rule"]),
            "money_rivals": Table(against.reset_index(), RIVAL_NAMES["money table"]),
        },
        _rivals_in_words(MONEY_RIVAL, against),
    )


def against_all(against: pd.DataFrame) -> Verdict:
    """The one verdict over all rules: worse than any is worse, better than all is better, else not told apart."""
    said = [verdict(row["lower"], row["upper"], better="lower") for _, row in against.iterrows()]
    if "worse" in said:
        return "worse"
    return verdict(None, None) if verdict(None, None) in said else "better"


def _rivals_in_words(table: Mapping[str, str], against: pd.DataFrame, **values: str) -> str:
    better = against.index[against["lower"] > 0].to_list()
    return sentence(table, against_all(against), count=len(against), better=listed(better), **values)


def _too_little(errors: pd.DataFrame, against: pd.DataFrame) -> list[str]:
    rule, bias = against.index[0], errors["bias"].to_dict()[against.index[0]]
    return [sentence(TOO_LITTLE, "", rule=rule, bias=bias)] if bias < TOO_LOW else []


def _nearest(against: pd.DataFrame) -> Interval:
    return Interval(*against[["difference", "lower", "upper"]].iloc[0].to_list())


def by_frequency(table: pd.DataFrame, against_old_rate: Interval) -> Finding:
    """Purchases in the hold-out by frequency class, beside the model and the old rate."""
    title = OLD_RATE_TITLE[verdict(against_old_rate.lower, against_old_rate.upper, better="lower")]
    caption = (
        "Mean purchases per customer in the hold-out by repeat purchases in the calibration; the band is the 95 % interval of the actual "
        "mean."
    )
    words = table_in_words("Hold-out purchases per customer by calibration frequency", table, ["label", "actual", "expected", "naive"])
    once = table.iloc[0]
    seen = Interval(once["actual"], once["lower"], once["upper"])
    later = table.iloc[1:]
    off = {"low": later["lower"] > later["expected"], "high": later["upper"] < later["expected"]}
    said = [ONCE_HELD[verdict(once["lower"] - once["expected"], once["upper"] - once["expected"])]]
    said += [sentence(CLASSES_HELD, key, classes=listed(later["label"][out].to_list())) for key, out in off.items() if out.any()]
    return Finding(
        {
            "once_actual": Value(seen, "Purchases in the hold-out of a customer who had bought once", "purchases"),
            "once_expected": Value(once["expected"], "What the model expected of a customer who had bought once", "purchases"),
            "holdout_by_frequency": Drawing(figures.holdout_classes(table, title=title), caption, words),
        },
        " ".join(said),
    )


def total(forecast: pd.Series, actual: int, errors: pd.DataFrame, model: str) -> Finding:
    """Whether the model's interval held the purchases of the hold-out."""
    side = "above" if actual > forecast["upper"] else "below" if actual < forecast["lower"] else "inside"
    miss = Value(None, "Forecast against what was bought", "share", reason="nobody bought in the hold-out")
    if actual:
        miss = miss._replace(value=forecast["estimate"] / actual - 1, reason=None)
    figure = figures.holdout_total(forecast, errors["total"].drop(model), actual, title=TOTAL_TITLE[side])
    caption = (
        "Forecasts of the hold-out total. The bar is the model's 95 % interval, parameters and chance together; rules without a model have "
        "none."
    )
    words = table_in_words(f"Forecasts of the hold-out total, actual {actual}", errors.reset_index(), ["index", "total"])
    return Finding(
        {
            "holdout_actual": Value(actual, "Purchases in the hold-out", "purchases"),
            "holdout_forecast": Value(forecast, "Forecast of the hold-out", "purchases"),
            "holdout_miss": miss,
            "holdout_total": Drawing(figure, caption, words),
        },
        TOTAL[side == "inside"],
    )


def by_period(found: PeriodForecast | Absent, grain: DateGrain) -> Finding:
    """What the model that knows only periods foretold; nothing where dates are known to the day and nobody asked."""
    if isinstance(found, Absent):
        return missing(found) if grain.is_coarse else Finding()
    unit = f"{found.period}s of a customer"
    parts: dict[str, Part] = {
        "period_forecast": Value(found.forecast, f"Forecast of the hold-out, counted by the {found.period}", unit),
        "period_actual": Value(found.came, f"The hold-out, counted by the {found.period}", unit),
        "period_model": Table(found.fit.estimates.reset_index(), f"BG/NBD by period, fitted to the calibration (time in {found.period}s)"),
    }
    return Finding(parts, sentence(BY_PERIOD, found.held, period=found.period))
