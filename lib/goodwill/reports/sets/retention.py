"""Old reports: what a recipe's `keep` leaves, and what is removed. Only what the runner itself has made is ever removed.

Old are the earlier builds of a report (`NAME.earlier/`) and the reports that a recipe no longer makes: taken out of it, or named after a
group of customers that is gone. `keep: {runs: 30, days: 90}` keeps the newest 30 earlier builds of each report, none older than 90 days,
and a report that the recipe no longer makes for 90 days after its last build. Without `days` such a report stays.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from goodwill.reports.running.history import earlier_builds, earlier_folder, history_file
from goodwill.reports.running.ours import is_own_file, remove_report, why_not_ours
from goodwill.reports.running.writing import read_object
from goodwill.reports.sets.recipe import NAME

BESIDE = (".failed.html", ".failed.json", ".stale.json")


@dataclass(frozen=True)
class Cleaned:
    """What was removed, as paths from the set's folder, and what was left although it is old, with the reason."""

    removed: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


def clean(folder: Path, made: Iterable[str], wanted: Collection[str], keep: Mapping[str, int] | None, now: datetime) -> Cleaned:
    """Remove old reports from the folder of a set.

    Parameters
    ----------
    folder : Path
        The folder of the set.
    made : iterable of str
        The reports that the runner has made there, from its own list; nothing else is looked at.
    wanted : collection of str
        The reports that the recipe makes now.
    keep : mapping, optional
        With `runs`, `days` or both; nothing keeps everything.
    now : datetime
        With a time zone.
    """
    if not keep:
        return Cleaned()
    removed: list[str] = []
    left: list[str] = []
    for name in sorted(set(made)):
        if not NAME.fullmatch(name):
            continue
        for old in _too_many(earlier_builds(folder / name), keep, now):
            (removed if remove_report(old, name) else left).append(old.relative_to(folder).as_posix())
        if name not in wanted and "days" in keep:
            state = _remove_former(folder / name, keep["days"], now)
            if state is not None:
                (removed if state else left).append(name)
    return Cleaned(tuple(removed), tuple(left))


def _too_many(builds: list[Path], keep: Mapping[str, int], now: datetime) -> list[Path]:
    """The earlier builds beyond the newest `runs`, and those that are older than `days`."""
    beyond = builds[: max(len(builds) - keep["runs"], 0)] if "runs" in keep else []
    aged = [path for path in builds if "days" in keep and _is_older(path, keep["days"], now)]
    return [path for path in builds if path in beyond or path in aged]


def _remove_former(folder: Path, days: int, now: datetime) -> bool | None:
    """Remove a report that the recipe no longer makes, and all beside it; None when it is not yet time."""
    if not folder.is_dir() or not _is_older(folder, days, now):
        return None
    builds = [*earlier_builds(folder), folder]
    if any(why_not_ours(path, folder.name) for path in builds):
        return False
    for path in builds:
        remove_report(path, folder.name)
    beside = [folder.with_name(folder.name + ending) for ending in BESIDE]
    for path in [path for path in (*beside, history_file(folder)) if is_own_file(path)]:
        path.unlink(missing_ok=True)
    archive = earlier_folder(folder)
    if archive.is_dir() and not archive.is_symlink() and not any(archive.iterdir()):
        archive.rmdir()
    return True


def _is_older(folder: Path, days: int, now: datetime) -> bool:
    try:
        return now - datetime.fromisoformat(read_object(folder / "run.json")["started"]) > timedelta(days=days)
    except (ValueError, KeyError, TypeError):
        return False
