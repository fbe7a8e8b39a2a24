"""A user without a home folder to write to, as services have, gets reports like anybody else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from goodwill.reports.recording.notebooks import Notebook
from goodwill.reports.running.places import NAMES, writable_places
from goodwill.reports.sets.batch import run_single

from .running import write_notebook


@pytest.fixture
def homeless(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home below a file, which nobody can make, not even root."""
    (tmp_path / "file").touch()
    for name in (*NAMES, "XDG_CONFIG_HOME", "XDG_DATA_HOME", "JUPYTER_DATA_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "file" / "home"))
    return tmp_path


def test_what_has_no_place_gets_one_that_goes_in_the_end(homeless: Path):
    with writable_places():
        places = [Path(os.environ[name]) for name in NAMES]
        for place in places:
            (place / "x").touch()
    assert not any(name in os.environ for name in NAMES)
    assert not any(place.exists() for place in places)


def test_what_can_be_written_stays_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name in NAMES:
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    with writable_places():
        assert [os.environ[name] for name in NAMES] == [str(tmp_path / name.lower()) for name in NAMES]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(name.lower() for name in NAMES)


@pytest.mark.slow
def test_a_report_is_built_for_a_user_without_a_home(homeless: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(homeless)
    notebook = Notebook.read(write_notebook(homeless / "small.ipynb", "record('one', 1)", records=["one"]))
    outcome = run_single(notebook, {}, homeless / "report")
    assert outcome.status == "built", outcome.failure
