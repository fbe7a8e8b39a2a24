"""Figures of who the segments are and what they are worth. Each takes tables that the library computed and draws one message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np

from goodwill.figures.theme import ACCENT, BAND, INK, MODEL, NAIVE, OTHER, headline, panels, percent, themed, thousands

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from goodwill.segments.concentration import WhaleCurve

# Colour is never the only carrier: lines differ in dashes, bars in hatching.
STROKES: tuple[dict[str, Any], ...] = (
    {"color": MODEL},
    {"color": ACCENT, "linestyle": (0, (5, 2))},
    {"color": OTHER, "linestyle": (0, (1, 1.5))},
    {"color": "#8a5aa8", "linestyle": (0, (6, 2, 1, 2))},
    {"color": "#a67c00", "linestyle": (0, (3, 1, 1, 1, 1, 1))},
)
# From light to dark, so that it also reads in grey; the light end still stands out against the page.
SHADES = ("#e8f1f8", BAND, "#6fa8d2", MODEL, "#00365f")
Rectangle = tuple[float, float, float, float]


def segment_map(table: pd.DataFrame, currency: str, title: str, ax: Sequence[Axes] | None = None) -> Figure:
    """Treemap of segments (area is customers, shade is expected value) beside their shares of customers, sales and value.

    `table` is that of `segment_profile`: index segment (best first), customers, value (mean), and the shares customer_share,
    sales_share and value_share.

    Examples
    --------
    >>> import pandas as pd
    >>> shares = {"customer_share": [0.1, 0.9], "sales_share": [0.4, 0.6], "value_share": [0.7, 0.3]}
    >>> table = pd.DataFrame({"customers": [10, 90], "value": [70.0, 3.0], **shares}, index=["best", "others"])
    >>> figure = segment_map(table, "USD", "A tenth has seven tenths of the value")
    >>> len(figure.axes) >= 2
    True
    """
    from matplotlib.colors import PowerNorm
    from matplotlib.ticker import MaxNLocator

    with themed():
        figure, (left, right) = panels(2, width=10.4, height=max(4.6, 0.44 * len(table) + 1.4), ax=ax)
        norm = PowerNorm(0.5, 0, max(float(table["value"].max()), 1e-9), clip=True)
        drawn = _tiles(left, table, norm)
        bar = figure.colorbar(drawn, ax=left, orientation="horizontal", fraction=0.045, pad=0.0, aspect=40)
        bar.set_label(f"expected value per customer, {currency} (area: customers)", fontsize=9)
        bar.locator = MaxNLocator(5)
        bar.outline.set_visible(False)
        _shares(right, table)
        headline([left, right], title, ax)
    return figure


def _tiles(ax: Axes, table: pd.DataFrame, norm: Any) -> Any:
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.patches import Rectangle as Patch

    shades = LinearSegmentedColormap.from_list("shades", SHADES)
    numbered = table.rename_axis("segment").reset_index().rename_axis("place").reset_index()
    filled = numbered[numbered["customers"] > 0].sort_values("customers", ascending=False)
    for (x, y, w, h), (_, row) in zip(squarify(filled["customers"].tolist(), (0, 0, 1.5, 1)), filled.iterrows(), strict=True):
        colour = shades(norm(row["value"]))
        ax.add_patch(Patch((x, 1 - y - h), w, h, facecolor=colour, edgecolor="white", linewidth=1.5))
        number = f"{row['place'] + 1}"
        lines = wrap(f"{number} {row['segment']}", max(4, int(w / 0.025)), break_long_words=False)
        lines += [f"{row['customers']:,.0f}", f"{row['value']:,.3g} each"]
        fits = w > 0.024 * max(map(len, lines)) and h > 0.05 * len(lines)
        text = "\n".join(lines) if fits else number if min(w, h) > 0.035 else ""
        ax.text(x + w / 2, 1 - y - h / 2, text, ha="center", va="center", fontsize=8.5 if fits else 8, color=on_shade(colour))
    ax.set(xlim=(0, 1.5), ylim=(0, 1))
    ax.axis("off")
    return ScalarMappable(norm, shades)


def _shares(ax: Axes, table: pd.DataFrame) -> None:
    import seaborn as sns

    looks = {"customer_share": ("customers", NAIVE), "sales_share": ("sales", BAND), "value_share": ("expected value", MODEL)}
    shares = table[list(looks)].set_axis([label for label, _ in looks.values()], axis=1)
    numbered = shares.set_axis([f"{i + 1} {name}" for i, name in enumerate(table.index)], axis=0).rename_axis("segment").reset_index()
    long = numbered.melt("segment", var_name="of", value_name="share")
    sns.barplot(long, y="segment", x="share", hue="of", palette=[colour for _, colour in looks.values()], saturation=1, ax=ax)
    ax.set(xlabel="share of all", ylabel="")
    percent(ax.xaxis)
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, fontsize=9, title="")


def squarify(sizes: Sequence[float], within: Rectangle) -> list[Rectangle]:
    """Rectangles (x, y, width, height) with areas in proportion to `sizes`, as square as they come (Bruls, Huizing & van Wijk 2000).

    >>> squarify([2, 1, 1], (0, 0, 2, 1))
    [(0.0, 0.0, 1.0, 1.0), (1.0, 0.0, 1.0, 0.5), (1.0, 0.5, 1.0, 0.5)]
    """
    x, y, w, h = map(float, within)
    rest = [size * w * h / sum(sizes) for size in sizes]
    placed: list[Rectangle] = []

    def worst(row: list[float]) -> float:
        side, total = min(w, h), sum(row)
        return max(side**2 * max(row) / total**2, total**2 / (side**2 * min(row)))

    while rest:
        row = [rest.pop(0)]
        while rest and worst([*row, rest[0]]) <= worst(row):
            row.append(rest.pop(0))
        thick, along = sum(row) / min(w, h), 0.0
        for area in row:  # a strip along the shorter side
            placed.append((x, y + along, thick, area / thick) if w >= h else (x + along, y, area / thick, thick))
            along += area / thick
        x, y, w, h = (x + thick, y, w - thick, h) if w >= h else (x, y + thick, w, h - thick)
    return placed


def whale(found: WhaleCurve, currency: str, title: str, ax: Axes | None = None) -> Figure:
    """Cumulative profit, the most profitable customers first: the peak, the part that is lost again (hatched), the band of the costs.

    Examples
    --------
    >>> import goodwill as gw
    >>> found = gw.segments.whale_curve([10.0, 6.0, 4.0, 1.0, 1.0] * 20, [1.0, 1.0, 2.0, 4.0, 4.0] * 20)
    >>> figure = whale(found, "USD", "Two fifths of the customers lose what others brought")
    >>> figure.axes[0].get_xlabel()
    'share of customers, the most profitable first'
    """
    x, y = found.curve["customers"].to_numpy(float), found.curve["profit"].to_numpy(float)
    kept, lost = x <= found.peak_at, x >= found.peak_at
    with themed():
        figure, axes = panels(height=4.4, ax=ax)
        here = axes[0]
        here.fill_between(
            x, found.curve["lower"], found.curve["upper"], color=NAIVE, alpha=0.3, linewidth=0, label="other customers and costs, 95 %"
        )
        here.plot(x[kept], y[kept], color=MODEL, label="customers that bring profit")
        here.plot(x[lost], y[lost], color=ACCENT, linestyle=(0, (5, 2)), label="customers that cost profit")
        here.fill_between(x[lost], found.total, y[lost], facecolor="none", edgecolor=ACCENT, hatch="///", linewidth=0, alpha=0.5)
        for level in (0.0, found.total):
            here.axhline(level, color=INK, linewidth=0.8)
        here.plot([found.peak_at], [found.peak], "o", color=ACCENT)
        top = float(max(found.curve["upper"].max(), found.peak))
        words = f"{found.peak:,.0f} with {found.peak_at:.0%} of customers"
        side = "right" if found.peak_at > 0.7 else "center"
        here.annotate(words, (found.peak_at, top), xytext=(0, 5), textcoords="offset points", ha=side)
        here.annotate(f"total {found.total:,.0f}", (0, found.total), xytext=(4, 4), textcoords="offset points")
        low = float(min(0.0, y.min(), found.curve["lower"].min()))
        here.set(xlabel="share of customers, the most profitable first", ylabel=f"cumulative profit, {currency}", xlim=(0, 1))
        here.set_ylim(1.05 * low, 1.14 * top)
        percent(here.xaxis)
        thousands(here.yaxis)
        here.legend(loc="lower right")
        headline(axes, title, ax)
    return figure


def lorenz(curves: Mapping[str, tuple[np.ndarray, np.ndarray]], title: str, top: float = 0.1, ax: Axes | None = None) -> Figure:
    """Cumulative shares of customers and of a total, the highest first; each curve by its name, the share of the `top` written on it.

    Examples
    --------
    >>> import goodwill as gw
    >>> figure = lorenz({"sales": gw.lifetime_value.lorenz_curve([60.0, 20.0, 10.0, 10.0])}, "A quarter brings six tenths", top=0.25)
    >>> figure.axes[0].get_xlabel()
    'share of customers, the highest first'
    """
    with themed():
        figure, axes = panels(width=7.4, height=4.6, ax=ax)
        here = axes[0]
        for stroke, (name, (x, y)) in zip(STROKES, curves.items(), strict=False):
            here.plot(x, y, label=f"{name}: top {top:.0%} hold {np.interp(top, x, y):.0%}", **stroke)
        here.plot([0, 1], [0, 1], color=NAIVE, linewidth=1, linestyle=":", label="all alike")
        here.axvline(top, color=NAIVE, linewidth=1)
        here.set(xlabel="share of customers, the highest first", ylabel="share of the total", xlim=(0, 1), ylim=(0, 1.01))
        percent(here.xaxis)
        percent(here.yaxis)
        here.legend(loc="lower right")
        headline(axes, title, ax)
    return figure


def iso_value(
    grid: pd.DataFrame, unit: str, currency: str, title: str, customers: pd.DataFrame | None = None, ax: Axes | None = None
) -> Figure:
    """Lines of equal expected value over purchases (rows of `grid`) and the time of the last one (columns), after Fader, Hardie & Lee 2005.

    `customers` (recency, frequency) are drawn as faint dots where given.

    Examples
    --------
    >>> import goodwill as gw
    >>> customers, terms = gw.example("cdnow"), gw.ValueTerms(horizon=39, margin=0.3, annual_discount_rate=0.15, unit="week")
    >>> models = gw.BetaGeoNBD.fit(customers), gw.GammaGamma.fit(customers)
    >>> grid = gw.lifetime_value.iso_value_grid(gw.lifetime_value.Valued(customers, *models, terms), most=12)
    >>> figure = iso_value(grid, "week", "USD", "Of two who bought last alike the more frequent is not always worth more")
    >>> figure.axes[0].get_xlabel()
    'weeks from the first to the last purchase'
    """
    from matplotlib.ticker import MaxNLocator

    levels = _nice_levels(grid.to_numpy(float))
    with themed():
        figure, axes = panels(height=4.6, ax=ax)
        here = axes[0]
        if customers is not None:
            dots: dict[str, Any] = {"color": NAIVE, "markersize": 2.5, "alpha": 0.35, "rasterized": True}
            here.plot(customers["recency"], customers["frequency"], ".", **dots)
        lines = here.contour(grid.columns, grid.index, grid.to_numpy(float), levels=levels, colors=MODEL, linewidths=1.4)
        here.clabel(lines, fmt=lambda value: f"{value:,.3g}", fontsize=9, colors=INK)
        here.set(xlabel=f"{unit}s from the first to the last purchase", ylabel="repeat purchases")
        here.set(xlim=(grid.columns[0], grid.columns[-1]), ylim=(grid.index[0], grid.index[-1]))
        here.yaxis.set_major_locator(MaxNLocator(8, integer=True))
        headline(axes, title, ax)
    return figure


def _nice_levels(values: np.ndarray) -> list[float]:
    """Round levels, 1, 2, 5 times powers of ten, within the values."""
    low, high = float(np.nanquantile(values, 0.02)), float(np.nanmax(values))
    steps = [m * 10.0**k for k in range(-3, 9) for m in (1, 2, 5)]
    return [step for step in steps if max(low, high / 2000) < step < high][-9:]


def on_shade(colour: Any) -> str:
    """Ink that can be read on a colour: white on dark (relative luminance of WCAG 2 under .3), else the house's ink.

    Examples
    --------
    >>> on_shade("#102030"), on_shade("#f0f0f0") == on_shade("white")
    ('white', True)
    """
    from matplotlib.colors import to_rgb

    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return "white" if float(np.dot(linear, (0.2126, 0.7152, 0.0722))) < 0.3 else INK
