"""What each notebook foretells is held against longer data by a later run: what came is what those data say, counted here by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import goodwill as gw
from goodwill.errors import TooLittle
from goodwill.findings.finding import Absent
from goodwill.inference.ledger import FOUR_WEEKS, Forecast, as_plain, in_order, read_forecast
from goodwill.reports.recording import output
from goodwill.reports.recording.notebooks import Notebook
from goodwill.reports.recording.record import record_forecasts
from goodwill.reports.running.ledger_file import keep as keep_ledger
from goodwill.reports.running.ledger_file import ledger_file, read_ledger, with_tonight
from goodwill.reports.running.what_came import what_came

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
MADE = date(1997, 12, 31)


def parameters(notebook: str, **given: Any) -> dict[str, Any]:
    """All parameters of one of our notebooks."""
    (path,) = NOTEBOOKS.glob(f"{notebook}_*.ipynb")
    defaults = {each.name: each.default for each in Notebook.read(path).parameters}
    assert given.keys() <= defaults.keys()
    return defaults | given


@pytest.fixture(scope="module")
def log() -> pd.DataFrame:
    frame = gw.read_transactions("cdnow_sample").to_pandas()
    frame["date"] = pd.to_datetime(frame["date"]).dt.date
    return frame[["customer_id", "date", "amount"]]


@pytest.fixture(scope="module")
def base(log: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The customers of the log on the day of the forecast, of whom all schemes speak."""
    path = tmp_path_factory.mktemp("base") / "sales.csv"
    log[log["date"] <= MADE].to_csv(path, index=False)
    return gw.segments.customer_base(gw.read_transactions(str(path)), margin=0.3, horizon=13.0)


@pytest.fixture
def shop(log: pd.DataFrame, tmp_path: Path) -> Iterator[Path]:
    """The log as it is on the day of the forecast; `grow` writes what came since."""
    path = tmp_path / "sales.csv"
    log[log["date"] <= MADE].to_csv(path, index=False)
    yield path


def came_in(log: pd.DataFrame, one: Forecast) -> pd.DataFrame:
    """The purchases within the window of the customers known when it began."""
    first = log.groupby("customer_id")["date"].min()
    known = log["customer_id"].isin(first.index[first <= one.made])
    return log[known & (log["date"] > one.made) & (log["date"] <= one.due)]


def stated(said: list[Forecast]) -> list[Forecast]:
    """The same after a night in the ledger's file."""
    return [read_forecast(as_plain(one)) or pytest.fail("cannot be read again") for one in said]


def test_each_notebook_that_looks_ahead_foretells_and_the_survey_does_not():
    foretelling = {path.name[:2] for path in NOTEBOOKS.glob("[0-9]*.ipynb") if "gw.record_forecasts(" in path.read_text()}
    assert foretelling == {"01", "02", "04", "05", "06", "07", "08", "10"}


@pytest.mark.slow
def test_06_each_model_foretells_and_all_stacked_for_the_report(log: pd.DataFrame, shop: Path):
    transactions = gw.read_transactions(str(shop))
    compared = gw.lifetime_value.compare_purchase_models(transactions, gw.PURCHASE_MODELS, cuts=2, horizon=13.0, unit="week", seed=1)
    said = gw.lifetime_value.model_forecasts(transactions, compared, draws=50)
    assert {one.which for one in said} == {"", *gw.PURCHASE_MODELS}
    assert {one.days for one in said} == {FOUR_WEEKS, 91}
    given = parameters("06", data=str(shop))
    assert what_came(stated(said), given) == ()
    log.to_csv(shop, index=False)
    found = what_came(stated(said), given)
    assert len(found) == 8
    for one in found:
        assert one.came == came_in(log, one).groupby("customer_id")["date"].nunique().sum()


@pytest.mark.slow
def test_10_newcomers_are_those_who_first_buy_in_the_window(log: pd.DataFrame, shop: Path):
    until = date(1997, 2, 4)
    log[log["date"] <= until].to_csv(shop, index=False)
    said = [Forecast("newcomers", until, until + timedelta(days=days), 500.0, 400.0, 600.0, unit="customers") for days in (14, FOUR_WEEKS)]
    given = parameters("10", data=str(shop))
    assert what_came(stated(said), given) == ()
    log.to_csv(shop, index=False)
    first = log.groupby("customer_id")["date"].min()
    found = what_came(stated(said), given)
    assert [one.came for one in found] == [((first > until) & (first <= one.due)).sum() for one in said]
    assert all(one.came > 100 for one in found)


