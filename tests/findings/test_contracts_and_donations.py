"""The words of notebook 07, each reached from data."""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.findings.told import told

from goodwill.data.survival import read_survival
from goodwill.errors import TooLittle
from goodwill.figures import contracts as figures
from goodwill.findings.finding import Absent, Finding, Value, attempt, missing
from goodwill.findings.purchases import contracts_and_donations as said
from goodwill.inference.uncertainty import Interval
from goodwill.lifetime_value.retention import holdout_misses, miss_difference, retention_rises, worst_misses

NO_HOLDOUT = Absent("The table ends with the fitted periods, so nothing was held out.")


@cache
def survival() -> pd.DataFrame:
    return pd.DataFrame({"cohort": ["A"] * 4 + ["B"] * 4, "time": [0, 1, 2, 3] * 2, "customers": [1000, 600, 450, 400, 500, 400, 350, 320]})


def forecasts(model: list[float], constant: list[float], held_out: bool = True) -> pd.DataFrame:
    """Forecasts of `survival` that are right but for the last time of each cohort."""
    table = survival()
    actual = table["customers"] / table.groupby("cohort")["customers"].transform("first")
    frame = pd.DataFrame({"cohort": table["cohort"], "time": table["time"], "held_out": held_out & (table["time"] == 3), "actual": actual})
    for name, last in (("forecast", model), ("sBG", model), ("constant", constant)):
        frame[name] = actual.mask(table["time"] == 3, np.repeat(last, 4))
    return frame.assign(lower=frame["forecast"] - 0.02, upper=frame["forecast"] + 0.02, model="sBG", BdW=np.nan)


def texts(figure) -> str:
    figure.draw_without_rendering()
    return " ".join(figure.get_suptitle().split())


def test_survivors_stand_in_a_column_per_cohort() -> None:
    finding = said.survivors(survival(), "month")
    table = finding.parts["survival_table"]
    assert (finding.text, list(finding.parts)) == ("", ["survival_table"])
    assert table.caption == "Customers under contract after so many months"
    assert table.frame.to_numpy().tolist() == [[0, 1000, 500], [1, 600, 400], [2, 450, 350], [3, 400, 320]]
    assert list(table.frame.columns) == ["time", "A", "B"]


def fit(aic: float, warnings: tuple[str, ...] = ()) -> SimpleNamespace:
    estimates = pd.DataFrame({"estimate": [1.0]}, index=pd.Index(["alpha"], name="parameter"))
    return SimpleNamespace(estimates=estimates, aic=aic, warnings=warnings)


def test_models_say_which_is_ahead_and_what_is_wrong_with_it() -> None:
    fits = {
        "A_1": {"sBG": fit(3364.5), "BdW": fit(3365.25, ("not this",))},
        "B": {"sBG": fit(90.0, ("not this",)), "BdW": fit(85.1, ("one thing", "another"))},
        "C": {"sBG": fit(5.0)},
        "D": {"sBG": fit(5.0, ("nobody seems to leave",))},
    }
    in_use = {"A_1": ("sBG", fit(1.0)), "B": ("BdW", fit(1.0))}
    finding = said.models(pd.DataFrame({"cohort": ["A_1", "B", "C", "D", "D"]}), fits, in_use, 7, "year")
    assert finding.text.split("\n\n") == [
        "**A\\_1:** by AIC sBG is ahead (3,364.5 for sBG, 3,365.2 for BdW).",
        "**B:** by AIC BdW is ahead (90.0 for sBG, 85.1 for BdW). Of BdW: one thing another.",
        "**C:** too few renewals for BdW, so sBG alone.",
        "**D:** too few renewals for BdW, so sBG alone. Of sBG: nobody seems to leave.",
        "Forecasts and values below are by sBG for A\\_1 and BdW for B.",
        "Without a value, because too few renewals are known or nobody left: C and D.",
    ]
    table = finding.parts["contract_models"]
    assert list(finding.parts) == ["contract_models"]
    assert table.caption == "Contract models, fitted to the first 7 years"
    assert table.frame.to_numpy().tolist()[1:3] == [["A_1", "BdW", "alpha", 1.0], ["B", "sBG", "alpha", 1.0]]
    assert list(table.frame.columns) == ["cohort", "model", "parameter", "estimate"]


