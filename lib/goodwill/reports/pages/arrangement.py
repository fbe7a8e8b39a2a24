"""How the cells of a notebook stand on its page: *In short* opens it, and *The working* is folded away at its end.

Both are tags of cells. `in-short` marks the last cell of the analysis, and the Markdown cell with its heading. `working` marks the Markdown
cell whose heading begins the working; every cell below it is folded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from goodwill.reports.recording.record import MIME

MOST_OPEN = 16  # exhibits that may stand open on one page
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


def open_exhibits(content: Mapping[str, Any]) -> int:
    """How many tables and figures stand open on the page of an executed notebook; at most `MOST_OPEN` should.

    Pictures and tables that are shown without being recorded count too.
    """
    found = arranged(content["cells"])
    return count_exhibits((*found.in_short, *found.sections))


def count_exhibits(cells: Sequence[Cell]) -> int:
    """The tables and figures that these cells show."""
    return sum(_is_exhibit(data) for cell in cells for data in _shown(cell))


def tags_in_disorder(content: Mapping[str, Any]) -> list[str]:
    """What is wrong with the tags of a notebook, executed or not, in sentences; nothing when they are in order."""
    cells = content["cells"]
    places = {tag: [place for place, cell in enumerate(cells) if tag in _tags(cell)] for tag in (IN_SHORT, WORKING)}
    found = []
    code = [place for place in places[IN_SHORT] if cells[place]["cell_type"] == "code"]
    if len(code) != 1:
        found.append(f"{len(code)} code cells are tagged 'in-short'; there is one.")
    if not any(_heading(cells[place]) == "In short" for place in places[IN_SHORT]):
        found.append("no cell tagged 'in-short' has the heading 'In short'; a link in JupyterLab needs it.")
    if not cells or "](#In-short)" not in _source(cells[0]):
        found.append("the first cell has no link to [in short](#In-short).")
    if len(places[WORKING]) > 1 or any(not _heading(cells[place]) for place in places[WORKING]):
        found.append("the tag 'working' stands on one Markdown cell that begins with a heading.")
    end = places[WORKING][0] if places[WORKING] else len(cells)
    after = [place for place, cell in enumerate(cells[:end]) if cell["cell_type"] == "code" and code and place > code[-1]]
    if after or any(place > end for place in code):
        found.append("the code cell tagged 'in-short' is the last one before the working.")
    return found


def why_thin(content: Mapping[str, Any]) -> str:
    """Why *In short* says nothing, in the words of what is absent there; empty when it says something, or when there is none."""
    results = [data.get(MIME, {}) for cell in arranged(content["cells"]).in_short for data in _shown(cell)]
    absent = [str(result["why"]) for result in results if result.get("kind") == "absent"]
    return absent[0] if absent and not any(map(_says_something, results)) else ""


def _says_something(result: Mapping[str, Any]) -> bool:
    if result.get("kind") == "record":
        return result["value"] is not None
    return result.get("kind") in ("said", *EXHIBITS)


def _is_exhibit(data: Mapping[str, Any]) -> bool:
    if MIME in data:
        return data[MIME]["kind"] in EXHIBITS
    return any(kind.startswith("image/") or kind == "text/html" for kind in data)


def _shown(cell: Cell) -> Iterator[Mapping[str, Any]]:
    yield from (output["data"] for output in cell.get("outputs", ()) if "data" in output)


def _source(cell: Cell) -> str:
    return cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])


def _heading(cell: Cell) -> str:
    """The words of the heading that a Markdown cell begins with; empty for any other cell."""
    first = _source(cell).lstrip().partition("\n")[0] if cell["cell_type"] == "markdown" else ""
    return first.lstrip("#").strip() if first.startswith("#") else ""


def _tags(cell: Cell) -> set[str]:
    return set(cell["metadata"].get("tags", []))
