"""Every notebook on tables that lack something: a report that keeps its promises, or one plain sentence; never a developer's word."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.notebooks.sweep import Run, faults, run

FILES = Path(__file__).resolve().parents[1] / "data" / "files"
LOG, SHOP = FILES / "complaints" / "s02_log_ok.csv", FILES / "transactions" / "00_plain.csv"
REPORT = ""  # a run that stops with no sentence


def swept(number: str, **parameters: Any) -> Run:
    """A run without fault; paths as texts."""
    done = run(number, **{name: str(value) if isinstance(value, Path) else value for name, value in parameters.items()})
    assert not faults(number, done)
    return done


# ------------------------------------------------------------------------------------------------------ complaints


@pytest.mark.slow
def test_a_log_alone_shows_how_long_cases_take() -> None:
    done = swept("02", complaints=LOG)
    assert (done["complaints_read"], done["answered_in_time"]) == (200, 1.0)
    assert done.reason("complaint_cost") == "There are no purchases: pass data=."
    way = "There are no purchases: pass data=. Or state what a customer is still worth by residual_value=."
    assert done.reason("assumed_cost") == way
    assert ("figure", "waiting") in done.shown


@pytest.mark.slow
def test_purchases_alone_show_what_a_customer_is_worth() -> None:
    done = swept("02", data=SHOP)
    assert done["residual_value"] > 0
    assert done.reason("complaint_cost") == "There are no complaints: pass complaints=."


@pytest.mark.slow
def test_a_stated_value_takes_the_place_of_purchases() -> None:
    assert swept("02", complaints=LOG, residual_value=200.0)["assumed_cost"] > 0


def logs(folder: Path) -> Iterator[tuple[str, Path]]:
    """The log without one or more of its columns, with levels that nobody has, and as small as can be."""
    whole = pd.read_csv(LOG).assign(customer_id=[f"C{n % 120:04d}" for n in range(200)])
    whole["outcome"] = np.resize(["satisfied", "acceptable", "dissatisfied"], len(whole))
    made = {f"without {name}": whole.drop(columns=name) for name in ("answered", "closed", "outcome", "customer_id")}
    made |= {"with openings alone": whole[["opened"]], "with nothing closed": whole.assign(closed=""), "of one case": whole.head(1)}
    made |= {f"all {outcome}": whole.assign(outcome=outcome) for outcome in ("satisfied", "acceptable", "dissatisfied")}
    made |= {"of strangers": whole.assign(customer_id="nobody"), "without outcomes": whole.assign(outcome="")}
    for name, log in made.items():
        path = folder / f"{name.replace(' ', '_')}.csv"
        log.to_csv(path, index=False)
        yield name, path


@pytest.mark.long
@pytest.mark.parametrize("beside", [{}, {"data": SHOP}], ids=["alone", "beside purchases"])
def test_logs_that_lack_something(tmp_path: Path, beside: dict[str, Any]) -> None:
    for name, path in logs(tmp_path):
        assert swept("02", complaints=path, **beside).stopped == REPORT, name


@pytest.mark.slow
@pytest.mark.parametrize("number", ["02", "05"])
def test_what_a_file_of_purchases_asks_is_answered_where_it_stands_beside_a_log(number: str, tmp_path: Path) -> None:
    shop, log = tmp_path / "läden.csv", tmp_path / "log.csv"
    bought = pd.read_csv(SHOP).assign(status=lambda x: np.where(x.index % 9, "bezahlt", "storniert"), where="Köln")
    bought.to_csv(shop, index=False, sep=";", decimal=",", encoding="cp1252")
    pd.read_csv(LOG).assign(customer_id=bought["customer_id"].head(200), cause="Größe").to_csv(log, index=False, encoding="cp1252")
    asked = run(number, data=str(shop), complaints=str(log)).stopped
    assert "encoding='cp1252'" in asked
    asked = run(number, data=str(shop), complaints=str(log), encoding="cp1252").stopped
    assert "keep=['status=bezahlt']" in asked
    done = swept(number, data=shop, complaints=log, encoding="cp1252", keep=["status=bezahlt"])
    if number == "02":
        assert done.stopped == REPORT and done["complaints_read"] == 200
    else:  # both are read; they are of different years
        assert "the two do not overlap" in done.stopped


# ----------------------------------------------------------------------------------------------------- satisfaction


def answers(n: int = 400) -> pd.DataFrame:
    """Answers on 1 to 5 that go together."""
    rng = np.random.default_rng(1)
    satisfaction = rng.integers(1, 6, n)
    return pd.DataFrame({"satisfaction": satisfaction, "loyalty": np.clip(satisfaction + rng.integers(-1, 2, n), 1, 5)})


def kept(**levels: Callable[[pd.Series], Any]) -> pd.DataFrame:
    """The answers whose levels are so."""
    table = answers()
    return table[np.logical_and.reduce([is_so(table[name]).to_numpy(bool) for name, is_so in levels.items()])]


SURVEYS: dict[str, tuple[pd.DataFrame, dict[str, Any]]] = {
    "nobody answered 1 and 2": (kept(satisfaction=lambda x: x > 2), {}),
    "nobody loyal": (kept(loyalty=lambda x: x < 4), {}),
    "eight people": (answers(8), {}),
    "1 to 4 on the default 1 to 5": (kept(satisfaction=lambda x: x < 5, loyalty=lambda x: x < 5), {}),
    **{f"nobody answered {level}": (kept(satisfaction=lambda x, level=level: x != level), {}) for level in (1, 3, 5)},
    **{f"nobody is loyal as {level}": (kept(loyalty=lambda x, level=level: x != level), {}) for level in (1, 5)},
    "half of loyalty missing": (answers().assign(loyalty=lambda x: x["loyalty"].where(x.index % 2 == 0)), {}),
    "a segment of each": (answers().assign(segment=lambda x: x.index.astype(str)), {}),
    "one segment": (answers().assign(segment="all"), {}),
    "a blank segment": (answers().assign(segment=lambda x: np.where(x.index % 2, "a", "")), {}),
    "a flat item": (answers().assign(a=3, b=lambda x: x["loyalty"]), {"items": ["a", "b"]}),
    "an empty item": (answers().assign(a=None, b=lambda x: x["loyalty"]), {"items": ["a", "b"]}),
    "an item twice": (answers().assign(a=lambda x: x["loyalty"], b=lambda x: x["loyalty"]), {"items": ["a", "b"]}),
    "one item": (answers().assign(a=lambda x: x["loyalty"]), {"items": ["a"]}),
    "satisfaction twice": (answers().assign(loyalty=lambda x: x["satisfaction"]), {}),
    "the other way round": (answers().assign(loyalty=lambda x: 6 - x["satisfaction"]), {}),
    "a behaviour of nobody": (answers().assign(did=0), {"behaviour": "did"}),
    "nobody recommends": (answers().assign(would=None), {"recommend": "would"}),
    "a role of nobody": (answers().assign(no_choice=None), {"role_columns": ["no_choice"]}),
    "tiny weights": (answers().assign(weight=1e-9), {}),
    "huge counts": (answers().assign(count=10**6), {}),
    "yes and no": (answers().assign(loyalty=lambda x: np.where(x["loyalty"] > 3, "yes", "no")), {}),
    "nothing but no": (answers().assign(loyalty="no"), {}),
    "reliabilities of one": (answers(), {"reliability_satisfaction": 1.0, "reliability_loyalty": 1.0}),
    "money terms": (answers(), {"margin": 100.0, "persistence": 1.0, "retention_if_loyal": 0.9, "retention_if_not": 0.5}),
}
STOPS: dict[str, tuple[pd.DataFrame, dict[str, Any], str]] = {
    "one level": (kept(satisfaction=lambda x: x == 4), {}, "all answers lie at one level of satisfaction"),
    "nobody answers loyalty": (answers().assign(loyalty=None), {}, "nobody answered both satisfaction and loyalty"),
    "no loyalty": (answers()[["satisfaction"]], {}, "has no column 'loyalty'"),
    "one column for both": (answers(), {"loyalty": "satisfaction"}, "is told as satisfaction and as loyalty"),
    "more answers than asked": (answers(), {"sent": 10, "returned": 400}, "400 valid answers cannot come from 10 questionnaires"),
}


def survey_run(folder: Path, table: pd.DataFrame, told: dict[str, Any]) -> Run:
    table.to_csv(folder / "survey.csv", index=False)
    return swept("03", data=folder / "survey.csv", examples=False, **told)


@pytest.mark.slow
@pytest.mark.parametrize("case", ["nobody answered 1 and 2", "nobody recommends", "an item twice"])
def test_a_survey_that_lacks_something_is_reported(case: str, tmp_path: Path) -> None:
    assert survey_run(tmp_path, *SURVEYS[case]).stopped == REPORT


@pytest.mark.slow
@pytest.mark.parametrize("case", SURVEYS)
def test_every_survey_that_lacks_something_is_reported(case: str, tmp_path: Path) -> None:
    assert survey_run(tmp_path, *SURVEYS[case]).stopped == REPORT


@pytest.mark.sampled(1)
@pytest.mark.parametrize("case", STOPS)
def test_a_survey_without_a_relation_is_refused_in_one_sentence(case: str, tmp_path: Path) -> None:
    table, told, sentence = STOPS[case]
    assert sentence in survey_run(tmp_path, table, told).stopped


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted((FILES / "surveys").glob("*.csv")), ids=lambda path: path.stem)
def test_every_survey_file_is_reported_or_refused(path: Path) -> None:
    swept("03", data=path, examples=False)


# --------------------------------------------------------------------------------------------- purchases and contracts


@pytest.mark.slow
@pytest.mark.parametrize("budget", [1e-6, 1e12])
def test_a_budget_of_next_to_nothing_and_of_more_than_all(budget: float) -> None:
    assert swept("04", data=SHOP, budget=budget).stopped == REPORT


@pytest.mark.parametrize(
    ("name", "told", "sentence"),
    [
        ("wide", {}, "one row a cohort"),
        ("gap", {}, "no row for time 3"),
        ("nobody_leaves", {}, "nobody leaves"),
        ("percent", {}, "started="),
    ],
)
def test_contracts_that_cannot_be_are_refused_in_one_sentence(name: str, told: dict[str, Any], sentence: str) -> None:
    assert sentence in swept("07", data=FILES / "contracts" / f"s07_{name}.csv", **told).stopped


@pytest.mark.long
@pytest.mark.parametrize("path", sorted((FILES / "contracts").glob("*.csv")), ids=lambda path: path.stem)
def test_every_table_of_contracts_is_reported_or_refused(path: Path) -> None:
    swept("07", data=path)
