"""Figures of the lifetime-value report. Each takes tables that the library computed and draws one message."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from goodwill.figures.theme import ACCENT, BAND, INK, MODEL, NAIVE, OTHER, finding, panels, percent, themed, thousands

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd
    from matplotlib.figure import Figure


def frequency_classes(table: pd.DataFrame) -> Figure:
    """Customers by number of repeat purchases, actual and as the model expects.

    `table` has one row per class: label, actual, expected, lower, upper (the interval of the count if the model is true).
    """
    outside = table["label"][(table["actual"] < table["lower"]) | (table["actual"] > table["upper"])].tolist()
    with themed():
        figure, (ax,) = panels()
        at = np.arange(len(table))
        ax.bar(at, table["actual"], width=0.62, color=BAND, edgecolor=MODEL, linewidth=0.8, label="customers in the data")
        error = np.abs(table[["lower", "upper"]].to_numpy().T - table["expected"].to_numpy())
        ax.errorbar(at, table["expected"], yerr=error, fmt="o", color=ACCENT, markersize=5, capsize=4, linewidth=1.4, label="model, 95 %")
        ax.set_xticks(at, table["label"])
        ax.set(xlabel="repeat purchases in the calibration period", ylabel="customers")
        ax.grid(axis="x", visible=False)
        thousands(ax.yaxis)
        ax.legend(loc="upper right")
        if outside:
            finding(figure, f"The model places too many or too few customers at {_listed(outside)} repeat purchases")
        else:
            finding(figure, "The model reproduces how many customers come back how often")
    return figure


def tracking(table: pd.DataFrame, calibration_end: date, unit: str) -> Figure:
    """Repeat purchases over time, cumulative and per unit: `table` has end (date), repeat_purchases and expected per period."""
    import pandas as pd
    from matplotlib.dates import date2num

    ends = pd.to_datetime(table["end"])
    table = table.rename(columns={"repeat_purchases": "actual"})
    split = pd.Timestamp(calibration_end)
    held_out = ends > split
    actual, expected = table.loc[held_out, ["actual", "expected"]].sum()
    with themed():
        figure, axes = panels(2, width=9.6, height=4.0)
        for ax, series in zip(axes, (table[["actual", "expected"]].cumsum(), table[["actual", "expected"]]), strict=True):
            ax.plot(ends, series["actual"], color=INK, linewidth=1.5, label="actual")
            ax.plot(ends, series["expected"], color=MODEL, linestyle=(0, (5, 2)), label="model")
            ax.axvline(date2num(split), color=NAIVE, linewidth=1)
            ax.annotate(
                "hold-out",
                (split, 1.0),
                xycoords=("data", "axes fraction"),
                xytext=(5, -3),
                textcoords="offset points",
                va="top",
                color=NAIVE,
            )
            ax.set_ylim(bottom=0)
            thousands(ax.yaxis)
            _dates(ax)
        axes[0].set_ylabel("repeat purchases, cumulative")
        axes[1].set_ylabel(f"repeat purchases per {unit}")
        axes[0].legend(loc="upper left")
        miss = expected / actual - 1 if actual else np.nan
        side = "below" if miss < 0 else "above"
        finding(figure, f"In the hold-out the model runs {abs(miss):.0%} {side} the purchases that were made")
    return figure


def holdout_classes(table: pd.DataFrame) -> Figure:
    """Mean hold-out purchases by calibration frequency: columns label, customers, actual, expected, naive (rate x time)."""
    with themed():
        figure, (ax,) = panels()
        at = np.arange(len(table))
        ax.plot(at, table["actual"], "o-", color=INK, label="actual")
        ax.plot(at, table["expected"], "s--", color=MODEL, label="model")
        ax.plot(at, table["naive"], "^:", color=NAIVE, label="same rate as before")
        ax.fill_between(at, table["lower"], table["upper"], color=INK, alpha=0.12, linewidth=0, label="actual, 95 %")
        ax.set_xticks(at, table["label"])
        ax.set(xlabel="repeat purchases in the calibration period", ylabel="purchases per customer in the hold-out")
        ax.set_ylim(bottom=0)
        ax.legend(loc="upper left")
        model_miss = float(np.average((table["expected"] - table["actual"]).abs(), weights=table["customers"]))
        naive_miss = float(np.average((table["naive"] - table["actual"]).abs(), weights=table["customers"]))
        if model_miss < naive_miss:
            finding(figure, "Past buyers slow down: the model sees it, the old rate does not")
        else:
            finding(figure, "By frequency class the old rate does as well as the model")
    return figure


def holdout_total(model: pd.Series, rules: pd.Series, actual: float) -> Figure:
    """Forecasts of the hold-out total against what came: the model's estimate, lower and upper; totals of rules without a model."""
    with themed():
        figure, (ax,) = panels(height=2.1 + 0.5 * len(rules))
        ax.plot([model["lower"], model["upper"]], [0, 0], color=MODEL, linewidth=7, alpha=0.35, solid_capstyle="butt")
        for at, total in enumerate([model["estimate"], *rules]):
            colour = NAIVE if at else MODEL
            ax.plot(total, at, "^" if at else "o", color=colour)
            ax.annotate(f"{total:,.0f}", (total, at), xytext=(0, 9), textcoords="offset points", ha="center", color=colour)
        ax.axvline(actual, color=ACCENT)
        ax.annotate(
            f"actual {actual:,.0f}",
            (actual, 1),
            xycoords=("data", "axes fraction"),
            xytext=(5, -2),
            textcoords="offset points",
            va="top",
            color=ACCENT,
        )
        ax.set_yticks(range(len(rules) + 1), ["model, 95 %", *map(str, rules.index)])
        ax.set(xlabel="purchases of all customers in the hold-out", ylim=(len(rules) + 0.5, -0.9), xlim=(0, None))
        ax.grid(axis="y", visible=False)
        thousands(ax.xaxis)
        if model["lower"] <= actual <= model["upper"]:
            finding(figure, "What came lies inside the interval that the model gave")
        else:
            side = "above" if actual > model["upper"] else "below"
            finding(figure, f"What came lies {side} the interval: the model is wrong here, not only unsure")
    return figure


