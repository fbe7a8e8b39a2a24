"""The notebooks on what customers are worth, on purchases that lack something; each takes minutes, so that others stand elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.notebooks.sweep_purchases import faults_of_each

pytestmark = pytest.mark.long


@pytest.mark.parametrize("number", ["01", "04", "06"])
def test_purchases_that_lack_something_are_reported_or_refused(number: str, tmp_path: Path) -> None:
    assert faults_of_each(number, tmp_path) == {}
