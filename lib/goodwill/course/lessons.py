"""The lessons as they are written, with solutions, and what a student sees of them.

A lesson keeps nbgrader's conventions: a cell to solve holds its solution between two marks, a cell of checks is locked and has points.
nbgrader makes the versions that students get (`goodwill.course.grading`); what stands here shows the same without it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple

from goodwill.errors import ReportError
from goodwill.reports.recording.notebooks import Notebook, notebooks_folder

Cell = dict[str, Any]
SOLUTION = re.compile(r"^([ \t]*)### BEGIN SOLUTION\n.*?^[ \t]*### END SOLUTION\n?", re.DOTALL | re.MULTILINE)
STUB = "# YOUR CODE HERE\nraise NotImplementedError()\n"  # what nbgrader writes in its place


def course_folder() -> Path:
    """Where the lessons, the glossary, the case cards and the work sheets are."""
    return notebooks_folder() / "course"


def list_lessons() -> list[Notebook]:
    """The lessons in the order in which they are taught.

    Raises
    ------
    ReportError
        When there is none.
    """
    paths = sorted((course_folder() / "lessons").glob("*.ipynb"))
    if not paths:
        raise ReportError(f"There is no lesson in {course_folder() / 'lessons'}.")
    return [Notebook.read(path) for path in paths]


def read_mistakes() -> dict[str, dict[str, dict[str, str]]]:
    """A common mistake in each exercise of each lesson: the `code` that stands for the solution, and `why` it is wrong.

    Raises
    ------
    ReportError
        When an exercise has none, or a mistake no exercise (names it).
    """
    import yaml

    path = course_folder() / "mistakes.yaml"
    found: dict[str, dict[str, dict[str, str]]] = yaml.safe_load(path.read_text("utf-8"))
    wanted = {(lesson.path.stem, each.name) for lesson in list_lessons() for each in exercises(lesson)}
    there = {(lesson, name) for lesson, mistakes in found.items() for name in mistakes}
    if differ := sorted(wanted ^ there):
        raise ReportError(f"{path}: each exercise has one common mistake; see {' '.join(differ[0])}.")
    return found


class Exercise(NamedTuple):
    """A cell to solve and the cell of checks after it, as places in the list of cells."""

    name: str
    solve: int
    check: int
    points: int


def graded(cell: Mapping[str, Any]) -> Mapping[str, Any]:
    """What nbgrader is told of a cell; empty for a cell that is no part of an exercise."""
    return dict(cell["metadata"].get("nbgrader", {}))


def source(cell: Mapping[str, Any]) -> str:
    """The text of a cell."""
    return cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])


def exercises(lesson: Notebook) -> Iterator[Exercise]:
    """The exercises of a lesson in their order.

    Raises
    ------
    ReportError
        When a cell to solve has no solution between its marks, or is not followed by checks with points.
    """
    cells = lesson.content["cells"]
    for place, cell in enumerate(cells):
        if not graded(cell).get("solution"):
            continue
        name, after = graded(cell)["grade_id"], cells[place + 1] if place + 1 < len(cells) else None
        if not SOLUTION.search(source(cell)):
            raise ReportError(f"{lesson.path.name}, exercise {name!r}: no solution stands between ### BEGIN SOLUTION and ### END SOLUTION.")
        if after is None or not graded(after).get("grade") or not graded(after).get("points"):
            raise ReportError(f"{lesson.path.name}, exercise {name!r}: the next cell must hold its checks and have points.")
        yield Exercise(name, place, place + 1, int(graded(after)["points"]))


def without_solution(code: str, instead: str = STUB) -> str:
    """The text of a cell with other code between the marks, or what nbgrader puts there.

    Examples
    --------
    >>> print(without_solution("def f():\\n    ### BEGIN SOLUTION\\n    return 1\\n    ### END SOLUTION"))
    def f():
        # YOUR CODE HERE
        raise NotImplementedError()
    """

    def put(found: re.Match[str]) -> str:
        return "".join(found[1] + line if line.strip() else line for line in instead.splitlines(keepends=True))

    return SOLUTION.sub(put, code + "\n").rstrip("\n")


def with_answers(handed_out: Mapping[str, Any], lesson: Notebook) -> dict[str, Any]:
    """A student's notebook with the solutions of the lesson written into its cells, by the name of the exercise."""
    filled = deepcopy(dict(handed_out))
    solved = {each.name: source(lesson.content["cells"][each.solve]) for each in exercises(lesson)}
    for cell in filled["cells"]:
        if (name := graded(cell).get("grade_id")) in solved:
            cell["source"] = re.sub(r"^[ \t]*### (BEGIN|END) SOLUTION\n?", "", solved[name] + "\n", flags=re.MULTILINE).rstrip("\n")
    return filled


def write_notebook(content: Mapping[str, Any], path: Path) -> None:
    """Write a notebook as JupyterLab does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")
