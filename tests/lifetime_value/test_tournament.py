"""The tournament in small: what rules and boosting know on a date, how forecasts are scored, and that nothing that loses is left out."""

from __future__ import annotations

import json
import sys
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from benchmarks import kept_priors, stacking, widening_prior
from benchmarks.tournament import __main__ as tournament
from benchmarks.tournament import contenders, data_sets, headlines, page, peers, scores, tables
from scipy.stats import t

import goodwill as gw
from goodwill.inference.track_record import FROM_OTHER_DATA, KEPT, PURCHASES_ELSEWHERE, Prior, tau_squared, widen_by

LOG = pd.DataFrame(
    {
        "customer_id": ["a", "a", "a", "b", "b", "c"],
        "date": pd.to_datetime(["2025-01-01", "2025-02-01", "2025-03-05", "2025-01-10", "2025-03-01", "2025-02-20"]),
        "amount": [10.0, 20.0, 30.0, 5.0, 5.0, 8.0],
        "repeat": [False, True, True, False, True, False],
    }
)


def test_a_window_counts_repeat_purchases_after_its_first_day_and_up_to_its_last() -> None:
    customers = pd.DataFrame({"customer_id": ["c", "b", "a"]})
    assert peers.bought(LOG, customers, date(2025, 2, 1), date(2025, 3, 1)).tolist() == [0, 1, 0]
    assert peers.bought(LOG, customers, date(2025, 1, 31), date(2025, 3, 5)).tolist() == [0, 1, 2]


def test_boosting_knows_nothing_that_comes_after_its_date() -> None:
    found = peers.features(LOG, date(2025, 2, 20))
    later = pd.concat([LOG, LOG.tail(1).assign(customer_id="d", date=pd.Timestamp("2025-06-01"))])
    pd.testing.assert_frame_equal(found, peers.features(later, date(2025, 2, 20)))
    assert found.loc["a", ["age", "hiatus", "times", "last 4", "last 26"]].to_list() == [50, 19, 1, 1, 1]
    assert found.loc["a", "spend"] == pytest.approx(15.0)
    assert found["last 4"].to_dict() == {"a": 1, "b": 0, "c": 0}


def scored(name: str, expected: float, ends: tuple[float, float] | None, log_score: float | None, cut: int = 1, dates: int = 1) -> dict:
    came, money = np.array([0.0, 2.0, 4.0]), np.array([0.0, 20.0, 40.0])
    given = None if log_score is None else np.full(3, log_score)
    said = scores.Said(np.full(3, expected), 0.5, given, ends, np.full(3, 10 * expected))
    known = {"set": "s", "family": "f", "kind": "real", "cut": date(2025, cut, 1), "customers": 3, "dates": dates, "weights": "1.00"}
    known |= {"days": 28}
    (row,) = scores.scored({name: said}, came, money, known)
    return row


def test_a_forecast_is_scored_by_customer_and_as_a_total() -> None:
    row = scored("BG/NBD", 1.0, (2.0, 4.0), -0.7)
    assert {name: row[name] for name in ("MAE", "bias", "money", "log_score", "held")} == pytest.approx(
        {"MAE": 5 / 3, "bias": -0.5, "money": -0.5, "log_score": -0.7, "held": 0.0}
    )
    assert row["interval_score"] == pytest.approx((2 + 40 * 2) / 6)
    rule = scored("hiatus", 2.0, None, None)
    assert (rule["bias"], rule["MAE"]) == (0.0, pytest.approx(4 / 3))
    assert np.isnan([rule[name] for name in ("log_score", "held", "interval_score")]).all()


def rows() -> pd.DataFrame:
    made = []
    for cut, shift in ((1, 0.0), (2, 0.01)):
        made += [scored("BG/NBD", 1.9, (4.0, 7.0), -0.70 + shift, cut, cut - 1), scored("MBG/NBD", 1.0, (2.0, 4.0), -0.72, cut, cut - 1)]
        made += [scored("Pareto/NBD", 2.2, (5.0, 8.0), -0.75, cut, cut - 1), scored("stacked", 2.0, (4.0, 8.0), -0.69, cut, cut - 1)]
        made += [scored("hiatus", 2.0, None, None, cut, cut - 1), scored("nobody buys", 0.0, None, None, cut, cut - 1)]
    return pd.DataFrame(made)


