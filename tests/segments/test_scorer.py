"""Scores night after night: one file of fits, places that are written whole, and what changed."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import goodwill as gw
import goodwill.segments.scorer
from goodwill.cli import main
from goodwill.errors import DataError
from goodwill.lifetime_value.valued import value_customers
from goodwill.segments.scorer import Scorer, fit_scorer, score

TERMS = gw.ValueTerms(horizon=52, margin=0.3, annual_discount_rate=0.15, unit="week")
INTERVALS = ["purchases_lower", "purchases_upper", "value_lower", "value_upper"]


@pytest.fixture(scope="module")
def summary() -> gw.PurchaseSummary:
    return gw.summarize_purchases(gw.read_transactions("cdnow_sample"))


@pytest.fixture(scope="module")
def scorer(summary: gw.PurchaseSummary) -> Scorer:
    return fit_scorer(summary, TERMS)


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Orders of every eighth customer of the sample, for what does not hang on how many there are."""
    orders = gw.read_transactions("cdnow_sample").to_pandas()[["customer_id", "date", "amount"]]
    path = tmp_path_factory.mktemp("few") / "orders.csv"
    orders[orders["customer_id"].isin(sorted(set(orders["customer_id"]))[::8])].to_csv(path, index=False)
    return path


def run(*told: str | Path) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["score", *map(str, told)])
    return done.exit_code, done.output


@pytest.mark.slow
def test_scores_are_those_of_customer_value_with_the_ids_of_the_orders(tmp_path: Path, scorer: Scorer, summary: gw.PurchaseSummary) -> None:
    assert score(scorer, summary, tmp_path / "s.parquet")[:3] == (2357, 0, 0)
    found = pd.read_parquet(tmp_path / "s.parquet").set_index("customer_id")
    right = gw.customer_value(scorer.purchases, scorer.spend, summary, TERMS)
    pd.testing.assert_series_equal(found["value"].sort_index(), right["value"].sort_index(), rtol=1e-12)
    assert ((found["value_lower"] <= found["value"]) & (found["value"] <= found["value_upper"])).mean() > 0.95
    assert set(found["segment"]) <= set(scorer.rules.segments)


@pytest.mark.slow
def test_spend_is_that_of_the_model_which_the_orders_choose_as_in_notebook_01(scorer: Scorer, summary: gw.PurchaseSummary) -> None:
    right = value_customers(summary, gw.BetaGeoNBD, TERMS)
    assert right.spend_model == "first amount"
    assert scorer.spend.model == right.spend.model
    assert Scorer.from_json(scorer.to_json()).spend.model == right.spend.model


@pytest.mark.slow
def test_of_very_many_customers_a_part_says_what_spend_is(
    monkeypatch: pytest.MonkeyPatch, scorer: Scorer, summary: gw.PurchaseSummary
) -> None:
    monkeypatch.setattr(goodwill.segments.scorer, "LEARNED_FROM", 800)
    part = goodwill.segments.scorer._some(summary)
    assert 1000 < part.counts["customers"] < 1360  # one of two
    assert part.end == summary.end
    rows = part.to_pandas().set_index("customer_id")
    pd.testing.assert_frame_equal(rows, summary.to_pandas().set_index("customer_id").loc[rows.index], check_like=True)
    means = [fit.model.expected_spend(0, 0) for fit in (fit_scorer(summary, TERMS).spend, scorer.spend)]
    assert means[0] == pytest.approx(means[1], rel=0.05)


