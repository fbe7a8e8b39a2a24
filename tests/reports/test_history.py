from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from goodwill.reports.running.history import earlier_builds, history_file, read_history, remember, retire

from .sets import NOW, write_history, write_report


def test_a_build_is_remembered_once_with_its_headline_results(tmp_path: Path):
    report = write_report(tmp_path / "north", NOW, value=1000.0)
    remember(report, "built")
    remember(report, "built")
    (run,) = read_history(report).runs
    assert run["results"]["value"] == {"value": 1000.0, "interval": [960.0, 1040.0]}
    assert run["data"]["data"]["last"] == "2026-11-21"
    assert run["seconds"] == 8.2


def test_failed_and_stale_runs_are_remembered_with_their_reason_and_give_no_values(tmp_path: Path):
    report = tmp_path / "north"
    remember(report, "failed", "no such file", "2026-11-20T05:00:00+00:00")
    remember(report, "stale", "x" * 9999, "2026-11-21T05:00:00+00:00")
    history = read_history(report)
    assert [run["status"] for run in history.runs] == ["failed", "stale"]
    assert len(history.runs[1]["reason"]) == 500
    assert history.values("value") == []


def test_the_history_survives_that_the_folder_is_replaced(tmp_path: Path):
    for day in range(3):
        report = write_report(tmp_path / "north", NOW + timedelta(days=day), value=100.0 + day)
        remember(report, "built")
        retire(report, report, None)
        assert not report.exists()
    assert [value for value, _ in read_history(tmp_path / "north").values("value")] == [100.0, 101.0, 102.0]


@pytest.mark.parametrize("broken", ['{"started": "2026-', "null", "[1]", "{}", '{"started": 5}', "\x00\xff", "not json at all"])
def test_a_line_that_cannot_be_read_is_skipped_and_counted_and_the_next_is_written_below_it(tmp_path: Path, broken: str):
    report = write_report(tmp_path / "north", NOW)
    write_history(report, 2, NOW)
    with history_file(report).open("a", encoding="latin-1") as file:
        file.write(broken)
    remember(report, "built")
    history = read_history(report)
    assert (len(history.runs), history.damaged) == (3, 1)
    assert len(history.values("value")) == 3


def test_values_that_are_no_finite_numbers_are_left_out(tmp_path: Path):
    lines = [{"value": float("nan"), "interval": None}, {"value": "8 of 8", "interval": None}, {"value": True, "interval": None}]
    lines += [{"value": 3, "interval": [1, float("inf")]}, {"value": 4, "interval": "wide"}, None, "x"]
    text = "\n".join(json.dumps({"started": str(n), "status": "built", "results": {"v": line}}) for n, line in enumerate(lines))
    history_file(tmp_path / "a").write_text(text)
    assert read_history(tmp_path / "a").values("v") == [(3.0, None), (4.0, None)]


def test_only_the_end_of_a_long_history_is_read(tmp_path: Path):
    report = tmp_path / "a"
    write_history(report, 3000, NOW)
    history = read_history(report)
    assert 40 < len(history.runs) < 400
    assert history.damaged == 0
    assert history.runs[-1]["started"].startswith("2026-11-21")


def test_a_history_that_cannot_be_written_costs_no_report(tmp_path: Path):
    report = write_report(tmp_path / "north", NOW)
    history_file(report).mkdir()
    remember(report, "built")
    assert read_history(report).runs == ()


def test_a_replaced_build_stays_when_the_recipe_keeps_earlier_ones(tmp_path: Path):
    folder = tmp_path / "north"
    for minute in (0, 0, 1):
        retire(write_report(tmp_path / ".north.previous", NOW + timedelta(minutes=minute)), folder, {"runs": 5})
    assert [path.name for path in earlier_builds(folder)] == ["2026-11-22T050000Z", "2026-11-22T050000Z-2", "2026-11-22T050100Z"]
    assert not (tmp_path / ".north.previous").exists()
