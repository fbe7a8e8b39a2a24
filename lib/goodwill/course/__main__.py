"""`python -m goodwill.course --out DIR`: every lesson run, graded three ways by nbgrader, and written for students and teachers."""

from __future__ import annotations

import json
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import click

from goodwill.course.book import number_of, title_of, write_book
from goodwill.course.cards import cards_markdown
from goodwill.course.folder import write_student_folder
from goodwill.course.grading import Graded, errors_of, executed, failures, grade, released
from goodwill.course.lessons import list_lessons, read_mistakes, write_notebook
from goodwill.errors import GoodwillError
from goodwill.reports.pages.glossary import glossary_markdown
from goodwill.reports.recording.notebooks import Notebook, project_root


@click.command()
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path("build/course"), show_default=True)
@click.option("--jobs", type=click.IntRange(min=1), default=2, show_default=True, help="lessons that run at the same time")
def main(out: Path, jobs: int) -> None:
    """Run every lesson with its solutions, grade it untouched, mistaken and solved, and write folder and book below OUT."""
    try:
        wrong = build(out, jobs)
    except GoodwillError as error:
        sys.exit(f"Error: {error}")
    for sentence in wrong:
        click.echo(sentence, err=True)
    sys.exit(1 if wrong else 0)


def build(out: Path, jobs: int) -> list[str]:
    """Build the course and give what is wrong with it, one sentence each.

    Below `out`: `students` (the folder to hand out), `book` (its pages), `teachers` (solved notebooks and pages with solutions),
    `nbgrader` (a course of nbgrader's for each lesson) and `grades.json`.
    """
    lessons = list_lessons()
    mistakes = {lesson: {name: each["code"] for name, each in of.items()} for lesson, of in read_mistakes().items()}
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        waiting = [pool.submit(grade, lesson, mistakes[lesson.path.stem], out / "nbgrader" / lesson.path.stem) for lesson in lessons]
        graded: list[Graded] = []
        for lesson, each in zip(lessons, waiting, strict=True):
            graded += each.result()
            click.echo(f"{lesson.title}: graded by nbgrader")
    _write(out, lessons)
    (out / "grades.json").write_text(json.dumps([row._asdict() for row in graded], indent=1), "utf-8")
    points = sum(row.points for row in graded)
    click.echo(f"{len(lessons)} lessons, {len(graded)} exercises, {points} points; {out / 'book' / 'index.html'}")
    wrong = failures(graded)
    for lesson in lessons:
        wrong += errors_of(lesson, out / "nbgrader" / lesson.path.stem)
    return wrong


def _write(out: Path, lessons: list[Notebook]) -> None:
    by_number = {number_of(lesson): title_of(lesson) for lesson in lessons}
    course = {lesson.path.stem: out / "nbgrader" / lesson.path.stem for lesson in lessons}
    handed_out = {lesson.path.name: released(course[lesson.path.stem], lesson) for lesson in lessons}
    solved = {lesson.path.stem: executed(course[lesson.path.stem], lesson) for lesson in lessons}
    texts = {"glossary.md": glossary_markdown(by_number), "cards.md": cards_markdown(by_number)}
    write_student_folder(out / "students", handed_out, texts)
    write_book(out / "book", lessons, solved)
    write_book(out / "teachers" / "book", lessons, solved, _teaching(), read_mistakes())
    for name, content in solved.items():
        write_notebook(content, out / "teachers" / "lessons" / f"{name}.ipynb")


def _teaching() -> dict[str, str]:
    """The teacher's page, where it is at hand: it comes with the project and not with a wheel."""
    path = (project_root() or Path()) / "docs" / "teaching.md"
    return {"teaching": path.read_text("utf-8")} if path.is_file() else {}


if __name__ == "__main__":
    main()
