"""Region by industry, with small cells pulled towards the whole, and the stage of each market."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from goodwill.errors import DataError
from goodwill.inference.uncertainty import normal_quantile
from goodwill.segments.schemes.cuts import FloatArray, IntArray, need, numbers
from goodwill.segments.schemes.rules import Rules

if TYPE_CHECKING:
    import pandas as pd

OTHER = "other"
NOT_GIVEN = "not given"
NOT_CHARACTERISED = "not characterised"


def region_industry(
    customers: pd.DataFrame,
    *,
    by: str = "spend",
    region: str = "region",
    industry: str = "industry",
    markets: Mapping[str, str] | pd.DataFrame | None = None,
) -> Rules:
    """One segment per cell of region and industry, ordered by a mean that borrows strength from the other cells.

    The mean of a small cell is mostly luck, so each is pulled towards the overall mean by its share of noise: partial pooling with
    the variance between cells by the method of DerSimonian & Laird (1986), Controlled Clinical Trials 7(3), 177-188, and the variance
    within them pooled. `region_table` shows how far. A cell that was not seen in learning is later "other".

    Parameters
    ----------
    customers : DataFrame with the columns `by`, `region` and `industry`
    markets : region -> stage, or a table with segment_en, market_volume and competition (see `market_stage`)

    Examples
    --------
    >>> import pandas as pd
    >>> customers = pd.DataFrame({"region": ["north", "north", "south", "south"], "industry": "steel", "spend": [10.0, 12.0, 30.0, 34.0]})
    >>> rules = region_industry(customers)
    >>> rules.segments
    ('south / steel', 'north / steel', 'other')
    """
    values = numbers(customers, by, "region_industry")
    first, first_names = _labels(customers, region)
    second, second_names = _labels(customers, industry)
    code = first * len(second_names) + second
    seen, cell = np.unique(code, return_inverse=True)
    count = np.bincount(cell).astype(float)
    mean = np.bincount(cell, weights=values) / count
    pooled, spread, shrinkage = partial_pooling(count, mean, float(np.sum((values - mean[cell]) ** 2)))
    # Means that are equal up to rounding stand in the order of their names.
    order = np.lexsort((seen, -np.round(pooled / max(float(np.abs(pooled).max()), 1e-300), 9)))
    stages = _stages(markets)
    width = normal_quantile(0.95) * spread
    cells = [
        {
            "region": first_names[seen[k] // len(second_names)],
            "industry": second_names[seen[k] % len(second_names)],
            "customers": int(count[k]),
            "mean": mean[k],
            "pooled": pooled[k],
            "lower": pooled[k] - width[k],
            "upper": pooled[k] + width[k],
            "shrinkage": shrinkage[k],
        }
        for k in order
    ]
    for row in cells:
        row["stage"] = stages.get(row["region"], NOT_CHARACTERISED)
    names = [f"{row['region']} / {row['industry']}" for row in cells]
    small = int((count < 30).sum())
    notes = (f"{small} of {len(count)} cells hold fewer than 30 customers: read their pooled mean and not their own",) if small else ()
    return Rules("region_industry", (*names, OTHER), {"by": by, "columns": [region, industry], "cells": cells}, notes)


def region_table(rules: Rules) -> pd.DataFrame:
    """One row per cell: region, industry, customers, mean, pooled mean with 95 % interval, shrinkage (0 own mean, 1 overall), stage.

    >>> import pandas as pd
    >>> from goodwill.segments import region_industry
    >>> customers = pd.DataFrame({"region": ["north", "north", "south", "south"], "industry": "steel", "spend": [10.0, 12.0, 30.0, 34.0]})
    >>> region_table(region_industry(customers))[["region", "customers", "mean"]].to_dict("list")
    {'region': ['south', 'north'], 'customers': [2, 2], 'mean': [32.0, 11.0]}
    """
    import pandas as pd

    return pd.DataFrame(list(rules.settings["cells"]), index=pd.Index(rules.segments[:-1], name="segment"))


def market_stage(volume: str, competition: str) -> str:
    """Hold a market that is stable and fought over, develop one that grows against ordinary competition.

    >>> market_stage("stable", "intense"), market_stage("growing fast", "ordinary"), market_stage("stable", "")
    ('hold', 'develop', 'not characterised')
    """
    return {("stable", "intense"): "hold", ("growing fast", "ordinary"): "develop"}.get((volume, competition), NOT_CHARACTERISED)


def partial_pooling(count: FloatArray, mean: FloatArray, within: float) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Pooled means of cells, their standard errors, and how far each was pulled to the overall mean (0 not, 1 wholly).

    Parameters
    ----------
    count, mean : customers and mean of each cell
    within : sum of squared deviations from the cells' means

    >>> import numpy as np
    >>> pooled, _, pulled = partial_pooling(np.array([100.0, 100.0, 2.0]), np.array([10.0, 20.0, 90.0]), 80000.0)
    >>> pooled.round(1).tolist(), pulled.round(2).tolist()
    ([10.5, 20.2, 54.6], [0.03, 0.03, 0.57])
    """
    total = count.sum()
    overall = float(count @ mean / total)
    if len(count) == 1:
        return mean.copy(), np.sqrt(np.full(1, within / max(total - 1, 1) / total)), np.zeros(1)
    freedom = total - len(count)
    # With one customer in every cell nothing tells luck from difference: all variance then counts as luck.
    variance = within / freedom if freedom > 0 else float(count @ (mean - overall) ** 2 / max(total - 1, 1))
    if variance == 0:
        return mean.copy(), np.zeros(len(mean)), np.zeros(len(mean))
    weight = count / variance
    excess = float(weight @ (mean - overall) ** 2) - (len(count) - 1)
    between = max(excess / float(weight.sum() - (weight**2).sum() / weight.sum()), 0.0)
    noise = variance / count
    pulled = noise / (noise + between)
    trust = 1 / (noise + between)
    centre = float(trust @ mean / trust.sum())
    # The error of the centre reaches each cell as far as it is pulled there.
    spread = np.sqrt((1 - pulled) * noise + pulled**2 / trust.sum())
    return pulled * centre + (1 - pulled) * mean, spread, pulled


