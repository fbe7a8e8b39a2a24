"""The case of the Coca-Cola complainants (TARP 1981, Measuring the Grapevine): its readings, and the inputs taken from it.

The case says: satisfied complainants tell 4-5 people, dissatisfied ones 9-10, and 12 % tell 20 or more. It does not say whether these
are means or medians, nor of whom the 12 % are: all complainants or the dissatisfied.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from goodwill.errors import DataError
from goodwill.inference.proportions import wilson
from goodwill.inference.uncertainty import Interval
from goodwill.word_of_mouth.assumptions import Assumption
from goodwill.word_of_mouth.cascade import HEARSAY
from goodwill.word_of_mouth.damage import COCA_COLA_1981, TARP_REPURCHASE, MarketDamage, RecoveryValue
from goodwill.word_of_mouth.statement_bounds import stated_range
from goodwill.word_of_mouth.statements import Group, StatementFit, fit_statements, mean_band
from goodwill.word_of_mouth.telling import NegativeBinomialTelling, PoissonLognormalTelling
from goodwill.word_of_mouth.worth import Worth

if TYPE_CHECKING:
    import pandas as pd

MIDDLES = {"satisfied": 4.5, "acceptable": 6.0, "dissatisfied": 9.5}  # 4-5, 6 and 9-10 people
FAMILIES = {"negative binomial": NegativeBinomialTelling, "Poisson-lognormal": PoissonLognormalTelling}
CASE = "Coca-Cola complainants, TARP 1981"
VERDE = "shoppers with a problem, Verde Group 2006, as a ceiling"
WANTED = "not measured here; set wide"
OWN_TRIAL = "given as known from a trial"


def groups_of(statistic: str, base: str) -> list[Group]:
    """The statements on the middle of each group on whom the 12 % are said: `statistic` mean or median, `base` all or dissatisfied.

    >>> [group.name for group in groups_of("mean", "dissatisfied")]
    ['dissatisfied']
    """
    if statistic not in ("mean", "median") or base not in ("all", "dissatisfied"):
        raise DataError(f"the reading is '{statistic}' of '{base}'; use mean or median, of all or dissatisfied")
    chosen = [each for each in COCA_COLA_1981 if base in ("all", each.outcome)]
    return [Group(each.outcome, each.complainants, statistic, MIDDLES[each.outcome]) for each in chosen]


@cache
def reading(statistic: str, base: str, family: str = "negative binomial", threshold: int = 20) -> StatementFit:
    """Whether the statements of the case hold together under one reading, and the distributions if they do.

    The stated share is held against what the curve allows with its rounding and its sampling, as in `case_bounds`.

    >>> reading("mean", "dissatisfied", "Poisson-lognormal").verdict.partition(":")[0]
    'feasible within rounding and sampling'
    """
    groups = groups_of(statistic, base)
    found = fit_statements(groups, FAMILIES[family], threshold=threshold)
    return replace(found, said=stated_range(found.tail_share, int(sum(group.share for group in groups))))


def readings() -> pd.DataFrame:
    """All readings in both families.

    Columns `statistic`, `base`, `family`, `verdict`, `dissatisfied tell`, `satisfied tell` (means; missing where the statements
    do not hold together exactly).

    >>> found = readings()
    >>> len(found), (found["verdict"] == "feasible").sum().item()
    (8, 5)
    """
    import pandas as pd

    rows = []
    for statistic, base in (("mean", "dissatisfied"), ("mean", "all"), ("median", "all"), ("median", "dissatisfied")):
        for family in FAMILIES:
            found = reading(statistic, base, family)
            first = found.solutions[0] if found.feasible else {}
            means = [first[name].mean if name in first else None for name in ("dissatisfied", "satisfied")]
            rows.append([statistic, base, family, found.verdict, *means])
    return pd.DataFrame(rows, columns=["statistic", "base", "family", "verdict", "dissatisfied tell", "satisfied tell"])


def telling_curves(people: Any) -> dict[str, Any]:
    """Share of the dissatisfied who tell n people or more, in the three readings in which all statements hold together.

    Examples
    --------
    >>> [round(float(share[0]), 3) for share in telling_curves([20]).values()]
    [0.12, 0.266, 0.12]
    """
    at_most = np.asarray(people) - 1
    kinds = (("mean", "dissatisfied", "the dissatisfied"), ("median", "all", "all"), ("median", "dissatisfied", "the dissatisfied"))
    return {f"{kind}, of {whom}": 1 - reading(kind, base).solutions[0]["dissatisfied"].cdf(at_most) for kind, base, whom in kinds}


@cache
def told_means(statistic: str, base: str) -> tuple[Interval, Interval]:
    """Mean told by dissatisfied and by satisfied complainants under a reading, each with all that other readings allow.

    The range of the dissatisfied is the band of partial identification when nobody tells more than 50 people.

    >>> dissatisfied, satisfied = told_means("mean", "dissatisfied")
    >>> round(dissatisfied.estimate, 2), round(satisfied.estimate, 2)
    (9.5, 4.5)
    """
    found = reading(statistic, base)
    if not found.feasible:
        raise DataError(f"read as the {statistic} of {base}, the statements cannot hold together ({found.verdict}); choose another reading")
    first = found.solutions[0]
    low, high = mean_band(9, 10, at_most=50)
    satisfied = first["satisfied"].mean if "satisfied" in first else MIDDLES["satisfied"]
    medians = reading("median", "all").solutions[0]["satisfied"].mean
    return Interval(first["dissatisfied"].mean, low, high), Interval(satisfied, min(4.0, satisfied), max(medians, satisfied))


def recovery_assumptions(
    told_dissatisfied: Interval,
    told_satisfied: Interval,
    worth: Worth,
    *,
    retell: float = 0.02,
    loss_per_hearing: float = 0.02,
    gain_per_hearing: float = 0.01,
    causal_handling: float = 0.5,
    handling_effect: float = 0.0,
    told_grade: str = "published",
    conversions_known: bool = False,
) -> list[Assumption]:
    """The inputs of `RecoveryValue`, each with range, source and grade; shares of the case, ours where nothing is published.

    `handling_effect` is by how much a trial's better handling is expected to raise the chance to stay, attempts that fail counted: what its
    size rests on. Zero takes what the case and `causal_handling` say, if one attempt in two succeeds. `conversions_known` says that a trial
    told what a hearing does: it then has no range.

    >>> from goodwill.inference import Interval
    >>> from goodwill.word_of_mouth.worth import given_worth
    >>> told = Interval(9.5, 8.0, 11.0), Interval(4.5, 4.0, 5.0)
    >>> found = recovery_assumptions(*told, given_worth(100.0))
    >>> [each.name for each in found][:3], sorted({each.grade for each in found})
    (['boycott', 'reduce', 'reduction'], ['assumed', 'published'])
    """
    boycott, more = wilson(211, 633), wilson(262, 2620)
    log, trial, question = "own records", "a randomised trial", "a survey question"
    told, earned = told_grade, worth.grade
    told_source = CASE if told == "published" else "own survey"
    value_source = "purchases of this report" if earned == "measured" else "given as a parameter"

    def per_hearing(name: str, share: float, most: float) -> Assumption:
        if conversions_known:
            return Assumption(name, share, share, share, "share", OWN_TRIAL, "measured")
        return Assumption(name, share, 0.0, max(most, share), "share", WANTED, "assumed", trial, arms)

    def yes_no(share: float, arms: int = 1) -> float:
        return arms * share * (1 - share)

    arms = yes_no(0.2, 2)
    whole = handling_effect or max(causal_handling, 0.05) / 3 * 0.5
    return [
        Assumption("boycott", 1 / 3, boycott.lower, boycott.upper, "share", f"{CASE}: one third", "published", log, yes_no(1 / 3)),
        # "The other 45 % buy less": 45 % of all, or of the remaining two thirds.
        Assumption("reduce", 0.45, 0.30, 0.49, "share", f"{CASE}: 45 % of all, or of the rest", "published", log, yes_no(0.45)),
        Assumption("reduction", 0.5, 0.1, 0.9, "share", WANTED, "assumed", log, 0.08),
        Assumption("buy_more", 0.10, more.lower, more.upper, "share", f"{CASE}: 10 %", "published", log, yes_no(0.1)),
        Assumption("increase", 0.5, 0.05, 1.0, "share", WANTED, "assumed", log, 0.08),
        _told("told_dissatisfied", told_dissatisfied, told_source, told),
        _told("told_satisfied", told_satisfied, told_source, told),
        Assumption("retell", retell, 0.0, max(0.1, retell), "share", WANTED, "assumed", question, yes_no(max(retell, 0.02))),
        Assumption("told_onward", HEARSAY.mean, 0.1, 4.5, "people", VERDE, "published", question, 9.0),
        # A trial compares two arms of prospects: who read the complaint, who did not; one in five would buy anyway.
        per_hearing("loss_per_hearing", loss_per_hearing, 0.06),
        per_hearing("gain_per_hearing", gain_per_hearing, 0.03),
        _money("residual_value", worth.residual, value_source, earned),
        _money("purchase_margin", worth.purchase, value_source, earned),
        _money("prospect_value", worth.prospect, value_source, earned),
        Assumption("lasting", 0.2, 0.0, 0.6, "share", WANTED, "assumed", log, yes_no(0.2)),
        Assumption("distinct", 0.9, 0.6, 1.0, "share", WANTED, "assumed", question, yes_no(0.9)),
        # A trial in which one arm of complainers gets the better handling: repurchase, yes or no, at one half. The share of the gap that
        # handling causes is known from it as well as its effect is, which is that share of the effect that the whole gap would have.
        Assumption("causal_handling", causal_handling, 0.0, 1.0, "share", WANTED, "assumed", trial, yes_no(0.5, 2) / whole**2),
    ]


def recovery(at: Mapping[str, Any]) -> RecoveryValue:
    """The value of recovery at given inputs, by the names of `recovery_assumptions`; who retells, tells as many of good as of bad news.

    >>> from goodwill.inference import Interval
    >>> from goodwill.word_of_mouth import recovery_assumptions
    >>> from goodwill.word_of_mouth.worth import given_worth
    >>> told = Interval(9.5, 8.0, 11.0), Interval(4.5, 4.0, 5.0)
    >>> at = {each.name: each.value for each in recovery_assumptions(*told, given_worth(100.0))}
    >>> recovery(at).told_dissatisfied
    9.5
    """
    values = {name: value for name, value in at.items() if name != "told_onward"}
    return RecoveryValue(**values, told_onward_bad=at["told_onward"], told_onward_good=at["told_onward"])


def year_of_problems(
    at: Mapping[str, Any],
    outcomes: Mapping[str, float],
    *,
    problems: float,
    voice: float,
    causal_voice: float,
    loss_size: str = "small",
    own_rate: Any = None,
    customers: float = 1_000,
) -> MarketDamage:
    """A year of customers of whom some have a problem, with TARP's table of who buys again.

    Parameters
    ----------
    at : values of the inputs, by the names of `recovery_assumptions`
    outcomes : shares of complaints satisfied, acceptable and dissatisfied, taken for resolved quickly, resolved and unresolved
    problems, voice : customers with a problem in a year, and of those, who complain [shares]
    causal_voice : share of the difference between complainers and the silent that complaining causes
    loss_size : "small" or "large": TARP's table for losses under 5 or over 100 dollars
    own_rate : complaints a year per customer, as a log has them, in place of problems x voice; the silent stay as many. Anything but a
        number stands for no log.
    customers : how many

    Examples
    --------
    >>> at = {"told_dissatisfied": 9.5, "told_satisfied": 4.5, "retell": 0, "told_onward": 1, "boycott": 0.3, "reduce": 0, "reduction": 0}
    >>> at |= {"buy_more": 0, "increase": 0, "loss_per_hearing": 0.02, "gain_per_hearing": 0.01, "residual_value": 30, "lasting": 0.2}
    >>> at |= {"purchase_margin": 10, "prospect_value": 20, "distinct": 1, "causal_handling": 0.5}
    >>> market = year_of_problems(at, {"dissatisfied": 1.0}, problems=0.1, voice=0.06, causal_voice=0.5)
    >>> market.by_group["people"].round(1).tolist()
    [94.0, 6.0, 0.0, 0.0]
    """
    silent = problems * (1 - voice)
    if isinstance(own_rate, float) and own_rate > 0:
        problems, voice = silent + own_rate, own_rate / (silent + own_rate)
    # Complaints may be more than customers: shares are taken of people with a problem.
    scale = max(problems, 1.0)
    bad, slow, quick = (outcomes.get(name, 0.0) for name in ("dissatisfied", "acceptable", "satisfied"))
    stay: dict[str, Any] = dict(
        zip(("stay_silent", "stay_unresolved", "stay_resolved", "stay_quickly"), TARP_REPURCHASE[loss_size], strict=True)
    )
    return MarketDamage(
        customers=customers * scale,
        problems=problems / scale,
        voice=voice,
        resolved=1 - bad,
        quickly=quick / (quick + slow) if bad < 1 else 0.0,
        **stay,
        told_silent=HEARSAY.mean,
        told_unresolved=at["told_dissatisfied"],
        told_resolved=MIDDLES["acceptable"],
        told_quickly=at["told_satisfied"],
        loss_per_hearing=at["loss_per_hearing"],
        gain_per_hearing=at["gain_per_hearing"],
        residual_value=at["residual_value"],
        value_per_choice=float(recovery(at).value_per_choice),
        causal_voice=causal_voice,
        causal_handling=at["causal_handling"],
    )


def _told(name: str, mean: Interval, source: str, grade: str) -> Assumption:
    return Assumption(name, mean.estimate, mean.lower, mean.upper, "people", source, grade, "a survey question", 75.0)  # type: ignore[arg-type]


def _money(name: str, value: Interval, source: str, grade: str) -> Assumption:
    return Assumption(name, value.estimate, value.lower, value.upper, "currency", source, grade)  # type: ignore[arg-type]


LABELS = {
    "boycott": "dissatisfied who stop buying",
    "reduce": "dissatisfied who buy less",
    "reduction": "by how much they buy less",
    "buy_more": "satisfied who buy more",
    "increase": "by how much they buy more",
    "told_dissatisfied": "people told by a dissatisfied",
    "told_satisfied": "people told by a satisfied",
    "retell": "hearers who retell",
    "told_onward": "people told by who retells",
    "loss_per_hearing": "choice lost per bad hearing",
    "gain_per_hearing": "choice won per good hearing",
    "residual_value": "residual value of a customer",
    "purchase_margin": "profit of one purchase",
    "prospect_value": "value of a new customer",
    "lasting": "choices that decide on a customer",
    "distinct": "distinct people per hearing",
    "causal_handling": "share of the gap that handling causes",
}
