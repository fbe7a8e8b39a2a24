from __future__ import annotations

from typing import Any

import pytest

from goodwill.reports.pages.arrangement import arranged, count_exhibits, open_exhibits, tags_in_disorder, why_thin
from goodwill.reports.recording.record import MIME

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


def test_what_is_folded_or_hidden_is_not_counted_as_open():
    assert open_exhibits({"cells": CELLS}) == 3
    assert count_exhibits(arranged(CELLS).working) == 2


def test_pictures_and_tables_that_are_not_recorded_count_too():
    shown = {"image/png": "…", "text/plain": "<Figure>"}, {"text/html": "<table>", "text/plain": "a"}, {"text/plain": "3"}
    assert open_exhibits({"cells": [cell("plain", *shown)]}) == 2


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


def tagged(**changes: dict[str, Any]) -> dict[str, Any]:
    """A notebook whose tags are in order, with some cells changed."""
    cells = {
        "title": cell("# Do they rise?\n\nThe answer stands [in short](#In-short).", kind="markdown"),
        "rise": cell("gw.show(rise)"),
        "heading": cell("## In short", kind="markdown", tags=("in-short",)),
        "answer": cell("gw.show(answer)", tags=("in-short",)),
        "working": cell("## The working\n\nHow it was done.", kind="markdown", tags=("working",)),
        "audit": cell("gw.show(audit)"),
    }
    return {"cells": list((cells | changes).values())}


def test_a_notebook_with_its_tags_in_order_is_left_in_peace():
    assert tags_in_disorder(tagged()) == []
    without = [found for found in tagged()["cells"] if found["metadata"].get("tags") != ["working"]][:-1]
    assert tags_in_disorder({"cells": without}) == []


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"answer": cell("x")}, "0 code cells are tagged 'in-short'"),
        ({"rise": cell("x", tags=("in-short",))}, "2 code cells are tagged 'in-short'"),
        ({"heading": cell("## So", kind="markdown", tags=("in-short",))}, "no cell tagged 'in-short' has the heading"),
        ({"title": cell("# Do they rise?", kind="markdown")}, "the first cell has no link"),
        ({"audit": cell("## More", kind="markdown", tags=("working",))}, "the tag 'working' stands on one Markdown cell"),
        ({"working": cell("Some text", kind="markdown", tags=("working",))}, "the tag 'working' stands on one Markdown cell"),
        ({"working": cell("1 + 1"), "audit": cell("## Working", kind="markdown", tags=("working",))}, "is the last one before the working"),
        (
            {"rise": cell("# Early", kind="markdown", tags=("working",)), "working": cell("## So", kind="markdown")},
            "is the last one before",
        ),
    ],
)
def test_a_tag_in_the_wrong_place_is_named(changes, found):
    assert [sentence for sentence in tags_in_disorder(tagged(**changes)) if found in sentence]
