"""Forecasts of one night are held against what came by later ones, whatever happens in between."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from goodwill.cli import main
from goodwill.errors import ReportError
from goodwill.inference.ledger import Forecast, as_plain
from goodwill.reports.recording.output import MIME
from goodwill.reports.recording.record import record_forecasts
from goodwill.reports.running.ledger_file import catch_up, ledger_file, read_ledger
from goodwill.reports.running.progress import tell_text
from goodwill.reports.sets.index import write_index
from goodwill.reports.sets.retention import clean

from .running import Runner, runner, write_sales
from .sets import NOW, outcome

__all__ = ["runner"]
RECIPE = "title: T\nreports: [{name: a, notebook: small.ipynb, parameters: {data: sales.csv}}]"


def forecast(made: date, estimate: float, **more: Any) -> Forecast:
    about = {"label": "Purchases", "unit": "purchases", "first": date(2024, 3, 1), "due": made + timedelta(days=4)} | more
    return Forecast("purchases", made, estimate=estimate, lower=estimate * 0.8, upper=estimate * 1.2, **about)


@pytest.fixture
def foretelling(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> Runner:
    """A runner whose notebook foretells, on the last day that it may see, 24 purchases in the next four days."""

    def execute(content: Any, values: dict[str, Any], *rest: Any) -> Any:
        execution = runner.execute(content, values, *rest)
        days = sorted(line.split(",")[1] for line in (runner.folder / "sales.csv").read_text().splitlines()[1:])
        made = date.fromisoformat(values.get("end") or days[-1])
        told = {"kind": "forecasts", "name": "forecasts", "forecasts": [as_plain(forecast(made, 24.0, headline="expected"))]}
        record = {"kind": "record", "name": "expected", "value": 24, "label": "Expected", "reason": None}
        record |= dict.fromkeys(("interval", "level", "unit"))
        shown = [{"output_type": "display_data", "data": {MIME: each, "text/markdown": "x"}, "metadata": {}} for each in (told, record)]
        execution.content["cells"][2]["outputs"] += shown
        return execution

    monkeypatch.setattr("goodwill.reports.running.run.execute", execute)
    return runner


def night(runner: Runner, day: int, *, until: int = 0) -> str:
    """One night, on which the data reach to a day of March (the day before, when not said)."""
    write_sales(runner.folder / "sales.csv", until=until or day - 1)
    return runner.run(RECIPE, date(2024, 3, day))["a"]


@pytest.mark.slow
def test_a_forecast_is_scored_by_the_first_run_whose_data_reach_its_last_day(foretelling: Runner):
    folder = foretelling.set / "a"
    assert night(foretelling, 5) == "built"
    assert [one.came for one in read_ledger(folder).forecasts] == [None]
    night(foretelling, 8, until=7)
    assert len(read_ledger(folder).open) == 2
    night(foretelling, 9)
    (one,) = [one for one in read_ledger(folder).forecasts if one.came is not None]
    assert (one.made, one.due, one.came) == (date(2024, 3, 4), date(2024, 3, 8), 24.0)
    page = (folder / "report.html").read_text()
    assert "One has come due, and it held: 24 came, and 24 were expected." in page
    assert "One has come due, and it held: 24 came, and 24 were expected." in (foretelling.set / "index.html").read_text()
    track = json.loads((folder / "results.json").read_text())["expected"]["track_record"]
    assert [(each["source"], each["statements"], each["held"], each["disjoint"]) for each in track] == [("nights", 1, 1, 1)]


@pytest.mark.slow
def test_what_was_said_first_stands_and_is_scored_once(foretelling: Runner):
    for day in (5, 9, 10):
        night(foretelling, day)
    lines = ledger_file(foretelling.set / "a").read_text().splitlines()
    night(foretelling, 10)
    assert foretelling.run(RECIPE, date(2024, 3, 10), force=True) == {"a": "built"}
    assert ledger_file(foretelling.set / "a").read_text().splitlines() == lines
    other = as_plain(forecast(date(2024, 3, 4), 99.0))
    with ledger_file(foretelling.set / "a").open("a") as file:
        file.write(json.dumps(other) + "\n" + json.dumps(other | {"came": 1.0}) + "\n")
    (one,) = [one for one in read_ledger(foretelling.set / "a").forecasts if one.made == date(2024, 3, 4)]
    assert (one.estimate, one.came) == (24.0, 24.0)


@pytest.mark.slow
def test_a_run_of_an_earlier_day_scores_nothing_that_it_may_not_know(foretelling: Runner):
    write_sales(foretelling.folder / "sales.csv", until=20)
    for day in (5, 6, 9):
        foretelling.run(RECIPE, date(2024, 3, day), as_of=date(2024, 3, day))
    found = read_ledger(foretelling.set / "a").forecasts
    assert [(one.made.day, one.came) for one in found] == [(4, 24.0), (5, None), (8, None)]


@pytest.mark.slow
def test_forecasts_survive_that_a_report_is_replaced_damaged_and_removed(foretelling: Runner):
    night(foretelling, 5)
    (foretelling.set / "a" / "run.json").write_text("{")
    night(foretelling, 6)
    clean(foretelling.set, ["a"], [], {"runs": 1, "days": 1}, NOW + timedelta(days=90_000))
    assert not (foretelling.set / "a").exists()
    assert len(read_ledger(foretelling.set / "a").forecasts) == 2


def test_forecasts_that_a_killed_run_has_not_kept_are_kept_by_the_next_index(foretelling: Runner):
    night(foretelling, 5)
    ledger_file(foretelling.set / "a").unlink()
    write_index("T", foretelling.set, [outcome(foretelling.set / "a", "skipped")], now=NOW)
    assert len(read_ledger(foretelling.set / "a").forecasts) == 1
    assert catch_up(foretelling.set / "a").new == ()


@pytest.mark.slow
@pytest.mark.parametrize("line", ["{", "[]", '{"name": 5}', '{"came": 3}', "\0\0", "5"])
def test_a_line_that_cannot_be_read_costs_only_itself(foretelling: Runner, line: str):
    night(foretelling, 5)
    with ledger_file(foretelling.set / "a").open("a") as file:
        file.write(line)  # and no end of the line, as a killed run leaves it
    assert night(foretelling, 9) == "built"
    found = read_ledger(foretelling.set / "a")
    assert (found.damaged, [one.came for one in found.forecasts]) == (1, [24.0, None])


@pytest.mark.slow
def test_data_that_cannot_be_read_again_leave_the_forecasts_open_and_the_report_whole(foretelling: Runner, monkeypatch: pytest.MonkeyPatch):
    night(foretelling, 5)
    write_sales(foretelling.folder / "sales.csv", until=8)
    monkeypatch.setattr("goodwill.reports.running.what_came.PURCHASES", ("region",))  # what read_transactions does not take: a defect
    monkeypatch.setattr("goodwill.data.reading.sources.read_transactions", refuse)
    recipe = RECIPE.replace("sales.csv}", "sales.csv, end: 2024-03-08}")
    assert foretelling.run(recipe, date(2024, 3, 9)) == {"a": "built"}
    assert all(one.came is None for one in read_ledger(foretelling.set / "a").forecasts)


def refuse(*_: Any, **__: Any) -> Any:
    from goodwill.errors import DataError

    raise DataError("changed while it was being read")


@pytest.mark.slow
def test_a_drift_marks_page_index_and_list(foretelling: Runner):
    folder = foretelling.set / "a"
    night(foretelling, 5)
    made = [date(2023, 1, 1) + timedelta(days=28 * place) for place in range(4)]
    with ledger_file(folder).open("a") as file:
        for day, came in zip(made, (200, 210, 90, 95), strict=True):
            plain = as_plain(forecast(day, 200.0, due=day + timedelta(days=28)))
            file.write(json.dumps(plain) + "\n" + json.dumps(plain | {"came": came}) + "\n")
    night(foretelling, 6)
    words = "Since 2023-02-26 54% less came than was foretold, in 2 windows of four weeks: more than chance."
    page, index = (folder / "report.html").read_text(), (foretelling.set / "index.html").read_text()
    assert page.index("The forecasts of this report have drifted") < page.index(words) < page.index("How earlier forecasts fared")
    assert "Forecasts that have drifted" in index
    assert words in index
    (listed,) = json.loads((foretelling.set / "index.json").read_text())["reports"]
    assert listed["drift"].startswith(f"Purchases: {words}")


@pytest.mark.slow
def test_the_command_prints_the_accounts_and_if_asked_each_forecast(foretelling: Runner):
    for day in (5, 9):
        night(foretelling, day)
    asked = ["ledger", str(foretelling.folder / "r.yaml"), "--out", str(foretelling.set)]
    account = "  Purchases, 4 days ahead: One has come due, and it held: 24 came, and 24 were expected.\n"
    assert CliRunner().invoke(main, asked).output == f"a\n{account}"
    each = CliRunner().invoke(main, [*asked, "--forecasts"]).output
    assert each == (
        f"a\n{account}    2024-03-04 to 2024-03-08, purchases: 24.0 purchases (95% interval 19.2 to 28.8); 24 came, inside\n"
        "    2024-03-08 to 2024-03-12, purchases: 24.0 purchases (95% interval 19.2 to 28.8); not yet due\n"
    )


def test_the_command_says_where_there_is_nothing(tmp_path: Path):
    done = CliRunner().invoke(main, ["ledger", "r.yaml", "--out", str(tmp_path)])
    assert done.exit_code == 2
    assert "holds no forecasts; run the recipe first, or name the folder of its reports with --out." in done.output


def test_one_window_is_foretold_once_in_a_notebook():
    one = forecast(date(2024, 3, 4), 24.0)
    with pytest.raises(ReportError, match="one window of one name is foretold twice; a forecast is said once"):
        record_forecasts([one, one])


HOSTILE = "north\x1b[2J\u202etuos"


def test_no_text_of_the_data_commands_the_terminal(foretelling: Runner):
    night(foretelling, 5)
    one = as_plain(Forecast("survivors", 8, 9, 5.0, 4.0, 6.0, label=f"There of {HOSTILE}", unit="customers", which=HOSTILE))
    with ledger_file(foretelling.set / "a").open("a") as file:
        file.write(json.dumps(one) + "\n")
    done = CliRunner().invoke(main, ["ledger", str(foretelling.folder / "r.yaml"), "--out", str(foretelling.set), "--forecasts"])
    assert "There of north[U+001B][2J[U+202E]tuos, 1 renewal ahead: One forecast was made" in done.output
    assert "renewal 8 to 9, survivors (north[U+001B][2J[U+202E]tuos): 5.0 customers" in done.output
    assert not {"\x1b", "\u202e"} & set(done.output)


def test_no_message_of_a_failure_commands_the_terminal(runner: Runner, capsys: pytest.CaptureFixture[str]):
    failed = outcome(runner.set / "a", "failed", message=f"no column {HOSTILE}")
    tell_text({"event": "report_done", "outcome": failed})
    tell_text({"event": "problem", "message": HOSTILE})
    assert capsys.readouterr().err == "Error: a: no column north[U+001B][2J[U+202E]tuos\nnorth[U+001B][2J[U+202E]tuos\n"


@pytest.mark.slow
def test_a_report_that_foretells_nothing_is_called_so_in_the_index_and_one_that_does_is_not(foretelling: Runner):
    night(foretelling, 5)
    assert "Nothing foretold." not in (foretelling.set / "index.html").read_text()


def test_a_report_without_forecasts_says_so_in_the_index(runner: Runner):
    write_sales(runner.folder / "sales.csv", until=4)
    runner.run(RECIPE, date(2024, 3, 5))
    assert '<p class="state">Nothing foretold.</p>' in (runner.set / "index.html").read_text()


@pytest.mark.slow
def test_accounts_of_parts_are_on_the_page_and_not_in_the_index(foretelling: Runner):
    night(foretelling, 5)
    one = as_plain(forecast(date(2024, 2, 1), 24.0, which="best", label="Profit from best", due=date(2024, 2, 5)))
    with ledger_file(foretelling.set / "a").open("a") as file:
        file.write(json.dumps(one) + "\n" + json.dumps(one | {"came": 25.0}) + "\n")
    night(foretelling, 9)
    assert "Profit from best, 4 days ahead" in (foretelling.set / "a" / "report.html").read_text()
    assert "Profit from best" not in (foretelling.set / "index.html").read_text()


def test_where_all_accounts_are_of_parts_the_index_has_them(runner: Runner):
    write_sales(runner.folder / "sales.csv", until=4)
    runner.run(RECIPE, date(2024, 3, 5))
    one = as_plain(Forecast("survivors", 8, 9, 100.0, 90.0, 110.0, label="Customers still there", unit="customers", which="a"))
    ledger_file(runner.set / "a").write_text(json.dumps(one) + "\n" + json.dumps(one | {"came": 95.0}) + "\n")
    write_index("T", runner.set, [outcome(runner.set / "a", "skipped")], now=NOW)
    assert "Customers still there, 1 renewal ahead: One has come due, and it held" in (runner.set / "index.html").read_text()
