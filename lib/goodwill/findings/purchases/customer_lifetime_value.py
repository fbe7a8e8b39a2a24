"""What notebook 01 says: how well a purchase model foretold what came, what customers are worth, and who holds the value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from goodwill.figures import lifetime_value as figures
from goodwill.figures import model_comparison
from goodwill.findings.audited import audit_table
from goodwill.findings.finding import Absent, Drawing, Finding, Part, Table, Value, missing
from goodwill.findings.purchases.purchase_records import gap_in_words, pile_in_words
from goodwill.findings.purchases.spend_dependence import dependence_in_words, spend_title
from goodwill.findings.words import Verdict, listed, sentence, table_in_words, verdict, worded
from goodwill.inference.uncertainty import Interval

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from goodwill.data.purchases import PurchaseSummary
    from goodwill.inference.fit import Fit
    from goodwill.lifetime_value.evidence.checks import ClassTest
    from goodwill.lifetime_value.evidence.headline import Headline
    from goodwill.lifetime_value.evidence.seasons import SeasonGap
    from goodwill.lifetime_value.evidence.tenths import Tenths
    from goodwill.lifetime_value.evidence.windows import FirstPurchasePile
    from goodwill.lifetime_value.gamma_gamma_by_frequency import SpendDependence
    from goodwill.lifetime_value.spend_choice import SpendChoice
    from goodwill.lifetime_value.value import ValueTerms

KEPT = {
    "won after": "What it costs to keep only customers won after {day}",
    "won since": "What it costs to keep only customers won after the day before the data begin",
    "first seen after": "What it costs to keep only customers first seen after {day}",
}
STORY = {
    "BG/NBD": (
        "The model is BG/NBD: a customer buys at random times at a rate $\\lambda$ of their own, and after each repeat purchase leaves for "
        "good with a probability $p$ of their own. Rates differ between customers by a gamma distribution with shape $r$ and rate "
        "$\\alpha$, leaving probabilities by a beta distribution with parameters $a$ and $b$. For a customer with history $(x, t_x, T)$ "
        "the likelihood is\n\n"
        "$$L = \\frac{{B(a, b+x)}}{{B(a,b)}} \\frac{{\\Gamma(r+x)\\,\\alpha^r}}{{\\Gamma(r)(\\alpha+T)^{{r+x}}}} + [x>0]\\,"
        "\\frac{{B(a+1,b+x-1)}}{{B(a,b)}} \\frac{{\\Gamma(r+x)\\,\\alpha^r}}{{\\Gamma(r)(\\alpha+t_x)^{{r+x}}}}.$$"
    ),
    "MBG/NBD": (
        "The model is MBG/NBD: a customer buys at random times at a rate $\\lambda$ of their own, and after each purchase, the first "
        "included, leaves for good with a probability $p$ of their own. Rates differ between customers by a gamma distribution with shape "
        "$r$ and rate $\\alpha$, leaving probabilities by a beta distribution with parameters $a$ and $b$. For a customer with history "
        "$(x, t_x, T)$ the likelihood is\n\n"
        "$$L = \\frac{{B(a, b+x+1)}}{{B(a,b)}} \\frac{{\\Gamma(r+x)\\,\\alpha^r}}{{\\Gamma(r)(\\alpha+T)^{{r+x}}}} + "
        "\\frac{{B(a+1,b+x)}}{{B(a,b)}} \\frac{{\\Gamma(r+x)\\,\\alpha^r}}{{\\Gamma(r)(\\alpha+t_x)^{{r+x}}}}.$$"
    ),
    "Pareto/NBD": (
        "The model is Pareto/NBD: a customer buys at random times at a rate $\\lambda$ of their own, and leaves for good at a random time, "
        "at a rate $\\mu$ of their own that purchases have no part in. Both rates differ between customers by gamma distributions, with "
        "shapes $r$, $s$ and rates $\\alpha$, $\\beta$. For a customer with history $(x, t_x, T)$ the likelihood is the average over "
        "these of\n\n"
        "$$\\frac{{\\lambda^x \\mu}}{{\\lambda+\\mu}}\\, e^{{-(\\lambda+\\mu)t_x}} + "
        "\\frac{{\\lambda^{{x+1}}}}{{\\lambda+\\mu}}\\, e^{{-(\\lambda+\\mu)T}}.$$"
    ),
}
FITTED = {
    "clear": "The likelihood has one clear maximum: no ridge, no parameter at a boundary.",
    "warned": "**Mind the fit**: {warnings}.",
}
CLASSES = {
    "stands": (
        "The chi-square test over {classes} classes does not contradict the model ({frequency_p_value:value} of simulated sets that follow "
        "it fit no better). With {customers:,} customers, a misfit like the largest here, {misfit:+.1%} of them with {label} repeat "
        "purchases, may be chance. This is the period that the model was fitted to, so it is the easy test."
    ),
    "rejected": (
        "The chi-square test over {classes} classes **rejects the model** ({frequency_p_value:value} of simulated sets that follow it fit "
        "no better). How much that matters is another question: the largest misfit is {misfit:+.1%} of {customers:,} customers, with "
        "{label} repeat purchases. This is the period that the model was fitted to, so it is the easy test."
    ),
}
CLASSES_TITLE = {
    "inside": "The model reproduces how many customers come back how often",
    "outside": "The model places too many or too few customers at {classes} repeat purchases",
}
TRACKING_TITLE = {
    "below": "In the hold-out the model runs {miss:.0%} below the purchases that were made",
    "above": "In the hold-out the model runs {miss:.0%} above the purchases that were made",
    "nothing": "Nobody bought in the hold-out, of whom the model expected {expected:,.1f} purchases",
}
RIVAL = {
    "better": (
        "By mean absolute error of purchases **the model beats all {count} rules without a model**; the nearest is {holdout_best_rule} "
        "(the model less the rule: {holdout_gain})."
    ),
    "worse": (
        "By mean absolute error of purchases **a rule without a model does better**: {better}. The best is {holdout_best_rule} (the model "
        "less the rule: {holdout_gain})."
    ),
    "not told apart": (
        "By mean absolute error of purchases the model and the best rule without a model, {holdout_best_rule}, **are not told apart** (the "
        "model less the rule: {holdout_gain})."
    ),
}
MONEY_RIVAL = {
    "better": (
        "In money **the model beats all {count} rules without a model** as well: the nearest is {money_best_rule} (mean absolute error of "
        "the model less that of the rule: {money_gain})."
    ),
    "worse": (
        "In money **a rule without a model does better**: {better}. The best is {money_best_rule} (mean absolute error of the model less "
        "that of the rule: {money_gain})."
    ),
    "not told apart": (
        "In money the model and the best rule without a model, {money_best_rule}, **are not told apart** (mean absolute error of the model "
        "less that of the rule: {money_gain})."
    ),
}
TOO_LOW = -0.25  # error of a rule's total from which its small absolute errors are explained
TOO_LITTLE = {"": "But the total that {rule} foretells is off by {bias:+.0%}: absolute errors reward who foretells too little."}
RIVAL_NAMES = {
    "gain": "Mean absolute error of the model minus that of the best rule",
    "rule": "Best rule without a model, by mean absolute error",
    "table": (
        "The model against every rule, by mean absolute error: below zero the model is better. The intervals (95 %, over customers) hold "
        "for all rules at once"
    ),
    "money gain": "Mean absolute error in money of the model minus that of the best rule",
    "money rule": "Best rule without a model, by mean absolute error in money",
    "money table": (
        "The same in money: expected purchases times expected spend, against each rule's purchases at the customer's own mean spend"
    ),
}
ONCE_HELD = {
    "better": ("Who had bought **once** then made {once_actual} each; the model expected {once_expected:value}, which is **too few**."),
    "worse": ("Who had bought **once** then made {once_actual} each; the model expected {once_expected:value}, which is **too many**."),
    "not told apart": (
        "Who had bought **once** then made {once_actual} each; the model expected {once_expected:value}, which is not told apart from that."
    ),
}
CLASSES_HELD = {
    "low": "It expected too few of those with {classes} repeat purchases.",
    "high": "It expected too many of those with {classes} repeat purchases.",
}
OLD_RATE_TITLE = {
    "better": "Customer by customer the model misses by less than the old rate",
    "worse": "Customer by customer the old rate misses by less than the model",
    "not told apart": "Customer by customer the model and the old rate are not told apart",
}
TOTAL_TITLE = {
    "inside": "What came lies inside the interval that the model gave",
    "above": "What came lies above the interval: the model is wrong here, not only unsure",
    "below": "What came lies below the interval: the model is wrong here, not only unsure",
}
TOTAL = {
    True: "The model expected {holdout_forecast}; {holdout_actual:value} were made. The interval holds them.",
    False: (
        "The model expected {holdout_forecast}; {holdout_actual:value} were made. **The interval misses them**, although it carries the "
        "uncertainty of the parameters and of chance: what is wrong is the model, which no interval of its own can show. Where hold-outs "
        "miss, read the forecasts below as no more exact than {holdout_miss:value} here."
    ),
}
ALIVE = {
    "BG/NBD": (
        "Of the repeat buyers {alive_repeat_buyers} are still customers, as the model sees it. Of {one_time_buyers} who bought once it "
        "cannot say: BG/NBD lets customers leave only after a repeat purchase, so that their P(alive) is 1 by construction. It is left "
        "blank below."
    ),
    "others": (
        "Of the repeat buyers {alive_repeat_buyers} are still customers, as the model sees it. That leaves {one_time_buyers} who bought "
        "once, whom the model judges as well."
    ),
}
HELD = {
    "": (
        "In the hold-out a purchase brought {actual:,.2f} {currency}; the independent model expected {independent:,.2f}, the dependent one "
        "{dependent:,.2f}."
    )
}
USED = {
    ("by frequency", "given"): "The dependent one is used, as asked for.",
    ("by frequency", "foretold nearer"): "The dependent one is used.",
    ("independent", "given"): "The independent one is used, as asked for.",
    ("independent", "not rejected"): "The independent one is used.",
    ("independent", "foretold no nearer"): (
        "The independent one is used, because the other foretells no better although the test prefers it."
    ),
    ("independent", "not compared"): (
        "Too few came back to learn whether spend goes with frequency, so it is taken to be independent of it."
    ),
}
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
}
OTHER_SPEND = {
    "independent": "The same total with the dependent spend model",
    "by frequency": "The same total with the independent spend model",
}
WORTH = {
    "claimed": (
        "All customers together are expected to bring {total_value}. The same statement was made on {statements} earlier dates; the "
        "model's own interval, now {low:,.0f} to {high:,.0f}, held what came on {held} of them, and the interval given is widened by these "
        "misses."
    ),
    "not claimed": (
        "All customers together are expected to bring {total_value:value}. **No interval is claimed.** {why} If the model were right, it "
        "would be {low:,.0f} to {high:,.0f}."
    ),
}
OTHER_TOTAL = "With the other spend model the total would be {value_other_spend}."
SCENARIO = {
    "both": (
        "Further ahead no record reaches, and the models part: a **scenario**, no forecast. Within a year {year_low:,.0f} to "
        "{year_high:,.0f} {currency}, without end {low:,.0f} to {high:,.0f} {currency}, depending on the model."
    ),
    "year": (
        "Further ahead no record reaches, and the models part: a **scenario**, no forecast. Within a year {year_low:,.0f} to "
        "{year_high:,.0f} {currency}, depending on the model."
    ),
}
HORIZON_TITLE = {"": "{beyond:.0%} of the value without a horizon lies further ahead than the data look back"}
CONCENTRATION_TITLE = {"": "The top {top:.0%} of customers hold {held:.0%} of the expected value"}
TOP_CAME = "Share of what came with the tenth that was expected to be the most valuable"
TOP_HELD = {
    "better": (
        "On {made} the tenth then expected to be the most valuable was to hold {predicted:.1%} of the value; of what came until {due} it "
        "brought {top_decile_came}: **more** than predicted."
    ),
    "worse": (
        "On {made} the tenth then expected to be the most valuable was to hold {predicted:.1%} of the value; of what came until {due} it "
        "brought {top_decile_came}: **less** than predicted."
    ),
    "not told apart": (
        "On {made} the tenth then expected to be the most valuable was to hold {predicted:.1%} of the value; of what came until {due} it "
        "brought {top_decile_came}, which is not told apart from that."
    ),
}
MENDED = {
    "better": "A recalibration learned on the window before (slope {slope:.2f}) would have brought the prediction **nearer** to what came.",
    "worse": "A recalibration learned on the window before (slope {slope:.2f}) would have taken the prediction **further** from what came.",
    "not told apart": "A recalibration learned on the window before (slope {slope:.2f}) would have made no difference that can be told.",
}
SPEND_SHAPE_TITLE = {"": "The density peaks near {peak:,.0f}; the mean is {mean:,.0f} {currency}"}
IN_SHORT = {
    "claimed": (
        "All customers together are expected to bring {total_value} in the next {horizon:.0f} {unit}s, at the margin and the discount rate "
        "that are given. Made on {statements} earlier dates, the model's own interval held what came on {held} of them; the interval given "
        "is widened by that record."
    ),
    "not claimed": (
        "All customers together are expected to bring {total_value:value} in the next {horizon:.0f} {unit}s, at the margin and the "
        "discount rate that are given. **No interval is claimed**, because too few such statements have come due in these data."
    ),
    "better": "Customer by customer the model foretold purchases better than every rule without a model.",
    "worse": "Customer by customer **a rule without a model** ({holdout_best_rule}) foretold purchases better: use it for ranking.",
    "not told apart": (
        "Customer by customer the model and the best rule without a model ({holdout_best_rule}) are not told apart in purchases."
    ),
    "money better": "In money the model beat every such rule.",
    "money worse": "In money such a rule ({money_best_rule}) did better.",
    "money not told apart": "In money it is not told apart from such a rule ({money_best_rule}) either way.",
    "top": "The top tenth of customers hold {top_decile_share} of the expected value.",
}
LEAVING = {
    "BG/NBD": "customers leave right after a repeat purchase",
    "MBG/NBD": "customers leave right after a purchase",
    "Pareto/NBD": "customers leave at any time",
}
SPEND_TAKEN = {"independent": "does not depend on frequency", "by frequency": "goes with frequency"}
SPEND_SOURCE = {
    "tested": ("test (p {p:.2g}) and hold-out of this report", "measured"),
    "given": ("given", "assumed"),
    "untested": ("too little to test", "assumed"),
}
SURE = 0.05
ONCE = {
    "BG/NBD": "- **Who among the one-time buyers is gone.** BG/NBD calls all of them customers, and only time will tell.",
    "others": "- **Who among the one-time buyers is gone.** The model judges them by the time since their only purchase, and by no more.",
}
BEFORE = "- **Customers from before the data begin.**"
SEASON = "- **Season and promotions.** The model knows no calendar."


def burn_in(cost: pd.DataFrame, acquired: bool, born_after: str) -> Finding:
    """What it costs to keep only customers whose story lies in the data; nothing is said when all are kept."""
    if cost.empty:
        return Finding()
    key = {(True, True): "won after", (True, False): "won since"}.get((acquired, bool(born_after)), "first seen after")
    return Finding({"burn_in": Table(cost.reset_index(names="what"), worded(KEPT, key, day=born_after))})


def audit(tested: PurchaseSummary) -> Finding:
    """What reading the records found and did."""
    found = audit_table(tested.audit)
    return Finding(
        {
            "audit": found,
            "rules_without_a_case": Value(len(tested.audit) - len(found.frame), "Further rules that found no case"),
        },
        "{rules_without_a_case} further rules found no case: `goodwill check` lists them all.",
    )


def counts(whole: PurchaseSummary, tested: PurchaseSummary, back: Interval) -> Finding:
    """How many customers there are, how many came back, and where the data are cut."""
    return Finding(
        {
            "customers": Value(whole.counts["customers"], "Customers in the data", "customers"),
            "repeat_buyers": Value(back, "Customers who came back at least once", "share"),
        },
        f"The calibration ends on {tested.calibration_end}, the data on {tested.end}. Of {{customers}}, {{repeat_buyers}} came back at "
        "least once.",
    )


def published(found: pd.DataFrame) -> Finding:
    """The published estimates beside those of this library."""
    return Finding(
        {
            "published": Table(found, "CDNOW sample: printed values and what this library finds"),
            "published_agree": Value(f"{found['agrees'].sum()} of {len(found)}", "Published values found again"),
        },
        "{published_agree} printed values are found again, to one unit of the last digit printed.",
    )


def story(model: str) -> Finding:
    """What the purchase model says of customers, with its likelihood."""
    return Finding(text=sentence(STORY, model))


def fitted(fit: Fit, model: str, unit: str) -> Finding:
    """The estimates, and whether the likelihood has a clear maximum."""
    caption = f"{model}, fitted to the calibration (time in {unit}s)"
    said = sentence(FITTED, "warned" if fit.warnings else "clear", warnings=" ".join(fit.warnings))
    return Finding({"purchase_model": Table(fit.estimates.reset_index(), caption)}, said)


def classes(table: pd.DataFrame, test: ClassTest | Absent) -> tuple[Finding, ...]:
    """Customers by repeat purchases, in the data and as the model expects, and whether the difference may be chance."""
    out = table["label"][(table["actual"] < table["lower"]) | (table["actual"] > table["upper"])].to_list()
    title = worded(CLASSES_TITLE, "outside" if out else "inside", classes=listed(out))
    caption = (
        "Customers by repeat purchases in the calibration; dots are what the fitted model expects, bars their 95 % range by chance alone."
    )
    words = table_in_words("Customers by number of repeat purchases", table, ["label", "actual", "expected"])
    drawn = Finding({"frequency_classes": Drawing(figures.frequency_classes(table, title=title), caption, words)})
    p_value = Value(None, "Chance of a misfit this large if the model were true", "share")
    if isinstance(test, Absent):
        return drawn, missing(test, frequency_p_value=p_value)
    key = "stands" if test.p_value > SURE else "rejected"
    said = sentence(CLASSES, key, classes=test.classes, customers=test.customers, misfit=test.misfit, label=test.label)
    return drawn, Finding({"frequency_p_value": p_value._replace(value=test.p_value)}, said)


def tracking(periods: pd.DataFrame, tested: PurchaseSummary) -> Finding:
    """Repeat purchases over time, actual and expected."""
    import pandas as pd

    assert tested.calibration_end is not None
    later = periods[pd.to_datetime(periods["end"]) > pd.Timestamp(tested.calibration_end)]
    actual, expected = float(later["repeat_purchases"].sum()), float(later["expected"].sum())
    miss = expected / actual - 1 if actual else np.nan
    key = {True: "below", False: "above"}[miss < 0] if actual else "nothing"
    title = worded(TRACKING_TITLE, key, miss=abs(miss), expected=expected)
    unit = tested.unit
    caption = (
        f"Repeat purchases of the customers known by the end of the calibration: cumulative (left) and per {unit} (right). The figure has "
        "no band; the test below has one."
    )
    some = periods.iloc[:: max(1, len(periods) // 10)]
    words = table_in_words(f"Repeat purchases per {unit}, actual and expected", some, ["end", "repeat_purchases", "expected"])
    return Finding({"tracking": Drawing(figures.tracking(periods, tested.calibration_end, unit, title=title), caption, words)})


def rivals(errors: pd.DataFrame, against: pd.DataFrame, length: float, unit: str) -> Finding:
    """Whether the model misses by less than every rule without a model, in purchases; `against` is that of `against_rules`."""
    caption = f"Errors in the {length:.1f} {unit}s of the hold-out alone"
    return Finding(
        {
            "holdout_gain": Value(_nearest(against), RIVAL_NAMES["gain"], "purchases per customer"),
            "holdout_best_rule": Value(against.index[0], RIVAL_NAMES["rule"]),
            "holdout_errors": Table(errors.rename_axis("forecast").reset_index(), caption),
            "holdout_rivals": Table(against.reset_index(), RIVAL_NAMES["table"]),
        },
        " ".join([_rivals_in_words(RIVAL, against), *_too_little(errors, against)]),
    )


def money_rivals(against: pd.DataFrame | Absent, currency: str) -> Finding:
    """The same in money."""
    unit = f"{currency} per customer"
    if isinstance(against, Absent):
        return missing(against, money_gain=Value(None, RIVAL_NAMES["money gain"], unit), money_best_rule=RIVAL_NAMES["money rule"])
    return Finding(
        {
            "money_gain": Value(_nearest(against), RIVAL_NAMES["money gain"], unit),
            "money_best_rule": Value(against.index[0], RIVAL_NAMES["money rule"]),
            "money_rivals": Table(against.reset_index(), RIVAL_NAMES["money table"]),
        },
        _rivals_in_words(MONEY_RIVAL, against),
    )


def against_all(against: pd.DataFrame) -> Verdict:
    """The one verdict over all rules: worse than any is worse, better than all is better, else not told apart."""
    said = [verdict(row["lower"], row["upper"], better="lower") for _, row in against.iterrows()]
    if "worse" in said:
        return "worse"
    return verdict(None, None) if verdict(None, None) in said else "better"


def _rivals_in_words(table: Mapping[str, str], against: pd.DataFrame) -> str:
    better = against.index[against["lower"] > 0].to_list()
    return sentence(table, against_all(against), count=len(against), better=listed(better))


def _too_little(errors: pd.DataFrame, against: pd.DataFrame) -> list[str]:
    rule, bias = against.index[0], errors["bias"].to_dict()[against.index[0]]
    return [sentence(TOO_LITTLE, "", rule=rule, bias=bias)] if bias < TOO_LOW else []


def _nearest(against: pd.DataFrame) -> Interval:
    return Interval(*against[["difference", "lower", "upper"]].iloc[0].to_list())


def by_frequency(table: pd.DataFrame, against_old_rate: Interval) -> Finding:
    """Purchases in the hold-out by frequency class, beside the model and the old rate."""
    title = OLD_RATE_TITLE[verdict(against_old_rate.lower, against_old_rate.upper, better="lower")]
    caption = (
        "Mean purchases per customer in the hold-out by repeat purchases in the calibration; the band is the 95 % interval of the actual "
        "mean."
    )
    words = table_in_words("Hold-out purchases per customer by calibration frequency", table, ["label", "actual", "expected", "naive"])
    once = table.iloc[0]
    seen = Interval(once["actual"], once["lower"], once["upper"])
    later = table.iloc[1:]
    off = {"low": later["lower"] > later["expected"], "high": later["upper"] < later["expected"]}
    said = [ONCE_HELD[verdict(once["lower"] - once["expected"], once["upper"] - once["expected"])]]
    said += [sentence(CLASSES_HELD, key, classes=listed(later["label"][out].to_list())) for key, out in off.items() if out.any()]
    return Finding(
        {
            "once_actual": Value(seen, "Purchases in the hold-out of a customer who had bought once", "purchases"),
            "once_expected": Value(once["expected"], "What the model expected of a customer who had bought once", "purchases"),
            "holdout_by_frequency": Drawing(figures.holdout_classes(table, title=title), caption, words),
        },
        " ".join(said),
    )


def total(forecast: pd.Series, actual: int, errors: pd.DataFrame, model: str) -> Finding:
    """Whether the model's interval held the purchases of the hold-out."""
    side = "above" if actual > forecast["upper"] else "below" if actual < forecast["lower"] else "inside"
    miss = Value(None, "Forecast against what was bought", "share", reason="nobody bought in the hold-out")
    if actual:
        miss = miss._replace(value=forecast["estimate"] / actual - 1, reason=None)
    figure = figures.holdout_total(forecast, errors["total"].drop(model), actual, title=TOTAL_TITLE[side])
    caption = (
        "Forecasts of the hold-out total. The bar is the model's 95 % interval, parameters and chance together; rules without a model have "
        "none."
    )
    words = table_in_words(f"Forecasts of the hold-out total, actual {actual}", errors.reset_index(), ["index", "total"])
    return Finding(
        {
            "holdout_actual": Value(actual, "Purchases in the hold-out", "purchases"),
            "holdout_forecast": Value(forecast, "Forecast of the hold-out", "purchases"),
            "holdout_miss": miss,
            "holdout_total": Drawing(figure, caption, words),
        },
        TOTAL[side == "inside"],
    )