SLOW = pytest.mark.slow


@pytest.mark.slow
@pytest.mark.parametrize(
    ("notebook", "scheme"),
    [
        ("04", "rfm"),
        *(
            pytest.param(*each, marks=SLOW)
            for each in (("08", "pyramid"), ("04", "pyramid"), ("04", "hiatus"), ("08", "rfm"), ("08", "hiatus"))
        ),
    ],
)
def test_04_and_08_the_profit_from_all_and_from_each_segment(log: pd.DataFrame, base: Any, shop: Path, scheme: str, notebook: str):
    rules = gw.segments.learn(scheme, base.customers, **gw.segments.scheme_options(base, scheme))
    people, segment = base.today.customers, np.asarray(rules.assign(base.today.customers), str)
    said = gw.segments.segment_forecasts(base, scheme, segment, "")
    parts = [one for one in said if one.name == "value of a segment"]
    for days in (FOUR_WEEKS, 91):
        (whole,) = (one.estimate for one in said if one.name == "value" and one.days == days)
        assert sum(one.estimate for one in parts if one.days == days) == pytest.approx(whole, rel=0.05)  # the whole is discounted
    given = parameters(notebook, data=str(shop), scheme=scheme)
    assert what_came(stated(said), given) == ()
    log.to_csv(shop, index=False)
    found = what_came(stated(said), given)
    assert len(found) == len(said)
    members = dict(zip(people["customer_id"].astype(str), segment, strict=True))
    for one in (one for one in found if one.which):
        later = came_in(log, one)
        mine = later["customer_id"].astype(str).map(members) == one.which
        assert one.came == pytest.approx(0.3 * float(later.loc[mine, "amount"].sum()))
    for days in (FOUR_WEEKS, 91):
        parts_came = sum(one.came or 0 for one in found if one.which and one.days == days)
        (whole_came,) = (one.came for one in found if one.name == "value" and one.days == days)
        assert parts_came == pytest.approx(whole_came, rel=0.05)


@pytest.mark.slow
def test_04_segments_cut_by_values_that_go_with_covariates_are_found_again(log: pd.DataFrame, shop: Path):
    bought = log.groupby("customer_id")["date"].transform("size")
    told = log.assign(card=np.where(bought + log["customer_id"].astype(int) % 3 > 3, "yes", "no"))
    told[told["date"] <= MADE].to_csv(shop, index=False)
    read = gw.read_transactions(str(shop), known=["card"])
    base = gw.segments.customer_base(read, gw.lifetime_value.model_by_covariates("BG/NBD", read, ["card"]), margin=0.3, horizon=13.0)
    people, segment = base.today.customers, np.asarray(gw.segments.learn("pyramid", base.customers).assign(base.today.customers), str)
    parts = [one for one in gw.segments.segment_forecasts(base, "pyramid", segment, "BG/NBD") if one.which and one.days == FOUR_WEEKS]
    told.to_csv(shop, index=False)
    given = parameters("04", data=str(shop), scheme="pyramid", covariates=["card"])
    members = dict(zip(people["customer_id"].astype(str), segment, strict=True))
    found = what_came(stated(parts), given)
    assert len(found) == len(parts) > 2
    for one in found:
        later = came_in(log, one)
        mine = later["customer_id"].astype(str).map(members) == one.which
        assert one.came == pytest.approx(0.3 * float(later.loc[mine, "amount"].sum()))
    assert what_came(stated(parts), parameters("04", data=str(shop), scheme="pyramid")) == ()  # nothing is told any more


@pytest.mark.slow
def test_04_segments_of_data_that_began_earlier_or_of_other_terms_stay_open(log: pd.DataFrame, base: Any, shop: Path):
    rules = gw.segments.learn("abc", base.customers)
    said = gw.segments.segment_forecasts(base, "abc", rules.assign(base.today.customers), "")
    log.to_csv(shop, index=False)
    parts = [one for one in said if one.which and one.days == FOUR_WEEKS]
    given = parameters("04", data=str(shop))
    assert len(what_came(parts, given)) == len(parts) > 1
    assert what_came([replace(one, first=date(1996, 1, 1)) for one in parts], given) == ()
    known = json.loads(parts[0].terms)
    changed = [known | {"scheme": "x"}, known | {"learned": ""}, known | {"learned": None}, known | {"model": []}, known | {"horizon": -1}]
    for terms in ("{", "[" * 100_000, "5", "[]", *map(json.dumps, changed)):
        assert what_came([replace(one, terms=terms) for one in parts[:1]], given) == (), terms
    assert what_came([replace(one, which="nobody") for one in parts], given) == ()


