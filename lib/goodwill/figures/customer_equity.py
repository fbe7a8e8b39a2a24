"""Figures of customer equity: customers to come, what the years bring, and what it all hangs on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from goodwill.figures.theme import ACCENT, BAND, INK, MODEL, NAIVE, headline, panels, themed, thousands

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def newcomers(past: pd.DataFrame, ahead: pd.DataFrame, *, title: str, ax: Axes | None = None) -> Figure:
    """Customers who first bought in each period of four weeks, and those expected to.

    `past` has end, newcomers, used; `ahead` has end, estimate, lower, upper.

    Examples
    --------
    >>> import pandas as pd
    >>> past = pd.DataFrame({"end": pd.to_datetime(["2025-01-28", "2025-02-25"]), "newcomers": [90, 110], "used": True})
    >>> ahead = pd.DataFrame({"end": pd.to_datetime(["2025-03-25"]), "estimate": [100.0], "lower": [75.0], "upper": [125.0]})
    >>> newcomers(past, ahead, title="As many come as before").axes[0].get_ylabel()
    'customers in four weeks'
    """
    import pandas as pd

    with themed():
        figure, (axis,) = panels(width=8.0, height=3.8, ax=ax)
        ends, coming = pd.to_datetime(past["end"]), pd.to_datetime(ahead["end"])
        used = past["used"].to_numpy(bool)
        axis.plot(ends[used], past["newcomers"][used], "o-", color=INK, linewidth=1.3, markersize=3.5, label="came")
        if not used.all():
            axis.plot(ends[~used], past["newcomers"][~used], "o", color=NAIVE, markersize=3.5, label="old customers among them")
        axis.fill_between(coming, ahead["lower"], ahead["upper"], color=BAND, linewidth=0, label="expected, 95 %")
        axis.plot(coming, ahead["estimate"], color=MODEL)
        axis.set_ylim(bottom=0)
        axis.set_ylabel("customers in four weeks")
        thousands(axis.yaxis)
        axis.legend(loc="upper left")
        headline([axis], title, ax)
    return figure


def years(table: pd.DataFrame, unit: str, *, title: str, ax: Axes | None = None) -> Figure:
    """What one, two and three years bring, from known customers and from newcomers less what winning them costs, with the range of the sum.

    `table` has years, known, newcomers, cost, equity, low, high.

    Examples
    --------
    >>> import pandas as pd
    >>> names = ["years", "known", "newcomers", "cost", "equity", "low", "high"]
    >>> table = pd.DataFrame([[1, 20.0, 15.0, 5.0, 30.0, 25.0, 35.0], [2, 30.0, 40.0, 10.0, 60.0, 45.0, 80.0]], columns=names)
    >>> years(table, "EUR", title="Newcomers bring as much as the known").axes[0].get_ylabel()
    'EUR'
    """
    at = np.arange(len(table))
    known, new = table["known"].to_numpy(float), (table["newcomers"] - table["cost"]).to_numpy(float)
    with themed():
        figure, (axis,) = panels(width=8.0, height=3.8, ax=ax)
        axis.bar(at, known, color=MODEL, width=0.5, label="known today")
        axis.bar(at, new, bottom=np.where(new > 0, known, 0.0), color=BAND, width=0.5, label="newcomers, less what winning them costs")
        total = table["equity"].to_numpy(float)
        reach = np.abs(table[["low", "high"]].to_numpy(float).T - total)
        axis.errorbar(
            at, total, yerr=reach, fmt="o", color=ACCENT, capsize=5, linewidth=1.5, markersize=5, label="together, with its range"
        )
        axis.set_xticks(at, ["1 year" if each == 1 else f"{each} years" for each in table["years"]])
        axis.set_ylabel(unit)
        thousands(axis.yaxis)
        axis.grid(axis="x", visible=False)
        axis.legend(loc="upper left")
        axis.set_ylim(top=1.25 * max(float(table["high"].max()), 1e-9))
        headline([axis], title, ax)
    return figure


def tornado(table: pd.DataFrame, equity: float, unit: str, *, title: str, ax: Axes | None = None) -> Figure:
    """Equity with one assumption moved at a time, the widest on top: columns what, low, high, at_low, at_high.

    Examples
    --------
    >>> import pandas as pd
    >>> moved = pd.DataFrame({"what": ["margin"], "low": ["24%"], "high": ["36%"], "at_low": [80.0], "at_high": [120.0]})
    >>> tornado(moved, 100.0, "EUR", title="The margin moves equity most").axes[0].get_xlabel()
    'EUR'
    """
    rows = table[table["at_low"].notna() & table["at_high"].notna()]
    at = np.arange(len(rows))
    with themed():
        figure, (axis,) = panels(width=8.0, height=1.3 + 0.45 * len(rows), ax=ax)
        for side, words, colour in (("at_low", "low", ACCENT), ("at_high", "high", MODEL)):
            axis.barh(at, rows[side] - equity, left=equity, color=colour, height=0.55)
            for place, value, word in zip(at, rows[side], rows[words], strict=True):
                if value == equity:
                    continue  # as it is: no bar, and no word over that of the other side
                right = value > equity
                axis.annotate(
                    str(word),
                    (value, place),
                    xytext=(4 if right else -4, 0),
                    textcoords="offset points",
                    ha="left" if right else "right",
                    va="center",
                    fontsize=8.5,
                )
        axis.set_yticks(at, rows["what"])
        axis.invert_yaxis()
        axis.axvline(equity, color=INK, linewidth=0.8)
        axis.margins(x=0.45)
        axis.set_xlabel(unit)
        thousands(axis.xaxis)
        axis.grid(axis="y", visible=False)
        headline([axis], title, ax)
    return figure
