"""Every wording of the comparison of purchase models, reached from data."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from tests.findings.test_purchase_intervals import covered
from tests.findings.told import told

from goodwill.findings.finding import Absent
from goodwill.findings.purchases.purchase_models_compared import (
    assumptions,
    beside_lifetimes,
    cohorts,
    comparison,
    in_short,
    views,
)
from goodwill.inference.uncertainty import Interval
from goodwill.lifetime_value.evidence.cohorts import CohortFits
from goodwill.lifetime_value.evidence.comparison import ModelComparison

WON, LOST, EVEN = (0.06, 0.05, 0.07, 4), (-0.06, -0.07, -0.05, 0), (0.0006, -0.001, 0.0021, 3)


def compared(
    mae: Any = LOST,
    second: Any = EVEN,
    models: tuple[str, ...] = ("MBG/NBD", "BG/NBD"),
    bias: float = -0.6,
    cuts: int = 4,
    active: Any = EVEN,
    over_stacked: Any = EVEN,
) -> ModelComparison:
    """Two models, stacked, and two rules; the rule `hiatus` is the best."""
    several = len(models) > 1
    names = [*models, *["stacked"][:several], "hiatus", "nobody buys"]
    scores = [*[-0.7, -0.8][: len(models)], *[-0.71][:several], None, None]
    table = pd.DataFrame({"log_score": scores, "bias": -0.124}, index=pd.Index(names, name="forecast"))
    table["MAE"] = [*([0.46, 0.47][: len(models)]), *[0.465][:several], 0.4, 0.42]
    table = table.astype(float).assign(lowest_bias=-0.197, highest_bias=-0.008)
    table.loc["hiatus", "bias"] = bias
    table = table.assign(bias_lower=table["bias"] - 0.1, bias_upper=table["bias"] + 0.1)
    pairs = [("hiatus", "MAE", mae), ("nobody buys", "MAE", WON), ("hiatus", "RMSE", WON), ("nobody buys", "RMSE", WON)]
    pairs += [("hiatus", "active_correct", active), ("nobody buys", "active_correct", WON)]
    pairs += [("BG/NBD", "log_score", second), ("BG/NBD", "MAE", WON), ("stacked", "log_score", over_stacked)] if several else []
    rows = [(models[0], name, measure, *row[:3], 4, row[3]) for name, measure, row in pairs]
    differences = pd.DataFrame(rows, columns=["forecast", "against", "measure", "gain", "lower", "upper", "cuts", "cuts_better"])
    differences["measure"] = differences["measure"].replace("RMSE", "MSE")
    by_cut = pd.DataFrame({"cut": pd.date_range("2025-01-05", periods=cuts, freq="28D")})
    shares = {models[0]: [0.5, 0.7, 0.416], models[-1]: [0.5, 0.3, 0.584], "dates": [0, 1, cuts]}
    weights = pd.DataFrame(shares) if several else pd.DataFrame()
    return ModelComparison(table, by_cut, differences, pd.Series(dtype=float), models, 2, 19.0, "week", 0.95, weights)


def test_the_error_of_the_total_is_told_in_three_views() -> None:
    tested: Any = SimpleNamespace(counts={"customers": 2357})
    found = pd.DataFrame({"cumulative": [-0.041, 0.02], "holdout_new": 0.1, "holdout": [-0.121, 0.03]}, index=["BG/NBD", "MBG/NBD"])
    assert told(views(found.rename_axis("model"), tested)) == [
        "customers | Customers known by the middle of the data | 2357 customers",
        "views | Error of the total, as a share of what came, in three views | model, cumulative, holdout_new, holdout | {'cumulative': "
        "'{:+.1%}', 'holdout_new': '{:+.1%}', 'holdout': '{:+.1%}'}",
        "Of {customers}, one half of the data foretells the other. From the cumulative view to the hold-out alone, the error of the total "
        "changes so: BG/NBD: −4.1% turns into −12.1%; MBG/NBD: +2.0% turns into +3.0%. One hold-out, so no interval; the next sections "
        "have several.",
    ]
    assert told(views(Absent("Too few."), tested)) == [
        "customers | Customers known by the middle of the data | 2357 customers",
        "absent: Too few.",
    ]


def test_the_comparison_is_told_with_what_speaks_against_the_model_first() -> None:
    assert told(*comparison(compared())) == [
        "comparison | By absolute error MBG/NBD is worse than the rule 'hiatus', which foretells a total off by −60% | Forecasts of 19 "
        "weeks from 4 dates; 95 % intervals over customers, a customer's dates kept together. | Forecasts compared. MBG/NBD: log score "
        "-0.7, MAE 0.46, bias -0.124; BG/NBD: log score -0.8, MAE 0.47, bias -0.124; stacked: log score "
        "-0.71, MAE 0.465, bias -0.124; hiatus: log score none, MAE 0.4, bias -0.6; nobody "
        "buys: log score none, MAE 0.42, bias -0.124.",
        "comparison | All measures, with intervals over customers | forecast, log_score, bias, MAE, lowest_bias, highest_bias, "
        "bias_lower, bias_upper",
        "best_model | Best model by log score | MBG/NBD",
        "best_rule | Best rule without a model by mean absolute error | hiatus",
        "score_gain | Lead of the best model over the next in log score per customer | 0.0006 [-0.001, 0.0021]",
        "differences | How much better MBG/NBD is than each other forecast (positive: MBG/NBD is better), over customers and over dates | "
        "forecast, against, measure, gain, lower, upper, cuts, cuts_better",
        "**MBG/NBD is worse than hiatus**, a rule without a model, in mean absolute error: gain −0.060 [−0.070, −0.050], better on 0 of 4 "
        "dates. But the total that hiatus foretells is off by −60%: absolute errors reward who foretells too little. **MBG/NBD and "
        "hiatus**, a rule without a model, **are not told apart** in the share told rightly whether they buy at all: gain +0.001 "
        "[−0.001, +0.002], better on 3 of 4 dates. **MBG/NBD is better than hiatus**, the best rule without a model, in mean squared "
        "error: gain +0.060 [+0.050, "
        "+0.070], better on 4 of 4 dates. In log score MBG/NBD and BG/NBD are not told apart: gain +0.0006 [−0.0010, +0.0021] per "
        "customer, better on 3 of 4 dates. The totals that MBG/NBD foretold were off by −12.4% on the whole, between −19.7% and −0.8% by "
        "date. This rests on 4 dates with hold-outs of 19 weeks, of which 2 do not overlap.",
    ]
    shown: Any = comparison(compared())[1].parts["differences"]
    assert shown.frame[["against", "measure"]].to_numpy().tolist() == [
        ["hiatus", "MAE"],
        ["nobody buys", "MAE"],
        ["BG/NBD", "log_score"],
        ["BG/NBD", "MAE"],
        ["stacked", "log_score"],
    ]


def test_a_lead_that_the_interval_carries_is_called_better() -> None:
    drawn, said = comparison(compared(mae=WON, second=WON, cuts=1))
    assert told(drawn)[0].startswith(
        "comparison | By absolute error MBG/NBD is better than every rule without a model | Forecasts of 19 weeks from 1 date; 95 %"
    )
    assert said.text.startswith(
        "**MBG/NBD and hiatus**, a rule without a model, **are not told apart** in the share told rightly whether they buy at all: gain"
    )
    assert said.text.endswith(
        " dates. In log score MBG/NBD is better than BG/NBD: gain +0.0600 [+0.0500, +0.0700] per customer, better on 4 of 4 dates. The "
        "total that MBG/NBD foretold was off by −12.4%. This rests on one date with a hold-out of 19 weeks: another date may rank "
        "differently."
    )
    assert "absolute errors reward who foretells too little" not in said.text


def test_two_dates_are_several() -> None:
    assert comparison(compared(cuts=2))[1].text.endswith(
        "between −19.7% and −0.8% by date. This rests on 2 dates with hold-outs of 19 weeks, of which 2 do not overlap."
    )


def test_a_rule_that_is_not_told_apart_is_named_with_its_total() -> None:
    drawn, said = comparison(compared(mae=EVEN, bias=-0.26))
    assert told(drawn)[0].startswith(
        "comparison | By absolute error MBG/NBD and the rule 'hiatus' are not told apart; the rule's total is off by −26% | Forecasts"
    )
    assert "But the total that hiatus foretells is off by −26%: absolute errors reward who foretells too little." in said.text
    assert "But the total" not in comparison(compared(mae=EVEN, bias=-0.25))[1].text


def test_one_model_alone_leads_nobody() -> None:
    _, said = comparison(compared(models=("BG/NBD",)))
    gain: Any = said.parts["score_gain"]
    assert (gain.value, gain.reason) == (None, "there is no second model")
    assert "log score" not in said.text


def test_a_comparison_that_cannot_be_made_says_why_under_each_name() -> None:
    assert told(*comparison(Absent("Too few."))) == [
        "best_model | Best model by log score | none: Too few.",
        "best_rule | Best rule without a model by mean absolute error | none: Too few.",
        "score_gain | Lead of the best model over the next in log score per customer | none: Too few.",
        "absent: Too few.",
    ]


def cohort_fits(
    p: float = 0.647, small: int = 0, misses: bool = True, newest: tuple[float, float, float] | None = None, alike: bool = False
) -> CohortFits:
    names = ["2025-01", "2025-02", "2025-03", "2025-04"][: 2 + small]
    table = pd.DataFrame({"cohort": names, "customers": 80, "repeaters": 60, "pooled": 0.92})
    for column, values in {"expected": [0.94, 0.89], "lower": [0.82, 0.77], "upper": [1.08, 1.04]}.items():
        table[column] = [*values, *[None] * small]
    table = table.astype({"expected": float, "lower": float, "upper": float})
    for column, first, second in (("borrowed", 0.93, 0.9), ("borrowed_lower", 0.83, 0.79), ("borrowed_upper", 1.04, 1.01)):
        table[column] = [first, first if alike and column == "borrowed" else second, *[(first + second) / 2] * small]
    fits: Any = {"2025-01": None, "2025-02": None}
    nothing: Any = None
    missed = {"own": 0.182, "borrowing": 0.171, "together": 0.162} if misses else {}
    return CohortFits(table, fits, nothing, 27.2, 5.0, 4, p, missed, None, Interval(*newest) if newest else None)


SAID = (
    "(p = 0.647). Drawn towards each other by what chance explains, a new customer is expected to come back 0.90 [0.79, 1.01] times in "
    "2025-02 and 0.93 [0.83, 1.04] times in 2025-01 within 27 weeks."
)


def test_the_last_of_all_cohorts_is_the_newest() -> None:
    text = told(*cohorts(cohort_fits(small=1, newest=(1.2, 1.1, 1.3)), "MBG/NBD", "week"))[-1]
    assert "one of 2025-03 is expected to come back 1.20 [1.10, 1.30] times as often as one of 2025-01." in text


def test_cohorts_that_chance_may_explain_are_not_told_apart() -> None:
    assert told(*cohorts(cohort_fits(), "MBG/NBD", "week")) == [
        "cohorts | Cohorts of first purchase are not told apart | MBG/NBD: repeat purchases expected of a new customer within 27 weeks, by "
        "fits of the cohorts that borrow from each other (95 %, parameters only), by fits that do not, and by one fit for all. | Expected "
        "of a new customer. 2025-01: borrowed 0.93, borrowed lower 0.83, borrowed upper 1.04, expected 0.94; 2025-02: borrowed 0.9, "
        "borrowed lower 0.79, borrowed upper 1.01, expected 0.89.",
        "cohorts | Cohorts of first purchase: expected of a new customer, by fits that borrow from each other, of which the own share "
        "rests on the cohort itself, by fits of their own, and by the fit for all; purchases of the hold-out, and what each of the three "
        "expected | cohort, customers, repeaters, pooled, expected, lower, upper, borrowed, borrowed_lower, borrowed_upper",
        "The cohorts are not told apart (p = 0.647). Drawn towards each other by what chance explains, a new customer is expected to come "
        "back 0.90 [0.79, 1.01] times in 2025-02 and 0.93 [0.83, 1.04] times in 2025-01 within 27 weeks. In the hold-out, fits by cohort "
        "miss the cohorts' purchases by 18.2% in all, fits that borrow by 17.1%, one fit for everybody by 16.2%. One hold-out, so no "
        "interval, and none is called better.",
    ]


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("found", "title", "said"),
    [
        (
            cohort_fits(0.049, misses=False),
            "Cohorts of first purchase differ",
            "The cohorts differ (p = 0.049). Drawn towards each other by what chance explains, a new customer is expected to come back "
            "0.90 [0.79, 1.01] times in 2025-02 and 0.93 [0.83, 1.04] times in 2025-01 within 27 weeks.",
        ),
        (
            cohort_fits(small=1, misses=False),
            "Cohorts of first purchase are not told apart",
            f"The cohorts are not told apart {SAID} 1 cohort with fewer than 50 customers who came back has no fit of its own, and leans "
            "on the others.",
        ),
        (
            cohort_fits(small=2, misses=False),
            "Cohorts of first purchase are not told apart",
            f"The cohorts are not told apart {SAID} 2 cohorts with fewer than 50 customers who came back have no fits of their own, and "
            "lean on the others.",
        ),
        (
            cohort_fits(misses=False, alike=True, newest=(1.0, 0.9, 1.1)),
            "Cohorts of first purchase are not told apart",
            "The cohorts are not told apart (p = 0.647), and their most plausible fit is one for all: in each of them a new customer is "
            "expected to come back 0.93 times within 27 weeks; their intervals reach from 0.79 to 1.04.",
        ),
    ],
    ids=["differ", "one small", "two small", "one for all"],
)
def test_cohorts_differ_below_one_in_twenty_and_small_ones_are_counted(found: CohortFits, title: str, said: str) -> None:
    drawn, table = cohorts(found, "MBG/NBD", "week")
    assert told(drawn)[0].startswith(f"cohorts | {title} | ")
    assert table.text == said
    assert cohorts(cohort_fits(0.05), "MBG/NBD", "week")[1].text.startswith("The cohorts are not told apart (p = 0.050)")


@pytest.mark.parametrize(
    ("newest", "said"),
    [
        (
            (1.32, 1.1, 1.6),
            "**Newer customers come back more**: one of 2025-02 is expected to come back 1.32 [1.10, 1.60] times as often as one of "
            "2025-01.",
        ),
        (
            (0.7, 0.5, 0.97),
            "**Newer customers come back less**: one of 2025-02 is expected to come back 0.70 [0.50, 0.97] times as often as one of "
            "2025-01.",
        ),
        (
            (0.97, 0.8, 1.2),
            "Whether newer customers come back more or less is not told apart: one of 2025-02 is expected to come back 0.97 [0.80, 1.20] "
            "times as often as one of 2025-01.",
        ),
    ],
    ids=["more", "less", "not told apart"],
)
def test_whether_newer_customers_come_back_more_is_said(newest: tuple[float, float, float], said: str) -> None:
    assert cohorts(cohort_fits(misses=False, newest=newest), "MBG/NBD", "week")[1].text == f"The cohorts are not told apart {SAID} {said}"


def test_cohorts_too_small_say_so() -> None:
    assert told(*cohorts(Absent("Too small."), "MBG/NBD", "week")) == ["absent: Too small."]


def test_the_other_library_stands_beside_this_one() -> None:
    frame = pd.DataFrame({"quantity": ["r"], "lifetimes": 0.2, "goodwill": 0.2, "difference": 0.0})
    assert told(beside_lifetimes(frame, compared(), "week"), beside_lifetimes(Absent("None."), compared(), "week")) == [
        "beside_lifetimes | BG/NBD by lifetimes and by this library: parameters, log-likelihood, purchases expected in 19 weeks | "
        "quantity, lifetimes, goodwill, difference",
        "Where the two differ, the higher log-likelihood is the better fit.",
        "absent: None.",
    ]


FIRST = "**{best_model} and BG/NBD are not told apart** in log score: the lead is {score_gain}."
STACKED = "The forecast **stacks** the models (BG/NBD 58%, MBG/NBD 42%); in log score it is not told apart from {best_model} alone."
TIE = f"{FIRST} {STACKED}"
RECORD = (
    "The forecast's 95 % interval of the total held on 2 of the last 4 dates (2 without overlap): {coverage_before}; widened by its own "
    "record on 4: {coverage_after}. In the next 8 weeks {next_purchases_widened} are expected, with that record taken in."
)
NONE = (
    "Too few past forecasts were over in time to say how far its intervals can be trusted. In the next 8 weeks "
    "{next_purchases_widened:value} are expected; no interval is claimed."
)
WORSE = "In absolute error **a rule that needs no model ({best_rule}) is better than {best_model}**, though its total is off by −60%."
TIED = "In absolute error {best_model} and a rule that needs no model ({best_rule}) are **not told apart**."


@pytest.mark.parametrize(
    ("found", "past", "said"),
    [
        (compared(), covered(), f"{TIE} {WORSE} {RECORD}"),
        (
            compared(over_stacked=LOST),
            covered(),
            f"{FIRST} The forecast **stacks** the models (BG/NBD 58%, MBG/NBD 42%) and is better than {{best_model}} alone in log score. "
            f"{WORSE} {RECORD}",
        ),
        (
            compared(over_stacked=WON),
            covered(),
            f"{FIRST} The forecast **stacks** the models (BG/NBD 58%, MBG/NBD 42%); in log score {{best_model}}, picked in hindsight, is "
            f"better. "
            f"{WORSE} {RECORD}",
        ),
        (compared(mae=EVEN), covered(2, record=False), f"{TIE} {TIED} {NONE}"),
        (
            compared(mae=WON, second=WON),
            covered(),
            "**{best_model} ranks first** among the models: it leads BG/NBD in log score by {score_gain}. "
            f"{STACKED} In absolute error "
            "{best_model} is better than the best rule that needs no model ({best_rule}). " + RECORD,
        ),
        (compared(models=("BG/NBD",)), covered(), f"{{best_model}} is the only model here. {WORSE} {RECORD}"),
        (
            compared(),
            Absent("Too short."),
            f"{TIE} {WORSE} Too few past forecasts were over in time to say how far its intervals can be trusted.",
        ),
    ],
    ids=["tie", "stacked wins", "stacked loses", "no record", "better", "alone", "too short"],
)
def test_in_short_ranks_and_says_how_far_intervals_hold(found: ModelComparison, past: Any, said: str) -> None:
    short = in_short(found, past)
    assert short.text == said
    assert list(short.parts) == ([] if isinstance(past, Absent) else ["in_short"])


def test_in_short_is_absent_when_the_comparison_is() -> None:
    assert told(in_short(Absent("Too few."), covered())) == ["absent: Too few."]
    assert told(in_short(compared(), covered()))[0].startswith("in_short | The interval held the total on 3 of 6 dates; of the last")


LENGTH = ("length of the hold-outs", "19 weeks to compare, 8 to record intervals")


def test_assumptions_name_what_was_chosen_and_where_it_comes_from() -> None:
    pile: Any = SimpleNamespace(kind="cohort")
    gap: Any = SimpleNamespace(overlap=0.66)
    found = assumptions(compared(), covered(), pile, gap, (4, 12), 0.0)
    assert found == [
        ("the past dates are like the date from which you will forecast", "4 and 12 dates", "chosen evenly over these data", "assumed"),
        (*LENGTH, "a quarter and a tenth of the observed time", "assumed"),
        (
            "customers are independent of each other",
            "intervals over customers",
            "no shared shocks; the rolling record does show them",
            "assumed",
        ),
        ("the first purchase in the file is the first", "cohort", "first purchases over time, above", "measured"),
        ("rates do not change with the season", "66% of the days in the same months", "months of calibration and hold-out", "measured"),
    ]
    assert assumptions(compared(), covered(), pile, gap, (4, 12), 9.0)[1] == (*LENGTH, "given", "assumed")
    for absent in ((Absent("None."), covered()), (compared(), Absent("None."))):
        assert assumptions(*absent, pile, gap, (4, 12), 9.0) == [found[0], *found[2:]]
