"""What the complaint report says of money: what a complaint costs, what recovery is worth, on what that hangs, and what was seen here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from goodwill.figures import word_of_mouth as figures
from goodwill.findings.complaints.complaint_own_cost import BAD, LEAVERS, assumed_of_leaving, drawing, kind_of_trial, year_verdict
from goodwill.findings.finding import Absent, Drawing, Finding, Part, Table, Value, missing, needs_all
from goodwill.findings.words import sentence, table_in_words, verdict, worded
from goodwill.word_of_mouth.cascade import HEARSAY
from goodwill.word_of_mouth.coca_cola import LABELS
from goodwill.word_of_mouth.complaint_effects import ComplaintEffect, bounded, effect_table

if TYPE_CHECKING:
    from goodwill.inference.uncertainty import Interval
    from goodwill.word_of_mouth.assumptions import Assumption
    from goodwill.word_of_mouth.complaint_cost import MeasuredCosts
    from goodwill.word_of_mouth.complaint_prior import RobustPrior
    from goodwill.word_of_mouth.damage import MarketDamage
    from goodwill.word_of_mouth.recovery_trial import Recovery, TrialSize
    from goodwill.word_of_mouth.worth import Worth

WORST = "dissatisfied, from its end"  # the comparison whose numbers are recorded
UNKNOWNS = 3  # that are named
PARADOX_TITLE = {
    "better": "Who rates the handling 9-10 intends {points:.1f} points more than who never complained: association, not effect",
    "worse": "Who rates the handling 9-10 intends {points:.1f} points less than who never complained: association, not effect",
    "not told apart": "Who rates the handling 9-10 and who never complained are not told apart in what they intend",
}
PARADOX = {
    "better": (
        "Complainers lie {gap:value} below the others; at one mix of industries it is {gap_own_mix:value} or {gap_all_mix:value}. Those "
        "who rate the handling 9–10 lie {paradox:value} above. **What would have to be true** for that to be an effect of handling: had "
        "nothing gone wrong, these very people would have had to intend no more than the average customer does. If people inclined to give "
        "high marks are {paradox:value} more loyal anyway, nothing is left of it."
    ),
    "worse": (
        "Complainers lie {gap:value} below the others; at one mix of industries it is {gap_own_mix:value} or {gap_all_mix:value}. Even "
        "those who rate the handling 9–10 lie below, by {paradox:value}: there is no paradox to explain."
    ),
    "not told apart": (
        "Complainers lie {gap:value} below the others; at one mix of industries it is {gap_own_mix:value} or {gap_all_mix:value}. Those "
        "who rate the handling 9–10 are not told apart from those who never complained ({paradox}): there is no paradox to explain."
    ),
}
STAKE = {
    "residual_value": "Residual value of a customer who has not left",
    "prospect_value": "Value of a newcomer",
    "purchase_margin": "Profit of one purchase",
}
BY_ASSUMPTION = {
    "assumed_cost": "Cost of one dissatisfied complainer, by published figures and assumptions",
    "cost_by_word": "Of which through word of mouth",
    "assumed_recovery": "Value of turning one into a satisfied one, by published figures and assumptions",
}
HANGS_ON = {
    "three_unknowns": "The three unknowns on which the answer hangs",
    "told_share": "Share of the variance that the famous told-counts carry",
}
POINT = "Worth of one more percentage point {}, per 1,000 customers and year"
POINTS = {"voice_point": "complaining", "recovery_point": "resolved", "speed_point": "resolved quickly"}
JOINED = {
    "some": (
        "Of {complaints:,} complaints, {unknown:,} are by customers who never bought, {early:,} came before the first purchase, and after "
        "{late:,} the data do not reach {within} days further; these are in no comparison below. Before the others lie {days:.1f} days "
        "with a purchase on average."
    ),
    "none": "None of the {complaints:,} complaints is by a customer who had bought before, so there is nothing to compare.",
}
RETURNED_TITLE = {
    "some": "Clearly different from customers of the same history: {which}",
    "none": "No clear difference from customers of the same history",
}
EFFECTS_CAPTION = {
    "some": "Bought again within {within} days, complainers and customers of the same history",
    "none": "No comparison was possible",
}
EFFECTS = {
    "worse": (
        "Dissatisfied complainers carry {value_lost} less residual value than customers of the same history; their odds of having left are "
        "{odds_multiplier} times as high."
    ),
    "better": (
        "Dissatisfied complainers carry more residual value than customers of the same history, not less (their loss is {value_lost}); "
        "their odds of having left are {odds_multiplier} times as high."
    ),
    "not told apart": (
        "Dissatisfied complainers and customers of the same history are not told apart by residual value (the loss is {value_lost}); their "
        "odds of having left are {odds_multiplier} times as high."
    ),
    "others": "Dissatisfied complainers could not be compared: {value_lost}.",
    "none": "No comparison could be made: {value_lost}.",
}
CAUSE = {
    "association": "This is an association: complainers may differ from those who had the same trouble and kept silent.",
    "simulated": (
        "This is an association: complainers may differ from those who had the same trouble and kept silent. In the simulated company it "
        "is known to be an effect, because complaints fall by chance; the multiplier is that among customers alike in history, and lies "
        "nearer to 1 than the three of each single customer."
    ),
}
MARKET = {
    "measured": (
        "By assumption and published shares, one point more of voice is worth {voice_point}, one of recovery {recovery_point}, one of "
        "speed {speed_point} per 1,000 customers and year, if the causal shares are right. How many complain is the log's own rate, "
        "{rate:,.0f} a year per 1,000 customers; how many are silent is assumed."
    ),
    "assumed": (
        "By assumption and published shares, one point more of voice is worth {voice_point}, one of recovery {recovery_point}, one of "
        "speed {speed_point} per 1,000 customers and year, if the causal shares are right. How many complain, and how many are silent, is "
        "assumed."
    ),
}
ASSUMED = (
    "By published figures and assumptions alone one dissatisfied complainer costs {assumed_cost}, of which {cost_by_word:value} is word of "
    "mouth, and recovering one is worth {assumed_recovery}: the means of all answers that the ranges of the inputs leave open. The "
    "interval is the range of nine in ten of them, not a margin of sampling error; these numbers move with what is assumed, and not with "
    "what customers did."
)
IN_SHORT = {
    "worse": (
        "A year's complaints cost **{complaints_year:value}** ({complaints_year:interval}) through the complainers' own purchases if "
        "{who}, and {complaints_year_other} if {other}. The chances of leaving are measured; who complains is assumed, because the log "
        "cannot tell."
    ),
    "better": (
        "After complaints fewer leave than would have left anyway: a year's complaints cost **{complaints_year:value}** "
        "({complaints_year:interval}) if {who}, and {complaints_year_other} if {other}, a gain. The chances of leaving are measured; who "
        "complains is assumed, because the log cannot tell."
    ),
    "not told apart": (
        "Whether a year's complaints cost anything through the complainers' own purchases is not told apart from nothing: "
        "{complaints_year} if {who}, and {complaints_year_other} if {other}. The chances of leaving are measured; who complains is "
        "assumed, because the log cannot tell."
    ),
    "depends": (
        "Whether a year's complaints cost anything through the complainers' own purchases depends on who complains: {complaints_year} if "
        "{who}, and {complaints_year_other} if {other}. The chances of leaving are measured under either answer; which of them holds the "
        "log cannot tell."
    ),
    "unmeasured": "**Not measured:** what a year's complaints cost ({complaints_year}).",
}
ONE = {
    "measured": "One dissatisfied complaint costs **{complaint_cost:value}** ({complaint_cost:interval}) in the first case, "
    "{complaint_cost_other} in the second; there are {complaints_a_year:number} a year.",
    "unmeasured": "**Not measured:** what a dissatisfied complaint costs ({complaint_cost}).",
}
SPEND = {
    "better": (
        "An attempt to recover one pays where it costs less than **{break_even_spend:value}** ({break_even_spend:interval}), in the first "
        "case; that {chance} of attempts succeed is assumed, and so is that outcomes differ by handling alone."
    ),
    "worse": "Spend nothing on recovery as it is handled now: complainers who were recovered leave more often ({recovery_gap}, below "
    "zero).",
    "not told apart": (
        "Spend on recovery only in a trial by lot: that recovered complainers leave less often is not told apart from no difference "
        "({recovery_gap}); at most {break_even_spend:value} an attempt is what the data would bear, if {chance} succeed, which is assumed."
    ),
    "unmeasured": "How much an attempt at recovery may cost is not measured: {break_even_spend}.",
}
LEARN = {
    "helps": "Learn next: {next_study}. It takes {next_sample} for a verdict, and {profit_sample} to gain most while complaints go on.",
    "large": (
        "Learn next: {next_study}. Do not wait for a verdict: it would take {next_sample}, and {base:,.0f} dissatisfied complaints are "
        "expected in the years that are looked at. Where an attempt costs about what it saves, trying {profit_sample} by lot and going on "
        "with what brought more after its cost gains most; it may well be the wrong one."
    ),
    "nothing": (
        "Learn next: {next_study}. Nothing is expected of an attempt, so no size leads to a verdict; try {profit_sample} by lot and go on "
        "with what brought more after its cost."
    ),
    "unmeasured": "Learn next: {next_study}; for its size a complaint log with outcomes, joined with purchases, is needed.",
}
HEARD = (
    "Not measured here: word of one complaint reaches {mean_reach}; what of it is put down to handling costs {cost_by_word:value} through "
    "others, by published and assumed numbers; the viral catastrophe of the slogans needs {stress_threshold} of hearers to retell, each "
    "to as many."
)


@needs_all(STAKE)
def worth(stake: Worth, currency: str) -> Finding:
    """What is at stake in money."""
    parts: dict[str, Part] = {
        "residual_value": Value(stake.residual, STAKE["residual_value"], currency),
        "prospect_value": Value(stake.prospect, STAKE["prospect_value"], currency),
        "purchase_margin": Value(stake.purchase, STAKE["purchase_margin"], currency),
    }
    return Finding(parts)


@needs_all(BY_ASSUMPTION)
def assumed(each: Interval, by_word: Interval, recovered: Interval, currency: str) -> Finding:
    """What one dissatisfied complainer costs by published figures and assumptions alone; ranges of nine in ten plausible answers."""
    found = zip(BY_ASSUMPTION.items(), (each, by_word, recovered), strict=True)
    trust: dict[str, Any] = {"level": 0.9, "grade": "assumed", "weakest": LABELS["causal_handling"]}
    return Finding({name: Value(amount, label, currency, **trust) for (name, label), amount in found}, ASSUMED)


@needs_all(HANGS_ON, without=("sensitivity", "learn_next"))
def learn_next(shares: pd.DataFrame, studies: pd.DataFrame) -> Finding:
    """On which unknowns the answer hangs, and which study would narrow it most.

    Parameters
    ----------
    shares : of `word_of_mouth.sensitivity`
    studies : of `word_of_mouth.learn_next`
    """
    famous = float(shares.set_index("name").loc[["told_dissatisfied", "told_satisfied"], "total"].sum())
    percent = "{:.1%}"
    parts: dict[str, Part] = {
        "sensitivity": Table(
            shares.assign(name=shares["name"].map(LABELS)).head(8),
            "Shares of the answer's variance by input",
            {"first_order": percent, "total": percent},
        ),
        "learn_next": Table(
            studies.assign(name=studies["name"].map(LABELS)).head(5),
            "Studies, best first: narrowing is the share of the answer's variance that 400 answers (a trial: 400 in each arm) would remove",
            {"narrowing": percent},
        ),
        "three_unknowns": Value("; ".join(LABELS[name] for name in shares["name"].head(UNKNOWNS)), HANGS_ON["three_unknowns"]),
        "told_share": Value(famous, HANGS_ON["told_share"], "share"),
    }
    return Finding(
        parts,
        "What is assumed hangs on three unknowns: {three_unknowns}. The famous told-counts carry {told_share} of the variance.",
    )


def market(found: MarketDamage | Absent, rate: float | Absent, currency: str) -> Finding:
    """Where the loss of a year lies; `rate` is the log's own, complaints a year per customer."""
    if isinstance(found, Absent):
        names = {name: POINT.format(what) for name, what in POINTS.items()}
        return missing(found, names, without=("market", "market_damage"))
    lost = found.by_group
    flat, losses = lost.reset_index(), lost[["direct_loss", "word_of_mouth_loss"]].sum(axis=1)
    loss, number = float(losses["silent"] / losses.sum()), float(lost["people"]["silent"] / lost["people"].sum())
    title = f"Assumed: {loss:.0%} of the loss lies with the silent, who are {number:.0%} of those with a problem"
    own = {} if isinstance(rate, Absent) else {"rate": 1_000 * rate}
    parts: dict[str, Part] = {
        "market": Table(
            flat, f"A year of 1,000 customers: people with a problem, and what is lost (money in {currency}; gains are negative)"
        ),
        "market_damage": Drawing(
            figures.damage(lost, currency, title=title),
            "Loss per customer with a problem, through own purchases and through word of mouth (below zero: a gain). Repurchase by TARP's "
            "table, told-counts as above; point values. Everybody who does not buy again counts as lost, also who would have left without "
            "any problem.",
            table_in_words("Loss by group", flat, ["group", "direct_loss", "word_of_mouth_loss"]),
        ),
    }
    worths = (found.value_of_voice(), found.value_of_recovery(), found.value_of_speed())
    parts |= {name: Value(float(each), POINT.format(what), currency) for (name, what), each in zip(POINTS.items(), worths, strict=True)}
    return Finding(parts, sentence(MARKET, "assumed" if isinstance(rate, Absent) else "measured", **own))


