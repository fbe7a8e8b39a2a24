"""Figures of whether sorting customers worked: rankings and deciles judged by what came. Each draws the title that it is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from goodwill.figures.segments import STROKES
from goodwill.figures.theme import ACCENT, INK, MODEL, NAIVE, headline, panels, percent, themed

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

THIN = ("oracle", "random")


def gains(curves: pd.DataFrame, differences: Mapping[str, pd.DataFrame], at: float, title: str, ax: Sequence[Axes] | None = None) -> Figure:
    """Share of later spend against the share of customers, by what they are ranked by; and how far each score is from the first.

    `curves` (of `gains`: score, customers, outcome) draws the scores `oracle` and `random` thin; the others in the order of their first
    row. `differences` holds, by score, what `gains_difference` says of it against the first one: customers, difference, lower, upper.
    `at` is the share of customers that is looked at.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> x = np.linspace(0, 1, 11)
    >>> curves = pd.concat([pd.DataFrame({"score": name, "customers": x, "outcome": x**p}) for name, p in (("value", 0.4), ("spend", 0.5))])
    >>> behind = pd.DataFrame({"customers": x[:5], "difference": -0.02, "lower": -0.03, "upper": -0.01})
    >>> figure = gains(curves, {"spend": behind}, 0.1, "Value finds more than past spend")
    >>> [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    ['value', 'spend']
    """
    import seaborn as sns
    from matplotlib.ticker import MaxNLocator

    drawn = curves[~curves["score"].isin(THIN)]
    names = list(dict.fromkeys(drawn["score"]))
    strokes = dict(zip(names, STROKES, strict=False))
    look: dict[str, Any] = {
        "palette": {name: stroke["color"] for name, stroke in strokes.items()},
        "dashes": {name: stroke.get("linestyle", ("", ""))[1] for name, stroke in strokes.items()},
    }
    with themed():
        figure, axes = panels(2, width=10.4, height=4.6, ax=ax)
        left, right = axes
        sns.lineplot(drawn, x="customers", y="outcome", hue="score", style="score", estimator=None, ax=left, **look)
        for name in THIN:
            x, y = curves.loc[curves["score"] == name, ["customers", "outcome"]].to_numpy(float).T
            if len(x):
                left.plot(x, y, color=NAIVE, linewidth=1, linestyle="-" if name == "oracle" else ":")
                left.annotate(name, (0.22, np.interp(0.22, x, y)), xytext=(3, -11), textcoords="offset points", color=NAIVE, fontsize=9)
        left.set(xlabel="share of customers, the best-ranked first", ylabel="share of the spend that came", xlim=(0, 1), ylim=(0, 1.01))
        left.legend(loc="lower right", fontsize=9.5)
        right.axhline(0, color=MODEL)
        near: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points", "color": MODEL}
        right.annotate(names[0], (0, 0), xytext=(5, 5), fontsize=9.5, **near)
        for name, part in differences.items():
            ends = part["lower"], part["upper"]
            right.fill_between(part["customers"], *ends, color=strokes[name]["color"], alpha=0.14, linewidth=0)
            right.plot(part["customers"], part["difference"], **strokes[name])
        reach = max((float(part["customers"].max()) for part in differences.values()), default=1.0)
        right.set(xlabel="share of customers", ylabel=f"points more or less than by {names[0]}", xlim=(0, reach))
        for panel in axes:
            panel.axvline(at, color=INK, linewidth=0.9)
            percent(panel.xaxis)
        percent(left.yaxis)
        right.yaxis.set_major_formatter(lambda share, _: f"{100 * share:+.0f}" if round(share, 4) else "0")
        right.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
        headline(axes, title, ax)
    return figure


def decile_lift(tables: Mapping[str, pd.DataFrame], title: str, ax: Sequence[Axes] | None = None) -> Figure:
    """Share of sales with each of ten parts of the customers, when the parts were made and in the hold-out.

    Each table is that of `decile_table`: customers, share_of_sales, share_of_holdout with its _lower and _upper. On given axes the title
    takes the place of the first table's name.

    Examples
    --------
    >>> import pandas as pd
    >>> parts = {"share_of_holdout": [0.4, 0.6], "share_of_holdout_lower": [0.3, 0.5], "share_of_holdout_upper": [0.45, 0.7]}
    >>> table = pd.DataFrame({"customers": [1, 9], "share_of_sales": [0.5, 0.5], **parts})
    >>> figure = decile_lift({"by sales": table}, "The best tenth falls back")
    >>> figure.axes[0].get_title(loc="left")
    'by sales'
    """
    from matplotlib.ticker import MaxNLocator

    with themed():
        figure, axes = panels(len(tables), width=5.2 * len(tables), height=4.4, ax=ax)
        for panel, (name, table) in zip(axes, tables.items(), strict=True):
            at = np.arange(len(table))
            before: dict[str, Any] = {"color": "white", "edgecolor": NAIVE, "hatch": "///", "linewidth": 0.8, "label": "calibration"}
            panel.bar(at - 0.2, table["share_of_sales"], 0.38, **before)
            came = table["share_of_holdout"].to_numpy(float)
            error = np.abs(table[["share_of_holdout_lower", "share_of_holdout_upper"]].to_numpy(float).T - came)
            look: dict[str, Any] = {"ecolor": INK, "capsize": 2.5, "error_kw": {"linewidth": 1.2}}
            panel.bar(at + 0.2, came, 0.38, color=MODEL, yerr=error, label="hold-out, 95 %", **look)
            panel.axhline(0.1, color=ACCENT, linewidth=1, linestyle=":")
            panel.set_xticks(at, [f"{i + 1}\n{count:,.0f}" for i, count in enumerate(table["customers"])], fontsize=8)
            panel.set(xlabel="part, 1 is the highest (customers below)", ylabel="share of sales")
            panel.set_title(name, fontsize=10.5)
            panel.grid(axis="x", visible=False)
            panel.yaxis.set_major_locator(MaxNLocator(8, steps=[1, 2, 5, 10]))  # whole per cents
            percent(panel.yaxis)
            panel.legend(loc="upper right", fontsize=9)
        headline(axes, title, ax)
    return figure


def top_shares(table: pd.DataFrame, title: str, ax: Axes | None = None) -> Figure:
    """What the top part of the customers brought, by what they were ranked by, the best on top, beside chance and what could be reached.

    `table` is that of `ranking_table`: index score, with top, lower and upper; its row `oracle` is drawn as a line, as is chance.

    Examples
    --------
    >>> import pandas as pd
    >>> shares = {"top": [0.7, 0.5, 0.1], "lower": [0.6, 0.4, 0.0], "upper": [0.8, 0.6, 0.2]}
    >>> table = pd.DataFrame(shares, index=["oracle", "value", "random"])
    >>> table.attrs["top"] = 0.1
    >>> figure = top_shares(table.rename_axis("score"), "Value finds most of what could be found")
    >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
    ['value']
    """
    reached, chance = float(table["top"].to_dict()["oracle"]), float(table.attrs["top"])
    shown = table.drop(index=[*THIN], errors="ignore").iloc[::-1]
    with themed():
        figure, axes = panels(width=8.4, height=0.42 * len(shown) + 1.7, ax=ax)
        (panel,) = axes
        at, mean = np.arange(len(shown)), shown["top"].to_numpy(float)
        error = np.abs(shown[["lower", "upper"]].to_numpy(float).T - mean)
        panel.errorbar(mean, at, xerr=error, fmt="o", color=MODEL, capsize=4)
        for x, y in zip(mean, at, strict=True):
            panel.annotate(f"{x:.1%}", (x, y), xytext=(0, 7), textcoords="offset points", ha="center", fontsize=9)
        for x, name in ((chance, "random order"), (reached, "who knew what came")):
            panel.axvline(x, color=NAIVE, linewidth=1.2, linestyle=":")
            words: dict[str, Any] = {"xycoords": ("data", "axes fraction"), "textcoords": "offset points", "fontsize": 9, "color": NAIVE}
            panel.annotate(name, (x, 1), xytext=(0, 3), ha="center", **words)
        panel.set_yticks(at, list(shown.index))
        panel.set(xlabel=f"share of later spend with the top {chance:.0%} (95 % intervals)", ylabel="ranked by")
        panel.set(xlim=(0, min(1.0, reached + 0.1)), ylim=(-0.6, len(shown) - 0.3))
        panel.grid(axis="y", visible=False)
        percent(panel.xaxis)
        headline(axes, title, ax)
    return figure