@pytest.mark.slow
def test_05_what_customers_buy_and_bring_and_nothing_of_a_simulated_company(log: pd.DataFrame, shop: Path):
    summary = gw.summarize_purchases(gw.read_transactions(str(shop)), unit="week")
    fits = gw.ModifiedBetaGeoNBD.fit(summary), gw.GammaGamma.fit(summary)
    terms = gw.ValueTerms(13.0, 0.3, 0.15, "week")
    said = gw.relationship.purchases_ahead(*fits, summary, terms, "USD")
    assert [(one.name, one.days) for one in said] == [("purchases", 28), ("value", 28), ("purchases", 91), ("value", 91)]
    log.to_csv(shop, index=False)
    found = what_came(stated(said), parameters("05", data=str(shop)))
    assert [one.came for one in found if one.name == "purchases"] == [
        came_in(log, one).groupby("customer_id")["date"].nunique().sum() for one in found if one.name == "purchases"
    ]
    with pytest.raises(TooLittle, match=r"^the company is simulated, so that nothing more comes of it\.$"):
        gw.relationship.purchases_ahead(*fits, summary, terms, "USD", simulated=True)


def survivors(last: int) -> pd.DataFrame:
    """Two cohorts, whose tables end at a renewal; one customer in ten leaves at each."""
    rows = [(cohort, time, round(size * 0.9**time)) for cohort, size in (("a", 1000), ("b", 300)) for time in range(last + 1)]
    return pd.DataFrame(rows, columns=["cohort", "time", "customers"])


@pytest.mark.slow
def test_07_the_survivors_of_the_next_renewals_by_cohort(tmp_path: Path):
    path = tmp_path / "contracts.csv"
    survivors(8).to_csv(path, index=False)
    table = gw.read_survival(str(path))
    fits = gw.lifetime_value.fits_in_use(gw.lifetime_value.fit_cohorts(table.table, 5, "year"))
    said = gw.lifetime_value.contract_forecasts(table, fits, "year", 3)
    assert [(one.which, one.made, one.due) for one in said] == [("a", 8, 9), ("a", 8, 11), ("b", 8, 9), ("b", 8, 11)]
    assert all(one.lower <= one.estimate <= one.upper for one in said)
    given = parameters("07", data=str(path))
    assert what_came(stated(said), given) == ()
    survivors(9).to_csv(path, index=False)
    found = what_came(stated(said), given)
    assert [(one.which, one.came, one.statement.held) for one in found] == [("a", 387.0, True), ("b", 116.0, True)]
    survivors(9).assign(customers=lambda t: t["customers"] * 2).to_csv(path, index=False)
    assert what_came(stated(said), given) == (), "other customers"


def test_07_forecasts_by_renewals_and_by_days_keep_apart_in_one_ledger(tmp_path: Path):
    by_renewal = Forecast("survivors", 8, 9, 390.0, 370.0, 410.0, label="There", unit="customers", which="a", terms="430")
    by_day = Forecast("purchases", MADE, MADE + timedelta(days=28), 10.0, 5.0, 15.0, unit="purchases")
    ledger = with_tonight(read_ledger(tmp_path / "r"), [as_plain(by_day), as_plain(by_renewal)], [replace(by_renewal, came=387.0)])
    keep_ledger(tmp_path / "r", ledger)
    assert ledger_file(tmp_path / "r").read_text().count("\n") == 3
    assert read_ledger(tmp_path / "r").forecasts == tuple(in_order([by_day, replace(by_renewal, came=387.0)]))


def test_07_a_table_with_a_row_for_each_customer_foretells_nothing_and_says_why(tmp_path: Path):
    rows = pd.DataFrame({"tenure": [1, 2, 2, 3, 3, 3] * 20, "churned": ["yes", "yes", "no", "no", "yes", "no"] * 20})
    table = gw.read_survival(rows)
    with pytest.raises(TooLittle, match=r"^a table with a row for each customer counts other customers on every night"):
        gw.lifetime_value.contract_forecasts(table, {}, "year", 3)


