"""What customer equity hangs on: one assumption moved at a time, the others as they are."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from goodwill.errors import DataError, TooLittle
from goodwill.lifetime_value.equity.arrivals import Planned
from goodwill.lifetime_value.equity.customer_equity import Expected, Known, expected_equity, with_leaving
from goodwill.lifetime_value.value import ValueTerms

FIFTH = 0.2
COLUMNS = ["what", "low", "high", "at_low", "at_high"]
Moved = tuple[str, str, str, float, float]  # what is moved, its low and its high setting in words, and what equity then is


def sensitivity(known: Known, terms: ValueTerms, cost: float = 0.0, *, newest: float | None = None, seed: int = 1) -> pd.DataFrame:
    """Equity within the horizon with each assumption moved by a fifth down and up, the others kept; the trend stopping and going on.

    Parameters
    ----------
    cost : of winning one newcomer; where it is none, low and high are none and a tenth of what one is expected to bring
    newest : what customers of the newest cohort brought at the same age, as a multiple of the mean of all, where that is known

    Returns
    -------
    DataFrame
        what, low, high (settings in words), at_low, at_high, apart (between the two); the widest first.

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.lifetime_value import BetaGeoNBD, GammaGamma, Planned, ValueTerms, known_from
    >>> one = pd.DataFrame({"frequency": [2], "recency": [20.0], "T": [30.0], "monetary_value": [25.0]})
    >>> known = known_from(BetaGeoNBD(0.24, 4.4, 0.8, 2.4, "week"), GammaGamma(6.25, 3.74, 15.4), one, 30.0, Planned(10.0))
    >>> sensitivity(known, ValueTerms(52, 0.3, 0.15, "week"))["what"].tolist()[:2]
    ['margin', 'how many come']
    """
    base = expected_equity(known, terms, cost, seed=seed)
    rows = [_margin(base, cost, terms), _discount(known, terms, cost, seed), _leaving(known, terms, cost, seed)]
    rows += [_scaled("how many come", base, "number"), _scaled("what a newcomer brings", base, "brought")]
    if not isinstance(known.arrivals, Planned):
        ends = [expected_equity(known, terms, cost, trend=trend, seed=seed).net for trend in ("stops", "goes on")]
        rows.append(("the trend of arrivals", "stops today", "goes on", ends[0], ends[1]))
    if newest is not None:
        now = base.known + base.brought * newest - base.cost
        rows.append(("newcomers are like", f"the newest cohort (× {newest:.2f})", "all so far", now, base.net))
    rows.append(_acquisition(base, cost))
    table = pd.DataFrame(rows, columns=COLUMNS)
    table["apart"] = (table["at_high"] - table["at_low"]).abs()
    return table.sort_values("apart", ascending=False, ignore_index=True, kind="stable")


def _margin(base: Expected, cost: float, terms: ValueTerms) -> Moved:
    low, high = (max(0.0, terms.margin * (1 - FIFTH)), min(1.0, terms.margin * (1 + FIFTH)))
    ends = [base.gross * (m / terms.margin if terms.margin else 0.0) - base.cost for m in (low, high)]
    return ("margin", f"{low:.0%}", f"{high:.0%}", ends[0], ends[1])


def _discount(known: Known, terms: ValueTerms, cost: float, seed: int) -> Moved:
    low, high = terms.annual_discount_rate * (1 - FIFTH), terms.annual_discount_rate * (1 + FIFTH)
    ends = [expected_equity(known, replace(terms, annual_discount_rate=rate), cost, seed=seed).net for rate in (low, high)]
    return ("discount rate", f"{low:.1%} a year", f"{high:.1%} a year", ends[0], ends[1])


def _leaving(known: Known, terms: ValueTerms, cost: float, seed: int) -> Moved:
    ends = []
    for factor in (1 - FIFTH, 1 + FIFTH):
        try:
            ends.append(expected_equity(with_leaving(known, factor), terms, cost, seed=seed).net)
        except DataError:
            ends.append(float("nan"))
    return ("leaving", "a fifth less often", "a fifth more often", ends[0], ends[1])


def _scaled(what: str, base: Expected, part: str) -> Moved:
    """A fifth fewer or more newcomers (their cost with them), or each bringing a fifth less or more."""
    ends = []
    for factor in (1 - FIFTH, 1 + FIFTH):
        paid = base.cost * (factor if part == "number" else 1.0)
        ends.append(base.known + base.brought * factor - paid)
    return (what, "a fifth less" if part == "brought" else "a fifth fewer", "a fifth more", ends[0], ends[1])


def _acquisition(base: Expected, cost: float) -> Moved:
    if cost > 0:
        low, high = cost * (1 - FIFTH), cost * (1 + FIFTH)
        ends = [base.gross - base.cost * factor for factor in (1 - FIFTH, 1 + FIFTH)]
        return ("cost of winning a newcomer", f"{low:,.2f}", f"{high:,.2f}", ends[0], ends[1])
    return ("cost of winning a newcomer", "none", "a tenth of what one brings", base.gross, base.gross - 0.1 * base.brought)


def affordable_cost(known: Known, terms: ValueTerms, *, seed: int = 1) -> float:
    """What winning a newcomer may cost, paid when she comes, before newcomers bring no more than they cost within the horizon.

    Raises TooLittle when nobody is expected to come.

    >>> import pandas as pd
    >>> from goodwill.lifetime_value import BetaGeoNBD, GammaGamma, Planned, ValueTerms, known_from
    >>> one = pd.DataFrame({"frequency": [2], "recency": [20.0], "T": [30.0], "monetary_value": [25.0]})
    >>> known = known_from(BetaGeoNBD(0.24, 4.4, 0.8, 2.4, "week"), GammaGamma(6.25, 3.74, 15.4), one, 30.0, Planned(10.0))
    >>> round(affordable_cost(known, ValueTerms(52, 0.3, 0.15, "week")), 2)
    17.65
    """
    said = expected_equity(known, terms, 1.0, seed=seed)
    if not said.cost > 0:
        raise TooLittle("Nobody is expected to come, so that there is nobody to win.")
    return said.brought / said.cost


def newest_to_all(cohorts: pd.DataFrame) -> float:
    """What a customer of the newest cohort brought at the same age, as a multiple of the mean over all (see `cohorts_at_age`).

    Raises TooLittle with fewer than two cohorts, or where they brought nothing.

    >>> import pandas as pd
    >>> newest_to_all(pd.DataFrame({"size": [100, 100], "brought": [30.0, 20.0]}))
    0.8
    """
    mean = float((cohorts["size"] * cohorts["brought"]).sum() / max(cohorts["size"].sum(), 1)) if len(cohorts) else 0.0
    if len(cohorts) < 2 or not mean > 0:
        raise TooLittle("Fewer than two cohorts are old enough and brought something, so that the newest is not set beside the others.")
    return float(cohorts["brought"].iloc[-1] / mean)
