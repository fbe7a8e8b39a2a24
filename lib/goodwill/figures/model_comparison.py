"""Figures of how far a purchase model can be trusted: beside others and rules, over rolling dates, over the calendar."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from goodwill.figures.theme import ACCENT, BAND, INK, MODEL, NAIVE, OTHER, finding, panels, percent, themed, thousands

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from goodwill.lifetime_value.evidence.cohorts import CohortFits
    from goodwill.lifetime_value.evidence.comparison import ModelComparison
    from goodwill.lifetime_value.evidence.rolling import RollingCoverage
    from goodwill.lifetime_value.evidence.seasons import CalendarProfile
    from goodwill.lifetime_value.evidence.windows import FirstPurchasePile
    from goodwill.lifetime_value.gamma_gamma_by_frequency import SpendDependence


def comparison(found: ModelComparison) -> Figure:
    """Log score and absolute error of every forecast against the best model, by paired differences, and the error of the total."""
    table = found.table
    top, at = table.index[0], np.arange(len(table))
    models = table["log_score"].notna().to_numpy()
    with themed():
        figure, axes = panels(3, width=9.6, height=1.9 + 0.32 * len(table))
        gains = found.differences[found.differences["against"] == top]
        for ax, measure, label in zip(axes, ("log_score", "MAE"), ("log score per customer", "absolute error, purchases"), strict=False):
            rows = gains[gains["measure"] == measure].set_index("forecast")[["gain", "lower", "upper"]]
            rows.loc[top] = 0.0
            _dots(ax, rows.reindex(table.index), models)
            ax.set_xlabel(f"{label}:\ngain over {top} (right is better)")
        _dots(axes[2], table[["bias", "bias_lower", "bias_upper"]], models)
        axes[2].set_xlabel("error of the total\n(zero is best)")
        percent(axes[2].xaxis)
        axes[0].set_yticks(at, table.index)
        for place in at[~models]:
            axes[0].annotate("no probabilities", (0.02, place), xycoords=("axes fraction", "data"), va="center", color=NAIVE, fontsize=8.5)
        finding(figure, _comparison_title(found))
    return figure


def _dots(ax: Axes, rows: pd.DataFrame, models: np.ndarray) -> None:
    """Estimates with their intervals, one row each: models as circles, rules as triangles."""
    at, values = np.arange(len(rows)), rows.to_numpy(float)
    for part, colour, mark in ((models, MODEL, "o"), (~models, NAIVE, "^")):
        x, low, high = values[part].T
        ax.errorbar(x, at[part], xerr=[x - low, high - x], fmt=mark, color=colour, capsize=3, linewidth=1.5, markersize=5.5)
    ax.axvline(0, color=INK, linewidth=0.8)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_yticks(at, [""] * len(rows))
    ax.grid(axis="y", visible=False)
    ax.locator_params(axis="x", nbins=4)


def _comparison_title(found: ModelComparison) -> str:
    from goodwill.lifetime_value.comparison_words import outcome

    top = found.table.index[0]
    rows = found.differences[
        (found.differences["forecast"] == top) & found.table["log_score"].isna()[found.differences["against"]].to_numpy()
    ]
    result = {row["measure"]: (outcome(row), row["against"]) for _, row in rows.iterrows()}
    how, rule = result["MAE"]
    if how == "better":
        return f"{top} foretells better than every rule without a model"
    off = found.table.loc[rule, "bias"]
    verb = "beats" if how == "worse" else "is as good as"
    return f"By absolute error the rule '{rule}' {verb} {top}, and foretells a total off by {off:+.0%}"


def cohorts(found: CohortFits, unit: str) -> Figure:
    """Purchases expected of a new customer by cohort of first purchase, beside what the fit for all expects."""
    table = found.table.dropna(subset="expected").reset_index(drop=True)
    at, values = np.arange(len(table)), table["expected"].to_numpy()
    with themed():
        figure, (ax,) = panels(width=8.0, height=3.6)
        reach = [values - table["lower"], table["upper"] - values]
        ax.errorbar(at, values, yerr=reach, fmt="o", color=MODEL, capsize=4, linewidth=1.5, label="fit of the cohort")
        ax.axhline(table["pooled"].iloc[0], color=ACCENT, linestyle="--", linewidth=1.5, label="one fit for all")
        ax.set_xticks(at, table["cohort"], rotation=0 if len(table) <= 9 else 60)
        ax.set_xlim(-0.5, len(table) - 0.5)
        ax.set_xlabel("first purchase")
        ax.set_ylabel(f"repeat purchases of a new\ncustomer within {found.horizon:.0f} {unit}s")
        ax.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2, fontsize=9)
        explained = (
            "Chance explains the differences between cohorts" if found.p_value >= 0.05 else "Cohorts differ more than chance explains"
        )
        finding(figure, explained)
    return figure


def rolling_intervals(found: RollingCoverage) -> Figure:
    """What came on each date, beside the interval that the model gave for the total and the one widened by its record."""
    total = found.record[found.record["group"] == "total"].reset_index(drop=True)
    later = total["past"] >= 2
    with themed():
        figure, (ax,) = panels(width=9.0, height=4.2)
        ax.vlines(
            total["cut"][later],
            total["wide_lower"][later],
            total["wide_upper"][later],
            color=BAND,
            linewidth=7,
            label="widened by the record",
        )
        ax.vlines(
            total["cut"], total["lower"], total["upper"], color=MODEL, linewidth=2.5, label=f"as the model gave it, {found.level:.0%}"
        )
        held = total["held"].to_numpy(bool)
        ax.plot(total["cut"][held], total["actual"][held], "o", color=INK, markersize=5, label="came, held by the model's interval")
        ax.plot(total["cut"][~held], total["actual"][~held], "X", color=ACCENT, markersize=8, label="came, missed")
        ax.set(xlabel="date of the forecast", ylabel=f"purchases in the next {found.horizon:g} {found.unit}s")
        ax.set_ylim(0, 1.35 * max(total["upper"].max(), total["actual"].max()))
        thousands(ax.yaxis)
        _dates(ax)
        ax.legend(loc="upper right", ncols=2, fontsize=9)
        text = f"The model's interval held the total on {held.sum()} of {len(total)} dates"
        if later.any():
            after = total.loc[later, "wide_held"].sum()
            text += f"; of the last {later.sum()} it held {total.loc[later, 'held'].sum()}, and widened by its record {after}"
        finding(figure, text)
    return figure


def calendar(profile: CalendarProfile) -> Figure:
    """Weekly repeat purchases with their level and what sticks out; and by weekday, or by month of the year where it can be measured."""
    with themed():
        from matplotlib.figure import Figure

        figure = Figure(figsize=(9.6, 4.2), layout="constrained")
        left, right = figure.subplots(1, 2, width_ratios=(1.7, 1))
        weeks = profile.weeks
        left.plot(weeks["start"], weeks["purchases"], color=MODEL, linewidth=1.4, label="repeat purchases")
        left.plot(weeks["start"], weeks["level"], color=NAIVE, linestyle=(0, (4, 2)), linewidth=1.4, label="mean of the quarter around")
        out = weeks[weeks["sticks_out"]]
        left.plot(out["start"], out["purchases"], "o", color=ACCENT, markersize=6)
        _mark(left, out["start"], out["purchases"], out["occasion"])
        for rank, row in profile.peaks.head(6).iterrows():
            left.axvline(row["date"], color=ACCENT, linewidth=0.9, linestyle=":", label="a day that sticks out" if rank == 0 else None)
        left.set(xlabel="week", ylabel="repeat purchases per week")
        left.set_ylim(bottom=0)
        thousands(left.yaxis)
        _dates(left)
        left.legend(loc="best", fontsize=9)
        by = profile.weekdays.rename(columns={"weekday": "name"}) if profile.seasons is None else profile.seasons
        at = np.arange(len(by))
        error = np.abs(by[["lower", "upper"]].to_numpy().T - by["ratio"].to_numpy())
        right.errorbar(by["ratio"], at, xerr=error, fmt="o", color=OTHER, capsize=3, linewidth=1.5)
        right.axvline(1, color=INK, linewidth=0.8)
        right.set_yticks(at, by["name"])
        right.set(xlabel="times the mean " + ("day" if profile.seasons is None else "month") + ", 95 %", ylim=(len(by) - 0.5, -0.5))
        right.grid(axis="y", visible=False)
        finding(figure, _calendar_title(profile))
    return figure


def _calendar_title(profile: CalendarProfile) -> str:
    if profile.seasons is not None:
        top = profile.seasons.loc[int(np.argmax(profile.seasons["ratio"].to_numpy()))]
        named = profile.peaks["occasion"].replace("", np.nan).dropna().unique()
        return f"{top['name']} sees {top['ratio']:.2f} times the mean month" + (
            f"; {' and '.join(named[:2])} stick out" if len(named) else ""
        )
    days = len(profile.peaks)
    said = "No day sticks out" if not days else f"{days} day{'s stick' if days > 1 else ' sticks'} out of {7 * len(profile.weeks)}"
    return f"{said}; with {12 * profile.years:.0f} months of data a season cannot be told from a trend"


def first_purchases(found: FirstPurchasePile) -> Figure:
    """First purchases per period with the trend of the last half carried back."""
    from matplotlib.dates import date2num

    periods = found.periods
    step = (periods["start"].iloc[1] - periods["start"].iloc[0]).days
    with themed():
        figure, (ax,) = panels(width=9.0, height=3.8)
        ax.bar(
            periods["start"],
            periods["births"],
            width=0.8 * step,
            align="edge",
            color=BAND,
            edgecolor=MODEL,
            linewidth=0.5,
            label="in the data",
        )
        if periods["expected"].notna().all():
            ax.plot(periods["start"], periods["expected"], color=ACCENT, label="trend of the last half, carried back")
            ax.fill_between(
                periods["start"], periods["lower"], periods["upper"], color=ACCENT, alpha=0.15, linewidth=0, label="95 % of a count"
            )
        if found.until is not None:
            at = float(date2num(found.until))
            ax.axvline(at, color=INK, linewidth=1)
            text = f" burn-in to {found.until}"
            ax.annotate(text, (at, 0.98), xycoords=("data", "axes fraction"), va="top")
        ax.set(xlabel="date", ylabel=f"first purchases per {'week' if step == 7 else 'day'}")
        ax.set_ylim(0, 1.4 * periods["births"].max())
        ax.legend(loc="upper right", fontsize=9)
        _dates(ax)
        titles = {
            "piled": f"The start holds {found.ratio.estimate:.1f} times the first purchases of the later trend: old customers",
            "cohort": "Customers were chosen by when they first bought: a cohort, without a pile at its start",
            "even": "First purchases do not pile up at the start",
            "unclear": "Too few first purchases to tell whether they pile up at the start",
        }
        if found.kind == "cohort" and found.ratio.lower > 1:
            titles["cohort"] = "A cohort whose start holds more first purchases than its trend: some may be old customers"
        finding(figure, titles[found.kind])
    return figure


def spend_models(table: pd.DataFrame, found: SpendDependence, currency: str) -> Figure:
    """Mean spend by frequency class with what the independent and the dependent spend model have: the table of `spend_by_frequency`."""
    with themed():
        figure, (ax,) = panels(height=3.8)
        at = np.arange(len(table))
        error = np.abs(table[["lower", "upper"]].to_numpy().T - table["actual"].to_numpy())
        ax.errorbar(at, table["actual"], yerr=error, fmt="o", color=INK, capsize=4, linewidth=1.4, label="mean of customers, 95 %")
        ax.plot(at, table["independent"], color=NAIVE, linestyle=(0, (4, 2)), label="spend independent of frequency")
        ax.plot(at, table["dependent"], "s-", color=MODEL, markersize=4, label="spend that goes with frequency")
        ax.set_xticks(at, table["label"])
        ax.set(xlabel="repeat purchases", ylabel=f"spend per purchase, {currency}")
        ax.set_ylim(bottom=0)
        ax.legend(loc="lower right")
        lift = found.mean_lift
        if lift.lower > 1 or lift.upper < 1:
            finding(figure, f"Spend per purchase changes by {lift.estimate - 1:+.0%} with each doubling of repeat purchases")
        else:
            finding(figure, "Mean spend per purchase shows no trend with the number of repeat purchases")
    return figure


def _mark(ax: Axes, x: Any, y: Any, names: Any) -> None:
    for at, height, name in zip(x, y, names, strict=True):
        if name:
            ax.annotate(name, (at, height), xytext=(0, 6), textcoords="offset points", ha="center", fontsize=8.5, color=ACCENT)


def _dates(ax: Axes) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    locator = AutoDateLocator(minticks=3, maxticks=7)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(ConciseDateFormatter(locator))
