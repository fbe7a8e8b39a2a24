"""The book: the lessons as pages that need no network, in the look of the reports, with the glossary, the case cards and an index."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

from goodwill.course.cards import cards_markdown
from goodwill.course.lessons import exercises, graded, source, without_solution
from goodwill.reports.pages.glossary import glossary_markdown
from goodwill.reports.pages.outputs import Pieces
from goodwill.reports.pages.render import page
from goodwill.reports.recording.notebooks import Notebook

# A link to another file of the course, as a lesson writes it, leads to a page of the book.
LINK = re.compile(r"\]\((?:\.\./)?(?:lessons/|systems/)?(\w+)\.(?:md|ipynb)(#[\w-]+)?\)")
CODE = '<details class="code"><summary>Code</summary>'


class Leaf(NamedTuple):
    """A page of the book: its file, its title, and what it is made from."""

    file: str
    title: str
    cells: Sequence[Mapping[str, Any]]


def number_of(lesson: Notebook) -> int:
    """The number of a lesson, by which its file begins."""
    return int(lesson.path.stem.partition("_")[0])


def title_of(lesson: Notebook) -> str:
    """The title of a lesson without its number.

    Lesson 1 · Why do relationships have value? -> Why do relationships have value?
    """
    return lesson.title.partition("·")[2].strip() or lesson.title


def write_book(
    folder: Path,
    lessons: Sequence[Notebook],
    contents: Mapping[str, Mapping[str, Any]],
    more: Mapping[str, str] | None = None,
    mistakes: Mapping[str, Mapping[str, Mapping[str, str]]] | None = None,
) -> list[Path]:
    """Write the pages.

    Parameters
    ----------
    folder : where they are written
    contents : the executed notebook of each lesson, by the stem of its file
    more : further pages, Markdown by the name of their file without ending
    mistakes : for a book with solutions, the common mistake (`code`, `why`) in each exercise of each lesson; without it none are shown

    Returns
    -------
    list of Path
        The pages, `index.html` first.
    """
    by_number = {number_of(lesson): title_of(lesson) for lesson in lessons}
    leaves = [Leaf(f"{each.path.stem}.html", each.title, _shown(each, contents[each.path.stem], mistakes)) for each in lessons]
    texts = {"glossary": glossary_markdown(by_number), "cards": cards_markdown(by_number), **(more or {})}
    leaves += [_text_leaf(name, text) for name, text in texts.items()]
    index = _text_leaf("index", _index(leaves, mistakes is not None))
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for place, leaf in enumerate([index, *leaves]):
        around = [None, *leaves, None][place - 1 : place + 2] if place else [None, None, leaves[0]]
        path = folder / leaf.file
        path.write_text(lesson_page(leaf, before=around[0], after=around[2]), "utf-8")
        written.append(path)
    return written


def lesson_page(leaf: Leaf, before: Leaf | None = None, after: Leaf | None = None) -> str:
    """One page of the book, with what stands before and after it."""
    from markupsafe import Markup

    pieces, cells = Pieces(leaf.cells), list(leaf.cells)
    opening = pieces.markdown(_linked(source(cells.pop(0))))
    body = [Markup(_piece(pieces, cell)) for cell in cells]
    headings = [heading for heading in pieces.headings if heading["level"] == 2]
    return page("lesson", title=leaf.title, opening=Markup(opening), cells=body, headings=headings, before=before, after=after)


def _piece(pieces: Pieces, cell: Mapping[str, Any]) -> str:
    if cell["cell_type"] == "markdown":
        return pieces.markdown(_linked(source(cell)))
    html = pieces.cell(cell).replace(CODE, '<details class="code" open><summary>Code</summary>')
    if not graded(cell):
        return html
    what = "Checks" if graded(cell).get("grade") else "Your code"
    return f'<div class="exercise"><p class="what">{escape(what)}</p>{html}{_answer(pieces, cell)}</div>'


def _answer(pieces: Pieces, cell: Mapping[str, Any]) -> str:
    """The solution of an exercise and its common mistake, folded; empty in a book for students."""
    folded = []
    for title, code in cell["metadata"].get("goodwill", {}).items():
        html = pieces.cell({**cell, "source": code, "outputs": []})
        folded.append(html.replace(CODE, f"<details><summary>{escape(title)}</summary>"))
    return "".join(folded)


def _shown(
    lesson: Notebook, executed: Mapping[str, Any], mistakes: Mapping[str, Mapping[str, Mapping[str, str]]] | None
) -> list[dict[str, Any]]:
    """The cells of a lesson as the book shows them: exercises unsolved and without what they gave, answers beside them where asked."""
    cells = [dict(cell) for cell in executed["cells"]]
    given = {each.name: source(lesson.content["cells"][each.solve]) for each in exercises(lesson)}
    for cell in cells:
        if not (about := graded(cell)):
            continue
        cell["outputs"] = []
        if (name := about.get("grade_id")) in given:
            answers = {}
            if mistakes is not None:
                wrong = mistakes[lesson.path.stem][name]
                answers = {"Solution": source(cell), f"A common mistake: {wrong['why']}": wrong["code"]}
            cell |= {"metadata": {**cell["metadata"], "goodwill": answers}, "source": without_solution(given[name])}
    return cells


def _text_leaf(name: str, text: str) -> Leaf:
    """A page of text; its title is its first heading."""
    head, _, rest = text.partition("\n\n")
    cells = [{"cell_type": "markdown", "metadata": {}, "source": part} for part in (head, rest)]
    return Leaf(f"{name}.html", head.lstrip("# ").strip(), cells)


def _linked(text: str) -> str:
    """Links between the files of the course as links between pages.

    >>> _linked("[a](../glossary.md#CRM-system), [b](02_reading_records.ipynb)")
    '[a](glossary.html#crm-system), [b](02_reading_records.html)'
    """
    return LINK.sub(lambda found: f"]({found[1]}.html{(found[2] or '').lower()})", text)


def _index(leaves: Sequence[Leaf], solutions: bool) -> str:
    """The first page: what the course is, and its pages."""
    who = "with the solutions of the exercises, for teachers" if solutions else "for students"
    lessons = [leaf for leaf in leaves if leaf.title.startswith("Lesson")]
    others = [leaf for leaf in leaves if leaf not in lessons]
    lines = [f"# What customers are worth: a course in {len(lessons)} lessons", ""]
    lines += [f"The lessons as pages to read, {who}. They are worked in JupyterLab, where the exercises are solved and checked.", ""]
    lines += ["## Lessons", ""]
    lines += [f"- [{leaf.title}]({leaf.file})" for leaf in lessons]
    lines += ["", "## Beside them", "", *(f"- [{leaf.title}]({leaf.file})" for leaf in others)]
    return "\n".join(lines) + "\n"
