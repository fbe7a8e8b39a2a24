"""Logs cut out of a longer story: what three ways of fitting miss. (`python -m benchmarks.older_customers [--write]`)

A shop of six years, of which the log holds the last two; BG/NBD; the purchases of the next half year by one fit of all customers, by a fit
of those born inside that scores all, by a fit of each kind, and of the older ones by the true parameters of newcomers; a new customer's
year also by a fit of those who are born inside in truth, which only the simulator knows. Where the pile is not seen, customers of the
first half year count as older.
"""

from __future__ import annotations

import os
import sys
from datetime import date
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd

import goodwill as gw
from benchmarks.seasons import log_of

SEED, LOGS, BORN, YEARS, SEEN, AHEAD = 0, 8, 4_200, 6, 2, 182
END, HALF = date(2024, 12, 31), date(2023, 6, 30)
TRUE = gw.BetaGeoNBD(0.6, 8.0, 0.7, 4.0)
RESULT = Path(__file__).parent / "results" / "older_customers.txt"


def missed(number: int) -> dict[str, float]:
    """Errors as shares of what came, in one log."""
    rng = np.random.default_rng(SEED + number)
    age = rng.integers(1, YEARS * 365, BORN)
    age[0] = YEARS * 365
    log = log_of(TRUE, lambda _: 1.0, age, END, AHEAD, SEED + number)
    transactions = gw.read_transactions(log[log["date"] > np.datetime64(END) - SEEN * 365])
    customers = gw.summarize_purchases(transactions, calibration_end=END).to_pandas()
    until = gw.lifetime_value.first_purchase_pile(transactions, end=END).until
    in_truth = age[customers["customer_id"].astype(int)] > SEEN * 365
    older = (customers["T"] >= (END - (until or HALF)).days / 7).to_numpy()
    history, came = customers[["frequency", "recency", "T"]], customers["frequency_holdout"].to_numpy(float)
    models = {"one fit": history, "born inside": history[~older], "older": history[older], "born inside in truth": history[~in_truth]}
    fitted = {name: gw.BetaGeoNBD.fit(rows).model for name, rows in models.items()} | {"true": TRUE}
    each = {name: model.expected_purchases(AHEAD / 7, *history.to_numpy().T) for name, model in fitted.items()}
    each["apart"] = np.where(older, each["older"], each["born inside"])
    found: dict[str, float] = {"older, share of customers": float(older.mean()), "pile seen": float(until is not None)}
    found["older in truth, share of those seen later"] = float(in_truth[~older].mean())
    for name in ("one fit", "born inside", "apart"):
        for who, some in (("all", older | True), ("older", older), ("later", ~older)):
            found[f"{name}: {who}"] = float(each[name][some].sum() / came[some].sum() - 1)
    found["true parameters of newcomers: older"] = float(each["true"][older].sum() / came[older].sum() - 1)
    ways = ("one fit", "born inside", "born inside in truth")
    year = {name: float(fitted[name].expected_purchases_new_customer(52.0)) for name in (*ways, "true")}
    return found | {f"new customer, a year, {name}: over the truth": year[name] / year["true"] - 1 for name in ways}


def main() -> int:
    table = pd.DataFrame([missed(number) for number in range(LOGS)])
    lines = [f"Errors of the purchases of the next half year, mean (standard deviation) of {LOGS} logs, in %; seeds {SEED} to {LOGS - 1}"]
    lines += [f"{name:<50} {100 * table[name].mean():+6.1f} ({100 * table[name].std():.1f})" for name in table]
    print("\n".join(lines))
    if "--write" in sys.argv:
        RESULT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
