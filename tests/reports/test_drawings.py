"""A figure on the page: its words are text, its ids are its own, nothing but a drawing is let in, and a narrow one stands beside it."""

from __future__ import annotations

import io
import re
import warnings

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox
from PIL import Image

from goodwill.figures import theme
from goodwill.reports.pages.drawings import inline
from goodwill.reports.pages.outputs import Pieces
from goodwill.reports.recording.output import MIME
from goodwill.reports.recording.pictures import figure_svg, laid_out
from goodwill.reports.recording.small_pictures import WIDTH, _overlap, collisions, narrow_svg

TITLE = "Two in five one-time buyers of the first quarter never come back, whatever is sent to them"


def drawn(columns: int = 1, width: float = 8.0) -> Figure:
    with theme.themed():
        figure, axes = theme.panels(columns, width=width)
        for place, one in enumerate(axes):
            one.barh(["first buyers", "regular buyers"], [place + 1, 2])
            one.set_xlabel("customers")
            if place:
                one.set_yticks([0, 1], ["", ""])
        theme.headline(axes, TITLE)
    return figure


def inches(svg: str) -> float:
    found = re.search(r'width="([\d.]+)pt"', svg)
    assert found is not None
    return float(found[1]) / 72


def page_of(svg: str, **more: str) -> str:
    result = {"kind": "figure", "name": "buyers", "caption": "Buyers", "alt": "Two bars of equal length", **more}
    data = {"output_type": "display_data", "data": {MIME: result, "image/svg+xml": svg}, "metadata": {}}
    return Pieces().output(data)


def test_words_of_a_figure_are_text_on_the_page_with_the_fonts_of_the_reader() -> None:
    shown = page_of(figure_svg(drawn(), "Buyers", "Two bars"))
    assert "regular buyers</text>" in shown
    assert "'DejaVu Sans', 'Verdana', 'Segoe UI'" in shown.replace("&#x27;", "'")
    assert '<svg xmlns="http://www.w3.org/2000/svg"' in shown
    assert 'aria-label="Two bars of equal length"' in shown
    assert "<img" not in shown


def test_ids_of_two_figures_never_meet_and_only_those_that_are_used_are_kept() -> None:
    svg = figure_svg(drawn(), "Buyers", "Two bars")
    one, other = inline(svg, "one", "a"), inline(svg, "other", "a")
    assert one and other
    ids = [set(re.findall(r' id="([^"]+)"', text)) for text in (one, other)]
    assert ids[0] and not ids[0] & ids[1]
    for text, known in zip((one, other), ids, strict=True):
        used = {*re.findall(r"url\(#([^)]+)\)", text), *re.findall(r'href="#([^"]+)"', text)}
        assert used == known
    assert len(one) < len(svg)


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        '<rect onload="alert(1)"/>',
        "<foreignObject/>",
        '<a href="https://else.example"><text>x</text></a>',
        '<image href="https://else.example/x.png"/>',
        '<use href="https://else.example/x.svg#a"/>',
        '<rect style="fill:url(https://else.example/x)"/>',
        '<rect style="position:fixed"/>',
        '<rect class="skip"/>',
        '<set attributeName="href" to="javascript:alert(1)"/>',
        '<html:div xmlns:html="http://www.w3.org/1999/xhtml"/>',
    ],
)
def test_what_holds_more_than_a_drawing_is_shown_as_an_image_in_which_nothing_runs(inside: str) -> None:
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="9pt" height="9pt">{inside}</svg>'
    assert inline(svg, "x", "x") is None
    shown = page_of(svg)
    assert "<svg" not in shown
    assert 'src="data:image/svg+xml;base64,' in shown


def test_words_of_a_hostile_figure_stay_words() -> None:
    svg = '<svg xmlns="http://www.w3.org/2000/svg"><text>&lt;script&gt;alert(1)&lt;/script&gt;</text></svg>'
    assert "<text>&lt;script&gt;alert(1)&lt;/script&gt;</text>" in page_of(svg)


def test_a_style_sheet_of_a_drawing_does_not_reach_the_page() -> None:
    svg = '<svg xmlns="http://www.w3.org/2000/svg"><defs><style>*{display:none}</style></defs><text>a</text></svg>'
    assert "display:none" not in page_of(svg)


@pytest.mark.slow
def test_a_wide_figure_is_drawn_narrow_too_and_is_left_as_it_was() -> None:
    figure = drawn()
    size, heading = figure.get_size_inches().tolist(), figure._suptitle.get_text()  # type: ignore[attr-defined]
    before = figure_svg(figure, "", "")
    narrow = narrow_svg(figure, "Buyers", "Two bars")
    assert narrow is not None
    assert inches(narrow) <= WIDTH + 0.2
    assert figure.get_size_inches().tolist() == size
    assert figure._suptitle.get_text() == heading  # type: ignore[attr-defined]
    assert figure_svg(figure, "", "") == before


@pytest.mark.slow
def test_panels_side_by_side_stand_below_each_other_when_narrow_and_each_has_its_labels() -> None:
    figure = drawn(3, 12.0)
    assert figure_svg(figure, "", "").count("regular buyers") == 1
    narrow = narrow_svg(figure, "", "")
    assert narrow is not None
    assert narrow.count("regular buyers</text>") == 3
    tops = sorted(axes.get_position().y0 for axes in figure.axes)
    assert tops[0] == pytest.approx(tops[-1])  # side by side again


