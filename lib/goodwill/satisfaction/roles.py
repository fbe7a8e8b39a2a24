"""Roles of customers by satisfaction and loyalty: four quadrants, the six roles where the survey can tell them, and how sure a role is.

The six roles are named after Jones & Sasser (1995), Harvard Business Review, November-December, as rules that leave nobody out. A role is
given only where the columns that define it exist: without "no alternative" nobody is a hostage, without a history nobody is a terrorist.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from goodwill.errors import DataError
from goodwill.satisfaction.cells import first_loyal_answer

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.data.survey import Survey

FloatArray = NDArray[np.float64]

QUADRANTS = ("loyal", "mercenary", "hostage-like", "defector")
ROLES = ("apostle", "loyalist", "mercenary", "hostage", "defector", "terrorist")
OPTIONAL = ("no_choice", "recommends", "past_apostle", "bad_word_of_mouth", "recovered")


def satisfied_from(scale: tuple[float, float]) -> int:
    """First level that counts as satisfied unless told: three quarters up the scale (4 of 5, 8 of 10).

    >>> [satisfied_from(scale) for scale in [(1, 5), (1, 7), (1, 10), (0, 10), (1, 3)]]
    [4, 6, 8, 8, 3]
    """
    low, high = scale
    return ceil(low + 0.75 * (high - low) - 1e-9)


class Borders(NamedTuple):
    """First answers that count as loyal in the curve, as satisfied, and as loyal in the roles."""

    loyal: float
    satisfied: float
    role_loyal: float


def borders(
    scale: tuple[float, float], loyalty_scale: tuple[float, float], *, loyal: float = 0, satisfied: float = 0, role_loyal: float = 0
) -> Borders:
    """The borders that are given, and for each that is zero the usual one of its scale.

    Loyal is the top of the scale (9 of 10, 5 of 5), satisfied, and loyal in the roles, three quarters up (8 of 10, 4 of 5).

    >>> borders((1, 10), (1, 5), satisfied=7)
    Borders(loyal=5, satisfied=7, role_loyal=4)
    """
    return Borders(
        loyal or first_loyal_answer(loyalty_scale), satisfied or satisfied_from(scale), role_loyal or satisfied_from(loyalty_scale)
    )


def quadrants(satisfaction: ArrayLike, loyal: ArrayLike, satisfied: float) -> NDArray[np.object_]:
    """One of `QUADRANTS` per row: satisfied and loyal, satisfied only, loyal only, neither; None where an answer is missing.

    Parameters
    ----------
    satisfaction : answers
    loyal : True/False or 1/0
    satisfied : first level that counts as satisfied

    >>> quadrants([9, 9, 3, 3], [1, 0, 1, 0], 8).tolist()
    ['loyal', 'mercenary', 'hostage-like', 'defector']
    """
    s, y = np.asarray(satisfaction, float), np.asarray(loyal, float)
    names = np.where(s >= satisfied, np.where(y > 0, QUADRANTS[0], QUADRANTS[1]), np.where(y > 0, QUADRANTS[2], QUADRANTS[3])).astype(
        object
    )
    names[~(np.isfinite(s) & np.isfinite(y))] = None
    return names


def quadrant_table(
    satisfaction: ArrayLike, loyal: ArrayLike, satisfied: float, *, weight: ArrayLike | None = None, count: ArrayLike | None = None
) -> pd.DataFrame:
    """Respondents and share of each quadrant with its Wilson interval; a row per quadrant, in the order of `QUADRANTS`."""
    import pandas as pd

    names = pd.Series(quadrants(satisfaction, loyal, satisfied), dtype=object)
    return role_table(names, QUADRANTS, weight=weight, count=count).rename_axis("quadrant")


def supported_roles(columns: list[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names that `customer_roles` can give with these columns, and one sentence per distinction that it cannot make.

    >>> supported_roles(["satisfaction", "loyal"])[0]
    ('loyal', 'mercenary', 'hostage-like', 'defector')
    """
    has = set(columns)
    names, missing = [], []
    names += ["apostle", "loyalist"] if "recommends" in has else ["loyal"]
    if "recommends" not in has:
        missing.append("apostles cannot be told from loyalists: no column 'recommends'")
    names.append("mercenary")
    names += ["hostage"] if "no_choice" in has else ["hostage-like"]
    if "no_choice" not in has:
        missing.append("who is loyal without being satisfied may be a hostage or forgiving: no column 'no_choice'")
    elif "loyalist" not in names:
        names.insert(1, "loyalist")
    names.append("defector")
    if {"past_apostle", "bad_word_of_mouth"} <= has:
        names.append("terrorist")
    else:
        missing.append("terrorists cannot be told from defectors: no columns 'past_apostle' and 'bad_word_of_mouth'")
    return tuple(names), tuple(missing)


