"""The summary of purchases: the field's published counts, and a ten-line definition that it must equal on any log."""

import gc
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import ibis
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.data.definition import LOGS, ONE_CUSTOMER, definition, log_of, without_purchases

from goodwill.data.purchases import automatic_calibration_end, summarize_purchases
from goodwill.data.reading.sources import read_transactions
from goodwill.data.tables import Transactions
from goodwill.errors import DataError

START = date(2024, 1, 31)  # 2024 has a leap day


@pytest.fixture(scope="module")
def sample() -> Transactions:
    return read_transactions("cdnow_sample")


@pytest.fixture(scope="module")
def ten_days() -> Transactions:
    """One customer who buys on the first and on the last of ten days."""
    return read_transactions(_log([("a", 0, 5.0), ("a", 9, 5.0)]))


def _log(rows: list[tuple[Any, int, float]]) -> pd.DataFrame:
    """Rows of (customer, day after START, amount)."""
    return pd.DataFrame(
        {
            "customer_id": [r[0] for r in rows],
            "date": pd.to_datetime([START + timedelta(days=r[1]) for r in rows]),
            "amount": [r[2] for r in rows],
        }
    )


def _summary(rows: list[tuple[Any, int, float]], returns: str = "net", **options: Any) -> pd.DataFrame:
    return (
        summarize_purchases(read_transactions(_log(rows), returns=returns), **{"unit": "day", **options})
        .to_pandas()
        .set_index("customer_id")
    )


def test_summary_of_cdnow_matches_fader_hardie_lee_2005(sample: Transactions) -> None:
    # The sample and split of Fader, Hardie and Lee (2005), Marketing Science 24(2), section 4; 1,411 buy once, 946 again.
    summary = summarize_purchases(sample, calibration_end="1997-09-30")
    frame = summary.to_pandas()
    assert len(frame) == 2357
    assert frame.frequency.sum() == 2457
    assert frame.recency.sum() == pytest.approx(16135.5714, abs=5e-5)
    assert frame["T"].sum() == pytest.approx(77111.2857, abs=5e-5)
    assert (frame.frequency == 0).sum() == 1411
    assert frame.frequency_holdout.sum() == 1882
    assert (frame.duration_holdout == 39).all()
    assert summary.counts == {"customers": 2357, "repeaters": 946, "repeat_purchases": 2457}
    assert frame.monetary_value[frame.frequency > 0].mean() == pytest.approx(35.08, abs=5e-3)  # note 025 of Fader and Hardie (2013)


def test_figure_1_of_the_paper_shows_these_customers(sample: Transactions) -> None:
    # The paper numbers the sample 0001 to 2357; 0001 is master 00004 with (2, 30.43, 38.86), 0002 is 00018, 0003 is 00021.
    frame = summarize_purchases(sample, calibration_end="1997-09-30").to_pandas()
    first = frame.iloc[0]
    assert (first.frequency, round(first.recency, 2), round(first["T"], 2)) == (2, 30.43, 38.86)
    last = frame.iloc[-1]
    assert (last.frequency, last.recency, last["T"]) == (0, 0, 27)


def test_automatic_calibration_end_halves_the_window(sample: Transactions) -> None:
    assert automatic_calibration_end(sample) == date(1997, 9, 30)
    with pytest.raises(DataError, match="holds one day only"):
        automatic_calibration_end(read_transactions(_log([("a", 0, 1.0), ("b", 0, 2.0)])))


def test_the_weekly_grain_is_a_choice_and_not_the_unit(sample: Transactions) -> None:
    by_day = summarize_purchases(sample, calibration_end="1997-09-30").to_pandas()
    by_week = summarize_purchases(sample, grain="week", calibration_end="1997-09-30").to_pandas()
    assert by_week.frequency.sum() < by_day.frequency.sum()
    assert (by_week.recency % 1 == 0).all()


def test_units_only_rescale(sample: Transactions) -> None:
    days = summarize_purchases(sample, unit="day", calibration_end="1997-09-30").to_pandas()
    for unit, length in (("week", 7), ("month", 30.4375), ("year", 365.25)):
        summary = summarize_purchases(sample, unit=unit, calibration_end="1997-09-30")
        assert summary.grains_per_unit == length
        assert (summary.to_pandas()["T"] == days["T"] / length).all()


