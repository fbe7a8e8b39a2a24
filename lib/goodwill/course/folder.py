"""What students get: the lessons as nbgrader makes them, the work sheets, the glossary and the cards, in one folder."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from goodwill.course.lessons import course_folder, write_notebook


def write_student_folder(folder: Path, lessons: Mapping[str, Mapping[str, Any]], texts: Mapping[str, str]) -> None:
    """Write the folder, whose files link to one another as those of the project do.

    Parameters
    ----------
    lessons : the students' version of each lesson, by the name of its file
    texts : Markdown by the name of its file
    """
    shutil.rmtree(folder, ignore_errors=True)
    for name, content in lessons.items():
        write_notebook(content, folder / "lessons" / name)
    shutil.copytree(course_folder() / "systems", folder / "systems", ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")
