"""Roles of customers by satisfaction and loyalty: four quadrants, the six roles where the survey can tell them, and how sure a role is.

The six roles are named after Jones & Sasser (1995), Harvard Business Review, November-December, as rules that leave nobody out. A role is
given only where the columns that define it exist: without "no alternative" nobody is a hostage, without a history nobody is a terrorist.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor
from typing import TYPE_CHECKING, NamedTuple

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
    """First answers that count as loyal in the curve, as satisfied, and as loyal in the roles.

    Examples
    --------
    >>> Borders(loyal=9, satisfied=8, role_loyal=8).satisfied  # who answered 8 or more is satisfied
    8
    """

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
    """Respondents and share of each quadrant with its Wilson interval; a row per quadrant, in the order of `QUADRANTS`.

    >>> quadrant_table([9, 9, 3, 3], [1, 0, 1, 0], satisfied=8)["respondents"].to_dict()
    {'loyal': 1.0, 'mercenary': 1.0, 'hostage-like': 1.0, 'defector': 1.0}
    """
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

    Examples
    --------
    >>> import pandas as pd
    >>> answers = pd.DataFrame({"satisfaction": [10, 9, 2, 3], "loyal": [1, 0, 1, 0]})
    >>> customer_roles(answers, (1, 10)).tolist()
    ['loyal', 'mercenary', 'hostage-like', 'defector']
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
    """Respondents and share of each role with its Wilson interval, in the order of `names`; who has no role is left out.

    >>> import pandas as pd
    >>> role_table(pd.Series(["loyal", "loyal", "defector", None]), ("loyal", "defector"))["share"].round(2).to_dict()
    {'loyal': 0.67, 'defector': 0.33}
    """
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


class Roles(NamedTuple):
    """Names that the columns support, what they cannot tell apart, and the respondents by role.

    `more_than_quadrants` says whether there are columns beyond satisfaction and loyalty.

    Examples
    --------
    >>> import goodwill as gw
    >>> from goodwill.satisfaction import Borders, survey_roles
    >>> found = survey_roles(gw.read_survey("acsi_2015"), Borders(loyal=9, satisfied=8, role_loyal=8), [])
    >>> found.table["share"].round(2).to_dict()
    {'loyal': 0.58, 'mercenary': 0.07, 'hostage-like': 0.08, 'defector': 0.27}
    >>> found.not_told[0]
    "apostles cannot be told from loyalists: no column 'recommends'"
    """

    names: tuple[str, ...]
    not_told: tuple[str, ...]
    table: pd.DataFrame
    more_than_quadrants: bool


def survey_roles(survey: Survey, at: Borders, columns: Sequence[str]) -> Roles:
    """The roles of a survey's respondents as far as `columns` (of `OPTIONAL`) tell them.

    >>> import goodwill as gw
    >>> from goodwill.satisfaction import Borders
    >>> found = survey_roles(gw.read_survey("acsi_2015"), Borders(loyal=9, satisfied=8, role_loyal=8), [])
    >>> found.table["respondents"].astype(int).to_dict()
    {'loyal': 4526, 'mercenary': 541, 'hostage-like': 625, 'defector': 2130}
    """
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

    Examples
    --------
    >>> found = loyalty_categories(earlier=[4, 1, 3, 0], later=[4, 3, 1, 1])
    >>> found["customers"].iloc[:4].astype(int).tolist()  # long-term steady or rising, falling; occasional rising, falling
    [2, 1, 1, 0]
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
