"""Whether spend per purchase goes with the number of purchases, and what two models of it foretold."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from goodwill.figures import model_comparison as figures
from goodwill.findings.finding import Absent, Drawing, Finding, Part, Table, Value, missing
from goodwill.findings.purchases.purchase_records import p_in_words
from goodwill.findings.words import sentence, table_in_words, verdict, worded

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.lifetime_value.gamma_gamma_by_frequency import SpendDependence
    from goodwill.lifetime_value.spend_choice import SpendChoice

REJECTED = 0.05
LIFT = "Factor on spend per purchase for every doubling of repeat purchases"
CAPTION = "Mean spend per repeat purchase of the calibration by frequency, with 95 % intervals, and what both models have."
DEPENDENCE = {
    "rejected": (
        "With every doubling of repeat purchases, spend per purchase changes by {model:+.1%} [{model_lower:+.1%}, {model_upper:+.1%}] "
        "in the model that lets it, and its mean over customers by {mean:+.1%} [{lower:+.1%}, {upper:+.1%}]; "
        "independence is rejected (likelihood ratio {statistic:.1f}, {p})."
    ),
    "kept": (
        "With every doubling of repeat purchases, spend per purchase changes by {model:+.1%} [{model_lower:+.1%}, {model_upper:+.1%}] "
        "in the model that lets it, and its mean over customers by {mean:+.1%} [{lower:+.1%}, {upper:+.1%}]; "
        "independence is not contradicted (likelihood ratio {statistic:.1f}, {p})."
    ),
}
TITLE = {
    "better": "Spend per purchase rises by {change:.0%} with each doubling of repeat purchases",
    "worse": "Spend per purchase falls by {change:.0%} with each doubling of repeat purchases",
    "not told apart": "Mean spend per purchase shows no trend with the number of repeat purchases",
}
HOLDOUT = {
    "one": (
        "In the hold-out a purchase brought {actual:,.2f} {currency}; the independent model expected {independent:,.2f}, the dependent "
        "one {dependent:,.2f}. One hold-out, so no interval, and neither is called better."
    ),
    "independent": (
        "In the hold-out a purchase brought {actual:,.2f} {currency}; the dependent model expected {dependent:,.2f}. In the independent "
        "one spend has no mean (q is at most 1), so that it expects none."
    ),
    "dependent": (
        "In the hold-out a purchase brought {actual:,.2f} {currency}; the independent model expected {independent:,.2f}. In the dependent "
        "one spend has no mean (q is at most 1), so that it expects none."
    ),
    "both": (
        "In the hold-out a purchase brought {actual:,.2f} {currency}. In both models spend has no mean (q is at most 1), so that they "
        "expect none."
    ),
}
PRICE_LABEL = "Common factor on the size of a purchase from one year to the next"
GAIN_LABEL = "Gain of the dependent spend model in what came later, per purchase, at steady prices"
FIRST_LABEL = "Gain of the spend model with the first amount over that, per purchase, at steady prices"
DRIFT = {
    "better": "Within customers, the size of a purchase rises for everybody, by the factor {price_drift} a year.",
    "worse": "Within customers, the size of a purchase falls for everybody, by the factor {price_drift} a year.",
    "not told apart": "Within customers, a common drift of the size of a purchase cannot be told from none: factor {price_drift} a year.",
    "not measured": "Too few customers came back in two months or more to measure a common drift of the size of a purchase.",
}
STEADY = {
    ("rejected", "better"): (
        "At steady prices, learned until {cut} and judged by what came later: independence is rejected ({p}), and the dependent model "
        "comes nearer (gain {spend_gain})."
    ),
    ("rejected", "not told apart"): (
        "At steady prices, learned until {cut} and judged by what came later: independence is rejected ({p}), and the two models are not "
        "told apart (gain {spend_gain})."
    ),
    ("rejected", "worse"): (
        "At steady prices, learned until {cut} and judged by what came later: independence is rejected ({p}), but the dependent model is "
        "farther off (gain {spend_gain})."
    ),
    ("kept", "better"): (
        "At steady prices, learned until {cut} and judged by what came later: independence is not contradicted ({p}), though the dependent "
        "model comes nearer (gain {spend_gain})."
    ),
    ("kept", "not told apart"): (
        "At steady prices, learned until {cut} and judged by what came later: independence is not contradicted ({p}), and the two models "
        "are not told apart (gain {spend_gain})."
    ),
    ("kept", "worse"): (
        "At steady prices, learned until {cut} and judged by what came later: independence is not contradicted ({p}), and the dependent "
        "model is farther off (gain {spend_gain})."
    ),
}
FIRST = {
    "better": "Who paid more at first pays more later: with the first amount forecasts come nearer (gain {first_amount_gain}).",
    "worse": "With the first amount forecasts are farther off (gain {first_amount_gain}).",
    "not told apart": "With the first amount forecasts are not told apart from those without it (gain {first_amount_gain}).",
}
CHOSEN = {
    ("independent", "given"): "Spend is taken to be independent of frequency, as asked for.",
    ("by frequency", "given"): "Spend is taken to go with frequency, as asked for.",
    ("first amount", "given"): "Spend is foretold with the first amount, as asked for.",
    ("first amount", "first amount nearer"): (
        "So spend is foretold **with the first amount**: who bought once is expected to spend by what that purchase brought."
    ),
    ("by frequency", "goes with frequency"): "So spend is taken to **go with frequency**.",
    ("independent", "foretold farther"): "So spend is taken to be **independent** of frequency, although the test rejects that.",
    ("independent", "not rejected"): "So spend is taken to be **independent** of frequency.",
    ("independent", "borrowed"): (
        "The spend of this group leans on the other groups as its purchases do: its level and how alike its customers are in it are drawn "
        "towards what is common to all groups, and spend is taken to be independent of frequency."
    ),
    ("independent", "not compared"): ("Too few came back to compare spend models, so spend is taken to be independent of frequency."),
}
NOT_COMPARED = "the spend models were not compared"
TOO_FEW = "too few customers came back"
HOLDOUT_CAPTION = {"": "Spend per purchase in the hold-out ({currency}), and what both models expected of it"}


def spend_models(dependence: SpendDependence | Absent, by_class: pd.DataFrame, held: pd.DataFrame, currency: str) -> Finding:
    """Whether spend goes with frequency: the factor, the figure and the test; and what came in the hold-out beside both models."""
    if isinstance(dependence, Absent):
        return missing(dependence, lift=LIFT)
    lift = dependence.dependent.estimates.loc["lift"]
    words = table_in_words("Mean spend by repeat purchases", by_class, ["label", "actual", "independent", "dependent"])
    drawing = Drawing(figures.spend_models(by_class, currency, title=spend_title(dependence)), CAPTION, words)
    every = {name: held.iloc[-1][name] for name in ("actual", "independent", "dependent")}
    without = [name for name in ("independent", "dependent") if not math.isfinite(every[name])]
    key = "both" if len(without) == 2 else without[0] if without else "one"
    return Finding(
        {
            "lift": Value(lift["estimate"], LIFT, interval=(lift["lower"], lift["upper"])),
            "spend_models": drawing,
            "spend_holdout": Table(held, worded(HOLDOUT_CAPTION, "", currency=currency)),
        },
        " ".join([dependence_in_words(dependence), sentence(HOLDOUT, key, currency=currency, **every)]),
    )


def dependence_in_words(dependence: SpendDependence) -> str:
    """Both changes of spend with frequency and the test of independence, as Markdown."""
    lift = dependence.dependent.estimates.loc["lift", ["estimate", "lower", "upper"]].to_numpy(float)
    model, model_lower, model_upper = (lift - 1).tolist()
    mean, lower, upper = (end - 1 for end in dependence.mean_lift)
    return sentence(
        DEPENDENCE,
        "rejected" if dependence.p_value < REJECTED else "kept",
        model=model,
        model_lower=model_lower,
        model_upper=model_upper,
        mean=mean,
        lower=lower,
        upper=upper,
        statistic=dependence.statistic,
        p=p_in_words(dependence.p_value),
    )


def spend_title(dependence: SpendDependence) -> str:
    """The title of the figure of both models, as plain text: what the means over customers say."""
    lift = dependence.mean_lift
    return worded(TITLE, verdict(lift.lower - 1, lift.upper - 1), change=abs(lift.estimate - 1))


def spend_choice(choice: SpendChoice | Absent) -> Finding:
    """How prices drift for everybody, what the spend models foretold when that is taken out, and which one is used."""
    labels = {"price_drift": PRICE_LABEL, "spend_gain": GAIN_LABEL, "first_amount_gain": FIRST_LABEL}
    if isinstance(choice, Absent):
        return missing(choice, **labels)
    used, test = CHOSEN[choice.name, choice.reason], choice.test
    if test is None:
        return Finding({name: Value(None, label, reason=NOT_COMPARED) for name, label in labels.items()}, used)
    found = (test.drift and test.drift.yearly, test.frequency_gain, test.first_gain)
    parts: dict[str, Part] = {
        name: Value(each, label, reason=None if each else TOO_FEW) for (name, label), each in zip(labels.items(), found, strict=True)
    }
    gain, first = test.frequency_gain, test.first_gain
    how = "rejected" if test.p_value < REJECTED else "kept"
    said = [
        DRIFT[verdict(test.drift.yearly.lower - 1, test.drift.yearly.upper - 1) if test.drift else "not measured"],
        sentence(STEADY, (how, verdict(gain.lower, gain.upper)), p=p_in_words(test.p_value), cut=test.cut),
        *([FIRST[verdict(first.lower, first.upper)]] if first else []),
        used,
    ]
    return Finding(parts, " ".join(said))