def paradox(gaps: pd.DataFrame, groups: pd.DataFrame, apart: Interval) -> Finding:
    """Whether well-handled complaints go with better customers, and what that would take.

    Parameters
    ----------
    gaps : of `repurchase_gaps`
    groups : of `repurchase_by_handling`
    apart : intention of complainers who rate the handling 9-10 less that of who did not complain
    """
    said = verdict(apart.lower, apart.upper)
    rows = groups.set_index("group")
    names = {"gap": "as it stands", "gap_own_mix": "at complainers' mix", "gap_all_mix": "at everybody's mix"}
    parts: dict[str, Part] = {
        "handling": Drawing(
            figures.handling(groups, title=worded(PARADOX_TITLE, said, points=abs(apart.estimate))),
            "Likelihood to buy again, 1 to 10, of complainers by how well they say the complaint was handled, beside customers who did not "
            "complain (ACSI 2015, 95 % intervals). Stated intentions of different people at one moment.",
            table_in_words("Mean likelihood to buy again", groups, ["group", "respondents", "estimate"]),
        )
    }
    parts |= {name: Value(gaps.loc[row], f"Intention without a complaint less with one, {row}", "points") for name, row in names.items()}
    parts |= {
        "without_complaint": Value(rows.loc["no complaint"], "Intention of who did not complain", "points"),
        "handled_well": Value(rows.loc["handled 9-10"], "Intention of complainers who rate the handling 9-10", "points"),
        "paradox": Value(apart, "What looks like a paradox", "points"),
    }
    return Finding(parts, sentence(PARADOX, said))


