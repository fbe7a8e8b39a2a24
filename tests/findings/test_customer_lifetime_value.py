"""The words of notebook 01 in `customer_lifetime_value`, each reached from data."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.drawn import title

from goodwill.data.date_grain import DateGrain
from goodwill.findings.finding import Absent, Finding, Value, missing
from goodwill.findings.purchases import customer_lifetime_value as said
from goodwill.inference.track_record import Statement, scored, track_record, why_not_widened, widened
from goodwill.inference.uncertainty import Interval
from goodwill.lifetime_value.evidence.headline import Headline
from goodwill.lifetime_value.richer.borrowing import Leaning
from goodwill.lifetime_value.value import ValueTerms

ABSENT = Absent("Nobody came back.")
TERMS = ValueTerms(52.0, 0.3, 0.15, "week")


def rivals(**differences: tuple[float, float, float]) -> pd.DataFrame:
    rows = {name.replace("_", " "): (0.7, 0.8, *difference) for name, difference in differences.items()}
    return pd.DataFrame.from_dict(rows, orient="index", columns=["model", "rule", "difference", "lower", "upper"]).rename_axis("forecast")


BEATS_ALL = rivals(same_number=(-0.1, -0.2, -0.05), same_rate=(-0.2, -0.3, -0.1))
LOSES_TO_ONE = rivals(same_number=(0.1, -0.1, 0.2), same_rate=(0.05, 0.01, 0.1))
LOSES = rivals(same_number=(0.1, 0.05, 0.2), same_rate=(0.05, 0.01, 0.1))
NOT_TOLD = rivals(same_number=(0.02, -0.03, 0.07), same_rate=(-0.2, -0.3, -0.1))


COMPARED = SimpleNamespace(drift=SimpleNamespace(yearly=Interval(1.01, 0.98, 1.04)))


def choice(name: str = "independent", reason: str = "not rejected", test: Any = COMPARED) -> Any:
    return SimpleNamespace(name=name, reason=reason, test=None if reason == "given" else test)


VALUE = pd.DataFrame({"value": [2.0, 4.0]})
WHOLE = Interval(6000.0, 5000.4, 7000.0)
NOW = Statement(date(1998, 6, 30), date(1999, 1, 19), *WHOLE)
PAST = [
    Statement(date(1997, 5, 20), date(1997, 12, 9), 5000.0, 4500.0, 5500.0, 6000.0),
    Statement(date(1997, 12, 9), date(1998, 6, 30), 5000.0, 4500.0, 5500.0, 5100.0),
]


def headline(past: list[Statement]) -> Headline:
    record = track_record(past) if past else None
    return Headline(NOW, widened(NOW, past), why_not_widened(NOW, past), record, scored(past) if past else pd.DataFrame())


CLAIMED = (
    "All customers together are expected to bring {total_value}. The same statement was made on 2 earlier dates; the model's own interval, "
    "now 5,000 to 7,000, held what came on 1 of them, and the interval given is widened by these misses."
)


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("independent", "The same total with the dependent spend model"),
        ("by frequency", "The same total with the independent spend model"),
        ("first amount", "The same total with the independent spend model"),
    ],
)
def test_worth_is_widened_by_its_record_and_stands_beside_that_of_the_other_spend_model(name: str, label: str) -> None:
    found = headline(PAST)
    finding = said.worth(VALUE, found, 5.5, choice(name), TERMS, "USD", True)
    assert finding.text == f"{CLAIMED} With the other spend model the total would be {{value_other_spend}}."
    whole, other, each, table = finding.parts.values()
    assert list(finding.parts) == ["total_value", "value_other_spend", "value_per_customer", "past_statements"]
    assert found.interval is not None and found.record is not None
    assert whole == Value(
        6000.0,
        "Expected profit of all customers in the next 52 weeks",
        "USD",
        interval=found.interval[1:],
        model_interval=(5000.4, 7000.0),
        grade="published",
        weakest="margin",
        track_record=found.record.as_record(),
    )
    assert found.interval.lower < 5000.4 and found.interval.upper > 7000.0
    assert other == Value(5.5, label, "USD")
    assert each == Value(3.0, "Per customer", "USD")
    assert table.caption == (
        "The same statement on earlier dates and what came; error: logarithm of what came over what was expected (money in USD)"
    )
    assert len(table.frame) == 2


def test_worth_without_a_record_claims_no_interval() -> None:
    finding = said.worth(VALUE, headline([]), ABSENT, choice(), TERMS, "USD")
    assert finding.text == (
        "All customers together are expected to bring {total_value:value}. **No interval is claimed.** No statement that looks 29 weeks "
        "ahead had come due by 1998-06-30; an interval needs 2 of them without overlap. If the model were right, it "
        "would be 5,000 to 7,000."
    )
    assert list(finding.parts) == ["total_value", "value_other_spend", "value_per_customer"]
    whole = finding.parts["total_value"]
    assert (whole.value, whole.interval, whole.model_interval, whole.grade, whole.track_record) == (6000.0, None, NOW_ENDS, "assumed", None)
    other = Value(None, "The same total with the dependent spend model", "USD", reason="Nobody came back.")
    assert finding.parts["value_other_spend"] == other


NOW_ENDS = (5000.4, 7000.0)


@pytest.mark.parametrize("place", [0, 1, 3])
def test_without_spend_nobody_has_a_worth(place: int) -> None:
    given: list[Any] = [VALUE, headline(PAST), 5.5, choice()]
    given[place] = ABSENT
    assert said.worth(*given, TERMS, "USD") == missing(
        ABSENT,
        total_value=Value(None, "Expected profit of all customers in the next 52 weeks", "USD"),
        value_other_spend=Value(None, "The same total with the other spend model", "USD"),
        value_per_customer=Value(None, "Per customer", "USD"),
    )


@pytest.mark.parametrize(
    ("unlimited", "text"),
    [
        (
            [90.0, 104.0],
            "Further ahead no record reaches, and the models part: a **scenario**, no forecast. Within a year 20 to 21 "
            "USD, without end 90 to "
            "104 USD, depending on the model.",
        ),
        (
            [955.0, 1655.0],
            "Further ahead no record reaches, and the models part: a **scenario**, no forecast. Within a year 20 to 21 USD, without end "
            "955 to 1,655 USD, depending on the model.",
        ),
        (
            [np.nan, np.nan],
            "Further ahead no record reaches, and the models part: a **scenario**, no forecast. Within a year 20 to 21 "
            "USD, depending on the "
            "model.",
        ),
    ],
)
def test_what_no_record_reaches_is_a_range_over_models(unlimited: list[float], text: str) -> None:
    table = pd.DataFrame({"horizon": [12.0, 12.5], "year": [20.0, 21.0], "unlimited": unlimited}, index=["BG/NBD", "MBG/NBD"])
    finding = said.scenarios(table.rename_axis("model"), "USD")
    assert isinstance(finding, Finding)
    assert finding.text == text
    assert finding.parts["scenarios"].caption == (
        "The same total by purchase model: within the horizon, within a year, and without end (USD)"
    )
    assert list(finding.parts["scenarios"].frame.columns) == ["model", "within the horizon", "within a year", "without end"]
    assert said.scenarios(ABSENT, "USD") is ABSENT


FOUND = pd.DataFrame({"estimate": [1000.0, 0.7], "lower": [900.0, 0.69], "upper": [1100.0, 0.71]}, index=["unlimited", "beyond"])


def test_what_lies_beyond_experience_is_called_an_extrapolation() -> None:
    finding = said.beyond(FOUND, "USD")
    assert finding.text == (
        "Without a horizon the same customers would be worth {value_unlimited} by this model, of which {value_beyond_experience} lies "
        "further ahead than the data look back: an extrapolation that nothing here has tested."
    )
    unlimited, share = finding.parts.values()
    assert list(finding.parts) == ["value_unlimited", "value_beyond_experience"]
    assert unlimited == Value(1000.0, "Expected profit without a horizon", "USD", model_interval=(900.0, 1100.0))
    label = "Share of the value without a horizon that lies further ahead than the data look back"
    assert share == Value(0.7, label, "share", model_interval=(0.69, 0.71))
    assert said.beyond(ABSENT, "USD") == missing(
        ABSENT,
        value_unlimited=Value(None, "Expected profit without a horizon", "USD"),
        value_beyond_experience=Value(None, label, "share"),
    )


def test_value_by_horizon_states_from_where_on_it_is_untested() -> None:
    over_time = pd.DataFrame({"horizon": np.linspace(0, 100, 9), "value": np.linspace(0, 800, 9)})
    finding = said.horizons(over_time, FOUND, WHOLE, 50.0, TERMS, "USD")
    assert isinstance(finding, Finding)
    drawing = finding.parts["value_by_horizon"]
    assert title(drawing.figure) == "Further ahead than the 50 weeks that the data look back, nothing has tested this curve"
    assert drawing.caption == (
        "Expected discounted profit of today's customers within a growing horizon; the dot is the horizon of this report. Point estimates."
    )
    assert drawing.words == "Expected profit by horizon. 0: value 0; 100: value 800."
    assert drawing.figure.axes[0].get_ylabel() == "expected discounted profit,\nUSD"
    assert drawing.figure.axes[0].texts[-1].get_text() == "6,000"
    assert list(finding.parts) == ["value_by_horizon"]
    terms = {"margin": TERMS.margin, "annual_discount_rate": TERMS.annual_discount_rate, "horizon": TERMS.horizon}
    grid = pd.DataFrame({**{name: [value] for name, value in terms.items()}, "value": [800.0], "each": [8.0]})
    assert list(said.horizons(over_time, FOUND, WHOLE, 50.0, TERMS, "USD", grid).parts) == ["value_by_horizon", "value_explored"]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_value_by_horizon_needs_all_that_it_draws(place: int) -> None:
    given: list[Any] = [pd.DataFrame(), FOUND, WHOLE]
    given[place] = ABSENT
    assert said.horizons(*given, 50.0, TERMS, "USD") is ABSENT


RECORDED = (
    "All customers together are expected to bring {total_value} in the next 52 weeks, at the margin and the discount rate that are given. "
    "Made on 2 earlier dates, the model's own interval held what came on 1 of them; the interval given is widened by that record."
)
UNRECORDED = (
    "All customers together are expected to bring {total_value:value} in the next 52 weeks, at the margin and the discount rate that are "
    "given. **No interval is claimed**, because too few such statements have come due in these data."
)
BETTER = "Customer by customer the model missed purchases by less than every rule without a model."
WORSE = "Customer by customer **a rule without a model** ({holdout_best_rule}) missed purchases by less than the model."
TOO_LITTLE = "But the total that it foretold was off by −48%: it is no forecast of a total."
UNTOLD = "Customer by customer the model and the best rule without a model ({holdout_best_rule}) are not told apart in purchases."
MONEY_BETTER = "In money the model missed by less than every such rule."
MONEY_WORSE = "In money such a rule ({money_best_rule}) missed by less."
MONEY_UNTOLD = "In money the model and such a rule ({money_best_rule}) are not told apart."
TOP = "The top tenth of customers hold {top_decile_share} of the expected value."
TOP_LESS = "One window ago, such a tenth brought less than foretold: {top_decile_came} of what came."
TOP_MORE = "One window ago, such a tenth brought more than foretold: {top_decile_came} of what came."
TOP_UNTOLD = "One window ago, such a tenth brought {top_decile_came} of what came, not told apart from what was foretold."


def errors(bias: float) -> pd.DataFrame:
    return pd.DataFrame({"bias": [-0.1, bias, 0.1]}, index=["BG/NBD", "same number", "same rate"])


def tenth(*came: float) -> Any:
    return SimpleNamespace(top_predicted=0.6, top_came=Interval(*came))


LESS, MORE, SAME = tenth(0.5, 0.4, 0.59), tenth(0.7, 0.61, 0.8), tenth(0.6, 0.5, 0.7)


@pytest.mark.parametrize(
    ("past", "against", "top", "bias", "sentences"),
    [
        (PAST, (BEATS_ALL, BEATS_ALL), (0.6, LESS), -0.48, [RECORDED, BETTER, MONEY_BETTER, TOP, TOP_LESS]),
        (PAST, (LOSES_TO_ONE, LOSES), (0.6, MORE), -0.48, [RECORDED, WORSE, TOO_LITTLE, MONEY_WORSE, TOP, TOP_MORE]),
        (PAST, (LOSES_TO_ONE, LOSES), (0.6, SAME), -0.25, [RECORDED, WORSE, MONEY_WORSE, TOP, TOP_UNTOLD]),
        (PAST[:1], (NOT_TOLD, NOT_TOLD), (0.6, ABSENT), 0.3, [UNRECORDED, UNTOLD, MONEY_UNTOLD, TOP]),
        ([], (NOT_TOLD, ABSENT), (ABSENT, SAME), 0.0, [UNRECORDED, UNTOLD]),
        ([], (ABSENT, ABSENT), (ABSENT, ABSENT), 0.0, [UNRECORDED]),
    ],
)
def test_in_short_says_worth_record_rivals_and_who(past: Any, against: Any, top: Any, bias: float, sentences: list[str]) -> None:
    assert said.in_short(headline(past), against, top, TERMS, errors(bias)) == Finding(text=" ".join(sentences))


def test_in_short_warns_of_dates_that_are_no_days() -> None:
    coarse = DateGrain("month", "first", 0, 1.0, 18)
    found = said.in_short(headline([]), (BEATS_ALL, ABSENT), (ABSENT, ABSENT), TERMS, errors(0.0), coarse)
    coarse_said = (
        "**Dates are no days here**: they stand for a longer time, which the models of days do not know, so that their intervals hold too "
        "little."
    )
    assert found.text == f"{UNRECORDED} {coarse_said} {BETTER}"


LEANS = Leaning(40, 25, 12, Interval(2.14, 1.6, 2.8), together=2.41, alone=1.52, own=0.61)


def test_in_short_says_on_how_many_others_a_group_leans() -> None:
    asked = (headline([]), (BEATS_ALL, ABSENT), (ABSENT, ABSENT), TERMS, errors(0.0))
    assert said.in_short(*asked, leans=LEANS).text == (
        f"{UNRECORDED} **This group leans on 12 other groups**: {{own_share}} of what is expected of a new customer rests on its own "
        f"customers. {BETTER}"
    )
    assert said.in_short(*asked, leans=ABSENT) == said.in_short(*asked, leans=None) == said.in_short(*asked)


def test_that_groups_differ_as_a_normal_distribution_says_is_assumed() -> None:
    plain, leaning = (said.assumptions("BG/NBD", choice(), TERMS, SETTINGS | {"leans": each}) for each in (None, LEANS))
    assert [row for row in leaning if row not in plain] == [
        ("what sets groups apart is normal around what is common", "12 other groups", "this report; learned", "assumed")
    ]
    assert (
        said.assumptions("BG/NBD", choice(), TERMS, SETTINGS | {"leans": ABSENT})
        == plain
        == said.assumptions("BG/NBD", choice(), TERMS, SETTINGS)
    )


def test_in_short_is_absent_when_nobody_has_a_worth() -> None:
    assert said.in_short(ABSENT, (NOT_TOLD, ABSENT), (ABSENT, ABSENT), TERMS, errors(0.0)) == missing(ABSENT)


SETTINGS = {"built_in": True, "horizon_given": True, "calibration_end": date(2024, 1, 14), "returns": "net"}


def test_assumptions_of_a_published_case() -> None:
    assert said.assumptions("BG/NBD", choice(), TERMS, SETTINGS) == [
        ("customers buy at random times, at a rate of their own", "BG/NBD", "Fader, Hardie & Lee (2005a); see the hold-out", "assumed"),
        ("customers leave right after a repeat purchase", "BG/NBD", "the model; nobody tells when they leave", "assumed"),
        ("spend per purchase", "does not depend on frequency", "compared at steady prices in this report", "measured"),
        (
            "no drift of spend in the value",
            "purchases change by the factor 1.01 [0.98, 1.04] a year",
            "this report, within customers",
            "measured",
        ),
        ("margin", "30% of spend", "Fader, Hardie & Lee (2005b) for CDNOW", "published"),
        ("discount rate", "15.0% a year, continuous", "Fader, Hardie & Lee (2005b) for CDNOW", "published"),
        ("horizon", "52.0 weeks", "given", "assumed"),
        ("end of the calibration", "2024-01-14", "half of the observed time unless given", "assumed"),
        ("purchase occasion", "all rows of a customer on a day; returns: net", "data rules of this report", "assumed"),
    ]


@pytest.mark.parametrize(
    ("model", "leaving"),
    [
        ("MBG/NBD", "customers leave right after a purchase"),
        ("Pareto/NBD", "customers leave at any time"),
        ("stacked", "customers leave right after a purchase or at any time, by weights learned at earlier dates"),
    ],
)
def test_assumptions_of_ones_own_data_are_assumed(model: str, leaving: str) -> None:
    rows = {row[0]: row for row in said.assumptions(model, choice(), TERMS, SETTINGS | {"built_in": False, "horizon_given": False})}
    assert leaving in rows
    assert rows["margin"][3] == rows["discount rate"][3] == "assumed"
    assert rows["horizon"][2] == "two such windows have finished in these data; at most a year"


def test_spend_is_measured_only_where_it_was_tested() -> None:
    def taken(given: Any) -> list[tuple[str, ...]]:
        return [row for row in said.assumptions("BG/NBD", given, TERMS, SETTINGS) if row[0] == "spend per purchase"]

    assert taken(choice("by frequency", "given")) == [("spend per purchase", "goes with frequency", "given", "assumed")]
    assert taken(choice("first amount"))[0][1] == "goes with the first amount"
    untested = choice("independent", "not compared", test=None)
    assert taken(untested) == [("spend per purchase", "does not depend on frequency", "too little to test", "assumed")]
    borrowed = choice("independent", "borrowed", test=None)
    assert taken(borrowed)[0][2:] == ("not tested for a group that leans on others", "assumed")
    assert said.assumptions("BG/NBD", untested, TERMS, SETTINGS)[3] == (
        "no drift of spend in the value",
        "purchases stay as large as they were",
        "not measured here",
        "assumed",
    )
    assert taken(ABSENT) == []


def test_a_calendar_is_an_assumption_unless_it_is_measured() -> None:
    def row(calendar: list[str]) -> list:
        rows = said.assumptions("BG/NBD", choice(), TERMS, SETTINGS | {"calendar": calendar})
        return [each for each in rows if each[0] == "rates of purchase follow the calendar"]

    assert row([]) == []
    assert row(["weeks"])[0][1:] == ("the weeks of the year", "this report, the same for everybody and every year", "measured")
    assert row(["618 x2"])[0][1:] == ("618", "given", "assumed")
