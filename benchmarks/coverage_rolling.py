"""What do predictive intervals hold on real data, before and after widening? (`python -m benchmarks.coverage_rolling`; some minutes)

CDNOW from many dates: each model is fitted to what was known on the date and asked for 95 % intervals of the weeks that follow, of the
total, of frequency classes and of each customer. Then the same intervals are widened by the record of the hold-outs that were over on
the date. What this can promise stands in `goodwill.lifetime_value.evidence.rolling`.
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

from goodwill.data.reading.sources import read_transactions
from goodwill.inference.track_record import FEWEST, interval_score
from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD
from goodwill.lifetime_value.evidence.rolling import HALF, RollingCoverage, rolling_coverage, rolling_cuts
from goodwill.lifetime_value.pareto_nbd import ParetoNBD

# Dates every two or three weeks, to the last that leaves a hold-out. Pareto/NBD begins later: on the sample it lies on a ridge before.
STUDIES = [
    (name, model, first, horizon, cuts)
    for name in ("cdnow_sample", "cdnow")
    for model, first in ((BetaGeoNBD, date(1997, 5, 17)), (ParetoNBD, date(1997, 6, 28)))
    for horizon, cuts in ((8, 26), (13, 16))
]
RESULT = Path(__file__).parent / "results" / "coverage_rolling.txt"


def lines(name: str, model: type, found: RollingCoverage) -> list[str]:
    """One study as text: the table of groups, each customer, and every total."""
    total, shares, each = found.totals, found.shares, found.customers
    later = total[total["past"] >= FEWEST]
    out = [
        f"{name}, {model.__name__}, hold-outs of {found.horizon:g} weeks",
        f"Of {len(total)} dates ({shares['disjoint']} hold-outs without overlap) the interval of the total held on {total['held'].sum()}.",
        f"Of {len(later)} with two or more finished hold-outs behind them ({shares['later_disjoint']} without overlap) it held on "
        f"{later['held'].sum()} as the model gave it, and on {later['wide_held'].sum()} when widened by that record; "
        f"interval score of logarithms {_score(later, 'lower', 'upper'):.2f} and {_score(later, 'wide_lower', 'wide_upper'):.2f}.",
        f"{'group':<8} {'cuts':>5} {'held %':>7}   {'later cuts':>10} {'before %':>9} {'after %':>8} {'times as wide':>14}",
    ]
    for row in found.table.itertuples():
        shares = f"{row.later_cuts:>10} {100 * row.before:>9.0f} {100 * row.after:>8.0f} {row.wider:>14.1f}"
        out.append(f"{row.group:<8} {row.cuts:>5} {100 * row.held:>7.0f}   {shares}")
    held, promised = (100 * (each[c] @ each["customers"]) / each["customers"].sum() for c in ("held", "promised"))
    out += [
        f"Each customer: {held:.1f} % held what came; their intervals promised {promised:.1f} %.",
        f"{'date':<11} {'came':>6} {'expected':>9} {'95 %':>17} {'held':>5}   {'past':>4} {'widened':>17} {'held':>5}",
    ]
    for row in total.itertuples():
        model_gave, wide = (
            f"{row.lower:,.0f}-{row.upper:,.0f}",
            f"{row.wide_lower:,.0f}-{row.wide_upper:,.0f}" if row.past >= FEWEST else "",
        )
        later = f"{wide:>17} {_yes(row.wide_held) if row.past >= FEWEST else '':>5}"
        out.append(
            f"{row.cut:%Y-%m-%d} {row.actual:>7,.0f} {row.estimate:>9,.0f} {model_gave:>17} {_yes(row.held):>5}   {row.past:>4} {later}"
        )
    return [*out, ""]


def _score(record: pd.DataFrame, lower: str, upper: str) -> float:
    """Mean score of 95 % intervals on the scale of logarithms, on which forecasts of any size count alike; lower is better."""
    return float(interval_score(*(np.log(record[name] + HALF) for name in (lower, upper, "actual"))).mean())


def _yes(held: bool) -> str:
    return "yes" if held else "no"


def main() -> int:
    started = time.perf_counter()
    out = [
        "Coverage of 95 % predictive intervals on CDNOW from rolling dates, before and after widening by the record of past ones",
        "'later cuts' have two or more finished hold-outs without overlap behind them; 'before' and 'after' are of these.",
        "",
    ]
    for name, model, first, horizon, cuts in STUDIES:
        log = read_transactions(name)
        found = rolling_coverage(log, model, cuts=rolling_cuts(log, cuts, horizon, first=first), horizon=horizon)
        out += lines(name, model, found)
        print(f"{name} {model.__name__} {horizon} weeks: {time.perf_counter() - started:.0f} s", file=sys.stderr)
    text = "\n".join(line.rstrip() for line in out)
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(text)
    print(text + f"({time.perf_counter() - started:.0f} s; written to {RESULT.name})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
