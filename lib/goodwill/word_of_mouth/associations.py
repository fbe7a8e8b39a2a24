"""What complainers say beside customers who did not complain: gaps of stated intentions, which are associations and not effects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from goodwill.errors import DataError
from goodwill.inference.uncertainty import Interval, normal_quantile

if TYPE_CHECKING:
    import pandas as pd

HANDLING = ((1, 2), (3, 4), (5, 6), (7, 8), (9, 10))  # classes of "how well was your complaint handled?", 1 to 10


def weighted_mean(values: Any, counts: Any, level: float = 0.95) -> Interval:
    """Mean of tabulated answers with its normal interval.

    >>> weighted_mean([1, 3], [50, 50]).estimate
    2.0
    """
    v, n = np.asarray(values, float), np.asarray(counts, float)
    total = n.sum()
    if not total > 1:
        raise DataError("a mean with an interval needs at least two answers")
    mean = float(v @ n / total)
    half = normal_quantile(level) * float(np.sqrt(((v - mean) ** 2 @ n) / (total - 1) / total))
    return Interval(mean, mean - half, mean + half)


def difference(one: Interval, other: Interval) -> Interval:
    """One mean less another, of different people, with its normal interval.

    >>> from goodwill.inference import Interval
    >>> difference(Interval(5.0, 2.0, 8.0), Interval(3.0, -1.0, 7.0))
    Interval(estimate=2.0, lower=-3.0, upper=7.0)
    """
    apart = one.estimate - other.estimate
    half = float(np.hypot(one.upper - one.estimate, other.upper - other.estimate))
    return Interval(apart, apart - half, apart + half)


def repurchase_gaps(answers: pd.DataFrame, group: str = "industry") -> pd.DataFrame:
    """How much lower complainers' intention to buy again is, as it stands and at one and the same mix of groups.

    Parameters
    ----------
    answers : tabulated answers: `complained` (yes, no), `repurchase`, `count` and the group

    Returns
    -------
    DataFrame with the index "as it stands", "at complainers' mix", "at everybody's mix" and the columns estimate, lower, upper:
    intention without a complaint less intention with one. The mix matters because some industries have both more complaints and
    less loyal customers.

    Examples
    --------
    >>> import pandas as pd
    >>> answers = pd.DataFrame({"complained": ["yes", "no"] * 2, "industry": ["air", "air", "bank", "bank"], "repurchase": [4, 6, 8, 8]})
    >>> repurchase_gaps(answers.assign(count=[30, 10, 10, 30]))["estimate"].to_dict()  # complainers fly more
    {'as it stands': 2.5, "at complainers' mix": 1.5, "at everybody's mix": 1.0}
    """
    import pandas as pd

    known = answers.dropna(subset=["complained", "repurchase"])
    known = known.assign(total=known["count"] * known["repurchase"], square=known["count"] * known["repurchase"] ** 2)
    cells = known.groupby([group, "complained"])[["count", "total", "square"]].sum()
    count, total, square = (cells[name].unstack("complained") for name in ("count", "total", "square"))
    if count.isna().to_numpy().any():
        raise DataError(f"some {group} has no complainers or nobody else, so its gap does not exist")
    mean = total / count
    variance = (square / count - mean**2) / (count - 1)
    rows: dict[str, tuple[Any, Any, Any]] = {}
    pooled = {who: weighted_mean(part["repurchase"], part["count"]) for who, part in known.groupby("complained")}
    rows["as it stands"] = difference(pooled["no"], pooled["yes"])
    for name, size in (("at complainers' mix", count["yes"]), ("at everybody's mix", count.sum(axis=1))):
        share = np.asarray(size / size.sum())
        gap = float(share @ np.asarray(mean["no"] - mean["yes"]))
        half = normal_quantile(0.95) * float(np.sqrt(share**2 @ np.asarray(variance["no"] + variance["yes"])))
        rows[name] = (gap, gap - half, gap + half)
    return pd.DataFrame.from_dict(rows, orient="index", columns=["estimate", "lower", "upper"])


def repurchase_by_handling(answers: pd.DataFrame, classes: Sequence[tuple[int, int]] = HANDLING) -> pd.DataFrame:
    """Intention to buy again of complainers by how well they say the complaint was handled, and of those who did not complain.

    Returns
    -------
    DataFrame with the columns `group`, `respondents`, `estimate`, `lower`, `upper`; "no complaint" and "all complainers" come first.

    Examples
    --------
    >>> import pandas as pd
    >>> answers = pd.DataFrame({"complained": ["yes", "yes", "no"], "handling": [2, 10, None], "repurchase": [3, 9, 7]})
    >>> repurchase_by_handling(answers.assign(count=[10, 30, 60]), classes=[(1, 5), (6, 10)])[["group", "respondents", "estimate"]]
                 group  respondents  estimate
    0     no complaint           60       7.0
    1  all complainers           40       7.5
    2      handled 1-5           10       3.0
    3     handled 6-10           30       9.0
    """
    import pandas as pd

    known = answers.dropna(subset=["complained", "repurchase"])
    complainers = known[known["complained"] == "yes"]
    groups = {"no complaint": known[known["complained"] == "no"], "all complainers": complainers}
    groups |= {f"handled {low}-{high}": complainers[complainers["handling"].between(low, high)] for low, high in classes}
    rows = [(name, int(part["count"].sum()), *weighted_mean(part["repurchase"], part["count"])) for name, part in groups.items()]
    return pd.DataFrame(rows, columns=["group", "respondents", "estimate", "lower", "upper"])
