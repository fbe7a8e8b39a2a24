"""Few customers, answers or complaints are said first, with what so few can show."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from goodwill.findings.finding import Absent, Finding
from goodwill.findings.sample_size import margin_of_half, on_few

ANSWER = Finding({}, "Half of them return.")


def said(**counts: Any) -> str:
    found = on_few(ANSWER, **counts)
    assert isinstance(found, Finding)
    return found.text


def test_one_small_count_is_said_with_what_it_can_show() -> None:
    assert said(customers=47) == (
        "**Few to go by: 47 customers.** With so few even a share of one half would be known only to 14 percentage points either way; "
        "read every number below with its interval.\n\nHalf of them return."
    )


def test_what_is_counted_may_have_a_name_of_two_words() -> None:
    assert said(old_customers=8).startswith(
        "**Few to go by: 8 old customers.** With so few even a share of one half would be known only to 28 percentage points either way; "
    )


def test_of_several_small_counts_the_smallest_sets_what_is_known() -> None:
    assert said(customers=SimpleNamespace(counts={"customers": 300}), complaints=SimpleNamespace(cases=range(12)), answers=5_000) == (
        "**Few to go by: 300 customers and 12 complaints.** With 12 complaints even a share of one half would be known only to 25 "
        "percentage points either way; read every number that rests on them with its interval.\n\nHalf of them return."
    )


def test_enough_is_not_remarked_on() -> None:
    assert said(customers=381) == "Half of them return."
    assert said(customers=380).endswith(
        "5 percentage points either way; read every number below with its interval.\n\nHalf of them return."
    )
    assert said() == "Half of them return."


def test_what_is_absent_counts_for_nothing_and_no_answer_stays_none() -> None:
    assert said(customers=2_357, complaints=Absent("There are no complaints.")) == "Half of them return."
    absent = Absent("Too few.")
    assert on_few(absent, customers=4) is absent
    none = Finding({}, "", absent)
    assert on_few(none, customers=4) is none


@pytest.mark.parametrize(("size", "points"), [(0, 0.5), (1, 0.4454), (47, 0.137), (381, 0.05)])
def test_the_margin_is_half_the_wilson_interval_of_one_half(size: int, points: float) -> None:
    assert margin_of_half(size) == pytest.approx(points, abs=6e-4)
