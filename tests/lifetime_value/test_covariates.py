"""Models whose parameters go with what is told of customers: the plain model without effects, the truth found, what is refused."""

from __future__ import annotations

from dataclasses import make_dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.lifetime_value import golden

import goodwill as gw
from goodwill.errors import DataError, FitError, TooLittle
from goodwill.inference.fit import Fit
from goodwill.inference.search import _among, hessian
from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD
from goodwill.lifetime_value.gamma_gamma import GammaGamma
from goodwill.lifetime_value.modified_beta_geo_nbd import ModifiedBetaGeoNBD
from goodwill.lifetime_value.pareto_nbd import ParetoNBD
from goodwill.lifetime_value.richer.cells import CellLikelihood
from goodwill.lifetime_value.richer.covariate_uses import covariate_test, value_by_covariates, with_covariates
from goodwill.lifetime_value.richer.covariates import CovariateFit, covariate_gain, fit_with_covariates
from goodwill.lifetime_value.richer.covariates_kept import covariates_from_text, covariates_to_text
from goodwill.lifetime_value.richer.design import NOT_STATED, design_by, design_of
from goodwill.lifetime_value.richer.older import older_apart
from goodwill.lifetime_value.richer.regular_buyers import regular_buyers

SHOPS = ("north", "south", "west")
RATE, DROPOUT = {"north": 1.0, "south": 1.6, "west": 0.7}, {"north": 1.0, "south": 0.5, "west": 1.8}
PLAIN = {
    BetaGeoNBD: (0.8, 8.0, 0.7, 4.0),
    ModifiedBetaGeoNBD: (0.8, 8.0, 0.7, 4.0),
    ParetoNBD: (0.8, 8.0, 0.7, 20.0),
    regular_buyers(2): (0.8, 4.0, 0.7, 4.0),
}
every_model = pytest.mark.parametrize("model", PLAIN, ids=lambda model: model.__name__)


def sold(model: Any, customers: int, seed: int, moved: bool = True) -> pd.DataFrame:
    """Customers of three shops, whose rates and chances to leave differ or do not."""
    frames = []
    for place, shop in enumerate(SHOPS):
        rate, odds = (RATE[shop], DROPOUT[shop]) if moved else (1.0, 1.0)
        one, time, third, fourth = PLAIN[model]
        if model is ParetoNBD:
            third, fourth = third, fourth / odds
        else:
            precision, share = third + fourth, third / fourth * odds / (1 + third / fourth * odds)
            third, fourth = precision * share, precision * (1 - share)
        made = model(one, time / rate, third, fourth, unit="week").simulate(np.full(customers, 52.0), horizon=26.0, seed=seed + place)
        frames.append(made.assign(shop=shop))
    return pd.concat(frames, ignore_index=True)


@every_model
def test_effects_of_nothing_leave_the_plain_model(model: Any) -> None:
    """With all ratios at 1 the likelihood of every cell is that of the plain model."""
    made = sold(model, 100, 3)
    history = tuple(made[name].to_numpy(float) for name in ("frequency", "recency", "T"))
    told = CellLikelihood(model, ("rate", "dropout"), design_of(made, ["shop"]), np.array(PLAIN[model]), history)
    value, _ = told.objective(*told.rows(), 0.3)(np.array([*PLAIN[model], 1, 1, 1, 1], float))
    assert value == pytest.approx(float(model(*PLAIN[model]).log_likelihood(*history).sum()), rel=1e-10)


@pytest.mark.sampled(2)
@every_model
def test_the_gradient_is_that_of_the_likelihood(model: Any) -> None:
    made = sold(model, 60, 3).assign(age=np.linspace(20, 70, 180))
    history = tuple(made[name].to_numpy(float) for name in ("frequency", "recency", "T"))
    told = CellLikelihood(model, ("rate", "dropout"), design_of(made, ["shop", "age"]), np.array(PLAIN[model]), history)
    asked = told.objective(*told.rows(), 0.4)
    theta = np.array([*PLAIN[model], 1.2, 0.8, 1.1, 0.7, 1.3, 0.9])
    slopes = [(asked(theta + step)[0] - asked(theta - step)[0]) / 2e-6 for step in 1e-6 * np.eye(len(theta))]
    np.testing.assert_allclose(asked(theta)[1], slopes, rtol=1e-5, atol=1e-3)


