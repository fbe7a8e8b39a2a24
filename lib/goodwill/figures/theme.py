"""One look for all figures: quiet axes, a palette that the colour-blind can read, a title that says the finding."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from textwrap import fill
from typing import TYPE_CHECKING, Any

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

STYLE: Any = {
    "figure.dpi": 96,
    "figure.facecolor": "white",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 10.5,
    "axes.edgecolor": NAIVE,
    "axes.labelcolor": INK,
    "axes.titlelocation": "left",
    "axes.titlesize": 12.5,
    "axes.titleweight": "bold",
    "axes.titlepad": 12,
    "axes.titlecolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "legend.frameon": False,
    "lines.linewidth": 2.0,
    "svg.fonttype": "path",
}


@contextmanager
def themed() -> Iterator[None]:
    """Draw in the house style without changing the user's own settings."""
    import matplotlib as mpl

    with mpl.rc_context(STYLE):
        yield


def panels(columns: int = 1, *, width: float = 8.0, height: float = 4.2) -> tuple[Figure, list[Axes]]:
    """A figure of equal panels side by side, made without pyplot so that nothing is shown or kept by accident."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.subplots(1, columns, squeeze=False)[0]
    return figure, list(axes)


def finding(figure: Figure, text: str) -> None:
    """Put the finding above the panels, left aligned and broken to the width of the figure."""
    figure.suptitle(fill(text, int(figure.get_figwidth() * 9.2)), x=0.01, ha="left", fontsize=12.5, fontweight="bold", color=INK)


def thousands(axis: Any, decimals: int = 0) -> None:
    """Thousands separators on one axis."""
    from matplotlib.ticker import FuncFormatter

    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.{decimals}f}"))


def percent(axis: Any) -> None:
    """A share written as per cent on one axis."""
    from matplotlib.ticker import FuncFormatter

    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.0f} %"))