def customer_roles(table: pd.DataFrame, scale: tuple[float, float], satisfied: float | None = None) -> pd.Series:
    """The role of each respondent: exactly one, by the first rule that fits.

    1. terrorist: least satisfied quarter of the scale, once an apostle, speaks badly, not recovered
    2. hostage: not satisfied, loyal, no alternative
    3. defector: not satisfied, not loyal
    4. mercenary: satisfied, not loyal
    5. apostle: top of the scale, loyal, recommends
    6. loyalist: everybody else who is loyal (also the unsatisfied who have a choice and stay: they forgive)

    Parameters
    ----------
    table : columns satisfaction and loyal; of no_choice, recommends, past_apostle, bad_word_of_mouth, recovered (True/False) those that
        exist
    scale : lowest and highest answer
    satisfied : first level that counts as satisfied; default three quarters up the scale

    Returns
    -------
    Series of names from `supported_roles(table.columns)[0]`; missing where satisfaction or loyalty is.
    """
    import pandas as pd

    for name in ("satisfaction", "loyal"):
        if name not in table:
            raise DataError(f"column '{name}' is missing; a role needs satisfaction and loyalty")
    cut = satisfied if satisfied is not None else satisfied_from(scale)
    lowest = floor(scale[0] + 0.25 * (scale[1] - scale[0]) + 1e-9)
    s = table["satisfaction"].to_numpy(float, na_value=np.nan)
    y = table["loyal"].to_numpy(float, na_value=np.nan)
    flag = {name: table[name].fillna(False).to_numpy(bool) for name in OPTIONAL if name in table}
    no = np.zeros(len(table), bool)
    terrorist = flag.get("past_apostle", no) & flag.get("bad_word_of_mouth", no) & ~flag.get("recovered", no) & (s <= lowest)
    low, stays = s < cut, y > 0
    unsatisfied_loyal = np.where(flag["no_choice"], "hostage", "forgives") if "no_choice" in flag else np.full(len(table), "hostage-like")
    loyal_name = "loyalist" if "recommends" in flag else "loyal"
    result = np.where(stays, loyal_name, "mercenary").astype(object)
    result[(s >= scale[1]) & stays & flag.get("recommends", no)] = "apostle"
    result[low & ~stays] = "defector"
    result[low & stays] = unsatisfied_loyal[low & stays]
    result[result == "forgives"] = "loyalist"
    result[terrorist] = "terrorist"
    result[~(np.isfinite(s) & np.isfinite(y))] = None
    return pd.Series(result, index=table.index, name="role", dtype=object)


def role_table(
    roles: pd.Series, names: tuple[str, ...], *, weight: ArrayLike | None = None, count: ArrayLike | None = None
) -> pd.DataFrame:
    """Respondents and share of each role with its Wilson interval, in the order of `names`; who has no role is left out."""
    import pandas as pd

    from goodwill.inference.proportions import wilson
    from goodwill.satisfaction.cells import effective_size

    given = roles.to_numpy(object)
    c = np.broadcast_to(np.asarray(1.0 if count is None else count, float), given.shape)
    w = np.broadcast_to(np.asarray(1.0 if weight is None else weight, float), given.shape)
    known = roles.notna().to_numpy() & (w * c > 0)
    if not known.any():
        raise DataError("nobody answered both questions, so there are no roles to count")
    n, total = effective_size(w[known], c[known]), float((w * c)[known].sum())
    shares = np.array([min(float((w * c)[known & (given == name)].sum()) / total, 1.0) for name in names])
    share, lower, upper = wilson(shares * n, n)
    respondents = [float(c[known & (given == name)].sum()) for name in names]
    return pd.DataFrame({"respondents": respondents, "share": share, "lower": lower, "upper": upper}, index=pd.Index(names, name="role"))


