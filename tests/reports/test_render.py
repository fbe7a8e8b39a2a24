from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from goodwill.reports.pages.outputs import Pieces
from goodwill.reports.pages.render import headline_entry
from goodwill.reports.recording.output import MIME

from .conftest import Built


class Page(HTMLParser):
    """Start tags with their attributes, and the text in between."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words.append(data)

    def all(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag == name]


@pytest.fixture(scope="module")
def page(built: Built) -> Page:
    return Page(built.page)


def test_nothing_is_asked_of_the_network(built: Built, page: Page):
    for _, attributes in page.tags:
        assert not re.match(r"(https?:)?//", attributes.get("src") or "data:")
    assert not page.all("link")
    assert not re.search(r"url\((?!#)", built.page)  # inside a drawing one part may refer to another
    assert "default-src 'none'" in built.page


def test_every_figure_has_alternative_text_and_a_numbered_caption(built: Built, page: Page):
    drawings = [drawing for drawing in page.all("svg") if drawing.get("role") == "img"]
    assert {drawing["aria-label"] for drawing in drawings} == {'A line that rises from 1 to 5 "purchases".'}
    assert page.all("img") == []
    assert "<figcaption><b>Figure 1.</b> Purchases by week" in built.page


def test_the_page_has_one_main_heading_a_language_and_a_way_past_the_contents(page: Page):
    assert len(page.all("h1")) == 1
    assert len(page.all("main")) == 1
    assert page.all("html") == [{"lang": "en"}]
    assert {"class": "skip", "href": "#main"} in page.all("a")


def test_every_id_is_there_once_and_every_link_inside_the_page_has_its_target(page: Page):
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {a["href"][1:] for a in page.all("a") if a["href"].startswith("#")} <= set(ids)


def test_key_results_come_first_in_the_promised_order(built: Built):
    start = built.page.index('class="summary"')
    places = [built.page.index(text, start) for text in ("1,650 <small>purchases", "43.2%", "−1,234,568 <small>USD", "not available")]
    assert places == sorted(places)
    assert places[-1] < built.page.index("Every number has an interval</h2>")


def test_data_never_become_markup(built: Built, page: Page):
    assert len(page.all("script")) == 1
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    words = "".join(page.words)
    for text in ("<script>alert(1)</script>", "<script>alert(2)</script>", "<img src=x onerror=alert(3)>", "<b>Best</b> customer"):
        assert text in words


def test_formulas_are_mathml_and_code_is_folded(built: Built, page: Page):
    assert len(page.all("math")) == 2
    assert "| $5 and $6 *x*" in "".join(page.words)
    assert built.page.count('<details class="code">') == len(re.findall("<summary>Code</summary>", built.page))


def test_tables_have_captions_and_can_be_downloaded(built: Built, page: Page):
    assert "<caption><span><b>Table 1.</b> Customers &lt;b&gt;by&lt;/b&gt; spend</span></caption>" in built.page
    download = next(a for a in page.all("a") if a.get("download") == "customers.csv")
    assert download["href"].startswith("data:text/csv")


def test_parameters_stand_against_their_defaults(built: Built):
    row = built.page.partition("<code>horizon</code></th>")[2].partition("</tr>")[0]
    assert 'data-label="Value"><span><strong>26</strong> (changed)</span></td>' in row
    assert 'data-label="Default"><span>52</span></td>' in row


def test_the_page_is_small(built: Built):
    assert len(built.page.encode()) < 200_000


def test_a_formula_that_cannot_be_read_is_shown_as_it_was_written():
    assert "<code>" in Pieces().markdown(r"$\left( x$") or "<math" in Pieces().markdown(r"$\left( x$")


def test_a_second_main_heading_becomes_a_section():
    pieces = Pieces()
    assert "<h1" in pieces.markdown("# One")
    assert "<h2" in pieces.markdown("# Two")


def test_a_missing_value_shows_its_reason():
    record = {"value": None, "reason": "no data", "interval": None, "label": "x", "unit": None}
    assert headline_entry(record) == {"label": "x", "value": "not available", "unit": "", "more": "no data", "trust": []}


def test_a_result_that_a_sentence_quotes_has_no_line_of_its_own() -> None:
    recorded = {"kind": "record", "name": "total", "value": 3}

    def shown(result: dict) -> dict:
        return {"output_type": "display_data", "metadata": {}, "data": {MIME: result, "text/markdown": f"{result['kind']} of 3"}}

    quoted = [{"outputs": [shown(recorded)]}, {"outputs": [shown({"kind": "said", "names": ["total"]})]}]
    assert Pieces(quoted).output(shown(recorded)) == ""
    assert "record of 3" in Pieces(quoted[:1]).output(shown(recorded))


def test_plain_code_of_markdown_scrolls_by_itself() -> None:
    page = Pieces().markdown("```\ngoodwill run 01\n```")
    assert page.startswith('<div class="scroll" tabindex="0" role="group" aria-label="Code"><pre>') and "goodwill run 01" in page
