"""A class made, answered and graded by the commands; what is refused, and what is left alone."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from benchmarks.classroom import STUDENTS, Folder, disguised, write
from click.testing import CliRunner, Result

from goodwill.classroom import Answers, grade, read_answers, student_company
from goodwill.classroom.answers import ANSWERS, CUSTOMERS
from goodwill.classroom.oracle import PARAMETERS, oracle_of
from goodwill.classroom.students import WEEKS, extra_spend
from goodwill.cli import main
from goodwill.errors import DataError
from goodwill.simulate.mechanism import Strategy, mechanism

SMALL = ("--customers", "120", "--tried", "600")
NAMES = ("Ann", "李娜", "Zoë B")


def goodwill(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class of three, as it is written."""
    place = tmp_path_factory.mktemp("class")
    (place / "names.txt").write_text("\n".join(NAMES) + "\n", "utf8")
    done = goodwill("class", "--names", place / "names.txt", "--out", place / "spring", *SMALL)
    assert done.exit_code == 0, done.output
    return place / "spring"


@pytest.fixture
def spring(made: Path, tmp_path: Path) -> Path:
    """The same class, to spoil."""
    shutil.copytree(made, tmp_path / "spring")
    shutil.copy(made.with_name("spring.secret"), tmp_path / "spring.secret")
    return tmp_path / "spring"


def secret_of(spring: Path) -> bytes:
    return json.loads(spring.with_name("spring.secret").read_text("utf8"))["secret"].encode()


def marks(spring: Path) -> pd.DataFrame:
    return pd.read_csv(spring.with_name("spring.marks.csv"), index_col="student", keep_default_na=False)


@pytest.mark.slow
def test_a_class_is_made_answered_graded_and_a_copy_is_flagged(spring: Path) -> None:
    assert sorted(path.name for path in (spring / "李娜").iterdir()) == [
        *("TASK.md", "answers.toml", "complaints.csv", "customers.csv", "customers_known.csv", "orders.csv", "survey.csv", "trial.csv")
    ]
    write(spring / "Ann", STUDENTS["good"](Folder(spring / "Ann"), np.random.default_rng(1)))
    disguised(spring / "Ann", spring / "李娜", np.random.default_rng(2))
    done = goodwill("grade", spring)
    assert done.exit_code == 0, done.output
    table = marks(spring)
    assert list(table.index) == list(NAMES)
    assert table.loc["Ann", "mark"] > 75 > 50 > table.loc["李娜", "mark"] > table.loc["Zoë B", "mark"] == 0
    assert table["copied"].to_dict() == {"Ann": "", "李娜": "Ann", "Zoë B": ""}
    assert table.loc["Zoë B", "reasons"] == "nothing was answered"
    assert "values fit Ann's customers" in table.loc["李娜", "reasons"] and "copied by 李娜?" in table.loc["Ann", "reasons"]
    assert "1 flagged as copied" in done.output
    again = goodwill("grade", spring)
    assert again.exit_code == 0 and marks(spring).equals(table)


def test_the_secret_lies_outside_and_belongs_to_its_owner(made: Path) -> None:
    secret = made.with_name("spring.secret")
    assert secret.stat().st_mode & 0o077 == 0
    word = json.loads(secret.read_text("utf8"))["secret"]
    assert not any(word in path.read_text("utf8") for path in made.rglob("*") if path.is_file())
    assert secret.parent == made.parent


@pytest.mark.slow
def test_the_same_secret_and_names_make_the_same_companies_and_another_name_another() -> None:
    one, two, other = (student_company(b"s", name, 60, 60).company.transactions for name in ("Ann", "Ann", "Bob"))
    assert one.equals(two) and not one.equals(other)


def test_a_student_checks_her_own_folder_without_the_secret(spring: Path) -> None:
    done = goodwill("grade", spring / "Ann")
    assert done.exit_code == 0 and "can be read. Not answered: orders" in done.output and "value of 120 customers" in done.output
    (spring / "Ann" / ANSWERS).write_text("[forecasts]\norders = 'many'\n", "utf8")
    done = goodwill("grade", spring / "Ann")
    assert done.exit_code == 1 and "orders of [forecasts] is 'many'; it must be a number" in done.output