def test_nothing_is_said_of_cohorts_left_out_when_none_is() -> None:
    finding = said.models(pd.DataFrame({"cohort": ["C"]}), {"C": {"sBG": fit(5.0)}}, {"C": ("sBG", fit(5.0))}, 7, "year")
    assert finding.text == ("**C:** too few renewals for BdW, so sBG alone.\n\nForecasts and values below are by sBG for C.")


def test_survival_says_the_misses_of_the_holdout() -> None:
    table = forecasts([0.41, 0.60], [0.30, 0.66])
    drawing = said.survival(table, "year", worst=worst_misses(holdout_misses(table))).parts["survival"]
    assert texts(drawing.figure) == "At the end of the hold-out the model misses by at most 6%, one constant rate by 25%"
    assert drawing.caption == (
        "Share still under contract. Right of the grey line the models have seen nothing. Bands hold 95 % of what may come, if the "
        "model is right: left of the line for another cohort of this size, right of it from the customers who were there."
    )
    assert drawing.words == (
        "Share still under contract. A 0: actual 1, forecast 1, constant 1; A 1: actual 0.6, forecast 0.6, constant 0.6; "
        "A 2: actual 0.45, forecast 0.45, constant 0.45; A 3: actual 0.4, forecast 0.41, constant 0.3; B 0: actual 1, "
        "forecast 1, constant 1; "
        "B 1: actual 0.8, forecast 0.8, constant 0.8; B 2: actual 0.7, forecast 0.7, constant 0.7; B 3: actual 0.64, "
        "forecast 0.6, constant 0.66."
    )
    assert drawing.figure.axes[0].get_xlabel() == "years since the start"


def test_survival_without_a_holdout_claims_no_check() -> None:
    table = forecasts([0.41, 0.60], [0.30, 0.66], held_out=False)
    assert attempt(worst_misses, holdout_misses(table)) == NO_HOLDOUT
    assert texts(said.survival(table, "year", worst=NO_HOLDOUT).parts["survival"].figure) == (
        "Share still under contract: what the models were fitted to"
    )


def beaten(model: list[float], constant: list[float]) -> Finding:
    table = forecasts(model, constant)
    misses = holdout_misses(table)
    return said.beaten(misses, worst_misses(misses), miss_difference(survival(), table))


def test_the_model_that_misses_by_less_than_chance_explains_is_said_to() -> None:
    finding = beaten([0.41, 0.60], [0.20, 0.30])
    assert finding.text == (
        "At the end of the hold-out the model misses by at most {model_miss}, one constant rate by {rule_miss}: **the "
        "model misses by less** "
        "({miss_difference}), by more than the chance of who stayed can explain."
    )
    assert list(finding.parts) == ["model_miss", "rule_miss", "miss_difference", "holdout_misses"]
    model, rule, apart, table = finding.parts.values()
    assert model == Value(pytest.approx(0.0625), "Largest miss of the model at the end of the hold-out", "share")
    assert rule == Value(pytest.approx(0.53125), "Largest miss of one constant rate", "share")
    assert apart[1:3] == ("Largest miss of the model minus that of one constant rate", "share")
    assert apart.value.estimate == pytest.approx(0.0625 - 0.53125)
    assert table.caption == "Survival at the last held-out time: actual, predicted, and relative error"
    assert len(table.frame) == 4


def test_the_model_that_misses_by_more_is_said_to() -> None:
    assert beaten([0.20, 0.30], [0.41, 0.64]).text == (
        "At the end of the hold-out the model misses by at most {model_miss}, one constant rate by {rule_miss}: **the "
        "constant rate misses by "
        "less** ({miss_difference}), by more than the chance of who stayed can explain."
    )


