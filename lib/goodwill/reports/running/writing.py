"""Small files, written whole or not at all, and read without trust."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def write_json(path: Path, value: Any) -> None:
    """Write JSON with sorted names, whole or not at all."""
    write_whole(path, json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n")


def write_whole(path: Path, body: str) -> None:
    """Write a text file, whole or not at all; the folder is there."""
    beside = path.with_name(f".{path.name}.writing")
    try:
        beside.write_text(body, "utf-8", newline="\n")
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise


def read_object(path: Path) -> dict[str, Any]:
    """A JSON object from a file; empty when the file is not there, broken or something else."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
