"""A second drawing of a figure, as wide as a phone can show with letters that can be read: panels stand below each other there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import combinations
from textwrap import fill
from typing import Any

from goodwill.reports.recording.pictures import figure_svg

# A phone's page leaves about 358 of its 390 pixels; at this width a letter of 8.5 points is 9 pixels high there.
WIDTH = 4.6  # inches
LETTERS = 8.4  # of a heading, an inch: fewer than of a wide one, for the last word of a line has less room
LINE = 0.22  # inches of a line of a heading
STACKED = 0.72  # of its height is what a panel needs that has the whole width


def narrow_svg(figure: Any, title: str, description: str) -> str | None:
    """The SVG of a figure drawn narrow; None where the figure is narrow as it is, is not laid out by itself, or its words would collide.

    The figure itself is left as it was.
    """
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    if figure.get_figwidth() <= WIDTH or not isinstance(figure.get_layout_engine(), ConstrainedLayoutEngine):
        return None
    before = collisions(figure)
    with _narrow(figure) as fits:
        return figure_svg(figure, title, description) if fits and collisions(figure) <= before else None


def collisions(figure: Any) -> int:
    """How many pairs of words in a drawing stand on each other, and words that run out of it."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    words = [box for box in _boxes(figure, canvas.get_renderer()) if box.width > 0]
    edge = figure.bbox
    out = sum(box.x0 < edge.x0 - 1 or box.x1 > edge.x1 + 1 for box in words)
    return out + sum(_overlap(one, other) for one, other in combinations(words, 2))


def _boxes(figure: Any, renderer: Any) -> Iterator[Any]:
    from matplotlib.text import Text

    unseen = {id(label) for axes in figure.axes for label in _not_drawn(axes)}
    for text in figure.findobj(Text):
        if text.get_visible() and text.get_text().strip() and id(text) not in unseen:
            yield text.get_window_extent(renderer)


def _not_drawn(axes: Any) -> Iterator[Any]:
    """Labels that an axes keeps and does not draw: all of one whose axes are off, and those of ticks beyond its limits."""
    for axis in (axes.xaxis, axes.yaxis):
        low, high = sorted(axis.get_view_interval())
        slack = 1e-9 * (high - low)
        for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
            inside = low - slack <= tick.get_loc() <= high + slack
            if not (axes.axison and axes.get_visible() and axis.get_visible() and tick.get_visible() and inside):
                yield from (tick.label1, tick.label2)
        if not (axes.axison and axes.get_visible()):
            yield axis.label


def _overlap(one: Any, other: Any) -> bool:
    """Whether two boxes share more than a sliver."""
    return min(one.x1, other.x1) - max(one.x0, other.x0) > 2 and min(one.y1, other.y1) - max(one.y0, other.y0) > 2


@contextmanager
def _narrow(figure: Any) -> Iterator[bool]:
    """The figure, narrow inside; whether its panels could be put below each other."""
    undo: list[Callable[[], object]] = []
    width, height = figure.get_size_inches()
    undo.append(partial(figure.set_size_inches, width, height))
    wide_lines, lines = _heading(figure, undo)
    panels = _in_one_row(figure)
    body = height - LINE * wide_lines
    if len(panels) > 1:
        _stack(figure, panels, undo)
        body *= STACKED * len(panels)
    for legend in figure.legends:
        if legend._outside_loc in ("left", "right"):
            undo.append(partial(legend.set_loc, f"outside {legend._outside_loc} center"))
            legend.set_loc("outside lower center")
            body += 0.2 * len(legend.get_texts())
    figure.set_size_inches(WIDTH, body + LINE * lines)
    try:
        yield len(panels) > 0
    finally:
        for step in reversed(undo):
            step()


def _heading(figure: Any, undo: list[Callable[[], object]]) -> tuple[int, int]:
    """Break the heading anew; how many lines it had and has."""
    heading = figure._suptitle
    if heading is None or not heading.get_text():
        return 0, 0
    wide = heading.get_text()
    undo.append(partial(heading.set_text, wide))
    heading.set_text(fill(" ".join(wide.split()), int(WIDTH * LETTERS)))
    return wide.count("\n") + 1, heading.get_text().count("\n") + 1


def _in_one_row(figure: Any) -> list[Any]:
    """The panels of a figure from left to right (one that has a scale of colours beside it counts once); none when they are a grid."""
    panels = [axes for axes in figure.axes if axes.get_visible() and not hasattr(axes, "_colorbar")]
    grids = {id(axes.get_gridspec()) for axes in panels if axes.get_subplotspec() is not None}
    if len(panels) == 1:
        return panels
    if len(grids) != 1 or any(axes.get_subplotspec() is None for axes in panels):
        return []
    rows, columns = panels[0].get_gridspec().get_geometry()
    return panels if rows == 1 and columns == len(panels) else []


def _stack(figure: Any, panels: list[Any], undo: list[Callable[[], object]]) -> None:
    """Put panels below each other, and give those that read their labels from the first a copy of them."""
    grid = figure.add_gridspec(len(panels), 1)
    labels = [tick.get_text() for tick in panels[0].get_yticklabels()]
    for place, axes in enumerate(panels):
        undo.append(partial(axes.set_subplotspec, axes.get_subplotspec()))
        axes.set_subplotspec(grid[place])
        own = [tick.get_text() for tick in axes.get_yticklabels()]
        if place and any(labels) and not any(own) and len(own) == len(labels):
            undo.append(partial(axes.set_yticks, axes.get_yticks(), own))
            axes.set_yticks(axes.get_yticks(), labels)