def test_compressed_rows_stand_for_the_customers(sample: Transactions) -> None:
    summary = summarize_purchases(sample, calibration_end="1997-09-30")
    frame, rows, spend = summary.to_pandas(), summary.purchase_rows(), summary.spend_rows()
    assert list(rows.columns) == ["frequency", "recency", "T", "weight"]
    counted = frame.groupby(["frequency", "recency", "T"]).size()
    pd.testing.assert_series_equal(rows.set_index(["frequency", "recency", "T"]).weight, counted, check_names=False)
    assert spend.weight.sum() == 946
    assert (spend.frequency > 0).all()
    repeaters = frame[frame.frequency > 0]
    assert (spend.weight * spend.frequency * spend.monetary_value).sum() == pytest.approx(
        (repeaters.frequency * repeaters.monetary_value).sum()
    )


@pytest.mark.slow
def test_two_runs_are_equal_byte_for_byte(sample: Transactions) -> None:
    def run(threads: int) -> tuple[str, ...]:
        read = read_transactions("cdnow_sample")
        read.table.get_backend().raw_sql(f"SET threads = {threads}")
        summary = summarize_purchases(read, calibration_end="1997-09-30")
        return tuple(
            f.to_csv(float_format="%r") for f in (summary.to_pandas(), summary.purchase_rows(), summary.spend_rows(), summary.audit)
        )

    assert run(1) == run(2)


@pytest.mark.slow
def test_parquet_gives_the_same_summary(sample: Transactions, tmp_path: Path) -> None:
    sample.to_pandas().to_parquet(tmp_path / "f.parquet")
    here = summarize_purchases(read_transactions(tmp_path / "f.parquet"), calibration_end="1997-09-30").to_pandas()
    pd.testing.assert_frame_equal(here, summarize_purchases(sample, calibration_end="1997-09-30").to_pandas())


@pytest.mark.sampled(1)
@pytest.mark.parametrize("dialect", ["pyspark", "postgres", "snowflake", "bigquery"])
def test_the_summary_is_one_query_in_other_engines_too(dialect: str) -> None:
    read = read_transactions(_log([("a", 0, Decimal(5)), ("a", 3, Decimal(-1))]))  # floats need the package of the engine
    table = summarize_purchases(read, calibration_end=START + timedelta(days=1)).table
    assert ibis.to_sql(table, dialect=dialect).lstrip().upper().startswith(("SELECT", "WITH"))


# ------------------------------------------------------------------------------------------------ rules, one by one


def test_a_zero_amount_is_a_purchase() -> None:
    assert _summary([("a", 0, 5.0), ("a", 4, 0.0)]).loc["a", ["frequency", "recency", "monetary_value"]].tolist() == [1, 4, 0]


def test_net_a_return_is_netted_into_its_day() -> None:
    assert _summary([("a", 0, 5.0), ("a", 4, 10.0), ("a", 4, -3.0)]).loc["a", ["frequency", "monetary_value"]].tolist() == [1, 7]


@pytest.mark.slow
def test_net_a_day_of_returns_is_no_purchase_and_its_money_is_subtracted() -> None:
    rows = [("a", 0, 5.0), ("a", 4, 10.0), ("a", 6, -3.0), ("a", 9, 0.0)]
    assert _summary(rows).loc["a", ["frequency", "recency", "T", "monetary_value"]].tolist() == [2, 9, 9, 3.5]


@pytest.mark.slow
def test_net_what_is_returned_before_the_second_purchase_belongs_to_the_first() -> None:
    rows = [("a", 0, 50.0), ("a", 2, -50.0), ("a", 9, 10.0), ("a", 12, -4.0)]
    assert _summary(rows).loc["a", ["frequency", "recency", "monetary_value", "spend"]].tolist() == [1, 9, 6, 6]
    assert _summary([("a", 0, 50.0), ("a", 2, -50.0)]).loc["a", ["frequency", "monetary_value", "spend"]].tolist() == [0, 0, 0]


@pytest.mark.slow
def test_net_mean_spend_may_fall_below_zero_and_is_not_cut() -> None:
    assert _summary([("a", 0, 5.0), ("a", 4, 10.0), ("a", 6, -30.0)]).loc["a", "monetary_value"] == -20


@pytest.mark.slow
def test_net_returns_before_the_first_purchase_touch_nothing() -> None:
    rows = [("a", 0, -50.0), ("a", 2, 5.0), ("a", 4, 10.0)]
    assert _summary(rows).loc["a", ["frequency", "recency", "T", "monetary_value"]].tolist() == [1, 2, 2, 10]


@pytest.mark.slow
def test_a_customer_of_returns_only_is_no_customer() -> None:
    rows = [("a", 0, 5.0), ("b", 1, -5.0)]
    assert _summary(rows).index.tolist() == ["a"]
    audit = summarize_purchases(read_transactions(_log(rows))).audit.set_index("rule")
    assert (audit.rows["customers of returns only"], audit.money["customers of returns only"]) == (1, -5)


