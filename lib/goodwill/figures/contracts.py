"""Figures of contracts and of gifts at fixed opportunities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from goodwill.figures.theme import ACCENT, BAND, INK, MODEL, NAIVE, OTHER, headline, panels, percent, themed

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = (MODEL, OTHER, ACCENT, INK) * 25


def survival(forecasts: pd.DataFrame, unit: str, *, title: str, ax: Axes | Sequence[Axes] | None = None) -> Figure:
    """Share still under contract by cohort: actual, sBG with its range, and one constant retention rate (see `survival_forecasts`)."""
    cohorts = list(dict.fromkeys(forecasts["cohort"]))
    with themed():
        figure, axes = panels(len(cohorts), width=4.9 * len(cohorts) if len(cohorts) > 1 else 7.0, height=4.2, ax=ax)
        for each, cohort in zip(axes, cohorts, strict=True):
            part = forecasts[forecasts["cohort"] == cohort]
            each.fill_between(part["time"], part["sBG_lower"], part["sBG_upper"], color=BAND, linewidth=0, label="sBG, 95 %")
            each.plot(part["time"], part["sBG"], color=MODEL, linestyle=(0, (5, 2)), label="sBG")
            each.plot(part["time"], part["constant"], color=NAIVE, linestyle=":", label="one constant rate")
            each.plot(part["time"], part["actual"], "o", color=INK, markersize=4, label="actual")
            seen = part.loc[~part["held_out"], "time"].max()
            each.axvline(seen + 0.5, color=NAIVE, linewidth=1)
            each.set_title(cohort, fontsize=11)
            each.set(xlabel=f"{unit}s since the start", ylim=(0, 1.02))
            percent(each.yaxis)
        axes[0].set_ylabel("still under contract")
        axes[0].legend(loc="upper right")
        headline(axes, title, ax)
    return figure


def retention(rates: pd.DataFrame, unit: str, *, title: str, ax: Axes | None = None) -> Figure:
    """Retention rates by renewal: columns cohort, time, actual, expected (sBG)."""
    with themed():
        figure, (own,) = panels(height=3.8, ax=ax)
        for colour, (cohort, part) in zip(COLOURS, rates.groupby("cohort", sort=False), strict=False):
            own.plot(part["time"], part["expected"], color=colour, linestyle=(0, (5, 2)))
            own.plot(part["time"], part["actual"], "o", color=colour, markersize=4, label=str(cohort))
        own.set(xlabel=f"renewal ({unit}s since the start)", ylabel="of those asked, who stay")
        percent(own.yaxis)
        own.legend(loc="lower right")
        headline([own], title, ax)
    return figure


def residual_value(values: Mapping[str, pd.DataFrame], money: str, *, title: str, ax: Axes | None = None) -> Figure:
    """Value to come by renewals made: rows `after k` of `contract_value`, one line per cohort with its interval."""
    with themed():
        figure, (own,) = panels(height=3.8, ax=ax)
        for shift, (colour, (cohort, table)) in enumerate(zip(COLOURS, values.items(), strict=False)):
            part = table[table.index.str.startswith("after")]
            at = np.arange(len(part)) + 0.06 * shift
            error = np.abs(part[["lower", "upper"]].to_numpy(float).T - part["estimate"].to_numpy(float))
            own.errorbar(at, part["estimate"].astype(float), yerr=error, fmt="o-", capsize=3, color=colour, label=f"{cohort}, 95 %")
        own.set_xticks(range(len(part)))
        own.set(xlabel="renewals made so far", ylabel=f"to come, {money}")
        own.set_ylim(bottom=0)
        own.legend(loc="lower right")
        headline([own], title, ax)
    return figure


def donors(table: pd.DataFrame, *, title: str, ax: Axes | None = None) -> Figure:
    """Expected gifts to come by number of gifts (columns) and last gift (rows), as numbers in a grid."""
    import seaborn as sns

    with themed():
        figure, (own,) = panels(height=4.4, ax=ax)
        sns.heatmap(table, annot=True, fmt=".2f", cmap="cividis", cbar=False, annot_kws={"fontsize": 9}, ax=own)
        own.invert_yaxis()
        own.grid(visible=False)
        own.set(xlabel="gifts so far", ylabel="opportunity of the last gift")
        own.tick_params(axis="y", rotation=0)
        headline([own], title, ax)
    return figure
