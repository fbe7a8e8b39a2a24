"""RFM scores of every customer: `python -m benchmarks.rfm_scores` (about a minute; --print leaves the README alone).

Populations: as in `benchmarks.lifetime_value`, five transactions per customer, evenly over one year. The package rfm works customer by
customer in Python and needs pandas 2, so that it gets an environment and a process of its own and a tenth of the data. "result" shows how
much money the contenders found: all but rfm find what is there (it takes amounts such as 12.05 for 12, since it strips ".0" and one more
character wherever it stands). Scores differ at ties: quantiles by rank tell apart customers who are equal, ours do not.
"""

from __future__ import annotations

import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from benchmarks import HEADER, Timing, fastest, measured_with, rows, write_table  # first: it sets one BLAS thread
from benchmarks.lifetime_value import END, transactions
from benchmarks.peer_environments import measured, python_with, version
from goodwill.data.purchases import summarize_purchases
from goodwill.data.reading.sources import read_transactions
from goodwill.segments.schemes.rfm_segments import rfm, rfm_scores

SQL = f"""
WITH customers AS (
    SELECT customer_id, date_diff('day', max(date), DATE '{END}') AS hiatus, count(DISTINCT date) AS frequency, sum(amount) AS money
    FROM log GROUP BY customer_id
)
SELECT *, ntile(5) OVER (ORDER BY hiatus DESC) AS R, ntile(5) OVER (ORDER BY frequency) AS F, ntile(5) OVER (ORDER BY money) AS M
FROM customers
"""
PEER = """
import matplotlib, pandas as pd
matplotlib.use("Agg")
from rfm import RFM
log = pd.read_csv(folder + "/log.csv", parse_dates=["date"])
found = []
took = timed(lambda: found.append(RFM(log.copy(), customer_id="customer_id", transaction_date="date", amount="amount").rfm_table), 1)
print(json.dumps(took | {"customers": len(found[0]), "money": float(found[0]["monetary_value"].sum())}))
"""


def by_goodwill(log: pd.DataFrame) -> pd.DataFrame:
    customers = summarize_purchases(read_transactions(log), unit="day", end=END).to_pandas()
    rules = rfm(customers)
    scores = rfm_scores(rules, customers)
    return scores.assign(money=customers["spend"], segment=rules.assign(customers))


def by_sql(log: pd.DataFrame) -> pd.DataFrame:
    with duckdb.connect() as connection:
        connection.register("log", log)
        return connection.execute(SQL).df()


def by_pandas(log: pd.DataFrame) -> pd.DataFrame:
    """As tutorials have it: quintiles of ranks."""
    customers = log.groupby("customer_id").agg(last=("date", "max"), frequency=("date", "nunique"), money=("amount", "sum"))
    customers["hiatus"] = (pd.Timestamp(END) - customers["last"]).dt.days
    for letter, column, labels in (("R", "hiatus", range(5, 0, -1)), ("F", "frequency", range(1, 6)), ("M", "money", range(1, 6))):
        customers[letter] = pd.qcut(customers[column].rank(method="first"), 5, labels=list(labels)).astype(int)
    return customers


def found(scores: pd.DataFrame) -> str:
    return f"{len(scores):,} customers, {scores['money'].sum():,.2f}"


def by_rfm(log: pd.DataFrame) -> tuple[str, Timing]:
    """The package, with its version."""
    python = python_with("rfm", "rfm", "pandas<3")
    with tempfile.TemporaryDirectory() as folder:
        log.to_csv(Path(folder, "log.csv"), index=False)
        took: Any = measured(python, PEER, folder)
    result = pd.DataFrame({"money": [took["money"], *[0.0] * (took["customers"] - 1)]})
    return f"rfm {version(python, 'rfm')}", Timing(took["wall"], took["cpu"], result)


def main(only_print: bool = False) -> None:
    """Run everything and write (or print) the table."""
    lines = list(HEADER)
    for count, rounds in ((100_000, 5), (1_000_000, 3)):
        log = transactions(count)
        contenders = {"goodwill": by_goodwill, "hand-written SQL (DuckDB)": by_sql, "pandas": by_pandas}
        timings = fastest({name: partial(call, log) for name, call in contenders.items()}, rounds)
        if count == 100_000:
            name, taken = by_rfm(log)
            timings[name] = taken
        lines += rows(f"RFM scores from {count:,} transactions, DataFrame", timings, found)
    lines += ["", measured_with("goodwill", "duckdb", "ibis-framework", "pandas", "numpy")]
    if only_print:
        print("\n".join(lines))
    else:
        write_table("rfm_scores", lines)


if __name__ == "__main__":
    main(only_print="--print" in sys.argv)
