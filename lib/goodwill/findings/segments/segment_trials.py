"""Whether a plan keeps what it claims and how it is tried: the words of the trials in the report on segment strategies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from goodwill.figures import segment_plans as figures
from goodwill.findings.finding import Drawing, Finding, Part, Table, Value, needs_all
from goodwill.findings.numbers import MINUS
from goodwill.findings.words import sentence, table_in_words, verdict, worded

if TYPE_CHECKING:
    from goodwill.strategies.offer import TrialAtHand
    from goodwill.strategies.split_sample import SplitSample
    from goodwill.strategies.trials.planned_trial import PlannedTrial
    from goodwill.strategies.trials.trial_arms import TrialArms

METHODS = {
    "raw": "best arm of each segment, raw",
    "empirical_bayes": "best arm of each segment, shrunken",
    "per_customer": "single customers of each segment, shrunken",
    "best_arm": "one arm for everybody",
    "top_past_spenders": "one arm, top past spenders first",
    "nobody": "nobody treated",
}
WHOSE = {True: "Own trial", False: "Simulated trial"}
CLAIMED_CAPTION = {
    True: "Claimed on the half that chose, delivered on the other half, means over {splits} splits of the trial; whiskers are "
    "95 % intervals. All within {within}",
    False: "Claimed by what the trial showed, delivered by the known truth, means over {splits} simulated trials of {customers:,} "
    "customers, each drawn anew; whiskers hold 80 % of the trials. All within {within}",
}
WITHIN = {
    True: "a budget of {limit:,.2f} per customer, a quarter of what the dearest arm for everybody costs.",
    False: "no budget, because no costs of the arms are known.",
}
CLAIMED_TITLE = {
    "more": "The raw plan claims {claimed:.2f} per customer and delivers {delivered:.2f}",
    "keeps": "The raw plan delivers what it claims: {delivered:.2f} per customer",
}
CLAIMS = {
    True: "Choosing the best estimate of each segment claims {raw_claimed:value} and delivers {raw_delivered:value} on customers who did "
    "not choose it; after shrinking {shrunk_claimed:value} and {shrunk_delivered:value}; one arm for everybody, as far as the money goes, "
    "delivers {one_arm_delivered:value}.",
    False: "Choosing the best estimate of each segment claims {raw_claimed:value} and is truly worth {raw_delivered:value}; after "
    "shrinking {shrunk_claimed:value} and {shrunk_delivered:value}; one arm for everybody, as far as the money goes, is worth "
    "{one_arm_delivered:value}. Who knew the truth could reach {best_possible:value} with whole segments.",
}
RIVAL = {
    "better": "'{first}' delivers more than the best simple way, '{rival}': by {difference:,.2f} ({low:,.2f} to {high:,.2f}).",
    "worse": "The simple way '{rival}' delivers more than '{first}': by {less:,.2f} (difference {low:,.2f} to {high:,.2f}).",
    "not told apart": "'{first}' is not told apart from the best simple way, '{rival}': the difference is {difference:,.2f} ({low:,.2f} to "
    "{high:,.2f}).",
    "none": "No simple way was compared with another one.",
}
ARMS = {
    "as drawn": "'{control}' is the arm that was left alone (another is named with `control_arm`). The arms have the sizes that lots "
    "with the stated chances would give (p = {sample_ratio_p:.3f}).",
    "off": "'{control}' is the arm that was left alone (another is named with `control_arm`). **The arms do not have the sizes that lots "
    "with the stated chances would give** (p = {sample_ratio_p:.3f}): find out who is missing before believing any effect.",
}
BALANCE = {
    "alike": " Before the trial they had spent alike (p = {p:.3f}).",
    "unlike": " **Before the trial they had not spent alike** (p = {p:.3f}): these were hardly lots.",
    "unknown": " What they had spent before is not in the file (a column past_spend), so that nothing else speaks for lots.",
}
LOTS_DRAWN = " That lots were drawn is the word of whoever ran the trial; a file can contradict it and never prove it."
PAYS = {
    "better": " '{arm}' brings more than it costs: {net:,.2f} per customer.",
    "worse": " '{arm}' costs more than it brings: {net:,.2f} per customer.",
    "not told apart": " Whether '{arm}' brings what it costs is not told apart from chance: {net:,.2f} per customer.",
}
COUNTED = {
    "given": " Outcomes count as they stand in the file.",
    "adjusted": " What past spend explains of the outcomes is taken out of them, which leaves effects what they are.",
    "value": " The outcome is the margin within the trial and what the purchase model expects of each customer after it, until the "
    "horizon of this report, as far as the trial is over when the purchases end. Whether an effect lasts, no trial that is over can tell: "
    "intervals reach from effects that end with it to effects that go on as they were.",
}
SURE_OFF = 0.001  # below which sizes or past spend are said not to come from lots
POWER_TITLE = {
    "size": "To see {effect:,.2f} {currency} per customer within {weeks:.0f} weeks a trial needs {per_arm:,} in each arm",
}
SIZES = {
    "enough": "Within {weeks:.0f} weeks the plan claims {planned_effect} per treated customer, before cost. Those whom it picks vary by "
    "{trial_noise} (all customers by {all_noise:,.1f}), and by {adjusted:,.1f} once past spend is accounted for. To see so much in four "
    "trials of five, each arm would need {per_arm}. With the {treated:,.0f} whom this plan picks, {held_out:.0%} of them held out, the "
    "chance is {chance_to_see}.",
    "too few": "Within {weeks:.0f} weeks the plan claims {planned_effect} per treated customer, before cost. Those whom it picks vary by "
    "{trial_noise} (all customers by {all_noise:,.1f}), and by {adjusted:,.1f} once past spend is accounted for. To see so much in four "
    "trials of five, each arm would need {per_arm}. With the {treated:,.0f} whom this plan picks, {held_out:.0%} of them held out, the "
    "chance is {chance_to_see}: **such a trial could not tell whether the plan works.**",
}
PLACEBO = {
    "keeps": " Of 1,000 trials of nothing among such customers {false_alarms:value} found an effect; 5 % should.",
    "breaks": " Of 1,000 trials of nothing among such customers {false_alarms:value} found an effect where 5 % should: read p-values of "
    "such a trial with care.",
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
    splits : `claims_of` the trial
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
        level = 0.95 if tried.own else 0.8
        parts[name] = Value(row[column], f"{whose}, {METHODS[method]}: {column} per customer", interval=ends, level=level)
    if splits.best is not None:
        parts["best_possible"] = Value(splits.best, f"{whose}, best arm of each segment if the truth were known: worth per customer")
    table = splits.table.assign(method=splits.table["method"].map(METHODS))
    raw, limit = by_method.loc["raw"], tried.budget
    told = {
        "splits": int(splits.runs["split"].nunique()),
        "customers": len(tried.experiment.frame),
        "within": worded(WITHIN, limit is not None, limit=limit or 0.0),
    }
    title = worded(
        CLAIMED_TITLE,
        "more" if f"{raw['claimed']:.2f}" != f"{raw['delivered']:.2f}" else "keeps",
        claimed=raw["claimed"],
        delivered=raw["delivered"],
    )
    shown = ["method", "claimed", "delivered", "delivered_low", "delivered_high"]
    parts["claimed"] = Drawing(
        figures.claimed_delivered(table, "added value per customer after cost", title),
        worded(CLAIMED_CAPTION, tried.own, **told),
        table_in_words("Claimed and delivered per customer", table, shown),
    )
    return Finding(parts, f"{CLAIMS[tried.own]} {rival_in_words(splits)}")


def rival_in_words(splits: SplitSample) -> str:
    """The first way of planning against the best simple one."""
    if not splits.rival:
        return RIVAL["none"]
    by_method = splits.table.set_index("method")
    difference, low, high = (float(by_method[name].to_dict()[splits.rival]) for name in ("difference", "difference_low", "difference_high"))
    names = {"first": METHODS[str(splits.table["method"].iloc[0])], "rival": METHODS[splits.rival]}
    told = {"difference": difference, "less": -difference, "low": low, "high": high}
    return sentence(RIVAL, verdict(low, high), **names, **told)


def claims_table(splits: SplitSample) -> Finding:
    """The numbers behind what ways of planning claim and deliver."""
    columns = ["method", "claimed", "delivered", "delivered_low", "delivered_high", "difference", "difference_low", "difference_high"]
    table = splits.table.assign(method=splits.table["method"].map(METHODS))[columns]
    caption = "Claimed and delivered per customer; difference is what the first way delivers more than this one, with its 95 % interval"
    return Finding({"claims": Table(table, caption, dict.fromkeys(columns[1:], "{:,.2f}"))})


@needs_all()
def arms(found: TrialArms, counted: str, currency: str) -> Finding:
    """The arms of one's own trial: their sizes against lots, and what each did; `counted` says what its outcome is."""
    money = dict.fromkeys(("cost", "effect", "lower", "upper", "net"), "{:,.2f}")
    caption = (
        f"Arms of the trial: customers, their share and that of the lots; cost per customer; margin per customer ({currency}) more than "
        f"under '{found.control}', with 95 % intervals, before and after (net) cost"
    )
    p, balance = found.sample_ratio_p, found.balance_p
    parts: dict[str, Part] = {
        "trial_arms": Table(found.table, caption, {"share": "{:.1%}", "drawn": "{:.1%}"} | money),
        "sample_ratio_p": Value(p, "Chance that lots give sizes as far off as these"),
    }
    text = sentence(ARMS, "off" if p < SURE_OFF else "as drawn", control=found.control)
    key = "unknown" if balance is None else "unlike" if balance < SURE_OFF else "alike"
    text += worded(BALANCE, key, p=balance or 0.0) + LOTS_DRAWN + COUNTED[counted]
    for row in found.table.iloc[1:].to_dict("records"):
        said = verdict(row["lower"] - row["cost"], row["upper"] - row["cost"])
        text += sentence(PAYS, said, arm=row["arm"], net=row["net"])
    return Finding(parts, text)