@pytest.mark.slow
def test_drop_takes_negative_rows_away_and_keep_counts_them() -> None:
    rows = [("a", 0, 5.0), ("a", 4, 10.0), ("a", 6, -3.0)]
    assert _summary(rows, "drop").loc["a", ["frequency", "recency", "T", "monetary_value"]].tolist() == [1, 4, 4, 10]
    assert _summary(rows, "keep").loc["a", ["frequency", "recency", "T", "monetary_value"]].tolist() == [2, 6, 6, 3.5]
    assert "kept" in read_transactions(_log(rows), returns="keep").audit.set_index("rule").done["negative amounts"]
    audit = read_transactions(_log(rows), returns="drop").audit.set_index("rule")
    assert (audit.rows["negative amounts"], audit.money["negative amounts"], audit.rows["rows used"]) == (1, -3, 2)


@pytest.mark.slow
def test_rows_after_the_end_and_late_customers_are_left_out_and_counted() -> None:
    rows = [("a", 0, 5.0), ("b", 5, 7.0), ("a", 6, 1.0), ("a", 9, 2.0), ("c", 9, 4.0)]
    summary = summarize_purchases(
        read_transactions(_log(rows)), unit="day", calibration_end=START + timedelta(days=3), end=str(START + timedelta(days=7))
    )
    frame = summary.to_pandas()
    assert frame.iloc[0].tolist() == ["a", 0, 0, 3, 0, 5, 1, 1, 4]
    assert len(frame) == 1
    audit = summary.audit.set_index("rule")
    assert (audit.rows["rows after the end"], audit.money["rows after the end"]) == (2, 6)
    assert (audit.rows["rows of customers not in the summary"], audit.money["rows of customers not in the summary"]) == (1, 7)


def test_an_end_after_the_last_row_lengthens_t() -> None:
    assert _summary([("a", 0, 5.0)], end=START + timedelta(days=10)).loc["a", "T"] == 10


def test_one_customer_with_one_purchase_has_a_summary() -> None:
    summary = summarize_purchases(read_transactions(_log([("a", 0, 5.0)])))
    assert summary.counts == {"customers": 1, "repeaters": 0, "repeat_purchases": 0}
    assert summary.purchase_rows().iloc[0].tolist() == [0, 0, 0, 1]
    assert summary.spend_rows().empty


@pytest.mark.slow
def test_without_money_there_is_a_summary_without_monetary_value() -> None:
    read = read_transactions(_log([("a", 0, 5.0), ("a", 2, 1.0), ("a", 2, 1.0), ("b", 1, 1.0), ("a", 8, 1.0)]).drop(columns="amount"))
    summary = summarize_purchases(read, unit="day", calibration_end=START + timedelta(days=4))
    assert list(summary.to_pandas().columns) == ["customer_id", "frequency", "recency", "T", "frequency_holdout", "duration_holdout"]
    assert summary.to_pandas().frequency.tolist() == [1, 0]
    assert summary.audit.rule.is_unique
    with pytest.raises(DataError, match="has no money"):
        summary.spend_rows()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"calibration_end": "1990-01-01"}, "calibration_end=1990-01-01 leaves no calibration.*run from 2024-01-31 to 2024-02-09"),
        ({"calibration_end": "2024-02-09"}, "leaves no calibration or no holdout"),
        ({"calibration_end": "2024-02-05", "end": "2024-02-03"}, "and end=2024-02-03"),
        ({"calibration_end": "soon"}, "calibration_end='soon' is no date"),
        ({"end": "2023-01-01"}, "end=2023-01-01 lies before the data"),
        ({"unit": "fortnight"}, "choose one of day, week, month, year"),
        ({"grain": "month"}, "choose one of day, week"),
        ({"unit": "day", "grain": "week"}, "finer than grain='week'"),
    ],
)
def test_impossible_windows_and_units_are_refused(ten_days: Transactions, options: dict[str, str], sentence: str) -> None:
    with pytest.raises(DataError, match=sentence):
        summarize_purchases(ten_days, **options)


# ------------------------------------------------------------------------------------------ the definition in pandas