def alive(share: Interval, once: int, grid: pd.DataFrame, model: str, unit: str) -> Finding:
    """Who is still a customer, and when silence means that somebody has left."""
    title = "The more often somebody used to buy, the sooner silence means that they are gone"
    caption = f"P(alive) of a customer first seen at the start of the data, by repeat purchases and {unit}s of silence. Point estimates."
    table = grid.iloc[::12].reset_index(names=f"{unit}s")
    words = table_in_words(f"P(alive) by {unit}s of silence and repeat purchases", table, [f"{unit}s", 1, 5, 15])  # type: ignore[list-item]
    return Finding(
        {
            "one_time_buyers": Value(once, "Bought once", "customers"),
            "alive_repeat_buyers": Value(share, "Repeat buyers who are still customers", "share"),
            "alive": Drawing(figures.alive_map(grid, unit, title=title), caption, words),
        },
        ALIVE.get(model, ALIVE["others"]),
    )


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
    """Which spend model is used, and what it expects."""
    label = "Spend per purchase expected of a customer who bought once"
    if isinstance(choice, Absent):
        return missing(choice, mean_spend=Value(None, label, currency))
    said = [USED[choice.name, choice.reason]]
    if choice.held is not None:
        said.insert(0, sentence(HELD, "", currency=currency, **choice.held[["actual", "independent", "dependent"]]))
    warned = "warned" if choice.fit.warnings else "clear"
    said.append(sentence(SPEND_FIT, warned, warnings=" ".join(choice.fit.warnings)))
    caption = worded(SPEND_CAPTION, choice.name, left_out=choice.left_out)
    parts: dict[str, Part] = {
        "spend_model": Table(choice.fit.estimates.reset_index(), caption),
        "mean_spend": Value(choice.mean_of_new, label, currency),
    }
    return Finding(parts, " ".join(said))


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


