"""Figures of the lifetime-value report. Each draws the tables that the library computed, under the title that it is handed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from goodwill.figures.theme import ACCENT, BAND, INK, MODEL, NAIVE, OTHER, headline, panels, percent, themed, thousands

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Curve = tuple[np.ndarray, np.ndarray]


def frequency_classes(table: pd.DataFrame, *, title: str, ax: Axes | None = None) -> Figure:
    """Customers by number of repeat purchases, actual and as the model expects.

    `table` has one row per class: label, actual, expected, lower, upper (the interval of the count if the model is true).

    Examples
    --------
    >>> import pandas as pd
    >>> counts = {"actual": [52, 29, 19], "expected": [50.0, 30.0, 20.0], "lower": [40, 20, 12], "upper": [60, 40, 28]}
    >>> figure = frequency_classes(pd.DataFrame({"label": ["0", "1", "2+"], **counts}), title="The model holds")
    >>> figure.axes[0].get_xlabel()
    'repeat purchases in the calibration period'
    """
    import seaborn as sns

    with themed():
        figure, (own,) = panels(ax=ax)
        sns.barplot(table, x="label", y="actual", color=BAND, edgecolor=MODEL, linewidth=0.8, width=0.62, label="customers", ax=own)
        error = np.abs(table[["lower", "upper"]].to_numpy().T - table["expected"].to_numpy())
        at = np.arange(len(table))
        own.errorbar(at, table["expected"], yerr=error, fmt="o", color=ACCENT, markersize=5, capsize=4, linewidth=1.4, label="model, 95 %")
        own.set(xlabel="repeat purchases in the calibration period", ylabel="customers")
        own.grid(axis="x", visible=False)
        thousands(own.yaxis)
        own.legend(loc="upper right")
        headline([own], title, ax)
    return figure


def tracking(table: pd.DataFrame, calibration_end: date, unit: str, *, title: str, ax: Sequence[Axes] | None = None) -> Figure:
    """Repeat purchases over time, cumulative and per unit: `table` has end (date), repeat_purchases and expected per period.

    Examples
    --------
    >>> from datetime import date
    >>> import pandas as pd
    >>> weeks = pd.DataFrame({"end": pd.date_range("2024-01-07", periods=3, freq="7D"), "repeat_purchases": [9, 11, 10], "expected": 10.0})
    >>> figure = tracking(weeks, date(2024, 1, 14), "week", title="As many as expected")
    >>> len(figure.axes)  # cumulative, and week by week
    2
    """
    import pandas as pd

    ends, split = pd.to_datetime(table["end"]), pd.Timestamp(calibration_end)
    each = table[["repeat_purchases", "expected"]].set_axis(["actual", "expected"], axis=1)
    with themed():
        figure, axes = panels(2, width=9.6, height=4.0, ax=ax)
        for own, series in zip(axes, (each.cumsum(), each), strict=True):
            own.plot(ends, series["actual"], color=INK, linewidth=1.5, label="actual")
            own.plot(ends, series["expected"], color=MODEL, linestyle=(0, (5, 2)), label="model")
            _from_here(own, split, "hold-out")
            own.set_ylim(bottom=0)
            thousands(own.yaxis)
            _dates(own)
        axes[0].set_ylabel("repeat purchases, cumulative")
        axes[1].set_ylabel(f"repeat purchases per {unit}")
        axes[0].legend(loc="upper left")
        headline(axes, title, ax)
    return figure


def holdout_classes(table: pd.DataFrame, *, title: str, ax: Axes | None = None) -> Figure:
    """Mean hold-out purchases by calibration frequency: columns label, customers, actual, expected, naive (rate x time).

    Examples
    --------
    >>> import pandas as pd
    >>> means = {"actual": [0.2, 0.7], "expected": [0.25, 0.6], "naive": [0.0, 2.0], "lower": [0.1, 0.5], "upper": [0.3, 0.9]}
    >>> figure = holdout_classes(pd.DataFrame({"label": ["0", "1+"], **means}), title="The rule without a model expects too much")
    >>> figure.axes[0].get_xlabel()
    'repeat purchases in the calibration period'
    """
    with themed():
        figure, (own,) = panels(ax=ax)
        at = np.arange(len(table))
        own.plot(at, table["actual"], "o-", color=INK, label="actual")
        own.plot(at, table["expected"], "s--", color=MODEL, label="model")
        own.plot(at, table["naive"], "^:", color=NAIVE, label="same rate as before")
        own.fill_between(at, table["lower"], table["upper"], color=INK, alpha=0.12, linewidth=0, label="actual, 95 %")
        own.set_xticks(at, table["label"])
        own.set(xlabel="repeat purchases in the calibration period", ylabel="purchases per customer in the hold-out")
        own.set_ylim(bottom=0)
        own.legend(loc="upper left")
        headline([own], title, ax)
    return figure


def holdout_total(model: pd.Series, rules: pd.Series, actual: float, *, title: str, ax: Axes | None = None) -> Figure:
    """Forecasts of the hold-out total against what came: the model's estimate, lower and upper; totals of rules without a model.

    Examples
    --------
    >>> import pandas as pd
    >>> model = pd.Series({"estimate": 100.0, "lower": 90.0, "upper": 110.0})
    >>> figure = holdout_total(model, pd.Series({"same rate": 140.0}), actual=105, title="The interval held what came")
    >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
    ['model, 95 %', 'same rate']
    """
    with themed():
        figure, (own,) = panels(height=2.1 + 0.5 * len(rules), ax=ax)
        own.plot([model["lower"], model["upper"]], [0, 0], color=MODEL, linewidth=7, alpha=0.35, solid_capstyle="butt")
        for at, total in enumerate([model["estimate"], *rules]):
            colour = NAIVE if at else MODEL
            own.plot(total, at, "^" if at else "o", color=colour)
            own.annotate(f"{total:,.0f}", (total, at), xytext=(0, 9), textcoords="offset points", ha="center", color=colour)
        _from_here(own, actual, f"actual {actual:,.0f}", ACCENT)
        own.set_yticks(range(len(rules) + 1), ["model, 95 %", *map(str, rules.index)])
        own.set(xlabel="purchases of all customers in the hold-out", ylim=(len(rules) + 0.5, -0.9), xlim=(0, None))
        own.grid(axis="y", visible=False)
        thousands(own.xaxis)
        headline([own], title, ax)
    return figure


def alive_map(grid: pd.DataFrame, unit: str, *, title: str, ax: Axes | None = None) -> Figure:
    """P(alive) of repeat buyers by frequency (columns) and time since the last purchase (rows).

    Examples
    --------
    >>> import numpy as np
    >>> import goodwill as gw
    >>> model = gw.BetaGeoNBD(r=0.243, alpha=4.414, a=0.793, b=2.426)
    >>> grid = gw.lifetime_value.alive_grid(model, np.arange(1, 8), np.linspace(0, 30, 31), length=39.0)
    >>> figure = alive_map(grid, "week", title="Who bought often and fell silent has left")
    >>> figure.axes[0].get_xlabel()
    'repeat purchases'
    """
    values = grid.to_numpy()
    with themed():
        figure, (own,) = panels(height=4.4, ax=ax)
        shown = own.imshow(values, aspect="auto", origin="lower", cmap="cividis", vmin=0, vmax=1, extent=_extent(grid))
        levels = [level for level in (0.1, 0.5, 0.9) if values.min() < level < values.max()]
        if levels:
            lines = own.contour(grid.columns, grid.index, values, levels=levels, colors="white", linewidths=1)
            own.clabel(lines, fmt="%.1f", fontsize=9)
        own.set(xlabel="repeat purchases", ylabel=f"{unit}s since the last purchase")
        own.grid(visible=False)
        figure.colorbar(shown, ax=own, label="P(alive)")
        headline([own], title, ax)
    return figure


def spend_distribution(
    observed: np.ndarray, grid: np.ndarray, density: np.ndarray, currency: str, *, title: str, ax: Axes | None = None
) -> Figure:
    """Mean spend per repeat purchase of repeat buyers: histogram of the data up to the end of `grid`, and the model's density over it.

    Examples
    --------
    >>> import numpy as np
    >>> grid = np.linspace(1, 80, 80)
    >>> figure = spend_distribution(np.array([10.0, 20.0, 35.0]), grid, np.exp(-((grid - 20) ** 2) / 50), "USD", title="Most spend 20")
    >>> figure.axes[0].get_xlabel()
    'mean spend per repeat purchase, USD'
    """
    import seaborn as sns

    inside = observed[observed <= grid[-1]]
    with themed():
        figure, (own,) = panels(height=3.8, ax=ax)
        weights = np.full(len(inside), 1 / len(observed))
        sns.histplot(x=inside, weights=weights, bins=50, color=BAND, edgecolor="white", linewidth=0.4, alpha=1, label="data", ax=own)
        own.plot(grid, density * np.ptp(inside) / 50, color=MODEL, label="Gamma-Gamma model")
        own.set(xlabel=f"mean spend per repeat purchase, {currency}", ylabel="share of repeat buyers")
        percent(own.yaxis)
        own.legend(loc="upper right")
        headline([own], title, ax)
    return figure


def value_by_horizon(
    table: pd.DataFrame,
    horizon: float,
    value: float,
    observed: float,
    unlimited: float,
    unit: str,
    currency: str,
    *,
    title: str,
    ax: Axes | None = None,
) -> Figure:
    """Total value within a growing horizon (columns horizon, value): marks the horizon that leads and how far the data reach.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"horizon": [0.0, 50.0, 100.0], "value": [0.0, 400.0, 600.0]})
    >>> reach = {"horizon": 25.0, "value": 200.0, "observed": 50.0, "unlimited": 1000.0}
    >>> figure = value_by_horizon(table, **reach, unit="week", currency="USD", title="Most lies further ahead")
    >>> figure.axes[0].get_xlabel()
    'horizon, weeks from the end of the data'
    """
    last = table["horizon"].iloc[-1]
    with themed():
        figure, (own,) = panels(height=4.0, ax=ax)
        own.plot(table["horizon"], table["value"], color=MODEL)
        own.axhline(unlimited, color=NAIVE, linestyle=":", linewidth=1.4)
        beside: dict[str, Any] = {"textcoords": "offset points", "color": NAIVE}
        own.annotate("without a horizon", (last, unlimited), xytext=(0, -4), ha="right", va="top", **beside)
        own.axvspan(observed, last, color=NAIVE, alpha=0.1, linewidth=0)
        own.annotate("longer than the data reach", (last, 0.04 * unlimited), xytext=(-6, 0), ha="right", **beside)
        own.plot([horizon], [value], "o", color=ACCENT)
        own.annotate(f"{value:,.0f}", (horizon, value), xytext=(7, -12), textcoords="offset points", color=ACCENT, fontweight="bold")
        own.set(xlabel=f"horizon, {unit}s from the end of the data", ylabel=f"expected discounted profit,\n{currency}")
        own.set_ylim(0, unlimited * 1.06)
        own.set_xlim(0, last)
        thousands(own.yaxis)
        headline([own], title, ax)
    return figure


def concentration(expected: Curve, past: Curve, top: float, *, title: str, ax: Axes | None = None) -> Figure:
    """Lorenz curves (shares of customers and of the total), the most valuable first: expected value, and past spend.

    Examples
    --------
    >>> import goodwill as gw
    >>> curve = gw.lifetime_value.lorenz_curve([60.0, 20.0, 10.0, 10.0])
    >>> figure = concentration(curve, curve, 0.25, title="A quarter of the customers bring six tenths")
    >>> len(figure.axes[0].lines)
    4
    """
    held = float(np.interp(top, *expected))
    with themed():
        figure, (own,) = panels(width=6.2, height=4.6, ax=ax)
        own.plot(*expected, color=MODEL, label="expected value")
        own.plot(*past, color=OTHER, linestyle=(0, (5, 2)), label="past spend")
        own.plot([0, 1], [0, 1], color=NAIVE, linewidth=1, linestyle=":", label="all alike")
        own.plot([top, top, 0], [0, held, held], color=ACCENT, linewidth=1)
        own.set(xlabel="share of customers, the most valuable first", ylabel="share of the total", xlim=(0, 1), ylim=(0, 1.01))
        percent(own.xaxis)
        percent(own.yaxis)
        own.legend(loc="lower right")
        headline([own], title, ax)
    return figure


def _from_here(ax: Axes, at: Any, words: str, colour: str = NAIVE) -> None:
    """A vertical line, with what it means beside its top."""
    ax.axvline(at, color=colour, linewidth=1 if colour == NAIVE else 2)
    where: Any = ("data", "axes fraction")
    ax.annotate(words, (at, 1.0), xycoords=where, xytext=(5, -3), textcoords="offset points", va="top", color=colour)


def _dates(ax: Axes) -> None:
    """Few, short dates on the horizontal axis."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    locator = AutoDateLocator(minticks=3, maxticks=6)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(ConciseDateFormatter(locator))


def _extent(grid: pd.DataFrame) -> tuple[float, float, float, float]:
    columns, index = grid.columns.to_numpy(float), grid.index.to_numpy(float)
    half_x, half_y = (columns[1] - columns[0]) / 2, (index[1] - index[0]) / 2
    return columns[0] - half_x, columns[-1] + half_x, index[0] - half_y, index[-1] + half_y
