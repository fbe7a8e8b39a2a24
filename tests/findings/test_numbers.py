"""How every number, unit and interval of a report is written, and which text Markdown leaves as it is."""

import math
import string

import pytest

from goodwill.findings.numbers import decimals_for, describe, describe_both, number, safe_markdown, with_unit


@pytest.mark.parametrize(
    ("value", "interval", "unit", "decimals"),
    [
        (0.0, None, None, 0),
        (0.0, (-1.0, 1.0), None, 1),
        (5.0, None, None, 2),
        (5.0, None, "days", 2),
        (36.0876, None, None, 1),
        (-36.0876, None, None, 1),
        (500.0, (100.0, 900.0), None, 0),
        (50.0, (49.9, 50.1), None, 2),
        (50.0, (50.1, 49.9), None, 2),
        (50.0, (44.0, 56.0), None, 1),  # half the width has one digit before the point, the whole two
        (0.1421, (0.121, 0.165), None, 3),
        (0.5, (0.5, 0.5), None, 3),  # an interval without width says nothing of the digits
        (86.998123, (86.998121, 86.998125), None, 2),  # four digits of the value at most
        (1e-9, None, None, 6),
        (999.9, (999.8, 1000.0), None, 1),
        (math.nextafter(1000, 0), (999.9, 1000.1), None, 0),
        (1000.0, (999.9, 1000.1), None, 0),
        (1000.0, (800.0, 1200.0), None, -1),
        (1653.4, (1553.4, 1753.4), None, -1),  # half the width is just 100
        (1653.4, (1554.4, 1752.4), None, 0),
        (1653.4, (-48_000.0, 52_000.0), None, -2),  # two digits of the value stay, however wide the interval
        (1653.4, (-math.inf, math.inf), None, 0),
        (-1000.0, (-1000.1, -999.9), None, 0),
        (math.inf, None, None, 0),
        (3.0, None, "USD", 2),
        (3.0, None, "EUR a year", 2),
        (3.0, (2.0, 4.0), "USD", 2),
        (96.0, (86.0, 106.0), "USD", 0),  # half the width is just 10
        (96.0, (86.5, 106.0), "USD", 2),
        (96.0, (-math.inf, math.inf), "USD", 2),
        (96.0, (-math.inf, math.inf), None, 1),  # as without an interval
        (999.9, None, "USD", 2),
        (1000.0, None, "USD", 0),
        (-1000.0, None, "USD", 0),
        (50.0, None, "share", 1),
        (50.0, None, "USDT", 1),  # three capitals are money only as a whole word
    ],
)
def test_a_number_has_the_digits_that_are_known(value, interval, unit, decimals):
    assert decimals_for(value, interval, unit) == decimals


@pytest.mark.parametrize(
    ("value", "decimals", "written"),
    [
        (1653.44, 1, "1,653.4"),
        (-1653.44, 1, "−1,653.4"),
        (5.0, 0, "5"),
        (-5.0, 0, "−5"),
        (-0.004, 2, "0.00"),
        (0.0, 1, "0.0"),
        (1234567.0, 0, "1,234,567"),
        (9e14, 0, "900,000,000,000,000"),
        (1e15, 0, "1e+15"),
        (-1.23456e200, 0, "−1.23e+200"),
        (math.inf, 0, "inf"),
        (-math.inf, 0, "−inf"),
    ],
)
def test_a_number_is_written_with_separators_and_a_true_minus(value, decimals, written):
    assert number(value, decimals) == written


@pytest.mark.parametrize(
    ("unit", "written"), [(None, "7"), ("", "7"), ("share", "7%"), ("%", "7%"), ("points", "7 points"), ("USD a year", "7 USD a year")]
)
def test_a_unit_follows_its_number(unit, written):
    assert with_unit("7", unit) == written


SHARE = {"value": 0.1421, "interval": [0.121, 0.165], "level": 0.95, "unit": "share"}
MONEY = {"value": 12.5, "interval": [10.25, -3], "level": 0.9, "unit": "USD"}


@pytest.mark.parametrize(
    ("record", "form", "written"),
    [
        (SHARE, "", "14.2% (95% interval 12.1% to 16.5%)"),
        (SHARE, "value", "14.2%"),
        (SHARE, "interval", "12.1% to 16.5%"),
        (SHARE, "number", "14.2"),
        (SHARE, ".4f", "0.1421"),
        (MONEY, "", "12.50 USD (90% interval 10.25 to −3.00)"),
        (MONEY, "interval", "10.25 to −3.00"),
        ({"value": 12.0, "interval": [11.0, 13.0], "level": 0.99, "unit": "%"}, "", "12.0% (99% interval 11.0% to 13.0%)"),
        ({"value": 5, "interval": [4.75, 5.25], "level": 0.5}, "", "5.00 (50% interval 4.75 to 5.25)"),
        ({"value": 5.25, "unit": "days"}, "", "5.25 days"),
        ({"value": 5.25, "unit": "days"}, "number", "5.25"),
        ({"value": 5.25, "unit": "days"}, "interval", "no interval"),
        ({"value": 5.25, "interval": None}, "value", "5.25"),
        ({"value": -5.25}, ".1f", "−5.2"),
        ({"value": -5.25}, "", "−5.25"),
        ({"value": 1234, "unit": "customers"}, "", "1,234 customers"),
        ({"value": 5, "unit": "USD"}, "", "5 USD"),
        ({"value": 5, "unit": "USD"}, "number", "5"),
        ({"value": 1, "unit": "share"}, "", "100%"),
        ({"value": True}, "", "yes"),
        ({"value": False}, "", "no"),
        ({"value": "Loyalty rises."}, "", "Loyalty rises."),
        ({"value": None, "reason": "Seven customers are too few."}, "", "not available (Seven customers are too few)"),
        ({"value": None, "reason": "no price"}, "number", "not available (no price)"),
    ],
)
def test_a_result_is_described_in_the_form_that_is_asked(record, form, written):
    assert describe(record, form) == written