def worth(
    value: pd.DataFrame | Absent,
    found: Headline | Absent,
    other: float | Absent,
    choice: SpendChoice | Absent,
    terms: ValueTerms,
    currency: str,
    built_in: bool = False,
) -> Finding:
    """What all customers together are expected to bring within the horizon, and how such statements have fared."""
    label = f"Expected profit of all customers in the next {terms.horizon:.0f} {terms.unit}s"
    if isinstance(found, Absent) or isinstance(value, Absent) or isinstance(choice, Absent):
        names = {
            "total_value": label,
            "value_other_spend": "The same total with the other spend model",
            "value_per_customer": "Per customer",
        }
        absent = next(each for each in (found, value, choice) if isinstance(each, Absent))
        return missing(absent, {name: Value(None, text, currency) for name, text in names.items()})
    second = Value(None, OTHER_SPEND[choice.name], currency)
    parts: dict[str, Part] = {
        "total_value": _headline_value(found, label, currency, built_in),
        "value_other_spend": second._replace(reason=other.why) if isinstance(other, Absent) else second._replace(value=other),
        "value_per_customer": Value(value["value"].mean(), "Per customer", currency),
    }
    if not found.past.empty:
        parts["past_statements"] = Table(found.past, f"{PAST} (money in {currency})")
    said = [_record_in_words(WORTH, found, why=found.why, low=found.now.lower, high=found.now.upper)]
    said += [] if isinstance(other, Absent) else [OTHER_TOTAL]
    return Finding(parts, " ".join(said))


