"""Copies are found, however they are disguised; honest answers are not, however bad they are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from goodwill.classroom import Answers, flags
from goodwill.classroom.oracle import PARAMETERS, Known, Oracle

CUSTOMERS = range(1, 201)


def company(rng: np.random.Generator) -> Oracle:
    """An oracle without a company behind it."""
    values = pd.Series(rng.lognormal(3, 1, len(CUSTOMERS)), index=CUSTOMERS)
    truth = {name: Known(float(rng.lognormal(0, 0.5)), 0.05) for name in PARAMETERS}
    futures = {name: rng.normal(rng.uniform(200, 2_000), 20, 400) for name in ("orders", "spend", "buyers")}
    return Oracle(values, values - 30, futures, pd.DataFrame(), truth)


def honest(oracle: Oracle, rng: np.random.Generator, error: float = 0.1) -> Answers:
    noise = np.exp(error * rng.normal(size=len(oracle.values)))
    return Answers(
        values=dict(zip(oracle.values.index, (oracle.values * noise).round(2), strict=True)),
        forecasts={name: float(f"{drawn.mean() * np.exp(error * rng.normal()):.4g}") for name, drawn in oracle.futures.items()},
        parameters={name: float(f"{known.truth + rng.normal() * 0.05:.4g}") for name, known in oracle.parameters.items()},
    )


@pytest.fixture(scope="module")
def oracles() -> dict[str, Oracle]:
    rng = np.random.default_rng(1)
    return {f"s{number:02d}": company(rng) for number in range(20)}


@pytest.fixture
def answers(oracles: dict[str, Oracle]) -> dict[str, Answers]:
    rng = np.random.default_rng(2)
    return {name: honest(oracle, rng) for name, oracle in oracles.items()}


def test_where_there_is_nothing_to_compare_nobody_is_flagged(oracles, answers) -> None:
    assert flags({}, oracles) == flags({"s01": answers["s01"], "s02": Answers()}, oracles) == []
    bare = {name: replace(answers[name], values={}) for name in ("s01", "s02")}
    assert flags(bare, {name: replace(oracles[name], values=oracles[name].values * 0) for name in bare}) == []


@pytest.mark.slow
def test_an_honest_class_is_not_flagged(oracles, answers) -> None:
    assert flags(answers, oracles) == []


@pytest.mark.sampled(1)
@pytest.mark.parametrize("seed", range(5))
def test_bad_work_is_not_flagged(oracles, seed: int) -> None:
    rng = np.random.default_rng(seed)
    bad = {name: honest(oracle, rng, error=1.5) for name, oracle in oracles.items()}
    bad["s03"] = replace(bad["s03"], values=dict.fromkeys(CUSTOMERS, 12.5))
    bad["s04"] = replace(bad["s04"], values=dict.fromkeys(CUSTOMERS, 12.5))  # the same constant, as two who gave up might take
    bad["s05"] = Answers()
    assert flags(bad, oracles) == []


@pytest.mark.slow
def test_round_numbers_that_agree_by_chance_are_not_flagged(oracles) -> None:
    rng = np.random.default_rng(6)
    coarse = {}
    for name, oracle in oracles.items():
        answers = honest(oracle, rng)
        values = {who: float(round(value)) for who, value in answers.values.items()} | {1: 12.345}
        coarse[name] = replace(answers, values=values, parameters={each: round(told, 1) for each, told in answers.parameters.items()})
    assert flags(coarse, oracles) == []


@pytest.mark.slow
def test_a_copy_word_for_word_is_flagged_with_whose_it_is(oracles, answers) -> None:
    answers["s07"] = answers["s02"]
    (flag,) = flags(answers, oracles)
    assert (flag.student, flag.other) == ("s07", "s02")
    assert "210 numbers equal in every digit" in flag.why and "fit s02's customers" in flag.why


@pytest.mark.slow
def test_a_copy_with_every_number_moved_is_flagged(oracles, answers) -> None:
    rng, source = np.random.default_rng(3), answers["s02"]

    def moved(given: dict) -> dict:
        return {name: round(value * rng.uniform(0.95, 1.05), 1) for name, value in given.items()}

    answers["s01"] = Answers(moved(source.values), {}, moved(source.forecasts), {}, moved(source.parameters))
    (flag,) = flags(answers, oracles)
    assert (flag.student, flag.other) == ("s01", "s02") and "rank correlation" in flag.why


@pytest.mark.slow
def test_numbers_alone_are_flagged_where_the_values_are_ones_own(oracles, answers) -> None:
    source = answers["s02"]
    answers["s09"] = replace(answers["s09"], forecasts=source.forecasts, parameters=source.parameters)
    (flag,) = flags(answers, oracles)
    assert {flag.student, flag.other} == {"s09", "s02"} and flag.student == "s09"
    rng = np.random.default_rng(4)
    answers["s09"] = replace(answers["s09"], parameters={n: v + rng.normal() * 0.05 for n, v in source.parameters.items()}, forecasts={})
    assert [(flag.student, flag.other) for flag in flags(answers, oracles)] == [("s09", "s02")]


@pytest.mark.slow
def test_two_who_share_answers_that_fit_neither_are_named_together(oracles, answers) -> None:
    rng = np.random.default_rng(5)
    shared = honest(company(rng), rng)
    answers["s11"], answers["s12"] = shared, shared
    (flag,) = flags(answers, oracles)
    assert (flag.student, flag.other) == ("s11", "s12") and "go together customer by customer" in flag.why
