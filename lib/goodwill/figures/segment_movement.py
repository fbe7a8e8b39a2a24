"""Figures of who moves, who leaves and why. Each takes tables that the library computed, and the title that says what they show."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np

from goodwill.errors import DataError
from goodwill.figures.segments import SHADES, STROKES
from goodwill.figures.theme import ACCENT, BAND, GRID, INK, MODEL, NAIVE, headline, legend_beside, panels, percent, themed, thousands

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from goodwill.segments.movement.migration import Migration

FILLS = ("#00365f", "#6fa8d2", "#d9822b", "#8a5aa8", "#c9ced6")
HATCHES = ("", "///", "", "...", "\\\\\\")


def migration(moves: Migration, title: str, ax: Axes | None = None) -> Figure:
    """Shares that go from one segment (rows) to another (columns), each cell with its ± (half the 95 % interval); rows add up to one.

    Who stayed is bold. Customers who were new in the second window are a row of their own, without an interval. Impossible moves and empty
    rows stay blank.

    Examples
    --------
    >>> import numpy as np
    >>> import goodwill as gw
    >>> counts, possible = np.array([[30.0, 10.0], [5.0, 60.0]]), np.ones((2, 2), bool)
    >>> moves = gw.segments.Migration(("high", "low"), counts, possible, np.array([2.0, 3.0]), ("spring", "summer"))
    >>> figure = migration(moves, "Three of four stay high")
    >>> figure.axes[0].texts[0].get_text().split()[0]  # per cent who stayed
    '75.0'
    """
    import seaborn as sns
    from matplotlib.colors import LinearSegmentedColormap

    shares, half, names = _with_entry(moves)
    shades = LinearSegmentedColormap.from_list("shades", ("#ffffff", *SHADES))
    written = [[_cell(share, off) for share, off in zip(*row, strict=True)] for row in zip(shares, half, strict=True)]
    with themed():
        figure, axes = panels(width=min(11.0, 3.4 + 0.9 * len(moves.states)), height=1.7 + 0.5 * len(names), ax=ax)
        (panel,) = axes
        look: dict[str, Any] = {"cmap": shades, "vmin": 0, "vmax": 1, "cbar": False, "mask": np.isnan(shares)}
        words: dict[str, Any] = {"annot": written, "fmt": "", "annot_kws": {"fontsize": 9}}
        sns.heatmap(np.sqrt(np.nan_to_num(shares)), xticklabels=False, yticklabels=False, ax=panel, **words, **look)
        for text in panel.texts:
            j, i = (int(place) for place in text.get_position())
            text.set_fontweight("bold" if i == j else "normal")
            if text.get_text().startswith("0\n"):  # no move was seen: what 95 % leave possible
                text.set(color=NAIVE, fontsize=8)
        panel.set_xticks(np.arange(len(moves.states)) + 0.5, [fill(str(name), 11) for name in moves.states], fontsize=9)
        panel.set_yticks(np.arange(len(names)) + 0.5, names, fontsize=9, rotation=0)
        panel.set(xlabel=f"{moves.window[1]}, % of the row", ylabel=moves.window[0])
        headline(axes, title, ax)
    return figure


def _cell(share: float, half: float) -> str:
    if share != share:
        return ""
    if share == 0 and half == half:
        return f"0\n<{200 * half:.1f}"
    return f"{100 * share:.1f}" + (f"\n±{100 * half:.1f}" if half == half else "")


def _with_entry(moves: Migration) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Shares and half-widths by row, the new customers last; NaN where there is nothing to say."""
    lower, upper = moves.bounds
    shares = np.where(moves.possible, moves.probabilities, np.nan)
    half = np.where(np.isnan(shares), np.nan, (upper - lower) / 2)
    names = [f"{name} ({count:,.0f})" for name, count in zip(moves.states, moves.counts.sum(axis=1), strict=True)]
    if moves.entry.sum():
        shares = np.vstack([shares, np.where(moves.entry > 0, moves.entry / moves.entry.sum(), np.nan)])
        half = np.vstack([half, np.full(len(moves.states), np.nan)])
        names.append(f"new ({moves.entry.sum():,.0f})")
    return shares, half, names