@pytest.mark.slow
@pytest.mark.parametrize("place", ["s.csv", "s.parquet", "s.duckdb::scores", "s.sqlite::scores"])
def test_every_place_holds_the_same_and_can_be_read_back(
    place: str, tmp_path: Path, scorer: Scorer, summary: gw.PurchaseSummary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    score(scorer, summary, place, level=None)
    assert score(scorer, summary, "again.csv", level=None, before=place)[:3] == (2357, 0, 0)
    again = pd.read_csv("again.csv", dtype={"customer_id": str})
    assert (again["value"] - again["value_before"]).abs().max() < 1e-9
    assert (again["segment"] == again["segment_before"]).all()
    assert again["customer_id"].str.len().eq(5).all(), "zeros at the front are part of an id"


@pytest.mark.slow
def test_what_changed_is_counted(tmp_path: Path, scorer: Scorer, summary: gw.PurchaseSummary) -> None:
    first = gw.summarize_purchases(gw.read_transactions("cdnow_sample"), end="1997-02-28")
    then = score(scorer, first, tmp_path / "then.csv", level=None)
    now = score(scorer, summary, tmp_path / "now.csv", before=tmp_path / "then.csv")
    found = pd.read_csv(tmp_path / "now.csv")
    assert now.new == 2357 - then.customers == found["value_before"].isna().sum() > 0
    known = found[found["segment_before"].notna()]
    assert now.moved == (known["segment"] != known["segment_before"]).sum() > 0
    assert not set(INTERVALS) & set(pd.read_csv(tmp_path / "then.csv"))


@pytest.mark.slow
def test_a_kept_fit_scores_as_the_fresh_one(tmp_path: Path, few: Path) -> None:
    assert run(few, "--out", tmp_path / "a.csv", "--keep-fit", tmp_path / "fit.json")[0] == 0
    code, said = run(few, "--out", tmp_path / "b.csv", "--fit", tmp_path / "fit.json", "--before", tmp_path / "a.csv")
    assert code == 0
    assert "295 customers, as of 1998-06-28, for the next 52 weeks.\nBeside" in said
    assert "a.csv: 0 new, 0 in another segment." in said
    one, other = (pd.read_csv(tmp_path / name) for name in ("a.csv", "b.csv"))
    pd.testing.assert_frame_equal(one, other[one.columns])


@pytest.mark.slow
def test_scores_go_by_what_is_told_of_customers_and_say_what_the_fit_does_not_know(tmp_path: Path, few: Path) -> None:
    orders = pd.read_csv(few, dtype=str)
    often = orders.groupby("customer_id")["date"].transform("nunique") > 2
    orders["channel"] = np.where(often, "web", "shop")
    orders.loc[orders["customer_id"] == orders["customer_id"].min(), "channel"] = ""
    orders.to_csv(tmp_path / "o.csv", index=False)
    code, said = run(tmp_path / "o.csv", "--covariates", "channel", "--out", tmp_path / "s.csv", "--keep-fit", tmp_path / "fit.json")
    assert (code, said.splitlines()[1:3]) == (
        0,
        ["Rates and leaving go with channel.", "channel is not stated of 0% of the customers, who form a level of their own."],
    )
    plain = run(tmp_path / "o.csv", "--out", tmp_path / "plain.csv")
    assert plain[0] == 0 and "channel" not in plain[1]
    by, without = (pd.read_csv(tmp_path / name, dtype={"customer_id": str}).set_index("customer_id") for name in ("s.csv", "plain.csv"))
    web = orders[orders["channel"] == "web"]["customer_id"].unique()
    assert by.loc[web, "expected_purchases"].mean() > without.loc[web, "expected_purchases"].mean()
    assert (by["value_lower"] <= by["value"]).mean() > 0.95 and len(by) == len(without) == 295
    table = orders.drop_duplicates("customer_id")[["customer_id", "channel"]].replace("shop", "kiosk")
    table.to_csv(tmp_path / "crm.csv", index=False)
    code, said = run(
        tmp_path / "o.csv", "--fit", tmp_path / "fit.json", "--covariate-table", tmp_path / "crm.csv", "--out", tmp_path / "t.csv"
    )
    strange = int((table["channel"] == "kiosk").sum())
    assert f"{strange} customers with channel = 'kiosk', a level that the fit does not know: scored without covariates.\n" in said
    again = pd.read_csv(tmp_path / "t.csv", dtype={"customer_id": str}).set_index("customer_id")
    pd.testing.assert_series_equal(again.loc[web, "value"], by.loc[web, "value"])
    code, said = run(tmp_path / "o.csv", "--fit", tmp_path / "fit.json", "--covariates", "channel", "--out", tmp_path / "t.csv")
    assert code != 0 and f"--covariates is settled in {tmp_path / 'fit.json'}; leave it out, or fit anew without --fit." in said
    code, said = run(few, "--fit", tmp_path / "fit.json", "--out", tmp_path / "t.csv")
    assert code != 0 and "orders.csv has no column 'channel' that could say something of customers" in said


@pytest.mark.slow
def test_a_fit_by_covariates_asks_for_them(tmp_path: Path, summary: gw.PurchaseSummary) -> None:
    told = summary.to_pandas()[["customer_id"]].assign(shop=["a", "b"] * 1178 + ["a"])
    by = fit_scorer(summary, TERMS, told=told)
    assert by.purchases.model == gw.BetaGeoNBD.fit(summary).model
    with pytest.raises(DataError) as error:
        score(by, summary, tmp_path / "s.parquet")
    assert str(error.value) == "this fit goes by covariates (shop); tell them of the customers that are to be scored too."


@pytest.mark.slow
def test_orders_without_money_are_scored_without_it(tmp_path: Path, few: Path) -> None:
    pd.read_csv(few, dtype=str)[["customer_id", "date"]].to_csv(tmp_path / "orders.csv", index=False)
    code, said = run(tmp_path / "orders.csv", "--out", tmp_path / "s.csv")
    assert (code, "No value and no segment: the orders hold no money.\n" in said) == (0, True)
    assert not {"value", "segment"} & set(pd.read_csv(tmp_path / "s.csv"))
    code, said = run(tmp_path / "orders.csv", "--out", tmp_path / "s.csv", "--before", tmp_path / "s.csv")
    assert (code, "0 new, 0 in another segment." in said) == (0, True)


@pytest.mark.sampled(1)
@pytest.mark.parametrize(
    ("told", "why"),
    [
        (["--out", "s.txt"], "s.txt: scores go to a path that ends in .csv or .parquet, or to DATABASE::TABLE."),
        (["--out", "s.xlsx::scores"], "a table of scores goes to a .duckdb or .sqlite file"),
        (["--out", "nowhere/s.csv"], "nowhere/s.csv: there is no folder"),
        (["--out", "other.csv"], "other.csv was not written by a scoring and would be lost"),
        (["--out", "s.csv", "--before", "other.csv"], "other.csv holds no scores: it has no column customer_id."),
        (["--out", "s.csv", "--before", "none.csv"], "none.csv cannot be read as earlier scores"),
        (["--out", "s.csv", "--fit", "other.csv"], "other.csv holds no fit that can be read"),
        (["--out", "s.csv", "--fit", "none.json"], "none.json cannot be read (No such file or directory)."),
        (["--out", "s.csv", "--fit", "none.json", "--margin", "0.2"], "--margin is settled in none.json; leave it out"),
        (["--out", "other.sqlite::orders"], "'orders' was not written by a scoring and would be lost"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    told: list[str], why: str, few: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("other.csv").write_text("name,place\na,b\n")
    with sqlite3.connect("other.sqlite") as con:
        con.execute("CREATE TABLE orders (name TEXT)")
    code, said = run(few, *told)
    assert code in (1, 2)
    assert why in said
    assert Path("other.csv").read_text() == "name,place\na,b\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other.csv", "other.sqlite"]


def test_a_kept_fit_of_another_kind_is_refused() -> None:
    with pytest.raises(DataError, match="the stored fit holds no fit that can be read; 'goodwill score ORDERS --keep-fit FILE' writes one"):
        Scorer.from_json('{"format": 7}')
