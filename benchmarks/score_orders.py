"""How long does a nightly score take? (`python -m benchmarks.score_orders [--customers N]`)

Orders of a million customers like CDNOW's, in a folder of Parquet; `goodwill score` as it is typed, whole processes from start to end:
fitted anew and with a kept fit, without and with intervals. Beside it the same customers with pandas and lifetimes: summary, fit and
conditional expectation, without money, intervals and segments. The result is kept in benchmarks/results/score_orders.txt.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.hundred_million import PER_CUSTOMER, RESULTS, generate

RESULT = RESULTS / "score_orders.txt"
TARGETS = {"without intervals": 10.0, "with intervals": 60.0}
PEER = """
import sys
import pandas as pd
from lifetimes import BetaGeoFitter
from lifetimes.utils import summary_data_from_transaction_data
orders = pd.read_parquet(sys.argv[1])
summary = summary_data_from_transaction_data(orders, "customer_id", "date", freq="W")
fitted = BetaGeoFitter().fit(summary["frequency"], summary["recency"], summary["T"])
summary["expected"] = fitted.conditional_expected_number_of_purchases_up_to_time(52, *(summary[n] for n in ("frequency", "recency", "T")))
summary.to_parquet(sys.argv[2])
"""


def seconds(*command: str | Path) -> float:
    """Of a whole process; infinite where it fails."""
    start = time.perf_counter()
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, env=os.environ)
    if done.returncode:
        print(done.stderr[-400:], file=sys.stderr)
    return time.perf_counter() - start if done.returncode == 0 else float("inf")


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m benchmarks.score_orders")
    asked.add_argument("--customers", type=int, default=1_000_000)
    told = asked.parse_args()
    rows, missed = [], False
    with tempfile.TemporaryDirectory() as place:
        orders, fit = Path(place) / "orders", Path(place) / "fit.json"
        orders.mkdir()
        generate(orders, round(told.customers * PER_CUSTOMER))
        score = (Path(sys.executable).with_name("goodwill"), "score", orders, "--out", Path(place) / "scores.parquet")
        for name, fitting in (("fitted anew", ("--keep-fit", fit)), ("a kept fit", ("--fit", fit))):
            for what, target in TARGETS.items():
                taken = seconds(*score, *fitting, "--intervals" if what == "with intervals" else "--no-intervals")
                missed |= taken > target
                rows.append(f"goodwill score, {name}, {what:20} {taken:7.1f} s   (at most {target:g})")
        rows.append(
            f"pandas and lifetimes, purchases only              {seconds(sys.executable, '-c', PEER, orders, Path(place) / 'peer'):7.1f} s"
        )
    text = "\n".join([f"{told.customers:,} customers in Parquet, to Parquet; whole processes.", *rows]) + "\n"
    RESULT.write_text(text)
    print(text)
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
