"""Stated effects become the money that the purchase model says they are worth."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from goodwill.errors import DataError
from goodwill.inference.fit import Fit
from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD
from goodwill.lifetime_value.gamma_gamma import GammaGamma
from goodwill.lifetime_value.value import ValueTerms, customer_value
from goodwill.strategies.catalogue import Catalogue, Effect, Strategy
from goodwill.strategies.catalogue_file import read_catalogue
from goodwill.strategies.effects import ComplaintTerms, SegmentWorth, incremental_value, segment_worth, value_of_strategies
from goodwill.word_of_mouth.damage import RecoveryValue

SEGMENTS = ("good", "poor")
PURCHASES = Fit(BetaGeoNBD(0.243, 4.414, 0.793, 2.426, unit="week"), 1e-4 * np.eye(4), 0.0, 100.0, True)
SPEND = Fit(GammaGamma(6.25, 3.74, 15.44), 1e-4 * np.eye(3), 0.0, 100.0, True)
TERMS = ValueTerms(156, 0.3, 0.15, "week")
YEAR = 365.25 / 7


@pytest.fixture(scope="module")
def customers() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    frequency = rng.integers(0, 6, 300)
    recency = np.where(frequency > 0, rng.uniform(5, 35, 300).round(), 0)
    spend = np.where(frequency > 0, rng.gamma(4, 9, 300), 0.0)
    return pd.DataFrame({"frequency": frequency, "recency": recency, "T": 39.0, "monetary_value": spend})


@pytest.fixture(scope="module")
def segment(customers) -> np.ndarray:
    return np.where(customers["frequency"] > 2, "good", "poor")


def one(**changes: object) -> Catalogue:
    strategy = Strategy("it", "It", 0.0, SEGMENTS, **changes)  # type: ignore[arg-type]
    return Catalogue(SEGMENTS, (Strategy("do_nothing", "Do nothing", 0.0, SEGMENTS), strategy))


@pytest.fixture(scope="module")
def gain(customers, segment):
    def of(catalogue: Catalogue, **more: object) -> np.ndarray:
        return incremental_value(catalogue, PURCHASES, SPEND, customers, segment, TERMS, draws=20, **more).mean[:, 0]

    return of


def value_within(customers: pd.DataFrame, segment: np.ndarray, weeks: float) -> np.ndarray:
    each = customer_value(PURCHASES.model, SPEND.model, customers, replace(TERMS, horizon=weeks))["value"]
    return each.groupby(segment).mean().loc[list(SEGMENTS)].to_numpy()


def test_ten_per_cent_more_purchases_for_a_year_are_a_tenth_of_a_year_of_value(customers, segment, gain):
    expected = 0.1 * value_within(customers, segment, YEAR)
    assert gain(one(effects={"frequency": Effect(0.1)})) == pytest.approx(expected, rel=0.01)
    assert gain(one(effects={"spend": Effect(0.1)})) == pytest.approx(expected, rel=0.01)


def test_frequency_and_spend_multiply(customers, segment, gain):
    both = gain(one(effects={"frequency": Effect(0.1), "spend": Effect(0.2)}))
    assert both == pytest.approx(0.32 * value_within(customers, segment, YEAR), rel=0.01)


def test_carry_over_doubles_the_time_and_quarters_shorten_it(customers, segment, gain):
    longer = gain(one(effects={"frequency": Effect(0.1)}, carry_over_periods=1.0))
    assert longer == pytest.approx(0.1 * value_within(customers, segment, 2 * YEAR), rel=0.01)
    quarter = gain(one(effects={"frequency": Effect(0.1)}, period="quarter"))
    assert quarter == pytest.approx(0.1 * value_within(customers, segment, YEAR / 4), rel=0.01)


def test_effects_do_not_count_past_the_horizon(customers, segment, gain):
    ever = gain(one(effects={"frequency": Effect(0.1)}, carry_over_periods=50.0))
    assert ever == pytest.approx(0.1 * value_within(customers, segment, TERMS.horizon), rel=0.01)


def test_a_customer_kept_brings_what_a_living_one_brings_from_the_middle_of_the_time_on(customers, segment, gain):
    history = [customers[name].to_numpy() for name in ("frequency", "recency", "T")]
    alive = pd.Series(PURCHASES.model.probability_alive_at(YEAR / 2, *history)).groupby(segment).mean().loc[list(SEGMENTS)].to_numpy()
    later = value_within(customers, segment, TERMS.horizon) - value_within(customers, segment, YEAR / 2)
    assert gain(one(effects={"retention": Effect(0.02)})) == pytest.approx(0.02 * later / alive, rel=0.01)


def test_no_more_can_be_kept_than_would_be_gone(gain):
    assert gain(one(effects={"retention": Effect(1.0)})) == pytest.approx(gain(one(effects={"retention": Effect(0.99)})), rel=0.2)
    worth = SegmentWorth(
        SEGMENTS, np.ones(2), np.array([0.5, 1.0, 3.0]), np.full((1, 2, 3), [1.0, 2.0, 5.0]), np.full((1, 2, 3), 0.9), np.ones((1, 2))
    )
    kept = value_of_strategies(one(effects={"retention": Effect(1.0)}), worth).mean[:, 0]
    assert kept == pytest.approx([0.1 * (5 - 1) / 0.9] * 2)


def test_effects_hold_for_those_who_are_reached(gain):
    assert gain(one(effects={"spend": Effect(0.1)}, reach=Effect(0.4))) == pytest.approx(0.4 * gain(one(effects={"spend": Effect(0.1)})))


def test_doing_nothing_in_other_words_is_worth_nothing(gain):
    assert gain(one()) == pytest.approx([0, 0])


@pytest.mark.slow
def test_an_uncertain_effect_has_the_stated_mean_and_a_wide_interval(customers, segment, gain):
    sure, unsure = (one(effects={"spend": Effect(0.1, sd)}) for sd in (0.0, 0.1))
    assert gain(unsure) == pytest.approx(gain(sure), rel=0.02)
    table = incremental_value(unsure, PURCHASES, SPEND, customers, segment, TERMS, draws=100).table()
    assert (table["lower"] < 0).all() and (table["upper"] > 0).all()


RECOVERY = RecoveryValue(
    boycott=0.3, reduce=0.4, reduction=0.5, buy_more=0.1, increase=0.5, told_dissatisfied=9.5, told_satisfied=4.5,
    loss_per_hearing=0.02, gain_per_hearing=0.01, residual_value=1.0, purchase_margin=0.0, prospect_value=30.0,
)  # fmt: skip


def test_a_recovered_complaint_is_worth_what_the_word_of_mouth_part_says(customers, segment, gain):
    history = [customers[name].to_numpy() for name in ("frequency", "recency", "T")]
    alive = pd.Series(PURCHASES.model.probability_alive(*history)).groupby(segment).mean().loc[list(SEGMENTS)].to_numpy()
    living = value_within(customers, segment, TERMS.horizon) / alive
    per_case = replace(RECOVERY, residual_value=living).total
    terms = ComplaintTerms({"good": 0.05, "poor": 0.02}, RECOVERY)
    found = gain(one(effects={"complaint_recovery": Effect(0.5)}), complaints=terms)
    assert found == pytest.approx(0.5 * np.array([0.05, 0.02]) * per_case, rel=0.01)


def test_recoveries_given_as_draws_are_used_draw_by_draw(gain):
    drawn = replace(RECOVERY, told_dissatisfied=np.linspace(5, 14, 20))
    found = gain(one(effects={"complaint_recovery": Effect(0.5)}), complaints=ComplaintTerms(0.05, drawn))
    assert found == pytest.approx(
        gain(one(effects={"complaint_recovery": Effect(0.5)}), complaints=ComplaintTerms(0.05, RECOVERY)), rel=0.01
    )


def test_without_complaints_their_recovery_counts_as_nothing_and_the_notes_say_so(customers, segment):
    values = incremental_value(one(effects={"complaint_recovery": Effect(0.5)}), PURCHASES, SPEND, customers, segment, TERMS, draws=5)
    assert values.mean[:, 0] == pytest.approx([0, 0]) and "counts as nothing in: it" in values.notes[0]


def test_a_horizon_shorter_than_the_effects_is_said(customers, segment):
    short = replace(TERMS, horizon=26)
    values = incremental_value(one(effects={"spend": Effect(0.1)}), PURCHASES, SPEND, customers, segment, short, draws=5)
    assert "The horizon (26 weeks) is shorter than the effects of it" in values.notes[0]


def test_what_was_measured_replaces_what_was_stated(customers, segment):
    catalogue = one(effects={"spend": Effect(0.1)}, measured={"good": Effect(7.0, 1.0)})
    values = incremental_value(catalogue, PURCHASES, SPEND, customers, segment, TERMS, draws=50)
    assert values.mean[0, 0] == pytest.approx(7.0) and values.gain[:, 0, 0].std() == pytest.approx(1.0)
    assert values.grade[:, 0].tolist() == ["A", "D"] and values.measured[:, 0].tolist() == [True, False]


def test_segments_where_a_strategy_is_not_eligible_gain_nothing(customers, segment):
    text = "strategies:\n  - {id: it, name: It, unit_cost: 1, eligible: [good], effects: {spend: {mean: .1, sd: 0}}}\n"
    values = incremental_value(read_catalogue(text, SEGMENTS), PURCHASES, SPEND, customers, segment, TERMS, draws=5)
    assert values.mean[1, 0] == 0 and not values.eligible[1, 0] and len(values.table()) == 1


def test_order_of_customers_changes_nothing(customers, segment):
    order = np.random.default_rng(5).permutation(len(customers))
    catalogue = one(effects={"spend": Effect(0.1, 0.05), "retention": Effect(0.01, 0.01)})
    plain = incremental_value(catalogue, PURCHASES, SPEND, customers, segment, TERMS, draws=5)
    mixed = incremental_value(catalogue, PURCHASES, SPEND, customers.iloc[order], segment[order], TERMS, draws=5)
    assert mixed.gain == pytest.approx(plain.gain) and mixed.customers.tolist() == plain.customers.tolist()


def test_labels_that_do_not_fit_are_refused(customers, segment):
    with pytest.raises(DataError, match="299 segment labels for 300 customers"):
        segment_worth(PURCHASES, SPEND, customers, segment[1:], SEGMENTS, TERMS, [1.0])
    with pytest.raises(DataError, match="in none of the segments"):
        segment_worth(PURCHASES, SPEND, customers, segment, ("good", "bad"), TERMS, [1.0])
    with pytest.raises(DataError, match="lies between 0 and 1"):
        ComplaintTerms(1.5, RECOVERY)
