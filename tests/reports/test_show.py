from __future__ import annotations

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from goodwill.errors import ReportError, TooLittle
from goodwill.findings.finding import Absent, Drawing, Finding, Table, Value, missing
from goodwill.reports.recording import output
from goodwill.reports.recording.output import RECORDED
from goodwill.reports.recording.show import show


@pytest.fixture
def shown(monkeypatch):
    outputs = []
    monkeypatch.setattr(output, "put", lambda result, **texts: outputs.append((result, texts)))
    RECORDED.clear()
    return outputs


def kinds(shown):
    return [(result["kind"], result.get("name")) for result, _ in shown]


def test_the_parts_of_a_finding_are_shown_in_order_and_then_its_text(shown):
    figure = plt.figure()
    table = Table(pd.DataFrame({"part": [0.25]}), "Parts", {"part": "{:.0%}"})
    parts = {"rise": Drawing(figure, "It rises.", "From 1 to 2."), "gain": Value(12.5, "Gain", "USD", (10, 15)), "parts": table}
    show(Finding(parts, "The gain is {gain:value}."))
    assert kinds(shown) == [("figure", "rise"), ("record", "gain"), ("table", "parts"), ("said", None)]
    assert shown[0][0]["alt"] == "From 1 to 2."
    assert (shown[1][0]["label"], shown[1][0]["interval"]) == ("Gain", [10, 15])
    assert "25%" in shown[2][1]["html"]
    assert shown[3][1]["markdown"] == "The gain is 12.50 USD."


def test_a_text_may_name_what_an_earlier_finding_recorded(shown):
    show(Finding({"a": Value(1, "A")}), Finding({}, "As before: {a}."))
    assert kinds(shown) == [("record", "a"), ("said", None)]
    assert shown[-1][1]["markdown"] == "As before: 1."


def test_a_value_brings_its_interval_and_all_that_it_knows_of_its_trust(shown):
    estimate = pd.Series({"estimate": 3.0, "lower": 2.0, "upper": 4.0})
    track = {"statements": 8, "held": 7, "source": "own past", "outcome": 3.2}
    show(Finding({"x": Value(estimate, "X", model_interval=(2.5, 3.5), grade="assumed", weakest="margin", track_record=track)}))
    found = shown[0][0]
    assert (found["value"], found["interval"], found["model_interval"]) == (3.0, [2.0, 4.0], [2.5, 3.5])
    assert (found["grade"], found["weakest"], found["track_record"]) == ("assumed", "margin", [track])


def test_what_is_absent_says_why(shown):
    show(Absent("No answers of *six* customers."))
    assert kinds(shown) == [("absent", None)]
    assert shown[0][1]["markdown"] == r"No answers of \*six\* customers."


def test_a_missing_finding_records_its_names_and_says_why_once(shown):
    show(missing(Absent("No answers {yet}."), share=Value(None, "Loyal share", "share")))
    assert kinds(shown) == [("record", "share"), ("absent", None)]
    assert shown[1][0]["names"] == ["share"]
    assert (shown[0][0]["value"], shown[0][0]["reason"], shown[0][0]["unit"]) == (None, "No answers {yet}.", "share")


def test_tables_and_drawings_that_the_data_do_not_allow_are_named_with_the_reason(shown):
    show(missing(Absent("No log."), share="Share", without=("waiting",)))
    assert shown[-1][0] == {"kind": "absent", "why": "No log.", "names": ["share", "waiting"]}
    show(Finding(text="Half of it.", without={"waiting": "No clock.", "promises": "No clock.", "map": "No places."}))
    assert [result["names"] for result, _ in shown[-2:]] == [["waiting", "promises"], ["map"]]


def test_what_is_absent_is_not_shown_as_a_value(shown):
    with pytest.raises(TooLittle, match="No answers"):
        show(Finding({"share": Value(Absent("No answers."), "Loyal share")}))


def test_what_is_no_finding_is_refused(shown):
    with pytest.raises(TypeError, match="given a float; it shows findings"):
        show(3.0)
    with pytest.raises(TypeError, match="the part 'x' of a finding is a int"):
        show(Finding({"x": 3}))


def test_a_text_with_an_unknown_name_is_refused(shown):
    with pytest.raises(ReportError, match="recorded value 'gian'; did you mean 'gain'"):
        show(Finding({"gain": Value(1, "Gain")}, "{gian}"))