def test_misses_that_chance_may_explain_are_not_told_apart() -> None:
    assert beaten([0.41, 0.64], [0.39, 0.64]).text == (
        "At the end of the hold-out the model misses by at most {model_miss}, one constant rate by {rule_miss}. With "
        "the chance of who stayed "
        "**the two are not told apart** ({miss_difference})."
    )


def test_without_a_holdout_nothing_is_compared() -> None:
    finding = said.beaten(pd.DataFrame(), NO_HOLDOUT, NO_HOLDOUT)
    assert (finding.text, finding.absent) == (NO_HOLDOUT.why, NO_HOLDOUT)
    *values, table = finding.parts.values()
    assert list(finding.parts) == ["model_miss", "rule_miss", "miss_difference", "holdout_misses"]
    assert [tuple(value[:3]) for value in values] == [
        (None, "Largest miss of the model at the end of the hold-out", "share"),
        (None, "Largest miss of one constant rate", "share"),
        (None, "Largest miss of the model minus that of one constant rate", "share"),
    ]
    assert table.caption == "Survival at the last held-out time: actual, predicted, and relative error"


def test_what_alone_is_missing_of_a_comparison_says_why_there_is_none() -> None:
    worst, difference = {"model": 0.02, "constant": 0.7}, Interval(-0.7, -0.8, -0.6)
    only = Absent("One cohort is no comparison.")
    assert said.beaten(pd.DataFrame(), worst, only).absent == only
    assert said.beaten(pd.DataFrame(), only, difference).absent == only


def rates(a: tuple[float, float], b: tuple[float, float]) -> pd.DataFrame:
    return pd.DataFrame(
        {"cohort": ["A", "A", "B", "B"], "time": [1, 2, 1, 2], "asked": [1000, 600, 500, 400], "actual": [*a, *b], "expected": 0.75}
    )


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("a", "b", "title"),
    [
        ((0.6, 0.75), (0.8, 0.9), "In every cohort more of those asked stay at the last renewal than at the first"),
        ((0.75, 0.6), (0.9, 0.8), "In every cohort fewer of those asked stay at the last renewal than at the first"),
        ((0.6, 0.75), (0.8, 0.8), "Not in every cohort can the last retention rate be told from the first"),
        ((0.6, 0.6), (0.8, 0.8), "Not in every cohort can the last retention rate be told from the first"),
    ],
)
def test_retention_says_whether_it_rises(a: tuple[float, float], b: tuple[float, float], title: str) -> None:
    table = rates(a, b)
    drawing = said.retention(table, retention_rises(table), "month").parts["retention"]
    assert texts(drawing.figure) == title
    assert drawing.figure.axes[0].get_xlabel() == "renewal (months since the start)"


def test_retention_is_told_in_words() -> None:
    table = rates((0.6, 0.75), (0.8, 0.9))
    drawing = said.retention(table, retention_rises(table), "month").parts["retention"]
    assert drawing.caption == (
        "Retention rate at each renewal: dots are the data, dashes what the model expects. A dot rests on fewer "
        "customers the further right it "
        "stands."
    )
    assert drawing.words == (
        "Retention rate by renewal. A 1: actual 0.6, expected 0.75; A 2: actual 0.75, expected 0.75; B 1: actual 0.8, expected 0.75; "
        "B 2: actual 0.9, expected 0.75."
    )


@cache
def values() -> dict[str, pd.DataFrame]:
    names = ["tenure", "new", "after 0", "after 1", "after 2", "after 3", "after 4", "rise", "point 1"]
    one = pd.DataFrame({"estimate": np.arange(9.0), "lower": np.arange(9.0) - 0.5, "upper": np.arange(9.0) + 0.5}, index=names)
    return {"all cohorts": one, "B": one + 10}


