"""The glossary: every term of the case texts, each computed by a function that exists; a page names the terms it uses."""

from __future__ import annotations

import json
import re
from functools import reduce

import pytest

import goodwill as gw
from goodwill.errors import ReportError
from goodwill.reports.pages import glossary
from goodwill.reports.pages.glossary import glossary_markdown, terms, terms_in
from goodwill.reports.pages.render import report_page
from goodwill.reports.recording.extract import results

from .conftest import Built


def test_the_terms_are_those_of_the_case_texts_with_their_words() -> None:
    said = gw.read_case("glossary")
    assert [term.zh for term in terms()] == said["term_zh"].to_list()
    assert [term.said for term in terms()] == said["definition_en"].to_list()


@pytest.mark.parametrize("term", terms(), ids=lambda term: term.en)
def test_what_computes_a_term_is_there(term: glossary.Term) -> None:
    assert callable(reduce(getattr, term.computed_by.split(".")[1:], gw))


def test_a_text_is_recognised_by_the_name_of_a_term_or_its_other_words_and_by_whole_words_only() -> None:
    assert [term.en for term in terms_in("The share of customer, and Market Share.")] == ["market share", "customer share"]
    assert terms_in("a decilerium, disloyalty") == []


def test_a_term_without_an_entry_is_named(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "notebooks" / "course").mkdir(parents=True)
    (tmp_path / "notebooks" / "course" / "glossary.yaml").write_text("- {en: a, zh: 甲, means: b, lesson: 1, computed_by: c}\n", "utf-8")
    monkeypatch.setattr(glossary, "project_root", lambda: tmp_path)
    terms.cache_clear()
    with pytest.raises(ReportError, match=re.escape("the terms must be those of data/cases/glossary.csv")):
        terms()
    terms.cache_clear()


def test_the_glossary_page_has_a_heading_for_each_term_in_both_languages() -> None:
    page = glossary_markdown(dict.fromkeys(range(1, 13), "a lesson"))
    assert re.findall(r"^## (.+)$", page, re.MULTILINE) == [term.en for term in terms()]
    assert re.findall(r'<span lang="zh">([^<]+)', page) == [term.zh for term in terms()]
    assert len(terms()) == 22


def test_a_report_shows_the_terms_that_its_text_uses_and_no_others(built: Built) -> None:
    content = json.loads((built.folder / "notebook.ipynb").read_text("utf-8"))
    facts = json.loads((built.folder / "run.json").read_text("utf-8"))
    spoken = {"cell_type": "markdown", "metadata": {}, "source": "Word of mouth, and *deciles* of <b>customers</b>."}
    found = results(content)
    with_terms = report_page({**content, "cells": [*content["cells"], spoken]}, found, facts, [])
    listed = re.findall(r'<dt>([^<]+) <span lang="zh">', with_terms)
    assert set(listed) - set(re.findall(r'<dt>([^<]+) <span lang="zh">', built.page)) == {"word-of-mouth value", "purchase decile analysis"}
    assert 'href="#terms"' in with_terms and f"{len(listed)} of the glossary" in with_terms