def test_every_forecast_stands_in_the_table_by_log_score_and_rules_by_absolute_error() -> None:
    lines = tables.table(rows())
    assert [line[:22].strip() for line in lines[1:]] == ["stacked", "BG/NBD", "MBG/NBD", "Pareto/NBD", "hiatus", "nobody buys"]
    assert lines[1].split() == ["stacked", "2", "-0.6900", "1.333", "+0.0%", "0.0%", "+0.0%", "0.0%", "100", "0.67", "0.50"]
    assert lines[-1].split() == ["nobody", "buys", "2", "-", "2.000", "-100.0%", "100.0%", "-100.0%", "100.0%", "-", "-", "0.50"]


def test_the_best_so_far_is_picked_from_what_was_over() -> None:
    """BG/NBD before the first hold-out; then the leader of the means, whatever comes."""
    made = []
    for cut, (one, other) in enumerate([(-0.7, -0.6), (-0.5, -0.9), (-0.5, -0.9)], start=1):
        made += [scored("BG/NBD", 1.9, (4.0, 7.0), one, cut), scored("MBG/NBD", 1.0, (2.0, 4.0), other, cut)]
        made.append(scored("Pareto/NBD", 2.2, (5.0, 8.0), -2.0, cut))
    found = scores.with_best_so_far(pd.DataFrame(made))
    best = found[found["forecast"] == scores.BEST_SO_FAR]
    assert best["expected"].round(2).tolist() == [5.7, 3.0, 5.7]  # BG/NBD, MBG/NBD, BG/NBD
    assert best["seconds"].tolist() == [1.5] * 3  # of all three
    again = scores.with_best_so_far(found)
    pd.testing.assert_frame_equal(again, found)


def test_the_stacked_forecast_is_held_against_the_best_model_in_hindsight_by_sources() -> None:
    other = rows().assign(set="t", family="g", log_score=rows()["log_score"] + np.where(rows()["forecast"] == "stacked", -0.02, 0.0))
    found = tables.scores_told(scores.with_best_so_far(pd.concat([rows(), other])))
    assert found[0] == (
        "stacked less BG/NBD (the best single model in hindsight): -0.00500 a customer, standard error 0.01000 over 2 sources: not worse "
        "beyond its standard error"
    )
    worse = other.assign(set="u", family="h")
    assert tables.scores_told(scores.with_best_so_far(pd.concat([worse, other])))[0].endswith(
        "over 2 sources: worse beyond its standard error"
    )


def test_a_difference_of_shares_has_the_interval_of_sources() -> None:
    source = pd.Series([*"aaaabbbb", *"cdefghij"])
    none = pd.Series([0.0] * 16)
    assert tables.difference(none + 1.0, none, source) == (1.0, 1.0, 1.0)
    mean, low, high = tables.difference(pd.Series([1.0] * 4 + [0.0] * 12), none, source)
    assert mean == 0.25 and low == 0.0 and high > 0.5  # one source of ten held more: that is no evidence
    assert [tables.stands(*ends) for ends in ((0.1, 0.2), (-0.2, -0.1), (0.0, 0.2), (-0.1, 0.0))] == [
        "higher",
        "lower",
        *["not told apart"] * 2,
    ]


def test_what_intervals_leave_out_is_their_error_less_what_they_claim() -> None:
    (_, *lines) = tables.left_out(rows())
    found = {line.split()[0]: float(line.split()[-1]) for line in lines}
    error, claimed = np.log(6 / 3), np.log(4 / 3) / 1.959964
    assert found["MBG/NBD"] == pytest.approx(np.sqrt(error**2 - claimed**2), abs=1e-3)
    assert found["stacked"] == 0.0


