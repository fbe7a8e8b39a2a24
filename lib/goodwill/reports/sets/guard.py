"""One run at a time in a folder of reports, and the leftovers of one that was killed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from goodwill.errors import ReportError, UsageError
from goodwill.reports.running.ours import check_set, half_built, is_half_written, moved_aside, remove_report, why_not_ours


@contextmanager
def only_run(folder: Path, now: datetime) -> Iterator[list[str]]:
    """Hold the folder of a recipe for this run; gives what had to be mended first, for the log.

    The operating system holds the lock for as long as the process lives, so a killed run leaves none behind; the file only says whose
    it is.

    Raises
    ------
    UsageError
        While another run holds it, or where something else stands at the place of our pages.
    ReportError
        When nothing can be written there.
    """
    mended = check_set(folder)
    with _opened(folder) as file:
        if not _locked(file):
            file.seek(0)
            holder = file.read().strip() or "another process"
            raise UsageError(f"{folder} is being built by another run ({holder}); wait for it to end, or stop it.")
        with suppress(OSError):  # a full disk: the lock holds all the same
            file.truncate(0)
            file.write(f"process {os.getpid()}, since {now.isoformat(timespec='seconds')}\n")
            file.flush()
        yield mended


def _opened(folder: Path) -> IO[str]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return (folder / ".lock").open("a+", encoding="utf-8")
    except OSError as error:
        raise ReportError(f"Reports cannot be built in {folder}: {error.strerror or error}.") from error


def _locked(file: IO[Any]) -> bool:
    try:
        if os.name == "nt":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def sweep(folder: Path) -> list[str]:
    """Tidy what a killed run left: half-built reports go, and a good one that was only moved aside comes back.

    What does not prove to be ours stays as it is. Returns what was done, for the log.
    """
    done = []
    for path in sorted(folder.glob(".*.previous")):
        standing = path.with_name(path.name.removeprefix(".").removesuffix(".previous"))
        if path != moved_aside(standing) or why_not_ours(path, standing.name):
            continue
        if not os.path.lexists(standing):
            path.rename(standing)
            done.append(f"put back {standing.name}")
        elif not why_not_ours(standing, standing.name):
            with suppress(OSError):
                remove_report(path, standing.name)
    for path in sorted(folder.glob(".*.building")):
        if name := half_built(path):
            shutil.rmtree(path, ignore_errors=True)
            done.append(f"removed the half-built {name}")
    for path in _half_written(folder):
        with suppress(OSError):
            path.unlink()
    return done


def _half_written(folder: Path) -> list[Path]:
    """The files that a killed run has not finished, in the folder of a set and in its cache."""
    cache = folder / ".cache"
    found = [*folder.glob(".*.writing"), *([] if cache.is_symlink() else cache.glob("**/.*.writing"))]
    return [path for path in found if is_half_written(path)]
