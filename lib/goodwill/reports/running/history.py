"""What earlier runs of a report found: one line a run in `NAME.history.jsonl` beside its folder, and its earlier builds.

The file stands beside the folder, because a build replaces the folder. A line is written with one call, so that a killed run leaves at
most one broken line; a broken line is skipped and counted, and the next run writes on below it.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from goodwill.reports.running.ours import remove_report, report_facts
from goodwill.reports.running.own_files import is_number, is_run, read_results
from goodwill.reports.running.writing import read_object

TAIL = 32 * 1024  # bytes read from the end: the last 50 runs or so, however old the file
MAX_REASON = 500  # characters
BUILT = ("built", "thin")
STAMP = re.compile(r"\d{4}-\d{2}-\d{2}T\d{6}Z(?:-\d+)?")  # the folder of an earlier build


@dataclass(frozen=True)
class History:
    """The last runs of a report, oldest first, and how many lines could not be read."""

    runs: tuple[dict[str, Any], ...] = ()
    damaged: int = 0

    def values(self, name: str) -> list[tuple[float, tuple[float, float] | None]]:
        """The numbers, with their intervals, that the built runs recorded under a name."""
        found = []
        for run in self.runs:
            record = run.get("results", {}).get(name)
            if run.get("status") in BUILT and isinstance(record, dict) and is_number(record.get("value")):
                ends = record.get("interval")
                pair = ends if isinstance(ends, list) and len(ends) == 2 and all(map(is_number, ends)) else None
                found.append((float(record["value"]), (float(pair[0]), float(pair[1])) if pair else None))
        return found


def history_file(folder: Path) -> Path:
    """The history of the report in `folder`."""
    return folder.with_name(f"{folder.name}.history.jsonl")


def remember(folder: Path, status: str, reason: str = "", started: str = "") -> None:
    """Add the latest run of a report to its history; nothing when it is there already, and never an error.

    Parameters
    ----------
    folder : Path
        The folder of the report.
    status : str
        For `built` and `thin` the line is read from the report itself; otherwise it holds the `reason` and when the run `started`.
    """
    failed = {"started": started, "status": status, "reason": reason[:MAX_REASON]}
    line = _built_line(folder) if status in BUILT else failed
    if line is not None:
        _append(history_file(folder), line)


def read_history(folder: Path) -> History:
    """The last runs of the report in `folder`; lines of another shape than ours are counted, not used."""
    try:
        with history_file(folder).open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - TAIL))
            lines = file.read().split(b"\n")
    except OSError:
        return History()
    runs = [_read(line) for line in (lines[1:] if size > TAIL else lines) if line.strip()]
    good = tuple(run for run in runs if run is not None)
    return History(good, len(runs) - len(good))


def retire(previous: Path, folder: Path, keep: Mapping[str, int] | None) -> None:
    """Keep the build that a new one has replaced, as `NAME.earlier/<start>/`, when the recipe keeps earlier ones; else delete it."""
    if not keep:
        _let_go(previous)
        return
    try:
        stamp = re.sub(r"[:.]|\+00:?00$", "", read_object(previous / "run.json")["started"]) + "Z"
        archive = earlier_folder(folder)
        archive.mkdir(exist_ok=True)
        places = (archive / name for name in (stamp, *(f"{stamp}-{n}" for n in range(2, 100))))
        previous.rename(next(place for place in places if STAMP.fullmatch(place.name) and not place.exists()))
    except (OSError, KeyError, TypeError, StopIteration):
        _let_go(previous)


def _let_go(previous: Path) -> None:
    """What is not ours, or cannot be removed, stays where it is, and the next run says so."""
    with suppress(OSError):
        remove_report(previous)


def earlier_folder(folder: Path) -> Path:
    """Where the earlier builds of a report stand."""
    return folder.with_name(f"{folder.name}.earlier")


def earlier_builds(folder: Path) -> list[Path]:
    """The earlier builds of a report, oldest first."""
    archive = earlier_folder(folder)
    if archive.is_symlink() or not archive.is_dir():
        return []
    return sorted(path for path in archive.iterdir() if STAMP.fullmatch(path.name) and path.is_dir() and not path.is_symlink())


def _built_line(folder: Path) -> dict[str, Any] | None:
    try:
        facts, records = report_facts(folder), read_results(folder)
        found = {name: {key: records[name][key] for key in ("value", "interval")} for name in facts["headline"] if name in records}
        data = {name: {key: about.get(key) for key in ("fingerprint", "first", "last")} for name, about in facts["data"].items()}
        line = {
            "started": facts["started"],
            "status": facts.get("status", "built"),
            "seconds": facts["seconds"],
            "results": found,
            "data": data,
        }
        return line | ({"observed": facts["observed"]} if "observed" in facts else {})
    except (KeyError, TypeError, AttributeError):
        return None


def _append(path: Path, line: Mapping[str, Any]) -> None:
    if any(run["started"] == line["started"] and run.get("status") == line["status"] for run in read_history(_folder(path)).runs):
        return
    append_line(path, line)


def append_line(path: Path, line: Mapping[str, Any]) -> None:
    """One write of one line; below a line that a killed run left unfinished. Never an error."""
    try:
        text = json.dumps(line, ensure_ascii=False, sort_keys=True, allow_nan=False) + "\n"
        with path.open("ab+") as file:
            if file.tell() and not _ends_with_newline(file):
                text = "\n" + text
            file.write(text.encode())
    except (OSError, ValueError):
        return  # a report is never lost over its history


def _ends_with_newline(file: Any) -> bool:
    file.seek(-1, os.SEEK_END)
    return bool(file.read(1) == b"\n")


def _folder(path: Path) -> Path:
    return path.with_name(path.name.removesuffix(".history.jsonl"))


def _read(line: bytes) -> dict[str, Any] | None:
    try:
        run = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return run if is_run(run) else None
