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
    """Share still under contract by cohort: actual, the model in use with its range, one constant rate (see `survival_forecasts`).

    Examples
    --------
    >>> import pandas as pd
    >>> import goodwill as gw
    >>> table = pd.DataFrame({"cohort": "2020", "time": [0, 1, 2, 3], "customers": [1000, 600, 450, 370]})
    >>> fits = gw.lifetime_value.fit_cohorts(table, periods=2, unit="year")
    >>> found = gw.lifetime_value.survival_forecasts(table, fits, gw.lifetime_value.fits_in_use(fits), periods=2)
    >>> figure = survival(found, "year", title="One constant rate foretells too few")
    >>> figure.axes[0].get_xlabel(), figure.axes[0].get_ylabel()
    ('years since the start', 'still under contract')
    """
    cohorts = list(dict.fromkeys(forecasts["cohort"]))
    with themed():
        figure, axes = panels(len(cohorts), width=4.9 * len(cohorts) if len(cohorts) > 1 else 7.0, height=4.2, ax=ax)
        for each, cohort in zip(axes, cohorts, strict=True):
            part = forecasts[forecasts["cohort"] == cohort]
            each.fill_between(part["time"], part["lower"], part["upper"], color=BAND, linewidth=0, label="model, 95 %")
            each.plot(part["time"], part["forecast"], color=MODEL, linestyle=(0, (5, 2)), label="model")
            each.plot(part["time"], part["constant"], color=NAIVE, linestyle=":", label="one constant rate")
            each.plot(part["time"], part["actual"], "o", color=INK, markersize=4, label="actual")
            seen = part.loc[~part["held_out"], "time"].max()
            each.axvline(seen + 0.5, color=NAIVE, linewidth=1)
            each.set_title(f"{cohort} ({part['model'].iloc[0]})", fontsize=11)
            each.set(xlabel=f"{unit}s since the start", ylim=(0, 1.02))
            percent(each.yaxis)
        axes[0].set_ylabel("still under contract")
        axes[0].legend(loc="upper right")
        headline(axes, title, ax)
    return figure


def retention(rates: pd.DataFrame, unit: str, *, title: str, ax: Axes | None = None) -> Figure:
    """Retention rates by renewal: columns cohort, time, actual, expected (by the model in use).

    Examples
    --------
    >>> import pandas as pd
    >>> rates = pd.DataFrame({"cohort": "2020", "time": [1, 2], "actual": [0.6, 0.75], "expected": [0.6, 0.74]})
    >>> figure = retention(rates, "year", title="Who stayed once stays on")
    >>> figure.axes[0].get_xlabel()
    'renewal (years since the start)'
    """
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
    """Value to come by renewals made: rows `after k` of `contract_value`, one line per cohort with its interval.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"estimate": [290.0, 480.0], "lower": [250.0, 430.0], "upper": [320.0, 540.0]}, index=["after 0", "after 1"])
    >>> figure = residual_value({"2020": rows}, "EUR", title="Who has renewed is worth more")
    >>> figure.axes[0].get_ylabel()
    'to come, EUR'
    """
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
    """Expected gifts to come by number of gifts (columns) and last gift (rows), as numbers in a grid.

    Examples
    --------
    >>> import pandas as pd
    >>> import goodwill as gw
    >>> model = gw.BetaGeoBetaBinom(alpha=1.204, beta=0.750, gamma=0.657, delta=2.783, unit="year")
    >>> gifts = pd.DataFrame({n: model.expected_purchases(5, n, [5, 6], 6) for n in (1, 5)}, index=[5, 6])
    >>> figure = donors(gifts, title="Who gave often and lately gives most")
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['1.02', '1.81', '1.15', '3.23']
    """
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
