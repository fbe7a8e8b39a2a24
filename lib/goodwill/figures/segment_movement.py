"""Figures of who moves, who leaves and why. Each takes tables that the library computed and draws one message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from goodwill.errors import DataError
from goodwill.figures.segments import SHADES, STROKES, finding, on_shade
from goodwill.figures.theme import ACCENT, BAND, GRID, INK, MODEL, NAIVE, panels, percent, themed, thousands

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FILLS = ("#00365f", "#6fa8d2", "#d9822b", "#8a5aa8", "#c9ced6")
HATCHES = ("", "///", "", "...", "\\\\\\")


def migration(matrix: pd.DataFrame, half_width: pd.DataFrame, customers: Mapping[str, float], periods: tuple[str, str]) -> Figure:
    """Shares that go from one segment (rows) to another (columns), each cell with its ±; rows add up to one."""
    from matplotlib.colors import LinearSegmentedColormap

    shares, half = matrix.to_numpy(float), half_width.loc[matrix.index, matrix.columns].to_numpy(float)
    shades = LinearSegmentedColormap.from_list("shades", ("#ffffff", *SHADES))
    with themed():
        figure, (ax,) = panels(width=min(11.0, 3.2 + 1.0 * len(matrix.columns)), height=1.6 + 0.62 * len(matrix))
        ax.imshow(np.sqrt(shares), cmap=shades, vmin=0, vmax=1, aspect="auto")
        for (i, j), share in np.ndenumerate(shares):
            stays = matrix.index[i] == matrix.columns[j]
            text = f"{100 * share:.1f}\n±{100 * half[i, j]:.1f}"
            ink = on_shade(shades(np.sqrt(share)))
            ax.text(j, i, text, ha="center", va="center", fontsize=9, color=ink, fontweight="bold" if stays else "normal")
        ax.set_xticks(range(len(matrix.columns)), [_broken(name) for name in matrix.columns], fontsize=9)
        ax.set_yticks(range(len(matrix)), [f"{name} ({customers[name]:,.0f})" for name in matrix.index], fontsize=9)
        ax.set(xlabel=f"{periods[1]}, % of the row", ylabel=periods[0])
        ax.grid(visible=False)
        for spine in ax.spines.values():
            spine.set_visible(False)
        common = [name for name in matrix.index if name in matrix.columns]
        stay = sum(matrix.loc[name, name] * customers[name] for name in common) / max(sum(customers.values()), 1)
        finding(figure, f"{stay:.0%} of customers are in the same segment a period later (bold)")
    return figure


def movement(flows: pd.DataFrame, periods: tuple[str, str]) -> Figure:
    """Alluvial picture of customers between two periods: `flows` counts them from rows to columns; at most seven on a side.

    Rows may hold `new` and columns `exit`. The bands carry the colour and hatching of where they come from.
    """
    if max(flows.shape) > 7:
        raise DataError(f"{max(flows.shape)} states cannot be told apart in a picture of movement; merge them to seven or draw the matrix")
    count = flows.to_numpy(float)
    total = count.sum()
    with themed():
        figure, (ax,) = panels(width=8.6, height=5.0)
        gap = 0.03 * total
        starts, ends = _stack(count.sum(axis=1), gap), _stack(count.sum(axis=0), gap)
        left, right = starts.copy(), ends.copy()
        for i, j in np.ndindex(*count.shape):
            if count[i, j] > 0:
                _band(ax, float(left[i]), float(right[j]), float(count[i, j]), i)
                left[i] += count[i, j]
                right[j] += count[i, j]
        for side, at, sizes, names in ((0, starts, count.sum(axis=1), flows.index), (1, ends, count.sum(axis=0), flows.columns)):
            for y, size, name in zip(at, sizes, names, strict=True):
                ax.fill_between([side - 0.012, side + 0.012], y, y + size, color=INK, linewidth=0)
                words = f"{name}  {size:,.0f}"
                where: dict[str, Any] = {"ha": "right" if side == 0 else "left", "va": "center", "fontsize": 9.5}
                ax.text(side - 0.03 if side == 0 else side + 0.03, y + size / 2, words, **where)
        for side, name in enumerate(periods):
            ax.text(side, -0.045 * total, name, ha="center", va="bottom", fontweight="bold")
        ax.set(xlim=(-0.42, 1.42), ylim=(max(starts[-1] + count.sum(axis=1)[-1], ends[-1] + count.sum(axis=0)[-1]) * 1.01, -0.09 * total))
        ax.axis("off")
        finding(figure, _movement_title(flows))
    return figure


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


def _movement_title(flows: pd.DataFrame) -> str:
    known = flows.drop(index=[name for name in ("new",) if name in flows.index])
    if known.empty:
        return "All customers are new"
    first = known.index[0]
    row = known.loc[first]
    stays = row.to_dict()[first] / row.sum() if first in row.index and row.sum() else 0.0
    return f"Of {row.sum():,.0f} customers in '{first}' {stays:.0%} are there a period later"


def regression_to_the_mean(table: pd.DataFrame, unit: str, title: str) -> Figure:
    """Mean of the groups of one period in the period before, that period, and the one after.

    `table` is that of `regression_to_mean`: segment, before, at, after with after_lower and after_upper, and, where a model foretold it
    without any action, expected. A missing mean (a period that is not observed) is left out.
    """
    with themed():
        figure, (ax,) = panels(width=9.4, height=4.4)
        marks = ("o", "s", "^", "D", "v")
        top, taken = float(np.nanmax(table[["before", "at", "after"]].to_numpy(float))), set[tuple[int, int]]()
        for i, row in enumerate(table.to_dict("records")):
            stroke = STROKES[i % len(STROKES)]
            y = [row["before"], row["at"], row["after"]]
            ax.plot([0, 1, 2], y, marker=marks[i % 5], label=row["segment"], **stroke)
            error = [[row["after"] - row["after_lower"]], [row["after_upper"] - row["after"]]]
            ax.errorbar(2, row["after"], yerr=error, color=stroke["color"], capsize=4)
            for x, value in enumerate(y):
                spot = (x, round(14 * value / top)) if value == value else (x, -1)
                if value == value and spot not in taken:  # a number only where it is not written over another one
                    side = {"xytext": (-8, 5), "ha": "right"} if x < 2 else {"xytext": (6, 5), "ha": "left"}
                    ax.annotate(f"{value:,.3g}", (x, value), textcoords="offset points", fontsize=9, **side)  # type: ignore[arg-type]
                taken |= {(x, spot[1] + step) for step in (-1, 0, 1)}
        if "expected" in table:
            look: dict[str, Any] = {"marker": "_", "color": INK, "markersize": 14, "markeredgewidth": 2, "linestyle": ""}
            ax.plot(np.full(len(table), 2.25), table["expected"], label="foretold without any action", **look)
        ax.set_xticks([0, 1, 2], ["period before", "period that made the groups", "period after"])
        ax.set(ylabel=unit, xlim=(-0.35, 2.4))
        ax.set_ylim(bottom=0)
        thousands(ax.yaxis)
        figure.legend(loc="outside right center", title="group by the middle period", fontsize=9.5)
        finding(figure, title)
    return figure


def churn_by_group(table: pd.DataFrame, overall: float, meaning: str) -> Figure:
    """Churn rate by group, the highest on top: group, customers, rate, rate_lower, rate_upper; the line is the rate of all."""
    shown = table.sort_values("rate").reset_index(drop=True)
    outside = (shown["rate_lower"] > overall) | (shown["rate_upper"] < overall)
    with themed():
        figure, (ax,) = panels(height=0.36 * len(shown) + 1.9)
        at = np.arange(len(shown))
        looks: tuple[dict[str, Any], ...] = ({"fmt": "D", "color": ACCENT}, {"fmt": "o", "color": MODEL})
        for chosen, look in zip((outside, ~outside), looks, strict=True):
            part = shown[chosen]
            error = np.maximum([part["rate"] - part["rate_lower"], part["rate_upper"] - part["rate"]], 0)
            name = "differs from all" if look["fmt"] == "D" else "cannot be told from all"
            if len(part):
                ax.errorbar(part["rate"], at[chosen], xerr=error, capsize=3.5, linewidth=1.6, label=f"{name}, 95 %", **look)
        ax.axvline(overall, color=NAIVE, linewidth=1.2)
        ax.annotate(
            f"all {overall:.0%}", (overall, 1), xycoords=("data", "axes fraction"), xytext=(3, 2), textcoords="offset points", fontsize=9
        )
        ax.set_yticks(at, [f"{name} ({count:,.0f})" for name, count in zip(shown["group"], shown["customers"], strict=True)])
        ax.set(xlabel=meaning, xlim=(0, 1.0), ylim=(-0.7, len(shown) - 0.3))
        ax.grid(axis="y", visible=False)
        percent(ax.xaxis)
        figure.legend(loc="outside lower center", ncols=2, fontsize=9)
        top, low = shown.iloc[-1], shown.iloc[0]
        finding(figure, f"Churn runs from {low['rate']:.0%} ('{low['group']}') to {top['rate']:.0%} ('{top['group']}')")
    return figure


def causes(table: pd.DataFrame, whose: str = "") -> Figure:
    """Pareto of causes, the most frequent first: cause, share, share_lower, share_upper, cumulative."""
    with themed():
        figure, (ax,) = panels(height=4.2)
        at = np.arange(len(table))
        error = np.maximum([table["share"] - table["share_lower"], table["share_upper"] - table["share"]], 0)
        ax.bar(at, table["share"], 0.62, color=BAND, edgecolor=MODEL, yerr=error, ecolor=INK, capsize=4, label="share, 95 %")
        ax.plot(at, table["cumulative"], "o--", color=ACCENT, label="cumulative")
        for x, value in zip(at[1:], table["cumulative"].iloc[1:], strict=True):
            ax.annotate(f"{value:.0%}", (x, value), xytext=(0, 7), textcoords="offset points", ha="center", fontsize=9, color=ACCENT)
        ax.axhline(0.8, color=GRID, linewidth=1.4)
        ax.set_xticks(at, [_broken(name) for name in table["cause"]], fontsize=9)
        ax.set(ylabel="share of coded losses", ylim=(0, 1.12))
        ax.grid(axis="x", visible=False)
        percent(ax.yaxis)
        ax.legend(loc="center right")
        enough = int(np.argmax(table["cumulative"].to_numpy(float) >= 0.8)) + 1
        tail = f" ({whose})" if whose else ""
        finding(figure, f"{_counted(enough, len(table))} {table['cumulative'].iloc[enough - 1]:.0%} of what was coded{tail}")
    return figure


def _counted(enough: int, total: int) -> str:
    return f"{enough} of {total} causes make" if enough > 1 else f"1 of {total} causes makes"


def _broken(name: Any) -> str:
    """A label over two lines where it is long."""
    from textwrap import fill

    return fill(str(name), 13)
