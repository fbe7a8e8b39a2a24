"""One expression, three engines: what DuckDB finds, PostgreSQL and Spark find too; counts and dates exactly, money to 1e-9."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from tests.data.definition import START, definition, log_of, without_purchases
from tests.engines.conftest import Engine

from goodwill.data.periods import buyer_quantiles, count_paths, customers_by_window, purchases_by_window, window_edges
from goodwill.data.purchases import automatic_calibration_end, summarize_purchases
from goodwill.data.purchases_around import purchases_around
from goodwill.data.reading.sources import read_transactions
from goodwill.data.sales_parts import sales_parts
from goodwill.data.tables import Transactions
from goodwill.data.tracking import births, purchase_days, purchases_by_period
from goodwill.errors import DataError, Unclear
from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD
from goodwill.lifetime_value.evidence.seasons import season_gap
from goodwill.lifetime_value.evidence.windows import burn_in_effect, customers_acquired_after, customers_born_after, first_purchase_pile
from goodwill.lifetime_value.gamma_gamma import GammaGamma
from goodwill.lifetime_value.scoring import score_customers, scored_customers
from goodwill.lifetime_value.value import ValueTerms

pytestmark = pytest.mark.engines
MONEY = pa.decimal128(18, 4)
QUARTERS = window_edges(date(1997, 1, 1), days=91, n=6)


def same(found: Any, wanted: Any) -> None:
    """Equal: whole numbers, texts and dates exactly, other numbers to 1e-9."""
    if isinstance(wanted, pd.DataFrame):
        pd.testing.assert_frame_equal(found, wanted, rtol=1e-9, atol=0)
    elif isinstance(wanted, float) or (isinstance(wanted, list) and isinstance(wanted[0], float)):
        assert found == pytest.approx(wanted, rel=1e-9)
    else:
        assert found == wanted


def shop() -> pa.Table:
    """A log with returns before, on and after purchases, zero amounts, duplicates, several rows a day and a customer of returns only."""
    rng = np.random.default_rng(8)
    n = 3000
    who = rng.integers(1, 300, n)
    day = np.minimum(rng.integers(0, 100, n) + who // 10, 120)
    cents = np.where(rng.random(n) < 0.1, -1, 1) * rng.integers(0, 9_999, n) * (rng.random(n) > 0.05)
    frame = pd.DataFrame({"customer_id": who, "date": [date(2023, 12, 20) + timedelta(days=int(d)) for d in day], "amount": cents / 100})
    frame = pd.concat([frame, frame.iloc[:50], frame.iloc[:1].assign(customer_id=999, amount=-5.0)])
    money = pa.array(frame["amount"]).cast(pa.decimal128(18, 2))
    return pa.table({"customer_id": pa.array(frame["customer_id"]), "date": pa.array(frame["date"], pa.date32()), "amount": money})


@pytest.fixture(scope="module")
def logs(duckdb_engine: Engine, postgres_engine: Engine, spark_engine: Engine) -> dict[str, dict[str, Any]]:
    """Both logs as tables of each engine."""
    cdnow = read_transactions("cdnow_sample").table.to_pyarrow()
    return {
        e.name: {"cdnow": e.hold(cdnow, "cdnow"), "shop": e.hold(shop(), "shop")} for e in (duckdb_engine, postgres_engine, spark_engine)
    }


@pytest.fixture
def compare(logs: dict[str, dict[str, Any]], engine: Engine) -> Callable[..., None]:
    """Compare what a function makes of a log in this engine with what it makes of it in DuckDB."""

    def _compare(what: Callable[[Transactions], Any], log: str = "cdnow", returns: str = "net") -> None:
        found, wanted = (what(read_transactions(logs[name][log], returns=returns)) for name in (engine.name, "duckdb"))
        for one, other in zip(found, wanted, strict=True) if isinstance(wanted, tuple) else [(found, wanted)]:
            same(one, other)

    return _compare


@pytest.mark.parametrize("returns", ["net", "drop", "keep"])
def test_audits_are_equal(compare: Callable[..., None], returns: str) -> None:
    compare(lambda t: (t.audit, t.first, t.last), "shop", returns)


@pytest.mark.parametrize("returns", ["net", "drop", "keep"])
def test_summaries_with_a_holdout_are_equal(compare: Callable[..., None], returns: str) -> None:
    def found(t: Transactions) -> tuple[Any, ...]:
        summary = summarize_purchases(t, calibration_end="2024-02-29", end="2024-04-10")
        return summary.to_pandas(), summary.purchase_rows(), summary.spend_rows(), summary.counts, summary.audit

    compare(found, "shop", returns)


@pytest.mark.parametrize(("unit", "grain"), [("day", "day"), ("month", "day"), ("week", "week")])
def test_summaries_in_other_units_and_grains_are_equal(compare: Callable[..., None], unit: str, grain: str) -> None:
    compare(lambda t: summarize_purchases(t, unit=unit, grain=grain, calibration_end="2024-02-01").to_pandas(), "shop")
    compare(lambda t: summarize_purchases(t, unit=unit, grain=grain).purchase_rows())


def test_published_counts_of_cdnow_are_found(logs: dict[str, Any], engine: Engine) -> None:
    # Fader, Hardie & Lee (2005), section 4.
    read = read_transactions(logs[engine.name]["cdnow"])
    assert automatic_calibration_end(read) == date(1997, 9, 30)
    summary = summarize_purchases(read, calibration_end="1997-09-30")
    assert summary.counts == {"customers": 2357, "repeaters": 946, "repeat_purchases": 2457}


def test_merged_spend_and_cached_summaries_are_equal(compare: Callable[..., None]) -> None:
    compare(lambda t: summarize_purchases(t).spend_rows(width=0.01), "shop")
    compare(lambda t: summarize_purchases(t).cached().to_pandas(), "shop")


def test_births_and_purchases_over_time_are_equal(compare: Callable[..., None]) -> None:
    compare(lambda t: tuple(f(summarize_purchases(t, calibration_end="2024-02-29")) for f in (births, purchases_by_period)), "shop")


@pytest.mark.parametrize("returns", ["net", "drop", "keep"])
def test_purchase_days_are_equal(compare: Callable[..., None], returns: str) -> None:
    compare(purchase_days, "shop", returns)


def test_parts_of_sales_and_purchases_around_cases_are_equal(compare: Callable[..., None]) -> None:
    cases = pd.DataFrame(
        {"customer_id": [1, 2, 3, 999, 5_000], "opened": pd.to_datetime(["2024-01-05", "2024-01-20", "2024-02-02"] + 2 * ["2024-01-10"])}
    )
    compare(lambda log: sales_parts(summarize_purchases(log)))
    compare(lambda log: purchases_around(log, cases, within=30), "shop")


def test_the_start_of_the_log_and_its_seasons_are_equal(compare: Callable[..., None]) -> None:
    compare(lambda t: (first_purchase_pile(t).ratio, first_purchase_pile(t).periods))
    compare(lambda t: season_gap(t, date(1997, 9, 30)).coverage)


def test_customers_kept_are_equal(compare: Callable[..., None]) -> None:
    acquired = pd.DataFrame({"customer_id": range(1, 300), "acquired": pd.date_range("2023-06-01", periods=299)})
    compare(lambda t: _and_summary(customers_born_after(t, "2024-01-10")), "shop")
    compare(lambda t: _and_summary(customers_acquired_after(t, acquired, "2023-12-01")), "shop")
    compare(lambda t: burn_in_effect(t, customers_born_after(t, "1997-01-31"), horizon=26))


def _and_summary(t: Transactions) -> tuple[Any, ...]:
    return t.audit, t.first, t.last, summarize_purchases(t).to_pandas()


def test_windows_quantiles_and_paths_are_equal(compare: Callable[..., None]) -> None:
    compare(lambda t: customers_by_window(t, QUARTERS))
    compare(lambda t: buyer_quantiles(purchases_by_window(t, QUARTERS), 0, [0.25, 0.5, 0.9]))
    compare(lambda t: count_paths(t, QUARTERS, [20.0, 50.0]))
    compare(lambda t: count_paths(t, window_edges(date(2023, 12, 20), days=40, n=3), [1.0, 3.0], by="orders"), "shop")


PURCHASES = BetaGeoNBD(r=0.243, alpha=4.414, a=0.793, b=2.426)
SPEND = GammaGamma(p=6.25, q=3.74, gamma=15.44)
TERMS = ValueTerms(horizon=39, margin=0.3, annual_discount_rate=0.15, unit="week")


def by_id(scores: pd.DataFrame) -> pd.DataFrame:
    return scores.sort_values("customer_id", ignore_index=True)


def test_scores_are_equal(compare: Callable[..., None]) -> None:
    compare(lambda t: by_id(scored_customers(summarize_purchases(t), PURCHASES, SPEND, TERMS).to_pandas()), "shop")


def test_scores_are_written_to_parquet_and_to_a_table_of_the_engine(logs: dict[str, Any], engine: Engine, tmp_path: Any) -> None:
    summary = summarize_purchases(read_transactions(logs[engine.name]["shop"]))
    wanted = by_id(scored_customers(summary, PURCHASES, SPEND, TERMS).to_pandas())
    for _ in range(2):  # the second takes the place of the first
        assert score_customers(summary, PURCHASES, SPEND, TERMS, to=tmp_path / "scores.parquet") == len(wanted)
        assert score_customers(summary, PURCHASES, SPEND, TERMS, to="::scores") == len(wanted)
    same(by_id(pd.read_parquet(tmp_path / "scores.parquet")), wanted)
    same(by_id(summary.table.get_backend().table("scores").to_pandas()), wanted)


# ------------------------------------------------------------------------------------------ the definition, on random logs


def random_log(seed: int) -> list[tuple[str, int, int, float]]:
    """Unsorted rows with repeats on a day, returns, zeros, duplicates and a leap day; the last seeds have one customer."""
    rng = np.random.default_rng(seed)
    customers = "abcdef" if seed < 5 else "a"
    amounts = [0.0, 1.0, 2.5, 19.75, 100.25, -1.0, -2.5, -40.0]
    rows = [
        (str(rng.choice(list(customers))), int(rng.integers(0, 41)), int(rng.integers(0, 1440)), float(rng.choice(amounts)))
        for _ in range(int(rng.integers(1, 50)))
    ]
    return [*rows, *rows[::3], ("a", 29, 0, 2.5)]


def moments(log: pd.DataFrame, zone: str | None = None) -> pa.Table:
    stamps = pa.array(log["date"]).cast(pa.timestamp("us", tz=zone))
    return pa.table(
        {"customer_id": pa.array(log["customer_id"], pa.string()), "date": stamps, "amount": pa.array(log["amount"]).cast(MONEY)}
    )


@pytest.mark.parametrize("seed", range(7))
def test_summaries_equal_the_definition_on_random_logs(engine: Engine, seed: int) -> None:
    log, returns = log_of(random_log(seed)), ["net", "drop", "keep"][seed % 3]
    assert not without_purchases(log, returns)
    read = read_transactions(engine.hold(moments(log), "random"), returns=returns)
    cut = START + timedelta(days=29)  # a leap day, and "a" buys on it
    cut_ = cut if read.first <= cut < read.last else None
    summary = summarize_purchases(read, unit="day", calibration_end=cut_)
    found = summary.to_pandas().set_index("customer_id").drop(columns="duration_holdout", errors="ignore")
    wanted = definition(log, returns, cut_, read.last)
    pd.testing.assert_frame_equal(found, wanted, check_dtype=False, check_names=False, check_index_type=False, rtol=1e-9)


def test_of_moments_the_date_in_utc_counts_wherever_the_server_stands(engine: Engine, postgres_engine: Engine) -> None:
    postgres_engine.con.raw_sql("ALTER ROLE goodwill SET timezone = 'Asia/Shanghai'")
    log = log_of(random_log(1), "Asia/Shanghai")
    read = read_transactions(engine.hold(moments(log, "UTC"), "zoned"), returns="keep")
    found = summarize_purchases(read, unit="day").to_pandas().set_index("customer_id")
    wanted = definition(log.assign(date=log.date.dt.tz_convert("UTC")), "keep", None, read.last)
    pd.testing.assert_frame_equal(found, wanted, check_dtype=False, check_names=False, check_index_type=False, rtol=1e-9)
    assert "the date in UTC is kept" in read.audit.set_index("rule").done["time zones"]


def test_dates_written_as_text_must_be_cast_where_they_are(engine: Engine) -> None:
    rows = pa.table({"customer_id": ["a"], "date": ["2024-01-01"], "amount": [1.0]})
    with pytest.raises(DataError, match=r"cast them to DATE and DECIMAL there \(a view will do\)"):
        read_transactions(engine.hold(rows, "texts"))


def test_ids_from_floats_and_money_in_floats_are_read_as_in_duckdb(engine: Engine, duckdb_engine: Engine) -> None:
    rows = pa.table(
        {
            "customer_id": pa.array([1.0, 2.0, None, 2.0]),
            "date": pa.array([date(2024, 1, d) for d in (1, 2, 3, 9)]),
            "amount": pa.array([1.25, 3.0, 4.0, 0.1]),
        }
    )
    found, wanted = (read_transactions(e.hold(rows, "floats")) for e in (engine, duckdb_engine))
    same(found.audit, wanted.audit)
    same(summarize_purchases(found).to_pandas(), summarize_purchases(wanted).to_pandas())


def _asked(table: Any, **told: Any) -> str:
    with pytest.raises(Unclear) as asked:
        read_transactions(table, **told)
    return str(asked.value)


def test_a_table_that_stands_there_twice_and_totals_on_its_lines_are_asked_about_alike(engine: Engine, duckdb_engine: Engine) -> None:
    days = [date(2024, 1, 1 + k % 28) for k in range(120)]
    lines = {
        "customer_id": [f"c{k // 3 % 12}" for k in range(120)],
        "date": days,
        "order_id": [k // 3 for k in range(120)],
        "amount": [Decimal(10 + k // 3) / 4 for k in range(120)],
        "item": [f"i{k}" if k % 7 else None for k in range(120)],
    }
    orders, twice = (pa.table(each) for each in (lines, {name: cells[::3] * 2 for name, cells in lines.items()}))
    for rows, once in ((orders, "orders"), (twice, "rows")):
        there, here = (e.hold(rows, "lines") for e in (engine, duckdb_engine))
        assert _asked(there) == _asked(here)
        found, wanted = (read_transactions(each, once=once) for each in (there, here))
        same(found.audit, wanted.audit)
        assert found.audit.set_index("rule").rows["rows used"] == 40