@pytest.mark.sampled(1)
@pytest.mark.parametrize(
    "model",
    [model if model in (BetaGeoNBD, ParetoNBD) else pytest.param(model, marks=pytest.mark.slow) for model in PLAIN],
    ids=lambda model: model.__name__,
)
def test_the_truth_is_found(model: Any) -> None:
    fit = fit_with_covariates(sold(model, 2500, 5), ["shop"], model=model, ridge=None)
    assert [(each.level, each.reference) for each in fit.told.design.columns] == [("south", "north"), ("west", "north")]
    table = fit.fit.estimates.loc[["rate_1", "rate_2", "dropout_1", "dropout_2"]]
    truth = np.array([RATE["south"], RATE["west"], DROPOUT["south"], DROPOUT["west"]])
    reach = 3.5 * table["standard_error"] / table["estimate"]
    assert (np.abs(np.log(table["estimate"] / truth)) < reach).all()
    assert fit.gain > 50
    assert fit.warnings == ()


@pytest.mark.slow
def test_what_they_add_is_seen_on_a_holdout_and_nothing_where_there_is_nothing() -> None:
    moved, still = (fit_with_covariates(sold(BetaGeoNBD, 1500, 8, moved=there), ["shop"]) for there in (True, False))
    rows = {there: sold(BetaGeoNBD, 1500, 8, moved=there)["frequency_holdout"] for there in (True, False)}
    assert covariate_gain(moved, rows[True], 26.0).loc["log score", "lower"] > 0
    nothing = covariate_gain(still, rows[False], 26.0).loc["log score"]
    assert nothing["lower"] < 0 < nothing["upper"] or abs(nothing["gain"]) < 2e-4
    assert still.ridge is not None and still.ridge <= 0.1
    assert moved.ridge is None or moved.ridge >= 0.3


@pytest.mark.slow
def test_effects_are_told_as_rates_and_lifetimes() -> None:
    fit = fit_with_covariates(sold(BetaGeoNBD, 2000, 6), ["shop"], ridge=None)
    table = fit.effects.set_index("level")
    assert table["customers"].to_dict() == dict.fromkeys(SHOPS, 2000)
    true = {shop: BetaGeoNBD(0.8, 8.0 / RATE[shop], *_beta(DROPOUT[shop])) for shop in SHOPS}
    for shop, model in true.items():
        row = table.loc[shop]
        assert row["rate_lower"] < row["rate"] < row["rate_upper"]
        for name, said in {
            "rate": 0.1 * RATE[shop],
            "year": float(model.expected_purchases_new_customer(52.0)),
            "staying": float(model.probability_alive_at(52.0, 0, 0, 0)),
        }.items():
            assert abs(row[name] - said) < 1.5 * (row[f"{name}_upper"] - row[f"{name}_lower"])
    assert table["lifetime"].idxmax() == "south"


def _beta(odds: float) -> tuple[float, float]:
    share = 0.7 / 4 * odds / (1 + 0.7 / 4 * odds)
    return 4.7 * share, 4.7 * (1 - share)


def test_what_is_expected_of_each_customer_is_that_of_her_cell() -> None:
    made = sold(BetaGeoNBD, 300, 4)
    fit = fit_with_covariates(made, ["shop"], ridge=0.3)
    expected, alive = fit.expected_purchases(26.0), fit.probability_alive()
    models = dict(fit.models())
    for place in (0, 450, 899):
        model = models[int(fit.told.design.cell[place])]
        known = [float(made[name][place]) for name in ("frequency", "recency", "T")]
        assert expected[place] == pytest.approx(float(model.expected_purchases(26.0, *known)))
        assert alive[place] == pytest.approx(float(model.probability_alive(*known)))
    found = fit.total_interval(26.0, draws=50)
    assert found.lower < expected.sum() < found.upper
    assert found.estimate == pytest.approx(expected.sum())


def test_spend_goes_with_covariates() -> None:
    rng = np.random.default_rng(2)
    parts = []
    for shop, times in (("north", 1.0), ("south", 1.5)):
        frequency = rng.integers(0, 6, 2000)
        parts.append(GammaGamma(6.0, 4.0, 15.0 * times).simulate(frequency, seed=int(10 * times)).assign(shop=shop))
    made = pd.concat(parts, ignore_index=True)
    fit = fit_with_covariates(made, ["shop"], model=GammaGamma, ridge=None)
    assert fit.fit.estimates.loc["spend_1", "estimate"] == pytest.approx(1.5, rel=0.08)
    table = fit.effects.set_index("level")
    assert table.loc["south", "spend"] / table.loc["north", "spend"] == pytest.approx(fit.fit.estimates.loc["spend_1", "estimate"])
    assert len(fit.expected_spend()) == int((made["frequency"] > 0).sum())