@pytest.mark.parametrize(
    ("sheet", "why"),
    [
        ("[forecasts]\norders = nan\n", "orders of [forecasts] is 'nan'; it must be a number"),
        ("[forecasts]\norders = true\n", "orders of [forecasts] is 'True'; it must be a number"),
        ("[forecasts]\norders = " + "9" * 5_000, "answers.toml cannot be read"),
        ("[forecasts]\norders = " + "9" * 400, "it must be a number"),
        ("[forecasts]\norder = 3\n", "[forecasts] has no field 'order'; its fields are orders, orders_low"),
        ("[forecasts]\norders_low = 3\norders_high = 2\n", "orders_low is 3 and orders_high 2; the lower end comes first"),
        ("[extras]\na = 1\n", "'extras' is no part of the answers; the parts are forecasts, decisions, parameters"),
        ("[decisions]\nprivate = 'gift'\n", "private of [decisions] is 'gift'; it is one of nothing, voucher, call"),
        ("orders = 3,5\n", "answers.toml cannot be read"),
        ("\xff", "answers.toml cannot be read"),
    ],
)
def test_a_sheet_that_cannot_be_read_is_told_in_a_sentence(made: Path, tmp_path: Path, sheet: str, why: str) -> None:
    (tmp_path / ANSWERS).write_text(sheet, "utf8")
    shutil.copy(made / "Ann" / CUSTOMERS, tmp_path)
    with pytest.raises(DataError) as error:
        read_answers(tmp_path, range(1, 121), ["private", "business"])
    assert why in str(error.value)


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ("customer_id,value\n1,2\n", "customers.csv has no column 'visit'"),
        ("customer_id,value,visit\n999,2,yes\n", "row 2: customer_id is '999', and no customer of this company"),
        ("customer_id,value,visit\n1,2,yes\n1,2,yes\n", "row 3: customer 1 stands there twice"),
        ("customer_id,value,visit\n1,much,yes\n", "row 2: value is 'much'; it must be a number"),
        ("customer_id,value,visit\n1,inf,yes\n", "row 2: value is 'inf'; it must be a number"),
        ("customer_id,value,visit\n1,1e200,yes\n", "row 2: value is '1e200'; it must be a number"),
        ("customer_id,value,visit\n1,2,perhaps\n", "row 2: visit is 'perhaps'; it is yes or no"),
    ],
)
def test_a_table_that_cannot_be_read_is_told_with_its_row(tmp_path: Path, table: str, why: str) -> None:
    (tmp_path / ANSWERS).write_text("", "utf8")
    (tmp_path / CUSTOMERS).write_text(table, "utf8")
    with pytest.raises(DataError) as error:
        read_answers(tmp_path, range(1, 121), ["private", "business"])
    assert why in str(error.value)


def test_semicolons_blank_rows_and_a_mark_of_bytes_are_no_fault(tmp_path: Path) -> None:
    (tmp_path / ANSWERS).write_text("[parameters]\nmean_spend = 3\n", "utf-8-sig")
    (tmp_path / CUSTOMERS).write_text("customer_id;visit;value\n2;No;3.5\n\n1;;\n", "utf-8-sig")
    found = read_answers(tmp_path, range(1, 121), ["private", "business"])
    assert found == Answers(values={2: 3.5}, visits={2: False}, parameters={"mean_spend": 3.0})


@pytest.mark.slow
def test_answers_that_cannot_be_read_stop_nobody_else(spring: Path) -> None:
    (spring / "Ann" / ANSWERS).unlink()
    (spring / "李娜" / ANSWERS).write_text("[forecasts]\norder = 3\n", "utf8")
    shutil.rmtree(spring / "Zoë B")
    assert goodwill("grade", spring).exit_code == 0
    reasons = marks(spring)["reasons"]
    assert reasons["Ann"] == "answers.toml is missing; put the answers into a file of this name beside the orders."
    assert reasons["李娜"].startswith("answers.toml: [forecasts] has no field 'order'")
    assert reasons["Zoë B"] == "the student's folder is gone."