@needs_all({"per_arm": "Customers that each arm of a trial would need"})
def trial_size(planned: PlannedTrial, held_out: float, currency: str) -> Finding:
    """How many customers a trial of the plan needs, and whether the plan treats so many."""
    noise, told = planned.noise, {"effect": planned.effect, "weeks": planned.noise.weeks, "per_arm": planned.per_arm}
    caption = (
        f"Customers per arm for a power of 80 % at the 5 % level, with the standard deviation of margin per customer over "
        f"{noise.weeks:.0f} weeks among those whom the plan would have picked, past spend accounted for ({noise.sd_adjusted:,.1f} "
        f"{currency}); both axes logarithmic."
    )
    drawn = figures.trial_power(
        planned.sizes, pd.Series({"what the plan claims": planned.effect}), currency, worded(POWER_TITLE, "size", currency=currency, **told)
    )
    alarms = noise.false_alarms
    parts: dict[str, Part] = {
        "planned_effect": Value(
            planned.effect, f"Effect per treated customer that the plan claims within {noise.weeks:.0f} weeks, before cost", currency
        ),
        "trial_noise": Value(noise.sd, "Standard deviation of margin among those whom the plan would have picked", currency),
        "per_arm": Value(planned.per_arm, "Customers that each arm of a trial would need to see it", "customers"),
        "trial_power": Drawing(
            drawn, caption, table_in_words("Customers per arm by true difference", planned.sizes.iloc[::2], ["difference", "per_arm"])
        ),
        "chance_to_see": Value(planned.chance, "Chance that a trial of this plan finds the claimed effect", "share"),
        "false_alarms": Value(alarms, "Trials of nothing that find an effect at the 5 % level", "share"),
    }
    more = {"all_noise": noise.sd_all, "adjusted": noise.sd_adjusted, "treated": planned.treated, "held_out": held_out}
    text = sentence(SIZES, "too few" if planned.chance < 0.5 else "enough", weeks=noise.weeks, **more)
    return Finding(parts, text + PLACEBO["breaks" if alarms > 0.08 else "keeps"])