@pytest.mark.slow
def test_a_table_of_covariates_meets_customers_by_id() -> None:
    summary = golden.cdnow()
    ids = summary.to_pandas()["customer_id"]
    table = pd.DataFrame({"customer_id": ids[::-1].to_numpy(), "age": np.arange(len(ids), dtype=float), "card": None})
    table["card"] = np.where(np.arange(len(ids)) % 3 == 0, "yes", None)
    fit = fit_with_covariates(summary, table, ridge=0.1)
    assert fit.told.design.stated == {"age": 1.0, "card": pytest.approx(1 / 3, abs=0.001)}
    assert [each.level for each in fit.told.design.columns] == ["680 more", NOT_STATED]
    assert fit.unit == "week"
    assert repr(fit).startswith("<CovariateFit BetaGeoNBD with 2 columns of 2 covariates, ")
    assert abs(fit.gain) < 6  # nothing goes with it


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (["nothing"], "there is no column 'nothing' among the customers; there are frequency, recency, T, frequency_holdout, shop."),
        ([], "there are no covariates; name at least one column."),
        (["same"], "the covariate 'same' is 'x' for every customer, so nothing can go with it; leave it out."),
        (["one"], "the covariate 'one' never differs, so nothing can go with it; leave it out."),
        (["own"], "the covariate 'own' has 90 levels, more than 60; merge rare ones, or make it a number if it is one."),
        (pd.DataFrame({"customer_id": ["a", "a"], "x": [1, 2]}), "customer 'a' stands twice in the covariates; keep one row a customer."),
        (
            pd.DataFrame({"customer_id": ["a", "b"], "x": [1, 2]}),
            "no customer of the purchases (such as '0') stands in the covariates (such as 'a'); write ids alike in both.",
        ),
    ],
)
def test_what_cannot_be_used_is_said(table: Any, said: str) -> None:
    made = sold(BetaGeoNBD, 30, 4)
    extra = made.assign(same="x", one=1.0, own=[f"n{at}" for at in range(90)])
    known = isinstance(table, list) and set(table) <= set(extra) and bool(table)
    with pytest.raises(DataError) as raised:
        design_of(extra if known else made, table)
    assert str(raised.value) == said


def test_another_model_or_name_is_refused() -> None:
    made = sold(BetaGeoNBD, 30, 4)
    with pytest.raises(FitError, match="covariates of BetaGeoNBD move rate or dropout"):
        fit_with_covariates(made, ["shop"], moves=["price"])
    with pytest.raises(FitError, match="CellLikelihood takes no covariates; use BetaGeoNBD, ModifiedBetaGeoNBD, ParetoNBD or GammaGamma"):
        fit_with_covariates(made, ["shop"], model=CellLikelihood)
    with pytest.raises(FitError, match="ridge='some'; give a number, None, or 'automatic'"):
        fit_with_covariates(made, ["shop"], ridge="some")


def test_second_derivatives_of_the_cells_are_those_of_the_whole() -> None:
    made = sold(BetaGeoNBD, 200, 3)
    history = tuple(made[name].to_numpy(float) for name in ("frequency", "recency", "T"))
    told = CellLikelihood(BetaGeoNBD, ("rate", "dropout"), design_of(made, ["shop"]), np.array(PLAIN[BetaGeoNBD]), history)
    mean = told.problem(0.3, "week").negative_mean()
    phi = np.log([0.7, 8.5, 0.8, 3.5, 1.2, 0.8, 0.7, 1.3])
    plain = lambda at: mean(at)  # noqa: E731
    np.testing.assert_allclose(hessian(mean, phi), hessian(plain, phi), rtol=1e-5, atol=1e-7)
    free = np.array([True, True, False, True, True, False, True, True])
    part, plain_part = (_among(each, phi, free) for each in (mean, plain))
    np.testing.assert_allclose(hessian(part, phi[free]), hessian(plain_part, phi[free]), rtol=1e-5, atol=1e-7)


