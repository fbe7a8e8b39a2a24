"""What segments were expected to bring at earlier dates: the cuts, the model's interval, and the widening by the record."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from scipy.special import stdtrit

import goodwill as gw
from goodwill.errors import DataError, TooLittle
from goodwill.inference.track_record import FROM_OTHER_DATA
from goodwill.lifetime_value.valued import value_customers
from goodwill.segments.evidence.value_statements import (
    NOTHING,
    record_of,
    segment_values,
    statement_cuts,
    value_record,
    value_statements,
    widened_by_record,
)

Z = 1.959963984540054


def test_rules_are_learned_at_one_cut_applied_at_the_next_and_scored_at_a_third() -> None:
    cuts = statement_cuts(date(1997, 1, 1), date(1998, 6, 30), horizon=84, every=28)
    assert len(cuts) == 11
    assert cuts[-1] == (date(1998, 1, 13), date(1998, 4, 7), date(1998, 6, 30))
    assert all(cut.made - cut.learned == cut.due - cut.made == timedelta(days=84) for cut in cuts)
    assert all(later.made - cut.made == timedelta(days=28) for cut, later in pairwise(cuts))
    assert cuts[0].learned - timedelta(days=84) >= date(1997, 1, 1)


def test_too_short_a_log_has_no_cuts() -> None:
    with pytest.raises(TooLittle, match=r"the data from 2024-01-01 to 2024-07-01 do not hold three windows of 91 days\."):
        statement_cuts(date(2024, 1, 1), date(2024, 7, 1), horizon=91, every=7)
    with pytest.raises(DataError, match="both numbers must be at least 1"):
        statement_cuts(date(2024, 1, 1), date(2024, 7, 1), horizon=0, every=7)


@pytest.fixture(scope="module")
def statements() -> pd.DataFrame:
    log = gw.read_transactions("cdnow_sample")
    cuts = statement_cuts(log.first, log.last, horizon=84, every=84)
    return value_statements(log, lambda c: gw.segments.learn("abc", c), cuts, purchase_model=gw.BetaGeoNBD, draws=60)


def test_each_segment_on_each_date_is_a_statement_beside_what_came(statements: pd.DataFrame) -> None:
    assert list(statements) == ["learned", "made", "due", "segment", "customers", "expected", "lower", "upper", "came"]
    assert statements.groupby("made")["segment"].agg(list).tolist() == [["A", "B", "C"]] * 4
    assert ((statements["lower"] < statements["expected"]) & (statements["expected"] < statements["upper"])).all()
    last = statements[statements["made"] == date(1998, 4, 7)]
    log = gw.read_transactions("cdnow_sample").to_pandas()
    came = 0.3 * log.loc[pd.to_datetime(log["date"]) > "1998-04-07", "amount"].astype(float).sum()
    assert (last["came"] * last["customers"]).sum() == pytest.approx(came)
    assert last["customers"].sum() == 2_357


@pytest.mark.slow
@pytest.mark.parametrize(("companies", "least"), [(4, 0.7), (12, 0.8)])
def test_the_interval_of_the_model_holds_chance_and_not_only_the_mean(companies: int, least: float) -> None:
    # Companies that the model made: what comes of two segments must lie in its intervals about as often as they say, in 95 %,
    # less three standard errors of a share among so many.
    truth, held = gw.BetaGeoNBD(r=0.5, alpha=4.0, a=0.8, b=2.5), []
    for seed in range(companies):
        born = np.full(600, 40.0)
        past = truth.simulate(born, horizon=13.0, seed=seed)
        spend = gw.GammaGamma(p=6.0, q=4.0, gamma=15.0)
        rng = np.random.default_rng(seed)
        known = past.assign(monetary_value=spend.simulate(past["frequency"].to_numpy(), seed=seed)["monetary_value"].to_numpy())
        fits = gw.BetaGeoNBD.fit(known), gw.GammaGamma.fit(known[known["monetary_value"] > 0])
        terms = gw.ValueTerms(13.0, 0.3, 0.0, "week")
        customers = known.join(gw.customer_value(fits[0].model, fits[1].model, known, terms))
        valued = gw.lifetime_value.Valued(customers, *fits, terms)
        segments = np.where(known["frequency"] > 1, "many", "few")
        table = segment_values(valued, segments, draws=100, seed=seed).set_index("segment")
        history = (known["frequency"], known["monetary_value"])
        brought = 0.3 * spend.draw_spend(past["frequency_holdout"].to_numpy(), *history, rng)
        came = pd.Series(np.ravel(brought)).groupby(segments).mean()
        held += [table.loc[name, "lower"] <= came[name] <= table.loc[name, "upper"] for name in ("few", "many")]
    assert np.mean(held) >= least


@pytest.mark.slow
def test_without_a_model_nothing_is_stated() -> None:
    summary = gw.summarize_purchases(gw.read_transactions("cdnow_sample"), end="1997-09-30")
    valued = value_customers(summary, gw.BetaGeoNBD, gw.ValueTerms(13.0, 0.3, 0.0, "week"))
    with pytest.raises(TooLittle, match="no model here"):
        segment_values(replace(valued, purchases=None, note="no model here"), ["a"] * len(valued.customers))
    log = gw.read_transactions(pd.DataFrame({"customer_id": [1, 2], "date": ["2024-01-01", "2024-06-01"], "amount": 5.0}))
    cuts = statement_cuts(date(2024, 1, 1), date(2024, 6, 1), horizon=40, every=40)
    with pytest.raises(TooLittle, match="at no cut could a purchase model be fitted to enough customers"):
        value_statements(log, lambda c: gw.segments.learn("abc", c), cuts, purchase_model=gw.BetaGeoNBD)


def said(errors: dict[str, list[float]], s: float = 0.1, every: int = 90) -> pd.DataFrame:
    """Statements of a hundred, one a window, with these errors on the scale of logarithms, by segment."""
    rows = []
    for segment, missed in errors.items():
        for k, error in enumerate(missed):
            made = date(2024, 1, 1) + timedelta(days=every * k)
            rows.append((made, made + timedelta(days=90), segment, 100.0, 100 * np.exp(-Z * s), 100 * np.exp(Z * s), 100 * np.exp(error)))
    return pd.DataFrame(rows, columns=["made", "due", "segment", "expected", "lower", "upper", "came"])


def test_two_finished_windows_are_needed_before_anything_is_claimed() -> None:
    found = widened_by_record(said({"a": [0.3, 0.3, 0.3, 0.3]}))
    assert found["past"].tolist() == [0, 1, 2, 3]
    assert found["held"].isna().tolist() == [True, True, False, False]
    assert found["wide_lower"].isna().tolist() == [True, True, False, False]
    assert found["held_model"].tolist() == [False] * 4


def test_the_widened_interval_is_the_formula() -> None:
    found = widened_by_record(said({"a": [0.3, -0.5, 0.0]})).iloc[-1]
    excess = np.array([0.3, -0.5]) ** 2 - 0.1**2
    shared = (2 * FROM_OTHER_DATA.tau**2 + excess.sum()) / 4
    own = (2 * shared + excess.sum()) / 4
    total = 0.1**2 + own
    reach = stdtrit(4 * (total / own) ** 2, 0.975) * np.sqrt(total)
    assert (found["wide_lower"], found["wide_upper"]) == pytest.approx((100 * np.exp(-reach), 100 * np.exp(reach)))


def test_what_segments_share_widens_all_and_what_one_misses_widens_it_most() -> None:
    found = widened_by_record(said({"right": [0.0] * 3, "wrong": [1.0] * 3, "also right": [0.0] * 3}))
    last = found[found["past"] == 2].set_index("segment")
    width = np.log(last["wide_upper"] / last["wide_lower"])
    assert width["wrong"] > 1.5 * width["right"] > 1.5 * 2 * Z * 0.1
    assert last["held"].tolist() == [True, True, True]


def test_statements_of_overlapping_windows_count_once_and_the_future_is_not_known() -> None:
    found = widened_by_record(said({"a": [0.3] * 9}, every=30))
    assert found["past"].tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    late = said({"a": [0.3] * 4})
    late.loc[3, "came"] = 1e6  # comes later than any statement but its own
    assert widened_by_record(late)["wide_upper"].tolist()[:3] == pytest.approx(
        widened_by_record(said({"a": [0.3] * 4}))["wide_upper"].tolist()[:3], nan_ok=True
    )


def test_a_record_without_misses_never_narrows() -> None:
    found = widened_by_record(said({"a": [0.0] * 4}, s=0.4), prior=replace(FROM_OTHER_DATA, tau=0.0)).iloc[-1]
    assert (found["wide_lower"], found["wide_upper"]) == (found["lower"], found["upper"])


def test_nothing_that_came_counts_as_a_twentieth() -> None:
    nothing = said({"a": [0.0, 0.0, 0.0]}).assign(came=0.0)
    found = widened_by_record(nothing)
    assert found["error"].tolist() == pytest.approx([np.log(NOTHING)] * 3)
    assert not found["held_model"].any() and found["held"].tolist()[2] is False


def test_a_segment_that_is_expected_to_bring_nothing_has_no_ratio() -> None:
    with pytest.raises(TooLittle, match="the segment 'a' is expected to bring nothing, so that what came is no multiple of it"):
        widened_by_record(said({"a": [0.0]}).assign(expected=0.0))


def test_an_expectation_outside_of_the_drawn_interval_is_taken_into_it() -> None:
    few = said({"a": [0.3, -0.3, 0.3]}).assign(lower=0.0, upper=99.0)  # nearly all draws of a few lost customers bring nothing
    found = widened_by_record(few)
    assert found["held_model"].tolist() == [False, True, False]
    assert found["wide_lower"].iloc[2] == 0 and found["wide_upper"].iloc[2] > 100


def test_an_interval_that_begins_at_nothing_takes_its_spread_from_above() -> None:
    open_below = said({"a": [-0.3, -0.3, 0.0]}).assign(lower=0.0)
    assert np.isfinite(widened_by_record(open_below)["wide_upper"].iloc[-1])
    assert widened_by_record(open_below)["wide_lower"].iloc[-1] == 0


def test_of_what_has_not_come_nothing_is_judged_and_the_record_does_not_count_it() -> None:
    open_end = said({"a": [0.3, -0.3, 0.3, 0.0]})
    open_end.loc[3, "came"] = np.nan
    found = widened_by_record(open_end)
    assert found["held_model"].isna().tolist() == found["error"].isna().tolist() == [False, False, False, True]
    assert np.isfinite(found["wide_upper"].iloc[-1]) and found["held"].isna().iloc[-1]
    assert record_of(found)["statements"] == 1


@pytest.mark.slow
def test_a_record_ends_with_what_is_expected_now() -> None:
    orders = gw.read_transactions("cdnow_sample").to_pandas()
    log = gw.read_transactions(orders[orders["customer_id"].astype(int) % 4 == 2])  # a quarter of the customers
    found = value_record(log, "pyramid", end=log.last, purchase_model=gw.BetaGeoNBD, every=84, draws=20)
    assert found["made"].iloc[-1] == log.last and found["came"].isna().sum() == (found["made"] == log.last).sum() == 4
    assert (found["due"] - found["made"]).unique() == [timedelta(days=91)]
    assert found.loc[found["came"].isna(), ["wide_lower", "wide_upper"]].notna().all(axis=None)
    early = value_record(log, "abc", end=date(1997, 9, 30), purchase_model=gw.BetaGeoNBD, every=84, draws=20)
    assert (early["due"] - early["made"]).unique() == [timedelta(days=42)]


def test_what_has_no_record_says_why() -> None:
    log = gw.read_transactions("cdnow_sample")
    with pytest.raises(TooLittle, match="the rule of the longest silence is learned on a window of its own"):
        value_record(log, "hiatus", end=log.last, purchase_model=gw.BetaGeoNBD)
    with pytest.raises(TooLittle, match="31 days are too few for statements at earlier cuts, which take 6 windows of a week or more"):
        value_record(log, "abc", end=date(1997, 1, 31), purchase_model=gw.BetaGeoNBD)


def test_the_record_tells_the_claims_and_is_taken_by_the_recording() -> None:
    found = widened_by_record(said({"a": [0.3, -0.3, 0.3, 0.0]}))
    record = record_of(found)
    assert record == {
        "statements": 2,
        "disjoint": 2,
        "held_model": 1,
        "held": 2,
        "level": 0.95,
        "bias": pytest.approx(0.15),
        "mean_absolute_miss": pytest.approx(0.15),
        "scale": "log",
        "horizon": "90 days",
        "source": "own past",
    }
    weeks = found.assign(due=[made + timedelta(days=84) for made in found["made"]])
    assert record_of(weeks)["horizon"] == "12 weeks"
    assert "held" not in record_of(found.head(2)) and record_of(found.head(2))["statements"] == 2
    with pytest.raises(TooLittle, match=r"no statement has come due, so there is no track record\."):
        record_of(found.assign(came=np.nan))
    from goodwill.reports.recording.values import TRACK_RECORD

    assert set(record) <= set(TRACK_RECORD)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("data", "scheme"),
    [
        pytest.param("cdnow", "rfm", marks=pytest.mark.long),
        pytest.param("cdnow", "count_decile", marks=pytest.mark.long),
        ("cdnow_sample", "rfm"),
    ],
)
def test_value_per_segment_of_cdnow_holds_on_85_of_100_segment_dates(data: str, scheme: str) -> None:
    from benchmarks.segment_values import study

    held = study(data, scheme, weeks=12, every=4)["held"].dropna().astype(bool)
    assert len(held) >= 30 and held.mean() >= 0.85


@pytest.mark.slow
def test_statements_go_with_covariates_as_they_were_known_at_each_cut() -> None:
    log = gw.read_transactions("cdnow_sample")
    customers = gw.summarize_purchases(log, end="1997-06-30").to_pandas()
    told = customers[["customer_id"]].assign(card=np.where(customers["frequency"] + np.arange(len(customers)) % 3 > 2, "yes", "no"))
    model = gw.lifetime_value.model_by_covariates("BG/NBD", log, table=told)
    (cut,) = statement_cuts(log.first, log.last, horizon=84, every=84)[-1:]
    found = value_statements(log, lambda some: gw.segments.learn("abc", some), [cut], purchase_model=model, draws=20)
    then = gw.summarize_purchases(log, end=cut.made)
    each = value_customers(then, model, gw.ValueTerms(12.0, 0.3, 0.0, "week"))
    assert each.purchases is model.fit(then)  # one fit for all who ask on that day
    assert (found["expected"] * found["customers"]).sum() == pytest.approx(each.customers["value"].sum())
    plain = value_customers(then, gw.BetaGeoNBD, gw.ValueTerms(12.0, 0.3, 0.0, "week")).customers["value"]
    assert abs(each.customers["value"] / plain - 1).max() > 0.02


@pytest.mark.slow
def test_fits_that_are_there_are_used_and_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    from goodwill.lifetime_value import valued

    log = gw.read_transactions("cdnow_sample")
    base, fitted = gw.segments.customer_base(log, "BG/NBD"), []
    made = valued.value_customers
    monkeypatch.setattr(valued, "value_customers", lambda summary, *more: fitted.append(summary) or made(summary, *more))
    known = {"purchase_model": gw.BetaGeoNBD, "every": 168, "draws": 20}
    alone = value_record(log, "abc", end=log.last, **known)
    number = len(fitted)
    helped = value_record(log, "abc", end=log.last, valued=base.valued, **known)
    assert len(fitted) == number + number - 1  # today's are there
    pd.testing.assert_frame_equal(helped, alone)
