from __future__ import annotations

from typing import Any

import pytest

from goodwill.reports.pages.arrangement import arranged, why_thin
from goodwill.reports.recording.output import MIME

FIGURE, TABLE, SAID = {"kind": "figure", "name": "f"}, {"kind": "table", "name": "t"}, {"kind": "said", "names": []}
ABSENT = {"kind": "absent", "why": "No answers.", "names": ["share"]}


def cell(name: str, *results: dict[str, Any], tags: tuple[str, ...] = (), kind: str = "code") -> dict[str, Any]:
    outputs = [{"output_type": "display_data", "data": {MIME: result} if "kind" in result else result} for result in results]
    return {"cell_type": kind, "id": name, "metadata": {"tags": list(tags)} if tags else {}, "source": name, "outputs": outputs}


CELLS = [
    cell("title", kind="markdown"),
    cell("given", FIGURE, tags=("injected-parameters",)),
    cell("rise", FIGURE, TABLE, SAID),
    cell("hidden", FIGURE, tags=("remove-cell",)),
    cell("heading", kind="markdown", tags=("in-short",)),
    cell("answer", SAID, FIGURE, tags=("in-short",)),
    cell("working", kind="markdown", tags=("working",)),
    cell("audit", TABLE, TABLE),
    cell("sources", kind="markdown"),
]


def names(cells) -> list[str]:
    return [found["id"] for found in cells]


def test_each_cell_that_is_shown_has_one_place():
    found = arranged(CELLS)
    assert names(found.in_short) == ["heading", "answer"]
    assert names(found.sections) == ["title", "rise"]
    assert found.heading["id"] == "working"
    assert names(found.working) == ["audit", "sources"]


def test_without_tags_all_cells_stand_open_in_their_order():
    found = arranged([{**each, "metadata": {}} for each in CELLS])
    assert names(found.sections) == names(CELLS)
    assert (found.in_short, found.heading, found.working) == ((), None, ())


def test_a_code_cell_that_begins_the_working_is_folded_itself():
    found = arranged([cell("a", TABLE), cell("b", TABLE, tags=("working",)), cell("c", TABLE)])
    assert (names(found.sections), found.heading, names(found.working)) == (["a"], None, ["b", "c"])


@pytest.mark.parametrize(
    ("results", "why"),
    [
        ([ABSENT], "No answers."),
        ([{"kind": "record", "name": "share", "value": None}, ABSENT], "No answers."),
        ([ABSENT, ABSENT | {"why": "Another."}], "No answers."),
        ([ABSENT, SAID], ""),
        ([ABSENT, FIGURE], ""),
        ([ABSENT, {"kind": "record", "name": "share", "value": 0}], ""),
        ([SAID], ""),
        ([], ""),
    ],
)
def test_a_page_is_thin_when_its_short_answer_is_absent_and_nothing_else_is_said(results, why):
    assert why_thin({"cells": [cell("answer", *results, tags=("in-short",))]}) == why


def test_what_is_absent_elsewhere_makes_no_page_thin():
    assert why_thin({"cells": [cell("rise", ABSENT), cell("answer", SAID, tags=("in-short",))]}) == ""
    assert why_thin({"cells": [cell("rise", ABSENT)]}) == ""
