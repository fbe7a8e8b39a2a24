"""What does stacking cost where one of the models is the truth? `python -m benchmarks.stacking [--write]`; some minutes.

Simulated customers of BG/NBD, MBG/NBD and Pareto/NBD, as on CDNOW and with five times as many purchases. At 26, 39, 52 and 65 weeks
all three models are fitted and stacked by the hold-outs of 13 weeks that were over by then. Regret is the log score per customer that the
stacked forecast loses: against the fit of the true model, which in practice nobody knows to be the one, and against its true parameters,
which no fit reaches. Beside it: the regret of picking the model with the best log score so far, of picking the one under which what is
known on the date is likeliest, and of equal weights. At the last date also how often the 95 % interval of the total held. Two other seeds
are run on fewer sets.
"""

from __future__ import annotations

import argparse
import os
import sys
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
SEEDS, CUSTOMERS, DRAWS, REFITS, LIMIT = {1907: 5, 1908: 2, 1909: 2}, 1_500, 200, 4, 0.002  # sets of each truth, by seed
CUTS, HORIZON = (26.0, 39.0, 52.0, 65.0), 13.0
TRUTHS: dict[str, tuple[str, Any]] = {
    "BG/NBD, as on CDNOW": ("BG/NBD", gw.BetaGeoNBD(0.243, 4.414, 0.793, 2.426)),
    "MBG/NBD, as on CDNOW": ("MBG/NBD", gw.ModifiedBetaGeoNBD(0.525, 6.183, 0.891, 1.614)),
    "Pareto/NBD, as on CDNOW": ("Pareto/NBD", gw.ParetoNBD(0.553, 10.578, 0.606, 11.669)),
    "BG/NBD, frequent": ("BG/NBD", gw.BetaGeoNBD(1.2, 4.4, 0.8, 6.0)),
    "MBG/NBD, frequent": ("MBG/NBD", gw.ModifiedBetaGeoNBD(1.2, 4.4, 0.8, 6.0)),
    "Pareto/NBD, frequent": ("Pareto/NBD", gw.ParetoNBD(1.2, 4.4, 0.8, 20.0)),
}


def regrets(name: str, number: int, seed: int = 1907) -> list[dict[str, Any]]:
    """One simulated set: a row per date."""
    true, model = TRUTHS[name]
    rng = np.random.default_rng([seed, number, list(TRUTHS).index(name)])
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
            "seed": seed,
            "set": number,
            "truth": name,
            "dates": len(seen),
            "regret": fitted - mine,
            "regret_known": known - mine,
            "weight": weights[list(fits).index(true)],
        }
        likeliest = int(np.argmax([fit.log_likelihood for fit in fits.values()]))
        row |= {"picked": fitted - scores[:, best].mean(), "likeliest": fitted - scores[:, likeliest].mean(), "even": fitted - even}
        if cut == CUTS[-1]:
            row |= _held(fits, weights, customers, true)
        rows.append(row)
        seen.append(scores)
    return rows


def _held(fits: dict[str, Any], weights: np.ndarray, customers: pd.DataFrame, true: str) -> dict[str, bool]:
    stacked, came = StackedFit(fits, pd.Series(weights, index=list(fits))), customers["frequency_holdout"].sum()
    held = {}
    for what, fit in (("held", stacked), ("held_true", fits[true])):
        asked, drawn = ask(None, customers[["frequency", "recency", "T"]], HORIZON, None), fit.prediction_draws(DRAWS, 1, REFITS)
        total = interval_of_totals(asked, fit.model, drawn, 0.95, 1, known=fit.converged).loc["total"]
        held[what] = bool(total["lower"] <= came <= total["upper"])
    return held