PAST = "The same statement on earlier dates and what came; error: logarithm of what came over what was expected"


def _headline_value(found: Headline, label: str, currency: str, built_in: bool) -> Value:
    return Value(
        found.now.estimate,
        label,
        currency,
        interval=found.interval[1:] if found.interval else None,
        model_interval=(found.now.lower, found.now.upper),
        grade={True: "published", False: "assumed"}[built_in],
        weakest="margin",
        track_record=found.record.as_record() if found.record else None,
    )


def _record_in_words(table: Mapping[str, str], found: Headline, **values: Any) -> str:
    counts = {"statements": found.record.statements, "held": found.record.held_model} if found.record else {}
    return sentence(table, "claimed" if found.interval else "not claimed", **counts, **values)


def scenarios(found: pd.DataFrame | Absent, currency: str) -> Finding | Absent:
    """What lies further ahead than the record: a range over models."""
    if isinstance(found, Absent):
        return found
    low, high = found.min(), found.max()
    ends = {"low": low["unlimited"], "high": high["unlimited"], "year_low": low["year"], "year_high": high["year"]}
    key = "year" if found["unlimited"].isna().any() else "both"
    caption = f"The same total by purchase model: within the horizon, within a year, and without end ({currency})"
    return Finding({"scenarios": Table(found.reset_index(), caption)}, sentence(SCENARIO, key, currency=currency, **ends))


