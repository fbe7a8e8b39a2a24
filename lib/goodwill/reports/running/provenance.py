"""With what a report was made: commit and hashes of its inputs. Nothing about the machine or the person."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from goodwill.reports.recording.versions import library_hash


@cache
def commit(folder: Path) -> dict[str, Any] | None:
    """The git commit of a folder and whether tracked files differ from it; None where there is no git or no repository."""
    try:
        head = _git(folder, "rev-parse", "HEAD")
        return {"commit": head, "changed": bool(_git(folder, "status", "--porcelain", "--untracked-files=no"))}
    except (OSError, subprocess.SubprocessError):
        return None


def notebook_hash(content: Mapping[str, Any]) -> str:
    """SHA-256 over what a notebook does: kind, source and tags of its cells and the results it promises.

    A notebook and its executed form have the same hash: ids, outputs and the cell of given parameters do not count.
    """
    cells = [
        [cell["cell_type"], "".join(cell["source"]), sorted(_tags(cell))]
        for cell in content["cells"]
        if "injected-parameters" not in _tags(cell)
    ]
    what = [cells, content.get("metadata", {}).get("goodwill", {})]
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()


def inputs(content: Mapping[str, Any], base: Path, folder: Path) -> dict[str, str]:
    """The part of run.json from which `goodwill rebuild` finds library, notebook and data again.

    Parameters
    ----------
    content : mapping
        The notebook's JSON.
    base : Path
        Where relative data paths start; kept as seen from the report's folder, so that reports and data can move together.
    folder : Path
        The folder of the report.
    """
    base_from_folder = Path(os.path.relpath(base.resolve(), folder.resolve())).as_posix()
    return {"library": library_hash(), "notebook_sha256": notebook_hash(content), "base": base_from_folder}


def _tags(cell: Mapping[str, Any]) -> list[str]:
    return list(cell.get("metadata", {}).get("tags", []))


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True, timeout=10)
    return done.stdout.strip()
