"""Contracts and trials that users bring: read from every form, and refused by cohort, time and row where they cannot be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from goodwill.checks import check
from goodwill.data.survival import read_survival
from goodwill.errors import DataError, TooLittle
from goodwill.strategies.offer import trial_at_hand

FILES = Path(__file__).parent / "files"
CONTRACTS = FILES / "contracts"
OK = [1000, 631, 468, 382, 326, 289, 262, 241, 223, 207, 194, 183, 173]
PLAIN = pd.DataFrame({"time": range(13), "customers": OK})


def there(source: Any, **told: Any) -> list[int]:
    """How many are still there, by time."""
    return read_survival(source, **told).table["customers"].tolist()


@pytest.mark.parametrize("name", ["s07_ok.csv", "s07_shuffled.csv", "s07_semicolon.csv"])
def test_the_same_table_in_every_writing(name: str) -> None:
    assert there(CONTRACTS / name) == OK


WRITERS: dict[str, Callable[[Path], Any]] = {
    "c.xlsx": lambda path: PLAIN.to_excel(path, index=False),
    "c.parquet": lambda path: PLAIN.to_parquet(path),
    "c.tsv": lambda path: PLAIN.to_csv(path, sep="\t", index=False),
    "utf16.csv": lambda path: PLAIN.to_csv(path, index=False, encoding="utf-16"),
    "chinese.csv": lambda path: PLAIN.rename(columns={"time": "期数", "customers": "客户数"}).to_csv(path, index=False, encoding="gb18030"),
    "thousands.csv": lambda path: PLAIN.assign(customers=[f"{n:,}" for n in OK]).to_csv(path, index=False),
    "points.csv": lambda path: PLAIN.assign(customers=[f"{n:,}".replace(",", ".") for n in OK]).to_csv(path, index=False, sep=";"),
    "title.csv": lambda path: path.write_text("Subscribers\n\n" + PLAIN.to_csv(index=False)),
}


@pytest.mark.parametrize("name", WRITERS)
def test_contracts_are_read_from_every_form_from_which_purchases_are(name: str, tmp_path: Path) -> None:
    WRITERS[name](tmp_path / name)
    assert there(tmp_path / name) == OK


def test_a_triangle_of_cohorts_keeps_each_as_long_as_it_was_watched() -> None:
    table = read_survival(CONTRACTS / "s07_triangle.csv").table
    assert sorted(table.groupby("cohort")["time"].max(), reverse=True) == list(range(12, 0, -1))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("s07_duplicate.csv", r"time 12 of cohort 'all customers' more than once \(rows 14 and 15\)"),
        ("s07_percent.csv", r"starts at 100; pass started=\['100'\] if these are 100 customers"),
        ("s07_gap.csv", "no row for time 3 of cohort 'all customers'"),
        ("s07_nobody_leaves.csv", "nobody leaves in cohort 'all customers' up to time 12"),
        ("s07_reactivation.csv", r"more customers of cohort 'all customers' at time 5 \(400, row 7\) than at time 4 \(326\)"),
        ("s07_wide.csv", "one row a cohort, its times side by side in columns M1 to M3; a row for each cohort and time is needed"),
    ],
)
def test_tables_that_cannot_be_are_refused_by_cohort_and_time(name: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_survival(CONTRACTS / name)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Kohorte;Zeit;Kunden\na;0;90\na;1;50\nb;0;80\nb;1;70\nb;1;60\n", r"time 1 of cohort 'b' more than once \(rows 5 and 6\)"),
        ("cohort,time,customers\na,0,90\na,1,50\nb,0,80\nb,2,60\n", r"no row for time 1 of cohort 'b' \(it has 0 to 2\)"),
        ("cohort,time,customers\na,1,90\na,2,50\n", r"no row for time 0 of cohort 'a'"),
        ("cohort,time,customers\na,0,90\na,1,50\nb,0,80\nb,1,85\n", r"cohort 'b' at time 1 \(85, row 5\)"),
        ("cohort,time,customers\na,0,90\na,1,90\nb,0,80\nb,1,80\n", "nobody leaves in cohorts 'a', 'b' up to time 1"),
        ("cohort,time,customers\na,0,100\na,1,60\nb,0,100\nb,1,70\n", "starts at 100 in every cohort; pass started="),
        ("批次,0,1,2,3\na,100,60,50,40\n", "columns 0 to 3"),
        ("group,month_1,month_2\na,0.6,0.5\n", "columns month_1 to month_2"),
        ("tenure\n3\n", r"no column 'churned'; say which with churned=\."),
        ("time\n0\n", r"no column 'customers'"),
        (
            "time,customers\n0,90\n1e40,60\n",
            r"holds no whole number in 1 of 2 rows \(first: row 3, '1e40'\); it must be at most 1,000,000,000",
        ),
    ],
)
def test_the_same_faults_in_other_forms(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        read_survival(tmp_path / "c.csv")


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("shares", "started", "first"),
    [
        (lambda n: f"{n / 1000:.3f}", ["1000"], OK),
        (lambda n: f"{n / 10:.1f}%", ["1000"], OK),
        (lambda n: f"{n / 10:.1f}".replace(".", ","), ["1,000"], OK),
        (lambda n: str(n), ["all customers:500"], [500, 316, 234]),
    ],
)
def test_shares_are_counts_with_the_number_at_the_start(
    shares: Callable[[int], str], started: list[str], first: list[int], tmp_path: Path
) -> None:
    PLAIN.assign(customers=[shares(n) for n in OK]).to_csv(tmp_path / "c.csv", index=False, sep=";")
    assert there(tmp_path / "c.csv", started=started)[: len(first)] == first
    with pytest.raises(DataError, match="started"):
        read_survival(tmp_path / "c.csv", started=["nobody:5"])


# ---------------------------------------------------------------------------------------------- a row for each customer


def lives(seed: int = 1, n: int = 4_000) -> pd.DataFrame:
    """Contract periods until a customer leaves, and for how many periods the customer was watched."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame({"life": rng.geometric(rng.beta(0.7, 3.0, n)), "watched": rng.integers(1, 13, n)})


