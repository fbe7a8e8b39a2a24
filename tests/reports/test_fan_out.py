from __future__ import annotations

import json
from pathlib import Path

import pytest

from goodwill.data.reading.sources import read_transactions
from goodwill.errors import DataError
from goodwill.reports.sets import batch
from goodwill.reports.sets.fan_out import split

from .running import SALES, Runner, run_here, runner, write_notebook, write_sales

__all__ = ["runner"]

ENTRY = "{name: 'v-{region}', title: 'Value in {region}', notebook: small.ipynb, for_each: {column: region, of: sales.csv}}"
GROUPS = f"title: T\nreports: [{ENTRY}]"


def pieces(folder: Path) -> dict[str, str]:
    return {value: name for value, name, _ in json.loads((folder / "groups.json").read_text())["groups"]}


@pytest.mark.slow
def test_groups_part_the_rows_and_lose_none(tmp_path: Path):
    source = write_sales(tmp_path / "sales.csv", region="north,South Bank,")
    split(str(source), "region", tmp_path / "groups", "f", 10)
    found = pieces(tmp_path / "groups")
    assert found == {
        "(empty)": "sales-empty.parquet",
        "South Bank": "sales-South-Bank.parquet",
        "north": "sales-north.parquet",
    }
    parts = [read_transactions(str(tmp_path / "groups" / name)).to_pandas() for name in found.values()]
    assert sum(map(len, parts)) == len(read_transactions(str(source)).to_pandas()) == 24
    assert {tuple(sorted(set(part["customer_id"].astype(str)))) for part in parts} == {("1", "4"), ("2", "5"), ("3", "6")}


@pytest.mark.slow
def test_a_group_reads_as_its_rows_in_the_file_would(tmp_path: Path):
    """Ids with leading zeros, decimal commas and odd dates stay the texts that they are."""
    lines = [f"00{n};0{n % 9 + 1}.03.2024;{n},5;{'no' if n % 2 else 'so'}" for n in range(1, 30)]
    (tmp_path / "all.csv").write_text("\n".join(["id;day;paid;region", *lines]))
    (tmp_path / "no.csv").write_text("\n".join(["id;day;paid;region", *(line for line in lines if line.endswith("no"))]))
    split(str(tmp_path / "all.csv"), "region", tmp_path / "groups", "f", 10)
    about = {"customer_id": "id", "date": "day", "amount": "paid", "date_format": "%d.%m.%Y", "decimal": ","}
    ours = read_transactions(str(tmp_path / "groups" / "all-no.parquet"), **about).to_pandas()
    theirs = read_transactions(str(tmp_path / "no.csv"), **about).to_pandas()
    assert ours.equals(theirs)
    assert ours["customer_id"].iloc[0] == "001"


def test_wrong_columns_and_columns_of_customers_are_refused(tmp_path: Path):
    source = write_sales(tmp_path / "sales.csv", customers=30)
    with pytest.raises(DataError, match="has no column 'regio'"):
        split(str(source), "regio", tmp_path / "groups", "f", 10)
    with pytest.raises(DataError, match="has more than 10 values; take another one, or say at_most"):
        split(str(source), "customer_id", tmp_path / "groups", "f", 10)


@pytest.mark.slow
def test_one_report_per_group_sees_only_its_rows(runner: Runner):
    assert runner.run(GROUPS) == {"v-north": "built", "v-south": "built"}
    rows = {len(read_transactions(values["data"]).to_pandas()) for values in runner.executed}
    assert rows == {12}
    facts = runner.facts("v-south")
    assert facts["title"] == "Value in south"
    assert facts["recipe"] == {"name": "r.yaml", "report": "v-{group}"}
    assert facts["parameters"]["data"] == "sales.csv (region = south)"
    assert facts["given"]["data"].endswith("/sales-south.parquet")
    assert str(runner.folder) not in json.dumps(facts)


@pytest.mark.slow
def test_only_the_group_whose_rows_changed_is_built_again(runner: Runner):
    runner.run(GROUPS)
    assert runner.run(GROUPS) == {"v-north": "skipped", "v-south": "skipped"}
    sales = runner.folder / "sales.csv"
    sales.write_text(sales.read_text().replace("6,2024-03-01,6.25,north", "6,2024-03-01,9.25,north"))
    assert runner.run(GROUPS) == {"v-north": "built", "v-south": "skipped"}


TOLD = """borrow_from: str = ""  # all groups [path]
group: str = ""  # which of them the data are [any text]
"""
LEANING = GROUPS.replace("of: sales.csv", "of: sales.csv, borrow: true")


@pytest.mark.slow
def test_a_group_that_borrows_is_told_of_all_and_which_it_is(runner: Runner):
    write_notebook(runner.folder / "small.ipynb", parameters=SALES + TOLD)
    write_sales(runner.folder / "sales.csv", region="north,south,")
    assert runner.run(LEANING) == {"v-empty": "built", "v-north": "built", "v-south": "built"}
    assert sorted(values["group"] for values in runner.executed) == ["region=(empty)", "region=north", "region=south"]
    assert {values["borrow_from"] for values in runner.executed} == {str(runner.folder / "sales.csv")}
    assert {len(read_transactions(values["data"]).to_pandas()) for values in runner.executed} == {8}


