"""The house rules, held against the notebooks and the library as they are; and the rules themselves, held against made-up cells."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.notebooks import house
from tests.notebooks.house import Cell

from goodwill.reports.recording.output import MIME

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "lib" / "goodwill"
FOUND = sorted(path for folder in (ROOT / "notebooks", PACKAGE / "notebooks") for path in folder.rglob("*.ipynb"))
FOUND = [path for path in FOUND if ".ipynb_checkpoints" not in path.parts]
COURSE = [path for path in FOUND if "course" in path.relative_to(ROOT).parts]
PAPERS = [path for path in FOUND if path not in COURSE]
MACHINERY = {"__init__", "finding", "numbers"}  # how findings are made, shown and written; says nothing itself
FINDINGS = sorted(path for path in (PACKAGE / "findings").rglob("*.py") if path.stem not in MACHINERY)
each_paper = pytest.mark.parametrize("path", PAPERS, ids=lambda path: path.stem)
each_findings = pytest.mark.parametrize("path", FINDINGS, ids=lambda path: path.stem)


def hold(breaches: list[str]) -> None:
    """Fail with one breach a line."""
    assert not breaches, "\n".join(["the house rules are broken:", *breaches])


def test_there_are_notebooks_to_look_at() -> None:
    assert len(PAPERS) >= 6


@each_paper
def test_no_code_cell_is_long(path: Path) -> None:
    hold(house.long_cells(house.read_cells(path)))


@each_paper
def test_no_cell_chooses(path: Path) -> None:
    hold(house.control_flow(house.read_cells(path)))


@each_paper
def test_no_notebook_is_long(path: Path) -> None:
    hold(house.too_long_altogether(house.read_cells(path)))


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.stem)
def test_a_notebook_imports_only_goodwill_of_ours(path: Path) -> None:
    hold(house.foreign_imports(house.read_cells(path), course=path in COURSE))


@each_paper
def test_no_line_of_a_notebook_is_wide(path: Path) -> None:
    hold(house.wide_lines(house.read_cells(path)))


@each_paper
def test_in_short_is_the_end_of_the_analysis_and_linked_from_the_start(path: Path) -> None:
    hold(house.misplaced_in_short(house.read_cells(path)))


def test_no_folder_of_the_library_is_crowded_or_holds_one_module() -> None:
    hold(house.crowded_folders(PACKAGE))


@pytest.mark.parametrize("package", [PACKAGE, ROOT / "benchmarks", ROOT / "tests"], ids=lambda package: package.name)
def test_no_modules_import_one_another_in_a_circle(package: Path) -> None:
    hold(house.import_circles(house.import_graph(package)))


@each_findings
def test_no_sentence_of_a_finding_is_pieced_together(path: Path) -> None:
    hold(house.pieced_sentences(path))


@each_findings
def test_every_wording_of_a_finding_is_stated_in_full_by_a_test(path: Path) -> None:
    tests = sorted((ROOT / "tests" / "findings").glob("test_*.py"))
    hold(house.untested_wordings(house.wordings(path), tests))


# --- the rules themselves -------------------------------------------------------------------------------------------------------------


def cell(source: str, *tags: str, number: int = 1, kind: str = "code") -> Cell:
    return Cell("made_up.ipynb", number, source, kind, frozenset(tags))


def test_a_cell_may_have_ten_lines_and_a_list_more() -> None:
    ten, eleven = "\n\n".join(["a = 1"] * 10), "\n".join(["a = 1"] * 11)
    assert house.long_cells([cell(ten), cell(eleven, "imports"), cell(eleven, kind="markdown")]) == []
    assert house.long_cells([cell(eleven, number=3)]) == [
        "made_up.ipynb cell 3 line 1: 11 lines of code; at most 10 (move them into the library)"
    ]


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("if a:\n    b()", "if"),
        ("b = 1 if a else 2", "a conditional expression"),
        ("f = lambda x: 1 if x else 2", "a conditional expression"),
        ("match a:\n    case 1:\n        b()", "match"),
        ("try:\n    b()\nexcept E:\n    c()", "try"),
        ("try:\n    b()\nexcept* E:\n    c()", "try"),
        ("while a:\n    b()", "while"),
        ("b = a or c", "and/or (masks are written with & and |)"),
        ("b = f(a and c)", "and/or (masks are written with & and |)"),
        ("b = not a", "not (masks are written with ~)"),
        ("[show(x) for x in xs if detailed]", "an if that is no filter of its comprehension"),
        ("[show() for _ in [0] if _ == zero]", "an if that is no filter of its comprehension"),
    ],
)
def test_a_choice_is_found_with_its_line_and_allowed_where_parameters_are_settled(source: str, what: str) -> None:
    assert house.control_flow([cell("x = 0\n" + source)]) == [f"made_up.ipynb cell 1 line 2: {what} in a cell; a paper has no control flow"]
    assert house.control_flow([cell(source, "settle")]) == []


def test_masks_loops_and_filters_are_no_choices() -> None:
    allowed = "kept = frame[(a > 1) & ~b | c]\nfor x in xs:\n    show(x)\nlong = [x for x in xs if x.n > most]\n%time f()"
    assert house.control_flow([cell(allowed)]) == []


def test_parameters_are_settled_in_one_cell() -> None:
    assert house.control_flow([cell("a = 1", "settle"), cell("b = 1", "settle", number=2)]) == [
        "made_up.ipynb cell 2 line 1: a second cell tagged settle; one is enough"
    ]


def test_a_notebook_has_40_cells_and_130_lines_at_most_besides_its_parameters() -> None:
    ten = "\n".join(["a = 1"] * 10)
    assert house.too_long_altogether([cell(ten)] * 13 + [cell(ten, "parameters")] + [cell("text", kind="markdown")] * 26) == []
    assert house.too_long_altogether([cell(ten)] * 13 + [cell("a = 1")] + [cell("text", kind="markdown")] * 27) == [
        "made_up.ipynb: 41 cells; at most 40",
        "made_up.ipynb: 131 lines of code without the parameters; at most 130",
    ]


def test_of_ours_only_goodwill_as_gw_is_imported() -> None:
    assert house.foreign_imports([cell("import numpy as np\nimport pandas as pd\n\nimport goodwill as gw")]) == []
    for source in ("import goodwill", "import goodwill.data", "from goodwill import data", "from goodwill.data.survey import read_case"):
        found = house.foreign_imports([cell(source)], course=True)
        assert len(found) == 1 and found[0].endswith("of ours a notebook imports only `import goodwill as gw`")
    assert house.foreign_imports([cell("from dataclasses import replace")]) == [
        "made_up.ipynb cell 1 line 1: imports dataclasses; besides goodwill only numpy and pandas"
    ]
    assert house.foreign_imports([cell("import matplotlib.pyplot as plt")], course=True) == []


def test_a_line_has_110_characters_at_most_unless_it_is_one_word() -> None:
    assert house.wide_lines([cell("a " * 55), cell("https://" + "a" * 120, kind="markdown")]) == []
    assert house.wide_lines([cell("b\n" + "a " * 55 + "a", kind="markdown")]) == [
        "made_up.ipynb cell 1 line 2: 111 characters; at most 110"
    ]


def test_in_short_stands_before_the_working_and_is_linked() -> None:
    first = cell("# A question\n[In short](#In-short)", kind="markdown")
    heading, short = cell("## In short", "in-short", kind="markdown", number=2), cell("gw.show(a)", "in-short", number=3)
    working, last = cell("## The working", "working", kind="markdown", number=4), cell("b", number=5)
    rule = house.misplaced_in_short
    assert rule([first, heading, short, working, last]) == rule([first, heading, short]) == []
    assert rule([first, heading, short, last]) == ["made_up.ipynb cell 5 line 1: code between in-short (cell 3) and the working"]
    assert rule([heading, short]) == ["made_up.ipynb cell 2 line 1: the first cell does not link to (#In-short)"]
    no_heading = "no Markdown cell tagged in-short begins with the heading In short, to which links lead"
    assert rule([first, short]) == [f"made_up.ipynb cell 3 line 1: {no_heading}"]
    named = cell("## So", "in-short", kind="markdown", number=2)
    assert rule([first, named, short]) == [f"made_up.ipynb cell 3 line 1: {no_heading}"]
    assert rule([first, cell("a")]) == ["made_up.ipynb: 0 code cells tagged in-short; one says in short what was found"]
    late = cell("gw.show(a)", "in-short", number=6)
    assert rule([first, heading, working, late]) == ["made_up.ipynb cell 6 line 1: in-short stands within the working (cell 4)"]
    folded = cell("c", "working", number=6)
    assert rule([first, heading, short, working, folded]) == [
        "made_up.ipynb cell 6 line 1: a second cell tagged working; the tag marks the heading alone",
        "made_up.ipynb cell 6 line 1: the tag working marks a heading",
    ]
    plain = cell("Some text", "working", kind="markdown", number=4)
    assert rule([first, heading, short, plain]) == ["made_up.ipynb cell 4 line 1: the tag working marks a heading"]


def shown(*kinds: str, tags: tuple[str, ...] = ()) -> dict[str, Any]:
    """An executed cell that shows these kinds of results, recorded ones by their name and others by their type."""
    data = [{kind: "..."} if "/" in kind else {MIME: {"kind": kind, "name": "a"}} for kind in kinds]
    outputs = [{"output_type": "display_data", "data": each} for each in data]
    return {"cell_type": "code", "metadata": {"tags": list(tags)}, "source": "", "outputs": outputs}


def test_what_is_folded_or_hidden_does_not_stand_open_and_what_is_not_recorded_does() -> None:
    given, hidden = shown("figure", tags=("injected-parameters",)), shown("figure", tags=("remove-cell",))
    short, working = shown("said", "figure", tags=("in-short",)), shown("table", tags=("working",))
    page = [given, shown("figure", "table", "said"), hidden, short, working, shown("table", "table")]
    assert house.open_exhibits({"cells": page}) == 3
    assert house.open_exhibits({"cells": [shown("image/png", "text/html", "text/plain")]}) == 2


def test_at_most_sixteen_tables_and_figures_stand_open() -> None:
    assert house.crowded_page({"cells": [shown(*["table"] * 16), shown("table", tags=("working",))]}) == []
    assert house.crowded_page({"cells": [shown(*["table"] * 16), shown("figure")]}) == [
        "17 tables and figures stand open; at most 16 (fold the others in the working)"
    ]


def written(folder: Path, **files: str) -> Path:
    """A package with these files; `room__module` is room/module.py."""
    for name, source in files.items():
        path = folder / "pack" / Path(*name.split("__")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, "utf8")
    for room in {path.parent for path in (folder / "pack").rglob("*.py")} | {folder / "pack"}:
        if not (room / "__init__.py").exists():
            (room / "__init__.py").write_text("", "utf8")
    return folder / "pack"


def test_folders_hold_2_to_25_modules(tmp_path: Path) -> None:
    package = written(tmp_path, alone__one="", many__a="", many__b="", cli="")
    assert house.crowded_folders(package) == ["pack/alone: a folder for the one module one"]
    full = written(tmp_path / "full", **{f"room__m{number}": "" for number in range(26)})
    assert house.crowded_folders(full) == ["pack/room: 26 modules; at most 25"]


def test_a_circle_is_found_through_functions_and_type_checking(tmp_path: Path) -> None:
    package = written(
        tmp_path,
        a="from pack import b",
        b="def f():\n    import pack.room.c",
        room__c="from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from ..a import x",
        d="from pack.a import x",
    )
    assert house.import_circles(house.import_graph(package)) == [
        "a circle of 3: pack.a imports pack.b (pack/a.py:1); pack.b imports pack.room.c (pack/b.py:2); "
        "pack.room.c imports pack.a (pack/room/c.py:3)"
    ]


def test_no_circle_is_made_by_rooms_that_hold_both_ends_or_by_words_in_texts(tmp_path: Path) -> None:
    package = written(tmp_path, one__a="from pack.two.b import x", two__b="'''import pack.one.a'''", one__c="from . import a")
    graph = house.import_graph(package)
    assert set(graph["pack.one.a"]) == {"pack.two.b"} and set(graph["pack.one.c"]) == {"pack.one.a"}
    assert house.import_circles(graph) == []


FINDING = """
"A module about a rule."
TITLE = {"better": "{model} beats the rule by {gain:.1f}", "worse": ("The rule " "beats {model}", "not so: {{x}} and it")}
LIMITS = {"n": 3, "name": "rule"}
def f(x):
    "A docstring of many words that is no wording."
    if x is None:
        raise ValueError("an error of many words is no wording")
    if x > 3:
        return f"more {x} than there should be"
    noun = "one" if x == 1 else "others"
    said = "said " + ("so it is" if x else "it is not") + f" and {x} more"
    said += ", as the rule says"
    return Finding({"x": Value(x, "A label of a good many words")}, "What is always said of {x} stays here.")
