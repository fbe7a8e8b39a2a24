"""Figures of what to do, how much money it takes and whether the plan can be trusted. Each takes tables that the library computed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from goodwill.figures.segments import STROKES
from goodwill.figures.theme import ACCENT, BAND, INK, MODEL, NAIVE, OTHER, headline, legend_beside, panels, themed, thousands

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def strategy_grid(
    table: pd.DataFrame, segments: Sequence[str], strategies: Sequence[str], currency: str, title: str, ax: Any = None
) -> Figure:
    """Net value per treated customer of each strategy in each segment, as number and shade; the dot is what the plan spends there.

    `table` has one row per pair that is eligible: segment, strategy, evidence (A to D), net, probability_net_positive and spend (of the
    plan). Pairs without a row stay blank; grade D is hatched; brackets mean that under nine of ten draws agree on the sign.

    Examples
    --------
    >>> import pandas as pd
    >>> cells = {"evidence": ["A", "D"], "net": [12.0, -3.0], "probability_net_positive": [0.99, 0.02], "spend": [100.0, 0.0]}
    >>> table = pd.DataFrame({"segment": ["best", "lost"], "strategy": "call", **cells})
    >>> figure = strategy_grid(table, ["best", "lost"], ["call"], "USD", "A call pays with the best alone")
    >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
    ['best', 'lost']
    """
    import seaborn as sns
    from matplotlib.colors import LinearSegmentedColormap, SymLogNorm
    from matplotlib.patches import Rectangle

    reach = max(float(table["net"].abs().max()), 1e-9)
    # Two hues that differ in lightness too; the sign is in the number as well.
    shades = LinearSegmentedColormap.from_list("worth", ["#e08a4a", "#f6dcc6", "#ffffff", "#d3e5f3", "#7fb2da"])
    net = table.pivot(index="segment", columns="strategy", values="net").reindex(index=list(segments), columns=list(strategies))
    with themed():
        figure, axes = panels(width=min(12.0, 2.8 + 0.95 * len(strategies)), height=2.3 + 0.52 * len(segments), ax=ax)
        here = axes[0]
        look: dict[str, Any] = {"cbar": False, "linewidths": 1.5, "linecolor": "white"}
        sns.heatmap(net, cmap=shades, norm=SymLogNorm(reach / 30, vmin=-reach, vmax=reach), ax=here, **look)
        most = max(float(table["spend"].max()), 1e-9)
        for row in table.to_dict("records"):
            i, j = list(segments).index(row["segment"]), list(strategies).index(row["strategy"])
            if row["evidence"] == "D":
                here.add_patch(
                    Rectangle((j + 0.02, i + 0.04), 0.96, 0.92, hatch="////", facecolor="none", edgecolor="#a9b0ba", linewidth=0.6)
                )
            _number(here, j + 0.5, i + 0.34, row)
            if row["spend"] > 0:
                size = 14 + 150 * row["spend"] / most
                here.scatter([j + 0.5], [i + 0.74], s=size, color=INK, edgecolor="white", linewidth=0.8, zorder=3)
        here.set_xticks(np.arange(len(strategies)) + 0.5, [_label(name) for name in strategies], fontsize=8.5, rotation=0)
        here.set_yticks(np.arange(len(segments)) + 0.5, segments, fontsize=9, rotation=0)
        here.set_xlabel(
            f"{currency} per treated customer after cost, in brackets where under nine of ten draws agree on the sign;\n"
            "dot: what the plan spends there; hatched: the effect is an assumption (grade D); blank: not eligible",
            fontsize=9,
        )
        here.set_ylabel("")
        here.grid(visible=False)
        here.xaxis.tick_top()
        headline(axes, title, ax)
    return figure


def _number(ax: Axes, x: float, y: float, row: dict[Any, Any]) -> None:
    unsure = 0.1 < row["probability_net_positive"] < 0.9
    text = f"({row['net']:+,.3g})" if unsure else f"{row['net']:+,.3g}"
    weight = "bold" if row["probability_net_positive"] >= 0.9 else None
    box = {"facecolor": "white", "alpha": 0.82, "linewidth": 0, "pad": 1.2}
    look: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 8.5, "color": INK, "bbox": box, "fontweight": weight}
    ax.text(x, y, text.replace("-", "\N{MINUS SIGN}"), **look)


def plans_compared(table: pd.DataFrame, unit: str, title: str, ax: Axes | None = None) -> Figure:
    """What each plan nets, with its interval: columns plan, net, lower, upper; the line is nothing gained and nothing lost.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"plan": ["optimised", "everybody"], "net": [120.0, 20.0], "lower": [60.0, -50.0], "upper": [180.0, 90.0]})
    >>> figure = plans_compared(table, "USD", "The plan pays")
    >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
    ['optimised', 'everybody']
    """
    with themed():
        figure, axes = panels(height=0.5 * len(table) + 1.6, ax=ax)
        here = axes[0]
        error = np.maximum([table["net"] - table["lower"], table["upper"] - table["net"]], 0)
        here.errorbar(table["net"], range(len(table)), xerr=error, fmt="o", color=MODEL, capsize=4, linewidth=1.6)
        here.axvline(0, color=INK, linewidth=0.8)
        here.set_yticks(range(len(table)), table["plan"])
        here.set(xlabel=unit, ylim=(len(table) - 0.5, -0.7))
        here.grid(axis="y", visible=False)
        if not table[["net", "lower", "upper"]].to_numpy().any():  # nobody gets anything
            here.set(xlim=(-1, 1), xticks=[0])
        thousands(here.xaxis)
        headline(axes, title, ax)
    return figure


def frontier(table: pd.DataFrame, plans: pd.DataFrame, budget: float, currency: str, title: str, ax: Axes | None = None) -> Figure:
    """What a budget brings: columns budget, gain, lower, upper, shadow_price; `plans` (plan, cost, gain) are points beside the curve.

    Examples
    --------
    >>> import pandas as pd
    >>> budgets = {"budget": [0.0, 50.0, 100.0], "gain": [0.0, 90.0, 120.0], "lower": [0.0, 60.0, 80.0], "upper": [0.0, 120.0, 160.0]}
    >>> table = pd.DataFrame({**budgets, "shadow_price": [2.0, 1.2, 0.4]})
    >>> plans = pd.DataFrame({"plan": ["everybody"], "cost": [100.0], "gain": [70.0]})
    >>> figure = frontier(table, plans, 50.0, "USD", "Beyond 50 a unit more brings less than itself")
    >>> figure.axes[0].get_xlabel()
    'budget, USD'
    """
    marks = ("s", "^", "v", "P", "X", "*")
    with themed():
        figure, axes = panels(width=8.6, height=4.8, ax=ax)
        here = axes[0]
        here.fill_between(table["budget"], table["lower"], table["upper"], color=BAND, linewidth=0, alpha=0.7, label="80 % of the draws")
        here.plot(table["budget"], table["gain"], color=MODEL, label="best plan for each budget")
        here.plot(table["budget"], table["budget"], color=NAIVE, linewidth=1, linestyle=":", label="pays for itself")
        for i, row in enumerate(plans.to_dict("records")):
            here.plot(
                row["cost"], row["gain"], marks[i % len(marks)], color=ACCENT, markersize=8, label=row["plan"], linestyle="", zorder=4
            )
        here.axvline(budget, color=INK, linewidth=0.9)
        spot: dict[str, Any] = {"xycoords": ("data", "axes fraction"), "xytext": (4, -11), "textcoords": "offset points"}
        here.annotate("budget", (budget, 1), fontsize=9, **spot)
        price = here.twinx()
        price.step(table["budget"], table["shadow_price"], where="post", color=OTHER, linestyle=(0, (4, 2)), linewidth=1.4)
        price.axhline(1, color=OTHER, linewidth=0.7, linestyle=":")
        price.set_ylabel(f"return of the next {currency} (dashed)", color=OTHER)
        price.set_ylim(0, 1.08 * max(1.0, float(np.nanmax(table["shadow_price"].to_numpy(float)))))
        price.grid(visible=False)
        price.spines["right"].set_visible(True)
        here.set(xlabel=f"budget, {currency}", ylabel=f"added value before cost, {currency}", xlim=(0, float(table["budget"].max())))
        here.set_ylim(bottom=min(0.0, float(table["lower"].min())))
        thousands(here.xaxis)
        thousands(here.yaxis)
        legend_beside(axes, ax, loc="outside lower center", ncols=3, fontsize=9)
        headline(axes, title, ax)
    return figure


def claimed_delivered(table: pd.DataFrame, unit: str, title: str, ax: Axes | None = None) -> Figure:
    """What each way of planning claims of its own plan, and what it delivered on customers that it had not seen.

    Columns method, claimed, delivered, delivered_low and delivered_high.

    Examples
    --------
    >>> import pandas as pd
    >>> delivered = {"delivered": [1.0], "delivered_low": [0.6], "delivered_high": [1.3]}
    >>> table = pd.DataFrame({"method": ["optimised"], "claimed": [1.4], **delivered})
    >>> figure = claimed_delivered(table, "USD a customer", "A plan claims more than it delivers")
    >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
    ['optimised']
    """
    with themed():
        figure, axes = panels(height=0.62 * len(table) + 1.8, ax=ax)
        here = axes[0]
        at = np.arange(len(table))
        look: dict[str, Any] = {"height": 0.36, "linewidth": 0.8}
        here.barh(at - 0.19, table["claimed"], color="white", edgecolor=NAIVE, hatch="///", label="claimed", **look)
        error = np.maximum([table["delivered"] - table["delivered_low"], table["delivered_high"] - table["delivered"]], 0)
        whiskers: dict[str, Any] = {"xerr": error, "ecolor": INK, "capsize": 3, "error_kw": {"linewidth": 1.2}}
        here.barh(at + 0.19, table["delivered"], color=MODEL, label="delivered", **look, **whiskers)
        ends = table[["delivered_high", "delivered"]].max(axis=1).to_numpy(float)
        near: dict[str, Any] = {"textcoords": "offset points", "va": "center", "fontsize": 9}
        for y, claim, came, end in zip(at, table["claimed"], table["delivered"], ends, strict=True):
            here.annotate(f"{claim:,.3g}", (max(claim, 0), y - 0.19), xytext=(4, 0), **near)
            here.annotate(f"{came:,.3g}".replace("-", "\N{MINUS SIGN}"), (max(end, 0), y + 0.19), xytext=(4, 0), **near)
        here.axvline(0, color=INK, linewidth=0.8)
        here.set_yticks(at, table["method"])
        here.set(xlabel=unit, ylim=(len(table) - 0.4, -0.6))
        here.margins(x=0.1)
        here.grid(axis="y", visible=False)
        here.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2)
        headline(axes, title, ax)
    return figure


def readings(table: pd.DataFrame, unit: str, title: str, ax: Axes | None = None) -> Figure:
    """One question read in several ways from the same data: columns reading, difference, lower, upper; none is called an effect.

    Examples
    --------
    >>> import pandas as pd
    >>> found = {"difference": [9.0, 2.0], "lower": [6.0, -1.0], "upper": [12.0, 5.0]}
    >>> table = pd.DataFrame({"reading": ["as seen", "like with like"], **found})
    >>> figure = readings(table, "USD", "Like with like, no difference is told")
    >>> figure.axes[0].get_xlabel()
    'USD'
    """
    marks = ("o", "s", "^", "D", "v")
    with themed():
        figure, axes = panels(height=0.5 * len(table) + 1.6, ax=ax)
        here = axes[0]
        for i, row in enumerate(table.to_dict("records")):
            error = [[row["difference"] - row["lower"]], [row["upper"] - row["difference"]]]
            colour = STROKES[i % len(STROKES)]["color"]
            here.errorbar(row["difference"], i, xerr=error, fmt=marks[i % len(marks)], color=colour, capsize=4, linewidth=1.6)
            text = f"{row['difference']:+,.0f}".replace("-", "\N{MINUS SIGN}")
            here.annotate(text, (row["difference"], i), xytext=(0, 8), textcoords="offset points", ha="center", fontsize=9)
        here.axvline(0, color=INK, linewidth=0.8)
        here.set_yticks(range(len(table)), table["reading"])
        here.set(xlabel=unit, ylim=(len(table) - 0.5, -0.7))
        here.grid(axis="y", visible=False)
        thousands(here.xaxis)
        headline(axes, title, ax)
    return figure


def trial_power(table: pd.DataFrame, differences: pd.Series, currency: str, title: str, ax: Axes | None = None) -> Figure:
    """Customers that each arm of a trial needs against the difference to be seen (both axes logarithmic): difference, per_arm.

    `differences` marks, by name, the differences that matter here.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"difference": [1.0, 2.0, 4.0], "per_arm": [6_400, 1_600, 400]})
    >>> figure = trial_power(table, pd.Series({"call": 2.0}), "USD", "Half the difference takes four times the customers")
    >>> figure.axes[0].get_xlabel()
    'true difference per customer, USD'
    """
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    with themed():
        figure, axes = panels(height=3.8, ax=ax)
        here = axes[0]
        here.plot(table["difference"], table["per_arm"], color=MODEL)
        for name, value in differences.items():
            need = float(np.exp(np.interp(np.log(value), np.log(table["difference"]), np.log(table["per_arm"]))))
            here.plot([value], [need], "o", color=ACCENT)
            here.annotate(f"{name}: {need:,.0f} per arm", (value, need), xytext=(7, 3), textcoords="offset points", fontsize=9)
        here.set(xscale="log", yscale="log", xlabel=f"true difference per customer, {currency}", ylabel="customers per arm")
        for axis in (here.xaxis, here.yaxis):
            axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))
            axis.set_minor_formatter(NullFormatter())
        here.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        headline(axes, title, ax)
    return figure


def _label(name: str) -> str:
    from textwrap import fill

    return fill(str(name).replace("_", " "), 12)