def quadrant_probabilities(
    satisfaction: ArrayLike,
    loyalty: ArrayLike,
    reliability: tuple[float, float],
    *,
    satisfied: float,
    loyal: float,
    count: ArrayLike | None = None,
) -> pd.DataFrame:
    """Chance that a respondent's true answers lie in each quadrant, given that both questions are answered with error.

    Parameters
    ----------
    satisfaction, loyalty : answers on their scales; rows with a gap are left out
    satisfied, loyal : first level that counts as satisfied, as loyal; the border lies half a level below
    reliability : share of the variance of satisfaction and of loyalty that is not error (Cronbach's alpha is a lower bound)
    count : respondents per row (or weights)

    Returns
    -------
    DataFrame, one row per distinct pair of answers: satisfaction, loyalty, count, quadrant (observed), and the four probabilities by name.

    Notes
    -----
    Classical test theory with normal true scores: the posterior of the true pair is bivariate normal with the mean shrunk towards the mean
    of all.
    """
    import pandas as pd
    from scipy.stats import multivariate_normal

    for value in reliability:
        if not 0 < value <= 1:
            raise DataError(f"a reliability is {value:g}; it must lie above 0 and not above 1")
    x = np.column_stack([np.asarray(satisfaction, float), np.asarray(loyalty, float)])
    c = np.broadcast_to(np.asarray(1.0 if count is None else count, float), len(x))
    known = np.isfinite(x).all(1) & (c > 0)
    pairs = pd.DataFrame({"satisfaction": x[known, 0], "loyalty": x[known, 1], "count": c[known]})
    pairs = pairs.groupby(["satisfaction", "loyalty"])["count"].sum().reset_index()
    x, c = pairs[["satisfaction", "loyalty"]].to_numpy(), pairs["count"].to_numpy()
    centre = np.average(x, axis=0, weights=c)
    observed = np.cov(x.T, aweights=c, ddof=0)
    if (np.diag(observed) <= 0).any():
        raise DataError("satisfaction or loyalty is the same for everybody, so its error cannot be told from its truth")
    error = np.diag(np.diag(observed) * (1 - np.array(reliability)))
    true = observed - error
    if np.linalg.eigvalsh(true).min() < 0:  # reliabilities below the correlation: the answers cannot be that unreliable
        raise DataError("satisfaction and loyalty go together more closely than these reliabilities allow; raise the reliabilities")
    shrink = true @ np.linalg.inv(observed)
    mean, covariance = centre + (x - centre) @ shrink.T, true - shrink @ true
    border = np.array([satisfied - 0.5, loyal - 0.5])
    spread = np.sqrt(np.maximum(np.diag(covariance), 1e-12))
    z = (border - mean) / spread
    correlation = float(np.clip(covariance[0, 1] / spread.prod(), -0.999999, 0.999999))
    both_below = multivariate_normal([0, 0], [[1, correlation], [correlation, 1]]).cdf(z)
    below = np.column_stack([_normal_cdf(z[:, 0]), _normal_cdf(z[:, 1])])
    pairs["quadrant"] = quadrants(x[:, 0], x[:, 1] >= loyal, satisfied)
    pairs["loyal"] = 1 - below[:, 0] - below[:, 1] + both_below
    pairs["mercenary"] = below[:, 1] - both_below
    pairs["hostage-like"] = below[:, 0] - both_below
    pairs["defector"] = both_below
    pairs[list(QUADRANTS)] = pairs[list(QUADRANTS)].clip(0, 1)
    return pairs


def quadrant_reliability(probabilities: pd.DataFrame) -> pd.DataFrame:
    """Per quadrant: share seen there, share truly there under the error assumed, chance that one seen there belongs there.

    The last row, "all", holds the overall chance of a right label.
    """
    import pandas as pd

    c = probabilities["count"] / probabilities["count"].sum()
    rows = {}
    for name in QUADRANTS:
        seen = c[probabilities["quadrant"] == name].sum()
        both = (c * probabilities[name])[probabilities["quadrant"] == name].sum()
        rows[name] = (seen, (c * probabilities[name]).sum(), both / seen if seen > 0 else np.nan)
    right = sum((c * probabilities[name])[probabilities["quadrant"] == name].sum() for name in QUADRANTS)
    rows["all"] = (1.0, 1.0, right)
    return pd.DataFrame.from_dict(rows, orient="index", columns=["seen", "true", "right"]).rename_axis("quadrant")


@dataclass(frozen=True, eq=False)
class Labels:
    """How far the quadrants of single respondents can be trusted.

    Attributes
    ----------
    pairs : as `quadrant_probabilities` gives
    table : a row per quadrant: respondents, share, lower, upper; true (share truly there), right (chance that a label is right)
    right : chance that a label is right, over all quadrants
    mercenaries_right : the same for mercenaries; None where nobody looks like one
    reliability : of satisfaction and of loyalty, as used
    why_others : why these are not the reliabilities that were stated; empty where they are
    """

    pairs: pd.DataFrame
    table: pd.DataFrame
    right: float
    mercenaries_right: float | None
    reliability: tuple[float, float]
    why_others: str = ""


