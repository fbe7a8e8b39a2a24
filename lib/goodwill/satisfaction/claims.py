"""Claims such as "fives are six times as loyal as fours": what they imply, and how closely a survey of a given size could check them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from goodwill.errors import DataError
from goodwill.satisfaction.intervals import risk_ratio

if TYPE_CHECKING:
    import pandas as pd


def six_times(factor: float, top_share: float, *, reading: str = "risk_ratio", wording: str = "times") -> dict[str, float]:
    """What a claim "fives are `factor` times as likely to buy again as fours" implies, before any data.

    Parameters
    ----------
    factor : the number in the claim
    top_share : share of customers who give the top answer
    reading : "risk_ratio" (probabilities) or "odds_ratio"
    wording : "times" (six times as likely) or "times_more" (six times more, which literally is seven times; the Chinese wording allows
        both)

    Returns
    -------
    ratio : the factor meant; then for a risk ratio
    most_at_lower : the highest possible loyalty of the lower level, 1 / ratio
    most_overall : the highest possible loyalty of all, if loyalty does not fall with satisfaction: q + (1 - q) / ratio
    and for an odds ratio the loyalty of the top level when the lower one is at 30, 60 and 80 %, with the risk ratio that belongs to it.

    >>> six_times(6, 0.28)["most_overall"]
    0.4
    """
    if not factor > 1 or not 0 <= top_share <= 1:
        raise DataError(f"a factor of {factor:g} and a top share of {top_share:g}: the factor must be above 1, the share between 0 and 1")
    if reading not in ("risk_ratio", "odds_ratio") or wording not in ("times", "times_more"):
        raise DataError("reading is 'risk_ratio' or 'odds_ratio', wording is 'times' or 'times_more'")
    ratio = factor + 1 if wording == "times_more" else factor
    if reading == "risk_ratio":
        return {"ratio": ratio, "most_at_lower": 1 / ratio, "most_overall": round(top_share + (1 - top_share) / ratio, 12)}
    implied = {"ratio": ratio}
    for lower in (0.3, 0.6, 0.8):
        upper = ratio * lower / (1 - lower + ratio * lower)
        implied |= {f"top_when_{lower:.0%}": upper, f"risk_ratio_when_{lower:.0%}": upper / lower}
    return implied


def ratio_by_size(lower: float, upper: float, answers: tuple[float, float], sizes: Sequence[int], level: float = 0.95) -> pd.DataFrame:
    """The score interval that surveys of several sizes would give for the ratio of two levels, if their counts came out as expected.

    Parameters
    ----------
    lower, upper : true loyalty at the lower and at the upper level
    answers : share of respondents who choose the lower and the upper level
    sizes : numbers of respondents

    >>> ratio_by_size(0.12, 0.72, (0.42, 0.28), [93]).round(1).iloc[0].tolist()
    [93.0, 6.0, 2.6, 14.6]
    """
    import pandas as pd

    rows = []
    for n in sizes:
        n0, n1 = n * answers[0], n * answers[1]
        found = risk_ratio(upper * n1, n1, lower * n0, n0, level)
        rows.append((n, found.estimate, found.lower, found.upper))
    return pd.DataFrame(rows, columns=["n", "ratio", "lower", "upper"])