def test_worth_records_the_values_of_a_contract() -> None:
    finding = said.worth(values(), "USD", "month", 24)
    assert finding.text == (
        "A new contract is worth {value_new}; one that has been renewed four times {value_after_four}, although the first period of the "
        "new one is certain. Of the first 24 months a new customer stays for {tenure}."
    )
    new, after, tenure, table = finding.parts.values()
    assert list(finding.parts) == ["value_new", "value_after_four", "tenure", "contract_values"]
    formats = finding.parts["contract_values"].formats
    assert {name: shown(4.89372) for name, shown in formats.items()} == {"estimate": "4.89", "lower": "4.89", "upper": "4.89"}
    assert (new.value["estimate"], *new[1:3]) == (1.0, "Value of a new contract (all cohorts)", "USD")
    assert (after.value["estimate"], *after[1:3]) == (6.0, "Value to come after four renewals, before the fifth (all cohorts)", "USD")
    assert (tenure.value["estimate"], *tenure[1:3]) == (0.0, "Expected months under contract of the first 24 (all cohorts)", "months")
    assert table.caption == "Values (USD), with the uncertainty of the parameters at 95 %"
    assert list(table.frame.columns) == ["cohort", "what", "estimate", "lower", "upper"] and len(table.frame) == 18
    assert table.frame["what"].tolist()[9:] == [
        "expected months under contract, of the first 24",
        "value of a new contract",
        "value to come before the first renewal",
        "value to come after 1 renewal, before the next",
        "value to come after 2 renewals, before the next",
        "value to come after 3 renewals, before the next",
        "value to come after 4 renewals, before the next",
        "value to come after 4 renewals less that before the first",
        "one percentage point more at renewal 1, per new customer",
    ]


def test_residual_value_is_drawn_by_cohort() -> None:
    drawing = said.residual(values(), "USD").parts["residual_value"]
    assert texts(drawing.figure) == "Whoever has renewed four times has more to come than whoever decides for the first time"
    assert drawing.caption == (
        "Discounted margin to come of a customer who now decides on the next renewal, by renewals made so far; bars are 95 % intervals of "
        "the parameters."
    )
    assert drawing.words == (
        "Value to come, all cohorts. before the first renewal: estimate 2; after 1 renewal, before the next: estimate 3; after 2 renewals, "
        "before the next: estimate 4; after 3 renewals, before the next: estimate 5; after 4 renewals, before the next: estimate 6. "
        "Value to come, B. before the first renewal: estimate 12; after 1 renewal, before the next: estimate 13; after 2 renewals, before "
        "the next: estimate 14; after 3 renewals, before the next: estimate 15; after 4 renewals, before the next: estimate 16."
    )
    assert drawing.figure.axes[0].get_ylabel() == "to come, USD"


@pytest.mark.parametrize(
    ("rises", "title"),
    [
        ([-1.0, -2.0], "Whoever has renewed four times has less to come than whoever decides for the first time"),
        ([1.0, -2.0], "Not in every cohort has more to come who has renewed four times"),
        ([0.0, 0.0], "Not in every cohort has more to come who has renewed four times"),
    ],
)
def test_residual_value_need_not_rise(rises: list[float], title: str) -> None:
    tables = {name: table.copy() for name, table in values().items()}
    for table, rise in zip(tables.values(), rises, strict=True):
        table.loc["rise"] = [rise, rise - 0.5, rise + 0.5]
    assert texts(said.residual(tables, "USD").parts["residual_value"].figure) == title


def test_a_point_of_renewals_has_a_price() -> None:
    finding = said.point(values(), "USD")
    value = finding.parts["renewal_point"]
    assert (value.value["estimate"], *value[1:3]) == (
        8.0,
        "Worth of one percentage point more at the first renewal, per new customer (all cohorts)",
        "USD",
    )
    assert finding.text == (
        "One percentage point more of renewals at the first renewal is worth {renewal_point} per customer won. An effort that costs more "
        "per customer than that does not pay, even if it works; whether it works only a trial can tell."
    )


