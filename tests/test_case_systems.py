"""The page on the fifty systems is what its file makes, and each pointer of it leads somewhere."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.case_systems import PAGE, System, faults, page, systems, unshown

SYSTEMS = systems()


def test_there_are_fifty_numbered_from_one() -> None:
    assert [system.number for system in SYSTEMS] == list(range(1, 51))


def test_the_page_is_what_the_file_makes() -> None:
    assert PAGE.read_text("utf-8") == page(SYSTEMS), "python -m tests.case_systems writes it anew"


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: str(system.number))
def test_each_pointer_leads_somewhere_and_what_works_has_a_test(system: System) -> None:
    assert faults(system) == []


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: str(system.number))
def test_a_page_that_works_a_system_names_one_of_its_functions(system: System) -> None:
    assert not system.functions or len(unshown(system)) < len(system.functions)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"status": "soon"}, "is none of works, partly, not"),
        ({"pages": ["notebooks/99.ipynb"]}, "there is no notebooks/99.ipynb"),
        ({"functions": ["gw.worksheets.magic"]}, "there is no gw.worksheets.magic"),
        ({"tests": ["tests/test_case_systems.py::test_magic"]}, "there is no test tests/test_case_systems.py::test_magic"),
        ({"tests": []}, "what works has a function, a page and a test"),
        ({"status": "not", "missing": ""}, "says what is missing"),
    ],
)
def test_a_pointer_that_leads_nowhere_is_found(change: dict, fault: str) -> None:
    found = faults(replace(SYSTEMS[18], **change))
    assert any(fault in each for each in found), found
