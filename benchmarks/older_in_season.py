"""A calendar and customers older than the log: what each leaves out, and both together. (`python -m benchmarks.older_in_season [--write]`)

Shops of six years with a busy season before the turn of the year, of which the log holds the last two years and a day; BG/NBD. The
purchases of the next half year, and of its last four weeks, by a plain fit, a calendar alone, parameters of their own for older customers
alone, and both; and how long each fit takes.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import date
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd

import goodwill as gw
from benchmarks.seasons import log_of

LOGS, BORN, YEARS, SEEN, AHEAD = 12, 4_200, 6, 2 * 365 + 1, 182
END = date(2024, 6, 30)  # the season lies within what is foretold
TRUE = gw.BetaGeoNBD(0.6, 8.0, 0.7, 4.0)
BUSY = 2.5  # times an ordinary day, from 25 November to 24 December
RESULT = Path(__file__).parent / "results" / "older_in_season.txt"


def factor(day: date) -> float:
    """How busy a day of the true calendar is, over the mean of the year."""
    mean = (335 + 30 * BUSY) / 365
    return (BUSY if (day.month, day.day) >= (11, 25) and (day.month, day.day) <= (12, 24) else 1.0) / mean


def missed(seed: int) -> dict[str, float]:
    """Errors of totals as shares of what came, whether intervals held, and seconds."""
    rng = np.random.default_rng(seed)
    age = rng.integers(1, YEARS * 365, BORN)
    age[0] = YEARS * 365
    log = log_of(TRUE, factor, age, END, AHEAD, seed)
    transactions = gw.read_transactions(log[log["date"] > np.datetime64(END) - SEEN])
    summary = gw.summarize_purchases(transactions, calibration_end=END)
    customers = summary.to_pandas()
    came = customers["frequency_holdout"].sum()
    kinds = {
        "plain": gw.BetaGeoNBD,
        "calendar": gw.lifetime_value.in_season(gw.BetaGeoNBD, ["weeks"]),
        "older apart": gw.lifetime_value.model_for(transactions, gw.BetaGeoNBD, end=END),
        "both": gw.lifetime_value.model_for(transactions, gw.BetaGeoNBD, ["weeks"], end=END),
    }
    found: dict[str, float] = {"pile seen": float(kinds["both"] is not kinds["calendar"])}
    for name, kind in kinds.items():
        began = time.process_time()
        fit = kind.fit(summary)
        found[f"{name}: seconds"] = time.process_time() - began
        told = fit.predict_interval(summary, AHEAD / 7, draws=200).loc["total"]
        found[f"{name}: total"] = told["estimate"] / came - 1
        found[f"{name}: total held"] = float(told["lower"] <= came <= told["upper"])
    return found


def main() -> int:
    lines = []
    for seed in (0, 100, 200):
        table = pd.DataFrame([missed(seed + number) for number in range(LOGS)])
        lines.append(f"{LOGS} logs, seeds {seed} to {seed + LOGS - 1}; mean (standard deviation), errors and shares in %")
        for name in table.columns.astype(str):
            times = 1 if name.endswith("seconds") else 100
            lines.append(f"  {name:<24} {times * table[name].mean():+7.2f} ({times * table[name].std():.2f})")
        print("\n".join(lines[-len(table.columns) - 1 :]), flush=True)
    if "--write" in sys.argv:
        RESULT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
