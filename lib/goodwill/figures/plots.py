"""The one obvious picture of an object, for `.plot()` at the end of a cell; its title says what is shown, not what was found."""

from __future__ import annotations

from functools import singledispatch
from typing import TYPE_CHECKING, Any

import numpy as np

from goodwill.data.purchases import PurchaseSummary
from goodwill.errors import UsageError
from goodwill.figures import model_comparison, satisfaction, segment_movement, segments
from goodwill.figures.theme import MODEL, headline, panels, themed
from goodwill.inference.fit import Fit
from goodwill.lifetime_value.evidence.cohorts import CohortFits
from goodwill.lifetime_value.evidence.comparison import ModelComparison
from goodwill.lifetime_value.evidence.rolling import RollingCoverage
from goodwill.lifetime_value.evidence.seasons import CalendarProfile
from goodwill.lifetime_value.evidence.windows import FirstPurchasePile
from goodwill.satisfaction.cells import LoyaltyCells
from goodwill.satisfaction.turning_points import Zones
from goodwill.segments.concentration import SalesCurve, WhaleCurve
from goodwill.segments.movement.migration import Migration

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST = 10  # repeat purchases drawn one by one


@singledispatch
def plot(shown: Any, *, title: str = "", ax: Any = None) -> Figure:
    """Draw an object in the way that is obvious for it.

    Raises
    ------
    UsageError
        Where no one picture is obvious.

    Examples
    --------
    >>> import goodwill as gw
    >>> figure = gw.summarize_purchases(gw.read_transactions("cdnow_sample")).plot()
    >>> figure.axes[0].get_xlabel()
    'repeat purchases'
    """
    raise UsageError(f"a {type(shown).__name__} has no one picture; gw.figures holds the figures that the notebooks draw.")


@plot.register(PurchaseSummary)
def _(shown: PurchaseSummary, *, title: str = "", ax: Axes | None = None) -> Figure:
    import seaborn as sns

    rows = shown.purchase_rows()
    counts = np.bincount(np.minimum(rows["frequency"].to_numpy(int), MOST), weights=rows["weight"], minlength=MOST + 1)
    with themed():
        figure, axes = panels(height=3.6, ax=ax)
        names = [*map(str, range(MOST)), f"{MOST}+"]
        sns.barplot(x=names, y=counts, color=MODEL, ax=axes[0])
        axes[0].set(xlabel="repeat purchases", ylabel="customers")
        headline(axes, title or f"How often customers of {shown.source} came back, to {shown.calibration_end or shown.end}", ax)
    return figure


@plot.register(Fit)
def _(shown: Fit, *, title: str = "", ax: Axes | None = None) -> Figure:
    table = shown.estimates
    known = table["lower"].gt(0) & np.isfinite(table["upper"])
    with themed():
        figure, axes = panels(height=1.2 + 0.4 * len(table), ax=ax)
        here, at = axes[0], np.arange(len(table))[::-1]
        here.hlines(at[known], table["lower"][known], table["upper"][known], color=MODEL)
        here.plot(table["estimate"], at, "o", color=MODEL)
        here.set_yticks(at, [name if ok else f"{name} (no interval)" for name, ok in zip(table.index, known, strict=True)])
        here.set(xscale="log", xlabel="estimate and 95 % interval (logarithmic)", ylim=(-0.6, len(table) - 0.4))
        headline(axes, title or f"Parameters of {type(shown.model).__name__}", ax)
    return figure


@plot.register(LoyaltyCells)
def _(shown: LoyaltyCells, *, title: str = "", ax: Any = None) -> Figure:
    from goodwill.satisfaction.curve import isotonic

    return satisfaction.loyalty_curve(shown, None, isotonic(shown), title=title or "Loyal share by satisfaction", ax=ax)


@plot.register(Zones)
def _(shown: Zones, *, title: str = "", ax: Any = None) -> Figure:
    return satisfaction.zones(shown, title=title or "Zones of satisfaction", ax=ax)


@plot.register(Migration)
def _(shown: Migration, *, title: str = "", ax: Axes | None = None) -> Figure:
    return segment_movement.migration(shown, title or f"Moves from {shown.window[0]} to {shown.window[1]}", ax)


@plot.register(WhaleCurve)
def _(shown: WhaleCurve, *, title: str = "", ax: Axes | None = None) -> Figure:
    return segments.whale(shown, "money", title or "Cumulative profit, the most profitable customers first", ax)


@plot.register(SalesCurve)
def _(shown: SalesCurve, *, title: str = "", ax: Axes | None = None) -> Figure:
    curve = {"sales": (shown.curve["customers"].to_numpy(), shown.curve["share"].to_numpy())}
    return segments.lorenz(curve, title or "Share of sales with the largest customers", ax=ax)


@plot.register(ModelComparison)
def _(shown: ModelComparison, *, title: str = "", ax: Any = None) -> Figure:
    return model_comparison.comparison(shown, title=title or "Forecasts compared on the hold-out", ax=ax)


@plot.register(RollingCoverage)
def _(shown: RollingCoverage, *, title: str = "", ax: Axes | None = None) -> Figure:
    return model_comparison.rolling_intervals(shown, title=title or "Intervals of earlier dates and what came", ax=ax)


@plot.register(CalendarProfile)
def _(shown: CalendarProfile, *, title: str = "", ax: Any = None) -> Figure:
    return model_comparison.calendar(shown, title=title or "Purchases over the calendar", ax=ax)


@plot.register(CohortFits)
def _(shown: CohortFits, *, title: str = "", ax: Axes | None = None) -> Figure:
    return model_comparison.cohorts(shown, "week", title=title or "Fits by cohort", ax=ax)


@plot.register(FirstPurchasePile)
def _(shown: FirstPurchasePile, *, title: str = "", ax: Axes | None = None) -> Figure:
    return model_comparison.first_purchases(shown, title=title or "First purchases over time", ax=ax)
