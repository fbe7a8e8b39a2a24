"""Figures of a customer-base audit: which cohorts carry the base, who changed, what became of each cohort."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from goodwill.figures.theme import ACCENT, MODEL, NAIVE, OTHER, headline, legend_beside, panels, percent, themed, thousands

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST = 6  # cohorts with a colour of their own
MOST_NAMED = 7  # periods with a name below them, so that no two names touch


def layers(table: pd.DataFrame, measure: str, label: str, *, title: str, ax: Axes | None = None) -> Figure:
    """Money (or purchases) by period, stacked by cohort of first purchase, the oldest at the bottom (see `cohort_layers`).

    Examples
    --------
    >>> import goodwill as gw
    >>> audit = gw.lifetime_value.audit_base(gw.read_transactions(gw.example("orders")), "month")
    >>> figure = layers(gw.lifetime_value.cohort_layers(audit), "money", "EUR", title="January's customers brought less in February")
    >>> figure.axes[0].get_ylabel()
    'EUR'
    """
    import seaborn as sns

    names = list(dict.fromkeys(table["cohorts"]))
    wide = table.pivot(index="period", columns="cohorts", values=measure).reindex(columns=names).fillna(0.0)
    with themed():
        figure, (axis,) = panels(width=8.0, height=4.0, ax=ax)
        at, below = np.arange(len(wide)), np.zeros(len(wide))
        for colour, name in zip(sns.color_palette("crest", len(names)), names, strict=True):
            values = wide[name].to_numpy(float)
            axis.bar(at, values, bottom=below, color=colour, width=0.8, label=str(name))
            below = below + values
        step = max(1, -(-len(wide) // MOST_NAMED))
        axis.set_xticks(at[::step], [str(each) for each in wide.index[::step]])
        axis.set_ylabel(label)
        thousands(axis.yaxis)
        axis.grid(axis="x", visible=False)
        legend_beside([axis], ax, title="won in", reverse=True)  # as they lie upon one another
        headline([axis], title, ax)
    return figure


def changed(table: pd.DataFrame, label: str, *, title: str, ax: Axes | None = None) -> Figure:
    """What each group of customers brought more or less than in the period before: rows of `change(...).table`.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"group": ["not now", "less", "won since"], "customers": [1, 1, 1], "difference": [-40.0, -15.0, 25.0]})
    >>> figure = changed(table, "EUR", title="Who is not here now explains most")
    >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
    ['not now (1)', 'less (1)', 'won since (1)']
    """
    at, moved = np.arange(len(table)), table["difference"].to_numpy(float)
    with themed():
        figure, (axis,) = panels(width=8.0, height=2.9, ax=ax)
        axis.barh(at, moved, color=np.where(moved < 0, ACCENT, MODEL), height=0.6)
        axis.set_yticks(at, [f"{group} ({count:,})" for group, count in zip(table["group"], table["customers"], strict=True)])
        axis.invert_yaxis()
        axis.axvline(0, color=NAIVE, linewidth=0.8)
        axis.set_xlabel(label)
        thousands(axis.xaxis)
        axis.grid(axis="y", visible=False)
        headline([axis], title, ax)
    return figure


def ages(table: pd.DataFrame, period: str, *, title: str, ax: Axes | None = None) -> Figure:
    """Share of each cohort that bought, by its age in periods: columns cohort, age, share_active.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"cohort": ["2024-01", "2024-01", "2024-02"], "age": [0, 1, 0], "share_active": [1.0, 0.4, 1.0]})
    >>> figure = ages(table, "month", title="Four in ten buy in the month after")
    >>> figure.axes[0].get_xlabel()
    'months after the first purchase'
    """
    from matplotlib.ticker import MaxNLocator

    cohorts = list(dict.fromkeys(table["cohort"]))
    marked = cohorts if len(cohorts) <= MOST else [cohorts[0], cohorts[len(cohorts) // 2], cohorts[-1]]
    with themed():
        figure, (axis,) = panels(width=8.0, height=3.8, ax=ax)
        for name in cohorts:
            part = table[(table["cohort"] == name) & (table["age"] > 0)]
            if name not in marked:
                axis.plot(part["age"], part["share_active"], color=NAIVE, linewidth=0.8, alpha=0.5)
        for colour, name in zip((MODEL, ACCENT, OTHER, "#8a5aa8", "#b58900", NAIVE), marked, strict=False):
            part = table[(table["cohort"] == name) & (table["age"] > 0)]
            axis.plot(part["age"], part["share_active"], "o-", color=colour, markersize=4, label=str(name))
        axis.set_ylim(bottom=0)
        axis.set_xlabel(f"{period}s after the first purchase")
        axis.set_ylabel("share who bought in it")
        axis.xaxis.set_major_locator(MaxNLocator(integer=True))
        percent(axis.yaxis)
        axis.legend(title="won in", ncols=2)
        headline([axis], title, ax)
    return figure
