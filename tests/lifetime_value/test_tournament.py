"""The tournament in small: what rules and boosting know on a date, how forecasts are scored, and that nothing that loses is left out."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from benchmarks import stacking, tournament

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
    assert tournament.bought(LOG, customers, date(2025, 2, 1), date(2025, 3, 1)).tolist() == [0, 1, 0]
    assert tournament.bought(LOG, customers, date(2025, 1, 31), date(2025, 3, 5)).tolist() == [0, 1, 2]


def test_boosting_knows_nothing_that_comes_after_its_date() -> None:
    found = tournament.features(LOG, date(2025, 2, 20))
    later = pd.concat([LOG, LOG.tail(1).assign(customer_id="d", date=pd.Timestamp("2025-06-01"))])
    pd.testing.assert_frame_equal(found, tournament.features(later, date(2025, 2, 20)))
    assert found.loc["a", ["age", "hiatus", "times", "last 4", "last 26"]].to_list() == [50, 19, 1, 1, 1]
    assert found.loc["a", "spend"] == pytest.approx(15.0)
    assert found["last 4"].to_dict() == {"a": 1, "b": 0, "c": 0}


def scored(name: str, expected: float, ends: tuple[float, float] | None, log_score: float | None, cut: int = 1, dates: int = 1) -> dict:
    came, money = np.array([0.0, 2.0, 4.0]), np.array([0.0, 20.0, 40.0])
    scores = None if log_score is None else np.full(3, log_score)
    said = tournament.Said(np.full(3, expected), 0.5, scores, ends, np.full(3, 10 * expected))
    known = {"set": "s", "kind": "real", "cut": date(2025, cut, 1), "customers": 3, "dates": dates, "weights": "1.00"}
    (row,) = tournament.scored({name: said}, came, money, known)
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
    lines = tournament.table(rows())
    assert [line[:22].strip() for line in lines[1:]] == ["stacked", "BG/NBD", "MBG/NBD", "Pareto/NBD", "hiatus", "nobody buys"]
    assert lines[1].split() == ["stacked", "2", "-0.6900", "1.333", "+0.0%", "0.0%", "+0.0%", "0.0%", "100", "0.67", "0.50"]
    assert lines[-1].split() == ["nobody", "buys", "2", "-", "2.000", "-100.0%", "100.0%", "-100.0%", "100.0%", "-", "-", "0.50"]


def test_the_stacked_forecast_is_held_against_the_best_model_in_hindsight() -> None:
    said = " ".join(tournament.verdict(rows(), "here"))
    assert said == (
        "here: stacked less BG/NBD (the best single model in hindsight): +0.00500 a customer, standard error 0.00500;   once a hold-out "
        "was over +0.00000; intervals of the total held: stacked 100 %, BG/NBD 100 %, MBG/NBD 0 %, Pareto/NBD 100 %."
    )
    text = tournament.written(rows())
    assert "all data: 1 data sets, 2 dates" in text and "real: 1 data sets, 2 dates" in text and "simulated:" not in text


def test_what_intervals_leave_out_is_their_error_less_what_they_claim() -> None:
    (_, *lines) = tournament.left_out(rows())
    found = {line.split()[0]: float(line.split()[-1]) for line in lines}
    error, claimed = np.log(6 / 3), np.log(4 / 3) / 1.959964
    assert found["MBG/NBD"] == pytest.approx(np.sqrt(error**2 - claimed**2), abs=1e-3)
    assert found["stacked"] == 0.0


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


@pytest.mark.slow
def test_a_tournament_of_two_sets_has_all_forecasts() -> None:
    found = tournament.tournament(few=True)
    assert {*tournament.SINGLE, "stacked", "hiatus", "same rate", "last window", "nobody buys"} <= set(found["forecast"])
    assert found["set"].nunique() == 2
