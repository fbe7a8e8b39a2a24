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
from goodwill.reports.running.own_files import has_shape_of_facts
from goodwill.reports.running.writing import name_mark, read_object

FILES = {"report.html", "report.pdf", "notebook.ipynb", "results.json", "run.json"}
LATER = {"report.pdf", "run.json"}  # written after the list of the files
FOLDERS = {"tables": ".csv", "figures": ".svg"}
TEXTS = ("name", "title", "notebook", "started")  # what run.json has held from the first version on
BUILDING = re.compile(r"\.(?P<what>.+\.[0-9a-f]{8})\.(?P<mark>[0-9a-f]{8})\.building", re.DOTALL)
WRITING = re.compile(r"\.(?P<what>.+)\.(?P<mark>[0-9a-f]{8})\.writing", re.DOTALL)
OF_A_PAGE = '<meta name="generator" content="Goodwill">'
HEAD = 4096  # bytes of a page in which that stands
LOCK = re.compile(r"(process \d+, since \S+\s*)?|process( \d*)?|process \d+,( s?| si| sin| since ?)")  # whole, or cut in writing


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
    """The run.json of a report; empty where there is none of which every part has our shape."""
    facts = read_object(folder / "run.json")
    return facts if is_report_facts(facts) and has_shape_of_facts(facts) else {}


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
    facts = read_object(folder / "run.json")
    if not is_report_facts(facts):
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


def is_damaged_report(folder: Path) -> bool:
    """Whether this is a report whose run.json, or the list in it, is lost or broken: its page says whose it is.

    Nothing else than a report holds may be there.

    Without the list of its files nobody can prove that all of them are ours, so such a report is never removed: it is moved aside, whole,
    when a new one takes its place.
    """
    if folder.is_symlink() or not folder.is_dir():
        return False
    facts = read_object(folder / "run.json")
    files = facts.get("files", {"report.html": ""})  # the first version had no list
    if is_report_facts(facts) and (not isinstance(files, dict) or "report.html" in files):
        return False
    return _is_page(folder / "report.html") and not _stranger(folder, None)


def set_aside(path: Path, name: str = "") -> Path:
    """Move what is damaged to `NAME.damaged` beside it (`NAME.damaged-2`…), where nothing looks for it, and say where.

    The name is that of the file or folder itself unless another one is given.
    """
    places = (path.with_name(f"{name or path.name}.damaged{ending}") for ending in ("", *(f"-{n}" for n in range(2, 1000))))
    place = next(place for place in places if not os.path.lexists(place))
    path.rename(place)
    return place


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
        if (why := why_not_ours(aside, name)) and not is_damaged_report(aside):
            raise UsageError(f"{aside} is in the way of building {folder.name}, and it {why}; move it elsewhere.")
        if not os.path.lexists(folder):
            aside.rename(folder)
    if os.path.lexists(folder) and not is_empty(folder) and not is_damaged_report(folder) and (why := why_not_ours(folder, name)):
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
    return not os.path.lexists(path) or is_own_file(path) or _is_blank(path)


def is_own_file(path: Path) -> bool:
    """Whether this is a page, list, failure or history that the runner has written: by its content, a page also by the list beside it."""
    if path.is_symlink() or not path.is_file():
        return False
    if path.name.endswith(".history.jsonl"):
        return _is_history(path)
    if path.suffix == ".html":
        return _is_page(path) or _is_list(read_object(path.with_suffix(".json")))
    return _is_list(read_object(path))


def check_set(folder: Path) -> list[str]:
    """Refuse to build a set of reports where a page, a list or a lock stands that no run has made.

    Where another of the three proves that the folder is a set of ours, a damaged one is moved aside. Returns what was done, for the log.

    Raises
    ------
    UsageError
        Naming the file and what to do.
    """
    tests = {"index.html": may_write, "index.json": may_write, ".lock": lambda path: not os.path.lexists(path) or _is_lock(path)}
    wrong = [name for name, fits in tests.items() if not fits(folder / name) and not _is_blank(folder / name)]
    sure = any(os.path.lexists(folder / name) and not _is_blank(folder / name) for name in tests if name not in wrong)
    done = []
    for name in wrong:
        if not sure or (folder / name).is_symlink() or not (folder / name).is_file():
            what = "belongs to something else" if name == ".lock" else "was not made by a run and would be replaced"
            raise UsageError(f"{folder / name} {what}; name another folder with --out.")
        done.append(f"{name} was damaged and is now {set_aside(folder / name).name}")
    return done


def _is_blank(path: Path) -> bool:
    """Whether this is a file with nothing in it, as a machine that stops leaves one: there is nothing to lose."""
    try:
        return path.is_file() and not path.is_symlink() and not path.read_bytes()[:HEAD].strip(b"\0 \n")
    except OSError:
        return False


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
