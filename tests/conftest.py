"""For all tests: examples of hypothesis are the same in every run, no test depends on the speed of the machine, long files come first.

The slow tests run those of hypothesis once more with forty examples each (`--hypothesis-profile thorough`).
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # two seconds of each worker for a check nobody asks for
collect_ignore = ["typed_script.py", "mistyped_script.py"]  # a reader's scripts: they are typed, not run

settings.register_profile("goodwill", deadline=None, derandomize=True, max_examples=4)
settings.register_profile("thorough", deadline=None, derandomize=True, max_examples=40)
settings.load_profile("goodwill")

KERNELS = ("notebooks", "reports")  # folders whose files start kernels, and take longest


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Workers that share the files begin with the long ones, so that none waits for another's at the end."""
    leave_to_the_slow(items)
    items.sort(key=lambda item: KERNELS.index(item.path.parent.name) if item.path.parent.name in KERNELS else len(KERNELS))


def leave_to_the_slow(items: list[pytest.Item]) -> None:
    """Of a test marked `sampled(n)` the fast tests run n of its cases, evenly from the first to the last; the slow ones run the others."""
    cases: dict[str, list[pytest.Item]] = {}
    for item in items:
        if item.get_closest_marker("sampled") and not item.get_closest_marker("slow"):
            cases.setdefault(item.nodeid.split("[")[0], []).append(item)
    for each in cases.values():
        wanted = next(each[0].iter_markers("sampled")).args[0]
        kept = {round(k * (len(each) - 1) / max(wanted - 1, 1)) for k in range(wanted)}
        for place, item in enumerate(each):
            if place not in kept:
                item.add_marker(pytest.mark.slow)


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path: Path) -> Iterator[object]:
    """Examples stand in the library; to look for them in each test takes seconds."""
    found = yield
    return [each for each in found if type(each).__name__ != "DoctestModule"]


class BuiltInSets:
    """The built-in sets of purchases, read once for the tests that are about something else: two hundred ask for one of them."""

    def __init__(self, read: Any, names: Any) -> None:
        self.read, self.names, self.shared, self.kept = read, names, True, dict[str, Any]()

    def __call__(self, source: Any, **told: Any) -> Any:
        if not (self.shared and isinstance(source, str) and source in self.names):
            return self.read(source, **told)
        key = f"{source} {sorted(told.items())}"
        if key not in self.kept:
            self.kept[key] = self.read(source, **told)
        return replace(self.kept[key])


@pytest.hookimpl(tryfirst=True)
def pytest_collection() -> None:
    """No garbage is looked for among what collecting makes: all of it stays."""
    from goodwill.data.reading import sources

    gc.disable()
    if not isinstance(sources._read, BuiltInSets):
        sources._read = BuiltInSets(sources._read, sources.BUILT_IN)


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """The tests of reading read."""
    from goodwill.data.reading import sources

    sources._read.shared = item.path.parent != Path(__file__).parent / "data"  # type: ignore[attr-defined]
