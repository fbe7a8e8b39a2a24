from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goodwill.errors import ReportError, UsageError
from goodwill.reports.recording.parameters import check_values, read_parameters

CELL = """
# Where the data come from
data: str = "cdnow"  # a built-in set or a file [path]
customer_id: str = ""  # the column with the customer's id, automatic when empty
horizon: int = 52  # how far to look ahead [weeks; >0]
rate: float = 0.1  # discount rate [0..<1; per year]
unit: str = ""  # unit of time, automatic when empty [week | day | month]
end: str = ""  # last day of the calibration, automatic when empty [date]
show: bool = False  # show the ids of customers
groups: list[str] = ["a"]  # groups [any text]
quantiles: list[float] = [0.5]  # quantiles [share; 0..1]
"""


@pytest.fixture
def known():
    return read_parameters(CELL, "01_x.ipynb")


def test_every_part_of_a_line_is_read(known):
    horizon = known[2]
    assert (horizon.name, horizon.type, horizon.default, horizon.help) == ("horizon", "int", 52, "how far to look ahead")
    assert (horizon.unit, horizon.low, horizon.low_included, horizon.allowed) == ("weeks", 0, False, "more than 0")
    assert known[3].allowed == "at least 0 and less than 1"
    assert known[4].choices == ("week", "day", "month")
    assert known[0].kind == "path"


@pytest.mark.parametrize(
    ("given_value", "expected"),
    [
        ({"show": "true"}, {"show": True}),
        ({"show": 0}, {"show": False}),
        ({"rate": 0}, {"rate": 0.0}),
        ({"horizon": "12"}, {"horizon": 12}),
        ({"horizon": 12.0}, {"horizon": 12}),
        ({"horizon": np.int64(12)}, {"horizon": 12}),
        ({"customer_id": "007"}, {"customer_id": "007"}),
        ({"customer_id": 7}, {"customer_id": "7"}),
        ({"customer_id": "9007199254740993"}, {"customer_id": "9007199254740993"}),
        ({"end": "1997-09-30"}, {"end": "1997-09-30"}),
        ({"end": "", "unit": ""}, {"end": "", "unit": ""}),
        ({"groups": "x, y"}, {"groups": ["x", "y"]}),
        ({"groups": '["x, y"]'}, {"groups": ["x, y"]}),
        ({"groups": ()}, {"groups": []}),
        ({"quantiles": ["0.1", 1]}, {"quantiles": [0.1, 1.0]}),
    ],
)
def test_values_take_the_declared_type(known, given_value, expected):
    got = check_values(known, given_value)
    assert got == expected
    assert [type(value) for value in got.values()] == [type(value) for value in expected.values()]


@pytest.mark.parametrize(
    ("given_value", "message"),
    [
        ({"horizn": 1}, "did you mean 'horizon'"),
        ({"zzzzzz": 1}, "it has data, customer_id"),
        ({"horizon": 0}, "must be more than 0"),
        ({"horizon": "a year"}, "must be a whole number"),
        ({"horizon": 1.5}, "must be a whole number"),
        ({"horizon": True}, "must be a whole number"),
        ({"horizon": None}, "must be a whole number"),
        ({"rate": 1}, "at least 0 and less than 1"),
        ({"rate": float("nan")}, "must be a number"),
        ({"rate": "inf"}, "must be a number"),
        ({"rate": "1e999"}, "must be a number"),
        ({"unit": "wek"}, "one of week, day, month"),
        ({"end": "30.9.1997"}, "a date such as"),
        ({"end": "1997-02-30"}, "a date such as"),
        ({"show": "perhaps"}, "true or false"),
        ({"groups": 3}, "must be a list[str]"),
        ({"groups": "[1"}, "not a list such as"),
        ({"quantiles": [0.5, 2]}, "at least 0 and at most 1"),
    ],
)
def test_a_value_that_does_not_fit_is_one_sentence(known, given_value, message):
    with pytest.raises(UsageError) as caught:
        check_values(known, given_value)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("x = 1  # untyped", "is not a parameter"),
        ("import os", "is not a parameter"),
        ("x: int = (", "is not Python"),
        ("x: dict = {}  # a dict", "has the type 'dict'"),
        ("x: int = 1", "no readable comment"),
        ("x: int = 1  # [weeks]", "no readable comment"),
        ("x: int = 1  # weeks [weeks", "no readable comment"),
        ("x: int = 2 * 3  # computed", "not a plain value"),
        ("x: float = 1  # written as a whole number", "not written as float"),
        ("x: int = -1  # weeks [>0]", "default does not fit"),
        ('x: str = "b"  # one of two [a | c]', "default does not fit"),
        ("x: int = 1  # at least one [>=1]", "second '='"),
        ('x: str = "a=b"  # equation', "second '='"),
        ('x: str = "#fff"  # colour', "second '='"),
        ("x: int = 1  # weeks [1..0]", "is empty"),
        ("x: int = 1  # weeks [1..2..3]", "cannot be read"),
        ("x: int = 1  # weeks [>..]", "cannot be read"),
        ("x: int = 1  # weeks [weeks; days]", "a second time"),
        ("x: int = 1  # weeks [1 | two]", "not all of type int"),
        ('x: str = "a"  # text [0..1]', "has a range"),
        ("x: int = 1  # number [path]", "said to be a path"),
        ("x: list[int] = [\n    1,\n]  # long", "more than one line"),
        ("x: int = 1  # one\nx: int = 2  # two", "stands twice"),
    ],
)
def test_a_line_that_cannot_be_read_names_the_notebook(line, message):
    with pytest.raises(ReportError) as caught:
        read_parameters(line, "01_x.ipynb")
    assert message in str(caught.value)
    assert str(caught.value).startswith("01_x.ipynb")


@settings(deadline=None, derandomize=True)
@given(st.text())
def test_any_text_survives_as_text(text):
    known = read_parameters('word: str = "x"  # a word')
    assert check_values(known, {"word": text}) == {"word": text}


@settings(deadline=None, derandomize=True)
@given(st.floats(0, 1))
def test_a_number_given_as_text_is_that_number(number):
    known = read_parameters("share: float = 0.5  # a share [0..1]")
    assert check_values(known, {"share": repr(number)}) == {"share": number}