@pytest.mark.slow
def test_regret_is_counted_against_the_true_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stacking, "CUSTOMERS", 300)
    monkeypatch.setattr(stacking, "CUTS", (26.0, 39.0))
    monkeypatch.setattr(stacking, "DRAWS", 40)
    monkeypatch.setattr(stacking.gw, "PURCHASE_MODELS", {name: stacking.gw.PURCHASE_MODELS[name] for name in ("BG/NBD", "MBG/NBD")})
    first, second = stacking.regrets("BG/NBD, as on CDNOW", 1)
    assert (first["dates"], second["dates"], first["weight"]) == (0, 1, 0.5)
    assert first["regret"] == first["even"]
    assert abs(second["regret"]) < 0.02 and second["held_true"] in (True, False)
    text = stacking.written(pd.DataFrame([first, second]))
    largest = f"{1e3 * second['regret']:.2f} (BG/NBD, as on CDNOW, seed 1907, 1 dates)."
    assert f"The largest mean of a truth, a seed and a number of dates: {largest}" in text
    other = second | {"set": 2, "regret": second["regret"] + 0.01}
    mean, error = stacking.over_sets(pd.DataFrame([second, other]))
    assert (mean, error) == pytest.approx((second["regret"] + 0.005, 0.005))
    assert "above the limit" in stacking.written(pd.DataFrame([first, second | {"regret": 0.0021}]))


def errors(tau: float, sets: int, seed: int, dates: int = 5) -> pd.DataFrame:
    """Forecasts of 1,000 purchases whose intervals claim 4 %, of data sets whose logarithms err by tau beyond that."""
    rng, made = np.random.default_rng(seed), []
    for number in range(sets):
        for cut in range(dates):
            came = 1000 * np.exp(rng.normal(0, np.hypot(tau, 0.04)))
            low, high = 1000 * np.exp(-1.96 * 0.04), 1000 * np.exp(1.96 * 0.04)
            made.append((f"set {number}", f"family {number}", "simulated", date(2025, 1, 1) + timedelta(days=91 * cut), came, low, high))
    found = pd.DataFrame(made, columns=["set", "family", "kind", "cut", "came", "lower", "upper"])
    found = found.assign(forecast="stacked", expected=1000.0, days=91, interval_score=0.1)
    return found.assign(held=found["came"].between(found["lower"], found["upper"]).astype(float))


@pytest.mark.parametrize("tau", [0.08, 0.3])
def test_the_prior_finds_what_intervals_leave_out(tau: float) -> None:
    found = headlines.prior_of(errors(tau, 40, seed=3))
    assert found.tau == pytest.approx(tau, rel=0.15)
    assert found.degrees > 5  # all sets err alike


def test_where_sets_differ_a_prior_is_worth_little() -> None:
    mixed = pd.concat([errors(tau, 1, seed).assign(set=f"s{seed}") for seed, tau in enumerate([0.0, 0.02, 0.05, 0.3, 0.6] * 8)])
    assert headlines.prior_of(mixed).degrees == pytest.approx(2.0)  # the least that one may be worth


def test_a_prior_maximises_the_density_of_the_rule_that_widens() -> None:
    """The densities are those of scipy's t at the scale and the degrees by which `widen_by` draws its interval."""
    one = errors(0.2, 1, seed=1)
    said = headlines.statements(one)
    beyond = [headlines.excess(each) for each in said]
    prior = Prior(0.15, 2.5, "")
    tau2, degrees = tau_squared(beyond[:2], prior)
    wide = widen_by(said[2], (tau2, degrees))
    total = tau2 + (np.log(said[2].upper / said[2].estimate) / 1.959964) ** 2
    freedom = degrees * (total / tau2) ** 2
    assert wide.upper == pytest.approx(said[2].estimate * np.exp(t.ppf(0.975, freedom) * np.sqrt(total)), rel=1e-5)
    e = np.array([0.1, -0.3])
    np.testing.assert_allclose(
        headlines._log_density(e, np.array([freedom] * 2), np.array([total] * 2)), t.logpdf(e, freedom, 0, total**0.5)
    )


