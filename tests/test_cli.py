from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from goodwill.cli import main
from goodwill.errors import DataError
from goodwill.reports.recording.notebooks import find_notebook

NOTEBOOKS = Path(__file__).parent / "reports" / "notebooks"


@pytest.fixture
def goodwill(monkeypatch, tmp_path: Path):
    monkeypatch.setenv("GOODWILL_NOTEBOOKS", str(NOTEBOOKS))
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(main, arguments)


def test_list_shows_notebooks_and_parameters(goodwill):
    done = goodwill("list")
    assert done.exit_code == 0
    assert "whole: Does the whole spine hold?" in done.output
    assert "horizon: int = 52" in done.output
    assert "how far to look ahead [weeks, more than 0]" in done.output


def test_list_and_help_import_nothing_heavy():
    heavy = "{'numpy', 'pandas', 'papermill', 'nbformat', 'matplotlib', 'ibis', 'duckdb', 'rich'}"
    call = "main(['list'], standalone_mode=False)\ntry: main(['check', '--help'])\nexcept SystemExit: pass"
    code = f"import sys\nfrom goodwill.cli import main\n{call}\nassert not {heavy} & set(sys.modules), {heavy} & set(sys.modules)"
    environment = {"GOODWILL_NOTEBOOKS": str(NOTEBOOKS)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr


def test_a_missing_file_is_told_before_a_kernel_starts(goodwill, monkeypatch):
    def start(*_, **__):
        raise AssertionError("a kernel was started")

    monkeypatch.setattr("goodwill.reports.running.run.execute", start)
    done = goodwill("run", "whole", "-p", "data", "none.csv")
    assert (done.exit_code, "data: there is no file 'none.csv' in " in done.output) == (1, True)


def test_a_notebook_is_found_by_its_number(monkeypatch):
    monkeypatch.delenv("GOODWILL_NOTEBOOKS", raising=False)
    assert find_notebook("01").name == "customer_lifetime_value"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("run", "whle"), "did you mean 'whole'"),
        (("run", "no.ipynb"), "There is no notebook"),
        (("run", "no.yaml"), "cannot be read"),
        (("run", "whole", "-p", "horizn", "1"), "did you mean 'horizon'"),
        (("run", "whole", "-p", "horizon", "soon"), "must be a whole number"),
        (("run", "whole", "-p", "horizon", "1", "-p", "horizon", "2"), "given twice"),
        (("run", "whole", "-p", "horizn", "1", "-p", "horizon", "soon"), "did you mean 'horizon'? parameter 'horizon' is 'soon'"),
        (("run", "whole", "-p", "horizon", "1", "-p", "horizon", "2"), "several values of a list go into one, with commas between them"),
        (("run", "whole", "--data", "x.csv"), "(a parameter of the notebook is given as: -p data VALUE)"),
        (("run", "whole", "data=x.csv"), "(a parameter of the notebook is given as: -p data x.csv)"),
        (("run", "some.yaml", "-p", "horizon", "1"), "holds its own parameters"),
        (("run", "whole", "--as-of", "soon"), "--as-of"),
        (("run", "whole", "--timeout", "0"), "--timeout"),
        (("run", "whole", "--jobs", "0"), "--jobs"),
        (("run", "whole", "--log", "xml"), "--log"),
        (("run", "whole", "-p", "data", "{yesterdy}.csv"), "did you mean 'yesterday'"),
        (("check", "x.csv", "--as", "nothing"), "--as"),
        (("nonsense",), "No such command"),
    ],
)
def test_wrong_usage_is_one_message_and_status_2(goodwill, tmp_path: Path, arguments, message):
    done = goodwill(*arguments)
    assert done.exit_code == 2
    assert message in done.output
    assert "Traceback" not in done.output
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_bad_data_are_one_paragraph_and_status_1(goodwill, tmp_path: Path):
    done = goodwill("run", "bad_data", "-p", "word", "007", "--out", "report")
    assert done.exit_code == 1
    assert "Error: bad_data: column 'paid' of 007 holds text" in done.output
    assert "Traceback" not in done.output
    assert not (tmp_path / "report").exists()


