"""Markdown as notebooks write it, to HTML, with formulas as MathML: nbconvert's reader, our renderer."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

OnHeading = Callable[[str, int], tuple[str, int]]


def render(source: str, on_heading: OnHeading) -> str:
    """HTML of a Markdown text; `on_heading(html, level)` gives each heading its id and level."""
    return str(MarkdownWithMath(renderer=_Renderer(on_heading)).render(source))


class _Renderer(IPythonRenderer):
    def __init__(self, on_heading: OnHeading) -> None:
        super().__init__(escape=False, exclude_anchor_links=True, allow_harmful_protocols=False)
        self.on_heading = on_heading

    def heading(self, text: str, level: int, **attributes: Any) -> str:
        name, level = self.on_heading(text, level)
        return f'<h{level} id="{name}">{text}</h{level}>\n'

    def table(self, text: str) -> str:
        return _box(f"<table>{text}</table>", "Table")

    def block_code(self, code: str, info: str | None = None) -> str:
        return _box(super().block_code(code, info), "Code")

    def inline_math(self, body: str) -> str:
        return mathml(body, "inline")

    def block_math(self, body: str) -> str:
        return _box(mathml(body, "block"), "Formula")

    def latex_environment(self, name: str, body: str) -> str:
        formula = f"\\begin{{{name}}}{body}\\end{{{name}}}"
        return _box(mathml(formula, "block"), "Formula")


def _box(html: str, label: str) -> str:
    """A box that scrolls sideways by itself, also by keyboard."""
    return f'<div class="scroll" tabindex="0" role="group" aria-label="{label}">{html}</div>\n'


def mathml(formula: str, display: str) -> str:
    """MathML of a LaTeX formula; the formula itself, as code, where it cannot be read."""
    from latex2mathml.converter import convert

    try:
        return str(convert(formula.strip(), display=display))
    except Exception:  # the reader has no base class of its own for what it cannot read
        return f"<code>{escape(formula)}</code>"
