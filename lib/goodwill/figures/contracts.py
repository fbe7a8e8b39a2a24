"""Figures of contracts and of gifts at fixed opportunities."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from goodwill.figures.theme import ACCENT, BAND, INK, MODEL, NAIVE, OTHER, finding, panels, percent, themed

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


def survival(forecasts: pd.DataFrame, unit: str) -> Figure:
    """Share still under contract by cohort: actual, sBG with its range, and one constant retention rate (see `survival_forecasts`)."""
    cohorts = list(dict.fromkeys(forecasts["cohort"]))
    last = forecasts[forecasts["held_out"]].groupby("cohort").tail(1)
    model_miss = (last["sBG"] / last["actual"] - 1).abs().max() if len(last) else np.nan
    rule_miss = (last["constant"] / last["actual"] - 1).abs().max() if len(last) else np.nan
    with themed():
        figure, axes = panels(len(cohorts), width=4.9 * len(cohorts) if len(cohorts) > 1 else 7.0, height=4.2)
        for ax, cohort in zip(axes, cohorts, strict=True):
            part = forecasts[forecasts["cohort"] == cohort]
            ax.fill_between(part["time"], part["sBG_lower"], part["sBG_upper"], color=BAND, linewidth=0, label="sBG, 95 %")
            ax.plot(part["time"], part["sBG"], color=MODEL, linestyle=(0, (5, 2)), label="sBG")
            ax.plot(part["time"], part["constant"], color=NAIVE, linestyle=":", label="one constant rate")
            ax.plot(part["time"], part["actual"], "o", color=INK, markersize=4, label="actual")
            seen = part.loc[~part["held_out"], "time"].max()
            ax.axvline(seen + 0.5, color=NAIVE, linewidth=1)
            ax.set_title(cohort, fontsize=11)
            ax.set(xlabel=f"{unit}s since the start", ylim=(0, 1.02))
            percent(ax.yaxis)
        axes[0].set_ylabel("still under contract")
        axes[0].legend(loc="upper right")
        if np.isnan(model_miss):
            finding(figure, "Who stays longer leaves less often: the curve flattens")
        else:
            finding(
                figure, f"At the end of the hold-out the model misses by at most {model_miss:.0%}, one constant rate by {rule_miss:.0%}"
            )
    return figure


def retention(rates: pd.DataFrame, unit: str) -> Figure:
    """Retention rates by renewal: columns cohort, time, actual, expected (sBG)."""
    with themed():
        figure, (ax,) = panels(height=3.8)
        for colour, (cohort, part) in zip((MODEL, OTHER, ACCENT, INK) * 25, rates.groupby("cohort", sort=False), strict=False):
            ax.plot(part["time"], part["expected"], color=colour, linestyle=(0, (5, 2)))
            ax.plot(part["time"], part["actual"], "o", color=colour, markersize=4, label=str(cohort))
        ax.set(xlabel=f"renewal ({unit}s since the start)", ylabel="of those asked, who stay")
        percent(ax.yaxis)
        ax.legend(loc="lower right")
        rises = rates.groupby("cohort", sort=False)["actual"].agg(lambda actual: actual.iloc[-1] - actual.iloc[0])
        finding(
            figure,
            "Retention rises with age, because those who tend to leave leave first"
            if (rises > 0).all()
            else "Retention does not rise with age",
        )
    return figure


def residual_value(values: dict[str, pd.DataFrame], money: str) -> Figure:
    """Value to come by renewals made: rows `after k` of `contract_value`, one line per cohort with its interval."""
    with themed():
        figure, (ax,) = panels(height=3.8)
        for shift, (colour, (cohort, table)) in enumerate(zip((MODEL, OTHER, ACCENT, INK) * 25, values.items(), strict=False)):
            part = table[table.index.str.startswith("after")]
            at = np.arange(len(part)) + 0.06 * shift
            error = np.abs(part[["lower", "upper"]].to_numpy(float).T - part["estimate"].to_numpy(float))
            ax.errorbar(at, part["estimate"].astype(float), yerr=error, fmt="o-", capsize=3, color=colour, label=f"{cohort}, 95 %")
        ax.set_xticks(range(len(part)))
        ax.set(xlabel="renewals made so far", ylabel=f"to come, {money}")
        ax.set_ylim(bottom=0)
        ax.legend(loc="lower right")
        finding(figure, "The more often customers have renewed, the more is to come from them")
    return figure


def donors(table: pd.DataFrame, horizon: int) -> Figure:
    """Expected gifts to come by number of gifts (columns) and last gift (rows), as numbers in a grid."""
    with themed():
        figure, (ax,) = panels(height=4.4)
        values = table.to_numpy(float)
        ax.imshow(np.ma.masked_invalid(values), cmap="cividis", origin="lower", aspect="auto")
        top = np.nanmax(values)
        for (row, column), value in np.ndenumerate(values):
            if np.isfinite(value):
                ax.text(column, row, f"{value:.2f}", ha="center", va="center", fontsize=9, color="white" if value < 0.6 * top else INK)
        ax.set_xticks(range(table.shape[1]), table.columns)
        ax.set_yticks(range(table.shape[0]), table.index)
        ax.set(xlabel="gifts so far", ylabel="opportunity of the last gift")
        ax.grid(visible=False)
        finding(figure, f"How recently somebody gave matters as much as how often: gifts expected at the next {horizon} opportunities")
    return figure