@needs_all(silent=True)
def trial_tables(planned: PlannedTrial, currency: str) -> Finding:
    """How many customers a trial needs for other effects, and what the lots that were drawn can show."""
    sizes = f"Customers per arm to find a true effect ({currency} of margin per customer) in four trials of five"
    power = (
        "What a trial of this plan could show: the effect claimed, the power to find it, and the effect that four trials of five would "
        f"find ({currency})"
    )
    return Finding(
        {"trial_sizes": Table(planned.sizes, sizes), "trial_power": Table(planned.power, power, {"power": "{:.0%}", "effect": "{:,.2f}"})}
    )


@needs_all(silent=True)
def lots(planned: PlannedTrial, show_customer_ids: bool) -> Finding:
    """Who gets what by lot."""
    drawn = planned.lots.table.sample(frac=1, random_state=planned.lots.seed)
    if not show_customer_ids:
        drawn = drawn.assign(customer_id=[f"no. {i}" for i in range(1, len(drawn) + 1)])
    table = drawn.assign(seed=planned.lots.seed).reset_index(drop=True)
    parts = {"trial": Table(table, "The plan as a randomised trial: who gets what, with what chance", max_rows=8)}
    return Finding(parts, LOTS[show_customer_ids])


@needs_all()
def readings(found: pd.DataFrame, campaign: str, currency: str) -> Finding:
    """One campaign read in three ways, none of them its effect."""
    told = ", ".join(f"{each:+,.0f}".replace("-", MINUS) for each in found["difference"])
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
    rows = zip(found["reading"], found["difference"], found["unmatched"], strict=True)  # no mutate: columns of a table are as long
    said = [_reading(*row) for row in rows]
    table = found.drop(columns="unmatched").assign(sentence=said)
    return Finding({"readings": Table(table, f"Campaign {campaign} read in three ways")})


def _reading(reading: str, difference: float, unmatched: int) -> str:
    key = "left out" if reading == "matched" and unmatched else reading
    return worded(READING, key, difference=difference, unmatched=unmatched)
