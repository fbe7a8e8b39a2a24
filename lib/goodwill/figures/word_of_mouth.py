"""Figures of the complaint report. Each draws what it is told, under the title that it is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from goodwill.figures.theme import ACCENT, BAND, INK, MODEL, NAIVE, OTHER, headline, panels, percent, themed

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Colour is never the only carrier: each line has its own dashes.
STROKES: tuple[dict[str, Any], ...] = (
    {"color": MODEL},
    {"color": ACCENT, "linestyle": (0, (5, 2))},
    {"color": OTHER, "linestyle": (0, (1, 1.5))},
    {"color": NAIVE, "linestyle": (0, (6, 2, 1, 2))},
)


def _lines(ax: Axes, x: np.ndarray, lines: Mapping[str, np.ndarray]) -> None:
    """Lines over the same x, told apart by colour and by dashes."""
    for stroke, (name, y) in zip(STROKES, lines.items(), strict=False):
        ax.plot(x, y, label=name, **stroke)


def told(
    readings: Mapping[str, np.ndarray], others: Mapping[str, np.ndarray], threshold: int, *, title: str, ax: Axes | None = None
) -> Figure:
    """Share who tell n people or more, P(X >= n) for n = 1, 2, ...: readings of the case, and other people beside them.

    Examples
    --------
    >>> import numpy as np
    >>> tail = np.linspace(1.0, 0.01, 100)  # P(X >= n) for n = 1, 2, ...
    >>> figure = told({"complained": tail}, {"others": tail / 2}, 20, title="Complainers tell twice as many")
    >>> figure.axes[0].get_xlabel()
    'people told, at least'
    """
    tails = dict(readings) | dict(others)
    with themed():
        figure, axes = panels(height=4.2, ax=ax)
        here = axes[0]
        _lines(here, np.arange(1, len(next(iter(tails.values()))) + 1), tails)
        here.axvline(threshold, color=NAIVE, linewidth=1)
        here.annotate(f"{threshold} people", (threshold, 0.95), xytext=(4, 0), textcoords="offset points", color=NAIVE)
        here.set(xlabel="people told, at least", ylabel="share of people", ylim=(0, 1), xlim=(1, None))
        percent(here.yaxis)
        here.legend(loc="upper right", bbox_to_anchor=(1, 0.9))
        headline(axes, title, ax)
    return figure


def reach(tails: Mapping[str, np.ndarray], folklore: int, *, title: str, ax: Axes | None = None) -> Figure:
    """Chance that a complaint reaches n people or more, in all generations: P(T >= n) for n = 1, 2, ...

    Examples
    --------
    >>> import numpy as np
    >>> tail = np.linspace(1.0, 0.01, 100)  # P(X >= n) for n = 1, 2, ...
    >>> figure = reach({"few tell on": tail**3, "many tell on": tail}, 66, title="The slogan takes many who tell on")
    >>> figure.axes[0].get_xlabel()
    'people reached, at least (log scale)'
    """
    with themed():
        figure, axes = panels(height=4.4, ax=ax)
        here = axes[0]
        seen = {name: np.where(tail > 1e-4, tail, np.nan) for name, tail in tails.items()}
        _lines(here, np.arange(1, len(next(iter(tails.values()))) + 1), seen)
        here.axvline(folklore, color=NAIVE, linewidth=1)
        here.annotate(f"{folklore}: the slogan", (folklore, 0.7), xytext=(5, 0), textcoords="offset points", color=NAIVE)
        here.set(xscale="log", yscale="log", ylim=(1e-4, 1.05))
        here.set(xlabel="people reached, at least (log scale)", ylabel="share of complaints (log scale)")
        here.set_xticks([1, 10, 100, 1000], ["1", "10", "100", "1,000"])
        here.set_yticks([1e-4, 1e-3, 1e-2, 1e-1, 1], ["0.01 %", "0.1 %", "1 %", "10 %", "100 %"])
        here.minorticks_off()
        here.legend(loc="lower left")
        headline(axes, title, ax)
    return figure


def tornado(
    table: pd.DataFrame, base: float, labels: Mapping[str, str], currency: str, *, title: str, shown: int = 9, ax: Axes | None = None
) -> Figure:
    """The answer with one input at a time at the ends of its range; the widest on top.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"name": ["a", "b"], "low": 0.0, "high": 1.0, "at_low": [0.0, 9.0], "at_high": [20.0, 11.0]})
    >>> figure = tornado(table, 10.0, {"a": "hearers lost", "b": "margin"}, "EUR", title="All hangs on the hearers lost")
    >>> [label.get_text().split(chr(10))[0] for label in figure.axes[0].get_yticklabels()]
    ['margin', 'hearers lost']
    """
    widest = table.head(shown).iloc[::-1]
    with themed():
        figure, axes = panels(width=8.6, height=4.8, ax=ax)
        here, at = axes[0], np.arange(len(widest))
        for ends, value, color in (("at_low", "low", BAND), ("at_high", "high", MODEL)):
            label = f"input at its {value} end"
            here.barh(at, widest[ends] - base, left=base, color=color, height=0.62, edgecolor=MODEL, linewidth=0.6, label=label)
        near: dict[str, Any] = {"textcoords": "offset points", "va": "center", "fontsize": 8.5}
        for i, row in enumerate(widest[["low", "high", "at_low", "at_high"]].to_numpy(float)):
            left, right = (row[0], row[1]) if row[2] <= row[3] else (row[1], row[0])
            here.annotate(f"{left:.3g}", (min(row[2], row[3], base), i), xytext=(-4, 0), ha="right", **near)
            here.annotate(f"{right:.3g}", (max(row[2], row[3], base), i), xytext=(4, 0), **near)
        here.axvline(base, color=INK, linewidth=1)
        here.set_yticks(at, [labels.get(name, name) for name in widest["name"]])
        here.set(xlabel=f"value of recovering one complaint, {currency}")
        here.margins(x=0.12)
        here.grid(axis="y", visible=False)
        here.legend(loc="lower right")
        headline(axes, title, ax)
    return figure


def handling(table: pd.DataFrame, *, title: str, ax: Axes | None = None) -> Figure:
    """Intention to buy again by how well complaints were handled: columns group, estimate, lower, upper; the first row is no complaint.

    Examples
    --------
    >>> import pandas as pd
    >>> groups = {"group": ["no complaint", "all", "1-2", "9-10"], "estimate": [8.2, 6.0, 2.6, 8.8], "lower": 2.0, "upper": 9.0}
    >>> figure = handling(pd.DataFrame(groups), title="Handled well, they buy again")
    >>> [label.get_text() for label in figure.axes[0].get_xticklabels()]
    ['1-2', '9-10']
    """
    without, low, high = table[["estimate", "lower", "upper"]].to_numpy(float)[0]
    rest = table.iloc[2:]
    with themed():
        figure, axes = panels(height=4.2, ax=ax)
        here, at = axes[0], np.arange(len(rest))
        error = np.abs(rest[["lower", "upper"]].to_numpy().T - rest["estimate"].to_numpy())
        here.axhspan(low, high, color=BAND, linewidth=0)
        here.axhline(without, color=MODEL, linewidth=1.2, label="did not complain, 95 %")
        here.errorbar(at, rest["estimate"], yerr=error, fmt="o", color=ACCENT, capsize=4, label="complained, 95 %")
        here.set_xticks(at, rest["group"])
        here.set(ylabel="likely to buy again, mean (1 to 10)", xlabel="complainers, by how well they say it was handled", ylim=(1, 10))
        here.legend(loc="lower right")
        headline(axes, title, ax)
    return figure


def adoption(
    times: np.ndarray,
    paths: Mapping[str, np.ndarray],
    shares: np.ndarray,
    ratios: np.ndarray,
    *,
    marked: float,
    title: str,
    ax: Sequence[Axes] | None = None,
) -> Figure:
    """Left: adopters over time by share dissatisfied; right: present value against that share, relative to none, one share marked.

    Examples
    --------
    >>> import numpy as np
    >>> shares, paths = np.linspace(0, 0.3, 7), {"0 %": np.linspace(0, 1, 5)}
    >>> figure = adoption(np.arange(5.0), paths, shares, 1 - shares, marked=0.1, title="A tenth dissatisfied costs a tenth")
    >>> len(figure.axes)
    2
    """
    with themed():
        figure, axes = panels(2, width=9.6, height=4.2, ax=ax)
        left, right = axes
        _lines(left, times, paths)
        left.set(xlabel="periods since the launch", ylabel="adopters, share of the market", ylim=(0, 1.02), xlim=(0, times[-1]))
        percent(left.yaxis)
        left.legend(loc="lower right", title="dissatisfied")
        right.plot(shares, ratios, color=MODEL)
        right.set(xlabel="share of adopters dissatisfied", ylabel="present value, relative to none", ylim=(min(0.5, ratios.min()), 1.01))
        percent(right.xaxis)
        percent(right.yaxis)
        at = float(np.interp(marked, shares, ratios))
        right.plot([marked], [at], "o", color=ACCENT)
        right.annotate(f"{at:.0%}", (marked, at), xytext=(6, 4), textcoords="offset points", color=ACCENT, fontweight="bold")
        headline(axes, title, ax)
    return figure


def waiting(curves: Mapping[str, pd.DataFrame], days: float, *, title: str, ax: Axes | None = None) -> Figure:
    """Share of complaints not yet answered or closed, by days since they were opened; one curve per clock, with its 95 % band.

    Examples
    --------
    >>> import pandas as pd
    >>> curve = pd.DataFrame({"days": [0.0, 3.0], "waiting": [1.0, 0.4], "lower": [1.0, 0.3], "upper": [1.0, 0.5]})
    >>> figure = waiting({"closed": curve}, 10, title="Six of ten are closed in three days")
    >>> figure.axes[0].get_xlabel()
    'days since the complaint was opened'
    """
    with themed():
        figure, axes = panels(height=4.0, ax=ax)
        here = axes[0]
        for stroke, (name, curve) in zip(STROKES, curves.items(), strict=False):
            here.step(curve["days"], curve["waiting"], where="post", label=name, **stroke)
            here.fill_between(curve["days"], curve["lower"], curve["upper"], step="post", color=stroke["color"], alpha=0.15, linewidth=0)
        here.set(xlabel="days since the complaint was opened", ylabel="share of complaints", ylim=(0, 1.02), xlim=(0, max(days, 1)))
        percent(here.yaxis)
        here.legend(loc="upper right")
        headline(axes, title, ax)
    return figure


def returned(table: pd.DataFrame, horizon: int, *, title: str, ax: Axes | None = None) -> Figure:
    """Share who bought again after a complaint, beside customers of the same history.

    Columns comparison, returned, matched, lower and upper (of the share returned, by the interval of the difference).

    Examples
    --------
    >>> import pandas as pd
    >>> shares = {"returned": [0.5, 0.3], "matched": [0.5, 0.5], "lower": [0.4, 0.2], "upper": [0.6, 0.4]}
    >>> table = pd.DataFrame({"comparison": ["any", "dissatisfied"], **shares})
    >>> figure = returned(table, 90, title="The dissatisfied come back less often")
    >>> figure.axes[0].get_xlabel()
    'bought again within 90 days'
    """
    with themed():
        figure, axes = panels(height=3.8, ax=ax)
        here, at = axes[0], np.arange(len(table))[::-1]
        here.plot(table["matched"], at, "D", color=NAIVE, label="same history, no complaint", markersize=6)
        error = np.abs(table[["lower", "upper"]].to_numpy().T - table["returned"].to_numpy())
        here.errorbar(table["returned"], at, xerr=error, fmt="o", color=ACCENT, capsize=4, label="complained; 95 % of the difference")
        here.set_yticks(at, table["comparison"])
        here.set(xlabel=f"bought again within {horizon} days", xlim=(0, 1), ylim=(-0.6, len(table) - 0.4))
        percent(here.xaxis)
        here.grid(axis="y", visible=False)
        here.legend(loc="center left")
        headline(axes, title, ax)
    return figure


def damage(table: pd.DataFrame, currency: str, *, title: str, ax: Axes | None = None) -> Figure:
    """Money lost per customer with a problem, by group: index group, columns people, direct_loss and word_of_mouth_loss (totals).

    Examples
    --------
    >>> import pandas as pd
    >>> lost = {"people": [90.0, 10.0], "direct_loss": [180.0, 10.0], "word_of_mouth_loss": [9.0, 15.0]}
    >>> figure = damage(pd.DataFrame(lost, index=["silent", "unresolved"]), "EUR", title="Most is lost with those who say nothing")
    >>> figure.axes[0].get_ylabel()
    'loss per person, EUR'
    """
    import seaborn as sns

    people = table["people"].to_numpy(float)
    ways = {"direct_loss": "their own purchases", "word_of_mouth_loss": "word of mouth"}
    each = table[list(ways)].div(np.maximum(people, 1e-12), axis=0).rename(columns=ways)
    each.index = [f"{name}\n({count:,.1f} people)" for name, count in zip(table.index, people, strict=True)]
    long = each.rename_axis("group").reset_index().melt("group", var_name="way", value_name="loss")
    with themed():
        figure, axes = panels(height=3.8, ax=ax)
        here = axes[0]
        sns.barplot(long, x="group", y="loss", hue="way", ax=here, palette=[BAND, ACCENT], edgecolor=MODEL, linewidth=0.8, saturation=1)
        for bar in here.containers[1]:  # colour is not the only carrier
            bar.set_hatch("//")
        here.axhline(0, color=INK, linewidth=0.8)
        here.set(xlabel="", ylabel=f"loss per person, {currency}")
        here.legend(loc="upper right", title="")
        headline(axes, title, ax)
    return figure


def costs(table: pd.DataFrame, currency: str, *, title: str, ax: Axes | None = None) -> Figure:
    """Cost of one complaint by outcome: columns outcome, cost, lower, upper.

    Examples
    --------
    >>> import pandas as pd
    >>> found = {"outcome": ["satisfied", "dissatisfied"], "cost": [-2.0, 4.0], "lower": [-3.0, 2.0], "upper": [-1.0, 6.0]}
    >>> figure = costs(pd.DataFrame(found), "EUR", title="A complaint that ends well brings something")
    >>> figure.axes[0].get_xlabel()
    'cost of one complaint, EUR; 95 % intervals'
    """
    with themed():
        figure, axes = panels(height=3.2, ax=ax)
        here, at = axes[0], np.arange(len(table))[::-1]
        error = np.abs(table[["lower", "upper"]].to_numpy(float).T - table["cost"].to_numpy(float))
        here.axvline(0, color=INK, linewidth=1)
        here.errorbar(table["cost"], at, xerr=error, fmt="o", color=ACCENT, capsize=4)
        here.set_yticks(at, table["outcome"])
        here.set(xlabel=f"cost of one complaint, {currency}; 95 % intervals", ylim=(-0.6, len(table) - 0.4))
        here.grid(axis="y", visible=False)
        headline(axes, title, ax)
    return figure