def beyond(found: pd.DataFrame | Absent, currency: str) -> Finding:
    """What lies further ahead than the data look back."""
    labels = {
        "value_unlimited": Value(None, "Expected profit without a horizon", currency),
        "value_beyond_experience": Value(
            None, "Share of the value without a horizon that lies further ahead than the data look back", "share"
        ),
    }
    if isinstance(found, Absent):
        return missing(found, labels)
    parts = {
        name: label._replace(value=float(row["estimate"]), model_interval=(row["lower"], row["upper"]))
        for (name, label), (_, row) in zip(
            labels.items(),
            found.loc[["unlimited", "beyond"]].iterrows(),
            strict=True,  # no mutate: two and two
        )
    }
    return Finding(
        parts,
        "Without a horizon the same customers would be worth {value_unlimited} by this model, of which {value_beyond_experience} lies "
        "further ahead than the data look back: an extrapolation that nothing here has tested.",
    )


def horizons(
    over_time: pd.DataFrame | Absent,
    found: pd.DataFrame | Absent,
    whole: Interval | Absent,
    length: float,
    terms: ValueTerms,
    currency: str,
) -> Finding | Absent:
    """Expected profit within a growing horizon."""
    for each in (over_time, found, whole):
        if isinstance(each, Absent):
            return each
    assert not (isinstance(over_time, Absent) or isinstance(found, Absent) or isinstance(whole, Absent))
    unlimited = float(found["estimate"].to_dict()["unlimited"])
    title = worded(HORIZON_TITLE, "", beyond=float(found["estimate"].to_dict()["beyond"]))
    drawn = figures.value_by_horizon(over_time, terms.horizon, whole.estimate, length, unlimited, terms.unit, currency, title=title)
    caption = (
        "Expected discounted profit of today's customers within a growing horizon; the dot is the horizon of this report. Point estimates."
    )
    words = table_in_words("Expected profit by horizon", over_time.iloc[::8], ["horizon", "value"])
    return Finding({"value_by_horizon": Drawing(drawn, caption, words)})


