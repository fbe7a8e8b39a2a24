"""The lessons through nbgrader: the versions that students get, and how it grades them untouched, mistaken and solved.

nbgrader is an extra (`pip install goodwill[course]`); nothing but `python -m goodwill.course` needs it.
"""

from __future__ import annotations

import logging
import os
import sys
import warnings
from collections.abc import Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple

from goodwill.course.lessons import exercises, graded, source, with_answers, without_solution, write_notebook
from goodwill.errors import ReportError, UsageError
from goodwill.reports.recording.execution import skip_slow_import
from goodwill.reports.recording.notebooks import Notebook

PUPILS = ("untouched", "mistaken", "solved")  # three made-up students: who hands in nothing, common mistakes, and the solutions


class Graded(NamedTuple):
    """The points that nbgrader gave one exercise, by made-up student."""

    lesson: str
    exercise: str
    points: int
    untouched: float
    mistaken: float
    solved: float


def released(folder: Path, lesson: Notebook) -> dict[str, Any]:
    """The version of a lesson that nbgrader made for students."""
    return Notebook.read(folder / "release" / lesson.path.stem / lesson.path.name).content


def executed(folder: Path, lesson: Notebook, pupil: str = "solved") -> dict[str, Any]:
    """A lesson as nbgrader ran it for one of the made-up students."""
    return Notebook.read(folder / "autograded" / pupil / lesson.path.stem / lesson.path.name).content


def with_mistakes(handed_out: Mapping[str, Any], lesson: Notebook, mistakes: Mapping[str, str]) -> dict[str, Any]:
    """A student's notebook with a common mistake in each exercise."""
    filled = deepcopy(dict(handed_out))
    cells = lesson.content["cells"]
    wrong = {each.name: without_solution(source(cells[each.solve]), mistakes[each.name]) for each in exercises(lesson)}
    for cell in filled["cells"]:
        if (name := graded(cell).get("grade_id")) in wrong:
            cell["source"] = wrong[name]
    return filled


def grade(lesson: Notebook, mistakes: Mapping[str, str], folder: Path) -> list[Graded]:
    """Make the students' version of a lesson, hand it in three times, and let nbgrader grade it.

    Parameters
    ----------
    mistakes : code of a common mistake by exercise
    folder : of one course in nbgrader's order (source, release, submitted, autograded)

    Raises
    ------
    UsageError
        When nbgrader is not installed.
    ReportError
        When nbgrader could not make or grade the lesson, or a student's version differs from what `without_solution` shows.
    """
    api, name = _course(folder), lesson.path.stem
    write_notebook(lesson.content, folder / "source" / name / lesson.path.name)
    _done(api.generate_assignment(name, force=True), name)
    given = released(folder, lesson)
    for each in exercises(lesson):
        told, shown = source(given["cells"][each.solve]), without_solution(source(lesson.content["cells"][each.solve]))
        if told.rstrip() != shown.rstrip():
            raise ReportError(f"{lesson.path.name}, exercise {each.name!r}: nbgrader hands out something else than is shown in the book.")
    handed_in = {"untouched": given, "mistaken": with_mistakes(given, lesson, mistakes), "solved": with_answers(given, lesson)}
    for pupil, content in handed_in.items():
        write_notebook(content, folder / "submitted" / pupil / name / lesson.path.name)
        _done(api.autograde(name, pupil, force=True), f"{name} of {pupil}")
    return _points(api, lesson)


def _points(api: Any, lesson: Notebook) -> list[Graded]:
    name, found = lesson.path.stem, []
    with api.gradebook as book:
        for each in exercises(lesson):
            check = graded(lesson.content["cells"][each.check])["grade_id"]
            scores = {pupil: float(book.find_grade(check, name, name, pupil).score) for pupil in PUPILS}
            found.append(Graded(name, each.name, each.points, **scores))
    return found


def errors_of(lesson: Notebook, folder: Path) -> list[str]:
    """The cells that nbgrader saw fail and that should not, one sentence each.

    All cells of the solved lesson run, and of the untouched one all that are no part of an exercise.
    """
    said = []
    for number, cell in enumerate(executed(folder, lesson, "solved")["cells"], start=1):
        said += [f"{lesson.path.stem}, cell {number}: {error}" for error in _errors(cell)]
    for number, cell in enumerate(executed(folder, lesson, "untouched")["cells"], start=1):
        if not graded(cell):
            said += [f"{lesson.path.stem}, cell {number} runs only when an exercise is solved: {error}" for error in _errors(cell)]
    return said


def _errors(cell: Mapping[str, Any]) -> list[str]:
    return [f"{output['ename']}: {output['evalue']}" for output in cell.get("outputs", []) if output["output_type"] == "error"]


def failures(table: Sequence[Graded]) -> list[str]:
    """What is wrong with a course, one sentence each: solutions without full points, and points for nothing or for a mistake."""
    said = []
    for row in table:
        where = f"{row.lesson}, exercise {row.exercise!r}"
        if row.solved != row.points:
            said.append(f"{where}: the solution gets {row.solved:g} of {row.points} points.")
        if row.untouched:
            said.append(f"{where}: a student who did nothing gets {row.untouched:g} points.")
        if row.mistaken:
            said.append(f"{where}: the common mistake gets {row.mistaken:g} points.")
    return said


def _course(folder: Path) -> Any:
    skip_slow_import()
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])  # nbgrader calls alembic by name
    try:
        from nbgrader.apps.api import NbGraderAPI
        from nbgrader.coursedir import CourseDirectory
        from traitlets.config import Config
    except ImportError as error:
        raise UsageError("The course is graded by nbgrader, which is not installed: pip install 'goodwill[course]'.") from error
    folder.mkdir(parents=True, exist_ok=True)
    config = Config()
    config.CourseDirectory.root = str(folder.resolve())
    config.ExecutePreprocessor.timeout = 300
    logging.getLogger("traitlets").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", message="Object of type .* not in session")  # of nbgrader's own gradebook
    return NbGraderAPI(CourseDirectory(config=config), config=config)


def _done(answer: Mapping[str, Any], what: str) -> None:
    if not answer["success"]:
        last = [line for line in (answer.get("error") or answer.get("log") or "").strip().splitlines() if line.strip()]
        raise ReportError(f"nbgrader stopped at {what}: {last[-1] if last else 'it gives no reason'}")
