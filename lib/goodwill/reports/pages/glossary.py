"""The glossary of the field, Chinese and English: the terms, which of them a text uses, and the glossary as a page of the course."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from goodwill.data.survey import read_case
from goodwill.errors import ReportError
from goodwill.reports.recording.notebooks import PACKAGED, project_root

FIELDS = {"en", "zh", "means", "lesson", "computed_by", "words"}


class Term(NamedTuple):
    """One term.

    Attributes
    ----------
    en, zh : its names
    said : what the case texts mean by it, and `source`, which of them
    means : what is meant by it here
    lesson : number of the lesson that uses it
    computed_by : the function that computes what it names
    words : by which a text is recognised to speak of it, beside its name
    """

    en: str
    zh: str
    said: str
    source: str
    means: str
    lesson: int
    computed_by: str
    words: tuple[str, ...]


@cache
def terms() -> tuple[Term, ...]:
    """All terms in the order of the case texts, with what these say of each.

    Raises
    ------
    ReportError
        When a term has no entry, or an entry has another name than the case texts (names it).

    Examples
    --------
    >>> len(terms()), terms()[0].zh
    (22, '关系营销')
    """
    import yaml

    path = (project_root() or PACKAGED) / "notebooks" / "course" / "glossary.yaml"
    entries = {entry["zh"]: entry for entry in yaml.safe_load(path.read_text("utf-8"))}
    said = read_case("glossary")
    if differ := sorted(set(said["term_zh"]) ^ set(entries)):
        raise ReportError(f"{path}: the terms must be those of data/cases/glossary.csv; they differ in {differ[0]!r}.")
    return tuple(
        _term(entries[row.term_zh], str(row.definition_en), str(row.source)) for row in said.itertuples()
    )  # fmt: skip


def _term(entry: dict[str, object], said: str, source: str) -> Term:
    if unknown := sorted(set(entry) - FIELDS):
        raise ReportError(f"glossary.yaml, term {entry['en']!r}: unknown field {unknown[0]!r}.")
    names = {name: str(entry[name]) for name in ("en", "zh", "means", "computed_by")}
    words = entry.get("words", [])
    return Term(**names, said=said, source=source, lesson=int(str(entry["lesson"])), words=tuple(words))  # type: ignore[arg-type]


def terms_in(text: str) -> list[Term]:
    """The terms that a text uses, by their English names or the other words for them.

    Examples
    --------
    >>> [term.en for term in terms_in("A good word of mouth. Market shares!")]
    ['word-of-mouth value']
    """
    return [term for term in terms() if re.search(rf"\b(?:{'|'.join(map(re.escape, (term.en, *term.words)))})\b", text, re.IGNORECASE)]


def glossary_markdown(lessons: dict[int, str]) -> str:
    """The glossary as Markdown; `lessons` gives the title of each lesson by its number."""
    return "\n".join(_lines(lessons)) + "\n"


def _lines(lessons: dict[int, str]) -> Iterator[str]:
    yield "# Glossary\n\nThe terms of the case texts, in Chinese and English: what the texts mean by each, what is meant by it in these"
    yield "lessons, and what computes it."
    for term in terms():
        yield f'\n## {term.en}\n\n<span lang="zh">{term.zh}</span>\n\n*In the texts* (`{term.source}`): {term.said}.\n'
        yield f"*Here:* {term.means}\n\nLesson {term.lesson}, {lessons[term.lesson]}. Computed by `{term.computed_by}`."
