"""The cells and outputs of a notebook as pieces of HTML."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import quote

from goodwill.reports.pages.drawings import inline
from goodwill.reports.pages.explorers import explorer_html
from goodwill.reports.recording.execution import skip_slow_import
from goodwill.reports.recording.extract import ANSI, text
from goodwill.reports.recording.output import MIME

MAX_EMBEDDED_CSV = 200_000  # characters; a larger table is linked from its file
IN_SHORT = "In-short"  # what JupyterLab calls the heading, so that one link works in both
SAID = ("said", "absent")
COMMANDS = re.compile(r"<(?=\s*/?\s*(?:meta|base|link)\b)", re.IGNORECASE)
CAPTION = re.compile("<caption[^>]*>(.*?)</caption>", re.DOTALL)


class Pieces:
    """Turns cells into HTML, counting figures and tables and collecting headings on the way.

    A result that a sentence of the notebook quotes, or whose absence it explains, is not shown on a line of its own as well.
    """

    def __init__(self, cells: Sequence[Mapping[str, Any]] = ()) -> None:
        results = [output.get("data", {}).get(MIME, {}) for cell in cells for output in cell.get("outputs", ())]
        self._quoted = {name for result in results if result.get("kind") in SAID for name in result.get("names", ())}
        self.headings: list[dict[str, Any]] = []
        self.title = ""
        self.exhibits: list[dict[str, str]] = []
        self.figures = self.tables = 0
        self._ids: set[str] = {"main", "made", "key-results", "terms"}
        self._next_id = ""

    def cell(self, cell: Mapping[str, Any]) -> str:
        """One cell: its text, or its code folded away and its outputs."""
        source, tags = text(cell["source"]), cell["metadata"].get("tags", [])
        if cell["cell_type"] == "markdown":
            return self.markdown(source)
        if cell["cell_type"] != "code" or not source.strip():
            return ""
        code = "" if "remove-input" in tags else _code(source)
        return code + "\n".join(filter(None, (self.output(output) for output in cell["outputs"])))

    def in_short(self, cells: Sequence[Mapping[str, Any]]) -> str:
        """The section that opens the page: its heading, what is said, then its figure, and the code at its end."""
        self._next_id = IN_SHORT
        words = [self.markdown(text(cell["source"])) for cell in cells if cell["cell_type"] == "markdown"]
        if self._next_id:
            words.insert(0, self.markdown("## In short"))
        codes = [cell for cell in cells if cell["cell_type"] == "code" and text(cell["source"]).strip()]
        outputs = sorted((output for cell in codes for output in cell["outputs"]), key=lambda output: _kind(output) not in SAID)
        hidden = [cell for cell in codes if "remove-input" not in cell["metadata"].get("tags", [])]
        return "\n".join(filter(None, [*words, *map(self.output, outputs), *(_code(text(cell["source"])) for cell in hidden)]))

    def output(self, output: Mapping[str, Any]) -> str:
        """One output of a code cell."""
        if output["output_type"] == "stream":
            body = f'<pre class="output">{escape(ANSI.sub("", text(output["text"])))}</pre>'
            if output["name"] == "stderr":
                return f'<details class="messages"><summary>Messages</summary>{_scroll(body, "Messages")}</details>'
            return _scroll(body, "Output")
        if "data" not in output:
            return ""
        data: dict[str, Any] = {kind: value if kind.endswith("json") else text(value) for kind, value in output["data"].items()}
        result = data.get(MIME)
        if result is None:
            return self._plain_output(data, output.get("metadata", {}))
        # The page has a panel for the parameters, and sentences for most results.
        if result["kind"] == "start" or (result["kind"] == "record" and result["name"] in self._quoted):
            return ""
        if result["kind"] == "table":
            return self._table(without_commands(data["text/html"]), result)
        if result["kind"] == "figure":
            return self._figure(data["image/svg+xml"], result)
        if result["kind"] == "explorer":
            return explorer_html(result)
        kind = result["kind"] if result["kind"] in SAID else "result"
        return f'<div class="{kind}">{self.markdown(data["text/markdown"])}</div>'

    def markdown(self, source: str) -> str:
        """Markdown with formulas as MathML."""
        skip_slow_import()
        from goodwill.reports.pages.markdown import render

        return without_commands(render(source, self._heading))

    def _heading(self, html: str, level: int) -> tuple[str, int]:
        """The id of a heading and its level on the page, where only the first may be of level 1."""
        plain = re.sub(r"<[^>]+>", "", html)
        if level == 1 and not self.title:
            self.title = plain
        elif level == 1:
            level = 2
        if self._next_id:
            level = 2
        base, self._next_id = self._next_id or re.sub(r"\W+", "-", plain.lower()).strip("-") or "section", ""
        name = next(c for c in (base, *(f"{base}-{n}" for n in range(2, 1000))) if c not in self._ids)
        self._ids.add(name)
        self.headings.append({"level": level, "id": name, "html": plain_markup(html)})
        return name, level

    def _figure(self, svg: str, result: Mapping[str, Any]) -> str:
        self.figures += 1
        number = self.figures
        self.exhibits.append({"id": f"figure-{result['name']}", "number": f"Figure {number}", "caption": result["caption"]})
        drawing, kind = self._drawing(svg, result)
        kind += " tall" if _is_tall(svg) else ""
        caption = f"<figcaption><b>Figure {number}.</b> {escape(result['caption'])}</figcaption>"
        return f'<figure class="{kind}" id="figure-{result["name"]}">{_scroll(drawing, f"Figure {number}")}{caption}</figure>'

    def _drawing(self, svg: str, result: Mapping[str, Any]) -> tuple[str, str]:
        """The drawing, and a second one for narrow screens where there is one; one that is more than a drawing as an image."""
        wide = inline(svg, f"fig-{result['name']}", result["alt"])
        if wide is None:
            return _image(svg, "image/svg+xml", result["alt"]), "picture"
        narrow = inline(text(result["narrow"]), f"small-{result['name']}", result["alt"]) if result.get("narrow") else None
        if narrow is None:
            return wide, "picture"
        return f'<div class="wide">{wide}</div><div class="narrow">{narrow}</div>', "picture two"

    def _table(self, html: str, result: Mapping[str, Any]) -> str:
        self.tables += 1
        self.exhibits.append({"id": f"table-{result['name']}", "number": f"Table {self.tables}", "caption": result["caption"]})
        html = CAPTION.sub(rf"<caption><span><b>Table {self.tables}.</b> \1</span></caption>", html, count=1)
        fits = len(result["csv"]) <= MAX_EMBEDDED_CSV
        target = f"data:text/csv;charset=utf-8,{quote(result['csv'])}" if fits else f"tables/{result['name']}.csv"
        link = f'<p class="download"><a download="{result["name"]}.csv" href="{target}">Download as CSV</a> ({result["rows"]:,} rows)</p>'
        return f'<div class="tabular" id="table-{result["name"]}">{_scroll(html, f"Table {self.tables}")}{link}</div>'

    def _plain_output(self, data: Mapping[str, Any], metadata: Mapping[str, Any]) -> str:
        """What a notebook shows without recording it: the richest form that needs no script."""
        for kind in ("image/svg+xml", "image/png", "image/jpeg"):
            if kind in data:
                alt = metadata.get(kind, {}).get("alt", "A figure that the notebook does not describe")
                return f'<figure class="picture">{_scroll(_image(data[kind], kind, alt), "Figure")}</figure>'
        if "text/html" in data:
            return _scroll(without_commands(data["text/html"]), "Output")
        for kind in ("text/markdown", "text/latex"):
            if kind in data:
                return self.markdown(data[kind])
        return _scroll(f'<pre class="output">{escape(data["text/plain"])}</pre>', "Output") if "text/plain" in data else ""


def without_commands(html: str) -> str:
    """HTML of a notebook without the tags that command the page around it: `<meta>` (which can lead elsewhere), `<base>`, `<link>`.

    Examples
    --------
    >>> without_commands('<b>x</b><meta http-equiv="refresh" content="0;url=https://else.example">')
    '<b>x</b>&lt;meta http-equiv="refresh" content="0;url=https://else.example">'
    """
    return COMMANDS.sub("&lt;", html)


def _kind(output: Mapping[str, Any]) -> str:
    return str(output.get("data", {}).get(MIME, {}).get("kind", ""))


def plain_markup(html: str) -> Any:
    """The words of a heading, for the contents list: without tags, entities kept."""
    from markupsafe import Markup

    return Markup(re.sub(r"<[^>]+>", "", html))


def _points(svg: str) -> dict[str, float]:
    """Width and height of a drawing in points, where it says so."""
    tag = svg[: svg.find(">", svg.find("<svg"))]
    return {side: float(match[1]) for side in ("width", "height") if (match := re.search(rf'\b{side}="([\d.]+)pt"', tag))}


def _is_tall(svg: str) -> bool:
    """Whether a drawing is about as high as it is wide, or higher: on paper it gets more room."""
    size = _points(svg)
    return len(size) == 2 and size["height"] > 0.85 * size["width"]


def _image(body: str, kind: str, alt: str) -> str:
    """An `<img>` with the picture inside; SVG with its size in CSS pixels, so that the page does not jump."""
    is_svg = kind == "image/svg+xml"
    encoded = base64.b64encode(body.encode()).decode() if is_svg else body.replace("\n", "")
    shape = "".join(f' {side}="{size * 4 / 3:.0f}"' for side, size in _points(body).items()) if is_svg else ""
    return f'<img alt="{escape(alt)}"{shape} src="data:{kind};base64,{encoded}">'


def _scroll(html: str, label: str) -> str:
    """A box that scrolls sideways by itself, also by keyboard, so that the page never does."""
    return f'<div class="scroll" tabindex="0" role="group" aria-label="{escape(label)}">{html}</div>'


def _code(source: str) -> str:
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    html = highlight(source, PythonLexer(), HtmlFormatter())
    return f'<details class="code"><summary>Code</summary>{_scroll(html, "Code")}</details>\n'
