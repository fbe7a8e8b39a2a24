"""What complaints cost and what recovering one is worth: accounting in the tradition of TARP and Goodman, with its folklore taken apart.

Kept apart here, where slogans mix them: the residual value of a customer and the value of a prospect who hears; one purchase choice
and a lifetime; hearings and distinct people; complainers and the silent, who are other people, so that a difference between them is
association: only the share of it called `causal_...` counts as an effect.

All fields may be arrays of one shape, so that a thousand draws of the inputs cost one evaluation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from goodwill.data.complaints import OUTCOMES, Complaints
from goodwill.errors import DataError

if TYPE_CHECKING:
    import pandas as pd


class Hearings(NamedTuple):
    """Complainants of one outcome and how many people each of them told.

    Examples
    --------
    >>> from goodwill.word_of_mouth import COCA_COLA_1981
    >>> COCA_COLA_1981[2]  # of those whose complaint ended badly
    Hearings(outcome='dissatisfied', complainants=633, told=10)
    """

    outcome: str
    complainants: float
    told: float


# The Coca-Cola Company's complainants (TARP 1981, Measuring the Grapevine), groups as reported by later writers.
COCA_COLA_1981 = (Hearings("satisfied", 2620, 5), Hearings("acceptable", 1113, 6), Hearings("dissatisfied", 633, 10))
GROUPS = ("silent", "unresolved", "resolved", "quickly")  # people with a problem
# Who buys again by size of the loss: silent, unresolved, resolved, resolved quickly (TARP, as quoted by Goodman 1984 and by Huba).
TARP_REPURCHASE = {"small": (0.37, 0.46, 0.70, 0.95), "large": (0.09, 0.19, 0.54, 0.82)}
NEGATIVE_WEIGHT = 2.0  # TARP's assumption that bad news weighs double


def relative_impact(groups: tuple[Hearings, ...], *, acceptable: int = 1, negative_weight: float = NEGATIVE_WEIGHT) -> float:
    """Customers gained per customer lost: positive hearings over weighted negative ones (TARP 1981, section 4).

    `acceptable` codes the middle group, "not completely satisfied but acceptable": +1 they speak well, 0 they do not count, -1 ill.

    >>> from goodwill.word_of_mouth import COCA_COLA_1981
    >>> [round(relative_impact(COCA_COLA_1981, acceptable=coding), 6) for coding in (1, 0, -1)]
    [1.562243, 1.034755, 0.503536]
    """
    sign = {"satisfied": 1, "acceptable": acceptable, "dissatisfied": -1}
    if acceptable not in (-1, 0, 1) or not negative_weight > 0:
        raise DataError(f"the middle group is coded {acceptable}, bad news weighs {negative_weight}; use 1, 0 or -1 and a positive weight")
    good = sum(each.complainants * each.told for each in groups if sign[each.outcome] > 0)
    bad = sum(each.complainants * each.told for each in groups if sign[each.outcome] < 0)
    return good / (negative_weight * bad)


def break_even_weight(groups: tuple[Hearings, ...], *, acceptable: int = 1) -> float:
    """How many times as much one bad hearing must weigh as a good one before complaints as handled do harm on balance.

    >>> from goodwill.word_of_mouth import COCA_COLA_1981
    >>> round(break_even_weight(COCA_COLA_1981), 4)
    3.1245
    """
    return relative_impact(groups, acceptable=acceptable, negative_weight=1.0)


def shares_of_outcomes(log: Any) -> dict[str, float]:
    """Shares of complaints by outcome, where the log knows it; those of the published case where there is no log that does.

    Parameters
    ----------
    log : Complaints, or anything else for no log

    Examples
    --------
    >>> round(shares_of_outcomes(None)["dissatisfied"], 3)
    0.145
    """
    counts = {each.outcome: float(each.complainants) for each in COCA_COLA_1981}
    if isinstance(log, Complaints) and "outcome" in log.cases and log.cases["outcome"].notna().any():
        found = log.cases["outcome"].value_counts()
        counts = {name: float(found.get(name, 0)) for name in OUTCOMES}
    return {name: count / sum(counts.values()) for name, count in counts.items()}


def require_shares(**shares: Any) -> None:
    """DataError unless every value lies between 0 and 1.

    Examples
    --------
    >>> require_shares(voice=0.4, recovered=[0.0, 1.0])
    >>> require_shares(voice=40)
    Traceback (most recent call last):
        ...
    goodwill.errors.DataError: voice is 40; a share must lie between 0 and 1
    """
    for name, share in shares.items():
        values = np.asarray(share, float)
        if not ((values >= 0) & (values <= 1)).all():
            raise DataError(f"{name} is {share}; a share must lie between 0 and 1")


@dataclass(frozen=True)
class RecoveryValue:
    """What it is worth to turn one dissatisfied complainer into a satisfied one.

    Attributes
    ----------
    boycott, reduce : shares of the dissatisfied who stop buying, or buy less
    reduction : by how much those who buy less do so [share of their purchases]
    buy_more, increase : share of the satisfied who buy more, and by how much [share of their purchases]
    told_dissatisfied, told_satisfied : people told by one complainer
    retell : probability that a hearer retells
    told_onward_bad, told_onward_good : people told by a hearer who retells bad, good news
    loss_per_hearing, gain_per_hearing : change of the probability of one purchase choice by one hearing of bad, of good news
    residual_value : what an existing customer is still worth [currency]
    purchase_margin : profit of one purchase of a prospect [currency]
    prospect_value : what a prospect is worth who becomes a customer [currency]
    lasting : share of changed choices that decide on a whole customer rather than one purchase
    distinct : distinct people per hearing; below 1 when some hear twice
    causal_handling : share of the stated difference between satisfied and dissatisfied complainers that handling causes

    Examples
    --------
    >>> plain = dict(boycott=1 / 3, reduce=0.45, reduction=0.5, buy_more=0.10, increase=0.5, told_dissatisfied=9.5, told_satisfied=4.5,
    ...              loss_per_hearing=0.02, gain_per_hearing=0.01, residual_value=300, purchase_margin=0, prospect_value=300)
    >>> value = RecoveryValue(**plain)
    >>> [round(float(part), 2) for part in (value.direct, value.word_of_mouth, value.total)]
    [182.5, 70.5, 253.0]
    """

    boycott: Any
    reduce: Any
    reduction: Any
    buy_more: Any
    increase: Any
    told_dissatisfied: Any
    told_satisfied: Any
    loss_per_hearing: Any
    gain_per_hearing: Any
    residual_value: Any
    purchase_margin: Any
    prospect_value: Any
    retell: Any = 0.0
    told_onward_bad: Any = 0.0
    told_onward_good: Any = 0.0
    lasting: Any = 1.0
    distinct: Any = 1.0
    causal_handling: Any = 1.0

    def __post_init__(self) -> None:
        amounts = ("residual_value", "purchase_margin", "prospect_value")
        names = [name for name in self.__dataclass_fields__ if name not in amounts and not name.startswith("told_")]
        require_shares(**{name: getattr(self, name) for name in names})
        require_shares(**{"boycott + reduce": np.asarray(self.boycott) + self.reduce})
        if (np.asarray(self.retell) * np.maximum(self.told_onward_bad, self.told_onward_good) >= 1).any():
            raise DataError("one hearer makes one new teller or more on average: the expected reach is infinite; lower the retelling")

    @property
    def own_loss(self) -> Any:
        """Share of the customer's residual value that dissatisfaction costs."""
        return self.boycott + self.reduce * self.reduction

    @property
    def own_gain(self) -> Any:
        """Share of the customer's residual value that full satisfaction adds."""
        return self.buy_more * self.increase

    @property
    def direct(self) -> Any:
        """Value of recovery through the complainer's own purchases [currency]."""
        return self.residual_value * self.causal_handling * (self.own_loss + self.own_gain)

    @property
    def value_per_choice(self) -> Any:
        """What one changed purchase choice is worth [currency]."""
        return self.lasting * self.prospect_value + (1 - np.asarray(self.lasting)) * self.purchase_margin

    @property
    def word_of_mouth_loss(self) -> Any:
        """What the hearers of one dissatisfied complainer cost, all generations [currency]."""
        return self._word(self.told_dissatisfied, self.loss_per_hearing, self.told_onward_bad)

    @property
    def word_of_mouth_gain(self) -> Any:
        """What the hearers of one satisfied complainer bring, all generations [currency]."""
        return self._word(self.told_satisfied, self.gain_per_hearing, self.told_onward_good)

    @property
    def word_of_mouth(self) -> Any:
        """Value of recovery through other people [currency]."""
        return self.causal_handling * (self.word_of_mouth_loss + self.word_of_mouth_gain)

    @property
    def total(self) -> Any:
        """Value of turning one dissatisfied complainer into a satisfied one [currency]."""
        return self.direct + self.word_of_mouth

    @property
    def cost(self) -> Any:
        """What one dissatisfied complainer costs: own purchases and those of hearers [currency]; `total` adds what satisfaction brings."""
        return self.causal_handling * (self.residual_value * self.own_loss + self.word_of_mouth_loss)

    @property
    def cost_by_word(self) -> Any:
        """The part of `cost` that comes through hearers [currency]."""
        return self.causal_handling * self.word_of_mouth_loss

    def _word(self, told: Any, per_hearing: Any, onward: Any) -> Any:
        hearings = told / (1 - np.asarray(self.retell) * onward)
        return self.value_per_choice * self.distinct * per_hearing * hearings