def movement(moves: Migration, title: str, ax: Axes | None = None) -> Figure:
    """Alluvial picture of customers between two windows; new customers come in at the foot, who is gone ends there. At most six states.

    The bands carry the colour and hatching of where they come from.

    Examples
    --------
    >>> import numpy as np
    >>> import goodwill as gw
    >>> counts, possible = np.array([[30.0, 10.0], [5.0, 60.0]]), np.ones((2, 2), bool)
    >>> moves = gw.segments.Migration(("high", "low"), counts, possible, np.array([2.0, 3.0]), ("spring", "summer"))
    >>> figure = movement(moves, "More fall than rise")
    >>> sorted(text.get_text() for text in figure.axes[0].texts)[:2]
    ['high  37', 'high  40']
    """
    count, sources = moves.counts, list(moves.states)
    if moves.entry.sum():
        count, sources = np.vstack([count, moves.entry]), [*sources, "new"]
    if len(moves.states) > 6:
        raise DataError(f"{len(moves.states)} states cannot be told apart in a picture of movement; merge them to six or draw the matrix")
    with themed():
        figure, axes = panels(width=9.2, height=5.0, ax=ax)
        (panel,) = axes
        gap = 0.03 * count.sum()
        starts, ends = _stack(count.sum(axis=1), gap), _stack(count.sum(axis=0), gap)
        left, right = starts.copy(), ends.copy()
        for i, j in np.ndindex(*count.shape):
            if count[i, j] > 0:
                _band(panel, float(left[i]), float(right[j]), float(count[i, j]), i)
                left[i] += count[i, j]
                right[j] += count[i, j]
        _side(panel, 0, starts, count.sum(axis=1), sources, moves.window[0])
        _side(panel, 1, ends, count.sum(axis=0), list(moves.states), moves.window[1])
        foot = max(starts[-1] + count.sum(axis=1)[-1], ends[-1] + count.sum(axis=0)[-1])
        panel.set(xlim=(-0.42, 1.42), ylim=(foot * 1.02, -0.09 * count.sum()))
        panel.axis("off")
        headline(axes, title, ax)
    return figure


def _side(ax: Axes, side: int, at: np.ndarray, sizes: np.ndarray, names: list[str], window: str) -> None:
    for y, size, name in zip(at, sizes, names, strict=True):
        ax.fill_between([side - 0.012, side + 0.012], y, y + size, color=INK, linewidth=0)
        where: dict[str, Any] = {"ha": "right" if side == 0 else "left", "va": "center", "fontsize": 9.5}
        ax.text(side - 0.03 if side == 0 else side + 0.03, y + size / 2, f"{name}  {size:,.0f}", **where)
    ax.text(side, -0.045 * sizes.sum(), fill(window, 26), ha="center", va="bottom", fontweight="bold", fontsize=9.5)


def _stack(sizes: np.ndarray, gap: float) -> np.ndarray:
    """Tops of bars with gaps between them, small ones moved apart so that their labels do not touch."""
    room = np.maximum(sizes, gap)
    return np.concatenate([[0.0], np.cumsum(room + gap)[:-1]]) + (room - sizes) / 2


def _band(ax: Axes, top: float, end: float, size: float, source: int) -> None:
    x = np.linspace(0.012, 0.988, 60)
    bend = (1 - np.cos(np.pi * (x - x[0]) / (x[-1] - x[0]))) / 2
    y = top + (end - top) * bend
    look: dict[str, Any] = {"facecolor": FILLS[source % 5], "hatch": HATCHES[source % 5], "edgecolor": "white", "linewidth": 0.3}
    ax.fill_between(x, y, y + size, alpha=0.75, **look)


def regression_to_the_mean(table: pd.DataFrame, unit: str, title: str, ax: Axes | None = None) -> Figure:
    """Mean of the groups of one period in the period before, that period, and the one after.

    `table` is that of `regression_to_mean`: segment, before, at, after with after_lower and after_upper, and, where a model foretold it
    without any action, expected. A missing mean (a period that is not observed) is left out.

    Examples
    --------
    >>> import pandas as pd
    >>> means = {"before": [150.0, 10.0], "at": [172.0, 9.0], "after": [97.0, 12.0]}
    >>> ends = {"after_lower": [92.0, 7.0], "after_upper": [102.0, 17.0]}
    >>> table = pd.DataFrame({"segment": ["top", "rest"], **means, **ends})
    >>> figure = regression_to_the_mean(table, "USD", "The top of one year falls back")
    >>> [label.get_text() for label in figure.axes[0].get_xticklabels()]
    ['period before', 'period that made the groups', 'period after']
    """
    with themed():
        figure, axes = panels(width=9.4, height=4.4, ax=ax)
        (panel,) = axes
        for i, row in enumerate(table.to_dict("records")):
            stroke = STROKES[i % len(STROKES)]
            panel.plot([0, 1, 2], [row["before"], row["at"], row["after"]], marker="os^Dv"[i % 5], label=row["segment"], **stroke)
            error = [[row["after"] - row["after_lower"]], [row["after_upper"] - row["after"]]]
            panel.errorbar(2, row["after"], yerr=error, color=stroke["color"], capsize=4)
        _write_means(panel, table[["before", "at", "after"]].to_numpy(float))
        if "expected" in table:
            look: dict[str, Any] = {"marker": "_", "color": INK, "markersize": 14, "markeredgewidth": 2, "linestyle": ""}
            panel.plot(np.full(len(table), 2.25), table["expected"], label="foretold without any action", **look)
        panel.set_xticks([0, 1, 2], ["period before", "period that made the groups", "period after"])
        panel.set(ylabel=unit, xlim=(-0.35, 2.4))
        panel.set_ylim(bottom=0)
        thousands(panel.yaxis)
        legend_beside(axes, ax, title="group by the middle period", fontsize=9.5)
        headline(axes, title, ax)
    return figure


