"""The sliders of a page as HTML: what is recorded is shown, hidden until a script takes hold of it, and nothing in it is markup."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import pytest

from goodwill.findings.finding import Dial, Explorer
from goodwill.reports.pages.outputs import Pieces
from goodwill.reports.recording import output, record
from goodwill.reports.recording.output import MIME

EXPLORER = Explorer(
    "What <b>if</b>?",
    (Dial("Margin", ("10%", "20%"), 1), Dial("Ahead", ("1 & 2", "3"), 0)),
    ("Value",),
    (("1",), ("2",), ("3 <i>",), ("4",)),
)


@pytest.fixture
def result(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    kept: list[dict[str, Any]] = []
    monkeypatch.setattr(output, "put", lambda result, **texts: kept.append(result | {"text": texts["markdown"]}))
    record.record_explorer("value_explored", EXPLORER)
    return kept[0]


def page(result: dict[str, Any]) -> str:
    text = result.pop("text")
    return Pieces().output({"output_type": "display_data", "metadata": {}, "data": {MIME: result, "text/markdown": text}})


def test_in_a_notebook_the_own_settings_are_said(result: dict[str, Any]) -> None:
    assert result["text"].endswith("(Margin 20%, Ahead 1 &amp; 2)\n\n- Value: **3 &lt;i&gt;**")


def test_the_page_holds_all_settings_and_starts_with_the_own(result: dict[str, Any]) -> None:
    shown = page(result)
    assert " hidden>" in shown.partition("data-explorer")[2].partition("<p")[0]
    told = json.loads(unescape(re.search(r'data-explorer="([^"]*)"', shown)[1]))  # type: ignore[index]
    assert told == {"dials": [["10%", "20%"], ["1 & 2", "3"]], "cells": [["1"], ["2"], ["3 <i>"], ["4"]]}
    assert 'min="0" max="1" step="1" value="1" aria-valuetext="20%"' in shown
    assert "<dd>3 &lt;i&gt;</dd>" in shown
    assert "<b>if" not in shown and "What &lt;b&gt;if&lt;/b&gt;?" in shown


def test_every_slider_has_a_label(result: dict[str, Any]) -> None:
    shown = page(result)
    assert re.findall(r'<label for="([^"]+)"', shown) == re.findall(r'<input type="range" id="([^"]+)"', shown)