def place_region_industry(rules: Rules, customers: pd.DataFrame) -> IntArray:
    """The position of each customer's cell; the last one, "other", for cells that were not seen in learning."""
    region, industry = rules.settings["columns"]
    known = {(row["region"], row["industry"]): k for k, row in enumerate(rules.settings["cells"])}
    first, first_names = _labels(customers, region)
    second, second_names = _labels(customers, industry)
    cube = np.array([[known.get((a, b), len(known)) for b in second_names] for a in first_names])
    return cube[first, second]


def check_region_industry(rules: Rules) -> None:
    """Check that segments are the cells and "other", when rules are made or read."""
    names = tuple(f"{row['region']} / {row['industry']}" for row in rules.settings["cells"])
    if (*names, OTHER) != rules.segments:
        raise DataError(f"the segments of 'region_industry' must be its cells and then '{OTHER}'.")


def _labels(customers: pd.DataFrame, column: str) -> tuple[NDArray[np.int64], list[str]]:
    """Codes of a column's labels, gaps as "not given", and the labels in the order of the alphabet."""
    need(customers, [column], "region_industry")
    code, found = customers[column].factorize(use_na_sentinel=True)
    names = np.array([str(name) for name in found] + [NOT_GIVEN], dtype=object)
    labels, position = np.unique(names, return_inverse=True)
    if not (code < 0).any() and NOT_GIVEN not in names[:-1]:
        labels = labels[labels != NOT_GIVEN]
        position = np.searchsorted(labels, names[:-1])
    return position[np.where(code < 0, len(names) - 1, code)], labels.tolist()


def _stages(markets: Any) -> dict[str, str]:
    if markets is None or isinstance(markets, Mapping):
        return dict(markets or {})
    need(markets, ["segment_en", "market_volume", "competition"], "region_industry")
    rows = markets[["segment_en", "market_volume", "competition"]].fillna("").itertuples(index=False)
    return {name: market_stage(volume, competition) for name, volume, competition in rows}