@pytest.mark.parametrize(("status", "exit_code"), [("built", 0), ("skipped", 0), ("thin", 3), ("stale", 3), ("failed", 1)])
def test_a_set_exits_with_what_became_of_its_reports(goodwill, monkeypatch, tmp_path: Path, status: str, exit_code: int):
    from goodwill.reports.recording.extract import Failure
    from goodwill.reports.running.run import Outcome
    from goodwill.reports.sets import batch

    asked = []

    def run_recipe(recipe, folder, options, *, on_event):
        asked.append((recipe.title, recipe.today, folder.name, options))
        failure = Failure("why") if status in ("stale", "failed") else None
        outcome = Outcome("a", "A", folder / "a", "2024-03-05T04:00:00+00:00", 1.0, failure, status)
        on_event({"event": "report_done", "report": "a", "status": status, "outcome": outcome})
        return [outcome]

    monkeypatch.setattr(batch, "run_recipe", run_recipe)
    (tmp_path / "r.yaml").write_text("title: 'Up to {yesterday}'\nreports: [{name: a, notebook: whole}]")
    options = ("--jobs", "3", "--force", "--as-of", "2024-03-05", "--timeout", "60", "--cell-timeout", "9.5", "--pdf", "--log", "json")
    done = goodwill("run", "r.yaml", "--out", "set", *options)
    assert done.exit_code == exit_code, done.output
    assert json.loads(done.stdout)["status"] == status
    limits = batch.Limits(60, 9.5)
    assert asked == [("Up to 2024-03-04", date(2024, 3, 5), "set", batch.Options(3, True, date(2024, 3, 5), limits, True))]


def test_a_second_run_of_a_set_is_refused(goodwill, tmp_path: Path):
    from goodwill.reports.sets.guard import only_run

    (tmp_path / "r.yaml").write_text("title: T\nreports: [{name: a, notebook: whole}]")
    with only_run(tmp_path / "set", datetime(2024, 3, 5, tzinfo=UTC)):
        done = goodwill("run", "r.yaml", "--out", "set", "--log", "json")
    assert done.exit_code == 2
    assert "is being built by another run" in done.stderr
    assert json.loads(done.stdout)["event"] == "error"


def test_no_password_is_told(goodwill, tmp_path: Path):
    (tmp_path / "r.yaml").write_text(
        "title: T\nreports: [{name: a, notebook: whole, parameters: {horizon: 'postgres://me:secret@host/db'}}]"
    )
    done = goodwill("run", "r.yaml", "--log", "json")
    assert done.exit_code == 2
    assert "secret" not in done.output


def test_check_prints_the_audit(goodwill, monkeypatch):
    import pandas as pd

    import goodwill.checks as checks

    audit = pd.DataFrame({"rule": ["negative [amounts]"], "rows": [1234], "money": [None], "done": ["netted"]})
    found = checks.Checked("readable as transactions", audit, ("customer_lifetime_value: all of it",))
    asked = {}
    monkeypatch.setattr(checks, "check", lambda source, kind, **columns: asked.update(columns) or found)
    done = goodwill("check", "my.csv", "--as", "transactions", "--customer-id", "card", "--missing", "n/a")
    assert done.exit_code == 0, done.output
    assert asked == {"customer_id": "card", "missing": ("n/a",)}
    assert "customer_lifetime_value: all of it" in done.output
    assert "negative [amounts]" in done.output
    assert "1,234" in done.output


def test_check_reports_unreadable_data_with_status_1(goodwill, monkeypatch):
    import goodwill.data.reading.sources as sources

    def refuse(source, **columns):
        raise DataError("no file my.csv")

    monkeypatch.setattr(sources, "read_transactions", refuse)
    done = goodwill("check", "my.csv", "--as", "transactions")
    assert (done.exit_code, done.output) == (1, "Error: no file my.csv\n")


@pytest.mark.slow
def test_check_asks_in_options_and_suggests_what_works(goodwill, tmp_path: Path):
    rows = [f"{7 * k % 40},2024-01-{1 + k % 28:02d},{k + 1}.50,{'paid' if k % 5 else 'cancelled'}" for k in range(200)]
    (tmp_path / "orders.csv").write_text("\n".join(["Kundin Nr,Order Date,Total,Financial Status", *rows]))
    asked = goodwill("check", "orders.csv", "--customer-id", "Kundin Nr")
    assert asked.exit_code == 1
    assert "--keep 'Financial Status=paid', or --keep 'Financial Status=*' if all rows are sales" in asked.output
    suggested = goodwill("check", "orders.csv", "--suggest", "--customer-id", "Kundin Nr")
    assert suggested.exit_code == 0, suggested.output
    assert "  --keep 'Financial Status=paid'\n" in suggested.output
    assert '  keep: ["Financial Status=paid"]\n' in suggested.output
    followed = goodwill("check", "orders.csv", "--customer-id", "Kundin Nr", "--keep", "Financial Status=paid")
    assert followed.exit_code == 0, followed.output
    assert "customer_lifetime_value:" in followed.output