@pytest.mark.slow
def test_headlines_hold_what_they_promise_and_no_set_widens_itself() -> None:
    found = headlines.with_headlines(errors(0.2, 12, seed=5, dates=10))
    assert found["past"].tolist() == [*range(10)] * 12
    assert found["held"].mean() < 0.4 and 0.9 < found["wide_held"].mean() < 0.99
    wild = errors(0.2, 5, seed=5)
    wild.loc[wild["set"] == "set 0", "came"] = 3000.0
    first = headlines.with_headlines(wild).groupby("set").first()
    calm = headlines.with_headlines(errors(0.2, 5, seed=5)).groupby("set").first()
    assert first.loc["set 0", "wide_upper"] == pytest.approx(calm.loc["set 0", "wide_upper"])  # its own errors are not in its prior
    assert first.loc["set 1", "wide_upper"] > 1.5 * calm.loc["set 1", "wide_upper"]
    never = errors(0.2, 5, seed=5).assign(family=lambda d: d["family"].replace("family 1", "cdnow"))
    assert headlines.priors(never)["stacked"].tau == headlines.priors(never[never["family"] != "cdnow"])["stacked"].tau


def test_a_log_cut_out_of_a_longer_story_begins_later() -> None:
    history = data_sets.HISTORIES["cut out"]._replace(customers=300, coming=60.0, weeks=70, missing=30, cuts=(20,))
    found = data_sets.company("BG/NBD", "cut out", 1, history)
    assert (found.family, found.kind) == ("BG/NBD", "simulated")
    assert (found.cuts[0] - found.transactions.first).days in range(133, 141)
    names = list(data_sets.data_sets())
    assert len(names) == 3 + 2 * (2 * 9 + 2)
    assert sum("cut out" in name for name in names) == 4


PEER = """
for task, asked in tasks():
    rows = table(task, "rows")
    train, test, log = table(task, "train"), table(task, "test"), table(task, "log")
    assert list(test["customer_id"]) == list(rows["customer_id"]) and log["date"].max() <= asked["cut"]
    names = {"r": 0.2425945, "alpha": 4.413602, "a": 0.7929220, "b": 2.4259068}
    said(task, {"peer BG/NBD": (rows["frequency"] * 0.1, 1.5, names), "guess": (rows["T"] * 0.0 + asked["length"], 0.5, None)})
"""


@pytest.mark.slow
def test_peers_enter_by_their_files_of_predictions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A peer in an environment of its own (here: this one's Python) reads the tasks, and writes what the tournament then scores."""
    log = gw.read_transactions("cdnow_sample")
    summary = gw.lifetime_value.holdout_at(log, date(1997, 9, 30), 13)
    customers = summary.to_pandas()
    frame = log.to_pandas().assign(date=lambda d: pd.to_datetime(d["date"]))
    frame["repeat"] = frame["date"] > frame.groupby("customer_id")["date"].transform("min")
    peers.leave_task(str(tmp_path), 0, date(1997, 9, 30), 13.0, customers, frame)
    python = tmp_path / "peer" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    monkeypatch.setattr(peers, "HOME", tmp_path)
    monkeypatch.setattr(
        peers, "PEERS", {"peer": peers.Peer("peer", PEER), "gone": peers.Peer("absent", PEER), "bad": peers.Peer("peer", "1 / 0")}
    )
    assert list(peers.answered(str(tmp_path), costly=True)) == ["absent (not installed)", "peer (failed)"]
    found = peers.predictions(str(tmp_path), 0, customers, "week", each_time=3.0, mean=2.0)
    assert list(found) == ["peer BG/NBD", "guess"]
    model, guess = found["peer BG/NBD"], found["guess"]
    np.testing.assert_allclose(model.expected, customers["frequency"] * 0.1)
    assert (model.seconds, model.ends, guess.log_score) == (1.5, None, None)
    ours = contenders.log_chances(gw.BetaGeoNBD.fit(summary).model, customers, 13.0)[1].mean()
    assert model.log_score is not None and model.log_score.mean() == pytest.approx(ours, abs=1e-5)
    assert model.money is not None and guess.money is not None
    assert (model.money.sum(), guess.money.sum()) == pytest.approx((0.3 * customers["frequency"].sum(), 26.0 * len(customers)), rel=1e-6)
    said = pd.read_csv(tmp_path / "000.peer.csv")
    said.assign(guess=np.nan).to_csv(tmp_path / "000.peer.csv", index=False)
    with pytest.raises(ValueError, match="no finite forecast of guess for each of 2357 customers"):
        peers.predictions(str(tmp_path), 0, customers, "week", each_time=3.0, mean=2.0)


@pytest.mark.slow
def test_costly_peers_are_kept_to_some_of_the_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "python_of", lambda peer: Path(sys.executable))
    monkeypatch.setattr(peers, "PEERS", {"dear": peers.Peer("dear", "1 / 0", costly=True)})
    assert list(peers.answered(str(tmp_path), costly=False)) == []
    assert list(peers.answered(str(tmp_path), costly=True)) == ["dear (failed)"]


