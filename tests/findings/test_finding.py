from __future__ import annotations

import copy
import operator
import pickle

import numpy as np
import pandas as pd
import pytest

from goodwill.errors import DataError, FitError, TooLittle
from goodwill.findings.finding import Absent, Value, attempt, missing

WHY = "7 customers are too few for a fit."
ABSENT = Absent(WHY)


def too_little(*_, **__):
    raise TooLittle(WHY)


@pytest.mark.parametrize(
    "touch",
    [
        lambda absent: absent.summary,
        lambda absent: absent["total"],
        lambda absent: absent(1),
        lambda absent: hasattr(absent, "estimate"),
        lambda absent: absent + 1,
        lambda absent: 1 - absent,
        lambda absent: 2**absent,
        lambda absent: -absent,
        lambda absent: absent < 1,
        lambda absent: float(absent),
        lambda absent: round(absent, 1),
        lambda absent: f"{absent}",
        lambda absent: f"{absent:.1f}",
        bool,
        len,
        list,
        operator.not_,
        lambda absent: 3 in absent,
        lambda absent: np.array([1.0, 2.0]) * absent,
        np.asarray,
        lambda absent: pd.Series([1.0]) + absent,
        lambda absent: setattr(absent, "why", "something else"),
    ],
)
def test_whatever_is_done_with_what_is_absent_raises_its_sentence(touch):
    with pytest.raises(TooLittle, match=WHY):
        touch(ABSENT)


def test_what_is_absent_can_be_passed_on_compared_and_copied():
    assert [ABSENT][0] is ABSENT
    assert Absent(WHY) == ABSENT != Absent("Another reason.")
    assert {ABSENT: 1}[Absent(WHY)] == 1
    assert copy.deepcopy(ABSENT) == copy.copy(ABSENT) == pickle.loads(pickle.dumps(ABSENT)) == ABSENT
    assert (repr(ABSENT), str(ABSENT)) == (f"Absent({WHY!r})", WHY)


def test_an_attempt_returns_what_the_function_does():
    assert attempt(max, [3, 5], key=lambda x: -x) == 3


def test_an_attempt_at_too_little_is_absent_with_the_reason():
    assert attempt(too_little) == ABSENT
    assert issubclass(TooLittle, DataError)


@pytest.mark.parametrize("error", [DataError("column 'paid' holds text"), FitError("no maximum"), ValueError("wrong"), ZeroDivisionError()])
def test_an_attempt_lets_every_other_error_through(error):
    def fail():
        raise error

    with pytest.raises(type(error)):
        attempt(fail)


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [((ABSENT,), {}), ((1, ABSENT), {}), ((), {"terms": ABSENT}), (([1, ABSENT],), {}), (((ABSENT, 2),), {}), (({"a": ABSENT},), {})],
)
def test_an_attempt_with_an_absent_argument_calls_nothing(args, kwargs):
    called = []
    assert attempt(lambda *_, **__: called.append(1), *args, **kwargs) is ABSENT
    assert not called


def test_an_attempt_to_call_what_is_absent_is_absent():
    assert attempt(ABSENT, 1) is ABSENT


def test_an_attempt_at_a_part_of_what_is_absent_is_absent():
    assert attempt(lambda: ABSENT.summary.total) == ABSENT


def test_a_frame_among_the_arguments_is_not_searched():
    frame = pd.DataFrame({"x": [1.0, 2.0]})
    assert attempt(lambda table: table["x"].sum(), frame) == 3


def test_missing_values_keep_their_labels_and_units_and_say_why():
    finding = missing(ABSENT, {"total": Value(12.0, "Total", "USD", interval=(10, 14))}, share="Loyal share")
    assert finding.parts == {
        "total": Value(None, "Total", "USD", reason=WHY),
        "share": Value(None, "Loyal share", reason=WHY),
    }
    assert (finding.text, finding.absent) == (WHY, ABSENT)


def test_braces_in_the_reason_of_what_is_missing_are_no_names():
    assert missing(Absent("No column {x}."), a="A").text.format() == "No column {x}."
