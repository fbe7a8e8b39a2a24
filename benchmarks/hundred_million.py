"""From 100 million transactions to a score for every customer, with a bound on memory: `python -m benchmarks.hundred_million`.

    --rows N       transactions, 100,000,000 by default
    --memory 2GB   what DuckDB may hold before it works on disk (GOODWILL_MEMORY)
    --write        keeps the result in results/hundred_million.txt, and in the chart of benchmarks.scale

Customers follow the BG/NBD and Gamma-Gamma models published for CDNOW. They first buy evenly over one year and are watched until the end of
a second one; the transactions lie in a folder of 24 Parquet files, one per month, as a shop would export them, so that the purchases of
a customer are far apart. The data are made in one process, a batch of customers at a time, and measured in another, whose peak of memory
(RSS) is read after each step. The temporary folder (TMPDIR) takes about 2.5 GB for the data and 10 GB for what DuckDB moves out of memory.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks import measured_with  # first: it sets one BLAS thread
from goodwill.data.purchases import summarize_purchases
from goodwill.data.reading.sources import read_transactions
from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD
from goodwill.lifetime_value.gamma_gamma import GammaGamma
from goodwill.lifetime_value.scoring import score_customers
from goodwill.lifetime_value.value import ValueTerms

PURCHASES = BetaGeoNBD(r=0.243, alpha=4.414, a=0.793, b=2.426)  # Fader, Hardie & Lee 2005a, Table 2; weeks
SPEND = GammaGamma(p=6.25, q=3.74, gamma=15.44)  # Fader & Hardie 2013, note 025
PER_CUSTOMER = 2.853  # transactions, on average, of these models over these two years
BATCH = 250_000  # customers
SCATTER = 2_654_435_761  # an odd multiplier makes ids that follow no order
FIRST, DAYS = np.datetime64("2023-01-01"), 730
MONTHS = np.datetime64("2023-01", "M") + np.arange(25)
RESULTS = Path(__file__).with_name("results")
SCHEMA = pa.schema([("customer_id", pa.int64()), ("date", pa.date32()), ("amount", pa.decimal128(18, 2))])


def batch(number: int, customers: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Customers, days since the first and money of one batch, by day."""
    rng = np.random.default_rng(number)
    born = rng.integers(0, 365, customers)
    repeats = PURCHASES.simulate_purchases((DAYS - 1 - born) / 7, seed=number)
    who = np.concatenate([np.arange(customers), repeats["customer"].to_numpy()])
    day = np.concatenate([born, born[repeats["customer"]] + np.floor(repeats["time"].to_numpy() * 7).astype(np.int64)])
    rate = rng.gamma(SPEND.q, 1 / SPEND.gamma, customers)
    money = np.maximum(np.round(rng.gamma(SPEND.p, size=len(who)) / rate[who], 2), 0.01)
    order = np.argsort(day, kind="stable")
    return ((who + number * BATCH) * SCATTER % (1 << 40))[order], day[order], money[order]