def quadrant_labels(survey: Survey, at: Borders, reliability: tuple[float, float]) -> Labels:
    """Quadrants of a survey's respondents, and how many of these labels are right when answers waver as much as is stated.

    An answer of yes or no is taken as free of error. So are both answers where they go together more closely than the reliabilities allow.
    """
    answers = survey.answers
    loyal = survey.loyal(at.role_loyal)
    people: dict[str, Any] = {"weight": answers["weight"], "count": answers["count"]}
    table = quadrant_table(answers["satisfaction"], loyal, at.satisfied, **people)
    seen: dict[str, Any] = {"satisfied": at.satisfied, "loyal": at.role_loyal, "count": answers["weight"] * answers["count"]}
    used, why = (reliability[0], 1.0 if survey.loyalty_scale == (0, 1) else reliability[1]), ""
    try:
        pairs = quadrant_probabilities(answers["satisfaction"], answers["loyalty"], used, **seen)
    except DataError as error:
        used, why = (1.0, 1.0), str(error)
        pairs = quadrant_probabilities(answers["satisfaction"], answers["loyalty"], used, **seen)
    trust = quadrant_reliability(pairs)
    right = trust["right"].to_dict()
    mercenaries = float(right["mercenary"]) if table["respondents"].to_dict()["mercenary"] else None
    return Labels(pairs, table.join(trust[["true", "right"]]), float(right["all"]), mercenaries, used, why)


def asked_again(survey: Survey, level: float, reliability: float) -> float:
    """Mean satisfaction of those who answered `level`, if they were asked again with nothing changed: closer to the mean of all."""
    known = survey.answers.dropna(subset=["satisfaction"])
    average = float(np.average(known["satisfaction"], weights=known["weight"] * known["count"]))
    return average + reliability * (level - average)


class Roles(NamedTuple):
    """Names that the columns support, what they cannot tell apart, and the respondents by role.

    `more_than_quadrants` says whether there are columns beyond satisfaction and loyalty.
    """

    names: tuple[str, ...]
    not_told: tuple[str, ...]
    table: pd.DataFrame
    more_than_quadrants: bool


def survey_roles(survey: Survey, at: Borders, columns: Sequence[str]) -> Roles:
    """The roles of a survey's respondents as far as `columns` (of `OPTIONAL`) tell them."""
    names, not_told = supported_roles(["satisfaction", "loyal", *columns])
    answers = survey.answers
    given = customer_roles(answers.assign(loyal=survey.loyal(at.role_loyal)), survey.scale, at.satisfied)
    table = role_table(given, names, weight=answers["weight"], count=answers["count"])
    return Roles(names, not_told, table, bool(columns))


def loyalty_categories(earlier: ArrayLike, later: ArrayLike, regular_from: int = 4) -> pd.DataFrame:
    """Six loyalty categories from the purchases of each customer in two equal spans of time.

    Parameters
    ----------
    earlier, later : purchases of each customer in the first and in the second span
    regular_from : purchases in both together from which on a customer counts as long-term rather than occasional

    Returns
    -------
    DataFrame, one row per category: customers, share, without_trend. `without_trend` is the share that the category would have if nobody's
    rate had changed (each purchase falls into either span with even chance), so that chance is not read as a trend. Non-users are absent
    from purchase records: their two rows are nan, not zero.
    """
    import pandas as pd
    from scipy.stats import binom

    a, b = np.asarray(earlier, float), np.asarray(later, float)
    if (a < 0).any() or (b < 0).any() or len(a) != len(b):
        raise DataError("purchases of the two spans must be counts, one pair per customer")
    total = a + b
    used = total > 0
    falls, regular = b < a, total >= regular_from
    fall_by_chance = np.where(used, binom.cdf(np.ceil(total / 2) - 1, np.maximum(total, 1), 0.5), 0.0)
    groups = {
        "long-term, steady or rising": (regular & ~falls & used, np.where(regular & used, 1 - fall_by_chance, 0)),
        "long-term, falling (may switch)": (regular & falls, np.where(regular & used, fall_by_chance, 0)),
        "occasional, steady or rising (may grow)": (~regular & ~falls & used, np.where(~regular & used, 1 - fall_by_chance, 0)),
        "occasional, falling (may shrink)": (~regular & falls, np.where(~regular & used, fall_by_chance, 0)),
    }
    customers = used.sum()
    rows = {name: (float(inside.sum()), inside.sum() / customers, chance.sum() / customers) for name, (inside, chance) in groups.items()}
    for name in ("non-user who may become one (not in purchase records)", "non-user who will not (not in purchase records)"):
        rows[name] = (np.nan, np.nan, np.nan)
    return pd.DataFrame.from_dict(rows, orient="index", columns=["customers", "share", "without_trend"]).rename_axis("category")


def _normal_cdf(z: FloatArray) -> FloatArray:
    from scipy.special import ndtr

    return np.asarray(ndtr(z))
