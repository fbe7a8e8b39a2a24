"""Figures of how far a purchase model can be trusted: beside others and rules, over rolling dates, over the calendar."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from goodwill.figures.theme import ACCENT, BAND, INK, MODEL, NAIVE, OTHER, headline, legend_beside, panels, percent, themed, thousands

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from goodwill.lifetime_value.evidence.cohorts import CohortFits
    from goodwill.lifetime_value.evidence.comparison import ModelComparison
    from goodwill.lifetime_value.evidence.rolling import RollingCoverage
    from goodwill.lifetime_value.evidence.season_gain import SeasonGain
    from goodwill.lifetime_value.evidence.seasons import CalendarProfile
    from goodwill.lifetime_value.evidence.windows import FirstPurchasePile


def comparison(found: ModelComparison, *, title: str, ax: Sequence[Axes] | None = None) -> Figure:
    """Log score and absolute error: lead of the best model over every forecast, by paired differences; and the error of the total.

    Examples
    --------
    >>> import goodwill as gw
    >>> log = gw.read_transactions("cdnow_sample")
    >>> found = gw.lifetime_value.compare_purchase_models(log, [gw.BetaGeoNBD], cuts=["1997-09-30"])
    >>> figure = comparison(found, title="Which forecast is nearest")
    >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
    ['BG/NBD', 'same rate', 'same number', 'hiatus', 'nobody buys']
    """
    table = found.table
    top, at = table.index[0], np.arange(len(table))
    models = table["log_score"].notna().to_numpy()
    with themed():
        figure, axes = panels(3, width=9.6, height=1.9 + 0.32 * len(table), ax=ax)
        leads = found.differences[found.differences["forecast"] == top]
        for each, measure, label in zip(axes, ("log_score", "MAE"), ("log score per customer", "absolute error, purchases"), strict=False):
            rows = leads[leads["measure"] == measure].set_index("against")[["gain", "lower", "upper"]]
            rows.loc[top] = 0.0
            _dots(each, rows.reindex(table.index), models)
            each.set_xlabel(f"{label}:\nlead of {top}\n(right: it is better)")
        _dots(axes[2], table[["bias", "bias_lower", "bias_upper"]], models)
        axes[2].set_xlabel("error of the total\n(zero is best)")
        percent(axes[2].xaxis)
        axes[0].set_yticks(at, table.index)
        for place in at[~models]:
            axes[0].annotate("no probabilities", (0.02, place), xycoords=("axes fraction", "data"), va="center", color=NAIVE, fontsize=8.5)
        headline(axes, title, ax)
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


def cohorts(found: CohortFits, unit: str, *, title: str, ax: Axes | None = None) -> Figure:
    """Purchases expected of a new customer by cohort of first purchase: by fits that borrow, by fits that do not, and by one for all.

    Examples
    --------
    >>> import goodwill as gw
    >>> found = gw.lifetime_value.fit_by_cohort(gw.summarize_purchases("cdnow_sample", calibration_end="1997-09-30"))
    >>> figure = cohorts(found, "week", title="Three months that are not told apart")
    >>> [label.get_text() for label in figure.axes[0].get_xticklabels()]
    ['1997-01', '1997-02', '1997-03']
    """
    table = found.table
    at, values = np.arange(len(table)), table["borrowed"].to_numpy()
    with themed():
        figure, (axis,) = panels(width=8.0, height=3.6, ax=ax)
        reach = [values - table["borrowed_lower"], table["borrowed_upper"] - values]
        axis.errorbar(at, values, yerr=reach, fmt="o", color=MODEL, capsize=4, linewidth=1.5, label="cohorts that borrow")
        axis.plot(at, table["expected"], "D", color=NAIVE, markersize=5, fillstyle="none", label="fit of its own")
        axis.axhline(table["pooled"].dropna().iloc[0], color=ACCENT, linestyle="--", linewidth=1.5, label="one fit for all")
        axis.set_xticks(at, table["cohort"], rotation=0 if len(table) <= 9 else 60)
        axis.set_xlim(-0.5, len(table) - 0.5)
        axis.set_xlabel("first purchase")
        axis.set_ylabel(f"repeat purchases of a new\ncustomer within {found.horizon:.0f} {unit}s")
        axis.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=3, fontsize=9)
        headline([axis], title, ax)
    return figure


def rolling_intervals(found: RollingCoverage, *, title: str, ax: Axes | None = None) -> Figure:
    """What came on each date, beside the interval that the model gave for the total and the one widened by its record.

    Examples
    --------
    >>> from datetime import date
    >>> import goodwill as gw
    >>> log, cuts = gw.read_transactions("cdnow_sample"), [date(1997, 7, 1), date(1997, 9, 30)]
    >>> found = gw.lifetime_value.rolling_coverage(log, cuts=cuts, horizon=13, draws=50)
    >>> figure = rolling_intervals(found, title="One of two intervals held")
    >>> figure.axes[0].get_ylabel()
    'purchases in the next 13 weeks'
    """
    total = found.record[found.record["group"] == "total"].reset_index(drop=True)
    later = total["past"] >= 2
    with themed():
        figure, (axis,) = panels(width=9.0, height=4.2, ax=ax)
        axis.vlines(
            total["cut"][later],
            total["wide_lower"][later],
            total["wide_upper"][later],
            color=BAND,
            linewidth=7,
            label="widened by the record",
        )
        axis.vlines(
            total["cut"], total["lower"], total["upper"], color=MODEL, linewidth=2.5, label=f"as the model gave it, {found.level:.0%}"
        )
        held = total["held"].to_numpy(bool)
        axis.plot(total["cut"][held], total["actual"][held], "o", color=INK, markersize=5, label="came, held by the model's interval")
        axis.plot(total["cut"][~held], total["actual"][~held], "X", color=ACCENT, markersize=8, label="came, missed")
        axis.set(xlabel="date of the forecast", ylabel=f"purchases in the next {found.horizon:g} {found.unit}s")
        axis.set_ylim(0, 1.35 * max(total["upper"].max(), total["actual"].max()))
        thousands(axis.yaxis)
        _dates(axis)
        legend_beside([axis], ax, loc="outside lower center", ncols=2, fontsize=9)
        headline([axis], title, ax)
    return figure


def calendar(profile: CalendarProfile, *, title: str, ax: Sequence[Axes] | None = None) -> Figure:
    """Weekly repeat purchases with their level and what sticks out; and by weekday, or by month of the year where it can be measured.

    Examples
    --------
    >>> import goodwill as gw
    >>> profile = gw.lifetime_value.calendar_profile(gw.read_transactions("cdnow_sample"))
    >>> figure = calendar(profile, title="No weekday stands out much")
    >>> len(figure.axes)  # weeks, and weekdays
    2
    """
    with themed():
        figure, (left, right) = panels(2, width=9.6, height=4.2, ax=ax)
        if ax is None:
            left.get_gridspec().set_width_ratios((1.7, 1))  # type: ignore[union-attr]
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
        headline([left], title, ax)
    return figure


def seasons(found: SeasonGain, *, title: str, ax: Sequence[Axes] | None = None) -> Figure:
    """Totals foretold with a calendar and without beside what came, by date; and the factors of the year.

    Examples
    --------
    >>> import goodwill as gw
    >>> found = gw.lifetime_value.season_gain(gw.read_transactions("cdnow_sample"), ["sale: 03-01..03-07 x2"], dates=1, horizon=13)
    >>> figure = seasons(found, title="A sale that nobody held")
    >>> figure.axes[0].get_ylabel()
    'purchases in 13 weeks'
    """
    with themed():
        figure, (left, right) = panels(2, width=9.6, height=4.2, ax=ax)
        table = found.by_date
        at = np.arange(len(table))
        for shift, name, color, label in (
            (-0.12, "plain", NAIVE, "the model that knows no season"),
            (0.12, "season", MODEL, "with a calendar"),
        ):
            error = np.abs(table[[f"{name}_lower", f"{name}_upper"]].to_numpy().T - table[name].to_numpy())
            left.errorbar(at + shift, table[name], yerr=error, fmt="o", color=color, capsize=4, linewidth=1.5, label=label)
        left.plot(at, table["came"], "_", color=INK, markersize=16, markeredgewidth=2, label="came")
        left.set_xticks(at, [f"{day:%Y-%m-%d}" for day in table["date"]], rotation=30, ha="right")
        left.set(xlabel="foretold on", ylabel=f"purchases in {found.horizon:g} {found.unit}s")
        left.set_ylim(bottom=0)
        thousands(left.yaxis)
        left.legend(loc="best", fontsize=9)
        parts = found.factors
        place = np.arange(1, len(parts) + 1)
        right.fill_between(place, parts["lower"], parts["upper"], step="mid", color=BAND, linewidth=0)
        right.step(place, parts["factor"], where="mid", color=MODEL)
        right.axhline(1, color=INK, linewidth=0.8)
        marked = parts[~parts["name"].str.startswith("week ")]
        _mark(right, place[marked.index], marked["factor"], marked["name"])
        right.set(xlabel="week of the year" + (", and named days" if len(marked) else ""), ylabel="times the mean day, 95 %")
        right.set_ylim(bottom=0)
        headline([left], title, ax)
    return figure


def first_purchases(found: FirstPurchasePile, *, title: str, ax: Axes | None = None) -> Figure:
    """First purchases per period with the trend of the last half carried back.

    Examples
    --------
    >>> import goodwill as gw
    >>> pile = gw.lifetime_value.first_purchase_pile(gw.read_transactions("cdnow_sample"))
    >>> figure = first_purchases(pile, title="All were won in twelve weeks")
    >>> figure.axes[0].get_ylabel()
    'first purchases per day'
    """
    from matplotlib.dates import date2num

    periods = found.periods
    step = (periods["start"].iloc[1] - periods["start"].iloc[0]).days if len(periods) > 1 else 1  # days, where all began on one
    with themed():
        figure, (axis,) = panels(width=9.0, height=3.8, ax=ax)
        axis.bar(
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
            axis.plot(periods["start"], periods["expected"], color=ACCENT, label="trend of the last half, carried back")
            axis.fill_between(
                periods["start"], periods["lower"], periods["upper"], color=ACCENT, alpha=0.15, linewidth=0, label="95 % of a count"
            )
        if found.until is not None:
            at = float(date2num(found.until))
            axis.axvline(at, color=INK, linewidth=1)
            text = f" burn-in to {found.until}"
            axis.annotate(text, (at, 0.98), xycoords=("data", "axes fraction"), va="top")
        axis.set(xlabel="date", ylabel=f"first purchases per {'week' if step == 7 else 'day'}")
        axis.set_ylim(0, 1.4 * periods["births"].max())
        axis.legend(loc="upper right", fontsize=9)
        _dates(axis)
        headline([axis], title, ax)
    return figure


def spend_models(table: pd.DataFrame, currency: str, *, title: str, ax: Axes | None = None) -> Figure:
    """Mean spend by frequency class with what the independent and the dependent spend model have: the table of `spend_by_frequency`.

    Examples
    --------
    >>> import goodwill as gw
    >>> customers = gw.example("cdnow")
    >>> table = gw.lifetime_value.spend_by_frequency(gw.lifetime_value.spend_dependence(customers), customers, last=3)
    >>> figure = spend_models(table, "USD", title="Who buys often spends more each time")
    >>> figure.axes[0].get_xlabel()
    'repeat purchases'
    """
    with themed():
        figure, (axis,) = panels(height=3.8, ax=ax)
        at = np.arange(len(table))
        error = np.abs(table[["lower", "upper"]].to_numpy().T - table["actual"].to_numpy())
        axis.errorbar(at, table["actual"], yerr=error, fmt="o", color=INK, capsize=4, linewidth=1.4, label="mean of customers, 95 %")
        axis.plot(at, table["independent"], color=NAIVE, linestyle=(0, (4, 2)), label="spend independent of frequency")
        axis.plot(at, table["dependent"], "s-", color=MODEL, markersize=4, label="spend that goes with frequency")
        axis.set_xticks(at, table["label"])
        axis.set(xlabel="repeat purchases", ylabel=f"spend per purchase, {currency}")
        axis.set_ylim(bottom=0)
        axis.legend(loc="lower right")
        headline([axis], title, ax)
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