def alive_map(grid: pd.DataFrame, unit: str) -> Figure:
    """P(alive) of repeat buyers by frequency (columns) and time since the last purchase (rows)."""
    with themed():
        figure, (ax,) = panels(height=4.4)
        shown = ax.imshow(grid.to_numpy(), aspect="auto", origin="lower", cmap="cividis", vmin=0, vmax=1, extent=_extent(grid))
        lines = ax.contour(grid.columns, grid.index, grid.to_numpy(), levels=[0.1, 0.5, 0.9], colors="white", linewidths=1)
        ax.clabel(lines, fmt="%.1f", fontsize=9)
        ax.set(xlabel="repeat purchases", ylabel=f"{unit}s since the last purchase")
        ax.grid(visible=False)
        figure.colorbar(shown, ax=ax, label="P(alive)")
        finding(figure, "The more often somebody used to buy, the sooner silence means that they are gone")
    return figure


def spend_distribution(observed: np.ndarray, weights: np.ndarray, grid: np.ndarray, density: np.ndarray, currency: str) -> Figure:
    """Mean spend per repeat purchase of repeat buyers: histogram of the data and the model's density over `grid`."""
    with themed():
        figure, (ax,) = panels(height=3.8)
        inside = observed <= grid[-1]
        ax.hist(
            observed[inside],
            weights=weights[inside] / weights.sum(),
            bins=50,
            color=BAND,
            edgecolor="white",
            linewidth=0.4,
            density=False,
            label="data",
        )
        width = (observed[inside].max() - observed[inside].min()) / 50
        ax.plot(grid, density * width, color=MODEL, label="Gamma-Gamma model")
        ax.set(xlabel=f"mean spend per repeat purchase, {currency}", ylabel="share of repeat buyers")
        percent(ax.yaxis)
        ax.legend(loc="upper right")
        peak = float(grid[np.argmax(density)])
        mean = float(np.average(observed, weights=weights))
        finding(figure, f"A typical purchase is near {peak:,.0f}; a few large baskets lift the mean to {mean:,.0f} {currency}")
    return figure