def holders(top_share: float | Absent, held: pd.DataFrame | Absent, curves: tuple[Any, Any] | Absent) -> Finding:
    """How much of the expected value the top tenth of customers hold."""
    label = "Share of the expected value with the top tenth of customers"
    for each in (top_share, held, curves):
        if isinstance(each, Absent):
            return missing(each, top_decile_share=Value(None, label, "share"))
    assert not (isinstance(top_share, Absent) or isinstance(held, Absent) or isinstance(curves, Absent))
    title = worded(CONCENTRATION_TITLE, "", top=0.1, held=top_share)
    caption = "Cumulative share of expected value, and of past spend on repeat purchases, each sorted from the highest down."
    words = table_in_words("Share held by the top customers", held, ["customers", "expected value", "past spend"])
    return Finding(
        {
            "top_decile_share": Value(top_share, label, "share"),
            "concentration": Drawing(figures.concentration(curves[0], curves[1], 0.1, title=title), caption, words),
        },
        "The top tenth hold {top_decile_share} of the expected value. That is a share of expectations; below stands "
        "how such a share fared.",
    )


def tenths(found: Tenths | Absent, currency: str) -> Finding:
    """Predicted value against what came, by tenth of predicted value, and whether a recalibration helps."""
    if isinstance(found, Absent):
        return missing(found, top_decile_came=Value(None, TOP_CAME, "share"))
    top = found.top_came
    said = [
        sentence(
            TOP_HELD,
            verdict(top.lower - found.top_predicted, top.upper - found.top_predicted),
            made=found.made,
            due=found.due,
            predicted=found.top_predicted,
        ),
        sentence(MENDED, verdict(found.gain.lower, found.gain.upper), slope=found.slope),
    ]
    caption = f"Foretold on {found.made} and come by {found.due}, per customer, by tenth of predicted value ({currency})"
    parts: dict[str, Part] = {"top_decile_came": Value(top, TOP_CAME, "share"), "value_tenths": Table(found.table, caption)}
    return Finding(parts, " ".join(said))


