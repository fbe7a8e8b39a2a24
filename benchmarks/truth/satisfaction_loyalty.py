"""The headlines of notebook 03 on simulated surveys: `study(companies, seed)` gives what was true beside what the report would say.

Each company is a survey of 600 customers on five levels: a satisfaction is felt, answered with error, and goes with three items, an answer
on recommending and a loyalty. The truths differ in how strongly everything goes with satisfaction; under the first one nothing does.

| headline | what is asked for | what changes it |
|---|---|---|
| loyal share | share of the customers who are loyal | the loyalty of the levels |
| top ratio, top defection | loyalty, and its lack, of those who answer 5 against those who answer 4 | the loyalty of the levels |
| net promoter score | promoters less detractors among the customers, in points | how much recommending goes with satisfaction |
| importance | share of the first item in what the items explain | its correlation with satisfaction against the others' |
| labels right | share of respondents whose quadrant is that of what they truly feel | the reliability of the answers |
| notch at most | value of a move from 4 to 5 if all of the association were effect, in money of the user's | the loyalty of the levels |
| bend told apart | whether the log-odds have a kink: 1 or 0 (under smooth truths the mean is the size of the test) | a kink |
| turning point | the place of the kink; the interval is the whole scale where no bend is told apart | a kink |

The last two are asked of 20,000 answers on ten levels: with fewer answers or levels no bend can be told apart.
A headline without an interval has nan at both ends: it has a bias and a slope, and no coverage. What the oracle knows stands in
`_survey_oracles.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.bend_size import SMOOTH, gains, kinked, surveys
from benchmarks.truth import _survey_oracles as oracles
from goodwill import satisfaction as sat
from goodwill.data.survey import Survey
from goodwill.errors import TooLittle
from goodwill.satisfaction.bends import BEND_CUT

FloatArray = NDArray[np.float64]

COMPANIES = 400  # of each truth
CUSTOMERS = 600  # answers of a survey
LEVELS = np.arange(1.0, 6)
THRESHOLDS = np.array([-1.65, -1.13, -0.52, 0.58])  # of felt satisfaction: 5, 8, 17, 42 and 28 % answer 1 to 5
RECOMMENDING = np.array([-2.2, -1.9, -1.7, -1.5, -1.3, -1.0, -0.7, -0.35, 0.2, 0.8])  # of the answer on recommending, 0 to 10
MARGIN, DISCOUNT, PERSISTENCE = 100.0, 0.1, 0.5  # what the user of the simulated report states
LARGE = 400_000  # people with whom a truth is computed that has no formula


@dataclass(frozen=True)
class Truth:
    """What is true of a company.

    Attributes
    ----------
    loyalty : share of the loyal among those who answer 1 to 5
    recommending : correlation of recommending with satisfaction, and how far all are ready to recommend
    items : correlations of three items with felt satisfaction
    reliability : share of the variance of what is felt on the day that is not error, of satisfaction and of the loyalty answer
    kink : place at which the log-odds of loyalty turn on the ten levels of the large survey, or None where they do not
    """

    name: str
    loyalty: tuple[float, ...]
    recommending: tuple[float, float]
    items: tuple[float, float, float]
    reliability: float
    kink: float | None = None


def logistic(slope: float, middle: float = 3.5) -> tuple[float, ...]:
    """Loyalty of five levels on a straight line of log-odds."""
    return tuple(float(share) for share in 1 / (1 + np.exp(-slope * (LEVELS - middle))))


TRUTHS = (
    Truth("right: no effect", (0.5,) * 5, (0.0, -0.1), (0.5, 0.5, 0.5), 0.95),
    Truth("right: weak", logistic(0.4), (0.3, 0.1), (0.6, 0.5, 0.4), 0.9),
    Truth("right: default", logistic(0.9), (0.6, 0.3), (0.7, 0.5, 0.4), 0.8),
    Truth("right: strong", logistic(1.4), (0.8, 0.5), (0.8, 0.4, 0.3), 0.7),
    Truth("right: jump", (0.02, 0.04, 0.07, 0.12, 0.72), (0.8, 0.7), (0.85, 0.3, 0.2), 0.6, kink=7.0),
)


class Stated(NamedTuple):
    """One headline as a report states it."""

    estimate: float
    lower: float = float("nan")
    upper: float = float("nan")


def study(companies: int, seed: int) -> pd.DataFrame:
    """Every headline under every truth, for so many companies each.

    Returns
    -------
    DataFrame
        headline, truth_name, truth, estimate, lower, upper, lower_oracle, upper_oracle; one row per headline, truth and company. A
        headline that a report would not state, because the survey has too little for it, has nan as its estimate.
    """
    rows = [row for truth in TRUTHS for company in range(companies) for row in statements(truth, seed + company)]
    return pd.DataFrame(rows, columns=["headline", "truth_name", "truth", "estimate", "lower", "upper", "lower_oracle", "upper_oracle"])


def statements(truth: Truth, seed: int) -> Iterator[tuple[Any, ...]]:
    """The headlines of one company beside what is true."""
    rng = np.random.default_rng([seed, TRUTHS.index(truth)])
    people = simulate(truth, CUSTOMERS, rng)
    survey = survey_of(people)
    true, ideal = truths(truth), oracle(survey, truth)
    for name, make in HEADLINES.items():
        try:
            stated = make(survey, truth)
        except TooLittle:
            stated = Stated(float("nan"))
        yield f"03 {name}", truth.name, true[name], *stated, *ideal.get(name, NOTHING)
    for name, stated, known in bends(truth, rng):
        if name in true:
            yield f"03 {name}", truth.name, true[name], *stated, *known


NOTHING = (float("nan"), float("nan"))


def survey_of(people: pd.DataFrame) -> Survey:
    """What `read_survey` makes of the answers; for thousands of small surveys the engine behind it is the slow part."""
    answers = people[[*ITEMS, "intends", "satisfaction", "loyalty", "recommend"]].astype(float).assign(weight=1.0, count=1.0)
    return Survey(answers, (*ITEMS, "intends"), (1, 5), (0, 1), "behaviour", "simulated", None, pd.DataFrame())


ITEMS = ("first", "second", "third")


def simulate(truth: Truth, people: int, rng: np.random.Generator) -> pd.DataFrame:
    """Answers of so many customers, with what they truly feel in `feeling` and `liking` (of a second question of the same reliability)."""
    feeling = rng.standard_normal(people)
    liking = 0.6 * feeling + 0.8 * rng.standard_normal(people)

    def on_the_day(true: FloatArray) -> FloatArray:
        return np.sqrt(truth.reliability) * true + np.sqrt(1 - truth.reliability) * rng.standard_normal(people)

    felt = on_the_day(feeling)
    satisfaction = 1 + np.searchsorted(THRESHOLDS, felt)
    strength, readiness = truth.recommending
    recommending = readiness + strength * felt + np.sqrt(1 - strength**2) * rng.standard_normal(people)
    table = {
        "satisfaction": satisfaction,
        "loyalty": (rng.random(people) < np.array(truth.loyalty)[satisfaction - 1]).astype(int),
        "recommend": np.searchsorted(RECOMMENDING, recommending),
    }
    for name, strength in zip(ITEMS, truth.items, strict=True):
        seen = strength * felt + np.sqrt(1 - strength**2) * rng.standard_normal(people)
        table[name] = 1 + np.searchsorted(THRESHOLDS, seen)
    table |= {"intends": 1 + np.searchsorted(THRESHOLDS, on_the_day(liking)), "feeling": feeling, "liking": liking}
    return pd.DataFrame(table)


@cache
def population(truth: Truth) -> pd.DataFrame:
    """So many people that what they say is the truth."""
    return simulate(truth, LARGE, np.random.default_rng(0))


@cache
def truths(truth: Truth) -> dict[str, float]:
    """What each headline should say."""
    people = population(truth)
    shares = people["satisfaction"].value_counts(normalize=True).sort_index().to_numpy()
    p = np.array(truth.loyalty)
    matrix, outcome = sat.correlations(people[list(ITEMS)], people["satisfaction"])
    parts = sat.johnson_shares(matrix, outcome)
    true = {
        "loyal share": float(shares @ p),
        "top ratio": float(p[4] / p[3]),
        "top defection": float((1 - p[3]) / (1 - p[4])),
        "net promoter score": 100 * float((people["recommend"] >= 9).mean() - (people["recommend"] <= 6).mean()),
        "importance": float(parts[0] / parts.sum()),
        "labels right": truly_right(people, truth),
        "notch at most": round(float(sat.moved_value(p[3], p[4], MARGIN, DISCOUNT, PERSISTENCE)), 9),
        "bend told apart": float(truth.kink is not None),
    }
    return true | ({} if truth.kink is None else {"turning point": truth.kink})


def truly_right(people: pd.DataFrame, truth: Truth) -> float:
    """Share of those whose answers (4 or more, of satisfaction and of intention) lie on the same sides as what they truly feel."""
    border = THRESHOLDS[2] / np.sqrt(truth.reliability)
    sides = [(people[answer] >= 4) == (people[felt] > border) for answer, felt in (("satisfaction", "feeling"), ("intends", "liking"))]
    return float((sides[0] & sides[1]).mean())


@cache
def known(truth: Truth) -> dict[str, Any]:
    """What an oracle knows: shares of promoters and detractors, how the items hang together, and how far importance then errs."""
    people = population(truth)
    matrix, _ = sat.correlations(people[list(ITEMS)], people["satisfaction"])
    error = oracles.error_of_importance(people, list(ITEMS), matrix, CUSTOMERS)
    promoters = float((people["recommend"] >= 9).mean()), float((people["recommend"] <= 6).mean())
    return {"promoters": promoters, "matrix": matrix, "error": error}


def oracle(survey: Survey, truth: Truth) -> dict[str, tuple[float, float]]:
    """Ends of the intervals by somebody who knows all but what each headline asks for."""
    cells, p, knows, answers = _cells(survey), np.array(truth.loyalty), known(truth), survey.answers
    top, n, every = cells.share[3:], cells.n[3:], np.array([truths(truth)["loyal share"]])
    asked = sat.item_answers(survey)
    ends = {
        "loyal share": oracles.of_shares(lambda share: float(share[0]), np.array([cells.overall.estimate]), every, np.array([cells.total])),
        "net promoter score": oracles.of_promoters(answers["recommend"].to_numpy(float), knows["promoters"]),
        "importance": oracles.of_importance(asked.items[list(ITEMS)], asked.satisfaction, knows["matrix"], knows["error"]),
        "notch at most": oracles.of_shares(
            lambda share: float(sat.moved_value(share[0], share[1], MARGIN, DISCOUNT, PERSISTENCE)), top, p[3:], n
        ),
    }
    if (top > 0).all() and (top < 1).all():
        ends |= {
            "top ratio": oracles.of_shares(lambda share: float(share[1] / share[0]), top, p[3:], n, log=True),
            "top defection": oracles.of_shares(lambda share: float((1 - share[0]) / (1 - share[1])), top, p[3:], n, log=True),
        }
    return ends


def _cells(survey: Survey) -> sat.LoyaltyCells:
    return sat.survey_cells(survey, 1)


def loyal_share(survey: Survey, truth: Truth) -> Stated:
    return Stated(*_cells(survey).overall)


def top(measure: str) -> Callable[[Survey, Truth], Stated]:
    """One of the ratios of the two highest levels."""

    def stated(survey: Survey, truth: Truth) -> Stated:
        cells = _cells(survey)
        return Stated(*(float(part) for part in sat.top_ratios(cells, *sat.top_two(cells)).loc[measure]))

    return stated


def promoters(survey: Survey, truth: Truth) -> Stated:
    return Stated(*sat.survey_promoters(survey).score)


def importance(survey: Survey, truth: Truth) -> Stated:
    asked = sat.item_answers(survey)
    row = sat.driver_importance(asked.items[list(ITEMS)], asked.satisfaction).loc["first"]
    return Stated(*(float(row[part]) for part in ("share", "lower", "upper")))


def labels_right(survey: Survey, truth: Truth) -> Stated:
    """With the reliability that is true, stated by the user, and the intention in the place of what people did."""
    intended = replace(survey, answers=survey.answers.assign(loyalty=survey.answers["intends"]), loyalty_scale=(1, 5))
    found = sat.quadrant_labels(intended, sat.borders((1, 5), (1, 5)), (truth.reliability, truth.reliability))
    return Stated(float("nan") if found.right is None else found.right)


def notch_at_most(survey: Survey, truth: Truth) -> Stated:
    terms = sat.NotchTerms(MARGIN, DISCOUNT, 1.0, PERSISTENCE)
    cells = _cells(survey).answered(sat.FEWEST)
    last = sat.notch_values(cells, terms, sat.Retention()).iloc[-1]
    return Stated(*(float(last[part]) for part in ("value", "lower", "upper")))


def bends(truth: Truth, rng: np.random.Generator) -> Iterator[tuple[str, Stated, tuple[float, float]]]:
    """Whether a bend is told apart in a large survey on ten levels, where it is said to be, and where an oracle says."""
    levels = np.arange(1.0, 11)
    loyal, n = surveys(CURVES[truth.name]((levels - 1) / 9), 10, MANY, 1, rng)
    found, place = None, Stated(float("nan"), levels[0], levels[-1])
    if gains(levels, loyal, n, least=BEND_CUT)[0][0] > BEND_CUT:  # the slow rivals of a kink are fitted only where it beats the fast ones
        found = sat.find_bend(sat.LoyaltyCells(levels, n[0], loyal[0], n[0]))
        if found.told_apart:
            place = Stated(found.kink.place, found.kink.pieces[0][0], found.kink.pieces[-1][1])
    yield "bend told apart", Stated(float(found is not None and found.told_apart)), NOTHING
    yield "turning point", place, NOTHING if truth.kink is None else oracles.of_kink(loyal[0], n[0])


MANY = 20_000
CURVES = {
    "right: no effect": SMOOTH["no relation"],
    "right: weak": SMOOTH["logistic"],
    "right: default": SMOOTH["floor and ceiling"],
    "right: strong": SMOOTH["exponential"],
    "right: jump": kinked(2 / 3),
}
HEADLINES: dict[str, Callable[[Survey, Truth], Stated]] = {
    "loyal share": loyal_share,
    "top ratio": top("risk_ratio"),
    "top defection": top("defection_ratio"),
    "net promoter score": promoters,
    "importance": importance,
    "labels right": labels_right,
    "notch at most": notch_at_most,
}