def test_what_is_not_ours_is_refused_and_left_as_it_is(spring: Path, tmp_path: Path) -> None:
    def refused(*arguments: str | Path) -> str:
        done = goodwill(*arguments)
        assert done.exit_code == 2, done.output
        return done.output

    before = {path: path.read_bytes() for path in spring.rglob("*") if path.is_file()}
    assert "holds something already, and is left as it is" in refused("class", "--students", "3", "--out", spring)
    assert "would lie inside" in refused("class", "--students", "3", "--out", tmp_path / "b", "--secret", tmp_path / "b" / "key")
    (tmp_path / "letter").write_text("dear all", "utf8")
    assert "holds no secret of a class" in refused("class", "--students", "3", "--out", tmp_path / "c", "--secret", tmp_path / "letter")
    assert "was not made by `goodwill class`" in refused("grade", tmp_path)
    assert "is no table of marks, and is left as it is" in refused("grade", spring, "--out", tmp_path / "letter")
    assert "is lost" in refused("grade", spring, "--secret", tmp_path / "gone")
    other = json.loads(spring.with_name("spring.secret").read_text("utf8")) | {"secret": "0" * 64}
    (tmp_path / "other").write_text(json.dumps(other), "utf8")
    assert "is not the one that" in refused("grade", spring, "--secret", tmp_path / "other")
    facts = json.loads((spring / "class.json").read_text("utf8"))
    assert (tmp_path / "letter").read_text("utf8") == "dear all"
    assert {path: path.read_bytes() for path in spring.rglob("*") if path.is_file()} == before
    facts["students"][0][1] = "0" * 16
    (spring / "class.json").write_text(json.dumps(facts), "utf8")
    assert "makes another company for Ann" in refused("grade", spring)


@pytest.mark.parametrize(
    ("names", "why"),
    [("a/b", "cannot be the name of a folder"), ("..", "cannot be the name of a folder"), ("CON", "cannot be the name of a folder"),
     ("Ann\nann", "stands there twice"), ("", "a class has 1 to 1,000 students"), ("x" * 61, "has 61 characters")],
)  # fmt: skip
def test_names_that_are_no_folders_are_refused_before_anything_is_written(tmp_path: Path, names: str, why: str) -> None:
    (tmp_path / "names.txt").write_text(names, "utf8")
    done = goodwill("class", "--names", tmp_path / "names.txt", "--out", tmp_path / "out")
    assert (done.exit_code, why in done.output, (tmp_path / "out").exists()) == (2, True, False), done.output


def test_what_the_command_line_needs_is_said(tmp_path: Path) -> None:
    for arguments in ((), ("--students", "2", "--names", "x")):
        assert "Say how many students there are" in goodwill("class", "--out", tmp_path / "a", *arguments).output
    assert "at least 50 customers" in goodwill("class", "--students", "2", "--out", tmp_path / "a", "--customers", "10").output


# --- the oracle and the marks ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def student():
    return student_company(b"oracle", "Ann", 150, 600)


@pytest.fixture(scope="module")
def best(student):
    return oracle_of(student)


def oracle_answers(best) -> Answers:
    quantiles = {name: np.quantile(drawn, (0.1, 0.5, 0.9)) for name, drawn in best.futures.items()}
    return Answers(
        values=best.values.to_dict(),
        visits=(best.visit_gains > 0).to_dict(),
        forecasts={
            name + end: float(at) for name, three in quantiles.items() for end, at in zip(("_low", "", "_high"), three, strict=True)
        },
        decisions=best.strategy_gains.idxmax(axis=1).to_dict(),
        parameters={name: known.truth for name, known in best.parameters.items()},
    )


def test_the_oracle_earns_all_and_each_part_only_its_own(best) -> None:
    answers = oracle_answers(best)
    assert grade(answers, best).points == pytest.approx({"values": 30, "forecasts": 20, "decisions": 30, "parameters": 20})
    assert grade(Answers(), best).mark == 0
    assert grade(Answers(values=answers.values), best).points == pytest.approx(
        {"values": 30, "forecasts": 0, "decisions": 0, "parameters": 0}
    )


