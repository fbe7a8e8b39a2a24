from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from goodwill.cli import main
from goodwill.errors import DataError

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


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("run", "whle"), "did you mean 'whole'"),
        (("run", "no.ipynb"), "There is no notebook"),
        (("run", "no.yaml"), "cannot be read"),
        (("run", "whole", "-p", "horizn", "1"), "did you mean 'horizon'"),
        (("run", "whole", "-p", "horizon", "soon"), "must be a whole number"),
        (("run", "whole", "-p", "horizon", "1", "-p", "horizon", "2"), "given twice"),
        (("run", "some.yaml", "-p", "horizon", "1"), "holds its own parameters"),
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


def test_bad_data_are_one_paragraph_and_status_1(goodwill, tmp_path: Path):
    done = goodwill("run", "bad_data", "-p", "word", "007", "--out", "report")
    assert done.exit_code == 1
    assert "Error: bad_data: column 'paid' of 007 holds text" in done.output
    assert "Traceback" not in done.output
    assert not (tmp_path / "report").exists()


def test_check_prints_the_audit(goodwill, monkeypatch):
    import pandas as pd

    import goodwill.data.sources as sources

    class Transactions:
        first, last = "1997-01-01", "1998-06-30"
        audit = pd.DataFrame({"rule": ["negative [amounts]"], "rows": [1234], "money": [None], "done": ["netted"]})

    asked = {}
    monkeypatch.setattr(sources, "read_transactions", lambda source, **columns: asked.update(columns) or Transactions())
    done = goodwill("check", "my.csv", "--as", "transactions", "--customer-id", "card", "--missing", "n/a")
    assert done.exit_code == 0, done.output
    assert asked == {"customer_id": "card", "missing": ("n/a",), "returns": "net"}
    assert "negative [amounts]" in done.output
    assert "1,234" in done.output


def test_check_reports_unreadable_data_with_status_1(goodwill, monkeypatch):
    import goodwill.data.sources as sources

    def refuse(source, **columns):
        raise DataError("no file my.csv")

    monkeypatch.setattr(sources, "read_transactions", refuse)
    done = goodwill("check", "my.csv", "--as", "transactions")
    assert (done.exit_code, done.output) == (1, "Error: no file my.csv\n")
