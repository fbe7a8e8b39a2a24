"""Customer summary, BG/NBD fit and forecast interval beside lifetimes and hand-written SQL.

python -m benchmarks.lifetime_value [--large] [--print]
"""

import sys
import tempfile
import warnings
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from benchmarks import HEADER, fastest, measured_with, rows, write_table
from goodwill.data.purchases import summarize_purchases
from goodwill.data.reading.sources import read_transactions
from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD
from goodwill.lifetime_value.evidence.peers import from_lifetimes
from goodwill.lifetime_value.modified_beta_geo_nbd import ModifiedBetaGeoNBD
from goodwill.lifetime_value.pareto_nbd import ParetoNBD

PUBLISHED = BetaGeoNBD(r=0.243, alpha=4.414, a=0.793, b=2.426)  # Fader, Hardie & Lee 2005, Table 2; weeks
END = date(2024, 12, 31)

SQL = f"""
WITH days AS (
    SELECT customer_id, date, sum(amount) AS amount FROM {{table}} GROUP BY customer_id, date
)
SELECT customer_id,
       count(*) - 1 AS frequency,
       date_diff('day', min(date), max(date)) AS recency,
       date_diff('day', min(date), DATE '{END}') AS T,
       (sum(amount) - arg_min(amount, date)) / nullif(count(*) - 1, 0) AS monetary_value
FROM days GROUP BY customer_id
"""