def complaints(path: Path, days: int, every: int = 2) -> None:
    start = date(2025, 1, 1)
    opened = [start + timedelta(days=place) for place in range(0, days, every)]
    rows = {"customer_id": range(len(opened)), "opened": opened, "outcome": "satisfied"}
    pd.DataFrame(rows).to_csv(path, index=False)


def test_02_the_complaints_of_the_next_four_weeks(tmp_path: Path):
    path = tmp_path / "log.csv"
    complaints(path, 201)
    log = gw.read_complaints(str(path))
    (one,) = gw.word_of_mouth.complaints_ahead(log, Absent("no purchases"))
    assert (one.made, one.days, one.estimate) == (date(2025, 7, 20), FOUR_WEEKS, 14.0)
    given = parameters("02", complaints=str(path))
    assert what_came(stated([one]), given) == ()
    complaints(path, 241)
    (found,) = what_came(stated([one]), given)
    assert (found.came, found.statement.held) == (14.0, True)
    with pytest.raises(TooLittle, match="the company is simulated"):
        gw.word_of_mouth.complaints_ahead(log, Absent("no purchases"), simulated=True)


@pytest.mark.slow
def test_02_that_nobody_complains_any_more_comes_due_by_the_purchases_beside_the_log(tmp_path: Path, shop: Path):
    path = tmp_path / "log.csv"
    start = MADE - timedelta(days=200)
    opened = [start + timedelta(days=place) for place in range(0, 201, 2)]
    pd.DataFrame({"customer_id": range(len(opened)), "opened": opened, "outcome": "satisfied"}).to_csv(path, index=False)
    (one,) = gw.word_of_mouth.complaints_ahead(gw.read_complaints(str(path)), gw.read_transactions(str(shop)))
    gw.read_transactions("cdnow_sample").to_pandas()[["customer_id", "date", "amount"]].to_csv(shop, index=False)
    (found,) = what_came(stated([one]), parameters("02", complaints=str(path), data=str(shop)))
    assert (found.came, found.statement.held) == (0.0, False)


def test_what_nobody_can_count_and_data_that_cannot_be_read_leave_forecasts_open(tmp_path: Path):
    one = Forecast("the weather", MADE, MADE + timedelta(days=28), 10.0, 5.0, 15.0)
    assert what_came([one, replace(one, name="purchases")], parameters("01", data=str(tmp_path / "gone.csv"))) == ()


def test_a_report_that_foretells_nothing_says_why(monkeypatch: pytest.MonkeyPatch):
    shown: list[Any] = []
    monkeypatch.setattr(output, "put", lambda result, **texts: shown.append((result["forecasts"], texts["markdown"])))
    record_forecasts(Absent("the company is simulated."))
    assert shown == [([], "Nothing is foretold: the company is simulated.")]


def test_where_all_are_of_parts_each_is_said(monkeypatch: pytest.MonkeyPatch):
    shown: list[str] = []
    monkeypatch.setattr(output, "put", lambda result, **texts: shown.append(texts["markdown"]))
    record_forecasts([Forecast("survivors", 8, due, 10.0, 5.0, 15.0, label="There", unit="customers", which="a") for due in (9, 11)])
    assert shown[0].splitlines()[1:] == [
        "- There, renewal 8 to 9: 10.0 customers (95% interval 5.0 to 15.0)",
        "- There, renewal 8 to 11: 10.0 customers (95% interval 5.0 to 15.0)",
    ]


def test_forecasts_of_parts_are_named_in_one_line(monkeypatch: pytest.MonkeyPatch):
    shown: list[str] = []
    monkeypatch.setattr(output, "put", lambda result, **texts: shown.append(texts["markdown"]))
    one = Forecast("value", MADE, MADE + timedelta(days=28), 10.0, 5.0, 15.0, label="Profit")
    record_forecasts([one, *(replace(one, which=name) for name in ("best", "rest"))])
    assert shown[0].splitlines()[1:] == [
        "- Profit, 1997-12-31 to 1998-01-28: 10.0 (95% interval 5.0 to 15.0)",
        "- and apart for each of: best and rest",
    ]