@pytest.mark.slow
def test_a_grid_of_panels_stands_below_each_other_with_labels_for_each() -> None:
    with theme.themed():
        figure = Figure(figsize=(8, 6), layout="constrained")
        grid = figure.subplots(2, 2, sharex=True, sharey=True).ravel()
        for axes in grid:
            axes.plot([0, 1], [0, 900])
            axes.set(xlabel="weeks", ylabel="customers")
            axes.label_outer()
    assert figure_svg(figure, "", "").count(">800<") == 2
    narrow = narrow_svg(figure, "", "")
    assert narrow is not None
    assert narrow.count(">800<") == 4
    assert figure_svg(figure, "", "").count(">800<") == 2


def test_long_words_below_a_panel_are_broken_when_narrow() -> None:
    with theme.themed():
        figure, (one,) = theme.panels(width=8.0)
        one.barh(["a long name of a segment", "another long name"], [1, 2])
        one.set_xlabel("share of later spend with the top tenth of customers, 95 % intervals")
    narrow = narrow_svg(figure, "", "")
    assert narrow is not None
    assert "share of later spend with<" in narrow
    assert one.get_xlabel() == "share of later spend with the top tenth of customers, 95 % intervals"


@pytest.mark.slow
def test_names_below_a_panel_are_slanted_where_they_would_stand_on_each_other() -> None:
    with theme.themed():
        figure, (one,) = theme.panels(width=8.0)
        one.bar([f"level {n} to {n + 1}" for n in range(8)], range(8))
    assert "rotate(-40)" not in figure_svg(figure, "", "")
    narrow = narrow_svg(figure, "", "")
    assert narrow is not None
    assert "rotate(-40" in narrow
    assert "rotate(-40" not in figure_svg(figure, "", "")


@pytest.mark.slow
def test_numbers_below_a_panel_that_would_touch_are_slanted_too() -> None:
    with theme.themed():
        figure, (one,) = theme.panels(width=8.0)
        one.bar(range(10), range(10))
        one.set_xticks(range(10), [f"{n + 1}\n{10000 + 111 * n:,}" for n in range(10)], fontsize=8)
    narrow = narrow_svg(figure, "", "")
    assert narrow is not None
    assert "rotate(-40" in narrow
    gap = [
        Bbox.from_extents(0, 0, 10, 8),
        Bbox.from_extents(11, 0, 20, 8),
        Bbox.from_extents(13, 0, 20, 8),
        Bbox.from_extents(9, 6, 20, 14),
    ]
    assert [_overlap(gap[0], other) for other in gap[1:]] == [True, False, False]


@pytest.mark.slow
def test_a_legend_of_several_columns_has_one_when_narrow() -> None:
    with theme.themed():
        figure, (one,) = theme.panels(width=8.0)
        for name in ("those who answered", "those who did not", "all who were asked"):
            one.plot([1, 2], label=f"a share of {name}")
        theme.legend_beside([one], loc="outside lower center", ncols=3, fontsize=7)
    narrow = narrow_svg(figure, "", "")
    assert narrow is not None
    assert [legend._ncols for legend in figure.legends] == [3]  # type: ignore[attr-defined]
    assert figure.legends[0].get_visible()


@pytest.mark.slow
def test_no_narrow_drawing_where_words_would_collide() -> None:
    with theme.themed():
        figure, (one,) = theme.panels(width=11.0)
        for place in range(5):
            one.text(0.02 + 0.2 * place, 0.5, f"a long name of segment {place}", transform=one.transAxes, fontsize=8)
    assert collisions(figure) == 0
    assert narrow_svg(figure, "", "") is None


def test_no_narrow_drawing_and_no_warning_where_words_leave_no_room_for_the_panel() -> None:
    with theme.themed():
        figure, (one,) = theme.panels(width=11.0)
        one.barh(["the name of a comparison that takes more room than a phone is wide", "short"], [1, 2])
    assert collisions(figure) == 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert narrow_svg(figure, "", "") is None


def test_no_narrow_drawing_of_a_figure_that_is_narrow_or_not_laid_out_by_itself() -> None:
    assert narrow_svg(drawn(width=4.0), "", "") is None
    plain = Figure(figsize=(9, 4))
    plain.subplots()
    assert narrow_svg(plain, "", "") is None


@pytest.mark.slow
def test_the_page_holds_both_drawings_and_one_where_there_is_one() -> None:
    figure = drawn()
    svg, narrow = figure_svg(figure, "", ""), narrow_svg(figure, "", "")
    assert narrow is not None
    both = page_of(svg, narrow=narrow)
    assert both.count("<svg") == 2
    assert '<figure class="picture two"' in both
    assert page_of(svg).count("<svg") == 1


def test_no_warning_of_fonts_that_are_not_there(caplog: pytest.LogCaptureFixture) -> None:
    with mpl.rc_context():
        figure_svg(drawn(), "", "")
    assert caplog.records == []


def test_a_drawn_figure_is_laid_out_by_itself_as_before() -> None:
    with theme.themed():
        figure, _ = theme.panels(width=11.0)
    engine = figure.get_layout_engine()
    figure_svg(figure, "", "")
    assert engine is not None and figure.get_layout_engine() is engine


def test_a_drawn_figure_can_still_be_saved_at_its_size() -> None:
    figure = drawn(width=6.0)
    figure_svg(figure, "", "")
    collisions(figure)
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=50)
    assert Image.open(picture).size[0] == 300


@pytest.mark.parametrize("legend", [False, True])
def test_words_are_where_a_whole_drawing_puts_them(legend: bool) -> None:
    figure = drawn(width=6.0)
    if legend:
        figure.legend(["a line"], loc="outside lower center")
    box = laid_out(figure).bounds
    figure.draw_without_rendering()
    np.testing.assert_allclose(box, figure.get_tightbbox().bounds, atol=1e-9)
