"""Whether a plan keeps what it claims and how it is tried: the words of the trials in the report on segment strategies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from goodwill.figures import segment_plans as figures
from goodwill.findings.absence import needs_all
from goodwill.findings.finding import Drawing, Finding, Part, Table, Value
from goodwill.findings.words import sentence, table_in_words, worded

if TYPE_CHECKING:
    from goodwill.strategies.offer import TrialAtHand
    from goodwill.strategies.planned_trial import PlannedTrial
    from goodwill.strategies.split_sample import SplitSample

METHODS = {
    "raw": "best arm of each segment, raw",
    "empirical_bayes": "best arm of each segment, shrunken",
    "best_arm": "one arm for everybody",
    "top_past_spenders": "one arm, top past spenders first",
    "nobody": "nobody treated",
}
WHOSE = {True: "Own trial", False: "Simulated trial"}
OF_TRIAL = {True: "the trial", False: "a simulated trial of {customers:,} customers with known effects"}
WITHIN = {
    True: "a budget of {limit:,.2f} per customer, a quarter of what the dearest arm for everybody costs.",
    False: "no budget, because no costs of the arms are known.",
}
CLAIMED_TITLE = {"raw": "The raw plan claims {claimed:.2f} per customer and delivers {delivered:.2f}"}
CLAIMS = {
    "raw": "Choosing the best estimate of each segment claims {raw_claimed:value} and delivers {raw_delivered:value}; after shrinking "
    "{shrunk_claimed:value} and {shrunk_delivered:value}; one arm for everybody, as far as the money goes, delivers "
    "{one_arm_delivered:value}.",
}
RIVAL = {
    "first": "Take the plan '{first}': it beats the best simple plan ('{rival}') by {difference:,.4g}, more than the standard error of "
    "{error:,.4g}.",
    "not better": "Take the simple plan '{rival}': the plan '{first}' does not beat it (difference {difference:,.4g}).",
    "too little": "Take the simple plan '{rival}': the plan '{first}' beats it by {difference:,.4g}, which is within the standard error of "
    "{error:,.4g}.",
    "none": "No simple plan was compared with another one.",
}
POWER_TITLE = {
    "size": "To see the claimed {effect:,.2f} {currency} per customer a trial needs {per_arm:,} in each arm",
}
SIZES = {
    "enough": "The plan claims {planned_effect} per treated customer. To see so much in four trials of five, each arm would need "
    "{per_arm}. With the {treated:,.0f} whom this plan treats, {held_out:.0%} of each segment held out, the chance is {chance_to_see}.",
    "too few": "The plan claims {planned_effect} per treated customer. To see so much in four trials of five, each arm would need "
    "{per_arm}. With the {treated:,.0f} whom this plan treats, {held_out:.0%} of each segment held out, the chance is {chance_to_see}: "
    "**such a trial could not tell whether the plan works.**",
}
LOTS = {
    True: "The whole table is in the download. Give back a file with an outcome for each customer as `experiment`, and the assumed effects "
    "become measured ones.",
    False: "The whole table is in the download. Give back a file with an outcome for each customer as `experiment`, and the assumed "
    "effects become measured ones. With `show_customer_ids` it holds the ids.",
}
READING = {
    "naive": "Targeted households show {difference:+,.0f} per household over what other households spent in the same time; they were "
    "chosen, so this is no effect of the campaign.",
    "matched": "Targeted households show {difference:+,.0f} per household over households that had spent as much before; they were chosen, "
    "so this is no effect of the campaign.",
    "left out": "Targeted households show {difference:+,.0f} per household over households that had spent as much before ({unmatched} "
    "without others alike were left out); they were chosen, so this is no effect of the campaign.",
    "difference in differences": "Targeted households show {difference:+,.0f} per household over how other households changed; they were "
    "chosen, so this is no effect of the campaign.",
}
READINGS_TITLE = {"three": "One campaign, three readings: {told} {currency} per household, none of them its effect"}


def claims(splits: SplitSample, tried: TrialAtHand) -> Finding:
    """What ways of planning claim and deliver.

    Parameters
    ----------
    splits : `split_sample` of the trial
    tried : the trial
    """
    by_method, whose, parts = splits.table.set_index("method"), WHOSE[tried.own], dict[str, Part]()
    for name, method, column in (
        ("raw_claimed", "raw", "claimed"),
        ("raw_delivered", "raw", "delivered"),
        ("shrunk_claimed", "empirical_bayes", "claimed"),
        ("shrunk_delivered", "empirical_bayes", "delivered"),
        ("one_arm_delivered", "best_arm", "delivered"),
    ):
        row = by_method.loc[method]
        ends = [row["delivered_low"], row["delivered_high"]] if column == "delivered" else None
        parts[name] = Value(row[column], f"{whose}, {METHODS[method]}: {column} per customer", interval=ends, level=0.8)
    table = splits.table.assign(method=splits.table["method"].map(METHODS))
    raw, limit = by_method.loc["raw"], tried.budget
    trial = worded(OF_TRIAL, tried.own, customers=len(tried.experiment.frame))
    within = worded(WITHIN, limit is not None, limit=limit or 0.0)
    shown = ["method", "claimed", "delivered", "delivered_low", "delivered_high"]
    title = worded(CLAIMED_TITLE, "raw", claimed=raw["claimed"], delivered=raw["delivered"])
    parts["claimed"] = Drawing(
        figures.claimed_delivered(table, "added value per customer after cost", title),
        f"Claimed on the half that chose, delivered on the other half, means over 40 splits of {trial}; whiskers hold 80 % of the splits. "
        f"All within {within}",
        table_in_words("Claimed and delivered per customer", table, shown),
    )
    return Finding(parts, f"{CLAIMS['raw']} {rival_in_words(splits)}")


def rival_in_words(splits: SplitSample) -> str:
    """Which way of planning to use, against the best simple one."""
    if not splits.rival:
        return RIVAL["none"]
    row = splits.table.set_index("method").loc[splits.rival]
    key = "first" if not splits.takes_simple else "too little" if row["difference"] > 0 else "not better"
    names = {"first": METHODS[str(splits.table["method"].iloc[0])], "rival": METHODS[splits.rival]}
    return sentence(RIVAL, key, difference=row["difference"], error=row["standard_error"], **names)


def claims_table(splits: SplitSample) -> Finding:
    """The numbers behind what ways of planning claim and deliver."""
    columns = ["method", "claimed", "delivered", "delivered_low", "delivered_high", "difference", "standard_error"]
    table = splits.table.assign(method=splits.table["method"].map(METHODS))[columns]
    caption = (
        "Claimed and delivered per customer; difference is what the first way delivers more than this one, with the standard error of one "
        "split"
    )
    return Finding({"claims": Table(table, caption, dict.fromkeys(columns[1:], "{:,.2f}"))})


@needs_all({"per_arm": "Customers that each arm of a trial would need"})
def trial_size(planned: PlannedTrial, held_out: float, currency: str) -> Finding:
    """How many customers a trial of the plan needs, and whether the plan treats so many."""
    title = worded(POWER_TITLE, "size", effect=planned.effect, currency=currency, per_arm=planned.per_arm)
    caption = (
        "Customers per arm for a power of 80 % at the 5 % level, with the standard deviation of margin per customer in the hold-out "
        f"({planned.spread:,.1f} {currency}); both axes logarithmic."
    )
    parts: dict[str, Part] = {
        "planned_effect": Value(planned.effect, "Effect per treated customer that the plan claims, before cost", currency),
        "per_arm": Value(planned.per_arm, "Customers that each arm of a trial would need to see it", "customers"),
        "trial_power": Drawing(
            figures.trial_power(planned.sizes, pd.Series({"what the plan claims": planned.effect}), currency, title),
            caption,
            table_in_words("Customers per arm by true difference", planned.sizes.iloc[::2], ["difference", "per_arm"]),
        ),
        "chance_to_see": Value(planned.chance, "Chance that a trial of this plan finds the claimed effect", "share"),
    }
    key = "too few" if planned.power["power"].max() < 0.5 else "enough"
    return Finding(parts, sentence(SIZES, key, treated=planned.treated, held_out=held_out))


@needs_all(silent=True)
def trial_sizes(planned: PlannedTrial, currency: str) -> Finding:
    """How many customers a trial needs for other effects."""
    caption = f"Customers per arm to find a true effect ({currency} of margin per customer) in four trials of five"
    return Finding({"trial_sizes": Table(planned.sizes, caption)})


@needs_all(silent=True)
def lots(planned: PlannedTrial, show_customer_ids: bool, currency: str) -> Finding:
    """Who gets what by lot, and what that can show."""
    power = (
        "What a trial of this plan could show: power at the claimed effect, and the effect that four trials of five would find "
        f"({currency})"
    )
    drawn = planned.lots.table.sample(frac=1, random_state=planned.lots.seed)
    if not show_customer_ids:
        drawn = drawn.assign(customer_id=[f"no. {i}" for i in range(1, len(drawn) + 1)])
    table = drawn.assign(seed=planned.lots.seed).reset_index(drop=True)
    parts = {
        "trial_power": Table(planned.power, power, {"power": "{:.0%}"}),
        "trial": Table(table, "The plan as a randomised trial: who gets what, with what chance", max_rows=8),
    }
    return Finding(parts, LOTS[show_customer_ids])


@needs_all()
def readings(found: pd.DataFrame, campaign: str, currency: str) -> Finding:
    """One campaign read in three ways, none of them its effect."""
    told = ", ".join(f"{each:+,.0f}" for each in found["difference"])
    caption = (
        f"Campaign {campaign}: spend of targeted households less that of others during the campaign; naive, among households alike in "
        f"spend before, and as difference of changes; 95 % intervals."
    )
    title = worded(READINGS_TITLE, "three", told=told, currency=currency)
    drawn = Drawing(
        figures.readings(found, f"{currency} per household", title),
        caption,
        table_in_words("Readings", found, ["reading", "difference", "lower", "upper"]),
    )
    return Finding({"campaign": drawn})


@needs_all(silent=True)
def readings_table(found: pd.DataFrame, campaign: str) -> Finding:
    """The numbers of the three readings, each with what it compares."""
    said = [_reading(*row) for row in zip(found["reading"], found["difference"], found["unmatched"], strict=True)]
    table = found.drop(columns="unmatched").assign(sentence=said)
    return Finding({"readings": Table(table, f"Campaign {campaign} read in three ways")})


def _reading(reading: str, difference: float, unmatched: int) -> str:
    key = "left out" if reading == "matched" and unmatched else reading
    return worded(READING, key, difference=difference, unmatched=unmatched)