def joined(around: pd.DataFrame | Absent, within: int) -> Finding:
    """Which complaints can be compared; `around` as `data.purchases_around` returns it."""
    if isinstance(around, Absent):
        return Finding()  # the comparison says why there is none
    before = around.loc[around["before"] > 0, "before"]
    counts = {
        "complaints": len(around),
        "unknown": int((~around["seen"]).sum()),
        "early": int((around["seen"] & (around["before"] == 0)).sum()),
        "late": int((~around["watched"]).sum()),
    }
    days = float(before.mean()) if len(before) else 0.0  # no mutate: not shown where there are none
    return Finding(text=sentence(JOINED, "some" if len(before) else "none", **counts, within=within, days=days))


def effects(found: Mapping[str, ComplaintEffect | Absent], within: int, *, simulated: bool) -> Finding:
    """What became of complainers, beside customers of the same history.

    Parameters
    ----------
    found : by name of the comparison; `WORST` is among them
    within : days within which a customer must buy again
    simulated : whether the company is simulated, and the truth known
    """
    made = {name: each for name, each in found.items() if isinstance(each, ComplaintEffect)}
    table = effect_table(made)
    worst, why = made.get(WORST), next((each.why for each in found.values() if isinstance(each, Absent)), None)
    key = "some" if made else "none"
    percent = dict.fromkeys(("returned", "matched", "lower", "upper"), "{:.1%}")
    parts: dict[str, Part] = {"effects": Table(table, worded(EFFECTS_CAPTION, key, within=within), percent)}
    if made:
        apart = [name for name, each in made.items() if verdict(each.difference.lower, each.difference.upper) != "not told apart"]
        title = worded(RETURNED_TITLE, "some" if apart else "none", which=", ".join(apart))
        parts["returned"] = Drawing(
            figures.returned(table, within, title=title),
            "Share of complainers who bought again, and of customers with the same history. Bars: 95 % interval of the difference, drawn "
            "over customers.",
            table_in_words("Share who bought again", table, ["comparison", "complaints", "returned", "matched"]),
        )
    lost, odds = (worst.value_lost, bounded(worst.odds_multiplier)) if worst else (None, None)
    reason = None if worst else why
    parts["value_lost"] = Value(lost, "Residual value that goes with a dissatisfied complaint", "share", reason=reason)
    parts["odds_multiplier"] = Value(odds, "Odds of having left, dissatisfied complainers against the same history", reason=reason)
    without = {} if made or why is None else {"returned": why}
    if worst is None:
        return Finding(parts, sentence(EFFECTS, "others" if made else "none"), without=without)
    carried = sentence(EFFECTS, verdict(worst.value_lost.lower, worst.value_lost.upper, better="lower"))
    return Finding(parts, f"{carried} {sentence(CAUSE, 'simulated' if simulated else 'association')}", without=without)


