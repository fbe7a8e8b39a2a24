"""Which cases of a test the fast run takes, and that the slow run takes the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import leave_to_the_slow


def test_of_many_alike_cases_some_are_fast_and_the_others_slow(pytester_items: list[pytest.Item]) -> None:
    leave_to_the_slow(pytester_items)
    slow = [item.name for item in pytester_items if item.get_closest_marker("slow")]
    assert [item.name for item in pytester_items if item.name not in slow] == [
        "test_many[0]",
        "test_many[4]",
        "test_many[9]",
        "test_few[0]",
        "test_few[1]",
    ]


@pytest.fixture
def pytester_items(request: pytest.FixtureRequest, tmp_path: Path) -> list[pytest.Item]:
    """Items of a module with ten cases of which three are wanted, and with two of which three are."""
    path = tmp_path / "test_made_up.py"
    path.write_text(
        "import pytest\n"
        "@pytest.mark.sampled(3)\n@pytest.mark.parametrize('n', range(10))\ndef test_many(n): ...\n"
        "@pytest.mark.sampled(3)\n@pytest.mark.parametrize('n', range(2))\ndef test_few(n): ...\n"
    )
    module = pytest.Module.from_parent(request.session, path=path)
    return list(request.session.genitems(module))