def test_givers_are_counted_and_foretold() -> None:
    alive, gifts = Interval(0.6, 0.5, 0.7), pd.Series({"estimate": 12.0, "lower": 9.0, "upper": 15.0})
    donors = pd.DataFrame({"weight": [3, 4]})
    finding = said.giving(donors, fit(1.0), alive, gifts)
    assert finding.text == (
        "Of {donors}, those with a repeat gift are still there next year with a mean probability of {donors_alive}. In the next five years "
        "they and the others are expected to give {gifts_expected}, if the model is right; there is no hold-out here to check it."
    )
    assert finding.parts["donors"] == Value(7, "Donors", "donors")
    assert finding.parts["donor_model"].caption == "BG/BB, fitted to six yearly opportunities (time in years)"
    assert list(finding.parts["donor_model"].frame.columns) == ["parameter", "estimate"]
    assert finding.parts["donors_alive"] == Value(alive, "Donors with a repeat gift who will still be there next year", "share")
    assert finding.parts["gifts_expected"] == Value(gifts, "Gifts expected in the next five years", "gifts")
    assert list(finding.parts) == ["donors", "donor_model", "donors_alive", "gifts_expected"]


def test_histories_of_donors_stand_in_a_grid() -> None:
    expected = pd.DataFrame({"frequency": [0, 1, 1], "recency": [0, 1, 2], "gifts": [0.07, 0.5, 1.25]})
    finding = said.histories(expected)
    assert finding.text == (
        "A donor who gave every year is expected to make {gifts_largest} in five years. Read along a row: with the same last gift, more "
        "gifts do not always promise more; who gave often and then stopped has probably left."
    )
    assert list(finding.parts) == ["gifts_largest", "donors"]
    assert finding.parts["gifts_largest"] == Value(1.25, "Expected of a donor who gave every year", "gifts")
    drawing = finding.parts["donors"]
    assert texts(drawing.figure) == ("How recently somebody gave matters as much as how often: gifts expected at the next 5 opportunities")
    assert drawing.caption == (
        "Gifts expected in the next five years of a donor with this history (number of repeat gifts, year of the last). Point estimates."
    )
    assert drawing.words == (
        "Gifts expected in five years by repeat gifts and year of the last. 0 gifts, last in year 0: gifts 0.07; "
        "1 gifts, last in year 1: gifts 0.5; 1 gifts, last in year 2: gifts 1.25."
    )


@pytest.mark.parametrize(
    ("difference", "trust"),
    [
        (
            Interval(-0.5, -0.6, -0.4),
            "On renewals that it had not seen the model missed by at most {model_miss}, one average rate by {rule_miss}: "
            "**use the model**.",
        ),
        (
            Interval(0.5, 0.4, 0.6),
            "On renewals that it had not seen the model missed by at most {model_miss}, one average rate by {rule_miss}: "
            "**distrust these values**, since the rule did better.",
        ),
        (
            Interval(-0.5, -0.6, 0.4),
            "On renewals that it had not seen the model missed by at most {model_miss}, one average rate by {rule_miss}; "
            "the two are not told apart.",
        ),
        (NO_HOLDOUT, "**Nothing here was checked** on renewals that the model had not seen."),
    ],
)
def test_in_short_says_how_far_to_trust_the_values(difference: Interval | Absent, trust: str) -> None:
    worth = (
        "A new contract is worth {value_new}; one that has been renewed four times still holds {value_after_four}. One percentage point "
        "more of renewals at the first renewal is worth {renewal_point:value} per customer won: an effort that costs more does not pay."
    )
    assumed = "The margin of a period and the discount rate are assumed."
    assert said.in_short({}, difference=difference) == Finding(text=f"{worth} {trust} {assumed}")


