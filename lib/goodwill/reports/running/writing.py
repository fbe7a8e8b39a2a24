"""Small files, written whole or not at all, and read without trust."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any


def write_json(path: Path, value: Any) -> None:
    """Write JSON with sorted names, whole or not at all."""
    write_whole(path, json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n")


def write_whole(path: Path, body: str) -> None:
    """Write a text file, whole or not at all; the folder is there."""
    beside = while_written(path)
    try:
        beside.write_text(body, "utf-8", newline="\n")
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise


def while_written(path: Path) -> Path:
    """The name that a file has until it is whole; a mark in it says whose it is, should a run be killed half-way."""
    return path.with_name(f".{path.name}.{name_mark(path.name)}.writing")


def name_mark(name: str) -> str:
    """Eight hexadecimal digits that go with a name in the names of what is half-made; nobody else makes a file called so."""
    return hashlib.sha256(f"goodwill {name}".encode()).hexdigest()[:8]


def read_object(path: Path) -> dict[str, Any]:
    """A JSON object from a file; empty when the file is not there, broken or something else."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
