"""Figures of the satisfaction report. Each takes what the library computed and draws one message; it is handed its title."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from goodwill.figures.theme import ACCENT, BAND, GRID, INK, MODEL, NAIVE, OTHER, PALETTE, headline, legend_beside, panels, percent, themed

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from goodwill.satisfaction.bends import Bend
    from goodwill.satisfaction.cells import LoyaltyCells
    from goodwill.satisfaction.curve import CurveFamily
    from goodwill.satisfaction.turning_points import Zones

    OneOrMore = Axes | Sequence[Axes] | None

MARKS = ("o", "s", "^", "D", "v", "P", "X", "*")


def loyalty_curve(
    cells: LoyaltyCells,
    family: CurveFamily | None,
    never_falling: tuple[LoyaltyCells, np.ndarray],
    *,
    title: str,
    ax: OneOrMore = None,
) -> Figure:
    """Loyal share by level with Wilson bars; the curve that never falls as steps, the average of forms as a line, where there is one.

    Examples
    --------
    >>> import goodwill as gw
    >>> cells = gw.satisfaction.LoyaltyCells.of(range(1, 6), (4, 8, 14, 24, 144), [200] * 5)
    >>> fits = gw.satisfaction.fit_curves(cells), gw.satisfaction.isotonic(cells)
    >>> figure = loyalty_curve(cells, *fits, title="Above all the very satisfied come back")
    >>> figure.axes[0].get_xlabel()
    'satisfaction'
    """
    table = cells.to_frame()
    seen = table["n_effective"] > 0
    with themed():
        figure, axes = panels(height=4.4, ax=ax)
        one = axes[0]
        _bars(one, table[seen], "loyal_share", MODEL, "answers, 95%", "o")
        if family is not None:
            grid = np.linspace(cells.levels[0], cells.levels[-1], 181)
            one.plot(grid, family.average(grid), color=ACCENT, linewidth=1.6, label="forms, averaged by AIC")
        monotone, fitted = never_falling
        one.step(monotone.levels, fitted, where="mid", color=NAIVE, linewidth=1.2, linestyle=":", label="never falling")
        for _, row in table[~seen].iterrows():
            one.annotate("no answers", (row["satisfaction"], 0.5), rotation=90, ha="center", va="center", color=NAIVE)
        _levels(one, cells.levels, "satisfaction")
        one.set(ylabel="loyal share", ylim=(-0.02, 1.02))
        percent(one.yaxis)
        one.legend(loc="upper left")
        headline(axes, title, ax)
    return figure


def outcomes(tables: Mapping[str, tuple[pd.DataFrame, tuple[float, float]]], *, title: str, ax: OneOrMore = None) -> Figure:
    """Outcomes side by side: mean with 95% intervals by level of satisfaction, and the straight line from end to end.

    `tables` holds, by the name of the outcome, a table of `outcome_by_level` and the lowest and highest value possible.

    Examples
    --------
    >>> import goodwill as gw
    >>> cells = gw.satisfaction.LoyaltyCells.of(range(1, 6), (4, 8, 14, 24, 144), [200] * 5)
    >>> table = gw.satisfaction.share_by_level(cells)
    >>> figure = outcomes({"will buy again": (table, (0, 1)), "would recommend": (table, (0, 1))}, title="Two outcomes go together")
    >>> len(figure.axes)
    2
    """
    with themed():
        figure, axes = panels(len(tables), width=4.8 * len(tables), height=4.0, ax=ax)
        for one, (name, (table, (low, high))) in zip(axes, tables.items(), strict=True):
            seen = table.dropna(subset=["mean"])
            _bars(one, seen.fillna({"lower": low, "upper": high}), "mean", MODEL, "answers, 95%", "o")
            one.plot(seen["satisfaction"].iloc[[0, -1]], seen["mean"].iloc[[0, -1]], color=NAIVE, linestyle=":", label="straight line")
            _levels(one, table["satisfaction"].to_numpy(), "satisfaction")
            room = 0.03 * (high - low)
            one.set(ylabel=name, ylim=(low - room, high + room))
            if (low, high) == (0, 1):
                percent(one.yaxis)
            one.legend(loc="upper left")
        headline(axes, title, ax)
    return figure


def steps(table: pd.DataFrame, largest: tuple[tuple[float, float], ...], *, title: str, ax: OneOrMore = None) -> Figure:
    """Differences between neighbouring levels with intervals that hold together; those that may be the largest are marked.

    Examples
    --------
    >>> import goodwill as gw
    >>> cells = gw.satisfaction.LoyaltyCells.of(range(1, 6), (4, 8, 14, 24, 144), [200] * 5)
    >>> found = gw.satisfaction.adjacent_steps(cells), gw.satisfaction.largest_step_set(cells)
    >>> figure = steps(*found, title="The last step is the largest")
    >>> [label.get_text() for label in figure.axes[0].get_xticklabels()]
    ['1 to 2', '2 to 3', '3 to 4', '4 to 5']
    """
    names = [f"{row.lower_level:g} to {row.upper_level:g}" for row in table.itertuples()]
    marked = np.array([(row.lower_level, row.upper_level) in largest for row in table.itertuples()])
    with themed():
        figure, axes = panels(height=3.8, ax=ax)
        one, at = axes[0], np.arange(len(table))
        for here, colour, mark, label in ((True, ACCENT, "D", "may be the largest step"), (False, MODEL, "o", "surely not the largest")):
            chosen = marked == here
            if chosen.any():
                _errors(one, at[chosen], table[chosen], "difference", colour, label, mark)
        one.axhline(0, color=NAIVE, linewidth=1)
        one.set_xticks(at, names)
        one.set(xlabel="step of satisfaction", ylabel="difference in the loyal share")
        percent(one.yaxis)
        one.legend(loc="upper left")
        headline(axes, title, ax)
    return figure


def zones(found: Zones, *, title: str, ax: OneOrMore = None) -> Figure:
    """Probability of a border between neighbouring levels, and the likeliest groupings.

    Examples
    --------
    >>> import goodwill as gw
    >>> cells = gw.satisfaction.LoyaltyCells.of(range(1, 6), (4, 8, 14, 24, 144), [200] * 5)
    >>> figure = zones(gw.satisfaction.zone_posterior(cells), title="Loyalty turns up between four and five")
    >>> figure.axes[0].get_ylabel()
    'probability of a border'
    """
    import seaborn as sns

    borders = {f"{a:g}|{b:g}": probability for (a, b), probability in found.cut_probability.items()}
    best = found.table.head(6)
    bars: dict[str, Any] = {"color": BAND, "edgecolor": MODEL, "saturation": 1, "width": 0.62}
    with themed():
        figure, axes = panels(2, width=9.6, height=3.8, ax=ax)
        sns.barplot(x=list(borders), y=list(borders.values()), ax=axes[0], **bars)
        axes[0].set(xlabel="between levels", ylabel="probability of a border", ylim=(0, 1.02))
        sns.barplot(x=best["probability"].to_numpy(), y=best["zones"].to_numpy(), ax=axes[1], orient="h", **bars)
        axes[1].set(xlabel="probability of a grouping", ylabel="")
        axes[1].tick_params(axis="y", labelsize=9)
        for axis in (axes[0].yaxis, axes[1].xaxis):
            percent(axis)
        headline(axes, title, ax)
    return figure


def kink_profile(found: Bend, levels: np.ndarray, *, title: str, ax: OneOrMore = None) -> Figure:
    """Loss of likelihood for every place of a kink and for the best smooth curve; the set of places, where a bend is told apart.

    Grey is where the scale cannot tell places apart.

    Examples
    --------
    >>> import goodwill as gw
    >>> cells = gw.satisfaction.LoyaltyCells.of(range(1, 6), (4, 8, 14, 24, 144), [200] * 5)
    >>> figure = kink_profile(gw.satisfaction.find_bend(cells), cells.levels, title="The bend lies near four")
    >>> figure.axes[0].get_xlabel()
    'place of the kink (satisfaction)'
    """
    kink = found.kink
    top = max(3 * kink.cut, float(np.median(kink.deviance)))
    with themed():
        figure, axes = panels(height=3.8, ax=ax)
        one = axes[0]
        blind: dict[str, Any] = {"facecolor": GRID, "edgecolor": NAIVE, "hatch": "///", "linewidth": 0, "alpha": 0.8}
        for i, (low, high) in enumerate(kink.flat):
            one.axvspan(low, high, label="the scale cannot tell" if i == 0 else None, **blind)
        one.plot(kink.grid, kink.deviance, color=MODEL, label="one kink, by place")
        one.axhline(found.gain, color=OTHER, linewidth=1.6, linestyle=(0, (1, 1)), label="best smooth curve")
        one.axhline(found.cut, color=ACCENT, linewidth=1.4, linestyle=(0, (5, 2)), label=f"a bend above {found.cut:g}")
        if found.told_apart:
            for i, (low, high) in enumerate(kink.pieces):
                one.plot([low, high], [0, 0], color=ACCENT, linewidth=6, solid_capstyle="butt", label="its places" if i == 0 else None)
        _levels(one, levels, "place of the kink (satisfaction)")
        one.set(ylabel="twice the loss of log-likelihood", ylim=(min(-0.02 * top, found.gain - 0.05 * top), max(top, 1.05 * found.gain)))
        legend_beside(axes, ax)
        headline(axes, title, ax)
    return figure


def markets(pooled: pd.DataFrame, *, title: str, ax: OneOrMore = None) -> Figure:
    """Loyal share by level, one panel per segment: own answers as dots, the pooled estimate with its band, all segments in grey.

    Examples
    --------
    >>> import goodwill as gw
    >>> cells = gw.satisfaction.LoyaltyCells.of(range(1, 6), (4, 8, 14, 24, 144), [200] * 5)
    >>> pooled = gw.satisfaction.pool_segments({"north": cells, "south": cells}, draws=100)
    >>> figure = markets(pooled, title="Both regions alike")
    >>> [ax.get_title(loc="left") or ax.get_title() for ax in figure.axes if ax.get_visible()]
    ['north', 'south']
    """
    names = list(dict.fromkeys(pooled["segment"]))
    with themed():
        figure, axes = _rows_of_panels(len(names), ax)
        for one, name in zip(axes, names, strict=True):
            for other in names:
                rest = pooled[pooled["segment"] == other]
                one.plot(rest["satisfaction"], rest["pooled"], color=NAIVE, linewidth=0.7, alpha=0.6)
            own = pooled[pooled["segment"] == name]
            one.fill_between(own["satisfaction"], own["lower"], own["upper"], color=BAND, linewidth=0)
            one.plot(own["satisfaction"], own["pooled"], color=MODEL)
            one.plot(own["satisfaction"], own["loyal_share"], "o", color=ACCENT, markersize=4)
            one.set_title(name, fontsize=10)
            one.set(ylim=(-0.02, 1.02), xlabel="satisfaction", ylabel="loyal share")
            one.label_outer()
            percent(one.yaxis)
        headline(axes, title, ax)
    return figure


def _rows_of_panels(count: int, ax: OneOrMore) -> tuple[Figure, list[Axes]]:
    """The axes given, or a figure of two or three panels a row, as many as are asked for."""
    from matplotlib.figure import Figure

    if ax is not None:
        return panels(count, ax=ax)
    columns = 2 if count <= 4 else 3
    rows = -(-count // columns)
    figure = Figure(figsize=(8.0, 2.5 * rows + 0.8), layout="constrained")
    axes = list(figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel())
    for spare in axes[count:]:
        spare.set_visible(False)
    return figure, axes[:count]


def quadrants(
    pairs: pd.DataFrame, satisfied: float, loyal: float, shares: Mapping[str, float], *, title: str, ax: OneOrMore = None
) -> Figure:
    """Respondents by both answers (area of dots), the borders, and the share in each quadrant.

    Examples
    --------
    >>> import numpy as np
    >>> import goodwill as gw
    >>> said, loyalty, count = np.repeat([1, 3, 5], 3), np.tile([1, 3, 5], 3), np.arange(1, 10)
    >>> pairs = gw.satisfaction.quadrant_probabilities(said, loyalty, (1.0, 1.0), satisfied=4, loyal=4, count=count)
    >>> shares = gw.satisfaction.quadrant_table(said, loyalty >= 4, 4, count=count)["share"].to_dict()
    >>> figure = quadrants(pairs, 4, 4, shares, title="A fifth are satisfied and loyal")
    >>> {name: round(share, 2) for name, share in shares.items()}
    {'loyal': 0.2, 'mercenary': 0.33, 'hostage-like': 0.2, 'defector': 0.27}
    """
    import seaborn as sns

    with themed():
        figure, axes = panels(width=6.8, height=5.2, ax=ax)
        one = axes[0]
        area: dict[str, Any] = {"sizes": (4, 900), "size_norm": (0, pairs["count"].max()), "legend": False}
        sns.scatterplot(pairs, x="satisfaction", y="loyalty", size="count", ax=one, color=BAND, edgecolor=MODEL, **area)
        one.axvline(satisfied - 0.5, color=ACCENT, linewidth=1.2)
        one.axhline(loyal - 0.5, color=ACCENT, linewidth=1.2)
        corners = {"loyal": (0.985, 0.985), "mercenary": (0.985, 0.02), "hostage-like": (0.015, 0.985), "defector": (0.015, 0.02)}
        for name, (x, y) in corners.items():
            one.annotate(
                f"{name}\n{shares[name]:.0%}",
                (x, y),
                xycoords="axes fraction",
                ha="right" if x > 0.5 else "left",
                va="top" if y > 0.5 else "bottom",
                fontweight="bold",
                color=INK,
                bbox={"facecolor": "white", "alpha": 0.75, "linewidth": 0},
            )
        for axis, name in ((one.xaxis, "satisfaction"), (one.yaxis, "loyalty")):
            known = np.unique(pairs[name])
            axis.set_ticks(known, [f"{level:g}" for level in known])
            room = 0.16 * (known[-1] - known[0])
            one.set(**{f"{axis.axis_name}lim": (known[0] - room, known[-1] + room), f"{axis.axis_name}label": name})
        headline(axes, title, ax)
    return figure


def ratio_by_size(table: pd.DataFrame, truth: float, *, title: str, ax: OneOrMore = None) -> Figure:
    """Interval of a ratio against the number of respondents, both axes logarithmic.

    Examples
    --------
    >>> import goodwill as gw
    >>> sizes = gw.satisfaction.ratio_by_size(0.12, 0.72, (0.42, 0.28), [93, 500])
    >>> figure = ratio_by_size(sizes, 6, title="What 93 answers tell")
    >>> figure.axes[0].get_xlabel()
    'respondents'
    """
    from matplotlib.ticker import FuncFormatter, NullFormatter

    with themed():
        figure, axes = panels(height=3.6, ax=ax)
        one = axes[0]
        one.fill_between(table["n"], table["lower"], table["upper"], color=BAND, linewidth=0, label="95% score interval")
        one.axhline(truth, color=ACCENT, linewidth=1.4, label="true ratio")
        one.axhline(1, color=NAIVE, linewidth=1, linestyle=":", label="no difference")
        one.set(xscale="log", yscale="log", xlabel="respondents", ylabel="ratio of the top two levels")
        one.set_yticks([1, 2, 4, 6, 10, 20])
        one.set_xticks([50, 93, 200, 500, 1000, 2000, 5000])
        for axis in (one.xaxis, one.yaxis):
            axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
            axis.set_minor_formatter(NullFormatter())
        one.legend(loc="upper right")
        headline(axes, title, ax)
    return figure


def importance_map(table: pd.DataFrame, *, title: str, ax: OneOrMore = None) -> Figure:
    """Mean answer and derived importance of each item, with 95% intervals both ways and the averages as a crosshair.

    Examples
    --------
    >>> import pandas as pd
    >>> ends = {"mean_lower": [2.9, 3.9], "mean_upper": [3.1, 4.1], "share_lower": [0.5, 0.3], "share_upper": [0.7, 0.5]}
    >>> items = pd.DataFrame({"mean": [3.0, 4.0], "share": [0.6, 0.4], **ends}, index=["service", "price"])
    >>> figure = importance_map(items, title="Service matters most and is rated least")
    >>> figure.axes[0].get_xlabel()
    'mean answer'
    """
    with themed():
        figure, axes = panels(width=6.8, height=4.6, ax=ax)
        one = axes[0]
        one.axvline(table["mean"].mean(), color=NAIVE, linewidth=1)
        one.axhline(1 / len(table), color=NAIVE, linewidth=1)
        for i, (item, row) in enumerate(table.iterrows()):
            colour = PALETTE[i % len(PALETTE)]
            across = [[row["mean"] - row["mean_lower"]], [row["mean_upper"] - row["mean"]]]
            along = [[max(row["share"] - row["share_lower"], 0)], [max(row["share_upper"] - row["share"], 0)]]
            marks: dict[str, Any] = {"fmt": MARKS[i % len(MARKS)], "color": colour, "capsize": 3, "linewidth": 1.2}
            one.errorbar(row["mean"], row["share"], xerr=across, yerr=along, **marks)
            one.annotate(str(item), (row["mean"], row["share"]), xytext=(7, 6), textcoords="offset points", color=colour)
        one.set(xlabel="mean answer", ylabel="share of the explained variance")
        percent(one.yaxis)
        headline(axes, title, ax)
    return figure


def shares_with_bounds(table: pd.DataFrame, *, title: str, ax: OneOrMore = None) -> Figure:
    """Shares with Wilson intervals (bars) over worst-case bounds (grey); columns label, share, lower, upper, least, most, top down.

    Examples
    --------
    >>> import goodwill as gw
    >>> bounds = gw.satisfaction.share_with_bounds([10, 82], 93, 250).assign(label=["very satisfied", "satisfied"])
    >>> figure = shares_with_bounds(bounds, title="What those who did not answer could change")
    >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
    ['satisfied', 'very satisfied']
    """
    shown = table.iloc[::-1].reset_index(drop=True)
    with themed():
        figure, axes = panels(width=8.4, height=0.27 * len(shown) + 1.4, ax=ax)
        one, at = axes[0], np.arange(len(shown))
        one.hlines(at, shown["least"], shown["most"], color=GRID, linewidth=7, label="if those who did not answer all said no, or yes")
        one.hlines(at, shown["lower"], shown["upper"], color=MODEL, linewidth=2.2, label="95% by chance alone")
        one.plot(shown["share"], at, "o", color=ACCENT, markersize=4.5, label="of the valid answers")
        one.set_yticks(at, shown["label"], fontsize=9)
        one.set(xlim=(0, 1), ylim=(-0.7, len(shown) - 0.3), xlabel="share")
        one.grid(axis="y", visible=False)
        percent(one.xaxis)
        legend_beside(axes, ax, loc="outside lower center", ncols=3, fontsize=9)
        headline(axes, title, ax)
    return figure


def notch_assumptions(grid: pd.DataFrame, currency: str, *, title: str, ax: OneOrMore = None) -> Figure:
    """Value of one notch over the causal share, a line for each persistence.

    Examples
    --------
    >>> import goodwill as gw
    >>> cells = gw.satisfaction.LoyaltyCells.of(range(1, 6), (4, 8, 14, 24, 144), [200] * 5)
    >>> terms = gw.satisfaction.NotchTerms(100, 0.1, 1.0, 0.5)
    >>> grid = gw.satisfaction.assumption_grid(cells, (4.0, 5.0), terms, gw.satisfaction.Retention(), draws=50)
    >>> figure = notch_assumptions(grid, "USD", title="What a notch is worth hangs on how long it lasts")
    >>> figure.axes[0].get_xlabel()
    'share of the association taken as effect'
    """
    with themed():
        figure, axes = panels(height=4.0, ax=ax)
        one = axes[0]
        for i, (persistence, row) in enumerate(grid.iterrows()):
            colour, mark = PALETTE[i % len(PALETTE)], MARKS[i % len(MARKS)]
            one.plot(row.index.to_numpy(float), row.to_numpy(float), mark + "-", color=colour, markersize=4)
            one.annotate(f"lasts: {persistence:g}", (1.0, row.iloc[-1]), xytext=(6, -3), textcoords="offset points", color=colour)
        one.set(xlabel="share of the association taken as effect", ylabel=f"value per moved customer, {currency}", xlim=(0, 1.14))
        headline(axes, title, ax)
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
