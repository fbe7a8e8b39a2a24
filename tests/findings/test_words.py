from __future__ import annotations

import math

import pandas as pd
import pytest

from goodwill.findings.words import listed, plural, sentence, table_in_words, verdict, worded

WORDS = {"better": "**{model}** misses by {miss:.1f} less ({gain}).", "not told apart": "Nothing is told apart."}


@pytest.mark.parametrize(
    ("low", "high", "better", "said"),
    [
        (0.1, 2, "higher", "better"),
        (-2, -0.1, "higher", "worse"),
        (0.1, 2, "lower", "worse"),
        (-2, -0.1, "lower", "better"),
        (-0.1, 5, "higher", "not told apart"),
        (-5, 0.1, "lower", "not told apart"),
        (0, 5, "higher", "not told apart"),
        (-5, 0, "lower", "not told apart"),
        (0, 0, "higher", "not told apart"),
        (None, None, "higher", "not told apart"),
        (0.1, None, "higher", "not told apart"),
        (math.nan, 3, "higher", "not told apart"),
        (0.1, math.inf, "higher", "better"),
    ],
)
def test_only_an_interval_without_zero_tells_apart(low, high, better, said):
    assert verdict(low, high, better) == said


def test_an_interval_whose_ends_are_exchanged_is_refused():
    with pytest.raises(ValueError, match="low and a high end"):
        verdict(2, 1)


def test_a_direction_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="'higher' or 'lower', not 'smaller'"):
        verdict(1, 2, "smaller")


def test_a_wording_is_filled_as_plain_text():
    assert worded({1: "{group}: {change:,.0f} USD"}, 1, group="A*b_{c}", change=-1234.4) == "A*b_{c}: −1,234 USD"


def test_a_wording_without_one_of_its_values_is_refused():
    with pytest.raises(KeyError, match="miss"):
        worded(WORDS, "better", model="BG/NBD")


def test_an_unknown_key_of_a_wording_is_refused():
    with pytest.raises(KeyError, match="much better"):
        worded(WORDS, "much better")


def test_a_sentence_keeps_the_names_of_recorded_values():
    assert sentence(WORDS, "better", model="BG", miss=2.04).startswith("**BG** misses by 2.0 less ({gain})")


def test_a_hyphen_of_a_name_is_no_minus():
    assert worded({0: "{who}, {gain}"}, 0, who="hostage-like", gain=-1) == "hostage-like, −1"


def test_the_form_of_a_recorded_value_stays():
    assert sentence({0: "{total} or {total:.1f} or {count:.1f}"}, 0, count=2.04) == "{total} or {total:.1f} or 2.0"


def test_what_data_hold_is_neither_markdown_nor_a_name_in_a_sentence():
    said = sentence({0: "{{x}} {group} {total:value}"}, 0, group="<b>*{y}*")
    assert said == r"{{x}} &lt;b&gt;\*{{y}}\* {total:value}"


def test_lists_and_counts_read_as_sentences():
    assert [listed([]), listed(["a"]), listed(["a", "b", 3])] == ["", "a", "a, b and 3"]
    assert [plural(1, "day"), plural(2, "day"), plural(2, "company", "companies")] == ["1 day", "2 days", "2 companies"]


def test_words_are_listed_with_the_conjunction_that_is_asked():
    assert [listed(["a", "b"]), listed(["a", "b", "c"], "or"), listed(["a"], "or")] == ["a and b", "a, b or c", "a"]


def test_counts_have_separators():
    assert [plural(0, "day"), plural(1234, "day"), plural(1234, "company", "companies")] == ["0 days", "1,234 days", "1,234 companies"]


def test_a_table_is_told_row_by_row_with_the_digits_that_matter():
    columns = ["when", "who", "share", "count", "loss"]
    table = pd.DataFrame(
        {
            "when": pd.to_datetime(["2026-01-31", "2026-02-28"]),
            "who": ["a-b", "c"],
            "share": [0.123456, 999.96],
            "count": [12345, 7],
            "loss": [-12345.6, 1000.4],
        }
    )
    assert table_in_words("Months", table, columns) == (
        "Months. 2026-01-31: who a-b, share 0.1235, count 12,345, loss -12,346; 2026-02-28: who c, share 1,000, count 7, loss 1,000."
    )
