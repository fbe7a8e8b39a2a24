"""A matplotlib figure as SVG: the same bytes every time, its text as text, with its alternative text inside."""

from __future__ import annotations

import base64
import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from html import escape
from typing import Any

MAX_MARKS = 1_500  # above this many marks vectors weigh more than pixels
PIXELS_PER_INCH = 160
NO_GLYPH = re.compile(r"Glyph (\d+) .*missing from ")  # how matplotlib warns of a character that no font has
UNDRAWN = (
    "Labels of this figure hold characters that no font of the machine that drew it has ({characters}); they are kept as text, and are "
    "seen where the page is opened if a font is there."
)
MOST_NAMED = 5  # characters


@contextmanager
def undrawn() -> Iterator[list[str]]:
    """Collects the characters that could not be drawn of the figures drawn inside; other warnings go on as they came."""
    missing: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield missing
    for each in caught:
        if found := NO_GLYPH.match(str(each.message)):
            missing.append(chr(int(found[1])))
        else:
            warnings.warn_explicit(each.message, each.category, each.filename, each.lineno)


def said_undrawn(missing: list[str]) -> str:
    """The sentence about characters that could not be drawn; empty where there are none.

    Examples
    --------
    >>> said_undrawn(["东", "东"])[-40:]
    'e the page is opened if a font is there.'
    """
    different = list(dict.fromkeys(missing))
    named = ", ".join(different[:MOST_NAMED]) + (", …" if len(different) > MOST_NAMED else "")
    return UNDRAWN.format(characters=named) if missing else ""


def figure_svg(figure: Any, title: str, description: str, room: Any = None) -> str:
    """The SVG text of a figure; artists with more than 1,500 marks are drawn as pixels inside it.

    `svg.hashsalt` and no metadata make the text the same in every run. Where it has been laid out, `room` is what `laid_out` gave.
    """
    import matplotlib as mpl

    from goodwill.figures.theme import FONTS

    _rasterize_crowds(figure)
    buffer = io.StringIO()
    no_metadata = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    engine = figure.get_layout_engine()
    settings: dict[Any, Any] = {"svg.hashsalt": "goodwill", "svg.fonttype": "none", "font.sans-serif": FONTS}
    settings |= {"figure.autolayout": False, "figure.constrained_layout.use": False}
    with mpl.rc_context(settings):
        room = (laid_out(figure) if room is None else room).padded(mpl.rcParams["savefig.pad_inches"])
        figure.set_layout_engine(None)  # all stands; with one, matplotlib would lay it out and draw it once more
        try:
            figure.savefig(buffer, format="svg", metadata=no_metadata, dpi=PIXELS_PER_INCH, bbox_inches=room)
        finally:
            figure.set_layout_engine(engine)
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :]
    end = svg.index(">") + 1
    said = f"<title>{escape(title)}</title>\n<desc>{escape(description)}</desc>"
    return f'{svg[: end - 1]} role="img">\n{said}{svg[end:]}'


def laid_out(figure: Any) -> Any:
    """Put everything of a figure in its place; the box, in inches, that holds it all."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.legend import Legend
    from matplotlib.offsetbox import AnchoredOffsetbox, AnnotationBbox

    engine, renderer = figure.get_layout_engine(), measuring(figure.dpi)
    vars(FigureCanvasAgg(figure)).update(get_renderer=lambda: renderer)
    try:
        if engine is None:
            figure.draw_without_rendering()
        else:  # of what is drawn, boxes alone place what is in them only then
            engine.execute(figure)
            with renderer._draw_disabled():
                for box in figure.findobj(lambda artist: isinstance(artist, (Legend, AnchoredOffsetbox, AnnotationBbox))):
                    box.draw(renderer)
        return figure.get_tightbbox(renderer)
    finally:
        FigureCanvasAgg(figure)  # on which it may still be drawn


@cache
def measuring(dpi: float) -> Any:
    """What tells how large a text is; one for all figures remembers what it told."""
    from matplotlib.backends.backend_agg import RendererAgg

    return RendererAgg(1, 1, dpi)


def figure_html(svg: str, caption: str, alt: str) -> str:
    """The figure for JupyterLab, which knows no alternative text for SVG and lets a wide one run out of its cell."""
    source = base64.b64encode(svg.encode()).decode()
    image = f'<img alt="{escape(alt)}" style="max-width:100%;height:auto" src="data:image/svg+xml;base64,{source}">'
    return f'<figure style="margin:0">{image}<figcaption>{escape(caption)}</figcaption></figure>'


def close(figure: Any) -> None:
    """Close a figure that pyplot keeps, so that it is not shown a second time."""
    import sys

    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close(figure)


def _rasterize_crowds(figure: Any) -> None:
    for axes in figure.axes:
        for artist in (*axes.collections, *axes.lines):
            if _marks(artist) > MAX_MARKS:
                artist.set_rasterized(True)
        if len(axes.patches) > MAX_MARKS:
            for patch in axes.patches:
                patch.set_rasterized(True)


def _marks(artist: Any) -> int:
    if hasattr(artist, "get_xdata"):
        has_marker = artist.get_marker() not in ("", " ", "None", "none", None)
        return len(artist.get_xdata()) if has_marker else 0
    if hasattr(artist, "get_coordinates"):  # a mesh: one mark a cell
        return int(artist.get_array().size)
    return max(len(artist.get_offsets()), len(artist.get_paths()))
