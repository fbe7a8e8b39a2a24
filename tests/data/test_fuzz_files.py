"""A short run of the random files; the long one is `python -m benchmarks.fuzz_files`."""

import pytest
from benchmarks.fuzz_files import TABLES, run


@pytest.mark.slow
@pytest.mark.parametrize("files", [16, pytest.param(24, marks=pytest.mark.slow)])
@pytest.mark.parametrize("kind", TABLES)
def test_random_files_are_read_asked_about_or_refused_in_words(kind: str, files: int) -> None:
    found = run(kind, files)
    assert not found.failures, found.failures[0]
    assert found.ends["read"] + found.ends["asked"] > 0