def _write_means(panel: Axes, means: np.ndarray) -> None:
    """A number beside each point, where it is not written over another one."""
    top, taken = float(np.nanmax(means)), set[tuple[int, int]]()
    for (_, x), value in np.ndenumerate(means):
        if value != value:
            continue
        spot = round(14 * value / top)
        if (x, spot) not in taken:
            side: dict[str, Any] = {"xytext": (-8, 5), "ha": "right"} if x < 2 else {"xytext": (6, 5), "ha": "left"}
            panel.annotate(f"{value:,.3g}", (x, value), textcoords="offset points", fontsize=9, **side)
        taken |= {(x, spot + step) for step in (-1, 0, 1)}


def churn_by_group(table: pd.DataFrame, overall: float, meaning: str, title: str, ax: Axes | None = None) -> Figure:
    """Churn rate by group, the highest on top: group, customers, rate, lower, upper; the line is the rate of all.

    Examples
    --------
    >>> import pandas as pd
    >>> rates = {"rate": [0.5, 0.2], "lower": [0.35, 0.1], "upper": [0.65, 0.3]}
    >>> table = pd.DataFrame({"group": ["new", "old"], "customers": [40, 60], **rates})
    >>> figure = churn_by_group(table, 0.32, "no purchase for a year", "New customers leave first")
    >>> figure.axes[0].get_xlabel()
    'no purchase for a year'
    """
    shown = table.sort_values("rate").reset_index(drop=True)
    outside = (shown["lower"] > overall) | (shown["upper"] < overall)
    with themed():
        figure, axes = panels(height=0.36 * len(shown) + 1.9, ax=ax)
        (panel,) = axes
        at = np.arange(len(shown))
        looks: tuple[dict[str, Any], ...] = (
            {"fmt": "D", "color": ACCENT, "label": "differs from all, 95 %"},
            {"fmt": "o", "color": MODEL, "label": "cannot be told from all, 95 %"},
        )
        for chosen, look in zip((outside, ~outside), looks, strict=True):
            part = shown[chosen]
            error = np.maximum([part["rate"] - part["lower"], part["upper"] - part["rate"]], 0)
            if len(part):
                panel.errorbar(part["rate"], at[chosen], xerr=error, capsize=3.5, linewidth=1.6, **look)
        panel.axvline(overall, color=NAIVE, linewidth=1.2)
        near: dict[str, Any] = {"xycoords": ("data", "axes fraction"), "xytext": (3, 2), "textcoords": "offset points", "fontsize": 9}
        panel.annotate(f"all {overall:.0%}", (overall, 1), **near)
        panel.set_yticks(at, [f"{name} ({count:,.0f})" for name, count in zip(shown["group"], shown["customers"], strict=True)])
        panel.set(xlabel=meaning, xlim=(0, 1.0), ylim=(-0.7, len(shown) - 0.3))
        panel.grid(axis="y", visible=False)
        percent(panel.xaxis)
        legend_beside(axes, ax, loc="outside lower center", ncols=2, fontsize=9)
        headline(axes, title, ax)
    return figure


def causes(table: pd.DataFrame, title: str, ax: Axes | None = None) -> Figure:
    """Pareto of causes, the most frequent first: cause, share, lower, upper, cumulative.

    Examples
    --------
    >>> import pandas as pd
    >>> ends = {"lower": [0.5, 0.2], "upper": [0.7, 0.4], "cumulative": [0.6, 0.9]}
    >>> figure = causes(pd.DataFrame({"cause": ["delivery", "billing"], "share": [0.6, 0.3], **ends}), "Delivery is most of it")
    >>> len(figure.axes[0].patches)
    2
    """
    import seaborn as sns

    with themed():
        figure, axes = panels(height=4.2, ax=ax)
        (panel,) = axes
        at = np.arange(len(table))
        error = np.maximum([table["share"] - table["lower"], table["upper"] - table["share"]], 0)
        sns.barplot(x=at, y=table["share"], width=0.62, color=BAND, edgecolor=MODEL, saturation=1, label="share, 95 %", ax=panel)
        panel.errorbar(at, table["share"], yerr=error, fmt="none", ecolor=INK, capsize=4)
        panel.plot(at, table["cumulative"], "o--", color=ACCENT, label="cumulative")
        for x, value in zip(at[1:], table["cumulative"].iloc[1:], strict=True):
            panel.annotate(f"{value:.0%}", (x, value), xytext=(0, 7), textcoords="offset points", ha="center", fontsize=9, color=ACCENT)
        panel.axhline(0.8, color=GRID, linewidth=1.4)
        panel.set_xticks(at, [fill(str(name), 13) for name in table["cause"]], fontsize=9)
        panel.set(xlabel="", ylabel="share of coded losses", ylim=(0, 1.12))
        panel.grid(axis="x", visible=False)
        percent(panel.yaxis)
        panel.legend(loc="center right")
        headline(axes, title, ax)
    return figure