def test_where_no_cohort_has_a_value_each_section_says_so_once() -> None:
    few: Any = Absent("No cohort has two renewals.")
    assert said.in_short(few, difference=NO_HOLDOUT) == missing(few)
    assert said.models(few, few, few, 7, "year") == missing(few)
    assert told(said.beaten(few, few, few)) == [
        "model_miss | Largest miss of the model at the end of the hold-out | none share: No cohort has two renewals.",
        "rule_miss | Largest miss of one constant rate | none share: No cohort has two renewals.",
        "miss_difference | Largest miss of the model minus that of one constant rate | none share: No cohort has two renewals.",
        "absent: No cohort has two renewals.",
    ]
    assert told(said.worth(few, "USD", "year", 12)) == [
        "value_new | Value of a new contract | none: No cohort has two renewals.",
        "value_after_four | Value to come after four renewals, before the fifth | none: No cohort has two renewals.",
        "tenure | Expected time under contract | none: No cohort has two renewals.",
        "absent: No cohort has two renewals.",
    ]
    label = "Worth of one percentage point more at the first renewal, per new customer"
    lines = [f"renewal_point | {label} | none: No cohort has two renewals.", "absent: No cohort has two renewals."]
    assert told(said.point(few, "USD")) == lines
    silent = (said.survival(few, "year", worst=few), said.retention(few, few, "year"), said.residual(few, "USD"))
    assert silent == (Finding(), Finding(), Finding())
    assert said.assumptions(few, True, 1.0, 0.1, "year")[0][0].startswith("all customers of a cohort start together")


@pytest.mark.parametrize(
    ("built_in", "margin", "source", "grade", "basis"),
    [(True, 1.0, "Fader & Hardie (2007)", "published", "1 counts contract periods"), (False, 30.0, "given", "measured", "given")],
)
def test_assumptions_name_source_and_grade(built_in: bool, margin: float, source: str, grade: str, basis: str) -> None:
    in_use: Any = {cohort: (name, None) for cohort, name in zip("abc", ["sBG", "BdW", "sBG"], strict=True)}
    assert said.assumptions(in_use, built_in, margin, 0.1, "year") == [
        (
            "how a customer's chance to leave changes with age",
            "sBG and BdW",
            "sBG: never; BdW: as a power of age; by AIC unless given",
            "assumed",
        ),
        ("all customers of a cohort start together and renew at the same times", "yes", "the survival table has no other dates", "assumed"),
        ("margin", f"{margin:g} per year", basis, "assumed"),
        ("discount rate", "10.0% a year, continuous", "given", "assumed"),
        ("retention in the years seen", "survival table", source, grade),
        ("years beyond the table", "the fitted curve goes on", "not checked by anything here", "assumed"),
    ]


def test_a_cohort_of_which_nobody_is_left_has_no_miss_in_per_cent() -> None:
    misses = holdout_misses(forecasts([0.4, 0.6], [0.3, 0.6])).assign(actual=0.0)
    with pytest.raises(TooLittle, match="Nobody of a cohort was left at the end of the hold-out, so that no miss can be told in per cent"):
        worst_misses(misses)


def test_figures_are_drawn_on_axes_of_the_reader() -> None:
    from matplotlib.figure import Figure

    axes = list(Figure().subplots(1, 2))
    assert figures.survival(forecasts([0.41, 0.6], [0.3, 0.6]), "year", title="Two cohorts", ax=axes) is axes[0].get_figure()
    assert axes[0].get_title(loc="left") == "Two cohorts"


def test_the_audit_says_how_contracts_were_read() -> None:
    read = read_survival(pd.DataFrame({"time": [0, 1], "customers": [10, 8]}))
    audit = said.audit(read).parts["audit"]
    assert (audit.caption, audit.frame[["rule", "done"]].values.tolist()) == (
        "What the reading of the contracts found and did",
        [["rows", "read"]],
    )
    assert said.audit(read_survival("fader_hardie_2007")) == Finding()