def transactions(count: int) -> pd.DataFrame:
    """Five transactions per customer, evenly over 2024, in cents."""
    rng = np.random.default_rng(1)
    days = rng.integers(0, 366, count).astype("timedelta64[D]")
    customers = np.arange(count) % (count // 5) + 1
    return pd.DataFrame(
        {"customer_id": customers, "date": np.datetime64("2024-01-01") + days, "amount": rng.integers(100, 20_000, count) / 100}
    )


def write_parquet(frame: pd.DataFrame, path: Path) -> None:
    """With the types that a warehouse would export: a date, and money as a decimal."""
    duckdb.connect().execute(
        f"COPY (SELECT customer_id, date::DATE AS date, amount::DECIMAL(18,2) AS amount FROM frame) TO '{path}' (FORMAT parquet)"
    )


def sql(table: str, **frames: pd.DataFrame) -> pd.DataFrame:
    with duckdb.connect() as connection:
        for name, frame in frames.items():
            connection.register(name, frame)
        return connection.execute(SQL.format(table=table)).df()


def goodwill_summary(source: Any) -> pd.DataFrame:
    return summarize_purchases(read_transactions(source), unit="day", end=END).to_pandas()


def lifetimes_summary(frame: pd.DataFrame, end: Any = END) -> pd.DataFrame:
    from lifetimes.utils import summary_data_from_transaction_data

    return summary_data_from_transaction_data(frame, "customer_id", "date", monetary_value_col="amount", observation_period_end=end)


def repeat_purchases(summary: pd.DataFrame) -> str:
    return f"{int(summary['frequency'].sum()):,} repeats"


def summaries(folder: Path) -> list[str]:
    frame, path, text = transactions(1_000_000), folder / "million.parquet", folder / "million.csv"
    write_parquet(frame, path)
    frame.to_csv(text, index=False)
    checked, held = read_transactions(path), read_transactions(frame)
    from_parquet = {
        "goodwill, table checked before": lambda: summarize_purchases(checked, unit="day", end=END).to_pandas(),
        "goodwill, with reading and audit": lambda: goodwill_summary(path),
        "hand-written SQL (DuckDB)": lambda: sql(f"'{path}'"),
        "pandas.read_parquet + lifetimes": lambda: lifetimes_summary(pd.read_parquet(path).astype({"amount": float})),
    }
    from_frame = {
        "goodwill, table checked before": lambda: summarize_purchases(held, unit="day", end=END).to_pandas(),
        "goodwill, with reading and audit": lambda: goodwill_summary(frame),
        "hand-written SQL (DuckDB)": lambda: sql("frame", frame=frame),
        "lifetimes": lambda: lifetimes_summary(frame),
    }
    from_text = {
        "goodwill, with reading and audit": lambda: goodwill_summary(text),
        "hand-written SQL (DuckDB guesses types)": lambda: sql(f"read_csv('{text}')"),
        "pandas.read_csv + lifetimes": lambda: lifetimes_summary(pd.read_csv(text)),
    }
    return [
        *rows("summary of 1 million transactions, Parquet", fastest(from_parquet, 5), repeat_purchases),
        *rows("summary of 1 million transactions, DataFrame", fastest(from_frame, 5), repeat_purchases),
        *rows("summary of 1 million transactions, CSV", fastest(from_text, 2), repeat_purchases),
        *text_read_and_audited(text),
    ]


def text_read_and_audited(text: Path) -> list[str]:
    """Reading all columns of a CSV with types into a table: ours with all its checks and the audit, DuckDB's without any."""

    def ours() -> int:
        return int(read_transactions(text).audit.set_index("rule").rows["rows used"])

    def engine() -> int:
        with duckdb.connect() as connection:
            connection.execute(f"CREATE TABLE log AS SELECT * FROM read_csv('{text}')")
            return int(connection.execute("SELECT count(*) FROM log").fetchall()[0][0])

    def peer() -> int:
        frame = pd.read_csv(text)
        lifetimes_summary(frame)
        return len(frame)

    contenders = {
        "goodwill, read, checked and audited": ours,
        "DuckDB's own reader (guesses types, checks nothing)": engine,
        "pandas.read_csv + lifetimes": peer,
    }
    return rows("CSV of 1 million transactions", fastest(contenders, 9), lambda n: f"{n:,} rows")


def large_summary(folder: Path) -> list[str]:
    path = folder / "ten_million.parquet"
    write_parquet(transactions(10_000_000), path)
    checked = read_transactions(path)
    contenders = {
        "goodwill, table checked before": lambda: summarize_purchases(checked, unit="day", end=END).to_pandas(),
        "goodwill, with reading and audit": lambda: goodwill_summary(path),
        "hand-written SQL (DuckDB)": lambda: sql(f"'{path}'"),
    }
    return rows("summary of 10 million transactions, Parquet", fastest(contenders, 3), repeat_purchases)


def cdnow_like(customers: int) -> pd.DataFrame:
    """Customers of the published model, born in twelve weeks of one year and seen by the day; times in weeks."""
    rng = np.random.default_rng(1)
    days = 364 - rng.integers(0, 84, customers)
    log = PUBLISHED.simulate_purchases(days / 7)
    log["day"] = np.floor(log["time"] * 7).astype(int)
    log = log[log["day"] > 0].drop_duplicates(["customer", "day"])  # purchases of one day are one occasion
    frequency = np.bincount(log["customer"], minlength=customers)
    recency = log.groupby("customer")["day"].max().reindex(range(customers), fill_value=0).to_numpy()
    return pd.DataFrame({"frequency": frequency, "recency": recency / 7, "T": days / 7})


def lifetimes_fit(summary: pd.DataFrame, fitter: str) -> Any:
    import lifetimes

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its own, about overflow on the way
        return getattr(lifetimes, fitter)().fit(summary["frequency"], summary["recency"], summary["T"])


def fits(name: str, summary: pd.DataFrame, rounds: int, model: Any = BetaGeoNBD, fitter: str = "BetaGeoFitter") -> list[str]:
    def likelihood(fit: Any) -> str:
        found = fit.model if hasattr(fit, "model") else from_lifetimes(fit)
        return f"LL {found.log_likelihood(summary['frequency'], summary['recency'], summary['T']).sum():,.3f}"

    contenders = {"goodwill": lambda: model.fit(summary), "lifetimes": lambda: lifetimes_fit(summary, fitter)}
    return rows(name, fastest(contenders, rounds), likelihood)


def forecast(summary: Any) -> list[str]:
    fit = BetaGeoNBD.fit(summary)
    contenders = {"goodwill (lifetimes has none)": lambda: fit.predict_interval(summary, horizon=39, draws=1_000)}
    timings = fastest(contenders, 4)
    return rows(
        "1,000 draws and the interval of the hold-out total, CDNOW",
        timings,
        lambda got: " to ".join(f"{got[end].iloc[0]:,.0f}" for end in ("lower", "upper")),
    )


def small_table() -> list[str]:
    cdnow = summarize_purchases(read_transactions("cdnow_sample"), calibration_end=date(1997, 9, 30))
    million = cdnow_like(1_000_000)
    distinct = len(million.drop_duplicates())
    with tempfile.TemporaryDirectory() as folder:
        lines = summaries(Path(folder))
    lines += fits("BG/NBD fit, CDNOW (2,357 customers)", cdnow.to_pandas(), 8)
    lines += fits(f"BG/NBD fit, 1 million CDNOW-like customers ({distinct:,} distinct rows)", million, 2)
    mbg, pareto = (ModifiedBetaGeoNBD, "ModifiedBetaGeoFitter"), (ParetoNBD, "ParetoNBDFitter")
    lines += fits("MBG/NBD fit, CDNOW", cdnow.to_pandas(), 8, *mbg)
    lines += fits("Pareto/NBD fit, CDNOW", cdnow.to_pandas(), 3, *pareto)
    tenth = million.sample(100_000, random_state=1)
    distinct = len(tenth.drop_duplicates())
    lines += fits(f"Pareto/NBD fit, 100,000 CDNOW-like customers ({distinct:,} distinct rows)", tenth, 1, *pareto)
    return lines + forecast(cdnow)


def large_table() -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        return large_summary(Path(folder))


def main(large: bool = False, only_print: bool = False) -> None:
    """Run everything and write (or print) the tables."""
    tables = {"lifetime_value": small_table} | ({"lifetime_value_large": large_table} if large else {})
    for name, measure in tables.items():
        lines = [*HEADER, *measure(), "", measured_with("goodwill", "lifetimes", "duckdb", "ibis-framework", "numpy", "scipy", "pandas")]
        if only_print:
            print("\n".join(lines))
        else:
            write_table(name, lines)


if __name__ == "__main__":
    main(large="--large" in sys.argv, only_print="--print" in sys.argv)
