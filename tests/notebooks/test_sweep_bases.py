"""The notebooks on a whole base of customers, on purchases that lack something."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.notebooks.sweep_purchases import faults_of_each

pytestmark = pytest.mark.long


@pytest.mark.parametrize("number", ["08", "09", "10"])
def test_purchases_that_lack_something_are_reported_or_refused(number: str, tmp_path: Path) -> None:
    assert faults_of_each(number, tmp_path) == {}
