"""Which forecast of purchases deserves trust: models beside rules, the record of their intervals, cohorts, another library."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from goodwill.figures import model_comparison as figures
from goodwill.findings.finding import Absent, Drawing, Finding, Part, Table, Value, missing
from goodwill.findings.purchases.purchase_intervals import counts, record_key, rolling_drawing
from goodwill.findings.purchases.purchase_records import p_in_words
from goodwill.findings.purchases.stacked_forecast import filled, outcome, shares_in_words, stacked_lead
from goodwill.findings.words import Verdict, plural, sentence, table_in_words, verdict, worded
from goodwill.lifetime_value.evidence.cohorts import FEWEST

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.data.purchases import PurchaseSummary
    from goodwill.lifetime_value.evidence.cohorts import CohortFits
    from goodwill.lifetime_value.evidence.comparison import ModelComparison
    from goodwill.lifetime_value.evidence.rolling import RollingCoverage
    from goodwill.lifetime_value.evidence.seasons import SeasonGap
    from goodwill.lifetime_value.evidence.windows import FirstPurchasePile

TOO_LOW = -0.25  # error of a rule's total from which its small absolute errors are explained
SURE = 0.05
ORDER: tuple[Verdict, ...] = ("worse", "not told apart", "better")  # what speaks against the model first
ENDS = {"": "borrowed", "_lower": "borrowed_lower", "_upper": "borrowed_upper"}

LABELS = {
    "customers": "Customers known by the middle of the data",
    "best_model": "Best model by log score",
    "best_rule": "Best rule without a model by mean absolute error",
    "score_gain": "Lead of the best model over the next in log score per customer",
}
CAPTIONS = {
    "views": "Error of the total, as a share of what came, in three views",
    "comparison figure": (
        "Forecasts of {horizon:g} {unit}s from {dates}; 95 % intervals over customers, a customer's dates kept together."
    ),
    "comparison": "All measures, with intervals over customers",
    "differences": "How much better {model} is than each other forecast (positive: {model} is better), over customers and over dates",
    "cohorts figure": (
        "{model}: repeat purchases expected of a new customer within {horizon:.0f} {unit}s, by fits of the cohorts that borrow from each "
        "other (95 %, parameters only), by fits that do not, and by one fit for all."
    ),
    "cohorts": (
        "Cohorts of first purchase: expected of a new customer, by fits that borrow from each other, of which the own share rests on the "
        "cohort itself, by fits of their own, and by the fit for all; purchases of the hold-out, and what each of the three expected"
    ),
    "beside_lifetimes": ("BG/NBD by lifetimes and by this library: parameters, log-likelihood, purchases expected in {horizon:g} {unit}s"),
}
MEASURES = {
    "MAE": "mean absolute error",
    "MSE": "mean squared error",
    "active_correct": "the share told rightly whether they buy at all",
}
VIEW = {"": "{model}: {cumulative:+.1%} turns into {holdout:+.1%}"}
VIEWS = {
    "": (
        "Of {customers}, one half of the data foretells the other. From the cumulative view to the hold-out alone, the error of the total "
        "changes so: {turns}. One hold-out, so no interval; the next sections have several."
    )
}
RIVAL = {  # of the best model with the best rule in one measure
    "better": (
        "**{model} is better than {rival}**, the best rule without a model, in {measure}: "
        "gain {gain:+.3f} [{lower:+.3f}, {upper:+.3f}], better on {better} of {dates}."
    ),
    "worse": (
        "**{model} is worse than {rival}**, a rule without a model, in {measure}: "
        "gain {gain:+.3f} [{lower:+.3f}, {upper:+.3f}], better on {better} of {dates}."
    ),
    "not told apart": (
        "**{model} and {rival}**, a rule without a model, **are not told apart** in {measure}: "
        "gain {gain:+.3f} [{lower:+.3f}, {upper:+.3f}], better on {better} of {dates}."
    ),
}
TOO_LITTLE = {"": "But the total that {rival} foretells is off by {bias:+.0%}: absolute errors reward who foretells too little."}
OTHERS = {  # of the best model with another in log score
    "better": (
        "In log score {model} is better than {other}: "
        "gain {gain:+.4f} [{lower:+.4f}, {upper:+.4f}] per customer, better on {better} of {dates}."
    ),
    "not told apart": (
        "In log score {model} and {other} are not told apart: "
        "gain {gain:+.4f} [{lower:+.4f}, {upper:+.4f}] per customer, better on {better} of {dates}."
    ),
}
ALONE = {"reason": "there is no second model"}
TOTALS = {
    "one": "The total that {model} foretold was off by {bias:+.1%}.",
    "several": "The totals that {model} foretold were off by {bias:+.1%} on the whole, between {low:+.1%} and {high:+.1%} by date.",
}
RESTS = {
    "one": "This rests on one date with a hold-out of {horizon:g} {unit}s: another date may rank differently.",
    "several": "This rests on {cuts} dates with hold-outs of {horizon:g} {unit}s, of which {disjoint} do not overlap.",
}
COMPARISON_TITLE = {
    "better": "By absolute error {model} is better than every rule without a model",
    "worse": "By absolute error {model} is worse than the rule '{rule}', which foretells a total off by {bias:+.0%}",
    "not told apart": "By absolute error {model} and the rule '{rule}' are not told apart; the rule's total is off by {bias:+.0%}",
}
COHORTS = {
    "differ": (
        "The cohorts differ ({p}). Drawn towards each other by what chance explains, a new customer is expected to come back {least:.2f} "
        "[{least_lower:.2f}, {least_upper:.2f}] times in {lowest} and {most:.2f} [{most_lower:.2f}, {most_upper:.2f}] times in {highest} "
        "within {horizon:.0f} {unit}s."
    ),
    "alike": (
        "The cohorts are not told apart ({p}). Drawn towards each other by what chance explains, a new customer is expected to come back "
        "{least:.2f} [{least_lower:.2f}, {least_upper:.2f}] times in {lowest} and {most:.2f} [{most_lower:.2f}, {most_upper:.2f}] times in "
        "{highest} within {horizon:.0f} {unit}s."
    ),
    "one": (
        "The cohorts are not told apart ({p}), and their most plausible fit is one for all: in each of them a new customer is expected to "
        "come back {most:.2f} times within {horizon:.0f} {unit}s; their intervals reach from {lowest_end:.2f} to {highest_end:.2f}."
    ),
}
NEWEST = {
    "better": (
        "**Newer customers come back more**: one of {newest} is expected to come back {ratio:.2f} [{lower:.2f}, {upper:.2f}] times as "
        "often as one of {oldest}."
    ),
    "worse": (
        "**Newer customers come back less**: one of {newest} is expected to come back {ratio:.2f} [{lower:.2f}, {upper:.2f}] times as "
        "often as one of {oldest}."
    ),
    "not told apart": (
        "Whether newer customers come back more or less is not told apart: one of {newest} is expected to come back {ratio:.2f} "
        "[{lower:.2f}, {upper:.2f}] times as often as one of {oldest}."
    ),
}
COHORTS_TITLE = {"differ": "Cohorts of first purchase differ", "alike": "Cohorts of first purchase are not told apart"}
TOO_SMALL = {
    "one": "1 cohort with fewer than {least} customers who came back has no fit of its own, and leans on the others.",
    "several": "{count} cohorts with fewer than {least} customers who came back have no fits of their own, and lean on the others.",
}
COHORTS_MISS = {
    "": (
        "In the hold-out, fits by cohort miss the cohorts' purchases by {own:.1%} in all, fits that borrow by {borrowing:.1%}, one fit for "
        "everybody by {together:.1%}. One hold-out, so no interval, and none is called better."
    )
}
IN_SHORT = {
    ("model", "better"): "**{best_model} ranks first** among the models: it leads {next} in log score by {score_gain}.",
    ("model", "not told apart"): "**{best_model} and {next} are not told apart** in log score: the lead is {score_gain}.",
    ("model", "alone"): "{best_model} is the only model here.",
    ("stacked", "better"): "The forecast **stacks** the models ({shares}) and is better than {best_model} alone in log score.",
    ("stacked", "worse"): "The forecast **stacks** the models ({shares}); in log score {best_model}, picked in hindsight, is better.",
    ("stacked", "not told apart"): (
        "The forecast **stacks** the models ({shares}); in log score it is not told apart from {best_model} alone."
    ),
    ("rule", "better"): "In absolute error {best_model} is better than the best rule that needs no model ({best_rule}).",
    ("rule", "worse"): (
        "In absolute error **a rule that needs no model ({best_rule}) is better than {best_model}**, "
        "though its total is off by {bias:+.0%}."
    ),
    ("rule", "not told apart"): "In absolute error {best_model} and a rule that needs no model ({best_rule}) are **not told apart**.",
    ("coverage", "recorded"): (
        "The forecast's 95 % interval of the total held on {before} of the last {later} dates ({disjoint} without overlap): "
        "{coverage_before}; widened by its own record on {after}: {coverage_after}."
    ),
    ("coverage", "unrecorded"): "Too few past forecasts were over in time to say how far its intervals can be trusted.",
    ("next", "recorded"): "In the next {horizon:g} {unit}s {next_purchases_widened} are expected, with that record taken in.",
    ("next", "unrecorded"): "In the next {horizon:g} {unit}s {next_purchases_widened:value} are expected; no interval is claimed.",
}
ASSUMPTIONS = {
    "past": (  # no mutate: all rows are said, whatever they are called
        "the past dates are like the date from which you will forecast",
        "{compared} and {covered} dates",
        "chosen evenly over these data",
    ),
    "given": ("length of the hold-outs", "{horizon:g} {unit}s to compare, {recorded:g} to record intervals", "given"),
    "automatic": (
        "length of the hold-outs",
        "{horizon:g} {unit}s to compare, {recorded:g} to record intervals",
        "a quarter and a tenth of the observed time",
    ),
    "independent": (  # no mutate: likewise
        "customers are independent of each other",
        "intervals over customers",
        "no shared shocks; the rolling record does show them",
    ),
    "first": ("the first purchase in the file is the first", "{kind}", "first purchases over time, above"),
    "season": (
        "rates do not change with the season",
        "{overlap:.0%} of the days in the same months",
        "months of calibration and hold-out",
    ),
}
MEASURED = {"first", "season"}  # the others are assumed


def views(found: pd.DataFrame | Absent, tested: PurchaseSummary) -> Finding:
    """The error of the total of one hold-out in the three ways in which it is told."""
    customers = Value(tested.counts["customers"], LABELS["customers"], "customers")
    if isinstance(found, Absent):
        absent = missing(found)
        return Finding({"customers": customers}, absent.text, absent.absent)
    turns = [worded(VIEW, "", model=name, cumulative=row["cumulative"], holdout=row["holdout"]) for name, row in found.iterrows()]
    table = Table(found.reset_index(), CAPTIONS["views"], dict.fromkeys(found.columns, "{:+.1%}"))
    return Finding({"customers": customers, "views": table}, sentence(VIEWS, "", turns="; ".join(turns)))


def comparison(compared: ModelComparison | Absent) -> tuple[Finding, ...]:
    """Which model foretells best, and whether it is better than a rule that costs nothing."""
    if isinstance(compared, Absent):
        return (missing(compared, {name: LABELS[name] for name in ("best_model", "best_rule", "score_gain")}),)
    model, rule = compared.best, compared.best_rule
    mine = compared.differences
    shown = mine[(mine["forecast"] == model) & mine["measure"].isin(["log_score", "MAE"])]
    table = compared.table.reset_index()
    title = worded(COMPARISON_TITLE, outcome(compared.lead("MAE", rule)), model=model, rule=rule, bias=compared.table.loc[rule, "bias"])
    dates = plural(compared.by_cut["cut"].nunique(), "date")
    caption = worded(CAPTIONS, "comparison figure", horizon=compared.horizon, unit=compared.unit, dates=dates)
    words = table_in_words("Forecasts compared", table, ["forecast", "log_score", "MAE", "bias"])
    drawing = Drawing(figures.comparison(compared, title=title), caption, words)
    parts: dict[str, Part] = {
        "comparison": Table(table, CAPTIONS["comparison"]),
        "best_model": Value(model, LABELS["best_model"]),
        "best_rule": Value(rule, LABELS["best_rule"]),
        "score_gain": _score_gain(compared),
        "differences": Table(shown, worded(CAPTIONS, "differences", model=model)),
    }
    said = [*_against_rules(compared), *_against_models(compared), *_totals(compared)]
    return Finding({"comparison": drawing}), Finding(parts, " ".join(said))


def cohorts(found: CohortFits | Absent, model: str, unit: str) -> tuple[Finding, ...]:
    """Whether customers first seen at different times differ."""
    if isinstance(found, Absent):
        return (missing(found),)
    key = "differ" if found.p_value < SURE else "alike"
    fitted = found.table.sort_values("borrowed", kind="stable")
    low, high = fitted.iloc[0], fitted.iloc[-1]
    ends = {f"least{end}": low[name] for end, name in ENDS.items()} | {f"most{end}": high[name] for end, name in ENDS.items()}
    told = {"horizon": found.horizon, "unit": unit}
    ends |= {"lowest_end": fitted["borrowed_lower"].min(), "highest_end": fitted["borrowed_upper"].max()}
    one = math.isclose(high["borrowed"], low["borrowed"], rel_tol=1e-9)  # no mutate: what a climb leaves of cohorts that are one
    said = sentence(
        COHORTS,
        "one" if one and key == "alike" else key,
        **ends,
        **told,
        p=p_in_words(found.p_value),
        lowest=low["cohort"],
        highest=high["cohort"],
    )
    caption = worded(CAPTIONS, "cohorts figure", model=model, **told)
    words = table_in_words("Expected of a new customer", found.table, ["cohort", *ENDS.values(), "expected"])
    drawing = Drawing(figures.cohorts(found, unit, title=COHORTS_TITLE[key]), caption, words)
    text = " ".join([said, *([] if one else _newest(found)), *_small_cohorts(found), *_cohort_misses(found)])
    return Finding({"cohorts": drawing}), Finding({"cohorts": Table(found.table, CAPTIONS["cohorts"])}, text)


def beside_lifetimes(found: pd.DataFrame | Absent, compared: ModelComparison, unit: str) -> Finding:
    """BG/NBD as another library fits it."""
    if isinstance(found, Absent):
        return missing(found)
    table = Table(found, worded(CAPTIONS, "beside_lifetimes", horizon=compared.horizon, unit=unit))
    return Finding({"beside_lifetimes": table}, "Where the two differ, the higher log-likelihood is the better fit.")


def in_short(compared: ModelComparison | Absent, covered: RollingCoverage | Absent) -> Finding:
    """The ranking, the rival that costs nothing, and how far the intervals can be trusted."""
    if isinstance(compared, Absent):
        return missing(compared)
    if isinstance(covered, Absent):
        return Finding({}, " ".join([*_ranked(compared), IN_SHORT["coverage", "unrecorded"]]))
    total = covered.shares
    key = record_key(covered)
    said = [
        *_ranked(compared),
        sentence(IN_SHORT, ("coverage", key), **counts(covered), disjoint=int(total["later_disjoint"])),
        sentence(IN_SHORT, ("next", key), horizon=covered.horizon, unit=covered.unit),
    ]
    return Finding({"in_short": rolling_drawing(covered, compared.forecast)}, " ".join(said))


def assumptions(
    compared: ModelComparison | Absent,
    covered: RollingCoverage | Absent,
    pile: FirstPurchasePile,
    gap: SeasonGap,
    dates: tuple[int, int],
    given: float,
) -> list[tuple[str, str, str, str]]:
    """The rows of *What this report assumes*."""
    values = {"compared": dates[0], "covered": dates[1], "kind": pile.kind, "overlap": gap.overlap}
    names = [name for name in ASSUMPTIONS if name not in ("given", "automatic")]
    if not (isinstance(compared, Absent) or isinstance(covered, Absent)):
        names.insert(1, "given" if given else "automatic")
        values |= {"horizon": compared.horizon, "recorded": covered.horizon, "unit": compared.unit}
    return [_assumption(name, values) for name in names]


def _assumption(name: str, values: dict[str, Any]) -> tuple[str, str, str, str]:
    what, value, source = (worded({name: text}, name, **values) for text in ASSUMPTIONS[name])
    return what, value, source, "measured" if name in MEASURED else "assumed"


def _score_gain(compared: ModelComparison) -> Value:
    rival = compared.next_model
    if rival is None:
        return Value(None, LABELS["score_gain"], reason=ALONE["reason"])
    row = compared.lead("log_score", rival)
    return Value(row["gain"], LABELS["score_gain"], interval=(row["lower"], row["upper"]))


def _against_rules(compared: ModelComparison) -> list[str]:
    """A sentence for each measure on the best model and the best rule in it; first where the rule is better, last where the model is."""
    model, said = compared.best, []
    for measure in ("MAE", "MSE", "active_correct"):
        row = compared.best_rival(measure)
        verdict_, rival = outcome(row), row["against"]
        text = sentence(RIVAL, verdict_, model=model, rival=rival, measure=MEASURES[measure], **filled(row))
        bias = compared.table.loc[rival, "bias"]
        if measure == "MAE" and verdict_ != "better" and bias < TOO_LOW:
            text = " ".join([text, sentence(TOO_LITTLE, "", rival=rival, bias=bias)])
        said.append((ORDER.index(verdict_), text))
    return [text for _, text in sorted(said, key=lambda each: each[0])]


def _against_models(compared: ModelComparison) -> list[str]:
    rows = [(name, compared.lead("log_score", name)) for name in compared.table.index if name in compared.models and name != compared.best]
    return [sentence(OTHERS, outcome(row), model=compared.best, other=name, **filled(row)) for name, row in rows]


def _totals(compared: ModelComparison) -> list[str]:
    own, cuts = compared.table.loc[compared.best], compared.by_cut["cut"].nunique()
    key = "several" if cuts > 1 else "one"
    return [
        sentence(TOTALS, key, model=compared.best, bias=own["bias"], low=own["lowest_bias"], high=own["highest_bias"]),
        sentence(RESTS, key, cuts=cuts, horizon=compared.horizon, unit=compared.unit, disjoint=compared.disjoint),
    ]


def _ranked(compared: ModelComparison) -> list[str]:
    """The best model beside the next, all of them stacked, and the best model beside the best rule."""
    rival, rule = compared.next_model, compared.best_rule
    model = "alone" if rival is None else outcome(compared.lead("log_score", rival))
    bias, stacked = compared.table.loc[rule, "bias"], []
    if rival is not None:
        stacked = [sentence(IN_SHORT, ("stacked", outcome(stacked_lead(compared))), shares=shares_in_words(compared))]
    return [
        sentence(IN_SHORT, ("model", model), next=rival),
        *stacked,
        sentence(IN_SHORT, ("rule", outcome(compared.lead("MAE", rule))), bias=bias),
    ]


def _small_cohorts(found: CohortFits) -> list[str]:
    count = len(found.table) - len(found.fits)
    return [sentence(TOO_SMALL, "several" if count > 1 else "one", count=count, least=FEWEST)] if count else []


def _newest(found: CohortFits) -> list[str]:
    """Whether a customer of the last cohort is expected to come back more often than one of the first."""
    if found.newest is None:
        return []
    ratio, lower, upper = found.newest
    names = found.table["cohort"].to_list()
    key = verdict(lower - 1, upper - 1)
    return [sentence(NEWEST, key, ratio=ratio, lower=lower, upper=upper, newest=names[-1], oldest=names[0])]


def _cohort_misses(found: CohortFits) -> list[str]:
    return [sentence(COHORTS_MISS, "", **found.misses)] if found.misses else []