@dataclass(frozen=True)
class MarketDamage:
    """What problems cost a company in a year: the silent, the complainers by handling, and those who heard of it.

    Attributes
    ----------
    customers : number of customers
    problems : share of customers with a problem
    voice : share of those who complain to the company
    resolved, quickly : share of complaints resolved; share of the resolved that are resolved quickly
    stay_... : share who buy again: without a problem, silent, complaint unresolved, resolved, resolved quickly
    told_... : people told, by the same groups
    resolved_speak : +1, 0 or -1: whether complainers whose complaint was resolved, but not quickly, speak well, not at all or ill
    loss_per_hearing, gain_per_hearing : change of the probability of one purchase choice by one hearing
    residual_value, value_per_choice : of an existing customer; of one changed choice of a prospect [currency]
    causal_voice, causal_handling : share of the difference between complainers and the silent, and between outcomes, that is an effect
    """

    customers: Any
    problems: Any
    voice: Any
    resolved: Any
    quickly: Any
    stay_silent: Any
    stay_unresolved: Any
    stay_resolved: Any
    stay_quickly: Any
    told_silent: Any
    told_unresolved: Any
    told_resolved: Any
    told_quickly: Any
    loss_per_hearing: Any
    gain_per_hearing: Any
    residual_value: Any
    value_per_choice: Any
    stay_without_problem: Any = 1.0
    resolved_speak: int = 1
    causal_voice: Any = 1.0
    causal_handling: Any = 1.0

    def __post_init__(self) -> None:
        amounts = ("customers", "residual_value", "value_per_choice", "resolved_speak")
        names = [name for name in self.__dataclass_fields__ if name not in amounts and not name.startswith("told_")]
        require_shares(**{name: getattr(self, name) for name in names})
        if any((np.asarray(getattr(self, name), float) < 0).any() for name in self.__dataclass_fields__ if name.startswith("told_")):
            raise DataError("a number of people told is below zero")

    @property
    def by_group(self) -> pd.DataFrame:
        """People, customers lost, hearings and money by group (index); with numbers, not arrays, as fields."""
        import pandas as pd

        people = self.customers * self.problems * np.array(self._shares)
        stay = np.array([self.stay_silent, self.stay_unresolved, self.stay_resolved, self.stay_quickly])
        lost = people * (self.stay_without_problem - stay)
        hearings = people * np.array([self.told_silent, self.told_unresolved, self.told_resolved, self.told_quickly])
        worth = np.array([self._per_hearing(group) for group in GROUPS])
        return pd.DataFrame(
            {
                "people": people,
                "customers_lost": lost,
                "hearings": hearings,
                "direct_loss": self.residual_value * lost,
                "word_of_mouth_loss": -self.value_per_choice * hearings * worth,
            },
            index=pd.Index(GROUPS, name="group"),
        )

    @property
    def damage(self) -> float:
        """Direct loss and word of mouth together [currency]."""
        return float(self.by_group[["direct_loss", "word_of_mouth_loss"]].to_numpy().sum())

    def value_of_voice(self, points: float = 0.01) -> Any:
        """Worth of making this many more of the silent complain, handled as complaints are now [currency]."""
        people = self.customers * self.problems * points
        unresolved, slowly, quickly = self._outcomes
        complainer = unresolved * self._worth("unresolved") + slowly * self._worth("resolved") + quickly * self._worth("quickly")
        return people * self.causal_voice * (complainer - self._worth("silent"))

    def value_of_recovery(self, points: float = 0.01) -> Any:
        """Worth of resolving this many more of the complaints, at the present speed [currency]."""
        people = self.customers * self.problems * self.voice * points
        resolved = self.quickly * self._worth("quickly") + (1 - np.asarray(self.quickly)) * self._worth("resolved")
        return people * self.causal_handling * (resolved - self._worth("unresolved"))

    def value_of_speed(self, points: float = 0.01) -> Any:
        """Worth of resolving this many more of the resolved complaints quickly [currency]."""
        people = self.customers * self.problems * self.voice * self.resolved * points
        return people * self.causal_handling * (self._worth("quickly") - self._worth("resolved"))

    @property
    def _outcomes(self) -> tuple[Any, Any, Any]:
        """Shares of complaints: unresolved, resolved but not quickly, resolved quickly."""
        quickly = self.resolved * np.asarray(self.quickly)
        return 1 - np.asarray(self.resolved), self.resolved - quickly, quickly

    @property
    def _shares(self) -> tuple[Any, ...]:
        """Shares of people with a problem: silent, then the three outcomes."""
        return (1 - np.asarray(self.voice), *(self.voice * outcome for outcome in self._outcomes))

    def _per_hearing(self, group: str) -> Any:
        """Change of the probability of one purchase choice when somebody of the group is heard."""
        sign = {"silent": -1, "unresolved": -1, "resolved": self.resolved_speak, "quickly": 1}[group]
        return self.gain_per_hearing if sign > 0 else (-np.asarray(self.loss_per_hearing) if sign < 0 else 0.0)

    def _worth(self, group: str) -> Any:
        """What one person in a group is worth: the customer who stays, and those who hear [currency]."""
        heard = self._per_hearing(group) * getattr(self, f"told_{group}")
        return self.residual_value * getattr(self, f"stay_{group}") + self.value_per_choice * heard
