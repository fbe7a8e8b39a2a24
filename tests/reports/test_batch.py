from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

from goodwill.reports import batch
from goodwill.reports.batch import run_recipe
from goodwill.reports.extract import Failure
from goodwill.reports.recipe import Recipe, Report

from .conftest import Built, notebook


def test_one_failing_report_stops_no_other_and_the_index_tells(built: Built, tmp_path: Path, monkeypatch):
    def run(notebook, parameters, folder, **_):
        if folder.name == "crash":
            raise OSError("No space left on device")
        failure = Failure("column <paid> holds text", ours=True) if folder.name == "bad" else None
        return replace(built.outcome, name=folder.name, folder=folder, failure=failure)

    monkeypatch.setattr(batch, "run_notebook", run)
    for name in ("good", "bad"):
        shutil.copytree(built.folder, tmp_path / "set" / name)
    reports = tuple(Report(name, notebook("01_whole"), {}) for name in ("crash", "bad", "good"))
    done = []
    outcomes = run_recipe(Recipe(tmp_path / "r.yaml", "A <set>", reports), tmp_path / "set", on_done=done.append)
    assert [bool(outcome.failure) for outcome in outcomes] == [True, True, False]
    assert [outcome.name for outcome in done] == ["crash", "bad", "good"]
    index = (tmp_path / "set" / "index.html").read_text("utf-8")
    for text in ("A &lt;set&gt;", "1 built, 2 failed", "No space left on device", "There is no earlier report.", "column &lt;paid&gt;"):
        assert text in index
    assert re.search("The last good report stands; it is [^.]* old", index)
    assert 'href="good/report.html"' in index
    assert "95% interval 1,456 to 1,863" in index
