"""What is told after a complaint, in money: the complaint report's own account, as far as it goes through other people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goodwill.word_of_mouth.assumptions import ranged
from goodwill.word_of_mouth.coca_cola import recovery, recovery_assumptions, told_means

if TYPE_CHECKING:
    from goodwill.inference.uncertainty import Interval
    from goodwill.word_of_mouth.worth import Worth


def told_by_recovered(
    stake: Worth,
    *,
    loss_per_hearing: float,
    gain_per_hearing: float,
    conversions_known: bool = False,
    retell: float = 0.02,
    seed: int = 1,
) -> Interval:
    """What one recovered complainer is worth through what she tells, against one who was not recovered [currency].

    The number of hearers is published, what a hearing does is assumed, the money is that of a newcomer. The estimate is the mean of the
    answers when all inputs vary in their ranges, which reach further up than down; the range holds 90 % of the answers. All of the
    difference of the two complainers is counted as due to the recovery.

    Parameters
    ----------
    stake : what a prospect and a purchase are worth, of `word_of_mouth.worth_from_purchases`
    loss_per_hearing, gain_per_hearing, conversions_known, retell : as in the complaint report
    seed : of the range

    Examples
    --------
    >>> from goodwill.word_of_mouth.worth import given_worth
    >>> found = told_by_recovered(given_worth(100.0), loss_per_hearing=0.02, gain_per_hearing=0.01)
    >>> 0 <= found.lower < found.estimate < found.upper
    True
    """
    inputs = recovery_assumptions(
        *told_means("mean", "dissatisfied"),
        stake,
        loss_per_hearing=loss_per_hearing,
        gain_per_hearing=gain_per_hearing,
        conversions_known=conversions_known,
        retell=retell,
    )
    return ranged(lambda at: recovery({**at, "causal_handling": 1.0}).word_of_mouth, inputs, seed=seed)
