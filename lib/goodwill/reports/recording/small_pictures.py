"""A second drawing of a figure, as wide as a phone can show with letters that can be read: panels stand below each other there."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import combinations
from textwrap import fill
from typing import Any

from goodwill.reports.recording.pictures import figure_svg, laid_out, measuring

# A phone's page leaves about 358 of its 390 pixels; at this width a letter of 8 points is 9 pixels high there.
WIDTH = 4.3  # inches
LABEL = 28  # letters of a line below a panel
LETTERS = 8.4  # of a heading, an inch: fewer than of a wide one, for the last word of a line has less room
LINE = 0.22  # inches of a line of a heading
ENTRY = 0.2  # inches of an entry of a legend
SLANT = 40  # degrees
MOST_PANELS = 6
GAP = 2  # pixels between words on one line
WITHOUT_ROOM = 1_000_000  # collisions of a drawing whose words leave no room for its panels
STACKED = 0.72  # of its height is what a panel needs that has the whole width


def narrow_svg(figure: Any, title: str, description: str) -> str | None:
    """The SVG of a figure drawn narrow; None where the figure is narrow as it is, is not laid out by itself, or its words would collide.

    The figure itself is left as it was.
    """
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    if figure.get_figwidth() <= WIDTH or not isinstance(figure.get_layout_engine(), ConstrainedLayoutEngine):
        return None
    with _narrow(figure) as fits:
        if not fits:
            return None
        narrow, room = _looked_at(figure)
        if not narrow:
            return figure_svg(figure, title, description, room)
    before = collisions(figure)
    with _narrow(figure):
        if narrow <= before:
            return figure_svg(figure, title, description)
        with _turned(figure):
            turned, room = _looked_at(figure)
            return figure_svg(figure, title, description, room) if turned <= before else None


def collisions(figure: Any) -> int:
    """How many pairs of words in a drawing stand on each other, and words that run out of it; no end of them where no room is left."""
    return _looked_at(figure)[0]


def _looked_at(figure: Any) -> tuple[int, Any]:
    """The collisions of a figure, and the room that it takes (`laid_out`)."""
    with warnings.catch_warnings():
        warnings.filterwarnings("error", "constrained_layout not applied")
        try:
            room = laid_out(figure)
        except UserWarning:
            return WITHOUT_ROOM, None
    words = [box for box in _boxes(figure, measuring(figure.dpi)) if box.width > 0]
    edge = figure.bbox
    out = sum(box.x0 < edge.x0 - 1 or box.x1 > edge.x1 + 1 for box in words)
    return out + sum(_overlap(one, other) for one, other in combinations(words, 2)), room


def _boxes(figure: Any, renderer: Any) -> Iterator[Any]:
    from matplotlib.text import Text

    unseen = {id(label) for axes in figure.axes for label in _not_drawn(axes)}
    of_hidden = {id(text) for legend in figure.legends if not legend.get_visible() for text in legend.get_texts()}
    for text in figure.findobj(Text):
        if text.get_visible() and text.get_text().strip() and id(text) not in unseen and id(text) not in of_hidden:
            yield _room(text, text.get_window_extent(renderer))


def _room(text: Any, box: Any) -> Any:
    """The room that words take from their neighbours: slanted ones lie beside each other, closer than their boxes."""
    slant = math.radians(text.get_rotation() % 180)
    if min(slant, math.pi - slant) < 0.1 or abs(slant - math.pi / 2) < 0.1:
        return box
    from matplotlib.transforms import Bbox

    half = text.get_fontsize() * text.figure.dpi / 72 / math.sin(slant) / 2
    middle = (box.x0 + box.x1) / 2
    return Bbox.from_extents(middle - half, box.y0, middle + half, box.y1)


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
    """Whether two boxes share more than a sliver, or stand on one line without a gap, so that two numbers read as one."""
    across, down = (min(one.x1, other.x1) - max(one.x0, other.x0), min(one.y1, other.y1) - max(one.y0, other.y0))
    on_one_line = down > 0.8 * max(one.height, other.height)
    return down > 2 and across > (-GAP if on_one_line else 2)


@contextmanager
def _narrow(figure: Any) -> Iterator[bool]:
    """The figure, narrow inside; whether its panels could be put below each other."""
    undo: list[Callable[[], object]] = []
    width, height = figure.get_size_inches()
    undo.append(partial(figure.set_size_inches, width, height))
    wide_lines, lines = _heading(figure, undo)
    panels, rows = _panels(figure)
    body = height - LINE * wide_lines
    if len(panels) > 1:
        _stack(figure, panels, undo)
        body *= STACKED * len(panels) / rows
    for legend in list(figure.legends):
        if legend._outside_loc in ("left", "right"):
            undo.append(partial(legend.set_loc, f"outside {legend._outside_loc} center"))
            legend.set_loc("outside lower center")
            body += ENTRY * len(legend.get_texts())
        elif legend._ncols > 1:
            body += ENTRY * (len(legend.get_texts()) - len(legend.get_texts()) / legend._ncols)
            _in_one_column(figure, legend, undo)
    body += LINE * sum(_broken(axes.xaxis.label, undo) for axes in panels)
    figure.set_size_inches(WIDTH, body + LINE * lines)
    try:
        yield len(panels) > 0
    finally:
        for step in reversed(undo):
            step()


def _in_one_column(figure: Any, legend: Any, undo: list[Callable[[], object]]) -> None:
    """A legend with an entry a line in place of this one, which cannot be told otherwise once it is laid out."""
    words = legend.get_texts()
    size, loc = words[0].get_fontsize(), f"outside {legend._outside_loc} center" if legend._outside_loc else "lower center"
    single = figure.legend(legend.legend_handles, [text.get_text() for text in words], loc=loc, ncols=1, fontsize=size, frameon=False)
    for show, hide in ((legend.set_visible, False), (legend.set_in_layout, False)):
        undo.append(partial(show, not hide))
        show(hide)
    undo.append(single.remove)


@contextmanager
def _turned(figure: Any) -> Iterator[None]:
    """The names below the panels slanted inside, where they would stand on each other."""
    turned = [axes for axes in figure.axes if len(axes.get_xticklabels()) and not hasattr(axes, "_colorbar")]
    for axes in turned:
        axes.tick_params(axis="x", labelrotation=SLANT)
    try:
        yield
    finally:
        for axes in turned:
            axes.tick_params(axis="x", labelrotation=0)


def _broken(label: Any, undo: list[Callable[[], object]]) -> int:
    """Break the words below a panel; how many lines they have more."""
    wide = label.get_text()
    undo.append(partial(label.set_text, wide))
    label.set_text("\n".join(fill(line, LABEL) for line in wide.split("\n")))
    return label.get_text().count("\n") - wide.count("\n")


def _heading(figure: Any, undo: list[Callable[[], object]]) -> tuple[int, int]:
    """Break the heading anew; how many lines it had and has."""
    heading = figure._suptitle
    if heading is None or not heading.get_text():
        return 0, 0
    wide = heading.get_text()
    undo.append(partial(heading.set_text, wide))
    heading.set_text(fill(" ".join(wide.split()), int(WIDTH * LETTERS)))
    return wide.count("\n") + 1, heading.get_text().count("\n") + 1


def _panels(figure: Any) -> tuple[list[Any], int]:
    """The panels of a figure in reading order, and how many rows they stand in; none where they are not one whole grid of a few.

    A scale of colours beside a panel is none.
    """
    shown = [axes for axes in figure.axes if not hasattr(axes, "_colorbar")]
    if len(shown) == 1:
        return shown, 1
    specs = [axes.get_subplotspec() for axes in shown]
    if any(spec is None for spec in specs) or len({id(spec.get_gridspec()) for spec in specs}) != 1:
        return [], 1
    rows, columns = specs[0].get_gridspec().get_geometry()
    whole = rows * columns == len(shown) and all(axes.get_visible() for axes in shown)
    return (shown, rows) if whole and len(shown) <= MOST_PANELS else ([], rows)


def _stack(figure: Any, panels: list[Any], undo: list[Callable[[], object]]) -> None:
    """Put panels below each other, and give those that read their labels from the first a copy of them."""
    grid = figure.add_gridspec(len(panels), 1)
    labels = [tick.get_text() for tick in panels[0].get_yticklabels()]
    for place, axes in enumerate(panels):
        undo.append(partial(axes.set_subplotspec, axes.get_subplotspec()))
        axes.set_subplotspec(grid[place])
        own = [tick.get_text() for tick in axes.get_yticklabels()]
        if not axes.yaxis.get_tick_params().get("labelleft", True):  # it stood beside one that had them
            undo.append(partial(axes.tick_params, axis="y", labelleft=False))
            axes.tick_params(axis="y", labelleft=True)
        if place and any(labels) and not any(own) and len(own) == len(labels):
            undo.append(partial(axes.set_yticks, axes.get_yticks(), own))
            axes.set_yticks(axes.get_yticks(), labels)
