"""Case cards: what a case text claims, what is known beside it, and what data would decide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from goodwill.course.lessons import course_folder
from goodwill.errors import ReportError


class Card(NamedTuple):
    """One card; `source` names the text and the table of its figures, `lesson` the lesson that works it."""

    name: str
    claims: str
    source: str
    known: str
    decides: str
    lesson: int


def read_cards() -> list[Card]:
    """All cards.

    Raises
    ------
    ReportError
        When a card lacks a field or has one too many (names it).
    """
    import yaml

    path = course_folder() / "cards.yaml"
    cards = []
    for entry in yaml.safe_load(path.read_text("utf-8")):
        if differ := sorted(set(entry) ^ set(Card._fields)):
            raise ReportError(f"{path}, card {entry.get('name')!r}: a card has the fields {', '.join(Card._fields)}; see {differ[0]!r}.")
        cards.append(Card(**entry))
    return cards


def cards_markdown(lessons: Mapping[int, str]) -> str:
    """The cards as Markdown; `lessons` gives the title of each lesson by its number."""
    parts = [
        "# Case cards\n\nWhat the case texts claim, what is known beside it, and what data would decide. Figures are theirs unless said."
    ]
    for card in read_cards():
        claim = f"**The text says.** {card.claims}\n*Source: {card.source}.*"
        work = f"Worked in lesson {card.lesson}, {lessons[card.lesson]}."
        parts.append(f"## {card.name}\n\n{claim}\n\n**Known beside it.** {card.known}\n\n**What would decide.** {card.decides}\n\n{work}")
    return "\n\n".join(parts) + "\n"
