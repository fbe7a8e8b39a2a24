"""What notebook 01 says of spend: whether it goes with frequency, which model is used, and what it expects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from goodwill.figures import lifetime_value as figures
from goodwill.figures import model_comparison
from goodwill.findings.finding import Absent, Drawing, Finding, Part, Table, Value, missing
from goodwill.findings.purchases.spend_dependence import dependence_in_words, spend_title
from goodwill.findings.words import sentence, table_in_words, worded

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.lifetime_value.gamma_gamma_by_frequency import SpendDependence
    from goodwill.lifetime_value.spend_choice import SpendChoice

SPEND_FIT = {
    "clear": "Of a customer about whose spend nothing is known yet, the model expects {mean_spend} per purchase.",
    "warned": "**Mind the spend model**: {warnings}.",
}
SPEND_CAPTION = {
    "independent": (
        "Spend model in use (independent), fitted to repeat buyers with a positive mean spend ({left_out} without one left out)"
    ),
    "by frequency": (
        "Spend model in use (by frequency), fitted to repeat buyers with a positive mean spend ({left_out} without one left out)"
    ),
    "first amount": (
        "Spend model in use (with the first amount), fitted to first amounts and to repeat buyers with a positive mean spend ({left_out} "
        "without one left out)"
    ),
}
MEAN_SPEND = {
    "independent": "Spend per purchase expected of a customer who bought once",
    "by frequency": "Spend per purchase expected of a customer who bought once",
    "first amount": "Spend per purchase expected of a customer of whom no amount is known",
}
SPEND_SHAPE_TITLE = {"": "The density peaks near {peak:,.0f}; the mean is {mean:,.0f} {currency}"}


def independence(
    correlation: pd.Series | Absent, dependence: SpendDependence | Absent, by_class: pd.DataFrame | Absent, currency: str
) -> tuple[Finding, ...]:
    """Whether spend per purchase goes with the number of purchases."""
    label = "Rank correlation of frequency and spend per purchase"
    if isinstance(correlation, Absent):
        first = missing(correlation, spend_frequency=label)
    else:
        first = Finding({"spend_frequency": Value(correlation, label)}, "The rank correlation is {spend_frequency}.")
    if isinstance(dependence, Absent):
        return first, missing(dependence)
    if isinstance(by_class, Absent):
        return first, missing(by_class)
    caption = "Mean spend per repeat purchase of customers, by how often they bought again, with 95 % intervals, and what two models have."
    words = table_in_words("Mean spend per purchase by repeat purchases", by_class, ["label", "actual", "independent", "dependent"])
    drawn = model_comparison.spend_models(by_class, currency, title=spend_title(dependence))
    return first, Finding({"spend_by_frequency": Drawing(drawn, caption, words)}, dependence_in_words(dependence))


def spend(choice: SpendChoice | Absent, currency: str) -> Finding:
    """The spend model in use, and what it expects."""
    if isinstance(choice, Absent):
        return missing(choice, mean_spend=Value(None, MEAN_SPEND["independent"], currency))
    said = sentence(SPEND_FIT, "warned" if choice.fit.warnings else "clear", warnings=" ".join(choice.fit.warnings))
    caption = worded(SPEND_CAPTION, choice.name, left_out=choice.left_out)
    parts: dict[str, Part] = {
        "spend_model": Table(choice.fit.estimates.reset_index(), caption),
        "mean_spend": Value(choice.mean_of_new, MEAN_SPEND[choice.name], currency),
    }
    return Finding(parts, said)


def spend_shape(observed: pd.Series, grid: np.ndarray, density: np.ndarray | Absent, currency: str) -> Finding | Absent:
    """The distribution of mean spend, data and model."""
    if isinstance(density, Absent):
        return density
    peak = float(grid[np.argmax(density)])
    title = worded(SPEND_SHAPE_TITLE, "", peak=peak, mean=float(observed.mean()), currency=currency)
    quantiles = "; ".join(f"{q:.0%} {v:,.2f}" for q, v in observed.quantile([0.1, 0.25, 0.5, 0.75, 0.9]).items())
    words = f"Histogram of the mean spend per repeat purchase of repeat buyers with the density of the fitted model; quantiles: {quantiles}"
    caption = "Mean spend per repeat purchase, data and model; the highest hundredth of customers is cut off in the figure only."
    drawn = figures.spend_distribution(observed.to_numpy(), grid, density, currency, title=title)
    return Finding({"spend_distribution": Drawing(drawn, caption, words)})
