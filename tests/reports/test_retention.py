from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from goodwill.reports.running.history import earlier_folder, history_file
from goodwill.reports.sets.retention import clean

from .sets import NOW, PAGE, write_history, write_report


def archived(folder: Path, days: int) -> Path:
    started = NOW - timedelta(days=days)
    return write_report(earlier_folder(folder) / f"{started:%Y-%m-%dT%H%M%SZ}", started, name=folder.name)


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.iterdir()}


def test_the_newest_earlier_builds_stay_and_none_older_than_the_days(tmp_path: Path):
    builds = [archived(tmp_path / "north", days) for days in (50, 40, 3, 2, 1)]
    cleaned = clean(tmp_path, ["north"], ["north"], {"runs": 4, "days": 45}, NOW)
    assert [path.exists() for path in builds] == [False, True, True, True, True]
    cleaned = clean(tmp_path, ["north"], ["north"], {"runs": 4, "days": 30}, NOW)
    assert cleaned.removed == ("north.earlier/2026-10-13T050000Z",)
    clean(tmp_path, ["north"], ["north"], {"runs": 1}, NOW)
    assert [path.exists() for path in builds] == [False, False, False, False, True]


def test_without_a_rule_nothing_is_removed(tmp_path: Path):
    write_report(tmp_path / "old", NOW - timedelta(days=9999))
    archived(tmp_path / "old", 9999)
    before = names(tmp_path)
    clean(tmp_path, ["old"], [], None, NOW)
    clean(tmp_path, ["old"], [], {}, NOW)
    clean(tmp_path, ["old"], [], {"runs": 1}, NOW)
    assert names(tmp_path) == before


def test_a_report_that_the_recipe_no_longer_makes_goes_with_all_beside_it_when_its_time_has_come(tmp_path: Path):
    for name, days in (("gone", 91), ("fresh", 89), ("wanted", 500)):
        write_report(tmp_path / name, NOW - timedelta(days=days))
        write_history(tmp_path / name, 3, NOW)
        (tmp_path / f"{name}.failed.html").write_text(PAGE)
    archived(tmp_path / "gone", 95)
    cleaned = clean(tmp_path, ["gone", "fresh", "wanted"], ["wanted"], {"days": 90}, NOW)
    assert set(cleaned.removed) == {"gone", "gone.earlier/2026-08-19T050000Z"}
    assert names(tmp_path) == {f"{name}{end}" for name in ("fresh", "wanted") for end in ("", ".history.jsonl", ".failed.html")}


def test_the_last_good_report_of_a_report_that_the_recipe_makes_is_never_too_old(tmp_path: Path):
    write_report(tmp_path / "north", NOW - timedelta(days=5000))
    assert clean(tmp_path, ["north"], ["north"], {"runs": 1, "days": 1}, NOW).removed == ()


def add_file(folder: Path) -> None:
    (folder / "my notes.txt").write_text("years of work")


def add_to_tables(folder: Path) -> None:
    (folder / "tables" / "thesis.docx").write_text("years of work")


def rename_report(folder: Path) -> None:
    facts = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps(facts | {"name": "another"}))


def lose_run_json(folder: Path) -> None:
    (folder / "run.json").unlink()


def break_run_json(folder: Path) -> None:
    (folder / "run.json").write_text("{")


def link_out(folder: Path) -> None:
    (folder / "figures").rmdir()
    (folder / "figures").symlink_to(folder.parent.parent, target_is_directory=True)


def become_a_link(folder: Path) -> None:
    folder.rename(folder.parent.parent / "elsewhere")
    folder.symlink_to(folder.parent.parent / "elsewhere", target_is_directory=True)


@pytest.mark.parametrize("spoil", [add_file, add_to_tables, rename_report, lose_run_json, break_run_json, link_out, become_a_link])
def test_what_the_runner_has_not_made_is_never_removed(tmp_path: Path, spoil):
    folder = tmp_path / "set"
    report = write_report(folder / "old", NOW - timedelta(days=900))
    write_history(report, 2, NOW)
    spoil(report)
    before = sorted(tmp_path.rglob("*"))
    cleaned = clean(folder, ["old"], [], {"days": 1, "runs": 1}, NOW)
    assert cleaned.removed == ()
    assert sorted(tmp_path.rglob("*")) == before


def test_a_folder_that_is_not_on_the_list_and_names_that_are_no_report_are_left_alone(tmp_path: Path):
    write_report(tmp_path / "set" / "stranger", NOW - timedelta(days=900))
    write_report(tmp_path / "outside", NOW - timedelta(days=900))
    (tmp_path / "set" / "thesis").mkdir()
    before = sorted(tmp_path.rglob("*"))
    listed = ["../outside", str(tmp_path / "outside"), "", ".", "..", "thesis", "a/b", "x" * 200]
    clean(tmp_path / "set", listed, [], {"days": 1, "runs": 1}, NOW)
    assert sorted(tmp_path.rglob("*")) == before


def test_an_archive_that_is_a_link_is_not_followed(tmp_path: Path):
    elsewhere = tmp_path / "elsewhere"
    archived(elsewhere / "north", 900)
    folder = tmp_path / "set"
    write_report(folder / "north", NOW)
    earlier_folder(folder / "north").symlink_to(earlier_folder(elsewhere / "north"), target_is_directory=True)
    clean(folder, ["north"], [], {"days": 1, "runs": 1}, NOW)
    assert len(list(earlier_folder(elsewhere / "north").iterdir())) == 1


def test_the_history_stays_as_long_as_its_report(tmp_path: Path):
    report = write_report(tmp_path / "north", NOW)
    write_history(report, 400, NOW)
    clean(tmp_path, ["north"], ["north"], {"days": 1, "runs": 1}, NOW)
    assert len(history_file(report).read_text().splitlines()) == 400
