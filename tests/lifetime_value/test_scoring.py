"""Scores written by the engine equal those computed customer by customer."""

from pathlib import Path
from typing import Any

import ibis
import pandas as pd
import pytest

from goodwill.data.purchases import PurchaseSummary, summarize_purchases
from goodwill.data.reading.files import store
from goodwill.data.reading.sources import read_transactions
from goodwill.errors import DataError, FitError
from goodwill.lifetime_value import scoring
from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD
from goodwill.lifetime_value.gamma_gamma import GammaGamma
from goodwill.lifetime_value.gamma_gamma_by_frequency import GammaGammaByFrequency
from goodwill.lifetime_value.gamma_gamma_with_first import GammaGammaWithFirst
from goodwill.lifetime_value.scoring import score_customers, score_histories, scored_customers
from goodwill.lifetime_value.value import ValueTerms, customer_value
from goodwill.segments.schemes.rfm_segments import rfm

PURCHASES = BetaGeoNBD(r=0.243, alpha=4.414, a=0.793, b=2.426)  # Fader, Hardie & Lee 2005, Table 2
SPEND = GammaGamma(p=6.25, q=3.74, gamma=15.44)
WITH_FIRST = GammaGammaWithFirst(p=3.12, q=4.43, gamma=37.3, p0=4.26, k=1.44)
TERMS = ValueTerms(horizon=39, margin=0.3, annual_discount_rate=0.15, unit="week")


@pytest.fixture(scope="module")
def summary() -> PurchaseSummary:
    return summarize_purchases(read_transactions("cdnow_sample"))


def _same(scored: pd.DataFrame, summary: PurchaseSummary, spend: Any = SPEND) -> None:
    base = summary.to_pandas()
    wanted = base.join(customer_value(PURCHASES, spend, base, TERMS)).drop(columns="value_unlimited")
    found = scored.sort_values("customer_id", ignore_index=True)
    pd.testing.assert_frame_equal(found[wanted.columns], wanted, rtol=1e-11)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("spend", [SPEND, GammaGammaByFrequency(p=6.25, q=3.74, gamma=15.44, lift=1.08), WITH_FIRST])
def test_scores_in_parquet_equal_those_of_customer_value(summary: PurchaseSummary, spend: Any, tmp_path: Path) -> None:
    target = tmp_path / "scores.parquet"
    assert score_customers(summary, PURCHASES, spend, TERMS, to=target) == 2357
    _same(pd.read_parquet(target), summary, spend)
    assert [p.name for p in tmp_path.iterdir()] == ["scores.parquet"]


def test_a_fit_will_do_for_a_model_and_a_segment_can_be_added(summary: PurchaseSummary, tmp_path: Path) -> None:
    plan = ibis.memtable({"segment": ["high", "low"], "strategy": ["call", "wait"]})

    def planned(scored: ibis.Table) -> ibis.Table:
        return scored.mutate(segment=(scored.value > 10).ifelse("high", "low")).join(plan, "segment")

    score_customers(summary, BetaGeoNBD.fit(summary), None, TERMS, to=tmp_path / "a.parquet")
    score_customers(summary, PURCHASES, SPEND, TERMS, to=tmp_path / "b.parquet", also=planned)
    assert "value" not in pd.read_parquet(tmp_path / "a.parquet")
    scored = pd.read_parquet(tmp_path / "b.parquet")
    assert (scored.strategy == (scored.value > 10).map({True: "call", False: "wait"})).all()


def test_segments_and_strategies_are_added_some_customers_at_a_time(
    summary: PurchaseSummary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scoring, "_CHUNK", 500)
    rules, plan = rfm(summary.to_pandas()), {"champions": "call", "lost": "let go"}
    seen = []

    def planned(some: pd.DataFrame) -> pd.DataFrame:
        seen.append(len(some))
        segment = rules.assign(some)
        return some.assign(segment=segment, strategy=pd.Series(segment, index=some.index).astype(str).map(plan).fillna("write"))

    assert score_customers(summary, PURCHASES, SPEND, TERMS, to=tmp_path / "s.parquet", each=planned) == 2357
    assert max(seen) <= 2048  # the embedded engine hands over whole vectors
    scored = pd.read_parquet(tmp_path / "s.parquet").sort_values("customer_id", ignore_index=True)
    _same(scored, summary)
    assert scored.segment.tolist() == list(rules.assign(summary.to_pandas()))
    assert (scored.strategy[scored.segment == "champions"] == "call").all()
    with pytest.raises(DataError, match="a table takes also="):
        score_customers(summary, PURCHASES, SPEND, TERMS, to="::scores", each=planned)