def test_customers_who_are_all_watched_equally_long_are_counted() -> None:
    made = lives()
    left = made["life"] <= 8
    rows = pd.DataFrame({"customerID": range(len(made)), "tenure": made["life"].clip(upper=8), "Churn": np.where(left, "Yes", "No")})
    assert there(rows) == [len(made), *(int((made["life"] > k).sum()) for k in range(1, 9))]


def test_customers_who_are_watched_for_different_times_give_the_shares_of_all() -> None:
    made = lives()
    left = made["life"] <= made["watched"]
    rows = pd.DataFrame({"在网时长": made[["life", "watched"]].min(axis=1), "流失": np.where(left, "是", "否")})
    found = there(rows)
    truth = [(made["life"] > k).mean() for k in range(len(found))]
    assert np.array(found) / found[0] == pytest.approx(truth, abs=0.02)
    assert 0.2 * len(made) < found[0] < len(made)  # no more than were watched to the end: intervals are not made too narrow


@pytest.mark.parametrize(
    ("period", "text", "found"),
    [
        ("year", "start,end\n2020-01-01,2020-12-31\n2020-01-01,2021-06-30\n2020-01-01,\n2023-01-01,2023-01-01\n", [3, 2, 1, 1]),
        ("month", "Beginn;Ende\n01.01.2024;31.01.2024\n01.01.2024;\n01.01.2024;15.03.2024\n01.01.2024;31.03.2024\n", [4, 3, 3]),
        ("week", "signup date,cancelled_at\n2024-01-01,2024-01-08\n2024-01-01,9999-12-31\n2024-01-01,2024-01-20\n", [3, 2, 2]),
    ],
)
def test_customers_with_the_days_of_their_contracts(period: str, text: str, found: list[int], tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text(text)
    assert there(tmp_path / "c.csv", period=period)[: len(found)] == found


@pytest.mark.parametrize(
    ("text", "told", "message"),
    [
        ("tenure,churn\n1,maybe\n2,yes\n2,no\n", {"missing": ["churn:maybe"]}, r"holds maybe in row 2 .*pass missing=\['churn:maybe'\]"),
        ("tenure,churn\nx,yes\n2,yes\n2,no\n", {"missing": ["tenure:x"]}, r"holds x in row 2 .*pass missing=\['tenure:x'\]"),
        (
            "tenure,churn\n1714521600,no\n1,yes\n2,yes\n2,no\n",
            {"missing": ["tenure:1714521600"]},
            r"holds 1714521600 in row 2 .*a number of contract periods, at most 100,000; pass missing=\['tenure:1714521600'\]",
        ),
        ("start,end\n-,2020-01-01\n", None, "every row has a missing value that was told; none is left to count"),
        ("start,end\n2020-01-01,2019-01-01\n", None, r"contract in row 2 ends \(2019-01-01\) before it starts"),
        ("start,end\n,2019-01-01\n2018-01-01,2019-06-01\n", None, "row 2 has no day of its start"),
    ],
)
def test_rows_that_say_nothing_are_refused_with_a_way_on(text: str, told: dict[str, Any] | None, message: str, tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text(text)
    with pytest.raises(DataError, match=message):
        read_survival(tmp_path / "c.csv")
    if told:
        assert there(tmp_path / "c.csv", **told) in ([2, 2, 1], [3, 2, 1])


def test_without_a_renewal_there_is_nothing_to_learn() -> None:
    with pytest.raises(TooLittle, match="No customer has come to a renewal yet"):
        read_survival(pd.DataFrame({"tenure": [0, 0], "churned": ["no", "no"]}))


# ----------------------------------------------------------------------------------------------------------------- trials


@pytest.mark.parametrize(
    ("name", "control", "other"), [("s04_trial_control.csv", "control", "mail"), ("s04_trial_no_email.csv", "No E-Mail", "Mens E-Mail")]
)
def test_trials_say_who_was_left_alone(name: str, control: str, other: str) -> None:
    said = check(FILES / "trials" / name, "experiment").said
    assert said == f"readable as experiment, 6,000 customers: {control} 3,013 (left alone), {other} 2,987"


TRIAL = pd.DataFrame(
    {"customer_id": ["a", "b", "c", "d"], "arm": ["control", "mail"] * 2, "propensity": 0.5, "outcome": [1.0, 2.0, 0.0, 4.0]}
)
HEADERS = {
    "English": ("Client ID", "Treatment Group", "Probability", "Spend"),
    "English, other": ("user_id", "variant", "propensity_score", "Response"),
    "Chinese": ("客户编号", "实验组别", "分配概率", "消费金额"),
    "Chinese, traditional": ("會員編號", "組別", "機率", "結果"),
    "German": ("Kundennr.", "Testgruppe", "Wahrscheinlichkeit", "Umsatz"),
    "French": ("N° client", "Groupe de test", "Probabilité", "Résultat"),
    "Spanish": ("ID cliente", "Grupo", "Probabilidad", "Gasto"),
    "Italian": ("Codice cliente", "Braccio", "Probabilità", "Spesa"),
    "Portuguese": ("Código do cliente", "Tratamento", "Probabilidade", "Resposta"),
    "Dutch": ("Klantnummer", "Groep", "Kans", "Omzet"),
}


@pytest.mark.sampled(2)
@pytest.mark.parametrize("language", HEADERS)
def test_trials_are_read_under_the_usual_headers(language: str) -> None:
    usual = TRIAL.set_axis(HEADERS[language], axis=1)
    pd.testing.assert_frame_equal(trial_at_hand(usual).experiment.frame, trial_at_hand(TRIAL).experiment.frame)


def test_a_trial_whose_columns_cannot_be_told_says_which_to_rename() -> None:
    two = TRIAL.drop(columns="outcome").assign(spend=1.0, conversion=0.0)
    said = "has several columns that could be the outcome: 'spend' and 'conversion'; rename the one that is meant to 'outcome'"
    with pytest.raises(DataError, match=said):
        trial_at_hand(two)
    assert trial_at_hand(two.rename(columns={"spend": "outcome"})).experiment.frame["outcome"].tolist() == [1.0] * 4
    said = "has no column 'arm'; give that name to the one that holds it. Its columns are 'customer_id', 'letter', 'propensity', 'outcome'"
    with pytest.raises(DataError, match=said):
        trial_at_hand(TRIAL.rename(columns={"arm": "letter"}))


DESK, NO_COSTS = "complaint_word_of_mouth:", "no costs: it has no column customer_id and none outcome"


@pytest.mark.parametrize(
    ("kind", "name", "told", "line"),
    [
        ("survey", "surveys/s03_ok.csv", {}, "satisfaction_loyalty: all of it (600 answered both)"),
        ("survey", "surveys/s03_one_level.csv", {}, "satisfaction_loyalty: nothing: all answers lie at one level of satisfaction"),
        ("survey", "surveys/s03_98_99.csv", {"missing": "98,99"}, "satisfaction_loyalty: all of it (576 answered both)"),
        ("complaints", "complaints/s02_log_ok.csv", {}, f"{DESK} how long it takes until a case is answered and closed; {NO_COSTS}"),
        ("complaints", "complaints/s02_epoch_ms.csv", {}, f"{DESK} no times: it has no answered and no closed moments; {NO_COSTS}"),
        (
            "contracts",
            "contracts/s07_triangle.csv",
            {},
            "contracts_and_donations: 11 of 12 cohorts have the 2 renewals that a model takes at least; the longest has 12",
        ),
        (
            "contracts",
            "contracts/s07_percent.csv",
            {"started": '["1000"]'},
            "contracts_and_donations: 1 of 1 cohorts have the 2 renewals that a model takes at least; the longest has 12",
        ),
    ],
)
def test_check_says_what_a_notebook_could_do(kind: str, name: str, told: dict[str, str], line: str) -> None:
    assert check(FILES / name, kind, **told).notebooks == (line,)
