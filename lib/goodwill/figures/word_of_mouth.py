"""Figures of the complaint report. Each takes what the library computed and draws one message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from goodwill.figures.theme import ACCENT, BAND, INK, MODEL, NAIVE, OTHER, finding, panels, percent, themed

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

# Colour is never the only carrier: each line has its own dashes.
STROKES: tuple[dict[str, Any], ...] = (
    {"color": MODEL},
    {"color": ACCENT, "linestyle": (0, (5, 2))},
    {"color": OTHER, "linestyle": (0, (1, 1.5))},
    {"color": NAIVE, "linestyle": (0, (6, 2, 1, 2))},
)


def told(readings: Mapping[str, np.ndarray], others: Mapping[str, np.ndarray], threshold: int) -> Figure:
    """Share who tell n people or more, P(X >= n) for n = 1, 2, ...: readings of the case, and other people beside them."""
    shares = [float(tail[threshold - 1]) for tail in readings.values()]
    with themed():
        figure, (ax,) = panels(height=4.2)
        for stroke, (name, tail) in zip(STROKES, (dict(readings) | dict(others)).items(), strict=False):
            ax.plot(np.arange(1, len(tail) + 1), tail, label=name, **stroke)
        ax.axvline(threshold, color=NAIVE, linewidth=1)
        ax.annotate(f"{threshold} people", (threshold, 0.95), xytext=(4, 0), textcoords="offset points", color=NAIVE)
        ax.set(xlabel="people told, at least", ylabel="share of people", ylim=(0, 1), xlim=(1, None))
        percent(ax.yaxis)
        ax.legend(loc="upper right", bbox_to_anchor=(1, 0.9))
        between = f"{min(shares):.0%} to {max(shares):.0%}"
        finding(figure, f"One published sentence, several readings: {between} of the dissatisfied tell {threshold} or more")
    return figure


def reach(tails: Mapping[str, np.ndarray], folklore: int) -> Figure:
    """Chance that a complaint reaches n people or more, in all generations: P(T >= n) for n = 1, 2, ...; the first is the default."""
    with themed():
        figure, (ax,) = panels(height=4.4)
        for stroke, (name, tail) in zip(STROKES, tails.items(), strict=False):
            n = np.arange(1, len(tail) + 1)
            ax.plot(n[tail > 1e-4], tail[tail > 1e-4], label=name, **stroke)
        ax.axvline(folklore, color=NAIVE, linewidth=1)
        ax.annotate(f"{folklore}: the slogan", (folklore, 0.7), xytext=(5, 0), textcoords="offset points", color=NAIVE)
        ax.set(xscale="log", yscale="log", ylim=(1e-4, 1.05))
        ax.set(xlabel="people reached, at least (log scale)", ylabel="share of complaints (log scale)")
        ax.set_xticks([1, 10, 100, 1000], ["1", "10", "100", "1,000"])
        ax.set_yticks([1e-4, 1e-3, 1e-2, 1e-1, 1], ["0.01 %", "0.1 %", "1 %", "10 %", "100 %"])
        ax.minorticks_off()
        ax.legend(loc="lower left")
        beyond = float(next(iter(tails.values()))[folklore - 1])
        finding(figure, f"When hearers tell few others, {beyond:.2%} of complaints reach the {folklore} people of the slogan")
    return figure


def tornado(table: pd.DataFrame, base: float, labels: Mapping[str, str], currency: str, shown: int = 9) -> Figure:
    """The answer with one input at a time at the ends of its range; the widest on top."""
    widest = table.head(shown).iloc[::-1]
    with themed():
        figure, (ax,) = panels(width=8.6, height=4.8)
        at = np.arange(len(widest))
        for ends, value, color in (("at_low", "low", BAND), ("at_high", "high", MODEL)):
            label = f"input at its {value} end"
            ax.barh(at, widest[ends] - base, left=base, color=color, height=0.62, edgecolor=MODEL, linewidth=0.6, label=label)
        near: dict[str, Any] = {"textcoords": "offset points", "va": "center", "fontsize": 8.5}
        for i, row in enumerate(widest[["low", "high", "at_low", "at_high"]].to_numpy(float)):
            left, right = (row[0], row[1]) if row[2] <= row[3] else (row[1], row[0])
            ax.annotate(f"{left:.3g}", (min(row[2], row[3], base), i), xytext=(-4, 0), ha="right", **near)
            ax.annotate(f"{right:.3g}", (max(row[2], row[3], base), i), xytext=(4, 0), **near)
        ax.axvline(base, color=INK, linewidth=1)
        ax.set_yticks(at, [labels.get(name, name) for name in widest["name"]])
        ax.set(xlabel=f"value of recovering one complaint, {currency}")
        ax.margins(x=0.12)
        ax.grid(axis="y", visible=False)
        ax.legend(loc="lower right")
        top = [labels.get(name, name) for name in table["name"].head(3)]
        finding(figure, f"The answer hangs on: {top[0]}; {top[1]}; {top[2]}")
    return figure


def handling(table: pd.DataFrame) -> Figure:
    """Intention to buy again by how well complaints were handled: columns group, estimate, lower, upper; the first row is no complaint."""
    without, low, high = table[["estimate", "lower", "upper"]].to_numpy(float)[0]
    rest = table.iloc[2:]
    with themed():
        figure, (ax,) = panels(height=4.2)
        at = np.arange(len(rest))
        error = np.abs(rest[["lower", "upper"]].to_numpy().T - rest["estimate"].to_numpy())
        ax.axhspan(low, high, color=BAND, linewidth=0)
        ax.axhline(without, color=MODEL, linewidth=1.2, label="did not complain, 95 %")
        ax.errorbar(at, rest["estimate"], yerr=error, fmt="o", color=ACCENT, capsize=4, label="complained, 95 %")
        ax.set_xticks(at, rest["group"])
        ax.set(ylabel="likely to buy again, mean (1 to 10)", xlabel="complainers, by how well they say it was handled", ylim=(1, 10))
        ax.legend(loc="lower right")
        gap = float(rest["estimate"].to_numpy()[-1]) - without
        more = f"{abs(gap):.1f} points {'more' if gap > 0 else 'less'}"
        finding(figure, f"Who rates the handling 9-10 intends {more} than who never complained: association, not effect")
    return figure


def adoption(times: np.ndarray, paths: Mapping[str, np.ndarray], shares: np.ndarray, ratios: np.ndarray) -> Figure:
    """Left: adopters over time by share dissatisfied; right: present value against that share, relative to none."""
    with themed():
        figure, (left, right) = panels(2, width=9.6, height=4.2)
        for stroke, (name, path) in zip(STROKES, paths.items(), strict=False):
            left.plot(times, path, label=name, **stroke)
        left.set(xlabel="periods since the launch", ylabel="adopters, share of the market", ylim=(0, 1.02), xlim=(0, times[-1]))
        percent(left.yaxis)
        left.legend(loc="lower right", title="dissatisfied")
        right.plot(shares, ratios, color=MODEL)
        right.set(xlabel="share of adopters dissatisfied", ylabel="present value, relative to none", ylim=(min(0.5, ratios.min()), 1.01))
        percent(right.xaxis)
        percent(right.yaxis)
        at = float(np.interp(0.10, shares, ratios))
        right.plot([0.10], [at], "o", color=ACCENT)
        right.annotate(f"{at:.0%}", (0.10, at), xytext=(6, 4), textcoords="offset points", color=ACCENT, fontweight="bold")
        finding(figure, f"One dissatisfied adopter in ten would cost {1 - at:.0%} of a launch's value, if bad word weighs double")
    return figure


def waiting(curves: Mapping[str, pd.DataFrame], days: float) -> Figure:
    """Share of complaints not yet answered or closed, by days since they were opened; one curve per clock, with its 95 % band."""
    with themed():
        figure, (ax,) = panels(height=4.0)
        for stroke, (name, curve) in zip(STROKES, curves.items(), strict=False):
            ax.step(curve["days"], curve["waiting"], where="post", label=name, **stroke)
            ax.fill_between(curve["days"], curve["lower"], curve["upper"], step="post", color=stroke["color"], alpha=0.15, linewidth=0)
        ax.set(xlabel="days since the complaint was opened", ylabel="share of complaints", ylim=(0, 1.02), xlim=(0, days))
        percent(ax.yaxis)
        ax.legend(loc="upper right")
        name, curve = list(curves.items())[-1]
        half = curve.loc[curve["waiting"] <= 0.5, "days"]
        if len(half):
            finding(figure, f"Half of the complaints are {name} within {half.to_numpy()[0]:.0f} days")
        else:
            finding(figure, f"Fewer than half of the complaints are {name} within the time of the log")
    return figure


def returned(table: pd.DataFrame, horizon: int) -> Figure:
    """Share who bought again after a complaint, beside customers of the same history.

    Columns comparison, returned, matched, lower and upper (of the share returned, by the interval of the difference).
    """
    with themed():
        figure, (ax,) = panels(height=3.8)
        at = np.arange(len(table))[::-1]
        ax.plot(table["matched"], at, "D", color=NAIVE, label="same history, no complaint", markersize=6)
        error = np.abs(table[["lower", "upper"]].to_numpy().T - table["returned"].to_numpy())
        ax.errorbar(table["returned"], at, xerr=error, fmt="o", color=ACCENT, capsize=4, label="complained; 95 % of the difference")
        ax.set_yticks(at, table["comparison"])
        ax.set(xlabel=f"bought again within {horizon} days", xlim=(0, 1), ylim=(-0.6, len(table) - 0.4))
        percent(ax.xaxis)
        ax.grid(axis="y", visible=False)
        ax.legend(loc="center left")
        clear = table[(table["upper"] < table["matched"]) | (table["lower"] > table["matched"])]["comparison"].tolist()
        if clear:
            finding(figure, f"Clearly different from customers of the same history: {', '.join(clear)}")
        else:
            finding(figure, "No clear difference from customers of the same history")
    return figure


def damage(table: pd.DataFrame, currency: str) -> Figure:
    """Money lost per customer with a problem, by group: index group, columns people, direct_loss and word_of_mouth_loss (totals)."""
    people = table["people"].to_numpy(float)
    losses = table[["direct_loss", "word_of_mouth_loss"]].to_numpy(float)
    each = losses / np.maximum(people, 1e-12)[:, None]
    with themed():
        figure, (ax,) = panels(height=3.8)
        at = np.arange(len(table))
        ax.bar(at - 0.2, each[:, 0], width=0.38, color=BAND, edgecolor=MODEL, linewidth=0.8, label="their own purchases")
        ax.bar(at + 0.2, each[:, 1], width=0.38, color=ACCENT, hatch="//", edgecolor="white", label="word of mouth")
        ax.axhline(0, color=INK, linewidth=0.8)
        ax.set_xticks(at, [f"{name}\n({count:,.1f} people)" for name, count in zip(table.index, people, strict=True)])
        ax.set(ylabel=f"loss per person, {currency}")
        ax.grid(axis="x", visible=False)
        ax.legend(loc="upper right")
        share, number = losses[0].sum() / losses.sum(), people[0] / people.sum()
        finding(figure, f"{share:.0%} of the loss lies with the silent, who are {number:.0%} of those with a problem")
    return figure
