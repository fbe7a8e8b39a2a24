"""What the equations and published figures give for four sayings about complaints."""

from __future__ import annotations

from typing import NamedTuple

from goodwill.word_of_mouth.cascade import HEARSAY, TellingCascade
from goodwill.word_of_mouth.damage import COCA_COLA_1981, break_even_weight
from goodwill.word_of_mouth.network import share_reached_at_random
from goodwill.word_of_mouth.told import Told

SLOGAN = 66  # people reached by one complainer, who is the 67th


class Sayings(NamedTuple):
    """Numbers to hold sayings against.

    Attributes
    ----------
    mean_reach, beyond : expected reach, and share of complaints that reach the slogan's 66 people or more
    retelling : share of hearers who would have to retell for a mean reach of 66
    per_complainer, over_all : how many times as far bad news travels as good: per complainer, and over all complainers of the case
    threshold : share of hearers who must retell, each to as many as the complainer, for word to run through a market
    retold, one_in, of_market : at this share who retell, one teller in so many starts a run, which reaches this share of a market
    told, nobody : mean number of people told by shoppers with a problem, and the share of them who told nobody

    Examples
    --------
    >>> from goodwill.word_of_mouth import sayings, TellingCascade
    >>> from goodwill.word_of_mouth.told import told_in_case
    >>> found = sayings(TellingCascade(told_in_case().distribution, 0.02), told_in_case())
    >>> round(found.per_complainer, 1), round(found.over_all, 2), round(found.nobody, 2)
    (2.1, 0.32, 0.69)
    """

    mean_reach: float
    beyond: float
    retelling: float
    per_complainer: float
    over_all: float
    threshold: float
    retold: float
    one_in: float
    of_market: float
    told: float
    nobody: float


def sayings(cascade: TellingCascade, told: Told) -> Sayings:
    """The numbers of `Sayings` for one cascade and what complainers told.

    Examples
    --------
    >>> from goodwill.word_of_mouth import TellingCascade
    >>> from goodwill.word_of_mouth.told import told_in_case
    >>> case = told_in_case()
    >>> found = sayings(TellingCascade(case.distribution, 0.02), case)
    >>> round(found.mean_reach, 1), round(found.retelling, 2), round(found.threshold, 2)
    (9.7, 0.71, 0.11)
    """
    first = cascade.first.mean
    viral = TellingCascade(told.distribution, max(0.15, 1.1 / first), told.distribution)
    return Sayings(
        cascade.mean,
        cascade.tail(SLOGAN),
        (1 - first / SLOGAN) / HEARSAY.mean,
        told.dissatisfied.estimate / told.satisfied.estimate,
        1 / break_even_weight(COCA_COLA_1981),
        1 / first,
        viral.retell,
        1 / viral.outbreak_probability_of_teller,
        share_reached_at_random(viral.reproduction),
        HEARSAY.mean,
        float(HEARSAY.cdf(0)),
    )
