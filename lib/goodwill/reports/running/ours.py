"""What the runner has made, told from what it has not: nothing is removed or replaced that does not pass the tests of this module.

A report proves itself by its run.json (the shape of ours, the name that the report should have) and by holding nothing else than a report
holds. A half-built folder and a half-written file prove themselves by a name that holds a mark made from the rest of it.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from goodwill.errors import UsageError
from goodwill.reports.running.writing import name_mark, read_object

FILES = {"report.html", "report.pdf", "notebook.ipynb", "results.json", "run.json"}
LATER = {"report.pdf", "run.json"}  # written after the list of the files
FOLDERS = {"tables": ".csv", "figures": ".svg"}
TEXTS = ("name", "title", "notebook", "started")  # what run.json has held from the first version on
BUILDING = re.compile(r"\.(?P<what>.+\.[0-9a-f]{8})\.(?P<mark>[0-9a-f]{8})\.building", re.DOTALL)
WRITING = re.compile(r"\.(?P<what>.+)\.(?P<mark>[0-9a-f]{8})\.writing", re.DOTALL)
OF_A_PAGE = '<meta name="generator" content="Goodwill">'
HEAD = 4096  # bytes of a page in which that stands
LOCK = re.compile(r"(process \d+, since \S+\s*)?")


def is_report_facts(facts: Mapping[str, Any]) -> bool:
    """Whether the content of a run.json has the shape of ours.

    Examples
    --------
    >>> is_report_facts({"name": "my training run", "epochs": 3})
    False
    """
    if not all(isinstance(facts.get(key), str) for key in TEXTS) or not isinstance(facts.get("parameters"), dict):
        return False
    try:
        datetime.fromisoformat(facts["started"])
    except ValueError:
        return False
    return facts.get("status") in ("built", "thin") and facts["notebook"].endswith(".ipynb")


def report_facts(folder: Path) -> dict[str, Any]:
    """The run.json of a report; empty where there is none of our shape."""
    facts = read_object(folder / "run.json")
    return facts if is_report_facts(facts) else {}


def why_not_ours(folder: Path, name: str = "") -> str:
    """Why a folder is no report that the runner has made, as words that follow "it"; empty when it is one.

    Parameters
    ----------
    folder : Path
        The folder.
    name : str
        The name that the report must have; any when empty.
    """
    if folder.is_symlink():
        return "is a link"
    if not folder.is_dir():
        return "is no folder"
    facts = report_facts(folder)
    if not facts:
        return "has no run.json of a report"
    if name and facts["name"] != name:
        return f"is the report {facts['name']!r}, not {name!r}"
    listed = facts.get("files")
    stranger = _stranger(folder, set(listed) if isinstance(listed, dict) else None)
    return f"holds {stranger!r}, which no run has put there" if stranger else ""


def remove_report(folder: Path, name: str = "") -> bool:
    """Remove the folder of a report when it is one, carries this name (any when empty), and holds nothing that no run has made."""
    if why_not_ours(folder, name):
        return False
    shutil.rmtree(folder)
    return True


def check_place(folder: Path, name: str = "") -> None:
    """Refuse to build where something stands that is not ours; put back a report that a killed run has left moved aside.

    Raises
    ------
    UsageError
        Naming what stands there, why it is not ours, and what to do.
    """
    if not folder.name:
        raise UsageError(f"{folder} is no folder that can become a report; name one with --out.")
    aside = moved_aside(folder)
    if os.path.lexists(aside):
        if why := why_not_ours(aside, name):
            raise UsageError(f"{aside} is in the way of building {folder.name}, and it {why}; move it elsewhere.")
        if not os.path.lexists(folder):
            aside.rename(folder)
    if os.path.lexists(folder) and not is_empty(folder) and (why := why_not_ours(folder, name)):
        raise UsageError(f"{folder} exists and is not a report to replace: it {why}; name another folder with --out, or move it elsewhere.")


def is_empty(folder: Path) -> bool:
    """Whether this is a folder, not a link to one, with nothing in it."""
    return folder.is_dir() and not folder.is_symlink() and not any(folder.iterdir())


def moved_aside(folder: Path) -> Path:
    """Where a report stands while a new one takes its place."""
    return folder.with_name(f".{folder.name}.previous")


# ------------------------------------------------------------------------------------------------------------------- half-made


def new_building(folder: Path) -> Path:
    """A new folder beside `folder` in which its report is built."""
    what = f"{folder.name}.{secrets.token_hex(4)}"
    new = folder.with_name(f".{what}.{name_mark(what)}.building")
    new.mkdir()
    return new


def half_built(path: Path) -> str:
    """The name of the report that a run has begun in this folder; empty when the folder is not ours, or holds something else."""
    found = BUILDING.fullmatch(path.name)
    if not found or name_mark(found["what"]) != found["mark"] or path.is_symlink() or not path.is_dir():
        return ""
    return "" if _stranger(path, None) else found["what"].rpartition(".")[0]


def is_half_written(path: Path) -> bool:
    """Whether this is a file that a run has begun to write and not finished."""
    found = WRITING.fullmatch(path.name)
    return bool(found) and name_mark(found["what"]) == found["mark"] and path.is_file() and not path.is_symlink()  # type: ignore[index]


# -------------------------------------------------------------------------------------------------------- beside reports, in a set


def may_write(path: Path) -> bool:
    """Whether nothing stands at the place of a page or a list that the runner writes, or one of its own."""
    return not os.path.lexists(path) or is_own_file(path)


def is_own_file(path: Path) -> bool:
    """Whether this is a page, list, failure or history that the runner has written: by its content, a page also by the list beside it."""
    if path.is_symlink() or not path.is_file():
        return False
    if path.name.endswith(".history.jsonl"):
        return _is_history(path)
    if path.suffix == ".html":
        return _is_page(path) or _is_list(read_object(path.with_suffix(".json")))
    return _is_list(read_object(path))


def check_set(folder: Path) -> None:
    """Refuse to build a set of reports where a page, a list or a lock stands that no run has made.

    Raises
    ------
    UsageError
        Naming the file and what to do.
    """
    for name in ("index.html", "index.json"):
        if not may_write(folder / name):
            raise UsageError(f"{folder / name} was not made by a run and would be replaced; name another folder with --out.")
    lock = folder / ".lock"
    if os.path.lexists(lock) and not _is_lock(lock):
        raise UsageError(f"{lock} belongs to something else; name another folder with --out.")


def _is_page(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return OF_A_PAGE.encode() in file.read(HEAD)
    except OSError:
        return False


def _is_list(found: Mapping[str, Any]) -> bool:
    """Whether this is the content of our index.json, or of what says why a report was not built."""
    is_index = isinstance(found.get("made"), list) and isinstance(found.get("reports"), list) and isinstance(found.get("written"), str)
    failure = found.get("failure")
    is_failure = isinstance(failure, dict) and "message" in failure and found.get("status") in ("failed", "stale", "built")
    return is_index or (is_failure and isinstance(found.get("name"), str))


def _is_history(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return any(map(_is_run, file.readlines(HEAD)))
    except OSError:
        return False


def _is_run(line: bytes) -> bool:
    try:
        run = json.loads(line)
    except ValueError:
        return False
    return isinstance(run, dict) and isinstance(run.get("started"), str) and isinstance(run.get("status"), str)


def _is_lock(path: Path) -> bool:
    try:
        return path.is_file() and not path.is_symlink() and bool(LOCK.fullmatch(path.read_text("utf-8")[:200]))
    except (OSError, ValueError):
        return False


def _stranger(folder: Path, listed: set[str] | None) -> str:
    """The place of the first thing in a report's folder that a run does not put there; with the list of its files, that is not on it."""
    for path in sorted(folder.iterdir()):
        inside = sorted(path.iterdir()) if path.name in FOLDERS and path.is_dir() and not path.is_symlink() else [path]
        for each in inside:
            place = each.relative_to(folder).as_posix()
            if not _is_known(each, folder) or (listed is not None and not is_half_written(each) and place not in listed | LATER):
                return place
    return ""


def _is_known(path: Path, folder: Path) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    name = WRITING.fullmatch(path.name)["what"] if is_half_written(path) else path.name  # type: ignore[index]
    return name in FILES if path.parent == folder else Path(name).suffix == FOLDERS[path.parent.name]
