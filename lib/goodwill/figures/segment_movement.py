"""Figures of who moves, who leaves and why. Each takes tables that the library computed and draws one message."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np

from goodwill.errors import DataError
from goodwill.figures.segments import SHADES, STROKES, on_shade
from goodwill.figures.theme import ACCENT, BAND, GRID, INK, MODEL, NAIVE, finding, panels, percent, themed, thousands

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from goodwill.segments.movement.migration import Migration

FILLS = ("#00365f", "#6fa8d2", "#d9822b", "#8a5aa8", "#c9ced6")
HATCHES = ("", "///", "", "...", "\\\\\\")


def migration(moves: Migration) -> Figure:
    """Shares that go from one segment (rows) to another (columns), each cell with its ± (half the 95 % interval); rows add up to one.

    Customers who were new in the second window are a row of their own, without an interval. Impossible moves and empty rows stay blank.
    """
    from matplotlib.colors import LinearSegmentedColormap

    shares, half, names = _with_entry(moves)
    shades = LinearSegmentedColormap.from_list("shades", ("#ffffff", *SHADES))
    with themed():
        figure, (ax,) = panels(width=min(11.0, 3.4 + 0.9 * len(moves.states)), height=1.7 + 0.5 * len(names))
        ax.imshow(np.sqrt(np.nan_to_num(shares)), cmap=shades, vmin=0, vmax=1, aspect="auto")
        for (i, j), share in np.ndenumerate(shares):
            if share == 0 and half[i, j] == half[i, j]:  # no move was seen: what 95 % leave possible
                ax.text(j, i, f"0\n<{200 * half[i, j]:.1f}", ha="center", va="center", fontsize=8, color=NAIVE)
            elif share == share:
                text = f"{100 * share:.1f}" + (f"\n±{100 * half[i, j]:.1f}" if half[i, j] == half[i, j] else "")
                look: dict[str, Any] = {"color": on_shade(shades(np.sqrt(share))), "fontweight": "bold" if i == j else "normal"}
                ax.text(j, i, text, ha="center", va="center", fontsize=9, **look)
        ax.set_xticks(range(len(moves.states)), [fill(str(name), 11) for name in moves.states], fontsize=9)
        ax.set_yticks(range(len(names)), names, fontsize=9)
        ax.set(xlabel=f"{moves.window[1]}, % of the row", ylabel=moves.window[0])
        ax.grid(visible=False)
        for spine in ax.spines.values():
            spine.set_visible(False)
        stay = float(np.trace(moves.counts) / moves.counts.sum())
        finding(figure, f"{stay:.0%} of customers are in the same segment a period later (bold)")
    return figure


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


def movement(moves: Migration, best: str) -> Figure:
    """Alluvial picture of customers between two windows; new customers come in at the foot, who is gone ends there. At most six states.

    The bands carry the colour and hatching of where they come from; the title says how many of the `best` state stay.
    """
    count, sources = moves.counts, list(moves.states)
    if moves.entry.sum():
        count, sources = np.vstack([count, moves.entry]), [*sources, "new"]
    if len(moves.states) > 6:
        raise DataError(f"{len(moves.states)} states cannot be told apart in a picture of movement; merge them to six or draw the matrix")
    with themed():
        figure, (ax,) = panels(width=9.2, height=5.0)
        gap = 0.03 * count.sum()
        starts, ends = _stack(count.sum(axis=1), gap), _stack(count.sum(axis=0), gap)
        left, right = starts.copy(), ends.copy()
        for i, j in np.ndindex(*count.shape):
            if count[i, j] > 0:
                _band(ax, float(left[i]), float(right[j]), float(count[i, j]), i)
                left[i] += count[i, j]
                right[j] += count[i, j]
        _side(ax, 0, starts, count.sum(axis=1), sources, moves.window[0])
        _side(ax, 1, ends, count.sum(axis=0), list(moves.states), moves.window[1])
        foot = max(starts[-1] + count.sum(axis=1)[-1], ends[-1] + count.sum(axis=0)[-1])
        ax.set(xlim=(-0.42, 1.42), ylim=(foot * 1.02, -0.09 * count.sum()))
        ax.axis("off")
        at = moves.states.index(best)
        total = moves.counts[at].sum()
        stays = f"{moves.counts[at, at] / total:.0%} are there a period later" if total else "nobody could stay"
        finding(figure, f"Of {total:,.0f} customers in '{best}' {stays}")
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
    """Churn rate by group, the highest on top: group, customers, rate, lower, upper; the line is the rate of all."""
    shown = table.sort_values("rate").reset_index(drop=True)
    outside = (shown["lower"] > overall) | (shown["upper"] < overall)
    with themed():
        figure, (ax,) = panels(height=0.36 * len(shown) + 1.9)
        at = np.arange(len(shown))
        looks: tuple[dict[str, Any], ...] = ({"fmt": "D", "color": ACCENT}, {"fmt": "o", "color": MODEL})
        for chosen, look in zip((outside, ~outside), looks, strict=True):
            part = shown[chosen]
            error = np.maximum([part["rate"] - part["lower"], part["upper"] - part["rate"]], 0)
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
    """Pareto of causes, the most frequent first: cause, share, lower, upper, cumulative."""
    with themed():
        figure, (ax,) = panels(height=4.2)
        at = np.arange(len(table))
        error = np.maximum([table["share"] - table["lower"], table["upper"] - table["share"]], 0)
        ax.bar(at, table["share"], 0.62, color=BAND, edgecolor=MODEL, yerr=error, ecolor=INK, capsize=4, label="share, 95 %")
        ax.plot(at, table["cumulative"], "o--", color=ACCENT, label="cumulative")
        for x, value in zip(at[1:], table["cumulative"].iloc[1:], strict=True):
            ax.annotate(f"{value:.0%}", (x, value), xytext=(0, 7), textcoords="offset points", ha="center", fontsize=9, color=ACCENT)
        ax.axhline(0.8, color=GRID, linewidth=1.4)
        ax.set_xticks(at, [fill(str(name), 13) for name in table["cause"]], fontsize=9)
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
