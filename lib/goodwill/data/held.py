"""Files held to one content: what is read from them has the fingerprint that is told, or the run fails.

Nothing is copied and nothing is locked: a copy would cost a large Parquet file as much as a summary of it, a link would need a place in
the folder of the data, an open file keeps its content when another takes its name but not when it is written over, and locks are advice
that other programs do not take. A file is known instead by its number, size and times of change, which cost a millionth of a second to
ask for. They are asked for before the fingerprint is taken, and before and after everything that is read later.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from goodwill.errors import DataError

BESIDE = ("-wal", ".wal")  # where SQLite and DuckDB keep what is not yet in the file itself
_TICK, _SECONDS = 100_000_000, 2_000_000_000  # nanoseconds: longer than the clocks of file systems stand still
_EXPECTED = "GOODWILL_EXPECTED"  # in the environment of a kernel: the fingerprints that its run was planned with
_State = tuple[int, int, int, int, int]


class Held:
    """A file with what its database keeps beside it, or the Parquet files of a folder, as they were at the first look.

    Parameters
    ----------
    path : Path
        The file or folder.
    hash_file : callable, optional
        Gives the SHA-256 of one file, for callers that remember some.

    Attributes
    ----------
    fingerprint : str
        SHA-256 of the content.
    """

    def __init__(self, path: Path, hash_file: Callable[[Path], str] | None = None) -> None:
        self.path, began = path, time.time_ns()
        self._seen = _states(path)  # before the content is read, so that a change meanwhile is found by the next check
        self._sure = _sure(self._seen, began)
        self.fingerprint = content_hash(path, hash_file or file_hash)
        if _expected().get(str(path.absolute()), self.fingerprint) != self.fingerprint:
            raise self._error()

    def check(self) -> None:
        """Raise a DataError when the content is no longer that of the fingerprint.

        A write moves the time of change (ctime), which no program can set back, except within one tick of the file system's clock: a
        file that was written just before the first look is hashed again, until its last write lies behind a tick. So is a file whose
        time of change alone has moved: links and permissions move it too.
        """
        began = time.time_ns()
        try:
            seen = _states(self.path)
            if seen == self._seen and self._sure:
                return
            same = _unwritten(seen) == _unwritten(self._seen) and content_hash(self.path) == self.fingerprint
            same = same and _states(self.path) == seen
        except OSError:  # it is gone
            same = False
        if not same:
            raise self._error()
        self._seen, self._sure = seen, _sure(seen, began)

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """Check before and after what is done inside; a failure inside that comes from a change is told as the change."""
        self.check()
        try:
            yield
        except Exception:
            self.check()
            raise
        self.check()

    def _error(self) -> DataError:
        return DataError(f"{self.path.name} changed while it was being read; run again.")


@contextmanager
def expecting(held: Iterable[Held]) -> Iterator[None]:
    """Kernels that start inside read these files with these fingerprints only.

    So a notebook that reads a file twice, or after its run was planned, reads what the others of its run have read. What it does not
    read, such as a file that it writes, may change.
    """
    before = os.environ.get(_EXPECTED)
    os.environ[_EXPECTED] = json.dumps({str(file.path.absolute()): file.fingerprint for file in held})
    try:
        yield
    finally:
        if before is None:
            del os.environ[_EXPECTED]
        else:
            os.environ[_EXPECTED] = before


def _expected() -> dict[str, str]:
    found: dict[str, str] = json.loads(os.environ.get(_EXPECTED, "{}"))
    return found


def parts_of(folder: Path) -> list[Path]:
    """The Parquet files of a folder, in the order of their names."""
    return sorted(path for path in folder.glob("*.parquet") if path.is_file())


def file_hash(path: Path) -> str:
    """SHA-256 of one file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def content_hash(path: Path, hash_file: Callable[[Path], str] = file_hash) -> str:
    """SHA-256 of a file, of its database with what stands beside it, or of the list of the Parquet files of a folder with theirs."""
    if path.is_dir():
        listed = [f"{part.name} {hash_file(part)}\n" for part in parts_of(path)]
    elif beside := _beside(path):
        listed = [f"{part.name.removeprefix(path.name)} {hash_file(part)}\n" for part in (path, *beside)]
    else:
        return hash_file(path)
    return hashlib.sha256("".join(listed).encode()).hexdigest()


def user_path(text: str, base: Path | None = None) -> Path:
    """A path as a user writes it, from `base`: `~` is the home folder, unless a file has that very name."""
    path = (base or Path()) / text
    if not text.startswith("~") or path.exists():
        return path
    try:
        return (base or Path()) / Path(text).expanduser()
    except RuntimeError:  # ~NAME of nobody
        return path


def _beside(path: Path) -> list[Path]:
    """Files that belong to a database and hold something: a reader may make empty ones."""
    near = (path.with_name(path.name + ending) for ending in BESIDE)
    return [file for file in near if file.is_file() and file.stat().st_size]


def _states(path: Path) -> dict[str, _State]:
    """What tells one content from another without reading it, by file."""
    found = {}
    for part in parts_of(path) if path.is_dir() else (path, *_beside(path)):
        at = part.stat()
        found[part.name] = (at.st_dev, at.st_ino, at.st_size, at.st_mtime_ns, at.st_ctime_ns)
    return found


def _unwritten(states: Mapping[str, _State]) -> dict[str, tuple[int, ...]]:
    """The states without the time of change."""
    return {name: state[:-1] for name, state in states.items()}


def _sure(states: Mapping[str, _State], now: int) -> bool:
    """Whether a write after `now` would have moved the times, so that equal states are equal contents."""
    stamps = [state[-1] for state in states.values()]
    whole_seconds = all(stamp % 1_000_000_000 == 0 for stamp in stamps)  # a file system that counts in seconds, or in two
    return now - max(stamps, default=0) > (_SECONDS if whole_seconds else _TICK)
