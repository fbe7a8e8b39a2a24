"""An executed notebook and the limits of executing one; and what has to happen before nbformat is imported."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Progress = Callable[[int, int], None]


@dataclass
class Execution:
    """An executed notebook: its content as JSON, the last cell that was begun, and why it stopped if papermill says so."""

    content: dict[str, Any]
    last_cell: int = -1
    problem: str = ""


@dataclass(frozen=True)
class Limits:
    """How many seconds all cells together, and one cell, may take; None for no limit."""

    report: float | None = None
    cell: float | None = None


NO_LIMITS = Limits()


def skip_slow_import() -> None:
    """Call before nbformat is imported: with JupyterLab installed this one module takes 2-3 s and jsonschema goes on without it."""
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