def value_by_horizon(
    table: pd.DataFrame, horizon: float, value: float, observed: float, unlimited: float, unit: str, currency: str
) -> Figure:
    """Total value within a growing horizon (columns horizon, value): marks the horizon that leads and how far the data reach."""
    beyond = 1 - float(np.interp(observed, table["horizon"], table["value"])) / unlimited
    with themed():
        figure, (ax,) = panels(height=4.0)
        ax.plot(table["horizon"], table["value"], color=MODEL)
        ax.axhline(unlimited, color=NAIVE, linestyle=":", linewidth=1.4)
        ax.annotate(
            "without a horizon",
            (table["horizon"].iloc[-1], unlimited),
            xytext=(0, -4),
            textcoords="offset points",
            ha="right",
            va="top",
            color=NAIVE,
        )
        ax.axvspan(observed, table["horizon"].iloc[-1], color=NAIVE, alpha=0.1, linewidth=0)
        ax.annotate("longer than the data reach", (observed, 0.04 * unlimited), xytext=(6, 0), textcoords="offset points", color=NAIVE)
        ax.plot([horizon], [value], "o", color=ACCENT)
        ax.annotate(f"{value:,.0f}", (horizon, value), xytext=(7, -12), textcoords="offset points", color=ACCENT, fontweight="bold")
        ax.set(xlabel=f"horizon, {unit}s from the end of the data", ylabel=f"expected discounted profit, {currency}")
        ax.set_ylim(0, unlimited * 1.06)
        ax.set_xlim(0, table["horizon"].iloc[-1])
        thousands(ax.yaxis)
        finding(figure, f"{beyond:.0%} of the value without a horizon lies further ahead than the data look back")
    return figure


def concentration(expected: tuple[np.ndarray, np.ndarray], past: tuple[np.ndarray, np.ndarray], top: float) -> Figure:
    """Lorenz curves (shares of customers and of the total), the most valuable first: expected value, and past spend."""
    top_share = float(np.interp(top, *expected))
    with themed():
        figure, (ax,) = panels(width=6.2, height=4.6)
        ax.plot(*expected, color=MODEL, label="expected value")
        ax.plot(*past, color=OTHER, linestyle=(0, (5, 2)), label="past spend")
        ax.plot([0, 1], [0, 1], color=NAIVE, linewidth=1, linestyle=":", label="all alike")
        ax.plot([top, top, 0], [0, top_share, top_share], color=ACCENT, linewidth=1)
        ax.set(xlabel="share of customers, the most valuable first", ylabel="share of the total", xlim=(0, 1), ylim=(0, 1.01))
        percent(ax.xaxis)
        percent(ax.yaxis)
        ax.legend(loc="lower right")
        finding(figure, f"The top {top:.0%} of customers hold {top_share:.0%} of the expected value")
    return figure


def _listed(items: list[str]) -> str:
    """'1', '1 and 2', '1, 2 and 3'."""
    return items[0] if len(items) == 1 else ", ".join(items[:-1]) + " and " + items[-1]


def _dates(ax: object) -> None:
    """Few, short dates on the horizontal axis."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    locator = AutoDateLocator(minticks=3, maxticks=6)
    ax.xaxis.set_major_locator(locator)  # type: ignore[attr-defined]
    ax.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[attr-defined]


def _extent(grid: pd.DataFrame) -> tuple[float, float, float, float]:
    columns, index = grid.columns.to_numpy(float), grid.index.to_numpy(float)
    half_x, half_y = (columns[1] - columns[0]) / 2, (index[1] - index[0]) / 2
    return columns[0] - half_x, columns[-1] + half_x, index[0] - half_y, index[-1] + half_y
