"""A class of thirty, answered by a script of plausible students and graded in one command."""

from __future__ import annotations

import pytest
from benchmarks.classroom import CLASS, judged, one_class


@pytest.mark.long
def test_marks_follow_what_is_truly_lost_and_both_copies_and_no_one_else_are_flagged() -> None:
    made = one_class(seed=1)
    found = judged(made)
    assert sum(CLASS.values()) == len(made["table"]) == 30
    assert found["rho"] >= 0.9
    assert (found["caught"], found["copies"], found["wrong"]) == (2, 2, 0)