@pytest.mark.slow
def test_a_fit_is_kept_and_asked_about_other_customers() -> None:
    fit = fit_with_covariates(sold(BetaGeoNBD, 300, 4).assign(age=np.tile(np.arange(100.0), 9)), ["shop", "age"], ridge=0.3)
    again = covariates_from_text(covariates_to_text(fit))
    others = sold(BetaGeoNBD, 50, 9).assign(age=np.linspace(-50, 150, 150))
    others.loc[:9, "shop"], others.loc[10, "shop"], others.loc[11, "age"] = "moon", None, np.nan
    asked, strange = again.of(others, ["shop", "age"])
    assert strange.to_numpy().tolist() == [["shop", "moon", 10], ["shop", NOT_STATED, 1], ["age", NOT_STATED, 1]]
    assert (asked.log_likelihood, asked.fit.names, asked.unit) == (fit.log_likelihood, fit.fit.names, fit.unit)
    expected = asked.expected_purchases(26.0)
    history = [others[name].to_numpy() for name in ("frequency", "recency", "T")]
    np.testing.assert_allclose(expected[:12], fit.plain.model.expected_purchases(26.0, *(each[:12] for each in history)), rtol=1e-12)
    np.testing.assert_array_equal(asked.model.expected_purchases(26.0, *history), expected)
    cells = asked.cells(np.arange(150))
    assert set(cells.customers["cell"]) <= set(cells.models) and (cells.customers["cell"][:12] == -1).all()
    found = asked.total_interval(26.0, draws=40)
    assert found.lower < expected.sum() < found.upper
    known, _ = again.of(sold(BetaGeoNBD, 300, 4).assign(age=np.tile(np.arange(100.0), 9)), ["age", "shop"])
    np.testing.assert_array_equal(known.expected_purchases(26.0), fit.expected_purchases(26.0))


def test_what_was_a_number_is_refused_as_text_and_what_is_missing_is_named() -> None:
    made = sold(BetaGeoNBD, 30, 4).assign(age=np.arange(90.0))
    design = design_of(made, ["shop", "age"])
    with pytest.raises(DataError) as text:
        design_by(design.codings, made.assign(age="old"), ["shop", "age"])
    assert str(text.value) == "the covariate 'age' was a number when the model was fitted, and holds texts now; write numbers."
    with pytest.raises(DataError) as missing:
        design_by(design.codings, made, ["shop"])
    assert str(missing.value) == "there is no covariate 'age' among those told; the model was fitted with shop, age."


@pytest.mark.slow
def test_value_and_holdout_know_the_covariates() -> None:
    summary, rng = golden.cdnow(), np.random.default_rng(1)
    frame = summary.to_pandas()
    shop = np.where(rng.random(len(frame)) < 0.2 + 0.5 * (frame["frequency_holdout"] > 0), "a", "b")
    told = pd.DataFrame({"customer_id": frame["customer_id"], "shop": shop})
    found = covariate_test(summary, told, older_apart(BetaGeoNBD, "1997-01-31"))
    assert found.gain.loc["log score", "lower"] > 0 and found.names == ("shop",)
    assert repr(found).startswith("<CovariateTest shop; log score +")
    whole = gw.summarize_purchases(gw.read_transactions("cdnow_sample"))
    valued = value_by_covariates(whole, told, BetaGeoNBD, GammaGamma.fit(whole), gw.ValueTerms(39.0, 0.3, 0.15, "week"), draws=100)
    table = valued.table.set_index("level")
    assert table.loc["a", "value"] > table.loc["a", "without"] and table.loc["b", "value"] < table.loc["b", "without"]
    assert table["customers"] @ table["value"] == pytest.approx(valued.total.estimate)
    assert valued.total.lower < valued.total.estimate < valued.total.upper and not valued.older
    with pytest.raises(TooLittle) as refused:
        with_covariates(gw.lifetime_value.in_season(BetaGeoNBD, ["Christmas x2"]))
    assert str(refused.value) == (
        "Covariates go with BG/NBD, MBG/NBD, Pareto/NBD and the models of regular buyers, and with none that is stacked or under a "
        "calendar."
    )
    with pytest.raises(TooLittle) as alone:
        covariate_test(whole, told, BetaGeoNBD)
    assert str(alone.value) == "Without a hold-out nobody can say what covariates add to a forecast."


