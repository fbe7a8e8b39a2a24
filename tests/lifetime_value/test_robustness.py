"""A small version of the study of benchmarks/robustness.py."""

from __future__ import annotations

import pandas as pd
import pytest
from benchmarks.robustness import draw_case, faults, study, summary


@pytest.fixture(scope="module")
def answers() -> pd.DataFrame:
    return study(20, seed=3, most=1500)


@pytest.mark.slow
def test_nothing_is_wrong_without_a_warning(answers: pd.DataFrame) -> None:
    """No exception, no unnoticed runaway, no better maximum from another start, no forecast that depends on the unit."""
    assert answers[faults(answers).any(axis=1)].to_dict("records") == []


@pytest.mark.slow
def test_some_fits_have_nothing_to_warn_of(answers: pd.DataFrame) -> None:
    table = summary(answers)
    assert table.loc["data sets", "total"] == 20
    assert table.loc["converged without a warning", "total"] >= 3


@pytest.mark.slow
def test_in_a_few_small_sets_nothing_is_wrong_without_a_warning() -> None:
    few = study(3, seed=3, most=200)
    assert len(few) == 3
    assert few[faults(few).any(axis=1)].to_dict("records") == []


def test_a_data_set_can_be_drawn_again() -> None:
    pd.testing.assert_frame_equal(draw_case(5, 3).rows, draw_case(5, 3).rows)
