"""The lessons: solutions pass their checks, what students get and common mistakes do not, and the prose says what the cells show."""

from __future__ import annotations

import json
import re
from functools import cache

import pytest
from tests.notebooks import lessons
from tests.notebooks.lessons import Ran

from goodwill.course.lessons import exercises, list_lessons, read_mistakes, source
from goodwill.reports.pages.glossary import terms
from goodwill.reports.recording.notebooks import Notebook

LESSONS = {lesson.path.stem: lesson for lesson in list_lessons()}
MISTAKES = read_mistakes()
each_lesson = pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS.keys())
NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?(?![\w])(?:\s?(?:%|per cent))?")


@cache
def ran(name: str) -> Ran:
    return lessons.run(LESSONS[name], {key: each["code"] for key, each in MISTAKES[name].items()})


def test_a_lesson_has_two_or_three_exercises_with_a_folded_hint_each() -> None:
    for name, lesson in LESSONS.items():
        found = list(exercises(lesson))
        assert 2 <= len(found) <= 3, name
        for each in found:
            assert "<details><summary>Hint</summary>" in source(lesson.content["cells"][each.solve - 1]), (name, each.name)


@each_lesson
def test_each_cell_has_a_name_of_its_own(lesson: Notebook) -> None:
    names = [cell["id"] for cell in lesson.content["cells"]]
    assert len(names) == len(set(names))


@pytest.mark.sampled(3)
@each_lesson
def test_solutions_pass_and_what_students_get_and_common_mistakes_fail(lesson: Notebook) -> None:
    found, names = ran(lesson.path.stem), [each.name for each in exercises(lesson)]
    assert dict.fromkeys(names, "") == found.solved
    assert [name for name in names if not found.untouched[name]] == []
    assert [name for name in names if not found.mistaken[name].startswith("AssertionError")] == []


def numbers_of(text: str) -> set[float]:
    """Every number that cells show."""
    found = set()
    text = re.sub(r"(?<=\d)_(?=\d)", "", text.replace("np.float64", "").replace("np.int64", ""))
    for token in re.findall(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?", text):
        found |= {float(token), abs(float(token))}
    return found


def is_shown(token: str, shown: set[float]) -> bool:
    """Whether a number of the prose is one that a cell shows, rounded as it is written; shares may be written as per cent."""
    bare = re.sub(r"[%,\s]|per cent", "", token)
    decimals, value = len(bare.partition(".")[2]), float(bare)
    factors = (100, 1) if len(bare) < len(token.replace(",", "").strip()) else (1,)
    return any(abs(round(factor * each, decimals) - value) < 1e-9 for each in shown for factor in factors)


def prose_numbers(text: str) -> list[str]:
    """The numbers of a reading, without formulas, code and links."""
    text = re.sub(r"\$\$.*?\$\$|\$[^$]*\$|`[^`]*`|\]\([^)]*\)|[Ll]essons? \d+", " ", text, flags=re.DOTALL)
    return [token for token in NUMBER.findall(text) if not re.fullmatch(r"(?:19|20)\d\d", token)]


@pytest.mark.sampled(2)
@each_lesson
def test_every_number_of_a_reading_was_shown_or_chosen_by_a_cell_or_cited_before_it(lesson: Notebook) -> None:
    shown: set[float] = set()
    wrong = []
    for cell in lesson.content["cells"]:
        if cell["cell_type"] == "code":
            shown |= numbers_of(ran(lesson.path.stem).shown.get(cell["id"], "") + " " + source(cell))
        elif "*Source" in source(cell):
            shown |= numbers_of(source(cell).replace(",", ""))
        elif cell["id"].endswith("-said"):
            wrong += [(cell["id"], token) for token in prose_numbers(source(cell)) if not is_shown(token, shown)]
    assert wrong == []


@pytest.mark.sampled(1)
@each_lesson
def test_a_number_is_shown_as_a_number(lesson: Notebook) -> None:
    assert [cell for cell, shown in ran(lesson.path.stem).shown.items() if re.search(r"\bnp\.\w+\(", shown)] == []


@each_lesson
def test_a_story_and_a_claim_name_their_source(lesson: Notebook) -> None:
    told = [cell for cell in lesson.content["cells"] if cell["id"] in ("story", "clinic")]
    assert [cell["id"] for cell in told] == ["story", "clinic"]
    assert all("*Source" in source(cell) for cell in told)


def anchor(term: str) -> str:
    """The name of a term's place in JupyterLab: `CRM system` is at `#CRM-system`."""
    return re.sub(r"\W+", "-", term)


def test_each_term_of_the_glossary_is_linked_from_its_lesson_and_each_link_has_its_term() -> None:
    linked = {int(name[:2]): set(re.findall(r"glossary\.md#([\w-]+)", json.dumps(each.content))) for name, each in LESSONS.items()}
    assert sorted(linked) == list(range(1, 13))
    assert [term.en for term in terms() if anchor(term.en) not in linked[term.lesson]] == []
    assert set.union(*linked.values()) == {anchor(term.en) for term in terms()}


def test_a_number_of_the_prose_is_found_as_it_is_rounded_and_not_otherwise() -> None:
    shown = numbers_of("(0.68143, 2357)\nnp.float64(-0.5)")
    assert all(is_shown(token, shown) for token in ("68 %", "0.681", "2,357", "0.5", "68.1 per cent"))
    assert not any(is_shown(token, shown) for token in ("68", "67 %", "0.682", "2,358"))
    assert prose_numbers("Of $3$ and `4`, lesson 5 says 6.5 % in 1997.") == ["6.5 %"]