def test_points_fall_with_what_answers_lose(best) -> None:
    answers = oracle_answers(best)
    noise = np.random.default_rng(3).normal(size=len(best.values)) * best.values.std(ddof=0)
    worse = [grade(Answers(values=(best.values + size * noise).to_dict()), best).points["values"] for size in (0, 0.2, 0.5, 2)]
    assert worse == sorted(worse, reverse=True) and worse[-1] == 0
    assert worse[2] == pytest.approx(30 * (1 - 0.25 * (noise**2).mean() / best.values.var(ddof=0)))
    shifted = [
        grade(Answers(parameters={name: k.truth + away * k.standard_error for name, k in best.parameters.items()}), best).points[
            "parameters"
        ]
        for away in (1, 3, 5)
    ]
    assert shifted == pytest.approx([20, 10, 0])
    alike = Answers(visits=dict.fromkeys(best.values.index, True), decisions=best.strategy_gains.idxmin(axis=1).to_dict())
    assert grade(alike, best).points["decisions"] == 0
    point = {name: at for name, at in answers.forecasts.items() if "_" not in name}
    assert 0 < grade(Answers(forecasts=point), best).points["forecasts"] < 20


@pytest.mark.slow
@pytest.mark.parametrize("dropout", ["after a purchase", "at any time"])
def test_the_closed_form_of_a_strategy_is_that_of_simulated_lives(dropout: str) -> None:
    m = mechanism("BG/NBD", dropout=dropout, trial_weeks=26, segments=(("private", 1.0),), strategies=(Strategy("call", 1.0, (0.5,)),))
    people = {"born": 0.0, "left": [np.inf, 3.0], "rate": 0.4, "leaving": 0.15, "mean_spend": 10.0, "segment": "private"}
    table = pd.DataFrame(people, index=[0, 1]).assign(customer_id=[1, 2])
    told = extra_spend(SimpleNamespace(truth=SimpleNamespace(mechanism=m), customers=table), 10.0, (0.5,))
    rng, bought = np.random.default_rng(1), []
    for rate in (0.4, 0.6):
        times = np.cumsum(rng.exponential(1 / rate, (100_000, 60)), axis=1)
        leaves = rng.exponential(1 / 0.15, (100_000, 1)) if dropout == "at any time" else np.full((100_000, 1), np.inf)
        stayed = np.cumprod(np.hstack([np.ones((100_000, 1)), rng.random((100_000, 59)) > 0.15]), axis=1) if np.isinf(leaves).all() else 1.0
        bought.append(float(((times < np.minimum(26, leaves)) * stayed).sum(axis=1).mean()))
    assert told.to_list() == pytest.approx([10 * (bought[1] - bought[0]), 0.0], abs=0.25)


@pytest.mark.long
def test_the_closed_form_of_a_strategy_is_what_the_company_brings(student) -> None:
    for strategy in student.mechanism.strategies:
        told = float(extra_spend(student.company, WEEKS, strategy.rate).sum())
        found = student.company.truth.do(strategy.name, 1, since=WEEKS, until=WEEKS + 26, futures=150).customers["change"]
        assert told == pytest.approx(float(found.sum()), rel=0.15)


@pytest.mark.slow
def test_values_of_the_oracle_are_what_comes_on_average() -> None:
    came, told = [], []
    for name in ("a", "b", "c", "d"):
        one = student_company(b"calibration", name, 400, 60)
        came.append(float(one.company.truth.future(52, futures=5)["spend"].sum()))
        told.append(float(one.expected_spend(52).sum()))
    assert sum(told) == pytest.approx(sum(came), rel=0.08)


def test_parameters_are_those_asked_for_and_have_errors(best) -> None:
    assert tuple(best.parameters) == PARAMETERS
    assert all(0 < known.standard_error < 10 * abs(known.truth) for known in best.parameters.values())
