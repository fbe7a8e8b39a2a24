"""For all tests: examples of hypothesis are the same in every run, no test depends on the speed of the machine, long files come first.

The slow tests run those of hypothesis once more with four times the examples (`--hypothesis-profile thorough`).
"""

from __future__ import annotations

import pytest
from hypothesis import settings

settings.register_profile("goodwill", deadline=None, derandomize=True, max_examples=25)
settings.register_profile("thorough", deadline=None, derandomize=True, max_examples=100)
settings.load_profile("goodwill")

KERNELS = ("notebooks", "reports")  # folders whose files start kernels, and take longest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Workers that share the files begin with the long ones, so that none waits for another's at the end."""
    items.sort(key=lambda item: KERNELS.index(item.path.parent.name) if item.path.parent.name in KERNELS else len(KERNELS))