def test_a_prior_is_kept_with_the_command_that_made_it(tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    kept_priors.keep_prior("purchases", Prior(0.12345, 1.234, "shops"), "python -m here", path)
    kept_priors.keep_prior("money", Prior(0.2, 2.0, "shops"), "python -m there", path)
    assert json.loads(path.read_text("utf8")) == {
        "purchases": {"tau": 0.123, "degrees": 1.2, "source": "shops", "command": "python -m here"},
        "money": {"tau": 0.2, "degrees": 2.0, "source": "shops", "command": "python -m there"},
    }


def kept() -> pd.DataFrame:
    return tournament.kept_rows()


def test_the_kept_priors_are_those_of_the_results() -> None:
    told, rows = json.loads(KEPT.read_text("utf8")), kept()
    prior = headlines.prior_of(rows[(rows["forecast"] == "stacked") & (rows["family"] != "cdnow")])
    assert (PURCHASES_ELSEWHERE.tau, PURCHASES_ELSEWHERE.degrees) == (round(prior.tau, 3), round(prior.degrees, 1))
    assert told["purchases"]["command"] == "python -m benchmarks.tournament --write"
    simulated, journey = (float(line.split()[5]) for line in widening_prior.RESULT.read_text().splitlines() if line.startswith("   all"))
    assert widening_prior.of_both(simulated, journey) == FROM_OTHER_DATA
    assert told["money"]["command"] == "python -m benchmarks.widening_prior"


@pytest.mark.slow
def test_the_page_and_the_text_are_those_of_the_kept_rows(tmp_path: Path) -> None:
    rows, copy = kept(), tmp_path / "page.md"
    text = page.PAGE.read_text("utf8")
    copy.write_text(page.MADE.sub(r"\1\2", text), "utf8")
    page.write_page(rows, copy)
    assert copy.read_text("utf8") == text
    told = tournament.RESULT.read_text("utf8")
    assert all(line.rstrip() in told for line in [*tables.table(rows), *tables.scores_told(rows)])


def held(wide: pd.DataFrame, name: str, what: str = "held") -> float:
    return float(wide.loc[wide["forecast"] == name, what].mean())


@pytest.mark.slow
def test_what_the_page_concludes_of_stacking_and_intervals(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = kept()
    wide = headlines.with_headlines(rows)
    assert all("not worse beyond" in line for line in tables.scores_told(rows))
    claimed = tables.comparisons(wide, tables.CLAIMED)
    assert [line.split(": ")[-1] for line in claimed] == ["higher", "higher"]
    models = (*scores.SINGLE, "stacked", scores.BEST_SO_FAR)
    assert all(held(wide, name) < 0.85 for name in models)
    true = wide[wide["family"].isin(scores.SINGLE) & wide["set"].str.contains("cohort|shop")]
    assert held(true[true["family"] == true["forecast"]], "BG/NBD") > 0.9
    own = wide[wide["past"] >= headlines.FEWEST_OWN]
    assert all(0.93 <= held(own, name, "wide_held") <= 1 for name in models)
    assert all(line.endswith("not told apart") for line in tables.comparisons(own, tables.HEADLINES[:1]))
    mine = rows[rows["forecast"] == "stacked"]
    monkeypatch.setattr(headlines, "priors", lambda rows, leave=None: {"stacked": FROM_OTHER_DATA})
    money = headlines.with_headlines(mine)
    money, ours = money[money["past"] >= headlines.FEWEST_OWN], own[own["forecast"] == "stacked"]
    assert money["wide_held"].mean() == 1 and ours["wide_score"].mean() < money["wide_score"].mean()
    width, usual = (((each["wide_upper"] - each["wide_lower"]) / each["came"]).median() for each in (money, ours))
    assert 1.25 < width / usual < 1.45
    real = [each[each["kind"] == "real"] for each in (money, ours)]
    assert len(real[0]) == 6 and real[0]["wide_score"].mean() < real[1]["wide_score"].mean()
    assert all(
        own.loc[own["forecast"] == name, "wide_score"].mean() < own.loc[own["forecast"] == name, "interval_score"].mean() for name in models
    )


def test_what_the_page_concludes_of_richer_models_peers_and_rules() -> None:
    rows = kept().set_index(["set", "cut"])
    by = {str(name): part for name, part in rows.groupby("forecast")}

    def beside(name: str, other: str, what: str) -> tuple[float, float]:
        return float(by[name][what].mean()), float(by[other].loc[by[name].index, what].mean())

    for name in ("BG/NBD", "MBG/NBD"):
        more, plain = beside(f"{name}, calendar", name, "held")
        assert more > plain
        size = by[f"{name}, calendar"]["bias"].abs().mean()
        assert size < by[name].loc[by[f"{name}, calendar"].index, "bias"].abs().mean()
    mine, plain = beside("BG/CNBD-3", "BG/NBD", "log_score")
    assert set(by["BG/CNBD-3"]["family"]) == {"BG/NBD, regular"} and mine - plain > 0.02
    mine, plain = beside("BG/CNBD-2", "BG/NBD", "log_score")
    assert set(by["BG/CNBD-2"]["family"]) == {"complete_journey"} and mine - plain < -0.2
    stacked = by["stacked"].loc[by["BG/CNBD-2"].index]
    assert abs(stacked["log_score"].mean() - plain) < 0.01
    mine, plain = beside("BG/NBD, older apart", "BG/NBD", "log_score")
    assert abs(mine - plain) < 0.005
    apart, one = by["BG/NBD, older apart"], by["BG/NBD"].loc[by["BG/NBD, older apart"].index]
    assert apart["bias"].abs().mean() < one["bias"].abs().mean() and apart["held"].mean() > one["held"].mean()
    for name in ("lifetimes BG/NBD", "clvkit BG/NBD", "clvkit MBG/NBD"):
        mine, theirs = by[name.split()[1]].loc[by[name].index], by[name]
        summit = (theirs["family"] != "nobody leaves").to_numpy()
        np.testing.assert_allclose(theirs["log_score"][summit], mine["log_score"][summit], atol=2e-4)
        np.testing.assert_allclose(theirs["log_score"], mine["log_score"], atol=5e-4)
        np.testing.assert_allclose(theirs["expected"], mine["expected"], rtol=0.005)
    for name in scores.SINGLE:
        mine, plain = beside(f"pymc-marketing {name}", name, "log_score")
        assert abs(mine - plain) < 0.005
    missed = {name: part["bias"].abs().mean() for name, part in by.items()}
    far = {name: part["MAE"].mean() for name, part in by.items() if len(part) == len(by["stacked"])}
    assert missed["boosting"] > max(missed[name] for name in (*scores.SINGLE, "stacked"))
    assert far["boosting"] > far["stacked"]
    assert far["hiatus"] < min(far[name] for name in (*scores.SINGLE, "stacked")) and 0.5 < missed["hiatus"] < 0.7
    cdnow = rows[rows["family"] == "cdnow"].groupby("forecast")["MAE"].mean()
    assert cdnow["nobody buys"] < min(cdnow[name] for name in (*scores.SINGLE, "stacked"))
    assert max(far, key=lambda name: far[name]) == "same number"


def test_what_the_page_concludes_of_the_cost_of_stacking() -> None:
    text = stacking.RESULT.read_text("utf8")
    together = text[text.index("All seeds together") :]
    assert together.count("within the limit; with its standard error within") == 7  # six truths, and all
    before = [float(line[32:].split()[0]) for line in text.splitlines() if line[26:32].strip() == "0" and "frequent" in line]
    assert max(before) > 2 * stacking.LIMIT * 1e3


@pytest.mark.slow
def test_a_tournament_of_two_sets_has_all_forecasts() -> None:
    found, _ = tournament.tournament(few=True)
    assert {*scores.SINGLE, "stacked", scores.BEST_SO_FAR, "hiatus", "same rate", "last window", "nobody buys"} <= set(found["forecast"])
    assert found["set"].nunique() == 2
