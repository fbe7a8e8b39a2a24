"""What a comparison of purchase models found, in plain sentences; a rule without a model that is as good or better is said first."""

from __future__ import annotations

import pandas as pd

MOST = 0.75  # of the cuts must agree with the interval over customers before one forecast is called better


def outcome(difference: pd.Series) -> str:
    """`better`, `worse` or `as good`: the interval over customers excludes zero, and three of four cuts say the same.

    >>> outcome(pd.Series({"lower": 0.01, "upper": 0.03, "cuts": 6, "cuts_better": 3}))
    'as good'
    """
    share = difference["cuts_better"] / difference["cuts"]
    if difference["lower"] > 0 and share >= MOST:
        return "better"
    return "worse" if difference["upper"] < 0 and share <= 1 - MOST else "as good"


def verdict(
    table: pd.DataFrame, by_cut: pd.DataFrame, differences: pd.DataFrame, models: list[str], horizon: float, unit: str, disjoint: int
) -> str:
    """Sentences about the model at the top of the table, the others, the rules, and the totals."""
    top, cuts = table.index[0], by_cut["cut"].nunique()
    pairs = {(row["forecast"], row["against"], row["measure"]): row for _, row in differences.iterrows()}
    rules = [name for name in table.index if name not in models]
    against = {measure: rule for (name, rule, measure) in pairs if name == top and rule in rules}
    what = {"MAE": "mean absolute error", "MSE": "mean squared error", "active_correct": "share told rightly whether they buy at all"}
    said = []
    for kind, how in (("worse", "better than"), ("as good", "as good as"), ("better", "")):
        found = [m for m in what if m in against and outcome(pairs[top, against[m], m]) == kind]
        if found:
            listed = _listed([f"{what[m]} ({against[m]}: {_gain(pairs[top, against[m], m])})" for m in found])
            rule = f"A rule without a model is {how} {top}, the best model by log score, in" if how else f"{top} beats every such rule in"
            said.append(f"{rule} {listed}.")
            said += _too_little(table, against["MAE"]) if how and "MAE" in found else []
    said += _among_models(top, models, pairs)
    low, high = table.loc[top, ["lowest_bias", "highest_bias"]].to_numpy()
    total = f"The totals that {top} foretold were off by {table.loc[top, 'bias']:+.1%}"
    said.append(f"{total} on the whole, between {low:+.1%} and {high:+.1%} from cut to cut." if cuts > 1 else f"{total}.")
    of = f"{cuts} cut dates with hold-outs of {horizon:g} {unit}s" if cuts > 1 else f"one cut date with a hold-out of {horizon:g} {unit}s"
    said.append(f"This rests on {of}" + (f", of which {disjoint} do not overlap." if cuts > 1 else ": another date may rank differently."))
    return " ".join(said)


def _too_little(table: pd.DataFrame, rule: str) -> list[str]:
    """Why a rule may have small absolute errors: they reward foretelling nothing where most customers buy nothing."""
    bias = table["bias"].to_dict()[rule]
    if bias >= -0.25:
        return []
    return [f"But the total that this rule ({rule}) foretells is off by {bias:+.0%}: absolute errors reward too little."]


def _among_models(top: str, models: list[str], pairs: dict) -> list[str]:
    others = [name for name in models if name != top]
    equal = [name for name in others if outcome(pairs[name, top, "log_score"]) == "as good"]
    worse = [name for name in others if name not in equal]
    said = []
    if worse:
        shown = _listed([f"{name} ({_gain(pairs[name, top, 'log_score'])})" for name in worse])
        said.append(f"By log score {shown} foretold worse than {top}.")
    if equal:
        said.append(f"{_listed(equal)} cannot be told from {top} by log score.")
    return said


def _gain(row: pd.Series) -> str:
    digits = 3 if max(abs(row["lower"]), abs(row["upper"])) < 1 else 2
    cuts = f", better in {row['cuts_better']} of {row['cuts']} cuts" if row["cuts"] > 1 else ""
    return f"gain {row['gain']:+.{digits}f} [{row['lower']:+.{digits}f}, {row['upper']:+.{digits}f}]{cuts}"


def _listed(items: list[str]) -> str:
    return items[0] if len(items) == 1 else ", ".join(items[:-1]) + " and " + items[-1]