def _equals_definition(log: pd.DataFrame, source: Any, returns: str, cut_day: int | None, cut_off: int) -> None:
    """The summary of a source equals the definition on its log; a log of which nothing is left is refused."""
    if without_purchases(log, returns):
        with pytest.raises(DataError, match="no usable row"):
            read_transactions(source, returns=returns, once="nothing")
        return
    read = read_transactions(source, returns=returns, once="nothing")  # equal rows are meant: no question whether they are copies
    end = max(read.first, read.last - timedelta(days=cut_off))
    cut = None if cut_day is None else START + timedelta(days=cut_day)
    if cut is not None and not read.first <= cut < end:
        cut = None
    summary = summarize_purchases(read, unit="day", calibration_end=cut, end=end)
    got = summary.to_pandas().set_index("customer_id").drop(columns="duration_holdout", errors="ignore")
    wanted = definition(log, returns, cut, end)
    pd.testing.assert_frame_equal(got, wanted, check_dtype=False, check_names=False, check_index_type=False)


RETURNS = st.sampled_from(["net", "drop", "keep"])
CUT, CUT_OFF = st.integers(0, 40) | st.none(), st.integers(0, 5)


@pytest.mark.slow
@given(LOGS, RETURNS, CUT, CUT_OFF)
@example([("a", 29, 0, 1.0), ("a", 29, 0, 1.0), ("a", 28, 0, -5.0), ("a", 30, 0, 2.5)], "net", 29, 0)  # cut on a leap day with a purchase
@example([("a", 0, 0, 1.0)], "net", None, 0)
@example([("a", 0, 0, 19.75), ("a", 2, 0, -2.5), ("a", 9, 0, 2.5), ("a", 12, 0, -1.0), ("b", 1, 0, 1.0), ("b", 3, 0, -40.0)], "net", 20, 0)
@example([("a", 0, 0, 19.75), ("a", 2, 0, -2.5), ("a", 9, 0, 2.5), ("a", 12, 0, -1.0)], "net", 5, 0)
@example([("a", 0, 0, -1.0), ("b", 0, 0, -1.0)], "drop", None, 0)
@example([("b", 3, 5, 0.0), ("a", 3, 5, 0.0), ("a", 3, 900, -1.0), ("b", 3, 5, 0.0)], "net", 3, 0)
def test_summary_equals_its_definition_on_any_log(rows: list[Any], returns: str, cut_day: int | None, cut_off: int) -> None:
    log = log_of(rows)
    _equals_definition(log, log, returns, cut_day, cut_off)


@pytest.mark.slow
@given(ONE_CUSTOMER, RETURNS, CUT, CUT_OFF)
def test_summary_of_one_customer_equals_its_definition(rows: list[Any], returns: str, cut_day: int | None, cut_off: int) -> None:
    log = log_of(rows)
    _equals_definition(log, log, returns, cut_day, cut_off)


@pytest.mark.slow
@given(LOGS, st.sampled_from(["UTC", "Asia/Shanghai", "America/New_York"]), RETURNS, CUT)
def test_of_a_frame_in_a_time_zone_the_date_on_the_clock_there_counts(
    rows: list[Any], zone: str, returns: str, cut_day: int | None
) -> None:
    log = log_of(rows, zone)
    _equals_definition(log, log, returns, cut_day, 0)


@pytest.mark.slow
@given(LOGS, st.sampled_from(["Asia/Shanghai", "America/New_York"]), RETURNS, CUT)
def test_of_moments_in_an_engine_the_date_in_utc_counts(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Any], zone: str, returns: str, cut_day: int | None
) -> None:
    log, path = log_of(rows, zone), tmp_path_factory.mktemp("log") / "f.parquet"
    log.to_parquet(path)  # an instant without the zone that it was written in, as in TIMESTAMPTZ of a database
    _equals_definition(log.assign(date=log.date.dt.tz_convert("UTC")), path, returns, cut_day, 0)


def test_our_engine_keeps_the_rows_of_a_summary_as_long_as_it_is_there(sample: Transactions) -> None:
    con = sample.table.get_backend()
    summary = summarize_purchases(sample)
    before = set(con.list_tables())
    rows = summary.purchase_rows()
    assert len(summary.to_pandas()) == rows["weight"].sum()
    (kept,) = set(con.list_tables()) - before
    del summary
    gc.collect()
    summarize_purchases(sample, calibration_end="1997-06-30").to_pandas()
    assert kept not in con.list_tables()


def test_rows_may_be_changed_by_whoever_asked_for_them(sample: Transactions) -> None:
    summary = summarize_purchases(sample)
    rows = summary.purchase_rows()
    rows.loc[:, "weight"] = 0
    assert summary.purchase_rows()["weight"].sum() == 2_357


def test_a_summary_that_is_a_table_already_is_not_kept_twice(sample: Transactions) -> None:
    cached = summarize_purchases(sample).cached()
    before = set(sample.table.get_backend().list_tables())
    assert cached.counts["customers"] == 2_357
    assert set(sample.table.get_backend().list_tables()) <= before