def in_short(
    measured: Mapping[bool, MeasuredCosts | Absent],
    leavers_complain: bool,
    recovery: Recovery | Absent,
    size: TrialSize | Absent,
    recovery_chance: float,
    currency: str,
) -> Finding:
    """The decision: what complaints cost, how much an attempt may cost, what to learn next, and what is only assumed.

    Arguments as of `own_costs`, `lever` and `trial`.
    """
    main, other = measured[leavers_complain], measured[not leavers_complain]
    who = {"who": LEAVERS[leavers_complain], "other": LEAVERS[not leavers_complain]}
    spend = "unmeasured" if isinstance(recovery, Absent) else verdict(recovery.gap.lower, recovery.gap.upper)
    learn = ("unmeasured", 0.0) if isinstance(size, Absent) else (kind_of_trial(size), size.base)  # no mutate: not said where unmeasured
    if isinstance(main, Absent):
        said, parts = [sentence(IN_SHORT, "unmeasured")], {}
    else:
        one = sentence(ONE, "measured" if BAD in main.costs else "unmeasured")
        said, parts = [f"{sentence(IN_SHORT, year_verdict(main, other), **who)} {one}"], {"cost_by_outcome": drawing(main, currency)}
    said += [sentence(SPEND, spend, chance=f"{recovery_chance:.0%}"), sentence(LEARN, learn[0], base=learn[1]), HEARD]
    return Finding(parts, "\n\n".join(said))