@pytest.mark.slow
def test_what_is_told_of_a_customer_is_that_of_her_first_purchase_or_of_a_table(tmp_path: Path) -> None:
    days = ["2025-01-05", "2025-01-02", "2025-02-03", "2025-02-03"]
    log = pd.DataFrame({"customer_id": ["a", "a", "b", "b"], "date": days, "channel": ["web", " shop", "web", "app"], "age": [1, 2, 3, 4]})
    read = gw.read_transactions(log, known=["channel", "age"])
    found = gw.lifetime_value.told_of_customers(read, ["channel", "age"])
    assert found.to_numpy().tolist() == [["a", "shop", 2.0], ["b", "app", 3.0]]  # of one day the first in order
    place = tmp_path / "customers.csv"
    pd.DataFrame({"Kundennr.": ["a", "b"], "region": ["n", ""], "age": ["30", ""]}).to_csv(place, index=False)
    table = gw.lifetime_value.told_of_customers(read, table=place)
    assert list(table.columns) == ["customer_id", "region", "age"] and table["age"].isna().tolist() == [False, True]
    assert design_of(pd.DataFrame({"customer_id": ["a", "b"]}), table.drop(columns="age")).stated == {"region": 0.5}
    with pytest.raises(DataError) as unknown:
        gw.read_transactions(log, known=["chanel"])
    assert str(unknown.value) == (
        "DataFrame has no column 'chanel' that could say something of customers; its columns are customer_id, date, channel, age."
    )
    with pytest.raises(DataError) as taken:
        gw.read_transactions(log, known=["date"])
    assert str(taken.value) == (
        "the column 'date' of DataFrame is part of the purchases, and says nothing of customers beforehand; leave it out."
    )
    with pytest.raises(DataError) as unread:
        gw.lifetime_value.told_of_customers(gw.read_transactions(log), ["channel"])
    assert str(unread.value) == "DataFrame was read without the column 'channel'; name it with known=, or pass a table of customers."
    with pytest.raises(TooLittle) as none:
        gw.lifetime_value.told_of_customers(read)
    assert str(none.value) == (
        "No covariates are named: covariates= takes columns, such as the channel or the region, that say something of a customer."
    )


def asked_of(model: Any, plain: tuple[float, ...], logs: tuple[float, ...], history: Any, horizon: float) -> list[np.ndarray]:
    """P(alive), purchases and discounted purchases of customers of two shops, by parameters that need not have been fitted."""
    made = pd.DataFrame(dict(zip(("frequency", "recency", "T"), history, strict=True))).assign(shop=["a", "a", "b"])
    told = CellLikelihood(model, ("rate", "dropout"), design_of(made, ["shop"]), np.array(plain), history)
    kind = make_dataclass("WithCovariates", [*((name, Any) for name in told.names), ("unit", Any, None)], frozen=True)
    fit = Fit(kind(*plain, *np.exp(logs)), np.eye(len(told.names)), 0.0, 3.0, True)
    by = CovariateFit(fit, Fit(model(*plain), np.eye(len(plain)), 0.0, 3.0, True), told, None, "week", 0.0).model
    return [
        by.probability_alive(*history),
        by.expected_purchases(horizon, *history),
        by.discounted_expected_purchases(0.0027, *history, horizon=horizon),
    ]


@every_model
def test_forecasts_without_effects_are_those_of_the_plain_model(model: Any) -> None:
    history, plain = (np.array([0.0, 3.0, 12.0]), np.array([0.0, 20.0, 50.0]), np.array([40.0, 45.0, 52.0])), PLAIN[model]
    own = model(*plain)
    right = own.probability_alive(*history), own.expected_purchases(26.0, *history)
    for found, expected in zip(asked_of(model, plain, (0.0, 0.0), history, 26.0), right, strict=False):
        np.testing.assert_allclose(found, expected, rtol=1e-10)


@pytest.mark.slow
@pytest.mark.parametrize("model", [BetaGeoNBD, ModifiedBetaGeoNBD, pytest.param(ParetoNBD, marks=pytest.mark.slow)])
@given(
    plain=st.tuples(*(st.floats(-5, 5) for _ in range(4))),
    logs=st.tuples(st.floats(-6, 6), st.floats(-6, 6)),
    x=st.integers(1, 200),
    share=st.floats(0.01, 1),
    T=st.floats(1, 300),
    horizon=st.floats(0.1, 300),
)
@settings(max_examples=20, deadline=None)
def test_no_forecast_is_negative_or_infinite(model: Any, plain: tuple, logs: tuple, x: int, share: float, T: float, horizon: float) -> None:
    history = np.array([0.0, x, x]), np.array([0.0, share * T, share * T]), np.full(3, T)
    alive, bought, worth = asked_of(model, tuple(np.exp(plain)), logs, history, horizon)
    assert ((alive >= 0) & (alive <= 1 + 1e-12)).all() and np.isfinite(bought).all() and (bought >= 0).all()
    assert np.isfinite(worth).all() and (worth >= -1e-9 * (1 + bought)).all()
