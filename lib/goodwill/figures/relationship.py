"""Figures of the relationship report. Each draws what it is told, under the title that it is given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np

from goodwill.figures.theme import ACCENT, BAND, INK, MODEL, NAIVE, OTHER, headline, legend_beside, panels, percent, themed, thousands

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def links(table: pd.DataFrame, records: Sequence[str], at_hand: Iterable[str], *, title: str, ax: Axes | None = None) -> Figure:
    """Records on the left, the numbers that they feed on the right; what is missing is grey and dashed, with what stands in.

    `table` has number, needs (records joined by " + "), there and stands_in.

    Examples
    --------
    >>> import pandas as pd
    >>> needed = {"number": ["worth of a point"], "needs": ["purchases + survey"], "there": [False], "stands_in": ["a published one"]}
    >>> figure = links(pd.DataFrame(needed), ["purchases", "survey"], ["purchases"], title="There is no survey")
    >>> figure.axes[0].texts[0].get_text()
    'purchases'
    """
    here_are = set(at_hand)
    with themed():
        figure, axes = panels(width=8.6, height=5.2, ax=ax)
        here = axes[0]
        left = dict(zip(records, np.linspace(0.86, 0.14, len(records)), strict=True))
        right = np.linspace(0.96, 0.04, len(table))
        for name, y in left.items():
            _box(here, 0.01, y, name, name in here_are)
        for row, y in zip(table.itertuples(), right, strict=True):
            words = str(row.number) if row.there else f"{row.number}\n(stands in: {row.stands_in})"
            _box(here, 0.46, float(y), words, bool(row.there))
            for name in [each for each in str(row.needs).split(" + ") if each in left]:
                style = {"color": MODEL, "linewidth": 1.4} if row.there else {"color": NAIVE, "linewidth": 0.9, "linestyle": (0, (3, 3))}
                here.annotate("", (0.445, y), (0.16, left[name]), arrowprops={"arrowstyle": "->", **style})
        here.set(xlim=(0, 1), ylim=(-0.03, 1.03))
        here.axis("off")
        headline(axes, title, ax)
    return figure


def _box(ax: Axes, x: float, y: float, words: str, there: bool) -> None:
    edge = {"edgecolor": MODEL, "facecolor": "white"} if there else {"edgecolor": NAIVE, "facecolor": "#f4f5f7", "linestyle": "--"}
    lines = "\n".join(fill(line, 60) for line in words.split("\n"))
    color = INK if there else NAIVE
    ax.text(x, y, lines, ha="left", va="center", fontsize=9, color=color, bbox={"boxstyle": "round,pad=0.35", **edge})


def totals(table: pd.DataFrame, currency: str, *, title: str, ax: Axes | None = None) -> Figure:
    """What all units of each lever bring within the horizon: columns lever, total, lower, upper; and truth where it is known.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"lever": ["retention", "recovery"], "total": [160.0, 110.0], "lower": [140.0, 5.0], "upper": [190.0, 250.0]})
    >>> figure = totals(table, "EUR", title="Both bring something")
    >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
    ['retention', 'recovery']
    """
    with themed():
        figure, axes = panels(height=1.6 + 0.5 * len(table), ax=ax)
        here, at = axes[0], np.arange(len(table))[::-1]
        error = np.abs(table[["lower", "upper"]].to_numpy(float).T - table["total"].to_numpy(float))
        here.axvline(0, color=INK, linewidth=1)
        here.errorbar(table["total"], at, xerr=error, fmt="o", color=MODEL, capsize=4, label="estimate, 95 %")
        if "truth" in table:
            here.plot(table["truth"], at + 0.18, "D", color=ACCENT, markersize=6, label="truth of the simulated company")
            here.legend(loc="best")
        here.set_yticks(at, table["lever"])
        thousands(here.xaxis, None)
        here.set(xlabel=f"{currency} within the horizon", ylim=(-0.6, len(table) - 0.4))
        here.grid(axis="y", visible=False)
        headline(axes, title, ax)
    return figure


def parts(table: pd.DataFrame, currency: str, *, title: str, ax: Axes | None = None) -> Figure:
    """Each lever alone, its part of all together, and what it adds last: columns lever, alone, part, last_in.

    Examples
    --------
    >>> import pandas as pd
    >>> parts_of = {"alone": [160.0, 110.0], "part": [155.0, 105.0], "last_in": [150.0, 100.0]}
    >>> figure = parts(pd.DataFrame({"lever": ["retention", "recovery"], **parts_of}), "EUR", title="Who is kept twice is kept once")
    >>> figure.axes[0].get_xlabel()
    'EUR within the horizon'
    """
    import seaborn as sns

    ways = {"alone": "alone", "part": "part of all (Shapley)", "last_in": "as the last one"}
    long = table.rename(columns=ways).melt("lever", list(ways.values()), var_name="how", value_name="money")
    with themed():
        figure, axes = panels(height=1.8 + 0.6 * len(table), ax=ax)
        here = axes[0]
        colors = [BAND, MODEL, OTHER]
        sns.barplot(long, y="lever", x="money", hue="how", ax=here, palette=colors, edgecolor=INK, linewidth=0.6, saturation=1)
        for bars, hatch in zip(here.containers, ("", "//", ".."), strict=True):  # colour is not the only carrier
            for bar in bars:
                bar.set_hatch(hatch)
        here.axvline(0, color=INK, linewidth=1)
        here.set(xlabel=f"{currency} within the horizon", ylabel="")
        thousands(here.xaxis, None)
        inside = here.get_legend()
        assert inside is not None
        inside.remove()
        legend_beside(axes, ax, loc="outside lower center", ncols=3)
        headline(axes, title, ax)
    return figure


def break_even(table: pd.DataFrame, *, title: str, ax: Axes | None = None) -> Figure:
    """Share of each association that must be effect for the lever to pay: columns lever, share (above 1 it does not pay).

    Examples
    --------
    >>> import pandas as pd
    >>> figure = break_even(pd.DataFrame({"lever": ["retention", "recovery"], "share": [0.4, 1.5]}), title="Recovery does not pay")
    >>> figure.axes[0].get_xlabel()
    'share of the association that must be effect'
    """
    with themed():
        figure, axes = panels(height=1.6 + 0.45 * len(table), ax=ax)
        here, at = axes[0], np.arange(len(table))[::-1]
        shown = table["share"].clip(upper=1.25)
        here.barh(at, shown, color=BAND, edgecolor=MODEL, linewidth=0.8, height=0.55)
        here.axvline(1, color=ACCENT, linewidth=1.5, linestyle=(0, (5, 2)))
        here.annotate("all of it", (1, len(table) - 0.55), xytext=(4, 0), textcoords="offset points", color=ACCENT, fontsize=9)
        here.set_yticks(at, table["lever"])
        here.set(xlabel="share of the association that must be effect", xlim=(0, 1.25), ylim=(-0.6, len(table) - 0.3))
        percent(here.xaxis)
        here.grid(axis="y", visible=False)
        headline(axes, title, ax)
    return figure