@needs_all(without=("tornado",))
def tornado(swings: pd.DataFrame, base: float, currency: str) -> Finding:
    """On which inputs the assumed value of recovery hangs; `swings` of `word_of_mouth.tornado`, `base` with all inputs at their means."""
    widest = [LABELS[name] for name in swings["name"].head(UNKNOWNS)]
    words = table_in_words(
        "Value of recovery with one input at the low and high end of its range", swings.head(9), ["name", "at_low", "at_high"]
    )
    drawn = Drawing(
        figures.tornado(swings, base, LABELS, currency, title=f"What is assumed hangs on: {'; '.join(widest)}"),
        "Assumed value of recovering one complaint with one input at a time at the ends of its range (numbers at the bars); the line is "
        "the answer with all at the means of their ranges.",
        words,
    )
    return Finding({"tornado": drawn})


def assumptions(
    inputs: Sequence[Assumption] | Absent,
    *,
    recovery_chance: float,
    problems: float,
    voice: float,
    causal_voice: float,
    loss_size: str,
    margin: float,
    discount_rate: float,
    leavers_complain: bool,
    prior: RobustPrior,
) -> list[tuple[str, str, str, str]]:
    """Rows for `record_assumptions`: what, its value, its source, its grade."""
    losses = {"small": "losses under 5 dollars", "large": "losses over 100 dollars"}[loss_size]
    rows = [
        (f"{LABELS[each.name]} ({each.unit})", _stated(each), each.source, str(each.grade))
        for each in ([] if isinstance(inputs, Absent) else inputs)
    ]
    return [
        *rows,
        ("chance that an attempt at recovery succeeds", f"{recovery_chance:.0%}", "parameter", "assumed"),
        (
            "customers with a problem; of those, who complain",
            f"{problems:.0%}; {voice:.0%}",
            "parameter; 6 % by Verde Group 2006",
            "assumed",
        ),
        *assumed_of_leaving(leavers_complain, prior),
        ("share of the gap to the silent that complaining causes", f"{causal_voice:.0%}", "parameter", "assumed"),
        ("who buys again, by handling", losses, "TARP, as quoted by Goodman (1984) and by Huba", "published"),
        ("outcomes", "satisfied = quickly, acceptable = resolved, dissatisfied = unresolved", "this report", "assumed"),
        ("margin; discount rate", f"{margin:.0%}; {discount_rate:.0%} a year", "parameters", "assumed"),
        ("beliefs", "triangular between the ends of a range, independent of each other", "this report", "assumed"),
        ("hearings of the silent", f"{HEARSAY.mean:.2f} people", "shoppers with a problem, Verde Group 2006", "published"),
    ]


def _stated(each: Assumption) -> str:
    if each.high == each.low:
        return f"{each.value:.3g}"
    return f"{each.value:.3g}, range {each.low:.3g} to {each.high:.3g}, mean {each.mean:.3g}"