@pytest.mark.slow
def test_what_borrows_is_built_again_when_any_group_changes(runner: Runner):
    write_notebook(runner.folder / "small.ipynb", parameters=SALES + TOLD)
    runner.run(LEANING)
    assert runner.run(LEANING) == {"v-north": "skipped", "v-south": "skipped"}
    sales = runner.folder / "sales.csv"
    sales.write_text(sales.read_text().replace("6,2024-03-01,6.25,north", "6,2024-03-01,9.25,north"))
    assert runner.run(LEANING) == {"v-north": "built", "v-south": "built"}


@pytest.mark.slow
def test_a_group_that_comes_or_goes_changes_no_other(runner: Runner):
    runner.run(GROUPS)
    sales = runner.folder / "sales.csv"
    sales.write_text(sales.read_text() + "7,2024-03-01,1,East\n")
    assert runner.run(GROUPS) == {"v-East": "built", "v-north": "skipped", "v-south": "skipped"}
    write_sales(sales)
    assert runner.run(GROUPS) == {"v-north": "skipped", "v-south": "skipped"}
    assert not list((runner.set / ".cache").rglob("*East*"))


def test_data_that_cannot_be_split_fail_each_known_report_and_leave_it_standing(runner: Runner):
    runner.run(GROUPS)
    page = (runner.set / "v-north" / "report.html").read_bytes()
    (runner.folder / "sales.csv").write_text("customer_id,date\n1,2024-03-01\n")
    assert runner.run(GROUPS) == {"v-north": "failed", "v-south": "failed"}
    assert "has no column 'region'" in runner.message("v-north")
    assert (runner.set / "v-north" / "report.html").read_bytes() == page
    write_sales(runner.folder / "sales.csv")
    assert runner.run(GROUPS) == {"v-north": "skipped", "v-south": "skipped"}


def test_data_that_were_never_split_fail_once_and_other_reports_are_built(runner: Runner):
    (runner.folder / "sales.csv").unlink()
    both = GROUPS.replace("reports: [", "reports: [{name: a, notebook: small.ipynb}, ")
    assert runner.run(both) == {"a": "built", "v": "failed"}
    assert "There is no file" in runner.message("v")


@pytest.mark.slow
@pytest.mark.parametrize(
    "damage", [lambda p: p.write_bytes(b"PAR1"), lambda p: p.unlink(), lambda p: (p.parent / "groups.json").write_text("[[")]
)
def test_damaged_groups_are_split_again(runner: Runner, damage):
    runner.run(GROUPS)
    damage(next((runner.set / ".cache").rglob("sales-north.parquet")))
    assert runner.run(GROUPS) == {"v-north": "skipped", "v-south": "skipped"}
    assert next((runner.set / ".cache").rglob("sales-north.parquet")).stat().st_size > 100


@pytest.mark.slow
def test_one_file_is_split_once_for_several_reports(runner: Runner, monkeypatch):
    counted = []

    def counting(calls, jobs):
        counted.extend(call for call in calls if call.function is split)
        return run_here(calls, jobs)

    monkeypatch.setattr(batch, "run_calls", counting)
    assert len(runner.run(f"title: T\nreports: [{ENTRY}, {ENTRY.replace('v-', 'w-')}]")) == 4
    assert len(counted) == 1


@pytest.mark.slow
def test_groups_with_names_alike_have_folders_of_their_own(runner: Runner):
    write_sales(runner.folder / "sales.csv", region="north,North,../north")
    found = runner.run(GROUPS)
    assert list(found.values()) == ["built"] * 3
    assert len({name.lower() for name in found}) == 3
    assert {path.parent for path in runner.set.rglob("report.html")} == {runner.set / name for name in found}
    assert not list(runner.folder.glob("north*"))


def test_a_group_stands_in_other_parameters_as_the_value_it_is(runner: Runner):
    write_notebook(runner.folder / "small.ipynb")
    write_sales(runner.folder / "sales.csv", region="{today},{group}")
    text = GROUPS.replace("for_each", "parameters: {region: 'only {region}', horizon: 3}, for_each")
    runner.run(text)
    assert sorted(values["region"] for values in runner.executed) == ["only {group}", "only {today}"]


def test_a_group_that_bought_nothing_lately_is_observed_as_long_as_all(runner: Runner):
    """Silence of a group is silence of customers: only the feed as a whole can be late."""
    sales = write_sales(runner.folder / "sales.csv")
    sales.write_text("\n".join(line for line in sales.read_text().splitlines() if "-04," not in line or "north" in line) + "\n")
    assert runner.run("expects: {through: yesterday}\n" + GROUPS) == {"v-north": "built", "v-south": "built"}
    assert {values["end"] for values in runner.executed} == {"2024-03-04"}
    assert "observed" not in runner.facts("v-south")


@pytest.mark.slow
def test_what_is_expected_of_rows_is_expected_of_each_group(runner: Runner):
    sales = write_sales(runner.folder / "sales.csv")
    sales.write_text(sales.read_text() + "9,2024-03-01,1,East\n")
    found = runner.run("expects: {minimum_rows: 5}\n" + GROUPS)
    assert found == {"v-East": "stale", "v-north": "built", "v-south": "built"}
    assert "1 rows, fewer than the 5" in runner.message("v-East")
    assert runner.facts("v-south")["observed"]["rows"] == 12
    assert runner.facts("v-south")["observed"]["last"] == "2024-03-04"
