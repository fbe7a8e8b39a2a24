"""All purchase models stacked: what each counts, and whether the mixture foretells better than the best of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from goodwill.findings.finding import Absent, Finding, Table, Value, missing
from goodwill.findings.words import Verdict, plural, sentence, verdict, worded
from goodwill.lifetime_value.evidence.stacking import STACKED

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.lifetime_value.evidence.comparison import ModelComparison

MOST = 0.75  # of the dates must agree with the interval over customers before one forecast is called better
NEITHER: Verdict = "not told apart"

LABELS = {"stacked_gain": "Lead of all models stacked over the best model in log score per customer"}
CAPTIONS = {
    "stacking_weights": (
        "What each model counts in the stacked forecast on each date, and on the last day, learned from hold-outs that were over by then"
    )
}
ALONE = {"reason": "there is no second model"}
SHARE = {"": "{model} {share:.0%}"}
SHARES = {
    "one": "Stacked, the models count {shares} in the forecast after the data, by what they gave to what came after one date.",
    "several": "Stacked, the models count {shares} in the forecast after the data, by what they gave to what came after {dates} dates.",
}
STACKED_GAIN = {  # of all models stacked with the best one, picked where it is judged
    "better": (
        "In log score the stacked forecast is better than {model}, the best single model in hindsight: "
        "gain {gain:+.4f} [{lower:+.4f}, {upper:+.4f}] per customer, better on {better} of {dates}."
    ),
    "worse": (
        "In log score the stacked forecast is **worse than {model}**, the best single model in hindsight: "
        "gain {gain:+.4f} [{lower:+.4f}, {upper:+.4f}] per customer, better on {better} of {dates}."
    ),
    "not told apart": (
        "In log score the stacked forecast and {model}, the best single model in hindsight, are not told apart: "
        "gain {gain:+.4f} [{lower:+.4f}, {upper:+.4f}] per customer, better on {better} of {dates}."
    ),
}
NOT_STACKED = {"": "One model alone cannot be stacked: the forecast is that of {model}."}


def outcome(row: pd.Series) -> Verdict:
    """The verdict of a row of `differences`: its interval over customers excludes zero, and three of four dates say the same.

    Examples
    --------
    >>> import pandas as pd
    >>> outcome(pd.Series({"lower": 0.01, "upper": 0.03, "cuts": 6, "cuts_better": 3}))
    'not told apart'
    """
    said, share = verdict(row["lower"], row["upper"]), row["cuts_better"] / row["cuts"]
    agreed = {
        "better": share >= MOST,
        "worse": share <= 1 - MOST,
        "not told apart": True,  # no mutate: the answer is the same either way
    }
    return said if agreed[said] else NEITHER


def stacking(compared: ModelComparison | Absent) -> Finding:
    """What each model counts in the stacked forecast, and whether that is better than the best model alone."""
    if isinstance(compared, Absent):
        return missing(compared, {"stacked_gain": LABELS["stacked_gain"]})
    if compared.forecast == compared.best:
        alone = Value(None, LABELS["stacked_gain"], reason=ALONE["reason"])
        return Finding({"stacked_gain": alone}, sentence(NOT_STACKED, "", model=compared.best))
    row, dates = stacked_lead(compared), int(compared.weights["dates"].iloc[-1])
    shown = compared.weights.reset_index()
    formats = dict.fromkeys(compared.models, "{:.0%}")
    said = [
        sentence(SHARES, "several" if dates > 1 else "one", shares=shares_in_words(compared), dates=dates),
        sentence(STACKED_GAIN, outcome(row), model=compared.best, **filled(row)),
    ]
    gain = Value(row["gain"], LABELS["stacked_gain"], interval=(row["lower"], row["upper"]))
    return Finding({"stacked_gain": gain, "stacking_weights": Table(shown, CAPTIONS["stacking_weights"], formats)}, " ".join(said))


def stacked_lead(compared: ModelComparison) -> pd.Series:
    """The gain of the stacked forecast over the best model: the row of the best over it, seen from the other side."""
    row = compared.lead("log_score", STACKED).copy()
    row[["gain", "lower", "upper"]] = [-row["gain"], -row["upper"], -row["lower"]]
    row["cuts_better"] = row["cuts"] - row["cuts_better"]
    return row


def shares_in_words(compared: ModelComparison) -> str:
    """The weights of the forecast after the data, the largest first."""
    weights = compared.weights[list(compared.models)].iloc[-1].sort_values(ascending=False, kind="stable")
    return ", ".join(worded(SHARE, "", model=name, share=share) for name, share in weights.items())


def filled(row: pd.Series) -> dict[str, Any]:
    """What the sentence about a row of `differences` is filled with."""
    return {name: row[name] for name in ("gain", "lower", "upper")} | {
        "better": int(row["cuts_better"]),
        "dates": plural(int(row["cuts"]), "date"),
    }