@pytest.mark.parametrize(
    ("record", "form", "written"),
    [
        ({"value": 0.0004, "unit": "days"}, "", "under 0.001 days"),
        ({"value": 0.0004, "unit": "days"}, "value", "under 0.001 days"),
        ({"value": 0.0004, "unit": "days"}, "number", "under 0.001"),
        ({"value": 0.0004, "unit": "days"}, ".4f", "0.0004"),
        ({"value": 0.0004, "unit": "days"}, "interval", "no interval"),
        ({"value": -0.0004}, "", "over −0.001"),
        ({"value": 0.000004, "unit": "share"}, "", "under 0.001%"),
        ({"value": 0.000004, "unit": "share"}, "number", "under 0.001"),
        ({"value": 0.0004, "unit": "share"}, "", "0.0400%"),  # what counts is the size of what is printed
        ({"value": 0.001}, "", "0.00100"),
        ({"value": 0.0015}, "", "0.00150"),
        ({"value": 0.0}, "", "0"),
        ({"value": 0}, "", "0"),
        ({"value": 0.0004, "interval": [0.0003, 0.0005], "level": 0.95}, "", "0.00040 (95% interval 0.00030 to 0.00050)"),
    ],
)
def test_a_number_too_small_to_read_says_only_so(record, form, written):
    assert describe(record, form) == written


def test_text_of_the_data_is_neither_markdown_nor_html_nor_mathematics():
    told = r"&amp; &lt;b&gt; <span>&#36;</span>x \\ \` \* \_ \[ \] \| \~ \#"
    assert safe_markdown("  & <b>\n$x \\ ` *\t_ [ ] | ~ # ") == told


def test_letters_digits_and_other_signs_stay_as_they_are():
    plain = string.ascii_letters + string.digits + "-+.,:;!?()/'\"{}%=@^é€"
    assert safe_markdown(plain) == plain


def test_a_number_is_made_safe_as_it_is():
    assert safe_markdown(-1.5) == "-1.5"


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ({"value": 1655.04}, {"value": 1653.39}, ("1,655 (95% interval 1,456 to 1,863)", "1,653 (95% interval 1,456 to 1,863)")),
        (
            {"value": 1655.0},
            {"value": 1655.004},
            ("1,655.000 (95% interval 1,456.000 to 1,863.000)", "1,655.004 (95% interval 1,456.000 to 1,863.000)"),
        ),
        ({"value": 1655.0}, {"value": 2655.0}, ("1,660 (95% interval 1,460 to 1,860)", "2,660 (95% interval 1,460 to 1,860)")),
        ({"value": 1655.0}, {"value": 1655.0}, ("1,660 (95% interval 1,460 to 1,860)", "1,660 (95% interval 1,460 to 1,860)")),
        ({"value": 1655.0}, {"value": None, "reason": "Too few."}, ("1,660 (95% interval 1,460 to 1,860)", "not available (Too few)")),
    ],
)
def test_two_results_are_said_with_the_digits_by_which_they_differ(one: dict, other: dict, said: tuple[str, str]):
    ends = {"interval": [1456.0, 1863.0], "level": 0.95}
    assert describe_both(one | ends, other | ends) == said


def test_two_results_whose_intervals_differ_or_of_which_one_has_none_are_said_too():
    whole = {"value": 1655.0, "level": 0.95}
    assert describe_both(whole | {"interval": [1456.0, 1863.0]}, whole | {"interval": [1456.5, 1863.0]}) == (
        "1,655.0 (95% interval 1,456.0 to 1,863.0)",
        "1,655.0 (95% interval 1,456.5 to 1,863.0)",
    )
    assert describe_both({"value": 5.25}, {"value": 5.25, "interval": [4.0, 6.5], "level": 0.95}) == (
        "5.25",
        "5.2 (95% interval 4.0 to 6.5)",
    )


def test_shares_that_differ_are_said_in_per_cent_with_the_digits_by_which_they_differ():
    pair = describe_both({"value": 0.5, "unit": "share"}, {"value": 0.50002, "unit": "share"})
    assert pair == ("50.000%", "50.002%")
    pair = describe_both({"value": 0.5, "unit": "share"}, {"value": 0.5000995, "unit": "share"})
    assert pair == ("50.000%", "50.010%")
    assert describe_both({"value": 5.0}, {"value": 5.0006}) == ("5.0000", "5.0006")
    assert describe_both({"value": 0.5}, {"value": 0.50000000000001}) == ("0.500000000000", "0.500000000000")
    assert describe_both({"value": math.inf}, {"value": 5.0}) == ("inf", "5.00")
    assert describe_both({"value": True}, {"value": False}) == ("yes", "no")
    assert describe_both({"value": "a"}, {"value": 3}) == ("a", "3")