def written(rows: pd.DataFrame) -> str:
    """The result as text."""
    lines = [
        "What the stacked forecast loses in log score where one of its models is the truth (python -m benchmarks.stacking --write)",
        f"{CUSTOMERS:,} customers in each set; means (standard errors) in thousandths a customer; asked: at most {1e3 * LIMIT:g}",
    ]
    for seed, part in rows.groupby("seed", sort=False):
        lines += ["", f"Seed {seed}: {_sets(part)} sets, {part.groupby('truth')['set'].nunique().max()} of each truth", *_table(part)]
    lines += ["", "All seeds together, once a hold-out was over"]
    over = rows[rows["dates"] > 0]
    for truth, part in over.groupby("truth", sort=False):
        mean, error = over_sets(part)
        lines.append(f"{truth:<26}{_sets(part):>4} sets: {1e3 * mean:+.2f} ({1e3 * error:.2f}), {_stands(mean, error)}")
    mean, error = over_sets(over)
    lines.append(f"{'all truths':<26}{_sets(over):>4} sets: {1e3 * mean:+.2f} ({1e3 * error:.2f}), {_stands(mean, error)}")
    first = rows[rows["dates"] == 0]
    lines.append("Before the first hold-out was over, all truths and seeds together")
    for what, column in (("equal weights", "even"), ("the likeliest model", "likeliest")):
        each = first.groupby(["seed", "truth", "set"])[column].mean()
        lines.append(f"{what:<26}{len(each):>4} sets: {1e3 * each.mean():+.2f} ({1e3 * each.sem():.2f})")
    worst = over.groupby(["seed", "truth", "dates"])["regret"].mean()
    where: Any = worst.idxmax()
    most = f"{1e3 * worst.max():.2f} ({where[1]}, seed {where[0]}, {where[2]} dates)"
    lines.append(f"The largest mean of a truth, a seed and a number of dates: {most}.")
    last = rows[rows["held"].notna()]
    for what, column in (("stacked", "held"), ("the true model's fit", "held_true")):
        count = int(last[column].sum())
        _, low, high = wilson(count, len(last))
        lines.append(f"The 95 % interval of the total held in {count} of {len(last)} sets: {what} ({low:.0%} to {high:.0%}).")
    return "\n".join(lines) + "\n"


def over_sets(rows: pd.DataFrame) -> tuple[float, float]:
    """Mean regret of sets, whose dates are no witnesses of their own, and its standard error."""
    each = rows.groupby(["seed", "truth", "set"])["regret"].mean()
    return float(each.mean()), float(each.sem())


def _sets(rows: pd.DataFrame) -> int:
    return rows.groupby(["seed", "truth", "set"]).ngroups


def _stands(mean: float, error: float) -> str:
    """Whether the limit is kept: by the mean, and by the upper end of its interval."""
    kept = "within" if mean <= LIMIT else "above"
    sure = "within" if mean + 1.96 * error <= LIMIT else "not surely within"
    return f"{kept} the limit; with its standard error {sure}"


def _table(rows: pd.DataFrame) -> list[str]:
    named = f"{'best so far':>14}{'likeliest':>11}{'equal':>8}{'weight of truth':>17}"
    lines = [f"{'truth':<26}{'dates':>6}{'against its fit':>19}{'its parameters':>19}{named}"]
    for (truth, dates), part in rows.groupby(["truth", "dates"], sort=False):
        cells = [f"{1e3 * part[c].mean():+.2f} ({1e3 * part[c].sem():.2f})" for c in ("regret", "regret_known")]
        best = f"{1e3 * part['picked'].mean():>+14.2f}" if dates else f"{'-':>14}"
        more = f"{best}{1e3 * part['likeliest'].mean():>+11.2f}{1e3 * part['even'].mean():>+8.2f}"
        lines.append(f"{truth:<26}{dates:>6}{cells[0]:>19}{cells[1]:>19}{more}{part['weight'].mean():>17.2f}")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=int, help="of each truth and seed, at most")
    parser.add_argument("--write", action="store_true", help="keep the result in benchmarks/results")
    given = parser.parse_args()
    began, rows = time.process_time(), []
    for seed, sets in SEEDS.items():
        for name in TRUTHS:
            for number in range(min(sets, given.sets or sets)):
                try:
                    rows += regrets(name, number, seed)
                except GoodwillError as reason:
                    print(f"{name}, seed {seed}, set {number}: {reason}", file=sys.stderr, flush=True)
            print(f"{name}, seed {seed}: {time.process_time() - began:.0f} s", file=sys.stderr, flush=True)
            if given.write:
                RESULT.write_text(written(pd.DataFrame(rows)), "utf8")
    print(written(pd.DataFrame(rows)))


if __name__ == "__main__":
    main()