"""


def test_wordings_are_the_texts_of_tables(tmp_path: Path) -> None:
    path = tmp_path / "rule.py"
    path.write_text(FINDING, "utf8")
    assert [text for _, text in house.wordings(path)] == [
        "{model} beats the rule by {gain:.1f}",
        "The rule beats {model}",
        "not so: {{x}} and it",
    ]


def test_sentences_that_are_chosen_or_pieced_together_are_found(tmp_path: Path) -> None:
    path = tmp_path / "rule.py"
    path.write_text(FINDING, "utf8")
    found = house.pieced_sentences(path)
    assert found[0] == ("rule.py:10: 'more … than there should be' is chosen or pieced together; give the whole sentence a key in a table")
    assert [message.split(" is chosen")[0] for message in found[1:]] == [
        "rule.py:12: ' and … more'",
        "rule.py:12: 'it is not'",
        "rule.py:12: 'so it is'",
        "rule.py:13: ', as the rule says'",
    ]


def test_a_wording_is_tested_when_a_test_states_all_of_it(tmp_path: Path) -> None:
    tests = tmp_path / "test_rule.py"
    tests.write_text(
        "assert f(1) == 'BG/NBD beats the rule by 2.3'\nassert g(1) == 'Here. The rule ' 'beats us.'\nassert h == 'not so'\n", "utf8"
    )
    table = [
        ("rule.py:3", "{model} beats the rule by {gain:.1f}"),
        ("rule.py:4", "The rule beats {model}"),
        ("rule.py:5", "not so: {{x}} and it"),
    ]
    assert house.untested_wordings(table, [tests]) == ["rule.py:5: no test states 'not so: {{x}} and it' in full"]