def best_customers(table: pd.DataFrame | Absent, top: int, terms: ValueTerms, currency: str) -> Finding | Absent:
    """The most valuable customers."""
    if isinstance(table, Absent):
        return table
    unit = terms.unit
    caption = f"The {top} most valuable customers in the next {terms.horizon:.0f} {unit}s (money in {currency}, time in {unit}s)"
    return Finding({"top_customers": Table(table, caption, max_rows=top)})


def in_short(
    found: Headline | Absent,
    against: tuple[pd.DataFrame, pd.DataFrame | Absent],
    top_share: float | Absent,
    terms: ValueTerms,
) -> Finding:
    """The decision: what customers are worth, whether such statements held before, and where the value lies."""
    if isinstance(found, Absent):
        return missing(found)
    said = [
        _record_in_words(IN_SHORT, found, horizon=terms.horizon, unit=terms.unit),
        IN_SHORT[against_all(against[0])],
    ]
    if not isinstance(against[1], Absent):
        said.append(IN_SHORT[f"money {against_all(against[1])}"])
    if not isinstance(top_share, Absent):
        said.append(IN_SHORT["top"])
    return Finding(text=" ".join(said))


def assumptions(
    model: str, choice: SpendChoice | Absent, terms: ValueTerms, settings: Mapping[str, Any]
) -> list[tuple[str, str, str, str]]:
    """What the report takes for granted, with source and grade.

    Parameters
    ----------
    settings : built_in and horizon_given (yes or no), calibration_end, returns
    """
    cited = {True: "published", False: "assumed"}[settings["built_in"]]
    return [
        ("customers buy at random times, at a rate of their own", model, "Fader, Hardie & Lee (2005a); see the hold-out", "assumed"),
        (LEAVING[model], model, "the model; nobody tells when they leave", "assumed"),
        *_spend_taken(choice),
        ("spend does not grow or shrink over time", "no trend", "not checked here", "assumed"),
        ("margin", f"{terms.margin:.0%} of spend", "Fader, Hardie & Lee (2005b) for CDNOW", cited),
        ("discount rate", f"{terms.annual_discount_rate:.1%} a year, continuous", "Fader, Hardie & Lee (2005b) for CDNOW", cited),
        ("horizon", f"{terms.horizon:.1f} {terms.unit}s", HORIZON_SOURCE[settings["horizon_given"]], "assumed"),
        ("end of the calibration", str(settings["calibration_end"]), "half of the observed time unless given", "assumed"),
        ("purchase occasion", f"all rows of a customer on a day; returns: {settings['returns']}", "data rules of this report", "assumed"),
    ]


HORIZON_SOURCE = {True: "given", False: "two such windows have finished in these data; at most a year"}


def _spend_taken(choice: SpendChoice | Absent) -> list[tuple[str, str, str, str]]:
    if isinstance(choice, Absent):
        return []
    key = "given" if choice.reason == "given" else "untested" if choice.p_value is None else "tested"
    source, grade = SPEND_SOURCE[key]
    return [("spend per purchase", SPEND_TAKEN[choice.name], worded({key: source}, key, p=choice.p_value or 0.0), grade)]


def limits(pile: FirstPurchasePile, gap: SeasonGap, model: str) -> Finding:
    """What these data cannot tell, as far as the data say it."""
    said = [f"{BEFORE} {pile_in_words(pile)}", f"{SEASON} {gap_in_words(gap)}", ONCE.get(model, ONCE["others"])]
    return Finding(text="\n".join(said))
