"""One look for all figures, built on seaborn: quiet axes, a palette that the colour-blind can read, a title that says the finding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np

from goodwill.errors import UsageError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# After Okabe & Ito (2008), darkened where needed for a contrast of 3:1 on white.
INK = "#1f2430"
MODEL = "#0060a8"
BAND = "#b5d3ea"
ACCENT = "#b84700"
OTHER = "#007a5e"
NAIVE = "#767b86"
GRID = "#e3e6ea"

# Text of a drawing stays text, and a reader's machine draws it with the first of these that it has: Verdana is as wide as DejaVu Sans,
# which the drawing was measured with, and the others are narrower, so nothing runs out of its place.
FONTS = ["DejaVu Sans", "Verdana", "Segoe UI", "Helvetica Neue", "Noto Sans", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "Arial"]

# What differs from seaborn's "whitegrid" in its "notebook" context.
STYLE: dict[str, Any] = {
    "figure.dpi": 96,
    "figure.facecolor": "white",
    "font.family": "sans-serif",
    "font.sans-serif": FONTS,
    "font.size": 10.5,
    "axes.edgecolor": NAIVE,
    "axes.labelcolor": INK,
    "axes.labelsize": 10.5,
    "axes.linewidth": 0.8,
    "axes.titlelocation": "left",
    "axes.titlesize": 12.5,
    "axes.titleweight": "bold",
    "axes.titlepad": 12,
    "axes.titlecolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 10.5,
    "ytick.labelsize": 10.5,
    "legend.frameon": False,
    "legend.fontsize": 10.5,
    "legend.title_fontsize": 10.5,
    "lines.linewidth": 2.0,
    "svg.fonttype": "none",
}
PALETTE = (MODEL, ACCENT, OTHER, NAIVE, "#8a5aa8", "#b58900", INK)

# Fonts with Chinese characters, as Windows, macOS and Linux name theirs; simplified before traditional, without serifs before with.
CHINESE = (
    *("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "Microsoft YaHei", "PingFang SC", "Hiragino Sans GB"),
    *("Heiti SC", "SimHei", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Droid Sans Fallback", "Noto Sans CJK JP", "Noto Sans CJK TC"),
    *("Microsoft JhengHei", "PingFang TC", "Heiti TC", "Arial Unicode MS", "SimSun", "Songti SC", "Noto Serif CJK SC"),
)


@cache
def chinese_font() -> str:
    """The font of this machine that draws Chinese labels; empty where there is none, which `gw.record_figure` then says.

    Examples
    --------
    >>> isinstance(chinese_font(), str)  # empty where the machine has none
    True
    """
    from matplotlib.font_manager import fontManager

    there = set(fontManager.get_font_names())
    return next((name for name in CHINESE if name in there), "")


def use() -> None:
    """Set the house style for everything drawn from now on, a reader's own seaborn figures too.

    Characters that the font of the house does not have are drawn in a Chinese font, where the machine has one.

    Examples
    --------
    >>> import matplotlib as mpl
    >>> with mpl.rc_context():  # else it stays for all that is drawn later
    ...     use()
    ...     mpl.rcParams["axes.grid"]
    True
    """
    import seaborn as sns

    style = STYLE | ({"font.family": ["sans-serif", chinese_font()]} if chinese_font() else {})
    sns.set_theme(context="notebook", style="whitegrid", palette=PALETTE, rc=style)


@contextmanager
def themed() -> Iterator[None]:
    """Draw in the house style without changing the user's own settings.

    Examples
    --------
    >>> import matplotlib as mpl
    >>> before = mpl.rcParams["axes.grid"]
    >>> with themed():
    ...     mpl.rcParams["axes.grid"]
    True
    >>> mpl.rcParams["axes.grid"] == before
    True
    """
    import matplotlib as mpl

    with mpl.rc_context():
        use()
        yield


def panels(
    columns: int = 1, *, width: float = 8.0, height: float = 4.2, ax: Axes | Sequence[Axes] | None = None
) -> tuple[Figure, list[Axes]]:
    """The axes to draw on: those that are given, or a new figure of equal panels side by side.

    A new figure is made without pyplot so that nothing is shown or kept by accident.

    Raises
    ------
    UsageError
        The axes given are not as many as the panels.

    Examples
    --------
    >>> figure, axes = panels(2, width=9.0)
    >>> len(axes), float(figure.get_figwidth())
    (2, 9.0)
    """
    if ax is not None:
        axes = list(ax) if isinstance(ax, Sequence | np.ndarray) else [ax]
        if len(axes) != columns:
            raise UsageError(f"this figure has {columns} panels and {len(axes)} axes were given: pass ax= as a list of {columns} axes.")
        return axes[0].get_figure(root=True), axes  # type: ignore[return-value]
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, list(figure.subplots(1, columns, squeeze=False)[0])


def headline(axes: Sequence[Axes], text: str, ax: Any = None) -> None:
    """Put the finding above the panels, left aligned and broken to their width; on given axes (`ax`), as title of the first.

    Examples
    --------
    >>> from goodwill.figures.theme import panels
    >>> figure, axes = panels()
    >>> headline(axes, "One finding")
    >>> figure.get_suptitle()
    'One finding'
    """
    if ax is not None:
        axes[0].set_title(fill(text, 60))
        return
    figure = axes[0].get_figure(root=True)
    assert figure is not None
    figure.suptitle(fill(text, int(figure.get_figwidth() * 9.2)), x=0.01, ha="left", fontsize=12.5, fontweight="bold", color=INK)


def legend_beside(axes: Sequence[Axes], ax: Any = None, **options: Any) -> None:
    """A legend outside the panels; inside the last of the axes when they were given (`ax`), whose figure is not ours to change.

    Examples
    --------
    >>> from goodwill.figures.theme import panels
    >>> figure, (ax,) = panels()
    >>> _ = ax.plot([0, 1], label="model")
    >>> legend_beside([ax])
    >>> [text.get_text() for text in figure.legends[0].get_texts()]
    ['model']
    """
    if ax is not None:
        handles = {label: handle for each in axes for handle, label in zip(*each.get_legend_handles_labels(), strict=True)}
        options = {key: value for key, value in options.items() if key != "loc"}
        axes[-1].legend(handles.values(), handles.keys(), **options)
        return
    figure = axes[0].get_figure(root=True)
    assert figure is not None
    figure.legend(**({"loc": "outside right center"} | options))


def finding(figure: Figure, text: str) -> None:
    """Put the finding above the panels, left aligned and broken to the width of the figure.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> figure = Figure()
    >>> finding(figure, "One finding")
    >>> figure.get_suptitle()
    'One finding'
    """
    figure.suptitle(fill(text, int(figure.get_figwidth() * 9.2)), x=0.01, ha="left", fontsize=12.5, fontweight="bold", color=INK)


def thousands(axis: Any, decimals: int | None = 0) -> None:
    """Thousands separators on one axis; without a number of decimals, as many as each value has.

    A value below ten that so many decimals would write as another one has those that it needs.

    Examples
    --------
    >>> from goodwill.figures.theme import panels
    >>> figure, (ax,) = panels()
    >>> thousands(ax.yaxis)
    >>> [ax.yaxis.get_major_formatter()(value) for value in (12345.6, 0.04, -0.0)]
    ['12,346', '0.04', '0']
    """
    from matplotlib.ticker import FuncFormatter

    def written(value: float, _: Any) -> str:
        value = round(value, 12) + 0.0  # no tick is a little below zero
        lost = decimals is not None and abs(value) < 10 and abs(value - round(value, decimals)) > 1e-9
        form = ",.3g" if lost else ",.10g" if decimals is None else f",.{decimals}f"
        return f"{value:{form}}".replace("-", "\N{MINUS SIGN}")

    axis.set_major_formatter(FuncFormatter(written))


def percent(axis: Any) -> None:
    """A share written as per cent on one axis.

    Examples
    --------
    >>> from goodwill.figures.theme import panels
    >>> figure, (ax,) = panels()
    >>> percent(ax.yaxis)
    >>> ax.yaxis.get_major_formatter()(0.25)
    '25 %'
    """
    from matplotlib.ticker import FuncFormatter

    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.0f} %".replace("-", "\N{MINUS SIGN}")))
