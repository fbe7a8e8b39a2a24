"""The book, the cards and the student folder, made from lessons that were not run; and what the course says is wrong with itself."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from pathlib import Path

import pytest

import goodwill as gw
from goodwill.course import cards, lessons
from goodwill.course.book import number_of, title_of, write_book
from goodwill.course.cards import cards_markdown, read_cards
from goodwill.course.folder import write_student_folder
from goodwill.course.grading import Graded, errors_of, failures, with_mistakes
from goodwill.course.lessons import exercises, list_lessons, read_mistakes, source, with_answers, without_solution, write_notebook
from goodwill.errors import ReportError
from goodwill.reports.recording.notebooks import Notebook

LESSONS = list_lessons()
FIRST = LESSONS[0]


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """The pages of both books by their names."""
    folder = tmp_path_factory.mktemp("books")
    contents = {lesson.path.stem: lesson.content for lesson in LESSONS}
    for_students = write_book(folder / "students", LESSONS, contents)
    for_teachers = write_book(folder / "teachers", LESSONS, contents, {"teaching": "# For teachers\n\nText."}, read_mistakes())
    return {
        who: {path.name: path.read_text("utf-8") for path in pages}
        for who, pages in (("students", for_students), ("teachers", for_teachers))
    }


def test_there_are_twelve_lessons_in_order() -> None:
    assert [number_of(lesson) for lesson in LESSONS] == list(range(1, 13))
    assert all(lesson.title.startswith(f"Lesson {number_of(lesson)} · ") and title_of(lesson).endswith("?") for lesson in LESSONS)


def test_the_book_has_all_pages_and_each_leads_to_the_next(books: dict[str, dict[str, str]]) -> None:
    names = [f"{lesson.path.stem}.html" for lesson in LESSONS] + ["glossary.html", "cards.html"]
    assert list(books["students"]) == ["index.html", *names]
    assert list(books["teachers"]) == ["index.html", *names, "teaching.html"]
    for here, following in zip(["index.html", *names], names, strict=False):
        assert f'<a href="{following}"><span>Next:</span>' in books["students"][here], here


def test_every_link_of_the_book_leads_to_a_place_in_it(books: dict[str, dict[str, str]]) -> None:
    for pages in books.values():
        for name, page in pages.items():
            for link in re.findall(r'<a [^>]*href="([^"]+)"', page):
                target, _, place = link.partition("#")
                assert (target or name) in pages, (name, link)
                assert not place or f'id="{place}"' in pages[target or name], (name, link)


def test_only_the_teachers_book_shows_solutions_and_mistakes(books: dict[str, dict[str, str]]) -> None:
    page = f"{FIRST.path.stem}.html"
    for who, there in (("students", False), ("teachers", True)):
        assert ("<summary>Solution</summary>" in books[who][page]) is there
        assert ("A common mistake: takes the first rows without sorting" in books[who][page]) is there
        assert (
            "math" in re.sub(r"<[^>]+>", "", books[who][page]) and "math.ceil(len(spent)" in re.sub(r"<[^>]+>", "", books[who][page])
        ) is there
        assert books[who][page].count("# YOUR CODE HERE") == len(list(exercises(FIRST)))


def test_cards_say_where_their_figures_are_and_the_figures_are_there() -> None:
    named = {match for card in read_cards() for match in re.findall(r"(\w+)\.csv", card.source)}
    assert len(read_cards()) >= 15
    assert all((Path(cards.__file__).parents[3] / "data" / "cases" / f"{name}.csv").is_file() for name in named)
    page = cards_markdown({number_of(lesson): title_of(lesson) for lesson in LESSONS})
    assert page.count("**The text says.**") == page.count("**What would decide.**") == len(read_cards())


def test_each_firm_of_which_a_figure_is_tabulated_has_a_card() -> None:
    tables = [gw.read_case(name) for name in ("company_facts", "service_levels")]
    firms = {name for table in tables for name in table["company"]} - {"CRM in general", "Zhejiang Normal Univ."}  # years, and a course
    called = {  # what the tables call otherwise than the cards
        "Japanese cosmetics firm": "cosmetics firm in Japan",
        "firms in general": "Nine firms of ten",
        "dissatisfied customers in general": "one customer of ten",
        "China smartphone market": "Smartphones in China",
        "call centre tip": "tip for call centres",
    }
    names = " | ".join(card.name for card in read_cards())
    assert [name for name in sorted(firms) if called.get(name, name) not in names] == []


def test_a_card_without_a_field_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cards.yaml").write_text("- {name: KLM, claims: a, source: b, known: c, lesson: 1}\n", "utf-8")
    monkeypatch.setattr(cards, "course_folder", lambda: tmp_path)
    with pytest.raises(ReportError, match=r"card 'KLM': a card has the fields .*; see 'decides'"):
        read_cards()


def test_the_student_folder_holds_no_solution(tmp_path: Path) -> None:
    handed_out = {lesson.path.name: untouched(lesson) for lesson in LESSONS}
    write_student_folder(tmp_path / "students", handed_out, {"glossary.md": "# Glossary\n", "cards.md": "# Cards\n"})
    written = {path.relative_to(tmp_path / "students").as_posix() for path in (tmp_path / "students").rglob("*.*")}
    assert {"glossary.md", "cards.md", "systems/work_sheets.ipynb", f"lessons/{FIRST.path.name}"} <= written
    assert not any("SOLUTION" in path.read_text("utf-8") for path in (tmp_path / "students" / "lessons").iterdir())


def untouched(lesson: Notebook) -> dict[str, object]:
    content = deepcopy(lesson.content)
    for each in exercises(lesson):
        content["cells"][each.solve]["source"] = without_solution(source(content["cells"][each.solve]))
    return content


def test_answers_and_mistakes_are_written_into_the_cells_of_students() -> None:
    given, places = untouched(FIRST), list(exercises(FIRST))
    solved = with_answers(given, FIRST)
    mistaken = with_mistakes(given, FIRST, {each.name: "return 7" for each in places})
    for each in places:
        assert "SOLUTION" not in source(solved["cells"][each.solve]) and "NotImplementedError" not in source(solved["cells"][each.solve])
        assert "return 7" in source(mistaken["cells"][each.solve])
        assert source(given["cells"][each.solve]) == without_solution(source(FIRST.content["cells"][each.solve]))


def test_what_is_wrong_with_grades_is_said() -> None:
    good = Graded("01_a", "sum", 2, 0, 0, 2)
    assert failures([good]) == []
    assert failures([good._replace(solved=1), good._replace(untouched=2), good._replace(mistaken=1)]) == [
        "01_a, exercise 'sum': the solution gets 1 of 2 points.",
        "01_a, exercise 'sum': a student who did nothing gets 2 points.",
        "01_a, exercise 'sum': the common mistake gets 1 points.",
    ]


def test_a_cell_that_fails_is_named_but_not_an_unsolved_exercise(tmp_path: Path) -> None:
    broken = {"output_type": "error", "ename": "KeyError", "evalue": "'x'", "traceback": []}
    for pupil, cells in (("solved", (2,)), ("untouched", (2, next(exercises(FIRST)).solve))):
        content = deepcopy(FIRST.content)
        for place in cells:
            content["cells"][place]["outputs"] = [broken]
        write_notebook(content, tmp_path / "autograded" / pupil / FIRST.path.stem / FIRST.path.name)
    assert errors_of(FIRST, tmp_path) == [
        f"{FIRST.path.stem}, cell 3: KeyError: 'x'",
        f"{FIRST.path.stem}, cell 3 runs only when an exercise is solved: KeyError: 'x'",
    ]


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda solve, check: solve.update(source="x = 1"), "no solution stands between"),
        (lambda solve, check: check["metadata"]["nbgrader"].update(points=0), "the next cell must hold its checks and have points"),
    ],
)
def test_an_exercise_that_is_not_whole_is_named(spoil, said: str, tmp_path: Path) -> None:
    content, each = deepcopy(FIRST.content), next(exercises(FIRST))
    spoil(content["cells"][each.solve], content["cells"][each.check])
    write_notebook(content, tmp_path / "01_spoilt.ipynb")
    with pytest.raises(ReportError, match=f"01_spoilt.ipynb, exercise 'share-of-top': {said}"):
        list(exercises(Notebook.read(tmp_path / "01_spoilt.ipynb")))


def test_a_mistake_without_an_exercise_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lessons").mkdir()
    write_notebook(FIRST.content, tmp_path / "lessons" / FIRST.path.name)
    found = {name: {"code": "1", "why": "a"} for name in ("share-of-top", "worth-of-a-point", "dropped", "more")}
    (tmp_path / "mistakes.yaml").write_text(json.dumps({FIRST.path.stem: found}), "utf-8")
    monkeypatch.setattr(lessons, "course_folder", lambda: tmp_path)
    with pytest.raises(ReportError, match="each exercise has one common mistake; see 01_why_relationships_have_value more"):
        read_mistakes()
