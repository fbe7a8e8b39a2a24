"""The teacher's page says what the lessons are."""

from __future__ import annotations

import re
from pathlib import Path

import goodwill as gw
from goodwill.course.book import number_of, title_of
from goodwill.course.lessons import exercises, list_lessons, source

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "teaching.md").read_text("utf-8")
ROW = re.compile(r"^\| (\d+) \| (.+?) \| .+? \| (\d) \((\d+)\) \|$", re.MULTILINE)


def test_the_table_has_every_lesson_with_its_exercises_and_points() -> None:
    found = {number_of(lesson): (title_of(lesson), list(exercises(lesson))) for lesson in list_lessons()}
    rows = {int(number): (title, int(count), int(points)) for number, title, count, points in ROW.findall(PAGE)}
    assert rows == {number: (title, len(each), sum(one.points for one in each)) for number, (title, each) in found.items()}


def test_the_labs_hold_all_lessons_in_the_hours_of_the_case_text() -> None:
    hours = gw.read_case("service_levels").query("metric == 'course_hours'")["value_low"].item()
    labs = re.search(r"Five labs of three hours: (.+?)\.", PAGE)
    assert labs and hours == 5 * 3
    taught = [range(int(first), int(last or first) + 1) for first, last in re.findall(r"(\d+)(?: (?:and|to) (\d+))?", labs[1])]
    assert len(taught) == 5 and [number for lab in taught for number in lab] == list(range(1, 13))


def test_each_lesson_has_questions_to_discuss() -> None:
    for lesson in list_lessons():
        asked = [source(cell) for cell in lesson.content["cells"] if cell["id"] == "discuss"]
        assert len(asked) == 1 and sum("?" in each for each in re.split(r"^\d\. ", asked[0], flags=re.MULTILINE)[1:]) >= 2, lesson.path.stem


def test_the_files_and_commands_that_it_names_are_there() -> None:
    root = Path(__file__).resolve().parents[2]
    assert (root / "notebooks" / "course" / "mistakes.yaml").is_file() and "notebooks/course/mistakes.yaml" in PAGE
    tasks = (root / "tasks.py").read_text("utf-8")
    for target in re.findall(r"make ([\w-]+)", PAGE):
        assert f"def {target.replace('-', '_')}()" in tasks, target
