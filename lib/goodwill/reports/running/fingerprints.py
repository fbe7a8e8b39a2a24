"""What a report depends on, as one key: equal keys mean that there is nothing to build again."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from goodwill.data.held import BESIDE, Held, file_hash
from goodwill.data.reading.addresses import read_address
from goodwill.errors import DataError, UsageError
from goodwill.reports.recording.notebooks import Notebook, project_root
from goodwill.reports.recording.parameters import Parameter
from goodwill.reports.recording.versions import library_hash, versions
from goodwill.reports.running.provenance import notebook_hash
from goodwill.reports.running.writing import read_object, write_json

# A file changed just now may change again within the clock's grain and keep its time stamps: such a state is not remembered.
PATH_NAMES = {"data"}
SETTLED = 2_000_000_000  # nanoseconds


class Fingerprints:
    """SHA-256 of files. A file whose place, size and times of change are those of an earlier look is not read again.

    The time of change (ctime) moves with every write and cannot be set back by a program, so a file that was restored with an old
    date is read again. A store that cannot be read counts as empty.
    """

    def __init__(self, store: Path | None) -> None:
        self._store, self._changed = store, False
        self._known: dict[str, Any] = read_object(store) if store else {}
        self._held: dict[Path, Held] = {}

    def content(self, path: Path) -> str | None:
        """The hash of the content of a file, None when there is none or it cannot be read."""
        try:
            return self._one(path)
        except (OSError, ValueError):
            return None

    def of(self, path: Path) -> str | None:
        """The hash of a data file with what its database keeps beside it, None when there is none or it cannot be read."""
        try:
            whole = hashlib.sha256(self._one(path).encode())
            for ending in BESIDE:
                beside = path.with_name(path.name + ending)
                if beside.is_file():
                    whole.update(self._one(beside).encode())
            return whole.hexdigest()
        except (OSError, ValueError):
            return None

    def hold(self, path: Path) -> Held | None:
        """A data file or folder held to the content that it had when it was first asked for; None when it is not there."""
        try:
            if path not in self._held:
                self._held[path] = Held(path, self._one)
            return self._held[path]
        except (OSError, ValueError):  # no path at all
            return None

    def _one(self, path: Path) -> str:
        found = path.stat()
        state = [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino, found.st_dev]
        known = self._known.get(str(path))
        if isinstance(known, list) and known[:-1] == state:
            return str(known[-1])
        looked = time.time_ns()
        digest = file_hash(path)
        if looked - max(found.st_mtime_ns, found.st_ctime_ns) > SETTLED:
            self._known[str(path)], self._changed = [*state, digest], True
        return digest

    def save(self) -> None:
        """Keep what was seen for the next run."""
        if self._changed and self._store:
            self._store.parent.mkdir(parents=True, exist_ok=True)
            write_json(self._store, self._known)
            self._changed = False


def data_files(values: Mapping[str, Any]) -> dict[str, Path]:
    """The files that resolved parameters name, by parameter (`data`, or `data[1]` in a list); `sqlite://` is the address of one."""
    found = {}
    for name, value in values.items():
        for place, item in enumerate(value if isinstance(value, list) else [value]):
            if not isinstance(item, str):
                continue
            file = Path(item.removeprefix("sqlite://").partition("::")[0])
            if file.is_absolute() and "://" not in item.removeprefix("sqlite://"):
                found[f"{name}[{place}]" if isinstance(value, list) else name] = file
    return found


def check_before(values: Mapping[str, Any], folder: Path) -> None:
    """Look at what needs no kernel: that the data files of resolved parameters are there, and that the report can be written.

    Raises
    ------
    DataError
        Naming the parameter and the file that is missing.
    UsageError
        Where the folder of the report may not be written.
    """
    for name, path in data_files(values).items():
        if not os.path.lexists(path):
            raise DataError(f"{name}: there is no file {path.name!r} in {path.parent}.")
    above = next(each for each in (folder.absolute(), *folder.absolute().parents) if each.exists())
    if not os.access(above, os.W_OK):
        raise UsageError(f"{above} may not be written, and the report would go to {folder}; name another folder with --out.")


def names_data(parameter: Parameter) -> bool:
    """Whether a parameter says where data are."""
    return parameter.kind == "path" or parameter.name in PATH_NAMES


def _asks_a_database(notebook: Notebook, values: Mapping[str, Any]) -> bool:
    """Whether a value is the address of data that nobody can tell to be unchanged; a link in a text is none."""
    places = {parameter.name for parameter in notebook.parameters if names_data(parameter)}
    for name, value in values.items():
        texts = [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, str)]
        for text in (text for text in texts if "://" in text and not text.startswith("sqlite://")):
            address = read_address(text)
            if name in places or (address is not None and address.table):
                return True
    return False


def report_key(
    notebook: Notebook, title: str, given: Mapping[str, Any], values: Mapping[str, Any], hashes: Mapping[str, str | None]
) -> str | None:
    """The key of a report; None when it can never be the same: a database, or a file that is not there.

    Parameters
    ----------
    given, values : mapping
        The parameters as the user wrote them and as the notebook gets them.
    hashes : mapping
        Of the files among the values.
    """
    if _asks_a_database(notebook, values) or None in hashes.values():
        return None
    what = {
        "notebook": notebook_hash(notebook.content),
        "library": library_hash(),
        "cases": _cases(),
        "versions": versions(),
        "title": title,
        "given": dict(given),
        "data": dict(hashes),
    }
    return hashlib.sha256(json.dumps(what, sort_keys=True, default=str).encode()).hexdigest()


@cache
def _cases() -> str:
    """The hash of the published figures that the project carries."""
    root = project_root()
    files = sorted((root / "data" / "cases").glob("*")) if root else []
    return hashlib.sha256(b"".join(hashlib.sha256(path.read_bytes()).digest() for path in files if path.is_file())).hexdigest()


def files_of(folder: Path, names: Iterable[Path]) -> dict[str, str]:
    """The hash of each file of a report, by its place in the folder."""
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(names)}


def is_whole(folder: Path, facts: Mapping[str, Any]) -> bool:
    """Whether every file that the report's run.json lists is there with its content."""
    listed = facts.get("files")
    if not isinstance(listed, dict) or not listed:
        return False
    try:
        return all(hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest for name, digest in listed.items())
    except (OSError, ValueError):
        return False
