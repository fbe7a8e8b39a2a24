"""How headlines fared: coverage, interval scores, bias, and the slope of the estimate on the truth."""

from __future__ import annotations

import numpy as np
import pandas as pd

from goodwill.inference.proportions import wilson
from goodwill.inference.track_record import interval_score

COLUMNS = ["headline", "truth_name", "truth", "estimate", "lower", "upper"]
SHOWN = ["companies", "claimed", "covered_model", "covered", "at_least", "not_zero", "wider", "score_model", "score", "score_oracle"]
SHOWN += ["to_oracle", "bias", "truth"]


def summarised(results: pd.DataFrame) -> pd.DataFrame:
    """By headline and truth, in per cent unless said:

    companies (a number), claimed (share that has an interval), covered_model (held by the model's own interval, of all), covered (held by
    the headline's, of the claimed), at_least (lower end of the 95 % interval of covered), not_zero (of the claimed, whose interval
    excludes zero), wider (mean ratio of the two widths), score_model, score and score_oracle (mean interval scores over the claimed, of
    the mean size of the truth), to_oracle (ratio of the last two, over the companies that have both), bias (mean of estimate - truth, of
    the mean size of the truth) and truth (its mean). Where every truth is 0 (a null), scores and bias are in the unit of the truth itself.
    """
    groups = results.groupby(["headline", "truth_name"], sort=False)
    return pd.DataFrame([{"headline": headline, "truth_name": name, **_figures(part)} for (headline, name), part in groups])


def _figures(part: pd.DataFrame) -> dict[str, float]:
    size = part["truth"].abs().mean() / 100 or 1.0
    claims = part[part["lower"].notna() & part["upper"].notna()]
    held = _held(claims, "")
    row = {"companies": len(part), "claimed": 100 * len(claims) / len(part)}
    row |= {"covered_model": 100 * float(_held(part, "_model").mean()), "covered": 100 * float(held.mean())}
    row["at_least"] = 100 * float(wilson(held.sum(), len(held)).lower) if len(held) else np.nan
    row["not_zero"] = 100 * float(((claims["lower"] > 0) | (claims["upper"] < 0)).mean()) if len(claims) else np.nan
    row["wider"] = float((_width(claims, "") / _width(claims, "_model")).mean())
    row |= {name: _score(claims, ends) / size for name, ends in (("score_model", "_model"), ("score", ""), ("score_oracle", "_oracle"))}
    both = claims[_width(claims, "_oracle").notna()]
    row["to_oracle"] = _score(both, "") / _score(both, "_oracle") if len(both) else np.nan
    return row | {"bias": float((part["estimate"] - part["truth"]).mean()) / size, "truth": float(part["truth"].mean())}


def _width(part: pd.DataFrame, which: str) -> pd.Series:
    """Of the intervals `lower…`, `upper…`; missing where a study does not give them."""
    if f"lower{which}" not in part:
        return pd.Series(np.nan, index=part.index)
    return part[f"upper{which}"] - part[f"lower{which}"]


def _held(part: pd.DataFrame, which: str) -> pd.Series:
    """Which intervals hold the truth, of those that are there."""
    there = part[_width(part, which).notna()]
    if there.empty:
        return pd.Series(dtype=float)
    return ((there[f"lower{which}"] <= there["truth"]) & (there["truth"] <= there[f"upper{which}"])).astype(float)


def _score(part: pd.DataFrame, which: str) -> float:
    there = part[_width(part, which).notna()]
    return float(np.mean(interval_score(there[f"lower{which}"], there[f"upper{which}"], there["truth"]))) if len(there) else np.nan


def pooled(results: pd.DataFrame) -> pd.DataFrame:
    """`summarised` over all truths whose names begin alike ("right: …", "wrong: …"), where there are several; scores and bias are then in
    per cent of the mean of all of them."""
    kind = results["truth_name"].str.partition(":")[0]
    several = kind.map(results.groupby(kind)["truth_name"].nunique()) > 1
    return summarised(results.assign(truth_name="all " + kind)[several])


def slopes(results: pd.DataFrame) -> pd.Series:
    """By headline and kind of truth ("right", "wrong", …; "all" for all of them): the slope of the mean estimate on the mean truth.

    Missing where the truths do not differ.
    """
    both = pd.concat([results.assign(kind=results["truth_name"].str.partition(":")[0]), results.assign(kind="all")])
    means = both.groupby(["headline", "kind", "truth_name"], sort=False)[["truth", "estimate"]].mean()
    grouped = means.groupby(["headline", "kind"], sort=False)
    return pd.Series({key: _slope(part["truth"].to_numpy(), part["estimate"].to_numpy()) for key, part in grouped})


def _slope(truth: np.ndarray, estimate: np.ndarray) -> float:
    centred = truth - truth.mean()
    spread = float(centred @ centred)
    return float(centred @ estimate) / spread if spread > 0 else np.nan


def text(results: pd.DataFrame) -> str:
    """The result in words and columns."""
    tables = pd.concat([summarised(results), pooled(results)]) if results["truth_name"].nunique() > 1 else summarised(results)
    slope = slopes(results)
    out = [
        "Headlines on companies whose truth is known. claimed: share of companies where the headline has an interval; covered: share",
        "of those whose interval holds the truth (should be 95), at_least: its 95 % bound; covered_model: of all, by the model's own;",
        "not_zero: of the claimed, whose interval excludes zero; wider: ratio of the two widths; score: mean interval score (lower is",
        "better) and bias: mean of estimate - truth, in per cent of the mean truth (of a null: in its unit); oracle: of an interval by",
        "somebody who knows every parameter but the one asked for, and how many times as large the headline's score is.",
        "",
    ]
    head = _line("", dict(zip(SHOWN, SHOWN, strict=True)))
    for headline, part in tables.groupby("headline", sort=False):
        found = "; ".join(f"{kind} {value:.2f}" for kind, value in slope[headline].items() if np.isfinite(value))
        out += [f"{headline}. Slope of the mean estimate on the mean truth: {found or 'one truth only'}.", head]
        out += [_line(row["truth_name"], {name: _shown(name, row[name]) for name in SHOWN}) for row in part.to_dict("records")] + [""]
    return "\n".join(line.rstrip() for line in out)


def _shown(name: str, value: float) -> str:
    digits = 2 if name in ("wider", "to_oracle") or (name == "truth" and abs(value) < 100) else 0 if name in ("companies", "truth") else 1
    return "-" if not np.isfinite(value) else f"{value:,.{digits}f}"


def _line(name: str, figures: dict[str, str]) -> str:
    return f"{name:<37}" + "".join(f"{figure:>14}" for figure in figures.values())