@pytest.mark.slow
def test_scores_go_to_a_table_beside_the_data_and_replace_it() -> None:
    con = ibis.duckdb.connect()
    orders = store(con, read_transactions("cdnow_sample").table.to_pyarrow(), "orders")
    summary = summarize_purchases(read_transactions(orders))
    for _ in range(2):
        assert score_customers(summary, PURCHASES, SPEND, TERMS, to="::scores") == 2357
    _same(con.table("scores").to_pandas(), summary)


@pytest.mark.slow
@pytest.mark.sampled(1)
@pytest.mark.parametrize("spend", [SPEND, WITH_FIRST])
def test_first_amounts_and_what_was_given_back_are_scored_as_in_memory(summary: PurchaseSummary, spend: Any) -> None:
    log = summary.transactions.to_pandas()
    returning = log[log["customer_id"].str[-1].isin(["3", "6"]) & (log["amount"] > 0)]
    both = summarize_purchases(read_transactions(pd.concat([log, returning.assign(amount=-returning["amount"])])))
    _same(scored_customers(both, PURCHASES, spend, TERMS).to_pandas(), both, spend)


def test_customers_whose_money_all_came_back_are_expected_to_bring_as_little_as_in_memory() -> None:
    log = pd.DataFrame(
        {"customer_id": list("aab"), "date": pd.to_datetime(["2024-01-01", "2024-01-09", "2024-02-01"]), "amount": [5, 0, 3]}
    )
    summary = summarize_purchases(read_transactions(log))
    _same(scored_customers(summary, PURCHASES, SPEND, TERMS).to_pandas(), summary)


def test_the_unit_of_the_terms_must_be_that_of_the_summary(summary: PurchaseSummary) -> None:
    with pytest.raises(FitError, match="counts time in days and the data in weeks"):
        scored_customers(summary, PURCHASES, SPEND, ValueTerms(39, 0.3, 0.15, "day"))


def test_a_spend_model_that_is_not_linear_in_the_mean_is_refused(summary: PurchaseSummary) -> None:
    class Squared(GammaGamma):
        def expected_spend(self, frequency: Any, monetary_value: Any) -> Any:
            return super().expected_spend(frequency, monetary_value) ** 2

    with pytest.raises(FitError, match="not linear"):
        score_histories(PURCHASES, Squared(6.25, 3.74, 15.44), summary.purchase_rows(), TERMS)


def test_a_target_that_is_neither_parquet_nor_a_table_is_refused(summary: PurchaseSummary) -> None:
    with pytest.raises(DataError, match=r"ends in \.parquet"):
        score_customers(summary, PURCHASES, SPEND, TERMS, to="scores.csv")


@pytest.mark.slow
def test_spend_within_a_thousandth_counts_as_one_and_gives_the_same_model(summary: PurchaseSummary) -> None:
    exact, merged = summary.spend_rows(), summary.spend_rows(width=0.001)
    assert len(merged) < len(exact)
    assert merged.weight.sum() == exact.weight.sum()
    positive = [GammaGamma.fit(rows[rows.monetary_value > 0]) for rows in (exact, merged)]
    assert positive[1].estimates["estimate"].to_numpy() == pytest.approx(positive[0].estimates["estimate"].to_numpy(), rel=1e-5)


def test_a_cached_summary_is_the_same(summary: PurchaseSummary) -> None:
    pd.testing.assert_frame_equal(summary.cached().to_pandas(), summary.to_pandas())


@pytest.mark.slow
def test_a_folder_or_a_table_that_no_scoring_has_written_is_not_replaced(tmp_path: Path) -> None:
    con = ibis.duckdb.connect()
    orders = store(con, read_transactions("cdnow_sample").table.to_pyarrow(), "orders")
    summary = summarize_purchases(read_transactions(orders))
    with pytest.raises(DataError, match="'::orders': this table was not written by a scoring"):
        score_customers(summary, PURCHASES, SPEND, TERMS, to="::orders")
    assert con.table("orders").count().execute() == 6919
    folder = tmp_path / "scores.parquet"
    folder.mkdir()
    for name in ("part-00000-a1.snappy.parquet", "_SUCCESS", ".part-00000-a1.snappy.parquet.crc", "thesis.docx"):
        (folder / name).write_text("years of work")
    with pytest.raises(DataError, match=r"the folder holds 'thesis.docx'"):
        score_customers(summary, PURCHASES, SPEND, TERMS, to=str(folder))
    (folder / "thesis.docx").unlink()
    assert score_customers(summary, PURCHASES, SPEND, TERMS, to=str(folder)) == 2357
    assert [path.name for path in tmp_path.iterdir()] == ["scores.parquet"]
