"""A lesson run in this process, cell by cell: what each cell shows, and how the checks of its exercises end."""

from __future__ import annotations

import ast
import contextlib
import io
from collections.abc import Mapping
from typing import Any, NamedTuple

from goodwill.course.lessons import exercises, source, without_solution
from goodwill.reports.recording.notebooks import Notebook


class Ran(NamedTuple):
    """What the cells showed, by id, and how the checks of each exercise ended: for a student's cell, for mistakes, for the solution."""

    shown: dict[str, str]
    untouched: dict[str, str]
    mistaken: dict[str, str]
    solved: dict[str, str]


def run(lesson: Notebook, mistakes: Mapping[str, str]) -> Ran:
    """Every cell of a lesson in order; each exercise untouched first, then with its common mistake, then solved.

    Parameters
    ----------
    mistakes : code that stands for the solution, by exercise
    """
    space: dict[str, Any] = {"__name__": "__main__"}
    ran = Ran({}, {}, {}, {})
    cells = lesson.content["cells"]
    solving = {each.solve: each for each in exercises(lesson)}
    checks = {each.check for each in solving.values()}
    for place, cell in enumerate(cells):
        if cell["cell_type"] != "code" or place in checks:
            continue
        if place not in solving:
            ran.shown[cell["id"]] = show(source(cell), space)
            continue
        each, code = solving[place], source(cell)
        check = source(cells[each.check])
        ran.untouched[each.name] = ended(without_solution(code), check, dict(space))
        if each.name in mistakes:
            ran.mistaken[each.name] = ended(without_solution(code, mistakes[each.name]), check, dict(space))
        ran.solved[each.name] = ended(code, check, space)
    return ran


def ended(answer: str, check: str, space: dict[str, Any]) -> str:
    """How checks end after an answer: the kind of the error, or nothing. A cell that fails does not stop the next one, as in Jupyter."""
    for code in (answer, check):
        last = ""
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(code, "<cell>", "exec"), space)
        except Exception as error:
            last = type(error).__name__ + f": {error}"
    return last


def show(code: str, space: dict[str, Any]) -> str:
    """What a cell prints and what its last line is worth."""
    tree, printed = ast.parse(code), io.StringIO()
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    with contextlib.redirect_stdout(printed):
        exec(compile(tree, "<cell>", "exec"), space)
        value = eval(compile(ast.Expression(last.value), "<cell>", "eval"), space) if last else None
    return printed.getvalue() + ("" if value is None else written(value))


def written(value: Any) -> str:
    """A value with all its numbers, tables in full."""
    if hasattr(value, "to_csv"):
        return str(value.to_csv())
    if isinstance(value, list | tuple) and not hasattr(value, "_fields"):
        return "\n".join(map(written, value))
    if isinstance(value, dict):
        return "\n".join(f"{written(key)}: {written(each)}" for key, each in value.items())
    return repr(value)
