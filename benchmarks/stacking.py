"""What does stacking cost where one of the models is the truth? `python -m benchmarks.stacking [--write]`; some minutes.

Simulated customers of BG/NBD, MBG/NBD and Pareto/NBD, as on CDNOW and with five times as many purchases. At 26, 39, 52 and 65 weeks
all three models are fitted and stacked by the hold-outs of 13 weeks that were over by then. Regret is the log score per customer that the
stacked forecast loses: against the fit of the true model, which in practice nobody knows to be the one, and against its true parameters,
which no fit reaches. Beside it: the regret of picking the model with the best log score so far, and of equal weights. At the last date
also how often the 95 % interval of the total held.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd

import goodwill as gw
from goodwill.errors import GoodwillError
from goodwill.inference.prediction import ask, interval_of_totals
from goodwill.inference.proportions import wilson
from goodwill.inference.stacking import averaged_stacking_weights, stacked_log_scores
from goodwill.lifetime_value.evidence.stacking import log_chances
from goodwill.lifetime_value.histories import observe
from goodwill.lifetime_value.richer.stacked import StackedFit

RESULT = Path(__file__).parent / "results" / "stacking.txt"
SEED, SETS, CUSTOMERS, DRAWS, REFITS, LIMIT = 1907, 5, 1_500, 200, 4, 0.002
CUTS, HORIZON = (26.0, 39.0, 52.0, 65.0), 13.0
TRUTHS: dict[str, tuple[str, Any]] = {
    "BG/NBD, as on CDNOW": ("BG/NBD", gw.BetaGeoNBD(0.243, 4.414, 0.793, 2.426)),
    "MBG/NBD, as on CDNOW": ("MBG/NBD", gw.ModifiedBetaGeoNBD(0.525, 6.183, 0.891, 1.614)),
    "Pareto/NBD, as on CDNOW": ("Pareto/NBD", gw.ParetoNBD(0.553, 10.578, 0.606, 11.669)),
    "BG/NBD, frequent": ("BG/NBD", gw.BetaGeoNBD(1.2, 4.4, 0.8, 6.0)),
    "MBG/NBD, frequent": ("MBG/NBD", gw.ModifiedBetaGeoNBD(1.2, 4.4, 0.8, 6.0)),
    "Pareto/NBD, frequent": ("Pareto/NBD", gw.ParetoNBD(1.2, 4.4, 0.8, 20.0)),
}


def regrets(name: str, number: int) -> list[dict[str, Any]]:
    """One simulated set: a row per date."""
    true, model = TRUTHS[name]
    rng = np.random.default_rng([SEED, number, list(TRUTHS).index(name)])
    born = rng.uniform(0, 12, CUSTOMERS)
    log = model.simulate_purchases(CUTS[-1] + HORIZON - born, seed=int(rng.integers(2**31)))
    seen: list[np.ndarray] = []
    rows = []
    for cut in CUTS:
        customers = observe(log[log["time"] <= (cut + HORIZON - born)[log["customer"]]], cut - born, HORIZON)
        fits = {each: kind.fit(customers) for each, kind in gw.PURCHASE_MODELS.items()}
        scores = np.column_stack([log_chances(fit.model, customers, HORIZON)[1] for fit in fits.values()])
        weights, best = np.full(len(fits), 1 / len(fits)), 0
        if seen:
            ids, dates = np.tile(np.arange(CUSTOMERS), len(seen)), np.repeat(np.arange(len(seen)), CUSTOMERS)
            weights = averaged_stacking_weights(np.concatenate(seen), ids, dates)
            best = int(np.mean(seen, axis=(0, 1)).argmax())
        mine = stacked_log_scores(scores, weights).mean()
        fitted, known = scores[:, list(fits).index(true)].mean(), log_chances(model, customers, HORIZON)[1].mean()
        even = stacked_log_scores(scores, np.full(len(fits), 1 / len(fits))).mean()
        row = {
            "truth": name,
            "dates": len(seen),
            "regret": fitted - mine,
            "regret_known": known - mine,
            "weight": weights[list(fits).index(true)],
        }
        row |= {"picked": fitted - scores[:, best].mean(), "even": fitted - even}
        if cut == CUTS[-1]:
            row |= _held(fits, weights, customers, true)
        rows.append(row)
        seen.append(scores)
    return rows


def _held(fits: dict[str, Any], weights: np.ndarray, customers: pd.DataFrame, true: str) -> dict[str, bool]:
    stacked, came = StackedFit(fits, pd.Series(weights, index=list(fits))), customers["frequency_holdout"].sum()
    held = {}
    for what, fit in (("held", stacked), ("held_true", fits[true])):
        asked, drawn = ask(None, customers[["frequency", "recency", "T"]], HORIZON, None), fit.prediction_draws(DRAWS, SEED, REFITS)
        total = interval_of_totals(asked, fit.model, drawn, 0.95, SEED, known=fit.converged).loc["total"]
        held[what] = bool(total["lower"] <= came <= total["upper"])
    return held


def written(rows: pd.DataFrame, sets: int) -> str:
    """The result as text."""
    lines = [
        "Log score per customer that the stacked forecast loses where one of its models is the truth (python -m benchmarks.stacking)",
        f"{sets} sets of {CUSTOMERS:,} customers for each truth; means (standard errors) in thousandths; asked: at most {1e3 * LIMIT:g}",
        "",
        f"{'truth':<26}{'dates':>6}{'against its fit':>19}{'its parameters':>19}{'best so far':>14}{'equal':>8}{'weight of truth':>17}",
    ]
    for (truth, dates), part in rows.groupby(["truth", "dates"], sort=False):
        cells = [f"{1e3 * part[c].mean():+.2f} ({1e3 * part[c].sem():.2f})" for c in ("regret", "regret_known")]
        more = (
            f"{1e3 * part['picked'].mean():>+14.2f}{1e3 * part['even'].mean():>+8.2f}"
            if dates
            else f"{'-':>14}{1e3 * part['even'].mean():>+8.2f}"
        )
        lines.append(f"{truth:<26}{dates:>6}{cells[0]:>19}{cells[1]:>19}{more}{part['weight'].mean():>17.2f}")
    last = rows[rows["dates"] == rows["dates"].max()]
    worst = rows[rows["dates"] > 0].groupby(["truth", "dates"])["regret"].mean().max()
    lines += ["", f"The largest mean regret once a hold-out was over: {1e3 * worst:.2f} thousandths."]
    for what, column in (("stacked", "held"), ("the true model's fit", "held_true")):
        count = int(last[column].sum())
        _, low, high = wilson(count, len(last))
        lines.append(f"The 95 % interval of the total held in {count} of {len(last)} sets: {what} ({low:.0%} to {high:.0%}).")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=int, default=SETS)
    parser.add_argument("--write", action="store_true", help="keep the result in benchmarks/results")
    given = parser.parse_args()
    began, rows = time.process_time(), []
    for name in TRUTHS:
        for number in range(given.sets):
            try:
                rows += regrets(name, number)
            except GoodwillError as reason:
                print(f"{name}, set {number}: {reason}", flush=True)
        print(f"{name}: {time.process_time() - began:.0f} s", flush=True)
        if given.write:
            RESULT.write_text(written(pd.DataFrame(rows), given.sets), "utf8")
    print(written(pd.DataFrame(rows), given.sets))


if __name__ == "__main__":
    main()
