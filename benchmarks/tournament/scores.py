"""How a forecast is scored."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from goodwill.inference.track_record import interval_score

SINGLE = ("BG/NBD", "MBG/NBD", "Pareto/NBD")  # among which the best so far, and the best in hindsight, are picked
BEST_SO_FAR = "best so far"


class Said(NamedTuple):
    """What a forecast says of each customer, and of the total."""

    expected: np.ndarray
    seconds: float
    log_score: np.ndarray | None = None
    ends: tuple[float, float] | None = None
    money: np.ndarray | None = None


def scored(said: dict[str, Said], came: np.ndarray, spent: np.ndarray, known: dict[str, Any]) -> list[dict[str, Any]]:
    """One row per forecast."""
    rows = []
    for name, one in said.items():
        total, expected = came.sum(), one.expected.sum()
        row = known | {"forecast": name, "came": total, "expected": expected, "seconds": one.seconds}
        row |= {"MAE": np.abs(one.expected - came).mean(), "bias": expected / total - 1}
        row |= {"money": one.money.sum() / spent.sum() - 1 if one.money is not None else np.nan}
        row |= {"log_score": one.log_score.mean() if one.log_score is not None else np.nan}
        low, high = one.ends or (np.nan, np.nan)
        row |= {"lower": low, "upper": high, "held": float(low <= total <= high) if one.ends else np.nan}
        rows.append(row | {"interval_score": interval_score(low, high, total) / total})
    return rows


def with_best_so_far(rows: pd.DataFrame) -> pd.DataFrame:
    """With the rows of whichever single model had the best mean log score over the hold-outs that were over; BG/NBD before the first.

    Hold-outs of one set do not overlap, so that all earlier ones are over.
    """
    kept = []
    for _, part in rows[rows["forecast"] != BEST_SO_FAR].groupby("set", sort=False):
        kept.append(part)
        scores = part[part["forecast"].isin(SINGLE)].pivot_table(index="cut", columns="forecast", values="log_score")[list(SINGLE)]
        for place, cut in enumerate(scores.index):
            name = scores.iloc[:place].mean().idxmax() if place else SINGLE[0]
            mine = part[(part["cut"] == cut) & (part["forecast"] == name)].assign(forecast=BEST_SO_FAR)
            spent = part.loc[(part["cut"] == cut) & part["forecast"].isin(SINGLE), "seconds"].sum()
            kept.append(mine.assign(seconds=spent))
    return pd.concat(kept, ignore_index=True)
