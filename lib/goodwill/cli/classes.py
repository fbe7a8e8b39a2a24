"""A class: companies of known truth for its students, and marks for their answers."""

from __future__ import annotations

from pathlib import Path

import click

from goodwill.cli.group import main
from goodwill.cli.shared import print_table
from goodwill.errors import UsageError


@main.command("class")
@click.option("--students", type=click.IntRange(1, 1_000), help="How many; they are called student_01 and so on.")
@click.option("--names", type=click.Path(path_type=Path), metavar="FILE", help="Names of the students in place of a number, one a line.")
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="DIR", help="A new folder; it gets one folder per student.")
@click.option(
    "--secret", type=click.Path(path_type=Path), metavar="FILE", help="What companies are made from; DIR.secret beside DIR if not given."
)
@click.option("--customers", type=int, default=400, show_default=True, help="Of each company.")
@click.option("--tried", type=int, default=4_000, show_default=True, help="Customers of the trial in the sister region.")
def class_(students: int | None, names: Path | None, out: Path, secret: Path | None, customers: int, tried: int) -> None:
    """Make a company of known truth for each student of a class, with a task and an empty sheet for the answers."""
    from goodwill.classroom.folders import read_names, secret_place, student_names, write_class

    if (students is None) == (names is None):
        raise UsageError("Say how many students there are with --students, or name them with --names FILE.")
    called = read_names(names) if names else student_names(students or 0)
    write_class(called, out, secret, customers, tried)
    click.echo(
        f"{out}: {len(called):,} companies, one folder each. The secret {secret_place(out, secret)} stays with the teacher: keep it."
    )
    click.echo(f"When the answers are in: goodwill grade {out}")


@main.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option(
    "--secret", type=click.Path(path_type=Path), metavar="FILE", help="What the class was made from; DIR.secret beside DIR if not given."
)
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="The table of marks, a CSV; DIR.marks.csv if not given.")
def grade(folder: Path, secret: Path | None, out: Path | None) -> None:
    """Mark the answers of a class, with reasons; in a student's own folder: say whether the answers can be read.

    Answers are data files; nothing in a student's folder is run.
    """
    from goodwill.classroom.folders import check_answers, grade_class, is_student_folder, write_marks

    if is_student_folder(folder):
        return click.echo(check_answers(folder))
    marks = grade_class(folder, secret)
    place = out or folder.resolve().with_name(f"{folder.resolve().name}.marks.csv")
    write_marks(marks, place)
    print_table(marks.table.drop(columns="reasons").round(1))
    for flag in marks.flagged:
        click.echo(f"{flag.student} and {flag.other}: {flag.why}.")
    return click.echo(f"{place}: {len(marks.table):,} marks with reasons; {len(marks.flagged)} flagged as copied.")
