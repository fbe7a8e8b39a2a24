"""Figures of the satisfaction report. Each takes what the library computed and draws one message; its title says the finding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from goodwill.figures.theme import ACCENT, BAND, GRID, INK, MODEL, NAIVE, OTHER, finding, panels, percent, themed

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from goodwill.satisfaction.cells import LoyaltyCells
    from goodwill.satisfaction.kink import KinkSet
    from goodwill.satisfaction.turning_points import Zones

MARKS = ("o", "s", "^", "D", "v", "P", "X", "*")
COLOURS = (MODEL, ACCENT, OTHER, INK, "#8a5aa8", "#a67c00", NAIVE, "#0091a8")


def loyalty_curve(
    cells: LoyaltyCells, average: np.ndarray, grid: np.ndarray, monotone: tuple[np.ndarray, np.ndarray], title: str
) -> Figure:
    """Loyal share by level with Wilson bars; the curve that never falls as steps, the average of forms (over `grid`) as a line."""
    table = cells.to_frame()
    seen = table["n_effective"] > 0
    with themed():
        figure, (ax,) = panels(height=4.4)
        _bars(ax, table[seen], "loyal_share", MODEL, "answers, 95%", "o")
        ax.plot(grid, average, color=ACCENT, linewidth=1.6, label="forms, averaged by AIC")
        ax.step(monotone[0], monotone[1], where="mid", color=NAIVE, linewidth=1.2, linestyle=":", label="never falling")
        for _, row in table[~seen].iterrows():
            ax.annotate("no answers", (row["satisfaction"], 0.5), rotation=90, ha="center", va="center", color=NAIVE)
        _levels(ax, cells.levels, "satisfaction")
        ax.set(ylabel="loyal share", ylim=(-0.02, 1.02))
        percent(ax.yaxis)
        ax.legend(loc="upper left")
        finding(figure, title)
    return figure


def outcomes(tables: Mapping[str, tuple[pd.DataFrame, tuple[float, float]]], title: str) -> Figure:
    """Outcomes side by side: mean with 95% intervals by level of satisfaction, and the straight line from end to end.

    `tables` holds, by the name of the outcome, a table of `outcome_by_level` and the lowest and highest value possible.
    """
    with themed():
        figure, axes = panels(len(tables), width=4.8 * len(tables), height=4.0)
        for ax, (name, (table, (low, high))) in zip(axes, tables.items(), strict=True):
            seen = table.dropna(subset=["mean"])
            _bars(ax, seen.fillna({"lower": low, "upper": high}), "mean", MODEL, "answers, 95%", "o")
            ax.plot(seen["satisfaction"].iloc[[0, -1]], seen["mean"].iloc[[0, -1]], color=NAIVE, linestyle=":", label="straight line")
            _levels(ax, table["satisfaction"].to_numpy(), "satisfaction")
            room = 0.03 * (high - low)
            ax.set(ylabel=name, ylim=(low - room, high + room))
            if (low, high) == (0, 1):
                percent(ax.yaxis)
            ax.legend(loc="upper left")
        finding(figure, title)
    return figure


def steps(table: pd.DataFrame, largest: tuple[tuple[float, float], ...], title: str) -> Figure:
    """Differences between neighbouring levels with intervals that hold together; those that may be the largest are marked."""
    names = [f"{row.lower_level:g} to {row.upper_level:g}" for row in table.itertuples()]
    marked = [(row.lower_level, row.upper_level) in largest for row in table.itertuples()]
    with themed():
        figure, (ax,) = panels(height=3.8)
        at = np.arange(len(table))
        for here, colour, mark, label in ((True, ACCENT, "D", "may be the largest step"), (False, MODEL, "o", "surely not the largest")):
            chosen = np.array(marked) == here
            if chosen.any():
                _errors(ax, at[chosen], table[chosen], "difference", colour, label, mark)
        ax.axhline(0, color=NAIVE, linewidth=1)
        ax.set_xticks(at, names)
        ax.set(xlabel="step of satisfaction", ylabel="difference in the loyal share")
        percent(ax.yaxis)
        ax.legend(loc="upper left")
        finding(figure, title)
    return figure


def zones(found: Zones, title: str) -> Figure:
    """Probability of a border between neighbouring levels, and the likeliest groupings."""
    best = found.table.head(6).iloc[::-1]
    with themed():
        figure, axes = panels(2, width=9.6, height=3.8)
        at = np.arange(len(found.cut_probability))
        axes[0].bar(at, list(found.cut_probability.values()), color=BAND, edgecolor=MODEL, width=0.62)
        axes[0].set_xticks(at, [f"{a:g}|{b:g}" for a, b in found.cut_probability])
        axes[0].set(xlabel="between levels", ylabel="probability of a border", ylim=(0, 1.02))
        axes[0].grid(axis="x", visible=False)
        axes[1].barh(np.arange(len(best)), best["probability"], color=BAND, edgecolor=MODEL, height=0.62)
        axes[1].set_yticks(np.arange(len(best)), best["zones"])
        axes[1].set(xlabel="probability of a grouping")
        axes[1].grid(axis="y", visible=False)
        axes[1].tick_params(axis="y", labelsize=9)
        for ax in (axes[0].yaxis, axes[1].xaxis):
            percent(ax)
        finding(figure, title)
    return figure


def kink_profile(found: KinkSet, levels: np.ndarray, title: str) -> Figure:
    """Loss of likelihood for every place of a kink, the cut, the set, and grey where the scale cannot tell places apart."""
    top = max(3 * found.cut, float(np.median(found.deviance)))
    with themed():
        figure, (ax,) = panels(height=3.8)
        for i, (low, high) in enumerate(found.flat):
            ax.axvspan(
                low,
                high,
                facecolor=GRID,
                edgecolor=NAIVE,
                hatch="///",
                linewidth=0,
                alpha=0.8,
                label="the scale cannot tell" if i == 0 else None,
            )
        ax.plot(found.grid, found.deviance, color=MODEL, label="loss against the best place")
        ax.axhline(found.cut, color=ACCENT, linewidth=1.4, linestyle=(0, (5, 2)), label=f"cut {found.cut:g}")
        for i, (low, high) in enumerate(found.pieces):
            ax.plot([low, high], [0, 0], color=ACCENT, linewidth=6, solid_capstyle="butt", label="places allowed" if i == 0 else None)
        if found.deviance_without < top:
            ax.axhline(found.deviance_without, color=NAIVE, linewidth=1, linestyle=":", label="no kink at all")
        _levels(ax, levels, "place of the kink (satisfaction)")
        ax.set(ylabel="twice the loss of log-likelihood", ylim=(-0.02 * top, top))
        ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
        finding(figure, title)
    return figure


def markets(pooled: pd.DataFrame, title: str) -> Figure:
    """Loyal share by level, one panel per segment: own answers as dots, the pooled estimate with its band, all segments in grey."""
    names = list(dict.fromkeys(pooled["segment"]))
    columns = 2 if len(names) <= 4 else 3
    with themed():
        from matplotlib.figure import Figure

        rows = -(-len(names) // columns)
        figure = Figure(figsize=(8.0, 2.5 * rows + 0.8), layout="constrained")
        axes = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
        for ax, name in zip(axes, names, strict=False):
            for other in names:
                rest = pooled[pooled["segment"] == other]
                ax.plot(rest["satisfaction"], rest["pooled"], color=NAIVE, linewidth=0.7, alpha=0.6)
            own = pooled[pooled["segment"] == name]
            ax.fill_between(own["satisfaction"], own["lower"], own["upper"], color=BAND, linewidth=0)
            ax.plot(own["satisfaction"], own["pooled"], color=MODEL)
            ax.plot(own["satisfaction"], own["loyal_share"], "o", color=ACCENT, markersize=4)
            ax.set_title(name, fontsize=10)
            ax.set_ylim(-0.02, 1.02)
            percent(ax.yaxis)
        for ax in axes[len(names) :]:
            ax.set_visible(False)
        figure.supxlabel("satisfaction", fontsize=10.5)
        figure.supylabel("loyal share", fontsize=10.5)
        finding(figure, title)
    return figure


def quadrants(pairs: pd.DataFrame, satisfied: float, loyal: float, shares: Mapping[str, float], title: str) -> Figure:
    """Respondents by both answers (area of dots), the borders, and the share in each quadrant."""
    with themed():
        figure, (ax,) = panels(width=6.8, height=5.2)
        ax.scatter(
            pairs["satisfaction"],
            pairs["loyalty"],
            s=900 * pairs["count"] / pairs["count"].max(),
            color=BAND,
            edgecolor=MODEL,
            linewidth=0.6,
        )
        ax.axvline(satisfied - 0.5, color=ACCENT, linewidth=1.2)
        ax.axhline(loyal - 0.5, color=ACCENT, linewidth=1.2)
        corners = {"loyal": (0.985, 0.985), "mercenary": (0.985, 0.02), "hostage-like": (0.015, 0.985), "defector": (0.015, 0.02)}
        for name, (x, y) in corners.items():
            ax.annotate(
                f"{name}\n{shares[name]:.0%}",
                (x, y),
                xycoords="axes fraction",
                ha="right" if x > 0.5 else "left",
                va="top" if y > 0.5 else "bottom",
                fontweight="bold",
                color=INK,
                bbox={"facecolor": "white", "alpha": 0.75, "linewidth": 0},
            )
        for axis, name in ((ax.xaxis, "satisfaction"), (ax.yaxis, "loyalty")):
            known = np.unique(pairs[name])
            axis.set_ticks(known, [f"{level:g}" for level in known])
            room = 0.16 * (known[-1] - known[0])
            axis.axes.set(**{f"{axis.axis_name}lim": (known[0] - room, known[-1] + room), f"{axis.axis_name}label": name})
        finding(figure, title)
    return figure


def ratio_by_size(table: pd.DataFrame, truth: float, title: str) -> Figure:
    """Interval of a ratio against the number of respondents, both axes logarithmic."""
    from matplotlib.ticker import FuncFormatter, NullFormatter

    with themed():
        figure, (ax,) = panels(height=3.6)
        ax.fill_between(table["n"], table["lower"], table["upper"], color=BAND, linewidth=0, label="95% score interval")
        ax.axhline(truth, color=ACCENT, linewidth=1.4, label="true ratio")
        ax.axhline(1, color=NAIVE, linewidth=1, linestyle=":", label="no difference")
        ax.set(xscale="log", yscale="log", xlabel="respondents", ylabel="ratio of the top two levels")
        ax.set_yticks([1, 2, 4, 6, 10, 20])
        ax.set_xticks([50, 93, 200, 500, 1000, 2000, 5000])
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
            axis.set_minor_formatter(NullFormatter())
        ax.legend(loc="upper right")
        finding(figure, title)
    return figure


def importance_map(table: pd.DataFrame, title: str) -> Figure:
    """Mean answer and derived importance of each item, with 95% intervals both ways and the averages as a crosshair."""
    with themed():
        figure, (ax,) = panels(width=6.8, height=4.6)
        ax.axvline(table["mean"].mean(), color=NAIVE, linewidth=1)
        ax.axhline(1 / len(table), color=NAIVE, linewidth=1)
        for i, (item, row) in enumerate(table.iterrows()):
            colour = COLOURS[i % len(COLOURS)]
            ax.errorbar(
                row["mean"],
                row["share"],
                xerr=[[row["mean"] - row["mean_lower"]], [row["mean_upper"] - row["mean"]]],
                yerr=[[max(row["share"] - row["share_lower"], 0)], [max(row["share_upper"] - row["share"], 0)]],
                fmt=MARKS[i % len(MARKS)],
                color=colour,
                capsize=3,
                linewidth=1.2,
            )
            ax.annotate(str(item), (row["mean"], row["share"]), xytext=(7, 6), textcoords="offset points", color=colour)
        ax.set(xlabel="mean answer", ylabel="share of the explained variance")
        percent(ax.yaxis)
        finding(figure, title)
    return figure


def shares_with_bounds(table: pd.DataFrame, title: str) -> Figure:
    """Shares with Wilson intervals (bars) over worst-case bounds (grey); columns label, share, lower, upper, least, most, top down."""
    shown = table.iloc[::-1].reset_index(drop=True)
    with themed():
        figure, (ax,) = panels(width=8.4, height=0.27 * len(shown) + 1.4)
        at = np.arange(len(shown))
        ax.hlines(at, shown["least"], shown["most"], color=GRID, linewidth=7, label="if those who did not answer all said no, or yes")
        ax.hlines(at, shown["lower"], shown["upper"], color=MODEL, linewidth=2.2, label="95% by chance alone")
        ax.plot(shown["share"], at, "o", color=ACCENT, markersize=4.5, label="of the valid answers")
        ax.set_yticks(at, shown["label"], fontsize=9)
        ax.set(xlim=(0, 1), ylim=(-0.7, len(shown) - 0.3), xlabel="share")
        ax.grid(axis="y", visible=False)
        percent(ax.xaxis)
        ax.legend(loc="upper center", bbox_to_anchor=(0.4, -0.6 / (0.27 * len(shown) + 1.4)), ncols=3, fontsize=9)
        finding(figure, title)
    return figure


def notch_assumptions(grid: pd.DataFrame, currency: str, title: str) -> Figure:
    """Value of one notch over the causal share, a line for each persistence."""
    with themed():
        figure, (ax,) = panels(height=4.0)
        for i, (persistence, row) in enumerate(grid.iterrows()):
            ax.plot(
                row.index.to_numpy(float), row.to_numpy(float), MARKS[i % len(MARKS)] + "-", color=COLOURS[i % len(COLOURS)], markersize=4
            )
            ax.annotate(
                f"lasts: {persistence:g}", (1.0, row.iloc[-1]), xytext=(6, -3), textcoords="offset points", color=COLOURS[i % len(COLOURS)]
            )
        ax.set(xlabel="share of the association taken as effect", ylabel=f"value per moved customer, {currency}", xlim=(0, 1.14))
        finding(figure, title)
    return figure


def _bars(ax: Any, table: pd.DataFrame, column: str, colour: str, label: str, mark: str) -> None:
    _errors(ax, table["satisfaction"].to_numpy(), table, column, colour, label, mark)


def _errors(ax: Any, at: np.ndarray, table: pd.DataFrame, column: str, colour: str, label: str, mark: str) -> None:
    value = table[column].to_numpy()
    error = np.maximum([value - table["lower"].to_numpy(), table["upper"].to_numpy() - value], 0)
    ax.errorbar(at, value, yerr=error, fmt=mark, color=colour, capsize=3.5, markersize=5, linewidth=1.4, label=label)


def _levels(ax: Any, levels: np.ndarray, label: str) -> None:
    ax.set_xticks(levels, [f"{level:g}" for level in levels])
    ax.set_xlabel(label)
    margin = 0.03 * (levels[-1] - levels[0]) + 0.1
    ax.set_xlim(levels[0] - margin, levels[-1] + margin)
