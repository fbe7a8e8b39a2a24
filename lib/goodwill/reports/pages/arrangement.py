"""How the cells of a notebook stand on its page: *In short* opens it, and *The working* is folded away at its end.

Both are tags of cells. `in-short` marks the last cell of the analysis, and the Markdown cell with its heading. `working` marks the Markdown
cell whose heading begins the working; every cell below it is folded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from goodwill.reports.recording.output import MIME

IN_SHORT, WORKING = "in-short", "working"
NOT_SHOWN = {"injected-parameters", "remove-cell"}
EXHIBITS = ("table", "figure")

Cell = Mapping[str, Any]


@dataclass(frozen=True)
class Arrangement:
    """The cells of a page: of *In short*, of the sections that stand open, the heading of the working, and what is folded below it."""

    in_short: tuple[Cell, ...] = ()
    sections: tuple[Cell, ...] = ()
    heading: Cell | None = None
    working: tuple[Cell, ...] = ()


def arranged(cells: Sequence[Cell]) -> Arrangement:
    """The cells that are shown, each in its place."""
    shown = [cell for cell in cells if not _tags(cell) & NOT_SHOWN]
    in_short = tuple(cell for cell in shown if IN_SHORT in _tags(cell))
    others = [cell for cell in shown if IN_SHORT not in _tags(cell)]
    start = next((place for place, cell in enumerate(others) if WORKING in _tags(cell)), len(others))
    has_heading = start < len(others) and others[start]["cell_type"] == "markdown"
    heading = others[start] if has_heading else None
    return Arrangement(in_short, tuple(others[:start]), heading, tuple(others[start + has_heading :]))


def why_thin(content: Mapping[str, Any]) -> str:
    """Why *In short* says nothing, in the words of what is absent there; empty when it says something, or when there is none."""
    results = [data.get(MIME, {}) for cell in arranged(content["cells"]).in_short for data in _shown(cell)]
    absent = [str(result["why"]) for result in results if result.get("kind") == "absent"]
    return absent[0] if absent and not any(map(_says_something, results)) else ""


def _says_something(result: Mapping[str, Any]) -> bool:
    if result.get("kind") == "record":
        return result["value"] is not None
    return result.get("kind") in ("said", *EXHIBITS)


def _shown(cell: Cell) -> Iterator[Mapping[str, Any]]:
    yield from (output["data"] for output in cell.get("outputs", ()) if "data" in output)


def _tags(cell: Cell) -> set[str]:
    return set(cell["metadata"].get("tags", []))
