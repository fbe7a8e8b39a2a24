"""Purchase models stacked: limits that equal one model, exact answers of a mixture, and one model to a total."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.lifetime_value.logs import log_of

import goodwill as gw
from goodwill.data.purchases import PurchaseSummary, summarize_purchases
from goodwill.data.reading.sources import read_transactions
from goodwill.errors import DataError, FitError, TooLittle
from goodwill.inference.fit import Fit
from goodwill.inference.parameters import some_draws
from goodwill.lifetime_value.evidence.checks import class_test
from goodwill.lifetime_value.evidence.past_statements import money_statement
from goodwill.lifetime_value.evidence.purchase_choice import purchase_model_named
from goodwill.lifetime_value.evidence.rolling import fit_at, holdout_at, rolling_coverage, rolling_cuts
from goodwill.lifetime_value.evidence.stacking import StackedModels, log_chances
from goodwill.lifetime_value.richer.stacked import AVERAGED, StackedFit
from goodwill.lifetime_value.value import ValueTerms, customer_value, total_value_interval

LOG = "cdnow_sample"
FAST = {name: gw.PURCHASE_MODELS[name] for name in ("BG/NBD", "MBG/NBD")}


@pytest.fixture(scope="module")
def summary() -> PurchaseSummary:
    return summarize_purchases(read_transactions(LOG), calibration_end="1997-09-30")


@pytest.fixture(scope="module")
def fits(summary: PurchaseSummary) -> dict[str, Fit]:
    return {name: model.fit(summary) for name, model in gw.PURCHASE_MODELS.items()}


def weighed(fits: dict[str, Fit], *weights: float) -> StackedFit:
    return StackedFit(fits, pd.Series(weights, index=list(fits)))


KNOWN = (np.array([0.0, 2.0, 26.0]), np.array([0.0, 30.43, 30.86]), np.array([20.0, 38.86, 31.0]))
ASKED = {
    "probability_alive": KNOWN,
    "probability_alive_at": (13.0, *KNOWN),
    "expected_purchases": (39.0, *KNOWN),
    "expected_purchases_new_customer": (np.array([4.0, 39.0]),),
    "discounted_expected_purchases": (0.002, *KNOWN),
    "probability_of_purchases": (2, 39.0),
    "probability_of_future_purchases": (np.array([0, 1, 9]), 39.0, *KNOWN),
}


def test_every_answer_of_a_mixture_is_the_weighted_mean_and_that_of_one_model_where_it_has_all(fits: dict[str, Fit]) -> None:
    assert set(ASKED) == set(AVERAGED)
    mixed, alone = weighed(fits, 0.5, 0.2, 0.3).model, weighed(fits, 0.0, 1.0, 0.0).model
    for name, given in ASKED.items():
        each = [getattr(fit.model, name)(*given) for fit in fits.values()]
        np.testing.assert_allclose(getattr(mixed, name)(*given), np.tensordot([0.5, 0.2, 0.3], each, 1), rtol=1e-12, err_msg=name)
        np.testing.assert_allclose(getattr(alone, name)(*given), each[1], rtol=1e-12, err_msg=name)
    likelihoods = np.exp([fit.model.log_likelihood(*KNOWN) for fit in fits.values()])
    np.testing.assert_allclose(np.exp(mixed.log_likelihood(*KNOWN)), [0.5, 0.2, 0.3] @ likelihoods, rtol=1e-10)


def test_chances_of_all_numbers_of_purchases_have_the_sum_one(fits: dict[str, Fit]) -> None:
    mixed = weighed(fits, 0.5, 0.2, 0.3).model
    chance = [mixed.probability_of_future_purchases(n, 13.0, *(column[:2] for column in KNOWN)) for n in range(60)]
    np.testing.assert_allclose(np.sum(chance, axis=0), 1, atol=1e-6)
    mean = np.arange(60) @ np.array(chance)
    np.testing.assert_allclose(mean, mixed.expected_purchases(13.0, *(column[:2] for column in KNOWN)), rtol=1e-4)


@pytest.mark.slow
def test_all_weight_on_one_model_gives_its_interval_and_its_value(summary: PurchaseSummary, fits: dict[str, Fit]) -> None:
    alone = weighed(fits, 1.0, 0.0, 0.0)
    pd.testing.assert_frame_equal(alone.predict_interval(summary, 39, draws=200), fits["BG/NBD"].predict_interval(summary, 39, draws=200))
    spend, terms = gw.GammaGamma.fit(summary), ValueTerms(39, 0.3, 0.15, "week")
    one, other = (customer_value(fit, spend, summary, terms) for fit in (alone, fits["BG/NBD"]))
    pd.testing.assert_frame_equal(one, other)


def test_a_total_is_that_of_one_model_so_that_the_interval_covers_what_they_differ_by(fits: dict[str, Fit]) -> None:
    """Two models that differ by a factor of two: drawn for each customer they would average out."""
    low = fits["BG/NBD"]
    model = type(low.model)(low.model.r * 2, low.model.alpha, low.model.a, low.model.b, unit="week")
    high = Fit(model, low.covariance, low.log_likelihood, low.n, True)
    both = StackedFit({"low": low, "high": high}, pd.Series([0.5, 0.5], index=["low", "high"]))
    customers = pd.DataFrame({"frequency": [0, 1], "recency": [0.0, 9.0], "T": [30.0, 30.0], "weight": [900.0, 300.0]})
    each = [fit.predict_interval(customers, 26, draws=400).loc["total"] for fit in (low, high)]
    found = both.predict_interval(customers, 26, draws=400).loc["total"]
    assert each[0]["upper"] < each[1]["lower"]
    assert found["estimate"] == pytest.approx((each[0]["estimate"] + each[1]["estimate"]) / 2)
    assert found["lower"] < each[0]["estimate"] and found["upper"] > each[1]["estimate"]
    draws = both.prediction_draws(400, 1)
    totals = draws.draw_purchases(26.0, *(np.repeat(customers[c], 100) for c in ("frequency", "recency", "T")), np.random.default_rng(1))
    assert np.mean(totals.sum(axis=1) > totals.sum(axis=1).mean()) == pytest.approx(0.5, abs=0.05)
    rows = np.broadcast_to(0.0, (200, 500)), np.broadcast_to(0.0, (200, 500)), np.broadcast_to(30.0, (200, 500))
    spread = both.model.draw_purchases(26.0, *rows, np.random.default_rng(1)).mean(axis=1)
    between = np.ptp([fit.model.expected_purchases(26.0, 0.0, 0.0, 30.0) for fit in (low, high)])
    assert spread.std() == pytest.approx(between / 2, rel=0.25)


@pytest.mark.slow
def test_a_large_base_is_told_the_same_without_simulating_each_customer(
    summary: PurchaseSummary, fits: dict[str, Fit], monkeypatch: pytest.MonkeyPatch
) -> None:
    mixed = weighed(fits, 0.4, 0.3, 0.3)
    exact = mixed.predict_interval(summary, 39, draws=300)
    monkeypatch.setattr("goodwill.inference.prediction.MANY", 0)
    np.testing.assert_allclose(mixed.predict_interval(summary, 39, draws=300), exact, rtol=0.04)


def test_draws_are_of_the_models_by_their_weights_and_can_be_taken_one_by_one(fits: dict[str, Fit]) -> None:
    draws = weighed(fits, 0.5, 0.0, 0.5).prediction_draws(41, 3)
    assert draws.size == 41 and sorted(len(rows) for rows in draws.rows) in ([20, 21],)
    whole = draws.expected_purchases(13.0, *KNOWN)
    assert whole.shape == (41, 3)
    single = np.concatenate([some_draws(draws, slice(k, k + 1)).expected_purchases(13.0, *KNOWN) for k in range(41)])
    np.testing.assert_allclose(single, whole, rtol=1e-12)
    np.testing.assert_allclose(some_draws(draws, [5, 2, 2]).expected_purchases(13.0, *KNOWN), whole[[5, 2, 2]], rtol=1e-12)


@pytest.mark.slow
def test_the_value_of_a_base_covers_the_difference_between_models(summary: PurchaseSummary, fits: dict[str, Fit]) -> None:
    spend, terms = gw.GammaGamma.fit(summary), ValueTerms(39, 0.3, 0.15, "week")
    found = total_value_interval(weighed(fits, 0.4, 0.3, 0.3), spend, summary, terms, draws=100)  # type: ignore[arg-type]
    each = [customer_value(fit, spend, summary, terms)["value"].sum() for fit in fits.values()]
    assert found.estimate == pytest.approx(np.dot([0.4, 0.3, 0.3], each))
    assert found.lower < min(each) < max(each) < found.upper


@pytest.mark.slow
def test_weights_count_only_hold_outs_that_were_over() -> None:
    """What comes after a date moves no weight of that date."""
    log = read_transactions(LOG)
    models = StackedModels(FAST)
    found = {}
    for cut in rolling_cuts(log, 4, 13):
        tested = holdout_at(log, cut, 13)
        fit = fit_at(models, tested)
        found[cut] = fit.weights
        models.learn(tested, fit)
    days = list(found)
    assert [models.weights_on(day)[1] for day in days] == [0, 1, 2, 3]
    assert found[days[0]].to_list() == [0.5, 0.5]
    for day, weights in found.items():  # asked again when everything has been seen
        pd.testing.assert_series_equal(models.weights_on(day)[0], weights)
    assert models.weights_on(log.last)[1] == 4
    assert models.afresh().weights_on(log.last)[1] == 0


@pytest.mark.slow
def test_the_truth_gets_the_weight_where_a_rival_is_far_from_it() -> None:
    """Many customers leave right after they came, which BG/NBD holds for impossible."""
    born = np.random.default_rng(3).uniform(0, 26, 3000)
    log = read_transactions(log_of(gw.ModifiedBetaGeoNBD(2.0, 6.0, 1.2, 1.0, unit="week"), born, 78, seed=3))
    models = StackedModels({"MBG/NBD": gw.ModifiedBetaGeoNBD, "BG/NBD": gw.BetaGeoNBD})
    for cut in rolling_cuts(log, 3, 13):
        tested = holdout_at(log, cut, 13)
        models.learn(tested, fit_at(models, tested))
    assert models.weights_on(log.last)[0]["MBG/NBD"] > 0.9


@pytest.mark.slow
def test_intervals_on_past_dates_are_those_of_the_weights_known_then() -> None:
    log = read_transactions(LOG)
    covered = rolling_coverage(log, StackedModels(FAST), cuts=2, horizon=19, draws=60)
    second = rolling_cuts(log, 2, 19)[1]
    weights, dates = covered.model.weights_on(second)
    assert dates == 1
    tested = holdout_at(log, second, 19)
    each = {name: model.fit(tested) for name, model in FAST.items()}
    expected = sum(weights[name] * fit.predict_interval(tested, 19, draws=10)["estimate"].iloc[0] for name, fit in each.items())
    assert covered.totals["estimate"].iloc[1] == pytest.approx(expected)


def test_log_chances_are_those_of_the_model(summary: PurchaseSummary, fits: dict[str, Fit]) -> None:
    customers = summary.to_pandas()
    none, scores = log_chances(fits["BG/NBD"].model, customers, 39.0)
    known = [customers[name].to_numpy() for name in ("frequency", "recency", "T")]
    y = customers["frequency_holdout"].to_numpy()
    np.testing.assert_allclose(np.exp(scores), fits["BG/NBD"].model.probability_of_future_purchases(y, 39.0, *known), rtol=1e-10)
    np.testing.assert_allclose(none[y == 0], np.exp(scores[y == 0]), rtol=1e-10)


def test_01_takes_models_by_their_names_and_stacked_ones_as_they_were_known() -> None:
    """Statements on earlier dates are of frames that do not tell their day: the weights are those of the day named."""
    log = read_transactions(LOG)
    assert purchase_model_named("MBG/NBD", log) is gw.ModifiedBetaGeoNBD
    with pytest.raises(DataError, match="there is no purchase model 'BG'; use one of BG/NBD, MBG/NBD, Pareto/NBD or stacked"):
        purchase_model_named("BG", log)


@pytest.mark.slow
def test_past_statements_of_money_use_the_weights_of_their_day(summary: PurchaseSummary, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("goodwill.lifetime_value.evidence.purchase_choice.PURCHASE_MODELS", FAST)
    log = read_transactions(LOG)
    models = purchase_model_named("stacked", log)
    cuts = rolling_cuts(log, 4, 19.0)
    assert [models.weights_on(cut)[1] for cut in (*cuts, log.last)] == [0, 0, 1, 2, 4]
    ended = purchase_model_named("stacked", log, end="1998-03-31")
    assert ended.weights_on(log.last)[1] == 4 and max(due for _, due in ended._seen) <= pd.Timestamp("1998-03-31").date()
    said = money_statement(log, cuts[2], 13, models, draws=100)
    weights = models.weights_on(cuts[2])[0]
    alone = [money_statement(log, cuts[2], 13, model, draws=100).estimate for model in FAST.values()]
    assert said.estimate == pytest.approx(float(weights @ np.array(alone)))
    assert models.fit_on(cuts[2], summary.to_pandas()).weights.to_list() == weights.to_list()


def test_the_class_test_is_of_single_models(summary: PurchaseSummary, fits: dict[str, Fit]) -> None:
    mixed = weighed(fits, 0.5, 0.2, 0.3)
    with pytest.raises(TooLittle, match="Stacked models are no one model that such a test could contradict"):
        class_test(mixed, summary.purchase_rows())  # type: ignore[arg-type]
    assert mixed.estimates.loc[("Pareto/NBD", "s"), ["estimate", "weight"]].to_list() == pytest.approx([0.606, 0.3], abs=1e-3)


def test_of_refits_on_a_ridge_each_model_has_its_share(fits: dict[str, Fit], monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(Fit, "prediction_draws", lambda fit, n, seed, refits: asked.append((n, refits)) or fit.draws(n, seed))
    weighed(fits, 0.75, 0.0, 0.25).prediction_draws(100, 1, refits=20)
    assert asked == [(75, 15), (25, 5)]


def test_weights_that_are_none_are_refused(fits: dict[str, Fit]) -> None:
    with pytest.raises(FitError, match="must be in this order, no less than zero and with the sum 1"):
        weighed(fits, 0.5, 0.2, 0.2)
    with pytest.raises(DataError, match="there are no models to stack"):
        StackedModels({})
    with pytest.raises(AttributeError, match="StackedModel has no attribute 'alpha'"):
        _ = weighed(fits, 0.5, 0.2, 0.3).model.alpha


def test_a_stacked_fit_says_who_carries_it(fits: dict[str, Fit]) -> None:
    assert repr(weighed(fits, 0.5, 0.2, 0.3)) == "<StackedFit BG/NBD 50%, MBG/NBD 20%, Pareto/NBD 30%; weights of 0 dates>"