def generate(folder: Path, rows: int) -> None:
    """Write monthly files of about so many rows."""
    starts = (MONTHS.astype("datetime64[D]") - FIRST).astype(int)
    left = round(rows / PER_CUSTOMER)
    with ExitStack() as stack:
        writers = [stack.enter_context(pq.ParquetWriter(folder / f"{month}.parquet", SCHEMA, compression="zstd")) for month in MONTHS[:-1]]
        for number in range(-(-left // BATCH)):
            who, day, money = batch(number, min(BATCH, left))
            left -= BATCH
            cuts = np.searchsorted(day, starts)
            for writer, low, high in zip(writers, cuts[:-1], cuts[1:], strict=True):
                columns = (
                    pa.array(who[low:high]),
                    pa.array(FIRST + day[low:high]),
                    pa.array(money[low:high]).cast(SCHEMA.field("amount").type),
                )
                writer.write_table(pa.table(list(columns), schema=SCHEMA))


class Steps:
    """Runs one step after the other and keeps what each took."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []

    def run(self, name: str, call: Callable[[], Any], shown: Callable[[Any], str]) -> Any:
        wall, cpu = time.perf_counter(), time.process_time()
        result = call()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        self.taken.append({"step": name, "wall": wall, "cpu": cpu, "peak": peak(), "result": shown(result)})
        print(f"{name}: {wall:,.1f} s, {self.taken[-1]['result']}", file=sys.stderr, flush=True)
        return result


def peak() -> float:
    """Most memory that this process ever held [GB]."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def measure(folder: Path) -> list[dict[str, Any]]:
    """The way from records to scores: step, wall and CPU seconds, peak of memory so far [GB], result."""
    steps = Steps()
    size = sum(part.stat().st_size for part in folder.glob("*.parquet")) / 1e9
    log = steps.run("read and check", lambda: read_transactions(folder), lambda t: f"{size:.2f} GB of Parquet")
    steps.run("audit of duplicates and repeats", lambda: log.audit, lambda a: f"{rows_used(a):,} transactions")
    summary = steps.run(
        "summary of each customer, kept in the engine",
        lambda: summarize_purchases(log).cached(),
        lambda s: f"{s.counts['customers']:,} customers, {s.counts['repeat_purchases']:,} repeats",
    )
    histories = steps.run("distinct (frequency, recency, T)", summary.purchase_rows, lambda r: f"{len(r):,} rows")
    spends = steps.run("distinct spend, to a thousandth", lambda: summary.spend_rows(width=0.001), lambda r: f"{len(r):,} rows")
    purchase = steps.run("BG/NBD fit", lambda: BetaGeoNBD.fit(histories), lambda f: parameters(f.model, "r", "alpha", "a", "b"))
    spend = steps.run("Gamma-Gamma fit", lambda: GammaGamma.fit(spends), lambda f: parameters(f.model, "p", "q", "gamma"))
    terms = ValueTerms(horizon=52, margin=0.3, annual_discount_rate=0.15, unit="week")
    target = folder.with_name(folder.name + "-scores.parquet")
    steps.run(
        "every customer scored, to Parquet",
        lambda: score_customers(summary, purchase, spend, terms, to=target),
        lambda n: f"{n:,} customers, {target.stat().st_size / 1e9:.2f} GB",
    )
    return steps.taken


def rows_used(audit: Any) -> int:
    return int(audit.set_index("rule").loc["rows used", "rows"])


def parameters(model: Any, *names: str) -> str:
    return ", ".join(f"{name} {getattr(model, name):.3f}" for name in names)


def lifetimes(folder: Path) -> list[dict[str, Any]]:
    """The same summary and fit with pandas and lifetimes, which hold all in memory."""
    import pandas as pd

    from benchmarks.lifetime_value import lifetimes_fit, lifetimes_summary

    steps = Steps()
    log = steps.run("read", lambda: pd.read_parquet(folder).astype({"amount": float}), lambda t: f"{len(t):,} transactions")
    log["date"] = pd.to_datetime(log["date"])
    summary = steps.run("summary", lambda: lifetimes_summary(log, log["date"].max()), lambda s: f"{len(s):,} customers")
    steps.run("fit", lambda: lifetimes_fit(summary, "BetaGeoFitter"), lambda f: f"LL {-f._negative_log_likelihood_ * len(summary):,.0f}")
    return steps.taken


def run(rows: int, memory: str, contenders: tuple[str, ...] = ("goodwill",)) -> dict[str, list[dict[str, Any]]]:
    """Make the data, then measure each contender in a process of its own."""
    again = [sys.executable, "-m", "benchmarks.hundred_million", "--rows", str(rows)]
    found = {}
    with tempfile.TemporaryDirectory() as above:
        (folder := Path(above, "log")).mkdir()
        subprocess.run([*again, "--generate", str(folder)], check=True)
        for name in contenders:
            variables = os.environ | {"GOODWILL_MEMORY": memory}
            done = subprocess.run(
                [*again, "--measure", str(folder), "--who", name], check=True, env=variables, stdout=subprocess.PIPE, text=True
            )
            found[name] = json.loads(done.stdout.splitlines()[-1])
    return found


def table(steps: list[dict[str, Any]]) -> list[str]:
    """The steps as a Markdown table with a line for all."""
    everything = {
        "step": "all",
        "wall": sum(s["wall"] for s in steps),
        "cpu": sum(s["cpu"] for s in steps),
        "peak": steps[-1]["peak"],
        "result": "",
    }
    lines = ["| step | wall, s | CPU, s | peak memory so far, GB | result |", "|---|--:|--:|--:|---|"]
    return lines + [f"| {s['step']} | {s['wall']:,.1f} | {s['cpu']:,.1f} | {s['peak']:.2f} | {s['result']} |" for s in [*steps, everything]]


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m benchmarks.hundred_million")
    asked.add_argument("--rows", type=int, default=100_000_000)
    asked.add_argument("--memory", default="2GB")
    asked.add_argument("--write", action="store_true")
    asked.add_argument("--generate", type=Path, help=argparse.SUPPRESS)
    asked.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    asked.add_argument("--who", default="goodwill", help=argparse.SUPPRESS)
    told = asked.parse_args()
    if told.generate:
        return generate(told.generate, told.rows)
    if told.measure:
        return print(json.dumps({"goodwill": measure, "lifetimes": lifetimes}[told.who](told.measure)))
    steps = run(told.rows, told.memory)["goodwill"]  # `python -m benchmarks.scale` measures sizes for the chart
    lines = [f"About {told.rows:,} transactions; DuckDB may hold {told.memory}.", "", *table(steps), "", versions()]
    print("\n".join(lines))
    if told.write:
        (RESULTS / "hundred_million.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return None


def versions() -> str:
    return measured_with("goodwill", "duckdb", "ibis-framework", "pyarrow", "numpy", "scipy")


if __name__ == "__main__":
    main()
